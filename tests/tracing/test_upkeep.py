"""What the window does by itself: the index made anew, owners told, and both of it stoppable."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PySide6.QtWidgets import QApplication

from casedesk.desk.page import Desk
from casedesk.desk.run import Lane, window_post
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.people import index, live
from casedesk.people import rules as people
from casedesk.people.records import NameIndexPiece, PersonDraft, PersonNameDraft
from casedesk.tracing import upkeep_view, watching
from casedesk.tracing.records import Match
from casedesk.tracing.upkeep_view import Upkeep, WorkLine


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for the next save than people type."""
    monkeypatch.setattr(upkeep_view, "SOON_MS", 50)
    monkeypatch.setattr(upkeep_view, "LOOK_MS", 20)


@pytest.fixture
def desk(store: Store, tmp_path: Path, qapp: QApplication) -> Iterator[Desk]:
    """A desk with its threads, without a window."""
    post = window_post()
    jobs, lane = Jobs(store, post), Lane(post)
    made = Desk(store, jobs, Settings(tmp_path / "settings"), lane)
    yield made
    jobs.close()
    lane.close()
    made.deleteLater()


def register(store: Store, family: str = "Гречаный") -> int:
    names = [PersonNameDraft(family=family, given="Степан")]
    draft = PersonDraft.checked({"born_first": "1984-05-17", "born_last": "1984-05-17"})
    return int(store.write(people.register_person, draft, names, actor="op")[0].id)


def rows(store: Store, table: Any) -> int:
    with store.read() as session:
        return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def forget_index(store: Store) -> None:
    """Lose the kept index, as a file that another program wrote may have."""
    with store._connection("BEGIN IMMEDIATE") as connection:
        connection.execute(sa.delete(live.PIECES))
        connection.commit()


def test_a_missing_index_is_noticed_and_made_anew(store: Store, desk: Desk, qtbot: Any) -> None:
    person = register(store)
    forget_index(store)
    with store.read() as session:
        assert index.stale(session)
        assert [hit.person_id for hit in index.search(session, "гречаный")] == [person]
    Upkeep(desk).begin()
    qtbot.waitUntil(lambda: rows(store, NameIndexPiece) > 0, timeout=9000)
    with store.read() as session:
        assert not index.stale(session)
        assert index.missing(session) == index.unlike(session) == 0


def test_what_was_saved_while_no_window_was_open_is_looked_at(
    store: Store, desk: Desk, qtbot: Any
) -> None:
    register(store)
    register(store)
    Upkeep(desk).begin()
    qtbot.waitUntil(lambda: rows(store, Match) == 1, timeout=9000)


def test_a_save_is_followed_by_a_look_and_a_look_by_none(
    store: Store, desk: Desk, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Any] = []
    look = watching.look
    monkeypatch.setattr(watching, "look", lambda *a, **o: looks.append(1) or look(*a, **o))
    upkeep = Upkeep(desk)
    register(store)
    register(store)
    qtbot.waitUntil(lambda: rows(store, Match) == 1, timeout=9000)
    qtbot.waitUntil(lambda: not upkeep.busy, timeout=9000)
    assert len(looks) == 1


def test_a_long_look_says_how_far_it_is_and_can_be_stopped(
    store: Store, desk: Desk, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def long(progress: Any, *_args: Any) -> None:
        while not go_on.wait(0.01):
            progress.step(1, 4, "Looking for matches")

    monkeypatch.setattr(upkeep_view, "mend_index", lambda _progress, _store: None)
    monkeypatch.setattr(watching, "look", long)
    upkeep = Upkeep(desk)
    line = WorkLine(upkeep)
    qtbot.addWidget(line)
    upkeep.begin()
    qtbot.waitUntil(lambda: line.words.text() == "Looking for matches, 25 %", timeout=8000)
    assert not line.isHidden()
    line.stop.click()
    assert line.isHidden()
    assert not upkeep.busy


def test_long_work_stands_still_until_the_window_has_taken_an_answer_in(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: queue.Queue[Any] = queue.Queue()
    jobs = Jobs(store, answers.put)
    said: list[str] = []

    def rest(_seconds: float) -> None:
        said.append("rest")
        if len(said) == 4:
            answers.get(timeout=20)()

    monkeypatch.setattr(upkeep_view.time, "sleep", rest)
    breathe = upkeep_view.breather(jobs)
    breathe()
    assert said == ["rest"]  # nobody waits: it only hands over
    said.clear()
    jobs.read(lambda _session: None, then=lambda _answer: said.append("taken"))
    breathe()
    jobs.close()
    assert said == ["rest"] * 4 + ["taken", "rest"]  # and once more while it is painted
