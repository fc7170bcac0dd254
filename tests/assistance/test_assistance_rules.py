"""Assistance: lives of registrations and rounds, two persons who approve, receipts as facts."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casedesk import catalog
from casedesk.assistance import guard, rounds, rules
from casedesk.assistance.doubles import DoubleFound
from casedesk.assistance.records import (
    Decision,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdDraft,
    HouseholdMember,
    HouseholdMemberDraft,
    Modality,
    Per,
    ProgrammeDraft,
    ProviderOutcome,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationDraft,
    RegistrationLife,
    RegistrationStatus,
    RoundDraft,
    RoundStatus,
    SiteDraft,
)
from casedesk.assistance.rounds import Collected, Planned, ProviderAnswer
from casedesk.assistance.rules import NewHousehold, NewMember, NewRegistration
from casedesk.kernel import journal
from casedesk.kernel.errors import InvalidDraft, Refused, StaleRecord
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.people import index
from casedesk.people.records import ContactDraft, PersonDraft, PersonNameDraft, Script
from casedesk.people.rules import NewPerson

TODAY = dt.date(2025, 9, 11)


def person(family, given, patronymic="", born=None, phone="", script=Script.CYRILLIC):
    """Offer a person who is not in the file yet."""
    day = None if born is None else dt.date.fromisoformat(born)
    contacts = (ContactDraft(typed=phone),) if phone else ()
    name = PersonNameDraft(family=family, given=given, patronymic=patronymic, script=script)
    return NewPerson(PersonDraft(born_first=day, born_last=day), (name,), contacts)


def home(head, *others, address="", place="", document=""):
    """Offer a household: its head first."""
    members = [NewMember(head, HouseholdMemberDraft(head=True, document=document))]
    members += [NewMember(other, HouseholdMemberDraft()) for other in others]
    return NewHousehold(HouseholdDraft(address=address, place=place), tuple(members))


class Desk:
    """A file with shorthands: every method is one act, or the few that lead to a state."""

    def __init__(self, store):
        self.store = store
        if guard.keep not in store.keepers:
            store.keepers.append(guard.keep)

    def do(self, act, *args, actor="anna", **options):
        return self.store.write(act, *args, actor=actor, **options)[0]

    def undo(self, entry):
        return self.store.write(journal.undo, entry, actor="anna")

    def entry(self, act, *args, actor="anna", **options):
        return self.store.write(act, *args, actor=actor, **options)[1].entry

    def programme(self, name="Cash 2025", modality=Modality.CASH, **more):
        values = {"name": name, "modality": modality, "starts_on": "2025-01-01", **more}
        return self.do(rules.add_programme, ProgrammeDraft.checked(values)).id

    def registered(self, programme, household, on=TODAY, **more):
        draft = RegistrationDraft(programme_id=programme, registered_on=on, **more)
        return self.do(rules.register, draft, household)

    def included(self, programme, household, on=TODAY, **more):
        made = self.registered(programme, household, on, **more).registration.id
        for status in (RegistrationStatus.VALIDATED, RegistrationStatus.INCLUDED):
            self.do(rules.change_status, [made], status, on)
        return made

    def round(self, programme, *sites, name="September", first="2025-09-01", last="2025-09-30"):
        values = {
            "programme_id": programme, "name": name, "first_day": first, "last_day": last,
            "opened_on": "2025-08-20",
        }  # fmt: skip
        drafts = [SiteDraft(name=site) for site in sites]
        return self.do(rounds.open_round, RoundDraft.checked(values), drafts).id

    def planned(self, round_id, *registrations, amount=12_000_00, **more):
        lines = [Planned(i, amount=amount, **more) for i in registrations]
        return [item.id for item in self.do(rounds.plan, round_id, lines)]

    def begin(self, round_id):
        self.do(rounds.lock_round, round_id)
        self.do(rounds.approve_round, round_id)
        self.do(rounds.approve_round, round_id, actor="boris")
        self.do(rounds.start_round, round_id)

    def rows(self, cls):
        with self.store.read() as session:
            return session.exec(select(cls).order_by(cls.id)).all()

    def get(self, cls, i):
        with self.store.read() as session:
            return session.get(cls, i)


@pytest.fixture
def desk(store):
    return Desk(store)


@pytest.fixture
def under_way(desk):
    """A round with two households, ready to hand over."""
    programme = desk.programme()
    first = desk.included(programme, home(person("Лисенко", "Марія", born="1980-01-02")))
    second = desk.included(programme, home(person("Чумак", "Віра", born="1951-03-04")))
    own = desk.round(programme, "School 4")
    lines = desk.planned(own, first, second)
    desk.begin(own)
    return desk, own, lines


def test_whole_way_from_registration_to_closed_round(under_way):
    desk, own, lines = under_way
    given = desk.do(rounds.hand_over, lines[:1])
    assert (given[0].kind, given[0].amount, given[0].noted_by) == ("given", 12_000_00, "anna")
    assert given[0].collected_by_id is not None  # the head, where nobody else is named
    assert desk.do(rounds.reconcile_round, own) == 1
    desk.do(rounds.close_round, own)
    states = [line.status for line in desk.rows(Entitlement)]
    assert states == [EntitlementStatus.RECEIVED, EntitlementStatus.NOT_COLLECTED]
    assert desk.get(rounds.Round, own).status is RoundStatus.CLOSED


def test_one_person_cannot_approve_twice(desk):
    programme = desk.programme()
    own = desk.round(programme)
    desk.planned(own, desk.included(programme, home(person("Орлик", "Надія"))))
    desk.do(rounds.lock_round, own)
    with pytest.raises(Refused, match="cannot take this step"):
        desk.do(rounds.start_round, own)
    desk.do(rounds.approve_round, own, actor="Anna")
    with pytest.raises(Refused, match="another person"):
        desk.do(rounds.approve_round, own, actor=" anna ")
    assert desk.get(rounds.Round, own).status is RoundStatus.LOCKED
    desk.do(rounds.approve_round, own, actor="boris")
    assert desk.get(rounds.Round, own).status is RoundStatus.APPROVED


def test_unlocking_lets_the_approvals_fall(desk):
    programme = desk.programme()
    own = desk.round(programme)
    desk.planned(own, desk.included(programme, home(person("Орлик", "Надія"))))
    desk.do(rounds.lock_round, own)
    desk.do(rounds.approve_round, own)
    desk.do(rounds.unlock_round, own)
    opened = desk.get(rounds.Round, own)
    assert (opened.status, opened.first_approver) == (RoundStatus.OPEN, "")


def test_nothing_is_received_twice(under_way):
    desk, _own, lines = under_way
    desk.do(rounds.hand_over, lines[:1])
    with pytest.raises(Refused, match="received already"):
        desk.do(rounds.hand_over, lines)
    assert len(desk.rows(Receipt)) == 1
    assert desk.get(Entitlement, lines[1]).status is EntitlementStatus.PLANNED


def test_file_itself_refuses_a_second_fact_at_the_same_place(under_way):
    desk, _own, lines = under_way
    receipt = desk.do(rounds.hand_over, lines[:1])[0]

    def twice(session):
        session.add(Receipt.of(receipt.draft()))

    twice.act = rounds.hand_over.act
    with pytest.raises(Exception, match="UNIQUE"):
        desk.do(twice)


def test_corrections_and_cancellations_only_add(under_way):
    desk, _own, lines = under_way
    desk.do(rounds.hand_over, lines[:1])
    with pytest.raises(InvalidDraft, match="Say why"):
        desk.do(rounds.correct_receipt, lines[0], " ", amount=10_000_00)
    desk.do(rounds.correct_receipt, lines[0], "Counted again", amount=10_000_00)
    desk.do(rounds.cancel_receipt, lines[0], "Brought back")
    assert desk.get(Entitlement, lines[0]).status is EntitlementStatus.PLANNED
    with pytest.raises(Refused, match="no receipt"):
        desk.do(rounds.cancel_receipt, lines[0], "Again")
    desk.do(rounds.hand_over, lines[:1], Collected(proxy="Neighbour, by letter"))
    facts = [(r.sequence, r.kind.value, r.amount) for r in desk.rows(Receipt)]
    assert facts == [
        (1, "given", 12_000_00),
        (2, "corrected", 10_000_00),
        (3, "cancelled", 10_000_00),
        (4, "given", 12_000_00),
    ]


def test_paused_registration_gets_nothing(under_way):
    desk, _own, lines = under_way
    registration = desk.get(Entitlement, lines[0]).registration_id
    desk.do(rules.change_status, [registration], RegistrationStatus.PAUSED, TODAY)
    with pytest.raises(Refused, match="paused"):
        desk.do(rounds.hand_over, lines[:1])
    desk.do(rules.change_status, [registration], RegistrationStatus.INCLUDED, TODAY)
    desk.do(rounds.hand_over, lines[:1])


def test_leaving_stops_what_was_planned(under_way):
    desk, _own, lines = under_way
    registration = desk.get(Entitlement, lines[0]).registration_id
    desk.do(rules.change_status, [registration], RegistrationStatus.EXITED, TODAY, "Moved away")
    line = desk.get(Entitlement, lines[0])
    assert (line.status, line.reason) == (EntitlementStatus.STOPPED, "Moved away")
    lives = [x.status for x in desk.rows(RegistrationLife) if x.registration_id == registration]
    assert lives[-1] == "exited"


@pytest.mark.parametrize(
    "steps",
    [
        [RegistrationStatus.INCLUDED],
        [RegistrationStatus.PAUSED],
        [RegistrationStatus.VALIDATED, RegistrationStatus.COMPLETED],
        [RegistrationStatus.DECLINED, RegistrationStatus.INCLUDED],
    ],
)
def test_forbidden_steps_of_a_registration(desk, steps):
    made = desk.registered(desk.programme(), home(person("Орлик", "Надія"))).registration.id
    for status in steps[:-1]:
        desk.do(rules.change_status, [made], status, TODAY)
    with pytest.raises(Refused, match="cannot take this step"):
        desk.do(rules.change_status, [made], steps[-1], TODAY)


def test_locked_list_takes_no_lines(under_way):
    desk, own, lines = under_way
    third = desk.included(desk.get(rounds.Round, own).programme_id, home(person("Белова", "Ирина")))
    with pytest.raises(Refused, match="cannot take this step"):
        desk.planned(own, third)
    with pytest.raises(Refused, match="cannot take this step"):
        desk.do(rounds.take_off, lines)


def test_ceiling_and_list_rules(desk):
    programme = desk.programme(ceiling=20_000_00)
    made = desk.included(programme, home(person("Орлик", "Надія")))
    new = desk.registered(programme, home(person("Белова", "Ирина"))).registration.id
    own = desk.round(programme)
    for lines, words in (
        ([Planned(made, amount=20_000_01)], "the most"),
        ([Planned(new, amount=1)], "included"),
        ([Planned(made, amount=1), Planned(made, amount=1)], "on the list already"),
        ([Planned(made, amount=1, person_id=1)], "household or a person"),
        ([Planned(made, amount=1, site_id=99)], "another round"),
    ):
        with pytest.raises(Refused, match=words):
            desk.do(rounds.plan, own, lines)
    assert desk.rows(Entitlement) == []


def test_person_programme_gives_to_persons_of_the_household(desk):
    programme = desk.programme(modality=Modality.SCHOOL_KIT, per=Per.PERSON)
    family = home(person("Дяченко", "Оксана"), person("Дяченко", "Лев"))
    made = desk.included(programme, family)
    stranger = desk.included(programme, home(person("Хоменко", "Діана")))
    members = desk.rows(HouseholdMember)
    own = desk.round(programme)
    kits = [Planned(made, person_id=m.person_id) for m in members[:2]]
    assert len(desk.do(rounds.plan, own, kits)) == 2
    with pytest.raises(Refused, match="not of the household"):
        desk.do(rounds.plan, own, [Planned(stranger, person_id=members[0].person_id)])


def test_card_is_found_as_scanned_and_as_typed(desk):
    programme = desk.programme(modality=Modality.PREPAID_CARD)
    made = desk.included(programme, home(person("Орлик", "Надія")), card_number="4471 0001-22")
    own = desk.round(programme)
    lines = desk.planned(own, made)
    with desk.store.read() as session:
        assert rounds.find_by_card(session, own, "4471000122") == lines
        assert rounds.find_by_card(session, own, " 4471-0001-22 ") == lines
        assert rounds.find_by_card(session, own, desk.rows(Household)[0].code.lower()) == lines
        assert rounds.find_by_card(session, own, "  ") == []


def test_provider_file_out_and_back_shows_differences(under_way):
    desk, own, lines = under_way
    bank = desk.do(partners.add_organisation, OrganisationDraft(name="Example Bank")).id
    file = desk.do(rounds.send_to_provider, own, bank).id
    with pytest.raises(Refused, match="nothing to send"):
        desk.do(rounds.send_to_provider, own, bank)
    with pytest.raises(Refused, match="not come back"):
        desk.do(rounds.reconcile_round, own)
    desk.do(rounds.hand_over, lines[:1])  # paid by hand while the file was out
    answers = [
        ProviderAnswer(lines[0], True, 12_000_00),
        ProviderAnswer(lines[1], True, 11_000_00),
    ]
    with pytest.raises(Refused, match="twice"):
        desk.do(rounds.take_back, file, [answers[0], answers[0]])
    differences = desk.do(rounds.take_back, file, answers)
    assert [(d.entitlement_id, d.outcome) for d in differences] == [
        (lines[0], ProviderOutcome.DIFFERENT),
        (lines[1], ProviderOutcome.DIFFERENT),
    ]
    receipts = desk.rows(Receipt)
    assert [(r.entitlement_id, r.amount) for r in receipts] == [
        (lines[0], 12_000_00),
        (lines[1], 11_000_00),
    ]
    desk.do(rounds.reconcile_round, own)


def test_possible_double_waits_for_a_second_person(desk):
    cash = desk.programme()
    grant = desk.programme("Grants 2025", Modality.GRANT)
    desk.included(cash, home(person("Сорока", "Галина", "Іванівна", "1979-05-06")))
    twin = home(person("Soroka", "Halyna", "", "1979-05-06", script=Script.LATIN))
    made = desk.registered(grant, twin)
    assert len(made.findings) == 1
    assert made.findings[0].rule == "cash_and_grant"
    registration = made.registration.id
    desk.do(rules.change_status, [registration], RegistrationStatus.VALIDATED, TODAY)
    with pytest.raises(DoubleFound):
        desk.do(rules.change_status, [registration], RegistrationStatus.INCLUDED, TODAY)
    double = desk.rows(Double)[0].id
    with pytest.raises(Refused, match="reason"):
        desk.do(rules.give_anyway, double, "  ")
    desk.do(rules.give_anyway, double, "Two families in one flat, seen at the visit")
    with pytest.raises(DoubleFound):  # one person is not enough
        desk.do(rules.change_status, [registration], RegistrationStatus.INCLUDED, TODAY)
    with pytest.raises(Refused, match="second person"):
        desk.do(rules.confirm_double, double)
    desk.do(rules.confirm_double, double, actor="boris")
    desk.do(rules.change_status, [registration], RegistrationStatus.INCLUDED, TODAY)
    kept = desk.get(Double, double)
    assert (kept.decided_by, kept.confirmed_by) == ("anna", "boris")


def test_stopping_a_double_ends_the_registration(desk):
    cash, card = desk.programme(), desk.programme("Cash 2, 2025")
    family = home(person("Сорока", "Галина"), document="4510 123456")
    desk.included(cash, family)
    made = desk.registered(card, home(person("Кравець", "Ігор"), document="4510-123456"))
    desk.do(rules.stop_double, desk.rows(Double)[0].id, "Same passport")
    assert desk.get(Registration, made.registration.id).status is RegistrationStatus.DECLINED
    assert desk.rows(Double)[0].decision is Decision.STOPPED


def test_merging_households_counts_them_as_one_and_undo_parts_them(desk):
    cash, other = desk.programme(), desk.programme("Parcels", Modality.IN_KIND_PARCEL)
    first = desk.included(cash, home(person("Сорока", "Галина", born="1979-05-06")))
    desk.included(other, home(person("Кравець", "Ігор"), person("Сорока", "Галя")))
    keep, drop = (household.id for household in desk.rows(Household))
    heads = [m.person_id for m in desk.rows(HouseholdMember)]
    before = desk.rows(HouseholdMember)
    entry = desk.entry(rules.merge_households, keep, drop, [(heads[0], heads[2])])
    members = [m for m in desk.rows(HouseholdMember) if m.household_id == keep]
    assert len(members) == 2  # Halyna once, and Ihor
    assert {r.household_id for r in desk.rows(Registration)} == {keep}
    with pytest.raises(Refused, match="merged into another"):
        desk.do(rules.add_member, drop, NewMember(heads[0], HouseholdMemberDraft()))
    desk.undo(entry)
    assert [m.model_dump() for m in desk.rows(HouseholdMember)] == [m.model_dump() for m in before]
    assert first in {r.id for r in desk.rows(Registration)}


def test_undo_of_a_list_that_is_locked_now_is_refused(desk):
    programme = desk.programme()
    own = desk.round(programme)
    one = desk.included(programme, home(person("Орлик", "Надія")))
    two = desk.included(programme, home(person("Белова", "Ирина")))
    desk.planned(own, one)
    entry = desk.entry(rounds.plan, own, [Planned(two, amount=1_00)])
    desk.do(rounds.lock_round, own)
    with pytest.raises(StaleRecord, match="locked"):
        desk.undo(entry)
    assert len(desk.rows(Entitlement)) == 2


def test_undo_of_a_receipt_in_a_reconciled_round_is_refused(under_way):
    desk, own, lines = under_way
    entry = desk.entry(rounds.hand_over, lines[:1])
    reconciled = desk.entry(rounds.reconcile_round, own)
    with pytest.raises(StaleRecord):
        desk.undo(entry)
    desk.undo(reconciled)
    desk.undo(entry)
    assert [r.kind for r in desk.rows(Receipt)] == []
    assert {e.status for e in desk.rows(Entitlement)} == {EntitlementStatus.PLANNED}


def with_card(desk, registration, card):
    """Write a card's number down, as a correction in the form."""
    own = desk.get(Registration, registration)
    draft = rules.with_(own.draft(), card_number=card)
    return desk.entry(rules.change_registration, registration, draft, own.revision)


def test_double_found_after_handing_over_waits_beside_the_receipt_and_is_undone_and_redone(
    under_way,
):
    desk, _own, lines = under_way
    desk.do(rounds.hand_over, lines)
    one, other = (row.id for row in desk.rows(Registration))
    with_card(desk, one, "2200 2")
    entry = with_card(desk, other, "2200 2")
    assert [row.decision for row in desk.rows(Double)] == [Decision.OPEN]
    undone = desk.undo(entry)[1].entry
    assert desk.rows(Double) == []
    desk.undo(undone)
    assert [row.decision for row in desk.rows(Double)] == [Decision.OPEN]


def test_undo_of_a_decision_is_refused_once_something_was_given_on_it(under_way):
    desk, _own, lines = under_way
    one, other = (row.id for row in desk.rows(Registration))
    with_card(desk, one, "2200 2")
    with_card(desk, other, "2200 2")
    double = desk.rows(Double)[0].id
    desk.do(rules.give_anyway, double, "One card for both")
    confirmed = desk.entry(rules.confirm_double, double, actor="boris")
    desk.do(rounds.hand_over, lines)
    with pytest.raises(StaleRecord):
        desk.undo(confirmed)


def test_redo_of_handing_over_is_refused_while_a_double_waits(under_way):
    desk, _own, lines = under_way
    undone = desk.undo(desk.entry(rounds.hand_over, lines))[1].entry
    one, other = (row.id for row in desk.rows(Registration))
    with_card(desk, one, "2200 2")
    with_card(desk, other, "2200 2")
    with pytest.raises(StaleRecord):
        desk.undo(undone)
    assert desk.rows(Receipt) == []


def test_undo_of_the_beginning_is_refused_once_something_was_given(under_way):
    desk, own, lines = under_way
    with desk.store.read() as session:
        started = session.execute(
            select(journal.ENTRY.c.id).where(journal.ENTRY.c.act == "assistance.start_round")
        ).scalar_one()
    desk.do(rounds.hand_over, lines[:1])
    with pytest.raises(StaleRecord):
        desk.undo(started)
    assert desk.get(rounds.Round, own).status is RoundStatus.UNDER_WAY


def test_cancelled_kind_is_never_in_force(under_way):
    desk, _own, lines = under_way
    desk.do(rounds.hand_over, lines[:1])
    desk.do(rounds.cancel_receipt, lines[0], "By mistake")
    assert desk.rows(Receipt)[-1].kind is ReceiptKind.CANCELLED


def test_file_of_the_program_has_the_tables_of_assistance(tmp_path):
    with catalog.create_store(tmp_path / "a.cdk", None) as store, store.read() as session:
        assert session.exec(select(Receipt)).all() == []


def test_many_are_registered_at_once_like_one_by_one(desk):
    programme = desk.programme()
    desk.included(programme, home(person("Сорока", "Галина", born="1979-05-06")))
    new = [
        NewRegistration(
            RegistrationDraft(programme_id=programme, registered_on=TODAY),
            home(person(family, given, born=born, phone=phone, script=script), address=str(n)),
        )
        for n, (family, given, born, phone, script) in enumerate(
            [
                ("Soroka", "Halyna", "1979-05-06", "", Script.LATIN),
                *[("Чумак", v, "1951-03-04", "", Script.CYRILLIC) for v in ["Віра", "Анна"]],
                *[("Орлик", f"Надія{chr(1072 + n)}", None, "", Script.CYRILLIC) for n in range(27)],
            ]
        )
    ]
    made, changes = desk.store.write(rules.register_many, new, actor="anna")
    assert [len(item.findings) for item in made] == [1, *[0] * 29]
    assert {item.registration.status for item in made} == {RegistrationStatus.NEW}
    assert len({home.code for home in desk.rows(Household)}) == 31
    assert len(desk.rows(Double)) == 1
    with desk.store.read() as session:
        assert index.search(session, "Чумак Віра")[0].name == "Чумак Віра"
        assert index.missing(session) == 0
    desk.undo(changes.entry)  # one undo for the whole import
    assert len(desk.rows(Household)) == len(desk.rows(Registration)) == 1
    assert desk.rows(Double) == []


def test_one_bad_row_refuses_all_and_is_named(desk):
    programme = desk.programme()
    draft = RegistrationDraft(programme_id=programme, registered_on=TODAY)
    good = NewRegistration(draft, home(person("Чумак", "Віра")))
    bad = NewRegistration(draft, NewHousehold(HouseholdDraft(), ()))
    with pytest.raises(Refused, match="Row 2: A household has one head"):
        desk.do(rules.register_many, [good, bad])
    assert desk.rows(Household) == []
