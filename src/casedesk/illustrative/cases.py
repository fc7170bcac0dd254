"""Invented tracing cases with their lives: opened, searched, answered, told, closed.

The numbers of lives follow the published figures, so that each comes out as published at every
scale; what happens inside a life is drawn.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from casedesk.illustrative.people import PLACES, Invented, People
from casedesk.tracing.rules import case_number

Row = dict[str, Any]
SPRING_2022, NEW_YEAR = dt.date(2022, 3, 1), dt.date(2024, 12, 31)
SUMMER, LAST = dt.date(2025, 8, 31), dt.date(2025, 12, 31)
# The day on which the desk of an illustrative file lives: the last one that has calls.
TRIAL_DAY = LAST
OFFICERS = (
    "E. Marchetti", "T. Holm", "A. Duarte", "J. Okafor", "M. Lindqvist", "S. Petrosyan",
    "R. Kimura", "L. Haddad", "N. Varga", "P. Achterberg", "I. Rossi", "D. Mensah", "K. Novak",
    "F. Salazar", "H. Brandt", "Y. Tanaka", "O. Lysenko", "B. Dubois", "V. Sorokina", "G. Adler",
    "C. Moreau", "Z. Karimova", "W. Jansen", "U. Tamm",
)  # fmt: skip
_KINDS = ("missing_combatant", "missing_combatant", "missing_civilian")
_RELATIONS = {
    "f": ("mother", "mother", "mother", "wife", "wife", "sister", "daughter", "aunt"),
    "m": ("father", "father", "brother", "son", "friend"),
}
_CIRCUMSTANCES = (
    "Last telephone call in the evening; the phone has been off since.",
    "Left for work by bus and did not arrive; two colleagues are missing too.",
    "A comrade says he was wounded and taken away by others.",
    "Seen at a crossing with two suitcases; no word since.",
    "The family heard his name on a list read aloud, and could not find the list again.",
    "Wrote that the unit was being moved; no message since.",
    "Stayed in the house when the street was left; neighbours know nothing.",
    "A photograph circulates that may show him; the family is not sure.",
)
_ACTIONS = (
    ("authority_request", "Written request with all personal data."),
    ("list_check", "Compared with the lists received this week."),
    ("individual_tracing", "Handed to the national society of the last known place."),
    ("photo_tracing", "Photograph published, with the family's consent."),
    ("field_visit", "Visit to the last known address planned with the national society."),
    ("family_call", "Family called; nothing new on their side."),
)
_SOURCES = ("Letter of an authority", "National society", "Former neighbour", "Released comrade")
_MIDDLE = ("in_tracing", "information_received", "verified")


@dataclass(frozen=True)
class Family:
    """Who calls about whom, and between which days."""

    caller_id: int
    sought_id: int
    case_number: str
    phone: str
    opened: dt.date
    closed: dt.date | None


@dataclass(frozen=True)
class _Plan:
    """How many cases of one kind of life there are, and when they open and end."""

    count: int
    opened: tuple[dt.date, dt.date]
    closed: tuple[dt.date, dt.date] | None = None
    informed: int = 0
    told: tuple[dt.date, dt.date] = (SPRING_2022, NEW_YEAR)


def plans(scale: float) -> list[_Plan]:
    """Derive the lives from the published figures, so that each comes out as published."""
    open_2024, open_2025 = round(43_000 * scale), round(154_200 * scale)
    informed_2024, informed_2025 = round(10_800 * scale), round(14_800 * scale)
    closed_early = min(round(9_000 * scale), informed_2024)
    closed_late = min(round(3_000 * scale), informed_2025 - informed_2024)
    staying = open_2024 - closed_late
    told_early = informed_2024 - closed_early
    told_late = informed_2025 - informed_2024 - closed_late
    year_2025 = (dt.date(2025, 1, 1), SUMMER)
    early = (SPRING_2022, NEW_YEAR)
    autumn = (dt.date(2025, 9, 1), LAST)
    return [
        _Plan(closed_early, (SPRING_2022, dt.date(2024, 9, 30)), early, closed_early, early),
        _Plan(closed_late, early, year_2025, closed_late, year_2025),
        _Plan(told_early, early, None, told_early, early),
        _Plan(told_late, early, None, told_late, year_2025),
        _Plan(staying - told_early - told_late, early),
        _Plan(open_2025 - staying, year_2025),
        _Plan(round(6_000 * scale), autumn, None, round(600 * scale), autumn),
    ]


def cases(
    seed: int, scale: float, people: People, families: list[Family]
) -> Iterator[dict[str, list[Row]]]:
    """Give one case after another with everything that hangs on it; note who will call."""
    rng = random.Random(f"cases {seed}")
    case_id = 0
    for plan in plans(scale):
        for index in range(plan.count):
            case_id += 1
            yield _case(rng, case_id, plan, index < plan.informed, people, families)


def _case(
    rng: random.Random,
    case_id: int,
    plan: _Plan,
    informed: bool,
    people: People,
    families: list[Family],
) -> dict[str, list[Row]]:
    opened = _between(rng, *plan.opened)
    closed = None
    if plan.closed:
        first = max(plan.closed[0], opened + dt.timedelta(days=1))
        closed = _between(rng, first, plan.closed[1])
    told = None
    if informed:
        told = closed or _between(rng, max(plan.told[0], opened), plan.told[1])
    sought = people.person("f" if rng.random() < 0.14 else "m")
    sex = "f" if rng.random() < 0.8 else "m"
    caller = people.person(sex, relative_of=sought)
    rows = {name: values + caller.rows[name] for name, values in sought.rows.items()}
    number = case_number(opened.year, case_id)
    outcome = rng.choice(("dead", "contact_restored", "returned")) if closed else None
    fate = "dead" if outcome == "dead" or (told and not closed and rng.random() < 0.5) else "alive"
    turns = _turns(rng, opened, told, closed)
    status = turns[-1][0]
    owner = rng.choice(OFFICERS)
    rows["case"] = [
        {
            "id": case_id,
            "revision": 0,
            "number": number,
            "person_id": sought.id,
            "kind": rng.choice(_KINDS),
            "status": status,
            "opened_on": opened,
            "last_seen_on": opened - dt.timedelta(days=rng.randrange(3, 300)),
            "last_seen_at": rng.choice(PLACES[sought.language]),
            "circumstances": rng.choice(_CIRCUMSTANCES),
            "owner": owner,
            "priority": "high" if rng.random() < 0.03 else "normal",
            "closed_on": closed,
            "outcome": outcome,
            "external_ref": None,
        }
    ]
    rows["status"] = _intervals(case_id, turns)
    rows["action"], rows["information"] = _steps(rng, case_id, turns, fate)
    if told:
        rows["informed"] = [
            {
                "revision": 0,
                "case_id": case_id,
                "on_date": told,
                "told": "",
                "how": "phone",
                "by": "delegation",
                "fate": fate,
            }
        ]
    rows["enquirer"] = [
        {
            "revision": 0,
            "case_id": case_id,
            "person_id": caller.id,
            "relation": rng.choice(_RELATIONS[sex]),
            "main": True,
            "consent": True,
        }
    ]
    families.append(_family(caller, sought, number, opened, closed))
    return rows


def _family(
    caller: Invented, sought: Invented, number: str, opened: dt.date, closed: dt.date | None
) -> Family:
    return Family(caller.id, sought.id, number, caller.phone, opened, closed)


def _turns(
    rng: random.Random, opened: dt.date, told: dt.date | None, closed: dt.date | None
) -> list[tuple[str, dt.date]]:
    """Draw which status came when; the days never go back."""
    turns = [("open", opened)]
    end = told or closed or LAST
    reach = 3 if told else rng.choices((0, 1, 2, 3), (45, 40, 11, 4))[0]
    day = opened
    for status in _MIDDLE[:reach]:
        day = day + dt.timedelta(days=rng.randrange(5, 75))
        if day >= end:
            break
        turns.append((status, day))
    if told and told != closed:
        turns.append(("family_informed", told))
    if closed:
        turns.append(("closed", closed))
    return turns


def _intervals(case_id: int, turns: list[tuple[str, dt.date]]) -> list[Row]:
    """Write the life as it was learnt: each status until further notice, then what came."""

    def row(
        value: str, first: dt.date, end: dt.date | None, known: dt.date, until: dt.date | None
    ) -> Row:
        return {
            "revision": 0,
            "case_id": case_id,
            "status": value,
            "valid_from": first,
            "valid_to": end,
            "known_from": known,
            "known_to": until,
        }

    rows = []
    for (status, first), (_next, end) in itertools.pairwise(turns):
        if first != end:
            rows += [row(status, first, None, first, end), row(status, first, end, end, None)]
    status, first = turns[-1]
    return [*rows, row(status, first, None, first, None)]


def _steps(
    rng: random.Random, case_id: int, turns: list[tuple[str, dt.date]], fate: str
) -> tuple[list[Row], list[Row]]:
    """Say what was done in each stretch of the life, and what came back."""
    actions, found = [], []
    for status, day in turns:
        if status == "in_tracing":
            kind, note = rng.choice(_ACTIONS)
            due = day + dt.timedelta(days=rng.randrange(30, 240))
            pending = due >= TRIAL_DAY - dt.timedelta(days=10)
            came = rng.choice(("successful", "unsuccessful"))
            actions.append(
                {
                    "revision": 0,
                    "case_id": case_id,
                    "on_date": day,
                    "kind": kind,
                    "note": note,
                    "answer_due": due,
                    "outcome": "pending" if pending else came,
                }
            )
        elif status == "information_received":
            found.append(
                {
                    "revision": 0,
                    "case_id": case_id,
                    "on_date": day,
                    "source": rng.choice(_SOURCES),
                    "reliability": rng.choice(("confirmed", "probable", "doubtful")),
                    "fate": fate,
                    "whereabouts": "",
                    "verified_by": rng.choice(OFFICERS) if turns[-1][0] != status else "",
                    "share_with_family": "yes",
                }
            )
    return actions, found


def _between(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    # More and more families ask: the later half of a span holds two thirds of the cases.
    days = (last - first).days
    return first + dt.timedelta(days=int(days * rng.random() ** 0.6))
