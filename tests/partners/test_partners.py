"""Organisations: found in either script, noted once, never changed over another's words."""

from __future__ import annotations

import datetime as dt

import pytest

from casedesk.kernel.errors import InvalidDraft, NotFound, Refused, StaleRecord
from casedesk.kernel.store import Store
from casedesk.partners import rules
from casedesk.partners.records import KIND_WORDS, Organisation, OrganisationDraft, OrganisationKind
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import reading
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import CaseActionDraft, TracingCaseDraft


def added(store: Store, name: str, **values: object) -> Organisation:
    draft = OrganisationDraft.checked({"name": name, **values})
    kept, _c = store.write(rules.add_organisation, draft, actor="op")
    assert isinstance(kept, Organisation)
    return kept


def found(store: Store, text: str) -> list[str]:
    with store.read() as session:
        return [item.name for item in rules.find(session, text)]


@pytest.mark.parametrize(
    "typed", ["Белгородская больница", "belgorodskaya bol", "больница", "Hospital 3", "больница 3"]
)
def test_an_organisation_is_found_in_either_script(store: Store, typed: str) -> None:
    added(store, "Белгородская больница № 3", latin_name="Belgorod Hospital 3")
    added(store, "Красный Полумесяц")
    assert found(store, typed) == ["Белгородская больница № 3"]


def test_every_word_has_to_agree(store: Store) -> None:
    added(store, "Городская больница 3")
    assert found(store, "больница 4") == []
    assert found(store, "областная больница") == []


def test_whole_words_come_before_words_only_begun(store: Store) -> None:
    added(store, "Мирный дом")
    added(store, "Мир")
    assert found(store, "мир") == ["Мир", "Мирный дом"]


def test_nothing_typed_lists_all(store: Store) -> None:
    added(store, "Б")
    added(store, "А")
    assert found(store, "") == ["А", "Б"]


def test_the_same_name_is_not_noted_twice(store: Store) -> None:
    added(store, "Госпиталь Вишневского", country="Россия")
    with pytest.raises(Refused, match="noted already"):
        added(store, "госпиталь  вишневского", country="россия")
    added(store, "Госпиталь Вишневского", country="Беларусь")


def test_a_change_based_on_old_words_is_refused(store: Store) -> None:
    one = added(store, "Комитет", kind="ngo")
    draft = OrganisationDraft.checked({"name": "Комитет", "phone": "+7 495 000-00-00"})
    store.write(rules.change_organisation, one.id, draft, one.revision, actor="op")
    with pytest.raises(StaleRecord):
        store.write(rules.change_organisation, one.id, draft, one.revision, actor="other")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "record"),
        ({"name": "A", "email": "nobody"}, "email"),
        ({"name": "A", "phone": "x1"}, "phone"),
        ({"name": "A\x07"}, "name"),
    ],
)
def test_what_cannot_be_kept_is_said_by_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidDraft) as error:
        OrganisationDraft.checked(values)
    assert field in error.value.fields


def test_every_kind_has_words() -> None:
    assert set(KIND_WORDS) == set(OrganisationKind)


def test_an_action_says_who_was_asked(store: Store) -> None:
    names = [PersonNameDraft.checked({"family": "Петров"})]
    person, _c = store.write(people.register_person, PersonDraft(), names, actor="op")
    draft = TracingCaseDraft(person_id=person.id, opened_on=dt.date(2025, 3, 1))
    case, _c = store.write(tracing.open_case, draft, actor="op")
    asked = added(store, "ФСИН")
    values = {"case_id": case.id, "on_date": "2025-04-01", "kind": "authority_request"}
    action = CaseActionDraft.checked({**values, "partner_id": asked.id})
    store.write(tracing.record_action, action, actor="op")
    with store.read() as session:
        file = reading.case_file(session, case.id)
    assert [event.title for event in file.events if event.kind == "action"] == [
        "Request to an authority: ФСИН"
    ]
    unknown = CaseActionDraft.checked({**values, "partner_id": 999})
    with pytest.raises(NotFound, match="organisation"):
        store.write(tracing.record_action, unknown, actor="op")
