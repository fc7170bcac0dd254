"""How well a name row answers what was typed: words to parts, one to one, rare words first.

A word that agrees counts as much as its name is rare (the logarithm of how many bear it), and as
its likeness to the fourth power; a word that agrees with nothing takes away. Numbers were set on
the data and by the protocol of `benchmarks/names.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from casedesk.names.given import initials as first_sounds
from casedesk.names.likeness import faintly
from casedesk.names.rows import FAMILY, GIVEN, PATRONYMIC, Rows

INITIAL: Final = 1.4
"""What an initial that agrees is worth; one that does not takes away 1."""
# The likelihood of a place in the text (first, second, ...) for family, given, patronymic.
_PLACES: Final = ((0.0, -0.1, -0.9), (-0.1, 0.0, -0.5), (-0.2, -0.4, 0.0), (-0.2, -0.3, 0.0))
_ALONE: Final = (0.0, -0.1, -0.3)
_OTHER_NAME, _OTHER_WORD, _AT_MOST, _SURPLUS_WORD = 1.5, 0.15, 0.35, 0.08
_EQUAL: Final = 0.9999
_CLEAR, _FAINT = 4, 2.5
_UNUSED_PART, _OTHER_HALF, _ONLY_PATRONYMIC = 0.02, 0.3, 0.6


@dataclass(frozen=True, slots=True)
class Strength:
    """How strongly a word agrees with a token: from a least gain up to the most below the next."""

    least: float
    most: float


@dataclass(slots=True)
class Wanted:
    """One typed word: tokens it may stand for with their gain, and what it weighs."""

    word: str
    gains: dict[int, float]
    weight: float
    rows: int
    best: float
    beginning: bool = False
    strengths: tuple[Strength, ...] = ()
    at: int = 0
    values: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def gain(self) -> float:
        """The greatest gain; the tokens stand in this order."""
        return next(iter(self.gains.values()), 0.0)


@dataclass(slots=True)
class Initial:
    """One typed initial: its first sound, and whether a given name or a patronymic is meant."""

    sound: str
    role: int


class Rated(NamedTuple):
    """How well a row answers, and the words and the places in the row that agree, as bits."""

    score: float
    words: int
    places: int


Worth = tuple[float, int, float]
"""What one part of a row brings for one word: its value, the word's number, the gain."""


@dataclass(slots=True)
class Question:
    """All that was typed, ready to be held against rows."""

    words: list[Wanted]
    initials: list[Initial] = field(default_factory=list)
    born: tuple[int, int] | None = None
    unknown: float = 0.0
    worth: dict[int, list[Worth]] = field(default_factory=dict)
    rated: dict[bytes, Rated] = field(default_factory=dict)
    faint: dict[tuple[int, int], float] = field(default_factory=dict)
    tops: dict[int, float] = field(default_factory=dict)
    losses: list[tuple[float, float]] = field(default_factory=list)
    """What so many words that agree with nothing take away at least: where the row has another name
    in their place, and where it has none."""

    def prepare(self) -> None:
        """Give each word its worth in each role, by its place in the text."""
        for at, word in enumerate(self.words):
            word.at = at
            place = _ALONE if len(self.words) == 1 else _PLACES[min(at, 3)]
            word.values = tuple(word.weight + prior for prior in place)  # type: ignore[assignment]
        self.unknown = sum(word.weight for word in self.words)
        lightest = sorted(word.weight for word in self.words)
        for missed in range(len(lightest) + 1):
            left = sum(lightest[:missed])
            self.losses.append((_lost(left, min(missed, 1)), left * _SURPLUS_WORD))

    @property
    def most(self) -> float:
        """What a row would get that agrees in everything."""
        birth = best_birth(self.born) if self.born else 0.0
        return self.unknown + INITIAL * len(self.initials) + birth


@dataclass(frozen=True, slots=True)
class Agreement:
    """Which part of a row a word fell to: the place in the row, role, and gain."""

    word: int
    place: int
    role: int
    gain: float


def at_most(question: Question, entries: Sequence[int]) -> float:
    """No row with these parts answers better than this; quicker to say than how well it does."""
    tops, bound, told = question.tops, 0.0, 0
    for entry in entries:
        top = tops.get(entry)
        if top is None:
            worth = question.worth[entry] = _worth(question, entry)
            top = tops[entry] = max((value for value, _at, _gain in worth), default=0.0)
        if top:
            bound += top
            told += 1
    missed = len(question.words) - told
    if missed > 0:
        other, surplus = question.losses[missed]
        bound -= other if told < len(entries) else surplus
    return bound


def score(question: Question, rows: Rows, row: int) -> float:
    """How well a row answers; the names only, without the birth date."""
    return _rated(question, rows, row).score


def _rated(question: Question, rows: Rows, row: int) -> Rated:
    name = rows.entries[rows.starts[row] : rows.starts[row + 1]].tobytes()
    known = question.rated.get(name)
    if known is None:  # namesakes are many where a search takes long
        known = question.rated[name] = _rate(question, rows, row, None)
    return known


def explain(question: Question, rows: Rows, row: int) -> list[Agreement]:
    """Which word stands for which part of a row; an initial has the word number -1."""
    found: list[Agreement] = []
    _rate(question, rows, row, found)
    return sorted(found, key=lambda agreement: agreement.place)


def _rate(question: Question, rows: Rows, row: int, found: list[Agreement] | None) -> Rated:
    entries = rows.entries[rows.starts[row] : rows.starts[row + 1]]
    pairs: list[tuple[float, int, int, float]] = []
    for place, entry in enumerate(entries):
        worth = question.worth.get(entry)
        if worth is None:
            worth = question.worth[entry] = _worth(question, entry)
        for value, at, gain in worth:
            pairs.append((value, at, place, gain))
    total, left = 0.0, question.unknown
    used_words = used_places = used_roles = 0
    if len(pairs) > 1:
        pairs.sort(reverse=True)
    words = question.words
    for value, at, place, gain in pairs:
        if used_words >> at & 1 or used_places >> place & 1:
            continue
        used_words |= 1 << at
        used_places |= 1 << place
        used_roles |= 1 << (entries[place] & 3)
        total += value
        left -= words[at].weight
        if found is not None:
            found.append(Agreement(at, place, entries[place] & 3, gain))
    size = len(entries)
    used = used_places.bit_count()
    if left > 0.0:
        if used < size:  # another name stands where the word should be
            others = min(len(words) - used_words.bit_count(), size - used)
            total -= _lost(left, others)
        else:
            total -= left * _SURPLUS_WORD
    if question.initials:
        for initial in question.initials:
            best, best_place, there = 0.0, -1, False
            for place, entry in enumerate(entries):
                role = entry & 3
                if role == FAMILY:
                    continue
                there |= role == initial.role
                if used_places >> place & 1:
                    continue
                value = agrees(initial.sound, rows.vocabulary.key(entry >> 2))
                if role != initial.role:
                    value *= 0.3
                if value > best:
                    best, best_place = value, place
            if best > 0.0:
                used_places |= 1 << best_place
                total += INITIAL * best
                if found is not None:
                    role = entries[best_place] & 3
                    found.append(Agreement(-1, best_place, role, best))
            else:
                total -= 1.0 if there else 0.2
        used = used_places.bit_count()
    only_patronymic = used_roles >> PATRONYMIC & 1 and not used_roles >> GIVEN & 1
    if only_patronymic and len(words) == 2 and size >= 3:
        total -= _ONLY_PATRONYMIC
    if used < size:
        total -= _UNUSED_PART * (size - used)
        if used_roles & 1 and size > 1:
            halves = sum(
                1
                for place, entry in enumerate(entries)
                if not entry & 3 and not used_places >> place & 1
            )
            total -= _OTHER_HALF * halves
    return Rated(total, used_words, used_places)


def leftovers(question: Question, rows: Rows, row: int) -> float:
    """What the words bring that agree with nothing, held against the parts of a row that are left.

    It is little, and parts those whom all other words fit: one who asks for Скибиляц Иван
    Леонидович means Скибиляк rather than Курбет.
    """
    rated = _rated(question, rows, row)
    words = [word for word in question.words if not rated.words >> word.at & 1]
    if not words:
        return 0.0
    entries = rows.entries[rows.starts[row] : rows.starts[row + 1]]
    left = [entry >> 2 for place, entry in enumerate(entries) if not rated.places >> place & 1]
    return sum(
        word.weight * max((_faint_gain(question, word, token, rows) for token in left), default=0)
        for word in words
    )


def gain_of(likeness: float) -> float:
    """What a likeness counts: one letter less alike, and it is much more likely another name."""
    return 1.0 if likeness > _EQUAL else likeness**_CLEAR


def _faint_gain(question: Question, word: Wanted, token: int, rows: Rows) -> float:
    gain = question.faint.get((word.at, token))
    if gain is None:
        alike = faintly(word.word, rows.vocabulary.key(token))
        gain = question.faint[word.at, token] = alike**_FAINT
    return gain


def _lost(left: float, others: int) -> float:
    """What words of this weight take away where so many other names stand in their places."""
    return left * _OTHER_WORD + min(_OTHER_NAME * others, _AT_MOST * left)


def _worth(question: Question, entry: int) -> list[Worth]:
    token, role = entry >> 2, entry & 3
    return [
        (gain * word.values[role], word.at, gain)
        for word in question.words
        if (gain := word.gains.get(token)) is not None
    ]


def agrees(sound: str, key: str) -> float:
    """Whether an initial may open a name: in this spelling, in another of the name, or roughly."""
    if key[:1] == sound:
        return 1.0
    if sound in first_sounds().get(key, ()):
        return 0.8
    return 0.3 if _class(sound) == _class(key[:1]) else 0.0


_ROUGHLY: Final = (
    {"a": "A", "o": "A", "g": "G", "ħ": "G", "v": "V", "f": "V"}
    | dict.fromkeys("sçz", "S")
    | dict.fromkeys("žčš", "J")
)


def _class(sound: str) -> str:
    return _ROUGHLY.get(sound, sound)


_SPREAD: Final = 40 * 365
"""The days over which births spread: so wide an interval would tell nothing."""
_TOLD_WITHIN: Final = 2 * 366
"""A year that is told may be wrong by so much, either way; an interval says how far itself."""
_FULL_DAY, _YEAR_OFF = 4.0, 0.1
_OUTSIDE, _LATER_YEAR, _AT_LEAST = -1.0, 1.0, -4.5


def best_birth(asked: tuple[int, int]) -> float:
    """What a birth adds that is known to the day and lies in the asked interval."""
    return _born_within(asked[1] - asked[0], _slack(asked))


def born_gain(asked: tuple[int, int], first: int, last: int) -> float:
    """What a birth adds, as the logarithm of odds; nothing where it is not known.

    That two intervals meet tells as much as they are narrow: chance lets wide ones meet often. A
    year may be told wrong by two, which costs little; beyond that the birth speaks against.
    """
    if not first:
        return 0.0
    apart, slack = max(first - asked[1], asked[0] - last, 0), _slack(asked)
    if apart <= slack:
        gain = _born_within(asked[1] - asked[0] + last - first, slack)
        return gain - _YEAR_OFF * ((apart + 364) // 365)
    return max(_AT_LEAST, _OUTSIDE - _LATER_YEAR * (apart - slack) / 365)


def _slack(asked: tuple[int, int]) -> int:
    return max(0, _TOLD_WITHIN - max(0, asked[1] - asked[0] - 365) // 2)


def _born_within(days: int, slack: int) -> float:
    if not days:
        return _FULL_DAY
    return max(0.0, math.log(_SPREAD / (days + 2 * slack)))
