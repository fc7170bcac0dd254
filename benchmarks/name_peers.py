"""Other ways to search names, measured beside ours by `benchmarks/names.py`.

Ways that index words by a key are given what they lack out of the box: postings that are summed
quickly, and a rescoring of the best 300 by rapidfuzz. OpenSanctions' candidates follow the query
that yente makes; the best hundred are rescored by LogicV2.
"""

from __future__ import annotations

import functools
import importlib.util
import math
import os
import re
import sqlite3
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from rapidfuzz import fuzz, process

from casedesk.names.romanise import romanise

if os.environ.get("CASEDESK_PEERS"):
    sys.path.append(os.environ["CASEDESK_PEERS"])  # last, so that the lock's versions are used

Search = Callable[[str], list[int]]
Peer = Callable[[list[str]], Search]


@functools.lru_cache(maxsize=400_000)
def roman(text: str) -> str:
    """Letters of names in plain lower-case Latin, one way for each."""
    plain = unicodedata.normalize("NFKD", romanise(text, "icao")).lower()
    return re.sub(r"[^a-z0-9 ]+", " ", plain.replace("’", "")).strip()


def like(texts: list[str]) -> Search:
    """SQLite LIKE on lower-cased names, all words."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT)")
    base.executemany("INSERT INTO t VALUES (?, ?)", enumerate(text.lower() for text in texts))

    def search(text: str) -> list[int]:
        words = [f"%{word}%" for word in re.findall(r"\w+", text.lower())] or ["%"]
        where = " AND ".join(["n LIKE ?"] * len(words))
        return [row[0] for row in base.execute(f"SELECT id FROM t WHERE {where} LIMIT 20", words)]  # noqa: S608

    return search


def full_text(texts: list[str], tokenizer: str = "unicode61") -> Search:
    """SQLite FTS5 on romanised names: all words or their beginnings, then any."""
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE VIRTUAL TABLE t USING fts5(n, tokenize='{tokenizer}')")
    rows = ((number, roman(text)) for number, text in enumerate(texts))
    base.executemany("INSERT INTO t (rowid, n) VALUES (?, ?)", rows)
    select = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 20"

    def search(text: str) -> list[int]:
        words = roman(text).split()
        if tokenizer == "trigram":
            padded = [f" {word} " for word in words]
            parts = {f'"{w[at : at + 3]}"' for w in padded for at in range(len(w) - 2)}
            matches = [" OR ".join(sorted(parts))]
        else:
            matches = [
                " AND ".join(f'"{w}"*' for w in words),
                " OR ".join(f'"{w}"*' for w in words),
            ]
        found: dict[int, None] = {}
        for match in matches:
            if match and len(found) < 20:
                found.update((row[0], None) for row in base.execute(select, (match,)))
        return list(found)[:20]

    return search


def trigrams(texts: list[str]) -> Search:
    """SQLite FTS5 trigrams of romanised names, any of them."""
    return full_text(texts, "trigram")


def every_name(texts: list[str]) -> Search:
    """rapidfuzz over all romanised names, words in any order."""
    plain = [roman(text) for text in texts]

    def search(text: str) -> list[int]:
        best = process.extract(roman(text), plain, scorer=fuzz.token_sort_ratio, limit=20)
        return [at for _text, _score, at in best]

    return search


def keyed(keys: Callable[[str], Iterable[str]]) -> Peer:
    """An index of words by keys; the best 300 by summed rarity are rescored by rapidfuzz."""

    def peer(texts: list[str]) -> Search:
        import numpy as np

        plain = [roman(text) for text in texts]
        known: dict[str, tuple[str, ...]] = {}
        lists: dict[str, list[int]] = defaultdict(list)

        def of(word: str) -> tuple[str, ...]:
            if word not in known:
                known[word] = tuple(keys(word))
            return known[word]

        for number, text in enumerate(plain):
            for key in {key for word in text.split() for key in of(word)}:
                lists[key].append(number)
        postings = {key: np.array(rows, np.int32) for key, rows in lists.items()}
        total = np.zeros(len(texts), np.float32)
        best = np.zeros(len(texts), np.float32)

        def search(text: str) -> list[int]:
            asked = roman(text)
            found = []
            for word in asked.split():
                rated = sorted(
                    (math.log(len(texts) / len(postings[key])), key)
                    for key in set(of(word)) if key in postings
                )  # fmt: skip
                if rated:
                    for value, key in rated:
                        best[postings[key]] = value
                    rows = np.concatenate([postings[key] for _value, key in rated])
                    rows = np.unique(rows)
                    total[rows] += best[rows]
                    best[rows] = 0
                    found.append(rows)
            if not found:
                return []
            rows = np.unique(np.concatenate(found))
            values = total[rows]
            total[rows] = 0
            if len(rows) > 300:
                top = np.argpartition(values, len(rows) - 300)[-300:]
                rows, values = rows[top], values[top]
            scored = [
                (float(value) + _fuzzy(asked, plain[row]), row)
                for row, value in zip(rows.tolist(), values, strict=True)
            ]
            return [row for _score, row in sorted(scored, reverse=True)[:20]]

        return search

    return peer


def _fuzzy(one: str, other: str) -> float:
    return 5 * (fuzz.token_sort_ratio(one, other) + fuzz.token_set_ratio(one, other)) / 200


def double_metaphone(texts: list[str]) -> Search:
    """Double Metaphone, as Primero and Solr have it."""
    from metaphone import doublemetaphone

    return keyed(lambda word: [key for key in doublemetaphone(word) if key])(texts)


def beider_morse(texts: list[str]) -> Search:
    """Beider-Morse phonetic matching, generic and approximate."""
    from abydos.phonetic import BeiderMorse

    encode = BeiderMorse(match_mode="approx").encode
    return keyed(lambda word: encode(word).split(" "))(texts)


def open_sanctions(texts: list[str]) -> Search:
    """Name parts, sounds and symbols of rigour as yente asks for them, LogicV2 on the best."""
    import numpy as np
    from followthemoney import ValueEntity, model
    from followthemoney.names import entity_names
    from nomenklatura.matching.logic_v2.model import LogicV2

    schema, config = model.get("Person"), LogicV2.default_config()

    def entity(name: str) -> Any:
        made = ValueEntity(schema, {"id": name[:200] or "-"})
        made.add("name", name)
        return made

    def parts(name: str) -> list[list[tuple[str, float]]]:
        out = []
        for one in entity_names(entity(name)):
            symbols = defaultdict(set)
            for span in one.spans:
                for part in span.parts:
                    symbols[part].add(span.symbol)
            for part in one.parts:
                keys = [("part " + part.comparable, 1.0)]
                if part.metaphone and len(part.metaphone) > 2:
                    keys.append(("sound " + part.metaphone, 0.5))
                for symbol in symbols[part]:
                    if symbol.category.value != "INITIAL":
                        worth = 0.56 if symbol.category.value == "NICK" else 0.7
                        keys.append((f"{symbol.category.value} {symbol.id}", worth))
                out.append(keys)
        return out

    lists: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for key in {key for keys in parts(text) for key, _worth in keys}:
            lists[key].append(number)
    postings = {key: np.array(rows, np.int32) for key, rows in lists.items()}
    total = np.zeros(len(texts), np.float32)
    best = np.zeros(len(texts), np.float32)

    def search(text: str) -> list[int]:
        found = []
        for keys in parts(text):
            rated = sorted(
                (worth * math.log(1 + len(texts) / len(postings[key])), key)
                for key, worth in keys if key in postings
            )  # fmt: skip
            if rated:
                for value, key in rated:
                    best[postings[key]] = value
                rows = np.unique(np.concatenate([postings[key] for _value, key in rated]))
                total[rows] += best[rows]
                best[rows] = 0
                found.append(rows)
        if not found:
            return []
        rows = np.unique(np.concatenate(found))
        values = total[rows]
        total[rows] = 0
        if len(rows) > 100:
            top = np.argpartition(values, len(rows) - 100)[-100:]
            rows, values = rows[top], values[top]
        asked = entity(text)
        scored = [
            (LogicV2.compare(asked, entity(texts[row]), config).score, float(value), row)
            for row, value in zip(rows.tolist(), values, strict=True)
        ]
        return [row for _score, _value, row in sorted(scored, reverse=True)[:20]]

    return search


def _where(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in modules)


PEERS: dict[str, Peer | None] = {
    "SQLite LIKE": like,
    "FTS5 on romanised names": full_text,
    "FTS5 trigrams": trigrams,
    "rapidfuzz over all names": every_name,
    "Double Metaphone, rescored": double_metaphone if _where("metaphone", "numpy") else None,
    "OpenSanctions: rigour, LogicV2": (
        open_sanctions if _where("rigour", "nomenklatura", "followthemoney", "numpy") else None
    ),
}
FEW_NAMES: dict[str, Peer | None] = {
    "Beider-Morse, rescored": beider_morse if _where("abydos", "numpy") else None,
}
SLOW = ("FTS5 trigrams", "rapidfuzz over all names")
_PACKAGES = {
    "Double Metaphone, rescored": "pip install Metaphone numpy",
    "OpenSanctions: rigour, LogicV2": "pip install rigour nomenklatura numpy",
    "Beider-Morse, rescored": "pip install abydos numpy",
}


def absent() -> dict[str, str]:
    """The peers that cannot be imported here, and what would install them."""
    return {name: _PACKAGES[name] for name, peer in {**PEERS, **FEW_NAMES}.items() if peer is None}
