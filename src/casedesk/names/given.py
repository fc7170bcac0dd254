"""Given names that stand for each other: Николай, Микола, Nicholas, Коля; and their patronymics.

The classes stand in `resources/names/given_classes.csv`: formal forms in several languages, and
familiar ones. A familiar form that is not listed, or stands in another case, is recognised by its
ending: Сашенька by Саша, Шурику by Шурик. The endings stand in `resources/names/endings.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from casedesk.names.fold import fold, has_cyrillic
from casedesk.resources import resource

FORMAL: Final = 1.0
FAMILIAR: Final = 0.97
DERIVED: Final = 0.85
_SAME_NAME: Final = 0.975
_OTHER_FORM: Final = 0.93

_G, _H = fold("г"), fold("h")
_STEM_ENDS: Final = ("a", "ia", "", "i")
"""What may have stood before a familiar ending."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One line of the table of endings: familiar ones, those of the cases, odd patronymics."""

    kind: str
    pattern: str
    becomes: str
    example: str
    source: str


@cache
def endings() -> tuple[Ending, ...]:
    """Read the table; the first ending that fits is taken."""
    with resource("names/endings.csv").open(encoding="utf-8", newline="") as source:
        return tuple(Ending(**row) for row in csv.DictReader(source))


@cache
def _of_kind(kind: str) -> tuple[str, ...]:
    return tuple(ending.pattern for ending in endings() if ending.kind == kind)


@cache
def _stems() -> dict[str, tuple[str, ...]]:
    """Fathers' names that take another stem in the patronymic."""
    lines = (ending for ending in endings() if ending.kind == "father")
    return {line.pattern: tuple(line.becomes.split()) for line in lines}


@dataclass(frozen=True, slots=True)
class GivenName:
    """One class: a name with its formal and its familiar forms."""

    sex: str
    formal: tuple[str, ...]
    familiar: tuple[str, ...]
    example: str
    source: str


@cache
def given_names() -> tuple[GivenName, ...]:
    """Read the table of classes."""
    with resource("names/given_classes.csv").open(encoding="utf-8", newline="") as source:
        return tuple(
            GivenName(
                row["sex"],
                tuple(row["formal"].split()),
                tuple(row["familiar"].split()),
                row["example"],
                row["source"],
            )
            for row in csv.DictReader(source)
        )


@cache
def forms() -> dict[str, dict[int, float]]:
    """Every listed key with its classes, and whether it is formal or familiar in them."""
    found: dict[str, dict[int, float]] = {}
    names = given_names()
    for number, name in enumerate(names):
        for form in name.formal:
            found.setdefault(fold(form), {})[number] = FORMAL
        for form in name.familiar:
            found.setdefault(fold(form), {}).setdefault(number, FAMILIAR)
    for number, name in enumerate(names):
        if name.sex == "m":
            for father in filter(has_cyrillic, name.formal):
                for patronymic in _patronymics(father.lower()):
                    found.setdefault(fold(patronymic), {})[len(names) + number] = FORMAL
    # Passports of Ukraine and Belarus write г as h: Yevhen, Siarhei, Oleh.
    for key in [key for key in found if _G in key]:
        written = found.setdefault(key.replace(_G, _H), {})
        for number, weight in found[key].items():
            written.setdefault(number, weight)
    return found


@cache
def members() -> dict[int, tuple[tuple[str, float], ...]]:
    """The keys of each class, with the same weights."""
    found: dict[int, list[tuple[str, float]]] = {}
    for key, classes in forms().items():
        for number, weight in classes.items():
            found.setdefault(number, []).append((key, weight))
    return {number: tuple(keys) for number, keys in found.items()}


@cache
def initials() -> dict[str, frozenset[str]]:
    """The first sounds a formal name may have in its class: Николай also as М., for Микола."""
    listed = members()
    found: dict[str, set[str]] = {}
    for key, classes in forms().items():
        for number in classes:
            found.setdefault(key, set()).update(
                form[:1] for form, weight in listed[number] if weight == FORMAL
            )
    return {key: frozenset(letters) for key, letters in found.items()}


@lru_cache(maxsize=16384)
def classes(key: str) -> tuple[tuple[int, float], ...]:
    """The classes that a key belongs to, each with its weight; empty for most surnames."""
    listed = forms()
    if key in listed:
        return tuple(listed[key].items())
    familiar, cases = _of_kind("familiar"), _of_kind("case")
    found = _derived(key, familiar)
    if not found:
        found = _derived(key, cases)
    if not found and key.endswith(cases):
        # Денисику: a familiar form that is not listed, in another case
        for ending in cases:
            if key.endswith(ending) and len(key) - len(ending) >= 4:
                stem = key[: -len(ending)]
                for end in ("", "a", "ia"):
                    found = found or _derived(stem + end, familiar)
    return tuple(found.items())


def _derived(key: str, endings: tuple[str, ...]) -> dict[int, float]:
    """The classes of the name that a form with one of these endings was made of."""
    listed = forms()
    if not key.endswith(endings):  # most surnames: all endings at once is the quick way past
        return {}
    for ending in endings:
        if key.endswith(ending) and len(key) - len(ending) >= 2:
            stem = key[: -len(ending)]
            found = {number: DERIVED for end in _STEM_ENDS for number in listed.get(stem + end, ())}
            if found:
                return found
    return {}


def likeness(mine: float, other: float) -> float:
    """How alike two forms of one class are, from their weights in it."""
    weight = min(mine, other)
    return _SAME_NAME if weight == FORMAL else _OTHER_FORM * weight


def _patronymics(father: str) -> Iterator[str]:
    """Spellings of the patronymic from a father's name, in all three languages."""
    if father in _stems():
        yield from _stems()[father]
        return
    stem = father
    ends: tuple[str, ...] = ("ович", "овна", "івна", "евич", "евна", "авіч", "аўна")
    if father.endswith(("ий", "ій")):
        stem = father[:-2]
        ends = ("ьевич", "иевич", "ьевна", "иевна", "ійович", "іївна", "евич", "евна")
    elif father.endswith("й"):
        stem, ends = father[:-1], ("евич", "евна", "йович", "ївна", "евіч", "еўна")
    elif father.endswith("ь"):
        stem = father[:-1]
        ends = ("евич", "евна", "ович", "івна", "ьович", "ьевич", "ьевна", "евіч")
    elif father.endswith(("о", "а", "я", "ё")):
        stem = father[:-1]
    for end in ends:
        yield stem + end
