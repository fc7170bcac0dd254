"""Which names are surely unlike: an upper bound of their likeness, from the letters alone.

Letter by letter is a slow comparison, and most pairs that share a block are of two quite different
names. Which letters a name is made of fits into one number, so that this is asked of a hundred
thousand pairs at once.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from casedesk.names.levels import EDGES
from casedesk.tracing.columns import Flags, Keys, Lists, People, Small, mixed

_SLACK: Final = 1e-6
_BONES, _CLASS = np.uint64(0), np.uint64(1)


class Letters:
    """The letters of every part that is one token; of other parts nothing is said.

    Why the bound holds. The likeness of two tokens is 1 less the share of letters that must be
    changed, lost, added or swapped to make one of the other (`names.likeness.blend`). One such
    change makes one letter appear at most and one disappear at most; so there are at least as many
    changes as letters that one has and the other lacks, and as many as the other way round. The
    keys are looked at in their rough form: it merges letters and keeps their number, so it never
    takes more changes than the key itself.

        milnik and kraviz (Мельник, Кравец): three letters of the first are not in the second, four
        of the second not in the first; four changes of six letters, a likeness of 1/3 at most.

    Only two things make tokens more alike than their letters: a shared skeleton, and a shared class
    of given names (Коля, Николай). Who may share one is therefore left to the slow comparison.
    """

    def __init__(self, people: People) -> None:
        """Look at every token once."""
        words, parts = people.words, people.parts
        primary = words.keys.values[words.keys.starts[:-1]]
        letters = np.fromiter(map(_letters, words.rough), np.uint32, len(words.rough))
        length = np.fromiter(map(len, words.rough), np.int8, len(words.rough))
        # Where there is no skeleton, the key itself: it makes equal what is equal.
        bones = np.where(words.bones > 0, words.bones, -1 - np.arange(len(words.bones)))
        lifting = _any_bit(words.keys, _one_bit(bones, _BONES)[words.keys.values])
        lifting |= _any_bit(words.classes, _one_bit(words.classes.values, _CLASS))
        token = np.zeros(len(parts.starts) - 1, np.int64)
        there = parts.starts[:-1] < parts.starts[1:]
        token[there] = parts.values[parts.starts[:-1][there]]
        single = (np.diff(parts.starts) == 1) & ~words.initial[token]
        self._letters = np.where(single, letters[primary[token]], 0).astype(np.uint32)
        self._length = length[primary[token]]
        self._lifting = lifting[token]

    def unlike(self, one: Small, other: Small, least: float = EDGES[0]) -> Flags:
        """Which parts, by number, are surely less alike than this; by default other names."""
        mine, theirs = self._letters[one], self._letters[other]
        known = (mine > 0) & (theirs > 0) & ((self._lifting[one] & self._lifting[other]) == 0)
        changes = np.maximum(np.bitwise_count(mine & ~theirs), np.bitwise_count(theirs & ~mine))
        longest = np.maximum(self._length[one], self._length[other])
        found: Flags = known & (changes > (1 - least + _SLACK) * longest)
        return found


def _letters(text: str) -> int:
    """One bit for each letter; two letters that share a bit make two texts more alike, not less."""
    found = 0
    for letter in text:
        found |= 1 << (ord(letter) & 31)
    return found


def _one_bit(values: npt.NDArray[Any], kind: np.uint64) -> Keys:
    """One of 64 bits for each value: equal values have equal bits, different ones mostly not."""
    hashes = mixed(np.full(len(values), kind), values)
    bits: Keys = np.uint64(1) << (hashes & np.uint64(63))
    return bits


def _any_bit(lists: Lists, bits: Keys) -> Keys:
    """The bits of all values of each list together."""
    found = np.zeros(len(lists.starts) - 1, np.uint64)
    there = np.flatnonzero(np.diff(lists.starts))
    if len(there):
        found[there] = np.bitwise_or.reduceat(bits, lists.starts[there])
    return found
