"""The list of a round whose rows can be opened: what has to be decided lies under its own row."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import RowDelegate
from casedesk.desk.tables import RecordTable

Index = QModelIndex | QPersistentModelIndex


class OpenedDelegate(RowDelegate):
    """Paints the cells of an opened row at its top; below lies what was opened."""

    def __init__(self, table: LineTable) -> None:
        """Paint the rows of this table."""
        super().__init__(table, table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if index.row() == self._table.open_row:
            option = QStyleOptionViewItem(option)
            place: QRect = option.rect
            option.rect = QRect(place.left(), place.top(), place.width(), theme.row("table"))
        super().paint(painter, option, index)


class _Drawer(QWidget):
    """What is opened under a row; keys and clicks that nobody takes end here."""

    def __init__(self, inner: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        side = theme.space(2)
        column.setContentsMargins(0, 0, 0, side)
        column.addWidget(inner)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()


class LineTable(RecordTable):
    """A list in which one row at a time can be opened in place."""

    shut = Signal()

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin with no row opened."""
        self.open_id, self.open_row = 0, -1
        self._drawer: _Drawer | None = None
        super().__init__(*args, **options)
        self.setItemDelegate(OpenedDelegate(self))
        self.model_.modelReset.connect(self._place)
        self.verticalScrollBar().valueChanged.connect(self._follow)
        self.horizontalScrollBar().valueChanged.connect(self._follow)

    def open_in(self, line_id: int, inner: QWidget) -> None:
        """Open a row; a row that is not read yet opens when it comes."""
        self.shut_row()
        self.open_id = line_id
        self._drawer = _Drawer(inner, self.viewport())
        leave = QShortcut(QKeySequence("Esc"), self._drawer)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.shut)
        inner.show()
        self._place()

    def shut_row(self) -> None:
        """Let go of what is opened; its row is as high as the others again."""
        if self._drawer is not None:
            self._drawer.hide()
            self._drawer.deleteLater()
        if 0 <= self.open_row < self.model_.rowCount():
            self.verticalHeader().resizeSection(self.open_row, theme.row("table"))
        self._drawer, self.open_id, self.open_row = None, 0, -1
        self.viewport().update()

    def _tall(self) -> int:
        drawer = self._drawer
        if drawer is None:
            return 0
        layout = drawer.layout()
        wide = self.viewport().width()
        if layout is not None and layout.hasHeightForWidth():
            return layout.heightForWidth(wide)
        return drawer.sizeHint().height()

    def _place(self) -> None:
        """Make room under the row; after other rows came, it may stand elsewhere."""
        drawer = self._drawer
        if drawer is None:
            return
        usual, row = theme.row("table"), self.model_.row_of(self.open_id)
        if 0 <= self.open_row < self.model_.rowCount() and self.open_row != row:
            self.verticalHeader().resizeSection(self.open_row, usual)
        self.open_row = row
        drawer.setVisible(row >= 0)
        if row < 0:
            return
        whole = usual + self._tall()
        if self.rowHeight(row) != whole:
            self.verticalHeader().resizeSection(row, whole)
            self.executeDelayedItemsLayout()
            bottom = self.rowViewportPosition(row) + whole
            over = bottom - self.viewport().height()
            if over > 0:
                bar = self.verticalScrollBar()
                bar.setValue(bar.value() + min(over, self.rowViewportPosition(row)))
        self._follow()

    def _follow(self) -> None:
        drawer = self._drawer
        if drawer is None or self.open_row < 0:
            return
        usual = theme.row("table")
        top = self.rowViewportPosition(self.open_row) + usual
        drawer.setGeometry(
            0, top, self.viewport().width(), max(1, self.rowHeight(self.open_row) - usual)
        )
        drawer.raise_()
        if first := max(0, self.rowAt(0)):
            last = self.rowAt(self.viewport().height() - 1)
            self.model_.look_at(first, last if last >= 0 else self.model_.rowCount() - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        super().scrollTo(index, hint)
        self._follow()
