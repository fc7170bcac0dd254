"""The distinct name tokens of a file, and which of them a typed word may stand for.

Names repeat: half a million name parts are sixty thousand distinct keys. So all fuzzy work is done
here, on the keys. Each reading of a token is filed under its skeleton, under the skeleton with one
letter left out and, where the skeleton is short, under the key itself with one letter left out (a
deletion neighbourhood); the few hundred readings that share a file with the typed word are then
compared letter by letter.

The readings known when the vocabulary was made lie in sorted arrays, which are kept in the file
as they are; those added later lie in small dictionaries beside them.
"""

from __future__ import annotations

import heapq
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from casedesk.names.fold import coarse, readings, skeleton
from casedesk.names.given import FORMAL, classes, forms, likeness, members
from casedesk.names.likeness import LEAST, blend, compare, rough_least, unfinished

_TOP = "\uffff"
_MOST_BEGINNINGS = 3000
_WHOLE, _ROUGH, _SHORTENED = 0.82, 0.74, 0.06
_COVERED = 0.14
# A word less like any name than the first is misspelt; names so near to the nearest may be meant.
_UNMISTAKEN, _AS_NEAR, _NEAREST = 0.96, 0.12, 8
# A word that is a given name as it stands is hardly another name, misspelt or read otherwise.
_LESS = 0.9


@dataclass(slots=True)
class Vocabulary:
    """Tokens are numbers; `keys` and `owner` say which token each reading belongs to."""

    keys: list[str] = field(default_factory=list)
    owner: array[int] = field(default_factory=lambda: array("I"))
    primary: array[int] = field(default_factory=lambda: array("I"))
    files: Sequence[int] = ()
    filed: array[int] = field(default_factory=lambda: array("I"))
    by_coarse: Sequence[int] = ()
    coarse_keys: list[str] = field(default_factory=list)
    counts: array[int] = field(default_factory=lambda: array("I"))
    sorted_keys: int = 0
    sorted_tokens: int = 0
    added: dict[str, int] = field(default_factory=dict)
    filed_later: dict[int, list[int]] = field(default_factory=dict)
    _frequent: list[int] = field(default_factory=list)
    _members: dict[int, tuple[tuple[int, float], ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tokens: Sequence[Sequence[str]], counts: array[int]) -> Vocabulary:
        """Make a vocabulary of tokens, each given by its readings, the primary one first."""
        pairs = sorted((key, token) for token, keys in enumerate(tokens) for key in keys)
        owner = array("I", (token for _key, token in pairs))
        primary = array("I", bytes(4 * len(tokens)))
        files: list[int] = []
        for reading, (key, token) in enumerate(pairs):
            if tokens[token][0] == key:
                primary[token] = reading
            files += [(name << 32) | reading for name in _files(key)]
        files.sort()
        made = cls(
            keys=[key for key, _token in pairs],
            owner=owner,
            primary=primary,
            files=array("I", (pair >> 32 for pair in files)),
            filed=array("I", (pair & 0xFFFFFFFF for pair in files)),
            counts=counts,
        )
        made.coarse_keys = [coarse(key) for key in made.keys]
        order = sorted(range(len(made.keys)), key=made.coarse_keys.__getitem__)
        made.by_coarse = array("I", order)
        made.sorted_keys, made.sorted_tokens = len(made.keys), len(tokens)
        return made

    def key(self, token: int) -> str:
        """The primary key of a token."""
        return self.keys[self.primary[token]]

    def find(self, key: str) -> int | None:
        """The token whose primary key this is."""
        at = bisect_left(self.keys, key, 0, self.sorted_keys)
        while at < self.sorted_keys and self.keys[at] == key:
            if self.primary[self.owner[at]] == at:
                return self.owner[at]
            at += 1
        return self.added.get(key)

    def add(self, keys: Sequence[str]) -> int:
        """Find the token of these readings, or add it."""
        token = self.find(keys[0])
        fresh = keys
        if token is None:
            token = len(self.primary)
            self.primary.append(len(self.keys))
            self.counts.append(0)
            self.added[keys[0]] = token
            for number, _weight in classes(keys[0]):
                self._members.pop(number, None)
        else:  # another spelling of the same name may bring readings of its own
            fresh = [key for key in keys[1:] if not self._has(key, token)]
        for key in fresh:
            reading = len(self.keys)
            self.keys.append(key)
            self.coarse_keys.append(coarse(key))
            self.owner.append(token)
            for name in _files(key):
                self.filed_later.setdefault(name, []).append(reading)
        return token

    def _has(self, key: str, token: int) -> bool:
        at = bisect_left(self.keys, key, 0, self.sorted_keys)
        while at < self.sorted_keys and self.keys[at] == key:
            if self.owner[at] == token:
                return True
            at += 1
        later = range(self.sorted_keys, len(self.keys))
        return any(self.owner[at] == token and self.keys[at] == key for at in later)

    def match(self, word: str, *, beginning: bool) -> dict[int, float]:
        """Tokens that a typed word may stand for, with their likeness from 0.62 to 1."""
        found: dict[int, float] = {}
        keys = readings(word)
        named: dict[int, float] = {}
        listed = bool(keys) and keys[0] in forms()
        for at, key in enumerate(keys):
            if listed and at:  # Alex is Alexander, and hardly Aleh
                self._alike(key, found, equal=_LESS, alike=_LESS)
                continue
            self._alike(key, found, alike=_LESS if listed else 1.0)
            named.update(classes(key))
        for number, weight in named.items():
            for token, other in self._class(number):
                value = likeness(weight, other)
                if value > found.get(token, 0.0):
                    found[token] = value
        if not named:
            self._misspelt(found)
        if beginning:
            for start, lost in unfinished(word):
                for at, key in enumerate(readings(start)[:4]):
                    less = 1 - _LESS if listed and at else 0.0
                    self._beginnings(key, lost * _SHORTENED + less, found)
        return found

    def _alike(
        self, key: str, found: dict[int, float], *, equal: float = 1.0, alike: float = 1.0
    ) -> None:
        bones = skeleton(key)
        same = set(self._filed("=" + bones)) if bones else set()
        near: set[int] = set().union(*[self._filed(name) for name in _asked(key, bones)]) - same
        for group, bare in ((list(same), True), (list(near), False)):
            # Merging sounds never makes two keys less alike, so the rough comparison may sieve.
            rough = [self.coarse_keys[reading] for reading in group]
            passed = compare(coarse(key), rough, rough_least(same_skeleton=bare))
            spelt = [self.keys[group[at]] for at, _value in passed]
            for place, fine in compare(key, spelt, 0.0):
                at, rough_value = passed[place]
                value = blend(fine, rough_value, same_skeleton=bare)
                value *= equal if fine == 1.0 else alike
                token = self.owner[group[at]]
                if value >= LEAST and value > found.get(token, 0.0):
                    found[token] = value

    def _misspelt(self, found: dict[int, float]) -> None:
        """Add the other forms of the given names that a misspelt word comes nearest to."""
        near = heapq.nlargest(_NEAREST, found.items(), key=itemgetter(1))
        if not near or near[0][1] >= _UNMISTAKEN:
            return
        least = near[0][1] - _AS_NEAR
        for token, alike in near:
            if alike < least:
                break
            for number, weight in classes(self.key(token)):
                if weight < FORMAL:
                    continue
                for other, theirs in self._class(number):
                    value = alike * likeness(weight, theirs)
                    if value > found.get(other, LEAST):
                        found[other] = value

    def _filed(self, name: str) -> Sequence[int]:
        number = zlib.crc32(name.encode())
        low = bisect_left(self.files, number)
        found: Sequence[int] = self.filed[low : bisect_right(self.files, number, low)]
        if self.filed_later:
            found = [*found, *self.filed_later.get(number, ())]
        return found

    def _class(self, number: int) -> tuple[tuple[int, float], ...]:
        known = self._members.get(number)
        if known is None:
            weights: dict[int, float] = {}
            for key, weight in members().get(number, ()):
                for token in self._read_as(key):
                    weights[token] = max(weight, weights.get(token, 0.0))
            known = self._members[number] = tuple(weights.items())
        return known

    def _read_as(self, key: str) -> Iterator[int]:
        """The tokens that this is a reading of: Yauhen may be Яўген."""
        at = bisect_left(self.keys, key, 0, self.sorted_keys)
        while at < self.sorted_keys and self.keys[at] == key:
            yield self.owner[at]
            at += 1
        if key in self.added:
            yield self.added[key]

    def _beginnings(self, start: str, less: float, found: dict[int, float]) -> None:
        covered = _COVERED * len(start)
        for reading in self._range(start):
            token = self.owner[reading]
            value = _WHOLE - less + covered / len(self.keys[reading])
            if value > found.get(token, 0.0):
                found[token] = value
        if len(start) >= 3:
            rough = coarse(start)
            low = bisect_left(self.by_coarse, rough, key=self.coarse_keys.__getitem__)
            high = bisect_left(self.by_coarse, rough + _TOP, key=self.coarse_keys.__getitem__)
            for reading in self.by_coarse[low : min(high, low + _MOST_BEGINNINGS)]:
                token = self.owner[reading]
                value = _ROUGH - less + covered / len(self.keys[reading])
                if value > found.get(token, 0.0):
                    found[token] = value

    def _range(self, start: str) -> Iterable[int]:
        """Readings that begin so; where there are too many, those of the most frequent tokens."""
        low = bisect_left(self.keys, start, 0, self.sorted_keys)
        high = bisect_left(self.keys, start + _TOP, 0, self.sorted_keys)
        inside: Iterable[int] = range(low, high)
        if high - low > _MOST_BEGINNINGS:
            inside = (r for r in self._most_frequent() if low <= r < high)
        later = range(self.sorted_keys, len(self.keys))
        return [*inside, *(r for r in later if self.keys[r].startswith(start))]

    def _most_frequent(self) -> list[int]:
        if not self._frequent:
            tokens = range(self.sorted_tokens)
            most = heapq.nlargest(_MOST_BEGINNINGS, tokens, key=self.counts.__getitem__)
            self._frequent = [self.primary[token] for token in most]
        return self._frequent


def _without_one(text: str) -> set[str]:
    return {text[:at] + text[at + 1 :] for at in range(len(text))}


def _files(key: str) -> set[int]:
    """The files a reading lies in, as numbers."""
    bones = skeleton(key)
    names = {"=" + bones} if bones else set()
    if len(bones) >= 4:
        names |= {"-" + rest for rest in _without_one(bones)}
    if len(bones) <= 4 and len(key) >= 3:
        names |= {"#" + key, *("#" + rest for rest in _without_one(key))}
    elif not names or len(key) < 3:
        names.add("#" + key)
    return {zlib.crc32(name.encode()) for name in names}


def _asked(key: str, bones: str) -> set[str]:
    """The files to look into for readings within one letter of a typed key."""
    names = {"-" + bones}
    if len(bones) >= 4:
        for rest in _without_one(bones):
            names |= {"-" + rest, "=" + rest}
    elif len(bones) == 3:
        names |= {"=" + rest for rest in _without_one(bones)}
    if len(bones) <= 5 and len(key) >= 3:
        names |= {"#" + key, *("#" + rest for rest in _without_one(key))}
    else:
        names.add("#" + key)
    return names
