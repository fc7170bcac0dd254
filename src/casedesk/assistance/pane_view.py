"""The place at the right of a list: cards, and forms whose words are kept until they are sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.forms import Form
from casedesk.desk.page import Page
from casedesk.desk.widgets import Scroll, button
from casedesk.kernel.errors import InvalidDraft, StaleRecord
from casedesk.kernel.language import _

DRAFTS = "assistance."
Words = str | Callable[[Any], str]


class Pane(QWidget):
    """Holds what is opened beside the list: one form, or some cards."""

    emptied = Signal()  # what was shown is gone, before something else comes
    folded = Signal()  # it opened, or closed
    left = Signal()  # it closed while the cursor stood in it
    sent = Signal()  # a form was sent, and what it asked for is done

    def __init__(self, page: Page) -> None:
        """Read and write through the page."""
        super().__init__()
        self.page = page
        self.form: Form | None = None
        self._again: Callable[[], None] | None = None
        self.setMinimumWidth(theme.px(300))
        self.setMaximumWidth(theme.px(520))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._inner = QWidget()
        self._cards = QVBoxLayout(self._inner)
        side = theme.space(3)
        self._cards.setContentsMargins(side, side, side, side)
        self._cards.setSpacing(theme.space(3))
        self._cards.addStretch(1)
        column.addWidget(Scroll(self._inner))
        self.hide()

    # -- cards ----------------------------------------------------------------------------------

    def add_card(self, card: QWidget) -> None:
        """Put a card below the others."""
        self._cards.insertWidget(self._cards.count() - 1, card)
        card.show()

    def clear(self) -> None:
        """Let go of what is shown; words of a form are kept."""
        if self.form is not None:
            self.form.keep_now()
        self.form, self._again = None, None
        while self._cards.count() > 1:
            item = self._cards.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.emptied.emit()

    def open(self) -> None:
        """Come to be seen; long words make the pane wider, as far as it goes: nothing is cut."""
        need = self._inner.minimumSizeHint().width() + theme.control("scrollbar") + 2
        self.setMinimumWidth(max(theme.px(300), min(theme.px(520), need)))
        self.show()
        self.folded.emit()

    def close_now(self) -> None:
        """Leave the room to the list."""
        focused = self.page.focusWidget()
        had = focused is None or self.isAncestorOf(focused)
        self.clear()
        self.hide()
        self.folded.emit()
        if had:
            self.left.emit()

    # -- forms ----------------------------------------------------------------------------------

    def show_form(self, form: Form, send: Callable[[], None]) -> None:
        """Show a form; `send` reads it, and may say what is wrong."""
        self.clear()
        self.form = form

        def submit() -> None:
            form.well()
            try:
                send()
            except InvalidDraft as error:
                form.fail(error)

        form.submitted.connect(submit)
        form.cancelled.connect(self.close_now)
        self.add_card(form)
        self.open()
        form.focus_first()

    def submit(
        self,
        form: Form,
        words: Words,
        act: Any,
        *args: Any,
        then: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], bool] | None = None,
        **options: Any,
    ) -> None:
        """Carry out what a form asks for; `failed` may deal with an error itself (True)."""
        form.busy(True)

        def done(result: Any) -> None:
            form.busy(False)
            if self.form is form:
                self.close_now()
                self.left.emit()
            self.page.desk.notices.done(words if isinstance(words, str) else words(result))
            self.sent.emit()
            if then is not None:
                then(result)

        def wrong(error: Exception) -> None:
            if failed is None or not failed(error):
                self.tell(form, error)

        self.page.write(act, *args, then=done, failed=wrong, **options)

    def tell(self, form: Form, error: Exception) -> None:
        """Say in the form what is wrong; where somebody else was quicker, offer to read again."""
        if not form.fail(error):
            self.page.desk.notices.problem(error)
        elif isinstance(error, StaleRecord) and self._again is not None and self.form is form:
            again = button(_("Read it again; what is typed stays"))
            again.clicked.connect(self._again)
            form.body.insertWidget(form.body.indexOf(form.problem) + 1, again)
            self._again = None
            again.show()
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    def read_for(self, form: Form, fn: Any, *args: Any, then: Callable[[Any], None]) -> None:
        """Read what a form needs before it can be sent."""
        self.page.read(fn, *args, then=then, failed=lambda error: self.tell(form, error))

    # -- drafts ---------------------------------------------------------------------------------

    def keeper(self, key: str) -> Callable[[str], None]:
        """Give what keeps the words of a form under a key."""
        return lambda text: self.page.desk.keep_draft(DRAFTS + key, text)

    def drop(self, key: str) -> None:
        """Let go of kept words: they are in the file now, or were thrown away."""
        self.page.desk.drop_draft(DRAFTS + key)

    def with_draft(self, form: Form, key: str, send: Callable[[], None]) -> None:
        """Show a form whose words are kept until it is sent or cancelled."""
        self.show_form(form, send)
        form.cancelled.connect(lambda: self.drop(key))

        def restore(drafts: dict[str, str]) -> None:
            if self.form is form and (kept := drafts.get(DRAFTS + key)):
                form.restore(kept)

        self.page.desk.drafts(self, restore)

    def edit(
        self,
        key: str,
        read: Any,
        *args: Any,
        make: Callable[[Any], Form],
        send: Callable[[Any, Any], None],
        below: Callable[[Any], list[QWidget]] | None = None,
        focus: bool = True,
    ) -> None:
        """Read a record, show it in a form, and send the form with the record it began with.

        Where somebody else changed the record meanwhile, it is read again and the typed words are
        put over it. `below` makes cards that stand under the form. Without `focus` the cursor
        stays with the list, so that Undo is one key away after something was done.
        """

        def show(file: Any, kept: str = "") -> None:
            form = make(file)
            self.with_draft(form, key, lambda: send(form, file))

            def again() -> None:
                self.page.read(read, *args, then=lambda new: show(new, typed()))

            self._again = again

            def typed() -> str:
                return json.dumps(form.touched(), ensure_ascii=False, default=str)

            for card in below(file) if below is not None else ():
                self.add_card(card)
            if kept:
                form.restore(kept)
                form.typed()
            if not focus:
                self.left.emit()

        self.page.read(read, *args, channel="assistance.edit", then=show)
