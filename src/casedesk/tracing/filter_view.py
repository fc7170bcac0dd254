"""What else the cases of the list shall have: one more condition, asked for in a popup."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.widgets import (
    ComboBox,
    DateField,
    Field,
    LineEdit,
    button,
)
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _
from casedesk.kernel.query import Condition
from casedesk.tracing import listing, wording


class FilterPopup(QFrame):
    """Asks for one more thing that the cases shall have."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        """Offer the fields of the list."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("popup", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        side = theme.space(3)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(2))
        asked = ("status", "place", "born", "since", "owner")
        self.field = ComboBox([(key, _(listing.CASES.field(key).label)) for key in asked])
        column.addWidget(Field(_("What to ask for"), self.field))
        groups = [(key, _(words)) for key, (words, _statuses) in listing.GROUPS.items()]
        single = [(str(key), _(words)) for key, (words, _tone) in wording.STATUS.items()]
        self.editors: dict[str, Any] = {
            "status": ComboBox([*groups, *(pair for pair in single if pair[0] != "open")]),
            "place": LineEdit(),
            "born": DateField(partial=True),
            "since": LineEdit(placeholder="2024"),
            "owner": LineEdit(),
        }
        self._fields: dict[str, Field] = {}
        for key, editor in self.editors.items():
            field = Field(_(listing.CASES.field(key).label), editor)
            self._fields[key] = field
            column.addWidget(field)
            if isinstance(editor, LineEdit):
                editor.returnPressed.connect(self.add)
        done = button(_("Add filter"), kind="primary")
        done.clicked.connect(self.add)
        column.addWidget(done)
        self.field.currentIndexChanged.connect(self._switch)
        self._switch()

    def _switch(self, *_args: object) -> None:
        for key, field in self._fields.items():
            field.setVisible(key == self.field.value)
        self.adjustSize()

    def add(self) -> None:
        """Hand the condition over, or say under the field why it is none."""
        key = str(self.field.value)
        value = self.editors[key].value
        try:
            condition = _condition(key, str(value or ""))
        except Refused as error:
            self._fields[key].error(str(error))
            return
        self.chosen.emit(condition)
        self.close()


def _condition(key: str, typed: str) -> Condition:
    if not typed and key != "owner":
        raise Refused(_("Write what to look for."))
    if key == "born":
        return listing.born_condition(typed)
    if key == "since":
        if not (typed.isdecimal() and len(typed) == 4):
            raise Refused(_("Write the year in four digits."))
        return Condition("since", "is", int(typed))
    return Condition(key, "is", typed)
