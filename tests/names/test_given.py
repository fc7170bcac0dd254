"""Given names: classes by the table, familiar forms by their endings, patronymics of all forms."""

import pytest

from casedesk.names.fold import fold
from casedesk.names.given import classes, endings, given_names
from casedesk.names.likeness import likeness, rarity


def shared(one: str, other: str) -> bool:
    """Whether two names have a class in common."""
    return bool(dict(classes(fold(one))).keys() & dict(classes(fold(other))).keys())


@pytest.mark.parametrize("name", given_names(), ids=lambda name: f"{name.sex} {name.formal[0]}")
def test_every_class_has_a_source_and_an_example_that_holds(name) -> None:
    assert name.source
    assert name.sex in ("m", "f")
    one, other = name.example.split(" = ")
    assert shared(one, other)


@pytest.mark.parametrize("ending", endings(), ids=lambda ending: f"{ending.kind} {ending.pattern}")
def test_every_ending_has_a_source_and_an_example_that_holds(ending) -> None:
    assert ending.source
    form, name = ending.example.split(" = ")
    assert shared(form, name)
    if ending.kind != "father":
        assert fold(form).endswith(ending.pattern)


@pytest.mark.parametrize("name", given_names(), ids=lambda name: f"{name.sex} {name.formal[0]}")
def test_every_form_of_a_class_finds_its_formal_name(name) -> None:
    assert all(shared(form, name.formal[0]) for form in (*name.formal, *name.familiar))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Микола", "Николай"),
        ("Коля", "Николай"),
        ("Oleksandr", "Александр"),
        ("Сашуленька", "Александр"),
        ("Катюшка", "Екатерина"),
        ("Николаевич", "Миколайович"),
        ("Ильинична", "Іллівна"),
        ("Григорьевна", "Григорівна"),
        ("Денисику", "Денис"),
        ("Вовулей", "Владимир"),
        ("Майкл", "Michael"),
        ("Магомед", "Muhammad"),
        ("Женя", "Yevhen"),
        ("Сергей", "Siarhei"),
        ("Игорёк", "Ihor"),
        ("Сергеевич", "Serhiyovych"),
    ],
)
def test_forms_of_one_name_are_alike(one: str, other: str) -> None:
    assert likeness(one, other) >= 0.62


@pytest.mark.parametrize(("one", "other"), [("Иван", "Степан"), ("Ольга", "Игорь")])
def test_other_names_are_not(one: str, other: str) -> None:
    assert not shared(one, other)
    assert likeness(one, other) < 0.9


def test_likeness_is_the_same_both_ways_and_one_for_the_same_name() -> None:
    assert likeness("Щербаков", "Shcherbakov") == 1.0
    assert likeness("Петров", "Петрова") == pytest.approx(likeness("Петрова", "Петров"))
    assert 0.8 < likeness("Петров", "Петрова") < 1.0


def test_equal_consonants_make_names_alike_and_other_consonants_do_not() -> None:
    assert likeness("Харитоненко", "Харетаненка") > 0.93
    assert likeness("Харитоненко", "Фаритоменко") < 0.9


def test_a_rare_name_tells_more_than_a_common_one() -> None:
    assert rarity(2, 100_000) > rarity(2000, 100_000) >= 1.0
