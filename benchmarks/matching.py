"""Matching beside bare peers: suggestions (N6), the sweep (N7) and hard pairs of names (N8).

    python -m benchmarks.matching [--size 154200] [--only N7]

The population is generated (`benchmarks.planted`, another seed than the weights were counted on).
Hard pairs are read from `dev/name_bench_person.csv` in the folder that CASEDESK_NAMES_DATA names.
The peers are bare: records that agree in the romanised surname and given name and in the year of
birth are one person; rapidfuzz over all names for a suggestion, `token_sort_ratio` for pairs.
Each measurement runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import fuzz, process
from sqlmodel import Session

from benchmarks.measure import Measured
from benchmarks.name_peers import roman
from benchmarks.planted import Entry, Planted, plant
from benchmarks.weights import average_precision
from casedesk import catalog
from casedesk.kernel.acts import act
from casedesk.kernel.store import insert_rows
from casedesk.names import alone
from casedesk.people import index
from casedesk.people.records import Person, PersonName
from casedesk.tracing import matching, sweep

SEED = 5
SIZES = (154_200, 1_500_000)
_ASKED = 1500
_ONCE = 5000
"""Of so many who are there once false alarms are counted: there are few."""


@act("benchmark.fill", "Fill")
def fill(session: Session, entries: list[Entry]) -> None:
    """Put planted entries into a file, in their order."""
    persons, names = [], []
    for number, entry in enumerate(entries, 1):
        persons.append(
            {
                "id": number, "revision": 0, "code": f"P-{number:06}", "sex": entry.sex,
                "born_first": entry.first, "born_last": entry.last,
                "father_name": entry.father, "mother_name": entry.mother,
                "birth_place": entry.place, "external_ref": None, "merged_into_id": None,
            }
        )  # fmt: skip
        for family, given, patronymic in entry.names:
            names.append(
                {
                    "revision": 0, "person_id": number, "kind": "official",
                    "script": "latin" if family.isascii() else "cyrillic",
                    "family": family, "given": given, "patronymic": patronymic,
                }
            )  # fmt: skip
    insert_rows(session, Person, persons)
    insert_rows(session, PersonName, names)


def sweeps(planted: Planted) -> list[Measured]:
    """N7: the sweep of a whole file, from the kept index to the sorted pairs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.cdk"
        store = catalog.create_store(path, None)
        store.keepers.clear()
        with store:
            store.write(fill, planted.entries, actor="benchmark", bulk=True)
            store.write(index.rebuild_index, actor="benchmark", bulk=True)
        swept = json.loads(_apart("--sweep", str(path)))
    spent, memory = swept["seconds"], swept["megabytes"]
    found = [sweep.Pair(*pair) for pair in swept["pairs"]]
    pairs = [(pair.first, pair.second) for pair in found]
    likely = [(p.first, p.second) for p in found if p.bits >= sweep.LIKELY]
    kin = sum(pair in planted.relatives for pair in likely)
    begin = time.perf_counter()
    plain = exact(planted)
    bare = time.perf_counter() - begin
    hits = sum(pair in planted.same for pair in plain)
    size = f"{swept['persons']:,}"
    return [
        Measured(
            f"sweep of {size} persons",
            spent * 1000,
            "equal romanised surname, given name, year",
            bare * 1000,
            f"{len(planted.same):,} true pairs: average precision "
            f"{average_precision(pairs, planted.same):.3f}, recall at precision 0.95 "
            f"{recall_at(pairs, planted.same, 0.95):.3f}, at 0.99 "
            f"{recall_at(pairs, planted.same, 0.99):.3f}; peer finds "
            f"{hits / len(planted.same):.3f} at precision {hits / max(len(plain), 1):.3f}; "
            f"relatives taken for one person {kin} of {len(planted.relatives):,}; "
            f"{swept['compared']:,} pairs weighed; at most {memory} MB",
        )
    ]


def _peak() -> int:
    """The most memory this process took, in MB; what its parent took does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text("utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def swept_alone(path: Path) -> str:
    """Sweep a file in this process; seconds, memory and pairs as JSON."""
    with catalog.open_store(path, None) as store, store.read() as session:
        before = _peak()
        begin, used = time.perf_counter(), time.process_time()
        swept = sweep.sweep(session, least=sweep.LEAST)
        spent, used = time.perf_counter() - begin, time.process_time() - used
    memory = _peak()
    print(f"sweep {spent:.1f} s, processor {used:.1f} s, {before} MB before", file=sys.stderr)
    return json.dumps(
        {
            "seconds": spent,
            "megabytes": memory,
            "persons": swept.persons,
            "compared": swept.compared,
            "pairs": swept.pairs,
        }
    )


def _apart(*asked: str) -> str:
    """Run this module in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.matching", *asked]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def exact(planted: Planted) -> set[tuple[int, int]]:
    """The pairs that are written alike."""
    blocks: dict[tuple[str, str, int], list[int]] = {}
    for number, entry in enumerate(planted.entries, 1):
        family, given, _patronymic = entry.names[0]
        if entry.first:
            key = (roman(family), roman(given), entry.first.year)
            blocks.setdefault(key, []).append(number)
    return {pair for block in blocks.values() for pair in itertools.combinations(block, 2)}


def recall_at(pairs: list[tuple[int, int]], same: set[tuple[int, int]], precision: float) -> float:
    """The share of true pairs that are found where so many of those above are true."""
    hits, recall = 0, 0.0
    for place, pair in enumerate(pairs, 1):
        hits += pair in same
        if hits >= precision * place:
            recall = hits / len(same)
    return recall


def suggestions(planted: Planted) -> list[Measured]:
    """N6: suggestions for persons who are in the file twice, and for those who are not."""
    rng = random.Random(3)  # noqa: S311
    doubles: dict[int, set[int]] = {}
    for first, second in planted.same:
        doubles.setdefault(first, set()).add(second)
        doubles.setdefault(second, set()).add(first)
    chosen = rng.sample(sorted(doubles), min(_ASKED, len(doubles)))
    kin = {person for pair in planted.relatives for person in pair}
    numbers = range(1, len(planted.entries) + 1)
    single = [n for n in numbers if n not in doubles and n not in kin]
    alone = rng.sample(single, min(_ONCE, len(single)))
    with tempfile.TemporaryDirectory() as folder:
        store = catalog.create_store(Path(folder) / "file.cdk", None)
        store.keepers.clear()
        with store:
            store.write(fill, planted.entries, actor="benchmark", bulk=True)
            with store.read() as session:
                for person in chosen[:20]:
                    matching.for_person(session, person)
                spent, among, found = [], 0, 0
                for person in chosen:
                    begin = time.perf_counter()
                    best = matching.for_person(session, person, least=0.0, limit=5)
                    spent.append((time.perf_counter() - begin) * 1000)
                    among += len(doubles[person])
                    found += len(doubles[person] & {one.person_id for one in best})
                best_of = [matching.for_person(session, person, limit=1) for person in alone]
        shown = sum(map(bool, best_of))
        alarms = sum(one.score >= matching.STRONG for best in best_of for one in best)
    plain = [roman(" ".join(entry.names[0])) for entry in planted.entries]
    bare, there, due = [], 0, 0
    for person in chosen[:40]:
        begin = time.perf_counter()
        hits = process.extract(plain[person - 1], plain, scorer=fuzz.token_sort_ratio, limit=6)
        bare.append((time.perf_counter() - begin) * 1000)
        there += len(doubles[person] & {at + 1 for _text, _score, at in hits})
        due += len(doubles[person])
    note = (
        f"the double among the first five {found / among:.3f}, peer {there / due:.3f}; of "
        f"{len(alone)} who are there once a strong false alarm for {alarms}, shown at all for "
        f"{shown}"
    )
    size = f"{len(planted.entries):,}"
    return [
        Measured(
            f"suggestion among {size}, median", at(spent, 0.5), "rapidfuzz over all", at(bare, 0.5)
        ),
        Measured(
            f"suggestion among {size}, p95", at(spent, 0.95), "rapidfuzz over all", at(bare, 0.95),
            note,
        ),
    ]  # fmt: skip


def hard_pairs(folder: Path) -> list[Measured]:
    """N8: pairs of names alone, many of them nearly alike and not the same."""
    with (folder / "dev" / "name_bench_person.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in rows:  # tables are read once
        alone.agreement(row["name1"], row["name2"])
    begin = time.perf_counter()
    ours = [(alone.agreement(r["name1"], r["name2"]), r["is_match"] == "true") for r in rows]
    spent = time.perf_counter() - begin
    begin = time.perf_counter()
    peer = [
        (fuzz.token_sort_ratio(roman(r["name1"]), roman(r["name2"])), r["is_match"] == "true")
        for r in rows
    ]
    bare = time.perf_counter() - begin
    note = f"best F1 {best_f1(ours):.3f}, peer {best_f1(peer):.3f}"
    return [
        Measured(
            f"{len(rows)} hard pairs of names", spent * 1000, "token_sort_ratio", bare * 1000, note
        )
    ]


def best_f1(scored: Iterable[tuple[float, bool]]) -> float:
    """The best F1 that any threshold reaches; equal scores fall together."""
    ranked = sorted(scored, key=lambda item: -item[0])
    total, hits, best = sum(same for _score, same in ranked), 0, 0.0
    for place, (score, same) in enumerate(ranked, 1):
        hits += same
        if place == len(ranked) or ranked[place][0] != score:
            best = max(best, 2 * hits / (place + total))
    return best


def at(values: list[float], share: float) -> float:
    """A percentile."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def measured(what: str, size: int) -> list[Measured]:
    """One of the measurements, here."""
    if what == "N8":
        folder = os.environ.get("CASEDESK_NAMES_DATA")
        return hard_pairs(Path(folder)) if folder else []
    planted = plant(size, SEED)
    return sweeps(planted) if what == "N7" else suggestions(planted)


def run() -> list[Measured]:
    """All measurements, each in a process of its own; the great file takes minutes."""
    rows: list[Measured] = []
    for what, size in (("N6", SIZES[0]), *(("N7", size) for size in SIZES), ("N8", 0)):
        told = json.loads(_apart("--only", what, "--size", str(size), "--json"))
        rows += [Measured(**row) for row in told]
    return rows


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=SIZES[0])
    parser.add_argument("--only", choices=["N6", "N7", "N8"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sweep", type=Path, help="a file to sweep, and nothing else")
    options = parser.parse_args()
    if options.sweep:
        print(swept_alone(options.sweep))
        return
    rows = [
        row
        for what in ([options.only] if options.only else ["N6", "N7", "N8"])
        for row in measured(what, options.size)
    ]
    if options.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows]))
    for row in [] if options.json else rows:
        print(f"{row.what}: {row.ours:,.1f} ms; {row.peer} {row.bare:,.1f} ms; {row.note}")


if __name__ == "__main__":
    main()
