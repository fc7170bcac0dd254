"""Who in the file may be the same person: suggestions, judgements, and what to do with a pair.

A suggestion begins with the name index, the day of birth, the telephone number and the external
reference; those found are weighed field by field (`names.weights`). A judgement holds until the
data of one of the two change: it keeps a fingerprint of what it was made on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound
from casedesk.kernel.fields import PartialDate, phone_key
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import Store, insert_rows
from casedesk.names import alone
from casedesk.names.levels import righted
from casedesk.names.weights import (
    Scale,
    Subject,
    Weighed,
    bits_of,
    born,
    part,
    probability,
)
from casedesk.people import live
from casedesk.people import rules as people
from casedesk.people.index import Reason
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing import match_words, sweep
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import (
    OPEN_STATUSES,
    Judgement,
    JudgementDraft,
    Match,
    TracingCase,
    Verdict,
)

SHOWN: Final = 0.5
"""Suggestions below this are kept to themselves."""
LEAST_TOLD: Final = 0.02
"""Where somebody asks outright, even what is hardly likely is told, down to this."""
STRONG: Final = 0.9
"""From here on the owner of a case is told."""
_BY_NAME: Final = 30
_AT_ONCE: Final = 500
_GROWN: Final = 1.05


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One person of the file who may be the one in question, with the reasons."""

    person_id: int
    name: str
    born: PartialDate | None
    external_ref: str | None
    case_id: int | None
    case_number: str
    bits: float
    score: float
    why: tuple[Reason, ...]
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Double:
    """A pair of the sweep with what a list shows of it."""

    first: Suggestion
    second: Suggestion
    bits: float
    score: float
    why: tuple[Reason, ...]
    verdict: Verdict | None = None


# What is known of a person


def subject(
    *names: tuple[str, str, str],
    birth: PartialDate | None = None,
    sex: str = "",
    place: str = "",
    mother: str = "",
    father: str = "",
    phones: Iterable[str] = (),
    references: Iterable[str] = (),
) -> Subject:
    """What a form, a call or a row of an import says, each name as family, given, patronymic."""
    columns = tuple(zip(*(righted(*name) for name in names), strict=True)) or ((), (), ())
    numbers = {key for typed in phones if (key := phone_key(typed))}
    return Subject(
        part(*columns[0]),
        part(*columns[1]),
        part(*columns[2]),
        born(birth.first, birth.last) if birth else born(None, None),
        sex,
        part(place),
        part(mother),
        part(father),
        frozenset(numbers),
        frozenset(reference for reference in references if reference),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the file knows of a person, ready to be compared and to be shown."""

    about: Subject
    names: tuple[str, ...]
    born: PartialDate | None
    external_ref: str | None

    @property
    def name(self) -> str:
        """The name that a list shows."""
        return self.names[0] if self.names else ""


def subjects(session: Session, person_ids: Collection[int]) -> dict[int, Subject]:
    """What the file knows of some persons, read in a few questions."""
    return {person: one.about for person, one in _known(session, person_ids).items()}


def _known(
    session: Session, person_ids: Collection[int], *, against: Subject | None = None
) -> dict[int, _Known]:
    """Read some persons; of what `against` does not say, nothing is read."""
    found: dict[int, _Known] = {}
    for ids in _chunks(person_ids):
        names: dict[int, list[tuple[str, str, str]]] = {}
        places: dict[int, str] = {}
        phones: dict[int, set[str]] = {}
        connection = session.connection()
        for person, *parts in connection.execute(_NAMES, {"ids": ids}):
            names.setdefault(person, []).append((parts[0], parts[1], parts[2]))
        if against is None or against.place:
            for person, place in connection.execute(_PLACES, {"ids": ids}):
                places[person] = place
        if against is None or against.phones:
            for person, number in connection.execute(_PHONES, {"ids": ids}):
                phones.setdefault(person, set()).add(number)
        for person, first, last, sex, place, mother, father, reference in connection.execute(
            _PERSONS, {"ids": ids}
        ):
            own = names.get(person, [])
            columns = tuple(zip(*(righted(*name) for name in own), strict=True)) or ((), (), ())
            about = Subject(
                part(*columns[0]),
                part(*columns[1]),
                part(*columns[2]),
                born(first, last),
                sex,
                part(place, places.get(person, "")),
                part(mother),
                part(father),
                frozenset(phones.get(person, ())),
                frozenset((reference,) if reference else ()),
            )
            whole = tuple(" ".join(filter(None, name)) for name in own)
            birth = PartialDate(first, last) if first and last else None
            found[person] = _Known(about, whole, birth, reference)
    return found


def _ids() -> Any:
    return sa.bindparam("ids", expanding=True, type_=sa.Integer)


# Statements made once: making one takes longer than running it.
_NAMES: Final[Any] = (
    sa.select(
        col(PersonName.person_id),
        col(PersonName.family),
        col(PersonName.given),
        col(PersonName.patronymic),
    )
    .where(col(PersonName.person_id).in_(_ids()))
    .order_by(col(PersonName.id))
)
_PLACES: Final[Any] = sa.select(col(TracingCase.person_id), col(TracingCase.last_seen_at)).where(
    col(TracingCase.person_id).in_(_ids())
)
_PHONES: Final[Any] = sa.select(col(Contact.person_id), col(Contact.e164)).where(
    col(Contact.person_id).in_(_ids()), col(Contact.e164).is_not(None)
)
_PERSONS: Final[Any] = sa.select(
    col(Person.id),
    col(Person.born_first),
    col(Person.born_last),
    sa.type_coerce(col(Person.sex), sa.String),
    col(Person.birth_place),
    col(Person.mother_name),
    col(Person.father_name),
    col(Person.external_ref),
).where(col(Person.id).in_(_ids()), col(Person.merged_into_id).is_(None))


def _chunks(values: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


_scales: weakref.WeakKeyDictionary[Any, tuple[int, Scale]] = weakref.WeakKeyDictionary()


def scale(session: Session) -> Scale:
    """What weighs pairs of this file; how common names are is counted again when it has grown."""
    pool = session.get_bind().pool  # type: ignore[union-attr]
    index = live.of(session)
    with index.lock:
        rows = index.rows(session)
        size = len(rows.vocabulary.primary)
        known = _scales.get(pool)
        if known is not None and known[0] <= size <= known[0] * _GROWN:
            return known[1]
    made = Scale(sweep.frequencies(session))
    _scales[pool] = size, made
    return made


# Suggestions


def for_person(
    session: Session, person_id: int, *, least: float = SHOWN, limit: int = 10
) -> list[Suggestion]:
    """Find who else in the file may be this person, best first."""
    own = people.current(session, person_id)
    number = cast(int, own.id)
    about = subjects(session, [number]).get(number)
    if about is None:
        return []
    names = [tuple(row[1:]) for row in session.connection().execute(_NAMES, {"ids": [number]})]
    found = suggest(session, about, names, least=least, limit=limit, without=[number])
    verdicts = judged(session, [(number, one.person_id) for one in found])
    return [replace(one, verdict=verdicts.get(_ordered(number, one.person_id))) for one in found]


def for_case(
    session: Session, case_id: int, *, least: float = SHOWN, limit: int = 10
) -> list[Suggestion]:
    """Find who else in the file may be the person whom a case seeks."""
    case = session.get(TracingCase, case_id)
    if case is None:
        raise NotFound(_("There is no such case."))
    return for_person(session, case.person_id, least=least, limit=limit)


def case_of(session: Session, text: str) -> int:
    """Find a case by its number, or by its external reference or that of the person sought."""
    typed = text.strip()
    for found in (
        sa.select(col(TracingCase.id)).where(col(TracingCase.number) == typed),
        sa.select(col(TracingCase.id)).where(col(TracingCase.external_ref) == typed),
        sa.select(col(TracingCase.id))
        .join(Person, col(Person.id) == col(TracingCase.person_id))
        .where(col(Person.external_ref) == typed),
    ):
        case_id = session.connection().execute(found.order_by(col(TracingCase.id))).scalar()
        if case_id is not None and typed:
            return case_id
    raise NotFound(_("There is no such case."))


def suggest(
    session: Session,
    about: Subject,
    names: Sequence[Sequence[str]],
    *,
    least: float = SHOWN,
    limit: int = 10,
    without: Collection[int] = (),
) -> list[Suggestion]:
    """Find who in the file may be somebody who is not, or not yet, in it; best first.

    `names` are the names as written (family, given, patronymic), which the index is asked for.
    """
    weighing = scale(session)
    candidates = _candidates(session, about, names) - set(without)
    known = _known(session, candidates, against=about)
    whole = [" ".join(filter(None, name)) for name in names]
    rated: list[tuple[float, int, Weighed]] = []
    for person, other in known.items():
        weighed = weighing.weigh(about, other.about)
        if probability(weighed.bits) >= least:
            bits = alone.lessened(weighed, whole, other.names)
            if probability(bits) >= least:
                rated.append((bits, person, weighed))
    rated.sort(key=lambda item: (-item[0], item[1]))
    best = rated[:limit]
    cases = _open_case(session, [person for _bits, person, _weighed in best])
    return [
        replace(
            _suggested(person, known[person], cases),
            bits=round(bits, 3),
            score=probability(bits),
            why=match_words.reasons(weighed, contradicted=bits < weighed.bits),
        )
        for bits, person, weighed in best
    ]


def _candidates(session: Session, about: Subject, names: Sequence[Sequence[str]]) -> set[int]:
    chosen: set[int] = set()
    hint = None
    if about.born.kind:
        first, last = dt.date(about.born.year, 1, 1), dt.date(about.born.last_year, 12, 31)
        hint = PartialDate(first, last)
    for name in names[:1]:  # the index finds the other scripts and forms of it
        if whole := " ".join(filter(None, name)):
            found = live.of(session).search(session, whole, _BY_NAME, hint).found
            chosen.update(one.person for one, _why in found)
    if about.born.kind == 4:
        year, (month, day) = about.born.year, divmod(about.born.day, 100)
        chosen.update(_born_on(session, dt.date(year, month, day)))
    if about.phones:
        owners = sa.select(col(Contact.person_id)).where(col(Contact.e164).in_(about.phones))
        chosen.update(session.connection().execute(owners.limit(50)).scalars())
    if about.references:
        same = sa.select(col(Person.id)).where(col(Person.external_ref).in_(about.references))
        chosen.update(
            cast(int, one) for one in session.connection().execute(same.limit(50)).scalars()
        )
    return chosen


def _born_on(session: Session, day: dt.date) -> list[int]:
    """Persons whose birth is known to be this day, from the index in memory."""
    first, _last = live.interval(day, day)
    index = live.of(session)
    with index.lock:
        rows = index.rows(session)
        starts, ends, owners = rows.born_first, rows.born_last, rows.person
        sought, found, at = first.to_bytes(2, "little"), [], 0
        packed = starts.tobytes()
        while (at := packed.find(sought, at)) >= 0:
            row, odd = divmod(at, 2)
            at += 1
            if not odd and ends[row] == first and row not in rows.ended:
                found.append(owners[row])
    return found


def _shown(session: Session, person_ids: Collection[int]) -> dict[int, Suggestion]:
    """Name, birth, reference and open case of some persons, as suggestions without a score."""
    return _as_shown(session, _known(session, person_ids))


def _as_shown(session: Session, known: Mapping[int, _Known]) -> dict[int, Suggestion]:
    cases = _open_case(session, known)
    return {person: _suggested(person, one, cases) for person, one in known.items()}


def _suggested(person: int, one: _Known, cases: Mapping[int, tuple[int, str]]) -> Suggestion:
    case_id, number = cases.get(person, (None, ""))
    return Suggestion(person, one.name, one.born, one.external_ref, case_id, number, 0.0, 0.0, ())


def _open_case(session: Session, person_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The oldest open case about each of some persons."""
    found: dict[int, tuple[int, str]] = {}
    for ids in _chunks(person_ids):
        for person, case_id, number in session.connection().execute(_CASES, {"ids": ids}):
            found.setdefault(person, (case_id, number))
    return found


_OF: Final[Any] = sa.func.coalesce(col(Person.merged_into_id), col(Person.id))
_CASES: Final[Any] = (
    sa.select(_OF, col(TracingCase.id), col(TracingCase.number))
    .join(Person, col(Person.id) == col(TracingCase.person_id))
    .where(
        sa.or_(col(Person.id).in_(_ids()), col(Person.merged_into_id).in_(_ids())),
        col(TracingCase.status).in_(OPEN_STATUSES),
    )
    .order_by(col(TracingCase.opened_on), col(TracingCase.id))
)


# The sweep


def sweep_file(
    progress: Progress, store: Store, *, least: float = sweep.LIKELY
) -> tuple[sweep.Pair, ...]:
    """Sweep a file in the background; hand the result to `keep_sweep`."""
    with store.read() as session:
        return sweep.sweep(session, least=least, step=progress.step).pairs


@act("tracing.keep_sweep", N_("Sweep for duplicates"), undoable=False)
def keep_sweep(session: Session, pairs: Sequence[sweep.Pair]) -> int:
    """Keep what a sweep found in place of what the last one did; a pair keeps its first day."""
    table: Any = Match.__table__  # type: ignore[attr-defined]
    connection = session.connection()
    before = {
        (first, second): day
        for first, second, day in connection.execute(
            sa.select(table.c.first_id, table.c.second_id, table.c.found_on)
        )
    }
    connection.execute(sa.delete(table))
    today = clock.today()
    rows = [
        {
            "first_id": pair.first,
            "second_id": pair.second,
            "bits": pair.bits,
            "found_on": before.get((pair.first, pair.second), today),
        }
        for pair in pairs
    ]
    insert_rows(session, Match, rows)
    return len(rows)


def kept(session: Session, *, least: float = SHOWN, limit: int = 500) -> list[Double]:
    """The pairs that were found last and are still to be judged, best first."""
    found = session.connection().execute(
        sa.select(col(Match.first_id), col(Match.second_id), col(Match.bits))
        .where(col(Match.bits) >= bits_of(least))
        .order_by(col(Match.bits).desc(), col(Match.first_id), col(Match.second_id))
        .limit(limit * 2)
    )
    pairs = [sweep.Pair(*row) for row in found]
    return [one for one in described(session, pairs) if one.verdict is None][:limit]


def described(session: Session, pairs: Sequence[sweep.Pair]) -> list[Double]:
    """Pairs with names and reasons as the data are now; pairs of persons merged since are left."""
    ids = {person for pair in pairs for person in pair[:2]}
    known, weighing = _known(session, ids), scale(session)
    shown = _as_shown(session, known)
    verdicts = judged(session, [(pair.first, pair.second) for pair in pairs])
    made = []
    for pair in pairs:
        if pair.first not in known or pair.second not in known:
            continue
        one, other = known[pair.first], known[pair.second]
        weighed = weighing.weigh(one.about, other.about)
        contradicted = alone.lessened(weighed, one.names, other.names) < weighed.bits
        made.append(
            Double(
                shown[pair.first],
                shown[pair.second],
                round(pair.bits, 3),
                probability(pair.bits),
                match_words.reasons(weighed, contradicted=contradicted),
                verdicts.get((pair.first, pair.second)),
            )
        )
    return made


# Judgements


@act("tracing.judge", N_("Judge match"))
def judge(
    session: Session, one_id: int, other_id: int, verdict: Verdict, why: str = ""
) -> Judgement:
    """Say whether two persons are one; the pair is asked about again only when the data change."""
    for person_id in (one_id, other_id):
        people.active(session, person_id)
    first, second = _ordered(one_id, other_id)
    draft = JudgementDraft.checked(
        {
            "first_id": first,
            "second_id": second,
            "verdict": verdict,
            "why": why,
            "made_of": _fingerprints(session, [(first, second)])[first, second],
        }
    )
    judgement = session.exec(
        select(Judgement).where(Judgement.first_id == first, Judgement.second_id == second)
    ).first()
    if judgement is None:
        judgement = Judgement.of(draft)
    else:
        judgement.apply(draft)
    session.add(judgement)
    session.flush()
    return judgement


def judged(session: Session, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Verdict]:
    """The judgements about some pairs that still hold: the data are as they were."""
    wanted = {_ordered(*pair) for pair in pairs}
    there: dict[tuple[int, int], tuple[Verdict, str]] = {}
    for ids in _chunks({first for first, _second in wanted}):
        for first, second, verdict, made_of in session.connection().execute(_JUDGED, {"ids": ids}):
            if (first, second) in wanted:
                there[first, second] = verdict, made_of
    prints = _fingerprints(session, list(there)) if there else {}
    return {pair: said for pair, (said, made_of) in there.items() if made_of == prints.get(pair)}


_JUDGED: Final[Any] = sa.select(
    col(Judgement.first_id),
    col(Judgement.second_id),
    col(Judgement.verdict),
    col(Judgement.made_of),
).where(col(Judgement.first_id).in_(_ids()))


def _fingerprints(session: Session, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """A short fingerprint of all that is compared of two persons."""
    ids = {person for pair in pairs for person in pair}
    about = subjects(session, ids)
    made = {}
    for pair in pairs:
        if all(person in about for person in pair):
            told = [_told(about[person]) for person in pair]
            text = json.dumps(told, ensure_ascii=False).encode()
            made[pair] = hashlib.blake2b(text, digest_size=16).hexdigest()
    return made


def _told(about: Subject) -> list[Any]:
    return [
        *(sorted(word[0] for word in getattr(about, name)) for name in _TOLD),
        list(about.born),
        about.sex,
        sorted(about.phones),
        sorted(about.references),
    ]


_TOLD: Final = ("family", "given", "patronymic", "place", "mother", "father")


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


# Merging


@act("tracing.merge_match", N_("Merge persons"))
def merge_match(
    session: Session,
    keep_id: int,
    drop_id: int,
    on: dt.date,
    *,
    take: Collection[str] = (),
    why: str = "",
    keep_revision: int | None = None,
    drop_revision: int | None = None,
) -> Person:
    """Make one file of two persons, and one search of their open cases.

    `take` names the fields that the dropped file has right. The oldest open case of the kept file
    stays; the families who asked through the others are its enquirers from now on.
    """
    judge(session, keep_id, drop_id, Verdict.SAME, why)
    own, other = _open_cases(session, keep_id), _open_cases(session, drop_id)
    merged = people.merge(session, keep_id, drop_id, keep_revision, drop_revision, take)
    for case_id in other if own else other[1:]:
        tracing.merge_with(session, (own or other)[0], case_id, on)
    return merged


def _open_cases(session: Session, person_id: int) -> list[int]:
    rows = session.connection().execute(_CASES, {"ids": [person_id]})
    return [row[1] for row in rows]


# What is new for the owner of a case


def strong_matches(session: Session, case_id: int) -> int:
    """How many persons of the file fit a case strongly and were not judged yet."""
    found = for_case(session, case_id, least=STRONG, limit=20)
    return sum(one.verdict is None for one in found)


def pairs_of_case(session: Session, case_id: int) -> list[Double]:
    """The person whom a case seeks, paired with everybody who may be the same; for the review."""
    case = session.get(TracingCase, case_id)
    if case is None:
        raise NotFound(_("There is no such case."))
    own = people.current(session, case.person_id)
    number = cast(int, own.id)
    mine = _shown(session, [number]).get(number)
    if mine is None:
        return []
    return [
        Double(mine, one, one.bits, one.score, one.why)
        for one in for_person(session, number, least=SHOWN, limit=20)
        if one.verdict is None
    ]
