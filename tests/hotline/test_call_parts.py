"""The parts of the call form by themselves: the caller, the persons sought, the promise."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from casedesk.desk import theme
from casedesk.hotline.call import CallText, Link, SoughtText
from casedesk.hotline.caller_view import CallerView
from casedesk.hotline.promise_view import PromiseView
from casedesk.hotline.rules import KnownCaller
from casedesk.hotline.sought_view import SoughtView

NUMBER = "+380671234567"
OLENA = KnownCaller(7, "Шевченко Олена", "Shevchenko Olena", "uk", 3, None)
OLEH = KnownCaller(8, "Шевченко Олег", "Shevchenko Oleh", "", 1, None)


@pytest.fixture
def shown(qapp, qtbot):
    """Put a part on the screen by itself."""
    theme.apply(qapp, "light")

    def show(widget):
        qtbot.addWidget(widget)
        widget.show()
        return widget

    return show


@pytest.fixture
def strip(shown, qtbot):
    """The caller, where a mother and a son have the one number that is known."""

    def read(_fn, number, _door, *, channel, then):
        assert channel == "callers"
        then([(OLENA, ["2024-000001-2"]), (OLEH, [])] if number == NUMBER else [])

    made = shown(CallerView(read, None))
    qtbot.addWidget(made.number_line)
    made.number_line.show()
    return made


def texts(widget):
    return [part.text() for part in widget.findChildren(QLabel) if part.isVisible()]


def click(widget, words):
    (found,) = (
        part
        for part in widget.findChildren(QAbstractButton)
        if part.isVisible() and part.text() == words
    )
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def test_people_with_one_number_are_gone_through_up_to_a_name_to_type(strip):
    call = CallText(number=NUMBER)
    strip.show_call(call)
    assert "Шевченко Олена" in texts(strip)
    assert "3 calls, enquirer in Case 2024-000\u00a0001, 1 of 2 with this number" in texts(strip)
    click(strip, "Somebody else")
    assert "1 call, 2 of 2 with this number" in texts(strip)
    click(strip, "Same person")
    assert (call.caller_id, call.caller_words) == (8, "Шевченко Олег")
    click(strip, "Somebody else")
    assert call.caller_id is None
    assert strip.name.isVisible()
    assert not strip.same_button.isVisible()
    assert strip.number_tag.text() == "Number known"


def test_caller_is_taken_with_the_language_and_taken_back(strip):
    call = CallText(number=NUMBER)
    strip.show_call(call)
    told = []
    strip.taken.connect(lambda: told.append(call.caller_id))
    click(strip, "Same person")
    strip.collect()
    assert call.language == "uk"
    click(strip, "Take back")
    assert told == [7, None]


def test_known_caller_goes_off_the_screen_and_the_typed_number_stays(strip):
    strip.show_call(CallText(number=NUMBER))
    strip.hide_known()
    assert "Шевченко Олена" not in texts(strip)
    assert strip.number.value == NUMBER
    strip.look_up()
    assert "Шевченко Олена" in texts(strip)


def test_call_shown_is_no_edit_and_an_ended_one_is_left_alone(strip):
    told = []
    strip.edited.connect(lambda: told.append("edited"))
    call = CallText(number=NUMBER, caller_name="Гончар", language="uk")
    strip.show_call(call)
    assert told == []
    strip.name.setText("Гончар Марія")
    assert told == ["edited"]
    strip.end_call()
    strip.name.setText("Другий")
    strip.number.setText("1")
    strip.collect()
    assert told == ["edited"]
    assert (call.caller_name, call.number) == ("Гончар", NUMBER)


def test_chips_lead_to_each_person_and_keep_what_was_typed(shown, qtbot):
    view = shown(SoughtView())
    persons = [SoughtText(name="Перший"), SoughtText(name="Другий"), SoughtText()]
    turned = []
    view.turned.connect(lambda: turned.append(view.at))
    view.show_persons(persons)
    view.place.setText("Суми")
    for words, place in (("Другий", 1), ("Person 3", 2), ("Перший", 0)):
        qtbot.wait(1)  # chips are laid out by the next turn of the loop
        click(view, words)
        assert turned[-1] == view.at == place
    assert view.place.value == persons[0].place == "Суми"


def test_person_taken_away_comes_back_as_the_last_one(shown, qtbot):
    view = shown(SoughtView())
    persons = [SoughtText(name="Перший"), SoughtText(name="Другий")]
    view.show_persons(persons)
    qtbot.wait(1)
    click(view, "Take away")
    assert [person.name for person in persons] == ["Другий"]
    click(view, "Bring back")
    assert [person.name for person in persons] == ["Другий", "Перший"]
    assert view.name.value == "Перший"


def test_name_is_proposed_only_where_nothing_is_said(shown):
    view = shown(SoughtView())
    persons = [SoughtText()]
    view.show_persons(persons)
    view.propose("Мельник Іван", Link(5, None, "Мельник Іван"))
    assert (view.name.value, persons[0].link.person_id) == ("Мельник Іван", 5)
    view.propose("Гончар", Link(6, None, "Гончар"))
    assert (view.name.value, persons[0].link.person_id) == ("Мельник Іван", 5)


def test_promise_shown_again_keeps_its_empty_day(shown):
    view = shown(PromiseView())
    told = []
    view.edited.connect(lambda: told.append("edited"))
    view.show_call(CallText(call_back=True, promise="read the list"))
    assert view.back_on.value == ""
    assert view.promised.isVisible()
    assert told == []
    view.call_back.setChecked(False)
    assert not view.promised.isVisible()
    assert told == ["edited"]
