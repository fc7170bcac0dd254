"""Review of pairs in the window: list, comparison, decisions by one key each, and the sweep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from casedesk.desk import application
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane, window_post
from casedesk.desk.shell import Shell
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import Person, PersonDraft, PersonNameDraft, Script
from casedesk.tracing import matching, rules
from casedesk.tracing.matches_view import MatchesPage, places
from casedesk.tracing.records import Judgement, TracingCaseDraft, Verdict

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
DAY = dt.date(1984, 5, 17)


def register(store: Store, family: str, given: str, **more: Any) -> int:
    script = Script.LATIN if family.isascii() else Script.CYRILLIC
    draft = PersonDraft.checked({"born_first": DAY, "born_last": DAY, **more})
    names = [PersonNameDraft(family=family, given=given, script=script)]
    return int(store.write(people.register_person, draft, names, actor="anna")[0].id)


@pytest.fixture
def pair(store: Store) -> tuple[int, int]:
    first = register(store, "Гречаный", "Степан", mother_name="Ольга")
    second = register(store, "Hrechanyi", "Stepan", mother_name="Olha")
    register(store, "Литвин", "Андрій")
    return first, second


class Window:
    """The desk with the page of pairs alone."""

    def __init__(self, store: Store, settings: Settings, qtbot: Any, *, threads: bool) -> None:
        self.store, self.qtbot = store, qtbot
        if threads:
            post = window_post()
            self.jobs, lane = Jobs(store, post), Lane(post)
        else:
            self.jobs, lane = Jobs.inline(store), Lane(inline=True)
        self.desk = Desk(store, self.jobs, settings, lane)
        self.page = MatchesPage(self.desk)
        self.shell = Shell(self.desk, [self.page])
        qtbot.addWidget(self.shell)
        self.said: list[str] = []
        self.desk.notices.said.connect(lambda text, _undo: self.said.append(text))
        self.shell.resize(1440, 900)
        self.shell.show()
        self.shell.activateWindow()
        qtbot.waitUntil(self.shell.isActiveWindow)
        self.desk.open("matches")

    def press(self, key: Any) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or self.shell, key)


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    made = Settings(tmp_path / "settings")
    made.actor = "M. Weber"
    application.start(["casedesk"], made)
    return made


@pytest.fixture
def window(store: Store, pair: Any, settings: Settings, qtbot: Any) -> Iterator[Window]:
    made = Window(store, settings, qtbot, threads=False)
    yield made
    made.shell.close()


def verdict(store: Store, pair: tuple[int, int]) -> Verdict | None:
    with store.read() as session:
        return matching.judged(session, [pair]).get(pair)


def test_without_a_sweep_the_page_says_what_one_does(window):
    assert window.page.pairs == []
    assert not window.page.nothing.isHidden()
    assert not window.page.first_sweep.isHidden()


def test_a_sweep_fills_the_list_and_shows_both_side_by_side(window):
    window.page.first_sweep.click()
    (pair,) = window.page.pairs
    assert pair.score > 0.9
    texts = {label: (one, other, result) for label, one, other, result in window.page.table.texts()}
    assert texts["Family name"][:2] == ("Гречаный", "Hrechanyi")
    assert texts["Mother"] == ("Ольга", "Olha", "mother's name alike") or texts["Mother"][2]
    assert texts["Born"][2] == "born on the same day"
    assert "Sweep ended: 1 pair" in window.said


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_S, Verdict.SAME),
        (Qt.Key.Key_N, Verdict.NOT_SAME),
        (Qt.Key.Key_U, Verdict.UNSURE),
    ],
)
def test_one_key_judges_and_the_pair_leaves_the_list(window, pair, key, expected):
    window.page.sweep()
    window.press(key)
    assert verdict(window.store, pair) is expected
    assert window.page.pairs == []
    window.desk.undo()
    assert verdict(window.store, pair) is None
    assert len(window.page.pairs) == 1


def test_the_word_why_is_kept_and_its_letters_are_no_keys(window, pair):
    window.page.sweep()
    window.page.why.setFocus()
    for key in (Qt.Key.Key_N, Qt.Key.Key_U, Qt.Key.Key_S):
        window.press(key)
    assert window.page.why.text() == "nus"
    assert verdict(window.store, pair) is None
    window.page.buttons["not_same"].click()
    with window.store.read() as session:
        assert session.get(Judgement, 1).why == "nus"


def test_merge_keeps_the_values_that_are_chosen_and_undo_parts_them(window, pair):
    window.page.sweep()
    left, right = window.page.table.choices["mother_name"]
    assert left.checked
    right.click()
    assert not left.checked
    window.page.setFocus()
    window.press(Qt.Key.Key_M)
    with window.store.read() as session:
        assert session.get(Person, pair[1]).merged_into_id == pair[0]
        assert session.get(Person, pair[0]).mother_name == "Olha"
    assert window.page.pairs == []
    window.desk.undo()
    with window.store.read() as session:
        assert session.get(Person, pair[1]).merged_into_id is None
    assert len(window.page.pairs) == 1


def test_j_and_k_walk_along_the_pairs(window):
    register(window.store, "Hretschanyj", "Stepan")
    window.page.sweep()
    assert len(window.page.pairs) == 3
    first = window.page.current()
    window.press(Qt.Key.Key_J)
    assert window.page.current() != first
    window.press(Qt.Key.Key_K)
    window.press(Qt.Key.Key_K)
    assert window.page.current() == first


def test_a_case_shows_who_fits_it(window, pair):
    draft = TracingCaseDraft(person_id=pair[1], opened_on=dt.date(2025, 5, 2))
    case_id = window.store.write(rules.open_case, draft, actor="anna")[0].id
    window.desk.open("matches", case_id=case_id)
    (found,) = window.page.pairs
    assert (found.first.person_id, found.second.person_id) == (pair[1], pair[0])
    window.page.all_button.click()
    assert window.page.pairs == []


def test_the_keys_do_nothing_where_there_is_no_pair(window):
    for key in (Qt.Key.Key_S, Qt.Key.Key_M, Qt.Key.Key_J):
        window.press(key)
    with window.store.read() as session:
        assert session.get(Judgement, 1) is None


def test_a_locked_desk_shows_no_names(window):
    window.page.sweep()
    window.page.wipe()
    assert window.page.pairs == []
    assert window.page.table.texts() == []


def test_the_palette_finds_the_page(window):
    with window.store.read() as session:
        (place,) = places(session, "dupl")
        assert place.page == "matches"
        assert places(session, "Гречаный") == []


def test_a_sweep_runs_beside_the_window_and_can_be_stopped(store, pair, settings, qtbot):
    window = Window(store, settings, qtbot, threads=True)
    try:
        qtbot.waitUntil(lambda: not window.page.nothing.isHidden())
        window.page.sweep()
        window.page.stop()
        assert not window.page.stop_button.isVisible()
        assert window.said[-1] == "Sweep stopped. The list is as it was."
        window.page.sweep()
        qtbot.waitUntil(lambda: len(window.page.pairs) == 1, timeout=5000)
        qtbot.waitUntil(lambda: window.page.comparison is not None)
        assert window.page.sweep_button.isVisible()
    finally:
        window.shell.close()
        window.jobs.close()
