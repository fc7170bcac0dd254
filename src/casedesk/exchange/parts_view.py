"""The frame of an import: its steps, what is worked on, what went wrong, and the way on."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.page import Page
from casedesk.desk.widgets import Banner, Button, ElidedLabel, Skeleton, button, label
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import N_, _, number

POLL_MS = 100


class Step(IntEnum):
    """Where an import stands."""

    FILE = 0
    COLUMNS = 1
    ROWS = 2
    DONE = 3


STEPS = (N_("File"), N_("Columns"), N_("Rows"), N_("Result"))


class StepBar(QWidget):
    """The steps in their order; those that were reached can be gone back to."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show all steps; none of them is reached yet."""
        super().__init__(parent)
        self.setMinimumHeight(theme.px(44))
        self.setAccessibleName(_("Steps"))
        line = QHBoxLayout(self)
        side = theme.space(3)
        line.setContentsMargins(side, 0, side, 0)
        line.setSpacing(theme.space(1))
        self.buttons: list[Button] = []
        for step, words in zip(Step, STEPS, strict=True):
            text = _("{number} {name}").format(number=number(step + 1), name=_(words))
            made = button(text, kind="quiet")
            made.setCheckable(True)
            made.clicked.connect(lambda _on=False, step=step: self.asked.emit(step))
            self.buttons.append(made)
            line.addWidget(made)
        line.addStretch(1)

    def show_step(self, step: Step, reached: Step) -> None:
        """Mark the step that is shown; after the result there is no way back but Undo."""
        for at, made in zip(Step, self.buttons, strict=True):
            made.setChecked(at is step)
            done = step is Step.DONE
            made.setEnabled(at is step if done else at <= reached)


class Working(QWidget):
    """What is being done, and a way to stop it."""

    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with nothing to do."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        line = QHBoxLayout()
        line.setSpacing(theme.space(3))
        self.words = label("", "body", self)
        line.addWidget(self.words)
        self.count = label("", "muted", self)
        line.addWidget(self.count)
        self.stop = button(_("Stop"), kind="quiet")
        self.stop.clicked.connect(self.stopped)
        line.addWidget(self.stop)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(Skeleton(10))
        column.addStretch(1)

    def tell(self, job: Job) -> None:
        """Say how far a job is."""
        progress = job.progress
        self.words.setText(progress.text)
        words = _("{done} of {total}") if progress.total else ""
        far = words.format(done=number(progress.done), total=number(progress.total))
        self.count.setText(far)
        self.setAccessibleName(progress.text)


class Trouble(QWidget):
    """Why a table is not taken in, or that it was stopped; and one way on."""

    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without trouble."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        self.retry = button(_("Read again"), key="F5", listens=False)
        self.retry.clicked.connect(self.again)
        self.banner = Banner("carmine", "", "", [self.retry], parent=self)
        column.addWidget(self.banner)
        column.addStretch(1)

    def say(self, error: Exception) -> None:
        """Say what the error says; of a fault of the program only that nothing was changed."""
        known = isinstance(error, CaseDeskError)
        text = str(error) if known else _("Nothing was changed. Read it again.")
        self.banner.set(_("This table cannot be taken in as it is"), text, tone="carmine")
        self.retry.set_text(_("Read again"))

    def say_stopped(self) -> None:
        """Say that somebody stopped the work."""
        self.banner.set(_("This was stopped. Nothing was changed."), "", tone="neutral")
        self.retry.set_text(_("Go on"))


class Foot(QWidget):
    """What comes next, and why it cannot be done where it cannot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with the first step."""
        super().__init__(parent)
        self.setMinimumHeight(theme.px(48))
        self.setAccessibleName(_("What comes next"))
        line = QHBoxLayout(self)
        side = theme.space(3)
        line.setContentsMargins(side, 0, side, 0)
        line.setSpacing(theme.space(3))
        self.said = ElidedLabel("", "muted", self)
        line.addWidget(self.said, 1)
        self.drop = button(_("Begin anew"), kind="quiet")
        line.addWidget(self.drop)
        self.main = button(_("Read the table"), kind="primary", key="Ctrl+Return", listens=False)
        line.addWidget(self.main)


class Runner(QObject):
    """Runs one long job at a time for a page; a newer one takes the place of the older."""

    busy = Signal(object)
    """It takes longer than a moment: the job."""
    told = Signal(object)
    failed = Signal(object)
    changed = Signal()

    def __init__(self, page: Page) -> None:
        """Work for this page."""
        super().__init__(page)
        self._page = page
        self._job: Job | None = None
        self.again: Callable[[], None] | None = None
        """Asks for the newest job once more."""
        self._wait = QTimer(self, singleShot=True, interval=theme.delay("busy_delay"))
        self._wait.timeout.connect(self._too_long)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._tell)

    @property
    def running(self) -> bool:
        """Tell whether something is being worked on."""
        return self._poll.isActive()

    def start(
        self,
        again: Callable[[], None],
        work: Callable[..., Any],
        *args: Any,
        then: Callable[[Any], None],
    ) -> None:
        """Run `work(progress, *args)` away from the window."""
        self.cancel()
        self.again = again
        self._poll.start()
        self._wait.start()
        ended: list[bool] = []

        def done(result: Any) -> None:
            ended.append(True)
            self._end()
            then(result)

        def failed(error: Exception) -> None:
            ended.append(True)
            self._end()
            self.failed.emit(error)

        job = self._page.background(work, *args, then=done, failed=failed)
        if not ended:
            self._job = job
        self.changed.emit()

    def cancel(self) -> bool:
        """Stop what is worked on; nothing was written. False where nothing was."""
        job = self._job
        if job is None:
            return False
        job.cancel()
        self._end()
        return True

    def _end(self) -> None:
        self._job = None
        self._poll.stop()
        self._wait.stop()

    def _too_long(self) -> None:
        if self._job is not None:
            self.busy.emit(self._job)

    def _tell(self) -> None:
        if self._job is not None:
            self.told.emit(self._job)
