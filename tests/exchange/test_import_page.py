"""Imports at the desk, by keys alone: from a file that is refused to records, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from casedesk import app, leaving, sending
from casedesk.assistance import rounds, rules
from casedesk.assistance.page import AssistancePage
from casedesk.assistance.records import (
    Household,
    Modality,
    ProgrammeDraft,
    ProviderLine,
    Receipt,
    Registration,
    RoundDraft,
)
from casedesk.desk import application
from casedesk.desk.run import Lane, window_post
from casedesk.desk.shell import Shell
from casedesk.desk.widgets import ComboBox, LineEdit
from casedesk.exchange import paying, preview, registrations, sending_view
from casedesk.exchange.flow_view import ImportFlow
from casedesk.exchange.import_view import ImportPage
from casedesk.exchange.parts_view import Step
from casedesk.exchange.preview import State
from casedesk.exchange.reading import read_table
from casedesk.kernel import language
from casedesk.kernel.settings import Settings, get_setting
from casedesk.kernel.store import Store
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.people.records import Person
from casedesk.reports.handed_out import HandedOut
from casedesk.tracing.records import TracingCase
from keyboard import CTRL, NONE, SHIFT, Keyboard

HEAD = ["ФИО", "Дата рождения", "Телефон", "Паспорт", "Карта", "Сумма"]
ANNA = ["Иванова Анна Петровна", "09.03.1987", "+79161234567", "45 10 123456", "2200 0001", "9000"]
OLEG = ["СИДОРОВ олег ильич", "1990-01-02", "", "45 10 999999", "2200 0002", "1 000,50"]
NINA = ["Белова Нина", "1980", "", "", "2200 0003", "7000"]
TWIN = ["Ivanova Anna", "1987-03-09", "", "", "2200 0009", "5000"]


class Me(Keyboard):
    """Somebody who has a table to bring in."""

    def __init__(self, shell: Shell, store: Store, qtbot: Any, folder: Path) -> None:
        super().__init__(shell, store, qtbot)
        self.folder = folder

    @property
    def page(self) -> ImportFlow:
        page = self.shell.pages["import"]
        assert isinstance(page, ImportPage)
        return page.flow

    def choose(self, combo: ComboBox, value: Any) -> None:
        self.tab_to(combo)
        for _step in range(combo.count()):
            if combo.value == value:
                return
            self.press(Qt.Key.Key_Down)
        assert combo.value == value

    def shows(self, view: QWidget) -> bool:
        return self.page.stack.currentWidget() is view

    def name(self, source: Path) -> None:
        """Type the name of a file and have it read."""
        self.page.source.file.setFocus()
        self.page.source.file.selectAll()
        self.type(str(source))
        self.press(Qt.Key.Key_Return)

    def table(self, name: str, *lines: list[Any]) -> Path:
        source = self.folder / name
        book = xlsxwriter.Workbook(str(source), {"strings_to_formulas": False})
        sheet = book.add_worksheet()
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
        book.close()
        return source

    def said(self) -> str:
        return self.shell.status.said.text()


def write(store: Store, act: Any, *args: Any, actor: str = "op") -> Any:
    return store.write(act, *args, actor=actor)[0]


@pytest.fixture
def programme(store: Store) -> int:
    values = {"name": "Cash 2025", "modality": Modality.CASH, "starts_on": dt.date(2025, 1, 1)}
    own = int(write(store, rules.add_programme, ProgrammeDraft.checked(values)).id)
    draft = RoundDraft.checked(
        {
            "programme_id": own,
            "name": "September",
            "first_day": dt.date(2025, 9, 1),
            "last_day": dt.date(2025, 12, 30),
            "opened_on": dt.date(2025, 8, 20),
        }
    )
    write(store, rounds.open_round, draft)
    return own


@pytest.fixture
def me(
    programme: int, store: Store, tmp_path: Path, qtbot: Any, qapp: Any, monkeypatch: Any
) -> Iterator[Me]:
    # the other pages are built and tried elsewhere
    wanted = (
        lambda desk: AssistancePage(desk, leaving.DOOR),
        lambda desk: ImportPage(desk, sending.note_list),
    )
    monkeypatch.setattr(app, "pages", lambda desk: [make(desk) for make in wanted])
    settings = Settings(tmp_path / "settings")
    settings.actor = "Maren Holt"
    application.start(["casedesk"], settings)
    desk = app.desk_of(store, settings, Lane(window_post()), day="")
    shell = app.build(desk)
    qtbot.addWidget(shell)
    shell.resize(1440, 900)
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    yield Me(shell, store, qtbot, tmp_path)
    shell.close()


def file_has(store: Store, source: Path) -> None:
    """Put the households of a table into the file, as an earlier import did."""
    with store.read() as session:
        into = registrations.find_into(session, "Cash 2025")
        plan = registrations.plan(session, read_table(source), into)
    write(store, registrations.take_in, plan)


def go(me: Me, kind: str = "registrations") -> None:
    me.press(Qt.Key.Key_K, CTRL)
    me.type(">Import a table")
    me.wait(lambda: me.shell.palette_view.results()[:1] == ["Import a table"])
    me.press(Qt.Key.Key_Return)
    assert me.shell.page_key == "import"
    me.wait(lambda: me.page.source.programme.count() > 1)
    me.choose(me.page.source.kind, kind)


def test_registrations_from_a_refused_file_to_the_list_and_back(me, store):
    file_has(store, me.table("earlier.xlsx", HEAD[:5], ANNA[:5]))
    go(me)
    page = me.page
    me.choose(page.source.programme, 1)
    me.choose(page.source.round, 1)
    me.name(me.table("doubled.xlsx", [*HEAD, "Сумма"], [*ANNA, "1"]))
    me.wait(lambda: me.shows(page.fault))
    assert "The column Сумма is there twice" in page.fault.banner.accessibleDescription()
    assert me.focus is page.fault.retry
    lines = ([*HEAD[:5], "Сколько", "Цвет"], [*TWIN, "a"], [*OLEG, "b"], [*NINA, "c"],
             ["", "1990", "", "", "", "5", ""],
             ["Чумак Яна", "1991", "", "", "", "1,000", ""])  # fmt: skip
    me.name(me.table("good.xlsx", *lines))
    me.wait(lambda: me.shows(page.columns))
    assert page.columns.fields == ("full_name", "born", "phone", "document", "card_number", "", "")
    assert "2 columns are not used: Сколько, Цвет" in page.columns.banner.accessibleDescription()
    assert me.focus is page.columns.combos[5]  # the first that nothing is known of
    me.choose(page.columns.combos[5], "amount")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(page.found))
    assert page.found.chips[State.REFUSED].text() == "Refused 2"
    # the possible double comes first: it is the question
    assert [line.row for line in page.found.lines()] == [2]
    assert page.main.text() == "Take in 2 rows"
    me.wait(lambda: "In the file: H-000001" in texts(page.found.pane))
    me.letter("n")
    assert page.main.text() == "Take in 3 rows"
    assert page.found.tag_of(page.found.lines()[0]).text == "Comes in as another"
    me.letter("n")  # once more takes it back
    assert page.main.text() == "Take in 2 rows"
    me.letter("n")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: page.step is Step.DONE)
    assert len(me.all(Registration)) == 4
    said = page.result.banner.accessibleName(), page.result.banner.accessibleDescription()
    assert said[0] == "3 rows of 5 taken in."
    assert "2 rows were refused." in said[1]
    assert "1 possible double waits for a decision in Assistance." in said[1]
    me.wait(lambda: len(page.result.table.rows()) == 3)
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Registration)) == 1)
    me.wait(lambda: "undone" in page.result.banner.accessibleName())
    assert len(me.all(Household)) == 1
    me.wait(lambda: me.said() == "Undone: Import registrations")
    me.press(Qt.Key.Key_Z, CTRL | SHIFT)
    me.wait(lambda: len(me.all(Registration)) == 4)
    me.wait(lambda: page.result.banner.accessibleName() == "3 rows of 5 taken in.")
    me.wait(lambda: len(page.result.table.rows()) == 3)
    with store.read() as session:
        key = preview.importing.mapping_key("registrations", lines[0])
        assert '"Сколько":"amount"' in get_setting(session, key)
    assert store.check() == []


def texts(widget: QWidget) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def take_to_the_day(store: Store, me: Me) -> None:
    """Take a round with three households to its distribution."""
    source = me.table("list.xlsx", HEAD, ANNA, OLEG, NINA)
    with store.read() as session:
        into = registrations.find_into(session, "Cash 2025", "September")
        plan = registrations.plan(session, read_table(source), into)
    write(store, registrations.take_in, plan)
    for act, actor in (
        (rounds.lock_round, "a"),
        (rounds.approve_round, "a"),
        (rounds.approve_round, "b"),
        (rounds.start_round, "a"),
    ):
        write(store, act, 1, actor=actor)


def send_to_bank(store: Store, me: Me) -> None:
    take_to_the_day(store, me)
    bank = write(store, partners.add_organisation, OrganisationDraft.checked({"name": "Bank"}))
    write(store, rounds.send_to_provider, 1, bank.id)


def test_a_provider_answers_with_two_differences(me, store):
    send_to_bank(store, me)
    go(me, "receipts")
    page = me.page
    me.wait(lambda: page.source.programme.count() == 2)
    me.choose(page.source.programme, 1)
    assert page.source.round.value == 1  # the only round that is under way
    me.name(
        me.table(
            "answer.xlsx",
            ["Карта", "Сумма", "Дата", "Статус", "Комментарий"],
            ["2200 0001", "9 000,00", "10.09.2025", "выплачено", ""],
            ["22000002", "1000", "2025-09-10", "paid", ""],
            ["22000003", "7000", "", "failed", "Card closed"],
            ["22000777", "5", "", "paid", ""],
            ["2200 0001", "9000", "", "", ""],
        )
    )
    me.wait(lambda: me.shows(page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(page.found))
    shown = {line.row: page.found._why(line) for line in page.found.lines()}
    assert shown == {
        3: "Paid another amount than was sent. Sent 1,000.50\u00a0RUB, paid 1,000\u00a0RUB.",
        4: "Card closed Sent 7,000\u00a0RUB, paid 0\u00a0RUB.",
    }
    assert page.found.chips[State.REFUSED].text() == "Refused 2"
    refused = {x.row: x.reason for x in page.work.preview.lines if x.state is State.REFUSED}
    assert refused == {
        5: "No payment of this round has this number.",
        6: "The same payment is in row 2 already.",
    }
    assert me.all(Receipt) == []  # nothing is taken in before it was seen
    # row 3 was typed wrongly at the bank: it is corrected here, and looked at again
    me.press(Qt.Key.Key_Return)
    me.tab_to(page.found.pane.fields[1].editor)
    me.focus.selectAll()
    me.type("1 000,50")
    assert page.main.text() == "Look at the rows again"
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: page.found.chips[State.DIFFERENCE].text() == "Differences 1")
    me.letter("o")
    assert page.main.text() == "Take in 2 rows"
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: page.step is Step.DONE)
    assert [receipt.amount for receipt in me.all(Receipt)] == [9000_00, 1000_50]
    assert [line.outcome.value for line in me.all(ProviderLine)] == ["paid", "paid", "pending"]
    me.wait(lambda: len(page.result.table.rows()) == 2)
    me.press(Qt.Key.Key_Return)  # the line itself, where a receipt is corrected
    me.wait(lambda: me.shell.page_key == "assistance")
    me.press(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert me.shell.page_key == "import"
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: me.all(Receipt) == [])


def test_a_payment_list_goes_out_is_filled_in_and_comes_back(me, store, monkeypatch):
    take_to_the_day(store, me)
    go(me, "receipts")
    me.wait(lambda: me.page.source.programme.count() == 2)
    me.choose(me.page.source.programme, 1)
    assert me.page.source.round.value == 1
    me.tab_to(me.page.source.send)
    me.press(Qt.Key.Key_Return)
    assert me.focus is me.page.sending.provider.edit
    me.press(Qt.Key.Key_Return, CTRL)
    assert me.page.sending.form.fields["provider"].wrong
    me.type("Народный банк")
    me.tab_to(me.page.sending.form.editor("why"))
    me.type("September payments")
    out = me.folder / "to-bank.xlsx"
    monkeypatch.setattr(
        sending_view.QFileDialog, "open", lambda ask: ask.fileSelected.emit(str(out))
    )
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.said() == "3 lines sent")
    (copy,) = me.all(HandedOut)
    assert (copy.to_whom, copy.why, copy.sheet) == (
        "Народный банк", "September payments", "payment list",
    )  # fmt: skip
    table = read_table(out)
    assert [row.cells[:5] for row in table.rows] == [
        ("H-000001", "Иванова Анна Петровна", "22000001", "9000", "RUB"),
        ("H-000002", "Сидоров Олег Ильич", "22000002", "1000.5", "RUB"),
        ("H-000003", "Белова Нина", "22000003", "7000", "RUB"),
    ]
    me.wait(lambda: not me.page.source.send.isVisible())
    back = [(*row.cells[:5], row.cells[3], "10.09.2025", "paid", "", "") for row in table.rows]
    me.name(me.table("from-bank.xlsx", list(table.columns), *map(list, back)))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    assert me.page.foot.said.text() == "All rows come in."
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.page.step is Step.DONE)
    assert len(me.all(Receipt)) == 3


@pytest.mark.parametrize("spoken", ["en", "ru"])
def test_columns_of_a_payment_list_are_known_when_they_come_back(spoken):
    language.use(spoken)
    fields = preview.guessed("receipts", paying.heads())
    assert [name for name in fields if name] == [
        "household_code", "card_number", "amount", "on", "outcome", "collected_by", "message",
    ]  # fmt: skip
    assert preview.complaint("receipts", paying.heads(), fields) == ("", -1)


def test_place_that_is_missing_is_said_at_its_field(me):
    go(me)
    me.name(me.table("list.xlsx", HEAD, ANNA))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    assert me.focus is me.page.source.programme
    assert me.focus.accessibleDescription() == "Choose the programme."
    me.choose(me.page.source.programme, 1)
    assert not me.page.source._programme.wrong


def test_two_columns_of_one_field_are_said_at_the_second(me):
    go(me, "persons")
    me.name(me.table("list.xlsx", ["ФИО", "Полное имя"], ["Иванова Анна", "Иванова Анна"]))
    me.wait(lambda: me.shows(me.page.columns))
    assert "are both the field Whole name" in me.page.columns.banner.accessibleName()
    me.press(Qt.Key.Key_Return, CTRL)
    assert me.shows(me.page.columns)
    assert me.focus is me.page.columns.combos[1]
    me.choose(me.focus, "other_names")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    assert me.page.foot.said.text() == "All rows come in."


def test_file_that_is_no_table_says_so_and_can_be_read_again(me):
    go(me, "persons")
    source = me.folder / "list.xlsx"
    source.write_text("ФИО\nИванова Анна\n", "utf-8")
    me.name(source)
    me.wait(lambda: me.shows(me.page.fault))
    assert "The name says that this is a workbook" in me.page.fault.banner.accessibleDescription()
    me.table("list.xlsx", ["ФИО"], ["Иванова Анна"])  # mended there
    me.press(Qt.Key.Key_F5)
    me.wait(lambda: me.shows(me.page.columns))


def test_nothing_to_take_in_says_what_to_do(me):
    go(me, "persons")
    me.name(me.table("list.xlsx", ["ФИО", "Рожд", "born"], ["", "x", "31.02.1990"]))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    assert me.page.found.banner.accessibleName() == "Not one row can be taken in."
    assert not me.page.main.isEnabled()
    me.press(Qt.Key.Key_Return, CTRL)
    assert me.page.step is Step.ROWS


def test_table_without_rows_is_said_to_have_none(me):
    go(me, "persons")
    me.name(me.table("list.xlsx", ["ФИО", "born"]))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    assert me.page.found.banner.accessibleName() == "The table has columns, and no rows."
    assert not me.page.main.isEnabled()


def test_rows_are_sorted_filtered_chosen_and_left_out_together(me):
    go(me, "cases")
    lines = [[f"Иванов{chr(1072 + at % 20)} Олег{at}", "1990"] for at in range(200)]
    me.name(me.table("list.xlsx", ["ФИО", "born"], *lines))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    found = me.page.found
    assert len(found.lines()) == 200
    me.press(Qt.Key.Key_F9)
    me.press(Qt.Key.Key_F9)
    me.press(Qt.Key.Key_F9, SHIFT)
    assert found.lines()[0].who.startswith("Иванову")
    me.press(Qt.Key.Key_F, CTRL)
    me.type("Иванову")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: len(found.lines()) == 10)
    assert me.focus is found.table
    me.press(Qt.Key.Key_A, CTRL)
    assert found.chosen.text() == "10 rows chosen"
    me.letter("щ")  # the key of O under a Russian layout
    assert me.page.main.text() == "Take in 190 rows"
    me.press(Qt.Key.Key_Escape)
    assert not found.table.ticked
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.page.step is Step.DONE)
    assert len(me.all(TracingCase)) == 190
    assert me.said() == "190 rows taken in"


def test_what_was_chosen_is_there_again_after_leaving_and_a_new_start(me, store):
    go(me)
    me.choose(me.page.source.programme, 1)
    lines = (["Кто", "born"], ["Иванова Анна", "1987"], ["Белова Нина", "31.02.1990"])
    source = me.table("list.xlsx", *lines)
    me.name(source)
    me.wait(lambda: me.shows(me.page.columns))
    me.choose(me.page.columns.combos[0], "full_name")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    me.press(Qt.Key.Key_Return)
    me.tab_to(me.page.found.pane.fields[1].editor)
    me.focus.selectAll()
    me.type("28.02.1990")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.main.text() == "Take in 2 rows")
    me.letter("o")
    assert me.page.main.text() == "Take in 1 row"
    me.press(Qt.Key.Key_1, CTRL)
    me.shell.desk.open("assistance")
    me.wait(lambda: "import.registrations" in store.drafts())
    me.shell.rebuild()  # as after a change of the language: the page is another one
    me.shell.desk.open("import")
    me.wait(lambda: me.shows(me.page.found))
    me.wait(lambda: me.page.main.text() == "Take in 1 row")
    assert (me.page.work.programme_id, me.page.work.source) == (1, str(source))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.page.step is Step.DONE)
    me.wait(lambda: store.drafts() == {})
    assert len(me.all(Registration)) == 1


def test_file_that_changed_meanwhile_drops_what_was_decided_about_its_rows(me):
    go(me, "persons")
    source = me.table("list.xlsx", ["ФИО"], ["Иванова Анна"], ["Белова Нина"])
    me.name(source)
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    me.letter("o")
    assert me.page.main.text() == "Take in 1 row"
    me.table("list.xlsx", ["ФИО"], ["Дуб Павло"], ["Иванова Анна"], ["Белова Нина"])
    me.press(Qt.Key.Key_F5)
    me.wait(lambda: me.shows(me.page.columns))
    assert me.shell.notices.texts() == ["The file is not the one that was looked at before."]
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.page.main.text() == "Take in 3 rows")


def test_stopping_leaves_the_file_as_it_is_and_can_go_on(me, monkeypatch):
    import threading

    go(me, "persons")
    begun, held = threading.Event(), threading.Event()
    read = preview.read_table

    def slow(source, sheet="", *, stop=None):
        begun.set()
        while not (stop() or held.wait(0.01)):
            pass
        return read(source, sheet, stop=stop)

    monkeypatch.setattr(preview, "read_table", slow)
    me.name(me.table("list.xlsx", ["ФИО"], ["Иванова Анна"]))
    me.wait(lambda: me.shows(me.page.working))
    assert begun.is_set()
    assert me.page.working.words.text() == "Reading the table"
    assert me.focus is me.page.working.stop
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.shows(me.page.fault))
    assert "stopped" in me.page.fault.banner.accessibleName()
    held.set()
    me.press(Qt.Key.Key_Return)  # Go on
    me.wait(lambda: me.shows(me.page.columns))


def test_dropped_file_is_read_and_a_missing_one_is_said(me):
    go(me, "persons")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(me.table("list.xlsx", ["ФИО"], ["Иванова Анна"])))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE
    )
    me.shell.pages["import"].dropEvent(event)
    me.wait(lambda: me.shows(me.page.columns))
    me.name(me.folder / "none.xlsx")
    me.wait(lambda: me.shows(me.page.fault))
    assert "There is no table here" in me.page.fault.banner.accessibleDescription()


def test_assistance_opens_the_page_with_its_programme(me):
    me.shell.desk.open("import", kind="registrations", programme=1, round_id=1)
    me.wait(lambda: me.page.source.place == (1, 1))
    assert me.page.source.kind.value == "registrations"
    assert isinstance(me.focus, LineEdit)
    me.name(me.table("list.xlsx", HEAD, ANNA))
    me.wait(lambda: me.shows(me.page.columns))
    me.shell.desk.open("import", kind="registrations", programme=1, round_id=0)
    me.shell.desk.open("import", kind="registrations", programme_id=1)
    me.shell.desk.open("import", kind="cases")
    assert me.page.step is Step.FILE
    me.shell.desk.open("import", kind="registrations")
    me.wait(lambda: me.shows(me.page.columns))  # what was begun there is as it was


def test_long_names_stay_in_their_cells_and_every_control_has_a_name(me):
    go(me, "persons")
    long = "Абдурахмангаджиева-Константинопольская " * 3
    me.name(me.table("list.xlsx", ["ФИО", "x" * 120], [long, long], [long * 9, ""]))
    me.wait(lambda: me.shows(me.page.columns))
    width = me.page.width()
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    assert me.page.width() == width
    assert me.page.found.table.model_.data(me.page.found.table.model_.index(0, 3)).startswith("Аб")
    for page in (me.page.columns, me.page.found, me.page.source, me.page.foot, me.page.steps):
        for widget in page.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
                assert widget.accessibleName(), widget


def test_locking_takes_the_rows_off_the_screen_and_unlocking_brings_them_back(me):
    go(me, "persons")
    me.name(me.table("list.xlsx", ["ФИО"], ["Иванова Анна"], [""]))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    me.page.wipe()
    assert me.page.found.lines() == []
    assert me.page.columns.combos == []
    assert me.page.work.opened is None
    me.page.resume()
    me.wait(lambda: len(me.page.found.lines()) == 1)


def test_tab_goes_through_the_steps_the_rows_and_the_way_on_in_that_order(me):
    go(me, "persons")
    me.name(me.table("list.xlsx", ["ФИО"], ["Иванова Анна"]))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    me.page.source.kind.setFocus()
    order = (me.page.steps.buttons[2], me.page.found.text, me.page.found.table,
             me.page.found.out, me.page.main)  # fmt: skip
    for wanted in order:
        me.tab_to(wanted, 12)


def test_locking_while_rows_are_written_loses_neither_the_result_nor_the_way_back(me, store):
    go(me, "persons")
    me.name(me.table("list.xlsx", ["ФИО"], ["Иванова Анна"], ["Белова Нина"]))
    me.wait(lambda: me.shows(me.page.columns))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shows(me.page.found))
    me.press(Qt.Key.Key_Return, CTRL)
    me.page.wipe()
    me.page.leave()
    me.wait(lambda: me.page.step is Step.DONE)
    assert me.page.result.banner.accessibleName() == "2 rows of 2 taken in."
    me.wait(lambda: store.drafts() == {})  # else the same rows would come in once more
    me.wait(lambda: len(me.page.result.table.rows()) == 2)
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: me.all(Person) == [])


def test_words_half_as_long_again_fit_the_smallest_window(me, monkeypatch):
    monkeypatch.setenv("CASEDESK_PSEUDO", "150")
    language.use("en")
    me.shell.rebuild()
    me.shell.resize(1120, 700)
    me.shell.desk.open("import", kind="registrations", programme=1)
    page = me.page
    page.take_file(str(me.table("list.xlsx", HEAD[:5], ANNA[:5], TWIN[:5])))
    me.wait(lambda: me.shows(page.columns))
    page.main_action()
    me.wait(lambda: me.shows(page.found))
    assert me.shell.width() == 1120
    assert page.minimumSizeHint().width() <= page.width()
    shown = [made for made in page.findChildren(QAbstractButton) if made.isVisible()]
    assert len(shown) > 12
    for made in shown:
        assert made.width() >= made.minimumSizeHint().width(), made.accessibleName()
    monkeypatch.undo()
    language.use("en")
