"""Lists: what is shown in which order, as SQL; ids first, then the rows that are looked at.

A `Listing` says where rows come from and which columns they have. `snapshot` gives the ids of all
rows in order, `rows` the texts of the few that are on the screen. The joins of a listing MUST give
one row for each id; joins to the left cost nothing where their columns are not asked for.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlmodel import Session

from casedesk.kernel import language, vault
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _

CHUNK = 800  # ids of one statement; SQLite was built with a limit of 999 in places
PAGE = 128


class Tagged(NamedTuple):
    """A short word on a coloured ground; the tone names a colour, the theme gives it."""

    text: str
    tone: str = "neutral"


class Brief(str):
    """A cell in short, for a narrow column; `whole` says all of it: in tooltips and exports."""

    __slots__ = ("whole",)
    whole: str

    def __new__(cls, text: str, whole: str) -> Self:
        """Write the text short, and remember all of it."""
        made = super().__new__(cls, text)
        made.whole = whole
        return made


class BriefTag(Tagged):
    """A short word on a coloured ground; `whole` says all of it, as with `Brief`."""

    whole: str = ""

    def __new__(cls, text: str, tone: str, whole: str) -> Self:
        """Write the word, and remember all of it."""
        made = super().__new__(cls, text, tone)
        made.whole = whole
        return made


Cell = str | Tagged
Row = tuple[Cell, ...]


def whole(cell: Cell) -> str:
    """Give all that a cell says, in words."""
    if isinstance(cell, (Brief, BriefTag)):
        return cell.whole
    return cell.text if isinstance(cell, Tagged) else cell


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its value in SQL, and how a value is written.

    `order` is what the column is sorted by where that is not the value, as with a folded name.
    """

    key: str
    label: str
    width: int
    value: sa.ColumnElement[Any]
    show: Callable[[Any], Cell] | None = None
    align: Literal["left", "right"] = "left"
    sortable: bool = True
    kind: Literal["text", "strong", "muted", "tag", "number", "date"] = "text"
    order: sa.ColumnElement[Any] | None = None

    def cell(self, value: Any) -> Cell:
        """Write a value as it is painted."""
        return plain(value) if self.show is None else self.show(value)


@dataclass(frozen=True)
class Condition:
    """One thing that a filter asks for; plain values, so that it can be kept."""

    field: str
    op: str
    value: str | int | tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Field:
    """One thing that can be asked for: its condition in SQL, and the words of its chip."""

    key: str
    label: str
    clause: Callable[[Condition], sa.ColumnElement[bool]]
    text: Callable[[Condition], str]


@dataclass(frozen=True)
class Filter:
    """Which rows: every condition holds, and the id is among those of the statement."""

    conditions: tuple[Condition, ...] = ()
    statement: sa.Select[Any] | None = None
    title: str = ""

    @classmethod
    def of_ids(cls, ids: Iterable[int], title: str = "") -> Self:
        """Ask for these rows, however many they are."""
        # One bound text, not a parameter for each id: SQLite limits those.
        listed = sa.func.json_each(json.dumps([int(i) for i in ids])).table_valued("value")
        return cls(statement=sa.select(listed.c.value), title=title)

    def with_(self, condition: Condition) -> Filter:
        """Ask for this too; the same thing asked twice is asked once."""
        if condition in self.conditions:
            return self
        return replace(self, conditions=(*self.conditions, condition))

    def without(self, condition: Condition) -> Filter:
        """Ask for this no more."""
        kept = tuple(c for c in self.conditions if c != condition)
        return replace(self, conditions=kept)


@dataclass(frozen=True)
class Sort:
    """By which column."""

    key: str
    descending: bool = False


@dataclass(frozen=True, eq=False)
class Listing:
    """A list of records: where its rows come from, what can be seen and asked for."""

    key: str
    identity: sa.ColumnElement[int]
    columns: tuple[Column, ...]
    fields: tuple[Field, ...]
    source: sa.FromClause
    default_sort: Sort
    where: tuple[sa.ColumnElement[bool], ...] = ()

    def column(self, key: str) -> Column:
        """Give the column of this key."""
        return next(column for column in self.columns if column.key == key)

    def field(self, key: str) -> Field:
        """Give the field of this key; a kept filter may name one that is no longer there."""
        for field in self.fields:
            if field.key == key:
                return field
        raise Refused(_("This list cannot be filtered by {field}.").format(field=key))

    def chips(self, filter: Filter) -> list[tuple[Condition, str]]:
        """Give each condition of a filter with the words of its chip."""
        return [(c, self.field(c.field).text(c)) for c in filter.conditions]


def count(session: Session, listing: Listing, filter: Filter) -> int:
    """Count the rows of a filter, without joins that it does not ask about."""
    clauses = _clauses(listing, filter)
    statement = sa.select(sa.func.count()).select_from(_needed(listing.source, clauses))
    return int(session.execute(statement.where(*clauses)).scalar_one())


def snapshot(session: Session, listing: Listing, filter: Filter, sort: Sort) -> array[int]:
    """Give the ids of all rows of a filter, in order."""
    return _ids(session, _ordered(listing, filter, sort))


def first_page(
    session: Session, listing: Listing, filter: Filter, sort: Sort, limit: int = PAGE
) -> tuple[array[int], list[Row]]:
    """Give the first ids and their rows, to be painted before the snapshot is there."""
    ids = _ids(session, _ordered(listing, filter, sort).limit(limit))
    return ids, rows(session, listing, ids)


def rows(session: Session, listing: Listing, ids: Sequence[int]) -> list[Row]:
    """Give the rows of some ids, in their order; a row that is gone is a row of empty cells."""
    statement = sa.select(listing.identity, *(c.value for c in listing.columns))
    statement = statement.select_from(listing.source)
    shows = [column.cell for column in listing.columns]
    found: dict[int, Row] = {}
    for start in range(0, len(ids), CHUNK):
        some = [int(i) for i in ids[start : start + CHUNK]]
        for identity, *values in session.execute(statement.where(listing.identity.in_(some))):
            found[identity] = tuple(show(value) for show, value in zip(shows, values, strict=True))
    empty: Row = ("",) * len(shows)
    return [found.get(i, empty) for i in ids]


def stream(
    session: Session, listing: Listing, filter: Filter, sort: Sort, size: int = 1000
) -> Iterator[tuple[int, Row]]:
    """Give every row once, in order, holding no more than `size` rows at a time."""
    # Ids are eight bytes each; pages by key would sort the whole list again for every page
    # wherever the sort has no index.
    ids = snapshot(session, listing, filter, sort)
    for start in range(0, len(ids), size):
        some = ids[start : start + size]
        yield from zip(some, rows(session, listing, some), strict=True)


@dataclass(frozen=True)
class Ids:
    """Some rows, chosen one by one."""

    chosen: tuple[int, ...] = ()

    def ids(self, session: Session, listing: Listing) -> array[int]:
        """Give the ids that were chosen."""
        return array("q", self.chosen)

    def count(self, total: int) -> int:
        """Tell how many they are."""
        return len(self.chosen)


@dataclass(frozen=True)
class AllOf:
    """All rows of a filter but a few, without reading any of them."""

    filter: Filter = Filter()
    but_not: tuple[int, ...] = ()

    def ids(self, session: Session, listing: Listing) -> array[int]:
        """Give the ids in the list's own order."""
        out = frozenset(self.but_not)
        everything = snapshot(session, listing, self.filter, listing.default_sort)
        return array("q", (i for i in everything if i not in out)) if out else everything

    def count(self, total: int) -> int:
        """Tell how many they are of the `total` rows that the filter has."""
        return total - len(self.but_not)


Selection = Ids | AllOf


def contains(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Ask for text that has this in it, as it stands: % and _ are letters like others.

    SQLite knows small and capital letters of ASCII alone; of other alphabets the usual ways of
    writing a word are tried. Names are searched by their index, not by this.
    """
    typed = text.strip()[:200]
    ways = {typed, typed.lower(), typed.upper(), typed.capitalize(), typed.title()}
    return sa.or_(*(column.contains(way, autoescape=True) for way in sorted(ways)))


def plain(value: Any) -> str:
    """Write a value that has no words of its own."""
    if type(value) is str:  # by far the most cells of a page
        return str(value)
    match value:
        case None:
            return ""
        case bool():
            return _("Yes") if value else _("No")
        case enum.Enum():
            return str(value.value)
        case int():
            return language.number(value)
        case dt.date():
            return value.isoformat()
        case _:
            return str(value)


def _ids(session: Session, statement: sa.Select[Any]) -> array[int]:
    result = session.connection().execute(statement)
    # Straight from the driver's cursor: a million row objects would take seconds.
    cursor: Any = result.cursor
    with vault.translated():
        ids = array("q", itertools.chain.from_iterable(cursor))
    result.close()
    return ids


def _ordered(listing: Listing, filter: Filter, sort: Sort) -> sa.Select[Any]:
    """Order by the key, then by the id in the same direction, so that one index serves both."""
    column = listing.column(sort.key)
    key = column.value if column.order is None else column.order
    keys: list[sa.ColumnElement[Any]] = [key, listing.identity]
    statement = sa.select(listing.identity).select_from(listing.source)
    return _narrowed(statement, listing, filter).order_by(
        *(k.desc() if sort.descending else k.asc() for k in keys)
    )


def _narrowed(statement: sa.Select[Any], listing: Listing, filter: Filter) -> sa.Select[Any]:
    return statement.where(*_clauses(listing, filter))


def _clauses(listing: Listing, filter: Filter) -> list[sa.ColumnElement[bool]]:
    clauses = [*listing.where, *(listing.field(c.field).clause(c) for c in filter.conditions)]
    if filter.statement is not None:
        clauses.append(listing.identity.in_(filter.statement))
    return clauses


def _needed(source: sa.FromClause, clauses: Sequence[sa.ColumnElement[bool]]) -> sa.FromClause:
    """Leave out joins to the left where no clause speaks of them.

    They give one row for each id, so they cannot change a count; SQLite leaves unused ones out of
    a list, but not out of a count.
    """
    base, joined = source, set()
    while isinstance(base, sa.Join):
        if not base.isouter or base.full or isinstance(base.right, sa.Join):
            return source
        joined.add(base.right)
        base = base.left
    for clause in clauses:
        for part in visitors.iterate(clause):
            if isinstance(part, sa.ColumnClause) and part.table in joined:
                return source
    return base
