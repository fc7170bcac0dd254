"""Two persons side by side: every field with both values, how they agree, and which may be chosen.

Read in one go, so that the page never asks for more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel.errors import NotFound
from casedesk.kernel.language import N_, _
from casedesk.people.records import Contact, NameKind, Person, PersonName, Sex
from casedesk.tracing import match_words, matching, wording
from casedesk.tracing.records import OPEN_STATUSES, CaseEnquirer, TracingCase

_SEX: Final = {Sex.F: N_("Woman"), Sex.M: N_("Man"), Sex.OTHER: N_("Other")}


@dataclass(frozen=True, slots=True)
class Line:
    """One field: both values, the result in a word or two, and the key by which a merge takes it.

    `merged` is empty for what is never chosen: names, numbers and cases are all kept.
    """

    label: str
    first: str
    second: str
    tone: str
    result: str
    merged: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pair with all its fields; the revisions are those that were read."""

    first_id: int
    second_id: int
    titles: tuple[str, str]
    revisions: tuple[int, int]
    cases: tuple[int | None, int | None]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    person: Person
    names: tuple[PersonName, ...]
    phones: tuple[str, ...]
    cases: tuple[TracingCase, ...]
    enquirers: int


def compare(session: Session, first_id: int, second_id: int) -> Comparison:
    """Read two persons and put them side by side."""
    one, other = _side(session, first_id), _side(session, second_id)
    about = matching.subjects(session, [first_id, second_id])
    if len(about) < 2:
        raise NotFound(_("One of the two was merged meanwhile."))
    weighed = matching.scale(session).weigh(about[first_id], about[second_id])
    why = {reason.field: reason for reason in match_words.reasons(weighed)}

    def line(key: str, words: str, first: str, second: str, merged: str = "") -> Line:
        reason = why.get(key)
        if reason is not None:
            return Line(words, first, second, reason.tone, reason.text, merged)
        return Line(words, first, second, "muted", "", merged)

    def names(part: str) -> tuple[str, str]:
        first, second = (
            " / ".join(dict.fromkeys(getattr(name, part) for name in side.names if name))
            for side in (one, other)
        )
        return first.strip(" /"), second.strip(" /")

    family, given = names("family"), names("given")
    if weighed.swapped:  # what was compared stands in one row, and where it was written beside it
        family, given = (
            (family[0], _("{name}, as given name").format(name=given[1])),
            (given[0], _("{name}, as family name").format(name=family[1])),
        )
    a, b = one.person, other.person
    lines = (
        line("family", _("Family name"), *family),
        line("given", _("Given name"), *given),
        line("patronymic", _("Patronymic"), *names("patronymic")),
        line(
            "born",
            _("Born"),
            wording.born(a.born_first, a.born_last),
            wording.born(b.born_first, b.born_last),
            "born",
        ),
        line("sex", _("Sex"), _sex(a.sex), _sex(b.sex), "sex"),
        line("place", _("Birth place"), a.birth_place, b.birth_place, "birth_place"),
        line("mother", _("Mother"), a.mother_name, b.mother_name, "mother_name"),
        line("father", _("Father"), a.father_name, b.father_name, "father_name"),
        line("phone", _("Telephone"), ", ".join(one.phones), ", ".join(other.phones)),
        line(
            "reference",
            _("External reference"),
            a.external_ref or "",
            b.external_ref or "",
            "external_ref",
        ),
        line("case", _("Case"), _cases(one), _cases(other)),
        line("seen", _("Last place"), _seen(one), _seen(other)),
        line("asking", _("Enquirers"), _count(one), _count(other)),
    )
    return Comparison(
        first_id,
        second_id,
        (_title(one), _title(other)),
        (a.revision, b.revision),
        (_case_id(one), _case_id(other)),
        tuple(item for item in lines if item.first or item.second),
    )


def _side(session: Session, person_id: int) -> _Side:
    person = session.get(Person, person_id)
    if person is None or person.merged_into_id is not None:
        raise NotFound(_("One of the two was merged meanwhile."))
    names = session.exec(select(PersonName).where(PersonName.person_id == person_id)).all()
    contacts = session.exec(select(Contact).where(Contact.person_id == person_id)).all()
    files = select(Person.id).where(Person.merged_into_id == person_id)
    about = session.exec(
        select(TracingCase)
        .where(
            sa.or_(col(TracingCase.person_id) == person_id, col(TracingCase.person_id).in_(files)),
            col(TracingCase.status).in_(OPEN_STATUSES),
        )
        .order_by(col(TracingCase.opened_on))
    ).all()
    asking = session.exec(
        select(CaseEnquirer.id).where(col(CaseEnquirer.case_id).in_([case.id for case in about]))
    ).all()
    return _Side(
        person,
        tuple(sorted(names, key=lambda n: (n.kind is not NameKind.OFFICIAL, n.id or 0))),
        tuple(contact.typed for contact in contacts),
        tuple(about),
        len(asking),
    )


def _title(side: _Side) -> str:
    name = side.names[0] if side.names else None
    parts = (name.family, name.given, name.patronymic) if name else ()
    return " ".join(filter(None, parts)) or _("Name not known")


def _sex(sex: Sex) -> str:
    return _(_SEX[sex]) if sex in _SEX else ""


def _cases(side: _Side) -> str:
    return ", ".join(case.number for case in side.cases)


def _case_id(side: _Side) -> int | None:
    return side.cases[0].id if side.cases else None


def _seen(side: _Side) -> str:
    return ", ".join(dict.fromkeys(case.last_seen_at for case in side.cases if case.last_seen_at))


def _count(side: _Side) -> str:
    return str(side.enquirers) if side.enquirers else ""
