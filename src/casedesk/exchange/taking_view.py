"""Taking in: the one act, how far it is, what it made, and whether Undo has taken it back."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from casedesk.desk.page import Page
from casedesk.exchange import places, taking
from casedesk.exchange.deciding import Choices
from casedesk.exchange.places import Made
from casedesk.exchange.preview import Preview
from casedesk.exchange.result_view import ResultView
from casedesk.exchange.taking import Outcome
from casedesk.kernel import journal
from casedesk.kernel.acts import act_of
from casedesk.kernel.language import _
from casedesk.kernel.query import Filter

POLL_MS = 100


class Taker(QObject):
    """Runs the act of an import for a page, and keeps its result in step with Undo and Redo."""

    taken = Signal(object)
    """What it did: an `Outcome`."""
    failed = Signal(object)
    told = Signal(int, int)
    """How many rows of how many are written."""

    def __init__(self, page: Page, result: ResultView) -> None:
        """Show results there."""
        super().__init__(page)
        self._page, self._desk, self._result = page, page.desk, result
        self._act = ""
        self._touched: dict[str, frozenset[int]] = {}
        self._far = [0, 0]
        self.undone = False
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(lambda: self.told.emit(*self._far))
        result.undo_asked.connect(self._desk.undo)
        result.redo_asked.connect(self._desk.redo)
        result.show_asked.connect(self.show_made)
        result.opened.connect(self._open)
        self._desk.changed.connect(self._changed)
        self._desk.undo_changed.connect(self._tell)

    @property
    def busy(self) -> bool:
        """Tell whether rows are being written."""
        return bool(self._act)

    def start(self, found: Preview, choices: Choices) -> None:
        """Write what was decided: one act, which one undo takes back."""
        kept = dict(choices)
        self._far = [0, 0]
        order = taking.order(found, kept, self._hear)
        self._act = act_of(order.act).key
        self._touched = {}
        self.undone = False
        self._poll.start()
        self._page.write(
            order.act,
            order.what,
            then=partial(self._done, found, kept),
            failed=self._fail,
            **order.options,
        )

    def _hear(self, done: int, total: int) -> None:
        self._far = [done, total]  # on the writer's thread: the window looks now and then

    def _end(self) -> None:
        self._act = ""
        self._poll.stop()

    def _fail(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _done(self, found: Preview, choices: Choices, answer: Any) -> None:
        self._end()
        outcome = taking.outcome(found, choices, answer)
        self._result.show_outcome(outcome)
        self.taken.emit(outcome)
        self.read()
        upkeep = taking.upkeep(self._desk.store, outcome, actor=self._desk.actor)
        if upkeep is not None:
            self._page.background(upkeep)

    # -- what it made -------------------------------------------------------------------------

    def read(self) -> None:
        """Read the records that were made."""
        outcome = self._outcome
        if outcome is not None and not self.undone:
            self._page.read(
                places.made_by,
                outcome.kind,
                self._touched,
                channel="import.made",
                then=self._show,
            )

    @property
    def _outcome(self) -> Outcome | None:
        return self._result.outcome

    def _show(self, made: list[Made]) -> None:
        if self._outcome is not None:
            self._result.show_made(made)
            self._tell()
            if self._result.isVisible():
                self._result.focus_first()

    def show_made(self) -> None:
        """Go to the list that holds what came in."""
        outcome = self._outcome
        if outcome is not None and outcome.kind == "cases":
            ids = sorted(self._touched.get("tracing_case", frozenset()))
            self._desk.open("cases", filter=Filter.of_ids(ids, _("From the import")))
            return
        first = next((made for made in self._result.table.rows() if made.page), None)
        if first is not None:
            self._open(first)

    def _open(self, made: Made) -> None:
        if made.page:
            self._desk.open(made.page, **dict(made.args))

    # -- Undo and Redo ------------------------------------------------------------------------

    def _changed(self, changes: Any) -> None:
        if self._act and changes.act == self._act:
            self._touched = dict(changes.touched)
        elif changes.act == act_of(journal.undo).key and self._is_ours(changes.touched):
            self.undone = not self.undone
            self._tell()
            self.read()

    def _is_ours(self, touched: Any) -> bool:
        """Tell the undoing of this import from that of another act: by the records it touched."""
        tables = [table for table in self._touched if table in touched]
        return bool(tables) and all(touched[table] == self._touched[table] for table in tables)

    def _tell(self) -> None:
        outcome = self._outcome
        if outcome is not None:
            words = taking.label_of(outcome.kind)
            self._result.tell(
                undone=self.undone,
                top=self._desk.undoable == words,
                again=self._desk.redoable == words,
            )
