"""A round, a line and a warning as the window shows them: read in one go, then standing still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.assistance import counts, doubles, wording
from casedesk.assistance.counts import Scope
from casedesk.assistance.doubles import Finding, masked
from casedesk.assistance.records import (
    UNDECIDED,
    Decision,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    Modality,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    RoundStatus,
    Site,
)
from casedesk.assistance.rounds import entitlement_of, round_of
from casedesk.assistance.rules import current_household, programme_of, registration_of
from casedesk.kernel import clock
from casedesk.kernel.figures import Period
from casedesk.kernel.language import _
from casedesk.kernel.query import Tagged
from casedesk.people.records import Person, PersonName

EVER = Period(dt.date(2000, 1, 1), dt.date(2199, 12, 31))


@dataclass(frozen=True)
class SiteLine:
    """One point of a round, with how far it is."""

    id: int
    name: str
    team: str
    lines: int
    received: int


@dataclass(frozen=True)
class RoundSummary:
    """The head of a round: progress, the four counts, who locked and approved, what comes next."""

    id: int
    revision: int
    name: str
    programme_id: int
    programme: str
    modality: Modality
    status: RoundStatus
    tag: Tagged
    first_day: dt.date
    last_day: dt.date
    lines: int
    received: int
    planned: int
    stopped: int
    not_collected: int
    to_decide: int
    households: int
    persons: int
    receipts: int
    amount: int
    amount_planned: int
    currency: str
    locked_by: str
    first_approver: str
    second_approver: str
    sites: tuple[SiteLine, ...]

    @property
    def share(self) -> float:
        """How much of the list was received, from 0 to 1."""
        return self.received / self.lines if self.lines else 0.0


@dataclass(frozen=True)
class Warning:
    """A possible double as it opens under its row: why, line by line, and who decided what."""

    double_id: int
    revision: int
    entitlement_id: int | None
    registration_id: int
    other_id: int
    finding: Finding
    decision: Decision
    tag: Tagged
    reason: str
    decided_by: str
    confirmed_by: str
    decided_on: dt.date | None


@dataclass(frozen=True)
class LineReading:
    """One line at the table: who stands there, what is handed over, and what stands against it."""

    id: int
    revision: int
    household_id: int
    code: str
    head: str
    people: tuple[str, ...]
    address: str
    what: str
    card: str
    site: str
    status: EntitlementStatus
    tag: Tagged
    received_on: dt.date | None
    collected_by: str
    against: str
    """Why nothing can be handed over now; empty where it can."""
    warnings: tuple[Warning, ...]


@dataclass(frozen=True)
class ProgrammeSummary:
    """One programme, with its four counts up to today."""

    id: int
    name: str
    modality: Modality
    kind: str
    country: str
    starts_on: dt.date
    ends_on: dt.date | None
    rounds: int
    registrations: int
    households: int
    persons: int
    receipts: int
    amounts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class FactLine:
    """One fact about a line, newest last: given, corrected or cancelled."""

    receipt_id: int
    kind: ReceiptKind
    text: str
    on: dt.date
    amount: str
    collected_by: str
    place: str
    noted_by: str
    noted_on: dt.date
    reason: str


def round_summary(session: Session, round_id: int) -> RoundSummary:
    """Read the head of a round."""
    own = round_of(session, round_id)
    programme = programme_of(session, own.programme_id)
    rows: dict[EntitlementStatus, tuple[int, int]] = {
        EntitlementStatus(status): (count, amount)
        for status, count, amount in session.execute(
            sa.select(
                col(Entitlement.status),
                sa.func.count(col(Entitlement.id)),
                sa.func.sum(col(Entitlement.amount)),
            )
            .where(col(Entitlement.round_id) == round_id)
            .group_by(col(Entitlement.status))
        )
    }

    def lines(status: EntitlementStatus) -> int:
        return rows.get(status, (0, 0))[0]

    scope, today = Scope(round_id=round_id), clock.today()
    amounts = counts.amount(session, scope, EVER, today)
    words, tone = wording.ROUND[own.status]
    return RoundSummary(
        id=round_id,
        revision=own.revision,
        name=own.name,
        programme_id=own.programme_id,
        programme=programme.name,
        modality=programme.modality,
        status=own.status,
        tag=Tagged(_(words), tone),
        first_day=own.first_day,
        last_day=own.last_day,
        lines=sum(count for count, _amount in rows.values()),
        received=lines(EntitlementStatus.RECEIVED),
        planned=lines(EntitlementStatus.PLANNED),
        stopped=lines(EntitlementStatus.STOPPED),
        not_collected=lines(EntitlementStatus.NOT_COLLECTED),
        to_decide=_to_decide(session, round_id),
        households=_size(session, counts.households(scope, EVER, today)),
        persons=_size(session, counts.persons(scope, EVER, today)),
        receipts=_size(session, counts.receipts(scope, EVER, today)),
        amount=amounts.get(programme.currency, 0),
        amount_planned=rows.get(EntitlementStatus.PLANNED, (0, 0))[1] or 0,
        currency=programme.currency,
        locked_by=own.locked_by,
        first_approver=own.first_approver,
        second_approver=own.second_approver,
        sites=tuple(_sites(session, round_id)),
    )


def newest_round(session: Session) -> int | None:
    """Find the round to show first: one under way, else the newest."""
    under_way = col(Round.status) == RoundStatus.UNDER_WAY
    return session.exec(
        select(Round.id).order_by(under_way.desc(), col(Round.first_day).desc(), col(Round.id))
    ).first()


def programmes(session: Session, ids: Sequence[int] | None = None) -> list[ProgrammeSummary]:
    """Read the programmes, newest first, each with its four counts up to today."""
    today = clock.today()
    statement = select(Programme).order_by(col(Programme.starts_on).desc(), col(Programme.id))
    if ids is not None:
        statement = statement.where(col(Programme.id).in_(ids))
    found = []
    for item in session.exec(statement).all():
        if item.id is None:
            continue
        scope = Scope(programme_id=item.id)
        found.append(
            ProgrammeSummary(
                id=item.id,
                name=item.name,
                modality=item.modality,
                kind=_(wording.MODALITY[item.modality]),
                country=_(wording.COUNTRY[item.country]),
                starts_on=item.starts_on,
                ends_on=item.ends_on,
                rounds=_size(
                    session, sa.select(col(Round.id)).where(_is(Round.programme_id, item.id))
                ),
                registrations=_size(
                    session,
                    sa.select(col(Registration.id)).where(_is(Registration.programme_id, item.id)),
                ),
                households=_size(session, counts.households(scope, EVER, today)),
                persons=_size(session, counts.persons(scope, EVER, today)),
                receipts=_size(session, counts.receipts(scope, EVER, today)),
                amounts=tuple(sorted(counts.amount(session, scope, EVER, today).items())),
            )
        )
    return found


def warnings(session: Session, round_id: int, *, decided: bool = False) -> list[Warning]:
    """Read the possible doubles of a round's list; those still to decide, or all."""
    statement = (
        sa.select(col(Double.id), col(Entitlement.id))
        .join(Entitlement, col(Entitlement.registration_id) == col(Double.registration_id))
        .where(col(Entitlement.round_id) == round_id)
        .order_by(col(Double.id))
    )
    if not decided:
        statement = statement.where(col(Double.decision).in_(UNDECIDED))
    lines: dict[int, int] = {}
    for double_id, line_id in session.execute(statement):
        lines.setdefault(double_id, line_id)
    return _warnings(session, lines)


def open_warnings(session: Session) -> list[Warning]:
    """Read all possible doubles that wait for a decision, also of no round."""
    ids = session.execute(
        sa.select(col(Double.id))
        .where(col(Double.decision).in_(UNDECIDED))
        .order_by(col(Double.id))
    ).scalars()
    return _warnings(session, dict.fromkeys(ids))


def line(session: Session, entitlement_id: int) -> LineReading:
    """Read one line for handing over at the table."""
    item = entitlement_of(session, entitlement_id)
    own = round_of(session, item.round_id)
    registration = registration_of(session, item.registration_id)
    home = current_household(session, registration.household_id)
    household = session.get(Household, home)
    programme = programme_of(session, own.programme_id)
    everyone = counts.persons_of_household(session, home)
    names = _names(session, [*everyone, *([item.person_id] if item.person_id else [])])
    first = item.person_id if item.person_id is not None else next(iter(everyone), 0)
    found = _warnings(
        session,
        dict.fromkeys(
            session.execute(
                sa.select(col(Double.id)).where(col(Double.registration_id) == item.registration_id)
            ).scalars(),
            entitlement_id,
        ),
    )
    site = session.get(Site, item.site_id) if item.site_id else None
    last = session.exec(
        select(Receipt)
        .where(Receipt.entitlement_id == entitlement_id)
        .order_by(col(Receipt.sequence).desc())
    ).first()
    in_force = last if last is not None and last.kind is not ReceiptKind.CANCELLED else None
    words, tone = wording.LINE[item.status]
    return LineReading(
        id=entitlement_id,
        revision=item.revision,
        household_id=home,
        code=household.code if household else "",
        head=names.get(first, _("Name not known")),
        people=tuple(names.get(i, _("Name not known")) for i in everyone),
        address=", ".join(p for p in (household.place, household.address) if p)
        if household
        else "",
        what=wording.given(programme.modality, item.quantity, item.amount, item.currency),
        card=masked(item.card_number),
        site=site.name if site else "",
        status=item.status,
        tag=Tagged(_(words), tone),
        received_on=in_force.on_date if in_force else None,
        collected_by=_collected_by(session, in_force),
        against=_against(own, item, registration, found),
        warnings=tuple(found),
    )


def facts(session: Session, entitlement_id: int) -> list[FactLine]:
    """Read what was noted of a line, oldest first: nothing is ever left out."""
    own = round_of(session, entitlement_of(session, entitlement_id).round_id)
    modality = programme_of(session, own.programme_id).modality
    rows = session.exec(
        select(Receipt)
        .where(Receipt.entitlement_id == entitlement_id)
        .order_by(col(Receipt.sequence))
    ).all()
    return [
        FactLine(
            receipt_id=row.id or 0,
            kind=row.kind,
            text=_(wording.RECEIPT[row.kind]),
            on=row.on_date,
            amount=wording.given(modality, row.quantity, row.amount, row.currency),
            collected_by=_collected_by(session, row),
            place=row.place,
            noted_by=row.noted_by,
            noted_on=row.noted_on,
            reason=row.reason,
        )
        for row in rows
    ]


def _is(column: Any, value: int) -> sa.ColumnElement[bool]:
    return col(column) == value


def _size(session: Session, statement: sa.Select[Any]) -> int:
    counted = sa.select(sa.func.count()).select_from(statement.subquery())
    return int(session.execute(counted).scalar_one())


def _to_decide(session: Session, round_id: int) -> int:
    return _size(
        session,
        sa.select(col(Entitlement.id)).where(
            col(Entitlement.round_id) == round_id,
            col(Entitlement.status) == EntitlementStatus.PLANNED,
            sa.exists().where(
                col(Double.registration_id) == col(Entitlement.registration_id),
                col(Double.decision).in_(UNDECIDED),
            ),
        ),
    )


def _sites(session: Session, round_id: int) -> list[SiteLine]:
    received = sa.func.count(sa.case((col(Entitlement.status) == EntitlementStatus.RECEIVED, 1)))
    rows = session.execute(
        sa.select(
            col(Site.id),
            col(Site.name),
            col(Site.team),
            sa.func.count(col(Entitlement.id)),
            received,
        )
        .join(Entitlement, col(Entitlement.site_id) == col(Site.id), isouter=True)
        .where(col(Site.round_id) == round_id)
        .group_by(col(Site.id))
        .order_by(col(Site.id))
    )
    return [SiteLine(*row) for row in rows]


def _warnings(session: Session, lines: dict[int, int | None] | dict[int, int]) -> list[Warning]:
    rows = session.exec(
        select(Double).where(col(Double.id).in_(list(lines))).order_by(col(Double.id))
    ).all()
    findings = {(f.registration_id, f.other_id): f for f in doubles.described(session, rows)}
    return [
        Warning(
            double_id=row.id or 0,
            revision=row.revision,
            entitlement_id=lines[row.id or 0],
            registration_id=row.registration_id,
            other_id=row.other_id,
            finding=findings[row.registration_id, row.other_id],
            decision=row.decision,
            tag=Tagged(_(wording.DECISION[row.decision][0]), wording.DECISION[row.decision][1]),
            reason=row.reason,
            decided_by=row.decided_by,
            confirmed_by=row.confirmed_by,
            decided_on=row.decided_on,
        )
        for row in rows
    ]


def _against(
    own: Round, item: Entitlement, registration: Registration, found: Sequence[Warning]
) -> str:
    if item.status is EntitlementStatus.RECEIVED:
        return _("This was received already.")
    if item.status is not EntitlementStatus.PLANNED:
        return item.reason or _("This line was stopped, or not collected in time.")
    if own.status is not RoundStatus.UNDER_WAY:
        return _("The distribution is not under way.")
    if registration.status is not RegistrationStatus.INCLUDED:
        return _("The registration is paused or has ended. Nothing is handed over.")
    if any(warning.decision in UNDECIDED for warning in found):
        return _("This may be double assistance. Decide about it first.")
    return ""


def _collected_by(session: Session, receipt: Receipt | None) -> str:
    if receipt is None:
        return ""
    if receipt.collected_by_id is None:
        return receipt.proxy
    person = session.get(Person, receipt.collected_by_id)
    holder = (person.merged_into_id or person.id) if person else None
    return _names(session, [holder] if holder else []).get(holder or 0, receipt.proxy)


def _names(session: Session, persons: Sequence[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for who, family, given, patronymic in session.execute(
        sa.select(
            col(PersonName.person_id),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
        )
        .where(col(PersonName.person_id).in_(list(persons)))
        .order_by(col(PersonName.kind) != "official", col(PersonName.id))
    ):
        names.setdefault(who, " ".join(part for part in (family, given, patronymic) if part))
    return names
