"""The form of a programme: everything that its record holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from casedesk.assistance import wording
from casedesk.assistance.editing import ProgrammeFile
from casedesk.assistance.parts_view import Keep, choices_of, missing, typed_amount
from casedesk.assistance.records import Country, Modality, Per, ProgrammeDraft, Target
from casedesk.desk.forms import FindField, Form, Found, amount_of
from casedesk.desk.widgets import ComboBox, DateField, LineEdit, label
from casedesk.kernel.language import _

Find = Callable[[str, Callable[[Found], None]], None]
_FIXED = ("modality", "per", "country", "currency")


class ProgrammeForm(Form):
    """A new programme, or one that is there."""

    def __init__(
        self,
        today: dt.date,
        find_partner: Find,
        keep: Keep | None = None,
        file: ProgrammeFile | None = None,
    ) -> None:
        """Begin with this day, or with the programme as it is."""
        title = _("New programme") if file is None else _("Change programme")
        super().__init__(title, _("Add programme") if file is None else _("Save"), keep=keep)
        self.file = file
        if file is not None and file.begun:
            words = _("A programme with rounds keeps its kind of help, country and currency.")
            self.body.insertWidget(0, label(words, "muted", self, wrap=True))
        self.add("name", _("Name"), LineEdit(), wide=True)
        self.add("modality", _("Kind of help"), ComboBox(choices_of(wording.MODALITY)))
        self.add("per", _("Given to"), ComboBox(choices_of(wording.PER)))
        self.add("country", _("Country"), ComboBox(choices_of(wording.COUNTRY)))
        self.add("target", _("For whom"), ComboBox(choices_of(wording.TARGET)))
        self.add("area", _("Area"), LineEdit())
        self.add("response", _("Emergency"), LineEdit())
        self.partner = FindField(find_partner, name=_("Partner"))
        self.add("partner_id", _("Partner"), self.partner, wide=True)
        for signal in (self.partner.typed, self.partner.picked):
            signal.connect(self.typed)
        self.add("donor", _("Donor"), LineEdit())
        self.add_tick("pilot", _("Pilot"))
        self.add("starts_on", _("Begins"), DateField(today))
        self.add("ends_on", _("Ends"), DateField())
        self.add("currency", _("Currency"), LineEdit("RUB"))
        self.add("ceiling", _("At most, per household"), LineEdit(placeholder="60000"))
        if file is not None:
            self._fill(file)

    def _fill(self, file: ProgrammeFile) -> None:
        draft = file.draft
        values: dict[str, Any] = {
            name: getattr(draft, name)
            for name in ("name", "area", "response", "donor", "pilot", "currency", *_FIXED)
        }
        values["target"] = draft.target
        values["partner_id"] = [draft.partner_id, file.partner]
        values["starts_on"] = draft.starts_on.isoformat()
        values["ends_on"] = draft.ends_on.isoformat() if draft.ends_on else ""
        values["ceiling"] = typed_amount(draft.ceiling)
        self.set_values(values)
        if file.begun:
            for name in _FIXED:
                self.editors[name].setEnabled(False)

    def values(self) -> dict[str, Any]:
        """Read all fields; of the partner also the words."""
        found = super().values()
        if "partner_id" in found:
            found["partner_id"] = [self.partner.value, self.partner.text]
        return found

    def set_values(self, values: dict[str, Any], *, fresh: bool = True) -> None:
        """Put values in; the partner is an id with its words."""
        pair = values.get("partner_id")
        if isinstance(pair, list) and len(pair) == 2:
            self.partner.set_value(*pair)
        super().set_values(values, fresh=fresh)

    def draft(self) -> ProgrammeDraft:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values = self.values()
        partner, words = values["partner_id"]
        if words and partner is None:
            raise missing("partner_id", _("Choose an organisation of the list, or none."))
        begins = self.day("starts_on")
        if begins is None:
            raise missing("starts_on", _("Write the day on which it begins."))
        return ProgrammeDraft.checked(
            {
                **{key: values[key] for key in ("name", "area", "response", "donor", "pilot")},
                "modality": Modality(values["modality"]),
                "per": Per(values["per"]),
                "country": Country(values["country"]),
                "target": Target(values["target"]),
                "partner_id": partner,
                "starts_on": begins,
                "ends_on": self.day("ends_on"),
                "currency": str(values["currency"]).upper(),
                "ceiling": amount_of(values["ceiling"], "ceiling"),
            }
        )
