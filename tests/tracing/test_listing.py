"""The list of cases: what it shows, what it can be asked for, and how little it reads for that."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from casedesk.kernel import query
from casedesk.kernel.figures import Period
from casedesk.kernel.query import Condition, Filter, Sort, Tagged
from casedesk.kernel.store import Store
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft, Script
from casedesk.tracing import figures, listing, reading, rules
from casedesk.tracing.records import (
    CaseActionDraft,
    CaseEnquirer,
    CaseEnquirerDraft,
    Outcome,
    Status,
    TracingCase,
    TracingCaseDraft,
)

TODAY = dt.date(2025, 9, 11)


def person(store: Store, name: str, latin: str = "", **values: object) -> int:
    names = [PersonNameDraft.checked(dict(zip(("family", "given"), name.split(), strict=False)))]
    if latin:
        parts = dict(zip(("family", "given"), latin.split(), strict=False))
        names.append(PersonNameDraft.checked({**parts, "script": Script.LATIN}))
    kept, _c = store.write(people.register_person, PersonDraft.checked(values), names, actor="op")
    return int(kept.id)


def case(store: Store, name: str = "Петров Иван", *, person_id: int = 0, **values: Any) -> int:
    values.setdefault("opened_on", dt.date(2025, 3, 1))
    draft = TracingCaseDraft.checked({**values, "person_id": person_id or person(store, name)})
    kept, _c = store.write(rules.open_case, draft, actor="op")
    return int(kept.id)


def action(store: Store, case_id: int, on: str, due: str | None = None) -> None:
    values = {"case_id": case_id, "on_date": on, "answer_due": due, "kind": "list_check"}
    store.write(rules.record_action, CaseActionDraft.checked(values), actor="op")


def shown(store: Store, filter: Filter = listing.DEFAULT, sort: Sort | None = None) -> list[int]:
    with store.read() as session:
        order = sort or listing.CASES.default_sort
        ids = list(query.snapshot(session, listing.CASES, filter, order))
        assert listing.how_many(session, filter) == len(ids)
        assert query.count(session, listing.CASES, filter) == len(ids)
    return ids


def asked(field: str, value: Any) -> Filter:
    return Filter((Condition(field, "is", value),))


def cell(store: Store, case_id: int, key: str) -> query.Cell:
    with store.read() as session:
        row = query.rows(session, listing.CASES, [case_id])[0]
    return row[[column.key for column in listing.CASES.columns].index(key)]


def test_open_cases_newest_first(store: Store) -> None:
    old = case(store, opened_on=dt.date(2024, 1, 5))
    new = case(store, opened_on=dt.date(2025, 5, 5))
    closed = case(store, opened_on=dt.date(2025, 6, 6))
    store.write(rules.close, closed, Outcome.RETURNED, TODAY, actor="op")
    assert shown(store) == [new, old]
    assert shown(store, asked("status", "ended")) == [closed]
    assert shown(store, Filter()) == [closed, new, old]


def test_a_row_says_who_where_since_and_what_is_next(store: Store) -> None:
    born = {"born_first": "1987-01-01", "born_last": "1987-12-31"}
    sought = person(store, "Шевченко Олексій", "Shevchenko Oleksii", **born)
    one = case(store, person_id=sought, last_seen_at="Курск", last_seen_on=dt.date(2025, 1, 9))
    action(store, one, "2025-03-03", "2025-09-01")
    assert cell(store, one, "name") == "Шевченко Олексій"
    assert cell(store, one, "latin") == "Shevchenko Oleksii"
    assert cell(store, one, "born") == "1987"
    assert cell(store, one, "place") == "Курск"
    assert cell(store, one, "since") == "Jan 2025"
    assert cell(store, one, "status") == Tagged("Searching", "accent")
    assert cell(store, one, "next") == Tagged("Overdue", "carmine")
    said = [query.whole(cell(store, one, key)) for key in ("since", "next")]
    assert said == ["9 Jan 2025", "Overdue since 1 Sept 2025: Lists checked"]
    assert cell(store, one, "number") == "2025-000 001"


def test_what_is_not_known_is_said(store: Store) -> None:
    one = case(store, "Петров")
    assert cell(store, one, "born") == "Not known"
    assert cell(store, one, "since") == "Mar 2025"
    assert cell(store, one, "latin") == "Petrov"
    assert cell(store, one, "next") == ""


def test_a_list_has_no_patronymic_but_the_tooltip_and_the_export_have(store: Store) -> None:
    names = [{"family": "Петров", "given": "Иван", "patronymic": "Сергеевич"}, {"family": "Сыч"}]
    ids = []
    for values in names:
        who, _c = store.write(
            people.register_person,
            PersonDraft.checked({}),
            [PersonNameDraft.checked(values)],
            actor="op",
        )
        ids.append(case(store, person_id=who.id))
    assert [cell(store, one, "name") for one in ids] == ["Петров Иван", "Сыч"]
    assert cell(store, ids[0], "latin") == "Petrov Ivan"
    whole = [query.whole(cell(store, one, "name")) for one in ids]
    assert whole == ["Петров Иван Сергеевич", "Сыч"]
    assert listing.safe_cell(cell(store, ids[0], "name")) == whole[0]


def test_a_birth_day_is_short_in_the_list_and_whole_in_the_tooltip(store: Store) -> None:
    day = {"born_first": "1987-03-09", "born_last": "1987-03-09"}
    years = {"born_first": "1988-01-01", "born_last": "1990-12-31"}
    one = case(store, person_id=person(store, "А Б", **day))
    two = case(store, person_id=person(store, "В Г", **years))
    assert cell(store, one, "born") == "1987"
    assert query.whole(cell(store, one, "born")) == "9 Mar 1987"
    assert cell(store, two, "born") == "1988–1990"
    assert query.whole(cell(store, two, "born")) == "1988 to 1990"


def test_an_answer_to_come_says_when_first(store: Store) -> None:
    one = case(store)
    action(store, one, "2025-09-01", "2025-10-12")
    assert cell(store, one, "next") == "12 Oct: Lists checked"
    assert query.whole(cell(store, one, "next")) == "Due 12 Oct 2025: Lists checked"


def test_counting_reads_no_names(store: Store) -> None:
    case(store)
    with store.read() as session:
        plans = []
        for filter in (listing.DEFAULT, asked("name", "Петров"), asked("place", "Курск")):
            clauses = query._clauses(listing.CASES, filter)
            plans.append(query._needed(listing.CASES.source, clauses))
        assert query.count(session, listing.CASES, listing.DEFAULT) == 1
    assert plans == [TracingCase.__table__] * 3  # type: ignore[attr-defined]


def test_the_default_order_is_of_a_column_that_is_shown(store: Store) -> None:
    assert listing.CASES.default_sort.key in listing.SHOWN_COLUMNS
    keys = {column.key for column in listing.CASES.columns}
    assert set(listing.SHOWN_COLUMNS) < keys


def test_a_merged_person_is_shown_by_the_kept_name(store: Store) -> None:
    kept, dropped = person(store, "Петров Иван"), person(store, "Петренко Иван")
    one = case(store, person_id=dropped)
    store.write(people.merge, kept, dropped, actor="op")
    assert cell(store, one, "name") == "Петров Иван"
    assert shown(store, asked("name", "Петренко")) == [one]
    assert shown(store) == [one]


@pytest.mark.parametrize("typed", ["Петров", "petrov iv", "2025-000 001", "2025-000001", "2025-1x"])
def test_a_case_is_found_by_name_and_number(store: Store, typed: str) -> None:
    one = case(store, "Петров Иван")
    case(store, "Сидоров Олег")
    assert shown(store, asked("name", typed)) == ([] if typed == "2025-1x" else [one])


def test_a_place_is_found_in_small_letters_and_as_it_stands(store: Store) -> None:
    one = case(store, last_seen_at="Курск, вокзал")
    case(store, last_seen_at="100% unknown")
    assert shown(store, asked("place", "курск")) == [one]
    assert shown(store, asked("place", "%")) != [one]


def test_birth_interval_year_and_owner(store: Store) -> None:
    born = {"born_first": "1987-01-01", "born_last": "1987-12-31"}
    one = case(store, person_id=person(store, "А Б", **born), owner="T. Holm")
    two = case(store, "В Г", last_seen_on=dt.date(2024, 2, 2))
    assert shown(store, Filter((listing.born_condition("1985..1989"),))) == [one]
    assert shown(store, Filter((listing.born_condition("1988"),))) == []
    assert shown(store, asked("since", 2024)) == [two]
    assert shown(store, asked("owner", "T. Holm")) == [one]


def test_a_figure_opens_its_cases(store: Store) -> None:
    one = case(store)
    statement = figures.OPEN_CASES.statement(Period(dt.date(2025, 1, 1), TODAY), TODAY)
    assert shown(store, Filter(statement=statement, title="1 open case")) == [one]


def test_views_count_what_they_list(store: Store) -> None:
    quiet = case(store, owner="me")
    asking = case(store)
    action(store, asking, "2025-09-01", "2025-10-01")
    done = case(store)
    store.write(rules.close, done, Outcome.RETURNED, dt.date(2025, 9, 2), actor="op")
    views = listing.views("me", TODAY)
    with store.read() as session:
        counts = listing.view_counts(session, views)
    assert counts == {"open": 2, "mine": 1, "quiet": 1, "closed": 1, "waiting": 1}
    lists = {view.key: shown(store, view.filter) for view in views}
    assert lists["quiet"] == [quiet]
    assert lists["waiting"] == [asking]
    assert lists["closed"] == [done]


@pytest.mark.parametrize("column", listing.CASES.columns, ids=lambda column: column.key)
def test_every_order_holds_every_case_once(store: Store, column: query.Column) -> None:
    ids = {case(store, f"П{i} И") for i in range(3)}
    for descending in (False, True):
        assert set(shown(store, Filter(), Sort(column.key, descending))) == ids


@pytest.mark.parametrize(
    ("key", "index"),
    [
        ("opened", "ix_tracing_case_newest"),
        ("since", "ix_tracing_case_since"),
        ("owner", "ix_tracing_case_owner"),
    ],
)
def test_the_usual_orders_run_along_an_index(store: Store, key: str, index: str) -> None:
    with store.read() as session:
        statement = query._ordered(listing.CASES, listing.DEFAULT, Sort(key, True))
        text = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
    plan = [row[3] for row in rows]
    # Nothing but the walk along the index: no sorting, no look-up for each case.
    assert len(plan) == 1
    assert plan[0].startswith("SCAN tracing_case USING")
    assert plan[0].endswith(index)


def test_the_steps_of_a_case_set_aside_stand_where_it_stood(store: Store) -> None:
    one = case(store)
    action(store, one, "2025-04-01")
    store.write(rules.change_status, one, Status.SUSPENDED, TODAY, actor="op")
    with store.read() as session:
        states = [step.state for step in reading.case_file(session, one).steps]
    assert states == ["done", "done", "now", "later", "later", "later", "later"]
    store.write(rules.close, one, Outcome.RETURNED, TODAY, actor="op")
    with store.read() as session:
        assert {step.state for step in reading.case_file(session, one).steps} == {"done"}


def test_several_cases_are_assigned_and_worked_on_as_one_act(store: Store) -> None:
    ids = [case(store), case(store)]
    moved, _c = store.write(rules.assign, ids, "T. Holm", actor="op")
    assert moved == 2
    draft = CaseActionDraft.checked({"case_id": 0, "on_date": TODAY, "kind": "list_check"})
    done, _c = store.write(rules.record_actions, ids, draft, actor="op")
    assert done == 2
    assert shown(store, asked("owner", "T. Holm")) == [2, 1]


def test_a_merge_takes_the_families_along_and_can_be_undone(store: Store) -> None:
    from casedesk.kernel import journal

    keep, drop = case(store, "Петров Иван"), case(store, "Петров Ваня")
    mother = person(store, "Петрова Анна")
    asks = CaseEnquirerDraft(case_id=drop, person_id=mother, relation="mother", main=True)
    store.write(rules.add_enquirer, asks, actor="op")
    _case, changes = store.write(rules.merge_with, keep, drop, TODAY, actor="op")
    with store.read() as session:
        assert [e.name for e in reading.case_file(session, keep).enquirers] == ["Петрова Анна"]
        assert session.get(TracingCase, drop).status is Status.MERGED  # type: ignore[union-attr]
    store.write(journal.undo, changes.entry, actor="op")
    with store.read() as session:
        assert reading.case_file(session, keep).enquirers == ()
        assert reading.case_file(session, drop).name == "Петров Ваня"
        assert len(session.exec(query.sa.select(CaseEnquirer.id)).all()) == 1  # type: ignore[call-overload]


def test_words_exist_for_every_choice() -> None:
    from casedesk.tracing import records, wording

    for words, values in (
        (wording.STATUS, records.Status),
        (wording.OUTCOME, records.Outcome),
        (wording.KIND, records.CaseKind),
        (wording.ACTION, records.ActionKind),
        (wording.FATE, records.Fate),
        (wording.SHARING, records.Sharing),
        (wording.RELIABILITY, records.Reliability),
    ):
        assert set(words) == set(values)
