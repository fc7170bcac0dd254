"""Who in the file may be the same person: suggestions, judgements, and what to do with a pair.

A suggestion begins with the name index, the day of birth, the telephone number and the external
reference; those found are weighed field by field (`names.weights`). A judgement holds until the
data of one of the two change: it keeps a fingerprint of what it was made on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from casedesk.kernel.store import Store, bound, file_of, insert_rows, run
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
from casedesk.people.records import Person
from casedesk.tracing import match_words, nearby, sweep
from casedesk.tracing import rules as tracing
from casedesk.tracing.known import Known, known
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


def subjects(session: Session, person_ids: Collection[int]) -> dict[int, Subject]:
    """What the file knows of some persons, read in one question."""
    return {person: one.about for person, one in known(session, person_ids).items()}


_scales: weakref.WeakKeyDictionary[Any, tuple[int, Scale]] = weakref.WeakKeyDictionary()


def scale(session: Session) -> Scale:
    """What weighs pairs of this file; how common names are is counted again when it has grown."""
    pool = file_of(session)
    index = live.of(session)
    with index.lock:
        # What is in memory will do, however far the session is: it is a matter of percents.
        rows = index.rows(session) if index.index is None else index.index.rows
        size = len(rows.vocabulary.primary)
    kept = _scales.get(pool)
    if kept is not None and kept[0] <= size <= kept[0] * _GROWN:
        return kept[1]
    made = Scale(sweep.frequencies(session))
    _scales[pool] = size, made
    return made


# Suggestions


def for_person(
    session: Session, person_id: int, *, least: float = SHOWN, limit: int = 10
) -> list[Suggestion]:
    """Find who else in the file may be this person, best first."""
    own = known(session, [person_id]).get(person_id)
    if own is None:  # merged, or there is none
        person_id = cast(int, people.current(session, person_id).id)
        own = known(session, [person_id])[person_id]
    found = suggest(session, own.about, own.parts, least=least, limit=limit, without=[person_id])
    verdicts = judged(session, [(person_id, one.person_id) for one in found])
    return [replace(one, verdict=verdicts.get(_ordered(person_id, one.person_id))) for one in found]


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
    candidates = nearby.candidates(session, about, names, without)
    others = known(session, candidates, against=about)
    whole = [" ".join(filter(None, name)) for name in names]
    needed = bits_of(least) if least > 0 else -math.inf
    rated: list[tuple[float, int, Weighed]] = []
    for person, other in others.items():
        weighed = weighing.weigh(about, other.about)
        if weighed.bits >= needed:
            bits = alone.lessened(weighed, whole, other.names)
            if bits >= needed:
                rated.append((bits, person, weighed))
    rated.sort(key=lambda item: (-item[0], item[1]))
    best = rated[:limit]
    cases = _open_case(session, [person for _bits, person, _weighed in best])
    return [
        replace(
            _suggested(person, others[person], cases),
            bits=round(bits, 3),
            score=probability(bits),
            why=match_words.reasons(weighed, contradicted=bits < weighed.bits),
        )
        for bits, person, weighed in best
    ]


def _shown(session: Session, person_ids: Collection[int]) -> dict[int, Suggestion]:
    """Name, birth, reference and open case of some persons, as suggestions without a score."""
    return _as_shown(session, known(session, person_ids))


def _as_shown(session: Session, some: Mapping[int, Known]) -> dict[int, Suggestion]:
    cases = _open_case(session, some)
    return {person: _suggested(person, one, cases) for person, one in some.items()}


def _suggested(person: int, one: Known, cases: Mapping[int, tuple[int, str]]) -> Suggestion:
    case_id, number = cases.get(person, (None, ""))
    return Suggestion(person, one.name, one.born, one.external_ref, case_id, number, 0.0, 0.0, ())


def _open_case(session: Session, person_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The oldest open case about each of some persons."""
    found: dict[int, tuple[int, str]] = {}
    if person_ids:
        for person, case_id, number in run(session, _CASES, ids=person_ids):
            found.setdefault(person, (case_id, number))
    return found


_OF: Final[Any] = sa.func.coalesce(col(Person.merged_into_id), col(Person.id))
_CASES: Final[Any] = (
    sa.select(_OF, col(TracingCase.id), col(TracingCase.number))
    .join(Person, col(Person.id) == col(TracingCase.person_id))
    .where(
        sa.or_(col(Person.id).in_(bound("ids")), col(Person.merged_into_id).in_(bound("ids"))),
        sa.or_(*(col(TracingCase.status) == one for one in OPEN_STATUSES)),
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
    there, weighing = known(session, ids), scale(session)
    shown = _as_shown(session, there)
    verdicts = judged(session, [(pair.first, pair.second) for pair in pairs])
    made = []
    for pair in pairs:
        if pair.first not in there or pair.second not in there:
            continue
        one, other = there[pair.first], there[pair.second]
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
    if wanted:
        firsts = {first for first, _second in wanted}
        for first, second, verdict, made_of in run(session, _JUDGED, ids=firsts):
            if (first, second) in wanted:
                there[first, second] = verdict, made_of
    prints = _fingerprints(session, list(there)) if there else {}
    return {pair: said for pair, (said, made_of) in there.items() if made_of == prints.get(pair)}


_JUDGED: Final[Any] = sa.select(
    col(Judgement.first_id),
    col(Judgement.second_id),
    col(Judgement.verdict),
    col(Judgement.made_of),
).where(col(Judgement.first_id).in_(bound("ids")))


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
    rows = run(session, _CASES, ids=[person_id])
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
