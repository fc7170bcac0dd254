"""Duplicates found, judged, made one and parted again, by keys alone; and the owner who is told."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from casedesk import app
from casedesk.desk import application
from casedesk.desk.run import Lane, window_post
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import Person, PersonDraft, PersonNameDraft, Script
from casedesk.tracing import rules, sweep, upkeep_view, watching
from casedesk.tracing.records import Judgement, TracingCaseDraft, Verdict
from keyboard import CTRL, SHIFT, Keyboard

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
BORN = dt.date(1984, 5, 17)


def register(store: Store, family: str, given: str, **more: Any) -> int:
    script = Script.LATIN if family.isascii() else Script.CYRILLIC
    draft = PersonDraft.checked({"born_first": BORN, "born_last": BORN, **more})
    names = [PersonNameDraft(family=family, given=given, script=script)]
    return int(store.write(people.register_person, draft, names, actor="op")[0].id)


def open_case(store: Store, person: int, owner: str) -> int:
    draft = TracingCaseDraft(person_id=person, opened_on=dt.date(2025, 5, 2), owner=owner)
    return int(store.write(rules.open_case, draft, actor="op")[0].id)


class Hands(Keyboard):
    """Somebody at the keyboard of a window with its threads."""

    def __init__(self, store: Store, settings: Settings, qtbot: Any) -> None:
        self.lane = Lane(window_post())
        self.desk = app.desk_of(store, settings, self.lane, day="")
        super().__init__(app.build(self.desk), store, qtbot)
        qtbot.addWidget(self.shell)
        self.shell.resize(1440, 900)
        self.shell.show()
        self.shell.activateWindow()
        qtbot.waitUntil(self.shell.isActiveWindow)

    def close(self) -> None:
        self.shell.close()
        self.desk.jobs.close()
        self.lane.close()


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    made = Settings(tmp_path / "settings")
    made.actor = "M. Weber"
    application.start(["casedesk"], made)
    return made


@pytest.fixture
def hands(store: Store, settings: Settings, qtbot: Any) -> Iterator[Hands]:
    made = Hands(store, settings, qtbot)
    yield made
    made.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Make sweeps wait, as those of a great file do; the event lets them go on."""
    go_on, quick = threading.Event(), sweep.sweep

    def patient(session: Any, *, step: Any, **options: Any) -> Any:
        while not go_on.wait(0.01):
            step(3, 10, "Comparing")
        return quick(session, step=step, **options)

    monkeypatch.setattr(watching.sweep, "sweep", patient)
    return go_on


def test_duplicates_are_swept_judged_merged_and_parted_by_keys(
    store: Store, hands: Hands, slow: threading.Event
) -> None:
    first = register(store, "Гречаный", "Степан", mother_name="Ольга")
    second = register(store, "Hrechanyi", "Stepan", mother_name="Olha")
    twins = register(store, "Осипов", "Глеб"), register(store, "Осипов", "Глеб")
    open_case(store, first, "somebody else")
    hands.find("duplicates", "Possible duplicates")
    page: Any = hands.shell.page
    hands.wait(lambda: page.first_sweep.isVisible())
    # the sweep is begun, stopped, and begun again
    hands.tab_to(lambda widget: widget is page.first_sweep)
    hands.press(Qt.Key.Key_Space)
    hands.wait(lambda: page.progress.text() == "Comparing, 30 %")
    assert page.nothing.accessibleName() == "All persons are being compared"
    hands.tab_to(lambda widget: widget is page.stop_button)
    hands.press(Qt.Key.Key_Space)
    hands.wait(lambda: page.first_sweep.isVisible())
    assert page.pairs == []
    slow.set()
    hands.run("Sweep now")
    hands.wait(lambda: len(page.pairs) == 2 and page.comparison is not None)
    # one pair is judged, with a word why
    if page.current().first.person_id not in twins:
        hands.press(Qt.Key.Key_J)
    hands.wait(lambda: page.comparison and page.comparison.first_id == twins[0])
    hands.wait(lambda: not hands.desk.jobs.current and page.why.isEnabled())
    hands.tab_to(lambda widget: widget is page.why)
    hands.type("two fathers")
    hands.tab_to(lambda widget: widget is page.buttons["not_same"])
    hands.press(Qt.Key.Key_Space)
    hands.wait(lambda: len(page.pairs) == 1)
    (judgement,) = hands.all(Judgement)
    assert (judgement.verdict, judgement.why) == (Verdict.NOT_SAME, "two fathers")
    # the other one is merged, with the mother's name of the second file
    hands.wait(lambda: page.comparison and page.comparison.first_id == first)
    hands.wait(lambda: not hands.desk.jobs.current and page.why.isEnabled())
    hands.wait(lambda: page.table.choices["mother_name"][1].isVisible())
    hands.tab_to(lambda widget: widget is page.table.choices["mother_name"][1])
    hands.press(Qt.Key.Key_Space)
    assert page.table.taken() == ("mother_name",)
    page.setFocus()
    hands.press(Qt.Key.Key_M)

    def files() -> tuple[str, int | None]:
        persons = hands.all(Person)
        return persons[0].mother_name, persons[1].merged_into_id

    hands.wait(lambda: files() == ("Olha", first))
    hands.wait(lambda: hands.desk.undoable == "Merge persons")
    hands.press(Qt.Key.Key_Z, CTRL)
    hands.wait(lambda: files() == ("Ольга", None) and hands.desk.redoable)
    hands.press(Qt.Key.Key_Z, CTRL | SHIFT)
    hands.wait(lambda: files() == ("Olha", first) and not hands.desk.redoable)
    # and parted again on the page of the case, which says before what goes where
    hands.find("Гречаный", "Гречаный Степан")
    hands.wait(lambda: hands.shell.page_key == "case" and hands.shell.page.file is not None)
    case: Any = hands.shell.page
    hands.wait(lambda: case.file.merged and not hands.desk.jobs.current)
    case.setFocus()
    hands.tab_to(lambda widget: widget.accessibleName() == "Separate Hrechanyi Stepan")
    hands.press(Qt.Key.Key_Space)
    hands.wait(lambda: case.act_form is not None)
    assert "Names that go back: Hrechanyi Stepan" in case.act_form.parting.lines()
    hands.press(Qt.Key.Key_Return, CTRL)
    hands.wait(lambda: files() == ("Ольга", None))
    hands.wait(lambda: case.file is not None and not case.file.merged)
    assert hands.desk.undoable == "Separate persons"
    hands.press(Qt.Key.Key_Z, CTRL)
    hands.wait(lambda: files() == ("Olha", first))
    assert hands.shell.notices.texts() == []
    assert second == first + 1


def test_the_owner_is_told_of_what_fits_and_not_again_once_it_is_judged(
    store: Store, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep_view, "SOON_MS", 50)
    case_id = open_case(store, register(store, "Гречаный", "Степан"), "M. Weber")
    app.upkeep(hands.desk, hands.shell)
    today: Any = hands.shell.page
    assert not today.fits.isVisible()
    register(store, "Hrechanyi", "Stepan")  # a colleague saves; nobody presses anything
    hands.wait(lambda: today.fits.isVisible())
    line = today.fits.lines[0]
    assert line.compare.accessibleName().startswith("Compare: Гречаный Степан, Case 2025-")
    hands.tab_to(lambda widget: widget is line.compare)
    hands.press(Qt.Key.Key_Space)
    hands.wait(lambda: hands.shell.page_key == "matches")
    page: Any = hands.shell.page
    hands.wait(lambda: page.comparison is not None)
    # the page of the case says it too, and leads to the same comparison
    hands.desk.open("case", case_id=case_id)
    case: Any = hands.shell.page
    hands.wait(lambda: case.fits.isVisible())
    case.setFocus()
    hands.press(Qt.Key.Key_V)
    hands.wait(lambda: hands.shell.page_key == "matches" and page.comparison is not None)
    hands.press(Qt.Key.Key_N)
    hands.wait(lambda: page.pairs == [])
    hands.desk.open("case", case_id=case_id)
    hands.wait(lambda: not case.fits.isVisible())
    hands.press(Qt.Key.Key_1, CTRL)
    hands.wait(lambda: not today.fits.isVisible())
    # Undo asks again
    hands.press(Qt.Key.Key_Z, CTRL)
    hands.wait(lambda: today.fits.isVisible())
