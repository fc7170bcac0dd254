"""The names of a file as rows of token numbers, in arrays that are kept and loaded as they are.

One row is one name of one person: its tokens with their roles, and when the person was born. Rows
are only ever added. A row that is no longer true keeps the version at which it ended, so that
whoever reads an older state of the file still sees the names of that state.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from casedesk.names import bits
from casedesk.names.fold import readings
from casedesk.names.parse import tokens
from casedesk.names.vocabulary import Vocabulary

FAMILY, GIVEN, PATRONYMIC = 0, 1, 2
MOST_TOKENS: Final = 8
_NEVER: Final = 1 << 62
# A token in more than this part of the rows, and in more than so many, is among the common ones.
_IN_MOST, _FEW = 256, 64


class NameRow(NamedTuple):
    """One name as the index takes it in; `born` in days since 1850, both 0 where unknown."""

    person: int
    name: int
    family: str
    given: str
    patronymic: str
    born: tuple[int, int] = (0, 0)


def row_tokens(row: NameRow) -> list[tuple[tuple[str, ...], int]]:
    """The tokens of a name that have a key, as their readings and their role."""
    return [
        (keys, role)
        for role, text in enumerate((row.family, row.given, row.patronymic))
        for word in tokens(text)
        if (keys := readings(word))
    ]


@dataclass(slots=True)
class Rows:
    """Rows in order; `entries` holds token and role of each part, `starts` where a row begins."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    person: array[int] = field(default_factory=lambda: array("I"))
    name: array[int] = field(default_factory=lambda: array("I"))
    born_first: array[int] = field(default_factory=lambda: array("H"))
    born_last: array[int] = field(default_factory=lambda: array("H"))
    starts: array[int] = field(default_factory=lambda: array("I", [0]))
    entries: array[int] = field(default_factory=lambda: array("I"))
    posting_starts: Sequence[int] = (0,)
    postings: array[int] = field(default_factory=lambda: array("I"))
    common: dict[int, int] = field(default_factory=dict)
    """The tokens that stand in most rows, each with the set of its rows; see `bits`."""
    kept: int = 0
    """How many rows the arrays of the file hold; the others were added since it was opened."""
    later: dict[int, list[int]] = field(default_factory=dict)
    since: list[int] = field(default_factory=list)
    ended: dict[int, int] = field(default_factory=dict)
    of_person: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[NameRow]) -> Rows:
        """Make rows of all names of a file, given in the order of persons."""
        made = cls()
        numbers: dict[str, int] = {}
        known: dict[str, tuple[int, ...]] = {}
        token_keys: list[list[str]] = []
        before: list[tuple[int, ...]] = []
        person = -1

        def token(word: str) -> int | None:
            keys = readings(word)
            if not keys:
                return None
            number = numbers.setdefault(keys[0], len(token_keys))
            if number == len(token_keys):
                token_keys.append(list(keys))
            else:
                own = token_keys[number]
                own += [key for key in keys[1:] if key not in own]
            return number

        for row in names:
            packed: list[int] = []
            for role, text in enumerate((row.family, row.given, row.patronymic)):
                if text:
                    own = known.get(text)
                    if own is None:
                        found = [token(word) for word in tokens(text)]
                        own = known[text] = tuple(n for n in found if n is not None)
                    packed += [number << 2 | role for number in own]
            entry = tuple(packed[:MOST_TOKENS])
            if row.person != person:
                person, before = row.person, []
            if not entry or any(set(entry) <= set(other) for other in before):
                continue
            before.append(entry)
            made._append(row, entry)
        counts = array("I", bytes(4 * len(token_keys)))
        for entry_ in made.entries:
            counts[entry_ >> 2] += 1
        made._post(counts)
        made.vocabulary = Vocabulary.of(token_keys, counts)
        made.kept = len(made.person)
        least = max(made.kept // _IN_MOST, _FEW)
        made.common = {
            number: bits.of_rows([made.having(number)], made.kept)
            for number, count in enumerate(counts)
            if count > least
        }
        return made

    def _append(self, row: NameRow, entry: Sequence[int]) -> None:
        self.person.append(row.person)
        self.name.append(row.name)
        self.born_first.append(row.born[0])
        self.born_last.append(row.born[1])
        self.entries.extend(entry)
        self.starts.append(len(self.entries))

    def _post(self, counts: array[int]) -> None:
        starts, total = array("I", [0]), 0
        for count in counts:
            total += count
            starts.append(total)
        free = array("I", starts)
        postings = array("I", bytes(4 * total))
        entries, begins = self.entries, self.starts
        for row in range(len(self.person)):
            for entry in entries[begins[row] : begins[row + 1]]:
                token = entry >> 2
                postings[free[token]] = row
                free[token] += 1
        self.posting_starts, self.postings = starts, postings

    def __len__(self) -> int:
        """How many rows there are, whether still true or not."""
        return len(self.person)

    def rows_of_person(self, person: int) -> list[int]:
        """All rows of a person."""
        at, found = bisect_left(self.person, person, 0, self.kept), []
        while at < self.kept and self.person[at] == person:
            found.append(at)
            at += 1
        return found + self.of_person.get(person, [])

    def replace(self, person: int, names: Iterable[NameRow], version: int) -> None:
        """From a version on, a person has these names and no others."""
        for row in self.rows_of_person(person):
            self.ended[row] = min(version, self.ended.get(row, _NEVER))
        before: list[set[int]] = []
        for name in names:
            parts = row_tokens(name)[:MOST_TOKENS]
            entry = [self.vocabulary.add(keys) << 2 | role for keys, role in parts]
            if not entry or any(set(entry) <= other for other in before):
                continue
            before.append(set(entry))
            number = len(self.person)
            self._append(name, entry)
            self.since.append(version)
            self.of_person.setdefault(person, []).append(number)
            for one in entry:
                self.later.setdefault(one >> 2, []).append(number)
                self.vocabulary.counts[one >> 2] += 1

    def visible(self, version: int) -> int:
        """Rows below this number existed at a version; `ended` tells which no longer do."""
        return self.kept + bisect_left(self.since, version + 1)

    def having(self, token: int) -> Sequence[int]:
        """The rows in which a token stands."""
        if token < len(self.posting_starts) - 1:
            start, end = self.posting_starts[token], self.posting_starts[token + 1]
            rows = self.postings[start:end]
            if token not in self.later:
                return rows
            return [*rows, *self.later[token]]
        return self.later.get(token, ())

    def rows_with(self, token: int) -> int:
        """The same rows as a set; quick for the most common tokens."""
        known = self.common.get(token)
        if known is None:
            return bits.of_rows([self.having(token)], len(self))
        later = self.later.get(token)
        return known | bits.of_rows([later], len(self)) if later else known

    def drop_from(self, first: int, version: int) -> None:
        """Take back the rows from a number on, and all that ended at a version or later."""
        for row in range(len(self.person) - 1, first - 1, -1):
            for entry in self.entries[self.starts[row] : self.starts[row + 1]]:
                self.later[entry >> 2].pop()
                self.vocabulary.counts[entry >> 2] -= 1
            self.of_person[self.person[row]].pop()
        del self.entries[self.starts[first] :]
        del self.starts[first + 1 :]
        for column in (self.person, self.name, self.born_first, self.born_last):
            del column[first:]
        del self.since[first - self.kept :]
        self.ended = {row: since for row, since in self.ended.items() if since < version}
