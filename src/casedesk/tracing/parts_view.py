"""Parts of the windows of tracing: a form in place, a field that finds, the stepper, the events."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, theme
from casedesk.desk.painting import draw_tag, tag_width
from casedesk.desk.widgets import (
    Divider,
    PlainLabel,
    has_ring,
    label,
    set_ring,
)
from casedesk.kernel.language import _, day_label, ngettext, number, short_date
from casedesk.kernel.query import Tagged
from casedesk.tracing.reading import Event, Step

KEEP_MS = 500
FIND_MS = 120
LEAST_CELL = 96
"""No field of a form is narrower; a line has fewer fields then."""
MOST_LEAD = 120
"""The column of names in a list of facts is no wider; longer names wrap."""
LEAST_FACTS = 260
"""In a narrower place the names of facts stand above their values."""
SHOWN_EVENTS = 30
FOLD_FROM = 3
"""So many calls one after the other become one line."""
_BETWEEN = 6
_WIDE_DAY = dt.date(2025, 9, 30)
Found = list[tuple[Any, str]]
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


def empty(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            empty(inner)
            inner.deleteLater()


class Stepper(QWidget):
    """The seven steps of a case in one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without a step."""
        super().__init__(parent)
        self._steps: tuple[Step, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.watch.changed.connect(self.updateGeometry)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show other steps."""
        self._steps = tuple(steps)
        now = next((i for i, step in enumerate(steps) if step.state == "now"), len(steps) - 1)
        if steps:
            self.setAccessibleName(
                _("Step {number} of {count}: {name}").format(
                    number=now + 1, count=len(steps), name=steps[now].label
                )
            )
        tips = (
            _("{step}: {date}").format(step=step.label, date=short_date(step.on))
            for step in steps
            if step.on is not None
        )
        self.setToolTip("\n".join(tips))
        self.update()

    def sizeHint(self) -> QSize:
        wide = sum(theme.metrics("small").horizontalAdvance(step.label) for step in self._steps)
        return QSize(wide + len(self._steps) * theme.px(30), theme.control("button"))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.control("button"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, gap = theme.px(14), theme.space(2)
        part = self.width() / max(1, len(self._steps))
        middle = self.height() / 2
        metrics = theme.metrics("small")
        painter.setFont(theme.font("small"))
        for at, step in enumerate(self._steps):
            left = at * part
            mark = QRectF(left + 1, middle - side / 2, side, side)
            done, now = step.state == "done", step.state == "now"
            painter.setPen(QPen(theme.colour("accent" if done or now else "border_control"), 1.5))
            painter.setBrush(theme.colour("accent" if done else "surface"))
            painter.drawEllipse(mark)
            if done:
                inner = side - theme.px(4)
                place = mark.center().toPoint()
                tick = icons.pixmap("check", "accent_on", inner)
                painter.drawPixmap(place.x() - inner // 2, place.y() - inner // 2, tick)
            elif now:
                painter.setBrush(theme.colour("accent"))
                painter.drawEllipse(mark.adjusted(4, 4, -4, -4))
            start = left + side + gap
            room = max(0, int(part - side - 3 * gap))
            words = metrics.elidedText(step.label, Qt.TextElideMode.ElideRight, room)
            painter.setPen(theme.colour("ink" if done or now else "muted"))
            box = QRectF(start, 0, room, self.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), words)
            rest = start + metrics.horizontalAdvance(words) + gap
            if at + 1 < len(self._steps) and rest < left + part - gap:
                painter.setPen(QPen(theme.colour("border"), 1))
                painter.drawLine(
                    round(rest), round(middle), round(left + part - gap), round(middle)
                )
        painter.end()


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


class TagLine(QWidget):
    """Tags that flow like words; painted, so that the next case only changes what is drawn."""

    def __init__(self, tags: Sequence[Tagged] = (), parent: QWidget | None = None) -> None:
        """Show the tags."""
        super().__init__(parent)
        self.tags: tuple[Tagged, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_tags(tags)
        theme.watch.changed.connect(self._fit)

    def set_tags(self, tags: Sequence[Tagged]) -> None:
        """Show other tags."""
        self.tags = tuple(tags)
        self.setAccessibleName(", ".join(tag.text for tag in self.tags))
        self.setVisible(bool(self.tags) or self.parentWidget() is None)
        self._fit()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = sum(tag_width(tag.text) + theme.space(1) for tag in self.tags)
        return QSize(max(0, wide - theme.space(1)), theme.px(18))

    def minimumSizeHint(self) -> QSize:
        widest = max((tag_width(tag.text) for tag in self.tags), default=0)
        return QSize(min(widest, theme.px(120)), theme.px(18))

    def _places(self) -> list[QRect]:
        made, x, y, tall = [], 0, 0, theme.px(18)
        for tag in self.tags:
            wide = min(tag_width(tag.text), max(1, self.width()))
            if x and x + wide > self.width():
                x, y = 0, y + tall + theme.space(1)
            made.append(QRect(x, y, wide, tall))
            x += wide + theme.space(1)
        return made

    def _fit(self) -> None:
        places = self._places()
        tall = places[-1].bottom() + 1 if places else theme.px(18)
        if self.minimumHeight() != tall:
            self.setFixedHeight(tall)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for tag, place in zip(self.tags, self._places(), strict=True):
            draw_tag(painter, place, tag.text, tag.tone)
        painter.end()


class Row(Protocol):
    """A widget of a list of rows; shows one thing after the other."""

    def show_item(self, item: Any) -> None:
        """Show this; nothing with None."""


class Rows(QWidget):
    """Widgets one under the other, used again for the next case instead of being made again."""

    def __init__(
        self,
        make: Callable[[], QWidget],
        nothing: str,
        *,
        rules: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`make` gives a widget that is a `Row`; `nothing` is said where there are none."""
        super().__init__(parent)
        self._make, self._rules = make, rules
        self._rows: list[tuple[Divider | None, QWidget]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space(2))
        self._nothing = label(nothing, "muted", self, wrap=True)
        self._column.addWidget(self._nothing)

    def show_items(self, items: Sequence[Any]) -> None:
        """Show these; rows that are left over forget what they showed."""
        while len(self._rows) < len(items):
            rule = Divider(self) if self._rules and self._rows else None
            row = self._make()
            for widget in filter(None, (rule, row)):
                self._column.addWidget(widget)
            self._rows.append((rule, row))
        for at, (rule, row) in enumerate(self._rows):
            item = items[at] if at < len(items) else None
            row.show_item(item)  # type: ignore[attr-defined]
            row.setVisible(item is not None)
            if rule is not None:
                rule.setVisible(item is not None)
        self._nothing.setVisible(not items)


class WrapLabel(PlainLabel):
    """Words in as many lines as they need; a word that is wider than the line breaks.

    So the label never asks for more width than there is, whatever somebody typed.
    """

    def __init__(self, text: str = "", style: str = "body", parent: QWidget | None = None) -> None:
        """Show the text in a style of the tokens."""
        super().__init__(text, style, parent)
        self.setWordWrap(True)

    def _breaks(self, width: int) -> bool:
        metrics = self.fontMetrics()
        return any(metrics.horizontalAdvance(word) > width for word in self.text().split())

    def _flags(self) -> int:
        top_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        return int(top_left) | int(Qt.TextFlag.TextWrapAnywhere)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(48), self.fontMetrics().height())

    def heightForWidth(self, width: int) -> int:
        if not self._breaks(width):
            return super().heightForWidth(width)
        box = QRect(0, 0, max(1, width), 100_000)
        return self.fontMetrics().boundingRect(box, self._flags(), self.text()).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._breaks(self.width()):
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self._flags(), self.text())
        painter.end()


class Facts(QWidget):
    """Facts as name and value, line by line; the lines are used again for the next case.

    The names have a column of their own; in a narrow place each stands above its value.
    """

    def __init__(self, lead: int = 96, parent: QWidget | None = None) -> None:
        """Begin empty; `lead` is the width of the names."""
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.space(2))
        self._grid.setVerticalSpacing(theme.space(1))
        self._grid.setColumnStretch(1, 1)
        self._lead = lead
        self._stacked = False
        self._lines: list[tuple[WrapLabel, WrapLabel]] = []

    def set_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these facts; what is not known stands back."""
        unknown = (_("Not known"), _("None noted"), _("Nobody"))
        while len(self._lines) < len(facts):
            line = (WrapLabel("", "muted", self), WrapLabel("", "body", self))
            line[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._lines.append(line)
            self._put(len(self._lines) - 1)
        for row, (name, value) in enumerate(self._lines):
            used = row < len(facts)
            if used:
                name.setText(facts[row][0])
                value.setText(facts[row][1])
                value.set_tone("muted" if facts[row][1] in unknown else "")
                value.setAccessibleName(f"{facts[row][0]}: {facts[row][1]}")
            else:
                value.setText("")
            name.setVisible(used)
            value.setVisible(used)
        self._fit_names()

    def _put(self, row: int) -> None:
        """Put a line where it belongs: name beside value, or above it."""
        name, value = self._lines[row]
        for widget in (name, value):
            self._grid.removeWidget(widget)
        if self._stacked:
            self._grid.addWidget(name, 2 * row, 0, 1, 2)
            self._grid.addWidget(value, 2 * row + 1, 0, 1, 2)
        else:
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(name, 2 * row, 0, top)
            self._grid.addWidget(value, 2 * row, 1, top)

    def _fit_names(self) -> None:
        """Make the column of names as wide as they are, within its limits."""
        wide = 0
        if not self._stacked:
            metrics = theme.metrics("body")
            names = (metrics.horizontalAdvance(name.text()) for name, _value in self._lines)
            wide = min(max(theme.px(self._lead), *names, 0), theme.px(MOST_LEAD))
        self._grid.setColumnMinimumWidth(0, wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self.width() < theme.px(LEAST_FACTS)
        if stacked is not self._stacked:
            self._stacked = stacked
            for row in range(len(self._lines)):
                self._put(row)
            self._fit_names()
            self._grid.invalidate()
            self._grid.activate()


def choices(words: dict[Any, Any], among: Iterable[Any] | None = None) -> list[tuple[Any, str]]:
    """Make the choices of a combo box from a table of words; values are plain texts."""
    made = []
    for value in words if among is None else among:
        text = words[value]
        made.append((str(value), _(text if isinstance(text, str) else text[0])))
    return made
