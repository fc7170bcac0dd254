"""The words of assistance: kinds of help, statuses with their tones, quantities and amounts."""

from __future__ import annotations

import datetime as dt

from casedesk.assistance.records import (
    Country,
    Decision,
    EntitlementStatus,
    Modality,
    Per,
    ProviderOutcome,
    ReceiptKind,
    RegistrationStatus,
    RoundStatus,
    Stage,
    Target,
    Via,
)
from casedesk.kernel import language
from casedesk.kernel.language import N_, _, current, day_label, ngettext, number

MODALITY: dict[Modality, str] = {
    Modality.CASH: N_("Cash"),
    Modality.PREPAID_CARD: N_("Prepaid card"),
    Modality.VALUE_VOUCHER: N_("Value voucher"),
    Modality.COMMODITY_VOUCHER: N_("Commodity voucher"),
    Modality.PHARMACY_VOUCHER: N_("Pharmacy voucher"),
    Modality.IN_KIND_PARCEL: N_("Parcel"),
    Modality.SCHOOL_KIT: N_("School kit"),
    Modality.GRANT: N_("Micro-economic grant"),
    Modality.VOCATIONAL_TRAINING: N_("Vocational training"),
}
COUNTRY: dict[Country, str] = {Country.RUSSIA: N_("Russia"), Country.BELARUS: N_("Belarus")}
TARGET: dict[Target, str] = {
    Target.DISPLACED: N_("Displaced people"),
    Target.EMERGENCY: N_("People of an emergency"),
    Target.SCHOOL_CHILDREN: N_("School children"),
    Target.LIVELIHOOD: N_("Livelihood"),
    Target.OTHER: N_("Others"),
}
PER: dict[Per, str] = {Per.HOUSEHOLD: N_("Per household"), Per.PERSON: N_("Per person")}
REGISTRATION: dict[RegistrationStatus, tuple[str, str]] = {
    RegistrationStatus.NEW: (N_("New"), "neutral"),
    RegistrationStatus.VALIDATED: (N_("Validated"), "accent"),
    RegistrationStatus.INCLUDED: (N_("Included"), "green"),
    RegistrationStatus.PAUSED: (N_("Paused"), "amber"),
    RegistrationStatus.COMPLETED: (N_("Completed"), "muted"),
    RegistrationStatus.DECLINED: (N_("Declined"), "muted"),
    RegistrationStatus.EXITED: (N_("Left"), "muted"),
}
ROUND: dict[RoundStatus, tuple[str, str]] = {
    RoundStatus.OPEN: (N_("List open"), "neutral"),
    RoundStatus.LOCKED: (N_("List locked"), "amber"),
    RoundStatus.APPROVED: (N_("Approved"), "accent"),
    RoundStatus.UNDER_WAY: (N_("Distributing"), "green"),
    RoundStatus.RECONCILED: (N_("Reconciled"), "accent"),
    RoundStatus.CLOSED: (N_("Closed"), "muted"),
}
LINE: dict[EntitlementStatus, tuple[str, str]] = {
    EntitlementStatus.PLANNED: (N_("Planned"), "neutral"),
    EntitlementStatus.RECEIVED: (N_("Received"), "green"),
    EntitlementStatus.STOPPED: (N_("Stopped"), "carmine"),
    EntitlementStatus.NOT_COLLECTED: (N_("Not collected"), "muted"),
}
RECEIPT: dict[ReceiptKind, str] = {
    ReceiptKind.GIVEN: N_("Given"),
    ReceiptKind.CORRECTED: N_("Corrected"),
    ReceiptKind.CANCELLED: N_("Cancelled"),
}
VIA: dict[Via, str] = {
    Via.TABLE: N_("At the table"),
    Via.VISIT: N_("At the door"),
    Via.PROVIDER: N_("Through a provider"),
}
PAYMENT: dict[ProviderOutcome, tuple[str, str]] = {
    ProviderOutcome.PENDING: (N_("Sent"), "neutral"),
    ProviderOutcome.PAID: (N_("Paid"), "green"),
    ProviderOutcome.FAILED: (N_("Not paid"), "carmine"),
    ProviderOutcome.DIFFERENT: (N_("Differs"), "amber"),
}
DECISION: dict[Decision, tuple[str, str]] = {
    Decision.OPEN: (N_("Double assistance?"), "amber"),
    Decision.TO_CONFIRM: (N_("Waits for the second person"), "amber"),
    Decision.GIVEN_ANYWAY: (N_("Given anyway"), "green"),
    Decision.MERGED: (N_("Merged"), "muted"),
    Decision.STOPPED: (N_("Stopped"), "carmine"),
}
STAGE: dict[Stage, str] = {
    Stage.REGISTRATION: N_("At registration"),
    Stage.LOCK: N_("When the list was locked"),
    Stage.HANDING_OVER: N_("At the table"),
}


def money(amount: int, currency: str = "") -> str:
    """Write an amount kept in hundredths: 12,000 RUB; 12,000.50 RUB."""
    whole, rest = divmod(amount, 100)
    text = number(whole)
    if rest:
        text = f"{text}{',' if current() == 'ru' else '.'}{rest:02}"
    return f"{text}\u00a0{currency}" if currency else text


def given(modality: Modality, quantity: int, amount: int, currency: str) -> str:
    """Say what a line gives: 12,000 RUB; 2 kits; 1 card, 12,000 RUB."""
    units = {
        Modality.PREPAID_CARD: ngettext("{n} card", "{n} cards", quantity),
        Modality.VALUE_VOUCHER: ngettext("{n} voucher", "{n} vouchers", quantity),
        Modality.COMMODITY_VOUCHER: ngettext("{n} voucher", "{n} vouchers", quantity),
        Modality.PHARMACY_VOUCHER: ngettext("{n} voucher", "{n} vouchers", quantity),
        Modality.IN_KIND_PARCEL: ngettext("{n} parcel", "{n} parcels", quantity),
        Modality.SCHOOL_KIT: ngettext("{n} kit", "{n} kits", quantity),
        Modality.VOCATIONAL_TRAINING: ngettext("{n} course", "{n} courses", quantity),
    }
    things = units.get(modality, "").format(n=number(quantity)) if quantity else ""
    if not amount:
        return things or number(quantity)
    paid = money(amount, currency)
    if not things:
        return paid
    return _("{things}, {amount}").format(things=things, amount=paid)


def day_of(day: dt.date) -> str:
    """Write a day as a tag shows it: 4 Sept."""
    return day_label(day)


def short_date(day: dt.date) -> str:
    """Write a date as a table shows it: 3 Sept 2025."""
    return language.short_date(day)
