"""What may not be given beside what: the rules of double assistance, as data."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from casedesk.assistance.records import Modality
from casedesk.kernel.language import N_


class Signal(StrEnum):
    """What two registrations share, strongest first."""

    HOUSEHOLD = "household"
    PERSON = "person"
    DOCUMENT = "document"
    CARD = "card"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"


_CASH = frozenset({Modality.CASH, Modality.PREPAID_CARD})
_VOUCHERS = frozenset(
    {Modality.VALUE_VOUCHER, Modality.COMMODITY_VOUCHER, Modality.PHARMACY_VOUCHER}
)


@dataclass(frozen=True)
class Rule:
    """What may not be given beside what: the first rule that fits two programmes decides.

    Without `months` the distance in time does not matter; `same_programme` fits nothing else.
    """

    key: str
    text: str
    one: frozenset[Modality] = frozenset()
    other: frozenset[Modality] = frozenset()
    months: int | None = None
    same_programme: bool = False
    same_kind: bool = False
    allowed: bool = False

    def fits(self, here: tuple[int, Modality], there: tuple[int, Modality]) -> bool:
        """Tell whether the rule speaks of two programmes, given as id and kind of help."""
        if self.same_programme:
            return here[0] == there[0]
        if self.same_kind and here[1] is not there[1]:
            return False
        return (here[1] in self.one and there[1] in self.other) or (
            here[1] in self.other and there[1] in self.one
        )


def _only(*kinds: Modality) -> frozenset[Modality]:
    return frozenset(kinds)


RULES = (
    Rule(
        "once_in_programme",
        N_("A household is registered once in a programme."),
        same_programme=True,
    ),
    Rule(
        "one_card",
        N_("One card per household: within twelve months, cards come from one programme."),
        _only(Modality.PREPAID_CARD),
        _only(Modality.PREPAID_CARD),
        months=12,
    ),
    Rule(
        "voucher_with_cash",
        N_("A voucher may be added to cash."),
        _VOUCHERS,
        _CASH,
        allowed=True,
    ),
    Rule(
        "cash_and_grant",
        N_("Cash and a grant are not given within six months of each other."),
        _CASH,
        _only(Modality.GRANT),
        months=6,
    ),
    Rule(
        "cash_twice",
        N_("Cash of two programmes is not given within three months."),
        _only(Modality.CASH),
        _only(Modality.CASH),
        months=3,
    ),
    Rule(
        "one_grant",
        N_("A household gets one grant within two years."),
        _only(Modality.GRANT),
        _only(Modality.GRANT),
        months=24,
    ),
    Rule(
        "one_school_kit",
        N_("A child gets one school kit within nine months."),
        _only(Modality.SCHOOL_KIT),
        _only(Modality.SCHOOL_KIT),
        months=9,
    ),
    Rule(
        "same_goods",
        N_("The same goods or vouchers of two programmes are not given within a month."),
        _VOUCHERS | {Modality.IN_KIND_PARCEL},
        _VOUCHERS | {Modality.IN_KIND_PARCEL},
        months=1,
        same_kind=True,
    ),
)
"""What no rule speaks of may be given beside each other."""


def rule_of(key: str) -> Rule | None:
    """Give the rule of a key; a rule that was dropped since is None."""
    return next((rule for rule in RULES if rule.key == key), None)


def near(one: dt.date, other: dt.date, months: int) -> bool:
    """Tell whether two days lie less than some months apart."""
    first, last = sorted((one, other))
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    return last < dt.date(year, month + 1, min(first.day, length))
