"""Whatever is wrong with the file, the disk or the words: a sentence, an exit code, no harm."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from casedesk.cli import main
from casedesk.kernel import vault

PHRASE = "wooden bridge late apples"
PERIOD = ("--from", "2025-05-01", "--to", "2025-08-31")
BIG = "ref;name\n" + "".join(f"{i};Иванов{i} Пётр\n" for i in range(2000))
OUTSIDE = """
import contextlib, io, json, sys
from casedesk.cli import main
told = []
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(None):
        code = main(words)
    told.append((code, said.getvalue()))
print(json.dumps(told))
"""
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
from casedesk.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    """Make one encrypted file with a person: a command costs more than a copy."""
    folder = tmp_path_factory.mktemp("encrypted")
    (folder / "phrase").write_text(PHRASE)
    (folder / "people.csv").write_text("ref;name\n1;Иванов Пётр\n", "utf-8")
    file, key = str(folder / "d.cdk"), ("--passphrase-file", str(folder / "phrase"))
    assert main(["new", file, *key]) == 0
    assert main(["import", file, "persons", str(folder / "people.csv"), *key]) == 0
    return Path(file), key


@pytest.fixture
def plain(template, tmp_path):
    """Give an empty plain file."""
    return Path(shutil.copy(template, tmp_path / "p.cdk"))


@pytest.fixture
def people(tmp_path):
    """Write a table of one person."""
    source = tmp_path / "people.csv"
    source.write_text("ref;name\n1;Иванов Пётр\n", "utf-8")
    return str(source)


def outside(*commands: list[str], **options) -> list[tuple[int, str]]:
    """Run commands in a process of their own; give the code and the complaint of each."""
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE, json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
        **options,
    )
    return [(code, said) for code, said in json.loads(done.stdout)]


def said(capsys, code, wanted, *words, sentence) -> None:
    """Run a command; hold its exit code and its sentence against what is wanted."""
    assert code == wanted
    captured = capsys.readouterr()
    assert sentence in captured.err + captured.out, words


def test_wrong_passphrase(encrypted, capsys, tmp_path, monkeypatch):
    file, _key = encrypted
    monkeypatch.setenv("CASEDESK_PASSPHRASE", "wooden bridge late pears")
    said(capsys, main(["check", str(file)]), 3, sentence="Caps Lock")
    monkeypatch.setenv("CASEDESK_PASSPHRASE", "")
    said(capsys, main(["check", str(file)]), 3, sentence="passphrase")
    words = ["check", str(file), "--passphrase-file", str(tmp_path / "none")]
    said(capsys, main(words), 3, sentence="passphrase file")
    assert "pears" not in capsys.readouterr().err


@pytest.mark.parametrize("place", ["first page", "middle", "half of it is gone", "empty"])
def test_damaged_file(encrypted, tmp_path, capsys, place):
    file, key = encrypted
    raw = bytearray(file.read_bytes())
    if place == "first page":
        raw[40] ^= 1
    elif place == "middle":
        rng = random.Random(1)
        for start in range(4096, len(raw), 4096):  # one bit of every page
            raw[start + rng.randrange(4096)] ^= 4
    else:
        raw = raw[: len(raw) // 2] if place.startswith("half") else bytearray()
    broken = tmp_path / "broken.cdk"
    broken.write_bytes(raw)
    before = broken.read_bytes()
    for words in (["figures", str(broken), *PERIOD], ["search", str(broken), "Ivanov"]):
        assert main([*words, *key]) == 4
        assert capsys.readouterr().err.strip().endswith("Restore a backup.")
    assert main(["check", str(broken), *key]) in (1, 4)
    assert main(["backup", str(broken), str(tmp_path / "copy.cdk"), *key]) == 4
    assert not (tmp_path / "copy.cdk").exists()
    assert broken.read_bytes() == before


def test_foreign_file(tmp_path, capsys):
    other = tmp_path / "other.db"
    with contextlib.closing(dbapi2.connect(str(other))) as connection:
        connection.execute("CREATE TABLE t (x)")
    said(capsys, main(["check", str(other)]), 4, sentence="another program")
    (tmp_path / "letter").write_text("Dear delegation, this is a letter.")
    said(capsys, main(["check", str(tmp_path / "letter")]), 4, sentence="not a CaseDesk file")
    said(capsys, main(["check", str(tmp_path)]), 4, sentence="folder")
    said(capsys, main(["check", str(tmp_path / "none.cdk")]), 4, sentence="no file here")


def test_newer_file(plain, capsys, people):
    with contextlib.closing(dbapi2.connect(str(plain))) as connection:
        connection.execute("PRAGMA user_version = 999")
    for words in (["check", str(plain)], ["import", str(plain), "persons", people]):
        said(capsys, main(words), 4, sentence="newer CaseDesk")


@pytest.mark.parametrize("patience", [0.1, pytest.param(5, marks=pytest.mark.slow)])
def test_file_that_another_process_writes(plain, people, capsys, monkeypatch, patience):
    connect = dbapi2.connect

    def waiting(*words, timeout=5, **options):
        return connect(*words, timeout=min(timeout, patience), **options)

    monkeypatch.setattr(dbapi2, "connect", waiting)
    code = (
        "import sys; from sqlcipher3 import dbapi2\n"
        "c = dbapi2.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True); sys.stdin.readline()"
    )
    words = [sys.executable, "-c", code, str(plain)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert main(["search", str(plain), "Иванов"]) == 0  # who only looks need not wait
        code = main(["import", str(plain), "persons", people])
        said(capsys, code, 4, sentence="Another program holds the file")
        holder.communicate(b"\n")
    assert main(["import", str(plain), "persons", people]) == 0


def without_privilege() -> None:
    """Obey the rights of files, as everybody but root does."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert libc.prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def test_read_only_file_and_folder(plain, people, tmp_path):
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    file, source = open_folder / "p.cdk", open_folder / "people.csv"
    shutil.copy(plain, file)
    shutil.copy(people, source)
    file.chmod(0o444)
    source.chmod(0o444)
    open_folder.chmod(0o555)
    before = file.read_bytes()
    closed = tmp_path / "closed.cdk"
    shutil.copy(plain, closed)
    closed.chmod(0)
    *told, (code, unread) = outside(
        ["import", str(file), "persons", str(source)],
        ["new", str(open_folder / "new.cdk"), "--plain"],
        ["backup", str(file), str(open_folder / "copy.cdk")],
        ["check", str(closed)],
        preexec_fn=without_privilege,
    )
    for code_of_one, said_of_one in told:
        assert code_of_one == 4, said_of_one
        assert said_of_one.strip().endswith((".", "rights."))
        assert "damaged" not in said_of_one
    assert (code, "cannot be read" in unread) == (4, True)
    assert file.read_bytes() == before
    open_folder.chmod(0o700)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of one megabyte where this account may; tell whether it could."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def nothing_came_in(file, capsys) -> None:
    """Hold an empty file against being whole and empty."""
    assert main(["check", str(file)]) == 0
    capsys.readouterr()
    assert main(["search", str(file), "Иванов", "--json"]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_full_disk(plain, tmp_path, capsys):
    (tmp_path / "big.csv").write_text(BIG, "utf-8")
    with small_disk(tmp_path / "disk") as mounted:
        file = tmp_path / "disk" / "p.cdk"
        if not mounted:
            pytest.skip("no disk may be mounted here; the refused write below is the same moment")
        shutil.copy(plain, file)
        code = main(["import", str(file), "persons", str(tmp_path / "big.csv")])
        said(capsys, code, 4, sentence="disk is full")
        nothing_came_in(file, capsys)


def test_write_past_the_size_that_the_system_allows(plain, tmp_path, capsys):
    (tmp_path / "big.csv").write_text(BIG, "utf-8")
    words = ["import", str(plain), "persons", str(tmp_path / "big.csv")]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "Nothing was changed." in done.stderr
    nothing_came_in(plain, capsys)


def test_sheet_on_a_full_disk_leaves_nothing_half_done(plain, tmp_path, capsys):
    words = ["sheet", str(plain), "facts-and-figures", *PERIOD, "--out"]
    assert main([*words, str(tmp_path / "none" / "s.pdf")]) in (3, 4)
    assert main([*words, "/dev/full/s.pdf"]) in (3, 4)
    assert capsys.readouterr().err.strip()
    limited = LIMITED.replace("400_000", "8_000")
    words += [str(tmp_path / "s.pdf")]
    done = subprocess.run(
        [sys.executable, "-c", limited, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert [item.name for item in tmp_path.iterdir() if "s.pdf" in item.name] == []


@pytest.mark.parametrize("day", ["31.02.2025", "2025-02-30", "2025-13-01", "tomorrow", ""])
def test_impossible_day_is_wrong_usage_and_named(plain, capsys, day):
    with pytest.raises(SystemExit) as wrong:
        main(["figures", str(plain), "--from", day, "--to", "2025-08-31"])
    assert wrong.value.code == 2
    assert f"{day} is not a day of the calendar" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1e9", "٣٣٣٣٣٣"])
def test_impossible_limit_is_wrong_usage(plain, limit):
    with pytest.raises(SystemExit) as wrong:
        main(["search", str(plain), "Anna", f"--limit={limit}"])
    assert wrong.value.code == 2


def test_future_and_backward_days_are_named(plain, capsys):
    period = ["--from", "2031-01-01", "--to", "2031-02-01"]
    said(capsys, main(["figures", str(plain), *period]), 3, sentence="2031-01-01")
    known = [*PERIOD, "--known-on", "2031-05-05"]
    said(capsys, main(["figures", str(plain), *known]), 3, sentence="2031-05-05")
    backward = ["--from", "2025-08-31", "--to", "2025-05-01"]
    for command in (["figures", str(plain)], ["records", str(plain), "001-13"]):
        said(capsys, main([*command, *backward]), 3, sentence="before it begins")


def test_impossible_birth_is_named_where_it_stands(plain, tmp_path, capsys):
    said(capsys, main(["search", str(plain), "A", "--born", "1987-13"]), 3, sentence="1987-13")
    queries = tmp_path / "queries"
    queries.write_bytes(b"\xff\xfe\x00")
    said(capsys, main(["search", str(plain), "--batch", str(queries)]), 3, sentence="UTF-8")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("birth", ["1990..1980", "sometime", "1987-13", "~" + "9" * 30, "2" * 400])
def test_line_of_a_batch_with_an_impossible_birth_stops_no_other(
    plain, tmp_path, capsys, birth, place
):
    source, queries = tmp_path / "people.csv", tmp_path / "queries"
    source.write_text("ref;name\n1;Пётр Иванов\n", "utf-8")
    assert main(["import", str(plain), "persons", str(source)]) == 0
    capsys.readouterr()
    lines = ["Petr\t1987", "Иванов"]
    lines.insert(place, f"Petr\t{birth}")
    queries.write_text("\n".join(lines) + "\n", "utf-8")
    assert main(["search", str(plain), "--batch", str(queries), "--json"]) == 0
    out = capsys.readouterr()
    answers = [json.loads(line) for line in out.out.splitlines()]
    assert [answer["query"] for answer in answers] == [line.partition("\t")[0] for line in lines]
    wrong = answers.pop(place)
    assert wrong["hits"] == []
    assert all(len(answer["hits"]) == 1 and "error" not in answer for answer in answers)
    assert out.err.splitlines() == [wrong["error"]]
    assert f"Line {place + 1} " in wrong["error"]


@pytest.mark.parametrize(
    "text",
    [
        "А" * 10_000,
        "<b>Анна</b> <img src='file:///etc/passwd'>",
        "Ан\x00на",
        "Анна \u202eавонавИ",
        "'; DROP TABLE person; --",
        '%_*"^:(NEAR',
        "\ud800",
        "🙂" * 500,
    ],
    ids=["long", "markup", "zero byte", "direction", "sql", "patterns", "half letter", "emoji"],
)
def test_any_text_can_be_searched_and_imported(plain, tmp_path, capsys, text):
    assert main(["search", str(plain), text]) == 0
    source = tmp_path / "t.csv"
    cell = text.replace('"', '""')
    source.write_bytes(f'ref;name\n1;"{cell}"\n2;Пётр\n'.encode("utf-8", "surrogatepass"))
    assert main(["import", str(plain), "persons", str(source)]) == 0
    assert main(["check", str(plain)]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    assert main(["search", str(plain), "Petr", "--json"]) == 0
    assert '"external_ref": "2"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00" * 5000, b"PK\x03\x04", b"name\n", b'"name', b"\xff\xfe\x00", b"a;a\n1;2\n"],
)
def test_table_that_is_none_is_refused(plain, tmp_path, capsys, raw):
    source = tmp_path / "t.csv"
    source.write_bytes(raw)
    code = main(["import", str(plain), "persons", str(source)])
    assert code == (0 if raw == b"name\n" else 3)
    assert capsys.readouterr().err.strip() or code == 0
    assert main(["import", str(plain), "persons", str(tmp_path / "none.csv")]) == 3
    assert main(["import", str(plain), "persons", str(tmp_path)]) == 3


def test_missing_font_is_said_and_no_sheet_is_left(plain, tmp_path, capsys, monkeypatch):
    from casedesk.reports import typography

    def elsewhere(name: str) -> Path:
        return tmp_path / "nothing" / name

    typography.typography.cache_clear()
    monkeypatch.setattr(typography, "resource", elsewhere)
    out = tmp_path / "s.pdf"
    words = ["sheet", str(plain), "facts-and-figures", *PERIOD, "--out", str(out)]
    assert main(words) == 4
    assert "font" in capsys.readouterr().err.lower()
    assert not out.exists()
    monkeypatch.undo()
    typography.typography.cache_clear()


def test_mistake_of_our_own_is_a_sentence_without_anybodys_name(plain, capsys, monkeypatch):
    from casedesk.people import index

    def mistaken(_session, text, **_options):
        raise KeyError(text)

    monkeypatch.setattr(index, "search", mistaken)
    assert main(["search", str(plain), "Canary"]) == 4
    said = capsys.readouterr().err
    assert "KeyError" in said
    assert "Canary" not in said
    monkeypatch.setenv("CASEDESK_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["search", str(plain), "Canary"])


def test_names_of_an_import_never_reach_the_messages(plain, tmp_path, capsys):
    source = tmp_path / "t.csv"
    source.write_text("name;born\nCanary Bird;31.02.1990\nCan\x07ary;1990\n", "utf-8")
    main(["import", str(plain), "persons", str(source)])
    captured = capsys.readouterr()
    assert "anary" not in captured.out + captured.err


def test_older_file_is_brought_up_to_date_by_any_command(plain, capsys, monkeypatch):
    called = []
    monkeypatch.setattr("casedesk.kernel.migrations.upgrade", lambda *a: called.append(a))
    assert main(["search", str(plain), "Anna"]) == 0
    assert called == [(plain, None)]
    assert vault.SCHEMA_VERSION >= 1
