"""The hotline: a call is kept whole or not at all, callers are recognised, calls are counted."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casedesk.hotline import figures, rules
from casedesk.hotline.records import (
    Channel,
    Consent,
    Direction,
    Enquiry,
    EnquiryDraft,
    EnquirySought,
    EnquirySoughtDraft,
    EnquiryStatus,
    Reason,
)
from casedesk.kernel.errors import InvalidDraft, NotFound, Refused, StaleRecord
from casedesk.kernel.figures import Period
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import Person, PersonDraft, PersonNameDraft

DAY = dt.date(2025, 9, 10)
AUGUST = Period(dt.date(2025, 8, 1), dt.date(2025, 8, 31))


def call(**values: object) -> EnquiryDraft:
    return EnquiryDraft.checked({"received_on": DAY, **values})


def new(family: str) -> people.NewPerson:
    return people.NewPerson(PersonDraft(), (PersonNameDraft.checked({"family": family}),))


def log(store: Store, draft: EnquiryDraft, *rest: object) -> Enquiry:
    logged, _changes = store.write(rules.log_call, draft, *rest, actor="op")
    assert isinstance(logged, Enquiry)
    return logged


def test_a_new_caller_and_a_new_sought_person_are_kept_with_the_call(store: Store) -> None:
    sought = [rules.NewSought(new("Петров"), "son")]
    logged = log(store, call(number_typed="8 916 123-45-67"), sought, new("Петрова"))
    with store.read() as session:
        line = session.exec(select(EnquirySought)).one()
        assert (line.enquiry_id, line.relation) == (logged.id, "son")
        assert logged.number_e164 == "+79161234567"
        callers = rules.known_callers(session, "+79161234567")
        assert [person.id for person in callers] == [logged.caller_id]


def test_an_anonymous_call_is_kept_without_a_caller(store: Store) -> None:
    assert log(store, call()).caller_id is None


def test_a_caller_for_statistics_only_leaves_no_number(store: Store) -> None:
    draft = call(consent=Consent.STATISTICS_ONLY, number_typed="+79161234567")
    logged = log(store, draft)
    assert (logged.number_typed, logged.number_e164) == ("", None)
    with pytest.raises(Refused, match="statistics only"):
        log(store, draft, [], new("Петрова"))


def test_a_refused_call_leaves_nothing_behind(store: Store) -> None:
    person = log(store, call(), [], new("Петрова")).caller_id
    twice = [EnquirySoughtDraft(person_id=person)] * 2
    with pytest.raises(Refused, match="twice"):
        log(store, call(), twice, new("Иванова"))
    with store.read() as session:
        assert len(session.exec(select(Enquiry)).all()) == 1
        assert len(session.exec(select(Person)).all()) == 1


def test_the_caller_is_not_the_sought_person(store: Store) -> None:
    person = log(store, call(), [], new("Петрова")).caller_id
    with pytest.raises(Refused, match="cannot be the sought"):
        log(store, call(), [EnquirySoughtDraft(person_id=person)], person)


def test_a_known_number_leads_past_a_merge_to_one_person(store: Store) -> None:
    first = log(store, call(number_typed="+79161234567"), [], new("Петрова")).caller_id
    second = log(store, call(number_typed="+79161234567"), [], new("Petrova")).caller_id
    with store.read() as session:
        assert len(rules.known_callers(session, "+79161234567")) == 2
    store.write(people.merge, first, second, actor="op")
    with store.read() as session:
        assert [p.id for p in rules.known_callers(session, "+79161234567")] == [first]
        assert rules.known_callers(session, "+79990000000") == []


@pytest.mark.parametrize(
    "values",
    [
        {"received_on": dt.date(2025, 9, 12)},
        {"received_at": "25:10"},
        {"call_back_on": dt.date(2025, 9, 9)},
        {"status": EnquiryStatus.CALL_BACK},
        {"minutes": -1},
        {"operator": "A\x00"},
        {"reason": "curiosity"},
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(InvalidDraft):
        call(**values)


def test_linking_notes_the_case_and_the_status(store: Store) -> None:
    logged = log(store, call(), [rules.NewSought(new("Петров"))])
    with store.read() as session:
        person = session.exec(select(EnquirySought.person_id)).one()
    linked, _c = store.write(rules.link_case, logged.id, person, "2024-018441-7", actor="op")
    assert linked.status is EnquiryStatus.LINKED
    with store.read() as session:
        assert session.exec(select(EnquirySought.case_number)).one() == "2024-018441-7"
    with pytest.raises(NotFound):
        store.write(rules.link_case, logged.id, 999, "2024-018441-7", actor="op")


def test_a_stale_correction_is_refused(store: Store) -> None:
    logged = log(store, call())
    store.write(rules.change_enquiry, logged.id, call(summary="one"), 0, actor="op")
    with pytest.raises(StaleRecord):
        store.write(rules.change_enquiry, logged.id, call(summary="two"), 0, actor="op")


def test_calls_are_counted_by_the_rule_and_listed(store: Store) -> None:
    counted = {"received_on": AUGUST.last, "reason": Reason.SEEKING_RELATIVE}
    seeking = log(store, call(**counted)).id
    first_day = log(store, call(received_on=AUGUST.first)).id
    for other in (
        {"direction": Direction.OUT},
        {"channel": Channel.LETTER},
        {"answered": False},
        {"status": EnquiryStatus.SPAM},
        {"received_on": dt.date(2025, 9, 1)},
        {"received_on": dt.date(2025, 7, 31)},
    ):
        log(store, call(**{**counted, **other}))
    with store.read() as session:
        assert figures.CALLS_ANSWERED.ids(session, AUGUST, DAY) == [seeking, first_day]
        assert figures.CALLS_ANSWERED.count(session, AUGUST, DAY) == 2
        assert figures.CALLS_SEEKING_RELATIVES.ids(session, AUGUST, DAY) == [seeking]
