"""What the sheet costs: Facts & Figures from the full file, beside a bare ReportLab page."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from benchmarks.measure import PHRASE, Measured, full_file, pair
from casedesk import catalog
from casedesk.kernel.figures import Period
from casedesk.reports import pdf, sheet

SUMMER = Period(dt.date(2025, 5, 1), dt.date(2025, 8, 31))


def run(scale: float = 1.0) -> list[Measured]:
    """Measure the figures, their text and the PDF of four months."""
    path = full_file(scale)
    with catalog.open_store(path, PHRASE) as store, tempfile.TemporaryDirectory() as folder:
        out = Path(folder)

        def made() -> None:
            with store.read() as session:
                data = sheet.facts_and_figures(
                    session, SUMMER, "en", "public", dt.date(2025, 12, 31)
                )
            pdf.write_atomically(out / "sheet.pdf", data)

        return [
            pair(
                f"Facts & Figures, four months, scale {scale:g}",
                made,
                "bare ReportLab: two pages of 60 lines",
                lambda: _bare(out / "bare.pdf"),
                times=5,
                note="every figure counted anew in one read",
            )
        ]


def _bare(path: Path) -> None:
    canvas = Canvas(str(path))
    for _page in range(2):
        for line in range(60):
            canvas.drawString(40, 800 - 12 * line, "families looking for their relatives")
        canvas.showPage()
    canvas.save()
