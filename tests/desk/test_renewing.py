"""A new passphrase for the open file, and its recovery words, from the window."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout

from casedesk import app, catalog
from casedesk.desk import application
from casedesk.desk.page import Desk, Page
from casedesk.desk.run import Lane, window_post
from casedesk.desk.settings_view import SettingsPage
from casedesk.desk.shell import Shell
from casedesk.desk.wizard import NewPassphrase
from casedesk.kernel import passphrase
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings

PHRASE = "wooden bridge late apples"
NEW = "quiet river seven lanterns"


class First(Page):
    key, title = "today", "Today"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.notes = QLineEdit(self)
        QVBoxLayout(self).addWidget(self.notes)
        self.resumed = 0

    def leave(self) -> None:
        if self.notes.text():
            self.desk.keep_draft("notes", self.notes.text())

    def resume(self) -> None:
        self.resumed += 1


@pytest.fixture(scope="session")
def secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "office.cdk"
    catalog.create_store(path, PHRASE).close()
    return path


@pytest.fixture(scope="session")
def words(secret_file: Path) -> tuple[str, ...]:
    return passphrase.recovery_words(secret_file, PHRASE)


@pytest.fixture
def office(secret_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(secret_file, tmp_path / "office.cdk"))


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    made = Settings(tmp_path / "settings")
    application.start(["casedesk"], made)
    return made


@pytest.fixture
def shell(office: Path, settings: Settings, qtbot) -> Iterator[Shell]:
    store = catalog.open_store(office, PHRASE)
    desk = Desk(store, Jobs.inline(store), settings, Lane(inline=True))
    made = Shell(desk, [First(desk), SettingsPage(desk)])
    desk.open("today")
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


@pytest.fixture
def program(settings: Settings, monkeypatch, qtbot) -> Iterator[app.Program]:
    monkeypatch.setattr(app, "pages", lambda desk: [First(desk)])
    made = app.Program(settings)
    yield made
    if made.front is not None:
        made.front.close()
        made.front.deleteLater()
    made.lane.close()


def by_words(program: app.Program, office: Path, words: tuple[str, ...], qtbot) -> NewPassphrase:
    program.begin(office)
    program.unlocked(catalog.open_store(office, " ".join(words)), True)
    assert isinstance(program.front, app.Ground)
    assert isinstance(program.front.inner, NewPassphrase)
    return program.front.inner


def test_who_came_by_the_words_may_put_a_new_passphrase_off(program, office, words, qtbot):
    guide = by_words(program, office, words, qtbot)
    guide.later.click()
    qtbot.waitUntil(lambda: isinstance(program.front, Shell))
    assert not program.front.desk.store.locked
    assert program.front.desk.store.drafts() == {}


def test_who_came_by_the_words_goes_to_work_with_the_new_passphrase(program, office, words, qtbot):
    guide = by_words(program, office, words, qtbot)
    passphrase.renew(guide._store, NEW)  # what the steps of the guide do; see test_wizard
    guide.finished.emit()
    qtbot.waitUntil(lambda: isinstance(program.front, Shell))
    assert program.front.desk.store.drafts() == {}
    program.front.close()
    with catalog.open_store(office, NEW):
        pass


def test_closing_before_the_new_passphrase_lets_go_of_the_file(program, office, words, qtbot):
    guide = by_words(program, office, words, qtbot)
    closed = []
    guide._store.close, before = lambda: closed.append(before()), guide._store.close
    program.front.close()
    qtbot.waitUntil(lambda: bool(closed))
    assert not office.with_name("office.cdk-wal").exists()


def test_typed_passphrase_leads_straight_to_work(program, office, qtbot):
    program.unlocked(catalog.open_store(office, PHRASE), False)
    qtbot.waitUntil(lambda: isinstance(program.front, Shell))


def test_new_passphrase_covers_the_desk_and_what_was_typed_is_kept(shell):
    shell.page.notes.setText("Kovalenko called")
    shell.desk.passphrase_asked.emit()
    guide = shell.findChild(NewPassphrase)
    assert guide.isVisible()
    assert not shell.page.notes.isVisible()
    guide.later.click()
    assert shell.page.notes.isVisible()
    assert shell.page.notes.text() == "Kovalenko called"
    assert shell.page.resumed == 1
    assert shell.desk.store.drafts() == {"notes": "Kovalenko called"}


def test_new_passphrase_waits_until_all_is_saved(office, settings, qtbot):
    store = catalog.open_store(office, PHRASE)
    desk = Desk(store, Jobs(store, window_post()), settings, Lane(inline=True))
    shell = Shell(desk, [First(desk)])
    desk.open("today")
    qtbot.addWidget(shell)
    shell.show()
    go_on = threading.Event()

    def long_work(progress: object) -> None:
        go_on.wait(10)

    desk.background(shell, long_work)
    desk.passphrase_asked.emit()
    assert shell.findChild(NewPassphrase) is None
    assert not shell.page.notes.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: shell.findChild(NewPassphrase) is not None)
    shell.close()


def test_recovery_words_are_shown_for_the_passphrase_alone(shell, words, qtbot):
    shell.desk.open("settings")
    card = shell.page.recovery
    card.begin.click()
    assert card.editor.hasFocus()
    qtbot.keyClicks(card.editor, "not the one")
    qtbot.keyClick(card.editor, Qt.Key.Key_Return)
    assert card.words == []
    assert card.field.wrong
    card.editor.clear()
    qtbot.keyClicks(card.editor, PHRASE)
    qtbot.keyClick(card.editor, Qt.Key.Key_Return)
    assert card.words == list(words)
    shell.desk.open("today")
    assert card.words == []
    assert card.editor.text() == ""


def test_file_without_passphrase_has_no_such_card(store, settings, qtbot):
    desk = Desk(store, Jobs.inline(store), settings, Lane(inline=True))
    page = SettingsPage(desk)
    qtbot.addWidget(page)
    assert page.recovery is None
