"""Write what was said of the rows of a table, so that whoever sent it can mend it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from casedesk.exchange.exporting import harmless, write_whole
from casedesk.kernel.errors import ReadOnly
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _

Said = tuple[int, str, str, str]
"""A row of the table, what becomes of it, the column at fault, and why; no name of anybody."""


def save_rows(progress: Progress, rows: Sequence[Said], out: Path) -> int:
    """Write the rows as CSV, whole or not at all; tell how many."""
    progress.step(0, 1)
    whole = io.StringIO()
    writer = csv.writer(whole, delimiter=";", lineterminator="\r\n")
    writer.writerow((_("Row"), _("What becomes of it"), _("Column"), _("Why")))
    for row, *words in rows:
        writer.writerow((row, *map(harmless, words)))
    try:
        write_whole(out, whole.getvalue().encode("utf-8-sig"))
    except (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ReadOnly(_("This file cannot be written. Choose another folder.")) from None
    return len(rows)
