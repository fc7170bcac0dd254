"""The names of everybody in a household are at hand, and follow whatever is done to the file."""

from __future__ import annotations

import datetime as dt

import pytest
from test_assistance_rules import Desk, home, person

from casedesk.assistance import doubles, homes, name_keys, rounds, rules
from casedesk.assistance.doubles import DoubleFound
from casedesk.assistance.records import HouseholdMember
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.people.records import Script

DAY = dt.date(1979, 5, 6)
KEYS = name_keys.keys_of([("Сорока", "Галина", "Петрівна")], DAY)


@pytest.fixture
def desk(store):
    made = Desk(store)
    made.included(made.programme(), home(person("Орлик", "Надія")))
    with store.read() as session:
        doubles.warm(session)
    return made


def bearers(desk):
    """Who bears the name, or one that may be it."""
    with desk.store.read() as session:
        found = name_keys.of(session).persons(session, KEYS)
    return set().union(*found.values())


@act("test.register_and_fail", "Fail")
def register_and_fail(session, programme, household):
    draft = rules.RegistrationDraft(programme_id=programme, registered_on=dt.date(2025, 9, 1))
    rules.register(session, draft, household)
    doubles.undecided(session, [2])  # the keys see what this act has done so far
    raise Refused("Changed my mind")


def test_household_that_is_registered_later_is_found(desk):
    assert bearers(desk) == set()
    desk.included(1, home(person("Soroka", "Halyna", born="1979-05-06", script=Script.LATIN)))
    assert bearers(desk) == {desk.rows(HouseholdMember)[1].person_id}


def test_household_of_an_act_that_was_taken_back_does_not_hide_the_next_one(desk):
    with pytest.raises(Refused):
        desk.do(register_and_fail, 1, home(person("Дяченко", "Оксана")))
    # the number of the entry is used again: what it holds now has to be read all the same
    desk.included(1, home(person("Сорока", "Галина", born="1979-05-06")))
    assert bearers(desk) == {desk.rows(HouseholdMember)[1].person_id}


def test_member_who_comes_later_is_found_at_the_table(desk):
    """Nobody looked at names when the daughter moved in; the table does."""
    other = desk.programme("Cash again")
    there = desk.included(other, home(person("Сорока", "Галина", born="1979-05-06")))
    one, two = desk.round(1), desk.round(other, name="Again")
    first, second = desk.planned(one, 1), desk.planned(two, there)
    desk.begin(one)
    desk.begin(two)
    desk.do(rounds.hand_over, second)
    member = rules.HouseholdMemberDraft()
    daughter = person("Soroka", "Halyna", born="1979-05-06", script=Script.LATIN)
    made = desk.do(rules.add_member, 1, rules.NewMember(daughter, member))
    with pytest.raises(DoubleFound):
        desk.do(rounds.hand_over, first)
    noted = desk.do(rules.note_double, first[0])
    assert len(noted) == 1  # and there is something to decide
    desk.do(homes.leave, made.id, dt.date(2025, 9, 10))
    with desk.store.read() as session:
        assert doubles.find(session, [1], on=dt.date(2025, 9, 11)) == []
