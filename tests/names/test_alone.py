"""Two full names of which nothing else is known: what makes them one person's, and what two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.names.alone import ONE_PERSON, agreement


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Гречаный Степан Назарович", "Степан Гречаный"),
        ("Гречаный Степан", "Hrechanyi Stepan"),
        ("Гречаный Степан", "С. Гречаный"),
        ("Гречаный Степан", "Гречаный Стёпа"),
        ("Гречаный Степан", "Гречанный Степан"),
        ("Anna Maria Lind", "AnnaMaria Lind"),
        ("Rami Haddad", "Dr. Rami Haddad"),
        ("Karim al-Haddad", "Karim Haddad"),
        ("Karim Karim Haddad", "Karim Haddad"),
        ("O'Brien Mary", "OBrien Mary"),
    ],
)
def test_one_name_written_in_two_ways(one, other):
    assert agreement(one, other) >= ONE_PERSON
    assert agreement(other, one) == pytest.approx(agreement(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Гречаный Степан Назарович", "Гречаный Степан Михайлович"),
        ("Гречаный Степан", "Гречаный Михаил"),
        ("Гречаный Степан", "Г. Михаил"),
        ("Karim Haddad al-Masri", "Karim Haddad al-Halabi"),
        ("Thomas Lind", "Jeremy Thomas England"),
        ("Anna Lee", "Anna Kim"),
    ],
)
def test_a_word_that_the_other_name_excludes_makes_two_persons(one, other):
    assert agreement(one, other) < ONE_PERSON


names = st.text(st.characters(codec="utf-8"), max_size=30)


@given(names, names)
def test_any_text_gives_a_share(one, other):
    assert 0.0 <= agreement(one, other) <= 1.0


def test_a_name_agrees_with_itself_and_nothing_with_nothing():
    assert agreement("Гречаный Степан", "Гречаный Степан") == 1.0
    assert agreement("", "Гречаный") == agreement("", "") == 0.0
