"""Take out of a library of Linux the folder in which its builder kept other libraries.

A Python that was built by hand notes its own folder (RUNPATH) in itself and in its modules. On
another computer it means nothing, or worse: whoever may write there decides what is loaded.
"""

from __future__ import annotations

import struct
from pathlib import Path

DYNAMIC, LOAD = 2, 1
END, STRINGS, RPATH, RUNPATH = 0, 5, 15, 29
ENTRY = struct.Struct("<qQ")


def forget(path: Path) -> str:
    """Remove an absolute RPATH or RUNPATH; gives what was removed, or nothing."""
    data = bytearray(path.read_bytes())
    if data[:6] != b"\x7fELF\x02\x01":  # 64 bits, the low byte first
        return ""
    headers = _headers(data)
    dynamic = next(((place, size) for kind, place, _at, size in headers if kind == DYNAMIC), None)
    if dynamic is None:
        return ""
    place, size = dynamic
    entries = []
    for start in range(place, place + size, ENTRY.size):
        entries.append(ENTRY.unpack_from(data, start))
        if entries[-1][0] == END:
            break
    table = next(value for tag, value in entries if tag == STRINGS)
    strings = next(table - at + place for kind, place, at, size in headers
                   if kind == LOAD and at <= table < at + size)  # fmt: skip
    removed, kept = "", []
    for tag, value in entries:
        start = strings + value
        if tag in (RPATH, RUNPATH) and data[start : start + 1] == b"/":
            end = data.index(b"\0", start)
            removed = data[start:end].decode()
            data[start:end] = bytes(end - start)
        else:
            kept.append((tag, value))
    if removed:
        kept += [(END, 0)] * (len(entries) - len(kept))
        data[place : place + ENTRY.size * len(kept)] = b"".join(ENTRY.pack(*row) for row in kept)
        path.write_bytes(data)
    return removed


def _headers(data: bytes) -> list[tuple[int, int, int, int]]:
    """List the parts of a library: kind, place in the file, place in memory, size in the file."""
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    found = []
    for number in range(count):
        kind, _flags, place, at, _physical, length = struct.unpack_from(
            "<IIQQQQ", data, table + number * size
        )
        found.append((kind, place, at, length))
    return found
