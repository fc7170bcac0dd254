"""The sweep: every pair of records in the file that may be one person, without comparing all pairs.

First blocking: only records that share something are compared (`tracing.blocking`), and of those
most are passed over, since they cannot be worth enough (`tracing.bounds`). Then each pair that is
left is weighed (`tracing.weighing`), as one pair is by `names.weights`.

It works on the name index in memory and takes seconds for a full file, so it belongs into the
background: `step` is called again and again and may raise to stop. numpy is loaded with the first
sweep, not before; most of the time it works without holding up the other threads.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel.language import N_, _
from casedesk.names.alone import contradiction
from casedesk.names.levels import Born, Word, born, part
from casedesk.names.vocabulary import Vocabulary
from casedesk.names.weights import Frequencies, Scale, Weights
from casedesk.people import live
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing.records import TracingCase

if TYPE_CHECKING:
    from casedesk.tracing.columns import People

Step = Callable[[int, int, str], None]

LIKELY: Final = 0.0
"""Pairs with as many bits or more are as likely one person as not."""
LEAST: Final = -10.0
"""Pairs of fewer bits are not worth keeping: there are too many."""
_AT_ONCE: Final = 10_000
_READ, _BLOCKED = 20, 80
"""Of a hundred steps so many have been taken when all is read, and when it is known who to compare:
most of the time goes there."""
_NAMES_READ, _FACTS_READ = 0.2, 0.7
_READ_AT_ONCE: Final = 200
_ROWS: Final = 200
"""So many rows are fetched at once: between two of them no other thread is fast enough to have its
turn."""

_READING = N_("Reading the persons")
_BLOCKING, _WEIGHING = N_("Finding who to compare"), N_("Comparing")


class Pair(NamedTuple):
    """Two persons who may be one, the first with the smaller number, and how much says so."""

    first: int
    second: int
    bits: float


class Swept(NamedTuple):
    """What a sweep found, best first, and how much work it was."""

    pairs: tuple[Pair, ...]
    persons: int
    compared: int
    left_out: int
    """Pairs in crowds so great that only other rules could still bring them together."""


def sweep(
    session: Session,
    *,
    least: float = LIKELY,
    step: Step | None = None,
    table: Weights | None = None,
) -> Swept:
    """Find all pairs of at least so many bits among the persons of the file."""
    step = step or _no_step
    people = load(session, step)

    def spelt(persons: Collection[int]) -> dict[int, list[str]]:
        return _spelt(session, persons)

    return sweep_people(people, least=least, step=step, table=table, spelt=spelt)


def sweep_people(
    people: People,
    *,
    least: float = LIKELY,
    step: Step | None = None,
    table: Weights | None = None,
    spelt: Callable[[Collection[int]], dict[int, list[str]]] | None = None,
) -> Swept:
    """Find all pairs of at least so many bits among some persons.

    `spelt` gives the names of some persons as they are written, for pairs of whom nothing else
    is known.
    """
    import numpy as np

    from casedesk.tracing import blocking
    from casedesk.tracing.agreement import Agreement
    from casedesk.tracing.bounds import Bound
    from casedesk.tracing.weighing import Weigher

    told = step or _no_step
    agreement, scale = Agreement(people), Scale(people.frequencies, table)
    at_rule = 0

    def pause() -> None:
        blocked(at_rule)

    bound = Bound(people, agreement, scale, pause)
    weigher = Weigher(people, agreement, scale)

    def may_reach(first: Any, second: Any) -> Any:
        return bound.may_reach(first, second, least)

    def blocked(number: int) -> None:
        nonlocal at_rule
        at_rule = number
        told(_READ + number * (_BLOCKED - _READ) // blocking.RULES, 100, _(_BLOCKING))

    pairs, left_out = blocking.blocked(people, may_reach, blocked)
    found: list[Pair] = []
    ids = people.ids
    for start in range(0, len(pairs), _AT_ONCE):
        told(_BLOCKED + start * (100 - _BLOCKED) // len(pairs), 100, _(_WEIGHING))
        chunk = pairs[start : start + _AT_ONCE]
        first = (chunk >> np.uint64(32)).astype(np.int64)
        second = (chunk & np.uint64(0xFFFFFFFF)).astype(np.int64)
        bits, bare = weigher.weigh(first, second)
        if spelt is not None:
            at = np.flatnonzero(bare & (bits >= least))
            mine, theirs = ids[first[at]].tolist(), ids[second[at]].tolist()
            names = spelt({*mine, *theirs})
            for place, one, other in zip(at.tolist(), mine, theirs, strict=True):
                bits[place] -= contradiction(names.get(one, ()), names.get(other, ()))
        kept = np.flatnonzero(bits >= least)
        columns = ids[first[kept]].tolist(), ids[second[kept]].tolist(), bits[kept].tolist()
        found += map(Pair, *columns)
    found.sort(key=lambda pair: (-pair.bits, pair.first, pair.second))
    return Swept(tuple(found), len(people), len(pairs), left_out)


def _no_step(_done: int, _total: int, _text: str) -> None:
    return None


# Loading


class Tokens(NamedTuple):
    """A copy of the tokens of the name index, taken quickly: whoever searches waits meanwhile."""

    keys: list[str]
    owner: array[int]
    primary: array[int]
    counts: array[int]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Tokens:
        """Copy them; hold the lock of the index meanwhile."""
        return cls(
            list(vocabulary.keys),
            vocabulary.owner[:],
            vocabulary.primary[:],
            vocabulary.counts[:],
        )

    def words(self, pause: Callable[[], None] = lambda: None) -> list[Word]:
        """The readings of every token, the primary one first."""
        from casedesk.tracing.columns import pausing

        found: list[list[str]] = [[self.keys[at]] for at in self.primary]
        for at, token in enumerate(pausing(self.owner, pause)):
            if at != self.primary[token]:
                found[token].append(self.keys[at])
        return [tuple(keys) for keys in found]


def load(session: Session, step: Step | None = None) -> People:
    """Read the persons in use: their names from the index, the rest from the file.

    `step` is told how far it is in the first twenty of a hundred steps.
    """

    from casedesk.tracing.columns import Facts, NameColumns, Texts, gather, let_go, pausing, single

    told = step or _no_step

    def reading(share: float) -> None:
        told(min(int(share * _READ), _READ - 1), 100, _(_READING))

    reading(0.0)
    index = live.of(session)
    with index.lock:
        rows = index.rows(session)
        vocabulary = Tokens.of(rows.vocabulary)
        entries, starts = rows.entries[:], rows.starts[:]
        owners, ended = rows.person[:], list(rows.ended)
    reading(0.05)
    words = vocabulary.words(lambda: reading(0.05))
    reading(0.1)
    names = NameColumns.of(
        entries,
        starts,
        owners,
        ended,
        words,
        lambda: reading(0.1),
    )
    texts = Texts(words[:])
    parts: dict[tuple[str, ...], int] = {}

    def number(*some: str) -> int:
        found = parts.get(some)
        if found is None:
            found = parts[some] = texts.number(part(*some))
        return found

    reading(_NAMES_READ)
    places = dict(pausing(_places(session), lambda: reading(_NAMES_READ)))
    counted = Counter[str]()
    ids: list[int] = []
    births, sexes, references = [], [], []
    columns: tuple[list[int], list[int], list[int]] = ([], [], [])
    expected = max(len(owners), 1)
    for row in _facts(session):
        if not len(ids) % _READ_AT_ONCE:
            reading(_NAMES_READ + (_FACTS_READ - _NAMES_READ) * len(ids) / expected)
        person, first, last, sex, place, mother, father, reference = row
        ids.append(person)
        births.append(_born(first, last))
        sexes.append(sex)
        seen = places.get(person, "")
        for text in {place, seen}:
            if text:
                counted[text] += 1
        columns[0].append(number(place, seen) if seen else number(place))
        columns[1].append(number(mother))
        columns[2].append(number(father))
        references.append(reference)
    reading(_FACTS_READ)
    years = Counter(birth.year for birth in births if birth.kind > 1)
    persons = len(single(names.person))
    counts = zip(words, vocabulary.counts, strict=True)
    frequencies = Frequencies.of(counts, persons, years, counted)
    reading(0.75)
    phones: dict[int, set[str]] = {}
    for owner, value in pausing(_phones(session), lambda: reading(0.75)):
        phones.setdefault(owner, set()).add(value)
    facts = Facts(ids, births, sexes, columns, references, phones)
    reading(0.8)
    people = gather(names, facts, texts, frequencies, lambda: reading(0.85))
    let_go(places, parts, phones, ids, births, references, *columns)
    return people


@lru_cache(maxsize=65536)
def _born(first: str | None, last: str | None) -> Born:
    if first is None or last is None:
        return born(None, None)
    return born(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def _facts(session: Session) -> Iterator[Any]:
    query: Any = sa.select(
        col(Person.id),
        sa.type_coerce(col(Person.born_first), sa.String),
        sa.type_coerce(col(Person.born_last), sa.String),
        sa.type_coerce(col(Person.sex), sa.String),
        col(Person.birth_place),
        col(Person.mother_name),
        col(Person.father_name),
        col(Person.external_ref),
    ).where(col(Person.merged_into_id).is_(None))
    result = session.connection().execute(query, execution_options={"yield_per": _ROWS})
    return iter(result)


def _places(session: Session) -> Iterator[tuple[int, str]]:
    query = sa.select(col(TracingCase.person_id), col(TracingCase.last_seen_at))
    query = query.where(col(TracingCase.last_seen_at) != "")
    rows: Any = session.connection().execute(query)
    return ((person, place) for person, place in rows)


def _phones(session: Session) -> Iterator[tuple[int, str]]:
    query = sa.select(col(Contact.person_id), col(Contact.e164))
    query = query.where(col(Contact.e164).is_not(None))
    rows: Any = session.connection().execute(query)
    return ((person, number) for person, number in rows)


def _spelt(session: Session, persons: Collection[int]) -> dict[int, list[str]]:
    """The names of some persons as they are written."""
    found: dict[int, list[str]] = {}
    ordered = sorted(persons)
    name = PersonName
    query = sa.select(col(name.person_id), col(name.family), col(name.given), col(name.patronymic))
    for start in range(0, len(ordered), 500):
        some = query.where(col(name.person_id).in_(ordered[start : start + 500]))
        for person, *parts in session.connection().execute(some.order_by(col(name.id))):
            found.setdefault(person, []).append(" ".join(filter(None, parts)))
    return found


def frequencies(session: Session) -> Frequencies:
    """How common names, birth years and places are in the file the session sees."""
    index = live.of(session)
    with index.lock:
        rows = index.rows(session)
        vocabulary = Tokens.of(rows.vocabulary)
        persons = len(set(rows.person))
    year = sa.func.substr(sa.type_coerce(col(Person.born_first), sa.String), 1, 4)
    known = sa.func.substr(sa.type_coerce(col(Person.born_last), sa.String), 1, 4) == year
    counted: Iterable[Any] = session.connection().execute(
        sa.select(year, sa.func.count()).where(known).group_by(year)
    )
    years = {int(text): count for text, count in counted}
    places = Counter[str]()
    for column in (col(Person.birth_place), col(TracingCase.last_seen_at)):
        query = sa.select(column, sa.func.count()).where(column != "").group_by(column)
        for text, count in session.connection().execute(query):
            places[text] += count
    words = zip(vocabulary.words(), vocabulary.counts, strict=True)
    return Frequencies.of(words, persons, years, places)
