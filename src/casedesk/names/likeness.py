"""How alike two name tokens are: one number from 0 to 1, from their keys.

Optimal string alignment (a letter changed, lost, added, or two swapped) on the keys and on their
rough forms; equal skeletons lift the result, since they hold the consonants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from casedesk.names.fold import coarse, fold, has_cyrillic, readings, skeleton
from casedesk.names.given import classes
from casedesk.names.given import likeness as of_one_class

LEAST: Final = 0.62
"""Tokens less alike than this are different names."""
FINE, ROUGH = 0.45, 0.55
"""What the likeness of two keys counts, and that of their rough forms."""
SAME_BONES = 0.72
"""Keys with one skeleton are at least so much alike."""
NOT_EQUAL = 0.985
"""What any likeness is multiplied with but that of equal keys."""
_FAR = 0.4
_TAILS = ("shc", "sc", "ts", "tc", "sz", "cz", *"sctzkdyijg")


def compare(text: str, others: Sequence[str], least: float) -> list[tuple[int, float]]:
    """How alike a text is to others, each by its number; those less alike are left out."""
    found = process.extract(
        text, others, scorer=OSA.normalized_similarity, score_cutoff=least, limit=None
    )
    return [(at, value) for _text, value, at in found]


def blended(key: str, other: str, rough: float, *, same_skeleton: bool) -> float:
    """The likeness of two keys, given that of their rough forms."""
    fine = OSA.normalized_similarity(key, other)
    return blend(fine, rough, same_skeleton=same_skeleton)


def blend(fine: float, rough: float, *, same_skeleton: bool) -> float:
    """The same, given that of the keys themselves as well."""
    if fine == 1.0:
        return 1.0
    value = FINE * fine + ROUGH * rough
    if same_skeleton:
        value = max(value, SAME_BONES + (1 - SAME_BONES) * value)
    return value * NOT_EQUAL


def rough_least(*, same_skeleton: bool) -> float:
    """Keys whose rough forms are less alike than this need not be compared: nothing comes of it."""
    return _FAR if same_skeleton else LEAST / NOT_EQUAL


@lru_cache(maxsize=65536)
def likeness(one: str, other: str) -> float:
    """How alike two tokens are as they are written, over all their readings."""
    best = 0.0
    theirs = readings(other)
    for key in readings(one):
        for key2 in theirs:
            rough = OSA.normalized_similarity(coarse(key), coarse(key2))
            equal = skeleton(key) == skeleton(key2) != ""
            best = max(best, blended(key, key2, rough, same_skeleton=equal))
    if best < 1.0:
        mine, others = dict(classes(fold(one))), dict(classes(fold(other)))
        for number in mine.keys() & others.keys():
            best = max(best, of_one_class(mine[number], others[number]))
    return best


def faintly(word: str, key: str) -> float:
    """How alike a typed word is to a key, also where they are hardly so: below `LEAST` as well."""
    best = 0.0
    for reading in readings(word):
        rough = OSA.normalized_similarity(coarse(reading), coarse(key))
        best = max(best, blended(reading, key, rough, same_skeleton=False))
    return best


def rarity(bearers: float, names: int) -> float:
    """What sharing a name tells, in natural logarithms: the fewer bear it, the more."""
    return max(1.0, math.log(names + 1) - math.log(bearers + 0.5))


def unfinished(word: str) -> list[tuple[str, bool]]:
    """A half-typed word and, where its last letters may open a longer grapheme, without them."""
    starts = [(word, False)]
    if len(word) >= 3:
        if has_cyrillic(word):
            if word[-1] in "йьъиіыдт":
                starts.append((word[:-1], True))
        else:
            tail = next((t for t in _TAILS if word.endswith(t)), "")
            if tail and len(word) - len(tail) >= 2:
                starts.append((word[: -len(tail)], True))
    return starts
