"""Finding persons and organisations for the forms of a case; a person made of what is typed."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from casedesk.kernel.language import _
from casedesk.names.parse import parse
from casedesk.names.parse import script as script_of
from casedesk.partners import rules as partners
from casedesk.people import index
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson
from casedesk.tracing import wording

Found = list[tuple[Any, str]]


def find_people(session: Session, text: str) -> Found:
    """Find persons by name or number, with the words that tell them apart."""
    found: Found = []
    for hit in index.search(session, text, limit=6):
        when = wording.born(hit.born.first, hit.born.last) if hit.born else _("not known")
        found.append((hit.person_id, _("{name}, born {born}").format(name=hit.name, born=when)))
    return found


def find_organisations(session: Session, text: str) -> Found:
    """Find organisations by a name in either script."""
    return [
        (item.id, ", ".join(filter(None, (item.name or item.latin_name, item.country))))
        for item in partners.find(session, text, 6)
    ]


def new_person(name: str, phone: str = "") -> NewPerson:
    """Make a person of a full name as it is typed, and perhaps a telephone number."""
    parts = parse(name)
    values = {"family": parts.family, "given": parts.given, "patronymic": parts.patronymic}
    draft = PersonNameDraft.checked({**values, "script": script_of(name)})
    contacts = (ContactDraft.checked({"typed": phone}),) if phone else ()
    return NewPerson(PersonDraft(), (draft,), contacts)
