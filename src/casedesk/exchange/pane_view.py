"""One row of a table in full: what is wrong with it, its cells to correct, and its double."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import Banner, Divider, Field, LineEdit, Scroll, Tag, clear_layout, label
from casedesk.exchange.places import Home
from casedesk.exchange.preview import Line, State
from casedesk.kernel.language import _, number
from casedesk.kernel.query import Tagged


@dataclass(frozen=True)
class Shown:
    """What the pane shows of a row: its cells by place, with their names and texts as sent."""

    line: Line
    tag: Tagged
    cells: Sequence[tuple[int, str, str, str]]
    """Place of the column, its field, the text as sent, and the text as it is now."""
    title: str = ""
    """The title of the column that the reason is about, as the field is named here."""
    rule: str = ""


_TONES = {State.REFUSED: "carmine", State.DOUBLE: "amber", State.DIFFERENCE: "amber"}


class RowPane(QWidget):
    """A row: what was said of it, its cells, and what the file knows of its double."""

    corrected = Signal(int, int, str)
    """Row, place of the column, and the text that is to count."""
    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin without a row."""
        super().__init__(parent)
        self.setMinimumWidth(theme.px(300))
        self.setMaximumWidth(theme.px(520))
        self.setAccessibleName(_("The row"))
        self.fields: dict[int, Field] = {}
        self._row = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._inner = QWidget()
        whole = QVBoxLayout(self._inner)
        side = theme.space(4)
        whole.setContentsMargins(side, side, side, side)
        whole.setSpacing(theme.space(2))
        self._body = QVBoxLayout()
        self._body.setSpacing(theme.space(2))
        self._home = QVBoxLayout()
        self._home.setSpacing(theme.space(1))
        whole.addLayout(self._body)
        whole.addLayout(self._home)
        whole.addStretch(1)
        column.addWidget(Scroll(self._inner))

    def clear(self) -> None:
        """Show no row."""
        self.fields = {}
        self._row = 0
        clear_layout(self._home)
        clear_layout(self._body)

    def show_row(self, shown: Shown) -> None:
        """Show a row and the cells of it that can be corrected."""
        self.clear()
        line = shown.line
        self._row = line.row
        top = QWidget(self._inner)
        head = QHBoxLayout(top)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(label(_("Row {row}").format(row=number(line.row)), "lead", top))
        head.addStretch(1)
        head.addWidget(Tag(shown.tag.text, shown.tag.tone, top))
        self._body.addWidget(top)
        if line.reason:
            tone = _TONES.get(line.state, "neutral")
            self._body.addWidget(Banner(tone, line.reason, shown.rule, parent=self._inner))
        for place, name, sent, now in shown.cells:
            hint = _("As sent: {text}").format(text=sent or _("nothing")) if sent != now else ""
            editor = LineEdit(now)
            editor.setCursorPosition(0)
            field = Field(name, editor, hint=hint, parent=self._inner)
            if line.state is State.REFUSED and name == shown.title:
                field.error(line.reason)
            editor.textEdited.connect(
                lambda text, place=place: self.corrected.emit(self._row, place, text)
            )
            editor.returnPressed.connect(self.again)
            self.fields[place] = field
            self._body.addWidget(field)
            field.show()  # made just now, it takes no focus before it is shown
        if not shown.cells and line.state is State.REFUSED:
            words = _("This row can only be mended in the table itself. Then read it again.")
            self._body.addWidget(label(words, "muted", self._inner, wrap=True))

    def show_home(self, home: Home | None) -> None:
        """Show what the file knows of the household that the row resembles."""
        clear_layout(self._home)
        if home is None:
            return
        self._home.addWidget(Divider(self._inner))
        title = _("In the file: {code}").format(code=home.code)
        self._home.addWidget(label(title, "section", self._inner))
        for name, words in home.facts:
            self._home.addWidget(label(name, "caption", self._inner))
            self._home.addWidget(label(words, "body", self._inner, wrap=True))

    def focus_wrong(self) -> None:
        """Put the cursor into the cell that is at fault, else into the first one."""
        wrong = (field for field in self.fields.values() if field.wrong)
        wanted = next(wrong, None) or next(iter(self.fields.values()), None)
        if wanted is not None:
            wanted.editor.setFocus()
            if isinstance(wanted.editor, LineEdit):
                wanted.editor.selectAll()
