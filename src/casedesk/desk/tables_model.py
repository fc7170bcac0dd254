"""The rows of a list: all ids in order at once, and the texts of those that are looked at.

The window thread holds the ids (an array) and the texts of the rows near those that are seen; the
reader lane brings both. Nothing here asks the database, sorts or filters.
"""

from __future__ import annotations

import itertools
from array import array
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from sqlmodel import Session

from casedesk.kernel import query
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import _
from casedesk.kernel.query import Cell, Filter, Listing, Row, Sort, Tagged

Read = Callable[..., Job]
Index = QModelIndex | QPersistentModelIndex

PAGE = query.PAGE
PAGES = 64
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
