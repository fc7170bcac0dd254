"""One key for a name token, in which Cyrillic and its Latin transliterations meet.

`fold` gives the key under which a token is filed: lower-case ASCII that spells sounds, so that
fold(fold(x)) == fold(x). г, х, h, g and kh share one letter, because Ukrainian passports write
г as h. Where one Latin grapheme stands for different sounds in different countries (German and
French ch, j, z; Belarusian ou), `readings` gives the other keys as well.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

FOLD_VERSION: Final = 1
"""Raised when keys change; an index filed under another version must be made anew."""

LONGEST_KEY: Final = 64
_LONGEST_TOKEN: Final = 256

_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_LATIN: Final = re.compile("[a-z]")
_CY: Final = {
    "а": "a",
    "б": "b",
    "в": "v",
    "г": "g",
    "ґ": "g",
    "ғ": "g",
    "д": "d",
    "е": "e",
    "ё": "e",
    "є": "e",
    "ж": "zh",
    "з": "z",
    "и": "i",
    "і": "i",
    "ї": "i",
    "й": "i",
    "ј": "i",
    "к": "k",
    "қ": "k",
    "л": "l",
    "м": "m",
    "н": "n",
    "ң": "n",
    "о": "o",
    "ө": "o",
    "п": "p",
    "р": "r",
    "с": "s",
    "т": "t",
    "у": "u",
    "ў": "u",
    "ү": "u",
    "ұ": "u",
    "ф": "f",
    "х": "g",
    "һ": "g",
    "ҳ": "g",
    "ц": "ts",
    "ч": "ch",
    "ҷ": "ch",
    "ш": "sh",
    "щ": "sh",
    "ъ": "",
    "ы": "i",
    "ь": "",
    "э": "e",
    "ә": "e",
    "ю": "iu",
    "я": "ia",
    "љ": "l",
    "њ": "n",
    "ђ": "dzh",
    "ћ": "ch",
    "џ": "dzh",
    "ѓ": "g",
    "ќ": "k",
    "ѕ": "d",
    "ѣ": "e",
    "ѳ": "f",
    "ѵ": "i",
}
_LETTERS: Final = {
    "š": "sh",
    "ş": "sh",
    "ș": "sh",
    "ŝ": "sh",
    "č": "ch",
    "ć": "ch",
    "ĉ": "ch",
    "ž": "zh",
    "ż": "zh",
    "ĵ": "zh",
    "ç": "ts",
    "ţ": "ts",
    "ț": "ts",
    "ř": "rzh",
    "ß": "ss",
    "æ": "e",
    "œ": "e",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "t",
    "ı": "i",
    "ŋ": "n",
    "ə": "e",
}
_LOOKS_CYRILLIC: Final = str.maketrans("aceopxyikmhtb", "асеорхуікмнтв")
_LOOKS_LATIN: Final = str.maketrans("асеорхуікмнтв", "aceopxyikmhtb")

_GRAPHEMES: Final = {
    "schtsch": "sh",
    "schtch": "sh",
    "stsch": "sh",
    "chtch": "sh",
    "shtsh": "sh",
    "szcz": "sh",
    "shch": "sh",
    "tsch": "ch",
    "dsch": "dzh",
    "sch": "sh",
    "shh": "sh",
    "dzh": "dzh",
    "tch": "ch",
    "tsh": "ch",
    "zgh": "zg",
    "sh": "sh",
    "ch": "ch",
    "zh": "zh",
    "kh": "g",
    "gh": "g",
    "ph": "f",
    "th": "t",
    "ts": "ts",
    "tz": "ts",
    "tc": "ts",
    "cz": "ch",
    "sz": "sh",
    "dj": "dzh",
    "dz": "d",
    "qu": "ku",
    "x": "ks",
    "w": "v",
    "q": "k",
    "y": "i",
    "j": "i",
    "h": "g",
}
_GRAPHEME: Final = re.compile("|".join(sorted(_GRAPHEMES, key=len, reverse=True)))
_HARD_C: Final = re.compile(r"^c(?=[aoulr])|c(?=[trl])|(?<!t)c(?=k(?![iya]))")
_SOFT_C: Final = re.compile(r"c(?![hz])")
# Applied in this order until nothing changes. Each one shortens the key, turns u into v or o
# into e, so the repetition ends; being applied to both scripts, none can part two spellings.
_LEVEL: Final = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"i{2,}", "i"),
        (r"i+(?=e)", ""),
        (r"ou(?=$|sk(?:i|ii|a|aia)$)", "ov"),
        (r"ou", "u"),
        (r"io", "e"),
        (r"(?<=[csz]h)o", "e"),
        (r"([ae])u(?=[^aeiou]|$)", r"\1v"),
        (r"gu(?=[ei])", "g"),
        (r"([a-z]h|[a-z])\1+", r"\1"),
        (r"f$", "v"),
        (r"(?<=[a-z]in)e$", ""),
        (r"(?<=[a-z]{2}a)ia$", ""),
    )
)


@lru_cache(maxsize=65536)
def fold(token: str) -> str:
    """The key of one name token; empty when nothing in it can be read. Never raises."""
    return _settle(_spell(_repair(_lower(token))), whole=True)


@lru_cache(maxsize=65536)
def fold_start(token: str) -> str:
    """The key that every continuation of a half-typed token begins with.

    Endings are not levelled, and a last Latin letter that may open a longer grapheme (the s of
    shch) is left out.
    """
    lower = _repair(_lower(token))
    if not _CYRILLIC.search(lower):
        shorter = re.sub(r"(?:[cstzkgpd]+h|[sctzkdpgqyjioauhe])$", "", lower)
        if len(shorter) >= 3:
            lower = re.sub(r"(?:sc|tsc|ts|[tz]s?)$", "", shorter) or shorter
    else:
        lower = re.sub(r"(?<=..)[иійоаутдсцеюшч]$", "", lower)
    return _settle(_spell(lower), whole=False)


@lru_cache(maxsize=65536)
def readings(token: str) -> tuple[str, ...]:
    """All keys a token may stand for, `fold(token)` first; at most twelve."""
    lower = _repair(_lower(token))
    rules = _CYRILLIC_READINGS if _CYRILLIC.search(lower) else _LATIN_READINGS
    forms = [lower]
    for convention in rules:
        form = lower
        for pattern, to in convention:
            form = pattern.sub(to, form)
        if form not in forms:
            forms.append(form)
    keys = dict.fromkeys([fold(token)])
    keys.update((_settle(_spell(form), whole=True), None) for form in forms[1:])
    return tuple(key for key in keys if key)[:12]


def _rules(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), to) for pattern, to in pairs)


_GERMAN_CH: Final = (
    ("schtsch", "ŝ"),
    ("tsch", "č"),
    ("dsch", "dž"),
    ("(?<![sct])ch", "kh"),
    ("tz", "z"),
    ("z", "ts"),
)
_VOICED_S: Final = (
    ("(?<=[aeiouy])s(?=[aeiouyjbdglmnrw])", "z"),
    ("(?<=[lnrbdgwm])s(?=[aeiouyj])", "z"),
)
_INITIAL_S: Final = (("^s(?=[aeiouyjwbdgmnlr])", "z"),)
_CYRILLIC_READINGS: Final = (
    _rules(("ьо", "ё")),
    _rules(("ц(?=[іиеёюя])", "т")),
    _rules(("оў", "ов")),
    _rules(("^у(?=[бвгдзклмнпрст])", "в")),
)
_LATIN_READINGS: Final = (
    _rules(*_GERMAN_CH),
    _rules(*_GERMAN_CH, *_VOICED_S),
    _rules(*_GERMAN_CH, *_INITIAL_S, *_VOICED_S),
    _rules(("schtsch", "ŝ"), ("tsch", "č"), ("sch", "ž"), *_GERMAN_CH, *_VOICED_S),
    _rules(("(?<!ch)tch", "č"), ("chtch", "ŝ"), ("ch", "š"), ("j", "ž")),
    _rules(("ch", "kh"), ("rz", "ž")),
    _rules(("(?<=d)j", "y")),
    _rules(("ou", "ov")),
    _rules(("iou$", "iú"), ("ou$", "ú"), ("ou(?=sk)", "ú")),
    _rules(("ts(?=[iey])|c(?=[ie])", "t"), ("ou", "ov")),
    _rules(("x", "kh")),
    _rules(("c(?!h)", "k")),
    _rules(("^c(?!h)|c(?=[trl])", "ts")),
)


def _lower(token: str) -> str:
    text = unicodedata.normalize("NFKC", token[:_LONGEST_TOKEN]).casefold()
    return unicodedata.normalize("NFC", text)


def _repair(text: str) -> str:
    """Letters of the other alphabet that only look right are read in the token's own."""
    cyrillic = len(_CYRILLIC.findall(text))
    latin = len(_LATIN.findall(text))
    if not cyrillic or not latin:
        return text
    return text.translate(_LOOKS_CYRILLIC if cyrillic >= latin else _LOOKS_LATIN)


def _spell(text: str) -> str:
    """Letters of both scripts as plain Latin ones; marks, signs and controls are dropped."""
    out: list[str] = []
    for letter in text:
        known = _CY.get(letter)
        if known is None:
            known = _LETTERS.get(letter)
        if known is not None:
            out.append(known)
            continue
        for part in unicodedata.normalize("NFKD", letter):
            if part.isalnum() and unicodedata.category(part) != "Lm":  # ʹ and ʻ are signs
                out.append(_CY.get(part, _LETTERS.get(part, part)))
    return "".join(out)


def _settle(key: str, *, whole: bool) -> str:
    before = None
    while key != before:
        before = key
        key = _HARD_C.sub("k", key)
        key = _SOFT_C.sub("ts", key)
        key = _GRAPHEME.sub(lambda found: _GRAPHEMES[found.group()], key)
        for pattern, to in _LEVEL if whole else _OPEN_LEVEL:
            key = pattern.sub(to, key)
        key = key[:LONGEST_KEY]
    return key


_OPEN_LEVEL: Final = tuple((pattern, to) for pattern, to in _LEVEL if "$" not in pattern.pattern)
