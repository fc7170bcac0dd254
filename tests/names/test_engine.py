"""The search in memory: a person is found however the name is written, and nothing is an error."""

from __future__ import annotations

import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.illustrative.people import People
from casedesk.names import packing
from casedesk.names.engine import NameIndex
from casedesk.names.fold import fold
from casedesk.names.romanise import SCHEMES, romanise
from casedesk.names.rows import NameRow, Rows
from casedesk.names.scoring import INITIAL, at_most, score
from casedesk.names.why import reasons

PERSONS = 5_000


@pytest.fixture(scope="module")
def population() -> list[NameRow]:
    """Invent persons, each with the Cyrillic name alone."""
    people = People(7)
    rows = []
    for number in range(PERSONS):
        name = people.person("f" if number % 4 == 0 else "m").rows["name"][0]
        rows.append(
            NameRow(
                number, number, name["family"], name["given"], name["patronymic"], (9_000, 9_364)
            )
        )
    return rows


@pytest.fixture(scope="module")
def index(population: list[NameRow]) -> NameIndex:
    """File them."""
    return NameIndex(Rows.of(population))


@pytest.fixture
def small() -> NameIndex:
    """File a handful of names."""
    names = (
        ("Щербаков", "Юрий", "Николаевич"),
        ("Щербакова", "Наталья", "Сергеевна"),
        ("Мамин-Сибиряк", "Пётр", ""),
        ("Ткаченко", "Андрій", "Миколайович"),
        ("Абдулрахман", "Али", ""),
        ("Ли", "Нина", "Петровна"),
        ("Іваноў", "Уладзімір", ""),
        ("Marchuk", "Yevhen", ""),
        ("Marchuk", "Mykola", ""),
        ("Dudko", "Yauhen", ""),
        ("Dudko", "Mikalai", ""),
    )
    return NameIndex(Rows.of(NameRow(i, i, *name) for i, name in enumerate(names)))


def same(one: NameRow, other: NameRow) -> bool:
    """Whether two persons bear the same name, so that either may be found first."""
    return one[2:5] == other[2:5]


def language(row: NameRow) -> str:
    """Guess which schemes can write a name."""
    text = "".join(row[2:5]).lower()
    return "be" if "ў" in text else "uk" if set(text) & set("іїєґ") else "ru"


@settings(max_examples=300, deadline=None)
@given(number=st.integers(0, PERSONS - 1), scheme=st.sampled_from(sorted(SCHEMES)))
def test_any_transliteration_finds_its_person_among_the_first_ten(
    number: int, scheme: str, population: list[NameRow], index: NameIndex
) -> None:
    row = population[number]
    if language(row) not in SCHEMES[scheme].languages:
        scheme = {"be": "be_passport", "uk": "uk_passport", "ru": "icao"}[language(row)]
    typed = romanise(" ".join(filter(None, row[2:5])), scheme)
    found = index.search(typed, limit=10)
    assert any(same(population[one.person], row) for one in found)


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        ("Щербаков Юрий Николаевич", 0),
        ("юрий щербаков", 0),
        ("Schtscherbakow Jurij", 0),
        ("Щебраков Юрий", 0),
        ("Щербаков Юра", 0),
        ("Щербаков Ю.Н.", 0),
        ("Щербакоф Юри", 0),
        ("ЩербаковЮрий", 0),
        ("щербаковюрий", 0),
        ("Oth,frjd >hbq", 0),
        ("nrfxtyrj fylhіq", 3),  # the other keyboard, but for a letter that it has not
        ("Щербаков Юрика", 0),  # a familiar form in another case
        ("Щербaков Юpий", 0),  # Latin a and p
        ("Щербаков Наташа", 1),
        ("Щербаков Наталья", 1),  # the male ending for a woman
        ("Сибиряк Пётр", 2),
        ("Мамин Сибиряк", 2),
        ("МаминСибиряк", 2),
        ("Tkach", 3),
        ("Ткаченко Андрей Николаевич", 3),
        ("Абдул Рахман", 4),
        ("Ли Нина", 5),
        ("Lee Nina Petrovna", 5),
        ("Иванов Владимир", 6),
        ("Ivanou Uladzimir", 6),
        ("Женя Марчук", 7),  # a passport of Ukraine writes Євген so
        ("Женя Дудко", 9),  # and one of Belarus Яўген
    ],
)
def test_first_hit_is_the_person_meant(small: NameIndex, typed: str, person: int) -> None:
    assert small.search(typed)[0].person == person


@pytest.mark.parametrize("typed", ["", " ", "-", ".", "'", "%", "*", "\x00", "😀", "\u0301", '"'])
def test_text_without_a_letter_finds_nobody(small: NameIndex, typed: str) -> None:
    assert small.search(typed) == []


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=500))
def test_any_text_is_answered(text: str, index: NameIndex) -> None:
    index.search(text, born=(9_000, 9_000))


def test_hundred_words_and_five_hundred_letters_are_answered(index: NameIndex) -> None:
    index.search("Иванов " * 100)
    index.search("а" * 500)
    index.search("שלום محمد Иванов")


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        ("Петров Петя", 0),
        ("Васильев Вася", 1),
        ("Николаев Колька", 2),
        ("Михайло Іванов", 3),
        ("Дмитро Васильєв", 4),
    ],
)
def test_family_name_like_a_fathers_name_is_found_among_many_patronymics(
    typed: str, person: int, population: list[NameRow]
) -> None:
    """Whoever answers all words weakly must not crowd out the one who answers one of them fully."""
    meant = (
        ("Петров", "Пётр", "Львович"),
        ("Васильев", "Василий", "Львович"),
        ("Николаев", "Николай", "Львович"),
        ("Иванов", "Михаил", "Львович"),
        ("Васильев", "Дмитрий", "Львович"),
    )
    crowd = (
        ("Пётр", "Петрович"),
        ("Василий", "Васильевич"),
        ("Николай", "Николаевич"),
        ("Михайло", "Іванович"),
        ("Дмитро", "Васильович"),
    )
    own = {fold(family) for family, *_rest in meant}
    surnames = [r.family for r in population if r.person % 4 and fold(r.family) not in own][:300]
    names = [*meant, *((family, *rest) for rest in crowd for family in surnames)]
    index = NameIndex(Rows.of(NameRow(i, i, *name) for i, name in enumerate(names)))
    assert index.search(typed)[0].person == person


@pytest.mark.parametrize(
    ("typed", "meant", "others"),
    [
        ("Іра Бондаренко", "Ирина", "Юрий Юрій"),
        ("Бондаренко Шура", "Александр", "Юрий Юрій"),
        ("Alex Бондаренко", "Александр", "Олег Алег"),
        ("Бондаренко Алёша", "Алексей", "Илья Олена"),
        ("Бондаренко Виталенька", "Виталий", "Вита Елена Леонид"),  # not Вита and Ленька
    ],
)
def test_familiar_name_means_its_own_name_before_those_that_only_sound_like_it(
    typed: str, meant: str, others: str
) -> None:
    names = [meant, *others.split()]
    rows = [NameRow(i, i, "Бондаренко", name, "") for i, name in enumerate(names)]
    rows += [NameRow(50 + i, 50 + i, name, "Бондарь", "") for i, name in enumerate(names)]
    assert NameIndex(Rows.of(rows)).search(typed)[0].person == 0


def test_misspelt_given_name_is_read_in_the_other_languages_too() -> None:
    names = (("Чудновский", "Василий"), ("Чудновский", "Николай"), ("Чудновский", "Алексей"))
    index = NameIndex(Rows.of(NameRow(i, i, *name, "") for i, name in enumerate(names)))
    assert index.search("Chudnovskyi Vaayl")[0].person == 0  # Vasyl
    assert index.search("Чудновський Мыкоа")[0].person == 1  # Микола
    assert index.search("Чудновський Олекй")[0].person == 2  # Олексій


def test_word_that_agrees_with_nothing_still_parts_namesakes(population: list[NameRow]) -> None:
    others = [NameRow(i, i, row.family, "Иван", "Леонидович") for i, row in enumerate(population)]
    others[4] = NameRow(4, 4, "Скибиляк", "Иван", "Леонидович")
    index = NameIndex(Rows.of(others[:90]))
    assert index.search("Scybyliac Ivab Leonidovych")[0].person == 4


def test_birth_settles_namesakes() -> None:
    twins = [NameRow(i, i, "Иванов", "Иван", "Иванович", (i * 365, i * 365)) for i in range(1, 60)]
    index = NameIndex(Rows.of(twins))
    assert index.search("Иванов Иван", born=(17 * 365, 17 * 365))[0].person == 17
    # two years wide of the mark is still better than ten
    near = [one.person for one in index.search("Иванов Иван", born=(30 * 365, 30 * 365), limit=5)]
    assert set(near) == {28, 29, 30, 31, 32}


def test_birth_that_is_not_known_comes_between_one_that_fits_and_one_that_does_not() -> None:
    days = {1: (0, 0), 2: (30 * 365, 30 * 365), 3: (60 * 365, 60 * 365)}
    rows = [NameRow(i, i, "Иванов", "Иван", "", born) for i, born in days.items()]
    found = NameIndex(Rows.of(rows)).search("Иванов Иван", born=(29 * 365, 30 * 365 - 1))
    assert [one.person for one in found] == [2, 1, 3]


def test_reasons_name_each_part(small: NameIndex) -> None:
    def why(typed: str) -> dict[str, str]:
        found = small.search(typed)[0]
        return {reason.field: reason.kind for reason in reasons(found, small.rows)}

    assert why("Shcherbakov Yuri Nikolaevich") == {
        "family": "same",
        "given": "same",
        "patronymic": "same",
    }
    assert why("Щербаков Юра") == {"family": "same", "given": "form"}
    assert why("Щербаков Ю.") == {"family": "same", "given": "initial"}
    assert why("Щербаков Юрий Петрович")["patronymic"] == "differs"
    assert why("Ткаче") == {"family": "beginning"}
    assert why("Щебраков Юрий")["family"] == "similar"


def test_names_added_later_are_found_and_older_states_do_not_see_them(small: NameIndex) -> None:
    small.replace(50, [NameRow(50, 50, "Цвиркун", "Зоя", "")], version=5)
    small.replace(0, [NameRow(0, 60, "Ощепков", "Юрий", "")], version=7)
    assert small.search("Tsvirkun Zoja")[0].person == 50
    assert small.search("Цвирк", version=4) == []
    assert [one.person for one in small.search("Ощепков", version=7)] == [0]
    assert 0 not in [one.person for one in small.search("Ощепков", version=6)]
    assert small.search("Щербаков Юрий Николаевич", version=6)[0].person == 0
    later = small.search("Щербаков Юрий Николаевич", version=7)
    assert all(one.score < 0.9 for one in later)


def test_what_is_taken_back_leaves_no_trace(small: NameIndex) -> None:
    before = [(one.person, one.score) for one in small.search("Щербаков Юрий")]
    rows = len(small.rows)
    small.replace(0, [NameRow(0, 61, "Цвиркун", "Зоя", "")], version=9)
    small.take_back(rows, 9)
    assert [(one.person, one.score) for one in small.search("Щербаков Юрий")] == before
    assert small.search("Цвиркун") == []


def test_index_made_at_once_and_index_grown_name_by_name_answer_alike(
    population: list[NameRow],
) -> None:
    some = population[:400]
    whole, grown = NameIndex(Rows.of(some)), NameIndex(Rows.of(some[:100]))
    for row in some[100:]:
        grown.replace(row.person, [row], version=1)
    for row in random.Random(3).sample(some, 60):
        typed = romanise(f"{row.family} {row.given}", "icao")
        assert {(o.person, o.score) for o in whole.search(typed, limit=5) if o.score > 0.2} == {
            (o.person, o.score) for o in grown.search(typed, limit=5) if o.score > 0.2
        }


def test_packed_index_answers_as_the_one_it_was_made_of(index: NameIndex) -> None:
    pieces = packing.packed(index.rows)
    rows = packing.unpacked(pieces)
    assert rows is not None
    again = NameIndex(rows)
    for typed in ("Иванов Иван", "Kovalenko", "Bdfyjd"):
        assert again.search(typed) == index.search(typed)


@pytest.mark.parametrize("piece", ["sizes", "entries", "owner", "starts"])
def test_damaged_or_missing_piece_gives_no_index(index: NameIndex, piece: str) -> None:
    pieces = packing.packed(index.rows)
    assert packing.unpacked({**pieces, piece: pieces[piece][:-3]}) is None
    del pieces[piece]
    assert packing.unpacked(pieces) is None


def test_several_threads_ask_at_once(index: NameIndex, population: list[NameRow]) -> None:
    wanted = [f"{row.family} {row.given}" for row in population[:40]]
    expected = [index.search(typed) for typed in wanted]
    results: dict[int, list[object]] = {}

    def ask(number: int) -> None:
        results[number] = [index.search(typed) for typed in wanted]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[number] == expected for number in range(3))


def test_no_row_scores_above_what_was_promised(population: list[NameRow], index: NameIndex) -> None:
    """Rows whose promise is too small are never scored, so a promise must hold."""
    draw = random.Random(5)
    kept = 0
    for _turn in range(60):
        row, other = draw.sample(population, 2)
        words = [row.family, row.given, row.patronymic, other.family, f"{other.given[:1]}."]
        words = draw.sample([word for word in words if word], draw.randint(1, 4))
        question = index._question(" ".join(words), None)
        if not question.words:
            continue
        initials = INITIAL * len(question.initials)
        for number in (row.person, other.person, *draw.sample(range(PERSONS), 300)):
            start, end = index.rows.starts[number : number + 2]
            promised = at_most(question, index.rows.entries[start:end]) + initials
            assert score(question, index.rows, number) <= promised + 1e-9
            kept += promised < question.most
    assert kept > 1_000
