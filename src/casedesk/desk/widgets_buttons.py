"""The button of the house: icon, words and the key that presses it."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from casedesk.desk import icons, theme
from casedesk.desk.painting import draw_key, key_text, key_width, plain_tip
from casedesk.desk.widgets_focus import Ringed, has_ring
from casedesk.kernel.language import _

ButtonKind = Literal["plain", "primary", "danger", "link", "quiet"]


class Button(Ringed, QPushButton):
    """A button that draws icon, words and key hint, and is always wide enough for them."""

    def __init__(
        self,
        text: str,
        *,
        key: str = "",
        kind: ButtonKind = "plain",
        icon: str = "",
        hint: bool = True,
        listens: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """Make the button; use `button()`."""
        super().__init__(text, parent)
        self._kind, self._icon, self._key, self._hint = kind, icon, key, hint
        self._name = text
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if kind == "link":
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._shortcut: QShortcut | None = None
        if key and listens:
            self._shortcut = QShortcut(QKeySequence(key), self)
            self._shortcut.setAutoRepeat(False)
            self._shortcut.activated.connect(self._by_key)
        self._describe()
        theme.watch.changed.connect(self.updateGeometry)

    def _by_key(self) -> None:
        if self.isEnabled() and self.isVisible():
            self.click()

    def _describe(self) -> None:
        self.setAccessibleName(self._name)
        if self._key:
            self.setAccessibleDescription(key_text(self._key))
            if not self._hint or not self.text():
                tip = _("{name} ({key})").format(name=self._name, key=key_text(self._key))
                self.setToolTip(plain_tip(tip))
        elif not self.text():
            self.setToolTip(plain_tip(self._name))

    @property
    def key(self) -> str:
        """The key that presses the button, or nothing."""
        return self._key

    def set_text(self, text: str) -> None:
        """Say something else; the accessible name follows."""
        if text == self._name == self.text():
            return
        self._name = text
        self.setText(text)
        self._describe()
        self.updateGeometry()

    def set_icon(self, name: str) -> None:
        """Show another icon, or none."""
        self._icon = name
        self.updateGeometry()
        self.update()

    def icon_only(self) -> Button:
        """Show the icon alone; words stay in tooltip and accessible name."""
        self.setText("")
        self._describe()
        return self

    def _parts(self) -> tuple[int, int, int, int]:
        """Measure padding, icon, words and key hint."""
        quiet = self._kind == "link"
        pad = 0 if quiet else theme.px(10 if self.text() else 6)
        icon_wide = theme.icon_size("button") if self._icon else 0
        style = "body" if quiet else "strong"
        words = theme.metrics(style).horizontalAdvance(self.text()) if self.text() else 0
        hint = 0
        if self._key and self._hint and self.text():
            hint = key_width(key_text(self._key))
        return pad, icon_wide, words, hint

    def sizeHint(self) -> QSize:
        pad, icon_wide, words, hint = self._parts()
        parts = [part for part in (icon_wide, words, hint) if part]
        wide = 2 * pad + sum(parts) + theme.px(6) * max(0, len(parts) - 1) + 2
        tall = theme.control("chip") if self._kind == "link" else theme.control("button")
        return QSize(max(wide, tall if self._kind != "link" else wide), tall)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter presses what has the focus, as people expect; Qt leaves that to dialogs.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
            return
        super().keyPressEvent(event)

    def _colours(self) -> tuple[QColor | None, QColor | None, str]:
        """Give ground, line and the token of the ink for the state the button is in."""
        hover = self.underMouse()
        if not self.isEnabled():
            bare = self._kind in ("link", "quiet")
            return None, None if bare else theme.colour("border"), "disabled"
        if self._kind == "primary":
            return theme.colour("accent_hover" if hover else "accent"), None, "accent_on"
        if self._kind == "danger":
            ground = theme.colour("carmine_soft" if hover else "surface")
            return ground, theme.colour("carmine"), "carmine"
        if self._kind == "link":
            return None, None, "accent_hover" if hover else "accent"
        pressed = self.isDown() or self.isChecked()
        if self._kind == "quiet":
            ground = theme.colour("accent_soft" if pressed else "hover")
            return ground if hover or pressed else None, None, "ink"
        token = "accent_soft" if pressed else "hover" if hover else "surface"
        return theme.colour(token), theme.colour("border_control"), "ink"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, line, ink = self._colours()
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        corner = theme.radius("control")
        painter.setBrush(ground if ground is not None else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(line, 1) if line is not None else Qt.PenStyle.NoPen)
        if ground is not None or line is not None:
            painter.drawRoundedRect(box, corner, corner)
        if has_ring(self):
            ring_token = {"primary": "accent_on", "danger": "carmine"}.get(self._kind, "focus")
            inset = 2.0 if self._kind == "primary" else 1.0
            pen_wide = 1.0 if self._kind == "primary" else 2.0
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour(ring_token), pen_wide))
            ring_box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(ring_box, corner - 1, corner - 1)
        pad, icon_wide, words, hint = self._parts()
        gap = theme.px(6)
        parts = [part for part in (icon_wide, words, hint) if part]
        total = sum(parts) + gap * max(0, len(parts) - 1)
        left = pad + 1 if self._kind == "link" else max(pad, (self.width() - total) // 2)
        if self._kind == "link":
            left = 0
        if icon_wide:
            top = (self.height() - icon_wide) // 2
            painter.drawPixmap(left, top, icons.pixmap(self._icon, ink, icon_wide))
            left += icon_wide + gap
        if words:
            font = QFont(theme.font("body" if self._kind == "link" else "strong"))
            font.setUnderline(self._kind == "link" and self.underMouse() and self.isEnabled())
            painter.setFont(font)
            painter.setPen(theme.colour(ink))
            room = QRect(left, 0, self.width() - left, self.height())
            flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
            painter.drawText(room, flags, self.text())
            left += words + gap
        if hint:
            tall = theme.control("kbd")
            place = QRect(left, (self.height() - tall) // 2, hint, tall)
            draw_key(painter, place, key_text(self._key), "muted" if ink == "ink" else ink)
        painter.end()


def button(
    text: str,
    *,
    key: str = "",
    kind: ButtonKind = "plain",
    icon: str = "",
    hint: bool = True,
    listens: bool = True,
    parent: QWidget | None = None,
) -> Button:
    """Make a button; `key` is a real shortcut, shown inside unless `hint` is off.

    With `listens` off the key is only shown, because somebody else hears it: a list, the shell.
    """
    return Button(text, key=key, kind=kind, icon=icon, hint=hint, listens=listens, parent=parent)
