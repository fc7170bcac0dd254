"""A case is found by a part of its number."""

from __future__ import annotations

import datetime as dt

import pytest

from casedesk import numbers
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import TracingCaseDraft


@pytest.fixture
def case(store):
    """Open one case for one person."""
    name = PersonNameDraft(family="Иванов", given="Иван", script="cyrillic")
    person, _ = store.write(people.register_person, PersonDraft(), [name], actor="anna")
    draft = TracingCaseDraft(person_id=person.id, opened_on=dt.date(2024, 3, 1), owner="anna")
    opened, _ = store.write(tracing.open_case, draft, actor="anna")
    return opened.person_id, opened.number


def test_any_digits_that_stand_together_in_the_number_find_the_case(store, case):
    person, number = case
    digits = number.replace("-", "")
    with store.read() as session:
        for start in range(len(digits) - 4):
            part = digits[start : start + 5]
            found = numbers.by_part_of_case_number(session, part)
            assert list(found) == [(person, "part of the case number")]
        assert list(numbers.by_part_of_case_number(session, "999999999")) == []
