"""Persons who may be one by name, in any script: for one household, or for a whole list."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import name_keys
from casedesk.assistance.name_keys import keys_of
from casedesk.assistance.records import Household, HouseholdMember
from casedesk.assistance.sides import NEAREST, nearest
from casedesk.kernel.jobs import Step
from casedesk.kernel.store import bound, run
from casedesk.names.likeness import likeness
from casedesk.names.parse import tokens
from casedesk.people import index
from casedesk.people.records import Person, PersonName

COMPARED = 100
"""Of very many whose names have one key, so many before and after one are compared with it."""
_SAME, _NEAR, _FATHER = 0.93, 0.74, 0.8
"""From which likeness two parts of a name are one, may be one (Katia is), and patronymics agree."""

Signs = tuple[tuple[dt.date, dt.date] | None, tuple[tuple[str, str, str], ...]]


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

    @property
    def signs(self) -> Signs:
        """All that is compared: a list may hold one name and one birth thousands of times."""
        return self.born, self.names


def same_names(
    session: Session,
    people_of: dict[int, set[int]],
    unsaved: Sequence[Who] = (),
    *,
    by_index: bool = False,
    step: Step | None = None,
) -> Iterator[tuple[int, int]]:
    """Give pairs of households in which a person bears the name of a person of the other."""
    mine = [*_known(session, people_of), *unsaved]
    compared: Iterable[tuple[Who, Sequence[Who]]]
    if by_index:
        hits: set[int] = set()
        for who in mine:
            for family, given, patronymic in who.names:
                text = " ".join(part for part in (family, given, patronymic) if part)
                hits.update(hit.person_id for hit in index.search(session, text, limit=40))
        everybody = [*_known(session, hits), *unsaved]
        compared = zip(mine, itertools.repeat(everybody), strict=False)
    else:
        compared = _worth_comparing(session, mine, unsaved)
    known: dict[tuple[Signs, Signs], bool] = {}
    for at, (own, others) in enumerate(compared):
        if step is not None and at % 200 == 0:
            step(at, len(mine))
        told = 0
        for other in others:
            if own.household == other.household or own.person == other.person:
                continue
            pair = own.signs, other.signs
            alike = known.get(pair)
            if alike is None:
                alike = known[pair] = _alike(own, other)
            if alike:
                yield own.household, other.household
                told += 1
                if told == 2 * NEAREST:
                    break


_KNOWN: Final = (
    sa.select(
        col(Person.id),
        sa.func.coalesce(col(Household.merged_into_id), col(Household.id)),
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
    .where(col(HouseholdMember.until).is_(None), col(Person.merged_into_id).is_(None))
)
_KNOWN_OF: Final = _KNOWN.where(col(HouseholdMember.person_id).in_(bound("people")))


def _known(session: Session, people: Iterable[int]) -> list[Who]:
    """Read those of these persons who are of a household and have a name."""
    births: dict[tuple[int, int], tuple[dt.date, dt.date] | None] = {}
    names: dict[tuple[int, int], list[tuple[str, str, str]]] = defaultdict(list)
    for person, household, first, last, *parts in run(session, _KNOWN_OF, people=people):
        births[person, household] = (first, last) if first and last else None
        names[person, household].append((parts[0], parts[1], parts[2]))
    return [Who(p, h, births[p, h], tuple(found)) for (p, h), found in names.items()]


def _worth_comparing(
    session: Session, mine: list[Who], unsaved: Sequence[Who]
) -> Iterator[tuple[Who, list[Who]]]:
    """Give those who agree with each in two parts of the name, or in one and the birth date.

    The nearest in the order of the file come first.
    """
    of_signs = {who.signs: keys_of(who.names, who.day) for who in mine}
    keys = {own: of_signs[own.signs] for own in mine}
    held = name_keys.of(session).persons(session, set().union(*of_signs.values()))
    there: dict[int, list[Who]] = defaultdict(list)
    for who in unsaved:
        there[who.person].append(who)
        for key in keys[who]:
            held.setdefault(key, set()).add(who.person)
    ordered = {key: sorted(persons) for key, persons in held.items()}
    near = {
        own: {
            person
            for key in keys[own]
            for person in nearest(ordered.get(key, ()), own.person, COMPARED)
            if person != own.person
        }
        for own in mine
    }
    for who in _known(session, set().union(*near.values())):
        there[who.person].append(who)
    for own in mine:
        closest = sorted(near[own], key=lambda person: abs(person - own.person))
        yield own, [who for person in closest for who in there[person]]


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
