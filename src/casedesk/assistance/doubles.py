"""Double assistance: the search for households that a rule keeps apart.

Two registrations are compared where they share a household, a person, a document, a card, a
telephone, or a person by name in any script. The rule for their two kinds of help then says
whether both may be served. `find` is asked at registration, at lock and at handing over.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import double_words, name_keys
from casedesk.assistance.double_rules import RULES, Rule, Signal, near
from casedesk.assistance.double_words import Finding, masked, programme_names, why_words
from casedesk.assistance.records import (
    LIVE,
    UNDECIDED,
    Double,
    Modality,
    Programme,
    RegistrationStatus,
)
from casedesk.assistance.sharing import Shared, Unsaved, shared
from casedesk.assistance.sides import (
    Pairs,
    Side,
    add_days,
    cards_of,
    holders,
    nearest,
    of_households,
    sides,
)
from casedesk.kernel.errors import Refused
from casedesk.kernel.jobs import Step
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import bound, run

__all__ = [
    "RULES",
    "DoubleFound",
    "Finding",
    "Foreseen",
    "Pairs",
    "Rule",
    "Signal",
    "Unsaved",
    "described",
    "find",
    "foresee",
    "masked",
    "told",
    "undecided",
    "warm",
]
FEW = 25
"""Up to so many registrations the name index is asked; a whole list is compared by keys."""


class DoubleFound(Refused):
    """Nothing was done, because somebody has to decide about a possible double first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep what was found; the sentence names nobody."""
        super().__init__(_("This may be double assistance. Decide about it first."))
        self.findings = tuple(findings)


def find(
    session: Session,
    registration_ids: Collection[int],
    *,
    on: dt.date | None = None,
    rules: Sequence[Rule] = RULES,
    step: Step | None = None,
) -> list[Finding]:
    """Find what these registrations may be doubles of, if they are served on a day.

    Without a day, each is looked at on the day it was registered. Of two that nobody served yet,
    the later registration is the double. `step(done, total)` may raise to stop.
    """
    pairs = _pairs(session, set(registration_ids), on, rules, by_index=True, step=step)
    return double_words.told(session, pairs)


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
        i: Side(i, (programme, kinds[programme]), home, RegistrationStatus.NEW, day, {card} - {""})
        for i, programme, home, day, card in unsaved.registrations
    }
    homes = {side.household for side in here.values()}
    found_shared = shared(session, homes, unsaved, by_index=len(here) <= FEW)
    there: dict[int, Side] = {}
    pairs = _judged(session, here, there, found_shared, here, None, rules)
    programmes = programme_names(session, set(kinds))
    found = []
    seen: set[tuple[int, int]] = set()
    for (own, other), (rule, signals) in pairs.items():
        side = there[other]
        seen.add((here[own].household, side.household))
        why = why_words(signals, programmes[side.programme[0]], side.received)
        found.append(Foreseen(own, other, side.household, rule, signals, why))
    found += _known_already(here, there, found_shared, unsaved, seen)
    return sorted(found, key=lambda item: (item.registration, not item.rule, item.other)), pairs


_IN_FILE: dict[Signal, str] = {
    Signal.PERSON: N_("A person of the household is in the file already."),
    Signal.DOCUMENT: N_("The document is in the file already, with another household."),
    Signal.NAME: N_("Somebody of this name is in the file already."),
}


def _known_already(
    here: dict[int, Side],
    there: dict[int, Side],
    found_shared: Shared,
    unsaved: Unsaved,
    seen: set[tuple[int, int]],
) -> Iterator[Foreseen]:
    """Give the households whose people are there already, though no rule keeps them apart."""
    first: dict[int, int] = {}
    for side in there.values():
        first[side.household] = min(side.id, first.get(side.household, side.id))
    fresh = set(unsaved.places)
    neighbours: dict[int, list[int]] = defaultdict(list)
    for home, other in sorted(found_shared):
        neighbours[home].append(other)
    for own in here.values():
        if own.household not in fresh:
            continue
        for other in neighbours.get(own.household, ()):
            if (own.household, other) in seen or (other in fresh and other > own.household):
                continue
            found = found_shared[own.household, other]
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
    for here, there, rule, signals in run(session, _NOTED, ids=wanted):
        known = tuple(Signal(key) for key in signals.split(",") if key)
        pairs.setdefault((here, there), (rule, known))
    open_ = (None, *UNDECIDED)
    return [item for item in double_words.told(session, pairs) if item.decision in open_]


_NOTED: Final = sa.select(
    col(Double.registration_id), col(Double.other_id), col(Double.rule), col(Double.signals)
).where(
    col(Double.registration_id).in_(bound("ids")),
    col(Double.decision).in_(UNDECIDED),
)


def warm(session: Session) -> None:
    """Have the names of everybody at hand before somebody waits at a table for them."""
    name_keys.of(session).persons(session, ())


def told(session: Session, pairs: Pairs) -> list[Finding]:
    """Put pairs that `foresee` found into words, now that they are in the file."""
    return double_words.told(session, pairs)


def described(session: Session, noted: Iterable[Double]) -> list[Finding]:
    """Put noted doubles into words again, with the households as they are now."""
    pairs: Pairs = {}
    for double in noted:
        signals = tuple(Signal(key) for key in double.signals.split(",") if key)
        pairs[double.registration_id, double.other_id] = double.rule, signals
    return double_words.told(session, pairs)


# -------------------------------------------------------------------------------------- the pairs


def _pairs(
    session: Session,
    wanted: set[int],
    on: dt.date | None,
    rules: Sequence[Rule],
    *,
    by_index: bool = False,
    step: Step | None = None,
) -> Pairs:
    if not wanted:
        return {}
    session.flush()  # the statements below go past the session
    here = sides(session, wanted)
    homes = {side.household for side in here.values()}
    found_shared = shared(session, homes, by_index=by_index and len(here) <= FEW, step=step)
    return _judged(session, here, {}, found_shared, {}, on, rules)


def _judged(
    session: Session,
    here: dict[int, Side],
    there: dict[int, Side],
    found_shared: Shared,
    unsaved: dict[int, Side],
    on: dt.date | None,
    rules: Sequence[Rule],
) -> Pairs:
    """Hold what is shared against the rules; `there` is filled with the sides that were read."""
    households = {household for _own, household in found_shared}
    there |= of_households(session, households | {side.household for side in here.values()})
    for side in here.values():
        there.setdefault(side.id, side)
    by_household: dict[int, list[Side]] = defaultdict(list)
    for side in there.values():
        by_household[side.household].append(side)
    signals: dict[tuple[int, int], set[Signal]] = defaultdict(set)
    for own in here.values():
        for other in by_household[own.household]:
            signals[own.id, other.id].add(Signal.HOUSEHOLD)
    owners: dict[int, list[Side]] = defaultdict(list)
    for own in here.values():
        owners[own.household].append(own)
    for (own_household, household), found in found_shared.items():
        for own, other in itertools.product(owners[own_household], by_household[household]):
            signals[own.id, other.id] |= found
    _add_cards(session, here, there, unsaved, signals)
    candidates = {
        pair: found
        for pair, found in signals.items()
        if pair[0] != pair[1] and _rule(here[pair[0]], there[pair[1]], rules) is not None
    }
    add_days(session, [there[other] for _own, other in candidates], there)
    pairs: Pairs = {}
    for (own_id, other_id), found in sorted(candidates.items()):
        own, other = here[own_id], there[other_id]
        rule = _rule(own, other, rules)
        if rule is not None and _broken(rule, own, other, on or own.registered_on):
            pairs[own_id, other_id] = rule.key, tuple(s for s in Signal if s in found)
    return pairs


def _rule(own: Side, other: Side, rules: Sequence[Rule]) -> Rule | None:
    for rule in rules:
        if rule.fits(own.programme, other.programme):
            return None if rule.allowed else rule
    return None


def _broken(rule: Rule, own: Side, other: Side, on: dt.date) -> bool:
    if other.id > own.id and other.received is None:
        return False  # the later registration is the double, not this one
    live = other.status in LIVE
    if other.status is RegistrationStatus.DECLINED or not (live or other.days):
        return False
    if rule.months is None or not other.days:
        return True
    return any(near(on, day, rule.months) for day in other.days)


def _add_cards(
    session: Session,
    here: dict[int, Side],
    there: dict[int, Side],
    unsaved: dict[int, Side],
    signals: dict[tuple[int, int], set[Signal]],
) -> None:
    cards: dict[str, set[int]] = defaultdict(set)
    for registration_id, card in cards_of(session, here):
        cards[card].add(registration_id)
    for side in here.values():
        for card in side.cards:
            cards[card].add(side.id)
    if not cards:
        return
    held: dict[str, set[int]] = defaultdict(set)
    for holder, card in holders(session, cards):
        held[card].add(holder)
    for side in unsaved.values():
        for card in side.cards:
            held[card].add(side.id)
    missing = set().union(*held.values()) - there.keys()
    if missing:
        there.update(sides(session, missing))
    for card, others in held.items():
        ordered = sorted(others)
        for own in cards[card]:
            for other in nearest(ordered, own):
                # On one list, one card for the people of one household is the household's card.
                if own != other and there[own].household != there[other].household:
                    signals[own, other].add(Signal.CARD)
