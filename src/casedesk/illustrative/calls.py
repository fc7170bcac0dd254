"""Invented hotline calls with the rhythm of a real year, a real week and a real day.

The number of answered incoming calls of each month is fixed, because published figures count
them; everything around them (unanswered calls, other channels, call-backs, spam) comes on top.
"""

from __future__ import annotations

import bisect
import calendar
import datetime as dt
import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from casedesk.illustrative.cases import OFFICERS, TRIAL_DAY, Family

Row = dict[str, Any]

# Answered incoming calls by month. The hotline opened in March 2022; May to August 2025 is the
# published 15,327, the years are "over 12,000", "over 24,000", "over 36,000" and "over 45,000".
ANSWERED: dict[int, tuple[int, ...]] = {
    2022: (0, 0, 742, 1088, 1214, 1261, 1307, 1289, 1342, 1561, 1348, 1266),
    2023: (1874, 1812, 1968, 1943, 1987, 2104, 2079, 2031, 2096, 2187, 2148, 2108),
    2024: (2861, 2792, 2974, 2963, 2908, 3042, 3081, 3187, 3121, 3214, 3188, 3121),
    2025: (3702, 3648, 3794, 3811, 3604, 4212, 3918, 3593, 3697, 3824, 3781, 3734),
}

_WEEKDAY = (1.30, 1.16, 1.10, 1.06, 1.00, 0.42, 0.30)
_HOUR = (0, 0, 0, 0, 0, 0, 0, 1, 5, 11, 14, 13, 11, 9, 10, 11, 10, 8, 4, 2, 1, 0, 0, 0)
_HOUR_SUMS = tuple(accumulate(_HOUR))
# Days off on which nearly nobody answers; the days after them are busier by themselves.
_HOLIDAYS = {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}

_OTHER_REASONS = (
    ("prisoner_news", 34), ("case_status", 24), ("message", 12), ("assistance", 9),
    ("remains", 6), ("reunification", 4), ("scam", 4), ("document", 4), ("other", 2),
    ("complaint", 1),
)  # fmt: skip
_SEEKING_SHARE = {2022: 0.81, 2023: 0.85, 2024: 0.88, 2025: 0.86}
_LANGUAGES = (("ru", 88), ("uk", 8), ("be", 2), ("en", 2))
_RELATIONS = ("mother", "wife", "sister", "father", "brother", "daughter", "son", "aunt", "friend")
_OPERATORS = OFFICERS[:16]
_SUMMARIES = (
    "Asks whether the relative is on any list; told how to open a request, free of charge.",
    "Gives the last known place and date; photo to be sent by e-mail.",
    "Wants to know what happens next; steps explained, no promise made.",
    "Was offered news for money by a stranger; warned, told not to pay.",
    "Asks how to send a family message; form and address explained.",
    "New telephone number of the family noted.",
    "Heard from a comrade that he was seen alive; asked to write down who and when.",
)


_PROMISES = (
    "Tell whether the letter has arrived",
    "Send the form by e-mail and explain it",
    "Ask the colleague who visits, then call back",
    "Call when the daughter, who speaks Russian, is at home",
    "Say which papers the request needs",
)
_PROMISED_AT = ("", "09:30", "10:00", "11:15", "14:00", "16:30")


def days_of(rng: random.Random, year: int, month: int, count: int) -> Iterator[tuple[dt.date, str]]:
    """Spread a month's calls over its days and hours by the week's and the day's rhythm."""
    days = [dt.date(year, month, day + 1) for day in range(calendar.monthrange(year, month)[1])]
    weights = [
        _WEEKDAY[day.weekday()] * (0.25 if (day.month, day.day) in _HOLIDAYS else 1.0)
        for day in days
    ]
    chosen = sorted(rng.choices(days, weights, k=count))
    hours = rng.choices(range(24), cum_weights=_HOUR_SUMS, k=count)
    minutes = [rng.randrange(60) for _ in range(count)]
    moments = sorted(zip(chosen, hours, minutes, strict=True))
    for day, hour, minute in moments:
        yield day, f"{hour:02}:{minute:02}"


def _pick(rng: random.Random, choices: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([name for name, _ in choices], [weight for _, weight in choices])[0]


class CallBook:
    """Writes the calls of one month after another, with ids of its own and callers it is given."""

    def __init__(self, seed: int, families: list[Family]) -> None:
        """Take the families who may call; everybody else is a stranger."""
        self._rng = random.Random(f"calls {seed}")
        self._families = sorted(families, key=lambda family: family.opened)
        self._opened = [family.opened for family in self._families]
        self._next_id = 1
        self._next_sought = 1

    def month(self, year: int, month: int) -> tuple[list[Row], list[Row]]:
        """Give the enquiries of a month and the persons who are sought in them."""
        answered = ANSWERED[year][month - 1]
        seeking = round(answered * _SEEKING_SHARE[year])
        reasons = ["seeking_relative"] * seeking
        reasons += [_pick(self._rng, _OTHER_REASONS) for _ in range(answered - seeking)]
        self._rng.shuffle(reasons)
        rows: list[Row] = []
        sought: list[Row] = []
        for (day, time), reason in zip(
            days_of(self._rng, year, month, answered), reasons, strict=True
        ):
            self._one(rows, sought, day, time, reason, "in", "phone", True)
        for share, direction, channel, is_answered, spam in (
            (0.11, "in", "phone", False, False),
            (0.06, "out", "phone", True, False),
            (0.07, "in", "online", True, False),
            (0.01, "in", "letter", True, False),
            (0.01, "in", "visit", True, False),
            (0.012, "in", "phone", False, True),
        ):
            extra = round(answered * share)
            for day, time in days_of(self._rng, year, month, extra):
                reason = "other" if spam else "seeking_relative"
                self._one(rows, sought, day, time, reason, direction, channel, is_answered, spam)
        rows.sort(key=lambda row: (row["received_on"], row["received_at"]))
        return self._numbered(rows, sought)

    def _numbered(self, rows: list[Row], sought: list[Row]) -> tuple[list[Row], list[Row]]:
        # Ids follow time; what is sought still points at its row, not yet at an id.
        for row in rows:
            row["id"] = self._next_id
            self._next_id += 1
        for link in sought:
            link["enquiry_id"] = link.pop("row")["id"]
            link["id"] = self._next_sought
            self._next_sought += 1
        return rows, sought

    def _one(
        self, rows: list[Row], sought: list[Row], day: dt.date, time: str, reason: str,
        direction: str, channel: str, answered: bool, spam: bool = False,
    ) -> None:  # fmt: skip
        rng = self._rng
        family = None if spam else self._family(day)
        # Most callers are strangers to the register, and many never leave a name.
        phone = family.phone if family else f"+79{rng.randrange(10**9):09}"
        back = None
        if spam:
            status = "spam"
        elif not answered:
            status = "new"
        elif family:
            status = "linked"
        else:
            status = rng.choices(("answered", "referred", "call_back"), (90, 6, 4))[0]
        if status == "call_back":
            back = day + dt.timedelta(days=rng.randrange(1, 8))
            # What was promised has been done, but for the last days before the trial day.
            forgotten = TRIAL_DAY - dt.timedelta(days=4) <= back and rng.random() < 0.12
            if back < TRIAL_DAY and not forgotten:
                status, back = "answered", None
        if family or status == "call_back":
            consent = "yes"
        else:
            consent = "statistics_only" if answered else "unknown"
        number = phone if channel == "phone" and consent != "statistics_only" else ""
        row: Row = {
            "revision": 0,
            "received_on": day,
            "received_at": time,
            "direction": direction,
            "channel": channel,
            "answered": answered,
            "operator": rng.choice(_OPERATORS),
            "language": _pick(rng, _LANGUAGES),
            "number_typed": number,
            "number_e164": number or None,
            "caller_id": family.caller_id if family else None,
            "reason": reason,
            "status": status,
            "summary": "" if spam or not answered else rng.choice(_SUMMARIES),
            "call_back_on": back,
            "call_back_at": rng.choice(_PROMISED_AT) if back else "",
            "promised": rng.choice(_PROMISES) if back else "",
            "consent": consent,
            "minutes": min(55, 1 + int(rng.gammavariate(2.2, 3.2))) if answered else 0,
        }
        rows.append(row)
        if family:
            sought.append(
                {
                    "revision": 0,
                    "row": row,
                    "person_id": family.sought_id,
                    "relation": rng.choice(_RELATIONS),
                    "case_number": family.case_number,
                    "last_place": "",
                    "last_contact_first": None,
                    "last_contact_last": None,
                }
            )

    def _family(self, day: dt.date) -> Family | None:
        """Pick a family whose case was open on the day; recent cases call more often."""
        known = bisect.bisect_right(self._opened, day)
        if not known or self._rng.random() > 0.45:
            return None
        family = self._families[int(known * (1 - self._rng.random() ** 1.6 * 0.999))]
        # Who has been told calls no more.
        return None if family.closed and family.closed < day else family
