"""How far two records agree, field by field: each field of a pair falls into a level.

A name is equal, one letter apart, another form, another name; a birth is on the same day, in the
same year, in an interval that may hold the other. What a level is worth says `names.weights`.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from casedesk.names.fold import coarse, readings, skeleton
from casedesk.names.given import FAMILIAR, FORMAL, classes, given_names, initials
from casedesk.names.given import likeness as of_one_class
from casedesk.names.likeness import blended
from casedesk.names.parse import tokens

Word = tuple[str, ...]
"""The readings of one token, the primary one first."""
Part = tuple[Word, ...]
"""Every token by which a part of somebody's name is known, in all forms and scripts."""

NAMES: Final = ("family", "given", "patronymic")
FIELDS: Final = (*NAMES, "born", "sex", "place", "mother", "father", "phone", "reference")
LEVELS: Final = {
    **dict.fromkeys(NAMES, 15),
    "born": 16,
    "sex": 3,
    "place": 4,
    "mother": 4,
    "father": 4,
    "phone": 3,
    "reference": 3,
}
"""How many levels each field has; 0 is unknown, except for names, where it is `UNKNOWN_NAME`."""
EQUAL_NAME: Final = 6
UNKNOWN_NAME: Final = 7
SETTLED: Final = 7
"""Added to the levels 1 to 5 where both are names of their own: Марина is no slip for Мария."""
INITIAL: Final = 13
"""One of the two is an initial, and the other begins with it."""
FAMILIAR_NAME: Final = 14
"""The familiar form of a name: Коля and Николай."""
EDGES: Final = (0.62, 0.74, 0.84, 0.92, 0.9745, 0.9999)
ALIKE: Final = 0.92
NEAR: Final = 0.8
SWAPPED_LEAST: Final = 0.84
SWAPPED_MOST: Final = EDGES[1]
"""Only where neither name is alike in its own place are they looked for in the other's."""
BORN_UNSURE: Final = (7, 8, 14, 15)
"""Levels of births where one of them is an estimate: in it, a year from it, up to three, more."""


class Born(NamedTuple):
    """A birth ready to be compared: year, month and day as one number, and how exact it is."""

    year: int = 0
    day: int = 0
    kind: int = 0
    last_year: int = 0


NOBODY: Final = Born()
UNSURE, YEAR, MONTH, DAY = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of somebody who is compared; everything may be missing."""

    family: Part = ()
    given: Part = ()
    patronymic: Part = ()
    born: Born = NOBODY
    sex: str = ""
    place: Part = ()
    mother: Part = ()
    father: Part = ()
    phones: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


@lru_cache(maxsize=65536)
def part(*texts: str) -> Part:
    """The tokens of some texts about one part of a name, each once."""
    found = {keys: None for text in texts for word in tokens(text) if (keys := readings(word))}
    return tuple(found)


GIVEN_WORD: Final = 1
PATRONYMIC_WORD: Final = 2


@lru_cache(maxsize=65536)
def word_kind(word: Word) -> int:
    """Whether a token is known as a given name, as a patronymic, or as neither (0)."""
    fathers = len(given_names())
    found = 0
    for number, weight in class_weights(word).items():
        if weight == FORMAL:
            found |= PATRONYMIC_WORD if number >= fathers else GIVEN_WORD
    return found


@lru_cache(maxsize=65536)
def righted(family: str, given: str, patronymic: str) -> tuple[str, str, str]:
    """A name whose parts stand in the order of speech, put right: Елена | Сергеевна | Ткач."""
    if not (family and given and patronymic):
        return family, given, patronymic
    kinds = [[word_kind(word) for word in part(text)] for text in (family, given, patronymic)]
    if GIVEN_WORD in kinds[0] and PATRONYMIC_WORD in kinds[1] and not any(kinds[2]):
        return patronymic, family, given
    return family, given, patronymic


@lru_cache(maxsize=65536)
def born(first: dt.date | None, last: dt.date | None) -> Born:
    """A birth interval: a day, a month, a year, or an estimate over several years."""
    if first is None or last is None:
        return NOBODY
    if first == last:
        return Born(first.year, first.month * 100 + first.day, DAY, first.year)
    if first.year != last.year:
        return Born(first.year, 0, UNSURE, last.year)
    if first.month == last.month:
        return Born(first.year, first.month * 100, MONTH, first.year)
    return Born(first.year, 0, YEAR, first.year)


# Names


FORM, SLIP, APART = 0, 1, 2
"""What two tokens that are not equal may be: forms of one name, one misspelt, or two names."""
Bearers = Callable[[Word], float]
FEW: Final = 3.0
SLIPS: Final = 100.0


def settled(one: float, other: float) -> bool:
    """Whether two spellings are borne so often that neither is a slip for the other.

    A slip of one kind is rare beside the name it is made of: there are many ways to misspell.
    """
    least, most = (one, other) if one < other else (other, one)
    return least >= FEW and least * SLIPS >= most


def word_likeness(one: Word, other: Word) -> float:
    """How alike two tokens are, from 0 to 1, over all their readings."""
    return _compared(one, other)[0]


@lru_cache(maxsize=65536)
def _compared(one: Word, other: Word) -> tuple[float, bool, bool | None]:
    """Likeness; whether they share a skeleton; whether they share a class where both have one."""
    if one[0] == other[0] or not set(one).isdisjoint(other):
        return 1.0, True, None
    best, alike = _keys_likeness(one[0], other[0])
    if len(one) > 1 or len(other) > 1:
        for key in one:
            bones = skeleton(key)
            for theirs in other:
                if bones and bones == skeleton(theirs):
                    best, alike = max(best, _keys_likeness(key, theirs)[0]), True
    shared = None
    mine, others = class_weights(one), class_weights(other)
    if mine and others:
        for number in mine.keys() & others.keys():
            best, shared = max(best, of_one_class(mine[number], others[number])), True
        if shared is None and listed(mine) and listed(others):
            shared = False
    return best, alike, shared


def _keys_likeness(key: str, other: str) -> tuple[float, bool]:
    rough = OSA.normalized_similarity(coarse(key), coarse(other))
    equal = skeleton(key) == skeleton(other) != ""
    return blended(key, other, rough, same_skeleton=equal), equal


@lru_cache(maxsize=65536)
def class_weights(word: Word) -> dict[int, float]:
    """The classes of given names that a token belongs to, over all its readings."""
    found: dict[int, float] = {}
    for key in word:
        for number, weight in classes(key):
            found[number] = max(found.get(number, 0.0), weight)
    return found


def listed(found: dict[int, float]) -> bool:
    """Whether a token stands in the table of given names, and is not only made like one of it."""
    return max(found.values(), default=0.0) >= FAMILIAR


def compare_words(one: Word, other: Word, bearers: Bearers, *, given: bool) -> tuple[float, int]:
    """How alike two tokens are, and the kind: `FORM`, `SLIP` or `APART`."""
    value, alike, shared = _compared(one, other)
    if shared:
        return value, FORM
    if value >= EDGES[-1]:
        return value, SLIP
    if shared is False and given:
        return value, APART
    two = not alike and value >= EDGES[0] and settled(bearers(one), bearers(other))
    return value, APART if two else SLIP


def compare_parts(one: Part, other: Part, bearers: Bearers, *, given: bool) -> tuple[float, int]:
    """The same of two parts: the best of any form of the one and any of the other."""
    if len(one) == len(other) == 1:
        return compare_words(one[0], other[0], bearers, given=given)
    best, kind = 0.0, APART
    for word in one:
        for theirs in other:
            value, other_kind = compare_words(word, theirs, bearers, given=given)
            if value > best or (value == best and other_kind < kind):
                best, kind = value, other_kind
    return best, kind


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


def level_of(value: float, kind: int = SLIP) -> int:
    """The level of a name from its likeness."""
    level = bisect_right(EDGES, value)
    if kind == FORM and level < EQUAL_NAME - 1:
        return FAMILIAR_NAME
    return level + SETTLED if kind == APART and 1 <= level < EQUAL_NAME else level


def is_initial(word: Word) -> bool:
    """Whether a token is one letter, whatever it is in the other alphabet: Ю is iu."""
    return len(word[0]) == 1 or word[0] in _LETTERS


_LETTERS: Final = frozenset({"iu", "ia", "io", "ie"})
_LETTER: Final = max(map(len, _LETTERS))


def initial_level(one: Part, other: Part) -> int | None:
    """The level of two given names of which one is initials alone; None where neither is."""
    if len(one[0][0]) > _LETTER and len(other[0][0]) > _LETTER:
        return None
    mine, theirs = all(map(is_initial, one)), all(map(is_initial, other))
    if mine == theirs:
        return None
    letters, names = (one, other) if mine else (other, one)
    first = {key[:1] for word in letters for key in word}
    known = initials()
    for word in names:
        for key in word:
            if key[:1] in first or not first.isdisjoint(known.get(key, ())):
                return INITIAL
    return 0


def name_level(name: str, one: Part, other: Part, bearers: Bearers) -> int:
    """The level of a part of a name: 0 is another name, 6 the same, 7 not known."""
    return _name_level(name, one, other, bearers)[0]


def _name_level(name: str, one: Part, other: Part, bearers: Bearers) -> tuple[int, float]:
    """The level, and how alike both are; what is not known contradicts nothing."""
    if not one or not other:
        return UNKNOWN_NAME, 1.0
    if name != "family" and (level := initial_level(one, other)) is not None:
        return level, part_likeness(one, other)
    value, kind = compare_parts(one, other, bearers, given=name != "family")
    return level_of(value, kind), value


# The other fields


def born_level(one: Born, other: Born) -> int:
    """The level of two births, from 1 for the same day to 13 for more than ten years apart."""
    kind = min(one.kind, other.kind)
    if kind == 0:
        return 0
    if kind == UNSURE:
        apart = max(one.year - other.last_year, other.year - one.last_year, 0)
        return BORN_UNSURE[sum(apart > most for most in (0, 1, 3))]
    years = abs(one.year - other.year)
    if kind == DAY:
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
        if kind == YEAR:
            return 6
        if one.day // 100 == other.day // 100:
            return 5
    return 9 + sum(years > most for most in (0, 1, 3, 10))


def text_level(one: Part, other: Part) -> int:
    """The level of two texts such as a mother's name: 1 alike, 2 near, 3 different."""
    if not one or not other:
        return 0
    value = part_likeness(one, other)
    return 1 if value >= ALIKE else 2 if value >= NEAR else 3


def shared_level(one: frozenset[str], other: frozenset[str]) -> int:
    """The level of two sets of numbers: 1 where they share one, 2 where they do not."""
    if not one or not other:
        return 0
    return 2 if one.isdisjoint(other) else 1


def sex_level(one: str, other: str) -> int:
    """The level of two sexes: 1 equal, 2 different."""
    if one not in SEXES or other not in SEXES:
        return 0
    return 1 if one == other else 2


SEXES: Final = ("f", "m")


def father_level(one: Part, other: Part, patronymic: int) -> int:
    """The level of two fathers' names; where the patronymics say it already, it is unknown."""
    return text_level(one, other) if patronymic == UNKNOWN_NAME else 0


def levels(one: Subject, other: Subject, bearers: Bearers) -> tuple[dict[str, int], bool]:
    """All levels of a pair, and whether surname and given name stand in each other's place."""
    family, alike = _name_level("family", one.family, other.family, bearers)
    given, alike2 = _name_level("given", one.given, other.given, bearers)
    swapped = False
    if alike < SWAPPED_MOST and alike2 < SWAPPED_MOST:
        crossed = part_likeness(one.family, other.given), part_likeness(one.given, other.family)
        if min(crossed) > SWAPPED_LEAST:
            family, given, swapped = level_of(crossed[0]), level_of(crossed[1]), True
    patronymic = name_level("patronymic", one.patronymic, other.patronymic, bearers)
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
