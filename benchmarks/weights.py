"""Estimate the weights of matching and write `resources/names/weights.json` anew.

    python -m benchmarks.weights [--size 30000] [--seed 7]

The procedure, after Fellegi and Sunter, with three hypotheses instead of two:

1. Generate a population with doubles and relatives in it (`benchmarks.planted`, which says how
   often a record is wrong in which way); they are six times as frequent as there, for counting.
2. u, how often strangers show each level of a field: counted on 400,000 random pairs.
3. m and r, the same for one person and for relatives: counted on the pairs that were planted, and
   smoothed by half an observation. All three are shares among the pairs in which both records say
   something. (Expectation and maximisation without the truth was tried on the blocked pairs: it
   ends in a class "same given name and patronymic, another surname", since that is what blocking
   brings together, with average precision 0.29. A delegation can replace these counts by those of
   its own judgements.)
4. What is rare tells more. How much of the rarity counts at a level (`slope`, 0 to 1) is a logistic
   regression of "one person or strangers" on the rarity, among the pairs of that level; where
   there are fewer than thirty of either, it is 1 for equal names and falls to 0 with likeness.
   `centre` makes the weights of a level right on average: the expectation of 2 to the power of
   minus the added bits is one over true pairs.
5. How many doubles and relatives a file holds (`expected`) is a judgement, not an estimate: one
   record in fifty has a double, and relatives are five times as many. So are the weights of
   telephone numbers and references, which the generated population does not have.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.planted import Entry, Planted, plant
from casedesk.names.levels import (
    EQUAL_NAME,
    FAMILIAR_NAME,
    FIELDS,
    INITIAL,
    LEVELS,
    UNKNOWN_NAME,
    righted,
)
from casedesk.names.rows import NameRow, Rows
from casedesk.names.weights import (
    NAMES,
    RARE,
    Frequencies,
    Scale,
    Subject,
    born,
    of_table,
    part,
)
from casedesk.tracing import sweep as sweeping

OUT = Path(__file__).parents[1] / "resources" / "names" / "weights.json"
EXPECTED = {"same": 0.02, "relative": 0.1}
_RANDOM_PAIRS, _SMOOTH, _ENOUGH, _MORE = 400_000, 0.5, 30, 6.0

# Not in the generated population, so by judgement: a number is shared in the family, two
# senders each give a person a reference of their own, so another one says little.
_JUDGED = {
    "phone": {"m": [0, 0.57, 0.43], "u": [0, 0.0003, 0.9997], "r": [0, 0.43, 0.57]},
    "reference": {"m": [0, 0.5, 0.5], "u": [0, 0.00002, 0.99998], "r": [0, 0.02, 0.98]},
}
_SURE_SLOPES = {
    "born": [0.0, *[1.0] * 10, 0.0, 0.0, 0.0, 1.0, 0.0],
    "place": [0.0, 1.0, 0.5, 0.0],
}


def subject(entry: Entry) -> Subject:
    """A planted record as the weights see it."""
    family, given, patronymic = zip(*(righted(*name) for name in entry.names), strict=True)
    return Subject(
        part(*family), part(*given), part(*patronymic), born(entry.first, entry.last), entry.sex,
        part(entry.place), part(entry.mother), part(entry.father), frozenset(entry.phones),
    )  # fmt: skip


def people_of(planted: Planted) -> Any:
    """The planted population as the sweep has it after loading."""

    from casedesk.tracing.columns import Facts, NameColumns, Texts, gather

    rows = Rows.of(
        NameRow(number, number, *name)
        for number, entry in enumerate(planted.entries, 1)
        for name in entry.names
    )
    words = sweeping.Tokens.of(rows.vocabulary).words()
    names = NameColumns.of(
        rows.entries,
        rows.starts,
        rows.person,
        (),
        words,
    )
    texts = Texts(words[:])
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        found = numbers.get(text)
        if found is None:
            found = numbers[text] = texts.number(part(text))
        return found

    entries = planted.entries
    columns = ([number(e.place) for e in entries], [number(e.mother) for e in entries],
               [number(e.father) for e in entries])  # fmt: skip
    facts = Facts(
        range(1, len(entries) + 1), [born(e.first, e.last) for e in entries],
        [e.sex for e in entries], columns, [None] * len(entries), {},
    )  # fmt: skip
    return gather(names, facts, texts, frequencies_of(planted, words, rows.vocabulary.counts))


def frequencies_of(planted: Planted, words: Any, counts: Any) -> Frequencies:
    """How common everything is in a planted population."""
    births = [born(entry.first, entry.last) for entry in planted.entries]
    return Frequencies.of(
        zip(words, counts, strict=True),
        len(planted.entries),
        Counter(birth.year for birth in births if birth.kind > 1),
        Counter(entry.place for entry in planted.entries if entry.place),
    )


def frequencies(planted: Planted) -> Frequencies:
    """The same, beginning with nothing."""
    rows = Rows.of(
        NameRow(number, number, *name)
        for number, entry in enumerate(planted.entries, 1)
        for name in entry.names
    )
    words = sweeping.Tokens.of(rows.vocabulary).words()
    return frequencies_of(planted, words, rows.vocabulary.counts)


def start() -> dict[str, Any]:
    """The table before anything is counted."""
    even = {name: [1 / LEVELS[name]] * LEVELS[name] for name in FIELDS}
    fields = {name: {"m": even[name], "u": even[name], "r": even[name]} for name in FIELDS}
    nothing = {name: [0.0] * LEVELS[name] for name in RARE}
    rarity = {name: {"slope": nothing[name], "centre": nothing[name]} for name in RARE}
    return {"expected": EXPECTED, "rarity": rarity, "fields": {**fields, **_JUDGED}}


class Counted:
    """How often each level of each field occurs in some pairs, and how rare what agrees is."""

    def __init__(self, scale: Scale) -> None:
        """Begin with nothing."""
        self._scale = scale
        self.levels = {name: [_SMOOTH] * LEVELS[name] for name in FIELDS}
        self.rarity: dict[tuple[str, int], list[float]] = {}
        self.pairs = 0

    def add(self, one: Subject, other: Subject) -> None:
        """Count a pair."""
        found, swapped = self._scale.levels(one, other)
        self.pairs += 1
        for name, level in found.items():
            if swapped and name in ("family", "given"):
                continue
            self.levels[name][level] += 1
            if name in RARE and level:
                rare = min(self._scale.rarity(name, one), self._scale.rarity(name, other))
                self.rarity.setdefault((name, level), []).append(rare)

    def shares(self, name: str) -> list[float]:
        """The share of each level among the pairs of which both records say something."""
        unknown = UNKNOWN_NAME if name in NAMES else 0
        counts = [0.0 if at == unknown else n for at, n in enumerate(self.levels[name])]
        return [n / sum(counts) for n in counts]


def estimate(planted: Planted, initials: list[float] | None = None) -> dict[str, Any]:
    """The table by the procedure above."""
    table = start()
    scale = Scale(frequencies(planted), of_table(table))
    subjects = [subject(entry) for entry in planted.entries]
    counted = {key: Counted(scale) for key in ("m", "u", "r")}
    rng = random.Random(1)  # noqa: S311
    for _turn in range(_RANDOM_PAIRS):
        counted["u"].add(rng.choice(subjects), rng.choice(subjects))
    for key, pairs in (("m", planted.same), ("r", planted.relatives)):
        for first, second in pairs:
            counted[key].add(subjects[first - 1], subjects[second - 1])
    for name in FIELDS:
        if name not in _JUDGED:
            for key, count in counted.items():
                table["fields"][name][key] = count.shares(name)
    _with_initials(table, subjects, rng)
    for name in RARE:
        slopes = [_slope(name, level, counted) for level in range(LEVELS[name])]
        centres = [
            _centre(slope, counted["m"].rarity.get((name, level), []))
            or _centre(slope, counted["m"].rarity.get((name, EQUAL_NAME), []))
            for level, slope in enumerate(slopes)
        ]
        table["rarity"][name] = {"slope": slopes, "centre": centres}
    return table


def _with_initials(table: dict[str, Any], subjects: list[Subject], rng: random.Random) -> None:
    """Initials are not in the population: strangers agree as often as names begin alike."""
    for name in ("given", "patronymic"):
        known = [one for s in subjects if (one := getattr(s, name))]
        pairs = [(rng.choice(known), rng.choice(known)) for _turn in range(20_000)]
        agree = sum(one[0][0][:1] == other[0][0][:1] for one, other in pairs) / len(pairs)
        shares = table["fields"][name]
        for key, share in (("m", 0.97), ("u", agree), ("r", agree if name == "given" else 0.97)):
            shares[key] = [*shares[key]]
            shares[key][INITIAL] = share  # a level beside the others: of pairs with initials


def _slope(name: str, level: int, counted: dict[str, Counted]) -> float:
    """How much of the rarity counts at a level, from 0 to 1."""
    if name in _SURE_SLOPES:
        return _SURE_SLOPES[name][level]
    same = counted["m"].rarity.get((name, level), [])
    others = counted["u"].rarity.get((name, level), [])
    if level in (EQUAL_NAME, FAMILIAR_NAME):
        return 1.0
    if level == 0 or level > EQUAL_NAME:
        return 0.0
    if min(len(same), len(others)) < _ENOUGH:
        return max(0.0, (level - 2) / 4)
    return round(min(max(_regression(same, others), 0.0), 1.0), 2)


def _regression(same: list[float], others: list[float]) -> float:
    """The slope, per bit, of the log-odds of the first list against the second, in bits."""
    middle = sum(same) / len(same)
    data = [(x - middle, 1.0) for x in same] + [(x - middle, 0.0) for x in others]
    constant, slope = math.log(len(same) / len(others)), 0.0
    for _turn in range(25):
        a = b = c = first = second = 0.0
        for x, y in data:
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, constant + slope * x))))
            w = p * (1 - p)
            a, b, c = a + w, b + w * x, c + w * x * x
            first, second = first + y - p, second + (y - p) * x
        c += 1e-6
        d = a * c - b * b or 1e-9
        constant += (c * first - b * second) / d
        slope += (a * second - b * first) / d
    return slope / math.log(2)


def _centre(slope: float, rarities: list[float]) -> float:
    if not slope or not rarities:
        return 0.0
    return -math.log2(sum(2 ** (-slope * rare) for rare in rarities) / len(rarities))


def average_precision(pairs: list[tuple[int, int]], same: set[tuple[int, int]]) -> float:
    """The mean precision at each true pair in the order given; a pair never found counts 0."""
    hits, total = 0, 0.0
    for place, pair in enumerate(pairs, 1):
        if pair in same:
            hits += 1
            total += hits / place
    return total / max(len(same), 1)


def main() -> None:
    """Estimate, write, and say how good it is on the same population."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    planted = plant(options.size, options.seed, parents=True, more=_MORE)
    table = estimate(planted)
    for shares in table["fields"].values():
        for key in shares:
            shares[key] = [float(f"{max(value, 1e-7):.3g}") for value in shares[key]]
    for rarity in table["rarity"].values():
        rarity["centre"] = [round(value, 3) for value in rarity["centre"]]
    made = {
        "made_by": f"benchmarks/weights.py --size {options.size} --seed {options.seed}",
        **table,
    }
    found = sweeping.sweep_people(people_of(planted), least=-8.0, table=of_table(table)).pairs
    value = average_precision([(p.first, p.second) for p in found], planted.same)
    print("average precision on this population, with parents", round(value, 4))
    options.out.write_text(_on_lines(json.dumps(made, indent=1)) + "\n", encoding="utf-8")
    print("written", options.out)


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
