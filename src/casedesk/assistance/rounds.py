"""What happens in a round: list, lock, two approvals, handing over, reconciling, closing.

Facts of handing over are only added. A correction and a cancellation are facts of their own, and
the last fact of an entitlement is the one in force.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from casedesk.assistance import counts, doubles
from casedesk.assistance.doubles import DoubleFound
from casedesk.assistance.records import (
    ENDED_ROUND,
    UNDECIDED,
    Double,
    Entitlement,
    EntitlementDraft,
    EntitlementStatus,
    Household,
    Per,
    Programme,
    ProviderFile,
    ProviderFileDraft,
    ProviderLine,
    ProviderLineDraft,
    ProviderOutcome,
    Receipt,
    ReceiptDraft,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    RoundDraft,
    RoundLife,
    RoundStatus,
    Site,
    SiteDraft,
    Stage,
    Via,
    card_key,
    same_name,
)
from casedesk.assistance.rules import (
    actor_of,
    current_household,
    note_doubles,
    programme_of,
    registration_of,
    with_,
)
from casedesk.kernel import clock
from casedesk.kernel import status as kernel_status
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused, StaleRecord
from casedesk.kernel.jobs import Step
from casedesk.kernel.language import N_, _, number
from casedesk.kernel.store import insert_rows, listed, update_rows
from casedesk.partners import rules as partners


@dataclass(frozen=True)
class Planned:
    """What the list of a round shall hold for one registration, or for one person of it."""

    registration_id: int
    quantity: int = 1
    amount: int = 0
    person_id: int | None = None
    site_id: int | None = None
    card_number: str = ""


@dataclass(frozen=True)
class Collected:
    """Who took it, when and where; without a person and a proxy the head did."""

    on: dt.date | None = None
    person_id: int | None = None
    proxy: str = ""
    place: str = ""
    via: Via = Via.TABLE


@dataclass(frozen=True)
class ProviderAnswer:
    """One line of a file that came back: amounts in hundredths, `paid` False where it failed."""

    entitlement_id: int
    paid: bool
    amount: int = 0
    on: dt.date | None = None
    message: str = ""
    collected_by: str = ""


# --------------------------------------------------------------------------------------- the list


@act("assistance.open_round", N_("Open round"))
def open_round(session: Session, draft: RoundDraft, sites: Sequence[SiteDraft] = ()) -> Round:
    """Open a round of a programme with its points."""
    programme = programme_of(session, draft.programme_id)
    if draft.status is not RoundStatus.OPEN or draft.first_approver or draft.locked_by:
        raise Refused(_("A round begins open and without approvals."))
    if draft.first_day < programme.starts_on:
        raise Refused(_("The round begins before the programme."))
    if programme.ends_on is not None and draft.last_day > programme.ends_on:
        raise Refused(_("The round ends after the programme."))
    opened = Round.of(draft)
    session.add(opened)
    session.flush()
    _write_life(session, opened, min(draft.opened_on, clock.today()))
    for site in sites:
        add_site(session, with_(site, round_id=opened.id))
    return opened


@act("assistance.change_round", N_("Change round"))
def change_round(session: Session, round_id: int, draft: RoundDraft, revision: int) -> Round:
    """Correct name and days of a round that is not approved yet."""
    changed = round_of(session, round_id)
    for name in (
        *("programme_id", "status", "opened_on", "locked_by"),
        *("first_approver", "second_approver", "approved_on"),
    ):
        if getattr(draft, name) != getattr(changed, name):
            raise Refused(_("Programme, status and approvals do not change in the form."))
    _need(changed, RoundStatus.OPEN)
    changed.apply(draft, revision=revision)
    session.add(changed)
    session.flush()
    return changed


@act("assistance.add_site", N_("Add point"))
def add_site(session: Session, draft: SiteDraft) -> Site:
    """Add a point to a round that has not ended."""
    own = round_of(session, draft.round_id)
    if own.status in ENDED_ROUND:
        raise Refused(_("The round has ended."))
    _refuse_same_site(session, draft, None)
    site = Site.of(draft)
    session.add(site)
    session.flush()
    return site


def _refuse_same_site(session: Session, draft: SiteDraft, own_id: int | None) -> None:
    sites = select(Site.id, Site.name).where(Site.round_id == draft.round_id)
    for site_id, name in session.exec(sites).all():
        if site_id != own_id and same_name(name, draft.name):
            raise Refused(_("The round has a point of this name already."))


@act("assistance.change_site", N_("Change point"))
def change_site(session: Session, site_id: int, draft: SiteDraft, revision: int) -> Site:
    """Correct a point; it stays with its round."""
    site = _site(session, site_id)
    if draft.round_id != site.round_id:
        raise Refused(_("A point stays with its round."))
    _refuse_same_site(session, draft, site_id)
    site.apply(draft, revision=revision)
    session.add(site)
    session.flush()
    return site


@act("assistance.remove_site", N_("Remove point"))
def remove_site(session: Session, site_id: int) -> int:
    """Remove a point at which nobody stands on the list."""
    site = _site(session, site_id)
    used = session.exec(select(Entitlement.id).where(Entitlement.site_id == site_id)).first()
    if used is not None:
        raise Refused(_("Households are on the list of this point. Move them first."))
    session.delete(site)
    session.flush()
    return site_id


@act("assistance.plan", N_("Put on the list"))
def plan(
    session: Session, round_id: int, planned: Sequence[Planned], *, step: Step | None = None
) -> list[Entitlement]:
    """Put included registrations on the list of an open round: all of them, or none.

    `step(done, total)` is called now and then and may raise to stop; nothing is done then.
    """
    own = _need(round_of(session, round_id), RoundStatus.OPEN)
    programme = programme_of(session, own.programme_id)
    sites = set(session.exec(select(Site.id).where(Site.round_id == round_id)).all())
    there = {
        (registration_id, person_id or 0)
        for registration_id, person_id in session.exec(
            select(Entitlement.registration_id, Entitlement.person_id).where(
                Entitlement.round_id == round_id
            )
        ).all()
    }
    wanted = {item.registration_id for item in planned}
    asked = _asked(session, wanted)
    homes = {home for _programme, _status, home, _card in asked.values()}
    people = counts.persons_of_households(session, homes) if programme.per is Per.PERSON else {}
    spent = _spent(session, wanted) if programme.ceiling is not None else {}
    rows: list[dict[str, Any]] = []
    for at, item in enumerate(planned):
        if step is not None and at % 500 == 0:
            step(at, len(planned))
        if item.registration_id not in asked:
            raise NotFound(_("There is no such registration."))
        programme_id, status, home, card = asked[item.registration_id]
        if programme_id != own.programme_id:
            raise Refused(_("The registration is of another programme."))
        if status is not RegistrationStatus.INCLUDED:
            raise Refused(_("Only included registrations stand on a list."))
        if (programme.per is Per.PERSON) != (item.person_id is not None):
            raise Refused(_("The programme decides whether a household or a person is given to."))
        if item.person_id is not None and item.person_id not in people.get(home, ()):
            raise Refused(_("This person is not of the household."))
        if item.site_id is not None and item.site_id not in sites:
            raise Refused(_("This point is of another round."))
        key = (item.registration_id, item.person_id or 0)
        if key in there:
            raise Refused(_("This registration is on the list already."))
        there.add(key)
        total = spent.get(item.registration_id, 0) + item.amount
        _refuse_over_ceiling(programme, total)
        spent[item.registration_id] = total
        draft = EntitlementDraft.checked(
            {
                "round_id": round_id,
                "registration_id": item.registration_id,
                "person_id": item.person_id,
                "site_id": item.site_id,
                "quantity": item.quantity,
                "amount": item.amount,
                "currency": programme.currency,
                "card_number": item.card_number or card,
            }
        )
        rows.append({"revision": 0, **dict(draft)})
    first = (session.exec(select(func.max(Entitlement.id))).one() or 0) + 1
    insert_rows(session, Entitlement, [{"id": first + at, **row} for at, row in enumerate(rows)])
    made = select(Entitlement).where(col(Entitlement.id) >= first).order_by(col(Entitlement.id))
    return list(session.exec(made).all())


def _asked(
    session: Session, registration_ids: Iterable[int]
) -> dict[int, tuple[int, RegistrationStatus, int, str]]:
    """Read programme, status, household in use and card of registrations."""
    home = func.coalesce(col(Household.merged_into_id), col(Household.id))
    rows = session.execute(
        sa.select(
            col(Registration.id),
            col(Registration.programme_id),
            col(Registration.status),
            home,
            col(Registration.card_number),
        )
        .join(Household, col(Household.id) == col(Registration.household_id))
        .where(col(Registration.id).in_(listed(registration_ids)))
    )
    return {i: (programme, status, own, card) for i, programme, status, own, card in rows}


def _spent(session: Session, registration_ids: Iterable[int]) -> dict[int, int]:
    """Add up what registrations are to receive or received, over all rounds of the programme."""
    rows = session.execute(
        sa.select(col(Entitlement.registration_id), func.sum(col(Entitlement.amount)))
        .where(
            col(Entitlement.registration_id).in_(listed(registration_ids)),
            col(Entitlement.status).in_((EntitlementStatus.PLANNED, EntitlementStatus.RECEIVED)),
        )
        .group_by(col(Entitlement.registration_id))
    )
    return {i: int(amount) for i, amount in rows}


@act("assistance.take_off", N_("Take off the list"))
def take_off(session: Session, entitlement_ids: Sequence[int]) -> int:
    """Take lines off the list of an open round; tell how many."""
    for entitlement_id in entitlement_ids:
        item = entitlement_of(session, entitlement_id)
        _need(round_of(session, item.round_id), RoundStatus.OPEN)
        session.delete(item)
    session.flush()
    return len(entitlement_ids)


@act("assistance.move_to_site", N_("Move to another point"))
def move_to_site(session: Session, entitlement_ids: Sequence[int], site_id: int | None) -> int:
    """Give planned lines to another point; tell how many moved."""
    site = None if site_id is None else _site(session, site_id)
    lines = _all_planned(session, entitlement_ids)
    if site is not None and any(round_id != site.round_id for round_id, _site_id in lines.values()):
        raise Refused(_("This point is of another round."))
    moved = [i for i, (_round_id, there) in lines.items() if there != site_id]
    update_rows(session, Entitlement, moved, {"site_id": site_id})
    return len(moved)


@act("assistance.stop_lines", N_("Stop"))
def stop_lines(session: Session, entitlement_ids: Sequence[int], reason: str) -> int:
    """Stop planned lines, with the reason; tell how many."""
    if not reason.strip():
        raise Refused(_("Give the reason: it is kept with your name."))
    lines = _all_planned(session, entitlement_ids)
    if lines:
        item = entitlement_of(session, next(iter(lines)))
        # One draft speaks for all: they get the same reason.
        stopped = with_(item.draft(), status=EntitlementStatus.STOPPED, reason=reason)
        values = {"status": stopped.status, "reason": stopped.reason}
        update_rows(session, Entitlement, lines, values)
    return len(lines)


def _all_planned(
    session: Session, entitlement_ids: Sequence[int]
) -> dict[int, tuple[int, int | None]]:
    """Give round and point of lines, all of which have to be planned."""
    rows = session.execute(
        sa.select(
            col(Entitlement.id),
            col(Entitlement.status),
            col(Entitlement.round_id),
            col(Entitlement.site_id),
        ).where(col(Entitlement.id).in_(listed(entitlement_ids)))
    ).all()
    if len(rows) < len(set(entitlement_ids)):
        raise NotFound(_("There is no such entitlement."))
    for line_id, status, _round_id, _site_id in rows:
        if status is not EntitlementStatus.PLANNED:
            _planned(session, line_id)  # says which of the two it is
    return {i: (round_id, site_id) for i, _status, round_id, site_id in rows}


# ----------------------------------------------------------------------------------- its life


@act("assistance.lock_round", N_("Lock list"))
def lock_round(session: Session, round_id: int, *, step: Step | None = None) -> list[Double]:
    """Lock the list and look through all of it for doubles; they wait for a decision.

    `step(done, total)` is called now and then and may raise to stop; nothing is done then.
    """
    own = _need(round_of(session, round_id), RoundStatus.OPEN)
    ids = session.exec(
        select(Entitlement.registration_id).where(Entitlement.round_id == round_id).distinct()
    ).all()
    if not ids:
        raise Refused(_("The list is empty."))
    found = doubles.find(session, list(ids), on=own.first_day, step=step)
    noted = note_doubles(session, found, Stage.LOCK, round_id)
    _move(session, own, RoundStatus.LOCKED, locked_by=actor_of(session))
    return noted


@act("assistance.unlock_round", N_("Unlock list"))
def unlock_round(session: Session, round_id: int) -> Round:
    """Open the list again; approvals given so far fall."""
    own = round_of(session, round_id)
    if own.status not in (RoundStatus.LOCKED, RoundStatus.APPROVED):
        raise Refused(_("Only a locked list can be unlocked."))
    _refuse_sent(session, round_id)
    cleared: dict[str, Any] = {
        "locked_by": "",
        "first_approver": "",
        "second_approver": "",
        "approved_on": None,
    }
    return _move(session, own, RoundStatus.OPEN, **cleared)


@act("assistance.approve_round", N_("Approve round"))
def approve_round(session: Session, round_id: int, revision: int | None = None) -> Round:
    """Approve a locked list; the second approval is another person's, and completes it."""
    own = _need(round_of(session, round_id), RoundStatus.LOCKED)
    actor = actor_of(session)
    if not own.first_approver:
        own.apply(with_(own.draft(), first_approver=actor), revision=revision)
        session.add(own)
        session.flush()
        return own
    if same_name(actor, own.first_approver):
        raise Refused(_("The second approval is another person's."))
    return _move(
        session,
        own,
        RoundStatus.APPROVED,
        revision=revision,
        second_approver=actor,
        approved_on=clock.today(),
    )


@act("assistance.start_round", N_("Begin distribution"))
def start_round(session: Session, round_id: int) -> Round:
    """Begin to hand over what was approved by two persons."""
    own = _need(round_of(session, round_id), RoundStatus.APPROVED)
    return _move(session, own, RoundStatus.UNDER_WAY)


@act("assistance.reconcile_round", N_("Reconcile round"))
def reconcile_round(session: Session, round_id: int) -> int:
    """End the distribution: what nobody collected is noted as such; tell how many lines."""
    own = _need(round_of(session, round_id), RoundStatus.UNDER_WAY)
    waiting = session.exec(
        select(ProviderLine.id)
        .join(ProviderFile, col(ProviderFile.id) == ProviderLine.file_id)
        .where(ProviderFile.round_id == round_id, ProviderLine.outcome == ProviderOutcome.PENDING)
    ).first()
    if waiting is not None:
        raise Refused(_("A provider's file has not come back yet."))
    left = session.exec(
        select(Entitlement.id).where(
            Entitlement.round_id == round_id, Entitlement.status == EntitlementStatus.PLANNED
        )
    ).all()
    missed = {"status": EntitlementStatus.NOT_COLLECTED}
    update_rows(session, Entitlement, [i for i in left if i is not None], missed)
    _move(session, own, RoundStatus.RECONCILED)
    return len(left)


@act("assistance.close_round", N_("Close round"))
def close_round(session: Session, round_id: int) -> Round:
    """Close a reconciled round; its receipts can still be corrected, with a reason."""
    own = _need(round_of(session, round_id), RoundStatus.RECONCILED)
    return _move(session, own, RoundStatus.CLOSED)


# --------------------------------------------------------------------------------- handing over


@act("assistance.hand_over", N_("Hand over"))
def hand_over(
    session: Session, entitlement_ids: Sequence[int], collected: Collected | None = None
) -> list[Receipt]:
    """Note that planned lines were received; refused with `DoubleFound` for a possible double."""
    given = collected or Collected()
    on = given.on or clock.today()
    items = [_planned(session, i) for i in dict.fromkeys(entitlement_ids)]
    for item in items:
        _need(round_of(session, item.round_id), RoundStatus.UNDER_WAY)
        registration = registration_of(session, item.registration_id)
        if registration.status is not RegistrationStatus.INCLUDED:
            raise Refused(_("The registration is paused or has ended. Nothing is handed over."))
    found = doubles.undecided(session, [item.registration_id for item in items], on=on)
    if found:
        raise DoubleFound(found)
    return [_give(session, item, given, on, item.quantity, item.amount) for item in items]


@act("assistance.correct_receipt", N_("Correct receipt"))
def correct_receipt(
    session: Session,
    entitlement_id: int,
    reason: str,
    *,
    quantity: int | None = None,
    amount: int | None = None,
    collected: Collected | None = None,
    after: int | None = None,
) -> Receipt:
    """Add what is right to a receipt that was noted wrongly; the former fact stays.

    `after` is the sequence of the fact that was read; somebody may have corrected it since.
    """
    last = in_force(session, entitlement_id)
    if after is not None and after != last.sequence:
        raise StaleRecord(
            _("Somebody changed this record while you were writing. Read it again first.")
        )
    values: dict[str, Any] = {"kind": ReceiptKind.CORRECTED, "reason": reason}
    if quantity is not None:
        values["quantity"] = quantity
    if amount is not None:
        values["amount"] = amount
    if collected is not None:
        values |= _who(session, entitlement_of(session, entitlement_id), collected)
        values["on_date"] = collected.on or last.on_date
    if all(getattr(last, name) == value for name, value in values.items() if name not in _SAID):
        raise Refused(_("Nothing is said differently here."))
    return _follow(session, last, values)


_SAID = ("kind", "reason")


@act("assistance.cancel_receipt", N_("Cancel receipt"))
def cancel_receipt(session: Session, entitlement_id: int, reason: str) -> Receipt:
    """Take a receipt back: the fact stays, a fact is added that it does not hold."""
    last = in_force(session, entitlement_id)
    item = entitlement_of(session, entitlement_id)
    own = round_of(session, item.round_id)
    ended = own.status in ENDED_ROUND
    after = EntitlementStatus.NOT_COLLECTED if ended else EntitlementStatus.PLANNED
    if registration_of(session, item.registration_id).status in _OVER and not ended:
        after = EntitlementStatus.STOPPED
    receipt = _follow(session, last, {"kind": ReceiptKind.CANCELLED, "reason": reason})
    values: dict[str, Any] = {"status": after}
    if after is EntitlementStatus.STOPPED:
        values["reason"] = receipt.reason
    item.apply(with_(item.draft(), **values))
    session.add(item)
    session.flush()
    return receipt


_OVER = (
    RegistrationStatus.COMPLETED,
    RegistrationStatus.EXITED,
    RegistrationStatus.DECLINED,
)


def find_by_card(session: Session, round_id: int, typed: str) -> list[int]:
    """Find the lines of a round by a card number, or by a household's code, as scanned."""
    key = card_key(typed)
    if not key:
        return []
    return counts.lines_by_key(session, round_id, key)


# --------------------------------------------------------------------------------- the provider


@act("assistance.send_to_provider", N_("Send list to provider"))
def send_to_provider(
    session: Session, round_id: int, provider_id: int, entitlement_ids: Sequence[int] | None = None
) -> ProviderFile:
    """Give planned lines of a round under way to a bank or a shop; none is sent twice."""
    own = _need(round_of(session, round_id), RoundStatus.UNDER_WAY)
    partners.known(session, provider_id)
    pending = set(
        session.exec(
            select(ProviderLine.entitlement_id)
            .join(Entitlement, col(Entitlement.id) == ProviderLine.entitlement_id)
            .where(
                Entitlement.round_id == round_id,
                ProviderLine.outcome == ProviderOutcome.PENDING,
            )
        ).all()
    )
    undecided = set(
        session.exec(
            select(Double.registration_id).where(col(Double.decision).in_(UNDECIDED))
        ).all()
    )
    chosen = session.exec(
        select(Entitlement)
        .join(Registration, col(Registration.id) == Entitlement.registration_id)
        .where(
            Entitlement.round_id == round_id,
            Entitlement.status == EntitlementStatus.PLANNED,
            Registration.status == RegistrationStatus.INCLUDED,
        )
        .order_by(col(Entitlement.id))
    ).all()
    wanted = None if entitlement_ids is None else set(entitlement_ids)
    lines = [
        item
        for item in chosen
        if item.id not in pending
        and item.registration_id not in undecided
        and (wanted is None or item.id in wanted)
    ]
    if not lines:
        raise Refused(_("There is nothing to send: every line is received, stopped or sent."))
    found = doubles.undecided(
        session, list({item.registration_id for item in lines}), on=clock.today()
    )
    if found:
        raise DoubleFound(found)
    values = {"round_id": own.id, "provider_id": provider_id, "sent_on": clock.today()}
    file = ProviderFile.of(ProviderFileDraft.checked(values))
    session.add(file)
    session.flush()
    for item in lines:
        line = {"file_id": file.id, "entitlement_id": item.id, "amount_out": item.amount}
        session.add(ProviderLine.of(ProviderLineDraft.checked(line)))
    session.flush()
    return file


@act("assistance.take_back", N_("Read provider's answer"))
def take_back(
    session: Session, file_id: int, answers: Iterable[ProviderAnswer]
) -> list[ProviderLine]:
    """Note what the provider paid, and give the lines that differ from what was sent.

    What was paid as sent is a receipt. What was received meanwhile in another way, paid in
    another amount or not paid at all is a difference for a person to look at.
    """
    file = session.get(ProviderFile, file_id)
    if file is None:
        raise NotFound(_("There is no such file."))
    _need(round_of(session, file.round_id), RoundStatus.UNDER_WAY)
    lines = {
        line.entitlement_id: line
        for line in session.exec(select(ProviderLine).where(ProviderLine.file_id == file_id)).all()
    }
    seen: set[int] = set()
    for answer in answers:
        line = lines.get(answer.entitlement_id)
        if line is None:
            raise Refused(_("The answer names a payment that was not in the file."))
        if answer.entitlement_id in seen or line.outcome is not ProviderOutcome.PENDING:
            raise Refused(_("The answer names a payment twice."))
        seen.add(answer.entitlement_id)
        _answer(session, line, answer)
    today = clock.today()
    if all(line.outcome is not ProviderOutcome.PENDING for line in lines.values()):
        file.apply(with_(file.draft(), back_on=today))
        session.add(file)
    session.flush()
    return [line for line in lines.values() if line.difference]


def _answer(session: Session, line: ProviderLine, answer: ProviderAnswer) -> None:
    item = entitlement_of(session, line.entitlement_id)
    on = answer.on or clock.today()
    outcome, difference = ProviderOutcome.PAID, ""
    if not answer.paid:
        outcome = ProviderOutcome.FAILED
        difference = answer.message or _("Not paid; the provider gives no reason.")
    elif item.status is EntitlementStatus.RECEIVED:
        outcome, difference = ProviderOutcome.DIFFERENT, _("Received in another way already.")
    elif item.status is not EntitlementStatus.PLANNED:
        outcome, difference = ProviderOutcome.DIFFERENT, _("Paid, though the line was stopped.")
    elif answer.amount != line.amount_out:
        outcome, difference = ProviderOutcome.DIFFERENT, _("Paid another amount than was sent.")
    changed = {
        "outcome": outcome,
        "difference": difference,
        "amount_back": answer.amount if answer.paid else 0,
        "paid_on": on if answer.paid else None,
    }
    line.apply(with_(line.draft(), **changed))
    session.add(line)
    # Money that left the house is a receipt, whatever its amount: never to be paid again.
    if answer.paid and item.status is EntitlementStatus.PLANNED:
        given = Collected(on=on, via=Via.PROVIDER, proxy=answer.collected_by)
        _give(session, item, given, on, item.quantity, answer.amount)


# ---------------------------------------------------------------------------------------- shared


def round_of(session: Session, round_id: int) -> Round:
    """Get a round, or say that there is none."""
    found = session.get(Round, round_id)
    if found is None:
        raise NotFound(_("There is no such round."))
    return found


def entitlement_of(session: Session, entitlement_id: int) -> Entitlement:
    """Get a line of a list, or say that there is none."""
    found = session.get(Entitlement, entitlement_id)
    if found is None:
        raise NotFound(_("There is no such entitlement."))
    return found


def _site(session: Session, site_id: int) -> Site:
    found = session.get(Site, site_id)
    if found is None:
        raise NotFound(_("There is no such point."))
    return found


def _planned(session: Session, entitlement_id: int) -> Entitlement:
    item = entitlement_of(session, entitlement_id)
    if item.status is EntitlementStatus.RECEIVED:
        raise Refused(_("This was received already."))
    if item.status is not EntitlementStatus.PLANNED:
        raise Refused(_("This line was stopped, or not collected in time."))
    return item


def _need(own: Round, status: RoundStatus) -> Round:
    if own.status is not status:
        raise Refused(_("The round cannot take this step from its present status."))
    return own


def _move(
    session: Session, own: Round, new: RoundStatus, *, revision: int | None = None, **changed: Any
) -> Round:
    own.apply(with_(own.draft(), status=new, **changed), revision=revision)
    session.add(own)
    session.flush()
    _write_life(session, own, clock.today())
    return own


def _write_life(session: Session, own: Round, on: dt.date) -> None:
    kernel_status.change(
        session,
        RoundLife,
        "round_id",
        cast(int, own.id),
        own.status.value,
        on=on,
        known=clock.today(),
    )


def _refuse_sent(session: Session, round_id: int) -> None:
    sent = session.exec(select(ProviderFile.id).where(ProviderFile.round_id == round_id)).first()
    if sent is not None:
        raise Refused(_("The list was sent to a provider and cannot be unlocked."))


def _refuse_stranger(session: Session, registration: Registration, person_id: int) -> None:
    own = current_household(session, registration.household_id)
    if person_id not in counts.persons_of_household(session, own):
        raise Refused(_("This person is not of the household."))


def _refuse_over_ceiling(programme: Programme, total: int) -> None:
    if programme.ceiling is not None and total > programme.ceiling:
        raise Refused(
            _("More than {amount} {currency}, the most that a household gets here.").format(
                amount=number(programme.ceiling // 100), currency=programme.currency
            )
        )


def _who(session: Session, item: Entitlement, collected: Collected) -> dict[str, Any]:
    registration = registration_of(session, item.registration_id)
    person_id = collected.person_id
    if person_id is not None:
        _refuse_stranger(session, registration, person_id)
    elif not collected.proxy.strip() and collected.via is not Via.PROVIDER:
        own = current_household(session, registration.household_id)
        person_id = item.person_id or counts.head_of_household(session, own)
    place = collected.place
    if not place and item.site_id is not None:
        place = _site(session, item.site_id).name
    return {
        "collected_by_id": person_id,
        "proxy": collected.proxy,
        "place": place,
        "via": collected.via,
    }


def _last(session: Session, entitlement_id: int | None) -> Receipt | None:
    return session.exec(
        select(Receipt)
        .where(Receipt.entitlement_id == entitlement_id)
        .order_by(col(Receipt.sequence).desc())
        .limit(1)
    ).first()


def in_force(session: Session, entitlement_id: int) -> Receipt:
    """Get the receipt that holds of a line, or say that there is none."""
    last = _last(session, entitlement_id)
    if last is None or last.kind is ReceiptKind.CANCELLED:
        raise Refused(_("There is no receipt here."))
    return last


def _give(
    session: Session,
    item: Entitlement,
    collected: Collected,
    on: dt.date,
    quantity: int,
    amount: int,
) -> Receipt:
    own = round_of(session, item.round_id)
    if on < own.opened_on:
        raise Refused(_("The date lies before the opening of the round."))
    before = _last(session, item.id)
    if before is not None and before.kind is not ReceiptKind.CANCELLED:
        raise Refused(_("This was received already."))
    values = {
        "entitlement_id": item.id,
        "sequence": 1 if before is None else before.sequence + 1,
        "kind": ReceiptKind.GIVEN,
        "on_date": on,
        "noted_on": clock.today(),
        "quantity": quantity,
        "amount": amount,
        "currency": item.currency,
        "noted_by": actor_of(session),
        **_who(session, item, collected),
    }
    receipt = Receipt.of(ReceiptDraft.checked(values))
    session.add(receipt)
    item.apply(with_(item.draft(), status=EntitlementStatus.RECEIVED))
    session.add(item)
    session.flush()
    return receipt


def _follow(session: Session, last: Receipt, changed: dict[str, Any]) -> Receipt:
    values = {
        **last.draft().model_dump(),
        "sequence": last.sequence + 1,
        "noted_on": clock.today(),
        "noted_by": actor_of(session),
        **changed,
    }
    receipt = Receipt.of(ReceiptDraft.checked(values))
    session.add(receipt)
    session.flush()
    return receipt
