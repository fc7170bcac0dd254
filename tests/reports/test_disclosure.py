"""Disclosure control: a small count is not printed, and cannot be worked out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.reports.disclosure import (
    Suppressed,
    Table,
    protect,
    release,
    revealing,
    reveals,
    suppressed,
    too_small,
)
from casedesk.reports.wording import Lang, Noun, Place, Style, holds, printed

CASE = Noun(("case", "cases"), ("дело", "дела", "дел"), gender="n")
EXACT = Style(words="never")
thresholds = st.integers(2, 12)
langs = st.sampled_from(["en", "ru"])
counts = st.one_of(st.integers(0, 8), st.integers(0, 60))
tables = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda size: st.lists(
        st.lists(counts, min_size=size[0], max_size=size[0]), min_size=size[1], max_size=size[1]
    )
)


def grid_of(table: Table) -> list[list[int | None]]:
    return [
        *([*line, total] for line, total in zip(table.cells, table.row_totals, strict=True)),
        [*table.column_totals, table.total],
    ]


def worked_out(grid: list[list[int | None]]) -> set[tuple[int, int]]:
    """Hidden cells fixed by the sums: Gauss-Jordan elimination, as an attacker would do it."""
    unknown = [(r, c) for r, line in enumerate(grid) for c, v in enumerate(line) if v is None]
    rows, columns = len(grid), len(grid[0])
    equations = [
        [Fraction((1 if c < columns - 1 else -1) if r == row else 0) for r, c in unknown]
        for row in range(rows)
    ] + [
        [Fraction((1 if r < rows - 1 else -1) if c == column else 0) for r, c in unknown]
        for column in range(columns)
    ]
    at = 0
    for column in range(len(unknown)):
        pivot = next((i for i in range(at, len(equations)) if equations[i][column]), None)
        if pivot is None:
            continue
        equations[at], equations[pivot] = equations[pivot], equations[at]
        lead = equations[at]
        equations[at] = lead = [value / lead[column] for value in lead]
        for i, other in enumerate(equations):
            if i != at and other[column]:
                factor = other[column]
                equations[i] = [a - factor * b for a, b in zip(other, lead, strict=True)]
        at += 1
    return {
        unknown[next(i for i, value in enumerate(line) if value)]
        for line in equations
        if sum(1 for value in line if value) == 1
    }


@given(st.integers(0, 300), thresholds, langs, st.sampled_from([None, 5, 10, 100]))
def test_the_exact_value_decides_before_it_is_rounded(
    value: int, threshold: int, lang: Lang, step: int | None
) -> None:
    style = EXACT if step is None else Style("around", step, "never")
    words = release(value, style, lang=lang, noun=CASE, threshold=threshold)
    assert isinstance(words, Suppressed) == (0 < value < threshold)
    shown = words.words if isinstance(words, Suppressed) else words
    assert holds(shown, value)
    if not isinstance(words, Suppressed):
        assert (words.claim.number >= threshold) == (value >= threshold)


@given(thresholds, langs)
def test_the_words_of_a_hidden_count_do_not_depend_on_it(threshold: int, lang: Lang) -> None:
    said = {release(n, EXACT, lang=lang, threshold=threshold) for n in range(1, threshold)}
    assert said == {suppressed(lang=lang, threshold=threshold)}


def test_a_hidden_count_reads_naturally() -> None:
    def full(lang: Lang, **how: object) -> str:
        return suppressed(lang=lang, noun=CASE, **how).words.full  # type: ignore[arg-type]

    assert full("en") == "fewer than five cases"
    assert full("ru") == "менее пяти дел"
    assert full("en", vague="several") == "several cases"
    assert full("ru", vague="several") == "несколько дел"
    assert full("ru", vague="several", place=Place("genitive")) == "нескольких дел"
    assert full("en", vague="a number of") == "a number of cases"
    assert full("ru", vague="a number of", place=Place("accusative", "на")) == "на ряд дел"
    assert full("ru", place=Place("accusative", "на")) == "менее чем на 5 дел"
    start = release(3, Style(words="start"), lang="en", noun=CASE)
    assert isinstance(start, Suppressed)
    assert start.words.full == "Fewer than five cases"


@given(thresholds)
def test_fewer_than_is_true_of_every_hidden_count(threshold: int) -> None:
    words = suppressed(lang="en", threshold=threshold).words
    assert all(holds(words, n) for n in range(1, threshold))
    assert not holds(words, 0)
    assert not holds(words, threshold)


def test_several_is_not_true_of_one() -> None:
    words = suppressed(lang="en", vague="several").words
    assert not holds(words, 1)
    assert holds(words, 2)
    assert not holds(words, 5)


@given(tables, thresholds)
def test_no_small_count_is_shown(table: list[list[int]], threshold: int) -> None:
    for line in grid_of(protect(table, threshold=threshold)):
        assert not any(too_small(v, threshold=threshold) for v in line if v is not None)


@given(tables, thresholds)
def test_no_line_has_exactly_one_hidden_cell(table: list[list[int]], threshold: int) -> None:
    grid = grid_of(protect(table, threshold=threshold))
    for line in [*grid, *zip(*grid, strict=True)]:
        assert sum(1 for value in line if value is None) != 1


@given(tables, thresholds)
def test_no_hidden_cell_can_be_worked_out(table: list[list[int]], threshold: int) -> None:
    assert worked_out(grid_of(protect(table, threshold=threshold))) == set()


@given(tables, thresholds)
def test_what_is_hidden_in_a_line_is_no_small_count_together(
    table: list[list[int]], threshold: int
) -> None:
    grid = grid_of(protect(table, threshold=threshold))
    for *line, total in [*grid, *(list(column) for column in zip(*grid, strict=True))]:
        if total is not None:
            rest = total - sum(value for value in line if value is not None)
            assert not too_small(rest, threshold=threshold)


@given(tables, thresholds)
def test_what_is_shown_is_exact_and_adds_up(table: list[list[int]], threshold: int) -> None:
    safe = protect(table, threshold=threshold)
    exact = [[*line, sum(line)] for line in table]
    exact.append([sum(column) for column in zip(*exact, strict=True)])
    for shown, line in zip(grid_of(safe), exact, strict=True):
        assert all(a is None or a == b for a, b in zip(shown, line, strict=True))
    if not any(too_small(v, threshold=threshold) for line in exact for v in line):
        assert grid_of(safe) == exact


def test_a_small_cell_takes_its_cheapest_ring_with_it() -> None:
    safe = protect([[3, 20, 40], [10, 30, 50], [60, 70, 80]])
    assert safe.cells == ((None, None, 40), (None, None, 50), (60, 70, 80))
    assert safe.row_totals == (63, 90, 210)
    assert safe.column_totals == (73, 120, 170)
    assert safe.total == 363


def test_zeros_and_totals_stay_while_a_count_can_be_hidden() -> None:
    safe = protect([[3, 0, 40], [0, 0, 50], [60, 70, 80]])
    assert safe.cells == ((None, 0, None), (0, 0, 50), (None, 70, None))
    assert None not in (*safe.row_totals, *safe.column_totals, safe.total)


def test_two_hidden_ones_are_not_betrayed_by_their_total() -> None:
    safe = protect([[1, 1, 30], [1, 1, 30], [30, 30, 30]])
    assert safe.cells[0] == (None, None, None)


@pytest.mark.parametrize("cells", [[], [[]], [[1, 2], [3]], [[-1]]])
def test_what_is_no_table_of_counts_is_refused(cells: list[list[int]]) -> None:
    with pytest.raises(ValueError):
        protect(cells)


@given(st.integers(0, 200), st.integers(0, 200), thresholds)
def test_a_small_difference_to_the_last_release_is_found(
    now: int, before: int, threshold: int
) -> None:
    new = release(now, EXACT, lang="en", threshold=threshold)
    old = release(before, EXACT, lang="en", threshold=threshold)
    if not isinstance(new, Suppressed) and not isinstance(old, Suppressed):
        small = now > 0 and before > 0 and 0 < abs(now - before) < threshold
        assert reveals(new, old, threshold=threshold) == small
    assert reveals(new, old, threshold=threshold) == reveals(old, new, threshold=threshold)


def test_rounded_releases_tell_less_than_exact_ones() -> None:
    exact, later = printed(198, EXACT, lang="en"), printed(201, EXACT, lang="en")
    over = printed(201, Style("over", 100), lang="en")
    assert reveals(later, exact)
    assert not reveals(over, exact)
    assert revealing({"a": later, "b": over, "c": later}, {"a": exact, "b": exact}) == ("a",)
