"""One file taken apart again: what goes where is said before, and is so afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casedesk.kernel import journal
from casedesk.people import index
from casedesk.people import rules as people
from casedesk.people.records import ContactDraft, Person, PersonDraft, PersonName, PersonNameDraft
from casedesk.tracing import matching, parting, rules
from casedesk.tracing.records import (
    CaseEnquirer,
    CaseEnquirerDraft,
    Status,
    TracingCase,
    TracingCaseDraft,
    Verdict,
)

DAY = dt.date(2025, 9, 11)


def register(store, family, given, phone="", **more):
    names = [PersonNameDraft(family=family, given=given)]
    contacts = [ContactDraft(typed=phone)] if phone else []
    draft = PersonDraft.checked(more)
    return store.write(people.register_person, draft, names, contacts, actor="anna")[0].id


def open_case(store, person, asking):
    draft = TracingCaseDraft(person_id=person, opened_on=dt.date(2025, 5, 2), owner="anna")
    enquirers = [CaseEnquirerDraft(person_id=asking, relation="son")]
    return store.write(rules.open_case, draft, enquirers, actor="anna")[0].id


@pytest.fixture
def merged(store):
    """Two files with a case, an enquirer and a number each, made one by the review."""
    first = register(store, "Гречаный", "Степан", "+7 916 111-11-11")
    second = register(store, "Гречаний", "Степан", "+7 916 222-22-22", mother_name="Ольга")
    families = register(store, "Гречаная", "Анна"), register(store, "Гречана", "Ганна")
    cases = open_case(store, first, families[0]), open_case(store, second, families[1])
    store.write(matching.merge_match, first, second, DAY, actor="anna")
    return first, second, cases, families


def state(store):
    """What a merge and its parting change."""
    with store.read() as session:
        return (
            sorted((n.person_id, n.family) for n in session.exec(select(PersonName)).all()),
            [p.mother_name for p in session.exec(select(Person).order_by(Person.id)).all()],
            [(c.id, c.status) for c in session.exec(select(TracingCase)).all()],
            sorted((e.case_id, e.person_id) for e in session.exec(select(CaseEnquirer)).all()),
        )


def test_enquirers_of_both_join_one_case(store, merged):
    _first, _second, cases, families = merged
    with store.read() as session:
        asking = select(CaseEnquirer.person_id).where(CaseEnquirer.case_id == cases[0])
        assert set(session.exec(asking).all()) == set(families)
        assert session.get(TracingCase, cases[1]).status is Status.MERGED


def test_the_old_number_of_a_merged_person_still_finds_the_file(store, merged):
    first, second, *_rest = merged
    with store.read() as session:
        code = session.get(Person, second).code
        case = session.get(TracingCase, merged[2][1]).number
        for typed in ("+7 916 222-22-22", "89162222222", code, case):
            assert [hit.person_id for hit in index.search(session, typed)] == [first]


def test_what_goes_where_is_said_before(store, merged):
    first, second, cases, _families = merged
    with store.read() as session:
        (one,) = parting.merged_into(session, first)
        number = session.get(TracingCase, cases[1]).number
    assert (one.person_id, one.name) == (second, "Гречаний Степан")
    lines = "\n".join(one.lines())
    assert "Merged into this file on 11 Sept 2025 by anna" in lines
    assert "Names that go back: Гречаний Степан" in lines
    assert "Numbers that go back: +7 916 222-22-22" in lines
    assert "Taken back from this file: Mother" in lines
    assert f"Cases that are its own again: {number}" in lines
    assert "No longer enquirers of this case: Гречана Ганна" in lines


def test_and_is_so_afterwards_and_undo_makes_one_of_them_again(store, merged):
    first, second, cases, families = merged
    before = state(store)
    _person, changes = store.write(parting.part_persons, second, DAY, actor="olga")
    names, mothers, statuses, asking = state(store)
    assert (second, "Гречаний") in names
    assert mothers[:2] == ["", "Ольга"]
    assert dict(statuses)[cases[1]] is Status.OPEN
    assert asking == [(cases[0], families[0]), (cases[1], families[1])]
    with store.read() as session:
        assert parting.merged_into(session, first) == ()
        pair = {(first, second): Verdict.NOT_SAME}
        assert matching.judged(session, [(first, second)]) == pair
        hits = index.search(session, "+7 916 222-22-22")
        assert [hit.person_id for hit in hits] == [second]
    store.write(journal.undo, changes.entry, actor="olga")
    assert state(store) == before


def test_what_somebody_changed_since_stays_as_it_is(store, merged):
    first, second, cases, families = merged
    with store.read() as session:
        asking = session.exec(
            select(CaseEnquirer).where(
                CaseEnquirer.case_id == cases[0], CaseEnquirer.person_id == families[1]
            )
        ).one()
        person = session.get(Person, first)
        draft, revision = person.draft().model_dump(), person.revision
    changed = CaseEnquirerDraft.checked({**asking.draft().model_dump(), "relation": "sister"})
    store.write(rules.change_enquirer, asking.id, changed, asking.revision, actor="anna")
    corrected = PersonDraft.checked({**draft, "mother_name": "Ольга Петрівна"})
    store.write(people.change_person, first, corrected, revision, actor="anna")
    store.write(parting.part_persons, second, DAY, actor="olga")
    _names, mothers, _statuses, there = state(store)
    assert mothers[0] == "Ольга Петрівна"
    assert (cases[0], families[1]) in there
