"""The world of the tests: a template file, copied per test; a frozen clock."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from casedesk import catalog
from casedesk.kernel import clock, language
from casedesk.kernel.store import Store

# Windows of tests are real, and nobody sees them.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
TODAY = dt.date(2025, 9, 11)


@pytest.fixture(autouse=True)
def _fixed_world() -> Iterator[None]:
    """Stop the clock at the day of the pictures, and speak English."""
    language.use("en")
    with clock.frozen(TODAY):
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one empty plain file for the whole run: creating costs 100 times a copy."""
    path = tmp_path_factory.mktemp("template") / "template.cdk"
    catalog.create_store(path, None).close()
    return path


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Iterator[Store]:
    """Open a copy of the empty file."""
    path = tmp_path / "delegation.cdk"
    shutil.copy(template, path)
    with catalog.open_store(path, None) as opened:
        yield opened
