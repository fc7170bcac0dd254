"""Taking one file apart again: who was merged into whom, what goes where, and the act.

The act that merged two persons stands in the journal with all it changed. Parting gives back what
came with the dropped file, as far as nobody has changed it since.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel import journal
from casedesk.kernel.acts import act
from casedesk.kernel.language import N_, _, short_date
from casedesk.people import rules as people
from casedesk.people.records import Contact, Person, PersonName
from casedesk.tracing import matching, rules
from casedesk.tracing.records import CaseEnquirer, Status, TracingCase, Verdict

_FIELDS: Final = {
    "sex": N_("Sex"),
    "born_first": N_("Born"),
    "father_name": N_("Father"),
    "mother_name": N_("Mother"),
    "birth_place": N_("Birth place"),
    "external_ref": N_("External reference"),
}


@dataclass(frozen=True, slots=True)
class Parting:
    """A file that was merged into another one, and what would be its own again."""

    person_id: int
    name: str
    on: dt.date | None
    who: str
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    enquirers: tuple[str, ...] = ()

    def merged(self) -> str:
        """Say when it was merged, and by whom."""
        if self.on is None:
            return _("Merged into this file")
        return _("Merged into this file on {date} by {name}").format(
            date=short_date(self.on), name=self.who
        )

    def lines(self) -> list[str]:
        """Say in sentences what goes where."""
        told = [self.merged()]
        for words, items in (
            (_("Names that go back: {items}"), self.names),
            (_("Numbers that go back: {items}"), self.numbers),
            (_("Taken back from this file: {items}"), self.fields),
            (_("Cases that are its own again: {items}"), self.cases),
            (_("No longer enquirers of this case: {items}"), self.enquirers),
        ):
            if items:
                told.append(words.format(items=", ".join(items)))
        told.append(_("Calls that were noted for it are its own again. Undo takes this back."))
        return told


def merged_into(session: Session, person_id: int) -> tuple[Parting, ...]:
    """List the files that were merged into a person's, each with what would go back."""
    dropped = sa.select(col(Person.id)).where(col(Person.merged_into_id) == person_id)
    ids = session.connection().execute(dropped.order_by(col(Person.id))).scalars().all()
    return tuple(_parting(session, person_id, cast(int, one)) for one in ids)


def _parting(session: Session, keep_id: int, person_id: int) -> Parting:
    lines = _merge_lines(session, person_id)
    names: dict[str, None] = {}
    numbers: list[str] = []
    fields: list[str] = []
    cases = session.exec(select(TracingCase.number).where(TracingCase.person_id == person_id)).all()
    enquirers: list[str] = []
    for line in lines:
        before, after = _values(line)
        if line.record == "person" and line.record_id == keep_id:
            fields += [_(words) for name, words in _FIELDS.items() if name in after]
        elif line.record == "person_name" and before.get("person_id") == person_id:
            name = session.get(PersonName, line.record_id)
            if name is not None and name.person_id == keep_id:
                names[_whole(name)] = None
        elif line.record == "contact" and before.get("person_id") == person_id:
            contact = session.get(Contact, line.record_id)
            if contact is not None and contact.person_id == keep_id:
                numbers.append(contact.typed)
        elif line.record == "case_enquirer" and (asking := _joined(session, line)) is not None:
            enquirers.append(_name_of(session, asking.person_id))
    entry = _entry(session, lines[0].entry_id) if lines else None
    return Parting(
        person_id,
        next(iter(names), "") or _name_of(session, person_id) or _("Name not known"),
        None if entry is None else dt.datetime.fromisoformat(entry.at).date(),
        "" if entry is None else entry.actor,
        tuple(names),
        tuple(numbers),
        tuple(fields),
        tuple(cases),
        tuple(enquirers),
    )


@act("tracing.part_persons", N_("Separate persons"))
def part_persons(session: Session, person_id: int, on: dt.date) -> Person:
    """Make two files of one: person, names and numbers, and the cases and families of each.

    A case that became a duplicate by the merge is a search of its own again, and those who asked
    through it leave the other case, unless somebody has changed what is noted of them there. The
    two are judged not to be the same, so that nobody is asked at once whether they are.
    """
    lines = _merge_lines(session, person_id)
    kept = cast(int, people.current(session, person_id).id)
    parted = people.split(session, person_id)
    for line in lines:
        before, after = _values(line)
        if line.record == "tracing_case" and after.get("status") == Status.MERGED.value:
            rules.part_case(session, line.record_id, Status(before["status"]), on)
        elif line.record == "case_enquirer" and (asking := _joined(session, line)) is not None:
            session.delete(asking)
    session.flush()
    matching.judge(session, person_id, kept, Verdict.NOT_SAME)
    return parted


def _joined(session: Session, line: Any) -> CaseEnquirer | None:
    """Who came to the kept case by a merge, and is there as they came."""
    asking = session.get(CaseEnquirer, line.record_id) if line.action == "create" else None
    return asking if asking is not None and asking.revision == 0 else None


def _merge_lines(session: Session, person_id: int) -> list[Any]:
    """All that the act changed which dropped a person's file last."""
    for line in journal.history(session, "person", person_id):
        before, after = _values(line)
        if after.get("merged_into_id") and before.get("merged_into_id", 0) is None:
            lines = sa.select(journal.LINE).where(journal.LINE.c.entry_id == line.entry_id)
            return list(session.execute(lines.order_by(journal.LINE.c.id)).all())
    return []


def _values(line: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return json.loads(line.before or "{}"), json.loads(line.after or "{}")


def _entry(session: Session, entry_id: int) -> Any:
    return session.execute(sa.select(journal.ENTRY).where(journal.ENTRY.c.id == entry_id)).first()


def _name_of(session: Session, person_id: int) -> str:
    own = people.current(session, person_id).id
    name = session.exec(
        select(PersonName).where(PersonName.person_id == own).order_by(col(PersonName.id))
    ).first()
    return _whole(name) if name is not None else ""


def _whole(name: PersonName) -> str:
    return " ".join(filter(None, (name.family, name.given, name.patronymic)))
