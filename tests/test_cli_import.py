"""Import, doctor, restore and the start of the desktop, as a script or a person types them."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from casedesk import catalog, doctor
from casedesk.assistance import rules
from casedesk.assistance.records import Modality, ProgrammeDraft
from casedesk.cli import main
from casedesk.kernel import clock
from casedesk.kernel.settings import change_setting

TABLE = "ref;ФИО;Пол;Дата рождения;Цвет\n1;Иванов Пётр;м;1987;red\n2;;ж;;\n3;Анна;ж;31.02.1990;\n"


@pytest.fixture
def file(template, tmp_path):
    """Give an empty plain file."""
    return str(shutil.copy(template, tmp_path / "d.cdk"))


@pytest.fixture
def table(tmp_path):
    """Write a table as a Russian spreadsheet does."""
    source = tmp_path / "table.csv"
    source.write_bytes(TABLE.encode("cp1251"))
    return str(source)


def names(file, capsys, text="Petr Ivanov"):
    """Search, as the next command a person would type."""
    assert main(["search", file, text, "--json"]) == 0
    return [hit["external_ref"] for hit in json.loads(capsys.readouterr().out)]


def test_import_tells_what_became_of_every_row(file, table, capsys):
    assert main(["import", file, "persons", table, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["accepted"], told["encoding"]) == (3, 1, "Windows-1251")
    assert [(row["row"], row["column"]) for row in told["refused"]] == [
        (3, "ФИО"),
        (4, "Дата рождения"),
    ]
    assert all(row["reason"] for row in told["refused"])
    assert told["unknown_columns"] == ["Цвет"]
    assert names(file, capsys) == ["1"]
    assert main(["check", file]) == 0


def test_dry_run_changes_nothing(file, table, capsys):
    assert main(["import", file, "cases", table, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "Row 4, column Дата рождения:" in said
    assert "1 row of 3 can be taken in." in said
    assert names(file, capsys) == []


def test_second_import_of_the_same_table_takes_nothing(file, table, capsys):
    assert main(["import", file, "persons", table]) == 0
    capsys.readouterr()
    assert main(["import", file, "persons", table]) == 3
    assert "already" in capsys.readouterr().out
    assert names(file, capsys) == ["1"]


def test_mapping_is_read_from_a_file(file, tmp_path, capsys):
    source, mapping = tmp_path / "t.csv", tmp_path / "m.json"
    source.write_text("who,key\nИванов Пётр,7\n", "utf-8")
    mapping.write_text('{"who": "full_name", "key": "external_ref"}', "utf-8")
    assert main(["import", file, "persons", str(source)]) == 3
    assert main(["import", file, "persons", str(source), "--mapping", str(mapping)]) == 0
    capsys.readouterr()
    assert names(file, capsys) == ["7"]
    mapping.write_text("who=full_name", "utf-8")
    assert main(["import", file, "persons", str(source), "--mapping", str(mapping)]) == 3
    assert main(["import", file, "persons", str(source), "--mapping", "missing"]) == 3


def test_kind_that_cannot_be_imported_says_which_can(file, table, capsys):
    assert main(["import", file, "messages", table]) == 3
    assert "Persons, cases" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        main(["import", file, "horses", table])
    assert wrong.value.code == 2


def test_messages_follow_the_language(file, capsys, monkeypatch):
    from casedesk import cli
    from casedesk.kernel import language

    spoken = []
    monkeypatch.setattr(cli, "use", spoken.append)
    monkeypatch.setenv("CASEDESK_LANG", "ru_RU.UTF-8")
    main(["check", file])
    main(["check", file, "--lang", "en"])
    main(["check", file, "--lang=ru"])
    monkeypatch.setenv("CASEDESK_LANG", "tlh")
    main(["check", file])
    assert spoken == ["ru", "en", "ru", "en"]
    assert language.current() == "en"


def test_restore_asks_before_it_replaces_a_file_and_keeps_it(file, table, tmp_path, capsys):
    copy = str(tmp_path / "copy.cdk")
    assert main(["backup", file, copy]) == 0
    assert main(["import", file, "persons", table]) == 0
    assert main(["restore", copy, file]) == 3
    assert "--yes" in capsys.readouterr().err
    assert names(file, capsys) == ["1"]
    assert main(["restore", copy, file, "--yes"]) == 0
    capsys.readouterr()
    assert names(file, capsys) == []
    assert main(["check", file]) == 0
    capsys.readouterr()
    assert names(file + ".before-restore", capsys) == ["1"]
    assert main(["restore", copy, copy, "--yes"]) == 3


@pytest.mark.parametrize(("answer", "code"), [("n", 3), ("", 3), ("y", 0), ("да", 0)])
def test_restore_takes_the_answer_of_a_person(file, tmp_path, monkeypatch, answer, code):
    copy = str(tmp_path / "copy.cdk")
    assert main(["backup", file, copy]) == 0
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    assert main(["restore", copy, file]) == code


def test_damaged_backup_never_takes_the_place_of_a_file(file, tmp_path, capsys):
    copy = tmp_path / "copy.cdk"
    assert main(["backup", file, str(copy)]) == 0
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    before = Path(file).read_bytes()
    assert main(["restore", str(copy), file, "--yes"]) == 4
    assert Path(file).read_bytes() == before
    assert main(["check", file]) == 0


def test_doctor_says_nothing_is_missing_on_a_whole_computer(capsys, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(doctor, "missing_libraries", lambda **_: [])
    monkeypatch.setattr(doctor, "ROOM", 1)
    code = main(["doctor", "--json"])
    found = {row["key"]: row for row in json.loads(capsys.readouterr().out)["found"]}
    assert [key for key, row in found.items() if row["mend"]] == []
    assert code == 0
    assert {"python", "qt", "sqlcipher", "sqlite", "files", "icons", "platform"} <= set(found)
    assert {"display", "home", "room", "clock"} <= set(found)
    assert found["platform"]["value"] == "offscreen"


def test_doctor_names_what_is_missing_and_what_mends_it(capsys, monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(doctor, "resource", lambda name: tmp_path / name)
    monkeypatch.setattr(doctor, "missing_libraries", lambda **_: ["libxcb-cursor.so.0"])
    monkeypatch.setattr(doctor, "ROOM", 10**18)
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (9, 9))
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert "fonts/PTS55F.ttf" in said
    assert "sudo apt-get install libxcb-cursor0" in said
    assert "Make room" in said
    assert "sudo apt-get install python3" in said
    assert "ssh -X" in said


def test_window_without_a_screen_is_refused_in_a_sentence(tmp_path):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    for words in ([], [str(tmp_path)]):
        done = subprocess.run(
            [sys.executable, "-m", "casedesk", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 4
        assert "no screen" in done.stderr
        assert "Traceback" not in done.stderr


def test_screen_that_is_switched_off_is_none(monkeypatch):
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":4711")
    assert doctor.display() == ""
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    assert doctor.display() == "localhost:10.0"


def test_mistyped_command_is_wrong_usage_and_no_file(capsys):
    with pytest.raises(SystemExit) as wrong:
        main(["serch"])
    assert wrong.value.code == 2
    assert main(["missing.cdk"]) == 4


def test_reader_that_stops_early_gets_no_complaint(file, tmp_path):
    source = tmp_path / "t.csv"
    source.write_text("name\n" + "a\x07b\n" * 5_000, "utf-8")
    words = [sys.executable, "-m", "casedesk", "import", file, "persons", str(source), "--dry-run"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert said == b""


def test_registrations_come_into_an_illustrative_file_on_the_day_it_lives(
    file, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(clock, "_frozen", None)  # the file has a day of its own
    values = {"name": "Cash 2023", "modality": Modality.CASH, "starts_on": dt.date(2023, 1, 1)}
    ended = ProgrammeDraft.checked({**values, "ends_on": dt.date(2023, 12, 31)})
    with catalog.open_store(Path(file), None) as store:
        store.write(rules.add_programme, ended, actor="t")
    source = tmp_path / "list.csv"
    source.write_text("full_name,card\nКоваль Ганна Петровна,40000001\n", encoding="utf-8")
    arguments = ["import", file, "registrations", str(source), "--programme", "Cash 2023"]
    assert main(arguments) == 3
    assert "The programme has ended." in capsys.readouterr().out
    with catalog.open_store(Path(file), None) as store:
        store.write(change_setting, "trial_day", "2023-12-31", actor="t")
    assert main(arguments) == 0
    assert "1 row of 1 taken in." in capsys.readouterr().out
    assert clock.today().year > 2023
