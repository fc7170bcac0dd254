"""Backing up from the window: where the copy goes, what is said of it, and when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from casedesk import catalog
from casedesk.desk import application
from casedesk.desk.backup import FOLDER, backup_folder
from casedesk.desk.page import Desk, Page
from casedesk.desk.run import Lane
from casedesk.desk.settings_view import SettingsPage
from casedesk.desk.shell import Shell
from casedesk.kernel import clock
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings, change_setting, get_setting
from casedesk.kernel.store import Store

CTRL = Qt.KeyboardModifier.ControlModifier
TODAY = dt.date(2025, 9, 11)


class First(Page):
    key, title = "today", "Today"


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    made = Settings(tmp_path / "settings")
    application.start(["casedesk"], made)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def window(store: Store, settings: Settings, qtbot) -> Iterator:
    made: list[Shell] = []

    def make(*, illustrative: bool = False, folder: Path | None = None) -> Shell:
        desk = Desk(
            store, Jobs.inline(store), settings, Lane(inline=True), illustrative=illustrative
        )
        shell = Shell(desk, [First(desk), SettingsPage(desk)])
        shell.backup._ask_folder = lambda _begin: str(folder or "")
        desk.open("today")
        qtbot.addWidget(shell)
        shell.show()
        shell.activateWindow()
        qtbot.waitUntil(shell.isActiveWindow)
        made.append(shell)
        return shell

    yield make
    for shell in made:
        shell.close()


def backed_up(store: Store, days_ago: int) -> None:
    at = dt.datetime.combine(TODAY - dt.timedelta(days=days_ago), dt.time(18, 40), dt.UTC)
    store.write(change_setting, "backup_at", at.isoformat(), actor="somebody")


def test_backup_goes_to_the_chosen_folder_and_opens_again(window, folder, qtbot, store):
    store.write(change_setting, "delegation", "Kharkiv", actor="somebody")
    shell = window(folder=folder)
    qtbot.keyClick(shell.sidebar.lines["today"], Qt.Key.Key_B, CTRL)
    (copy,) = folder.iterdir()
    assert copy.name.startswith("delegation 2025-09-11 ")
    assert shell.status.said.text() == f"Backup made: {copy.name}"
    with catalog.open_store(copy, None) as again, again.read() as session:
        assert get_setting(session, "delegation") == "Kharkiv"
    assert shell.status.backup.text().startswith("Backup today ")


def test_folder_is_asked_for_once(window, folder, settings):
    asked = []
    shell = window(folder=folder)
    shell.backup._ask_folder = lambda begin: asked.append(begin) or str(folder)
    shell.backup.run()
    shell.backup.run()
    assert asked == [""]
    assert len(list(folder.iterdir())) == 2  # the second one of a minute has a name of its own
    assert backup_folder(Settings(settings.folder)) == str(folder)


def test_folder_that_is_gone_is_asked_for_again(window, folder, settings, tmp_path):
    FOLDER.__set__(settings, str(tmp_path / "taken out"))
    shell = window(folder=folder)
    shell.backup.run()
    assert len(list(folder.iterdir())) == 1
    assert backup_folder(settings) == str(folder)


def test_nothing_happens_where_no_folder_is_chosen(window, store):
    shell = window()
    shell.backup.run()
    assert shell.status.said.text() == ""
    assert shell.status.backup.text() == "No backup yet"


def test_backup_that_fails_is_said_and_does_not_count(window, folder, store, monkeypatch):
    def fail(_target: Path) -> None:
        raise OSError(5, "input/output error")

    shell = window(folder=folder)
    monkeypatch.setattr(store, "backup", fail)
    shell.backup.run()
    assert shell.notices.texts() == [
        "The backup cannot be written there. Choose another folder in Settings."
    ]
    assert shell.status.backup.text() == "No backup yet"


def test_undo_knows_nothing_of_a_backup(window, folder):
    shell = window(folder=folder)
    shell.desk.write(shell, change_setting, "delegation", "Kharkiv")
    shell.backup.run()
    assert shell.desk.undoable == "Change a setting"
    shell.desk.undo()
    with shell.desk.store.read() as session:
        assert get_setting(session, "delegation") == ""
        assert get_setting(session, "backup_at")
    assert shell.desk.undoable == ""


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [(1, "Backup 1 day ago", ""), (7, "Backup 7 days ago", ""), (8, "Backup 8 days ago", "amber")],
)
def test_status_bar_says_how_old_the_backup_is(window, store, days, words, tone):
    backed_up(store, days)
    shell = window()
    assert shell.status.backup.text() == words
    assert (shell.status.backup.property("tone") or "") == tone


def test_old_backup_is_asked_for_on_the_first_page_until_one_is_made(window, store, folder):
    backed_up(store, 9)
    shell = window(folder=folder)
    assert shell.notices.texts() == ["No backup for 9 days."]
    shell.desk.open("settings")
    assert shell.notices.texts() == []
    shell.backup.run()
    shell.desk.back()
    assert shell.notices.texts() == []


def test_file_that_was_never_backed_up_has_a_week(window, store):
    with clock.frozen(TODAY - dt.timedelta(days=7)):
        store.write(change_setting, "delegation", "Kharkiv", actor="somebody")
    shell = window()
    assert shell.notices.texts() == []
    with clock.frozen(TODAY + dt.timedelta(days=1)):
        shell.backup._next_day()
        assert shell.notices.texts() == ["This file was never backed up."]


def test_invented_data_need_no_backup(window, store):
    backed_up(store, 90)
    shell = window(illustrative=True)
    assert shell.notices.texts() == []
    assert shell.status.backup.text() == "Backup 90 days ago"
    assert not shell.status.backup.property("tone")


def test_reminder_is_still_there_after_the_language_changed(window, store):
    backed_up(store, 9)
    shell = window()
    shell.rebuild()
    assert shell.notices.texts() == ["No backup for 9 days."]


def test_settings_say_where_backups_go_and_change_it(window, folder, qtbot):
    shell = window(folder=folder)
    shell.desk.open("settings")
    shell.desk.backup_asked.emit(True)
    assert str(folder) in shell.page.folder.text()
    assert len(list(folder.iterdir())) == 1
