"""What households share: a person, a document, a telephone, a name in any script, an address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.double_rules import Signal
from casedesk.assistance.namesakes import Who, same_names
from casedesk.assistance.records import Household, HouseholdMember
from casedesk.assistance.sides import nearest
from casedesk.kernel.jobs import Step
from casedesk.kernel.store import bound, run
from casedesk.names.fold import fold
from casedesk.names.parse import tokens
from casedesk.people.records import Contact, Person

Shared = dict[tuple[int, int], set[Signal]]
"""By household and other household."""


@dataclass
class Unsaved:
    """Registrations with their households as they will be, of which nothing is in the file yet."""

    registrations: list[tuple[int, int, int, Any, str]] = field(default_factory=list)
    """Id, programme, household, day and card number."""
    members: list[tuple[int, int, str]] = field(default_factory=list)
    """Household, person and document key, of new households only."""
    phones: list[tuple[str, int]] = field(default_factory=list)
    people: list[Who] = field(default_factory=list)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)


_MEMBER: Any = HouseholdMember
_HOME: Final = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
_MEMBERS: Final = (
    sa.select(
        _HOME,
        sa.func.coalesce(col(Person.merged_into_id), col(Person.id)),
        _MEMBER.document_key,
    )
    .select_from(HouseholdMember)
    .join(Household, col(Household.id) == _MEMBER.household_id)
    .join(Person, col(Person.id) == _MEMBER.person_id)
    .where(_MEMBER.until.is_(None))
)
_MERGED_HOME: Any = sa.orm.aliased(Household)
_OF_HOMES: Final = _MEMBERS.where(
    _MEMBER.household_id.in_(
        sa.union(
            bound("homes"),
            sa.select(_MERGED_HOME.id).where(_MERGED_HOME.merged_into_id.in_(bound("homes"))),
        )
    )
)
_MERGED: Any = sa.orm.aliased(Person)
_OF_PEOPLE: Final = _MEMBERS.where(
    _MEMBER.person_id.in_(
        sa.union(
            bound("people"),
            sa.select(_MERGED.id).where(_MERGED.merged_into_id.in_(bound("people"))),
        )
    )
)
_OF_DOCUMENTS: Final = _MEMBERS.where(_MEMBER.document_key.in_(bound("documents")))
_PHONES: Final = sa.select(col(Contact.e164), col(Contact.person_id)).where(
    col(Contact.person_id).in_(bound("people")), col(Contact.e164).is_not(None)
)
_OF_PHONES: Final = (
    sa.select(_HOME, col(Contact.e164))
    .select_from(Contact)
    .join(HouseholdMember, _MEMBER.person_id == col(Contact.person_id))
    .join(Household, col(Household.id) == _MEMBER.household_id)
    .where(col(Contact.e164).in_(bound("phones")), _MEMBER.until.is_(None))
)
_PLACES: Final = sa.select(col(Household.id), col(Household.place), col(Household.address)).where(
    col(Household.id).in_(bound("homes"))
)


def shared(
    session: Session,
    own: Collection[int],
    unsaved: Unsaved | None = None,
    *,
    by_index: bool = False,
    step: Step | None = None,
) -> Shared:
    """Give the households that share something with these.

    Names are compared with those of everybody in a household; `by_index` asks the name index
    instead, which finds more that is written wrongly, and takes its time for each name.
    """
    new = unsaved or Unsaved()
    mine = [tuple(row) for row in run(session, _OF_HOMES, homes=own)]
    mine += new.members
    people_of: dict[int, set[int]] = defaultdict(set)
    documents: dict[str, set[int]] = defaultdict(set)
    for home, who, document in mine:
        people_of[who].add(home)
        if document:
            documents[document].add(home)
    found: Shared = defaultdict(set)

    def note(signal: Signal, own: Mapping[Any, set[int]], others: Mapping[Any, set[int]]) -> None:
        for key in own.keys() & others.keys():
            ordered = sorted(others[key])
            for home in own[key]:
                for other in nearest(ordered, home):
                    if other != home:
                        found[home, other].add(signal)

    everybody: dict[int, set[int]] = defaultdict(set)
    for other, who, _document in run(session, _OF_PEOPLE, people=people_of):
        everybody[who].add(other)
    for other, who, _document in new.members:
        everybody[who].add(other)
    note(Signal.PERSON, people_of, everybody)
    if documents:
        papers: dict[str, set[int]] = defaultdict(set)
        for other, _who, document in run(session, _OF_DOCUMENTS, documents=documents):
            papers[document].add(other)
        for other, _who, document in new.members:
            papers[document].add(other)
        note(Signal.DOCUMENT, documents, papers)
    phones: dict[str, set[int]] = defaultdict(set)
    numbers: dict[str, set[int]] = defaultdict(set)
    for number, who in run(session, _PHONES, people=people_of):
        phones[number] |= people_of[who]
    for number, who in new.phones:
        phones[number] |= people_of[who]
        numbers[number] |= people_of[who]
    if phones:
        for other, number in run(session, _OF_PHONES, phones=phones):
            numbers[number].add(other)
        note(Signal.PHONE, phones, numbers)
    for home, other in same_names(session, people_of, new.people, by_index=by_index, step=step):
        found[home, other].add(Signal.NAME)
    if found:
        _add_addresses(session, found, new.places)
    return found


def _add_addresses(session: Session, found: Shared, places: dict[int, tuple[str, str]]) -> None:
    """A shared address is no reason of its own: many live in one house."""
    homes = {home for pair in found for home in pair}
    where = {
        i: _place_key(place, address) for i, place, address in run(session, _PLACES, homes=homes)
    }
    where |= {i: _place_key(*places[i]) for i in homes & places.keys()}
    for (home, other), signals in found.items():
        if where.get(home) and where.get(home) == where.get(other):
            signals.add(Signal.ADDRESS)


def _place_key(place: str, address: str) -> tuple[str, ...]:
    words = [*tokens(place), *tokens(address)]
    return tuple(fold(word) or word.casefold() for word in words) if address else ()
