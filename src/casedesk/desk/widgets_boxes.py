"""What holds or stands for other things: lines, cards, banners, empty and waiting places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, theme
from casedesk.desk.painting import draw_bar
from casedesk.desk.widgets_focus import announce
from casedesk.desk.widgets_text import label
from casedesk.kernel.language import _


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
        # It may grow: in a narrow place the words need more lines than their hint says.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
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
    """Scrolls one widget up and down, never sideways.

    The widget is measured when somebody asks for its size or shows it, and not before: measuring
    dresses all that is in it, and what is dressed is dressed again each time it moves into a
    larger whole, which was a third of the time it took to make a page.
    """

    def __init__(self, widget: QWidget, parent: QWidget | None = None) -> None:
        """Hold the widget at the width there is."""
        super().__init__(parent)
        self._held = widget
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        widget.setProperty("scrolled", True)
        self.viewport().setProperty("scrolled", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        widget.setParent(self.viewport())

    def widget(self) -> QWidget:
        return self._held

    def _take(self) -> None:
        if super().widget() is None:
            self.setWidget(self._held)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Polish:
            self._take()
        return super().event(event)

    def sizeHint(self) -> QSize:
        self._take()
        return super().sizeHint()

    def focusNextPrevChild(self, forward: bool) -> bool:
        moved = super().focusNextPrevChild(forward)
        focus = QApplication.focusWidget()
        if moved and focus is not None and self.isAncestorOf(focus):
            self.ensureWidgetVisible(focus)
        return moved
