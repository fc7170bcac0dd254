"""Who in the file is worth comparing with somebody: by name, day of birth, number or reference.

The first step of a suggestion, and made in memory but for numbers: what comes out is read from the
file and weighed, so who does not come out is never suggested.
"""

from __future__ import annotations

import datetime as dt
import sys
import weakref
from array import array
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel.fields import PartialDate
from casedesk.kernel.store import file_of
from casedesk.names.fold import fold, skeleton
from casedesk.names.levels import DAY
from casedesk.names.rows import Rows
from casedesk.names.weights import Born, Subject
from casedesk.people import live
from casedesk.people.live import Live
from casedesk.people.records import Contact, Person

_BY_NAME: Final = 10
_ANYWAY: Final = 6
_LEAST: Final = 0.25
"""Who answers so little of name and birth, and is not among the first, is never one person."""
_MOST_OWNERS: Final = 50
_DECADE: Final = 10


def candidates(
    session: Session,
    about: Subject,
    names: Sequence[Sequence[str]],
    without: Collection[int] = (),
) -> set[int]:
    """The persons to compare; the index is asked for the first of the names, as written.

    Who is left out is so from the beginning: one who answers in everything, as a person answers
    their own name, makes the index look no further.
    """
    index = live.of(session)
    asked = _asked_for(names[0]) if names else ()
    chosen: set[int] = set()
    with index.lock:
        rows = index.rows(session)
        for name in asked:
            chosen.update(_named(session, index, name, about.born, without))
        if about.born.kind == DAY:
            chosen.update(_born_on(session, rows, about.born, names))
    connection = session.connection()
    if about.phones:
        owners = _asked(Contact.person_id, Contact.e164)
        chosen.update(connection.execute(owners, {"values": list(about.phones)}).scalars())
    if about.references:
        owners = _asked(Person.id, Person.external_ref)
        chosen.update(connection.execute(owners, {"values": list(about.references)}).scalars())
    return chosen.difference(without)


def _asked_for(name: Sequence[str]) -> Iterator[str]:
    """A name, and without the patronymic: who lacks one comes after all who have another."""
    family, given, patronymic = name
    if whole := " ".join(filter(None, name)):
        yield whole
    if patronymic and family and given:
        yield f"{family} {given}"


def _named(
    session: Session, index: Live, name: str, birth: Born, without: Collection[int]
) -> Iterator[int]:
    """Who bears a name like this one; the index finds the other scripts and forms of it."""
    hint = None
    if birth.kind:
        hint = PartialDate(dt.date(birth.year, 1, 1), dt.date(birth.last_year, 12, 31))
    name += " "  # a word that has ended is not the beginning of another
    if index.index is None or "entry" in session.info:  # what this act has changed is in no index
        answer = index.search(session, name, _BY_NAME, hint, without)
        found = [one for one, _why in answer.found]
    else:
        days = live.interval(hint.first, hint.last) if hint else None
        found = index.index.search(name, limit=_BY_NAME, born=days, without=without)
    for place, one in enumerate(found):
        if place < _ANYWAY or one.score >= _LEAST:
            yield one.person


@cache
def _asked(owner: Any, value: Any) -> Any:
    values = sa.bindparam("values", expanding=True, type_=sa.String)
    return sa.select(owner).where(col(value).in_(values)).limit(_MOST_OWNERS)


# Days of birth


class _Days(NamedTuple):
    """The first day of birth of each row of an index, its two bytes apart."""

    of: weakref.ref[array[int]]
    low: bytes
    high: bytes


_days: weakref.WeakKeyDictionary[Any, _Days] = weakref.WeakKeyDictionary()


def _born_on(
    session: Session, rows: Rows, birth: Born, names: Sequence[Sequence[str]]
) -> Iterator[int]:
    """Persons whose birth is known to be this day, from the index in memory.

    Those born ten years off too, whose name shares the sounds of a part: a wrong digit makes 1978
    of 1988, and by name and year such a person comes far down.
    """
    for row in _rows_born_on(session, rows, birth, 0):
        yield rows.person[row]
    sounds = {skeleton(fold(part)) for name in names for part in name} - {""}
    for years in (-_DECADE, _DECADE):
        for row in _rows_born_on(session, rows, birth, years):
            entries = rows.entries[rows.starts[row] : rows.starts[row + 1]]
            if any(skeleton(rows.vocabulary.key(entry >> 2)) in sounds for entry in entries):
                yield rows.person[row]


def _rows_born_on(session: Session, rows: Rows, birth: Born, years: int) -> Iterator[int]:
    """The rows whose birth is known to be this day, so many years later."""
    try:
        sought = dt.date(birth.year + years, *divmod(birth.day, 100))
    except ValueError:  # there is no such day in that year
        return
    number, _last = live.interval(sought, sought)
    starts, ends, ended = rows.born_first, rows.born_last, rows.ended
    for row in _beginning_on(session, rows, number):
        if starts[row] == number and ends[row] == number and row not in ended:
            yield row


def _beginning_on(session: Session, rows: Rows, number: int) -> Iterator[int]:
    """Rows that may begin with a day: one byte is looked for, which is done as fast as reading."""
    pool = file_of(session)
    days = _days.get(pool)
    if days is None or days.of() is not rows.born_first:
        packed = rows.born_first[: rows.kept].tobytes()
        halves = packed[::2], packed[1::2]
        less, more = halves if sys.byteorder == "little" else halves[::-1]
        days = _days[pool] = _Days(weakref.ref(rows.born_first), less, more)
    low, high = number & 0xFF, number >> 8
    at = days.low.find(low)
    while at >= 0:
        if days.high[at] == high:
            yield at
        at = days.low.find(low, at + 1)
    for row in range(len(days.low), len(rows)):  # those added since
        if rows.born_first[row] == number:
            yield row
