"""Disclosure control: which exact counts may leave the house, and in what words if they may not.

Source: house style, sheets.md 3. The rules look at the exact value, before it is rounded. A
hidden count is replaced by words that depend on the threshold alone, and nothing returned from
here keeps the hidden value.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from casedesk.reports.wording import (
    PLAIN,
    Claim,
    Lang,
    Noun,
    Place,
    Printed,
    Style,
    at_start,
    number_word,
    printed,
)

Vague: TypeAlias = Literal["several", "a number of", "fewer than"]

THRESHOLD: Final = 5

# words: (English, Russian, Russian where the template asks for the genitive, least count meant)
_VAGUE: Final[Mapping[Vague, tuple[str, str, str, int]]] = {
    "several": ("several", "несколько", "нескольких", 2),
    "a number of": ("a number of", "ряд", "ряда", 2),
    "fewer than": ("fewer than", "менее", "менее", 1),
}


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A count too small to be shown: the words in its place and the threshold it fell under."""

    words: Printed
    threshold: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table of counts made safe to publish; None stands for a hidden cell or total."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def too_small(value: int, *, threshold: int = THRESHOLD) -> bool:
    """Primary suppression: more than nobody, and fewer than the threshold."""
    return 0 < value < threshold


def suppressed(
    *,
    lang: Lang,
    threshold: int = THRESHOLD,
    vague: Vague = "fewer than",
    noun: Noun | None = None,
    place: Place = PLAIN,
) -> Suppressed:
    """The words for any count under the threshold; they are the same for each such count.

    "Fewer than five" is true of every one of them. "Several" and "a number of" mean at least
    two: a figure that may be one chooses "fewer than", or its claim may not hold.
    """
    english, russian, genitive, least = _VAGUE[vague]
    words = english if lang == "en" else (genitive if place.case == "genitive" else russian)
    if vague == "fewer than":
        bound = (
            number_word(threshold, lang=lang, gender=noun.gender if noun else "m", case="genitive")
            if 1 <= threshold <= 10
            else str(threshold)
        )
        if lang == "ru" and not place.plain:
            words = " ".join(part for part in ("менее чем", place.preposition) if part)
            bound = str(threshold)
        words = f"{words} {bound}"
    elif lang == "ru" and place.preposition:
        words = f"{place.preposition} {words}"
    counted = "" if noun is None else (noun.en[1] if lang == "en" else noun.ru[2])
    full = f"{words} {counted}".strip()
    claim = Claim("between", Decimal(least), until=Decimal(threshold - 1))
    return Suppressed(Printed("", words, words, full, claim), threshold)


def release(
    value: int,
    style: Style,
    *,
    lang: Lang,
    noun: Noun | None = None,
    place: Place = PLAIN,
    threshold: int = THRESHOLD,
    vague: Vague = "fewer than",
) -> Printed | Suppressed:
    """A count as it may be published: suppressed by its exact value, otherwise in house style."""
    if too_small(value, threshold=threshold):
        hidden = suppressed(lang=lang, threshold=threshold, vague=vague, noun=noun, place=place)
        if style.words == "start":
            return Suppressed(at_start(hidden.words), threshold)
        return hidden
    return printed(value, style, lang=lang, noun=noun, place=place, not_below=threshold)


def reveals(
    now: Printed | Suppressed, before: Printed | Suppressed, *, threshold: int = THRESHOLD
) -> bool:
    """True if this release minus the last one tells a reader of a small count.

    Both are judged by what their words say: two rounded totals far enough apart, or equal,
    tell nothing; two exact ones that differ by three tell of three people.
    """
    return tells(*bounds(now), *bounds(before), threshold=threshold)


def tells(
    low: Decimal | int,
    high: Decimal | int,
    low_before: Decimal | int,
    high_before: Decimal | int,
    *,
    threshold: int = THRESHOLD,
) -> bool:
    """Judge as `reveals` does, by the least and greatest value that two releases may mean."""
    if high == 0 or high_before == 0:
        # The difference is the other figure itself, and that has been through release().
        return False
    least, most = low - high_before, high - low_before
    if most < 0:
        least, most = -most, -least
    return least > 0 and most < threshold


def revealing(
    now: Mapping[str, Printed | Suppressed],
    before: Mapping[str, Printed | Suppressed],
    *,
    threshold: int = THRESHOLD,
) -> tuple[str, ...]:
    """The keys of the figures in both releases whose difference tells of a small count."""
    return tuple(
        key
        for key, words in now.items()
        if key in before and reveals(words, before[key], threshold=threshold)
    )


def protect(cells: Sequence[Sequence[int]], *, threshold: int = THRESHOLD) -> Table:
    """Hide small counts in a table with totals, and as little else as keeps them hidden.

    Small cells and small totals are hidden first. Then cells are added until no hidden cell
    can be worked out from the visible ones: no row or column, totals included, has exactly one
    hidden cell, no chain of rows and columns gives one away, and the hidden part of a line with
    a visible total is itself no small count. Totals are those of the exact cells.
    """
    grid = _with_totals(cells)
    hidden = {
        (row, column)
        for row, line in enumerate(grid)
        for column, value in enumerate(line)
        if too_small(value, threshold=threshold)
    }
    # Each round hides at least one more cell of a finite table.
    while more := _unsafe_line(grid, hidden, threshold) or _unsafe_cell(grid, hidden):
        hidden |= more
    shown = [
        tuple(None if (row, column) in hidden else value for column, value in enumerate(line))
        for row, line in enumerate(grid)
    ]
    return Table(
        cells=tuple(line[:-1] for line in shown[:-1]),
        row_totals=tuple(line[-1] for line in shown[:-1]),
        column_totals=shown[-1][:-1],
        total=shown[-1][-1],
    )


_Cell: TypeAlias = tuple[int, int]
_Grid: TypeAlias = list[list[int]]
_Cost: TypeAlias = tuple[int, int, int, int]


def bounds(words: Printed | Suppressed) -> tuple[Decimal, Decimal]:
    """Give the least and the greatest value that words may mean."""
    if isinstance(words, Suppressed):
        return Decimal(1), Decimal(words.threshold - 1)
    return words.claim.bounds()


def _with_totals(cells: Sequence[Sequence[int]]) -> _Grid:
    if not cells or not cells[0] or len({len(line) for line in cells}) != 1:
        raise ValueError("A table has at least one row and one column, and equal rows.")
    if any(value < 0 for line in cells for value in line):
        raise ValueError("Only counts from zero up are published.")
    grid = [[*line, sum(line)] for line in cells]
    return [*grid, [sum(column) for column in zip(*grid, strict=True)]]


def _cost(grid: _Grid, cell: _Cell) -> _Cost:
    """What hiding a cell costs the reader: a zero (which hides little) last, then a total."""
    row, column = cell
    is_total = row == len(grid) - 1 or column == len(grid[0]) - 1
    value = grid[row][column]
    return int(value == 0), int(is_total), 1, value


def _lines(grid: _Grid) -> Iterator[list[_Cell]]:
    """Each row and column as its cells, the total last."""
    rows, columns = len(grid), len(grid[0])
    for row in range(rows):
        yield [(row, column) for column in range(columns)]
    for column in range(columns):
        yield [(row, column) for row in range(rows)]


def _unsafe_line(grid: _Grid, hidden: set[_Cell], threshold: int) -> set[_Cell]:
    """One more cell of a line whose hidden part a reader could subtract and find small."""
    for line in _lines(grid):
        inside = [cell for cell in line if cell in hidden]
        if not inside or line[-1] in hidden:
            continue
        if too_small(sum(grid[row][column] for row, column in inside), threshold=threshold):
            return {min((c for c in line if c not in hidden), key=lambda c: _cost(grid, c))}
    return set()


def _unsafe_cell(grid: _Grid, hidden: set[_Cell]) -> set[_Cell]:
    """The cheapest cells that close a ring around a hidden cell which stands in none.

    With rows and columns as points and hidden cells as the links between them, a hidden cell
    can be worked out exactly when its link is on no ring.
    """
    for cell in sorted(hidden):
        ring = _ring(grid, hidden, cell)
        if not ring <= hidden:
            return ring - hidden
    return set()


def _ring(grid: _Grid, hidden: set[_Cell], cell: _Cell) -> set[_Cell]:
    """The cells of the cheapest way from the cell's row to its column not through the cell."""
    rows, columns = len(grid), len(grid[0])
    goal = rows + cell[1]
    queue: list[tuple[_Cost, int, tuple[_Cell, ...]]] = [((0, 0, 0, 0), cell[0], ())]
    done: set[int] = set()
    while queue:
        cost, point, way = heapq.heappop(queue)
        if point == goal:
            return set(way)
        if point in done:
            continue
        done.add(point)
        steps: Iterable[tuple[_Cell, int]] = (
            (((point, column), rows + column) for column in range(columns))
            if point < rows
            else (((row, point - rows), row) for row in range(rows))
        )
        for link, neighbour in steps:
            if link == cell or neighbour in done:
                continue
            extra = (0, 0, 0, 0) if link in hidden else _cost(grid, link)
            a, b, c, d = (x + y for x, y in zip(cost, extra, strict=True))
            heapq.heappush(queue, ((a, b, c, d), neighbour, (*way, link)))
    raise AssertionError("a table with totals always has another way round")
