"""The log helps to find a fault, and tells nothing about anybody."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from casedesk.kernel import logs


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = logs.start(tmp_path / "log")
    assert path is not None
    yield path
    logs.stop()


def test_line_holds_name_and_numbers(log):
    logs.event("job.done", page="hotline", ms=12.34, rows=7)
    assert log.read_text("utf-8").endswith("job.done page=hotline ms=12.3 rows=7\n")


def test_name_of_a_person_never_gets_into_the_log(log):
    logs.event("job.done", who="Шевченко", where="Olena Shevchenko", note="born 1991!")
    kept = log.read_text("utf-8")
    assert "Шевченко" not in kept
    assert "Shevchenko" not in kept
    assert "born" not in kept


def test_fault_is_written_as_type_and_place_without_its_words(log):
    def read_card(name: str) -> None:
        raise ValueError(f"no such person: {name}")

    with pytest.raises(ValueError) as caught:
        read_card("Kovalenko")
    logs.failure("job.failed", caught.value)
    kept = log.read_text("utf-8")
    assert "type=ValueError" in kept
    assert "test_logs:read_card:" in kept
    assert "Kovalenko" not in kept
    assert "person" not in kept


def test_only_the_user_may_read_the_log(log):
    logs.event("start")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_log_is_cut_into_parts_and_old_parts_go(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "SIZE", 400)
    path = logs.start(tmp_path)
    for number in range(100):
        logs.event("tick", number=number)
    logs.stop()
    parts = sorted(tmp_path.iterdir())
    assert len(parts) == logs.KEPT + 1
    assert all(part.stat().st_size <= 400 for part in parts)
    assert {stat.S_IMODE(part.stat().st_mode) for part in parts} == {0o600}
    assert "number=99" in path.read_text("utf-8")


def test_home_of_the_program_moves_the_log(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEDESK_HOME", str(tmp_path))
    assert logs.folder() == tmp_path / "log"


def test_place_that_cannot_be_written_is_no_obstacle(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert logs.start(blocked / "log") is None
    logs.event("start")
