"""A cold hall for the tests of assistance: a window over a file with a round in it."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cold_hall import Person, World

from casedesk import app, catalog, leaving, today
from casedesk.assistance.page import AssistancePage
from casedesk.desk import application
from casedesk.desk.today_view import TodayPage
from casedesk.hotline.rules import done_call_back
from casedesk.kernel import clock
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store


@pytest.fixture(scope="session")
def begun(template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Make the world once, in a file of its own; each test opens a copy."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("begun") / "delegation.cdk"))
    with clock.frozen(dt.date(2025, 9, 11)), catalog.open_store(path, None) as made:
        return World(made)


@pytest.fixture
def hall(begun: World, tmp_path: Path) -> Iterator[Store]:
    path = Path(shutil.copy(begun.store.path, tmp_path / "delegation.cdk"))
    with catalog.open_store(path, None) as opened:
        yield opened


@pytest.fixture
def world(begun: World, hall: Store) -> World:
    twin = copy.copy(begun)
    twin.store = hall
    return twin


@pytest.fixture
def me(
    world: World, hall: Store, tmp_path: Path, qtbot: Any, qapp: Any, monkeypatch: Any
) -> Iterator[Person]:
    # the other pages are built and tried elsewhere; a window of all costs three times as much
    wanted = (
        lambda desk: TodayPage(desk, today.load, done_call_back),
        lambda desk: AssistancePage(desk, leaving.DOOR),
    )
    monkeypatch.setattr(app, "pages", lambda desk: [make(desk) for make in wanted])
    settings = Settings(tmp_path / "settings")
    settings.actor = "Maren Holt"
    application.start(["casedesk"], settings)
    shell = app.build(app.desk_of(hall, settings))
    qtbot.addWidget(shell)
    shell.resize(1440, 900)
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    yield Person(shell, world.store, qtbot)
    shell.close()
