"""How likely two records are one person: evidence in bits, field by field (Fellegi and Sunter).

Each field of a pair falls into a level (`names.levels`). How often a level occurs where two records
are one person (m), where they are strangers (u) and where they are relatives (r) was estimated from
data and is kept in `resources/names/weights.json`; the procedure is `benchmarks/weights.py`. The
logarithm of m/u is the weight of the level, and weights add up. What is shared by few tells more: a
rare surname, a small place, the birth years of the old.

Relatives are a hypothesis of their own: brothers agree in surname, patronymic and place, and
strangers hardly ever do, so whoever asks only "same or strangers" takes brothers for one person.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final

from casedesk.names.fold import readings, skeleton
from casedesk.names.given import given_names
from casedesk.names.levels import (
    EQUAL_NAME,
    FAMILIAR_NAME,
    FIELDS,
    INITIAL,
    NAMES,
    SETTLED,
    UNKNOWN_NAME,
    Born,
    Part,
    Subject,
    Word,
    born,
    class_weights,
    levels,
    part,
)
from casedesk.resources import resource

__all__ = [
    "NAMES",
    "UNKNOWN_NAME",
    "Born",
    "Frequencies",
    "Part",
    "Scale",
    "Subject",
    "Weighed",
    "Weights",
    "Word",
    "bits_of",
    "born",
    "part",
    "probability",
    "weights",
]

RARE: Final = (*NAMES, "born", "place")
"""The fields in which it counts how many share what two records agree in."""
_CROSSED: Final = {"family": "given", "given": "family", "patronymic": "patronymic"}
_LEAST_BITS, _MOST_BITS = -9.0, 15.0
_NEVER: Final = 1e-7
_RAREST_BITS: Final = 17.0
_REFERENCE: Final = 50_000
"""How many persons the tables of names count for beside the file: a small file knows no rarity."""
_FEWEST: Final = 2_000
_REMEMBERED: Final = 100_000
_YEARS: Final = 80
"""Over so many birth years people are spread before any file is known, and so many places,"""
_PLACES: Final = 60
_SUPPOSED: Final = 300
"""as if so many persons had been counted already."""
_FIRST, _LAST = 1850, 2100


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the comparison of two subjects says: bits for "one person", and the level of each."""

    bits: float
    strangers: float
    relatives: float
    levels: Mapping[str, int]
    parts: Mapping[str, float]
    swapped: bool = False

    @property
    def score(self) -> float:
        """The same as a probability."""
        return probability(self.bits)

    @property
    def relative(self) -> bool:
        """Whether "a relative" speaks louder against one person than "strangers" does."""
        return self.relatives < self.strangers


def probability(bits: float) -> float:
    """Turn log-odds in bits into a probability."""
    return 1.0 / (1.0 + math.exp2(-max(-60.0, min(60.0, bits))))


def bits_of(score: float) -> float:
    """Turn a probability into log-odds in bits."""
    score = min(max(score, 1e-18), 1 - 1e-16)
    return math.log2(score / (1.0 - score))


# The table


@dataclass(frozen=True, slots=True)
class Weights:
    """The table of weights, in bits: against strangers and against relatives, by field and level.

    `slope` says how much the rarity of what both share counts at a level, and `centre` what of it
    the weight of the level holds already. `same` and `relative` say how many of each there are per
    person.
    """

    strangers: dict[str, tuple[float, ...]]
    relatives: dict[str, tuple[float, ...]]
    slope: dict[str, tuple[float, ...]]
    centre: dict[str, tuple[float, ...]]
    same: float
    relative: float

    def prior(self, persons: int) -> float:
        """The bits before anything is compared, for two persons of a file of so many.

        A young file counts as a larger one: it is a few of the people it will hold.
        """
        return math.log2(2 * self.same / max(persons, _FEWEST))

    @property
    def prior_relative(self) -> float:
        """The bits before anything is compared, where they are relatives or one person."""
        return math.log2(self.same / self.relative)


@cache
def weights() -> Weights:
    """Read the table that comes with the program."""
    with resource("names/weights.json").open(encoding="utf-8") as source:
        return of_table(json.load(source))


def of_table(table: Mapping[str, Any]) -> Weights:
    """Turn shares of levels (m, u, r) into weights in bits."""
    strangers: dict[str, tuple[float, ...]] = {}
    relatives: dict[str, tuple[float, ...]] = {}
    for name in FIELDS:
        shares = table["fields"][name]
        for target, against in ((strangers, "u"), (relatives, "r")):
            bits = [_bits(m, other) for m, other in zip(shares["m"], shares[against], strict=True)]
            bits[UNKNOWN_NAME if name in NAMES else 0] = 0.0
            if name in NAMES and against == "u":
                _never_less(bits)
            target[name] = tuple(round(value, 3) for value in bits)
    rarity, expected = table["rarity"], table["expected"]
    return Weights(
        strangers,
        relatives,
        {name: tuple(rarity[name]["slope"]) for name in RARE},
        {name: tuple(rarity[name]["centre"]) for name in RARE},
        float(expected["same"]),
        float(expected["relative"]),
    )


def _never_less(bits: list[float]) -> None:
    """A name that is less alike never tells more; two names of their own never more than a slip."""
    for level in range(EQUAL_NAME - 1, -1, -1):
        bits[level] = min(bits[level], bits[level + 1])
    for level in range(1, EQUAL_NAME):
        bits[level + SETTLED] = min(bits[level + SETTLED], bits[level])
    bits[FAMILIAR_NAME] = min(bits[FAMILIAR_NAME], bits[EQUAL_NAME])
    bits[INITIAL] = min(max(bits[INITIAL], 0.0), bits[EQUAL_NAME])


def _bits(m: float, other: float) -> float:
    return min(max(math.log2(max(m, _NEVER) / max(other, _NEVER)), _LEAST_BITS), _MOST_BITS)


# How common names, years and places are


@dataclass(slots=True)
class Frequencies:
    """How many persons bear each name, all spellings and forms of it together; and each alone."""

    persons: int = 0
    counts: dict[str, float] = field(default_factory=dict)
    spelled: dict[str, float] = field(default_factory=dict)
    years: dict[int, float] = field(default_factory=dict)
    places: dict[str, float] = field(default_factory=dict)
    _before: list[float] = field(init=False)
    _lived: float = field(init=False)

    def __post_init__(self) -> None:
        """Sum up how many were born before each year."""
        before = [0.0]
        for year in range(_FIRST, _LAST + 1):
            before.append(before[-1] + self.years.get(year, 0.0) + _SUPPOSED / _YEARS)
        self._before = before
        self._lived = sum(self.places.values()) + _SUPPOSED

    @classmethod
    def of(
        cls,
        words: Iterable[tuple[Word, int]],
        persons: int,
        years: Mapping[int, float] | None = None,
        places: Mapping[str, int] | None = None,
    ) -> Frequencies:
        """Count the names of a file, given by their tokens with how often each occurs."""
        counts: dict[str, float] = {}
        spelled: dict[str, float] = {}
        for word, count in words:
            name = label(word)
            counts[name] = counts.get(name, 0.0) + count
            spelled[word[0]] = spelled.get(word[0], 0.0) + count
        lived: dict[str, float] = {}
        for text, count in (places or {}).items():
            for name in {label(word) for word in part(text)}:
                lived[name] = lived.get(name, 0.0) + count
        return cls(persons, counts, spelled, dict(years or {}), lived)

    def rarity(self, word: Word) -> float:
        """The bits that sharing this name is worth, were it written alike in both records.

        Half-way between those who bear it in any form and those who bear it in this spelling.
        """
        name = label(word)
        known = _known_shares()[0].get(name, 0.0)
        bearers = self.counts.get(name, 0.0) + known * _REFERENCE + 0.5
        alike = math.sqrt(bearers * (self.bearers(word) + 0.5))
        return min(math.log2((self.persons + _REFERENCE) / alike), _RAREST_BITS)

    def bearers(self, word: Word) -> float:
        """How many persons bear a name in this spelling, in the file and in the tables."""
        key = word[0]
        return self.spelled.get(key, 0.0) + _known_shares()[1].get(key, 0.0) * _REFERENCE

    def part_rarity(self, tokens_of: Part) -> float:
        """The rarity of a part of a name; what is common in it counts."""
        return min(map(self.rarity, tokens_of), default=0.0)

    def place_rarity(self, tokens_of: Part) -> float:
        """The same of a place."""
        found = [self.places.get(label(word), 0.0) + _SUPPOSED / _PLACES for word in tokens_of]
        return min((math.log2(self._lived / count) for count in found), default=0.0)

    def born_rarity(self, birth: Born) -> float:
        """The bits that being born in these years is worth."""
        if not birth.kind:
            return 0.0
        known = self._before
        first, last = (min(max(year, _FIRST), _LAST) for year in (birth.year, birth.last_year))
        counted = known[last - _FIRST + 1] - known[first - _FIRST]
        return math.log2(known[-1] / counted)


@lru_cache(maxsize=262144)
def label(word: Word) -> str:
    """One label for all spellings of a name: its class among given names, else its consonants."""
    found = class_weights(word)
    if found:
        most = max(found.values())
        return f"#{min(number for number, weight in found.items() if weight == most)}"
    return skeleton(word[0]) or word[0]


@cache
def _known_shares() -> tuple[dict[str, float], dict[str, float]]:
    """The share of each name among people, by label and by spelling; languages weigh alike."""
    shares: dict[str, float] = {}
    spelled: dict[str, float] = {}
    for file in ("surnames", "given"):
        with resource(f"names/{file}.csv").open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        total = sum(float(row["weight"]) for row in rows)
        for row in rows:
            keys = readings(row["form"])
            if keys:
                name = label(keys)
                share = float(row["weight"]) / total
                shares[name] = shares.get(name, 0.0) + share
                spelled[keys[0]] = spelled.get(keys[0], 0.0) + share
    # Who is called so as a father gives the patronymic of the same class.
    fathers = len(given_names())
    for number, known in enumerate(given_names()):
        if known.sex == "m" and f"#{number}" in shares:
            shares[f"#{fathers + number}"] = shares[f"#{number}"]
    return shares, spelled


# Weighing


class Scale:
    """Weighs pairs of one file."""

    def __init__(self, frequencies: Frequencies, table: Weights | None = None) -> None:
        """Weigh with the table of the program, or with another."""
        self.table = table or weights()
        self.frequencies = frequencies
        self.prior = self.table.prior(frequencies.persons)
        self.prior_relative = self.table.prior_relative
        self._rare: dict[tuple[str, Part], float] = {}
        self._borne: dict[Word, float] = {}

    def levels(self, one: Subject, other: Subject) -> tuple[dict[str, int], bool]:
        """All levels of a pair, and whether surname and given name changed places."""
        return levels(one, other, self._bearers)

    def _bearers(self, word: Word) -> float:
        found = self._borne.get(word)
        if found is None:
            if len(self._borne) > _REMEMBERED:
                self._borne.clear()
            found = self._borne[word] = self.frequencies.bearers(word)
        return found

    def rarity(self, name: str, about: Subject) -> float:
        """How rare it is, in bits, what is known of somebody in a field."""
        if name == "born":
            return self.frequencies.born_rarity(about.born)
        tokens_of: Part = getattr(about, name)
        key = ("place" if name == "place" else "", tokens_of)
        found = self._rare.get(key)
        if found is None:
            if len(self._rare) > _REMEMBERED:
                self._rare.clear()
            known = self.frequencies
            found = known.place_rarity(tokens_of) if key[0] else known.part_rarity(tokens_of)
            self._rare[key] = found
        return found

    def weigh(self, one: Subject, other: Subject) -> Weighed:
        """Compare two subjects; it does not matter which comes first."""
        found = self._weigh(one, other)
        if found.swapped:  # which of the two is turned is not known
            return min(found, self._weigh(other, one), key=lambda weighed: weighed.bits)
        return found

    def _weigh(self, one: Subject, other: Subject) -> Weighed:
        found, swapped = self.levels(one, other)
        table = self.table
        bits: dict[str, float] = {}
        strangers, relatives = self.prior, self.prior_relative
        for name, level in found.items():
            if level == (UNKNOWN_NAME if name in NAMES else 0):
                bits[name] = 0.0
                continue
            against, kin = table.strangers[name][level], table.relatives[name][level]
            if name in RARE and (slope := table.slope[name][level]):
                theirs = _CROSSED[name] if swapped and name in NAMES else name
                rare = min(self.rarity(name, one), self.rarity(theirs, other))
                rare = rare * slope - table.centre[name][level]
                against += rare
                if name == "given":  # relatives share a rare given name as seldom as a common one
                    kin += rare
            bits[name] = against
            strangers += against
            relatives += kin
        return Weighed(min(strangers, relatives), strangers, relatives, found, bits, swapped)
