"""Search by name: recall and latency beside the peers that install here, in one run.

Names are invented, written in Cyrillic or in one of the transliterations, and asked for as callers
do: other script, typo, without patronymic, familiar name, initials, wrong keyboard. Where
CASEDESK_NAMES_DATA names the folder of public data (its `raw` and `dev`), surnames are drawn from
there and the forms that real public persons' names have are asked for as well.

`CASEDESK_NAMES_SIZES=154200,1500000` says how many names. Times are those of the processor in this
thread, so that other work on the machine blurs them less. Peers stand in `name_peers.py`. Those
that are not in `requirements.lock` are measured where they can be imported, also from the folder
CASEDESK_PEERS: `pip install --target FOLDER Metaphone abydos rigour nomenklatura numpy`.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import itertools
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Measured
from benchmarks.name_peers import FEW_NAMES, PEERS, SLOW, absent
from casedesk.illustrative.people import People
from casedesk.names import packing
from casedesk.names.engine import NameIndex
from casedesk.names.fold import fold
from casedesk.names.given import forms, given_names
from casedesk.names.layout import other_layout
from casedesk.names.parse import tokens
from casedesk.names.romanise import romanise, schemes_for
from casedesk.names.rows import NameRow, Rows

APART = ("other keyboard", "5 and 2 letters")
"""Ways of asking that the protocol reports by themselves."""
SIZES = [int(s) for s in os.environ.get("CASEDESK_NAMES_SIZES", "154200,1500000").split(",")]
QUERIES = 110  # of each class
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_HEARD = dict(zip("бпдтвфзсгкжшщоаеиымн", "пбтдфвсзкгшжшаоиеинм", strict=True))
_EPOCH = dt.date(1850, 1, 1)

Search = Callable[[str], list[int]]


@dataclass(frozen=True)
class Query:
    """One question and the row that should come up."""

    kind: str
    text: str
    wanted: int
    alike: int = 1
    """So many bear what is asked for; who of them is meant no engine can tell."""


@dataclass(frozen=True)
class Asked:
    """How one way of searching did."""

    ranks: dict[str, list[int]]
    spent: list[float]
    build: float

    def recall(self, of: str, k: int) -> float:
        """The share of questions whose person is among the first k."""
        kinds = [of] if of in self.ranks else [kind for kind in self.ranks if kind.startswith(of)]
        ranks = [rank for kind in kinds for rank in self.ranks[kind]]
        return sum(0 < rank <= k for rank in ranks) / len(ranks) if ranks else float("nan")

    def at(self, share: float) -> float:
        """The milliseconds within which this share of the questions was answered."""
        return sorted(self.spent)[min(int(len(self.spent) * share), len(self.spent) - 1)]


def run() -> list[Measured]:
    """Measure ours and the peers over the same names and the same questions, at every scale."""
    lines = [line for size in SIZES for line in measure(size, peers=True)]
    few = {name: peer for name, peer in FEW_NAMES.items() if peer is not None}
    if few:
        lines += measure(FEW, peers=False, only=few)
    for name, how in absent().items():
        print(f"{name} is not measured: {how}")
    return lines


MANY = 1_000_000
FEW = 5_000
"""So many names for peers that need milliseconds to read one."""


def measure(
    size: int, *, peers: bool, only: dict[str, Callable[[list[str]], Search]] | None = None
) -> list[Measured]:
    """Measure at one scale."""
    rng = random.Random(20)  # noqa: S311
    rows, queries = population(rng, size)
    data = os.environ.get("CASEDESK_NAMES_DATA")
    if data:
        rows, queries = with_public(rng, rows, queries, Path(data))
    rng.shuffle(queries)
    queries = sample(queries, 2000)
    begin = time.perf_counter()
    index = NameIndex(Rows.of(rows))
    made = time.perf_counter() - begin

    def ours(text: str) -> list[int]:
        return [found.person for found in index.search(text)]

    def hinted(text: str, born: tuple[int, int]) -> list[int]:
        return [found.person for found in index.search(text, born=born)]

    same = Same(rows)
    results = {"ours": ask(ours, queries, same, made)}
    texts = [" ".join(filter(None, row[2:5])) for row in rows]
    chosen = only if only is not None else PEERS if peers else {}
    for name, peer in chosen.items():
        if peer is None or (size > LARGEST.get(name, size)):
            continue
        few = sample(queries, 80 if name in SLOW or size > MANY else 300)
        begin = time.perf_counter()
        search = peer(texts)
        results[name] = ask(search, few, same, time.perf_counter() - begin)
        print(name, "done", flush=True)
    print(recall_table(results, len(rows)))
    print(kinds_table(results["ours"], queries))
    births = births_table(rng, rows, queries, same, hinted)
    print(births)
    keys = keys_line(queries, ours)
    print(keys, flush=True)
    mine = results["ours"]
    lines = [
        Measured(
            f"{size:,} names: search, p95",
            mine.at(0.95),
            name,
            result.at(0.95),
            compared(mine, result),
        )
        for name, result in results.items()
        if name != "ours"
    ]
    if only is not None:
        return lines
    best = "/".join(f"{reachable(queries, 'generated', k):.3f}" for k in (1, 10, 20))
    told = (
        f"with a birth year wrong by up to two: {births}; generated R@1/10/20 without: at most "
        f"{best} can be told from namesakes; every key a search: {keys}"
    )
    first = Measured(
        f"{size:,} names: search, p95", mine.at(0.95), "p50", mine.at(0.5), told.replace("|", "/")
    )
    return [first, *lines, *upkeep(size, index, rows, made, results)]


LARGEST = dict.fromkeys(("SQLite LIKE", "FTS5 trigrams", "OpenSanctions: rigour, LogicV2"), 200_000)
"""Peers that are not asked at every scale: they need seconds a question, or many gigabytes."""


def compared(mine: Asked, peer: Asked) -> str:
    """The recall of both, real and generated names apart."""
    parts = []
    for of in ("real", "generated"):
        if any(kind.startswith(of) for kind in mine.ranks):
            ours, theirs = (
                "/".join(f"{who.recall(of, k):.3f}" for k in (1, 10, 20)) for who in (mine, peer)
            )
            parts.append(f"{of} R@1/10/20 {ours}, peer {theirs}")
    return "; ".join(parts)


class Same:
    """What makes two rows one person told twice: the same name and the same year."""

    def __init__(self, rows: list[NameRow]) -> None:
        self._rows = rows
        self._known: dict[int, tuple[object, ...]] = {}

    def __getitem__(self, number: int) -> tuple[object, ...]:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = _same(self._rows[number])
        return known


def sample(queries: list[Query], count: int) -> list[Query]:
    """So many questions, half of them of real names where there are any."""
    real = [query for query in queries if query.kind.startswith("real")]
    made = [query for query in queries if not query.kind.startswith("real")]
    return [*real[: count // 2], *made[: count - min(len(real), count // 2)]]


# Names and questions


def population(rng: random.Random, size: int) -> tuple[list[NameRow], list[Query]]:
    """Invent names, each written once, and the questions about some of them."""
    people = People(11)
    rows: list[NameRow] = []
    cyrillic: list[tuple[str, str, str]] = []
    drawn = {"ru": _russian(), "uk": _ukrainian()}
    for number in range(size):
        sex = "f" if rng.random() < 0.15 else "m"
        invented = people.person(sex)
        name = invented.rows["name"][0]
        parts = (name["family"], name["given"], name["patronymic"])
        if surname := drawn.get(invented.language):
            parts = (surname(rng, sex), *parts[1:])
        cyrillic.append(parts)
        scheme = rng.choice(schemes_for(invented.language))
        written = parts
        if rng.random() < 0.25:
            written = tuple(romanise(part, scheme) for part in parts)  # type: ignore[assignment]
        year = int(min(2008, max(1930, rng.gauss(1985, 12))))
        day = (dt.date(year, rng.randint(1, 12), rng.randint(1, 28)) - _EPOCH).days
        patronymic = written[2] if rng.random() < 0.8 else ""
        rows.append(NameRow(number, number, written[0], written[1], patronymic, (day, day)))
    return rows, list(questions(rng, rows, cyrillic))


Draw = Callable[[random.Random, str], str]


def _russian() -> Draw | None:
    """Surnames as frequent as they are in Russia, where the data are at hand."""
    found = {}
    for file in _data("raw", "*male_last_names*"):
        for line in file.read_text("utf-8").splitlines():
            name, _colon, count = line.partition(": ")
            if re.fullmatch("[А-ЯЁа-яё]+", name):
                found[name] = float(count)
    return _drawing(found, {"ов": "ова", "ев": "ева", "ин": "ина", "ын": "ына", "ий": "ая"})


def _ukrainian() -> Draw | None:
    """Surnames of Ukraine, the typical endings first; their counts fall as Zipf says."""
    typical = re.compile("(?:енко|чук|юк|ук|ський|цький|ак|як|ик|ець|ко)$")
    found = set()
    for file in _data("dev", "uk_ru_name_tokens.csv"):
        with file.open(encoding="utf-8", newline="") as source:
            names = {row["uk"].capitalize() for row in csv.DictReader(source)}
        found |= {name for name in names if re.fullmatch("[А-ЩЬЮЯІЇЄҐ][а-щьюяіїєґ]{2,17}", name)}
    male = [name for name in found if not name.endswith(("ова", "ева", "єва", "іна", "ська"))]
    order = random.Random(4)  # noqa: S311
    ranked = sorted(sorted(male), key=lambda n: (not typical.search(n), order.random()))
    weights = {name: (place + 12) ** -0.82 for place, name in enumerate(ranked)}
    return _drawing(weights, {"ов": "ова", "ев": "ева", "єв": "єва", "ін": "іна", "ий": "а"})


def _data(folder: str, pattern: str) -> list[Path]:
    data = os.environ.get("CASEDESK_NAMES_DATA")
    return sorted((Path(data) / folder).glob(pattern)) if data else []


def _drawing(weights: dict[str, float], female: dict[str, str]) -> Draw | None:
    names, sums = list(weights), list(itertools.accumulate(weights.values()))

    def draw(rng: random.Random, sex: str) -> str:
        name: str = rng.choices(names, cum_weights=sums)[0]
        return name[:-2] + female.get(name[-2:], name[-2:]) if sex == "f" else name

    return draw if names else None


def questions(
    rng: random.Random, rows: list[NameRow], cyrillic: list[tuple[str, str, str]]
) -> Iterator[Query]:
    """Ask in every way that callers ask, about persons drawn at random."""
    familiar = {
        fold(form): name.familiar
        for name in given_names()
        for form in name.formal
        if name.familiar and forms()
    }
    counts: dict[str, int] = defaultdict(int)
    namesakes = _namesakes(rows, cyrillic)
    kinds = (
        *("other script", "other script, no patronymic", "given name first", "typo in family name"),
        *("typo in given name", "two typos", "familiar name", "initials", "other ending"),
        *APART,
    )
    while len(counts) < len(kinds) or min(counts.values()) < QUERIES:
        number = rng.randrange(len(rows))
        kind = rng.choice(kinds)
        text = _question(rng, kind, rows[number], cyrillic[number], familiar)
        if text and counts[kind] < QUERIES:
            counts[kind] += 1
            named = kind if kind in APART else f"generated: {kind}"
            yield Query(named, text, number, namesakes(kind, number))


def _namesakes(
    rows: list[NameRow], cyrillic: list[tuple[str, str, str]]
) -> Callable[[str, int], int]:
    """How many bear the parts that a way of asking names, the same name in one language."""

    def parts(kind: str, number: int) -> tuple[str, ...]:
        family, given, patronymic = cyrillic[number]
        if kind == "initials":
            return (family, given[:1], patronymic[:1])
        if kind == "5 and 2 letters":
            return (family[:5], given[:2])
        if kind in _TWO_PARTS or not rows[number].patronymic:
            return (family, given)
        return (family, given, patronymic)

    counts: Counter[tuple[str, ...]] = Counter()
    for number in range(len(rows)):
        counts.update({parts(kind, number) for kind in ("initials", *APART, "")})
    return lambda kind, number: counts[parts(kind, number)]


_TWO_PARTS = ("other script, no patronymic", "given name first", "familiar name", "other keyboard")


def reachable(queries: list[Query], of: str, k: int) -> float:
    """The recall of an engine that knows every name, but not which of equal ones is meant."""
    shares = [min(1.0, k / query.alike) for query in queries if query.kind.startswith(of)]
    return sum(shares) / len(shares) if shares else float("nan")


def _question(
    rng: random.Random,
    kind: str,
    row: NameRow,
    own: tuple[str, str, str],
    familiar: dict[str, tuple[str, ...]],
) -> str:
    language = "uk" if set("".join(own).lower()) & set("іїєґ") else "ru"
    other = own
    if _CYRILLIC.search(row.family) or rng.random() < 0.3:
        scheme = rng.choice(schemes_for(language))
        other = tuple(romanise(part, scheme) for part in own)  # type: ignore[assignment]
    family, given, patronymic = other
    if kind == "other keyboard":
        return other_layout(f"{own[0]} {own[1]}")
    if kind == "familiar name":
        names = familiar.get(fold(own[1]), ())
        return f"{own[0]} {rng.choice(names)}" if names else ""
    if kind == "other ending":
        family = own[0]
        if family.endswith(("ова", "ева", "ина")):
            return f"{family[:-1]} {own[1]} {own[2]}"
        return f"{family}а {own[1]} {own[2]}" if family.endswith(("ов", "ев", "ин")) else ""
    if kind == "5 and 2 letters":
        return f"{family[:5]} {given[:2]}" if len(family) > 5 and len(given) > 3 else ""
    if kind == "initials":
        return f"{family} {given[0]}." + (f"{patronymic[0]}." if patronymic else "")
    if kind == "given name first":
        return f"{given} {family}"
    if kind == "other script, no patronymic":
        return f"{family} {given}"
    if kind in ("typo in family name", "two typos"):
        family = typo(rng, family)
    if kind in ("typo in given name", "two typos"):
        given = typo(rng, given)
    return f"{family} {given} {patronymic}".strip()


def typo(rng: random.Random, word: str) -> str:
    """Lose, double, swap or mishear one letter."""
    if len(word) < 3:
        return word
    at = rng.randrange(1, len(word))
    way = rng.randrange(4)
    if way == 0:
        return word[:at] + word[at + 1 :]
    if way == 1:
        return word[:at] + word[at] + word[at:]
    if way == 2 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + _HEARD.get(word[at], "a") + word[at + 1 :]


def with_public(
    rng: random.Random, rows: list[NameRow], queries: list[Query], folder: Path
) -> tuple[list[NameRow], list[Query]]:
    """Add one form of each public person's name to the rows, and ask with the other forms."""
    for file in ("uaws_person_clusters.csv", "everypolitician_clusters.csv"):
        with (folder / "dev" / file).open(encoding="utf-8", newline="") as source:
            for person in csv.DictReader(source):
                names = [n for n in person["names"].split("|") if 2 <= len(n.split()) <= 4]
                scripts = {bool(_CYRILLIC.search(name)) for name in names}
                if len(scripts) < 2:
                    continue
                rng.shuffle(names)
                words = names[0].replace(",", " ").split()
                if "politician" in file:  # given name first, as the source has it
                    words = [words[-1], *words[:-1]]
                try:
                    day = (dt.date.fromisoformat(person["birth_date"][:10]) - _EPOCH).days
                except ValueError:
                    day = 0
                number, rest = len(rows), " ".join(words[2:])
                rows.append(NameRow(number, number, words[0], words[1], rest, (day, day)))
                kind = "real: " + ("politicians" if "politician" in file else "lists")
                queries += [Query(kind, name.title(), number) for name in names[1:3]]
    order = list(range(len(rows)))
    rng.shuffle(order)
    moved = {old: new for new, old in enumerate(order)}
    rows = [rows[old]._replace(person=new, name=new) for new, old in enumerate(order)]
    return rows, [dataclasses.replace(query, wanted=moved[query.wanted]) for query in queries]


def _same(row: NameRow) -> tuple[object, ...]:
    """What makes two rows one person told twice: the same name and the same year."""
    name = " ".join(row[2:5])
    return (*sorted(fold(word) for word in tokens(name)), row.born[0] // 365)


def ask(search: Search, queries: list[Query], same: Same, build: float) -> Asked:
    """Put all questions; note at which place the person came up."""
    ranks: dict[str, list[int]] = defaultdict(list)
    spent = []
    for query in queries[:20]:
        search(query.text)
    for query in queries:
        begin = time.thread_time()
        found = search(query.text)
        spent.append((time.thread_time() - begin) * 1000)
        wanted = same[query.wanted]
        places = (at for at, number in enumerate(found[:20], 1) if same[number] == wanted)
        ranks[query.kind].append(next(places, 0))
    return Asked(ranks, spent, build)


# Tables


def recall_table(results: dict[str, Asked], size: int) -> str:
    """Recall and latency of every way of searching."""
    lines = [
        f"\n{size:,} names; R@k: share of questions whose person is among the first k\n",
        "| way | made, s | p50 ms | p95 ms | p99 ms | real R@1 | R@10 | R@20 "
        "| generated R@1 | R@10 | R@20 |",
        "|---|" + "---:|" * 10,
    ]
    for name, result in results.items():
        cells = [f"{result.build:.1f}", *(f"{result.at(s):.2f}" for s in (0.5, 0.95, 0.99))]
        cells += [
            f"{result.recall(of, k):.3f}" for of in ("real", "generated") for k in (1, 10, 20)
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def kinds_table(result: Asked, queries: list[Query]) -> str:
    """Recall of ours by the way of asking, and what namesakes leave to be reached."""
    lines = [
        "\n| ours, by kind of question | n | R@1 | R@10 | R@20 | reachable R@1 | R@10 |",
        "|---|" + "---:|" * 6,
    ]
    for kind in sorted(result.ranks):
        cells = [f"{result.recall(kind, k):.3f}" for k in (1, 10, 20)]
        cells += [f"{reachable(queries, kind, k):.3f}" for k in (1, 10)]
        lines.append(f"| {kind} | {len(result.ranks[kind])} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def births_table(
    rng: random.Random,
    rows: list[NameRow],
    queries: list[Query],
    same: Same,
    search: Callable[[str, tuple[int, int]], list[int]],
) -> str:
    """Recall of ours where a birth year is said, up to two years wrong."""
    hints = {}
    known = [query for query in queries if rows[query.wanted].born[0]]
    for query in known:
        year = (_EPOCH + dt.timedelta(days=rows[query.wanted].born[0])).year + rng.randint(-2, 2)
        first = (dt.date(year, 1, 1) - _EPOCH).days
        hints[query.text] = (first, first + 364)
    result = ask(lambda text: search(text, hints[text]), known, same, 0.0)
    cells = [f"{result.recall(of, k):.3f}" for of in ("real", "generated") for k in (1, 10)]
    return "real R@1 {}, R@10 {}, generated R@1 {}, R@10 {}".format(*cells)


def keys_line(queries: list[Query], search: Search) -> str:
    """After which share of its letters a question finds its person, every key being a search."""
    shares, spent, never = [], [], 0
    chosen = [q for q in queries if "keyboard" not in q.kind and "letters" not in q.kind][:100]
    for query in chosen:
        first = 0.0
        for length in range(1, len(query.text) + 1):
            begin = time.thread_time()
            found = search(query.text[:length])
            spent.append((time.thread_time() - begin) * 1000)
            if not first and query.wanted in found:
                first = length / len(query.text)
        shares.append(first or 1.0)
        never += not first
    spent.sort()
    middle, late = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
    return (
        f"p50 {middle:.2f}, p95 {late:.2f} ms, among the first 20 after "
        f"{sorted(shares)[len(shares) // 2]:.2f} of the letters (median), never {never} of "
        f"{len(chosen)}"
    )


_LOAD = """
import sqlite3, sys, time
from casedesk.names import packing
from casedesk.names.engine import NameIndex
def resident():
    with open("/proc/self/statm") as source:
        return int(source.read().split()[1]) * 4096 / 1e6
before = resident()
begin = time.perf_counter()
pieces = dict(sqlite3.connect(sys.argv[1]).execute("SELECT name, data FROM p").fetchall())
read = time.perf_counter()
index = NameIndex(packing.unpacked(pieces))
end = time.perf_counter()
del pieces
index.search("Иванов Иван")
print(1000 * (read - begin), 1000 * (end - begin), resident() - before)
"""


def upkeep(
    size: int, index: NameIndex, rows: list[NameRow], made: float, results: dict[str, Asked]
) -> list[Measured]:
    """Making, loading and growing the index."""
    pieces = packing.packed(index.rows)
    kept = sum(map(len, pieces.values())) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pieces.db"
        base = sqlite3.connect(file)
        base.execute("CREATE TABLE p (name TEXT PRIMARY KEY, data BLOB)")
        base.executemany("INSERT INTO p VALUES (?, ?)", pieces.items())
        base.commit()
        base.close()
        runs = []
        for _turn in range(3):  # a process of its own, so that nothing is loaded yet
            out = subprocess.run(  # noqa: S603
                [sys.executable, "-c", _LOAD, str(file)],
                capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "src"},
            )  # fmt: skip
            runs.append(tuple(map(float, out.stdout.split())))
        bare, spent, memory = sorted(runs, key=lambda run: run[1])[1]
    loaded = packing.unpacked(pieces)
    if loaded is None:
        raise RuntimeError("the index cannot be loaded")
    grown, rng = NameIndex(loaded), random.Random(1)  # noqa: S311
    times = []
    lost = 0
    for number, row in enumerate(rng.sample(rows, min(1000, len(rows)))):
        fresh = row._replace(person=len(rows) + number, family=row.family + "ъ")
        begin = time.thread_time()
        grown.replace(fresh.person, [fresh], number + 1)
        times.append((time.thread_time() - begin) * 1000)
        if number % 50 == 0:
            found = grown.search(" ".join(filter(None, fresh[2:5])), born=fresh.born, limit=50)
            lost += fresh.person not in [one.person for one in found]
    times.sort()
    late, middle = times[int(len(times) * 0.95)], times[len(times) // 2]
    at_once = f"p95 {1000 * late:.0f} µs; not found by the next search: {lost} of 20"
    name = "FTS5 on romanised names"
    return [
        Measured(
            f"{size:,} names: index made", made * 1000, "FTS5 made", results[name].build * 1000
        ),
        Measured(
            f"{size:,} names: index loaded, cold", spent, "bytes read", bare,
            f"{kept:.1f} MB kept, {memory:.0f} MB of memory",
        ),
        Measured(f"{size:,} names: one name added, p95", late, "p50", middle, at_once),
    ]  # fmt: skip
