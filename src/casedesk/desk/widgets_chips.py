"""Chips: small labels that can be switched or taken away, and the row they flow in."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from casedesk.desk import icons, theme
from casedesk.desk.painting import plain_tip
from casedesk.desk.widgets_flow import FlowLayout
from casedesk.desk.widgets_focus import Ringed, has_ring
from casedesk.kernel.language import _


class Chip(Ringed, QAbstractButton):
    """A small label of a filter or a reason; may be taken away or switched on."""

    removed = Signal()
    _pressed = Signal()

    def __init__(
        self,
        text: str,
        *,
        removable: bool = False,
        tone: str = "neutral",
        checkable: bool = False,
        checked: bool = False,
        key: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Show the text; `key` is only a hint drawn in front ("1"), the page owns the shortcut."""
        super().__init__(parent)
        self._text, self._tone, self._key = text, tone, key
        self._removable = removable
        self.setCheckable(checkable)
        self.setChecked(checked)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        acts = removable or checkable
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if acts else Qt.FocusPolicy.NoFocus)
        self.toggled.connect(self._describe)
        # Qt's own signal hands over the state; whoever asks for a press gets nothing but that.
        self.clicked.connect(self._tell)
        self.clicked = self._pressed  # type: ignore[misc]
        self._describe()
        theme.watch.changed.connect(self.updateGeometry)

    def _describe(self) -> None:
        self.setAccessibleName(self._text)
        if self._removable:
            self.setAccessibleDescription(_("Delete takes this filter away."))
            self.setToolTip(plain_tip(_("Take away {name}").format(name=self._text)))
        self.update()

    def text(self) -> str:
        """Give the words; Qt does not know them, it would read & as the mark of a key."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show other words."""
        self._text = text
        self._describe()
        self.updateGeometry()
        self.update()

    @property
    def checked(self) -> bool:
        """Whether the chip is switched on."""
        return self.isChecked()

    def set_checked(self, on: bool) -> None:
        """Switch on or off, and say so when it changed."""
        self.setChecked(on)

    def _tell(self) -> None:
        self._pressed.emit()

    def press(self) -> None:
        """Do what a press does: switch, or only tell."""
        self.click()

    def _cross(self) -> QRect:
        side = theme.px(12)
        return QRect(self.width() - side - theme.px(5), (self.height() - side) // 2, side, side)

    def sizeHint(self) -> QSize:
        wide = theme.metrics("small").horizontalAdvance(self._text) + 2 * theme.px(8) + 1
        if self._removable:
            wide += theme.px(14)
        if self._key:
            wide += theme.metrics("caption").horizontalAdvance(self._key) + theme.px(5)
        return QSize(wide, theme.control("chip"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        near = self._removable and spot.x() >= self._cross().left() - theme.px(4)
        if near and event.button() == Qt.MouseButton.LeftButton and self.rect().contains(spot):
            self.setDown(False)
            self.removed.emit()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self._removable and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, _ground, line = theme.tone(self._tone)
        ground = theme.colour("surface")
        if not self.isEnabled():
            ink = theme.colour("faint")
        elif self.isChecked():
            ink, ground, line = theme.tone("accent")
        elif self._tone in ("accent", "amber", "green", "carmine"):
            ground = _ground
        elif self.underMouse() and (self.isCheckable() or self._removable):
            ground = theme.colour("hover")
        if self.isCheckable() and not self.isChecked():
            line = theme.colour("border_control")
        painter.setPen(QPen(line, 1))
        painter.setBrush(ground)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius("chip"), theme.radius("chip"))
        if has_ring(self):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            inner = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(inner, theme.radius("chip"), theme.radius("chip"))
        left = theme.px(8)
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        if self._key:
            painter.setPen(theme.colour("muted") if not self.isChecked() else ink)
            painter.setFont(theme.font("caption"))
            painter.drawText(self.rect().adjusted(left, 0, 0, 0), flags, self._key)
            left += theme.metrics("caption").horizontalAdvance(self._key) + theme.px(5)
        painter.setPen(ink)
        painter.setFont(theme.font("small"))
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), flags, self._text)
        if self._removable:
            cross = self._cross()
            painter.drawPixmap(cross.topLeft(), icons.pixmap("x", "muted", cross.width()))
        painter.end()


class ChipRow(QWidget):
    """Chips (or any small widgets) that flow to a second line where one is not enough."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with no chip."""
        super().__init__(parent)
        self._flow = FlowLayout(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self._flow.addWidget(widget)
        self.updateGeometry()

    def clear(self) -> None:
        """Take all away."""
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.updateGeometry()

    def chips(self) -> list[Chip]:
        """List the chips."""
        widgets = (self._flow.itemAt(i) for i in range(self._flow.count()))
        return [w for item in widgets if item and isinstance(w := item.widget(), Chip)]
