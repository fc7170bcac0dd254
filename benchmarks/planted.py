"""A generated population with doubles and relatives planted in it, and which pairs are which.

Doubles are written anew the way a second call writes them: in the other script, without the
patronymic, misspelt, with a familiar form, with another idea of the birth date. Relatives are
brothers, sisters and twins: the same surname and patronymic, another given name. No real person.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from dataclasses import dataclass, field, replace

from casedesk.illustrative.people import PLACES, People
from casedesk.names.given import given_names
from casedesk.names.romanise import romanise, schemes_for

_LETTERS = {True: "абвгдежзиклмнопрстуфхцчшыэюя", False: "abcdefghiklmnoprstuvyz"}
_MIXED = {"о": "а", "а": "о", "е": "и", "и": "е", "г": "х", "в": "ф", "з": "с", "ш": "щ"}


@dataclass(frozen=True)
class Entry:
    """One record of the register; entries of one entity are one person."""

    entity: int
    family_group: int
    kind: str
    names: tuple[tuple[str, str, str], ...]
    first: dt.date | None
    last: dt.date | None
    sex: str
    place: str
    mother: str
    father: str
    phones: tuple[str, ...] = ()


@dataclass
class Planted:
    """The population in shuffled order, and the numbers of the records that are one person."""

    entries: list[Entry]
    same: set[tuple[int, int]] = field(default_factory=set)
    relatives: set[tuple[int, int]] = field(default_factory=set)


def plant(size: int, seed: int) -> Planted:
    """Make a population: 2.4 % of entries have a double, 3.8 % a brother, sister or twin."""
    rng, people = random.Random(f"planted {seed}"), People(seed)  # noqa: S311
    doubles, siblings = round(size * 0.022), round(size * 0.019)
    entries: list[Entry] = []
    entity = 0
    while len(entries) < size:
        entity += 1
        one = _entry(people, rng, entity)
        if entity <= doubles:
            entries += [_written(one, rng), _double(one, rng)]
            if rng.random() < 0.08:
                entries.append(_double(one, rng))
        elif entity <= doubles + siblings:
            entries.append(_written(one, rng))
            entity += 1
            twin = entity % 10 == 0
            entries.append(_written(_sibling(one, people, rng, entity, twin=twin), rng))
        else:
            entries.append(_written(one, rng))
    rng.shuffle(entries)
    made = Planted(entries)
    by_group: dict[int, list[int]] = {}
    for number, entry in enumerate(entries, 1):
        by_group.setdefault(entry.family_group, []).append(number)
    for numbers in by_group.values():
        for at, one_number in enumerate(numbers):
            for other in numbers[at + 1 :]:
                alike = entries[one_number - 1].entity == entries[other - 1].entity
                (made.same if alike else made.relatives).add((one_number, other))
    return made


def _entry(people: People, rng: random.Random, entity: int) -> Entry:
    invented = people.person("f" if rng.random() < 0.3 else "m")
    row, names = invented.rows["person"][0], invented.rows["name"]
    parts = tuple((n["family"], n["given"], n["patronymic"]) for n in names)
    day = row["born_first"]
    if row["born_first"] != row["born_last"]:
        day = dt.date(row["born_last"].year, 1, 1) + dt.timedelta(days=rng.randrange(360))
    return Entry(
        entity, entity, invented.language, parts, day, day, row["sex"], row["birth_place"],
        row["mother_name"], row["father_name"],
    )  # fmt: skip


def _written(entry: Entry, rng: random.Random) -> Entry:
    """The first record of a person: mostly right, the birth not always to the day."""
    names = entry.names if rng.random() < 0.6 else entry.names[:1]
    if rng.random() < 0.25:
        names = (_roman(entry.names[0], entry.kind, rng),)
    if rng.random() < 0.08:
        names = tuple((family, given, "") for family, given, _patronymic in names)
    first, last = _blurred(entry, rng, wrong=0.0)
    return replace(entry, names=names, first=first, last=last, kind="first")


def _double(entry: Entry, rng: random.Random) -> Entry:
    kind = ["double"]
    family, given, patronymic = entry.names[0]
    if rng.random() < 0.06:
        familiar = _familiar(given, rng)
        if familiar:
            given = familiar
            kind.append("familiar")
    if rng.random() < 0.45:
        family, given, patronymic = _roman((family, given, patronymic), entry.kind, rng)
        kind.append("latin")
    if rng.random() < 0.22:
        patronymic = ""
        kind.append("no patronymic")
    if rng.random() < 0.20:
        family = _typo(family, rng)
        kind.append("typo in surname")
    if rng.random() < 0.12:
        given = _typo(given, rng)
        kind.append("typo in given name")
    if rng.random() < 0.04:
        family, given = given, family
        kind.append("swapped")
    first, last = _blurred(entry, rng, wrong=0.12)
    place = entry.place if rng.random() < 0.6 else rng.choice(["", _place(rng)])
    mother = entry.mother if rng.random() < 0.6 else ""
    father = entry.father if rng.random() < 0.6 else ""
    return replace(
        entry, kind="+".join(kind), names=((family, given, patronymic),), first=first, last=last,
        place=place, mother=mother, father=father,
    )  # fmt: skip


def _sibling(one: Entry, people: People, rng: random.Random, entity: int, *, twin: bool) -> Entry:
    other = _entry(people, rng, entity)
    for _turn in range(300):
        same_names = other.names[0][1] == one.names[0][1]
        if other.sex == one.sex and other.kind == one.kind and not same_names:
            break
        other = _entry(people, rng, entity)
    family, _given, patronymic = one.names[0]
    name = (family, other.names[0][1], patronymic)
    day = one.first
    if not twin and day is not None:
        years = rng.choice((-7, -5, -4, -3, -2, 2, 3, 4, 5, 7))
        day = dt.date(day.year + years, rng.randint(1, 12), rng.randint(1, 28))
    return replace(
        one, entity=entity, names=(name, _roman(name, one.kind, rng)), first=day, last=day
    )


def _blurred(
    entry: Entry, rng: random.Random, *, wrong: float
) -> tuple[dt.date | None, dt.date | None]:
    """The birth as somebody tells it: a day, a month, a year, an age, and now and then wrongly."""
    day = entry.first
    if day is None:
        return None, None
    if rng.random() < wrong:
        day = _wrong(day, rng)
    how = rng.random()
    if how < 0.62:
        return day, day
    if how < 0.68:
        length = calendar.monthrange(day.year, day.month)[1]
        return day.replace(day=1), day.replace(day=length)
    if how < 0.84:
        return dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)
    if how < 0.93:
        year = day.year + rng.choice((-2, -1, 0, 0, 1, 2))
        return dt.date(year - 1, 1, 1), dt.date(year, 12, 31)
    return None, None


def _wrong(day: dt.date, rng: random.Random) -> dt.date:
    way = rng.random()
    if way < 0.25 and day.day <= 12:
        return day.replace(month=day.day, day=day.month)
    if way < 0.55:
        return dt.date(day.year + rng.choice((-1, 1)), day.month, min(day.day, 28))
    if way < 0.85:
        return day.replace(day=min(28, max(1, day.day + rng.choice((-10, -1, 1, 10)))))
    return dt.date(day.year + rng.choice((-10, 10)), day.month, min(day.day, 28))


def _roman(name: tuple[str, str, str], language: str, rng: random.Random) -> tuple[str, str, str]:
    scheme = rng.choice(schemes_for(language if language in ("ru", "uk", "be") else "ru"))
    family, given, patronymic = (romanise(text, scheme) for text in name)
    return family, given, patronymic


def _familiar(given: str, rng: random.Random) -> str:
    for name in given_names():
        if given in name.formal:
            own = [form for form in name.familiar if form[0] > "\u0400"]
            return rng.choice(own) if own else ""
    return ""


def _typo(word: str, rng: random.Random) -> str:
    """A letter misheard, changed, lost, doubled, or two swapped."""
    if len(word) < 4:
        return word
    at, way = rng.randrange(1, len(word)), rng.random()
    letter = word[at]
    if way < 0.3:
        return word[:at] + _MIXED.get(letter, letter * 2) + word[at + 1 :]
    if way < 0.5:
        return word[:at] + rng.choice(_LETTERS[letter > "\u0400"]) + word[at + 1 :]
    if way < 0.7:
        return word[:at] + word[at + 1 :]
    if way < 0.85 and at + 1 < len(word):
        return word[:at] + word[at + 1] + letter + word[at + 2 :]
    return word[:at] + letter + word[at:]


def _place(rng: random.Random) -> str:
    return rng.choice(PLACES[rng.choice(list(PLACES))])
