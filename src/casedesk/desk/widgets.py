"""Widgets of the house: labels, buttons, chips, fields and frames, drawn from tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import (
    QEvent,
    QMargins,
    QMimeData,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShortcut,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, theme
from casedesk.desk.painting import (
    draw_bar,
    draw_check,
    draw_key,
    draw_tag,
    key_text,
    key_width,
    plain_tip,
    tag_width,
)
from casedesk.kernel.clock import today
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _

ButtonKind = Literal["plain", "primary", "danger", "link", "quiet"]
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


# -- focus ------------------------------------------------------------------------------------


def restyle(widget: QWidget) -> None:
    """Let the style sheet look again at the properties of a widget."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def _ring(widget: QWidget, on: bool) -> None:
    if bool(widget.property("kbfocus")) is not on:
        widget.setProperty("kbfocus", on)
        restyle(widget)


def set_ring(widget: QWidget, reason: Qt.FocusReason | None) -> None:
    """Show the ring where the focus came by the keyboard; take it away without a reason."""
    _ring(widget, reason in _KEYBOARD)


def has_ring(widget: QWidget) -> bool:
    """Tell whether a widget has the focus by the keyboard, and shows it."""
    return bool(widget.property("kbfocus"))


# -- text -------------------------------------------------------------------------------------


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
    ) -> None:
        """Show as much of the text as fits."""
        super().__init__(text, style, parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().sizeHint().height())

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


# -- buttons ----------------------------------------------------------------------------------


class Button(QPushButton):
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _ring(self, event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _ring(self, False)

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


# -- chips, tags, segments --------------------------------------------------------------------


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


class Chip(QAbstractButton):
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _ring(self, event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _ring(self, False)

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


class FlowLayout(QLayout):
    """Puts its items in lines, like words."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 1, line_gap: int = 1) -> None:
        """Gaps are steps of `theme.space`."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap
        self.setContentsMargins(QMargins())

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        shown = [item for item in self._items if not item.isEmpty()]
        wide = sum(item.sizeHint().width() for item in shown)
        wide += theme.space(self._gap) * max(0, len(shown) - 1)
        tall = max((item.sizeHint().height() for item in shown), default=0)
        return QSize(
            wide + margins.left() + margins.right(), tall + margins.top() + margins.bottom()
        )

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        x, y, tall = area.left(), area.top(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            wide = min(size.width(), max(area.width(), item.minimumSize().width()))
            if x > area.left() and x + wide > area.left() + area.width():
                x, y, tall = area.left(), y + tall + theme.space(self._line_gap), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(wide, size.height())))
            x += wide + theme.space(self._gap)
            tall = max(tall, size.height())
        return y + tall - rect.top() + margins.bottom()


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


class Segments(QWidget):
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _ring(self, event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _ring(self, False)

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


class CheckBox(QCheckBox):
    """A tick with its words; the ring goes round both."""

    def __init__(self, text: str, parent: QWidget | None = None, *, checked: bool = False) -> None:
        """Make the tick."""
        super().__init__(text, parent)
        self.setChecked(checked)
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.watch.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return _mark_size(self.text())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _ring(self, event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _ring(self, False)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = theme.px(14)
        top = (self.height() - side) // 2
        state = {Qt.CheckState.Checked: True, Qt.CheckState.Unchecked: False}.get(self.checkState())
        draw_check(
            painter,
            QRect(4, top, side, side),
            state,
            hover=self.underMouse(),
            enabled=self.isEnabled(),
        )
        _mark_words(painter, self, self.text())
        painter.end()


class RadioButton(QRadioButton):
    """One of several, drawn like the tick."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        """Make the choice."""
        super().__init__(text, parent)
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.watch.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return _mark_size(self.text())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _ring(self, event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _ring(self, False)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme.px(14)
        box = QRectF(4.5, (self.height() - side) // 2 + 0.5, side - 1, side - 1)
        on = self.isEnabled()
        line = "accent" if self.isChecked() else "ink" if self.underMouse() else "border_control"
        painter.setPen(QPen(theme.colour(line if on else "border"), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawEllipse(box)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent" if on else "disabled"))
            quarter = side / 4
            painter.drawEllipse(box.adjusted(quarter, quarter, -quarter, -quarter))
        _mark_words(painter, self, self.text())
        painter.end()


def _mark_size(text: str) -> QSize:
    wide = theme.px(14) + theme.px(8) + theme.metrics("body").horizontalAdvance(text) + 9
    return QSize(wide, theme.control("button"))


def _mark_words(painter: QPainter, widget: QWidget, text: str) -> None:
    if has_ring(widget):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("focus"), 2))
        corner = theme.radius("control")
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1), corner, corner)
    painter.setPen(theme.colour("ink" if widget.isEnabled() else "disabled"))
    painter.setFont(theme.font("body"))
    left = 4 + theme.px(14) + theme.px(8)
    flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
    painter.drawText(widget.rect().adjusted(left, 0, 0, 0), flags, text)


# -- typing -----------------------------------------------------------------------------------


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


class ComboBox(QComboBox):
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        _ring(self, event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        _ring(self, False)

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


def announce(widget: QWidget) -> None:
    """Let a screen reader speak the widget's description now."""
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))


# -- frames -----------------------------------------------------------------------------------


class Divider(QFrame):
    """A line of one pixel."""

    def __init__(self, parent: QWidget | None = None, *, vertical: bool = False) -> None:
        """Lie, or stand when `vertical`."""
        super().__init__(parent)
        self.setProperty("rule", True)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class Card(QFrame):
    """A surface with a line round it: title, what stands right of it, and a body."""

    def __init__(
        self, title: str = "", extra: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        """Fill `body` with what the card shows."""
        super().__init__(parent)
        self.setProperty("card", True)
        outer = QVBoxLayout(self)
        side = theme.space(3)
        outer.setContentsMargins(side, side, side, side)
        outer.setSpacing(theme.space(2))
        self.title = label(title, "section", self)
        self.title.setVisible(bool(title))
        if title or extra is not None:
            head = QHBoxLayout()
            head.setSpacing(theme.space(2))
            head.addWidget(self.title)
            head.addStretch(1)
            if extra is not None:
                head.addWidget(extra)
            outer.addLayout(head)
        self.setAccessibleName(title)
        self.body: QVBoxLayout = QVBoxLayout()
        self.body.setSpacing(theme.space(2))
        outer.addLayout(self.body, 1)


_BANNER_ICONS = {
    "accent": "info",
    "amber": "triangle-alert",
    "carmine": "circle-minus",
    "green": "circle-check",
    "neutral": "info",
}


class Banner(QWidget):
    """One thing to know, in a tone, with at most two ways on; stays until dealt with."""

    def __init__(
        self,
        tone: str,
        title: str,
        text: str = "",
        buttons: Sequence[QWidget] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Say what happened, what is safe and what to do."""
        super().__init__(parent)
        self.tone = tone
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        line = QHBoxLayout(self)
        # One line of words, with a button or without, makes 40; two lines make 47.
        edge = theme.px(5)
        line.setContentsMargins(theme.space(3), edge, theme.space(3), edge)
        line.setSpacing(theme.space(2))
        middle = Qt.AlignmentFlag.AlignVCenter
        self._mark = QLabel(self)
        self._mark.setFixedSize(theme.icon_size("button"), theme.icon_size("button"))
        line.addWidget(self._mark, 0, middle)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        self._title = label(title, "strong", self, wrap=True)
        self._text = label(text, "body", self, wrap=True)
        self._text.setVisible(bool(text))
        words.addWidget(self._title)
        words.addWidget(self._text)
        words.addStretch(1)
        line.addLayout(words, 1)
        for made in buttons:
            line.addWidget(made, 0, middle)
        self._tint()
        theme.watch.changed.connect(self._tint)

    def set(self, title: str, text: str = "", *, tone: str = "") -> None:
        """Say something else, perhaps in another tone."""
        if tone and tone != self.tone:
            self.tone = tone
            self._tint()
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def _tint(self) -> None:
        ink = self.tone if self.tone in ("accent", "amber", "carmine", "green") else "muted"
        name = _BANNER_ICONS.get(self.tone, "info")
        self._mark.setPixmap(icons.pixmap(name, ink, theme.icon_size("button")))
        self.setMinimumHeight(theme.px(40))
        self.update()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        announce(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _ink, ground, line = theme.tone(self.tone)
        painter.setBrush(ground)
        painter.setPen(QPen(line, 1))
        corner = theme.radius("panel")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        painter.end()


class EmptyState(QWidget):
    """What would be here, in one bold and one muted line, and one way to begin."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        button: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Stand in the middle of the room there is."""
        super().__init__(parent)
        self._icon = icon
        column = QVBoxLayout(self)
        column.setSpacing(theme.space(2))
        column.addStretch(1)
        self._mark = QLabel(self)
        self._mark.setVisible(bool(icon))
        if icon:
            column.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        self._title = label(title, "strong", self, wrap=True)
        self._text = label(text, "muted", self, wrap=True)
        self._text.setVisible(bool(text))
        for words in (self._title, self._text):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(words)
        if button is not None:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._tint()
        theme.watch.changed.connect(self._tint)

    def set(self, title: str, text: str = "") -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def _tint(self) -> None:
        if self._icon:
            self._mark.setPixmap(icons.pixmap(self._icon, "faint", theme.icon_size("empty")))


class Skeleton(QWidget):
    """Still grey rows where rows are being read."""

    def __init__(self, rows: int = 6, parent: QWidget | None = None) -> None:
        """Draw so many rows."""
        super().__init__(parent)
        self._rows = rows
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(_("Being read"))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), self._rows * theme.row("table"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tall = theme.row("table")
        for index in range(self._rows):
            # Unequal lengths look like text; the same ones each time keep the picture still.
            wide = round(self.width() * (0.42 + 0.11 * (index * 7 % 5)))
            draw_bar(painter, QRect(theme.space(3), index * tall, wide, tall))
        painter.end()


class Scroll(QScrollArea):
    """Scrolls one widget up and down, never sideways."""

    def __init__(self, widget: QWidget, parent: QWidget | None = None) -> None:
        """Hold the widget at the width there is."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        widget.setProperty("scrolled", True)
        self.viewport().setProperty("scrolled", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(widget)

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        focus = QApplication.focusWidget()
        if moved and focus is not None and self.isAncestorOf(focus):
            self.ensureWidgetVisible(focus)
        return moved
