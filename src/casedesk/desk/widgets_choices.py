"""Choices that all stand in sight: segments, a tick, one of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import draw_check
from casedesk.desk.widgets_focus import Ringed, has_ring

# As in widgets_focus: what is mixed in must be no button of its own.
if TYPE_CHECKING:
    _Pressed = QAbstractButton
else:
    _Pressed = object


class Segments(Ringed, QWidget):
    """Two to four choices side by side, of which one holds; arrows move."""

    chosen = Signal(object)

    def __init__(
        self,
        options: Sequence[tuple[Any, str]],
        *,
        value: Any = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Show the options; the first holds unless `value` says which."""
        super().__init__(parent)
        self._options = list(options)
        self._index = next((i for i, o in enumerate(self._options) if o[0] == value), 0)
        self._over = -1
        self._name = name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._describe()
        theme.watch.changed.connect(self.updateGeometry)

    def _describe(self) -> None:
        word = self._options[self._index][1] if self._options else ""
        self.setAccessibleName(self._name or " / ".join(text for _v, text in self._options))
        self.setAccessibleDescription(word)

    @property
    def value(self) -> Any:
        """The value that holds."""
        return self._options[self._index][0] if self._options else None

    def set_value(self, value: Any) -> None:
        """Choose without telling anybody."""
        for index, (known, _text) in enumerate(self._options):
            if known == value:
                self._index = index
        self._describe()
        self.update()

    def choose(self, index: int) -> None:
        """Choose as the user does."""
        index = max(0, min(index, len(self._options) - 1))
        if index != self._index:
            self._index = index
            self._describe()
            self.update()
            self.chosen.emit(self.value)

    def _widths(self) -> list[int]:
        strong = theme.metrics("strong")
        return [strong.horizontalAdvance(text) + 2 * theme.px(10) for _v, text in self._options]

    def _parts(self) -> list[QRect]:
        left, parts = 0, []
        for wide in self._widths():
            parts.append(QRect(left, 0, wide, self.height()))
            left += wide
        return parts

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 1, theme.control("button"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _at(self, point: QPoint) -> int:
        return next((i for i, part in enumerate(self._parts()) if part.contains(point)), -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._over = self._at(event.position().toPoint())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (
            event.button() == Qt.MouseButton.LeftButton
            and (at := self._at(event.position().toPoint())) >= 0
        ):
            self.choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.choose(self._index + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corner = theme.radius("control")
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        on = self.isEnabled()
        painter.setPen(QPen(theme.colour("border_control" if on else "border"), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(box, corner, corner)
        for index, (part, (_value, text)) in enumerate(
            zip(self._parts(), self._options, strict=True)
        ):
            inner = QRectF(part).adjusted(1.5, 1.5, -0.5, -1.5)
            token = "accent_soft" if index == self._index else "hover"
            if on and (index in (self._index, self._over)):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour(token))
                painter.drawRoundedRect(inner, corner - 1, corner - 1)
            if index:
                painter.setPen(QPen(theme.colour("border"), 1))
                painter.drawLine(part.left(), 2, part.left(), self.height() - 3)
            if index == self._index and has_ring(self):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.colour("focus"), 2))
                painter.drawRoundedRect(inner.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
            ink = "faint" if not on else "accent" if index == self._index else "ink"
            painter.setPen(theme.colour(ink))
            painter.setFont(theme.font("strong" if index == self._index else "body"))
            painter.drawText(part, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()


class _Marked(Ringed, _Pressed):
    """What a tick and one of several share: a mark, its words, and one ring round both."""

    def _describe(self) -> None:
        self.setAccessibleName(self.text())
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.watch.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        words = theme.metrics("body").horizontalAdvance(self.text())
        return QSize(theme.px(14) + theme.px(8) + words + 9, theme.control("button"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def draw_mark(self, painter: QPainter, place: QRect) -> None:
        """Draw the mark in front of the words."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = theme.px(14)
        self.draw_mark(painter, QRect(4, (self.height() - side) // 2, side, side))
        if has_ring(self):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            corner = theme.radius("control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.setPen(theme.colour("ink" if self.isEnabled() else "disabled"))
        painter.setFont(theme.font("body"))
        left = 4 + side + theme.px(8)
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), flags, self.text())
        painter.end()


class CheckBox(_Marked, QCheckBox):
    """A tick with its words; the ring goes round both."""

    def __init__(self, text: str, parent: QWidget | None = None, *, checked: bool = False) -> None:
        """Make the tick."""
        super().__init__(text, parent)
        self.setChecked(checked)
        self._describe()

    def draw_mark(self, painter: QPainter, place: QRect) -> None:
        """Draw the box: on, off, or in part."""
        state = {Qt.CheckState.Checked: True, Qt.CheckState.Unchecked: False}.get(self.checkState())
        draw_check(painter, place, state, hover=self.underMouse(), enabled=self.isEnabled())


class RadioButton(_Marked, QRadioButton):
    """One of several, drawn like the tick."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        """Make the choice."""
        super().__init__(text, parent)
        self._describe()

    def draw_mark(self, painter: QPainter, place: QRect) -> None:
        """Draw the circle, with a dot in it where the choice holds."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
        on = self.isEnabled()
        line = "accent" if self.isChecked() else "ink" if self.underMouse() else "border_control"
        painter.setPen(QPen(theme.colour(line if on else "border"), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawEllipse(circle)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent" if on else "disabled"))
            quarter = place.width() / 4
            painter.drawEllipse(circle.adjusted(quarter, quarter, -quarter, -quarter))
