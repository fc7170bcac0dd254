"""The window never waits for the file: with real threads, no statement runs on its thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from casedesk import app, catalog
from casedesk.desk import application
from casedesk.desk.application import StallMonitor
from casedesk.desk.shell import Shell
from casedesk.illustrative import delegation
from casedesk.kernel import clock, vault
from casedesk.kernel.settings import Settings

pytestmark = pytest.mark.slow
PHRASE = "wooden bridge late apples"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("office") / "office.cdk"
    with catalog.create_store(path, PHRASE) as store:
        delegation.create(store, scale=0.02, seed=1)
    return path


@pytest.fixture
def on_window_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect what touches the file on the window thread; the test asserts that nothing did."""
    caught: list[str] = []

    def check(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            caught.append(statement[:200])

    def connect(*args: Any, **options: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            caught.append("a connection")
        return real(*args, **options)

    real = vault.connect
    monkeypatch.setattr(vault, "connect", connect)
    sa.event.listen(sa.Engine, "before_cursor_execute", check)
    yield caught
    sa.event.remove(sa.Engine, "before_cursor_execute", check)


def test_no_statement_runs_on_the_window_thread(office, tmp_path, qtbot, on_window_thread):
    settings = Settings(tmp_path / "settings")
    application.start(["casedesk"], settings)
    program = app.Program(settings)
    program.begin(office)
    unlock(program.front.inner, qtbot)
    qtbot.waitUntil(lambda: isinstance(program.front, Shell), timeout=20_000)
    shell: Shell = program.front
    jobs = shell.desk.jobs
    stalls = StallMonitor(lambda: shell.page_key, lambda: jobs.current, parent=shell)

    def quiet() -> None:
        qtbot.waitUntil(lambda: not jobs.current, timeout=20_000)

    quiet()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    for page in list(shell.pages.values()):
        if page.area:
            shell.desk.open(page.key)
            quiet()
    qtbot.keyClick(shell, Qt.Key.Key_3, CTRL)
    table = shell.page.table
    qtbot.waitUntil(lambda: table.current_id() > 0, timeout=20_000)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shell.page_key == "case")
    quiet()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_K, CTRL)
    palette = shell.palette_view
    qtbot.keyClicks(palette.field, "shevchenko")
    qtbot.waitUntil(lambda: "People" in palette.headings(), timeout=20_000)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    qtbot.keyClick(shell, Qt.Key.Key_F2)
    qtbot.keyClicks(QApplication.focusWidget(), "Shevchenko Oleh")
    qtbot.waitUntil(lambda: shell.page.form.matches.list.model().rowCount() > 0, timeout=20_000)
    quiet()
    qtbot.keyClick(shell, Qt.Key.Key_L, CTRL)
    qtbot.waitUntil(lambda: shell.desk.store.locked, timeout=20_000)
    unlock(shell._cover, qtbot)
    qtbot.waitUntil(lambda: shell._cover is None, timeout=20_000)
    quiet()
    stalls.stop()
    worst = max(stalls.stalls, key=lambda stall: stall.ms, default=None)
    print(f"worst of {len(stalls.stalls)} gaps over 50 ms: {worst}")
    assert on_window_thread == []
    # What closing does on this thread, it does after the last answer was shown.
    shell.close()
    shell.deleteLater()
    program.front = None
    program.lane.close()
    clock.pin(None)


def unlock(card: Any, qtbot: Any) -> None:
    qtbot.keyClicks(card.passphrase, PHRASE)
    qtbot.keyClick(card.passphrase, Qt.Key.Key_Return)
