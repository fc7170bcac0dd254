"""Registrations as the search for doubles compares them: programme, household, cards and days."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.double_rules import Signal
from casedesk.assistance.records import (
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
)
from casedesk.kernel.store import bound, run

Pairs = dict[tuple[int, int], tuple[str, tuple[Signal, ...]]]
"""Registration and the other one, with the rule that keeps them apart and what they share."""


@dataclass
class Side:
    """What is known of one registration."""

    id: int
    programme: tuple[int, Modality]
    household: int
    status: RegistrationStatus
    registered_on: dt.date
    cards: set[str]
    days: list[dt.date] = field(default_factory=list)
    received: dt.date | None = None


NEAREST = 10
"""Of very many that share one thing, so many before and after one are held against it."""


def nearest(ordered: Sequence[int], own: int, each_way: int = NEAREST) -> Sequence[int]:
    """Give those beside one among ids in their order; all of them where they are few.

    The telephone of the sender in each of 10,000 rows makes 100,000,000 pairs, which nobody could
    hold or read. Each row is told that it shares something with the rows about it.
    """
    at = bisect_left(ordered, own)
    first = max(0, min(at - each_way, len(ordered) - 2 * each_way - 1))
    return ordered[first : first + 2 * each_way + 1]


_SIDES: Final = (
    sa.select(
        col(Registration.id),
        col(Registration.programme_id),
        col(Programme.modality),
        sa.func.coalesce(col(Household.merged_into_id), col(Household.id)),
        col(Registration.status),
        col(Registration.registered_on),
        col(Registration.card_number),
    )
    .join(Programme, col(Programme.id) == col(Registration.programme_id))
    .join(Household, col(Household.id) == col(Registration.household_id))
)
_BY_ID: Final = _SIDES.where(col(Registration.id).in_(bound("ids")))
_MERGED: Any = sa.orm.aliased(Household)
_BY_HOUSEHOLD: Final = _SIDES.where(
    col(Registration.household_id).in_(
        sa.union(
            bound("homes"),
            sa.select(_MERGED.id).where(_MERGED.merged_into_id.in_(bound("homes"))),
        )
    )
)


def _read(rows: Any) -> dict[int, Side]:
    return {
        i: Side(i, (programme, kind), household, status, day, {card} - {""})
        for i, programme, kind, household, status, day, card in rows
    }


def sides(session: Session, ids: Iterable[int]) -> dict[int, Side]:
    """Read registrations by their ids."""
    return _read(run(session, _BY_ID, ids=ids))


def of_households(session: Session, homes: Iterable[int]) -> dict[int, Side]:
    """Read the registrations of households, and of those that were merged into them."""
    return _read(run(session, _BY_HOUSEHOLD, homes=homes))


_LATER: Any = sa.orm.aliased(Receipt)
_RECEIVED: Final = (
    sa.select(col(Entitlement.registration_id), col(Receipt.on_date))
    .join(Receipt, col(Receipt.entitlement_id) == col(Entitlement.id))
    .where(
        col(Entitlement.registration_id).in_(bound("ids")),
        col(Receipt.kind) != ReceiptKind.CANCELLED,
        ~sa.exists().where(
            _LATER.entitlement_id == col(Receipt.entitlement_id),
            _LATER.sequence > col(Receipt.sequence),
        ),
    )
)
_TO_COME: Final = (
    sa.select(col(Entitlement.registration_id), col(Round.first_day))
    .join(Round, col(Round.id) == col(Entitlement.round_id))
    .where(
        col(Entitlement.registration_id).in_(bound("ids")),
        col(Entitlement.status) == EntitlementStatus.PLANNED,
    )
)


def add_days(session: Session, others: Iterable[Side], there: dict[int, Side]) -> None:
    """Note on which days the others received, or are to receive."""
    ids = {side.id for side in others}
    if not ids:
        return
    for registration_id, day in run(session, _RECEIVED, ids=ids):
        side = there[registration_id]
        side.days.append(day)
        side.received = max(side.received or day, day)
    for registration_id, day in run(session, _TO_COME, ids=ids):
        there[registration_id].days.append(day)


_CARDS: Final = sa.select(col(Entitlement.registration_id), col(Entitlement.card_number)).where(
    col(Entitlement.registration_id).in_(bound("ids")), col(Entitlement.card_number) != ""
)
_HOLDERS: Any = sa.union(
    sa.select(col(Entitlement.registration_id), col(Entitlement.card_number)).where(
        col(Entitlement.card_number).in_(bound("cards"))
    ),
    sa.select(col(Registration.id), col(Registration.card_number)).where(
        col(Registration.card_number).in_(bound("cards"))
    ),
)


def cards_of(session: Session, ids: Iterable[int]) -> list[tuple[int, str]]:
    """List the cards on the lines of registrations."""
    return [(i, card) for i, card in run(session, _CARDS, ids=ids)]


def holders(session: Session, cards: Iterable[str]) -> list[tuple[int, str]]:
    """List the registrations that hold cards, on a line or in their own file."""
    return [(i, card) for i, card in run(session, _HOLDERS, cards=cards)]
