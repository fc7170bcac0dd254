"""Look at a table before it is taken in: its columns, and what would become of each of its rows.

Nothing here writes. The rows are decided by the same `plan` that the command line asks, so the
numbers are the same; what is added is a line for each row, in the order of the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.records import (
    Entitlement,
    EntitlementStatus,
    Household,
    ProviderFile,
    ProviderLine,
    ProviderOutcome,
    Registration,
    RegistrationStatus,
)
from casedesk.assistance.wording import money
from casedesk.exchange import importing, places, receipts, registrations
from casedesk.exchange.reading import Row, Table, read_table
from casedesk.exchange.receipts import ReceiptPlan
from casedesk.exchange.registrations import DoubleRow, Into, RegistrationPlan
from casedesk.exchange.wording import field_words
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _, ngettext, number
from casedesk.kernel.store import Store, listed

Planned = importing.Plan | RegistrationPlan | ReceiptPlan
Stamp = tuple[int, int]
Corrections = Mapping[tuple[int, int], str]
"""Texts that a person typed in place of a cell: by row of the table and place of the column."""
SAMPLES = 3
_SAMPLED_ROWS = 200


@dataclass(frozen=True)
class Asked:
    """What is looked at: which kind of table, which file of it, and where its rows go."""

    kind: str
    source: Path
    sheet: str = ""
    programme_id: int = 0
    round_id: int = 0


@dataclass(frozen=True)
class Opened:
    """A table that was read, and what its columns are taken for; nothing is decided yet."""

    table: Table = field(repr=False)
    stamp: Stamp
    samples: tuple[tuple[str, ...], ...] = field(repr=False)
    fields: tuple[str, ...]
    """The field of each column; empty where it is not used."""
    kept: bool
    """Whether a table with these columns came in before, so that their fields are known."""


class State(StrEnum):
    """What would become of a row if nobody decided anything."""

    TAKEN = "taken"
    REFUSED = "refused"
    DOUBLE = "double"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, and what would become of it."""

    row: int
    state: State
    who: str
    column: str = ""
    reason: str = ""
    other: str = ""
    """Of a possible double, the code of the household in the file, or the row of the table."""
    detail: str = ""
    """What else there is to know: the rule, or what was sent and what was paid."""


@dataclass(frozen=True)
class Preview:
    """What an import would do, row by row."""

    asked: Asked
    fields: tuple[str, ...]
    plan: Planned = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    offers: Mapping[int, tuple[DoubleRow, ...]] = field(repr=False, default_factory=dict)
    heads: Mapping[int, int] = field(repr=False, default_factory=dict)
    """For each further row of a household, the row that it is decided with."""
    there: frozenset[str] = frozenset()
    """Codes of offered households that are registered in the programme already."""
    unanswered: int = 0
    """Payments that were sent to the provider and of which the table says nothing."""

    def counts(self) -> Mapping[State, int]:
        """Count the lines by what would become of them."""
        return Counter(line.state for line in self.lines)


# ------------------------------------------------------------------------------------ the table


def open_table(progress: Progress, store: Store, kind: str, source: Path, sheet: str) -> Opened:
    """Read a table in a process of its own, and guess what its columns hold."""
    progress.step(0, 0, _("Reading the table"))
    table = read_table(source, sheet, stop=lambda: progress.cancelled)
    stamp = _stamp(source)
    progress.step(0)
    table = replace(table, columns=told_apart(table.columns))
    with store.read() as session:
        known = importing.kept_mapping(session, kind, table.columns)
    samples = tuple(_samples(table, at) for at in range(len(table.columns)))
    return Opened(table, stamp, samples, guessed(kind, table.columns, known), known is not None)


def _stamp(source: Path) -> Stamp:
    try:
        about = source.stat()
    except OSError:
        return 0, 0
    return about.st_size, about.st_mtime_ns


def told_apart(columns: Sequence[str]) -> tuple[str, ...]:
    """Name columns without a title, and those whose titles differ in signs and spaces only."""
    found: list[str] = []
    seen: Counter[str] = Counter()
    for at, title in enumerate(columns, start=1):
        shown = title or _("column {number}").format(number=at)
        seen[importing.loose(shown)] += 1
        again = seen[importing.loose(shown)]
        found.append(f"{shown} ({again})" if again > 1 else shown)
    return tuple(found)


def guessed(
    kind: str, columns: Sequence[str], known: Mapping[str, str | None] | None = None
) -> tuple[str, ...]:
    """Guess the field of each column, as the import itself would; what was kept goes first."""
    kept = {importing.loose(title): name or "" for title, name in (known or {}).items()}
    found = []
    for title in columns:
        key = importing.loose(title)
        found.append(kept[key] if key in kept else importing.field_of(kind, title))
    if "given" in found and not {"full_name", "family"} & set(found):
        found[found.index("given")] = "full_name"  # one column named "Имя" holds the whole name
    return tuple(found)


def mapping_of(columns: Sequence[str], fields: Sequence[str]) -> dict[str, str | None]:
    """Write the choice of fields as the import takes it."""
    return {title: name or None for title, name in zip(columns, fields, strict=True)}


def complaint(kind: str, columns: Sequence[str], fields: Sequence[str]) -> tuple[str, int]:
    """Say what is wrong with a choice of fields, and at which column (-1: none); or nothing."""
    places: dict[str, int] = {}
    for at, name in enumerate(fields):
        if not name:
            continue
        if name in places:
            words = _("{one} and {other} are both the field {field}. Change one of them.")
            one, other = columns[places[name]], columns[at]
            field_name = field_words(kind, name)
            return words.format(one=one, other=other, field=field_name), at
        places[name] = at
    if kind == "receipts":
        if not {"card_number", "household_code"} & places.keys():
            return _("Say which column holds the card number, or the code of the household."), -1
    elif not {"full_name", "family"} & places.keys():
        return _("Say which column holds the name."), -1
    return "", -1


def _samples(table: Table, place: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for row in table.rows[:_SAMPLED_ROWS]:
        if text := " ".join(row.cells[place].split()):
            found.setdefault(text[:80])
            if len(found) == SAMPLES:
                break
    return tuple(found)


def corrected(table: Table, corrections: Corrections) -> Table:
    """Put the texts that a person typed in the place of the cells that were there."""
    if not corrections:
        return table
    by_row: dict[int, dict[int, str]] = {}
    for (number_, place), text in corrections.items():
        by_row.setdefault(number_, {})[place] = text
    rows = []
    for row in table.rows:
        if typed := by_row.get(row.number):
            cells = (typed.get(at, cell) for at, cell in enumerate(row.cells))
            row = Row(row.number, tuple(cells))
        rows.append(row)
    return replace(table, rows=tuple(rows))


# ------------------------------------------------------------------------------------- the rows


def look(
    progress: Progress,
    store: Store,
    asked: Asked,
    table: Table,
    fields: Sequence[str],
    corrections: Corrections | None = None,
) -> Preview:
    """Decide every row as the import would, and tell it row by row; changes nothing."""
    table = corrected(table, corrections or {})
    mapping = mapping_of(table.columns, fields)
    rows = len(table.rows)
    words = ngettext("Looking at {count} row", "Looking at {count} rows", rows)
    progress.step(0, 0, words.format(count=number(rows)))
    made: Preview
    with store.read() as session:
        if asked.kind == registrations.KIND:
            into = Into(asked.programme_id, asked.round_id or None)
            planned = registrations.plan(
                session, table, into, mapping=mapping, with_doubles=True, step=progress.step
            )
            made = _of_registrations(session, asked, planned, table, fields)
        elif asked.kind == receipts.KIND:
            answered = receipts.plan(session, table, asked.round_id, mapping=mapping)
            progress.step(0)
            made = _of_receipts(session, asked, answered, table, fields)
        else:
            persons = importing.plan(
                session, asked.kind, table, mapping=mapping, step=progress.step
            )
            taken = dict.fromkeys((entrant.row for entrant in persons.accepted), _FINE)
            made = _preview(asked, persons, table, fields, taken)
    progress.step(rows)
    return made


_Told = tuple[str, str, str]
"""Of an accepted row: the reason why a person has to look at it, who it resembles, and more."""
_FINE: _Told = ("", "", "")


def _preview(
    asked: Asked,
    planned: Planned,
    table: Table,
    fields: Sequence[str],
    accepted: Mapping[int, _Told],
    names: Mapping[int, str] | None = None,
    **more: Any,
) -> Preview:
    """Make a line for each row: refused, a possible double, another amount, or simply taken."""
    who = _Who(table, fields, names or {})
    lines = [
        Line(fault.row, State.REFUSED, who.of(fault.row), fault.column, fault.reason)
        for fault in planned.refused
    ]
    state = State.DOUBLE if asked.kind == registrations.KIND else State.DIFFERENCE
    for row, (reason, other, detail) in accepted.items():
        now = state if reason else State.TAKEN
        lines.append(Line(row, now, who.of(row), "", reason, other, detail))
    lines.sort(key=lambda line: line.row)
    return Preview(asked, tuple(fields), planned, tuple(lines), **more)


class _Who:
    """Tells whom a row is about, as it stands in the table."""

    def __init__(self, table: Table, fields: Sequence[str], names: Mapping[int, str]) -> None:
        self._names = names
        at = {name: place for place, name in enumerate(fields) if name}
        wanted: Iterable[str] = ("family", "given", "patronymic")
        if "full_name" in at:
            wanted = ("full_name",)
        elif "family" not in at:
            wanted = ("card_number",) if "card_number" in at else ("household_code",)
        self._places = [at[name] for name in wanted if name in at]
        self._rows = {row.number: row.cells for row in table.rows}

    def of(self, row: int) -> str:
        cells = self._rows.get(row)
        if cells is None:
            return ""
        typed = " ".join(text for place in self._places if (text := cells[place].strip()))
        return self._names.get(row, typed)


def _of_registrations(
    session: Session,
    asked: Asked,
    planned: RegistrationPlan,
    table: Table,
    fields: Sequence[str],
) -> Preview:
    offers: dict[int, tuple[DoubleRow, ...]] = {}
    for double in planned.doubles:
        offers[double.row] = (*offers.get(double.row, ()), double)
    heads: dict[int, int] = {}
    accepted: dict[int, _Told] = {}
    with_head = _("Of the same household as row {row}.")
    for applicant in planned.accepted:
        first, *others = applicant.rows
        heads |= dict.fromkeys(others, first)
        told = offers.get(first)
        accepted[first] = (told[0].why, told[0].other, told[0].rule) if told else _FINE
        further = (with_head.format(row=number(first)), told[0].other, "") if told else _FINE
        accepted |= dict.fromkeys(others, further)
    codes = {double.other for double in planned.doubles}
    rows = session.execute(
        sa.select(col(Household.code))
        .join(Registration, col(Registration.household_id) == col(Household.id))
        .where(
            col(Household.code).in_(listed(codes)),
            col(Registration.programme_id) == asked.programme_id,
            col(Registration.status) != RegistrationStatus.DECLINED,
        )
    )
    there = frozenset(rows.scalars())
    return _preview(
        asked, planned, table, fields, accepted, offers=offers, heads=heads, there=there
    )


# --------------------------------------------------------------------------------- the provider


def _of_receipts(
    session: Session, asked: Asked, planned: ReceiptPlan, table: Table, fields: Sequence[str]
) -> Preview:
    told = foreseen(session, planned)
    lines = {}
    for item in planned.accepted:
        words, detail = told.get(item.row, ("", ""))
        lines[item.row] = (words, "", detail)
    homes = places.homes_of(session, {i.answer.entitlement_id for i in planned.accepted})
    names = {i.row: homes.get(i.answer.entitlement_id, "") for i in planned.accepted}
    sent = session.execute(
        sa.select(sa.func.count())
        .select_from(ProviderLine)
        .join(ProviderFile, col(ProviderFile.id) == col(ProviderLine.file_id))
        .where(
            col(ProviderFile.round_id) == asked.round_id,
            col(ProviderLine.outcome) == ProviderOutcome.PENDING,
        )
    ).scalar_one()
    unanswered = max(0, int(sent) - len(planned.accepted))
    return _preview(asked, planned, table, fields, lines, names, unanswered=unanswered)


def foreseen(session: Session, planned: ReceiptPlan) -> dict[int, tuple[str, str]]:
    """Say by row which answers are not what was sent, before they are noted; and both amounts.

    The sentences are those that noting them keeps; a test holds the two together.
    """
    wanted = {item.answer.entitlement_id for item in planned.accepted}
    found = {
        line: (status, amount, currency)
        for line, status, amount, currency in session.execute(
            sa.select(
                col(Entitlement.id),
                col(Entitlement.status),
                col(ProviderLine.amount_out),
                col(Entitlement.currency),
            )
            .join(ProviderLine, col(ProviderLine.entitlement_id) == col(Entitlement.id))
            .where(
                col(Entitlement.id).in_(listed(wanted)),
                col(ProviderLine.outcome) == ProviderOutcome.PENDING,
            )
        )
    }
    told = {}
    for item in planned.accepted:
        answer = item.answer
        status, sent, currency = found[answer.entitlement_id]
        words = ""
        if not answer.paid:
            words = answer.message or _("Not paid; the provider gives no reason.")
        elif status is EntitlementStatus.RECEIVED:
            words = _("Received in another way already.")
        elif status is not EntitlementStatus.PLANNED:
            words = _("Paid, though the line was stopped.")
        elif answer.amount != sent:
            words = _("Paid another amount than was sent.")
        if words:
            paid = _("Sent {sent}, paid {paid}.").format(
                sent=money(sent, currency), paid=money(answer.amount, currency)
            )
            told[item.row] = words, paid
    return told
