"""What a page shows in place of its content: that it is being read, or could not be read."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, Skeleton, button, label
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.language import _


class Reading(QWidget):
    """Still grey rows, what is being read, and a way to stop it; shown after 600 ms only."""

    stopped = Signal()

    def __init__(self, text: str, rows: int = 8, parent: QWidget | None = None) -> None:
        """Name what is being read."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        line = QHBoxLayout()
        line.setSpacing(theme.space(2))
        self.stop = button(_("Stop"), kind="quiet")
        self.stop.clicked.connect(self.stopped)
        line.addWidget(label(text, "muted"))
        line.addWidget(self.stop)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(Skeleton(rows))
        column.addStretch(1)
        self.setAccessibleName(text)


class Fault(QWidget):
    """What went wrong, what is safe, and one way on."""

    again = Signal()

    def __init__(self, title: str, again: str = "", parent: QWidget | None = None) -> None:
        """Take the words of a failure, and of the button that tries once more."""
        super().__init__(parent)
        self._failed = title
        self.retry = button(again or _("Read again"))
        self.retry.clicked.connect(self.again)
        self.banner = Banner("carmine", title, "", [self.retry])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.banner)
        column.addStretch(1)

    def say(self, error: Exception) -> None:
        """Say what the error says; a fault of the program only that nothing was changed."""
        known = isinstance(error, CaseDeskError)
        text = str(error) if known else _("Nothing was changed. Read it again.")
        self.banner.set(self._failed, text)

    def say_stopped(self) -> None:
        """Say that somebody stopped the reading."""
        self.banner.set(_("Reading was stopped"), _("Nothing was changed. Read it again."))
