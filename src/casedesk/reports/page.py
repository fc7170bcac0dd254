"""The studio of the sheet: choose edition and period, read the page, see behind each figure.

The page that is printed is the page that is shown: PDF writes the very bytes on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PySide6.QtCore import QStandardPaths, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from sqlmodel import Session

from casedesk.assistance import listing as help_listing
from casedesk.desk import theme
from casedesk.desk.page import Command, Desk, Page
from casedesk.desk.sheet_view import Mark, SheetView
from casedesk.desk.states import Fault, Reading
from casedesk.desk.widgets import (
    ComboBox,
    Divider,
    Scroll,
    button,
    label,
)
from casedesk.hotline import listing as call_listing
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.figures import Period
from casedesk.kernel.jobs import Job, Progress
from casedesk.kernel.language import N_, _, date_text
from casedesk.kernel.query import Filter, Listing
from casedesk.reports import sheet
from casedesk.reports.choice_view import CUSTOM, Choice, ChoicePane, Jump, left_width
from casedesk.reports.figure_view import Behind, FigurePanel, spoken_now
from casedesk.reports.layout import Heading
from casedesk.reports.pdf import write_atomically
from casedesk.reports.released import Release, release
from casedesk.reports.sentences import CASES, HOTLINE, HOUSEHOLDS, PERSONS, RECEIPTS
from casedesk.reports.sheet import Composed, FigureRow
from casedesk.reports.warning_view import Warn
from casedesk.tracing import listing as case_listing

__all__ = ["LISTINGS", "Jump", "SheetsPage"]

RIGHT, RIGHT_LEAST, PAPER = 400, 300, 560
TYPING_MS = 350
ZOOMS = (75, 100, 125, 150, 200)
LISTINGS = {
    CASES: case_listing.CASES,
    HOTLINE: call_listing.CALLS,
    PERSONS: help_listing.PERSONS,
    HOUSEHOLDS: help_listing.HOUSEHOLDS,
    RECEIPTS: help_listing.RECEIPTS,
}
# Lists that are pages of their own; the others are read beside the sheet alone.
PAGES = frozenset({CASES, HOTLINE})
# The panel is narrow: of each list the day, who it is about, and what kind of record it is.
# With the margins of the panel and a scroll bar they fit into its 400 pixels; the last stretches.
TELLING = {
    CASES: {"opened": 108, "name": 130, "status": 90},
    HOTLINE: {"on": 108, "caller": 120, "reason": 100},
    PERSONS: {"code": 90, "name": 168, "born": 70},
    HOUSEHOLDS: {"code": 90, "head": 138, "place": 100},
    RECEIPTS: {"on": 108, "head": 130, "amount": 90},
}
FEW, ROOM = 3, 328


def _compose(session: Session, choice: Choice) -> Composed:
    """Make the sheet of a choice; the file itself knows whether its data are invented."""
    return sheet.composed(session, choice.period, choice.lang, choice.edition, choice.known_on)


def _write(_progress: Progress, path: Path, data: bytes) -> Path:
    write_atomically(path, data)
    return path


class SheetsPage(Page):
    """Facts & Figures, live."""

    key = "sheets"
    title = N_("Sheets")
    icon = "file-text"
    shortcut = "Ctrl+0"

    def __init__(
        self,
        desk: Desk,
        *,
        record_listings: Mapping[str, Listing] | None = None,
        open_list: Callable[[str, sa.Select[Any], str], None] | None = None,
        open_record: Callable[[str, int], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Build the studio; what is not given is asked of the desk by page key."""
        super().__init__(desk, parent)
        self._open_list = open_list
        self._open_record = open_record
        self._shown: tuple[Choice, Composed] | None = None
        self._counting = False
        self._job: Job | None = None
        self._stale = True
        self._chosen = ""
        self._agreed: dict[tuple[str, Period], str] = {}
        self._folder = ""
        self._day = desk.today
        self._split_by_hand = False
        given = LISTINGS if record_listings is None else record_listings
        self.panel = FigurePanel(
            self,
            {key: _narrow(key, listing) for key, listing in given.items()},
            opens=self.opens,
        )
        self.panel.list_asked.connect(self._ask_list)
        self.panel.record_opened.connect(self._ask_record)
        self.view = SheetView(self.read, name=_("The sheet"))
        self.view.figure_chosen.connect(self.choose_figure)
        self.view.figure_opened.connect(self._open_figure)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(theme.delay("busy_delay"))
        self._late.timeout.connect(self._still_counting)
        self.view.zoom_changed.connect(self._say_zoom)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self.recount)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self.choosing = self._make_left()
        self._left = Scroll(self.choosing)
        self._measure()
        theme.watch.changed.connect(self._measure)
        line.addWidget(self._left)
        line.addWidget(Divider(vertical=True))
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._make_middle())
        self._split.addWidget(self.panel)
        self.panel.setMinimumWidth(theme.px(RIGHT_LEAST))
        self._split.setStretchFactor(0, 1)
        self._split.splitterMoved.connect(self._on_split)
        line.addWidget(self._split, 1)
        desk.changed.connect(self._on_changed)
        self._say_state()

    # Building ----------------------------------------------------------------------------------

    def _make_left(self) -> ChoicePane:
        pane = ChoicePane(
            lambda: self.desk.today,
            edition=self.desk.settings.edition,
            start="may_august" if self.desk.illustrative else "last_month",
        )
        pane.edition_chosen.connect(self._on_edition)
        pane.chosen.connect(self.recount)
        pane.typed.connect(self._typing.start)
        pane.decided.connect(self._agree)
        pane.heading_chosen.connect(self._jump)
        pane.quote_chosen.connect(self.show_quote)
        self.edition, self.language, self.preset = pane.edition, pane.language, pane.preset
        self.first, self.last, self.known = pane.first, pane.last, pane.known
        return pane

    def _jump(self, heading: Heading) -> None:
        self.view.jump(heading.page, heading.y)

    def _make_middle(self) -> QWidget:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QWidget()
        line = QHBoxLayout(bar)
        line.setContentsMargins(theme.space(4), theme.space(2), theme.space(4), theme.space(2))
        line.setSpacing(theme.space(2))
        self.zoom = ComboBox(name=_("Size of the page"))
        self.zoom.setMinimumContentsLength(len(_("Fit width")) + 1)
        self.zoom.chosen.connect(self.view.set_zoom)
        self._say_zoom(0)
        self.pdf = button(_("Save as PDF"), key="Ctrl+P", kind="primary", icon="printer")
        self.pdf.clicked.connect(self.save_pdf)
        line.addWidget(self.zoom)
        line.addStretch(1)
        line.addWidget(self.pdf)
        self._state = label("", "muted", wrap=True)
        side = theme.space(4)
        self._state.setContentsMargins(side, 0, side, theme.space(2))
        column.addWidget(bar)
        column.addWidget(self._state)
        column.addWidget(Divider())
        self.loading = Reading(_("Counting the figures of the sheet"))
        self.loading.stopped.connect(self._stop)
        self.fault = Fault(_("The sheet could not be counted"), _("Count again"))
        self.fault.again.connect(self.recount)
        for part in (self.loading, self.fault):
            part.setContentsMargins(side, side, side, side)
        self.paper = QStackedWidget()
        for shown in (self.view, self.loading, self.fault):
            self.paper.addWidget(shown)
        column.addWidget(self.paper, 1)
        return middle

    def _measure(self) -> None:
        self._left.setFixedWidth(left_width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the page the room it needs first, until somebody moves the line between them."""
        super().resizeEvent(event)
        if not self._split_by_hand:
            room = self.width() - self._left.width()
            right = max(theme.px(RIGHT_LEAST), min(theme.px(RIGHT), room - theme.px(PAPER)))
            self._split.setSizes([room - right, right])

    def _on_split(self, _position: int, _index: int) -> None:
        self._split_by_hand = True

    # What a page does --------------------------------------------------------------------------

    def enter(self, **args: Any) -> None:
        """Come to the front; `figure` may name the one to choose."""
        self.desk.drafts(self, self.panel.quoted.bring_back)
        figure = str(args.get("figure") or "")
        self._chosen = figure or self._chosen
        if self.choosing.follow_day(self._day):
            self._stale = True
        self._day = self.desk.today
        if self._stale or self._shown is None:
            self.recount()
        elif figure:
            self.choose_figure(self._chosen, reveal=True)

    def leave(self) -> None:
        """Keep what is typed."""
        self.panel.quoted.keep()

    def refresh(self) -> None:
        """Count again."""
        self.recount()

    def new_record(self) -> None:
        """Begin a newer value of the quoted figure in front, or of the first one."""
        quote = sheet.quotes(spoken_now())[0][0]
        row = self._row(self._chosen)
        self.show_quote(row.quote if row is not None and row.quote else quote)
        self.panel.quoted.fields["value"].editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def main_action(self) -> None:
        """Record the newer value, or save the PDF."""
        if self.panel.shows_form and self.panel.isAncestorOf(self.focusWidget() or self):
            self.panel.quoted.save()
        else:
            self.save_pdf()

    def find(self) -> None:  # type: ignore[override]
        """Go to the first figure of the page."""
        for mark in self.view.figures()[:1]:
            mark.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def commands(self) -> list[Command]:
        """List what the palette offers here."""
        made = [
            Command(
                key="sheets.pdf",
                label=_("Save the sheet as PDF"),
                run=self.save_pdf,
                icon="printer",
                shortcut="Ctrl+P",
            ),
            Command(
                key="sheets.public",
                label=_("Show the public edition"),
                run=lambda: self.show_edition("public"),
                icon="file-text",
            ),
            Command(
                key="sheets.internal",
                label=_("Show how the figures were counted"),
                run=lambda: self.show_edition("internal"),
                icon="file-text",
            ),
        ]
        for key, text, _period in self.choosing.periods():
            if key != CUSTOM:
                made.append(
                    Command(
                        key=f"sheets.period.{key}",
                        label=_("Sheet: {period}").format(period=text),
                        run=partial(self.show_preset, key),
                        icon="calendar",
                    )
                )
        return made

    def regions(self) -> list[QWidget]:
        """Left pane, page, records."""
        return [self.preset, self.view, self.panel]

    def wipe(self) -> None:
        """Take figures and records off the screen."""
        self._shown = None
        self._stale = True
        self.view.clear()
        self.panel.wipe()
        self._say_state()

    # Choosing ----------------------------------------------------------------------------------

    def show_edition(self, edition: str) -> None:
        """Show the public sheet or the internal notes."""
        self.edition.set_value(edition)
        self._on_edition(edition)

    def show_preset(self, key: str) -> None:
        """Show one of the periods people ask for."""
        self.choosing.show_period(key)

    def _on_edition(self, edition: str) -> None:
        try:
            self.desk.settings.edition = edition
        except CaseDeskError as error:
            self.desk.notices.problem(error)
        self.recount()

    # Counting ----------------------------------------------------------------------------------

    def recount(self) -> None:
        """Make the sheet anew; the one before stays on the screen until this one is there."""
        self._typing.stop()
        choice = self.choosing.choice()
        if choice is None:
            self._counting = False
            self._say_state()
            return
        self._counting = True
        self._stale = False
        self._say_state()

        def made(composed: Composed) -> None:
            self._counting = False
            self._late.stop()
            self.paper.setCurrentWidget(self.view)
            self._show(choice, composed)

        def failed(error: Exception) -> None:
            self._counting = False
            self._late.stop()
            self._stale = True
            self._say_state()
            if self._shown is None:
                self.fault.say(error)
                self.paper.setCurrentWidget(self.fault)
            else:
                self.desk.notices.problem(error)

        self._late.start()
        self._job = self.read(_compose, choice, channel="sheets.compose", then=made, failed=failed)

    def _still_counting(self) -> None:
        if self._counting and self._shown is None:
            self.paper.setCurrentWidget(self.loading)

    def _stop(self) -> None:
        """Let the counting be; one button begins anew."""
        if self._job is not None:
            self._job.cancel()
        self._late.stop()
        self._counting, self._stale = False, True
        self.fault.say_stopped()
        self.paper.setCurrentWidget(self.fault)
        self._say_state()

    def _on_changed(self, _changes: object) -> None:
        self._stale = True
        if self.isVisible():
            self._typing.start()

    def _show(self, choice: Choice, composed: Composed) -> None:
        before = self._shown
        self._shown = (choice, composed)
        self.view.show_sheet(composed.drawn.data, self._marks(composed))
        self.choosing.list_sections(composed.drawn.headings)
        self.choosing.list_warnings(self._open_warnings(choice, composed))
        title = sheet.period_title(choice.period, spoken_now())
        self.subtitle_changed.emit(
            _("{period}, as known on {day}").format(period=title, day=date_text(choice.known_on))
        )
        self._say_state()
        self._follow(before, composed)

    def _marks(self, composed: Composed) -> list[Mark]:
        rows = {row.id: row for row in composed.figures}
        made = []
        for spot in composed.drawn.spots:
            row = rows[spot.figure]
            if row.kind != "counted":
                words = _("{name}, {value}, opens the source")
            elif self.opens(row.register):
                words = _("{name}, {value}, opens the list")
            else:
                words = _("{name}, {value}, shows the records")
            name = sheet.name_of(row.id, spoken_now())
            said = words.format(name=name, value=row.value)
            made.append(Mark(spot.figure, said, spot.page, spot.x, spot.y, spot.width, spot.height))
        return made

    def _open_warnings(self, choice: Choice, composed: Composed) -> list[Warn]:
        """Find what is to be decided; the same figure in highlight and section is one thing."""
        if choice.edition != "public":
            return []
        found: dict[str, Warn] = {}
        for row in composed.figures:
            name = sheet.name_of(row.id, spoken_now())
            if row in composed.small:
                found.setdefault(row.measure, Warn(row.measure, name, choice.period, row.printed))
            elif row.on_sheet and row.measure in composed.revealing:
                old = composed.revealing[row.measure].period
                found[row.measure] = Warn(row.measure, name, choice.period, row.printed, old)
        return [
            warning
            for warning in found.values()
            if (warning.measure, warning.period) not in self._agreed
        ]

    def _agree(self, warning: Warn, reason: str) -> None:
        self._agreed[warning.measure, warning.period] = reason
        if self._shown is not None:
            self.choosing.list_warnings(self._open_warnings(*self._shown))
        self._say_state()
        if self.pdf.isEnabled():
            self.pdf.setFocus(Qt.FocusReason.OtherFocusReason)

    def reason_against(self) -> str:
        """Say why the PDF cannot be saved now, or nothing."""
        if self.choosing.wrong:
            return _("Mend the dates first.")
        if self._counting:
            return _("The sheet is being counted.")
        if self._shown is None:
            return _("No sheet is shown yet.")
        if self._open_warnings(*self._shown):
            return _("Decide about the amber warnings first.")
        return ""

    def _say_state(self) -> None:
        reason = self.reason_against()
        self.pdf.setEnabled(not reason)
        self.pdf.setAccessibleDescription(reason)
        # While it counts again the sheet before is still right to look at: nothing to tell.
        told = "" if self._counting and self._shown else reason
        self._state.setText(told)
        self._state.setVisible(bool(told))

    @property
    def shown(self) -> Choice | None:
        """The choice whose sheet is on the screen."""
        return self._shown[0] if self._shown else None

    def _say_zoom(self, percent: int) -> None:
        """Show the zoom that holds; 0 is the width there is."""
        known = sorted({*ZOOMS, percent} - {0})
        sizes = [(size, _("{percent} %").format(percent=size)) for size in known]
        self.zoom.set_choices([(0, _("Fit width")), *sizes], value=percent)

    # Figures -----------------------------------------------------------------------------------

    def choose_figure(self, figure: str, *, reveal: bool = False) -> None:
        """Show what stands behind a figure; no figure shows that none is chosen."""
        if not figure:
            self._chosen = ""
            self.view.choose("")
            self.panel.show_nothing()
            return
        row = self._row(figure)
        if row is None or self._shown is None:
            return
        self._chosen = figure
        self.view.choose(figure, reveal=reveal)
        name = sheet.name_of(row.id, spoken_now())
        if row.kind == "external":
            self.panel.show_quote(row.quote, name, row)
            return
        choice = self._shown[0]
        title = sheet.period_title(choice.period, spoken_now())
        self.panel.show_counted(
            Behind(
                row=row,
                name=name,
                rule=sheet.rule_of(row.id, spoken_now()),
                period=choice.period,
                known_on=choice.known_on,
                title=_("{name}, {period}").format(name=name, period=title),
            )
        )

    def show_quote(self, quote: str) -> None:
        """Show an external figure, on this sheet or not."""
        row = None
        if self._shown is not None:
            row = next((row for row in self._shown[1].figures if row.quote == quote), None)
        self._chosen = row.id if row is not None else ""
        self.view.choose(self._chosen, reveal=True)
        name = dict(sheet.quotes(spoken_now()))[quote]
        self.panel.show_quote(quote, name, row)

    def _row(self, figure: str) -> FigureRow | None:
        if self._shown is None:
            return None
        return next((row for row in self._shown[1].figures if row.id == figure), None)

    def _follow(self, before: tuple[Choice, Composed] | None, composed: Composed) -> None:
        """Keep the same thing chosen on the new sheet, where it may have another id."""
        chosen = self._chosen
        if self.panel.shows_form and not chosen:
            return
        old = before[1].figures if before else ()
        name = next((row.name for row in old if row.id == chosen), "")
        ids = [row.id for row in composed.figures]
        if chosen not in ids:
            named = sheet.name_of(chosen, "en") if name else ""
            same = (i for i in ids if named and sheet.name_of(i, "en") == named)
            chosen = next(same, "")
        # who reads elsewhere on the same sheet stays there; on another sheet the figure is shown
        moved = before is None or self._shown is None or before[0] != self._shown[0]
        self._chosen = chosen
        self.choose_figure(chosen, reveal=moved)

    def _open_figure(self, figure: str) -> None:
        """Go on from a chosen figure: to its list, or to the form for a newer value."""
        if figure != self._chosen:
            return
        if self.panel.behind is not None:
            if self.opens(self.panel.behind.row.register):
                self._ask_list(self.panel.behind)
        elif self.panel.shows_form:
            self.panel.quoted.fields["value"].editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def opens(self, register: str) -> bool:
        """Tell whether the list of a register can be opened as a page of its own."""
        return self._open_list is not None or register in PAGES

    def _ask_list(self, behind: Behind) -> None:
        statement = sheet.statement_of(behind.row.id, behind.period, behind.known_on)
        if self._open_list is not None:
            self._open_list(behind.row.id, statement, behind.title)
        else:
            filter = Filter(statement=statement, title=behind.title)
            self.desk.open(behind.row.register, filter=filter)

    def _ask_record(self, register: str, record: int) -> None:
        if self._open_record is not None:
            self._open_record(register, record)
        elif register == CASES:
            self.desk.open("case", case_id=record)
        elif register == HOTLINE:
            self.desk.open(register, enquiry_id=record)

    # Paper -------------------------------------------------------------------------------------

    def save_pdf(self) -> None:
        """Ask where, and write the sheet that is on the screen."""
        if self.reason_against() or self._shown is None:
            return
        choice, composed = self._shown
        path = self.ask_path(_file_name(choice))
        if path is None:
            return
        self._folder = str(path.parent)
        done = partial(self._saved, choice, composed)
        self.background(_write, path, composed.drawn.data, then=done)

    def ask_path(self, name: str) -> Path | None:
        """Let the user say where the PDF goes."""
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = self._folder or QStandardPaths.writableLocation(documents)
        chosen, _filter = QFileDialog.getSaveFileName(
            self, _("Save the sheet as PDF"), str(Path(folder) / name), _("PDF (*.pdf)")
        )
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf")

    def _saved(self, choice: Choice, composed: Composed, path: Path) -> None:
        if choice.edition == "public":
            reasons = {why for (_m, period), why in self._agreed.items() if period == choice.period}
            made = Release(
                choice.period, self.desk.today, composed.claims(), "; ".join(sorted(reasons - {""}))
            )
            self.write(release, made)

        def open_folder() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

        self.desk.notices.banner(
            "green",
            _("The sheet is saved."),
            _("{name} in {folder}").format(name=path.name, folder=path.parent.name),
            ((_("Open folder"), open_folder),),
        )


def _narrow(key: str, listing: Listing) -> Listing:
    """Keep three columns that fit beside the page, and always the one it is ordered by."""
    known = {column.key: column for column in listing.columns}
    widths = {own: wide for own, wide in TELLING.get(key, {}).items() if own in known}
    if not widths:
        widths = {column.key: ROOM // FEW for column in listing.columns[:FEW]}
    if listing.default_sort.key in known and listing.default_sort.key not in widths:
        widths = {listing.default_sort.key: ROOM // FEW, **dict(list(widths.items())[: FEW - 1])}
    columns = tuple(replace(known[own], width=wide) for own, wide in widths.items())
    return replace(listing, columns=columns)


def _file_name(choice: Choice) -> str:
    kind = "facts-and-figures" if choice.edition == "public" else "how-counted"
    first, last = choice.period.first, choice.period.last
    return f"{kind}-{first.isoformat()}-{last.isoformat()}-{choice.lang}.pdf"
