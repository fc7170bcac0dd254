"""A list of records on the screen: the current row, ticks, order, keys and mouse."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import RowDelegate
from casedesk.desk.tables_bare import BareTable
from casedesk.desk.tables_covers import Covers
from casedesk.desk.tables_header import Header
from casedesk.desk.tables_model import Index, Read, RecordModel
from casedesk.desk.tables_ticks import Ticks
from casedesk.kernel.errors import Cancelled
from casedesk.kernel.language import _
from casedesk.kernel.query import Cell, Filter, Listing, Selection, Sort

SETTLE_MS = 200
_MOVES = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class RecordTable(BareTable):
    """A list of records of any length: current row, ticks, sorting, keys.

    X or Space ticks the current row, Shift with an arrow ticks a range, Ctrl+A all of the filter,
    Enter opens, Esc takes all ticks away.
    """

    opened = Signal(int)
    current_changed = Signal(int)
    counted = Signal(int)
    selection_changed = Signal()
    sorted_by = Signal(object)
    escaped = Signal()

    def __init__(
        self,
        read: Read,
        listing: Listing,
        parent: QWidget | None = None,
        *,
        ticks: bool = True,
        stretch: str = "",
    ) -> None:
        """`read` is `Page.read` (or `Jobs.read`); call `show_filter` to begin.

        `stretch` is the column that takes the room that is left; the last one unless told.
        """
        super().__init__(parent)
        self._stretch = stretch
        self.listing = listing
        self.model_ = RecordModel(read, listing, ticks=ticks, parent=self)
        self._current_id = 0
        self._wanted_id = 0
        self._by_focus = False
        self._ticks = Ticks()
        self._offset: int | None = None
        self._top_id = 0
        self._resetting = False
        self._began = False
        self._percent = theme.text_size()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._reread)
        self.setAccessibleName(_("List"))
        self._set_up()
        self._covers = Covers(self)
        self._covers.stop.connect(self.model_.stop)
        self._covers.again.connect(self.retry)
        self.setModel(self.model_)
        self.setItemDelegate(RowDelegate(self, self))
        self._set_widths()
        self.model_.modelAboutToBeReset.connect(self._before_reset)
        self.model_.modelReset.connect(self._after_reset)
        self.model_.counted.connect(self._on_counted)
        self.model_.reading.connect(self._covers.reading)
        self.model_.failed.connect(self._on_failed)
        self.doubleClicked.connect(self._double_clicked)
        theme.watch.changed.connect(self._measure)

    # -- set-up -------------------------------------------------------------------------------

    def _set_up(self) -> None:
        # Chosen rows are a value of ours: Qt's own selection costs seconds on long lists.
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = Header(self, self.model_, self.all_ticked)
        self.setHorizontalHeader(header)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(not self._stretch)
        header.setResizeContentsPrecision(0)  # a double click on a grip measures what is seen
        header.sectionClicked.connect(self.press_head)
        self._measure()

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.row("table"))
        if theme.text_size() != self._percent:
            ratio, self._percent = theme.text_size() / self._percent, theme.text_size()
            for column in range(self.model_.columnCount()):
                self.setColumnWidth(column, round(self.columnWidth(column) * ratio))
            self.horizontalHeader().updateGeometry()
        self.viewport().update()

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        if self.model_.shift:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(0, theme.px(32))
        for index, column in enumerate(self.listing.columns, self.model_.shift):
            self.setColumnWidth(index, theme.px(column.width))

        if self._stretch:
            at = self._section(self._stretch)
            header.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)

    def _section(self, key: str) -> int:
        keys = [column.key for column in self.listing.columns]
        return keys.index(key) + self.model_.shift

    def shown_columns(self) -> tuple[str, ...]:
        """List the keys of the columns that are shown, in their order."""
        columns = enumerate(self.listing.columns, self.model_.shift)
        return tuple(c.key for at, c in columns if not self.isColumnHidden(at))

    def show_columns(self, keys: Collection[str]) -> None:
        """Show these columns and no others; the first one always stays, it names the row."""
        for at, column in enumerate(self.listing.columns, self.model_.shift):
            self.setColumnHidden(at, column.key not in keys and at > self.model_.shift)

    def widths(self) -> dict[str, int]:
        """Give the width of each column, to be kept for the next time."""
        shift = self.model_.shift
        return {c.key: self.columnWidth(i + shift) for i, c in enumerate(self.listing.columns)}

    def set_reading_text(self, text: str) -> None:
        """Say what is read, when it takes long: "Reading cases"."""
        self._covers.text = text

    def set_empty(self, nothing: QWidget, no_result: QWidget | None = None) -> None:
        """Show this in place of an empty list; `no_result` where a filter left nothing."""
        self._covers.set_empty(nothing, no_result or nothing)

    # -- what to show -------------------------------------------------------------------------

    def show_filter(self, filter: Filter, sort: Sort | None = None) -> None:
        """Show the rows of a filter; ticks are of the old list, and go."""
        self._let_go()
        keep = self._wanted_id or self._current_id
        self._began = True
        self.clearSelection()
        self._settle.stop()
        self._top_id = 0
        self._offset = None
        self.model_.show(filter, sort or self.model_.order, keep)

    def set_sort(self, sort: Sort) -> None:
        """Order the list by a column; the current row stays current."""
        self._let_go()
        self.model_.order = sort
        self.horizontalHeader().viewport().update()
        if self._began:
            self._settle.stop()
            self.model_.show(self.model_.filter, sort, self._wanted_id or self._current_id)
        self.sorted_by.emit(sort)

    def refresh(self, changes: object | None = None) -> None:
        """Read again after something changed: soon after `changes`, at once without."""
        if not self._began:
            return
        if changes is None:
            self._reread()
        elif not self._settle.isActive():
            self._settle.start()

    def _let_go(self) -> None:
        """Do not follow a first row that nobody chose: the new list begins at its top."""
        if self._by_focus:
            self._by_focus, self._current_id = False, 0
            self.verticalScrollBar().setValue(0)

    def _reread(self) -> None:
        self._settle.stop()
        self.model_.reread(self._wanted_id or self._current_id)

    @property
    def filter(self) -> Filter:
        """The filter whose rows are shown."""
        return self.model_.filter

    @property
    def sort(self) -> Sort:
        """The order of the list."""
        return self.model_.order

    @property
    def total(self) -> int:
        """How many rows the list has, as far as it is known."""
        return self.model_.rowCount()

    # -- the current row ----------------------------------------------------------------------

    def current_id(self) -> int:
        """Give the id of the current row, or 0."""
        return self._current_id

    def select_id(self, identity: int) -> None:
        """Make a row current; one that is not in the list yet becomes current when it comes."""
        row = self.model_.row_of(identity)
        self._wanted_id = 0 if row >= 0 else identity
        if row >= 0:
            self._go_to(row)

    def step(self, rows: int) -> int:
        """Move the current row by so many; give its id."""
        if self.total:
            start = self.current_row if self.current_row >= 0 else -1 if rows > 0 else self.total
            self._go_to(max(0, min(self.total - 1, start + rows)))
        return self._current_id

    def _go_to(self, row: int) -> None:
        column = max(self.currentIndex().column(), self.model_.shift)
        self.setCurrentIndex(self.model_.index(row, column))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self._resetting:
            return
        self.update_row(self.current_row)
        self.current_row = current.row()
        self.update_row(self.current_row)
        identity = self.model_.id_at(self.current_row)
        self._by_focus = False
        if identity != self._current_id:
            self._current_id = identity
            self._wanted_id = 0
            self.current_changed.emit(identity)

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() < self.model_.shift:
            self.tick(index.row())
        else:
            self._open(index.row())

    def _open(self, row: int) -> None:
        if identity := self.model_.id_at(row):
            self.opened.emit(identity)

    # -- keeping the place when the ids change ------------------------------------------------

    def _before_reset(self) -> None:
        self._resetting = True
        tall = max(1, theme.row("table"))
        value = self.verticalScrollBar().value()
        held, row = self._current_id, self.current_row
        seen = row >= 0 and 0 <= row * tall - value < self.viewport().height()
        if not seen:
            row = value // tall
            held = self.model_.id_at(row) if value else 0
        self._top_id, self._offset = held, row * tall - value

    def _after_reset(self) -> None:
        model = self.model_
        tall = max(1, theme.row("table"))
        self.hover_row = -1
        self._ticks.lose_place()
        self.current_row = -1
        # Whoever was asked for comes first; until they are in the list, who is current stays.
        wanted = self._wanted_id
        row = self._row_after_reset(wanted)
        if row < 0:
            wanted = self._current_id
            row = self._row_after_reset(wanted)
        self.executeDelayedItemsLayout()
        self.updateGeometries()
        at = row if self._top_id == wanted else model.row_of(self._top_id) if self._top_id else -1
        if self._offset is not None and self._top_id and at >= 0:
            self.verticalScrollBar().setValue(at * tall - self._offset)
        self._resetting = False
        if row >= 0:
            self.current_row = -1
            value = self.verticalScrollBar().value()
            seen = 0 <= row * tall - value <= self.viewport().height() - tall
            held = self.hasAutoScroll()
            # Qt scrolls to a new current row; one that is seen, or was not, stays where it is.
            self.setAutoScroll(held and (not seen and self._top_id in (0, wanted)))
            by_focus = self._by_focus
            self.setCurrentIndex(model.index(row, model.shift))
            self._by_focus = by_focus
            self.setAutoScroll(held)
        elif not (wanted or self._wanted_id) and model.rowCount() and self.hasFocus():
            self._go_to(0)
            self._by_focus = True
        elif model.complete and self._current_id:
            self._current_id = 0
            self.current_changed.emit(0)
        if model.complete and self._ticks.keep_only(model.ids):
            self.selection_changed.emit()
        self._look()
        self.viewport().update()

    def _row_after_reset(self, identity: int) -> int:
        if identity and self.model_.id_at(self.model_.kept_row) == identity:
            return self.model_.kept_row
        return self.model_.row_of(identity) if identity else -1

    def _on_counted(self, total: int) -> None:
        self._covers.counted(total, filtered=bool(self.filter.conditions or self._narrow))
        self.counted.emit(total)

    @property
    def _narrow(self) -> bool:
        return self.filter.statement is not None

    def _on_failed(self, error: object) -> None:
        if not isinstance(error, Cancelled):
            self._covers.failed(error)

    def retry(self) -> None:
        """Read again after reading failed or was stopped."""
        keep = self._wanted_id or self._current_id
        self.model_.show(self.model_.filter, self.model_.order, keep)

    # -- looking ------------------------------------------------------------------------------

    def _look(self) -> None:
        tall = max(1, theme.row("table"))
        top = self.verticalScrollBar().value() // tall
        self.model_.look_at(top, top + self.viewport().height() // tall + 1)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if dy:
            self.hover_row = -1
            self._look()
        super().scrollContentsBy(dx, dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._covers.place()
        self._look()

    # -- what the painter asks (RowSource) ----------------------------------------------------

    def cell(self, row: int, column: int) -> Cell | None:
        """Give what a cell shows; None while it is being read."""
        return self.model_.cell(row, column)

    def kind(self, column: int) -> str:
        """Give the kind of a column."""
        return self.model_.kind(column)

    def right(self, column: int) -> bool:
        """Tell whether a column stands at the right."""
        return self.model_.right(column)

    def is_ticked(self, row: int) -> bool:
        """Tell whether a row is ticked."""
        return self._ticks.has(self.model_.id_at(row))

    # -- ticks --------------------------------------------------------------------------------

    def selection(self) -> Selection:
        """Give the ticked rows as a value; without ticks the current row."""
        return self._ticks.selection(self.filter, self._current_id)

    def ticked(self) -> int:
        """Tell how many rows are ticked."""
        return self._ticks.count(self.total)

    def all_ticked(self) -> bool | None:
        """Tell whether all rows are ticked, none (False), or some (None)."""
        count = self.ticked()
        return False if count == 0 else True if count == self.total else None

    def tick(self, row: int) -> None:
        """Tick a row, or take its tick away."""
        if identity := self.model_.id_at(row):
            self._ticks.turn(identity, row)
            self._ticks_changed()

    def selectAll(self) -> None:
        """Choose every row of the filter, as a filter, not one by one."""
        self._ticks.take_all(there_are_rows=bool(self.total))
        self._ticks_changed()

    def clearSelection(self) -> None:
        """Take all ticks away."""
        had = bool(self._ticks)
        self._ticks.clear()
        if had:
            self._ticks_changed()

    def _tick_range(self, start: int, end: int) -> None:
        self._ticks.stretch(self.model_.ids, start, end)
        self._ticks_changed()

    def _ticks_changed(self) -> None:
        self.viewport().update()
        self.horizontalHeader().viewport().update()
        self.selection_changed.emit()

    # -- keys and mouse -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._open(self.current_row)
        elif self.model_.shift and plain and _is_tick(event):
            self.tick(self.current_row)
        elif key == Qt.Key.Key_Escape and plain:
            if self._ticks:
                self.clearSelection()
            else:
                self.escaped.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and plain:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + (-1 if key == Qt.Key.Key_Left else 1) * theme.px(64))
        elif key in _MOVES and self._move(Qt.Key(key), modifiers):
            pass
        elif (
            self.model_.shift
            and modifiers == Qt.KeyboardModifier.ControlModifier
            and (key == Qt.Key.Key_A or event.text().lower() == "ф")
        ):
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def _move(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Move the current row as lists do: Home and End go to the ends, not along the row."""
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
            return False
        if not self.total:
            return True
        page = max(1, self.viewport().height() // max(1, theme.row("table")) - 1)
        old = self.current_row
        new = {
            Qt.Key.Key_Up: old - 1,
            Qt.Key.Key_Down: old + 1,
            Qt.Key.Key_PageUp: old - page,
            Qt.Key.Key_PageDown: old + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.total - 1,
        }[key]
        new = max(0, min(self.total - 1, new))
        start = self._ticks.start_of_range(old)
        self._go_to(new)
        if shift and self.model_.shift:
            self._tick_range(start, new)
        else:
            self._ticks.end_range()
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            super().mousePressEvent(event)
            return
        row, before = index.row(), self.current_row
        modifiers = event.modifiers()
        super().mousePressEvent(event)
        if not self.model_.shift:
            return
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._tick_range(self._ticks.start_of_range(before), row)
        elif index.column() == 0 or modifiers & Qt.KeyboardModifier.ControlModifier:
            self.tick(row)
        else:
            self._ticks.end_range()

    def focusInEvent(self, event: QFocusEvent) -> None:
        none, wanted = self.current_row < 0, self._wanted_id
        super().focusInEvent(event)
        self._wanted_id = wanted
        # Qt makes the first row current when the list gets the focus and has none.
        self._by_focus = self._by_focus or (none and self.current_row >= 0)

    def sortable(self, section: int) -> bool:
        """Tell whether the rows can be put in the order of a column."""
        at = section - self.model_.shift
        return at >= 0 and self.listing.columns[at].sortable

    def sorted_section(self) -> int:
        """Tell by which column the rows are sorted."""
        return self._section(self.model_.order.key)

    def press_head(self, section: int) -> None:
        """Sort by a column, or the other way round; the first one ticks all rows, or none."""
        if section < self.model_.shift:
            if self.all_ticked():
                self.clearSelection()
            else:
                self.selectAll()
            return
        column = self.listing.columns[section - self.model_.shift]
        if column.sortable:
            now = self.model_.order
            self.set_sort(Sort(column.key, not now.descending if now.key == column.key else False))


def _is_tick(event: QKeyEvent) -> bool:
    # X by its place on the keyboard: under a Cyrillic layout the same key types a che.
    return event.key() in (Qt.Key.Key_Space, Qt.Key.Key_X) or event.text().lower() == "ч"
