"""Sets of row numbers as one great integer each: "and" and "or" over a whole file in a blink."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_NOT_ZERO: Final = re.compile(rb"[^\0]", re.DOTALL)
_BLOCK: Final = 1024
_EMPTY: Final = bytes(_BLOCK)
_ONES: Final = tuple(
    tuple(bit for bit in range(7, -1, -1) if byte >> bit & 1) for byte in range(256)
)
_BIT: Final = tuple(1 << bit for bit in range(8))


def of_rows(parts: Iterable[Iterable[int]], size: int) -> int:
    """The set of all rows in some lists; every row is below `size`."""
    marks = bytearray(size // 8 + 1)
    bit = _BIT
    for rows in parts:
        for row in rows:
            marks[row >> 3] |= bit[row & 7]
    return int.from_bytes(marks, "little")


def as_marks(bits: int) -> bytes:
    """The same set as bytes, in which a single row can be looked up."""
    return bits.to_bytes((bits.bit_length() + 7) // 8 or 1, "little")


def rows_of(bits: int) -> Iterator[int]:
    """The rows of a set, greatest first."""
    marks = as_marks(bits)
    end = len(marks)
    while end > 0:
        start = max(0, end - _BLOCK)
        if marks[start:end] == _EMPTY[: end - start]:  # most blocks are: this is the quick way past
            end = start
            continue
        found = [match.start() for match in _NOT_ZERO.finditer(marks, start, end)]
        for at in reversed(found):
            base = at << 3
            for bit in _ONES[marks[at]]:
                yield base + bit
        end = start
