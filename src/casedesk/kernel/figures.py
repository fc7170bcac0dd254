"""Figures: a number and the list behind it are the same SQL condition.

An `Indicator` holds one statement, which selects the ids that are counted. `count` wraps it,
`ids` runs it, so a number that cannot be listed does not exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _, date_text


@dataclass(frozen=True)
class Period:
    """Calendar days of the office, both ends included."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.last < self.first:
            raise Refused(
                _("The period ends ({last}) before it begins ({first}).").format(
                    first=date_text(self.first), last=date_text(self.last)
                )
            )


@dataclass(frozen=True)
class Indicator:
    """What is counted: one statement that selects one column of distinct ids."""

    key: str
    label: str
    statement: Callable[[Period, dt.date], sa.Select[Any]]

    def count(self, session: Session, period: Period, known_on: dt.date) -> int:
        """Count the records of the period, as known on a day."""
        counted = self.statement(period, known_on).subquery()
        return int(session.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one())

    def ids(self, session: Session, period: Period, known_on: dt.date) -> list[int]:
        """List the ids that `count` counts, in order."""
        statement = self.statement(period, known_on)
        return sorted(session.execute(statement).scalars().all())
