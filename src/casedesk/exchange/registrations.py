"""Take in a list of registrations: households into a programme, and onto the list of a round.

`plan` looks at every row and writes nothing: it is the dry run. A row is accepted, refused with its
reason, or a possible double, which is left out unless it is asked for. `take_in` is the one act
that writes what was planned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.assistance import doubles, rounds, rules
from casedesk.assistance.double_rules import Signal, rule_of
from casedesk.assistance.doubles import Foreseen
from casedesk.assistance.records import (
    Household,
    HouseholdDraft,
    HouseholdMember,
    HouseholdMemberDraft,
    Per,
    Programme,
    Registration,
    RegistrationDraft,
    RegistrationStatus,
    Round,
    RoundStatus,
    Site,
    same_name,
)
from casedesk.assistance.rounds import Planned
from casedesk.assistance.rules import NewHousehold, NewMember, NewRegistration
from casedesk.assistance.sides import Pairs
from casedesk.exchange import entering, importing
from casedesk.exchange.importing import born_of, contact_of, draft_of, names_of, sex_of
from casedesk.exchange.reading import Fault, Row, Table, read_table
from casedesk.exchange.values import (
    Amounts,
    Days,
    Wrong,
    refuse_rounded,
    shown_name,
    whole_number,
    yes_or_no,
)
from casedesk.kernel import clock, journal
from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.jobs import Step
from casedesk.kernel.language import N_, _, ngettext
from casedesk.kernel.store import Store, listed
from casedesk.people.records import PersonDraft
from casedesk.people.rules import NewPerson

KIND = "registrations"
_MOST_PEOPLE = 60
_TOLD_EACH = 500
_ROUND_ONLY = ("site", "quantity", "amount")
_HOUSEHOLD_CODE = re.compile(r"H-\d{6,}")
_HEAD = re.compile(r"(?i)head|глава|заявитель|self|applicant")
_SEPARATOR = re.compile(r"[;,\n]")


@dataclass(frozen=True)
class Into:
    """Where registrations go: a programme, and perhaps one of its open rounds."""

    programme_id: int
    round_id: int | None = None


@dataclass(frozen=True)
class Applicant:
    """One accepted household with the rows it came from, as the drafts that it will become."""

    rows: tuple[int, ...]
    new: NewRegistration
    quantity: int = 1
    amount: int = 0
    site_id: int | None = None


@dataclass(frozen=True)
class DoubleRow:
    """A row that may be somebody who is served, or in the file, already: why, and who."""

    row: int
    why: str
    rule: str
    """The rule in words; empty where none forbids to serve both."""
    other: str
    """The code of the household in the file, or the row of the table."""


@dataclass(frozen=True)
class RegistrationPlan:
    """What an import would do, and how the table was read."""

    into: Into
    rows: int
    accepted: tuple[Applicant, ...] = field(repr=False)
    refused: tuple[Fault, ...]
    doubles: tuple[DoubleRow, ...]
    with_doubles: bool
    columns: tuple[tuple[str, str], ...]
    unknown_columns: tuple[str, ...]
    encoding: str
    separator: str
    sheet: str
    other_sheets: tuple[str, ...]
    state: int
    pairs: Pairs = field(repr=False, default_factory=dict)
    kind: str = KIND

    @property
    def taken(self) -> int:
        """How many rows of the table would come in."""
        return sum(len(applicant.rows) for applicant in self.accepted)


@dataclass(frozen=True)
class Taken:
    """What an import did: registrations made, lines on the round's list, rows that came too late.

    Who may be a double is registered only where it was asked for, and waits for a decision.
    """

    registrations: int
    listed: int
    waiting: int
    late: tuple[DoubleRow, ...]


def find_into(session: Session, programme: str, round_: str = "") -> Into:
    """Find programme and round by number or name, as a person types them."""
    if not programme and not round_:
        raise Refused(_("Say into which programme: --programme, and perhaps --round."))
    programmes = dict(session.exec(select(Programme.id, Programme.name)).all())
    programme_id = (
        _found(programmes, programme, _("There is no such programme.")) if programme else 0
    )
    if not round_:
        return Into(programme_id)
    statement = select(Round.id, Round.name)
    if programme_id:
        statement = statement.where(Round.programme_id == programme_id)
    rounds_there = dict(session.exec(statement).all())
    round_id = _found(rounds_there, round_, _("There is no such round."))
    return Into(programme_id or rounds.round_of(session, round_id).programme_id, round_id)


def _found(names: Mapping[Any, str], asked: str, missing: str) -> int:
    asked = asked.strip()
    if asked.isdecimal() and int(asked) in names:
        return int(asked)
    for alike in (same_name, lambda name, typed: typed.casefold() in name.casefold()):
        found = [i for i, name in names.items() if alike(name, asked)]
        if len(found) == 1:
            return int(found[0])
        if found:
            raise Refused(_("Several have this name. Give the number instead of the name."))
    raise NotFound(missing)


def run(
    store: Store,
    source: Path,
    *,
    programme: str,
    round_: str = "",
    mapping: Mapping[str, str | None] | None = None,
    sheet: str = "",
    with_doubles: bool = False,
    dry_run: bool = False,
    actor: str = importing.ACTOR,
    step: importing.Told | None = None,
) -> tuple[RegistrationPlan, Taken | None, int | None]:
    """Import a table; give the plan, what was done, and the journal entry that undo takes back.

    `step(done, total, text)` hears how far it is, and may raise to stop before anything is written.
    """
    with store.read() as session:
        into = find_into(session, programme, round_)
    table = read_table(source, sheet)
    mapping = importing.remembered(
        store, KIND, table.columns, mapping, keep=not dry_run, actor=actor
    )
    with store.read() as session:
        made = plan(
            session,
            table,
            into,
            mapping=mapping,
            with_doubles=with_doubles,
            step=importing.told(step, _("Checking rows")),
        )
    if dry_run or not made.accepted:
        return made, None, None
    was_behind = entering.behind(store)
    taken, changes = store.write(take_in, made, actor=actor)
    entering.keep_index(
        store,
        taken.registrations,
        was_behind=was_behind,
        actor=actor,
        step=importing.told(step, _("Filing names")),
    )
    return made, taken, changes.entry


def plan(
    session: Session,
    table: Table,
    into: Into,
    *,
    mapping: Mapping[str, str | None] | None = None,
    with_doubles: bool = False,
    step: Step | None = None,
) -> RegistrationPlan:
    """Look at every row of a table and decide; changes nothing."""
    places, unknown = importing.columns_of(KIND, table.columns, mapping)
    if into.round_id is None:
        unknown += tuple(table.columns[places.pop(n)] for n in _ROUND_ONLY if n in places)
    reader = _Reader(session, table, places, into)
    applicants, faults = reader.read(step)
    accepted, found, pairs = _sifted(session, applicants, with_doubles=with_doubles)
    return RegistrationPlan(
        into=into,
        rows=len(table.rows) + len(table.faults),
        accepted=accepted,
        refused=tuple(sorted((*table.faults, *faults), key=lambda fault: fault.row)),
        doubles=found,
        with_doubles=with_doubles,
        columns=tuple((table.columns[place], name) for name, place in places.items()),
        unknown_columns=unknown,
        encoding=table.encoding,
        separator=table.separator,
        sheet=table.sheet,
        other_sheets=table.other_sheets,
        state=_state(session),
        pairs=pairs,
    )


@act("exchange.import_registrations", N_("Import registrations"))
def take_in(session: Session, planned: RegistrationPlan) -> Taken:
    """Write a plan: all of it in one act. What became a double since it was made is left out."""
    accepted, pairs = planned.accepted, planned.pairs
    late: tuple[DoubleRow, ...] = ()
    if session.info["entry"] != planned.state + 1:
        with_doubles = planned.with_doubles
        accepted, found, pairs = _sifted(session, accepted, with_doubles=with_doubles)
        late = () if with_doubles else found
    if not accepted:
        return Taken(0, 0, 0, late)
    ids, noted = rules.register_rows(session, [item.new for item in accepted], pairs=pairs)
    waiting = {finding.registration_id for finding in noted}
    lines = 0
    if planned.into.round_id is not None:
        chosen = [(i, item) for i, item in zip(ids, accepted, strict=True) if i not in waiting]
        lines = _put_on_list(session, planned.into.round_id, chosen)
    return Taken(len(ids), lines, len(waiting), late)


def _put_on_list(session: Session, round_id: int, chosen: Sequence[tuple[int, Applicant]]) -> int:
    """Include registrations and plan their lines: who sent the list has looked at them."""
    if not chosen:
        return 0
    ids = [i for i, _item in chosen]
    for status in (RegistrationStatus.VALIDATED, RegistrationStatus.INCLUDED):
        rules.change_status_rows(session, ids, status)
    programme = rules.programme_of(session, rounds.round_of(session, round_id).programme_id)
    persons: dict[int, list[int]] = {}
    if programme.per is Per.PERSON:
        persons = _persons_of(session, ids)
    wanted = []
    for registration_id, item in chosen:
        line = Planned(
            registration_id, quantity=item.quantity, amount=item.amount, site_id=item.site_id
        )
        if programme.per is Per.PERSON:
            wanted += [replace(line, person_id=who) for who in persons.get(registration_id, ())]
        else:
            wanted.append(line)
    return len(rounds.plan(session, round_id, wanted))


def _persons_of(session: Session, ids: Sequence[int]) -> dict[int, list[int]]:
    rows = session.execute(
        sa.select(col(Registration.id), col(HouseholdMember.person_id))
        .join(HouseholdMember, col(HouseholdMember.household_id) == col(Registration.household_id))
        .where(col(Registration.id).in_(listed(ids)), col(HouseholdMember.until).is_(None))
        .order_by(col(HouseholdMember.id))
    )
    found: dict[int, list[int]] = {}
    for registration_id, person_id in rows:
        found.setdefault(registration_id, []).append(person_id)
    return found


def _state(session: Session) -> int:
    return int(session.execute(sa.select(sa.func.max(journal.ENTRY.c.id))).scalar() or 0)


# -------------------------------------------------------------------------------------- doubles


def _sifted(
    session: Session, applicants: Sequence[Applicant], *, with_doubles: bool
) -> tuple[tuple[Applicant, ...], tuple[DoubleRow, ...], Pairs]:
    """Look for doubles in the file and among the rows; leave them out unless they are wanted."""
    unsaved = rules.gathered(session, [item.new for item in applicants]).unsaved()
    found, pairs = doubles.foresee(session, unsaved)
    ids = [item[0] for item in unsaved.registrations]
    rows = {i: applicant.rows[0] for i, applicant in zip(ids, applicants, strict=True)}
    codes = _codes(session, {item.household for item in found if item.other not in rows})
    told = tuple(_double_row(item, rows, codes) for item in found)
    if with_doubles:
        return tuple(applicants), told, pairs
    doubtful = {item.registration for item in found}
    kept = tuple(a for i, a in zip(ids, applicants, strict=True) if i not in doubtful)
    return kept, told, {}


def _double_row(item: Foreseen, rows: Mapping[int, int], codes: Mapping[int, str]) -> DoubleRow:
    rule = rule_of(item.rule)
    text = _(rule.text) if rule else ""
    if item.other in rows:
        other = rows[item.other]
        why = _(_AMONG_ROWS[item.signals[0]]).format(row=other)
        return DoubleRow(rows[item.registration], why, text, str(other))
    return DoubleRow(rows[item.registration], item.why, text, codes.get(item.household, ""))


_AMONG_ROWS = {
    Signal.HOUSEHOLD: N_("The same household as in row {row}."),
    Signal.PERSON: N_("A person of this household is in row {row} too."),
    Signal.DOCUMENT: N_("The same document as in row {row}."),
    Signal.CARD: N_("The same card number as in row {row}."),
    Signal.NAME: N_("The same name as in row {row}."),
    Signal.PHONE: N_("The same telephone as in row {row}."),
}


def _codes(session: Session, households: set[int]) -> dict[int, str]:
    rows = session.execute(
        sa.select(col(Household.id), col(Household.code)).where(
            col(Household.id).in_(listed(households))
        )
    )
    return dict(rows.all())


# ----------------------------------------------------------------------------------- the rows


class _Reader:
    """Reads the rows of one table: what of them is a household, and what is wrong with it."""

    def __init__(
        self, session: Session, table: Table, places: Mapping[str, int], into: Into
    ) -> None:
        self._table, self._places, self._into = table, places, into
        self._today = clock.today()
        self._programme = rules.programme_of(session, into.programme_id)
        self._sites: dict[str, int] = {}
        if into.round_id is not None:
            own = rounds.round_of(session, into.round_id)
            if own.programme_id != into.programme_id:
                raise Refused(_("The round is of another programme."))
            if own.status is not RoundStatus.OPEN:
                raise Refused(_("The list of this round is not open any more."))
            rows = session.exec(select(Site.id, Site.name).where(Site.round_id == own.id)).all()
            self._sites = {importing.loose(name): i for i, name in rows if i is not None}
        self._amounts = Amounts(self._column("amount"))
        self._days = {name: Days(self._column(name)) for name in ("born", "registered_on")}
        codes = {text.strip().upper() for text in self._column("household_code")}
        self._known = {
            code: (i, merged)
            for i, code, merged in session.execute(
                sa.select(
                    col(Household.id), col(Household.code), col(Household.merged_into_id)
                ).where(col(Household.code).in_(listed(codes)))
            )
        }
        self._there = set(
            session.execute(
                sa.select(col(Registration.household_id)).where(
                    col(Registration.programme_id) == into.programme_id,
                    col(Registration.status) != RegistrationStatus.DECLINED,
                )
            ).scalars()
        )
        self._refs = set(
            session.execute(
                sa.select(col(Registration.external_ref)).where(
                    col(Registration.programme_id) == into.programme_id,
                    col(Registration.external_ref).is_not(None),
                )
            ).scalars()
        )
        self._seen: dict[str, int] = {}

    def read(self, step: Step | None = None) -> tuple[list[Applicant], list[Fault]]:
        """Give the households that can be taken in, and the faults of all other rows."""
        groups: dict[str, list[Row]] = {}
        for row in self._table.rows:
            code = self._cell(row, "household_code").strip().upper()
            groups.setdefault(code or f"row {row.number}", []).append(row)
        accepted: list[Applicant] = []
        faults: list[Fault] = []
        for done, rows in enumerate(groups.values()):
            if step is not None and done % _TOLD_EACH == 0:
                step(done, len(groups))
            at = rows[0]
            try:
                accepted.append(self._applicant(rows))
            except _InRow as wrong:
                at = wrong.row
                faults.append(Fault(at.number, self._title(wrong.wrong.name), wrong.wrong.reason))
                reason = _("Row {row} of the same household is refused.").format(row=at.number)
                faults += [Fault(row.number, "", reason) for row in rows if row is not at]
        return accepted, faults

    def _column(self, name: str) -> list[str]:
        place = self._places.get(name)
        return [] if place is None else [row.cells[place] for row in self._table.rows]

    def _cell(self, row: Row, name: str) -> str:
        place = self._places.get(name)
        return "" if place is None else row.cells[place].strip()

    def _title(self, name: str) -> str:
        for wanted in (name, "full_name", "family"):
            if wanted in self._places:
                return self._table.columns[self._places[wanted]]
        return ""

    def _applicant(self, rows: list[Row]) -> Applicant:
        row = rows[0]
        try:
            head = self._head(rows)
            code = self._cell(row, "household_code").strip().upper()
            if _HOUSEHOLD_CODE.fullmatch(code) and code not in self._known:
                raise Wrong("household_code", _("The file has no household of this code."))
            if code in self._known:
                return self._again(rows, head, *self._known[code])
            members: list[NewMember] = []
            notes: list[str] = []
            for row in rows:
                members.append(self._member(row, row is head, notes))
            row = head
            members += self._named_members(head, notes)
            if people := self._first(rows, "people"):
                count = whole_number(people, "people", _MOST_PEOPLE)
                if count < len(members):
                    reason = _("{count} people are named, more than the number says.")
                    raise Wrong("people", reason.format(count=len(members)))
                if count > len(members):
                    notes.append(
                        ngettext("{count} person in all.", "{count} people in all.", count).format(
                            count=count
                        )
                    )
            household = draft_of(
                HouseholdDraft,
                {
                    "place": self._first(rows, "place"),
                    "address": self._first(rows, "address"),
                    "need": self._first(rows, "need"),
                    "note": "\n".join(notes),
                },
                {},
            )
            return self._made(rows, head, NewHousehold(household, tuple(members)), 0)
        except Wrong as wrong:
            raise _InRow(row, wrong) from None

    def _head(self, rows: list[Row]) -> Row:
        marked = [row for row in rows if yes_or_no(self._cell(row, "is_head"), "is_head")]
        if len(marked) > 1:
            raise Wrong("is_head", _("A household has one head."))
        if marked:
            return marked[0]
        told = [row for row in rows if _HEAD.match(self._cell(row, "relation"))]
        return told[0] if told else rows[0]

    def _first(self, rows: Sequence[Row], name: str) -> str:
        return next((text for row in rows if (text := self._cell(row, name))), "")

    def _again(
        self, rows: list[Row], head: Row, household_id: int, merged: int | None
    ) -> Applicant:
        """Register a household of the file; its people are changed in the file, not by a list."""
        if merged is not None:
            reason = _("This household was merged into another. Open the other one.")
            raise Wrong("household_code", reason)
        if len(rows) > 1:
            reason = _("This household is in the file. Leave one row of it.")
            raise Wrong("household_code", reason)
        if household_id in self._there:
            reason = _("The household is registered in this programme already.")
            raise Wrong("household_code", reason)
        self._there.add(household_id)
        return self._made(rows, head, None, household_id)

    def _made(
        self, rows: list[Row], head: Row, household: NewHousehold | None, household_id: int
    ) -> Applicant:
        ref = self._first(rows, "external_ref") or None
        if ref is not None and ref in self._refs:
            raise Wrong("external_ref", _("This reference is in the file already."))
        if ref is not None and ref in self._seen:
            reason = _("The same reference is in row {row} already.").format(row=self._seen[ref])
            raise Wrong("external_ref", reason)
        on = self._today
        if text := self._first(rows, "registered_on"):
            on = self._days["registered_on"].read(text, "registered_on", self._today)
        if self._programme.ends_on is not None and on > self._programme.ends_on:
            raise Wrong("registered_on", _("The programme has ended."))
        draft = draft_of(
            RegistrationDraft,
            {
                "programme_id": self._into.programme_id,
                "household_id": household_id,
                "registered_on": on,
                "criteria": self._first(rows, "criteria"),
                "consent": yes_or_no(self._first(rows, "consent"), "consent"),
                "card_number": refuse_rounded(self._first(rows, "card_number"), "card_number"),
                "external_ref": ref,
            },
            {},
        )
        quantity, amount, site_id = self._line(rows)
        if ref is not None:
            self._seen[ref] = head.number
        numbers = (head.number, *(row.number for row in rows if row is not head))
        return Applicant(numbers, NewRegistration(draft, household), quantity, amount, site_id)

    def _line(self, rows: list[Row]) -> tuple[int, int, int | None]:
        quantity, amount, site_id = 1, 0, None
        if self._into.round_id is None:
            return quantity, amount, site_id
        if text := self._first(rows, "quantity"):
            quantity = whole_number(text, "quantity", 1_000_000)
        if "amount" in self._places:
            text = self._first(rows, "amount")
            if not text:
                raise Wrong("amount", _("The amount is missing."))
            amount = self._amounts.read(text)
        if not (quantity or amount):
            raise Wrong("quantity", _("Say how much is given: a quantity or an amount."))
        if self._programme.ceiling is not None and amount > self._programme.ceiling:
            raise Wrong("amount", _("This is more than a household gets in this programme."))
        if text := self._first(rows, "site"):
            found = self._sites.get(importing.loose(text))
            if found is None:
                raise Wrong("site", _("The round has no point of this name."))
            site_id = found
        return quantity, amount, site_id

    def _member(self, row: Row, head: bool, notes: list[str]) -> NewMember:
        def cell(name: str) -> str:
            return self._cell(row, name)

        names = names_of(cell, lambda parts: _displayed(parts, notes))
        person: dict[str, Any] = {"sex": sex_of(cell("sex"))}
        if text := cell("born"):
            born = born_of(self._days["born"].plain(text, "born"), self._today)
            if born is not None:
                person["born_first"], person["born_last"] = born.first, born.last
        contacts = tuple(
            contact_of(refuse_rounded(number.strip(), "phone"))
            for number in _SEPARATOR.split(cell("phone"))
            if number.strip()
        )
        member = draft_of(
            HouseholdMemberDraft,
            {
                "head": head,
                "relation": "" if head else cell("relation"),
                "document": refuse_rounded(cell("document"), "document"),
            },
            {"record": "document", "document_key": "document"},
        )
        fields = {"born_first": "born", "born_last": "born", "record": "born"}
        return NewMember(NewPerson(draft_of(PersonDraft, person, fields), names, contacts), member)

    def _named_members(self, head: Row, notes: list[str]) -> list[NewMember]:
        """Read further people from one cell: Иванова Анна 2010; Иванов Пётр 12.03.2014."""
        text = self._cell(head, "members")
        if not text:
            return []
        found = []
        for part in re.split(r"[;\n]", text):
            if not part.strip():
                continue
            match = re.fullmatch(r"\s*(.*?)[\s,(]*((?:[\d.]{4,10}|\d{4}-[\d-]+)?)[\s)]*", part)
            name, born = (match[1], match[2]) if match else (part, "")
            cells = {"full_name": name, "born": born}
            try:
                names = names_of(
                    lambda key, cells=cells: cells.get(key, ""),  # type: ignore[misc]
                    lambda parts: _displayed(parts, notes),
                )
                person: dict[str, Any] = {}
                if born and (day := born_of(self._days["born"].plain(born, "born"), self._today)):
                    person = {"born_first": day.first, "born_last": day.last}
                drafted = draft_of(PersonDraft, person, {})
            except Wrong as wrong:
                raise Wrong("members", wrong.reason) from None
            new = NewPerson(drafted, names)
            found.append(NewMember(new, HouseholdMemberDraft()))
        return found


class _InRow(Exception):
    """What is wrong, with the row of the household that it is in."""

    def __init__(self, row: Row, wrong: Wrong) -> None:
        super().__init__(wrong.reason)
        self.row, self.wrong = row, wrong


def _displayed(parts: dict[str, str], notes: list[str]) -> dict[str, str]:
    """Write a name as names are written; what was typed is kept in the household's note."""
    shown = {key: shown_name(text) for key, text in parts.items()}
    if shown != parts:
        typed = " ".join(text for text in parts.values() if text)
        notes.append(_("Name as typed: {name}").format(name=typed))
    return shown
