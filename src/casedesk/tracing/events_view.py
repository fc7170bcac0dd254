"""What happened in a case, newest first: painted lines, of which calls fold into one."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from casedesk.desk import icons, theme
from casedesk.desk.painting import draw_tag, tag_width
from casedesk.desk.widgets import (
    has_ring,
    set_ring,
)
from casedesk.kernel.language import _, day_label, ngettext, number, short_date
from casedesk.tracing.reading import Event

SHOWN_EVENTS = 30
FOLD_FROM = 3
"""So many calls one after the other become one line."""
_BETWEEN = 6
_WIDE_DAY = dt.date(2025, 9, 30)


@dataclass(frozen=True)
class _Line:
    """One line of the list: an event, a run of calls in one line, or the way to the rest."""

    event: Event | None = None
    run: tuple[Event, ...] = ()
    rest: int = 0

    @property
    def key(self) -> int:
        """What stays the same while calls are added: the oldest call of the run."""
        return self.run[-1].id

    def words(self) -> str:
        """Say the line in one sentence, as a screen reader does."""
        if self.event is not None:
            event = self.event
            tag = event.tag.text if event.tag else ""
            parts = (short_date(event.on), event.title, tag, event.text, event.who)
            return ", ".join(part for part in parts if part)
        if self.run:
            return _run_words(self.run)
        if self.rest:
            return _("Show all {count}").format(count=number(self.rest))
        return _("Nothing noted yet")


def _run_words(run: Sequence[Event]) -> str:
    first, last = run[-1].on, run[0].on
    start = day_label(first) if first.year == last.year else short_date(first)
    words = ngettext(
        "{count} call, {first} to {last}", "{count} calls, {first} to {last}", len(run)
    )
    return words.format(count=number(len(run)), first=start, last=short_date(last))


class EventList(QWidget):
    """What happened, newest first; painted, because a hundred labels would stop the window.

    The newest lines are drawn, the others when they are asked for. With `fold` calls that follow
    each other are one line, which a click or Enter unfolds.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        limit: int = SHOWN_EVENTS,
        fold: bool = False,
        more: bool = True,
    ) -> None:
        """Begin empty; without `more` nothing leads to what is older than the limit."""
        super().__init__(parent)
        self.shown: tuple[Event, ...] = ()
        self.lines: list[_Line] = []
        self._limit, self._fold, self._more = limit, fold, more
        self._whole = False
        self._unfolded: set[int] = set()
        self._tops: list[int] = []
        self._at = 0
        self._over = -1
        self.setMouseTracking(True)
        self.setAccessibleName(_("What happened"))
        self._arrange()
        theme.watch.changed.connect(self._measure)

    def show_events(self, events: Iterable[Event], *, fresh: bool = False) -> None:
        """Show these events; `fresh` ones are of another case, and begin folded."""
        wanted = tuple(events)
        if fresh:
            self._whole, self._unfolded = False, set()
        elif wanted == self.shown:
            return
        self.shown = wanted
        self._arrange()

    def words(self) -> list[str]:
        """List what the lines say."""
        return [line.words() for line in self.lines]

    def acting(self) -> list[int]:
        """List the lines that can be clicked."""
        return [at for at, line in enumerate(self.lines) if line.run or line.rest]

    def act(self, at: int) -> None:
        """Do what a click on a line does: unfold a run, fold it again, show all."""
        line = self.lines[at]
        if line.run:
            self._unfolded ^= {line.key}
        elif line.rest:
            self._whole = True
        else:
            return
        self._arrange()

    # -- lines and their places -----------------------------------------------------------------

    def _arrange(self) -> None:
        lines: list[_Line] = []
        for kind, group in itertools.groupby(self.shown, key=lambda event: event.kind):
            run = tuple(group)
            if self._fold and kind == "call" and len(run) >= FOLD_FROM:
                lines.append(_Line(run=run))
                if run[-1].id not in self._unfolded:
                    continue
            lines.extend(_Line(event) for event in run)
        if len(lines) > self._limit and not self._whole:
            lines = lines[: self._limit]
            if self._more:
                lines.append(_Line(rest=len(self.shown)))
        self.lines = lines or [_Line()]
        acting = self.acting()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if acting else Qt.FocusPolicy.NoFocus)
        self._at = min(self._at, max(0, len(acting) - 1))
        self.setAccessibleDescription("\n".join(self.words()))
        self._measure()

    def _measure(self) -> None:
        """Find the top of each line at the width there is, and be exactly as high as all."""
        tops, top = [], 0
        for at, line in enumerate(self.lines):
            top += 2 * _BETWEEN + 1 if at else 0
            tops.append(top)
            top += self._draw(None, line, at, 0)
        self._tops = [*tops, top]
        if self.height() != top or self.minimumHeight() != top:
            self.setFixedHeight(top)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(240), self._tops[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._measure()

    def _line_at(self, y: float) -> int:
        """Find the line at a height that can be clicked, or -1."""
        at = bisect.bisect_right(self._tops, int(y)) - 1
        return at if at in self.acting() else -1

    # -- painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        seen = event.rect()
        for at, line in enumerate(self.lines):
            top, end = self._tops[at], self._tops[at + 1]
            if end < seen.top() or top > seen.bottom():
                continue
            if at:
                place = QRect(0, top - _BETWEEN - 1, self.width(), 1)
                painter.fillRect(place, theme.colour("border"))
            self._draw(painter, line, at, top)
        acting = self.acting()
        if acting and has_ring(self):
            at = acting[self._at]
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            tall = self._draw(None, self.lines[at], at, 0)
            painter.drawRect(QRect(1, self._tops[at], self.width() - 2, tall))
        painter.end()

    def _draw(self, painter: QPainter | None, line: _Line, at: int, top: int) -> int:
        """Lay the words of a line out, and paint them where there is a painter; give the height."""
        width = max(theme.px(180), self.width())
        if line.event is not None:
            return self._draw_event(painter, line.event, top, width)
        if not line.run and not line.rest:
            return self._words(painter, line.words(), "body", "muted", 0, top, width) - top
        lead = self._lead() if line.run else 0
        if line.run:
            opened = line.key in self._unfolded
            if painter is not None:
                side = theme.icon_size("row")
                mark = icons.pixmap("chevron-down" if opened else "chevron-right", "muted", side)
                painter.drawPixmap(lead - side - theme.space(1), top + theme.px(2), mark)
        ink = "accent_hover" if at == self._over else "accent"
        y = self._words(painter, line.words(), "body", ink, lead, top, width - lead)
        return max(y - top, theme.px(18))

    def _lead(self) -> int:
        wide = theme.metrics("small").horizontalAdvance(short_date(_WIDE_DAY))
        return int(wide) + 2 * theme.space(2)

    def _draw_event(self, painter: QPainter | None, event: Event, top: int, width: int) -> int:
        gap, left = theme.space(2), self._lead()
        lead = left - gap
        when = self._words(painter, short_date(event.on), "small", "muted", 0, top, lead)
        if event.at:
            when = self._words(painter, event.at, "caption", "muted", 0, when, lead)
        room = max(theme.px(60), width - left)
        tagged = min(tag_width(event.tag.text), room // 2) if event.tag else 0
        beside = room - tagged - gap if tagged else room
        y = self._words(painter, event.title, "strong", "ink", left, top, beside)
        if event.tag and painter is not None:
            place = QRect(width - tagged, top, tagged, theme.px(18))
            draw_tag(painter, place, event.tag.text, event.tag.tone)
        if event.text:
            y = self._words(painter, event.text, "body", "ink", left, y + 2, room)
        if event.who:
            y = self._words(painter, event.who, "caption", "muted", left, y + 2, room)
        return max(y, when, top + theme.px(18)) - top

    def _words(
        self, painter: QPainter | None, text: str, style: str, ink: str, x: int, y: int, width: int
    ) -> int:
        """Wrap at words and paint; a word that is wider than the line breaks; give the bottom."""
        metrics = theme.metrics(style)
        flags = int(Qt.TextFlag.TextWordWrap)
        longest = max(text.split(), key=len, default="")
        if metrics.horizontalAdvance(longest) > width:
            flags |= int(Qt.TextFlag.TextWrapAnywhere)
        box = metrics.boundingRect(QRect(x, y, width, 100_000), flags, text)
        if painter is not None:
            painter.setFont(theme.font(style))
            painter.setPen(theme.colour(ink))
            painter.drawText(QRect(x, y, width, box.height()), flags, text)
        return y + box.height()

    # -- keys and mouse -------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._line_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def _hover(self, at: int) -> None:
        if at != self._over:
            self._over = at
            if at < 0:
                self.unsetCursor()
            else:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._line_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self.act(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acting = self.acting()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if acting and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.act(acting[self._at])
        elif step is not None and 0 <= self._at + step < len(acting):
            self._at += step
            self.update()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        set_ring(self, event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        set_ring(self, None)
