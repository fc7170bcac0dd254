"""The log: what happened and how long it took, never about whom.

A line holds a time, an event's name and numbers. Texts are kept only where they are identifiers
of the program itself (a type, a page, a function); a person's name never gets through.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

import platformdirs

FILE = "casedesk.log"
SIZE, KEPT = 512_000, 3
_log = logging.getLogger("casedesk")
_log.addHandler(logging.NullHandler())
_log.propagate = False
_PACKAGE = Path(__file__).resolve().parents[1]
# ASCII alone, no spaces: names of persons and files in the clear do not look like this.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:<>-]{1,120}")


class _PrivateFile(RotatingFileHandler):
    """A rotating file that nobody else may read, and whose trouble is nobody's trouble."""

    def _open(self) -> TextIO:  # type: ignore[override]
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.chmod(self.baseFilename, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Go on without the line: a full disk must not stop a call."""


def folder() -> Path:
    """Tell where the log lies: under CASEDESK_HOME where that is set, else the user's own place."""
    home = os.environ.get("CASEDESK_HOME")
    return Path(home) / "log" if home else platformdirs.user_log_path("casedesk", appauthor=False)


def start(where: Path | None = None) -> Path | None:
    """Begin to write; gives the file, or None where nothing can be written there."""
    stop()
    place = where or folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(place / FILE, maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    return place / FILE


def stop() -> None:
    """Close the file."""
    for handler in [h for h in _log.handlers if isinstance(h, _PrivateFile)]:
        _log.removeHandler(handler)
        handler.close()


def event(name: str, **facts: str | int | float | bool | None) -> None:
    """Write one line: a name of ours and facts that are numbers or identifiers of ours."""
    words = [f"{key}={_safe(value)}" for key, value in facts.items()]
    _log.info(" ".join([_safe(name), *words]))


def failure(name: str, error: BaseException) -> None:
    """Write down a fault: the type and the places it passed, never its message or values."""
    event(name, type=type(error).__name__, at=place(error))


def place(error: BaseException) -> str:
    """Name where a fault came from, innermost first: kernel.store:write:210<desk.page:write:88."""
    frames = traceback.extract_tb(error.__traceback__)
    names = [
        f"{_module(frame.filename)}:{_plain(frame.name)}:{frame.lineno}"
        for frame in reversed(frames)
    ]
    return "<".join(names[:4])[:120] or "nowhere"


def _module(filename: str) -> str:
    path = Path(filename)
    try:
        return ".".join(path.resolve().relative_to(_PACKAGE).with_suffix("").parts)
    except ValueError:
        return path.stem  # of a library: its folder would tell the user's name


def _plain(name: str) -> str:
    return name.strip("<>")


def _safe(value: Any) -> str:
    if value is None or isinstance(value, (bool, int)):
        return str(value)
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return text if _IDENTIFIER.fullmatch(text) else "(left-out)"
