"""The way of an import: file, columns, rows, result, side by side on one page.

What was chosen is kept from the first step on, so leaving in the middle loses nothing. The rows
are looked at by what the command line asks too; nothing is written before "Take in".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.page import Command, Page
from casedesk.desk.widgets import Divider, EmptyState, Scroll, button
from casedesk.exchange import deciding, importing, places, preview, saving, wording
from casedesk.exchange.columns_view import ColumnsView
from casedesk.exchange.found_view import FoundView
from casedesk.exchange.parts_view import Foot, Runner, Step, StepBar, Trouble, Working
from casedesk.exchange.places import Home, ProgrammePlace
from casedesk.exchange.preview import Asked, Opened, Preview
from casedesk.exchange.result_view import ResultView
from casedesk.exchange.sending_view import Note, SendView
from casedesk.exchange.source_view import PLACED, SourceView
from casedesk.exchange.taking import Outcome
from casedesk.exchange.taking_view import Taker
from casedesk.exchange.work import Work, work_of
from casedesk.kernel.errors import CaseDeskError
from casedesk.kernel.language import _, ngettext, number

DRAFTS = "import."
KEEP_MS = 500
KINDS = ("registrations", "receipts", "cases", "persons")
_PLACES = frozenset({"programme", "assistance_round", "provider_file", "provider_line"})


class ImportFlow(QWidget):
    """One import of each kind, from its file to its result."""

    named = Signal(str)
    """What is taken in, for the line beside the title."""

    def __init__(self, page: Page, note: Note | None = None) -> None:
        """Work for this page; `note` keeps to whom a payment list went, without it none goes."""
        super().__init__(page)
        self._page, self.desk = page, page.desk
        self.step = Step.FILE
        self._works: dict[str, Work] = {}
        self.work = self._of(KINDS[0])
        self._began = False
        self._asked: dict[str, Any] = {}
        self._taking: tuple[Work, Preview] | None = None
        self._stale = False
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._note = note
        self.source = SourceView(KINDS, note is not None)
        self.source.send_asked.connect(self.ask_to_send)
        self.source.kind_chosen.connect(self._kind_chosen)
        self.source.placed.connect(self._placed)
        self.source.named.connect(self.take_file)
        self.source.sheet_chosen.connect(self._sheet_chosen)
        self._left = Scroll(self.source)
        self._measure()
        whole.addWidget(self._left)
        whole.addWidget(Divider(vertical=True))
        right = QVBoxLayout()
        right.setSpacing(0)
        self.steps = StepBar()
        self.steps.asked.connect(self.go_to)
        right.addWidget(self.steps)
        right.addWidget(Divider(self))
        self.stack = QStackedWidget()
        self._make_views()
        right.addWidget(self.stack, 1)
        right.addWidget(Divider(self))
        self.foot = Foot()
        self.main = self.foot.main
        self.main.clicked.connect(self.main_action)
        self.foot.drop.clicked.connect(self.begin_anew)
        right.addWidget(self.foot)
        whole.addLayout(right, 1)
        self._keep = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._keep.timeout.connect(self._keep_now)
        self.runner = Runner(page)
        self.runner.busy.connect(self._show_working)
        self.runner.told.connect(self.working.tell)
        self.runner.failed.connect(self._fail)
        self.runner.changed.connect(self._tell_foot)
        self.desk.changed.connect(self._changed)
        theme.watch.changed.connect(self._measure)
        self._show()

    # -- the parts ----------------------------------------------------------------------------

    def _measure(self) -> None:
        self._left.setFixedWidth(theme.px(300))

    def _make_views(self) -> None:
        choose = button(_("Choose a file"), icon="folder-open")
        choose.clicked.connect(self.source.ask)
        self.empty = EmptyState(
            "upload",
            _("Choose a table: a workbook (XLSX) or a CSV file"),
            _("Nothing is taken in before you have seen every row."),
            choose,
        )
        self.working = Working()
        self.working.stopped.connect(self.stop)
        self.fault = Trouble()
        self.fault.again.connect(self._once_more)
        self.columns = ColumnsView()
        self.columns.changed.connect(self._columns_changed)
        self.found = FoundView(self._find_home)
        self.found.decided.connect(self._decided)
        self.found.corrected.connect(self._cell_corrected)
        self.found.again.connect(self.look)
        self.found.save_asked.connect(self._ask_where)
        self.result = ResultView()
        self.taker = Taker(self._page, self.result)
        self.taker.taken.connect(self._taken)
        self.taker.failed.connect(self._not_taken)
        self.taker.told.connect(self._tell_taking)
        for view in (
            self.empty,
            self.working,
            self.fault,
            self.columns,
            self.found,
            self.result,
        ):
            self.stack.addWidget(view)
        self.sending: SendView | None = None
        if self._note is not None:
            self.sending = SendView(self._page, self._note)
            self.sending.sent.connect(self._list_sent)
            self.sending.left.connect(lambda: self._go(self.step))
            self.stack.addWidget(self.sending)

    # -- coming and going ---------------------------------------------------------------------

    def enter(self, **args: Any) -> None:
        """Go on where it was left; `kind`, `programme`, `round_id` and `source` say otherwise."""
        self._asked = args
        self._read_places()
        if self._began:
            self._take_args()
            return
        self._began = True
        self.desk.drafts(self, self._restore)

    def _restore(self, kept: dict[str, str]) -> None:
        for key, text in kept.items():
            if key.startswith(DRAFTS) and (work := work_of(text)) and work.kind in KINDS:
                self._works[work.kind] = work
        begun = (work for work in self._works.values() if work.begun)
        self.work = next(begun, self.work if self.work.begun else self._of(self.work.kind))
        self._take_args(first=True)

    def _take_args(self, *, first: bool = False) -> None:
        args, self._asked = self._asked, {}
        before = self.work
        kind = args.get("kind", "")
        if args and self.step is Step.DONE:
            self._go(Step.FILE)
        if kind in KINDS and kind != self.work.kind:
            self.runner.cancel()
            self.work = self._of(kind)
        programme = int(args.get("programme") or args.get("programme_id") or 0)
        place = (programme, int(args.get("round_id") or 0))
        if any(place) and place != (self.work.programme_id, self.work.round_id):
            self.work.programme_id, self.work.round_id = place
            self.work.preview = None
            self._read_places()  # who names a round alone need not know its programme
        if self.work is not before or first:
            self._resume()
        elif any(place):
            self._show_source()
            self._placed_anew()
        if source := args.get("source"):
            self.take_file(str(source))
        self._focus()

    def leave(self) -> None:
        """Keep what was chosen and typed."""
        self._keep_now()

    def wipe(self) -> None:
        """Take the rows off the screen; what was decided about them is kept."""
        self.runner.cancel()
        self._keep_now()
        self.columns.clear()
        self.found.clear()
        self.result.clear()
        for work in self._works.values():
            work.looked = work.looked or work.preview is not None
            work.opened = work.preview = None

    def resume(self) -> None:
        """Read again after unlocking."""
        if self.step is Step.DONE:
            self.taker.read()
        else:
            self._resume()

    def refresh(self) -> None:
        """Read the file again, as it is now."""
        self._read_places()
        if self.step is Step.DONE:
            self.taker.read()
        elif self.work.begun and not self.runner.running:
            self._read_file()

    def regions(self) -> list[QWidget]:
        """Visit the place, the steps, what is shown, and the way on."""
        return [self._left, self.stack, self.main]

    def find_row(self) -> None:
        """Put the cursor into the filter of the rows."""
        if self.stack.currentWidget() is self.found:
            self.found.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.found.text.selectAll()

    def new_record(self) -> None:
        """Begin another import; one that is on its way is shown as it is."""
        if self.step is Step.DONE:
            self.begin_anew()
        self.source.file.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def commands(self) -> list[Command]:
        """Offer what can be done now."""
        found = [
            Command(
                key="import.file", label=_("Choose a file"), run=self.source.ask, icon="folder-open"
            )
        ]
        if self.main.isEnabled() and self.main.isVisible():
            found.append(
                Command(
                    key="import.main",
                    label=self.main.text(),
                    run=self.main_action,
                    shortcut="Ctrl+Return",
                )
            )
        return found

    def _focus(self) -> None:
        shown = self.stack.currentWidget()
        if shown is self.columns:
            self.columns.focus_first()
        elif shown is self.found:
            self.found.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif shown is self.result:
            self.result.focus_first()
        elif shown is self.empty:
            self.source.file.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what is kept -------------------------------------------------------------------------

    def _of(self, kind: str) -> Work:
        return self._works.setdefault(kind, Work(kind))

    def _changed_work(self) -> None:
        self._keep.start()

    def _keep_now(self) -> None:
        self._keep.stop()
        for work in self._works.values():
            if work.begun and (self._taking is None or work is not self._taking[0]):
                self.desk.keep_draft(DRAFTS + work.kind, work.text())

    def begin_anew(self) -> None:
        """Let go of this import; the kind and the place stay."""
        self.runner.cancel()
        work = self.work
        self._works[work.kind] = self.work = _after(work)
        self._stale = False
        self.desk.drop_draft(DRAFTS + work.kind)
        self.columns.clear()
        self.found.clear()
        self._go(Step.FILE)
        self._focus()

    # -- the place and the file ---------------------------------------------------------------

    def _read_places(self) -> None:
        self._page.read(places.programmes, channel="import.places", then=self._places_read)

    def _places_read(self, found: list[ProgrammePlace]) -> None:
        self._programme_of(found)
        self.source.show_places(found, self.work)
        self._placed_quietly()

    def _show_source(self) -> None:
        self.source.show_work(self.work)
        self._placed_quietly()

    def _programme_of(self, found: list[ProgrammePlace]) -> None:
        work = self.work
        if work.round_id and not work.programme_id:
            for one in found:
                if any(round_.id == work.round_id for round_ in one.rounds):
                    work.programme_id = one.id

    def _placed_quietly(self) -> None:
        """Take over a place that was chosen because there is only one."""
        programme, round_id = self.source.place
        if programme == self.work.programme_id and round_id and not self.work.round_id:
            self.work.round_id = round_id

    def _kind_chosen(self, kind: str) -> None:
        self.runner.cancel()
        self._keep_now()
        before = self.work
        self.work = self._of(kind)
        if kind in PLACED and not self.work.programme_id:
            self.work.programme_id = before.programme_id
        self.source.well()
        self._resume()

    def _placed(self) -> None:
        work, place = self.work, self.source.place
        self.source.well()
        if place == (work.programme_id, work.round_id):
            return
        work.programme_id, work.round_id = place
        self._placed_anew()
        self._changed_work()

    def _placed_anew(self) -> None:
        """Rows that go elsewhere have to be looked at anew."""
        self.columns.tell_place(bool(self.work.round_id))
        self.work.preview = None
        if self.step is Step.ROWS:
            self._go(Step.COLUMNS)

    def _sheet_chosen(self, sheet: str) -> None:
        if sheet != self.work.sheet:
            self.work.sheet = sheet
            self.work.let_go()
            self._read_file()

    def take_file(self, name: str) -> None:
        """Read a file that was chosen, typed or dropped."""
        work = self.work
        name = name.strip().strip('"')
        if not name or self.taker.busy:
            return
        if name != work.source:
            work.let_go()
            work.source, work.sheet, work.opened = name, "", None
            work.stamp = (0, 0)
        self._changed_work()
        self._show_source()
        self._read_file()

    def ask_to_send(self) -> None:
        """Ask to which provider the list of the round goes."""
        _programme, round_id = self.source.place
        if self.sending is not None and round_id and not self.runner.running:
            self.stack.setCurrentWidget(self.sending)
            self.foot.hide()  # its button would be a second way on
            self.sending.begin(round_id)

    def _list_sent(self) -> None:
        self._read_places()
        self._go(self.step)
        self._focus()

    # -- long work ----------------------------------------------------------------------------

    def _show_working(self, job: Any) -> None:
        self.foot.show()
        self.working.tell(job)
        self.stack.setCurrentWidget(self.working)
        self.working.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop(self) -> None:
        """Stop reading or looking; nothing was written."""
        if self.runner.cancel():
            self.fault.say_stopped()
            self._show_fault()

    def _fail(self, error: Exception) -> None:
        """Say why a table cannot be read, and what mends it."""
        if not isinstance(error, CaseDeskError):
            self.desk.notices.problem(error)
        self.fault.say(error)
        self._show_fault()

    def _show_fault(self) -> None:
        # What was looked at before does not hold: it is looked at again before it is taken in.
        self.work.preview = None
        self.step = Step.FILE if self.work.opened is None else Step.COLUMNS
        self.stack.setCurrentWidget(self.fault)
        self.foot.show()
        self._show()
        self.fault.retry.setFocus(Qt.FocusReason.OtherFocusReason)

    def _once_more(self) -> None:
        if self.runner.again is not None:
            self.runner.again()

    # -- step 2: the columns ------------------------------------------------------------------

    def _resume(self) -> None:
        """Go on with the import that is kept for this kind."""
        self._stale = False
        self._show_source()
        work = self.work
        if work.preview is not None and work.opened is not None:
            self._fill_columns(work.opened)
            self.found.show_preview(work, work.preview)
            self._go(Step.ROWS)
        elif work.opened is not None:
            self._show_columns()
        elif work.begun:
            self._read_file()
        else:
            self._go(Step.FILE)

    def _read_file(self) -> None:
        work = self.work
        work.opened = work.preview = None
        args = (self.desk.store, work.kind, work.path, work.sheet)
        self.runner.start(self._read_file, preview.open_table, *args, then=self._opened)

    def _opened(self, opened: Opened) -> None:
        work = self.work
        work.opened = opened
        decided = bool(work.choices or work.corrections)
        if decided and work.stamp != opened.stamp:
            work.let_go()
            self.desk.notices.banner(
                "amber",
                _("The file is not the one that was looked at before."),
                _("What was decided about its rows does not hold any more."),
                subject="import",
            )
            decided = False
        work.stamp = opened.stamp
        self._changed_work()
        self._show_source()
        self._show_columns()
        if decided or work.looked:
            work.looked = False
            self.look()

    def _show_columns(self) -> None:
        work = self.work
        if work.opened is not None:
            self._fill_columns(work.opened)
            self._go(Step.COLUMNS)
            self.columns.focus_first()

    def _fill_columns(self, opened: Opened) -> None:
        work = self.work
        self.columns.show_columns(work.kind, opened, work.fields, bool(work.round_id))

    def _columns_changed(self) -> None:
        work = self.work
        work.fields = self.columns.typed()
        work.preview = None
        self._changed_work()
        self._tell_foot()

    # -- step 3: the rows ---------------------------------------------------------------------

    def look(self) -> None:
        """Look at every row: what the import would do with it."""
        work = self.work
        if work.opened is None or self.runner.running or self.taker.busy:
            return
        work.programme_id, work.round_id = self.source.place
        if self.source.complain(work.kind):
            return
        if self.columns.complain():
            self._go(Step.COLUMNS)
            self.columns.complain()
            return
        asked = Asked(work.kind, work.path, work.sheet, work.programme_id, work.round_id)
        table, fields = work.opened.table, self.columns.fields
        args = (self.desk.store, asked, table, fields, dict(work.corrections))
        self.runner.start(self.look, preview.look, *args, then=self._looked)

    def _looked(self, found: Preview) -> None:
        work = self.work
        work.preview = found
        self._stale = False
        states = {line.row: line for line in found.lines}
        for row in list(work.choices):
            line = states.get(row)
            if line is None or work.choices[row].what not in deciding.possible(line):
                del work.choices[row]
        self.found.show_preview(work, found)
        self._changed_work()
        self._go(Step.ROWS)
        self.found.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _decided(self) -> None:
        self._changed_work()
        self._tell_foot()

    def _cell_corrected(self) -> None:
        self._stale = True
        self.found.tell_stale()
        self._changed_work()
        self._tell_foot()

    def _find_home(self, code: str, then: Callable[[Home | None], None]) -> None:
        self._page.read(places.home, code, channel="import.home", then=then)

    def _ask_where(self) -> None:
        ask = QFileDialog(self, _("Save these rows as CSV"))
        ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        ask.setNameFilter(_("Table (*.csv)"))
        ask.setDefaultSuffix("csv")
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask.fileSelected.connect(lambda name: self.save_rows(Path(name)))
        ask.open()

    def save_rows(self, out: Path) -> None:
        """Write the rows that are shown: row, what becomes of it, column and why; no names."""
        rows = [
            (line.row, self.found.tag_of(line).text, line.column, line.reason)
            for line in self.found.lines()
        ]
        self._page.background(saving.save_rows, rows, out, then=self._saved)

    def _saved(self, count: int) -> None:
        words = ngettext("{count} row saved", "{count} rows saved", count)
        self.desk.notices.done(words.format(count=number(count)), undo=False)

    # -- step 4: taking in --------------------------------------------------------------------

    def take_in(self) -> None:
        """Write what was decided: one act, which one undo takes back."""
        work = self.work
        found = work.preview
        if found is None or self._stale or self.taker.busy or self.runner.running:
            return
        if not deciding.taken(found, work.choices):
            return
        self._keep.stop()
        self._taking = work, found
        self.source.setEnabled(False)
        self.taker.start(found, work.choices)
        self._tell_foot()

    def _not_taken(self, error: Exception) -> None:
        self._taking = None
        self.source.setEnabled(True)
        self._show()
        self.desk.notices.problem(error)

    def _taken(self, outcome: Outcome) -> None:
        self.source.setEnabled(True)
        if self._taking is None:
            return
        (work, found), self._taking = self._taking, None
        self._keep_mapping(work, found)
        self._works[work.kind] = self.work = _after(work)
        self.desk.drop_draft(DRAFTS + work.kind)
        self.found.clear()
        self.columns.clear()
        self._go(Step.DONE)
        words = ngettext("{count} row taken in", "{count} rows taken in", outcome.taken)
        self.desk.notices.done(words.format(count=number(outcome.taken)))

    def _keep_mapping(self, work: Work, found: Preview) -> None:
        """Keep which column is which, where a person has said so, for the next such table."""
        if work.opened is None:
            return
        columns = work.opened.table.columns
        usual = preview.guessed(work.kind, columns)
        if found.fields != (work.opened.fields if work.opened.kept else usual):
            mapping = preview.mapping_of(columns, found.fields)
            self.desk.note(self, importing.keep_mapping, work.kind, columns, mapping)

    def _changed(self, changes: Any) -> None:
        if self._began and _PLACES & set(changes.touched):
            self._read_places()

    # -- steps --------------------------------------------------------------------------------

    def main_action(self) -> None:
        """Do what comes next: look at the rows, take them in, or begin another import."""
        if self.sending is not None and self.stack.currentWidget() is self.sending:
            self.sending.form.submit()
        elif not self.main.isEnabled():
            return
        elif self.step is Step.DONE:
            self.begin_anew()
        elif self.step is Step.ROWS and not self._stale:
            self.take_in()
        elif self.work.opened is None:
            self.take_file(self.source.file.value)
        else:
            self.look()

    def go_to(self, step: Step) -> None:
        """Show a step that was reached before."""
        if step <= self._reached() and not self.runner.running and not self.taker.busy:
            self._go(step)
            self._focus()
        self._show()

    def _reached(self) -> Step:
        if self.step is Step.DONE:
            return Step.DONE
        if self.work.preview is not None:
            return Step.ROWS
        return Step.COLUMNS if self.work.opened is not None else Step.FILE

    def _go(self, step: Step) -> None:
        if self.step is Step.DONE and step is not Step.DONE:
            self.result.outcome = None
            self._show_source()
        self.step = step
        view = (self.empty, self.columns, self.found, self.result)[step]
        self.stack.setCurrentWidget(view)
        self.foot.show()
        self._show()

    def _show(self) -> None:
        self.steps.show_step(self.step, self._reached())
        self.named.emit(wording.kind_words(self.work.kind))
        self._tell_foot()

    def _tell_taking(self, done: int, total: int) -> None:
        if total and self.taker.busy:
            words = _("{done} of {total} rows are written.")
            self.foot.said.setText(words.format(done=number(done), total=number(total)))

    def _tell_foot(self) -> None:
        """Name what comes next, and why it cannot be done where it cannot."""
        work, found = self.work, self.work.preview
        idle = not self.runner.running and not self.taker.busy
        words, verb, able = "", _("Look at the rows"), idle and work.opened is not None
        if self.step is Step.DONE:
            verb, able = _("Import another table"), True
        elif self.taker.busy:
            words = _("Taking in the rows. This is one act, and cannot be stopped half done.")
        elif self.step is Step.ROWS and found is not None:
            if self._stale:
                verb = _("Look at the rows again")
            else:
                count = deciding.taken(found, work.choices)
                total = len(found.lines)
                verb = ngettext("Take in {count} row", "Take in {count} rows", count)
                verb = verb.format(count=number(count))
                words = ngettext(
                    "{count} row of {rows} comes in; the others stay out.",
                    "{count} rows of {rows} come in; the others stay out.",
                    count,
                ).format(count=number(count), rows=number(total))
                if count == total:
                    words = _("All rows come in.")
                able = idle and bool(count)
        elif work.opened is None:
            verb, able = _("Read the table"), idle
            words = _("Choose the file first.") if not self.runner.running else ""
        self.foot.said.setText(words)
        self.main.set_text(verb)
        self.main.setEnabled(able)
        self.foot.drop.setVisible(work.begun and self.step is not Step.DONE and not self.taker.busy)


def _after(work: Work) -> Work:
    """Begin the next import: the kind and the place stay."""
    return Work(work.kind, programme_id=work.programme_id, round_id=work.round_id)
