"""A typed full name as family name, given name and patronymic, whatever their order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

_PATRONYMIC: Final = re.compile(
    r"(?:[её]?вич|ович|ич|[ое]вна|ична|инична|івна|ївна|йович|аўна|еўна|"
    r"[oe]v[iy](?:ch|č|tch|tsch|cz)|[oe]w(?:itsch|icz)|ovna|evna|ivna|iivna|yivna|[iy]chna)$",
    re.IGNORECASE,
)
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_LONGEST: Final = 600
_BETWEEN: Final = re.compile(r"[\s\-‐-―.,;:/|()\[\]{}«»“”„\"*#@%&+=<>_!?]+")
_CAPITAL_INSIDE: Final = re.compile("(?<=[a-zа-яёіїєґў])(?=[A-ZА-ЯЁІЇЄҐЎ])")


@dataclass(frozen=True, slots=True)
class ParsedName:
    """The parts of a name; empty where the text does not say."""

    family: str = ""
    given: str = ""
    patronymic: str = ""


def clean(text: str) -> str:
    """One line without control, direction and zero-width characters."""
    if len(text) <= _LONGEST and text.isprintable():
        return " ".join(text.split())
    kept = "".join(
        " " if c.isspace() else c
        for c in text[:_LONGEST]
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


def tokens(text: str) -> list[str]:
    """The words of a name; a hyphen, a full stop or a capital inside a word parts two."""
    line = clean(text)
    if not (line.islower() or line.isupper()):
        line = _CAPITAL_INSIDE.sub(" ", line)
    return [word for word in _BETWEEN.split(line) if any(map(str.isalnum, word))]


def script(text: str) -> Literal["cyrillic", "latin"]:
    """The script most letters are written in."""
    letters = [c for c in text if c.isalpha()]
    return "cyrillic" if 2 * len(_CYRILLIC.findall(text)) > len(letters) else "latin"


def parse(text: str) -> ParsedName:
    """Split a full name: `Family Given Patronymic`, `Given Patronymic Family`, `Family, Given`."""
    line = clean(text)
    before, comma, after = line.partition(",")
    words = line.replace(",", " ").split()
    if comma and after.strip():
        rest = after.split()
        return ParsedName(before.strip(), rest[0], " ".join(rest[1:]))
    if len(words) < 3:
        return ParsedName(*words)
    if _PATRONYMIC.search(words[1]) and not _PATRONYMIC.search(words[2]):
        return ParsedName(" ".join(words[2:]), words[0], words[1])
    return ParsedName(words[0], words[1], " ".join(words[2:]))
