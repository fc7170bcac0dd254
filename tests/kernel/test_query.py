"""A list shows every row once, in an order that holds, however it is asked for."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from casedesk.kernel import language, query, settings
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.query import AllOf, Column, Condition, Field, Filter, Ids, Listing, Sort
from casedesk.kernel.store import insert_rows

SETTING = settings.StoreSetting.__table__
# An empty value stands for one that is not known, so that lists with gaps are tried as well.
VALUE = sa.func.nullif(SETTING.c.value, "")
LISTING = Listing(
    key="settings",
    identity=SETTING.c.id,
    columns=(
        Column("key", "Key", 100, SETTING.c.key, kind="strong"),
        Column("value", "Value", 100, VALUE),
        Column(
            "length",
            "Length",
            50,
            sa.func.length(VALUE),
            show=lambda n: query.Tagged("none", "muted") if n is None else str(n),
            kind="tag",
        ),
        Column("folded", "Folded", 50, SETTING.c.key, order=sa.func.length(SETTING.c.key)),
    ),
    fields=(
        Field(
            "value",
            "Value",
            clause=lambda c: query.contains(VALUE, str(c.value)),
            text=lambda c: f"has {c.value}",
        ),
        Field(
            "longer",
            "Longer than",
            clause=lambda c: sa.func.length(VALUE) > c.value,
            text=lambda c: f"longer than {c.value}",
        ),
    ),
    source=SETTING,
    default_sort=Sort("key"),
)
TEXTS = st.text(alphabet="aAбБё%_\\/'\"1", max_size=4)
LISTS = st.lists(TEXTS, max_size=12)
CONDITIONS = st.lists(
    st.one_of(
        st.builds(Condition, st.just("value"), st.just("has"), st.sampled_from("aб%_\\/'")),
        st.builds(Condition, st.just("longer"), st.just(">"), st.integers(0, 3)),
    ),
    max_size=2,
)
SORTS = st.builds(Sort, st.sampled_from(["key", "value", "length", "folded"]), st.booleans())
many = profile(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@act("test.fill", "Fill")
def fill(session, values):
    """Put these values, and no others, into the file."""
    for kept in session.scalars(sa.select(settings.StoreSetting)):
        session.delete(kept)
    session.flush()
    # Not in the order of their keys, so that an order by id is no order by key.
    keys = [f"k{number * 7 % 1009}" for number in range(len(values))]
    insert_rows(
        session,
        settings.StoreSetting,
        [{"key": k, "value": v, "revision": 0} for k, v in zip(keys, values, strict=True)],
    )


def filled(store, values):
    """Fill the file; give its rows as (id, key, value or None)."""
    store.write(fill, values, actor="anna")
    with store.read() as session:
        return [
            tuple(row) for row in session.execute(sa.select(SETTING.c.id, SETTING.c.key, VALUE))
        ]


def holds(condition, row):
    """Tell in Python what a condition says in SQL."""
    value = row[2]
    if value is None:
        return False
    if condition.field == "longer":
        return len(value) > condition.value
    return condition.value.lower() in value.lower()


def in_order(rows, sort):
    """Sort in Python as a list is sorted: what is not known first, equal ones by id."""

    def place(row):
        value = {
            "key": row[1],
            "value": row[2],
            "length": None if row[2] is None else len(row[2]),
            "folded": len(row[1]),
        }[sort.key]
        return (value is not None, value if value is not None else 0, row[0])

    return sorted(rows, key=place, reverse=sort.descending)


@many
@given(values=LISTS, conditions=CONDITIONS, sort=SORTS)
def test_snapshot_is_the_sorted_list_of_what_the_filter_asks_for(store, values, conditions, sort):
    there = filled(store, values)
    wanted = [row for row in there if all(holds(c, row) for c in conditions)]
    expected = [row[0] for row in in_order(wanted, sort)]
    filter = Filter(tuple(conditions))
    with store.read() as session:
        assert list(query.snapshot(session, LISTING, filter, sort)) == expected
        assert query.count(session, LISTING, filter) == len(expected)
        ids, rows = query.first_page(session, LISTING, filter, sort, 5)
        assert list(ids) == expected[:5]
        assert rows == query.rows(session, LISTING, ids)


@many
@given(values=LISTS, conditions=CONDITIONS, sort=SORTS, size=st.integers(1, 5))
def test_stream_gives_each_row_once_and_in_order(store, values, conditions, sort, size):
    filled(store, values)
    filter = Filter(tuple(conditions))
    with store.read() as session:
        streamed = list(query.stream(session, LISTING, filter, sort, size))
        ids = query.snapshot(session, LISTING, filter, sort)
        assert [i for i, _row in streamed] == list(ids)
        assert [row for _i, row in streamed] == query.rows(session, LISTING, ids)


@many
@given(values=LISTS, conditions=CONDITIONS, data=st.data())
def test_all_but_some_is_what_it_says(store, values, conditions, data):
    there = filled(store, values)
    wanted = {row[0] for row in there if all(holds(c, row) for c in conditions)}
    out = data.draw(st.sets(st.sampled_from(sorted(wanted)))) if wanted else set()
    selection = AllOf(Filter(tuple(conditions)), tuple(out))
    with store.read() as session:
        ids = list(selection.ids(session, LISTING))
    assert set(ids) == wanted - out
    assert len(ids) == len(set(ids)) == selection.count(len(wanted))


def test_some_chosen_rows_stay_as_they_were_chosen(store):
    with store.read() as session:
        assert list(Ids((9, 3, 4)).ids(session, LISTING)) == [9, 3, 4]
    assert Ids((9, 3, 4)).count(1000) == 3


def test_rows_come_in_the_order_of_many_ids_and_a_row_that_is_gone_is_empty(store):
    there = filled(store, ["x"] * 1008)
    ids = [row[0] for row in reversed(there)]
    ids[500] = 999_999
    with store.read() as session:
        rows = query.rows(session, LISTING, ids)
    keys = {row[0]: row[1] for row in there}
    assert [row[0] for row in rows] == [keys.get(i, "") for i in ids]
    assert rows[500] == ("", "", "", "")


def test_cells_are_written_as_their_column_says(store):
    filled(store, ["", "ab"])
    with store.read() as session:
        _ids, rows = query.first_page(session, LISTING, Filter(), Sort("value"))
    assert [row[1:3] for row in rows] == [("", query.Tagged("none", "muted")), ("ab", "2")]


def test_filter_of_ids_takes_more_than_a_statement_has_parameters(store):
    there = filled(store, ["x"] * 1000)
    wanted = {row[0] for row in there[::2]}
    filter = Filter.of_ids([*wanted, *range(5_000, 300_000)], "Counted")
    with store.read() as session:
        assert query.count(session, LISTING, filter) == 500
        assert set(query.snapshot(session, LISTING, filter, Sort("key"))) == wanted
        narrowed = filter.with_(Condition("longer", ">", 1))
        assert query.count(session, LISTING, narrowed) == 0
    assert filter.title == narrowed.title == "Counted"


def test_filter_of_a_statement_is_the_list_behind_a_figure(store):
    there = filled(store, ["a", "b", "a"])
    statement = sa.select(SETTING.c.id).where(SETTING.c.value == "a")
    with store.read() as session:
        ids = query.snapshot(session, LISTING, Filter(statement=statement), Sort("key"))
    assert set(ids) == {row[0] for row in there if row[2] == "a"}


def test_rows_that_the_listing_itself_leaves_out_are_in_no_answer(store):
    filled(store, ["a", "b"])
    listing = Listing(
        "only-b",
        LISTING.identity,
        LISTING.columns,
        LISTING.fields,
        LISTING.source,
        Sort("key"),
        where=(SETTING.c.value == "b",),
    )
    with store.read() as session:
        assert query.count(session, listing, Filter()) == 1
        assert len(AllOf().ids(session, listing)) == 1


def test_condition_is_asked_once_and_taken_back():
    long, short = Condition("longer", ">", 5), Condition("longer", ">", 1)
    filter = Filter(title="Kept").with_(long).with_(short).with_(long)
    assert filter.conditions == (long, short)
    assert LISTING.chips(filter) == [(long, "longer than 5"), (short, "longer than 1")]
    assert filter.without(long) == Filter((short,), title="Kept")


def test_filter_that_the_list_does_not_know_is_refused(store):
    with store.read() as session, pytest.raises(Refused):
        query.count(session, LISTING, Filter((Condition("gone", "is", 1),)))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("%", ["50%"]),
        ("_", ["a_b"]),
        ("иванов", ["Иванов", "ИВАНОВ", "не иванов"]),
        ("ИВАНОВ", ["Иванов", "ИВАНОВ", "не иванов"]),
        ("  Иванов ", ["Иванов", "ИВАНОВ", "не иванов"]),
        ("smith", ["McSmith"]),
        ("' OR 1=1 --", []),
        ("x" * 100_000, []),
    ],
)
def test_text_is_searched_as_it_stands(store, typed, found):
    filled(store, ["Иванов", "ИВАНОВ", "не иванов", "Петров", "50%", "a_b", "axb", "McSmith"])
    filter = Filter((Condition("value", "has", typed),))
    with store.read() as session:
        rows = [row for _id, row in query.stream(session, LISTING, filter, Sort("value"))]
    assert sorted(row[1] for row in rows) == sorted(found)


class Colour(enum.StrEnum):
    GREEN = "green"


def test_values_without_words_of_their_own():
    values = (None, "x", 45_000, dt.date(2025, 3, 9), True, Colour.GREEN)
    assert [query.plain(v) for v in values] == ["", "x", "45,000", "2025-03-09", "Yes", "green"]
    language.use("ru")
    assert query.plain(45_000) == "45\u00a0000"


OWNER = SETTING.alias("owner")
JOINED = Listing(
    key="joined",
    identity=SETTING.c.id,
    columns=(Column("owner", "Owner", 100, OWNER.c.key),),
    fields=(
        Field("value", "Value", lambda c: SETTING.c.value == c.value, lambda c: ""),
        Field("owner", "Owner", lambda c: OWNER.c.key == c.value, lambda c: ""),
        Field(
            "deep",
            "Owner, in a list",
            lambda c: SETTING.c.id.in_(
                sa.select(SETTING.c.id).where(OWNER.c.key == c.value).correlate(OWNER)
            ),
            lambda c: "",
        ),
    ),
    source=sa.join(SETTING, OWNER, OWNER.c.key == SETTING.c.value, isouter=True),
    default_sort=Sort("owner"),
)


@pytest.mark.parametrize(
    ("conditions", "joins", "found"),
    [
        ((), False, 3),
        ((Condition("value", "is", "k0"),), False, 2),
        ((Condition("owner", "is", "k0"),), True, 2),
        ((Condition("deep", "is", "k0"),), True, 2),
    ],
)
def test_a_count_joins_only_what_the_filter_asks_about(store, conditions, joins, found):
    filled(store, ["", "k0", "k0"])
    filter = Filter(tuple(conditions))
    source = query._needed(JOINED.source, query._clauses(JOINED, filter))
    assert (source is JOINED.source) is joins
    with store.read() as session:
        assert query.count(session, JOINED, filter) == found
        assert len(query.snapshot(session, JOINED, filter, JOINED.default_sort)) == found


def test_a_join_that_leaves_rows_out_is_counted(store):
    filled(store, ["", "k0", "k0"])
    inner = sa.join(SETTING, OWNER, OWNER.c.key == SETTING.c.value)
    with store.read() as session:
        assert query.count(session, dataclasses.replace(JOINED, source=inner), Filter()) == 2


def test_a_short_cell_knows_all_of_itself():
    assert query.Brief("1987", "9 Mar 1987") == "1987"
    tag = query.BriefTag("Overdue", "carmine", "Overdue since 1 May")
    assert tag == query.Tagged("Overdue", "carmine")
    cells = (query.Brief("1987", "9 Mar 1987"), tag, query.Tagged("Open"), "x")
    assert [query.whole(c) for c in cells] == ["9 Mar 1987", "Overdue since 1 May", "Open", "x"]
