"""Words, numbers and dates in the user's language (gettext and Babel; en and ru).

`N_` marks a sentence where it is declared, `_` translates it where it is shown.
"""

from __future__ import annotations

import datetime as dt
import gettext

from babel.dates import format_date

from casedesk.resources import resource

LANGUAGES = ("en", "ru")
_current = "en"
_catalogues: dict[str, gettext.NullTranslations] = {}


def N_(text: str) -> str:  # noqa: N802  (the name that gettext tools look for)
    """Mark a sentence for translation without translating it yet."""
    return text


def use(language: str) -> None:
    """Speak this language from now on."""
    global _current
    if language not in LANGUAGES:
        raise ValueError("unknown language")
    _current = language


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
    return _catalogue().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate with the plural form that the count asks for."""
    return _catalogue().ngettext(one, many, count)


def number(value: int, lang: str | None = None) -> str:
    """Write a whole number as it is printed: 45,000 in English, 45 000 in Russian (U+00A0)."""
    grouped = f"{value:,}"
    return grouped.replace(",", "\u00a0") if (lang or _current) == "ru" else grouped


def date_text(day: dt.date, lang: str | None = None) -> str:
    """Write a date in full: 3 September 2025; 3 сентября 2025 г."""
    language = lang or _current
    if language == "en":
        return format_date(day, "d MMMM y", locale="en")
    return format_date(day, "long", locale=language)
