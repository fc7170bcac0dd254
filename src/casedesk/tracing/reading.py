"""One case as the desk shows it: facts, families, what happened, what is awaited, whose turn it is.

Everything here is read in one go and then stands still, so that a view never asks for more.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.kernel import clock, journal
from casedesk.kernel.errors import NotFound
from casedesk.kernel.language import _, short_date
from casedesk.kernel.query import Tagged
from casedesk.kernel.records import Record
from casedesk.names.romanise import romanise
from casedesk.partners.records import Organisation
from casedesk.people import rules as people
from casedesk.people.records import (
    Contact,
    NameKind,
    Person,
    PersonDraft,
    PersonName,
    PersonNameDraft,
    Script,
)
from casedesk.people.wording import relation_words
from casedesk.tracing import wording
from casedesk.tracing.parting import Parting, merged_into
from casedesk.tracing.records import (
    OPEN_STATUSES,
    ActionOutcome,
    CaseAction,
    CaseEnquirer,
    CaseStatus,
    FamilyInformed,
    Fate,
    InformationReceived,
    Outcome,
    Priority,
    Status,
    TracingCase,
    TracingCaseDraft,
)


class CallLike(Protocol):
    """What tracing wants to know of a call; the hotline's `CallLine` has all of it."""

    @property
    def enquiry_id(self) -> int: ...
    @property
    def on(self) -> dt.date: ...
    @property
    def at(self) -> str: ...
    @property
    def caller(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def summary(self) -> str: ...


CallsOf = Callable[[Session, int, Collection[str]], Sequence[Any]]
"""Gives the calls about a person (id) or some cases (numbers), newest first; see `CallLike`."""


def no_calls(_session: Session, _person_id: int, _case_numbers: Collection[str]) -> Sequence[Any]:
    """Know of no calls: for a desk without a hotline."""
    return ()


@dataclass(frozen=True)
class Step:
    """One of the seven steps of a case; `state` is done, now or later."""

    label: str
    state: str
    on: dt.date | None = None


@dataclass(frozen=True)
class Enquirer:
    """A relative who asks, and how often they called."""

    id: int
    revision: int
    person_id: int
    name: str
    relation: str
    main: bool
    consent: bool
    phones: tuple[str, ...]
    calls: int


@dataclass(frozen=True)
class Event:
    """Something that happened: kind is call, action, information, informed or status."""

    kind: str
    id: int
    on: dt.date
    at: str
    title: str
    text: str
    who: str
    tag: Tagged | None = None


@dataclass(frozen=True)
class Awaited:
    """An action whose answer is not there yet."""

    id: int
    revision: int
    what: str
    whom: str
    note: str
    on: dt.date
    due: dt.date | None


@dataclass(frozen=True)
class CaseFile:
    """All of one case."""

    id: int
    revision: int
    number: str
    status: Status
    name: str
    latin: str
    tags: tuple[Tagged, ...]
    owner: str
    draft: TracingCaseDraft
    person_id: int
    person: PersonDraft
    person_revision: int
    name_id: int | None
    name_draft: PersonNameDraft | None
    name_revision: int
    facts: tuple[tuple[str, str], ...]
    enquirers: tuple[Enquirer, ...]
    steps: tuple[Step, ...]
    awaited: tuple[Awaited, ...]
    events: tuple[Event, ...]
    subjects: tuple[tuple[type[Record], tuple[int, ...]], ...]
    merged: tuple[Parting, ...] = ()

    @property
    def open(self) -> bool:
        """Tell whether anything may be recorded on the case."""
        return self.status in OPEN_STATUSES


def case_file(session: Session, case_id: int, calls_of: CallsOf = no_calls) -> CaseFile:
    """Read one case with everything that hangs on it."""
    case = session.get(TracingCase, case_id)
    if case is None:
        raise NotFound(_("There is no such case."))
    person = people.current(session, case.person_id)
    person_id = cast(int, person.id)
    names = _names(session, [person_id]).get(person_id, [])
    calls = list(calls_of(session, person_id, (case.number,)))
    enquirers = _enquirers(session, case_id, calls)
    actions = _rows(session, CaseAction, case_id)
    information = _rows(session, InformationReceived, case_id)
    informed = _rows(session, FamilyInformed, case_id)
    asking = session.exec(select(CaseEnquirer.id).where(CaseEnquirer.case_id == case_id)).all()
    statuses = session.exec(
        select(CaseStatus)
        .where(CaseStatus.case_id == case_id, col(CaseStatus.known_to).is_(None))
        .order_by(col(CaseStatus.valid_from), col(CaseStatus.id))
    ).all()
    partners = _partners(session, actions)
    subjects: tuple[tuple[type[Record], tuple[int, ...]], ...] = (
        (TracingCase, (case_id,)),
        (Person, (person_id,)),
        (PersonName, tuple(cast(int, name.id) for name in names)),
        (CaseEnquirer, tuple(cast(int, one) for one in asking)),
        (CaseAction, tuple(row.id for row in actions)),
        (InformationReceived, tuple(row.id for row in information)),
        (FamilyInformed, tuple(row.id for row in informed)),
    )
    who = _who(session, subjects)
    events = [
        *(_call(call) for call in calls),
        *(_action(row, partners, who) for row in actions),
        *(_information(row, who) for row in information),
        *(_informed(row, who) for row in informed),
        *(_status(row) for row in statuses),
    ]
    # What happened on one day keeps the order in which it was noted: a status follows its cause.
    order = {"call": 0, "action": 1, "information": 2, "informed": 3, "status": 4}
    events.sort(key=lambda e: (e.on, e.at, order[e.kind], e.id), reverse=True)
    cyrillic = next((n for n in names if n.script is Script.CYRILLIC), None)
    latin = next((n for n in names if n.script is Script.LATIN), None)
    main = cyrillic or latin
    return CaseFile(
        id=case_id,
        revision=case.revision,
        number=case.number,
        status=case.status,
        name=_full(main) or _("Name not known"),
        latin=_full(latin) if latin else romanise(_full(main)),
        tags=_tags(case),
        owner=case.owner,
        draft=cast(TracingCaseDraft, case.draft()),
        person_id=person_id,
        person=cast(PersonDraft, person.draft()),
        person_revision=person.revision,
        name_id=None if main is None else main.id,
        name_draft=None if main is None else cast(PersonNameDraft, main.draft()),
        name_revision=0 if main is None else main.revision,
        facts=_facts(case, person),
        enquirers=enquirers,
        steps=steps(case.status, statuses),
        awaited=_awaited(actions, partners),
        events=tuple(events),
        subjects=subjects,
        merged=merged_into(session, person_id),
    )


def steps(status: Status, known: Sequence[CaseStatus]) -> tuple[Step, ...]:
    """Say how far a case has come; one set aside stands where it stood before."""
    main = [item for item, _label in wording.STEPS]
    since: dict[Status, dt.date] = {}
    for row in known:
        since.setdefault(Status(row.status), row.valid_from)
    if status in main:
        now = main.index(status)
    else:
        now = max((main.index(item) for item in since if item in main), default=0)
    ended = status is Status.CLOSED
    return tuple(
        Step(
            _(label),
            "done" if at < now or ended else "now" if at == now else "later",
            since.get(item),
        )
        for at, (item, label) in enumerate(wording.STEPS)
    )


def other_cases(session: Session, case_id: int, person_ids: Iterable[int]) -> list[TracingCase]:
    """List the open cases about some persons, but not this one: candidates for a merge."""
    return list(
        session.exec(
            select(TracingCase)
            .where(
                col(TracingCase.person_id).in_(list(person_ids)),
                TracingCase.id != case_id,
                col(TracingCase.status).in_(OPEN_STATUSES),
            )
            .order_by(col(TracingCase.opened_on).desc())
        ).all()
    )


def owners(session: Session) -> list[str]:
    """List who has cases, for the choice of an owner."""
    found = session.exec(select(TracingCase.owner).distinct().order_by(TracingCase.owner)).all()
    return [owner for owner in found if owner]


def names_of(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Give the shown name of some persons."""
    found = _names(session, list(person_ids))
    return {i: _full(names[0]) for i, names in found.items() if names}


def say(record: type[Record], field: str, value: Any) -> str:
    """Write a stored value of a case's records in words, for the history."""
    tables: dict[str, dict[Any, Any]] = {
        "fate": wording.FATE,
        "share_with_family": wording.SHARING,
        "reliability": wording.RELIABILITY,
        "how": wording.MEANS,
        "by": wording.TOLD_BY,
        "priority": wording.PRIORITY,
    }
    if record is TracingCase:
        tables |= {"status": wording.STATUS, "outcome": wording.OUTCOME, "kind": wording.KIND}
    elif record is CaseAction:
        tables |= {"outcome": wording.ANSWER, "kind": wording.ACTION}
    words = tables.get(field, {}).get(value)
    if words is None and record is CaseEnquirer and field == "relation":
        return relation_words(str(value))
    if words is None:
        if isinstance(value, str) and len(value) == 10 and value[4:5] == value[7:8] == "-":
            return short_date(dt.date.fromisoformat(value))
        return str(value.value if isinstance(value, enum.Enum) else value)
    return _(words if isinstance(words, str) else words[0])


def _names(session: Session, person_ids: list[int]) -> dict[int, list[PersonName]]:
    """The names by person, official ones first, then in the order they were noted."""
    found: dict[int, list[PersonName]] = {}
    rows = session.exec(select(PersonName).where(col(PersonName.person_id).in_(person_ids))).all()
    for name in sorted(rows, key=lambda n: (n.kind is not NameKind.OFFICIAL, n.id or 0)):
        found.setdefault(name.person_id, []).append(name)
    return found


def _full(name: PersonName | None) -> str:
    parts = (name.family, name.given, name.patronymic) if name else ()
    return " ".join(part for part in parts if part)


def _rows(session: Session, table: Any, case_id: int) -> list[Any]:
    return list(
        session.exec(
            select(table).where(table.case_id == case_id).order_by(table.on_date.desc())
        ).all()
    )


def _partners(session: Session, actions: Sequence[Any]) -> dict[int, str]:
    wanted = {row.partner_id for row in actions if row.partner_id is not None}
    found = session.exec(select(Organisation).where(col(Organisation.id).in_(wanted))).all()
    return {cast(int, one.id): one.name or one.latin_name for one in found}


def _enquirers(session: Session, case_id: int, calls: Sequence[CallLike]) -> tuple[Enquirer, ...]:
    rows = session.exec(select(CaseEnquirer).where(CaseEnquirer.case_id == case_id)).all()
    # A person may have been merged since: the kept file has the names and the numbers.
    own = {row.person_id: cast(int, people.current(session, row.person_id).id) for row in rows}
    names = _names(session, list(own.values()))
    contacts = session.exec(
        select(Contact).where(col(Contact.person_id).in_(list(own.values())))
    ).all()
    made = []
    for row in rows:
        person_id = own[row.person_id]
        phones = [c.typed for c in contacts if c.person_id == person_id and c.e164]
        first = names.get(person_id, [])
        shown = _full(first[0] if first else None)
        made.append(
            Enquirer(
                id=cast(int, row.id),
                revision=row.revision,
                person_id=row.person_id,
                name=shown or _("Name not known"),
                relation=row.relation,
                main=row.main,
                consent=row.consent,
                phones=tuple(phones),
                calls=sum(_called(call, person_id, row.person_id, shown) for call in calls),
            )
        )
    return tuple(sorted(made, key=lambda item: (not item.main, item.id)))


def _called(call: CallLike, person_id: int, old_id: int, name: str) -> bool:
    """Tell whether a person called; by the name where the line of the call says no id."""
    caller_id = getattr(call, "caller_id", None)
    if caller_id is not None:
        return caller_id in (person_id, old_id)
    return bool(name) and call.caller == name


def _who(
    session: Session, subjects: Sequence[tuple[type[Record], tuple[int, ...]]]
) -> dict[tuple[str, int], str]:
    """Who noted each record, from the journal."""
    found: dict[tuple[str, int], str] = {}
    for record, ids in subjects:
        if ids and record in (CaseAction, InformationReceived, FamilyInformed):
            table = str(record.__tablename__)
            rows = session.execute(
                sa.select(journal.LINE.c.record_id, journal.ENTRY.c.actor)
                .join(journal.ENTRY, journal.ENTRY.c.id == journal.LINE.c.entry_id)
                .where(
                    journal.LINE.c.record == table,
                    journal.LINE.c.record_id.in_(ids),
                    journal.LINE.c.action == "create",
                )
            )
            found.update({(table, row.record_id): row.actor for row in rows})
    return found


def _tags(case: TracingCase) -> tuple[Tagged, ...]:
    words, tone = wording.STATUS[case.status]
    tags = [Tagged(_(words), tone), Tagged(_(wording.KIND[case.kind]))]
    if case.priority is not Priority.NORMAL:
        tone = "carmine" if case.priority is Priority.URGENT else "amber"
        tags.append(Tagged(_(wording.PRIORITY[case.priority]), tone))
    if case.outcome is not None:
        tags.append(Tagged(_(wording.OUTCOME[Outcome(case.outcome)]), "green"))
    return tuple(tags)


def _facts(case: TracingCase, person: Person) -> tuple[tuple[str, str], ...]:
    unknown, none = _("Not known"), _("None noted")
    seen = short_date(case.last_seen_on) if case.last_seen_on else unknown
    facts = [
        (_("Born"), wording.born(person.born_first, person.born_last) or unknown),
        (_("Birth place"), person.birth_place or unknown),
        (_("Mother"), person.mother_name or unknown),
        (_("Father"), person.father_name or unknown),
        (_("Last seen"), seen),
        (_("Last place"), case.last_seen_at or unknown),
        (_("Circumstances"), case.circumstances or none),
        (_("Marks and clothing"), case.marks or none),
        (_("Opened"), short_date(case.opened_on)),
        (_("Owner"), case.owner or _("Nobody")),
    ]
    if case.external_ref:
        facts.append((_("External reference"), case.external_ref))
    return tuple(facts)


def _awaited(actions: Sequence[Any], partners: dict[int, str]) -> tuple[Awaited, ...]:
    made = [
        Awaited(
            id=row.id,
            revision=row.revision,
            what=_(wording.ACTION[row.kind]),
            whom=partners.get(row.partner_id, ""),
            note=row.note,
            on=row.on_date,
            due=row.answer_due,
        )
        for row in actions
        if row.outcome is ActionOutcome.PENDING
    ]
    return tuple(sorted(made, key=lambda item: (item.due or dt.date.max, item.on, item.id)))


def _call(call: CallLike) -> Event:
    title = _("Call from {name}").format(name=call.caller) if call.caller else _("Call")
    return Event("call", call.enquiry_id, call.on, call.at, title, call.summary, call.operator)


def _action(row: Any, partners: dict[int, str], who: dict[tuple[str, int], str]) -> Event:
    title = _(wording.ACTION[row.kind])
    if whom := partners.get(row.partner_id, ""):
        title = _("{action}: {organisation}").format(action=title, organisation=whom)
    words, tone = wording.ANSWER[row.outcome]
    tag: Tagged | None = Tagged(_(words), tone)
    if row.outcome is ActionOutcome.PENDING:
        tag = Tagged(*wording.due(row.answer_due, clock.today())) if row.answer_due else None
    return Event(
        "action",
        row.id,
        row.on_date,
        "",
        title,
        row.note,
        who.get(("case_action", row.id), ""),
        tag,
    )


def _information(row: Any, who: dict[tuple[str, int], str]) -> Event:
    title = _(wording.FATE[row.fate]) if row.fate is not Fate.UNKNOWN else _("Information received")
    parts = [row.whereabouts]
    if row.source:
        parts.append(_("Source: {source}").format(source=row.source))
    if row.verified_by:
        parts.append(_("Confirmed by {name}").format(name=row.verified_by))
    parts.append(_(wording.SHARING[row.share_with_family]))
    words, tone = wording.RELIABILITY[row.reliability]
    return Event(
        "information",
        row.id,
        row.on_date,
        "",
        title,
        "\n".join(part for part in parts if part),
        who.get(("information_received", row.id), ""),
        Tagged(_(words), tone),
    )


def _informed(row: Any, who: dict[tuple[str, int], str]) -> Event:
    told = _("Told: {names}").format(names=row.told) if row.told else ""
    return Event(
        "informed",
        row.id,
        row.on_date,
        "",
        _("Family informed"),
        "\n".join(part for part in (told, _(wording.MEANS[row.how])) if part),
        who.get(("family_informed", row.id), ""),
        Tagged(_(wording.FATE[row.fate]), "neutral"),
    )


def _status(row: CaseStatus) -> Event:
    words, tone = wording.STATUS[Status(row.status)]
    return Event(
        "status", row.id or 0, row.valid_from, "", _("Status"), "", "", Tagged(_(words), tone)
    )
