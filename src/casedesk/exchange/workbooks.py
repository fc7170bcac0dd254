"""Read one sheet of an XLSX workbook as a table of texts; runs in the child process of `apart`.

What the reader would do with a workbook made to do harm is not relied on: sizes and far cells are
looked for first. Nothing is guessed where the sheet does not say it: merged cells, error values
and numbers that the spreadsheet has rounded are told with their row.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from casedesk.exchange.reading import (
    MOST_COLUMNS,
    MOST_ROWS,
    Fault,
    Row,
    Table,
    at_column,
    checked_row,
    column_names,
)
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _

MOST_UNPACKED = 300 * 1024 * 1024
MOST_PARTS = 2_000
MOST_CELLS = 3_000_000
_TITLE_LINES = 20
_CHUNK = 1 << 20
_EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number; the others are noughts."""
_CELL = rb"<(?:\w+:)?c\s[^>]*?\b"
# Only references that may lie outside the table are looked at closely.
_FAR = re.compile(_CELL + rb'r="([A-Z]{2,4}[0-9]{1,8}|[A-Z][0-9]{6,8})"[^>]*(?<!/)>')
_ERROR = re.compile(_CELL + rb't="e"[^>]*>')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,4})([0-9]{1,8})"')


def read_workbook(source: Path, sheet: str = "") -> Table:
    """Read the sheet of a name, or the first visible one that holds anything."""
    parts = _parts(source)
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(source)
        names = list(book.sheet_names)
        hidden = {
            meta.name
            for meta in book.sheets_metadata
            if meta.visible is not python_calamine.SheetVisibleEnum.Visible
        }
    except (python_calamine.CalamineError, OSError):
        raise Refused(_damaged()) from None
    chosen = _asked(names, sheet)
    shown = sorted(chosen, key=lambda name: name in hidden)
    filled = []
    for name in shown:
        far, errors = _looked_through(source, parts, names.index(name))
        if far:
            raise Refused(
                _("Cell {cell} of the sheet {sheet} lies far outside the table. Delete it.").format(
                    cell=far, sheet=name
                )
            )
        try:
            opened = book.get_sheet_by_name(name)
        except python_calamine.CalamineError:
            raise Refused(_damaged()) from None
        if opened.start is not None:
            filled.append((name, opened, errors))
            break
    if not filled:
        raise Refused(_("The table is empty. Its first line has to name the columns."))
    name, opened, errors = filled[0]
    others = tuple(other for other in shown if other != name and other not in hidden)
    return _table(opened, errors, name, others)


def _damaged() -> str:
    return _("The workbook is damaged, or no XLSX workbook. Open it and save it as XLSX again.")


def _asked(names: list[str], sheet: str) -> list[str]:
    if not sheet:
        return names
    wanted = [name for name in names if name.strip().casefold() == sheet.strip().casefold()]
    if not wanted:
        raise Refused(
            _("The workbook has no sheet {name}. It has: {names}").format(
                name=sheet, names=", ".join(names[:20])
            )
        )
    return wanted


def _parts(source: Path) -> list[str]:
    """Check what the archive says of itself; give the part of each sheet, in their order."""
    try:
        with zipfile.ZipFile(source) as archive:
            infos = archive.infolist()
            sizes = {info.filename: info.file_size for info in infos}
            if len(infos) > MOST_PARTS or sum(sizes.values()) > MOST_UNPACKED:
                raise Refused(_too_large())
            if "xl/workbook.xml" not in sizes:
                raise Refused(
                    _("This is an archive, but no XLSX workbook. Save the table as XLSX or CSV.")
                )
            book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
            links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError):
        raise Refused(_damaged()) from None
    targets = {}
    for link in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", links):
        named = dict(re.findall(r'\b(Id|Target)="([^"]*)"', link))
        target = html.unescape(named.get("Target", "")).lstrip("/")
        targets[named.get("Id", "")] = target if target.startswith("xl/") else f"xl/{target}"
    ids = [
        found[1] if (found := re.search(r'\b\w+:id="([^"]*)"', item)) else ""
        for item in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", book)
    ]
    return [targets.get(key, "") for key in ids]


def _too_large() -> str:
    return _("The workbook unpacks to more than {count} MB. Split it and import the parts.").format(
        count=MOST_UNPACKED // 1024**2
    )


def _looked_through(
    source: Path, parts: list[str], at: int
) -> tuple[str, frozenset[tuple[int, int]]]:
    """Look for cells far outside, and for cells that hold an error; places count from 0."""
    errors: set[tuple[int, int]] = set()
    part = parts[at] if at < len(parts) else ""
    try:
        with zipfile.ZipFile(source) as archive:
            if part not in archive.namelist():
                return "", frozenset()
            with archive.open(part) as stream:
                for block in _blocks(stream):
                    for found in _FAR.finditer(block):
                        column, row = _place(found[0])
                        if column >= MOST_COLUMNS or row >= MOST_ROWS:
                            return found[1].decode(), frozenset()
                    for found in _ERROR.finditer(block):
                        column, row = _place(found[0])
                        errors.add((row, column))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise Refused(_damaged()) from None
    return "", frozenset(errors)


def _blocks(stream: Any) -> Iterator[bytes]:
    """Give the text of a part in blocks that end with a whole tag."""
    rest, size = b"", 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > MOST_UNPACKED:
            raise Refused(_too_large())
        whole, mark, tail = (rest + chunk).rpartition(b">")
        yield whole + mark
        rest = tail[-_CHUNK:]


def _place(tag: bytes) -> tuple[int, int]:
    found = _REFERENCE.search(tag)
    if found is None:
        return 0, 0
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - 64
    return column - 1, int(found[2]) - 1


def _name_of(column: int) -> str:
    name, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(65 + letter) + name
    return name


def _range(merged: Any) -> str:
    (top, left), (bottom, right) = merged
    return f"{_name_of(left)}{top + 1}:{_name_of(right)}{bottom + 1}"


def _table(
    sheet: Any, errors: frozenset[tuple[int, int]], name: str, others: tuple[str, ...]
) -> Table:
    (top, left), (bottom, right) = sheet.start, sheet.end
    if (bottom - top + 1) * (right - left + 1) > MOST_CELLS or bottom >= MOST_ROWS:
        raise Refused(
            _("The table has more than {count} rows. Split it and import the parts.").format(
                count=min(MOST_ROWS, MOST_CELLS // (right - left + 1))
            )
        )
    grid: list[list[Any]] = sheet.to_python(skip_empty_area=True)
    head = _head(grid)
    merged = list(sheet.merged_cell_ranges or ())
    for item in merged:
        if item[0][0] <= top + head <= item[1][0] and item[0][1] != item[1][1]:
            raise Refused(
                _(
                    "The cells {cells} in the line of the column names are merged. Part them."
                ).format(cells=_range(item))
            )
    columns = column_names([_text(value) for value in grid[head]])
    joined = {
        row: item
        for item in merged
        if item[0][1] - left < len(columns)
        for row in range(item[0][0], min(item[1][0], bottom) + 1)
    }
    broken = dict(sorted(errors, reverse=True))
    rows: list[Row] = []
    faults: list[Fault] = []
    for at, values in enumerate(grid[head + 1 :], start=top + head + 1):
        number = at + 1
        cells = [_text(value) for value in values]
        if at in joined:
            reason = _("The cells {cells} are merged. Part them, and give each row its own value.")
            title = at_column(columns, joined[at][0][1] - left)
            faults.append(Fault(number, title, reason.format(cells=_range(joined[at]))))
        elif at in broken and broken[at] - left < len(columns):
            reason = _("The cell {cell} holds an error of the spreadsheet. Write its value.")
            title = at_column(columns, broken[at] - left)
            cell = f"{_name_of(broken[at])}{number}"
            faults.append(Fault(number, title, reason.format(cell=cell)))
        elif any(cell.strip() for cell in cells):
            row, fault = checked_row(columns, number, cells)
            if fault:
                faults.append(fault)
            else:
                rows.append(row)
    return Table(columns, tuple(rows), tuple(faults), "XLSX", "", name, others)


def _head(grid: list[list[Any]]) -> int:
    """Find the line of the column names: below titles, which fill one cell of their line."""
    for at, values in enumerate(grid[:_TITLE_LINES]):
        if sum(1 for value in values if value not in ("", None)) > 1:
            return at
    return 0


def _text(value: Any) -> str:
    """Write a value as a person would type it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, (int, float)):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    if value != value or abs(value) >= _EXACT:
        return f"{value:.14E}"  # as the spreadsheet shows it; who needs every digit refuses it
    if value == int(value):
        return str(int(value))
    text = f"{value:.15g}"
    # 1.125 is a number here, and no thousand with a full stop in it.
    return f"{text}0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", text) else text
