"""Acts that a second person confirms at the same desk, by name.

The file knows no users yet, so the second person says who they are, and the record keeps both
names. Each is one act of the person at the desk: one Undo takes it back whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from casedesk.assistance import rounds, rules
from casedesk.assistance.records import Double, Round
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import N_, _


@contextmanager
def _acting(session: Session, name: str) -> Iterator[None]:
    """Let what follows be done by somebody else, who is named."""
    if not name.strip():
        raise Refused(_("Write the name of the second person."))
    before = session.info.get("actor", "")
    session.info["actor"] = name
    try:
        yield
    finally:
        session.info["actor"] = before


@act("assistance.approve_second", N_("Approve round as second person"))
def approve(session: Session, round_id: int, second: str) -> Round:
    """Give the second approval, which is another person's."""
    with _acting(session, second):
        return rounds.approve_round(session, round_id)


@act("assistance.give_anyway_confirmed", N_("Give anyway"))
def give_anyway(
    session: Session, double_id: int, reason: str, second: str, revision: int | None = None
) -> Double:
    """Decide that both are served, with a reason, and have it confirmed in the same breath."""
    rules.give_anyway(session, double_id, reason, revision)
    return confirm(session, double_id, second)


@act("assistance.confirm_second", N_("Confirm giving anyway"))
def confirm(session: Session, double_id: int, second: str) -> Double:
    """Confirm, as the second person, that both are served."""
    with _acting(session, second):
        return rules.confirm_double(session, double_id)
