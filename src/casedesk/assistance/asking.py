"""What the window of assistance asks of the file, beside what `reading` and `listing` give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.assistance import counts, listing, reading, wording
from casedesk.assistance.doubles import Finding
from casedesk.assistance.reading import FactLine, LineReading, RoundSummary, Warning
from casedesk.assistance.records import (
    LIVE,
    UNDECIDED,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdMember,
    Per,
    Programme,
    Registration,
    RegistrationStatus,
    Round,
    card_key,
    document_key,
)
from casedesk.assistance.rounds import Planned, find_by_card, round_of
from casedesk.assistance.rules import current_household, programme_of, registration_of
from casedesk.kernel import clock
from casedesk.kernel.fields import phone_key
from casedesk.kernel.language import N_, _, ngettext, number
from casedesk.kernel.query import Cell, Column, Field, Listing, Selection
from casedesk.names.romanise import romanise
from casedesk.people import index
from casedesk.people.records import Contact, Person, PersonName

AT_ONCE = 20_000
"""How many lines one act on a selection changes at most; the acts refuse more as well."""
_FOUND = 5
SURE = 0.9
"""From which likeness of names somebody of the file is shown before a household is saved."""


# --------------------------------------------------------------------------------------- lists


_WIDTHS = {
    "head": 184,
    "card": 88,
    "code": 86,
    "people": 58,
    "given": 104,
    "site": 96,
    "status": 140,
}


def _latin(value: str | None) -> Cell:
    return romanise(value or "")


def _lines() -> Listing:
    """The lines of all rounds; the filter says which round, so that one table shows them all."""
    whole = listing.lines_of(0)
    by_key = {column.key: column for column in whole.columns}
    latin = Column(
        "latin", N_("Latin name"), 120, by_key["head"].value, _latin, sortable=False, kind="muted"
    )

    def narrow(key: str) -> Column:
        """So that the table needs no bar across at 1440 pixels, beside the list of rounds."""
        return replace(by_key[key], width=_WIDTHS.get(key, by_key[key].width))

    order = ("code", "card", "people", "given", "site", "address", "need", "status")
    of_round = Field(
        "round",
        N_("Round"),
        lambda c: col(Entitlement.round_id) == int(str(c.value)),
        lambda _c: _("One round"),
    )
    return replace(
        whole,
        key="round-lines",
        where=(),
        columns=(narrow("head"), latin, *(narrow(key) for key in order)),
        fields=(*whole.fields, of_round),
    )


LINES = _lines()
SHOWN_LINES = ("head", "latin", "code", "card", "people", "given", "site", "status")


def _rounds() -> Listing:
    """The rounds for a narrow list: name and programme in one column."""
    by_key = {column.key: column for column in listing.ROUNDS.columns}
    named = by_key["name"].value + " · " + by_key["programme"].value
    both = replace(by_key["name"], value=named, width=180)
    status = replace(by_key["status"], width=124)
    return replace(listing.ROUNDS, columns=(both, by_key["first_day"], status))


ROUNDS = _rounds()


def chosen(session: Session, own: Listing, selection: Selection) -> list[int]:
    """List the ids of a selection."""
    return list(selection.ids(session, own))


def registrations_of(session: Session, line_ids: Sequence[int]) -> list[int]:
    """List the registrations that lines belong to, each once."""
    found: dict[int, None] = {}
    for start in range(0, len(line_ids), 500):
        part = list(line_ids[start : start + 500])
        rows = session.execute(
            sa.select(col(Entitlement.registration_id)).where(col(Entitlement.id).in_(part))
        )
        found.update(dict.fromkeys(rows.scalars()))
    return list(found)


# ----------------------------------------------------------------------------------- one round


@dataclass(frozen=True)
class Choices:
    """What forms offer: programmes that have not ended, and all of them."""

    programmes: tuple[tuple[int, str], ...]
    running: tuple[tuple[int, str], ...]
    per: dict[int, Per]


def choices(session: Session) -> Choices:
    """Read the programmes, newest first."""
    rows = session.exec(
        select(Programme).order_by(col(Programme.starts_on).desc(), col(Programme.id))
    ).all()
    pairs = [(row.id or 0, row.name, row.ends_on) for row in rows]
    today = clock.today()
    return Choices(
        programmes=tuple((i, name) for i, name, _end in pairs),
        running=tuple((i, name) for i, name, end in pairs if end is None or end >= today),
        per={row.id or 0: row.per for row in rows},
    )


def open_count(session: Session) -> int:
    """Count the possible doubles that wait for a decision."""
    return int(
        session.execute(
            sa.select(sa.func.count(col(Double.id))).where(col(Double.decision).in_(UNDECIDED))
        ).scalar_one()
    )


def summary(session: Session, round_id: int | None) -> RoundSummary | None:
    """Read the head of a round, of the newest one unless told; None where there is no round."""
    wanted = round_id or reading.newest_round(session)
    if not wanted or session.get(Round, wanted) is None:
        return None
    return reading.round_summary(session, wanted)


def included(
    session: Session,
    round_id: int,
    *,
    quantity: int,
    amount: int,
    site_id: int | None,
) -> list[Planned]:
    """List what could be put on a round: included registrations that do not stand there yet.

    Where the programme gives to persons, everybody of the household has a line.
    """
    own = round_of(session, round_id)
    programme = programme_of(session, own.programme_id)
    there = {
        (registration, person or 0)
        for registration, person in session.execute(
            sa.select(col(Entitlement.registration_id), col(Entitlement.person_id)).where(
                col(Entitlement.round_id) == round_id
            )
        )
    }
    rows = session.execute(
        sa.select(
            col(Registration.id),
            sa.func.coalesce(col(Household.merged_into_id), col(Household.id)),
        )
        .join(Household, col(Household.id) == col(Registration.household_id))
        .where(
            col(Registration.programme_id) == own.programme_id,
            col(Registration.status) == RegistrationStatus.INCLUDED,
        )
        .order_by(col(Registration.id))
    )
    here = rows.all()
    everybody: dict[int, list[int]] = {}
    if programme.per is Per.PERSON:
        everybody = counts.persons_of_households(session, {home for _i, home in here})
    found: list[Planned] = []
    for registration_id, household_id in here:
        persons: list[int | None] = [None]
        if programme.per is Per.PERSON:
            persons = [*everybody.get(household_id, ())]
        found.extend(
            Planned(registration_id, quantity, amount, person, site_id)
            for person in persons
            if (registration_id, person or 0) not in there
        )
    return found


# ------------------------------------------------------------------------------------ one line


@dataclass(frozen=True)
class Told:
    """A warning as it is shown, with the two heads, who are one person if the households are."""

    warning: Warning
    heads: tuple[int, int] | None

    @property
    def finding(self) -> Finding:
        """What was found."""
        return self.warning.finding


@dataclass(frozen=True)
class Standing:
    """All of one line: who, what, what was noted, and what has to be decided."""

    line: LineReading
    facts: tuple[FactLine, ...]
    told: tuple[Told, ...]

    @property
    def undecided(self) -> Told | None:
        """The first thing that has to be decided of it."""
        return next((one for one in self.told if one.warning.decision in UNDECIDED), None)


def standing(session: Session, line_id: int) -> Standing:
    """Read all of one line."""
    line = reading.line(session, line_id)
    return Standing(
        line=line,
        facts=tuple(reading.facts(session, line_id)),
        told=tuple(tell(session, warning) for warning in line.warnings),
    )


def tell(session: Session, warning: Warning) -> Told:
    """Add who the two heads are; None where they are one person already or not known."""
    homes = [
        current_household(session, registration_of(session, i).household_id)
        for i in (warning.other_id, warning.registration_id)
    ]
    kept, dropped = (counts.head_of_household(session, home) for home in homes)
    if homes[0] == homes[1] or kept is None or dropped is None or kept == dropped:
        return Told(warning, None)
    return Told(warning, (kept, dropped))


def told_of_registration(session: Session, registration_id: int) -> list[Told]:
    """Read what has to be decided of a registration that was just made."""
    return [
        tell(session, warning)
        for warning in reading.open_warnings(session)
        if warning.registration_id == registration_id
    ]


# ----------------------------------------------------------------------------------- the table


@dataclass(frozen=True)
class Lookup:
    """Who stands at the table: the lines of the number that was typed, or why there are none."""

    typed: str
    lines: tuple[Standing, ...]
    problem: str = ""

    @property
    def ready(self) -> tuple[int, ...]:
        """The lines that can be handed over now."""
        return tuple(one.line.id for one in self.lines if not one.line.against)

    @property
    def undecided(self) -> Told | None:
        """The first thing to decide before anything is handed over."""
        return next((one.undecided for one in self.lines if one.undecided is not None), None)


def look_up(session: Session, round_id: int, typed: str) -> Lookup:
    """Find the lines of a card or of a household's number, or say why nothing is handed over."""
    ids = find_by_card(session, round_id, typed)
    if ids:
        return Lookup(typed, tuple(standing(session, i) for i in ids))
    return Lookup(typed, (), _why_not(session, round_id, card_key(typed)))


def again(session: Session, typed: str, line_ids: Sequence[int]) -> Lookup:
    """Read lines again that are on the table already."""
    return Lookup(typed, tuple(standing(session, i) for i in line_ids))


def _why_not(session: Session, round_id: int, key: str) -> str:
    if not key:
        return _("Type a card or household number.")
    own = round_of(session, round_id)
    code = sa.func.replace(col(Household.code), "-", "")
    homes = session.execute(
        sa.select(col(Household.id), col(Household.merged_into_id)).where(code == key)
    ).all()
    ids = [i for pair in homes for i in pair if i is not None]
    held = sa.or_(col(Registration.card_number) == key, col(Registration.household_id).in_(ids))
    rows = session.execute(
        sa.select(col(Registration.programme_id), col(Registration.status)).where(held)
    ).all()
    statuses = [status for programme_id, status in rows if programme_id == own.programme_id]
    if statuses:
        words, _tone = wording.REGISTRATION[statuses[-1]]
        return _(
            "The household is registered in this programme, but does not stand on this list. "
            "Its registration: {status}."
        ).format(status=_(words))
    on_lines = session.execute(
        sa.select(col(Round.name))
        .join(Entitlement, col(Entitlement.round_id) == col(Round.id))
        .where(col(Entitlement.card_number) == key)
        .limit(1)
    ).scalar()
    if on_lines:
        return _("The number belongs to another round: {round}.").format(round=on_lines)
    if rows:
        return _("The household is registered in another programme, not in this one.")
    if homes:
        return _("The household is in the file, but is registered in no programme.")
    return _("Nobody on this list has this number. Read it again, or look for the name (Esc).")


def received_of(session: Session, line_ids: Sequence[int]) -> set[int]:
    """Tell which of some lines are received now."""
    rows = session.execute(
        sa.select(col(Entitlement.id)).where(
            col(Entitlement.id).in_(list(line_ids)),
            col(Entitlement.status) == EntitlementStatus.RECEIVED,
        )
    )
    return set(rows.scalars())


# --------------------------------------------------------------------- before a household is kept


@dataclass(frozen=True)
class Asked:
    """What a household that is about to be registered could be known by."""

    programme_id: int
    names: tuple[str, ...]
    phones: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    card: str = ""


@dataclass(frozen=True)
class Similar:
    """A household of the file that shares something with the one that is typed."""

    household_id: int
    code: str
    head: str
    why: str
    programmes: tuple[str, ...]
    registered_here: bool

    def words(self) -> str:
        """Say in one line who it is, and what it gets."""
        parts = (self.code, self.head, self.why, *self.programmes)
        return " · ".join(part for part in parts if part)


def similar(session: Session, asked: Asked) -> list[Similar]:
    """Find households that may be the one that is typed: by name, telephone, document and card."""
    why: dict[int, str] = {}
    home = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    members = (
        sa.select(home)
        .join(HouseholdMember, col(HouseholdMember.household_id) == col(Household.id))
        .where(col(HouseholdMember.until).is_(None))
    )

    def note(statement: sa.Select[Any], words: str) -> None:
        for household_id in session.execute(statement.limit(_FOUND)).scalars():
            why.setdefault(household_id, words)

    keys = [key for key in map(document_key, asked.documents) if key]
    if keys:
        note(members.where(col(HouseholdMember.document_key).in_(keys)), _("Same document"))
    card = card_key(asked.card)
    if card:
        cards = sa.select(home).join(
            Registration, col(Registration.household_id) == col(Household.id)
        )
        note(cards.where(col(Registration.card_number) == card), _("Same card"))
    numbers = [key for key in map(phone_key, asked.phones) if key]
    if numbers:
        owners = sa.select(col(Contact.person_id)).where(col(Contact.e164).in_(numbers))
        note(members.where(col(HouseholdMember.person_id).in_(owners)), _("Same telephone"))
    for name in asked.names:
        hits = [hit.person_id for hit in index.search(session, name, limit=10) if hit.score >= SURE]
        merged = sa.select(col(Person.id)).where(col(Person.merged_into_id).in_(hits))
        by_name = sa.or_(
            col(HouseholdMember.person_id).in_(hits), col(HouseholdMember.person_id).in_(merged)
        )
        if hits:
            note(members.where(by_name), _("Same name"))
    return [_similar(session, i, words, asked.programme_id) for i, words in why.items()][:_FOUND]


def _similar(session: Session, household_id: int, why: str, programme_id: int) -> Similar:
    household = session.get(Household, household_id)
    rows = session.execute(
        sa.select(col(Programme.id), col(Programme.name), col(Registration.status))
        .join(Registration, col(Registration.programme_id) == col(Programme.id))
        .where(col(Registration.household_id) == household_id)
        .order_by(col(Programme.starts_on).desc())
    ).all()
    live = [name for _i, name, status in rows if status in LIVE]
    return Similar(
        household_id=household_id,
        code=household.code if household else "",
        head=_head_name(session, household_id),
        why=why,
        programmes=tuple(live[:2]),
        registered_here=any(
            i == programme_id and status is not RegistrationStatus.DECLINED
            for i, _name, status in rows
        ),
    )


def _head_name(session: Session, household_id: int) -> str:
    head = counts.head_of_household(session, household_id)
    name = session.exec(
        select(PersonName)
        .where(PersonName.person_id == head)
        .order_by(col(PersonName.kind) != "official", col(PersonName.id))
    ).first()
    if name is None:
        return _("Name not known")
    return " ".join(part for part in (name.family, name.given, name.patronymic) if part)


# --------------------------------------------------------------------------------- the palette


@dataclass(frozen=True)
class FoundRound:
    """A round as the palette offers it."""

    id: int
    name: str
    programme: str


@dataclass(frozen=True)
class FoundHousehold:
    """A household as the palette offers it, with its newest line."""

    id: int
    code: str
    head: str
    line_id: int
    round_id: int


def find_rounds(session: Session, text: str, limit: int = 5) -> list[FoundRound]:
    """Find rounds by their name or their programme's, newest first."""
    like = f"%{text.strip().replace('%', '').replace('_', ' ')}%"
    if len(like) < 4:
        return []
    rows = session.execute(
        sa.select(col(Round.id), col(Round.name), col(Programme.name))
        .join(Programme, col(Programme.id) == col(Round.programme_id))
        .where(sa.or_(col(Round.name).like(like), col(Programme.name).like(like)))
        .order_by(col(Round.first_day).desc(), col(Round.id).desc())
        .limit(limit)
    )
    return [FoundRound(*row) for row in rows]


def find_households(session: Session, text: str, limit: int = 5) -> list[FoundHousehold]:
    """Find households that stand on a list, by the code, a card or the name of somebody."""
    if len(text.strip()) < 2:
        return []
    key = card_key(text)
    homes: dict[int, None] = {}
    if key:
        code = sa.func.replace(col(Household.code), "-", "")
        rows = session.execute(sa.select(col(Household.id)).where(code == key).limit(limit))
        homes.update(dict.fromkeys(rows.scalars()))
        rows = session.execute(
            sa.select(col(Registration.household_id))
            .where(col(Registration.card_number) == key)
            .limit(limit)
        )
        homes.update(dict.fromkeys(rows.scalars()))
    hits = [hit.person_id for hit in index.search(session, text, limit=2 * limit)]
    if hits:
        rows = session.execute(
            sa.select(col(HouseholdMember.household_id))
            .where(col(HouseholdMember.person_id).in_(hits), col(HouseholdMember.until).is_(None))
            .limit(2 * limit)
        )
        homes.update(dict.fromkeys(rows.scalars()))
    found = []
    for household_id in homes:
        newest = session.execute(
            sa.select(col(Entitlement.id), col(Entitlement.round_id))
            .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
            .join(Round, col(Round.id) == col(Entitlement.round_id))
            .where(col(Registration.household_id) == household_id)
            .order_by(col(Round.first_day).desc(), col(Entitlement.id).desc())
            .limit(1)
        ).first()
        household = session.get(Household, household_id)
        if newest is not None and household is not None:
            name = _head_name(session, household_id)
            found.append(FoundHousehold(household_id, household.code, name, *newest))
        if len(found) == limit:
            break
    return found


# ------------------------------------------------------------------------------------- wording


def people_words(count: int) -> str:
    """Say how many people a household has."""
    return ngettext("{count} person", "{count} people", count).format(count=number(count))
