"""The owner of a case is told of what is new: nothing is missed, and nothing is said twice."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from casedesk.kernel import journal
from casedesk.kernel.errors import Cancelled
from casedesk.kernel.jobs import Progress
from casedesk.people import rules as people
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft, Script
from casedesk.tracing import matching, rules, watching
from casedesk.tracing.records import Match, TracingCaseDraft, Verdict

DAY = dt.date(2025, 9, 11)
BORN = dt.date(1984, 5, 17)


def register(store, family="Гречаный", given="Степан", **more):
    draft = PersonDraft.checked({"born_first": BORN, "born_last": BORN, "sex": "m", **more})
    script = Script.LATIN if family.isascii() else Script.CYRILLIC
    names = [PersonNameDraft(family=family, given=given, script=script)]
    return store.write(people.register_person, draft, names, actor="op")[0].id


def open_case(store, person, owner="anna"):
    draft = TracingCaseDraft(person_id=person, opened_on=dt.date(2025, 5, 2), owner=owner)
    return store.write(rules.open_case, draft, actor="op")[0].id


def told(store, owner="anna"):
    with store.read() as session:
        return [(one.case_id, one.other_id) for one in watching.news(session, owner, DAY)]


def look(store, **options):
    looked = watching.look(Progress(), store, **options)
    if looked is not None:
        store.write(watching.keep_looked, looked, actor="op")
    return looked


@pytest.fixture
def case(store):
    """A case of anna's; everything so far has been looked at."""
    case_id = open_case(store, register(store))
    look(store)
    assert told(store) == []
    return case_id


def test_who_is_registered_next_is_told_to_the_owner_and_to_nobody_else(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    assert told(store) == []  # saving does not look
    look(store)
    assert told(store) == [(case, other)]
    assert told(store, "olga") == []


def test_nobody_is_looked_at_twice_for_the_same_change(store, case):
    register(store, "Hrechanyi", "Stepan")
    assert len(look(store).persons) == 1
    assert watching.look(Progress(), store) is None


def test_a_case_that_is_opened_for_somebody_known_is_looked_at(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    look(store)
    second = open_case(store, other, "olga")
    assert look(store).persons == (other,)
    assert [pair[0] for pair in told(store, "olga")] == [second]


def test_what_ends_between_looking_and_keeping_loses_nothing(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    watching.look(Progress(), store)  # and then the program ends
    look(store)
    assert told(store) == [(case, other)]


def test_who_changes_while_others_are_looked_at_comes_next(store, case):
    register(store, "Литвин", "Андрій")
    looked = watching.look(Progress(), store)
    other = register(store, "Hrechanyi", "Stepan")
    store.write(watching.keep_looked, looked, actor="op")
    assert look(store).persons == (other,)
    assert told(store) == [(case, other)]


def test_a_judgement_ends_it_until_the_data_change(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    look(store)
    person = 1
    store.write(matching.judge, person, other, Verdict.NOT_SAME, "two fathers", actor="anna")
    assert told(store) == []
    with store.read() as session:
        assert matching.strong_matches(session, case) == 0
    store.write(people.add_contact, ContactDraft(person_id=person, typed="+79161234567"), actor="x")
    look(store)
    assert told(store) == [(case, other)]
    with store.read() as session:
        assert matching.strong_matches(session, case) == 1


def test_what_does_not_fit_any_more_is_let_go_of(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    look(store)
    person = PersonDraft.checked({"code": "P-000002", "sex": "f", "born_first": DAY,
                                  "born_last": DAY})  # fmt: skip
    store.write(people.change_person, other, person, 0, actor="op")
    look(store)
    assert told(store) == []


def test_undoing_a_registration_takes_its_matches_along(store, case):
    names = [PersonNameDraft(family="Hrechanyi", given="Stepan", script=Script.LATIN)]
    draft = PersonDraft(born_first=BORN, born_last=BORN)
    _made, changes = store.write(people.register_person, draft, names, actor="op")
    look(store)
    assert len(told(store)) == 1
    store.write(journal.undo, changes.entry, actor="op")
    look(store)
    with store.read() as session:
        assert session.connection().execute(sa.select(Match.first_id)).all() == []


def test_many_at_once_are_found_by_one_sweep(store, case, monkeypatch):
    monkeypatch.setattr(watching, "A_FEW", 2)
    others = [register(store, "Hrechanyi", "Stepan"), register(store), register(store, "Осипов")]
    looked = look(store)
    assert looked.swept is not None
    assert {pair[1] for pair in told(store)} == set(others[:2])
    assert watching.look(Progress(), store) is None


def test_looking_can_be_stopped_and_goes_on_later(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    stopped = Progress()
    stopped.cancelled = True
    with pytest.raises(Cancelled):
        watching.look(stopped, store)
    look(store)
    assert told(store) == [(case, other)]


def test_a_command_catches_up(store, case):
    other = register(store, "Hrechanyi", "Stepan")
    assert watching.catch_up(store, actor="op") == 1
    assert told(store) == [(case, other)]
    assert watching.catch_up(store, actor="op") == 0


def test_owner_status_and_calls_of_a_case_are_no_reason_to_look(store, case):
    store.write(rules.assign, [case], "olga", actor="op")
    assert watching.look(Progress(), store) is None
