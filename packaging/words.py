"""Keep the Russian words: collect the marked sentences, bring ru.po up to date, compile ru.mo.

`words.py` writes; `words.py --check` only says what is missing and ends with 1 if anything is.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "resources/i18n/ru.po"
MO = ROOT / "resources/i18n/ru/LC_MESSAGES/casedesk.mo"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
HEADER = "# The Russian of CaseDesk. `./run words` adds new sentences and compiles the file."
PLACEHOLDER = re.compile(r"\{[^{}\s]*\}")

Key = str | tuple[str, ...]
"""A sentence, or its singular and plural."""


class Words(Catalog):
    """A catalogue whose header holds no date and no name, so that it changes with words only."""

    def __init__(self) -> None:
        super().__init__(locale="ru", header_comment=HEADER, fuzzy=False)

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Say what a reader of the file needs: the letters, and how plurals are counted."""
        return [
            ("Project-Id-Version", "CaseDesk"),
            ("Language", "ru"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", f"nplurals={self.num_plurals}; plural={self.plural_expr};"),
        ]


def marked(folder: Path = ROOT / "src") -> dict[Key, str]:
    """Collect the marked sentences of the sources, each with the first place that says it."""
    found: dict[Key, str] = {}
    for name, line, key, _comments, _context in extract_from_dir(
        folder, [("**.py", "python")], keywords=KEYWORDS
    ):
        found.setdefault(key, f"{name}:{line}")
    return found


def kept(path: Path = PO) -> dict[Key, Key]:
    """Read the translations there are; one that is marked fuzzy counts as not there yet."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        messages = [message for message in read_po(file, locale="ru") if message.id]
    return {_key(message.id): _key(message.string) for message in messages if not message.fuzzy}


def _key(text: object) -> Key:
    return str(text) if isinstance(text, str) else tuple(map(str, cast(Iterable[str], text)))


def catalogue(sentences: Iterable[Key], have: Mapping[Key, Key]) -> Words:
    """Put the sentences in order, each with its translation or empty."""
    words = Words()
    for key in sorted(sentences, key=_forms):
        empty: Key = ("",) * words.num_plurals if isinstance(key, tuple) else ""
        words.add(key, have.get(key) or empty)
    return words


def po_bytes(words: Words) -> bytes:
    """Write the catalogue as a person edits it."""
    file = io.BytesIO()
    write_po(file, words, width=0, no_location=True, omit_header=False)
    return file.getvalue()


def mo_bytes(words: Words) -> bytes:
    """Compile the catalogue as the program reads it."""
    file = io.BytesIO()
    write_mo(file, words)
    return file.getvalue()


def placeholders(text: str) -> set[str]:
    """Name the {placeholders} of a sentence."""
    return set(PLACEHOLDER.findall(text))


def flaws(key: Key, string: Key) -> str:
    """Say what is wrong with a translation, or nothing."""
    # "{count} call" may be "one call" in the singular of English: the plural names them all
    forms, said = _forms(string), _forms(key)[-1]
    if len(forms) != (3 if isinstance(key, tuple) else 1):
        return "wrong number of plural forms"
    if not all(forms):
        return "not translated"
    if any(placeholders(form) != placeholders(said) for form in forms):
        return "other placeholders"
    if any(form[-1].isspace() is not said[-1].isspace() for form in forms):
        return "another space at the end"
    return ""


def _forms(text: Key) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def problems() -> list[str]:
    """List what keeps the Russian of the program from being whole and fresh."""
    sentences, have = marked(), kept()
    found = [f"no longer said: {key!r}" for key in have.keys() - sentences.keys()]
    for key, place in sentences.items():
        flaw = flaws(key, have[key]) if key in have else "not in ru.po"
        if flaw:
            found.append(f"{flaw}: {key!r} ({place})")
    if not MO.exists() or MO.read_bytes() != mo_bytes(catalogue(have, have)):
        found.append("casedesk.mo is not what ru.po compiles to")
    return sorted(found)


def update(new: Mapping[Key, Key] | None = None) -> int:
    """Write ru.po for the sentences of today, compile it, and tell how many there are."""
    sentences = marked()
    words = catalogue(sentences, {**kept(), **(new or {})})
    MO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po_bytes(words))
    MO.write_bytes(mo_bytes(words))
    return len(sentences)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--check", action="store_true", help="write nothing, only look")
    check = parser.parse_args().check
    if not check:
        print(f"{update()} sentences in {PO.relative_to(ROOT)}")
    found = problems()
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
