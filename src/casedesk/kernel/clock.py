"""The only source of time. Tests freeze it; nothing else reads the computer's clock."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

_frozen: dt.date | None = None
_pinned: dt.date | None = None


def pin(day: dt.date | None) -> None:
    """Live on another day from now on, at the real time of day; None returns to the calendar.

    The desk of an illustrative file does so: its invented calls end on a day of the past.
    """
    global _pinned
    _pinned = day


def now() -> dt.datetime:
    """Give the instant in UTC, for the journal alone."""
    if _frozen is not None:
        return dt.datetime.combine(_frozen, dt.time(12), dt.UTC)
    real = dt.datetime.now(dt.UTC)
    return (
        real
        if _pinned is None
        else real.replace(year=_pinned.year, month=_pinned.month, day=_pinned.day)
    )


def today() -> dt.date:
    """Give the local calendar date of the office: the date that counted events carry."""
    return _frozen or _pinned or dt.datetime.now().astimezone().date()


@contextlib.contextmanager
def frozen(day: dt.date) -> Iterator[None]:
    """Stop the clock at noon UTC of a day, until the block ends."""
    global _frozen
    before, _frozen = _frozen, day
    try:
        yield
    finally:
        _frozen = before
