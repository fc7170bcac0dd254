"""The only source of time. Tests freeze it; nothing else reads the computer's clock."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

_frozen: dt.date | None = None


def now() -> dt.datetime:
    """Give the instant in UTC, for the journal alone."""
    if _frozen is not None:
        return dt.datetime.combine(_frozen, dt.time(12), dt.UTC)
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Give the local calendar date of the office: the date that counted events carry."""
    return _frozen if _frozen is not None else dt.datetime.now().astimezone().date()


@contextlib.contextmanager
def frozen(day: dt.date) -> Iterator[None]:
    """Stop the clock at noon UTC of a day, until the block ends."""
    global _frozen
    before, _frozen = _frozen, day
    try:
        yield
    finally:
        _frozen = before
