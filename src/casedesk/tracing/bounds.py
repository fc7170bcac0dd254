"""Which pairs may still reach a limit: an upper bound of their worth, so most are passed over.

Blocking brings three million pairs of a file of 154,200 together; twenty thousand of them may be
worth ten bits less than even odds. Here the fields are looked at one after another, and as soon as
a pair could not reach the limit even if all the others agreed, it is passed over.

Why the bound holds. A pair is worth the less of two sums (`tracing.weighing`), so never more than
the one against strangers:

    worth <= prior + weight of the surname + weight of the given name + ... + weight of the phones

In a field that was not looked at yet, a level gives `strangers + slope * rarity - centre` bits.
The slope is never negative, so that grows with the rarity, and the rarity of a pair is that of the
commoner of the two. So a field never gives a pair more than the best level would at the rarity of
the first, nor more than at that of the second: this is what each of them can bring, their `most`,
and the pair has the lesser of both. It is never less than nothing, for a field that only one of
them fills gives nothing; who does not fill it brings nothing.

    Гречаный (14 bits rare) brings at most 14.3 bits by his surname, Иванов (7 bits) 7.3: whatever
    comparing the surnames of the two will say, they give no more than 7.3 bits.

Surname and given name may have changed places. What they give is then decided by the names across
and their rarities, and the lesser of two surnames limits nothing. But the worth of such a pair is
the lesser of both ways round, so each of the two still limits it by the most of their own surname
and given name together. So a pair has two bounds, one for the names as they stand and one for the
names across, and it is passed over when neither lets it reach the limit.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from casedesk.names.levels import LEVELS, NAMES
from casedesk.names.weights import Scale
from casedesk.tracing.agreement import FAMILY, GIVEN, PATRONYMIC, Agreement, Places
from casedesk.tracing.columns import Floats, Ints, Pause, People
from casedesk.tracing.remembered import Levels
from casedesk.tracing.weighing import Table, rarity

_SLACK: Final = 1e-6
"""Bits; sums in another order differ in their last digits."""
_IN_TURN: Final = (GIVEN, PATRONYMIC, FAMILY)
"""There are few different given names, so most pairs are settled by what was compared before."""


class _Pairs(NamedTuple):
    """Pairs that were not passed over yet, and more bits than these they cannot reach."""

    at: Ints
    """Where each stands among those that were asked about."""
    first: Places
    second: Places
    straight: Floats
    """The bound for the names as they stand, in bits."""
    across: Floats
    """The bound for surname and given name in each other's place."""

    def reaching(self, least: float) -> _Pairs:
        """Those that one of the two bounds lets reach so many bits."""
        kept = np.flatnonzero(np.maximum(self.straight, self.across) >= least)
        first, second = self.first[kept], self.second[kept]
        return _Pairs(self.at[kept], first, second, self.straight[kept], self.across[kept])


class Bound:
    """Knows the most that each person can bring to a pair."""

    def __init__(
        self, people: People, agreement: Agreement, scale: Scale, pause: Pause = lambda: None
    ) -> None:
        """Look at every person once; `pause` is called now and then, so that others have a turn."""
        self._pause = pause
        self._people, self._agreement = people, agreement
        self._table, self._prior = Table(scale.table), scale.prior
        self._most = [
            np.where(column > 0, self._most_at(name, people.rarity)[column], 0.0)
            for name, column in zip(NAMES, people.names, strict=True)
        ]
        self._most_across = self._most[FAMILY] + self._most[GIVEN]
        place = people.texts[0]
        most = self._most_at("place", people.place_rarity)
        self._most_place = np.where(place > 0, most[place], 0.0)
        self._most_besides = self._besides()

    def may_reach(self, first: Places, second: Places, least: float) -> Ints:
        """Which pairs may be worth so many bits, by where they stand among those given."""
        least -= _SLACK
        pairs = self._born(first, second).reaching(least)
        for role in _IN_TURN:
            self._pause()
            pairs = self._named(role, pairs).reaching(least)
        self._pause()
        return self._placed(pairs).reaching(least).at

    def _born(self, first: Places, second: Places) -> _Pairs:
        """Birth and sex as they are, all else at its most."""
        people, table = self._people, self._table
        level = self._agreement.births(first, second)
        rare = np.minimum(rarity(people, "born", first), rarity(people, "born", second))
        bits = table.against_strangers("born", level, rare) + self._prior
        bits += table.strangers["sex"][self._agreement.sexes(first, second)]
        for most in (self._most_place, self._most_besides, self._most[PATRONYMIC]):
            bits += np.minimum(most[first], most[second])
        across = bits + np.minimum(self._most_across[first], self._most_across[second])
        for most in (self._most[FAMILY], self._most[GIVEN]):
            bits += np.minimum(most[first], most[second])
        return _Pairs(np.arange(len(first)), first, second, bits, across)

    def _named(self, role: int, pairs: _Pairs) -> _Pairs:
        """The same, now that a part of the names is compared."""
        first, second = pairs.first, pairs.second
        column = self._people.names[role]
        unlike, level = self._agreement.names(role, column[first], column[second])
        told = self._told(NAMES[role], level, self._most[role], pairs)
        straight = pairs.straight + told
        if role == PATRONYMIC:
            return pairs._replace(straight=straight, across=pairs.across + told)
        across = pairs.across
        across[~unlike] = -np.inf  # where a part is alike in its own place, they are not across
        if role == GIVEN:
            at = np.flatnonzero(unlike)
            across[at[~self._agreement.may_be_crossed(first[at], second[at])]] = -np.inf
        return pairs._replace(straight=straight, across=across)

    def _placed(self, pairs: _Pairs) -> _Pairs:
        """The same, now that the places are compared."""
        level = self._agreement.places(pairs.first, pairs.second)
        told = self._told("place", level, self._most_place, pairs)
        return pairs._replace(straight=pairs.straight + told, across=pairs.across + told)

    def _told(self, name: str, level: Levels, most: Floats, pairs: _Pairs) -> Floats:
        """What becomes of the bound when a level is known: its weight instead of the most."""
        first, second, people = pairs.first, pairs.second, self._people
        rare = np.minimum(rarity(people, name, first), rarity(people, name, second))
        bits = self._table.against_strangers(name, level, rare)
        bits -= np.minimum(most[first], most[second])
        return bits

    # The most

    def _most_at(self, name: str, rare: Floats) -> Floats:
        """The weight of the level that tells most, for each rarity; 0 where none tells anything."""
        found = np.zeros(len(rare))
        for level in range(LEVELS[name]):
            all_alike = np.full(len(rare), level)
            np.maximum(found, self._table.against_strangers(name, all_alike, rare), out=found)
        return found

    def _besides(self) -> Floats:
        """The most that each can bring by all that is compared last: parents, phones, reference."""
        people = self._people
        known = {
            "mother": people.texts[1] > 0,
            "father": people.texts[2] > 0,
            "phone": np.diff(people.phones.starts) > 0,
            "reference": people.reference > 0,
        }
        bits = np.zeros(len(people))
        for name, there in known.items():
            bits[there] += max(0.0, *self._table.strangers[name])
        return bits
