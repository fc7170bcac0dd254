"""What the caller was promised: a call back, on which day, at what time, and about what."""

from __future__ import annotations

import datetime as dt
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import DateField, Field, LineEdit
from casedesk.hotline.call import CallText
from casedesk.hotline.parts_view import CallField, WrapCheck, field_row
from casedesk.kernel import clock
from casedesk.kernel.language import _


class PromiseView(QWidget):
    """A tick for the call-back, and under it what is to be known of it."""

    edited = Signal()  # something of the call is other than before

    def __init__(self) -> None:
        """Begin without a promise."""
        super().__init__()
        self._call: CallText | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        self.call_back = WrapCheck(_("Promised call-back goes to my follow-ups"))
        column.addWidget(self.call_back)
        self.back_on = DateField(call=True)
        self.back_on.setPlaceholderText(_("2025-09-03"))
        self.back_at = LineEdit(placeholder=_("09:30"), call=True)
        self.promised = LineEdit(call=True)
        self.fields: dict[str, Field] = {
            "back_on": CallField(_("Day"), self.back_on),
            "back_at": CallField(_("Time"), self.back_at),
            "promise": CallField(_("What we promised, one line"), self.promised),
        }
        self._below = QWidget()
        parts = zip(self.fields.values(), (4, 3, 8), strict=True)
        self._below.setLayout(field_row(list(parts)))
        column.addWidget(self._below)
        for text in (self.back_on, self.back_at, self.promised):
            text.textChanged.connect(self._edited)
        self.call_back.toggled.connect(self._toggled)

    def stops(self) -> list[QWidget]:
        """List the tick and its fields in the order of Tab."""
        return [self.call_back, *(field.editor for field in self.fields.values())]

    def show_call(self, call: CallText) -> None:
        """Show what was promised in a call."""
        self._call = None  # filling in is no edit
        self.call_back.setChecked(call.call_back)
        self.back_on.set_value(call.back_on)
        self.back_at.set_value(call.back_at)
        self.promised.set_value(call.promise)
        self._below.setVisible(call.call_back)
        self._call = call

    def end_call(self) -> None:
        """Let go of the call."""
        self._call = None

    def collect(self) -> None:
        """Bring what stands in the fields into the call."""
        if self._call is not None:
            self._call.call_back = self.call_back.isChecked()
            self._call.back_on, self._call.back_at = self.back_on.text(), self.back_at.text()
            self._call.promise = self.promised.text()

    def _toggled(self, on: bool) -> None:
        self._below.setVisible(on)
        if on and self._call is not None and not self.back_on.value:
            self.back_on.set_date(_next_working_day(clock.today()))
        self._edited()

    def _edited(self, *_values: Any) -> None:
        if self._call is not None:
            self.edited.emit()


def _next_working_day(day: dt.date) -> dt.date:
    later = day + dt.timedelta(days=1)
    return later + dt.timedelta(days=7 - later.weekday() if later.weekday() > 4 else 0)
