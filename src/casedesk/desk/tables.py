"""Lists of records: all ids at once, rows when they are looked at, chosen rows as a value.

The window thread holds the ids in order (an array) and the texts of the rows near those that are
seen; the reader lane brings both. Nothing here asks the database, sorts or filters.
"""

from __future__ import annotations

import itertools
from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListView,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from sqlmodel import Session

from casedesk.desk import icons, theme
from casedesk.desk.painting import CandidateDelegate, RowDelegate, draw_check, draw_text
from casedesk.desk.widgets import Banner, EmptyState, Skeleton, button, label
from casedesk.kernel import query
from casedesk.kernel.errors import Cancelled, CaseDeskError
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import _, ngettext, number
from casedesk.kernel.query import AllOf, Cell, Filter, Ids, Listing, Row, Selection, Sort, Tagged

Read = Callable[..., Job]
Index = QModelIndex | QPersistentModelIndex

PAGE = query.PAGE
PAGES = 64
SETTLE_MS = 200
_NUMBERS = itertools.count(1)


def _text(cell: Cell | None) -> str:
    return "" if cell is None else cell.text if isinstance(cell, Tagged) else cell


def _spoken(cell: Cell | None) -> str:
    return "" if cell is None else query.whole(cell)


@dataclass(frozen=True)
class _Order:
    """What the reader lane found out about the whole list."""

    ids: array[int]
    same: bool
    at: int


def _order(
    session: Session,
    listing: Listing,
    filter: Filter,
    sort: Sort,
    before: array[int],
    keep: int,
) -> _Order:
    """Read all ids in order; compare and search them here, not in the window."""
    ids = query.snapshot(session, listing, filter, sort)
    try:
        at = ids.index(keep) if keep else -1
    except ValueError:
        at = -1
    return _Order(ids, ids == before, at)


class RecordModel(QAbstractTableModel):
    """Ids in order and a cache of 64 pages of 128 rows; the reader lane fills both.

    With `ticks` its first column is the tick of each row, and the listing's columns follow.
    """

    counted = Signal(int)
    reading = Signal(bool)
    failed = Signal(object)
    ids_changed = Signal()

    def __init__(
        self, read: Read, listing: Listing, *, ticks: bool = True, parent: QObject | None = None
    ) -> None:
        """Begin empty; nothing is read before `show`."""
        super().__init__(parent)
        self.listing = listing
        self.filter = Filter()
        self.order = listing.default_sort
        self.shift = 1 if ticks else 0
        self._read = read
        self._ids: array[int] = array("q")
        self._pages: OrderedDict[int, list[Row | None]] = OrderedDict()
        self._stale: set[int] = set()
        self._asked: tuple[int, ...] = ()
        self._extra: set[int] = set()
        self._window = (0, 0)
        self._forward = True
        self._version = 0
        self._shows = 0
        self._job: Job | None = None
        self._complete = False
        self._channel = f"list.{listing.key}.{next(_NUMBERS)}"
        self._kinds = ["tick"] * self.shift + [c.kind for c in listing.columns]
        self._rights = [False] * self.shift
        self._rights += [c.align == "right" for c in listing.columns]
        self._width = len(self._kinds)

    # -- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._width

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return self._spoken(index) if role == Qt.ItemDataRole.AccessibleTextRole else None
        cell = self.cell(index.row(), index.column())
        if cell is None:
            self._want(index.row())
            cell = self.cell(index.row(), index.column())
        return _text(cell)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        roles = (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        )
        if role not in roles:
            return None
        if section < self.shift:
            return _("Chosen") if role != Qt.ItemDataRole.DisplayRole else ""
        return _(self.listing.columns[section - self.shift].label)

    def _spoken(self, index: Index) -> str:
        row, column = index.row(), index.column()
        if column >= self.shift + 1:
            return _spoken(self.cell(row, column))
        return self.row_name(row)

    # -- what the painter asks ----------------------------------------------------------------

    def cell(self, row: int, column: int) -> Cell | None:
        """Give what a cell shows; None while it is being read."""
        page = self._pages.get(row // PAGE)
        if page is None:
            return None
        found = page[row % PAGE] if row % PAGE < len(page) else None
        if found is None or column < self.shift:
            return None if found is None else ""
        return found[column - self.shift]

    def kind(self, column: int) -> str:
        """Give the kind of a column."""
        return self._kinds[column]

    def right(self, column: int) -> bool:
        """Tell whether a column stands at the right."""
        return self._rights[column]

    def row_name(self, row: int) -> str:
        """Name a row in words, as a screen reader says it."""
        cells = (self.cell(row, column) for column in range(self.shift, self._width))
        return ", ".join(text for text in map(_spoken, cells) if text)

    # -- ids ----------------------------------------------------------------------------------

    @property
    def ids(self) -> array[int]:
        """All ids in order, as far as they are known; not to be changed."""
        return self._ids

    @property
    def complete(self) -> bool:
        """Whether all ids are there, not only those of the first page."""
        return self._complete

    def id_at(self, row: int) -> int:
        """Give the id of a row, or 0 where there is no row."""
        return self._ids[row] if 0 <= row < len(self._ids) else 0

    def row_of(self, identity: int) -> int:
        """Find the row of an id, or -1."""
        try:
            return self._ids.index(identity)
        except ValueError:
            return -1

    # -- reading ------------------------------------------------------------------------------

    def show(self, filter: Filter, sort: Sort, keep: int = 0) -> None:
        """Read another list: its first page is painted at once, then come all ids."""
        self.filter, self.order = filter, sort
        self._shows += 1
        shown = self._shows
        self.reading.emit(True)

        def first(found: tuple[array[int], list[Row]]) -> None:
            if shown != self._shows:
                return
            ids, rows = found
            whole = len(ids) < PAGE
            self.reading.emit(False)
            self._replace(ids, [*rows], -1, whole=whole)
            if not whole:
                self._read_order(keep)

        self._job = self._read(
            query.first_page,
            self.listing,
            filter,
            sort,
            PAGE,
            channel=self._channel,
            then=first,
            failed=self._fail,
        )

    def reread(self, keep: int = 0) -> None:
        """Read again what may have changed; the rows that are seen stay until the new ones come."""
        # Rows that are on their way may be older than the change: they are asked for again.
        self._version += 1
        self._asked = ()
        self._stale.update(self._pages)
        self._shows += 1
        self._read_order(keep)

    def stop(self) -> None:
        """Stop reading."""
        self._shows += 1
        if self._job is not None:
            self._job.cancel()
        self.reading.emit(False)

    def _read_order(self, keep: int) -> None:
        shown = self._shows

        def ordered(order: _Order) -> None:
            if shown != self._shows:
                return
            self.reading.emit(False)
            if order.same:
                if not self._complete:
                    self._complete = True
                    self.counted.emit(len(self._ids))
                self._fetch()
            else:
                # The rows of the first page were read a moment ago, and stand where they stood.
                begun = not self._complete and order.ids[: len(self._ids)] == self._ids
                self._replace(order.ids, None, order.at, whole=True, begun=begun)

        self._job = self._read(
            _order,
            self.listing,
            self.filter,
            self.order,
            self._ids,
            keep,
            channel=self._channel,
            then=ordered,
            failed=self._fail,
        )

    def _fail(self, error: Exception) -> None:
        self._asked = ()
        self.reading.emit(False)
        self.failed.emit(error)

    def _replace(
        self,
        ids: array[int],
        rows: list[Row | None] | None,
        at: int,
        *,
        whole: bool,
        begun: bool = False,
    ) -> None:
        """Put other ids in; rows that are known are shown until they are read again."""
        known: dict[int, Row] = {}
        if rows is None:
            for page, cells in self._pages.items():
                start = page * PAGE
                for identity, row in zip(self._ids[start : start + PAGE], cells, strict=False):
                    if row is not None:
                        known[identity] = row
        self.kept_row = at
        self.beginResetModel()
        self._ids = ids
        self._version += 1
        self._asked, self._extra = (), set()
        if not begun:
            self._pages.clear()
            self._stale.clear()
        if rows is not None:
            for start in range(0, len(rows), PAGE):
                self._pages[start // PAGE] = rows[start : start + PAGE]
        self._complete = whole
        self._known = known
        self.endResetModel()
        self.ids_changed.emit()
        if whole:
            self.counted.emit(len(ids))

    kept_row = -1
    _known: dict[int, Row] = {}  # noqa: RUF012  (replaced whole, never changed)

    def look_at(self, first: int, last: int) -> None:
        """Say which rows are seen now; what is missing of them is read, then what comes next."""
        if (first, last) != self._window:
            self._forward = first >= self._window[0]
            self._window = (first, last)
        self._fetch()

    def _want(self, row: int) -> None:
        page = row // PAGE
        if 0 <= row < len(self._ids) and page not in self._pages and page not in self._extra:
            self._extra.add(page)
            self._fetch()

    def _fetch(self) -> None:
        if not self._ids:
            return
        last_page = (len(self._ids) - 1) // PAGE
        first, last = (min(max(row, 0) // PAGE, last_page) for row in self._window)
        seen = [*range(first, last + 1), *sorted(self._extra)]
        for page in seen:
            self._guess(page)
            if page in self._pages:
                self._pages.move_to_end(page)
        need = [p for p in dict.fromkeys(seen) if p not in self._pages or p in self._stale]
        if need:
            if not set(need) <= set(self._asked):
                self._ask(need)
        elif not self._asked:
            ahead = last + 1 if self._forward else first - 1
            if 0 <= ahead <= last_page and (ahead not in self._pages or ahead in self._stale):
                self._ask([ahead])

    def _guess(self, page: int) -> None:
        """Show what the rows of a page were before the order changed, until they are read."""
        if page in self._pages or not self._known:
            return
        rows = [self._known.get(i) for i in self._ids[page * PAGE : (page + 1) * PAGE]]
        if any(row is not None for row in rows):
            self._pages[page] = rows
            self._stale.add(page)

    def _ask(self, pages: list[int]) -> None:
        version, self._asked = self._version, tuple(pages)
        ids: array[int] = array("q")
        for page in pages:
            ids.extend(self._ids[page * PAGE : (page + 1) * PAGE])

        def filled(rows: list[Row]) -> None:
            if version == self._version:
                self._fill(pages, rows)

        self._read(
            query.rows,
            self.listing,
            ids,
            channel=f"{self._channel}.rows",
            then=filled,
            failed=self._fail,
        )

    def _fill(self, pages: list[int], rows: list[Row]) -> None:
        self._asked = ()
        start = 0
        for page in pages:
            size = min(PAGE, len(self._ids) - page * PAGE)
            self._pages[page] = list(rows[start : start + size])
            self._pages.move_to_end(page)
            self._stale.discard(page)
            self._extra.discard(page)
            start += size
            first = page * PAGE
            self.dataChanged.emit(
                self.index(first, 0), self.index(first + size - 1, self._width - 1)
            )
        while len(self._pages) > PAGES:
            gone, _rows = self._pages.popitem(last=False)
            self._stale.discard(gone)
        self._fetch()


class _Header(QHeaderView):
    """Column heads: words, an arrow at the sorted one, a tick for all."""

    def __init__(self, table: RecordTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(theme.px(28))
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.row("table_header"))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        model = self._table.model_
        painter.fillRect(rect, theme.colour("surface"))
        line = theme.colour("border")
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), line)
        if logicalIndex < model.shift:
            side = theme.px(14)
            left = rect.left() + (rect.width() - side) // 2
            box = QRect(left, rect.top() + (rect.height() - side) // 2, side, side)
            draw_check(painter, box, self._table.all_ticked())
            return
        column = model.listing.columns[logicalIndex - model.shift]
        pad = theme.space(2)
        inner = rect.adjusted(pad, 0, -pad, -1)
        sorted_here = model.order.key == column.key
        mark = theme.icon_size("row")
        right = column.align == "right"
        if sorted_here:
            inner.setWidth(max(0, inner.width() - mark - 2))
        text = _(column.label)
        ink = theme.colour("ink" if sorted_here else "muted")
        draw_text(painter, inner, text, "small", ink, right=right)
        if sorted_here:
            wide = theme.metrics("small").horizontalAdvance(text)
            left = inner.right() + 3 if right else min(inner.left() + wide, inner.right()) + 3
            name = "arrow-down" if model.order.descending else "arrow-up"
            top = rect.top() + (rect.height() - mark) // 2
            painter.drawPixmap(left, top, icons.pixmap(name, "ink", mark))
        grip = QRect(rect.right(), rect.top() + pad, 1, rect.height() - 2 * pad)
        painter.fillRect(grip, theme.colour("border_soft"))


_MOVES = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class RecordTable(QTableView):
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
        self.hover_row = -1
        self.current_row = -1
        self._current_id = 0
        self._wanted_id = 0
        self._by_focus = False
        self._ticks: dict[int, None] = {}
        self._all = False
        self._anchor = -1
        self._range: tuple[int, int] | None = None
        self._offset: int | None = None
        self._top_id = 0
        self._resetting = False
        self._began = False
        self._percent = theme.text_size()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._reread)
        self.setAccessibleName(_("List"))
        self._set_up()
        self._covers = _Covers(self)
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
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # Chosen rows are a value of ours: Qt's own selection costs seconds on long lists.
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        header = _Header(self)
        self.setHorizontalHeader(header)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(not self._stretch)
        header.setResizeContentsPrecision(0)  # a double click on a grip measures what is seen
        header.sectionClicked.connect(self._head_clicked)
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

    def set_widths(self, widths: dict[str, int]) -> None:
        """Bring back widths that were kept."""
        for index, column in enumerate(self.listing.columns, self.model_.shift):
            if column.key in widths:
                self.setColumnWidth(index, widths[column.key])

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
        self._clear_ticks()
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
        self._update_row(self.current_row)
        self.current_row = current.row()
        self._update_row(self.current_row)
        identity = self.model_.id_at(self.current_row)
        self._by_focus = False
        if identity != self._current_id:
            self._current_id = identity
            self._wanted_id = 0
            self.current_changed.emit(identity)

    def _update_row(self, row: int) -> None:
        if row >= 0:
            top = self.rowViewportPosition(row)
            tall = self.rowHeight(row)
            self.viewport().update(0, top, self.viewport().width(), tall)

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
        self._range, self._anchor = None, -1
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
        if self._ticks and model.complete:
            self._drop_missing_ticks()
        self._look()
        self.viewport().update()

    def _row_after_reset(self, identity: int) -> int:
        if identity and self.model_.id_at(self.model_.kept_row) == identity:
            return self.model_.kept_row
        return self.model_.row_of(identity) if identity else -1

    def _drop_missing_ticks(self) -> None:
        present = set(self.model_.ids)
        kept = {i: None for i in self._ticks if i in present}
        if len(kept) != len(self._ticks):
            self._ticks = kept
            self.selection_changed.emit()

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
        return (self.model_.id_at(row) in self._ticks) is not self._all

    # -- ticks --------------------------------------------------------------------------------
    # With `_all` the ticks are the exceptions.

    def selection(self) -> Selection:
        """Give the ticked rows as a value; without ticks the current row."""
        if self._all:
            return AllOf(self.filter, tuple(self._ticks))
        if self._ticks:
            return Ids(tuple(self._ticks))
        return Ids((self._current_id,) if self._current_id else ())

    def ticked(self) -> int:
        """Tell how many rows are ticked."""
        return self.total - len(self._ticks) if self._all else len(self._ticks)

    def all_ticked(self) -> bool | None:
        """Tell whether all rows are ticked, none (False), or some (None)."""
        count = self.ticked()
        return False if count == 0 else True if count == self.total else None

    def tick(self, row: int) -> None:
        """Tick a row, or take its tick away."""
        identity = self.model_.id_at(row)
        if not identity:
            return
        if identity in self._ticks:
            del self._ticks[identity]
        else:
            self._ticks[identity] = None
        self._range, self._anchor = None, row
        self._ticks_changed()

    def selectAll(self) -> None:
        """Choose every row of the filter, as a filter, not one by one."""
        self._all, self._ticks, self._range = bool(self.total), {}, None
        self._ticks_changed()

    def clearSelection(self) -> None:
        """Take all ticks away."""
        if self._all or self._ticks:
            self._clear_ticks()

    def _clear_ticks(self) -> None:
        had = self._all or bool(self._ticks)
        self._all, self._ticks, self._range, self._anchor = False, {}, None, -1
        if had:
            self._ticks_changed()

    def _tick_range(self, start: int, end: int) -> None:
        """Tick from one row to another; a range that is being stretched replaces itself."""
        if self._all:
            self._all, self._ticks = False, {}
        if self._range is not None:
            for identity in self.model_.ids[self._range[0] : self._range[1]]:
                self._ticks.pop(identity, None)
        low, high = min(start, end), max(start, end) + 1
        self._range, self._anchor = (low, high), start
        self._ticks.update(dict.fromkeys(self.model_.ids[low:high]))
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
            if self._all or self._ticks:
                self._clear_ticks()
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
            event.ignore()

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
        anchor = self._anchor if self._range is not None else max(old, 0)
        self._go_to(new)
        if shift and self.model_.shift:
            self._tick_range(anchor, new)
        else:
            self._range = None
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
            anchor = self._anchor if self._range is not None else max(before, 0)
            self._tick_range(anchor, row)
        elif index.column() == 0 or modifiers & Qt.KeyboardModifier.ControlModifier:
            self.tick(row)
        else:
            self._range = None

    def focusInEvent(self, event: QFocusEvent) -> None:
        none, wanted = self.current_row < 0, self._wanted_id
        super().focusInEvent(event)
        self._wanted_id = wanted
        # Qt makes the first row current when the list gets the focus and has none.
        self._by_focus = self._by_focus or (none and self.current_row >= 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.hover_row:
            before, self.hover_row = self.hover_row, row
            self._update_row(before)
            self._update_row(row)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would ask every row of the list for its text."""

    def _head_clicked(self, section: int) -> None:
        if section < self.model_.shift:
            if self.all_ticked():
                self._clear_ticks()
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


class _Covers(QWidget):
    """What lies over the rows: being read, empty, failed."""

    def __init__(self, table: RecordTable) -> None:
        super().__init__(table)  # not on the viewport, which moves its children when it scrolls
        self._table = table
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = _("Reading the list")
        self._stack = QStackedLayout(self)
        self._loading = QWidget()
        self._loading_words = label(self.text, "muted")
        self._skeleton = Skeleton(8)
        self._stack.addWidget(self._make_loading())
        self._fault = EmptyState("circle-minus", _("The list could not be read"), "")
        self._nothing: QWidget = EmptyState("", _("Nothing here yet"))
        self._no_result: QWidget = EmptyState("search", _("Nothing fits these filters"))
        self._fault_page = self._make_fault()
        for page in (self._fault_page, self._nothing, self._no_result):
            self._stack.addWidget(page)
        self._delay = QTimer(self, singleShot=True, interval=theme.delay("busy_delay"))
        self._delay.timeout.connect(self._show_loading)
        self.hide()

    def _make_loading(self) -> QWidget:
        column = QVBoxLayout(self._loading)
        column.setContentsMargins(theme.space(3), theme.space(3), theme.space(3), 0)
        column.addWidget(self._loading_words)
        stop = button(_("Stop"), kind="quiet")
        stop.clicked.connect(self._stop)
        column.addWidget(stop)
        column.addWidget(self._skeleton)
        column.addStretch(1)
        return self._loading

    def _make_fault(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        again = button(_("Read again"))
        again.clicked.connect(self._again)
        self._banner = Banner("carmine", _("The list could not be read"), "", [again])
        column.addWidget(self._banner)
        column.addStretch(1)
        return page

    def set_empty(self, nothing: QWidget, no_result: QWidget) -> None:
        for old in (self._nothing, self._no_result):
            self._stack.removeWidget(old)
            old.deleteLater()
        self._nothing, self._no_result = nothing, no_result
        self._stack.addWidget(nothing)
        if no_result is not nothing:
            self._stack.addWidget(no_result)

    def place(self) -> None:
        self.setGeometry(self._table.viewport().geometry())

    def reading(self, on: bool) -> None:
        if on:
            self._delay.start()
        else:
            self._delay.stop()
            self.hide()

    def _show_loading(self) -> None:
        self._loading_words.setText(self.text)
        self._raise(self._loading)

    def counted(self, total: int, *, filtered: bool) -> None:
        if total:
            self.hide()
        else:
            self._raise(self._no_result if filtered else self._nothing)

    def failed(self, error: object) -> None:
        known = isinstance(error, CaseDeskError)
        self._banner.set(
            _("The list could not be read"),
            str(error) if known else _("Nothing was changed. Read it again."),
        )
        self._raise(self._fault_page)

    def _raise(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)
        self.place()
        self.show()
        self.raise_()

    def _stop(self) -> None:
        self._table.model_.stop()
        self._banner.set(_("Reading was stopped"), _("The list may not be whole."))
        self._raise(self._fault_page)

    def _again(self) -> None:
        self.hide()
        self._table.retry()


# -- candidates ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """Somebody whom the person sought may be, in three lines."""

    key: int
    title: str
    latin: str = ""
    line: str = ""
    chips: tuple[Tagged, ...] = ()
    score: str = ""
    hint: str = ""
    refused: bool = False
    tip: str = ""

    def spoken(self, place: int) -> str:
        """Name the candidate in words, as a screen reader says it."""
        head = _("Match {number}").format(number=number(place))
        parts = (head, self.title, self.score, self.line, *(chip.text for chip in self.chips))
        return ", ".join(part for part in parts if part)


class _CandidateModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Candidate] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return shown.spoken(index.row() + 1)
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown.tip or None
        return None


class CandidateList(QListView):
    """A short list of candidates, 72 pixels each; Enter or a double click chooses."""

    chosen = Signal(int)
    current_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin empty."""
        super().__init__(parent)
        self.hover_row = -1
        self.current_row = -1
        self._model = _CandidateModel(self)
        self.setModel(self._model)
        self._delegate = _SizedCandidateDelegate(self, self)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Possible matches"))
        self.doubleClicked.connect(self._double_clicked)
        theme.watch.changed.connect(self.scheduleDelayedItemsLayout)

    def set_rows(self, rows: Sequence[Candidate]) -> None:
        """Show other candidates; the current one stays current where it is still among them."""
        kept = self.current_key()
        self._model.beginResetModel()
        self._model.rows = list(rows)
        self._model.endResetModel()
        self.hover_row = self.current_row = -1
        at = next((i for i, row in enumerate(rows) if row.key == kept), -1)
        if at >= 0:
            self.setCurrentIndex(self._model.index(at))
        elif kept:
            self.current_changed.emit(0)
        self.setAccessibleDescription(
            ngettext("{count} match", "{count} matches", len(rows)).format(count=len(rows))
        )

    def rows(self) -> list[Candidate]:
        """List the candidates."""
        return list(self._model.rows)

    def candidate(self, row: int) -> Candidate | None:
        """Give the candidate of a row, or None."""
        return self._model.rows[row] if 0 <= row < len(self._model.rows) else None

    def current_key(self) -> int:
        """Give the key of the current candidate, or 0."""
        found = self.candidate(self.current_row)
        return found.key if found else 0

    def select(self, key: int) -> None:
        """Make a candidate current."""
        for row, shown in enumerate(self._model.rows):
            if shown.key == key:
                self.setCurrentIndex(self._model.index(row))

    def choose(self, place: int) -> None:
        """Choose by place, 1 for the first, as Alt+1 does."""
        self._choose(place - 1)

    def _double_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _choose(self, row: int) -> None:
        found = self.candidate(row)
        if found is not None:
            self.chosen.emit(found.key)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        before = self.current_key()
        self.current_row = current.row()
        self.viewport().update()
        if self.current_key() != before and current.isValid():
            self.current_changed.emit(self.current_key())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._choose(self.current_row)
        elif event.text().strip() or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # letters and Alt keys belong to the page
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        row = self.indexAt(event.position().toPoint()).row()
        if row != self.hover_row:
            self.hover_row = row
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hover_row = -1
        self.viewport().update()


class _SizedCandidateDelegate(CandidateDelegate):
    def sizeHint(self, option: Any, index: Index) -> QSize:
        return QSize(theme.px(200), theme.row("candidate"))
