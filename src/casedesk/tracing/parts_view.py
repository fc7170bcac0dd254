"""Parts of the windows of tracing: the stepper, tags that flow, rows, labels that wrap, facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, theme
from casedesk.desk.painting import draw_tag, tag_width
from casedesk.desk.widgets import (
    Divider,
    PlainLabel,
    label,
)
from casedesk.kernel.language import _, short_date
from casedesk.kernel.query import Tagged
from casedesk.tracing.reading import Step

MOST_LEAD = 120
"""The column of names in a list of facts is no wider; longer names wrap."""
LEAST_FACTS = 260
"""In a narrower place the names of facts stand above their values."""


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
