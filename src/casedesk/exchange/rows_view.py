"""A table over rows that are in memory: sorted, ticked and walked through by keys.

`desk.tables` shows records of the file, which are read when they are looked at. What a person
sends has no records yet; its rows are here already, however many they are, and painted the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from casedesk.desk import icons, keymap, theme
from casedesk.desk.painting import RowDelegate, draw_check, draw_text
from casedesk.desk.tables_bare import BareTable
from casedesk.kernel.language import _
from casedesk.kernel.query import Cell, Tagged, whole

Index = QModelIndex | QPersistentModelIndex
_MOVES = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


@dataclass(frozen=True, eq=False)
class RowColumn:
    """One column: how a row is shown in it, and what it is sorted by where that is not the text."""

    label: str
    width: int
    show: Callable[[Any], Cell]
    order: Callable[[Any], Any] | None = None
    kind: Literal["text", "strong", "muted", "tag", "number"] = "text"

    def value(self, row: Any) -> Any:
        """Give what a row is sorted by."""
        return self.order(row) if self.order else whole(self.show(row)).casefold()


class RowModel(QAbstractTableModel):
    """Rows in an order; with ticks the first column is the tick of each row."""

    def __init__(self, columns: Sequence[RowColumn], ticks: bool) -> None:
        """Begin without rows."""
        super().__init__()
        self.columns = tuple(columns)
        self.shift = 1 if ticks else 0
        self.rows: list[Any] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns) + self.shift

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            cell = self.cell(index.row(), index.column())
            return cell.text if isinstance(cell, Tagged) else cell
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(index.row(), index.column())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        named = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        if orientation != Qt.Orientation.Horizontal or role not in named:
            return None
        return _("Chosen") if section < self.shift else self.columns[section - self.shift].label

    def cell(self, row: int, column: int) -> Cell:
        """Give what a cell shows."""
        return "" if column < self.shift else self.columns[column - self.shift].show(self.rows[row])

    def _spoken(self, row: int, column: int) -> str:
        if column > self.shift:
            return whole(self.cell(row, column))
        cells = (whole(item.show(self.rows[row])) for item in self.columns)
        return ", ".join(text for text in cells if text)

    def set_rows(self, rows: list[Any]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()


class _Header(QHeaderView):
    """Column heads: words, an arrow at the sorted one, a tick for all."""

    def __init__(self, table: RowTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(theme.px(28))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.row("table_header"))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        table = self._table
        painter.fillRect(rect, theme.colour("surface"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.colour("border"))
        at = logicalIndex - table.model_.shift
        if at < 0:
            side = theme.px(14)
            left = rect.left() + (rect.width() - side) // 2
            top = rect.top() + (rect.height() - side) // 2
            draw_check(painter, QRect(left, top, side, side), table.all_ticked())
            return
        pad, mark = theme.space(2), theme.icon_size("row")
        inner = rect.adjusted(pad, 0, -pad, -1)
        here = table.sorted_by == at
        if here:
            inner.setWidth(max(0, inner.width() - mark - 2))
        text = table.model_.columns[at].label
        draw_text(painter, inner, text, "small", theme.colour("ink" if here else "muted"))
        if here:
            wide = theme.metrics("small").horizontalAdvance(text)
            left = min(inner.left() + wide, inner.right()) + 3
            name = "arrow-down" if table.descending else "arrow-up"
            top = rect.top() + (rect.height() - mark) // 2
            painter.drawPixmap(left, top, icons.pixmap(name, "ink", mark))


class RowTable(BareTable):
    """Rows of any number: current row, ticks, sorting by a click on a head, keys as in lists."""

    opened = Signal(object)
    current_changed = Signal(object)
    ticks_changed = Signal()
    letter = Signal(str)
    """A single letter that was pressed, in Latin whatever the layout."""

    def __init__(
        self,
        columns: Sequence[RowColumn],
        identity: Callable[[Any], int],
        *,
        name: str,
        ticks: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`identity` gives the number by which a row is known when the rows change."""
        super().__init__(parent)
        self._identity = identity
        self.model_ = RowModel(columns, ticks)
        self.sorted_by, self.descending = 0, False
        self.ticked: set[int] = set()
        self._resetting = False
        self.setAccessibleName(name)
        self._set_up()
        self.setModel(self.model_)
        self.setItemDelegate(RowDelegate(self, self))
        if ticks:
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(0, theme.px(32))
        for at, column in enumerate(columns, self.model_.shift):
            self.setColumnWidth(at, theme.px(column.width))
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        theme.watch.changed.connect(self._measure)

    def _set_up(self) -> None:
        header = _Header(self)
        self.setHorizontalHeader(header)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setResizeContentsPrecision(0)
        header.sectionClicked.connect(self.press_head)
        self._measure()

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.row("table"))
        self.horizontalHeader().updateGeometry()
        self.viewport().update()

    # -- rows ---------------------------------------------------------------------------------

    def show_rows(self, rows: Iterable[Any]) -> None:
        """Show these rows in the order that holds; the current one stays, if it is among them."""
        before, at = self.current(), max(0, self.current_row)
        keep = self._identity(before) if before is not None else None
        shown = self._sorted(list(rows))
        self._resetting = True
        self.model_.set_rows(shown)
        self._resetting = False
        self.hover_row = self.current_row = -1
        numbers = [self._identity(row) for row in shown]
        self.ticked &= set(numbers)
        if keep in numbers:
            self._go_to(numbers.index(keep))
        elif shown:
            self._go_to(min(at, len(shown) - 1))
        else:
            self.current_changed.emit(None)
        self.ticks_changed.emit()

    def rows(self) -> list[Any]:
        """List the rows in the order in which they are shown."""
        return self.model_.rows

    def current(self) -> Any:
        """Give the current row, or None."""
        rows = self.model_.rows
        return rows[self.current_row] if 0 <= self.current_row < len(rows) else None

    def chosen(self) -> list[Any]:
        """Give the ticked rows, or the current one where none is ticked."""
        if self.ticked:
            return [row for row in self.model_.rows if self._identity(row) in self.ticked]
        current = self.current()
        return [] if current is None else [current]

    def go_to(self, identity: int) -> None:
        """Make the row of this number the current one."""
        for at, row in enumerate(self.model_.rows):
            if self._identity(row) == identity:
                self._go_to(at)
                return

    def sort(self, column: int, descending: bool) -> None:
        """Put the rows in the order of a column."""
        self.sorted_by, self.descending = column, descending
        self.horizontalHeader().viewport().update()
        self.show_rows(self.model_.rows)

    def _sorted(self, rows: list[Any]) -> list[Any]:
        value = self.model_.columns[self.sorted_by].value
        return sorted(rows, key=value, reverse=self.descending)

    def sortable(self, section: int) -> bool:
        """Tell whether the rows can be put in the order of a column: all but the ticks."""
        return section >= self.model_.shift

    def sorted_section(self) -> int:
        """Tell by which column the rows are sorted."""
        return self.sorted_by + self.model_.shift

    def press_head(self, section: int) -> None:
        """Sort by a column, or the other way round; the first one ticks all rows, or none."""
        at = section - self.model_.shift
        if at < 0:
            self.tick_all()
        else:
            self.sort(at, not self.descending if self.sorted_by == at else False)

    # -- ticks --------------------------------------------------------------------------------

    def is_ticked(self, row: int) -> bool:
        """Tell whether a row is ticked."""
        return bool(self.ticked) and self._identity(self.model_.rows[row]) in self.ticked

    def all_ticked(self) -> bool | None:
        """Tell whether all rows are ticked; None for some of them."""
        if not self.ticked:
            return False
        return True if len(self.ticked) == len(self.model_.rows) else None

    def tick_all(self) -> None:
        """Tick every row that is shown, or none where all are."""
        every = {self._identity(row) for row in self.model_.rows}
        self.ticked = set() if self.ticked == every else every
        self._ticked()

    def untick(self) -> None:
        """Take all ticks away."""
        if self.ticked:
            self.ticked = set()
            self._ticked()

    def _tick(self, row: int) -> None:
        if 0 <= row < len(self.model_.rows):
            self.ticked ^= {self._identity(self.model_.rows[row])}
            self._ticked()

    def _ticked(self) -> None:
        self.viewport().update()
        self.horizontalHeader().viewport().update()
        self.ticks_changed.emit()

    # -- what the painter asks ----------------------------------------------------------------

    def cell(self, row: int, column: int) -> Cell | None:
        """Give what a cell shows."""
        return self.model_.cell(row, column)

    def kind(self, column: int) -> str:
        """Give the kind of a column."""
        at = column - self.model_.shift
        return "tick" if at < 0 else self.model_.columns[at].kind

    def right(self, column: int) -> bool:
        """Tell whether a column stands at the right: none does."""
        return False

    # -- keys and mouse -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain = held == Qt.KeyboardModifier.NoModifier
        code = keymap.latin(event.key()) or event.key()
        ticks = bool(self.model_.shift)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._open(self.current_row)
        elif ticks and plain and (key == Qt.Key.Key_Space or code == Qt.Key.Key_X):
            self._tick(self.current_row)
        elif ticks and held == Qt.KeyboardModifier.ControlModifier and code == Qt.Key.Key_A:
            self.tick_all()
        elif ticks and plain and key == Qt.Key.Key_Escape and self.ticked:
            self.untick()
        elif plain and Qt.Key.Key_A <= code <= Qt.Key.Key_Z:
            self.letter.emit(chr(code))
        elif key in _MOVES and not held & ~Qt.KeyboardModifier.ShiftModifier:
            self._move(key, tick=ticks and bool(held))
        else:
            super().keyPressEvent(event)

    def _move(self, key: Qt.Key, *, tick: bool) -> None:
        total = len(self.model_.rows)
        if not total:
            return
        page = max(1, self.viewport().height() // max(1, theme.row("table")) - 1)
        old = self.current_row
        new = {
            Qt.Key.Key_Up: old - 1,
            Qt.Key.Key_Down: old + 1,
            Qt.Key.Key_PageUp: old - page,
            Qt.Key.Key_PageDown: old + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: total - 1,
        }[key]
        new = max(0, min(total - 1, new))
        if tick:
            low, high = sorted((max(old, 0), new))
            self.ticked |= {self._identity(row) for row in self.model_.rows[low : high + 1]}
            self._ticked()
        self._go_to(new)

    def _go_to(self, row: int) -> None:
        self.setCurrentIndex(self.model_.index(row, self.model_.shift))

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.model_.rows):
            self.opened.emit(self.model_.rows[row])

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self._resetting:
            return
        before, self.current_row = self.current_row, current.row()
        self.update_row(before)
        self.update_row(self.current_row)
        self.current_changed.emit(self.current())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.isValid() and self.model_.shift and index.column() == 0:
            self._tick(index.row())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.current_row < 0 and self.model_.rows:
            self._go_to(0)
