"""What travels with the program: its libraries, their licences, and the bill of materials.

Everything is read from the metadata of the environment that the program is frozen in.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import sysconfig
import tomllib
import uuid
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "packaging/licences"
# Where the metadata says nothing, or says it at length.
NAMED = {"sqlcipher3": "Zlib", "reportlab": "BSD-3-Clause"}
# What a library asks for and the frozen program leaves out, as casedesk.spec says.
LEFT_OUT = {"pycparser"}
# Licences by their names in the list of SPDX; others are told in words.
SPDX = {
    *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MIT-CMU", "OFL-1.1"),
    *("PSF-2.0", "Zlib", "blessing"),
}
LICENCE = re.compile(r"(^|/)(licen[cs]es?/|licen[cs]e|copying|notice)", re.IGNORECASE)


@dataclass(frozen=True)
class Component:
    """One thing that travels: its licence by name, and the texts that its authors ask to keep."""

    name: str
    version: str
    licence: str
    texts: tuple[tuple[str, str], ...] = ()
    purl: str = ""

    @property
    def title(self) -> str:
        """Name it with its version, where it has one."""
        return f"{self.name} {self.version}".rstrip()


def libraries() -> list[Component]:
    """List the libraries of Python that the program asks for, directly or through others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    found: dict[str, Component] = {}
    while wanted:
        requirement = wanted.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if (
            name in found
            or name in LEFT_OUT
            or (requirement.marker and not requirement.marker.evaluate({"extra": ""}))
        ):
            continue
        there = metadata.distribution(name)
        found[name] = _component(name, there)
        wanted += [Requirement(line) for line in there.requires or ()]
    return [found[name] for name in sorted(found)]


def _component(name: str, there: metadata.Distribution) -> Component:
    told = there.metadata.get("License-Expression") or there.metadata.get("License") or ""
    classes = [
        line.rpartition("::")[2].strip()
        for line in there.metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    licence = told if told and "\n" not in told and len(told) < 120 else "; ".join(classes)
    licence = NAMED.get(name, licence)
    texts = []
    for file in sorted(there.files or (), key=str):
        if ".dist-info/" in str(file) and LICENCE.search(str(file).partition(".dist-info/")[2]):
            text = Path(str(file.locate())).read_text("utf-8", errors="replace")
            texts.append((str(file).partition(".dist-info/")[2], text))
    if "LGPL" in licence:
        texts += [_text("LGPL-3"), _text("GPL-3")]
    return Component(name, there.version, licence, tuple(texts), f"pkg:pypi/{name}@{there.version}")


def _text(name: str) -> tuple[str, str]:
    return f"{name}.txt", (TEXTS / f"{name}.txt").read_text("utf-8")


def others() -> list[Component]:
    """List what travels without being a library of Python of its own."""
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(":memory:")
    connection.execute("PRAGMA key = 'any'")  # OpenSSL is asked for its version only then
    cipher = connection.execute("PRAGMA cipher_version").fetchone()[0].split()[0]
    provider = connection.execute("PRAGMA cipher_provider_version").fetchone()[0]
    openssl = re.search(r"\d+\.\d+\.\d+", provider)
    connection.close()
    fonts = ROOT / "resources/fonts"
    lucide = sorted((ROOT / "resources/icons").rglob("LICEN*"))
    return [
        Component("python", platform.python_version(), "PSF-2.0", _python()),
        Component(
            "pyinstaller-bootloader",
            metadata.version("pyinstaller"),
            "GPL-2.0-or-later WITH Bootloader-exception",
            _component("pyinstaller", metadata.distribution("pyinstaller")).texts,
        ),
        Component("sqlcipher", cipher, "BSD-3-Clause", (_text("SQLCipher"),)),
        Component("sqlite", dbapi2.sqlite_version, "blessing"),
        Component("openssl", openssl[0] if openssl else "3", "Apache-2.0", (_text("Apache-2.0"),)),
        Component("inter-font", "4", "OFL-1.1", _of(*sorted(fonts.glob("LICENSE-Inter*")))),
        Component("pt-sans-font", "2.005", "OFL-1.1", _of(*sorted(fonts.glob("LICENSE-PT*")))),
        Component("lucide-icons", "", "ISC", _of(*lucide)),
    ]


def _of(*paths: Path) -> tuple[tuple[str, str], ...]:
    return tuple((path.name, path.read_text("utf-8")) for path in paths)


def _python() -> tuple[tuple[str, str], ...]:
    short = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for place in (
        Path(sysconfig.get_path("stdlib")) / "LICENSE.txt",
        Path(f"/usr/share/doc/{short}/copyright"),
        Path(f"/usr/share/doc/lib{short}-minimal/copyright"),
        Path(sys.base_prefix) / "LICENSE.txt",
    ):
        if place.is_file():
            return (("LICENSE.txt", place.read_text("utf-8", errors="replace")),)
    raise FileNotFoundError("the licence of this Python was not found")


def write_licences(folder: Path) -> None:
    """Write one text for each component that asks for one."""
    folder.mkdir(parents=True, exist_ok=True)
    for component in [*libraries(), *others()]:
        parts = [f"{component.title}\n{component.licence}\n"]
        parts += [f"\n----- {name}\n\n{text.strip()}\n" for name, text in component.texts]
        (folder / f"{component.name}.txt").write_text("".join(parts), "utf-8")


def copyright_text(texts: str) -> str:
    """Write the copyright file: the program's own licence, and one line for each component."""
    own = (ROOT / "LICENSE").read_text("utf-8").strip()
    lines = [
        "CaseDesk",
        "",
        own,
        "",
        "The people in its demonstration are invented.",
        "",
        "What travels with it, and under which licence; the texts lie in",
        f"{texts}:",
        "",
    ]
    lines += [
        f"  {f'{c.name} {c.version}'.rstrip()}: {c.licence}" for c in [*libraries(), *others()]
    ]
    lines += [
        "",
        "Qt and PySide6 are used under the GNU Lesser General Public License, version 3, and",
        "may be replaced: they are the files of the folder PySide6, unchanged but for symbols",
        "that were stripped. Their sources: projects pyside6-essentials and shiboken6 at qt.io.",
        "On Debian the texts of that licence and of others lie in /usr/share/common-licenses.",
        "",
    ]
    return "\n".join(lines)


def _licence(told: str) -> dict[str, object]:
    """Tell a licence as CycloneDX does: by its name in the list of SPDX, by several, in words."""
    if told in SPDX:
        return {"license": {"id": told}}
    if re.fullmatch(r"[A-Za-z0-9.+-]+( (OR|AND|WITH) [A-Za-z0-9.+-]+)+", told):
        return {"expression": told}
    return {"license": {"name": told}}


def bill(version: str, date: str) -> str:
    """Write the bill of materials (CycloneDX 1.5, JSON), the same for the same contents."""
    components = [*libraries(), *others()]
    rows = []
    for component in components:
        row: dict[str, object] = {
            "type": "library",
            "bom-ref": f"{component.name}@{component.version}".rstrip("@"),
            "name": component.name,
            "licenses": [_licence(component.licence)],
        }
        if component.version:
            row["version"] = component.version
            generic = f"pkg:generic/{component.name}@{component.version}"
            row["purl"] = component.purl or generic
        rows.append(row)
    own: dict[str, object] = {
        "type": "application",
        "bom-ref": "casedesk",
        "name": "casedesk",
        "version": version,
        "licenses": [_licence("MIT")],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([own, rows]))
    return (
        json.dumps(
            {
                "bomFormat": "CycloneDX",
                "specVersion": "1.5",
                "serialNumber": f"urn:uuid:{serial}",
                "version": 1,
                "metadata": {"timestamp": f"{date}T00:00:00Z", "component": own},
                "components": rows,
                "dependencies": [
                    {"ref": "casedesk", "dependsOn": [str(row["bom-ref"]) for row in rows]}
                ],
            },
            indent=1,
        )
        + "\n"
    )
