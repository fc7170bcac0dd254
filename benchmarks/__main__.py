"""`./run bench [NAMES]`: every measurement in a process of its own, written to RESULTS.md."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import platform
import sys
from pathlib import Path

from benchmarks.measure import Measured, table

NAMES = ("start", "lists", "acts", "demo", "paper", "names", "assistance", "matching")
RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """# Measurements

Medians in milliseconds on {machine}; another machine gives other numbers, so trust the ratios.
Ours and the peer run in turns in one process. Again: `./run bench`, or one by name:
`./run bench {name}`.
"""


def main() -> int:
    """Run what was asked for, all by default."""
    asked = sys.argv[1:] or list(NAMES)
    if unknown := set(asked) - set(NAMES):
        print("unknown:", ", ".join(sorted(unknown)), "- there are:", ", ".join(NAMES))
        return 2
    fresh = multiprocessing.get_context("spawn")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    parts = [HEAD.format(machine=machine, name=NAMES[0])]
    for name in asked:
        with fresh.Pool(1) as pool:
            rows: list[Measured] = pool.apply(_run, (name,))
        parts.append(f"## {name}\n\n{table(rows)}\n")
        print(parts[-1], flush=True)
    if set(asked) == set(NAMES):
        RESULTS.write_text("\n".join(parts), encoding="utf-8")
        print("written to", RESULTS)
    return 0


def _run(name: str) -> list[Measured]:
    rows: list[Measured] = importlib.import_module(f"benchmarks.{name}").run()
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
