"""What the window does by itself after something was saved, and when a file was opened.

The owners of cases are told of new matches, and the name index is made anew where it is missing
or far behind. Both run in the background, say in the status bar how far they are, and can be
stopped: then they go on the next time the file is opened.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget
from shiboken6 import isValid

from casedesk.desk import theme
from casedesk.desk.page import Desk
from casedesk.desk.widgets import ElidedLabel, button
from casedesk.kernel.jobs import Job, Jobs, Progress
from casedesk.kernel.language import _
from casedesk.kernel.store import Store
from casedesk.people import index
from casedesk.people.index import Made
from casedesk.tracing import watching
from casedesk.tracing.watching import Looked

SOON_MS: Final = 1200
LOOK_MS: Final = 200
SHOWN_AFTER: Final = 3
"""A line in the status bar after so many looks: what is quick is not worth a word."""
UNKEPT: Final = 50
"""After so many persons in whom nothing was found it is kept that they were looked at."""
NAMES: Final = frozenset({"person", "person_name"})
_HAND_OVER: Final = 0.00005
"""Seconds of sleep in which another thread has surely woken: at once is too short for that."""
_OFTEN: Final = 0.002
"""Seconds in which nobody waits long: it need not be handed over more often."""
_REST: Final = 0.004
_PAINTED: Final = 0.016
"""Seconds in which the window paints what came back: the time of one frame."""
_LONGEST_REST: Final = 0.5


def breather(jobs: Jobs) -> Callable[[], None]:
    """A function for long work to call often: it stands still while somebody waits for an answer.

    Python runs one thread at a time, so work that lets go of it now and then still makes every
    row that is read wait, and everything that the window does with it; work that stands still
    does not.
    """

    last = -1.0

    def breathe() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _OFTEN:
            time.sleep(_HAND_OVER)
            last = time.monotonic()
        if not jobs.awaited:
            return
        end = now + _LONGEST_REST
        while jobs.awaited and time.monotonic() < end:
            time.sleep(_REST)
        time.sleep(_PAINTED)

    return breathe


def mend_index(progress: Progress, store: Store) -> Made | None:
    """Make the name index anew where the kept one is missing, old or far behind."""

    def step(done: int, total: int) -> None:
        progress.step(done, total, _("Rebuilding the name index"))

    with store.read() as session:
        return index.make(session, step) if index.stale(session) else None


class Upkeep(QObject):
    """Looks after the index and the matches of an open file, one thing after the other."""

    progressed = Signal(str)  # what is being done and how far it is; nothing when all is done

    def __init__(self, desk: Desk) -> None:
        """Begin to listen; `begin` looks at once."""
        super().__init__(desk)
        self._desk = desk
        self._job: Job | None = None
        self._names = self._matches = False
        self._looked_to = 0
        self._unkept = 0
        self._looks = 0
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._next)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._tell)
        desk.changed.connect(self._changed)

    def begin(self) -> None:
        """Look at whatever changed while no window was open."""
        self._names = self._matches = True
        self._soon.start()

    @property
    def busy(self) -> bool:
        """Whether something runs or waits for its turn."""
        return self._job is not None or self._soon.isActive()

    def stop(self) -> None:
        """Let be what runs; it is done when the file is opened again."""
        if self._job is not None:
            self._job.cancel()
            self._end()

    def _changed(self, changes: Any) -> None:
        touched = set(changes.touched)
        self._names |= bool(NAMES & touched)
        self._matches |= bool(watching.WATCHED & touched)
        if self._names or self._matches:
            self._soon.start()

    def _next(self) -> None:
        if self._job is not None or self._desk.store.locked:
            return
        store = self._desk.store
        if self._names:
            self._names = False
            self._run(mend_index, store, then=self._made)
        elif self._matches:
            self._matches = False
            self._run(
                watching.look, store, self._looked_to, breather(self._desk.jobs), then=self._found
            )

    def _run(self, work: Callable[..., Any], *args: Any, then: Callable[[Any], None]) -> None:
        self._looks = 0
        self._job = job = self._desk.jobs.background(
            work, *args, then=self._here(then), failed=self._here(self._failed)
        )
        if job.done:  # in the caller's own lane it has ended already
            self._job = None
        else:
            self._look.start()

    def _here(self, answer: Callable[[Any], None]) -> Callable[[Any], None]:
        def deliver(value: Any) -> None:
            if isValid(self):
                self._end()
                answer(value)
                if self._names or self._matches:
                    self._soon.start()

        return deliver

    def _end(self) -> None:
        self._job = None
        self._look.stop()
        self.progressed.emit("")

    def _failed(self, error: Exception) -> None:
        if not self._desk.store.locked:
            self._desk.notices.problem(error)

    def _made(self, made: Made | None) -> None:
        if made is not None:
            self._desk.note(self, index.keep_index, made)

    def _found(self, looked: Looked | None) -> None:
        if looked is None:
            return
        self._looked_to = looked.state
        self._unkept += len(looked.persons)
        if looked.news or self._unkept > UNKEPT:
            self._unkept = 0
            self._desk.note(self, watching.keep_looked, looked)

    def _tell(self) -> None:
        self._looks += 1
        if self._job is None or self._looks < SHOWN_AFTER:
            return
        progress = self._job.progress
        if progress.text and progress.total:
            share = 100 * progress.done // progress.total
            self.progressed.emit(_("{what}, {share} %").format(what=progress.text, share=share))


class WorkLine(QWidget):
    """What runs in the background, and the way to stop it; for the status bar."""

    def __init__(self, upkeep: Upkeep, parent: QWidget | None = None) -> None:
        """Show nothing as long as nothing runs."""
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        self.words = ElidedLabel("", "small")
        self.stop = button(_("Stop"), kind="link")
        self.stop.clicked.connect(upkeep.stop)
        line.addWidget(self.words)
        line.addWidget(self.stop)
        upkeep.progressed.connect(self._say)
        self.hide()

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.setVisible(bool(words))
