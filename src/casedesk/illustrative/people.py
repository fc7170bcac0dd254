"""Invented persons: Russian, Ukrainian and Belarusian names as frequent as in life, two scripts.

Surnames have female forms and fathers give patronymics by the rules of each language; what the
rules do not give stands in `resources/names/given.csv`.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from casedesk.names.fold import readings
from casedesk.names.parse import tokens
from casedesk.names.romanise import romanise, schemes_for
from casedesk.resources import resource

Row = dict[str, Any]
# Who calls a delegation for both sides of the border, and from Belarus; an assumption.
_LANGUAGES = (("ru", 58), ("uk", 37), ("be", 5))
PLACES = {
    "ru": ("Белгород", "Курск", "Ростов-на-Дону", "Воронеж", "Брянск", "Донецк", "Луганск",
           "Суджа", "Шебекино", "Краснодар", "Самара", "Казань", "Пермь", "Псков", "Чита"),
    "uk": ("Маріуполь", "Харків", "Бахмут", "Херсон", "Запоріжжя", "Лиман", "Ізюм", "Куп'янськ",
           "Сєвєродонецьк", "Волноваха", "Полтава", "Суми", "Дніпро", "Житомир", "Вінниця"),
    "be": ("Мінск", "Гомель", "Брэст", "Віцебск", "Мазыр", "Магілёў"),
}  # fmt: skip


@dataclass(frozen=True)
class Invented:
    """One person and the rows that hold her in the register."""

    id: int
    family: str
    language: str
    phone: str
    rows: dict[str, list[Row]]


@dataclass(frozen=True)
class _Weighted:
    """Values to draw from, each as often as its weight says."""

    values: list[Any]
    sums: list[int]

    def draw(self, rng: random.Random) -> Any:
        return rng.choices(self.values, cum_weights=self.sums)[0]


@dataclass(frozen=True)
class _Book:
    """The names of one language."""

    surnames: _Weighted
    given: dict[str, _Weighted]
    fathers: dict[str, tuple[str, str]]
    schemes: tuple[str, ...]


class People:
    """Invents one person after another, with ids of its own; the same seed, the same people."""

    def __init__(self, seed: int) -> None:
        """Begin with nobody."""
        self._rng = random.Random(f"people {seed}")
        self._id = self._name_id = 0
        self._books = {language: _book(language) for language, _ in _LANGUAGES}
        self._languages = _weighted((language, weight) for language, weight in _LANGUAGES)

    def person(self, sex: str, *, relative_of: Invented | None = None) -> Invented:
        """Invent a sought person, or somebody of her family, who has a telephone."""
        rng = self._rng
        self._id += 1
        language = relative_of.language if relative_of else self._languages.draw(rng)
        book = self._books[language]
        # Most who call bear the family's name: mothers, wives, brothers.
        family = (
            relative_of.family if relative_of and rng.random() < 0.7 else book.surnames.draw(rng)
        )
        father = book.given["m"].draw(rng)
        patronymic = _patronymic(father, sex, language, book.fathers)
        parts = (
            feminine(family, language) if sex == "f" else family,
            book.given[sex].draw(rng),
            patronymic if rng.random() < 0.92 else "",
        )
        names = [self._name("official", "cyrillic", parts)]
        spellings = {rng.choice(book.schemes)}
        if rng.random() < 0.15:  # an older document in another transliteration
            spellings.add(rng.choice(book.schemes))
        for kind, scheme in zip(("passport", "previous"), sorted(spellings), strict=False):
            latin = (_roman(parts[0], scheme), _roman(parts[1], scheme), "")
            names.append(self._name(kind, "latin", latin))
        rows: dict[str, list[Row]] = {
            "person": [self._register(sex, father, book, relative_of, language)],
            "name": names,
            "contact": [],
        }
        texts = {text for name in names for text in _parts(name) if text}
        keys = {key for text in texts for key in _keys(text)}
        rows["token"] = [{"token": key, "person_id": self._id} for key in sorted(keys)]
        phone = ""
        if relative_of:
            phone = f"+79{rng.randrange(10**9):09}"
            rows["contact"] = [
                {
                    "revision": 0,
                    "person_id": self._id,
                    "kind": "phone",
                    "typed": phone,
                    "e164": phone,
                    "safe": True,
                }
            ]
        return Invented(self._id, family, language, phone, rows)

    def _register(
        self, sex: str, father: str, book: _Book, relative_of: Invented | None, language: str
    ) -> Row:
        rng = self._rng
        if relative_of:
            born = dt.date(1945, 1, 1) + dt.timedelta(days=rng.randrange(22_000))
        else:
            born = dt.date(1955, 1, 1) + dt.timedelta(days=int(rng.triangular(0, 18_500, 12_500)))
        precision = rng.random()
        first = last = born
        if precision < 0.30:  # the year only
            first, last = dt.date(born.year, 1, 1), dt.date(born.year, 12, 31)
        elif precision < 0.34:  # "about forty"
            first, last = dt.date(born.year - 1, 1, 1), dt.date(born.year + 1, 12, 31)
        parents = not relative_of and rng.random() < 0.6
        return {
            "id": self._id,
            "revision": 0,
            "code": f"P-{self._id:06}",
            "sex": sex,
            "born_first": first,
            "born_last": last,
            "father_name": father if parents else "",
            "mother_name": book.given["f"].draw(rng) if parents else "",
            "birth_place": rng.choice(PLACES[language]) if rng.random() < 0.5 else "",
            "external_ref": None,
            "merged_into_id": None,
        }

    def _name(self, kind: str, script: str, parts: tuple[str, str, str]) -> Row:
        self._name_id += 1
        return {
            "id": self._name_id,
            "revision": 0,
            "person_id": self._id,
            "kind": kind,
            "script": script,
            "family": parts[0],
            "given": parts[1],
            "patronymic": parts[2],
        }


def feminine(family: str, language: str) -> str:
    """Give the female form of a surname: Іванов, Іванова; Белый, Белая; Коваленко stays.

    Ukrainian -ський gives -ська, Belarusian -скі gives -ская, -оў gives -ова.
    """
    if language == "be" and family.endswith(("оў", "еў", "ёў")):
        return family[:-1] + "ва"
    if language == "be" and family.endswith(("скі", "цкі")):
        return family[:-1] + "ая"
    if family.endswith(("ов", "ев", "ёв", "єв", "ин", "ын", "ін")):
        return family + "а"
    if language == "uk" and family.endswith(("ський", "цький", "ий")):
        return family[:-2] + "а"
    if family.endswith(("ский", "цкий", "ый", "ой")):
        return family[:-2] + "ая"
    return family


def _patronymic(father: str, sex: str, language: str, known: dict[str, tuple[str, str]]) -> str:
    """Make a patronymic: Сергей, Сергеевич; Юрий, Юрьевна; Андрій, Андріївна; Іван, Іванаўна."""
    male = sex == "m"
    if father in known:
        return known[father][0 if male else 1]
    if language == "uk":
        if father.endswith("й"):
            return father + "ович" if male else father[:-1] + "ївна"
        return father + ("ович" if male else "івна")
    if language == "be":
        if father.endswith("й"):
            return father[:-1] + ("евіч" if male else "еўна")
        stem = father[:-1] if father.endswith("ь") else father
        return stem + ("авіч" if male else "аўна")
    if father.endswith("ий"):
        return father[:-2] + ("ьевич" if male else "ьевна")
    if father.endswith(("й", "ь")):
        return father[:-1] + ("евич" if male else "евна")
    if father.endswith(("а", "я")):
        return father[:-1] + ("ич" if male else "ична")
    return father + ("ович" if male else "овна")


def _parts(name: Row) -> tuple[str, str, str]:
    return name["family"], name["given"], name["patronymic"]


@functools.lru_cache(maxsize=50_000)
def _roman(text: str, scheme: str) -> str:
    return romanise(text, scheme)


@functools.lru_cache(maxsize=50_000)
def _keys(text: str) -> frozenset[str]:
    return frozenset(key for token in tokens(text) for key in readings(token))


def _book(language: str) -> _Book:
    surnames = [row for row in _table("surnames.csv") if row["language"] == language]
    given = [row for row in _table("given.csv") if row["language"] == language]
    fathers = {}
    for row in given:
        if row["patronymics"]:
            male, female = row["patronymics"].split()
            fathers[row["form"]] = (male, female)
    return _Book(
        _weighted((row["form"], int(row["weight"])) for row in surnames),
        {
            sex: _weighted((row["form"], int(row["weight"])) for row in given if row["sex"] == sex)
            for sex in ("m", "f")
        },
        fathers,
        schemes_for(language),
    )


@functools.cache
def _table(file: str) -> list[dict[str, str]]:
    with resource(f"names/{file}").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _weighted(pairs: Iterable[tuple[Any, int]]) -> _Weighted:
    values, sums, total = [], [], 0
    for value, weight in pairs:
        total += weight
        values.append(value)
        sums.append(total)
    return _Weighted(values, sums)
