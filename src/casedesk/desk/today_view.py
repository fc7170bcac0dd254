"""The first page: what today holds, who waits for a call, and how the weeks go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import icons, keymap, theme
from casedesk.desk.charts import Bars, Canvas, Chart, Line, SideBars
from casedesk.desk.page import Command, Desk, Page
from casedesk.desk.painting import draw_check
from casedesk.desk.states import Fault, Reading
from casedesk.desk.today import Figure, Fit, FollowUp, Load, Point, Target, Today
from casedesk.desk.widgets import (
    Card,
    ElidedLabel,
    EmptyState,
    FlowLayout,
    Scroll,
    button,
    label,
)
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import N_, _, date_text, ngettext, number, weekday_text

RIGHT = 408
FIGURE_HEIGHT = 92
FITS = 3
"""So many new matches stand on the page."""
Index = QModelIndex | QPersistentModelIndex


class FigureCard(QFrame):
    """A number that is a link: its words, the number, and a note."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.figure: Figure | None = None
        self.underlined = False
        self._shown: tuple[object, ...] = ()
        self.setProperty("card", True)
        self.setFixedHeight(theme.px(FIGURE_HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space(3), theme.space(2), theme.space(3), theme.space(2))
        column.setSpacing(0)
        self._label = label("", "small")
        self._value = label("", "figure")
        self._note = label("", "small")
        for part in (self._label, self._value, self._note):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(part)

    def show_figure(self, figure: Figure | None) -> None:
        """Show a figure, or an empty card."""
        before, self.figure = self.figure, figure
        link = figure is not None and figure.open is not None
        shown = (figure.label, figure.value, figure.note, figure.tone, link) if figure else ()
        if shown == self._shown and (before is None) is (figure is None):
            return
        self._shown = shown
        self._label.setText(figure.label if figure else "")
        self._value.setText(number(figure.value) if figure else "")
        self._note.setText(figure.note if figure else "")
        tone = figure.tone if figure else "muted"
        if self._note.property("tone") != tone:
            self._note.set_tone(tone)
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        if figure is None:
            self.setAccessibleName("")
        elif link:
            self.setAccessibleName(
                _("{label}, {value}, opens the list").format(
                    label=figure.label, value=number(figure.value)
                )
            )
        else:
            self.setAccessibleName(
                _("{label}, {value}").format(label=figure.label, value=number(figure.value))
            )
        self.setAccessibleDescription(figure.note if figure else "")

    def _underline(self, on: bool) -> None:
        self.underlined = on and self.figure is not None and self.figure.open is not None
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._underline(True)

    def leaveEvent(self, event: QEvent) -> None:
        self._underline(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if self.figure is not None and self.figure.open is not None:
            self.chosen.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self.underlined:
            # a style sheet keeps the font of a label, so the line is drawn behind its words
            for part, style in ((self._label, "small"), (self._value, "figure")):
                metrics = theme.metrics(style)
                room = part.geometry()
                wide = min(metrics.horizontalAdvance(part.text()), room.width())
                foot = room.center().y() + (metrics.ascent() - metrics.descent()) // 2 + 3
                painter.setPen(QPen(theme.colour("muted" if style == "small" else "ink"), 1))
                painter.drawLine(room.left(), foot, room.left() + wide, foot)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("focus"), 2))
            corner = theme.radius("panel")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.end()


class FollowUps(QAbstractListModel):
    """The promises, the late ones on top under a heading of their own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hold nothing yet."""
        super().__init__(parent)
        self.rows: list[str | FollowUp] = []
        self.ticked: set[tuple[int, int]] = set()
        self._day = dt.date.min

    def show_rows(self, found: tuple[FollowUp, ...], day: dt.date) -> None:
        """Show these, as seen from a day."""
        late = [item for item in found if item.day < day]
        due = [item for item in found if item.day >= day]
        self.beginResetModel()
        self.rows, self._day, self.ticked = [], day, set()
        if late:
            self.rows += [_("Overdue"), *late]
        if due:
            self.rows += [_("Today"), *due]
        self.endResetModel()

    def when(self, item: FollowUp) -> str:
        """Say for when it was promised."""
        if item.day < self._day:
            days = (self._day - item.day).days
            return ngettext("{count} day late", "{count} days late", days).format(
                count=number(days)
            )
        return item.time or (_("During the day") if item.enquiry_id else _("Due today"))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if isinstance(row, str):
            return row
        # one sentence, which is what a screen reader speaks
        return _("{name}, {promise}, {when}").format(
            name=row.name, promise=row.promise, when=self.when(row)
        )

    def item(self, index: Index) -> FollowUp | None:
        """Give the promise of a row, or nothing for a heading."""
        row = self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None
        return row if isinstance(row, FollowUp) else None


class RowPainter(QStyledItemDelegate):
    """Draws headings and promises, 44 high: tick, who and what, when, Call now and Open."""

    def __init__(self, view: FollowUpList) -> None:
        """Paint for this view."""
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        heading = self._view.promises.item(index) is None
        return QSize(theme.px(200), theme.row("menu") if heading else theme.row("list_two_line"))

    @staticmethod
    def parts(row: QRect) -> dict[str, QRect]:
        """Tell where the tick and the two buttons of a row are."""
        side = theme.control("chip")
        metrics = theme.metrics("strong")
        open_wide = metrics.horizontalAdvance(_("Open")) + 2 * theme.space(2)
        call_wide = metrics.horizontalAdvance(_("Call now")) + 2 * theme.space(2)
        middle = row.center().y() - side // 2
        right = row.right() - theme.space(2)
        opens = QRect(right - open_wide, middle, open_wide, side)
        calls = QRect(opens.left() - theme.space(2) - call_wide, middle, call_wide, side)
        tick = QRect(row.left() + theme.space(2), middle, side, side)
        return {"done": tick, "call": calls, "open": opens}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        row = self._view.promises.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, str):
            self._heading(painter, rect, row, late=index.row() == 0 and row == _("Overdue"))
        else:
            self._promise(painter, rect, index, row)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, text: str, *, late: bool) -> None:
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("carmine" if late else "muted"))
        box = rect.adjusted(theme.space(3), 0, -theme.space(3), 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _promise(self, painter: QPainter, rect: QRect, index: Index, row: FollowUp) -> None:
        view = self._view
        at = view.currentIndex().row() == index.row()
        ticked = row.key in view.promises.ticked
        if at and view.hasFocus():
            painter.fillRect(rect, theme.colour("select"))
            painter.fillRect(
                QRect(rect.left(), rect.top(), 2, rect.height()), theme.colour("accent")
            )
        elif view.hover == index.row():
            painter.fillRect(rect, theme.colour("hover"))
        painter.setPen(QPen(theme.colour("border_soft"), 0))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        parts = self.parts(rect)
        side = theme.px(14)
        tick = QRect(0, 0, side, side)
        tick.moveCenter(parts["done"].center())
        hover = view.hover == index.row()
        if row.enquiry_id:
            draw_check(painter, tick, ticked, hover=hover and view.over == "done")
        else:
            painter.drawPixmap(tick.topLeft(), icons.pixmap("hourglass", "muted", side))
        ink = "disabled" if ticked else "ink"
        first = parts["open" if row.call is None else "call"]
        left, right = parts["done"].right() + theme.space(2), first.left() - theme.space(3)
        when = view.promises.when(row)
        wide = theme.metrics("small").horizontalAdvance(when) + theme.space(2)
        upper = QRect(left, rect.top() + theme.space(1), right - left - wide, rect.height() // 2)
        lower = QRect(left, rect.center().y(), right - left - wide, rect.height() // 2)
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
        for box, style, token, text in (
            (upper, "strong", ink, row.name),
            (lower, "small", "disabled" if ticked else "muted", row.promise),
        ):
            painter.setFont(theme.font(style))
            painter.setPen(theme.colour(token))
            cut = theme.metrics(style).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, flags, cut)
        painter.setFont(theme.font("small"))
        late = row.day < view.day and not ticked
        painter.setPen(theme.colour("carmine" if late else "disabled" if ticked else "muted"))
        place = QRect(right - wide, rect.top(), wide, rect.height())
        painter.drawText(place, flags | int(Qt.AlignmentFlag.AlignRight), when)
        for name, text, target in (
            ("call", _("Call now"), row.call),
            ("open", _("Open"), row.open),
        ):
            if target is not None:
                self._button(painter, parts[name], text, hover and view.over == name, ticked)

    def _button(
        self, painter: QPainter, box: QRect, text: str, hover: bool, disabled: bool
    ) -> None:
        painter.setBrush(theme.colour("hover" if hover and not disabled else "surface"))
        painter.setPen(QPen(theme.colour("border" if disabled else "border_control"), 1))
        corner = theme.radius("control")
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.colour("disabled" if disabled else "ink"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


class FollowUpList(QListView):
    """What is due. Enter opens; Space ticks a promised call off, Ctrl+Shift+C makes it."""

    asked = Signal(str, object)  # done, call or open; the FollowUp

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.promises = FollowUps(self)
        self.day = dt.date.min
        self.hover, self.over = -1, ""
        self.setModel(self.promises)
        self.setItemDelegate(RowPainter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Follow-ups"))
        # a real shortcut, so that it is found under a Cyrillic layout too
        call = QShortcut(QKeySequence("Ctrl+Shift+C"), self)
        call.setContext(Qt.ShortcutContext.WidgetShortcut)
        call.activated.connect(self._call)

    def show_rows(self, found: tuple[FollowUp, ...], day: dt.date) -> None:
        """Show these; the row that was current stays so where it is still there."""
        before = self.current()
        self.day = day
        self.hover = -1
        self.promises.show_rows(found, day)
        rows = self.promises.rows
        wanted = [
            row
            for row, item in enumerate(rows)
            if isinstance(item, FollowUp) and before and item.key == before.key
        ]
        first = [row for row, item in enumerate(rows) if isinstance(item, FollowUp)]
        for row in (wanted or first)[:1]:
            self.setCurrentIndex(self.promises.index(row))

    def current(self) -> FollowUp | None:
        """Give the promise of the current row."""
        return self.promises.item(self.currentIndex())

    def tick(self, item: FollowUp, on: bool) -> None:
        """Draw a promise as kept while the act is under way, or as open again."""
        (self.promises.ticked.add if on else self.promises.ticked.discard)(item.key)
        self.viewport().update()

    def _at(self, spot: QPoint) -> tuple[QModelIndex, str]:
        index = self.indexAt(spot)
        item = self.promises.item(index)
        if item is None:
            return index, ""
        if not item.enquiry_id:
            return index, "open"  # there is one thing to do with it, so the whole row does it
        parts = RowPainter.parts(self.visualRect(index))
        return index, next((name for name, box in parts.items() if box.contains(spot)), "")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index, over = self._at(event.position().toPoint())
        if (index.row(), over) != (self.hover, self.over):
            self.hover, self.over = index.row(), over
            self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hover, self.over = -1, ""
        self.viewport().update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index, over = self._at(event.position().toPoint())
        item = self.promises.item(index)
        if over and item is not None and event.button() == Qt.MouseButton.LeftButton:
            self._ask(over, item)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index, over = self._at(event.position().toPoint())
        item = self.promises.item(index)
        if item is not None and not over:
            self._ask("open", item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item, pressed = self.current(), keymap.latin(event.key()) or event.key()
        if item is not None and pressed in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask("open", item)
        elif item is not None and pressed in (Qt.Key.Key_Space, Qt.Key.Key_X):
            if item.enquiry_id:
                self._ask("done", item)
        else:
            super().keyPressEvent(event)

    def _call(self) -> None:
        item = self.current()
        if item is not None and item.call is not None:
            self._ask("call", item)

    def _ask(self, what: str, item: FollowUp) -> None:
        if item.key not in self.promises.ticked:
            self.asked.emit(what, item)


class TodayPage(Page):
    """Five figures, the follow-ups, and three charts; everything comes from one read."""

    key = "today"
    title = N_("Today")
    icon = "sun"
    shortcut = "Ctrl+1"

    def __init__(
        self,
        desk: Desk,
        load: Load,
        done: Callable[..., Any],
        parent: QWidget | None = None,
    ) -> None:
        """Take the read that fills the page, and the act `done(session, enquiry_id)`."""
        super().__init__(desk, parent)
        self._load, self._done_act = load, done
        self.today: Today | None = None
        self._stale = True
        self._reading: Job | None = None
        self._build()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(300)
        self._soon.timeout.connect(self.refresh)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(theme.delay("busy_delay"))
        self._late.timeout.connect(self._still_reading)
        desk.changed.connect(self._changed)

    def _build(self) -> None:
        content = QWidget()
        margin = theme.space(4)
        column = QVBoxLayout(content)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme.space(3))
        row = QHBoxLayout()
        row.setSpacing(theme.space(3))
        self.figures = [FigureCard() for _index in range(5)]
        for card in self.figures:
            card.chosen.connect(lambda card=card: self._go(card.figure.open))
            row.addWidget(card, 1)
        column.addLayout(row)
        lower = QHBoxLayout()
        lower.setSpacing(theme.space(3))
        left = QVBoxLayout()
        left.setSpacing(theme.space(3))
        self.fits = FitCard()
        self.fits.chosen.connect(self._go)
        left.addWidget(self.fits)
        left.addWidget(self._left(), 1)
        lower.addLayout(left, 1)
        lower.addWidget(self._right())
        column.addLayout(lower, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.whole = QStackedWidget()
        self.start = self._beginning()
        self.whole.addWidget(Scroll(content))
        self.whole.addWidget(Scroll(self.start))
        outer.addWidget(self.whole)

    def _beginning(self) -> QWidget:
        """Say what comes first in a file that holds nothing yet."""
        start = QWidget()
        column = QVBoxLayout(start)
        column.setSpacing(theme.space(2))
        column.addStretch(1)
        words = (
            label(_("This file holds no call and no case yet"), "lead", wrap=True),
            label(
                _("Begin with a call, or with a case. A table of cases can be brought in."),
                "muted",
                wrap=True,
            ),
        )
        for each in words:
            each.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(each)
        choices = QWidget()
        row = FlowLayout(choices, gap=2, line_gap=2)
        # F2 is the shell's own key, and it works here: the hint alone stands in the button's words
        self.new_call = button(
            _("New call ({key})").format(key=keymap.native("F2")), kind="primary", icon="phone"
        )
        self.new_case = button(_("New case"), icon="folder")
        self.bring_in = button(_("How to bring in a table"), kind="link")
        for made, page, args in (
            (self.new_call, "hotline", {"new": True}),
            (self.new_case, "cases", {"new": True}),
            (self.bring_in, "help", {"subject": "file.md"}),
        ):
            made.clicked.connect(lambda _on=False, p=page, a=args: self.desk.open(p, **a))
            row.addWidget(made)
        column.addSpacing(theme.space(2))
        column.addWidget(choices, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return start

    def _left(self) -> QWidget:
        self.more = button("", kind="link")
        self.more.clicked.connect(
            lambda: self._go(self.today.all_follow_ups if self.today else None)
        )
        self.answers = button("", kind="link")
        self.answers.clicked.connect(
            lambda: self._go(self.today.all_answers if self.today else None)
        )
        links = QWidget()
        row = QHBoxLayout(links)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(3))
        for link in (self.answers, self.more):
            link.hide()
            row.addWidget(link)
        card = Card(_("Follow-ups"), links)
        card.setMinimumHeight(theme.px(280))
        self.list = FollowUpList()
        self.list.asked.connect(self._asked)
        self.nothing = EmptyState("circle-check", _("Nothing more today"))
        self.loading = Reading(_("Reading what is due today"))
        self.loading.stopped.connect(self._stop)
        self.fault = Fault(_("Today could not be read"))
        self.fault.again.connect(self.refresh)
        self.left = QStackedWidget()
        self.blank = QWidget()
        for part in (self.blank, self.list, self.nothing, self.loading, self.fault):
            self.left.addWidget(part)
        card.body.addWidget(self.left, 1)
        return card

    def _right(self) -> QWidget:
        right = QWidget()
        right.setFixedWidth(theme.px(RIGHT))
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(3))
        self.hours = self._chart(
            Bars(), _("Calls by hour"), (_("Hour"), _("Today"), _("Usual")), column, self._legend()
        )
        self.reasons = self._chart(
            SideBars(), _("Reasons of the week, calls"), (_("Reason"), _("Calls")), column
        )
        self.months = self._chart(
            Line(), _("Open cases by month"), (_("Month"), _("Open cases")), column
        )
        column.addStretch(1)
        return right

    def _legend(self) -> QWidget:
        """Name the two colours of the bars, each behind a spot of its colour."""
        legend = QWidget()
        row = QHBoxLayout(legend)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1))
        for token, text in (("chart_1", _("Today")), ("chart_2", _("Usual"))):
            row.addWidget(Spot(token))
            row.addWidget(label(text, "caption"))
        return legend

    def _chart(
        self,
        canvas: Canvas,
        title: str,
        columns: tuple[str, str] | tuple[str, str, str],
        column: QVBoxLayout,
        extra: QWidget | None = None,
    ) -> Chart:
        chart = Chart(canvas, title, columns)
        chart.chosen.connect(self._point)
        card = Card(title, extra)
        card.body.addWidget(chart)
        column.addWidget(card)
        return chart

    def enter(self, **args: Any) -> None:
        """Come to the front: read again where something changed meanwhile, or the day did."""
        del args
        if self._stale or self.today is None or self.today.day != self.desk.today:
            self.refresh()
        else:
            self._say_day(self.today)

    def refresh(self) -> None:
        """Read everything anew."""
        self._stale = False
        self._late.start()
        if self.left.currentWidget() is self.fault:
            self.left.setCurrentWidget(self.blank)
        self._reading = self.read(
            self._load,
            self.desk.today,
            self.desk.actor,
            channel="today",
            then=self._show,
            failed=self._failed,
        )

    def wipe(self) -> None:
        """Take names off the screen."""
        self.today, self._stale = None, True
        for card in self.figures:
            card.show_figure(None)
        self.list.show_rows((), dt.date.min)
        for chart in (self.hours, self.reasons, self.months):
            chart.set_points(())
        self.fits.show_fits(())
        self.more.hide()
        self.answers.hide()
        self.left.setCurrentWidget(self.blank)

    def main_action(self) -> None:
        """Call the person of the current row."""
        self._current("call")

    def regions(self) -> list[QWidget]:
        """Figures, follow-ups, charts."""
        return [self.figures[0], self.fits, self.list, self.hours, self.reasons, self.months]

    def commands(self) -> list[Command]:
        """What can be done with the promise of the current row."""
        item = self.list.current()
        if item is None or item.call is None:
            return []
        return [
            Command(
                key="today.call",
                label=_("Call back now"),
                icon="phone",
                shortcut="Ctrl+Shift+C",
                run=lambda: self._current("call"),
            ),
            Command(
                key="today.done",
                label=_("Tick off the call-back"),
                icon="check",
                shortcut="Space",
                run=lambda: self._current("done"),
            ),
        ]

    def _current(self, what: str) -> None:
        item = self.list.current()
        if item is not None and item.call is not None:
            self._asked(what, item)

    def _changed(self, changes: object) -> None:
        """Something was written: read again soon, or when the page comes to the front."""
        del changes
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def _still_reading(self) -> None:
        if self.today is None:
            self.whole.setCurrentIndex(0)
            self.left.setCurrentWidget(self.loading)

    def _stop(self) -> None:
        """Let the reading be: nothing is shown, and one button begins anew."""
        if self._reading is not None:
            self._reading.cancel()
        self._late.stop()
        self._stale = True
        self.fault.say_stopped()
        self.left.setCurrentWidget(self.fault)

    def _failed(self, error: Exception) -> None:
        """Say what happened in place of the rows; what was read before stays on the screen."""
        self._late.stop()
        self._stale = True
        if self.today is not None:
            self.desk.notices.problem(error)
            return
        self.whole.setCurrentIndex(0)
        self.fault.say(error)
        self.left.setCurrentWidget(self.fault)

    def _show(self, today: Today) -> None:
        self._late.stop()
        self.today = today
        self.whole.setCurrentIndex(1 if today.empty else 0)
        for place, card in enumerate(self.figures):
            card.show_figure(today.figures[place] if place < len(today.figures) else None)
        self.fits.show_fits(today.fits)
        self.list.show_rows(today.follow_ups, today.day)
        for link, text, total, target in (
            (self.more, _("All call-backs: {count}"), today.follow_ups_total, today.all_follow_ups),
            (self.answers, _("All answers due: {count}"), today.answers_total, today.all_answers),
        ):
            words = text.format(count=number(total))
            if link.text() != words:
                link.set_text(words)
            link.setVisible(target is not None)
        if today.follow_ups:
            self.left.setCurrentWidget(self.list)
        else:
            self.nothing.set(_("Nothing more today"), self._next(today))
            self.left.setCurrentWidget(self.nothing)
        self.hours.set_points(today.hours)
        self.reasons.set_points(today.reasons)
        self.months.set_points(today.months)
        late = sum(1 for item in today.follow_ups if item.day < today.day)
        self.count_changed.emit(today.follow_ups_total + today.answers_total, late > 0)
        self._say_day(today)

    def _say_day(self, today: Today) -> None:
        self.subtitle_changed.emit(weekday_text(today.day))

    def _next(self, today: Today) -> str:
        coming = today.next_follow_up
        if coming is None:
            return ""
        words = (
            _("The next call-back is promised to {name} for {day}.")
            if coming.enquiry_id
            else _("The next answer is due on {day}, for {name}.")
        )
        return words.format(name=coming.name, day=date_text(coming.day))

    def _asked(self, what: str, item: FollowUp) -> None:
        if what == "done":
            self._tick_off(item)
        else:
            self._go(item.call if what == "call" else item.open)

    def _tick_off(self, item: FollowUp) -> None:
        self.list.tick(item, True)

        def done(_result: object) -> None:
            self.desk.notices.done(_("Call-back made"))

        def failed(error: Exception) -> None:
            self.list.tick(item, False)
            self.desk.notices.problem(error)

        self.write(self._done_act, item.enquiry_id, then=done, failed=failed)

    def _point(self, point: Point) -> None:
        self._go(point.open)

    def _go(self, target: Target | None) -> None:
        if target is not None:
            self.desk.open(target.page, **target.args)


class FitLine(QWidget):
    """Somebody who may be the person sought: who, in which case, how likely, and Compare."""

    def __init__(self, chosen: Callable[[Target], None]) -> None:
        """Hand the target over when Compare is pressed."""
        super().__init__()
        self.fit: Fit | None = None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(3))
        words = QVBoxLayout()
        words.setSpacing(0)
        self._name = ElidedLabel("", "strong")
        self._note = ElidedLabel("", "small")
        words.addWidget(self._name)
        words.addWidget(self._note)
        line.addLayout(words, 1)
        self._score = label("", "muted")
        line.addWidget(self._score)
        self.compare = button(_("Compare"))
        self.compare.clicked.connect(lambda: self.fit is not None and chosen(self.fit.open))
        line.addWidget(self.compare)

    def show_fit(self, fit: Fit | None) -> None:
        """Show a match, or nothing."""
        self.fit = fit
        self._name.setText(fit.name if fit else "")
        self._note.setText(fit.note if fit else "")
        self._score.setText(fit.score if fit else "")
        if fit is not None:
            self.compare.setAccessibleName(
                _("Compare: {name}, {note}").format(name=fit.name, note=fit.note)
            )
        self.setVisible(fit is not None)


class FitCard(Card):
    """New matches for one's own cases; not there where there are none."""

    chosen = Signal(object)  # the Target of a match

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(_("New matches for your cases"))
        self.lines = [FitLine(self.chosen.emit) for _line in range(FITS)]
        for line in self.lines:
            self.body.addWidget(line)
        self._more = label("", "muted")
        self.body.addWidget(self._more)
        self.show_fits(())

    def show_fits(self, fits: tuple[Fit, ...]) -> None:
        """Show the likeliest ones; the others come up as these are judged."""
        for at, line in enumerate(self.lines):
            line.show_fit(fits[at] if at < len(fits) else None)
        rest = max(0, len(fits) - FITS)
        words = ngettext("And {count} more", "And {count} more", rest)
        self._more.setText(words.format(count=number(rest)))
        self._more.setVisible(rest > 0)
        self.setVisible(bool(fits))


class Spot(QLabel):
    """A small square in a colour of the charts."""

    def __init__(self, token: str, parent: QWidget | None = None) -> None:
        """Draw in this token's colour."""
        super().__init__(parent)
        self._token = token
        self.setFixedSize(theme.px(10), theme.px(10))
        theme.watch.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour(self._token))
        painter.end()
