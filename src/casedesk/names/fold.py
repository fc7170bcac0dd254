"""One key for a name token, in which Cyrillic and its Latin transliterations meet.

`fold` spells the sounds of a token, one letter for each: ž ж, š ш щ, č ч, ç ц, ħ х. What only
spelling tells apart is levelled (soft signs, doubled letters, ye/ie/je, -off), and folding a key
again changes nothing. Where one Latin grapheme stands for different sounds in different countries
(German ch, French j, Belarusian u), `readings` gives the other keys as well.

Two rougher forms of a key serve the search: `coarse` merges sounds that are misheard, `skeleton`
keeps the consonant classes alone: Щербаков, Schtscherbakow and Chtcherbakov are all JRBKV.

Every rule stands in `resources/names/folding.csv` with an example and where it comes from.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from casedesk.resources import resource

FOLD_VERSION: Final = 3
"""Raised when keys change; an index filed under another version must be made anew."""

LONGEST_KEY: Final = 64
MOST_READINGS: Final = 8
_LONGEST_TOKEN: Final = 256
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_LATIN: Final = re.compile("[a-z]")
_VOWELS: Final = frozenset("aeiou")
_RUN: Final = re.compile(r"(.)\1+")

Rewrite = tuple[re.Pattern[str], str]

# Anything but the sounds of a key, or two of them that a grapheme is made of.
_UNREAD: Final = re.compile("[^abvgdežziklmnoprstufħçčš]|[st]z")
_TURNS: Final = 2 * LONGEST_KEY


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table of folding rules."""

    kind: str
    pattern: str
    becomes: str
    example: str
    reads: str
    source: str


@dataclass(frozen=True, slots=True)
class _Level:
    """Rewrites of spelling, and one pattern that tells whether any of them has work."""

    rewrites: tuple[Rewrite, ...]
    any: re.Pattern[str]

    @classmethod
    def of(cls, rewrites: tuple[Rewrite, ...]) -> _Level:
        return cls(rewrites, re.compile("|".join(pattern.pattern for pattern, _to in rewrites)))


@dataclass(frozen=True, slots=True)
class _Rules:
    """The table, ready for use."""

    letters: dict[str, str]
    pairs: Rewrite
    latin: Callable[[str], str]
    level: _Level
    open_level: _Level
    readings_latin: tuple[Rewrite, ...]
    readings_cyrillic: tuple[Rewrite, ...]
    classes: dict[int, str]
    class_pairs: tuple[tuple[str, str], ...]
    coarse: dict[int, str]
    looks_cyrillic: dict[int, str]
    looks_latin: dict[int, str]


@cache
def rules() -> tuple[Rule, ...]:
    """Read the table; its order is the order of application."""
    with resource("names/folding.csv").open(encoding="utf-8", newline="") as source:
        return tuple(Rule(**row) for row in csv.DictReader(source))


@cache
def _rules() -> _Rules:
    def of(kind: str) -> dict[str, str]:
        return {rule.pattern: rule.becomes for rule in rules() if rule.kind == kind}

    def rewrites(kind: str) -> tuple[Rewrite, ...]:
        return tuple((re.compile(p), becomes) for p, becomes in of(kind).items())

    cyrillic, looks, level = of("cyrillic"), of("look alike"), rewrites("level")
    pairs = [pattern for pattern in cyrillic if len(pattern) > 1]
    return _Rules(
        letters={pattern: to for pattern, to in cyrillic.items() if len(pattern) == 1},
        pairs=(re.compile("|".join(pairs)), ""),
        latin=_one_pass(of("latin")),
        level=_Level.of(level),
        # an unfinished word has no ending yet
        open_level=_Level.of(tuple((p, to) for p, to in level if "$" not in p.pattern)),
        readings_latin=rewrites("reading latin"),
        readings_cyrillic=rewrites("reading cyrillic"),
        classes=str.maketrans({**dict.fromkeys(_VOWELS, " "), **of("class")}),
        class_pairs=tuple(of("class pair").items()),
        coarse=str.maketrans(of("coarse")),
        looks_cyrillic=str.maketrans(looks),
        looks_latin=str.maketrans({to: pattern for pattern, to in looks.items()}),
    )


def _one_pass(graphemes: dict[str, str]) -> Callable[[str], str]:
    """Rewrite the first grapheme of the table that fits, at every place of the text, once."""
    # Only what stands for more than its letters is a group: `re` passes over other letters at once.
    bound = [pattern for pattern in graphemes if not pattern.isalpha()]
    whole = re.compile("|".join(f"({p})" if p in bound else p for p in graphemes))
    sounds = [graphemes[pattern] for pattern in bound]

    def sound(found: re.Match[str]) -> str:
        return sounds[found.lastindex - 1] if found.lastindex else graphemes[found.group()]

    return lambda text: whole.sub(sound, text)


@lru_cache(maxsize=65536)
def fold(token: str) -> str:
    """The key of one name token; empty when nothing in it can be read. Never raises."""
    return _settle(_sounds(_prepared(token)), _rules().level)


@lru_cache(maxsize=16384)
def fold_start(token: str) -> str:
    """The key that every continuation of a half-typed token begins with.

    Endings are not levelled, and a last letter that may open a longer grapheme (the s of shch)
    is left out.
    """
    lower = _prepared(token)
    if _CYRILLIC.search(lower):
        lower = re.sub(r"(?<=..)[иійоаутдсцеюшч]$", "", lower)
    else:
        shorter = re.sub(r"(?:[cstzkgpd]+h|[sctzkdpgqyjioauhe])$", "", lower)
        if lower.endswith("shc"):
            lower = lower[:-1]
        elif len(shorter) >= 3:
            lower = re.sub(r"(?:sc|tsc|ts|[tz]s?)$", "", shorter) or shorter
    return _settle(_sounds(lower), _rules().open_level)


@lru_cache(maxsize=65536)
def readings(token: str) -> tuple[str, ...]:
    """All keys a token may stand for, `fold(token)` first; at most eight."""
    lower = _prepared(token)
    known = _rules()
    rewrites = known.readings_cyrillic if _CYRILLIC.search(lower) else known.readings_latin
    spellings = [lower]
    for pattern, to in rewrites:
        if len(spellings) < MOST_READINGS and pattern.search(lower):
            spellings += [s for old in spellings if (s := pattern.sub(to, old)) not in spellings]
    keys = dict.fromkeys([fold(token)])
    for spelling in spellings[1:MOST_READINGS]:
        keys[_settle(_sounds(spelling), known.level)] = None
    return tuple(key for key in keys if key)


@lru_cache(maxsize=65536)
def skeleton(key: str) -> str:
    """The consonant classes of a key, runs merged, with a mark for a vowel at the beginning."""
    known = _rules()
    classes = key.translate(known.classes)
    for pair, single in known.class_pairs:
        if pair in classes:
            classes = classes.replace(pair, single)
    bare = _RUN.sub(r"\1", classes).replace(" ", "")
    return "A" + bare if key[:1] in _VOWELS else bare


def coarse(key: str) -> str:
    """The key with sounds merged that are easily misheard: o and a, e and i, s and z."""
    return key.translate(_rules().coarse)


def has_cyrillic(text: str) -> bool:
    """Whether any letter of a text is Cyrillic."""
    return _CYRILLIC.search(text) is not None


def _prepared(token: str) -> str:
    """Lower case without signs; letters of the other alphabet that only look right are mended."""
    if token.isascii() and token.isalpha():
        return token[:_LONGEST_TOKEN].lower()
    text = unicodedata.normalize("NFKC", token[:_LONGEST_TOKEN]).casefold()
    text = unicodedata.normalize("NFC", text)
    if text.isascii() and text.isalpha():
        return text
    cyrillic = len(_CYRILLIC.findall(text))
    latin = len(_LATIN.findall(text)) if cyrillic else 0
    if latin:
        known = _rules()
        text = text.translate(known.looks_cyrillic if cyrillic >= latin else known.looks_latin)
    return text


def _sounds(text: str) -> str:
    """Spell Cyrillic letters as sounds; Latin ones stay, with the marks that tell sounds apart."""
    if text.isascii() and text.isalpha():
        return text
    known = _rules()
    letters = known.letters
    out: list[str] = []
    if _CYRILLIC.search(text):
        text = known.pairs[0].sub(lambda found: "e" if found.group() == "ьо" else "щ", text)
    for letter in text:
        sound = letters.get(letter)
        if sound is not None:
            out.append(sound)
        elif letter in _MARKED:
            out.append(letter)
        else:
            for part in unicodedata.normalize("NFKD", letter):
                if part.isalnum() and unicodedata.category(part) != "Lm":  # ʹ and ʻ are signs
                    out.append(letters.get(part, part))
    return "".join(out)


_MARKED: Final = frozenset("žščçħćĉşșŝżĵţțŭřåęąæœøłđðþıŋə")
"""Latin letters that the table reads; all others lose their marks."""


def _settle(text: str, level: _Level) -> str:
    """Read graphemes and level spellings until nothing changes: the key of a key is itself."""
    known = _rules()
    for _turn in range(_TURNS):
        before = text
        if _UNREAD.search(text):
            text = known.latin(text)
        if level.any.search(text):
            for pattern, to in level.rewrites:
                text = pattern.sub(to, text)
        text = text[:LONGEST_KEY]
        if text == before:
            break
    return text
