"""What changes in a household after it was registered: address, telephones, head, who leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session, col, select

from casedesk.assistance import counts
from casedesk.assistance.records import Household, HouseholdDraft, HouseholdMember
from casedesk.assistance.rules import change_household, household_of, with_
from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import N_, _
from casedesk.people import rules as people
from casedesk.people.records import Contact, ContactDraft, ContactKind


@act("assistance.change_home", N_("Change household"))
def change_home(
    session: Session,
    household_id: int,
    draft: HouseholdDraft,
    revision: int,
    phones: Sequence[str] | None = None,
) -> Household:
    """Correct a household, and the telephones of its head: those that are named stay or come."""
    household = change_household(session, household_id, draft, revision)
    if phones is None:
        return household
    head = counts.head_of_household(session, household_id)
    if head is None:
        raise Refused(_("A household has one head."))
    wanted = list(dict.fromkeys(" ".join(phone.split()) for phone in phones if phone.strip()))
    for contact in phones_of(session, head):
        if contact.typed in wanted:
            wanted.remove(contact.typed)
        else:
            session.delete(contact)
    session.flush()
    for typed in wanted:
        people.add_contact(session, ContactDraft.checked({"person_id": head, "typed": typed}))
    return household


def phones_of(session: Session, person_id: int) -> Sequence[Contact]:
    """List the telephones of a person, in the order they were noted."""
    return session.exec(
        select(Contact)
        .where(Contact.person_id == person_id, Contact.kind == ContactKind.PHONE)
        .order_by(col(Contact.id))
    ).all()


@act("assistance.choose_head", N_("Choose head of household"))
def choose_head(session: Session, member_id: int, revision: int | None = None) -> HouseholdMember:
    """Make a member the head; the former head stays a member."""
    member = _member(session, member_id)
    if member.until is not None:
        raise Refused(_("This person has left the household."))
    if member.head:
        raise Refused(_("This person is the head already."))
    others = select(HouseholdMember).where(HouseholdMember.household_id == member.household_id)
    for other in session.exec(others).all():
        if other.head:
            other.apply(with_(other.draft(), head=False))
            session.add(other)
    member.apply(with_(member.draft(), head=True, relation=""), revision=revision)
    session.add(member)
    session.flush()
    return member


@act("assistance.leave_household", N_("Note who left the household"))
def leave(
    session: Session, member_id: int, on: dt.date | None = None, revision: int | None = None
) -> HouseholdMember:
    """Note the first day on which a person is no longer of the household; receipts stay counted."""
    member = _member(session, member_id)
    if member.head:
        raise Refused(_("Choose another head before this one leaves."))
    if member.until is not None:
        raise Refused(_("This person has left the household."))
    day = on or clock.today()
    if day > clock.today():
        raise Refused(_("The date lies in the future."))
    member.apply(with_(member.draft(), until=day), revision=revision)
    session.add(member)
    session.flush()
    return member


def _member(session: Session, member_id: int) -> HouseholdMember:
    member = session.get(HouseholdMember, member_id)
    if member is None:
        raise NotFound(_("There is no such member of a household."))
    household_of(session, member.household_id)
    return member
