"""Four counts that are never mixed: persons, households, receipts, amounts.

Each is one clause over the receipts in force. Persons and households are unions: who received
three times is one person. A receipt is in force while it is the last fact of its entitlement and
does not cancel; `known_on` asks what was in force as known on a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.assistance.records import (
    Country,
    Entitlement,
    Household,
    HouseholdMember,
    Modality,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    Target,
)
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.store import bound, run
from casedesk.people.records import Person

Clause = sa.ColumnElement[bool]
Cut = Callable[[sa.Select[Any]], sa.Select[Any]]


@dataclass(frozen=True)
class Scope:
    """Which receipts: those of programmes of a kind; empty means any."""

    modalities: tuple[Modality, ...] = ()
    country: Country | None = None
    target: Target | None = None
    response: str = ""
    currency: str = ""
    programme_id: int | None = None
    round_id: int | None = None
    since: dt.date | None = None
    """Count from this day to the end of the period, whenever the period begins."""

    def first(self, period: Period) -> dt.date:
        """Give the first day that is counted."""
        return period.first if self.since is None else self.since


def in_force(known_on: dt.date) -> Clause:
    """Ask for the fact that holds of its entitlement, as known on a day."""
    later: Any = sa.orm.aliased(Receipt)
    superseded = sa.exists().where(
        later.entitlement_id == col(Receipt.entitlement_id),
        later.sequence > col(Receipt.sequence),
        later.noted_on <= known_on,
    )
    return sa.and_(
        col(Receipt.kind) != ReceiptKind.CANCELLED,
        col(Receipt.noted_on) <= known_on,
        ~superseded,
    )


def _from(select_: Any, scope: Scope, period: Period, known_on: dt.date) -> Any:
    """Join what a receipt hangs on, and ask for the scope, the period and the day of knowing."""
    joined = (
        select_.select_from(Receipt)
        .join(Entitlement, col(Entitlement.id) == col(Receipt.entitlement_id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(Programme, col(Programme.id) == col(Registration.programme_id))
    )
    clauses: list[Any] = [
        col(Receipt.on_date).between(scope.first(period), period.last),
        in_force(known_on),
    ]
    if scope.modalities:
        clauses.append(col(Programme.modality).in_(scope.modalities))
    for column, wanted in (
        (col(Programme.country), scope.country),
        (col(Programme.target), scope.target),
        (col(Programme.response), scope.response or None),
        (col(Receipt.currency), scope.currency or None),
        (col(Programme.id), scope.programme_id),
        (col(Entitlement.round_id), scope.round_id),
    ):
        if wanted is not None:
            clauses.append(col(column) == wanted)
    return joined.where(*clauses)


def receipts(scope: Scope, period: Period, known_on: dt.date) -> sa.Select[Any]:
    """Select the ids of the receipts in force."""
    selected: sa.Select[Any] = _from(sa.select(col(Receipt.id)), scope, period, known_on)
    return selected


def households(scope: Scope, period: Period, known_on: dt.date) -> sa.Select[Any]:
    """Select the ids of the households that received, each once, merged ones as one."""
    own: Any = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    selected: sa.Select[Any] = (
        _from(sa.select(own.label("id")), scope, period, known_on)
        .join(Household, col(Household.id) == col(Registration.household_id))
        .distinct()
    )
    return selected


def persons(scope: Scope, period: Period, known_on: dt.date) -> sa.Select[Any]:
    """Select the ids of the persons who received, each once, merged ones as one.

    A receipt for one person counts this person; one for a household counts everybody who was of
    it on the day.
    """
    own: Any = sa.func.coalesce(col(Person.merged_into_id), col(Person.id))
    single = _from(sa.select(own.label("id")), scope, period, known_on).join(
        Person, col(Person.id) == col(Entitlement.person_id)
    )
    shared = (
        _from(sa.select(own.label("id")), scope, period, known_on)
        .where(col(Entitlement.person_id).is_(None))
        .join(HouseholdMember, col(HouseholdMember.household_id) == col(Registration.household_id))
        .join(Person, col(Person.id) == col(HouseholdMember.person_id))
        .where(
            sa.or_(
                col(HouseholdMember.since).is_(None),
                col(HouseholdMember.since) <= col(Receipt.on_date),
            ),
            sa.or_(
                col(HouseholdMember.until).is_(None),
                col(HouseholdMember.until) > col(Receipt.on_date),
            ),
        )
    )
    both = sa.union(single, shared).subquery()
    return sa.select(both.c.id)


def amount(session: Session, scope: Scope, period: Period, known_on: dt.date) -> dict[str, int]:
    """Add up what the receipts in force paid, in hundredths, by currency."""
    total = sa.func.sum(col(Receipt.amount))
    statement = _from(sa.select(col(Receipt.currency), total), scope, period, known_on)
    rows = session.execute(statement.group_by(col(Receipt.currency)))
    return {currency: int(value) for currency, value in rows}


def reached_on(
    session: Session, scope: Scope, threshold: int, period: Period, known_on: dt.date
) -> dt.date | None:
    """Tell the first day on which the amount, added up, reaches a threshold in hundredths."""
    total = sa.func.sum(col(Receipt.amount))
    statement = _from(sa.select(col(Receipt.on_date), total), scope, period, known_on)
    reached = 0
    for day, value in session.execute(statement.group_by(col(Receipt.on_date)).order_by("on_date")):
        reached += int(value)
        if reached >= threshold:
            return dt.date.fromisoformat(day) if isinstance(day, str) else day
    return None


def indicator(
    key: str, label: str, scope: Scope, of: Callable[[Scope, Period, dt.date], sa.Select[Any]]
) -> Indicator:
    """Declare a figure: whose ids (`persons`, `households`, `receipts`) and of which scope."""
    return Indicator(key, label, lambda period, known_on: of(scope, period, known_on))


_OWN: Any = sa.func.coalesce(col(Person.merged_into_id), col(Person.id))
_PEOPLE: Any = (
    sa.select(col(HouseholdMember.household_id), _OWN)
    .select_from(HouseholdMember)
    .join(Person, col(Person.id) == col(HouseholdMember.person_id))
    .where(
        col(HouseholdMember.household_id).in_(bound("homes")),
        col(HouseholdMember.until).is_(None),
    )
    .order_by(col(HouseholdMember.head).desc(), col(HouseholdMember.id))
)


def persons_of_households(session: Session, homes: Iterable[int]) -> dict[int, list[int]]:
    """List the persons who are of each household now, head first, past merges of persons."""
    session.flush()
    found: dict[int, dict[int, None]] = {}
    for home, person in run(session, _PEOPLE, homes=homes):
        found.setdefault(home, {})[person] = None
    return {home: list(people) for home, people in found.items()}


def persons_of_household(session: Session, household_id: int) -> list[int]:
    """List the persons who are of a household now, head first, past merges of persons."""
    return persons_of_households(session, [household_id]).get(household_id, [])


def head_of_household(session: Session, household_id: int) -> int | None:
    """Give the head of a household."""
    return next(iter(persons_of_household(session, household_id)), None)


def lines_by_key(session: Session, round_id: int, key: str) -> list[int]:
    """List the lines of a round whose card, or whose household's code, reads so."""
    code = sa.func.replace(col(Household.code), "-", "")
    statement = (
        select(col(Entitlement.id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(Household, col(Household.id) == col(Registration.household_id))
        .where(
            col(Entitlement.round_id) == round_id,
            sa.or_(
                col(Entitlement.card_number) == key,
                col(Registration.card_number) == key,
                code == key,
            ),
        )
        .order_by(col(Entitlement.id))
    )
    return [int(i) for i in session.exec(statement).all() if i is not None]
