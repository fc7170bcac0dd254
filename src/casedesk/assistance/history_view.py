"""The history of a line, a round or a programme: who changed what and when, in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy
from sqlmodel import Session, col

from casedesk.assistance import correcting, counts, homes, rounds, rules, second, wording
from casedesk.assistance.records import (
    Country,
    Decision,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdMember,
    Modality,
    Per,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    RoundStatus,
    Site,
    Stage,
    Target,
    Via,
)
from casedesk.assistance.rounds import entitlement_of
from casedesk.assistance.rules import current_household, registration_of
from casedesk.desk import theme
from casedesk.desk.history_panel import HistoryLine, HistoryPanel, act_labels, history_lines
from casedesk.desk.widgets import Card, button
from casedesk.kernel.language import _
from casedesk.kernel.records import Record
from casedesk.partners.records import Organisation
from casedesk.people import rules as people
from casedesk.people.records import Contact, Person, PersonName

LABELS = act_labels(rules, rounds, homes, correcting, second, people)
Subjects = list[tuple[type[Record], Iterable[int]]]
_HIDDEN = frozenset({"document_key", "sequence"})
_KINDS: dict[tuple[type[Record], str], type[StrEnum]] = {
    (Programme, "modality"): Modality,
    (Programme, "per"): Per,
    (Programme, "country"): Country,
    (Programme, "target"): Target,
    (Registration, "status"): RegistrationStatus,
    (Round, "status"): RoundStatus,
    (Entitlement, "status"): EntitlementStatus,
    (Receipt, "kind"): ReceiptKind,
    (Receipt, "via"): Via,
    (Double, "decision"): Decision,
    (Double, "stage"): Stage,
}
_WORDS: dict[type[StrEnum], dict[Any, Any]] = {
    Modality: wording.MODALITY,
    Per: wording.PER,
    Country: wording.COUNTRY,
    Target: wording.TARGET,
    RegistrationStatus: wording.REGISTRATION,
    RoundStatus: wording.ROUND,
    EntitlementStatus: wording.LINE,
    ReceiptKind: wording.RECEIPT,
    Via: wording.VIA,
    Decision: wording.DECISION,
    Stage: wording.STAGE,
}
_MONEY = frozenset({"amount", "ceiling", "amount_out", "amount_back"})


def of_line(session: Session, line_id: int) -> list[HistoryLine]:
    """Read what happened to a line: its receipts, its household and what was decided."""
    item = entitlement_of(session, line_id)
    registration = registration_of(session, item.registration_id)
    home = current_household(session, registration.household_id)
    either = sa.or_(
        col(Double.registration_id) == registration.id, col(Double.other_id) == registration.id
    )
    head = counts.head_of_household(session, home)

    def ids(column: Any, clause: Any) -> list[int]:
        return list(session.execute(sa.select(col(column)).where(clause)).scalars())

    subjects: Subjects = [
        (Entitlement, [line_id]),
        (Receipt, ids(Receipt.id, col(Receipt.entitlement_id) == line_id)),
        (Registration, [item.registration_id]),
        (Household, [home]),
        (HouseholdMember, ids(HouseholdMember.id, col(HouseholdMember.household_id) == home)),
        (Double, ids(Double.id, either)),
        (Contact, ids(Contact.id, col(Contact.person_id) == head)),
    ]
    return _lines(session, subjects)


def of_round(session: Session, round_id: int) -> list[HistoryLine]:
    """Read what happened to a round, its points and its programme."""
    own = rounds.round_of(session, round_id)
    sites = session.execute(sa.select(col(Site.id)).where(col(Site.round_id) == round_id))
    subjects: Subjects = [
        (Round, [round_id]),
        (Site, list(sites.scalars())),
        (Programme, [own.programme_id]),
    ]
    return _lines(session, subjects)


def _lines(session: Session, subjects: Subjects) -> list[HistoryLine]:
    found = history_lines(session, subjects, say=_sayer(session), labels=LABELS)
    return [line for line in found if line.field not in _HIDDEN]


def _sayer(session: Session) -> Callable[[type[Record], str, Any], str]:
    def say(record: type[Record], name: str, value: Any) -> str:
        kind = _KINDS.get((record, name))
        if kind is not None:
            words = _WORDS[kind].get(kind(value), str(value))
            return _(words if isinstance(words, str) else words[0])
        if name in _MONEY:
            return wording.money(int(value))
        if name.endswith("_id"):
            return _named(session, name, int(value))
        try:
            return wording.short_date(dt.date.fromisoformat(str(value)))
        except ValueError:
            return str(value)

    return say


def _named(session: Session, name: str, identity: int) -> str:
    """Call a record that another points at by its name, never by its number."""
    if name in ("person_id", "collected_by_id"):
        person = session.get(Person, identity)
        holder = person.merged_into_id or identity if person else identity
        row = session.execute(
            sa.select(col(PersonName.family), col(PersonName.given))
            .where(col(PersonName.person_id) == holder)
            .order_by(col(PersonName.kind) != "official", col(PersonName.id))
        ).first()
        return " ".join(part for part in row if part) if row else _("Name not known")
    tables: dict[str, tuple[Any, str]] = {
        "site_id": (Site, "name"),
        "round_id": (Round, "name"),
        "programme_id": (Programme, "name"),
        "partner_id": (Organisation, "name"),
        "household_id": (Household, "code"),
        "merged_into_id": (Household, "code"),
    }
    table, field = tables.get(name, (None, ""))
    found = session.get(table, identity) if table is not None else None
    return str(getattr(found, field)) if found is not None else _("another record")


class HistoryCard(Card):
    """History beside the list."""

    closed = Signal()

    def __init__(self, lines: Sequence[HistoryLine]) -> None:
        """Show these lines."""
        super().__init__(_("History"))
        self.panel = HistoryPanel(self)
        self.panel.show_lines(lines)
        self.panel.setMinimumHeight(theme.px(420))
        self.panel.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.body.addWidget(self.panel)
        close = button(_("Close"), kind="quiet", key="Esc", listens=False)
        close.clicked.connect(self.closed)
        self.body.addWidget(close)
