"""Small things that the forms of assistance share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casedesk.kernel.errors import InvalidDraft
from casedesk.kernel.language import _

Keep = Callable[[str], None]


def choices_of(words: dict[Any, str]) -> list[tuple[Any, str]]:
    """Offer the values of a list with their words."""
    return [(key, _(text)) for key, text in words.items()]


def missing(key: str, words: str) -> InvalidDraft:
    """Say at one field what is missing there."""
    return InvalidDraft(words, {key: words})


def typed_amount(amount: int | None) -> str:
    """Write an amount kept in hundredths as somebody would type it: 15000, 15000.50."""
    if amount is None:
        return ""
    whole, rest = divmod(amount, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
