"""The list of a round for a spreadsheet: whole, private, and without a formula in it."""

from __future__ import annotations

import csv
import datetime as dt
import os

import pytest
import python_calamine
from sqlmodel import SQLModel
from test_registrations import ANNA, HEAD, OLEG, Office

from casedesk.assistance import rounds
from casedesk.assistance.records import Entitlement
from casedesk.cli import main
from casedesk.exchange import exporting
from casedesk.exchange.reading import read_table
from casedesk.kernel.errors import Refused


@pytest.fixture
def office(store, tmp_path):
    made = Office(store, tmp_path)
    formula = ['=HYPERLINK("x")', "1980", "", "", "2200 0003"]
    made.take(
        [*HEAD, "Сумма", "Адрес", "ФИО латиницей"],
        [*ANNA, "12000.50", "+ ул. Ленина", "IVANOVA Anna"],
        [*OLEG, "9000", "-1", ""],
        [*formula, "7000", "@cmd", ""],
        round_="September",
    )
    for act, actor in (
        (rounds.lock_round, "anna"), (rounds.approve_round, "anna"),
        (rounds.approve_round, "boris"), (rounds.start_round, "anna"),
    ):  # fmt: skip
        made.do(act, made.round, actor=actor)
    made.do(rounds.hand_over, [made.rows(Entitlement)[0].id])
    return made


def export(office, out):
    with office.store.read() as session:
        made = exporting.round_list(session, office.round, out)
    exporting.write_whole(out, made.data)
    return made.lines


def test_workbook_holds_numbers_days_and_names_in_both_scripts(office, tmp_path):
    out = tmp_path / "round.xlsx"
    assert export(office, out) == 3
    sheet = python_calamine.CalamineWorkbook.from_path(out).get_sheet_by_index(0)
    head, first, second, third = sheet.to_python()
    got = dict(zip(head, first, strict=True))
    assert (got["Name"], got["Name in Latin letters"]) == ("Иванова Анна Петровна", "Ivanova Anna")
    assert (got["Amount"], got["Received"]) == (12000.5, dt.date(2025, 9, 11))
    assert got["Collected by"] == "Иванова Анна Петровна"
    assert got["Card number"] == "22000001"
    assert got["Telephone"] == "+79161234567"
    assert dict(zip(head, second, strict=True))["Name in Latin letters"] == "Sidorov Oleg Ilich"
    assert dict(zip(head, second, strict=True))["Received"] == ""
    assert dict(zip(head, third, strict=True))["Address"] == "@cmd"
    assert sheet.name == "September"


def test_no_cell_of_a_workbook_is_a_formula_and_its_head_stays(office, tmp_path):
    import zipfile

    out = tmp_path / "round.xlsx"
    export(office, out)
    with zipfile.ZipFile(out) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in text
    assert 'ySplit="1"' in text
    assert 'state="frozen"' in text


def test_csv_cells_that_begin_like_a_formula_are_made_harmless(office, tmp_path):
    out = tmp_path / "round.csv"
    export(office, out)
    rows = list(csv.reader(out.read_text("utf-8-sig").splitlines(), delimiter=";"))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'@cmd" in cells
    assert "12000.50" in cells
    assert read_table(out).columns[:2] == ("Household", "Name")


def test_file_is_private_whole_and_takes_the_place_of_the_former(office, tmp_path):
    out = tmp_path / "round.xlsx"
    out.write_text("old")
    export(office, out)
    assert out.read_bytes().startswith(b"PK")
    if os.name == "posix":
        assert out.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".round*"))


def test_nothing_is_left_where_writing_fails(office, tmp_path, monkeypatch):
    out = tmp_path / "round.xlsx"
    out.write_text("old")

    def fail(_handle):
        raise OSError(28, "full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        export(office, out)
    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".round*"))


def test_other_kinds_of_file_are_refused(office, tmp_path):
    for name in ("round.pdf", "none/round.xlsx"):
        with pytest.raises(Refused):
            export(office, tmp_path / name)


def test_command_line_writes_the_list(office, tmp_path, capsys):
    file, out = str(office.store.path), tmp_path / "round.csv"
    words = ["export", file, "round", "--round", "September", "--out", str(out)]
    assert main(words) == 0
    assert "3 lines" in capsys.readouterr().err
    assert main(["export", file, "round", "--round", "Nowhere", "--out", str(out)]) == 3


@pytest.mark.skipif(
    "handed_out" not in SQLModel.metadata.tables, reason="the catalog has no table of copies"
)
def test_list_that_leaves_the_house_is_noted_first(office, tmp_path):
    from casedesk.reports.handed_out import HandedOut

    out = tmp_path / "round.csv"
    words = ["export", str(office.store.path), "round", "--round", "September", "--out", str(out)]
    assert main([*words, "--to", "Bank"]) == 3
    assert not out.exists()
    assert main([*words, "--to", "Bank", "--why", "Payment"]) == 0
    assert [(row.to_whom, row.why) for row in office.rows(HandedOut)] == [("Bank", "Payment")]
