"""The palette finds people, cases, calls, commands and places, and opens what is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout

from casedesk.desk import application
from casedesk.desk.page import Command, Desk, Page, Place
from casedesk.desk.run import Lane
from casedesk.desk.shell import Shell, Starter
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings

CTRL = Qt.KeyboardModifier.ControlModifier
PEOPLE = [f"Шевченко {letter}." for letter in "АБВГДЕЖ"]


class Calls(Page):
    key, title, icon = "hotline", "Hotline", "phone"

    def __init__(self, desk: Desk, parent: Any = None) -> None:
        super().__init__(desk, parent)
        self.notes = QLineEdit(self)
        QVBoxLayout(self).addWidget(self.notes)
        self.done: list[str] = []

    def new_record(self) -> None:
        self.done.append("new")

    def commands(self) -> list[Command]:
        return [
            Command(key="scam", label="Read the scam warning", run=lambda: self.done.append("scam"))
        ]


class Case(Page):
    key, title, area = "case", "Case", False

    def enter(self, **args: object) -> None:
        self.arguments = args


def finder(session: object, text: str) -> list[Place]:
    if text.casefold() == "scam":  # nobody is called so
        return []
    people = [
        Place(title=name, subtitle="born 1991", kind="person", page="case", args=(("case_id", n),))
        for n, name in enumerate(PEOPLE)
        if name.casefold().startswith(text.casefold())
    ]
    cases = [Place(title="Case 2024-018 441", kind="case", page="case", args=(("case_id", 441),))]
    return people + (cases if people else [])


@pytest.fixture
def shell(store, tmp_path: Path, qtbot) -> Iterator[Shell]:
    settings = Settings(tmp_path / "settings")
    application.start(["casedesk"], settings)
    desk = Desk(store, Jobs.inline(store), settings, Lane(inline=True))
    starters = (
        Starter(page="hotline", label="New call", shortcut="F2"),
        Starter(page="case", label="New case"),
    )
    made = Shell(desk, [Calls(desk), Case(desk)], [finder], starters=starters)
    desk.open("hotline")
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.page.notes.setFocus()
    yield made
    made.close()


def ask(shell: Shell, qtbot: Any, text: str) -> Any:
    qtbot.keyClick(shell.page.notes, Qt.Key.Key_K, CTRL)
    palette = shell.palette_view
    assert palette.isVisible()
    palette.field.setText(text)
    palette.field.textEdited.emit(text)
    qtbot.waitUntil(lambda: not palette._pause.isActive())
    return palette


def test_name_finds_at_most_five_people_and_their_cases(shell, qtbot):
    palette = ask(shell, qtbot, "шев")
    assert palette.headings() == ["People", "Cases"]
    assert palette.results() == [*PEOPLE[:5], "Case 2024-018 441"]


def test_first_result_is_chosen_and_enter_opens_it(shell, qtbot):
    palette = ask(shell, qtbot, "шев")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shell.page_key == "case"
    assert shell.page.arguments == {"case_id": 0}
    assert not palette.isVisible()


def test_arrows_pass_over_the_headings(shell, qtbot):
    palette = ask(shell, qtbot, "шев")
    qtbot.keyClick(palette.field, Qt.Key.Key_Up)  # from the first to the last
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shell.page.arguments == {"case_id": 441}


def test_enter_pressed_before_the_answer_waits_for_it(shell, qtbot):
    qtbot.keyClick(shell.page.notes, Qt.Key.Key_K, CTRL)
    palette = shell.palette_view
    palette.field.setText("Шевченко")
    palette.field.textEdited.emit("Шевченко")  # the pause after typing still runs
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shell.page_key == "case"
    assert shell.page.arguments == {"case_id": 0}


def test_greater_sign_shows_commands_alone(shell, qtbot):
    palette = ask(shell, qtbot, ">scam")
    assert palette.headings() == ["Commands"]
    assert palette.results() == ["Read the scam warning"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shell.page.done == ["scam"]


def test_command_is_found_under_the_wrong_layout(shell, qtbot):
    palette = ask(shell, qtbot, ">ысфь")  # "scam" on a Cyrillic layout
    assert palette.results() == ["Read the scam warning"]


def test_tab_leaves_people_alone(shell, qtbot):
    palette = ask(shell, qtbot, "шев")
    qtbot.keyClick(palette.field, Qt.Key.Key_Tab)
    assert palette.headings() == ["People"]
    assert palette.field.hasFocus()
    qtbot.keyClick(palette.field, Qt.Key.Key_Tab)
    assert palette.headings() == ["People", "Cases"]


def test_nothing_found_offers_to_begin(shell, qtbot):
    palette = ask(shell, qtbot, "zzzz")
    assert palette.headings() == ["Nothing found for “zzzz”"]
    assert palette.results() == ["New call", "New case"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert shell.page_key == "hotline"
    assert shell.page.done == ["new"]


def test_escape_gives_the_focus_back_and_forgets_the_text(shell, qtbot):
    palette = ask(shell, qtbot, "шев")
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert shell.page.notes.hasFocus()
    assert palette.results() == []
    qtbot.keyClick(shell.page.notes, Qt.Key.Key_K, CTRL)
    assert palette.field.text() == ""


def test_empty_palette_offers_places_and_commands(shell, qtbot):
    qtbot.keyClick(shell.page.notes, Qt.Key.Key_K, CTRL)
    palette = shell.palette_view
    assert palette.headings() == ["Commands", "Places to go"]
    assert "Hotline" in palette.results()
    assert QApplication.focusWidget() is palette.field
