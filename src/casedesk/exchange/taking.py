"""Which act takes in which kind of table, and what it says when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from casedesk.exchange import deciding, entering, importing, receipts
from casedesk.exchange.deciding import Choices
from casedesk.exchange.preview import Preview, State
from casedesk.kernel.acts import act_of
from casedesk.kernel.jobs import Progress, Step
from casedesk.kernel.language import _
from casedesk.kernel.store import Store

BULK = 20_000
"""Above so many rows the journal keeps which persons were made, and not their values twice."""


@dataclass(frozen=True)
class Order:
    """An act with what it is given, ready to be written."""

    act: Callable[..., Any]
    what: Any
    options: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a table that was taken in."""

    kind: str
    rows: int
    taken: int
    refused: int
    listed: int = 0
    waiting: int = 0
    late: int = 0
    differences: int = 0


def order(found: Preview, choices: Choices, step: Step | None = None) -> Order:
    """Give the act that takes in what was decided; `step(done, total)` hears how far it is."""
    decided = deciding.settled(found, choices)
    act = act_for(found.asked.kind)
    if found.asked.kind == "registrations":
        return Order(act, decided, {})
    if found.asked.kind == "receipts":
        return Order(act, decided.plan, {})
    return Order(act, decided.plan, {"bulk": len(decided.plan.accepted) > BULK, "step": step})


def act_for(kind: str) -> Callable[..., Any]:
    """Give the act of a kind of table."""
    if kind == "registrations":
        return deciding.take_in_registrations
    return receipts.take_in if kind == "receipts" else importing.take_in


def label_of(kind: str) -> str:
    """Name the act of an import in words, as Undo does."""
    return _(act_of(act_for(kind)).label)


def upkeep(store: Store, done: Outcome, *, actor: str) -> Callable[[Progress], None] | None:
    """Give what is done after the act, where there is anything: the kept name index is renewed."""
    if done.kind == "receipts" or not done.taken:
        return None

    def keep(progress: Progress) -> None:
        def step(at: int, total: int) -> None:
            progress.step(at, total, _("Filing names"))

        entering.keep_index(store, done.taken, was_behind=False, actor=actor, step=step)

    return keep


def outcome(found: Preview, choices: Choices, done: Any) -> Outcome:
    """Say what an act did: `done` is what it gave back."""
    kind, rows = found.asked.kind, len(found.lines)
    refused = found.counts().get(State.REFUSED, 0)
    count = deciding.taken(found, choices)
    if kind == "registrations":
        late = len(done.late)
        return Outcome(kind, rows, count - late, refused, done.listed, done.waiting, late)
    if kind == "receipts":
        return Outcome(kind, rows, count, refused, differences=len(done))
    return Outcome(kind, rows, count - len(done), refused, late=len(done))
