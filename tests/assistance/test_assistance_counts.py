"""Persons, households, receipts and amounts: each counted apart, and each number has its list."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from test_assistance_rules import Desk, home, person

from casedesk import catalog
from casedesk.assistance import counts, figures, guard, listing, reading, rounds, rules
from casedesk.assistance.counts import Scope
from casedesk.assistance.records import (
    Double,
    Entitlement,
    EntitlementStatus,
    HouseholdMember,
    HouseholdMemberDraft,
    Modality,
    Per,
    Receipt,
    Registration,
    Round,
)
from casedesk.assistance.records import Programme as ProgrammeRecord
from casedesk.illustrative.assistance import fill_assistance
from casedesk.illustrative.people import People
from casedesk.kernel import clock, language, query
from casedesk.kernel.figures import Period
from casedesk.kernel.query import Condition, Filter
from casedesk.names.fold import has_cyrillic
from casedesk.people.records import Person

DAY = dt.date
YEAR_2024 = Period(DAY(2024, 1, 1), DAY(2024, 12, 31))
SUMMER = Period(DAY(2025, 5, 1), DAY(2025, 8, 31))
YEAR_2025 = Period(DAY(2025, 1, 1), DAY(2025, 12, 31))
KNOWN = DAY(2026, 1, 15)
SCALE = 0.02


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """All programmes at a fiftieth of the size, but for what is whole at every scale."""
    path = tmp_path_factory.mktemp("assisted") / "delegation.cdk"
    with catalog.create_store(path, None) as store:
        if guard.keep not in store.keepers:
            store.keepers.append(guard.keep)
        fill_assistance(store, SCALE, 5, People(5))
        yield store


@pytest.fixture
def desk(store):
    return Desk(store)


def four(session, scope, period=YEAR_2025, known=KNOWN):
    """Count persons, households and receipts of a scope, and add up its rubles."""
    parts = [
        counts.indicator("x", "x", scope, of).count(session, period, known)
        for of in (counts.persons, counts.households, counts.receipts)
    ]
    return (*parts, counts.amount(session, scope, period, known).get("RUB", 0) // 100)


@pytest.mark.parametrize("period", [YEAR_2024, SUMMER, YEAR_2025])
@pytest.mark.parametrize("indicator", figures.INDICATORS, ids=lambda i: i.key)
def test_number_is_the_length_of_its_list(invented, indicator, period):
    with invented.read() as session:
        ids = indicator.ids(session, period, KNOWN)
        assert indicator.count(session, period, KNOWN) == len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("indicator", "period", "published"),
    [
        (figures.CASH_PERSONS_RUSSIA, SUMMER, round(11_874 * SCALE)),
        (figures.CASH_PERSONS_BELARUS, SUMMER, round(1_093 * SCALE)),
        (figures.TRAINED_PERSONS, SUMMER, 68),
        (figures.GRANT_PERSONS, SUMMER, 31),
        (figures.PILOTS_BELARUS, SUMMER, 1),
        (figures.EMERGENCY_PERSONS, YEAR_2024, round(31_000 * SCALE)),
        (figures.EMERGENCY_PHARMACY, YEAR_2024, round(25_000 * SCALE)),
        (figures.EMERGENCY_CARDS, YEAR_2024, round(31_000 * SCALE)),
        (figures.EMERGENCY_RECEIPTS, YEAR_2024, round(56_000 * SCALE)),
        (figures.CASH_PERSONS_RUSSIA, YEAR_2024, round(14_538 * SCALE)),
        (figures.SCHOOL_CHILDREN, YEAR_2024, round(4_218 * SCALE)),
        (figures.TRAINED_PERSONS, YEAR_2024, 192),
        (figures.CASH_PERSONS_BELARUS, YEAR_2024, round(2_353 * SCALE)),
    ],
    ids=lambda value: getattr(value, "key", None),
)
def test_published_figures_are_counted(invented, indicator, period, published):
    with invented.read() as session:
        assert indicator.count(session, period, KNOWN) == published


def test_kursk_is_a_union_and_not_a_sum(invented):
    with invented.read() as session:
        sets = [
            set(item.ids(session, YEAR_2024, KNOWN))
            for item in (
                figures.EMERGENCY_PERSONS,
                figures.EMERGENCY_PHARMACY,
                figures.EMERGENCY_CARDS,
            )
        ]
    everyone, pharmacy, cards = sets
    assert everyone == pharmacy | cards
    assert pharmacy < cards
    assert len(everyone) < len(pharmacy) + len(cards)


def test_milestone_is_the_day_on_which_the_sum_gets_there(invented, monkeypatch):
    monkeypatch.setattr(figures, "MILESTONE", round(figures.MILESTONE * SCALE))
    with invented.read() as session:
        day = figures.milestone(session, YEAR_2025, KNOWN)
        assert (day.year, day.month) == (2025, 6)
        before = Period(YEAR_2025.first, day - dt.timedelta(days=1))
        for period, reached in ((before, False), (Period(YEAR_2025.first, day), True)):
            amount = counts.amount(session, figures.CASH_RUSSIA_SINCE, period, KNOWN)["RUB"]
            assert (amount >= figures.MILESTONE) is reached
        assert figures.milestone(session, YEAR_2024, KNOWN) is None
        assert figures.milestone(session, Period(DAY(2025, 7, 1), DAY(2025, 12, 31)), KNOWN) is None


def test_pilot_is_said_only_of_the_period_in_which_it_began(invented):
    with invented.read() as session:
        assert figures.pilot_began(session, SUMMER, KNOWN) == DAY(2025, 7, 14)
        assert figures.pilot_began(session, YEAR_2024, KNOWN) is None


def test_household_of_three_with_two_receipts_is_three_persons(desk):
    programme = desk.programme()
    family = home(person("Сорока", "Галина"), person("Сорока", "Лев"), person("Сорока", "Яна"))
    made = desk.included(programme, family)
    for name in ("August", "September"):
        own = desk.round(programme, name=name)
        lines = desk.planned(own, made, amount=9_000_00)
        desk.begin(own)
        desk.do(rounds.hand_over, lines)
    with desk.store.read() as session:
        assert four(session, Scope()) == (3, 1, 2, 18_000)


def test_who_left_before_and_who_came_after_was_not_reached(desk):
    programme = desk.programme()
    made = desk.included(programme, home(person("Сорока", "Галина"), person("Сорока", "Лев")))
    leaving = desk.rows(HouseholdMember)[1]
    draft = HouseholdMemberDraft.checked({**leaving.draft().model_dump(), "until": "2025-09-05"})
    desk.do(rules.change_member, leaving.id, draft, leaving.revision)
    newborn = HouseholdMemberDraft.checked({"since": "2025-09-10"})
    member = rules.NewMember(person("Сорока", "Яна"), newborn)
    desk.do(rules.add_member, desk.rows(Registration)[0].household_id, member)
    own = desk.round(programme)
    lines = desk.planned(own, made)
    desk.begin(own)
    desk.do(rounds.hand_over, lines, rounds.Collected(on=DAY(2025, 9, 8)))
    with desk.store.read() as session:
        assert four(session, Scope())[0] == 1


def test_kit_and_voucher_of_one_child_are_one_person_and_two_receipts(desk):
    family = home(person("Дяченко", "Оксана"), person("Дяченко", "Лев"))
    household = None
    for name, modality in (("Kits", Modality.SCHOOL_KIT), ("Clothes", Modality.VALUE_VOUCHER)):
        programme = desk.programme(name, modality, per=Per.PERSON, target="school_children")
        if household is None:
            made = desk.included(programme, family)
            household = desk.get(Registration, made).household_id
        else:
            made = desk.included(programme, None, household_id=household)
        own = desk.round(programme)
        child = desk.rows(HouseholdMember)[1].person_id
        lines = [
            line.id for line in desk.do(rounds.plan, own, [rounds.Planned(made, person_id=child)])
        ]
        desk.begin(own)
        desk.do(rounds.hand_over, lines)
    with desk.store.read() as session:
        assert four(session, figures.SCHOOL)[:3] == (1, 1, 2)
        assert figures.SCHOOL_CHILDREN.ids(session, YEAR_2025, KNOWN) == [child]


def test_merged_persons_and_households_count_once(desk):
    cash, parcels = desk.programme(), desk.programme("Parcels", Modality.IN_KIND_PARCEL)
    ids = []
    for programme, name in ((cash, "Галина"), (parcels, "Галя")):
        made = desk.included(programme, home(person("Сорока", name)))
        own = desk.round(programme)
        lines = desk.planned(own, made, amount=5_000_00)
        desk.begin(own)
        desk.do(rounds.hand_over, lines)
        ids.append(desk.get(Registration, made).household_id)
    with desk.store.read() as session:
        assert four(session, Scope()) == (2, 2, 2, 10_000)
        heads = [m.person_id for m in desk.rows(HouseholdMember)]
    entry = desk.entry(rules.merge_households, *ids, [tuple(heads)])
    with desk.store.read() as session:
        assert four(session, Scope()) == (1, 1, 2, 10_000)
    desk.undo(entry)
    with desk.store.read() as session:
        assert four(session, Scope()) == (2, 2, 2, 10_000)


def test_what_was_known_on_a_day_is_counted_as_known_then(desk):
    programme = desk.programme()
    made = desk.included(programme, home(person("Сорока", "Галина")))
    own = desk.round(programme)
    lines = desk.planned(own, made, amount=9_000_00)
    desk.begin(own)
    desk.do(rounds.hand_over, lines)
    with clock.frozen(DAY(2025, 10, 1)):
        desk.do(rounds.correct_receipt, lines[0], "Counted again", amount=8_000_00)
    with clock.frozen(DAY(2025, 11, 1)):
        desk.do(rounds.cancel_receipt, lines[0], "Brought back")
    with desk.store.read() as session:
        for known, amount in (
            (DAY(2025, 9, 10), 0),
            (DAY(2025, 9, 30), 9_000),
            (DAY(2025, 10, 31), 8_000),
            (DAY(2025, 11, 1), 0),
        ):
            assert four(session, Scope(), known=known)[3] == amount


def test_round_says_its_four_counts(desk):
    programme = desk.programme()
    first = desk.included(programme, home(person("Сорока", "Галина"), person("Сорока", "Лев")))
    second = desk.included(programme, home(person("Чумак", "Віра")))
    own = desk.round(programme, "School 4", "Town hall")
    lines = desk.planned(own, first, second, amount=9_000_00)
    desk.begin(own)
    desk.do(rounds.hand_over, lines[:1])
    with desk.store.read() as session:
        summary = reading.round_summary(session, own)
        assert (summary.persons, summary.households, summary.receipts) == (2, 1, 1)
        assert (summary.amount, summary.amount_planned) == (9_000_00, 9_000_00)
        assert (summary.lines, summary.received, summary.planned) == (2, 1, 1)
        assert [site.name for site in summary.sites] == ["School 4", "Town hall"]
        assert reading.programmes(session)[0].persons == 2
        assert reading.newest_round(session) == own


def test_lines_of_a_round_are_listed_and_found(desk):
    programme = desk.programme(modality=Modality.PREPAID_CARD)
    galina = home(person("Сорока", "Галина"), person("Кравець", "Дмитро"), address="Садова 9")
    first = desk.included(programme, galina, card_number="4471 55")
    second = desk.included(programme, home(person("Чумак", "Віра"), address="Шкільна 8"))
    own = desk.round(programme)
    lines = desk.planned(own, first, second)
    desk.begin(own)
    desk.do(rounds.hand_over, lines[:1])
    rows = listing.lines_of(own)

    def found(field, value):
        with desk.store.read() as session:
            asked = Filter((Condition(field, "is", value),))
            return list(query.snapshot(session, rows, asked, rows.default_sort))

    assert found("text", "soroka") == lines[:1]
    assert found("text", "Кравець") == lines[:1]  # anybody of the household
    assert found("text", "шкільна") == lines[1:]
    assert found("text", "4471-55") == lines[:1]
    assert found("status", "planned") == lines[1:]
    assert found("status", "decide") == []
    with desk.store.read() as session:
        texts = query.rows(session, rows, lines)
        assert texts[0][:2] == ("Сорока Галина", "2")
        assert texts[0][6] == "1 card, 12,000\u00a0RUB"
        assert texts[0][7].text == "Received 11 Sept"
        assert texts[1][7] == ("Planned", "neutral")
        heads = query.rows(session, listing.ROUNDS, [own])
        assert heads[0][0] == "September"


@pytest.mark.parametrize(
    ("indicator", "rows"),
    [
        (figures.EMERGENCY_PERSONS, listing.PERSONS),
        (figures.EMERGENCY_HOUSEHOLDS, listing.HOUSEHOLDS),
        (figures.EMERGENCY_RECEIPTS, listing.RECEIPTS),
    ],
    ids=lambda value: value.key,
)
def test_list_behind_a_figure_has_its_rows(invented, indicator, rows):
    with invented.read() as session:
        filter = Filter(statement=indicator.statement(YEAR_2024, KNOWN))
        count = query.count(session, rows, filter)
        assert count == indicator.count(session, YEAR_2024, KNOWN)
        _ids, texts = query.first_page(session, rows, filter, rows.default_sort, limit=20)
        assert all(row[0] for row in texts)


@pytest.mark.parametrize(
    "cls",
    [ProgrammeRecord, Person, HouseholdMember, Registration, Round, Entitlement, Receipt, Double],
)
def test_invented_rows_pass_their_drafts(invented, cls):
    with clock.frozen(KNOWN), invented.read() as session:
        rows = session.exec(select(cls).order_by(col(cls.id).desc()).limit(2000)).all()
        assert rows
        for row in rows:
            row.draft()


def test_invented_lines_and_receipts_say_the_same(invented):
    with invented.read() as session:
        assert not guard._wrong_lines(session, sa.true())
        assert not guard._wrong_lists(session, set(session.exec(select(Round.id)).all()))


def test_planted_doubles_wait_on_the_round_under_way(invented):
    language.use("ru")
    with invented.read() as session:
        own = reading.newest_round(session)
        found = reading.warnings(session, own)
        assert len(found) == 4
        assert len(reading.open_warnings(session)) == 6
        assert reading.round_summary(session, own).to_decide == 4
        for warning in found:
            line = session.get(Entitlement, warning.entitlement_id)
            assert line.status is EntitlementStatus.PLANNED
            heads = warning.finding.lines[0]
            assert not has_cyrillic(heads.here.split(",")[0])
            assert has_cyrillic(heads.there.split(",")[0])


def test_every_figure_has_words_in_both_languages():
    wanted = {
        *("000-09", "000-10", "001-17", "001-18", "001-19", "001-20", "001-21"),
        *("002-01", "002-19", "002-20", "002-21", "002-22", "002-23", "002-24"),
    }
    assert {i for said in figures.SAID for i in said.ids if i} == wanted
    for said in figures.SAID:
        for words in (said.name, said.rule, said.sentence):
            assert set(words) == {"en", "ru"}
            assert all(words.values())
        assert said.form == "claim" or all("{figure}" in said.sentence[x] for x in ("en", "ru"))
        assert not said.lead or said.lead in figures.LEADS
