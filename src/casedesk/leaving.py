"""Lists of a round that leave the house: to sign on paper, or as a table; each copy is noted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal, cast

from casedesk.assistance.leave_view import Leaving, Wanted
from casedesk.kernel.jobs import Progress
from casedesk.kernel.store import Store


def print_list(progress: Progress, store: Store, wanted: Wanted, out: Path, actor: str) -> int:
    """Write the distribution list of a round as PDF; tell how many pages."""
    # Loaded when first asked for: drawing pages takes a library that opening the desk need not.
    from casedesk.reports import distribution, handed_out
    from casedesk.reports.pdf import write_atomically

    progress.step(0, 1)
    lang = cast(Literal["en", "ru"], wanted.lang)
    with store.read() as session:
        made = distribution.sheet(session, wanted.round_id, lang, site_id=wanted.site_id)
    draft = handed_out.draft_of(
        made,
        sheet=handed_out.DISTRIBUTION,
        number=str(wanted.round_id),
        profile="internal",
        to=wanted.to,
        why=wanted.why,
    )
    store.write(handed_out.hand_out, draft, actor=actor)
    write_atomically(out, made.data)
    return made.pages


def export_list(progress: Progress, store: Store, wanted: Wanted, out: Path, actor: str) -> int:
    """Write the list of a round as XLSX or CSV; tell how many lines."""
    from casedesk.exchange import exporting
    from casedesk.reports import handed_out

    progress.step(0, 1)
    with store.read() as session:
        made = exporting.round_list(session, wanted.round_id, out)
    draft = handed_out.HandedOutDraft.checked(
        {
            "sheet": "round list",
            "number": str(wanted.round_id),
            "to_whom": wanted.to,
            "why": wanted.why,
            "pages": made.pages,
            "sha256": hashlib.sha256(made.data).hexdigest(),
        }
    )
    store.write(handed_out.hand_out, draft, actor=actor)
    exporting.write_whole(out, made.data)
    return made.lines


DOOR = Leaving(print_list, export_list)
