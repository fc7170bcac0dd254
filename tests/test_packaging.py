"""What is installed agrees with the program: version, file type, resources, libraries, words."""

from __future__ import annotations

import configparser
import importlib.util
import json
import re
import struct
import sys
import tomllib
import types
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import casedesk
from casedesk import cli
from casedesk.kernel import vault

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
LINUX = PACKAGING / "linux"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def load(name):
    """Load a file of packaging/ by its path: the folder has the name of a library of Python."""
    file = PACKAGING / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"casedesk_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def build():
    return load("build")


@pytest.fixture(scope="module")
def told(build):
    return build.Facts(casedesk.__version__, 1_790_000_000, "abc123")


def desktop_entry():
    entry = configparser.RawConfigParser(strict=True)
    entry.optionxform = str
    entry.read(LINUX / "casedesk.desktop", encoding="utf-8")
    return entry["Desktop Entry"]


def pins(path):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", path.read_text("utf-8"), re.MULTILINE))


def test_version_is_the_same_everywhere(build, told):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == casedesk.__version__ == told.version
    release = ET.fromstring(build.filled("casedesk.metainfo.xml.in", told)).find(".//release")
    assert release.attrib == {"version": casedesk.__version__, "date": told.date}
    assert f"CaseDesk {casedesk.__version__}" in build.filled("casedesk.1.in", told)
    assert build.changelog(told).startswith(f"casedesk ({casedesk.__version__}) ")


def test_file_type_is_what_the_program_writes_and_the_desktop_opens():
    kind = ET.parse(LINUX / "casedesk.xml").getroot().find(f"{MIME}mime-type")
    match = kind.find(f"{MIME}magic/{MIME}match")
    assert match.attrib == {"type": "string", "value": vault.MAGIC.decode(), "offset": "0"}
    assert kind.find(f"{MIME}glob").attrib["pattern"] == "*.cdk"
    assert desktop_entry()["MimeType"] == kind.attrib["type"] + ";"
    assert (LINUX / (kind.attrib["type"].replace("/", "-") + ".svg")).is_file()
    metainfo = ET.parse(LINUX / "casedesk.metainfo.xml.in").getroot()
    assert metainfo.findtext("provides/mediatype") == kind.attrib["type"]
    for other in ("windows/casedesk.iss", "casedesk.spec"):
        assert "cdk" in (PACKAGING / other).read_text("utf-8")


def test_desktop_entry_starts_the_program_with_one_file():
    entry = desktop_entry()
    assert entry["Exec"] == "casedesk %f"
    assert entry["StartupWMClass"] == entry["Icon"] == "casedesk"
    assert {"Name", "Comment[ru]", "GenericName[ru]"} <= set(entry)


def test_every_folder_of_resources_travels():
    spec = (PACKAGING / "casedesk.spec").read_text("utf-8")
    listed = re.search(r"RESOURCES = \(([^)]*)\)", spec)[1]
    folders = {path.name for path in (ROOT / "resources").iterdir()}
    assert set(re.findall(r'"(\w+)"', listed)) == folders


def test_libraries_are_those_the_program_was_tested_with():
    frozen, tested = pins(PACKAGING / "requirements.lock"), pins(ROOT / "requirements.lock")
    shared = frozen.keys() & tested.keys()
    assert "sqlcipher3" in shared
    assert {name for name in shared if frozen[name] != tested[name]} == set()
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[<>=~!; \[]", line)[0].lower() for line in asked}
    assert names <= frozen.keys()


def test_lock_holds_hashes_and_no_address():
    text = (PACKAGING / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pins(PACKAGING / "requirements.lock"))


def test_manual_names_every_command():
    manual = (LINUX / "casedesk.1.in").read_text("utf-8")
    for command in cli._COMMANDS:
        assert re.search(rf"^\.BI? \"?{command}\b", manual, re.MULTILINE), command


def test_icon_of_windows_holds_a_picture_at_every_place(qapp):
    drawing = load("drawing")
    data = drawing.ico(drawing.PROGRAM)
    _zero, kind, count = struct.unpack_from("<HHH", data)
    assert (kind, count) == (1, 6)
    for number in range(count):
        size, place = struct.unpack_from("<II", data, 6 + 16 * number + 8)
        assert data[place : place + 4] == b"\x89PNG"
        assert place + size <= len(data)


def test_icon_of_macos_is_as_long_as_it_says(qapp):
    drawing = load("drawing")
    data = drawing.icns(drawing.FILE)
    assert data[:4] == b"icns"
    assert struct.unpack_from(">I", data, 4)[0] == len(data)


def test_day_of_the_build_is_that_of_the_commit(build, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    monkeypatch.setenv("CASEDESK_COMMIT", "abc123")
    monkeypatch.setattr(build, "git", lambda *_words: "")
    assert build.facts() == build.Facts(casedesk.__version__, 86400, "abc123")
    assert build.facts().date == "1970-01-02"


def test_sources_that_differ_from_the_commit_are_told(build, monkeypatch):
    answers = {"log": "0", "rev-parse": "abc123", "status": " M src/casedesk/cli.py"}
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.delenv("CASEDESK_COMMIT", raising=False)
    monkeypatch.setattr(build, "git", lambda word, *_more: answers[word])
    assert build.facts().commit == "abc123+changes"


def test_archive_is_the_same_twice(build, told, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "documents", lambda *_args: None)
    frozen = tmp_path / "frozen"
    (frozen / "_internal").mkdir(parents=True)
    (frozen / "casedesk").write_bytes(b"\x7fELF program")
    (frozen / "_internal/data").write_bytes(b"words")
    (frozen / "link").symlink_to("_internal/data")
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(build.portable(frozen, tmp_path / name, tmp_path / name, told).read_bytes())
    assert made[0] == made[1]


def test_library_that_nobody_brings_stops_the_build(build, tmp_path, monkeypatch):
    (tmp_path / "a.so").write_bytes(b"\x7fELF")

    class Told:
        stdout = "  NEEDED  libc.so.6\n  NEEDED  libGL.so.1\n 0x0 0x00 03 GLIBC_2.36\n"

    monkeypatch.setattr(build, "run", lambda *_command: Told)
    assert build.depends(tmp_path) == "libc6 (>= 2.36), libgl1"
    Told.stdout += "  NEEDED  libgtk-3.so.0\n"
    with pytest.raises(SystemExit, match=r"libgtk-3\.so\.0"):
        build.depends(tmp_path)


def test_doctor_knows_every_package_that_the_program_depends_on(build):
    from casedesk import doctor

    for library, package in doctor._PACKAGES.items():
        assert build.PACKAGES.get(library, package) == package


def test_bill_of_materials_is_the_same_twice_and_names_every_library():
    pytest.importorskip("packaging")
    contents = load("contents")
    libraries = {component.name: component for component in contents.libraries()}
    assert {"sqlcipher3", "pyside6-essentials", "pillow", "mako"} <= libraries.keys()
    assert "pytest" not in libraries
    nameless = [name for name, found in libraries.items() if not (found.licence and found.texts)]
    assert nameless == []
    tested = pins(ROOT / "requirements.lock")
    assert all(found.version == tested[name] for name, found in libraries.items())


def test_nothing_of_the_place_of_work_stands_in_the_definitions():
    for path in PACKAGING.rglob("*"):
        if path.is_file() and path.suffix not in (".pyc", ".txt"):
            text = path.read_text("utf-8")
            assert not re.search(r"/(work|opt|root)/|find-links|index-url=", text), path


def test_changelog_tells_this_version_and_the_other_file_tells_all(
    build, told, tmp_path, monkeypatch
):
    nothing = types.SimpleNamespace(
        copyright_text=lambda _texts: "", write_licences=lambda _at: None, bill=lambda *_told: ""
    )
    monkeypatch.setitem(sys.modules, "contents", nothing)
    text = build.changelog(told)
    assert text.count("\n -- ") == 1
    assert "The first version" not in text
    build.documents(tmp_path, told, "licences")
    assert "## 0.1.0" in (tmp_path / "CHANGELOG.md").read_text("utf-8")
    with pytest.raises(SystemExit, match=r"nothing about 9\.9\.9"):
        build.changelog(build.Facts("9.9.9", 0, ""))


def test_nobody_is_named_who_does_not_exist(build):
    """The addresses are of a domain that can never exist, until somebody publishes the program."""
    metainfo = ET.parse(LINUX / "casedesk.metainfo.xml.in").getroot()
    assert build.MAINTAINER.endswith(".invalid>")
    assert metainfo.findtext("id").startswith("invalid.")
    assert metainfo.findtext("id") in (PACKAGING / "casedesk.spec").read_text("utf-8")


def test_half_translated_program_is_not_packed(build, monkeypatch):
    monkeypatch.setitem(sys.modules, "words", types.SimpleNamespace(problems=lambda: ["Save"]))
    with pytest.raises(SystemExit, match="Save"):
        build.whole()
    monkeypatch.setitem(sys.modules, "words", types.SimpleNamespace(problems=list))
    build.whole()


def test_licences_are_told_as_the_standard_has_them():
    pytest.importorskip("packaging")
    contents = load("contents")
    assert contents._licence("MIT") == {"license": {"id": "MIT"}}
    assert contents._licence("LGPL-3.0-only OR GPL-2.0-only") == {
        "expression": "LGPL-3.0-only OR GPL-2.0-only"
    }
    assert contents._licence("BSD, and more") == {"license": {"name": "BSD, and more"}}


def test_bill_of_materials_has_what_its_standard_asks_for(monkeypatch):
    pytest.importorskip("packaging")
    contents = load("contents")
    monkeypatch.setattr(contents, "others", lambda: [contents.Component("icons", "", "ISC")])
    bill = json.loads(contents.bill("1.0", "2025-09-01"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    names = [row["bom-ref"] for row in bill["components"]]
    assert len(names) == len(set(names))
    assert bill["dependencies"] == [{"ref": "casedesk", "dependsOn": names}]
    for row in bill["components"]:
        assert row["name"]
        assert row["licenses"]
        assert row.get("version") != ""
    assert "pycparser" not in {row["name"] for row in bill["components"]}


def elf(path: Path, runpath: bytes) -> Path:
    """Make the smallest library that names a folder: headers, a dynamic part, its strings."""
    strings = b"\0libc.so.6\0" + runpath + b"\0"
    head, part = 64, 56
    dynamic = head + 2 * part
    rows = [(1, 1), (29, 11), (5, dynamic + 5 * 16 + 0x1000), (0, 0), (0, 0)]
    total = dynamic + 5 * 16 + len(strings)
    data = b"\x7fELF\x02\x01\x01" + bytes(9)
    data += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, head, 0, 0, head, part, 2, 64, 0, 0)
    data += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x1000, 0x1000, total, total, 0x1000)
    data += struct.pack("<IIQQQQQQ", 2, 6, dynamic, dynamic + 0x1000, 0, 80, 80, 8)
    path.write_bytes(data + b"".join(struct.pack("<qQ", *row) for row in rows) + strings)
    return path


def test_library_forgets_the_folder_of_its_builder(tmp_path):
    places = load("places")
    path = elf(tmp_path / "a.so", b"/home/builder/python/lib")
    before = path.read_bytes()
    assert places.forget(path) == "/home/builder/python/lib"
    after = path.read_bytes()
    assert len(after) == len(before)
    assert b"builder" not in after
    rows = [struct.unpack_from("<qQ", after, 64 + 2 * 56 + 16 * n) for n in range(5)]
    assert [tag for tag, _value in rows] == [1, 5, 0, 0, 0]
    assert places.forget(path) == ""


def test_library_keeps_a_folder_told_from_its_own_place(tmp_path):
    path = elf(tmp_path / "a.so", b"$ORIGIN/../lib")
    before = path.read_bytes()
    assert load("places").forget(path) == ""
    assert path.read_bytes() == before


def test_other_files_have_nothing_to_forget(tmp_path):
    (tmp_path / "a.so").write_bytes(b"\x7fELF program of 32 bits or none")
    assert load("places").forget(tmp_path / "a.so") == ""


@pytest.mark.skipif(not Path("/proc/self/exe").exists(), reason="no /proc")
def test_program_loads_its_modules_from_what_was_started(monkeypatch):
    """An upgrade beside an open window puts another program at the same path."""
    start = load("start")
    running = str(Path("/proc/self/exe").resolve())
    archive = types.SimpleNamespace(_filename=running)
    monkeypatch.setitem(
        sys.modules, "pyimod02_importers", types.SimpleNamespace(pyz_archive=archive)
    )
    start.stay()
    assert archive._filename == "/proc/self/exe"


def test_program_that_was_not_frozen_stays_as_it_is(monkeypatch, tmp_path):
    start = load("start")
    monkeypatch.setitem(sys.modules, "pyimod02_importers", None)
    start.stay()
    (tmp_path / "other").write_bytes(b"")
    archive = types.SimpleNamespace(_filename=str(tmp_path / "other"))
    monkeypatch.setitem(
        sys.modules, "pyimod02_importers", types.SimpleNamespace(pyz_archive=archive)
    )
    start.stay()
    assert archive._filename == str(tmp_path / "other")


def test_tables_of_the_trial_are_what_the_program_reads(tmp_path, monkeypatch):
    from casedesk.exchange import workbooks
    from casedesk.exchange.reading import is_workbook, read_text_table
    from casedesk.kernel.errors import Refused

    tables = load("trials/tables")
    monkeypatch.setattr(sys, "argv", ["tables.py", str(tmp_path)])
    assert tables.main() == 0
    assert is_workbook(tmp_path / "registrations.xlsx")
    book = workbooks.read_workbook(tmp_path / "registrations.xlsx", "")
    text = read_text_table(tmp_path / "registrations.csv")
    assert tuple(book.columns) == tuple(text.columns) == tables.HEAD
    assert [row.cells for row in book.rows] == [row.cells for row in text.rows]
    with pytest.raises(Refused):
        workbooks.read_workbook(tmp_path / "sparse.xlsx", "")


def test_trial_reads_no_part_that_is_not_there():
    parts = re.search(
        r"^for part in ([a-z ]+); do", (PACKAGING / "trial").read_text(), re.MULTILINE
    )[1]
    there = {path.stem for path in (PACKAGING / "trials").glob("*.sh")}
    assert set(parts.split()) == there


def test_build_file_is_what_the_program_reads(build, told):
    from casedesk import version

    text = json.dumps({"date": told.date, "commit": told.commit})
    assert set(json.loads(text)) == {"date", "commit"} <= {*version.Build.__dataclass_fields__}
