"""What an undoing may not leave behind; each act refuses its own forbidden steps itself.

Undo puts rows back as they were, whatever was done beside them since: the list that was approved,
the receipt in the closed round. The catalog runs `keep` in the same transaction, so that an
undoing which would leave such a state is refused and changes nothing.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.records import (
    ENDED_ROUND,
    UNDECIDED,
    Double,
    Entitlement,
    EntitlementStatus,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    RoundStatus,
)
from casedesk.kernel import journal
from casedesk.kernel.errors import StaleRecord
from casedesk.kernel.language import _
from casedesk.kernel.store import listed

_TABLES = ("assistance_round", "entitlement", "receipt", "registration", "double_assistance")
_BEGUN = (RoundStatus.UNDER_WAY, *ENDED_ROUND)
_EARLY = (RegistrationStatus.NEW, RegistrationStatus.VALIDATED, RegistrationStatus.DECLINED)


def keep(session: Session, touched: dict[str, set[int]]) -> None:
    """Refuse an undoing after which a list, a receipt or a decision would be against the rules."""
    if not any(table in touched for table in _TABLES):
        return
    undoes = session.execute(
        sa.select(journal.ENTRY.c.undoes).where(journal.ENTRY.c.id == session.info["entry"])
    ).scalar_one()
    if undoes is None:
        return
    lines = touched.get("entitlement", set())
    rounds = set(touched.get("assistance_round", set()))
    rounds |= _changed_lists(session, lines)
    facts = touched.get("receipt", set())
    gone = {int(row["entitlement_id"]) for row in journal.removed(session, "receipt")}
    served = set(
        session.execute(
            sa.select(col(Receipt.entitlement_id)).where(col(Receipt.id).in_(listed(facts)))
        ).scalars()
    )
    entitlements = lines | gone | served
    if (
        _wrong_lists(session, rounds)
        or _wrong_lines(session, col(Entitlement.id).in_(listed(entitlements)))
        or _wrong_lines(session, col(Entitlement.round_id).in_(listed(rounds)))
        or _wrong_registrations(session, touched.get("registration", set()))
        or _wrong_doubles(session, col(Double.id).in_(listed(touched.get("double_assistance", ()))))
        or _wrong_doubles(session, col(Entitlement.id).in_(listed(gone | served)))
    ):
        raise StaleRecord(_("Something else was done since, so this cannot be undone."))


def _some(session: Session, statement: sa.Select[Any]) -> bool:
    return session.execute(statement.limit(1)).first() is not None


def _changed_lists(session: Session, lines: set[int]) -> set[int]:
    """Refuse to add a line to, or take one from, a list that is locked; give the rounds touched."""
    came = session.execute(
        sa.select(journal.LINE.c.record_id).where(
            journal.LINE.c.entry_id == session.info["entry"],
            journal.LINE.c.record == "entitlement",
            journal.LINE.c.action == "create",
        )
    ).scalars()
    added = session.execute(
        sa.select(col(Entitlement.round_id)).where(col(Entitlement.id).in_(listed(came)))
    ).scalars()
    removed = {int(row["round_id"]) for row in journal.removed(session, "entitlement")}
    changed = removed | set(added)
    locked = sa.select(col(Round.id)).where(
        col(Round.id).in_(listed(changed)), col(Round.status) != RoundStatus.OPEN
    )
    if _some(session, locked):
        raise StaleRecord(_("The list is locked now, so this cannot be undone."))
    return changed


def _last() -> sa.ColumnElement[bool]:
    later: Any = sa.orm.aliased(Receipt)
    return ~sa.exists().where(
        later.entitlement_id == col(Receipt.entitlement_id), later.sequence > col(Receipt.sequence)
    )


def _wrong_lists(session: Session, rounds: set[int]) -> bool:
    """Receipts before the round began, or lines still planned after it has ended."""
    early = (
        sa.select(col(Receipt.id))
        .join(Entitlement, col(Entitlement.id) == col(Receipt.entitlement_id))
        .join(Round, col(Round.id) == col(Entitlement.round_id))
        .where(col(Round.id).in_(listed(rounds)), col(Round.status).not_in(_BEGUN))
    )
    return _some(session, early)


def _wrong_lines(session: Session, clause: Any) -> bool:
    """Status and receipts must say the same, and nothing is planned or paid out of its time."""
    force = (
        sa.exists()
        .where(
            col(Receipt.entitlement_id) == col(Entitlement.id),
            col(Receipt.kind) != ReceiptKind.CANCELLED,
            _last(),
        )
        .correlate(Entitlement)
    )
    received = col(Entitlement.status) == EntitlementStatus.RECEIVED
    planned = col(Entitlement.status) == EntitlementStatus.PLANNED
    missed = col(Entitlement.status) == EntitlementStatus.NOT_COLLECTED
    wrong = (
        sa.select(col(Entitlement.id))
        .join(Round, col(Round.id) == col(Entitlement.round_id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .where(
            clause,
            sa.or_(
                received != force,
                sa.and_(received, col(Round.status).not_in(_BEGUN)),
                sa.and_(planned, col(Round.status).in_(ENDED_ROUND)),
                sa.and_(missed, col(Round.status).not_in(ENDED_ROUND)),
                sa.and_(
                    planned,
                    col(Registration.status).not_in(
                        (RegistrationStatus.INCLUDED, RegistrationStatus.PAUSED)
                    ),
                ),
            ),
        )
    )
    return _some(session, wrong)


def _wrong_registrations(session: Session, registrations: set[int]) -> bool:
    """Lines of a registration that was not included yet, or is not any more."""
    own = col(Registration.id).in_(listed(registrations))
    early = (
        sa.select(col(Entitlement.id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .where(
            own,
            col(Registration.status).in_(_EARLY),
            col(Entitlement.status).in_((EntitlementStatus.PLANNED, EntitlementStatus.RECEIVED)),
        )
    )
    return _some(session, early) or _wrong_lines(
        session, col(Entitlement.registration_id).in_(listed(registrations))
    )


def _wrong_doubles(session: Session, clause: Any) -> bool:
    """A double that was undecided when its registration was handed something, and is so now.

    One that is found later, because a card was corrected, say, waits for its decision beside the
    receipt. The order of the journal tells which came first.
    """
    given: Any = sa.orm.aliased(Receipt)
    wrong = (
        sa.select(col(Double.id))
        .join(Entitlement, col(Entitlement.registration_id) == col(Double.registration_id))
        .join(Receipt, col(Receipt.entitlement_id) == col(Entitlement.id))
        .join(given, given.entitlement_id == col(Entitlement.id))
        .where(
            clause,
            col(Double.decision).in_(UNDECIDED),
            sa.or_(
                col(Double.round_id).is_(None), col(Double.round_id) == col(Entitlement.round_id)
            ),
            col(Receipt.kind) != ReceiptKind.CANCELLED,
            _last(),
            given.kind == ReceiptKind.GIVEN,
            _written("receipt", given.id) > _written("double_assistance", col(Double.id)),
        )
    )
    return _some(session, wrong)


def _written(record: str, own: Any) -> Any:
    """Give the line of the journal with which a record came into the file, the last time."""
    return (
        sa.select(sa.func.max(journal.LINE.c.id))
        .where(
            journal.LINE.c.record == record,
            journal.LINE.c.record_id == own,
            journal.LINE.c.action == "create",
        )
        .scalar_subquery()
    )
