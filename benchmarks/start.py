"""From the start of the process to a usable window, beside a bare PySide6 window.

The child opens the encrypted full file (with its key derivation), builds the whole desk, shows
the case list and ends when its first rows are painted. The scrolling lines measure the painted
list: a drag from the first row to the last in 60 steps, and the worst gap of the event loop.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import PHRASE, Measured, full_file

ROOT = Path(__file__).parents[1]
TIMES = 5


def run(scale: float = 1.0) -> list[Measured]:
    """Start both kinds of window several times, in turns."""
    path = full_file(scale)
    ours, bare = [], []
    for _ in range(TIMES):
        ours.append(_child("desk", str(path)))
        bare.append(_child("bare"))
    desk = {key: sorted(run[key] for run in ours)[TIMES // 2] for key in ours[0]}
    peer = {key: sorted(run[key] for run in bare)[TIMES // 2] for key in bare[0]}
    rows = f"{desk['rows']:,.0f} rows"
    return [
        Measured("start to the case list", desk["shown"], "bare window", peer["shown"],
                 f"encrypted file, {rows}, whole process"),
        Measured("unlock to the case list", desk["unlocked"], "bare window", peer["shown"],
                 "key derivation, desk, first rows painted"),
        Measured("one step of a drag through the list", desk["step"], "bare table", peer["step"],
                 f"{rows}; worst gap of the event loop {desk['gap']:.0f} ms"),
    ]  # fmt: skip


def _child(*arguments: str) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 (this very program)
        [sys.executable, "-m", "benchmarks.start", str(time.time()), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _bare(since: float) -> dict[str, float]:
    from PySide6.QtCore import QStringListModel
    from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

    app = QApplication([])
    window = QMainWindow()
    view = QTableView()
    view.setModel(QStringListModel([f"row {number}" for number in range(150_000)]))
    window.setCentralWidget(view)
    window.resize(1440, 900)
    window.show()
    app.sendPostedEvents()
    view.grab()
    shown = (time.time() - since) * 1000
    return {"shown": shown, "step": _drag(view)}


def _desk(since: float, path: str) -> dict[str, float]:
    from casedesk import app as program
    from casedesk import catalog
    from casedesk.desk import application
    from casedesk.desk.run import Lane, window_post
    from casedesk.desk.tables import RecordTable
    from casedesk.kernel.settings import Settings

    _app = application.start(sys.argv[:1], Settings())
    begun = time.time()
    lane = Lane(window_post())
    desk = program.desk_of(catalog.open_store(Path(path), PHRASE), Settings(), lane)
    shell = program.build(desk)
    shell.resize(1440, 900)
    shell.show()
    desk.open("cases")
    view = shell.pages["cases"].findChild(RecordTable)
    if view is None:
        raise LookupError("the case list")
    _until(lambda: view.model_.rowCount() > 0 and view.model_.cell(0, 1) is not None)
    view.grab()
    shown, unlocked = (time.time() - since) * 1000, (time.time() - begun) * 1000
    _until(lambda: view.total > 1000)
    stalls = application.StallMonitor(lambda: "cases", lambda: desk.jobs.current, limit_ms=1)
    step = _drag(view)
    gap = max((stall.ms for stall in stalls.stalls), default=0.0)
    rows = view.model().rowCount()
    shell.close()
    return {"shown": shown, "unlocked": unlocked, "step": step, "gap": gap, "rows": rows}


def _until(ready: Callable[[], bool]) -> None:
    from PySide6.QtTest import QTest

    end = time.time() + 30
    while not ready():
        if time.time() > end:
            raise TimeoutError
        QTest.qWait(1)


def _drag(view: Any) -> float:
    from PySide6.QtTest import QTest

    bar = view.verticalScrollBar()
    times = []
    for step in range(60):
        begin = time.perf_counter()
        bar.setValue(bar.maximum() * step // 59)
        view.viewport().repaint()
        times.append((time.perf_counter() - begin) * 1000)
        QTest.qWait(8)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    kind = sys.argv[2]
    begun_at = float(sys.argv[1])
    print(json.dumps(_bare(begun_at) if kind == "bare" else _desk(begun_at, sys.argv[3])))
