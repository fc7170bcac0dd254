"""Many records in few statements: the same as one by one, journalled, undone as a whole."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlmodel import select

from casedesk.assistance import rounds, rules
from casedesk.assistance.records import (
    HouseholdDraft,
    HouseholdMemberDraft,
    Modality,
    ProgrammeDraft,
    Registration,
    RegistrationDraft,
    RegistrationLife,
    RegistrationStatus,
    RoundDraft,
)
from casedesk.assistance.rules import NewHousehold, NewMember, NewRegistration
from casedesk.kernel import journal, status
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused, StaleRecord
from casedesk.kernel.store import update_rows
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson

TODAY = dt.date(2025, 9, 11)
FIRST = dt.date(2025, 9, 1)


@act("test.change_many", "Change many")
def change_many(session, ids, value, on, known=TODAY):
    status.change_many(session, RegistrationLife, "registration_id", ids, value, on, known)


@act("test.change_each", "Change each")
def change_each(session, ids, value, on, known=TODAY):
    for i in ids:
        status.change(session, RegistrationLife, "registration_id", i, value, on=on, known=known)


def new(programme, number, on=FIRST):
    name = PersonNameDraft(family=f"Номер{'абвгдежзик'[number % 10]}", given=f"И{number}")
    member = NewMember(NewPerson(PersonDraft(), (name,)), HouseholdMemberDraft(head=True))
    draft = RegistrationDraft(programme_id=programme, registered_on=on)
    return NewRegistration(draft, NewHousehold(HouseholdDraft(), (member,)))


@pytest.fixture
def programme(store):
    values = {"name": "Cash", "modality": Modality.CASH, "starts_on": "2025-01-01"}
    return store.write(rules.add_programme, ProgrammeDraft.checked(values), actor="a")[0].id


@pytest.fixture
def ids(store, programme):
    made = store.write(rules.register_many, [new(programme, n) for n in range(6)], actor="a")[0]
    return [item.registration.id for item in made]


def lives(store):
    with store.read() as session:
        rows = session.exec(select(RegistrationLife)).all()
    return sorted(
        (r.registration_id, r.status, r.valid_from, str(r.valid_to), r.known_from, str(r.known_to))
        for r in rows
    )


@pytest.mark.parametrize("on", [FIRST, dt.date(2025, 9, 5), TODAY])
def test_change_of_many_leaves_what_changes_one_by_one_leave(store, ids, on):
    store.write(change_each, ids[:2], "validated", dt.date(2025, 9, 5), actor="a")
    before = lives(store)
    entry = store.write(change_each, ids, "included", on, actor="a")[1].entry
    expected = lives(store)
    store.write(journal.undo, entry, actor="a")
    assert lives(store) == before
    entry = store.write(change_many, ids, "included", on, actor="a")[1].entry
    assert lives(store) == expected
    store.write(journal.undo, entry, actor="a")
    assert lives(store) == before
    assert store.check() == []


def test_change_of_many_refuses_the_future_and_unknown_statuses(store, ids):
    before = lives(store)
    with pytest.raises(Refused):
        store.write(change_many, ids, "included", dt.date(2025, 9, 12), actor="a")
    with pytest.raises(Refused):
        store.write(change_many, ids, "unheard of", TODAY, actor="a")
    store.write(change_many, [], "included", TODAY, actor="a")
    assert lives(store) == before


def test_change_of_thousands_takes_a_handful_of_statements(store, programme):
    many = [new(programme, n) for n in range(1200)]
    made = store.write(rules.register_many, many, actor="a")[0]
    wanted = [item.registration.id for item in made]
    seen = []
    sa.event.listen(store._engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    told = store.write(rules.change_status, wanted, RegistrationStatus.VALIDATED, TODAY, actor="a")[
        0
    ]
    assert told == 1200
    assert len(seen) < 60
    with store.read() as session:
        held = session.exec(select(Registration.status, Registration.revision)).all()
    assert set(held) == {(RegistrationStatus.VALIDATED, 1)}


def test_change_of_status_is_for_all_or_for_none(store, ids):
    store.write(rules.change_status, ids[:1], RegistrationStatus.VALIDATED, TODAY, actor="a")
    before = lives(store)
    for wanted, on in ((ids, TODAY), ([*ids[1:], 999], TODAY), (ids[1:], dt.date(2025, 8, 1))):
        with pytest.raises((Refused, NotFound)):
            store.write(rules.change_status, wanted, RegistrationStatus.VALIDATED, on, actor="a")
    assert lives(store) == before


def test_record_read_before_shows_what_many_were_given(store, ids):
    @act("test.read_then_change", "Read, then change")
    def read_then_change(session):
        record = session.get(Registration, ids[0])
        update_rows(session, Registration, ids, {"criteria": "elderly"})
        return record.criteria, record.revision

    assert store.write(read_then_change, actor="a")[0] == ("elderly", 1)


def test_undoing_what_something_points_to_now_is_refused_in_a_sentence(store):
    values = {"name": "Cash", "modality": Modality.CASH, "starts_on": "2025-01-01"}
    made, changes = store.write(rules.add_programme, ProgrammeDraft.checked(values), actor="a")
    entry = changes.entry
    days = {"first_day": FIRST, "last_day": TODAY, "opened_on": FIRST}
    draft = RoundDraft.checked({"programme_id": made.id, "name": "R", **days})
    later = store.write(rounds.open_round, draft, actor="a")[1].entry
    with pytest.raises(StaleRecord, match="Something else points to this now"):
        store.write(journal.undo, entry, actor="a")
    undone = store.write(journal.undo, later, actor="a")[1].entry
    store.write(journal.undo, entry, actor="a")
    with pytest.raises(StaleRecord, match="is not there any more"):
        store.write(journal.undo, undone, actor="a")
    assert store.check() == []
