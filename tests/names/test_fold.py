"""Folding: total, idempotent, by the table, and one key for a name and its romanisations."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.names.fold import LONGEST_KEY, coarse, fold, fold_start, readings, rules, skeleton
from casedesk.names.parse import ParsedName, parse, tokens
from casedesk.names.romanise import romanise, schemes_for

NAMES = ("Кузнецов", "Щербаков", "Хрущёв", "Евгений", "Юрий", "Наталья", "Чайковский", "Жуков")


@given(st.text(max_size=300))
def test_folding_never_fails_and_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў'абвczhsžтсшћ", max_size=40))
def test_folding_again_changes_nothing_in_names_of_odd_letters(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert all(reading for reading in readings(text))
    assert fold(skeleton(fold(text))) is not None


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.kind} {rule.pattern}")
def test_every_rule_does_to_its_example_what_the_table_says(rule) -> None:
    assert rule.source, "a rule says where it comes from"
    if rule.kind in ("class", "class pair"):
        assert skeleton(fold(rule.example)) == rule.reads
    elif rule.kind == "coarse":
        assert coarse(fold(rule.example)) == rule.reads
    elif rule.kind.startswith("reading"):
        assert re.search(rule.pattern, rule.example.lower())
        assert rule.reads in readings(rule.example)
    else:
        assert fold(rule.example) == rule.reads


@pytest.mark.parametrize("scheme", schemes_for("ru"))
@pytest.mark.parametrize("name", NAMES)
def test_every_scheme_leads_back_to_the_cyrillic_key(name: str, scheme: str) -> None:
    assert fold(name) in readings(romanise(name, scheme))


@pytest.mark.parametrize(
    "spelling",
    ["Shcherbakov", "Schtscherbakow", "Chtcherbakov", "Szczerbakow", "Ščerbakov", "Щербакоv"],
)
def test_a_name_of_hard_letters_has_one_key_in_all_countries(spelling: str) -> None:
    assert fold(spelling) == fold("Щербаков")


def test_skeleton_drops_vowels_and_the_female_ending() -> None:
    assert skeleton(fold("Щербакова")) == skeleton(fold("Щербаков")) == "JRBKV"


@pytest.mark.parametrize("typed", ["Shc", "Shch", "Shcherb", "Щерба", "Щербаков"])
def test_the_start_of_a_name_begins_its_key(typed: str) -> None:
    start = fold_start(typed)
    assert start
    assert fold("Щербаков").startswith(start)


@pytest.mark.parametrize("text", ["😀", "\x00", "\u202eИванов", "\u0301", "я" * 10_000])
def test_odd_text_is_folded_too(text: str) -> None:
    assert len(fold(text)) <= LONGEST_KEY


def test_a_patronymic_is_found_in_either_order() -> None:
    wanted = ParsedName("Иванов", "Пётр", "Ильич")
    assert parse("Иванов Пётр Ильич") == parse("Пётр Ильич Иванов") == wanted


def test_words_written_as_one_are_parted_at_the_capital() -> None:
    assert tokens("ИвановПётр Ильич-Мамин") == ["Иванов", "Пётр", "Ильич", "Мамин"]
    assert tokens("ИВАНОВ") == ["ИВАНОВ"]
