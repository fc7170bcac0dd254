"""The words for what people are to each other; kept as a key, so that each language has its own."""

from __future__ import annotations

from casedesk.kernel.language import N_, _

RELATIONS: dict[str, str] = {
    "": N_("Not said"),
    "mother": N_("Mother"),
    "father": N_("Father"),
    "wife": N_("Wife"),
    "husband": N_("Husband"),
    "sister": N_("Sister"),
    "brother": N_("Brother"),
    "daughter": N_("Daughter"),
    "son": N_("Son"),
    "grandmother": N_("Grandmother"),
    "grandfather": N_("Grandfather"),
    "aunt": N_("Aunt"),
    "uncle": N_("Uncle"),
    "cousin": N_("Cousin"),
    "friend": N_("Friend"),
    "neighbour": N_("Neighbour"),
    "colleague": N_("Colleague"),
    "other": N_("Other"),
}
"""What a relative is to the person sought: the kept key, and the word for it."""


def relation_words(kept: str) -> str:
    """Say a relation in the language in use; what somebody typed freely stays as it is."""
    words = RELATIONS.get(kept) if kept else None
    return _(words) if words else kept


def relation_key(typed: str) -> str:
    """Keep a relation by its key where it is one of ours, in English or the language in use."""
    said = " ".join(typed.split()).casefold()
    for key, words in RELATIONS.items():
        if key and said in (key, words.casefold(), _(words).casefold()):
            return key
    return typed
