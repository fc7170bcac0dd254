"""The bare table under the lists of the desk: what Qt draws and chooses by itself is taken away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget


class BareTable(QTableView):
    """Rows of one height, one of them current and one under the mouse; nothing is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Have no rows yet."""
        super().__init__(parent)
        self.hover_row = -1
        self.current_row = -1
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)

    def update_row(self, row: int) -> None:
        """Paint one row again."""
        if row >= 0:
            top, tall = self.rowViewportPosition(row), self.rowHeight(row)
            self.viewport().update(0, top, self.viewport().width(), tall)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.hover_row:
            before, self.hover_row = self.hover_row, row
            self.update_row(before)
            self.update_row(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Sort by the next column (F9), or turn the order around (Shift+F9): as a click does."""
        held = event.modifiers()
        turn = held == Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_F9 and (turn or held == Qt.KeyboardModifier.NoModifier):
            self._sort_on(turn=turn)
        else:
            event.ignore()

    def _sort_on(self, *, turn: bool) -> None:
        header = self.horizontalHeader()
        places = map(header.logicalIndex, range(header.count()))
        heads = [at for at in places if not self.isColumnHidden(at) and self.sortable(at)]
        now = self.sorted_section()
        if turn:
            self.press_head(now)
        elif heads:
            self.press_head(heads[(heads.index(now) + 1) % len(heads) if now in heads else 0])

    def sortable(self, section: int) -> bool:
        """Tell whether the rows can be put in the order of a column."""
        raise NotImplementedError

    def sorted_section(self) -> int:
        """Tell by which column the rows are sorted."""
        raise NotImplementedError

    def press_head(self, section: int) -> None:
        """Do what a click on the head of a column does."""
        raise NotImplementedError

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would ask every row of the list for its text."""
