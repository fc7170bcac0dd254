"""Search for names as a caller spells them."""

from __future__ import annotations

import pytest

from casedesk.kernel import journal
from casedesk.kernel.acts import act
from casedesk.kernel.fields import PartialDate
from casedesk.people import index
from casedesk.people.records import (
    Contact,
    ContactDraft,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
)


@act("test.person", "Add")
def add(session, code, family, given, patronymic="", year=None, phone=None):
    """Add a person with a name in Cyrillic."""
    born = PartialDate.parse(str(year), None) if year else None
    person = Person.of(
        PersonDraft(
            code=code,
            born_first=born.first if born else None,
            born_last=born.last if born else None,
        )
    )
    session.add(person)
    session.flush()
    name = {"family": family, "given": given, "patronymic": patronymic, "script": "cyrillic"}
    session.add(PersonName.of(PersonNameDraft(person_id=person.id, **name)))
    if phone:
        session.add(Contact.of(ContactDraft(person_id=person.id, typed=phone, e164=phone)))
    session.flush()
    return person.id


@pytest.fixture
def people(store):
    """File three persons, two of whom differ in the patronymic alone."""
    ids = {}
    for code, *name in (
        ("A", "Щербаков", "Юрий", "Николаевич", 1987, "+79161234567"),
        ("B", "Щербаков", "Юрий", "Олегович", 1961),
        ("C", "Ткаченко", "Андрей"),
    ):
        ids[code], _ = store.write(add, code, *name, actor="anna")
    store.ids = ids
    return store


def found(store, text, **options):
    """Search and give the ids, best first."""
    with store.read() as session:
        return [hit.person_id for hit in index.search(session, text, **options)]


@pytest.mark.parametrize(
    "typed", ["Ткаченко", "ткаченко андрей", "Tkachenko", "Andrey Tkachenko", "Tkach"]
)
def test_both_scripts_any_order_and_beginnings_find_the_person(people, typed):
    assert found(people, typed) == [people.ids["C"]]


def test_patronymic_settles_namesakes_and_the_reason_is_true(people):
    with people.read() as session:
        (hit,) = index.search(session, "Shcherbakov Yuri Nikolaevich")
        others = index.search(session, "Shcherbakov Yuri Borisovich")
    assert hit.person_id == people.ids["A"]
    assert "patronymic agrees" in hit.why
    assert {other.person_id for other in others} == {people.ids["A"], people.ids["B"]}
    assert not any("patronymic agrees" in other.why for other in others)


def test_birth_year_settles_namesakes(people):
    born = PartialDate.parse("1961", None)
    assert found(people, "Щербаков Юрий", born=born)[0] == people.ids["B"]


@pytest.mark.parametrize("typed", ["+7 916 123-45-67", "8 (916) 1234567", "A"])
def test_number_and_code_find_their_person(people, typed):
    assert found(people, typed)[0] == people.ids["A"]


@pytest.mark.parametrize("typed", ["", " ", "x", "%", "*", "\"'", "\x00", "😀", "ש", "а" * 500])
def test_odd_input_is_answered(people, typed):
    found(people, typed)


def test_undo_takes_a_name_out_of_the_index(people):
    made, changes = people.write(add, "D", "Орлик", "Надія", actor="anna")
    assert found(people, "Orlyk") == [made]
    people.write(journal.undo, changes.entry, actor="anna")
    assert found(people, "Orlyk") == []
    with people.read() as session:
        assert index.missing(session) == 0
