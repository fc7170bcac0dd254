"""Somebody at the keyboard of the whole window, who has no mouse; the journeys are made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from casedesk.desk.shell import Shell
from casedesk.kernel.store import Store

NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PATIENCE_MS = 15_000


class Keyboard:
    """Keys go where the cursor stands, as they do for people."""

    def __init__(self, shell: Shell, store: Store, qtbot: Any) -> None:
        self.shell, self.store, self.qtbot = shell, store, qtbot

    @property
    def focus(self) -> QWidget:
        return QApplication.focusWidget() or self.shell

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        self.qtbot.keyClick(self.focus, key, held)

    def type(self, text: str) -> None:
        for letter in text:  # QTest itself knows no Cyrillic letters
            self._send(letter, 0)

    def letter(self, letter: str) -> None:
        """Press a letter that is a key of its own, with the code that shortcuts are known by."""
        self._send(letter, ord(letter.upper()))

    def _send(self, letter: str, code: int) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(self.focus, QKeyEvent(kind, code, NONE, letter))

    def tab_to(self, wanted: QWidget | Callable[[QWidget], bool], most: int = 80) -> None:
        for _step in range(most):
            there = self.focus is wanted if isinstance(wanted, QWidget) else wanted(self.focus)
            if there:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError("Tab never comes there")

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def run(self, command: str) -> None:
        """Choose a command by its words, in the palette."""
        self.press(Qt.Key.Key_K, CTRL)
        self.type(">" + command)
        self.wait(lambda: self.shell.palette_view.results()[:1] == [command])
        self.press(Qt.Key.Key_Return)

    def find(self, text: str, title: str) -> None:
        """Find something by the palette, and open it."""
        self.press(Qt.Key.Key_K, CTRL)
        self.type(text)
        self.wait(lambda: title in self.shell.palette_view.results()[:1])
        self.press(Qt.Key.Key_Return)

    def all(self, table: Any) -> list[Any]:
        """Read all records of a table."""
        with self.store.read() as session:
            return list(session.execute(sa.select(table).order_by(table.id)).scalars().all())
