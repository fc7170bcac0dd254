"""What is counted of tracing: cases, one id per case, as known on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from casedesk.kernel import status
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.language import N_
from casedesk.tracing.records import (
    OPEN_STATUSES,
    CaseStatus,
    FamilyInformed,
    Status,
    TracingCase,
)

SINCE = dt.date(2022, 1, 1)
"""First day of the cumulative figures."""

_OPEN = tuple(item.value for item in OPEN_STATUSES)
_ACCEPTED = (*_OPEN, Status.CLOSED.value, Status.TRANSFERRED.value)


def _in_force(statuses: tuple[str, ...], period: Period, known_on: dt.date) -> sa.Select[Any]:
    return status.in_force(CaseStatus, "case_id", statuses, on=period.last, known=known_on)


def _open(period: Period, known_on: dt.date) -> sa.Select[Any]:
    return sa.select(col(TracingCase.id)).where(
        col(TracingCase.id).in_(_in_force(_OPEN, period, known_on)),
        col(TracingCase.opened_on).between(SINCE, period.last),
    )


def _families(period: Period, known_on: dt.date) -> sa.Select[Any]:
    # the event carries its own date; what is told to a family is not revised later
    del known_on
    return (
        sa.select(col(FamilyInformed.case_id))
        .where(col(FamilyInformed.on_date).between(SINCE, period.last))
        .distinct()
    )


def _opened(period: Period, known_on: dt.date) -> sa.Select[Any]:
    # a request that is not accepted, and a duplicate, is not a case opened
    return sa.select(col(TracingCase.id)).where(
        col(TracingCase.opened_on).between(period.first, period.last),
        col(TracingCase.id).in_(_in_force(_ACCEPTED, period, known_on)),
    )


def _closed(period: Period, known_on: dt.date) -> sa.Select[Any]:
    # closed within the period and still closed at its end: a reopened case is not a result
    return (
        _in_force((Status.CLOSED.value,), period, known_on)
        .where(col(CaseStatus.valid_from) >= period.first)
        .distinct()
    )


OPEN_CASES = Indicator("tracing.open_cases", N_("Open tracing cases"), _open)
FAMILIES_INFORMED = Indicator(
    "tracing.families_informed", N_("Families informed since 2022"), _families
)
CASES_OPENED = Indicator("tracing.cases_opened", N_("Cases opened"), _opened)
CASES_CLOSED = Indicator("tracing.cases_closed", N_("Cases closed"), _closed)
INDICATORS = (OPEN_CASES, FAMILIES_INFORMED, CASES_OPENED, CASES_CLOSED)
