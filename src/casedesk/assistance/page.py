"""Assistance: rounds, the list of one round, what has to be decided, and the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.assistance import asking, doubles, rounds, second
from casedesk.assistance.asking import Standing, Told
from casedesk.assistance.counter_view import CounterView
from casedesk.assistance.double_view import DoublePanel
from casedesk.assistance.leave_view import LeaveForm, Leaving, ask_place
from casedesk.assistance.lines_view import LinesView
from casedesk.assistance.making_view import Making
from casedesk.assistance.opening_view import Opening
from casedesk.assistance.pane_view import Pane
from casedesk.assistance.reading import RoundSummary
from casedesk.assistance.records import EntitlementStatus, RoundStatus
from casedesk.assistance.round_forms_view import RoundForm, SecondForm
from casedesk.assistance.round_view import STEP_KEYS, steps
from casedesk.assistance.rounds_view import RoundsView
from casedesk.desk import theme
from casedesk.desk.forms import Form
from casedesk.desk.page import Command, Desk, Page, Place
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Filter

SUMMARY_MS = 250
WIDE = 1600
"""Under this width of the window the rounds make room for what is opened at the right."""
IMPORT = "import"
TABLES = frozenset(
    {
        *("assistance_round", "round_site", "entitlement", "receipt", "double_assistance"),
        *("programme", "registration", "household", "household_member", "person", "person_name"),
        "contact",
    }
)
HANDING_OUT = (RoundStatus.LOCKED, RoundStatus.APPROVED, RoundStatus.UNDER_WAY)


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
        self._round_id = 0
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
        self.left = RoundsView(self)
        self.lines = LinesView(self, leaves=leaving is not None)
        self.pane = Pane(self)
        self.rounds, self.table, self.head = self.left.table, self.lines.table, self.lines.head
        self.opening = Opening(self.pane, self.lines, self._fold)
        self.opening.sat = self._decided_at_table
        self.making = Making(self.pane, self._read_round, self.opening.show_told)
        self.split = QSplitter(Qt.Orientation.Horizontal, self.stack)
        self.split.setChildrenCollapsible(False)
        for at, part in enumerate((self.left, self.lines, self.pane)):
            self.split.addWidget(part)
            self.split.setStretchFactor(at, 1 if part is self.lines else 0)
        self.split.setSizes([theme.px(280), theme.px(860), theme.px(368)])
        self.stack.addWidget(self.split)
        self.counter = CounterView(self, self.opening.deciding.panel)
        self.stack.addWidget(self.counter)
        self._again = QTimer(self, singleShot=True, interval=SUMMARY_MS)
        self._again.timeout.connect(self._read_head)
        self._connect()
        self._listen()

    def _connect(self) -> None:
        self._verbs: dict[str, Callable[[], None]] = {
            "round": self.new_record,
            "programme": self.new_programme,
            "household": self.new_household,
            "import": self.import_registrations,
            "answer": self.take_in_answer,
            "fill": self.fill,
            "print": partial(self.ask_to_leave, paper=True),
            "export": partial(self.ask_to_leave, paper=False),
            "move": self.move_chosen,
            "status": self.change_chosen,
            "off": self.take_off_chosen,
        }
        for part in (self.left, self.lines):
            part.asked.connect(lambda key: self._verbs[key]())
        self.rounds.current_changed.connect(self._round_chosen)
        self.rounds.opened.connect(lambda _id: self._to_table())
        self.head.step.connect(self.step)
        self.head.figure.connect(self._figure_chosen)
        self.lines.text_done.connect(self._to_table)
        self.table.escaped.connect(self.opening.escape)
        self.pane.folded.connect(self._fold)
        self.pane.left.connect(self._to_table)
        self.pane.sent.connect(self._form_sent)
        self.counter.left.connect(self.leave_table)
        self.desk.changed.connect(self._changed)

    def _listen(self) -> None:
        keys: list[tuple[str, QWidget, Callable[[], None]]] = [
            ("F7", self, self.hand_over),
            ("F4", self.split, lambda: self.open_line(self.table.current_id())),
            ("F3", self.split, self.change_household),
            ("Alt+O", self.split, self.change_round),
            ("Alt+P", self.split, self.change_programme),
            ("Alt+Y", self.split, self.show_history),
            ("Alt+N", self.split, self.new_programme),
            ("Alt+F", self, self.new_household),
            ("Ctrl+I", self.split, self.import_registrations),
            ("Ctrl+Shift+I", self.split, self.take_in_answer),
            ("Alt+I", self.split, lambda: self._step_by_key("fill")),
            ("Ctrl+Shift+U", self.split, lambda: self._step_by_key("unlock")),
            ("Ctrl+Shift+R", self.split, lambda: self._step_by_key("reconcile")),
            ("Alt+V", self.split, self.move_chosen),
            ("Alt+T", self.split, self.change_chosen),
            ("Del", self.table, self.take_off_chosen),
            ("Alt+D", self.split, self.show_undecided),
            ("Alt+R", self.split, lambda: self.rounds.setFocus(Qt.FocusReason.ShortcutFocusReason)),
            ("Esc", self.lines.text, self._to_table),
            ("Esc", self.pane, self.opening.escape),
        ]
        if self._leaving is not None:
            keys.append(("Ctrl+P", self.split, self._verbs["print"]))
            keys.append(("Ctrl+E", self.split, self._verbs["export"]))
        for key, owner, run in keys:
            made = QShortcut(QKeySequence(key), owner)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(run)

    # -- coming, going, reading -----------------------------------------------------------------

    @property
    def at_table(self) -> bool:
        """Whether the table of handing over stands in front."""
        return self.stack.currentWidget() is self.counter

    @property
    def form(self) -> Form | None:
        """The form that is open beside the list."""
        return self.pane.form

    @property
    def imports(self) -> bool:
        """Whether the desk has a page that takes files in."""
        return IMPORT in getattr(self.window(), "pages", {})

    def enter(self, **args: Any) -> None:
        """Show the newest round, or the one that `round_id` and `line_id` name."""
        self._line_wanted = int(args.get("line_id") or 0)
        wanted = int(args.get("round_id") or 0)
        self.left.buttons["import"].setVisible(self.imports)
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
        self.opening.shut()
        self.close_pane()
        self.counter.wipe()
        self.lines.text.clear()
        self.table.show_filter(Filter.of_ids(()))

    def refresh(self) -> None:
        """Read again."""
        if self._began:
            self.rounds.refresh()
            self.lines.show_lines()
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
        self.opening.again()

    def _head_read(self, summary: RoundSummary | None) -> None:
        if summary is not None and summary.id == self._round_id:
            self._tell(summary)
        elif not self._round_id or summary is None:
            self._show_round(summary)

    def _show_round(self, summary: RoundSummary | None) -> None:
        if summary is None:
            self._round_id, self.summary = 0, None
            self.lines.nothing()
            self.subtitle_changed.emit("")
            return
        fresh = summary.id != self._round_id
        self._round_id = summary.id
        self.lines.bar.setEnabled(True)
        self.rounds.select_id(summary.id)
        if fresh:
            self.lines.forget()
            self.opening.shut()
            if self.form is None:
                self.close_pane()
        self._tell(summary)
        if fresh and summary.status in HANDING_OUT:
            # so that nobody at the table waits for the names of everybody to be read
            self.read(doubles.warm, channel="assistance.warm", failed=lambda _error: None)
        self.lines.show_lines()
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
        self.lines.show_round(summary)
        under_way = summary.status is RoundStatus.UNDER_WAY
        self.lines.answer.setVisible(self.imports and under_way)
        self.counter.show_round(summary)
        self.subtitle_changed.emit(summary.programme)

    def _round_chosen(self, round_id: int) -> None:
        if round_id and round_id != self._round_id:
            self._read_round(round_id)

    # -- the list -------------------------------------------------------------------------------

    def _figure_chosen(self, key: str) -> None:
        """Show the rows behind a figure."""
        self.lines.narrow("decide" if key == "decide" else EntitlementStatus.RECEIVED.value)
        self._to_table()

    def show_undecided(self) -> None:
        """Show what has to be decided."""
        self._figure_chosen("decide")

    def loosen(self) -> None:
        """Take all filters away."""
        self.lines.loosen()

    def _to_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def find(self) -> None:  # type: ignore[override]
        """Put the cursor into the filter, or at the table into the number."""
        field = self.counter.number if self.at_table else self.lines.text
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits."""
        if self.at_table:
            return [self.counter]
        lines = self.lines
        return [self.rounds, self.head, lines.text, self.table, self.pane, lines.chosen]

    # -- one line -------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing | None:
        """The line that is open, or None."""
        return self.opening.standing

    @property
    def panels(self) -> list[DoublePanel]:
        """What is shown to be decided."""
        return self.opening.panels

    def open_line(self, line_id: int) -> None:
        """Show a line; the cursor goes to what has to be decided."""
        self.opening.open(line_id)

    def close_pane(self) -> None:
        """Leave the room to the list, and go back to its row."""
        self.pane.close_now()

    def cancel_receipt(self, line_id: int) -> None:
        """Ask why a receipt is taken back, and take it back."""
        self.opening.changing.cancel(line_id)

    def change_household(self) -> None:
        """Change the household of the row, its members and its registrations (F3)."""
        self.opening.change_household()

    def show_history(self) -> None:
        """Show who did what: of the row, or of the round while the rounds have the cursor."""
        if self.opening.line_id and not self.rounds.hasFocus():
            self.opening.history_of_line(self.opening.line_id)
        elif self._round_id:
            self.opening.history_of_round(self._round_id)

    def _form_sent(self) -> None:
        self.table.clearSelection()
        self._read_head()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """In a narrow window the rounds make room for what is open."""
        alone = self.pane.isHidden() and not self.table.open_id
        self.left.setVisible(alone or self.window().width() >= WIDE)

    def _decided_at_table(self, told: Told) -> bool:
        if self.counter.panel is not None and self.counter.panel.told == told:
            self.counter.panel.sent()
        return self.at_table

    # -- the round ------------------------------------------------------------------------------

    def _step_by_key(self, key: str) -> None:
        """Take a step, if the round allows it now."""
        if self.summary is not None and key in dict(steps(self.summary)):
            self.step(key)

    def step(self, key: str) -> None:
        """Take a step of the round."""
        if self.summary is None or self._busy:
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

    def _take(self, act: Any, words: Callable[[Any], str], *, doing: str = "") -> None:
        """Take a step of the round; what takes long, and says what it does, can be stopped."""
        self._busy = True
        options: dict[str, Any] = {}
        if doing:
            self.lines.working.begin(doing)
            options["step"] = self.lines.working.step

        def done(result: Any) -> None:
            self._busy = False
            self.lines.working.end()
            self.desk.notices.done(words(result))
            self._read_head()

        def failed(error: Exception) -> None:
            self._busy = False
            self.lines.working.end()
            self.desk.notices.problem(error)

        self.write(act, self._round_id, then=done, failed=failed, **options)

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

        doing = _("Looking through the list for double assistance")
        self._take(rounds.lock_round, words, doing=doing)

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
        form = SecondForm(_("Second approval"), _("Approve"), self.summary.first_approver)

        def send() -> None:
            self.pane.submit(form, _("Approved"), second.approve, self._round_id, form.second())

        self.pane.show_form(form, send)

    def hand_over(self) -> None:
        """Sit down at the table (F7)."""
        if self.summary is None:
            return
        if self.summary.status is not RoundStatus.UNDER_WAY:
            self.desk.notices.done(_("The distribution is not under way."), undo=False)
            return
        self.opening.shut(to_table=False)
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

    # -- what is made, changed, taken in and given away -------------------------------------------

    def new_programme(self) -> None:
        """Begin a new programme."""
        self.making.new_programme()

    def change_programme(self) -> None:
        """Change the programme of the round."""
        if self.summary is not None:
            self.making.change_programme(self.summary.programme_id)

    def change_round(self) -> None:
        """Change the round and its points."""
        if self.summary is not None:
            self.making.change_round(self.summary.id)

    def new_record(self) -> None:
        """Begin a new round."""
        if self.at_table and not isinstance(self.form, RoundForm):
            self.leave_table()
        self.making.new_round()

    def new_household(self) -> None:
        """Begin to register a household."""
        if self.at_table:
            self.leave_table()
        self.making.new_household(self.summary.programme_id if self.summary else 0)

    def fill(self) -> None:
        """Ask what the included registrations get, and put them on the list."""
        if self.summary is not None:
            self.making.fill(self.summary)

    def move_chosen(self) -> None:
        """Ask for another point, and move the chosen lines."""
        if self.summary is not None and self.table.selection().count(self.table.total):
            self.opening.changing.move(self.summary)

    def change_chosen(self) -> None:
        """Stop the chosen lines, or pause the registrations behind them."""
        if self.table.selection().count(self.table.total):
            self.opening.changing.status()

    def take_off_chosen(self) -> None:
        """Take the chosen lines off the list; Undo brings them back."""
        if self.summary is not None and self.summary.status is RoundStatus.OPEN:
            self.opening.changing.take_off()

    def import_registrations(self) -> None:
        """Take registrations in from a table."""
        if self.imports:
            programme = self.summary.programme_id if self.summary else 0
            self.desk.open(IMPORT, kind="registrations", programme_id=programme)

    def take_in_answer(self) -> None:
        """Take the provider's answer to a list in."""
        if self.imports and self.summary is not None:
            self.desk.open(IMPORT, kind="receipts", round_id=self.summary.id)

    def ask_to_leave(self, *, paper: bool) -> None:
        """Ask for whom, why and where; then write the list of the round."""
        if self.summary is None or self._leaving is None:
            return
        form = LeaveForm(self.summary, paper=paper)

        def send() -> None:
            form.wanted()
            ask_place(self, paper=paper, then=lambda path: self.leave_to(path, form))

        self.pane.show_form(form, send)

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

        actor, store = self.desk.actor, self.desk.store
        self.background(
            write,
            store,
            form.wanted(),
            path,
            actor,
            then=done,
            failed=lambda error: self.pane.tell(form, error),
        )

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
        waiting = next((p for p in self.panels if focused and p.isAncestorOf(focused)), None)
        if self.form is not None:
            self.form.submit()
        elif waiting is not None:
            waiting.main_action()
        elif focused is not None and self.pane.isAncestorOf(focused):
            if self.standing is not None and not self.standing.line.against:
                self.opening.changing.give([self.standing.line.id])
        elif self.summary is not None and (found := steps(self.summary)):
            self.step(found[0][0])

    def commands(self) -> list[Command]:
        """List what can be done here."""
        verbs: list[tuple[str, str, str, Callable[[], None]]] = [
            ("new", _("New round"), "Ctrl+N", self.new_record),
            ("household", _("Register household"), "Alt+F", self.new_household),
            ("programme", _("New programme"), "Alt+N", self.new_programme),
            ("decide", _("Show what has to be decided"), "Alt+D", self.show_undecided),
        ]
        if self.imports:
            verbs.append(("import", _("Import registrations"), "Ctrl+I", self.import_registrations))
        if self.summary is not None:
            verbs += [
                ("change-round", _("Change round and points"), "Alt+O", self.change_round),
                ("change-programme", _("Change programme"), "Alt+P", self.change_programme),
                ("history", _("History"), "Alt+Y", self.show_history),
            ]
            if self.imports and self.summary.status is RoundStatus.UNDER_WAY:
                words = _("Take in the provider's file")
                verbs.append(("answer", words, "Ctrl+Shift+I", self.take_in_answer))
            if self._leaving is not None:
                verbs.append(("print", _("Print list"), "Ctrl+P", self._verbs["print"]))
                verbs.append(("export", _("Export round"), "Ctrl+E", self._verbs["export"]))
            for key, words in steps(self.summary):
                verbs.append((key, words, STEP_KEYS.get(key, ""), partial(self.step, key)))
        if self.table.current_id():
            verbs.append(("home", _("Change household"), "F3", self.change_household))
        if self.table.ticked():
            verbs.append(("move", _("Move to another point"), "Alt+V", self.move_chosen))
            verbs.append(("status", _("Change status"), "Alt+T", self.change_chosen))
        return [
            Command(key=f"assistance.{key}", label=words, run=run, shortcut=shortcut)
            for key, words, shortcut, run in verbs
        ]
