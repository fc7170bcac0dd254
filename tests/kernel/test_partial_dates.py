"""Dates known in part, as people write them."""

from __future__ import annotations

import datetime as dt

import pytest

from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate

TODAY = dt.date(2025, 9, 30)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("1987", (1987, 1, 1), (1987, 12, 31)),
        ("1988-02", (1988, 2, 1), (1988, 2, 29)),
        ("1987-03-09", (1987, 3, 9), (1987, 3, 9)),
        ("09.03.1987", (1987, 3, 9), (1987, 3, 9)),
        ("1985..1989", (1985, 1, 1), (1989, 12, 31)),
        ("~38", (1986, 1, 1), (1987, 12, 31)),
        ("~1987", (1985, 1, 1), (1989, 12, 31)),
    ],
)
def test_what_was_written_is_an_interval_of_days(written, first, last):
    born = PartialDate.parse(written, TODAY)
    assert (born.first, born.last) == (dt.date(*first), dt.date(*last))


@pytest.mark.parametrize(
    "written", ["", "yesterday", "1987-13", "31.02.1987", "~0000", "1989..1985"]
)
def test_what_is_no_date_is_refused_in_a_sentence(written):
    with pytest.raises(Refused):
        PartialDate.parse(written, TODAY)
