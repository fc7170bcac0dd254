"""What the computer has and what it lacks: `casedesk doctor`, each lack with what mends it."""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import errno
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from casedesk.kernel import clock
from casedesk.kernel.errors import EnvironmentFault
from casedesk.kernel.language import _
from casedesk.kernel.settings import Settings
from casedesk.resources import resource
from casedesk.version import build

OLDEST_PYTHON = (3, 11)
MADE_AFTER = dt.date(2025, 9, 1)
ROOM = 1024**3  # safety.md R15: with less, a commit may fail before long
FILES = (
    "fonts/PTS55F.ttf",
    "fonts/PTS75F.ttf",
    "fonts/PTN57F.ttf",
    "fonts/PTN77F.ttf",
    "fonts/Inter-Regular.otf",
    "fonts/Inter-Medium.otf",
    "fonts/Inter-SemiBold.otf",
    "icons/mark.svg",
    "style/sheet.json",
    "style/desk.json",
)
FEWEST_ICONS = 10
# Debian's packages of the libraries that the window needs from the system.
_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
# File systems of other computers, and folders that a program copies to other computers: both can
# lose what was written last, and let two people open one file.
_ELSEWHERE = re.compile(
    r"nfs|cifs|smb|9p|afs|afpfs|ceph|davfs|webdav|network|fuse\.(sshfs|rclone|gvfsd|davfs|s3fs)"
)
_COPIED = re.compile(
    r"(dropbox|onedrive|google ?drive|nextcloud|owncloud|icloud|cloudstorage|mobile documents"
    r"|yandex\.?disk|яндекс\.?диск|mega|megasync|pcloud ?drive|seafile)(?!\w)",
    re.IGNORECASE,
)
_NETWORK_DRIVE = 4  # as Windows tells the kind of a drive
_WINDOW = "from PySide6.QtWidgets import QApplication; print(QApplication([]).platformName())"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` is empty where nothing is missing."""

    key: str
    label: str
    value: str
    mend: str = ""


def look() -> list[Finding]:
    """Look at everything the program needs, without opening a file or a window."""
    return [
        Finding("program", "CaseDesk", build().signature.removeprefix("CaseDesk ")),
        *(_python(), *_databases(), *_shipped(), *_qt(), _screen(), *_places(), *_file()),
        _calendar(),
    ]


def display() -> str:
    """Name the screen a window would open on; empty where there is none."""
    if chosen := os.environ.get("QT_QPA_PLATFORM"):
        return chosen
    if sys.platform in ("win32", "darwin"):
        return sys.platform
    if screen := os.environ.get("WAYLAND_DISPLAY"):
        folder = Path(os.environ.get("XDG_RUNTIME_DIR", "/run"))
        if (folder / screen).exists():
            return screen
    screen = os.environ.get("DISPLAY", "")
    local = re.fullmatch(r":(\d+)(\.\d+)?", screen)
    # A local screen has a socket; a name with a host in it is another computer's, over ssh.
    if local and not Path(f"/tmp/.X11-unix/X{local[1]}").exists():  # noqa: S108 (its fixed place)
        return ""
    return screen


def refuse_without_display() -> None:
    """Say in a sentence why no window can open; the graphics library would abort instead."""
    if not display():
        raise EnvironmentFault(
            _(
                "There is no screen here that a window could open on. "
                "The command line works without one: casedesk --help"
            )
        )
    if os.environ.get("QT_QPA_PLATFORM", "xcb").startswith("xcb") and missing_libraries(quick=True):
        raise EnvironmentFault(
            _("A library of the system is missing for the window. See: casedesk doctor")
        )


def missing_libraries(*, quick: bool = False) -> list[str]:
    """List the system libraries that the window lacks on Linux; `quick` stops at the first."""
    plugin = _qt_folder() / "plugins" / "platforms" / "libqxcb.so"
    if sys.platform != "linux" or not plugin.exists():
        return []
    if quick:
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            return [str(error).partition(":")[0]]
        return []
    ldd = shutil.which("ldd")
    libraries = [plugin, _qt_folder() / "lib" / "libQt6Gui.so.6"]
    lost: set[str] = set()
    for library in libraries if ldd else []:
        done = _ran([str(ldd), str(library)])
        lost |= set(re.findall(r"(\S+) => not found", done.stdout))
    return sorted(lost)


def _qt_folder() -> Path:
    spec = importlib.util.find_spec("PySide6")
    places = list(spec.submodule_search_locations or []) if spec else []
    return Path(places[0] if places else ".") / "Qt"


def _python() -> Finding:
    version = platform.python_version()
    mend = "" if sys.version_info >= OLDEST_PYTHON else "sudo apt-get install python3"
    return Finding("python", _("Python"), version, mend)


def _databases() -> Iterator[Finding]:
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        yield Finding("sqlcipher", _("SQLCipher"), _("missing"), _install("sqlcipher3"))
        return
    from casedesk.kernel.vault import OLDEST_SQLITE

    with contextlib.closing(dbapi2.connect(":memory:")) as connection:
        row = connection.execute("PRAGMA cipher_version").fetchone()
    cipher = str(row[0]) if row else ""
    sqlite = dbapi2.sqlite_version
    yield Finding(
        "sqlcipher",
        _("SQLCipher"),
        cipher or _("missing"),
        "" if cipher else _install("sqlcipher3"),
    )
    new_enough = tuple(map(int, sqlite.split("."))) >= OLDEST_SQLITE
    yield Finding("sqlite", _("SQLite"), sqlite, "" if new_enough else _install("sqlcipher3"))


def _shipped() -> Iterator[Finding]:
    lost = [name for name in FILES if not _whole(resource(name))]
    yield Finding(
        "files",
        _("Fonts and styles"),
        ", ".join(lost) or _("all there"),
        _("Unpack or install CaseDesk again: files of it are missing.") if lost else "",
    )
    icons = len(list(resource("icons/lucide").glob("*.svg")))
    yield Finding(
        "icons",
        _("Icons"),
        str(icons),
        ""
        if icons >= FEWEST_ICONS
        else _("Unpack or install CaseDesk again: files of it are missing."),
    )


def _whole(path: Path) -> bool:
    """Tell whether a file is there and holds something: a full disk leaves empty ones behind."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _qt() -> Iterator[Finding]:
    """Load the graphics library in another process: where it fails, it takes its process along."""
    try:
        from PySide6 import __version__ as version
    except ImportError:
        yield Finding("qt", _("Qt"), _("missing"), _install("PySide6-Essentials"))
        return
    yield Finding("qt", _("Qt"), version)
    lost = missing_libraries()
    packages = sorted({_PACKAGES.get(name, name) for name in lost})
    command = _system_packages(packages, lost) if lost else ""
    trial = ["--trial-window"] if _frozen() else ["-c", _WINDOW]
    started = _ran([sys.executable, *trial], QT_QPA_PLATFORM=_platform())
    if started.returncode != 0:
        command = command or _("Start casedesk once from a terminal and send what it prints.")
    value = started.stdout.strip() or _("does not start")
    yield Finding("platform", _("Graphics of Qt"), ", ".join(lost) or value, command)


def _system_packages(packages: list[str], libraries: list[str]) -> str:
    """Say how this system gets what is missing: the command of Debian, or the names alone."""
    if shutil.which("apt-get"):
        return "sudo apt-get install " + " ".join(packages)
    names = ", ".join(libraries)
    return _("Install these libraries of the system: {names}.").format(names=names)


def _platform() -> str:
    """Try the real screen where there is one; else the library alone."""
    return "offscreen" if not display() else os.environ.get("QT_QPA_PLATFORM", "")


def _screen() -> Finding:
    name = display()
    mend = "" if name else _("Sign in at the screen of this computer, or connect with: ssh -X")
    return Finding("display", _("Screen"), name or _("none"), mend)


def _places() -> Iterator[Finding]:
    kept = os.environ.get("CASEDESK_HOME")
    folder = Path(kept) if kept else platformdirs.user_config_path("casedesk")
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    mend = ""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):  # told as free space below
            mend = _own(folder)
    yield Finding("home", _("Folder of the settings"), str(folder), mend)
    yield _room("room", _("Free space"), folder)


def _own(folder: Path) -> str:
    """Say how a user gets a folder to write in; a folder of the system stays the system's."""
    if folder.is_relative_to(Path.home()) and sys.platform != "win32":
        return f'sudo chown -R "$USER" "{folder}"'
    return _("Name a folder of your own in the variable CASEDESK_HOME.")


def _room(key: str, label: str, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    value = _("{count} GB").format(count=round(free / 1024**3, 1))
    return Finding(
        key, label, value, "" if free >= ROOM else _("Make room on this disk: at least 1 GB.")
    )


def _last_file() -> Path | None:
    kept = Settings().last_file
    return Path(kept).resolve() if kept and Path(kept).is_file() else None


def _file() -> Iterator[Finding]:
    """Look at where the file lies that was open last; its name is nobody's business."""
    file = _last_file()
    if file is None:
        return
    folder = file.parent
    kind = file_system(folder)
    cloud = next((part for part in folder.parts if _COPIED.match(part)), "")
    mend = _("Close CaseDesk and move the file to a folder that lies on this computer alone.")
    elsewhere = cloud or _ELSEWHERE.match(kind)
    value = cloud or kind or _("on this computer")
    yield Finding("file", _("Place of the file"), value, mend if elsewhere else "")
    yield _room("file_room", _("Free space beside the file"), folder)


def file_system(folder: Path) -> str:
    """Name the kind of disk a folder lies on; empty where the system does not tell."""
    if sys.platform == "win32":
        drives: Any = ctypes.windll.kernel32
        # A share that has no letter begins with two strokes, and its drive is of the network too.
        network = drives.GetDriveTypeW(folder.anchor) == _NETWORK_DRIVE
        return "network" if network or folder.anchor.startswith("\\\\") else ""
    found, deepest = "", -1
    for at, kind in _mounted():
        if folder.is_relative_to(at) and len(at.parts) >= deepest:
            found, deepest = kind, len(at.parts)
    return found


def _mounted() -> Iterator[tuple[Path, str]]:
    """List where disks stand in the tree of folders, and of which kind they are."""
    if sys.platform == "darwin":
        told = _ran(["/sbin/mount"]).stdout
        for place, kind in re.findall(r"^.+ on (/.*) \((\w+)[,)]", told, re.MULTILINE):
            yield Path(place), kind
        return
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        place, kind = line.split(" ")[1:3]
        # A space in a place is written as its number.
        yield Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), place)), kind


def _calendar() -> Finding:
    """Compare the clock with what is known to lie in the past: this program, and the last file."""
    today = clock.today()
    known = [MADE_AFTER]
    with contextlib.suppress(ValueError):
        known.append(dt.date.fromisoformat(build().date))
    if (file := _last_file()) is not None:
        with contextlib.suppress(OSError, ValueError, OverflowError):
            known.append(dt.date.fromtimestamp(file.stat().st_mtime))
    # A day of grace: the build was dated by the clock of Greenwich.
    sane = max(known) - dt.timedelta(days=1) <= today < dt.date(2100, 1, 1)
    return Finding("clock", _("Clock"), today.isoformat(), "" if sane else _set_clock())


def _set_clock() -> str:
    if sys.platform == "linux" and shutil.which("timedatectl"):
        return "sudo timedatectl set-ntp true"
    return _("Set the date in the settings of this computer, and let it keep time by itself.")


def _frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def _install(package: str) -> str:
    if _frozen():
        return _("Unpack or install CaseDesk again: files of it are missing.")
    return f'"{sys.executable}" -m pip install {package}'


def _ran(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in environment.items() if value}
    # The arguments are this program's own: its Python, and the system's ldd.
    try:
        return subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
            env={**os.environ, **kept},
        )
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(command, 1, "", "")
