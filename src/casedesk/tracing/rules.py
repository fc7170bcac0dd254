"""What may be done to tracing cases: open, search, inform the family, close, reopen, transfer.

Case numbers are `2024-018441-7`: year, serial within the year, check digit. The check digit is
ISO 7064 MOD 11,10 over the ten digits before it: it reveals every wrongly copied digit.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlmodel import Session, col, func, select

from casedesk.kernel import clock
from casedesk.kernel import status as kernel_status
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import N_, _, number
from casedesk.partners import rules as partners
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.people.rules import NewPerson
from casedesk.tracing.records import (
    OPEN_STATUSES,
    ActionKind,
    ActionOutcome,
    CaseAction,
    CaseActionDraft,
    CaseEnquirer,
    CaseEnquirerDraft,
    CaseStatus,
    ExportLog,
    ExportLogDraft,
    FamilyInformed,
    FamilyInformedDraft,
    Fate,
    InformationReceived,
    InformationReceivedDraft,
    Outcome,
    Reliability,
    Sharing,
    Status,
    TracingCase,
    TracingCaseDraft,
)

AT_ONCE = 2_000
"""How many cases one act changes at most."""
FIRST_STATUSES = (Status.DRAFT, Status.RECEIVED, Status.OPEN)
ENDED = (Status.CLOSED, Status.TRANSFERRED)
BEFORE_INFORMATION = (Status.OPEN, Status.IN_TRACING, Status.PENDING, Status.SUSPENDED)

STEPS: dict[Status, tuple[Status, ...]] = {
    Status.DRAFT: (Status.RECEIVED,),
    Status.RECEIVED: (Status.OPEN, Status.NOT_ACCEPTED),
    Status.NOT_ACCEPTED: (Status.RECEIVED,),
    Status.OPEN: (Status.IN_TRACING, Status.PENDING, Status.SUSPENDED),
    Status.IN_TRACING: (Status.PENDING, Status.SUSPENDED),
    Status.INFORMATION_RECEIVED: (
        Status.VERIFIED,
        Status.IN_TRACING,
        Status.PENDING,
        Status.SUSPENDED,
    ),
    Status.VERIFIED: (Status.IN_TRACING, Status.PENDING, Status.SUSPENDED),
    Status.FAMILY_INFORMED: (Status.IN_TRACING, Status.PENDING, Status.SUSPENDED),
    Status.PENDING: (Status.OPEN, Status.IN_TRACING, Status.SUSPENDED),
    Status.SUSPENDED: (Status.OPEN, Status.IN_TRACING, Status.PENDING),
}
"""Steps a user takes by hand; the others follow from an act of their own."""


def check_digit(digits: str) -> str:
    """Compute the ISO 7064 MOD 11,10 check digit of a string of digits."""
    product = 10
    for digit in digits:
        product = (int(digit) + product) % 10 or 10
        product = product * 2 % 11
    return str((11 - product) % 10)


def case_number(year: int, serial: int) -> str:
    """Write the case number of a serial within a year."""
    if not (1000 <= year <= 9999 and 1 <= serial <= 999_999):
        raise Refused(_("No case number is left for this year."))
    body = f"{year:04d}{serial:06d}"
    return f"{body[:4]}-{body[4:]}-{check_digit(body)}"


def is_case_number(text: str) -> bool:
    """Tell whether a text is a case number without a copying error."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{6})-([0-9])", text)
    return match is not None and check_digit(match[1] + match[2]) == match[3]


_SAID = re.compile(r"(\d{4})\D?(\d{3})\D?(\d{3})(?:\D?\d)?")


def by_number(session: Session, said: str) -> list[TracingCase]:
    """Find a case by its number as people say it: 2024-018 441, 2024018441, 2024-018441-7."""
    match = _SAID.fullmatch(said.strip())
    if match is None:
        return []
    start = f"{match[1]}-{match[2]}{match[3]}-"
    number = col(TracingCase.number)
    found = select(TracingCase).where(number >= start, number < start + "~")
    return list(session.exec(found).all())


@act("tracing.open_case", N_("Open case"))
def open_case(
    session: Session, draft: TracingCaseDraft, enquirers: Sequence[CaseEnquirerDraft] = ()
) -> TracingCase:
    """Open a case for a sought person; its number is given here unless it brings a valid one."""
    people.active(session, draft.person_id)
    if draft.status not in FIRST_STATUSES:
        raise Refused(_("A case begins as a draft, received or open."))
    number = draft.number or case_number(draft.opened_on.year, _next_serial(session, draft))
    if not is_case_number(number):
        raise Refused(_("This is not a case number: a digit was copied wrongly."))
    if session.exec(select(TracingCase.id).where(TracingCase.number == number)).first():
        raise Refused(_("This case number is already taken."))
    case = TracingCase.of(_with(draft, number=number))
    session.add(case)
    session.flush()
    _write_status(session, case, draft.status, draft.opened_on)
    for enquirer in enquirers:
        add_enquirer(session, _with(enquirer, case_id=case.id))
    return case


@act("tracing.change", N_("Change case"))
def change_case(
    session: Session, case_id: int, draft: TracingCaseDraft, revision: int
) -> TracingCase:
    """Correct what is written about a case; number, status and result have acts of their own."""
    case = _case(session, case_id)
    for name in ("number", "person_id", "status", "opened_on", "closed_on", "outcome"):
        if getattr(draft, name) != getattr(case, name):
            raise Refused(_("Number, sought person, status and result do not change in the form."))
    case.apply(draft, revision=revision)
    session.add(case)
    session.flush()
    return case


@act("tracing.open_case_for", N_("Open case"))
def open_case_for(
    session: Session,
    sought: NewPerson | int,
    draft: TracingCaseDraft,
    asking: NewPerson | int | None = None,
    relation: str = "",
) -> TracingCase:
    """Open a case for persons who are perhaps not in the file yet, all or nothing."""
    case = open_case(session, _with(draft, person_id=_person(session, sought)))
    if asking is not None:
        values: dict[str, Any] = {"case_id": case.id, "main": True}
        values["person_id"] = _person(session, asking)
        values["relation"] = relation
        add_enquirer(session, CaseEnquirerDraft.checked(values))
    return case


@dataclass(frozen=True)
class FileChange:
    """What a form offers about a case, the person sought and the name, with what it has read."""

    case: TracingCaseDraft
    case_revision: int
    person: PersonDraft
    person_revision: int
    name_id: int | None = None
    name: PersonNameDraft | None = None
    name_revision: int = 0


@act("tracing.change_file", N_("Change case"))
def change_file(session: Session, case_id: int, change: FileChange) -> TracingCase:
    """Correct a case and the person sought together; one stale part refuses the whole."""
    case = change_case(session, case_id, change.case, change.case_revision)
    person = people.current(session, case.person_id)
    people.change_person(session, cast(int, person.id), change.person, change.person_revision)
    if change.name is not None and change.name_id is not None:
        people.change_name(session, change.name_id, change.name, change.name_revision)
    elif change.name is not None:
        people.add_name(session, change.name)
    session.flush()
    return case


@act("tracing.assign", N_("Assign cases"))
def assign(session: Session, case_ids: Sequence[int], owner: str) -> int:
    """Give cases to one officer, or to nobody; tell how many changed hands."""
    moved = 0
    for case_id in _some(case_ids):
        case = _case(session, case_id)
        if case.owner != owner.strip():
            case.apply(_with(case.draft(), owner=owner))
            session.add(case)
            moved += 1
    session.flush()
    return moved


@act("tracing.change_status", N_("Change case status"))
def change_status(
    session: Session, case_id: int, new: Status, on: dt.date, revision: int | None = None
) -> TracingCase:
    """Take a case one step further, or aside; unreachable steps are refused."""
    case = _case(session, case_id)
    if new not in STEPS.get(case.status, ()):
        raise Refused(_("The case cannot take this step from its present status."))
    return _move(session, case, new, on, revision=revision)


@act("tracing.add_enquirer", N_("Add enquirer"))
def add_enquirer(session: Session, draft: CaseEnquirerDraft) -> CaseEnquirer:
    """Add a relative who asks for the search; a case has one main contact at most."""
    case = _case(session, draft.case_id)
    people.active(session, draft.person_id)
    if draft.person_id == case.person_id:
        raise Refused(_("The sought person cannot be an enquirer of the case."))
    others = session.exec(select(CaseEnquirer).where(CaseEnquirer.case_id == case.id)).all()
    if any(other.person_id == draft.person_id for other in others):
        raise Refused(_("This person is an enquirer of the case already."))
    if draft.main:
        for other in others:
            if other.main:
                other.apply(_with(other.draft(), main=False))
                session.add(other)
    enquirer = CaseEnquirer.of(draft)
    session.add(enquirer)
    session.flush()
    return enquirer


@act("tracing.change_enquirer", N_("Change enquirer"))
def change_enquirer(
    session: Session, enquirer_id: int, draft: CaseEnquirerDraft, revision: int
) -> CaseEnquirer:
    """Correct relation and consent, or make this the main contact in place of another."""
    enquirer = session.get(CaseEnquirer, enquirer_id)
    if enquirer is None:
        raise NotFound(_("There is no such enquirer."))
    if (draft.case_id, draft.person_id) != (enquirer.case_id, enquirer.person_id):
        raise Refused(_("An enquirer stays with the case. Add the other person instead."))
    if draft.main:
        for other in session.exec(
            select(CaseEnquirer).where(
                CaseEnquirer.case_id == enquirer.case_id, CaseEnquirer.id != enquirer_id
            )
        ).all():
            if other.main:
                other.apply(_with(other.draft(), main=False))
                session.add(other)
    enquirer.apply(draft, revision=revision)
    session.add(enquirer)
    session.flush()
    return enquirer


@act("tracing.add_new_enquirer", N_("Add enquirer"))
def add_new_enquirer(session: Session, person: NewPerson, draft: CaseEnquirerDraft) -> CaseEnquirer:
    """Add a relative who is not in the file yet."""
    return add_enquirer(session, _with(draft, person_id=people.register_new(session, person).id))


@act("tracing.record_actions", N_("Record action"))
def record_actions(session: Session, case_ids: Sequence[int], draft: CaseActionDraft) -> int:
    """Note the same step for several cases at once: for all of them, or for none."""
    chosen = _some(case_ids)
    for case_id in chosen:
        record_action(session, _with(draft, case_id=case_id))
    return len(chosen)


@act("tracing.record_action", N_("Record action"))
def record_action(session: Session, draft: CaseActionDraft) -> CaseAction:
    """Note a step of the search; the first one takes an open case into tracing."""
    case = _active_case(session, draft.case_id)
    if draft.partner_id is not None:
        partners.known(session, draft.partner_id)
    _not_before(case, draft.on_date)
    action = CaseAction.of(draft)
    session.add(action)
    session.flush()
    if case.status is Status.OPEN:
        _advance(session, case, Status.IN_TRACING, draft.on_date)
    return action


@act("tracing.answer_action", N_("Record answer"))
def answer_action(
    session: Session, action_id: int, outcome: ActionOutcome, note: str, revision: int
) -> CaseAction:
    """Note how a step of the search ended."""
    action = session.get(CaseAction, action_id)
    if action is None:
        raise NotFound(_("There is no such action."))
    _active_case(session, action.case_id)
    action.apply(_with(action.draft(), outcome=outcome, note=note), revision=revision)
    session.add(action)
    session.flush()
    return action


@act("tracing.record_information", N_("Record information"))
def record_information(session: Session, draft: InformationReceivedDraft) -> InformationReceived:
    """Keep what came back; a death is never kept without saying where it is known from."""
    case = _active_case(session, draft.case_id)
    _not_before(case, draft.on_date)
    if draft.fate is Fate.DEAD and not draft.source:
        raise Refused(_("Say where the death is known from."))
    information = InformationReceived.of(draft)
    session.add(information)
    session.flush()
    if case.status in BEFORE_INFORMATION:
        _advance(session, case, Status.INFORMATION_RECEIVED, draft.on_date)
    return information


@act("tracing.inform_family", N_("Inform family"))
def inform_family(session: Session, draft: FamilyInformedDraft) -> FamilyInformed:
    """Note that the family was told; what may not be shared was not told."""
    case = _active_case(session, draft.case_id)
    _not_before(case, draft.on_date)
    if not draft.told:
        raise Refused(_("Say who was told."))
    if draft.fate is not Fate.UNKNOWN:
        sharing = session.exec(
            select(InformationReceived.share_with_family).where(
                InformationReceived.case_id == case.id, InformationReceived.fate == draft.fate
            )
        ).all()
        if not sharing:
            raise Refused(_("Record the information about the fate first."))
        if all(item is Sharing.NO for item in sharing):
            raise Refused(_("This information may not be shared with the family."))
    informed = FamilyInformed.of(draft)
    session.add(informed)
    session.flush()
    if case.status is not Status.FAMILY_INFORMED:
        _advance(session, case, Status.FAMILY_INFORMED, draft.on_date)
    return informed


@act("tracing.close", N_("Close case"))
def close(
    session: Session,
    case_id: int,
    outcome: Outcome,
    on: dt.date,
    source: str = "",
    confirmed_by: str = "",
    revision: int | None = None,
) -> TracingCase:
    """Close a case with its outcome.

    A death needs its source and a second person who confirms it: somebody else than the one who
    closes. Both are kept as information received.
    """
    case = _active_case(session, case_id)
    if outcome in (Outcome.TRANSFERRED, Outcome.DUPLICATE):
        raise Refused(_("A transfer and a duplicate are not closings."))
    if outcome is Outcome.DEAD:
        actor = str(session.info.get("actor", ""))
        if not source.strip():
            raise Refused(_("Say where the death is known from."))
        if not confirmed_by.strip() or _same_name(confirmed_by, actor):
            raise Refused(_("A second person has to confirm the death."))
        session.add(
            InformationReceived.of(
                InformationReceivedDraft.checked(
                    {
                        "case_id": case.id,
                        "on_date": on,
                        "source": source,
                        "reliability": Reliability.CONFIRMED,
                        "fate": Fate.DEAD,
                        "verified_by": confirmed_by,
                    }
                )
            )
        )
    return _move(session, case, Status.CLOSED, on, outcome=outcome, revision=revision)


@act("tracing.withdraw", N_("Withdraw case"))
def withdraw(
    session: Session, case_id: int, on: dt.date, revision: int | None = None
) -> TracingCase:
    """Close a case because the enquirer no longer asks for the search."""
    return close(session, case_id, Outcome.WITHDRAWN, on, revision=revision)


@act("tracing.transfer", N_("Transfer case"))
def transfer(
    session: Session, case_id: int, to: str, on: dt.date, revision: int | None = None
) -> TracingCase:
    """Hand a case over; to whom stays with its actions."""
    case = _active_case(session, case_id)
    if not to.strip():
        raise Refused(_("Say to whom the case goes."))
    values = {"case_id": case.id, "on_date": on, "kind": ActionKind.REFERRAL, "note": to}
    values["outcome"] = ActionOutcome.SUCCESSFUL
    session.add(CaseAction.of(CaseActionDraft.checked(values)))
    return _move(
        session, case, Status.TRANSFERRED, on, outcome=Outcome.TRANSFERRED, revision=revision
    )


@act("tracing.merge_case", N_("Mark case as duplicate"))
def merge_case(
    session: Session, keep_id: int, drop_id: int, on: dt.date, revision: int | None = None
) -> TracingCase:
    """Say that a case is a duplicate of another case about the same person."""
    keep, drop = _active_case(session, keep_id), _active_case(session, drop_id)
    if keep_id == drop_id:
        raise Refused(_("Choose two different cases."))
    sought = (people.current(session, case.person_id).id for case in (keep, drop))
    if len(set(sought)) != 1:
        raise Refused(_("The cases are about different persons. Merge the persons first."))
    values = {"case_id": drop.id, "on_date": on, "kind": ActionKind.OTHER, "note": keep.number}
    values["outcome"] = ActionOutcome.SUCCESSFUL
    session.add(CaseAction.of(CaseActionDraft.checked(values)))
    return _move(session, drop, Status.MERGED, on, outcome=Outcome.DUPLICATE, revision=revision)


@act("tracing.merge_with", N_("Merge cases"))
def merge_with(
    session: Session, keep_id: int, drop_id: int, on: dt.date, revision: int | None = None
) -> TracingCase:
    """Say that two cases are one search for one person, whose two files become one.

    The families who asked through the dropped case are enquirers of the kept one from now on.
    """
    if keep_id == drop_id:
        raise Refused(_("Choose two different cases."))
    keep, drop = _active_case(session, keep_id), _active_case(session, drop_id)
    first, second = (people.current(session, case.person_id).id for case in (keep, drop))
    if first != second:
        people.merge(session, cast(int, first), cast(int, second))
    asking = {item.person_id for item in _enquirers(session, keep_id)}
    for item in _enquirers(session, drop_id):
        if item.person_id not in asking and item.person_id != keep.person_id:
            values = {**item.draft().model_dump(), "case_id": keep_id, "main": False}
            session.add(CaseEnquirer.of(CaseEnquirerDraft.checked(values)))
    return merge_case(session, keep_id, drop_id, on, revision)


def part_case(session: Session, case_id: int, to: Status, on: dt.date) -> None:
    """Make a duplicate a search of its own again, for an act that takes a merge apart."""
    case = _case(session, case_id)
    if case.status is Status.MERGED:
        _move(session, case, to, max(on, _current_since(session, case)))


@act("tracing.reopen", N_("Reopen case"))
def reopen(session: Session, case_id: int, on: dt.date, revision: int | None = None) -> TracingCase:
    """Open a closed or transferred case again; its former closing stays in the journal."""
    case = _case(session, case_id)
    if case.status not in ENDED:
        raise Refused(_("Only a closed or transferred case can be reopened."))
    if case.closed_on is not None and on < case.closed_on:
        raise Refused(_("The case cannot reopen before it was closed."))
    return _move(session, case, Status.OPEN, on, revision=revision)


def refuse_too_many(count: int) -> None:
    """Refuse an act on more cases than one act changes."""
    # One act keeps the writer for itself; more than this would make others wait for seconds.
    if count > AT_ONCE:
        raise Refused(_("Choose at most {count} cases at once.").format(count=number(AT_ONCE)))


def _some(case_ids: Sequence[int]) -> Sequence[int]:
    refuse_too_many(len(case_ids))
    return case_ids


def _person(session: Session, who: NewPerson | int) -> int:
    return who if isinstance(who, int) else cast(int, people.register_new(session, who).id)


def _enquirers(session: Session, case_id: int) -> Sequence[CaseEnquirer]:
    return session.exec(select(CaseEnquirer).where(CaseEnquirer.case_id == case_id)).all()


def _case(session: Session, case_id: int) -> TracingCase:
    case = session.get(TracingCase, case_id)
    if case is None:
        raise NotFound(_("There is no such case."))
    return case


def _active_case(session: Session, case_id: int) -> TracingCase:
    case = _case(session, case_id)
    if case.status not in OPEN_STATUSES:
        raise Refused(_("The case is not open."))
    return case


def _not_before(case: TracingCase, on: dt.date) -> None:
    if on < case.opened_on:
        raise Refused(_("The date lies before the opening of the case."))


def _advance(session: Session, case: TracingCase, new: Status, on: dt.date) -> None:
    """Move a case because of an event, noted late perhaps: later steps are not wiped out."""
    _move(session, case, new, max(on, _current_since(session, case)))


def _move(
    session: Session,
    case: TracingCase,
    new: Status,
    on: dt.date,
    *,
    outcome: Outcome | None = None,
    revision: int | None = None,
) -> TracingCase:
    _not_before(case, on)
    if on < _current_since(session, case):
        raise Refused(_("The case took a later step already. Choose a later date."))
    ended = on if outcome is not None else None
    case.apply(_with(case.draft(), status=new, outcome=outcome, closed_on=ended), revision=revision)
    session.add(case)
    session.flush()
    _write_status(session, case, new, on)
    return case


def _write_status(session: Session, case: TracingCase, new: Status, on: dt.date) -> None:
    kernel_status.change(
        session, CaseStatus, "case_id", cast(int, case.id), new.value, on=on, known=clock.today()
    )


def _current_since(session: Session, case: TracingCase) -> dt.date:
    since = session.exec(
        select(func.max(CaseStatus.valid_from)).where(
            CaseStatus.case_id == case.id, col(CaseStatus.known_to).is_(None)
        )
    ).one()
    return since or case.opened_on


def _next_serial(session: Session, draft: TracingCaseDraft) -> int:
    # the fixed width makes the greatest text the greatest serial, and the unique index finds it
    year = f"{draft.opened_on.year:04d}"
    greatest = session.exec(
        select(func.max(TracingCase.number)).where(
            col(TracingCase.number) > f"{year}-", col(TracingCase.number) < f"{year}-~"
        )
    ).one()
    return int(greatest[5:11]) + 1 if greatest else 1


def _same_name(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _with(draft: Any, **changed: Any) -> Any:
    """Make the same draft with some values changed, validated again."""
    return type(draft).checked({**draft.model_dump(), **changed})


@act("tracing.export", N_("Export cases"), undoable=False)
def log_export(session: Session, draft: ExportLogDraft) -> ExportLog:
    """Note that a list of cases leaves the house: how many, which, and what for."""
    noted = ExportLog.of(draft)
    session.add(noted)
    session.flush()
    return noted
