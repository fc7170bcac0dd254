"""What may be done to enquiries: log, correct, answer, link to a case; who called before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from casedesk.hotline.records import (
    Consent,
    Enquiry,
    EnquiryDraft,
    EnquirySought,
    EnquirySoughtDraft,
    EnquiryStatus,
)
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.fields import phone_key
from casedesk.kernel.language import N_, _
from casedesk.people import rules as people
from casedesk.people.records import Contact, ContactDraft, Person
from casedesk.people.rules import NewPerson


@dataclass(frozen=True)
class NewSought:
    """A sought person not yet in the file."""

    person: NewPerson
    relation: str = ""


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
        }
    else:
        values = item.model_dump()
        people.active(session, item.person_id)
    if values["person_id"] == enquiry.caller_id:
        raise Refused(_("The caller cannot be the sought person."))
    return EnquirySought.of(EnquirySoughtDraft.checked({**values, "enquiry_id": enquiry.id}))


def _remember_number(session: Session, person_id: int, typed: str, e164: str) -> None:
    """Keep the number with the caller, so that the next call from it is recognised."""
    known = select(Contact.id).where(Contact.person_id == person_id, Contact.e164 == e164)
    if session.exec(known).first() is None:
        people.add_contact(
            session, ContactDraft(person_id=person_id, typed=typed or e164, e164=e164)
        )
