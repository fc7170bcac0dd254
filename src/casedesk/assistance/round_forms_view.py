"""Forms of a round: opened, changed, its points, what is given, and who approves as second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from casedesk.assistance.asking import Choices
from casedesk.assistance.editing import RoundFile, SiteFile
from casedesk.assistance.parts_view import Keep, missing
from casedesk.assistance.progress_view import Working
from casedesk.assistance.records import RoundDraft, SiteDraft, same_name
from casedesk.assistance.rules import with_
from casedesk.desk import theme
from casedesk.desk.forms import Form, amount_of
from casedesk.desk.widgets import (
    Card,
    ComboBox,
    DateField,
    LineEdit,
    TextEdit,
    button,
    label,
)
from casedesk.kernel.language import _, ngettext, number


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
        draft = RoundDraft.checked(
            {
                "programme_id": values["programme_id"],
                **named_days(self),
                "opened_on": self._today,
            }
        )
        names = dict.fromkeys(
            line.strip() for line in str(values["sites"]).splitlines() if line.strip()
        )
        return draft, [SiteDraft.checked({"name": name}) for name in names]


def named_days(form: Form) -> dict[str, Any]:
    """Read name, first and last day of a round. Raises InvalidDraft with sentences by field."""
    name = form.values()["name"]
    if not name:
        raise missing("name", _("Give the round a name."))
    days = {key: form.day(key) for key in ("first_day", "last_day")}
    for key, day in days.items():
        if day is None:
            raise missing(key, _("Write the day."))
    first, last = days["first_day"], days["last_day"]
    if first is not None and last is not None and last < first:
        raise missing("last_day", _("The round ends before it begins."))
    return {"name": name, **days}


class ChangeRoundForm(Form):
    """Name and days of a round that is open."""

    def __init__(self, file: RoundFile, keep: Keep | None = None) -> None:
        """Begin with the round as it is; once its list is locked, they stay."""
        super().__init__(_("Change round"), _("Save"), keep=keep)
        self.file = file
        self.body.insertWidget(0, label(file.programme, "muted", self, wrap=True))
        self.add("name", _("Round"), LineEdit(file.draft.name), wide=True)
        self.add("first_day", _("First day"), DateField(file.draft.first_day))
        self.add("last_day", _("Last day"), DateField(file.draft.last_day))
        if not file.open:
            words = _("Name and days stay once the list is locked; its points can be changed.")
            self.body.insertWidget(1, label(words, "muted", self, wrap=True))
            for editor in (*self.editors.values(), self.main):
                editor.setEnabled(False)

    def draft(self) -> RoundDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        changed: RoundDraft = with_(self.file.draft, **named_days(self))
        return changed


class SitesCard(Card):
    """The points of a round, each with what can be done to it."""

    add = Signal()
    change = Signal(int)
    remove = Signal(int)

    def __init__(self, file: RoundFile) -> None:
        """List the points."""
        super().__init__(_("Points"))
        for site in file.sites:
            row = QHBoxLayout()
            row.setSpacing(theme.space(2))
            on_list = ngettext("{count} line", "{count} lines", site.lines)
            words = f"{site.draft.name} · {on_list.format(count=number(site.lines))}"
            row.addWidget(label(words, "body", self, wrap=True), 1)
            change = button(_("Change"), kind="link")
            change.setAccessibleName(_("Change point {name}").format(name=site.draft.name))
            change.clicked.connect(lambda _on=False, site=site: self.change.emit(site.id))
            row.addWidget(change)
            if not site.lines:
                gone = button(_("Remove"), kind="link")
                gone.setAccessibleName(_("Remove point {name}").format(name=site.draft.name))
                gone.clicked.connect(lambda _on=False, site=site: self.remove.emit(site.id))
                row.addWidget(gone)
            self.body.addLayout(row)
        if not file.sites:
            self.body.addWidget(label(_("None noted"), "muted", self))
        more = button(_("Another point"), key="Alt+A")
        more.clicked.connect(self.add)
        self.body.addWidget(more)


class SiteForm(Form):
    """One point of a round: where, who hands over there, and on which days."""

    def __init__(self, file: SiteFile | None = None, keep: Keep | None = None) -> None:
        """Begin empty, or with the point as it is."""
        title = _("New point") if file is None else _("Change point")
        super().__init__(title, _("Add point") if file is None else _("Save"), keep=keep)
        self.file = file
        own = file.draft if file is not None else None
        self.add("name", _("Point"), LineEdit(own.name if own else ""), wide=True)
        self.add("address", _("Address"), LineEdit(own.address if own else ""), wide=True)
        self.add("team", _("Team"), LineEdit(own.team if own else ""), wide=True)
        self.add("first_day", _("First day"), DateField(own.first_day if own else None))
        self.add("last_day", _("Last day"), DateField(own.last_day if own else None))

    def draft(self, round_id: int) -> SiteDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        if not values["name"]:
            raise missing("name", _("Give the point a name."))
        days = {key: self.day(key) for key in ("first_day", "last_day")}
        first, last = days["first_day"], days["last_day"]
        if first is not None and last is not None and last < first:
            raise missing("last_day", _("The point closes before it opens."))
        words = {key: values[key] for key in ("name", "address", "team")}
        return SiteDraft.checked({"round_id": round_id, **words, **days})


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
        self.working = Working(self)
        self.body.addWidget(self.working)

    def asked(self) -> dict[str, Any]:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        quantity = quantity_of(values["quantity"])
        amount = amount_of(values["amount"]) or 0
        if not (quantity or amount):
            raise missing("amount", _("Say how much is given: a quantity or an amount."))
        return {"quantity": quantity, "amount": amount, "site_id": values["site"] or None}


def quantity_of(typed: Any, key: str = "quantity") -> int:
    """Read a quantity as typed. Raises InvalidDraft at the field."""
    text = str(typed) or "0"
    if not (text.isdecimal() and len(text) <= 6):
        raise missing(key, _("Write the quantity in figures."))
    return int(text)


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
