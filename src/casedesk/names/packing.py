"""The index as named pieces of bytes, to be kept beside the names it was made of.

Arrays are kept as they lie in memory, little-endian, so that loading is copying.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Mapping
from typing import Final

from casedesk.names.fold import FOLD_VERSION, coarse
from casedesk.names.rows import Rows
from casedesk.names.vocabulary import Vocabulary

_ROWS: Final = {
    "person": "I",
    "name": "I",
    "born_first": "H",
    "born_last": "H",
    "starts": "I",
    "entries": "I",
    "posting_starts": "I",
    "postings": "I",
}
_WORDS: Final = {
    "owner": "I",
    "primary": "I",
    "files": "I",
    "filed": "I",
    "by_coarse": "I",
    "counts": "I",
}
_FORMAT: Final = 2


def packed(rows: Rows) -> dict[str, bytes]:
    """The pieces of rows just made; only those that `Rows.of` gave can be packed."""
    if len(rows) != rows.kept:
        raise ValueError("rows were added since: make them anew")
    pieces = {name: _bytes(getattr(rows, name), kind) for name, kind in _ROWS.items()}
    words = rows.vocabulary
    pieces |= {name: _bytes(getattr(words, name), kind) for name, kind in _WORDS.items()}
    pieces["keys"] = "\n".join(words.keys).encode()
    pieces["common"] = _bytes(rows.common, "I")
    size = len(rows) // 8 + 1
    pieces["common_sets"] = b"".join(one.to_bytes(size, "little") for one in rows.common.values())
    sizes = {"rows": len(rows), "keys": len(words.keys), "tokens": len(words.primary)}
    pieces["sizes"] = json.dumps({"fold": FOLD_VERSION, "format": _FORMAT, **sizes}).encode()
    return pieces


def readable(sizes: bytes) -> bool:
    """Whether pieces with these sizes can be unpacked by this version of the program."""
    try:
        told = json.loads(sizes)
        return bool((told["fold"], told["format"]) == (FOLD_VERSION, _FORMAT))
    except (KeyError, ValueError, TypeError):
        return False


def unpacked(pieces: Mapping[str, bytes]) -> Rows | None:
    """The rows again; None where pieces are missing, damaged, or of another way of folding."""
    try:
        sizes = json.loads(pieces["sizes"])
        if (sizes["fold"], sizes["format"]) != (FOLD_VERSION, _FORMAT):
            return None
        words = Vocabulary()
        for name, kind in _WORDS.items():
            setattr(words, name, _array(pieces[name], kind))
        text = pieces["keys"].decode()
        words.keys = text.split("\n") if text else []
        words.coarse_keys = coarse(text).split("\n") if text else []
        words.sorted_keys, words.sorted_tokens = len(words.keys), len(words.primary)
        rows = Rows(words)
        for name, kind in _ROWS.items():
            setattr(rows, name, _array(pieces[name], kind))
        rows.kept = len(rows.person)
        size, sets = rows.kept // 8 + 1, memoryview(pieces["common_sets"])
        common = _array(pieces["common"], "I")
        rows.common = {
            token: int.from_bytes(sets[at * size : (at + 1) * size], "little")
            for at, token in enumerate(common)
        }
    except (KeyError, ValueError, TypeError):
        return None
    agree = (
        rows.kept == sizes["rows"] == len(rows.starts) - 1 == len(rows.name)
        and rows.kept == len(rows.born_first) == len(rows.born_last)
        and len(words.keys) == sizes["keys"] == len(words.owner) == len(words.by_coarse)
        and len(words.primary) == sizes["tokens"] == len(words.counts)
        and len(words.files) == len(words.filed)
        and len(rows.postings) == len(rows.entries) == rows.starts[-1]
        and len(rows.posting_starts) == sizes["tokens"] + 1
        and len(sets) == size * len(rows.common)
    )
    return rows if agree else None


def _bytes(values: object, kind: str) -> bytes:
    whole = array(kind, values)  # type: ignore[call-overload]
    if sys.byteorder == "big":
        whole.byteswap()
    return bytes(whole.tobytes())


def _array(data: bytes, kind: str) -> array[int]:
    values: array[int] = array(kind)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values
