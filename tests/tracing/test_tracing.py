"""Tracing: case numbers, the steps of a case, and what is asked before a death is recorded."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from casedesk.kernel import clock
from casedesk.kernel.errors import InvalidDraft, Refused
from casedesk.kernel.figures import Period
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import figures, rules
from casedesk.tracing.records import (
    CaseActionDraft,
    CaseEnquirer,
    CaseEnquirerDraft,
    FamilyInformedDraft,
    Fate,
    InformationReceived,
    InformationReceivedDraft,
    Outcome,
    Sharing,
    Status,
    TracingCase,
    TracingCaseDraft,
)

OPENED = dt.date(2025, 3, 1)
TODAY = dt.date(2025, 9, 11)


def person(store: Store, family: str = "Петров") -> int:
    names = [PersonNameDraft.checked({"family": family})]
    kept, _c = store.write(people.register_person, PersonDraft(), names, actor="op")
    return int(kept.id)


def opened(store: Store, **values: object) -> TracingCase:
    values.setdefault("opened_on", OPENED)
    values.setdefault("person_id", person(store))
    draft = TracingCaseDraft.checked(values)
    case, _c = store.write(rules.open_case, draft, actor="op")
    assert isinstance(case, TracingCase)
    return case


def status_of(store: Store, case: TracingCase) -> Status:
    with store.read() as session:
        kept = session.get(TracingCase, case.id)
        assert kept is not None
        return kept.status


@given(st.integers(1000, 9999), st.integers(1, 999_999), st.data())
def test_every_single_wrong_digit_is_revealed(year: int, serial: int, data: st.DataObject) -> None:
    number = rules.case_number(year, serial)
    assert rules.is_case_number(number)
    place = data.draw(st.sampled_from([i for i, c in enumerate(number) if c.isdigit()]))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not rules.is_case_number(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "2024-18441-7", "2024-018441", "٢٠٢٤-٠١٨٤٤١-٧", "x"])
def test_what_is_not_shaped_like_a_case_number_is_none(text: str) -> None:
    assert not rules.is_case_number(text)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert rules.check_digit("0794") == "5"  # example of ISO 7064 MOD 11,10


def test_numbers_run_within_the_year(store: Store) -> None:
    assert opened(store).number == rules.case_number(2025, 1)
    assert opened(store).number == rules.case_number(2025, 2)
    earlier = opened(store, opened_on=dt.date(2024, 12, 31))
    assert earlier.number == rules.case_number(2024, 1)


def test_a_number_copied_wrongly_or_taken_is_refused(store: Store) -> None:
    taken = opened(store).number
    wrong = taken[:-1] + str((int(taken[-1]) + 1) % 10)
    with pytest.raises(Refused, match="copied wrongly"):
        opened(store, number=wrong)
    with pytest.raises(Refused, match="taken"):
        opened(store, number=taken)


def test_closed_needs_an_outcome_and_a_date() -> None:
    values = {"person_id": 1, "opened_on": OPENED, "status": Status.CLOSED}
    with pytest.raises(InvalidDraft, match="outcome"):
        TracingCaseDraft.checked(values)
    with pytest.raises(InvalidDraft, match="closes before"):
        TracingCaseDraft.checked(
            {**values, "outcome": Outcome.RETURNED, "closed_on": dt.date(2025, 2, 28)}
        )


def test_a_case_walks_from_the_first_action_to_the_closing(store: Store) -> None:
    case = opened(store)
    step = {"case_id": case.id, "on_date": dt.date(2025, 4, 1)}
    store.write(rules.record_action, CaseActionDraft.checked(step), actor="op")
    assert status_of(store, case) is Status.IN_TRACING
    news = {**step, "fate": Fate.ALIVE, "source": "letter", "share_with_family": Sharing.YES}
    store.write(rules.record_information, InformationReceivedDraft.checked(news), actor="op")
    assert status_of(store, case) is Status.INFORMATION_RECEIVED
    told = {**step, "on_date": dt.date(2025, 4, 3), "told": "mother", "fate": Fate.ALIVE}
    store.write(rules.inform_family, FamilyInformedDraft.checked(told), actor="op")
    assert status_of(store, case) is Status.FAMILY_INFORMED
    day = dt.date(2025, 5, 1)
    store.write(rules.close, case.id, Outcome.CONTACT_RESTORED, day, actor="op")
    assert status_of(store, case) is Status.CLOSED
    with pytest.raises(Refused, match="not open"):
        store.write(rules.record_action, CaseActionDraft.checked(step), actor="op")
    store.write(rules.reopen, case.id, dt.date(2025, 6, 1), actor="op")
    with store.read() as session:
        kept = session.get(TracingCase, case.id)
        assert kept is not None
        assert (kept.status, kept.outcome, kept.closed_on) == (Status.OPEN, None, None)


@pytest.mark.parametrize(
    ("source", "second"), [("", "chief"), ("list", ""), ("list", " OP "), (" ", "chief")]
)
def test_a_death_needs_a_source_and_another_person(store: Store, source: str, second: str) -> None:
    case = opened(store)
    with pytest.raises(Refused):
        store.write(rules.close, case.id, Outcome.DEAD, TODAY, source, second, actor="op")
    assert status_of(store, case) is Status.OPEN


def test_a_confirmed_death_closes_and_keeps_its_source(store: Store) -> None:
    case = opened(store)
    store.write(rules.close, case.id, Outcome.DEAD, TODAY, "list 7", "chief", actor="op")
    with store.read() as session:
        kept = session.exec(select(InformationReceived)).one()
        assert (kept.fate, kept.source, kept.verified_by) == (Fate.DEAD, "list 7", "chief")
    assert status_of(store, case) is Status.CLOSED


def test_what_may_not_be_shared_is_not_told(store: Store) -> None:
    case = opened(store)
    step = {"case_id": case.id, "on_date": TODAY, "fate": Fate.ALIVE}
    told = FamilyInformedDraft.checked({**step, "told": "mother"})
    with pytest.raises(Refused, match="first"):
        store.write(rules.inform_family, told, actor="op")
    news = InformationReceivedDraft.checked({**step, "share_with_family": Sharing.NO})
    store.write(rules.record_information, news, actor="op")
    with pytest.raises(Refused, match="may not be shared"):
        store.write(rules.inform_family, told, actor="op")


def test_steps_that_do_not_exist_and_dates_out_of_order_are_refused(store: Store) -> None:
    case = opened(store, status=Status.RECEIVED)
    with pytest.raises(Refused, match="cannot take this step"):
        store.write(rules.change_status, case.id, Status.IN_TRACING, TODAY, actor="op")
    store.write(rules.change_status, case.id, Status.OPEN, dt.date(2025, 4, 1), actor="op")
    with pytest.raises(Refused, match="later step"):
        store.write(rules.change_status, case.id, Status.PENDING, dt.date(2025, 3, 15), actor="op")
    with pytest.raises(Refused, match="before the opening"):
        store.write(rules.change_status, case.id, Status.PENDING, dt.date(2025, 2, 1), actor="op")


def test_a_case_has_one_main_enquirer_and_not_the_sought_person(store: Store) -> None:
    case = opened(store)
    for family in ("Петрова", "Сидорова"):
        values = {"case_id": case.id, "person_id": person(store, family), "main": True}
        store.write(rules.add_enquirer, CaseEnquirerDraft.checked(values), actor="op")
    with store.read() as session:
        mains = session.exec(select(CaseEnquirer.main).order_by(CaseEnquirer.id)).all()
        assert mains == [False, True]
    values = {"case_id": case.id, "person_id": case.person_id}
    with pytest.raises(Refused, match="sought person"):
        store.write(rules.add_enquirer, CaseEnquirerDraft.checked(values), actor="op")


def test_withdrawn_transferred_and_duplicate_cases_are_not_open(store: Store) -> None:
    sought = person(store)
    kept, gone, moved, double = (opened(store, person_id=sought) for _ in range(4))
    store.write(rules.withdraw, gone.id, TODAY, actor="op")
    store.write(rules.transfer, moved.id, "another delegation", TODAY, actor="op")
    store.write(rules.merge_case, kept.id, double.id, TODAY, actor="op")
    with pytest.raises(Refused, match="different persons"):
        store.write(rules.merge_case, kept.id, opened(store).id, TODAY, actor="op")
    period = Period(OPENED, TODAY)
    with store.read() as session:
        assert kept.id in figures.OPEN_CASES.ids(session, period, TODAY)
        assert not {gone.id, moved.id, double.id} & set(
            figures.OPEN_CASES.ids(session, period, TODAY)
        )
        assert figures.CASES_CLOSED.ids(session, period, TODAY) == [gone.id]
        assert double.id not in figures.CASES_OPENED.ids(session, period, TODAY)


def test_open_cases_can_be_counted_as_they_were_known(store: Store) -> None:
    with clock.frozen(dt.date(2025, 3, 2)):
        case = opened(store)
        opened(store, opened_on=dt.date(2021, 12, 31))
        opened(store, status=Status.RECEIVED)
    august = Period(dt.date(2025, 8, 1), dt.date(2025, 8, 31))
    with clock.frozen(dt.date(2025, 9, 8)):
        late = dt.date(2025, 8, 20)
        store.write(rules.close, case.id, Outcome.RETURNED, late, actor="op")
    with store.read() as session:
        known_then, known_now = dt.date(2025, 9, 5), TODAY
        assert figures.OPEN_CASES.ids(session, august, known_then) == [case.id]
        assert figures.OPEN_CASES.ids(session, august, known_now) == []
        assert figures.CASES_CLOSED.count(session, august, known_then) == 0
        assert figures.CASES_CLOSED.ids(session, august, known_now) == [case.id]


def test_a_family_told_twice_counts_once(store: Store) -> None:
    case = opened(store)
    for day in (TODAY, TODAY):
        told = {"case_id": case.id, "on_date": day, "told": "mother"}
        store.write(rules.inform_family, FamilyInformedDraft.checked(told), actor="op")
    with store.read() as session:
        period = Period(TODAY, TODAY)
        assert figures.FAMILIES_INFORMED.ids(session, period, TODAY) == [case.id]
        before = Period(OPENED, dt.date(2025, 9, 10))
        assert figures.FAMILIES_INFORMED.count(session, before, TODAY) == 0
