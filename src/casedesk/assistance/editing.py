"""What forms begin with: a programme, a round, a household, a registration, a receipt as it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from casedesk.assistance import counts, homes, listing, wording
from casedesk.assistance.asking import SURE
from casedesk.assistance.records import (
    Entitlement,
    Household,
    HouseholdDraft,
    HouseholdMember,
    HouseholdMemberDraft,
    ProgrammeDraft,
    Registration,
    RegistrationDraft,
    RegistrationStatus,
    Round,
    RoundDraft,
    RoundStatus,
    Site,
    SiteDraft,
)
from casedesk.assistance.rounds import entitlement_of, in_force, round_of
from casedesk.assistance.rules import (
    STEPS,
    current_household,
    household_of,
    programme_of,
    registration_of,
)
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _
from casedesk.kernel.query import Tagged
from casedesk.partners import rules as partners
from casedesk.people import index
from casedesk.people.records import Person, PersonName


@dataclass(frozen=True)
class ProgrammeFile:
    """A programme as a form begins with it."""

    id: int
    revision: int
    draft: ProgrammeDraft
    partner: str
    begun: bool
    """Whether a round was opened: then kind, country and currency stay."""


@dataclass(frozen=True)
class SiteFile:
    """A point, and how many lines stand there."""

    id: int
    revision: int
    draft: SiteDraft
    lines: int


@dataclass(frozen=True)
class RoundFile:
    """A round with its points."""

    id: int
    revision: int
    draft: RoundDraft
    programme: str
    sites: tuple[SiteFile, ...]

    @property
    def open(self) -> bool:
        """Whether name and days can still be corrected."""
        return self.draft.status is RoundStatus.OPEN


@dataclass(frozen=True)
class MemberFile:
    """A person of a household."""

    id: int
    revision: int
    draft: HouseholdMemberDraft
    name: str
    born: str


@dataclass(frozen=True)
class RegistrationFile:
    """A registration with what can be done to it next."""

    id: int
    revision: int
    draft: RegistrationDraft
    programme: str
    tag: Tagged
    steps: tuple[RegistrationStatus, ...]


@dataclass(frozen=True)
class HomeFile:
    """A household: address and need, who belongs to it, telephones of its head, registrations."""

    id: int
    revision: int
    draft: HouseholdDraft
    head: str
    members: tuple[MemberFile, ...]
    left: tuple[MemberFile, ...]
    phones: tuple[str, ...]
    registrations: tuple[RegistrationFile, ...]


@dataclass(frozen=True)
class ReceiptFile:
    """The receipt in force of a line, and who could have collected it."""

    line_id: int
    round_id: int
    sequence: int
    quantity: int
    amount: int
    currency: str
    on: dt.date
    head: str
    collected_by_id: int | None
    proxy: str
    place: str
    people: tuple[tuple[int, str], ...]


def programme_file(session: Session, programme_id: int) -> ProgrammeFile:
    """Read a programme to change it."""
    own = programme_of(session, programme_id)
    partner = partners.known(session, own.partner_id) if own.partner_id else None
    found = session.exec(select(Round.id).where(Round.programme_id == programme_id))
    return ProgrammeFile(
        id=programme_id,
        revision=own.revision,
        draft=cast(ProgrammeDraft, own.draft()),
        partner=(partner.name or partner.latin_name) if partner else "",
        begun=found.first() is not None,
    )


def partners_for(session: Session, text: str) -> list[tuple[int, str]]:
    """Find organisations for the field of the partner."""
    found = partners.find(session, text, limit=6)
    return [(item.id or 0, item.name or item.latin_name) for item in found]


def round_file(session: Session, round_id: int) -> RoundFile:
    """Read a round to change it."""
    own = round_of(session, round_id)
    lines = sa.select(func.count(col(Entitlement.id))).where(
        col(Entitlement.site_id) == col(Site.id)
    )
    rows = session.execute(
        sa.select(Site, lines.scalar_subquery())
        .where(col(Site.round_id) == round_id)
        .order_by(col(Site.id))
    ).all()
    return RoundFile(
        id=round_id,
        revision=own.revision,
        draft=cast(RoundDraft, own.draft()),
        programme=programme_of(session, own.programme_id).name,
        sites=tuple(
            SiteFile(site.id or 0, site.revision, site.draft(), count) for site, count in rows
        ),
    )


def home_of_line(session: Session, line_id: int) -> HomeFile:
    """Read the household of a line to change it."""
    item = entitlement_of(session, line_id)
    registration = registration_of(session, item.registration_id)
    return home_file(session, current_household(session, registration.household_id))


def home_file(session: Session, household_id: int) -> HomeFile:
    """Read a household to change it."""
    own = household_of(session, household_id)
    members = [
        _member(session, row)
        for row in session.exec(
            select(HouseholdMember)
            .where(HouseholdMember.household_id == household_id)
            .order_by(col(HouseholdMember.head).desc(), col(HouseholdMember.id))
        ).all()
    ]
    head = counts.head_of_household(session, household_id)
    phones = homes.phones_of(session, head) if head is not None else ()
    registrations = session.exec(
        select(Registration)
        .where(Registration.household_id == household_id)
        .order_by(col(Registration.registered_on).desc(), col(Registration.id).desc())
    ).all()
    here = tuple(member for member in members if member.draft.until is None)
    return HomeFile(
        id=household_id,
        revision=own.revision,
        draft=cast(HouseholdDraft, own.draft()),
        head=here[0].name if here else _("Name not known"),
        members=here,
        left=tuple(member for member in members if member.draft.until is not None),
        phones=tuple(contact.typed for contact in phones),
        registrations=tuple(_registration(session, row) for row in registrations),
    )


def _registration(session: Session, row: Registration) -> RegistrationFile:
    words, tone = wording.REGISTRATION[row.status]
    return RegistrationFile(
        id=row.id or 0,
        revision=row.revision,
        draft=cast(RegistrationDraft, row.draft()),
        programme=programme_of(session, row.programme_id).name,
        tag=Tagged(_(words), tone),
        steps=STEPS[row.status],
    )


def _member(session: Session, row: HouseholdMember) -> MemberFile:
    person = session.get(Person, row.person_id)
    holder = person.merged_into_id or person.id if person else row.person_id
    own = session.get(Person, holder)
    name = session.exec(
        select(PersonName)
        .where(PersonName.person_id == holder)
        .order_by(col(PersonName.kind) != "official", col(PersonName.id))
    ).first()
    parts = (name.family, name.given, name.patronymic) if name else ()
    born = ""
    if own is not None and own.born_first and own.born_last:
        born = PartialDate(own.born_first, own.born_last).text()
    return MemberFile(
        id=row.id or 0,
        revision=row.revision,
        draft=cast(HouseholdMemberDraft, row.draft()),
        name=" ".join(part for part in parts if part) or _("Name not known"),
        born=born,
    )


def receipt_file(session: Session, line_id: int) -> ReceiptFile:
    """Read the receipt of a line to correct it."""
    item = entitlement_of(session, line_id)
    last = in_force(session, line_id)
    registration = registration_of(session, item.registration_id)
    home = home_file(session, current_household(session, registration.household_id))
    return ReceiptFile(
        line_id=line_id,
        round_id=item.round_id,
        sequence=last.sequence,
        quantity=last.quantity,
        amount=last.amount,
        currency=last.currency,
        on=last.on_date,
        head=home.head,
        collected_by_id=last.collected_by_id,
        proxy=last.proxy,
        place=last.place,
        people=tuple((member.draft.person_id, member.name) for member in home.members),
    )


def others_of_round(session: Session, line_id: int, text: str) -> list[tuple[int, str]]:
    """Find planned lines of the same round, by a name, a card or a code: who it was meant for."""
    item = entitlement_of(session, line_id)
    found = listing.lines_like(session, item.round_id, text, limit=7)
    return [(i, words) for i, words in found if i != line_id][:6]


def sure_persons(session: Session, text: str) -> list[tuple[int, str]]:
    """Find persons of the file whose name is nearly the one that is typed."""
    return persons_for(session, text, least=SURE)


def persons_for(session: Session, text: str, *, least: float = 0.0) -> list[tuple[int, str]]:
    """Find persons of the file who may be the one that is typed, with what is known of them."""
    hits = [hit for hit in index.search(session, text, limit=5) if hit.score >= least]
    names = _homes_of(session, [hit.person_id for hit in hits])
    found = []
    for hit in hits:
        born = _("born {born}").format(born=hit.born.text()) if hit.born else ""
        parts = (hit.name, born, names.get(hit.person_id, ""))
        found.append((hit.person_id, " · ".join(part for part in parts if part)))
    return found


def _homes_of(session: Session, people: list[int]) -> dict[int, str]:
    rows = session.execute(
        sa.select(col(HouseholdMember.person_id), col(Household.code))
        .join(Household, col(Household.id) == col(HouseholdMember.household_id))
        .where(
            col(HouseholdMember.person_id).in_(people),
            col(HouseholdMember.until).is_(None),
            col(Household.merged_into_id).is_(None),
        )
    )
    return {person: _("household {code}").format(code=code) for person, code in rows}
