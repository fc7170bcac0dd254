"""What was compared before: names repeat over the whole file, so few pairs of names are new.

A sweep of 154,200 persons asks seven million times how far two names agree, and compares 400,000
pairs of names for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from casedesk.tracing.columns import GOLDEN, Flags, Keys

Levels = npt.NDArray[Any]
Compare = Callable[[Keys], tuple[Flags, Levels]]
"""Whether names are unlike, and the level of each, for pairs of names in one number each."""

_FEWEST_BITS, _MOST_BITS = 12, 22
_ROLE: Final = 62
"""The two highest bits are the role of the name: surnames are compared another way."""


class Remembered:
    """A table of fixed size: each pair of names has one place in it, and the newest stays.

    Unlike a dictionary it is asked for a hundred thousand pairs at once, and does not grow. Two
    pairs that share a place only make each other be compared again.
    """

    def __init__(self, persons: int) -> None:
        """Begin with nothing; a larger file has more names, up to four million places (42 MB)."""
        bits = min(max(persons.bit_length() + 2, _FEWEST_BITS), _MOST_BITS)
        self._shift = np.uint64(64 - bits)
        self._pairs = np.zeros(1 << bits, np.uint64)
        self._unlike = np.zeros(1 << bits, bool)
        self._level = np.zeros(1 << bits, np.int8)

    def through(self, pairs: Keys, role: int, compare: Compare) -> tuple[Flags, Levels]:
        """Look pairs up, and have those compared, each once, that are not there."""
        named = pairs | np.uint64(role << _ROLE)
        place = (named * GOLDEN) >> self._shift
        unlike, level = self._unlike[place], self._level[place]
        lacking = np.flatnonzero(self._pairs[place] != named)
        if not len(lacking):
            return unlike, level
        fresh, back = np.unique(pairs[lacking], return_inverse=True)
        told = compare(fresh)
        unlike[lacking], level[lacking] = told[0][back], told[1][back]
        at = place[lacking]
        self._pairs[at] = named[lacking]
        won = lacking[self._pairs[at] == named[lacking]]  # of two for one place
        self._unlike[place[won]], self._level[place[won]] = unlike[won], level[won]
        return unlike, level
