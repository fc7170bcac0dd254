"""Where cyclic garbage is collected: a window in a cycle never dies on a worker's thread."""

from __future__ import annotations

import gc
import threading
import weakref

from casedesk.desk import application
from casedesk.kernel import garbage
from casedesk.kernel.settings import Settings


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def dying(died: list[threading.Thread]) -> None:
    """Leave something behind that only a collection removes, and that tells where it was."""
    weakref.finalize(Cycle(), lambda: died.append(threading.current_thread()))


def allocate() -> list[list[int]]:
    """Make far more than Python's collector lets pass."""
    kept: list[list[int]] = []
    worker = threading.Thread(target=lambda: kept.extend([n] for n in range(50_000)))
    worker.start()
    worker.join()
    return kept


def test_worker_collects_nothing_and_the_window_thread_does(tmp_path, qtbot):
    application.start(["casedesk"], Settings(tmp_path))
    died: list[threading.Thread] = []
    dying(died)
    kept = allocate()
    assert died == []
    qtbot.waitUntil(lambda: bool(died))
    assert died == [threading.main_thread()]
    assert kept


def test_nothing_is_collected_while_much_is_being_made(tmp_path, qtbot):
    application.start(["casedesk"], Settings(tmp_path))
    died: list[threading.Thread] = []
    with garbage.held():
        dying(died)
        kept = allocate()
        garbage.turn()
        assert died == []
    garbage.turn()
    assert died
    assert kept


def test_without_a_window_python_collects_as_ever():
    with garbage.held():
        assert not gc.isenabled()
    assert gc.isenabled()
