"""Kinds of field: labels, choices kept by value, dates known in part, phone numbers."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
import re
from dataclasses import dataclass

import phonenumbers
import sqlalchemy as sa

from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _

_GUESSED = 2
"""Years by which a guessed year of birth may be wrong, to each side."""


@dataclass(frozen=True)
class Ui:
    """How a field is shown: one declaration feeds form, table, filter, export and PDF.

    `width` is the column's width in pixels; 0 keeps the field out of lists.
    """

    label: str
    group: str = ""
    width: int = 0


def enum_column(values: type[enum.Enum]) -> sa.Enum:
    """Store the value (not the name) of a choice, with a CHECK that refuses any other."""
    return sa.Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        name=values.__name__.lower(),
    )


@dataclass(frozen=True)
class PartialDate:
    """A date known in part, as the interval of days it may be; both ends included."""

    first: dt.date
    last: dt.date

    @classmethod
    def parse(cls, text: str, today: dt.date) -> PartialDate:
        """Read `1987`, `1987-03`, `1987-03-09`, `09.03.1987`, `~38` (age) or `1985..1989`.

        `~1987` is a year that somebody guesses: two years to each side.
        """
        typed = text.strip()
        try:
            if match := re.fullmatch(r"~\s*(\d{1,3})", typed):
                # Who is 38 was born between the day after the birthday 39 years ago and today's
                # date 38 years ago; whole years are what people mean by an age they estimate.
                age = int(match[1])
                return cls(dt.date(today.year - age - 1, 1, 1), dt.date(today.year - age, 12, 31))
            if match := re.fullmatch(r"~\s*(\d{4})", typed):
                year = int(match[1])
                return cls(dt.date(year - _GUESSED, 1, 1), dt.date(year + _GUESSED, 12, 31))
            if match := re.fullmatch(r"(\d{4})\s*(?:\.\.|-|–)\s*(\d{4})", typed):
                return cls._ordered(dt.date(int(match[1]), 1, 1), dt.date(int(match[2]), 12, 31))
            if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", typed):
                day = dt.date(int(match[3]), int(match[2]), int(match[1]))
                return cls(day, day)
            if match := re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", typed):
                year, month, day_number = int(match[1]), match[2], match[3]
                if month and day_number:
                    day = dt.date(year, int(month), int(day_number))
                    return cls(day, day)
                if month:
                    length = calendar.monthrange(year, int(month))[1]
                    return cls(dt.date(year, int(month), 1), dt.date(year, int(month), length))
                return cls(dt.date(year, 1, 1), dt.date(year, 12, 31))
        except ValueError:
            pass  # a month 13 or a 31 February: the sentence below serves these too
        raise Refused(
            _("This date cannot be read. Write 1987, 1987-03, 1987-03-09, ~38 or 1985..1989.")
        )

    @classmethod
    def _ordered(cls, first: dt.date, last: dt.date) -> PartialDate:
        if last < first:
            raise Refused(_("The interval ends before it begins."))
        return cls(first, last)

    def text(self) -> str:
        """Write the interval in the shortest form that says it: 1987, 1987-03, 1985..1989."""
        first, last = self.first, self.last
        if first == last:
            return first.isoformat()
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
            return str(first.year) if first.year == last.year else f"{first.year}..{last.year}"
        same_month = (first.year, first.month) == (last.year, last.month)
        if same_month and first.day == 1 and (last + dt.timedelta(days=1)).day == 1:
            return f"{first:%Y-%m}"
        return f"{first.isoformat()}..{last.isoformat()}"


def phone_key(typed: str) -> str | None:
    """Give the E.164 form of a number as people write it, or None where it is none.

    A Russian reader writes 8 or nothing where a foreigner writes +7; slashes, brackets and dots
    are noise (peers' users: zammad#4872, #5117).
    """
    digits = re.sub(r"\D", "", typed)
    if not 5 <= len(digits) <= 15:
        return None
    candidate = typed if typed.strip().startswith("+") else None
    if candidate is None and digits.startswith("00"):
        candidate = "+" + digits[2:]
    if candidate is None and len(digits) == 12 and digits.startswith(("380", "375")):
        candidate = "+" + digits
    try:
        number = phonenumbers.parse(re.sub(r"[^\d+]", "", candidate or digits), "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
