"""Cyrillic names written in Latin letters, by the named schemes people carry in documents.

Pure tables: passports (ICAO, Russian 1997, GOST 2006), BGN/PCGN, scholarly, everyday English,
German, French and Polish spelling for Russian; the official and library ones for Ukrainian and
Belarusian. `romanise(text, scheme)` never raises on text; it passes through what it does not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_LETTERS: Final = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"


def _table(latin: str, **more: str) -> dict[str, str]:
    values = [("" if value == "-" else value) for value in latin.split()]
    table = dict(zip(_LETTERS, values, strict=True))
    return {**table, **more}


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of writing: letters, letters at the start of a word, and clusters."""

    key: str
    languages: tuple[str, ...]
    letters: dict[str, str]
    initial: dict[str, str] = field(default_factory=dict)
    after_vowel: dict[str, str] = field(default_factory=dict)
    clusters: tuple[tuple[str, str], ...] = ()


_ICAO = _table("a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia")
_1997 = _table("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya")
_GOST = _table("a b v g d e e zh z i i k l m n o p r s t u f kh tc ch sh shch - y - e iu ia")
_BGN = _table("a b v g d e ë zh z i y k l m n o p r s t u f kh ts ch sh shch ” y ’ e yu ya")
_SCI = _table("a b v g d e ë ž z i j k l m n o p r s t u f x c č š šč ʺ y ʹ è ju ja")
_ENG = _table("a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya")
_GER = _table("a b w g d e jo sch s i i k l m n o p r s t u f ch z tsch sch schtsch - y - e ju ja")
_FRE = _table("a b v g d e io j z i ï k l m n o p r s t ou f kh ts tch ch chtch - y - e iou ia")
_POL = _table("a b w g d e io ż z i j k l m n o p r s t u f ch c cz sz szcz - y - e iu ia")
_KMU = {**_ICAO, "г": "h", "ґ": "g", "є": "ie", "и": "y", "і": "i", "ї": "i", "’": "", "'": ""}
_UKB = {**_BGN, "г": "h", "ґ": "g", "є": "ye", "и": "y", "і": "i", "ї": "yi", "’": "", "'": ""}
_UKS = {**_SCI, "г": "h", "ґ": "g", "є": "je", "и": "y", "і": "i", "ї": "ji", "х": "ch"}
_BEP = {**_ICAO, "г": "h", "ё": "io", "і": "i", "ў": "u", "’": "", "'": ""}
_BEL = {**_BEP, "ж": "ž", "ў": "ŭ", "х": "ch", "ц": "c", "ч": "č", "ш": "š"}

_E = {"е": "ye", "ё": "yë"}
_UK_I = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_BE_I = {"е": "ie", "ё": "io", "ю": "iu", "я": "ia"}
_KMU_ZG = (("зг", "zgh"),)

SCHEMES: Final[dict[str, Scheme]] = {
    scheme.key: scheme
    for scheme in (
        Scheme("icao", ("ru",), _ICAO),
        Scheme("passport_1997", ("ru",), _1997),
        Scheme("gost_2006", ("ru",), _GOST),
        Scheme("bgn_pcgn", ("ru",), _BGN, initial=_E, after_vowel=_E),
        Scheme("scholarly", ("ru",), {**_SCI, "х": "kh"}),
        Scheme(
            "english",
            ("ru",),
            _ENG,
            initial={"е": "ye"},
            after_vowel={"е": "ye"},
            clusters=(("ий$", "y"), ("ый$", "y"), ("кс", "x")),
        ),
        Scheme(
            "german",
            ("ru",),
            _GER,
            initial={"е": "je"},
            after_vowel={"е": "je", "с": "ss"},
            clusters=(("ий$", "i"), ("ый$", "y")),
        ),
        Scheme(
            "french",
            ("ru",),
            _FRE,
            initial={"е": "ie"},
            after_vowel={"с": "ss"},
            clusters=(("ий$", "i"), ("ый$", "y"), ("ин$", "ine"), ("ге", "gue"), ("ги", "gui")),
        ),
        Scheme(
            "polish",
            ("ru",),
            _POL,
            initial={"е": "je"},
            after_vowel={"е": "je"},
            clusters=(("ий$", "i"), ("ый$", "y")),
        ),
        Scheme("uk_passport", ("uk",), _KMU, initial=_UK_I, clusters=_KMU_ZG),
        Scheme("uk_bgn", ("uk",), _UKB, clusters=_KMU_ZG),
        Scheme("uk_scholarly", ("uk",), _UKS),
        Scheme("be_passport", ("be",), _BEP, initial=_BE_I, after_vowel=_BE_I),
        Scheme("be_official", ("be",), _BEL, initial=_BE_I, after_vowel=_BE_I),
    )
}
"""Every scheme by its key, in the order of how often it is met."""

_WORD: Final = re.compile(r"[\u0400-\u04ff'’]+")
_VOWELS: Final = frozenset("аеёиоуыэюяіїє")


def schemes_for(language: str) -> tuple[str, ...]:
    """The keys of the schemes that write names of a language: `ru`, `uk` or `be`."""
    return tuple(key for key, scheme in SCHEMES.items() if language in scheme.languages)


def romanise(text: str, scheme: str = "icao") -> str:
    """Write the Cyrillic words of a text in Latin letters; everything else stays."""
    chosen = SCHEMES[scheme]
    return _WORD.sub(lambda found: _word(found.group(), chosen), text)


def _word(word: str, scheme: Scheme) -> str:
    lower = word.lower()
    out: list[str] = []
    at = 0
    while at < len(lower):
        for source, target in scheme.clusters:
            ending = source.endswith("$")
            plain = source.rstrip("$")
            if lower.startswith(plain, at) and (not ending or at + len(plain) == len(lower)):
                out.append(target)
                at += len(plain)
                break
        else:
            letter = lower[at]
            if at == 0 and letter in scheme.initial:
                out.append(scheme.initial[letter])
            elif at and _opens(lower, at) and letter in scheme.after_vowel:
                out.append(scheme.after_vowel[letter])
            else:
                out.append(scheme.letters.get(letter, letter))
            at += 1
    latin = "".join(out)
    if word.isupper() and len(word) > 1:
        return latin.upper()
    return latin[:1].upper() + latin[1:] if word[:1].isupper() else latin


def _opens(lower: str, at: int) -> bool:
    """Whether the letter stands where iotation is heard: after a vowel or a sign."""
    before = lower[at - 1]
    if lower[at] == "с":  # doubled only between vowels, to keep its sharp sound
        return before in _VOWELS and at + 1 < len(lower) and lower[at + 1] in _VOWELS
    return before in _VOWELS or before in "йьъ"
