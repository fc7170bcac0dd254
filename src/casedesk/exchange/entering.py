"""Put planned persons and cases into the file: in portions, each table by table, parents first.

Undo goes the same way back in few steps. An accepted row is kept as the values of its drafts: a
table of 154,200 rows holds half a million drafts, and their values take a fifth of the room.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel import clock
from casedesk.kernel.jobs import Step
from casedesk.kernel.records import Draft
from casedesk.kernel.store import Store, insert_rows
from casedesk.people import index
from casedesk.people.records import (
    Contact,
    ContactDraft,
    NameToken,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
)
from casedesk.tracing.records import (
    CaseStatus,
    CaseStatusDraft,
    Status,
    TracingCase,
    TracingCaseDraft,
)
from casedesk.tracing.rules import case_number

Values = tuple[Any, ...]
_PORTION = 5_000
_REBUILT_FROM = 10
"""An index is made anew where an import brings a tenth of the file, or when it was behind."""


class Kept:
    """A kind of draft of which only the values are kept, in the order of its fields."""

    def __init__(self, draft: type[Draft]) -> None:
        """Learn the fields."""
        self._names = tuple(draft.model_fields)

    def values(self, draft: Draft) -> Values:
        """Take the values out of a draft, which is valid because it exists."""
        fields = draft.__dict__
        return tuple([fields[name] for name in self._names])

    def place(self, name: str) -> int:
        """Tell at which place the value of a field stands."""
        return self._names.index(name)

    def row(self, values: Values, **known: Any) -> dict[str, Any]:
        """Give the row that the draft becomes."""
        return {"revision": 0, **dict(zip(self._names, values, strict=True)), **known}


PERSON, NAME, CONTACT = Kept(PersonDraft), Kept(PersonNameDraft), Kept(ContactDraft)
CASE, STATUS = Kept(TracingCaseDraft), Kept(CaseStatusDraft)
_OPENED = CASE.place("opened_on")


@dataclass(frozen=True, slots=True)
class Entrant:
    """One accepted row, as the values of the drafts that it will become."""

    row: int
    ref: str | None
    person: Values
    names: tuple[Values, ...]
    contacts: tuple[Values, ...]
    case: Values | None


class _Named(NamedTuple):
    """A name, in the form in which the index looks at one."""

    person_id: int
    family: str
    given: str
    patronymic: str


def write(session: Session, wanted: Sequence[Entrant], step: Step | None = None) -> None:
    """Insert all of them, with the keys that lists are filtered by."""
    ids = _Ids(session)
    for start in range(0, len(wanted), _PORTION):
        if step is not None:
            step(start, len(wanted))
        rows: dict[type[Any], list[dict[str, Any]]] = {}
        for entrant in wanted[start : start + _PORTION]:
            for cls, row in ids.rows(session, entrant):
                rows.setdefault(cls, []).append(row)
        for cls in (Person, PersonName, Contact, TracingCase, CaseStatus):
            insert_rows(session, cls, rows.get(cls, []))
        names: Any = [
            _Named(row["person_id"], row["family"], row["given"], row["patronymic"])
            for row in rows[PersonName]
        ]
        insert_rows(session, NameToken, index.rows_for(names))


class _Ids:
    """Numbers given out in advance: ids, codes of persons, numbers of cases."""

    def __init__(self, session: Session) -> None:
        self._person, self._name, self._case = (
            _last(session, cls) for cls in (Person, PersonName, TracingCase)
        )
        self._code = _last_code(session)
        self._serials: dict[int, int] = {}
        self._statuses: dict[dt.date, Values] = {}
        self._today = clock.today()

    def rows(self, session: Session, entrant: Entrant) -> list[tuple[type[Any], dict[str, Any]]]:
        """Give the rows of one entrant, each with its table."""
        self._person, self._code = self._person + 1, self._code + 1
        owner = self._person
        code = f"P-{self._code:06d}"
        found: list[tuple[type[Any], Any]] = [
            (Person, PERSON.row(entrant.person, id=owner, code=code))
        ]
        for name in entrant.names:
            self._name += 1
            found.append((PersonName, NAME.row(name, id=self._name, person_id=owner)))
        for contact in entrant.contacts:
            found.append((Contact, CONTACT.row(contact, person_id=owner)))
        if entrant.case is not None:
            found += self._case_rows(session, entrant.case, owner)
        return found

    def _case_rows(
        self, session: Session, case: Values, owner: int
    ) -> list[tuple[type[Any], dict[str, Any]]]:
        self._case += 1
        opened = case[_OPENED]
        if opened.year not in self._serials:
            self._serials[opened.year] = _last_serial(session, opened.year)
        self._serials[opened.year] += 1
        number = case_number(opened.year, self._serials[opened.year])
        if opened not in self._statuses:
            status = CaseStatusDraft(
                case_id=self._case,
                status=Status.OPEN.value,
                valid_from=opened,
                known_from=self._today,
            )
            self._statuses[opened] = STATUS.values(status)
        return [
            (TracingCase, CASE.row(case, id=self._case, person_id=owner, number=number)),
            (CaseStatus, STATUS.row(self._statuses[opened], case_id=self._case)),
        ]


def _last(session: Session, cls: type[Any]) -> int:
    return session.exec(select(sa.func.max(cls.id))).one() or 0


def _last_code(session: Session) -> int:
    """Give the greatest serial in use, so that the codes after it are free."""
    codes = session.exec(select(Person.code).where(col(Person.code).startswith("P-"))).all()
    return max((int(c[2:]) for c in codes if c[2:].isdecimal()), default=0)


def _last_serial(session: Session, year: int) -> int:
    greatest = session.exec(
        select(sa.func.max(TracingCase.number)).where(
            col(TracingCase.number) > f"{year}-", col(TracingCase.number) < f"{year}-~"
        )
    ).one()
    return int(greatest[5:11]) if greatest else 0


# ------------------------------------------------------------------------------------- the index


def behind(store: Store) -> bool:
    """Tell whether the kept name index was far behind the names already."""
    with store.read() as session:
        return index.stale(session)


def keep_index(
    store: Store, brought: int, *, was_behind: bool, actor: str, step: Step | None = None
) -> None:
    """Keep the name index anew after an import that brought so many persons.

    New names are found without this, by the journal; but a file that opens with many of them not
    kept yet would bring its index forward each time.
    """
    with store.read() as session:
        everybody = session.exec(select(sa.func.count(col(Person.id)))).one()
        if not index.stale(session) or not (was_behind or brought * _REBUILT_FROM >= everybody):
            return
        made = index.make(session, step)
    store.write(index.keep_index, made, actor=actor)
