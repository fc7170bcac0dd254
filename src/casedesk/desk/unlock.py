"""The card that stands before a locked file: passphrase or recovery words, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
    QTextCursor,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from casedesk.desk import icons, theme
from casedesk.desk.run import Lane
from casedesk.desk.widgets import Card, Field, LineEdit, TextEdit, announce, button, label
from casedesk.kernel import recovery
from casedesk.kernel.errors import CaseDeskError, Refused, WrongPassphrase
from casedesk.kernel.language import _
from casedesk.resources import resource

WIDTH = 400
FREE_TRIES = 5
WAITS = (60.0, 300.0, 900.0)


@dataclass
class Tries:
    """Counts wrong passphrases: five are free, then one waits 1, 5 and 15 minutes.

    It lives as long as the program runs. It slows down somebody at this keyboard; who takes the
    file away meets the slow derivation of the key instead.
    """

    clock: Callable[[], float] = time.monotonic
    wrong: int = 0
    _until: float = 0.0

    def failed(self) -> None:
        """Note a wrong passphrase."""
        self.wrong += 1
        if self.wrong >= FREE_TRIES:
            step = min(self.wrong - FREE_TRIES, len(WAITS) - 1)
            self._until = self.clock() + WAITS[step]

    def passed(self) -> None:
        """Begin anew after the right one."""
        self.wrong, self._until = 0, 0.0

    @property
    def wait(self) -> int:
        """Whole seconds until the next try is allowed; 0 when it is."""
        left = self._until - self.clock()
        return int(left) + 1 if left > 0 else 0

    @property
    def left(self) -> int:
        """How many tries are free before a wait."""
        return max(0, FREE_TRIES - self.wrong)

    @property
    def words(self) -> str:
        """Say how long to wait, or nothing."""
        minutes, seconds = divmod(self.wait, 60)
        if not minutes and not seconds:
            return ""
        return _(
            "Too many wrong passphrases. The next try is possible in {minutes}:{seconds}."
        ).format(minutes=minutes, seconds=f"{seconds:02}")


_tries: dict[Path, Tries] = {}


def tries_of(file: Path) -> Tries:
    """Give the counter of a file, the same one for the whole run of the program."""
    return _tries.setdefault(file.absolute(), Tries())


class PassphraseEdit(LineEdit):
    """A hidden field that shows itself on demand and knows whether Caps Lock seems to be on."""

    caps_changed = Signal(bool)

    def __init__(self, *, name: str = "", parent: QWidget | None = None) -> None:
        """Make the field, 32 high."""
        super().__init__(name=name, call=True, parent=parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self._caps = False
        self._eye = QAction(self)
        self._eye.triggered.connect(self._toggle)
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        self._say_eye()
        theme.watch.changed.connect(self._say_eye)

    @property
    def shown(self) -> bool:
        """Whether what is typed can be read."""
        return self.echoMode() == QLineEdit.EchoMode.Normal

    def show_text(self, on: bool) -> None:
        """Show or hide what is typed."""
        mode = QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        self._say_eye()

    def _toggle(self) -> None:
        self.show_text(not self.shown)

    def _say_eye(self) -> None:
        self._eye.setText(_("Hide the passphrase") if self.shown else _("Show the passphrase"))
        self._eye.setIcon(icons.icon("eye-off" if self.shown else "eye", "muted"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Learn from each letter whether Caps Lock is on: Qt has no way to ask the keyboard."""
        typed = event.text()
        if event.key() == Qt.Key.Key_CapsLock:
            self._set_caps(not self._caps)
        elif len(typed) == 1 and typed.isalpha() and typed.upper() != typed.lower():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._set_caps(typed.isupper() is not shift)
        super().keyPressEvent(event)

    def _set_caps(self, on: bool) -> None:
        if on is not self._caps:
            self._caps = on
            self.caps_changed.emit(on)


class Mark(QWidget):
    """The mark of the program: two points joined by a thread."""

    def __init__(self, side: int = 40, parent: QWidget | None = None) -> None:
        """Draw it so large."""
        super().__init__(parent)
        self._side = side
        self._renderer = QSvgRenderer(str(resource("icons/mark.svg")), self)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the mark, sharp on every screen."""
        painter = QPainter(self)
        self._renderer.render(painter, self.rect().toRectF())
        painter.end()


def layout_name(locale: QLocale) -> str:
    """Name a keyboard layout in its own language; nothing where the system does not tell it."""
    if locale.language() in (QLocale.Language.C, QLocale.Language.AnyLanguage):
        return ""
    name = locale.nativeLanguageName() or locale.languageToString(locale.language())
    return name[:1].upper() + name[1:]


class KeyboardLine(QWidget):
    """Names the keyboard layout, and warns of Caps Lock."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Watch the layout of this computer."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(2))
        self._icon = QLabel()
        self.layout_name = label("", "small")
        self.caps = label(_("Caps Lock seems to be on."), "small")
        self.caps.set_tone("amber")
        self.caps.hide()
        row.addWidget(self._icon)
        row.addWidget(self.layout_name)
        row.addWidget(self.caps)
        row.addStretch(1)
        QGuiApplication.inputMethod().localeChanged.connect(self._say)
        theme.watch.changed.connect(self._say)
        self._say()

    def _say(self) -> None:
        name = layout_name(QGuiApplication.inputMethod().locale())
        self.layout_name.setText(_("Keyboard: {layout}").format(layout=name) if name else "")
        for part in (self.layout_name, self._icon):
            part.setVisible(bool(name))
        self._icon.setPixmap(icons.pixmap("keyboard", "muted", theme.icon_size("row")))

    def show_caps(self, on: bool) -> None:
        """Warn, or stop warning."""
        self.caps.setVisible(on)


class UnlockCard(QWidget):
    """Asks for the passphrase in the middle of the window ground.

    `open_file` takes the passphrase, or the recovery words, and runs in the lane, because it
    derives a key for half a second. What it gives is handed on by `unlocked`.
    """

    unlocked = Signal(object, bool)  # what open_file gave; whether recovery words were used
    other_file = Signal()  # the person wants another file instead

    def __init__(
        self,
        file: Path,
        open_file: Callable[[str], Any],
        lane: Lane,
        *,
        note: str = "",
        tries: Tries | None = None,
        choose_other: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Stand before a file; `note` names a draft that is kept, so that nobody fears a loss."""
        super().__init__(parent)
        self._file, self._open, self._lane = file, open_file, lane
        self._tries = tries or tries_of(file)
        self._busy = self._by_words = False
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._wait)
        self._build(choose_other)
        self.set_note(note)
        self._wait()

    def _build(self, choose_other: bool) -> None:
        self.card = Card()
        self.card.setFixedWidth(theme.px(WIDTH))
        body = self.card.body
        body.setSpacing(theme.space(3))
        margin = theme.space(2)
        self.card.setContentsMargins(margin, margin, margin, margin)
        body.addWidget(Mark(theme.px(40)), 0, Qt.AlignmentFlag.AlignHCenter)
        title = label(_("CaseDesk is locked"), "page")
        name = label(self._file.name, "muted", wrap=True)
        for words in (title, name):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            body.addWidget(words)
        self.passphrase = PassphraseEdit()
        self.passphrase_field = Field(_("Passphrase"), self.passphrase)
        self.words = TextEdit(lines=5)
        self.words_field = Field(
            _("Recovery words"),
            self.words,
            hint=_("All 24 words in their order, with spaces between them."),
        )
        self.words_field.hide()
        body.addWidget(self.passphrase_field)
        body.addWidget(self.words_field)
        self.keyboard = KeyboardLine()
        self.passphrase.caps_changed.connect(self.keyboard.show_caps)
        body.addWidget(self.keyboard)
        row = QHBoxLayout()
        self.switch = button(_("Use the recovery words"), kind="link")
        self.switch.clicked.connect(lambda: self.use_words(not self._by_words))
        self.submit = button(_("Unlock"), kind="primary")
        self.submit.clicked.connect(self._try)
        row.addWidget(self.switch)
        row.addStretch(1)
        row.addWidget(self.submit)
        body.addLayout(row)
        self.note = label("", "small", wrap=True)
        body.addWidget(self.note)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        if choose_other:
            other = button(_("Open another file"), kind="link")
            other.clicked.connect(self.other_file)
            outer.addWidget(other, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        for editor in (self.passphrase, self.words):
            editor.textChanged.connect(self._typed)
        self.passphrase.returnPressed.connect(self._try)
        self.words.installEventFilter(self)
        self.setFocusProxy(self.passphrase)

    def set_note(self, note: str) -> None:
        """Name a draft that is kept, for example "A call begun at 10:03 is kept."."""
        self.note.setText(note.strip())
        self.note.setVisible(bool(note.strip()))

    def use_words(self, on: bool) -> None:
        """Ask for the recovery words in the passphrase's place, or the other way round."""
        self._by_words = on
        self.words_field.setVisible(on)
        self.passphrase_field.setVisible(not on)
        self.switch.set_text(_("Use the passphrase") if on else _("Use the recovery words"))
        editor = self.words if on else self.passphrase
        self.setFocusProxy(editor)
        editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._wait()

    def showEvent(self, event: QShowEvent) -> None:
        """Let the person type at once."""
        super().showEvent(event)
        (self.words if self._by_words else self.passphrase).setFocus(
            Qt.FocusReason.OtherFocusReason
        )
        self._wait()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave nothing typed in a card that is not seen."""
        super().hideEvent(event)
        self._forget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter in the many-line field unlock, as it does in the one-line field."""
        if watched is self.words and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.type() == QEvent.Type.KeyPress:
                self._try()
                return True
        return super().eventFilter(watched, event)

    @property
    def _field(self) -> Field:
        return self.words_field if self._by_words else self.passphrase_field

    def _typed(self) -> None:
        if not self._busy and not self._tries.wait:
            self._field.error(None)

    def _try(self) -> None:
        """Derive the key away from the window; the card stays alive and says so."""
        if self._busy or self._tries.wait:
            return
        secret = self.words.value if self._by_words else self.passphrase.text()
        if not secret.strip():
            empty = _("Type the recovery words.") if self._by_words else _("Type the passphrase.")
            self._field.error(empty)
            return
        if self._by_words and not self._readable(secret):
            return
        self._set_busy(True)
        self._lane.do(self._open, secret, then=self._opened, failed=self._failed)

    def _readable(self, secret: str) -> bool:
        try:
            recovery.raw_of(secret)
        except recovery.UnknownWord as error:
            self.words_field.error(str(error))
            self._select_word(error.position)
            return False
        except Refused as error:
            self.words_field.error(str(error))
            return False
        return True

    def _select_word(self, position: int) -> None:
        """Put the cursor over the word in doubt, so that typing replaces it."""
        start, length = recovery.place_of(self.words.toPlainText(), position)
        cursor = self.words.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        self.words.setTextCursor(cursor)
        self.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def _opened(self, result: object) -> None:
        self._tries.passed()
        by_words = self._by_words
        self._set_busy(False)
        self._forget()
        self.unlocked.emit(result, by_words)

    def _failed(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, WrongPassphrase):
            self._tries.failed()
            self._field.error(str(error))
            self.passphrase.selectAll()
        elif isinstance(error, CaseDeskError):
            self._field.error(str(error))
        else:
            self._field.error(_("The file could not be opened because of a fault in CaseDesk."))
        self._wait()
        if not self._tries.wait:
            (self.words if self._by_words else self.passphrase).setFocus(
                Qt.FocusReason.OtherFocusReason
            )

    def _set_busy(self, on: bool) -> None:
        self._busy = on
        self.submit.set_text(_("Opening the file") if on else _("Unlock"))
        for part in (self.submit, self.switch):
            part.setEnabled(not on)
        for editor in (self.passphrase, self.words):
            editor.setReadOnly(on)

    def _wait(self) -> None:
        """Count down where too many wrong passphrases were typed."""
        told = self._tries.words
        if not told:
            if self._second.isActive():
                self._second.stop()
                self._field.error(None)
            self.submit.setEnabled(not self._busy)
            return
        self.submit.setEnabled(False)
        self._field.error(told)
        if not self._second.isActive():
            announce(self._field.editor)
            self._second.start()

    def _forget(self) -> None:
        self.passphrase.clear()
        self.passphrase.show_text(False)
        self.words.clear()
        self.words.document().clearUndoRedoStacks()
