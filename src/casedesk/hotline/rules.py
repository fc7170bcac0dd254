"""What may be done to enquiries: log, correct, answer, link to a case; who called before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.hotline.records import (
    Consent,
    Enquiry,
    EnquiryDraft,
    EnquirySought,
    EnquirySoughtDraft,
    EnquiryStatus,
    Reason,
)
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.fields import PartialDate, phone_key
from casedesk.kernel.language import N_, _
from casedesk.names.parse import script
from casedesk.names.romanise import romanise
from casedesk.people import rules as people
from casedesk.people.records import Contact, ContactDraft, Person, PersonName, Script
from casedesk.people.rules import NewPerson


@dataclass(frozen=True)
class NewSought:
    """A sought person not yet in the file."""

    person: NewPerson
    relation: str = ""
    last_place: str = ""
    last_contact: PartialDate | None = None


@act("hotline.log_call", N_("Log call"))
def log_call(
    session: Session,
    draft: EnquiryDraft,
    sought: Sequence[EnquirySoughtDraft | NewSought] = (),
    caller: NewPerson | int | None = None,
) -> Enquiry:
    """Keep an enquiry with its caller and the persons it is about, all or nothing.

    A caller who agreed to statistics only is counted and not identified: neither a person nor a
    number is kept.
    """
    if draft.consent is Consent.STATISTICS_ONLY:
        if caller is not None:
            raise Refused(_("The caller agreed to statistics only: record no caller."))
        values: dict[str, Any] = {"number_typed": "", "number_e164": None}
    else:
        values = {"number_e164": draft.number_e164 or phone_key(draft.number_typed)}
        values["caller_id"] = _caller(session, draft, caller)
    enquiry = Enquiry.of(EnquiryDraft.checked({**draft.model_dump(), **values}))
    session.add(enquiry)
    session.flush()
    if enquiry.caller_id is not None and enquiry.number_e164 is not None:
        _remember_number(session, enquiry.caller_id, enquiry.number_typed, enquiry.number_e164)
    about: set[int] = set()
    for item in sought:
        line = _sought(session, item, enquiry)
        if line.person_id in about:
            raise Refused(_("The same person is sought twice in this enquiry."))
        about.add(line.person_id)
        session.add(line)
    session.flush()
    return enquiry


@act("hotline.change", N_("Change enquiry"))
def change_enquiry(
    session: Session, enquiry_id: int, draft: EnquiryDraft, revision: int
) -> Enquiry:
    """Correct an enquiry or carry it further; the searchable number follows the typed one."""
    enquiry = _enquiry(session, enquiry_id)
    key = None if draft.consent is Consent.STATISTICS_ONLY else phone_key(draft.number_typed)
    typed = "" if draft.consent is Consent.STATISTICS_ONLY else draft.number_typed
    enquiry.apply(
        EnquiryDraft.checked({**draft.model_dump(), "number_e164": key, "number_typed": typed}),
        revision=revision,
    )
    session.add(enquiry)
    session.flush()
    return enquiry


@act("hotline.add_sought", N_("Add sought person"))
def add_sought(
    session: Session, enquiry_id: int, item: EnquirySoughtDraft | NewSought
) -> EnquirySought:
    """Add one more person whom the enquiry is about."""
    line = _sought(session, item, _enquiry(session, enquiry_id))
    known = select(EnquirySought.id).where(
        EnquirySought.enquiry_id == enquiry_id, EnquirySought.person_id == line.person_id
    )
    if session.exec(known).first() is not None:
        raise Refused(_("The same person is sought twice in this enquiry."))
    session.add(line)
    session.flush()
    return line


@act("hotline.link_case", N_("Link enquiry to case"))
def link_case(session: Session, enquiry_id: int, person_id: int, case_number: str) -> Enquiry:
    """Note the case number with a sought person; the enquiry counts as linked from now on."""
    enquiry = _enquiry(session, enquiry_id)
    if enquiry.status is EnquiryStatus.SPAM:
        raise Refused(_("An enquiry marked as spam leads to no case."))
    if not case_number.strip():
        raise Refused(_("Give the case number."))
    line = session.exec(
        select(EnquirySought).where(
            EnquirySought.enquiry_id == enquiry_id, EnquirySought.person_id == person_id
        )
    ).first()
    if line is None:
        raise NotFound(_("This enquiry is not about that person."))
    line.apply(
        EnquirySoughtDraft.checked({**line.draft().model_dump(), "case_number": case_number})
    )
    enquiry.apply(
        EnquiryDraft.checked({**enquiry.draft().model_dump(), "status": EnquiryStatus.LINKED})
    )
    session.add_all([line, enquiry])
    session.flush()
    return enquiry


def known_callers(session: Session, e164: str) -> list[Person]:
    """List who has this number, or called from it before; merged files lead to the kept one."""
    by_contact = select(Contact.person_id).where(Contact.e164 == e164)
    by_call = select(Enquiry.caller_id).where(
        Enquiry.number_e164 == e164, col(Enquiry.caller_id).is_not(None)
    )
    found = {*session.exec(by_contact).all(), *session.exec(by_call).all()}
    persons = {p.id: p for p in (people.current(session, i) for i in found if i is not None)}
    return sorted(persons.values(), key=lambda person: person.id or 0)


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in a list beside a person or a case."""

    enquiry_id: int
    on: dt.date
    at: str
    caller: str
    relation: str
    reason: Reason
    status: EnquiryStatus
    operator: str
    summary: str
    case_number: str | None
    call_back_on: dt.date | None
    call_back_at: str = ""
    promised: str = ""
    caller_id: int | None = None


def calls_about(
    session: Session, person_id: int, case_numbers: Collection[str] = ()
) -> list[CallLine]:
    """List the calls about a sought person or about these cases, newest first.

    Calls about a file that was merged into this person's are among them.
    """
    files = select(Person.id).where(
        sa.or_(col(Person.id) == person_id, col(Person.merged_into_id) == person_id)
    )
    sought: sa.ColumnElement[bool] = col(EnquirySought.person_id).in_(files)
    if case_numbers:
        sought = sa.or_(sought, col(EnquirySought.case_number).in_(list(case_numbers)))
    found = session.exec(
        select(Enquiry, EnquirySought)
        .join(EnquirySought, col(EnquirySought.enquiry_id) == col(Enquiry.id))
        .where(sought)
        .order_by(
            col(Enquiry.received_on).desc(), col(Enquiry.received_at).desc(), col(Enquiry.id).desc()
        )
    ).all()
    names = names_of(session, {call.caller_id for call, _line in found})
    lines: dict[int, CallLine] = {}
    for call, line in found:
        if call.id is not None and call.id not in lines:
            lines[call.id] = CallLine(
                call.id,
                call.received_on,
                call.received_at,
                names.get(call.caller_id or 0, ("", ""))[0],
                line.relation,
                call.reason,
                call.status,
                call.operator,
                call.summary,
                line.case_number,
                call.call_back_on,
                call.call_back_at,
                call.promised,
                call.caller_id,
            )
    return list(lines.values())


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A call-back that was promised and not made yet; `at` is the time promised, or empty."""

    enquiry_id: int
    on: dt.date
    at: str
    promise: str
    caller: str
    number: str
    operator: str
    reason: Reason
    revision: int
    days_late: int


_NO_CALL_BACK = (EnquiryStatus.ANSWERED, EnquiryStatus.REFERRED, EnquiryStatus.SPAM)


def call_backs_due(day: dt.date, operator: str = "") -> sa.ColumnElement[bool]:
    """The clause behind the list and the number of call-backs that are due on a day.

    A call that counts as answered or handed on waits for nothing, whatever day stands in it.
    """
    due = sa.and_(
        col(Enquiry.call_back_on).is_not(None),
        col(Enquiry.call_back_on) <= day,
        col(Enquiry.status).not_in(_NO_CALL_BACK),
    )
    return sa.and_(due, col(Enquiry.operator) == operator) if operator else due


def followups(
    session: Session, day: dt.date, operator: str = "", limit: int = 200
) -> list[FollowUp]:
    """List the call-backs due on a day or before it, the longest overdue first."""
    calls = session.exec(
        select(Enquiry)
        .where(call_backs_due(day, operator))
        .order_by(col(Enquiry.call_back_on), col(Enquiry.id))
        .limit(limit)
    ).all()
    names = names_of(session, {call.caller_id for call in calls})
    found = []
    for call in calls:
        if call.id is None or call.call_back_on is None:
            continue
        found.append(
            FollowUp(
                call.id,
                call.call_back_on,
                call.call_back_at,
                call.promised,
                names.get(call.caller_id or 0, ("", ""))[0],
                call.number_typed or call.number_e164 or "",
                call.operator,
                call.reason,
                call.revision,
                (day - call.call_back_on).days,
            )
        )
    return sorted(found, key=lambda item: (item.on, item.at or "24:00", item.enquiry_id))


def followups_count(session: Session, day: dt.date, operator: str = "") -> int:
    """Count what `followups` lists."""
    due = select(sa.func.count()).select_from(Enquiry).where(call_backs_due(day, operator))
    return session.exec(due).one()


@act("hotline.done_call_back", N_("Call-back made"))
def done_call_back(
    session: Session, enquiry_id: int, note: str = "", revision: int | None = None
) -> Enquiry:
    """Note that the promised call-back was made; what was said is added to the summary.

    What was promised stays written down; only the day and the time it was due go.
    """
    enquiry = _enquiry(session, enquiry_id)
    if enquiry.call_back_on is None:
        raise Refused(_("No call-back is open for this call."))
    status = enquiry.status
    values = {
        **enquiry.draft().model_dump(),
        "call_back_on": None,
        "call_back_at": "",
        "status": EnquiryStatus.ANSWERED if status is EnquiryStatus.CALL_BACK else status,
    }
    if note.strip():
        values["summary"] = "\n".join(filter(None, (enquiry.summary, note.strip())))
    enquiry.apply(EnquiryDraft.checked(values), revision=revision)
    session.add(enquiry)
    session.flush()
    return enquiry


def names_of(session: Session, person_ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Give each person's name as it is spoken of, and a Cyrillic one in Latin letters too.

    A person whose file was merged answers with the name of the file that is kept.
    """
    wanted = sorted({person_id for person_id in person_ids if person_id is not None})
    kept: dict[int, int] = {}
    rows: dict[int, list[PersonName]] = {}
    for start in range(0, len(wanted), 500):
        chunk = wanted[start : start + 500]
        pairs = select(Person.id, Person.merged_into_id).where(col(Person.id).in_(chunk))
        for own, other in session.exec(pairs).all():
            if own is not None:
                kept[own] = other or own
        owners = sorted({kept[own] for own in chunk if own in kept})
        named = select(PersonName).where(col(PersonName.person_id).in_(owners))
        for name in session.exec(named.order_by(col(PersonName.id))).all():
            rows.setdefault(name.person_id, []).append(name)
    found = {}
    for own, owner in kept.items():
        names = rows.get(owner, [])
        first = next((n for n in names if n.script is Script.CYRILLIC), names[0] if names else None)
        latin = next((n for n in names if n.script is Script.LATIN and n is not first), None)
        whole = _whole(first)
        found[own] = (whole, _whole(latin) or latin_form(whole))
    return found


def latin_form(name: str) -> str:
    """Write a Cyrillic name as a passport would; nothing where it is Latin already."""
    if script(name) != "cyrillic":
        return ""
    ukrainian = any(letter in "іїєґ" for letter in name.lower())
    return romanise(name, "uk_passport" if ukrainian else "icao")


def _whole(name: PersonName | None) -> str:
    return " ".join(filter(None, (name.family, name.given, name.patronymic))) if name else ""


@dataclass(frozen=True, slots=True)
class SoughtLine:
    """One person a call is about, as the call is read."""

    person_id: int
    name: str
    latin: str
    relation: str
    case_number: str | None
    last_place: str = ""
    last_contact: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call as it is read and changed; `revision` goes back with the change."""

    enquiry_id: int
    revision: int
    draft: EnquiryDraft
    caller: str
    caller_latin: str
    sought: tuple[SoughtLine, ...]


def call_detail(session: Session, enquiry_id: int) -> CallDetail:
    """Read one call with the names of everybody in it."""
    call = _enquiry(session, enquiry_id)
    lines = session.exec(
        select(EnquirySought)
        .where(EnquirySought.enquiry_id == enquiry_id)
        .order_by(col(EnquirySought.id))
    ).all()
    names = names_of(session, [call.caller_id, *(line.person_id for line in lines)])
    caller = names.get(call.caller_id or 0, ("", ""))
    sought = tuple(
        SoughtLine(
            line.person_id,
            *names.get(line.person_id, ("", "")),
            line.relation,
            line.case_number,
            line.last_place,
            _interval(line.last_contact_first, line.last_contact_last),
        )
        for line in lines
    )
    draft = EnquiryDraft.checked(call.draft().model_dump())
    return CallDetail(enquiry_id, call.revision, draft, *caller, sought)


def _interval(first: dt.date | None, last: dt.date | None) -> PartialDate | None:
    return PartialDate(first, last) if first is not None and last is not None else None


def operators(session: Session, limit: int = 100) -> list[str]:
    """List who took calls, by name."""
    named = select(Enquiry.operator).where(Enquiry.operator != "").distinct()
    return list(session.exec(named.order_by(Enquiry.operator).limit(limit)).all())


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """Somebody who has a number or called from it: who, and when they called last."""

    person_id: int
    name: str
    latin: str
    language: str
    calls: int
    last_on: dt.date | None


def callers_by_number(session: Session, e164: str, limit: int = 5) -> list[KnownCaller]:
    """Describe who has this number, the latest caller first."""
    found = []
    for person in known_callers(session, e164)[:limit]:
        if person.id is None:
            continue
        files = select(Person.id).where(
            sa.or_(col(Person.id) == person.id, col(Person.merged_into_id) == person.id)
        )
        own = col(Enquiry.caller_id).in_(files)
        count, last = session.exec(
            select(sa.func.count(), sa.func.max(Enquiry.received_on)).where(own)
        ).one()
        language = session.exec(
            select(Enquiry.language)
            .where(own, Enquiry.language != "")
            .order_by(col(Enquiry.received_on).desc(), col(Enquiry.id).desc())
            .limit(1)
        ).first()
        name, latin = names_of(session, [person.id])[person.id]
        found.append(KnownCaller(person.id, name, latin, language or "", count, last))
    return sorted(found, key=lambda caller: caller.last_on or dt.date.min, reverse=True)


def _enquiry(session: Session, enquiry_id: int) -> Enquiry:
    enquiry = session.get(Enquiry, enquiry_id)
    if enquiry is None:
        raise NotFound(_("There is no such enquiry."))
    return enquiry


def _caller(session: Session, draft: EnquiryDraft, caller: NewPerson | int | None) -> int | None:
    if isinstance(caller, NewPerson):
        return people.register_new(session, caller).id
    chosen = draft.caller_id if caller is None else caller
    return None if chosen is None else people.active(session, chosen).id


def _sought(
    session: Session, item: EnquirySoughtDraft | NewSought, enquiry: Enquiry
) -> EnquirySought:
    if isinstance(item, NewSought):
        values: dict[str, Any] = {
            "person_id": people.register_new(session, item.person).id,
            "relation": item.relation,
            "last_place": item.last_place,
            **contact_values(item.last_contact),
        }
    else:
        values = item.model_dump()
        people.active(session, item.person_id)
    if values["person_id"] == enquiry.caller_id:
        raise Refused(_("The caller cannot be the sought person."))
    return EnquirySought.of(EnquirySoughtDraft.checked({**values, "enquiry_id": enquiry.id}))


def contact_values(contact: PartialDate | None) -> dict[str, dt.date]:
    """Give the two columns of a last contact known in part; none where nothing is known."""
    if contact is None:
        return {}
    return {"last_contact_first": contact.first, "last_contact_last": contact.last}


def _remember_number(session: Session, person_id: int, typed: str, e164: str) -> None:
    """Keep the number with the caller, so that the next call from it is recognised."""
    known = select(Contact.id).where(Contact.person_id == person_id, Contact.e164 == e164)
    if session.exec(known).first() is None:
        people.add_contact(
            session, ContactDraft(person_id=person_id, typed=typed or e164, e164=e164)
        )
