"""One case on one page: what is known, who asks, what happened, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
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
from sqlmodel import Session

from casedesk.desk import theme
from casedesk.desk.forms import FindField, Form, Found
from casedesk.desk.history_panel import HistoryPanel, act_labels, history_lines
from casedesk.desk.page import Command, Desk, Page
from casedesk.desk.widgets import (
    Banner,
    Button,
    Card,
    Chip,
    ChipRow,
    ComboBox,
    DateField,
    Divider,
    ElidedLabel,
    LineEdit,
    Scroll,
    Segments,
    TextEdit,
    button,
    label,
)
from casedesk.kernel import clock
from casedesk.kernel.errors import InvalidDraft, NotFound, Refused, StaleRecord
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import N_, _, ngettext, short_date
from casedesk.kernel.query import Tagged
from casedesk.names.parse import parse
from casedesk.names.parse import script as script_of
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft, OrganisationKind
from casedesk.people import index
from casedesk.people import rules as people
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson
from casedesk.people.wording import relation_key, relation_words
from casedesk.tracing import listing, reading, rules, wording
from casedesk.tracing.parts_view import (
    EventList,
    Facts,
    Rows,
    Stepper,
    TagLine,
    WrapLabel,
    choices,
    empty,
)
from casedesk.tracing.reading import Awaited, CallsOf, CaseFile, Enquirer
from casedesk.tracing.records import (
    ActionKind,
    ActionOutcome,
    CaseActionDraft,
    CaseEnquirerDraft,
    CaseKind,
    FamilyInformedDraft,
    Fate,
    InformationReceivedDraft,
    Means,
    Outcome,
    Priority,
    Reliability,
    Sharing,
    Status,
    ToldBy,
    TracingCaseDraft,
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
LABELS = act_labels(rules, people, partners)
_CLOSINGS = tuple(o for o in Outcome if o not in (Outcome.DUPLICATE, Outcome.TRANSFERRED))
_KINDS = (
    ("call", N_("Calls")),
    ("action", N_("Actions")),
    ("information", N_("Information")),
    ("informed", N_("Family informed")),
    ("status", N_("Status")),
)
FOLDS = ("merge", "assign", "close")
"""The acts that go into the menu where the name needs their room, the first one first."""
LogCall = Callable[[int, str], None]
AskSummary = Callable[[Page, int, Callable[[], None]], tuple[Form, Callable[[], None]]]


def find_people(session: Session, text: str) -> Found:
    """Find persons by name or number, with the words that tell them apart."""
    found: Found = []
    for hit in index.search(session, text, limit=6):
        when = wording.born(hit.born.first, hit.born.last) if hit.born else _("not known")
        found.append((hit.person_id, _("{name}, born {born}").format(name=hit.name, born=when)))
    return found


def find_organisations(session: Session, text: str) -> Found:
    """Find organisations by a name in either script."""
    return [
        (item.id, ", ".join(filter(None, (item.name or item.latin_name, item.country))))
        for item in partners.find(session, text, 6)
    ]


def new_person(name: str, phone: str = "") -> NewPerson:
    """Make a person of a full name as it is typed, and perhaps a telephone number."""
    parts = parse(name)
    values = {"family": parts.family, "given": parts.given, "patronymic": parts.patronymic}
    draft = PersonNameDraft.checked({**values, "script": script_of(name)})
    contacts = (ContactDraft.checked({"typed": phone}),) if phone else ()
    return NewPerson(PersonDraft(), (draft,), contacts)


class PartnerField(FindField):
    """Says who was asked: found by a name in either script, or noted on the spot."""

    def __init__(self, page: Page, name: str) -> None:
        """Look up and write through the page."""
        self._page = page
        super().__init__(self._look, name=name, add=_("Add organisation"))
        self.add_asked.connect(self._add_one)

    def _look(self, text: str, show: Callable[[Found], None]) -> None:
        self._page.read(find_organisations, text, channel="tracing.partners", then=show)

    def _add_one(self, text: str) -> None:
        kind = OrganisationKind.OTHER
        values = {"latin_name" if script_of(text) == "latin" else "name": text, "kind": kind}
        try:
            draft = OrganisationDraft.checked(values)
        except InvalidDraft as error:
            self._page.desk.notices.problem(error)
            return
        self._page.write(
            partners.add_organisation, draft, then=lambda made: self.set_value(made.id, text)
        )


class ActionForm(Form):
    """An action: what was done, who was asked, until when the answer is awaited."""

    def __init__(
        self,
        page: Page,
        *,
        title: str,
        main: str,
        cancel: bool,
        keep: Any,
        columns: int = 2,
        beside: bool = False,
    ) -> None:
        """Make the fields; `page` looks up organisations."""
        super().__init__(title, main, keep=keep, cancel=cancel, columns=columns, beside=beside)
        self._page = page
        self.add("note", _("What was done"), LineEdit(), wide=True)
        kinds = choices(wording.ACTION)
        self.add("kind", _("Kind"), ComboBox(kinds, value=str(ActionKind.LIST_CHECK)))
        self.add("partner_id", _("Who was asked"), PartnerField(page, _("Who was asked")))
        self.add("answer_due", _("Answer due"), DateField())
        self.add("on_date", _("Date"), DateField(page.desk.today))

    def draft(self, case_id: int) -> CaseActionDraft:
        """Give the action as typed. Raises InvalidDraft with a sentence for each wrong field."""
        values = self.values()
        values["on_date"] = self.day("on_date") or self._page.desk.today
        values["answer_due"] = self.day("answer_due")
        organisation = self.editor("partner_id")
        if organisation.text and organisation.value is None:
            words = _("Choose the organisation from the list, or add it.")
            raise InvalidDraft(words, {"partner_id": words})
        return CaseActionDraft.checked({**values, "case_id": case_id})

    def clear(self) -> None:
        """Begin anew."""
        super().clear()
        self.editor("partner_id").set_value(None)


class CasePage(Page):
    """One case: header with its steps, what is due, facts, what happened, what comes next."""

    key: ClassVar[str] = "case"
    title: ClassVar[str] = N_("Case")
    icon: ClassVar[str] = "user-search"
    area: ClassVar[bool] = False
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
        self._base: CaseFile | None = None
        self._owners: list[str] = []
        self._act: Form | None = None
        self.facts_form: Form | None = None
        self._kept: dict[str, str] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ground", "window")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._make_header())
        outer.addWidget(Divider())
        self._notice = QVBoxLayout()
        side = theme.space(4)
        self._notice.setContentsMargins(side, theme.space(2), side, 0)
        self._make_notice()
        outer.addLayout(self._notice)
        outer.addLayout(self._make_columns(), 1)
        self._make_keys()
        desk.changed.connect(self._changed)
        theme.watch.changed.connect(self._fit_header)

    # -- the parts ------------------------------------------------------------------------------

    def _make_header(self) -> QWidget:
        head = QWidget()
        head.setProperty("ground", "surface")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setMinimumHeight(theme.px(96))
        column = QVBoxLayout(head)
        side = theme.space(4)
        column.setContentsMargins(side, theme.space(2), side, theme.space(2))
        column.setSpacing(theme.space(1))
        line, second = QHBoxLayout(), QHBoxLayout()
        self.name = ElidedLabel("", "page")
        self.latin = ElidedLabel("", "muted")
        self.number = ElidedLabel("", "muted")
        self._tags = TagLine()
        self._owner = ElidedLabel("", "muted")
        for row, widgets in (
            (line, (self.name, self.latin, self.number)),
            (second, (self._tags, self._owner)),
        ):
            row.setSpacing(theme.space(2))
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
        self.buttons: dict[str, Button] = {}
        for key, words, run in (
            ("status", _("Change status"), self._status_menu),
            ("assign", _("Assign"), self.assign),
            ("merge", _("Merge"), self.merge),
            ("reopen", _("Reopen case"), self.reopen),
            ("close", _("Close case"), self.close_case),
        ):
            made = button(words)
            made.clicked.connect(run)
            self.buttons[key] = made
            line.addWidget(made)
        if self._log_call is not None:
            made = button(_("Log a call"), key="Ctrl+Shift+C", hint=False)
            made.clicked.connect(self._call)
            self.buttons["call"] = made
            line.addWidget(made)
        if self._summary is not None:
            made = button(_("Print summary"), key="Ctrl+P", hint=False)
            made.clicked.connect(self.print_summary)
            self.buttons["print"] = made
            line.addWidget(made)
        self.more = button(_("More"))
        self.more.clicked.connect(self._open_more)
        line.insertWidget(line.indexOf(self.buttons["status"]) + 1, self.more)
        column.addLayout(line)
        column.addLayout(second)
        self.stepper = Stepper()
        column.addWidget(self.stepper)
        return head

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_header()

    def _fit_header(self) -> None:
        """Give the name its room first: what may stand in the menu leaves the line for it."""
        gap, folded = theme.space(2), list[str]()
        offered = [key for key in FOLDS if self.file is not None and self.file.open]
        stay = [self.buttons[key] for key in self.buttons if key not in FOLDS]
        kept = sum(made.sizeHint().width() + gap for made in stay if not made.isHidden())
        words = (self.name, self.latin, self.number)
        need = sum(part.sizeHint().width() + gap for part in words)
        line = self.width() - 2 * theme.space(4)
        room = line - kept
        for key in FOLDS:
            shown = [self.buttons[other] for other in offered if other not in folded]
            more = self.more.sizeHint().width() + gap if folded else 0
            if need + more + sum(made.sizeHint().width() + gap for made in shown) <= room:
                break
            folded.append(key)
        for key in FOLDS:
            self.buttons[key].setVisible(key in offered and key not in folded)
        self.more.setVisible(bool(offered and folded))
        beside = [self.buttons[key] for key in offered if key not in folded]
        beside += [self.more] if offered and folded else []
        room -= sum(made.sizeHint().width() + gap for made in beside)
        for part in (self.name, self.number):
            wide = max(0, min(part.sizeHint().width(), room - gap))
            part.setMinimumWidth(wide)
            room -= wide + gap
        self.latin.setVisible(room >= theme.px(48))  # less says nothing
        self._tags.setMinimumWidth(max(0, min(self._tags.sizeHint().width(), line)))

    def more_menu(self) -> QMenu:
        """Offer the acts that have no room in the line."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key in FOLDS[::-1]:
            made = self.buttons[key]
            if made.isHidden():
                menu.addAction(made.text()).triggered.connect(made.click)
        return menu

    def _open_more(self) -> None:
        self.more_menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

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
        self.what = Segments(
            [("action", _("Action")), ("information", _("Information")), ("informed", _("Told"))],
            name=_("What to record"),
        )
        self.what.chosen.connect(self._what_chosen)
        self._entry = QWidget()
        entry = QVBoxLayout(self._entry)
        entry.setContentsMargins(0, 0, 0, 0)
        entry.setSpacing(theme.space(1))
        entry.addWidget(self.what)
        self._entries: dict[str, Form] = {
            "action": self._action_form(),
            "information": self._information_form(),
            "informed": self._informed_form(),
        }
        for key, form in self._entries.items():
            entry.addWidget(form)
            form.setVisible(key == "action")
            form.submitted.connect(self.record)
            form.cancelled.connect(self.setFocus)
        column.addWidget(self._entry)
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
            for form in self._entries.values():
                form.clear()
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
        for words in (self.name, self.latin, self.number, self._owner):
            words.setText("")
        self._tags.set_tags(())
        self.banner.set("")
        self.banner.hide()
        self._asking.show_items(())
        self._awaited.show_items(())
        for form in self._entries.values():
            form.clear()
        self.stepper.set_steps(())
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
        if self._case_id and TABLES & set(changes.touched):
            self.refresh()

    def regions(self) -> list[QWidget]:
        """List the parts that Ctrl+F6 visits."""
        return [self._left_scroll, self._entry, self.tabs]

    def _forms(self) -> list[Form]:
        made = [*self._entries.values()]
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
        for name, form in self._entries.items():
            if form.touched():
                continue  # somebody types already
            if kept := drafts.get(f"case.{self._case_id}.{name}"):
                form.restore(kept)
                self.what.set_value(name)
                self._what_chosen(name, focus=False)
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
        self.name.setText(file.name)
        self.latin.setText(file.latin)
        self.number.setText(wording.case_title(file.number))
        self.number.setToolTip(file.number)
        self._owner.setText(
            _("Owner {name}").format(name=file.owner) if file.owner else _("No owner")
        )
        self._tags.set_tags(file.tags)
        self.stepper.set_steps(file.steps)
        ended = file.status in rules.ENDED
        self.buttons["status"].setVisible(bool(rules.STEPS.get(file.status)))
        self.buttons["reopen"].setVisible(ended)
        self._fit_header()
        self._entry.setVisible(file.open)
        self.title_changed.emit(wording.case_title(file.number))
        self.subtitle_changed.emit(short_date(file.draft.opened_on))
        self._show_notice(file)
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
            title = _("{due}: {what}").format(due=words, what=_awaited_words(first))
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
        column.addStretch(1)
        return view

    def _show_left(self, file: CaseFile) -> None:
        self.facts.set_facts(file.facts)
        self._asking.show_items(file.enquirers)

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

    def _action_form(self) -> Form:
        return ActionForm(
            self,
            title="",
            main=_("Record action"),
            cancel=False,
            keep=self._keeper("action"),
            columns=4,
            beside=True,
        )

    def _information_form(self) -> Form:
        form = Form(
            "",
            _("Record information"),
            keep=self._keeper("information"),
            cancel=False,
            columns=3,
            beside=True,
        )
        form.add("whereabouts", _("What is known now"), LineEdit(), wide=True)
        form.add("source", _("Source"), LineEdit())
        fates = choices(wording.FATE)
        form.add("fate", _("Fate"), ComboBox(fates, value=str(Fate.UNKNOWN)))
        reliable = choices(wording.RELIABILITY)
        form.add(
            "reliability", _("Reliability"), ComboBox(reliable, value=str(Reliability.UNKNOWN))
        )
        shared = choices(wording.SHARING)
        form.add("share_with_family", _("Family"), ComboBox(shared, value=str(Sharing.NO)))
        form.add("verified_by", _("Confirmed by"), LineEdit())
        form.add("on_date", _("Date"), DateField(self.desk.today))
        return form

    def _informed_form(self) -> Form:
        keep = self._keeper("informed")
        form = Form("", _("Record"), keep=keep, cancel=False, columns=4, beside=True)
        form.add("told", _("Who was told"), LineEdit(), wide=True)
        form.add("fate", _("Fate told"), ComboBox(choices(wording.FATE), value=str(Fate.UNKNOWN)))
        form.add("how", _("How"), ComboBox(choices(wording.MEANS), value=str(Means.PHONE)))
        by = choices(wording.TOLD_BY)
        form.add("by", _("By"), ComboBox(by, value=str(ToldBy.DELEGATION)))
        form.add("on_date", _("Date"), DateField(self.desk.today))
        return form

    def _what_chosen(self, chosen: str, *, focus: bool = True) -> None:
        for key, form in self._entries.items():
            form.setVisible(key == chosen)
        if focus and not self.what.hasFocus():
            self._entries[chosen].focus_first()

    @property
    def entry(self) -> Form:
        """The form of what is being recorded."""
        return self._entries[str(self.what.value)]

    def focus_entry(self) -> None:
        """Put the cursor where the next event is typed."""
        if self._entry.isVisible():
            self._centre_scroll.ensureWidgetVisible(self.entry)
            self.entry.focus_first()

    def record(self) -> None:
        """Keep what is typed in the entry."""
        form, kind = self.entry, str(self.what.value)
        if self.file is None or not form.main.isEnabled():
            return
        act, words = {
            "action": (rules.record_action, _("Action recorded")),
            "information": (rules.record_information, _("Information recorded")),
            "informed": (rules.inform_family, _("Recorded that the family was told")),
        }[kind]
        try:
            if isinstance(form, ActionForm):
                draft: Any = form.draft(self._case_id)
            else:
                values = {**form.values(), "case_id": self._case_id}
                values["on_date"] = form.day("on_date") or self.desk.today
                types: dict[str, Any] = {
                    "information": InformationReceivedDraft,
                    "informed": FamilyInformedDraft,
                }
                draft = types[kind].checked(values)
        except InvalidDraft as error:
            form.fail(error)
            return
        self._submit(form, words, act, draft, keep=kind)

    def _submit(
        self, form: Form, words: str, act: Any, *args: Any, keep: str = "", **options: Any
    ) -> None:
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
            self.desk.notices.done(words)

        def failed(error: Exception) -> None:
            form.main.setEnabled(True)
            if isinstance(error, StaleRecord):
                self.refresh()
            if not form.fail(error):
                self.desk.notices.problem(error)

        self.write(act, *args, then=done, failed=failed, **options)

    # -- forms of the acts ----------------------------------------------------------------------

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
        empty(self._slot)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def act_form(self) -> Form | None:
        """The form of the act that is open, if one is."""
        return self._act

    def close_case(self) -> None:
        """Ask for the outcome, and close the case."""
        if self.file is None or not self.file.open:
            return
        form = Form(_("Close case"), _("Close case"))
        outcome = ComboBox(choices(wording.OUTCOME, _CLOSINGS))
        form.add("outcome", _("Outcome"), outcome)
        form.add("on", _("Date"), DateField(self.desk.today))
        source = form.add("source", _("Where the death is known from"), LineEdit())
        other = LineEdit(placeholder=_("Somebody else than you"))
        second = form.add("confirmed_by", _("Second person who confirms"), other)

        def chosen(*_args: object) -> None:
            for field in (source, second):
                field.setVisible(outcome.value == str(Outcome.DEAD))

        outcome.currentIndexChanged.connect(chosen)
        chosen()

        def submit() -> None:
            if self.file is None or not form.main.isEnabled():
                return
            values = form.values()
            try:
                day = form.day("on") or self.desk.today
            except InvalidDraft as error:
                form.fail(error)
                return
            dead = outcome.value == str(Outcome.DEAD)
            self._submit(
                form,
                _("Case closed"),
                rules.close,
                self._case_id,
                Outcome(outcome.value),
                day,
                source=values["source"] if dead else "",
                confirmed_by=values["confirmed_by"] if dead else "",
                revision=self.file.revision,
            )

        self._open_act(form, submit)

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
        if self.file is None or not self.file.open:
            return
        form = Form(_("Merge with another case"), _("Merge"), columns=1)

        def find(text: str, show: Callable[[Found], None]) -> None:
            self.read(listing.find_cases, text, self._case_id, channel="case.merge", then=show)

        other = FindField(find, name=_("The other case"))
        form.add("other", _("The other case"), other)
        words = _("It becomes a duplicate of this one. Its families ask through this case.")
        form.body.insertWidget(0, label(words, "muted", wrap=True))

        def submit() -> None:
            if not form.main.isEnabled():
                return
            if other.value is None:
                words = _("Choose the other case from the list.")
                form.fail(InvalidDraft(words, {"other": words}))
                return
            words = _("Cases merged")
            day = self.desk.today
            self._submit(form, words, rules.merge_with, self._case_id, other.value, day)

        self._open_act(form, submit)

    def assign(self) -> None:
        """Ask who works on the case from now on."""
        if self.file is None:
            return
        form = Form(_("Assign"), _("Assign"), columns=1)
        owner = OwnerField(self)
        form.add("owner", _("Owner"), owner)

        def submit() -> None:
            if form.main.isEnabled():
                self._submit(form, _("Case assigned"), rules.assign, [self._case_id], owner.text)

        self._open_act(form, submit)

    def answer(self, item: Awaited) -> None:
        """Ask how an action ended."""
        form = Form(_("Record answer"), _("Record answer"), columns=1)
        form.add(
            "outcome",
            _awaited_words(item),
            Segments(
                [
                    (str(ActionOutcome.SUCCESSFUL), _("Answered")),
                    (str(ActionOutcome.UNSUCCESSFUL), _("No result")),
                ]
            ),
        )
        form.add("note", _("Note"), TextEdit(item.note, lines=2))

        def submit() -> None:
            if form.main.isEnabled():
                values = form.values()
                outcome = ActionOutcome(values["outcome"])
                words = _("Answer recorded")
                args = (item.id, outcome, values["note"], item.revision)
                self._submit(form, words, rules.answer_action, *args)

        self._open_act(form, submit)

    def add_enquirer(self) -> None:
        """Ask who else asks for the search."""
        if self.file is None:
            return
        form = Form(_("Add enquirer"), _("Add"))

        def find(text: str, show: Callable[[Found], None]) -> None:
            self.read(find_people, text, channel="case.people", then=show)

        person = FindField(find, name=_("Person"), add=_("New person"))
        made: list[str] = []
        form.add("person_id", _("Person"), person)
        form.add("relation", _("Relation"), LineEdit(placeholder=_("for example mother")))
        phone = form.add("phone", _("Phone"), LineEdit())
        phone.hide()

        def fresh(name: str) -> None:
            made[:] = [name]
            phone.show()
            phone.editor.setFocus()

        person.add_asked.connect(fresh)

        def chosen(_person_id: object) -> None:
            made.clear()
            phone.hide()

        person.picked.connect(chosen)
        form.add_tick("main", _("Main contact"))
        form.add_tick("consent", _("Consent given"))

        def submit() -> None:
            if not form.main.isEnabled():
                return
            values = form.values()
            ticks = {"main": values["main"], "consent": values["consent"]}
            relation = relation_key(values["relation"])
            base = {"case_id": self._case_id, "relation": relation, **ticks}
            try:
                if person.value is not None:
                    draft = CaseEnquirerDraft.checked({**base, "person_id": person.value})
                    call: tuple[Any, ...] = (rules.add_enquirer, draft)
                elif made and made[0] == person.text:
                    who = new_person(person.text, values["phone"])
                    draft = CaseEnquirerDraft.checked({**base, "person_id": 0})
                    call = (rules.add_new_enquirer, who, draft)
                else:
                    words = _("Choose a person from the list, or add a new one.")
                    raise InvalidDraft(words, {"person_id": words})
            except InvalidDraft as error:
                form.fail(error)
                return
            self._submit(form, _("Enquirer added"), *call)

        self._open_act(form, submit)

    def change_enquirer(self, item: Enquirer) -> None:
        """Ask what is different about somebody who asks."""
        form = Form(item.name, _("Save"), columns=1)
        form.add("relation", _("Relation"), LineEdit(relation_words(item.relation)))
        form.add_tick("main", _("Main contact")).setChecked(item.main)
        form.add_tick("consent", _("Consent given")).setChecked(item.consent)

        def submit() -> None:
            if not form.main.isEnabled():
                return
            values = {**form.values(), "case_id": self._case_id, "person_id": item.person_id}
            values["relation"] = relation_key(values["relation"])
            try:
                draft = CaseEnquirerDraft.checked(values)
            except InvalidDraft as error:
                form.fail(error)
                return
            words = _("Enquirer changed")
            self._submit(form, words, rules.change_enquirer, item.id, draft, item.revision)

        self._open_act(form, submit)

    def _status_menu(self) -> None:
        if self.file is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for status in rules.STEPS.get(self.file.status, ()):
            action = menu.addAction(_(wording.STATUS[status][0]))
            action.triggered.connect(lambda _on=False, to=status: self.change_status(to))
        anchor = self.buttons["status"]
        menu.popup(anchor.mapToGlobal(anchor.rect().bottomLeft()))

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
        self._base = self.file
        form = Form(_("What is known"), _("Save"), keep=self._keeper("facts"))
        form.add("family", _("Family name"), LineEdit())
        form.add("given", _("Given name"), LineEdit())
        form.add("patronymic", _("Patronymic"), LineEdit())
        form.add("born", _("Born"), DateField(partial=True))
        form.add("mother_name", _("Mother"), LineEdit())
        form.add("father_name", _("Father"), LineEdit())
        form.add("birth_place", _("Birth place"), LineEdit())
        form.add("last_seen_on", _("Last seen"), DateField())
        form.add("last_seen_at", _("Last place"), LineEdit(), wide=True)
        form.add("circumstances", _("Circumstances"), TextEdit(lines=3), wide=True)
        form.add("marks", _("Marks and clothing"), TextEdit(lines=2), wide=True)
        form.add("kind", _("Kind of case"), ComboBox(choices(wording.KIND)))
        form.add("priority", _("Priority"), ComboBox(choices(wording.PRIORITY)))
        form.add("external_ref", _("External reference"), LineEdit(), wide=True)
        form.set_values(_typed(self.file))
        form.submitted.connect(self.save_facts)
        form.cancelled.connect(self._end_facts)
        self.facts_form = form
        self._view.hide()
        self._left.addWidget(form)
        form.show()
        form.focus_first()

    def _drop_form(self) -> None:
        form, self.facts_form, self._base = self.facts_form, None, None
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
        form, base = self.facts_form, self._base
        if form is None or base is None or not form.main.isEnabled():
            return
        try:
            change = _file_change(form, base)
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
                self.read(reading.case_file, base.id, self._calls_of, then=self._conflict)
            elif not form.fail(error):
                self.desk.notices.problem(error)

        self.write(rules.change_file, base.id, change, then=done, failed=failed)

    def _conflict(self, theirs: CaseFile) -> None:
        """Show what somebody else changed; what is typed here stays, the rest becomes theirs."""
        form, base = self.facts_form, self._base
        if form is None or base is None or theirs.id != base.id:
            return
        before, now, mine = _typed(base), _typed(theirs), form.touched()
        lines = []
        for key, value in now.items():
            if value != before[key]:
                shown = _("{field}: {before} → {after}").format(
                    field=form.fields[key].name,
                    before=_shown(key, before[key]),
                    after=_shown(key, value),
                )
                lines.append(shown)
        form.set_values(now)
        form.set_values(mine, fresh=False)
        self._base = theirs
        form.problem.setText(
            "\n".join(
                (
                    _("Somebody else changed this case while you were writing."),
                    *lines,
                    _("What you typed is still here. Save again to keep it."),
                )
            )
        )
        form.problem.show()

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
        elif self._entry.isVisible():
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


class OwnerField(FindField):
    """A name of somebody who works here: those who have cases are offered, any name may stand."""

    def __init__(self, page: Page) -> None:
        """Offer the names that cases carry, and whoever sits here."""
        self._page = page
        super().__init__(self._look, name=_("Owner"), placeholder=_("Empty for nobody"))

    def _look(self, text: str, show: Callable[[Found], None]) -> None:
        def offer(names: list[str]) -> None:
            known = dict.fromkeys([self._page.desk.actor, *names])
            show([(n, n) for n in known if text.casefold() in n.casefold() and n != text])

        self._page.read(reading.owners, channel="case.owners", then=offer)


class EnquirerRow(QWidget):
    """Somebody who asks: name, relation, numbers, calls, consent; and the way to change it."""

    def __init__(self, change: Callable[[Enquirer], None]) -> None:
        """Hand the enquirer over when Change is pressed."""
        super().__init__()
        self._item: Enquirer | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(0))
        head = QHBoxLayout()
        self._name = WrapLabel("", "strong", self)
        head.addWidget(self._name, 1)
        self._change = button(_("Change"), kind="link")
        self._change.clicked.connect(lambda: self._item is not None and change(self._item))
        head.addWidget(self._change, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        self._line = WrapLabel("", "muted", self)
        column.addWidget(self._line)
        self._tags = TagLine()
        column.addWidget(self._tags)

    def show_item(self, item: Enquirer | None) -> None:
        """Show somebody, or forget who was shown."""
        self._item = item
        if item is None:
            self._name.setText("")
            self._line.setText("")
            return
        calls = ngettext("{count} call", "{count} calls", item.calls).format(count=item.calls)
        parts = [relation_words(item.relation) or _("Relation not known"), *item.phones, calls]
        self._name.setText(item.name)
        self._line.setText(", ".join(parts))
        tags = [Tagged(_("Main contact"), "accent")] if item.main else []
        given = Tagged(_("Consent given"), "green")
        self._tags.set_tags([*tags, given if item.consent else Tagged(_("No consent"), "amber")])


class AwaitedCard(Card):
    """An answer that is not there yet: what was asked, until when, and the way to record it."""

    def __init__(self, answer: Callable[[Awaited], None]) -> None:
        """Hand the action over when its answer is to be recorded."""
        super().__init__()
        self._item: Awaited | None = None
        self._what = WrapLabel("", "strong", self)
        self._due = TagLine()
        self._note = WrapLabel("", "muted", self)
        self._record = button(_("Record answer"), kind="link")
        self._record.clicked.connect(lambda: self._item is not None and answer(self._item))
        for widget in (self._what, self._due, self._note, self._record):
            self.body.addWidget(widget)

    def show_item(self, shown: tuple[Awaited, bool] | None) -> None:
        """Show an action and whether it can be answered, or forget what was shown."""
        self._item = shown[0] if shown else None
        if shown is None:
            self._what.setText("")
            self._note.setText("")
            return
        item, can = shown
        self._what.setText(_awaited_words(item))
        due = [Tagged(*wording.due(item.due, clock.today()))] if item.due is not None else []
        self._due.set_tags(due)
        self._note.setText(item.note)
        self._note.setVisible(bool(item.note))
        self._record.setVisible(can)


def _awaited_words(item: Awaited) -> str:
    if item.whom:
        return _("{action}: {organisation}").format(action=item.what, organisation=item.whom)
    return item.what


def _typed(file: CaseFile) -> dict[str, Any]:
    """The facts of a case as the form shows them."""
    person, case, name = file.person, file.draft, file.name_draft
    born = ""
    if person.born_first and person.born_last:
        born = PartialDate(person.born_first, person.born_last).text()
    return {
        "family": name.family if name else "",
        "given": name.given if name else "",
        "patronymic": name.patronymic if name else "",
        "born": born,
        "mother_name": person.mother_name,
        "father_name": person.father_name,
        "birth_place": person.birth_place,
        "last_seen_on": case.last_seen_on.isoformat() if case.last_seen_on else "",
        "last_seen_at": case.last_seen_at,
        "circumstances": case.circumstances,
        "marks": case.marks or "",
        "kind": str(case.kind),
        "priority": str(case.priority),
        "external_ref": case.external_ref or "",
    }


def _shown(key: str, value: Any) -> str:
    words: dict[str, Any] = {
        "kind": lambda: _(wording.KIND[CaseKind(value)]),
        "priority": lambda: _(wording.PRIORITY[Priority(value)]),
    }
    return str(words[key]()) if key in words else str(value) or _("None noted")


def _file_change(form: Form, base: CaseFile) -> rules.FileChange:
    """Make the act's argument of the fields. Raises InvalidDraft with sentences by field."""
    values = form.values()
    born = form.known("born")
    if values["born"] == _typed(base)["born"] and base.person.born_first and base.person.born_last:
        # an interval that came from elsewhere may not be one that can be typed
        born = PartialDate(base.person.born_first, base.person.born_last)
    seen: dt.date | None = form.day("last_seen_on")
    own = ("last_seen_at", "circumstances", "kind", "priority")
    case = TracingCaseDraft.checked(
        {
            **base.draft.model_dump(),
            **{key: values[key] for key in own},
            "last_seen_on": seen,
            "marks": values["marks"] or None,
            "external_ref": values["external_ref"] or None,
        }
    )
    person = PersonDraft.checked(
        {
            **base.person.model_dump(),
            **{key: values[key] for key in ("mother_name", "father_name", "birth_place")},
            "born_first": born.first if born else None,
            "born_last": born.last if born else None,
        }
    )
    name = None
    parts = {key: values[key] for key in ("family", "given", "patronymic")}
    started = _typed(base)
    if any(parts[key] != started[key] for key in parts):
        old = base.name_draft
        if old is not None:
            kept = old.model_dump()
        else:
            kept = {"person_id": base.person_id, "script": script_of(" ".join(parts.values()))}
        try:
            name = PersonNameDraft.checked({**kept, **parts})
        except InvalidDraft as error:
            words = error.fields.get("record", str(error))
            raise InvalidDraft(words, {"family": words}) from None
    return rules.FileChange(
        case=case,
        case_revision=base.revision,
        person=person,
        person_revision=base.person_revision,
        name_id=base.name_id,
        name=name,
        name_revision=base.name_revision,
    )
