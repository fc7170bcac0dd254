"""Estimate the weights of matching and write `resources/names/weights.json` anew.

    python -m benchmarks.weights [--size 30000] [--seed 7]

The procedure, after Fellegi and Sunter, with three hypotheses instead of two:

1. Generate a population with doubles and relatives in it (`benchmarks.planted`).
2. u, how often strangers show each level of a field: counted on 200,000 random pairs.
3. m and r, the same for one person and for relatives: counted on the pairs that were planted, and
   smoothed by half an observation. (Expectation and maximisation without the truth was tried on
   the blocked pairs: it ends in a class "same given name and patronymic, another surname", since
   that is what blocking brings together, with average precision 0.29. A delegation can replace
   these counts by those of its own judgements.)
4. The mean rarity of names that agree is measured on the true pairs; how much of a name's own
   rarity counts (`share`) is chosen among a few by average precision.
5. How many doubles and relatives a file holds (`expected`) is a judgement, not an estimate: one
   record in fifty has a double, and relatives are five times as many.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from benchmarks.planted import Entry, Planted, plant
from casedesk.names.rows import NameRow, Rows
from casedesk.names.weights import (
    FIELDS,
    LEVELS,
    NAMES,
    Frequencies,
    Scale,
    Subject,
    Weights,
    born,
    levels,
    of_table,
    part,
)
from casedesk.tracing import sweep as sweeping

OUT = Path(__file__).parents[1] / "resources" / "names" / "weights.json"
EXPECTED = {"same": 0.02, "relative": 0.1}
SHARES = (0.6, 0.8, 1.0)
_RANDOM_PAIRS, _SMOOTH = 200_000, 0.5

# Not in the generated population, so by judgement: a number is shared in the family, a reference
# of another house is copied wrongly now and then.
_JUDGED = {
    "phone": {"m": [0.3, 0.4, 0.3], "u": [0.3, 0.0002, 0.6998], "r": [0.3, 0.3, 0.4]},
    "reference": {"m": [0.5, 0.45, 0.05], "u": [0.5, 0.00001, 0.49999], "r": [0.5, 0.01, 0.49]},
}


def subject(entry: Entry) -> Subject:
    """A planted record as the weights see it."""
    family, given, patronymic = zip(*entry.names, strict=True)
    return Subject(
        part(*family), part(*given), part(*patronymic), born(entry.first, entry.last), entry.sex,
        part(entry.place), part(entry.mother), part(entry.father), frozenset(entry.phones),
    )  # fmt: skip


def people_of(planted: Planted, table: Weights) -> sweeping.People:
    """The planted population as the sweep has it after loading."""
    rows = Rows.of(
        NameRow(number, number, *name)
        for number, entry in enumerate(planted.entries, 1)
        for name in entry.names
    )
    readings = sweeping.Tokens.of(rows.vocabulary).words()
    names: dict[int, tuple[set[int], set[int], set[int]]] = {}
    for row, person in enumerate(rows.person):
        roles = names.setdefault(person, (set(), set(), set()))
        for entry in rows.entries[rows.starts[row] : rows.starts[row + 1]]:
            roles[entry & 3].add(entry >> 2)
    facts = {
        number: sweeping.Fact(e.first, e.last, e.sex, e.place, e.mother, e.father)
        for number, e in enumerate(planted.entries, 1)
    }
    phones = {number: set(e.phones) for number, e in enumerate(planted.entries, 1) if e.phones}
    frequencies = Frequencies.of(zip(readings, rows.vocabulary.counts, strict=True), len(names))
    return sweeping.gather(Scale(frequencies, table), readings, names, facts, {}, phones)


def start() -> dict[str, Any]:
    """The table before anything is counted."""
    even = {name: [1 / LEVELS[name]] * LEVELS[name] for name in FIELDS}
    fields = {name: {"m": even[name], "u": even[name], "r": even[name]} for name in FIELDS}
    rarity = {
        name: {"mean": mean, "share": 0.8} for name, mean in zip(NAMES, (11, 6, 6), strict=True)
    }
    return {"expected": EXPECTED, "rarity": rarity, "fields": {**fields, **_JUDGED}}


def estimate(planted: Planted) -> dict[str, Any]:
    """The table by the procedure above."""
    table = start()
    estimated = [name for name in FIELDS if name not in _JUDGED]
    subjects = [subject(entry) for entry in planted.entries]
    rng = random.Random(1)  # noqa: S311
    strangers = {name: [_SMOOTH] * LEVELS[name] for name in estimated}
    for _turn in range(_RANDOM_PAIRS):
        found, _swapped = levels(rng.choice(subjects), rng.choice(subjects))
        for name in estimated:
            strangers[name][found[name]] += 1
    for name in estimated:
        table["fields"][name]["u"] = _shares(strangers[name])
    for key, pairs in (("m", planted.same), ("r", planted.relatives)):
        sums = {name: [_SMOOTH] * LEVELS[name] for name in estimated}
        for first, second in pairs:
            found, _swapped = levels(subjects[first - 1], subjects[second - 1])
            for name in estimated:
                sums[name][found[name]] += 1
        for name in estimated:
            table["fields"][name][key] = _shares(sums[name])
    people = people_of(planted, of_table(table))
    there = planted.same.intersection(map(_ordered, sweeping.blocked_pairs(people)))
    print(f"blocking has {len(there) / len(planted.same):.3f} of {len(planted.same)} true pairs")
    for name in NAMES:
        rare = [
            min(map(people.scale.frequencies.rarity, getattr(subjects[first - 1], name)))
            for first, _second in planted.same
            if getattr(subjects[first - 1], name)
        ]
        table["rarity"][name]["mean"] = round(sum(rare) / max(len(rare), 1), 2)
    return table


def _ordered(pair: tuple[int, int]) -> tuple[int, int]:
    return min(pair), max(pair)


def _shares(counts: Any) -> list[float]:
    total = sum(counts)
    return [round(value / total, 7) for value in counts]


def average_precision(pairs: list[tuple[int, int]], same: set[tuple[int, int]]) -> float:
    """The mean precision at each true pair in the order given; a pair never found counts 0."""
    hits, total = 0, 0.0
    for place, pair in enumerate(pairs, 1):
        if pair in same:
            hits += 1
            total += hits / place
    return total / max(len(same), 1)


def main() -> None:
    """Estimate, choose the share of rarity, write, and say how good it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    planted = plant(options.size, options.seed)
    table = estimate(planted)
    best = (-1.0, 0.0)
    for share in SHARES:
        for name in NAMES:
            table["rarity"][name]["share"] = share
        found = sweeping.sweep_people(people_of(planted, of_table(table)), least=-6.0).pairs
        value = average_precision([(p.first, p.second) for p in found], planted.same)
        print("share of rarity", share, "average precision", round(value, 4))
        best = max(best, (value, share))
    for name in NAMES:
        table["rarity"][name]["share"] = best[1]
    for shares in table["fields"].values():
        for key in shares:
            shares[key] = [float(f"{max(value, 1e-7):.3g}") for value in shares[key]]
    made = {
        "made_by": f"benchmarks/weights.py --size {options.size} --seed {options.seed}",
        **table,
    }
    text = json.dumps(made, indent=1)
    OUT.write_text(_on_lines(text) + "\n", encoding="utf-8")
    print("written", OUT)


def _on_lines(text: str) -> str:
    """Each list of shares on one line."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        if inside:
            lines[-1] += line.strip() + (" " if line.endswith(",") else "")
        else:
            lines.append(line)
        inside = (inside or line.endswith("[")) and "]" not in line
    return "\n".join(lines)


if __name__ == "__main__":
    main()
