"""The call form: what the caller says at the left, whom it may be about at the right.

Nothing here waits for the file: matches come when they come, and saving leaves the form as it is
until the file has answered. What is typed is kept as a draft from the first key.
"""

from __future__ import annotations

import itertools
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import icons, theme
from casedesk.desk.page import Page
from casedesk.desk.soon import Soon
from casedesk.desk.widgets import CheckBox, Divider, Field, Scroll, button, label
from casedesk.hotline import rules
from casedesk.hotline.call import CallText, CannotSave, Link, Problem
from casedesk.hotline.caller_view import CallerView
from casedesk.hotline.door import CandidateRow, CaseDoor, Found, Taken
from casedesk.hotline.matches_view import MatchPanel
from casedesk.hotline.parts_view import (
    CallField,
    CallNotes,
    ErrorList,
    HintButton,
    KeyLine,
    ReasonRow,
    WarningSheet,
    WrapCheck,
)
from casedesk.hotline.promise_view import PromiseView
from casedesk.hotline.records import Consent, Reason
from casedesk.hotline.sought_view import SoughtView
from casedesk.kernel import clock
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.language import _

KEEP_MS = 1000
MATCHES = 20


class CallView(QWidget):
    """One call at a time: begun, parked, taken up again, saved."""

    saved = Signal(object)  # Taken: the call is in the file
    case_asked = Signal(int)  # the case to open beside the call, which waits meanwhile
    parked = Signal(object)  # the CallText that was put aside; None for one with nothing in it

    def __init__(self, page: Page, door: CaseDoor | None) -> None:
        """Work for a page; without a door no cases are looked for."""
        super().__init__(page)
        self._page, self._door = page, door
        self.call: CallText | None = None
        self._filling = False
        self._saving = False
        self._was_kept = False
        self._shown: list[Problem] = []
        self._talk = QElapsedTimer()
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tell_time)
        self._search_soon = Soon(self.search, self)
        self._keep_soon = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keep_soon.timeout.connect(self.keep)
        self._build()
        self._connect()

    # -- widgets --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.caller = CallerView(self._page.read, self._door)
        self.sought = SoughtView()
        self.promise = PromiseView()
        column.addWidget(self._make_bar())
        column.addWidget(Divider())
        body = QHBoxLayout()
        body.setSpacing(0)
        self._form = QWidget()
        self._fill_form(self._form)
        self._scroll = Scroll(self._form)
        self.matches = MatchPanel()
        body.addWidget(self._scroll)
        body.addWidget(Divider(vertical=True))
        body.addWidget(self.matches, 1)
        column.addLayout(body, 1)
        column.addWidget(Divider())
        column.addWidget(KeyLine(_key_hints()))
        self.matches.set_cases(self._door is not None)
        self.warning = WarningSheet(self)
        theme.watch.changed.connect(self._measure)
        self._measure()
        self._order()

    def _make_bar(self) -> QWidget:
        bar = QWidget()
        bar.setProperty("ground", "surface")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bar = bar
        line = QHBoxLayout(bar)
        line.setContentsMargins(theme.space(4), 0, theme.space(4), 0)
        line.setSpacing(theme.space(2))
        self._dot = QLabel()
        self._timer = label("", "timer")
        line.addWidget(self._dot)
        line.addWidget(self._timer)
        line.addSpacing(theme.space(2))
        line.addWidget(self.caller.number_line)
        line.addStretch(1)
        self.park_button = button(_("Park"), key="F6", icon="pause")
        self.plain_button = button(_("Save without link"))
        self.save_button = button(_("Save call"), key="Ctrl+Return", kind="primary")
        for made in (self.park_button, self.plain_button, self.save_button):
            line.addWidget(made)
        return bar

    def _fill_form(self, form: QWidget) -> None:
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, theme.space(2))
        column.setSpacing(0)
        self.errors = ErrorList()
        column.addWidget(self.errors)
        column.addWidget(_section(self.caller))
        column.addWidget(Divider())
        self.reason = ReasonRow()
        column.addWidget(_section(self.reason, self._make_scam()))
        column.addWidget(Divider())
        column.addWidget(_section(self.sought))
        column.addWidget(Divider())
        self.notes = CallNotes()
        self.notes_field = CallField(_("Notes"), self.notes)
        column.addWidget(_section(self.notes_field), 1)
        column.addWidget(Divider())
        self.consent = WrapCheck(
            _("Caller agrees that we keep the data and share it to trace the person")
        )
        self.statistics = WrapCheck(_("Statistics only: no name and no number are kept"))
        column.addWidget(_section(self.promise, self.consent, self.statistics, gap=0))

    def _make_scam(self) -> QWidget:
        """Where the call is about a scam, the text that helps stands one key away."""
        self._scam = QWidget()
        line = QHBoxLayout(self._scam)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        line.addWidget(label(_("Warn the caller before anything else."), "muted", wrap=True), 1)
        self.warning_button = HintButton(_("Warning text"), "F8")
        line.addWidget(self.warning_button)
        return self._scam

    def _order(self) -> None:
        """Tab goes in the order people talk, then to Save."""
        order: list[QWidget] = [
            *self.caller.stops(), self.reason, *self.sought.stops(), self.notes,
            *self.promise.stops(), self.consent, self.statistics,
            self.save_button, self.plain_button, self.park_button,
            self.matches.list,
        ]  # fmt: skip
        for one, other in itertools.pairwise(order):
            QWidget.setTabOrder(one, other)

    def _measure(self) -> None:
        self._fit()
        self._bar.setFixedHeight(theme.px(48))
        self._show_dot()

    def _fit(self) -> None:
        """Give the form its column: wider with larger text, while the matches keep their half."""
        self._scroll.setFixedWidth(min(theme.px(604), max(604, self.width() // 2)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.warning.setGeometry(self.rect())

    def _show_dot(self) -> None:
        running = self._talk.isValid()
        tone = "green" if running else "faint"
        self._dot.setPixmap(icons.pixmap("circle", tone, theme.icon_size("row")))

    def _connect(self) -> None:
        self.park_button.clicked.connect(self.park)
        self.plain_button.clicked.connect(lambda: self.save(link=False))
        self.save_button.clicked.connect(lambda: self.save())
        self.errors.jumped.connect(self._jump)
        self.caller.edited.connect(self._edited)
        self.caller.taken.connect(self.search)
        self.sought.edited.connect(self._edited)
        self.sought.described.connect(self._described)
        self.sought.turned.connect(self._turned)
        self.promise.edited.connect(self._edited)
        self.notes.textChanged.connect(self._edited)
        self.reason.chosen.connect(self._reason_chosen)
        self.consent.toggled.connect(lambda on: self._consent_toggled(self.statistics, on))
        self.statistics.toggled.connect(lambda on: self._consent_toggled(self.consent, on))
        self.matches.marked.connect(self._mark)
        self.matches.refused.connect(self._refuse)
        self.matches.scope_changed.connect(lambda _everybody: self.search())
        self.matches.new_case.connect(self.save_as_case)
        self.matches.case_asked.connect(self.case_asked)
        self.warning_button.clicked.connect(self.warning.open_sheet)
        for keys, act in (
            ("Alt+N", lambda: self.notes.setFocus(Qt.FocusReason.ShortcutFocusReason)),
            ("Alt+Down", self._to_matches),
            ("Alt+Up", self._to_form),
            ("Ctrl+S", self.keep_now),
            ("Ctrl+N", self.save_as_case),
            ("F8", self._warn),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)

    # -- one call -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take a new call; the cursor stands in the name."""
        now = clock.now().astimezone()
        self._show(CallText.begin(now, clock.today()), talking=True)
        self._was_kept = False
        self.sought.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_about(self, person_id: int, case_number: str = "") -> None:
        """Fill in whom the call is about, and link it, where that is known beforehand."""
        call = self.call

        def found(known: tuple[str, int | None]) -> None:
            if call is not None and self.call is call:
                name, case_id = known
                self.sought.propose(name, Link(person_id, case_id, name))

        self._page.read(_asked_for, person_id, case_number, self._door, then=found)

    def take_up(self, call: CallText, *, talking: bool) -> None:
        """Go on with a call that was parked or left unfinished."""
        call.parked = False
        self._show(call, talking=talking)
        self._was_kept = True
        self.sought.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, call: CallText, *, talking: bool) -> None:
        self._filling = True
        self.call = call
        self.caller.show_call(call)
        self.promise.show_call(call)
        reasons = {reason.value for reason in Reason}
        self.reason.set_value(
            Reason(call.reason) if call.reason in reasons else Reason.SEEKING_RELATIVE
        )
        self._scam.setVisible(self.reason.value is Reason.SCAM)
        self.warning.hide()
        self.notes.set_value(call.notes)
        self.consent.setChecked(call.consent == Consent.YES.value)
        self.statistics.setChecked(call.consent == Consent.STATISTICS_ONLY.value)
        self._filling = False
        self._clear_errors()
        self.matches.clear()
        self.sought.show_persons(call.sought)
        self._talk.invalidate()
        if talking:
            self._talk.start()
        self._second.start()
        self._tell_time()
        self._set_saving(False)

    def _collect(self) -> CallText:
        """Bring what stands in the widgets into the call."""
        call = self.call
        assert call is not None  # noqa: S101
        self.caller.collect()
        call.reason = self.reason.value.value
        call.notes = self.notes.toPlainText()
        self.promise.collect()
        consent = Consent.YES if self.consent.isChecked() else Consent.UNKNOWN
        if self.statistics.isChecked():
            consent = Consent.STATISTICS_ONLY
        call.consent = consent.value
        self.sought.collect()
        return call

    def _tell_time(self) -> None:
        if not self._talk.isValid():
            self._timer.setText(_("Not on a call"))
        else:
            seconds = self._seconds()
            self._timer.setText(f"{seconds // 60:02}:{seconds % 60:02}")
        self._show_dot()

    def _seconds(self) -> int:
        before = self.call.seconds if self.call is not None else 0
        return before + (self._talk.elapsed() // 1000 if self._talk.isValid() else 0)

    # -- drafts ---------------------------------------------------------------------------------

    def _edited(self, *_values: Any) -> None:
        if not self._filling and self.call is not None:
            self._keep_soon.start()

    def _described(self) -> None:
        if self.call is not None:
            self._search_soon.ask()
            self._keep_soon.start()

    def _turned(self) -> None:
        self._show_link()
        self.search()

    def keep(self) -> None:
        """Keep what is typed inside the file, in the background."""
        self._keep_soon.stop()
        if self.call is None or self._saving:
            return
        call = self._collect()
        if call.empty and not self._was_kept:
            return
        self._was_kept = True
        seconds, call.seconds = call.seconds, self._seconds()
        self._page.desk.keep_draft(call.key, call.to_json())
        call.seconds = seconds

    def keep_now(self) -> None:
        """Keep the draft because somebody asked for it, and say so."""
        self.keep()
        if self.call is not None:
            self._page.desk.notices.done(_("Draft kept."), undo=False)

    def park(self) -> None:
        """Put the call aside; it waits in the list of parked calls. One with nothing in it goes."""
        if self.call is None or self._saving:
            return
        call = self._collect()
        call.seconds = self._seconds()
        call.parked = True
        self._stop()
        if not call.empty:
            self._page.desk.keep_draft(call.key, call.to_json())
        elif self._was_kept:
            self._page.desk.drop_draft(call.key)
        self.call = None
        self.parked.emit(None if call.empty else call)

    def _stop(self) -> None:
        for timer in (self._keep_soon, self._search_soon, self._second):
            timer.stop()
        self._talk.invalidate()
        for part in (self.caller, self.sought, self.promise):
            part.end_call()

    def hide_people(self) -> None:
        """Take what was read from the file off the screen; what was typed stays."""
        self.matches.clear()
        self.caller.hide_known()

    def read_again(self) -> None:
        """Search again for what is typed."""
        if self.call is not None:
            self.search()
            self.caller.look_up()

    # -- matches --------------------------------------------------------------------------------

    def search(self) -> None:
        """Ask who in the file it may be; an older question is dropped."""
        self._search_soon.stop()
        if self.call is None or self._door is None:
            return
        call, at = self._collect(), self.sought.at
        person = call.sought[at]
        asked = not person.empty
        caller = call.caller_words or call.caller_name
        typed = person.typed(call.caller_id, caller, self.matches.everybody)

        def found(answer: Found) -> None:
            if self.call is call and self.sought.at == at:
                self.matches.set_found(answer, asked=asked)
                self._show_link()

        self._page.read(self._door.candidates, typed, MATCHES, channel="candidates", then=found)

    def _show_link(self) -> None:
        if self.call is not None:
            person = self.sought.collect()
            self.matches.set_link(_link_key(person.link), person.refused)

    def _mark(self, row: CandidateRow) -> None:
        """Link the person shown to a candidate; the same candidate again undoes it."""
        if self.call is None:
            return
        person = self.sought.collect()
        if _link_key(person.link) == row.key:
            person.link = None
        else:
            words = row.name or row.latin
            person.link = Link(row.person_id, row.case_id, words)
            if row.key in person.refused:
                person.refused.remove(row.key)
        self._show_link()
        self._edited()

    def _refuse(self, row: CandidateRow) -> None:
        """Note that a candidate is somebody else, or take that back."""
        if self.call is None:
            return
        person = self.sought.collect()
        if row.key in person.refused:
            person.refused.remove(row.key)
        else:
            person.refused.append(row.key)
            if _link_key(person.link) == row.key:
                person.link = None
        self._show_link()
        self._edited()

    def _to_matches(self) -> None:
        self.matches.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_form(self) -> None:
        self.sought.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- saving ---------------------------------------------------------------------------------

    def save_as_case(self) -> None:
        """Save the call and open a case for the person shown."""
        if self._door is not None:
            self.save(new_case=True)

    def save(self, *, link: bool = True, new_case: bool = False) -> None:
        """Save the call with its links as one act; what needs a look is said under its field."""
        if self.call is None or self._saving:
            return
        self._clear_errors()
        call = self._collect()
        call.seconds, before = self._seconds(), call.seconds
        attempt = CallText.from_json(call.to_json())
        call.seconds = before
        assert attempt is not None  # noqa: S101  (written a line above)
        if not link:
            for person in attempt.sought:
                person.link = None
        at = self.sought.at
        if new_case:
            attempt.sought[at].new_case = True
            attempt.sought[at].link = None
        problems: list[Problem] = []
        if new_case and not attempt.sought[at].name.strip():
            problems.append(
                Problem("name", _("Write the name of the person the case is about."), at)
            )
        try:
            draft, about, caller = attempt.build(self._page.desk.actor, clock.today())
        except CannotSave as error:
            known = {(problem.field, problem.person) for problem in problems}
            problems += [p for p in error.problems if (p.field, p.person) not in known]
        if problems:
            self._show_problems(problems)
            return
        self._set_saving(True)
        self._keep_soon.stop()
        key = call.key

        def done(result: Any) -> None:
            # the draft goes once the call is in the file, not before
            self._page.desk.drop_draft(key)
            self._stop()
            self.call = None
            self._set_saving(False)
            taken = result if isinstance(result, Taken) else Taken(result.id or 0)
            self.saved.emit(taken)

        def failed(error: Exception) -> None:
            self._set_saving(False)
            if isinstance(error, CaseDeskError):
                self.errors.show_errors([], str(error))
                self._scroll.ensureWidgetVisible(self.errors)
            else:
                self._page.desk.notices.problem(error)
            self.keep()

        opens = self._door is not None and any(item.new_case for item in about)
        links = self._door is not None and any(item.case_id is not None for item in about)
        if self._door is not None and (opens or links):
            act = self._door.call_to_case if opens else self._door.call_for_case
            self._page.write(act, draft, about, caller, then=done, failed=failed)
        else:
            sought = [item.sought() for item in about]
            self._page.write(rules.log_call, draft, sought, caller, then=done, failed=failed)

    def _set_saving(self, on: bool) -> None:
        self._saving = on
        for made in (self.save_button, self.plain_button, self.park_button):
            made.setEnabled(not on)
        for opens in (self.matches.new_button, self.matches.first_button):
            opens.setEnabled(not on)

    # -- errors ---------------------------------------------------------------------------------

    def _all_fields(self) -> dict[str, Field]:
        return {
            **self.sought.fields,
            **self.promise.fields,
            "caller_name": self.caller.field,
            "notes": self.notes_field,
        }

    def _clear_errors(self) -> None:
        self._shown = []
        self.errors.show_errors([])
        for field in self._all_fields().values():
            if field.wrong:
                field.error(None)

    def _show_problems(self, problems: list[Problem]) -> None:
        self._shown = problems
        first = problems[0]
        if first.person >= 0 and first.person != self.sought.at:
            self.sought.go_to_person(first.person)
        fields = self._all_fields()
        for problem in problems:
            if problem.person in (-1, self.sought.at) and problem.field in fields:
                fields[problem.field].error(problem.text)
        self.errors.show_errors([(self._words(p), p.text) for p in problems])
        self._jump(0)

    def _words(self, problem: Problem) -> str:
        field = self._all_fields().get(problem.field)
        words = {"number": _("Telephone number"), "consent": _("Statistics only")}
        name = field.name if field is not None else words.get(problem.field, _("Call"))
        if problem.person > 0:
            return _("{field} of person {number}").format(field=name, number=problem.person + 1)
        return name

    def _jump(self, index: int) -> None:
        if not 0 <= index < len(self._shown):
            return
        problem = self._shown[index]
        if problem.person >= 0 and problem.person != self.sought.at:
            self.sought.go_to_person(problem.person)
            field = self.sought.fields.get(problem.field)
            if field is not None:
                field.error(problem.text)
        others: dict[str, QWidget] = {"number": self.caller.number, "consent": self.statistics}
        known = self._all_fields().get(problem.field)
        target = known.editor if known is not None else others.get(problem.field, self.sought.name)
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._scroll.ensureWidgetVisible(target)

    # -- ticks and keys -------------------------------------------------------------------------

    def _reason_chosen(self, reason: Reason) -> None:
        self._scam.setVisible(reason is Reason.SCAM)
        self._edited()

    def _warn(self) -> None:
        if self.call is not None:
            self.warning.open_sheet()

    def _consent_toggled(self, other: CheckBox, on: bool) -> None:
        if on and other.isChecked():
            other.setChecked(False)
        self._edited()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            # Esc goes back to where the call begins; it never throws anything away
            self.sought.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        super().keyPressEvent(event)


def _section(*parts: QWidget, gap: int = 3) -> QWidget:
    """Put parts of the form one under the other, with the air there is round a section."""
    made = QWidget()
    column = QVBoxLayout(made)
    side = theme.space(4)
    column.setContentsMargins(side, theme.space(3), side, theme.space(3))
    column.setSpacing(theme.space(gap) if gap else 0)
    for part in parts:
        column.addWidget(part)
    return made


def _asked_for(
    session: Session, person_id: int, case_number: str, door: CaseDoor | None
) -> tuple[str, int | None]:
    """Read the name of a person and the case that a call is to be about."""
    name, latin = rules.names_of(session, [person_id]).get(person_id, ("", ""))
    case = door.case_id(session, case_number) if door is not None and case_number else None
    return name or latin, case


def _link_key(link: Link | None) -> int:
    if link is None:
        return 0
    return link.case_id if link.case_id is not None else -link.person_id


def _key_hints() -> list[tuple[str, str]]:
    return [
        ("Alt+1", _("link to match 1")),
        ("Ctrl+Return", _("save")),
        ("F6", _("park")),
        ("Alt+C", _("same person")),
        ("Alt+N", _("notes")),
        ("Alt+Down", _("to the matches")),
        ("Ctrl+N", _("new case")),
        ("Ctrl+Shift+N", _("another person")),
        ("F8", _("scam warning")),
        ("Alt+M", _("weaker matches")),
        ("Shift+F6", _("parked calls")),
    ]
