"""Review of pairs who may be one person: the list, both side by side, and what is decided."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import theme
from casedesk.desk.page import Command, Desk, Page, Place
from casedesk.desk.tables import Candidate, CandidateList
from casedesk.desk.widgets import (
    Banner,
    Button,
    Chip,
    Divider,
    ElidedLabel,
    EmptyState,
    LineEdit,
    Scroll,
    Tag,
    button,
    label,
)
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Tagged
from casedesk.tracing import comparing, matching
from casedesk.tracing.comparing import Comparison, Line
from casedesk.tracing.matching import Double
from casedesk.tracing.records import Verdict
from casedesk.tracing.sweep import Pair

LOOK_MS = 200
TABLES = {"person", "person_name", "contact", "judgement", "tracing_case", "case_enquirer"}


def places(_session: Session, text: str) -> list[Place]:
    """Offer the page in the palette to whoever types what it is called."""
    typed = text.strip().casefold()
    title = _("Possible duplicates")
    if len(typed) < 3 or not any(word.startswith(typed) for word in title.casefold().split()):
        return []
    return [Place(title=title, kind="page", page=MatchesPage.key, icon="user-search")]


class MatchesPage(Page):
    """The pairs of the last sweep, or those about one case; each is judged or merged."""

    key: ClassVar[str] = "matches"
    title: ClassVar[str] = N_("Possible duplicates")
    icon: ClassVar[str] = "user-search"
    area: ClassVar[bool] = False

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Build the page; it reads when it comes to the front."""
        super().__init__(desk, parent)
        self.pairs: list[Double] = []
        self.comparison: Comparison | None = None
        self._case_id: int | None = None
        self._job: Job | None = None
        self._visible = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ground", "window")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._make_head())
        outer.addWidget(Divider())
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        self.list = CandidateList()
        self.list.setAccessibleName(_("Pairs"))
        self.list.current_changed.connect(self._chosen)
        self.first_sweep = button(_("Sweep now"), kind="primary")
        self.first_sweep.clicked.connect(self.sweep)
        self.nothing = EmptyState("user-search", " ", " ", self.first_sweep)
        body.addWidget(self.list, 2)
        body.addWidget(self.nothing, 2)
        self.side = self._make_side()
        body.addWidget(self.side, 3)
        outer.addLayout(body, 1)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._show_progress)
        for keys, run in (
            ("S", lambda: self.judge(Verdict.SAME)),
            ("N", lambda: self.judge(Verdict.NOT_SAME)),
            ("U", lambda: self.judge(Verdict.UNSURE)),
            ("M", self.merge),
            ("J", lambda: self.step(1)),
            ("K", lambda: self.step(-1)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)
        desk.changed.connect(self._changed)
        self._show()

    def _make_head(self) -> QWidget:
        head = QWidget()
        head.setProperty("ground", "surface")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line = QHBoxLayout(head)
        side = theme.space(4)
        line.setContentsMargins(side, theme.space(2), side, theme.space(2))
        line.setSpacing(theme.space(2))
        self.count = label("", "muted")
        self.progress = label("", "muted")
        self.stop_button = button(_("Stop"))
        self.stop_button.clicked.connect(self.stop)
        self.sweep_button = button(_("Sweep now"))
        self.sweep_button.clicked.connect(self.sweep)
        self.all_button = button(_("All pairs"), kind="link")
        self.all_button.clicked.connect(lambda: self.enter(case_id=0))
        for widget in (self.count, self.all_button):
            line.addWidget(widget)
        line.addStretch(1)
        for widget in (self.progress, self.stop_button, self.sweep_button):
            line.addWidget(widget)
        return head

    def _make_side(self) -> QWidget:
        side = QWidget()
        side.setProperty("ground", "surface")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.table = CompareGrid()
        scroll = Scroll(self.table)
        column.addWidget(scroll, 1)
        self.warning = Banner("amber", "", parent=side)
        self.warning.hide()
        column.addWidget(self.warning)
        column.addWidget(Divider())
        foot = QVBoxLayout()
        edge = theme.space(4)
        foot.setContentsMargins(edge, theme.space(2), edge, theme.space(2))
        foot.setSpacing(theme.space(2))
        self.why = LineEdit(placeholder=_("Why, if it is worth a word"), name=_("Why"))
        foot.addWidget(self.why)
        line = QHBoxLayout()
        line.setSpacing(theme.space(2))
        self.buttons: dict[str, Button] = {}
        for name, words, keys, kind, run in (
            ("merge", _("Merge"), "M", "primary", self.merge),
            ("same", _("Same person"), "S", "plain", lambda: self.judge(Verdict.SAME)),
            ("not_same", _("Not the same"), "N", "plain", lambda: self.judge(Verdict.NOT_SAME)),
            ("unsure", _("Not sure"), "U", "quiet", lambda: self.judge(Verdict.UNSURE)),
        ):
            made = button(words, key=keys, kind=kind, listens=False)  # type: ignore[arg-type]
            made.clicked.connect(run)
            self.buttons[name] = made
            line.addWidget(made)
        line.addStretch(1)
        foot.addLayout(line)
        column.addLayout(foot)
        return side

    # -- coming, going, reading -----------------------------------------------------------------

    def enter(self, **args: Any) -> None:
        """Show the pairs about `case_id`, or those of the last sweep."""
        if "case_id" in args:
            self._case_id = args["case_id"] or None
        self._visible = True
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()

    def leave(self) -> None:
        """Go from the front; a sweep goes on."""
        self._visible = False

    def wipe(self) -> None:
        """Take the pairs off the screen."""
        self.pairs = []
        self.why.clear()
        self.list.set_rows(())
        self._set_comparison(None)
        self._show()

    def refresh(self) -> None:
        """Read the pairs again."""
        channel = f"matches.{id(self)}"
        if self._case_id is not None:
            self.read(matching.pairs_of_case, self._case_id, channel=channel, then=self._set_pairs)
        else:
            self.read(matching.kept, channel=channel, then=self._set_pairs)

    def _changed(self, changes: Any) -> None:
        if self._visible and TABLES & set(changes.touched):
            self.refresh()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits."""
        return [self.list, self.side]

    def _set_pairs(self, pairs: list[Double]) -> None:
        place = max(self.list.current_row, 0)
        key = self.list.current_key()
        self.pairs = pairs
        rows = [self._row(pair) for pair in pairs]
        self.list.set_rows(rows)
        if rows and not any(row.key == key for row in rows):
            self.list.select(rows[min(place, len(rows) - 1)].key)
        self._show()
        self._read_pair()

    def _row(self, pair: Double) -> Candidate:
        chips = tuple(Tagged(reason.text, reason.tone) for reason in pair.why)
        born = pair.first.born
        parts = [
            _("Born {date}").format(date=born.text()) if born else _("Birth not known"),
            pair.first.case_number,
            pair.second.case_number,
        ]
        return Candidate(
            key=_key(pair),
            title=pair.first.name or _("Name not known"),
            latin=pair.second.name,
            line="   ".join(part for part in parts if part),
            chips=chips,
            score=f"{min(pair.score, 0.99):.2f}",
        )

    def current(self) -> Double | None:
        """Give the pair that is shown."""
        key = self.list.current_key()
        return next((pair for pair in self.pairs if _key(pair) == key), None)

    def _chosen(self, _key: int) -> None:
        self.why.clear()
        self._read_pair()

    def _read_pair(self) -> None:
        pair = self.current()
        if pair is None:
            self._set_comparison(None)
            return
        self.read(
            comparing.compare,
            pair.first.person_id,
            pair.second.person_id,
            channel=f"matches.pair.{id(self)}",
            then=self._set_comparison,
        )

    def _set_comparison(self, comparison: Comparison | None) -> None:
        self.comparison = comparison
        self.table.show_pair(comparison)
        for made in (*self.buttons.values(), self.why):
            made.setEnabled(comparison is not None)
        pair = self.current()
        relative = pair is not None and any(reason.field == "relative" for reason in pair.why)
        self.warning.set(_("They may be relatives. Look at given name and birth."), tone="amber")
        self.warning.setVisible(relative and comparison is not None)

    def _show(self) -> None:
        count = len(self.pairs)
        running = self._job is not None
        about_case = self._case_id is not None
        self.count.setText(
            ngettext("{count} pair", "{count} pairs", count).format(count=number(count))
            if count
            else ""
        )
        self.all_button.setVisible(about_case)
        self.sweep_button.setVisible(not running and not about_case and count > 0)
        self.first_sweep.setVisible(not running and not about_case)
        self.stop_button.setVisible(running)
        self.progress.setVisible(running)
        self.list.setVisible(count > 0)
        self.side.setVisible(count > 0)
        self.nothing.setVisible(count == 0)
        if about_case:
            self.nothing.set(
                _("Nobody else fits this case"), _("Nobody in the file is likely the same person.")
            )
        else:
            self.nothing.set(
                _("No pair waits for a decision"),
                _("A sweep compares all persons of the file and lists who may be in it twice."),
            )

    # -- the sweep ------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Compare all persons of the file in the background."""
        if self._job is not None:
            return
        self._case_id = None
        self._job = job = self.background(
            matching.sweep_file, self.desk.store, then=self._swept, failed=self._failed
        )
        if job.done:  # in the caller's own lane it has ended already
            self._job = None
        else:
            self._look.start()
        self._show_progress()
        self._show()

    def stop(self) -> None:
        """Stop the sweep; the pairs of the last one stay."""
        if self._job is not None:
            self._job.cancel()
            self._end()
            self.desk.notices.done(_("Sweep stopped. The list is as it was."), undo=False)

    def _end(self) -> None:
        self._job = None
        self._look.stop()
        self._show()

    def _swept(self, pairs: tuple[Pair, ...]) -> None:
        self._end()
        self.desk.note(self, matching.keep_sweep, pairs, then=self._kept)

    def _kept(self, count: int) -> None:
        words = ngettext("Sweep ended: {count} pair", "Sweep ended: {count} pairs", count)
        self.desk.notices.done(words.format(count=number(count)), undo=False)
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._end()
        self.desk.notices.problem(error)

    def _show_progress(self) -> None:
        if self._job is not None:
            progress = self._job.progress
            share = 100 * progress.done // progress.total if progress.total else 0
            words = progress.text or _("Reading the names")
            self.progress.setText(
                _("{what}, {share} %").format(what=words, share=share) if words else ""
            )

    # -- decisions ------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go to the next or the previous pair."""
        keys = [_key(pair) for pair in self.pairs]
        if keys:
            now = self.list.current_key()
            at = keys.index(now) + by if now in keys else 0
            self.list.select(keys[min(max(at, 0), len(keys) - 1)])

    def judge(self, verdict: Verdict) -> None:
        """Say what the two are; the pair leaves the list until their data change."""
        if self.comparison is None:
            return
        words = {
            Verdict.SAME: _("Noted as the same person"),
            Verdict.NOT_SAME: _("Noted as not the same"),
            Verdict.UNSURE: _("Noted as not sure"),
        }[verdict]
        self.write(
            matching.judge,
            self.comparison.first_id,
            self.comparison.second_id,
            verdict,
            self.why.text().strip(),
            then=lambda _none: self.desk.notices.done(words),
        )

    def merge(self) -> None:
        """Make one file of the two, with the values that are chosen; Undo takes it back."""
        shown = self.comparison
        if shown is None:
            return
        self.write(
            matching.merge_match,
            shown.first_id,
            shown.second_id,
            self.desk.today,
            take=self.table.taken(),
            why=self.why.text().strip(),
            keep_revision=shown.revisions[0],
            drop_revision=shown.revisions[1],
            then=lambda _person: self.desk.notices.done(_("Merged into one file")),
        )

    def main_action(self) -> None:
        """Ctrl+Enter does nothing here: each decision has a key of its own."""

    def commands(self) -> list[Command]:
        """List what can be done here."""
        made = [Command(key="matches.sweep", label=_("Sweep now"), run=self.sweep)]
        if self.comparison is not None:
            made += [
                Command(key="matches.merge", label=_("Merge"), run=self.merge, shortcut="M"),
                Command(
                    key="matches.same",
                    label=_("Same person"),
                    run=lambda: self.judge(Verdict.SAME),
                    shortcut="S",
                ),
                Command(
                    key="matches.not_same",
                    label=_("Not the same"),
                    run=lambda: self.judge(Verdict.NOT_SAME),
                    shortcut="N",
                ),
                Command(
                    key="matches.unsure",
                    label=_("Not sure"),
                    run=lambda: self.judge(Verdict.UNSURE),
                    shortcut="U",
                ),
            ]
        return made


def _key(pair: Double) -> int:
    """One number for a pair; persons have numbers of at most 31 bits in a list of Qt."""
    return hash((pair.first.person_id, pair.second.person_id)) & 0x7FFFFFFF or 1


class CompareGrid(QWidget):
    """Both persons field by field; where they differ, a press chooses whose value is kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin empty."""
        super().__init__(parent)
        self._grid = QGridLayout(self)
        side = theme.space(4)
        self._grid.setContentsMargins(side, theme.space(3), side, theme.space(3))
        self._grid.setHorizontalSpacing(theme.space(3))
        self._grid.setVerticalSpacing(theme.space(2))
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        self.choices: dict[str, tuple[Chip, Chip]] = {}
        self._lines: tuple[Line, ...] = ()

    def show_pair(self, comparison: Comparison | None) -> None:
        """Show a pair, the first one's values chosen where both are known."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.choices = {}
        self._lines = comparison.lines if comparison is not None else ()
        if comparison is None:
            return
        for column, title in enumerate(comparison.titles, 1):
            self._grid.addWidget(ElidedLabel(title, "strong"), 0, column)
        for row, line in enumerate(self._lines, 1):
            self._grid.addWidget(label(line.label, "muted"), row, 0)
            if line.merged and line.first and line.second and line.first != line.second:
                self._grid_choice(row, line)
            else:
                for column, text in ((1, line.first), (2, line.second)):
                    known = text or _("Not known")
                    style = "body" if text else "muted"
                    self._grid.addWidget(label(known, style, wrap=True), row, column)
            if line.result:
                top = Qt.AlignmentFlag.AlignTop
                self._grid.addWidget(Tag(line.result, line.tone), row, 3, top)
        self._grid.setRowStretch(len(self._lines) + 1, 1)

    def _grid_choice(self, row: int, line: Line) -> None:
        left = Chip(line.first, checkable=True, checked=True)
        right = Chip(line.second, checkable=True)
        left.setAccessibleDescription(_("Keep this value: {field}").format(field=line.label))
        right.setAccessibleDescription(_("Keep this value: {field}").format(field=line.label))
        left.clicked.connect(lambda: self._choose(line.merged, second=False))
        right.clicked.connect(lambda: self._choose(line.merged, second=True))
        self.choices[line.merged] = (left, right)
        for column, chip in ((1, left), (2, right)):
            self._grid.addWidget(chip, row, column, Qt.AlignmentFlag.AlignLeft)

    def _choose(self, field: str, *, second: bool) -> None:
        left, right = self.choices[field]
        left.set_checked(not second)
        right.set_checked(second)

    def taken(self) -> tuple[str, ...]:
        """Name the fields whose value comes from the second person."""
        return tuple(field for field, (_left, right) in self.choices.items() if right.checked)

    def texts(self) -> list[tuple[str, str, str, str]]:
        """Give what stands in the rows."""
        return [(line.label, line.first, line.second, line.result) for line in self._lines]
