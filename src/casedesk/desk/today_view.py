"""The first page: what today holds, who waits for a call, and how the weeks go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from casedesk.desk import keymap, theme
from casedesk.desk.page import Command, Desk, Page
from casedesk.desk.today import FollowUp, Load, Target, Today
from casedesk.desk.today_charts import Charts
from casedesk.desk.today_due import DueCard
from casedesk.desk.today_fits import FitCard
from casedesk.desk.today_tiles import FigureCard
from casedesk.desk.widgets import FlowLayout, Scroll, button, label
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import N_, _, weekday_text


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
        self.due = DueCard()
        self.due.asked.connect(self._asked)
        self.due.chosen.connect(self._go)
        self.due.stopped.connect(self._stop)
        self.due.again.connect(self.refresh)
        left.addWidget(self.due, 1)
        lower.addLayout(left, 1)
        self.charts = Charts()
        self.charts.chosen.connect(self._go)
        lower.addWidget(self.charts)
        column.addLayout(lower, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.whole = QStackedWidget()
        outer.addWidget(self.whole)  # before it is filled: what moves later is dressed once more
        self.start = self._beginning()
        self.whole.addWidget(Scroll(content, self.whole))
        self.whole.addWidget(Scroll(self.start, self.whole))

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
        self.due.begin_reading()
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
        self.due.wipe()
        self.charts.wipe()
        self.fits.show_fits(())

    def main_action(self) -> None:
        """Call the person of the current row."""
        self._current("call")

    def regions(self) -> list[QWidget]:
        """Figures, follow-ups, charts."""
        return [self.figures[0], self.fits, self.due.list, *self.charts.each]

    def commands(self) -> list[Command]:
        """What can be done with the promise of the current row."""
        item = self.due.list.current()
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
        item = self.due.list.current()
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
            self.due.show_reading()

    def _stop(self) -> None:
        """Let the reading be: nothing is shown, and one button begins anew."""
        if self._reading is not None:
            self._reading.cancel()
        self._late.stop()
        self._stale = True
        self.due.show_stopped()

    def _failed(self, error: Exception) -> None:
        """Say what happened in place of the rows; what was read before stays on the screen."""
        self._late.stop()
        self._stale = True
        if self.today is not None:
            self.desk.notices.problem(error)
            return
        self.whole.setCurrentIndex(0)
        self.due.show_fault(error)

    def _show(self, today: Today) -> None:
        self._late.stop()
        self.today = today
        self.whole.setCurrentIndex(1 if today.empty else 0)
        for place, card in enumerate(self.figures):
            card.show_figure(today.figures[place] if place < len(today.figures) else None)
        self.fits.show_fits(today.fits)
        self.due.show_day(today)
        self.charts.show_day(today)
        late = sum(1 for item in today.follow_ups if item.day < today.day)
        self.count_changed.emit(today.follow_ups_total + today.answers_total, late > 0)
        self._say_day(today)

    def _say_day(self, today: Today) -> None:
        self.subtitle_changed.emit(weekday_text(today.day))

    def _asked(self, what: str, item: FollowUp) -> None:
        if what == "done":
            self._tick_off(item)
        else:
            self._go(item.call if what == "call" else item.open)

    def _tick_off(self, item: FollowUp) -> None:
        self.due.list.tick(item, True)

        def done(_result: object) -> None:
            self.desk.notices.done(_("Call-back made"))

        def failed(error: Exception) -> None:
            self.due.list.tick(item, False)
            self.desk.notices.problem(error)

        self.write(self._done_act, item.enquiry_id, then=done, failed=failed)

    def _go(self, target: Target | None) -> None:
        if target is not None:
            self.desk.open(target.page, **target.args)
