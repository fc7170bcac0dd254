"""What is painted rather than made of widgets: tags, ticks, keys, and the rows of lists."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from casedesk.desk import icons, theme
from casedesk.kernel.query import Brief, BriefTag, Cell, Tagged

Index = QModelIndex | QPersistentModelIndex
ONE_LINE = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
_LEFT = ONE_LINE | int(Qt.AlignmentFlag.AlignLeft)
_RIGHT = ONE_LINE | int(Qt.AlignmentFlag.AlignRight)
_SMOOTH = QPainter.RenderHint.Antialiasing
_NO_PEN = Qt.PenStyle.NoPen
_TONES = ("accent", "amber", "green", "carmine")
_CACHED = 4096
_elided: dict[tuple[str, str, int, int], str] = {}


def plain_tip(text: str) -> str:
    """Write a text for a tooltip so that Qt never takes it for rich text."""
    if "<" in text or "&" in text:
        return f"<span>{html.escape(text)}</span>"
    return text


@lru_cache(maxsize=256)
def key_text(key: str) -> str:
    """Write a key as this system prints it on its keyboard; Qt calls the Enter key Return."""
    written = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key
    return written.replace("Return", "Enter")


def fit(text: str, style: str, width: int) -> str:
    """Cut a text with an ellipsis where it is wider than the room; remembers what it cut."""
    key = (text, style, width, theme.text_size())
    found = _elided.get(key)
    if found is None:
        if len(_elided) >= _CACHED:
            _elided.clear()
        # A line break inside a cell would be painted as a line of its own.
        line = " ".join(text.split()) if "\n" in text else text
        found = theme.metrics(style).elidedText(line, Qt.TextElideMode.ElideRight, max(0, width))
        _elided[key] = found
    return found


def draw_text(
    painter: QPainter, place: QRect, text: str, style: str, ink: QColor, *, right: bool = False
) -> None:
    """Draw one line of text, cut where it does not fit."""
    painter.setFont(theme.font(style))
    painter.setPen(ink)
    painter.drawText(place, _RIGHT if right else _LEFT, fit(text, style, place.width()))


def tag_width(text: str) -> int:
    """Measure a tag."""
    return theme.metrics("small").horizontalAdvance(text) + theme.px(12) + 1


def draw_tag(
    painter: QPainter, place: QRect, text: str, tone: str, *, lifted: bool = False
) -> None:
    """Draw a tag: soft ground, words in the tone; `lifted` on a selected row."""
    ink, ground, _line = theme.tone(tone)
    painter.setRenderHint(_SMOOTH)
    painter.setPen(_NO_PEN)
    painter.setBrush(theme.colour("surface") if lifted else ground)
    painter.drawRoundedRect(place, theme.radius("chip"), theme.radius("chip"))
    painter.setRenderHint(_SMOOTH, False)
    draw_text(painter, place.adjusted(theme.px(6), 0, -theme.px(6), 0), text, "small", ink)


def key_width(text: str) -> int:
    """Measure the box of a key."""
    return theme.metrics("caption").horizontalAdvance(text) + theme.px(8)


def draw_key(painter: QPainter, place: QRect, text: str, ink: str = "muted") -> None:
    """Draw the small box that shows a key; words and line in one colour of the tokens."""
    painter.setRenderHint(_SMOOTH)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("border_control" if ink == "muted" else ink), 1))
    corner = theme.radius("tick")
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
    painter.setPen(theme.colour(ink))
    painter.setFont(theme.font("caption"))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)


def draw_check(
    painter: QPainter,
    place: QRect,
    state: bool | None,
    *,
    hover: bool = False,
    enabled: bool = True,
) -> None:
    """Draw the box of a tick: on, off, or in part (None)."""
    painter.setRenderHint(_SMOOTH)
    box = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
    corner = theme.radius("tick")
    if state is False:
        line = "border" if not enabled else "ink" if hover else "border_control"
        painter.setPen(QPen(theme.colour(line), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(box, corner, corner)
    else:
        painter.setPen(_NO_PEN)
        painter.setBrush(theme.colour("accent" if enabled else "disabled"))
        painter.drawRoundedRect(box, corner, corner)
        inner = max(8, place.width() - 2)
        mark = icons.pixmap("check" if state else "minus", "accent_on", inner)
        shift = (place.width() - inner) // 2
        painter.drawPixmap(place.left() + shift, place.top() + shift, mark)
    painter.setRenderHint(_SMOOTH, False)


def draw_bar(painter: QPainter, place: QRect) -> None:
    """Draw the grey bar of a cell that is not read yet."""
    tall = theme.px(8)
    top = place.top() + (place.height() - tall) // 2
    painter.fillRect(
        QRect(place.left(), top, max(0, place.width()), tall), theme.colour("border_soft")
    )


def _style(kind: str) -> str:
    return "strong" if kind == "strong" else "body"


class RowSource(Protocol):
    """What a table tells the painter of its rows."""

    hover_row: int
    current_row: int

    def cell(self, row: int, column: int) -> Cell | None:
        """Give what a cell shows; None while it is being read."""
        ...

    def kind(self, column: int) -> str:
        """Give the kind of a column: text, strong, muted, tag, number, date or tick."""
        ...

    def right(self, column: int) -> bool:
        """Tell whether a column stands at the right."""
        ...

    def is_ticked(self, row: int) -> bool:
        """Tell whether a row is ticked."""
        ...


class RowDelegate(QStyledItemDelegate):
    """Paints the cells of a table; asks the table itself, never the model's roles."""

    def __init__(self, source: RowSource, parent: QAbstractItemView) -> None:
        """Paint the rows of this source."""
        super().__init__(parent)
        self._source = source

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, column = index.row(), index.column()
        source = self._source
        place: QRect = option.rect
        current, ticked = row == source.current_row, source.is_ticked(row)
        chosen = current or ticked
        if chosen or row == source.hover_row:  # the ground of the others is painted already
            painter.fillRect(place, theme.colour("select" if chosen else "hover"))
        left, top, wide, tall = place.left(), place.top(), place.width(), place.height()
        painter.fillRect(left, top + tall - 1, wide, 1, theme.colour("border_soft"))
        if current and column == 0:
            painter.fillRect(left, top, 2, tall, theme.colour("accent"))
        kind = source.kind(column)
        if kind == "tick":
            side = theme.px(14)
            box = QRect(left + (wide - side) // 2, top + (tall - side) // 2, side, side)
            draw_check(painter, box, ticked, hover=row == source.hover_row)
            return
        pad = theme.space(2)
        inner = QRect(left + pad, top, wide - 2 * pad, tall - 1)
        cell = source.cell(row, column)
        if cell is None:
            draw_bar(painter, inner.adjusted(0, 0, -inner.width() // 3, 0))
        elif isinstance(cell, Tagged):
            self._paint_tagged(painter, inner, cell, kind, lifted=chosen)
        elif cell and kind == "tag":
            self._paint_tagged(painter, inner, Tagged(cell), kind, lifted=chosen)
        elif cell:
            ink = theme.colour("muted" if kind == "muted" else "ink")
            style = _style(kind)
            draw_text(painter, inner, cell, style, ink, right=source.right(column))

    def _paint_tagged(
        self, painter: QPainter, inner: QRect, cell: Tagged, kind: str, *, lifted: bool
    ) -> None:
        if not cell.text:
            return
        if kind != "tag":
            # A toned word in a column of words keeps their line: colour without the ground.
            toned = cell.tone if cell.tone in _TONES else "muted"
            ink = theme.colour("ink" if cell.tone == "neutral" else toned)
            draw_text(painter, inner, cell.text, _style(kind), ink)
            return
        tall = theme.px(18)
        box = QRect(
            inner.left() - theme.px(2),
            inner.top() + (inner.height() - tall) // 2,
            min(tag_width(cell.text), inner.width() + theme.px(2)),
            tall,
        )
        draw_tag(painter, box, cell.text, cell.tone, lifted=lifted)

    def is_cut(self, row: int, column: int, width: int) -> str:
        """Give the whole text of a cell that is short or cut at this width, or nothing."""
        cell = self._source.cell(row, column)
        if not cell or self._source.kind(column) == "tick":
            return ""
        if isinstance(cell, (Brief, BriefTag)):
            return cell.whole
        room = width - 2 * theme.space(2)
        if isinstance(cell, Tagged):
            if self._source.kind(column) == "tag":
                return cell.text if tag_width(cell.text) > room + theme.px(2) else ""
            cell = cell.text
        elif self._source.kind(column) == "tag":
            return cell if tag_width(cell) > room + theme.px(2) else ""
        style = _style(self._source.kind(column))
        return cell if fit(cell, style, room) != cell else ""

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        place: QRect = option.rect
        whole = self.is_cut(index.row(), index.column(), place.width())
        if whole:
            QToolTip.showText(event.globalPos(), plain_tip(whole), view)
        else:
            QToolTip.hideText()
        return True
