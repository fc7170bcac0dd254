"""Read what people type into cells: amounts, days, yes and no, names in capitals.

An amount or a day that may mean two things is refused, unless the other cells of its column say
which of the two is meant there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache

from casedesk.assistance.records import AMOUNT_MAX
from casedesk.kernel.language import _


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Wrong(Exception):
    """A value of one row is not taken; carries the field and the sentence."""

    def __init__(self, name: str, reason: str) -> None:
        """Keep the field and the sentence."""
        super().__init__(reason)
        self.name, self.reason = name, reason


# ------------------------------------------------------------------------------------- amounts

_CURRENCY = re.compile(
    r"(?i)(?<![a-zа-яё])(?:руб(?:лей|ля|ль|\.)?|р\.|rub|rur|byn|usd|eur|chf)(?![a-zа-яё])|[₽$€]"
)
_AMOUNT = re.compile(r"\d{1,3}(?:([ .,'’])\d{3})(?:\1\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?")
_THREE = re.compile(r"\d{1,3}([.,])\d{3}")
_DECIMAL = re.compile(r"\d([.,])\d{1,2}$")


class Amounts:
    """Amounts of one column, in hundredths: 1 000,50 and 1,000.50 and 12000 руб."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Look which signs part the hundredths in this column."""
        self._decimal: set[str] = set()
        for text in texts:
            if found := _DECIMAL.search(_bare(text)):
                self._decimal.add(found[1])

    def read(self, text: str, name: str = "amount") -> int:
        """Give hundredths; refuse what is no amount, or may be two."""
        bare = _bare(text)
        if "e+" in bare.casefold():
            raise Wrong(name, _("The spreadsheet has rounded this number. Keep it as text there."))
        if bare.startswith(("-", "−", "(")):
            raise Wrong(name, _("An amount is not below zero."))
        if (found := _THREE.fullmatch(bare)) and found[1] in self._decimal:
            reason = _("This may be thousands or thousandths: write 1000 or 1000.00.")
            raise Wrong(name, reason)
        match = _AMOUNT.fullmatch(bare)
        if match is None:
            if re.fullmatch(r"[\d .,'’]*[.,]\d{3,}", bare) and not _THREE.fullmatch(bare):
                reason = _("An amount has two digits after its sign at most, for example 1000.50.")
                raise Wrong(name, reason)
            raise Wrong(name, _("This amount cannot be read. Write it like 1000.50."))
        tail = _DECIMAL.search(bare)
        if tail and match[1] == tail[1]:
            raise Wrong(name, _("This may be thousands or thousandths: write 1000 or 1000.00."))
        whole, cents = bare, ""
        if tail:
            whole, cents = bare[: tail.start(1)], bare[tail.end(1) :]
        value = int(re.sub(r"\D", "", whole)) * 100 + int(cents.ljust(2, "0") or 0)
        if value > AMOUNT_MAX:
            raise Wrong(name, _("This amount is too large. Look at its noughts."))
        return value


def _bare(text: str) -> str:
    line = re.sub(r"[\s\u00a0\u202f\u2009]+", " ", text)
    return _CURRENCY.sub("", line).strip()


def whole_number(text: str, name: str, most: int) -> int:
    """Read a count."""
    bare = text.strip()
    if not re.fullmatch(r"\d{1,7}", bare) or int(bare) > most:
        reason = _("This is no whole number from 0 to {most}.")
        raise Wrong(name, reason.format(most=most))
    return int(bare)


# ---------------------------------------------------------------------------------------- days

_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})")
_DOTS = re.compile(r"(\d{1,2})[.\-](\d{1,2})[.\-](\d{4})")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_WORDS = re.compile(r"(\d{1,2})[ .\-]+([a-zа-яёіїґ]{3,12})\.?,?[ .\-]+(\d{4})(?: ?г(?:\.|ода)?)?")
_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan янв січ",
            "feb фев лют",
            "mar мар бер",
            "apr апр кві",
            "may мая май тра",
            "jun июн чер",
            "jul июл лип",
            "aug авг сер",
            "sep сен вер",
            "oct окт жов",
            "nov ноя лис",
            "dec дек гру",
        ),
        start=1,
    )
    for word in words.split()
}
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?$")


class Days:
    """Days of one column: 2025-03-09, 09.03.2025, 9 March 2025; 09/03/2025 where it is clear."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Look whether the slashes of this column have the day first or the month first."""
        self._first: set[str] = set()
        for text in texts:
            if found := _SLASHES.fullmatch(text.strip()):
                if int(found[1]) > 12:
                    self._first.add("day")
                elif int(found[2]) > 12:
                    self._first.add("month")

    def plain(self, text: str, name: str) -> str:
        """Write a day as 2025-03-09; what is no day of these styles comes back as it is."""
        bare = _MIDNIGHT.sub("", text.strip())
        if found := _SLASHES.fullmatch(bare):
            one, two = int(found[1]), int(found[2])
            if one == two or self._first == {"day"}:
                return f"{found[3]}-{two:02}-{one:02}"
            if self._first == {"month"}:
                return f"{found[3]}-{one:02}-{two:02}"
            if one > 12 or two > 12:
                day, month = (one, two) if one > 12 else (two, one)
                return f"{found[3]}-{month:02}-{day:02}"
            reason = _("Day and month cannot be told apart. Write it like 2025-03-09.")
            raise Wrong(name, reason)
        if found := _ISO.fullmatch(bare):
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
        if found := _DOTS.fullmatch(bare):
            return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
        if found := _WORDS.fullmatch(bare.casefold()):
            month_number = _MONTHS.get(found[2][:3])
            if month_number:
                return f"{found[3]}-{month_number:02}-{int(found[1]):02}"
        return bare

    def read(self, text: str, name: str, today: dt.date) -> dt.date:
        """Give a day that is not in the future."""
        try:
            day = dt.date.fromisoformat(self.plain(text, name))
        except ValueError:
            reason = _("This day cannot be read. Write it like 2025-03-09.")
            raise Wrong(name, reason) from None
        if day > today:
            raise Wrong(name, _("The date lies in the future."))
        return day


# --------------------------------------------------------------------------------- yes, numbers

_YES = _words("1 y yes true да д так + x х v ✓ head глава заявитель")
_NO = _words("0 n no false нет н ні - member член") | {""}


def yes_or_no(text: str, name: str) -> bool:
    """Read yes or no."""
    bare = text.strip().casefold().rstrip(".")
    if bare in _YES:
        return True
    if bare in _NO:
        return False
    raise Wrong(name, _("Write yes or no."))


_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eе]\+?\d+")


def refuse_rounded(text: str, name: str) -> str:
    """Refuse a long number of which the spreadsheet has kept fifteen digits only."""
    if _ROUNDED.fullmatch(text.strip().casefold()):
        raise Wrong(name, _("The spreadsheet has rounded this number. Keep it as text there."))
    return text


# --------------------------------------------------------------------------------------- names

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*")
_SMALL = _words(
    "оглы оглу кызы гызы уулу кизи угли де да ди дер фон ван аль ибн бин бинт "
    "ogly oglu kyzy gyzy uulu de da di der von van al el ibn bin bint dos du la le"
)
_ELIDED = re.compile(r"^([^\W\d_]['’ʼ`])([^\W\d_])")


@lru_cache(maxsize=4096)
def shown_name(part: str) -> str:
    """Write a name in capitals, in small letters or in mixed ones as names are written: Иванов."""
    return _WORD.sub(lambda found: _shown_word(found[0], part), part)


def _shown_word(word: str, part: str) -> str:
    if len(word) < 2:
        return word.upper() if part.islower() else word
    mixed = word[0].islower() and not word.islower()
    if not (word.isupper() or part.islower() or mixed):
        return word
    lower = word.lower()
    if lower in _SMALL and lower != part.lower():
        return lower
    titled = lower[0].upper() + lower[1:]
    return _ELIDED.sub(lambda found: found[1] + found[2].upper(), titled)
