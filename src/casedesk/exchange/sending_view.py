"""Asks to which provider the list of a round goes, and what for; then where its table is put."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.forms import FindField, Form, Found
from casedesk.desk.page import Page
from casedesk.desk.widgets import LineEdit, label
from casedesk.exchange import paying
from casedesk.exchange.exporting import write_whole
from casedesk.exchange.paying import Sent
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _, ngettext, number
from casedesk.kernel.store import Store

Note = Callable[[Store, bytes, int, str, str, str], None]
"""Notes a copy that leaves the house: the file, its bytes, the round, to whom, why, by whom."""


class SendView(QWidget):
    """The list of a round leaves for a provider."""

    sent = Signal()
    left = Signal()

    def __init__(self, page: Page, note: Note) -> None:
        """Send lists of rounds for this page; `note` keeps to whom a copy went."""
        super().__init__(page)
        self._page, self._note, self._round = page, note, 0
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        self.form = Form(_("Send the list to a provider"), _("Choose a place"), columns=1)
        words = _(
            "Every planned line of the round is noted as sent, and a table is written for the "
            "provider to fill in. Your name, to whom and why are kept."
        )
        self.form.body.insertWidget(0, label(words, "muted", self.form, wrap=True))
        self.provider = FindField(self._find, name=_("Provider"), placeholder=_("A bank, a shop"))
        self.form.add("provider", _("Provider"), self.provider)
        self.form.add("why", _("Reason"), LineEdit())
        self.form.setMaximumWidth(theme.px(560))
        self.form.submitted.connect(self._submit)
        self.form.cancelled.connect(self.left)
        column.addWidget(self.form)
        column.addStretch(1)

    def begin(self, round_id: int) -> None:
        """Ask about the list of this round."""
        self._round = round_id
        self.form.well()
        self.provider.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _find(self, text: str, show: Callable[[Found], None]) -> None:
        self._page.read(paying.known_providers, text, channel="import.provider", then=show)

    def _submit(self) -> None:
        try:
            for key, value, words in (
                ("provider", self.provider.text, _("Say to which provider the list goes.")),
                ("why", self.form.values()["why"], _("Say what the list is for.")),
            ):
                if not value:
                    raise InvalidDraft(words, {key: words})
        except InvalidDraft as error:
            self.form.fail(error)
            return
        ask = QFileDialog(self, _("Send the list to a provider"))
        ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        ask.setNameFilters([_("Workbook (*.xlsx)"), _("Table (*.csv)")])
        ask.setDefaultSuffix("xlsx")
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask.fileSelected.connect(lambda name: self.send_to(Path(name)))
        ask.open()

    def send_to(self, out: Path) -> None:
        """Note the list as sent, which Undo takes back; then write its table."""
        try:
            paying.payment_list((), out)
        except Exception as error:
            self._fail(error)
            return
        self.form.busy(True)
        args = (self._round, int(self.provider.value or 0), self.provider.text)
        self._page.write(
            paying.send_list, *args, then=lambda sent: self._write(sent, out), failed=self._fail
        )

    def _fail(self, error: Exception) -> None:
        self.form.busy(False)
        if not self.form.fail(error):
            self._page.desk.notices.problem(error)

    def _write(self, sent: Sent, out: Path) -> None:
        desk, round_id, why = self._page.desk, self._round, self.form.values()["why"]
        note, actor = self._note, desk.actor

        def work(progress: Progress, store: Store) -> int:
            progress.step(0, 0, _("Writing the list"))
            data = paying.payment_list(sent.lines, out)
            note(store, data, round_id, sent.provider, why, actor)
            write_whole(out, data)
            return len(sent.lines)

        self._page.background(work, desk.store, then=self._written, failed=self._fail)

    def _written(self, count: Any) -> None:
        self.form.busy(False)
        words = ngettext("{count} line sent", "{count} lines sent", count)
        self._page.desk.notices.done(words.format(count=number(count)))
        self.sent.emit()
