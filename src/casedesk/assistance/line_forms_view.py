"""What is done to lines of a list: moved, stopped, and receipts corrected or cancelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from casedesk.assistance.editing import ReceiptFile
from casedesk.assistance.parts_view import Keep, missing, typed_amount
from casedesk.assistance.round_forms_view import quantity_of
from casedesk.assistance.rounds import Collected
from casedesk.desk.forms import FindField, Form, Found, amount_of
from casedesk.desk.widgets import ComboBox, DateField, LineEdit, label
from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.language import _

Find = Callable[[str, Callable[[Found], None]], None]
SOMEBODY_ELSE = 0


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
        return reason_of(str(self.values()["reason"]))


def reason_of(words: str) -> str:
    """Refuse a correction without a reason."""
    if not words:
        raise missing("reason", _("Say why the receipt is corrected or cancelled."))
    return words


class CorrectForm(Form):
    """What is right of a receipt that was noted wrongly: how much, who, when, which household."""

    def __init__(self, file: ReceiptFile, find: Find, keep: Keep | None = None) -> None:
        """Begin with the receipt in force; `find` looks up other households of the round."""
        super().__init__(_("Correct receipt"), _("Correct"), keep=keep)
        self.file = file
        words = _("{head}. What was noted stays to be read, with your name and the reason.")
        self.body.insertWidget(0, label(words.format(head=file.head), "muted", self, wrap=True))
        self.add("quantity", _("Quantity"), LineEdit(str(file.quantity)))
        amount = _("Amount, {currency}").format(currency=file.currency)
        self.add("amount", amount, LineEdit(typed_amount(file.amount)))
        self.add("on", _("Date"), DateField(file.on))
        who = [*file.people, (SOMEBODY_ELSE, _("Somebody else"))]
        there = {person for person, _name in file.people}
        chosen = file.collected_by_id if file.collected_by_id in there else SOMEBODY_ELSE
        self.add("who", _("Collected by"), ComboBox(who, value=chosen))
        self.add("proxy", _("Collected by, not of the household"), LineEdit(file.proxy))
        self.add("place", _("Where"), LineEdit(file.place))
        self.other = FindField(
            find, name=_("It was another household"), placeholder=_("Name, code or card")
        )
        hint = _("Then the receipt is taken back here and noted there.")
        self.add("other", _("It was another household"), self.other, wide=True, hint=hint)
        for signal in (self.other.typed, self.other.picked):
            signal.connect(self.typed)
        self.add("reason", _("Reason"), LineEdit(), wide=True)

    def reason(self) -> str:
        """Read the reason."""
        return reason_of(str(self.values()["reason"]))

    def other_line(self) -> int:
        """Read whose it was; 0 where the household is right."""
        if self.other.text and self.other.value is None:
            raise missing("other", _("Choose a household of the list, or leave the field empty."))
        return int(self.other.value or 0)

    def asked(self) -> dict[str, object]:
        """Read what is right. Raises InvalidDraft with sentences by field."""
        values = self.values()
        quantity = quantity_of(values["quantity"])
        amount = amount_of(str(values["amount"])) or 0
        if not (quantity or amount):
            raise missing("amount", _("Say how much was given: a quantity or an amount."))
        on = self.day("on")
        if on is None:
            raise missing("on", _("Write the day."))
        person, proxy = int(values["who"] or 0), str(values["proxy"])
        if not person and not proxy:
            raise missing("proxy", _("Write who collected it."))
        touched = self.touched()
        found: dict[str, object] = {"quantity": quantity, "amount": amount}
        if {"on", "who", "proxy", "place"} & touched.keys():
            found["collected"] = Collected(
                on=on,
                person_id=person or None,
                proxy="" if person else proxy,
                place=str(values["place"]),
            )
        if not touched.keys() - {"reason"}:
            raise InvalidDraft(_("Nothing is said differently here."))
        return found
