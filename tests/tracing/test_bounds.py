"""The sweep passes over most pairs unweighed; none of them would have been told."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from casedesk.names.levels import SWAPPED_LEAST, born, name_level, part
from casedesk.names.rows import NameRow, Rows
from casedesk.names.weights import Frequencies, Scale
from casedesk.tracing import blocking, sweep
from casedesk.tracing.agreement import Agreement
from casedesk.tracing.bounds import Bound
from casedesk.tracing.columns import Facts, NameColumns, Texts, gather
from casedesk.tracing.remembered import Remembered
from casedesk.tracing.spelling import Spelling
from casedesk.tracing.weighing import Weigher


@dataclass(frozen=True)
class Entry:
    """One record, as a list that is imported has it."""

    name: tuple[str, str, str]
    first: dt.date | None = None
    last: dt.date | None = None
    sex: str = ""
    place: str = ""
    mother: str = ""
    father: str = ""
    phone: str = ""
    reference: str | None = None


def people_of(entries):
    """What the sweep has in memory of some records, numbered from 1."""
    rows = Rows.of(NameRow(at, at, *entry.name) for at, entry in enumerate(entries, 1))
    words = sweep.Tokens.of(rows.vocabulary).words()
    names = NameColumns.of(
        rows.entries,
        rows.starts,
        rows.person,
        (),
        words,
    )
    texts = Texts(words[:])
    births = [born(entry.first, entry.last) for entry in entries]
    facts = Facts(
        range(1, len(entries) + 1),
        births,
        [entry.sex for entry in entries],
        tuple(
            [texts.number(part(text)) for text in column]
            for column in zip(*((e.place, e.mother, e.father) for e in entries), strict=True)
        ),
        [entry.reference for entry in entries],
        {at: {entry.phone} for at, entry in enumerate(entries, 1) if entry.phone},
    )
    frequencies = Frequencies.of(
        zip(words, rows.vocabulary.counts, strict=True),
        len(entries),
        Counter(birth.year for birth in births if birth.kind > 1),
        Counter(entry.place for entry in entries if entry.place),
    )
    return gather(names, facts, texts, frequencies)


SURNAMES = """Иванов Иванова Ivanov Иваноф Гречаный Hrechanyi Гречений Сидорук Сидорчук Литвин
Тарас Тарасов Юлий Зузлик Пьоткало Ли Кравець Кравец-Зузлик Мельник Melnyk Осипов Осипков"""
GIVEN = """Степан Stepan Стёпа Степанида Тарас Т. Николай Коля Микола Мария Марина Мариля Хрюндий
Зузлик Пьоткало Литвин Осип Иван Ю. Ян Jean"""
PATRONYMICS = "Назарович Nazarovych Назаровна Иванович И. Назарвич Осипович"
PLACES = "Курск Курськ Kursk Лиман Пермь Москва"
PARENTS = "Ольга Olha Назар Степан Тереза"


def somebody(rng):
    """A record of the kind that is hard to tell from another: few names, near births, slips."""
    family, given = rng.choice(SURNAMES.split()), rng.choice(GIVEN.split())
    patronymic = rng.choice(["", *PATRONYMICS.split()])
    if rng.random() < 0.2:
        family, given = given, family
    if rng.random() < 0.05:
        family = ""
    year, day = rng.choice((1984, 1984, 1985, 1994)), dt.timedelta(rng.choice((0, 1, 30, 31)))
    first = dt.date(year, 5, 7) + day
    last = first
    exact = rng.random()
    if exact < 0.4:
        first, last = dt.date(year, 1, 1), dt.date(year + int(exact < 0.2), 12, 31)
    return Entry(
        (family, given, patronymic),
        None if exact > 0.9 else first,
        None if exact > 0.9 else last,
        rng.choice(("m", "m", "f", "")),
        rng.choice(["", *PLACES.split()]),
        rng.choice(["", "", *PARENTS.split()]),
        rng.choice(["", "", *PARENTS.split()]),
        rng.choice(("", "", "+79161234567", "+79161234568")),
        rng.choice((None, None, "A-1", "A-2")),
    )


@cache
def weighed(seed):
    """Some records, the bound of them, all pairs of them and what each pair is worth."""
    rng = random.Random(seed)
    common = [Entry(("Иванов", "Степан", "Иванович"), place="Москва") for _turn in range(300)]
    people = people_of([somebody(rng) for _turn in range(250)] + common[: 300 * (seed % 2)])
    agreement, scale = Agreement(people), Scale(people.frequencies)
    pairs = np.array(list(itertools.permutations(range(250), 2)))
    first, second = pairs[:, 0], pairs[:, 1]
    bits, _bare = Weigher(people, agreement, scale).weigh(first, second)
    return Bound(people, agreement, scale), first, second, bits


@pytest.mark.parametrize("seed", range(4))
def test_no_pair_that_is_passed_over_would_have_reached_the_limit(seed):
    bound, first, second, bits = weighed(seed)
    for least in np.arange(-30.0, 45.0, 0.25).tolist():
        at = np.flatnonzero((bits >= least) & (bits < least + 0.25))  # they just reach it
        kept = at[bound.may_reach(first[at], second[at], least)]
        assert set(at.tolist()) == set(kept.tolist()), least


def test_most_pairs_are_passed_over_even_of_records_that_are_hard_to_tell_apart():
    bound, first, second, bits = weighed(0)
    assert len(bound.may_reach(first, second, sweep.LIKELY)) < len(bits) / 5


def test_names_that_changed_places_are_not_passed_over_however_rare_one_of_them_is():
    crowd = [Entry(("Пьоткало", "Хрюндий", "")) for _turn in range(60)]
    day = dt.date(1984, 5, 17)
    one, other = ("Зузлик", "Пьоткало", "Назарович"), ("Пьоткало", "Зузлик", "Назарович")
    people = people_of([Entry(one, day, day, "m"), Entry(other, day, day, "m"), *crowd])
    agreement, scale = Agreement(people), Scale(people.frequencies)
    pair = np.array([0]), np.array([1])
    (bits,) = Weigher(people, agreement, scale).weigh(*pair).bits.tolist()
    assert bits > sweep.LIKELY
    assert len(Bound(people, agreement, scale).may_reach(*pair, bits)) == 1


@pytest.mark.parametrize(("name", "role"), [("family", 0), ("given", 1), ("patronymic", 2)])
def test_names_that_are_ruled_out_by_their_letters_are_of_the_lowest_level(name, role):
    people = people_of([Entry((one, other, one)) for one, other in names_in_pairs()])
    agreement, spelling = Agreement(people), Spelling(people)
    one, other = every_two(len(people.parts.starts) - 1)
    out = np.flatnonzero(agreement.letters.unlike(one, other))
    for mine, theirs in zip(one[out].tolist(), other[out].tolist(), strict=True):
        words = spelling.readings(mine), spelling.readings(theirs)
        assert name_level(name, *words, Frequencies().bearers) == 0, words
    unlike, level = agreement.names(role, one, other)
    assert unlike[out].all()
    assert not level[out].any()
    assert len(out) > len(one) / 3


def test_names_that_are_ruled_out_across_are_less_alike_than_those_that_changed_places():
    people = people_of([Entry((one, other, "")) for one, other in names_in_pairs()])
    one, other = every_two(len(people.parts.starts) - 1)
    likeness = Spelling(people).parts(one, other, given=False).likeness
    out = Agreement(people).letters.unlike(one, other, SWAPPED_LEAST)
    assert likeness[out].max() < SWAPPED_LEAST
    assert out.sum() > 0.8 * (likeness < SWAPPED_LEAST).sum()


def names_in_pairs():
    near = (
        "Литовкин Осинов Житков Мельничук Зуров Осипков Тихонравова Дубинко Жаданов Рыбов Куо Кие"
    )
    names = [*SURNAMES.split(), *GIVEN.split(), *near.split(), "Chrystyna", "Ткач-Рябова"]
    return itertools.pairwise(names)


def every_two(parts):
    """Each part with each, but for the one that is empty."""
    return np.triu_indices(parts - 1, 0) + np.array(1)


def test_a_pair_is_compared_alike_however_often_and_whatever_came_between():
    remembered = Remembered(1)  # few places, so that pairs drive each other out

    def compared(pairs):
        return pairs % 3 == 0, (pairs % 7).astype(np.int8)

    rng = np.random.default_rng(1)
    for _turn in range(50):
        pairs = rng.integers(1, 20_000, 3_000).astype(np.uint64)
        found = remembered.through(pairs, 1, compared)
        for got, wanted in zip(found, compared(pairs), strict=True):
            assert (got == wanted).all()


# Persons who are there hundreds of times

DAY = dt.date(1984, 5, 17)
STEPAN = Entry(("Гречаный", "Степан", "Назарович"), DAY, DAY, "m")


def test_a_list_that_was_imported_three_hundred_times_is_told_of_person_by_person():
    vera = Entry(("Тихонова", "Вера", "Павловна"), DAY, DAY, "f", "Курск")
    swept = sweep.sweep_people(people_of([STEPAN, vera] * 300))
    told = {(pair.first, pair.second) for pair in swept.pairs}
    assert told == {(number, number + 2) for number in range(1, 599)}
    assert swept.left_out > 0


def test_two_namesakes_born_on_one_day_do_not_hide_that_each_is_there_hundreds_of_times():
    name = ("Иванов", "Сергей", "Иванович")
    one = Entry(name, DAY, DAY, "m", "Курск", "Ольга")
    other = Entry(name, DAY, DAY, "f", "Пермь", "Тереза")
    swept = sweep.sweep_people(people_of([one, other] * 250))
    told = {(pair.first, pair.second) for pair in swept.pairs}
    assert told == {(number, number + 2) for number in range(1, 499)}


def test_namesakes_of_whom_nothing_else_is_known_are_not_told_in_a_chain():
    common = Entry(("Иванов", "Сергей", ""))
    assert sweep.sweep_people(people_of([common] * 300)).pairs == ()


def test_persons_without_a_name_are_in_no_chain():
    nameless = Entry(("", "", ""), DAY, DAY, "m")
    pairs = list(blocking._equals(people_of([nameless] * 5 + [STEPAN] * 2)))
    assert [list(zip(*pair, strict=True)) for pair in pairs] == [[(5, 6)]]
