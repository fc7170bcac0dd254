"""Candidates in the call form while a sweep of the whole file runs in the background.

The real window, offscreen, over a full file: letters are typed into the name of the person sought,
and the time is taken from the key to the painted list. Beside it stands the same without a sweep.
The keys come at the pace of somebody who writes down what is said. The last line of the table tells
the longest time in which the event loop stood.

CASEDESK_BENCH_FILE and CASEDESK_BENCH_PHRASE may name a file to copy. Otherwise one is made, once,
and kept beside the results: of full scale (154,200 open cases, which takes minutes), or of the
scale that CASEDESK_BENCH_SCALE names.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import PHRASE, Measured, full_file, table

TYPED = (
    "шевченко ол",
    "ткаченко анд",
    "kovalchuk iv",
    "Мельник Оксана",
    "гречаний ст",
    "Bondarenko Serhii",
    "ivanov pet",
    "Коваль Марія",
)
FRAME_MS = 16.7


def at(values: list[float], share: float) -> float:
    """A percentile."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


class Bench:
    """A window with an open call, and a clock on its search and on its event loop."""

    def __init__(self, path: Path, phrase: str | None) -> None:
        """Open the file and begin a call."""
        from PySide6.QtCore import QTimer

        from casedesk import app, catalog
        from casedesk.desk import application
        from casedesk.desk.run import Lane, window_post
        from casedesk.kernel.settings import Settings
        from casedesk.people import index

        settings = Settings(path.parent / "settings")
        self.qt = application.start(["casedesk"], settings)
        self.store = catalog.open_store(path, phrase)
        with self.store.read() as session:
            stale = index.stale(session)
        if stale:  # made by another version of the names
            self.store.write(index.rebuild_index, actor="benchmark")
        self.desk = app.desk_of(self.store, settings, Lane(window_post()))
        self.shell = app.build(self.desk)
        self.shell.resize(1440, 900)
        self.shell.show()
        app.warm(self.desk, application.settle)  # as the program does
        self.desk.open("hotline", new=True)
        page: Any = self.shell.page
        self.form = page.form
        self.spent: list[float] = []
        self.gaps: list[float] = []
        self._begun = self._last = 0.0
        self._watch()
        self._beat = QTimer(self.shell)
        self._beat.setInterval(0)
        self._beat.timeout.connect(self._tick)

    def _watch(self) -> None:
        found = self.form.matches.set_found

        def shown(answer: Any, *, asked: bool) -> None:
            found(answer, asked=asked)
            self.form.matches.list.viewport().repaint()
            if self._begun:
                self.spent.append((time.perf_counter() - self._begun) * 1000)
                self._begun = 0.0

        self.form.matches.set_found = shown

    def _tick(self) -> None:
        now = time.perf_counter()
        if self._last:
            self.gaps.append((now - self._last) * 1000)
        self._last = now
        time.sleep(0.0005)  # an event loop that turns without end is no window

    def wait(self, seconds: float) -> None:
        """Let the window live."""
        from PySide6.QtTest import QTest

        QTest.qWait(int(seconds * 1000))

    def warm(self) -> None:
        """Wait until the readers have loaded what the first search would wait for."""
        end = time.monotonic() + 60
        self.wait(1)
        while self.desk.jobs.current and time.monotonic() < end:
            self.wait(0.2)

    def type(self, rounds: int) -> tuple[list[float], list[float]]:
        """Type all names letter by letter; give the searches and the gaps of the event loop."""
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QKeyEvent
        from PySide6.QtWidgets import QApplication

        self.spent, self.gaps, self._last = [], [], 0.0
        self._beat.start()
        for _round in range(rounds):
            for words in TYPED:
                self.form.sought.name.clear()
                for letter in words:
                    self._begun = time.perf_counter()
                    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                        event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                        QApplication.sendEvent(self.form.sought.name, event)
                    self.wait(0.15)
        self._beat.stop()
        return self.spent, self.gaps

    def sweep(self) -> None:
        """Begin a sweep, and another one whenever it ends."""
        from casedesk.tracing import watching
        from casedesk.tracing.upkeep_view import breather

        self.swept = getattr(self, "swept", -1) + 1
        self.job = self.desk.background(
            self.shell,
            watching.sweep_all,
            self.store,
            breather(self.desk.jobs),
            then=lambda _looked: self.sweep(),
        )

    def close(self) -> None:
        """End everything."""
        self.job.cancel()
        self.shell.close()
        self.desk.jobs.close()
        self.store.close()


def run(rounds: int = 1) -> list[Measured]:
    """Type without a sweep, then with one."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given = os.environ.get("CASEDESK_BENCH_FILE")
    phrase = os.environ.get("CASEDESK_BENCH_PHRASE") or PHRASE
    scale = float(os.environ.get("CASEDESK_BENCH_SCALE") or 1)
    source = Path(given) if given else full_file(scale)
    with tempfile.TemporaryDirectory(prefix="casedesk-bench-") as folder:
        path = Path(folder) / "file.cdk"
        shutil.copy(source, path)
        bench = Bench(path, phrase)
        bench.warm()
        bench.type(1)  # whatever is loaded with the first search
        calm, still = bench.type(rounds)
        bench.sweep()
        bench.wait(1)
        busy, moved = bench.type(rounds)
        swept = bench.swept
        bench.close()
    note = f"{len(busy)} searches, {swept} sweeps ended meanwhile"
    lost = sum(gap > FRAME_MS for gap in moved), sum(gap > FRAME_MS for gap in still)
    peer = "the same without a sweep"
    return [
        Measured("key to painted candidates, p50", at(busy, 0.5), peer, at(calm, 0.5), note),
        Measured("key to painted candidates, p95", at(busy, 0.95), peer, at(calm, 0.95)),
        Measured("key to painted candidates, longest", max(busy), peer, max(calm)),
        Measured(
            "longest stand of the event loop",
            max(moved),
            peer,
            max(still),
            f"longer than a frame: {lost[0]} of {len(moved):,} turns; without a sweep {lost[1]} of "
            f"{len(still):,}",
        ),
    ]


if __name__ == "__main__":
    print(table(run()))
    sys.exit(0)
