"""What would become of every row: a table to look through, to decide in and to correct from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from casedesk.desk import keymap, theme
from casedesk.desk.widgets import (
    Banner,
    Chip,
    ChipRow,
    Divider,
    EmptyState,
    LineEdit,
    button,
    label,
)
from casedesk.exchange.deciding import Choice, What, comes_in, head_of, possible
from casedesk.exchange.pane_view import RowPane, Shown
from casedesk.exchange.places import Home
from casedesk.exchange.preview import Line, Preview, State
from casedesk.exchange.registrations import DoubleRow
from casedesk.exchange.rows_view import RowColumn, RowTable
from casedesk.exchange.wording import field_words
from casedesk.exchange.work import Work
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Tagged

LOOK_MS = 80
SEARCH_MS = 200
CHIPS: tuple[tuple[State | None, str, str], ...] = (
    (None, N_("All rows"), "neutral"),
    (State.TAKEN, N_("Accepted"), "green"),
    (State.REFUSED, N_("Refused"), "carmine"),
    (State.DOUBLE, N_("Possible doubles"), "amber"),
    (State.DIFFERENCE, N_("Differences"), "amber"),
)
LETTERS = {"S": What.SAME, "N": What.NEW, "O": What.OUT}
FindHome = Callable[[str, Callable[[Home | None], None]], None]


class FoundView(QWidget):
    """The rows of a table and what becomes of each, before anything is taken in."""

    decided = Signal()
    corrected = Signal()
    again = Signal()
    save_asked = Signal()

    def __init__(self, find_home: FindHome, parent: QWidget | None = None) -> None:
        """`find_home` reads what the file knows of a household, by its code."""
        super().__init__(parent)
        self._find_home = find_home
        self._work: Work | None = None
        self._preview: Preview | None = None
        self._cells: dict[int, tuple[str, ...]] = {}
        self._only: State | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_bar())
        column.addWidget(Divider(self))
        self.banner = Banner("accent", "", "", parent=self)
        around = QVBoxLayout()
        side = theme.space(3)
        around.setContentsMargins(side, theme.space(2), side, theme.space(2))
        around.addWidget(self.banner)
        self._around = QWidget(self)
        self._around.setLayout(around)
        column.addWidget(self._around)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self._make_table())
        self.pane = RowPane()
        self.pane.corrected.connect(self._correct)
        self.pane.again.connect(self.again)
        self.split.addWidget(self.pane)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 0)
        self.split.setSizes([theme.px(760), theme.px(340)])
        column.addWidget(self.split, 1)
        self._look = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._look.timeout.connect(self._show_row)
        self._search = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search.timeout.connect(self._show)

    def _make_bar(self) -> QWidget:
        bar = QWidget(self)
        bar.setMinimumHeight(theme.px(44))
        bar.setAccessibleName(_("Filters"))
        line = QHBoxLayout(bar)
        side = theme.space(3)
        line.setContentsMargins(side, theme.space(1), side, theme.space(1))
        line.setSpacing(theme.space(2))
        self.text = LineEdit(placeholder=_("Name, reason, row"), name=_("Filter"), icon="search")
        self.text.setFixedWidth(theme.px(200))
        self.text.textEdited.connect(lambda _text: self._search.start())
        self.text.returnPressed.connect(self._to_table)
        line.addWidget(self.text)
        row = ChipRow()
        flow = row.layout()
        if flow is not None:
            flow.setContentsMargins(0, theme.px(7), 0, theme.px(7))
        self.chips: dict[State | None, Chip] = {}
        for state, words, tone in CHIPS:
            chip = Chip(_(words), checkable=True, tone=tone)
            chip.clicked.connect(partial(self.show_only, state))
            self.chips[state] = chip
            row.add(chip)
        line.addWidget(row, 1)
        self.save = button(_("Save these rows as CSV"), kind="quiet", icon="download", key="Ctrl+E")
        self.save.icon_only()
        self.save.clicked.connect(self.save_asked)
        line.addWidget(self.save)
        return bar

    def _make_table(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        columns = (
            RowColumn(_("Row"), 56, lambda x: number(x.row), lambda x: x.row),
            RowColumn(_("What becomes of it"), 180, self.tag_of, self._order_of, kind="tag"),
            RowColumn(_("Who"), 190, lambda x: x.who, kind="strong"),
            RowColumn(_("Column"), 100, lambda x: x.column, kind="muted"),
            RowColumn(_("Why"), 320, self._why),
        )
        self.table = RowTable(
            columns, lambda line: line.row, name=_("Rows of the table"), ticks=True
        )
        self.table.current_changed.connect(lambda _line: self._look.start())
        self.table.ticks_changed.connect(self._show_verbs)
        self.table.opened.connect(self._open)
        self.table.letter.connect(self._letter)
        loosen = button(_("Take all filters away"))
        loosen.clicked.connect(self.loosen)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(EmptyState("search", _("No row fits these filters"), button=loosen))
        column.addWidget(self._stack, 1)
        column.addWidget(Divider(whole))
        column.addWidget(self._make_verbs())
        back = QShortcut(QKeySequence("Esc"), self.text)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self._to_table)
        return whole

    def _make_verbs(self) -> QWidget:
        self.verbs = ChipRow()  # a second line where one is not enough
        self.verbs.setMinimumHeight(theme.px(40))
        self.verbs.setAccessibleName(_("Decide"))
        flow = self.verbs.layout()
        if flow is not None:
            side, edge = theme.space(3), theme.px(6)
            flow.setContentsMargins(side, edge, side, edge)
        self.chosen = label("", "strong")
        self.verbs.add(self.chosen)
        self.same = button(_("The same household"), key=keymap.key("same_household"), listens=False)
        self.new = button(_("Another household"), key=keymap.key("other_household"), listens=False)
        self.out = button(_("Leave out"), key=keymap.key("leave_out"), listens=False)
        for made, what in ((self.same, What.SAME), (self.new, What.NEW), (self.out, What.OUT)):
            made.clicked.connect(partial(self.decide, what))
            self.verbs.add(made)
        self.all = button(_("Choose all"), kind="quiet", key="Ctrl+A", listens=False)
        self.all.clicked.connect(self.table.tick_all)
        self.verbs.add(self.all)
        return self.verbs

    # -- what is shown ------------------------------------------------------------------------

    def show_preview(self, work: Work, preview: Preview) -> None:
        """Show what would become of the rows; questions first, where there are any."""
        self._work, self._preview = work, preview
        opened = work.opened
        self._cells = {row.number: row.cells for row in opened.table.rows} if opened else {}
        counts = preview.counts()
        for state, chip in self.chips.items():
            count = len(preview.lines) if state is None else counts.get(state, 0)
            chip.set_text(self._chip_words(state, count))
            chip.setVisible(state is None or bool(count))
        asking = (State.DOUBLE, State.DIFFERENCE, State.REFUSED)
        self._only = next((state for state in asking if counts.get(state)), None)
        self.text.clear()
        self._tell()
        self._show()

    @staticmethod
    def _chip_words(state: State | None, count: int) -> str:
        words = next(words for known, words, _tone in CHIPS if known is state)
        return _("{name} {count}").format(name=_(words), count=number(count))

    def clear(self) -> None:
        """Show nothing: rows are about people."""
        self._work = self._preview = None
        self._cells = {}
        self._look.stop()
        self.table.show_rows([])
        self.pane.clear()
        self.text.clear()

    def tell_stale(self) -> None:
        """Say that cells were corrected, and that the rows have to be looked at again."""
        title = _("Cells were corrected. Look at the rows again before they are taken in.")
        self.banner.set(title, "", tone="amber")
        self._around.show()

    def _tell(self) -> None:
        """Say what concerns the whole table."""
        preview, work = self._preview, self._work
        self._around.hide()
        if preview is None or work is None:
            return
        if not preview.lines:
            self.banner.set(_("The table has columns, and no rows."), "", tone="amber")
            self._around.show()
        elif preview.unanswered:
            words = ngettext(
                "{count} payment that was sent is not in this table.",
                "{count} payments that were sent are not in this table.",
                preview.unanswered,
            )
            below = _("They keep waiting for an answer.")
            self.banner.set(words.format(count=number(preview.unanswered)), below, tone="accent")
            self._around.show()
        elif all(line.state is State.REFUSED for line in preview.lines):
            title = _("Not one row can be taken in.")
            below = _("Correct the cells at the right, or look at the columns again.")
            self.banner.set(title, below, tone="carmine")
            self._around.show()

    def show_only(self, state: State | None) -> None:
        """Show the rows of one kind, or all of them."""
        self._only = None if state is self._only else state
        self.table.untick()
        self._show()

    def loosen(self) -> None:
        """Show all rows."""
        self.text.clear()
        self._only = None
        self._show()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        preview = self._preview
        if preview is None:
            return
        for state, chip in self.chips.items():
            chip.set_checked(state is self._only)
        wanted = self.text.value.casefold().split()
        shown = [
            line
            for line in preview.lines
            if (self._only is None or line.state is self._only)
            and (not wanted or _holds(line, wanted))
        ]
        self.table.show_rows(shown)
        self._stack.setCurrentIndex(0 if shown or not preview.lines else 1)
        self._show_verbs()

    def redraw(self) -> None:
        """Paint the rows again after a decision."""
        self.table.viewport().update()
        self._show_verbs()

    # -- cells of the table -------------------------------------------------------------------

    def choice_of(self, line: Line) -> Choice | None:
        """Give what a person decided about a row."""
        if self._work is None or self._preview is None:
            return None
        return self._work.choices.get(head_of(self._preview, line.row))

    def tag_of(self, line: Line) -> Tagged:
        """Say in a word what becomes of a row."""
        if line.state is State.REFUSED:
            return Tagged(_("Refused"), "carmine")
        choice = self.choice_of(line)
        if choice is None:
            return {
                State.TAKEN: Tagged(_("Comes in"), "green"),
                State.DIFFERENCE: Tagged(_("Comes in, differs"), "amber"),
                State.DOUBLE: Tagged(_("Double? Stays out"), "amber"),
            }[line.state]
        if choice.what is What.SAME:
            preview = self._preview
            if preview is not None and not comes_in(
                preview, line.state, line.row, {head_of(preview, line.row): choice}
            ):
                return Tagged(_("Is there already"), "muted")
            return Tagged(_("Is {code}").format(code=choice.other), "green")
        if choice.what is What.NEW:
            return Tagged(_("Comes in as another"), "green")
        if choice.what is What.OUT:
            return Tagged(_("Left out"), "muted")
        return Tagged(_("Comes in"), "green")

    def _order_of(self, line: Line) -> tuple[str, int]:
        return self.tag_of(line).text, line.row

    def _why(self, line: Line) -> str:
        if not line.reason:
            return ""
        if line.other and not line.other.isdecimal():
            return _("{reason} ({code})").format(reason=line.reason, code=line.other)
        return f"{line.reason} {line.detail}".strip()

    # -- the row at the right -----------------------------------------------------------------

    def _show_row(self) -> None:
        line, work, preview = self.table.current(), self._work, self._preview
        if line is None or work is None or preview is None or work.opened is None:
            self.pane.clear()
            return
        sent = self._cells.get(line.row, ())
        titles = work.opened.table.columns
        cells = [
            (
                place,
                field_words(work.kind, name),
                sent[place],
                work.corrections.get((line.row, place), sent[place]),
            )
            for place, name in enumerate(preview.fields)
            if name and place < len(sent)
        ]
        wrong = next((at for at, title in enumerate(titles) if title == line.column), -1)
        name = preview.fields[wrong] if wrong >= 0 else ""
        offer = self._offer(line)
        rule = offer.rule if offer else line.detail
        shown = Shown(line, self.tag_of(line), cells, field_words(work.kind, name), rule)
        self.pane.show_row(shown)
        if offer is not None and offer.other and not offer.other.isdecimal():
            self._find_home(offer.other, partial(self._show_home, line.row))

    def _show_home(self, row: int, home: Home | None) -> None:
        line = self.table.current()
        if line is not None and line.row == row:
            self.pane.show_home(home)

    def _offer(self, line: Line) -> DoubleRow | None:
        """Give the first household that a row resembles: one of the file before one of a row."""
        preview = self._preview
        if preview is None:
            return None
        offers = preview.offers.get(head_of(preview, line.row), ())
        in_file = (offer for offer in offers if not offer.other.isdecimal())
        return next(in_file, None) or next(iter(offers), None)

    def _correct(self, row: int, place: int, text: str) -> None:
        if self._work is None:
            return
        if self._cells[row][place] == text:
            self._work.corrections.pop((row, place), None)
        else:
            self._work.corrections[row, place] = text
        self.corrected.emit()

    def _open(self, _line: object) -> None:
        if self._look.isActive():
            self._look.stop()
            self._show_row()
        self.pane.focus_wrong()

    # -- deciding -----------------------------------------------------------------------------

    def _letter(self, letter: str) -> None:
        if letter in LETTERS:
            self.decide(LETTERS[letter])

    def decide(self, what: What) -> None:
        """Decide about the ticked rows, or the current one; the same again takes it back."""
        work, preview = self._work, self._preview
        if work is None or preview is None:
            return
        lines = [line for line in self.table.chosen() if what in possible(line)]
        if not lines:
            return
        heads = {head_of(preview, line.row): line for line in lines}
        wanted = {row: self._choice(what, line) for row, line in heads.items()}
        if all(work.choices.get(row) == choice for row, choice in wanted.items()):
            for row in wanted:
                del work.choices[row]
        else:
            work.choices.update(wanted)
        self.redraw()
        self._look.start()
        self.decided.emit()

    def _choice(self, what: What, line: Line) -> Choice:
        offer = self._offer(line)
        return Choice(what, offer.other if what is What.SAME and offer is not None else "")

    def _show_verbs(self) -> None:
        lines = self.table.chosen()
        able = {what for line in lines for what in possible(line)}
        self.same.setVisible(What.SAME in able)
        self.new.setVisible(What.NEW in able)
        self.out.setVisible(What.OUT in able)
        count = len(self.table.ticked)
        words = ngettext("{count} row chosen", "{count} rows chosen", count)
        self.chosen.setText(words.format(count=number(count)))
        self.chosen.setVisible(bool(count))
        self.verbs.setVisible(bool(self.table.rows()))

    # -- keys ---------------------------------------------------------------------------------

    def _to_table(self) -> None:
        if self._search.isActive():
            self._search.stop()
            self._show()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def lines(self) -> list[Line]:
        """List the rows that are shown, in their order."""
        return self.table.rows()


def _holds(line: Line, words: Iterable[str]) -> bool:
    text = f"{line.row} {line.who} {line.column} {line.reason} {line.other}".casefold()
    return all(word in text for word in words)
