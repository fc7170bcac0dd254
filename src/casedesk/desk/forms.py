"""Forms in place: fields with what is wrong under each, a field that finds, the words kept."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.widgets import (
    Card,
    CheckBox,
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
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _

KEEP_MS = 500
"""Words are kept so long after the last key."""
FIND_MS = 120
LEAST_CELL = 96
"""No field of a form is narrower; a line has fewer fields then."""
Found = list[tuple[Any, str]]
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class FindField(QWidget):
    """A field in which typing finds; Down goes to what was found, Enter takes it."""

    picked = Signal(object)
    add_asked = Signal(str)
    typed = Signal()

    def __init__(
        self,
        find: Callable[[str, Callable[[Found], None]], None],
        *,
        name: str,
        add: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`find(text, show)` looks up and calls `show`; `add` names a line that makes a new one."""
        super().__init__(parent)
        self._find, self._add = find, add
        self._value: Any = None
        self._taken = ""
        self.edit = LineEdit(placeholder=placeholder or _("Type to search"), name=name)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Found"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.hide()
        self.setFocusProxy(self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(0))
        column.addWidget(self.edit)
        column.addWidget(self.list)
        self._timer = QTimer(self, singleShot=True, interval=FIND_MS)
        self._timer.timeout.connect(self._ask)
        self.edit.textEdited.connect(self._edited)
        self.edit.installEventFilter(self)
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._take)

    @property
    def value(self) -> Any:
        """The id that was taken, or None."""
        return self._value

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.edit.value

    def set_value(self, value: Any, text: str = "") -> None:
        """Take an id without searching."""
        self._value, self._taken = value, text
        self.edit.setText(text)
        self.list.hide()

    def _edited(self) -> None:
        self._value = None
        self._timer.start()
        self.typed.emit()

    def _ask(self) -> None:
        text = self.edit.value
        if text:
            self._find(text, lambda found: self._show(text, found))
        else:
            self.list.hide()

    def _show(self, text: str, found: Found) -> None:
        if text != self.edit.value or self._value is not None:
            return
        self.list.clear()
        for value, words in found[:6]:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, ("take", value))
            self.list.addItem(item)
        if self._add:
            item = QListWidgetItem(_("{add}: {text}").format(add=self._add, text=text))
            item.setData(Qt.ItemDataRole.UserRole, ("add", text))
            self.list.addItem(item)
        count = self.list.count()
        self.list.setFixedHeight(max(1, count) * theme.row("menu"))
        for row in range(count):
            self.list.item(row).setSizeHint(QSize(0, theme.row("menu")))
        self.list.setVisible(bool(count))

    def _take(self, item: QListWidgetItem) -> None:
        what, value = item.data(Qt.ItemDataRole.UserRole)
        self.list.hide()
        self.edit.setFocus()
        if what == "add":
            self.add_asked.emit(value)
            return
        self.set_value(value, item.text())
        self.picked.emit(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = event.key()
        if not self.list.isVisible() or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return super().eventFilter(watched, event)
        if key == Qt.Key.Key_Escape:
            self.list.hide()
            self.edit.setFocus()
            return True
        if watched is self.edit and key == Qt.Key.Key_Down:
            self.list.setFocus()
            self.list.setCurrentRow(0)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.item(max(0, self.list.currentRow())))
            return True
        if watched is self.list and key == Qt.Key.Key_Up and self.list.currentRow() <= 0:
            self.edit.setFocus()
            return True
        return super().eventFilter(watched, event)


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
    """Fields in place, with what is wrong under each; Ctrl+Enter sends, Esc leaves it as it is.

    What is typed is kept by `keep` after each pause, so that nothing is lost by leaving.
    """

    submitted = Signal()
    cancelled = Signal()

    def __init__(
        self,
        title: str,
        main: str,
        *,
        keep: Callable[[str], None] | None = None,
        cancel: bool = True,
        columns: int = 2,
        beside: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`main` is the verb of the button; `keep` takes the typed words as one text.

        With `beside` the button stands in the line of the last fields where it has room there.
        """
        super().__init__(title, parent=parent)
        self.fields: dict[str, Field] = {}
        self.editors: dict[str, QWidget] = {}
        self._columns = self._now = columns
        self._cells: list[tuple[QWidget, bool]] = []
        self._spans: list[int] = []
        self._keep = keep
        self._first: dict[str, Any] = {}
        self._kept = False
        self.problem = label("", "body", wrap=True)
        self.problem.set_tone("carmine")
        self.problem.hide()
        self.body.addWidget(self.problem)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.space(3))
        self._grid.setVerticalSpacing(theme.space(2))
        self.body.addLayout(self._grid)
        self._verbs = QWidget(self)
        self._beside = beside
        line = QHBoxLayout(self._verbs)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.space(2))
        # In one line with the fields there is no room for the hint of the key.
        self.main = button(main, kind="primary", key="" if beside else "Ctrl+Return", listens=False)
        self.main.clicked.connect(self.submit)
        line.addWidget(self.main)
        self.leave = button(_("Cancel"), kind="quiet")
        self.leave.clicked.connect(self.cancelled)
        line.addWidget(self.leave)
        if not cancel:
            self.leave.hide()
        line.addStretch(1)
        if not beside:
            self.body.addWidget(self._verbs)
        self._timer = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._timer.timeout.connect(self.keep_now)

    def add(
        self, key: str, name: str, editor: QWidget, *, wide: bool = False, hint: str = ""
    ) -> Field:
        """Put a field at the next place; a wide one takes the whole line."""
        field = Field(name, editor, hint=hint)
        if isinstance(editor, ComboBox):
            # The longest choice must not make the form wider than the place it stands in.
            editor.setSizeAdjustPolicy(_SHORT)
            editor.setMinimumContentsLength(6)
        self.fields[key], self.editors[key] = field, editor
        self.put(field, wide)
        self._watch(key, editor)
        return field

    def add_tick(self, key: str, name: str) -> CheckBox:
        """Put a tick at the next place."""
        tick = CheckBox(name)
        self.editors[key] = tick
        self.put(tick, False)
        self._watch(key, tick)
        return tick

    def put(self, cell: QWidget, wide: bool) -> None:
        """Put something of the form's own at the next place."""
        self._cells.append((cell, wide))
        self._flow(self._now, [*self._spans, self._now if wide else 1])

    def _flow(self, columns: int, spans: list[int]) -> None:
        """Put the fields into lines of so many columns, each as wide as its span."""
        fresh = len(self._spans) if columns == self._now and spans[:-1] == self._spans else 0
        self._now, self._spans = columns, spans
        place = 0
        for at, ((cell, _wide), span) in enumerate(zip(self._cells, spans, strict=True)):
            if place % columns + span > columns:
                place += columns - place % columns
            if at >= fresh:
                if fresh == 0:
                    self._grid.removeWidget(cell)
                bottom = Qt.AlignmentFlag.AlignBottom
                align = bottom if isinstance(cell, CheckBox) else Qt.AlignmentFlag(0)
                row, column = divmod(place, columns)
                self._grid.addWidget(cell, row, column, 1, span, align)
            place += span
        if self._beside:
            self._put_verbs(columns, place)
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _put_verbs(self, columns: int, place: int) -> None:
        """Put the button after the last field, or below where the line has no room for it."""
        span = min(columns, self._span(self._verbs, columns))
        if place % columns + span > columns:
            place += columns - place % columns
        row, column = divmod(place, columns)
        bottom = Qt.AlignmentFlag.AlignBottom
        self._grid.removeWidget(self._verbs)
        self._grid.addWidget(self._verbs, row, column, 1, columns - column, bottom)

    def _room(self) -> int:
        """Tell how wide a line of fields is, with the gap after its last one."""
        return self.contentsRect().width() - 2 * theme.space(3) + theme.space(3)

    def _span(self, cell: QWidget, columns: int) -> int:
        """Tell how many of so many columns a field needs."""
        return -(-(self._need(cell) + theme.space(3)) // max(1, self._room() // columns))

    def _need(self, cell: QWidget) -> int:
        """Tell how wide a field must be for its words; a choice shows its longest one whole."""
        editor = cell.editor if isinstance(cell, Field) else cell
        if isinstance(editor, ComboBox):
            texts = (editor.itemText(at) for at in range(editor.count()))
            longest = max((theme.metrics().horizontalAdvance(text) for text in texts), default=0)
            return longest + theme.px(44)
        if isinstance(editor, (Segments, CheckBox)) or editor is self._verbs:
            return editor.sizeHint().width()
        return theme.px(140 if isinstance(editor, FindField) else LEAST_CELL)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._cells:
            # the buttons were made first, and come last
            last = self._cells[-1][0]
            QWidget.setTabOrder(last.editor if isinstance(last, Field) else last, self.main)
            QWidget.setTabOrder(self.main, self.leave)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() == event.size().width() or not self._cells:
            return
        most = self._room() // (theme.px(LEAST_CELL) + theme.space(3))
        columns = max(1, min(self._columns, most))
        spans = [
            columns if wide else min(columns, self._span(one, columns)) for one, wide in self._cells
        ]
        if (columns, spans) != (self._now, self._spans):
            self._flow(columns, spans)
            # Now, not with the next request: within a resize Qt takes the old places for laid out.
            layout = self.layout()
            if layout is not None:
                layout.invalidate()
                layout.activate()

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

    def editor(self, key: str) -> Any:
        """Give the editor of a field."""
        return self.editors[key]

    def values(self) -> dict[str, Any]:
        """Read all fields as they stand."""
        return {key: read_editor(editor) for key, editor in self.editors.items()}

    def set_values(self, values: dict[str, Any], *, fresh: bool = True) -> None:
        """Put values in; with `fresh` they are what the form began with."""
        for key, value in values.items():
            editor = self.editors.get(key)
            if isinstance(editor, CheckBox):
                editor.setChecked(bool(value))
            elif editor is not None and not isinstance(editor, FindField):
                shown = "" if value is None and not isinstance(editor, ComboBox) else value
                editor.set_value(shown)  # type: ignore[attr-defined]
        if fresh:
            self._first = self.values()
        self._timer.stop()

    def touched(self) -> dict[str, Any]:
        """Give the fields that say something else than when the form began."""
        return {k: v for k, v in self.values().items() if v != self._first.get(k)}

    def keep_now(self) -> None:
        """Keep what is typed, if anything is."""
        self._timer.stop()
        if self._keep is None:
            return
        kept = self.touched()
        if kept or self._kept:  # else older words that are still on their way here would be lost
            self._kept = bool(kept)
            self._keep(json.dumps(kept, ensure_ascii=False, default=str) if kept else "")

    def restore(self, text: str) -> None:
        """Bring back what was kept; words that cannot be read are left out."""
        try:
            kept = json.loads(text)
        except ValueError:
            return
        if isinstance(kept, dict):
            self._kept = True
            self.set_values(kept, fresh=False)

    def submit(self) -> None:
        """Send the form, unless it is on its way."""
        if self.main.isEnabled():
            self.submitted.emit()

    def busy(self, on: bool) -> None:
        """Take no second press while the first is on its way."""
        self.main.setEnabled(not on)

    def clear(self) -> None:
        """Begin anew."""
        if self.touched():
            self.set_values(self._first)
        self.well()

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

    def day(self, key: str) -> dt.date | None:
        """Read a whole date, or say at the field why it cannot be read."""
        editor = self.editors[key]
        if not isinstance(editor, DateField):
            raise TypeError(key)
        with at_field(key):
            return editor.date()

    def known(self, key: str) -> PartialDate | None:
        """Read a date known in part, or say at the field why it cannot be read."""
        editor = self.editors[key]
        if not isinstance(editor, DateField):
            raise TypeError(key)
        with at_field(key):
            return editor.partial_date()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.touched():
            # Esc never throws words away; the button Cancel does.
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
