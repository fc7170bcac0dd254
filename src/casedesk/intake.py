"""From a call to a case: acts over both registers, and who in the file may be the person sought.

The hotline and tracing do not know each other; this module knows both. `DOOR` is what the
hotline's form is given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from rapidfuzz.distance import JaroWinkler
from sqlmodel import Session, col, select

from casedesk.hotline import rules as hotline
from casedesk.hotline.door import (
    About,
    CandidateRow,
    CaseDoor,
    FieldMatch,
    Found,
    Taken,
    Typed,
)
from casedesk.hotline.listing import partial_words
from casedesk.hotline.records import Consent, Enquiry, EnquiryDraft, EnquirySought
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import N_, _, month_text, ngettext, short_date
from casedesk.names.fold import fold_start, readings
from casedesk.names.parse import tokens
from casedesk.people import index
from casedesk.people import rules as people
from casedesk.people.records import Person, Sex
from casedesk.people.rules import NewPerson
from casedesk.people.wording import RELATIONS, relation_words
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import (
    OPEN_STATUSES,
    CaseEnquirer,
    CaseEnquirerDraft,
    TracingCase,
    TracingCaseDraft,
)

__all__ = [
    "DOOR",
    "About",
    "CandidateRow",
    "CaseDoor",
    "Found",
    "Taken",
    "Typed",
    "call_for_case",
    "call_to_case",
    "candidates",
    "case_id",
    "enquirer_in",
]


@act("intake.call_for_case", N_("Log call for case"))
def call_for_case(
    session: Session,
    draft: EnquiryDraft,
    about: Sequence[About],
    caller: NewPerson | int | None = None,
) -> Taken:
    """Keep a call and link it to the cases it is about; the caller becomes their enquirer."""
    if not any(item.case_id is not None for item in about):
        raise Refused(_("Choose the case this call is about."))
    return _take(session, draft, about, caller)


@act("intake.call_to_case", N_("Open case from call"))
def call_to_case(
    session: Session,
    draft: EnquiryDraft,
    about: Sequence[About],
    caller: NewPerson | int | None = None,
) -> Taken:
    """Keep a call and open a case for each person marked so; the caller becomes its enquirer."""
    if not any(item.new_case for item in about):
        raise Refused(_("Say for whom a case is to be opened."))
    return _take(session, draft, about, caller)


def _take(
    session: Session,
    draft: EnquiryDraft,
    about: Sequence[About],
    caller: NewPerson | int | None,
) -> Taken:
    """Do both registers' part of a call; whatever is refused here leaves neither changed."""
    sought = []
    for item in about:
        if item.case_id is not None:
            # the case says whom it is about: what was typed must not make a second file of him
            person = people.current(session, _case(session, item.case_id).person_id)
            item = replace(item, person=person.id or 0)
        sought.append(item)
    enquiry = hotline.log_call(session, draft, [item.sought() for item in sought], caller)
    enquiry_id = enquiry.id or 0
    lines = session.exec(
        select(EnquirySought)
        .where(EnquirySought.enquiry_id == enquiry_id)
        .order_by(col(EnquirySought.id))
    ).all()
    cases: list[tuple[int, str]] = []
    for item, line in zip(sought, lines, strict=True):
        if item.case_id is not None:
            linked = _case(session, item.case_id)
            _add_enquirer(session, linked, enquiry, item.relation)
        elif item.new_case:
            linked = tracing.open_case(
                session,
                TracingCaseDraft.checked(
                    {
                        "person_id": line.person_id,
                        "opened_on": draft.received_on,
                        "last_seen_at": item.last_place,
                        **_last_seen(item.last_contact),
                        "owner": draft.operator,
                    }
                ),
            )
            _add_enquirer(session, linked, enquiry, item.relation)
        else:
            continue
        hotline.link_case(session, enquiry_id, line.person_id, linked.number)
        cases.append((linked.id or 0, linked.number))
    return Taken(enquiry_id, tuple(cases))


def _last_seen(contact: PartialDate | None) -> dict[str, dt.date | str]:
    """A case keeps a whole day; a last contact known in part goes where it can be read."""
    if contact is None:
        return {}
    if contact.first == contact.last:
        return {"last_seen_on": contact.first}
    return {"circumstances": _("Last contact: {date}").format(date=partial_words(contact))}


def _case(session: Session, case_id: int) -> TracingCase:
    case = session.get(TracingCase, case_id)
    if case is None:
        raise NotFound(_("There is no such case."))
    return case


def _add_enquirer(session: Session, case: TracingCase, enquiry: Enquiry, relation: str) -> None:
    """Note who asks; somebody who asked before stays as they are, an anonymous caller nobody."""
    if enquiry.caller_id is None:
        return
    others = session.exec(select(CaseEnquirer).where(CaseEnquirer.case_id == case.id)).all()
    known = {people.current(session, other.person_id).id for other in others}
    if enquiry.caller_id in known:
        return
    if enquiry.caller_id == people.current(session, case.person_id).id:
        raise Refused(_("The caller is the person sought in this case."))
    tracing.add_enquirer(
        session,
        CaseEnquirerDraft.checked(
            {
                "case_id": case.id,
                "person_id": enquiry.caller_id,
                "relation": relation,
                "main": not any(other.main for other in others),
                "consent": enquiry.consent is Consent.YES,
            }
        ),
    )


def enquirer_in(session: Session, person_id: int) -> list[str]:
    """List the numbers of the cases in which a person is an enquirer, the newest first."""
    statement = (
        select(TracingCase.number)
        .join(CaseEnquirer, col(CaseEnquirer.case_id) == col(TracingCase.id))
        .where(col(CaseEnquirer.person_id).in_(select(Person.id).where(_files(person_id))))
        .order_by(col(TracingCase.opened_on).desc(), col(TracingCase.id).desc())
        .distinct()
    )
    return list(session.exec(statement).all())


def case_id(session: Session, number: str) -> int | None:
    """Find a case by its number."""
    return session.exec(select(TracingCase.id).where(TracingCase.number == number)).first()


# What each kind of agreement adds to a match, or takes away. The name alone reaches 0.86, so that
# a name as common as Ivanov never looks certain; what is not known changes nothing.
_NAME = 0.86
_BORN = {"green": 0.07, "accent": 0.04, "amber": -0.10, "carmine": -0.30}
_MOTHER = {"green": 0.06, "accent": 0.03, "amber": -0.08, "carmine": -0.08}
_PLACE = {"green": 0.05, "accent": 0.02, "amber": -0.03, "carmine": -0.03}
_CONTACT = {"green": 0.03, "accent": 0.01, "amber": -0.02, "carmine": -0.05}
_SEX = {"green": 0.0, "carmine": -0.30}
_CALLER = 0.10
_EQUAL, _NEAR = 0.92, 0.85


@dataclass(frozen=True)
class _Match:
    person: Person
    case: TracingCase | None
    name: float | None
    exact: bool


def candidates(session: Session, typed: Typed, limit: int = 20) -> Found:
    """Find who in the file may be the person sought, best first, each field with its reason.

    The name finds; birth, mother, place and last contact weigh. Cases in which the caller is an
    enquirer come up before anything is typed.
    """
    hits = {hit.person_id: hit for hit in index.search(session, typed.name, limit=200)}
    numbered = _by_number(session, typed.name)
    own = set() if typed.caller_id is None else _cases_of_caller(session, typed.caller_id)
    found: list[_Match] = []
    seen: set[int] = set()
    for case, person in _cases(session, list(hits), numbered | own, typed.everybody):
        hit = hits.get(person.id or 0)
        exact = case.id in numbered
        found.append(_Match(person, case, hit.score if hit else None, exact))
        seen.add(person.id or 0)
    if typed.everybody and hits:
        rest = [person_id for person_id in hits if person_id not in seen]
        for person in session.exec(select(Person).where(col(Person.id).in_(rest))).all():
            if person.id is not None and person.id != typed.caller_id:
                found.append(_Match(person, None, hits[person.id].score, False))
    rated = []
    for match in found:
        fields = _weigh(typed, match)
        known = match.case is not None and match.case.id in own
        rated.append((_score(match, fields, known), match, fields, known))
    rated.sort(key=lambda item: (-item[0], item[1].case is None, item[1].person.id or 0))
    among = _among(session, typed.everybody)
    return Found(tuple(_rows(session, typed, rated[:limit])), among)


def _score(match: _Match, fields: dict[str, FieldMatch], known: bool) -> float:
    if match.exact:
        return 1.0
    score = 0.70 if match.name is None else min(match.name, 1.0) * _NAME
    for key, weights in (
        ("born", _BORN),
        ("mother", _MOTHER),
        ("place", _PLACE),
        ("contact", _CONTACT),
        ("sex", _SEX),
    ):
        if key in fields:
            score += weights.get(fields[key].tone, 0.0)
    return round(min(max(score + (_CALLER if known else 0.0), 0.0), 0.99), 4)


def _by_number(session: Session, text: str) -> set[int]:
    return {case.id for case in tracing.by_number(session, text) if case.id is not None}


def _cases_of_caller(session: Session, person_id: int) -> set[int]:
    return set(
        session.exec(
            select(CaseEnquirer.case_id).where(
                col(CaseEnquirer.person_id).in_(select(Person.id).where(_files(person_id)))
            )
        ).all()
    )


def _files(person_id: int) -> sa.ColumnElement[bool]:
    """The file of a person, or a file that was merged into it."""
    return sa.or_(col(Person.id) == person_id, col(Person.merged_into_id) == person_id)


def _cases(
    session: Session, person_ids: list[int], case_ids: set[int], every: bool
) -> Iterable[tuple[TracingCase, Person]]:
    # three short questions: one with "or" between them would walk through all cases
    merged = select(Person.id).where(col(Person.merged_into_id).in_(person_ids))
    files = {*person_ids, *session.exec(merged).all()}
    of_persons = select(TracingCase).where(col(TracingCase.person_id).in_(files))
    if not every:
        of_persons = of_persons.where(col(TracingCase.status).in_(OPEN_STATUSES))
    by_id = select(TracingCase).where(col(TracingCase.id).in_(case_ids))
    found = {
        case.id: case
        for case in (
            *session.exec(of_persons.limit(400)).all(),
            *(session.exec(by_id.limit(100)).all() if case_ids else ()),
        )
    }
    # read together here, they are at hand when each case asks for its person below
    owners = select(Person).where(col(Person.id).in_({c.person_id for c in found.values()}))
    at_hand = session.exec(owners).all()
    for case in found.values():
        yield case, people.current(session, case.person_id)
    del at_hand


def _among(session: Session, every: bool) -> int:
    if every:
        count = select(sa.func.count()).select_from(Person)
        return session.exec(count.where(col(Person.merged_into_id).is_(None))).one()
    count = select(sa.func.count()).select_from(TracingCase)
    return session.exec(count.where(col(TracingCase.status).in_(OPEN_STATUSES))).one()


def _rows(
    session: Session,
    typed: Typed,
    rated: Sequence[tuple[float, _Match, dict[str, FieldMatch], bool]],
) -> Iterable[CandidateRow]:
    names = hotline.names_of(session, {match.person.id for _s, match, _f, _k in rated})
    asking = _enquirers(session, [m.case.id for _s, m, _f, _k in rated if m.case is not None])
    for score, match, fields, known in rated:
        person, case = match.person, match.case
        name, latin = names.get(person.id or 0, ("", ""))
        who = asking.get(case.id or 0, ()) if case else ()
        shown = [_name_match(typed, match, name), fields["born"], fields["mother"]]
        shown += [fields["place"], fields["contact"]]
        if fields["sex"].chip:
            shown.append(fields["sex"])
        shown.append(_enquirer_match(typed.caller, who, known))
        since = None if case is None else case.last_seen_on or case.opened_on
        yield CandidateRow(
            person.id or 0,
            None if case is None else case.id,
            "" if case is None else case.number,
            name,
            latin,
            _born_words(_interval(person)),
            fields["place"].kept,
            "" if since is None else month_text(since, inside=True),
            score,
            tuple(shown),
        )


def _enquirers(session: Session, case_ids: list[int | None]) -> dict[int, tuple[str, ...]]:
    statement = (
        select(CaseEnquirer.case_id, CaseEnquirer.person_id, CaseEnquirer.relation)
        .where(col(CaseEnquirer.case_id).in_(case_ids))
        .order_by(col(CaseEnquirer.main).desc(), col(CaseEnquirer.id))
    )
    rows = session.exec(statement).all()
    names = hotline.names_of(session, {person for _case_id, person, _relation in rows})
    found: dict[int, tuple[str, ...]] = {}
    for case, person, relation in rows:
        name = names.get(person, ("", ""))[0]
        shown = name
        if relation:
            words = relation_words(relation)
            words = words.lower() if relation in RELATIONS else words
            shown = _("{name} ({relation})").format(name=name, relation=words)
        found[case] = (*found.get(case, ()), shown)
    return found


def _weigh(typed: Typed, match: _Match) -> dict[str, FieldMatch]:
    person, case = match.person, match.case
    return {
        "born": _born_match(typed.born, _interval(person)),
        "mother": _mother_match(typed.mother, person.mother_name),
        "place": _place_match(typed.place, case.last_seen_at if case else person.birth_place),
        "contact": _contact_match(typed.contact, case.last_seen_on if case else None),
        "sex": _sex_match(typed.sex, person.sex),
    }


def _name_match(typed: Typed, match: _Match, name: str) -> FieldMatch:
    label = _("Name")
    if match.exact:
        return FieldMatch(
            "name", label, typed.name, name, "green", _("equal"), _("case number equal")
        )
    if match.name is None:
        return FieldMatch("name", label, typed.name, name, "muted", _("not compared"))
    alike = min(match.name, 1.0)
    tone = "green" if alike >= _EQUAL else "accent" if alike >= _NEAR else "amber"
    result = f"{alike:.2f}"
    if alike >= 0.995:
        result = _("equal")
    elif _starts(typed.name, name):
        tone, result = "green", _("starts the same")
    chip = _("name equal") if alike >= 0.995 else _("name {score}").format(score=f"{alike:.2f}")
    return FieldMatch("name", label, typed.name, name, tone, result, chip)


def _starts(typed: str, name: str) -> bool:
    """Whether each word that is typed begins the word at its place in the name."""
    said, kept = tokens(typed), tokens(name)
    return bool(said) and len(said) <= len(kept) and all(map(_begins, said, kept))


def _begins(word: str, other: str) -> bool:
    start = fold_start(word)
    return bool(start) and any(reading.startswith(start) for reading in readings(other))


def _born_match(said: PartialDate | None, kept: PartialDate | None) -> FieldMatch:
    words = (_said_born(said), partial_words(kept) if kept else "")
    if said is None or kept is None:
        chip = _("birth not known") if said is not None else ""
        return _unknown("born", _("Born"), words, chip)
    apart = max((kept.first - said.last).days, (said.first - kept.last).days, 0)
    if not apart:
        return FieldMatch("born", _("Born"), *words, "green", _("equal"), _("born equal"))
    years = max(1, round(apart / 365.25))
    tone = "accent" if apart <= 731 else "amber" if apart <= 5 * 366 else "carmine"
    result = ngettext("{count} year apart", "{count} years apart", years).format(count=years)
    chip = _("born ±{years} y").format(years=years)
    if tone == "carmine":
        chip = ngettext("born {count} year apart", "born {count} years apart", years).format(
            count=years
        )
    return FieldMatch("born", _("Born"), *words, tone, result, chip)


def _mother_match(said: str, kept: str) -> FieldMatch:
    label = _("Mother")
    if not tokens(said) or not tokens(kept):
        chip = _("mother not known") if tokens(said) else ""
        return _unknown("mother", label, (said, kept), chip)
    alike = min(max(_alike(one, other) for other in tokens(kept)) for one in tokens(said))
    if alike >= _EQUAL:
        return FieldMatch(
            "mother", label, said, kept, "green", _("equal"), _("mother's name equal")
        )
    if alike >= _NEAR:
        return FieldMatch("mother", label, said, kept, "accent", _("alike"), _("mother alike"))
    return FieldMatch("mother", label, said, kept, "amber", _("differs"), _("mother differs"))


def _place_match(said: str, kept: str) -> FieldMatch:
    label = _("Last place")
    one, other = tokens(said), tokens(kept)
    if not one or not other:
        return _unknown("place", label, (said, kept), _("place not known") if one else "")
    best = [max(_alike(word, theirs) for theirs in other) for word in one]
    if min(best) >= _EQUAL:
        return FieldMatch("place", label, said, kept, "green", _("equal"), _("place equal"))
    # one word in common may be the oblast alone, so it says "near", never "equal"
    if any(score >= _EQUAL and len(word) > 3 for score, word in zip(best, one, strict=True)):
        return FieldMatch("place", label, said, kept, "accent", _("in part"), _("place in part"))
    return FieldMatch("place", label, said, kept, "amber", _("differs"), _("place differs"))


def _contact_match(said: PartialDate | None, kept: dt.date | None) -> FieldMatch:
    label = _("Last contact")
    words = (partial_words(said) if said else "", "" if kept is None else short_date(kept))
    if said is None or kept is None:
        return _unknown("contact", label, words, "")
    apart = max((kept - said.last).days, (said.first - kept).days, 0)
    if not apart:
        return FieldMatch("contact", label, *words, "green", _("equal"), _("last contact equal"))
    result = ngettext("{count} day apart", "{count} days apart", apart).format(count=apart)
    if apart <= 31:
        return FieldMatch("contact", label, *words, "accent", result, _("last contact near"))
    tone = "amber" if apart <= 366 else "carmine"
    return FieldMatch("contact", label, *words, tone, result, _("last contact apart"))


def _sex_match(said: Sex, kept: Sex) -> FieldMatch:
    words = {Sex.F: _("Woman"), Sex.M: _("Man")}
    pair = (words.get(said, ""), words.get(kept, ""))
    if said in words and kept in words and said is not kept:
        return FieldMatch("sex", _("Sex"), *pair, "carmine", _("differs"), _("sex differs"))
    return _unknown("sex", _("Sex"), pair, "")


def _enquirer_match(caller: str, who: tuple[str, ...], known: bool) -> FieldMatch:
    kept = "; ".join(who)
    if known:
        return FieldMatch(
            "enquirer", _("Enquirer"), caller or _("The caller"), kept, "green", _("equal"),
            _("caller is enquirer"),
        )  # fmt: skip
    return FieldMatch("enquirer", _("Enquirer"), caller, kept, "muted", _("not compared"))


def _unknown(key: str, label: str, words: tuple[str, str], chip: str) -> FieldMatch:
    return FieldMatch(key, label, *words, "muted", _("not known"), chip)


def _interval(person: Person) -> PartialDate | None:
    if person.born_first is None or person.born_last is None:
        return None
    return PartialDate(person.born_first, person.born_last)


def _alike(one: str, other: str) -> float:
    """How alike two words sound, whatever the script of each."""
    theirs = readings(other)
    return max((JaroWinkler.similarity(a, b) for a in readings(one) for b in theirs), default=0.0)


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


DOOR = CaseDoor(
    candidates=candidates,
    enquirer_in=enquirer_in,
    call_for_case=call_for_case,
    call_to_case=call_to_case,
    case_id=case_id,
)
