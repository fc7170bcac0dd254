"""A form of assistance: fields in place, what is wrong under each, the words kept as a draft."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from casedesk.desk import theme
from casedesk.desk.widgets import (
    Button,
    Card,
    CheckBox,
    ChipRow,
    ComboBox,
    DateField,
    Field,
    LineEdit,
    Segments,
    TextEdit,
    announce,
    button,
    label,
)
from casedesk.kernel.errors import CaseDeskError, InvalidDraft, Refused
from casedesk.kernel.language import _

KEEP_MS = 500
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


def read_editor(editor: QWidget) -> Any:
    """Give what an editor says."""
    return editor.isChecked() if isinstance(editor, CheckBox) else getattr(editor, "value", None)


def amount_of(typed: str, key: str = "amount") -> int | None:
    """Read an amount as it is typed, `12 000,50` or `12,000.50`, in hundredths."""
    text = "".join(c for c in typed if not c.isspace())
    if not text:
        return None
    last = max(text.rfind(","), text.rfind("."))
    cents = text[last + 1 :] if last >= 0 and 1 <= len(text) - last - 1 <= 2 else ""
    whole = text[:last] if cents else text
    digits = whole.replace(",", "").replace(".", "")
    if not digits.isdecimal() or (cents and not cents.isdecimal()):
        words = _("Write the amount in figures, as in 12000 or 12000.50.")
        raise InvalidDraft(words, {key: words})
    return int(digits) * 100 + int(cents.ljust(2, "0") or 0)


class Form(Card):
    """Fields, one main button and Cancel; Ctrl+Enter sends, Esc never throws words away."""

    submitted = Signal()
    cancelled = Signal()

    def __init__(
        self,
        title: str,
        main: str,
        *,
        keep: Callable[[str], None] | None = None,
        columns: int = 2,
        parent: QWidget | None = None,
    ) -> None:
        """`main` is the verb of the button; `keep` takes what is typed after each pause."""
        super().__init__(title, parent=parent)
        self.fields: dict[str, Field] = {}
        self.editors: dict[str, QWidget] = {}
        self._columns, self._place = columns, 0
        self._keep = keep
        self._first: dict[str, Any] = {}
        self.problem = label("", "body", self, wrap=True)
        self.problem.set_tone("carmine")
        self.problem.hide()
        self.body.addWidget(self.problem)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(theme.space(3))
        self.grid.setVerticalSpacing(theme.space(2))
        for column in range(columns):
            self.grid.setColumnStretch(column, 1)
        self.body.addLayout(self.grid)
        self.line = ChipRow(self)
        self.main: Button = button(main, kind="primary", key="Ctrl+Return", listens=False)
        self.main.clicked.connect(self.submit)
        self.leave = button(_("Cancel"), kind="quiet")
        self.leave.clicked.connect(self.cancelled)
        self.line.add(self.main)
        self.line.add(self.leave)
        self.body.addWidget(self.line)
        self._timer = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._timer.timeout.connect(self.keep_now)

    # -- fields ---------------------------------------------------------------------------------

    def add(
        self, key: str, name: str, editor: QWidget, *, wide: bool = False, hint: str = ""
    ) -> Field:
        """Put a field at the next place; a wide one takes the whole line."""
        field = Field(name, editor, hint=hint)
        if isinstance(editor, ComboBox):
            editor.setSizeAdjustPolicy(_SHORT)
            editor.setMinimumContentsLength(6)
        self.fields[key], self.editors[key] = field, editor
        self._put(field, wide)
        self._watch(key, editor)
        return field

    def add_tick(self, key: str, name: str) -> CheckBox:
        """Put a tick on a line of its own."""
        tick = CheckBox(name)
        self.editors[key] = tick
        self._put(tick, True)
        self._watch(key, tick)
        return tick

    def _put(self, cell: QWidget, wide: bool) -> None:
        span = self._columns if wide else 1
        if self._place % self._columns + span > self._columns:
            self._place += self._columns - self._place % self._columns
        row, column = divmod(self._place, self._columns)
        self.grid.addWidget(cell, row, column, 1, span)
        self._place += span

    def _watch(self, key: str, editor: QWidget) -> None:
        self._first[key] = read_editor(editor)
        if isinstance(editor, LineEdit):
            editor.textEdited.connect(self.typed)
        elif isinstance(editor, TextEdit):
            editor.textChanged.connect(self.typed)
        elif isinstance(editor, (ComboBox, Segments)):
            editor.chosen.connect(self.typed)
        elif isinstance(editor, CheckBox):
            editor.toggled.connect(self.typed)

    def typed(self, *_args: object) -> None:
        """Something changed: keep it soon."""
        if self._keep is not None:
            self._timer.start()

    def values(self) -> dict[str, Any]:
        """Read all fields as they stand."""
        return {key: read_editor(editor) for key, editor in self.editors.items()}

    def touched(self) -> dict[str, Any]:
        """Give the fields that say something else than when the form began."""
        return {k: v for k, v in self.values().items() if v != self._first.get(k)}

    def day(self, key: str) -> dt.date | None:
        """Read a whole date, or say at the field why it cannot be read."""
        editor = self.editors[key]
        if not isinstance(editor, DateField):
            raise TypeError(key)
        with at_field(key):
            return editor.date()

    # -- drafts ---------------------------------------------------------------------------------

    def keep_now(self) -> None:
        """Keep what is typed, if anything is."""
        self._timer.stop()
        if self._keep is not None and (kept := self.touched()):
            self._keep(json.dumps(kept, ensure_ascii=False, default=str))

    def restore(self, text: str) -> None:
        """Bring back what was kept; words that cannot be read are left out."""
        try:
            kept = json.loads(text)
        except ValueError:
            return
        if isinstance(kept, dict):
            self.bring_back(kept)

    def bring_back(self, kept: dict[str, Any]) -> None:
        """Put kept values into their fields."""
        for key, value in kept.items():
            editor = self.editors.get(key)
            if isinstance(editor, CheckBox):
                editor.setChecked(bool(value))
            elif isinstance(editor, (LineEdit, TextEdit)):
                editor.set_value(str(value))
            elif isinstance(editor, (ComboBox, Segments)):
                editor.set_value(value)

    # -- sending --------------------------------------------------------------------------------

    def submit(self) -> None:
        """Send the form, unless it is on its way."""
        if self.main.isEnabled():
            self.submitted.emit()

    def busy(self, on: bool) -> None:
        """Take no second press while the first is on its way."""
        self.main.setEnabled(not on)

    def well(self) -> None:
        """Take all complaints away."""
        self.problem.hide()
        for field in self.fields.values():
            if field.wrong:
                field.error(None)

    def fail(self, error: Exception) -> bool:
        """Say what is wrong, at the field where it is known; False for faults of the program."""
        self.busy(False)
        self.well()
        if not isinstance(error, CaseDeskError):
            return False
        rest: list[str] = []
        first: Field | None = None
        wrong = error.fields if isinstance(error, InvalidDraft) else {}
        for key, words in wrong.items():
            field = self.fields.get(key)
            if field is None:
                rest.append(words)
            else:
                field.error(words)
                first = first or field
        if not wrong:
            rest.append(str(error))
        self.problem.setText("\n".join(rest))
        self.problem.setVisible(bool(rest))
        if rest:
            self.problem.setAccessibleDescription("\n".join(rest))
            announce(self.problem)
        if first is not None:
            first.editor.setFocus()
        return True

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        for editor in self.editors.values():
            editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.touched():
            self.main.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.cancelled.emit()


@contextmanager
def at_field(key: str) -> Iterator[None]:
    """Say what is wrong at this field of the form, whatever it is called below."""
    try:
        yield
    except InvalidDraft as error:
        words = next(iter(error.fields.values()), str(error))
        raise InvalidDraft(words, {key: words}) from None
    except Refused as error:
        raise InvalidDraft(str(error), {key: str(error)}) from None
