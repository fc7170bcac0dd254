"""Two real programs on a real screen: the second start opens no window, the first one comes up.

Needs Xvfb and xwininfo (Debian: xvfb, x11-utils).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casedesk import doctor

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xwininfo")), reason="no Xvfb, no xwininfo"
    ),
    pytest.mark.skipif(bool(doctor.missing_libraries(quick=True)), reason="no libraries of xcb"),
]
SOURCES = Path(__file__).resolve().parents[2] / "src"
ABOVE = """
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
window = QWidget(windowTitle="Above")
window.setGeometry(0, 0, 1600, 1000)
window.show()
app.exec()
"""
PATIENCE = 60.0
SETTLED = 1.0
"""Who stood above for so long stays there."""


def until(held: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Wait for what other processes do; nothing here can be told by an event."""
    end = time.monotonic() + patience
    while not held():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


class Screen:
    """A screen that nobody sees, and what is started on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        reads, writes = os.pipe()
        self.server = subprocess.Popen(
            # Without -noreset the screen begins anew whenever its last window is gone, and who
            # comes just then is turned away.
            [
                *(str(shutil.which("Xvfb")), "-displayfd", str(writes), "-noreset"),
                *("-screen", "0", "1600x1000x24", "-nolisten", "tcp"),
            ],
            pass_fds=[writes],
            stderr=subprocess.DEVNULL,
        )
        os.close(writes)
        with os.fdopen(reads) as told:
            self.name = f":{told.readline().strip()}"
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *map(str, words)],
            env={
                **os.environ,
                "CASEDESK_HOME": str(self.home),
                "DISPLAY": self.name,
                "PYTHONPATH": str(SOURCES),
                "QT_QPA_PLATFORM": "xcb",
            },
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    def casedesk(self, *words: object) -> subprocess.Popen[str]:
        return self.start("-m", "casedesk", *words)

    def windows(self) -> list[str]:
        """List the titles of the windows on the screen, the uppermost first."""
        told = subprocess.run(
            [str(shutil.which("xwininfo")), "-root", "-children", "-display", self.name],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = [line for line in told.splitlines() if line.startswith("     0x")]
        named = [line.split('"')[1] for line in lines if '"' in line and " 1x1+" not in line]
        return [name for name in named if name in ("CaseDesk", "Above")]

    def uppermost(self) -> str:
        return (self.windows() or [""])[0]

    def last_file(self) -> str:
        try:
            return str(tomllib.loads((self.home / "settings.toml").read_text())["last_file"])
        except (OSError, KeyError):
            return ""

    def state(self, process: subprocess.Popen[str]) -> str:
        """Tell where a program hangs that shows no window."""
        process.kill()
        return f"{process.communicate()[1]} {self.windows()}"

    def close(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()
        self.server.terminate()
        self.server.wait()


@pytest.fixture
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    made = Screen(tmp_path_factory.mktemp("h"))
    yield made
    made.close()


@pytest.fixture
def first(screen: Screen, template: Path, tmp_path: Path) -> subprocess.Popen[str]:
    """Start the program on one file, and put another window above it."""
    for name in ("one.cdk", "two.cdk"):
        shutil.copy(template, tmp_path / name)
    process = screen.casedesk(tmp_path / "one.cdk")
    came = until(lambda: process.poll() is not None or screen.uppermost() == "CaseDesk")
    assert came, screen.state(process)
    assert process.poll() is None, screen.state(process)
    assert until(lambda: screen.last_file() == str(tmp_path / "one.cdk"))
    for _try in range(4):  # on a busy machine the first window may come up a second time, above it
        above = screen.start("-c", ABOVE)
        came = until(lambda: screen.uppermost() == "Above", PATIENCE / 4)
        if came and not until(lambda: screen.uppermost() != "Above", SETTLED):
            break
        above.kill()
        above.wait()
        assert until(lambda: "Above" not in screen.windows())
    assert screen.windows() == ["Above", "CaseDesk"], screen.windows()
    return process


def test_second_start_with_the_same_file_raises_the_window(screen, first, tmp_path):
    assert screen.casedesk(tmp_path / "one.cdk").wait(PATIENCE) == 0
    assert until(lambda: screen.uppermost() == "CaseDesk")
    assert screen.windows() == ["CaseDesk", "Above"]
    assert first.poll() is None


def test_second_start_without_a_file_raises_the_window(screen, first):
    assert screen.casedesk().wait(PATIENCE) == 0
    assert until(lambda: screen.uppermost() == "CaseDesk")


def test_second_start_with_another_file_opens_it_in_the_program_that_runs(screen, first, tmp_path):
    assert screen.casedesk(tmp_path / "two.cdk").wait(PATIENCE) == 0
    assert until(lambda: screen.last_file() == str(tmp_path / "two.cdk"))
    assert until(lambda: screen.windows() == ["CaseDesk", "Above"])
    assert first.poll() is None
    # The file that was open before is free again.
    assert screen.casedesk("check", tmp_path / "one.cdk").wait(PATIENCE) == 0


def test_start_after_a_kill_opens_a_window_of_its_own(screen, first, tmp_path):
    first.kill()
    first.communicate()
    assert until(lambda: screen.windows() == ["Above"])
    again = screen.casedesk(tmp_path / "one.cdk")
    assert until(lambda: screen.uppermost() == "CaseDesk")
    assert again.poll() is None
