"""Which lines stand in which column of which page: arithmetic on heights, no drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEAD_STRETCH = 16.0
OTHER_STRETCH = 4.0
HEAD_PARTS = 4
CHART_HEIGHTS = (84.0, 72.0, 64.0, 96.0, 108.0)
CHART_GROWS = 28.0
LEVEL = 34.0


@dataclass(frozen=True)
class Atom:
    """The smallest thing that stays whole: a head, a line of text, a chart."""

    block: int
    line: int
    height: float
    gap: float = 0.0
    """Space above, dropped at the head of a column."""
    parts: int = 0
    """Share of spare space the gap takes: heads 4, others 1, within a paragraph 0."""
    may_end: bool = True
    """Whether a column may end after this one."""
    elastic: bool = False


@dataclass(frozen=True)
class Column:
    """Atoms `start` to `stop`, the space above each of them, and the growth of a chart."""

    start: int
    stop: int
    gaps: tuple[float, ...]
    grown: float
    height: float


@dataclass(frozen=True)
class Page:
    atoms: tuple[Atom, ...]
    left: Column
    right: Column
    last: bool


HAIR = 0.01
"""Points that rounding may add up to; a column that is longer by less is not too long."""


def height(atoms: Sequence[Atom], start: int, stop: int) -> float:
    if start >= stop:
        return 0.0
    inner = sum(atom.height + atom.gap for atom in atoms[start:stop])
    return inner - atoms[start].gap


def _room(atom: Atom) -> float:
    if not atom.parts:
        return 0.0
    return HEAD_STRETCH if atom.parts >= HEAD_PARTS else OTHER_STRETCH


def _give(atoms: Sequence[Atom], start: int, stop: int) -> float:
    """How far the gaps of a column may stretch in all."""
    return sum(_room(atom) for atom in atoms[start + 1 : stop])


def fill(atoms: Sequence[Atom], start: int, limit: float) -> int:
    """Where a column of `limit` ends; at least one atom is taken, so packing always advances."""
    used, fits, best = 0.0, start, start
    for at in range(start, len(atoms)):
        used += atoms[at].height + (atoms[at].gap if at > start else 0.0)
        if used > limit + HAIR:
            break
        fits = at + 1
        if atoms[at].may_end:
            best = fits
    if best > start:
        return best
    return max(fits, min(start + 1, len(atoms)))


def _stretched(
    atoms: Sequence[Atom], start: int, stop: int, target: float, *, grow: float = 0.0
) -> Column:
    """The column set to `target` as far as its chart and its gaps allow."""
    slack = max(0.0, target - height(atoms, start, stop))
    grown = 0.0
    if any(atom.elastic for atom in atoms[start:stop]):
        grown = min(slack, grow)
        slack -= grown
    gaps = [atom.gap for atom in atoms[start:stop]]
    if gaps:
        gaps[0] = 0.0
    open_gaps = {n: _room(atoms[start + n]) for n in range(1, len(gaps)) if atoms[start + n].parts}
    # Gaps that reach their limit drop out and the rest is shared again among the others.
    while open_gaps and slack > HAIR:
        unit = slack / sum(atoms[start + n].parts for n in open_gaps)
        for n, room in list(open_gaps.items()):
            more = min(room, unit * atoms[start + n].parts)
            gaps[n] += more
            slack -= more
            open_gaps[n] = room - more
            if open_gaps[n] <= 0.01:
                del open_gaps[n]
    total = sum(atom.height for atom in atoms[start:stop]) + sum(gaps) + grown
    return Column(start, stop, tuple(gaps), grown, total)


def balance(atoms: Sequence[Atom], start: int, limit: float) -> tuple[float, float, int] | None:
    """Best place to change column so that the rest ends level: (unevenness, height, place)."""
    best: tuple[float, float, int] | None = None
    end = len(atoms)
    for cut in range(start + 1, end + 1):
        if cut < end and not atoms[cut - 1].may_end:
            continue
        left, right = height(atoms, start, cut), height(atoms, cut, end)
        if left > limit + 0.01:
            break
        if right > limit + 0.01:
            continue
        give = _give(atoms, start, cut) if left < right else _give(atoms, cut, end)
        uneven = max(0.0, abs(left - right) - give)
        found = (round(uneven, 2), round(max(left, right), 2), cut)
        if best is None or found < best:
            best = found
    return best


def pack(
    atoms_at: Callable[[float], tuple[Atom, ...]],
    *,
    first: tuple[float, float],
    following: tuple[float, float],
) -> tuple[Page, ...]:
    """Pages for the matter. Each pair is the column height of a full page and of a last page.

    `atoms_at` gives the atoms for a chart height; full pages use the normal one, the last page
    the one that brings its columns closest together.
    """
    normal = atoms_at(CHART_HEIGHTS[0])
    pages: list[Page] = []
    start = 0
    while True:
        full, last = following if pages else first
        ends: list[tuple[float, float, int, int]] = []
        for rank, chart_height in enumerate(CHART_HEIGHTS):
            found = balance(atoms_at(chart_height), start, last)
            if found is not None:
                ends.append((found[0], found[1], rank, found[2]))
            if not any(atom.elastic for atom in normal[start:]):
                break
        if ends or start >= len(normal):
            uneven, target, rank, cut = min(ends, default=(0.0, 0.0, 0, start))
            atoms = atoms_at(CHART_HEIGHTS[rank])
            if uneven > LEVEL:
                # Stretching cannot make these level; it would only loosen the shorter one.
                target = 0.0
            left = _stretched(atoms, start, cut, target)
            right = _stretched(atoms, cut, len(atoms), target)
            pages.append(Page(atoms, left, right, last=True))
            return tuple(pages)
        middle = fill(normal, start, full)
        stop = fill(normal, middle, full) if middle < len(normal) else middle
        if stop == len(normal):
            # It fits a full page but not one with the closing band: leave matter for that page.
            full = last
            middle = fill(normal, start, full)
            stop = max(middle, fill(normal, middle, full))
        pages.append(
            Page(
                normal,
                _stretched(normal, start, middle, full, grow=CHART_GROWS),
                _stretched(normal, middle, stop, full, grow=CHART_GROWS),
                last=False,
            )
        )
        start = stop
