"""Everything that a record of assistance holds can be entered and changed, by keys, with Undo."""

from __future__ import annotations

import datetime as dt

import pytest
from cold_hall import NAMES, go, received, texts
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from sqlalchemy import select

from casedesk.assistance import homes, rounds, rules
from casedesk.assistance.pane_view import DRAFTS
from casedesk.assistance.records import (
    Entitlement,
    Household,
    HouseholdMember,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    Site,
    Target,
)
from casedesk.partners import rules as partners
from casedesk.partners.records import OrganisationDraft
from casedesk.people.records import Contact, Person
from keyboard import ALT, CTRL

F3, SHIFT = Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier


def opened(me, key, held=Qt.KeyboardModifier.NoModifier):
    """Press a key and wait for the form it opens."""
    before = me.page.form
    me.press(key, held)
    me.wait(lambda: me.page.form is not None and me.page.form is not before)
    return me.page.form


def write(me, form, field, words):
    """Write into a field of a form, in place of what stands there."""
    editor = form.editors[field]
    editor.setFocus()
    if hasattr(editor, "selectAll"):
        editor.selectAll()
    elif hasattr(editor, "edit"):
        editor.edit.selectAll()
    me.type(words)


def send(me):
    me.press(Qt.Key.Key_Return, CTRL)


def link(page, words):
    """Find a button by what a screen reader says of it."""
    return next(b for b in page.pane.findChildren(QPushButton) if b.accessibleName() == words)


def first(me, table):
    return me.all(table)[0]


def test_programme_is_changed_in_all_it_holds_and_undone(me, world):
    world.write(partners.add_organisation, OrganisationDraft(name="Красный мост"))
    go(me)
    form = opened(me, Qt.Key.Key_P, ALT)
    assert form.editors["name"].value == "Cash in autumn"
    assert not form.editors["modality"].isEnabled()  # a round was opened: it is counted by this
    write(me, form, "response", "Kursk 2024")
    write(me, form, "area", "Курск")
    write(me, form, "donor", "A donor")
    write(me, form, "ceiling", "60 000")
    form.editors["pilot"].setChecked(True)
    form.editors["target"].set_value(Target.EMERGENCY)
    write(me, form, "partner_id", "Красн")
    me.wait(lambda: form.partner.list.isVisible())
    me.press(Qt.Key.Key_Return)
    write(me, form, "ends_on", "2025-05-01")
    send(me)
    assert form.problem.text() == "The programme ends before it begins."
    write(me, form, "ends_on", "2026-05-01")
    send(me)
    me.wait(lambda: me.all(Programme)[0].response == "Kursk 2024")
    own = first(me, Programme)
    assert (own.area, own.donor, own.ceiling, own.pilot) == ("Курск", "A donor", 6_000_000, True)
    assert (own.target, own.partner_id) == (Target.EMERGENCY, 1)
    assert own.ends_on == dt.date(2026, 5, 1)
    assert me.said() == "Programme changed"
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: not first(me, Programme).response)


def test_partner_that_is_not_in_the_list_is_told_at_the_field(me, world):
    go(me)
    me.press(Qt.Key.Key_N, ALT)
    form = me.page.form
    me.type("Vouchers")
    write(me, form, "partner_id", "Nobody knows them")
    send(me)
    assert form.fields["partner_id"].wrong
    assert len(me.all(Programme)) == 2


def test_somebody_else_was_quicker_and_what_is_typed_stays(me, world):
    go(me)
    form = opened(me, Qt.Key.Key_P, ALT)
    write(me, form, "donor", "Mine")
    draft = first(me, Programme).draft()
    world.write(rules.change_programme, world.cash, rules.with_(draft, area="Белгород"), 0)
    send(me)
    me.wait(lambda: not form.problem.isHidden())
    assert "Somebody changed this record" in form.problem.text()
    assert not first(me, Programme).donor
    me.press(Qt.Key.Key_Return)  # the button that reads it again has the cursor
    me.wait(lambda: me.page.form is not None and me.page.form is not form)
    assert me.page.form.editors["area"].value == "Белгород"
    assert me.page.form.editors["donor"].value == "Mine"
    send(me)
    me.wait(lambda: first(me, Programme).donor == "Mine")
    assert first(me, Programme).area == "Белгород"


def test_round_and_its_points_are_changed(me, world):
    go(me)
    form = opened(me, Qt.Key.Key_O, ALT)
    write(me, form, "last_day", "2025-08-01")
    send(me)
    assert form.fields["last_day"].wrong
    write(me, form, "last_day", "2025-10-05")
    write(me, form, "name", "September, late")
    send(me)
    me.wait(lambda: first(me, Round).name == "September, late")
    assert first(me, Round).last_day == dt.date(2025, 10, 5)
    opened(me, Qt.Key.Key_O, ALT)
    form = opened(me, Qt.Key.Key_A, ALT)
    write(me, form, "name", "town  HALL")
    send(me)
    me.wait(lambda: not form.problem.isHidden())
    assert form.problem.text() == "The round has a point of this name already."
    write(me, form, "name", "Library")
    write(me, form, "address", "Lenin street 1")
    write(me, form, "team", "Team B")
    write(me, form, "first_day", "2025-09-15")
    send(me)
    me.wait(lambda: len(me.all(Site)) == 3)
    assert me.all(Site)[2].team == "Team B"
    me.wait(lambda: me.page.form is not None and me.page.form is not form)
    link(me.page, "Change point Library").click()
    me.wait(lambda: "team" in me.page.form.editors)
    write(me, me.page.form, "team", "Team C")
    send(me)
    me.wait(lambda: me.all(Site)[2].team == "Team C")
    me.wait(lambda: "last_day" in me.page.form.editors and "team" not in me.page.form.editors)
    link(me.page, "Remove point Library").click()
    me.wait(lambda: len(me.all(Site)) == 2)
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Site)) == 3)


def test_locked_round_keeps_name_and_days(me, world):
    world.advance()
    go(me)
    form = opened(me, Qt.Key.Key_O, ALT)
    assert not form.main.isEnabled()
    assert "stay once the list is locked" in " ".join(texts(form))


def test_household_gets_another_address_and_other_telephones(me, world):
    go(me)
    form = opened(me, F3)
    write(me, form, "address", "ул. Мира, 5")
    write(me, form, "phones", "+7 916 111-22-33, +7 916 444-55-66")
    write(me, form, "need", "Insulin")
    send(me)
    me.wait(lambda: first(me, Household).address == "ул. Мира, 5")
    assert first(me, Household).need == "Insulin"
    assert [c.e164 for c in me.all(Contact)] == ["+79161112233", "+79164445566"]
    me.wait(lambda: me.page.form is not None and me.page.form is not form)
    form = me.page.form
    write(me, form, "phones", "+7 916 444-55-66")
    send(me)
    me.wait(lambda: len(me.all(Contact)) == 1)
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Contact)) == 2)
    me.press(Qt.Key.Key_Z, CTRL)  # one act, one undoing: address and telephones
    me.wait(lambda: not me.all(Contact))
    assert not first(me, Household).address


def test_words_of_a_household_form_are_kept_when_somebody_leaves_it(me, world):
    go(me)
    form = opened(me, F3)
    write(me, form, "need", "Wheelchair")
    me.press(Qt.Key.Key_1, CTRL)
    kept = me.store.drafts()
    assert any(key.startswith(DRAFTS + "home.") and "Wheelchair" in kept[key] for key in kept)


def test_member_is_added_from_the_file_or_as_somebody_new(me, world):
    go(me)
    people = len(me.all(Person))
    opened(me, F3)
    form = opened(me, Qt.Key.Key_A, ALT)
    me.type("Бондар Ігор")  # the second household's head, who moved in
    me.wait(lambda: form.person.list.isVisible())
    me.press(Qt.Key.Key_Return)
    write(me, form, "relation", "brother")
    send(me)
    me.wait(lambda: len(me.all(HouseholdMember)) == len(NAMES) + 1)
    assert len(me.all(Person)) == people
    me.wait(lambda: me.page.form is not None and me.page.form is not form)
    form = opened(me, Qt.Key.Key_A, ALT)
    me.type("Кравець Ніна")
    send(me)  # typed past the list: looked up before somebody new is made
    me.wait(lambda: not form.found.isHidden())
    assert "household H-000003" in " ".join(texts(form.found))
    assert len(me.all(Person)) == people
    send(me)
    me.wait(lambda: len(me.all(Person)) == people + 1)
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Person)) == people)


def test_head_is_chosen_and_a_member_leaves(me, world):
    home = first(me, Household).id
    new = world.new("Шевченко Лев").members[0]
    member = rules.NewMember(new.person, rules.with_(new.member, head=False))
    made = world.write(rules.add_member, home, member)
    go(me)
    opened(me, F3)
    link(me.page, "Make Шевченко Лев the head of household").click()
    me.wait(lambda: next(m for m in me.all(HouseholdMember) if m.id == made.id).head)
    mine = [m for m in me.all(HouseholdMember) if m.household_id == home]
    assert [m.head for m in mine] == [False, True]
    me.wait(lambda: "Make Шевченко Олена the head of household" in _spoken(me))
    link(me.page, "Шевченко Олена left the household").click()
    me.wait(lambda: "on" in me.page.form.editors)
    write(me, me.page.form, "on", "2025-12-01")
    send(me)
    me.wait(lambda: not me.page.form.problem.isHidden())
    assert me.page.form.problem.text() == "The date lies in the future."
    write(me, me.page.form, "on", "2025-09-10")
    send(me)
    me.wait(lambda: me.all(HouseholdMember)[0].until == dt.date(2025, 9, 10))
    me.wait(lambda: "Шевченко Олена, left 10 Sept 2025" in " ".join(texts(me.page.pane)))
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: me.all(HouseholdMember)[0].until is None)


def _spoken(me):
    return [b.accessibleName() for b in me.page.pane.findChildren(QPushButton)]


def test_head_cannot_leave_before_another_is_chosen(world):
    with pytest.raises(rules.Refused, match="another head"):
        world.write(homes.leave, 1)


@pytest.mark.parametrize(
    ("new", "words"),
    [(RegistrationStatus.PAUSED, "Paused"), (RegistrationStatus.EXITED, "Left")],
)
def test_registration_is_paused_or_ended_with_the_reason(me, world, new, words):
    go(me)
    opened(me, F3)
    form = opened(me, Qt.Key.Key_U, ALT)
    form.editors["status"].set_value(new)
    send(me)
    assert form.fields["reason"].wrong
    me.type("Moved to Belgorod")
    send(me)
    me.wait(lambda: first(me, Registration).status is new)
    note = first(me, Household).note
    assert note == f"{words}, 11 Sept 2025, Maren Holt: Moved to Belgorod"
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: first(me, Registration).status is RegistrationStatus.INCLUDED)
    assert first(me, Household).note == ""


def test_card_and_criteria_of_a_registration_are_changed(me, world):
    go(me)
    opened(me, F3)
    link(me.page, "Change registration in Cash in autumn").click()
    me.wait(lambda: "criteria" in me.page.form.editors)
    form = me.page.form
    write(me, form, "card_number", "2200 7000 1234")
    write(me, form, "criteria", "Over 60")
    form.editors["consent"].setChecked(True)
    send(me)
    me.wait(lambda: first(me, Registration).card_number == "220070001234")
    assert (first(me, Registration).criteria, first(me, Registration).consent) == ("Over 60", True)


def given(me, world, at=0):
    """Hand over to a household and open its line."""
    world.advance()
    line = me.all(Entitlement)[at].id
    world.write(rounds.hand_over, [line], actor="A. Lund")
    go(me)
    me.page.open_line(line)
    me.wait(lambda: me.page.standing is not None and me.page.standing.facts)
    return line


def test_receipt_is_corrected_and_seen_as_corrected_with_who_and_when(me, world):
    line = given(me, world)
    form = opened(me, Qt.Key.Key_K, ALT)
    write(me, form, "amount", "12 000,50")
    send(me)
    assert form.fields["reason"].wrong
    write(me, form, "reason", "Counted again")
    write(me, form, "on", "2025-12-31")
    send(me)
    me.wait(lambda: not form.problem.isHidden() or form.fields["on"].wrong)
    write(me, form, "on", "2025-09-10")
    send(me)
    me.wait(lambda: len(me.all(Receipt)) == 2)
    last = me.all(Receipt)[1]
    assert (last.kind, last.amount) == (ReceiptKind.CORRECTED, 1_200_050)
    assert (last.on_date, last.noted_by) == (dt.date(2025, 9, 10), "Maren Holt")
    me.wait(lambda: me.page.standing is not None and len(me.page.standing.facts) == 2)
    me.wait(lambda: "Corrected" in " ".join(texts(me.page.pane)))
    shown = " ".join(texts(me.page.pane))
    assert "noted by A. Lund, 11 Sept 2025" in shown
    assert "noted by Maren Holt, 11 Sept 2025 · Counted again" in shown
    me.press(Qt.Key.Key_Y, ALT)
    me.wait(lambda: "Correct receipt" in " ".join(texts(me.page.pane)))
    assert "Maren Holt, 11 September 2025" in " ".join(texts(me.page.pane))
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Receipt)) == 1)
    assert me.all(Entitlement)[0].id == line


def test_receipt_of_the_wrong_household_goes_to_the_right_one_in_one_step(me, world):
    given(me, world)
    form = opened(me, Qt.Key.Key_K, ALT)
    write(me, form, "reason", "Two of one queue")
    write(me, form, "other", "Кравець")
    me.wait(lambda: form.other.list.isVisible())
    me.press(Qt.Key.Key_Return)
    send(me)
    me.wait(lambda: len(me.all(Receipt)) == 3)
    assert me.said() == "Receipt noted for the other household"
    statuses = {line.id: line.status.value for line in me.all(Entitlement)}
    assert [i for i, status in statuses.items() if status == "received"] == [3]
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Receipt)) == 1)
    assert received(me) == 1


def test_receipt_that_somebody_corrected_meanwhile_is_read_again(me, world):
    line = given(me, world)
    form = opened(me, Qt.Key.Key_K, ALT)
    world.store.write(rounds.correct_receipt, line, "Counted", amount=100, actor="A. Lund")
    write(me, form, "quantity", "2")
    write(me, form, "reason", "Mine")
    send(me)
    me.wait(lambda: not form.problem.isHidden())
    assert "Somebody changed this record" in form.problem.text()
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.form is not None and me.page.form is not form)
    assert me.page.form.editors["amount"].value == "1"
    assert me.page.form.editors["quantity"].value == "2"


def test_every_action_of_the_round_is_reached_by_its_key(me, world):
    world.advance()
    go(me)
    me.press(Qt.Key.Key_R, CTRL | SHIFT)
    me.wait(lambda: first(me, Round).status.value == "reconciled")
    assert me.said() == "Reconciled. 12 lines were not collected"
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: first(me, Round).status.value == "under_way")


def test_list_is_unlocked_and_filled_by_keys(me, world):
    world.write(rounds.lock_round, world.round)
    go(me)
    me.press(Qt.Key.Key_U, CTRL | SHIFT)
    me.wait(lambda: first(me, Round).status.value == "open")
    me.wait(lambda: "fill" in me.page.head.made)
    form = opened(me, Qt.Key.Key_I, ALT)
    write(me, form, "amount", "100")
    send(me)
    me.wait(lambda: not form.problem.isHidden())
    assert form.problem.text() == "Every included registration is on the list already."


def test_putting_on_the_list_is_stopped_and_leaves_nothing_behind(me, world):
    world.register(world.cash, "Довгань Остап", "4000 0055")
    go(me)
    form = opened(me, Qt.Key.Key_I, ALT)
    write(me, form, "amount", "100")
    begin = form.working.begin

    def begun(words):
        begin(words)
        form.working.stop()

    form.working.begin = begun
    send(me)
    me.wait(lambda: not form.problem.isHidden())
    assert form.problem.text() == "Stopped. Nothing was changed."
    assert form.working.isHidden()
    assert len(me.all(Entitlement)) == len(NAMES)


def test_keys_of_many_rows(me, world):
    go(me)
    me.press(Qt.Key.Key_X)
    form = opened(me, Qt.Key.Key_V, ALT)
    assert "site" in form.editors
    me.press(Qt.Key.Key_Escape)
    form = opened(me, Qt.Key.Key_T, ALT)
    assert "way" in form.editors
    me.press(Qt.Key.Key_Escape)
    me.press(Qt.Key.Key_Delete)
    me.wait(lambda: len(me.all(Entitlement)) == len(NAMES) - 1)


def test_files_are_taken_in_by_the_page_that_does_so(me, world):
    asked = []
    world.advance()
    go(me)
    assert me.page.lines.answer.isHidden()
    assert me.page.left.buttons["import"].isHidden()  # there is no such page in this window
    me.press(Qt.Key.Key_I, CTRL)
    me.shell.desk.open_asked.connect(lambda key, args: asked.append((key, args)))
    me.shell.pages["import"] = me.shell.pages["today"]
    try:
        me.page.enter()
        assert not me.page.left.buttons["import"].isHidden()
        me.page.refresh()
        me.wait(lambda: not me.page.lines.answer.isHidden())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(me.shell.desk, "open", lambda key, **args: asked.append((key, args)))
            me.press(Qt.Key.Key_I, CTRL)
            me.page.lines.answer.click()
    finally:
        del me.shell.pages["import"]
    assert asked == [
        ("import", {"kind": "registrations", "programme_id": world.cash}),
        ("import", {"kind": "receipts", "round_id": world.round}),
    ]


def test_warning_opens_under_its_row_and_shuts_again(me, world):
    world.serve_elsewhere()
    world.write(rounds.lock_round, world.round)
    go(me)
    table = me.page.table
    usual = table.rowHeight(0)
    me.press(Qt.Key.Key_Home)
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.panels)
    (panel,) = me.page.panels
    assert me.page.pane.isHidden()
    assert table.viewport().isAncestorOf(panel)
    assert me.focus is panel.reason
    assert table.rowHeight(0) > usual + 100
    assert table.rowHeight(1) == usual
    shown = " ".join(texts(panel))
    assert "Same document as in a household that received from Cash in summer" in shown
    assert "This household" in shown
    assert "The other household" in shown
    ways = {b.accessibleName() for b in panel.findChildren(QPushButton)}
    assert {"Give anyway", "Merge households", "Stop"} <= ways
    me.type("Seen both passports")
    me.press(Qt.Key.Key_Down)  # not a move in the list under it
    assert table.open_row == 0
    me.press(Qt.Key.Key_Escape)
    me.wait(lambda: not table.open_id)
    assert table.rowHeight(0) == usual
    assert me.focus is table
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.panels)
    assert me.page.panels[0].reason.text() == "Seen both passports"


def test_opened_row_stays_with_its_household_when_the_list_changes(me, world):
    world.serve_elsewhere()
    world.write(rounds.lock_round, world.round)
    go(me)
    me.press(Qt.Key.Key_Home)
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.panels)
    line = me.page.table.open_id
    me.page.table.horizontalHeader().sectionClicked.emit(3)  # by the code, the other way round
    me.wait(lambda: me.page.table.open_row == len(NAMES) - 1)
    table = me.page.table
    assert table.model_.id_at(table.open_row) == line
    assert table.rowHeight(0) < table.rowHeight(table.open_row)


def test_status_reason_is_kept_for_many_at_once(world):
    with world.store.read() as session:
        ids = session.execute(select(Registration.id)).scalars().all()
    changed = world.write(
        rules.change_status, ids, RegistrationStatus.PAUSED, dt.date(2025, 9, 11), "Flood"
    )
    assert changed == len(NAMES)
    with world.store.read() as session:
        notes = set(session.execute(select(Household.note)).scalars())
    assert notes == {"Paused, 11 Sept 2025, op: Flood"}
