"""A day at the desk, by keys alone, over the whole window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from casedesk import app
from casedesk.desk import application
from casedesk.desk.sheet_view import FigureMark
from casedesk.hotline import rules as hotline
from casedesk.hotline.records import Enquiry, EnquiryDraft, EnquirySought
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import Status, TracingCase, TracingCaseDraft
from keyboard import ALT, CTRL, SHIFT, Keyboard


class Person(Keyboard):
    """Somebody at the desk of a delegation."""

    def status(self, case_id: int) -> Status:
        return next(case.status for case in self.all(TracingCase) if case.id == case_id)


@pytest.fixture
def case_id(store: Store) -> int:
    names = [PersonNameDraft.checked({"family": "Петров", "given": "Олег"})]
    person, _c = store.write(people.register_person, PersonDraft(), names, actor="op")
    draft = TracingCaseDraft.checked({"person_id": person.id, "opened_on": dt.date(2025, 9, 1)})
    case, _c = store.write(tracing.open_case, draft, actor="op")
    return int(case.id)


@pytest.fixture
def me(case_id: int, store: Store, tmp_path: Path, qtbot: Any, qapp: Any) -> Iterator[Person]:
    settings = Settings(tmp_path / "settings")
    settings.actor = "Maren Holt"
    application.start(["casedesk"], settings)
    shell = app.build(app.desk_of(store, settings))
    qtbot.addWidget(shell)
    shell.show()
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    yield Person(shell, store, qtbot)
    shell.close()


def test_call_is_taken_and_linked_to_the_case_it_is_about(me, case_id):
    me.press(Qt.Key.Key_F2)
    assert me.shell.page_key == "hotline"
    me.type("петров олег")
    matches = me.shell.page.form.matches
    me.wait(matches.rows)
    me.press(Qt.Key.Key_1, ALT)
    me.press(Qt.Key.Key_N, ALT)
    me.type("His sister calls, she last saw him in Izium.")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.all(Enquiry))
    (call,) = me.all(Enquiry)
    assert "last saw him in Izium" in call.summary
    (sought,) = me.all(EnquirySought)
    case = next(case for case in me.all(TracingCase) if case.id == case_id)
    assert (sought.person_id, sought.case_number) == (case.person_id, case.number)
    assert len(me.all(TracingCase)) == 1
    assert me.shell.status.said.text().startswith("Call saved")
    assert me.shell.notices.texts() == []


def test_case_is_closed_and_the_closing_undone_and_done_again(me, case_id):
    me.press(Qt.Key.Key_3, CTRL)
    me.wait(lambda: me.shell.page.table.current_id() == case_id)
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.shell.page_key == "case" and me.shell.page.file is not None)
    before = me.status(case_id)
    me.run("Close case")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.status(case_id) is Status.CLOSED)
    assert me.shell.status.said.text() == "Case closed"
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: me.status(case_id) is before)
    me.press(Qt.Key.Key_Z, CTRL | SHIFT)
    me.wait(lambda: me.status(case_id) is Status.CLOSED)
    assert me.shell.notices.texts() == []


def test_figure_of_the_sheet_leads_to_its_records(me, store):
    for day in ("2025-08-20", "2025-08-21", "2025-09-02"):
        draft = EnquiryDraft.checked({"received_on": day, "status": "answered"})
        store.write(hotline.log_call, draft, actor="op")
    me.press(Qt.Key.Key_0, CTRL)
    page = me.shell.page
    me.wait(page.view.figures)
    me.tab_to(
        lambda widget: (
            isinstance(widget, FigureMark) and "Calls answered" in widget.accessibleName()
        )
    )
    me.press(Qt.Key.Key_Return)
    assert page.panel.behind.row.exact == 2  # of August, the month that has ended
    me.wait(lambda: page.panel.table().total == 2)
    me.tab_to(lambda widget: widget is page.panel.open_list)
    me.press(Qt.Key.Key_Return)
    assert me.shell.page_key == "hotline"
    table = me.shell.page.table
    me.wait(lambda: table.model_.complete)
    assert table.total == 2
    me.press(Qt.Key.Key_Left, ALT)
    assert me.shell.page_key == "sheets"
