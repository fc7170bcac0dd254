"""Words, numbers and dates in the user's language (gettext and Babel; en and ru).

`N_` marks a sentence where it is declared, `_` translates it where it is shown.
"""

from __future__ import annotations

import datetime as dt
import gettext
import os
import re
from functools import lru_cache

from babel.dates import format_date

from casedesk.resources import resource

NAMES: dict[str, str] = {"en": "English", "ru": "Русский"}
"""Each language in its own words."""
LANGUAGES = tuple(NAMES)
_LOCALES = {"en": "en_GB", "ru": "ru"}
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_current = "en"
_catalogues: dict[str, gettext.NullTranslations] = {}
_percent = 100


def N_(text: str) -> str:  # noqa: N802  (the name that gettext tools look for)
    """Mark a sentence for translation without translating it yet."""
    return text


def use(language: str) -> None:
    """Speak this language from now on."""
    global _current, _percent
    if language not in LANGUAGES:
        raise ValueError("unknown language")
    _current = language
    # CASEDESK_PSEUDO=150 writes every sentence half as long again: what does not fit is seen then.
    asked = os.environ.get("CASEDESK_PSEUDO", "")
    _percent = int(asked) if asked.isdecimal() else 100


def current() -> str:
    """Tell the language in use."""
    return _current


def _catalogue() -> gettext.NullTranslations:
    if _current not in _catalogues:
        _catalogues[_current] = gettext.translation(
            "casedesk", str(resource("i18n")), [_current], fallback=True
        )
    return _catalogues[_current]


def _(text: str) -> str:
    """Translate a sentence into the language in use."""
    return _stretched(_catalogue().gettext(text))


def ngettext(one: str, many: str, count: int) -> str:
    """Translate with the plural form that the count asks for."""
    return _stretched(_catalogue().ngettext(one, many, count))


def _stretched(text: str) -> str:
    """Lengthen a sentence for the trial of a layout; placeholders count as three letters."""
    if _percent <= 100 or not text:
        return text
    letters = len(_PLACEHOLDER.sub("000", text))
    more = max(2, round(letters * (_percent - 100) / 100))
    # in groups of six, so that a long sentence still breaks into lines
    return text + "".join(" " if at % 7 == 0 else "~" for at in range(more))


def number(value: int, lang: str | None = None) -> str:
    """Write a whole number as it is printed: 45,000 in English, 45 000 in Russian (U+00A0)."""
    grouped = f"{value:,}"
    return grouped.replace(",", "\u00a0") if (lang or _current) == "ru" else grouped


def date_text(day: dt.date, lang: str | None = None) -> str:
    """Write a date in full: 3 September 2025; 3 сентября 2025 г."""
    language = lang or _current
    if language == "ru":
        return format_date(day, "long", locale="ru")
    return _formatted(day, "d MMMM y", language)


def short_date(day: dt.date, lang: str | None = None) -> str:
    """Write a date as a table has room for: 3 Sept 2025; 3 сент. 2025."""
    return _formatted(day, "d MMM y", lang)


def weekday_text(day: dt.date, lang: str | None = None) -> str:
    """Write a day with its weekday: Tuesday 30 December 2025; вторник, 30 декабря 2025."""
    comma = "," if (lang or _current) == "ru" else ""
    return _formatted(day, f"EEEE{comma} d MMMM y", lang)


def month_text(day: dt.date, lang: str | None = None, *, inside: bool = False) -> str:
    """Write a month as it stands alone: сентябрь 2025; inside a sentence: с сентября 2025."""
    return _formatted(day, "MMMM y" if inside else "LLLL y", lang)


def month_label(day: dt.date, lang: str | None = None) -> str:
    """Write a month as an axis has room for: Sept; сент."""
    return _formatted(day, "LLL", lang).rstrip(".")


def day_label(day: dt.date, lang: str | None = None) -> str:
    """Write a day whose year is clear: 3 Sept; 3 сент."""
    return _formatted(day, "d MMM", lang)


def _formatted(day: dt.date, pattern: str, lang: str | None) -> str:
    # the English of Britain writes the day first and "Sept", as the delegation does
    return _written(day, pattern, _LOCALES[lang or _current])


@lru_cache(maxsize=4096)
def _written(day: dt.date, pattern: str, locale: str) -> str:
    """Write a date; a list writes the same few hundred days again with every page."""
    return str(format_date(day, pattern, locale=locale))
