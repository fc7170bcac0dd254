"""The search itself: from typed text to the persons whose names fit best.

Each typed word becomes a list of tokens it may stand for. The rows to look at are then taken in
the order of what they could score at most: first those that agree in all words and strongly, then
those that agree less in one or lack the most common word, and so on. It ends when nothing left
could come among the best.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from casedesk.names import bits
from casedesk.names.fold import fold, readings
from casedesk.names.given import classes
from casedesk.names.layout import other_layout
from casedesk.names.likeness import rarity
from casedesk.names.parse import tokens
from casedesk.names.rows import GIVEN, PATRONYMIC, NameRow, Rows
from casedesk.names.scoring import (
    INITIAL,
    Agreement,
    Initial,
    Question,
    Strength,
    Wanted,
    agrees,
    at_most,
    best_birth,
    born_gain,
    explain,
    gain_of,
    leftovers,
    score,
)

MOST_WORDS: Final = 6
# How much is looked at: no more rows are taken for one pattern of agreement, no more are passed
# over in search of an initial or a birth date, no more rare tokens' rows go into one set.
_BUDGET: Final = 150
_SCANNED: Final = 6_000
_LOOPED: Final = 12_000
# A token that stands in more than this part of the rows keeps its set of rows, as memory allows.
_COMMON: Final = 1024
_SETS_BYTES: Final = 16_000_000
# Gains from here on are sure and strong agreement; likeness from here on counts as bearing the
# same name.
_SURE, _STRONG = 0.95, 0.72
_NEAR: Final = 0.9
_NEAR_AT_LEAST: Final = 0.75
_REMEMBERED: Final = 2000
# Words of these lengths without a good match may be two names written as one.
_JOINED: Final = (10, 40)
_POOR: Final = 0.86
# Below this share of the possible score the other keyboard layout is tried; it must do better by
# so much. Rows below this share of the best found are not worth looking for: who is found among
# those is hardly ever meant, and they are many.
_OTHER_KEYS: Final = 0.55
_BETTER_BY: Final = 0.15
_HOPELESS: Final = 0.6
# A birth so many days from the one that was told is another person's.
_APART: Final = 800
# So much less must a word agree before it is asked again whether enough was found.
_STEP: Final = 0.02
_MORE_NAMES: Final = 10
_SURPLUS: Final = 0.08
# Where nobody gets this share of the possible, so many times those asked for are looked at again:
# whether a word that agrees with nothing is a little like the part of the name that is left.
_REVIEWED_BELOW, _REVIEWED = 0.8, 5


@dataclass(frozen=True, slots=True)
class Found:
    """One person found: the row that fits best, and what agrees in it.

    `score` is from 0 to 1, the birth date with it; `by_name` leaves the birth date out.
    """

    person: int
    name: int
    score: float
    by_name: float
    agreements: tuple[Agreement, ...]
    words: tuple[str, ...]
    layout: bool
    row: int


class NameIndex:
    """Rows with a memory of typed words; safe to ask from several threads."""

    def __init__(self, rows: Rows) -> None:
        """Take rows that were made or loaded."""
        self.rows = rows
        self.lock = threading.RLock()
        self._words: OrderedDict[tuple[str, bool], Wanted] = OrderedDict()
        self._sets: OrderedDict[int, int] = OrderedDict()
        self._spans: OrderedDict[tuple[str, bool, float], tuple[int, int]] = OrderedDict()
        self._seen = len(rows)

    def replace(self, person: int, names: Iterable[NameRow], version: int) -> None:
        """Give a person other names, from a version on."""
        with self.lock:
            self.rows.replace(person, names, version)
            self._words.clear()
            self._spans.clear()
            for entry in self.rows.entries[self.rows.starts[self._seen] :]:
                self._sets.pop(entry >> 2, None)
            self._seen = len(self.rows)

    def weight(self, word: str) -> float:
        """How much it tells that somebody bears this name: its rarity, spellings together."""
        with self.lock:
            return self._wanted(word, beginning=False).weight

    def take_back(self, first: int, version: int) -> None:
        """Forget the rows from a number on, and what ended at a version or later."""
        with self.lock:
            self.rows.drop_from(first, version)
            self._words.clear()
            self._spans.clear()
            self._sets.clear()
            self._seen = len(self.rows)

    def search(
        self,
        text: str,
        *,
        limit: int = 20,
        version: int = 1 << 61,
        born: tuple[int, int] | None = None,
        without: Collection[int] = (),
    ) -> list[Found]:
        """The best persons for a text, best first; some may be left out, as if they had no name."""
        if not any(map(str.isalnum, text)):
            return []
        with self.lock:
            among = _Among(limit, version, frozenset(without))
            found, share = self._answer(text, born, among, layout=False)
            if share < _OTHER_KEYS:
                again, other = self._answer(other_layout(text), born, among, layout=True)
                if other > share + _BETTER_BY:
                    return again
            return found

    def _answer(
        self, text: str, born: tuple[int, int] | None, among: _Among, *, layout: bool
    ) -> tuple[list[Found], float]:
        question = self._question(text, born)
        if not question.words:
            return [], 0.0
        found = []
        words = tuple(word.word for word in question.words)
        most = question.most - (best_birth(born) if born else 0.0)
        for raw, row in self._best(question, among):
            name = raw
            if born is not None:
                name -= born_gain(born, self.rows.born_first[row], self.rows.born_last[row])
            found.append(
                Found(
                    self.rows.person[row],
                    self.rows.name[row],
                    round(min(max(raw / question.most, 0.0), 1.0), 4),
                    round(min(max(name / most, 0.0), 1.0), 4),
                    tuple(explain(question, self.rows, row)),
                    words,
                    layout,
                    row,
                )
            )
        return found, max((one.by_name for one in found), default=0.0)

    # What was typed

    def _question(self, text: str, born: tuple[int, int] | None) -> Question:
        typed = tokens(text)
        open_end = bool(text) and text[-1].isalnum()
        # a name may hold a word twice, but not more often
        whole = [w for at, w in enumerate(typed) if len(w) > 1 and typed[:at].count(w) < 2]
        single = [word for word in typed if len(word) == 1]
        if not whole:
            whole, single = single[:1], single[1:]
        wanted: list[Wanted] = []
        last = typed[-1] if typed else ""
        for word in self._joined(whole[: MOST_WORDS + 2]):
            one = self._wanted(word, beginning=len(word) <= 5 or (open_end and word is last))
            if one.best < _POOR and _JOINED[0] <= len(word) <= _JOINED[1]:
                parts = None if classes(fold(word)) else self._split(word)
                if parts:
                    wanted += [self._wanted(part, beginning=False) for part in parts]
                    continue
            wanted.append(one)
        question = Question([replace(one) for one in wanted[:MOST_WORDS]], born=born)
        for at, letter in enumerate(single[:2]):
            sound = fold(letter)[:1]
            if sound:
                question.initials.append(Initial(sound, GIVEN if at == 0 else PATRONYMIC))
        question.prepare()
        return question

    def _wanted(self, word: str, *, beginning: bool) -> Wanted:
        known = self._words.get((word, beginning))
        if known is not None:
            self._words.move_to_end((word, beginning))
            return known
        alike = self.rows.vocabulary.match(word, beginning=beginning)
        counts = self.rows.vocabulary.counts
        best = max(alike.values(), default=0.0)
        near = _NEAR if best >= _NEAR else _NEAR_AT_LEAST
        bearers = sum(counts[token] for token, value in alike.items() if value >= near)
        weight = rarity(bearers, len(self.rows))
        gains = {
            token: gain_of(value)
            for token, value in sorted(alike.items(), key=lambda pair: -pair[1])
        }
        rows = sum(counts[token] for token in gains)
        made = Wanted(word, gains, weight, rows, best, beginning, _strengths(gains, counts))
        self._words[word, beginning] = made
        if len(self._words) > _REMEMBERED:
            self._words.popitem(last=False)
        return made

    def _joined(self, words: list[str]) -> Iterator[str]:
        """Words, with two neighbours as one where only together they are a known name."""
        at = 0
        while at < len(words):
            if at + 1 < len(words) and len(words) > 1:
                both = words[at] + words[at + 1]
                if (
                    self._known(both)
                    and not self._known(words[at])
                    and not self._known(words[at + 1])
                ):
                    yield both
                    at += 2
                    continue
            yield words[at]
            at += 1

    def _split(self, word: str) -> tuple[str, str] | None:
        """Where a long unknown word is two known ones; the most common pair."""
        best, parts = 0, None
        for at in range(3, len(word) - 2):
            common = min(self._known(word[:at]), self._known(word[at:]))
            if common > best:
                best, parts = common, (word[:at], word[at:])
        return parts

    def _known(self, word: str) -> int:
        """How many rows hold exactly this word."""
        keys = readings(word)
        token = self.rows.vocabulary.find(keys[0]) if keys else None
        return 0 if token is None else self.rows.vocabulary.counts[token]

    # Which rows to look at

    def _best(self, question: Question, among: _Among) -> list[tuple[float, int]]:
        search = _Search(self.rows, question, among)
        words = sorted(
            (w for w in question.words if w.gains), key=lambda w: w.rows / (w.weight * w.weight)
        )
        if not words:
            return []
        total = question.unknown
        bonus = question.most - total
        best = sum(word.weight * word.gain for word in words) + bonus
        rest = words
        if len(words) == 1 or words[0].rows <= _BUDGET:
            first, rest = words[0], words[1:]
            search.take(self._by_gain(first, search, best), _BUDGET)
        patterns = [
            chosen
            for size in range(1, len(rest) + 1)
            for chosen in itertools.combinations(rest, size)
        ]
        rated: list[tuple[float, tuple[Wanted, ...], tuple[Strength, ...]]] = []
        for chosen in patterns:
            lost = _SURPLUS * (total - sum(word.weight for word in chosen))
            for strengths in _mixtures(chosen):
                value = sum(
                    word.weight * one.most for word, one in zip(chosen, strengths, strict=True)
                )
                rated.append((value - lost, chosen, strengths))
        rated.sort(key=lambda pair: -pair[0])
        done = 0
        for bound, chosen, strengths in rated:
            if search.enough(bound + bonus):
                break
            inside = -1
            for word, one in zip(chosen, strengths, strict=True):
                inside &= self._set(word, one.least)[0]
                if not inside:
                    break
            inside ^= inside & done  # "and not" would make a complement, which takes long
            if not inside:
                continue
            done |= inside
            count = inside.bit_count()
            if count <= _BUDGET:
                search.take(bits.rows_of(inside), _BUDGET)
            else:
                rarest = min(chosen, key=lambda w: w.rows)
                search.take(self._by_gain(rarest, search, best, inside), _BUDGET)
        return search.result()

    def _by_gain(
        self, word: Wanted, search: _Search, best: float, inside: int | None = None
    ) -> Iterator[int]:
        """The rows of a word, best first, until what follows cannot come among the best.

        `best` is what a row gets in which all agrees. Where a set is given, only its rows.
        """
        counts = self.rows.vocabulary.counts
        marks = b"" if inside is None else bits.as_marks(inside)
        size, common = len(marks) << 3, max(len(self.rows) // _COMMON, 64)
        checked = 1.0
        for token, gain in word.gains.items():
            if gain < checked - _STEP:
                checked = gain
                if search.enough(best - (word.gain - gain) * word.weight):
                    return
            if inside is None:
                yield from reversed(self.rows.having(token))
            elif counts[token] > common:
                yield from bits.rows_of(inside & self._common(token))
            else:
                for row in reversed(self.rows.having(token)):
                    if row < size and marks[row >> 3] >> (row & 7) & 1:
                        yield row

    def _set(self, word: Wanted, least: float) -> tuple[int, int]:
        """All rows that have one of the word's tokens, and how many were taken one by one."""
        name = (word.word, word.beginning, least)
        known = self._spans.get(name)
        if known is not None:
            self._spans.move_to_end(name)
            return known
        above = next((one.least for one in reversed(word.strengths) if one.least > least), None)
        found, looped = (0, 0) if above is None else self._set(word, above)
        few: list[Iterable[int]] = []
        common = max(len(self.rows) // _COMMON, 64)
        counts = self.rows.vocabulary.counts
        for token, gain in word.gains.items():
            if gain < least:
                break
            if above is not None and gain >= above:
                continue
            if counts[token] > common:
                found |= self._common(token)
            elif looped < _LOOPED:
                few.append(self.rows.having(token))
                looped += counts[token]
        if few:
            found |= bits.of_rows(few, len(self.rows))
        self._spans[name] = found, looped
        if len(self._spans) * len(self.rows) > 8 * _SETS_BYTES:
            self._spans.popitem(last=False)
        return found, looped

    def _common(self, token: int) -> int:
        if token in self.rows.common:
            return self.rows.rows_with(token)
        known = self._sets.get(token)
        if known is None:
            known = self._sets[token] = self.rows.rows_with(token)
            if len(self._sets) * len(self.rows) > 8 * _SETS_BYTES:
                self._sets.popitem(last=False)
        else:
            self._sets.move_to_end(token)
        return known


@dataclass(frozen=True, slots=True)
class _Among:
    """How many persons are asked for, in which state of the file, and who is not."""

    limit: int
    version: int
    without: frozenset[int]


class _Search:
    """The rows scored so far in one search."""

    def __init__(self, rows: Rows, question: Question, among: _Among) -> None:
        self._rows = rows
        self._question = question
        self._limit = among.limit
        self._version = among.version
        self._without = among.without
        self._visible = rows.visible(among.version)
        self._seen: set[int] = set()
        self._best: dict[int, tuple[float, int]] = {}
        self._fits: dict[tuple[str, int], bool] = {}
        # The best values so far; a few more than asked for, since a person may have several names.
        self._top: list[float] = []
        self._deep = among.limit + _MORE_NAMES
        self._initials = INITIAL * len(question.initials)

    def take(self, rows: Iterable[int], most: int) -> None:
        """Look at rows, at most so many of those that may fit; score those that may come up."""
        data, question, seen, top = self._rows, self._question, self._seen, self._top
        entries, starts, ended = data.entries, data.starts, data.ended
        born, sieve = question.born, bool(question.born or question.initials)
        without = self._without
        taken, birth = 0, 0.0
        for row in itertools.islice(rows, _SCANNED):
            if row in seen or row >= self._visible:
                continue
            if row in ended and ended[row] <= self._version:
                continue
            if without and data.person[row] in without:
                continue
            # The first are taken as they are, for what was told besides the name may be wrong.
            if sieve and taken > most // 4 and not self._may_fit(row):
                continue
            seen.add(row)
            taken += 1
            if born is not None:
                birth = born_gain(born, data.born_first[row], data.born_last[row])
            parts = entries[starts[row] : starts[row + 1]]
            if len(top) < self._deep or at_most(question, parts) + self._initials + birth >= top[0]:
                self._note(row, score(question, data, row) + birth)
            if taken >= most:
                break

    def _note(self, row: int, value: float) -> None:
        if len(self._top) < self._deep:
            heapq.heappush(self._top, value)
        else:
            heapq.heappushpop(self._top, value)
        person = self._rows.person[row]
        old = self._best.get(person)
        if old is None or value > old[0]:
            self._best[person] = (value, row)

    def _may_fit(self, row: int) -> bool:
        """Whether neither the birth nor an initial speaks against a row."""
        data, question = self._rows, self._question
        if question.born is not None:
            first, last = data.born_first[row], data.born_last[row]
            if first and not (
                last + _APART >= question.born[0] and first - _APART <= question.born[1]
            ):
                return False
        if question.initials:
            entries = data.entries[data.starts[row] : data.starts[row + 1]]
            for initial in question.initials:
                there = [entry for entry in entries if entry & 3 == initial.role]
                if there and not any(self._opens(initial.sound, entry) for entry in there):
                    return False
        return True

    def _opens(self, sound: str, entry: int) -> bool:
        """Whether an initial may open this part of a row."""
        fits = self._fits.get((sound, entry))
        if fits is None:
            key = self._rows.vocabulary.key(entry >> 2)
            fits = self._fits[sound, entry] = agrees(sound, key) > 0
        return fits

    def enough(self, bound: float) -> bool:
        """Whether so many were found that a row of this bound cannot come among them."""
        if not self._best:
            return False
        values = sorted((value for value, _row in self._best.values()), reverse=True)
        if bound < _HOPELESS * values[0]:
            return True
        return len(values) >= self._limit and values[self._limit - 1] >= bound

    def result(self) -> list[tuple[float, int]]:
        """The best rows of as many persons; the newest first among equals."""
        found = list(self._best.values())
        question = self._question
        if found and max(found)[0] < _REVIEWED_BELOW * question.most:
            found = [
                (value + leftovers(question, self._rows, row), row)
                for value, row in heapq.nlargest(_REVIEWED * self._limit, found)
            ]
        return heapq.nlargest(self._limit, found)


def _strengths(gains: dict[int, float], counts: Sequence[int]) -> tuple[Strength, ...]:
    """How strongly a word may agree, the strongest first; only where there are such tokens.

    Where few rows agree strongly they are not parted further.
    """
    strong = sum(counts[token] for token, gain in gains.items() if gain >= _STRONG)
    strengths: list[Strength] = []
    for least in (_STRONG, 0.0) if strong <= _BUDGET else (_SURE, _STRONG, 0.0):
        above = strengths[-1].least if strengths else 2.0
        top = next((gain for gain in gains.values() if gain < above), -1.0)
        if top >= least:
            strengths.append(Strength(least, top))
    return tuple(strengths)


def _mixtures(words: tuple[Wanted, ...]) -> Iterator[tuple[Strength, ...]]:
    """How strongly the words of a pattern may agree: all mixtures of a few, the plain of more."""
    if len(words) <= 3:
        yield from itertools.product(*(word.strengths for word in words))
        return
    first, last = tuple(w.strengths[0] for w in words), tuple(w.strengths[-1] for w in words)
    yield first
    for at in range(len(words)):
        yield (*first[:at], last[at], *first[at + 1 :])
    yield last
