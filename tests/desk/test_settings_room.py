"""The settings in Russian: a hint is one or two lines, and a long path is cut in its middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from casedesk.desk import application
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.desk.settings_view import SettingsPage
from casedesk.desk.widgets import ElidedLabel, Field, PlainLabel
from casedesk.kernel import language
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store


def test_hints_have_room_and_a_long_path_stays_in_one_line(
    store: Store, tmp_path: Path, qapp: QApplication, qtbot: Any
) -> None:
    settings = Settings(tmp_path / ("a" * 60) / ("b" * 60))
    application.start(["casedesk"], settings)
    language.use("ru")
    page = SettingsPage(Desk(store, Jobs.inline(store), settings, Lane(inline=True)))
    qtbot.addWidget(page)
    page.resize(700, 900)
    page.show()
    fields = page.findChildren(Field)
    assert len(fields) >= 5
    for field in fields:
        qtbot.waitUntil(lambda field=field: field.width() >= 400)
        for words in field.findChildren(PlainLabel):
            if words.isVisible() and words.wordWrap():
                assert words.height() <= 2 * words.fontMetrics().lineSpacing() + 2
    (path,) = [w for w in page.findChildren(ElidedLabel) if str(settings.path) in w.text()]
    assert path.width() <= 700
    assert path.height() < 2 * path.fontMetrics().lineSpacing()
    assert page.minimumSizeHint().width() <= 700
