"""A table that somebody sent is read as it was written, and what is broken in it is named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.exchange import reading
from casedesk.exchange.reading import read_table, table_of
from casedesk.kernel.errors import NotFound, Refused

ROWS = "Имя;Город\nАнна Иванова;Курск\nПётр Ёлкин;Ростов-на-Дону\n"


@pytest.mark.parametrize(
    ("codec", "mark", "named"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("cp1251", b"", "Windows-1251"),
    ],
)
def test_encoding_is_recognised_and_told(codec, mark, named):
    table = table_of(mark + ROWS.encode(codec))
    assert table.encoding == named
    assert table.columns == ("Имя", "Город")
    assert [row.cells for row in table.rows] == [
        ("Анна Иванова", "Курск"),
        ("Пётр Ёлкин", "Ростов-на-Дону"),
    ]


def test_unmarked_utf16_of_latin_letters_is_recognised():
    assert table_of("name;place\nAnna;Kursk\n".encode("utf-16-le")).encoding == "UTF-16"


@pytest.mark.parametrize(
    "raw",
    [
        ROWS.encode("koi8-r"),
        ROWS.encode("cp866"),
        "name;place\nJosé Müller;Bogotá\nZoë Núñez;Málaga\n".encode("latin-1"),
    ],
    ids=["koi8-r", "dos", "western"],
)
def test_encoding_that_only_looks_like_windows_1251_is_refused(raw):
    with pytest.raises(Refused, match="UTF-8"):
        table_of(raw)


def test_one_broken_letter_spoils_its_row_alone():
    raw = ROWS.encode().replace("Анна".encode(), "Анна".encode() + b"\xff")
    table = table_of(raw)
    assert [row.number for row in table.rows] == [3]
    assert [(fault.row, fault.column) for fault in table.faults] == [(2, "Имя")]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_separator_is_recognised(separator):
    table = table_of(ROWS.replace(";", separator).encode())
    assert table.separator == separator
    assert len(table.rows) == 2


def test_separator_that_the_table_names_itself_is_taken():
    table = table_of(b"sep=|\r\nname|place\r\nAnna|Kursk, Orel; Tula\r\n")
    assert table.rows[0].cells == ("Anna", "Kursk, Orel; Tula")
    assert table.rows[0].number == 3


def test_quoted_cells_hold_separators_quotes_and_lines():
    table = table_of(b'name;place\n"Anna ""Anya"" Ivanova";"Kursk;\nOrel"\nPetr;Tula\n')
    assert table.rows[0].cells == ('Anna "Anya" Ivanova', "Kursk;\nOrel")
    assert [row.number for row in table.rows] == [2, 3]
    assert table.faults == ()


def test_quotation_mark_inside_a_word_is_a_letter():
    table = table_of('name;place\nООО "Ромашка" и Ко;5" pipe\n'.encode())
    assert table.rows[0].cells == ('ООО "Ромашка" и Ко', '5" pipe')


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("Anna", "place", "1 cells"),
        ("Anna;Kursk;Tula", "", "3 cells"),
        ("An\x00na;Kursk", "name", "zero byte"),
        ('Anna;"Kursk', "place", "not closed"),
        ('"Anna" the first;Kursk', "name", "after a closing"),
        ("Anna;" + "x" * 30_001, "place", "longer than 30000"),
    ],
    ids=["too few", "too many", "zero byte", "open quote", "text after quote", "long"],
)
def test_broken_row_is_named_and_the_others_are_read(line, column, reason):
    table = table_of(f"name;place\nPetr;Tula\n{line}\nOlga;Orel\n".encode())
    assert [row.cells for row in table.rows] == [("Petr", "Tula"), ("Olga", "Orel")]
    (fault,) = table.faults
    assert (fault.row, fault.column) == (3, column)
    assert reason in fault.reason


def test_blank_rows_are_passed_over_and_keep_their_numbers():
    table = table_of(b"name;place\n\n;\nAnna;Kursk;;\n\n")
    assert [(row.number, row.cells) for row in table.rows] == [(4, ("Anna", "Kursk"))]
    assert table.faults == ()


def test_doubled_column_is_refused_by_name():
    with pytest.raises(Refused, match="amount"):
        table_of(b"name;Amount;amount \nAnna;5;500\n")


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf", b"PK\x03\x04rest", b"%PDF-1.7"])
def test_what_is_no_table_is_refused(raw):
    with pytest.raises(Refused):
        table_of(raw)


def test_missing_large_and_long_tables_are_refused(tmp_path, monkeypatch):
    with pytest.raises(NotFound):
        read_table(tmp_path / "missing.csv")
    with pytest.raises(Refused):
        read_table(tmp_path)
    source = tmp_path / "t.csv"
    source.write_bytes(b"name\n" + b"Anna\n" * 40)
    monkeypatch.setattr(reading, "MOST_ROWS", 30)
    with pytest.raises(Refused, match="30 rows"):
        read_table(source)
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(Refused, match="larger"):
        read_table(source)


def test_formula_stays_text():
    table = table_of(b'name;place\n"=1+1";"=cmd|\' /C calc\'!A0"\n')
    assert table.rows[0].cells == ("=1+1", "=cmd|' /C calc'!A0")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text('ab";,\t\n\r\x00Ж', max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(raw):
    try:
        table = table_of(raw)
    except Refused:
        return
    for row in table.rows:
        assert len(row.cells) == len(table.columns)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\x00"))] * 3),
        max_size=8,
    )
)
def test_what_a_spreadsheet_writes_is_what_is_read(rows):
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(["one", "two", "three"])
    writer.writerows(rows)
    table = table_of(text.getvalue().encode())
    assert [row.cells for row in table.rows] == [
        row for row in rows if any(cell.strip() for cell in row)
    ]
