"""Which pairs of persons are worth comparing: those that share something, found by sorting.

Each rule gives every person some keys, such as the consonants of the surname with the given name,
or the day of birth with the given name; who has a key in common is compared. A typo in one field
does not hide a pair from the rules about the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from casedesk.names.levels import DAY
from casedesk.tracing.columns import (
    Ints,
    Keys,
    Lists,
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
_AT_ONCE: Final = 100_000
"""So many pairs are judged in one go: what is made of them stays in the cache of the processor."""
_SLICE: Final = 100_000
_WIDEST: Final = 12
RULES: Final = 15

Holder = tuple[Small, Keys]
"""Keys, and the place of the person who has each."""


def blocked(
    people: People, worth: Callable[[Ints, Ints], Ints], step: Callable[[int], None]
) -> tuple[npt.NDArray[np.uint64], int]:
    """The pairs that the rules bring together and `worth` leaves, each once; and how many were
    left out of crowds.

    A pair is one number, the first place in its upper half. `worth` says which pairs, by their
    places, may still be worth it.
    """
    years = _years(people)
    found: list[Keys] = []
    left_out = 0
    for number, (rows, keys) in enumerate(_rules(people, years)):
        step(number)
        own: list[Keys] = []
        rows, keys = _sorted(rows, keys, len(people))
        begins, sizes = _runs(keys)
        crowded = repeated(sizes > CROWD, sizes)
        for first, second in _pairs(rows, begins[sizes <= CROWD], sizes[sizes <= CROWD]):
            step(number)
            own.append(_packed(first, second, worth))
        if crowded.any():
            rows, keys = _with(rows[crowded], keys[crowded], years, None)
            rows, keys = _sorted(rows, keys, len(people))
            begins, sizes = _runs(keys)
            great = sizes[sizes > TOO_MANY]
            left_out += int((great * (great - 1) // 2).sum())
            kept = sizes <= TOO_MANY
            for first, second in _pairs(rows, begins[kept], sizes[kept]):
                step(number)
                own.append(_packed(first, second, worth))
        step(number)
        if own:
            found.append(_once(own))
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


def _packed(first: Ints, second: Ints, worth: Callable[[Ints, Ints], Ints]) -> Keys:
    kept = worth(first, second)
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


# The rules


def _rules(people: People, years: Lists) -> Iterator[Holder]:
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
        return _each(_everybody(people, number), *lists)

    one = names(1, (bones, family), (labels, given))
    other = names(1, (bones, given), (labels, family))
    yield np.concatenate((one[0], other[0])), np.concatenate((one[1], other[1]))
    yield names(2, (bones, family), (labels, patronymic))
    yield _with(*names(3, (labels, given), (labels, patronymic)), years, None)
    yield _with(on_day, mixed(day, np.full(len(day), 4)), labels, given)
    yield _with(on_day, mixed(day, np.full(len(day), 5)), bones, family)
    yield _with(on_day, mixed(day, np.full(len(day), 6)), starts, family)
    same_day = mixed(np.full(len(on_day), 13, np.uint64), people.day[on_day])
    yield _with(*_with(on_day, same_day, starts, family), labels, given)
    place = (labels, people.texts[0])
    half = names(7, (bones, family), (halves, given))
    yield _with(*half, years, None)
    yield _with(*half, *place)
    misspelt = names(8, (shorter, family), (labels, given))
    # who bears a given name as surname may have changed places
    rows, keys = _everybody(people, 8)
    turned = any_of(parts, words.listed)[family]
    across = _each((rows[turned], keys[turned]), (shorter, given), (labels, family))
    both = np.concatenate((misspelt[0], across[0])), np.concatenate((misspelt[1], across[1]))
    yield _with(*both, years, None)
    yield _with(*both, *place)
    yield names(9, (shorter, family), (labels, given), (labels, patronymic))
    yield _with(*names(10, (shorter, family), (labels, patronymic)), years, None)
    rows, keys = _everybody(people, 11)
    yield _with(rows, keys, people.phones, np.arange(len(people), dtype=np.int32))
    known = np.flatnonzero(people.reference).astype(np.int32)
    yield known, mixed(np.full(len(known), 12, np.uint64), people.reference[known])


def _each(holder: Holder, *lists: tuple[Lists, Small]) -> Holder:
    rows, keys = holder
    for these, column in lists:
        rows, keys = _with(rows, keys, these, column)
    return rows, keys


def _everybody(people: People, number: int) -> Holder:
    rows = np.arange(len(people), dtype=np.int32)
    return rows, mixed(np.full(len(rows), number, np.uint64), np.zeros(len(rows)))


def _with(rows: Small, keys: Keys, lists: Lists, column: npt.NDArray[Any] | None) -> Holder:
    """Each key once for every value that its person has in some lists."""
    which = rows if column is None else column[rows]
    sizes = lists.sizes(which)
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    made_rows, made_keys = np.empty(total, np.int32), np.empty(total, np.uint64)
    for start in range(0, len(rows), _SLICE):
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
