"""Two full names of which nothing else is known: how far they may be one person's.

The words of both are laid side by side, in whatever order; each finds at most one partner that is
equal, another form of the same given name, an initial, or misspelt by so many letters as its length
allows. What is left over on one side alone was left out; what is left over on both sides is a
contradiction: Малик Магомедович and Малик Русланович are two men. The allowance for slips,
log(length - 2) to the base 2.35, and the idea to weigh contradictions against omissions are those
of OpenSanctions' LogicV2 (nomenklatura, MIT); the words compared are our keys.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from casedesk.names.fold import coarse, readings
from casedesk.names.levels import EDGES, FORM, NAMES, Word, compare_words, is_initial
from casedesk.names.parse import tokens
from casedesk.names.weights import Weighed

ONE_PERSON: Final = 0.74
"""From here on two names may be one person's: fewer than one word in three contradicts."""
_BITS: Final = 20.0
_PARTICLES: Final = frozenset(
    (
        *("al", "bin", "ben", "bint", "ibn", "ul", "ur", "el", "abu"),
        *("de", "del", "da", "dos", "di", "von", "van", "der", "la", "le", "the"),
    )
)
_SLIGHT: Final = 0.3
_LETTER: Final = 0.5
_INITIAL, _FAMILIAR, _OTHER_FORM, _JOINED = 0.8, 0.8, 0.95, 0.9
_CONTRADICTED, _LEFT_OUT = 2.0, 0.1
_BASE: Final = 2.35


class _Token(NamedTuple):
    keys: Word
    weight: float


def agreement(one: str, other: str) -> float:
    """How far two full names agree, from 0 to 1."""
    mine, theirs = _tokens(one), _tokens(other)
    if not mine or not theirs:
        return 0.0
    if _joined(mine) == _joined(theirs):
        return 1.0
    matched = agreed = 0.0
    left, right = set(range(len(mine))), set(range(len(theirs)))
    for likeness, _apart, a, b in sorted(
        (
            (value, -abs(a - b), a, b)
            for a, word in enumerate(mine)
            for b, word2 in enumerate(theirs)
            if (value := _likeness(word.keys, word2.keys))
        ),
        reverse=True,
    ):
        if a in left and b in right:
            left.remove(a)
            right.remove(b)
            weight = min(mine[a].weight, theirs[b].weight)
            matched += weight
            agreed += weight * likeness
    ones, others = _over(mine, left), _over(theirs, right)
    if len(ones) != len(others) and ones and others and _slip(_joined(ones), _joined(others)):
        matched += min(len(ones), len(others))  # a word was parted, or two were joined
        agreed += min(len(ones), len(others)) * _JOINED
        ones = others = []
    if not matched:
        return 0.0
    over, over2 = sum(t.weight for t in ones), sum(t.weight for t in others)
    against = _CONTRADICTED * min(over, over2) + _LEFT_OUT * abs(over - over2)
    return agreed / (matched + against)


def lessened(weighed: Weighed, names: Iterable[str], others: Sequence[str]) -> float:
    """The bits of a pair; where only the names are known, less if they contradict each other."""
    known = (level for name, level in weighed.levels.items() if name not in NAMES)
    return weighed.bits if any(known) else weighed.bits - contradiction(names, others)


def contradiction(names: Iterable[str], others: Sequence[str]) -> float:
    """The bits against one person that lie in words of one name that the other excludes."""
    best = max((agreement(one, other) for one in names for other in others), default=1.0)
    return _BITS * max(0.0, ONE_PERSON - best)


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[_Token, ...]:
    found = []
    for word in tokens(text.translate(_SIGNS)):
        keys = readings(word) or (word.lower(),)
        slight = word.lower() in _PARTICLES
        found.append(_Token(keys, _SLIGHT if slight else _LETTER if is_initial(keys) else 1.0))
    return tuple(found)


_SIGNS: Final = dict.fromkeys(map(ord, "'’‘ʼ`"))


def _joined(found: Sequence[_Token]) -> str:
    return "".join(token.keys[0] for token in found)


def _over(found: Sequence[_Token], left: set[int]) -> list[_Token]:
    """What has no partner, but for words that were said twice."""
    said = {token.keys[0] for at, token in enumerate(found) if at not in left}
    return [found[at] for at in sorted(left) if found[at].keys[0] not in said]


@lru_cache(maxsize=16384)
def _likeness(one: Word, other: Word) -> float:
    """How alike two words are: 0 where they are two."""
    if is_initial(one) != is_initial(other):
        letters, word = (one, other) if is_initial(one) else (other, one)
        return _INITIAL if {key[:1] for key in letters} & {key[:1] for key in word} else 0.0
    value, kind = compare_words(one, other, _nobody, given=False)
    if value >= EDGES[-1]:
        return 1.0
    if kind == FORM:
        return _OTHER_FORM if value >= EDGES[-2] else _FAMILIAR
    best = 0.0
    for key in one:
        for theirs in other:
            longest = max(len(key), len(theirs))
            edits = _edits(key, theirs)
            if longest > 2 and edits <= max(1, _allowed(longest)):
                best = max(best, 1 - 2 * edits / longest)
    return best


def _nobody(_word: Word) -> float:
    return 0.0


def _edits(one: str, other: str) -> float:
    """Letters that differ; those that are easily misheard count half."""
    return (OSA.distance(one, other) + OSA.distance(coarse(one), coarse(other))) / 2


def _allowed(length: int) -> int:
    return math.floor(math.log(max(length - 2, 1), _BASE))


def _slip(one: str, other: str) -> bool:
    return OSA.distance(one, other) <= _allowed(max(len(one), len(other)))
