"""The window as a user meets it: keys, places, undo, the lock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from casedesk import catalog
from casedesk.desk import application
from casedesk.desk.help_view import HelpPage
from casedesk.desk.page import Desk, Page
from casedesk.desk.run import Lane, window_post
from casedesk.desk.settings_view import SettingsPage
from casedesk.desk.shell import Shell, Starter
from casedesk.kernel import language
from casedesk.kernel.errors import WrongPassphrase
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings, change_setting, get_setting
from casedesk.kernel.store import Store

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PHRASE = "wooden bridge late apples"


class Calls(Page):
    key, title, icon, shortcut = "hotline", "Hotline", "phone", "Ctrl+2"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.heard: list[str] = []
        self.notes = QLineEdit(self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.notes)
        layout.addWidget(QPushButton(language._("New call")))

    def enter(self, **args: object) -> None:
        self.heard.append("enter")
        self.arguments = args
        self.notes.setFocus()

    def leave(self) -> None:
        self.heard.append("leave")
        if self.notes.text():
            self.desk.keep_draft("hotline.notes", self.notes.text())

    def wipe(self) -> None:
        self.heard.append("wipe")

    def refresh(self) -> None:
        self.heard.append("refresh")

    def new_record(self) -> None:
        self.heard.append("new")

    def main_action(self) -> None:
        self.heard.append("main")


class Cases(Calls):
    key, title, icon, shortcut = "cases", "Missing persons", "user-search", "Ctrl+3"


class Card(QLineEdit):
    """Stands for the unlock card: unlocks with what is typed."""

    unlocked = Signal(object, bool)

    def __init__(self, file, unlock, lane, note):
        super().__init__()
        self.note = note
        self.wrong = False
        self.returnPressed.connect(
            lambda: lane.do(unlock, self.text(), then=self._open, failed=self._refuse)
        )

    def _open(self, result):
        self.unlocked.emit(result, False)

    def _refuse(self, error):
        self.wrong = isinstance(error, WrongPassphrase)


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    made = Settings(tmp_path / "settings")
    application.start(["casedesk"], made)
    return made


def make(store: Store, settings: Settings, **options: object) -> Shell:
    desk = Desk(store, Jobs.inline(store), settings, Lane(inline=True))
    pages = [Calls(desk), Cases(desk), HelpPage(desk), SettingsPage(desk)]
    starters = (Starter(page="hotline", label="New call", shortcut="F2"),)
    shell = Shell(desk, pages, starters=starters, **options)  # type: ignore[arg-type]
    desk.open("hotline")
    shell.show()
    shell.activateWindow()
    return shell


@pytest.fixture
def shell(store: Store, settings: Settings, qtbot) -> Iterator[Shell]:
    made = make(store, settings)
    qtbot.addWidget(made)
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sealed_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "sealed.cdk"
    catalog.create_store(path, PHRASE).close()
    return path


@pytest.fixture
def sealed(sealed_template: Path, tmp_path: Path, settings: Settings, qtbot) -> Iterator[Shell]:
    """Give a shell over an encrypted file."""
    for file in sealed_template.parent.glob("sealed.cdk*"):
        shutil.copy(file, tmp_path / file.name)
    store = catalog.open_store(tmp_path / "sealed.cdk", PHRASE)
    made = make(store, settings, card=Card)
    qtbot.addWidget(made)
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


def change(shell: Shell, key: str, value: str) -> None:
    shell.desk.write(shell, change_setting, key, value)


def setting(shell: Shell, key: str) -> str:
    with shell.desk.store.read() as session:
        return get_setting(session, key, "nothing")


# Places and keys.


def test_numbers_with_ctrl_open_the_areas(shell, qtbot):
    qtbot.keyClick(shell, Qt.Key.Key_3, CTRL)
    assert shell.page_key == "cases"
    assert shell.title.text() == "Missing persons"
    assert shell.sidebar.lines["cases"].isChecked()
    qtbot.keyClick(shell, Qt.Key.Key_2, CTRL)
    assert shell.page_key == "hotline"


def test_back_and_forward_walk_through_the_places(shell, qtbot):
    shell.desk.open("cases", case_id=7)
    shell.desk.open("settings")
    qtbot.keyClick(shell, Qt.Key.Key_Left, ALT)
    assert shell.page_key == "cases"
    assert shell.page.arguments == {"case_id": 7}
    qtbot.keyClick(shell, Qt.Key.Key_Left, ALT)
    assert shell.page_key == "hotline"
    qtbot.keyClick(shell, Qt.Key.Key_Right, ALT)
    assert shell.page_key == "cases"
    assert shell.page.arguments == {"case_id": 7}


def test_page_is_told_when_it_comes_and_goes(shell):
    page = shell.page
    shell.desk.open("cases")
    shell.desk.back()
    assert page.heard == ["enter", "leave", "enter"]


def test_page_keys_reach_the_page_in_front(shell, qtbot):
    page = shell.page
    page.heard.clear()
    for key, held in (
        (Qt.Key.Key_N, CTRL),
        (Qt.Key.Key_Return, CTRL),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier),
    ):
        qtbot.keyClick(page.notes, key, held)
    assert page.heard == ["new", "main", "refresh"]


def test_new_call_begins_from_any_page(shell, qtbot):
    shell.desk.open("cases")
    qtbot.keyClick(shell, Qt.Key.Key_F2)
    assert shell.page_key == "hotline"
    assert shell.page.heard[-1] == "new"


def test_keys_work_while_the_layout_is_cyrillic(shell, qtbot):
    # What Qt sends when the key of K is pressed under a Ukrainian layout.
    press = QKeyEvent(QEvent.Type.KeyPress, ord("Л"), CTRL, "")
    QApplication.sendEvent(shell.page.notes, press)
    assert shell.palette_view.isVisible()


def test_help_lists_every_key_of_the_table(shell, qtbot):
    qtbot.keyClick(shell, Qt.Key.Key_F1)
    assert shell.page_key == "help"
    shown = shell.page.text.toPlainText()
    assert "Find a person, case or call" in shown
    assert "Lock at once" in shown


def test_next_part_of_the_window_takes_the_focus(shell, qtbot):
    shell.page.notes.setFocus()
    seen = []
    for _step in range(4):
        qtbot.keyClick(shell, Qt.Key.Key_F6, CTRL)
        seen.append(shell.focusWidget())
    assert shell.sidebar.lines["hotline"] in seen
    assert shell.page.notes in seen
    assert any(shell.top.isAncestorOf(widget) for widget in seen)


def test_count_of_a_page_stands_in_the_navigation(shell):
    shell.page.count_changed.emit(1234, True)
    line = shell.sidebar.lines["hotline"]
    assert line.accessibleName() == "Hotline, 1,234"
    assert line.urgent


def test_narrow_window_shows_icons_with_tooltips(shell):
    shell.resize(1300, 800)
    wide = shell.sidebar.width()
    shell.resize(1130, 800)
    assert shell.sidebar.width() < wide / 2
    assert "Hotline" in shell.sidebar.lines["hotline"].toolTip()


# Undo.


def test_undo_in_the_menu_names_the_act_and_takes_it_back(shell, qtbot):
    change(shell, "delegation", "Kharkiv")
    undo, redo = shell.menu.actions()[:2]
    assert undo.text() == "Undo: Change a setting"
    undo.trigger()
    assert setting(shell, "delegation") == "nothing"
    assert redo.text() == "Redo: Change a setting"
    assert not undo.isEnabled()
    redo.trigger()
    assert setting(shell, "delegation") == "Kharkiv"
    qtbot.keyClick(shell.sidebar.lines["hotline"], Qt.Key.Key_Z, CTRL)
    assert setting(shell, "delegation") == "nothing"


def test_undo_that_is_refused_is_said_and_changes_nothing(shell):
    change(shell, "delegation", "Kharkiv")
    shell.desk.store.write(change_setting, "delegation", "Dnipro", actor="somebody else")
    shell.menu.actions()[0].trigger()
    assert setting(shell, "delegation") == "Dnipro"
    assert shell.notices.texts() == ["This was changed again since, so it cannot be undone."]


def test_new_act_ends_what_could_be_redone(shell):
    change(shell, "one", "1")
    shell.desk.undo()
    change(shell, "two", "2")
    assert shell.desk.redoable == ""
    assert shell.desk.undoable == "Change a setting"


def test_what_was_done_is_said_with_undo_beside_it(shell, qtbot):
    change(shell, "delegation", "Kharkiv")
    shell.desk.notices.done("Setting changed")
    assert shell.status.said.text() == "Setting changed"
    qtbot.mouseClick(shell.status.undo, Qt.MouseButton.LeftButton)
    assert setting(shell, "delegation") == "nothing"


# Work and its answers.


def test_answer_never_reaches_a_page_that_is_gone(store, settings, qtbot):
    held: list[object] = []
    jobs = Jobs(store, held.append)  # answers wait here until the test hands them out
    desk = Desk(store, jobs, settings, Lane(held.append, inline=True))
    page, answers = Page(desk), []
    job = page.read(lambda session: 7, then=answers.append)
    qtbot.waitUntil(lambda: job.done and bool(held))
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for answer in held:
        answer()
    jobs.close()
    assert answers == []


def test_write_that_ends_while_the_window_closes_is_kept_and_answers_nobody(store, settings, qtbot):
    held: list[object] = []
    desk = Desk(store, Jobs(store, held.append), settings, Lane(held.append))
    answers: list[object] = []
    desk.write(desk, change_setting, "a", "1", then=answers.append)
    desk.close()
    for answer in held:
        answer()
    assert answers == []
    with catalog.open_store(store.path, None) as again, again.read() as session:
        assert get_setting(session, "a") == "1"


def test_answers_arrive_on_the_window_thread(store, settings, qtbot):
    post = window_post()
    desk = Desk(store, Jobs(store, post), settings, Lane(post))
    threads, changed = [], []
    desk.changed.connect(changed.append)
    here = QObject().thread()
    desk.write(desk, change_setting, "a", "1", then=lambda _r: threads.append(QObject().thread()))
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [here]
    assert changed[0].act == "settings.change"
    desk.lane.close()
    desk.jobs.close()


def test_refusal_is_shown_as_a_banner_of_its_page(shell):
    from casedesk.kernel.errors import Refused

    def refuse(_session: object) -> None:
        raise Refused("The number has too few digits.")

    shell.page.read(refuse)
    assert shell.notices.texts() == ["The number has too few digits."]
    shell.desk.open("cases")
    assert shell.notices.texts() == []
    shell.desk.back()
    assert shell.notices.texts() == ["The number has too few digits."]


def test_fault_in_a_job_tells_its_kind_and_no_values(shell):
    def fail(_session: object) -> None:
        raise ValueError("Shevchenko")

    shell.page.read(fail)
    assert "Shevchenko" not in repr(shell.notices._kept)
    assert "ValueError" in repr(shell.notices._kept)


# The lock.


def visible_texts(shell: Shell) -> list[str]:
    found = [shell.windowTitle()]
    for widget in shell.findChildren(QWidget):
        if widget.isVisible():
            for ask in ("text", "toPlainText", "accessibleName", "toolTip"):
                if hasattr(widget, ask):
                    found.append(str(getattr(widget, ask)()))
    return found


def test_locked_window_shows_none_of_the_data(sealed, qtbot):
    sealed.page.notes.setText("Kovalenko called")
    assert any("Kovalenko" in text for text in visible_texts(sealed))
    qtbot.keyClick(sealed.page.notes, Qt.Key.Key_L, CTRL)
    assert sealed.desk.store.locked
    assert not any("Kovalenko" in text for text in visible_texts(sealed))
    assert "wipe" in sealed.page.heard


def test_what_was_typed_is_kept_in_the_file_and_back_after_unlocking(sealed, qtbot):
    sealed.page.notes.setText("Kovalenko called")
    sealed.lock()
    card = sealed.findChild(Card)
    assert card.note == "Whatever you typed is kept."
    card.setText("not the passphrase")
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert card.wrong
    assert sealed.desk.store.locked
    card.setText(PHRASE)
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert not sealed.desk.store.locked
    assert sealed.page.notes.isVisible()
    assert sealed.page.notes.text() == "Kovalenko called"
    assert sealed.page.heard[-1] == "refresh"
    assert sealed.desk.store.drafts() == {"hotline.notes": "Kovalenko called"}


def test_keys_of_the_desk_do_nothing_while_it_is_locked(sealed, qtbot):
    sealed.lock()
    card = sealed.findChild(Card)
    for key in (Qt.Key.Key_3, Qt.Key.Key_K, Qt.Key.Key_Z):
        qtbot.keyClick(card, key, CTRL)
    assert sealed.page_key == "hotline"
    assert not sealed.palette_view.isVisible()
    assert sealed.desk.store.locked


def test_idle_desk_locks_itself_and_a_key_puts_it_off(sealed_template, tmp_path, settings, qtbot):
    shutil.copy(sealed_template, tmp_path / "sealed.cdk")
    now = [0.0]
    store = catalog.open_store(tmp_path / "sealed.cdk", PHRASE)
    shell = make(store, settings, card=Card, seconds=lambda: now[0])
    qtbot.addWidget(shell)
    now[0] = 500.0
    qtbot.keyClick(shell.page.notes, Qt.Key.Key_A)
    now[0] = 1000.0
    shell._idle.check()
    assert not store.locked  # ten minutes have not passed since the key
    now[0] = 1101.0
    shell._idle.check()
    assert store.locked
    shell.close()


def test_first_key_after_the_computer_slept_locks(sealed_template, tmp_path, settings, qtbot):
    shutil.copy(sealed_template, tmp_path / "sealed.cdk")
    now = [0.0]
    store = catalog.open_store(tmp_path / "sealed.cdk", PHRASE)
    shell = make(store, settings, card=Card, seconds=lambda: now[0])
    qtbot.addWidget(shell)
    now[0] = 7200.0  # no timer ran meanwhile
    qtbot.keyClick(shell.page.notes, Qt.Key.Key_A)
    assert store.locked
    shell.close()


def test_file_without_passphrase_says_that_it_cannot_be_locked(shell):
    shell.desk.lock()
    assert shell.notices.texts() == ["This file has no passphrase, so it cannot be locked."]
    assert shell.page.notes.isVisible()


# Settings and the end.


def test_language_changes_every_word_at_once(shell, qtbot):
    shell.desk.open("settings")
    old = shell.page
    language.use("ru")
    shell.page.language.chosen.emit("ru")
    qtbot.waitUntil(lambda: shell.page is not old)
    assert shell.desk.settings.language == "ru"
    assert shell.page_key == "settings"
    assert shell.sidebar.width() > 204
    change(shell, "a", "1")
    assert shell.menu.actions()[0].isEnabled()


def test_text_size_follows_the_keys_and_is_kept(shell, qtbot):
    from casedesk.desk import theme

    usual = theme.row("table")
    qtbot.keyClick(shell, Qt.Key.Key_Plus, CTRL)
    assert shell.desk.settings.text_size == 110
    assert theme.row("table") > usual
    qtbot.keyClick(shell, Qt.Key.Key_0, CTRL | SHIFT)
    assert shell.desk.settings.text_size == 100


def test_name_of_the_user_stands_beside_changes(shell):
    shell.desk.open("settings")
    shell.page.actor.setText("Maren Holt")
    shell.desk.open("hotline")
    assert shell.desk.actor == "Maren Holt"
    assert shell.status.actor.text() == "Maren Holt"


def test_closing_keeps_what_was_typed(store, settings, qtbot):
    shell = make(store, settings)
    qtbot.addWidget(shell)
    shell.page.notes.setText("half a sentence")
    shell.close()
    with catalog.open_store(store.path, None) as again:
        assert again.drafts() == {"hotline.notes": "half a sentence"}


def test_field_cannot_take_the_palette_key_for_itself(shell):
    # X11 desktops give Ctrl+K to text fields: delete to the end of the line.
    asked = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_K, CTRL, "")
    asked.accept()
    QApplication.sendEvent(shell.page.notes, asked)
    assert not asked.isAccepted()


def test_muted_words_of_a_page_are_there_again_after_a_visit_elsewhere(shell):
    shell.page.subtitle_changed.emit("154,200 calls")
    shell.desk.open("cases")
    assert shell.subtitle.text() == ""
    shell.desk.back()
    assert shell.subtitle.text() == "154,200 calls"


def test_coming_back_to_a_page_does_not_begin_another_record(shell):
    shell.desk.open("cases", new=True)
    assert shell.page.arguments == {"new": True}
    shell.desk.open("settings")
    shell.desk.back()
    assert shell.page.arguments == {}
