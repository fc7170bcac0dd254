"""What may be done to programmes, households, registrations and possible doubles.

What happens in a round, up to the receipt, is in `rounds`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from casedesk.assistance import bulk, doubles, wording
from casedesk.assistance.doubles import DoubleFound, Finding
from casedesk.assistance.records import (
    LIVE,
    UNDECIDED,
    Decision,
    Double,
    DoubleDraft,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdDraft,
    HouseholdMember,
    HouseholdMemberDraft,
    Programme,
    ProgrammeDraft,
    Registration,
    RegistrationDraft,
    RegistrationLife,
    RegistrationStatus,
    Round,
    Stage,
    same_name,
)
from casedesk.kernel import clock
from casedesk.kernel import status as kernel_status
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import N_, _, number
from casedesk.kernel.store import listed, update_rows
from casedesk.partners import rules as partners
from casedesk.people import rules as people
from casedesk.people.records import TEXT
from casedesk.people.rules import NewPerson

AT_ONCE = 20_000
"""How many registrations one act changes at most."""

STEPS: dict[RegistrationStatus, tuple[RegistrationStatus, ...]] = {
    RegistrationStatus.NEW: (RegistrationStatus.VALIDATED, RegistrationStatus.DECLINED),
    RegistrationStatus.VALIDATED: (RegistrationStatus.INCLUDED, RegistrationStatus.DECLINED),
    RegistrationStatus.INCLUDED: (
        RegistrationStatus.PAUSED,
        RegistrationStatus.COMPLETED,
        RegistrationStatus.EXITED,
    ),
    RegistrationStatus.PAUSED: (RegistrationStatus.INCLUDED, RegistrationStatus.EXITED),
    RegistrationStatus.COMPLETED: (),
    RegistrationStatus.DECLINED: (RegistrationStatus.NEW,),
    RegistrationStatus.EXITED: (),
}


@dataclass(frozen=True)
class NewMember:
    """Somebody of a household: a person of the file, or one who is registered on the way."""

    person: NewPerson | int
    member: HouseholdMemberDraft


@dataclass(frozen=True)
class NewHousehold:
    """A household not yet in the file, offered to an act that registers it on the way."""

    household: HouseholdDraft
    members: tuple[NewMember, ...]


@dataclass(frozen=True)
class Registered:
    """A registration that was made, and the possible doubles that were found and noted."""

    registration: Registration
    findings: tuple[Finding, ...]


# ------------------------------------------------------------------------------------ programmes


@act("assistance.add_programme", N_("Add programme"))
def add_programme(session: Session, draft: ProgrammeDraft) -> Programme:
    """Begin a programme; two of one name would be one to everybody but the file."""
    if draft.partner_id is not None:
        partners.known(session, draft.partner_id)
    _refuse_same_programme(session, draft.name, None)
    programme = Programme.of(draft)
    session.add(programme)
    session.flush()
    return programme


@act("assistance.change_programme", N_("Change programme"))
def change_programme(
    session: Session, programme_id: int, draft: ProgrammeDraft, revision: int
) -> Programme:
    """Correct a programme; what its figures are counted by stays once a round was opened."""
    programme = programme_of(session, programme_id)
    if draft.partner_id is not None:
        partners.known(session, draft.partner_id)
    _refuse_same_programme(session, draft.name, programme_id)
    begun = session.exec(select(Round.id).where(Round.programme_id == programme_id)).first()
    if begun is not None and any(
        getattr(draft, name) != getattr(programme, name)
        for name in ("modality", "per", "country", "currency")
    ):
        raise Refused(_("A programme with rounds keeps its kind of help, country and currency."))
    programme.apply(draft, revision=revision)
    session.add(programme)
    session.flush()
    return programme


def programme_of(session: Session, programme_id: int) -> Programme:
    """Get a programme, or say that there is none."""
    programme = session.get(Programme, programme_id)
    if programme is None:
        raise NotFound(_("There is no such programme."))
    return programme


def _refuse_same_programme(session: Session, name: str, own_id: int | None) -> None:
    for programme_id, other in session.exec(select(Programme.id, Programme.name)).all():
        if programme_id != own_id and same_name(other, name):
            raise Refused(_("A programme of this name is there already."))


# ------------------------------------------------------------------------------------ households


@act("assistance.add_household", N_("Add household"))
def add_household(session: Session, new: NewHousehold) -> Household:
    """Note a household and who belongs to it; one of them is its head."""
    if sum(item.member.head for item in new.members) != 1:
        raise Refused(_("A household has one head."))
    if new.household.merged_into_id is not None:
        raise Refused(_("A new household cannot be merged already."))
    code = new.household.code or _next_code(session)
    household = Household.of(with_(new.household, code=code))
    session.add(household)
    session.flush()
    for item in new.members:
        _add_member(session, household, item)
    return household


@act("assistance.change_household", N_("Change household"))
def change_household(
    session: Session, household_id: int, draft: HouseholdDraft, revision: int
) -> Household:
    """Correct address, place and need; code and merge are not the form's to change."""
    household = household_of(session, household_id)
    if draft.code != household.code or draft.merged_into_id is not None:
        raise Refused(_("The code of a household does not change."))
    household.apply(draft, revision=revision)
    session.add(household)
    session.flush()
    return household


@act("assistance.add_member", N_("Add member of household"))
def add_member(session: Session, household_id: int, new: NewMember) -> HouseholdMember:
    """Add a person to a household; a new head takes the place of the former one."""
    household = household_of(session, household_id)
    if new.member.head:
        for other in _members(session, household_id):
            if other.head:
                other.apply(with_(other.draft(), head=False))
                session.add(other)
    return _add_member(session, household, new)


@act("assistance.change_member", N_("Change member of household"))
def change_member(
    session: Session, member_id: int, draft: HouseholdMemberDraft, revision: int
) -> HouseholdMember:
    """Correct relation and document, or note the day on which somebody left."""
    member = session.get(HouseholdMember, member_id)
    if member is None:
        raise NotFound(_("There is no such member of a household."))
    if (draft.household_id, draft.person_id, draft.head) != (
        member.household_id,
        member.person_id,
        member.head,
    ):
        raise Refused(_("A member stays with the household. Add the other person instead."))
    if draft.head and draft.until is not None:
        raise Refused(_("Choose another head before this one leaves."))
    member.apply(draft, revision=revision)
    session.add(member)
    session.flush()
    return member


@act("assistance.merge_households", N_("Merge households"))
def merge_households(
    session: Session, keep_id: int, drop_id: int, same: Sequence[tuple[int, int]] = ()
) -> Household:
    """Say that two households are one; `same` are pairs of persons (kept, dropped) who are one.

    Receipts stay where they are, and count for the kept household. Where both are registered in
    one programme, the registration of the dropped household ends.
    """
    if keep_id == drop_id:
        raise Refused(_("Choose two different households."))
    keep, drop = household_of(session, keep_id), household_of(session, drop_id)
    for kept_person, dropped_person in same:
        first, second = (people.current(session, i).id for i in (kept_person, dropped_person))
        if first != second:
            people.merge(session, cast(int, first), cast(int, second))
    own = {people.current(session, m.person_id).id for m in _members(session, keep_id)}
    for member in _members(session, drop_id):
        person_id = people.current(session, member.person_id).id
        if person_id not in own:
            own.add(person_id)
            values = {"household_id": keep_id, "person_id": person_id, "head": False}
            session.add(HouseholdMember.of(with_(member.draft(), **values)))
    taken = {
        item.programme_id
        for item in _registrations(session, keep_id)
        if item.status is not RegistrationStatus.DECLINED
    }
    for item in _registrations(session, drop_id):
        if item.programme_id in taken and item.status in LIVE:
            _end(session, item, _("The household was merged into another."))
        elif item.programme_id not in taken:
            item.apply(with_(item.draft(), household_id=keep_id))
            session.add(item)
    for earlier in session.exec(select(Household).where(Household.merged_into_id == drop_id)).all():
        earlier.apply(with_(earlier.draft(), merged_into_id=keep_id))
        session.add(earlier)
    drop.apply(with_(drop.draft(), merged_into_id=keep_id))
    session.add_all([keep, drop])
    session.flush()
    return keep


def household_of(session: Session, household_id: int) -> Household:
    """Find a household whose file is in use; a merged one takes no more changes."""
    household = session.get(Household, household_id)
    if household is None:
        raise NotFound(_("There is no such household."))
    if household.merged_into_id is not None:
        raise Refused(_("This household was merged into another. Open the other one."))
    return household


def _add_member(session: Session, household: Household, new: NewMember) -> HouseholdMember:
    if isinstance(new.person, NewPerson):
        person_id = cast(int, people.register_new(session, new.person).id)
    else:
        person_id = cast(int, people.active(session, new.person).id)
    present = [m.person_id for m in _members(session, household.id) if m.until is None]
    if person_id in present:
        raise Refused(_("This person is of the household already."))
    values = {"household_id": household.id, "person_id": person_id}
    member = HouseholdMember.of(with_(new.member, **values))
    session.add(member)
    session.flush()
    return member


def _members(session: Session, household_id: int | None) -> Sequence[HouseholdMember]:
    statement = select(HouseholdMember).where(HouseholdMember.household_id == household_id)
    return session.exec(statement.order_by(col(HouseholdMember.id))).all()


def _registrations(session: Session, household_id: int) -> Sequence[Registration]:
    return session.exec(select(Registration).where(Registration.household_id == household_id)).all()


def _next_code(session: Session) -> str:
    # the fixed width makes the greatest text the greatest serial
    greatest = session.exec(select(func.max(Household.code))).one()
    return f"H-{int(greatest[2:]) + 1 if greatest else 1:06}"


# --------------------------------------------------------------------------------- registrations


@act("assistance.register", N_("Register household"))
def register(
    session: Session, draft: RegistrationDraft, household: NewHousehold | None = None
) -> Registered:
    """Register a household, perhaps a new one, in a programme; note the doubles it may be.

    A registration that may be a double is made all the same, and waits for a decision: what
    was typed is not lost, and nothing can be handed over meanwhile.
    """
    programme = programme_of(session, draft.programme_id)
    if draft.status is not RegistrationStatus.NEW:
        raise Refused(_("A registration begins as a new one."))
    if programme.ends_on is not None and draft.registered_on > programme.ends_on:
        raise Refused(_("The programme has ended."))
    if household is not None:
        draft = with_(draft, household_id=add_household(session, household).id)
    household_of(session, draft.household_id)
    same = session.exec(
        select(Registration.id).where(
            Registration.household_id == draft.household_id,
            Registration.programme_id == draft.programme_id,
            Registration.status != RegistrationStatus.DECLINED,
        )
    ).first()
    if same is not None:
        raise Refused(_("The household is registered in this programme already."))
    registration = Registration.of(draft)
    session.add(registration)
    session.flush()
    _write_life(session, registration, draft.registered_on)
    registration_id = cast(int, registration.id)
    found = doubles.find(session, [registration_id])
    note_doubles(session, found, Stage.REGISTRATION, None)
    return Registered(registration, tuple(found))


@dataclass(frozen=True)
class NewRegistration:
    """A registration of an import: a household of the file by its id in the draft, or a new one."""

    draft: RegistrationDraft
    household: NewHousehold | None = None


@act("assistance.register_many", N_("Import registrations"))
def register_many(session: Session, new: Sequence[NewRegistration]) -> list[Registered]:
    """Register many households at once: all of them, or none; note the doubles they may be.

    What `register` refuses is refused here too, with the row's place in the list.
    """
    ids, findings = register_rows(session, new)
    found: dict[int, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.registration_id, []).append(finding)
    made = {
        row.id: row
        for row in session.exec(
            select(Registration).where(col(Registration.id) >= min(ids, default=0))
        ).all()
    }
    return [Registered(made[i], tuple(found.get(i, ()))) for i in ids]


def register_rows(
    session: Session, new: Sequence[NewRegistration], *, pairs: doubles.Pairs | None = None
) -> tuple[list[int], list[Finding]]:
    """Do what `register_many` does as part of another act; give ids and noted doubles.

    `pairs` is what `doubles.foresee` found in the same state of the file, if it was asked already.
    """
    rows = gathered(session, new)
    if pairs is None:
        pairs = doubles.foresee(session, rows.unsaved())[1]
    ids = rows.write()
    found = doubles.told(session, pairs)
    note_doubles(session, found, Stage.REGISTRATION, None)
    return ids, found


def gathered(session: Session, new: Sequence[NewRegistration]) -> bulk.Rows:
    """Gather the rows of registrations as they would be written; refuse what `register` does."""
    if len(new) > AT_ONCE:
        raise Refused(_("Choose at most {count} at once.").format(count=number(AT_ONCE)))
    programmes = {i: programme_of(session, i) for i in {item.draft.programme_id for item in new}}
    there = {
        (programme, household)
        for programme, household in session.exec(
            select(Registration.programme_id, Registration.household_id).where(
                col(Registration.programme_id).in_(list(programmes)),
                Registration.status != RegistrationStatus.DECLINED,
            )
        ).all()
    }
    rows = bulk.Rows(session)
    for at, item in enumerate(new, start=1):
        draft, programme = item.draft, programmes[item.draft.programme_id]
        if draft.status is not RegistrationStatus.NEW:
            raise _row(at, _("A registration begins as a new one."))
        if programme.ends_on is not None and draft.registered_on > programme.ends_on:
            raise _row(at, _("The programme has ended."))
        if item.household is not None:
            if sum(member.member.head for member in item.household.members) != 1:
                raise _row(at, _("A household has one head."))
            household_id = rows.household(item.household)
        else:
            household_id = cast(int, household_of(session, draft.household_id).id)
        if (draft.programme_id, household_id) in there:
            raise _row(at, _("The household is registered in this programme already."))
        there.add((draft.programme_id, household_id))
        rows.registration(draft, household_id)
    return rows


def _row(at: int, text: str) -> Refused:
    return Refused(_("Row {row}: {text}").format(row=number(at), text=text))


@act("assistance.change_registration", N_("Change registration"))
def change_registration(
    session: Session, registration_id: int, draft: RegistrationDraft, revision: int
) -> Registration:
    """Correct criteria, consent and card; programme, household and status have other acts."""
    registration = registration_of(session, registration_id)
    for name in ("programme_id", "household_id", "status", "registered_on"):
        if getattr(draft, name) != getattr(registration, name):
            raise Refused(_("Programme, household and status do not change in the form."))
    registration.apply(draft, revision=revision)
    session.add(registration)
    session.flush()
    note_doubles(session, doubles.find(session, [registration_id]), Stage.REGISTRATION, None)
    return registration


@act("assistance.change_status", N_("Change registration"))
def change_status(
    session: Session,
    registration_ids: Sequence[int],
    new: RegistrationStatus,
    on: dt.date,
    reason: str = "",
) -> int:
    """Take registrations one step further: all of them or none; tell how many.

    A possible double that nobody decided yet is not included.
    """
    if len(registration_ids) > AT_ONCE:
        raise Refused(_("Choose at most {count} at once.").format(count=number(AT_ONCE)))
    if new is RegistrationStatus.INCLUDED:
        open_ = doubles.undecided(session, registration_ids)
        if open_:
            raise DoubleFound(open_)
    held = {
        row.id: row
        for row in session.execute(
            sa.select(
                col(Registration.id), col(Registration.status), col(Registration.registered_on)
            ).where(col(Registration.id).in_(listed(registration_ids)))
        )
    }
    if len(held) < len(set(registration_ids)):
        raise NotFound(_("There is no such registration."))
    if any(new not in STEPS[row.status] for row in held.values()):
        raise Refused(_("The registration cannot take this step from its present status."))
    later = sa.select(col(RegistrationLife.id)).where(
        col(RegistrationLife.registration_id).in_(listed(registration_ids)),
        col(RegistrationLife.known_to).is_(None),
        col(RegistrationLife.valid_from) > on,
    )
    if any(on < row.registered_on for row in held.values()) or session.execute(later).first():
        raise Refused(_("The registration took a later step already. Choose a later date."))
    if new in (RegistrationStatus.EXITED, RegistrationStatus.COMPLETED):
        for registration_id in registration_ids:
            _stop_planned(session, registration_id, reason or _("The registration has ended."))
    change_status_rows(session, registration_ids, new, on)
    if reason.strip():
        _note_reason(session, registration_ids, new, on, " ".join(reason.split()))
    return len(registration_ids)


def _note_reason(
    session: Session,
    registration_ids: Sequence[int],
    new: RegistrationStatus,
    on: dt.date,
    reason: str,
) -> None:
    """Keep why a registration was paused, declined or ended in the note of the household."""
    line = _("{status}, {date}, {name}: {reason}").format(
        status=_(wording.REGISTRATION[new][0]),
        date=wording.short_date(on),
        name=actor_of(session),
        reason=reason,
    )
    homes = session.exec(
        select(Registration.household_id).where(col(Registration.id).in_(listed(registration_ids)))
    ).all()
    before = col(Household.note)
    joined = sa.case((before == "", line), else_=before + "\n" + line)
    # the newest words stay where the note is full
    fitting = sa.func.substr(joined, -TEXT)
    HouseholdDraft.checked({"note": line})
    update_rows(session, Household, homes, {"note": fitting})


def change_status_rows(
    session: Session,
    registration_ids: Sequence[int],
    new: RegistrationStatus,
    on: dt.date | None = None,
) -> None:
    """Write a status that is allowed for all of these, as part of an act; by default of today."""
    update_rows(session, Registration, registration_ids, {"status": new})
    today = clock.today()
    kernel_status.change_many(
        session,
        RegistrationLife,
        "registration_id",
        registration_ids,
        new.value,
        on or today,
        today,
    )


def registration_of(session: Session, registration_id: int) -> Registration:
    """Get a registration, or say that there is none."""
    registration = session.get(Registration, registration_id)
    if registration is None:
        raise NotFound(_("There is no such registration."))
    return registration


def _end(session: Session, registration: Registration, reason: str) -> None:
    """End a registration by the step that its status allows; nothing planned stays planned."""
    _stop_planned(session, cast(int, registration.id), reason)
    early = (RegistrationStatus.NEW, RegistrationStatus.VALIDATED)
    ended = (
        RegistrationStatus.DECLINED if registration.status in early else RegistrationStatus.EXITED
    )
    _move(session, registration, ended, clock.today())


def _stop_planned(session: Session, registration_id: int, reason: str) -> None:
    for item in session.exec(
        select(Entitlement).where(
            Entitlement.registration_id == registration_id,
            Entitlement.status == EntitlementStatus.PLANNED,
        )
    ).all():
        item.apply(with_(item.draft(), status=EntitlementStatus.STOPPED, reason=reason))
        session.add(item)
    session.flush()


def _move(
    session: Session, registration: Registration, new: RegistrationStatus, on: dt.date
) -> None:
    since = session.exec(
        select(func.max(RegistrationLife.valid_from)).where(
            RegistrationLife.registration_id == registration.id,
            col(RegistrationLife.known_to).is_(None),
        )
    ).one()
    if on < registration.registered_on or (since is not None and on < since):
        raise Refused(_("The registration took a later step already. Choose a later date."))
    registration.apply(with_(registration.draft(), status=new))
    session.add(registration)
    session.flush()
    _write_life(session, registration, on)


def _write_life(session: Session, registration: Registration, on: dt.date) -> None:
    kernel_status.change(
        session,
        RegistrationLife,
        "registration_id",
        cast(int, registration.id),
        registration.status.value,
        on=on,
        known=clock.today(),
    )


# --------------------------------------------------------------------------- possible doubles


def note_doubles(
    session: Session, found: Sequence[Finding], stage: Stage, round_id: int | None
) -> list[Double]:
    """Keep what was found and not noted yet, so that somebody decides it; part of other acts."""
    noted = []
    for finding in found:
        if finding.decision is None:
            double = Double.of(
                DoubleDraft.checked(
                    {
                        "registration_id": finding.registration_id,
                        "other_id": finding.other_id,
                        "round_id": round_id,
                        "rule": finding.rule,
                        "signals": ",".join(signal.value for signal in finding.signals),
                        "stage": stage,
                        "found_on": clock.today(),
                    }
                )
            )
            session.add(double)
            noted.append(double)
    session.flush()
    return noted


@act("assistance.note_double", N_("Note possible double"))
def note_double(session: Session, entitlement_id: int) -> list[Double]:
    """Keep what handing over has found, after it was refused with `DoubleFound`."""
    item = session.get(Entitlement, entitlement_id)
    if item is None:
        raise NotFound(_("There is no such entitlement."))
    found = doubles.undecided(session, [item.registration_id], on=clock.today())
    return note_doubles(session, found, Stage.HANDING_OVER, item.round_id)


@act("assistance.give_anyway", N_("Give anyway"))
def give_anyway(
    session: Session, double_id: int, reason: str, revision: int | None = None
) -> Double:
    """Decide that both are served, with a reason; a second person has to confirm it."""
    return _decide(session, double_id, Decision.TO_CONFIRM, reason, revision)


@act("assistance.confirm_double", N_("Confirm giving anyway"))
def confirm_double(session: Session, double_id: int, revision: int | None = None) -> Double:
    """Confirm, as the second person, that both are served."""
    double = double_of(session, double_id)
    if double.decision is not Decision.TO_CONFIRM:
        raise Refused(_("There is nothing to confirm here."))
    actor = actor_of(session)
    if same_name(actor, double.decided_by):
        raise Refused(_("The second person is another one."))
    changed = {"decision": Decision.GIVEN_ANYWAY, "confirmed_by": actor}
    double.apply(with_(double.draft(), **changed), revision=revision)
    session.add(double)
    session.flush()
    return double


@act("assistance.stop_double", N_("Stop double assistance"))
def stop_double(
    session: Session, double_id: int, reason: str, revision: int | None = None
) -> Double:
    """Decide that the registration is not served; what was planned for it is stopped."""
    double = _decide(session, double_id, Decision.STOPPED, reason, revision)
    registration = registration_of(session, double.registration_id)
    if registration.status in LIVE:
        _end(session, registration, double.reason)
    _settle(session, registration, double)
    return double


@act("assistance.merge_double", N_("Merge households"))
def merge_double(
    session: Session,
    double_id: int,
    reason: str,
    same: Sequence[tuple[int, int]] = (),
    revision: int | None = None,
) -> Double:
    """Decide that both are one household: they are merged, the earlier registration stays."""
    double = _decide(session, double_id, Decision.MERGED, reason, revision)
    here = registration_of(session, double.registration_id)
    there = registration_of(session, double.other_id)
    keep, drop = (current_household(session, r.household_id) for r in (there, here))
    if keep != drop:
        merge_households(session, keep, drop, same)
    if here.status in LIVE:
        _end(session, here, double.reason)
    _settle(session, here, double)
    return double


@act("assistance.reopen_double", N_("Decide again"))
def reopen_double(session: Session, double_id: int, revision: int | None = None) -> Double:
    """Take back a decision that waits for its second person."""
    double = double_of(session, double_id)
    if double.decision is not Decision.TO_CONFIRM:
        raise Refused(_("This was decided already. Undo the decision instead."))
    cleared = {"decision": Decision.OPEN, "reason": "", "decided_by": "", "decided_on": None}
    double.apply(with_(double.draft(), **cleared), revision=revision)
    session.add(double)
    session.flush()
    return double


def double_of(session: Session, double_id: int) -> Double:
    """Get a possible double, or say that there is none."""
    double = session.get(Double, double_id)
    if double is None:
        raise NotFound(_("There is no such possible double."))
    return double


def current_household(session: Session, household_id: int) -> int:
    """Find the household in use, past a merge."""
    household = session.get(Household, household_id)
    if household is None:
        raise NotFound(_("There is no such household."))
    return household.merged_into_id or household_id


def _decide(
    session: Session, double_id: int, decision: Decision, reason: str, revision: int | None
) -> Double:
    double = double_of(session, double_id)
    if double.decision not in UNDECIDED:
        raise Refused(_("This was decided already."))
    if not reason.strip():
        raise Refused(_("Give the reason: it is kept with your name."))
    changed = {
        "decision": decision,
        "reason": reason,
        "decided_by": actor_of(session),
        "decided_on": clock.today(),
    }
    double.apply(with_(double.draft(), **changed), revision=revision)
    session.add(double)
    session.flush()
    return double


def _settle(session: Session, registration: Registration, decided: Double) -> None:
    """Close the other open doubles of a registration that is not served any more."""
    for other in session.exec(
        select(Double).where(
            Double.registration_id == registration.id,
            col(Double.decision).in_(UNDECIDED),
            Double.id != decided.id,
        )
    ).all():
        changed = {
            "decision": decided.decision,
            "reason": decided.reason,
            "decided_by": decided.decided_by,
            "decided_on": decided.decided_on,
        }
        other.apply(with_(other.draft(), **changed))
        session.add(other)
    session.flush()


# ---------------------------------------------------------------------------------------- shared


def actor_of(session: Session) -> str:
    """Tell who acts; an act without a name has no second person either."""
    actor = str(session.info.get("actor", "")).strip()
    if not actor:
        raise Refused(_("Say who you are first: the name is kept with what you decide."))
    return actor


def with_(draft: Any, **changed: Any) -> Any:
    """Make the same draft with some values changed, validated again."""
    return type(draft).checked({**draft.model_dump(), **changed})
