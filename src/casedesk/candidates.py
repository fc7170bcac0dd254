"""Who in the file may be the person a caller looks for: found by name, weighed as a case is.

A call and a case say the same of the same two people: the likelihood is that of `tracing.matching`
and the words are those of `tracing.match_words`. A word that is not typed to its end says nothing
yet, so it neither speaks for anybody nor against.
"""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.hotline.door import CandidateRow, FieldMatch, Found, Typed
from casedesk.hotline.listing import partial_words
from casedesk.hotline.rules import latin_form
from casedesk.kernel import journal
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import N_, _, month_text, ngettext, short_date
from casedesk.kernel.store import file_of
from casedesk.names.layout import other_layout
from casedesk.names.parse import parse
from casedesk.names.weights import (
    NAMES,
    Scale,
    Subject,
    Weighed,
    born,
    part,
    probability,
)
from casedesk.people import index, live
from casedesk.people.index import Reason
from casedesk.people.records import Person, PersonName, Script, Sex
from casedesk.people.wording import RELATIONS, relation_words
from casedesk.tracing import match_words, matching
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import OPEN_STATUSES, CaseEnquirer, TracingCase

_LOOKED: Final = 100
_AT_ONCE: Final = 50
_WEIGHED, _WEIGHED_BY_NAME = 40, 20
"""So many are weighed; fewer while there is a name alone, which has put them in order already.
What costs is reading: each of them lies on another page of the file."""
_LEAST: Final = 0.2
_CALLER_BITS: Final = 12.0
"""Who asks for somebody already calls about the same person again, and hardly by chance."""
_LAG: Final = 1000
"""The number of cases is counted again after so many changes as are one in this many of it."""
_PARTIAL: Final = ("beginning", "initial")
_NAME_LABELS: Final = {
    "family": N_("Family name"),
    "given": N_("Given name"),
    "patronymic": N_("Patronymic"),
}
_BEGUN: Final = {
    "family": N_("family name begins so"),
    "given": N_("given name begins so"),
    "patronymic": N_("patronymic begins so"),
}
_SEX: Final = {Sex.F: N_("Woman"), Sex.M: N_("Man")}

Name = tuple[str, str, str]
Names = list[tuple[Name, Script]]


@dataclass(frozen=True, slots=True)
class _Hit:
    """A person whom the name finds: how well, and which parts are typed in part only."""

    score: float
    begun: frozenset[str] = frozenset()
    exact: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    id: int
    number: str
    person: int
    place: str
    seen: dt.date | None
    opened: dt.date


@dataclass(slots=True)
class _Known:
    """What the file says of a person."""

    born: PartialDate | None
    sex: Sex
    place: str
    mother: str
    father: str
    reference: str | None
    names: Names = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Match:
    person: int
    case: _Case | None
    hit: _Hit
    bits: float
    weighed: Weighed
    said: Name
    caller: bool


def candidates(session: Session, typed: Typed, limit: int = 20) -> Found:
    """Find who in the file may be the person sought, likeliest first, each field with its reason.

    Cases in which the caller is an enquirer come up before anything is typed.
    """
    hits, name = _hits(session, typed)
    numbered = {cast(int, case.id) for case in tracing.by_number(session, typed.name)}
    own = set() if typed.caller_id is None else _cases_of_caller(session, typed.caller_id)
    wanted = _wanted(session, typed, hits, numbered | own)
    known = _known(session, {person for person, _case in wanted})
    scale, said = matching.scale(session), _ways(name)
    matches = []
    for person, case in wanted:
        about = known.get(person)
        if about is None:
            continue
        hit = hits.get(person, _Hit(0.0))
        if case is not None and case.id in numbered:
            hit = _Hit(1.0, exact=_("case number equal"))
        caller = case is not None and case.id in own
        weighed, way = _weigh(scale, typed, said, hit, about, case)
        bits = weighed.bits + (_CALLER_BITS if caller else 0.0)
        matches.append(_Match(person, case, hit, bits, weighed, way, caller))
    matches.sort(key=_order)
    rows = _rows(session, typed, matches[:limit], known)
    return Found(tuple(rows), _among(session, typed.everybody))


def _order(match: _Match) -> tuple[bool, float, float, bool, int]:
    return not match.hit.exact, -match.bits, -match.hit.score, match.case is None, match.person


# Finding


def _hits(session: Session, typed: Typed) -> tuple[dict[int, _Hit], str]:
    """Persons whom the text finds, best first; and the name in it, as it is to be weighed."""
    text = typed.name
    if any(letter.isdigit() for letter in text):
        # A number, a code or a year may stand among the words: the search knows all of them.
        found = {hit.person_id: _of_search(hit) for hit in index.search(
            session, text, born=typed.born, limit=_LOOKED
        )}  # fmt: skip
        return found, " ".join(word for word in text.split() if not _has_digit(word))
    if not any(letter.isalpha() for letter in text):
        return {}, ""
    answer = live.of(session).search(session, text[:500].replace("\0", " "), _LOOKED, typed.born)
    hits = {
        one.person: _Hit(one.score, frozenset(r.field for r in why if r.kind in _PARTIAL))
        for one, why in answer.found
        if one.by_name >= _LEAST
    }
    other = bool(answer.found) and answer.found[0][0].layout
    return hits, other_layout(text) if other else text


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _of_search(hit: index.Hit) -> _Hit:
    first = hit.chips[0] if hit.chips else None
    if first is not None and first.field in ("phone", "number", "code"):
        return _Hit(1.0, exact=first.text)
    return _Hit(hit.score, frozenset(c.field for c in hit.chips if c.tone == "neutral"))


def _cases_of_caller(session: Session, person_id: int) -> set[int]:
    return set(session.connection().execute(_ASKED, {"person": person_id}).scalars())


def _ids(name: str = "ids") -> Any:
    return sa.bindparam(name, expanding=True, type_=sa.Integer)


# Statements made once: making one takes longer than running it.
_FILES: Final[Any] = sa.select(col(Person.id)).where(
    sa.or_(
        col(Person.id) == sa.bindparam("person", type_=sa.Integer),
        col(Person.merged_into_id) == sa.bindparam("person", type_=sa.Integer),
    )
)
_ASKED: Final[Any] = sa.select(col(CaseEnquirer.case_id)).where(
    col(CaseEnquirer.person_id).in_(_FILES)
)
_MERGED: Final[Any] = sa.select(col(Person.id), col(Person.merged_into_id)).where(
    col(Person.merged_into_id).in_(_ids())
)
_INTO: Final[Any] = sa.select(col(Person.id), col(Person.merged_into_id)).where(
    col(Person.id).in_(_ids()), col(Person.merged_into_id).is_not(None)
)
_CASE: Final[Any] = sa.select(
    col(TracingCase.id),
    col(TracingCase.number),
    col(TracingCase.person_id),
    col(TracingCase.last_seen_at),
    col(TracingCase.last_seen_on),
    col(TracingCase.opened_on),
)
_OF_PERSONS: Final[Any] = _CASE.where(col(TracingCase.person_id).in_(_ids())).limit(400)
_OPEN_OF_PERSONS: Final[Any] = _OF_PERSONS.where(col(TracingCase.status).in_(OPEN_STATUSES))
_BY_ID: Final[Any] = _CASE.where(col(TracingCase.id).in_(_ids())).limit(100)
_PERSONS: Final[Any] = sa.select(
    col(Person.id),
    col(Person.born_first),
    col(Person.born_last),
    col(Person.sex),
    col(Person.birth_place),
    col(Person.mother_name),
    col(Person.father_name),
    col(Person.external_ref),
).where(col(Person.id).in_(_ids()), col(Person.merged_into_id).is_(None))
_PERSON_NAMES: Final[Any] = (
    sa.select(
        col(PersonName.person_id),
        col(PersonName.family),
        col(PersonName.given),
        col(PersonName.patronymic),
        col(PersonName.script),
    )
    .where(col(PersonName.person_id).in_(_ids()))
    .order_by(col(PersonName.id))
)
_ASKING: Final[Any] = (
    sa.select(col(CaseEnquirer.case_id), col(CaseEnquirer.person_id), col(CaseEnquirer.relation))
    .where(col(CaseEnquirer.case_id).in_(_ids()))
    .order_by(col(CaseEnquirer.main).desc(), col(CaseEnquirer.id))
)


def _wanted(
    session: Session, typed: Typed, hits: dict[int, _Hit], asked: set[int]
) -> list[tuple[int, _Case | None]]:
    """Whom to weigh, with the case: those of the cases asked for, then as the name puts them."""
    chosen: list[tuple[int, _Case | None]] = [
        (case.person, case) for found in _asked_for(session, asked).values() for case in found
    ]
    only_name = not (typed.born or typed.mother or typed.place or typed.sex in _SEX)
    most = len(chosen) + (_WEIGHED_BY_NAME if only_name else _WEIGHED)
    ordered = list(hits)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        cases = _about(session, some, typed.everybody)
        for person in some:
            own = cases.get(person, [])
            chosen += [(person, case) for case in own if case.id not in asked]
            if not own and typed.everybody and person != typed.caller_id:
                chosen.append((person, None))
            if len(chosen) >= most:
                return chosen
    return chosen


def _about(session: Session, person_ids: list[int], every: bool) -> dict[int, list[_Case]]:
    """The cases about some persons, and about files that were merged into theirs."""
    connection = session.connection()
    into = dict(_pairs(connection.execute(_MERGED, {"ids": person_ids})))
    of_persons = _OF_PERSONS if every else _OPEN_OF_PERSONS
    return _by_person(connection.execute(of_persons, {"ids": [*person_ids, *into]}), into)


def _asked_for(session: Session, case_ids: set[int]) -> dict[int, list[_Case]]:
    if not case_ids:
        return {}
    connection = session.connection()
    rows = connection.execute(_BY_ID, {"ids": list(case_ids)}).all()
    into = dict(_pairs(connection.execute(_INTO, {"ids": [row[2] for row in rows]})))
    return _by_person(rows, into)


def _by_person(rows: Iterable[Any], into: dict[int, int]) -> dict[int, list[_Case]]:
    found: dict[int, list[_Case]] = {}
    for row in rows:
        case = _Case(row[0], row[1], into.get(row[2], row[2]), *row[3:])
        found.setdefault(case.person, []).append(case)
    return found


def _pairs(rows: Any) -> Iterator[tuple[int, int]]:
    return ((one, other) for one, other in rows)


def _known(session: Session, person_ids: Collection[int]) -> dict[int, _Known]:
    known = {}
    ids = list(person_ids)
    for person, first, last, sex, place, mother, father, reference in (
        session.connection().execute(_PERSONS, {"ids": ids}) if ids else ()
    ):
        birth = PartialDate(first, last) if first and last else None
        known[person] = _Known(birth, sex, place, mother, father, reference)
    for person, names in _names_of(session, known).items():
        known[person].names = names
    return known


def _names_of(session: Session, person_ids: Collection[int]) -> dict[int, Names]:
    found: dict[int, Names] = {}
    ids = list(person_ids)
    for person, family, given, patronymic, script in (
        session.connection().execute(_PERSON_NAMES, {"ids": ids}) if ids else ()
    ):
        found.setdefault(person, []).append(((family, given, patronymic), script))
    return found


# Weighing


def _ways(name: str) -> tuple[Name, ...]:
    """The ways to read what is typed as parts of a name, the likeliest one first."""
    parsed = parse(name)
    said = (parsed.family, parsed.given, parsed.patronymic)
    words = [word for word in said if word]
    if len(words) == 1:
        return said, ("", words[0], ""), ("", "", words[0])
    if len(words) == 2:
        return said, (words[1], words[0], ""), ("", words[0], words[1])
    return (said,)


def _weigh(
    scale: Scale,
    typed: Typed,
    ways: tuple[Name, ...],
    hit: _Hit,
    about: _Known,
    case: _Case | None,
) -> tuple[Weighed, Name]:
    other = _subject(about, case)
    best, said = scale.weigh(_said(typed, ways[0], hit.begun), other), ways[0]
    if min(best.levels["family"], best.levels["given"]) < 2:
        for way in ways[1:]:
            weighed = scale.weigh(_said(typed, way, hit.begun), other)
            if weighed.bits > best.bits:
                best, said = weighed, way
    return best, said


def _said(typed: Typed, way: Name, begun: frozenset[str]) -> Subject:
    whole = ["" if role in begun else word for role, word in zip(NAMES, way, strict=True)]
    return matching.subject(
        (whole[0], whole[1], whole[2]),
        birth=typed.born,
        sex=str(typed.sex.value) if typed.sex in _SEX else "",
        place=typed.place,
        mother=typed.mother,
    )


def _subject(about: _Known, case: _Case | None) -> Subject:
    columns = tuple(zip(*(name for name, _script in about.names), strict=True)) or ((), (), ())
    birth = about.born
    return Subject(
        part(*columns[0]),
        part(*columns[1]),
        part(*columns[2]),
        born(birth.first, birth.last) if birth else born(None, None),
        str(about.sex.value) if about.sex in _SEX else "",
        part(about.place, case.place if case else ""),
        part(about.mother),
        part(about.father),
        frozenset(),
        frozenset((about.reference,) if about.reference else ()),
    )


_counted: weakref.WeakKeyDictionary[Any, dict[bool, tuple[int, int]]] = weakref.WeakKeyDictionary()


def _among(session: Session, every: bool) -> int:
    """How many there are to look among. Counting a full file takes longer than the search."""
    pool = file_of(session)
    known = _counted.setdefault(pool, {})
    state = session.connection().execute(_STATE).scalar() or 0
    if every in known:
        at, count = known[every]
        if 0 <= state - at <= count // _LAG:
            return count
    count = session.connection().execute(_PEOPLE if every else _SOUGHT).scalar_one()
    known[every] = state, count
    return count


_STATE: Final = sa.select(sa.func.max(journal.ENTRY.c.id))
_PEOPLE: Final = (
    sa.select(sa.func.count()).select_from(Person).where(col(Person.merged_into_id).is_(None))
)
_SOUGHT: Final = (
    sa.select(sa.func.count())
    .select_from(TracingCase)
    .where(col(TracingCase.status).in_(OPEN_STATUSES))
)


# Words


def _rows(
    session: Session, typed: Typed, matches: list[_Match], known: dict[int, _Known]
) -> Iterator[CandidateRow]:
    asking = _enquirers(session, [m.case.id for m in matches if m.case is not None])
    for match in matches:
        about, case = known[match.person], match.case
        shown, latin = _shown(about.names)
        since = None if case is None else case.seen or case.opened
        who = asking.get(case.id, ()) if case is not None else ()
        yield CandidateRow(
            match.person,
            None if case is None else case.id,
            "" if case is None else case.number,
            " ".join(filter(None, shown)),
            latin,
            _born_words(about.born),
            (case.place if case is not None else "") or about.place,
            "" if since is None else month_text(since, inside=True),
            1.0 if match.hit.exact else min(round(probability(match.bits), 4), 0.99),
            tuple(_fields(typed, match, about, shown, who)),
        )


def _shown(names: Names) -> tuple[Name, str]:
    """The name as it is spoken of, and the same in Latin letters."""
    if not names:
        return ("", "", ""), ""
    first = _whole(names)
    latin = next((n for n, script in names if script is Script.LATIN and n is not first), None)
    return first, " ".join(filter(None, latin or ())) or latin_form(" ".join(filter(None, first)))


def _whole(names: Names) -> Name:
    first = next((name for name, script in names if script is Script.CYRILLIC), None)
    return first or (names[0][0] if names else ("", "", ""))


def _enquirers(session: Session, case_ids: list[int]) -> dict[int, tuple[str, ...]]:
    if not case_ids:
        return {}
    connection = session.connection()
    rows = connection.execute(_ASKING, {"ids": case_ids}).all()
    names = _names_of(session, {row[1] for row in rows})
    # Who was merged has no names any more: they are the kept file's.
    nameless = [row[1] for row in rows if row[1] not in names]
    into = dict(_pairs(connection.execute(_INTO, {"ids": nameless}))) if nameless else {}
    names.update(_names_of(session, into.values()) if into else {})
    found: dict[int, tuple[str, ...]] = {}
    for case, person, relation in rows:
        own = names.get(into.get(person, person), [])
        shown = name = " ".join(filter(None, _whole(own)))
        if relation:
            words = relation_words(relation)
            words = words.lower() if relation in RELATIONS else words
            shown = _("{name} ({relation})").format(name=name, relation=words)
        found[case] = (*found.get(case, ()), shown)
    return found


def _fields(
    typed: Typed, match: _Match, about: _Known, shown: Name, who: tuple[str, ...]
) -> Iterable[FieldMatch]:
    """Name, birth, mother, place, then the others: in the order in which they are spoken of."""
    why = {reason.field: reason for reason in match_words.reasons(match.weighed)}
    case = match.case
    if match.hit.exact:
        yield FieldMatch("exact", "", "", "", "green", "", match.hit.exact)
    yield from _names(match, shown, why)
    birth = (_said_born(typed.born), partial_words(about.born) if about.born else "")
    yield _field("born", _("Born"), birth, why, _("birth not known") if birth[0] else "")
    mother = (typed.mother, about.mother)
    yield _field("mother", _("Mother"), mother, why, _("mother not known") if mother[0] else "")
    kept = case.place if case is not None and case.place else about.place
    place = (typed.place, kept)
    yield _field("place", _("Last place"), place, why, _("place not known") if place[0] else "")
    yield _contact(typed.contact, case.seen if case else None)
    if "sex" in why:
        yield _field("sex", _("Sex"), (_(_SEX[typed.sex]), _(_SEX[about.sex])), why)
    for key in ("swapped", "relative"):
        if key in why:
            yield FieldMatch(key, "", "", "", why[key].tone, why[key].text, why[key].text)
    yield _enquirer(typed.caller, who, match.caller)


def _names(match: _Match, shown: Name, why: dict[str, Reason]) -> Iterator[FieldMatch]:
    for role, said, kept in zip(NAMES, match.said, shown, strict=True):
        label, reason = _(_NAME_LABELS[role]), why.get(role)
        if said and role in match.hit.begun:
            words = _(_BEGUN[role])
            yield FieldMatch(role, label, said, kept, "neutral", words, words)
        elif said and reason is not None:
            yield FieldMatch(role, label, said, kept, reason.tone, reason.text, reason.text)
        elif said or kept:
            result = _("not known") if said else _("not compared")
            yield FieldMatch(role, label, said, kept, "muted", result)


def _field(
    key: str, label: str, words: tuple[str, str], why: dict[str, Reason], unknown: str = ""
) -> FieldMatch:
    reason = why.get(key)
    if reason is None:
        return FieldMatch(key, label, *words, "muted", _("not known"), unknown)
    return FieldMatch(key, label, *words, reason.tone, reason.text, reason.text)


def _contact(said: PartialDate | None, kept: dt.date | None) -> FieldMatch:
    """When they were last heard of: told beside each other, and never weighed."""
    label = _("Last contact")
    words = (partial_words(said) if said else "", "" if kept is None else short_date(kept))
    if said is None or kept is None:
        return FieldMatch("contact", label, *words, "muted", _("not known"))
    apart = max((kept - said.last).days, (said.first - kept).days, 0)
    if not apart:
        return FieldMatch("contact", label, *words, "green", _("equal"))
    result = ngettext("{count} day apart", "{count} days apart", apart).format(count=apart)
    return FieldMatch("contact", label, *words, "accent" if apart <= 31 else "amber", result)


def _enquirer(caller: str, who: tuple[str, ...], known: bool) -> FieldMatch:
    kept = "; ".join(who)
    if known:
        return FieldMatch(
            "enquirer", _("Enquirer"), caller or _("The caller"), kept, "green", _("equal"),
            _("caller is enquirer"),
        )  # fmt: skip
    return FieldMatch("enquirer", _("Enquirer"), caller, kept, "muted", _("not compared"))


def _born_words(kept: PartialDate | None) -> str:
    """Write a birth in one line with other things: the year is what is listened for."""
    if kept is None:
        return ""
    return str(kept.first.year) if kept.first.year == kept.last.year else partial_words(kept)


def _said_born(said: PartialDate | None) -> str:
    """Write a birth as a caller says it: a year is never sure."""
    if said is None:
        return ""
    words = partial_words(said)
    whole_years = (said.first.month, said.first.day, said.last.month, said.last.day)
    if whole_years != (1, 1, 12, 31):
        return words
    return _("about {year}").format(year=words)
