"""The form that registers a household; who may be in the file is shown before it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.assistance.asking import Asked, Choices, Similar
from casedesk.assistance.parts_view import Keep, missing
from casedesk.assistance.records import HouseholdDraft, HouseholdMemberDraft, RegistrationDraft
from casedesk.assistance.rules import NewHousehold, NewMember
from casedesk.desk import theme
from casedesk.desk.forms import Form, at_field
from casedesk.desk.widgets import Card, ComboBox, DateField, Field, LineEdit, button, label
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _
from casedesk.names.parse import parse
from casedesk.names.parse import script as script_of
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson


def new_person(name: str, born: PartialDate | None, phones: Sequence[str] = ()) -> NewPerson:
    """Make a person of a name as typed, a birth date and telephones. Raises InvalidDraft."""
    parts = parse(name)
    named = PersonNameDraft.checked(
        {
            "family": parts.family,
            "given": parts.given,
            "patronymic": parts.patronymic,
            "script": script_of(name),
        }
    )
    days = {
        "born_first": born.first if born else None,
        "born_last": born.last if born else None,
    }
    contacts = tuple(ContactDraft.checked({"typed": phone}) for phone in phones)
    return NewPerson(PersonDraft.checked(days), (named,), contacts)


class MemberRow(QWidget):
    """One person of a household as typed: name, birth, relation, document."""

    def __init__(self, at: int, typed: Callable[..., None]) -> None:
        """The first one is the head."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        head = at == 0
        name = _("Head of household") if head else _("Person {number}").format(number=at + 1)
        self.name = LineEdit(placeholder=_("Family name, given name, patronymic"))
        self.name_field = Field(name, self.name)
        column.addWidget(self.name_field)
        line = QHBoxLayout()
        line.setSpacing(theme.space(2))
        self.born = DateField(partial=True)
        self.born_field = Field(_("Born"), self.born)
        self.document = LineEdit()
        line.addWidget(self.born_field, 1)
        line.addWidget(Field(_("Document number"), self.document), 1)
        self.relation = LineEdit()
        relation = Field(_("Relation to the head"), self.relation, parent=self)
        self.head = head
        if head:
            relation.hide()
        else:
            line.addWidget(relation, 1)
        column.addLayout(line)
        for editor in (self.name, self.born, self.document, self.relation):
            editor.textEdited.connect(typed)

    def values(self) -> list[str]:
        """Give what is typed."""
        return [e.value for e in (self.name, self.born, self.document, self.relation)]

    def set_values(self, values: Sequence[Any]) -> None:
        """Bring back what was typed."""
        editors = (self.name, self.born, self.document, self.relation)
        for editor, value in zip(editors, values, strict=False):
            editor.set_value(str(value))

    def error(self, words: str) -> InvalidDraft:
        """Say it under the name, and make the error that says it again."""
        self.name_field.error(words)
        self.name.setFocus()
        return InvalidDraft(words)

    def member(self, phones: Sequence[str]) -> NewMember:
        """Read the row. Raises InvalidDraft."""
        self.name_field.error(None)
        try:
            with at_field("born"):
                born = self.born.partial_date()
            person = new_person(self.name.value, born, phones)
        except InvalidDraft as error:
            raise self.error(next(iter(error.fields.values()), str(error))) from None
        member = HouseholdMemberDraft.checked(
            {
                "head": self.head,
                "relation": "" if self.head else self.relation.value,
                "document": self.document.value,
            }
        )
        return NewMember(person, member)


class HouseholdForm(Form):
    """A household is registered in a programme; who may be in the file is shown before it is."""

    def __init__(
        self, choices: Choices, today: dt.date, programme_id: int = 0, keep: Keep | None = None
    ) -> None:
        """Begin with a head and the programme of the round that is open."""
        super().__init__(_("Register household"), _("Register"), keep=keep)
        self._today = today
        self._shown: Asked | None = None
        self.existing: Similar | None = None
        running = ComboBox(choices.running, value=programme_id)
        self.add("programme_id", _("Programme"), running, wide=True)
        holder = QWidget()
        self._members = QVBoxLayout(holder)
        self._members.setContentsMargins(0, 0, 0, 0)
        self._members.setSpacing(theme.space(2))
        self.put(holder, True)
        self.rows: list[MemberRow] = []
        self.more = button(_("Another person"), key="Alt+A")
        self.more.clicked.connect(self.add_person)
        self.put(self.more, True)
        self.add("phone", _("Telephone"), LineEdit(), hint=_("Several with a comma between"))
        self.add("card", _("Card number"), LineEdit())
        self.add("place", _("Place"), LineEdit())
        self.add("address", _("Address"), LineEdit())
        self.add("need", _("Need"), LineEdit())
        self.add("criteria", _("Criteria met"), LineEdit())
        self.add("note", _("Note"), LineEdit(), wide=True)
        self.add_tick("consent", _("Consent to keep and use the data was given"))
        self.found = Card(_("Perhaps in the file already"))
        self.found.hide()
        self.body.insertWidget(self.body.count() - 1, self.found)
        self.append_row()

    def append_row(self) -> MemberRow:
        """Put one more empty row at the end."""
        row = MemberRow(len(self.rows), self.typed)
        self.rows.append(row)
        self._members.addWidget(row)
        row.show()
        return row

    def add_person(self) -> None:
        """Ask for one more person."""
        self.append_row().name.setFocus()

    def focus_first(self) -> None:
        """Put the cursor into the name of the head."""
        self.rows[0].name.setFocus()

    def values(self) -> dict[str, Any]:
        """Read all fields, and the persons."""
        return {**super().values(), "members": [row.values() for row in self.rows]}

    def touched(self) -> dict[str, Any]:
        """Leave the empty rows out."""
        found = super().touched()
        if not any(any(row.values()) for row in self.rows):
            found.pop("members", None)
        return found

    def set_values(self, values: dict[str, Any], *, fresh: bool = True) -> None:
        """Put kept values into their fields, with as many rows as there were persons."""
        super().set_values(values, fresh=fresh)
        members = values.get("members")
        if isinstance(members, list):
            while len(self.rows) < min(len(members), 30):
                self.append_row()
            for row, typed in zip(self.rows, members, strict=False):
                if isinstance(typed, list):
                    row.set_values(typed)

    def asked(self) -> Asked:
        """What the household could be known by."""
        values = self.values()
        named = [row for row in self.rows if row.name.value]
        return Asked(
            programme_id=int(values["programme_id"] or 0),
            names=tuple(row.name.value for row in named),
            phones=phones_typed(values["phone"]),
            documents=tuple(row.document.value for row in named if row.document.value),
            card=str(values["card"]),
        )

    def show_similar(self, found: Sequence[Similar]) -> bool:
        """Show who may be the same household; True where there is something to look at first."""
        self._shown = self.asked()
        self.existing = None
        while (item := self.found.body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for one in found:
            words = label(one.words(), "body", self.found, wrap=True)
            words.set_tone("amber")
            self.found.body.addWidget(words)
            if one.registered_here:
                note = _("Registered in this programme already.")
                self.found.body.addWidget(label(note, "small", self.found, wrap=True))
            else:
                use = button(_("Register this household"), kind="link")
                use.clicked.connect(lambda _on=False, one=one: self._use(one))
                self.found.body.addWidget(use)
        self.found.setVisible(bool(found))
        for part in self.found.findChildren(QWidget):
            part.show()
        if found:
            self.main.set_text(_("Register all the same"))
        return bool(found)

    def _use(self, one: Similar) -> None:
        self.existing = one
        self.submit()

    @property
    def looked(self) -> bool:
        """Whether somebody saw who may be the same, and typed nothing new since."""
        return self.existing is not None or self._shown == self.asked()

    def drafts(self) -> tuple[RegistrationDraft, NewHousehold | None]:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        if not values["programme_id"]:
            raise missing("programme_id", _("Add a programme first."))
        registration = RegistrationDraft.checked(
            {
                "programme_id": values["programme_id"],
                "household_id": self.existing.household_id if self.existing else 0,
                "registered_on": self._today,
                "criteria": values["criteria"],
                "consent": values["consent"],
                "card_number": values["card"],
            }
        )
        if self.existing is not None:
            return registration, None
        if not self.rows[0].name.value:
            raise self.rows[0].error(_("Write the name of the head of household."))
        phones = phones_typed(values["phone"])
        members = tuple(
            row.member(phones if row.head else ()) for row in self.rows if row.name.value
        )
        household = HouseholdDraft.checked(
            {key: values[key] for key in ("place", "address", "need", "note")}
        )
        return registration, NewHousehold(household, members)


def phones_typed(text: Any) -> tuple[str, ...]:
    """Read telephones as typed, with a comma, a semicolon or a new line between."""
    marked = str(text).replace(";", ",").replace("\n", ",")
    return tuple(
        dict.fromkeys(" ".join(part.split()) for part in marked.split(",") if part.strip())
    )
