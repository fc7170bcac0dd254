"""Build what is installed: the frozen program, a Debian package, a portable archive, sums.

Runs in the environment of packaging/requirements.lock; `./run package` makes it and starts this.
The same sources, Python and libraries give the same files: times are those of the commit
(SOURCE_DATE_EPOCH), names are sorted, and nothing holds the folder it was built in.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "packaging"
CHANGES = ROOT / "resources/help/changes.md"
# Nobody answers there: the domain is one of those that never exist. Who publishes the package puts
# an address of their own here, and a domain of their own into casedesk.metainfo.xml.in.
MAINTAINER = "The CaseDesk contributors <casedesk@casedesk.invalid>"
# The package of Debian that brings each library the program leaves to the system.
PACKAGES = {
    "ld-linux-x86-64.so.2": "",  # with libc6, whose version is read from the symbols
    "libc.so.6": "",
    "libdl.so.2": "",
    "libm.so.6": "",
    "libpthread.so.0": "",
    "libresolv.so.2": "",
    "librt.so.1": "",
    "libutil.so.1": "",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libuuid.so.1": "libuuid1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
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
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
DESCRIPTION = """\
desk of a delegation that looks for missing people
 Calls of families, the cases of missing people, and the figures that are
 published about them, in one encrypted file on the workstation.
 .
 It works without a network, in English and Russian."""


@dataclass(frozen=True)
class Facts:
    """What is built: version, and the time and name of the commit."""

    version: str
    epoch: int
    commit: str

    @property
    def date(self) -> str:
        """Name the day of the commit."""
        return dt.datetime.fromtimestamp(self.epoch, dt.UTC).date().isoformat()


def facts() -> Facts:
    """Ask the repository; where there is none, SOURCE_DATE_EPOCH and CASEDESK_COMMIT tell."""
    text = (ROOT / "src/casedesk/__init__.py").read_text("utf-8")
    version = re.search(r'__version__ = "([^"]+)"', text)
    if version is None:
        raise SystemExit("src/casedesk/__init__.py names no version")
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or "0"
    commit = os.environ.get("CASEDESK_COMMIT") or git("rev-parse", "--short=12", "HEAD")
    if commit and git("status", "--porcelain", "--", "src", "resources", "packaging"):
        commit += "+changes"
    return Facts(version[1], int(epoch), commit)


def git(*words: str) -> str:
    """Ask git; an empty answer where there is none."""
    done = run("git", "-C", str(ROOT), *words, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def run(*command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tool; where it fails, its own words are shown."""
    try:
        done = subprocess.run(  # noqa: S603 (tools of the build, named below)
            command, capture_output=True, text=True, check=False, env=os.environ | environment
        )
    except FileNotFoundError:
        done = subprocess.CompletedProcess(command, 127, "", f"{command[0]} is not installed")
    if check and done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done


def whole() -> None:
    """Stop where the Russian is not whole: nothing half translated is installed anywhere."""
    import words

    if found := words.problems():
        raise SystemExit("\n".join([*found, "Bring them up to date with: ./run words"]))


def say(words: str) -> None:
    """Tell what happens now."""
    print(words, file=sys.stderr, flush=True)


# --- the frozen program -----------------------------------------------------------------------


def freeze(work: Path, told: Facts) -> Path:
    """Freeze the program into one folder."""
    import drawing
    import places

    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    (work / "build.json").write_text(
        json.dumps({"date": told.date, "commit": told.commit}) + "\n", "utf-8"
    )
    environment = {
        "BUILD_JSON": str(work / "build.json"),
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(told.epoch),
        "PYTHONPATH": "",
    }
    kept = drawing.ready()
    if sys.platform in ("win32", "darwin"):
        icon = work / ("casedesk.ico" if sys.platform == "win32" else "casedesk.icns")
        make = drawing.ico if sys.platform == "win32" else drawing.icns
        icon.write_bytes(make(drawing.PROGRAM))
        environment["CASEDESK_ICON"] = str(icon)
    drawing.hicolor(work / "icons")
    del kept
    spec = str(HERE / "casedesk.spec")
    where = ("--distpath", str(work / "dist"), "--workpath", str(work / "work"))
    quiet = ("--noconfirm", "--log-level", "ERROR")
    run(sys.executable, "-m", "PyInstaller", *quiet, *where, spec, **environment)
    folder = work / "dist/casedesk"
    if sys.platform == "linux":
        for library in elves(folder):
            if library.parent == folder:
                continue  # the program itself carries an archive at its end
            # What auditwheel put beside a wheel's own modules was moved about inside, and strip
            # leaves it so that it cannot be loaded ("not page-aligned").
            if library.parent.name != "numpy.libs":
                run("strip", "--strip-unneeded", "--preserve-dates", str(library))
            places.forget(library)
    return folder


def elves(folder: Path) -> list[Path]:
    """List the programs and libraries in a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and is_elf(path):
            found.append(path)
    return found


def is_elf(path: Path) -> bool:
    """Tell a program or library of Linux by its first bytes."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def depends(folder: Path) -> str:
    """Work out what the system has to bring; stops at a library nobody brings."""
    there = {path.name for path in folder.rglob("*")}
    packages, newest = set(), (2, 34)
    for path in elves(folder):
        told = run("objdump", "-p", str(path)).stdout
        for name in re.findall(r"NEEDED\s+(\S+)", told):
            if name in there:
                continue
            if name not in PACKAGES:
                raise SystemExit(f"{path.name} asks for {name}, which nobody brings")
            packages.add(PACKAGES[name])
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", told):
            newest = max(newest, (int(major), int(minor)))
    packages.discard("")
    return ", ".join([f"libc6 (>= {newest[0]}.{newest[1]})", *sorted(packages)])


# --- what is installed ------------------------------------------------------------------------


def documents(folder: Path, told: Facts, texts: str) -> None:
    """Write what belongs beside the program: copyright, licences, bill of materials."""
    import contents

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "copyright").write_text(contents.copyright_text(texts), "utf-8")
    contents.write_licences(folder / "licences")
    (folder / "casedesk.cdx.json").write_text(contents.bill(told.version, told.date), "utf-8")
    (folder / "CHANGELOG.md").write_bytes(CHANGES.read_bytes())


def filled(name: str, told: Facts) -> str:
    """Put version and day into a file of packaging/linux."""
    text = (HERE / "linux" / name).read_text("utf-8")
    return text.replace("@VERSION@", told.version).replace("@DATE@", told.date)


def changelog(told: Facts) -> str:
    """Write the changes of this version as Debian's changelog; CHANGELOG.md beside it has all."""
    day = dt.datetime.fromtimestamp(told.epoch, dt.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    parts = re.split(r"^## +", CHANGES.read_text("utf-8"), flags=re.MULTILINE)
    own = [part for part in parts if part.split(maxsplit=1)[:1] == [told.version]]
    if not own:
        raise SystemExit(f"{CHANGES.relative_to(ROOT)} says nothing about {told.version}")
    points = [f"  * {line[2:]}" for line in own[0].splitlines() if line.startswith("- ")]
    points = [wrapped for point in points for wrapped in _lines(point)]
    head = f"casedesk ({told.version}) stable; urgency=medium"
    return "\n".join([head, "", *points, "", f" -- {MAINTAINER}  {day}", ""])


def _lines(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 78, subsequent_indent="    ")


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def debian(frozen: Path, work: Path, out: Path, told: Facts) -> Path:
    """Make the Debian package."""
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(frozen, tree / "usr/lib/casedesk", symlinks=True)
    share = tree / "usr/share"
    (tree / "usr/bin").mkdir()
    (tree / "usr/bin/casedesk").symlink_to("../lib/casedesk/casedesk")
    shutil.copytree(work / "icons", share / "icons/hicolor")
    for name, place in (
        ("casedesk.desktop", "applications"),
        ("casedesk.xml", "mime/packages"),
        ("lintian-overrides", "lintian/overrides"),
    ):
        target = "casedesk" if name == "lintian-overrides" else name
        write(share / place / target, (HERE / "linux" / name).read_bytes())
    metainfo = filled("casedesk.metainfo.xml.in", told)
    write(share / "metainfo/casedesk.metainfo.xml", metainfo.encode())
    write(share / "man/man1/casedesk.1.gz", packed(filled("casedesk.1.in", told)))
    documents(share / "doc/casedesk", told, "/usr/share/doc/casedesk/licences")
    write(share / "doc/casedesk/changelog.gz", packed(changelog(told)))
    settle(tree, told.epoch)
    size = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir()) // 1024
    needs = depends(tree / "usr/lib/casedesk")
    control = "\n".join(
        [
            "Package: casedesk",
            f"Version: {told.version}",
            f"Architecture: {architecture()}",
            f"Maintainer: {MAINTAINER}",
            f"Installed-Size: {size}",
            f"Depends: {needs}",
            "Section: misc",
            "Priority: optional",
            f"Description: {DESCRIPTION}",
            "",
        ]
    )
    write(tree / "DEBIAN/control", control.encode())
    write(tree / "DEBIAN/md5sums", sums(tree / "usr", tree, hashlib.md5).encode())
    settle(tree, told.epoch)
    package = out / f"casedesk_{told.version}_{architecture()}.deb"
    run(
        # One thread: with several, the number of processors would change the bytes.
        *("dpkg-deb", "--root-owner-group", "--threads-max=1", "-Zxz", "-z4"),
        *("--build", str(tree), str(package)),
        SOURCE_DATE_EPOCH=str(told.epoch),
    )
    return package


def architecture() -> str:
    """Name this machine as Debian does."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def packed(text: str) -> bytes:
    """Compress a text without a time in it."""
    return gzip.compress(text.encode(), 9, mtime=0)


def settle(tree: Path, epoch: int) -> None:
    """Give every file its plain rights and the time of the commit."""
    for path in [tree, *sorted(tree.rglob("*"))]:
        if not path.is_symlink():
            started = path.is_dir() or (path.name == "casedesk" and is_elf(path))
            path.chmod(0o755 if started else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def sums(folder: Path, above: Path, kind: type) -> str:
    """List the sums of all files, by name."""
    rows = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            rows.append(f"{kind(path.read_bytes()).hexdigest()}  {path.relative_to(above)}\n")
    return "".join(rows)


def portable(frozen: Path, work: Path, out: Path, told: Facts) -> Path:
    """Make an archive that runs from wherever it is unpacked."""
    name = f"casedesk-{told.version}-linux-{architecture()}"
    tree = work / name
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(frozen, tree, symlinks=True)
    documents(tree / "documents", told, "documents/licences")
    write(tree / "documents/LICENSE", (ROOT / "LICENSE").read_bytes())
    settle(tree, told.epoch)
    archive = out / f"{name}.tar.gz"
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=told.epoch) as packing,
        tarfile.open(fileobj=packing, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in [tree, *sorted(tree.rglob("*"))]:
            row = tar.gettarinfo(path, str(path.relative_to(work)))
            row.uid = row.gid = 0
            row.uname = row.gname = "root"
            row.mtime = told.epoch
            if row.isreg():
                with path.open("rb") as file:
                    tar.addfile(row, file)
            else:
                tar.addfile(row)
    return archive


def main() -> int:
    """Build everything this system can build into one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / "dist")
    parser.add_argument("--work", type=Path, default=ROOT / "build/package")
    parser.add_argument(
        "--draft",
        action="store_true",
        default="CASEDESK_DRAFT" in os.environ,
        help="build although a Russian sentence is missing (CASEDESK_DRAFT=1 says the same)",
    )
    options = parser.parse_args()
    out, work = options.out.resolve(), options.work.resolve()
    out.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    told = facts()
    if not options.draft:
        whole()
    say(f"CaseDesk {told.version}, {told.date}, {told.commit or 'no commit'}")
    say("Freezing the program ...")
    frozen = freeze(work, told)
    made = []
    if sys.platform == "linux":
        say("Packing the portable archive ...")
        made.append(portable(frozen, work, out, told))
        if shutil.which("dpkg-deb"):
            say("Packing the Debian package ...")
            made.append(debian(frozen, work, out, told))
    else:
        documents(frozen / "documents", told, "documents/licences")
        write(frozen / "documents/LICENSE", (ROOT / "LICENSE").read_bytes())
    documents(work / "documents", told, "licences")
    bill = out / f"casedesk-{told.version}.cdx.json"
    bill.write_bytes((work / "documents/casedesk.cdx.json").read_bytes())
    listed = out / f"casedesk-{told.version}.files"
    listed.write_text(sums(frozen, frozen, hashlib.sha256), "utf-8")
    made += [bill, listed]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (out / "SHA256SUMS").write_text("".join(lines), "utf-8")
    for path in made:
        say(f"  {path.stat().st_size / 1e6:8.1f} MB  {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
