"""Pictures of every screen: light, dark and in Russian, from a real window that nobody sees.

`./run screenshots` starts it. It works on a copy of the file, so nothing that is typed for a
picture stays anywhere.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import sqlalchemy as sa
from PySide6.QtCore import QCoreApplication, Qt, qInstallMessageHandler
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from sqlmodel import col, select

from casedesk import app as program
from casedesk import catalog
from casedesk.assistance import rounds
from casedesk.assistance.records import (
    Entitlement,
    Household,
    HouseholdMember,
    ProviderFile,
    ProviderLine,
    Registration,
    Round,
    RoundStatus,
)
from casedesk.desk import application, theme
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.desk.shell import Shell
from casedesk.desk.unlock import UnlockCard
from casedesk.desk.wizard import Ways, Wizard
from casedesk.exchange.flow_view import ImportFlow
from casedesk.exchange.import_view import ImportPage
from casedesk.exchange.preview import State
from casedesk.hotline.page import HotlinePage
from casedesk.illustrative import delegation
from casedesk.kernel import language
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.people.records import Contact, Person, PersonName, Script, Sex
from casedesk.people.wording import RELATIONS
from casedesk.tracing.records import CaseAction, CaseEnquirer, CaseStatus, Status, TracingCase

LOOKS = (("light", "en"), ("dark", "en"), ("light", "ru"))
SIZE = (1440, 900)


@dataclass(frozen=True)
class Scene:
    """One picture: its name and the way there from any page."""

    name: str
    reach: Callable[[Shell], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pictures into a folder; says how many."""
    parser = argparse.ArgumentParser(prog="screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--passphrase-file", type=Path)
    parser.add_argument("--only", default="", help="names of scenes, separated by commas")
    options = parser.parse_args(argv)
    phrase = None
    if options.passphrase_file is not None:
        phrase = options.passphrase_file.read_text("utf-8").rstrip("\r\n")
    only = set(filter(None, options.only.split(",")))
    qInstallMessageHandler(_tell)
    try:
        count = write(options.folder, options.file, phrase, only)
    except CaseDeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{count} pictures in {options.folder}", file=sys.stderr)
    return 0


def _tell(_kind: object, _context: object, text: str) -> None:
    """Pass on what Qt says, but what the offscreen platform says of every window."""
    if "propagateSizeHints" not in text:
        print(text, file=sys.stderr)


def write(folder: Path, file: Path | None, phrase: str | None, only: set[str]) -> int:
    """Take every picture, or those of the scenes that are named."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with tempfile.TemporaryDirectory() as own:
        # Neither the settings nor the file of whoever asks for pictures are touched.
        os.environ["CASEDESK_HOME"] = os.environ["HOME"] = own
        settings = Settings()
        settings.actor = "E. Marchetti"
        app = application.start(["casedesk"], settings)
        app.setQuitOnLastWindowClosed(False)
        path = Path(own, "delegation.cdk")
        if file is None:
            file = Path(own, "invented.cdk")
            with catalog.create_store(file, None) as made:
                delegation.create(made, scale=0.02, seed=1)
        for mode, lang in LOOKS:
            language.use(lang)
            settings.theme, settings.language = mode, lang
            theme.apply(app, "dark" if mode == "dark" else "light")
            look = mode if lang == "en" else lang
            shutil.copy(file, path)  # each look begins without the drafts of the one before
            with catalog.open_store(path, phrase) as store:
                for name, window in chain(_alone(path), _scenes(store, settings, only)):
                    if only and name not in only:
                        continue
                    _settle()
                    window.grab().save(str(folder / f"{name}-{look}.png"))
                    count += 1
    return count


def _alone(path: Path) -> Iterator[tuple[str, QWidget]]:
    """Give what is seen before a file is open."""
    lane = Lane(inline=True)
    ways = Ways(catalog.create_store, catalog.open_store, program.illustrate)
    wizard = _shown(program.Ground(Wizard(ways, lane, actor="E. Marchetti")))
    yield "wizard-language", wizard
    QTest.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    yield "wizard-file", wizard
    wizard.close()
    card = UnlockCard(path, lambda _: None, lane, note=language._("A call is kept."))
    unlock = _shown(program.Ground(card))
    yield "unlock", unlock
    unlock.close()


def _scenes(store: Store, settings: Settings, only: set[str]) -> Iterator[tuple[str, QWidget]]:
    """Give every page of the window over a file, in states that people meet."""
    desk = program.desk_of(store, settings)
    shell = program.build(desk)
    _shown(shell)
    for scene in _list(desk):
        if only and scene.name not in only:
            continue
        scene.reach(shell)
        yield scene.name, shell
        QTest.keyClick(shell, Qt.Key.Key_Escape)
        for popup in QApplication.topLevelWidgets():
            if popup is not shell and popup.isVisible():
                popup.close()
    shell.hide()
    shell.deleteLater()


def _list(desk: Desk) -> list[Scene]:
    person, case = _chosen(desk.store)
    family = person.family[:6]

    def call(shell: Shell) -> None:
        desk.open("hotline", new=True)
        form = _hotline(shell).form
        told = _told(desk.store)
        for edit, text in (
            (form.caller.number, told.phone),
            (form.sought.name, told.name),
            (form.sought.born, f"~{told.year + 1}"),
            (form.sought.mother, told.mother),
            (form.sought.place, told.place),
        ):
            edit.setFocus()
            _type(text)
        form.sought.relation.setCurrentIndex(list(RELATIONS).index("mother"))
        form.notes.setFocus()
        _type(
            "Сын не звонит с весны. Незнакомый мужчина просил денег за «новости о нём», "
            "она не заплатила. Звонить лучше утром."
        )
        form.caller.same_button.click()
        form.sought.name.setFocus()
        _settle(500)

    def wrong(shell: Shell) -> None:
        desk.open("hotline", new=True)
        _settle()
        _type(f"{family} {person.given[:2]}")
        sought = _hotline(shell).form.sought
        for edit, text in ((sought.born, "19x7"), (sought.contact, "32 March")):
            edit.setFocus()
            _type(text)
        _settle(500)
        QTest.keyClick(_focus(shell), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def find(shell: Shell) -> None:
        desk.open("cases")
        QTest.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        _settle()
        _type(family)
        _settle(500)

    def ticked(shell: Shell) -> None:
        desk.open("cases")
        _settle()
        for _row in range(3):
            QTest.keyClick(_focus(shell), Qt.Key.Key_X)
            QTest.keyClick(_focus(shell), Qt.Key.Key_Down)

    def nothing(shell: Shell) -> None:
        desk.open("cases")
        QTest.keyClick(shell, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        _type("Ъъъъ")
        _settle(600)

    def double(shell: Shell) -> None:
        desk.open("assistance")
        _settle()
        QTest.keyClick(_focus(shell), Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
        _settle()
        QTest.keyClick(_focus(shell), Qt.Key.Key_Return)
        _settle(500)

    def table(shell: Shell) -> None:
        desk.open("assistance")
        QTest.keyClick(shell, Qt.Key.Key_F7)

    sent = Sent(desk.store, Path.home())

    def arrived(shell: Shell) -> None:
        desk.open("import", kind="registrations", programme=sent.programme)
        _flow(shell).begin_anew()
        _flow(shell).take_file(sent.registrations())
        _settle()

    def refused(shell: Shell) -> None:
        desk.open("import", kind="registrations", programme=sent.programme)
        _flow(shell).begin_anew()
        _flow(shell).take_file(sent.doubled())

    def looked(shell: Shell) -> None:
        arrived(shell)
        _flow(shell).main_action()
        _settle()

    def faults(shell: Shell) -> None:
        looked(shell)
        _flow(shell).found.show_only(State.REFUSED)

    def taken(shell: Shell) -> None:
        looked(shell)
        _flow(shell).main_action()
        _settle()

    def leaving(shell: Shell) -> None:
        desk.open("import", kind="receipts", round_id=sent.under_way())
        _settle()
        _flow(shell).ask_to_send()

    def answered(shell: Shell) -> None:
        desk.open("import", kind="receipts", round_id=sent.sent_round())
        _flow(shell).take_file(sent.answer())
        _flow(shell).main_action()
        _settle()

    return [
        Scene("today", lambda shell: desk.open("today")),
        Scene("hotline", lambda shell: desk.open("hotline")),
        Scene("cases", lambda shell: desk.open("cases")),
        Scene("cases-chosen", ticked),
        Scene("cases-none", nothing),
        Scene("case", lambda shell: desk.open("case", case_id=case)),
        Scene("matches", lambda shell: desk.open("matches")),
        Scene("sheets", lambda shell: desk.open("sheets", figure="001-13")),
        Scene("find", find),
        Scene("call", call),
        Scene("call-wrong", wrong),
        Scene("assistance", lambda shell: desk.open("assistance")),
        Scene("assistance-double", double),
        Scene("assistance-table", table),
        Scene("import", lambda shell: desk.open("import", kind="registrations")),
        Scene("import-refused", refused),
        Scene("import-columns", arrived),
        Scene("import-rows", looked),
        Scene("import-faults", faults),
        Scene("import-result", taken),
        Scene("import-send", leaving),
        Scene("import-provider", answered),
        Scene("settings", lambda shell: desk.open("settings")),
        Scene("help", lambda shell: desk.open("help")),
        Scene("locked", lambda shell: desk.lock()),
    ]


def _hotline(shell: Shell) -> HotlinePage:
    page = shell.page
    if not isinstance(page, HotlinePage):
        raise LookupError("the hotline is not open")
    return page


def _flow(shell: Shell) -> ImportFlow:
    page = shell.page
    if not isinstance(page, ImportPage):
        raise LookupError("the import is not open")
    return page.flow


class Sent:
    """Tables as field offices and banks send them, made from the people of the file."""

    def __init__(self, store: Store, folder: Path) -> None:
        """Write into a folder; it is shown in the pictures as the home of whoever works there."""
        self._store, self._folder = store, folder
        with store.read() as session:
            self.programme = max(
                session.exec(
                    select(Round.programme_id).where(Round.status == RoundStatus.OPEN)
                ).all(),
                default=0,
            )
            rows = session.execute(
                sa.select(
                    col(PersonName.family),
                    col(PersonName.given),
                    col(PersonName.patronymic),
                    col(Person.born_first),
                )
                .join(Person, col(Person.id) == PersonName.person_id)
                .join(HouseholdMember, col(HouseholdMember.person_id) == Person.id)
                .where(
                    col(PersonName.script) == Script.CYRILLIC,
                    col(HouseholdMember.head).is_(True),
                    col(Person.born_first).is_not(None),
                )
                .order_by(col(PersonName.id).desc())
                .limit(30)
            ).all()
        self._known = [
            (" ".join(part for part in parts if part), f"{born:%d.%m.%Y}") for *parts, born in rows
        ]

    def _write(self, name: str, rows: Sequence[Sequence[str]]) -> str:
        import xlsxwriter

        book = xlsxwriter.Workbook(str(self._folder / name))
        sheet = book.add_worksheet("List")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        book.close()
        return f"~/{name}"

    def registrations(self) -> str:
        """A list with two families of the file, and cells that cannot be read."""
        head = ("ФИО", "Дата рождения", "Телефон", "Город", "Карта", "Комментарий отдела")
        names = ("Орлова Мария", "КОВАЛЬ пётр", "Дмитрук Оксана", "Зайцев Илья", "Беляк Анна")
        rows = [
            (f"{name} {last}", f"{at + 1:02}.0{at % 9 + 1}.19{60 + at}", "", "Курск", "", "")
            for at, (name, last) in enumerate(
                (name, last)
                for last in ("Сергеевич", "Ивановна", "Петровна", "Олегович")
                for name in names
            )
        ]
        for place, (name, born) in zip((2, 7), self._known, strict=False):
            rows.insert(place, (name, born, "", "Курск", "", "не звонить вечером"))
        rows.insert(4, ("Лисенко Вера", "03/04/1987", "", "Курск", "", ""))
        rows.insert(9, ("", "1990", "", "Курск", "", ""))
        rows.insert(12, ("Гончар Степан", "31.02.1975", "", "Курск", "", ""))
        return self._write("Регистрации Курск.xlsx", [head, *rows])

    def doubled(self) -> str:
        """A list with a column that is there twice."""
        return self._write("Список.xlsx", [("ФИО", "Сумма", "сумма"), ("Орлова Мария", "1", "2")])

    def under_way(self) -> int:
        """Give the round that is under way."""
        with self._store.read() as session:
            own = session.exec(select(Round.id).where(Round.status == RoundStatus.UNDER_WAY))
            return int(own.first() or 0)

    def sent_round(self) -> int:
        """Send the list of the round that is under way to a bank, and give its number."""
        own = self.under_way()
        with self._store.read() as session:
            sent = session.exec(select(ProviderFile.id)).first()
        if sent is None:
            draft = OrganisationDraft.checked({"name": "Kursk savings bank"})
            bank = self._store.write(partners.add_organisation, draft, actor="E. Marchetti")[0]
            self._store.write(rounds.send_to_provider, own, bank.id, actor="E. Marchetti")
        return own

    def answer(self) -> str:
        """What the bank answers: most as sent, one other amount, one not paid, one unknown."""
        with self._store.read() as session:
            lines = session.execute(
                select(Household.code, ProviderLine.amount_out)
                .join(Entitlement, col(Entitlement.id) == ProviderLine.entitlement_id)
                .join(Registration, col(Registration.id) == Entitlement.registration_id)
                .join(Household, col(Household.id) == Registration.household_id)
                .order_by(col(ProviderLine.id))
                .limit(12)
            ).all()
        rows = [[code, f"{amount / 100:.2f}", "выплачено", ""] for code, amount in lines]
        for row in rows[1:2]:
            row[1] = "500.00"
        for row in rows[3:4]:
            row[2:] = ["не выплачено", "Карта закрыта"]
        rows += [["H-999999", "100.00", "выплачено", ""], *map(list, rows[:1])]
        head = ["Домохозяйство", "Сумма", "Статус", "Комментарий"]
        return self._write("Ответ банка.xlsx", [head, *rows])


def _chosen(store: Store) -> tuple[PersonName, int]:
    """Choose a case that has seen much: the pictures are about her."""
    steps = sa.func.count(col(CaseStatus.id))
    with store.read() as session:
        case_id, person_id = session.exec(
            select(col(TracingCase.id), col(TracingCase.person_id))
            .join(CaseStatus, col(CaseStatus.case_id) == TracingCase.id)
            .join(CaseAction, col(CaseAction.case_id) == TracingCase.id)
            .where(TracingCase.status != Status.CLOSED)
            .group_by(col(TracingCase.id))
            .order_by(steps.desc(), col(TracingCase.id).desc())
        ).first() or (0, 0)
        name = session.exec(
            select(PersonName)
            .where(PersonName.person_id == person_id)
            .where(PersonName.script == Script.CYRILLIC)
        ).first()
    if name is None:
        raise LookupError("a case without a name")
    return name, int(case_id or 0)


@dataclass(frozen=True)
class _Told:
    """What somebody says on the telephone of a person whom the file knows."""

    phone: str
    name: str
    year: int
    mother: str
    place: str


def _told(store: Store) -> _Told:
    """Choose a call in which much is told, about somebody who has namesakes."""
    of_family = sa.func.count().over(partition_by=col(PersonName.family))
    with store.read() as session:
        found = session.execute(
            sa.select(
                col(Contact.e164),
                col(PersonName.family),
                col(PersonName.given),
                col(Person.born_first),
                col(Person.mother_name),
                col(TracingCase.last_seen_at),
            )
            .select_from(TracingCase)
            .join(Person, col(Person.id) == col(TracingCase.person_id))
            .join(PersonName, col(PersonName.person_id) == col(Person.id))
            .join(CaseEnquirer, col(CaseEnquirer.case_id) == col(TracingCase.id))
            .join(Contact, col(Contact.person_id) == col(CaseEnquirer.person_id))
            .where(
                col(TracingCase.status) != Status.CLOSED,
                col(PersonName.script) == Script.CYRILLIC,
                col(Person.born_first).is_not(None),
                col(Person.mother_name) != "",
                col(Person.sex) == Sex.M,
                col(CaseEnquirer.relation) == "mother",
                col(TracingCase.last_seen_at) != "",
                col(Contact.e164).is_not(None),
            )
            .order_by(of_family.desc(), col(TracingCase.id))
        ).first()
    if found is None:
        raise LookupError("nobody of whom much is told")
    phone, surname, given, born, mother, place = found
    return _Told(phone, f"{surname} {given[:3]}", born.year, mother, place)


def _shown(window: QWidget) -> QWidget:
    window.resize(*SIZE)
    window.show()
    _settle()
    return window


def _settle(milliseconds: int = 250) -> None:
    """Let timers run and everything be painted."""
    QTest.qWait(milliseconds)


def _focus(shell: QWidget) -> QWidget:
    return QApplication.focusWidget() or shell


def _type(text: str) -> None:
    """Type like an input method: key events know no Cyrillic."""
    field = QApplication.focusWidget()
    if field is not None:
        event = QInputMethodEvent()
        event.setCommitString(text)
        QCoreApplication.sendEvent(field, event)


if __name__ == "__main__":
    raise SystemExit(main())
