"""A call from the first ring to the saved record, by keys alone; nothing typed is ever lost."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from sqlmodel import select

from casedesk import intake
from casedesk.desk import theme
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.desk.shell import Shell, Starter
from casedesk.hotline.call import CallText, SoughtText
from casedesk.hotline.listing import CALL_BACKS, NOT_LINKED
from casedesk.hotline.page import HotlinePage
from casedesk.hotline.records import Enquiry, EnquiryDraft, EnquirySought, EnquiryStatus, Reason
from casedesk.hotline.rules import log_call
from casedesk.kernel import language
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.query import Condition, Filter
from casedesk.kernel.settings import Settings
from casedesk.people import rules as people
from casedesk.people.records import Person, PersonDraft, PersonNameDraft
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import CaseEnquirer, TracingCase, TracingCaseDraft

TODAY = dt.date(2025, 9, 11)
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def new(family, given="", **values):
    name = PersonNameDraft.checked({"family": family, "given": given, "script": "cyrillic"})
    return people.NewPerson(PersonDraft.checked(values), (name,))


def register(store, person):
    made, _c = store.write(people.register_person, person.person, person.names, actor="anna")
    return made.id


@pytest.fixture
def case(store):
    person = new(
        "Шевченко",
        "Олексій",
        born_first=dt.date(1988, 1, 1),
        born_last=dt.date(1988, 12, 31),
        mother_name="Олена Петрівна",
    )
    draft = TracingCaseDraft.checked(
        {
            "person_id": register(store, person),
            "opened_on": dt.date(2024, 4, 1),
            "last_seen_at": "Зелений Гай",
        }
    )
    made, _c = store.write(tracing.open_case, draft, actor="anna")
    return made


@pytest.fixture(scope="module")
def dressed(qapp):
    """The look of the desk, put on once: dressing costs more than most of these tests."""
    theme.apply(qapp, "light")


@pytest.fixture
def desk_of(store, tmp_path, dressed):
    def make():
        settings = Settings(tmp_path / "settings")
        settings.actor = "anna"
        return Desk(store, Jobs.inline(store), settings, Lane(inline=True))

    return make


@pytest.fixture
def shell(desk_of, qtbot):
    """The window with the hotline alone, on screen and active."""
    desk = desk_of()
    window = Shell(
        desk,
        [HotlinePage(desk, door=intake.DOOR)],
        [],
        starters=(Starter(page="hotline", label="New call", shortcut="F2", icon="phone"),),
    )
    qtbot.addWidget(window)
    desk.open("hotline")
    window.resize(1440, 900)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def page(shell, monkeypatch):
    """The hotline in the window; here keys are never held, though QTest leaves Alt behind."""
    hotline = shell.pages["hotline"]
    monkeypatch.setattr(hotline.form.matches, "alt_held", lambda: False)
    return hotline


def press(key, modifiers=Qt.KeyboardModifier.NoModifier):
    target = QApplication.focusWidget() or QApplication.activeWindow()
    QTest.keyClick(target, key, modifiers)


def type_in(text):
    """Type into whatever has the focus."""
    QTest.keyClicks(QApplication.focusWidget(), text)


def paste(text):
    """Put in text that no keyboard types."""
    QApplication.focusWidget().insert(text)


def begin(qtbot, page):
    press(Key.Key_F2)
    qtbot.waitUntil(lambda: page.form.sought.name.hasFocus())


def matches(qtbot, page, count):
    qtbot.waitUntil(lambda: len(page.form.matches.rows()) == count)


def all_of(store, table):
    with store.read() as session:
        return session.exec(select(table)).all()


def tab_to(widget):
    for _step in range(60):
        if widget.hasFocus():
            return
        press(Key.Key_Tab)
    raise AssertionError("Tab does not come here")


# -- the journey ------------------------------------------------------------------------------


def test_call_is_taken_linked_and_saved_by_keys_alone(qtbot, page, store, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    press(Key.Key_1, ALT)
    press(Key.Key_N, ALT)
    type_in("She heard he was seen in spring.")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    (call,) = all_of(store, Enquiry)
    (line,) = all_of(store, EnquirySought)
    assert (call.status, call.operator, call.reason) == (
        EnquiryStatus.LINKED,
        "anna",
        Reason.SEEKING_RELATIVE,
    )
    assert "She heard he was seen in spring." in call.summary
    assert (line.person_id, line.case_number) == (case.person_id, case.number)
    assert len(all_of(store, Person)) == 1
    assert store.drafts() == {}
    qtbot.waitUntil(lambda: page.table.current_id() == call.id)


def test_new_case_is_opened_from_the_call_with_what_was_said(qtbot, page, store):
    begin(qtbot, page)
    paste("Мельник Іван")
    tab_to(page.form.sought.born)
    type_in("1991")
    tab_to(page.form.sought.place)
    paste("Суми")
    press(Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    (case,) = all_of(store, TracingCase)
    (person,) = all_of(store, Person)
    assert (case.last_seen_at, case.person_id) == ("Суми", person.id)
    assert person.born_first == dt.date(1991, 1, 1)
    assert all_of(store, EnquirySought)[0].case_number == case.number


def test_digits_choose_the_reason_only_while_the_reasons_have_the_focus(qtbot, page, store):
    begin(qtbot, page)
    press(Key.Key_Tab, SHIFT)
    assert page.form.reason.hasFocus()
    press(Key.Key_5)
    assert page.form.reason.value is Reason.SCAM
    press(Key.Key_Tab)
    type_in("Ivan 5")
    assert page.form.reason.value is Reason.SCAM
    assert page.form.sought.name.value == "Ivan 5"


def test_tab_goes_in_the_order_people_talk(qtbot, page):
    begin(qtbot, page)
    form = page.form
    press(Key.Key_N, ALT)
    press(Key.Key_Tab)
    press(Key.Key_Space)
    assert form.promise.call_back.isChecked()
    form.reason.setFocus()
    seen = [form.reason]
    for _step in range(14):
        press(Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    sought, promise = form.sought, form.promise
    assert seen == [
        form.reason, sought.name, sought.relation, sought.born, sought.sex, sought.mother,
        sought.place, sought.contact, form.notes, promise.call_back, promise.back_on,
        promise.back_at, promise.promised, form.consent, form.statistics,
    ]  # fmt: skip


def test_several_persons_in_one_call_are_kept_apart(qtbot, page, store, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    press(Key.Key_1, ALT)
    press(Key.Key_N, CTRL | SHIFT)
    assert page.form.sought.name.value == ""
    paste("Шевченко Тарас")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    lines = all_of(store, EnquirySought)
    assert [line.case_number for line in lines] == [case.number, None]
    assert lines[0].person_id == case.person_id != lines[1].person_id


def test_save_without_link_keeps_the_call_and_links_nothing(qtbot, page, store, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    press(Key.Key_1, ALT)
    tab_to(page.form.plain_button)
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: not page.on_call)
    assert all_of(store, EnquirySought)[0].case_number is None


# -- matches ----------------------------------------------------------------------------------


def test_link_is_shown_undone_by_the_same_key_and_moved_by_another(qtbot, page, store, case):
    other = TracingCaseDraft.checked(
        {"person_id": register(store, new("Шевченко", "Олексій")), "opened_on": TODAY}
    )
    store.write(tracing.open_case, other, actor="anna")
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 2)
    panel = page.form.matches
    words = "linked"

    def linked():
        return [row.key for row in panel.list.rows() if row.chips[0].text == words]

    press(Key.Key_1, ALT)
    assert linked() == [panel.rows()[0].key]
    assert panel.link_button.text() == "Linked, Alt+1 takes it back"
    press(Key.Key_2, ALT)
    assert linked() == [panel.rows()[1].key]
    press(Key.Key_2, ALT)
    assert linked() == []


def test_somebody_who_is_not_the_same_is_shown_muted_and_not_linked(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    press(Key.Key_1, ALT)
    page.form.matches.refuse(1)
    assert page.form.matches.list.rows()[0].refused
    assert page.form.call.sought[0].link is None


def test_matches_say_field_by_field_what_agrees(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    tab_to(page.form.sought.born)
    type_in("1989")
    qtbot.waitUntil(
        lambda: (
            ("Born", "about 1989", "1988", "born a year apart") in page.form.matches.table.texts()
        )
    )
    (shown,) = page.form.matches.list.rows()
    assert "born a year apart" in [chip.text for chip in shown.chips]
    assert "Case 2024-000\u00a0001" in shown.line


def test_alt_with_arrows_goes_to_the_matches_and_back(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко")
    matches(qtbot, page, 1)
    press(Key.Key_Down, ALT)
    assert page.form.matches.list.hasFocus()
    press(Key.Key_Return)
    assert page.form.call.sought[0].link is not None
    press(Key.Key_Up, ALT)
    assert page.form.sought.name.hasFocus()


def test_list_holds_still_while_alt_is_held(qtbot, page, store, case, monkeypatch):
    begin(qtbot, page)
    panel = page.form.matches
    paste("Шевченко")
    matches(qtbot, page, 1)
    held = [True]
    monkeypatch.setattr(panel, "alt_held", lambda: held[0])
    page.form.sought.name.clear()
    paste("Мельник")
    page.form.search()
    assert len(panel.rows()) == 1
    held[0] = False
    matches(qtbot, page, 0)


def test_weaker_matches_are_folded_away_and_come_by_a_key(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    tab_to(page.form.sought.born)
    matches(qtbot, page, 1)
    type_in("1951")
    matches(qtbot, page, 0)
    press(Key.Key_M, ALT)
    matches(qtbot, page, 1)


def test_all_persons_are_looked_at_only_when_asked_for(qtbot, page, store):
    register(store, new("Гончар", "Петро"))
    begin(qtbot, page)
    paste("Гончар")
    matches(qtbot, page, 0)
    page.form.matches._scope(True)
    matches(qtbot, page, 1)
    press(Key.Key_1, ALT)
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    assert len(all_of(store, Person)) == 1


def test_latin_form_stands_beside_a_cyrillic_name(qtbot, page):
    begin(qtbot, page)
    paste("Шевченко Ол")
    assert page.form.sought.name.latin() == "Shevchenko Ol"
    page.form.sought.name.clear()
    type_in("Shevchenko")
    assert page.form.sought.name.latin() == ""


# -- the caller -------------------------------------------------------------------------------


def test_known_number_shows_the_caller_and_one_key_takes_them(qtbot, page, store, case):
    draft = EnquiryDraft.checked(
        {"received_on": TODAY, "number_typed": "+380671234567", "language": "uk"}
    )
    about = [intake.About(0, "mother", case_id=case.id)]
    store.write(intake.call_for_case, draft, about, new("Шевченко", "Олена"), actor="anna")
    begin(qtbot, page)
    page.form.caller.number.setFocus()
    type_in("+380 67 123 45 67")
    qtbot.waitUntil(lambda: page.form.caller.same_button.isVisible())
    shown = [part.text() for part in page.form.caller._known.findChildren(QLabel)]
    assert "Шевченко Олена" in shown
    assert "speaks Ukrainian" in shown
    assert any("1 call" in text and "enquirer in Case 2024-000" in text for text in shown)
    press(Key.Key_C, ALT)
    matches(qtbot, page, 1)  # the case the caller asked about comes before anything is typed
    press(Key.Key_1, ALT)
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    first, second = all_of(store, Enquiry)
    assert first.caller_id == second.caller_id
    assert len(all_of(store, CaseEnquirer)) == 1


def test_unknown_number_asks_for_a_name_and_the_next_call_knows_it(qtbot, page, store):
    begin(qtbot, page)
    page.form.caller.number.setFocus()
    type_in("8 916 123-45-67")
    qtbot.waitUntil(lambda: page.form.caller.number_tag.text() == "New number")
    assert page.form.caller.name.isVisible()
    page.form.caller.name.setFocus()
    paste("Гончар Марія")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    begin(qtbot, page)
    page.form.caller.number.setFocus()
    type_in("89161234567")
    qtbot.waitUntil(lambda: page.form.caller.number_tag.text() == "Number known")


# -- errors -----------------------------------------------------------------------------------


def test_errors_stand_under_their_fields_and_keep_what_was_typed(qtbot, page, store):
    begin(qtbot, page)
    paste("Мельник")
    form = page.form
    tab_to(form.sought.born)
    type_in("31.02.1990")
    tab_to(form.sought.contact)
    type_in("2030")
    press(Key.Key_Return, CTRL)
    assert page.on_call
    assert form.sought.fields["born"].wrong
    assert form.sought.fields["contact"].wrong
    assert form.sought.born.hasFocus()
    assert form.errors.title() == "2 fields need a look before the call can be saved"
    assert form.errors.links()[1] == "Last contact: The date lies in the future."
    assert (form.sought.name.value, form.sought.born.value) == ("Мельник", "31.02.1990")
    assert all_of(store, Enquiry) == []
    form.sought.born.clear()
    form.sought.contact.clear()
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)


def test_error_of_another_person_leads_there(qtbot, page, store):
    begin(qtbot, page)
    paste("Мельник")
    tab_to(page.form.sought.born)
    type_in("soon")
    press(Key.Key_N, CTRL | SHIFT)
    paste("Гончар")
    press(Key.Key_Return, CTRL)
    assert page.form.sought.name.value == "Мельник"
    assert page.form.sought.born.hasFocus()
    assert page.form.sought.fields["born"].wrong


def test_call_back_needs_its_day_and_goes_to_the_follow_ups(qtbot, page, store):
    begin(qtbot, page)
    form = page.form
    form.promise.call_back.setChecked(True)
    assert form.promise.back_on.value == "2025-09-12"
    form.promise.back_on.clear()
    form.promise.back_at.setText("9.70")
    form.promise.promised.setText("read her the list")
    press(Key.Key_Return, CTRL)
    assert form.promise.fields["back_on"].wrong
    assert form.promise.fields["back_at"].wrong
    form.promise.back_on.setText("2025-09-15")
    form.promise.back_at.setText("9.30")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    (call,) = all_of(store, Enquiry)
    assert (call.status, call.call_back_on) == (EnquiryStatus.CALL_BACK, dt.date(2025, 9, 15))
    assert (call.call_back_at, call.promised) == ("09:30", "read her the list")
    assert call.summary == ""


def test_what_the_act_refuses_is_said_on_top_and_nothing_is_lost(qtbot, page, store, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    press(Key.Key_1, ALT)
    page.form.call.caller_id = case.person_id
    press(Key.Key_Return, CTRL)
    assert "cannot be the sought person" in page.form.errors.title()
    assert page.form.sought.name.value == "Шевченко Олексій"
    assert page.form.call.sought[0].link is not None
    assert len(store.drafts()) == 1
    assert all_of(store, Enquiry) == []


def test_statistics_only_keeps_no_number_and_refuses_a_name(qtbot, page, store):
    begin(qtbot, page)
    form = page.form
    form.caller.number.setText("+380671234567")
    form.caller.name.setText("Гончар Марія")
    form.consent.setChecked(True)
    form.statistics.setChecked(True)
    assert not form.consent.isChecked()
    press(Key.Key_Return, CTRL)
    assert page.on_call
    form.caller.name.clear()
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    (call,) = all_of(store, Enquiry)
    assert (call.number_typed, call.number_e164, call.caller_id) == ("", None, None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Мельник\x00Іван", "control character"),
        ("я" * 10_000, "too long: 10000 letters"),
        ("я" * 300, "too long"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(qtbot, page, store, typed, sentence):
    call = CallText.begin(dt.datetime(2025, 9, 11, 9, 30), TODAY)
    call.sought = [SoughtText(name=typed)]
    page.form.take_up(call, talking=True)
    page._show_form()
    press(Key.Key_Return, CTRL)
    assert page.on_call
    assert sentence in page.form.errors.links()[0]
    assert page.form.sought.name.hasFocus()
    assert all_of(store, Enquiry) == []


def test_markup_is_a_name_like_any_other(qtbot, page, store):
    begin(qtbot, page)
    paste("<b>Мельник</b> <img src=x>")
    page.form.notes.setPlainText("<script>alert(1)</script>")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    (call,) = all_of(store, Enquiry)
    assert call.summary == "<script>alert(1)</script>"
    page.open_call(call.id)
    shown = page.pane.findChildren(QLabel)
    assert any(part.text() == "<script>alert(1)</script>" for part in shown)
    assert {part.textFormat() for part in shown if part.text()} == {Qt.TextFormat.PlainText}


# -- drafts and parked calls ------------------------------------------------------------------


def test_unfinished_call_is_offered_again_after_the_program_ended(qtbot, page, shell, desk_of):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    page.form.notes.setPlainText("half a sen")
    qtbot.waitUntil(lambda: len(page.desk.store.drafts()) == 1)
    again = HotlinePage(desk_of(), door=intake.DOOR)
    qtbot.addWidget(again)
    again.enter()
    assert [title.endswith("Шевченко Олексій") for title in again.strip.titles()] == [True]
    (key,) = again.waiting
    again.take_up(key)
    assert again.form.sought.name.value == "Шевченко Олексій"
    assert again.form.notes.value == "half a sen"


def test_escape_throws_nothing_away(qtbot, page):
    begin(qtbot, page)
    paste("Шевченко")
    tab_to(page.form.notes)
    type_in("cried")
    press(Key.Key_Escape)
    assert page.form.sought.name.hasFocus()
    assert (page.form.sought.name.value, page.form.notes.value) == ("Шевченко", "cried")


def test_parked_call_comes_back_and_several_wait(qtbot, page, store):
    begin(qtbot, page)
    paste("Перший")
    press(Key.Key_F6)
    assert not page.on_call
    begin(qtbot, page)
    paste("Другий")
    press(Key.Key_F2)  # a third call rings: the second one is parked, too
    assert page.form.sought.name.value == ""
    press(Key.Key_F6, SHIFT)
    assert not page.on_call
    assert sorted(title.split(", ")[-1] for title in page.strip.titles()) == ["Другий", "Перший"]
    assert len(store.drafts()) == 2
    press(Key.Key_F6)
    assert page.on_call
    assert page.form.sought.name.value in ("Перший", "Другий")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    assert len(store.drafts()) == 1


def test_call_with_nothing_in_it_leaves_no_draft(qtbot, page, store):
    begin(qtbot, page)
    press(Key.Key_F6)
    assert not page.on_call
    assert store.drafts() == {}
    assert page.strip.isHidden()


def test_deleted_draft_can_be_brought_back(qtbot, page, store):
    begin(qtbot, page)
    paste("Перший")
    press(Key.Key_F6)
    said = []
    page.desk.notices.raised.connect(said.append)
    (key,) = page.waiting
    page.strip.dropped.emit(key)
    assert store.drafts() == {}
    said[0].buttons[0][1]()
    assert list(store.drafts()) == [key]
    assert len(page.strip.titles()) == 1


def test_person_taken_out_of_a_call_can_be_brought_back(qtbot, page):
    begin(qtbot, page)
    paste("Перший")
    press(Key.Key_N, CTRL | SHIFT)
    paste("Другий")
    page.form.sought.remove_person()
    assert page.form.sought.name.value == "Перший"
    page.form.sought.return_person()
    assert page.form.sought.name.value == "Другий"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "7",
        '{"sought": 5}',
        '{"sought": [{"link": 3}]}',
        '{"sought": [{"link": {}}]}',
        '{"number": 5, "sought": [{"name": null, "sex": "x", "refused": 1}], "reason": "why"}',
    ],
)
def test_damaged_draft_does_not_break_the_page(desk_of, store, qtbot, text):
    store.keep_draft("hotline.call.broken", text)
    page = HotlinePage(desk_of(), door=intake.DOOR)
    qtbot.addWidget(page)
    page.enter()
    for key in list(page.waiting):
        page.take_up(key)


# -- the list ---------------------------------------------------------------------------------


def logged(store, caller=None, **values):
    draft = EnquiryDraft.checked({"received_on": TODAY, **values})
    call, _c = store.write(log_call, draft, [], caller, actor="anna")
    return call.id


def test_list_shows_calls_as_they_are_saved_and_filters_by_chip_name_and_number(page, store):
    first = logged(store, new("Шевченко", "Олена"), number_typed="+380671234567")
    second = logged(store, new("Гончар"), received_on=dt.date(2025, 9, 1), reason="case_status")
    page.refresh()

    def shown(*conditions):
        page.show_filter(Filter(conditions))
        return list(page.table.model_.ids)

    assert shown() == [first, second]
    assert shown(Condition("period", "is", "today")) == [first]
    assert shown(Condition("period", "is", "week")) == [first]
    assert shown(Condition("text", "is", "shevch")) == [first]
    assert shown(Condition("text", "is", "8 0 67 123")) == []
    assert shown(Condition("text", "is", "+380 67 123-45-67")) == [first]
    assert shown(Condition("reason", "is", "case_status")) == [second]
    assert shown(NOT_LINKED) == [second]


def test_each_row_names_its_own_person_and_case(page, store, case):
    for given in ("Тарас", "Іван"):
        about = [intake.About(new("Гончар", given), "son")]
        if given == "Іван":
            about = [intake.About(0, "son", case_id=case.id)]
            store.write(
                intake.call_for_case, EnquiryDraft.checked({"received_on": TODAY}), about,
                actor="anna",
            )  # fmt: skip
        else:
            sought = [item.sought() for item in about]
            draft = EnquiryDraft.checked({"received_on": TODAY})
            store.write(log_call, draft, sought, actor="anna")
    page.refresh()
    model = page.table.model_
    keys = [column.key for column in model.listing.columns]
    shown = [
        tuple(model.cell(row, model.shift + keys.index(key)) for key in ("sought", "case"))
        for row in range(2)
    ]
    assert shown == [("Шевченко Олексій", "2024-000\u00a0001"), ("Гончар Тарас", "")]


def test_call_begun_from_a_case_is_about_its_person_and_linked(qtbot, page, store, case):
    page.enter(new=True, person_id=case.person_id, case_number=case.number)
    assert page.form.sought.name.value == "Шевченко Олексій"
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    assert all_of(store, EnquirySought)[0].case_number == case.number


def test_new_promise_on_an_answered_call_makes_it_wait_again(qtbot, page, store):
    call = logged(store, status="answered")
    page.open_call(call)
    page.pane.change()
    page.pane.back_on.setText("2025-09-12")
    page.pane.save()
    assert all_of(store, Enquiry)[0].status is EnquiryStatus.CALL_BACK


def test_call_backs_due_are_counted_listed_and_ticked_off(qtbot, page, store):
    counts = []
    page.count_changed.connect(lambda count, urgent: counts.append((count, urgent)))
    late = logged(
        store,
        status="call_back",
        received_on=dt.date(2025, 9, 8),
        call_back_on=dt.date(2025, 9, 10),
        summary="call",
    )
    page.enter(call_back=late)
    assert counts[-1] == (1, True)
    page.show_filter(Filter((CALL_BACKS,)))
    assert list(page.table.model_.ids) == [late]
    qtbot.waitUntil(lambda: page.pane.done_button.hasFocus())
    press(Key.Key_Return)
    assert counts[-1] == (0, False)
    with store.read() as session:
        assert session.get(Enquiry, late).call_back_on is None


def test_enter_opens_a_call_and_change_corrects_it(qtbot, page, store):
    call = logged(store, new("Шевченко"), summary="one")
    page.refresh()
    page.table.select_id(call)
    page.table.setFocus()
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: page.pane.isVisible() and page.pane.change_button.hasFocus())
    press(Key.Key_F3)
    assert page.pane.changing
    page.pane.back_on.setText("tomorrow")
    press(Key.Key_Return, CTRL)
    assert page.pane.fields["call_back_on"].wrong
    page.pane.back_on.setText("")
    page.pane.summary.setPlainText("two")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.pane.changing)
    assert all_of(store, Enquiry)[0].summary == "two"


def test_change_over_somebody_elses_is_refused_and_keeps_the_text(qtbot, page, store):
    call = logged(store, summary="one")
    page.open_call(call)
    page.pane.change()
    page.pane.summary.setPlainText("mine")
    other = EnquiryDraft.checked({"received_on": TODAY, "summary": "theirs"})
    from casedesk.hotline.rules import change_enquiry

    store.write(change_enquiry, call, other, 0, actor="boris")
    page.pane.save()
    assert "Somebody changed this record" in page.pane.fault.text()
    assert page.pane.summary.value == "mine"
    page.pane.again_button.click()
    qtbot.waitUntil(lambda: page.pane.changing)
    assert page.pane.summary.value == "mine"
    page.pane.save()
    assert all_of(store, Enquiry)[0].summary == "mine"


def test_change_left_half_way_is_there_again(page, store):
    first, second = logged(store, summary="one"), logged(store, summary="two")
    page.open_call(first)
    page.pane.change()
    page.pane.summary.setPlainText("half a")
    page.open_call(second)
    assert page.pane.detail.draft.summary == "two"
    page.open_call(first)
    page.pane.change()
    assert page.pane.summary.value == "half a"


def test_saved_call_can_be_undone(qtbot, page, store):
    begin(qtbot, page)
    paste("Мельник")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    page.desk.undo()
    assert all_of(store, Enquiry) == []
    assert all_of(store, Person) == []


def test_everything_on_the_form_has_a_name(qtbot, page):
    begin(qtbot, page)
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit

    for kind in (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit):
        for widget in page.form.findChildren(kind):
            if widget.isVisible():
                assert widget.accessibleName(), widget


# -- how the form stands ----------------------------------------------------------------------


def wrong_call(page):
    """Fill the form so that every kind of sentence stands in it."""
    form = page.form
    form.caller.name.setText("Гончар Марія")
    form.reason.choose(Reason.SCAM)
    form.sought.add_person()
    form.sought.name.setText("Мельник")
    form.sought.born.setText("31.02.1990")
    form.sought.contact.setText("soon")
    form.promise.call_back.setChecked(True)
    form.promise.back_on.setText("tomorrow")
    form.promise.back_at.setText("9.70")
    form.save()
    form.layout().activate()
    QApplication.sendPostedEvents()


@pytest.mark.parametrize(
    ("size", "wide", "speak"),
    [
        (100, 1120, "en"),
        (100, 1440, "ru"),
        (150, 1440, "ru"),
        (100, 1120, "long"),
    ],
)
def test_form_always_fits_its_column(qtbot, desk_of, qapp, monkeypatch, size, wide, speak):
    monkeypatch.setenv("CASEDESK_PSEUDO", "130" if speak == "long" else "")
    language.use("en" if speak == "long" else speak)
    if size != 100:
        theme.apply(qapp, "light", size)
    try:
        page = HotlinePage(desk_of(), door=intake.DOOR)
        qtbot.addWidget(page)
        page.resize(wide - 204, 826)
        page.show()
        page.enter(new=True)
        wrong_call(page)
        form = page.form
        qtbot.waitUntil(lambda: form._form.width() == form._scroll.viewport().width())
        assert form.errors.isVisible()
        for widget in form._form.findChildren(QWidget):
            if widget.isVisible():
                left = widget.mapTo(form._form, QPoint(0, 0)).x()
                assert left >= 0
                assert left + widget.width() <= form._form.width(), widget
        for field in form._all_fields().values():
            if field.wrong:
                below = field._below
                assert below.height() >= below.heightForWidth(below.width()), field.name
        for link in form.errors._links:
            assert link.height() >= link.heightForWidth(link.width())
    finally:
        if size != 100:
            theme.apply(qapp, "light")


def test_fields_of_a_row_stand_in_line_and_are_equally_high(qtbot, page):
    begin(qtbot, page)
    form = page.form
    row = [form.sought.born, form.sought.sex, form.sought.mother]
    assert {widget.height() for widget in row} == {32}
    assert len({widget.mapTo(form, QPoint(0, 0)).y() for widget in row}) == 1
    assert form.sought.sex.words() == ["Man", "Woman", "?"]
    wide, narrow = form.sought.mother.width(), form.sought.born.width()
    wrong_call(page)
    assert len({widget.mapTo(form, QPoint(0, 0)).y() for widget in row}) == 1
    assert form.sought.mother.width() == pytest.approx(wide, abs=12)
    assert form.sought.born.width() == pytest.approx(narrow, abs=12)


def test_call_with_a_promise_needs_no_scrolling_and_notes_take_the_room(qtbot, page):
    begin(qtbot, page)
    page.form.reason.choose(Reason.SCAM)
    page.form.promise.call_back.setChecked(True)
    page.form.resize(1236, 824)
    bar = page.form._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    assert page.form.notes.height() > page.form.notes.minimumHeight()


def test_each_field_has_one_name(qtbot, page):
    begin(qtbot, page)
    for field in page.form._all_fields().values():
        shown = [part for part in field.findChildren(QLabel) if part.text() == field.name]
        assert len(shown) == 1
        assert shown[0].buddy() is field.editor


def test_year_of_birth_says_how_far_matches_may_lie(qtbot, page):
    begin(qtbot, page)
    page.form.sought.born.setText("1987")
    assert page.form.sought.born.inside.words == "± 2 years"
    page.form.sought.born.setText("1987-03")
    assert page.form.sought.born.inside.words == ""


def test_weaker_matches_are_told_at_two_ends_of_one_row(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    page.form.sought.born.setText("1951")
    panel = page.form.matches
    qtbot.waitUntil(lambda: panel._weak_row.isVisible())
    QApplication.sendPostedEvents()
    assert panel._weak_words.text() == "1 weaker match"
    assert panel._weak_row.height() == 32
    side = theme.space(4)
    assert panel._weak_words.x() == side
    assert panel._weak_button.geometry().right() == panel._weak_row.width() - side - 1


def test_nobody_of_this_name_leads_to_a_new_case(qtbot, page, store):
    begin(qtbot, page)
    panel = page.form.matches
    assert panel.nothing.accessibleName() == "Matches come up here"
    assert not panel.first_button.isVisible()
    paste("Мельник")
    qtbot.waitUntil(lambda: panel.nothing.accessibleName() == "Nobody of this name yet")
    assert not panel.table.isVisible()
    assert not panel.link_button.isVisible()
    panel.first_button.click()
    qtbot.waitUntil(lambda: not page.on_call)
    assert len(all_of(store, TracingCase)) == 1


def test_link_button_is_the_main_one_until_the_link_is_made(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    button = page.form.matches.link_button
    assert (button._kind, button.text()) == ("primary", "Link call to this case")
    press(Key.Key_1, ALT)
    assert (button._kind, button.text()) == ("plain", "Linked, Alt+1 takes it back")
    press(Key.Key_1, ALT)
    assert page.form.call.sought[0].link is None
    assert button._kind == "primary"


def test_case_of_a_match_is_opened_from_the_comparison_and_the_call_waits(
    qtbot, page, case, monkeypatch
):
    opened = []
    monkeypatch.setattr(page.desk, "open", lambda key, **args: opened.append((key, args)))
    begin_text = "Шевченко Олексій"
    page.new_record()
    page.form.sought.name.setText(begin_text)
    matches(qtbot, page, 1)
    press(Key.Key_F4)
    assert opened == [("case", {"case_id": case.id})]
    assert page.form.sought.name.value == begin_text


def test_comparison_paints_a_row_for_each_field_and_cuts_none_unseen(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    page.form.sought.place.setText("село біля Зеленого Гаю на березі великої річки за лісом, дім 4")
    matches(qtbot, page, 1)
    rows = page.form.matches.table._rows
    qtbot.waitUntil(lambda: any("березі" in cells[1] for cells, _m in rows.lines))
    assert rows.height() >= 26 * (len(rows.lines) + 1)
    last = max(left + wide for left, wide in rows.places())
    assert last == rows.width() - theme.space(4)
    index = [cells[0] for cells, _m in rows.lines].index("Last place")
    spot = rows.places()[1][0] + 5
    assert rows.whole_at(spot, 26 * (index + 1) + 5).endswith("дім 4")
    assert rows.whole_at(spot, 26 + 5) == ""


def test_same_answer_again_leaves_the_list_of_matches_alone(qtbot, page, case):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    resets = []
    page.form.matches.list.model().modelReset.connect(lambda: resets.append(1))
    page.form.notes.setPlainText("more")
    page.form.search()
    assert resets == []


def test_an_answer_is_compared_once_and_laid_out_at_once(qtbot, page, case, monkeypatch):
    begin(qtbot, page)
    paste("Шевченко Олексій")
    matches(qtbot, page, 1)
    panel, compared = page.form.matches, []
    answer, set_row = panel._found, panel.table.set_row
    panel.clear()
    assert panel.nothing.isVisible()
    monkeypatch.setattr(
        panel.table, "set_row", lambda row, place: (compared.append(place), set_row(row, place))
    )
    panel.set_found(answer, asked=True)
    assert compared == [1]
    shown = [panel.list, panel.table, panel._rule, panel._bar]
    assert all(part.isVisible() for part in shown)
    for above, below in pairwise(part.geometry() for part in shown):
        assert above.bottom() < below.top()
    assert panel._bar.geometry().bottom() == panel.rect().bottom()
    assert not panel.nothing.isVisible()


def test_scam_warning_is_read_aloud_and_esc_goes_back_to_where_one_was(qtbot, page):
    begin(qtbot, page)
    tab_to(page.form.notes)
    type_in("He paid")
    press(Key.Key_F8)
    sheet = page.form.warning
    assert sheet.isVisible()
    assert sheet.size() == page.form.size()
    assert "never ask for money" in sheet.lines[0].text()
    assert theme.metrics("figure").height() <= sheet.lines[0].height()
    press(Key.Key_Escape)
    assert not sheet.isVisible()
    assert page.form.notes.hasFocus()
    assert page.form.notes.value == "He paid"


def test_call_about_a_scam_offers_the_warning(qtbot, page):
    begin(qtbot, page)
    assert not page.form.warning_button.isVisible()
    page.form.reason.choose(Reason.SCAM)
    page.form.warning_button.click()
    assert page.form.warning.isVisible()


def test_list_has_room_for_dates_and_times_without_scrolling_sideways(page, store):
    logged(
        store,
        received_on=dt.date(2024, 9, 30),
        received_at="20:48",
        status="call_back",
        call_back_on=dt.date(2025, 9, 30),
    )
    page.refresh()
    table = page.table
    assert table.width() <= 1440 - 204
    assert table.horizontalScrollBar().maximum() == 0
    model = table.model_
    keys = [column.key for column in model.listing.columns]
    for key, words in (("on", "30 Sept 2024"), ("at", "20:48"), ("call_back", "30 Sept 2025")):
        column = model.shift + keys.index(key)
        cell = model.cell(0, column)
        assert (cell if isinstance(cell, str) else cell.text) == words
        assert table.itemDelegate().is_cut(0, column, table.columnWidth(column)) == ""


def test_what_was_promised_and_last_heard_is_read_and_changed_in_the_pane(qtbot, page, store):
    begin(qtbot, page)
    form = page.form
    paste("Мельник")
    form.sought.place.setText("Суми")
    form.sought.contact.setText("2024-03")
    form.promise.call_back.setChecked(True)
    form.promise.back_at.setText("10:00")
    form.promise.promised.setText("read the list")
    press(Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not page.on_call)
    (call,) = all_of(store, Enquiry)
    (line,) = all_of(store, EnquirySought)
    assert (line.last_place, line.last_contact_last) == ("Суми", dt.date(2024, 3, 31))
    assert call.summary == ""
    page.open_call(call.id)
    shown = [part.text() for part in page.pane._reading.findChildren(QLabel)]
    for words in ("12 September 2025, 10:00", "read the list", "Суми", "March 2024"):
        assert words in shown
    page.pane.change()
    page.pane.back_on.setText("")
    page.pane.status.set_value(EnquiryStatus.ANSWERED)
    page.pane.save()
    (call,) = all_of(store, Enquiry)
    assert (call.call_back_on, call.call_back_at, call.promised) == (None, "", "read the list")
