"""One window for one user: a second start hands its file to the first and ends.

A lock file tells who is first; it is free again when its process is gone, however that ended. The
wish travels through a socket (on Windows a pipe) beside it, in a folder of this user. Where the
first does not answer, the second goes on by itself: a start that does nothing is the worst answer,
and the file has a lock of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal

from casedesk.desk.run import window_post

LONGEST = 8192
PATIENCE = 2.0
"""Seconds that the first waits for a guest's word."""
ANSWER = 6.0
"""Seconds that a guest waits for the first: it may stand in a row, on a computer that is busy."""
PAUSE = 0.2
"""Seconds until the next try where the system refuses a guest."""
ACTIVATION = "XDG_ACTIVATION_TOKEN"
"""Where a desktop leaves what lets the start of a person bring a window to the front."""


class Single(QObject):
    """Holds the place of the first start; `asked` brings the file of each later one, or None."""

    asked = Signal(object)
    """Emitted on the thread of the window."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        """Choose the folder that all starts of this user share."""
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "desk.lock"))
        self._lock.setStaleLockTime(0)  # only the end of its process frees it, not its age
        self._address = _address(folder)
        self._post = window_post()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def first(self, file: Path | None) -> bool:
        """Tell whether this start has to open the window; if not, the first one was asked to."""
        if not self._lock.tryLock(0):
            return not self._ask(file)
        self._listen()
        return True

    def close(self) -> None:
        """Give the place free."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            with contextlib.suppress(OSError, EOFError):
                Client(self._address).close()  # wakes the thread that waits for a guest
            if self._thread is not None:
                self._thread.join(PATIENCE)
            listener.close()
        self._lock.unlock()

    def _ask(self, file: Path | None) -> bool:
        told = {"file": str(file.absolute()) if file is not None else None}
        # On Wayland only who holds the token of this start may come to the front.
        wish = json.dumps({**told, "token": os.environ.get(ACTIVATION, "")})
        try:
            with Client(self._address) as line:
                line.send_bytes(wish.encode())
                return line.poll(ANSWER) and line.recv_bytes(LONGEST) == b"yes"
        except (OSError, EOFError):
            return False

    def _listen(self) -> None:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.unlink(self._address)  # left by a start that was killed; the lock is ours
        try:
            self._listener = Listener(self._address)
        except OSError:
            return  # a folder that holds no sockets; every start is then by itself
        if sys.platform != "win32":
            os.chmod(self._address, 0o600)
        self._thread = threading.Thread(target=self._serve, name="casedesk-single", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while (listener := self._listener) is not None:
            # A guest that leaves in the middle, or speaks another language, is no reason to stop.
            try:
                with listener.accept() as line:
                    self._answer(line)
            except (EOFError, ValueError, KeyError, TypeError):
                continue
            except OSError:
                time.sleep(PAUSE)

    def _answer(self, line: Connection) -> None:
        if not line.poll(PATIENCE):
            return
        told = json.loads(line.recv_bytes(LONGEST))
        path = Path(told["file"]) if told["file"] is not None else None
        token = str(told.get("token") or "")  # an earlier version sends none
        line.send_bytes(b"yes")
        self._post(lambda: self._wish(path, token))

    def _wish(self, path: Path | None, token: str) -> None:
        if token:
            os.environ[ACTIVATION] = (
                token  # Qt takes it with the next window that comes to the front
            )
        self.asked.emit(path)


def _address(folder: Path) -> str:
    if sys.platform == "win32":
        import hashlib

        return rf"\\.\pipe\casedesk-{hashlib.sha256(str(folder).encode()).hexdigest()[:24]}"
    return str(folder / "desk.socket")
