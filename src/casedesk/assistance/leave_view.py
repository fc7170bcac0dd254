"""Asks to whom a list of a round goes, why and where: nothing leaves the house without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from casedesk.assistance.parts_view import missing
from casedesk.assistance.reading import RoundSummary
from casedesk.desk.forms import Form
from casedesk.desk.widgets import ComboBox, LineEdit, label
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import _, current
from casedesk.kernel.store import Store


@dataclass(frozen=True)
class Wanted:
    """Which list, in which language, for whom and what for."""

    round_id: int
    to: str
    why: str
    lang: str = "en"
    site_id: int | None = None


Leave = Callable[[Progress, Store, Wanted, Path, str], int]


@dataclass(frozen=True)
class Leaving:
    """How lists leave: both note the copy first, write the file whole, and give a count."""

    print_list: Leave
    export: Leave


class LeaveForm(Form):
    """To whom, why, which point and language."""

    def __init__(self, summary: RoundSummary, *, paper: bool) -> None:
        """`paper` is the list to sign; else a table."""
        title = _("Print list") if paper else _("Export round")
        super().__init__(title, _("Choose a place"), columns=1)
        self._round, self.paper = summary, paper
        words = _("The list leaves the protected file. Your name, to whom and why are kept.")
        self.body.insertWidget(0, label(words, "muted", self, wrap=True))
        self.add("to", _("To whom"), LineEdit())
        self.add("why", _("Reason"), LineEdit())
        if paper:
            sites = [(0, _("All points")), *((site.id, site.name) for site in summary.sites)]
            self.add("site", _("Point"), ComboBox(sites))
            languages = [("en", "English"), ("ru", "Русский")]
            self.add("lang", _("Language"), ComboBox(languages, value=current()))

    def wanted(self) -> Wanted:
        """Read the form. Raises InvalidDraft with sentences by field."""
        values: dict[str, Any] = self.values()
        if not values["to"]:
            raise missing("to", _("Say to whom the list goes."))
        if not values["why"]:
            raise missing("why", _("Say what the list is for."))
        return Wanted(
            round_id=self._round.id,
            to=values["to"],
            why=values["why"],
            lang=values.get("lang", "en"),
            site_id=values.get("site") or None,
        )


def ask_place(parent: QWidget, *, paper: bool, then: Callable[[Path], None]) -> None:
    """Ask where the file goes; the name that is offered holds nobody's data."""
    ask = QFileDialog(parent, _("Print list") if paper else _("Export round"))
    ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if paper:
        ask.setNameFilter(_("Sheet (*.pdf)"))
        ask.setDefaultSuffix("pdf")
    else:
        ask.setNameFilters([_("Workbook (*.xlsx)"), _("Table (*.csv)")])
        ask.setDefaultSuffix("xlsx")
        ask.filterSelected.connect(
            lambda chosen: ask.setDefaultSuffix("csv" if "csv" in chosen else "xlsx")
        )
    ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    ask.fileSelected.connect(lambda name: then(Path(name)))
    ask.open()
