"""From a call to a case: acts over both registers, and the door by which the hotline calls them.

The hotline and tracing do not know each other; this module and `candidates` know both. `DOOR` is
what the hotline's form is given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.candidates import candidates
from casedesk.hotline import rules as hotline
from casedesk.hotline.door import About, CandidateRow, CaseDoor, Found, Taken, Typed
from casedesk.hotline.listing import partial_words
from casedesk.hotline.records import Consent, Enquiry, EnquiryDraft, EnquirySought
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import N_, _
from casedesk.people import rules as people
from casedesk.people.records import Person
from casedesk.people.rules import NewPerson
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import CaseEnquirer, CaseEnquirerDraft, TracingCase, TracingCaseDraft

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


def _files(person_id: int) -> sa.ColumnElement[bool]:
    """The file of a person, or a file that was merged into it."""
    return sa.or_(col(Person.id) == person_id, col(Person.merged_into_id) == person_id)


DOOR = CaseDoor(
    candidates=candidates,
    enquirer_in=enquirer_in,
    call_for_case=call_for_case,
    call_to_case=call_to_case,
    case_id=case_id,
)
