"""The preview beside the list gives each part the room it needs, from the first show on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from casedesk.desk import application
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.desk.shell import Shell
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft
from casedesk.tracing import rules
from casedesk.tracing.page import CasesPage
from casedesk.tracing.records import (
    CaseActionDraft,
    CaseEnquirerDraft,
    InformationReceivedDraft,
    TracingCaseDraft,
)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
LONG = "Asked whether his name stands on a list; the answer names two villages and a date. " * 3


@pytest.fixture
def cases(store: Store) -> None:
    """Two cases, each with enquirers and events whose words take several lines."""
    for place, family in enumerate(("Петров", "Шевченко")):
        persons = []
        for given in ("Олег", "Мария-Александра Константиновна", "Ольга"):
            name = PersonNameDraft.checked({"family": family, "given": given})
            phones = [ContactDraft.checked({"typed": f"+7 916 123-45-{place}{n}"}) for n in "123"]
            persons.append(
                store.write(people.register_person, PersonDraft(), [name], phones, actor="op")[0].id
            )
        draft = TracingCaseDraft.checked(
            {"person_id": persons[0], "opened_on": dt.date(2025, 3, 1), "circumstances": LONG}
        )
        asking = [CaseEnquirerDraft.checked({"person_id": one}) for one in persons[1:]]
        case_id = store.write(rules.open_case, draft, asking, actor="op")[0].id
        values = {"case_id": case_id, "on_date": dt.date(2025, 4, 1 + place)}
        action = CaseActionDraft.checked({**values, "note": LONG})
        store.write(rules.record_action, action, actor="op")
        news = InformationReceivedDraft.checked({**values, "whereabouts": LONG})
        store.write(rules.record_information, news, actor="op")


@pytest.fixture
def page(store: Store, cases: None, tmp_path: Path, qtbot: Any, qapp: Any) -> Iterator[CasesPage]:
    settings = Settings(tmp_path / "settings")
    application.start(["casedesk"], settings)
    desk = Desk(store, Jobs.inline(store), settings, Lane(inline=True))
    made = CasesPage(desk)
    shell = Shell(desk, [made])
    qtbot.addWidget(shell)
    shell.resize(1440, 900)
    shell.show()
    desk.open("cases")
    qtbot.waitUntil(lambda: made.preview.shown > 0)
    yield made
    shell.close()


def settle() -> None:
    for _turn in range(5):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def faults(page: CasesPage) -> list[str]:
    """Say which part of the preview is cut, and between which two there is a hole."""
    preview, found = page.preview, []
    latest = preview.latest
    if latest.height() < latest._tops[-1]:
        found.append(f"latest is cut: {latest.height()} of {latest._tops[-1]}")
    shown = [row for _rule, row in preview.asking._rows if row.isVisible()]
    for row in shown:
        need = row.heightForWidth(row.width())
        if not need <= row.height() <= need + 2:
            found.append(f"a row of who asks has {row.height()}, needs {need}")
    last = shown[-1].mapTo(preview, shown[-1].rect().bottomLeft()).y()
    below = latest.mapTo(preview, latest.rect().topLeft()).y()
    if not 0 < below - last < 60:
        found.append(f"{below - last} between who asks and what happened")
    return found


def test_each_part_of_the_preview_has_its_room_on_the_first_show(page: CasesPage) -> None:
    """At once: nobody turns the event loop in between, as a picture of the window would not."""
    assert faults(page) == []
    settle()
    assert faults(page) == []


def test_and_still_has_it_with_another_case_and_another_width(page: CasesPage) -> None:
    settle()
    page.table.select_id(1 if page.preview.shown == 2 else 2)
    page._read_preview()
    settle()
    assert faults(page) == []
    page.split.setSizes([700, 500])
    settle()
    assert faults(page) == []
    page.split.setSizes([1000, 300])
    settle()
    assert faults(page) == []
