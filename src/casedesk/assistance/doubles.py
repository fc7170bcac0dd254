"""Double assistance: rules as data, and the search for households that a rule keeps apart.

Two registrations are compared where they share a household, a person, a document, a card, a
telephone, or a person by name in any script. The rule for their two kinds of help then says
whether both may be served. `find` is asked at registration, at lock and at handing over.
"""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance.namesakes import Who, same_names
from casedesk.assistance.records import (
    LIVE,
    UNDECIDED,
    Decision,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdMember,
    Modality,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
)
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import N_, _, short_date
from casedesk.kernel.store import listed
from casedesk.names.fold import fold
from casedesk.names.parse import tokens
from casedesk.people.records import Contact, Person, PersonName


class Signal(StrEnum):
    """What two registrations share, strongest first."""

    HOUSEHOLD = "household"
    PERSON = "person"
    DOCUMENT = "document"
    CARD = "card"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"


_CASH = frozenset({Modality.CASH, Modality.PREPAID_CARD})
_VOUCHERS = frozenset(
    {Modality.VALUE_VOUCHER, Modality.COMMODITY_VOUCHER, Modality.PHARMACY_VOUCHER}
)


@dataclass(frozen=True)
class Rule:
    """What may not be given beside what: the first rule that fits two programmes decides.

    Without `months` the distance in time does not matter; `same_programme` fits nothing else.
    """

    key: str
    text: str
    one: frozenset[Modality] = frozenset()
    other: frozenset[Modality] = frozenset()
    months: int | None = None
    same_programme: bool = False
    same_kind: bool = False
    allowed: bool = False

    def fits(self, here: tuple[int, Modality], there: tuple[int, Modality]) -> bool:
        """Tell whether the rule speaks of two programmes, given as id and kind of help."""
        if self.same_programme:
            return here[0] == there[0]
        if self.same_kind and here[1] is not there[1]:
            return False
        return (here[1] in self.one and there[1] in self.other) or (
            here[1] in self.other and there[1] in self.one
        )


def _only(*kinds: Modality) -> frozenset[Modality]:
    return frozenset(kinds)


RULES = (
    Rule(
        "once_in_programme",
        N_("A household is registered once in a programme."),
        same_programme=True,
    ),
    Rule(
        "one_card",
        N_("One card per household: within twelve months, cards come from one programme."),
        _only(Modality.PREPAID_CARD),
        _only(Modality.PREPAID_CARD),
        months=12,
    ),
    Rule(
        "voucher_with_cash",
        N_("A voucher may be added to cash."),
        _VOUCHERS,
        _CASH,
        allowed=True,
    ),
    Rule(
        "cash_and_grant",
        N_("Cash and a grant are not given within six months of each other."),
        _CASH,
        _only(Modality.GRANT),
        months=6,
    ),
    Rule(
        "cash_twice",
        N_("Cash of two programmes is not given within three months."),
        _only(Modality.CASH),
        _only(Modality.CASH),
        months=3,
    ),
    Rule(
        "one_grant",
        N_("A household gets one grant within two years."),
        _only(Modality.GRANT),
        _only(Modality.GRANT),
        months=24,
    ),
    Rule(
        "one_school_kit",
        N_("A child gets one school kit within nine months."),
        _only(Modality.SCHOOL_KIT),
        _only(Modality.SCHOOL_KIT),
        months=9,
    ),
    Rule(
        "same_goods",
        N_("The same goods or vouchers of two programmes are not given within a month."),
        _VOUCHERS | {Modality.IN_KIND_PARCEL},
        _VOUCHERS | {Modality.IN_KIND_PARCEL},
        months=1,
        same_kind=True,
    ),
)
"""What no rule speaks of may be given beside each other."""


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


class DoubleFound(Refused):
    """Nothing was done, because somebody has to decide about a possible double first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep what was found; the sentence names nobody."""
        super().__init__(_("This may be double assistance. Decide about it first."))
        self.findings = tuple(findings)


def rule_of(key: str) -> Rule | None:
    """Give the rule of a key; a rule that was dropped since is None."""
    return next((rule for rule in RULES if rule.key == key), None)


def find(
    session: Session,
    registration_ids: Collection[int],
    *,
    on: dt.date | None = None,
    rules: Sequence[Rule] = RULES,
) -> list[Finding]:
    """Find what these registrations may be doubles of, if they are served on a day.

    Without a day, each is looked at on the day it was registered. Of two that nobody served yet,
    the later registration is the double.
    """
    pairs = _pairs(session, set(registration_ids), on, rules)
    return _told(session, pairs)


@dataclass
class Unsaved:
    """Registrations with their households as they will be, of which nothing is in the file yet."""

    registrations: list[tuple[int, int, int, dt.date, str]] = field(default_factory=list)
    """Id, programme, household, day and card number."""
    members: list[tuple[int, int, str]] = field(default_factory=list)
    """Household, person and document key, of new households only."""
    phones: list[tuple[str, int]] = field(default_factory=list)
    people: list[Who] = field(default_factory=list)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreseen:
    """A possible double of a registration that is not in the file yet.

    `other` is a registration, of the file or not in it yet either; without a `rule`, both may be
    served, but a person would be in the file twice.
    """

    registration: int
    other: int
    household: int
    rule: str
    signals: tuple[Signal, ...]
    why: str


def foresee(
    session: Session, unsaved: Unsaved, rules: Sequence[Rule] = RULES
) -> tuple[list[Foreseen], Pairs]:
    """Find what registrations would be doubles of, if they were in the file; and the bare pairs."""
    kinds = _kinds(session)
    here = {
        i: _Side(i, (programme, kinds[programme]), home, RegistrationStatus.NEW, day, {card} - {""})
        for i, programme, home, day, card in unsaved.registrations
    }
    shared = _shared(session, here, unsaved)
    there: dict[int, _Side] = {}
    pairs = _judged(session, here, there, shared, here, None, rules)
    programmes = _programme_names(session, set(kinds))
    found = []
    seen: set[tuple[int, int]] = set()
    for (own, other), (rule, signals) in pairs.items():
        side = there[other]
        seen.add((here[own].household, side.household))
        why = _why(signals, programmes[side.programme[0]], side.received)
        found.append(Foreseen(own, other, side.household, rule, signals, why))
    found += _known_already(here, there, shared, unsaved, seen)
    return sorted(found, key=lambda item: (item.registration, not item.rule, item.other)), pairs


_IN_FILE: dict[Signal, str] = {
    Signal.PERSON: N_("A person of the household is in the file already."),
    Signal.DOCUMENT: N_("The document is in the file already, with another household."),
    Signal.NAME: N_("Somebody of this name is in the file already."),
}


def _known_already(
    here: dict[int, _Side],
    there: dict[int, _Side],
    shared: dict[tuple[int, int], set[Signal]],
    unsaved: Unsaved,
    seen: set[tuple[int, int]],
) -> Iterator[Foreseen]:
    """Give the households whose people are there already, though no rule keeps them apart."""
    first: dict[int, int] = {}
    for side in there.values():
        first[side.household] = min(side.id, first.get(side.household, side.id))
    fresh = set(unsaved.places)
    neighbours: dict[int, list[int]] = defaultdict(list)
    for home, other in sorted(shared):
        neighbours[home].append(other)
    for own in here.values():
        if own.household not in fresh:
            continue
        for other in neighbours.get(own.household, ()):
            if (own.household, other) in seen or (other in fresh and other > own.household):
                continue
            found = shared[own.household, other]
            signals = tuple(signal for signal in Signal if signal in found)
            told = next((_IN_FILE[signal] for signal in signals if signal in _IN_FILE), None)
            if told is not None:
                yield Foreseen(own.id, first.get(other, 0), other, "", signals, _(told))


def _kinds(session: Session) -> dict[int, Modality]:
    rows = session.execute(sa.select(col(Programme.id), col(Programme.modality)))
    return dict(rows.all())


def undecided(
    session: Session, registration_ids: Collection[int], *, on: dt.date | None = None
) -> list[Finding]:
    """Find the doubles that nobody decided yet, new ones and those noted earlier."""
    wanted = set(registration_ids)
    pairs = _pairs(session, wanted, on, RULES)
    noted = session.execute(
        sa.select(
            col(Double.registration_id), col(Double.other_id), col(Double.rule), col(Double.signals)
        ).where(
            col(Double.registration_id).in_(listed(wanted)),
            col(Double.decision).in_(UNDECIDED),
        )
    )
    for here, there, rule, signals in noted:
        known = tuple(Signal(key) for key in signals.split(",") if key)
        pairs.setdefault((here, there), (rule, known))
    open_ = (None, *UNDECIDED)
    return [item for item in _told(session, pairs) if item.decision in open_]


def told(session: Session, pairs: Pairs) -> list[Finding]:
    """Put pairs that `foresee` found into words, now that they are in the file."""
    return _told(session, pairs)


def described(session: Session, noted: Iterable[Double]) -> list[Finding]:
    """Put noted doubles into words again, with the households as they are now."""
    pairs: Pairs = {}
    for double in noted:
        signals = tuple(Signal(key) for key in double.signals.split(",") if key)
        pairs[double.registration_id, double.other_id] = double.rule, signals
    return _told(session, pairs)


# -------------------------------------------------------------------------------------- the pairs

Pairs = dict[tuple[int, int], tuple[str, tuple[Signal, ...]]]


@dataclass
class _Side:
    """What is known of one registration."""

    id: int
    programme: tuple[int, Modality]
    household: int
    status: RegistrationStatus
    registered_on: dt.date
    cards: set[str]
    days: list[dt.date] = field(default_factory=list)
    received: dt.date | None = None


def _pairs(session: Session, wanted: set[int], on: dt.date | None, rules: Sequence[Rule]) -> Pairs:
    if not wanted:
        return {}
    here = _sides(session, col(Registration.id).in_(listed(wanted)))
    return _judged(session, here, {}, _shared(session, here), {}, on, rules)


def _judged(
    session: Session,
    here: dict[int, _Side],
    there: dict[int, _Side],
    shared: dict[tuple[int, int], set[Signal]],
    unsaved: dict[int, _Side],
    on: dt.date | None,
    rules: Sequence[Rule],
) -> Pairs:
    """Hold what is shared against the rules; `there` is filled with the sides that were read."""
    households = {household for _own, household in shared}
    there |= _of_households(session, households | {side.household for side in here.values()})
    for side in here.values():
        there.setdefault(side.id, side)
    by_household: dict[int, list[_Side]] = defaultdict(list)
    for side in there.values():
        by_household[side.household].append(side)
    signals: dict[tuple[int, int], set[Signal]] = defaultdict(set)
    for own in here.values():
        for other in by_household[own.household]:
            signals[own.id, other.id].add(Signal.HOUSEHOLD)
    owners: dict[int, list[_Side]] = defaultdict(list)
    for own in here.values():
        owners[own.household].append(own)
    for (own_household, household), found in shared.items():
        for own, other in itertools.product(owners[own_household], by_household[household]):
            signals[own.id, other.id] |= found
    _add_cards(session, here, there, unsaved, signals)
    candidates = {
        pair: found
        for pair, found in signals.items()
        if pair[0] != pair[1] and _rule(here[pair[0]], there[pair[1]], rules) is not None
    }
    _add_days(session, [there[other] for _own, other in candidates], there)
    pairs: Pairs = {}
    for (own_id, other_id), found in sorted(candidates.items()):
        own, other = here[own_id], there[other_id]
        rule = _rule(own, other, rules)
        if rule is not None and _broken(rule, own, other, on or own.registered_on):
            pairs[own_id, other_id] = rule.key, tuple(s for s in Signal if s in found)
    return pairs


def _rule(own: _Side, other: _Side, rules: Sequence[Rule]) -> Rule | None:
    for rule in rules:
        if rule.fits(own.programme, other.programme):
            return None if rule.allowed else rule
    return None


def _broken(rule: Rule, own: _Side, other: _Side, on: dt.date) -> bool:
    if other.id > own.id and other.received is None:
        return False  # the later registration is the double, not this one
    live = other.status in LIVE
    if other.status is RegistrationStatus.DECLINED or not (live or other.days):
        return False
    if rule.months is None or not other.days:
        return True
    return any(_near(on, day, rule.months) for day in other.days)


def _near(one: dt.date, other: dt.date, months: int) -> bool:
    """Tell whether two days lie less than some months apart."""
    first, last = sorted((one, other))
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    return last < dt.date(year, month + 1, min(first.day, length))


def _sides(session: Session, clause: Any) -> dict[int, _Side]:
    own = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    rows = session.execute(
        sa.select(
            col(Registration.id),
            col(Registration.programme_id),
            col(Programme.modality),
            own,
            col(Registration.status),
            col(Registration.registered_on),
            col(Registration.card_number),
        )
        .join(Programme, col(Programme.id) == col(Registration.programme_id))
        .join(Household, col(Household.id) == col(Registration.household_id))
        .where(clause)
    )
    return {
        i: _Side(i, (programme, kind), household, status, day, {card} - {""})
        for i, programme, kind, household, status, day, card in rows
    }


def _of_households(session: Session, households: set[int]) -> dict[int, _Side]:
    merged = sa.select(col(Household.id)).where(
        sa.or_(
            col(Household.id).in_(listed(households)),
            col(Household.merged_into_id).in_(listed(households)),
        )
    )
    return _sides(session, col(Registration.household_id).in_(merged))


def _shared(
    session: Session, here: dict[int, _Side], unsaved: Unsaved | None = None
) -> dict[tuple[int, int], set[Signal]]:
    """Give the households that share something with those of the registrations."""
    new = unsaved or Unsaved()
    own = {side.household for side in here.values()}
    member: Any = HouseholdMember
    household = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    person = sa.func.coalesce(col(Person.merged_into_id), col(Person.id))
    base = (
        sa.select(household, person, member.document_key)
        .select_from(HouseholdMember)
        .join(Household, col(Household.id) == member.household_id)
        .join(Person, col(Person.id) == member.person_id)
        .where(member.until.is_(None))
    )
    homes_here = sa.select(col(Household.id)).where(
        sa.or_(col(Household.id).in_(listed(own)), col(Household.merged_into_id).in_(listed(own)))
    )
    mine = [tuple(row) for row in session.execute(base.where(member.household_id.in_(homes_here)))]
    mine += new.members
    people_of: dict[int, set[int]] = defaultdict(set)
    documents: dict[str, set[int]] = defaultdict(set)
    for home, who, document in mine:
        people_of[who].add(home)
        if document:
            documents[document].add(home)
    found: dict[tuple[int, int], set[Signal]] = defaultdict(set)

    def note(homes: Iterable[int], other: int, signal: Signal) -> None:
        for home in homes:
            if home != other:
                found[home, other].add(signal)

    merged = sa.select(col(Person.id)).where(
        sa.or_(
            col(Person.id).in_(listed(people_of)),
            col(Person.merged_into_id).in_(listed(people_of)),
        )
    )
    for other, who, _document in session.execute(base.where(member.person_id.in_(merged))):
        note(people_of[who], other, Signal.PERSON)
    for other, who, document in new.members:
        note(people_of[who], other, Signal.PERSON)
        note(documents.get(document, ()), other, Signal.DOCUMENT)
    if documents:
        for other, _who, document in session.execute(
            base.where(member.document_key.in_(listed(documents)))
        ):
            note(documents[document], other, Signal.DOCUMENT)
    phones: dict[str, set[int]] = defaultdict(set)
    for number, who in session.execute(
        sa.select(col(Contact.e164), col(Contact.person_id)).where(
            col(Contact.person_id).in_(listed(people_of)), col(Contact.e164).is_not(None)
        )
    ):
        phones[number] |= people_of[who]
    for number, who in new.phones:
        phones[number] |= people_of[who]
    for number, who in new.phones:
        for other in people_of[who]:
            note(phones[number], other, Signal.PHONE)
    if phones:
        for other, number in session.execute(
            sa.select(household, col(Contact.e164))
            .select_from(Contact)
            .join(HouseholdMember, member.person_id == col(Contact.person_id))
            .join(Household, col(Household.id) == member.household_id)
            .where(col(Contact.e164).in_(listed(phones)), member.until.is_(None))
        ):
            note(phones[number], other, Signal.PHONE)
    for home, other in same_names(session, people_of, len(here), new.people):
        note([home], other, Signal.NAME)
    _add_addresses(session, found, new.places)
    return found


def _add_addresses(
    session: Session,
    found: dict[tuple[int, int], set[Signal]],
    places: dict[int, tuple[str, str]],
) -> None:
    """A shared address is no reason of its own: many live in one house."""
    homes = {home for pair in found for home in pair}
    rows = session.execute(
        sa.select(col(Household.id), col(Household.place), col(Household.address)).where(
            col(Household.id).in_(listed(homes))
        )
    )
    where = {i: _place_key(place, address) for i, place, address in rows}
    where |= {i: _place_key(*places[i]) for i in homes & places.keys()}
    for (home, other), signals in found.items():
        if where.get(home) and where.get(home) == where.get(other):
            signals.add(Signal.ADDRESS)


def _place_key(place: str, address: str) -> tuple[str, ...]:
    words = [*tokens(place), *tokens(address)]
    return tuple(fold(word) or word.casefold() for word in words) if address else ()


def _add_cards(
    session: Session,
    here: dict[int, _Side],
    there: dict[int, _Side],
    unsaved: dict[int, _Side],
    signals: dict[tuple[int, int], set[Signal]],
) -> None:
    rows = session.execute(
        sa.select(col(Entitlement.registration_id), col(Entitlement.card_number)).where(
            col(Entitlement.registration_id).in_(listed(here)),
            col(Entitlement.card_number) != "",
        )
    )
    cards: dict[str, set[int]] = defaultdict(set)
    for registration_id, card in rows:
        cards[card].add(registration_id)
    for side in here.values():
        for card in side.cards:
            cards[card].add(side.id)
    if not cards:
        return
    on_lines = sa.select(col(Entitlement.registration_id), col(Entitlement.card_number)).where(
        col(Entitlement.card_number).in_(listed(cards))
    )
    on_files = sa.select(col(Registration.id), col(Registration.card_number)).where(
        col(Registration.card_number).in_(listed(cards))
    )
    holders = [(i, card) for i, card in session.execute(sa.union(on_lines, on_files))]
    holders += [(side.id, card) for side in unsaved.values() for card in side.cards]
    missing = {i for i, _card in holders if i not in there}
    if missing:
        there.update(_sides(session, col(Registration.id).in_(listed(missing))))
    for other, card in holders:
        for own in cards[card]:
            # On one list, one card for the people of one household is the household's card.
            if own != other and there[own].household != there[other].household:
                signals[own, other].add(Signal.CARD)


def _add_days(session: Session, others: list[_Side], there: dict[int, _Side]) -> None:
    """Note on which days the others received, or are to receive."""
    ids = {side.id for side in others}
    later: Any = sa.orm.aliased(Receipt)
    last = ~sa.exists().where(
        later.entitlement_id == col(Receipt.entitlement_id), later.sequence > col(Receipt.sequence)
    )
    given = session.execute(
        sa.select(col(Entitlement.registration_id), col(Receipt.on_date))
        .join(Receipt, col(Receipt.entitlement_id) == col(Entitlement.id))
        .where(
            col(Entitlement.registration_id).in_(listed(ids)),
            col(Receipt.kind) != ReceiptKind.CANCELLED,
            last,
        )
    )
    for registration_id, day in given:
        side = there[registration_id]
        side.days.append(day)
        side.received = max(side.received or day, day)
    to_come = session.execute(
        sa.select(col(Entitlement.registration_id), col(Round.first_day))
        .join(Round, col(Round.id) == col(Entitlement.round_id))
        .where(
            col(Entitlement.registration_id).in_(listed(ids)),
            col(Entitlement.status) == EntitlementStatus.PLANNED,
        )
    )
    for registration_id, day in to_come:
        there[registration_id].days.append(day)


# ------------------------------------------------------------------------------------- the words

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


def _told(session: Session, pairs: Pairs) -> list[Finding]:
    """Put what was found into words, with what was decided of it."""
    if not pairs:
        return []
    ids = {i for pair in pairs for i in pair}
    sides = _sides(session, col(Registration.id).in_(listed(ids)))
    _add_days(session, list(sides.values()), sides)
    homes = _homes(session, sides)
    programmes = _programme_names(session, {side.programme[0] for side in sides.values()})
    decided: dict[tuple[int, int, str], tuple[int, Decision]] = {}
    for i, here, there, rule, decision in session.execute(
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
        decided[here, there, rule] = i, decision
        decided.setdefault((there, here, rule), (i, decision))
    return [
        _finding(sides[here], sides[there], rule, signals, homes, programmes, decided)
        for (here, there), (rule, signals) in pairs.items()
    ]


def _programme_names(session: Session, ids: set[int]) -> dict[int, str]:
    statement = sa.select(col(Programme.id), col(Programme.name))
    rows = session.execute(statement.where(col(Programme.id).in_(listed(ids))))
    return dict(rows.all())


def _why(signals: tuple[Signal, ...], programme: str, received: dt.date | None) -> str:
    texts = _WHY[signals[0]]
    if signals[0] is Signal.PERSON and Signal.ADDRESS in signals:
        texts = _WHY_ADDRESS
    if received is None:
        return _(texts[1]).format(programme=programme)
    return _(texts[0]).format(programme=programme, date=short_date(received))


def _finding(
    here: _Side,
    there: _Side,
    rule: str,
    signals: tuple[Signal, ...],
    homes: dict[int, _Home],
    programmes: dict[int, str],
    decided: dict[tuple[int, int, str], tuple[int, Decision]],
) -> Finding:
    why = _why(signals, programmes[there.programme[0]], there.received)
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
    here: _Side,
    there: _Side,
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


def _homes(session: Session, sides: dict[int, _Side]) -> dict[int, _Home]:
    households = {side.household for side in sides.values()}
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
    for side in sides.values():
        base = by_household[side.household]
        result[side.id] = _Home(
            base.head, base.address, base.people, base.documents, set(side.cards), base.phones
        )
    for registration_id, card in session.execute(
        sa.select(col(Entitlement.registration_id), col(Entitlement.card_number)).where(
            col(Entitlement.registration_id).in_(listed(sides)),
            col(Entitlement.card_number) != "",
        )
    ):
        result[registration_id].cards.add(card)
    return result
