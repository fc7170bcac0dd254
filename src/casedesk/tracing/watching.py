"""What is new for the owners of cases: persons whose data changed are looked at once more.

Saving costs nothing for it. The journal tells who changed since the entry up to which was looked,
and that entry is kept with what was found, in one transaction: whatever ends the program, the next
window looks on from there. Where a great many changed, after an import, one sweep does it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel import clock, garbage, journal
from casedesk.kernel.acts import act
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import N_, _
from casedesk.kernel.settings import change_setting, get_setting
from casedesk.kernel.store import Store, insert_rows, listed
from casedesk.names.weights import bits_of, probability
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing import matching, reading, sweep
from casedesk.tracing.records import OPEN_STATUSES, Match, TracingCase

WATCHED: Final = frozenset({"person", "person_name", "contact", "tracing_case"})
"""Records that a comparison reads: a change of any of these is a reason to look again."""
A_FEW: Final = 300
"""So many persons are looked at one by one; for more of them a sweep of all takes less time."""
_LINES: Final = 20_000
_MARK: Final = "matches_looked_at"
_SAME: Final = 0.001
_TABLE: Final[Any] = Match.__table__  # type: ignore[attr-defined]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who is still to be looked at, as of an entry of the journal; `many` is for a sweep."""

    state: int
    persons: tuple[int, ...] = ()
    many: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for some persons, or by a sweep for all, and the state it holds for."""

    state: int
    persons: tuple[int, ...] = ()
    rows: tuple[Row, ...] = ()
    swept: tuple[sweep.Pair, ...] | None = None
    news: bool = True
    """Whether anything is to be kept but that somebody looked."""


@dataclass(frozen=True, slots=True)
class NewMatch:
    """Something new that fits a case, for its owner."""

    case_id: int
    number: str
    name: str
    other_id: int
    other_name: str
    score: float
    found_on: dt.date


def waiting(session: Session, since: int = 0) -> Waiting:
    """Find who changed since somebody looked; quick, also where nobody did or everybody did."""
    since = max(since, int(get_setting(session, _MARK, "0")))
    connection = session.connection()
    state = connection.execute(_STATE).scalar() or 0
    if state <= since:
        return Waiting(state)
    parts = {"since": since, "most": _LINES}
    if connection.execute(_MANY_LINES, parts).scalar_one() >= _LINES:
        return Waiting(state, many=True)
    persons = tuple(connection.execute(_CHANGED, {"since": since, "most": A_FEW + 1}).scalars())
    if len(persons) > A_FEW:
        return Waiting(state, many=True)
    return Waiting(state, tuple(sorted(persons)))


def _changed() -> Any:
    line = journal.LINE.c
    later = line.entry_id > sa.bindparam("since", type_=sa.Integer)

    def of(record: str) -> sa.ColumnElement[bool]:
        # Through the index of entries; that of records would read all there is of them.
        return sa.and_(later, line.record + "" == record)

    def owners(table: Any, record: str) -> Any:
        return sa.select(table.person_id).where(
            col(table.id).in_(sa.select(line.record_id).where(of(record)))
        )

    # Status, owner and priority of a case say nothing of a person.
    about = sa.or_(
        line.action == "create", sa.func.json_type(line.after, "$.last_seen_at").is_not(None)
    )
    cases = sa.select(col(TracingCase.person_id)).where(
        col(TracingCase.id).in_(sa.select(line.record_id).where(of("tracing_case"), about))
    )
    before = sa.func.json_extract(line.before, sa.literal_column("'$.person_id'"))
    moved = sa.select(before).where(sa.or_(of("person_name"), of("contact")), before.is_not(None))
    found = sa.union(
        sa.select(line.record_id).where(of("person")),
        owners(PersonName, "person_name"),
        owners(Contact, "contact"),
        cases,
        moved,
    ).subquery()
    return sa.select(found.c[0]).limit(sa.bindparam("most", type_=sa.Integer))


_CHANGED: Final = _changed()
_STATE: Final = sa.select(sa.func.max(journal.ENTRY.c.id))
_MANY_LINES: Final = sa.select(sa.func.count()).select_from(
    sa.select(journal.LINE.c.id)
    .where(
        journal.LINE.c.entry_id > sa.bindparam("since", type_=sa.Integer),
        (journal.LINE.c.record + "").in_(WATCHED),
    )
    .limit(sa.bindparam("most", type_=sa.Integer))
    .subquery()
)


def look(
    progress: Progress,
    store: Store,
    since: int = 0,
    breathe: Callable[[], None] = lambda: None,
) -> Looked | None:
    """Look for matches of everybody who changed, without a transaction; hand it to `keep_looked`.

    Gives nothing where nobody changed. `since` is a state up to which was looked, though nothing of
    it was kept. `breathe` is called often and may wait for others.
    """
    with store.read() as session:
        there = waiting(session, since)
        if there.many:
            return _sweep(session, there.state, progress, breathe)
        if not there.persons:
            return None
        before = _before(session, there.persons)
        rows: dict[tuple[int, int], Row] = {}
        for done, person in enumerate(there.persons):
            breathe()
            progress.step(done, len(there.persons), _("Looking for matches"))
            rows.update(_fitting(session, person))
        found = {pair: row["found_on"] for pair, row in rows.items()}
        news = found != {pair: day for pair, (_bits, day) in before.items()}
        return Looked(there.state, there.persons, tuple(rows.values()), news=news)


def sweep_all(
    progress: Progress, store: Store, breathe: Callable[[], None] = lambda: None
) -> Looked:
    """Compare all persons of the file, whoever changed; hand it to `keep_looked`."""
    with store.read() as session:
        state = session.connection().execute(_STATE).scalar() or 0
        return _sweep(session, state, progress, breathe)


def _sweep(session: Session, state: int, progress: Progress, breathe: Callable[[], None]) -> Looked:
    def step(done: int, total: int, text: str) -> None:
        breathe()
        progress.step(done, total, text)

    with garbage.held():
        return Looked(state, swept=sweep.sweep(session, step=step).pairs)


def _before(session: Session, person_ids: Collection[int]) -> dict[tuple[int, int], Any]:
    rows: Any = session.connection().execute(_touching(person_ids))
    return {(first, second): (bits, day) for first, second, bits, day in rows}


def _fitting(session: Session, person: int) -> dict[tuple[int, int], Row]:
    """The pairs that a person is one of: what fits strongly, and what was found before."""
    own = matching.subjects(session, [person]).get(person)
    if own is None:
        return {}  # merged, or the registration was undone
    before = _before(session, [person])
    found = {
        _ordered(person, one.person_id): one.bits
        for one in matching.for_person(session, person, least=matching.STRONG, limit=5)
    }
    others = [pair[0] if pair[1] == person else pair[1] for pair in before if pair not in found]
    scale = matching.scale(session)
    for other, about in matching.subjects(session, others).items():
        found[_ordered(person, other)] = scale.weigh(own, about).bits
    made = {}
    for pair, bits in found.items():
        old, day = before.get(pair, (None, None))
        if old is None or abs(old - bits) > _SAME:
            day = clock.today()  # what became likelier or less so is news
        if bits >= bits_of(matching.SHOWN):
            made[pair] = {"first_id": pair[0], "second_id": pair[1], "bits": bits, "found_on": day}
    return made


def _touching(person_ids: Collection[int]) -> Any:
    some = listed(person_ids)
    return sa.select(_TABLE.c.first_id, _TABLE.c.second_id, _TABLE.c.bits, _TABLE.c.found_on).where(
        sa.or_(_TABLE.c.first_id.in_(some), _TABLE.c.second_id.in_(some))
    )


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


@act("tracing.look_for_matches", N_("Look for matches"), undoable=False)
def keep_looked(session: Session, looked: Looked) -> int:
    """Keep what was found, and up to where was looked; tell how many pairs there are of it.

    Who changed since is looked at again, for what was found holds for the state it was found in.
    """
    if looked.swept is not None:
        count: int = matching.keep_sweep(session, looked.swept)
    else:
        some = listed(looked.persons)
        connection = session.connection()
        for side in (_TABLE.c.first_id, _TABLE.c.second_id):
            connection.execute(sa.delete(_TABLE).where(side.in_(some)))
        insert_rows(session, Match, _without_gone(session, looked.rows))
        count = len(looked.rows)
    # Acts that end while one looks have later numbers than its state, and are seen the next time.
    change_setting(session, _MARK, str(looked.state))
    return count


def _without_gone(session: Session, rows: Collection[Row]) -> list[Row]:
    ids = {row[side] for row in rows for side in ("first_id", "second_id")}
    here = sa.select(col(Person.id)).where(
        col(Person.id).in_(listed(ids)), col(Person.merged_into_id).is_(None)
    )
    there = set(session.connection().execute(here).scalars())
    return [row for row in rows if row["first_id"] in there and row["second_id"] in there]


def news(session: Session, owner: str, day: dt.date, limit: int = 20) -> list[NewMatch]:
    """What was found in the last days and fits the open cases of an owner; not judged yet.

    It begins with what was found, of which there is less than cases.
    """
    recent: Any = session.connection().execute(_RECENT, {"since": day - _NEW, "day": day})
    found = [(first, second, bits, on) for first, second, bits, on in recent]
    persons = {person for first, second, _bits, _on in found for person in (first, second)}
    mine: dict[int, list[tuple[int, str]]] = {}
    cases = sa.select(col(TracingCase.person_id), col(TracingCase.id), col(TracingCase.number))
    of_owner = cases.where(
        col(TracingCase.person_id).in_(listed(persons)),
        col(TracingCase.owner) + "" == owner,  # else all cases of the owner are read
        col(TracingCase.status).in_(OPEN_STATUSES),
    )
    for person, case_id, number in session.connection().execute(of_owner) if persons else ():
        mine.setdefault(person, []).append((cast(int, case_id), number))
    fits = [
        (own, other, bits, on)
        for first, second, bits, on in found
        for own, other in ((first, second), (second, first))
        if own in mine
    ][: 3 * limit]
    verdicts = matching.judged(session, [(own, other) for own, other, _bits, _on in fits])
    names = reading.names_of(session, {one for fit in fits for one in fit[:2]})
    made = [
        NewMatch(
            case_id, number, names.get(own, ""), other, names.get(other, ""), probability(bits), on
        )
        for own, other, bits, on in fits
        if _ordered(own, other) not in verdicts
        for case_id, number in mine[own]
    ]
    return made[:limit]


_NEW: Final = dt.timedelta(days=30)
_RECENT: Final[Any] = (
    sa.select(_TABLE.c.first_id, _TABLE.c.second_id, _TABLE.c.bits, _TABLE.c.found_on)
    .where(
        _TABLE.c.found_on.between(
            sa.bindparam("since", type_=sa.Date), sa.bindparam("day", type_=sa.Date)
        ),
        _TABLE.c.bits >= bits_of(matching.STRONG),
    )
    .order_by(_TABLE.c.bits.desc())
    .limit(20_000)
)


def catch_up(store: Store, *, actor: str, progress: Progress | None = None) -> int:
    """Look at everybody who changed and keep it: what a command does after it has written."""
    looked = look(progress or Progress(), store)
    return 0 if looked is None else store.write(keep_looked, looked, actor=actor)[0]
