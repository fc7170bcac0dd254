"""A short list of candidates for one person, each in three lines: who, what is known, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.painting import draw_key, draw_tag, draw_text, key_text, key_width, tag_width
from casedesk.desk.tables_model import Index
from casedesk.kernel.language import _, ngettext, number
from casedesk.kernel.query import Tagged

MOST_TAGS = 5


@dataclass(frozen=True)
class Candidate:
    """Somebody whom the person sought may be, in three lines."""

    key: int
    title: str
    latin: str = ""
    line: str = ""
    chips: tuple[Tagged, ...] = ()
    score: str = ""
    hint: str = ""
    refused: bool = False
    tip: str = ""

    def spoken(self, place: int) -> str:
        """Name the candidate in words, as a screen reader says it."""
        head = _("Match {number}").format(number=number(place))
        parts = (head, self.title, self.score, self.line, *(chip.text for chip in self.chips))
        return ", ".join(part for part in parts if part)


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Candidate] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return shown.spoken(index.row() + 1)
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown.tip or None
        return None


class CandidateList(QListView):
    """A short list of candidates, 72 pixels each; Enter or a double click chooses."""

    chosen = Signal(int)
    current_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin empty."""
        super().__init__(parent)
        self.hover_row = -1
        self.current_row = -1
        self._model = _Model(self)
        self.setModel(self._model)
        self._delegate = _Delegate(self)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Possible matches"))
        self.doubleClicked.connect(self._double_clicked)
        theme.watch.changed.connect(self.scheduleDelayedItemsLayout)

    def set_rows(self, rows: Sequence[Candidate]) -> None:
        """Show other candidates; the current one stays current where it is still among them."""
        kept = self.current_key()
        self._model.beginResetModel()
        self._model.rows = list(rows)
        self._model.endResetModel()
        self.hover_row = self.current_row = -1
        at = next((i for i, row in enumerate(rows) if row.key == kept), -1)
        if at >= 0:
            self.setCurrentIndex(self._model.index(at))
        elif kept:
            self.current_changed.emit(0)
        self.setAccessibleDescription(
            ngettext("{count} match", "{count} matches", len(rows)).format(count=len(rows))
        )

    def rows(self) -> list[Candidate]:
        """List the candidates."""
        return list(self._model.rows)

    def candidate(self, row: int) -> Candidate | None:
        """Give the candidate of a row, or None."""
        return self._model.rows[row] if 0 <= row < len(self._model.rows) else None

    def current_key(self) -> int:
        """Give the key of the current candidate, or 0."""
        found = self.candidate(self.current_row)
        return found.key if found else 0

    def select(self, key: int) -> None:
        """Make a candidate current."""
        for row, shown in enumerate(self._model.rows):
            if shown.key == key:
                self.setCurrentIndex(self._model.index(row))

    def choose(self, place: int) -> None:
        """Choose by place, 1 for the first, as Alt+1 does."""
        self._choose(place - 1)

    def _double_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _choose(self, row: int) -> None:
        found = self.candidate(row)
        if found is not None:
            self.chosen.emit(found.key)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        before = self.current_key()
        self.current_row = current.row()
        self.viewport().update()
        if self.current_key() != before and current.isValid():
            self.current_changed.emit(self.current_key())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._choose(self.current_row)
        elif event.text().strip() or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # letters and Alt keys belong to the page
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        row = self.indexAt(event.position().toPoint()).row()
        if row != self.hover_row:
            self.hover_row = row
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hover_row = -1
        self.viewport().update()


class _Delegate(QStyledItemDelegate):
    """Paints a candidate in three lines: who, what is known, and why; asks the list itself."""

    def __init__(self, source: CandidateList) -> None:
        super().__init__(source)
        self._source = source

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme.px(200), theme.row("candidate"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.row()
        shown = self._source.candidate(row)
        if shown is None:
            return
        place: QRect = option.rect
        current = row == self._source.current_row
        hover = row == self._source.hover_row
        ground = "select" if current else "hover" if hover else "surface"
        painter.fillRect(place, theme.colour(ground))
        line = QRect(place.left(), place.bottom(), place.width(), 1)
        painter.fillRect(line, theme.colour("border_soft"))
        if current:
            painter.fillRect(
                QRect(place.left(), place.top(), 2, place.height()), theme.colour("accent")
            )
        ink = theme.colour("muted" if shown.refused else "ink")
        muted = theme.colour("muted")
        pad = theme.space(3)
        inner = place.adjusted(pad, theme.px(7), -pad, -theme.px(7))
        third = inner.height() // 3
        lines = [
            QRect(inner.left(), inner.top() + i * third, inner.width(), third) for i in (0, 1, 2)
        ]
        right = inner.right() + 1
        right = self._paint_key(painter, lines[0], right, shown.hint)
        right = self._paint_score(painter, lines[0], right, shown.score, first=row == 0)
        room = max(0, right - inner.left() - theme.space(2))
        title = QRect(inner.left(), lines[0].top(), room, third)
        draw_text(painter, title, shown.title, "strong", ink)
        taken = theme.metrics("strong").horizontalAdvance(shown.title) + theme.space(2)
        if shown.latin and taken < room:
            latin = QRect(inner.left() + taken, lines[0].top(), room - taken, third)
            draw_text(painter, latin, shown.latin, "body", muted)
        draw_text(painter, lines[1], shown.line, "small", muted)
        draw_tags(painter, lines[2], shown.chips, lifted=current)

    def _paint_key(self, painter: QPainter, line: QRect, right: int, key: str) -> int:
        if not key:
            return right
        text = key_text(key)
        wide, tall = key_width(text), theme.control("kbd")
        top = line.top() + (line.height() - tall) // 2
        draw_key(painter, QRect(right - wide, top, wide, tall), text)
        return right - wide - theme.space(2)

    def _paint_score(
        self, painter: QPainter, line: QRect, right: int, score: str, *, first: bool
    ) -> int:
        if not score:
            return right
        style = "strong" if first else "body"
        wide = theme.metrics(style).horizontalAdvance(score) + 1
        place = QRect(right - wide, line.top(), wide, line.height())
        draw_text(painter, place, score, style, theme.colour("ink" if first else "muted"))
        return right - wide - theme.space(2)


def draw_tags(
    painter: QPainter, place: QRect, tags: Sequence[Tagged], *, lifted: bool = False
) -> None:
    """Draw tags in one line, at most five; those that do not fit become a number."""
    gap = theme.space(1)
    tall = min(theme.px(18), place.height())
    top = place.top() + (place.height() - tall) // 2
    widths = [tag_width(tag.text) for tag in tags]
    shown = min(len(tags), MOST_TAGS)
    while shown:
        rest = len(tags) - shown
        more = gap + tag_width(f"+{rest}") if rest else 0
        if sum(widths[:shown]) + gap * (shown - 1) + more <= place.width():
            break
        shown -= 1
    left = place.left()
    for tag, wide in zip(tags[:shown], widths, strict=False):
        draw_tag(painter, QRect(left, top, wide, tall), tag.text, tag.tone, lifted=lifted)
        left += wide + gap
    rest = len(tags) - shown
    if rest:
        # A number, in plain letters; it is no button and no sign.
        spot = QRect(left, top, max(0, place.right() + 1 - left), tall)
        draw_text(painter, spot, f"+{rest}", "small", theme.colour("muted"))
