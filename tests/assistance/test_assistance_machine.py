"""No sequence of acts pays twice, reaches a forbidden state, or parts records from the journal."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import SQLModel
from test_assistance_rules import TODAY, Desk, home, person

from casedesk import catalog
from casedesk.assistance import correcting, counts, homes, rounds, rules
from casedesk.assistance.counts import Scope
from casedesk.assistance.records import (
    UNDECIDED,
    Double,
    Entitlement,
    Modality,
    Registration,
    RegistrationStatus,
    Round,
)
from casedesk.assistance.rounds import Collected, Planned, ProviderAnswer
from casedesk.kernel import journal
from casedesk.kernel.errors import NotFound, Refused, StaleRecord
from casedesk.kernel.figures import Period
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.people.records import Script

EVER = Period(dt.date(2020, 1, 1), dt.date(2029, 12, 31))
BEGUN = ("under_way", "reconciled", "closed")
OFFICERS = st.sampled_from(["anna", "boris", "Anna "])
NAMES = [
    ("Сорока", "Галина", Script.CYRILLIC),
    ("Soroka", "Halyna", Script.LATIN),
    ("Чумак", "Віра", Script.CYRILLIC),
    ("Белова", "Ирина", Script.CYRILLIC),
]
TABLES = (
    *("household", "household_member", "person", "contact", "programme", "registration"),
    "round_site",
    *("registration_life", "assistance_round", "round_life", "entitlement", "receipt"),
    *("provider_file", "provider_line", "double_assistance"),
)
_template: list[Path] = []


def home_member(who, *, head=False):
    """Say that somebody is of a household."""
    return rules.NewMember(who, rules.HouseholdMemberDraft(head=head))


def template() -> Path:
    """Make the file that each run begins with once: two programmes, two rounds, one under way."""
    if not _template:
        path = Path(tempfile.mkdtemp()) / "template.cdk"
        desk = Desk(catalog.create_store(path, None))
        for name, modality in (("Cash 2025", Modality.CASH), ("Grants 2025", Modality.GRANT)):
            desk.programme(name, modality)
        desk.do(partners.add_organisation, OrganisationDraft(name="Bank"))
        chosen = [
            desk.included(1, home(person(*name)))
            for name in (("Орлик", "Надія"), ("Хоменко", "Діана"))
        ]
        for name, under_way in (("First", True), ("Second", False)):
            own = desk.round(1, name=name)
            desk.planned(own, *chosen)
            if under_way:
                desk.begin(own)
        desk.store.close()
        _template.append(path)
    return _template[0]


class AssistanceMachine(RuleBasedStateMachine):
    """Two programmes, a few households, some rounds, and everybody doing anything to them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        path = self.folder / "delegation.cdk"
        shutil.copy(template(), path)
        self.desk = Desk(catalog.open_store(path, None))
        self.programmes, self.bank = (1, 2), 1
        self.entries: list[int] = []
        self.read: tuple[int | None, dict[str, list[dict[str, object]]]] = None, {}
        self.checked: dict[str, int | None] = {}
        self.told: dict[str, dict[int, dict[str, object]]] = defaultdict(dict)
        self.heard = 0
        self.written: dict[tuple[str, int], int] = {}

    def teardown(self) -> None:
        self.desk.store.close()
        shutil.rmtree(self.folder)

    # ------------------------------------------------------------------------------- helpers

    def rows(self, name: str) -> list[dict[str, object]]:
        """Give a table without its revisions: undo restores values, and counts as a change."""
        return self.state()[name]

    def state(self) -> dict[str, list[dict[str, object]]]:
        """Read all tables, once for each state of the journal."""
        with self.desk.store.read() as session:
            newest = session.execute(sa.select(sa.func.max(journal.ENTRY.c.id))).scalar()
            if newest != self.read[0]:
                found = {}
                for name in TABLES:
                    table = SQLModel.metadata.tables[name]
                    columns = [column for column in table.c if column.name != "revision"]
                    lines = session.execute(sa.select(*columns).order_by(table.c.id)).mappings()
                    found[name] = [dict(line) for line in lines]
                self.read = newest, found
        return self.read[1]

    def same(self, invariant_):
        """Tell whether this was looked at in the same state of the file; most acts are refused."""
        self.state()
        before, self.checked[invariant_] = self.checked.get(invariant_, -1), self.read[0]
        return before == self.read[0]

    def attempt(self, act, *args, actor="anna", back=False, **options) -> None:
        """Do an act, or be refused and change nothing; then perhaps undo it and do it again."""
        before = self.state()
        try:
            entry = self.desk.entry(act, *args, actor=actor, **options)
        except Refused:
            assert self.state() == before
            return
        self.entries.append(entry)
        if back and self.state() != before:
            after = self.state()
            undone = self.desk.undo(entry)[1].entry
            assert self.state() == before
            self.entries.append(self.desk.undo(undone)[1].entry)
            assert self.state() == after

    def some(self, data, cls):
        """Pick one of the records that are there, or None."""
        ids = [row.id for row in self.desk.rows(cls)]
        return data.draw(st.sampled_from(ids)) if ids else None

    def one(self, data, cls):
        """Pick one of the records that are there, with its values."""
        return data.draw(st.sampled_from(self.desk.rows(cls)))

    # ---------------------------------------------------------------------------------- acts

    @rule(
        name=st.sampled_from(NAMES),
        second=st.booleans(),
        back=st.booleans(),
        size=st.integers(1, 3),
    )
    def register(self, name, second, back, size):
        family, given, script = name
        others = [person(family, f"{given}{n}", script=script) for n in range(1, size)]
        head = person(family, given, born="1979-05-06", script=script)
        draft = rules.RegistrationDraft(programme_id=self.programmes[second], registered_on=TODAY)
        self.attempt(rules.register, draft, home(head, *others), back=back)

    @rule(data=st.data(), second=st.booleans(), back=st.booleans())
    def register_again(self, data, second, back):
        household = self.some(data, rules.Household)
        draft = rules.RegistrationDraft(
            programme_id=self.programmes[second], household_id=household, registered_on=TODAY
        )
        self.attempt(rules.register, draft, back=back)

    @rule(data=st.data(), status=st.sampled_from(RegistrationStatus), back=st.booleans())
    def change_status(self, data, status, back):
        chosen = self.some(data, Registration)
        self.attempt(rules.change_status, [chosen], status, TODAY, "x", back=back)

    @rule(data=st.data(), back=st.booleans())
    def include_new(self, data, back):
        chosen = self.some(data, Registration)
        for status in (RegistrationStatus.VALIDATED, RegistrationStatus.INCLUDED):
            self.attempt(rules.change_status, [chosen], status, TODAY, back=back)

    @rule(second=st.booleans())
    def open_round(self, second):
        if len(self.desk.rows(Round)) < 4:
            self.desk.round(self.programmes[second], name=f"Round {len(self.desk.rows(Round))}")

    @rule(data=st.data(), amount=st.integers(0, 30_000_00), back=st.booleans())
    def plan(self, data, amount, back):
        own, registration = self.some(data, Round), self.some(data, Registration)
        self.attempt(rounds.plan, own, [Planned(registration, amount=amount)], back=back)

    @rule(data=st.data(), back=st.booleans())
    def take_off(self, data, back):
        self.attempt(rounds.take_off, [self.some(data, Entitlement) or 0], back=back)

    @rule(
        data=st.data(),
        act=st.sampled_from(
            [
                rounds.lock_round,
                rounds.unlock_round,
                rounds.approve_round,
                rounds.start_round,
                rounds.reconcile_round,
                rounds.close_round,
            ]
        ),
        actor=OFFICERS,
        back=st.booleans(),
    )
    def move_round(self, data, act, actor, back):
        self.attempt(act, self.some(data, Round), actor=actor, back=back)

    @rule(data=st.data())
    def bring_round_under_way(self, data):
        own = self.some(data, Round)
        self.attempt(rounds.lock_round, own)
        self.attempt(rounds.approve_round, own, actor="anna")
        self.attempt(rounds.approve_round, own, actor="boris")
        self.attempt(rounds.start_round, own)

    @rule(data=st.data(), twice=st.booleans(), back=st.booleans())
    def hand_over(self, data, twice, back):
        line = self.some(data, Entitlement) or 0
        lines = [line, line] if twice else [line]
        self.attempt(rounds.hand_over, lines, Collected(place="School 4"), back=back)

    @rule(data=st.data(), amount=st.integers(1, 30_000_00), back=st.booleans())
    def correct(self, data, amount, back):
        line = self.some(data, Entitlement) or 0
        self.attempt(rounds.correct_receipt, line, "Counted again", amount=amount, back=back)

    @rule(data=st.data(), back=st.booleans())
    def cancel(self, data, back):
        self.attempt(rounds.cancel_receipt, self.some(data, Entitlement) or 0, "Back", back=back)

    @rule(data=st.data(), back=st.booleans())
    def note_for_the_other_household(self, data, back):
        one, other = self.some(data, Entitlement) or 0, self.some(data, Entitlement) or 0
        self.attempt(correcting.move_receipt, one, other, "The wrong line", back=back)

    @rule(data=st.data(), quantity=st.integers(0, 3), proxy=st.booleans(), back=st.booleans())
    def correct_who_and_how_many(self, data, quantity, proxy, back):
        line = self.some(data, Entitlement) or 0
        who = Collected(proxy="A neighbour") if proxy else Collected(place="At the door")
        options = {"quantity": quantity, "collected": who}
        self.attempt(rounds.correct_receipt, line, "Asked again", back=back, **options)

    @rule(
        data=st.data(),
        phone=st.sampled_from(["", "+79161112233", "+79164445566"]),
        place=st.sampled_from(["Kursk", "Belgorod"]),
        back=st.booleans(),
    )
    def change_home(self, data, phone, place, back):
        home = self.one(data, rules.Household)
        draft = rules.with_(home.draft(), place=place)
        args = (home.id, draft, home.revision, [phone])
        self.attempt(homes.change_home, *args, back=back)

    @rule(data=st.data(), name=st.sampled_from(NAMES), head=st.booleans(), back=st.booleans())
    def add_member(self, data, name, head, back):
        home = self.one(data, rules.Household)
        new = home_member(person(*name[:2], script=name[2]), head=head)
        self.attempt(rules.add_member, home.id, new, back=back)

    @rule(data=st.data(), back=st.booleans())
    def move_in(self, data, back):
        """Somebody of another household is of this one too, until a double is decided."""
        home, other = self.one(data, rules.Household), self.one(data, rules.HouseholdMember)
        self.attempt(rules.add_member, home.id, home_member(other.person_id), back=back)

    @rule(data=st.data(), days=st.integers(0, 2), back=st.booleans())
    def leave_household(self, data, days, back):
        member = self.one(data, rules.HouseholdMember)
        day = TODAY - dt.timedelta(days=days)
        self.attempt(homes.leave, member.id, day, member.revision, back=back)

    @rule(data=st.data(), back=st.booleans())
    def choose_head(self, data, back):
        member = self.one(data, rules.HouseholdMember)
        self.attempt(homes.choose_head, member.id, member.revision, back=back)

    @rule(data=st.data(), name=st.sampled_from(["School 4", "Hall"]), back=st.booleans())
    def add_site(self, data, name, back):
        own = self.some(data, Round)
        self.attempt(rounds.add_site, rounds.SiteDraft(round_id=own, name=name), back=back)

    @rule(data=st.data(), back=st.booleans())
    def move_to_site(self, data, back):
        line, site = self.some(data, Entitlement) or 0, self.some(data, rounds.Site)
        self.attempt(rounds.move_to_site, [line], site, back=back)

    @rule(data=st.data(), back=st.booleans())
    def remove_site(self, data, back):
        self.attempt(rounds.remove_site, self.some(data, rounds.Site) or 0, back=back)

    @rule(data=st.data(), days=st.integers(-40, 40), back=st.booleans())
    def change_round(self, data, days, back):
        own = self.one(data, Round)
        last = own.last_day + dt.timedelta(days=days)
        if last >= own.first_day:
            draft = rules.with_(own.draft(), last_day=last)
            self.attempt(rounds.change_round, own.id, draft, own.revision, back=back)

    @rule(data=st.data(), ceiling=st.sampled_from([None, 1_000_00, 60_000_00]), back=st.booleans())
    def change_programme(self, data, ceiling, back):
        own = self.one(data, rules.Programme)
        draft = rules.with_(own.draft(), ceiling=ceiling, response="Kursk 2024")
        self.attempt(rules.change_programme, own.id, draft, own.revision, back=back)

    @rule(data=st.data(), card=st.sampled_from(["", "2200 1", "2200 2"]), back=st.booleans())
    def change_registration(self, data, card, back):
        own = self.one(data, Registration)
        draft = rules.with_(own.draft(), card_number=card)
        self.attempt(rules.change_registration, own.id, draft, own.revision, back=back)

    @rule(data=st.data(), back=st.booleans())
    def stop(self, data, back):
        self.attempt(rounds.stop_lines, [self.some(data, Entitlement) or 0], "Moved", back=back)

    @rule(data=st.data())
    def send(self, data):
        self.attempt(rounds.send_to_provider, self.some(data, Round), self.bank)

    @rule(data=st.data(), paid=st.booleans(), less=st.integers(0, 1), back=st.booleans())
    def take_back(self, data, paid, less, back):
        file = self.some(data, rounds.ProviderFile)
        lines = [row for row in self.desk.rows(rounds.ProviderLine) if row.file_id == file]
        answers = [
            ProviderAnswer(line.entitlement_id, paid, max(line.amount_out - less, 0))
            for line in lines
        ]
        self.attempt(rounds.take_back, file or 0, answers, back=back)

    @rule(
        data=st.data(),
        act=st.sampled_from([rules.give_anyway, rules.stop_double, rules.merge_double]),
        actor=OFFICERS,
        back=st.booleans(),
    )
    def decide(self, data, act, actor, back):
        self.attempt(act, self.some(data, Double) or 0, "Seen", actor=actor, back=back)

    @rule(data=st.data(), actor=OFFICERS)
    def confirm(self, data, actor):
        self.attempt(rules.confirm_double, self.some(data, Double) or 0, actor=actor)

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def undo_an_earlier_act(self, data):
        entry = data.draw(st.sampled_from(self.entries[-8:]))
        before = self.state()
        try:
            self.entries.append(self.desk.undo(entry)[1].entry)
        except (StaleRecord, NotFound, sa.exc.IntegrityError):
            # something else hangs on it now, or it changed nothing
            assert self.state() == before

    # ----------------------------------------------------------------------------- what holds

    @invariant()
    def nothing_is_paid_twice(self):
        if self.same("nothing_is_paid_twice"):
            return
        facts = defaultdict(list)
        for row in self.rows("receipt"):
            facts[row["entitlement_id"]].append(row)
        for chain in facts.values():
            chain.sort(key=lambda row: row["sequence"])
            assert [row["sequence"] for row in chain] == list(range(1, len(chain) + 1))
            held = False
            for row in chain:
                kind = str(row["kind"])
                assert held is (kind != "given"), "given while in force, or changed while not"
                held = kind != "cancelled"

    @invariant()
    def no_state_is_forbidden(self):
        if self.same("no_state_is_forbidden"):
            return
        lists = {row["id"]: row for row in self.rows("assistance_round")}
        registrations = {row["id"]: row for row in self.rows("registration")}
        facts = defaultdict(list)
        for row in self.rows("receipt"):
            facts[row["entitlement_id"]].append(row)
        for own in lists.values():
            if own["status"] not in ("open", "locked"):
                first, second = own["first_approver"].strip(), own["second_approver"].strip()
                assert first.casefold() != second.casefold()
                assert first
                assert second
        for line in self.rows("entitlement"):
            chain = sorted(facts[line["id"]], key=lambda row: row["sequence"])
            force = bool(chain) and chain[-1]["kind"] != "cancelled"
            assert (line["status"] == "received") is force
            own = lists[line["round_id"]]
            assert own["status"] in BEGUN or not chain
            assert own["status"] in BEGUN[:1] or not (
                line["status"] == "planned" and own["status"] in BEGUN
            )
            if line["status"] == "planned":
                assert registrations[line["registration_id"]]["status"] in ("included", "paused")
        self.replayed()
        given = defaultdict(list)
        for line in self.rows("entitlement"):
            given[line["registration_id"]] += [
                self.written["receipt", row["id"]]
                for row in facts[line["id"]]
                if row["kind"] == "given" and line["status"] == "received"
            ]
        for double in self.rows("double_assistance"):
            if double["decision"] in UNDECIDED and double["round_id"] is None:
                found = self.written["double_assistance", double["id"]]
                later = [line for line in given[double["registration_id"]] if line > found]
                assert not later, "handed over while a double waited for its decision"

    @invariant()
    def every_household_has_one_head_and_each_person_once(self):
        if self.same("every_household_has_one_head_and_each_person_once"):
            return
        merged = {row["id"] for row in self.rows("household") if row["merged_into_id"]}
        heads, there = defaultdict(int), defaultdict(list)
        for row in self.rows("household_member"):
            if row["household_id"] not in merged and row["until"] is None:
                heads[row["household_id"]] += bool(row["head"])
                there[row["household_id"]].append(row["person_id"])
        homes_ = {row["id"] for row in self.rows("household")} - merged
        assert {home: heads[home] for home in homes_} == dict.fromkeys(homes_, 1)
        assert all(len(set(people)) == len(people) for people in there.values())

    @invariant()
    def lives_and_statuses_agree(self):
        if self.same("lives_and_statuses_agree"):
            return
        for table, column, subjects in (
            ("registration_life", "registration_id", "registration"),
            ("round_life", "round_id", "assistance_round"),
        ):
            now = {
                row[column]: row["status"]
                for row in self.rows(table)
                if row["known_to"] is None and row["valid_to"] is None
            }
            assert now == {row["id"]: str(row["status"]) for row in self.rows(subjects)}

    @invariant()
    def records_and_journal_count_the_same(self):
        if self.same("records_and_journal_count_the_same"):
            return
        told = self.replayed()
        homes = {i: row["merged_into_id"] or i for i, row in told["household"].items()}
        people = {i: row["merged_into_id"] or i for i, row in told["person"].items()}
        last: dict[int, dict[str, object]] = {}
        for row in told["receipt"].values():
            known = last.get(row["entitlement_id"])
            if known is None or row["sequence"] > known["sequence"]:
                last[row["entitlement_id"]] = row
        force = [row for row in last.values() if row["kind"] != "cancelled"]
        given = {
            (
                told["registration"][told["entitlement"][row["entitlement_id"]]["registration_id"]][
                    "household_id"
                ],
                row["on_date"],
            )
            for row in force
        }
        reached = {home for home, _day in given}
        persons = {
            people[member["person_id"]]
            for member in told["household_member"].values()
            for home, day in given
            if member["household_id"] == home
            and (member["since"] or "") <= day
            and (member["until"] is None or member["until"] > day)
        }
        with self.desk.store.read() as session:

            def ids(of):
                return set(session.execute(of(Scope(), EVER, TODAY)).scalars())

            assert ids(counts.receipts) == {row["id"] for row in force}
            assert ids(counts.households) == {homes[i] for i in reached}
            assert ids(counts.persons) == persons
            amount = counts.amount(session, Scope(), EVER, TODAY).get("RUB", 0)
            assert amount == sum(row["amount"] for row in force)

    def replayed(self) -> dict[str, dict[int, dict[str, object]]]:
        """Read the journal from its first line to its last, and nothing else."""
        told = self.told
        with self.desk.store.read() as session:
            lines = session.execute(
                sa.select(journal.LINE)
                .where(journal.LINE.c.id > self.heard)
                .order_by(journal.LINE.c.id)
            )
            for line in lines:
                self.heard = line.id
                if line.action == "delete":
                    del told[line.record][line.record_id]
                else:
                    if line.action == "create":
                        self.written[line.record, line.record_id] = line.id
                    row = told[line.record].setdefault(line.record_id, {"id": line.record_id})
                    row.update(json.loads(line.after))
        return told


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_no_sequence_of_acts_goes_wrong():
    run_state_machine_as_test(
        AssistanceMachine,
        settings=settings(
            max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=QUIET
        ),
    )


@pytest.mark.slow
def test_no_long_sequence_of_acts_goes_wrong():
    run_state_machine_as_test(
        AssistanceMachine,
        settings=settings(
            max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=QUIET
        ),
    )
