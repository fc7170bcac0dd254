"""Measure size and start of the installed program beside the checkout, in one run.

    .venv/bin/python packaging/measure.py PACKAGE.deb

The package is unpacked into a folder of its own, and both are started on this machine in turn, so
that neither has the quieter hour. Where there is Xvfb and xwininfo, the time to a window on the
screen is measured too, without the start of Xvfb. The figures are printed as rows of the README.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
WINDOW = "from PySide6.QtWidgets import QApplication; print(QApplication([]).platformName())"


def size(folder: Path) -> float:
    """Add up a folder on the disk, in MB."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def seconds(command: list[str], **environment: str) -> float:
    """Run a command to its end."""
    start = time.perf_counter()
    subprocess.run(  # noqa: S603 (this program)
        command, check=True, capture_output=True, env={**os.environ, **environment}
    )
    return time.perf_counter() - start


def to_window(command: list[str], display: str, home: Path) -> float:
    """Start the window, and take the time until it stands on the screen."""
    home.mkdir(exist_ok=True)
    variables = {"DISPLAY": display, "CASEDESK_HOME": str(home), "QT_QPA_PLATFORM": "xcb"}
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (this program)
        command, env={**os.environ, **variables}, stderr=subprocess.DEVNULL
    )
    look = [str(shutil.which("xwininfo")), "-root", "-children", "-display", display]
    try:
        while time.perf_counter() - start < 60:
            told = subprocess.run(look, capture_output=True, text=True, check=False).stdout  # noqa: S603
            if any('"CaseDesk"' in line and " 1x1+" not in line and "10x10" not in line
                   for line in told.splitlines()):  # fmt: skip
                return time.perf_counter() - start
            time.sleep(0.01)
        raise SystemExit("No window came.")
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home)


def told(what: str, packaged: Callable[[], float], checkout: Callable[[], float]) -> None:
    """Measure both in turn; the first run of each warms up and does not count."""
    rows = [(packaged(), checkout()) for _round in range(ROUNDS + 1)][1:]
    one, other = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"| {what} | {one:.2f} s | {other:.2f} s |", flush=True)


def main() -> int:
    """Unpack, measure, print."""
    package = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        unpack = [str(shutil.which("dpkg-deb")), "-x", str(package), str(folder / "p")]
        subprocess.run(unpack, check=True)  # noqa: S603
        frozen = str(folder / "p/usr/lib/casedesk/casedesk")
        python = str(ROOT / ".venv/bin/python")
        source = {"PYTHONPATH": str(ROOT / "src")}
        os.environ.update(source)
        checkout = size(ROOT / ".venv") + size(ROOT / "src") + size(ROOT / "resources")
        print("| | package | checkout |\n|---|---|---|")
        packed, unpacked = package.stat().st_size / 1e6, size(folder / "p")
        print(f"| size | {packed:.0f} MB, {unpacked:.0f} MB installed |"
              f" {checkout:.0f} MB with its environment |")  # fmt: skip
        both = ([frozen], [python, "-m", "casedesk"])
        a, b = both
        told("`casedesk --version`", lambda: seconds([*a, "--version"]),
             lambda: seconds([*b, "--version"]))  # fmt: skip
        told(
            "Qt started, no window",
            lambda: seconds([frozen, "--trial-window"], QT_QPA_PLATFORM="offscreen"),
            lambda: seconds([python, "-c", WINDOW], QT_QPA_PLATFORM="offscreen"),
        )
        plain = str(folder / "plain.cdk")
        seconds([*b, "new", plain, "--plain"])
        told("`casedesk check` of an empty file", lambda: seconds([*a, "check", plain]),
             lambda: seconds([*b, "check", plain]))  # fmt: skip
        if shutil.which("Xvfb") and shutil.which("xwininfo"):
            reads, writes = os.pipe()
            server = subprocess.Popen(  # noqa: S603
                [str(shutil.which("Xvfb")), "-displayfd", str(writes), "-noreset"],
                pass_fds=[writes],
                stderr=subprocess.DEVNULL,
            )
            os.close(writes)
            with os.fdopen(reads) as answer:
                display = f":{answer.readline().strip()}"
            home = folder / "home"
            try:
                told("window on the screen, empty file",
                     lambda: to_window([*a, plain], display, home),
                     lambda: to_window([*b, plain], display, home))  # fmt: skip
            finally:
                server.terminate()
                server.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
