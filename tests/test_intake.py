"""From a call to a case: both registers change together or not at all; each match says why."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casedesk import intake
from casedesk.hotline.door import About, Typed
from casedesk.hotline.records import Consent, Enquiry, EnquiryDraft, EnquirySought, EnquiryStatus
from casedesk.kernel import journal
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.fields import PartialDate
from casedesk.people import rules as people
from casedesk.people.records import Person, PersonDraft, PersonNameDraft, Sex
from casedesk.tracing import matching
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import CaseEnquirer, Outcome, TracingCase, TracingCaseDraft

DAY = dt.date(2025, 9, 10)


def born(text):
    return PartialDate.parse(text, DAY)


def new(family, given="", **values):
    names = tuple(
        PersonNameDraft.checked({"family": f, "given": g, "script": s})
        for f, g, s in ((family, given, "cyrillic"), *values.pop("also", ()))
    )
    if "born" in values:
        date = born(values.pop("born"))
        values.update(born_first=date.first, born_last=date.last)
    return people.NewPerson(PersonDraft.checked(values), names)


def open_case(store, person, **values):
    if isinstance(person, people.NewPerson):
        registered, _c = store.write(
            people.register_person, person.person, person.names, actor="anna"
        )
        person = registered.id
    draft = TracingCaseDraft.checked({"person_id": person, "opened_on": DAY, **values})
    case, _c = store.write(tracing.open_case, draft, actor="anna")
    return case


def call(**values):
    return EnquiryDraft.checked({"received_on": DAY, "operator": "anna", **values})


def counts(store):
    with store.read() as session:
        tables = (Enquiry, EnquirySought, Person, TracingCase, CaseEnquirer)
        return tuple(len(session.exec(select(table)).all()) for table in tables)


@pytest.fixture
def oleksii(store):
    person = new(
        "Шевченко",
        "Олексій",
        born="1988",
        sex="m",
        mother_name="Олена Петрівна Шевченко",
        also=[("Shevchenko", "Oleksii", "latin")],
    )
    return open_case(
        store, person, last_seen_at="Зелений Гай, Донецька", last_seen_on=dt.date(2024, 3, 9)
    )


def found(store, **typed):
    with store.read() as session:
        return intake.candidates(session, Typed(**typed), 20)


def test_call_opens_a_case_with_its_caller_as_enquirer_and_undo_takes_all_back(store):
    before = counts(store)
    about = About(
        new("Шевченко", "Олексій"), "son", new_case=True,
        last_place="Зелений Гай", last_contact=born("2024-03-09"),
    )  # fmt: skip
    taken, changes = store.write(
        intake.call_to_case,
        call(consent=Consent.YES, number_typed="+380671234567"),
        [about],
        new("Шевченко", "Олена"),
        actor="anna",
    )
    with store.read() as session:
        ((case_id, number),) = taken.cases
        case = session.get(TracingCase, case_id)
        enquirer = session.exec(select(CaseEnquirer)).one()
        enquiry = session.get(Enquiry, taken.enquiry_id)
        line = session.exec(select(EnquirySought)).one()
        assert (case.number, case.last_seen_at, case.owner) == (number, "Зелений Гай", "anna")
        assert (enquirer.person_id, enquirer.relation) == (enquiry.caller_id, "son")
        assert enquirer.main
        assert enquirer.consent
        assert (enquiry.status, line.case_number) == (EnquiryStatus.LINKED, number)
        assert (line.last_place, line.last_contact_first) == ("Зелений Гай", dt.date(2024, 3, 9))
        assert case.last_seen_on == dt.date(2024, 3, 9)
        assert line.person_id == case.person_id
        assert intake.enquirer_in(session, enquiry.caller_id) == [number]
    store.write(journal.undo, changes.entry, actor="anna")
    assert counts(store) == before


def test_call_for_a_case_uses_the_file_the_case_has_and_adds_the_enquirer_once(store, oleksii):
    typed = About(new("Shevchenko"), "son", case_id=oleksii.id)
    taken, _c = store.write(
        intake.call_for_case, call(), [typed], new("Шевченко", "Олена"), actor="anna"
    )
    with store.read() as session:
        line = session.exec(select(EnquirySought)).one()
        caller = session.get(Enquiry, taken.enquiry_id).caller_id
        assert (line.person_id, line.case_number) == (oleksii.person_id, oleksii.number)
        assert len(session.exec(select(Person)).all()) == 2
    store.write(intake.call_for_case, call(), [typed], caller, actor="anna")
    with store.read() as session:
        assert [e.person_id for e in session.exec(select(CaseEnquirer)).all()] == [caller]


def test_what_a_caller_says_of_a_linked_person_stays_with_the_call(store, oleksii):
    about = About(0, "son", oleksii.id, last_place="Суми", last_contact=born("2024-05"))
    store.write(intake.call_for_case, call(), [about], actor="anna")
    with store.read() as session:
        line = session.exec(select(EnquirySought)).one()
        assert line.last_place == "Суми"
        days = (line.last_contact_first, line.last_contact_last)
        assert days == (dt.date(2024, 5, 1), dt.date(2024, 5, 31))
        assert session.get(TracingCase, oleksii.id).last_seen_at == "Зелений Гай, Донецька"


def test_last_contact_known_in_part_is_read_in_the_new_case(store):
    about = About(new("Мельник"), new_case=True, last_contact=born("2024-03"))
    store.write(intake.call_to_case, call(), [about], actor="anna")
    with store.read() as session:
        case = session.exec(select(TracingCase)).one()
    assert (case.last_seen_on, case.circumstances) == (None, "Last contact: March 2024")


def test_one_call_may_link_one_person_and_open_a_case_for_another(store, oleksii):
    about = [About(0, "son", case_id=oleksii.id), About(new("Шевченко", "Іван"), new_case=True)]
    taken, _c = store.write(intake.call_to_case, call(), about, actor="anna")
    assert [number == oleksii.number for _id, number in taken.cases] == [True, False]
    with store.read() as session:
        assert session.exec(select(CaseEnquirer)).all() == []  # nobody said who called


@pytest.mark.parametrize(
    "refused",
    [
        "missing case",
        "caller is sought",
        "same person twice",
        "statistics only",
        "future",
    ],
)
def test_refused_intake_leaves_neither_register_changed(store, oleksii, refused):
    before = counts(store)
    caller, draft, act = new("Шевченко", "Олена"), call(), intake.call_for_case
    about = [About(new("Перший"), "brother"), About(0, "son", case_id=oleksii.id)]
    error = Refused
    if refused == "missing case":
        about, error = [*about, About(0, case_id=999)], NotFound
    elif refused == "caller is sought":
        caller = oleksii.person_id
    elif refused == "same person twice":
        about = [*about, About(oleksii.person_id)]
    elif refused == "statistics only":
        draft = call(consent=Consent.STATISTICS_ONLY)
    else:
        act = intake.call_to_case
        about = [
            About(new("Другий"), new_case=True),
            About(new("Третій"), new_case=True, last_contact=born("2025-09-30")),
        ]
    with pytest.raises(error):
        store.write(act, draft, about, caller, actor="anna")
    assert counts(store) == before


def test_act_of_the_wrong_kind_is_refused(store, oleksii):
    with pytest.raises(Refused, match="Choose the case"):
        store.write(intake.call_for_case, call(), [About(new("Х"))], actor="anna")
    with pytest.raises(Refused, match="for whom"):
        store.write(intake.call_to_case, call(), [About(0, case_id=oleksii.id)], actor="anna")


def test_name_in_either_script_finds_the_case_and_says_why(store, oleksii):
    for name in ("Шевченко Олексій", "Shevchenko Oleksii", "shevchenko ol"):
        (row,) = found(store, name=name).rows
        assert (row.case_id, row.name, row.latin) == (
            oleksii.id,
            "Шевченко Олексій",
            "Shevchenko Oleksii",
        )
        assert row.chips[0] == ("family name equal", "green")


def test_each_field_that_was_said_answers_for_itself(store, oleksii):
    (row,) = found(
        store,
        name="Шевченко Олексій",
        born=born("1989"),
        sex=Sex.F,
        mother="Olena",
        place="Зеленый Гай",
        contact=born("2024-03"),
    ).rows
    said = {match.key: (match.tone, match.chip) for match in row.fields}
    assert said["family"] == ("green", "family name equal")
    assert said["given"] == ("green", "given name equal")
    assert said["born"] == ("amber", "born a year apart")
    assert said["mother"] == ("green", "mother's name equal")
    assert said["contact"] == ("green", "")  # told, and never weighed
    assert said["place"] == ("green", "place equal")
    assert said["sex"] == ("carmine", "sex differs")


def test_what_was_not_said_or_is_not_known_weighs_nothing(store):
    bare = open_case(store, new("Гончар", "Петро"))
    (plain,) = found(store, name="Гончар Петро").rows
    (asked,) = found(
        store, name="Гончар Петро", born=born("1970"), mother="Ганна", place="Суми"
    ).rows
    assert plain.case_id == bare.id
    assert plain.score == asked.score
    assert [tone for _chip, tone in asked.chips] == ["green", "green", "muted", "muted", "muted"]
    assert len(plain.chips) == 2


def test_every_field_that_agrees_raises_and_every_one_against_lowers_the_score(store, oleksii):
    def score(**typed):
        rows = found(store, name="Шевченко Олексій", **typed).rows
        return rows[0].score

    alone = score()
    for good, bad in (
        ({"born": born("1988")}, {"born": born("1960")}),
        ({"mother": "Олена"}, {"mother": "Ярослава"}),
        ({"place": "Зелений Гай, Донецька"}, {"place": "Харків"}),
        ({}, {"sex": Sex.F}),
    ):
        assert score(**good) >= alone > score(**bad)
    assert score(born=born("1988"), mother="Олена", place="Зелений Гай, Донецька") < 1


def test_better_match_comes_first_and_far_birth_is_weak(store, oleksii):
    other = open_case(store, new("Шевченко", "Олексій", born="1951"))
    rows = found(store, name="Шевченко Олексій", born=born("1988")).rows
    assert [row.case_id for row in rows] == [oleksii.id, other.id]
    assert [row.weak for row in rows] == [False, True]


def test_closed_cases_and_persons_without_a_case_come_up_only_among_all_persons(store, oleksii):
    store.write(tracing.close, oleksii.id, Outcome.RETURNED, DAY, actor="anna")
    person, _c = store.write(
        people.register_person, PersonDraft(), new("Шевченко", "Олег").names, actor="anna"
    )
    answer = found(store, name="Шевченко")
    assert (answer.rows, answer.among) == ((), 0)
    answer = found(store, name="Шевченко", everybody=True)
    assert {(row.person_id, row.case_id) for row in answer.rows} == {
        (oleksii.person_id, oleksii.id),
        (person.id, None),
    }
    assert answer.among == 2
    assert len({row.key for row in answer.rows}) == 2


def test_case_is_found_by_its_number_as_people_say_it(store, oleksii):
    year, serial, _check = oleksii.number.split("-")
    for said in (oleksii.number, f"{year}-{serial}", f"{year}-{serial[:3]} {serial[3:]}"):
        (row,) = found(store, name=said).rows
        assert (row.case_id, row.score) == (oleksii.id, 1.0)


def test_cases_of_a_known_caller_come_up_before_anything_is_typed(store, oleksii):
    about = [About(0, "son", case_id=oleksii.id)]
    taken, _c = store.write(
        intake.call_for_case, call(), about, new("Шевченко", "Олена"), actor="anna"
    )
    with store.read() as session:
        caller = session.get(Enquiry, taken.enquiry_id).caller_id
    assert found(store).rows == ()
    (row,) = found(store, caller_id=caller).rows
    assert row.case_id == oleksii.id
    assert ("caller is enquirer", "green") in row.chips
    enquirer = next(match for match in row.fields if match.key == "enquirer")
    assert enquirer.kept == "Шевченко Олена (son)"


def test_case_of_a_merged_file_is_found_under_the_kept_one(store, oleksii):
    kept, _c = store.write(
        people.register_person, PersonDraft(), new("Шевченко", "Олексій").names, actor="anna"
    )
    store.write(people.merge, kept.id, oleksii.person_id, actor="anna")
    (row,) = found(store, name="Шевченко").rows
    assert (row.case_id, row.person_id) == (oleksii.id, kept.id)


@pytest.mark.parametrize("name", ["", " ", "%", "<b>", "\x00", "я" * 10_000, "- - -", "2024-"])
def test_whatever_is_typed_the_search_answers(store, oleksii, name):
    assert found(store, name=name, mother=name, place=name).rows == ()


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("Шевченко Ол", {"family": "family name equal", "given": "given name begins so"}),
        ("Олексій Шевченко", {"family": "family name equal", "given": "given name equal"}),
        ("Шевченко Леша", {"given": "other form of the given name"}),
        ("Олексій", {"family": "not compared", "given": "given name equal"}),
        ("shevch", {"family": "family name begins so", "given": "not compared"}),
        ("itdxtyrj jktrcsq", {"family": "family name equal"}),  # on the other keyboard
    ],
)
def test_name_says_how_it_agrees(store, oleksii, typed, fields):
    (row,) = found(store, name=typed).rows
    said = {match.key: match.result for match in row.fields}
    assert {key: said[key] for key in fields} == fields


def test_a_call_and_a_case_say_the_same_of_the_same_two_people(store, oleksii):
    """Whether somebody calls or has a file already, the likelihood and the words are one."""
    twin = new(
        "Shevchenko",
        "Aleksej",
        born="1988",
        sex="m",
        mother_name="Олена",
        birth_place="Зелений Гай",
    )
    registered, _c = store.write(people.register_person, twin.person, twin.names, actor="anna")
    (row,) = found(
        store,
        name="Shevchenko Aleksej",
        born=born("1988"),
        sex=Sex.M,
        mother="Олена",
        place="Зелений Гай",
    ).rows
    with store.read() as session:
        by_case = {one.person_id: one for one in matching.for_person(session, registered.id)}
    match = by_case[oleksii.person_id]
    assert row.score == pytest.approx(min(match.score, 0.99), abs=0.001)
    assert {words for words, _tone in row.chips} == {r.text for r in match.why} - {"sex equal"}


def test_a_half_typed_word_says_nothing_against_anybody(store, oleksii):
    """Nobody falls behind because the caller has not finished a word."""
    (begun,) = found(store, name="Шевченко Ол", born=born("1988")).rows
    (short,) = found(store, name="Шевченко", born=born("1988")).rows
    assert begun.score == short.score


def test_the_number_looked_among_follows_the_file(store, oleksii):
    assert found(store, name="Шевченко").among == 1
    open_case(store, new("Гончар", "Петро"))
    assert found(store, name="Шевченко").among == 2


def test_dates_are_compared_as_people_say_them(store, oleksii):
    (row,) = found(store, name="Шевченко Олексій", born=born("1987"), contact=born("2024-03")).rows
    shown = {match.key: (match.said, match.kept) for match in row.fields}
    assert shown["born"] == ("about 1987", "1988")
    assert shown["contact"] == ("March 2024", "9 Mar 2024")
    assert row.born == "1988"
