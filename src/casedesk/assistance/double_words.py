"""A possible double in words: one sentence why, and the two households line by line."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.double_rules import Signal, rule_of
from casedesk.assistance.records import (
    Decision,
    Double,
    Entitlement,
    Household,
    HouseholdMember,
    Programme,
)
from casedesk.assistance.sides import Pairs, Side, add_days, sides
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import N_, _, short_date
from casedesk.kernel.store import listed
from casedesk.people.records import Contact, Person, PersonName


@dataclass(frozen=True)
class Line:
    """One thing of two households side by side; `equal` is None where one side is not known."""

    label: str
    here: str
    there: str
    equal: bool | None


@dataclass(frozen=True)
class Finding:
    """A possible double: why, in one sentence, the rule, and the two households line by line."""

    registration_id: int
    other_id: int
    rule: str
    signals: tuple[Signal, ...]
    why: str
    rule_text: str
    lines: tuple[Line, ...]
    decision: Decision | None
    """What was decided of it; None where it is found for the first time."""
    double_id: int | None


_WHY: dict[Signal, tuple[str, str]] = {
    Signal.HOUSEHOLD: (
        N_("The same household received from {programme} on {date}."),
        N_("The same household is registered in {programme}."),
    ),
    Signal.PERSON: (
        N_("A person is also in a household that received from {programme} on {date}."),
        N_("A person is also in a household that is registered in {programme}."),
    ),
    Signal.DOCUMENT: (
        N_("Same document as in a household that received from {programme} on {date}."),
        N_("Same document as in a household that is registered in {programme}."),
    ),
    Signal.CARD: (
        N_("Same card number as a household that received from {programme} on {date}."),
        N_("Same card number as a household that is registered in {programme}."),
    ),
    Signal.NAME: (
        N_("Same name as in a household that received from {programme} on {date}."),
        N_("Same name as in a household that is registered in {programme}."),
    ),
    Signal.PHONE: (
        N_("Same telephone as in a household that received from {programme} on {date}."),
        N_("Same telephone as in a household that is registered in {programme}."),
    ),
}
_WHY_ADDRESS = (
    N_(
        "Same address and a shared person with a household that received from {programme} "
        "on {date}."
    ),
    N_("Same address and a shared person with a household that is registered in {programme}."),
)


@dataclass
class _Home:
    """A household as it is shown: head, people, address, documents, cards, telephones."""

    head: str = ""
    address: str = ""
    people: dict[int, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    cards: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)


def told(session: Session, pairs: Pairs) -> list[Finding]:
    """Put what was found into words, with what was decided of it."""
    if not pairs:
        return []
    ids = {i for pair in pairs for i in pair}
    there = sides(session, ids)
    add_days(session, list(there.values()), there)
    homes = _homes(session, there)
    programmes = programme_names(session, {side.programme[0] for side in there.values()})
    decided: dict[tuple[int, int, str], tuple[int, Decision]] = {}
    for i, own, other, rule, decision in session.execute(
        sa.select(
            col(Double.id),
            col(Double.registration_id),
            col(Double.other_id),
            col(Double.rule),
            col(Double.decision),
        )
        .where(
            sa.or_(
                col(Double.registration_id).in_(listed(ids)),
                col(Double.other_id).in_(listed(ids)),
            )
        )
        .order_by(col(Double.id))
    ):
        decided[own, other, rule] = i, decision
        decided.setdefault((other, own, rule), (i, decision))
    return [
        _finding(there[own], there[other], rule, signals, homes, programmes, decided)
        for (own, other), (rule, signals) in pairs.items()
    ]


def programme_names(session: Session, ids: set[int]) -> dict[int, str]:
    """Read the names of programmes."""
    statement = sa.select(col(Programme.id), col(Programme.name))
    rows = session.execute(statement.where(col(Programme.id).in_(listed(ids))))
    return dict(rows.all())


def why_words(signals: tuple[Signal, ...], programme: str, received: dt.date | None) -> str:
    """Say in one sentence what is shared, and with whom."""
    texts = _WHY[signals[0]]
    if signals[0] is Signal.PERSON and Signal.ADDRESS in signals:
        texts = _WHY_ADDRESS
    if received is None:
        return _(texts[1]).format(programme=programme)
    return _(texts[0]).format(programme=programme, date=short_date(received))


def _finding(
    here: Side,
    there: Side,
    rule: str,
    signals: tuple[Signal, ...],
    homes: dict[int, _Home],
    programmes: dict[int, str],
    decided: dict[tuple[int, int, str], tuple[int, Decision]],
) -> Finding:
    why = why_words(signals, programmes[there.programme[0]], there.received)
    double_id, decision = decided.get((here.id, there.id, rule), (None, None))
    held = rule_of(rule)
    return Finding(
        registration_id=here.id,
        other_id=there.id,
        rule=rule,
        signals=signals,
        why=why,
        rule_text=_(held.text) if held else "",
        lines=tuple(_lines(here, there, homes, programmes, signals)),
        decision=decision,
        double_id=double_id,
    )


def _lines(
    here: Side,
    there: Side,
    homes: dict[int, _Home],
    programmes: dict[int, str],
    signals: tuple[Signal, ...],
) -> Iterator[Line]:
    own, other = homes[here.id], homes[there.id]
    by_name = Signal.NAME in signals or Signal.HOUSEHOLD in signals
    yield Line(_("Head of household"), own.head, other.head, by_name or own.head == other.head)
    same_place: bool | None = None
    if own.address and other.address:
        same_place = Signal.ADDRESS in signals or own.address == other.address
    yield Line(_("Address"), own.address, other.address, same_place)
    for person in own.people.keys() & other.people.keys():
        if here.household != there.household:
            yield Line(_("Shared person"), own.people[person], other.people[person], True)
    for label, mine, theirs in (
        (_("Document"), own.documents, other.documents),
        (_("Card"), dict.fromkeys(own.cards), dict.fromkeys(other.cards)),
    ):
        if mine or theirs:
            common = sorted(mine.keys() & theirs.keys())
            shown = [common[:1] or sorted(side)[:1] for side in (mine, theirs)]
            texts = [masked(side[0]) if side else "" for side in shown]
            yield Line(label, texts[0], texts[1], bool(common) if mine and theirs else None)
    if own.phones or other.phones:
        both = sorted(own.phones & other.phones)
        first, second = (both[:1] or sorted(side)[:1] for side in (own.phones, other.phones))
        equal = bool(both) if own.phones and other.phones else None
        yield Line(_("Telephone"), "".join(first), "".join(second), equal)
    ours, theirs_ = programmes[here.programme[0]], programmes[there.programme[0]]
    yield Line(_("Programme"), ours, theirs_, here.programme == there.programme)
    days = [short_date(side.received) if side.received else "" for side in (here, there)]
    yield Line(_("Last received"), days[0], days[1], None)


def masked(number: str) -> str:
    """Show the last four signs of a document or a card."""
    return f"… {number[-4:]}" if len(number) > 4 else number


def _homes(session: Session, there: dict[int, Side]) -> dict[int, _Home]:
    households = {side.household for side in there.values()}
    by_household: dict[int, _Home] = {home: _Home() for home in households}
    for i, place, address in session.execute(
        sa.select(col(Household.id), col(Household.place), col(Household.address)).where(
            col(Household.id).in_(listed(households))
        )
    ):
        by_household[i].address = ", ".join(part for part in (place, address) if part)
    person = sa.func.coalesce(col(Person.merged_into_id), col(Person.id))
    members = session.execute(
        sa.select(
            col(HouseholdMember.household_id),
            person,
            col(HouseholdMember.head),
            col(HouseholdMember.document_key),
            col(Person.born_first),
            col(Person.born_last),
        )
        .join(Person, col(Person.id) == col(HouseholdMember.person_id))
        .where(
            col(HouseholdMember.household_id).in_(listed(households)),
            col(HouseholdMember.until).is_(None),
        )
        .order_by(col(HouseholdMember.head).desc(), col(HouseholdMember.id))
    ).all()
    everyone = {row[1] for row in members}
    names: dict[int, str] = {}
    for i, family, given, patronymic in session.execute(
        sa.select(
            col(PersonName.person_id),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
        )
        .where(col(PersonName.person_id).in_(listed(everyone)))
        .order_by(col(PersonName.kind) != "official", col(PersonName.id))
    ):
        names.setdefault(i, " ".join(part for part in (family, given, patronymic) if part))
    phones: dict[int, set[str]] = defaultdict(set)
    for i, number in session.execute(
        sa.select(col(Contact.person_id), col(Contact.e164)).where(
            col(Contact.person_id).in_(listed(everyone)), col(Contact.e164).is_not(None)
        )
    ):
        phones[i].add(number)
    for household, who, head, document, first, last in members:
        home = by_household[household]
        text = names.get(who, _("Name not known"))
        if first and last:
            born = PartialDate(first, last).text()
            text = _("{name}, born {born}").format(name=text, born=born)
        home.people[who] = text
        home.phones |= phones[who]
        if document:
            home.documents[document] = document
        if head or not home.head:
            home.head = text if head else home.head or text
    result = {}
    for side in there.values():
        base = by_household[side.household]
        result[side.id] = _Home(
            base.head, base.address, base.people, base.documents, set(side.cards), base.phones
        )
    for registration_id, card in session.execute(
        sa.select(col(Entitlement.registration_id), col(Entitlement.card_number)).where(
            col(Entitlement.registration_id).in_(listed(there)),
            col(Entitlement.card_number) != "",
        )
    ):
        result[registration_id].cards.add(card)
    return result
