"""The world of the tests: a template file, copied per test; a frozen clock; no window stays.

What a test run may cost is kept low here, and nowhere at the price of a behaviour: keys are
derived with little memory, files that take long to make are made once, windows end with their
test, and the sources are parsed once.
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import gc
import os
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import settings
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.util import LRUCache

from casedesk import catalog
from casedesk.kernel import clock, garbage, language, vault
from casedesk.kernel import store as store_module
from casedesk.kernel.store import Keeper, Store

# Windows of tests are real, and nobody sees them.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
TODAY = dt.date(2025, 9, 11)
PHRASE = "wooden bridge late apples"
THOROUGH = os.environ.get("CASEDESK_THOROUGH", "") == "1"  # ./run test --all says so
FULL_COST = dict(vault.ARGON2)

settings.register_profile("fast", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=300, deadline=None)
settings.load_profile("thorough" if THOROUGH else "fast")


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported: it stays to the end anyway."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests without a window go first, shuffled as they are.

    Each change between the two kinds looks through all there is, for half a second.
    """
    items.sort(key=lambda item: "qtbot" in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def _fixed_world() -> Iterator[None]:
    """Stop the clock at the day of the pictures, and speak English."""
    language.use("en")
    with clock.frozen(TODAY):
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_keys() -> Iterator[None]:
    """Derive keys with little memory: half a second for each is the subject of one test alone.

    That one is in kernel/test_store.py and asks for `full_cost`, as do tests that give a file to
    another process, which knows nothing of this.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vault.ARGON2, "memory_cost", 64)
        patch.setitem(vault.ARGON2, "time_cost", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """Let all files of a run share what was compiled of statements: an engine begins with none.

    The program opens one file, a run some thousand; compiling was a tenth of its time.
    """
    made, shared = store_module._engine, LRUCache(4000)

    def engine(*args: Any, **options: Any) -> sa.Engine:
        fresh = made(*args, **options)
        fresh._compiled_cache = shared
        return fresh

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_module, "_engine", engine)
        # A compiled statement is known by its dialect too, of which each engine has its own.
        patch.setattr(SQLiteDialect, "__eq__", lambda one, two: type(one) is type(two))
        patch.setattr(SQLiteDialect, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture
def full_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys as the program does."""
    for name, value in FULL_COST.items():
        monkeypatch.setitem(vault.ARGON2, name, value)


@pytest.fixture(autouse=True)
def _no_window_stays() -> Iterator[None]:
    """Delete the windows of a test when it ends: each that lives makes every later one slower.

    A style sheet is set by most tests of windows, and dresses all widgets there are.
    """
    yield
    if widgets := sys.modules.get("PySide6.QtWidgets"):
        from PySide6.QtCore import QCoreApplication, QEvent

        if app := widgets.QApplication.instance():
            for window in app.topLevelWidgets():
                if window.parent() is None:
                    window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def _garbage_stays_on_this_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect as the program does where there are windows, and as Python does elsewhere."""
    if "qtbot" in request.fixturenames:
        garbage.by_hand()
    elif not gc.isenabled():
        gc.collect()  # no window is left for a thread to find
        gc.enable()
    yield
    garbage.turn()


class Empty(NamedTuple):
    """An empty plain file, and what keeps the derived tables of its copies in step."""

    file: Path
    keepers: tuple[Keeper, ...]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Empty:
    """Make one empty plain file for the whole run: creating costs 100 times a copy."""
    path = tmp_path_factory.mktemp("template") / "template.cdk"
    with catalog.create_store(path, None) as made:
        return Empty(path, tuple(made.keepers))


@pytest.fixture(scope="session")
def template(empty: Empty) -> Path:
    """Name the empty file, to be copied."""
    return empty.file


@pytest.fixture
def store(empty: Empty, tmp_path: Path) -> Iterator[Store]:
    """Open a copy of the empty file.

    Whether it is one of ours, and of which version, is not asked again for each test: that takes
    two connections more, and each reads the whole schema.
    """
    path = tmp_path / "delegation.cdk"
    shutil.copy(empty.file, path)
    with Store(path, None) as opened:
        opened.keepers += empty.keepers
        yield opened


class Demo(NamedTuple):
    """The invented delegation: its file, and the words that give its passphrase to a command."""

    file: Path
    phrase: str
    key: tuple[str, str]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Make the invented delegation once, as small as it gets; who writes copies it."""
    from casedesk.cli import main

    folder = tmp_path_factory.mktemp("demo")
    phrase = folder / "phrase"
    phrase.write_text(PHRASE + "\n")
    made = Demo(folder / "delegation.cdk", PHRASE, ("--passphrase-file", str(phrase)))
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        assert main(["demo", str(made.file), "--scale", "0.002", *made.key]) == 0
    return made


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.fixture(scope="session")
def tree_of() -> object:
    """Give the function that parses a source: each file once in a run."""
    return _tree
