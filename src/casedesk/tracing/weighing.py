"""What many pairs of persons are worth, in bits: `names.weights.Scale.weigh` for arrays.

The model is that of Fellegi and Sunter. A pair agrees in each field to some level
(`tracing.agreement`), and each level has a weight: the logarithm, to the base of two, of how much
more often it occurs where two records are one person than where they are not (m/u). Weights add up,
with the bits before anything is compared; 0 bits are even odds, 10 bits a thousand to one. There
are two kinds of "not one person", strangers and relatives; a pair is worth the less of the two.

It says the same as `Scale.weigh`, to the last bit, since it adds in the same order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from casedesk.names.levels import FIELDS, NAMES
from casedesk.names.weights import RARE, Scale, Weights
from casedesk.tracing.agreement import Agreement, Places
from casedesk.tracing.columns import Flags, Floats, People
from casedesk.tracing.remembered import Levels

_CROSSED = {"family": "given", "given": "family"}


class Table:
    """The table of weights in arrays: bits by field and level."""

    def __init__(self, table: Weights) -> None:
        """Make a table ready for looking up many levels at once."""
        self.strangers = {name: np.array(bits) for name, bits in table.strangers.items()}
        self.relatives = {name: np.array(bits) for name, bits in table.relatives.items()}
        self.slope = {name: np.array(slope) for name, slope in table.slope.items()}
        self._centre = {name: np.array(centre) for name, centre in table.centre.items()}

    def rare(self, name: str, level: Levels, rarity: Floats) -> Floats:
        """The bits that come to a level where what both share is rare: fewer than none where it
        is common, for the weight of the level is that of a name as common as most."""
        bits: Floats = rarity * self.slope[name][level] - self._centre[name][level]
        return bits

    def against_strangers(self, name: str, level: Levels, rarity: Floats) -> Floats:
        """The whole weight of a level of a field in `RARE`."""
        bits: Floats = self.strangers[name][level] + self.rare(name, level, rarity)
        return bits


class Worth(NamedTuple):
    """What some pairs are worth."""

    bits: Floats
    """Log-odds for "one person"; below 0 it is less likely than not."""
    bare: Flags
    """Where nothing but the names could be compared."""


class Weigher:
    """Weighs pairs of persons, by their places in the columns."""

    def __init__(self, people: People, agreement: Agreement, scale: Scale) -> None:
        """Weigh with the table and the priors of a scale."""
        self._people, self._agreement = people, agreement
        self._table = Table(scale.table)
        self._prior, self._prior_relative = scale.prior, scale.prior_relative

    def weigh(self, first: Places, second: Places) -> Worth:
        """The worth of pairs; it does not matter who of a pair comes first."""
        worth, crossed = self._weigh(first, second)
        at = np.flatnonzero(crossed)
        if len(at):  # which of the two is turned is not known
            turned, _crossed = self._weigh(second[at], first[at])
            worth.bits[at] = np.minimum(worth.bits[at], turned.bits)
        return worth

    def _weigh(self, first: Places, second: Places) -> tuple[Worth, Flags]:
        levels, crossed = self._agreement.pattern(first, second)
        table = self._table
        strangers = np.full(len(first), self._prior)
        relatives = np.full(len(first), self._prior_relative)
        for name in FIELDS:
            level = levels[name]
            against, kin = table.strangers[name][level], table.relatives[name][level]
            if name in RARE:
                rare = table.rare(name, level, self._rarity(name, first, second, crossed))
                against += rare
                if name == "given":  # relatives share a rare given name as seldom as a common one
                    kin += rare
            strangers += against
            relatives += kin
        unknown = [levels[name] == 0 for name in FIELDS if name not in NAMES]
        return Worth(np.minimum(strangers, relatives), np.logical_and.reduce(unknown)), crossed

    def _rarity(self, name: str, first: Places, second: Places, crossed: Flags) -> Floats:
        """How rare what both have in a field is: as rare as the commoner of the two."""
        mine, theirs = rarity(self._people, name, first), rarity(self._people, name, second)
        if name in _CROSSED and crossed.any():
            theirs = np.where(crossed, rarity(self._people, _CROSSED[name], second), theirs)
        return np.minimum(mine, theirs)


def rarity(people: People, name: str, which: Places) -> Floats:
    """How rare, in bits, what persons have in a field of `RARE` is; nothing where not known."""
    found: Floats
    if name == "born":
        found = people.born_rarity[which]
    elif name == "place":
        found = people.place_rarity[people.texts[0][which]]
    else:
        found = people.rarity[people.names[NAMES.index(name)][which]]
    return found
