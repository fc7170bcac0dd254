"""The invented delegation: persons, cases with their lives, and all calls, at any scale.

Calls are cheap, so every scale holds all of them. Persons and cases scale: at scale 1 the file
holds 154,200 open cases on 31 August 2025 and 43,000 at the end of 2024, as published.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from casedesk.hotline.records import Enquiry, EnquirySought
from casedesk.illustrative.calls import ANSWERED, CallBook
from casedesk.kernel.acts import act
from casedesk.kernel.language import N_
from casedesk.kernel.store import Store, insert_rows
from casedesk.names.fold import readings
from casedesk.names.parse import tokens
from casedesk.names.romanise import romanise, schemes_for
from casedesk.people.records import Contact, NameToken, Person, PersonName
from casedesk.reports import external
from casedesk.resources import resource
from casedesk.tracing.records import CaseEnquirer, CaseStatus, FamilyInformed, TracingCase
from casedesk.tracing.rules import case_number

Row = dict[str, Any]
ACTOR = "illustrative data"
SPRING_2022, NEW_YEAR = dt.date(2022, 3, 1), dt.date(2024, 12, 31)
SUMMER, LAST = dt.date(2025, 8, 31), dt.date(2025, 12, 31)
_CHUNK = 5_000
_SCHEMES = schemes_for("ru")
_PLACES = ("Белгород", "Курск", "Ростов-на-Дону", "Воронеж", "Донецк", "Луганск", "Мариуполь")
_KINDS = ("missing_combatant", "missing_combatant", "missing_civilian")


@dataclass(frozen=True)
class _Plan:
    """How many cases of one kind of life there are, and when they open and end."""

    count: int
    opened: tuple[dt.date, dt.date]
    closed: tuple[dt.date, dt.date] | None = None
    informed: int = 0
    told: tuple[dt.date, dt.date] = (SPRING_2022, NEW_YEAR)


def create(
    store: Store, *, scale: float, seed: int, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Fill an empty file with the delegation; the same seed and scale give the same records."""
    store.write(external.record, list(external.PUBLISHED), actor=ACTOR)
    people = _People(seed)
    families: list[tuple[int, int, str, str, dt.date]] = []
    cases = _cases(random.Random(f"cases {seed}"), _plans(scale), people, families)
    done = 0
    while True:
        batch = _take(cases, _CHUNK)
        if not batch:
            break
        store.write(fill, batch, actor=ACTOR, bulk=True)
        done += len(batch["case"])
        progress(f"{done:,} cases")
    book = CallBook(seed, families)
    for year in ANSWERED:
        for month in range(1, 13):
            rows, sought = book.month(year, month)
            store.write(fill, {"call": rows, "sought": sought}, actor=ACTOR, bulk=True)
        progress(f"calls of {year}")


@act("illustrative.fill", N_("Add illustrative data"), undoable=False)
def fill(session: Session, rows: dict[str, list[Row]]) -> None:
    """Insert rows of several tables, parents first."""
    for name, cls in (
        ("person", Person),
        ("name", PersonName),
        ("contact", Contact),
        ("token", NameToken),
        ("case", TracingCase),
        ("status", CaseStatus),
        ("enquirer", CaseEnquirer),
        ("informed", FamilyInformed),
        ("call", Enquiry),
        ("sought", EnquirySought),
    ):
        insert_rows(session, cls, rows.get(name, []))


def _plans(scale: float) -> list[_Plan]:
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
    return [
        _Plan(closed_early, (SPRING_2022, dt.date(2024, 9, 30)), early, closed_early, early),
        _Plan(closed_late, early, year_2025, closed_late, year_2025),
        _Plan(told_early, early, None, told_early, early),
        _Plan(told_late, early, None, told_late, year_2025),
        _Plan(staying - told_early - told_late, early),
        _Plan(open_2025 - staying, year_2025),
        _Plan(round(6_000 * scale), (dt.date(2025, 9, 1), LAST)),
    ]


def _between(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    # More and more families ask: the later half of a span holds two thirds of the cases.
    days = (last - first).days
    return first + dt.timedelta(days=int(days * rng.random() ** 0.6))


def _take(rows: Iterator[dict[str, list[Row]]], count: int) -> dict[str, list[Row]]:
    batch: dict[str, list[Row]] = {}
    for _ in range(count):
        one = next(rows, None)
        if one is None:
            break
        for name, values in one.items():
            batch.setdefault(name, []).extend(values)
    return batch


def _cases(
    rng: random.Random,
    plans: list[_Plan],
    people: _People,
    families: list[tuple[int, int, str, str, dt.date]],
) -> Iterator[dict[str, list[Row]]]:
    """Give one case after another with everything that hangs on it."""
    case_id = 0
    for plan in plans:
        for index in range(plan.count):
            case_id += 1
            opened = _between(rng, *plan.opened)
            closed = None
            if plan.closed:
                first = max(plan.closed[0], opened + dt.timedelta(days=1))
                closed = _between(rng, first, plan.closed[1])
            rows = people.person("f" if rng.random() < 0.14 else "m")
            sought = rows["person"][0]["id"]
            number = case_number(opened.year, case_id)
            moved = opened + dt.timedelta(days=rng.randrange(5, 60))
            lives = closed is None and moved <= LAST and rng.random() < 0.3
            outcome = rng.choice(("dead", "contact_restored", "returned")) if closed else None
            rows["case"] = [
                {
                    "id": case_id,
                    "revision": 0,
                    "number": number,
                    "person_id": sought,
                    "kind": rng.choice(_KINDS),
                    "status": "closed" if closed else "in_tracing" if lives else "open",
                    "opened_on": opened,
                    "last_seen_on": opened - dt.timedelta(days=rng.randrange(3, 300)),
                    "last_seen_at": rng.choice(_PLACES),
                    "circumstances": "",
                    "owner": f"officer {rng.randrange(1, 25):02}",
                    "priority": "normal",
                    "closed_on": closed,
                    "outcome": outcome,
                    "external_ref": None,
                }
            ]
            turn = closed or (moved if lives else None)
            status = "closed" if closed else "in_tracing"
            rows["status"] = _statuses(case_id, opened, turn, status)
            if index < plan.informed:
                told = closed or _between(rng, max(plan.told[0], opened), plan.told[1])
                rows["informed"] = [
                    {
                        "revision": 0,
                        "case_id": case_id,
                        "on_date": told,
                        "told": "",
                        "how": "phone",
                        "by": "delegation",
                        "fate": "dead" if outcome == "dead" else "alive",
                    }
                ]
            if rng.random() < 0.27:
                caller = people.person("f" if rng.random() < 0.8 else "m", phone=True)
                for name, values in caller.items():
                    rows.setdefault(name, []).extend(values)
                caller_id, phone = caller["person"][0]["id"], caller["contact"][0]["e164"]
                rows["enquirer"] = [
                    {
                        "revision": 0,
                        "case_id": case_id,
                        "person_id": caller_id,
                        "relation": "mother",
                        "main": True,
                        "consent": True,
                    }
                ]
                families.append((caller_id, sought, number, phone, opened))
            yield rows


def _statuses(case_id: int, opened: dt.date, turn: dt.date | None, status: str) -> list[Row]:
    """Write the life as it was learnt: first open until further notice, then what came."""

    def row(value: str, first: dt.date, end: dt.date | None, *known: dt.date | None) -> Row:
        return {
            "revision": 0,
            "case_id": case_id,
            "status": value,
            "valid_from": first,
            "valid_to": end,
            "known_from": known[0],
            "known_to": known[1],
        }

    if turn is None:
        return [row("open", opened, None, opened, None)]
    return [
        row("open", opened, None, opened, turn),
        row("open", opened, turn, turn, None),
        row(status, turn, None, turn, None),
    ]


class _People:
    """Invents persons with realistic frequencies of names, in two scripts."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"people {seed}")
        self._id = self._name_id = 0
        self._surnames = _weighted("surnames.csv", None)
        self._given = {sex: _weighted("given.csv", sex) for sex in ("m", "f")}

    def person(self, sex: str, *, phone: bool = False) -> dict[str, list[Row]]:
        """Give the rows of one person: register, names in both scripts, keys, telephone."""
        rng = self._rng
        self._id += 1
        family = _pick(rng, self._surnames)
        given = _pick(rng, self._given[sex])
        patronymic = _patronymic(_pick(rng, self._given["m"]), sex)
        if sex == "f":
            family = _feminine(family)
        born = dt.date(1955, 1, 1) + dt.timedelta(days=int(rng.triangular(0, 18_500, 12_500)))
        year_only = rng.random() < 0.35
        parts = (family, given, patronymic if rng.random() < 0.92 else "")
        scheme = rng.choice(_SCHEMES)
        latin = (_roman(parts[0], scheme), _roman(parts[1], scheme), "")
        rows: dict[str, list[Row]] = {
            "person": [
                {
                    "id": self._id,
                    "revision": 0,
                    "code": f"P-{self._id:06}",
                    "sex": sex,
                    "born_first": dt.date(born.year, 1, 1) if year_only else born,
                    "born_last": dt.date(born.year, 12, 31) if year_only else born,
                    "father_name": "",
                    "mother_name": "",
                    "birth_place": "",
                    "external_ref": None,
                    "merged_into_id": None,
                }
            ],
            "name": [
                self._name("official", "cyrillic", parts),
                self._name("passport", "latin", latin),
            ],
            "contact": [],
        }
        keys = {key for text in (*parts, *latin) if text for key in _keys(text)}
        rows["token"] = [{"token": key, "person_id": self._id} for key in sorted(keys)]
        if phone:
            number = f"+79{rng.randrange(10**9):09}"
            rows["contact"] = [
                {
                    "revision": 0,
                    "person_id": self._id,
                    "kind": "phone",
                    "typed": number,
                    "e164": number,
                    "safe": True,
                }
            ]
        return rows

    def _name(self, kind: str, script: str, parts: tuple[str, str, str]) -> Row:
        self._name_id += 1
        return {
            "id": self._name_id,
            "revision": 0,
            "person_id": self._id,
            "kind": kind,
            "script": script,
            "family": parts[0],
            "given": parts[1],
            "patronymic": parts[2],
        }


@functools.lru_cache(maxsize=50_000)
def _roman(text: str, scheme: str) -> str:
    return romanise(text, scheme)


@functools.lru_cache(maxsize=50_000)
def _keys(text: str) -> frozenset[str]:
    return frozenset(key for token in tokens(text) for key in readings(token))


def _weighted(file: str, sex: str | None) -> tuple[list[str], list[int]]:
    with resource(f"names/{file}").open(encoding="utf-8", newline="") as source:
        rows = [row for row in csv.DictReader(source) if sex is None or row["sex"] == sex]
    total, sums = 0, []
    for row in rows:
        total += int(row["weight"])
        sums.append(total)
    return [row["form"] for row in rows], sums


def _pick(rng: random.Random, weighted: tuple[list[str], list[int]]) -> str:
    return rng.choices(weighted[0], cum_weights=weighted[1])[0]


def _feminine(family: str) -> str:
    """Give the female form of a surname: Иванов, Иванова; Белый, Белая; Коваленко stays."""
    if family.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return family + "а"
    if family.endswith(("ский", "цкий")):
        return family[:-2] + "ая"
    if family.endswith(("ый", "ой")):
        return family[:-2] + "ая"
    return family


def _patronymic(father: str, sex: str) -> str:
    """Make a patronymic: Сергей, Сергеевич; Юрий, Юрьевич; Никита, Никитич; Иван, Иванович."""
    male = sex == "m"
    if father.endswith("ий"):
        return father[:-2] + ("ьевич" if male else "ьевна")
    if father.endswith(("й", "ь")):
        return father[:-1] + ("евич" if male else "евна")
    if father.endswith(("а", "я")):
        return father[:-1] + ("ич" if male else "ична")
    return father + ("ович" if male else "овна")
