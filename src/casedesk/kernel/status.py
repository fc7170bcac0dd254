"""Dated status intervals on two time axes: what held on a day, and what was known on a day.

Rows are never overwritten. A change closes the row that was known until now (`known_to`) and
writes what is known instead, so "open on 31 August as known on 5 September" is one query.
Intervals are half-open: `valid_to` and `known_to` are the first day on which the row no longer
holds; None means "until further notice".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, select

from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _


class StatusInterval(SQLModel):
    """One stretch of time with one status, as known during another stretch of time."""

    status: str = Field(max_length=32)
    valid_from: dt.date
    valid_to: dt.date | None = None
    known_from: dt.date
    known_to: dt.date | None = None


def change(
    session: Session,
    table: type[Any],
    column: str,
    subject_id: int,
    status: str,
    *,
    on: dt.date,
    known: dt.date,
) -> None:
    """Give a subject a status from the day `on`, learnt on the day `known`.

    Whatever was believed about `on` and later is superseded; what was believed about the days
    before stays. Refuses a change that was learnt before it happened.
    """
    if on > known:
        raise Refused(_("A status cannot begin in the future."))
    rows = session.exec(
        select(table)
        .where(getattr(table, column) == subject_id)
        .where(table.known_to.is_(None))
        .where(sa.or_(table.valid_to.is_(None), table.valid_to > on))
    ).all()

    def write(value: str, first: dt.date, end: dt.date | None) -> None:
        draft = table.Draft(
            **{column: subject_id},
            status=value,
            valid_from=first,
            valid_to=end,
            known_from=known,
        )
        session.add(table.of(draft))

    for row in rows:
        row.known_to = known
        session.add(row)
        if row.valid_from < on:
            write(row.status, row.valid_from, on)
    write(status, on, None)
    session.flush()


def in_force(
    table: type[Any], column: str, statuses: Iterable[str], *, on: dt.date, known: dt.date
) -> sa.Select[Any]:
    """Select the subjects whose status on a day, as known on a day, is one of `statuses`."""
    return sa.select(getattr(table, column)).where(
        table.status.in_(tuple(statuses)),
        table.valid_from <= on,
        sa.or_(table.valid_to.is_(None), table.valid_to > on),
        table.known_from <= known,
        sa.or_(table.known_to.is_(None), table.known_to > known),
    )
