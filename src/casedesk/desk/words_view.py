"""The recovery words of the open file, shown to somebody who types its passphrase once more."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from casedesk.desk import theme
from casedesk.desk.page import Desk
from casedesk.desk.unlock import PassphraseEdit, tries_of
from casedesk.desk.widgets import Field, announce, button, label
from casedesk.kernel import passphrase
from casedesk.kernel.errors import CaseDeskError, WrongPassphrase
from casedesk.kernel.language import _

COLUMNS = 4


class RecoveryWords(QWidget):
    """One button at first; then the passphrase is asked, then the words stand here."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Show the button alone."""
        super().__init__(parent)
        self._desk = desk
        self._tries = tries_of(desk.store.path)
        self._asked = 0  # counts what was asked, so that a late answer is not shown
        self.begin = button(_("Show the recovery words"))
        self.begin.clicked.connect(self.ask)
        self.editor = PassphraseEdit(name=_("Passphrase"))
        self.editor.returnPressed.connect(self._submit)
        self.field = Field(_("Passphrase"), self.editor)
        self.show_button = button(_("Show"))
        self.show_button.clicked.connect(self._submit)
        self._asking = QWidget()
        line = QHBoxLayout(self._asking)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        self.field.setFixedWidth(theme.px(300))
        line.addWidget(self.field)
        later = button(_("Not now"), kind="link")
        later.clicked.connect(self._hidden_by_hand)
        line.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(later, 0, Qt.AlignmentFlag.AlignBottom)
        line.addStretch(1)
        self._sheet: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space(2))
        self._column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._asking)
        self._asking.hide()

    @property
    def words(self) -> list[str]:
        """The words that can be read now."""
        if self._sheet is None:
            return []
        return [str(cell.property("word")) for cell in self._sheet.findChildren(QWidget, "word")]

    def ask(self) -> None:
        """Ask for the passphrase: whoever sits at an open desk may be somebody else."""
        self.hide_words()
        self.begin.hide()
        self._asking.show()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def hide_words(self) -> None:
        """Show the button alone, and forget what was typed or shown."""
        self._asked += 1
        self.editor.clear()
        self.editor.show_text(False)
        self.field.error(None)
        self._asking.hide()
        self.begin.show()
        if self._sheet is not None:
            self._column.removeWidget(self._sheet)
            self._sheet.hide()
            self._sheet.deleteLater()
            self._sheet = None

    def _submit(self) -> None:
        secret = self.editor.text()
        if not secret or not self.show_button.isEnabled():
            return
        if self._tries.wait:
            self.field.error(self._tries.words)
            announce(self.editor)
            return
        self.show_button.setEnabled(False)
        asked = self._asked

        def shown(words: tuple[str, ...]) -> None:
            if isValid(self):
                self.show_button.setEnabled(True)
                self._tries.passed()
                if asked == self._asked:
                    self._show(words)

        def failed(error: Exception) -> None:
            if isValid(self):
                self.show_button.setEnabled(True)
                if asked == self._asked:
                    self._refuse(error)

        path = self._desk.store.path
        self._desk.lane.do(passphrase.recovery_words, path, secret, then=shown, failed=failed)

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, CaseDeskError):
            self._desk.notices.problem(error)
            return
        if isinstance(error, WrongPassphrase):
            self._tries.failed()
        self.field.error(self._tries.words or str(error))
        self.editor.selectAll()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self.editor)

    def _show(self, words: tuple[str, ...]) -> None:
        self.hide_words()
        self.begin.hide()
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.space(5))
        grid.setVerticalSpacing(theme.space(1))
        rows = -(-len(words) // COLUMNS)
        for place, word in enumerate(words):
            cell = label(_("{number}. {word}").format(number=place + 1, word=word), "body")
            cell.setObjectName("word")
            cell.setProperty("word", word)
            grid.addWidget(cell, place % rows, place // rows)
        done = button(_("Hide the words"))
        done.clicked.connect(self._hidden_by_hand)
        grid.addWidget(done, rows, 0, 1, COLUMNS, Qt.AlignmentFlag.AlignLeft)
        self._sheet = sheet
        self._column.addWidget(sheet)
        done.setFocus(Qt.FocusReason.OtherFocusReason)

    def _hidden_by_hand(self) -> None:
        self.hide_words()
        self.begin.setFocus(Qt.FocusReason.OtherFocusReason)
