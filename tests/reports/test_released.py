"""Sheets that left the house: which differences of two of them would tell of a small count."""

from __future__ import annotations

import datetime as dt

import pytest

from casedesk.kernel.figures import Period
from casedesk.reports.released import MOST, Release, release, released, revealing

DAY = dt.date(2025, 9, 1)


def days(first: int, last: int) -> Period:
    return Period(dt.date(2025, 7, first), dt.date(2025, 7, last))


def told(now: tuple[int, int], then: tuple[int, int], period: Period, before: Period) -> bool:
    old = Release(before, DAY, {"calls": then})
    return bool(revealing({"calls": now}, period, [old]))


@pytest.mark.parametrize(
    ("now", "then", "reveals"),
    [
        ((15, 15), (12, 12), True),
        ((12, 12), (15, 15), True),
        ((17, 17), (12, 12), False),
        ((12, 12), (12, 12), False),
        ((15_001, 15_999), (12_001, 12_999), False),
        ((15, 15), (1, 4), False),
    ],
)
def test_difference_of_two_sheets_is_judged_as_a_count(now, then, reveals):
    assert told(now, then, days(1, 31), days(1, 15)) is reveals
    assert told(then, now, days(1, 15), days(1, 31)) is reveals


@pytest.mark.parametrize(
    ("period", "before", "reveals"),
    [
        ((1, 31), (1, 31), True),
        ((1, 31), (10, 20), True),
        ((10, 20), (1, 31), True),
        ((1, 15), (16, 31), False),
        ((1, 20), (10, 31), False),
    ],
)
def test_only_periods_within_each_other_can_be_subtracted(period, before, reveals):
    assert told((15, 15), (12, 12), days(*period), days(*before)) is reveals


def test_other_figures_are_not_compared():
    old = Release(days(1, 15), DAY, {"cases": (12, 12)})
    assert revealing({"calls": (15, 15)}, days(1, 31), [old]) == {}


def test_sheets_are_remembered_newest_first_and_once_for_each_period(store):
    for number in range(1, MOST + 5):
        made = Release(days(number, number + 1), DAY, {"calls": (number, number)}, "щ" * 500)
        store.write(release, made, actor="t")
    store.write(release, Release(days(9, 10), DAY, {"calls": (99, 99)}), actor="t")
    with store.read() as session:
        kept = released(session)
    assert len(kept) == MOST
    assert kept[0].period == days(9, 10)
    assert [item.claims["calls"] for item in kept if item.period == days(9, 10)] == [(99, 99)]
