"""One case on one page: what is known, who asks, what happened, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.forms import Form
from casedesk.desk.history_panel import HistoryPanel, act_labels, history_lines
from casedesk.desk.page import Command, Desk, Page
from casedesk.desk.widgets import (
    Banner,
    Card,
    Chip,
    ChipRow,
    Divider,
    Scroll,
    button,
    clear_layout,
)
from casedesk.kernel.errors import InvalidDraft, NotFound, Refused, StaleRecord
from casedesk.kernel.language import N_, _, ngettext, number, short_date
from casedesk.partners import rules as partners
from casedesk.people import rules as people
from casedesk.tracing import matching, parting, reading, rules, wording
from casedesk.tracing.acts_view import (
    ActForm,
    AddEnquirerForm,
    AnswerForm,
    AssignForm,
    CloseForm,
    EnquirerForm,
    MergeForm,
    Order,
    PartForm,
)
from casedesk.tracing.case_rows_view import AwaitedCard, EnquirerRow, MergedRow, awaited_words
from casedesk.tracing.entry_view import Entry
from casedesk.tracing.events_view import EventList
from casedesk.tracing.facts_view import FactsForm
from casedesk.tracing.head_view import CaseHead
from casedesk.tracing.parting import Parting
from casedesk.tracing.parts_view import (
    Facts,
    Rows,
)
from casedesk.tracing.reading import Awaited, CallsOf, CaseFile, Enquirer
from casedesk.tracing.records import (
    Status,
)

TABLES = frozenset(
    {
        "tracing_case",
        "case_status",
        "case_action",
        "case_enquirer",
        "information_received",
        "family_informed",
        "person",
        "person_name",
        "contact",
        "enquiry",
        "enquiry_sought",
        "organisation",
    }
)
"""What a shown case is made of: a change of any of these is a reason to read again."""
SHOWN_AWAITED = 20
LABELS = act_labels(rules, people, partners, matching, parting)
_KINDS = (
    ("call", N_("Calls")),
    ("action", N_("Actions")),
    ("information", N_("Information")),
    ("informed", N_("Family informed")),
    ("status", N_("Status")),
)
LogCall = Callable[[int, str], None]
AskSummary = Callable[[Page, int, Callable[[], None]], tuple[Form, Callable[[], None]]]


class CasePage(Page):
    """One case: header with its steps, what is due, facts, what happened, what comes next."""

    key: ClassVar[str] = "case"
    title: ClassVar[str] = N_("Case")
    icon: ClassVar[str] = "user-search"
    area: ClassVar[bool] = False
    within: ClassVar[str] = "cases"
    shown = Signal(object)  # the CaseFile, once it is on the screen

    def __init__(
        self,
        desk: Desk,
        calls_of: CallsOf = reading.no_calls,
        log_call: LogCall | None = None,
        parent: QWidget | None = None,
        *,
        acts: Mapping[str, str] | None = None,
        summary: AskSummary | None = None,
    ) -> None:
        """`calls_of` reads the calls about a case; `log_call` begins one about it.

        `summary` gives the form that asks who gets a printed summary, and what sends it. `acts` are
        the words of acts that tracing does not know, for the history; see `act_labels`.
        """
        super().__init__(desk, parent)
        self._calls_of, self._log_call, self._summary = calls_of, log_call, summary
        self._labels = {**LABELS, **(acts or {})}
        self._case_id = 0
        self._among: Sequence[int] = ()
        self.file: CaseFile | None = None
        self._owners: list[str] = []
        self._act: Form | None = None
        self.facts_form: FactsForm | None = None
        self._kept: dict[str, str] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ground", "window")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        verbs: dict[str, Callable[[], None]] = {
            "status": self._status_menu,
            "assign": self.assign,
            "merge": self.merge,
            "reopen": self.reopen,
            "close": self.close_case,
        }
        if log_call is not None:
            verbs["call"] = self._call
        if summary is not None:
            verbs["print"] = self.print_summary
        self.head = CaseHead(verbs)
        outer.addWidget(self.head)
        outer.addWidget(Divider())
        self._notice = QVBoxLayout()
        side = theme.space(4)
        self._notice.setContentsMargins(side, theme.space(2), side, 0)
        self._make_notice()
        outer.addLayout(self._notice)
        outer.addLayout(self._make_columns(), 1)
        self._make_keys()
        desk.changed.connect(self._changed)

    # -- the parts ------------------------------------------------------------------------------

    def _make_columns(self) -> QBoxLayout:
        line = QHBoxLayout()
        side = theme.space(4)
        line.setContentsMargins(side, theme.space(2), side, theme.space(2))
        line.setSpacing(theme.space(4))
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, theme.space(2), 0)
        self._left.setSpacing(theme.space(3))
        self._view = self._make_left()
        self._left.addWidget(self._view)
        self._left_scroll = Scroll(left)
        self._left_scroll.setFixedWidth(theme.px(372))
        line.addWidget(self._left_scroll)
        line.addWidget(self._make_centre(), 1)
        line.addWidget(self._make_right())
        return line

    def _make_centre(self) -> QWidget:
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, theme.space(2), 0)
        column.setSpacing(theme.space(3))
        self._slot = QVBoxLayout()
        column.addLayout(self._slot)
        self.writing = Entry(self, self._keeper)
        self.writing.submitted.connect(self.record)
        self.writing.left.connect(self.setFocus)
        column.addWidget(self.writing)
        self._chips = ChipRow()
        self.chips: dict[str, Chip] = {}
        for kind, words in _KINDS:
            chip = Chip(_(words), checkable=True, checked=True)
            chip.toggled.connect(self._show_events)
            self.chips[kind] = chip
            self._chips.add(chip)
        column.addWidget(self._chips)
        self.events = EventList(fold=True)
        column.addWidget(self.events)
        column.addStretch(1)
        self._centre_scroll = Scroll(centre)
        return self._centre_scroll

    def _make_right(self) -> QWidget:
        right = QWidget()
        right.setFixedWidth(theme.px(300))
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(2))
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(_("Beside the case"))
        for words in (_("Next"), _("Calls"), _("History")):
            self.tabs.addTab(words)
        column.addWidget(self.tabs)
        self._panes = QStackedWidget()
        self._awaited = Rows(lambda: AwaitedCard(self.answer), _("No answer is awaited"))
        awaited = QWidget()
        waiting = QVBoxLayout(awaited)
        waiting.setContentsMargins(0, 0, 0, 0)
        waiting.addWidget(self._awaited)
        waiting.addStretch(1)
        self.calls = EventList()
        self.history = HistoryPanel()
        for pane in (Scroll(awaited), Scroll(self.calls), self.history):
            self._panes.addWidget(pane)
        column.addWidget(self._panes, 1)
        self.tabs.currentChanged.connect(self._tab_chosen)
        return right

    def _make_keys(self) -> None:
        for keys, run in (
            ("J", lambda: self.step(1)),
            ("K", lambda: self.step(-1)),
            ("L", self.add_enquirer),
            ("R", self.focus_entry),
            ("V", self.review),
            ("F3", self.edit),
            ("Ctrl+Tab", self._next_tab),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # -- coming, going, reading -----------------------------------------------------------------

    def enter(self, **args: Any) -> None:
        """Show the case `case_id`; `among` are the ids that J and K walk along."""
        case_id = int(args.get("case_id") or self._case_id)
        if args.get("among") is not None:
            self._among = args["among"]
        if case_id != self._case_id:
            self.leave()
            self._close_act()
            self._drop_form()
            self._case_id, self.file = case_id, None
            self.writing.clear()
            self.desk.drafts(self, self._restore)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()

    def leave(self) -> None:
        """Keep what is typed and not recorded."""
        for form in self._forms():
            form.keep_now()

    def wipe(self) -> None:
        """Take the case off the screen."""
        self.leave()
        self._kept.clear()
        self._close_act()
        self._drop_form()
        self.file = None
        self.facts.set_facts(())
        self.head.show_case(None)
        for banner in (self.banner, self.fits):
            banner.set("")
            banner.hide()
        self._asking.show_items(())
        self._show_merged(())
        self._awaited.show_items(())
        self.writing.clear()
        self.events.show_events(())
        self.calls.show_events(())
        self.history.show_lines(())

    def refresh(self) -> None:
        """Read the case again."""
        if self._case_id:
            self.read(
                reading.case_file,
                self._case_id,
                self._calls_of,
                channel=f"case.{id(self)}",
                then=self._show,
                failed=self._missing,
            )

    def _missing(self, error: Exception) -> None:
        self.desk.notices.problem(error)
        if isinstance(error, NotFound):
            self.wipe()
            self._case_id = 0

    def _changed(self, changes: Any) -> None:
        if self._case_id and (TABLES | {"judgement"}) & set(changes.touched):
            self.refresh()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits."""
        return [self._left_scroll, self.writing, self.tabs]

    def _forms(self) -> list[Form]:
        made = [*self.writing.forms.values()]
        return [*made, *(form for form in (self.facts_form, self._act) if form is not None)]

    def _keeper(self, name: str) -> Callable[[str], None]:
        def keep(text: str) -> None:
            if self._case_id and not self.desk.store.locked:
                key = f"case.{self._case_id}.{name}"
                self._kept[key] = text
                if text:
                    self.desk.keep_draft(key, text)
                else:
                    self.desk.drop_draft(key)

        return keep

    def _drop(self, key: str) -> None:
        self._kept[key] = ""
        self.desk.drop_draft(key)

    def _restore(self, drafts: dict[str, str]) -> None:
        # What was kept a moment ago may not be in the file yet.
        drafts = {**drafts, **self._kept}
        key = f"case.{self._case_id}."
        names = [name for name in drafts if name.startswith(key)]
        self.writing.restore({name.removeprefix(key): drafts[name] for name in names})
        self._facts_draft = drafts.get(f"case.{self._case_id}.facts", "")
        if self._facts_draft and self.file is not None:
            self._restore_facts()

    _facts_draft = ""

    def _restore_facts(self) -> None:
        kept, self._facts_draft = self._facts_draft, ""
        self.edit()
        if self.facts_form is not None:
            self.facts_form.restore(kept)

    # -- showing --------------------------------------------------------------------------------

    def _show(self, file: CaseFile) -> None:
        if file.id != self._case_id:
            return
        fresh = self.file is None
        self.file = file
        self.head.show_case(file)
        self.writing.setVisible(file.open)
        self.title_changed.emit(wording.case_title(file.number))
        self.subtitle_changed.emit(short_date(file.draft.opened_on))
        self._show_notice(file)
        self._read_fits(fresh=fresh)
        self._show_left(file)
        self._show_events(fresh=fresh)
        self._show_awaited(file)
        calls = [event for event in file.events if event.kind == "call"]
        self.calls.show_events(calls, fresh=fresh)
        words = ngettext("{count} call", "{count} calls", len(calls)).format(count=len(calls))
        self.tabs.setTabText(1, words)
        self._read_history()
        if self._facts_draft:
            self._restore_facts()
        self.shown.emit(file)

    def _make_notice(self) -> None:
        self._answer = button(_("Record answer"))
        self._answer.clicked.connect(self._answer_first)
        self.banner = Banner("neutral", "", buttons=[self._answer], parent=self)
        self.banner.hide()
        self._notice.addWidget(self.banner)
        compare = button(_("Compare"), key="V", listens=False)
        compare.clicked.connect(self.review)
        self.fits = Banner("accent", "", buttons=[compare], parent=self)
        self.fits.hide()
        self._notice.addWidget(self.fits)

    def _read_fits(self, *, fresh: bool) -> None:
        """Ask who in the file fits the case strongly and was not judged yet."""
        if fresh:
            self.fits.hide()
        if self.file is not None and self.file.open:
            case_id = self.file.id
            self.read(
                matching.strong_matches,
                case_id,
                channel=f"case.fits.{id(self)}",
                then=lambda count: self._show_fits(case_id, count),
            )
        else:
            self._show_fits(self._case_id, 0)

    def _show_fits(self, case_id: int, count: int) -> None:
        if case_id != self._case_id:
            return
        words = ngettext(
            "{count} person in the file may be the person sought",
            "{count} persons in the file may be the person sought",
            count,
        )
        self.fits.set(words.format(count=number(count)), tone="accent")
        self.fits.setVisible(count > 0)

    def _first_due(self) -> Awaited | None:
        awaited = self.file.awaited if self.file is not None else ()
        return next((item for item in awaited if item.due is not None), None)

    def _answer_first(self) -> None:
        if (first := self._first_due()) is not None:
            self.answer(first)

    def _show_notice(self, file: CaseFile) -> None:
        first = self._first_due()
        title, text, tone = "", "", "neutral"
        if file.status is Status.CLOSED and file.draft.outcome and file.draft.closed_on:
            how = _(wording.OUTCOME[file.draft.outcome])
            day = short_date(file.draft.closed_on)
            title, tone = _("Closed on {date}: {how}").format(date=day, how=how), "green"
            first = None
        elif first is not None and first.due is not None:
            words, tone = wording.due(first.due, self.desk.today)
            title = _("{due}: {what}").format(due=words, what=awaited_words(first))
            text, tone = first.note, tone if tone != "neutral" else "accent"
        elif file.open:
            title = _("Nothing is due. Say what comes next: record an action with a date.")
        self._answer.setVisible(first is not None and file.open)
        self.banner.set(title, text, tone=tone)
        self.banner.setVisible(bool(title))

    def _make_left(self) -> QWidget:
        """What is known and who asks; the form takes this place while it is open."""
        view = QWidget()
        column = QVBoxLayout(view)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(3))
        edit = button(_("Edit"), kind="quiet")
        edit.setToolTip(_("Edit (F3)"))
        edit.clicked.connect(self.edit)
        self.facts = Facts()
        card = Card(_("What is known"), edit)
        card.body.addWidget(self.facts)
        column.addWidget(card)
        add = button(_("Add"), kind="quiet")
        add.setToolTip(_("Add enquirer (L)"))
        add.clicked.connect(self.add_enquirer)
        asking = Card(_("Who asks"), add)
        self._asking = Rows(
            lambda: EnquirerRow(self.change_enquirer), _("Nobody is noted as asking"), rules=True
        )
        asking.body.addWidget(self._asking)
        column.addWidget(asking)
        self._merged_card = Card(_("One file made of several"))
        self._merged = Rows(lambda: MergedRow(self.part), "", rules=True)
        self._merged_card.body.addWidget(self._merged)
        self._merged_card.hide()
        column.addWidget(self._merged_card)
        column.addStretch(1)
        return view

    def _show_left(self, file: CaseFile) -> None:
        self.facts.set_facts(file.facts)
        self._asking.show_items(file.enquirers)
        self._show_merged(file.merged)

    def _show_merged(self, merged: Sequence[Parting]) -> None:
        self._merged.show_items(merged)
        self._merged_card.setVisible(bool(merged))

    def _show_events(self, *_args: object, fresh: bool = False) -> None:
        if self.file is not None:
            wanted = {kind for kind, chip in self.chips.items() if chip.checked}
            shown = (e for e in self.file.events if e.kind in wanted)
            self.events.show_events(shown, fresh=fresh)

    def _show_awaited(self, file: CaseFile) -> None:
        shown = file.awaited[:SHOWN_AWAITED]
        self._awaited.show_items([(item, file.open) for item in shown])

    def _tab_chosen(self, at: int) -> None:
        self._panes.setCurrentIndex(at)
        self._read_history()

    def _next_tab(self) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def _read_history(self) -> None:
        if self.file is not None and self.tabs.currentIndex() == self.tabs.count() - 1:
            self.read(
                history_lines,
                self.file.subjects,
                say=reading.say,
                labels=self._labels,
                channel=f"case.history.{id(self)}",
                then=self.history.show_lines,
            )

    def step(self, by: int) -> None:
        """Show the next or the previous case of the list."""
        among = self._among
        try:
            at = among.index(self._case_id) + by
        except ValueError:
            return
        if 0 <= at < len(among):
            self.enter(case_id=int(among[at]))

    # -- recording ------------------------------------------------------------------------------

    @property
    def entry(self) -> Form:
        """The form of what is being recorded."""
        return self.writing.form

    def focus_entry(self) -> None:
        """Put the cursor where the next event is typed."""
        if self.writing.isVisible():
            self._centre_scroll.ensureWidgetVisible(self.writing.form)
            self.writing.form.focus_first()

    def record(self) -> None:
        """Keep what is typed in the entry."""
        form = self.writing.form
        if self.file is not None and form.main.isEnabled():
            self._send(form, lambda: self.writing.order(self._case_id), keep=self.writing.kind)

    def _send(self, form: Form, order: Callable[[], Order], keep: str = "") -> None:
        """Run the act that a form orders, or say under its fields why it cannot be."""
        try:
            asked = order()
        except InvalidDraft as error:
            form.fail(error)
            return
        self._submit(form, asked, keep)

    def _submit(self, form: Form, order: Order, keep: str) -> None:
        """Run an act for a form: clear it where it is done, leave it as it is where it is not."""
        case_id = self._case_id
        form.main.setEnabled(False)

        def done(_result: object) -> None:
            form.main.setEnabled(True)
            if keep:
                self._drop(f"case.{case_id}.{keep}")
            if self._act is form:
                self._close_act()
            elif case_id == self._case_id:
                form.clear()
                if form.editor(next(iter(form.fields))).isVisible():
                    form.focus_first()
            self.desk.notices.done(order.words)

        def failed(error: Exception) -> None:
            form.main.setEnabled(True)
            if isinstance(error, StaleRecord):
                self.refresh()
            if not form.fail(error):
                self.desk.notices.problem(error)

        self.write(order.act, *order.args, then=done, failed=failed, **order.options)

    # -- forms of the acts ----------------------------------------------------------------------

    def _ask(self, form: ActForm) -> None:
        """Open the form of an act, which runs it when it is sent."""

        def submit() -> None:
            if self.file is not None and form.main.isEnabled():
                self._send(form, form.order)

        self._open_act(form, submit)

    def _open_act(self, form: Form, submit: Callable[[], None]) -> None:
        self._close_act()
        self._act = form
        form.submitted.connect(submit)
        form.cancelled.connect(self._close_act)
        self._slot.addWidget(form)
        form.show()
        form.focus_first()

    def _close_act(self) -> None:
        self._act = None
        clear_layout(self._slot)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def act_form(self) -> Form | None:
        """The form of the act that is open, if one is."""
        return self._act

    def close_case(self) -> None:
        """Ask for the outcome, and close the case."""
        if self.file is not None and self.file.open:
            self._ask(CloseForm(self, self.file))

    def reopen(self) -> None:
        """Open a closed case again; Undo takes it back."""
        if self.file is not None and self.file.status in rules.ENDED:
            self.write(
                rules.reopen,
                self._case_id,
                self.desk.today,
                self.file.revision,
                then=lambda _case: self.desk.notices.done(_("Case opened again")),
            )

    def merge(self) -> None:
        """Ask for the other case, and make one of the two."""
        if self.file is not None and self.file.open:
            self._ask(MergeForm(self, self.file))

    def part(self, parting: Parting) -> None:
        """Say what goes where, and make two files of the one."""
        self._ask(PartForm(self, parting))

    def assign(self) -> None:
        """Ask who works on the case from now on."""
        if self.file is not None:
            self._ask(AssignForm(self, self.file))

    def answer(self, item: Awaited) -> None:
        """Ask how an action ended."""
        self._ask(AnswerForm(item))

    def add_enquirer(self) -> None:
        """Ask who else asks for the search."""
        if self.file is not None:
            self._ask(AddEnquirerForm(self, self._case_id))

    def change_enquirer(self, item: Enquirer) -> None:
        """Ask what is different about somebody who asks."""
        self._ask(EnquirerForm(self._case_id, item))

    def _status_menu(self) -> None:
        if self.file is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for status in rules.STEPS.get(self.file.status, ()):
            action = menu.addAction(_(wording.STATUS[status][0]))
            action.triggered.connect(lambda _on=False, to=status: self.change_status(to))
        self.head.popup(menu, self.head.buttons["status"])

    def change_status(self, to: Status) -> None:
        """Take the case a step further, or aside."""
        if self.file is not None:
            words = _("Status: {status}").format(status=_(wording.STATUS[to][0]))
            self.write(
                rules.change_status,
                self._case_id,
                to,
                self.desk.today,
                self.file.revision,
                then=lambda _case: self.desk.notices.done(words),
            )

    def _call(self) -> None:
        if self.file is not None and self._log_call is not None:
            self._log_call(self.file.person_id, self.file.number)

    # -- facts ----------------------------------------------------------------------------------

    def edit(self) -> None:
        """Turn the facts into fields, in place."""
        if self.file is None or self.facts_form is not None:
            return
        form = FactsForm(self.file, self._keeper("facts"))
        form.submitted.connect(self.save_facts)
        form.cancelled.connect(self._end_facts)
        self.facts_form = form
        self._view.hide()
        self._left.addWidget(form)
        form.show()
        form.focus_first()

    def _drop_form(self) -> None:
        form, self.facts_form = self.facts_form, None
        if form is not None:
            self._left.removeWidget(form)
            form.hide()
            form.deleteLater()
            self._view.show()

    def _end_facts(self) -> None:
        self._drop_form()
        self._drop(f"case.{self._case_id}.facts")
        if self.file is not None:
            self._show_left(self.file)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def save_facts(self) -> None:
        """Keep the facts as they are typed."""
        form = self.facts_form
        if form is None or not form.main.isEnabled():
            return
        case_id = form.base.id
        try:
            change = form.change()
        except (InvalidDraft, Refused) as error:
            form.fail(error)
            return
        form.main.setEnabled(False)

        def done(_case: object) -> None:
            if self.facts_form is form:
                self._end_facts()
                self.refresh()
            self.desk.notices.done(_("Case changed"))

        def failed(error: Exception) -> None:
            form.main.setEnabled(True)
            if isinstance(error, StaleRecord):
                self.read(reading.case_file, case_id, self._calls_of, then=self._conflict)
            elif not form.fail(error):
                self.desk.notices.problem(error)

        self.write(rules.change_file, case_id, change, then=done, failed=failed)

    def _conflict(self, theirs: CaseFile) -> None:
        form = self.facts_form
        if form is not None and theirs.id == form.base.id:
            form.meet(theirs)

    # -- the page's own keys --------------------------------------------------------------------

    def main_action(self) -> None:
        """Send the form that has the cursor, or the one that is open."""
        focus = QApplication.focusWidget()
        for form in self._forms():
            if focus is not None and form.isAncestorOf(focus):
                form.submitted.emit()
                return
        if self._act is not None:
            self._act.submitted.emit()
        elif self.facts_form is not None:
            self.save_facts()
        elif self.writing.isVisible():
            self.record()

    def review(self) -> None:
        """Show who in the file may be the same person."""
        if self.file is not None:
            self.desk.open("matches", case_id=self._case_id)

    def print_summary(self) -> None:
        """Ask who gets a printed summary of the case."""
        if self.file is not None and self._summary is not None:
            self._open_act(*self._summary(self, self._case_id, self._close_act))

    def commands(self) -> list[Command]:
        """List what can be done with the case."""
        made = [
            Command(key="case.edit", label=_("Edit case"), run=self.edit, shortcut="F3"),
            Command(
                key="case.matches",
                label=_("Review who may be the same person"),
                run=self.review,
                shortcut="V",
            ),
        ]
        if self._summary is not None:
            made.append(
                Command(
                    key="case.print",
                    label=_("Print summary"),
                    run=self.print_summary,
                    shortcut="Ctrl+P",
                )
            )
        if self.file is not None and self.file.open:
            made += [
                Command(key="case.record", label=_("Record"), run=self.focus_entry, shortcut="R"),
                Command(key="case.close", label=_("Close case"), run=self.close_case),
                Command(key="case.merge", label=_("Merge with another case"), run=self.merge),
                Command(key="case.assign", label=_("Assign case"), run=self.assign),
                Command(
                    key="case.enquirer",
                    label=_("Add enquirer"),
                    run=self.add_enquirer,
                    shortcut="L",
                ),
            ]
        if self.file is not None and self.file.status in rules.ENDED:
            made.append(Command(key="case.reopen", label=_("Reopen case"), run=self.reopen))
        return made
