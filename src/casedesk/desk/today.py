"""What the desk shows of one day: figures that open their lists, follow-ups, three charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session


@dataclass(frozen=True)
class Target:
    """Where a click leads: a page and the arguments of `desk.open`."""

    page: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A number with its words, and the list behind it; a carmine note is about what is late."""

    key: str
    label: str
    value: int
    note: str = ""
    tone: str = "muted"
    open: Target | None = None


@dataclass(frozen=True)
class FollowUp:
    """What is due on a day: a call that was promised, or an answer that a case waits for.

    A promised call has its `enquiry_id`, an awaited answer its `action_id`; the other one is 0.
    """

    enquiry_id: int
    day: dt.date
    name: str
    promise: str
    time: str = ""
    call: Target | None = None
    open: Target | None = None
    action_id: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """Tell one row from all others, also after reading again."""
        return self.enquiry_id, self.action_id


@dataclass(frozen=True)
class Fit:
    """Somebody in the file who may be the person whom a case of one's own seeks."""

    name: str
    note: str
    score: str
    open: Target


@dataclass(frozen=True)
class Point:
    """One value of a chart; `usual` is what to compare it with, where there is such a thing."""

    label: str
    value: int
    usual: float | None = None
    open: Target | None = None


@dataclass(frozen=True)
class Today:
    """Everything the page shows, read from one state of the file."""

    day: dt.date
    figures: tuple[Figure, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    follow_ups_total: int = 0
    all_follow_ups: Target | None = None
    answers_total: int = 0
    all_answers: Target | None = None
    next_follow_up: FollowUp | None = None
    fits: tuple[Fit, ...] = ()
    hours: tuple[Point, ...] = ()
    reasons: tuple[Point, ...] = ()
    months: tuple[Point, ...] = ()
    empty: bool = False  # the file holds no call and no case yet


Load = Callable[[Session, dt.date, str], Today]  # the day, and who works here
