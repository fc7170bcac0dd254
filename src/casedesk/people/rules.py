"""What may be done to persons: register, name, contact, correct, merge."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel import journal
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.fields import phone_key
from casedesk.kernel.language import N_, _
from casedesk.people import index
from casedesk.people.records import (
    Contact,
    ContactDraft,
    ContactKind,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
    Sex,
)

MERGED: Final = {
    "sex": ("sex",),
    "born": ("born_first", "born_last"),
    "father_name": ("father_name",),
    "mother_name": ("mother_name",),
    "birth_place": ("birth_place",),
    "external_ref": ("external_ref",),
}
"""The fields that a merge chooses between, with their columns."""


@dataclass(frozen=True)
class NewPerson:
    """A person not yet in the file, offered to an act that registers them on the way."""

    person: PersonDraft
    names: tuple[PersonNameDraft, ...]
    contacts: tuple[ContactDraft, ...] = ()


@act("people.register", N_("Register person"))
def register_person(
    session: Session,
    draft: PersonDraft,
    names: Sequence[PersonNameDraft],
    contacts: Sequence[ContactDraft] = (),
) -> Person:
    """Open a file on a person; the code is given here, and is not derived from the name."""
    if not names:
        raise Refused(_("Give at least one name."))
    if draft.merged_into_id is not None:
        raise Refused(_("A new person cannot be merged already."))
    code = draft.code or _next_code(session)
    person = Person.of(_with(draft, code=code))
    session.add(person)
    session.flush()
    for name in names:
        session.add(PersonName.of(_with(name, person_id=person.id)))
    for contact in contacts:
        session.add(Contact.of(_keyed(contact, person.id)))
    session.flush()
    index.keep(session, [cast(int, person.id)])  # flushed
    return person


def register_new(session: Session, new: NewPerson) -> Person:
    """Register what a `NewPerson` offers."""
    return register_person(session, new.person, new.names, new.contacts)


@act("people.change", N_("Change person"))
def change_person(session: Session, person_id: int, draft: PersonDraft, revision: int) -> Person:
    """Correct what is known of a person; code and merge are not the form's to change."""
    person = active(session, person_id)
    if draft.code != person.code or draft.merged_into_id is not None:
        raise Refused(_("The code of a person does not change."))
    person.apply(draft, revision=revision)
    session.add(person)
    return person


@act("people.add_name", N_("Add name"))
def add_name(session: Session, draft: PersonNameDraft) -> PersonName:
    """Add one more name by which a person is known."""
    active(session, draft.person_id)
    name = PersonName.of(draft)
    session.add(name)
    session.flush()
    index.keep(session, [draft.person_id])
    return name


@act("people.change_name", N_("Change name"))
def change_name(
    session: Session, name_id: int, draft: PersonNameDraft, revision: int
) -> PersonName:
    """Correct a name; it stays with its person."""
    name = session.get(PersonName, name_id)
    if name is None:
        raise NotFound(_("There is no such name."))
    if draft.person_id != name.person_id:
        raise Refused(_("A name moves to another person by a merge only."))
    active(session, name.person_id)
    name.apply(draft, revision=revision)
    session.add(name)
    session.flush()
    index.keep(session, [name.person_id])
    return name


@act("people.add_contact", N_("Add contact"))
def add_contact(session: Session, draft: ContactDraft) -> Contact:
    """Add a way to reach a person; a telephone number gets its searchable form."""
    active(session, draft.person_id)
    contact = Contact.of(_keyed(draft, draft.person_id))
    session.add(contact)
    session.flush()
    return contact


@act("people.merge", N_("Merge persons"))
def merge(
    session: Session,
    keep_id: int,
    drop_id: int,
    revision: int | None = None,
    drop_revision: int | None = None,
    take: Collection[str] = (),
) -> Person:
    """Say that two files are about one person.

    Names and contacts move to the kept file and its gaps are filled from the other; nothing is
    deleted. `take` names the fields (of `MERGED`) whose value the dropped file has right.
    Enquiries and cases keep pointing at the dropped file, which points at the kept one: follow it
    with `current`. Undo is the journal's; `split` takes a merge apart later.
    """
    if keep_id == drop_id:
        raise Refused(_("Choose two different persons."))
    if not set(take) <= set(MERGED):
        raise Refused(_("This field is not chosen in a merge."))
    keep, drop = active(session, keep_id), active(session, drop_id)
    keep.apply(_filled(keep, drop, take), revision=revision)
    drop.apply(_with(drop.draft(), merged_into_id=keep_id), revision=drop_revision)
    for name in session.exec(select(PersonName).where(PersonName.person_id == drop_id)).all():
        name.apply(_with(name.draft(), person_id=keep_id))
        session.add(name)
    for contact in session.exec(select(Contact).where(Contact.person_id == drop_id)).all():
        contact.apply(_with(contact.draft(), person_id=keep_id))
        session.add(contact)
    # earlier merges into the dropped file point straight at the kept one, so chains stay short
    for earlier in session.exec(select(Person).where(Person.merged_into_id == drop_id)).all():
        earlier.apply(_with(earlier.draft(), merged_into_id=keep_id))
        session.add(earlier)
    session.add_all([keep, drop])
    session.flush()
    index.keep(session, [keep_id, drop_id])
    return keep


@act("people.split", N_("Separate persons"))
def split(session: Session, person_id: int) -> Person:
    """Take a merge apart: the file that was dropped is in use again, with what it brought.

    Names and contacts that came with it go back, unless they were moved on since. What the kept
    file took over from it is taken back where nobody has corrected it since.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    if person.merged_into_id is None:
        raise Refused(_("This person was not merged into another."))
    keep = current(session, person_id)
    for line in _merge_lines(session, person_id):
        before, after = json.loads(line.before or "{}"), json.loads(line.after or "{}")
        if line.record == "person" and line.record_id == keep.id:
            taken = {n: v for n, v in before.items() if _stored(keep, n) == after.get(n)}
            keep.apply(_with(keep.draft(), **taken))
            session.add(keep)
        elif line.record == "person" and before.get("merged_into_id") == person_id:
            earlier = session.get(Person, line.record_id)
            if earlier is not None and earlier.merged_into_id == keep.id:
                earlier.apply(_with(earlier.draft(), merged_into_id=person_id))
                session.add(earlier)
        elif before.get("person_id") == person_id:
            table: Any = {"person_name": PersonName, "contact": Contact}.get(line.record)
            part = None if table is None else session.get(table, line.record_id)
            if part is not None and part.person_id == keep.id:
                part.apply(_with(part.draft(), person_id=person_id))
                session.add(part)
    person.apply(_with(person.draft(), merged_into_id=None))
    session.add(person)
    session.flush()
    index.keep(session, [person_id, cast(int, keep.id)])
    return person


def _merge_lines(session: Session, person_id: int) -> Sequence[Any]:
    """The journal's lines of the act that dropped a person's file last."""
    for line in journal.history(session, "person", person_id):
        before, after = json.loads(line.before or "{}"), json.loads(line.after or "{}")
        if after.get("merged_into_id") and before.get("merged_into_id", 0) is None:
            lines = sa.select(journal.LINE).where(journal.LINE.c.entry_id == line.entry_id)
            return session.execute(lines.order_by(journal.LINE.c.id)).all()
    return ()


def _stored(record: Person, name: str) -> Any:
    value = getattr(record, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def active(session: Session, person_id: int) -> Person:
    """Find a person whose file is in use; a merged file takes no more changes."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    if person.merged_into_id is not None:
        raise Refused(_("This person was merged into another. Open the other file."))
    return person


def current(session: Session, person_id: int) -> Person:
    """Find the file in use for a person, past all merges."""
    person = session.get(Person, person_id)
    while person is not None and person.merged_into_id is not None:
        person = session.get(Person, person.merged_into_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    return person


def _with(draft: Any, **changed: Any) -> Any:
    """Make the same draft with some values changed, validated again."""
    return type(draft).checked({**draft.model_dump(), **changed})


def _keyed(contact: ContactDraft, person_id: int | None) -> ContactDraft:
    key = contact.e164
    if key is None and contact.kind is ContactKind.PHONE:
        key = phone_key(contact.typed)
    keyed: ContactDraft = _with(contact, person_id=person_id, e164=key)
    return keyed


def _filled(keep: Person, drop: Person, take: Collection[str]) -> PersonDraft:
    kept, other = keep.draft().model_dump(), drop.draft().model_dump()
    for field, columns in MERGED.items():
        empty = kept[columns[0]] in (None, "", Sex.UNKNOWN)
        if empty or (field in take and other[columns[0]] not in (None, "", Sex.UNKNOWN)):
            for name in columns:
                kept[name] = other[name]
    return PersonDraft.checked(kept)


def _next_code(session: Session) -> str:
    last = session.exec(select(Person.code).order_by(col(Person.id).desc()).limit(1)).first()
    digits = (last or "").removeprefix("P-")
    serial = int(digits) if digits.isdecimal() else 0
    while True:
        serial += 1
        code = f"P-{serial:06d}"
        # imported files bring codes of their own, in any order
        if session.exec(select(Person.id).where(Person.code == code)).first() is None:
            return code
