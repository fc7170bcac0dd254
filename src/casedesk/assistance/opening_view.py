"""One line of a round: what has to be decided lies under its row, the rest beside the list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

from casedesk.assistance import asking, history_view
from casedesk.assistance.asking import Standing, Told
from casedesk.assistance.changing_view import Changing
from casedesk.assistance.deciding_view import Deciding
from casedesk.assistance.double_view import DoublePanel
from casedesk.assistance.history_view import HistoryCard
from casedesk.assistance.line_view import LinePane
from casedesk.assistance.lines_view import LinesView
from casedesk.assistance.pane_view import Pane
from casedesk.kernel.errors import NotFound

LOOK_MS = 80


class Opening(QObject):
    """Shows one line, follows the list, and keeps what is typed about it."""

    def __init__(self, pane: Pane, lines: LinesView, fold: Callable[[], None]) -> None:
        """`fold` makes room where something was opened or shut."""
        super().__init__(pane)
        self._pane, self._page, self._table = pane, pane.page, lines.table
        self._fold = fold
        self.standing: Standing | None = None
        self.panels: list[DoublePanel] = []
        self.deciding = Deciding(self._page, self._decided)
        self.changing = Changing(pane, lines, self.open)
        self.sat: Callable[[Told], bool] = lambda _told: False
        """Whether a decision was made at the table, which hears of it first."""
        self._look = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._look.timeout.connect(self._follow)
        self._table.opened.connect(self.open)
        self._table.current_changed.connect(lambda _id: self._look.start())
        self._table.shut.connect(self.shut)
        pane.emptied.connect(self._emptied)

    def to_table(self) -> None:
        """Put the cursor into the list."""
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def open(self, line_id: int) -> None:
        """Show a line; the cursor goes to what has to be decided."""
        if line_id:
            self._read_line(line_id, focus=True)

    def again(self) -> None:
        """Read the open line again: something was done to it."""
        if self.standing is not None and (self._pane.isVisible() or self._table.open_id):
            self._read_line(self.standing.line.id, focus=False)

    @property
    def line_id(self) -> int:
        """The line that is open, else the current one of the list."""
        return self.standing.line.id if self.standing is not None else self._table.current_id()

    def _follow(self) -> None:
        """Let an open line follow the list, unless something is typed there."""
        line_id = self._table.current_id()
        shown = self.standing.line.id if self.standing is not None else 0
        if (
            self._pane.form is not None
            or not shown
            or not line_id
            or line_id == shown
            or self._typed()
        ):
            return
        if self._table.open_id:
            self.shut(to_table=False)
        else:
            self._read_line(line_id, focus=False)

    def _typed(self) -> bool:
        return any(panel.reason.value or panel.second.value for panel in self.panels)

    def _read_line(self, line_id: int, *, focus: bool) -> None:
        def gone(error: Exception) -> None:
            if isinstance(error, NotFound):
                self.shut()
                self._pane.close_now()
            else:
                self._page.desk.notices.problem(error)

        self._page.read(
            asking.standing,
            line_id,
            channel="assistance.line",
            then=partial(self._show_line, focus=focus),
            failed=gone,
        )

    def _show_line(self, standing: Standing, *, focus: bool) -> None:
        if self._pane.form is not None and not focus:
            return
        waiting = standing.undecided
        if waiting is not None:
            self._open_row(standing, waiting)
        else:
            opened = bool(self._table.open_id)
            self.shut(to_table=False)
            if opened and not focus:
                self.standing = None
                self.to_table()
            elif standing != self.standing or self._pane.form is not None or self._pane.isHidden():
                self._show_beside(standing)
        if focus:
            self._focus_line()

    def _open_row(self, standing: Standing, told: Told) -> None:
        """Show what has to be decided under its row."""
        shown = next(iter(self.panels), None)
        if self._table.open_id == standing.line.id and shown is not None and shown.told == told:
            self.standing = standing
            return
        focused = self._page.focusWidget()
        had = shown is not None and focused is not None and shown.isAncestorOf(focused)
        self._pane.close_now()
        panel = self.deciding.panel(told, wide=True)
        self.standing, self.panels = standing, [panel]
        self._table.open_in(standing.line.id, panel)
        self._fold()
        if had:
            panel.focus_first()

    def shut(self, *, to_table: bool = True) -> None:
        """Shut the row; the words that were typed there are kept."""
        if not self._table.open_id:
            return
        self._table.shut_row()
        self.standing, self.panels = None, []
        self._fold()
        if to_table:
            self.to_table()

    def _show_beside(self, standing: Standing) -> None:
        had = self._pane.isAncestorOf(focused) if (focused := self._page.focusWidget()) else False
        self._pane.clear()
        self.standing = standing
        for told in standing.told:
            panel = self.deciding.panel(told)
            self.panels.append(panel)
            self._pane.add_card(panel)
        card = LinePane(standing)
        card.give.connect(lambda line_id: self.changing.give([line_id]))
        card.cancel.connect(self.changing.cancel)
        card.correct.connect(self.changing.correct)
        card.home.connect(self.changing.home_of_line)
        card.history.connect(self.history_of_line)
        card.closed.connect(self._pane.close_now)
        self._pane.add_card(card)
        self._pane.open()
        if had:
            self._focus_line()

    def _focus_line(self) -> None:
        waiting = next((panel for panel in self.panels if panel.undecided), None)
        if waiting is not None:
            waiting.focus_first()
        else:
            self.to_table()

    def _emptied(self) -> None:
        if not self._table.open_id:
            self.standing, self.panels = None, []

    def escape(self) -> None:
        """Esc leaves a line; words that were typed are not thrown away by it."""
        if self._pane.form is not None:
            if not self._pane.form.touched():
                self._pane.close_now()
            else:
                self._pane.form.main.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self._table.open_id:
            self.shut()
        elif not self._typed():
            self._pane.close_now()
        else:
            self.to_table()

    def _decided(self, told: Told) -> None:
        for panel in self.panels:
            if panel.told == told:
                panel.sent()
        if not self.sat(told):
            self.to_table()

    def show_told(self, told: list[Told]) -> None:
        """Show what a household that was just registered may be a double of."""
        self.shut()
        self._pane.clear()
        for one in told:
            panel = self.deciding.panel(one)
            for signal in (panel.give, panel.merge, panel.stop):
                signal.connect(lambda *_args: self._pane.close_now())
            self.panels.append(panel)
            self._pane.add_card(panel)
        if self.panels:
            self._pane.open()
            self.panels[0].focus_first()

    def change_household(self) -> None:
        """Change the household of the line, its members and its registrations."""
        if self._pane.form is not None:
            self._pane.form.focus_first()
        elif line_id := self.line_id:
            self.shut(to_table=False)
            self.changing.home_of_line(line_id)

    def history_of_line(self, line_id: int) -> None:
        """Show who did what to a line and its household."""
        self._history(history_view.of_line, line_id)

    def history_of_round(self, round_id: int) -> None:
        """Show who did what to a round, its points and its programme."""
        self._history(history_view.of_round, round_id)

    def _history(self, read: Any, identity: int) -> None:
        def shown(lines: list[Any]) -> None:
            self.shut(to_table=False)
            self._pane.clear()
            card = HistoryCard(lines)
            card.closed.connect(self._pane.close_now)
            self._pane.add_card(card)
            self._pane.open()

        self._page.read(read, identity, channel="assistance.history", then=shown)
