"""Which pairs of persons are worth comparing: those that share something, found by sorting.

Each rule gives every person some keys, such as the consonants of the surname with the given name,
or the day of birth with the given name; who has a key in common is compared. A typo in one field
does not hide a pair from the rules about the others.

A block of hundreds says too little: most share a common name and no more. What it must not hide is
one person entered hundreds of times, so who are equal are compared in a chain, whatever the blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from casedesk.names.levels import DAY
from casedesk.tracing.columns import (
    Ints,
    Keys,
    Lists,
    Pause,
    People,
    Small,
    any_of,
    mixed,
    repeated,
    single,
    spread,
)

CROWD: Final = 60
"""A block of more persons than this is divided by the year of birth."""
TOO_MANY: Final = 240
"""A block that is still greater says too little; its pairs are left to the other rules."""
_AT_ONCE: Final = 50_000
"""So many pairs are judged in one go: what is made of them stays in the cache of the processor."""
_SLICE: Final = 50_000
_WIDEST: Final = 12
RULES: Final = 16
"""Steps that `blocked` takes: one for each rule, and one for the equals."""

Holder = tuple[Small, Keys]
"""Keys, and the place of the person who has each."""
MayReach = Callable[[Ints, Ints], Ints]
"""Which pairs, of two places each, may be worth enough, by where they stand (`tracing.bounds`)."""


def blocked(
    people: People, may_reach: MayReach, step: Callable[[int], None]
) -> tuple[npt.NDArray[np.uint64], int]:
    """The pairs that the rules bring together and `may_reach` leaves, each once; and how many were
    left out of crowds.

    A pair is one number, the first place in its upper half.
    """
    years = _years(people)
    found: list[Keys] = []
    left_out = number = 0

    def pause() -> None:
        step(number)

    for number, (rows, keys) in enumerate(_rules(people, years, pause)):
        step(number)
        own: list[Keys] = []
        rows, keys = _sorted(rows, keys, len(people))
        begins, sizes = _runs(keys)
        crowded = repeated(sizes > CROWD, sizes)
        for first, second in _pairs(rows, begins[sizes <= CROWD], sizes[sizes <= CROWD]):
            step(number)
            own.append(_packed(first, second, may_reach))
        if crowded.any():
            rows, keys = _with(rows[crowded], keys[crowded], years, None, pause)
            rows, keys = _sorted(rows, keys, len(people))
            begins, sizes = _runs(keys)
            great = sizes[sizes > TOO_MANY]
            left_out += int((great * (great - 1) // 2).sum())
            kept = sizes <= TOO_MANY
            for first, second in _pairs(rows, begins[kept], sizes[kept]):
                step(number)
                own.append(_packed(first, second, may_reach))
        step(number)
        if own:
            found.append(_once(own))
    for first, second in _equals(people):
        step(RULES - 1)
        found.append(_packed(first, second, may_reach))
    return _once(found) if found else np.zeros(0, np.uint64), left_out


def _once(pieces: list[Keys]) -> Keys:
    """What some pieces hold, each once and in order; the pieces are let go of, they are large."""
    whole = np.concatenate(pieces)
    pieces.clear()
    whole.sort()
    kept = np.ones(len(whole), bool)
    np.not_equal(whole[1:], whole[:-1], out=kept[1:])
    return whole[kept]


def _sorted(rows: Small, keys: Keys, people: int) -> Holder:
    """Keys in order, each with its person.

    Both go into one number, for sorting that takes half the time and half the memory. What is left
    of a key is long enough: where two meet by chance, a pair more is compared.
    """
    bits = np.uint64(people.bit_length())
    keys = keys >> bits << bits
    keys |= rows.astype(np.uint64)
    keys.sort()
    rows = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int32)
    keys >>= bits
    return rows, keys


def _packed(first: Ints, second: Ints, may_reach: MayReach) -> Keys:
    kept = may_reach(first, second)
    first, second = first[kept], second[kept]
    low, high = np.minimum(first, second), np.maximum(first, second)
    packed = low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64)
    two: Keys = packed[low != high]
    return two


def _runs(keys: Keys) -> tuple[Ints, Ints]:
    """Where runs of two and more equal keys begin, and how long they are."""
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.append(begins, len(keys)))
    # runs of one stay in the count of `sizes` for whoever repeats by them
    return begins, sizes


def _pairs(rows: Small, begins: Ints, sizes: Ints) -> Iterator[tuple[Ints, Ints]]:
    """All pairs of each run, so many at once."""
    for size in np.unique(sizes[sizes > 1]).tolist():
        starts = begins[sizes == size]
        one, other = np.triu_indices(size, 1)
        at_once = max(1, _AT_ONCE // len(one))
        for begin in range(0, len(starts), at_once):
            block = rows[starts[begin : begin + at_once, None] + np.arange(size)]
            yield block[:, one].ravel(), block[:, other].ravel()


def _equals(people: People) -> Iterator[tuple[Ints, Ints]]:
    """Each person with the next of those equal in name and birth, so many pairs at once.

    A list that was imported three hundred times makes every block too great; this tells of each
    person in it with as many pairs as there are copies, less one, not with none or with half the
    square. Who agree in all the rest as well are next to each other.
    """
    rows = np.flatnonzero(np.any([column > 0 for column in people.names], axis=0))
    births = (people.year, people.day, people.kind, people.last_year)
    equal = _hashed(rows, (*people.names, *births))
    rest = _hashed(rows, (people.sex, *people.texts, people.reference))
    order = np.lexsort((rest, equal))
    rows, equal = rows[order], equal[order]
    at = np.flatnonzero(equal[1:] == equal[:-1])
    for begin in range(0, len(at), _AT_ONCE):
        some = at[begin : begin + _AT_ONCE]
        yield rows[some], rows[some + 1]


def _hashed(rows: Ints, columns: Iterable[npt.NDArray[Any]]) -> Keys:
    """One key for all that some columns say of each person."""
    keys = np.zeros(len(rows), np.uint64)
    for column in columns:
        keys = mixed(keys, column[rows])
    return keys


# The rules


def _rules(people: People, years: Lists, pause: Pause) -> Iterator[Holder]:
    """The rules by which two records come to be compared."""
    words, parts = people.words, people.parts
    family, given, patronymic = people.names
    bones = parts.through(words.bones_of())
    labels = parts.through(Lists(np.arange(len(words.labels) + 1), words.labels))
    texts = list(words.skeletons)
    shorter = bones.through(_derived(texts, _shortened))
    halves = bones.through(_derived(texts, _halves))
    starts = bones.through(_derived(texts, _start))
    on_day = np.flatnonzero(people.kind == DAY).astype(np.int32)
    day = mixed(mixed(np.full(len(on_day), 7, np.uint64), people.year[on_day]), people.day[on_day])

    def names(number: int, *lists: tuple[Lists, Small]) -> Holder:
        return _each(_everybody(people, number), *lists, pause=pause)

    def having(rows: Small, keys: Keys, lists: Lists, column: npt.NDArray[Any] | None) -> Holder:
        return _with(rows, keys, lists, column, pause)

    one = names(1, (bones, family), (labels, given))
    other = names(1, (bones, given), (labels, family))
    yield np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))
    yield names(2, (bones, family), (labels, patronymic))
    yield having(*names(3, (labels, given), (labels, patronymic)), years, None)
    yield having(on_day, mixed(day, np.full(len(day), 4)), labels, given)
    yield having(on_day, mixed(day, np.full(len(day), 5)), bones, family)
    yield having(on_day, mixed(day, np.full(len(day), 6)), starts, family)
    same_day = mixed(np.full(len(on_day), 13, np.uint64), people.day[on_day])
    yield having(*having(on_day, same_day, starts, family), labels, given)
    place = (labels, people.texts[0])
    half = names(7, (bones, family), (halves, given))
    yield having(*half, years, None)
    yield having(*half, *place)
    misspelt = names(8, (shorter, family), (labels, given))
    # who bears a given name as surname may have changed places
    rows, keys = _everybody(people, 8)
    turned = any_of(parts, words.listed)[family]
    both_ways = (shorter, given), (labels, family)
    across = _each((rows[turned], keys[turned]), *both_ways, pause=pause)
    both = np.concatenate((misspelt[0], across[0])), np.concatenate((misspelt[1], across[1]))
    yield having(*both, years, None)
    yield having(*both, *place)
    yield names(9, (shorter, family), (labels, given), (labels, patronymic))
    yield having(*names(10, (shorter, family), (labels, patronymic)), years, None)
    rows, keys = _everybody(people, 11)
    yield having(rows, keys, people.phones, np.arange(len(people), dtype=np.int32))
    known = np.flatnonzero(people.reference).astype(np.int32)
    yield known, mixed(np.full(len(known), 12, np.uint64), people.reference[known])


def _each(holder: Holder, *lists: tuple[Lists, Small], pause: Pause) -> Holder:
    rows, keys = holder
    for these, column in lists:
        rows, keys = _with(rows, keys, these, column, pause)
    return rows, keys


def _everybody(people: People, number: int) -> Holder:
    rows = np.arange(len(people), dtype=np.int32)
    return rows, mixed(np.full(len(rows), number, np.uint64), np.zeros(len(rows)))


def _with(
    rows: Small, keys: Keys, lists: Lists, column: npt.NDArray[Any] | None, pause: Pause
) -> Holder:
    """Each key once for every value that its person has in some lists."""
    which = rows if column is None else column[rows]
    sizes = lists.sizes(which)
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    made_rows, made_keys = np.empty(total, np.int32), np.empty(total, np.uint64)
    for start in range(0, len(rows), _SLICE):
        pause()
        some = slice(start, start + _SLICE)
        at, place = spread(sizes[some], lists.starts[which[some]])
        begin = int(ends[start] - sizes[start])
        made_rows[begin : begin + len(at)] = rows[some][at]
        made_keys[begin : begin + len(at)] = mixed(keys[some][at], lists.values[place])
    return made_rows, made_keys


def _years(people: People) -> Lists:
    """Two phases of two years each, so that births a year apart meet in one of them."""
    known = people.kind > 0
    width = np.minimum(np.where(known, people.last_year - people.year + 1, 0), _WIDEST)
    at, year = spread(width, people.year)
    both = np.concatenate((year >> 1, -((year + 1) >> 1)))
    owner = np.concatenate((at, at))
    packed = single(owner << 32 | (both & 0xFFFFFFFF))
    starts = np.searchsorted(packed >> 32, np.arange(len(people) + 1))
    return Lists(starts, (packed & 0xFFFFFFFF).astype(np.int32))


def _derived(texts: list[str], cut: Callable[[str], tuple[str, ...]]) -> Lists:
    numbers: dict[str, int] = {}
    return Lists.of(
        [numbers.setdefault(piece, len(numbers)) for piece in cut(text)] for text in texts
    )


@lru_cache(maxsize=65536)
def _shortened(bones: str) -> tuple[str, ...]:
    """A skeleton and what it is without one consonant: two that differ in one meet in one."""
    if len(bones) < 4:
        return (bones,)
    return (bones, *{bones[:at] + bones[at + 1 :] for at in range(len(bones))})


def _halves(bones: str) -> tuple[str, ...]:
    """A given name with one wrong consonant still agrees in one of its halves."""
    if len(bones) < 3:
        return (bones,)
    middle = len(bones) // 2
    return ("<" + bones[: max(middle, 2)], bones[-max(middle, 2) :] + ">")


def _start(bones: str) -> tuple[str, ...]:
    return (bones[:1],)
