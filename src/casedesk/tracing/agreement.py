"""How far many pairs of persons agree: the level of each field, as `names.levels` has it for one.

This is the comparison vector of Fellegi and Sunter, one array for each field. Persons are given by
their places in the columns (`tracing.columns`), names by the numbers of their parts. A level says
nothing yet of how much it is worth: that is `tracing.weighing`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

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
)
from casedesk.tracing.columns import Flags, Ints, Keys, Lists, People, Small, products
from casedesk.tracing.letters import Letters
from casedesk.tracing.remembered import Levels, Remembered
from casedesk.tracing.spelling import Spelling, unordered

Places = npt.NDArray[Any]
FAMILY, GIVEN, PATRONYMIC = range(len(NAMES))
"""The roles of a part of a name, and where it stands in the columns."""
_TEXTS: Final = ("place", "mother", "father")


class Pattern(NamedTuple):
    """How far some pairs agree."""

    levels: dict[str, Levels]
    """The level of each pair, by field; what it means, `names.levels.LEVELS` says."""
    crossed: Flags
    """Where surname and given name changed places: their levels are then those across."""


class Agreement:
    """Finds the levels of pairs of persons."""

    def __init__(self, people: People) -> None:
        """Compare some persons; what was compared is remembered as long as this lives."""
        self._people = people
        self.letters = Letters(people)
        self._spelling = Spelling(people)
        self._remembered = Remembered(len(people))
        self._births = _Births.of_people(people)

    def pattern(self, first: Places, second: Places) -> Pattern:
        """The levels of all fields."""
        people = self._people
        one = [column[first] for column in people.names]
        other = [column[second] for column in people.names]
        unlike, names = zip(*map(self.names, range(len(NAMES)), one, other), strict=True)
        levels = dict(zip(NAMES, names, strict=True))
        crossed = self._crossed(one, other, unlike, levels)
        levels["born"] = self.births(first, second)
        levels["sex"] = self.sexes(first, second)
        for name, column in zip(_TEXTS, people.texts, strict=True):
            levels[name] = self._texts(column[first], column[second])
        levels["father"] = np.where(levels["patronymic"] == UNKNOWN_NAME, levels["father"], 0)
        levels["phone"] = shared(people.phones, first, second)
        levels["reference"] = equal(people.reference[first], people.reference[second])
        return Pattern(levels, crossed)

    # Names

    def names(self, role: int, one: Small, other: Small) -> tuple[Flags, Levels]:
        """Whether parts of this role are so unlike that they may stand in each other's place, and
        their level.

        What is not known is unlike, and of the level that is worth nothing. The pairs that are
        sure to be different names are not compared, the others each once.
        """
        level = np.full(len(one), UNKNOWN_NAME, np.int8)
        unlike = np.ones(len(one), bool)
        known = np.flatnonzero((one > 0) & (other > 0))
        if len(known):
            different = self.letters.unlike(one[known], other[known])
            level[known[different]] = 0
            known = known[~different]
            low, high = np.minimum(one, other)[known], np.maximum(one, other)[known]
            pairs = low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64)
            unlike[known], level[known] = self._remembered.through(
                pairs, role, lambda some: self._compared(role, some)
            )
        return unlike, level

    def _compared(self, role: int, pairs: Keys) -> tuple[Flags, Levels]:
        """The same of parts that are known, each pair in one number."""
        one = (pairs >> np.uint64(32)).astype(np.int32)
        other = (pairs & np.uint64(0xFFFFFFFF)).astype(np.int32)
        likeness, form, apart = self._spelling.parts(one, other, given=role != FAMILY)
        level = np.searchsorted(EDGES, likeness, side="right")
        level = np.where(apart & (level >= 1) & (level < EQUAL_NAME), level + SETTLED, level)
        level[form & (level < EQUAL_NAME - 1)] = FAMILIAR_NAME
        if role != FAMILY:
            self._spelling.initials(one, other, level)
        return likeness < SWAPPED_MOST, level

    def _crossed(
        self,
        one: list[Small],
        other: list[Small],
        unlike: tuple[Flags, ...],
        levels: dict[str, Levels],
    ) -> Flags:
        """Where surname and given name changed places; the levels there become those across."""
        crossed = np.zeros(len(one[FAMILY]), bool)
        known = (one[FAMILY] > 0) & (other[FAMILY] > 0) & (one[GIVEN] > 0) & (other[GIVEN] > 0)
        at = np.flatnonzero(known & unlike[FAMILY] & unlike[GIVEN])
        if not len(at):
            return crossed
        across = []
        for mine, theirs in ((one[FAMILY], other[GIVEN]), (one[GIVEN], other[FAMILY])):
            a, b, back = unordered(mine[at], theirs[at])
            across.append(self._spelling.parts(a, b, given=False).likeness[back])
        changed = np.minimum(*across) > SWAPPED_LEAST
        crossed[at[changed]] = True
        for name, likeness in zip(("family", "given"), across, strict=True):
            levels[name][crossed] = np.searchsorted(EDGES, likeness[changed], side="right")
        return crossed

    def may_be_crossed(self, first: Places, second: Places) -> Flags:
        """Of pairs with unlike names, where surname and given name may have changed places."""
        family, given = self._people.names[FAMILY], self._people.names[GIVEN]
        found = np.zeros(len(first), bool)
        at = np.arange(len(first))
        for mine, theirs in ((family[first], given[second]), (given[first], family[second])):
            one, other = mine[at], theirs[at]
            unlike = self.letters.unlike(one, other, SWAPPED_LEAST)
            at = at[(one > 0) & (other > 0) & ~unlike]
        found[at] = True
        return found

    # The other fields

    def births(self, first: Places, second: Places) -> Levels:
        """The levels of the births: `names.levels.born_level`."""
        return self._births.levels(first, second)

    def sexes(self, first: Places, second: Places) -> Ints:
        """The levels of the sexes."""
        return equal(self._people.sex[first], self._people.sex[second])

    def places(self, first: Places, second: Places) -> Levels:
        """The levels of the places they come from."""
        column = self._people.texts[0]
        return self._texts(column[first], column[second])

    def _texts(self, one: Small, other: Small) -> Levels:
        """The levels of texts by their numbers: 0 not known, 1 alike, 2 near, 3 different."""
        level = np.zeros(len(one), np.int64)
        known = (one > 0) & (other > 0)
        if known.any():
            mine, theirs, back = unordered(one[known], other[known])
            likeness = self._spelling.parts(mine, theirs, given=False).likeness
            found = np.where(likeness >= ALIKE, 1, np.where(likeness >= NEAR, 2, 3))
            level[known] = found[back]
        return level


def equal(one: Small, other: Small) -> Ints:
    """The levels of values that are equal or not: 0 not known, 1 equal, 2 different."""
    known = (one > 0) & (other > 0)
    return np.where(known, np.where(one == other, 1, 2), 0)


def shared(lists: Lists, first: Places, second: Places) -> Ints:
    """The levels of sets of values: 0 where one is empty, 1 where they share one, 2 where not."""
    level = np.zeros(len(first), np.int64)
    both = np.flatnonzero((lists.sizes(first) > 0) & (lists.sizes(second) > 0))
    if len(both):
        at, mine, theirs = products(lists, first[both], lists, second[both])
        level[both] = 2
        level[both[at[mine == theirs]]] = 1
    return level


# Births

_SAME_DAY, _DAY_AS_MONTH, _YEAR_WRONG, _DAY_OR_MONTH, _SAME_MONTH, _SAME_YEAR = range(1, 7)
_YEARS_APART: Final = (
    _SAME_YEAR + 3 + np.searchsorted((1, 2, 4, 11), np.arange(12), side="right")
).astype(np.int8)
"""The levels of births so many years apart, where nothing more is alike; the last for 11 or more:
0 years 9, 1 year 10, 2 and 3 years 11, 4 to 10 years 12, more 13."""
_UNSURE: Final = np.array(BORN_UNSURE, np.int8)
"""The levels of births of which one is an estimate."""


class _Births(NamedTuple):
    """Births in columns as narrow as can be: they are looked up for every pair that shares a
    block, and narrow columns stay in the cache of the processor."""

    kind: npt.NDArray[np.int8]
    year: npt.NDArray[np.int16]
    last_year: npt.NDArray[np.int16]
    month: npt.NDArray[np.int8]
    day: npt.NDArray[np.int8]

    @classmethod
    def of_people(cls, people: People) -> _Births:
        """The births of some persons."""
        return cls(
            people.kind.astype(np.int8),
            people.year.astype(np.int16),
            people.last_year.astype(np.int16),
            (people.day // 100).astype(np.int8),
            (people.day % 100).astype(np.int8),
        )

    def of(self, which: Places) -> _Births:
        """Those of some places."""
        years = self.year[which], self.last_year[which]
        return _Births(self.kind[which], *years, self.month[which], self.day[which])

    def levels(self, first: Places, second: Places) -> Levels:
        """The levels of pairs: first by the years, then what the months and days make better."""
        mine, theirs = self.of(first), self.of(second)
        kind = np.minimum(mine.kind, theirs.kind)  # as exact as the less exact of the two
        years = np.abs(mine.year - theirs.year)
        level: Levels = _YEARS_APART[np.minimum(years, len(_YEARS_APART) - 1)]
        alike, exact = years == 0, kind == DAY
        np.copyto(level, _SAME_MONTH, where=alike & ~exact & (mine.month == theirs.month))
        np.copyto(level, _SAME_YEAR, where=alike & (kind == YEAR))
        self._days(level, first, second, np.flatnonzero(exact & _near(years)))
        unsure = np.flatnonzero(kind == UNSURE)
        mine, theirs = self.of(first[unsure]), self.of(second[unsure])
        apart = np.maximum(mine.year - theirs.last_year, theirs.year - mine.last_year)
        level[unsure] = _UNSURE[np.searchsorted((1, 2, 4), apart, side="right")]
        level[kind == 0] = 0
        return level

    def _days(self, level: Levels, first: Places, second: Places, at: Ints) -> None:
        """Put in the levels of those known to the day; what is set last counts."""
        mine, theirs = self.of(first[at]), self.of(second[at])
        same_year = mine.year == theirs.year
        same_month, same_day = mine.month == theirs.month, mine.day == theirs.day
        turned = (mine.month == theirs.day) & (mine.day == theirs.month)
        found = level[at]
        np.copyto(found, _YEAR_WRONG, where=same_month & same_day & ~same_year)
        np.copyto(found, _DAY_OR_MONTH, where=same_year & (same_month | same_day))
        np.copyto(found, _DAY_AS_MONTH, where=same_year & turned)
        np.copyto(found, _SAME_DAY, where=same_year & same_month & same_day)
        level[at] = found


def _near(years: npt.NDArray[np.int16]) -> Flags:
    """Years that a slip of one digit makes: the same, the next, another decade."""
    near: Flags = (years == 0) | (years == 1) | (years == 10)
    return near
