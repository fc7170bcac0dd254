"""Forms of assistance: programme, round, its list, a household, and what is done to lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.assistance import wording
from casedesk.assistance.asking import Asked, Choices, Similar
from casedesk.assistance.records import (
    Country,
    HouseholdDraft,
    HouseholdMemberDraft,
    Modality,
    Per,
    ProgrammeDraft,
    RegistrationDraft,
    RoundDraft,
    SiteDraft,
    Target,
    same_name,
)
from casedesk.assistance.rules import NewHousehold, NewMember
from casedesk.desk import theme
from casedesk.desk.forms import Form, amount_of, at_field
from casedesk.desk.widgets import (
    Card,
    ComboBox,
    DateField,
    Field,
    LineEdit,
    TextEdit,
    button,
    label,
)
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.language import _
from casedesk.names.parse import parse
from casedesk.names.parse import script as script_of
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson

Keep = Callable[[str], None]


def _choices(words: dict[Any, str]) -> list[tuple[Any, str]]:
    return [(key, _(text)) for key, text in words.items()]


class ProgrammeForm(Form):
    """A new programme."""

    def __init__(self, today: dt.date, keep: Keep | None = None) -> None:
        """Begin with this day."""
        super().__init__(_("New programme"), _("Add programme"), keep=keep)
        self.add("name", _("Name"), LineEdit(), wide=True)
        self.add("modality", _("Kind of help"), ComboBox(_choices(wording.MODALITY)))
        self.add("per", _("Given to"), ComboBox(_choices(wording.PER)))
        self.add("country", _("Country"), ComboBox(_choices(wording.COUNTRY)))
        self.add("target", _("For whom"), ComboBox(_choices(wording.TARGET)))
        self.add("area", _("Area"), LineEdit())
        self.add("donor", _("Donor"), LineEdit())
        self.add("starts_on", _("Begins"), DateField(today))
        self.add("ends_on", _("Ends"), DateField())
        self.add("currency", _("Currency"), LineEdit("RUB"))
        self.add("ceiling", _("At most, per household"), LineEdit(placeholder="60000"))

    def draft(self) -> ProgrammeDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        begins = self.day("starts_on")
        if begins is None:
            raise missing("starts_on", _("Write the day on which it begins."))
        return ProgrammeDraft.checked(
            {
                **{key: values[key] for key in ("name", "area", "donor")},
                "modality": Modality(values["modality"]),
                "per": Per(values["per"]),
                "country": Country(values["country"]),
                "target": Target(values["target"]),
                "starts_on": begins,
                "ends_on": self.day("ends_on"),
                "currency": str(values["currency"]).upper(),
                "ceiling": amount_of(values["ceiling"], "ceiling"),
            }
        )


class RoundForm(Form):
    """A new round of a programme, with its points."""

    def __init__(self, choices: Choices, today: dt.date, keep: Keep | None = None) -> None:
        """Offer the programmes that have not ended."""
        super().__init__(_("New round"), _("Open round"), keep=keep)
        self._today = today
        self.add("programme_id", _("Programme"), ComboBox(choices.running), wide=True)
        self.add("name", _("Round"), LineEdit(), wide=True)
        self.add("first_day", _("First day"), DateField(today))
        self.add("last_day", _("Last day"), DateField())
        self.add(
            "sites",
            _("Points, one on each line"),
            TextEdit(lines=3, placeholder=_("School 4")),
            wide=True,
        )

    def drafts(self) -> tuple[RoundDraft, list[SiteDraft]]:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        if not values["programme_id"]:
            raise missing("programme_id", _("Add a programme first."))
        if not values["name"]:
            raise missing("name", _("Give the round a name."))
        days = {key: self.day(key) for key in ("first_day", "last_day")}
        for key, day in days.items():
            if day is None:
                raise missing(key, _("Write the day."))
        draft = RoundDraft.checked(
            {
                "programme_id": values["programme_id"],
                "name": values["name"],
                **days,
                "opened_on": self._today,
            }
        )
        names = dict.fromkeys(
            line.strip() for line in str(values["sites"]).splitlines() if line.strip()
        )
        return draft, [SiteDraft.checked({"name": name}) for name in names]


class FillForm(Form):
    """What the included registrations of the programme get in this round."""

    def __init__(self, sites: Sequence[tuple[int, str]]) -> None:
        """Offer the points of the round."""
        super().__init__(_("Put on the list"), _("Put on the list"))
        words = _("Every included registration of the programme that is not on the list yet.")
        self.body.insertWidget(0, label(words, "muted", self, wrap=True))
        self.add("quantity", _("Quantity"), LineEdit("1"))
        self.add("amount", _("Amount"), LineEdit(placeholder="15000"))
        self.add("site", _("Point"), ComboBox([(0, _("No point yet")), *sites]), wide=True)

    def asked(self) -> dict[str, Any]:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        typed = str(values["quantity"]) or "0"
        if not (typed.isdecimal() and len(typed) <= 6):
            raise missing("quantity", _("Write the quantity in figures."))
        amount = amount_of(values["amount"]) or 0
        if not (int(typed) or amount):
            raise missing("amount", _("Say how much is given: a quantity or an amount."))
        return {"quantity": int(typed), "amount": amount, "site_id": values["site"] or None}


class SecondForm(Form):
    """The name of the second person, who confirms what the first one did."""

    def __init__(self, title: str, main: str, first: str) -> None:
        """`first` is who acted before, and is refused here."""
        super().__init__(title, main, columns=1)
        self._first_person = first
        words = _("{name} approved first. The second approval is another person's.")
        self.body.insertWidget(0, label(words.format(name=first), "muted", self, wrap=True))
        name = LineEdit(placeholder=_("Family and given name"))
        self.add("second", _("Second person"), name)
        name.returnPressed.connect(self.submit)

    def second(self) -> str:
        """Read the name. Raises InvalidDraft for nobody and for the first person."""
        name = " ".join(str(self.values()["second"]).split())
        if not name:
            raise missing("second", _("Write the name of the second person."))
        if same_name(name, self._first_person):
            raise missing("second", _("The second approval is another person's."))
        return name


class MoveForm(Form):
    """Another point for chosen lines."""

    def __init__(self, sites: Sequence[tuple[int, str]]) -> None:
        """Offer the points of the round."""
        super().__init__(_("Move to another point"), _("Move"), columns=1)
        self.add("site", _("Point"), ComboBox([*sites, (0, _("No point"))]))


class StatusForm(Form):
    """Another status for chosen lines, or for the registrations behind them."""

    def __init__(self) -> None:
        """Offer what can be done to many at once."""
        super().__init__(_("Change status"), _("Change"), columns=1)
        ways = [
            ("stop", _("Stop: nothing is given in this round")),
            ("pause", _("Pause the registration")),
            ("resume", _("Go on with the registration")),
        ]
        self.add("way", _("Status"), ComboBox(ways))
        self.add("reason", _("Reason"), LineEdit())

    def reason(self) -> str:
        """Read the reason; stopping needs one."""
        values = self.values()
        if values["way"] == "stop" and not values["reason"]:
            raise missing("reason", _("Give the reason: it is kept with your name."))
        return str(values["reason"])


class CancelForm(Form):
    """Takes a receipt back, with the reason."""

    def __init__(self) -> None:
        """Ask for the reason only."""
        super().__init__(_("Cancel receipt"), _("Cancel receipt"), columns=1)
        self.leave.set_text(_("Leave it"))
        words = _("What was noted stays to be read. The line can be handed over again.")
        self.body.insertWidget(0, label(words, "muted", self, wrap=True))
        self.add("reason", _("Reason"), LineEdit())

    def reason(self) -> str:
        """Read the reason."""
        words = str(self.values()["reason"])
        if not words:
            raise missing("reason", _("Say why the receipt is corrected or cancelled."))
        return words


# ---------------------------------------------------------------------------------- a household


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
        parts = parse(self.name.value)
        try:
            name = PersonNameDraft.checked(
                {
                    "family": parts.family,
                    "given": parts.given,
                    "patronymic": parts.patronymic,
                    "script": script_of(self.name.value),
                }
            )
            with at_field("born"):
                born = self.born.partial_date()
            contacts = tuple(ContactDraft.checked({"typed": phone}) for phone in phones)
        except InvalidDraft as error:
            raise self.error(next(iter(error.fields.values()), str(error))) from None
        person = PersonDraft.checked(
            {
                "born_first": born.first if born else None,
                "born_last": born.last if born else None,
            }
        )
        member = HouseholdMemberDraft.checked(
            {
                "head": self.head,
                "relation": "" if self.head else self.relation.value,
                "document": self.document.value,
            }
        )
        return NewMember(NewPerson(person, (name,), contacts), member)


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
        self.add("phone", _("Telephone"), LineEdit())
        self.add("card", _("Card number"), LineEdit())
        self.add("place", _("Place"), LineEdit())
        self.add("address", _("Address"), LineEdit())
        self.add("need", _("Need"), LineEdit())
        self.add("criteria", _("Criteria met"), LineEdit())
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
            phones=tuple(filter(None, [str(values["phone"])])),
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
        phone = str(values["phone"])
        members = tuple(
            row.member((phone,) if row.head and phone else ())
            for row in self.rows
            if row.name.value
        )
        household = HouseholdDraft.checked(
            {key: values[key] for key in ("place", "address", "need")}
        )
        return registration, NewHousehold(household, members)


def missing(key: str, words: str) -> InvalidDraft:
    """Say at one field what is missing there."""
    return InvalidDraft(words, {key: words})
