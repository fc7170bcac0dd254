"""The application around the window: set-up, faults that never kill it, and the stall monitor."""

from __future__ import annotations

import gc
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    Qt,
    QThread,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QVBoxLayout

from casedesk.desk import theme
from casedesk.desk.run import window_post
from casedesk.desk.widgets import button, label
from casedesk.kernel import garbage, logs
from casedesk.kernel.language import _
from casedesk.kernel.settings import Settings

NAME = "CaseDesk"
# A worker that computes in Python hands the interpreter back sooner than usual (5 ms): keys and
# painting come back to Python dozens of times, and each time the window may have to wait so long.
SWITCH_INTERVAL = 0.0001


def start(argv: Sequence[str], settings: Settings) -> QApplication:
    """Make the application, or dress the one that is there."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(list(argv) or [NAME])
    app.setApplicationName(NAME)
    app.setApplicationDisplayName(NAME)
    app.setDesktopFileName("casedesk")
    theme.apply(app, settings.theme, settings.text_size)  # type: ignore[arg-type]
    if app.findChild(Collector) is None:
        Collector(app)
    return app


class Collector(QObject):
    """Collects cyclic garbage on the window thread, the only one that may delete a window."""

    EVERY = 200
    """Milliseconds: what workers make in this time is gone through in a few of them."""

    def __init__(self, app: QApplication) -> None:
        """Collect as long as the application runs."""
        super().__init__(app)
        garbage.by_hand()
        timer = QTimer(self)
        timer.timeout.connect(garbage.turn)
        timer.start(self.EVERY)


class FileOpener(QObject):
    """Hears of a double click on macOS, where the file is no argument but an event."""

    asked = Signal(object)
    """Emitted with the path of the file."""

    def __init__(self, app: QApplication) -> None:
        """Watch the application, where the system speaks so: the filter sees every event."""
        super().__init__(app)
        if sys.platform == "darwin":
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the files that the system wants opened, and leave all else alone."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if event.url().isLocalFile():
                self.asked.emit(Path(event.file()))
            return True
        return super().eventFilter(watched, event)


def settle() -> None:
    """Spare the garbage collector what stays until the end: modules, mappings, pages, indexes.

    A full collection went through all of it for 85 ms (measured), mostly on a reader's thread,
    and the window stood still meanwhile because collecting never lets go of the interpreter.
    """
    gc.freeze()


class FaultDialog(QDialog):
    """Says that a fault happened and that work can go on; shows its kind, never anybody's data."""

    def __init__(self, kind: str, where: str) -> None:
        """Show a fault by type and place."""
        super().__init__(QApplication.activeWindow())
        self.setWindowTitle(NAME)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.details = _("{kind} at {where}").format(kind=kind, where=where)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[theme.space(5)] * 4)
        layout.setSpacing(theme.space(3))
        layout.addWidget(label(_("CaseDesk met a fault of its own"), "lead"))
        said = _(
            "What you did last may not have worked. What was saved before is safe, the window "
            "stays open, and what you are typing is still there."
        )
        for words, style in ((said, "body"), (self.details, "small")):
            line = label(words, style, wrap=True)
            line.setMinimumWidth(theme.px(420))
            layout.addWidget(line)
        row = QHBoxLayout()
        copy = button(_("Copy details"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.details))
        go_on = button(_("Keep working"), kind="primary")
        go_on.clicked.connect(self.close)
        row.addStretch()
        row.addWidget(copy)
        row.addWidget(go_on)
        layout.addLayout(row)
        go_on.setFocus()


class Guard(QObject):
    """Catches what nobody caught, on any thread, and shows one dialog for it.

    The dialog does not wait in a loop of its own: a fault in a slot that fires often must not pile
    up dialogs, so while one is open further faults only go to the log.
    """

    def __init__(self) -> None:
        """Take over the hooks of Python and the messages of Qt until `release`."""
        super().__init__()
        self.dialog: FaultDialog | None = None
        self._post = window_post()
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._uncaught
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._unraisable
        self._qt_before = qInstallMessageHandler(_qt_message)

    def release(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(self._qt_before)

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        self.report(error)

    def _in_thread(self, args: Any) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value)

    def _unraisable(self, args: Any) -> None:
        if args.exc_value is not None:
            logs.failure("fault.unraisable", args.exc_value)

    def report(self, error: BaseException) -> None:
        """Log a fault and show it; callable from any thread."""
        logs.failure("fault", error)
        kind, where = type(error).__name__, logs.place(error)
        app = QGuiApplication.instance()
        if app is None:
            return
        if QThread.currentThread() is app.thread():
            self._show(kind, where)
        else:
            self._post(lambda: self._show(kind, where))

    def _show(self, kind: str, where: str) -> None:
        if self.dialog is not None:
            return
        self.dialog = FaultDialog(kind, where)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _closed(self) -> None:
        self.dialog = None


def _qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Keep where a message of Qt came from; its words may hold the path of somebody's file."""
    if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
        return
    spoken = re.match(r"Q[A-Za-z]+(::[A-Za-z]+)?", message)
    logs.event(
        "qt." + kind.name,
        category=context.category or "none",
        by=spoken.group() if spoken else "none",
    )


@dataclass(frozen=True)
class Stall:
    """A time in which the window did not answer."""

    ms: float
    page: str
    jobs: str


class StallMonitor(QObject):
    """Watches whether the window answers: a beat every 10 ms whose lateness is the stall."""

    BEAT = 10

    def __init__(
        self,
        page: Callable[[], str],
        jobs: Callable[[], str],
        *,
        limit_ms: float = 50,
        parent: QObject | None = None,
    ) -> None:
        """Ask `page` and `jobs` for their names when a beat comes late."""
        super().__init__(parent)
        self.stalls: deque[Stall] = deque(maxlen=1000)
        self._page, self._jobs, self._limit = page, jobs, limit_ms / 1000
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = time.monotonic()
        self._timer.start(self.BEAT)

    def _beat(self) -> None:
        now = time.monotonic()
        gap, self._last = now - self._last, now
        if gap > self._limit:
            stall = Stall(gap * 1000, self._page(), self._jobs())
            self.stalls.append(stall)
            jobs = stall.jobs.replace(", ", ":").replace(" ", "-") or "none"
            logs.event("stall", ms=stall.ms, page=stall.page or "none", jobs=jobs)

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.stop()
