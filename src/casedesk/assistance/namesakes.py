"""Persons who may be one by name, in any script: for one household, or for a whole list."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.records import (
    Household,
    HouseholdMember,
)
from casedesk.kernel.store import listed
from casedesk.names.fold import coarse, readings, skeleton
from casedesk.names.likeness import likeness
from casedesk.names.parse import tokens
from casedesk.people import index
from casedesk.people.records import Person, PersonName

_SAME, _NEAR, _FATHER = 0.93, 0.74, 0.8
"""From which likeness two parts of a name are one, may be one (Katia is), and patronymics agree."""
FEW = 25
"""Up to so many registrations the name index is asked; for a whole list, names are blocked."""


@dataclass(frozen=True)
class Who:
    """A person of a household, as far as people are told apart by."""

    person: int
    household: int
    born: tuple[dt.date, dt.date] | None
    names: tuple[tuple[str, str, str], ...]

    @property
    def day(self) -> dt.date | None:
        """The birth day, where it is known to the day."""
        return self.born[0] if self.born and self.born[0] == self.born[1] else None


def same_names(
    session: Session, people_of: dict[int, set[int]], count: int, unsaved: Sequence[Who] = ()
) -> Iterator[tuple[int, int]]:
    """Give pairs of households in which a person bears the name of a person of the other."""
    mine = [*_known(session, col(Person.id).in_(listed(people_of))), *unsaved]
    if count <= FEW:
        hits: set[int] = set()
        for who in mine:
            for family, given, patronymic in who.names:
                text = " ".join(part for part in (family, given, patronymic) if part)
                hits.update(hit.person_id for hit in index.search(session, text, limit=40))
        others = [*_known(session, col(Person.id).in_(listed(hits))), *unsaved]
        compared: Iterable[tuple[Who, Who]] = itertools.product(mine, others)
    else:
        compared = _blocked(mine, [*_known(session, sa.true()), *unsaved])
    for own, other in compared:
        if own.household != other.household and own.person != other.person and _alike(own, other):
            yield own.household, other.household


def _known(session: Session, clause: Any) -> list[Who]:
    """Read the members of households who have a name."""
    home = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    rows = session.execute(
        sa.select(
            col(Person.id),
            home,
            col(Person.born_first),
            col(Person.born_last),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
        )
        .select_from(HouseholdMember)
        .join(Household, col(Household.id) == col(HouseholdMember.household_id))
        .join(Person, col(Person.id) == col(HouseholdMember.person_id))
        .join(PersonName, col(PersonName.person_id) == col(Person.id))
        .where(col(HouseholdMember.until).is_(None), col(Person.merged_into_id).is_(None), clause)
    )
    births: dict[tuple[int, int], tuple[dt.date, dt.date] | None] = {}
    names: dict[tuple[int, int], list[tuple[str, str, str]]] = defaultdict(list)
    for person, household, first, last, *parts in rows:
        births[person, household] = (first, last) if first and last else None
        names[person, household].append((parts[0], parts[1], parts[2]))
    return [Who(p, h, births[p, h], tuple(found)) for (p, h), found in names.items()]


def _blocked(mine: list[Who], others: list[Who]) -> Iterator[tuple[Who, Who]]:
    """Give the pairs worth comparing: two parts of the name agree, or one and the birth date."""
    blocks: dict[tuple[object, str], list[Who]] = defaultdict(list)
    for who in others:
        for key in _keys(who):
            blocks[key].append(who)
    for own in mine:
        seen: set[tuple[int, int]] = set()
        for key in _keys(own):
            for other in blocks[key]:
                place = (other.person, other.household)
                if place not in seen:
                    seen.add(place)
                    yield own, other


def _keys(who: Who) -> set[tuple[object, str]]:
    """Rough keys of a person: the bones of both names together, or one name and the birth day."""
    keys: set[tuple[object, str]] = set()
    for family, given, _patronymic in who.names:
        ways = [[r for token in tokens(part) for r in readings(token)] for part in (family, given)]
        for one, two in itertools.product(*ways):
            low, high = sorted(skeleton(key) or key for key in (one, two))
            keys.add((low, high))
        if who.day is not None:
            keys.update((who.day, coarse(reading)) for way in ways for reading in way)
    return keys


def _alike(own: Who, other: Who) -> bool:
    """Tell whether two files may be one person: names agree, birth does not speak against it."""
    born = own.born is not None and other.born is not None
    if own.born and other.born and (own.born[0] > other.born[1] or other.born[0] > own.born[1]):
        return False
    day = own.day is not None and own.day == other.day
    fathers = [{name[2] for name in who.names if name[2]} for who in (own, other)]
    if all(fathers) and not any(
        _like(one, two) >= _FATHER for one, two in itertools.product(*fathers)
    ):
        return False  # children of two fathers, whatever their passports leave out
    return any(
        _agree(one, two, born=born, day=day)
        for one, two in itertools.product(own.names, other.names)
    )


def _agree(one: tuple[str, str, str], two: tuple[str, str, str], *, born: bool, day: bool) -> bool:
    straight = _both(_like(one[0], two[0]), _like(one[1], two[1]), day=day)
    swapped = _both(_like(one[0], two[1]), _like(one[1], two[0]), day=day)
    if not (straight or swapped):
        return False
    if one[2] and two[2]:
        return _like(one[2], two[2]) >= _FATHER
    # Family and given name alone are shared by thousands; without a birth date they say little.
    return born


def _both(family: float, given: float, *, day: bool) -> bool:
    """Both names agree; on the same birth day, one may be a short form or written wrongly."""
    least = _NEAR if day else _SAME
    return max(family, given) >= _SAME and min(family, given) >= least


def _like(one: str, two: str) -> float:
    """How alike two parts of names are, in any script; of double names, any half may agree."""
    pairs = itertools.product(tokens(one), tokens(two))
    return max((likeness(first, second) for first, second in pairs), default=0.0)
