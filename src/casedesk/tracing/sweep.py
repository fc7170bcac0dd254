"""The sweep: every pair of records in the file that may be one person, without comparing all pairs.

First blocking: only records that share something are compared, such as the consonants of the
surname and the given name, or the day of birth and the given name. Each rule is one pass over all
persons, so a typo in one field does not hide a pair from the rules about the others. Then each
pair is weighed once (`names.weights`); two names that met before are not compared again.

It works on the name index in memory and takes seconds for a full file, so it belongs into the
background: `step` is called again and again and may raise to stop.
"""

from __future__ import annotations

import datetime as dt
import itertools
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel.language import N_, _
from casedesk.names.fold import skeleton
from casedesk.names.rows import FAMILY, GIVEN, PATRONYMIC
from casedesk.names.vocabulary import Vocabulary
from casedesk.names.weights import (
    EQUAL_NAME,
    UNKNOWN_NAME,
    Born,
    Frequencies,
    Part,
    Scale,
    Weights,
    Word,
    born,
    born_level,
    label,
    part,
)
from casedesk.people import live
from casedesk.people.records import Contact, Person
from casedesk.tracing.records import TracingCase

Step = Callable[[int, int, str], None]

LIKELY: Final = 0.0
"""Pairs with as many bits or more are as likely one person as not."""
LEAST: Final = -10.0
"""Pairs of fewer bits are not worth keeping: there are too many."""
CROWD: Final = 60
"""A block of more persons than this is divided by the year of birth."""
TOO_MANY: Final = 240
"""A block that is still greater says too little; its pairs are left to the other rules."""
_PARTS: Final = 16
_AT_ONCE: Final = 20_000
_RULES: Final = 10
_EDGES: Final = (0.62, 0.74, 0.84, 0.92, 0.985, 0.9999)
_SWAPPED: Final = 0.84
_SWAPPED_BITS: Final = -2.0

_BLOCKING, _WEIGHING = N_("Finding who to compare"), N_("Comparing")


class Pair(NamedTuple):
    """Two persons who may be one, the first with the smaller number, and how much says so."""

    first: int
    second: int
    bits: float


@dataclass(slots=True)
class People:
    """The persons of a file in columns; a position stands for a person, a number for a name."""

    ids: list[int] = field(default_factory=list)
    names: list[list[int]] = field(default_factory=lambda: [[], [], []])
    bones: list[list[tuple[str, ...]]] = field(default_factory=lambda: [[], []])
    labels: list[list[tuple[str, ...]]] = field(default_factory=lambda: [[], [], []])
    born: list[Born] = field(default_factory=list)
    sex: list[str] = field(default_factory=list)
    texts: list[list[int]] = field(default_factory=lambda: [[], [], []])
    phones: dict[int, frozenset[str]] = field(default_factory=dict)
    references: list[str | None] = field(default_factory=list)
    scale: Scale = field(default_factory=lambda: Scale(Frequencies()))


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found, best first, and how much work it was."""

    pairs: tuple[Pair, ...]
    persons: int
    compared: int
    left_out: int
    """Pairs in crowds so great that only other rules could still bring them together."""


def sweep(
    session: Session,
    *,
    least: float = LIKELY,
    step: Step | None = None,
    table: Weights | None = None,
) -> Swept:
    """Find all pairs of at least so many bits among the persons of the file."""
    return sweep_people(load(session, table), least=least, step=step)


def sweep_people(people: People, *, least: float = LIKELY, step: Step | None = None) -> Swept:
    """Find all pairs of at least so many bits among some persons."""
    step = step or _no_step
    blocked = _blocked(people, step)
    found: list[Pair] = []
    compared = 0
    weigh = _weigher(people, least)
    for number in range(_PARTS):
        pairs = blocked.part(number)
        for start in range(0, len(pairs), _AT_ONCE):
            step(_RULES + number, _RULES + _PARTS, _(_WEIGHING))
            found += weigh(pairs[start : start + _AT_ONCE])
        compared += len(pairs)
    found.sort(key=lambda pair: (-pair.bits, pair.first, pair.second))
    return Swept(tuple(found), len(people.ids), compared, blocked.left_out)


def blocked_pairs(people: People) -> list[tuple[int, int]]:
    """All pairs of persons that the rules bring together, before they are weighed."""
    blocked, ids = _blocked(people, _no_step), people.ids
    return [
        (ids[pair >> 32], ids[pair & 0xFFFFFFFF])
        for number in range(_PARTS)
        for pair in blocked.part(number)
    ]


def _blocked(people: People, step: Step) -> _Blocked:
    blocked = _Blocked(len(people.ids))
    for done, (_name, keys) in enumerate(_passes(people)):
        step(done, _RULES + _PARTS, _(_BLOCKING))
        blocked.take(keys, people.born)
    return blocked


def _no_step(_done: int, _total: int, _text: str) -> None:
    return None


# Loading


@dataclass(frozen=True, slots=True)
class Fact:
    """What a file says of a person besides the names."""

    first: dt.date | None = None
    last: dt.date | None = None
    sex: str = "unknown"
    place: str = ""
    mother: str = ""
    father: str = ""
    reference: str | None = None


def load(session: Session, table: Weights | None = None) -> People:
    """Read the persons in use: their names from the index, the rest from the file."""
    index = live.of(session)
    with index.lock:
        rows = index.rows(session)
        vocabulary = Tokens.of(rows.vocabulary)
        entries, starts = rows.entries[:], rows.starts[:]
        owners, ended = rows.person[:], set(rows.ended)
    readings = vocabulary.words()
    names: dict[int, tuple[set[int], set[int], set[int]]] = {}
    for row, person in enumerate(owners):
        if row not in ended:
            roles = names.get(person)
            if roles is None:
                roles = names[person] = (set(), set(), set())
            for entry in entries[starts[row] : starts[row + 1]]:
                roles[entry & 3].add(entry >> 2)
    frequencies = Frequencies.of(zip(readings, vocabulary.counts, strict=True), len(names))
    scale = Scale(frequencies, table)
    return gather(scale, readings, names, _facts(session), _places(session), _phones(session))


def gather(
    scale: Scale,
    readings: list[Word],
    names: dict[int, tuple[set[int], set[int], set[int]]],
    facts: dict[int, Fact],
    places: dict[int, str],
    phones: dict[int, set[str]],
) -> People:
    """Put what is known of all persons into columns; names are given by the numbers of tokens."""
    people = People(scale=scale)
    known = _Known(scale, readings)
    for person, roles in names.items():
        fact = facts.get(person)
        if fact is None:
            continue
        if person in phones:
            people.phones[len(people.ids)] = frozenset(phones[person])
        people.ids.append(person)
        for role in (FAMILY, GIVEN, PATRONYMIC):
            number, bones, labels = known.of(roles[role])
            people.names[role].append(number)
            people.labels[role].append(labels)
            if role != PATRONYMIC:
                people.bones[role].append(bones)
        people.born.append(born(fact.first, fact.last))
        people.sex.append(fact.sex if fact.sex in ("f", "m") else "")
        people.texts[0].append(known.text(fact.place, places.get(person, "")))
        people.texts[1].append(known.text(fact.mother))
        people.texts[2].append(known.text(fact.father))
        people.references.append(fact.reference)
    return people


class Tokens(NamedTuple):
    """A copy of the tokens of the name index, taken quickly: whoever searches waits meanwhile."""

    keys: list[str]
    owner: array[int]
    primary: array[int]
    counts: array[int]

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> Tokens:
        """Copy them; hold the lock of the index meanwhile."""
        return cls(
            list(vocabulary.keys),
            vocabulary.owner[:],
            vocabulary.primary[:],
            vocabulary.counts[:],
        )

    def words(self) -> list[Word]:
        """The readings of every token, the primary one first."""
        found: list[list[str]] = [[self.keys[at]] for at in self.primary]
        for at, token in enumerate(self.owner):
            if at != self.primary[token]:
                found[token].append(self.keys[at])
        return [tuple(keys) for keys in found]


class _Known:
    """Sets of tokens that came before, with their number, skeletons and labels."""

    def __init__(self, scale: Scale, readings: list[Word]) -> None:
        self._scale, self._readings = scale, readings
        self._sets: dict[tuple[int, ...], tuple[int, tuple[str, ...], tuple[str, ...]]] = {}
        self._texts: dict[tuple[str, str], int] = {}

    def of(self, found: set[int]) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
        key = tuple(sorted(found))
        known = self._sets.get(key)
        if known is None:
            words: Part = tuple(self._readings[token] for token in key)
            bones = dict.fromkeys(b for word in words for one in word if (b := skeleton(one)))
            labels = dict.fromkeys(label(word) for word in words)
            known = (self._scale.number(words), tuple(bones), tuple(labels))
            self._sets[key] = known
        return known

    def text(self, text: str, more: str = "") -> int:
        known = self._texts.get((text, more))
        if known is None:
            known = self._texts[text, more] = self._scale.number(part(text, more))
        return known


def _facts(session: Session) -> dict[int, Fact]:
    query = sa.select(
        col(Person.id),
        col(Person.born_first),
        col(Person.born_last),
        sa.type_coerce(col(Person.sex), sa.String),
        col(Person.birth_place),
        col(Person.mother_name),
        col(Person.father_name),
        col(Person.external_ref),
    ).where(col(Person.merged_into_id).is_(None))
    rows: Any = session.connection().execute(query)
    return {row[0]: Fact(*row[1:]) for row in rows}


def _places(session: Session) -> dict[int, str]:
    query = sa.select(col(TracingCase.person_id), col(TracingCase.last_seen_at))
    query = query.where(col(TracingCase.last_seen_at) != "")
    rows: Any = session.connection().execute(query)
    return {person: place for person, place in rows}  # noqa: C416 (rows are no pairs to mypy)


def _phones(session: Session) -> dict[int, set[str]]:
    query = sa.select(col(Contact.person_id), col(Contact.e164))
    query = query.where(col(Contact.e164).is_not(None))
    found: dict[int, set[str]] = {}
    rows: Any = session.connection().execute(query)
    for person, number in rows:
        found.setdefault(person, set()).add(number)
    return found


# Blocking

Keys = Iterator[tuple[Any, int]]


def _passes(people: People) -> Iterator[tuple[str, Keys]]:
    """The rules by which two records come to be compared; each gives keys with positions."""
    every = range(len(people.ids))
    family, given = people.bones
    families, givens, fathers = people.labels
    births = people.born

    def names(ones: list[tuple[str, ...]], others: list[tuple[str, ...]]) -> Keys:
        return (((one, other), at) for at in every for one in ones[at] for other in others[at])

    def with_year(ones: list[tuple[str, ...]], others: list[tuple[str, ...]] | None) -> Keys:
        """Two phases of two years each, so that births a year apart meet in one of them."""
        for at in every:
            birth = births[at]
            if birth.kind:
                for one in ones[at]:
                    for other in others[at] if others is not None else ("",):
                        for year in {birth.year, birth.last_year}:
                            yield (one, other, year >> 1), at
                            yield (one, other, -((year + 1) >> 1)), at

    def with_day(ones: list[tuple[str, ...]]) -> Keys:
        for at in every:
            birth = births[at]
            if birth.kind == 4:
                for one in ones[at]:
                    yield (one, birth.year, birth.day), at

    shortened = [_each(bones, _shortened) for bones in family]
    halved = [_each(bones, _halves) for bones in given]
    yield (
        "surname and given name",
        itertools.chain(
            names(family, givens), (((b, a), at) for (a, b), at in names(families, given))
        ),
    )
    yield "surname and patronymic", names(family, fathers)
    yield "given name, patronymic, year", with_year(_pairs(givens, fathers), None)
    yield "day of birth and given name", with_day(givens)
    yield "day of birth and surname", with_day(family)
    yield "surname, half the given name, year", with_year(family, halved)
    yield "surname but for a consonant, given name, year", with_year(shortened, givens)
    yield (
        "surname but for a consonant, given name, patronymic",
        names(shortened, _pairs(givens, fathers)),
    )
    yield "telephone", ((number, at) for at, numbers in people.phones.items() for number in numbers)
    yield (
        "external reference",
        ((reference, at) for at, reference in enumerate(people.references) if reference),
    )


def _each(bones: tuple[str, ...], cut: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    return tuple({piece for one in bones for piece in cut(one)})


def _pairs(ones: list[tuple[str, ...]], others: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [
        tuple([f"{a}|{b}" for a in mine for b in theirs])
        for mine, theirs in zip(ones, others, strict=True)
    ]


@lru_cache(maxsize=262144)
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


class _Blocked:
    """The pairs found so far, in parts that are made single one after the other."""

    def __init__(self, size: int) -> None:
        self._per_part = size // _PARTS + 1
        self._parts = [array("Q") for _part in range(_PARTS)]
        self.left_out = 0

    def take(self, keys: Keys, births: list[Born]) -> None:
        """Take the pairs of one rule."""
        blocks: dict[Any, Any] = {}
        for key, at in keys:
            before = blocks.get(key)
            if before is None:
                blocks[key] = at
            elif before.__class__ is int:
                if before != at:
                    blocks[key] = [before, at]
            elif before[-1] != at:
                before.append(at)
        for block in blocks.values():
            if block.__class__ is not int:
                if len(block) > CROWD:
                    for smaller in _by_year(block, births):
                        self._pairs(smaller)
                else:
                    self._pairs(block)

    def _pairs(self, block: list[int]) -> None:
        size = len(block)
        if size > TOO_MANY:
            self.left_out += size * (size - 1) // 2
            return
        parts, per_part = self._parts, self._per_part
        block.sort()
        for place, one in enumerate(block[:-1], 1):
            high = one << 32
            parts[one // per_part].extend([high | other for other in block[place:]])

    def part(self, number: int) -> list[int]:
        """The pairs of one part, each once; what they took of memory is free afterwards."""
        single = set(self._parts[number])
        self._parts[number] = array("Q")
        return sorted(single)


def _by_year(block: list[int], births: list[Born]) -> Iterable[list[int]]:
    years: dict[int, list[int]] = {}
    for at in block:
        year = births[at].year
        years.setdefault(year >> 1, []).append(at)
        if year:
            years.setdefault(-((year + 1) >> 1) - 1, []).append(at)
    return (smaller for smaller in years.values() if len(smaller) > 1)


# Weighing


def _weigher(people: People, least: float) -> Callable[[Iterable[int]], list[Pair]]:
    """A function that weighs pairs of positions and keeps those of enough bits.

    It says the same as `Scale.weigh`, spelled out because it runs a million times.
    """
    scale, ids, births, sexes = people.scale, people.ids, people.born, people.sex
    table, alike, name_bits = scale.table, scale.alike, scale.name_bits
    phones, references = people.phones, people.references
    families, givens, fathers = people.names
    born_bits = list(zip(table.strangers["born"], table.relatives["born"], strict=True))
    sex_bits = list(zip(table.strangers["sex"], table.relatives["sex"], strict=True))
    phone_bits = list(zip(table.strangers["phone"], table.relatives["phone"], strict=True))
    same_bits = list(zip(table.strangers["reference"], table.relatives["reference"], strict=True))
    texts = [
        (people.texts[at], list(zip(table.strangers[name], table.relatives[name], strict=True)))
        for at, name in enumerate(("place", "mother", "father"))
    ]
    remembered: list[dict[int, tuple[float, float, int]]] = [{}, {}, {}]

    def name(role: int, which: str, one: int, other: int) -> tuple[float, float, int]:
        known = remembered[role]
        key = one << 32 | other if one < other else other << 32 | one
        value = known.get(key)
        if value is None:
            if len(known) > 500_000:
                known.clear()
            level = _name_level(alike, one, other)
            value = known[key] = (*name_bits(which, level, one, other), level)
        return value

    def weigh(pairs: Iterable[int]) -> list[Pair]:
        found = []
        for pair in pairs:
            a, b = pair >> 32, pair & 0xFFFFFFFF
            against, kin, family = name(0, "family", families[a], families[b])
            more, more_kin, given = name(1, "given", givens[a], givens[b])
            if family < 2 and given < 2:
                crossed = alike(families[a], givens[b]), alike(givens[a], families[b])
                if min(crossed) > _SWAPPED and families[a] and families[b]:
                    level = _level(crossed[0])
                    against, kin = name_bits("family", level, families[a], givens[b])
                    level = _level(crossed[1])
                    more, more_kin = name_bits("given", level, givens[a], families[b])
                    more += _SWAPPED_BITS
                    more_kin += _SWAPPED_BITS
            against += more
            kin += more_kin
            more, more_kin, father = name(2, "patronymic", fathers[a], fathers[b])
            against += more
            kin += more_kin
            more, more_kin = born_bits[born_level(births[a], births[b])]
            strangers = scale.prior + against + more
            relatives = scale.prior_relative + kin + more_kin
            if strangers < least - 25 or relatives < least - 25:
                continue
            mine, theirs = sexes[a], sexes[b]
            if mine and theirs:
                more, more_kin = sex_bits[1 if mine == theirs else 2]
                strangers += more
                relatives += more_kin
            # the patronymic has told the father's name already
            for column, bits in texts if father == UNKNOWN_NAME else texts[:2]:
                one, other = column[a], column[b]
                if one and other:
                    value = alike(one, other)
                    more, more_kin = bits[1 if value >= 0.92 else 2 if value >= 0.8 else 3]
                    strangers += more
                    relatives += more_kin
            if a in phones and b in phones:
                more, more_kin = phone_bits[2 if phones[a].isdisjoint(phones[b]) else 1]
                strangers += more
                relatives += more_kin
            if references[a] and references[b]:
                more, more_kin = same_bits[1 if references[a] == references[b] else 2]
                strangers += more
                relatives += more_kin
            bits_ = strangers if strangers < relatives else relatives
            if bits_ >= least:
                first, second = ids[a], ids[b]
                if first > second:
                    first, second = second, first
                found.append(Pair(first, second, bits_))
        return found

    return weigh


def _name_level(alike: Callable[[int, int], float], one: int, other: int) -> int:
    if not one or not other:
        return UNKNOWN_NAME
    return EQUAL_NAME if one == other else _level(alike(one, other))


def _level(value: float) -> int:
    return sum(value >= edge for edge in _EDGES)
