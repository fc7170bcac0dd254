"""Persons: what a draft refuses, how a person is registered, what a merge moves and keeps."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from casedesk.kernel import journal
from casedesk.kernel.errors import InvalidDraft, Refused, StaleRecord
from casedesk.kernel.store import Store
from casedesk.people import rules
from casedesk.people.records import (
    Contact,
    ContactDraft,
    NameKind,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
    Sex,
    name_text,
)


def name(family: str, given_name: str = "Anna") -> PersonNameDraft:
    return PersonNameDraft.checked({"family": family, "given": given_name})


def register(store: Store, family: str, **person: object) -> Person:
    draft = PersonDraft.checked(dict(person))
    registered, _changes = store.write(rules.register_person, draft, [name(family)], actor="op")
    assert isinstance(registered, Person)
    return registered


def test_a_birth_date_in_the_future_is_refused() -> None:
    with pytest.raises(InvalidDraft, match="future"):
        PersonDraft.checked({"born_first": dt.date(2025, 9, 12), "born_last": dt.date(2025, 9, 12)})


def test_a_birth_date_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidDraft, match="ends before"):
        PersonDraft.checked({"born_first": dt.date(1980, 2, 1), "born_last": dt.date(1980, 1, 1)})


def test_half_a_birth_date_is_refused() -> None:
    with pytest.raises(InvalidDraft, match="both ends"):
        PersonDraft.checked({"born_first": dt.date(1980, 2, 1)})


@pytest.mark.parametrize("bad", ["Ivan\x00ov", "Ivan\x07ov", "\x1b[31mIvanov", "Ivan\ud800"])
def test_control_characters_in_a_name_are_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(InvalidDraft) as caught:
        name(bad)
    assert "family" in caught.value.fields
    assert "Ivan" not in str(caught.value)


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u200b", "\ufeff"])
def test_invisible_marks_are_stripped_from_a_name(mark: str) -> None:
    assert name(f"{mark}Ива{mark}нов ").family == "Иванов"


def test_markup_in_a_name_is_just_text() -> None:
    assert name("<b>O'Neill</b> & Co; --").family == "<b>O'Neill</b> & Co; --"


def test_a_name_part_has_at_most_200_characters() -> None:
    assert name("я" * 200).family == "я" * 200
    with pytest.raises(InvalidDraft):
        name("я" * 201)


def test_a_name_without_any_part_is_refused() -> None:
    with pytest.raises(InvalidDraft, match="at least one part"):
        name(" \u200b", "")


@given(st.text(max_size=60))
def test_cleaning_a_name_twice_changes_nothing_more(typed: str) -> None:
    try:
        once = name_text(typed)
    except ValueError:
        return
    assert name_text(once) == once
    assert once == once.strip()


def test_codes_are_given_in_order_and_skip_those_taken(store: Store) -> None:
    assert register(store, "Первая").code == "P-000001"
    assert register(store, "Из файла", code="P-000004").code == "P-000004"
    assert register(store, "Вторая").code == "P-000005"
    assert register(store, "Из файла", code="P-000002").code == "P-000002"
    assert register(store, "Третья").code == "P-000003"
    assert register(store, "Четвёртая").code == "P-000006"


def test_a_person_without_a_name_is_refused_and_leaves_no_trace(store: Store) -> None:
    with pytest.raises(Refused, match="at least one name"):
        store.write(rules.register_person, PersonDraft(), [], actor="op")
    with store.read() as session:
        assert session.exec(select(Person)).all() == []


def test_a_telephone_number_gets_its_searchable_form(store: Store) -> None:
    contact = ContactDraft(typed="8 (495) 123-45-67")
    store.write(rules.register_person, PersonDraft(), [name("Иванова")], [contact], actor="op")
    with store.read() as session:
        kept = session.exec(select(Contact)).one()
        assert (kept.typed, kept.e164) == ("8 (495) 123-45-67", "+74951234567")


def test_a_merge_moves_names_and_contacts_and_deletes_nothing(store: Store) -> None:
    keep = register(store, "Ivanova")
    drop = register(store, "Иванова", sex=Sex.F, mother_name="Ольга")
    store.write(
        rules.add_contact, ContactDraft(person_id=drop.id, typed="+79161234567"), actor="op"
    )
    _kept, changes = store.write(rules.merge, keep.id, drop.id, actor="op")
    with store.read() as session:
        owners = set(session.exec(select(PersonName.person_id)).all())
        assert owners == {keep.id}
        assert session.exec(select(Contact.person_id)).all() == [keep.id]
        dropped = session.get(Person, drop.id)
        assert dropped is not None
        assert dropped.merged_into_id == keep.id
        assert rules.current(session, drop.id or 0).id == keep.id
        kept = session.get(Person, keep.id)
        assert kept is not None
        assert (kept.sex, kept.mother_name) == (Sex.F, "Ольга")
    store.write(journal.undo, changes.entry, actor="op")
    with store.read() as session:
        owners = set(session.exec(select(PersonName.person_id)).all())
        assert owners == {keep.id, drop.id}
        dropped = session.get(Person, drop.id)
        assert dropped is not None
        assert dropped.merged_into_id is None


def test_a_chain_of_merges_leads_to_the_last_kept_person(store: Store) -> None:
    first, second, third = (register(store, family) for family in ("А", "Б", "В"))
    store.write(rules.merge, second.id, first.id, actor="op")
    store.write(rules.merge, third.id, second.id, actor="op")
    with store.read() as session:
        assert rules.current(session, first.id or 0).id == third.id
        merged = session.get(Person, first.id)
        assert merged is not None
        assert merged.merged_into_id == third.id


def test_a_person_merges_neither_with_themselves_nor_twice(store: Store) -> None:
    one, other = register(store, "А"), register(store, "Б")
    with pytest.raises(Refused, match="different"):
        store.write(rules.merge, one.id, one.id, actor="op")
    store.write(rules.merge, one.id, other.id, actor="op")
    with pytest.raises(Refused, match="merged into another"):
        store.write(rules.merge, other.id, one.id, actor="op")


def test_a_merge_read_from_a_stale_file_is_refused(store: Store) -> None:
    one, other = register(store, "А"), register(store, "Б")
    with pytest.raises(StaleRecord):
        store.write(rules.merge, one.id, other.id, one.revision + 1, actor="op")


def test_a_corrected_name_stays_with_its_person(store: Store) -> None:
    person, other = register(store, "Иваново"), register(store, "Б")
    with store.read() as session:
        kept = session.exec(select(PersonName).where(PersonName.person_id == person.id)).one()
    values = {"person_id": person.id, "family": "Иванова", "kind": NameKind.HEARD}
    changed, _c = store.write(
        rules.change_name, kept.id, PersonNameDraft.checked(values), kept.revision, actor="op"
    )
    assert changed.family == "Иванова"
    values["person_id"] = other.id
    with pytest.raises(Refused, match="merge only"):
        store.write(rules.change_name, kept.id, PersonNameDraft.checked(values), 1, actor="op")
