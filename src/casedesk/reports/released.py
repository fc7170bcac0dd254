"""Public sheets that left the house: what they said, and what the next one would add to it.

A reader keeps the last sheet. Where one period lies within the other, the two numbers can be
subtracted, and the difference may be a small count that neither sheet prints.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from casedesk.kernel.acts import act
from casedesk.kernel.figures import Period
from casedesk.kernel.language import N_
from casedesk.kernel.settings import change_setting, get_setting
from casedesk.reports import disclosure

KEY = "sheets.released"
MOST = 12
"""So many sheets are remembered; they fit one setting."""
MOST_LETTERS = 80

Bounds = tuple[int, int]


@dataclass(frozen=True)
class Release:
    """One sheet as it was published: least and greatest value that each of its words may mean."""

    period: Period
    on: dt.date
    claims: Mapping[str, Bounds]
    allowed: str = ""
    """Why a small difference was let through, and who else agreed."""


@act("reports.release", N_("Publish a sheet"), undoable=False)
def release(session: Session, made: Release) -> None:
    """Remember a public sheet; one of the same period takes the place of the earlier one."""
    kept = [made, *(old for old in released(session) if old.period != made.period)]
    written = [
        {
            "first": item.period.first.isoformat(),
            "last": item.period.last.isoformat(),
            "on": item.on.isoformat(),
            "claims": {key: list(bounds) for key, bounds in item.claims.items()},
            "allowed": item.allowed[: 2 * MOST_LETTERS],
        }
        for item in kept[:MOST]
    ]
    change_setting(session, KEY, json.dumps(written, ensure_ascii=False, separators=(",", ":")))


def released(session: Session) -> list[Release]:
    """Give the sheets that are remembered, the newest first."""
    text = get_setting(session, KEY, "")
    return [
        Release(
            Period(dt.date.fromisoformat(item["first"]), dt.date.fromisoformat(item["last"])),
            dt.date.fromisoformat(item["on"]),
            {key: (low, high) for key, (low, high) in item["claims"].items()},
            item["allowed"],
        )
        for item in json.loads(text or "[]")
    ]


def revealing(
    claims: Mapping[str, Bounds], period: Period, before: Sequence[Release]
) -> dict[str, Release]:
    """Name the figures whose difference to an earlier sheet tells of a small count."""
    found: dict[str, Release] = {}
    for old in before:
        if not (_holds(period, old.period) or _holds(old.period, period)):
            continue
        for key, (low, high) in claims.items():
            earlier = old.claims.get(key)
            if earlier and key not in found and disclosure.tells(low, high, *earlier):
                found[key] = old
    return found


def _holds(outer: Period, inner: Period) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last
