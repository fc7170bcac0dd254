"""A sheet on screen: its pages as they print, with every figure a thing that can be chosen.

Pages are always light, whatever the theme: they are paper. The picture is made away from the
window, at the pixels of the screen; until it is there, the one before it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pypdfium2
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import plain_tip

LEAST, MOST, STEP = 50, 300, 10
"""Zoom in percent of a point on paper per pixel on screen."""
SETTLE_MS = 120
# PDFium keeps one state for the whole process.
_pdfium = Lock()


@dataclass(frozen=True)
class Mark:
    """A place on paper that can be chosen, in points; y counts from the head of the page."""

    key: str
    name: str
    """What a screen reader says of it."""
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """One page as pixels: size on paper in points, then the picture itself."""

    wide: float
    tall: float
    columns: int
    rows: int
    stride: int
    pixels: bytes


def pictures(_session: object, data: bytes, scale: float) -> tuple[Picture, ...]:
    """Draw the pages of a PDF with `scale` pixels for each point; for the reader lane."""
    made = []
    with _pdfium:
        document = pypdfium2.PdfDocument(data)
        try:
            for page in document:
                wide, tall = page.get_size()
                bitmap = page.render(scale=scale, prefer_bgrx=True)
                pixels = bytes(bitmap.buffer)
                made.append(Picture(wide, tall, bitmap.width, bitmap.height, bitmap.stride, pixels))
                bitmap.close()
                page.close()
        finally:
            document.close()
    return tuple(made)


class FigureMark(QPushButton):
    """The words of one figure on the page; a figure broken over two lines has two marks."""

    def __init__(self, mark: Mark, view: SheetView, paper: QWidget, *, first: bool) -> None:
        super().__init__(paper)
        self.mark = mark
        self._view = view
        self.setAccessibleName(mark.name)
        self.setToolTip(plain_tip(mark.name))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAutoDefault(False)
        # The second line of a figure is the same figure: Tab comes by once.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if first else Qt.FocusPolicy.ClickFocus)
        self.clicked.connect(lambda: view.pick(mark.key))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._view.reveal(self)
        self._view.repaint_marks()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._view.repaint_marks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self._view.chosen == self.mark.key:
                self._view.figure_opened.emit(self.mark.key)
            else:
                self.click()
            return
        if event.key() == Qt.Key.Key_Escape and self._view.chosen:
            self._view.pick("")
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._view.pick(self.mark.key)
            self._view.figure_opened.emit(self.mark.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = self._view.chosen == self.mark.key
        if not (chosen or self.hasFocus() or self.underMouse()):
            return
        # The paper is light in both themes, and so is what is drawn on it.
        blue = QColor(theme.tokens()["light"]["accent"])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or chosen:
            wash = QColor(blue)
            wash.setAlphaF(0.1)
            painter.setBrush(wash)
        width = 2.0 if chosen or self.hasFocus() else 1.0
        painter.setPen(QPen(blue, width))
        corner = theme.radius("tick")
        inset = width / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, corner, corner)
        painter.end()


class _Paper(QWidget):
    """One page."""

    def __init__(self, picture: Picture, parent: QWidget) -> None:
        super().__init__(parent)
        self.picture = picture
        # The image borrows the bytes, and the picture keeps them.
        self._image = QImage(
            picture.pixels,
            picture.columns,
            picture.rows,
            picture.stride,
            QImage.Format.Format_RGB32,
        )
        self.marks: list[FigureMark] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self._image)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def lay(self, scale: float) -> None:
        """Take the size of this scale, and put the marks where their words are."""
        self.setFixedSize(round(self.picture.wide * scale), round(self.picture.tall * scale))
        for button in self.marks:
            mark = button.mark
            left, top = round(mark.x * scale) - 3, round(mark.y * scale) - 2
            right = round((mark.x + mark.width) * scale) + 3
            bottom = round((mark.y + mark.height) * scale) + 2
            button.setGeometry(QRect(left, top, right - left, bottom - top))


class SheetView(QScrollArea):
    """The pages of a sheet under each other; `read` is a page's way to the reader lane."""

    figure_chosen = Signal(str)  # nothing, where the choice was taken away
    figure_opened = Signal(str)  # a chosen figure was asked for once more: Enter, a double click
    zoom_changed = Signal(int)  # percent; 0 where the pages fill the width
    shown = Signal()  # the pages of the newest sheet are on the screen

    def __init__(
        self, read: Callable[..., Any], parent: QWidget | None = None, *, name: str = ""
    ) -> None:
        super().__init__(parent)
        self._read = read
        self._data = b""
        self._drawn = b""  # the data whose pages are on the screen
        self._marks: tuple[Mark, ...] = ()
        self._papers: list[_Paper] = []
        self._zoom = 0  # percent; 0 fits the width
        self.chosen = ""
        self._wanted = ""  # to be scrolled to when its page is there
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self._desk = QWidget()
        self._desk.setProperty("ground", "sunken")
        self._desk.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self._desk)
        edge = theme.space(5)
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._column.setSpacing(theme.space(4))
        self._column.addStretch(1)
        self.setWidget(self._desk)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._draw)

    # What is shown -----------------------------------------------------------------------------

    def show_sheet(self, data: bytes, marks: Sequence[Mark]) -> None:
        """Show another sheet; the one before stays until the pages of this one are drawn."""
        self._data, self._marks = data, tuple(marks)
        self._draw()

    def clear(self) -> None:
        """Take the sheet off the screen."""
        self._data, self._marks = b"", ()
        self._put(())

    @property
    def pages(self) -> int:
        """How many pages are on the screen."""
        return len(self._papers)

    def figures(self) -> list[FigureMark]:
        """Give the marks that Tab visits, in reading order."""
        found: dict[str, FigureMark] = {}
        for paper in self._papers:
            for button in paper.marks:
                if button.focusPolicy() == Qt.FocusPolicy.StrongFocus:
                    found[f"{button.mark.key} {len(found)}"] = button
        return list(found.values())

    def choose(self, key: str, *, reveal: bool = False) -> None:
        """Frame a figure without telling anybody; `reveal` scrolls to it where it is not seen."""
        self.chosen = key
        self.repaint_marks()
        if reveal:
            self._wanted = key
            self._look()

    def sees(self, key: str) -> bool:
        """Tell whether a mark of a figure is wholly in the part of the pages that is seen."""
        return any(
            self.viewport()
            .rect()
            .contains(QRect(button.mapTo(self.viewport(), QPoint()), button.size()))
            for button in self._marks_of(key)
        )

    def _marks_of(self, key: str) -> list[FigureMark]:
        return [b for paper in self._papers for b in paper.marks if b.mark.key == key]

    def _look(self) -> None:
        """Scroll to the figure that is wanted; where its page is not there yet, wait for it."""
        found = self._marks_of(self._wanted)
        if self._wanted and found:
            if not self.sees(self._wanted):
                self.reveal(found[0])
            if self._drawn is self._data:
                self._wanted = ""

    def pick(self, key: str) -> None:
        """Choose a figure as a click does."""
        self.choose(key)
        self.figure_chosen.emit(key)

    def reveal(self, widget: QWidget) -> None:
        """Scroll until a mark can be seen."""
        self.ensureWidgetVisible(widget, theme.space(5), theme.space(6))

    def jump(self, page: int, y: float) -> None:
        """Scroll until this height of a page (from 1) is on top."""
        if 1 <= page <= len(self._papers):
            paper = self._papers[page - 1]
            self.verticalScrollBar().setValue(paper.y() + round(y * self._scale()) - theme.space(4))

    def repaint_marks(self) -> None:
        """Draw the frames anew."""
        for paper in self._papers:
            for button in paper.marks:
                button.update()

    # Zoom --------------------------------------------------------------------------------------

    @property
    def zoom(self) -> int:
        """The zoom in percent."""
        return round(self._scale() * 100)

    def zoom_by(self, steps: int) -> None:
        """Show the pages larger or smaller."""
        self.set_zoom(round(self.zoom / STEP + steps) * STEP)

    def set_zoom(self, percent: int) -> None:
        """Show the pages at this size; 0 lets them fill the width there is."""
        self._zoom = max(LEAST, min(MOST, percent)) if percent else 0
        self._relay()
        self.zoom_changed.emit(self._zoom)

    def _scale(self) -> float:
        if self._zoom:
            return self._zoom / 100
        wide = max((paper.picture.wide for paper in self._papers), default=595.3)
        bar = self.verticalScrollBar().sizeHint().width()
        room = self.width() - 2 * theme.space(5) - bar
        return max(LEAST / 100, min(MOST / 100, room / wide))

    def _relay(self) -> None:
        scale = self._scale()
        for paper in self._papers:
            paper.lay(scale)
        if self._data:
            self._settle.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = event.angleDelta().y()
            if turned:
                self.zoom_by(1 if turned > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._zoom and event.size().width() != event.oldSize().width():
            self._relay()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange and self._data:
            self._settle.start()
        return super().event(event)

    # Drawing -----------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self._data:
            return
        data = self._data
        sharp = self._scale() * self.devicePixelRatioF()

        def drawn(made: tuple[Picture, ...]) -> None:
            if data is self._data:
                self._put(made)
                self._drawn = data
                # the pages have no place before the layout has run
                QTimer.singleShot(0, self, self._look)
                self.shown.emit()

        self._read(pictures, data, sharp, channel=f"sheet-view-{id(self)}", then=drawn)

    def _put(self, made: tuple[Picture, ...]) -> None:
        """Replace the pages; place, choice and focus stay."""
        height = self.verticalScrollBar().value()
        focused = next((b.mark.key for b in self.figures() if b.hasFocus()), "")
        old, self._papers = self._papers, [_Paper(picture, self._desk) for picture in made]
        before: QWidget = self
        for number, paper in enumerate(self._papers, start=1):
            seen: set[str] = set()
            for mark in self._marks:
                if mark.page != number:
                    continue
                joined = mark.key in seen and self._continues(paper, mark)
                button = FigureMark(mark, self, paper, first=not joined)
                seen.add(mark.key)
                paper.marks.append(button)
                if not joined:
                    QWidget.setTabOrder(before, button)
                    before = button
            paper.lay(self._scale())
            self._column.insertWidget(
                len(old) + number - 1, paper, 0, Qt.AlignmentFlag.AlignHCenter
            )
            paper.show()
        if focused:
            same = (b for b in self.figures() if b.mark.key == focused)
            if (button_again := next(same, None)) is not None:
                button_again.setFocus(Qt.FocusReason.OtherFocusReason)
        for paper in old:
            self._column.removeWidget(paper)
            paper.hide()
            paper.deleteLater()
        self._desk.adjustSize()
        self.verticalScrollBar().setValue(height)

    @staticmethod
    def _continues(paper: _Paper, mark: Mark) -> bool:
        """Tell whether a mark is the next line of the one before it."""
        last = paper.marks[-1].mark
        return last.key == mark.key and abs(mark.y - (last.y + last.height)) < mark.height
