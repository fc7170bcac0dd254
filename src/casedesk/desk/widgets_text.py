"""Words that are only read: labels of plain text, a key, a state on a soft ground."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import (
    draw_key,
    draw_tag,
    key_text,
    key_width,
    plain_tip,
    tag_width,
)
from casedesk.desk.widgets_focus import restyle


class PlainLabel(QLabel):
    """A label that can show nothing but plain text, whatever the text looks like."""

    clicked = Signal()

    def __init__(self, text: str, style: str = "body", parent: QWidget | None = None) -> None:
        """Show the text in a style of the tokens."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", style)
        self.setText(text)
        if style == "link":
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_tone(self, tone: str) -> None:
        """Write in the colour of a tone: accent, amber, green, carmine, muted or neutral."""
        if (self.property("tone") or "") != tone:
            self.setProperty("tone", tone)
            restyle(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


def label(
    text: str, style: str = "body", parent: QWidget | None = None, *, wrap: bool = False
) -> PlainLabel:
    """Make a plain text label; styles: body, muted, caption, small, section, lead, page ..."""
    made = PlainLabel(text, style, parent)
    made.setWordWrap(wrap)
    return made


class ElidedLabel(PlainLabel):
    """One line that is cut with an ellipsis where it does not fit, whole in its tooltip."""

    def __init__(
        self,
        text: str = "",
        style: str = "body",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        keep: int = 0,
    ) -> None:
        """Show as much of the text as fits; what stands beside it is cut first, up to `keep`."""
        super().__init__(text, style, parent)
        self._mode, self._keep = mode, keep
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        kept = min(theme.px(self._keep), super().sizeHint().width())
        least = max(kept, self.fontMetrics().horizontalAdvance("…"))
        return QSize(least, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        cut = plain_tip(self.text()) if shown != self.text() else ""
        if self.toolTip() != cut:
            self.setToolTip(cut)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        flags = int(self.alignment()) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(self.rect(), flags, shown)
        painter.end()


class KeyHint(QWidget):
    """The small box that shows a key; `width_of` and `draw` are for painters."""

    width_of = staticmethod(key_width)
    draw = staticmethod(draw_key)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        """Show a key, written for this system."""
        super().__init__(parent)
        self._text = key_text(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._text)
        theme.watch.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(key_width(self._text), theme.control("kbd"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_key(painter, self.rect(), self._text)
        painter.end()


class Tag(QWidget):
    """A state in a word on a soft ground; cannot be pressed."""

    def __init__(self, text: str, tone: str = "neutral", parent: QWidget | None = None) -> None:
        """Show the word in a tone."""
        super().__init__(parent)
        self._text, self._tone = text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme.watch.changed.connect(self.updateGeometry)

    def text(self) -> str:
        """Give the word."""
        return self._text

    def set(self, text: str, tone: str) -> None:
        """Show another state."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(tag_width(self._text), theme.px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_tag(painter, self.rect(), self._text, self._tone)
        painter.end()
