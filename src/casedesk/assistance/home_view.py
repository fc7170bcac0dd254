"""A household that is in the file: its address and telephones, its members, its registrations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from casedesk.assistance import wording
from casedesk.assistance.editing import HomeFile, MemberFile, RegistrationFile
from casedesk.assistance.household_view import new_person, phones_typed
from casedesk.assistance.parts_view import Keep, missing
from casedesk.assistance.records import (
    HouseholdDraft,
    HouseholdMemberDraft,
    RegistrationDraft,
    RegistrationStatus,
)
from casedesk.assistance.rules import NewMember, with_
from casedesk.desk import theme
from casedesk.desk.forms import FindField, Form, Found
from casedesk.desk.widgets import (
    Card,
    CheckBox,
    ComboBox,
    DateField,
    LineEdit,
    Tag,
    TextEdit,
    button,
    label,
)
from casedesk.kernel.language import N_, _

Find = Callable[[str, Callable[[Found], None]], None]


class HomeForm(Form):
    """Address, telephones, need and note of a household."""

    def __init__(self, file: HomeFile, keep: Keep | None = None) -> None:
        """Begin with the household as it is."""
        super().__init__(_("Change household"), _("Save"), keep=keep)
        self.file = file
        words = _("{head} · household {code}").format(head=file.head, code=file.draft.code)
        self.body.insertWidget(0, label(words, "muted", self, wrap=True))
        self.add("place", _("Place"), LineEdit(file.draft.place))
        self.add("need", _("Need"), LineEdit(file.draft.need))
        self.add("address", _("Address"), LineEdit(file.draft.address), wide=True)
        phones = LineEdit(", ".join(file.phones))
        hint = _("Several with a comma between")
        self.add("phones", _("Telephones of the head"), phones, wide=True, hint=hint)
        note = TextEdit(lines=3)
        note.set_value(file.draft.note)
        self.add("note", _("Note"), note, wide=True)

    def draft(self) -> HouseholdDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        words = {key: values[key] for key in ("place", "address", "need", "note")}
        changed: HouseholdDraft = with_(self.file.draft, **words)
        return changed

    def phones(self) -> tuple[str, ...] | None:
        """Read the telephones; None where they stay as they are."""
        typed = phones_typed(self.values()["phones"])
        return None if typed == self.file.phones else typed


class MembersCard(Card):
    """Who is of the household, each with what can be done."""

    add = Signal()
    change = Signal(int)
    head = Signal(int)
    leave = Signal(int)

    def __init__(self, file: HomeFile) -> None:
        """List the members, the head first."""
        super().__init__(_("Members"))
        for member in file.members:
            self._row(member)
        for member in file.left:
            day = wording.short_date(member.draft.until) if member.draft.until else ""
            words = _("{name}, left {date}").format(name=member.name, date=day)
            self.body.addWidget(label(words, "muted", self, wrap=True))
        more = button(_("Another person"), key="Alt+A")
        more.clicked.connect(self.add)
        self.body.addWidget(more)

    def _row(self, member: MemberFile) -> None:
        draft = member.draft
        born = _("born {born}").format(born=member.born) if member.born else ""
        role = _("head") if draft.head else draft.relation
        words = ", ".join(part for part in (member.name, born, role, draft.document) if part)
        self.body.addWidget(label(words, "strong" if draft.head else "body", self, wrap=True))
        row = QHBoxLayout()
        row.setSpacing(theme.space(2))
        ways = [(_("Change"), _("Change {name}"), self.change)]
        if not draft.head:
            ways.append((_("Make head"), _("Make {name} the head of household"), self.head))
            ways.append((_("Left the household"), _("{name} left the household"), self.leave))
        for said, spoken, signal in ways:
            made = button(said, kind="link")
            made.setAccessibleName(spoken.format(name=member.name))
            made.clicked.connect(lambda _on=False, s=signal, i=member.id: s.emit(i))
            row.addWidget(made)
        row.addStretch(1)
        self.body.addLayout(row)


class RegistrationsCard(Card):
    """The programmes a household is registered in, each with its status."""

    change = Signal(int)
    step = Signal(int)

    def __init__(self, file: HomeFile, shown: int = 0) -> None:
        """List the registrations; the key is for the one of the line that is open."""
        super().__init__(_("Registrations"))
        own = next((one.id for one in file.registrations if one.id == shown), 0)
        own = own or (file.registrations[0].id if file.registrations else 0)
        for one in file.registrations:
            top = QHBoxLayout()
            top.setSpacing(theme.space(2))
            top.addWidget(label(one.programme, "body", self, wrap=True), 1)
            top.addWidget(Tag(one.tag.text, one.tag.tone, self))
            self.body.addLayout(top)
            row = QHBoxLayout()
            row.setSpacing(theme.space(2))
            change = button(_("Change"), kind="link")
            spoken = _("Change registration in {programme}").format(programme=one.programme)
            change.setAccessibleName(spoken)
            change.clicked.connect(lambda _on=False, i=one.id: self.change.emit(i))
            row.addWidget(change)
            if one.steps:
                key = "Alt+U" if one.id == own else ""
                step = button(_("Change status"), kind="plain" if key else "link", key=key)
                spoken = _("Change status in {programme}").format(programme=one.programme)
                step.setAccessibleName(spoken)
                step.clicked.connect(lambda _on=False, i=one.id: self.step.emit(i))
                row.addWidget(step)
            row.addStretch(1)
            self.body.addLayout(row)
        if not file.registrations:
            self.body.addWidget(label(_("None noted"), "muted", self))


class MemberForm(Form):
    """Relation and document of a member."""

    def __init__(self, file: MemberFile, keep: Keep | None = None) -> None:
        """Begin with the member as noted."""
        super().__init__(_("Change member"), _("Save"), keep=keep)
        self.file = file
        self.body.insertWidget(0, label(file.name, "strong", self, wrap=True))
        self.add("document", _("Document number"), LineEdit(file.draft.document))
        self.add("relation", _("Relation to the head"), LineEdit(file.draft.relation))
        self.add("since", _("Since"), DateField(file.draft.since))

    def draft(self) -> HouseholdMemberDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        words = {key: values[key] for key in ("document", "relation")}
        changed: HouseholdMemberDraft = with_(self.file.draft, **words, since=self.day("since"))
        return changed


class NewMemberForm(Form):
    """One more person of a household: somebody of the file, or somebody new."""

    def __init__(self, file: HomeFile, find: Find, keep: Keep | None = None) -> None:
        """`find` looks persons of the file up while a name is typed."""
        super().__init__(_("Another person"), _("Add to the household"), keep=keep)
        self.file = file
        self._shown = ""
        self.person = FindField(
            find,
            name=_("Name"),
            add=_("Somebody new"),
            placeholder=_("Family name, given name, patronymic"),
        )
        self.add("person", _("Name"), self.person, wide=True)
        self.person.add_asked.connect(lambda _text: self._look_past())
        for signal in (self.person.typed, self.person.picked):
            signal.connect(self.typed)
        self.add("born", _("Born"), DateField(partial=True))
        self.add("document", _("Document number"), LineEdit())
        self.add("relation", _("Relation to the head"), LineEdit())
        self.add("since", _("Since"), DateField())
        self.head: CheckBox = self.add_tick("head", _("Head of household"))
        self.found = Card(_("Perhaps in the file already"))
        self.found.hide()
        self.body.insertWidget(self.body.count() - 1, self.found)

    def values(self) -> dict[str, object]:
        """Read all fields; of the person also the words."""
        found = dict(super().values())
        if "person" in found:
            found["person"] = [self.person.value, self.person.text]
        return found

    def set_values(self, values: dict[str, object], *, fresh: bool = True) -> None:
        """Put values in; the person is an id with the words."""
        pair = values.get("person")
        if isinstance(pair, list) and len(pair) == 2:
            self.person.set_value(*pair)
        super().set_values(values, fresh=fresh)

    def _look_past(self) -> None:
        self._shown = self.person.text
        self.editors["born"].setFocus()

    @property
    def asked(self) -> str:
        """Whose name has to be looked up before somebody new is made; empty where none has."""
        name = self.person.text
        return "" if self.person.value is not None or name == self._shown else name

    def show_found(self, found: Sequence[tuple[int, str]]) -> bool:
        """Show who of the file it may be; True where there is somebody to look at first."""
        self._shown = self.person.text
        while (item := self.found.body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for person, words in found:
            said = label(words, "body", self.found, wrap=True)
            said.set_tone("amber")
            self.found.body.addWidget(said)
            use = button(_("It is this person"), kind="link")
            use.setAccessibleName(_("It is this person: {name}").format(name=words))
            use.clicked.connect(lambda _on=False, p=person, w=words: self._use(p, w))
            self.found.body.addWidget(use)
        self.found.setVisible(bool(found))
        if found:
            self.main.set_text(_("Add as somebody new"))
            self.main.setFocus()
        return bool(found)

    def _use(self, person: int, words: str) -> None:
        self.person.set_value(person, words)
        self.found.hide()
        self.main.set_text(_("Add to the household"))
        self.submit()

    def member(self) -> NewMember:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        if not self.person.text:
            raise missing("person", _("Write the name, or choose a person of the file."))
        head = bool(values["head"])
        member = HouseholdMemberDraft.checked(
            {
                "document": values["document"],
                "relation": "" if head else values["relation"],
                "since": self.day("since"),
                "head": head,
            }
        )
        if self.person.value is not None:
            return NewMember(int(self.person.value), member)
        return NewMember(new_person(self.person.text, self.known("born")), member)


class LeaveForm(Form):
    """The day on which somebody left a household."""

    def __init__(self, file: MemberFile, today: dt.date) -> None:
        """Offer today."""
        super().__init__(_("Left the household"), _("Note it"), columns=1)
        self.file = file
        words = _("{name} counts in what the household received before this day.")
        self.body.insertWidget(0, label(words.format(name=file.name), "muted", self, wrap=True))
        self.add("on", _("First day away"), DateField(today))

    def on(self) -> dt.date:
        """Read the day."""
        day = self.day("on")
        if day is None:
            raise missing("on", _("Write the day."))
        return day


class RegistrationForm(Form):
    """Criteria, consent, card and reference of a registration."""

    def __init__(self, file: RegistrationFile, keep: Keep | None = None) -> None:
        """Begin with the registration as it is."""
        super().__init__(_("Change registration"), _("Save"), keep=keep)
        self.file = file
        self.body.insertWidget(0, label(file.programme, "muted", self, wrap=True))
        self.add("card_number", _("Card number"), LineEdit(file.draft.card_number))
        reference = LineEdit(file.draft.external_ref or "")
        self.add("external_ref", _("External reference"), reference)
        self.add("criteria", _("Criteria met"), LineEdit(file.draft.criteria), wide=True)
        tick = self.add_tick("consent", _("Consent to keep and use the data was given"))
        tick.setChecked(file.draft.consent)
        self.set_values({"consent": file.draft.consent})

    def draft(self) -> RegistrationDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        words = {key: values[key] for key in ("card_number", "criteria", "consent")}
        reference = values["external_ref"] or None
        changed: RegistrationDraft = with_(self.file.draft, **words, external_ref=reference)
        return changed


STEP_WORDS: dict[RegistrationStatus, str] = {
    RegistrationStatus.NEW: N_("Take up again"),
    RegistrationStatus.VALIDATED: N_("Validate"),
    RegistrationStatus.INCLUDED: N_("Include"),
    RegistrationStatus.PAUSED: N_("Pause"),
    RegistrationStatus.COMPLETED: N_("Complete"),
    RegistrationStatus.DECLINED: N_("Decline"),
    RegistrationStatus.EXITED: N_("End: the household leaves the programme"),
}
REASONED = (RegistrationStatus.PAUSED, RegistrationStatus.DECLINED, RegistrationStatus.EXITED)


class StepForm(Form):
    """The next status of one registration, with the day and the reason."""

    def __init__(self, file: RegistrationFile, today: dt.date) -> None:
        """Offer the steps that the present status allows."""
        super().__init__(_("Change status"), _("Change"), columns=1)
        self.file = file
        words = _("{programme}: {status}").format(programme=file.programme, status=file.tag.text)
        self.body.insertWidget(0, label(words, "muted", self, wrap=True))
        ways = [(step, _(STEP_WORDS[step])) for step in file.steps]
        self.add("status", _("Status"), ComboBox(ways))
        self.add("on", _("From"), DateField(today))
        hint = _("Kept with your name in the note of the household.")
        self.add("reason", _("Reason"), LineEdit(), hint=hint)

    def asked(self) -> tuple[RegistrationStatus, dt.date, str]:
        """Read status, day and reason. Raises InvalidDraft with sentences by field."""
        values = self.values()
        status, reason = RegistrationStatus(values["status"]), str(values["reason"])
        day = self.day("on")
        if day is None:
            raise missing("on", _("Write the day."))
        if status in REASONED and not reason:
            raise missing("reason", _("Give the reason: it is kept with your name."))
        return status, day, reason
