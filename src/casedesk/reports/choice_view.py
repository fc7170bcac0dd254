"""The left pane of the sheet studio: which sheet, what is to be decided, where to go on it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.painting import plain_tip
from casedesk.desk.widgets import (
    ComboBox,
    DateField,
    Divider,
    Field,
    Segments,
    clear_layout,
    label,
)
from casedesk.kernel import language
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.figures import Period
from casedesk.kernel.language import _
from casedesk.reports import sheet
from casedesk.reports.figure_view import spoken_now
from casedesk.reports.layout import Heading
from casedesk.reports.sheet import Edition
from casedesk.reports.warning_view import Warn, WarningCard
from casedesk.reports.wording import Lang

LEFT, LEFT_LONG = 224, 248
CUSTOM = "custom"


@dataclass(frozen=True)
class Choice:
    """Which sheet: everything that decides what is printed on it."""

    edition: Edition
    lang: Lang
    period: Period
    known_on: dt.date


def left_width() -> int:
    """Give the width of the pane; Russian words need more."""
    return theme.px(LEFT if language.current() == "en" else LEFT_LONG)


def periods(today: dt.date) -> list[tuple[str, str, Period]]:
    """Give the periods people ask for: key, words, days."""
    this = today.replace(day=1)
    before = (this - dt.timedelta(days=1)).replace(day=1)

    def month(first: dt.date) -> Period:
        days = calendar.monthrange(first.year, first.month)[1]
        return Period(first, first.replace(day=days))

    def year(number: int) -> Period:
        return Period(dt.date(number, 1, 1), dt.date(number, 12, 31))

    may = Period(dt.date(2025, 5, 1), dt.date(2025, 8, 31))
    return [
        ("this_month", _("This month"), month(this)),
        ("last_month", _("Last month"), month(before)),
        ("may_august", _("May to August 2025"), may),
        ("2024", _("Year 2024"), year(2024)),
        ("2025", _("Year 2025"), year(2025)),
        (CUSTOM, _("Other dates"), may),
    ]


class ChoicePane(QWidget):
    """Edition, language and days of the sheet; its warnings, its parts, the figures it quotes."""

    edition_chosen = Signal(object)  # its key
    chosen = Signal()  # another language or period: a sheet can be made of it at once
    typed = Signal()  # a date is being typed
    decided = Signal(object, str)  # Warn, and the reason
    heading_chosen = Signal(object)  # Heading
    quote_chosen = Signal(str)

    def __init__(
        self,
        today: Callable[[], dt.date],
        *,
        edition: str,
        start: str,
        parent: QWidget | None = None,
    ) -> None:
        """Begin with an edition, and with the period whose key is `start`."""
        super().__init__(parent)
        self._today = today
        self._listed: list[Warn] = []
        self._cards: list[WarningCard] = []
        self._headings: tuple[Heading, ...] = ()
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(3))
        self.edition = Segments(
            [("public", _("Public")), ("internal", _("Internal"))],
            value=edition,
            name=_("Edition"),
        )
        self.edition.chosen.connect(self.edition_chosen)
        self.language = ComboBox(
            [("en", _("English")), ("ru", _("Russian"))], value=spoken_now(), name=_("Language")
        )
        self.language.chosen.connect(lambda _value: self.chosen.emit())
        self.preset = ComboBox([(key, text) for key, text, _p in self.periods()], value=start)
        self.preset.chosen.connect(self._on_preset)
        period = next(period for key, _text, period in self.periods() if key == start)
        self.first = Field(_("From"), DateField(period.first))
        self.last = Field(_("To"), DateField(period.last))
        self.known = Field(
            _("As known on"),
            DateField(today()),
            hint=_("What was entered or changed later is left out."),
        )
        for name, editor in (
            (_("Edition"), self.edition),
            (_("Language of the sheet"), self.language),
            (_("Period"), self.preset),
        ):
            column.addWidget(Field(name, editor))
        for field in (self.first, self.last, self.known):
            column.addWidget(field)
            _date(field).textEdited.connect(self._on_typed)
        self._warnings = QVBoxLayout()
        self._warnings.setSpacing(theme.space(2))
        column.addLayout(self._warnings)
        column.addWidget(Divider())
        column.addWidget(label(_("On this sheet"), "section"))
        self._sections = QVBoxLayout()
        self._sections.setSpacing(theme.space(1))
        column.addLayout(self._sections)
        column.addWidget(Divider())
        column.addWidget(label(_("Quoted figures"), "section"))
        for quote, name in sheet.quotes(spoken_now()):
            made = Jump(name)
            made.clicked.connect(partial(self.quote_chosen.emit, quote))
            column.addWidget(made)
        column.addStretch(1)

    # What is chosen ----------------------------------------------------------------------------

    def periods(self) -> list[tuple[str, str, Period]]:
        """Give the periods people ask for: key, words, days."""
        return periods(self._today())

    def choice(self) -> Choice | None:
        """Read the pane; say under a date what is wrong with it."""
        days: dict[str, dt.date] = {}
        wrong = False
        for name, field in (("first", self.first), ("last", self.last), ("known", self.known)):
            field.error(None)
            try:
                day = _date(field).date()
            except CaseDeskError as error:
                field.error(str(error))
                wrong = True
                continue
            if day is None:
                field.error(_("Write a day, such as 2025-09-03."))
                wrong = True
                continue
            days[name] = day
        if wrong:
            return None
        try:
            period = Period(days["first"], days["last"])
        except CaseDeskError as error:
            self.last.error(str(error))
            return None
        return Choice(self.edition.value, self.language.value, period, days["known"])

    @property
    def wrong(self) -> bool:
        """Whether a date cannot be read."""
        return any(field.wrong for field in (self.first, self.last, self.known))

    def show_period(self, key: str) -> None:
        """Choose one of the periods people ask for."""
        self.preset.set_value(key)
        self._on_preset(key)

    def follow_day(self, before: dt.date) -> bool:
        """Know all up to today, where the day has changed and the one before stood there."""
        known = _date(self.known)
        if known.value == before.isoformat() != self._today().isoformat():
            known.set_date(self._today())
            return True
        return False

    def _on_preset(self, key: str) -> None:
        if key != CUSTOM:
            period = next(period for known, _text, period in self.periods() if known == key)
            _date(self.first).set_date(period.first)
            _date(self.last).set_date(period.last)
            self.chosen.emit()
        else:
            self.first.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_typed(self) -> None:
        first, last = _date(self.first).value, _date(self.last).value
        for key, _text, period in self.periods():
            if (period.first.isoformat(), period.last.isoformat()) == (first, last):
                self.preset.set_value(key)
                break
        else:
            self.preset.set_value(CUSTOM)
        self.typed.emit()

    # What the sheet has ------------------------------------------------------------------------

    def list_sections(self, headings: tuple[Heading, ...]) -> None:
        """List the parts of the sheet; each leads to its place."""
        if headings == self._headings:
            return
        self._headings = headings
        clear_layout(self._sections)
        for heading in headings:
            made = Jump(heading.title)
            made.clicked.connect(partial(self.heading_chosen.emit, heading))
            self._sections.addWidget(made)

    def list_warnings(self, warnings: Sequence[Warn]) -> None:
        """List what is to be decided; the same list again keeps what is typed into it."""
        if list(warnings) == self._listed:
            return
        self._listed = list(warnings)
        for card in self._cards:  # gone at once: what was decided can not be pressed again
            card.hide()
            card.setParent(None)
            card.deleteLater()
        self._cards = []
        for warning in warnings:
            made = WarningCard(warning)
            made.decided.connect(partial(self.decided.emit, warning))
            self._warnings.addWidget(made)
            self._cards.append(made)


def _date(field: Field) -> DateField:
    editor = field.editor
    assert isinstance(editor, DateField)  # noqa: S101 (made so above)
    return editor


class Jump(QAbstractButton):
    """A line of the left pane that goes somewhere; long words take a second line."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        """Say where it goes."""
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.watch.changed.connect(self.updateGeometry)

    def lines(self, width: int) -> list[str]:
        """Break the words into at most two lines; what is longer still ends with an ellipsis."""
        metrics, room = theme.metrics("body"), max(1, width - theme.space(1))
        made: list[str] = []
        rest = self.text().split()
        while rest:
            count = 1
            while (
                count < len(rest) and metrics.horizontalAdvance(" ".join(rest[: count + 1])) <= room
            ):
                count += 1
            if made:  # the second line takes all that is left
                count = len(rest)
            made.append(" ".join(rest[:count]))
            rest = rest[count:]
        return [metrics.elidedText(part, Qt.TextElideMode.ElideRight, room) for part in made]

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(1, len(self.lines(width))) * theme.line_height("body") + theme.px(4)

    def sizeHint(self) -> QSize:
        wide = left_width() - 2 * theme.space(4) - theme.control("scrollbar")
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shown = self.lines(self.width())
        whole = " ".join(shown) == " ".join(self.text().split())
        self.setToolTip("" if whole else plain_tip(self.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = QFont(theme.font("body"))
        font.setUnderline(self.underMouse() or self.hasFocus())
        painter.setFont(font)
        painter.setPen(theme.colour("accent_hover" if self.underMouse() else "accent"))
        tall = theme.line_height("body")
        for place, words in enumerate(self.lines(self.width())):
            box = QRect(0, theme.px(2) + place * tall, self.width(), tall)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.end()
