"""Call-backs: what was promised is due on its day, listed with its time, and done once."""

from __future__ import annotations

import datetime as dt

import pytest

from casedesk.hotline import rules
from casedesk.hotline.records import (
    EnquiryDraft,
    EnquirySought,
    EnquirySoughtDraft,
    EnquiryStatus,
)
from casedesk.kernel import journal
from casedesk.kernel.errors import InvalidDraft, Refused, StaleRecord
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft

DAY = dt.date(2025, 9, 10)
LATER = dt.date(2025, 9, 12)


def new(family, script="cyrillic"):
    name = PersonNameDraft.checked({"family": family, "script": script})
    return people.NewPerson(PersonDraft(), (name,))


def promised(store, on=LATER, at="14:30", operator="anna", caller=None):
    draft = EnquiryDraft.checked(
        {
            "received_on": DAY,
            "status": EnquiryStatus.CALL_BACK,
            "call_back_on": on,
            "call_back_at": at,
            "promised": "read him the list",
            "operator": operator,
            "number_typed": "8 916 123-45-67",
        }
    )
    call, _c = store.write(rules.log_call, draft, [], caller, actor=operator)
    return call


def due(store, day, operator=""):
    with store.read() as session:
        listed = rules.followups(session, day, operator)
        assert rules.followups_count(session, day, operator) == len(listed)
        return listed


def test_call_back_is_due_from_its_day_on_and_not_before(store):
    call = promised(store, caller=new("Шевченко"))
    assert due(store, LATER - dt.timedelta(days=1)) == []
    (item,) = due(store, LATER + dt.timedelta(days=2))
    assert (item.enquiry_id, item.at, item.promise) == (call.id, "14:30", "read him the list")
    assert (item.caller, item.number, item.days_late) == ("Шевченко", "8 916 123-45-67", 2)


def test_longest_overdue_comes_first_then_the_earliest_time(store):
    late = promised(store, on=DAY, at="").id
    noon = promised(store, at="12:00").id
    morning = promised(store, at="9:05").id
    assert [item.enquiry_id for item in due(store, LATER)] == [late, morning, noon]


def test_each_operator_has_their_own(store):
    promised(store, operator="anna")
    promised(store, operator="boris")
    assert [item.operator for item in due(store, LATER, "boris")] == ["boris"]


def test_call_back_that_was_made_is_due_no_more_and_can_be_undone(store):
    call = promised(store)
    done, changes = store.write(
        rules.done_call_back, call.id, "He was glad.", call.revision, actor="anna"
    )
    assert due(store, LATER) == []
    assert done.status is EnquiryStatus.ANSWERED
    assert done.summary == "He was glad."
    assert (done.promised, done.call_back_at) == ("read him the list", "")
    with pytest.raises(Refused, match="No call-back is open"):
        store.write(rules.done_call_back, call.id, actor="anna")
    store.write(journal.undo, changes.entry, actor="anna")
    assert len(due(store, LATER)) == 1


def test_call_that_was_answered_since_waits_for_nothing(store):
    call = promised(store)
    answered = EnquiryDraft.checked({**call.draft().model_dump(), "status": "answered"})
    store.write(rules.change_enquiry, call.id, answered, call.revision, actor="anna")
    assert due(store, LATER) == []


def test_call_back_changed_by_somebody_else_is_not_ticked_off(store):
    call = promised(store)
    with pytest.raises(StaleRecord):
        store.write(rules.done_call_back, call.id, revision=call.revision + 1, actor="anna")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"call_back_at": "25:00", "call_back_on": LATER}, "Write the time as 09:30"),
        ({"call_back_at": "09:30"}, "on which day"),
    ],
)
def test_time_of_a_call_back_is_a_time_of_a_day(values, sentence):
    with pytest.raises(InvalidDraft, match=sentence):
        EnquiryDraft.checked({"received_on": DAY, **values})


@pytest.mark.parametrize(
    "dates", [(LATER, None), (DAY, dt.date(2025, 9, 1)), (dt.date(2026, 1, 1), dt.date(2026, 1, 2))]
)
def test_last_contact_is_an_interval_of_the_past(dates):
    values = {"last_contact_first": dates[0], "last_contact_last": dates[1]}
    with pytest.raises(InvalidDraft):
        EnquirySoughtDraft.checked({"person_id": 1, **values})


def test_calls_about_a_person_are_found_by_person_by_case_and_past_a_merge(store):
    draft = EnquiryDraft.checked({"received_on": DAY, "received_at": "09:00"})
    sought = [rules.NewSought(new("Ткаченко"), "son")]
    first, _c = store.write(rules.log_call, draft, sought, new("Ткаченко мать"), actor="anna")
    later = EnquiryDraft.checked({"received_on": DAY, "received_at": "10:00"})
    sought = [rules.NewSought(new("Tkachenko", "latin"), "brother")]
    second, _c = store.write(rules.log_call, later, sought, actor="anna")
    with store.read() as session:
        lines = {line.enquiry_id: line.person_id for line in session.exec(_all_sought())}
    him, him_too = lines[first.id], lines[second.id]
    store.write(rules.link_case, second.id, him_too, "2024-018441-7", actor="anna")

    def listed(person, numbers=()):
        with store.read() as session:
            return [c.enquiry_id for c in rules.calls_about(session, person, numbers)]

    assert listed(him) == [first.id]
    assert listed(him, ["2024-018441-7"]) == [second.id, first.id]
    store.write(people.merge, him, him_too, actor="anna")
    assert listed(him) == [second.id, first.id]
    with store.read() as session:
        newest, oldest = rules.calls_about(session, him)
    assert (oldest.caller, oldest.relation, newest.case_number) == (
        "Ткаченко мать",
        "son",
        "2024-018441-7",
    )
    assert (oldest.caller_id, newest.caller_id) == (first.caller_id, None)


def test_known_number_says_who_calls_how_often_and_in_which_language(store):
    values = {"received_on": DAY, "number_typed": "+79161234567", "language": "uk"}
    first, _c = store.write(
        rules.log_call, EnquiryDraft.checked(values), [], new("Шевченко"), actor="anna"
    )
    again = EnquiryDraft.checked({**values, "received_on": dt.date(2025, 9, 11), "language": ""})
    store.write(rules.log_call, again, [], first.caller_id, actor="anna")
    with store.read() as session:
        (caller,) = rules.callers_by_number(session, "+79161234567")
    assert (caller.person_id, caller.name, caller.calls) == (first.caller_id, "Шевченко", 2)
    assert (caller.language, caller.last_on) == ("uk", dt.date(2025, 9, 11))


def _all_sought():
    from sqlmodel import select

    return select(EnquirySought)
