"""`./run bench [NAMES]`: every measurement beside its peer, written to RESULTS.md."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from benchmarks.measure import Measured, table

NAMES = ("start", "lists", "acts", "demo", "paper", "names", "assistance", "matching", "desk_sweep")
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
    sections = _kept()
    for name in asked:
        rows = _run(name)
        sections[name] = f"## {name}\n\n{table(rows)}\n"
        print(sections[name], flush=True)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    parts = [HEAD.format(machine=machine, name=NAMES[0])]
    parts += [sections[name] for name in NAMES if name in sections]
    RESULTS.write_text("\n".join(parts), encoding="utf-8")
    print("written to", RESULTS)
    return 0


def _kept() -> dict[str, str]:
    """Read the sections of earlier runs, so that one measurement replaces only its own."""
    if not RESULTS.exists():
        return {}
    parts = RESULTS.read_text("utf-8").split("## ")[1:]
    return {part.split("\n", 1)[0]: "## " + part.rstrip("\n") + "\n" for part in parts}


def _run(name: str) -> list[Measured]:
    rows: list[Measured] = importlib.import_module(f"benchmarks.{name}").run()
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
