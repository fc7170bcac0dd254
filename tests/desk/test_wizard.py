"""The first run: a new file with words asked back, a file that is there, an invented delegation."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from casedesk import catalog
from casedesk.app import illustrate
from casedesk.desk import wizard_file
from casedesk.desk.run import Lane
from casedesk.desk.widgets import PlainLabel
from casedesk.desk.wizard import NewPassphrase, Ways, Wizard
from casedesk.desk.wizard_file import FileStep
from casedesk.desk.wizard_keys import OpenStep, PassphraseStep, WordsStep
from casedesk.kernel import language, passphrase, vault
from casedesk.kernel.errors import Cancelled, WrongPassphrase
from casedesk.kernel.settings import change_setting, get_setting

PHRASE = "wooden bridge late apples"
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch):
    monkeypatch.setitem(vault.ARGON2, "memory_cost", 1024)


def small(progress, path: Path, scale: float):
    """Stand for the delegation, which takes many seconds at any size."""
    store = catalog.create_store(path, None)
    store.write(change_setting, "trial_day", "2025-09-11", actor="test")
    return store


@pytest.fixture
def first_run(qtbot, tmp_path):
    """Show the wizard over real files, everything in one thread."""
    made = Wizard(
        Ways(catalog.create_store, catalog.open_store, small),
        Lane(inline=True),
        actor="T. Holm",
        ask_folder=lambda start: str(tmp_path),
        ask_file=lambda start: str(tmp_path / "there.cdk"),
    )
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    yield made
    made.abandon()


def go_on(qtbot, made):
    qtbot.mouseClick(made.forward, Qt.MouseButton.LeftButton)


def to_file(qtbot, made, tmp_path, way="new"):
    go_on(qtbot, made)
    made.step.ways[way].setChecked(True)
    made.step.folder.setText(str(tmp_path))


def to_words(qtbot, made, tmp_path):
    to_file(qtbot, made, tmp_path)
    go_on(qtbot, made)
    made.step.typed.setText(PHRASE)
    made.step.again.setText(PHRASE)
    go_on(qtbot, made)
    return made.step


def test_new_file_is_made_after_two_words_were_asked_back(qtbot, first_run, tmp_path):
    words = to_words(qtbot, first_run, tmp_path)
    assert isinstance(words, WordsStep)
    assert words.sheet.isVisible()
    assert not first_run.back.isVisible()
    go_on(qtbot, first_run)
    assert not words.sheet.isVisible()
    assert not first_run.forward.isEnabled()
    assert "is not the one on the paper" in first_run.why.text()
    for place, editor in zip(words.asked, words.editors, strict=True):
        editor.setText(words._words[place].upper())
    assert first_run.why.text() == ""
    go_on(qtbot, first_run)
    with qtbot.waitSignal(first_run.finished) as done:
        go_on(qtbot, first_run)
    store, path = done.args
    assert path == tmp_path / "delegation.cdk"
    assert store.check() == []
    store.close()
    for secret in (PHRASE, " ".join(words._words)):
        catalog.open_store(path, secret).close()


def test_words_can_be_shown_again_while_they_are_asked(qtbot, first_run, tmp_path):
    words = to_words(qtbot, first_run, tmp_path)
    go_on(qtbot, first_run)
    qtbot.mouseClick(words.show_again, Qt.MouseButton.LeftButton)
    assert words.sheet.isVisible()
    assert first_run.forward.isEnabled()


def test_reason_stands_beside_the_buttons_until_the_passphrase_will_do(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path)
    go_on(qtbot, first_run)
    step = first_run.step
    for typed, again, why in (
        ("", "", "Use four words or more"),
        ("apples", "apples", "Too short"),
        ("password password password password", "", "Easy to guess"),
        (PHRASE, "", "The two passphrases differ"),
        (PHRASE, "wooden bridge late pears", "The two passphrases differ"),
    ):
        step.typed.setText(typed)
        step.again.setText(again)
        assert why in first_run.why.text()
        assert not first_run.forward.isEnabled()
    qtbot.mouseClick(step.other, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(step.use, Qt.MouseButton.LeftButton)
    assert step.typed.text() == step.again.text() == step.offer.text()
    assert step.typed.shown
    assert first_run.forward.isEnabled()


def test_name_and_folder_are_checked_while_one_types(qtbot, first_run, tmp_path):
    first_run.step.actor.setText("")
    assert first_run.why.text() == "Type your name."
    first_run.step.actor.setText("T. Holm")
    to_file(qtbot, first_run, tmp_path)
    step = first_run.step
    cloud = tmp_path / "Dropbox"
    cloud.mkdir()
    (tmp_path / "there.cdk").write_text("x")
    for folder, name, why in (
        (tmp_path, "", "Type a name"),
        (tmp_path, "a/b", "a character"),
        (tmp_path, "there", "already a file"),
        (tmp_path / "nowhere", "desk", "does not exist"),
        (cloud, "desk", "cloud"),
    ):
        step.folder.setText(str(folder))
        step.file_name.setText(name)
        assert why in first_run.why.text()
        assert not first_run.forward.isEnabled()


def test_file_that_is_there_opens_with_its_passphrase(qtbot, first_run, tmp_path):
    catalog.create_store(tmp_path / "there.cdk", PHRASE).close()
    to_file(qtbot, first_run, tmp_path, "open")
    assert first_run.why.text() == "Choose the file."
    first_run.step._file()
    go_on(qtbot, first_run)
    first_run.step.typed.setText("wooden bridge late pears")
    go_on(qtbot, first_run)
    assert first_run.step.field.wrong
    first_run.step.typed.setText(PHRASE)
    go_on(qtbot, first_run)
    with qtbot.waitSignal(first_run.finished) as done:
        go_on(qtbot, first_run)
    done.args[0].close()
    assert done.args[1] == tmp_path / "there.cdk"


def test_wizard_is_no_way_round_the_waits_of_the_unlock_card(qtbot, first_run, tmp_path):
    catalog.create_store(tmp_path / "there.cdk", PHRASE).close()
    to_file(qtbot, first_run, tmp_path, "open")
    first_run.step._file()
    go_on(qtbot, first_run)
    for attempt in range(5):
        first_run.step.typed.setText(f"wooden bridge late pears {attempt}")
        go_on(qtbot, first_run)
    first_run.step.typed.setText(PHRASE)
    assert not first_run.forward.isEnabled()
    assert "Too many wrong passphrases" in first_run.why.text()
    first_run.step.tries._until = 0.0
    first_run.step._wait()  # the timer's next second
    assert first_run.forward.isEnabled()


def test_illustrative_delegation_is_made_and_opened(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path, "look")
    go_on(qtbot, first_run)
    with qtbot.waitSignal(first_run.finished) as done:
        go_on(qtbot, first_run)
    store, path = done.args
    assert path.name == "illustrative.cdk"
    with store.read() as session:
        assert get_setting(session, "trial_day") != ""
    store.close()


def test_stopped_delegation_leaves_no_file_and_goes_back(qtbot, tmp_path):
    def stopped(progress, path, scale):
        made._stop()
        return illustrate(progress, path, 0.0005)

    made = Wizard(
        Ways(catalog.create_store, catalog.open_store, stopped), Lane(inline=True), actor="T. Holm"
    )
    qtbot.addWidget(made)
    made.show()
    to_file(qtbot, made, tmp_path, "look")
    go_on(qtbot, made)
    assert isinstance(made.step, FileStep)
    assert made.forward.isEnabled()
    assert not made.problem.isVisible()
    assert list(tmp_path.glob("illustrative*")) == []


def test_making_that_is_cancelled_removes_what_was_begun(tmp_path):
    from casedesk.kernel.jobs import Progress

    progress = Progress()
    progress.cancelled = True
    with pytest.raises(Cancelled):
        illustrate(progress, tmp_path / "x.cdk", 0.0005)
    assert list(tmp_path.iterdir()) == []


def test_language_changes_at_once_and_the_name_stays(qtbot, first_run):
    first_run.step.actor.setText("Вера")
    with qtbot.waitSignal(first_run.language_chosen) as chosen:
        first_run.step.languages.choose(1)
    assert chosen.args == ["ru"]
    assert language.current() == "ru"
    qtbot.waitUntil(lambda: first_run.step.languages.value == "ru")
    assert first_run.actor == "Вера"


def test_going_back_and_choosing_another_way_forgets_the_first(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path)
    go_on(qtbot, first_run)
    assert isinstance(first_run.step, PassphraseStep)
    qtbot.mouseClick(first_run.back, Qt.MouseButton.LeftButton)
    catalog.create_store(tmp_path / "there.cdk", PHRASE).close()
    first_run.step.ways["open"].setChecked(True)
    first_run.step._file()
    go_on(qtbot, first_run)
    assert isinstance(first_run.step, OpenStep)


def test_failure_is_told_on_the_page_and_nothing_is_lost(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path)
    go_on(qtbot, first_run)
    step = first_run.step
    step.typed.setText(PHRASE)
    step.again.setText(PHRASE)
    (tmp_path / "delegation.cdk").write_text("somebody else was quicker")
    go_on(qtbot, first_run)
    assert "already a file" in first_run.problem.text()
    assert step.typed.text() == PHRASE


NEW = "quiet river seven lanterns north"


@pytest.fixture
def encrypted(tmp_path):
    """Open a file of its own passphrase."""
    with catalog.create_store(tmp_path / "own.cdk", PHRASE) as store:
        store.keep_draft("call", "half a sentence")
        yield store


def renewed(qtbot, store, **options):
    made = NewPassphrase(store, Lane(inline=True), **options)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def test_new_passphrase_comes_with_new_words_and_the_old_one_is_gone(qtbot, encrypted):
    made = renewed(qtbot, encrypted)
    made.step.typed.setText("wooden bridge late pears")
    go_on(qtbot, made)
    assert made.step.field.wrong
    made.step.typed.setText(PHRASE)
    go_on(qtbot, made)
    qtbot.wait(1)  # what was replaced is gone now
    assert made.later.isVisible()
    made.step.typed.setText(NEW)
    made.step.again.setText(NEW)
    go_on(qtbot, made)
    assert not made.later.isVisible()
    assert made.step._words == passphrase.recovery_words(encrypted.path, NEW)
    go_on(qtbot, made)
    for place, editor in zip(made.step.asked, made.step.editors, strict=True):
        editor.setText(made.step._words[place])
    with qtbot.waitSignal(made.finished):
        go_on(qtbot, made)
    assert encrypted.drafts() == {"call": "half a sentence"}
    with pytest.raises(WrongPassphrase):
        vault.unlock(encrypted.path, PHRASE)


def test_who_came_by_words_is_not_asked_for_the_old_passphrase_and_may_put_it_off(qtbot, encrypted):
    made = renewed(qtbot, encrypted, ask_present=False)
    assert isinstance(made.step, PassphraseStep)
    with qtbot.waitSignal(made.put_off):
        qtbot.mouseClick(made.later, Qt.MouseButton.LeftButton)
    assert vault.unlock(encrypted.path, PHRASE) is not None
    assert encrypted.drafts() == {"call": "half a sentence"}


def test_folder_that_is_missing_can_be_made_here(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path)
    step = first_run.step
    assert not step.make_folder.isVisible()
    step.folder.setText(str(tmp_path / "new"))
    assert "does not exist" in first_run.why.text()
    qtbot.mouseClick(step.make_folder, Qt.MouseButton.LeftButton)
    assert (tmp_path / "new").is_dir()
    assert not step.make_folder.isVisible()
    assert first_run.forward.isEnabled()
    step.folder.setText(str(tmp_path / "far" / "away"))
    assert not step.make_folder.isVisible()  # what is above it is missing too: a typing mistake


@pytest.mark.parametrize("there", [True, False])
def test_folder_that_is_offered_is_there(qtbot, tmp_path, monkeypatch, there):
    documents = tmp_path / "Documents"
    if there:
        documents.mkdir()
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(
        wizard_file.QStandardPaths, "writableLocation", lambda _location: str(documents)
    )
    step = FileStep(lambda start: "", lambda start: "")
    qtbot.addWidget(step)
    assert step.folder.text() == str(documents if there else tmp_path)


def test_list_of_steps_says_where_one_is_and_what_each_is_for(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path)
    lines = [first_run._marks.itemAt(place).widget() for place in range(first_run._marks.count())]
    assert [line.here for line in lines] == [False, True, False, False, False]
    said = [[part.text() for part in line.findChildren(PlainLabel)] for line in lines]
    assert said[1] == ["2. File", "New, known or invented"]
    assert all(name and about for name, about in said)


def test_three_ways_stand_together(qtbot, first_run, tmp_path):
    to_file(qtbot, first_run, tmp_path)
    step = first_run.step
    tops = [step.ways[key].geometry().top() for key in ("new", "open", "look")]
    tall = step.ways["new"].height()
    assert [tops[1] - tops[0], tops[2] - tops[1]] == [tall, tall]
