"""The card of what is due: the follow-ups, links to all of them, and what stands in their place."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from casedesk.desk import theme
from casedesk.desk.states import Fault, Reading
from casedesk.desk.today import Target, Today
from casedesk.desk.today_followups import FollowUpList
from casedesk.desk.widgets import Card, EmptyState, button
from casedesk.kernel.language import _, date_text, number


class DueCard(Card):
    """The follow-ups of a day, or what is to be said instead: nothing more, reading, a fault."""

    asked = Signal(str, object)  # done, call or open; the FollowUp
    chosen = Signal(object)  # the Target of a link
    stopped = Signal()
    again = Signal()

    def __init__(self) -> None:
        """Begin blank."""
        more, answers = button("", kind="link"), button("", kind="link")
        links = QWidget()
        row = QHBoxLayout(links)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(3))
        for link in (answers, more):
            link.hide()
            row.addWidget(link)
        super().__init__(_("Follow-ups"), links)
        self.more, self.answers = more, answers
        self._all: dict[QWidget, Target | None] = {}
        more.clicked.connect(lambda: self._open_all(more))
        answers.clicked.connect(lambda: self._open_all(answers))
        self.setMinimumHeight(theme.px(280))
        self.list = FollowUpList()
        self.list.asked.connect(self.asked)
        self.nothing = EmptyState("circle-check", _("Nothing more today"))
        self.loading = Reading(_("Reading what is due today"))
        self.loading.stopped.connect(self.stopped)
        self.fault = Fault(_("Today could not be read"))
        self.fault.again.connect(self.again)
        self._blank = QWidget()
        self.shown = QStackedWidget()
        for part in (self._blank, self.list, self.nothing, self.loading, self.fault):
            self.shown.addWidget(part)
        self.body.addWidget(self.shown, 1)

    def show_day(self, today: Today) -> None:
        """Show what is due on a day, or who comes next where that is nothing."""
        self.list.show_rows(today.follow_ups, today.day)
        for link, text, total, target in (
            (self.more, _("All call-backs: {count}"), today.follow_ups_total, today.all_follow_ups),
            (self.answers, _("All answers due: {count}"), today.answers_total, today.all_answers),
        ):
            words = text.format(count=number(total))
            if link.text() != words:
                link.set_text(words)
            link.setVisible(target is not None)
            self._all[link] = target
        if today.follow_ups:
            self.shown.setCurrentWidget(self.list)
        else:
            self.nothing.set(_("Nothing more today"), self._next(today))
            self.shown.setCurrentWidget(self.nothing)

    def wipe(self) -> None:
        """Take names off the screen."""
        self.list.show_rows((), dt.date.min)
        self._all.clear()
        self.more.hide()
        self.answers.hide()
        self.shown.setCurrentWidget(self._blank)

    def begin_reading(self) -> None:
        """Take a fault away; rows of before stay until the new ones are there."""
        if self.shown.currentWidget() is self.fault:
            self.shown.setCurrentWidget(self._blank)

    def show_reading(self) -> None:
        """Say that the first reading takes a while."""
        self.shown.setCurrentWidget(self.loading)

    def show_stopped(self) -> None:
        """Say that somebody stopped the reading."""
        self.fault.say_stopped()
        self.shown.setCurrentWidget(self.fault)

    def show_fault(self, error: Exception) -> None:
        """Say what happened in place of the rows."""
        self.fault.say(error)
        self.shown.setCurrentWidget(self.fault)

    def _open_all(self, link: QWidget) -> None:
        if (target := self._all.get(link)) is not None:
            self.chosen.emit(target)

    @staticmethod
    def _next(today: Today) -> str:
        coming = today.next_follow_up
        if coming is None:
            return ""
        words = (
            _("The next call-back is promised to {name} for {day}.")
            if coming.enquiry_id
            else _("The next answer is due on {day}, for {name}.")
        )
        return words.format(name=coming.name, day=date_text(coming.day))
