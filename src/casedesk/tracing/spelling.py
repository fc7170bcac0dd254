"""How alike many pairs of names are as they are written: `names.levels.compare_parts` for arrays.

A part of a name (a surname, a given name, also a place) has one or more tokens, a token has one or
more readings, a reading is a key of letters. The likeness of two parts is that of their two most
alike tokens; that of two tokens is 1 where they share a reading, else that of their keys. Whatever
is compared is compared once, however many pairs it stands in.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from casedesk.names.given import likeness as of_one_class
from casedesk.names.levels import EDGES, FEW, SLIPS, initial_level
from casedesk.names.likeness import FINE, NOT_EQUAL, ROUGH, SAME_BONES
from casedesk.tracing.columns import Flags, Floats, Ints, People, Small, products

_AT_ONCE: Final = 5_000
"""Pairs; who compares letters holds up all other threads while it reads the texts."""


class Alike(NamedTuple):
    """How pairs of names compare; the flags are those of `names.levels.FORM` and `APART`."""

    likeness: Floats
    """From 0 to 1."""
    form: Flags
    """Forms of one given name: Николай, Коля."""
    apart: Flags
    """Two names of their own, however alike: Марина, Мария."""

    def of(self, which: Ints) -> Alike:
        """Those at some places."""
        return Alike(self.likeness[which], self.form[which], self.apart[which])


class Spelling:
    """Compares parts of names, each by its number."""

    def __init__(self, people: People) -> None:
        """Compare the names of some persons."""
        self._words, self._parts = people.words, people.parts
        sizes = np.diff(self._parts.starts)
        there = np.flatnonzero(sizes)
        self._initials = np.zeros(len(sizes), bool)
        self._initials[there] = np.logical_and.reduceat(
            self._words.initial[self._parts.values], self._parts.starts[there]
        )

    def parts(self, one: Small, other: Small, *, given: bool) -> Alike:
        """Compare parts, none of them empty; `given` says whether they are given names."""
        at, mine, theirs = products(self._parts, one, self._parts, other)
        mine, theirs, back = unordered(mine, theirs)
        likeness, form, apart = self._tokens(mine, theirs, given=given).of(back)
        begins = np.searchsorted(at, np.arange(len(one)))
        best = np.maximum.reduceat(likeness, begins)
        among_best = likeness == best[at]
        return Alike(
            best,
            np.logical_or.reduceat(form & among_best, begins),
            np.logical_and.reduceat(apart | ~among_best, begins),
        )

    def initials(self, one: Small, other: Small, levels: npt.NDArray[Any]) -> None:
        """Put in the level of the pairs of which one is initials alone: they agree or do not."""
        for at in np.flatnonzero(self._initials[one] != self._initials[other]).tolist():
            found = initial_level(self.readings(one[at]), self.readings(other[at]))
            if found is not None:
                levels[at] = found

    def readings(self, number: int) -> tuple[tuple[str, ...], ...]:
        """A part as `names.levels` has it: the readings of each of its tokens."""
        parts, keys, texts = self._parts, self._words.keys, self._words.texts
        tokens = parts.values[parts.starts[number] : parts.starts[number + 1]]
        return tuple(
            tuple(texts[key] for key in keys.values[keys.starts[token] : keys.starts[token + 1]])
            for token in tokens.tolist()
        )

    def _tokens(self, one: Small, other: Small, *, given: bool) -> Alike:
        """The same of tokens: `names.levels.compare_words`."""
        words = self._words
        likeness, bones = self._by_readings(one, other)
        form, listed = self._by_classes(one, other, likeness)
        equal = likeness >= EDGES[-1]
        mine, theirs = words.bearers[one], words.bearers[other]
        least, most = np.minimum(mine, theirs), np.maximum(mine, theirs)
        settled = (least >= FEW) & (least * SLIPS >= most)  # `names.levels.settled`
        apart = ~bones & (likeness >= EDGES[0]) & settled
        if given:
            apart |= listed & ~form
        return Alike(likeness, form & ~equal, apart & ~form & ~equal)

    def _by_readings(self, one: Small, other: Small) -> tuple[Floats, Flags]:
        """The likeness of tokens over their readings, and whether two of these share a skeleton.

        Beside the primary readings, only those are compared that share the skeleton.
        """
        words = self._words
        at, mine, theirs = products(words.keys, one, words.keys, other)
        equal = mine == theirs
        bones = (words.bones[mine] == words.bones[theirs]) & (words.bones[mine] > 0)
        begins = np.searchsorted(at, np.arange(len(one)))
        kept = equal | bones
        kept[begins] = True  # the primary readings
        at, mine, theirs, equal, bones = (x[kept] for x in (at, mine, theirs, equal, bones))
        likeness = np.ones(len(at))
        different = np.flatnonzero(~equal)
        if len(different):
            a, b, back = unordered(mine[different], theirs[different])
            likeness[different] = self._by_letters(a, b)[back]
        begins = np.searchsorted(at, np.arange(len(one)))
        return (
            np.maximum.reduceat(likeness, begins),
            np.logical_or.reduceat(equal | bones, begins),
        )

    def _by_letters(self, one: Small, other: Small) -> Floats:
        """The likeness of keys that are not equal: `names.likeness.blend`."""
        words = self._words
        found = np.empty(len(one))
        for start in range(0, len(one), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            mine, theirs = one[some].tolist(), other[some].tolist()
            fine, rough = (
                process.cpdist(
                    [texts[key] for key in mine],
                    [texts[key] for key in theirs],
                    scorer=OSA.normalized_similarity,
                    dtype=np.float64,
                )
                for texts in (words.texts, words.rough)
            )
            bones = words.bones[one[some]]
            same = (bones == words.bones[other[some]]) & (bones > 0)
            value = FINE * fine + ROUGH * rough
            lifted = np.maximum(value, SAME_BONES + (1 - SAME_BONES) * value)
            found[some] = np.where(same, lifted, value) * NOT_EQUAL
        return found

    def _by_classes(self, one: Small, other: Small, likeness: Floats) -> tuple[Flags, Flags]:
        """Lift what is one given name in two forms; tell which are, and where both are listed."""
        words, classes = self._words, self._words.classes
        shared = np.zeros(len(one), bool)
        chosen = np.flatnonzero((classes.sizes(one) > 0) & (classes.sizes(other) > 0))
        if len(chosen):
            places = classes._replace(values=np.arange(len(classes.values), dtype=np.int32))
            at, mine, theirs = products(places, one[chosen], places, other[chosen])
            agree = classes.values[mine] == classes.values[theirs]
            at, mine, theirs = chosen[at[agree]], mine[agree], theirs[agree]
            weight = np.minimum(words.class_weights[mine], words.class_weights[theirs])
            alike = np.zeros(len(weight))
            for step in np.unique(weight).tolist():
                alike[weight == step] = of_one_class(step, step)
            np.maximum.at(likeness, at, alike)
            shared[at] = True
        return shared, words.listed[one] & words.listed[other]


def unordered(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> tuple[Small, Small, Ints]:
    """Each unordered pair once, and where each of the given ones is among them."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other)
    pairs, back = np.unique(low << 32 | high, return_inverse=True)
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32), back
