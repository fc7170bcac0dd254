"""The command line as scripts use it: words, exit codes, no traceback, nothing half done."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader

from casedesk.cli import main

PERIOD = ("--from", "2025-05-01", "--to", "2025-08-31")
YEARS = {2024: "over 36,000 calls", 2025: "over 45,000 calls"}


def test_every_figure_of_the_demo_is_its_list(demo, capsys):
    file, key = str(demo.file), demo.key
    assert main(["figures", file, *PERIOD, "--json", *key]) == 0
    rows = json.loads(capsys.readouterr().out)
    printed = {row["id"]: row["printed"] for row in rows}
    assert printed["001-13"] == "over 15,000 calls"
    assert printed["001-11"] == "154,200 open cases"
    counted = [row for row in rows if row["kind"] == "counted"]
    assert {"001-13", "001-11-own", "001-12-own"} <= {row["id"] for row in counted}
    for row in counted:
        assert main(["records", file, row["id"], *PERIOD, *key]) == 0
        lines = capsys.readouterr().out.split()
        assert row["records"] == row["exact"] == len(lines)


@pytest.mark.parametrize("year", [2024, 2025])
def test_published_years_come_out_as_published(demo, capsys, year):
    file, key = str(demo.file), demo.key
    period = ("--from", f"{year}-01-01", "--to", f"{year}-12-31")
    assert main(["figures", file, *period, "--json", *key]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["002-14"]["printed"] == YEARS[year]
    if year == 2024:
        assert rows["002-12-own"]["exact"] == round(43_000 * 0.002)
        assert rows["002-08"]["printed"] == "The vast majority"


def test_sheet_is_written_in_both_languages(demo, tmp_path):
    file, key = str(demo.file), demo.key
    for lang, words in (("en", "over 15,000 calls"), ("ru", "на 15 000 звонков")):
        out = tmp_path / f"{lang}.pdf"
        given = [file, "facts-and-figures", *PERIOD, "--lang", lang, "--out", str(out)]
        assert main(["sheet", *given, *key]) == 0
        text = PdfReader(io.BytesIO(out.read_bytes())).pages[0].extract_text()
        assert words in " ".join(text.split())


def test_search_finds_across_scripts(demo, capsys):
    file, key = str(demo.file), demo.key
    assert main(["search", file, "Ivanov", "--json", *key]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert hits
    written = ("Иванов", "Ivano", "Іваноў")
    assert all(any(form in hit["name"] for form in written) for hit in hits[:3])
    assert all(hit["why"] for hit in hits[:3])


def test_batch_search_answers_each_line(demo, capsys, tmp_path):
    file, key = str(demo.file), demo.key
    queries = tmp_path / "queries"
    queries.write_text("Иванов\nSmirnova\t~38\n'%*\"\x00\n", "utf-8")
    assert main(["search", file, "--batch", str(queries), "--json", *key]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["query"] for answer in answers][:2] == ["Иванов", "Smirnova"]
    assert answers[0]["hits"]


@pytest.mark.parametrize("whose", ["one person", pytest.param("demo", marks=pytest.mark.slow)])
def test_check_backup_and_restore(request, tmp_path, whose):
    if whose == "demo":
        demo = request.getfixturevalue("demo")
        file, key = str(demo.file), demo.key
    else:
        phrase, people = tmp_path / "phrase", tmp_path / "people.csv"
        file, key = str(tmp_path / "own.cdk"), ("--passphrase-file", str(phrase))
        phrase.write_text("wooden bridge late apples\n")
        people.write_text("ref;name\n1;Иванов Пётр\n", "utf-8")
        assert main(["new", file, *key]) == 0
        assert main(["import", file, "persons", str(people), *key]) == 0
    copy, back = str(tmp_path / "copy.cdk"), str(tmp_path / "back.cdk")
    assert main(["check", file, *key]) == 0
    assert main(["backup", file, copy, *key]) == 0
    assert main(["backup", file, copy, *key]) == 3
    assert main(["restore", copy, back, *key]) == 0
    assert main(["check", back, *key]) == 0


def test_exit_codes_tell_whose_fault_it_is(demo, tmp_path, capsys, monkeypatch):
    file, key = str(demo.file), demo.key
    monkeypatch.setenv("CASEDESK_PASSPHRASE", "not the phrase")
    assert main(["check", file]) == 3
    assert "passphrase" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "missing.cdk")]) == 4
    letter = tmp_path / "letter"
    letter.write_text("Dear delegation, this is a letter.")
    assert main(["check", str(letter)]) == 4
    upside_down = ("--from", "2025-08-31", "--to", "2025-05-01")
    assert main(["figures", file, *upside_down, *key]) == 3
    assert main(["records", file, "999-99", *PERIOD, *key]) == 3
    with pytest.raises(SystemExit) as wrong:
        main(["figures", file, "--from", "31.02.2025", "--to", "x", *key])
    assert wrong.value.code == 2


def test_new_file_is_empty_and_whole(tmp_path):
    file = str(tmp_path / "new.cdk")
    assert main(["new", file, "--plain"]) == 0
    assert main(["new", file, "--plain"]) == 3
    assert main(["check", file]) == 0


def test_case_number_finds_its_person_however_it_is_spaced(demo, capsys):
    file, key = str(demo.file), demo.key
    assert main(["search", file, "2024-000 003", "--json", *key]) == 0
    hits = json.loads(capsys.readouterr().out)
    assert hits
    assert hits[0]["why"] == ["case number"]
