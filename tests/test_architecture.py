"""The rules of the house, held by a machine: who imports whom, and where a transaction ends."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import casedesk

ROOT = Path(casedesk.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
FEATURES = {"hotline", "tracing"}
# What each folder may import of the house, besides itself; files of the top may import all.
MAY = {
    "kernel": {"resources"},
    "names": set(),
    "people": {"names", "kernel"},
    "hotline": {"people", "names", "kernel"},
    "tracing": {"people", "names", "kernel"},
    "reports": {*FEATURES, "people", "names", "kernel", "resources"},
    "illustrative": {*FEATURES, "people", "names", "kernel", "reports", "resources"},
}


def imports(source: str) -> set[str]:
    """List the modules that a source imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def faults(folder: str, name: str, source: str) -> list[str]:
    """Say which rules a file breaks."""
    found = []
    for module in imports(source):
        parts = module.split(".")
        if parts[0] == "casedesk" and folder in MAY and len(parts) > 1:
            target = parts[1]
            if target != folder and target not in MAY[folder]:
                found.append(f"imports {module}")
        if parts[0] == "PySide6":
            found.append("imports Qt below the desk")
        if parts[0] == "reportlab" and name not in ("pdf.py", "typography.py"):
            found.append("imports ReportLab")
    if folder != "kernel":
        for word in (r"\.commit\(", r"\bcreate_engine\(", r"\bsa\.text\(", r"\.begin\("):
            if re.search(word, source):
                found.append(f"has {word}")
    if name != "clock.py" and re.search(r"datetime\.now\(|date\.today\(", source):
        found.append("reads the computer's clock")
    if re.search(r"\.(model_construct|model_copy)\(", source):
        found.append("gets round a draft's validation")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_keeps_the_rules(path):
    folder = path.relative_to(ROOT).parts[0]
    assert faults(folder, path.name, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("folder", "source"),
    [
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
def test_each_rule_has_teeth(folder, source):
    assert faults(folder, "rules.py", source)


def test_transaction_ends_in_one_place():
    places = [path.name for path in FILES if ".commit(" in path.read_text("utf-8")]
    assert places == ["store.py"]


def test_map_in_the_readme_names_every_folder():
    readme = (ROOT.parents[1] / "README.md").read_text("utf-8")
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert {name for name in folders if f"`src/casedesk/{name}/`" not in readme} == set()
