"""How far a long act is, with a way to stop it; nobody looks at a window that says nothing."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import button, label
from casedesk.kernel.errors import Refused
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _, number

LOOK_MS = 100


class Stopped(Refused):
    """Somebody stopped a long act: all of it is taken back."""


class Working(QWidget):
    """A line with words, a bar and Stop, shown while something long is on its way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Be hidden until something begins."""
        super().__init__(parent)
        self.progress = Progress()
        self._words = ""
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.space(3), theme.space(1), theme.space(3), theme.space(1))
        line.setSpacing(theme.space(2))
        self.said = label("", "small", self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.px(6))
        line.addWidget(self.said)
        line.addWidget(self.bar, 1)
        self.halt = button(_("Stop"), kind="quiet")
        self.halt.clicked.connect(self.stop)
        line.addWidget(self.halt)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._show)
        self.hide()

    def begin(self, words: str) -> None:
        """Say what is being done, from now until `end`."""
        self.progress, self._words = Progress(), words
        self.halt.setEnabled(True)
        self._show()
        self.show()
        self._timer.start()

    def end(self) -> None:
        """Say nothing any more."""
        self._timer.stop()
        self.hide()

    def stop(self) -> None:
        """Stop at the next step."""
        self.progress.cancelled = True
        self.halt.setEnabled(False)

    def step(self, done: int, total: int) -> None:
        """Note how far it is; called where the work is done, and raises `Stopped`."""
        if self.progress.cancelled:
            raise Stopped(_("Stopped. Nothing was changed."))
        self.progress.done, self.progress.total = done, total

    def _show(self) -> None:
        done, total = self.progress.done, self.progress.total
        self.bar.setRange(0, total)  # without an end it only moves
        self.bar.setValue(done)
        words = self._words
        if total:
            words = _("{work}: {done} of {total}").format(
                work=self._words, done=number(done), total=number(total)
            )
        self.said.setText(words)
        self.bar.setAccessibleName(words)
