"""Work that a key asks for: at once where keys come slowly, after the last one where they rush."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

PAUSE_MS = 120
"""Keys that follow each other within this are one burst."""


class Soon(QObject):
    """Runs at the first key after a pause, and once more when a burst of keys has ended.

    Somebody who writes down what a caller says sees the answer to each key; somebody who types
    fast is not shown a list for every letter.
    """

    def __init__(
        self, run: Callable[[], None], parent: QObject, *, pause_ms: int = PAUSE_MS
    ) -> None:
        """Take keys that come within the pause for one burst."""
        super().__init__(parent)
        self._run = run
        self._again = False
        self._pause = QTimer(self, singleShot=True, interval=pause_ms)
        self._pause.timeout.connect(self._ended)

    @property
    def waits(self) -> bool:
        """Whether another key would be part of a burst."""
        return self._pause.isActive()

    def ask(self) -> None:
        """A key was pressed."""
        burst = self.waits
        self._pause.start()
        self._again = burst
        if not burst:
            self._run()

    def stop(self) -> None:
        """Forget what was asked: it was done, or nobody wants it any more."""
        self._again = False

    def _ended(self) -> None:
        if self._again:
            self._again = False
            self._run()
