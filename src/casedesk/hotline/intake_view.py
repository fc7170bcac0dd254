"""The call form: what the caller says at the left, whom it may be about at the right.

Nothing here waits for the file: matches come when they come, and saving leaves the form as it is
until the file has answered. What is typed is kept as a draft from the first key.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import icons, theme
from casedesk.desk.page import Page
from casedesk.desk.soon import Soon
from casedesk.desk.widgets import (
    CheckBox,
    Chip,
    ChipRow,
    DateField,
    Divider,
    ElidedLabel,
    Field,
    LineEdit,
    Scroll,
    Tag,
    button,
    label,
)
from casedesk.hotline import rules
from casedesk.hotline.call import CallText, CannotSave, Link, Problem, SoughtText
from casedesk.hotline.door import CandidateRow, CaseDoor, Found, Taken, case_words
from casedesk.hotline.listing import LANGUAGES
from casedesk.hotline.matches_view import MatchPanel
from casedesk.hotline.parts_view import (
    BornEdit,
    CallCombo,
    CallField,
    CallNotes,
    CallSegments,
    ErrorList,
    HintButton,
    KeyLine,
    NameEdit,
    ReasonRow,
    WarningSheet,
    WrapCheck,
)
from casedesk.hotline.records import Consent, Reason
from casedesk.hotline.rules import KnownCaller
from casedesk.kernel import clock
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.fields import phone_key
from casedesk.kernel.language import _, ngettext, short_date
from casedesk.people.records import Sex
from casedesk.people.wording import RELATIONS

SEARCH_MS = 120
KEEP_MS = 1000
MATCHES = 20
_TOP = Qt.AlignmentFlag.AlignTop
Callers = list[tuple[KnownCaller, list[str]]]


def callers(session: Session, e164: str, door: CaseDoor | None) -> Callers:
    """Read who has a number, with the cases in which they are enquirers."""
    return [
        (caller, door.enquirer_in(session, caller.person_id) if door else [])
        for caller in rules.callers_by_number(session, e164)
    ]


def asked_for(
    session: Session, person_id: int, case_number: str, door: CaseDoor | None
) -> tuple[str, int | None]:
    """Read the name of a person and the case that a call is to be about."""
    name, latin = rules.names_of(session, [person_id]).get(person_id, ("", ""))
    case = door.case_id(session, case_number) if door is not None and case_number else None
    return name or latin, case


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
        self._at = 0
        self._filling = False
        self._saving = False
        self._was_kept = False
        self._removed: SoughtText | None = None
        self._callers: Callers = []
        self._caller_at = 0
        self._shown: list[Problem] = []
        self._talk = QElapsedTimer()
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tell_time)
        self._search_soon = Soon(SEARCH_MS, self.search, self)
        self._caller_soon = Soon(SEARCH_MS, self._find_caller, self)
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
        self.number = LineEdit(name=_("Telephone number"), placeholder=_("Number of the caller"))
        self._number_tag = Tag("")
        line.addSpacing(theme.space(2))
        line.addWidget(self.number)
        line.addWidget(self._number_tag)
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
        column.addWidget(_section(self._make_caller()))
        column.addWidget(Divider())
        self.reason = ReasonRow()
        column.addWidget(_section(self.reason, self._make_scam()))
        column.addWidget(Divider())
        column.addWidget(_section(self._make_head(), *self._make_person()))
        column.addWidget(Divider())
        self.notes = CallNotes()
        self.notes_field = CallField(_("Notes"), self.notes)
        column.addWidget(_section(self.notes_field), 1)
        column.addWidget(Divider())
        self.consent = WrapCheck(
            _("Caller agrees that we keep the data and share it to trace the person")
        )
        self.statistics = WrapCheck(_("Statistics only: no name and no number are kept"))
        column.addWidget(_section(self._make_promise(), self.consent, self.statistics, gap=0))

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

    def _make_caller(self) -> QWidget:
        strip = QWidget()
        line = QHBoxLayout(strip)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(3))
        self._face = QLabel()
        line.addWidget(self._face, 0, Qt.AlignmentFlag.AlignTop)
        self._known = QWidget()
        words = QVBoxLayout(self._known)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(1)
        first = QHBoxLayout()
        first.setSpacing(theme.space(2))
        self._caller_name = ElidedLabel("", "strong", keep=280)
        self._caller_latin = ElidedLabel("", "muted")
        self._caller_speaks = label("", "muted")
        first.addWidget(self._caller_name)
        first.addWidget(self._caller_latin)
        first.addWidget(self._caller_speaks)
        first.addStretch(1)
        words.addLayout(first)
        self._caller_line = ElidedLabel("", "muted")
        words.addWidget(self._caller_line)
        line.addWidget(self._known, 1)
        self._unknown = QWidget()
        fields = QHBoxLayout(self._unknown)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(theme.space(3))
        self.caller = NameEdit()
        self.caller_field = CallField(_("Caller: family name, given name"), self.caller)
        self.speaks = CallCombo(
            [("", _("Not noted")), *((key, _(words)) for key, words in LANGUAGES.items())]
        )
        fields.addWidget(self.caller_field, 11, _TOP)
        fields.addWidget(Field(_("Speaks"), self.speaks), 4, _TOP)
        line.addWidget(self._unknown, 1)
        self.same_button = button(_("Same person"), key="Alt+C")
        self.other_button = button(_("Somebody else"), kind="link")
        choice = QVBoxLayout()
        choice.setSpacing(0)
        choice.addWidget(self.same_button, 0, Qt.AlignmentFlag.AlignRight)
        choice.addWidget(self.other_button, 0, Qt.AlignmentFlag.AlignRight)
        line.addLayout(choice)
        return strip

    def _make_head(self) -> QVBoxLayout:
        whole = QVBoxLayout()
        whole.setSpacing(theme.space(1))
        head = QHBoxLayout()
        head.setSpacing(theme.space(2))
        head.addWidget(label(_("Person sought"), "section"))
        head.addStretch(1)
        self.another = button(_("Another person"), key="Ctrl+Shift+N", kind="link")
        head.addWidget(self.another)
        whole.addLayout(head)
        self._several = QWidget()
        line = QHBoxLayout(self._several)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        self._persons = ChipRow()
        line.addWidget(self._persons, 1)
        self.take_away = button(_("Take away"), kind="link")
        self.bring_back = button(_("Bring back"), kind="link")
        line.addWidget(self.take_away)
        line.addWidget(self.bring_back)
        whole.addWidget(self._several)
        return whole

    def _make_person(self) -> tuple[QHBoxLayout, ...]:
        self.name = NameEdit()
        self.relation = CallCombo([(k, _(w)) for k, w in RELATIONS.items()])
        self.born = BornEdit()
        self.sex = CallSegments(
            [(Sex.M, _("Man")), (Sex.F, _("Woman")), (Sex.UNKNOWN, _("?"))],
            value=Sex.UNKNOWN,
            name=_("Sex"),
        )
        self.mother = LineEdit(call=True)
        self.place = LineEdit(call=True)
        self.contact = DateField(partial=True, call=True)
        self.contact.setPlaceholderText(_("2024-03"))
        self.fields: dict[str, Field] = {
            "name": CallField(_("Family name, given name"), self.name),
            "relation": CallField(_("The caller is the"), self.relation),
            "born": CallField(_("Born about"), self.born),
            "sex": CallField(_("Sex"), self.sex),
            "mother": CallField(_("Mother's given name"), self.mother),
            "place": CallField(_("Last known place"), self.place),
            "contact": CallField(_("Last contact"), self.contact),
        }
        rows = (
            (("name", 11), ("relation", 4)),
            (("born", 4), ("sex", 4), ("mother", 7)),
            (("place", 11), ("contact", 4)),
        )
        return tuple(_row([(self.fields[name], part) for name, part in row]) for row in rows)

    def _make_promise(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(theme.space(1))
        self.call_back = WrapCheck(_("Promised call-back goes to my follow-ups"))
        column.addWidget(self.call_back)
        self.back_on = DateField(call=True)
        self.back_on.setPlaceholderText(_("2025-09-03"))
        self.back_at = LineEdit(placeholder=_("09:30"), call=True)
        self.promise = LineEdit(call=True)
        self.back_fields = {
            "back_on": CallField(_("Day"), self.back_on),
            "back_at": CallField(_("Time"), self.back_at),
            "promise": CallField(_("What we promised, one line"), self.promise),
        }
        self._promised = QWidget()
        parts = zip(self.back_fields.values(), (4, 3, 8), strict=True)
        self._promised.setLayout(_row(list(parts)))
        column.addWidget(self._promised)
        return column

    def _order(self) -> None:
        """Tab goes in the order people talk, then to Save."""
        order: list[QWidget] = [
            self.number, self.caller, self.speaks, self.same_button, self.other_button,
            self.reason, self.name, self.relation, self.born, self.sex, self.mother, self.place,
            self.contact, self.notes, self.call_back, self.back_on, self.back_at, self.promise,
            self.consent, self.statistics, self.save_button, self.plain_button, self.park_button,
            self.matches.list,
        ]  # fmt: skip
        for one, other in itertools.pairwise(order):
            QWidget.setTabOrder(one, other)

    def _measure(self) -> None:
        self._fit()
        self._bar.setFixedHeight(theme.px(48))
        self.number.setFixedWidth(theme.px(190))
        self._show_face()

    def _fit(self) -> None:
        """Give the form its column: wider with larger text, while the matches keep their half."""
        self._scroll.setFixedWidth(min(theme.px(604), max(604, self.width() // 2)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.warning.setGeometry(self.rect())

    def _show_face(self) -> None:
        side = theme.icon_size("nav")
        self._face.setPixmap(icons.pixmap("user-round", "muted", side))
        running = self._talk.isValid()
        tone = "green" if running else "faint"
        self._dot.setPixmap(icons.pixmap("circle", tone, theme.icon_size("row")))

    def _connect(self) -> None:
        self.park_button.clicked.connect(self.park)
        self.plain_button.clicked.connect(lambda: self.save(link=False))
        self.save_button.clicked.connect(lambda: self.save())
        self.same_button.clicked.connect(self.same_person)
        self.other_button.clicked.connect(self.somebody_else)
        self.another.clicked.connect(self.add_person)
        self.take_away.clicked.connect(self.remove_person)
        self.bring_back.clicked.connect(self.return_person)
        self.errors.jumped.connect(self._jump)
        self.number.textChanged.connect(self._number_edited)
        for edit in (self.name, self.born, self.mother, self.place, self.contact):
            edit.textChanged.connect(self._person_edited)
        for text in (self.caller, self.back_on, self.back_at, self.promise):
            text.textChanged.connect(self._edited)
        self.notes.textChanged.connect(self._edited)
        self.sex.chosen.connect(self._person_edited)
        for combo in (self.relation, self.speaks):
            combo.chosen.connect(self._edited)
        self.reason.chosen.connect(self._reason_chosen)
        self.call_back.toggled.connect(self._promise_toggled)
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
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def ask_about(self, person_id: int, case_number: str = "") -> None:
        """Fill in whom the call is about, and link it, where that is known beforehand."""
        call = self.call

        def found(known: tuple[str, int | None]) -> None:
            if call is None or self.call is not call or not self._collect().sought[0].empty:
                return
            name, case_id = known
            call.sought[0].name = name
            call.sought[0].link = Link(person_id, case_id, name)
            self._at = 0
            self._show_person()

        self._page.read(asked_for, person_id, case_number, self._door, then=found)

    def take_up(self, call: CallText, *, talking: bool) -> None:
        """Go on with a call that was parked or left unfinished."""
        call.parked = False
        self._show(call, talking=talking)
        self._was_kept = True
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, call: CallText, *, talking: bool) -> None:
        self._filling = True
        self.call, self._at, self._removed = call, 0, None
        self._callers, self._caller_at = [], 0
        self.number.set_value(call.number)
        self.caller.set_value(call.caller_name)
        self.speaks.set_value(call.language)
        reasons = {reason.value for reason in Reason}
        self.reason.set_value(
            Reason(call.reason) if call.reason in reasons else Reason.SEEKING_RELATIVE
        )
        self._scam.setVisible(self.reason.value is Reason.SCAM)
        self.warning.hide()
        self.notes.set_value(call.notes)
        self.call_back.setChecked(call.call_back)
        self.back_on.set_value(call.back_on)
        self.back_at.set_value(call.back_at)
        self.promise.set_value(call.promise)
        self._promised.setVisible(call.call_back)
        self.consent.setChecked(call.consent == Consent.YES.value)
        self.statistics.setChecked(call.consent == Consent.STATISTICS_ONLY.value)
        self._filling = False
        self._clear_errors()
        self.matches.clear()
        self._show_person()
        self._talk.invalidate()
        if talking:
            self._talk.start()
        self._second.start()
        self._tell_time()
        self._set_saving(False)
        self._find_caller()

    def _show_person(self) -> None:
        assert self.call is not None  # noqa: S101  (only called with a call on the form)
        person = self.call.sought[self._at]
        self._filling = True
        self.name.set_value(person.name)
        relations = dict(RELATIONS)
        relations.setdefault(person.relation, person.relation)
        self.relation.set_choices([(k, _(w)) for k, w in relations.items()], value=person.relation)
        self.born.set_value(person.born)
        self.sex.set_value(Sex(person.sex) if person.sex in {s.value for s in Sex} else Sex.UNKNOWN)
        self.mother.set_value(person.mother)
        self.place.set_value(person.place)
        self.contact.set_value(person.contact)
        self._filling = False
        self._show_persons()
        self._show_link()
        self.search()

    def _show_persons(self) -> None:
        assert self.call is not None  # noqa: S101
        several = len(self.call.sought) > 1
        self._persons.clear()
        if several:
            for index, person in enumerate(self.call.sought):
                words = person.name.strip()[:24] or _("Person {number}").format(number=index + 1)
                chip = Chip(words, checkable=True, checked=index == self._at)
                chip.clicked.connect(lambda index=index: self.go_to_person(index))
                self._persons.add(chip)
        self.take_away.setVisible(several)
        self.bring_back.setVisible(self._removed is not None)
        self._several.setVisible(several or self._removed is not None)

    def _collect(self) -> CallText:
        """Bring what stands in the widgets into the call."""
        call = self.call
        assert call is not None  # noqa: S101
        call.number = self.number.text()
        call.caller_name = self.caller.text()
        call.language = self.speaks.value or ""
        call.reason = self.reason.value.value
        call.notes = self.notes.toPlainText()
        call.call_back = self.call_back.isChecked()
        call.back_on, call.back_at = self.back_on.text(), self.back_at.text()
        call.promise = self.promise.text()
        consent = Consent.YES if self.consent.isChecked() else Consent.UNKNOWN
        if self.statistics.isChecked():
            consent = Consent.STATISTICS_ONLY
        call.consent = consent.value
        person = call.sought[self._at]
        person.name, person.mother = self.name.text(), self.mother.text()
        person.relation = self.relation.value or ""
        person.born, person.contact = self.born.text(), self.contact.text()
        person.sex, person.place = self.sex.value.value, self.place.text()
        return call

    def _tell_time(self) -> None:
        if not self._talk.isValid():
            self._timer.setText(_("Not on a call"))
        else:
            seconds = self._seconds()
            self._timer.setText(f"{seconds // 60:02}:{seconds % 60:02}")
        self._show_face()

    def _seconds(self) -> int:
        before = self.call.seconds if self.call is not None else 0
        return before + (self._talk.elapsed() // 1000 if self._talk.isValid() else 0)

    # -- drafts ---------------------------------------------------------------------------------

    def _edited(self, *_values: Any) -> None:
        if not self._filling and self.call is not None:
            self._keep_soon.start()

    def _person_edited(self, *_values: Any) -> None:
        if not self._filling and self.call is not None:
            self._search_soon.ask()
            self._keep_soon.start()

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
        for timer in (self._keep_soon, self._search_soon, self._caller_soon, self._second):
            timer.stop()
        self._talk.invalidate()

    def hide_people(self) -> None:
        """Take what was read from the file off the screen; what was typed stays."""
        self.matches.clear()
        self._callers = []
        self._show_caller()

    def read_again(self) -> None:
        """Search again for what is typed."""
        if self.call is not None:
            self.search()
            self._find_caller()

    # -- the caller -----------------------------------------------------------------------------

    def _number_edited(self, *_values: Any) -> None:
        if not self._filling and self.call is not None:
            self._caller_soon.ask()
            self._keep_soon.start()

    def _find_caller(self) -> None:
        self._caller_soon.stop()
        number = phone_key(self.number.value[:100]) if self.number.value else None
        if number is None:
            self._callers = []
            self._show_caller()
            return

        def found(known: Callers) -> None:
            if self.call is not None and phone_key(self.number.value[:100]) == number:
                self._callers, self._caller_at = known, 0
                self._show_caller()

        self._page.read(callers, number, self._door, channel="callers", then=found)

    def _show_caller(self) -> None:
        call = self.call
        if call is None:
            return
        typed = self.number.value
        number = phone_key(typed[:100]) if typed else None
        known = self._callers[self._caller_at] if self._caller_at < len(self._callers) else None
        same = call.caller_id is not None
        self._number_tag.setVisible(bool(typed))
        if self._callers:
            self._number_tag.set(_("Number known"), "green")
        elif number is not None:
            self._number_tag.set(_("New number"), "neutral")
        else:
            self._number_tag.set(_("Number not complete"), "amber")
        self._known.setVisible(same or known is not None)
        self._unknown.setVisible(not same and known is None)
        self.same_button.setVisible(same or known is not None)
        self.other_button.setVisible(same or known is not None)
        self.same_button.set_text(_("Take back") if same else _("Same person"))
        if known is not None and (not same or call.caller_id == known[0].person_id):
            self._describe_caller(*known)
        elif same:
            self._caller_name.setText(call.caller_words)
            for words in (self._caller_latin, self._caller_speaks, self._caller_line):
                words.setText("")
        self._face.setVisible(same or known is not None)

    def _describe_caller(self, caller: KnownCaller, cases: Sequence[str]) -> None:
        self._caller_name.setText(caller.name or _("Name not known"))
        self._caller_latin.setText(caller.latin)
        language = LANGUAGES.get(caller.language)
        self._caller_speaks.setText(
            _("speaks {language}").format(language=_(language)) if language else ""
        )
        parts = [ngettext("{count} call", "{count} calls", caller.calls).format(count=caller.calls)]
        if caller.last_on is not None:
            parts.append(_("last {date}").format(date=short_date(caller.last_on)))
        if cases:
            parts.append(_("enquirer in {case}").format(case=case_words(cases[0])))
        if len(cases) > 1:
            parts.append(_("and {count} more").format(count=len(cases) - 1))
        if len(self._callers) > 1:
            parts.append(
                _("{place} of {count} with this number").format(
                    place=self._caller_at + 1, count=len(self._callers)
                )
            )
        self._caller_line.setText(", ".join(parts))

    def same_person(self) -> None:
        """Take the known person as the caller, or take that back."""
        call = self.call
        if call is None:
            return
        if call.caller_id is not None:
            call.caller_id, call.caller_words = None, ""
        elif self._caller_at < len(self._callers):
            known = self._callers[self._caller_at][0]
            call.caller_id, call.caller_words = known.person_id, known.name
            call.language = known.language or call.language
            self.speaks.set_value(call.language)
        self._show_caller()
        self._edited()
        self.search()

    def somebody_else(self) -> None:
        """Look at the next person with this number; after the last one the name is typed."""
        if self.call is None:
            return
        self.call.caller_id, self.call.caller_words = None, ""
        self._caller_at += 1
        self._show_caller()
        if self._caller_at >= len(self._callers):
            self.caller.setFocus(Qt.FocusReason.OtherFocusReason)
        self._edited()

    # -- persons sought -------------------------------------------------------------------------

    def add_person(self) -> None:
        """Write down one more person the call is about."""
        if self.call is None:
            return
        call = self._collect()
        call.sought.append(SoughtText())
        self._at = len(call.sought) - 1
        self._show_person()
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to_person(self, index: int) -> None:
        """Show another of the persons sought."""
        if self.call is not None:
            call = self._collect()
            self._at = max(0, min(index, len(call.sought) - 1))
            self._show_person()

    def remove_person(self) -> None:
        """Take the person shown out of the call; Bring back undoes it."""
        if self.call is None or len(self.call.sought) < 2:
            return
        call = self._collect()
        self._removed = call.sought.pop(self._at)
        self._at = min(self._at, len(call.sought) - 1)
        self._show_person()
        self._edited()

    def return_person(self) -> None:
        """Bring back the person that was taken out last."""
        if self.call is not None and self._removed is not None:
            call = self._collect()
            call.sought.append(self._removed)
            self._removed = None
            self._at = len(call.sought) - 1
            self._show_person()
            self._edited()

    # -- matches --------------------------------------------------------------------------------

    def search(self) -> None:
        """Ask who in the file it may be; an older question is dropped."""
        self._search_soon.stop()
        if self.call is None or self._door is None:
            return
        call, at = self._collect(), self._at
        person = call.sought[at]
        asked = not person.empty
        caller = call.caller_words or call.caller_name
        typed = person.typed(call.caller_id, caller, self.matches.everybody)

        def found(answer: Found) -> None:
            if self.call is call and self._at == at:
                self.matches.set_found(answer, asked=asked)
                self._show_link()

        self._page.read(self._door.candidates, typed, MATCHES, channel="candidates", then=found)

    def _show_link(self) -> None:
        if self.call is not None:
            person = self.call.sought[self._at]
            self.matches.set_link(_link_key(person.link), person.refused)

    def _mark(self, row: CandidateRow) -> None:
        """Link the person shown to a candidate; the same candidate again undoes it."""
        if self.call is None:
            return
        person = self._collect().sought[self._at]
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
        person = self.call.sought[self._at]
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
        self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)

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
        if new_case:
            attempt.sought[self._at].new_case = True
            attempt.sought[self._at].link = None
        problems: list[Problem] = []
        if new_case and not attempt.sought[self._at].name.strip():
            problems.append(
                Problem("name", _("Write the name of the person the case is about."), self._at)
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
            **self.fields,
            **self.back_fields,
            "caller_name": self.caller_field,
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
        if first.person >= 0 and first.person != self._at:
            self.go_to_person(first.person)
        fields = self._all_fields()
        for problem in problems:
            if problem.person in (-1, self._at) and problem.field in fields:
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
        if problem.person >= 0 and problem.person != self._at:
            self.go_to_person(problem.person)
            field = self.fields.get(problem.field)
            if field is not None:
                field.error(problem.text)
        others: dict[str, QWidget] = {"number": self.number, "consent": self.statistics}
        known = self._all_fields().get(problem.field)
        target = known.editor if known is not None else others.get(problem.field, self.name)
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._scroll.ensureWidgetVisible(target)

    # -- ticks and keys -------------------------------------------------------------------------

    def _reason_chosen(self, reason: Reason) -> None:
        self._scam.setVisible(reason is Reason.SCAM)
        self._edited()

    def _warn(self) -> None:
        if self.call is not None:
            self.warning.open_sheet()

    def _promise_toggled(self, on: bool) -> None:
        self._promised.setVisible(on)
        if on and not self._filling and not self.back_on.value:
            self.back_on.set_date(_next_working_day(clock.today()))
        self._edited()

    def _consent_toggled(self, other: CheckBox, on: bool) -> None:
        if on and other.isChecked():
            other.setChecked(False)
        self._edited()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            # Esc goes back to where the call begins; it never throws anything away
            self.name.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        super().keyPressEvent(event)


def _section(*parts: QWidget | QBoxLayout, gap: int = 3) -> QWidget:
    """Put parts of the form one under the other, with the air there is round a section."""
    made = QWidget()
    column = QVBoxLayout(made)
    side = theme.space(4)
    column.setContentsMargins(side, theme.space(3), side, theme.space(3))
    column.setSpacing(theme.space(gap) if gap else 0)
    for part in parts:
        if isinstance(part, QBoxLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
    return made


def _row(fields: Sequence[tuple[QWidget, int]]) -> QHBoxLayout:
    """Put fields side by side, each as high as it needs to be: a sentence under one may wrap."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.space(3))
    for field, part in fields:
        line.addWidget(field, part, _TOP)
    return line


def _link_key(link: Link | None) -> int:
    if link is None:
        return 0
    return link.case_id if link.case_id is not None else -link.person_id


def _next_working_day(day: dt.date) -> dt.date:
    later = day + dt.timedelta(days=1)
    return later + dt.timedelta(days=7 - later.weekday() if later.weekday() > 4 else 0)


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
