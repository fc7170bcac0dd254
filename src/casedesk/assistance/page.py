"""Assistance: rounds, the list of one round, what has to be decided, and the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from sqlmodel import Session

from casedesk.assistance import asking, rounds, rules, second
from casedesk.assistance.asking import LINES, ROUNDS, Choices, Standing, Told
from casedesk.assistance.counter_view import CounterView
from casedesk.assistance.double_view import DoublePanel, Words
from casedesk.assistance.doubles import DoubleFound
from casedesk.assistance.leave_view import LeaveForm, Leaving, ask_place
from casedesk.assistance.line_view import LinePane
from casedesk.assistance.reading import RoundSummary
from casedesk.assistance.records import EntitlementStatus, RegistrationStatus, RoundStatus
from casedesk.assistance.register_view import (
    CancelForm,
    FillForm,
    HouseholdForm,
    MoveForm,
    ProgrammeForm,
    RoundForm,
    SecondForm,
    StatusForm,
)
from casedesk.assistance.round_view import RoundHead, steps
from casedesk.assistance.rules import Registered
from casedesk.desk import theme
from casedesk.desk.forms import Form
from casedesk.desk.page import Command, Desk, Page, Place
from casedesk.desk.tables import RecordTable
from casedesk.desk.widgets import (
    Chip,
    ChipRow,
    ComboBox,
    Divider,
    EmptyState,
    KeyHint,
    LineEdit,
    Scroll,
    button,
    label,
)
from casedesk.kernel.errors import InvalidDraft, NotFound
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Condition, Filter

SEARCH_MS = 200
LOOK_MS = 80
SUMMARY_MS = 250
WIDE = 1600
"""Under this width of the window the rounds make room for what is opened at the right."""
STATUSES = (
    ("decide", N_("To decide")),
    (EntitlementStatus.PLANNED.value, N_("Planned")),
    (EntitlementStatus.RECEIVED.value, N_("Received")),
    (EntitlementStatus.STOPPED.value, N_("Stopped")),
    (EntitlementStatus.NOT_COLLECTED.value, N_("Not collected")),
)
TABLES = frozenset(
    {
        *("assistance_round", "round_site", "entitlement", "receipt", "double_assistance"),
        *("programme", "registration", "household", "household_member", "person", "person_name"),
    }
)
DRAFTS = "assistance."


def places(session: Session, text: str) -> list[Place]:
    """Find rounds and households for the palette."""
    found = [
        Place(
            title=f"{one.programme} · {one.name}",
            kind="round",
            page=AssistancePage.key,
            args=(("round_id", one.id),),
            icon=AssistancePage.icon,
        )
        for one in asking.find_rounds(session, text)
    ]
    for home in asking.find_households(session, text):
        found.append(
            Place(
                title=home.head,
                subtitle=_("Household {code}").format(code=home.code),
                kind="household",
                page=AssistancePage.key,
                args=(("round_id", home.round_id), ("line_id", home.line_id)),
                icon="users",
            )
        )
    return found


class AssistancePage(Page):
    """Rounds of assistance: nobody is served twice, and two persons approve."""

    key: ClassVar[str] = "assistance"
    title: ClassVar[str] = N_("Assistance")
    icon: ClassVar[str] = "hand-helping"
    shortcut: ClassVar[str] = "Ctrl+6"

    def __init__(
        self, desk: Desk, leaving: Leaving | None = None, parent: QWidget | None = None
    ) -> None:
        """`leaving` writes lists that leave the house; without it none can be asked for."""
        super().__init__(desk, parent)
        self._leaving = leaving
        self.summary: RoundSummary | None = None
        self.standing: Standing | None = None
        self.form: Form | None = None
        self.panels: list[DoublePanel] = []
        self._words: Words = {}
        self._round_id = 0
        self._status = ""
        self._began = False
        self._line_wanted = 0
        self._busy = False
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.stack = QStackedWidget()
        column.addWidget(self.stack)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self._make_left())
        self.split.addWidget(self._make_middle())
        self.split.addWidget(self._make_pane())
        self.split.setStretchFactor(0, 0)
        self.split.setStretchFactor(1, 1)
        self.split.setStretchFactor(2, 0)
        self.split.setSizes([theme.px(280), theme.px(860), theme.px(368)])
        self.stack.addWidget(self.split)
        self.counter = CounterView(self, self._panel_of)
        self.counter.left.connect(self.leave_table)
        self.stack.addWidget(self.counter)
        self._timers()
        for keys, owner, run in (
            ("F7", self, self.hand_over),
            ("F4", self.split, self._open_current),
            ("Alt+D", self.split, self.show_undecided),
            ("Alt+R", self.split, lambda: self.rounds.setFocus(Qt.FocusReason.ShortcutFocusReason)),
            ("Esc", self.text, self._to_table),
            ("Esc", self.pane, self._escape_pane),
        ):
            made = QShortcut(QKeySequence(keys), owner)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(run)
        if leaving is not None:
            for keys, paper in (("Ctrl+P", True), ("Ctrl+E", False)):
                made = QShortcut(QKeySequence(keys), self.split)
                made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                made.activated.connect(lambda paper=paper: self.ask_to_leave(paper=paper))
        desk.changed.connect(self._changed)

    # -- the parts ------------------------------------------------------------------------------

    def _make_left(self) -> QWidget:
        self.left = QWidget()
        self.left.setMinimumWidth(theme.px(220))
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = ChipRow()
        flow = row.layout()
        if flow is not None:
            side = theme.space(2)
            flow.setContentsMargins(side, side, side, side)
        for words, key, run in (
            (_("New round"), "Ctrl+N", self.new_record),
            (_("New programme"), "", self.new_programme),
            (_("Register household"), "", self.new_household),
        ):
            made = button(words, key=key, listens=False)
            made.clicked.connect(run)
            row.add(made)
        column.addWidget(row)
        column.addWidget(Divider())
        self.rounds = RecordTable(self.read, ROUNDS, ticks=False, stretch="name")
        self.rounds.show_columns(("name", "status"))
        self.rounds.setAccessibleName(_("Rounds"))
        self.rounds.set_reading_text(_("Reading rounds"))
        self.rounds.set_empty(
            EmptyState(self.icon, _("Rounds will stand here"), _("A round is one distribution."))
        )
        self.rounds.current_changed.connect(self._round_chosen)
        self.rounds.opened.connect(lambda _id: self._to_table())
        column.addWidget(self.rounds, 1)
        return self.left

    def _make_middle(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = RoundHead()
        self.head.step.connect(self.step)
        self.head.figure.connect(self._figure_chosen)
        self.head.hide()
        column.addWidget(self.head)
        column.addWidget(Divider())
        self.bar = self._make_filters()
        column.addWidget(self.bar)
        column.addWidget(Divider())
        self.table = RecordTable(self.read, LINES, stretch="latin")
        self.table.show_columns(asking.SHOWN_LINES)
        self.table.setAccessibleName(_("Households of the round"))
        self.table.set_reading_text(_("Reading the list"))
        fill = button(_("Put on the list"))
        fill.clicked.connect(self.fill)
        loosen = button(_("Take all filters away"))
        loosen.clicked.connect(self.loosen)
        self.table.set_empty(
            EmptyState(
                self.icon,
                _("Nobody is on this list yet"),
                _("Included registrations of the programme are put on it."),
                fill,
            ),
            EmptyState("search", _("Nobody fits these filters"), button=loosen),
        )
        self.table.opened.connect(self.open_line)
        self.table.current_changed.connect(lambda _id: self._look.start())
        self.table.selection_changed.connect(self._show_chosen)
        self.table.counted.connect(self._counted)
        self.table.escaped.connect(self._escape_pane)
        column.addWidget(self.table, 1)
        column.addWidget(self._make_chosen())
        return whole

    def _make_filters(self) -> QWidget:
        bar = QWidget()
        bar.setMinimumHeight(theme.px(44))
        bar.setAccessibleName(_("Filters"))
        line = QHBoxLayout(bar)
        side = theme.space(3)
        line.setContentsMargins(side, theme.space(1), side, theme.space(1))
        line.setSpacing(theme.space(2))
        self.text = LineEdit(
            placeholder=_("Name, address, card number"), name=_("Filter"), icon="search"
        )
        self.text.setFixedWidth(theme.px(220))
        self.text.textEdited.connect(lambda _text: self._search.start())
        self.text.returnPressed.connect(self._text_done)
        line.addWidget(self.text)
        row = ChipRow()
        flow = row.layout()
        if flow is not None:
            flow.setContentsMargins(0, theme.px(7), 0, theme.px(7))
        self.chips: dict[str, Chip] = {}
        for key, words in STATUSES:
            chip = Chip(_(words), checkable=True, tone="amber" if key == "decide" else "neutral")
            chip.clicked.connect(lambda key=key: self._chip(key))
            self.chips[key] = chip
            row.add(chip)
        line.addWidget(row, 1)
        self.site = ComboBox([("", _("All points"))], name=_("Point"))
        self.site.chosen.connect(lambda _value: self._show())
        line.addWidget(self.site)
        self.count = label("", "muted")
        line.addWidget(self.count)
        if self._leaving is not None:
            for words, key, paper in (
                (_("Print list"), "Ctrl+P", True),
                (_("Export round"), "Ctrl+E", False),
            ):
                icon = "printer" if paper else "download"
                made = button(words, kind="quiet", icon=icon, key=key, listens=False).icon_only()
                made.clicked.connect(lambda _on=False, paper=paper: self.ask_to_leave(paper=paper))
                line.addWidget(made)
        return bar

    def _make_chosen(self) -> QWidget:
        self.chosen = QWidget()
        self.chosen.setMinimumHeight(theme.px(40))
        line = QHBoxLayout(self.chosen)
        side = theme.space(3)
        line.setContentsMargins(side, 0, side, 0)
        line.setSpacing(theme.space(2))
        self.chosen_count = label("", "strong")
        line.addWidget(self.chosen_count)
        self.move_button = button(_("Move to another point"))
        self.move_button.clicked.connect(self.move_chosen)
        self.status_button = button(_("Change status"))
        self.status_button.clicked.connect(self.change_chosen)
        self.off_button = button(_("Take off the list"))
        self.off_button.clicked.connect(self.take_off_chosen)
        for made in (self.move_button, self.status_button, self.off_button):
            line.addWidget(made)
        line.addStretch(1)
        clear = button(_("Clear"), kind="quiet")
        clear.clicked.connect(self.table.clearSelection)
        line.addWidget(clear)
        line.addWidget(KeyHint("Esc"))
        self.chosen.hide()
        return self.chosen

    def _make_pane(self) -> QWidget:
        self.pane = QWidget()
        self.pane.setMinimumWidth(theme.px(300))
        self.pane.setMaximumWidth(theme.px(520))
        column = QVBoxLayout(self.pane)
        column.setContentsMargins(0, 0, 0, 0)
        self._inner = QWidget()
        self._cards = QVBoxLayout(self._inner)
        side = theme.space(3)
        self._cards.setContentsMargins(side, side, side, side)
        self._cards.setSpacing(theme.space(3))
        self._cards.addStretch(1)
        column.addWidget(Scroll(self._inner))
        self.pane.hide()
        return self.pane

    def _timers(self) -> None:
        self._search = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search.timeout.connect(self._show)
        self._look = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._look.timeout.connect(self._follow)
        self._again = QTimer(self, singleShot=True, interval=SUMMARY_MS)
        self._again.timeout.connect(self._read_head)

    # -- coming, going, reading -----------------------------------------------------------------

    @property
    def at_table(self) -> bool:
        """Whether the table of handing over stands in front."""
        return self.stack.currentWidget() is self.counter

    def enter(self, **args: Any) -> None:
        """Show the newest round, or the one that `round_id` and `line_id` name."""
        self._line_wanted = int(args.get("line_id") or 0)
        wanted = int(args.get("round_id") or 0)
        if not self._began:
            self._began = True
            self.rounds.show_filter(Filter())
            self._read_round(wanted)
        elif wanted and wanted != self._round_id:
            self._read_round(wanted)
        elif self._line_wanted:
            self._show_wanted()
        if wanted and self.at_table:
            self.leave_table()
        self._read_count()
        if self.at_table:
            self.counter.number.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.form is None:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Keep what is typed in an open form."""
        if self.form is not None:
            self.form.keep_now()

    def wipe(self) -> None:
        """Take names off the screen."""
        self.leave()
        self.close_pane()
        self.counter.wipe()
        self.text.clear()
        self.table.show_filter(Filter.of_ids(()))

    def refresh(self) -> None:
        """Read again."""
        if self._began:
            self.rounds.refresh()
            self._show()
            self._read_head()
            self._read_count()
            self.counter.count_again()

    def _changed(self, changes: Any) -> None:
        if not self._began or not TABLES & set(changes.touched):
            return
        self._again.start()
        if self.at_table:
            # The lists are not seen now; whoever stands at the table must not wait for them.
            self.counter.read_again()
        else:
            self.rounds.refresh(changes)
            self.table.refresh(changes)
            self._read_count()
        self.counter.count_again()

    def _read_count(self) -> None:
        self.read(asking.open_count, channel="assistance.count", then=self._show_count)

    def _show_count(self, waiting: int) -> None:
        self.count_changed.emit(waiting, False)

    def _read_round(self, round_id: int) -> None:
        """Go to a round; 0 is the newest one."""
        self.read(asking.summary, round_id, channel="assistance.round", then=self._show_round)

    def _read_head(self) -> None:
        self.read(asking.summary, self._round_id, channel="assistance.head", then=self._head_read)
        if self.standing is not None and self.pane.isVisible():
            self._read_line(self.standing.line.id, focus=False)

    def _head_read(self, summary: RoundSummary | None) -> None:
        if summary is not None and summary.id == self._round_id:
            self._tell(summary)
        elif not self._round_id or summary is None:
            self._show_round(summary)

    def _show_round(self, summary: RoundSummary | None) -> None:
        if summary is None:
            self._round_id, self.summary = 0, None
            self.head.hide()
            self.bar.setEnabled(False)
            self.table.show_filter(Filter.of_ids(()))
            self.subtitle_changed.emit("")
            return
        fresh = summary.id != self._round_id
        self._round_id = summary.id
        self.bar.setEnabled(True)
        self.rounds.select_id(summary.id)
        if fresh:
            self._status = ""
            self.text.clear()
            self.site.set_value("")
            if self.form is None:
                self.close_pane()
        self._tell(summary)
        self._show()
        if self._line_wanted:
            self._show_wanted()

    def _show_wanted(self) -> None:
        wanted, self._line_wanted = self._line_wanted, 0
        self.loosen()
        self.table.select_id(wanted)
        self.open_line(wanted)

    def _tell(self, summary: RoundSummary) -> None:
        """Show how a round stands now."""
        self.summary = summary
        self.head.show_round(summary)
        self.head.show()
        self.counter.show_round(summary)
        points = [("", _("All points")), *((site.id, site.name) for site in summary.sites)]
        self.site.set_choices(points, value=self.site.value)
        self.site.setVisible(len(points) > 2)
        waiting = summary.to_decide
        self.chips["decide"].set_text(
            _("To decide {count}").format(count=number(waiting)) if waiting else _("To decide")
        )
        planned = summary.status is RoundStatus.OPEN
        self.off_button.setVisible(planned)
        self.subtitle_changed.emit(summary.programme)

    def _round_chosen(self, round_id: int) -> None:
        if round_id and round_id != self._round_id:
            self._read_round(round_id)

    # -- the list -------------------------------------------------------------------------------

    @property
    def asked(self) -> Filter:
        """What the list shows."""
        found = Filter((Condition("round", "is", self._round_id),))
        if self._status:
            found = found.with_(Condition("status", "is", self._status))
        if self.site.value:
            found = found.with_(Condition("site", "is", int(self.site.value)))
        if self.text.value:
            found = found.with_(Condition("text", "is", self.text.value))
        return found

    def _show(self) -> None:
        self._search.stop()
        for key, chip in self.chips.items():
            chip.set_checked(key == self._status)
        if self._round_id:
            self.table.show_filter(self.asked)

    def _chip(self, key: str) -> None:
        self._status = "" if self._status == key else key
        self._show()

    def _figure_chosen(self, key: str) -> None:
        """Show the rows behind a figure."""
        self._status = "decide" if key == "decide" else EntitlementStatus.RECEIVED.value
        self.text.clear()
        self.site.set_value("")
        self._show()
        self._to_table()

    def show_undecided(self) -> None:
        """Show what has to be decided."""
        self._figure_chosen("decide")

    def loosen(self) -> None:
        """Take all filters away."""
        self._status = ""
        self.text.clear()
        self.site.set_value("")
        self._show()

    def _text_done(self) -> None:
        self._show()
        self._to_table()

    def _to_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _counted(self, found: int) -> None:
        if self.summary is not None and self.table.model_.complete:
            words = _("{found} of {whole}").format(
                found=number(found), whole=number(self.summary.lines)
            )
            self.count.setText(words)

    def find(self) -> None:  # type: ignore[override]
        """Put the cursor into the filter, or at the table into the number."""
        field = self.counter.number if self.at_table else self.text
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits."""
        if self.at_table:
            return [self.counter]
        return [self.rounds, self.head, self.text, self.table, self.pane, self.chosen]

    # -- one line at the right ------------------------------------------------------------------

    def open_line(self, line_id: int) -> None:
        """Show a line beside the list; the cursor goes to what has to be decided."""
        if line_id:
            self._read_line(line_id, focus=True)

    def _open_current(self) -> None:
        self.open_line(self.table.current_id())

    def _follow(self) -> None:
        """Let an open line follow the list, unless something is typed there."""
        line_id = self.table.current_id()
        shown = self.standing.line.id if self.standing is not None else 0
        if self.form is None and shown and line_id and line_id != shown and not self._typed():
            self._read_line(line_id, focus=False)

    def _typed(self) -> bool:
        return any(panel.reason.value or panel.second.value for panel in self.panels)

    def _read_line(self, line_id: int, *, focus: bool) -> None:
        def shown(standing: Standing) -> None:
            self._show_line(standing, focus=focus)

        def gone(error: Exception) -> None:
            if isinstance(error, NotFound):
                self.close_pane()
            else:
                self.desk.notices.problem(error)

        self.read(asking.standing, line_id, channel="assistance.line", then=shown, failed=gone)

    def _show_line(self, standing: Standing, *, focus: bool) -> None:
        if self.form is not None and not focus:
            return
        if standing != self.standing or self.form is not None or not self.panels:
            had = self.pane.isAncestorOf(focused) if (focused := self.focusWidget()) else False
            if self.form is not None:
                self.form.keep_now()
            self._empty_pane()
            self.standing = standing
            self._build_line(standing)
            self._open_pane()
            if had and not focus:
                self._focus_line()
        if focus:
            self._focus_line()

    def _build_line(self, standing: Standing) -> None:
        for told in standing.told:
            panel = self._panel_of(told)
            self.panels.append(panel)
            self._add_card(panel)
        pane = LinePane(standing)
        pane.give.connect(self.give_line)
        pane.cancel.connect(self.cancel_receipt)
        pane.closed.connect(self.close_pane)
        self.line_pane = pane
        self._add_card(pane)

    def _focus_line(self) -> None:
        waiting = next((panel for panel in self.panels if panel.undecided), None)
        if waiting is not None:
            waiting.focus_first()
        else:
            self._to_table()

    def _add_card(self, card: QWidget) -> None:
        self._cards.insertWidget(self._cards.count() - 1, card)
        card.show()

    def _empty_pane(self) -> None:
        self.form, self.standing, self.panels = None, None, []
        while self._cards.count() > 1:
            item = self._cards.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _open_pane(self) -> None:
        # Long words make the pane wider, as far as it goes: nothing in it is cut.
        need = self._inner.minimumSizeHint().width() + theme.control("scrollbar") + 2
        self.pane.setMinimumWidth(max(theme.px(300), min(theme.px(520), need)))
        self.pane.show()
        self._fold()

    def close_pane(self) -> None:
        """Leave the room to the list, and go back to its row."""
        had = (focused := self.focusWidget()) is not None and self.pane.isAncestorOf(focused)
        self._empty_pane()
        self.pane.hide()
        self._fold()
        if had or focused is None:
            self._to_table()

    def _escape_pane(self) -> None:
        """Esc leaves a line; words that were typed are not thrown away by it."""
        if self.form is not None:
            if not self.form.touched():
                self.close_pane()
            else:
                self.form.main.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif not self._typed():
            self.close_pane()
        else:
            self._to_table()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """In a narrow window the rounds make room for what is open at the right."""
        self.left.setVisible(self.pane.isHidden() or self.window().width() >= WIDE)

    # -- possible doubles -----------------------------------------------------------------------

    def _panel_of(self, told: Told) -> DoublePanel:
        """Make a panel whose decisions are carried out, wherever it stands."""
        panel = DoublePanel(told, self.desk.actor, self._words)
        panel.give.connect(lambda _i, reason, name: self._give(told, reason, name))
        panel.confirm.connect(lambda _i, name: self._confirm(told, name))
        panel.merge.connect(lambda _i, reason, same: self._merge(told, reason, same))
        panel.stop.connect(lambda _i, reason: self._stop(told, reason))
        panel.reopen.connect(lambda _i: self._reopen(told))
        return panel

    def _decide(self, told: Told, words: str, act: Any, *args: Any) -> None:
        if self._busy:
            return
        self._busy = True

        def done(_result: object) -> None:
            self._busy = False
            for panel in (*self.panels, self.counter.panel):
                if panel is not None and panel.told == told:
                    panel.sent()
            self.desk.notices.done(words)
            if not self.at_table:
                self._to_table()

        def failed(error: Exception) -> None:
            self._busy = False
            self.desk.notices.problem(error)

        self.write(act, *args, then=done, failed=failed)

    def _give(self, told: Told, reason: str, name: str) -> None:
        double, revision = told.warning.double_id, told.warning.revision
        if name:
            words = _("Given anyway, confirmed by {name}").format(name=name)
            self._decide(told, words, second.give_anyway, double, reason, name, revision)
        else:
            words = _("Noted. A second person has to confirm it")
            self._decide(told, words, rules.give_anyway, double, reason, revision)

    def _confirm(self, told: Told, name: str) -> None:
        words = _("Given anyway, confirmed by {name}").format(name=name)
        self._decide(told, words, second.confirm, told.warning.double_id, name)

    def _merge(self, told: Told, reason: str, same: tuple[tuple[int, int], ...]) -> None:
        warning = told.warning
        args = (warning.double_id, reason, same, warning.revision)
        self._decide(told, _("Households merged"), rules.merge_double, *args)

    def _stop(self, told: Told, reason: str) -> None:
        warning = told.warning
        args = (warning.double_id, reason, warning.revision)
        self._decide(told, _("Stopped: nothing is given"), rules.stop_double, *args)

    def _reopen(self, told: Told) -> None:
        self._decide(told, _("To be decided again"), rules.reopen_double, told.warning.double_id)

    # -- one line: give, take back --------------------------------------------------------------

    def give_line(self, line_id: int) -> None:
        """Note that the household of a line received."""
        self._give_lines([line_id])

    def _give_lines(self, ids: list[int]) -> None:
        def done(receipts: list[Any]) -> None:
            said = ngettext("{count} line handed over", "{count} lines handed over", len(receipts))
            self.desk.notices.done(said.format(count=number(len(receipts))))
            self._to_table()

        def failed(error: Exception) -> None:
            if isinstance(error, DoubleFound) and len(ids) == 1:
                self.desk.note(
                    self, rules.note_double, ids[0], then=lambda _n: self.open_line(ids[0])
                )
            else:
                self.desk.notices.problem(error)

        self.write(rounds.hand_over, ids, then=done, failed=failed)

    def cancel_receipt(self, line_id: int) -> None:
        """Ask why a receipt is taken back, and take it back."""
        form = CancelForm()

        def send() -> None:
            self._submit(
                form, _("Receipt cancelled"), rounds.cancel_receipt, line_id, form.reason()
            )

        self._open_form(form, send)

    # -- the round ------------------------------------------------------------------------------

    def step(self, key: str) -> None:
        """Take a step of the round."""
        summary = self.summary
        if summary is None or self._busy:
            return
        run: dict[str, Callable[[], None]] = {
            "lock": self._lock,
            "fill": self.fill,
            "approve_second": self._approve_second,
            "hand_over": self.hand_over,
            "reconcile": self._reconcile,
        }
        plain = {
            "approve": (rounds.approve_round, _("Approved. A second person has to approve too")),
            "unlock": (rounds.unlock_round, _("List unlocked")),
            "start": (rounds.start_round, _("Distribution begun")),
            "close": (rounds.close_round, _("Round closed")),
        }
        if key in run:
            run[key]()
        elif key in plain:
            act, words = plain[key]
            self._take(act, lambda _result: words)

    def _take(self, act: Any, words: Callable[[Any], str]) -> None:
        self._busy = True

        def done(result: Any) -> None:
            self._busy = False
            self.desk.notices.done(words(result))
            self._read_head()

        def failed(error: Exception) -> None:
            self._busy = False
            self.desk.notices.problem(error)

        self.write(act, self._round_id, then=done, failed=failed)

    def _lock(self) -> None:
        def words(noted: list[Any]) -> str:
            if not noted:
                return _("List locked")
            said = ngettext(
                "List locked. {count} possible double was found",
                "List locked. {count} possible doubles were found",
                len(noted),
            )
            return said.format(count=number(len(noted)))

        self._take(rounds.lock_round, words)

    def _reconcile(self) -> None:
        def words(left: int) -> str:
            said = ngettext(
                "Reconciled. {count} line was not collected",
                "Reconciled. {count} lines were not collected",
                left,
            )
            return said.format(count=number(left)) if left else _("Reconciled")

        self._take(rounds.reconcile_round, words)

    def _approve_second(self) -> None:
        if self.summary is None:
            return
        title, first = _("Second approval"), self.summary.first_approver
        form = SecondForm(title, _("Approve"), first)

        def send() -> None:
            self._submit(form, _("Approved"), second.approve, self._round_id, form.second())

        self._open_form(form, send)

    def hand_over(self) -> None:
        """Sit down at the table (F7)."""
        if self.summary is None:
            return
        if self.summary.status is not RoundStatus.UNDER_WAY:
            self.desk.notices.done(_("The distribution is not under way."), undo=False)
            return
        self.stack.setCurrentWidget(self.counter)
        self.counter.begin(self.summary)

    def leave_table(self) -> None:
        """Go back to the list."""
        self.stack.setCurrentWidget(self.split)
        self.rounds.refresh()
        self.table.refresh()
        self._read_head()
        self._read_count()
        self._to_table()

    # -- many at once ---------------------------------------------------------------------------

    def _show_chosen(self) -> None:
        ticked = self.table.ticked()
        self.chosen.setVisible(ticked >= 1)
        words = ngettext("{count} selected", "{count} selected", ticked)
        self.chosen_count.setText(words.format(count=number(ticked)))

    def _with_chosen(self, run: Callable[[list[int]], None], form: Form | None = None) -> None:
        def failed(error: Exception) -> None:
            if form is None or not form.fail(error):
                self.desk.notices.problem(error)

        self.read(asking.chosen, LINES, self.table.selection(), then=run, failed=failed)

    def move_chosen(self) -> None:
        """Ask for another point, and move the chosen lines."""
        sites = [(site.id, site.name) for site in self.summary.sites] if self.summary else []
        form = MoveForm(sites)

        def words(moved: int) -> str:
            said = ngettext("{count} line moved", "{count} lines moved", moved)
            return said.format(count=number(moved))

        def send() -> None:
            site = form.values()["site"] or None
            self._with_chosen(
                lambda ids: self._submit(form, words, rounds.move_to_site, ids, site), form
            )

        self._open_form(form, send)

    def change_chosen(self) -> None:
        """Stop the chosen lines, or pause the registrations behind them."""
        form = StatusForm()

        def stopped(count: int) -> str:
            said = ngettext("{count} line stopped", "{count} lines stopped", count)
            return said.format(count=number(count))

        def changed(count: int) -> str:
            said = ngettext("{count} registration changed", "{count} registrations changed", count)
            return said.format(count=number(count))

        def send() -> None:
            reason, way = form.reason(), str(form.values()["way"])
            if way == "stop":
                self._with_chosen(
                    lambda ids: self._submit(form, stopped, rounds.stop_lines, ids, reason), form
                )
                return
            paused, going = RegistrationStatus.PAUSED, RegistrationStatus.INCLUDED
            new = paused if way == "pause" else going

            def change(registrations: list[int]) -> None:
                args = (registrations, new, self.desk.today, reason)
                self._submit(form, changed, rules.change_status, *args)

            self._with_chosen(
                lambda ids: self._read_for(form, asking.registrations_of, ids, change), form
            )

        self._open_form(form, send)

    def _read_for(self, form: Form, fn: Any, ids: list[int], then: Callable[[Any], None]) -> None:
        def failed(error: Exception) -> None:
            if not form.fail(error):
                self.desk.notices.problem(error)

        self.read(fn, ids, then=then, failed=failed)

    def take_off_chosen(self) -> None:
        """Take the chosen lines off the list; Undo brings them back."""

        def words(count: int) -> str:
            said = ngettext("{count} line taken off", "{count} lines taken off", count)
            return said.format(count=number(count))

        def done(count: int) -> None:
            self.table.clearSelection()
            self.desk.notices.done(words(count))

        def take_off(ids: list[int]) -> None:
            self.write(rounds.take_off, ids, then=done)

        self._with_chosen(take_off)

    # -- forms ----------------------------------------------------------------------------------

    def _open_form(self, form: Form, send: Callable[[], None]) -> None:
        """Show a form at the right; `send` reads it, and may say what is wrong."""
        if self.form is not None:
            self.form.keep_now()
        self._empty_pane()
        self.form = form

        def submit() -> None:
            form.well()
            try:
                send()
            except InvalidDraft as error:
                form.fail(error)

        form.submitted.connect(submit)
        form.cancelled.connect(self.close_pane)
        self._add_card(form)
        self._open_pane()
        form.focus_first()

    def _submit(
        self, form: Form, words: str | Callable[[Any], str], act: Any, *args: Any, **options: Any
    ) -> None:
        then = options.pop("then", None)
        form.busy(True)

        def done(result: Any) -> None:
            form.busy(False)
            if self.form is form:
                self.close_pane()
                self._to_table()
            self.table.clearSelection()
            self.desk.notices.done(words if isinstance(words, str) else words(result))
            self._read_head()
            if then is not None:
                then(result)

        def failed(error: Exception) -> None:
            if not form.fail(error):
                self.desk.notices.problem(error)

        self.write(act, *args, then=done, failed=failed, **options)

    def _with_draft(self, form: Form, key: str, send: Callable[[], None]) -> None:
        """Open a form whose words are kept until it is sent or cancelled."""
        self._open_form(form, send)
        form.cancelled.connect(lambda: self.desk.drop_draft(DRAFTS + key))

        def restore(drafts: dict[str, str]) -> None:
            if self.form is form and (kept := drafts.get(DRAFTS + key)):
                form.restore(kept)

        self.desk.drafts(self, restore)

    def _keeper(self, key: str) -> Callable[[str], None]:
        return lambda text: self.desk.keep_draft(DRAFTS + key, text)

    def new_programme(self) -> None:
        """Begin a new programme."""
        form = ProgrammeForm(self.desk.today, self._keeper("programme"))

        def added(_programme: Any) -> None:
            self.desk.drop_draft(DRAFTS + "programme")

        def send() -> None:
            self._submit(form, _("Programme added"), rules.add_programme, form.draft(), then=added)

        self._with_draft(form, "programme", send)

    def new_record(self) -> None:
        """Begin a new round."""
        if isinstance(self.form, RoundForm):
            self.form.focus_first()
            return
        if self.at_table:
            self.leave_table()
        self.read(asking.choices, channel="assistance.choices", then=self._new_round)

    def _new_round(self, choices: Choices) -> None:
        form = RoundForm(choices, self.desk.today, self._keeper("round"))

        def opened(made: Any) -> None:
            self.desk.drop_draft(DRAFTS + "round")
            self._read_round(made.id)

        def send() -> None:
            draft, sites = form.drafts()
            self._submit(form, _("Round opened"), rounds.open_round, draft, sites, then=opened)

        self._with_draft(form, "round", send)

    def fill(self) -> None:
        """Ask what the included registrations get, and put them on the list."""
        if self.summary is None:
            return
        form = FillForm([(site.id, site.name) for site in self.summary.sites])
        round_id = self._round_id

        def words(made: list[Any]) -> str:
            said = ngettext("{count} line put on the list", "{count} lines put on the list",
                            len(made))  # fmt: skip
            return said.format(count=number(len(made)))

        def plan(planned: list[Any]) -> None:
            if planned:
                self._submit(form, words, rounds.plan, round_id, planned)
            else:
                form.fail(NotFound(_("Every included registration is on the list already.")))

        def failed(error: Exception) -> None:
            if not form.fail(error):
                self.desk.notices.problem(error)

        def send() -> None:
            asked = form.asked()
            form.busy(True)
            self.read(asking.included, round_id, then=plan, failed=failed, **asked)

        self._open_form(form, send)

    def ask_to_leave(self, *, paper: bool) -> None:
        """Ask for whom, why and where; then write the list of the round."""
        if self.summary is None or self._leaving is None:
            return
        form = LeaveForm(self.summary, paper=paper)

        def send() -> None:
            form.wanted()
            ask_place(self, paper=paper, then=lambda path: self.leave_to(path, form))

        self._open_form(form, send)

    def leave_to(self, path: Path, form: LeaveForm) -> None:
        """Write the list to a place; the copy is noted before the file is there."""
        if self._leaving is None:
            return
        write = self._leaving.print_list if form.paper else self._leaving.export
        form.busy(True)

        def done(count: int) -> None:
            form.busy(False)
            if self.form is form:
                self.close_pane()
            if form.paper:
                said = ngettext("{count} page written", "{count} pages written", count)
            else:
                said = ngettext("{count} line written", "{count} lines written", count)
            self.desk.notices.done(said.format(count=number(count)), undo=False)

        def failed(error: Exception) -> None:
            if not form.fail(error):
                self.desk.notices.problem(error)

        actor, store = self.desk.actor, self.desk.store
        self.background(write, store, form.wanted(), path, actor, then=done, failed=failed)

    def new_household(self) -> None:
        """Begin to register a household."""
        if self.at_table:
            self.leave_table()
        self.read(asking.choices, channel="assistance.choices", then=self._new_household)

    def _new_household(self, choices: Choices) -> None:
        programme = self.summary.programme_id if self.summary else 0
        form = HouseholdForm(choices, self.desk.today, programme, self._keeper("household"))

        def failed(error: Exception) -> None:
            if not form.fail(error):
                self.desk.notices.problem(error)

        def looked(found: list[Any]) -> None:
            form.busy(False)
            if not form.show_similar(found):
                keep()
            else:
                form.main.setFocus(Qt.FocusReason.OtherFocusReason)

        def keep() -> None:
            try:
                draft, household = form.drafts()
            except InvalidDraft as error:
                form.fail(error)
                return
            words = _("Household registered")
            self._submit(form, words, rules.register, draft, household, then=self._registered)

        def send() -> None:
            form.drafts()
            if form.looked:
                keep()
                return
            form.busy(True)
            self.read(asking.similar, form.asked(), then=looked, failed=failed)

        self._with_draft(form, "household", send)

    def _registered(self, made: Registered) -> None:
        """Show at once what the new registration may be a double of."""
        self.desk.drop_draft(DRAFTS + "household")
        if made.findings:
            self.read(
                asking.told_of_registration,
                made.registration.id,
                channel="assistance.registered",
                then=self._show_told,
            )

    def _show_told(self, told: list[Told]) -> None:
        self._empty_pane()
        for one in told:
            panel = self._panel_of(one)
            for signal in (panel.give, panel.merge, panel.stop):
                signal.connect(lambda *_args: self.close_pane())
            self.panels.append(panel)
            self._add_card(panel)
        if self.panels:
            self._open_pane()
            self.panels[0].focus_first()

    # -- verbs ----------------------------------------------------------------------------------

    def main_action(self) -> None:
        """Send the form, decide the warning, or take the next step of the round."""
        if self.at_table:
            if self.counter.panel is not None:
                self.counter.panel.main_action()
            else:
                self.counter.hand_over()
            return
        focused = self.focusWidget()
        if self.form is not None:
            self.form.submit()
        elif focused is not None and self.pane.isAncestorOf(focused):
            waiting = next((p for p in self.panels if p.isAncestorOf(focused)), None)
            if waiting is not None:
                waiting.main_action()
            elif self.standing is not None and not self.standing.line.against:
                self.give_line(self.standing.line.id)
        elif self.summary is not None and (found := steps(self.summary)):
            self.step(found[0][0])

    def commands(self) -> list[Command]:
        """List what can be done here."""
        found = [
            Command(
                key="assistance.new", label=_("New round"), run=self.new_record, shortcut="Ctrl+N"
            ),
            Command(
                key="assistance.household", label=_("Register household"), run=self.new_household
            ),
            Command(key="assistance.programme", label=_("New programme"), run=self.new_programme),
            Command(
                key="assistance.decide",
                label=_("Show what has to be decided"),
                run=self.show_undecided,
                shortcut="Alt+D",
            ),
        ]
        if self.summary is not None and self._leaving is not None:
            for words, keys, paper in (
                (_("Print list"), "Ctrl+P", True),
                (_("Export round"), "Ctrl+E", False),
            ):
                run = partial(self.ask_to_leave, paper=paper)
                name = "print" if paper else "export"
                found.append(Command(key=f"assistance.{name}", label=words, run=run, shortcut=keys))
        if self.summary is not None:
            found.extend(
                Command(
                    key=f"assistance.{key}",
                    label=words,
                    run=lambda key=key: self.step(key),  # type: ignore[misc]
                    shortcut="F7" if key == "hand_over" else "",
                )
                for key, words in steps(self.summary)
            )
        if self.table.ticked():
            found.extend(
                (
                    Command(key="assistance.move", label=_("Move to another point"),
                            run=self.move_chosen),
                    Command(key="assistance.status", label=_("Change status"),
                            run=self.change_chosen),
                )
            )  # fmt: skip
        return found
