"""Dated status intervals on two time axes: what held on a day, and what was known on a day.

Rows are never overwritten. A change closes the row that was known until now (`known_to`) and
writes what is known instead, so "open on 31 August as known on 5 September" is one query.
Intervals are half-open: `valid_to` and `known_to` are the first day on which the row no longer
holds; None means "until further notice".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, select

from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _
from casedesk.kernel.store import insert_rows, listed, update_rows


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


def change_many(
    session: Session,
    table: type[Any],
    column: str,
    ids: Collection[int],
    status: str,
    on: dt.date,
    known: dt.date,
) -> None:
    """Do as `change` does for many subjects at once, in a few statements for all of them."""
    if on > known:
        raise Refused(_("A status cannot begin in the future."))
    if not ids:
        return
    session.flush()
    rows = table.__table__
    subject = rows.c[column]
    held = session.connection().execute(
        sa.select(rows.c.id, subject, rows.c.status, rows.c.valid_from).where(
            subject.in_(listed(ids)),
            rows.c.known_to.is_(None),
            sa.or_(rows.c.valid_to.is_(None), rows.c.valid_to > on),
        )
    )
    closed: list[int] = []
    written: list[dict[str, Any]] = []

    def write(who: int, value: str, first: dt.date, end: dt.date | None) -> None:
        values = {column: who, "status": value, "valid_from": first, "valid_to": end}
        written.append({"revision": 0, **values, "known_from": known, "known_to": None})

    for row_id, who, value, first in held:
        closed.append(row_id)
        if first < on:
            write(who, value, first, on)
    kept = len(written)
    for who in sorted(set(ids)):
        write(who, status, on, None)
    # Rows of one status differ in their subject only, so one draft speaks for all of them.
    for values in {row["status"]: row for row in written}.values():
        table.Draft.checked({name: values[name] for name in table.Draft.model_fields})
    update_rows(session, table, closed, {"known_to": known})
    insert_rows(session, table, written[:kept])
    insert_rows(session, table, written[kept:])


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
