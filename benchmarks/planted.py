"""A generated population with doubles and relatives planted in it, and which pairs are which.

Doubles are written anew the way a second call writes them: in another language or script, without
the patronymic, misspelt, with a familiar form, with another idea of the birth date. Relatives are
brothers, sisters and twins: the same surname and patronymic, another given name. No real person.

How often each of these happens is what the protocol of measuring says (design, names, section 4
and its generator), not what suits our results:

* half of the persons Ukrainian, 45 % Russian, 5 % Belarusian; 14 % women; born about 1985 +- 12;
* one surname in three (Russian) or five in eight (Ukrainian) is none of the frequent ones of our
  table, which are so much of its sources: those are made of stems and endings;
* a Ukrainian is written in Ukrainian (55 %), Russian (25 %) or Latin letters (20 %), a Russian in
  Latin letters in 18 % of cases, by the schemes of documents; one record in ten has no patronymic;
* births to the day 62 %, month 8 %, year 15 %, estimated up to three years wrong 8 %, else unknown;
* doubles: 2.2 % of the records, 8 % of them twice; no patronymic 22 %, a slip in the surname 20 %,
  in the given name 12 %, a familiar form 6 %, surname and given name swapped 4 %; births to the
  day 50 % right and 12 % wrong, month 6 %, year 14 %, estimated 10 %, unknown 8 %; the place the
  same 60 %, another 20 %; and, beyond the protocol, a slip in the patronymic 3 %;
* brothers and sisters 1.7 %, twins 0.2 % of the records.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import random
import re
from dataclasses import dataclass, field, replace

from casedesk.illustrative.people import PLACES, _book, _patronymic, feminine
from casedesk.names.fold import fold
from casedesk.names.given import forms, given_names
from casedesk.names.romanise import romanise, schemes_for

Name = tuple[str, str, str]

_LETTERS = {True: "абвгдежзиклмнопрстуфхцчшыэюя", False: "abcdefghiklmnoprstuvyz"}
_MIXED = {
    "о": "а", "а": "о", "е": "и", "и": "е", "г": "х", "в": "ф", "ф": "в", "з": "с", "с": "з",
    "ш": "щ", "б": "п", "п": "б", "д": "т", "т": "д", "м": "н", "н": "м", "і": "и",
    "o": "a", "a": "o", "e": "i", "i": "e", "v": "f", "z": "s", "s": "z", "b": "p", "d": "t",
}  # fmt: skip
_IN_RUSSIAN = str.maketrans({"і": "и", "ї": "и", "є": "е", "ґ": "г", "'": "ъ", "’": "ъ"})
_LANGUAGES = {"uk": 0.50, "ru": 0.45, "be": 0.05}
_WOMEN = 0.14
_RARE = {"ru": 0.34, "uk": 0.62, "be": 0.3}
_ENDINGS = {
    "ru": "ов ев ин ков кин ников овский ушкин цев аев ихин енков",
    "uk": "енко чук ук ак ець ило ський юк ик ань овий ченко",
    "be": "овіч енка ук ак ёнак скі",
}


@dataclass(frozen=True)
class Entry:
    """One record of the register; entries of one entity are one person."""

    entity: int
    family_group: int
    kind: str
    names: tuple[Name, ...]
    first: dt.date | None
    last: dt.date | None
    sex: str
    place: str
    mother: str
    father: str
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Truth:
    """A person as she is; `names` in each language that writes her name otherwise."""

    entity: int
    family_group: int
    language: str
    names: dict[str, Name]
    day: dt.date
    sex: str
    place: str
    mother: str
    father: str


@dataclass
class Planted:
    """The population in shuffled order, and the numbers of the records that are one person."""

    entries: list[Entry]
    same: set[tuple[int, int]] = field(default_factory=set)
    relatives: set[tuple[int, int]] = field(default_factory=set)


class _World:
    """Persons to plant, each language with its own."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"planted {seed}")  # noqa: S311
        self._books = {language: _book(language) for language in _LANGUAGES}

    def person(self, entity: int) -> Truth:
        rng = self.rng
        language = rng.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0]
        sex = "f" if rng.random() < _WOMEN else "m"
        book = self._books[language]
        family, father = book.surnames.draw(rng), book.given["m"].draw(rng)
        if rng.random() < _RARE[language]:
            family = _stem(family) + rng.choice(_ENDINGS[language].split())
        if sex == "f":
            family = feminine(family, language)
        patronymic = _patronymic(father, sex, language, book.fathers)
        own = (family, book.given[sex].draw(rng), patronymic)
        names = {language: own}
        if language == "uk":
            names["ru"] = _in_russian(own, sex)
        told = rng.random() < 0.6
        year = int(min(2008, max(1930, rng.gauss(1985, 12))))
        day = dt.date(year, rng.randint(1, 12), rng.randint(1, 28))
        return Truth(
            entity, entity, language, names, day, sex, _place(rng, language),
            book.given["f"].draw(rng) if told else "", father if told else "",
        )  # fmt: skip


_END = re.compile("(енко|ченко|ський|цький|ский|цкий|чук|юк|ук|ов|ев|ёв|ин|ын|ий|ый|ко|ик|ак|ец)$")


def _stem(family: str) -> str:
    """What is left of a surname without its ending."""
    stem = _END.sub("", family).rstrip("аеёиоуыэюяіїєьй") or family
    return stem if len(stem) > 2 else family


def plant(size: int, seed: int, *, parents: bool = False, more: float = 1.0) -> Planted:
    """Make a population; with `parents` three records in five name them, which tells much.

    `more` makes doubles and relatives so many times as frequent, for counting.
    """
    world = _World(seed)
    rng = world.rng
    doubles, siblings = round(size * 0.022 * more), round(size * 0.019 * more)
    entries: list[Entry] = []
    entity = 0
    while len(entries) < size:
        entity += 1
        one = world.person(entity)
        if entity <= doubles:
            entries += [_written(one, rng), _double(one, rng)]
            if rng.random() < 0.08:
                entries.append(_double(one, rng))
        elif entity <= doubles + 2 * siblings:
            entries.append(_written(one, rng))
            entity += 1
            entries.append(_written(_sibling(one, world, entity, twin=entity % 10 == 0), rng))
        else:
            entries.append(_written(one, rng))
    del entries[size:]
    rng.shuffle(entries)
    if not parents:
        entries = [replace(entry, mother="", father="") for entry in entries]
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


def _written(one: Truth, rng: random.Random) -> Entry:
    """The first record of a person: right, the birth not always to the day."""
    family, given, patronymic = _spelt(one, rng)
    if rng.random() < 0.10:
        patronymic = ""
    first, last = _told(one.day, rng, (0.62, 0.08, 0.15, 0.08))
    return _entry(one, (family, given, patronymic), first, last, one.place, "first")


def _double(one: Truth, rng: random.Random) -> Entry:
    kind = ["double"]
    if rng.random() < 0.06 and (familiar := _with_familiar(one, rng)):
        one = familiar
        kind.append("familiar")
    family, given, patronymic = _spelt(one, rng)
    if rng.random() < 0.22:
        patronymic = ""
        kind.append("no patronymic")
    if rng.random() < 0.20:
        family = _slip(family, rng)
        kind.append("slip in surname")
    if rng.random() < 0.12:
        given = _slip(given, rng)
        kind.append("slip in given name")
    if rng.random() < 0.03:
        patronymic = _slip(patronymic, rng)
    if rng.random() < 0.04:
        family, given = given, family
        kind.append("swapped")
    day = one.day
    wrong = rng.random()
    if wrong < 0.12:
        day = _wrong(day, rng)
        told: tuple[dt.date | None, dt.date | None] = (day, day)
    else:
        told = _told(day, rng, (0.568, 0.068, 0.159, 0.114))
    place = one.place if rng.random() < 0.6 else rng.choice(["", _place(rng, one.language)])
    made = _entry(one, (family, given, patronymic), *told, place, "+".join(kind))
    mother = one.mother if rng.random() < 0.6 else ""
    father = one.father if rng.random() < 0.6 else ""
    return replace(made, mother=mother, father=father)


def _entry(
    one: Truth,
    name: Name,
    first: dt.date | None,
    last: dt.date | None,
    place: str,
    kind: str,
) -> Entry:
    return Entry(
        one.entity, one.family_group, kind, (name,), first, last, one.sex, place,
        one.mother, one.father,
    )  # fmt: skip


def _sibling(one: Truth, world: _World, entity: int, *, twin: bool) -> Truth:
    rng = world.rng
    while True:
        other = world.person(entity)
        names = {other.names[language][1] for language in other.names}
        known = {one.names[language][1] for language in one.names}
        if other.sex == one.sex and other.language == one.language and not names & known:
            break
    day = one.day
    if not twin:
        years = rng.choice((-7, -5, -4, -3, -2, 2, 3, 4, 5, 7))
        day = dt.date(day.year + years, rng.randint(1, 12), rng.randint(1, 28))
    mixed = {
        language: (name[0], other.names[language][1], name[2])
        for language, name in one.names.items()
    }
    return replace(one, entity=entity, names=mixed, day=day)


# How a name is written


def _spelt(one: Truth, rng: random.Random) -> Name:
    """Write a name in one of the languages or in Latin letters."""
    turn = rng.random()
    latin = 0.18 if one.language == "ru" else 0.20
    if turn < latin:
        language = one.language if rng.random() < 0.75 else "ru"
        return _roman(one.names.get(language, one.names[one.language]), language, rng)
    if one.language == "uk" and turn < latin + 0.25:
        return one.names["ru"]
    return one.names[one.language]


@functools.lru_cache(maxsize=200_000)
def _in_russian(name: Name, sex: str) -> Name:
    """A Ukrainian name as a Russian clerk writes it down."""
    family, given, patronymic = name
    for ending, becomes in (("ський", "ский"), ("цький", "цкий"), ("ська", "ская"),
                            ("цька", "цкая"), ("єв", "ев"), ("ій", "ий")):  # fmt: skip
        if family.endswith(ending):
            family = family.removesuffix(ending) + becomes
    own = [number for number in forms().get(fold(given), {}) if number < len(given_names())]
    own = [number for number in own if given_names()[number].sex == sex] or own
    return (
        family.translate(_IN_RUSSIAN),
        given_names()[own[0]].formal[0] if own else given.translate(_IN_RUSSIAN),
        _russian_patronymic(patronymic, sex),
    )


@functools.lru_cache(maxsize=50_000)
def _russian_patronymic(patronymic: str, sex: str) -> str:
    fathers = len(given_names())
    for number in forms().get(fold(patronymic), {}):
        if number >= fathers:
            father = given_names()[number - fathers].formal[0]
            male, female = ("евич", "евна") if father[-1] in "йь" else ("ович", "овна")
            stem = father[:-1] if father[-1] in "йьая" else father
            if father.endswith("ий"):
                stem = father[:-2] + "ь"
            return stem + (male if sex == "m" else female)
    return patronymic.translate(_IN_RUSSIAN)


_romanised = functools.lru_cache(maxsize=200_000)(romanise)


def _roman(name: Name, language: str, rng: random.Random) -> Name:
    schemes = schemes_for(language)
    # the schemes stand in the order of how often they are met
    scheme = rng.choices(schemes, [1 / (place + 1) for place in range(len(schemes))])[0]
    family, given, patronymic = (_romanised(text, scheme) for text in name)
    return family, given, patronymic


def _with_familiar(one: Truth, rng: random.Random) -> Truth | None:
    given = one.names[one.language][1]
    for name in given_names():
        own = [form for form in name.familiar if form[0] > "\u0400"]
        if given in name.formal and own:
            chosen = rng.choice(own)
            names = {language: (n[0], chosen, n[2]) for language, n in one.names.items()}
            return replace(one, names=names)
    return None


def _slip(word: str, rng: random.Random) -> str:
    """A letter misheard, changed, lost, doubled, or two swapped; seldom the first."""
    if len(word) < 3:
        return word
    at, way = rng.randrange(0 if rng.random() < 0.15 else 1, len(word)), rng.random()
    letter = word[at]
    if way < 0.22:
        return word[:at] + word[at + 1 :]
    if way < 0.36:
        return word[:at] + letter + word[at:]
    if way < 0.52 and at + 1 < len(word):
        return word[:at] + word[at + 1] + letter + word[at + 2 :]
    if way < 0.74 and letter.lower() in _MIXED:
        return word[:at] + _MIXED[letter.lower()] + word[at + 1 :]
    strange = rng.choice(_LETTERS[letter > "\u0400"])
    return word[:at] + strange + word[at + (rng.random() < 0.7) :]


def _place(rng: random.Random, language: str) -> str:
    """Most come from a few towns; some from the other side of the border."""
    towns = PLACES[language if rng.random() < 0.7 else rng.choice(list(PLACES))]
    return rng.choices(towns, [1 / (place + 3) for place in range(len(towns))])[0]


# How a birth is told


def _told(
    day: dt.date, rng: random.Random, shares: tuple[float, float, float, float]
) -> tuple[dt.date | None, dt.date | None]:
    """The birth as somebody tells it: a day, a month, a year, an age, or not at all."""
    how = rng.choices(range(5), [*shares, 1 - sum(shares)])[0]
    if how == 0:
        return day, day
    if how == 1:
        length = calendar.monthrange(day.year, day.month)[1]
        return day.replace(day=1), day.replace(day=length)
    if how == 2:
        return dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)
    if how == 3:
        year = day.year + rng.randint(-3, 3)
        wide = rng.choice((1, 2, 6))  # an age, "1984 or 85", "from 1982 to 88"
        first = year - (wide + 1) // 2
        return dt.date(first, 1, 1), dt.date(first + wide, 12, 31)
    return None, None


def _wrong(day: dt.date, rng: random.Random) -> dt.date:
    """Day and month changed places, the year one off, the day one or ten off, the year ten off."""
    way = rng.random()
    if way < 0.25 and day.day <= 12:
        return day.replace(month=day.day, day=day.month)
    if way < 0.58:
        return day.replace(year=day.year + rng.choice((-1, 1)))
    if way < 0.83:
        return day.replace(day=min(28, max(1, day.day + rng.choice((-10, -1, 1, 10)))))
    return day.replace(year=day.year + rng.choice((-10, 10)))
