"""What a person decides about the rows of a table, and the act that takes in what was decided.

A row that may be a double stays out unless it is taken as another household, or as the household
of the file that it is. Any row can be left out. One act writes it all, so one undo takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import doubles, rules
from casedesk.assistance.records import Household, Registration, RegistrationStatus
from casedesk.assistance.sides import Pairs
from casedesk.exchange import registrations
from casedesk.exchange.preview import Line, Planned, Preview, State
from casedesk.exchange.registrations import Applicant, DoubleRow, RegistrationPlan, Taken
from casedesk.kernel.acts import act
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import listed


class What(StrEnum):
    """What becomes of a row, where a person has said so."""

    NEW = "new"
    """It is another household than the one it resembles."""
    SAME = "same"
    """It is the household of the file: registered again, and not made a second time."""
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision about one row; `other` is the code of the household that it is the same as."""

    what: What
    other: str = ""


Choices = Mapping[int, Choice]


@dataclass(frozen=True)
class Settled:
    """What is taken in after the decisions."""

    plan: Planned
    same: Mapping[int, str]
    """Rows that are a household of the file, and its code."""
    allowed: frozenset[int]
    """Rows that were looked at, and come in although they resemble somebody."""


def usual(state: State) -> What:
    """Tell what becomes of a row that nobody decided about."""
    return What.OUT if state in (State.DOUBLE, State.REFUSED) else What.IN


def possible(line: Line) -> tuple[What, ...]:
    """List what can be decided about a row; nothing for one that is refused."""
    if line.state is State.REFUSED:
        return ()
    if line.state is State.DOUBLE:
        return (What.SAME, What.NEW, What.OUT)
    return (What.IN, What.OUT)


def head_of(preview: Preview, row: int) -> int:
    """Give the row by which a household of several rows is decided."""
    return preview.heads.get(row, row)


def comes_in(preview: Preview, state: State, row: int, choices: Choices) -> bool:
    """Tell whether a row is taken in as things stand."""
    head = head_of(preview, row)
    choice = choices.get(head)
    if state is State.REFUSED:
        return False
    if choice is None:
        return usual(state) is What.IN
    if choice.what is What.SAME:
        return _registers(preview, choice)
    return choice.what is not What.OUT


def _registers(preview: Preview, choice: Choice) -> bool:
    """Tell whether "the same" makes a registration; a row of the table, or one there, does not."""
    return not choice.other.isdecimal() and choice.other not in preview.there


def taken(preview: Preview, choices: Choices) -> int:
    """Count the rows that come in; two rows that are one household count as the first of them."""
    dropped = _twice(preview, choices)
    return sum(
        comes_in(preview, line.state, line.row, choices)
        for line in preview.lines
        if head_of(preview, line.row) not in dropped
    )


def _twice(preview: Preview, choices: Choices) -> set[int]:
    """Find rows that are the same household of the file as a row before them."""
    seen: set[str] = set()
    found: set[int] = set()
    for row, choice in sorted(choices.items()):
        if choice.what is What.SAME and _registers(preview, choice):
            if choice.other in seen:
                found.add(row)
            seen.add(choice.other)
    return found


def settled(preview: Preview, choices: Choices) -> Settled:
    """Give the plan of what comes in after the decisions."""
    plan = preview.plan
    dropped = _twice(preview, choices)
    states = {line.row: line.state for line in preview.lines}

    def wanted(row: int) -> bool:
        return row not in dropped and comes_in(preview, states[row], row, choices)

    if isinstance(plan, RegistrationPlan):
        kept = tuple(item for item in plan.accepted if wanted(item.rows[0]))
        rows = {item.rows[0] for item in kept}
        chosen = {row: choice for row, choice in choices.items() if row in rows}
        same = {row: c.other for row, c in chosen.items() if c.what is What.SAME}
        allowed = {row for row, c in chosen.items() if c.what in (What.SAME, What.NEW)}
        return Settled(replace(plan, accepted=kept), same, frozenset(allowed))
    accepted: Any = tuple(item for item in plan.accepted if wanted(item.row))
    return Settled(replace(plan, accepted=accepted), {}, frozenset())


# -------------------------------------------------------------------------------------- the act


@act("exchange.take_in_registrations", N_("Import registrations"))
def take_in_registrations(session: Session, decided: Settled) -> Taken:
    """Write what was decided, in one act. A row that became a double since then stays out."""
    planned = cast(RegistrationPlan, decided.plan)
    applicants, late = _as_households(session, planned, decided.same)
    untouched = session.info["entry"] == planned.state + 1
    pairs: Pairs = {}
    if decided.allowed or not untouched:
        applicants, more, pairs = _sifted(session, applicants, decided.allowed)
        late += more
    if not applicants:
        return Taken(0, 0, 0, tuple(late))
    now = replace(
        planned,
        accepted=tuple(applicants),
        with_doubles=True,
        pairs=pairs,
        state=session.info["entry"] - 1,
    )
    done = registrations.take_in(session, now)
    return replace(done, late=(*done.late, *late))


def _as_households(
    session: Session, planned: RegistrationPlan, same: Mapping[int, str]
) -> tuple[list[Applicant], list[DoubleRow]]:
    """Let rows that are a household of the file register that one."""
    if not same:
        return list(planned.accepted), []
    codes = dict(
        session.execute(
            sa.select(col(Household.code), col(Household.id)).where(
                col(Household.code).in_(listed(set(same.values())))
            )
        ).all()
    )
    homes = {code: rules.current_household(session, i) for code, i in codes.items()}
    there = set(
        session.execute(
            sa.select(col(Registration.household_id)).where(
                col(Registration.programme_id) == planned.into.programme_id,
                col(Registration.status) != RegistrationStatus.DECLINED,
            )
        ).scalars()
    )
    kept: list[Applicant] = []
    late: list[DoubleRow] = []
    for item in planned.accepted:
        code = same.get(item.rows[0])
        if code is None:
            kept.append(item)
            continue
        home = homes.get(code)
        if home is None or home in there:
            why = _("The household is registered in this programme already.")
            late.append(DoubleRow(item.rows[0], why, "", code))
            continue
        there.add(home)
        draft = rules.with_(item.new.draft, household_id=home)
        kept.append(replace(item, new=replace(item.new, draft=draft, household=None)))
    return kept, late


def _sifted(
    session: Session, applicants: Sequence[Applicant], allowed: Iterable[int]
) -> tuple[list[Applicant], list[DoubleRow], Pairs]:
    """Leave out whoever resembles somebody and was not looked at; give what to note of others."""
    kept, looked_at = list(applicants), set(allowed)
    late: list[DoubleRow] = []
    while True:
        unsaved = rules.gathered(session, [item.new for item in kept]).unsaved()
        found, pairs = doubles.foresee(session, unsaved)
        ids = [item[0] for item in unsaved.registrations]
        rows = {i: item.rows[0] for i, item in zip(ids, kept, strict=True)}
        unseen = {
            rows[item.registration]: item
            for item in found
            if rows[item.registration] not in looked_at
        }
        if not unseen:
            return kept, late, pairs
        late += [DoubleRow(row, item.why, "", "") for row, item in sorted(unseen.items())]
        kept = [item for item in kept if item.rows[0] not in unseen]
