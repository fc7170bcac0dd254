"""The rules of the house, held by a machine: who imports whom, and where a transaction ends."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import casedesk

ROOT = Path(casedesk.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
FEATURES = {"hotline", "tracing", "assistance"}
SHARED = {"people", "partners", "names", "kernel"}
# What each folder may import of the house, besides itself; files of the top may import all.
MAY = {
    "kernel": {"resources"},
    "names": {"resources"},
    "people": {"names", "kernel"},
    "partners": {"people", "names", "kernel"},
    "hotline": SHARED,
    "tracing": SHARED,
    "assistance": SHARED,
    "reports": {*FEATURES, *SHARED, "resources", "version"},
    "exchange": {*FEATURES, *SHARED},
    "illustrative": {*FEATURES, *SHARED, "reports", "resources"},
    "desk": {"kernel", "resources", "version"},
}
# Files that make windows; besides the above they may use the desk.
WINDOWS = re.compile(r"desk/\w+\.py|\w+/(page|\w+_view)\.py|(app|doctor|screenshots)\.py")


def imports(tree: ast.Module) -> set[str]:
    """List the modules that a source imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def faults(path: str, source: str, tree: ast.Module) -> list[str]:
    """Say which rules the file at a path inside the package breaks."""
    found = []
    folder, name = path.split("/")[0], path.split("/")[-1]
    window = WINDOWS.fullmatch(path) is not None
    for module in imports(tree):
        parts = module.split(".")
        if parts[0] == "casedesk" and folder in MAY and len(parts) > 1:
            target = parts[1]
            allowed = {*MAY[folder], "desk"} if window else MAY[folder]
            if target != folder and target not in allowed:
                found.append(f"imports {module}")
        if parts[0] == "PySide6" and not window:
            found.append("imports Qt below the desk")
        if parts[0] == "reportlab" and name not in ("pdf.py", "typography.py"):
            found.append("imports ReportLab")
    if folder != "kernel":
        begin = r"(session|connection|engine)\.begin\("
        for word in (r"\.commit\(", r"\bcreate_engine\(", r"\bsa\.text\(", begin):
            if re.search(word, source):
                found.append(f"has {word}")
    if name != "clock.py" and re.search(r"datetime\.now\(|date\.today\(", source):
        found.append("reads the computer's clock")
    if re.search(r"\.(model_construct|model_copy)\(", source):
        found.append("gets round a draft's validation")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_keeps_the_rules(path, tree_of):
    place, source = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
    assert faults(place, source, tree_of(path)) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hotline/page.py", "from casedesk.tracing import records"),
        ("hotline/rules.py", "from casedesk.desk import widgets"),
        ("desk/shell.py", "from casedesk.hotline import records"),
        ("desk/shell.py", "def f(session):\n    session.commit()"),
        ("hotline", "from casedesk.tracing import records"),
        ("kernel", "import casedesk.people.records"),
        ("names", "from casedesk.kernel import clock"),
        ("people", "def f(session):\n    session.commit()"),
        ("tracing", "from PySide6.QtCore import QObject"),
        ("tracing", "import datetime as dt\nx = dt.date.today()"),
        ("reports", "from casedesk.illustrative import delegation"),
        ("hotline", "import reportlab.pdfgen"),
        ("people", "Draft.model_construct()"),
    ],
)
def test_each_rule_has_teeth(path, source):
    place = path if "/" in path else f"{path}/rules.py"
    assert faults(place, source, ast.parse(source))


def test_transaction_ends_in_one_place():
    places = [path.name for path in FILES if ".commit(" in path.read_text("utf-8")]
    assert places == ["store.py"]


def test_map_in_the_readme_names_every_folder():
    readme = (ROOT.parents[1] / "README.md").read_text("utf-8")
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert {name for name in folders if f"`src/casedesk/{name}/`" not in readme} == set()
