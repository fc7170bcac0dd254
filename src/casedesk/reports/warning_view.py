"""A disclosure warning of the public sheet: what a reader could find out, and the way on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, Field, LineEdit, button
from casedesk.kernel.figures import Period
from casedesk.kernel.language import _
from casedesk.reports import sheet
from casedesk.reports.figure_view import spoken_now
from casedesk.reports.released import MOST_LETTERS


@dataclass(frozen=True)
class Warn:
    """A small count (`before` is None), or one that follows from an earlier sheet."""

    measure: str
    name: str
    period: Period
    words: str
    before: Period | None = None


class WarningCard(QWidget):
    """The warning, and the decision; a difference needs a reason and a second person."""

    decided = Signal(str)  # the reason, or nothing where words replace the number

    def __init__(self, warning: Warn) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        if warning.before is None:
            title = _("{name}: a small count").format(name=warning.name)
            text = _("The sheet says {words}, and no number.").format(words=warning.words)
        else:
            title = _("{name}: tells of a small count").format(name=warning.name)
            text = _(
                "A reader who has the sheet of {period} can subtract it from this one."
            ).format(period=sheet.period_title(warning.before, spoken_now()))
        column.addWidget(Banner("amber", title, text))
        self.reason: LineEdit | None = None
        self.second: LineEdit | None = None
        if warning.before is None:
            self.allow = button(_("Print it in words"))
        else:
            self.reason, self.second = LineEdit(), LineEdit()
            for name, editor in ((_("Reason"), self.reason), (_("Second person"), self.second)):
                editor.setMaxLength(MOST_LETTERS)
                editor.textEdited.connect(self._look)
                column.addWidget(Field(name, editor))
            self.allow = button(_("Print it all the same"))
            self.allow.setEnabled(False)
        self.allow.clicked.connect(self._decide)
        column.addWidget(self.allow)

    def _look(self) -> None:
        if self.reason is not None and self.second is not None:
            self.allow.setEnabled(bool(self.reason.value and self.second.value))

    def _decide(self) -> None:
        why = ""
        if self.reason is not None and self.second is not None:
            why = f"{self.reason.value} ({self.second.value})"
        self.decided.emit(why)
