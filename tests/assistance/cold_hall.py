"""A cold hall: somebody at the keyboard, a programme, and twelve households on its list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from casedesk.assistance import rounds, rules
from casedesk.assistance.page import AssistancePage
from casedesk.assistance.records import (
    Entitlement,
    EntitlementStatus,
    HouseholdDraft,
    HouseholdMember,
    HouseholdMemberDraft,
    Modality,
    ProgrammeDraft,
    Registration,
    RegistrationDraft,
    RegistrationStatus,
    Round,
    RoundDraft,
    RoundStatus,
    SiteDraft,
)
from casedesk.assistance.rounds import Planned
from casedesk.assistance.rules import NewHousehold, NewMember
from casedesk.kernel.store import Store
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson
from keyboard import CTRL, Keyboard

DAY = dt.date(2025, 9, 1)
NAMES = (
    *("Шевченко Олена", "Бондар Ігор", "Кравець Ніна", "Мельник Тарас", "Поліщук Віра"),
    *("Гончар Степан", "Ткач Раїса", "Лисенко Павло", "Руденко Зоя", "Савчук Михайло"),
    *("Орлов Денис", "Юрченко Галина"),
)


class Person(Keyboard):
    """Somebody at the keyboard of a cold hall."""

    @property
    def page(self) -> AssistancePage:
        page = self.shell.page
        assert isinstance(page, AssistancePage)
        return page

    def scan(self, text: str) -> None:
        self.type(text)
        self.press(Qt.Key.Key_Return)

    def said(self) -> str:
        return self.shell.status.said.text()


class World:
    """A programme whose list of twelve households is open, and one earlier programme."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.cash = self._programme("Cash in autumn", Modality.CASH)
        self.before = self._programme("Cash in summer", Modality.CASH)
        self.registrations = [
            self.register(self.cash, name, f"4000 {at:04}", document=f"BM {at:06}")
            for at, name in enumerate(NAMES, start=1)
        ]
        draft = RoundDraft.checked(
            {
                "programme_id": self.cash,
                "name": "September",
                "first_day": DAY,
                "last_day": dt.date(2025, 9, 30),
                "opened_on": DAY,
            }
        )
        sites = [SiteDraft.checked({"name": name}) for name in ("School 4", "Town hall")]
        self.round = int(self.write(rounds.open_round, draft, sites).id)
        planned = [Planned(i, 1, 1_500_000) for i in self.registrations]
        self.write(rounds.plan, self.round, planned)

    def write(self, act: Any, *args: Any, actor: str = "op") -> Any:
        return self.store.write(act, *args, actor=actor)[0]

    def _programme(self, name: str, modality: Modality) -> int:
        values = {"name": name, "modality": modality, "starts_on": dt.date(2025, 6, 1)}
        return int(self.write(rules.add_programme, ProgrammeDraft.checked(values)).id)

    def new(self, name: str, document: str = "", phone: str = "") -> NewHousehold:
        family, given = name.split()
        parts = PersonNameDraft.checked({"family": family, "given": given})
        contacts = (ContactDraft.checked({"typed": phone}),) if phone else ()
        person = NewPerson(PersonDraft(), (parts,), contacts)
        member = HouseholdMemberDraft.checked({"head": True, "document": document})
        return NewHousehold(
            HouseholdDraft.checked({"place": "Казань"}), (NewMember(person, member),)
        )

    def register(
        self, programme: int, name: str, card: str = "", document: str = "", *, include: bool = True
    ) -> int:
        values = {"programme_id": programme, "registered_on": DAY, "card_number": card}
        draft = RegistrationDraft.checked(values)
        made = self.write(rules.register, draft, self.new(name, document)).registration
        if include:
            for status in (RegistrationStatus.VALIDATED, RegistrationStatus.INCLUDED):
                self.write(rules.change_status, [made.id], status, DAY)
        return int(made.id)

    def double(self) -> int:
        """Let the first household stand in another cash programme too, by its document."""
        return self.register(self.before, "Шевченко Елена", "", "BM 000001", include=False)

    def serve_elsewhere(self) -> None:
        """Serve the first household under another name in the other programme; later its
        document becomes known there.
        """
        registration = self.register(self.before, "Коваль Ганна")
        values = {"name": "Summer", "first_day": DAY, "last_day": DAY, "opened_on": DAY}
        draft = RoundDraft.checked({"programme_id": self.before, **values})
        other = self.write(rounds.open_round, draft).id
        (line,) = self.write(rounds.plan, other, [Planned(registration, 1, 1_000_000)])
        self.advance(other)
        self.write(rounds.hand_over, [line.id])
        self.write(rounds.reconcile_round, other)
        with self.store.read() as session:
            member = session.execute(
                sa.select(HouseholdMember)
                .join(Registration, Registration.household_id == HouseholdMember.household_id)
                .where(Registration.id == registration)
            ).scalar_one()
            changed = rules.with_(member.draft(), document="BM 000001")
        self.write(rules.change_member, member.id, changed, member.revision)

    def advance(self, round_id: int = 0) -> None:
        """Take a round to its distribution."""
        own = round_id or self.round
        self.write(rounds.lock_round, own)
        self.write(rounds.approve_round, own, actor="first")
        self.write(rounds.approve_round, own, actor="second")
        self.write(rounds.start_round, own)


def go(me: Person) -> None:
    me.press(Qt.Key.Key_6, CTRL)
    assert me.shell.page_key == "assistance"
    me.wait(lambda: me.page.summary is not None and me.page.table.total)


def status(me: Person) -> RoundStatus:
    return me.all(Round)[0].status


def received(me: Person) -> int:
    own = me.all(Round)[0].id
    given = EntitlementStatus.RECEIVED
    return sum(x.round_id == own and x.status is given for x in me.all(Entitlement))


def texts(widget: QWidget) -> list[str]:
    return [part.text() for part in widget.findChildren(QLabel) if not part.isHidden()]
