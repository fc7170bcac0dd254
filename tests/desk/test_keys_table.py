"""Every key of the window is in the one table, so the help and the hints know all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHeaderView, QScrollBar, QWidget

from casedesk import app
from casedesk.desk import application, keymap, theme
from casedesk.desk.page import Page
from casedesk.desk.shell import Shell
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shell(store: Store, tmp_path: Path, qtbot, qapp: QApplication) -> Iterator[Shell]:
    settings = Settings(tmp_path / "settings")
    application.start(["casedesk"], settings)
    made = app.build(app.desk_of(store, settings))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close()


def test_every_key_of_every_page_is_in_the_table(shell):
    known = {text for line in keymap.TABLE for key in line.keys for text in [_text(key)]}
    known |= {f"Alt+{n}" for n in range(10)} | {f"Alt+Shift+{n}" for n in range(10)}
    known |= {page.shortcut for page in shell.pages.values()}
    used = {s.key().toString() for s in shell.findChildren(QShortcut)}
    for action in shell.findChildren(QAction):
        used |= {key.toString() for key in action.shortcuts()}
    used |= {_text(c.shortcut) for page in shell.pages.values() for c in page.commands()}
    assert used - known - {""} == set()


def test_key_stands_for_one_thing_in_one_place():
    for where in {line.where for line in keymap.TABLE}:
        keys = [key for line in keymap.TABLE if line.where == where for key in line.keys]
        assert len(keys) == len(set(keys)), where


def test_help_shows_the_keys_of_all_places(shell, qtbot):
    qtbot.keyClick(shell, Qt.Key.Key_F1)
    shown = shell.page.text.toPlainText()
    for words in ("Change a chart into a table", "Back up now", "Filter the list by the text"):
        assert words in shown


@pytest.mark.parametrize("chosen", [False, True])
def test_area_and_its_count_fit_beside_each_other(shell, qtbot, chosen):
    shell.resize(1440, 900)
    line = shell.sidebar.lines["cases"]
    line.setChecked(chosen)
    line.set_count(154200, False)
    qtbot.waitUntil(lambda: shell.sidebar.width() == theme.control("sidebar"))
    assert line.shown == "Missing persons"


def test_text_of_the_palette_filters_the_list_in_front(shell, qtbot):
    shell.desk.open("cases")
    qtbot.keyClick(shell, Qt.Key.Key_K, CTRL)
    palette = shell.palette_view
    qtbot.keyClicks(palette.field, "Petrov")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return, CTRL)
    assert not palette.isVisible()
    assert shell.page.text.value == "Petrov"
    qtbot.waitUntil(lambda: any("Petrov" in str(c.value) for c in shell.page.asked.conditions))


def test_palette_says_where_there_is_no_list_and_writes_into_no_form(shell, qtbot):
    shell.desk.open("hotline", new=True)
    form = QApplication.focusWidget()
    qtbot.keyClicks(form, "Oleg")
    qtbot.keyClick(form, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(shell.palette_view.field, "Petrov")
    qtbot.keyClick(shell.palette_view.field, Qt.Key.Key_Return, CTRL)
    assert form.text() == "Oleg"
    assert form.hasFocus()
    assert shell.status.said.text() == "There is no list to filter here."
    assert shell.page.on_call  # Ctrl+Enter was the palette's, and saved no call


def test_page_without_a_filter_says_so(shell):
    assert not Page(shell.desk).filter_by("Petrov")


def _text(key: str) -> str:
    return QKeySequence(key).toString()


def test_whatever_takes_the_focus_has_a_name_to_be_read_out(shell):
    nameless = {
        f"{key}: {type(widget).__name__}"
        for key, page in shell.pages.items()
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.window() is shell  # the list of a choice opens in a window of its own
        and not widget.isHidden()  # what has nothing to say yet
        and not _is_part(widget)
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    }
    # named together with its number, when a round is shown
    assert nameless <= {"assistance: FigureLink"}


def _is_part(widget):
    """Whether Qt made the widget inside another one, which has the name."""
    return widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar | QHeaderView)


def test_page_without_a_line_of_its_own_marks_the_area_it_belongs_to(shell):
    shell.desk.open("hotline")
    shell.desk.open("matches")
    marked = [key for key, line in shell.sidebar.lines.items() if line.isChecked()]
    assert marked == ["cases"]
