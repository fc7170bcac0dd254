"""Workbooks as they are sent: merged, far, rounded, packed, misnamed; each said in a sentence."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from casedesk.exchange import apart, reading, workbooks
from casedesk.exchange.reading import read_table
from casedesk.kernel import language
from casedesk.kernel.errors import NotFound, Refused


def workbook(path, fill, *more):
    """Write a workbook; each function fills one sheet."""
    book = xlsxwriter.Workbook(str(path))
    for at, write in enumerate((fill, *more)):
        write(book.add_worksheet(f"Sheet {at + 1}"), book)
    book.close()
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.xlsx"


def rows(path, *lines, **options):
    """Write plain rows into one sheet."""

    def fill(sheet, _book):
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)

    return workbook(path, fill, **options)


def refusal(source, **options):
    with pytest.raises(Refused) as told:
        read_table(source, **options)
    return str(told.value)


def test_values_come_as_a_person_would_type_them(path):
    def fill(sheet, book):
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["count", "amount", "day", "name", "yes"])
        sheet.write_row(1, 0, [66, 1000.5])
        sheet.write_datetime(1, 2, dt.datetime(2025, 3, 9), day)
        sheet.write_string(1, 3, "=1+1")
        sheet.write_boolean(1, 4, True)

    table = read_table(workbook(path, fill))
    assert table.columns == ("count", "amount", "day", "name", "yes")
    assert [row.cells for row in table.rows] == [("66", "1000.5", "2025-03-09", "=1+1", "1")]
    assert (table.rows[0].number, table.encoding, table.sheet) == (2, "XLSX", "Sheet 1")


def test_long_number_that_the_spreadsheet_rounded_is_seen_as_such(path):
    table = read_table(rows(path, ["card", "x"], [2200700112345678, 1.125]))
    assert table.rows[0].cells == ("2.20070011234568E+15", "1.1250")


def test_merged_cells_refuse_their_rows_and_name_themselves(path):
    def fill(sheet, _book):
        sheet.write_row(0, 0, ["household", "name"])
        sheet.merge_range("A2:A3", "H-1")
        sheet.write(1, 1, "Anna")
        sheet.write(2, 1, "Boris")
        sheet.write_row(3, 0, ["H-2", "Vera"])

    table = read_table(workbook(path, fill))
    assert [row.cells for row in table.rows] == [("H-2", "Vera")]
    assert [(fault.row, fault.column) for fault in table.faults] == [
        (2, "household"),
        (3, "household"),
    ]
    assert "A2:A3 are merged" in table.faults[0].reason


def test_merged_column_names_are_refused(path):
    def fill(sheet, _book):
        sheet.merge_range("A1:B1", "Name")
        sheet.write(0, 2, "Card")
        sheet.write_row(1, 0, ["a", "b", "c"])

    assert "A1:B1 in the line of the column names" in refusal(workbook(path, fill))


def test_titles_above_the_table_are_no_column_names(path):
    table = read_table(rows(path, ["List of September"], [], ["name", "card"], ["Anna", "7"]))
    assert table.columns == ("name", "card")
    assert [row.number for row in table.rows] == [4]


def test_cell_at_the_end_of_the_sheet_is_named(path):
    def fill(sheet, _book):
        sheet.write_row(0, 0, ["name", "card"])
        sheet.write(1048575, 16383, "x")

    assert "XFD1048576" in refusal(workbook(path, fill))


def test_far_cell_of_a_sheet_that_is_not_read_does_no_harm(path):
    def fill(sheet, _book):
        sheet.write_row(0, 0, ["name", "card"])
        sheet.write_row(1, 0, ["Anna", "7"])

    table = read_table(workbook(path, fill, lambda sheet, _book: sheet.write(1048575, 16383, "x")))
    assert len(table.rows) == 1
    assert table.other_sheets == ("Sheet 2",)


def test_error_value_refuses_its_row(path):
    def fill(sheet, _book):
        sheet.write_row(0, 0, ["name", "sum"])
        sheet.write(1, 0, "Anna")
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")

    table = read_table(workbook(path, fill))
    assert table.rows == ()
    assert [(f.row, f.column) for f in table.faults] == [(2, "sum")]
    assert "B2" in table.faults[0].reason


def test_doubled_column_is_refused(path):
    assert "Amount is there twice" in refusal(rows(path, ["amount", "Amount"], [5, 500]))


def test_sheet_is_chosen_by_name_and_a_wrong_name_lists_them(path):
    def one(sheet, _book):
        sheet.write_row(0, 0, ["a", "b"])

    def two(sheet, _book):
        sheet.write_row(0, 0, ["c", "d"])

    workbook(path, one, two)
    assert read_table(path, "sheet 2").columns == ("c", "d")
    assert "Sheet 1, Sheet 2" in refusal(path, sheet="other")


def test_empty_workbook_is_said_to_be_empty(path):
    assert "empty" in refusal(workbook(path, lambda _sheet, _book: None))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.xlsx", b"name,card\nAnna,7\n", "but it is none"),
        ("t.csv", b"PK\x03\x04 something", "but it is a workbook"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old workbook"),
        ("t.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 locked", "old workbook"),
        ("t.xlsx", b"PK\x03\x04 cut off", "damaged"),
    ],
)
def test_file_that_is_not_what_its_name_says(tmp_path, name, content, said):
    source = tmp_path / name
    source.write_bytes(content)
    assert said in refusal(source)


def test_other_archives_are_no_workbooks(tmp_path):
    source = tmp_path / "t.xlsx"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "no XLSX workbook" in refusal(source)


def test_damaged_part_of_a_workbook_is_said(path, tmp_path):
    rows(path, ["name", "card"], ["Anna", "7"])
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, data[: len(data) // 2] if "sheet1" in info.filename else data)
    assert "damaged" in refusal(broken)


def test_archive_that_unpacks_to_too_much_is_refused_unread(path, monkeypatch):
    rows(path, ["name", "card"], ["Anna", "7"])
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1000)
    with pytest.raises(Refused, match="unpacks to more"):
        workbooks.read_workbook(path)


def test_archive_that_says_it_is_small_is_measured_while_it_unpacks(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 5000)
    with pytest.raises(Refused, match="unpacks to more"):
        list(workbooks._blocks(io.BytesIO(b"<c>" * 3000)))


def bomb(path):
    """A sheet that is small on the disk and asks for gigabytes."""
    rows(path, ["name", "card"], ["Anna", "7"])
    packed = path.with_name("bomb.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("sheet1.xml"):
                cell = b'<row r="199999"><c r="GQ199999"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", cell)
            new.writestr(info, data)
    return packed


def test_reader_that_asks_for_too_much_memory_takes_nobody_along(path):
    assert refusal(bomb(path))


def test_reader_that_takes_too_long_is_ended(path):
    rows(path, ["name", "card"], ["Anna", "7"])
    with pytest.raises(Refused, match="takes too long"):
        apart.read_apart(path, seconds=0.0)


def test_large_text_table_is_read_apart_and_alike(tmp_path, monkeypatch):
    source = tmp_path / "t.csv"
    source.write_bytes("имя;номер\nАнна;1\nБорис\nВера;3\n".encode("cp1251"))
    here = read_table(source)
    monkeypatch.setattr(reading, "MOST_HERE", 0)
    assert read_table(source) == here
    assert (len(here.rows), len(here.faults), here.encoding) == (2, 1, "Windows-1251")


def test_sentences_of_the_child_are_in_the_language_in_use(path):
    rows(path, ["a", "a"], [1, 2])
    language.use("ru")
    russian = refusal(path)
    language.use("en")
    assert refusal(path).startswith("The column a is there twice")
    assert russian  # translated where the catalogue has it


def test_missing_table_is_said(tmp_path):
    with pytest.raises(NotFound):
        read_table(tmp_path / "none.xlsx")
