"""The passphrase as people meet it: is it hard to guess, what would be a good one, a new one."""

from __future__ import annotations

import math
import re
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from casedesk.kernel import recovery, vault
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _
from casedesk.kernel.store import Store

# safety.md 2.1/3 asks for 51 bits of what is offered; five of 2,048 words give 55.
OFFERED = 5
SHORTEST = 16
FEWEST_WORDS = 4
# One guess costs a second and 256 MiB: 2^44 of them cost a thousand machines five centuries.
ENOUGH, PLENTY = 44.0, 55.0
_KNOWN = (
    "password", "passphrase", "passwort", "qwerty", "qwertz", "azerty", "letmein", "casedesk",
    "hotline", "delegation", "welcome", "admin", "secret", "пароль", "йцукен", "привет", "секрет",
)  # fmt: skip
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
)  # fmt: skip


@dataclass(frozen=True)
class Strength:
    """How hard a passphrase is to guess: `level` 0 (refused) to 3, in words."""

    level: int
    text: str

    @property
    def enough(self) -> bool:
        """Tell whether a file may be made with it."""
        return self.level > 0


def strength(typed: str) -> Strength:
    """Judge a passphrase by length, words and habit; the text says what to do better."""
    text = unicodedata.normalize("NFKC", typed).casefold().strip()
    words = re.findall(r"\w+", text)
    if not text:
        return Strength(0, _("Use four words or more, or 16 characters."))
    if len(text) < SHORTEST and len({word for word in words if len(word) > 2}) < FEWEST_WORDS:
        return Strength(0, _("Too short. Use four words or more, or 16 characters."))
    bits = _bits(text)
    if bits < ENOUGH:
        return Strength(0, _("Easy to guess. Take words that do not belong together."))
    if bits < PLENTY:
        return Strength(1, _("Good enough. One more word makes it strong."))
    if bits < PLENTY + 22:
        return Strength(2, _("Strong. Guessing it would take centuries."))
    return Strength(3, _("Very strong. Guessing it would take centuries."))


def suggest() -> str:
    """Offer random words, drawn by the computer and not by a person.

    One draw in hundreds looks weaker than it is to `strength`, and is drawn again.
    """
    while True:
        drawn = " ".join(secrets.SystemRandom().sample(recovery.vocabulary(), OFFERED))
        if strength(drawn).level >= 2:
            return drawn


def require(passphrase: str) -> None:
    """Refuse a passphrase that is too easy to guess for people's data."""
    judged = strength(passphrase)
    if not judged.enough:
        raise Refused(judged.text)


def recovery_words(path: Path, passphrase: str) -> tuple[str, ...]:
    """Give the 24 words of a file to somebody who knows its passphrase. Takes half a second."""
    key = vault.unlock(path, passphrase)
    if key is None:
        raise Refused(_("This file has no passphrase, so it has no recovery words."))
    return recovery.words_of(key.raw)


def change_passphrase(store: Store, present: str, new: str) -> None:
    """Encrypt the file anew for somebody who knows `present`: its passphrase or recovery words."""
    require(new)
    if vault.unlock(store.path, present) is None:
        raise Refused(_("This file has no passphrase to change."))
    renew(store, new)


def renew(store: Store, new: str) -> None:
    """Encrypt an open file anew under a new passphrase.

    The store is locked meanwhile and open again afterwards, also where the change is refused.
    Nothing else may read or write during it; who does makes it refuse with `StoreBusy`.
    """
    require(new)
    key = store._key
    if key is None:
        raise Refused(_("This file has no passphrase to change."))
    words = " ".join(recovery.words_of(key.raw))
    store.lock()
    secret = words
    try:
        vault.change_passphrase(store.path, key, new)
        secret = new
    finally:
        store.unlock(secret)


def _bits(text: str) -> float:
    """Estimate from below how many guesses a text costs, as a power of two."""
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) >= FEWEST_WORDS:
        # A word is worth a draw from a list of 2,048 at most; said twice, it is worth nothing.
        rest = len(_collapsed(re.sub(r"[^\W\d_]+|\s+", "", text)))
        return sum(_word_bits(word) for word in set(words)) + 2.0 * min(rest, 8)
    letters = len(_collapsed(text))
    letters -= sum(len(word) - 1 for word in _KNOWN if word in text)
    kinds = sum(
        size
        for pattern, size in ((r"[^\W\d_]", 26), (r"\d", 10), (r"[^\w\s]|_", 20), (r"\s", 1))
        if re.search(pattern, text)
    )
    # What people make up is far from random: it is worth two thirds of random letters.
    return 0.66 * max(letters, 0) * math.log2(max(2, min(kinds, 2 * len(set(text)))))


def _word_bits(word: str) -> float:
    if word in _KNOWN or len(word) < 3:
        return 1.0
    if word in recovery.vocabulary():
        return 11.0
    whole = len(_collapsed(word)) > len(word) / 2
    return (9.0 if len(word) == 3 else 11.0) if whole else 2.0


def _collapsed(text: str) -> str:
    """Shorten what costs a guesser nothing: repeated characters, rows of keys, the same twice."""
    kept = ""
    for place, character in enumerate(text):
        run = text[max(0, place - 2) : place + 1]
        row = len(run) == 3 and any(run in line or run in line[::-1] for line in _ROWS)
        if not row and len(set(run)) > (1 if place else 0):
            kept += character
    for size in range(1, len(kept) // 2 + 1):
        if kept == (kept[:size] * (len(kept) // size + 1))[: len(kept)]:
            return kept[:size]
    return kept
