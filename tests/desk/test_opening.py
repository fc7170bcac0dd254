"""From the start of the program to the desk: which window comes first, and what follows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from casedesk import app, catalog
from casedesk.desk import application
from casedesk.desk.page import Desk, Page
from casedesk.desk.palette import find_places
from casedesk.desk.run import Lane
from casedesk.desk.shell import Shell
from casedesk.desk.unlock import UnlockCard
from casedesk.desk.widgets import EmptyState
from casedesk.desk.wizard import Wizard
from casedesk.kernel import clock
from casedesk.kernel.errors import Cancelled
from casedesk.kernel.jobs import Progress
from casedesk.kernel.settings import Settings, change_setting
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import TracingCaseDraft

PHRASE = "wooden bridge late apples"


class First(Page):
    key, title = "today", "Today"

    def enter(self, **args: object) -> None:
        self.entered = True


@pytest.fixture
def program(tmp_path: Path, monkeypatch, qtbot) -> Iterator[app.Program]:
    settings = Settings(tmp_path / "settings")
    application.start(["casedesk"], settings)
    monkeypatch.setattr(app, "pages", lambda desk: [First(desk)])
    made = app.Program(settings)
    yield made
    if made.front is not None:
        made.front.close()
        made.front.deleteLater()
    made.lane.close()
    clock.pin(None)


def test_plain_file_opens_straight_and_is_remembered(program, template, tmp_path, qtbot):
    path = tmp_path / "office.cdk"
    shutil.copy(template, path)
    program.begin(path)
    qtbot.waitUntil(lambda: isinstance(program.front, Shell))
    assert program.front.page.entered
    assert program.settings.last_file == str(path)


def test_last_file_is_opened_again(program, template, tmp_path, qtbot):
    path = tmp_path / "office.cdk"
    shutil.copy(template, path)
    program.settings.last_file = str(path)
    program.begin(None)
    qtbot.waitUntil(lambda: isinstance(program.front, Shell))


def test_encrypted_file_asks_for_its_passphrase_first(program, tmp_path, qtbot):
    path = tmp_path / "office.cdk"
    catalog.create_store(path, PHRASE).close()
    program.begin(path)
    assert isinstance(program.front.inner, UnlockCard)
    program.front.inner.passphrase.setText(PHRASE)
    program.front.inner.passphrase.returnPressed.emit()
    qtbot.waitUntil(lambda: isinstance(program.front, Shell))
    assert program.front.encrypted


def test_without_any_file_the_wizard_comes(program):
    program.begin(None)
    assert isinstance(program.front.inner, Wizard)


def test_file_that_is_none_is_said_and_another_can_be_chosen(program, tmp_path, qtbot):
    path = tmp_path / "letter.cdk"
    path.write_text("Dear all,")
    program.settings.last_file = str(path)
    program.begin(tmp_path / "missing.cdk")
    qtbot.waitUntil(lambda: program.front is not None)
    assert isinstance(program.front.inner, EmptyState)


def test_illustrative_file_says_so_and_lives_on_its_day(store, tmp_path, qtbot):
    store.write(change_setting, "trial_day", "2025-09-03", actor="test")
    desk = app.desk_of(store, Settings(tmp_path / "settings"))
    assert desk.illustrative
    assert clock._pinned.isoformat() == "2025-09-03"
    clock.pin(None)


def test_stopped_invention_leaves_no_file(tmp_path):
    progress = Progress()
    progress.cancelled = True
    with pytest.raises(Cancelled):
        app.illustrate(progress, tmp_path / "look.cdk", 0.0001)
    assert list(tmp_path.iterdir()) == []


def test_desk_without_lane_works_at_once(store, tmp_path):
    desk = app.desk_of(store, Settings(tmp_path / "settings"))
    assert isinstance(desk, Desk)
    assert isinstance(desk.lane, Lane)
    heard = []
    desk.read(desk, lambda session: 7, then=heard.append)
    assert heard == [7]


def test_every_page_of_the_program_opens_over_an_empty_file(store, tmp_path, qtbot):
    settings = Settings(tmp_path / "settings")
    application.start(["casedesk"], settings)
    shell = app.build(app.desk_of(store, settings))
    qtbot.addWidget(shell)
    assert shell.page_key == "today"
    for key, page in shell.pages.items():
        if page.area:
            shell.desk.open(key)
            assert shell.title.text()
            assert shell.notices.texts() == []
    shell.rebuild()  # as when the language changes
    assert shell.page_key == "settings"
    shell.close()


def test_palette_of_the_program_finds_a_person_by_case(store):
    names = [PersonNameDraft.checked({"family": "Петров", "given": "Олег"})]
    person, _c = store.write(people.register_person, PersonDraft(), names, actor="op")
    draft = TracingCaseDraft.checked({"person_id": person.id, "opened_on": "2025-03-01"})
    case, _c = store.write(tracing.open_case, draft, actor="op")
    with store.read() as session:
        (by_name,) = find_places(session, "petrov", tuple(app.finders()))
        (by_number,) = find_places(session, case.number, tuple(app.finders()))
    assert (by_name.kind, by_name.page, by_name.args) == ("person", "case", (("case_id", case.id),))
    assert "Петров" in by_name.title
    assert (by_number.kind, by_number.args) == ("case", (("case_id", case.id),))
    assert by_number.title.startswith("Case 2025-000")
