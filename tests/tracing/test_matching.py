"""Who may be the same person: suggestions with reasons, judgements that last, merge and split."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlmodel import select

from casedesk import cli
from casedesk.kernel import clock, journal
from casedesk.kernel.errors import Refused, StaleRecord
from casedesk.kernel.fields import PartialDate
from casedesk.names.weights import Frequencies, Scale
from casedesk.people import index
from casedesk.people import rules as people
from casedesk.people.records import (
    Contact,
    ContactDraft,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
    Script,
    Sex,
)
from casedesk.tracing import match_words, matching, rules, sweep
from casedesk.tracing.records import (
    CaseEnquirer,
    CaseEnquirerDraft,
    Judgement,
    Status,
    TracingCase,
    TracingCaseDraft,
    Verdict,
)

TODAY = dt.date(2025, 9, 11)
STEPAN, STEPAN_LATIN = "Гречаный Степан Назарович", "Hrechanyi Stepan"


def register(store, line, year="", *, phone="", sex=Sex.M, **more):
    birth = PartialDate.parse(year, clock.today()) if year else None
    draft = PersonDraft.checked(
        {
            "sex": sex,
            "born_first": birth.first if birth else None,
            "born_last": birth.last if birth else None,
            **more,
        }
    )
    family, given, *rest = line.split()
    script = Script.LATIN if family.isascii() else Script.CYRILLIC
    name = PersonNameDraft(family=family, given=given, patronymic=" ".join(rest), script=script)
    contacts = [ContactDraft(typed=phone)] if phone else []
    return store.write(people.register_person, draft, [name], contacts, actor="anna")[0].id


def open_case(store, person_id, owner="anna", asking=()):
    draft = TracingCaseDraft(person_id=person_id, opened_on=dt.date(2025, 5, 2), owner=owner)
    enquirers = [CaseEnquirerDraft(person_id=one) for one in asking]
    return store.write(rules.open_case, draft, enquirers, actor="anna")[0].id


def suggested(store, person_id, least=0.5):
    with store.read() as session:
        return matching.for_person(session, person_id, least=least)


@pytest.fixture
def pair(store):
    """Two files about one man, among others."""
    register(store, "Литвин Андрій Васильович", "1988")
    register(store, "Осипов Глеб Львович", "1990-04-01")
    first = register(store, STEPAN, "1984-05-17", mother_name="Ольга")
    return first, register(store, STEPAN_LATIN, "1984-05-17", mother_name="Olha")


def test_the_same_person_is_suggested_with_a_reason_for_each_field(store, pair):
    (one,) = suggested(store, pair[0])
    assert one.person_id == pair[1]
    assert one.score > 0.9
    assert {reason.field for reason in one.why} >= {"family", "given", "born", "mother"}
    assert all(reason.text for reason in one.why)


def test_what_speaks_against_somebody_is_among_the_reasons(store, pair):
    store.write(
        people.change_person,
        pair[1],
        PersonDraft(code="P-000004", sex=Sex.F, born_first=TODAY, born_last=TODAY),
        0,
        actor="anna",
    )
    found = suggested(store, pair[0], least=0.0)
    (one,) = [one for one in found if one.person_id == pair[1]]
    tones = {reason.field: reason.tone for reason in one.why}
    assert tones["sex"] == tones["born"] == "carmine"
    assert one.score < 0.5


def test_an_equal_number_or_birth_finds_somebody_whose_name_is_not_alike(store, pair):
    other = register(store, "Ткач Олена", "1991-01-30", phone="+7 916 123-45-67", sex=Sex.F)
    about = matching.subject(
        ("Бойко", "Олена", ""),
        birth=PartialDate(dt.date(1991, 1, 30), dt.date(1991, 1, 30)),
        sex="f",
        phones=["8 (916) 123-45-67"],
    )
    with store.read() as session:
        found = matching.suggest(session, about, [("Бойко", "Олена", "")], least=0.01)
    assert other in [one.person_id for one in found]


def test_who_is_born_on_the_same_day_is_found_however_new_he_is(store, pair):
    day = PartialDate(dt.date(1991, 1, 30), dt.date(1991, 1, 30))
    first = register(store, "Ткач Зинаида", "1991-01-30", sex=Sex.F)
    store.write(index.rebuild_index, actor="anna")
    second = register(store, "Сафонова Вера", "1991-01-30", sex=Sex.F)
    about = matching.subject(("Бойко", "Олена", ""), birth=day, sex="f")
    with store.read() as session:
        found = matching.suggest(session, about, [("Бойко", "Олена", "")], least=0.0)
    assert {first, second} <= {one.person_id for one in found}


def test_of_several_cases_the_last_place_that_is_known_is_compared(store, pair):
    for place in ("Лоев", "Мозырь", ""):
        draft = TracingCaseDraft(
            person_id=pair[0], opened_on=dt.date(2025, 5, 2), owner="anna", last_seen_at=place
        )
        store.write(rules.open_case, draft, [], actor="anna")
    with store.read() as session:
        about = matching.subjects(session, [pair[0]])[pair[0]]
    assert about.place == matching.subject(("Г", "С", ""), place="Мозырь").place


def test_a_merged_person_is_asked_about_as_the_file_that_is_kept(store, pair):
    other = register(store, "Гречаний Степан Назарович", "1984-05-17")
    store.write(people.merge, pair[0], other, actor="anna")
    assert [one.person_id for one in suggested(store, other)] == [pair[1]]


def test_a_typed_row_finds_its_person_before_it_is_in_the_file(store, pair):
    birth = PartialDate(dt.date(1984, 1, 1), dt.date(1984, 12, 31))
    about = matching.subject(("Grechanyj", "Stepan", "Nazarovich"), birth=birth)
    with store.read() as session:
        found = matching.suggest(session, about, [("Grechanyj", "Stepan", "Nazarovich")])
    assert {one.person_id for one in found} == set(pair)


def test_a_case_is_matched_by_the_command(store, pair, capsys):
    case_id = open_case(store, pair[0])
    with store.read() as session:
        number = session.get(TracingCase, case_id).number
    assert cli.main(["match", str(store.path), number, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["person"] == pair[1]
    assert rows[0]["score"] > 0.9
    assert "born on the same day" in rows[0]["why"]
    assert cli.main(["match", str(store.path), "2025-999999-9"]) == 3
    assert "no such case" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Микола", "other form of the given name"),
        ("Коля", "other form of the given name"),
        ("Н.", "initial of the given name agrees"),
        ("Никита", "given name differs"),
        ("Нколай", "given name nearly equal"),
    ],
)
def test_the_reason_names_what_kind_of_given_name_it_is(given, said):
    one, other = (matching.subject(("Гречаный", name, "")) for name in ("Николай", given))
    weighed = Scale(Frequencies()).weigh(one, other)
    assert said in [reason.text for reason in match_words.reasons(weighed)]


def test_names_alone_that_contradict_in_one_word_are_no_match(store):
    one = register(store, "Barkhan Malik Magomedovich Akhmed", sex=Sex.UNKNOWN)
    same = register(store, "Barkhan Malik Magomedovich", sex=Sex.UNKNOWN)
    other = register(store, "Barkhan Malik Magomedovich Yusup", sex=Sex.UNKNOWN)
    bits = {found.person_id: found.bits for found in suggested(store, one, least=0.0)}
    assert bits[same] > bits[other] + 1
    (told,) = [found for found in suggested(store, one, least=0.0) if found.person_id == other]
    assert "a word of the name differs" in [reason.text for reason in told.why]
    with store.read() as session:
        swept = {pair[:2]: pair.bits for pair in sweep.sweep(session, least=-60).pairs}
    assert swept[one, same] == pytest.approx(bits[same], abs=0.01)
    assert swept[one, other] == pytest.approx(bits[other], abs=0.01)


def test_a_name_whose_parts_stand_in_the_order_of_speech_is_put_right(store, pair):
    given_first = register(store, "Степан Назарович Гречаный", "1984-05-17")
    assert pair[0] in {one.person_id for one in suggested(store, given_first, least=0.9)}
    with store.read() as session:
        swept = {found[:2] for found in sweep.sweep(session).pairs}
    assert (pair[0], given_first) in swept


# -- judgements ---------------------------------------------------------------------------------


def verdict(store, pair):
    with store.read() as session:
        return matching.judged(session, [pair]).get(tuple(sorted(pair)))


def test_a_judgement_is_remembered_with_who_and_why(store, pair):
    store.write(matching.judge, pair[1], pair[0], Verdict.NOT_SAME, "two fathers", actor="olga")
    (one,) = suggested(store, pair[0])
    assert one.verdict is Verdict.NOT_SAME
    with store.read() as session:
        judgement = session.exec(select(Judgement)).one()
        (line,) = journal.history(session, "judgement", judgement.id)
    assert (judgement.why, line.actor) == ("two fathers", "olga")


def test_a_pair_is_asked_about_again_only_when_its_data_change(store, pair):
    store.write(matching.judge, *pair, Verdict.UNSURE, actor="anna")
    register(store, "Зорин Марк", "2001")
    assert verdict(store, pair) is Verdict.UNSURE
    contact = ContactDraft(person_id=pair[0], typed="+7 916 123-45-67")
    store.write(people.add_contact, contact, actor="anna")
    assert verdict(store, pair) is None


def test_undo_takes_a_judgement_back(store, pair):
    _judgement, changes = store.write(matching.judge, *pair, Verdict.SAME, actor="anna")
    store.write(journal.undo, changes.entry, actor="anna")
    assert verdict(store, pair) is None


def test_a_judgement_may_be_changed_and_there_is_one_for_each_pair(store, pair):
    store.write(matching.judge, *pair, Verdict.UNSURE, actor="anna")
    store.write(matching.judge, *reversed(pair), Verdict.NOT_SAME, actor="anna")
    assert verdict(store, pair) is Verdict.NOT_SAME
    with store.read() as session:
        assert len(session.exec(select(Judgement)).all()) == 1


def test_nobody_is_judged_against_himself(store, pair):
    with pytest.raises(Refused):
        store.write(matching.judge, pair[0], pair[0], Verdict.SAME, actor="anna")


def test_a_judged_pair_is_not_listed_until_its_data_change(store, pair):
    with store.read() as session:
        pairs = sweep.sweep(session).pairs
    store.write(matching.keep_sweep, pairs, actor="anna")
    store.write(matching.judge, *pair, Verdict.NOT_SAME, actor="anna")
    with store.read() as session:
        assert matching.kept(session) == []
    store.write(
        people.add_name,
        PersonNameDraft(person_id=pair[1], family="Гречаний", given="Степан"),
        actor="anna",
    )
    with store.read() as session:
        assert len(matching.kept(session)) == 1


# -- merge and split ----------------------------------------------------------------------------


def person(store, person_id):
    with store.read() as session:
        return session.get(Person, person_id)


def test_a_merge_takes_the_chosen_values_and_fills_the_gaps(store, pair):
    store.write(people.merge, *pair, take=["mother_name"], actor="anna")
    kept = person(store, pair[0])
    assert (kept.mother_name, kept.born_first) == ("Olha", dt.date(1984, 5, 17))


def test_an_empty_value_is_never_chosen(store):
    one = register(store, STEPAN, mother_name="Ольга")
    other = register(store, STEPAN_LATIN)
    store.write(people.merge, one, other, take=["mother_name", "born"], actor="anna")
    assert person(store, one).mother_name == "Ольга"


def test_a_field_that_does_not_exist_is_refused(store, pair):
    with pytest.raises(Refused):
        store.write(people.merge, *pair, take=["code"], actor="anna")


def test_enquirers_of_both_join_one_case(store, pair):
    mother, brother = register(store, "Гречаная Ольга"), register(store, "Гречаный Пётр")
    first = open_case(store, pair[0], asking=[mother])
    second = open_case(store, pair[1], asking=[brother])
    store.write(matching.merge_match, *pair, TODAY, actor="anna")
    with store.read() as session:
        asking = session.exec(select(CaseEnquirer).where(CaseEnquirer.case_id == first)).all()
        assert {one.person_id for one in asking} == {mother, brother}
        assert session.get(TracingCase, second).status is Status.MERGED


def test_undo_takes_a_merge_with_its_cases_back(store, pair):
    open_case(store, pair[0])
    second = open_case(store, pair[1])
    _kept, changes = store.write(matching.merge_match, *pair, TODAY, actor="anna")
    store.write(journal.undo, changes.entry, actor="anna")
    assert person(store, pair[1]).merged_into_id is None
    with store.read() as session:
        assert session.get(TracingCase, second).status is Status.OPEN
    assert store.check() == []


def test_a_merge_of_data_read_before_a_change_is_refused(store, pair):
    revision = person(store, pair[1]).revision
    store.write(
        people.change_person,
        pair[1],
        PersonDraft(code=person(store, pair[1]).code, mother_name="Оля"),
        revision,
        actor="olga",
    )
    with pytest.raises(StaleRecord):
        store.write(matching.merge_match, *pair, TODAY, drop_revision=revision, actor="anna")


def test_old_code_number_and_case_of_a_merged_person_still_find_the_file(store, pair):
    contact = ContactDraft(person_id=pair[1], typed="+7 916 123-45-67")
    store.write(people.add_contact, contact, actor="anna")
    case_id = open_case(store, pair[1])
    with store.read() as session:
        number = session.get(TracingCase, case_id).number
    code = person(store, pair[1]).code
    store.write(people.merge, *pair, actor="anna")
    with store.read() as session:
        for typed in (code, "8 916 123 45 67", number):
            assert [hit.person_id for hit in index.search(session, typed)][:1] == [pair[0]], typed


def test_split_gives_back_what_the_merge_moved_and_filled(store):
    one = register(store, STEPAN)
    other = register(
        store, STEPAN_LATIN, "1984-05-17", phone="+7 916 123-45-67", father_name="Назар"
    )
    store.write(people.merge, one, other, actor="anna")
    draft = person(store, one)
    assert draft.father_name == "Назар"
    store.write(people.split, other, actor="anna")
    with store.read() as session:
        names = session.exec(select(PersonName).where(PersonName.person_id == other)).all()
        numbers = session.exec(select(Contact).where(Contact.person_id == other)).all()
        assert [name.family for name in names] == ["Hrechanyi"]
        assert len(numbers) == 1
        found = {hit.person_id for hit in index.search(session, "Hrechanyi Stepan")}
    assert other in found
    assert person(store, one).father_name == ""
    assert person(store, one).born_first is None
    assert person(store, other).merged_into_id is None


def test_split_keeps_what_was_corrected_since(store):
    one, other = register(store, STEPAN), register(store, STEPAN_LATIN, father_name="Назар")
    store.write(people.merge, one, other, actor="anna")
    kept = person(store, one)
    draft = PersonDraft.checked({**kept.draft().model_dump(), "father_name": "Назарій"})
    store.write(people.change_person, one, draft, kept.revision, actor="anna")
    store.write(people.split, other, actor="anna")
    assert person(store, one).father_name == "Назарій"


def test_split_of_a_chain_gives_each_file_its_own(store):
    a, b, c = (register(store, name) for name in (STEPAN, STEPAN_LATIN, "Гречаний Степан"))
    store.write(people.merge, b, c, actor="anna")
    store.write(people.merge, a, b, actor="anna")
    store.write(people.split, b, actor="anna")
    assert person(store, c).merged_into_id == b
    with store.read() as session:
        owners = session.exec(select(PersonName.person_id)).all()
    assert sorted(owners) == [a, b, b]


def test_a_split_is_undone(store, pair):
    store.write(people.merge, *pair, actor="anna")
    _person, changes = store.write(people.split, pair[1], actor="anna")
    store.write(journal.undo, changes.entry, actor="anna")
    assert person(store, pair[1]).merged_into_id == pair[0]


def test_who_was_not_merged_cannot_be_separated(store, pair):
    with pytest.raises(Refused):
        store.write(people.split, pair[0], actor="anna")
