"""The words of imports: kinds of tables, and the fields that columns hold."""

from __future__ import annotations

from casedesk.exchange import importing
from casedesk.kernel.language import N_, _

KINDS: dict[str, str] = {
    "registrations": N_("Registrations for assistance"),
    "receipts": N_("A provider's answer"),
    "cases": N_("Missing persons"),
    "persons": N_("Persons"),
}
ABOUT: dict[str, str] = {
    "registrations": N_("Households come into a programme, and onto the list of a round."),
    "receipts": N_("What the provider paid is held against the list that was sent."),
    "cases": N_("Each row is a person who is looked for, with a case."),
    "persons": N_("Each row is a person, without a case."),
}
_FIELDS: dict[str, str] = {
    "external_ref": N_("Reference of the sender"),
    "household_code": N_("Code of the household"),
    "full_name": N_("Whole name"),
    "family": N_("Family name"),
    "given": N_("Given name"),
    "patronymic": N_("Patronymic"),
    "other_names": N_("Other names"),
    "sex": N_("Sex"),
    "born": N_("Born, or age"),
    "place": N_("Place"),
    "phone": N_("Telephone"),
    "last_seen_on": N_("Last seen on"),
    "last_seen_at": N_("Last seen at"),
    "circumstances": N_("Circumstances"),
    "opened_on": N_("Case opened on"),
    "document": N_("Document"),
    "is_head": N_("Head of the household: yes or no"),
    "relation": N_("Relation to the head"),
    "members": N_("Other people of the household"),
    "people": N_("Number of people"),
    "address": N_("Address"),
    "need": N_("Need"),
    "criteria": N_("Criteria"),
    "consent": N_("Consent: yes or no"),
    "registered_on": N_("Registered on"),
    "card_number": N_("Card number"),
    "site": N_("Point"),
    "quantity": N_("Quantity"),
    "amount": N_("Amount"),
    "on": N_("Paid on"),
    "collected_by": N_("Collected by"),
    "outcome": N_("Paid or failed"),
    "message": N_("Message of the provider"),
}
_OF_KIND: dict[tuple[str, str], str] = {
    ("persons", "place"): N_("Place of birth"),
    ("cases", "place"): N_("Place of birth"),
    ("receipts", "amount"): N_("Amount paid"),
}


def kind_words(kind: str) -> str:
    """Name a kind of table."""
    words = KINDS.get(kind, kind)
    return _(words)


def field_words(kind: str, name: str) -> str:
    """Name a field as people call it; one without words stands as it is."""
    words = _OF_KIND.get((kind, name), _FIELDS.get(name, name))
    return _(words)


def field_choices(kind: str) -> list[tuple[str, str]]:
    """List what a column may hold; the first is that it is not used."""
    return [("", _("Not used")), *((name, field_words(kind, name)) for name in _of(kind))]


def _of(kind: str) -> tuple[str, ...]:
    return importing.FIELDS[kind]
