"""Matching beside bare peers: suggestions (N6), the sweep (N7) and hard pairs of names (N8).

    python -m benchmarks.matching [--size 154200]

The population is generated (`benchmarks.planted`, another seed than the weights were counted on).
Hard pairs are read from `dev/name_bench_person.csv` in the folder that CASEDESK_NAMES_DATA names.
The peer is rapidfuzz: over all names for a suggestion, `token_sort_ratio` for pairs.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import fuzz, process
from sqlmodel import Session

from benchmarks.names import roman
from benchmarks.planted import Entry, Planted, plant
from benchmarks.weights import average_precision, people_of
from casedesk import catalog
from casedesk.kernel.acts import act
from casedesk.kernel.store import insert_rows
from casedesk.names.parse import parse
from casedesk.names.weights import Frequencies, Scale, Subject, weights
from casedesk.people.records import Person, PersonName
from casedesk.tracing import matching, sweep

SEED = 5


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


def sweeps(planted: Planted) -> None:
    """N7: the sweep of the whole population in memory."""
    begin = time.process_time()
    people = people_of(planted, weights())
    loaded = time.process_time()
    swept = sweep.sweep_people(people, least=-6.0)
    ended = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    pairs = [(pair.first, pair.second) for pair in swept.pairs]
    recall = hits = 0.0
    for place, pair in enumerate(pairs, 1):
        hits += pair in planted.same
        if hits / place >= 0.95:
            recall = hits / len(planted.same)
    likely = [(p.first, p.second) for p in swept.pairs if p.bits >= sweep.LIKELY]
    kin = sum(pair in planted.relatives for pair in likely)
    print(
        f"N7 {swept.persons:,} persons, {len(planted.same):,} true pairs: folding and filing "
        f"{loaded - begin:.1f} s, sweep {ended - loaded:.1f} s of processor, {memory} MB at most; "
        f"{swept.compared:,} pairs compared, {swept.left_out:,} left out\n"
        f"   average precision {average_precision(pairs, planted.same):.3f}, "
        f"recall at precision 0.95 {recall:.3f}; relatives taken for one person "
        f"{kin} of {len(planted.relatives):,}"
    )
    truth = sorted(planted.same)
    rng = random.Random(2)  # noqa: S311
    size = len(planted.entries)
    others = [(rng.randint(1, size), rng.randint(1, size)) for _pair in truth]
    plain = {n: roman(" ".join(planted.entries[n - 1].names[0])) for p in truth + others for n in p}
    scored = [(fuzz.token_sort_ratio(plain[a], plain[b]), True) for a, b in truth]
    scored += [(fuzz.token_sort_ratio(plain[a], plain[b]), False) for a, b in others]
    ours = {(p.first, p.second): p.bits for p in swept.pairs}
    mine = [(ours.get(pair, -99.0), True) for pair in truth]
    mine += [(ours.get((min(pair), max(pair)), -99.0), False) for pair in others]
    print(
        "   true pairs among as many random ones, best F1: ours "
        f"{best_f1(mine):.3f}, rapidfuzz on romanised names {best_f1(scored):.3f}"
    )


def suggestions(planted: Planted, asked: int = 300) -> None:
    """N6: suggestions for persons who are in the file twice, and for those who are not."""
    rng = random.Random(3)  # noqa: S311
    doubles: dict[int, set[int]] = {}
    for first, second in planted.same:
        doubles.setdefault(first, set()).add(second)
        doubles.setdefault(second, set()).add(first)
    chosen = rng.sample(sorted(doubles), min(asked, len(doubles)))
    single = [n for n in range(1, len(planted.entries) + 1) if n not in doubles]
    with tempfile.TemporaryDirectory() as folder:
        store = catalog.create_store(Path(folder) / "file.cdk", None)
        store.keepers.clear()
        with store:
            store.write(fill, planted.entries, actor="benchmark", bulk=True)
            with store.read() as session:
                matching.for_person(session, chosen[0])
                spent, among, found = [], 0, 0
                for person in chosen:
                    begin = time.thread_time()
                    best = matching.for_person(session, person, least=0.0, limit=5)
                    spent.append((time.thread_time() - begin) * 1000)
                    among += len(doubles[person])
                    found += len(doubles[person] & {one.person_id for one in best})
                alarms = sum(
                    bool(matching.for_person(session, person, least=matching.STRONG))
                    for person in rng.sample(single, min(asked, len(single)))
                )
    plain = [roman(" ".join(entry.names[0])) for entry in planted.entries]
    bare, there = [], 0
    for person in chosen[:40]:
        begin = time.thread_time()
        hits = process.extract(plain[person - 1], plain, scorer=fuzz.token_sort_ratio, limit=6)
        bare.append((time.thread_time() - begin) * 1000)
        there += len(doubles[person] & {at + 1 for _text, _score, at in hits})
    due = sum(len(doubles[person]) for person in chosen[:40])
    print(
        f"N6 suggestion p50 {at(spent, 0.5):.1f}, p95 {at(spent, 0.95):.1f} ms; the double among "
        f"the first five {found / among:.3f}; strong false alarms {alarms} of {asked}\n"
        f"   rapidfuzz over all names p50 {at(bare, 0.5):.1f} ms; among the first five "
        f"{there / due:.3f}"
    )


def hard_pairs(folder: Path) -> None:
    """N8: pairs of names alone, many of them nearly alike and not the same."""
    with (folder / "dev" / "name_bench_person.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    weighing = Scale(Frequencies(persons=154_200))
    ours, peer = [], []
    for row in rows:
        same = row["is_match"] == "true"
        one, other = (_name(row[key]) for key in ("name1", "name2"))
        ours.append((weighing.weigh(one, other).strangers, same))
        names = roman(row["name1"]), roman(row["name2"])
        peer.append((fuzz.token_sort_ratio(*names), same))
    print(
        f"N8 {len(rows)} hard pairs of names, best F1: ours {best_f1(ours):.3f}, "
        f"rapidfuzz {best_f1(peer):.3f}"
    )


def _name(text: str) -> Subject:
    parsed = parse(text)
    return matching.subject((parsed.family, parsed.given, parsed.patronymic))


def best_f1(scored: Iterable[tuple[float, bool]]) -> float:
    """The best F1 that any threshold reaches."""
    ranked = sorted(scored, key=lambda item: -item[0])
    total, hits, best = sum(same for _score, same in ranked), 0, 0.0
    for place, (_score, same) in enumerate(ranked, 1):
        hits += same
        best = max(best, 2 * hits / (place + total))
    return best


def at(values: list[float], share: float) -> float:
    """A percentile."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main() -> None:
    """Print the three measurements."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=154_200)
    parser.add_argument("--only", choices=["N6", "N7", "N8"])
    options = parser.parse_args()
    planted = plant(options.size, SEED) if options.only != "N8" else Planted([])
    if options.only in (None, "N7"):
        sweeps(planted)
    if options.only in (None, "N6"):
        suggestions(planted)
    folder = os.environ.get("CASEDESK_NAMES_DATA")
    if options.only in (None, "N8") and folder:
        hard_pairs(Path(folder))


if __name__ == "__main__":
    main()
