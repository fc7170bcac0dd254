"""Settings are there again tomorrow, and a damaged file of them stops nobody."""

from __future__ import annotations

import stat
import sys
import tomllib

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from casedesk.kernel import journal, settings
from casedesk.kernel.errors import ReadOnly, Refused
from casedesk.kernel.settings import Settings, change_setting, get_setting


def test_new_computer_has_the_defaults(tmp_path):
    new = Settings(tmp_path / "casedesk")
    assert (new.language, new.theme, new.text_size, new.lock_minutes) == ("en", "system", 100, 10)
    assert (new.last_file, new.actor) == ("", "")
    assert not new.path.exists()  # looking writes nothing


def test_what_was_chosen_is_there_again(tmp_path):
    folder = tmp_path / "new" / "casedesk"
    chosen = Settings(folder)
    chosen.language, chosen.theme, chosen.text_size = "ru", "dark", 125
    chosen.last_file, chosen.actor = r"C:\Дела\"1\.cdk", "Анна 😀"
    again = Settings(folder)
    assert (again.language, again.theme, again.text_size) == ("ru", "dark", 125)
    assert (again.last_file, again.actor) == (r"C:\Дела\"1\.cdk", "Анна 😀")
    assert [path.name for path in folder.iterdir()] == ["settings.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in another way")
def test_nobody_else_can_read_them(tmp_path):
    chosen = Settings(tmp_path / "casedesk")
    chosen.actor = "anna"
    assert stat.S_IMODE(chosen.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(chosen.folder.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "de"),
        ("theme", "pink"),
        ("text_size", 89),
        ("text_size", 151),
        ("text_size", "100"),
        ("lock_minutes", True),
        ("lock_minutes", 0),
        ("actor", "two\nlines"),
        ("last_file", None),
    ],
)
def test_value_that_a_setting_cannot_have_is_refused(tmp_path, name, value):
    chosen = Settings(tmp_path)
    before = getattr(chosen, name)
    with pytest.raises(Refused):
        setattr(chosen, name, value)
    assert getattr(chosen, name) == before
    assert not chosen.path.exists()


def test_mistyped_name_is_an_error(tmp_path):
    chosen = Settings(tmp_path)
    with pytest.raises(AttributeError):
        chosen.them = "dark"
    with pytest.raises(AttributeError):
        chosen.them  # noqa: B018


@pytest.mark.parametrize("damage", [b"theme = ", b"\xff\xfe", b"\x00" * 50, b"theme = 1 2"])
def test_damaged_file_gives_defaults_and_is_kept_aside(tmp_path, damage):
    path = tmp_path / "settings.toml"
    path.write_bytes(damage)
    chosen = Settings(tmp_path)
    assert chosen.theme == "system"
    assert (tmp_path / "settings.toml.broken").read_bytes() == damage
    chosen.theme = "dark"
    assert Settings(tmp_path).theme == "dark"


def test_value_that_does_not_fit_falls_back_alone(tmp_path):
    (tmp_path / "settings.toml").write_text('theme = "dark"\ntext_size = 900\n[actor]\na = 1\n')
    chosen = Settings(tmp_path)
    assert (chosen.theme, chosen.text_size, chosen.actor) == ("dark", 100, "")


def test_setting_of_a_newer_program_is_kept(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text('future = "x"\n"future-2" = true\n')
    Settings(tmp_path).theme = "dark"
    assert tomllib.loads(path.read_text()) == {"future": "x", "future-2": True, "theme": "dark"}


@profile(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(min_size=1, max_size=10))
def test_whatever_text_a_file_held_is_written_back_as_it_was(tmp_path, value, name):
    path = tmp_path / "settings.toml"
    path.unlink(missing_ok=True)
    chosen = Settings(tmp_path)
    try:
        value.encode()
        name.encode()
    except UnicodeEncodeError:
        return  # no file can hold half a letter
    chosen._keep(name, value)
    assert tomllib.loads(path.read_bytes().decode()) == {name: value}


def test_folder_that_cannot_be_written_is_told_and_the_choice_holds_for_now(tmp_path):
    (tmp_path / "file").write_text("in the way")
    chosen = Settings(tmp_path / "file" / "casedesk")
    with pytest.raises(ReadOnly):
        chosen.theme = "dark"
    assert chosen.theme == "dark"


def test_environment_names_another_home(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEDESK_HOME", str(tmp_path / "home"))
    assert Settings().folder == tmp_path / "home"
    monkeypatch.delenv("CASEDESK_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert "casedesk" in str(Settings().folder).lower()


def test_setting_of_the_delegation_is_journalled_and_undone(store):
    with store.read() as session:
        assert get_setting(session, "delegation", "none yet") == "none yet"
    store.write(change_setting, "delegation", "Simferopol", actor="anna")
    _none, changes = store.write(change_setting, "delegation", "Симферополь", actor="anna")
    with store.read() as session:
        assert get_setting(session, "delegation") == "Симферополь"
        (kept,) = changes.touched["setting"]
        assert len(journal.history(session, "setting", kept)) == 2
    store.write(journal.undo, changes.entry, actor="anna")
    with store.read() as session:
        assert get_setting(session, "delegation") == "Simferopol"
    assert store.check() == []


def test_setting_without_a_name_is_refused(store):
    with pytest.raises(Refused):
        store.write(settings.change_setting, "", "x", actor="anna")
