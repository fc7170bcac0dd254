"""The doctor finds what a machine lacks, and says the one command or step that mends it."""

import builtins
import datetime as dt
import errno
import os
import shutil
import socket
import subprocess
import sys
import types
from collections import namedtuple
from pathlib import Path

import pytest

from casedesk import cli, doctor, version
from casedesk.desk.settings_view import SettingsPage
from casedesk.kernel import clock
from casedesk.kernel.settings import Settings

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEDESK_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path


def place_of_the_file(folder):
    folder.mkdir(parents=True)
    file = folder / "d.cdk"
    file.write_bytes(b"CDK1")
    Settings().last_file = str(file)
    return found("file")


def found(key):
    """Look, and give the finding of this key."""
    return next((one for one in doctor.look() if one.key == key), None)


def test_says_version_day_and_commit_of_a_build(monkeypatch, tmp_path):
    monkeypatch.setattr(version, "FILE", tmp_path / "build.json")
    (tmp_path / "build.json").write_text('{"date": "2026-11-22", "commit": "abc123"}')
    version.build.cache_clear()
    try:
        assert doctor.look()[0].value == f"{version.__version__}, 2026-11-22, abc123"
    finally:
        version.build.cache_clear()


@pytest.mark.parametrize("kept", ["", "{", "[]", "{}"])
def test_broken_build_file_leaves_the_version(monkeypatch, tmp_path, kept):
    monkeypatch.setattr(version, "FILE", tmp_path / "build.json")
    (tmp_path / "build.json").write_text(kept)
    version.build.cache_clear()
    try:
        assert version.build() == version.Build(version.__version__)
    finally:
        version.build.cache_clear()


def test_file_on_this_computer_is_fine(home):
    found = place_of_the_file(home / "own")
    assert found is not None
    assert found.mend == ""


def test_file_in_a_cloud_folder_should_move(home):
    found = place_of_the_file(home / "OneDrive - Delegation" / "desk")
    assert "move the file" in found.mend


def test_file_on_another_computer_should_move(home, monkeypatch):
    monkeypatch.setattr(doctor, "file_system", lambda _folder: "nfs4")
    assert "move the file" in place_of_the_file(home / "share").mend


def test_kind_of_disk_is_that_of_the_deepest_place(monkeypatch, tmp_path):
    lines = "/dev/a / ext4 rw 0 0\nserver:/x /mnt/our\\040share nfs4 rw 0 0\n"
    monkeypatch.setattr(doctor.Path, "read_text", lambda *_args, **_kw: lines)
    assert doctor.file_system(doctor.Path("/mnt/our share/desk")) == "nfs4"
    assert doctor.file_system(doctor.Path("/mnt/other")) == "ext4"


def test_nobody_is_told_the_name_of_the_file(home):
    found = place_of_the_file(home / "own")
    assert "d.cdk" not in found.value


@pytest.fixture
def quick(home, monkeypatch):
    """Leave out what starts other processes, for findings that do not need them."""
    monkeypatch.setattr(doctor, "_qt", lambda: iter(()))
    return home


def lacking(monkeypatch, library):
    """Make a library of Python impossible to import."""
    true = builtins.__import__

    def missing(name, *more, **kw):
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return true(name, *more, **kw)

    monkeypatch.setattr(builtins, "__import__", missing)


def test_a_machine_that_lacks_nothing_has_nothing_to_mend(home, monkeypatch):
    monkeypatch.setattr(doctor.clock, "today", dt.date.today)
    lacks = [one for one in doctor.look() if one.mend]
    assert lacks == []


def test_every_finding_of_this_file_is_one_the_doctor_has(home):
    place_of_the_file(home / "own")
    assert [one.key for one in doctor.look()] == [
        *("program", "python", "sqlcipher", "sqlite", "files", "icons", "qt", "platform"),
        *("display", "home", "room", "file", "file_room", "clock"),
    ]


def test_python_that_is_too_old(quick, monkeypatch):
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (4, 0))
    assert found("python").mend == "sudo apt-get install python3"


def test_sqlcipher_that_is_missing(quick, monkeypatch):
    lacking(monkeypatch, "sqlcipher3")
    assert found("sqlcipher").mend == f'"{sys.executable}" -m pip install sqlcipher3'
    assert found("sqlite") is None


def test_frozen_program_that_lost_a_library_is_installed_again(quick, monkeypatch):
    lacking(monkeypatch, "sqlcipher3")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "install CaseDesk again" in found("sqlcipher").mend


def test_sqlite_without_encryption(quick, monkeypatch):
    # The library of the system under the name of ours: it opens files, and encrypts none.
    import sqlite3

    plain = types.ModuleType("sqlcipher3")
    plain.dbapi2 = sqlite3
    monkeypatch.setitem(sys.modules, "sqlcipher3", plain)
    assert "sqlcipher3" in found("sqlcipher").mend


def test_sqlite_that_is_too_old(quick, monkeypatch):
    from casedesk.kernel import vault

    monkeypatch.setattr(vault, "OLDEST_SQLITE", (9, 0, 0))
    assert "sqlcipher3" in found("sqlite").mend


def test_font_that_is_missing(quick, monkeypatch):
    monkeypatch.setattr(doctor, "FILES", (*doctor.FILES, "fonts/Lost.ttf"))
    assert found("files").value == "fonts/Lost.ttf"
    assert "install CaseDesk again" in found("files").mend


def test_font_that_is_empty(quick, monkeypatch, tmp_path):
    true, empty = doctor.resource, tmp_path / "PTS55F.ttf"
    empty.touch()
    monkeypatch.setattr(doctor, "resource", lambda at: empty if "PTS55F" in at else true(at))
    assert found("files").value == "fonts/PTS55F.ttf"


def test_fonts_of_the_window_and_of_sheets_are_all_looked_at():
    there = {path.name for path in doctor.resource("fonts").iterdir() if path.suffix != ".txt"}
    assert there == {Path(name).name for name in doctor.FILES if name.startswith("fonts/")}


def test_icons_that_are_missing(quick, monkeypatch, tmp_path):
    true = doctor.resource
    monkeypatch.setattr(doctor, "resource", lambda at: tmp_path if "lucide" in at else true(at))
    assert found("icons").value == "0"
    assert "install CaseDesk again" in found("icons").mend


def test_qt_that_is_missing(home, monkeypatch):
    lacking(monkeypatch, "PySide6")
    assert found("qt").mend == f'"{sys.executable}" -m pip install PySide6-Essentials'


@pytest.fixture
def libraries(home, monkeypatch):
    """Let the system lack the libraries that are put into this list."""
    lost = []

    def ran(command, **_environment):
        if Path(command[0]).name == "ldd":
            lines = "".join(f"\t{name} => not found\n" for name in lost)
            return subprocess.CompletedProcess(command, 0, lines, "")
        return subprocess.CompletedProcess(command, 1 if lost else 0, "xcb", "")

    monkeypatch.setattr(doctor, "_ran", ran)
    return lost


def test_missing_libraries_are_named_by_the_package_that_brings_them(libraries, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    libraries += ["libxcb-cursor.so.0", "libGL.so.1"]
    assert found("platform").value == "libGL.so.1, libxcb-cursor.so.0"
    assert found("platform").mend == "sudo apt-get install libgl1 libxcb-cursor0"


def test_missing_libraries_are_named_where_no_package_is_known(libraries, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "apt-get" else name)
    libraries.append("libGL.so.1")
    assert "libGL.so.1" in found("platform").mend
    assert "apt" not in found("platform").mend


def test_graphics_that_do_not_start_for_another_reason(libraries, monkeypatch):
    monkeypatch.setattr(doctor, "missing_libraries", list)
    libraries.append("something else")
    assert "from a terminal" in found("platform").mend


def test_graphics_are_tried_in_a_process_that_may_die(home, monkeypatch):
    monkeypatch.setattr(doctor, "_WINDOW", "import os; os.abort()")
    assert found("platform").mend != ""


@pytest.fixture
def screenless(quick, monkeypatch):
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return quick


def test_no_screen(screenless):
    assert found("display").value == "none"
    assert "ssh -X" in found("display").mend


def test_screen_that_is_named_and_not_there(screenless, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":7654")
    assert found("display").mend != ""


def test_screen_of_another_computer_counts(screenless, monkeypatch):
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    assert found("display").mend == ""


def test_wayland_screen_counts_where_its_socket_is(screenless, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("w")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    assert found("display").mend != ""
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(folder / "wayland-0"))
        assert found("display").mend == ""


def unwritable(monkeypatch, number):
    def refused(**_where):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refused)


def test_folder_of_the_user_that_belongs_to_somebody_else(quick, monkeypatch):
    unwritable(monkeypatch, errno.EACCES)
    monkeypatch.setattr(Path, "home", lambda: quick)
    assert found("home").mend == f'sudo chown -R "$USER" "{quick / "home"}"'


def test_folder_of_the_system_stays_the_systems(quick, monkeypatch):
    unwritable(monkeypatch, errno.EACCES)
    monkeypatch.setattr(Path, "home", lambda: quick / "elsewhere")
    assert "CASEDESK_HOME" in found("home").mend


def test_full_disk_is_not_taken_for_a_missing_right(quick, monkeypatch):
    unwritable(monkeypatch, errno.ENOSPC)
    assert found("home").mend == ""


def test_little_room_for_settings_and_for_the_file(quick, monkeypatch):
    place_of_the_file(quick / "own")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**9, 10**9, 10**8))
    assert found("room").value == found("file_room").value == "0.1 GB"
    assert "at least 1 GB" in found("room").mend
    assert "at least 1 GB" in found("file_room").mend


def test_room_is_looked_at_where_the_file_lies(quick, monkeypatch):
    place_of_the_file(quick / "own")
    full = {quick / "own"}
    monkeypatch.setattr(
        shutil, "disk_usage", lambda at: Usage(9e9, 0, 10**6 if at in full else 9e9)
    )
    assert found("room").mend == ""
    assert found("file_room").mend != ""


@pytest.mark.parametrize("day", ["2019-03-01", "2125-01-01"])
def test_clock_of_an_impossible_day(quick, monkeypatch, day):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    with clock.frozen(dt.date.fromisoformat(day)):
        assert found("clock").mend == "sudo timedatectl set-ntp true"


def test_clock_where_no_command_sets_it(quick, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with clock.frozen(dt.date(2019, 3, 1)):
        assert "settings of this computer" in found("clock").mend


def test_clock_that_is_behind_the_file(quick):
    place_of_the_file(quick / "own")
    future = dt.datetime(2025, 9, 20, 12).timestamp()
    os.utime(quick / "own/d.cdk", (future, future))
    assert found("clock").mend != ""  # it is 11 September here
    past = dt.datetime(2025, 9, 10, 12).timestamp()
    os.utime(quick / "own/d.cdk", (past, past))
    assert found("clock").mend == ""


def test_clock_that_is_behind_the_program(quick, monkeypatch):
    monkeypatch.setattr(doctor, "build", lambda: version.Build("1.0", "2025-10-01", "abc123"))
    assert found("clock").mend != ""
    monkeypatch.setattr(doctor, "build", lambda: version.Build("1.0", "2025-09-12", "abc123"))
    assert found("clock").mend == ""


@pytest.mark.parametrize(
    "name",
    ["Dropbox", "Dropbox (Office)", "GoogleDrive-a@b.org", "Яндекс.Диск", "Mobile Documents"],
)
def test_cloud_folders_are_known_by_their_names(quick, name):
    assert place_of_the_file(quick / name / "desk").value == name


@pytest.mark.parametrize("name", ["Megafon", "icloudless", "Seafileserver", "Documents"])
def test_other_folders_are_not_taken_for_cloud_folders(quick, name):
    assert place_of_the_file(quick / name).mend == ""


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "smbfs"])
def test_network_disks_are_known_by_their_kind(quick, monkeypatch, kind):
    monkeypatch.setattr(doctor, "file_system", lambda _folder: kind)
    assert place_of_the_file(quick / "own").mend != ""


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "apfs", "fuseblk", "overlay", ""])
def test_disks_of_this_computer_are_fine(quick, monkeypatch, kind):
    monkeypatch.setattr(doctor, "file_system", lambda _folder: kind)
    assert place_of_the_file(quick / "own").mend == ""


def test_kind_of_disk_as_macos_tells_it(monkeypatch):
    told = "/dev/disk3s1 on / (apfs, sealed)\n//a@nas/x on /Volumes/our share (smbfs, nodev)\n"
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(
        doctor, "_ran", lambda command, **_kw: subprocess.CompletedProcess(command, 0, told, "")
    )
    assert doctor.file_system(Path("/Volumes/our share/desk")) == "smbfs"
    assert doctor.file_system(Path("/Users/a")) == "apfs"


def test_command_says_what_mends_each_lack_and_ends_with_1(screenless, capsys):
    assert cli.main(["doctor"]) == 1
    assert "Screen needs a look. What mends it: " in capsys.readouterr().out


def test_settings_say_version_day_and_commit(qtbot, store, home, monkeypatch):
    from PySide6.QtWidgets import QLabel

    from casedesk import app
    from casedesk.desk import settings_view

    built = version.Build("1.0", "2025-09-01", "abc123")
    monkeypatch.setattr(settings_view, "build", lambda: built)
    page = SettingsPage(app.desk_of(store, Settings()))
    qtbot.addWidget(page)
    assert "CaseDesk 1.0, 2025-09-01, abc123" in {one.text() for one in page.findChildren(QLabel)}
