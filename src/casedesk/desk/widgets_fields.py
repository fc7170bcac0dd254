"""Where a person types or chooses: lines, texts, dates, lists, and the field round them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, theme
from casedesk.desk.widgets_focus import Ringed, announce, restyle
from casedesk.desk.widgets_text import label
from casedesk.kernel.clock import today
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _


class LineEdit(QLineEdit):
    """One line of text; `call` is the taller one of the call form."""

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        name: str = "",
        icon: str = "",
        call: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make the field."""
        super().__init__(text, parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setProperty("call", call)
        self._icon = icon
        if icon:
            self.setTextMargins(theme.px(22), 0, 0, 0)

    @property
    def value(self) -> str:
        """What is typed, without spaces around it."""
        return self.text().strip()

    def set_value(self, text: str) -> None:
        """Put a text in."""
        self.setText(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._icon:
            painter = QPainter(self)
            side = theme.icon_size("row")
            mark = icons.pixmap(self._icon, "muted", side)
            painter.drawPixmap(theme.px(8), (self.height() - side) // 2, mark)
            painter.end()


class TextEdit(QPlainTextEdit):
    """Several lines of plain text; whatever is pasted becomes plain."""

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        name: str = "",
        lines: int = 4,
        parent: QWidget | None = None,
    ) -> None:
        """Make the field, at least `lines` high."""
        super().__init__(text, parent)
        self._lines = lines
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setTabChangesFocus(True)
        self._measure()
        theme.watch.changed.connect(self._measure)

    def _measure(self) -> None:
        self.setMinimumHeight(self._lines * theme.line_height("body") + 2 * theme.space(2))

    @property
    def value(self) -> str:
        """What is typed, without spaces around it."""
        return self.toPlainText().strip()

    def set_value(self, text: str) -> None:
        """Put a text in."""
        self.setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.insertPlainText(source.text())


class ComboBox(Ringed, QComboBox):
    """A choice of many; `value` is the value behind the words."""

    chosen = Signal(object)

    def __init__(
        self,
        choices: Sequence[tuple[Any, str]] = (),
        *,
        value: Any = None,
        name: str = "",
        call: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Show the choices; the first holds unless `value` says which."""
        super().__init__(parent)
        self._values: list[Any] = []
        self.setProperty("call", call)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_choices(choices, value=value)
        self.activated.connect(self._tell)

    def _tell(self, _index: int) -> None:
        self.chosen.emit(self.value)

    def set_choices(self, choices: Sequence[tuple[Any, str]], *, value: Any = None) -> None:
        """Offer other choices, without telling anybody."""
        before = self.blockSignals(True)
        self.clear()
        self._values = [known for known, _text in choices]
        self.addItems([text for _known, text in choices])
        if value in self._values:
            self.setCurrentIndex(self._values.index(value))
        self.blockSignals(before)

    @property
    def value(self) -> Any:
        """The value that holds."""
        index = self.currentIndex()
        return self._values[index] if 0 <= index < len(self._values) else None

    def set_value(self, value: Any) -> None:
        """Choose without telling anybody."""
        if value in self._values:
            before = self.blockSignals(True)
            self.setCurrentIndex(self._values.index(value))
            self.blockSignals(before)
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel that meant to scroll the page must not change an answer.
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = theme.icon_size("row")
        tone = "muted" if self.isEnabled() else "disabled"
        mark = icons.pixmap("chevron-down", tone, side)
        painter.drawPixmap(self.width() - side - theme.px(7), (self.height() - side) // 2, mark)
        painter.end()


class DateField(LineEdit):
    """A date as it is said: with `partial`, a year, a month, an age or an interval will do."""

    def __init__(
        self,
        value: PartialDate | dt.date | None = None,
        *,
        partial: bool = False,
        day: dt.date | None = None,
        name: str = "",
        call: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`day` is the day on which ages are counted; today unless given."""
        example = _("1987, 1987-03, 09.03.1987 or ~38") if partial else _("2025-09-03")
        super().__init__(placeholder=example, name=name, call=call, parent=parent)
        self._partial, self._day = partial, day
        self.set_date(value)

    def set_date(self, value: PartialDate | dt.date | None) -> None:
        """Show a date, or none."""
        if isinstance(value, PartialDate):
            self.setText(value.text())
        else:
            self.setText(value.isoformat() if value else "")

    def date(self) -> dt.date | None:
        """Read one whole day. Raises Refused where there is none to read."""
        read = self.partial_date()
        if read is None:
            return None
        if read.first != read.last:
            raise Refused(_("Write the whole date: day, month and year."))
        return read.first

    def partial_date(self) -> PartialDate | None:
        """Read a date known in part. Raises Refused where it cannot be read."""
        if not self.value:
            return None
        return PartialDate.parse(self.value, self._day or today())

    def problem(self) -> str:
        """Say in a sentence what is wrong with what is typed, or nothing."""
        try:
            if self._partial:
                self.partial_date()
            else:
                self.date()
        except Refused as error:
            return str(error)
        return ""


class Field(QWidget):
    """An editor with its name above it and room for what is wrong below it."""

    def __init__(
        self,
        name: str,
        editor: QWidget,
        *,
        hint: str = "",
        optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Put the editor under its name."""
        super().__init__(parent)
        self.editor = editor
        self.name = name
        self._hint = hint
        text = _("{name} (optional)").format(name=name) if optional else name
        # Labels have their parent from the start: one without is a window while it is shown.
        self.caption = label(text, "small", self)
        self.caption.setBuddy(editor)
        editor.setAccessibleName(name)
        self.setFocusProxy(editor)
        self._below = label(hint, "caption", self, wrap=True)
        self._below.setVisible(bool(hint))
        if hint:
            editor.setAccessibleDescription(hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.caption)
        column.addWidget(editor)
        column.addWidget(self._below)
        policy = editor.sizePolicy().verticalPolicy()
        if policy in (QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding):
            column.setStretch(1, 1)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def error(self, text: str | None) -> None:
        """Say under the editor what is wrong, or take the sentence away."""
        wrong = bool(text)
        self._below.setText(text or self._hint)
        self._below.setVisible(bool(text or self._hint))
        self._below.set_tone("carmine" if wrong else "")
        self._fit()
        self.editor.setAccessibleDescription(text or self._hint)
        if bool(self.editor.property("wrong")) is not wrong:
            self.editor.setProperty("wrong", wrong)
            restyle(self.editor)
        if wrong:
            announce(self.editor)

    def _fit(self) -> None:
        """Give the sentence below all the lines it needs at the width there is."""
        lines = self._below.heightForWidth(self.width()) if self._below.text() else 0
        if self._below.minimumHeight() != max(0, lines):
            self._below.setMinimumHeight(max(0, lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @property
    def wrong(self) -> bool:
        """Whether a sentence stands under the editor."""
        return bool(self.editor.property("wrong"))
