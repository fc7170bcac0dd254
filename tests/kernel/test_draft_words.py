"""What is wrong with a field is said in words of the house, under the name of the screen."""

from __future__ import annotations

from typing import Any

import pytest

from casedesk.kernel import language
from casedesk.kernel.errors import InvalidDraft
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing.records import TracingCaseDraft


def problem(draft: Any, values: dict[str, Any]) -> InvalidDraft:
    with pytest.raises(InvalidDraft) as caught:
        draft.checked(values)
    return caught.value


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"external_ref": "x" * 300}, "external_ref", "This is too long: at most"),
        ({"person_id": "seven"}, "person_id", "Write a whole number."),
        ({"opened_on": "soon"}, "opened_on", "Write a whole date, as 2025-09-03."),
        ({"last_seen_on": "2025-13-40"}, "last_seen_on", "Write a whole date, as 2025-09-03."),
        ({"kind": "spaceship"}, "kind", "Choose one of the offered values."),
        ({"owner": 5}, "owner", "Write words here."),
        ({"colour": "red"}, "colour", "There is no such field."),
    ],
)
def test_each_kind_of_mistake_has_a_sentence(
    values: dict[str, Any], field: str, words: str
) -> None:
    whole = {"person_id": 1, "opened_on": "2025-03-01"}
    error = problem(TracingCaseDraft, {**whole, **values})
    assert error.fields[field].startswith(words)
    assert "nput" not in str(error)
    assert "String" not in str(error)


def test_what_is_missing_is_named_as_on_the_screen() -> None:
    error = problem(TracingCaseDraft, {"person_id": 1})
    assert error.fields == {"opened_on": "This is missing."}
    assert str(error) == "Some fields need a look: Opened: This is missing."


def test_russian_says_it_in_russian() -> None:
    language.use("ru")
    error = problem(PersonNameDraft, {"family": "я" * 300})
    assert error.fields["family"] == "Слишком длинно: не больше 200 знаков."
    assert "Фамилия: Слишком длинно" in str(error)
    assert "family" not in str(error)


def test_our_own_sentences_stay_as_they_are_and_nothing_typed_is_repeated() -> None:
    error = problem(PersonDraft, {"born_first": "1990-01-01", "born_last": "1980-01-01"})
    (said,) = error.fields.values()
    assert not said.startswith("Value error")
    assert said in str(error)
    assert "record:" not in str(error)
    secret = problem(TracingCaseDraft, {"person_id": "Шевченко", "opened_on": "2025-03-01"})
    assert "Шевченко" not in str(secret)
