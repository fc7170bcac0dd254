"""The list of missing-person cases: views, filters, the list itself, a preview, acts on many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from sqlmodel import Session

from casedesk.desk import theme
from casedesk.desk.forms import Form
from casedesk.desk.page import Command, Desk, Page, Place
from casedesk.desk.tables import RecordTable
from casedesk.desk.widgets import (
    Chip,
    ChipRow,
    Divider,
    EmptyState,
    KeyHint,
    LineEdit,
    Scroll,
    button,
    label,
)
from casedesk.kernel.errors import CaseDeskError, InvalidDraft, NotFound, Refused
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import AllOf, Condition, Filter, Selection
from casedesk.tracing import listing, reading, rules, wording
from casedesk.tracing.case_rows_view import OwnerField
from casedesk.tracing.case_view import TABLES, LogCall
from casedesk.tracing.entry_view import ActionForm
from casedesk.tracing.filter_view import FilterPopup
from casedesk.tracing.new_case_view import NewCaseForm
from casedesk.tracing.preview_view import Preview
from casedesk.tracing.reading import CallsOf, CaseFile
from casedesk.tracing.records import ExportLogDraft

SEARCH_MS = 200
PREVIEW_MS = 80
COUNT_MS = 300
FOLD = 1280
"""Under this width of the window there is no preview."""
NEW_DRAFT = "cases.new"


def places(session: Session, text: str) -> list[Place]:
    """Find open cases for the palette."""
    if not text.strip():
        return []
    return [
        Place(
            title=words, kind="case", page="case", args=(("case_id", case_id),), icon=CasesPage.icon
        )
        for case_id, words in listing.find_cases(session, text)
    ]


class CasesPage(Page):
    """All cases: what to work on, found by name, place, birth and year."""

    key: ClassVar[str] = "cases"
    title: ClassVar[str] = N_("Missing persons")
    icon: ClassVar[str] = "user-search"
    shortcut: ClassVar[str] = "Ctrl+3"

    def __init__(
        self,
        desk: Desk,
        calls_of: CallsOf = reading.no_calls,
        log_call: LogCall | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`calls_of` reads the calls about a case; `log_call` begins one about it."""
        super().__init__(desk, parent)
        self._calls_of, self._log_call = calls_of, log_call
        self._views = listing.views(desk.actor, desk.today)
        self._counts: dict[str, int] = {}
        self._filter = listing.DEFAULT
        self._began = False
        self._form: Form | None = None
        self._preview: CaseFile | None = None
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._make_tabs())
        outer.addWidget(Divider())
        outer.addWidget(self._make_filters())
        outer.addWidget(Divider())
        outer.addWidget(self._make_body(), 1)
        outer.addWidget(self._make_chosen())
        self._timers()
        for keys, owner, run in (
            ("F4", self, self._open_current),
            ("Ctrl+E", self, self.export),
            ("Esc", self.text, self.table.setFocus),
        ):
            shortcut = QShortcut(QKeySequence(keys), owner)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)
        desk.changed.connect(self._changed)

    # -- the parts ------------------------------------------------------------------------------

    def _make_tabs(self) -> QWidget:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setFixedHeight(theme.px(36))
        self.tabs.setAccessibleName(_("Views"))
        for view in self._views:
            self.tabs.addTab(_(view.label))
        self.tabs.addTab(_("Own filter"))
        self.tabs.setTabVisible(len(self._views), False)
        self.tabs.currentChanged.connect(self._view_chosen)
        return self.tabs

    def _make_filters(self) -> QWidget:
        bar = QWidget()
        bar.setMinimumHeight(theme.px(44))
        line = QHBoxLayout(bar)
        side = theme.space(3)
        line.setContentsMargins(side, theme.space(1), side, theme.space(1))
        line.setSpacing(theme.space(2))
        self.text = LineEdit(placeholder=_("Name or case number"), name=_("Filter"), icon="search")
        self.text.setFixedWidth(theme.px(240))
        self.text.textEdited.connect(lambda _text: self._search.start())
        self.text.returnPressed.connect(self._text_done)
        line.addWidget(self.text)
        self.chips = ChipRow()
        flow = self.chips.layout()
        if flow is not None:
            # one line of chips stands in the middle of the bar; more lines make the bar grow
            flow.setContentsMargins(0, theme.px(7), 0, theme.px(7))
        line.addWidget(self.chips, 1)
        self.add_filter = button(_("Add filter"), key="Ctrl+Shift+F")
        self.add_filter.clicked.connect(self._open_popup)
        line.addWidget(self.add_filter)
        self.count = label("", "muted")
        line.addWidget(self.count)
        self.columns = button(_("Columns"), kind="quiet", icon="columns-3").icon_only()
        self.columns.clicked.connect(self._open_columns)
        line.addWidget(self.columns)
        return bar

    def _make_body(self) -> QWidget:
        self.table = RecordTable(self.read, listing.CASES, stretch="next")
        kept = [key for key in self.desk.settings.case_columns.split(",") if key]
        self.table.show_columns(kept or listing.SHOWN_COLUMNS)
        self.table.setAccessibleName(_("Cases"))
        self.table.set_reading_text(_("Reading cases"))
        new = button(_("New case"))
        new.clicked.connect(self.new_record)
        loosen = button(_("Take all filters away"))
        loosen.clicked.connect(self.loosen)
        self.no_result = EmptyState("search", _("No case fits these filters"), button=loosen)
        nothing = EmptyState("user-search", _("No cases yet"), button=new)
        self.table.set_empty(nothing, self.no_result)
        self.table.opened.connect(self.open_case)
        self.table.current_changed.connect(lambda _id: self._look.start())
        self.table.counted.connect(self._counted)
        self.table.selection_changed.connect(self._show_chosen)
        self.pane = QStackedWidget()
        self.pane.setMinimumWidth(theme.px(300))
        self.pane.setMaximumWidth(theme.px(520))
        self.preview = Preview(self._open_current, self._call if self._log_call else None)
        self.pane.addWidget(self.preview)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.table)
        self.split.addWidget(self.pane)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 0)
        self.split.setSizes([theme.px(860), theme.px(368)])
        return self.split

    def _make_chosen(self) -> QWidget:
        self.chosen = QWidget()
        self.chosen.setFixedHeight(theme.px(40))
        line = QHBoxLayout(self.chosen)
        side = theme.space(3)
        line.setContentsMargins(side, 0, side, 0)
        line.setSpacing(theme.space(2))
        self.chosen_count = label("", "strong")
        line.addWidget(self.chosen_count)
        for words, run in (
            (_("Assign"), self.assign),
            (_("Next action"), self.act_on_all),
            (_("Export list"), self.export),
        ):
            made = button(words)
            made.clicked.connect(run)
            line.addWidget(made)
        line.addStretch(1)
        clear = button(_("Clear"), kind="quiet")
        clear.clicked.connect(self.table.clearSelection)
        line.addWidget(clear)
        line.addWidget(KeyHint("Esc"))
        self.chosen.hide()
        return self.chosen

    def _timers(self) -> None:
        self._search = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search.timeout.connect(self._show)
        self._look = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._look.timeout.connect(self._read_preview)
        self._count = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._count.timeout.connect(self._read_counts)

    # -- coming, going, reading -----------------------------------------------------------------

    def enter(self, **args: Any) -> None:
        """Show the list; `filter`, or `statement` and `title` of a figure, say which cases."""
        asked = args.get("filter")
        statement = args.get("statement")
        if isinstance(asked, Filter):
            self.show_filter(asked)
        elif isinstance(statement, sa.Select):
            self.show_filter(Filter(statement=statement, title=str(args.get("title", ""))))
        elif not self._began:
            self.show_filter(listing.DEFAULT)
        self._read_counts()
        if args.get("new"):
            self.new_record()
        if args.get("case_id"):
            self.table.select_id(int(args["case_id"]))
        if self._form is None:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Keep what is typed in an open form."""
        if self._form is not None:
            self._form.keep_now()

    def wipe(self) -> None:
        """Take names off the screen."""
        self.leave()
        self.close_form()
        self.text.clear()
        self._preview = None
        self.preview.show_case(None, self.desk)
        self.table.show_filter(Filter.of_ids(()))

    def refresh(self) -> None:
        """Read the list again."""
        if self._began:
            self._show()
            self._read_counts()

    def _changed(self, changes: Any) -> None:
        if self._began and TABLES & set(changes.touched):
            self.table.refresh(changes)
            self._count.start()
            if self.isVisible():
                self._look.start()

    def find(self) -> None:  # type: ignore[override]
        """Put the cursor into the filter."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits."""
        return [self.tabs, self.text, self.table, self.pane]

    # -- filters --------------------------------------------------------------------------------

    @property
    def asked(self) -> Filter:
        """The filter with the text that is typed."""
        typed = self.text.value
        return self._filter.with_(Condition("name", "is", typed)) if typed else self._filter

    def show_filter(self, asked: Filter) -> None:
        """Show the cases of a filter; what it asks for stands in chips."""
        text = next((c for c in asked.conditions if c.field == "name"), None)
        self.text.set_value(str(text.value) if text else "")
        self._filter = asked.without(text) if text else asked
        self._name_tab()
        self._show()

    def _name_tab(self) -> None:
        """Mark the view that is shown; a filter of one's own has a tab while it holds."""
        own = len(self._views)
        same = (i for i, view in enumerate(self._views) if view.filter == self._filter)
        at = next(same, own)
        with QSignalBlocker(self.tabs):
            self.tabs.setTabVisible(own, at == own)
            words = _("From a figure") if self._filter.statement is not None else _("Own filter")
            self.tabs.setTabText(own, words)
            self.tabs.setCurrentIndex(at)

    def _view_chosen(self, at: int) -> None:
        if 0 <= at < len(self._views):
            self.text.clear()
            self.show_filter(self._views[at].filter)

    def _show(self) -> None:
        self._search.stop()
        self._began = True
        self.chips.clear()
        if self._filter.statement is not None:
            chip = Chip(self._filter.title or _("From a figure"), removable=True, tone="accent")
            chip.removed.connect(self._drop_statement)
            self.chips.add(chip)
        for condition, words in listing.CASES.chips(self._filter):
            chip = Chip(words, removable=True)
            chip.removed.connect(lambda condition=condition: self._drop(condition))
            self.chips.add(chip)
        self.no_result.set(_("No case fits these filters"), self._asked_words())
        self.table.show_filter(self.asked)

    def _asked_words(self) -> str:
        parts = [words for _c, words in listing.CASES.chips(self.asked)]
        return ", ".join(([self._filter.title] if self._filter.title else []) + parts)

    def _drop(self, condition: Condition) -> None:
        self._filter = self._filter.without(condition)
        self._name_tab()
        self._show()
        self.table.setFocus()

    def _drop_statement(self) -> None:
        self.show_filter(Filter(self._filter.conditions) if self._filter.conditions else Filter())
        self.table.setFocus()

    def loosen(self) -> None:
        """Take all filters away."""
        self.text.clear()
        self.show_filter(Filter())
        self.table.setFocus()

    def _text_done(self) -> None:
        self._show()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_condition(self, condition: Condition) -> None:
        """Ask for this too; one condition of a field holds at a time."""
        kept = tuple(c for c in self._filter.conditions if c.field != condition.field)
        title, statement = self._filter.title, self._filter.statement
        self._filter = Filter((*kept, condition), statement, title)
        self._name_tab()
        self._show()

    def _open_popup(self) -> None:
        popup = FilterPopup(self)
        popup.chosen.connect(self.add_condition)
        anchor = self.add_filter
        popup.adjustSize()
        corner = anchor.mapToGlobal(anchor.rect().bottomRight())
        popup.move(corner.x() - popup.sizeHint().width(), corner.y() + theme.space(1))
        popup.show()
        popup.field.setFocus()

    def columns_menu(self) -> QMenu:
        """Offer each column but the name, with a tick where it is shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self.table.shown_columns()
        for column in listing.CASES.columns[1:]:
            action = menu.addAction(_(column.label))
            action.setCheckable(True)
            action.setChecked(column.key in shown)
            action.toggled.connect(lambda on, key=column.key: self._switch_column(key, on))
        return menu

    def _open_columns(self) -> None:
        below = self.columns.rect().bottomLeft()
        self.columns_menu().popup(self.columns.mapToGlobal(below))

    def _switch_column(self, key: str, on: bool) -> None:
        shown = set(self.table.shown_columns())
        self.table.show_columns(shown | {key} if on else shown - {key})
        try:
            self.desk.settings.case_columns = ",".join(self.table.shown_columns())
        except CaseDeskError as error:
            self.desk.notices.problem(error)

    # -- counts ---------------------------------------------------------------------------------

    def _read_counts(self) -> None:
        self._views = listing.views(self.desk.actor, self.desk.today)
        self.read(_counts, self._views, channel="cases.counts", then=self._show_counts)

    def _show_counts(self, counts: dict[str, int]) -> None:
        self._counts = counts
        for at, view in enumerate(self._views):
            words = _("{view} {count}").format(view=_(view.label), count=number(counts[view.key]))
            self.tabs.setTabText(at, words)
        self.count_changed.emit(counts["open"], False)
        self._counted(self.table.total)

    def _counted(self, found: int) -> None:
        if not self._counts or not self.table.model_.complete:
            return
        whole = self._counts["open" if listing.OPEN in self._filter.conditions else "total"]
        words = _("{found} of {whole}").format(found=number(found), whole=number(whole))
        self.count.setText(words)
        self.subtitle_changed.emit(_("{count} open").format(count=number(self._counts["open"])))

    # -- preview --------------------------------------------------------------------------------

    def _read_preview(self) -> None:
        case_id = self.table.current_id()
        if not case_id or not self.pane.isVisibleTo(self):
            self._preview = None
            self.preview.show_case(None, self.desk)
            return
        self.read(
            reading.case_file,
            case_id,
            self._calls_of,
            channel="cases.preview",
            then=self._show_preview,
            failed=self._no_preview,
        )

    def _show_preview(self, file: CaseFile) -> None:
        if file.id == self.table.current_id():
            self._preview = file
            self.preview.show_case(file, self.desk)

    def _no_preview(self, error: Exception) -> None:
        if not isinstance(error, NotFound):
            self.desk.notices.problem(error)

    def open_case(self, case_id: int) -> None:
        """Show a case; J and K walk along this list."""
        self.desk.open("case", case_id=case_id, among=self.table.model_.ids)

    def _open_current(self) -> None:
        if case_id := self.table.current_id():
            self.open_case(case_id)

    def _call(self) -> None:
        if self._preview is not None and self._log_call is not None:
            self._log_call(self._preview.person_id, self._preview.number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Leave the room to the list in a narrow window; a form stays, whatever the window does."""
        self.pane.setVisible(self.window().width() >= FOLD or self._form is not None)

    # -- acts on many ---------------------------------------------------------------------------

    def _show_chosen(self) -> None:
        chosen = self.table.ticked()
        self.chosen.setVisible(chosen >= 2)
        words = ngettext("{count} selected", "{count} selected", chosen)
        self.chosen_count.setText(words.format(count=number(chosen)))

    def _with_chosen(self, run: Callable[[list[int]], None], failed: Any) -> None:
        selection = self.table.selection()
        self.read(_chosen_ids, selection, then=run, failed=failed)

    def _open_form(self, form: Form, submit: Callable[[], None]) -> None:
        self.close_form()
        self._form = form
        form.submitted.connect(submit)
        form.cancelled.connect(self.close_form)
        holder = QWidget()
        column = QVBoxLayout(holder)
        side = theme.space(3)
        column.setContentsMargins(side, side, side, side)
        column.addWidget(form)
        column.addStretch(1)
        self.pane.addWidget(Scroll(holder))
        self.pane.setCurrentIndex(1)
        self.pane.show()
        form.show()
        form.focus_first()

    @property
    def form(self) -> Form | None:
        """The form beside the list, if one is open."""
        return self._form

    def close_form(self) -> None:
        """Show the preview again, and go back to the row."""
        self._form = None
        while self.pane.count() > 1:
            widget = self.pane.widget(1)
            if widget is None:
                break
            self.pane.removeWidget(widget)
            widget.deleteLater()
        self._fold()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _submit(self, form: Form, words: Callable[[Any], str], act: Any, *args: Any) -> None:
        form.main.setEnabled(False)

        def done(result: Any) -> None:
            form.main.setEnabled(True)
            if self._form is form:
                self.close_form()
            self.table.clearSelection()
            self.desk.notices.done(words(result))

        self.write(act, *args, then=done, failed=self._failed(form))

    def _failed(self, form: Form) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            form.main.setEnabled(True)
            if not form.fail(error):
                self.desk.notices.problem(error)

        return failed

    def assign(self) -> None:
        """Ask who works on the chosen cases from now on."""
        form = Form(_("Assign cases"), _("Assign"), columns=1)
        owner = OwnerField(self)
        form.add("owner", _("Owner"), owner)

        def words(moved: int) -> str:
            said = ngettext("{count} case assigned", "{count} cases assigned", moved)
            return said.format(count=number(moved))

        def submit() -> None:
            if form.main.isEnabled():
                run = lambda ids: self._submit(form, words, rules.assign, ids, owner.text)  # noqa: E731
                self._with_chosen(run, self._failed(form))

        self._open_form(form, submit)

    def act_on_all(self) -> None:
        """Ask for an action, and record it on every chosen case at once."""
        form = ActionForm(self, title=_("Next action"), main=_("Record"), cancel=True, keep=None)

        def words(done: int) -> str:
            said = ngettext("Recorded on {count} case", "Recorded on {count} cases", done)
            return said.format(count=number(done))

        def submit() -> None:
            if not form.main.isEnabled():
                return
            try:
                draft = form.draft(0)
            except InvalidDraft as error:
                form.fail(error)
                return
            run = lambda ids: self._submit(form, words, rules.record_actions, ids, draft)  # noqa: E731
            self._with_chosen(run, self._failed(form))

        self._open_form(form, submit)

    def export(self) -> None:
        """Ask what the list is for and where it goes, and write it as CSV."""
        whole = self.table.ticked() == 0
        selection: Selection = AllOf(self.table.filter) if whole else self.table.selection()
        form = Form(_("Export list"), _("Choose a place"), columns=1)
        words = _("The list leaves the protected file. What it is for is kept in the journal.")
        form.body.insertWidget(0, label(words, "muted", form, wrap=True))
        form.add("reason", _("Reason"), LineEdit())

        def submit() -> None:
            if not form.main.isEnabled():
                return
            try:
                draft = self._export_draft(form.values()["reason"], selection)
            except InvalidDraft as error:
                form.fail(error)
                return
            self._ask_place(lambda path: self.export_to(path, selection, draft, form))

        self._open_form(form, submit)

    def _export_draft(self, reason: str, selection: Selection) -> ExportLogDraft:
        asked = self._asked_words() if isinstance(selection, AllOf) else _("Chosen one by one")
        count = selection.count(self.table.total)
        values = {"cases": count, "asked": asked[:2000], "reason": reason}
        return ExportLogDraft.checked(values)

    def _ask_place(self, then: Callable[[Path], None]) -> None:
        ask = QFileDialog(self, _("Export list"))
        ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        ask.setNameFilter(_("Table (*.csv)"))
        ask.setDefaultSuffix("csv")
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask.fileSelected.connect(lambda name: then(Path(name)))
        ask.open()

    def export_to(
        self, path: Path, selection: Selection, draft: ExportLogDraft, form: Form
    ) -> None:
        """Note the export in the journal, then write the file: none leaves without a line there."""
        failed, sort = self._failed(form), self.table.sort
        form.main.setEnabled(False)

        def written(count: int) -> None:
            form.main.setEnabled(True)
            if self._form is form:
                self.close_form()
            said = ngettext("{count} case written", "{count} cases written", count)
            self.desk.notices.done(said.format(count=number(count)), undo=False)

        def noted(_log: object) -> None:
            store = self.desk.store
            self.background(
                listing.export, store, selection, sort, path, then=written, failed=failed
            )

        self.write(rules.log_export, draft, then=noted, failed=failed)

    # -- a new case -----------------------------------------------------------------------------

    def new_record(self) -> None:
        """Begin a new case beside the list; what was typed before is still there."""
        if isinstance(self._form, NewCaseForm):
            self._form.focus_first()
            return
        form = NewCaseForm(self, self._keep_new)
        form.case_asked.connect(self.open_case)

        def submit() -> None:
            if not form.main.isEnabled():
                return
            try:
                args = form.offered()
            except (InvalidDraft, Refused) as error:
                form.fail(error)
                return
            form.main.setEnabled(False)
            self.write(rules.open_case_for, *args, then=made, failed=self._failed(form))

        def made(case: Any) -> None:
            self.desk.drop_draft(NEW_DRAFT)
            if self._form is form:
                self.close_form()
            self.desk.notices.done(_("{case} opened").format(case=wording.case_title(case.number)))
            self.table.select_id(case.id)
            self.open_case(case.id)

        def restore(drafts: dict[str, str]) -> None:
            if self._form is form and (kept := drafts.get(NEW_DRAFT)):
                form.restore(kept)

        self._open_form(form, submit)
        form.cancelled.connect(lambda: self.desk.drop_draft(NEW_DRAFT))
        self.desk.drafts(self, restore)

    def _keep_new(self, text: str) -> None:
        if text:
            self.desk.keep_draft(NEW_DRAFT, text)

    def main_action(self) -> None:
        """Send the form that is open."""
        if self._form is not None:
            self._form.submitted.emit()

    def commands(self) -> list[Command]:
        """List what can be done with the list."""
        return [
            Command(key="cases.new", label=_("New case"), run=self.new_record, shortcut="Ctrl+N"),
            Command(
                key="cases.filter",
                label=_("Add filter"),
                run=self._open_popup,
                shortcut="Ctrl+Shift+F",
            ),
            Command(key="cases.export", label=_("Export list"), run=self.export, shortcut="Ctrl+E"),
        ]


def _counts(session: Session, views: tuple[listing.View, ...]) -> dict[str, int]:
    return {**listing.view_counts(session, views), "total": listing.total(session)}


def _chosen_ids(session: Session, selection: Selection) -> list[int]:
    if isinstance(selection, AllOf):
        rules.refuse_too_many(listing.how_many(session, selection.filter))
    return list(selection.ids(session, listing.CASES))
