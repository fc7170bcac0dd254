"""What is taken in, from which file, and where it goes: the left side of an import."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import ComboBox, Divider, Field, LineEdit, button, label
from casedesk.exchange import wording
from casedesk.exchange.places import ProgrammePlace, RoundPlace
from casedesk.exchange.preview import Opened
from casedesk.exchange.work import Work
from casedesk.kernel.language import _, ngettext, number

PLACED = ("registrations", "receipts")
"""Kinds that go into a programme and a round."""
_SIGNS = {";": ";", ",": ",", "\t": "Tab"}


class SourceView(QWidget):
    """Kind, programme and round, file and sheet; and how the file was read."""

    kind_chosen = Signal(object)
    placed = Signal()
    named = Signal(str)
    sheet_chosen = Signal(object)
    send_asked = Signal()

    def __init__(
        self, kinds: Sequence[str], sends: bool = False, parent: QWidget | None = None
    ) -> None:
        """Offer these kinds of tables; with `sends`, lists can be sent to a provider."""
        super().__init__(parent)
        self._sends = sends
        self._programmes: list[ProgrammePlace] = []
        self._shown = ""
        self.setAccessibleName(_("File and place"))
        column = QVBoxLayout(self)
        side = theme.space(4)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(3))
        self.kind = ComboBox([(kind, wording.kind_words(kind)) for kind in kinds])
        self.kind.chosen.connect(self.kind_chosen)
        self._kind = Field(_("What the table holds"), self.kind)
        self._about = label("", "caption", self, wrap=True)
        self.programme = ComboBox()
        self.programme.chosen.connect(self._programme_chosen)
        self._programme = Field(_("Programme"), self.programme)
        self.round = ComboBox()
        self.round.chosen.connect(self._round_chosen)
        self._round = Field(_("Round"), self.round)
        self.file = LineEdit(placeholder=_("Type its name, or drop it here"))
        self.file.returnPressed.connect(lambda: self.named.emit(self.file.value))
        self._file = Field(_("File"), self.file)
        self.choose = button(_("Choose a file"), icon="folder-open")
        self.choose.clicked.connect(self.ask)
        self.sheet = ComboBox()
        self.sheet.chosen.connect(self.sheet_chosen)
        self._sheet = Field(_("Sheet"), self.sheet)
        for combo in (self.kind, self.programme, self.round, self.sheet):
            combo.setSizeAdjustPolicy(
                ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(10)
        self.send = button(_("Send its list to a provider"), icon="send")
        self.send.clicked.connect(self.send_asked)
        for part in (self._kind, self._about, self._programme, self._round):
            column.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.send)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self._file)
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self._sheet)
        self._rule = Divider(self)
        column.addWidget(self._rule)
        self.read = label("", "muted", self, wrap=True)
        column.addWidget(self.read)
        column.addStretch(1)

    # -- what is shown ------------------------------------------------------------------------

    def show_work(self, work: Work) -> None:
        """Show what was chosen for an import."""
        self._shown = work.source
        self.kind.set_value(work.kind)
        self._about.setText(_(wording.ABOUT.get(work.kind, "")))
        self._about.setVisible(work.kind in wording.ABOUT)
        self._fill_places(work)
        self.file.set_value(work.source)
        self._show_opened(work, work.opened)

    def show_places(self, programmes: list[ProgrammePlace], work: Work) -> None:
        """Offer these programmes and rounds."""
        self._programmes = programmes
        self._fill_places(work)

    def _fill_places(self, work: Work) -> None:
        placed = work.kind in PLACED
        self._programme.setVisible(placed)
        self._round.setVisible(placed)
        if not placed:
            self.send.hide()
            return
        choices = [(0, _("Choose a programme"))]
        choices += [
            (one.id, one.name)
            for one in self._programmes
            if work.kind != "receipts" or self._rounds(one, work.kind)
        ]
        self.programme.set_choices(choices, value=work.programme_id)
        self._fill_rounds(work.kind, work.round_id)

    def _fill_rounds(self, kind: str, chosen: int) -> None:
        own = next((one for one in self._programmes if one.id == self.programme.value), None)
        rounds = self._rounds(own, kind) if own else []
        none = _("No round, the programme only")
        if kind == "receipts":
            none = _("Choose a round") if rounds or not own else _("No round is under way")
        choices = [(0, none), *((one.id, one.name) for one in rounds)]
        if kind == "receipts" and len(rounds) == 1:
            chosen = rounds[0].id
        self.round.set_choices(choices, value=chosen)
        self._tell_sending(kind)

    def _tell_sending(self, kind: str) -> None:
        """Offer to send the list of the round that is chosen; a round that waits was sent."""
        own = next((one for one in self._all_rounds() if one.id == self.round.value), None)
        able = self._sends and kind == "receipts" and own is not None and not own.waits
        self.send.setVisible(able)

    def _all_rounds(self) -> list[RoundPlace]:
        return [round_ for one in self._programmes for round_ in one.rounds]

    @staticmethod
    def _rounds(programme: ProgrammePlace, kind: str) -> list[RoundPlace]:
        return [one for one in programme.rounds if (one.paying if kind == "receipts" else one.open)]

    def _programme_chosen(self, _value: int) -> None:
        self._fill_rounds(self.kind.value, 0)
        self.placed.emit()

    def _round_chosen(self, _value: int) -> None:
        self._tell_sending(self.kind.value)
        self.placed.emit()

    def _show_opened(self, work: Work, opened: Opened | None) -> None:
        self._rule.setVisible(opened is not None)
        self.read.setVisible(opened is not None)
        several = opened is not None and bool(opened.table.other_sheets)
        self._sheet.setVisible(several)
        if opened is None:
            return
        table = opened.table
        if several:
            names = (table.sheet, *table.other_sheets)
            self.sheet.set_choices([(name, name) for name in names], value=table.sheet)
        rows = len(table.rows) + len(table.faults)
        count = ngettext("{count} row", "{count} rows", rows).format(count=number(rows))
        how = table.encoding
        if table.separator:
            words = _("{encoding}, cells parted by {sign}")
            how = words.format(
                encoding=table.encoding, sign=_SIGNS.get(table.separator, table.separator)
            )
        lines = [count, how]
        if table.other_sheets:
            words = ngettext(
                "{count} other sheet is not read.",
                "{count} other sheets are not read.",
                len(table.other_sheets),
            )
            lines.append(words.format(count=number(len(table.other_sheets))))
        self.read.setText("\n".join(lines))

    @property
    def place(self) -> tuple[int, int]:
        """The programme and the round that are chosen; 0 for none."""
        if self.kind.value not in PLACED:
            return 0, 0
        return int(self.programme.value or 0), int(self.round.value or 0)

    def complain(self, kind: str) -> bool:
        """Say at the field which place is missing; False where none is."""
        programme, round_id = self.place
        wrong = kind in PLACED and not programme
        self._programme.error(_("Choose the programme.") if wrong else None)
        late = kind == "receipts" and not wrong and not round_id
        self._round.error(_("Choose the round whose list was sent.") if late else None)
        if wrong:
            self.programme.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif late:
            self.round.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return wrong or late

    def well(self) -> None:
        """Take the complaints away."""
        for part in (self._programme, self._round, self._file):
            if part.wrong:
                part.error(None)

    # -- the file -----------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask the system for a file."""
        ask = QFileDialog(self, _("Choose a file"))
        ask.setFileMode(QFileDialog.FileMode.ExistingFile)
        ask.setNameFilters([_("Tables (*.xlsx *.csv *.txt *.tsv)"), _("All files (*)")])
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask.fileSelected.connect(self.named)
        ask.open()
