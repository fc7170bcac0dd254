"""Take in what a provider answers: who was paid how much, when, and who collected it.

The rows are held against the list that was sent to a provider for a round and has not come back.
What was paid as sent is a receipt; anything else is a difference for a person to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import rounds
from casedesk.assistance.records import (
    Entitlement,
    Household,
    ProviderFile,
    ProviderLine,
    ProviderOutcome,
    Registration,
    card_key,
)
from casedesk.assistance.rounds import ProviderAnswer
from casedesk.exchange import importing
from casedesk.exchange.reading import Fault, Row, Table, read_table
from casedesk.exchange.registrations import find_into
from casedesk.exchange.values import Amounts, Days, Wrong, refuse_rounded, shown_name
from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import Store
from casedesk.people.records import name_text

KIND = "receipts"
_PAID = frozenset(
    (
        *("paid", "yes", "y", "1", "true", "ok", "success"),
        *("выплачено", "выдано", "да", "оплачено", "получено"),
    )
)
_FAILED = frozenset(
    (
        *("failed", "no", "n", "0", "false", "refused", "returned", "not paid"),
        *("не выплачено", "не выдано", "нет", "возврат", "отказ", "ошибка"),
    )
)


@dataclass(frozen=True)
class Answer:
    """One accepted row, as the provider's answer that it will become."""

    row: int
    file_id: int
    answer: ProviderAnswer


@dataclass(frozen=True)
class Difference:
    """A row that was taken in, though it is not what was sent."""

    row: int
    text: str


@dataclass(frozen=True)
class ReceiptPlan:
    """What an import would do, and how the table was read."""

    rows: int
    accepted: tuple[Answer, ...] = field(repr=False)
    refused: tuple[Fault, ...]
    columns: tuple[tuple[str, str], ...]
    unknown_columns: tuple[str, ...]
    encoding: str
    separator: str
    sheet: str
    other_sheets: tuple[str, ...]
    kind: str = KIND


def run(
    store: Store,
    source: Path,
    *,
    round_: str,
    programme: str = "",
    mapping: Mapping[str, str | None] | None = None,
    sheet: str = "",
    dry_run: bool = False,
    actor: str = importing.ACTOR,
) -> tuple[ReceiptPlan, tuple[Difference, ...], int | None]:
    """Import a table; give the plan, the differences, and the entry that undo takes back."""
    with store.read() as session:
        into = find_into(session, programme, round_)
        if into.round_id is None:
            raise Refused(_("Say of which round these receipts are: --round."))
    table = read_table(source, sheet)
    mapping = importing.remembered(
        store, KIND, table.columns, mapping, keep=not dry_run, actor=actor
    )
    with store.read() as session:
        made = plan(session, table, into.round_id, mapping=mapping)
    if dry_run or not made.accepted:
        return made, (), None
    differences, changes = store.write(take_in, made, actor=actor)
    return made, differences, changes.entry


def plan(
    session: Session,
    table: Table,
    round_id: int,
    *,
    mapping: Mapping[str, str | None] | None = None,
) -> ReceiptPlan:
    """Look at every row of a table and decide; changes nothing."""
    places, unknown = importing.columns_of(KIND, table.columns, mapping)
    reader = _Reader(session, table, places, round_id)
    accepted: list[Answer] = []
    faults = list(table.faults)
    for row in table.rows:
        try:
            accepted.append(reader.answer(row))
        except Wrong as wrong:
            place = places.get(wrong.name)
            title = "" if place is None else table.columns[place]
            faults.append(Fault(row.number, title, wrong.reason))
    return ReceiptPlan(
        rows=len(table.rows) + len(table.faults),
        accepted=tuple(accepted),
        refused=tuple(sorted(faults, key=lambda fault: fault.row)),
        columns=tuple((table.columns[place], name) for name, place in places.items()),
        unknown_columns=unknown,
        encoding=table.encoding,
        separator=table.separator,
        sheet=table.sheet,
        other_sheets=table.other_sheets,
    )


@act("exchange.import_receipts", N_("Import receipts"))
def take_in(session: Session, planned: ReceiptPlan) -> tuple[Difference, ...]:
    """Note the answers, all of them in one act; give those that are not what was sent."""
    rows = {item.answer.entitlement_id: item.row for item in planned.accepted}
    found = []
    for file_id in dict.fromkeys(item.file_id for item in planned.accepted):
        answers = [item.answer for item in planned.accepted if item.file_id == file_id]
        for line in rounds.take_back(session, file_id, answers):
            if line.entitlement_id in rows:
                found.append(Difference(rows[line.entitlement_id], line.difference))
    return tuple(sorted(found, key=lambda item: item.row))


class _Reader:
    """Finds for each row the payment that was sent."""

    def __init__(
        self, session: Session, table: Table, places: Mapping[str, int], round_id: int
    ) -> None:
        self._places = places
        self._today = clock.today()
        self._opened = rounds.round_of(session, round_id).opened_on
        lines = session.execute(
            sa.select(
                col(Entitlement.id),
                col(Entitlement.card_number),
                col(Household.code),
                col(Entitlement.amount),
                col(ProviderLine.file_id),
                col(ProviderLine.outcome),
            )
            .join(ProviderLine, col(ProviderLine.entitlement_id) == col(Entitlement.id))
            .join(ProviderFile, col(ProviderFile.id) == col(ProviderLine.file_id))
            .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
            .join(Household, col(Household.id) == col(Registration.household_id))
            .where(col(Entitlement.round_id) == round_id)
            .order_by(col(ProviderLine.id))
        ).all()
        if not lines:
            raise Refused(_("No list of this round was sent to a provider."))
        self._sent: dict[int, tuple[int, int]] = {}
        self._done: set[int] = set()
        self._by_key: dict[tuple[str, str], set[int]] = {}
        for entitlement_id, card, code, amount, file_id, outcome in lines:
            if outcome is ProviderOutcome.PENDING:
                self._sent[entitlement_id] = (file_id, amount)
            else:
                self._done.add(entitlement_id)
            if card:
                self._by_key.setdefault(("card_number", card), set()).add(entitlement_id)
            self._by_key.setdefault(("household_code", card_key(code)), set()).add(entitlement_id)
        amount_place, day_place = places.get("amount"), places.get("on")
        self._amounts = Amounts(
            row.cells[amount_place] for row in table.rows if amount_place is not None
        )
        self._days = Days(row.cells[day_place] for row in table.rows if day_place is not None)
        self._seen: dict[int, int] = {}

    def answer(self, row: Row) -> Answer:
        """Give the answer of one row."""
        entitlement_id = self._entitlement(row)
        if entitlement_id in self._seen:
            reason = _("The same payment is in row {row} already.")
            raise Wrong("card_number", reason.format(row=self._seen[entitlement_id]))
        if entitlement_id not in self._sent:
            raise Wrong("card_number", _("The answer for this payment was noted already."))
        file_id, sent = self._sent[entitlement_id]
        paid = self._outcome(row)
        amount = sent if paid else 0
        if paid and (text := self._cell(row, "amount")):
            amount = self._amounts.read(text)
            if not amount:
                paid = False
        elif paid and "amount" in self._places:
            raise Wrong("amount", _("The amount is missing."))
        on = None
        if text := self._cell(row, "on"):
            on = self._days.read(text, "on", self._today)
            if on < self._opened:
                raise Wrong("on", _("The date lies before the opening of the round."))
        try:
            message = str(name_text(self._cell(row, "message")))[:300]
            collected = shown_name(str(name_text(self._cell(row, "collected_by"))))
        except ValueError as error:
            raise Wrong("message", str(error)) from None
        if len(collected) > 200:
            raise Wrong(
                "collected_by", _("The name is longer than {count} characters.").format(count=200)
            )
        self._seen[entitlement_id] = row.number
        answer = ProviderAnswer(
            entitlement_id, paid, amount, on, message=message, collected_by=collected
        )
        return Answer(row.number, file_id, answer)

    def _cell(self, row: Row, name: str) -> str:
        place = self._places.get(name)
        return "" if place is None else row.cells[place].strip()

    def _entitlement(self, row: Row) -> int:
        found: set[int] | None = None
        at = "card_number"
        for name in ("card_number", "household_code"):
            key = card_key(refuse_rounded(self._cell(row, name), name))
            if not key:
                continue
            at = name
            own = self._by_key.get((name, key), set())
            found = own if found is None else found & own
            if not found:
                raise Wrong(name, _("No payment of this round has this number."))
        if found is None:
            raise Wrong(at, _("The row has neither a card number nor a household code."))
        open_ = sorted(found & self._sent.keys()) or sorted(found)
        if len(open_) > 1:
            raise Wrong(at, _("Several payments have this number. Add the card number."))
        return open_[0]

    def _outcome(self, row: Row) -> bool:
        text = " ".join(self._cell(row, "outcome").casefold().rstrip(".").split())
        if not text or text in _PAID:
            return True
        if text in _FAILED:
            return False
        raise Wrong("outcome", _("Write paid or failed."))
