"""Review of pairs who may be one person: the list, both side by side, and what is decided."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import theme
from casedesk.desk.page import Command, Desk, Page, Place
from casedesk.desk.states import Fault
from casedesk.desk.tables import Candidate, CandidateList
from casedesk.desk.widgets import (
    Banner,
    Button,
    Divider,
    EmptyState,
    LineEdit,
    Scroll,
    button,
    clear_layout,
    label,
)
from casedesk.kernel.jobs import Job
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Tagged
from casedesk.tracing import comparing, matching, watching
from casedesk.tracing.acts_view import ActForm, PartForm
from casedesk.tracing.case_rows_view import MergedRow
from casedesk.tracing.comparing import Comparison
from casedesk.tracing.comparing_view import CompareGrid
from casedesk.tracing.matching import Double
from casedesk.tracing.parting import Parting, merged_into
from casedesk.tracing.parts_view import Rows
from casedesk.tracing.records import Verdict
from casedesk.tracing.upkeep_view import breather
from casedesk.tracing.watching import Looked

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
    within: ClassVar[str] = "cases"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Build the page; it reads when it comes to the front."""
        super().__init__(desk, parent)
        self.pairs: list[Double] = []
        self.comparison: Comparison | None = None
        self._case_id: int | None = None
        self._job: Job | None = None
        self._visible = False
        self._wanted: int | None = None
        self._part_form: ActForm | None = None
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
        self.fault = Fault(_("The pairs could not be read"))
        self.fault.again.connect(self.refresh)
        self.fault.hide()
        body.addWidget(self.list, 2)
        body.addWidget(self.nothing, 2)
        body.addWidget(self.fault, 2)
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
        inner = QWidget()
        middle = QVBoxLayout(inner)
        middle.setContentsMargins(0, 0, 0, 0)
        self.table = CompareGrid()
        middle.addWidget(self.table)
        self.merged = Rows(lambda: MergedRow(self.part), "", rules=True)
        self._slot = QVBoxLayout()
        below = QVBoxLayout()
        edge = theme.space(4)
        below.setContentsMargins(edge, 0, edge, theme.space(3))
        below.addWidget(self.merged)
        below.addLayout(self._slot)
        middle.addLayout(below)
        middle.addStretch(1)
        scroll = Scroll(inner)
        column.addWidget(scroll, 1)
        self.warning = Banner("amber", "", parent=side)
        self.warning.hide()
        column.addWidget(self.warning)
        column.addWidget(Divider())
        foot = QVBoxLayout()
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
        """Show the pairs about `case_id`, or those of the last sweep; `other_id` is to be shown."""
        if "case_id" in args:
            self._case_id = args["case_id"] or None
            self._wanted = args.get("other_id")
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
        ask: tuple[Any, ...] = (matching.kept,)
        if self._case_id is not None:
            ask = (matching.pairs_of_case, self._case_id)
        channel = f"matches.{id(self)}"
        self.read(*ask, channel=channel, then=self._set_pairs, failed=self._unread)

    def _unread(self, error: Exception) -> None:
        """Say in place of the pairs why there are none; what was shown before stays."""
        if self.pairs:
            self.desk.notices.problem(error)
            return
        self.fault.say(error)
        self.fault.show()
        self.nothing.hide()

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
        wanted = [pair for pair in pairs if pair.second.person_id == self._wanted]
        rows = [self._row(pair) for pair in pairs]
        self.list.set_rows(rows)
        if wanted:
            self.list.select(_key(wanted[0]))
        elif rows and not any(row.key == key for row in rows):
            self.list.select(rows[min(place, len(rows) - 1)].key)
        self._wanted = None
        self._show()
        self._read_pair()

    def _take_focus(self) -> None:
        """Take the keys back from a button that goes: here each letter decides."""
        if self._visible:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

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
            _compared,
            pair.first.person_id,
            pair.second.person_id,
            channel=f"matches.pair.{id(self)}",
            then=lambda both: self._set_comparison(*both),
        )

    def _set_comparison(
        self, comparison: Comparison | None, merged: tuple[Parting, ...] = ()
    ) -> None:
        self.comparison = comparison
        self.close_form()
        self.merged.show_items(merged)
        self.merged.setVisible(bool(merged))
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
        self.fault.hide()
        if running:
            self.nothing.set(
                _("All persons are being compared"),
                _("You can go on working. The pairs come up here when it is done."),
            )
        elif about_case:
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
            watching.sweep_all,
            self.desk.store,
            breather(self.desk.jobs),
            then=self._swept,
            failed=self._failed,
        )
        if job.done:  # in the caller's own lane it has ended already
            self._job = None
        else:
            self._look.start()
        self._show_progress()
        self._show()
        self._take_focus()

    def stop(self) -> None:
        """Stop the sweep; the pairs of the last one stay."""
        if self._job is not None:
            self._job.cancel()
            self._end()
            self._take_focus()
            self.desk.notices.done(_("Sweep stopped. The list is as it was."), undo=False)

    def _end(self) -> None:
        self._job = None
        self._look.stop()
        self._show()

    def _swept(self, looked: Looked) -> None:
        self._end()
        self.desk.note(self, watching.keep_looked, looked, then=self._kept)

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

    def part(self, parting: Parting) -> None:
        """Say what goes where, and make two files of the one."""
        self.close_form()
        self._part_form = form = PartForm(self, parting)

        def submit() -> None:
            if form.main.isEnabled():
                form.main.setEnabled(False)
                order = form.order()
                done = lambda _person: self.desk.notices.done(order.words)  # noqa: E731
                self.write(order.act, *order.args, then=done, failed=failed)

        def failed(error: Exception) -> None:
            form.main.setEnabled(True)
            self.desk.notices.problem(error)

        form.submitted.connect(submit)
        form.cancelled.connect(self.close_form)
        self._slot.addWidget(form)
        form.show()
        form.focus_first()

    def close_form(self) -> None:
        """Take the form away."""
        if self._part_form is not None:
            self._part_form = None
            clear_layout(self._slot)
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_action(self) -> None:
        """Send the form that is open; else each decision has a key of its own."""
        if self._part_form is not None:
            self._part_form.submitted.emit()

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


def _compared(session: Session, one: int, other: int) -> tuple[Comparison, tuple[Parting, ...]]:
    merged = (*merged_into(session, one), *merged_into(session, other))
    return comparing.compare(session, one, other), merged


def _key(pair: Double) -> int:
    """One number for a pair; persons have numbers of at most 31 bits in a list of Qt."""
    return hash((pair.first.person_id, pair.second.person_id)) & 0x7FFFFFFF or 1
