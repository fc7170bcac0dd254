"""Where a table can go, what the file knows of a household, and what an import has made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import wording
from casedesk.assistance.records import (
    Entitlement,
    Household,
    HouseholdMember,
    Programme,
    ProviderFile,
    ProviderLine,
    ProviderOutcome,
    Registration,
    Round,
    RoundStatus,
)
from casedesk.kernel.language import _
from casedesk.kernel.store import listed
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing.records import TracingCase

Touched = Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class RoundPlace:
    """A round: registrations come onto an open list, answers to one that was sent."""

    id: int
    name: str
    open: bool
    waits: bool
    """Whether a list was sent to a provider and payments of it are not answered yet."""
    paying: bool
    """Whether the round is under way, so that a list can be sent, or its answer taken in."""


@dataclass(frozen=True)
class ProgrammePlace:
    """A programme with its rounds, the newest first."""

    id: int
    name: str
    rounds: tuple[RoundPlace, ...]


@dataclass(frozen=True)
class Made:
    """One record that an import made: its number, whom it is about, and where it opens."""

    id: int
    code: str
    name: str
    what: str
    page: str = ""
    args: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Home:
    """What the file knows of a household, in pairs of a name and words."""

    code: str
    facts: tuple[tuple[str, str], ...]


def programmes(session: Session) -> list[ProgrammePlace]:
    """List the programmes and rounds that a table can go into, the newest first."""
    waiting = set(
        session.execute(
            sa.select(col(ProviderFile.round_id))
            .join(ProviderLine, col(ProviderLine.file_id) == col(ProviderFile.id))
            .where(col(ProviderLine.outcome) == ProviderOutcome.PENDING)
            .distinct()
        ).scalars()
    )
    rounds: dict[int, list[RoundPlace]] = {}
    for i, programme, name, status in session.execute(
        sa.select(
            col(Round.id), col(Round.programme_id), col(Round.name), col(Round.status)
        ).order_by(col(Round.opened_on).desc(), col(Round.id).desc())
    ):
        paying = status is RoundStatus.UNDER_WAY
        place = RoundPlace(i, name, status is RoundStatus.OPEN, paying and i in waiting, paying)
        rounds.setdefault(programme, []).append(place)
    rows = session.execute(
        sa.select(col(Programme.id), col(Programme.name)).order_by(
            col(Programme.starts_on).desc(), col(Programme.id).desc()
        )
    )
    return [ProgrammePlace(i, name, tuple(rounds.get(i, ()))) for i, name in rows]


def home(session: Session, code: str) -> Home | None:
    """Tell what the file knows of a household, for whoever compares it with a row."""
    found = session.execute(
        sa.select(col(Household.id), col(Household.place), col(Household.address)).where(
            col(Household.code) == code
        )
    ).first()
    if found is None:
        return None
    household, place, address = found
    members = session.execute(
        sa.select(col(HouseholdMember.person_id), col(HouseholdMember.document))
        .where(col(HouseholdMember.household_id) == household, col(HouseholdMember.until).is_(None))
        .order_by(col(HouseholdMember.head).desc(), col(HouseholdMember.id))
    ).all()
    persons = [person for person, _document in members]
    names = main_names(session, set(persons))
    born = dict(
        session.execute(
            sa.select(col(Person.id), col(Person.born_first)).where(
                col(Person.id).in_(listed(persons))
            )
        ).all()
    )
    phones = session.execute(
        sa.select(col(Contact.typed)).where(col(Contact.person_id).in_(listed(persons)))
    ).scalars()
    programmes_there = session.execute(
        sa.select(col(Programme.name))
        .join(Registration, col(Registration.programme_id) == col(Programme.id))
        .where(col(Registration.household_id) == household)
        .order_by(col(Registration.id))
    ).scalars()
    years = {i: str(day.year) for i, day in born.items() if day}
    # Children of a household are often known by their year only.
    people = [", ".join(filter(None, (names.get(i, ""), years.get(i, "")))) for i in persons]
    documents = [document for _person, document in members if document]
    facts = (
        (_("People"), "\n".join(people)),
        (_("Document"), "\n".join(documents)),
        (_("Telephone"), "\n".join(phones)),
        (_("Address"), ", ".join(part for part in (place, address) if part)),
        (_("Programmes"), "\n".join(programmes_there)),
    )
    return Home(code, tuple((name, words) for name, words in facts if words))


def main_names(session: Session, persons: set[int]) -> dict[int, str]:
    """Give the name of each person as it is written first."""
    rows = session.execute(
        sa.select(
            col(PersonName.person_id),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
        )
        .where(col(PersonName.person_id).in_(listed(persons)))
        .order_by(col(PersonName.kind) != "official", col(PersonName.id))
    )
    found: dict[int, str] = {}
    for person, *parts in rows:
        found.setdefault(person, " ".join(part for part in parts if part))
    return found


def made_by(session: Session, kind: str, touched: Touched) -> list[Made]:
    """List the records that an import of this kind made, in the order of the table."""
    if kind == "registrations":
        return _registrations(session, touched)
    if kind == "receipts":
        return _answers(session, touched)
    if kind == "cases":
        return _cases(session, touched)
    return _persons(session, touched)


def _registrations(session: Session, touched: Touched) -> list[Made]:
    ids = touched.get("registration", frozenset())
    lines = {
        registration: (line, round_id)
        for line, registration, round_id in session.execute(
            sa.select(
                col(Entitlement.id), col(Entitlement.registration_id), col(Entitlement.round_id)
            ).where(col(Entitlement.id).in_(listed(touched.get("entitlement", frozenset()))))
        )
    }
    rows = session.execute(
        sa.select(
            col(Registration.id),
            col(Registration.status),
            col(Household.code),
            col(HouseholdMember.person_id),
        )
        .join(Household, col(Household.id) == col(Registration.household_id))
        .join(HouseholdMember, _is_head(), isouter=True)
        .where(col(Registration.id).in_(listed(ids)))
        .order_by(col(Registration.id))
    ).all()
    names = main_names(session, {row[3] for row in rows if row[3]})
    found = []
    for i, status, code, person in rows:
        page: dict[str, Any] = {}
        if i in lines:
            line, round_id = lines[i]
            page = {"page": "assistance", "args": (("round_id", round_id), ("line_id", line))}
        words = _(wording.REGISTRATION[status][0])
        found.append(Made(i, code, names.get(person, ""), words, **page))
    return found


def homes_of(session: Session, lines: set[int]) -> dict[int, str]:
    """Say whose lines these are: the code of the household, and the name of its head."""
    rows = session.execute(
        sa.select(col(Entitlement.id), col(Household.code), col(HouseholdMember.person_id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(Household, col(Household.id) == col(Registration.household_id))
        .join(HouseholdMember, _is_head(), isouter=True)
        .where(col(Entitlement.id).in_(listed(lines)))
    ).all()
    names = main_names(session, {person for _line, _code, person in rows if person})
    return {line: f"{code} {names.get(person, '')}".strip() for line, code, person in rows}


def _is_head() -> Any:
    return sa.and_(
        col(HouseholdMember.household_id) == col(Household.id),
        col(HouseholdMember.head).is_(True),
        col(HouseholdMember.until).is_(None),
    )


def _answers(session: Session, touched: Touched) -> list[Made]:
    """List the answers that were noted, what differs with its sentence."""
    rows = session.execute(
        sa.select(
            col(ProviderLine.id),
            col(ProviderLine.amount_back),
            col(ProviderLine.difference),
            col(Entitlement.id),
            col(Entitlement.round_id),
            col(Entitlement.currency),
            col(Household.code),
            col(HouseholdMember.person_id),
        )
        .join(Entitlement, col(Entitlement.id) == col(ProviderLine.entitlement_id))
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(Household, col(Household.id) == col(Registration.household_id))
        .join(HouseholdMember, _is_head(), isouter=True)
        .where(col(ProviderLine.id).in_(listed(touched.get("provider_line", frozenset()))))
        .order_by(col(ProviderLine.id))
    ).all()
    names = main_names(session, {row[7] for row in rows if row[7]})
    return [
        Made(
            i,
            code,
            names.get(person, ""),
            difference or wording.money(amount or 0, currency),
            "assistance",
            (("round_id", round_id), ("line_id", line)),
        )
        for i, amount, difference, line, round_id, currency, code, person in rows
    ]


def _cases(session: Session, touched: Touched) -> list[Made]:
    rows = session.execute(
        sa.select(col(TracingCase.id), col(TracingCase.number), col(TracingCase.person_id))
        .where(col(TracingCase.id).in_(listed(touched.get("tracing_case", frozenset()))))
        .order_by(col(TracingCase.id))
    ).all()
    names = main_names(session, {row[2] for row in rows})
    return [
        Made(i, number, names.get(person, ""), _("Case"), "case", (("case_id", i),))
        for i, number, person in rows
    ]


def _persons(session: Session, touched: Touched) -> list[Made]:
    ids = touched.get("person", frozenset())
    rows = session.execute(
        sa.select(col(Person.id), col(Person.code))
        .where(col(Person.id).in_(listed(ids)))
        .order_by(col(Person.id))
    ).all()
    names = main_names(session, set(ids))
    return [Made(i, code, names.get(i, ""), _("Person")) for i, code in rows]
