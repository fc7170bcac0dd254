"""Weighs many pairs of persons at once; it says the same as `names.weights.Scale.weigh`.

Names repeat, so what is compared letter by letter is each pair of different tokens, once.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from casedesk.names.given import FORMAL
from casedesk.names.given import likeness as of_one_class
from casedesk.names.levels import (
    ALIKE,
    BORN_UNSURE,
    DAY,
    EDGES,
    EQUAL_NAME,
    FAMILIAR_NAME,
    NAMES,
    NEAR,
    SETTLED,
    SWAPPED_LEAST,
    SWAPPED_MOST,
    UNKNOWN_NAME,
    UNSURE,
    YEAR,
    initial_level,
)
from casedesk.names.likeness import _FINE, _NOT_EQUAL, _ROUGH, _SAME_BONES
from casedesk.names.weights import Scale
from casedesk.tracing.columns import Flags, Floats, Ints, People, Small, any_of, products

_AT_ONCE: Final = 20_000
_EDGES: Final = np.array(EDGES)
_TEXTS: Final = ("place", "mother", "father")
_FEW, _SLIPS = 3.0, 100.0


class Weigher:
    """Weighs pairs of places in the columns."""

    def __init__(self, people: People, scale: Scale) -> None:
        """Make the weights ready for looking up by level."""
        self._people = people
        table = scale.table
        self._against = {name: np.array(bits) for name, bits in table.strangers.items()}
        self._kin = {name: np.array(bits) for name, bits in table.relatives.items()}
        self._slope = {name: np.array(slope) for name, slope in table.slope.items()}
        self._centre = {name: np.array(centre) for name, centre in table.centre.items()}
        self._prior, self._prior_relative = scale.prior, scale.prior_relative
        self._most = self._most_bits()
        self._extra = self._most_extra()
        self._turned = any_of(people.parts, people.words.listed)[people.names[0]]

    def most(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Floats:
        """More bits than these a pair cannot reach, by what is quickly looked up."""
        people = self._people
        level = self._born_levels(first, second)
        bits = self._against["born"][level] + self._prior
        rare = np.minimum(people.born_rarity[first], people.born_rarity[second])
        bits += rare * self._slope["born"][level] - self._centre["born"][level]
        for most in self._most:
            bits += np.minimum(most[first], most[second])
        mine, theirs = people.sex[first], people.sex[second]
        bits += self._against["sex"][_agreeing(mine, theirs)]
        bits += self._extra[first]
        return bits

    def hopeful(self, first: npt.NDArray[Any], second: npt.NDArray[Any], least: float) -> Flags:
        """Which pairs may still reach so many bits, now that given name and patronymic are told.

        Of these there are few, of surnames many: what they rule out is not worth more.
        """
        people = self._people
        bits = self.most(first, second)
        for role in (2, 1):
            name, column = NAMES[role], people.names[role]
            one, other = column[first], column[second]
            value, level = self._names(name, one, other)
            rare = self._rare(name, np.minimum(people.rarity[one], people.rarity[other]), level)
            most = np.minimum(self._most[role][first], self._most[role][second])
            bits += self._against[name][level] + rare - most
        crossed = (value < SWAPPED_MOST) & (self._turned[first] | self._turned[second])
        found: Flags = (bits >= least) | crossed
        return found

    def _most_bits(self) -> list[Floats]:
        """The weight of each person's names, were they equal in the other record."""
        found = []
        for name, column in zip(NAMES, self._people.names, strict=True):
            equal = self._against[name][EQUAL_NAME] - self._centre[name][EQUAL_NAME]
            bits = equal + self._people.rarity[column] * self._slope[name][EQUAL_NAME]
            found.append(np.where(column > 0, np.maximum(bits, 0.0), 0.0))
        return found

    def _most_extra(self) -> Floats:
        """The weight of all that is known besides, were it equal in the other record."""
        people, bits = self._people, np.zeros(len(self._people))
        for name, column in zip(_TEXTS, people.texts, strict=True):
            own = self._against[name][1] + np.zeros(len(bits))
            if name == "place":
                rare = people.place_rarity[column]
                own = own + rare * self._slope[name][1] - self._centre[name][1]
            bits += np.where(column > 0, np.maximum(own, 0.0), 0.0)
        bits += np.where(np.diff(people.phones.starts) > 0, self._against["phone"][1], 0.0)
        return bits + np.where(people.reference > 0, self._against["reference"][1], 0.0)

    def bits(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> tuple[Floats, Flags]:
        """The bits for "one person" of some pairs, and of which only the names are compared."""
        bits, bare, crossed = self._bits(first, second)
        at = np.flatnonzero(crossed)
        if len(at):
            bits[at] = np.minimum(bits[at], self._bits(second[at], first[at])[0])
        return bits, bare

    def _bits(
        self, first: npt.NDArray[Any], second: npt.NDArray[Any]
    ) -> tuple[Floats, Flags, Flags]:
        people = self._people
        one = [column[first] for column in people.names]
        other = [column[second] for column in people.names]
        values, levels = [], []
        for role, name in enumerate(NAMES):
            value, level = self._names(name, one[role], other[role])
            values.append(value)
            levels.append(level)
        crossed = self._cross(one, other, values, levels)
        against = np.full(len(first), self._prior)
        kin = np.full(len(first), self._prior_relative)
        for role, name in enumerate(NAMES):
            theirs = other[role]
            if role < 2:
                theirs = np.where(crossed, other[1 - role], theirs)
            rare = np.minimum(people.rarity[one[role]], people.rarity[theirs])
            rare = self._rare(name, rare, levels[role])
            against += self._against[name][levels[role]] + rare
            kin += self._kin[name][levels[role]]
            if name == "given":
                kin += rare
        found = {"born": self._born_levels(first, second)}
        rare = np.minimum(people.born_rarity[first], people.born_rarity[second])
        against += self._rare("born", rare, found["born"])
        found["sex"] = _agreeing(people.sex[first], people.sex[second])
        found["reference"] = _agreeing(people.reference[first], people.reference[second])
        found["phone"] = self._phone_levels(first, second)
        for name, column in zip(_TEXTS, people.texts, strict=True):
            found[name] = self._text_levels(column[first], column[second])
        found["father"] = np.where(levels[2] == UNKNOWN_NAME, found["father"], 0)
        places = people.texts[0]
        rare = np.minimum(people.place_rarity[places[first]], people.place_rarity[places[second]])
        against += self._rare("place", rare, found["place"])
        bare = np.ones(len(first), bool)
        for name, level in found.items():
            against += self._against[name][level]
            kin += self._kin[name][level]
            bare &= level == 0
        return np.minimum(against, kin), bare, crossed

    def _rare(self, name: str, rare: Floats, level: Ints) -> Floats:
        bits: Floats = rare * self._slope[name][level] - self._centre[name][level]
        return bits

    # Names

    def _names(self, name: str, one: Small, other: Small) -> tuple[Floats, Ints]:
        """The likeness and the level of a part of the names."""
        level = np.full(len(one), UNKNOWN_NAME)
        value = np.zeros(len(one))
        known = (one > 0) & (other > 0)
        if not known.any():
            return value, level
        mine, theirs, back = _unique(one[known], other[known])
        alike, form, apart = self._parts(mine, theirs, given=name != "family")
        found = np.searchsorted(_EDGES, alike, side="right")
        found = np.where(apart & (found >= 1) & (found < EQUAL_NAME), found + SETTLED, found)
        found[form & (found < EQUAL_NAME - 1)] = FAMILIAR_NAME
        if name != "family":
            self._initials(mine, theirs, found)
        value[known], level[known] = alike[back], found[back]
        return value, level

    def _initials(self, one: Small, other: Small, levels: Ints) -> None:
        """Where one of the two is initials alone, they agree or they do not."""
        words, parts = self._people.words, self._people.parts
        there = np.flatnonzero(np.diff(parts.starts))
        alone = np.zeros(len(parts.starts) - 1, bool)
        alone[there] = np.logical_and.reduceat(words.initial[parts.values], parts.starts[there])
        for at in np.flatnonzero(alone[one] != alone[other]).tolist():
            found = initial_level(self._readings(one[at]), self._readings(other[at]))
            if found is not None:
                levels[at] = found

    def _readings(self, number: int) -> tuple[tuple[str, ...], ...]:
        words, parts = self._people.words, self._people.parts
        keys, texts = words.keys, words.texts
        tokens = parts.values[parts.starts[number] : parts.starts[number + 1]]
        return tuple(
            tuple(texts[key] for key in keys.values[keys.starts[token] : keys.starts[token + 1]])
            for token in tokens.tolist()
        )

    def _cross(
        self, one: list[Small], other: list[Small], values: list[Floats], levels: list[Ints]
    ) -> Flags:
        """Where surname and given name changed places; their levels are then those across."""
        crossed = np.zeros(len(one[0]), bool)
        there = (one[0] > 0) & (other[0] > 0) & (one[1] > 0) & (other[1] > 0)
        low = there & (values[0] < SWAPPED_MOST) & (values[1] < SWAPPED_MOST)
        at = np.flatnonzero(low)
        if not len(at):
            return crossed
        found = []
        for mine, theirs in ((one[0], other[1]), (one[1], other[0])):
            a, b, back = _unique(mine[at], theirs[at])
            found.append(self._parts(a, b, given=False)[0][back])
        changed = np.minimum(*found) > SWAPPED_LEAST
        for role in (0, 1):
            levels[role][at[changed]] = np.searchsorted(_EDGES, found[role][changed], side="right")
        crossed[at[changed]] = True
        return crossed

    def _parts(self, one: Small, other: Small, *, given: bool) -> tuple[Floats, Flags, Flags]:
        """How alike parts are, whether they are forms of one name, whether they are two names."""
        parts = self._people.parts
        at, mine, theirs = products(parts, one, parts, other)
        a, b, back = _unique(mine, theirs)
        value, form, apart = (found[back] for found in self._words(a, b, given=given))
        begins = np.searchsorted(at, np.arange(len(one)))
        best = np.maximum.reduceat(value, begins)
        there = value == best[at]
        one_name = np.logical_or.reduceat(form & there, begins)
        return best, one_name, np.logical_and.reduceat(apart | ~there, begins)

    def _words(self, one: Small, other: Small, *, given: bool) -> tuple[Floats, Flags, Flags]:
        """The same of tokens."""
        words = self._people.words
        value, bones = self._readings_alike(one, other)
        shared, both = self._classes(one, other, value)
        same = value >= EDGES[-1]
        mine, theirs = words.bearers[one], words.bearers[other]
        least, most = np.minimum(mine, theirs), np.maximum(mine, theirs)
        apart = ~bones & (value >= EDGES[0]) & (least >= _FEW) & (least * _SLIPS >= most)
        if given:
            apart |= both & ~shared
        return value, shared & ~same, apart & ~shared & ~same

    def _readings_alike(self, one: Small, other: Small) -> tuple[Floats, Flags]:
        words = self._people.words
        at, mine, theirs = products(words.keys, one, words.keys, other)
        equal = mine == theirs
        bones = (words.bones[mine] == words.bones[theirs]) & (words.bones[mine] > 0)
        begins = np.searchsorted(at, np.arange(len(one)))
        kept = equal | bones
        kept[begins] = True  # the primary readings
        at, mine, theirs, equal, bones = (x[kept] for x in (at, mine, theirs, equal, bones))
        value = np.ones(len(at))
        other_ones = np.flatnonzero(~equal)
        if len(other_ones):
            a, b, back = _unique(mine[other_ones], theirs[other_ones])
            value[other_ones] = self._keys(a, b)[back]
        begins = np.searchsorted(at, np.arange(len(one)))
        return np.maximum.reduceat(value, begins), np.logical_or.reduceat(equal | bones, begins)

    def _keys(self, one: Small, other: Small) -> Floats:
        words = self._people.words
        found = np.empty(len(one))
        for start in range(0, len(one), _AT_ONCE):
            a, b = one[start : start + _AT_ONCE], other[start : start + _AT_ONCE]
            mine, theirs = a.tolist(), b.tolist()
            fine, rough = (
                process.cpdist(
                    [texts[key] for key in mine],
                    [texts[key] for key in theirs],
                    scorer=OSA.normalized_similarity,
                    dtype=np.float64,
                )
                for texts in (words.texts, words.rough)
            )
            same = (words.bones[a] == words.bones[b]) & (words.bones[a] > 0)
            value = _FINE * fine + _ROUGH * rough
            lifted = np.maximum(value, _SAME_BONES + (1 - _SAME_BONES) * value)
            found[start : start + _AT_ONCE] = np.where(same, lifted, value) * _NOT_EQUAL
        return found

    def _classes(self, one: Small, other: Small, value: Floats) -> tuple[Flags, Flags]:
        """Lift what is one given name in two forms; and tell where both are given names."""
        words = self._people.words
        sizes = np.diff(words.classes.starts)
        shared = np.zeros(len(one), bool)
        listed = words.listed[one] & words.listed[other]
        chosen = np.flatnonzero((sizes[one] > 0) & (sizes[other] > 0))
        if len(chosen):
            numbers = words.classes
            places = numbers._replace(values=np.arange(len(numbers.values), dtype=np.int32))
            at, mine, theirs = products(places, one[chosen], places, other[chosen])
            agree = numbers.values[mine] == numbers.values[theirs]
            at, mine, theirs = chosen[at[agree]], mine[agree], theirs[agree]
            weight = np.minimum(words.class_weights[mine], words.class_weights[theirs])
            alike = np.where(weight == FORMAL, of_one_class(1.0, 1.0), 0.0)
            for step in np.unique(weight).tolist():
                alike[weight == step] = of_one_class(step, step)
            np.maximum.at(value, at, alike)
            shared[at] = True
        return shared, listed

    # The other fields

    def _born_levels(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Ints:
        people = self._people
        kind = np.minimum(people.kind[first], people.kind[second])
        begin, begin2 = people.year[first], people.year[second]
        years = np.abs(begin - begin2)
        mine, theirs = people.day[first], people.day[second]
        month, day, month2, day2 = mine // 100, mine % 100, theirs // 100, theirs % 100
        apart = np.maximum(begin - people.last_year[second], begin2 - people.last_year[first])
        unsure = np.array(BORN_UNSURE)[np.searchsorted((1, 2, 4), apart, side="right")]
        exact, alike = kind == DAY, years == 0
        level: Ints = np.select(
            [
                kind == 0,
                kind == UNSURE,
                exact & alike & (mine == theirs),
                exact & alike & (month == day2) & (day == month2),
                exact & alike & ((month == month2) | (day == day2)),
                exact & (mine == theirs) & ((years == 1) | (years == 10)),
                alike & (kind == YEAR),
                alike & ~exact & (month == month2),
            ],
            [np.zeros_like(unsure), unsure, *(np.full_like(unsure, x) for x in (1, 2, 4, 3, 6, 5))],
            9 + np.searchsorted((1, 2, 4, 11), years, side="right"),
        )
        return level

    def _phone_levels(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Ints:
        phones = self._people.phones
        level = np.zeros(len(first), np.int64)
        both = np.flatnonzero((phones.sizes(first) > 0) & (phones.sizes(second) > 0))
        if len(both):
            at, mine, theirs = products(phones, first[both], phones, second[both])
            level[both] = 2
            level[both[at[mine == theirs]]] = 1
        return level

    def _text_levels(self, one: Small, other: Small) -> Ints:
        level = np.zeros(len(one), np.int64)
        known = (one > 0) & (other > 0)
        if known.any():
            mine, theirs, back = _unique(one[known], other[known])
            value = self._parts(mine, theirs, given=False)[0]
            found = np.where(value >= ALIKE, 1, np.where(value >= NEAR, 2, 3))
            level[known] = found[back]
        return level


def _agreeing(mine: Small, theirs: Small) -> Ints:
    """0 where one is not known, 1 where they are equal, 2 where they differ."""
    known = (mine > 0) & (theirs > 0)
    return np.where(known, np.where(mine == theirs, 1, 2), 0)


def _unique(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> tuple[Small, Small, Ints]:
    """Each unordered pair once, and where each of the given ones is among them."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    pairs, back = np.unique(low << 32 | high, return_inverse=True)
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32), back
