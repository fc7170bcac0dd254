"""Printing a summary from the window: asked for whom and why, noted, then written."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from PySide6.QtWidgets import QVBoxLayout
from sqlmodel import select

from casedesk.desk.page import Desk, Page
from casedesk.desk.run import Lane
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.reports.handed_out import HandedOut
from casedesk.reports.summary_view import summary_form
from casedesk.tracing import rules
from casedesk.tracing.records import TracingCaseDraft


class Window:
    """A page with the form in it; the PDF goes to a place that the test names."""

    def __init__(self, store, folder, qtbot):
        names = (PersonNameDraft(family="Петров", given="Іван"),)
        person, _c = store.write(people.register_person, PersonDraft(), names, actor="op")
        draft = TracingCaseDraft(person_id=person.id, opened_on=dt.date(2025, 3, 1))
        case, _c = store.write(rules.open_case, draft, actor="op")
        self.store, self.path = store, folder / "summary.pdf"
        self.asked, self.done = [], 0
        desk = Desk(store, Jobs.inline(store), Settings(folder), Lane(inline=True))
        page = Page(desk)
        qtbot.addWidget(page)
        self.form, self.submit = summary_form(page, case.id, self.finished, ask=self.ask)
        QVBoxLayout(page).addWidget(self.form)
        page.show()

    def finished(self):
        self.done += 1

    def ask(self, _page, name, then):
        self.asked.append(name)
        then(self.path)

    def send(self, profile, to="", why=""):
        self.form.set_values({"profile": profile, "to_whom": to, "why": why})
        self.submit()

    def noted(self):
        with self.store.read() as session:
            return session.exec(select(HandedOut)).all()


@pytest.fixture
def window(store, tmp_path, qtbot):
    return Window(store, tmp_path, qtbot)


def test_copy_for_a_partner_is_noted_and_written(window):
    window.send("partner", "Local branch", "Search in the lists")
    (kept,) = window.noted()
    assert (kept.profile, kept.to_whom) == ("partner", "Local branch")
    assert kept.sha256 == hashlib.sha256(window.path.read_bytes()).hexdigest()
    assert window.done == 1
    assert "Петров" not in window.asked[0]


def test_copy_for_the_house_needs_no_reason(window):
    window.send("internal")
    assert window.path.exists()
    assert window.noted() == []


def test_missing_words_are_told_at_their_fields(window):
    window.send("family", "The sister")
    assert not window.form.fields["to_whom"].wrong
    assert window.form.fields["why"].wrong
    assert window.asked == []
    assert window.noted() == []


def test_refused_copy_is_told_and_nothing_leaves(window):
    window.send("authority", "Police", "Search")
    assert "has not agreed" in window.form.problem.text()
    assert window.form.main.isEnabled()
    assert window.asked == []
    assert window.noted() == []
