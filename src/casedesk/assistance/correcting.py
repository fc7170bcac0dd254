"""A receipt noted for the wrong household: taken back there, and noted where it belongs."""

from __future__ import annotations

from sqlmodel import Session

from casedesk.assistance.records import Receipt, ReceiptKind
from casedesk.assistance.rounds import (
    Collected,
    cancel_receipt,
    entitlement_of,
    hand_over,
    in_force,
)
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import N_, _


@act("assistance.move_receipt", N_("Note receipt for the other household"))
def move_receipt(session: Session, entitlement_id: int, other_id: int, reason: str) -> Receipt:
    """Take a receipt back and note it for another line of the round: both, or nothing.

    The day, the place and how it came about stay as they were noted; who collected it is of the
    other household. Refused with `DoubleFound` where the other one may be a double.
    """
    if entitlement_id == other_id:
        raise Refused(_("Choose two different households."))
    item, other = entitlement_of(session, entitlement_id), entitlement_of(session, other_id)
    if item.round_id != other.round_id:
        raise Refused(_("The other household is on the list of another round."))
    if (item.quantity, item.amount) != (other.quantity, other.amount):
        raise Refused(
            _("The other household gets something else. Cancel the receipt and hand over anew.")
        )
    before = in_force(session, entitlement_id)
    if before.kind is ReceiptKind.CORRECTED and (
        (before.quantity, before.amount) != (item.quantity, item.amount)
    ):
        raise Refused(
            _("This receipt was corrected. Cancel it and hand over to the other household.")
        )
    cancel_receipt(session, entitlement_id, reason)
    given = Collected(on=before.on_date, place=before.place, via=before.via)
    (receipt,) = hand_over(session, [other_id], given)
    return receipt
