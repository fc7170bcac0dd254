"""Search for names as a caller spells them, in step with the file at every moment."""

from __future__ import annotations

import threading

import pytest

from casedesk.kernel import clock, journal
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate
from casedesk.names import packing
from casedesk.people import index, live, rules
from casedesk.people.records import (
    Contact,
    ContactDraft,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
)


@act("test.person", "Add")
def add(session, code, family, given, patronymic="", year=None, phone=None):
    """Add a person with a name in Cyrillic."""
    born = PartialDate.parse(str(year), None) if year else None
    person = Person.of(
        PersonDraft(
            code=code,
            external_ref=f"ICRC-{code}",
            born_first=born.first if born else None,
            born_last=born.last if born else None,
        )
    )
    session.add(person)
    session.flush()
    name = {"family": family, "given": given, "patronymic": patronymic, "script": "cyrillic"}
    session.add(PersonName.of(PersonNameDraft(person_id=person.id, **name)))
    if phone:
        session.add(Contact.of(ContactDraft(person_id=person.id, typed=phone, e164=phone)))
    session.flush()
    return person.id


@act("test.person_then_search", "Add and search")
def add_and_search(session, code, family, given, *, fail=False):
    """Search inside the act that adds, and then perhaps fail."""
    add(session, code, family, given)
    names = [hit.name for hit in index.search(session, family)]
    if fail:
        raise Refused("not this time")
    return names


@act("test.birth", "Change birth")
def change_birth(session, person_id, year):
    """Correct when a person was born."""
    born = PartialDate.parse(str(year), None)
    person = session.get(Person, person_id)
    person.born_first, person.born_last = born.first, born.last
    session.add(person)


@act("test.refer", "Give reference")
def refer(session, person_id, reference):
    """Keep the number another organisation knows a person by."""
    person = session.get(Person, person_id)
    person.external_ref = reference
    session.add(person)


@pytest.fixture
def people(store):
    """File three persons, two of whom differ in the patronymic alone."""
    ids = {}
    for code, *name in (
        ("A", "Щербаков", "Юрий", "Николаевич", 1987, "+79161234567"),
        ("B", "Щербаков", "Юрий", "Олегович", 1961),
        ("C", "Ткаченко", "Андрей"),
    ):
        ids[code], _ = store.write(add, code, *name, actor="anna")
    store.ids = ids
    return store


def found(store, text, **options):
    """Search and give the ids, best first."""
    with store.read() as session:
        return [hit.person_id for hit in index.search(session, text, **options)]


@pytest.mark.parametrize(
    "typed",
    [
        "Ткаченко",
        "ткаченко андрей",
        "Tkachenko",
        "Andrey Tkachenko",
        "Tkach",
        "Nrfxtyrj",
        "Андрюша",
    ],
)
def test_both_scripts_any_order_and_beginnings_find_the_person(people, typed):
    assert found(people, typed) == [people.ids["C"]]


def test_patronymic_settles_namesakes_and_the_reason_is_true(people):
    with people.read() as session:
        hit, *_rest = index.search(session, "Shcherbakov Yuri Nikolaevich")
        others = index.search(session, "Shcherbakov Yuri Borisovich")
    assert hit.person_id == people.ids["A"]
    assert "patronymic agrees" in hit.why
    assert {other.person_id for other in others} == {people.ids["A"], people.ids["B"]}
    assert not any("patronymic agrees" in other.why for other in others)
    chips = {(chip.field, chip.tone) for chip in others[0].chips}
    assert ("patronymic", "carmine") in chips


def test_birth_year_settles_namesakes(people):
    born = PartialDate.parse("1961", None)
    assert found(people, "Щербаков Юрий", born=born)[0] == people.ids["B"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Щербаков Юрий 1961", "B"),
        ("1987 Щербаков Юрий", "A"),
        ("Щербаков Юрий 1985..1988", "A"),
        ("Щербаков Юрий 12.03.1961", "B"),
    ],
)
def test_birth_may_stand_in_the_text(people, typed, code):
    with people.read() as session:
        hit = index.search(session, typed)[0]
    assert hit.person_id == people.ids[code]
    assert "born in the same time" in hit.why


def test_age_in_the_text_is_counted_from_today(people):
    age = clock.today().year - 1961
    assert found(people, f"Щербаков ~{age}")[0] == people.ids["B"]


def test_changed_birth_is_known_to_the_next_search(people):
    assert found(people, "Щербаков Юрий 1950")[0] == people.ids["B"]
    people.write(change_birth, people.ids["A"], 1950, actor="anna")
    assert found(people, "Щербаков Юрий 1950")[0] == people.ids["A"]


@pytest.mark.parametrize(
    "typed",
    [
        *("+7 916 123-45-67", "8 (916) 1234567", "8-916-123-45-67", "0079161234567", "79161234567"),
        *("Щербаков +7 916 123-45-67", "A", "ICRC-A"),
    ],
)
def test_number_and_code_find_their_person(people, typed):
    assert found(people, typed)[0] == people.ids["A"]


@pytest.mark.parametrize(
    ("typed", "code", "why"),
    [
        ("1234567", "A", "part of the telephone number"),  # the end, without the network
        ("123-45 67", "A", "part of the telephone number"),
        ("4567", "A", "part of the telephone number"),
        ("8916123", "A", "part of the telephone number"),  # begun as at home
        ("0017", "B", "part of the external reference"),
        ("-0017/", "B", "part of the external reference"),
        ("x-0017/b", "B", "part of the external reference"),
    ],
)
def test_part_of_a_number_or_reference_finds_its_person(people, typed, code, why):
    people.write(refer, people.ids["B"], "X-0017/B", actor="anna")
    with people.read() as session:
        (hit,) = index.search(session, typed)
    assert (hit.person_id, hit.why) == (people.ids[code], (why,))
    assert hit.score < 1


@pytest.mark.parametrize("typed", ["567", "1985", "12.03.1961", "9999999", "Щербаков 4567"])
def test_fewer_digits_or_a_year_beside_a_name_are_no_part_of_a_number(people, typed):
    with people.read() as session:
        found = index.search(session, typed)
    assert not any("part of" in why for hit in found for why in hit.why)


def test_whole_number_comes_alone_where_others_hold_it_in_part(people):
    people.write(add, "D", "Орлик", "Надія", phone="+380791612345", actor="anna")
    assert found(people, "+79161234567") == [people.ids["A"]]
    assert len(found(people, "9161234")) == 2


def test_other_ways_to_find_a_part_are_handed_in(people, monkeypatch):
    def by_case(_session, digits):
        return [(people.ids["C"], "part of the case number")] if digits in "20240000173" else []

    monkeypatch.setattr(index, "part_finders", [by_case])
    with people.read() as session:
        (hit,) = index.search(session, "000017-3")
    assert (hit.person_id, hit.why) == (people.ids["C"], ("part of the case number",))


def test_other_ways_to_find_a_person_are_handed_in(people, monkeypatch):
    def by_case(_session, text):
        return [(people.ids["C"], "same case number")] if text == "2024-000017-3" else []

    monkeypatch.setattr(index, "finders", [by_case])
    with people.read() as session:
        (hit,) = index.search(session, "2024-000017-3")
    assert (hit.person_id, hit.why) == (people.ids["C"], ("same case number",))


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            " ",
            "x",
            "%",
            "*",
            "\"'",
            "\x00",
            "😀",
            "ש",
            "а" * 500,
            "\u0301",
            "‮Иванов",
            "~" * 50,
        ),
        *("9" * 400, "~999", "0000", "31.02.1980", "Иванов\x00Иван", "'; DROP TABLE person; --"),
        *("1985 1986", "+", "()", "مُحَمَّد", "И" + "\u0308" * 90, "\ud7ff\ue000"),
    ],
)
def test_odd_input_is_answered(people, typed):
    found(people, typed)


def test_undo_takes_a_name_out_of_the_index(people):
    made, changes = people.write(add, "D", "Орлик", "Надія", actor="anna")
    assert found(people, "Orlyk") == [made]
    people.write(journal.undo, changes.entry, actor="anna")
    assert found(people, "Orlyk") == []
    with people.read() as session:
        assert index.missing(session) == index.unlike(session) == 0


def test_merged_and_parted_again_a_person_is_found_under_the_right_file(people):
    keep, drop = people.ids["C"], people.ids["A"]
    _kept, changes = people.write(rules.merge, keep, drop, actor="anna")
    assert found(people, "Щербаков Юрий Николаевич")[0] == keep
    people.write(journal.undo, changes.entry, actor="anna")
    assert found(people, "Щербаков Юрий Николаевич")[0] == drop
    with people.read() as session:
        assert index.missing(session) == index.unlike(session) == 0


def test_reader_of_an_older_state_sees_the_names_of_that_state(people):
    found(people, "Ткаченко")
    with people.read() as session:
        assert index.search(session, "Ткаченко")
        people.write(add, "D", "Орлик", "Надія", actor="anna")
        assert len(found(people, "Орлик")) == 1
        assert index.search(session, "Орлик") == []
    assert len(found(people, "Орлик")) == 1


def test_act_sees_its_own_names_and_a_failed_one_leaves_none(people):
    found(people, "Ткаченко")
    with pytest.raises(Refused):
        people.write(add_and_search, "E", "Нечуйвітер", "Олена", fail=True, actor="anna")
    assert found(people, "Нечуйвітер") == []
    # the next act gets the number that the failed one had
    other, _changes = people.write(add, "D", "Орлик", "Надія", actor="anna")
    assert found(people, "Орлик") == [other]
    assert found(people, "Нечуйвітер") == []
    names, _changes = people.write(add_and_search, "E", "Нечуйвітер", "Олена", actor="anna")
    assert names == ["Нечуйвітер Олена"]
    assert len(found(people, "Нечуйвітер")) == 1


def test_kept_index_is_loaded_and_brought_forward(people):
    people.write(index.rebuild_index, actor="anna")
    made, _ = people.write(add, "D", "Орлик", "Надія", actor="anna")
    with people.read() as session:
        assert not index.stale(session)
        live.of(session).forget()
        assert [hit.person_id for hit in index.search(session, "Orlyk")] == [made]
        assert [hit.name for hit in index.search(session, "Tkachenko")] == ["Ткаченко Андрей"]
        assert index.missing(session) == index.unlike(session) == 0


def test_index_of_another_folding_is_not_used(people, monkeypatch):
    people.write(index.rebuild_index, actor="anna")
    monkeypatch.setattr(packing, "FOLD_VERSION", 999)
    with people.read() as session:
        assert index.stale(session)
        live.of(session).forget()
        assert len(index.search(session, "Tkachenko")) == 1


def test_index_is_made_in_a_reader_and_kept_by_a_short_act(people):
    steps = []
    with people.read() as session:
        made = index.make(session, lambda done, total: steps.append((done, total)))
    people.write(add, "D", "Орлик", "Надія", actor="anna")
    people.write(index.keep_index, made, actor="anna")
    assert steps == [(0, 3)]
    assert len(found(people, "Orlyk")) == 1


def test_person_without_any_key_is_reported_and_repaired(people):
    @act("test.raw", "Raw")
    def drop_keys(session):
        session.connection().exec_driver_sql("DELETE FROM derived_name_token")

    people.write(drop_keys, actor="anna")
    with people.read() as session:
        assert index.missing(session) == 3
    people.write(index.rebuild_index, actor="anna")
    with people.read() as session:
        assert index.missing(session) == 0


def test_keys_of_another_folding_are_written_anew(people):
    @act("test.old", "Old")
    def age_keys(session):
        session.connection().exec_driver_sql("UPDATE derived_name_token SET token = 'x' || token")

    people.write(age_keys, actor="anna")
    people.write(index.rebuild_index, actor="anna")
    with people.read() as session:
        query = "SELECT DISTINCT token FROM derived_name_token"
        keys = set(session.connection().exec_driver_sql(query).scalars())
    assert "šerbakov" in keys
    assert not any(key.startswith("x") for key in keys)


def test_rare_names_weigh_more(people):
    with people.read() as session:
        assert index.weight(session, "Tkachenko") >= index.weight(session, "Shcherbakov")


def test_readers_and_a_writer_at_the_same_time(people):
    failures = []

    def read():
        try:
            for _turn in range(15):
                assert found(people, "Shcherbakov Yuri")[:1]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    made = [
        people.write(add, f"N{i}", f"Новенко{'абвгд'[i]}", "Іван", actor="anna")[0]
        for i in range(5)
    ]
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(person in found(people, "Новенко", limit=50) for person in made)
