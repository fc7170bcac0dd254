"""Beside the sheet: what stands behind the figure that was chosen.

A counted figure shows its rule and its records; a quoted one its source, and a form for a newer
value. What is typed into that form is kept until it is recorded or emptied.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.page import Page
from casedesk.desk.tables import RecordTable
from casedesk.desk.widgets import (
    DateField,
    Divider,
    EmptyState,
    Field,
    KeyHint,
    LineEdit,
    Scroll,
    Tag,
    button,
    label,
)
from casedesk.kernel import language
from casedesk.kernel.errors import CaseDeskError, InvalidDraft
from casedesk.kernel.figures import Period
from casedesk.kernel.language import _, date_text, ngettext, number
from casedesk.kernel.query import Filter, Listing
from casedesk.reports import external, sheet
from casedesk.reports.wording import Lang

DRAFT_PAUSE_MS = 500


def spoken_now() -> Lang:
    """Give the sheet language that is nearest to the language of the window."""
    return "ru" if language.current() == "ru" else "en"


@dataclass(frozen=True)
class Behind:
    """A figure on the sheet, with what its list is asked by."""

    row: sheet.FigureRow
    name: str
    rule: str
    period: Period
    known_on: dt.date
    title: str


class FigurePanel(QWidget):
    """One figure: exact value, printed words, rule, and the records or the source."""

    list_asked = Signal(object)  # the Behind whose records shall be opened as a list
    record_opened = Signal(str, int)  # register, id

    def __init__(
        self, page: Page, listings: Mapping[str, Listing], *, opens: Callable[[str], bool]
    ) -> None:
        """Show lists of these registers; `opens` tells which are pages of their own."""
        super().__init__(page)
        self._opens = opens
        self._page = page
        self._listings = listings
        self._tables: dict[str, RecordTable] = {}
        self._behind: Behind | None = None
        self._asked: tuple[str, Period, dt.date] | None = None
        self.setAccessibleName(_("Behind the figure"))
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._nothing = EmptyState(
            "search",
            _("No figure is chosen"),
            _("Choose a figure on the page to see the records behind it."),
        )
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._make_counted())
        self.quoted = QuotedForm(page)
        self._stack.addWidget(Scroll(self.quoted))

    def _make_counted(self) -> QWidget:
        self._counted = QWidget()
        column = QVBoxLayout(self._counted)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(2))
        self._name = label("", "lead", wrap=True)
        self.exact = label("", "figure")
        self.printed = label("", "muted", wrap=True)
        self._small = Tag(_("Small count: printed in words"), "amber")
        self._rule = label("", wrap=True)
        self._when = label("", "muted", wrap=True)
        self.counted = label("", "section")
        self.open_list = button(_("Open as list"), icon="list")
        self.open_list.clicked.connect(self._ask_list)
        self._tables_stack = QStackedWidget()
        self._tables_stack.addWidget(QWidget())
        for widget in (
            label(_("Records behind the figure"), "small"),
            self._name,
            self.exact,
            self.printed,
            self._small,
            Divider(),
            label(_("How it was counted"), "section"),
            self._rule,
            self._when,
            Divider(),
            self.counted,
        ):
            column.addWidget(widget)
        column.addWidget(self._tables_stack, 1)
        self._onwards = QWidget()
        line = QHBoxLayout(self._onwards)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        line.addWidget(self.open_list)
        # Enter on the chosen figure of the page; in a field it means something else
        line.addWidget(KeyHint("Enter"))
        line.addStretch(1)
        column.addWidget(self._onwards)
        return self._counted

    @property
    def behind(self) -> Behind | None:
        """The counted figure that is shown, if one is."""
        return self._behind

    @property
    def shows_form(self) -> bool:
        """Whether the form for a newer value is in front."""
        return self._stack.currentIndex() == 2

    def show_nothing(self) -> None:
        """Say that no figure is chosen."""
        self._behind = None
        self._stack.setCurrentIndex(0)

    def show_quote(self, quote: str, name: str, row: sheet.FigureRow | None) -> None:
        """Show an external figure, printed on this sheet or not."""
        self._behind = None
        self.quoted.show_quote(quote, name, row)
        self._stack.setCurrentIndex(2)

    def show_counted(self, behind: Behind) -> None:
        """Show a counted figure and its records."""
        row = behind.row
        self._behind = behind
        self._name.setText(behind.name)
        self.exact.setText(number(row.exact))
        self.exact.setAccessibleName(_("Exact value: {value}").format(value=number(row.exact)))
        shown = _("Printed: {words}") if row.on_sheet else _("Not on the sheet: {words}")
        self.printed.setText(shown.format(words=row.printed))
        self._small.setVisible(row.suppressed)
        self._rule.setText(_("{rule}.").format(rule=behind.rule))
        self._when.setText(
            _("{period}, as known on {day}").format(
                period=sheet.period_title(behind.period, spoken_now()),
                day=date_text(behind.known_on),
            )
        )
        self._say_count(row.exact)
        self._onwards.setVisible(self._opens(row.register))
        table = self._table(row.register)
        self._tables_stack.setVisible(table is not None)
        asked = (row.id, behind.period, behind.known_on)
        if table is not None:
            self._tables_stack.setCurrentWidget(table)
            if asked == self._asked:
                table.refresh()  # who reads in this list keeps their place in it
            else:
                statement = sheet.statement_of(row.id, behind.period, behind.known_on)
                table.show_filter(Filter(statement=statement, title=behind.title))
        self._asked = asked
        self._stack.setCurrentIndex(1)

    def wipe(self) -> None:
        """Take the records off the screen."""
        self.show_nothing()
        for table in self._tables.values():
            self._tables_stack.removeWidget(table)
            table.deleteLater()
        self._tables.clear()
        self._asked = None

    def table(self) -> RecordTable | None:
        """Give the list that is shown."""
        shown = self._tables_stack.currentWidget()
        return shown if isinstance(shown, RecordTable) else None

    def _table(self, register: str) -> RecordTable | None:
        listing = self._listings.get(register)
        if listing is None:
            return None
        if register not in self._tables:
            table = RecordTable(self._page.read, listing, ticks=False)
            table.setAccessibleName(_("Records behind the figure"))
            table.counted.connect(self._say_count)
            table.opened.connect(lambda record: self.record_opened.emit(register, record))
            table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self._tables[register] = table
            self._tables_stack.addWidget(table)
            self._fit()
        return self._tables[register]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the columns of the lists fit into the panel."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Keep the day whole, and share what is left among the columns after it."""
        room = self.width() - 2 * theme.space(4) - theme.control("scrollbar")
        for table in self._tables.values():
            columns = table.listing.columns
            wide = [theme.px(column.width) for column in columns]
            rest = sum(wide[1:])
            share = min(1.0, (room - wide[0]) / rest) if rest else 1.0
            for place, width in enumerate(wide):
                table.setColumnWidth(place, width if place == 0 else max(24, int(width * share)))

    def _say_count(self, count: int) -> None:
        text = ngettext("{count} record", "{count} records", count)
        self.counted.setText(text.format(count=number(count)))

    def _ask_list(self) -> None:
        if self._behind is not None:
            self.list_asked.emit(self._behind)


class QuotedForm(QWidget):
    """An external figure: what is known of it, and a newer value with source and day."""

    recorded = Signal()

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._quote = ""
        self._typed: dict[str, dict[str, str]] = {}
        self._filling = False
        self._saving = False
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(2))
        self._name = label("", "lead", wrap=True)
        self.value = label("", "figure")
        self._printed = label("", "muted", wrap=True)
        self._source = label("", wrap=True)
        self._as_of = label("", "muted", wrap=True)
        for widget in (
            label(_("Quoted, not counted here"), "small"),
            self._name,
            self.value,
            self._printed,
            Divider(),
            label(_("Source"), "section"),
            self._source,
            self._as_of,
            Divider(),
            label(_("A newer value"), "section"),
            label(
                _("Earlier values stay. A sheet quotes the newest one that was true by its end."),
                "muted",
                wrap=True,
            ),
        ):
            column.addWidget(widget)
        self.fields = {
            "value": Field(_("Value"), LineEdit()),
            "source": Field(_("Source"), LineEdit()),
            "as_of": Field(_("True on"), DateField()),
        }
        for field in self.fields.values():
            column.addWidget(field)
            self._editor(field).textEdited.connect(self._on_typed)
        self.record = button(_("Record value"), kind="primary")
        self.record.clicked.connect(self.save)
        column.addWidget(self.record)
        column.addStretch(1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DRAFT_PAUSE_MS)
        self._pause.timeout.connect(self.keep)

    @staticmethod
    def _editor(field: Field) -> LineEdit:
        editor = field.editor
        assert isinstance(editor, LineEdit)  # noqa: S101 (all fields above are)
        return editor

    def show_quote(self, quote: str, name: str, row: sheet.FigureRow | None) -> None:
        """Show what is known of a figure, and what was typed for it before."""
        self._name.setText(name)
        if row is None or row.as_of is None:
            self.value.setText("")
            self._printed.setText(_("Not on this sheet: no value was true by the end of it."))
            self._source.setText(_("None noted"))
            self._as_of.setText("")
        else:
            self.value.setText(number(row.exact))
            self._printed.setText(_("Printed: {words}").format(words=row.printed))
            self._source.setText(row.source)
            self._as_of.setText(_("True on {day}").format(day=date_text(row.as_of)))
        if quote != self._quote:
            self.keep()
            self._quote = quote
            self._fill(self._typed.get(quote, {}))

    def bring_back(self, kept: Mapping[str, str]) -> None:
        """Take over drafts that were kept in the file, by their keys."""
        for key, text in kept.items():
            if not key.startswith("external:"):
                continue
            quote = key.removeprefix("external:")
            try:
                values = json.loads(text)
            except ValueError:
                continue
            if isinstance(values, dict) and quote not in self._typed:
                self._typed[quote] = {str(k): str(v) for k, v in values.items()}
                if quote == self._quote:
                    self._fill(self._typed[quote])

    def keep(self) -> None:
        """Keep what is typed inside the file."""
        self._pause.stop()
        if not self._quote or self._quote not in self._typed:
            return
        typed = self._typed[self._quote]
        if any(typed.values()):
            self._page.desk.keep_draft(f"external:{self._quote}", json.dumps(typed))
        else:
            self._page.desk.drop_draft(f"external:{self._quote}")

    def save(self) -> None:
        """Record the value; say under each field what is wrong with it."""
        if self._saving or not self._quote:
            return
        draft = self._read()
        if draft is None:
            return
        quote = self._quote
        self._saving = True
        self.record.setEnabled(False)

        def done(_result: object) -> None:
            self._ready()
            self._typed.pop(quote, None)
            self._page.desk.drop_draft(f"external:{quote}")
            if quote == self._quote:
                self._fill({})
            self._page.desk.notices.done(_("The value is recorded."))
            self.recorded.emit()

        def failed(error: Exception) -> None:
            self._ready()
            self._page.desk.notices.problem(error)

        self._page.write(external.record, [draft], then=done, failed=failed)

    def _ready(self) -> None:
        self._saving = False
        self.record.setEnabled(True)

    def _read(self) -> external.ExternalFigureDraft | None:
        for field in self.fields.values():
            field.error(None)
        wrong: dict[str, str] = {}
        typed = {name: self._editor(field).value for name, field in self.fields.items()}
        digits = "".join(sign for sign in typed["value"] if sign not in " ,.\u00a0\u202f")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            wrong["value"] = _("Write a whole number, such as 154,200.")
        if not typed["source"]:
            wrong["source"] = _("Say who published the value.")
        day = None
        editor = self.fields["as_of"].editor
        if isinstance(editor, DateField):
            try:
                day = editor.date()
            except CaseDeskError as error:
                wrong["as_of"] = str(error)
            else:
                if day is None:
                    wrong["as_of"] = _("Say on which day the value was true.")
        draft = None
        if not wrong:
            values = {"key": self._quote, "value": int(digits), "source": typed["source"]}
            try:
                draft = external.ExternalFigureDraft.checked({**values, "as_of": day})
            except InvalidDraft as error:
                wrong = error.fields
        for name, text in wrong.items():
            if name in self.fields:
                self.fields[name].error(text)
        if wrong:
            first = next((name for name in self.fields if name in wrong), "value")
            self.fields[first].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return draft

    def _fill(self, values: Mapping[str, str]) -> None:
        for name, field in self.fields.items():
            field.error(None)
            self._editor(field).setText(values.get(name, ""))

    def _on_typed(self) -> None:
        typed = {name: self._editor(field).text() for name, field in self.fields.items()}
        self._typed[self._quote] = typed
        self._pause.start()
