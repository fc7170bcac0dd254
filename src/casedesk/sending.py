"""Payment lists leave the house: each copy is noted, with to whom it went and why."""

from __future__ import annotations

import hashlib

from casedesk.kernel.store import Store


def note_list(store: Store, data: bytes, round_id: int, to: str, why: str, actor: str) -> None:
    """Note a payment list of a round before it is there."""
    # Loaded when first asked for: starting the desk need not wait for it.
    from casedesk.reports import handed_out

    draft = handed_out.HandedOutDraft.checked(
        {
            "sheet": "payment list",
            "number": str(round_id),
            "to_whom": to,
            "why": why,
            "pages": 1,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    )
    store.write(handed_out.hand_out, draft, actor=actor)
