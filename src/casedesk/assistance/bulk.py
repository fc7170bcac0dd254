"""Many new households at once: ids given out beforehand, rows put in table by table.

The drafts that come in are valid already; what is set here beside them is set the way the acts
for single records do it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.doubles import Unsaved
from casedesk.assistance.namesakes import Who
from casedesk.assistance.records import (
    Household,
    HouseholdMember,
    Registration,
    RegistrationDraft,
    RegistrationLife,
)
from casedesk.kernel import clock
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import phone_key
from casedesk.kernel.language import _
from casedesk.kernel.store import insert_rows
from casedesk.people import index
from casedesk.people import rules as people
from casedesk.people.records import Contact, ContactKind, NameToken, Person, PersonName
from casedesk.people.rules import NewPerson

Row = dict[str, Any]


class _Name:
    """A row of a name, in the form in which the index looks at one."""

    __slots__ = ("family", "given", "patronymic", "person_id")

    def __init__(self, **row: Any) -> None:
        self.person_id = row["person_id"]
        self.family, self.given, self.patronymic = row["family"], row["given"], row["patronymic"]


_TABLES: tuple[type[Any], ...] = (
    *(Person, PersonName, Contact, Household, HouseholdMember, Registration, RegistrationLife),
)


class Rows:
    """Gathers the rows of new registrations, and writes them when all of them are known."""

    def __init__(self, session: Session) -> None:
        """Begin after the greatest ids of the file."""
        self._session = session
        self._rows: dict[type[Any], list[Row]] = {cls: [] for cls in _TABLES}
        self._next = {
            cls: (session.execute(sa.select(sa.func.max(col(cls.id)))).scalar() or 0) + 1
            for cls in (Person, Household, Registration)
        }
        self._ids: list[int] = []
        self._codes = [
            _serial(session, cls, mark) for cls, mark in ((Person, "P"), (Household, "H"))
        ]

    def household(self, new: Any) -> int:
        """Gather a household with its members, as `rules.add_household` would note it."""
        self._codes[1] += 1
        made = self._add(Household, new.household, code=f"H-{self._codes[1]:06}")
        taken = set()
        for item in new.members:
            person = item.person
            if isinstance(person, NewPerson):
                person = self._person(person)
            else:
                people.active(self._session, person)
            if person in taken:
                raise Refused(_("This person is of the household already."))
            taken.add(person)
            self._add(HouseholdMember, item.member, household_id=made, person_id=person)
        return made

    def registration(self, draft: RegistrationDraft, household_id: int) -> int:
        """Gather a registration and the first status of its life."""
        made = self._add(Registration, draft, household_id=household_id)
        self._ids.append(made)
        self._rows[RegistrationLife].append(
            {
                "revision": 0,
                "registration_id": made,
                "status": draft.status.value,
                "valid_from": draft.registered_on,
                "valid_to": None,
                "known_from": clock.today(),
                "known_to": None,
            }
        )
        return made

    def write(self) -> list[int]:
        """Put the rows into the file; give the ids of the registrations, in their order."""
        for cls in _TABLES:
            insert_rows(self._session, cls, self._rows[cls])
        names: Any = [_Name(**row) for row in self._rows[PersonName]]
        insert_rows(self._session, NameToken, index.rows_for(names))
        return self._ids

    def unsaved(self) -> Unsaved:
        """Give what doubles are looked for by, while nothing is in the file yet."""
        rows = self._rows
        born = {row["id"]: (row["born_first"], row["born_last"]) for row in rows[Person]}
        names: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        for row in rows[PersonName]:
            names[row["person_id"]].append((row["family"], row["given"], row["patronymic"]))
        members = [
            (row["household_id"], row["person_id"], row["document_key"])
            for row in rows[HouseholdMember]
            if row["until"] is None
        ]
        people = []
        for home, person, _document in members:
            if person in names:
                first, last = born[person]
                days = (first, last) if first and last else None
                people.append(Who(person, home, days, tuple(names[person])))
        return Unsaved(
            registrations=[
                (
                    row["id"],
                    row["programme_id"],
                    row["household_id"],
                    row["registered_on"],
                    row["card_number"],
                )
                for row in rows[Registration]
            ],
            members=members,
            phones=[(row["e164"], row["person_id"]) for row in rows[Contact] if row["e164"]],
            people=people,
            places={row["id"]: (row["place"], row["address"]) for row in rows[Household]},
        )

    def _person(self, new: NewPerson) -> int:
        if not new.names:
            raise Refused(_("Give at least one name."))
        self._codes[0] += 1
        made = self._add(Person, new.person, code=new.person.code or f"P-{self._codes[0]:06}")
        for name in new.names:
            self._add(PersonName, name, person_id=made)
        for contact in new.contacts:
            key = contact.e164
            if key is None and contact.kind is ContactKind.PHONE:
                key = phone_key(contact.typed)
            self._add(Contact, contact, person_id=made, e164=key)
        return made

    def _add(self, cls: type[Any], draft: Any, **known: Any) -> int:
        fields = type(draft).model_fields
        row: Row = {"revision": 0, **{n: getattr(draft, n) for n in fields}, **known}
        made = 0
        if cls in self._next:
            made = row["id"] = self._next[cls]
            self._next[cls] += 1
        self._rows[cls].append(row)
        return made


def _serial(session: Session, cls: type[Any], mark: str) -> int:
    """Give the greatest number of codes like P-000001; an import may have brought others."""
    code = col(cls.code)
    greatest = session.execute(
        sa.select(sa.func.max(code)).where(
            sa.func.length(code) == 8, code > f"{mark}-", code < f"{mark}-:"
        )
    ).scalar()
    digits = (greatest or "").partition("-")[2]
    return int(digits) if digits.isdigit() else 0
