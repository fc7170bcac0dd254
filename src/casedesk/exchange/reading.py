"""Read a table that somebody sent: its encoding, its separator, and what is broken in it.

Nothing is guessed in silence: the encoding and the separator that were recognised are told, and a
row that cannot be read is told with its number, its column and the reason. A cell is text and
stays text: nothing in it is ever computed. Workbooks and large tables are read by `apart`, in a
process of their own. Row numbers are those of a spreadsheet, where the line
of the column names is row 1.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from casedesk.kernel.errors import NotFound, ReadOnly, Refused
from casedesk.kernel.language import _

MOST_BYTES = 50 * 1024 * 1024
MOST_HERE = 2 * 1024 * 1024
"""Larger text tables are read in a process of their own."""
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 30_000
_SEPARATORS = (";", ",", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')
_BROKEN = re.compile("[\ud800-\udfff]")
_USUAL_1251 = frozenset("–—‘’“”„«»№…•°§·\u00a0")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row, or a cell of it, is not taken; `column` is empty where it is the whole row."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row that could be read: its number in the table, and its cells in column order."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as it was read; every row is either in `rows` or in `faults`, blank ones in none."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    encoding: str
    separator: str
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    """Sheets of a workbook that were not read."""


def read_table(source: Path, sheet: str = "", *, stop: Callable[[], bool] | None = None) -> Table:
    """Read a whole table; refuse a file that is none, too large, or has a column twice.

    Of a workbook, the sheet of this name is read, else the first that holds anything. `stop`
    tells whether nobody wants the table any more.
    """
    from casedesk.exchange.apart import read_apart

    if is_workbook(source) or source.stat().st_size > MOST_HERE:
        return read_apart(source, sheet, stop=stop)
    return read_text_table(source)


def read_text_table(source: Path) -> Table:
    """Read a whole CSV table in this process."""
    return table_of(_bytes(source))


def is_workbook(source: Path) -> bool:
    """Tell a workbook from text by what is in the file; refuse where its name says otherwise."""
    try:
        with source.open("rb") as file:
            head = file.read(8)
    except OSError:
        _bytes(source)  # says what is wrong
        raise
    named = source.suffix.casefold() in (".xlsx", ".xlsm")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("This is an old workbook (XLS), or one with a password. Save it as XLSX without one.")
        )
    packed = head.startswith(b"PK\x03\x04")
    if named and not packed:
        raise Refused(
            _("The name says that this is a workbook, but it is none. Is it a CSV table?")
        )
    if packed and source.suffix.casefold() in (".csv", ".txt", ".tsv"):
        raise Refused(
            _("The name says that this is a CSV table, but it is a workbook. Name it .xlsx.")
        )
    return packed


def table_of(raw: bytes) -> Table:
    """Read a table from bytes that are in memory already."""
    text, encoding = _decoded(raw)
    if not text.strip():
        raise Refused(_("The table is empty. Its first line has to name the columns."))
    first = 1
    separator = _separator(text)
    if said := re.match(r"sep=(.)\r?\n", text):  # spreadsheets write this line for themselves
        separator, text, first = said[1], text[said.end() :], 2
    records = _records(text, separator, first)
    columns = _columns(next(records, None))
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells, reason in records:
        if number > MOST_ROWS:
            raise Refused(
                _("The table has more than {count} rows. Split it and import the parts.").format(
                    count=MOST_ROWS
                )
            )
        if reason:
            faults.append(Fault(number, at_column(columns, len(cells)), reason))
        elif any(cell.strip() for cell in cells):
            row, fault = checked_row(columns, number, cells)
            if fault:
                faults.append(fault)
            else:
                rows.append(row)
    return Table(columns, tuple(rows), tuple(faults), encoding, separator)


def _bytes(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(_("There is no table here. Check the name and the folder.")) from None
    except IsADirectoryError:
        raise Refused(_("This is a folder, not a table.")) from None
    except OSError:
        raise ReadOnly(_("This table cannot be read. Ask who owns it for the right.")) from None
    if len(raw) > MOST_BYTES:
        raise Refused(
            _("The table is larger than {count} MB. Split it and import the parts.").format(
                count=MOST_BYTES // 1024**2
            )
        )
    return raw


def _decoded(raw: bytes) -> tuple[str, str]:
    """Decode, and tell the name of the encoding; refuse rather than read names wrongly."""
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise Refused(
            _("This is not a CSV table. Open it in a spreadsheet and save it as CSV (UTF-8).")
        )
    try:
        for mark, codec, name in _MARKS:
            if raw.startswith(mark):
                return raw.decode(codec), name
        head = raw[:4096]
        if head.count(0) > len(head) // 4:  # every second byte of unmarked UTF-16 is often zero
            little = head[1::2].count(0) >= head[::2].count(0)
            return raw.decode("utf-16-le" if little else "utf-16-be"), "UTF-16"
    except UnicodeError:
        raise Refused(_unreadable()) from None
    text = raw.decode("utf-8", "surrogateescape")
    broken = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    # Broken bytes among whole letters spoil their rows, and not the table; in other encodings
    # hardly two bytes in a row look like a letter of UTF-8.
    if broken <= sum(1 for c in text if "\x7f" < c < "\udc80"):
        return text, "UTF-8"
    try:
        text = raw.decode("cp1251")
    except UnicodeError:
        raise Refused(_unreadable()) from None
    if not _looks_russian(text):
        raise Refused(_unreadable())
    return text, "Windows-1251"


def _unreadable() -> str:
    return _("The encoding of this table is not recognised. Save it as CSV (UTF-8) and try again.")


def _looks_russian(text: str) -> bool:
    """Tell Windows-1251 from the other encodings with one byte a letter: those read as nonsense.

    KOI8-R comes out with small and capital letters exchanged, DOS text with rare signs, western
    text with a Cyrillic letter inside Latin words.
    """
    sample = text[:200_000]
    high = [c for c in sample if ord(c) > 127]
    usual = sum(1 for c in high if "А" <= c <= "я" or c in "ЁёІіЇїЄєҐґЎў" or c in _USUAL_1251)
    if usual < 0.9 * len(high):
        return False
    words = [w for w in re.findall(r"[^\W\d_]{2,}", sample) if re.search("[А-яЁё]", w)]
    mixed = sum(1 for w in words if re.search("[A-Za-z]", w))
    exchanged = sum(1 for w in words if w[0].islower() and w[1:].isupper())
    return mixed + exchanged <= 0.1 * len(words)


def _separator(text: str) -> str:
    """Take the separator that parts the most column names in the first line."""
    line = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    return max(_SEPARATORS, key=line.count)


def _records(text: str, separator: str, first: int) -> Iterator[tuple[int, list[str], str]]:
    """Give number, cells and fault of one record after another.

    After a broken one, reading goes on with the next line: one wrong quote spoils one row, and
    not all that follow.
    """
    plain = re.compile(rf"[^{re.escape(separator)}\r\n]*+")
    place, number, end = 0, first, len(text)
    while place < end:
        start, cells, reason = place, list[str](), ""
        while True:
            if text.startswith('"', place):
                match = _QUOTED.match(text, place, place + 2 * LONGEST_CELL)
                if match is None:
                    reason = _("A quotation mark opens here and is not closed.")
                    break
                cell = match[1].replace('""', '"')
                after = match.end()
                if after < end and text[after] not in (separator, "\r", "\n"):
                    reason = _("There is text after a closing quotation mark.")
                    break
            else:
                found = plain.match(text, place)
                after = found.end() if found else place
                cell = text[place:after]
            cells.append(cell)
            place = after
            if place < end and text[place] == separator and len(cells) <= MOST_COLUMNS:
                place += 1
                continue
            break
        if reason or len(cells) > MOST_COLUMNS:
            line_end = re.compile(r"[\r\n]").search(text, start)
            place = line_end.start() if line_end else end
        if text.startswith("\r\n", place):
            place += 2
        elif place < end:
            place += 1
        yield number, cells, reason
        number += 1


def _columns(record: tuple[int, list[str], str] | None) -> tuple[str, ...]:
    if record is None or record[2]:
        raise Refused(_("The line of the column names cannot be read: a quotation mark is open."))
    return column_names(record[1])


def column_names(cells: list[str]) -> tuple[str, ...]:
    """Give the names of the columns; refuse a table without, or with one of them twice."""
    names = [" ".join(cell.replace("\x00", "").split()) for cell in cells]
    while names and not names[-1]:
        names.pop()  # a separator at the end of the line names no column
    if len(names) > MOST_COLUMNS:
        raise Refused(_("The table has more than {count} columns.").format(count=MOST_COLUMNS))
    if not names:
        raise Refused(_("The table is empty. Its first line has to name the columns."))
    seen: set[str] = set()
    for name in names:
        key = name.casefold()
        if key and key in seen:
            raise Refused(
                _("The column {name} is there twice. Remove one of the two.").format(name=name)
            )
        seen.add(key)
    return tuple(names)


def at_column(columns: tuple[str, ...], index: int) -> str:
    """Give the name of a column; empty past the last one."""
    return columns[index] if index < len(columns) else ""


def checked_row(
    columns: tuple[str, ...], number: int, cells: list[str]
) -> tuple[Row, Fault | None]:
    """Hold a row against the columns; empty cells past the last column are no fault."""
    row = Row(number, tuple(cells[: len(columns)]))
    if any(cell.strip() for cell in cells[len(columns) :]):
        reason = _("The row has {there} cells, but there are {wanted} columns.")
        return row, Fault(number, "", reason.format(there=len(cells), wanted=len(columns)))
    if len(cells) < len(columns):
        reason = _("The row has {there} cells, but there are {wanted} columns.")
        return row, Fault(
            number, columns[len(cells)], reason.format(there=len(cells), wanted=len(columns))
        )
    for name, cell in zip(columns, cells, strict=False):
        if _BROKEN.search(cell):
            return row, Fault(number, name, _("The cell holds a letter whose bytes are broken."))
        if "\x00" in cell:
            return row, Fault(number, name, _("The cell holds a zero byte. Type it again."))
        if len(cell) > LONGEST_CELL:
            return row, Fault(
                number,
                name,
                _("The cell is longer than {count} characters.").format(count=LONGEST_CELL),
            )
    return row, None
