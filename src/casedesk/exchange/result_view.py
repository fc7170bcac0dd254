"""What an import did: how much came in, what stayed out, and the records it made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, button, label
from casedesk.exchange.places import Made
from casedesk.exchange.rows_view import RowColumn, RowTable
from casedesk.exchange.taking import Outcome
from casedesk.kernel.language import _, ngettext, number


class ResultView(QWidget):
    """What came in, with the way back and the way on."""

    undo_asked = Signal()
    redo_asked = Signal()
    show_asked = Signal()
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without a result."""
        super().__init__(parent)
        self.setAccessibleName(_("Result"))
        self.outcome: Outcome | None = None
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, 0)
        column.setSpacing(theme.space(3))
        self.undo = button(_("Undo"), icon="undo-2")
        self.undo.clicked.connect(self.undo_asked)
        self.redo = button(_("Take in again"), icon="redo-2")
        self.redo.clicked.connect(self.redo_asked)
        self.show_them = button(_("Show these records"), icon="list")
        self.show_them.clicked.connect(self.show_asked)
        self.banner = Banner("green", "", "", [self.show_them, self.undo, self.redo], parent=self)
        column.addWidget(self.banner)
        head = QHBoxLayout()
        self.title = label(_("Records that were made"), "section", self)
        head.addWidget(self.title)
        head.addStretch(1)
        column.addLayout(head)
        columns = (
            RowColumn(_("Number"), 130, lambda made: made.code),
            RowColumn(_("Name"), 320, lambda made: made.name, kind="strong"),
            RowColumn(_("What"), 220, lambda made: made.what, kind="muted"),
        )
        self.table = RowTable(columns, lambda made: made.id, name=_("Records that were made"))
        self.table.opened.connect(self.opened)
        column.addWidget(self.table, 1)

    def show_outcome(self, outcome: Outcome) -> None:
        """Say what was done."""
        self.outcome = outcome
        self.table.show_rows([])
        self.tell(undone=False, top=True, again=False)

    def show_made(self, made: Sequence[Made]) -> None:
        """List the records."""
        self.table.show_rows(made)
        self.show_them.setVisible(any(one.page for one in made))

    def tell(self, *, undone: bool, top: bool, again: bool) -> None:
        """Say that it holds or was undone; `top` and `again`: Undo and Redo would reach it."""
        outcome = self.outcome
        if outcome is None:
            return
        self.undo.setVisible(not undone)
        self.undo.setEnabled(top)
        self.redo.setVisible(undone and again)
        self.table.setVisible(not undone)
        self.title.setVisible(not undone)
        if undone:
            self.show_them.hide()
            title = _("The import was undone. Nothing of it is in the file.")
            self.banner.set(title, "", tone="neutral")
            return
        words = ngettext(
            "{count} row of {rows} taken in.", "{count} rows of {rows} taken in.", outcome.taken
        )
        title = words.format(count=number(outcome.taken), rows=number(outcome.rows))
        self.banner.set(title, "\n".join(_more(outcome)), tone="green")

    def clear(self) -> None:
        """Show no records: they are about people."""
        self.table.show_rows([])

    def focus_first(self) -> None:
        """Put the cursor where the way on is."""
        target = self.table if self.table.rows() else self.undo
        target.setFocus(Qt.FocusReason.OtherFocusReason)


def _more(outcome: Outcome) -> list[str]:
    """Say what else there is to know, each in a sentence of its own."""
    said = (
        (
            outcome.refused,
            ngettext("{count} row was refused.", "{count} rows were refused.", outcome.refused),
        ),
        (
            outcome.listed,
            ngettext(
                "{count} line stands on the list of the round.",
                "{count} lines stand on the list of the round.",
                outcome.listed,
            ),
        ),
        (
            outcome.waiting,
            ngettext(
                "{count} possible double waits for a decision in Assistance.",
                "{count} possible doubles wait for a decision in Assistance.",
                outcome.waiting,
            ),
        ),
        (
            outcome.differences,
            ngettext(
                "{count} answer is not what was sent.",
                "{count} answers are not what was sent.",
                outcome.differences,
            ),
        ),
        (
            outcome.late,
            ngettext(
                "{count} row stayed out: the file has changed since it was looked at.",
                "{count} rows stayed out: the file has changed since they were looked at.",
                outcome.late,
            ),
        ),
    )
    return [words.format(count=number(count)) for count, words in said if count]
