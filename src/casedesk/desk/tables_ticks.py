"""Which rows of a list are ticked, as a value that holds for a million rows as for three."""

from __future__ import annotations

from array import array

from casedesk.kernel.query import AllOf, Filter, Ids, Selection


class Ticks:
    """Some rows by their ids, or all of a filter but some; and the range that is stretched."""

    def __init__(self) -> None:
        """Begin with no tick."""
        self._all = False
        self._ids: dict[int, None] = {}  # with `_all` the exceptions; ordered as they were ticked
        self._anchor = -1
        self._range: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        """Whether anything was ticked."""
        return self._all or bool(self._ids)

    def has(self, identity: int) -> bool:
        """Tell whether a row is ticked."""
        return (identity in self._ids) is not self._all

    def count(self, total: int) -> int:
        """Tell how many rows of so many are ticked."""
        return total - len(self._ids) if self._all else len(self._ids)

    def selection(self, filter: Filter, current: int) -> Selection:
        """Give the ticked rows as a value; without ticks the current row."""
        if self._all:
            return AllOf(filter, tuple(self._ids))
        if self._ids:
            return Ids(tuple(self._ids))
        return Ids((current,) if current else ())

    def turn(self, identity: int, row: int) -> None:
        """Tick a row, or take its tick away; a range may begin at it."""
        if identity in self._ids:
            del self._ids[identity]
        else:
            self._ids[identity] = None
        self._range, self._anchor = None, row

    def take_all(self, *, there_are_rows: bool) -> None:
        """Tick every row of the filter, whatever rows these are."""
        self._all, self._ids, self._range = there_are_rows, {}, None

    def clear(self) -> None:
        """Take all ticks away."""
        self._all, self._ids = False, {}
        self.lose_place()

    def keep_only(self, ids: array[int]) -> bool:
        """Forget what is no longer in the list; tell whether anything was."""
        if not self._ids:
            return False
        present, before = set(ids), len(self._ids)
        self._ids = {i: None for i in self._ids if i in present}
        return len(self._ids) != before

    # -- ranges -------------------------------------------------------------------------------

    def start_of_range(self, row: int) -> int:
        """Give the row at which a range begins that is stretched from this one."""
        return self._anchor if self._range is not None else max(row, 0)

    def stretch(self, ids: array[int], start: int, end: int) -> None:
        """Tick from one row to another; a range that is being stretched replaces itself."""
        if self._all:
            self._all, self._ids = False, {}
        if self._range is not None:
            for identity in ids[self._range[0] : self._range[1]]:
                self._ids.pop(identity, None)
        low, high = min(start, end), max(start, end) + 1
        self._range, self._anchor = (low, high), start
        self._ids.update(dict.fromkeys(ids[low:high]))

    def end_range(self) -> None:
        """Leave the range as it is; the next one begins elsewhere."""
        self._range = None

    def lose_place(self) -> None:
        """Forget where a range began: the rows stand elsewhere now."""
        self._range, self._anchor = None, -1
