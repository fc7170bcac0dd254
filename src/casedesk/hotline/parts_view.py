"""Small parts of the call form: reasons, name with its Latin form, errors, line of keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from casedesk.desk import theme
from casedesk.desk.painting import draw_check, fit
from casedesk.desk.widgets import (
    Button,
    ButtonKind,
    CheckBox,
    Chip,
    ChipRow,
    ComboBox,
    DateField,
    ElidedLabel,
    Field,
    KeyHint,
    LineEdit,
    TextEdit,
    announce,
    has_ring,
    label,
)
from casedesk.hotline.listing import REASONS
from casedesk.hotline.records import Reason
from casedesk.hotline.rules import latin_form
from casedesk.kernel.language import N_, _, ngettext
from casedesk.names.parse import clean

SHORT = (
    Reason.SEEKING_RELATIVE,
    Reason.CASE_STATUS,
    Reason.MESSAGE,
    Reason.ASSISTANCE,
    Reason.SCAM,
    Reason.OTHER,
)
"""The reasons of the call form, on the keys 1 to 6."""
SCAM_WARNING = (
    N_("We never ask for money. Looking for a relative is free of charge, always."),
    N_("Whoever asks you to pay for news, for a list or for an exchange is deceiving you."),
    N_("Do not pay. Do not send your passport, bank card or codes from messages."),
    N_("We never call to ask for such things. If somebody does, end the call and ring us."),
    N_("If you have paid, tell the police and your bank today, and tell us the number."),
)
"""What is read aloud to a caller whom somebody wants to cheat."""
_WRAP = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)


def _tall(metrics: QFontMetrics, text: str, width: int) -> int:
    """Measure a text that breaks into lines at this width."""
    return metrics.boundingRect(QRect(0, 0, max(1, width), 10_000), _WRAP, text).height()


def _folding(widget: QWidget) -> None:
    """Let a widget be as narrow as there is room, and as high as its lines then are."""
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)


class HintButton(Button):
    """A button that shows a key which somebody else listens to: the shell, or the whole form."""

    def __init__(
        self,
        text: str,
        key: str,
        *,
        kind: ButtonKind = "plain",
        hint: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """Show the key, without a shortcut of its own: two for one key would silence both."""
        super().__init__(text, key=key, kind=kind, hint=hint, parent=parent)
        if self._shortcut is not None:
            self._shortcut.setEnabled(False)

    def set_kind(self, kind: ButtonKind) -> None:
        """Look like another kind of button."""
        if kind != self._kind:
            self._kind = kind
            self.update()

    def set_key(self, key: str) -> None:
        """Show another key, or none."""
        if key != self._key:
            self._key = key
            self._describe()
            self.updateGeometry()
            self.update()


class ReasonRow(QWidget):
    """Why somebody calls: one stop of Tab, chosen by 1 to 6, by arrows or with the mouse."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with the first reason."""
        super().__init__(parent)
        self._value: Reason = SHORT[0]
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(1))
        head = QHBoxLayout()
        self.caption = label(_("Reason for the call"), "small")
        self.caption.setBuddy(self)
        head.addWidget(self.caption)
        head.addStretch(1)
        head.addWidget(label(_("press 1 to 6"), "caption"))
        column.addLayout(head)
        self._row = ChipRow()
        self._chips: dict[Reason, Chip] = {}
        for place, reason in enumerate(SHORT, 1):
            chip = Chip(_(REASONS[reason]), checkable=True, key=str(place))
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.clicked.connect(lambda reason=reason: self.choose(reason))
            self._chips[reason] = chip
            self._row.add(chip)
        column.addWidget(self._row)
        self._show()

    @property
    def value(self) -> Reason:
        """The reason that holds."""
        return self._value

    def set_value(self, reason: Reason) -> None:
        """Show a reason without telling anybody."""
        self._value = reason
        self._show()

    def choose(self, reason: Reason) -> None:
        """Choose as the user does."""
        changed = reason is not self._value
        self.set_value(reason)
        if changed:
            self.chosen.emit(reason)

    def _show(self) -> None:
        for reason, chip in self._chips.items():
            chip.set_checked(reason is self._value)
            ring = self.property("ringed") is True and reason is self._value
            chip.setProperty("kbfocus", ring)
            chip.update()
        self.setAccessibleName(_("Reason for the call"))
        self.setAccessibleDescription(_(REASONS[self._value]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - int(Qt.Key.Key_0)
        step = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}.get(event.key(), 0)
        modified = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modified == Qt.KeyboardModifier.NoModifier and 1 <= digit <= len(SHORT):
            self.choose(SHORT[digit - 1])
        elif step and modified == Qt.KeyboardModifier.NoModifier:
            at = SHORT.index(self._value) + step if self._value in SHORT else 0
            self.choose(SHORT[max(0, min(len(SHORT) - 1, at))])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        keyboard = (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        self.setProperty("ringed", event.reason() in keyboard)
        self._show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setProperty("ringed", False)
        self._show()


class _Inside:
    """Words inside a field at its right, as long as what is typed leaves room for them."""

    def __init__(self, edit: LineEdit, style: str) -> None:
        self._edit, self._style, self._words = edit, style, ""
        self._shown = label("", style, edit)
        self._shown.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def say(self, words: str) -> None:
        """Show these words; what is typed comes first, they go where both do not fit."""
        self._words = words
        edit = self._edit
        free = edit.width() - edit.fontMetrics().horizontalAdvance(edit.text()[:200])
        free -= theme.px(40)
        shown = fit(words, self._style, free) if words and free > theme.px(44) else ""
        if self._shown.text() != shown:
            self._shown.setText(shown)
        self._shown.adjustSize()
        left = edit.width() - self._shown.width() - theme.px(8)
        self._shown.move(left, (edit.height() - self._shown.height()) // 2)

    def again(self) -> None:
        """Show the same words in the room there is now."""
        self.say(self._words)

    @property
    def words(self) -> str:
        """What stands inside, cut where it had to be."""
        return self._shown.text()


class NameEdit(LineEdit):
    """A name as it is typed, and inside at the right how its Latin form begins."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        """Make the field."""
        super().__init__(name=name, call=True, parent=parent)
        self.inside = _Inside(self, "muted")
        self.textChanged.connect(self._romanise)

    def latin(self) -> str:
        """Write what is typed in Latin letters; nothing where it is Latin already."""
        typed = clean(self.text()[:200])
        return latin_form(typed) if typed else ""

    def _romanise(self) -> None:
        latin = self.latin()
        self.inside.say(_("also as {name}").format(name=latin) if latin else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.inside.again()


class BornEdit(DateField):
    """A birth as it is said; where that is a year alone, how far matches may lie from it."""

    def __init__(self) -> None:
        """Make the field."""
        super().__init__(partial=True, call=True)
        self.setPlaceholderText(_("1987 or ~38"))
        self.inside = _Inside(self, "caption")
        self.textChanged.connect(self._spread)

    def _spread(self) -> None:
        year = re.fullmatch(r"(19|20)\d\d", self.value)
        self.inside.say(_("± 2 years") if year else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.inside.again()


class CallCombo(ComboBox):
    """A choice in the call form: high as its fields, and never wider than its place."""

    def __init__(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Show the choices."""
        super().__init__(choices, call=True)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)


class CallField(Field):
    """A field of the call form: its name is cut where the column is narrow, never the column."""

    def __init__(self, name: str, editor: QWidget) -> None:
        """Put the editor under its name."""
        super().__init__(name, editor)
        short = ElidedLabel(name, "small")
        short.setBuddy(editor)
        column = self.layout()
        if column is not None:
            column.replaceWidget(self.caption, short)
        self.caption.hide()
        self.caption.setParent(None)
        self.caption.deleteLater()
        self.caption = short


def field_row(fields: Sequence[tuple[Field, int]]) -> QHBoxLayout:
    """Put fields side by side, each as high as it needs to be: a sentence under one may wrap."""
    line = QHBoxLayout()
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.space(3))
    for field, part in fields:
        line.addWidget(field, part, Qt.AlignmentFlag.AlignTop)
    return line


class CallNotes(TextEdit):
    """The notes: they take what room is left, and ask for no more than three lines of it."""

    def __init__(self) -> None:
        """Make the field."""
        super().__init__(name=_("Notes"), lines=3)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())


class WrapCheck(CheckBox):
    """A tick whose words break into lines where one line does not hold them."""

    def __init__(self, text: str) -> None:
        """Make the tick."""
        super().__init__(text)
        _folding(self)

    def _left(self) -> int:
        return 4 + theme.px(14) + theme.px(8)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.control("button"))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        tall = _tall(theme.metrics("body"), self.text(), width - self._left() - 4)
        return max(theme.control("button"), tall + theme.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if has_ring(self):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("focus"), 2))
            corner = theme.radius("control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("ink" if self.isEnabled() else "disabled"))
        room = self.rect().adjusted(self._left(), 0, -4, 0)
        flags = _WRAP | int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(room, flags, self.text())
        side = theme.px(14)
        tall = _tall(theme.metrics("body"), self.text(), room.width())
        line = theme.metrics("body").height()
        top = max(0, (self.height() - tall) // 2) + (line - side) // 2
        box = QRect(4, top, side, side)
        draw_check(
            painter, box, self.isChecked(), hover=self.underMouse(), enabled=self.isEnabled()
        )
        painter.end()


class WrapLink(QAbstractButton):
    """A link whose words break into lines."""

    def __init__(self, text: str) -> None:
        """Make the link; the text is data and is shown as it is."""
        super().__init__()
        self._text = text
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        _folding(self)

    def text(self) -> str:
        """Give the words; Qt does not know them, it would read & as the mark of a key."""
        return self._text

    def sizeHint(self) -> QSize:
        wide = theme.metrics("body").horizontalAdvance(self._text) + 4
        return QSize(wide, theme.control("chip"))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(80), theme.control("chip"))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(theme.control("chip"), _tall(theme.metrics("body"), self._text, width) + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.setProperty("kbfocus", event.reason() not in (Qt.FocusReason.MouseFocusReason,))
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setProperty("kbfocus", False)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.colour("accent_hover" if self.underMouse() else "accent"))
        flags = _WRAP | int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(self.rect(), flags, self._text)
        if has_ring(self):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("focus"), 2))
            corner = theme.radius("chip")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.end()


class ErrorList(QWidget):
    """The fields that need a look, on top of the form; each one leads to its field."""

    jumped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin hidden."""
        super().__init__(parent)
        outer = QVBoxLayout(self)
        side = theme.space(4)
        outer.setContentsMargins(side, theme.space(3), side, 0)
        card = QFrame()
        card.setProperty("card", True)
        outer.addWidget(card)
        self._column = QVBoxLayout(card)
        side = theme.space(2)
        self._column.setContentsMargins(side, side, side, side)
        self._column.setSpacing(theme.space(0))
        self._title = label("", "strong", wrap=True)
        self._title.set_tone("carmine")
        self._column.addWidget(self._title)
        self._links: list[WrapLink] = []
        self.hide()

    def show_errors(self, errors: Sequence[tuple[str, str]], whole: str = "") -> None:
        """List pairs of a field's name and its sentence; `whole` is a sentence about the call."""
        for old in self._links:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._links = []
        if not errors and not whole:
            self.hide()
            return
        count = len(errors)
        title = whole or ngettext(
            "{count} field needs a look before the call can be saved",
            "{count} fields need a look before the call can be saved",
            count,
        ).format(count=count)
        self._title.setText(title)
        for index, (name, text) in enumerate(errors):
            link = WrapLink(_("{field}: {problem}").format(field=name, problem=text))
            link.clicked.connect(lambda _checked=False, index=index: self.jumped.emit(index))
            self._column.addWidget(link)
            self._links.append(link)
        self.setAccessibleName(title)
        self.show()
        announce(self)

    def title(self) -> str:
        """Give the sentence on top, or nothing while hidden."""
        return "" if self.isHidden() else self._title.text()

    def links(self) -> list[str]:
        """Give the words of the links."""
        return [link.text() for link in self._links]


class KeyLine(QWidget):
    """The keys of this page on one line; the last ones go first where there is no room."""

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """Show pairs of a key and what it does, in order of use."""
        super().__init__(parent)
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.px(32))
        self._pairs: list[tuple[KeyHint, QLabel]] = []
        for key, words in keys:
            hint, text = KeyHint(key, self), label(words, "caption", self)
            self._pairs.append((hint, text))
        theme.watch.changed.connect(self._arrange)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme.px(32))

    def _arrange(self) -> None:
        self.setFixedHeight(theme.px(32))
        left, room = theme.space(4), self.width() - theme.space(4)
        for hint, text in self._pairs:
            size, words = hint.sizeHint(), text.sizeHint()
            wide = size.width() + theme.px(6) + words.width()
            fits = left + wide <= room
            hint.setVisible(fits)
            text.setVisible(fits)
            if fits:
                hint.setGeometry(left, (self.height() - size.height()) // 2, *size.toTuple())
                text.setGeometry(
                    left + size.width() + theme.px(6),
                    (self.height() - words.height()) // 2,
                    *words.toTuple(),
                )
            left += wide + theme.space(4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class WarningSheet(QWidget):
    """The warning of scams in large type, over the form; read aloud to the caller. Esc closes."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        """Begin hidden; the sheet covers its parent."""
        super().__init__(parent)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Scam warning"))
        self._before: QWidget | None = None
        column = QVBoxLayout(self)
        side = theme.space(6)
        column.setContentsMargins(side, side, side, side)
        column.setSpacing(theme.space(4))
        head = QHBoxLayout()
        head.addWidget(label(_("Read this to the caller"), "lead"))
        head.addStretch(1)
        self.close_button = HintButton(_("Back to the call"), "Esc")
        self.close_button.clicked.connect(self.close_sheet)
        head.addWidget(self.close_button)
        column.addLayout(head)
        column.addStretch(1)
        self.lines = [label(_(text), "figure", wrap=True) for text in SCAM_WARNING]
        for line in self.lines:
            column.addWidget(line)
        column.addStretch(2)
        self.setAccessibleDescription(" ".join(line.text() for line in self.lines))
        self.hide()

    def open_sheet(self) -> None:
        """Cover the form; the field that had the focus gets it back."""
        parent = self.parentWidget()
        if parent is None:
            return
        focus = QApplication.focusWidget()
        self._before = focus if focus is not None and not self.isAncestorOf(focus) else None
        self.setGeometry(parent.rect())
        self.show()
        self.raise_()
        self.close_button.setFocus(Qt.FocusReason.ShortcutFocusReason)
        announce(self)

    def close_sheet(self) -> None:
        """Go back to the call."""
        self.hide()
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
            return
        super().keyPressEvent(event)
