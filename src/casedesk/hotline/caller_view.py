"""Who calls: the number, and beside it the person known by it or a name to type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import icons, theme
from casedesk.desk.soon import Soon
from casedesk.desk.widgets import ElidedLabel, Field, LineEdit, Tag, button, label
from casedesk.hotline import rules
from casedesk.hotline.call import CallText
from casedesk.hotline.door import CaseDoor, case_words
from casedesk.hotline.listing import LANGUAGES
from casedesk.hotline.parts_view import CallCombo, CallField, NameEdit, field_row
from casedesk.hotline.rules import KnownCaller
from casedesk.kernel.fields import phone_key
from casedesk.kernel.language import _, ngettext, short_date

_Callers = list[tuple[KnownCaller, list[str]]]


class CallerView(QWidget):
    """The strip of the caller; `number_line` is the part of it that stands in the bar above.

    Several people may have one number: Somebody else goes on to the next of them, and after the
    last one to a field for the name.
    """

    edited = Signal()  # something of the call is other than before
    taken = Signal()  # the known person was taken for the caller, or that was taken back

    def __init__(self, read: Callable[..., Any], door: CaseDoor | None) -> None:
        """Read with `read`, like that of a page; without a door no cases are named."""
        super().__init__()
        self._read, self._door = read, door
        self._call: CallText | None = None
        self._callers: _Callers = []
        self._at = 0
        self._soon = Soon(self.look_up, self)
        self.number_line = self._make_number()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(3))
        self._face = QLabel()
        line.addWidget(self._face, 0, Qt.AlignmentFlag.AlignTop)
        self._known = self._make_known()
        line.addWidget(self._known, 1)
        self._unknown = self._make_unknown()
        line.addWidget(self._unknown, 1)
        self.same_button = button(_("Same person"), key="Alt+C")
        self._other_button = button(_("Somebody else"), kind="link")
        choice = QVBoxLayout()
        choice.setSpacing(0)
        choice.addWidget(self.same_button, 0, Qt.AlignmentFlag.AlignRight)
        choice.addWidget(self._other_button, 0, Qt.AlignmentFlag.AlignRight)
        line.addLayout(choice)
        self._connect()
        self._measure()

    # -- widgets --------------------------------------------------------------------------------

    def _make_number(self) -> QWidget:
        made = QWidget()
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        self.number = LineEdit(name=_("Telephone number"), placeholder=_("Number of the caller"))
        self.number_tag = Tag("")
        line.addWidget(self.number)
        line.addWidget(self.number_tag)
        return made

    def _make_known(self) -> QWidget:
        made = QWidget()
        words = QVBoxLayout(made)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(1)
        first = QHBoxLayout()
        first.setSpacing(theme.space(2))
        self._name = ElidedLabel("", "strong", keep=280)
        self._latin = ElidedLabel("", "muted")
        self._speaks = label("", "muted")
        first.addWidget(self._name)
        first.addWidget(self._latin)
        first.addWidget(self._speaks)
        first.addStretch(1)
        words.addLayout(first)
        self._line = ElidedLabel("", "muted")
        words.addWidget(self._line)
        return made

    def _make_unknown(self) -> QWidget:
        made = QWidget()
        self.name = NameEdit()
        self.field = CallField(_("Caller: family name, given name"), self.name)
        self._language = CallCombo(
            [("", _("Not noted")), *((key, _(words)) for key, words in LANGUAGES.items())]
        )
        made.setLayout(field_row([(self.field, 11), (Field(_("Speaks"), self._language), 4)]))
        return made

    def _connect(self) -> None:
        self.number.textChanged.connect(self._number_edited)
        self.name.textChanged.connect(self._edited)
        self._language.chosen.connect(self._edited)
        self.same_button.clicked.connect(self._same_person)
        self._other_button.clicked.connect(self._somebody_else)
        theme.watch.changed.connect(self._measure)

    def _measure(self) -> None:
        self.number.setFixedWidth(theme.px(190))
        side = theme.icon_size("nav")
        self._face.setPixmap(icons.pixmap("user-round", "muted", side))

    def stops(self) -> list[QWidget]:
        """List what the caller is written down with, in the order of Tab."""
        return [self.number, self.name, self._language, self.same_button, self._other_button]

    # -- one call -------------------------------------------------------------------------------

    def show_call(self, call: CallText) -> None:
        """Show who makes a call; from now on, what is chosen here is written into it."""
        self._call = None  # filling in is no edit
        self._callers, self._at = [], 0
        self.number.set_value(call.number)
        self.name.set_value(call.caller_name)
        self._language.set_value(call.language)
        self._call = call
        self.look_up()

    def end_call(self) -> None:
        """Let go of the call: what is found or typed from now on is none of its."""
        self._soon.stop()
        self._call = None

    def collect(self) -> None:
        """Bring what stands in the fields into the call."""
        if self._call is not None:
            self._call.number = self.number.text()
            self._call.caller_name = self.name.text()
            self._call.language = self._language.value or ""

    def look_up(self) -> None:
        """Ask who has the number that is typed."""
        self._soon.stop()
        number = self._number()
        if number is None:
            self.hide_known()
            return

        def found(known: _Callers) -> None:
            if self._call is not None and self._number() == number:
                self._callers, self._at = known, 0
                self._show()

        self._read(_who_has, number, self._door, channel="callers", then=found)

    def hide_known(self) -> None:
        """Take what was read from the file off the screen; what was typed stays."""
        self._callers = []
        self._show()

    # -- inside ---------------------------------------------------------------------------------

    def _edited(self, *_values: Any) -> None:
        if self._call is not None:
            self.edited.emit()

    def _number_edited(self, *_values: Any) -> None:
        if self._call is not None:
            self._soon.ask()
            self.edited.emit()

    def _number(self) -> str | None:
        """Give the number that is typed as it is looked for, once it is complete."""
        typed = self.number.value
        return phone_key(typed[:100]) if typed else None

    def _show(self) -> None:
        call = self._call
        if call is None:
            return
        known = self._callers[self._at] if self._at < len(self._callers) else None
        same = call.caller_id is not None
        self.number_tag.setVisible(bool(self.number.value))
        if self._callers:
            self.number_tag.set(_("Number known"), "green")
        elif self._number() is not None:
            self.number_tag.set(_("New number"), "neutral")
        else:
            self.number_tag.set(_("Number not complete"), "amber")
        named = same or known is not None
        for part in (self._face, self._known, self.same_button, self._other_button):
            part.setVisible(named)
        self._unknown.setVisible(not named)
        self.same_button.set_text(_("Take back") if same else _("Same person"))
        if known is not None and (not same or call.caller_id == known[0].person_id):
            self._describe(*known)
        elif same:
            self._name.setText(call.caller_words)
            for words in (self._latin, self._speaks, self._line):
                words.setText("")

    def _describe(self, caller: KnownCaller, cases: Sequence[str]) -> None:
        self._name.setText(caller.name or _("Name not known"))
        self._latin.setText(caller.latin)
        language = LANGUAGES.get(caller.language)
        self._speaks.setText(
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
                    place=self._at + 1, count=len(self._callers)
                )
            )
        self._line.setText(", ".join(parts))

    def _same_person(self) -> None:
        """Take the known person as the caller, or take that back."""
        call = self._call
        if call is None:
            return
        if call.caller_id is not None:
            call.caller_id, call.caller_words = None, ""
        elif self._at < len(self._callers):
            known = self._callers[self._at][0]
            call.caller_id, call.caller_words = known.person_id, known.name
            call.language = known.language or call.language
            self._language.set_value(call.language)
        self._show()
        self.edited.emit()
        self.taken.emit()

    def _somebody_else(self) -> None:
        """Look at the next person with this number; after the last one the name is typed."""
        if self._call is None:
            return
        self._call.caller_id, self._call.caller_words = None, ""
        self._at += 1
        self._show()
        if self._at >= len(self._callers):
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()


def _who_has(session: Session, e164: str, door: CaseDoor | None) -> _Callers:
    """Read who has a number, with the cases in which they are enquirers."""
    return [
        (caller, door.enquirer_in(session, caller.person_id) if door else [])
        for caller in rules.callers_by_number(session, e164)
    ]
