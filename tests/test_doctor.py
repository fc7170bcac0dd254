"""The doctor knows which program it looks at, and where a file is not safe."""

import pytest

from casedesk import doctor, version
from casedesk.kernel.settings import Settings


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
    return next((found for found in doctor.look() if found.key == "file"), None)


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
