"""The persons of a file in columns of numbers, for the sweep: what is compared is looked up once.

Loaded only when a sweep begins, and with it numpy: a pure loop over the pairs of a file of a
million persons takes a quarter of an hour, and holds up whoever searches meanwhile.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from casedesk.names.fold import coarse, skeleton
from casedesk.names.levels import (
    GIVEN_WORD,
    PATRONYMIC_WORD,
    Born,
    Part,
    Word,
    class_weights,
    is_initial,
    listed,
    word_kind,
)
from casedesk.names.weights import Frequencies, label

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Pause = Callable[[], None]
_T = TypeVar("_T")

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_REPEATED: Final = 20_000
_WITHOUT_PAUSE: Final = 500
_READ_AT_ONCE: Final = 5_000
_33, _6, _2 = np.uint64(33), np.uint64(6), np.uint64(2)


def mixed(keys: Keys, values: npt.NDArray[Any]) -> Keys:
    """Hashes of what was hashed before, together with one more number each."""
    keys = keys ^ (values.astype(np.uint64) + GOLDEN + (keys << _6) + (keys >> _2))
    keys = keys * _MIX
    keys ^= keys >> _33
    return keys


def single(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Each value once, in order; quicker than the library's where there are many."""
    values = np.sort(values)
    kept = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=kept[1:])
    return values[kept]


class Lists(NamedTuple):
    """Many short lists of numbers in two arrays."""

    starts: Ints
    values: Small

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> Lists:
        """Put lists behind each other."""
        starts: list[int] = [0]
        values: list[int] = []
        for one in lists:
            values.extend(one)
            starts.append(len(values))
        return cls(np.array(starts, np.int64), np.array(values, np.int32))

    def sizes(self, which: npt.NDArray[Any]) -> Ints:
        """How long some of the lists are."""
        found: Ints = self.starts[which + 1] - self.starts[which]
        return found

    def through(self, others: Lists) -> Lists:
        """Each number replaced by the list that it stands for in others; each value once."""
        at, place = spread(others.sizes(self.values), others.starts[self.values])
        owner = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))[at]
        packed = single(owner << 32 | others.values[place])
        owner = packed >> 32
        starts = np.searchsorted(owner, np.arange(len(self.starts)))
        return Lists(starts, (packed & 0xFFFFFFFF).astype(np.int32))


def _on() -> None:
    """Make no pause."""


def pausing(values: Iterable[_T], pause: Pause) -> Iterator[_T]:
    """Give values one by one, with a pause now and then in which others have their turn."""
    for at, value in enumerate(values):
        if at % _WITHOUT_PAUSE == 0:
            pause()
        yield value


def column(values: Sequence[Any], kind: Any, pause: Pause = _on) -> npt.NDArray[Any]:
    """A list as an array, in steps: numpy holds up all other threads while it reads a list."""
    made = np.empty(len(values), kind)
    for start in range(0, len(values), _READ_AT_ONCE):
        made[start : start + _READ_AT_ONCE] = values[start : start + _READ_AT_ONCE]
        pause()
    return made


def let_go(*held: list[Any] | dict[Any, Any]) -> None:
    """Empty what is large bit by bit: all other threads wait while it is deleted in one go."""
    for one in held:
        if isinstance(one, dict):
            while one:
                one.popitem()
        else:
            while one:
                del one[-_READ_AT_ONCE:]


def spread(sizes: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """All places of some lists: whose list each is of, and where it lies."""
    at = repeated(np.arange(len(sizes)), sizes)
    place = np.arange(len(at))
    place += repeated(starts - (np.cumsum(sizes) - sizes), sizes)
    return at, place


def repeated(values: npt.NDArray[Any], sizes: Ints) -> npt.NDArray[Any]:
    """Each value so many times, in steps: numpy holds up all other threads while it does that."""
    if len(sizes) <= _REPEATED:
        return np.repeat(values, sizes)
    return np.concatenate(
        [
            np.repeat(values[start : start + _REPEATED], sizes[start : start + _REPEATED])
            for start in range(0, len(sizes), _REPEATED)
        ]
    )


def products(
    ones: Lists, mine: npt.NDArray[Any], others: Lists, theirs: npt.NDArray[Any]
) -> tuple[Ints, Small, Small]:
    """Each of one list with each of another, for pairs of lists: whose pair, and both values."""
    wide, long = ones.sizes(mine), others.sizes(theirs)
    at, number = spread(wide * long, np.zeros(len(wide), np.int64))
    row, column = np.divmod(number, long[at])
    return (
        at,
        ones.values[ones.starts[mine[at]] + row],
        others.values[others.starts[theirs[at]] + column],
    )


class Words:
    """Tokens with what comparing them needs, by number."""

    def __init__(
        self,
        words: Sequence[Word],
        frequencies: Frequencies,
        places: Iterable[int],
        pause: Pause = _on,
    ) -> None:
        """Look everything up once for each token; `places` are those that stand in places."""
        numbers: dict[str, int] = {}
        paused = pausing(words, pause)
        self.keys = Lists.of([numbers.setdefault(k, len(numbers)) for k in w] for w in paused)
        self.texts = list(numbers)
        self.rough = [coarse(key) for key in pausing(self.texts, pause)]
        self.skeletons: dict[str, int] = {"": 0}
        bones = (skeleton(key) for key in pausing(self.texts, pause))
        self.bones = np.fromiter(
            (self.skeletons.setdefault(one, len(self.skeletons)) for one in bones),
            np.int32,
            len(self.texts),
        )
        known = [class_weights(word) for word in pausing(words, pause)]
        self.classes = Lists.of([list(found) for found in known])
        self.class_weights = np.array([w for found in known for w in found.values()], np.float64)
        self.listed = np.array([listed(found) for found in pausing(known, pause)], bool)
        self.initial = np.array([is_initial(word) for word in pausing(words, pause)], bool)
        counted = [frequencies.bearers(word) for word in pausing(words, pause)]
        self.bearers = np.array(counted, np.float64)
        rare = [frequencies.rarity(word) for word in pausing(words, pause)]
        self.rarity = np.array(rare, np.float64)
        self.place_rarity = np.zeros(len(words))
        for token in places:
            self.place_rarity[token] = frequencies.place_rarity((words[token],))
        self.labels = self._labels(words, frequencies, pause)

    def _labels(self, words: Sequence[Word], frequencies: Frequencies, pause: Pause) -> Small:
        """The label of each token; a misspelt given name is filed with the one it sounds like."""
        found: dict[str, int] = {}
        sounds: dict[str, dict[int, float]] = {}
        made = []
        for word in pausing(words, pause):
            number = found.setdefault(name := label(word), len(found))
            made.append(number)
            if name.startswith("#"):
                like = sounds.setdefault(skeleton(word[0]), {})
                like[number] = like.get(number, 0.0) + frequencies.bearers(word)
        for at, word in enumerate(pausing(words, pause)):
            bones = skeleton(word[0])
            if len(bones) > 2 and bones in sounds and not class_weights(word):
                like = sounds[bones]
                made[at] = max(like, key=lambda number: like[number])
        return np.array(made, np.int32)

    def bones_of(self) -> Lists:
        """The skeletons of each token, over all its readings."""
        bones = self.bones[self.keys.values]
        kept = bones > 0
        owner = np.repeat(np.arange(len(self.keys.starts) - 1), np.diff(self.keys.starts))[kept]
        packed = single(owner << 32 | bones[kept])
        starts = np.searchsorted(packed >> 32, np.arange(len(self.keys.starts)))
        return Lists(starts, (packed & 0xFFFFFFFF).astype(np.int32))


@dataclass(slots=True)
class Texts:
    """Numbers for parts of names and other texts; part 0 is empty."""

    words: list[Word]
    tokens: list[tuple[int, ...]] = field(default_factory=lambda: [()])
    _numbers: dict[Part, int] = field(default_factory=lambda: {(): 0})
    _words: dict[Word, int] = field(default_factory=dict)

    def number(self, tokens_of: Part) -> int:
        """The number of a part."""
        found = self._numbers.get(tokens_of)
        if found is None:
            found = self._numbers[tokens_of] = len(self.tokens)
            self.tokens.append(tuple(map(self._word, tokens_of)))
        return found

    def _word(self, word: Word) -> int:
        found = self._words.get(word)
        if found is None:
            found = self._words[word] = len(self.words)
            self.words.append(word)
        return found


@dataclass(slots=True)
class People:
    """The persons of a file; a place in the columns stands for a person."""

    ids: Ints
    names: list[Small]
    """Of each person the part that is the surname, the given name and the patronymic."""
    year: Ints
    day: Ints
    kind: Ints
    last_year: Ints
    sex: Small
    texts: list[Small]
    """The same of the place, the mother's and the father's name."""
    phones: Lists
    reference: Small
    words: Words
    parts: Lists
    """The tokens of each part, by the number of the part; 0 is no part."""
    rarity: Floats
    """How rare each part is, in bits: 10 where one person in a thousand bears it."""
    place_rarity: Floats
    """The same of each part as a place."""
    born_rarity: Floats
    """How rare the year of birth of each person is, in bits."""
    frequencies: Frequencies

    def __len__(self) -> int:
        """How many there are."""
        return len(self.ids)


class NameColumns(NamedTuple):
    """Who bears which tokens, as the name index has it: one place for each token of a name."""

    person: Ints
    token: Ints
    role: Ints

    @classmethod
    def of(
        cls,
        entries: array[int],
        starts: array[int],
        owners: array[int],
        ended: Iterable[int],
        words: Sequence[Word],
        pause: Pause = _on,
    ) -> NameColumns:
        """From the rows of the index, without those that ended; `names.levels.righted`."""
        places = np.frombuffer(starts, np.uint32).astype(np.int64)
        sizes = places[1:] - places[:-1]
        lasting = np.ones(len(owners), bool)
        lasting[list(ended)] = False
        row = np.repeat(np.arange(len(owners)), sizes)
        kept = lasting[row]
        row, entry = row[kept], np.frombuffer(entries, np.uint32).astype(np.int64)[kept]
        token, role = entry >> 2, entry & 3
        kinds = [word_kind(word) for word in pausing(words, pause)]
        kind = column(kinds, np.int32, pause)[token]

        def rows_with(which: Flags) -> Flags:
            found = np.zeros(len(owners), bool)
            found[row[which]] = True
            return found

        turned = (
            rows_with((role == 0) & (kind == GIVEN_WORD))
            & rows_with((role == 1) & (kind == PATRONYMIC_WORD))
            & rows_with(role == 2)
            & ~rows_with((role == 2) & (kind > 0))
        )
        role = np.where(turned[row], (role + 1) % 3, role)
        person = np.frombuffer(owners, np.uint32).astype(np.int64)[row]
        return cls(person, token, role)


class Facts(NamedTuple):
    """What a file says of its persons besides the names, one value for each person."""

    ids: Sequence[int]
    births: Sequence[Born]
    sexes: Sequence[str]
    texts: tuple[Sequence[int], Sequence[int], Sequence[int]]
    references: Sequence[str | None]
    phones: Mapping[int, Iterable[str]]


def gather(
    names: NameColumns,
    facts: Facts,
    texts: Texts,
    frequencies: Frequencies,
    pause: Pause = _on,
) -> People:
    """Put what is known of all persons into columns, in the order of their numbers.

    `pause` is called now and then, so that others have their turn.
    """
    ids = column(facts.ids, np.int64, pause)
    order = np.argsort(ids)
    ids = ids[order]
    size = len(ids)
    place = np.searchsorted(ids, names.person)
    known = place < size
    known[known] = ids[place[known]] == names.person[known]
    names_of = []
    sizes = [column([len(one) for one in pausing(texts.tokens, pause)], np.int64, pause)]
    flat = [token for one in pausing(texts.tokens, pause) for token in one]
    tokens = [column(flat, np.int32, pause)]
    for role in (0, 1, 2):
        pause()
        chosen = known & (names.role == role)
        own, wide, found = _parts(place[chosen], names.token[chosen], size)
        own[own > 0] += sum(map(len, sizes)) - 1
        names_of.append(own)
        sizes.append(wide)
        tokens.append(found)
    parts = Lists(
        np.concatenate((np.zeros(1, np.int64), np.cumsum(np.concatenate(sizes)))),
        np.concatenate(tokens),
    )
    there = set(facts.texts[0])
    places = {token for at in pausing(there, pause) for token in texts.tokens[at]}
    words = Words(texts.words, frequencies, places, pause)
    seen: dict[Born, int] = {}
    numbered = [seen.setdefault(one, len(seen)) for one in pausing(facts.births, pause)]
    birth = column(numbered, np.int64, pause)[order]
    flat = [value for one in pausing(seen, pause) for value in one]
    births = column(flat, np.int64, pause).reshape(-1, 4)[birth]
    rare = np.array([frequencies.born_rarity(one) for one in seen], np.float64)
    sexes = {"f": 1, "m": 2}
    numbers: dict[str, int] = {}
    named = pausing(facts.references, pause)
    references = [numbers.setdefault(r, len(numbers) + 1) if r else 0 for r in named]
    pause()
    return People(
        ids=ids,
        names=names_of,
        year=births[:, 0].copy(),
        day=births[:, 1].copy(),
        kind=births[:, 2].copy(),
        last_year=births[:, 3].copy(),
        sex=column([sexes.get(sex, 0) for sex in facts.sexes], np.int32, pause)[order],
        texts=[column(numbers, np.int32, pause)[order] for numbers in facts.texts],
        phones=_phones(ids, facts.phones),
        reference=column(references, np.int32, pause)[order],
        words=words,
        parts=parts,
        rarity=_least(parts, words.rarity),
        place_rarity=_least(parts, words.place_rarity),
        born_rarity=rare[birth],
        frequencies=frequencies,
    )


def _parts(place: Ints, token: Ints, size: int) -> tuple[Small, Ints, Small]:
    """The number of the set of tokens that each person has, from 1; how great the sets are, and
    their tokens behind each other."""
    column = np.zeros(size, np.int32)
    if not len(place):
        return column, np.zeros(0, np.int64), np.zeros(0, np.int32)
    packed = single(place << 32 | token)
    owner, token = packed >> 32, packed & 0xFFFFFFFF
    begins = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
    hashes = np.add.reduceat(mixed(np.full(len(token), GOLDEN), token), begins)
    _unique, where, number = np.unique(hashes, return_index=True, return_inverse=True)
    column[owner[begins]] = number + 1
    sizes = np.diff(np.append(begins, len(owner)))[where]
    _at, chosen = spread(sizes, begins[where])
    return column, sizes, token[chosen].astype(np.int32)


def _phones(ids: Ints, known: Mapping[int, Iterable[str]]) -> Lists:
    """The numbers of the telephones of each person."""
    numbers: dict[str, int] = {}
    owners, values = [], []
    for person, own in known.items():
        for number in own:
            owners.append(person)
            values.append(numbers.setdefault(number, len(numbers)))
    owner, value = column(owners, np.int64), column(values, np.int32)
    place = np.searchsorted(ids, owner)
    there = place < len(ids)
    there[there] = ids[place[there]] == owner[there]
    place, value = place[there], value[there]
    order = np.argsort(place, kind="stable")
    return Lists(np.searchsorted(place[order], np.arange(len(ids) + 1)), value[order])


def _least(parts: Lists, values: Floats) -> Floats:
    """The least of the values of the tokens of each part; 0 for what is empty."""
    found = np.zeros(len(parts.starts) - 1)
    there = np.flatnonzero(np.diff(parts.starts))
    if len(there):
        found[there] = np.minimum.reduceat(values[parts.values], parts.starts[there])
    return found


def any_of(parts: Lists, tokens: Flags) -> Flags:
    """Which parts hold any token of some."""
    found = np.zeros(len(parts.starts) - 1, bool)
    owner = np.repeat(np.arange(len(found)), parts.starts[1:] - parts.starts[:-1])
    found[owner[tokens[parts.values]]] = True
    return found
