"""Read a table in a process of its own, with little memory and time, from which only texts come.

A file that somebody sent may be made to break its reader: a sparse sheet of six kilobytes makes a
library ask for 500 GB and takes its process along. Here that process is not ours.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from casedesk.exchange.reading import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Fault, Row, Table
from casedesk.kernel import language
from casedesk.kernel.errors import (
    Cancelled,
    CaseDeskError,
    EnvironmentFault,
    NotFound,
    ReadOnly,
    Refused,
)
from casedesk.kernel.language import _

MEMORY = 1024**3
SECONDS = 40
_PROCESSOR_SECONDS = 30
_AT_ONCE = 500
_LOOK = 0.1
_MOST_MESSAGE = 64 * 1024 * 1024
_KINDS: dict[str, type[CaseDeskError]] = {
    kind.__name__: kind for kind in (Refused, NotFound, ReadOnly)
}


Stop = Callable[[], bool]


def read_apart(
    source: Path, sheet: str = "", *, seconds: float = SECONDS, stop: Stop | None = None
) -> Table:
    """Read a workbook, or a large text table, in a child process.

    Where `stop` says so, the child is ended and `Cancelled` raised.
    """
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe(duplex=False)
    child = fresh.Process(
        target=_child, args=(str(source), sheet, language.current(), theirs), daemon=True
    )
    child.start()
    theirs.close()
    deadline = time.monotonic() + seconds
    try:
        with contextlib.closing(ours):
            return _received(ours, deadline, stop)
    finally:
        child.join(0.2)
        if child.is_alive():
            child.kill()
        child.join()
        child.close()


def _waited(ours: Connection, deadline: float, stop: Stop | None) -> bool:
    """Wait for the next message, looking now and then whether anybody still wants it."""
    while not (stop and stop()):
        left = max(0.0, deadline - time.monotonic())
        if ours.poll(min(left, _LOOK) if stop else left):
            return True
        if not left:
            return False
    raise Cancelled("stopped")


def _received(ours: Connection, deadline: float, stop: Stop | None = None) -> Table:
    """Take the messages of the child, and believe their form only after a look."""
    head: dict[str, Any] | None = None
    rows: list[Row] = []
    faults: list[Fault] = []
    while True:
        if not _waited(ours, deadline, stop):
            raise Refused(_("Reading this table takes too long. Split it and import the parts."))
        try:
            message = json.loads(ours.recv_bytes(_MOST_MESSAGE))
        except EOFError:
            raise Refused(
                _("This table cannot be read: it asks for more memory than a table needs.")
            ) from None
        except (OSError, ValueError):
            raise EnvironmentFault(_("The reader of tables answered nonsense.")) from None
        if "refused" in message:
            raise _KINDS.get(message["kind"], Refused)(str(message["refused"]))
        if "columns" in message:
            head = message
            if len(message["columns"]) > MOST_COLUMNS:
                raise EnvironmentFault(_("The reader of tables answered nonsense."))
        for number, cells in message.get("rows", ()):
            rows.append(Row(int(number), tuple(str(cell)[:LONGEST_CELL] for cell in cells)))
        faults += [Fault(int(n), str(c), str(r)) for n, c, r in message.get("faults", ())]
        if head is None or len(rows) + len(faults) > MOST_ROWS:
            raise EnvironmentFault(_("The reader of tables answered nonsense."))
        if message.get("end"):
            wide = len(head["columns"])
            if any(len(row.cells) != wide for row in rows):
                raise EnvironmentFault(_("The reader of tables answered nonsense."))
            return Table(
                tuple(map(str, head["columns"])),
                tuple(rows),
                tuple(faults),
                str(head["encoding"]),
                str(head["separator"]),
                str(head["sheet"]),
                tuple(map(str, head["others"])),
            )


def _child(source: str, sheet: str, spoken: str, out: Connection) -> None:
    """Read under limits, and send what was read as lines of JSON."""
    _hush()
    _limit()
    try:
        language.use(spoken)
        _send_table(_read(Path(source), sheet), out)
    except CaseDeskError as error:
        _send(out, {"refused": str(error), "kind": type(error).__name__})
    except MemoryError:
        os._exit(1)
    except Exception:  # what a broken file does to its reader is the file's fault
        reason = _("The table is damaged. Open it in a spreadsheet and save it again.")
        _send(out, {"refused": reason, "kind": "Refused"})
    out.close()


def _read(source: Path, sheet: str) -> Table:
    from casedesk.exchange import reading, workbooks

    if reading.is_workbook(source):
        return workbooks.read_workbook(source, sheet)
    return reading.read_text_table(source)


def _send_table(table: Table, out: Connection) -> None:
    head = {
        "columns": table.columns,
        "encoding": table.encoding,
        "separator": table.separator,
        "sheet": table.sheet,
        "others": table.other_sheets,
    }
    _send(out, head)
    for start in range(0, len(table.rows), _AT_ONCE):
        chunk = table.rows[start : start + _AT_ONCE]
        _send(out, {"rows": [[row.number, row.cells] for row in chunk]})
    faults = [[fault.row, fault.column, fault.reason] for fault in table.faults]
    for start in range(0, len(faults), _AT_ONCE):
        _send(out, {"faults": faults[start : start + _AT_ONCE]})
    _send(out, {"end": True})


def _send(out: Connection, message: dict[str, Any]) -> None:
    out.send_bytes(json.dumps(message).encode())


def _hush() -> None:
    """Say nothing on the terminal: a library that gives up would show parts of the file."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)


def _limit() -> None:
    """Take away memory, time and the right to write; where the system knows no such limits, the
    looks at the file before and the clock of the parent remain."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, _PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
