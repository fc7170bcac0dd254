"""Assistance at the desk: a round from its list to its reconciling, by keys alone."""

from __future__ import annotations

import hashlib

import pytest
from cold_hall import NAMES, go, received, status, texts
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from casedesk.assistance import rounds, rules
from casedesk.assistance.asking import Asked, similar
from casedesk.assistance.page import places
from casedesk.assistance.records import (
    Decision,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    Programme,
    Receipt,
    Registration,
    RegistrationStatus,
    Round,
    RoundStatus,
)
from casedesk.desk.forms import amount_of
from casedesk.kernel.errors import InvalidDraft
from casedesk.reports.handed_out import HandedOut
from keyboard import ALT, CTRL


def test_round_from_its_list_to_its_reconciling(me, world):
    world.serve_elsewhere()
    go(me)
    me.press(Qt.Key.Key_Return, CTRL)  # lock: the whole list is looked through
    me.wait(lambda: status(me) is RoundStatus.LOCKED)
    assert me.said() == "List locked. 1 possible double was found"
    me.press(Qt.Key.Key_D, ALT)
    me.wait(lambda: me.page.table.total == 1)
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.panels)
    assert me.focus is me.page.panels[0].reason
    me.type("The passport was written wrongly there")
    me.press(Qt.Key.Key_Return)
    me.type("Tomas Berg")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.all(Double)[0].decision is Decision.GIVEN_ANYWAY)
    me.wait(lambda: me.page.summary.to_decide == 0)
    me.press(Qt.Key.Key_Escape)
    assert me.page.pane.isHidden()
    me.press(Qt.Key.Key_Return, CTRL)  # the first approval is mine
    me.wait(lambda: me.all(Round)[0].first_approver == "Maren Holt")
    me.wait(lambda: "approve_second" in me.page.head.made)
    me.press(Qt.Key.Key_Return, CTRL)  # the second is asked for by name
    me.type("maren  holt")
    me.press(Qt.Key.Key_Return)
    assert me.page.form is not None
    assert me.page.form.fields["second"].wrong
    assert status(me) is RoundStatus.LOCKED
    me.focus.selectAll()
    me.type("Tomas Berg")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: status(me) is RoundStatus.APPROVED)
    own = me.all(Round)[0]
    assert (own.first_approver, own.second_approver) == ("Maren Holt", "Tomas Berg")
    me.wait(lambda: "start" in me.page.head.made)
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: status(me) is RoundStatus.UNDER_WAY)
    me.wait(lambda: "hand_over" in me.page.head.made)
    me.press(Qt.Key.Key_F7)
    assert me.page.at_table
    for at in range(1, 11):
        me.scan(f"4000-{at:04}")
        me.wait(lambda: me.page.counter.lookup is not None)
        assert NAMES[at - 1] in me.page.counter.who.text()
        me.press(Qt.Key.Key_Return)
        me.wait(lambda at=at: received(me) == at)
        me.wait(lambda: me.page.counter.lookup is None)
    me.wait(lambda: me.page.counter.count.text() == "10")
    assert len([line for line in me.page.counter.last if line.text()]) == 5
    me.press(Qt.Key.Key_Escape)  # what was said, then the table
    me.press(Qt.Key.Key_Escape)
    assert not me.page.at_table
    me.page.step("reconcile")
    me.wait(lambda: status(me) is RoundStatus.RECONCILED)
    assert me.said() == "Reconciled. 2 lines were not collected"
    assert me.shell.notices.texts() == []


def test_number_at_the_table_that_cannot_be_served_is_told_why(me, world):
    world.advance()
    elsewhere = world.register(world.before, "Іваненко Марк", "7777 0001")
    waiting = world.register(world.cash, "Сидоренко Ольга", "4000 0099", include=False)
    go(me)
    me.press(Qt.Key.Key_F7)
    counter = me.page.counter
    me.scan("9999")
    me.wait(lambda: "Nobody on this list has this number" in counter.said.text())
    me.scan("7777 0001")
    me.wait(lambda: "another programme" in counter.said.text())
    me.scan("4000 0099")
    me.wait(lambda: "does not stand on this list" in counter.said.text())
    assert "New" in counter.said.text()
    me.scan("4000 0003")
    me.wait(lambda: counter.lookup is not None)
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: received(me) == 1)
    me.scan("4000 0003")
    me.wait(lambda: counter.against.text() == "This was received already.")
    me.press(Qt.Key.Key_Return)
    assert received(me) == 1
    assert me.focus is counter.number
    assert elsewhere != waiting


def test_last_handing_over_is_undone_by_its_key_and_leaves_the_sitting(me, world):
    world.advance()
    go(me)
    me.press(Qt.Key.Key_F7)
    counter = me.page.counter
    for at in (1, 2):
        me.scan(f"4000 {at:04}")
        me.wait(lambda: counter.lookup is not None)
        me.press(Qt.Key.Key_Return)
        me.wait(lambda at=at: received(me) == at)
    me.wait(lambda: counter.count.text() == "2")
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: received(me) == 1)
    me.wait(lambda: counter.count.text() == "1")
    assert NAMES[0] in counter.last[0].text()
    assert me.focus is counter.number


def test_double_at_the_table_needs_a_reason_and_a_second_person(me, world):
    world.advance()
    world.serve_elsewhere()
    assert me.all(Double) == []
    go(me)
    me.press(Qt.Key.Key_F7)
    counter = me.page.counter
    me.scan("4000 0001")
    me.wait(lambda: counter.lookup is not None)
    assert counter.panel is None
    me.press(Qt.Key.Key_Return)  # only now is it looked for, and found
    me.wait(lambda: counter.panel is not None)
    assert "received from Cash in summer" in counter.panel.told.finding.why
    assert me.focus is counter.panel.reason
    me.press(Qt.Key.Key_G, ALT)
    assert counter.panel.reason_field.wrong
    me.type("Two families, one passport number written wrongly")
    me.press(Qt.Key.Key_Escape)  # the next one is served first; the words are not lost
    me.scan("4000 0002")
    me.wait(lambda: counter.panel is None and counter.lookup is not None)
    me.scan("4000 0001")
    me.wait(lambda: counter.lookup.typed == "4000 0001")
    me.wait(lambda: counter.panel is not None)
    assert counter.panel.reason.text().startswith("Two families")
    me.press(Qt.Key.Key_Return)
    assert me.focus is counter.panel.second
    me.type("Maren Holt")
    me.press(Qt.Key.Key_Return)
    assert counter.panel.second_field.wrong
    me.focus.selectAll()
    me.type("Tomas Berg")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: any(d.decision is Decision.GIVEN_ANYWAY for d in me.all(Double)))
    me.wait(lambda: counter.panel is None and counter.lookup is not None and counter.lookup.ready)
    assert me.focus is counter.number
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: counter.count.text() == "1")
    decided = next(d for d in me.all(Double) if d.decision is Decision.GIVEN_ANYWAY)
    assert (decided.decided_by, decided.confirmed_by) == ("Maren Holt", "Tomas Berg")


def test_locking_is_stopped_and_leaves_the_list_open(me):
    go(me)
    working = me.page.lines.working
    begin = working.begin

    def begun(words):
        begin(words)
        working.stop()

    working.begin = begun
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.shell.notices.texts())
    assert me.shell.notices.texts() == ["Stopped. Nothing was changed."]
    assert working.isHidden()
    assert status(me) is RoundStatus.OPEN


def test_double_is_stopped_or_merged_and_undone(me, world):
    world.serve_elsewhere()
    world.write(rounds.lock_round, world.round)
    line = me.all(Entitlement)[0].id
    for key, decision, after in (
        (Qt.Key.Key_S, Decision.STOPPED, EntitlementStatus.STOPPED),
        (Qt.Key.Key_M, Decision.MERGED, EntitlementStatus.STOPPED),
    ):
        go(me)
        me.page.open_line(line)
        me.wait(lambda: me.page.panels and me.page.panels[0].undecided)
        me.press(key, ALT)
        assert me.all(Double)[0].decision is Decision.OPEN
        me.type("One household, two lists")
        me.press(key, ALT)
        me.wait(lambda d=decision: me.all(Double)[0].decision is d)
        assert me.all(Entitlement)[0].status is after
        me.press(Qt.Key.Key_Z, CTRL)
        me.wait(lambda: me.all(Double)[0].decision is Decision.OPEN)
        assert me.all(Entitlement)[0].status is EntitlementStatus.PLANNED
    assert all(home.merged_into_id is None for home in me.all(Household))


def test_decided_row_tells_who_decided_and_why(me, world):
    world.serve_elsewhere()
    (double,) = world.write(rounds.lock_round, world.round)
    world.write(rules.stop_double, double.id, "Served in July", actor="A. Lund")
    go(me)
    me.page.open_line(me.all(Entitlement)[0].id)
    me.wait(lambda: me.page.panels)
    shown = " ".join(texts(me.page.panels[0]))
    assert "A. Lund, 11 September 2025" in shown
    assert "Reason: Served in July" in shown
    assert "Казань" in shown


def test_waiting_decision_is_confirmed_by_another_person_or_taken_back(me, world):
    world.serve_elsewhere()
    (double,) = world.write(rounds.lock_round, world.round)
    world.write(rules.give_anyway, double.id, "Two families", actor="Maren Holt")
    go(me)
    me.page.open_line(me.all(Entitlement)[0].id)
    me.wait(lambda: me.page.panels)
    panel = me.page.panels[0]
    assert me.focus is panel.second
    me.type("MAREN HOLT")
    me.press(Qt.Key.Key_Return)
    assert panel.second_field.wrong
    me.focus.selectAll()
    me.type("Tomas Berg")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.all(Double)[0].decision is Decision.GIVEN_ANYWAY)
    assert me.all(Double)[0].confirmed_by == "Tomas Berg"


def test_chosen_lines_move_stop_and_leave_the_list_and_undo_brings_them_back(me, world):
    go(me)
    me.press(Qt.Key.Key_X)
    me.press(Qt.Key.Key_Down)
    me.press(Qt.Key.Key_X)
    assert me.page.lines.chosen_count.text() == "2 selected"
    me.page.move_chosen()
    me.press(Qt.Key.Key_Down)  # the second point
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: sum(line.site_id is not None for line in me.all(Entitlement)) == 2)
    assert me.said() == "2 lines moved"
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: all(line.site_id is None for line in me.all(Entitlement)))
    me.press(Qt.Key.Key_A, CTRL)
    me.page.change_chosen()
    me.press(Qt.Key.Key_Return, CTRL)
    assert me.page.form.fields["reason"].wrong
    assert me.focus is me.page.form.editors["reason"]
    me.type("The hall is closed")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: all(x.status is EntitlementStatus.STOPPED for x in me.all(Entitlement)))
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: all(x.status is EntitlementStatus.PLANNED for x in me.all(Entitlement)))
    me.press(Qt.Key.Key_A, CTRL)
    me.page.change_chosen()
    me.press(Qt.Key.Key_Down)
    me.press(Qt.Key.Key_Return, CTRL)
    paused = RegistrationStatus.PAUSED
    me.wait(lambda: sum(r.status is paused for r in me.all(Registration)) == len(NAMES))
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: not any(r.status is paused for r in me.all(Registration)))
    me.press(Qt.Key.Key_A, CTRL)
    me.page.take_off_chosen()
    me.wait(lambda: not me.all(Entitlement))
    me.press(Qt.Key.Key_Z, CTRL)
    me.wait(lambda: len(me.all(Entitlement)) == len(NAMES))
    assert me.shell.notices.texts() == []


def test_new_programme_round_and_household_are_made_by_keys(me, world):
    go(me)
    me.page.new_programme()
    me.type("Parcels in winter")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: len(me.all(Programme)) == 3)
    me.press(Qt.Key.Key_N, CTRL)
    me.wait(lambda: me.page.form is not None)
    form = me.page.form
    form.editors["programme_id"].set_value(world.cash)
    form.editors["name"].setFocus()
    me.type("October")
    form.editors["sites"].setFocus()
    me.type("School 9")
    me.press(Qt.Key.Key_Return, CTRL)
    assert form.fields["last_day"].wrong
    me.type("2025-10-31")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: len(me.all(Round)) == 2)
    me.wait(lambda: me.page.summary.name == "October")
    assert [site.name for site in me.page.summary.sites] == ["School 9"]
    me.page.fill()
    me.page.form.editors["amount"].setFocus()
    me.type("12 000,50")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: me.page.summary.lines == len(NAMES))
    assert me.said() == "12 lines put on the list"
    assert {line.amount for line in me.all(Entitlement)} == {1_500_000, 1_200_050}


def test_household_that_may_be_in_the_file_is_shown_before_it_is_registered(me, world):
    go(me)
    me.page.new_household()
    me.wait(lambda: me.page.form is not None)
    form = me.page.form
    form.editors["programme_id"].set_value(world.before)
    me.type("Шевченко Елена")
    form.rows[0].document.setFocus()
    me.type("bm-000001")
    before = len(me.all(Registration))
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: not form.found.isHidden())
    shown = " ".join(texts(form.found))
    assert "Шевченко Олена" in shown
    assert "Same document" in shown
    assert "Cash in autumn" in shown
    assert len(me.all(Registration)) == before
    me.press(Qt.Key.Key_Return, CTRL)  # looked at: registered all the same
    me.wait(lambda: len(me.all(Registration)) == before + 1)
    me.wait(lambda: me.page.panels)
    assert "Cash in autumn" in me.page.panels[0].told.finding.why
    assert me.focus is me.page.panels[0].reason


def test_household_of_the_file_is_registered_again_without_a_second_file(me, world):
    go(me)
    homes = len(me.all(Household))
    me.page.new_household()
    me.wait(lambda: me.page.form is not None)
    form = me.page.form
    form.editors["programme_id"].set_value(world.before)
    me.type("Бондарь Игорь")
    form.editors["card"].setFocus()
    me.type("4000 0002")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: not form.found.isHidden())
    use = form.found.findChild(QPushButton)
    use.setFocus()
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: any(r.programme_id == world.before for r in me.all(Registration)))
    assert len(me.all(Household)) == homes


def test_words_of_a_household_are_kept_until_they_are_sent_or_thrown_away(me, world):
    go(me)
    me.page.new_household()
    me.wait(lambda: me.page.form is not None)
    me.type("Новак Єва")
    me.press(Qt.Key.Key_A, ALT)
    me.type("Новак Лев")
    me.press(Qt.Key.Key_Escape)  # does not throw them away
    assert me.page.form is not None
    me.press(Qt.Key.Key_1, CTRL)
    go(me)
    me.page.new_programme()
    me.page.new_household()
    me.wait(lambda: len(getattr(me.page.form, "rows", [])) == 2)
    assert [row.name.value for row in me.page.form.rows] == ["Новак Єва", "Новак Лев"]


def test_figure_and_filter_show_their_rows(me, world):
    world.advance()
    line = me.all(Entitlement)[0]
    world.write(rounds.hand_over, [line.id])
    go(me)
    me.page.head.figures["amount"].setFocus()
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.table.total == 1)
    assert me.page.head.figures["amount"].value.text() == "15,000\xa0RUB"
    assert me.page.head.progress.text() == "1 of 12 received"
    assert me.page.lines.chips["received"].checked
    me.page.loosen()
    me.press(Qt.Key.Key_F, CTRL)
    me.type("Ніна")
    me.press(Qt.Key.Key_Return)
    me.wait(lambda: me.page.table.total == 1)
    assert "Kravets" in me.page.table.model_.row_name(0)


def test_receipt_is_given_and_cancelled_beside_the_list(me, world):
    world.advance()
    go(me)
    me.page.open_line(me.all(Entitlement)[0].id)
    me.wait(lambda: me.page.standing is not None)
    me.press(Qt.Key.Key_H, ALT)
    me.wait(lambda: received(me) == 1)
    me.wait(lambda: me.page.standing.facts)
    me.page.cancel_receipt(me.page.standing.line.id)
    me.press(Qt.Key.Key_Return, CTRL)
    assert me.page.form.fields["reason"].wrong
    me.type("Wrong line")
    me.press(Qt.Key.Key_Return, CTRL)
    me.wait(lambda: received(me) == 0)
    assert [r.sequence for r in me.all(Receipt)] == [1, 2]


def test_number_of_somebody_who_waits_is_not_handed_over_by_the_next_number(me, world):
    world.advance()
    go(me)
    me.press(Qt.Key.Key_F7)
    me.scan("4000 0001")
    me.wait(lambda: me.page.counter.lookup is not None)
    me.scan("H-000002")
    me.wait(lambda: "Бондар" in me.page.counter.who.text())
    assert received(me) == 0


def test_palette_finds_rounds_and_households(me, world, hall):
    with hall.read() as session:
        (found,) = [place for place in places(session, "Septem") if place.kind == "round"]
        assert dict(found.args) == {"round_id": world.round}
        homes = [place for place in places(session, "Кравець") if place.kind == "household"]
        by_card = [place for place in places(session, "4000 0003") if place.kind == "household"]
    assert [home.args for home in homes] == [place.args for place in by_card]
    me.press(Qt.Key.Key_K, CTRL)
    me.type("Кравець")
    me.wait(lambda: "Кравець Ніна" in me.shell.palette_view.results())
    me.shell.desk.open("assistance", **dict(homes[0].args))
    me.wait(lambda: me.page.standing is not None and "Кравець" in me.page.standing.line.head)


def test_locked_desk_shows_no_names(me, world):
    world.advance()
    go(me)
    me.page.open_line(me.all(Entitlement)[0].id)
    me.wait(lambda: me.page.standing is not None)
    me.press(Qt.Key.Key_F7)
    me.scan("4000 0001")
    me.wait(lambda: me.page.counter.lookup is not None)
    me.page.wipe()
    me.wait(lambda: not any(n.split()[0] in " ".join(texts(me.page)) for n in NAMES))


@pytest.mark.parametrize("paper", [True, False])
def test_list_leaves_the_house_for_somebody_and_for_a_reason(me, world, tmp_path, paper):
    world.advance()
    go(me)
    me.press(Qt.Key.Key_P if paper else Qt.Key.Key_E, CTRL)
    form = me.page.form
    me.press(Qt.Key.Key_Return, CTRL)
    assert form.fields["to"].wrong
    me.type("Russian Red Cross")
    form.editors["why"].setFocus()
    me.type("To sign at the point")
    out = tmp_path / ("list.pdf" if paper else "list.xlsx")
    me.page.leave_to(out, form)
    me.wait(out.exists)
    (copy,) = me.all(HandedOut)
    assert (copy.to_whom, copy.why) == ("Russian Red Cross", "To sign at the point")
    assert copy.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert me.said() == ("1 page written" if paper else "12 lines written")


def test_similar_households_do_not_include_those_who_share_a_family_name(world, hall):
    with hall.read() as session:
        asked = Asked(world.before, ("Шевченко Василь",))
        assert similar(session, asked) == []
        asked = Asked(world.cash, ("Somebody Else",), card="4000-0001")
        (found,) = similar(session, asked)
    assert found.registered_here
    assert found.why == "Same card"


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [("", None), ("15000", 1_500_000), ("1 000,50", 100_050), ("1,000.5", 100_050),
     ("1.000,50", 100_050), ("12,000", 1_200_000), ("1\xa0000", 100_000)],
)  # fmt: skip
def test_amount_is_read_in_every_style(typed, hundredths):
    assert amount_of(typed) == hundredths


@pytest.mark.parametrize("typed", ["many", "12,x", "-5", "1e6"])
def test_amount_that_is_none_is_told(typed):
    with pytest.raises(InvalidDraft, match="in figures"):
        amount_of(typed)
