"""The name index of an open file in memory: loaded once, then kept at the state a session sees.

Truth is the name rows. Beside them the file keeps the index as it was last made, and the journal
tells which names changed since: no act can forget to say so, and saving costs nothing more. A
session that knows more than the index in memory brings it forward by reading the names of those
persons; one that looks at an older state is answered as of that state. A state is the number of
the newest journal entry.
"""

from __future__ import annotations

import datetime as dt
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel import journal
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.jobs import Step
from casedesk.kernel.store import file_of
from casedesk.names import packing
from casedesk.names.engine import Found, NameIndex
from casedesk.names.rows import NameRow, Rows
from casedesk.names.why import Reason, reasons
from casedesk.people.records import NameIndexPiece, Person, PersonName

PIECES: Final[sa.Table] = NameIndexPiece.__table__  # type: ignore[attr-defined]
MADE_OF: Final = "made of"
"""The piece that holds the state of which the others are."""
TOO_MANY: Final = 20_000
"""After more changes than this it is quicker to make the index anew."""
STALE: Final = 5_000
"""After more changes than this the kept index should be made anew, in the background."""
_EPOCH: Final = dt.date(1850, 1, 1)
_LAST_DAY: Final = 65_535
_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The persons found, each with what agrees and what does not."""

    found: list[tuple[Found, tuple[Reason, ...]]]


class Live:
    """The index of one open file, with the state up to which it holds."""

    def __init__(self) -> None:
        """Begin with nothing loaded."""
        self.lock = threading.RLock()
        self.index: NameIndex | None = None
        self.state = 0
        self.made = 0

    def search(
        self,
        session: Session,
        text: str,
        limit: int,
        born: PartialDate | None,
        without: Collection[int] = (),
    ) -> Answer:
        """The best persons for a text in the state that the session sees; some may be left out."""
        with self.lock:
            index, state = self._bring(session)
            mark = len(index.rows)
            # What an unfinished act has changed is seen by its own session, and by no other.
            private = index is self.index and state > self.state
            if private:
                self._take(session, index, changed(session, self.state), state)
            try:
                hint = None if born is None else interval(born.first, born.last)
                found = index.search(text, limit=limit, version=state, born=hint, without=without)
                return Answer([(one, reasons(one, index.rows)) for one in found])
            finally:
                if private:
                    index.take_back(mark, self.state + 1)

    def rows(self, session: Session) -> Rows:
        """All rows at the state of the session; for checking."""
        with self.lock:
            return self._bring(session)[0].rows

    def weight(self, session: Session, word: str) -> float:
        """How much it tells that somebody bears this name, in the file the session sees."""
        with self.lock:
            return self._bring(session)[0].weight(word)

    def behind(self, session: Session) -> bool:
        """Whether the index kept in the file is missing, cannot be read, or is far behind."""
        with self.lock:
            made, _state = _states(session)
            if made is None or not packing.readable(_piece(session, "sizes")):
                return True
            return len(changed(session, made, most=STALE + 1)) > STALE

    def forget(self) -> None:
        """Let go of what is in memory, so that it is loaded again."""
        with self.lock:
            self.index, self.state, self.made = None, 0, 0

    def _bring(self, session: Session) -> tuple[NameIndex, int]:
        """The index, brought forward to what the session sees where others may see that too."""
        made, state = _states(session)
        index, held = self.index, self.state
        if index is None or (made or 0) > self.made:
            rows = packing.unpacked(_pieces(session)) if made is not None else None
            if rows is None or made is None:
                rows, held = Rows.of(name_rows(session)), state
            else:
                held = made
            index = NameIndex(rows)
        committed = "entry" not in session.info
        fresh = index is not self.index
        if state > held and (committed or fresh):
            persons = changed(session, held, most=TOO_MANY + 1)
            if len(persons) > TOO_MANY:
                index = NameIndex(Rows.of(name_rows(session)))
            else:
                self._take(session, index, persons, state)
            held = state
        if committed:
            self.index, self.state, self.made = index, held, made or 0
        return index, state

    def _take(self, session: Session, index: NameIndex, persons: list[int], state: int) -> None:
        names: dict[int, list[NameRow]] = {person: [] for person in persons}
        for start in range(0, len(persons), 500):
            for row in name_rows(session, persons[start : start + 500]):
                names[row.person].append(row)
        for person in persons:
            index.replace(person, names[person], state)


_open: weakref.WeakKeyDictionary[Any, Live] = weakref.WeakKeyDictionary()
_opening = threading.Lock()
_kept: weakref.WeakSet[Any] = weakref.WeakSet()


def of(session: Session) -> Live:
    """The index in memory of the file a session looks at; it goes when the file is closed."""
    with _opening:
        return _open.setdefault(file_of(session), Live())


_STATE: Final = sa.select(
    sa.select(PIECES.c.data).where(PIECES.c.name == MADE_OF).scalar_subquery(),
    sa.select(sa.func.max(journal.ENTRY.c.id)).scalar_subquery(),
)


def can_keep(session: Session) -> bool:
    """Whether the file has room for the index; one made before there was one has not."""
    pool = file_of(session)
    if pool not in _kept and sa.inspect(session.connection()).has_table(PIECES.name):
        _kept.add(pool)
    return pool in _kept


def _states(session: Session) -> tuple[int | None, int]:
    """Which state the kept index is of, and the state that the session sees."""
    if not can_keep(session):
        newest = session.connection().execute(sa.select(sa.func.max(journal.ENTRY.c.id))).scalar()
        return None, newest or 0
    made_of, newest = session.connection().execute(_STATE).one()
    return (None if made_of is None else int(made_of)), newest or 0


def _pieces(session: Session) -> dict[str, bytes]:
    rows = session.connection().execute(sa.select(PIECES.c.name, PIECES.c.data))
    return {name: bytes(data) for name, data in rows}


def _piece(session: Session, name: str) -> bytes:
    query = sa.select(PIECES.c.data).where(PIECES.c.name == name)
    return bytes(session.connection().execute(query).scalar() or b"")


def _changed_since() -> Any:
    """Persons whose row changed, owners of names that changed, and owners such names had before."""
    line = journal.LINE.c
    later = line.entry_id > sa.bindparam("since", type_=sa.Integer)
    # Through the index of entries; that of records would read the whole history of names.
    about_names = sa.and_(later, line.record + "" == "person_name")
    owner = sa.func.json_extract(line.before, sa.literal_column("'$.person_id'"))
    persons = sa.union(
        sa.select(line.record_id).where(later, line.record + "" == "person"),
        sa.select(col(PersonName.person_id)).where(
            col(PersonName.id).in_(sa.select(line.record_id).where(about_names))
        ),
        sa.select(owner).where(about_names, owner.is_not(None)),
    ).subquery()
    return sa.select(persons.c[0]).limit(sa.bindparam("most", type_=sa.Integer))


_CHANGED: Final = _changed_since()


def changed(session: Session, since: int, most: int = -1) -> list[int]:
    """Persons whose names or birth changed after a state, by what the journal says."""
    found = session.connection().execute(_CHANGED, {"since": since, "most": most})
    return sorted(found.scalars())


def name_rows(
    session: Session, persons: Sequence[int] | None = None, step: Step | None = None
) -> Iterator[NameRow]:
    """The names of some persons or of all, as the index takes them in."""
    query: Any = (
        sa.select(
            col(PersonName.person_id),
            col(PersonName.id),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
            col(Person.born_first),
            col(Person.born_last),
        )
        .join(Person, col(Person.id) == col(PersonName.person_id))
        .order_by(col(PersonName.person_id), col(PersonName.id))
    )
    if persons is not None:
        query = query.where(col(PersonName.person_id).in_(persons))
    connection, total = session.connection(), 0
    if step is not None:
        total = connection.execute(sa.select(sa.func.count(col(PersonName.id)))).scalar() or 0
    result: Any = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for done, row in enumerate(result):
        if step is not None and done % 2000 == 0:
            step(done, total)
        yield NameRow(row[0], row[1], row[2], row[3], row[4], interval(row[5], row[6]))


def interval(first: dt.date | None, last: dt.date | None) -> tuple[int, int]:
    """Two days as the index keeps them; both 0 where the birth is unknown."""
    if first is None or last is None:
        return 0, 0
    begin = min(max((first - _EPOCH).days, 1), _LAST_DAY)
    return begin, min(max((last - _EPOCH).days, begin), _LAST_DAY)
