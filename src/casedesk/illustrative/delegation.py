"""The invented delegation: persons, cases with their lives, and all calls, at any scale.

Calls are cheap, so every scale holds all of them. Persons and cases scale: at scale 1 the file
holds 154,200 open cases on 31 August 2025 and 43,000 at the end of 2024, as published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlmodel import Session

from casedesk.hotline.records import Enquiry, EnquirySought
from casedesk.illustrative.assistance import fill_assistance
from casedesk.illustrative.calls import ANSWERED, CallBook
from casedesk.illustrative.cases import TRIAL_DAY, Family, cases
from casedesk.illustrative.people import People
from casedesk.kernel.acts import act
from casedesk.kernel.language import N_
from casedesk.kernel.settings import change_setting
from casedesk.kernel.store import Store, insert_rows
from casedesk.people import index
from casedesk.people.records import Contact, NameToken, Person, PersonName
from casedesk.reports import external
from casedesk.tracing import watching
from casedesk.tracing.records import (
    CaseAction,
    CaseEnquirer,
    CaseStatus,
    FamilyInformed,
    InformationReceived,
    TracingCase,
)

Row = dict[str, Any]
ACTOR = "illustrative data"
_CHUNK = 5_000


def create(
    store: Store, *, scale: float, seed: int, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Fill an empty file with the delegation; the same seed and scale give the same records."""
    store.write(external.record, external.published(), actor=ACTOR)
    store.write(change_setting, "trial_day", TRIAL_DAY.isoformat(), actor=ACTOR)
    families: list[Family] = []
    people = People(seed)
    invented = cases(seed, scale, people, families)
    done = 0
    while batch := _take(invented, _CHUNK):
        store.write(fill, batch, actor=ACTOR, bulk=True)
        done += len(batch["case"])
        progress(f"{done:,} cases")
    fill_assistance(store, scale, seed, people, progress)
    book = CallBook(seed, families)
    for year in ANSWERED:
        for month in range(1, 13):
            rows, sought = book.month(year, month)
            store.write(fill, {"call": rows, "sought": sought}, actor=ACTOR, bulk=True)
        progress(f"calls of {year}")
    store.write(index.rebuild_index, actor=ACTOR)
    watching.catch_up(store, actor=ACTOR)
    progress("possible duplicates")


@act("illustrative.fill", N_("Add illustrative data"), undoable=False)
def fill(session: Session, rows: dict[str, list[Row]]) -> None:
    """Insert rows of several tables, parents first."""
    for name, cls in (
        ("person", Person),
        ("name", PersonName),
        ("contact", Contact),
        ("token", NameToken),
        ("case", TracingCase),
        ("status", CaseStatus),
        ("enquirer", CaseEnquirer),
        ("action", CaseAction),
        ("information", InformationReceived),
        ("informed", FamilyInformed),
        ("call", Enquiry),
        ("sought", EnquirySought),
    ):
        insert_rows(session, cls, rows.get(name, []))


def _take(rows: Iterator[dict[str, list[Row]]], count: int) -> dict[str, list[Row]]:
    batch: dict[str, list[Row]] = {}
    for _ in range(count):
        one = next(rows, None)
        if one is None:
            break
        for name, values in one.items():
            batch.setdefault(name, []).extend(values)
    return batch
