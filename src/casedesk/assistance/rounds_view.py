"""The list of rounds at the left, and what begins something new."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.assistance.asking import ROUNDS
from casedesk.desk import theme
from casedesk.desk.page import Page
from casedesk.desk.tables import RecordTable
from casedesk.desk.widgets import ChipRow, Divider, EmptyState, button
from casedesk.kernel.language import _


class RoundsView(QWidget):
    """Buttons for what is new, and the rounds, newest first."""

    asked = Signal(str)  # which button

    def __init__(self, page: Page) -> None:
        """Read through the page."""
        super().__init__()
        self.setMinimumWidth(theme.px(220))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = ChipRow()
        flow = row.layout()
        if flow is not None:
            side = theme.space(2)
            flow.setContentsMargins(side, side, side, side)
        self.buttons = {}
        for key, words, shortcut in (
            ("round", _("New round"), "Ctrl+N"),
            ("programme", _("New programme"), "Alt+N"),
            ("household", _("Register household"), "Alt+F"),
            ("import", _("Import registrations"), "Ctrl+I"),
        ):
            made = button(words, key=shortcut, listens=False)
            made.clicked.connect(lambda _on=False, key=key: self.asked.emit(key))
            self.buttons[key] = made
            row.add(made)
        column.addWidget(row)
        column.addWidget(Divider())
        self.table = RecordTable(page.read, ROUNDS, ticks=False, stretch="name")
        self.table.show_columns(("name", "status"))
        self.table.setAccessibleName(_("Rounds"))
        self.table.set_reading_text(_("Reading rounds"))
        self.table.set_empty(
            EmptyState(page.icon, _("Rounds will stand here"), _("A round is one distribution."))
        )
        column.addWidget(self.table, 1)
