"""Which CaseDesk this is: its version, and the day and commit of the build."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from casedesk import __version__

# Written by `./run package` beside the program; a checkout has none.
FILE = Path(__file__).with_name("build.json")


@dataclass(frozen=True)
class Build:
    """What was built: `date` (ISO day) and `commit` are empty in a checkout."""

    version: str = __version__
    date: str = ""
    commit: str = ""

    @property
    def signature(self) -> str:
        """Name the program as a PDF or a report does; no word in it needs a translation."""
        parts = [f"CaseDesk {self.version}", self.date, self.commit]
        return ", ".join(part for part in parts if part)


@cache
def build() -> Build:
    """Tell what this is; a build file that is missing or broken leaves the version alone."""
    try:
        kept = json.loads(FILE.read_text("utf-8"))
        return Build(__version__, str(kept["date"]), str(kept["commit"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Build()
