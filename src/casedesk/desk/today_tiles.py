"""A figure of the first page as a tile: its words, the number, and the list behind it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.today import Figure
from casedesk.desk.widgets import label
from casedesk.kernel.language import _, number

FIGURE_HEIGHT = 92


class FigureCard(QFrame):
    """A number that is a link: its words, the number, and a note."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.figure: Figure | None = None
        self.underlined = False
        self._shown: tuple[object, ...] = ()
        self.setProperty("card", True)
        self.setFixedHeight(theme.px(FIGURE_HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(2))
        column.setSpacing(0)
        self._label = label("", "small")
        self._value = label("", "figure")
        self._note = label("", "small")
        for part in (self._label, self._value, self._note):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(part)

    def show_figure(self, figure: Figure | None) -> None:
        """Show a figure, or an empty card."""
        before, self.figure = self.figure, figure
        link = figure is not None and figure.open is not None
        shown = (figure.label, figure.value, figure.note, figure.tone, link) if figure else ()
        if shown == self._shown and (before is None) is (figure is None):
            return
        self._shown = shown
        self._label.setText(figure.label if figure else "")
        self._value.setText(number(figure.value) if figure else "")
        self._note.setText(figure.note if figure else "")
        tone = figure.tone if figure else "muted"
        if self._note.property("tone") != tone:
            self._note.set_tone(tone)
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        if figure is None:
            self.setAccessibleName("")
        elif link:
            self.setAccessibleName(
                _("{label}, {value}, opens the list").format(
                    label=figure.label, value=number(figure.value)
                )
            )
        else:
            self.setAccessibleName(
                _("{label}, {value}").format(label=figure.label, value=number(figure.value))
            )
        self.setAccessibleDescription(figure.note if figure else "")

    def _underline(self, on: bool) -> None:
        self.underlined = on and self.figure is not None and self.figure.open is not None
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._underline(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._underline(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if self.figure is not None and self.figure.open is not None:
            self.chosen.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self.underlined:
            # a style sheet keeps the font of a label, so the line is drawn behind its words
            for part, style in ((self._label, "small"), (self._value, "figure")):
                metrics = theme.metrics(style)
                room = part.geometry()
                wide = min(metrics.horizontalAdvance(part.text()), room.width())
                foot = room.center().y() + (metrics.ascent() - metrics.descent()) // 2 + 3
                painter.setPen(QPen(theme.colour("muted" if style == "small" else "ink"), 1))
                painter.drawLine(room.left(), foot, room.left() + wide, foot)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("focus"), 2))
            corner = theme.radius("panel")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.end()
