"""How a measurement is taken and written: ours, the bare peer beside it, and their ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PHRASE = "wooden bridge late apples"


@dataclass(frozen=True)
class Measured:
    """One line of the table; times in milliseconds, medians unless the note says otherwise."""

    what: str
    ours: float
    peer: str
    bare: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times as long ours takes as the peer."""
        return self.ours / self.bare


def pair(
    what: str,
    ours: Callable[[], object],
    peer: str,
    bare: Callable[[], object],
    *,
    times: int = 15,
    note: str = "",
) -> Measured:
    """Run both in turns, so that a busy machine slows both; the first turn warms up."""
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(times + 1):
        mine.append(clocked(ours))
        theirs.append(clocked(bare))
    return Measured(what, statistics.median(mine[1:]), peer, statistics.median(theirs[1:]), note)


def clocked(work: Callable[[], object]) -> float:
    """Run once; give the milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def table(rows: Iterable[Measured]) -> str:
    """Write the lines as a Markdown table."""
    lines = [
        "| what | ours, ms | peer | peer, ms | ratio | note |",
        "|---|---:|---|---:|---:|---|",
    ]
    lines += [
        f"| {row.what} | {row.ours:,.1f} | {row.peer} | {row.bare:,.1f} "
        f"| {row.ratio:.1f} | {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)


def full_file(scale: float) -> Path:
    """Give the encrypted illustrative file of a scale, made once and kept beside the results."""
    from casedesk import catalog
    from casedesk.illustrative import delegation

    folder = Path(__file__).parent / "files"
    folder.mkdir(exist_ok=True)
    path = folder / f"delegation-{scale:g}.cdk"
    if not path.exists():
        draft = path.with_suffix(".unfinished")
        draft.unlink(missing_ok=True)
        with catalog.create_store(draft, PHRASE) as store:
            delegation.create(store, scale=scale, seed=1)
        draft.rename(path)
    return path
