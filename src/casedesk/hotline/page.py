"""The hotline: the list of calls, one of them read at the side, and the form of a call."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget
from sqlmodel import Session

from casedesk.desk import theme
from casedesk.desk.page import Command, Desk, Page
from casedesk.desk.tables import RecordTable
from casedesk.desk.widgets import (
    Button,
    Chip,
    ChipRow,
    ComboBox,
    Divider,
    ElidedLabel,
    EmptyState,
    LineEdit,
    button,
    label,
)
from casedesk.hotline import rules
from casedesk.hotline.call import PREFIX, CallText
from casedesk.hotline.call_view import CallPane
from casedesk.hotline.door import CaseDoor, Taken, case_words
from casedesk.hotline.intake_view import CallView
from casedesk.hotline.listing import CALL_BACKS, CALLS, NOT_LINKED, REASONS, THIS_WEEK, TODAY
from casedesk.kernel import clock
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Condition, Filter
from casedesk.kernel.store import Changes

SHORTCUTS = (TODAY, THIS_WEEK, CALL_BACKS, NOT_LINKED)
TYPING_MS = 200
TOUCHED = frozenset({"enquiry", "enquiry_sought", "person_name", "person"})


class HotlinePage(Page):
    """Calls that were taken, and the call that is being taken."""

    key = "hotline"
    title = N_("Hotline")
    icon = "phone"
    shortcut = "Ctrl+2"

    def __init__(
        self, desk: Desk, parent: QWidget | None = None, *, door: CaseDoor | None = None
    ) -> None:
        """`door` leads to the cases; without one, calls are kept and nothing is linked."""
        super().__init__(desk, parent)
        self._door = door
        self._filter = Filter()
        self._entered = False
        self._total = 0
        self._fresh = 0
        self._setting = False
        self.waiting: dict[str, CallText] = {}
        self._text_soon = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._text_soon.timeout.connect(self._text_typed)
        self.form = CallView(self, door)
        self.pane = CallPane(self, self._open_case if door is not None else None)
        self.table = RecordTable(self.read, CALLS)
        self.stack = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self.stack.addWidget(self._make_list())
        self.stack.addWidget(self.form)
        self._connect()

    # -- widgets --------------------------------------------------------------------------------

    def _make_list(self) -> QWidget:
        whole = QWidget(self.stack)  # where it stays, as the split: moving dresses all again
        whole.setProperty("ground", "surface")
        whole.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.strip = WaitingStrip()
        column.addWidget(self.strip)
        column.addWidget(self._make_filters())
        column.addWidget(Divider())
        self.split = QSplitter(Qt.Orientation.Horizontal, whole)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.table)
        self.split.addWidget(self.pane)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([theme.px(860), theme.px(368)])
        self.pane.hide()
        column.addWidget(self.split, 1)
        self.table.set_reading_text(_("Reading calls"))
        begin = button(_("New call"))
        begin.clicked.connect(self.new_record)
        loosen = button(_("Show all calls"))
        loosen.clicked.connect(lambda: self.show_filter(Filter()))
        self.table.set_empty(
            EmptyState(
                "phone", _("Calls will stand here"), _("Each call that is saved is one row."), begin
            ),
            EmptyState("search", _("No call fits these filters"), _("Take a filter away."), loosen),
        )
        return whole

    def _make_filters(self) -> QWidget:
        bar = QWidget()
        bar.setAccessibleName(_("Filters"))
        line = QHBoxLayout(bar)
        side = theme.space(4)
        line.setContentsMargins(side, theme.space(2), side, theme.space(2))
        line.setSpacing(theme.space(2))
        self._chips: dict[Condition, Chip] = {}
        row = ChipRow()
        for condition in SHORTCUTS:
            chip = Chip(CALLS.field(condition.field).text(condition), checkable=True)
            chip.clicked.connect(lambda condition=condition: self._chip(condition))
            self._chips[condition] = chip
            row.add(chip)
        self._extra = Chip("", removable=True)
        self._extra.removed.connect(self._drop_extra)
        self._extra.hide()
        row.add(self._extra)
        line.addWidget(row, 1)
        self.reason = ComboBox(
            [("", _("All reasons")), *((key.value, _(words)) for key, words in REASONS.items())],
            name=_("Reason"),
        )
        self.operator = ComboBox([("", _("All operators"))], name=_("Operator"))
        self.text = LineEdit(
            placeholder=_("Name, number or case"), name=_("Filter by text"), icon="search"
        )
        self.text.setFixedWidth(theme.px(220))
        for widget in (self.reason, self.operator, self.text):
            line.addWidget(widget)
        return bar

    def _connect(self) -> None:
        self.form.saved.connect(self._saved)
        self.form.parked.connect(self._parked)
        self.form.case_asked.connect(lambda case_id: self.desk.open("case", case_id=case_id))
        self.strip.taken_up.connect(self.take_up)
        self.strip.dropped.connect(self._drop_draft)
        self.pane.closed.connect(self._close_pane)
        self.table.opened.connect(self.open_call)
        self.table.current_changed.connect(self._follow)
        self.table.escaped.connect(self._close_pane)
        self.table.counted.connect(self._counted)
        self.reason.chosen.connect(lambda value: self._choose("reason", value))
        self.operator.chosen.connect(lambda value: self._choose("operator", value))
        self.text.textChanged.connect(lambda _text: self._text_soon.start())
        self.text.returnPressed.connect(self._to_table)
        self.desk.changed.connect(self._changed)
        parked = QShortcut(QKeySequence("Shift+F6"), self)
        parked.activated.connect(self.show_waiting)

    # -- Page -----------------------------------------------------------------------------------

    @property
    def on_call(self) -> bool:
        """Whether the form stands in front."""
        return self.stack.currentWidget() is self.form

    def enter(self, **args: Any) -> None:
        """Come to the front; see the arguments.

        `new` begins a call (with `person_id` and `case_number` about a person and linked to the
        case), `filter` shows a list, `enquiry_id` opens a call, `call_back` opens one to note
        that the promised call was made.
        """
        if not self._entered:
            self._entered = True
            self.table.show_filter(self._filter)
            self._read_drafts()
            self._read_operators()
        self._count_due()
        wanted = args.get("enquiry_id") or args.get("call_back")
        if self.on_call and (wanted or args.get("filter") is not None):
            self.form.park()
        if isinstance(args.get("filter"), Filter):
            self.show_filter(args["filter"])
        if wanted:
            ready = self._ready_for_call_back if args.get("call_back") else None
            self.table.select_id(int(wanted))
            self.pane.show()
            self.pane.show_call(int(wanted), then=ready)
        if args.get("new"):
            self.new_record()
            if args.get("person_id"):
                self.form.ask_about(int(args["person_id"]), str(args.get("case_number") or ""))
        elif not self.on_call and not wanted:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()

    def leave(self) -> None:
        """Keep what is typed."""
        self.form.keep()
        self.pane.keep()

    def refresh(self) -> None:
        """Read again."""
        self.table.refresh()
        self.pane.refresh()
        self.form.read_again()
        self._count_due()

    def wipe(self) -> None:
        """Take what was read from the file off the screen."""
        self.form.hide_people()
        self.pane.clear()

    def resume(self) -> None:
        """Come back after unlocking."""
        if not self.pane.isHidden() and self.table.current_id():
            self.pane.show_call(self.table.current_id())
        self.refresh()

    def new_record(self) -> None:
        """Take a new call; one that is open is parked."""
        if self.on_call:
            self.form.park()
        self.form.begin()
        self._show_form()

    def main_action(self) -> None:
        """Save the call, or the changes of one."""
        if self.on_call:
            self.form.save()
        elif self.pane.changing:
            self.pane.save()

    def find(self) -> None:  # type: ignore[override]
        """Put the cursor into the filter."""
        if not self.on_call:
            self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.text.selectAll()

    def regions(self) -> list[QWidget]:
        """The form and its matches, or filter, list and pane."""
        if self.on_call:
            return [self.form, self.form.matches]
        return [self.text, self.table, self.pane]

    def commands(self) -> list[Command]:
        """What the palette offers here."""
        found = [
            Command(key="hotline.new", label=_("New call"), run=self.new_record, icon="phone"),
            Command(
                key="hotline.parked",
                label=_("Parked calls"),
                run=self.show_waiting,
                icon="pause",
                shortcut="Shift+F6",
            ),
        ]
        if self.on_call:
            found.append(
                Command(
                    key="hotline.save",
                    label=_("Save call"),
                    run=self.main_action,
                    icon="save",
                    shortcut="Ctrl+Return",
                )
            )
        return found

    # -- the form -------------------------------------------------------------------------------

    def _show_form(self) -> None:
        self.stack.setCurrentWidget(self.form)
        self.form.sought.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()

    def _show_list(self) -> None:
        self.stack.setCurrentIndex(0)
        self.strip.show_calls(list(self.waiting.values()))
        self._tell()

    def _saved(self, taken: Taken) -> None:
        self._show_list()
        self._fresh = taken.enquiry_id
        self.table.refresh()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if taken.cases:
            named = ", ".join(case_words(case) for _id, case in taken.cases)
            self.desk.notices.done(_("Call saved: {cases}").format(cases=named))
        else:
            self.desk.notices.done(_("Call saved."))

    def _parked(self, call: CallText | None) -> None:
        if call is not None:
            self.waiting[call.key] = call
        self._show_list()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_up(self, key: str) -> None:
        """Go on with a call that was parked or left unfinished."""
        call = self.waiting.pop(key, None)
        if call is None:
            return
        if self.on_call:
            self.form.park()
        self.form.take_up(call, talking=call.parked)
        self._show_form()

    def show_waiting(self) -> None:
        """Show the parked calls; the call that is open is parked too."""
        if self.on_call:
            self.form.park()
        self._show_list()
        if not self.strip.focus_first():
            self.desk.notices.done(_("No call is parked."), undo=False)

    def _drop_draft(self, key: str) -> None:
        call = self.waiting.pop(key, None)
        if call is None:
            return
        self.desk.drop_draft(key)
        self.strip.show_calls(list(self.waiting.values()))

        def bring_back() -> None:
            self.waiting[key] = call
            self.desk.keep_draft(key, call.to_json())
            self.strip.show_calls(list(self.waiting.values()))
            self.desk.notices.clear()

        self.desk.notices.banner(
            "accent",
            _("The draft of a call was deleted."),
            "",
            ((_("Bring back"), bring_back),),
        )

    def _read_drafts(self) -> None:
        def found(drafts: dict[str, str]) -> None:
            here = self.form.call.key if self.form.call is not None else ""
            for key, text in drafts.items():
                call = CallText.from_json(text) if key.startswith(PREFIX) else None
                if call is not None and key not in (here, *self.waiting):
                    call.key = key
                    self.waiting[key] = call
            self.pane.take_drafts(drafts)
            self.strip.show_calls(list(self.waiting.values()))

        self.desk.drafts(self, found)

    # -- the list -------------------------------------------------------------------------------

    def show_filter(self, filter: Filter) -> None:
        """Show the calls of a filter, and the filter in the bar."""
        self._filter = filter
        self._setting = True
        for condition, chip in self._chips.items():
            chip.set_checked(condition in filter.conditions)
        held = {c.field: str(c.value) for c in filter.conditions}
        self.reason.set_value(held.get("reason", ""))
        self.operator.set_value(held.get("operator", ""))
        if self.text.value != held.get("text", ""):
            self.text.set_value(held.get("text", ""))
        self._text_soon.stop()
        shown = {*SHORTCUTS}
        rest = [
            words
            for condition, words in CALLS.chips(filter)
            if condition not in shown and condition.field not in ("reason", "operator", "text")
        ]
        if filter.statement is not None:
            rest.insert(0, filter.title or _("Chosen calls"))
        self._extra.set_text(", ".join(rest))
        self._extra.setVisible(bool(rest))
        self._setting = False
        self.table.show_filter(filter)

    def _chip(self, condition: Condition) -> None:
        filter = self._filter
        if condition in filter.conditions:
            filter = filter.without(condition)
        else:
            for other in filter.conditions:
                if other.field == condition.field:
                    filter = filter.without(other)
            filter = filter.with_(condition)
        self.show_filter(filter)

    def _choose(self, field: str, value: str) -> None:
        filter = self._filter
        for other in filter.conditions:
            if other.field == field:
                filter = filter.without(other)
        self.show_filter(filter.with_(Condition(field, "is", value)) if value else filter)

    def _text_typed(self) -> None:
        self._text_soon.stop()
        if not self._setting:
            self._choose("text", self.text.value[:200])

    def _to_table(self) -> None:
        if self._text_soon.isActive():
            self._text_typed()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _drop_extra(self) -> None:
        kept = tuple(
            c
            for c in self._filter.conditions
            if c in SHORTCUTS or c.field in ("reason", "operator", "text")
        )
        self.show_filter(Filter(kept))

    def _read_operators(self) -> None:
        def found(names: list[str]) -> None:
            self.operator.set_choices(
                [("", _("All operators")), *((name, name) for name in names)],
                value=self.operator.value,
            )

        self.read(rules.operators, channel="operators", then=found)

    def _counted(self, total: int) -> None:
        self._total = total
        if self._fresh:
            # the call that was just saved becomes the current row once the list has it
            self.table.select_id(self._fresh)
            self._fresh = 0
        self._tell()

    def _tell(self) -> None:
        if self.on_call:
            self.subtitle_changed.emit(_("Call"))
        else:
            words = ngettext("{count} call", "{count} calls", self._total)
            self.subtitle_changed.emit(words.format(count=number(self._total)))

    def _count_due(self) -> None:
        def counted(found: tuple[int, bool]) -> None:
            self.count_changed.emit(*found)

        self.read(due, channel="due", then=counted)

    def _changed(self, changes: Changes) -> None:
        if self._entered and TOUCHED & changes.touched.keys():
            self.table.refresh(changes)
            self.pane.refresh()
            self._count_due()

    # -- one call -------------------------------------------------------------------------------

    def open_call(self, enquiry_id: int) -> None:
        """Show a call in the pane."""
        self.pane.show()
        self.pane.show_call(
            enquiry_id,
            then=lambda: self.pane.change_button.setFocus(Qt.FocusReason.ShortcutFocusReason),
        )

    def _follow(self, enquiry_id: int) -> None:
        if enquiry_id and self.pane.isVisible() and enquiry_id != self.pane.shown:
            self.pane.show_call(enquiry_id)

    def _close_pane(self) -> None:
        self.pane.keep()
        self.pane.hide()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ready_for_call_back(self) -> None:
        self.pane.done_button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _open_case(self, case_number: str) -> None:
        door = self._door
        if door is None:
            return

        def found(case_id: int | None) -> None:
            if case_id is not None:
                self.desk.open("case", case_id=case_id)
            else:
                self.desk.notices.banner("amber", _("This case is not in the file."))

        self.read(door.case_id, case_number, then=found)


def due(session: Session) -> tuple[int, bool]:
    """Count the call-backs due today; say whether one of them is late."""
    day = clock.today()
    counted = rules.followups_count(session, day)
    oldest = rules.followups(session, day, limit=1) if counted else []
    return counted, any(item.days_late > 0 for item in oldest)


class WaitingStrip(QWidget):
    """The calls that were parked or not finished, each with a way to go on."""

    taken_up = Signal(str)
    dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin hidden."""
        super().__init__(parent)
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Parked calls"))
        self._column = QVBoxLayout(self)
        side = theme.space(4)
        self._column.setContentsMargins(side, theme.space(1), side, theme.space(1))
        self._column.setSpacing(0)
        self._rows: list[QWidget] = []
        self._first: Button | None = None
        self.hide()

    def show_calls(self, calls: list[CallText]) -> None:
        """List calls, the newest first; the first one goes on with F6."""
        for old in self._rows:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows, self._first = [], None
        for place, call in enumerate(sorted(calls, key=lambda c: (c.on, c.at), reverse=True)):
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, theme.space(0), 0, theme.space(0))
            line.setSpacing(theme.space(2))
            state = _("Parked call") if call.parked else _("Call not finished")
            line.addWidget(label(state, "strong"))
            line.addWidget(ElidedLabel(call.title(), "body"), 1)
            go_on = button(_("Go on"), key="F6" if place == 0 else "")
            go_on.setAccessibleName(_("Go on: {call}").format(call=call.title()))
            go_on.clicked.connect(lambda _on=False, key=call.key: self.taken_up.emit(key))
            drop = button(_("Delete draft"), kind="quiet")
            drop.clicked.connect(lambda _on=False, key=call.key: self.dropped.emit(key))
            line.addWidget(go_on)
            line.addWidget(drop)
            self._column.addWidget(row)
            self._rows.append(row)
            self._first = self._first or go_on
        self.setVisible(bool(calls))
        for row in self._rows:
            row.show()  # now, not when Qt comes round to it: the focus may go there at once

    def focus_first(self) -> bool:
        """Put the focus on the first call; False where there is none."""
        if self._first is None:
            return False
        self._first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def titles(self) -> list[str]:
        """Give the words of each row."""
        return [
            " ".join(part.text() for part in row.findChildren(ElidedLabel)) for row in self._rows
        ]
