"""What the file knows of persons who are compared: names, birth, place, telephones, parents.

One question for however many persons, and of what is not compared nothing is read: whoever saves
a case waits for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel.fields import PartialDate
from casedesk.kernel.store import bound, run
from casedesk.names.levels import Born, Subject, born, part, righted
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing.records import TracingCase

Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the file knows of a person, ready to be compared and to be shown."""

    about: Subject
    parts: tuple[Name, ...]
    """The names as written: family, given, patronymic."""
    born: PartialDate | None
    external_ref: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names in one line each."""
        return tuple(" ".join(filter(None, name)) for name in self.parts)

    @property
    def name(self) -> str:
        """The name that a list shows."""
        return " ".join(filter(None, self.parts[0])) if self.parts else ""


def known(
    session: Session, person_ids: Collection[int], *, against: Subject | None = None
) -> dict[int, Known]:
    """Read the persons in use among some; of what `against` does not say, nothing is read."""
    found: dict[int, Known] = {}
    if not person_ids:
        return found
    query = _query(
        places=against is None or bool(against.place),
        phones=against is None or bool(against.phones),
    )
    rows: Any = run(session, query, ids=person_ids)
    names: dict[int, list[Name]] = {}
    facts: dict[int, Any] = {}
    for family, given, patronymic, person, merged, *others in rows:
        if merged is None:  # asked of the index of merged persons, that would read all who are not
            facts[person] = others
            own = names.setdefault(person, [])
            if family is not None:
                own.append((family, given, patronymic))
    for person, (
        sex,
        first,
        last,
        born_in,
        mother,
        father,
        reference,
        seen,
        phones,
    ) in facts.items():
        own = names[person]
        birth, compared = _birth(first, last)
        put_right = [righted(*name) for name in own]
        about = Subject(
            part(*(name[0] for name in put_right)),
            part(*(name[1] for name in put_right)),
            part(*(name[2] for name in put_right)),
            compared,
            sex,
            part(born_in, seen) if seen else part(born_in),
            part(mother),
            part(father),
            frozenset(phones.split()) if phones else _NONE,
            frozenset((reference,)) if reference else _NONE,
        )
        found[person] = Known(about, tuple(own), birth, reference)
    return found


_NONE: Final[frozenset[str]] = frozenset()


@lru_cache(maxsize=65536)
def _birth(first: str | None, last: str | None) -> tuple[PartialDate | None, Born]:
    if first is None or last is None:
        return None, born(None, None)
    interval = PartialDate(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    return interval, born(interval.first, interval.last)


@cache
def _query(*, places: bool, phones: bool) -> Any:
    person = col(Person.id)
    last_seen = (
        sa.select(col(TracingCase.last_seen_at))
        .where(col(TracingCase.person_id) == person, col(TracingCase.last_seen_at) != "")
        .order_by(col(TracingCase.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    numbers = (
        sa.select(sa.func.group_concat(col(Contact.e164), " "))
        .where(col(Contact.person_id) == person, col(Contact.e164).is_not(None))
        .scalar_subquery()
    )
    return (
        sa.select(
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
            person,
            col(Person.merged_into_id),
            sa.type_coerce(col(Person.sex), sa.String),
            sa.type_coerce(col(Person.born_first), sa.String),
            sa.type_coerce(col(Person.born_last), sa.String),
            col(Person.birth_place),
            col(Person.mother_name),
            col(Person.father_name),
            col(Person.external_ref),
            last_seen if places else sa.null(),
            numbers if phones else sa.null(),
        )
        .select_from(Person)
        .outerjoin(PersonName, col(PersonName.person_id) == person)
        .where(person.in_(bound("ids")))
        .order_by(person, col(PersonName.id))
    )
