"""Charts of the desk: bars by hour, bars to the right, a line of months. Each opens its records.

A chart can be read without seeing it: arrows move from value to value, Enter opens, and Ctrl+T
puts a table in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QToolTip,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.painting import key_text
from casedesk.desk.today import Point
from casedesk.desk.widgets import announce
from casedesk.kernel.language import _, number

GRID_LINES = 4
LEAST_BAR = 72
# A number that is a hair wider than was measured is drawn whole, not cut.
WHOLE = int(Qt.TextFlag.TextDontClip) | int(Qt.TextFlag.TextSingleLine)


def _wide(style: str, text: str) -> int:
    """Measure a text in a style, rounded up."""
    return theme.metrics(style).horizontalAdvance(text) + 1


def scale_of(greatest: float) -> tuple[int, int]:
    """Give the end of the axis and the step of its lines: round numbers, at most four lines."""
    greatest = max(1, greatest)
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * GRID_LINES >= greatest:
                lines = -(-int(greatest + 0.999) // (step * factor))
                return step * factor * max(1, lines), step * factor
        step *= 10


class Canvas(QWidget):
    """The drawn form of a chart: knows where each value stands, hears mouse and keys."""

    chosen = Signal(object)  # the Point that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        """Draw nothing yet."""
        super().__init__(parent)
        self.points: tuple[Point, ...] = ()
        self._at = self._hover = -1
        self._ring = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.watch.changed.connect(self.update)

    def set_points(self, points: Sequence[Point]) -> None:
        """Draw these values."""
        self.points = tuple(points)
        self._at = self._hover = -1
        self.updateGeometry()
        self.update()

    def words(self, point: Point) -> str:
        """Say one value in words, for the tip and for screen readers."""
        if point.usual is None:
            return _("{label}: {value}").format(label=point.label, value=number(point.value))
        return _("{label}: {value}, usual {usual}").format(
            label=point.label, value=number(point.value), usual=number(round(point.usual))
        )

    def place(self, index: int) -> QRect:
        """Tell which part of the widget belongs to a value."""
        raise NotImplementedError

    def draw(self, painter: QPainter) -> None:
        """Draw all values."""
        raise NotImplementedError

    def _under(self, spot: QPoint) -> int:
        return next((i for i in range(len(self.points)) if self.place(i).contains(spot)), -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.points:
            if 0 <= self._hover < len(self.points) and self.points[self._hover].open:
                painter.fillRect(self.place(self._hover), theme.colour("hover"))
            self.draw(painter)
        if self._ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            place = self.place(self._at) if 0 <= self._at < len(self.points) else self.rect()
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), 3, 3)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._under(event.position().toPoint())
        if under == self._hover:
            return
        self._hover = under
        link = under >= 0 and self.points[under].open is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        if under >= 0:
            # the tip reads markup, and a label may come from what people typed
            plain = self.words(self.points[under]).replace("&", "&amp;").replace("<", "&lt;")
            QToolTip.showText(event.globalPosition().toPoint(), plain, self)
        else:
            QToolTip.hideText()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        under = self._under(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and under >= 0:
            self._at = under
            self.chosen.emit(self.points[under])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.points) - 1
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self._go(max(0, self._at - 1))
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                self._go(min(last, self._at + 1))
            case Qt.Key.Key_Home:
                self._go(0)
            case Qt.Key.Key_End:
                self._go(last)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space if self._at >= 0:
                self.chosen.emit(self.points[self._at])
            case _:
                super().keyPressEvent(event)

    def _go(self, index: int) -> None:
        if not self.points:
            return
        self._at, self._ring = index, True
        self.setAccessibleDescription(self.words(self.points[index]))
        announce(self)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring = False
        self.update()

    def _axis(self, painter: QPainter, plot: QRect, end: int, step: int) -> None:
        """Draw grid lines with their numbers at the left of the plot."""
        painter.setFont(theme.font("caption"))
        for value in range(0, end + 1, step):
            y = plot.bottom() - plot.height() * value / end
            painter.setPen(QPen(theme.colour("chart_grid"), 0))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(theme.colour("muted"))
            tall = theme.line_height("caption")
            box = QRectF(0, y - tall / 2, plot.left() - theme.space(1), tall)
            flags = int(Qt.AlignmentFlag.AlignRight) | int(Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(box, flags | WHOLE, number(value))

    def _plot(self, end: int) -> QRect:
        tall = theme.line_height("caption")
        left = _wide("caption", number(end)) + theme.space(2)
        return self.rect().adjusted(left, tall // 2 + 1, -theme.space(1), -tall - theme.space(1))

    def _below(self, painter: QPainter) -> None:
        """Write the names of the values under the plot; every second one where it is narrow."""
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("muted"))
        widest = max((_wide("caption", p.label) for p in self.points), default=0)
        slot = max(1, self.place(0).width())
        every = -(-(widest + theme.space(1)) // slot)
        tall = theme.line_height("caption")
        for index, point in enumerate(self.points):
            if (len(self.points) - 1 - index) % every == 0:
                # a label that is wider than its slot still ends inside the picture
                wide = _wide("caption", point.label)
                middle = self.place(index).center().x()
                left = max(0, min(middle - wide // 2, self.width() - wide))
                box = QRect(left, self.height() - tall, wide, tall)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter) | WHOLE, point.label)


class Bars(Canvas):
    """Upright bars, each beside what is usual."""

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(130))

    def _end(self) -> tuple[int, int]:
        return scale_of(max((max(p.value, p.usual or 0) for p in self.points), default=1))

    def place(self, index: int) -> QRect:
        plot = self._plot(self._end()[0])
        slot = plot.width() / max(1, len(self.points))
        left = round(plot.left() + slot * index)
        right = round(plot.left() + slot * (index + 1))
        return QRect(left, plot.top(), right - left, plot.height())

    def draw(self, painter: QPainter) -> None:
        end, step = self._end()
        plot = self._plot(end)
        self._axis(painter, plot, end, step)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, point in enumerate(self.points):
            slot = QRectF(self.place(index))
            wide = max(2.0, slot.width() * 0.38)
            for value, token, left in (
                (point.usual, "chart_2", slot.center().x() - wide),
                (float(point.value), "chart_1", slot.center().x()),
            ):
                if value:
                    tall = plot.height() * value / end
                    painter.setBrush(theme.colour(token))
                    painter.drawRect(QRectF(left, plot.bottom() - tall, wide, tall))
        self._below(painter)


class SideBars(Canvas):
    """Bars to the right, a name at the left of each and its number behind it."""

    def sizeHint(self) -> QSize:
        rows = max(1, len(self.points))
        return QSize(theme.px(360), rows * theme.control("chip"))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), self.sizeHint().height())

    def place(self, index: int) -> QRect:
        tall = theme.control("chip")
        return QRect(0, index * tall, self.width(), tall)

    def columns(self) -> tuple[int, int]:
        """Share the width: numbers come first, then names, and the bars take what is left."""
        numbers = max((_wide("small", number(p.value)) for p in self.points), default=0)
        names = max((_wide("small", p.label) for p in self.points), default=0)
        rest = self.width() - numbers - 2 * theme.space(2)
        names = max(0, min(names, rest - theme.px(LEAST_BAR)))
        return names, max(1, rest - names)

    def draw(self, painter: QPainter) -> None:
        metrics = theme.metrics("small")
        greatest = max((p.value for p in self.points), default=1) or 1
        names, room = self.columns()
        left = names + theme.space(2)
        painter.setFont(theme.font("small"))
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        for index, point in enumerate(self.points):
            row = self.place(index)
            painter.setPen(theme.colour("ink"))
            name = metrics.elidedText(point.label, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRect(0, row.top(), names, row.height()), flags, name)
            wide = max(1, round(room * point.value / greatest)) if point.value else 0
            bar = QRect(left, row.top() + row.height() // 4, wide, row.height() // 2)
            painter.fillRect(bar, theme.colour("chart_1" if index == 0 else "chart_2"))
            painter.setPen(theme.colour("muted"))
            after = left + wide + theme.space(1)
            value = QRect(after, row.top(), self.width() - after, row.height())
            painter.drawText(value, flags | WHOLE, number(point.value))


class Line(Canvas):
    """A line through the months, from zero up; the last value is written at its end."""

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), theme.px(140))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), theme.px(120))

    def _end(self) -> tuple[int, int]:
        return scale_of(max((p.value for p in self.points), default=1))

    def place(self, index: int) -> QRect:
        plot = self._plot(self._end()[0])
        slot = plot.width() / max(1, len(self.points))
        left = round(plot.left() + slot * index)
        right = round(plot.left() + slot * (index + 1))
        return QRect(left, plot.top(), right - left, plot.height())

    def draw(self, painter: QPainter) -> None:
        end, step = self._end()
        plot = self._plot(end)
        self._axis(painter, plot, end, step)
        spots = [
            QPointF(
                self.place(index).center().x(), plot.bottom() - plot.height() * point.value / end
            )
            for index, point in enumerate(self.points)
        ]
        painter.setPen(QPen(theme.colour("chart_1"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(spots)
        painter.setBrush(theme.colour("chart_1"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(spots[-1], 3.0, 3.0)
        if 0 <= self._hover < len(spots):
            painter.drawEllipse(spots[self._hover], 3.0, 3.0)
        self._last(painter, plot, spots[-1])
        self._below(painter)

    def _last(self, painter: QPainter, plot: QRect, spot: QPointF) -> None:
        text = number(self.points[-1].value)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.colour("ink"))
        wide = _wide("strong", text)
        tall = theme.line_height("strong")
        # above the point where there is room, below it where the line is at the top
        top = spot.y() - tall - 5
        if top < 0:
            top = spot.y() + 5
        left = max(2.0, min(spot.x() - wide / 2, self.width() - wide - 4.0))
        ground = QRectF(left - 2, top, wide + 4, tall)
        painter.fillRect(ground, theme.colour("surface"))
        painter.drawText(ground, int(Qt.AlignmentFlag.AlignCenter) | WHOLE, text)


class Chart(QStackedWidget):
    """A canvas and its table twin; Ctrl+T changes from one to the other."""

    chosen = Signal(object)

    def __init__(
        self,
        canvas: Canvas,
        name: str,
        columns: tuple[str, str] | tuple[str, str, str],
        parent: QWidget | None = None,
    ) -> None:
        """Show the canvas; `columns` are the heads of the table twin."""
        super().__init__(parent)
        self.canvas, self._columns, self._name = canvas, columns, name
        self.table = QTableView()
        self._model = QStandardItemModel(self)
        self._filled = False
        self.table.setModel(self._model)
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(lambda index: self._open(index.row()))
        for part in (canvas, self.table):
            part.setAccessibleName(name)
            self.addWidget(part)
        canvas.chosen.connect(self.chosen)
        shortcut = QShortcut(QKeySequence("Ctrl+T"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.toggle)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Fixed)
        self.setFocusProxy(canvas)

    def set_points(self, points: Sequence[Point]) -> None:
        """Show these values, drawn and in the table."""
        self.canvas.set_points(points)
        summary = "; ".join(self.canvas.words(point) for point in points)
        key = key_text("Ctrl+T")
        hint = _("{key} shows a table.").format(key=key)
        self.canvas.setAccessibleDescription(f"{summary}. {hint}" if summary else hint)
        self._model.clear()
        self._filled = False
        if self.currentWidget() is self.table:
            self._fill()
        self.updateGeometry()

    def _fill(self) -> None:
        """Write the table; most people never look at it, so it waits until it is shown."""
        if self._filled:
            return
        self._filled = True
        points = self.canvas.points
        self._model.setHorizontalHeaderLabels(list(self._columns))
        for point in points:
            row = [point.label, number(point.value)]
            if len(self._columns) > len(row):
                row.append(number(round(point.usual or 0)))
            self._model.appendRow([QStandardItem(text) for text in row])
        for row_number in range(len(points)):
            self.table.setRowHeight(row_number, theme.row("table"))

    def toggle(self) -> None:
        """Put the table in the chart's place, or the chart in the table's."""
        to_table = self.currentWidget() is self.canvas
        if to_table:
            self._fill()
        shown = self.table if to_table else self.canvas
        self.setCurrentWidget(shown)
        self.setFocusProxy(shown)
        shown.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if to_table and self._model.rowCount():
            self.table.selectRow(0)

    def sizeHint(self) -> QSize:
        hint = self.canvas.sizeHint()
        return QSize(hint.width(), max(hint.height(), theme.px(120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.canvas.minimumSizeHint().width(), self.sizeHint().height())

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.canvas.points):
            self.chosen.emit(self.canvas.points[row])
