"""The help: pages in the user's language, links between them, keys in boxes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication

from casedesk.desk import help_view, keymap, theme
from casedesk.desk.help_view import HelpPage
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.kernel import language
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.resources import resource

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)
NAMES = (*help_view.ORDER, help_view.LAST)


@pytest.fixture
def make(qtbot, store, tmp_path, qapp):
    theme.apply(qapp, "light")
    desk = Desk(store, Jobs.inline(store), Settings(tmp_path), Lane(inline=True))

    def made(size=(1236, 800)):
        page = HelpPage(desk)
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        page.enter()
        return page

    yield made
    theme.apply(qapp, "light")


def titles(page):
    return [page.subjects.item(row).text() for row in range(page.subjects.count())]


@pytest.mark.parametrize("spoken", ["en", "ru"])
def test_every_page_is_there_in_both_languages(make, spoken):
    language.use(spoken)
    page = make()
    assert len(titles(page)) == 1 + len(NAMES)
    for row, name in enumerate(NAMES, start=1):
        page.subjects.setCurrentRow(row)
        shown = page.text.toPlainText()
        assert titles(page)[row] in shown.splitlines()[0], name
        assert len(shown) > 300, name
        cyrillic = sum("а" <= letter <= "я" for letter in shown.lower())
        assert (cyrillic > len(shown) / 3) is (spoken == "ru"), name
        assert "`" not in shown
        assert "**" not in shown


def test_page_without_a_translation_is_shown_in_english(make, monkeypatch):
    monkeypatch.setattr(language, "current", lambda: "uk")
    assert "Calls" in titles(make())


def test_link_leads_to_another_page(make):
    page = make()
    page.enter(subject="start.md")
    page.text.anchorClicked.emit(QUrl("file.md"))
    assert page.text.toPlainText().startswith("The file, backups")
    page.text.anchorClicked.emit(QUrl("https://example.org/else.md"))
    assert page.text.toPlainText().startswith("The file, backups")


def test_links_of_all_pages_lead_somewhere():
    import re

    folder = resource("help")
    for path in [*folder.glob("*.md"), *folder.glob("ru/*.md")]:
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8")):
            assert target in NAMES, path


def test_pages_name_no_key_that_the_desk_does_not_have(make):
    known = {text for key in keymap.TABLE for text in key.keys} | {"Alt+2"}
    page = make()
    for name in NAMES:
        page.enter(subject=name)
        pressed = {key for key in page.text.boxed() if help_view._KEY.fullmatch(key)}
        assert {key.replace("\u00a0", " ") for key in pressed} <= {
            keymap.native(text) for text in known
        }, name


def test_keys_stand_in_boxes_and_a_new_theme_keeps_the_subject(make, qapp):
    page = make()
    boxes = page.text.boxes()
    assert len(boxes) > 8
    assert all(box.width() > 10 and box.left() >= 0 for box in boxes)
    assert not page.text.grab().isNull()
    page.enter(subject="cases.md")
    theme.apply(qapp, "dark")
    assert page.text.toPlainText().startswith("Cases")
    assert page.text.boxes()


def test_lines_are_short_enough_to_read(make):
    wide, narrow = make((1400, 800)), make((700, 800))
    assert wide.text.viewport().width() <= theme.px(help_view.MOST)
    assert narrow.text.viewport().width() < narrow.width() - theme.px(help_view.LIST)
    assert not narrow.text.horizontalScrollBar().isVisible()


def test_nothing_outside_the_folder_is_read(make):
    page = make()
    assert page.text.loadResource(2, QUrl("hotline.png"))
    for other in ("file:///etc/passwd", "../style/desk.json", "https://example.org/a.png"):
        assert page.text.loadResource(2, QUrl(other)) is None
    assert isinstance(QApplication.instance(), QApplication)
    assert Path(resource("help")).is_dir()
