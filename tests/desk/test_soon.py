"""What a key asks for: at once at the first key, and once more after the last key of a burst."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from casedesk.desk.soon import Soon


@pytest.fixture
def asked(qapp):
    parent = QObject()
    runs: list[int] = []
    yield Soon(lambda: runs.append(len(runs)), parent, pause_ms=20), runs
    parent.deleteLater()


def test_first_key_is_answered_at_once_and_a_burst_once_more(asked, qtbot):
    soon, runs = asked
    soon.ask()
    assert len(runs) == 1
    for _key in range(5):
        soon.ask()
    assert len(runs) == 1
    qtbot.waitUntil(lambda: len(runs) == 2)
    soon.ask()  # the burst has ended
    assert len(runs) == 3


def test_what_was_done_already_is_not_done_again(asked, qtbot):
    soon, runs = asked
    soon.ask()
    soon.ask()
    soon.stop()
    qtbot.waitUntil(lambda: not soon.waits)
    assert len(runs) == 1
