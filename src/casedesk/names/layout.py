"""Text typed while the keyboard stood on the other alphabet: Bdfyjd is Иванов."""

from __future__ import annotations

from typing import Final

from casedesk.names.fold import has_cyrillic

_LATIN: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN: Final = "йцукенгшщзхъфывапролджэячсмитьбюё"
_TO_CYRILLIC: Final = dict(zip(_LATIN, _RUSSIAN, strict=True))
_TO_CYRILLIC.update(zip('{}:"<>~', "хъжэбюё", strict=True))
_TO_LATIN: Final = {**dict(zip(_RUSSIAN, _LATIN, strict=True)), "і": "s", "ї": "]", "є": "'"}


def other_layout(text: str) -> str:
    """What the same keys write on the other layout; few letters of the other script stay."""
    lower = text.lower()
    cyrillic = sum(has_cyrillic(letter) for letter in lower)
    latin = sum("a" <= letter <= "z" for letter in lower)
    table = _TO_LATIN if cyrillic > latin else _TO_CYRILLIC
    return "".join(table.get(letter, letter) for letter in lower)
