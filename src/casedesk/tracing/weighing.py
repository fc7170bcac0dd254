"""Weighs many pairs of persons at once; it says the same as `names.weights.Scale.weigh`.

Names repeat, so what is compared letter by letter is each pair of different tokens, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

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
    LEVELS,
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
from casedesk.tracing.columns import Flags, Floats, Ints, People, Small, any_of, mixed, products

Levels = npt.NDArray[Any]
_AT_ONCE: Final = 20_000
_EDGES: Final = np.array(EDGES)
_TEXTS: Final = ("place", "mother", "father")
_FEW, _SLIPS = 3.0, 100.0


_BY_YEARS: Final = (9 + np.searchsorted((1, 2, 4, 11), np.arange(12), side="right")).astype(np.int8)
"""The levels of births that many years apart."""
_UNSURE: Final = np.array(BORN_UNSURE, np.int8)
_SLACK: Final = 1e-6
_SEEN_BITS: Final = 22
_STRANGE: Final = 1 - EDGES[0] + 1e-6
"""Names of which a greater part differs are of the lowest level."""
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


class _Births(NamedTuple):
    """Births in columns as narrow as can be: they are looked up for every pair."""

    kind: npt.NDArray[np.int8]
    year: npt.NDArray[np.int16]
    last_year: npt.NDArray[np.int16]
    month: npt.NDArray[np.int8]
    day: npt.NDArray[np.int8]

    def of(self, which: npt.NDArray[Any]) -> _Births:
        """Those of some places."""
        return _Births(*(column[which] for column in self))


class _Letters:
    """Which letters the words of one token are made of, to tell at a glance those far apart.

    Every letter that the other lacks is one difference at least.
    """

    def __init__(self, people: People) -> None:
        """Look at the letters of every token once, and at the parts of one token."""
        words, parts = people.words, people.parts
        first = words.keys.values[words.keys.starts[:-1]]
        letters = np.fromiter((_bits_of(text) for text in words.rough), np.uint32, len(words.rough))
        length = np.fromiter(map(len, words.rough), np.int8, len(words.rough))
        plain = (np.diff(words.classes.starts) == 0) & ~words.initial
        # One bit for each skeleton of a token, or for its key where there is none.
        place = np.where(words.bones > 0, words.bones, -1 - np.arange(len(words.bones)))
        one_bit = np.uint64(1) << (mixed(np.zeros(len(place), np.uint64), place) & np.uint64(63))
        some = np.bitwise_or.reduceat(one_bit[words.keys.values], words.keys.starts[:-1])
        token = np.zeros(len(parts.starts) - 1, np.int64)
        there = parts.starts[:-1] < parts.starts[1:]
        token[there] = parts.values[parts.starts[:-1][there]]
        whole = (np.diff(parts.starts) == 1) & plain[token]
        self._letters = np.where(whole, letters[first[token]], 0).astype(np.uint32)
        self._length = length[first[token]]
        self._bones = some[token]

    def strange(self, one: Small, other: Small) -> Flags:
        """Which parts are surely less alike than any that count as alike."""
        mine, theirs = self._letters[one], self._letters[other]
        known = (mine > 0) & (theirs > 0) & ((self._bones[one] & self._bones[other]) == 0)
        apart = np.maximum(np.bitwise_count(mine & ~theirs), np.bitwise_count(theirs & ~mine))
        longest = np.maximum(self._length[one], self._length[other])
        found: Flags = known & (apart > _STRANGE * longest)
        return found


def _bits_of(text: str) -> int:
    found = 0
    for letter in text:
        found |= 1 << (ord(letter) & 31)
    return found


class _Seen:
    """What was compared before: each pair of parts has one place in it, and the newest stays.

    Names repeat over the whole file, so nearly every pair was compared in an earlier step.
    """

    def __init__(self, people: int) -> None:
        """Begin with nothing."""
        bits = min(max(people.bit_length() + 2, 12), _SEEN_BITS)
        self._shift = np.uint64(64 - bits)
        self._pairs = np.zeros(1 << bits, np.uint64)
        self._far = np.zeros(1 << bits, bool)
        self._level = np.zeros(1 << bits, np.int8)

    def through(
        self,
        pairs: npt.NDArray[np.uint64],
        role: int,
        compared: Callable[[npt.NDArray[np.uint64]], tuple[Flags, Levels]],
    ) -> tuple[Flags, Levels]:
        """Look pairs up, and have those compared that are not there."""
        named = pairs | np.uint64(role << 62)
        place = (named * _GOLDEN) >> self._shift
        lacking = np.flatnonzero(self._pairs[place] != named)
        if not len(lacking):
            return self._far[place], self._level[place]
        fresh, back = np.unique(pairs[lacking], return_inverse=True)
        far_, level_ = compared(fresh)
        far, level = self._far[place], self._level[place]
        far[lacking], level[lacking] = far_[back], level_[back]
        at = place[lacking]
        self._pairs[at] = named[lacking]
        won = lacking[self._pairs[at] == named[lacking]]  # of two for one place
        self._far[place[won]], self._level[place[won]] = far[won], level[won]
        return far, level


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
        places = people.texts[0]
        most = self._most_at("place", people.place_rarity)
        self._most_place = np.where(places > 0, most[places], 0.0)
        self._seen, self._letters = _Seen(len(people)), _Letters(people)
        kind, last = people.kind.astype(np.int8), people.last_year.astype(np.int16)
        self._births = _Births(
            kind,
            people.year.astype(np.int16),
            last,
            (people.day // 100).astype(np.int8),
            (people.day % 100).astype(np.int8),
        )
        self._turned = any_of(people.parts, people.words.listed)[people.names[0]]

    def worth(self, first: npt.NDArray[Any], second: npt.NDArray[Any], least: float) -> Ints:
        """Which pairs may reach so many bits by their names, were all else equal.

        The part with the fewest different names comes first: most pairs are settled by it.
        """
        least -= _SLACK
        bits = self._bound(first, second)
        crossed = self._turned[first] | self._turned[second]
        at = np.flatnonzero((bits >= least) | crossed)
        bits, first, second, crossed = bits[at], first[at], second[at], crossed[at]
        people = self._people
        family, given = people.names[:2]
        for role in (1, 2, 0):
            before = bits
            far, bits = self._told(role, first, second, bits)
            if role == 1:
                unlike, crossed = far, crossed & far
            elif role == 0:  # surname and given name may have changed places
                crossed &= far
                rest = np.flatnonzero(unlike & far & (before >= least) & ~crossed)
                one, other = first[rest], second[rest]
                crossed[rest] = ~(
                    self._letters.strange(family[one], given[other])
                    | self._letters.strange(given[one], family[other])
                )
            kept = np.flatnonzero((bits >= least) | crossed)
            at, bits, crossed, unlike = at[kept], bits[kept], crossed[kept], unlike[kept]
            first, second = first[kept], second[kept]
        one, other = people.texts[0][first], people.texts[0][second]
        level = self._text_levels(one, other)
        rare = np.minimum(people.place_rarity[one], people.place_rarity[other])
        bits += self._against["place"][level] + self._rare("place", rare, level)
        bits -= np.minimum(self._most_place[first], self._most_place[second])
        found: Ints = at[(bits >= least) | crossed]
        return found

    def _told(
        self, role: int, first: npt.NDArray[Any], second: npt.NDArray[Any], bits: Floats
    ) -> tuple[Flags, Floats]:
        """Whether a part of the names is unlike; and the bits, now that it is known how alike."""
        people, name = self._people, NAMES[role]
        one, other = people.names[role][first], people.names[role][second]
        far, level = self._names(role, one, other)
        rare = np.minimum(people.rarity[one], people.rarity[other])
        most = np.minimum(self._most[role][first], self._most[role][second])
        return far, bits + self._against[name][level] + self._rare(name, rare, level) - most

    def _bound(self, first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Floats:
        """More bits than these a pair cannot reach, were all its names equal."""
        people = self._people
        level = self._born_levels(first, second)
        bits = self._against["born"][level] + self._prior
        bits += self._rare(
            "born", np.minimum(people.born_rarity[first], people.born_rarity[second]), level
        )
        for most in self._most:
            bits += np.minimum(most[first], most[second])
        bits += self._against["sex"][_agreeing(people.sex[first], people.sex[second])]
        for most in (self._most_place, self._extra):
            bits += np.minimum(most[first], most[second])
        return bits

    def _most_bits(self) -> list[Floats]:
        """More than each person's names can weigh, whatever they agree with."""
        most = [self._most_at(name, self._people.rarity) for name in NAMES]
        columns = self._people.names
        return [
            np.where(column > 0, of[column], 0.0) for of, column in zip(most, columns, strict=True)
        ]

    def _most_at(self, name: str, rarity: Floats) -> Floats:
        """The weight of the level that tells most, for each rarity; nothing where all tell less."""
        found = np.zeros(len(rarity))
        for level in range(LEVELS[name]):
            np.maximum(found, self._weight(name, rarity, level), out=found)
        return found

    def _weight(self, name: str, rarity: Floats, level: int) -> Floats:
        bits: Floats = np.full(len(rarity), self._against[name][level])
        if name in self._slope:
            bits += rarity * self._slope[name][level] - self._centre[name][level]
        return bits

    def _most_extra(self) -> Floats:
        """More than all can weigh that is known besides, but for the place."""
        people, bits = self._people, np.zeros(len(self._people))
        for name, column in zip(_TEXTS[1:], people.texts[1:], strict=True):
            bits += np.where(column > 0, max(0.0, *self._against[name]), 0.0)
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
        far, levels = [], []
        for role in range(len(NAMES)):
            apart, level = self._names(role, one[role], other[role])
            far.append(apart)
            levels.append(level)
        crossed = self._cross(one, other, far, levels)
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

    def _names(self, role: int, one: Small, other: Small) -> tuple[Flags, Levels]:
        """Whether a part of the names is unlike, and its level; what is not known is unlike."""
        level = np.full(len(one), UNKNOWN_NAME, np.int8)
        far = np.ones(len(one), bool)
        known = np.flatnonzero((one > 0) & (other > 0))
        if len(known):
            strange = self._letters.strange(one[known], other[known])
            level[known[strange]] = 0
            known = known[~strange]
            low, high = np.minimum(one, other)[known], np.maximum(one, other)[known]
            pairs = low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64)
            far[known], level[known] = self._seen.through(
                pairs, role, lambda some: self._compared(role, some)
            )
        return far, level

    def _compared(self, role: int, pairs: npt.NDArray[np.uint64]) -> tuple[Flags, Levels]:
        """The same of pairs of parts, each a number, that are known and different pairs."""
        mine = (pairs >> np.uint64(32)).astype(np.int32)
        theirs = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
        alike, form, apart = self._parts(mine, theirs, given=role > 0)
        found = np.searchsorted(_EDGES, alike, side="right")
        found = np.where(apart & (found >= 1) & (found < EQUAL_NAME), found + SETTLED, found)
        found[form & (found < EQUAL_NAME - 1)] = FAMILIAR_NAME
        if role > 0:
            self._initials(mine, theirs, found)
        return alike < SWAPPED_MOST, found

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
        self, one: list[Small], other: list[Small], far: list[Flags], levels: list[Levels]
    ) -> Flags:
        """Where surname and given name changed places; their levels are then those across."""
        crossed = np.zeros(len(one[0]), bool)
        there = (one[0] > 0) & (other[0] > 0) & (one[1] > 0) & (other[1] > 0)
        at = np.flatnonzero(there & far[0] & far[1])
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
        births = self._births
        mine, theirs = births.of(first), births.of(second)
        kind = np.minimum(mine.kind, theirs.kind)
        years = np.abs(mine.year - theirs.year)
        level: Ints = _BY_YEARS[np.minimum(years, len(_BY_YEARS) - 1)]
        alike, exact = years == 0, kind == DAY
        np.copyto(level, 5, where=alike & ~exact & (mine.month == theirs.month))
        np.copyto(level, 6, where=alike & (kind == YEAR))
        close = np.flatnonzero(exact & (alike | (years == 1) | (years == 10)))
        mine_, theirs_ = mine.of(close), theirs.of(close)
        same_month, same_day = mine_.month == theirs_.month, mine_.day == theirs_.day
        turned = (mine_.month == theirs_.day) & (mine_.day == theirs_.month)
        alike = alike[close]
        of_close = level[close]
        np.copyto(of_close, 3, where=same_month & same_day & ~alike)
        np.copyto(of_close, 4, where=alike & (same_month | same_day))
        np.copyto(of_close, 2, where=alike & turned)
        np.copyto(of_close, 1, where=alike & same_month & same_day)
        level[close] = of_close
        unsure = np.flatnonzero(kind == UNSURE)
        mine_, theirs_ = mine.of(unsure), theirs.of(unsure)
        apart = np.maximum(mine_.year - theirs_.last_year, theirs_.year - mine_.last_year)
        level[unsure] = _UNSURE[np.searchsorted((1, 2, 4), apart, side="right")]
        level[kind == 0] = 0
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
