"""Folding: total, idempotent, and one key for a Cyrillic name and its romanisations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.names.fold import fold, readings
from casedesk.names.parse import ParsedName, parse
from casedesk.names.romanise import romanise, schemes_for

NAMES = ("Кузнецов", "Щербаков", "Хрущёв", "Евгений", "Юрий", "Наталья", "Чайковский", "Жуков")


@given(st.text(max_size=300))
def test_folding_never_fails_and_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("scheme", schemes_for("ru"))
@pytest.mark.parametrize("name", NAMES)
def test_every_scheme_leads_back_to_the_cyrillic_key(name: str, scheme: str) -> None:
    assert fold(name) in readings(romanise(name, scheme))


@pytest.mark.parametrize("text", ["😀", "\x00", "\u202eИванов", "\u0301", "я" * 10_000])
def test_odd_text_is_folded_too(text: str) -> None:
    assert len(fold(text)) <= 64


def test_a_patronymic_is_found_in_either_order() -> None:
    wanted = ParsedName("Иванов", "Пётр", "Ильич")
    assert parse("Иванов Пётр Ильич") == parse("Пётр Ильич Иванов") == wanted
