"""The raw key of a file as 24 words that a person can write on paper, and back.

The words are the key itself, not a second passphrase: they open the file, and every copy of it
that was made under the same passphrase. A new passphrase makes a new key, hence new words.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from mnemonic import Mnemonic

from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _, ngettext

COUNT = 24
# Four letters tell any two words of the list apart, so people may stop there.
_ENOUGH = 4
_WORD = re.compile(r"[^\W\d_]+")


class UnknownWord(Refused):
    """A word that is not on the list; `position` counts from 1. The word itself is not kept."""

    def __init__(self, position: int) -> None:
        """Name the place of the word; its letters are a part of a key and stay out."""
        super().__init__(
            _("Word {position} is not on the list of recovery words.").format(position=position)
        )
        self.position = position


def words_of(raw: bytes) -> tuple[str, ...]:
    """Write a key of 32 bytes as 24 words; the last one holds a check sum."""
    if len(raw) != 32:
        raise ValueError("a raw key has 32 bytes")
    return tuple(_list().to_mnemonic(raw).split())


def raw_of(typed: str) -> bytes:
    """Read 24 words back as the key; numbers between them and the case of letters do not matter.

    Refuses with `UnknownWord` for a word that is not on the list, and with `Refused` where the
    count is wrong or the words do not belong together.
    """
    found = split(typed)
    known = [_known(word) for word in found]
    if None in known:
        raise UnknownWord(known.index(None) + 1)
    if len(found) != COUNT:
        raise Refused(
            ngettext(
                "There is one word here. 24 are needed.",
                "There are {count} words here. 24 are needed.",
                len(found),
            ).format(count=len(found))
        )
    words = " ".join(word for word in known if word)
    if not _list().check(words):
        raise Refused(
            _("These words do not belong together. One is another word, or two changed places.")
        )
    return bytes(_list().to_entropy(words))


def are_words(typed: str) -> bool:
    """Tell whether a text is a complete set of recovery words."""
    try:
        raw_of(typed)
    except Refused:
        return False
    return True


def split(typed: str) -> list[str]:
    """List the words of a text; numbering and punctuation, as on the printed page, fall away."""
    return [unicodedata.normalize("NFKC", word).casefold() for word in _WORD.findall(typed)]


def place_of(typed: str, position: int) -> tuple[int, int]:
    """Tell where in a text its n-th word begins, and how long it is."""
    match = list(_WORD.finditer(typed))[position - 1]
    return match.start(), len(match[0])


def vocabulary() -> tuple[str, ...]:
    """Give the 2,048 words, in the order of the alphabet."""
    return tuple(_list().wordlist)


def _known(word: str) -> str | None:
    words = _list().wordlist
    if word in words:
        return word
    longer = [item for item in words if item.startswith(word)] if len(word) >= _ENOUGH else []
    return longer[0] if len(longer) == 1 else None


@functools.cache
def _list() -> Mnemonic:
    return Mnemonic("english")
