"""Rough keys of the names of everybody who is of a household, held in memory while a file is open.

Whoever waits at a table is compared with all of them at once: two whose names agree in some
script share a key. The keys follow the journal, so that nobody has to tell them anything. A key
too many does no harm, for what is found by it is read from the file and looked at.
"""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import weakref
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.records import HouseholdMember
from casedesk.kernel import journal
from casedesk.kernel.store import bound, file_of, run
from casedesk.names.fold import coarse, readings, skeleton
from casedesk.names.parse import tokens
from casedesk.people.records import Person, PersonName

TOO_MANY = 5_000
"""After so many changed persons, the keys are made anew."""
Names = Sequence[tuple[str, str, str]]


def keys_of(names: Names, day: dt.date | None) -> set[int]:
    """Give the keys of a person: the bones of both names, or one name and the birth day."""
    keys: set[tuple[object, str]] = set()
    for family, given, _patronymic in names:
        ways = [[r for token in tokens(part) for r in readings(token)] for part in (family, given)]
        for one, two in itertools.product(*ways):
            low, high = sorted(skeleton(key) or key for key in (one, two))
            keys.add((low, high))
        if day is not None:
            keys.update((day, coarse(reading)) for way in ways for reading in way)
    return {hash(key) for key in keys}


_NAMES: Final = (
    sa.select(
        col(PersonName.person_id),
        col(Person.born_first),
        col(Person.born_last),
        col(PersonName.family),
        col(PersonName.given),
        col(PersonName.patronymic),
    )
    .join(Person, col(Person.id) == col(PersonName.person_id))
    .where(col(Person.merged_into_id).is_(None))
)
_EVERYBODY: Final = _NAMES.where(
    col(PersonName.person_id).in_(
        sa.select(col(HouseholdMember.person_id)).where(col(HouseholdMember.until).is_(None))
    )
).order_by(col(PersonName.person_id))
_SOME: Final = _NAMES.where(col(PersonName.person_id).in_(bound("people"))).order_by(
    col(PersonName.person_id)
)
_NEWEST: Final = sa.select(sa.func.max(journal.ENTRY.c.id))


def _changed() -> Any:
    line = journal.LINE.c
    later = line.entry_id > sa.bindparam("since", type_=sa.Integer)

    def lines(record: str) -> Any:
        # Through the index of entries; that of records would read the whole history.
        return sa.select(line.record_id).where(later, line.record + "" == record)

    kept = sa.func.json_extract(line.before, sa.literal_column("'$.person_id'"))
    return sa.union(
        lines("person"),
        sa.select(col(PersonName.person_id)).where(col(PersonName.id).in_(lines("person_name"))),
        sa.select(kept).where(later, line.record + "" == "person_name", kept.is_not(None)),
        sa.select(col(HouseholdMember.person_id)).where(
            col(HouseholdMember.id).in_(lines("household_member"))
        ),
    )


_CHANGED: Final = _changed()


class NameKeys:
    """The keys of one open file."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._lock = threading.Lock()
        self._keys: array[int] = array("q")
        self._persons: array[int] = array("q")
        self._later: dict[int, set[int]] = defaultdict(set)
        self._state = -1

    def persons(self, session: Session, keys: Collection[int]) -> dict[int, set[int]]:
        """Give the persons who have each of these keys, and perhaps some who had it once."""
        with self._lock:
            self._bring(session)
            return {key: found for key in keys if (found := self._with(key))}

    def _with(self, key: int) -> set[int]:
        found = set(self._later.get(key, ()))
        at = bisect_left(self._keys, key)
        while at < len(self._keys) and self._keys[at] == key:
            found.add(self._persons[at])
            at += 1
        return found

    def _bring(self, session: Session) -> None:
        """Take in what changed since; an act that is not finished yet does not count as done."""
        newest = session.connection().execute(_NEWEST).scalar() or 0
        if newest == self._state:
            return
        acting = session.info.get("entry")
        if self._state < 0:
            self._make(session)
        else:
            since = {"since": self._state}
            changed = session.connection().execute(_CHANGED, since).scalars().all()
            if len(changed) > TOO_MANY:
                self._make(session)
            elif changed:
                for person, keys in _read(session, changed):
                    for key in keys:
                        self._later[key].add(person)
        self._state = newest if acting is None else min(newest, acting - 1)

    def _make(self, session: Session) -> None:
        pairs = sorted((key, person) for person, keys in _read(session, None) for key in keys)
        self._keys = array("q", (key for key, _person in pairs))
        self._persons = array("q", (person for _key, person in pairs))
        self._later = defaultdict(set)


def _read(session: Session, people: Iterable[int] | None) -> Iterable[tuple[int, set[int]]]:
    if people is None:
        rows = session.connection().execute(_EVERYBODY)
    else:
        rows = run(session, _SOME, people=people)
    for person, group in itertools.groupby(rows, key=lambda row: row[0]):
        names = list(group)
        first, last = names[0][1], names[0][2]
        day = first if first is not None and first == last else None
        yield person, keys_of([(row[3], row[4], row[5]) for row in names], day)


_open: weakref.WeakKeyDictionary[Any, NameKeys] = weakref.WeakKeyDictionary()
_opening = threading.Lock()


def of(session: Session) -> NameKeys:
    """Give the keys of the file a session looks at; they go when the file is closed."""
    with _opening:
        return _open.setdefault(file_of(session), NameKeys())
