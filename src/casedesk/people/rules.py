"""What may be done to persons: register, name, contact, correct, merge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlmodel import Session, col, select

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
) -> Person:
    """Say that two files are about one person.

    Names and contacts move to the kept file and its gaps are filled from the other; nothing is
    deleted. Enquiries and cases keep pointing at the dropped file, which points at the kept one:
    follow it with `current`. Undo is the journal's.
    """
    if keep_id == drop_id:
        raise Refused(_("Choose two different persons."))
    keep, drop = active(session, keep_id), active(session, drop_id)
    keep.apply(_filled(keep, drop), revision=revision)
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


def _filled(keep: Person, drop: Person) -> PersonDraft:
    kept, other = keep.draft().model_dump(), drop.draft().model_dump()
    for name in ("father_name", "mother_name", "birth_place", "external_ref"):
        kept[name] = kept[name] or other[name]
    if kept["sex"] == Sex.UNKNOWN:
        kept["sex"] = other["sex"]
    if kept["born_first"] is None:
        kept["born_first"], kept["born_last"] = other["born_first"], other["born_last"]
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
