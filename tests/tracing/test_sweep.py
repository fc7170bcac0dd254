"""The sweep finds who is in the file twice, and takes no brother for his brother."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk import cli
from casedesk.kernel import clock
from casedesk.kernel.errors import Cancelled
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.jobs import Jobs
from casedesk.names.levels import (
    EQUAL_NAME,
    FAMILIAR_NAME,
    INITIAL,
    SETTLED,
    born_level,
    name_level,
)
from casedesk.names.romanise import SCHEMES, romanise
from casedesk.names.weights import (
    Frequencies,
    Scale,
    bits_of,
    born,
    part,
    probability,
    weights,
)
from casedesk.people import rules as people
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft, Script, Sex
from casedesk.tracing import matching, sweep
from casedesk.tracing.comparing import compare


def register(store, *names, year="", sex=Sex.M, phone="", ref=None, **more):
    """Register a person, each name as one line: family, given, patronymic."""
    birth = PartialDate.parse(year, clock.today()) if year else None
    draft = PersonDraft.checked(
        {
            "sex": sex,
            "born_first": birth.first if birth else None,
            "born_last": birth.last if birth else None,
            "external_ref": ref,
            **more,
        }
    )
    made = []
    for line in names:
        family, given_name, *rest = line.split()
        script = Script.LATIN if family.isascii() else Script.CYRILLIC
        made.append(
            PersonNameDraft(
                family=family, given=given_name, patronymic=" ".join(rest), script=script
            )
        )
    contacts = [ContactDraft(typed=phone)] if phone else []
    return store.write(people.register_person, draft, made, contacts, actor="anna")[0].id


def crowd(store):
    """Register some people who have nothing to do with each other."""
    lines = """Кравчук Оксана Петрівна 1971|Литвин Андрій Васильович 1988|Осипов Глеб Львович 1990
    Жданов Савелий Ильич 1969|Мельник Тарас Богданович 1994|Рябов Фёдор Кузьмич 1957
    Тихонова Вера Павловна 1983|Дубко Алесь Янавіч 1979|Зорин Марк Аркадьевич 2001"""
    for line in lines.replace("\n", "|").split("|"):
        *name, year = line.split()
        register(store, " ".join(name), year=year, sex=Sex.UNKNOWN)


def found(store, least=0.5):
    with store.read() as session:
        return {
            (pair.first, pair.second) for pair in sweep.sweep(session, least=bits_of(least)).pairs
        }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Гречаный Степан Назарович", "1984-05-17"), ("Hrechanyi Stepan", "1984-05-17")),
        (("Гречаный Степан Назарович", "1984-05-17"), ("Гречений Степан Назарович", "1984")),
        (("Гречаный Степан Назарович", "1984-05-17"), ("Степан Гречаный Назарович", "1984-05-17")),
        (("Гречаный Степан Назарович", "1984-05-17"), ("Гречаный Стёпа Назарович", "1984-05-17")),
        (("Гречаный Степан Назарович", "1984-05-07"), ("Гречаный Степан Назарович", "1984-07-05")),
    ],
    ids=["other script", "misspelt", "swapped", "familiar form", "day and month swapped"],
)
def test_a_person_written_differently_is_found_twice(store, one, other):
    crowd(store)
    first, second = register(store, one[0], year=one[1]), register(store, other[0], year=other[1])
    assert found(store) == {(first, second)}


def test_comparison_puts_what_was_compared_side_by_side_though_it_changed_places(store):
    crowd(store)
    first = register(store, "Гречаный Степан", year="1984-05-17")
    second = register(store, "Stepan Hrechanyi", year="1984-05-17")
    with store.read() as session:
        lines = {line.label: line for line in compare(session, first, second).lines}
    family = lines["Family name"]
    assert (family.first, family.second) == ("Гречаный", "Hrechanyi, as given name")
    assert family.result == "family name equal"
    assert lines["Given name"].second == "Stepan, as family name"


def test_brothers_and_twins_are_not_taken_for_one_person(store):
    crowd(store)
    register(store, "Гречаный Степан Назарович", year="1984-05-17")
    register(store, "Гречаный Михаил Назарович", year="1987-01-30")
    register(store, "Гречаный Пётр Назарович", year="1984-05-17")
    assert found(store) == set()


def test_namesakes_of_other_years_are_not_taken_for_one_person(store):
    crowd(store)
    register(store, "Иванов Сергей Иванович", year="1961-02-03")
    register(store, "Иванов Сергей Иванович", year="1989-11-20")
    assert found(store) == set()


def test_an_equal_reference_finds_a_person_under_another_name(store):
    crowd(store)
    first = register(store, "Гречаная Олена", sex=Sex.F, ref="ICRC-77", year="1984-05-17")
    second = register(store, "Ткач Олена", sex=Sex.F, ref="ICRC-77", year="1984-05-17")
    assert found(store) == {(first, second)}


def test_a_merged_person_is_not_found_again(store):
    crowd(store)
    first = register(store, "Гречаный Степан Назарович", year="1984-05-17")
    second = register(store, "Hrechanyi Stepan", year="1984-05-17")
    store.write(people.merge, first, second, actor="anna")
    assert found(store) == set()


def test_a_sweep_is_stopped_between_two_steps_and_tells_how_far_it_came(store):
    crowd(store)
    told = []

    def step(done, total, text):
        told.append((done, total, text))
        if len(told) == 3:
            raise Cancelled("enough")

    with store.read() as session, pytest.raises(Cancelled):
        sweep.sweep(session, step=step)
    assert len(told) == 3
    with store.read() as session:
        sweep.sweep(session, step=lambda *step: told.append(step))
    done = [done for done, _total, _text in told[3:]]
    assert done == sorted(done)
    assert all(0 <= done < total and text for done, total, text in told)


def test_a_sweep_is_stopped_while_it_still_reads(store):
    crowd(store)
    told = []

    def step(done, total, text):
        told.append((done, text))
        if len(told) == 4:
            raise Cancelled("enough")

    with store.read() as session, pytest.raises(Cancelled):
        sweep.load(session, step)
    assert {text for _done, text in told} == {"Reading the persons"}
    assert told[-1][0] > told[0][0] == 0  # the bar has moved


def test_a_sweep_in_the_background_is_kept_and_listed(store):
    crowd(store)
    first = register(store, "Гречаный Степан Назарович", year="1984-05-17")
    second = register(store, "Hrechanyi Stepan", year="1984-05-17")
    swept = []
    Jobs.inline(store).background(matching.sweep_file, store, then=swept.append)
    store.write(matching.keep_sweep, swept[0], actor="anna")
    with store.read() as session:
        (pair,) = matching.kept(session)
    assert (pair.first.person_id, pair.second.person_id) == (first, second)
    assert "born on the same day" in [reason.text for reason in pair.why]
    assert store.check() == []


def test_the_command_tells_pairs_with_score_and_reasons(store, capsys):
    crowd(store)
    register(store, "Гречаный Степан Назарович", year="1984-05-17", ref="A-1")
    register(store, "Hrechanyi Stepan", year="1984-05-17", ref="B-2")
    assert cli.main(["duplicates", str(store.path), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["first"]["external_ref"], row["second"]["external_ref"]) == ("A-1", "B-2")
    assert row["score"] > 0.9
    assert "born on the same day" in row["why"]
    assert cli.main(["duplicates", str(store.path), "--min-score", "1"]) == 0
    assert capsys.readouterr().out == ""


def test_the_command_refuses_a_score_that_is_none(store, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["duplicates", str(store.path), "--min-score", "high"])
    assert ended.value.code == 2
    assert "from 0 to 1" in capsys.readouterr().err


def test_every_list_names_the_pair_with_the_smaller_number_first(store):
    crowd(store)
    for _turn in range(3):
        register(store, "Гречаный Степан Назарович", year="1984-05-17")
    pairs = found(store)
    assert len(pairs) == 3
    assert all(first < second for first, second in pairs)


SCALE = Scale(Frequencies(persons=100_000))
GIVEN = ("Степан", "Тарас", "Оксана", "Фёдор", "Кирилл")
SURNAMES = ("Гречаный", "Жданов", "Щербаков", "Хмельницкий", "Юрченко", "Цветков")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(SURNAMES),
    st.sampled_from(GIVEN),
    st.sampled_from([key for key, scheme in SCHEMES.items() if "ru" in scheme.languages]),
    st.dates(dt.date(1940, 1, 1), dt.date(2010, 1, 1)),
)
def test_any_transliteration_of_a_name_with_its_birth_is_likely_the_same(
    family, given_name, scheme, day
):
    one = matching.subject((family, given_name, ""), birth=PartialDate(day, day))
    latin = (romanise(family, scheme), romanise(given_name, scheme), "")
    other = matching.subject(latin, birth=PartialDate(day, day))
    assert SCALE.weigh(one, other).score > 0.5


names = st.text(st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=100, deadline=None)
@given(names, names, names, names)
def test_weighing_never_fails_and_does_not_care_who_comes_first(one, two, three, four):
    left, right = matching.subject((one, two, "")), matching.subject((three, four, ""))
    there, back = SCALE.weigh(left, right), SCALE.weigh(right, left)
    assert there.bits == pytest.approx(back.bits)
    assert 0 <= there.score <= 1


@given(st.floats(-40, 40))
def test_bits_and_scores_say_the_same(bits):
    assert bits_of(probability(bits)) == pytest.approx(bits, abs=0.01)


def test_what_is_unknown_says_nothing():
    bare = matching.subject(("Гречаный", "Степан", ""))
    told = matching.subject(("Гречаный", "Степан", ""), mother="Ольга", place="Курск", sex="m")
    assert SCALE.weigh(bare, bare).bits == SCALE.weigh(bare, told).bits


def test_a_rare_name_says_more_than_a_common_one():
    def twice(family):
        person = matching.subject((family, "Степан", ""))
        return SCALE.weigh(person, person).bits

    assert twice("Гречаный") > twice("Иванов") + 3


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1984-05-17", "1984-05-17", 1),
        ("1984-05-07", "1984-07-05", 2),
        ("1984-05-17", "1985-05-17", 3),
        ("1984-05-17", "1984-05-18", 4),
        ("1984-05-17", "1984-05", 5),
        ("1984-05-17", "1984", 6),
        ("1984", "1983..1985", 7),
        ("1984", "1985..1988", 8),
        ("1984-05-17", "1984-11-02", 9),
        ("1984", "1985", 10),
        ("1984", "1987", 11),
        ("1984", "1990", 12),
        ("1984", "1960", 13),
        ("1984", "", 0),
    ],
)
def test_births_fall_into_levels(one, other, level):
    first, second = (
        born(date.first, date.last) if date else born(None, None)
        for date in (
            PartialDate.parse(text, dt.date(2025, 9, 11)) if text else None for text in (one, other)
        )
    )
    assert born_level(first, second) == born_level(second, first) == level


def test_the_table_of_weights_prefers_what_is_more_alike():
    table = weights()
    for name in ("family", "given", "patronymic"):
        bits = table.strangers[name][:7]
        assert list(bits) == sorted(bits)
        assert bits[0] < 0 < bits[6]
    assert table.strangers["born"][1] > table.strangers["born"][6] > 0 > table.strangers["born"][13]
    assert part("") == ()


def bearers(_word):
    return 0.0


@pytest.mark.parametrize(
    ("name", "one", "other", "level"),
    [
        ("given", "Николай", "Микола", EQUAL_NAME - 1),
        ("given", "Николай", "Коля", FAMILIAR_NAME),
        ("given", "Николай", "Н.", INITIAL),
        ("given", "Николай", "М.", INITIAL),
        ("given", "Николай", "П.", 0),
        ("patronymic", "Иванович", "И.", INITIAL),
        ("family", "Ли", "Л.", 3),
        ("family", "Гречаный", "", 7),
    ],
)
def test_names_fall_into_levels(name, one, other, level):
    assert name_level(name, part(one), part(other), bearers) == level
    assert name_level(name, part(other), part(one), bearers) == level


def test_two_given_names_are_not_one_that_is_misspelt():
    assert name_level("given", part("Мария"), part("Марина"), bearers) > SETTLED
    assert name_level("given", part("Мария"), part("Мариля"), bearers) < SETTLED
    one, misspelt, other = (
        matching.subject(("Гречаная", given_name, ""))
        for given_name in ("Мария", "Мариля", "Марина")
    )
    assert SCALE.weigh(one, misspelt).bits > SCALE.weigh(one, other).bits + 3


def test_two_surnames_that_many_bear_are_not_one_that_is_misspelt():
    often = Frequencies.of([(word, 50) for word in part("Сидорук Сидорчук Сидрук")], 10_000)
    assert name_level("family", part("Сидорук"), part("Сидорчук"), often.bearers) > SETTLED
    seldom = Frequencies.of([(part("Сидорук")[0], 50), (part("Сидорчук")[0], 1)], 10_000)
    assert name_level("family", part("Сидорук"), part("Сидорчук"), seldom.bearers) < SETTLED


def test_what_few_share_tells_more():
    counted = Frequencies.of(
        [], 10_000, years={1950: 10, 1985: 900}, places={"Москва": 4000, "Лиман": 20}
    )
    scale = Scale(counted)

    def twice(year, place):
        birth = PartialDate(dt.date(year, 5, 17), dt.date(year, 5, 17))
        person = matching.subject(("Гречаный", "Степан", ""), birth=birth, place=place)
        return scale.weigh(person, person).strangers

    assert twice(1950, "Москва") > twice(1985, "Москва") + 2
    assert twice(1985, "Лиман") > twice(1985, "Москва") + 2


def test_the_sweep_weighs_as_one_pair_is_weighed(store):
    crowd(store)
    lines = [
        ("Гречаный Степан Назарович", "1984-05-17", "Курск"),
        ("Hrechanyi Stepan", "1984", "Курськ"),
        ("Степан Гречаный Назарович", "1984-05-18", ""),
        ("Гречаный Стёпа", "1982..1983", "Пермь"),
        ("Гречаный Юлий Н.", "1984-05-17", "Курск"),
        ("Гречанный Степан Назарович", "1985-05-17", "Курск"),
        ("Гречаная-Ткач Степанида Назаровна", "", "Курск"),
        ("Hrečanyj Szczepan Nazarowicz", "1984-05", "Kursk"),
    ]
    for line, year, place in lines:
        register(
            store, line, year=year, birth_place=place, mother_name="Ольга", phone="+79161234567"
        )
    with store.read() as session:
        pairs = sweep.sweep(session, least=-40.0).pairs
        about = matching.subjects(session, {one for pair in pairs for one in pair[:2]})
        scale = Scale(sweep.load(session).frequencies)
        for pair in pairs:
            weighed = scale.weigh(about[pair.first], about[pair.second])
            assert pair.bits == weighed.bits, weighed.levels  # they add in the same order
    assert len(pairs) > 20


def test_nothing_heavy_is_loaded_before_the_first_sweep():
    code = "import sys, casedesk.app, casedesk.tracing.matching; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
