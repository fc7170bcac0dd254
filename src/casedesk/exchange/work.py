"""An import on its way: what was chosen and typed so far, kept so that leaving loses nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casedesk.exchange.deciding import Choice, What
from casedesk.exchange.preview import Opened, Preview, Stamp


@dataclass
class Work:
    """One import of one kind, from its file to its result."""

    kind: str
    source: str = ""
    sheet: str = ""
    programme_id: int = 0
    round_id: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    """The field of each column, by its title, where a person has chosen it."""
    choices: dict[int, Choice] = field(default_factory=dict)
    corrections: dict[tuple[int, int], str] = field(default_factory=dict)
    stamp: Stamp = (0, 0)
    """Size and time of the file that the choices are about."""
    looked: bool = False
    """Whether the rows were looked at before, and are to be shown again when the file is read."""
    opened: Opened | None = None
    preview: Preview | None = None

    @property
    def path(self) -> Path:
        """The file, as it was named."""
        return Path(self.source).expanduser()

    @property
    def begun(self) -> bool:
        """Tell whether anything is kept."""
        return bool(self.source)

    def let_go(self) -> None:
        """Forget what was decided about rows: another file, or the same one after a change."""
        self.choices.clear()
        self.corrections.clear()
        self.looked = False
        self.preview = None

    def text(self) -> str:
        """Write what is kept."""
        kept = {
            "kind": self.kind,
            "source": self.source,
            "sheet": self.sheet,
            "programme": self.programme_id,
            "round": self.round_id,
            "fields": self.fields,
            "choices": [[row, c.what.value, c.other] for row, c in self.choices.items()],
            "corrections": [[row, at, text] for (row, at), text in self.corrections.items()],
            "stamp": list(self.stamp),
            "looked": self.looked or self.preview is not None,
        }
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def work_of(text: str) -> Work | None:
    """Read what was kept; nothing where it cannot be read."""
    try:
        kept: Any = json.loads(text)
        size, time = kept["stamp"]
        return Work(
            str(kept["kind"]),
            str(kept["source"]),
            str(kept["sheet"]),
            int(kept["programme"]),
            int(kept["round"]),
            {str(title): str(name) for title, name in kept["fields"].items()},
            {int(row): Choice(What(what), str(other)) for row, what, other in kept["choices"]},
            {(int(row), int(at)): str(typed) for row, at, typed in kept["corrections"]},
            (int(size), int(time)),
            bool(kept["looked"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
