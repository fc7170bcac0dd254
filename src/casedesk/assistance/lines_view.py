"""The list of a round: filters, the households with what is to decide under a row, many at once."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.assistance import asking
from casedesk.assistance.asking import LINES
from casedesk.assistance.opened_view import LineTable
from casedesk.assistance.progress_view import Working
from casedesk.assistance.reading import RoundSummary
from casedesk.assistance.records import EntitlementStatus, RoundStatus
from casedesk.assistance.round_view import RoundHead
from casedesk.desk import theme
from casedesk.desk.page import Page
from casedesk.desk.widgets import (
    Chip,
    ChipRow,
    ComboBox,
    Divider,
    EmptyState,
    KeyHint,
    LineEdit,
    button,
    label,
)
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Condition, Filter

SEARCH_MS = 200
STATUSES = (
    ("decide", N_("To decide")),
    (EntitlementStatus.PLANNED.value, N_("Planned")),
    (EntitlementStatus.RECEIVED.value, N_("Received")),
    (EntitlementStatus.STOPPED.value, N_("Stopped")),
    (EntitlementStatus.NOT_COLLECTED.value, N_("Not collected")),
)


class LinesView(QWidget):
    """The head of a round, its filters, its list, and what is done to many lines at once."""

    asked = Signal(str)  # which button
    text_done = Signal()

    def __init__(self, page: Page, *, leaves: bool) -> None:
        """Read through the page; with `leaves` the list can leave the house."""
        super().__init__()
        self._round_id, self._status, self._lines = 0, "", 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = RoundHead()
        self.head.hide()
        column.addWidget(self.head)
        self.working = Working(self)
        column.addWidget(self.working)
        column.addWidget(Divider())
        self.bar = self._make_filters(leaves=leaves)
        column.addWidget(self.bar)
        column.addWidget(Divider())
        self.table = LineTable(page.read, LINES, stretch="latin")
        self.table.show_columns(asking.SHOWN_LINES)
        self.table.setAccessibleName(_("Households of the round"))
        self.table.set_reading_text(_("Reading the list"))
        fill = button(_("Put on the list"))
        fill.clicked.connect(lambda: self.asked.emit("fill"))
        loosen = button(_("Take all filters away"))
        loosen.clicked.connect(self.loosen)
        self.table.set_empty(
            EmptyState(
                page.icon,
                _("Nobody is on this list yet"),
                _("Included registrations of the programme are put on it."),
                fill,
            ),
            EmptyState("search", _("Nobody fits these filters"), button=loosen),
        )
        self.table.selection_changed.connect(self._show_chosen)
        self.table.counted.connect(self._counted)
        column.addWidget(self.table, 1)
        column.addWidget(self._make_chosen())
        self._search = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search.timeout.connect(self.show_lines)

    def _make_filters(self, *, leaves: bool) -> QWidget:
        bar = QWidget()
        bar.setMinimumHeight(theme.px(44))
        bar.setAccessibleName(_("Filters"))
        line = QHBoxLayout(bar)
        side = theme.space(3)
        line.setContentsMargins(side, theme.space(1), side, theme.space(1))
        line.setSpacing(theme.space(2))
        self.text = LineEdit(
            placeholder=_("Name, address, card number"), name=_("Filter"), icon="search"
        )
        self.text.setFixedWidth(theme.px(220))
        self.text.textEdited.connect(lambda _text: self._search.start())
        self.text.returnPressed.connect(self._text_done)
        line.addWidget(self.text)
        row = ChipRow()
        flow = row.layout()
        if flow is not None:
            flow.setContentsMargins(0, theme.px(7), 0, theme.px(7))
        self.chips: dict[str, Chip] = {}
        for key, words in STATUSES:
            chip = Chip(_(words), checkable=True, tone="amber" if key == "decide" else "neutral")
            chip.clicked.connect(lambda key=key: self._chip(key))
            self.chips[key] = chip
            row.add(chip)
        line.addWidget(row, 1)
        self.site = ComboBox([("", _("All points"))], name=_("Point"))
        self.site.chosen.connect(lambda _value: self.show_lines())
        line.addWidget(self.site)
        self.count = label("", "muted")
        line.addWidget(self.count)
        words = _("Take in the provider's file")
        self.answer = button(
            words, kind="quiet", icon="upload", key="Ctrl+Shift+I", listens=False
        ).icon_only()
        self.answer.clicked.connect(lambda: self.asked.emit("answer"))
        self.answer.hide()
        line.addWidget(self.answer)
        papers = (
            ("print", _("Print list"), "Ctrl+P", "printer"),
            ("export", _("Export round"), "Ctrl+E", "download"),
        )
        for key, words, shortcut, icon in papers if leaves else ():
            made = button(words, kind="quiet", icon=icon, key=shortcut, listens=False).icon_only()
            made.clicked.connect(lambda _on=False, key=key: self.asked.emit(key))
            line.addWidget(made)
        return bar

    def _make_chosen(self) -> QWidget:
        self.chosen = QWidget()
        self.chosen.setMinimumHeight(theme.px(40))
        line = QHBoxLayout(self.chosen)
        side = theme.space(3)
        line.setContentsMargins(side, 0, side, 0)
        line.setSpacing(theme.space(2))
        self.chosen_count = label("", "strong")
        line.addWidget(self.chosen_count)
        self.buttons = {}
        for key, words, shortcut in (
            ("move", _("Move to another point"), "Alt+V"),
            ("status", _("Change status"), "Alt+T"),
            ("off", _("Take off the list"), "Del"),
        ):
            made = button(words, key=shortcut, listens=False)
            made.clicked.connect(lambda _on=False, key=key: self.asked.emit(key))
            self.buttons[key] = made
            line.addWidget(made)
        line.addStretch(1)
        clear = button(_("Clear"), kind="quiet")
        clear.clicked.connect(self.table.clearSelection)
        line.addWidget(clear)
        line.addWidget(KeyHint("Esc"))
        self.chosen.hide()
        return self.chosen

    # -- what is shown --------------------------------------------------------------------------

    def show_round(self, summary: RoundSummary) -> None:
        """Show how a round stands now."""
        self._round_id, self._lines = summary.id, summary.lines
        self.head.show_round(summary)
        self.head.show()
        points = [("", _("All points")), *((site.id, site.name) for site in summary.sites)]
        self.site.set_choices(points, value=self.site.value)
        self.site.setVisible(len(points) > 2)
        waiting = summary.to_decide
        self.chips["decide"].set_text(
            _("To decide {count}").format(count=number(waiting)) if waiting else _("To decide")
        )
        self.buttons["off"].setVisible(summary.status is RoundStatus.OPEN)

    @property
    def wanted(self) -> Filter:
        """What the list shows."""
        found = Filter((Condition("round", "is", self._round_id),))
        if self._status:
            found = found.with_(Condition("status", "is", self._status))
        if self.site.value:
            found = found.with_(Condition("site", "is", int(self.site.value)))
        if self.text.value:
            found = found.with_(Condition("text", "is", self.text.value))
        return found

    def show_lines(self) -> None:
        """Read the lines that fit the filters."""
        self._search.stop()
        for key, chip in self.chips.items():
            chip.set_checked(key == self._status)
        if self._round_id:
            self.table.show_filter(self.wanted)

    def narrow(self, status: str) -> None:
        """Show the lines of one status and no other filter; nothing is all of them."""
        self._status = status
        self.text.clear()
        self.site.set_value("")
        self.show_lines()

    def loosen(self) -> None:
        """Take all filters away."""
        self.narrow("")

    def forget(self) -> None:
        """Let go of the filters before another round is shown."""
        self._status = ""
        self.text.clear()
        self.site.set_value("")

    def nothing(self) -> None:
        """Show no round."""
        self._round_id = 0
        self.head.hide()
        self.bar.setEnabled(False)
        self.table.shut_row()
        self.table.show_filter(Filter.of_ids(()))

    def _chip(self, key: str) -> None:
        self._status = "" if self._status == key else key
        self.show_lines()

    def _text_done(self) -> None:
        self.show_lines()
        self.text_done.emit()

    def _counted(self, found: int) -> None:
        if self._round_id and self.table.model_.complete:
            words = _("{found} of {whole}")
            self.count.setText(words.format(found=number(found), whole=number(self._lines)))

    def _show_chosen(self) -> None:
        ticked = self.table.ticked()
        self.chosen.setVisible(ticked >= 1)
        words = ngettext("{count} selected", "{count} selected", ticked)
        self.chosen_count.setText(words.format(count=number(ticked)))
