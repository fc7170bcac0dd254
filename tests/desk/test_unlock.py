"""The unlock card: opens with passphrase or words, says what is wrong, makes guessing slow."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from casedesk.desk.run import Lane, window_post
from casedesk.desk.unlock import Tries, UnlockCard
from casedesk.kernel import recovery
from casedesk.kernel.errors import StoreDamaged, WrongPassphrase

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
WORDS = recovery.words_of(bytes(range(32)))


class Clock:
    """A clock that a test turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Door:
    """Stands for the file: opens for one passphrase and for its words."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, secret: str) -> str:
        self.asked.append(secret)
        if secret == "broken":
            raise StoreDamaged("The file is damaged. Restore a backup.")
        if secret in ("right words here now", " ".join(WORDS)):
            return "the store"
        raise WrongPassphrase("This passphrase does not open the file.")


@pytest.fixture
def world(qtbot):
    """Show a card before a door, with a clock to turn."""
    clock, door = Clock(), Door()
    card = UnlockCard(Path("desk.cdk"), door, Lane(inline=True), tries=Tries(clock))
    qtbot.addWidget(card)
    card.resize(900, 700)
    card.show()
    return card, door, clock


def below(field) -> str:
    return field._below.text() if field.wrong else ""


def attempt(qtbot, card, text):
    card.passphrase.setText(text)
    qtbot.keyClick(card.passphrase, Qt.Key.Key_Return)


def test_enter_opens_and_the_passphrase_does_not_stay_in_the_field(qtbot, world):
    card, _door, _clock = world
    with qtbot.waitSignal(card.unlocked) as opened:
        attempt(qtbot, card, "right words here now")
    assert opened.args == ["the store", False]
    assert card.passphrase.text() == ""


def test_wrong_passphrase_is_said_under_the_field_until_one_types_again(qtbot, world):
    card, _door, _clock = world
    attempt(qtbot, card, "wrong")
    assert below(card.passphrase_field) == "This passphrase does not open the file."
    assert card.passphrase.selectedText() != ""
    qtbot.keyClicks(card.passphrase, "r")
    assert below(card.passphrase_field) == ""


def test_empty_field_asks_for_the_passphrase_and_costs_no_try(qtbot, world):
    card, door, _clock = world
    qtbot.mouseClick(card.submit, Qt.MouseButton.LeftButton)
    assert below(card.passphrase_field) == "Type the passphrase."
    assert door.asked == []


def test_after_five_wrong_ones_the_waits_are_1_5_and_15_minutes(qtbot, world):
    card, door, clock = world
    for _ in range(4):
        attempt(qtbot, card, "wrong")
        assert card.submit.isEnabled()
    for seconds in (60, 300, 900, 900):
        attempt(qtbot, card, "wrong")
        asked = len(door.asked)
        assert not card.submit.isEnabled()
        assert f"{seconds // 60}:0" in below(card.passphrase_field) or seconds == 60
        clock.now += seconds - 2
        attempt(qtbot, card, "right words here now")
        assert len(door.asked) == asked  # not even the right one is tried before its time
        clock.now += 3
        card._wait()  # the timer's next second
        assert card.submit.isEnabled()
        assert below(card.passphrase_field) == ""
    with qtbot.waitSignal(card.unlocked):
        attempt(qtbot, card, "right words here now")
    attempt(qtbot, card, "wrong")
    assert card.submit.isEnabled()  # the count began anew


def test_count_goes_on_in_a_second_card_of_the_same_run(qtbot, world):
    from casedesk.desk.unlock import tries_of

    assert tries_of(Path("a.cdk")) is tries_of(Path("a.cdk"))
    assert tries_of(Path("a.cdk")) is not tries_of(Path("b.cdk"))


def test_damaged_file_is_no_wrong_passphrase(qtbot, world):
    card, _door, _clock = world
    for _ in range(7):
        attempt(qtbot, card, "broken")
    assert below(card.passphrase_field) == "The file is damaged. Restore a backup."
    assert card.submit.isEnabled()


def test_recovery_words_open_and_a_wrong_word_is_selected(qtbot, world):
    card, door, _clock = world
    qtbot.mouseClick(card.switch, Qt.MouseButton.LeftButton)
    assert card.words_field.isVisible()
    assert not card.passphrase_field.isVisible()
    assert card.words.hasFocus()
    spoiled = [*WORDS[:4], "xyzzy", *WORDS[5:]]
    card.words.setPlainText(" ".join(spoiled))
    qtbot.keyClick(card.words, Qt.Key.Key_Return)
    assert "Word 5 " in below(card.words_field)
    assert card.words.textCursor().selectedText() == "xyzzy"
    assert door.asked == []
    card.words.insertPlainText(WORDS[4])
    with qtbot.waitSignal(card.unlocked) as opened:
        qtbot.keyClick(card.words, Qt.Key.Key_Return)
    assert opened.args == ["the store", True]
    assert card.words.toPlainText() == ""


def test_show_makes_the_passphrase_readable_until_it_is_used(qtbot, world):
    card, _door, _clock = world
    card.passphrase.setText("right")
    card.passphrase._eye.trigger()
    assert card.passphrase.echoMode() == QLineEdit.EchoMode.Normal
    attempt(qtbot, card, "right words here now")
    assert card.passphrase.echoMode() == QLineEdit.EchoMode.Password


def test_caps_lock_is_told(qtbot, world):
    card, _door, _clock = world
    assert not card.keyboard.caps.isVisible()
    qtbot.keyClick(card.passphrase, "A")
    assert card.keyboard.caps.isVisible()
    qtbot.keyClick(card.passphrase, "A", Qt.KeyboardModifier.ShiftModifier)
    assert not card.keyboard.caps.isVisible()


def test_kept_draft_is_named(qtbot, world):
    card, _door, _clock = world
    assert not card.note.isVisible()
    card.set_note("A call begun at 10:03 is kept.")
    assert card.note.isVisible()


def test_card_stays_alive_while_the_key_is_derived_elsewhere(qtbot):
    import threading

    go, threads = threading.Event(), []

    def slow(secret: str) -> str:
        threads.append(threading.current_thread())
        assert go.wait(10)
        return secret

    lane = Lane(window_post())
    card = UnlockCard(Path("desk.cdk"), slow, lane, tries=Tries())
    qtbot.addWidget(card)
    card.show()
    attempt(qtbot, card, "anything")
    qtbot.waitUntil(lambda: bool(threads))
    assert threads[0] is not threading.main_thread()
    assert not card.submit.isEnabled()
    assert card.submit.text() == "Opening the file"
    qtbot.keyClick(card.passphrase, Qt.Key.Key_Return)  # a second Enter asks nothing twice
    with qtbot.waitSignal(card.unlocked):
        go.set()
    assert len(threads) == 1
    assert card.submit.text() == "Unlock"
    lane.close()


def test_keyboard_is_named_only_where_it_is_known():
    from PySide6.QtCore import QLocale

    from casedesk.desk.unlock import layout_name

    assert layout_name(QLocale(QLocale.Language.C)) == ""
    assert layout_name(QLocale("uk_UA")) == "Українська"
    assert layout_name(QLocale("en_GB")).startswith("British English")


def test_card_of_an_unknown_keyboard_names_none(world):
    card, _door, _clock = world
    from PySide6.QtCore import QLocale
    from PySide6.QtGui import QGuiApplication

    known = QGuiApplication.inputMethod().locale().language() != QLocale.Language.C
    assert card.keyboard.layout_name.isVisible() is known
    card.keyboard.show_caps(True)
    assert card.keyboard.caps.isVisible()


def test_note_names_a_draft_and_is_gone_where_there_is_none(world):
    card, _door, _clock = world
    assert not card.note.isVisible()
    card.set_note("A call begun at 10:03 is kept.")
    assert card.note.isVisible()
    card.set_note(" ")
    assert not card.note.isVisible()
