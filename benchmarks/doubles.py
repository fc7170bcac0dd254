"""Which doubles of a list are stopped, and who is stopped wrongly, with the truth planted.

The people are those of `benchmarks.planted`, whose frequencies come from the protocol of names:
another script, swapped names, slips, familiar forms, no patronymic, another idea of the birth;
brothers, sisters and twins beside them. Each household is one person; a list of doubles, relatives
and strangers is held against a file that holds the others, within the programme and across two.
Beyond the protocol: half of the doubles changed their telephone, and one stranger in fifty shares
the telephone of a household of the file (a neighbour), who is told apart from the others below.
"""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from pathlib import Path

from benchmarks.measure import Measured, clocked
from benchmarks.planted import Entry, plant
from casedesk import catalog
from casedesk.assistance.records import Modality, ProgrammeDraft
from casedesk.assistance.rules import add_programme
from casedesk.exchange import registrations
from casedesk.exchange.reading import Row, Table
from casedesk.exchange.registrations import Into, RegistrationPlan
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.store import Store

COLUMNS = ("external_ref", "family", "given", "patronymic", "other_names", "born", "phone")
DAY = dt.date(2025, 9, 1)
SIZE, SEEDS = 6_000, (11, 12)
_NEIGHBOURS = 0.02
_CODE = "H-{:06}"


def run() -> list[Measured]:
    """Plant two populations, and look within a programme and across two."""
    return [row for seed in SEEDS for row in measured(seed)]


def measured(seed: int, size: int = SIZE) -> list[Measured]:
    """Hold a list against a file, and count what was stopped rightly and wrongly."""
    known, listed, truth, neighbours = split(seed, size)
    made = []
    with (
        tempfile.TemporaryDirectory() as folder,
        catalog.create_store(Path(folder, "planted.cdk"), None) as store,
    ):
        cash, grant = (_programme(store, kind) for kind in (Modality.CASH, Modality.GRANT))
        with store.read() as session:
            first = registrations.plan(session, known, Into(cash), with_doubles=True)
        store.write(registrations.take_in, first, actor="benchmark")
        for programme, where in ((cash, "within a programme"), (grant, "across programmes")):
            plans: list[RegistrationPlan] = []

            def look(programme: int = programme, plans: list[RegistrationPlan] = plans) -> None:
                with store.read() as session:
                    plans.append(registrations.plan(session, listed, Into(programme)))

            ours = clocked(look)
            found = {
                (double.row, double.other)
                for double in plans[0].doubles
                if double.other.startswith("H-")
            }
            by_phone = {pair for pair in found if pair[0] in neighbours}
            stopped = len({row for row, _other in by_phone})
            exact: list[set[tuple[int, str]]] = []
            bare = clocked(lambda exact=exact: exact.append(_same_text(known, listed)))  # type: ignore[misc]
            made.append(
                Measured(
                    f"{len(truth)} doubles among {len(listed.rows):,} rows, {where}, "
                    f"seed {seed}: {_quality(found - by_phone, truth)}; "
                    f"{stopped} of {len(neighbours)} neighbours by telephone",
                    ours,
                    f"equal names and birth: {_quality(exact[0], truth)}",
                    bare,
                    f"{len(known.rows):,} households in the file; rows checked, doubles told",
                )
            )
    return made


def _quality(found: set[tuple[int, str]], truth: set[tuple[int, str]]) -> str:
    right = len(found & truth)
    precision = right / len(found) if found else 1.0
    return f"recall {right / len(truth):.3f}, precision {precision:.3f}"


def split(seed: int, size: int) -> tuple[Table, Table, set[tuple[int, str]], set[int]]:
    """Part a population into a file and a list; tell which rows are doubles, which neighbours."""
    rng = random.Random(seed)  # noqa: S311 - for measuring, not for secrets
    planted = plant(size, seed, more=3.0)
    held: dict[int, int] = {}
    left: list[tuple[int, Entry]] = []
    known: list[Row] = []
    for at, entry in enumerate(planted.entries):
        if entry.entity not in held and rng.random() < 0.6:
            held[entry.entity] = len(known)
            known.append(Row(len(known) + 2, _cells(entry, f"F-{at}", _phone(at))))
        else:
            left.append((at, entry))
    rows: list[Row] = []
    truth: set[tuple[int, str]] = set()
    neighbours: set[int] = set()
    for number, (at, entry) in enumerate(left, start=2):
        phone, there = _phone(at), held.get(entry.entity)
        if there is not None:
            truth.add((number, _CODE.format(there + 1)))
            phone = known[there].cells[-1] if rng.random() < 0.5 else phone
        elif rng.random() < _NEIGHBOURS:
            phone = rng.choice(known).cells[-1]
            neighbours.add(number)
        rows.append(Row(number, _cells(entry, f"L-{at}", phone)))
    return _table(known), _table(rows), truth, neighbours


def _phone(at: int) -> str:
    return f"+7916{at:07}"


def _table(rows: list[Row]) -> Table:
    return Table(COLUMNS, tuple(rows), (), "UTF-8", ";")


def _cells(entry: Entry, ref: str, phone: str) -> tuple[str, ...]:
    first, *others = entry.names
    born = PartialDate(entry.first, entry.last).text() if entry.first and entry.last else ""
    return (ref, *first, "; ".join(" ".join(name) for name in others), born, phone)


def _same_text(known: Table, listed: Table) -> set[tuple[int, str]]:
    """The bare peer: a dictionary of the family name, the given name and the birth as typed."""
    held: dict[tuple[str, ...], str] = {}
    for at, row in enumerate(known.rows, start=1):
        held.setdefault(_key(row), _CODE.format(at))
    return {(row.number, held[_key(row)]) for row in listed.rows if _key(row) in held}


def _key(row: Row) -> tuple[str, ...]:
    return tuple(cell.casefold() for cell in (row.cells[1], row.cells[2], row.cells[5]))


def _programme(store: Store, kind: Modality) -> int:
    draft = ProgrammeDraft(name=kind.value, modality=kind, starts_on=DAY)
    made, _changes = store.write(add_programme, draft, actor="benchmark")
    return made.id or 0
