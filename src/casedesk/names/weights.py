"""How likely two records are one person: evidence in bits, field by field (Fellegi and Sunter).

Each field of a pair falls into a level: equal, one letter apart, another month. How often a level
occurs where two records are one person (m), where they are strangers (u) and where they are
relatives (r) was estimated from data and is kept in `resources/names/weights.json`; the procedure
is `benchmarks/weights.py`. The logarithm of m/u is the weight of the level, and weights add up.
Relatives are a hypothesis of their own: brothers agree in surname, patronymic and place, and
strangers hardly ever do, so whoever asks only "same or strangers" takes brothers for one person.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from casedesk.names.fold import coarse, readings, skeleton
from casedesk.names.given import classes, given_names
from casedesk.names.given import likeness as of_one_class
from casedesk.names.likeness import blended
from casedesk.names.parse import tokens
from casedesk.resources import resource

Word = tuple[str, ...]
"""The readings of one token, the primary one first."""
Part = tuple[Word, ...]
"""Every token by which a part of somebody's name is known, in all forms and scripts."""

NAMES: Final = ("family", "given", "patronymic")
FIELDS: Final = (*NAMES, "born", "sex", "place", "mother", "father", "phone", "reference")
LEVELS: Final = {
    **dict.fromkeys(NAMES, 8),
    "born": 14,
    "sex": 3,
    "place": 4,
    "mother": 4,
    "father": 4,
    "phone": 3,
    "reference": 3,
}
"""How many levels each field has; 0 is unknown, except for names, where it is `UNKNOWN_NAME`."""
UNKNOWN_NAME: Final = 7
EQUAL_NAME: Final = 6
_EDGES: Final = (0.62, 0.74, 0.84, 0.92, 0.985, 0.9999)
_ALIKE, _NEAR = 0.92, 0.8
_CROSSED: Final = {"family": "given", "given": "family", "patronymic": "patronymic"}
_SWAPPED_LEAST: Final = 0.84
_SWAPPED_BITS: Final = -2.0
_LEAST_BITS, _MOST_BITS = -9.0, 15.0
_RAREST_BITS: Final = 17.0
_REFERENCE: Final = 50_000
"""How many persons the tables of names count for beside the file: a small file knows no rarity."""
_REMEMBERED: Final = 1_000_000
_FEWEST: Final = 2_000


class Born(NamedTuple):
    """A birth ready to be compared: year, month and day as one number, and how exact it is."""

    year: int = 0
    day: int = 0
    kind: int = 0
    last_year: int = 0


_NOBODY: Final = Born()
_UNSURE, _YEAR, _MONTH, _DAY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of somebody who is compared; everything may be missing."""

    family: Part = ()
    given: Part = ()
    patronymic: Part = ()
    born: Born = _NOBODY
    sex: str = ""
    place: Part = ()
    mother: Part = ()
    father: Part = ()
    phones: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


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


@lru_cache(maxsize=65536)
def part(*texts: str) -> Part:
    """The tokens of some texts about one part of a name, each once."""
    found = {keys: None for text in texts for word in tokens(text) if (keys := readings(word))}
    return tuple(found)


@lru_cache(maxsize=65536)
def born(first: dt.date | None, last: dt.date | None) -> Born:
    """A birth interval: a day, a month, a year, or an estimate over several years."""
    if first is None or last is None:
        return _NOBODY
    if first == last:
        return Born(first.year, first.month * 100 + first.day, _DAY, first.year)
    if first.year != last.year:
        return Born(first.year, 0, _UNSURE, last.year)
    if first.month == last.month:
        return Born(first.year, first.month * 100, _MONTH, first.year)
    return Born(first.year, 0, _YEAR, first.year)


# Levels


def word_likeness(one: Word, other: Word) -> float:
    """How alike two tokens are, from 0 to 1, over all their readings."""
    if one[0] == other[0] or not set(one).isdisjoint(other):
        return 1.0
    best = _keys_likeness(one[0], other[0])
    if len(one) > 1 or len(other) > 1:
        theirs = {skeleton(key): key for key in other}
        for key in one:
            bones = skeleton(key)
            if bones and bones in theirs:
                best = max(best, _keys_likeness(key, theirs[bones]))
    mine = _classes(one)
    if mine:
        others = _classes(other)
        for number in mine.keys() & others.keys():
            best = max(best, of_one_class(mine[number], others[number]))
    return best


def _keys_likeness(key: str, other: str) -> float:
    rough = OSA.normalized_similarity(coarse(key), coarse(other))
    equal = skeleton(key) == skeleton(other) != ""
    return blended(key, other, rough, same_skeleton=equal)


@lru_cache(maxsize=65536)
def _classes(word: Word) -> dict[int, float]:
    found: dict[int, float] = {}
    for key in word:
        for number, weight in classes(key):
            found[number] = max(found.get(number, 0.0), weight)
    return found


def part_likeness(one: Part, other: Part) -> float:
    """How alike two parts are: the best of any form of the one and any of the other."""
    best = 0.0
    for word in one:
        for theirs in other:
            value = word_likeness(word, theirs)
            if value > best:
                if value == 1.0:
                    return 1.0
                best = value
    return best


def name_level(one: Part, other: Part) -> int:
    """The level of a part of a name: 0 is another name, 6 the same, 7 not known."""
    if not one or not other:
        return UNKNOWN_NAME
    return _level(part_likeness(one, other))


def _level(value: float) -> int:
    return sum(value >= edge for edge in _EDGES)


def born_level(one: Born, other: Born) -> int:
    """The level of two births, from 1 for the same day to 13 for more than ten years apart."""
    kind = min(one.kind, other.kind)
    if kind == 0:
        return 0
    if kind == _UNSURE:
        apart = max(one.year - other.last_year, other.year - one.last_year, 0)
        return 7 if apart == 0 else 8 if apart <= 2 else 12 if apart <= 10 else 13
    years = abs(one.year - other.year)
    if kind == _DAY:
        mine, theirs = one.day, other.day
        if years == 0:
            if mine == theirs:
                return 1
            month, day = divmod(mine, 100)
            if theirs == day * 100 + month:
                return 2
            if theirs // 100 == month or theirs % 100 == day:
                return 4
        elif mine == theirs and years in (1, 10):
            return 3
    elif years == 0:
        if kind == _YEAR:
            return 6
        if one.day // 100 == other.day // 100:
            return 5
    return 9 + sum(years > most for most in (0, 1, 3, 10))


def text_level(one: Part, other: Part) -> int:
    """The level of two texts such as a mother's name: 1 alike, 2 near, 3 different."""
    if not one or not other:
        return 0
    value = part_likeness(one, other)
    return 1 if value >= _ALIKE else 2 if value >= _NEAR else 3


def shared_level(one: frozenset[str], other: frozenset[str]) -> int:
    """The level of two sets of numbers: 1 where they share one, 2 where they do not."""
    if not one or not other:
        return 0
    return 2 if one.isdisjoint(other) else 1


def sex_level(one: str, other: str) -> int:
    """The level of two sexes: 1 equal, 2 different."""
    if one not in _SEXES or other not in _SEXES:
        return 0
    return 1 if one == other else 2


_SEXES: Final = frozenset({"f", "m"})


def father_level(one: Part, other: Part, patronymic: int) -> int:
    """The level of two fathers' names; where the patronymics say it already, it is unknown."""
    return text_level(one, other) if patronymic == UNKNOWN_NAME else 0


def levels(one: Subject, other: Subject) -> tuple[dict[str, int], bool]:
    """All levels of a pair, and whether surname and given name stand in each other's place."""
    family, given = name_level(one.family, other.family), name_level(one.given, other.given)
    swapped = False
    if family < 2 and given < 2:
        crossed = part_likeness(one.family, other.given), part_likeness(one.given, other.family)
        if min(crossed) > _SWAPPED_LEAST:
            family, given, swapped = _level(crossed[0]), _level(crossed[1]), True
    patronymic = name_level(one.patronymic, other.patronymic)
    return {
        "family": family,
        "given": given,
        "patronymic": patronymic,
        "born": born_level(one.born, other.born),
        "sex": sex_level(one.sex, other.sex),
        "place": text_level(one.place, other.place),
        "mother": text_level(one.mother, other.mother),
        "father": father_level(one.father, other.father, patronymic),
        "phone": shared_level(one.phones, other.phones),
        "reference": shared_level(one.references, other.references),
    }, swapped


# Weights


@dataclass(frozen=True, slots=True)
class Weights:
    """The table of weights, in bits: against strangers and against relatives, by field and level.

    `mean` is the rarity that the weight of an equal name stands for, `share` how much of a name's
    own rarity counts; `same` and `relative` say how many of each there are per person.
    """

    strangers: dict[str, tuple[float, ...]]
    relatives: dict[str, tuple[float, ...]]
    mean: dict[str, float]
    share: dict[str, float]
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


def of_table(table: Mapping[str, Mapping[str, Mapping[str, list[float]]]]) -> Weights:
    """Turn shares of levels (m, u, r) into weights in bits."""
    strangers: dict[str, tuple[float, ...]] = {}
    relatives: dict[str, tuple[float, ...]] = {}
    for name in FIELDS:
        shares = table["fields"][name]
        for target, against in ((strangers, "u"), (relatives, "r")):
            bits = [_bits(m, other) for m, other in zip(shares["m"], shares[against], strict=True)]
            if name in NAMES:
                bits[UNKNOWN_NAME] = 0.0
                if against == "u":  # a name that is more alike never tells less
                    for level in range(1, UNKNOWN_NAME):
                        bits[level] = max(bits[level], bits[level - 1])
            else:
                bits[0] = 0.0
            target[name] = tuple(round(value, 3) for value in bits)
    rarity, expected = table["rarity"], table["expected"]
    return Weights(
        strangers,
        relatives,
        {name: float(rarity[name]["mean"]) for name in NAMES},  # type: ignore[arg-type]
        {name: float(rarity[name]["share"]) for name in NAMES},  # type: ignore[arg-type]
        float(expected["same"]),  # type: ignore[arg-type]
        float(expected["relative"]),  # type: ignore[arg-type]
    )


def _bits(m: float, other: float) -> float:
    return min(max(math.log2(m / other), _LEAST_BITS), _MOST_BITS)


# How common names are


@dataclass(slots=True)
class Frequencies:
    """How many persons bear each name, all spellings and forms of it together."""

    persons: int = 0
    counts: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Iterable[tuple[Word, int]], persons: int) -> Frequencies:
        """Count the names of a file, given by their tokens with how often each occurs."""
        counts: dict[str, float] = {}
        for word, count in words:
            name = label(word)
            counts[name] = counts.get(name, 0.0) + count
        return cls(persons, counts)

    def rarity(self, word: Word) -> float:
        """The bits that sharing this name is worth, were it written alike in both records."""
        name = label(word)
        known = _known_shares().get(name, 0.0)
        bearers = self.counts.get(name, 0.0) + known * _REFERENCE + 0.5
        return min(math.log2((self.persons + _REFERENCE) / bearers), _RAREST_BITS)


@lru_cache(maxsize=262144)
def label(word: Word) -> str:
    """One label for all spellings of a name: its class among given names, else its consonants."""
    found = _classes(word)
    if found:
        most = max(found.values())
        return f"#{min(number for number, weight in found.items() if weight == most)}"
    return skeleton(word[0]) or word[0]


@cache
def _known_shares() -> dict[str, float]:
    """The share of each name among people, from the tables of names; languages weigh alike."""
    shares: dict[str, float] = {}
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
    # Who is called so as a father gives the patronymic of the same class.
    fathers = len(given_names())
    for number, known in enumerate(given_names()):
        if known.sex == "m" and f"#{number}" in shares:
            shares[f"#{fathers + number}"] = shares[f"#{number}"]
    return shares


# Weighing


class Scale:
    """Weighs pairs of one file; names that were compared once are not compared again."""

    def __init__(self, frequencies: Frequencies, table: Weights | None = None) -> None:
        """Weigh with the table of the program, or with another."""
        self.table = table or weights()
        self.frequencies = frequencies
        self.prior = self.table.prior(frequencies.persons)
        self.prior_relative = self.table.prior_relative
        self._parts: dict[Part, int] = {}
        self._known: list[Part] = []
        self._rare: list[float] = []
        self._alike: dict[int, float] = {}

    def number(self, tokens_of: Part) -> int:
        """A number for a part of a name; 0 where it is empty."""
        if not self._known:
            self._parts[()] = 0
            self._known.append(())
            self._rare.append(0.0)
        found = self._parts.get(tokens_of)
        if found is None:
            found = self._parts[tokens_of] = len(self._known)
            self._known.append(tokens_of)
            self._rare.append(min(map(self.frequencies.rarity, tokens_of), default=0.0))
        return found

    def alike(self, one: int, other: int) -> float:
        """The likeness of two parts by their numbers, reckoned once."""
        if one == other:
            return 1.0
        key = one << 32 | other if one < other else other << 32 | one
        value = self._alike.get(key)
        if value is None:
            if len(self._alike) > _REMEMBERED:
                self._alike.clear()  # memory is worth more than the last repeats
            value = self._alike[key] = part_likeness(self._known[one], self._known[other])
        return value

    def name_bits(self, name: str, level: int, one: int, other: int) -> tuple[float, float]:
        """The weight of a part of a name, against strangers and against relatives."""
        return self._name_bits(name, level, self._rare[one], self._rare[other])

    def _name_bits(self, name: str, level: int, one: float, other: float) -> tuple[float, float]:
        table = self.table
        against, relatives = table.strangers[name][level], table.relatives[name][level]
        if 2 < level <= EQUAL_NAME:
            rare = (min(one, other) - table.mean[name]) * table.share[name] * (level - 2) / 4
            against += rare
            if name == "given":  # relatives do not choose the same given name oftener if it is rare
                relatives += rare
        return against, relatives

    def weigh(self, one: Subject, other: Subject) -> Weighed:
        """Compare two subjects."""
        found, swapped = levels(one, other)
        bits: dict[str, float] = {}
        strangers, relatives = self.prior, self.prior_relative
        for name, level in found.items():
            if name in NAMES:
                mine = self._rarest(getattr(one, name))
                theirs = self._rarest(getattr(other, _CROSSED[name] if swapped else name))
                against, kin = self._name_bits(name, level, mine, theirs)
            else:
                against = self.table.strangers[name][level]
                kin = self.table.relatives[name][level]
            bits[name] = against
            strangers += against
            relatives += kin
        if swapped:
            strangers += _SWAPPED_BITS
            relatives += _SWAPPED_BITS
        bits_ = min(strangers, relatives)
        return Weighed(bits_, strangers, relatives, found, bits, swapped)

    def _rarest(self, tokens_of: Part) -> float:
        return min(map(self.frequencies.rarity, tokens_of), default=0.0)
