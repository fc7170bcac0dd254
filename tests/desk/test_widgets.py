"""Widgets say what they are, work from the keyboard, and never cut their words."""

from __future__ import annotations

import datetime as dt

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from casedesk.desk import theme, widgets
from casedesk.desk.painting import key_text, key_width
from casedesk.desk.widgets import (
    Banner,
    Card,
    CheckBox,
    Chip,
    ChipRow,
    ComboBox,
    DateField,
    Divider,
    ElidedLabel,
    EmptyState,
    Field,
    KeyHint,
    LineEdit,
    RadioButton,
    Scroll,
    Segments,
    Skeleton,
    Tag,
    TextEdit,
    button,
    label,
)
from casedesk.kernel.errors import Refused
from casedesk.kernel.fields import PartialDate

# The screenless platform says so of every window with a smallest size; it harms nothing.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
KINDS = ["plain", "primary", "danger", "link", "quiet"]


@pytest.fixture(autouse=True)
def _dressed(qapp):
    theme.apply(qapp, "light")


@pytest.fixture
def window(qtbot):
    """A window to put widgets into."""
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.resize(500, 300)

    def put(*parts):
        for part in parts:
            made.layout().addWidget(part)
        made.show()
        return made

    return put


def test_a_label_shows_markup_as_it_was_typed(window):
    made = label("<b>Ivan</b> & sons", "strong")
    window(made)
    assert made.textFormat() == Qt.TextFormat.PlainText
    assert made.text() == "<b>Ivan</b> & sons"


def test_a_cut_label_has_its_whole_text_as_tooltip(window):
    made = ElidedLabel("a <i>name</i> that is far too long for so little room " * 3)
    made.setFixedWidth(90)
    window(made).grab()
    assert made.toolTip().startswith("<span>a &lt;i&gt;name")
    made.setText("short")
    made.grab()
    assert made.toolTip() == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [90, 150])
def test_a_button_has_room_for_icon_words_and_key(qapp, window, kind, size):
    theme.apply(qapp, "light", size)
    text = "Связать звонок с этим делом"
    bare, full = button(text, kind=kind), button(text, kind=kind, icon="phone", key="Ctrl+Return")
    window(bare, full)
    words = theme.metrics("body" if kind == "link" else "strong").horizontalAdvance(text)
    key = key_width(key_text("Ctrl+Return"))
    assert bare.width() >= words
    assert full.width() >= words + key + theme.icon_size("button")
    assert full.height() >= 20


def test_a_button_is_pressed_by_its_key_and_by_enter(window, qtbot):
    pressed = []
    made = button("Save call", key="Ctrl+Return")
    made.clicked.connect(lambda: pressed.append("yes"))
    around = window(made)
    around.activateWindow()
    qtbot.waitUntil(around.isActiveWindow)
    qtbot.keyClick(around, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(made, Qt.Key.Key_Return)
    made.setEnabled(False)
    qtbot.keyClick(around, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pressed == ["yes", "yes"]
    assert made.accessibleName() == "Save call"
    assert "Ctrl+Enter" in made.accessibleDescription()


def test_a_button_without_words_keeps_its_name(window):
    made = button("Lock", icon="lock", key="Ctrl+L").icon_only()
    window(made)
    assert made.text() == ""
    assert made.accessibleName() == "Lock"
    assert made.toolTip() == "Lock (Ctrl+L)"
    made.set_text("Lock now")
    assert made.accessibleName() == "Lock now"


def focus(widget, reason):
    widget.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, reason))


@pytest.mark.parametrize(
    "made",
    [
        lambda: button("Go"),
        lambda: Chip("one", checkable=True),
        lambda: Segments([(1, "A"), (2, "B")]),
        lambda: CheckBox("Tick"),
        lambda: RadioButton("This"),
        lambda: ComboBox([(1, "A")]),
    ],
)
def test_the_ring_shows_after_the_keyboard_only(window, made):
    widget = made()
    around = window(widget)
    plain = around.grab().toImage()
    focus(widget, Qt.FocusReason.MouseFocusReason)
    assert not widgets.has_ring(widget)
    focus(widget, Qt.FocusReason.TabFocusReason)
    assert widgets.has_ring(widget)
    assert around.grab().toImage() != plain
    widget.focusOutEvent(QFocusEvent(QEvent.Type.FocusOut))
    assert not widgets.has_ring(widget)


def test_a_chip_is_switched_and_taken_away(window, qtbot):
    heard = []
    switch, gone = Chip("Open", checkable=True, key="1"), Chip("born 1991", removable=True)
    switch.toggled.connect(lambda on: heard.append(on))
    gone.removed.connect(lambda: heard.append("gone"))
    pressed = []
    switch.clicked.connect(lambda which="switch": pressed.append(which))
    row = ChipRow()
    row.add(switch)
    row.add(gone)
    window(row)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    qtbot.keyClick(gone, Qt.Key.Key_Delete)
    spot = QPoint(gone.width() - 8, gone.height() // 2)
    qtbot.mouseClick(gone, Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseClick(gone, Qt.MouseButton.LeftButton, pos=QPoint(6, 6))
    assert heard == [True, False, "gone", "gone"]
    assert pressed == ["switch", "switch"]
    switch.set_checked(True)
    switch.set_checked(True)
    assert (heard[4:], switch.checked) == ([True], True)
    assert [chip.text() for chip in row.chips()] == ["Open", "born 1991"]
    row.clear()
    assert row.chips() == []


def test_chips_flow_to_a_second_line(window):
    row = ChipRow()
    for number in range(9):
        row.add(Chip(f"a reason of some length {number}"))
    window(row)
    tops = {chip.y() for chip in row.chips()}
    assert len(tops) > 1
    assert all(chip.geometry().right() <= row.width() for chip in row.chips())
    assert row.height() >= max(tops) + theme.control("chip")


def test_segments_move_with_arrows_and_tell_only_changes(window, qtbot):
    made = Segments([("m", "Man"), ("w", "Woman"), ("u", "Not known")], value="w")
    window(made)
    heard = []
    made.chosen.connect(heard.append)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.keyClick(made, Qt.Key.Key_Right)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    made.set_value("w")
    assert heard == ["u", "m"]
    assert made.value == "w"
    assert made.accessibleDescription() == "Woman"


def test_a_field_says_what_is_wrong_under_the_editor(window):
    editor = LineEdit()
    made = Field("Phone", editor, hint="As it was dialled", optional=True)
    window(made)
    assert made.caption.buddy() is editor
    assert editor.accessibleName() == "Phone"
    assert "optional" in made.caption.text()
    made.error("2 to 4 digits are missing")
    assert made.wrong
    assert editor.accessibleDescription() == "2 to 4 digits are missing"
    made.error(None)
    assert not made.wrong
    assert editor.accessibleDescription() == "As it was dialled"


def test_only_plain_text_is_pasted(window):
    made = TextEdit(name="Notes")
    window(made)
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='x'>")
    data.setText("bold")
    made.insertFromMimeData(data)
    assert made.value == "bold"
    picture = QMimeData()
    picture.setHtml("<img src='x'>")
    made.insertFromMimeData(picture)
    assert made.value == "bold"


def test_a_combo_box_gives_values_and_the_wheel_changes_nothing(window, qtbot):
    made = ComboBox([(None, "Any"), ("open", "Open"), ("closed", "Closed")], value="open")
    window(made)
    heard = []
    made.chosen.connect(heard.append)
    assert made.value == "open"
    made.set_value("closed")
    made.set_value("unknown")
    assert (made.value, heard) == ("closed", [])
    qtbot.keyClick(made, Qt.Key.Key_Up)
    assert heard == ["open"]
    turn = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    made.wheelEvent(turn)
    assert made.value == "open"


def test_dates_are_read_as_they_are_said(window):
    born = DateField(partial=True, day=dt.date(2025, 9, 11), name="Born")
    day = DateField(dt.date(2025, 9, 3), name="Day")
    window(born, day)
    assert day.date() == dt.date(2025, 9, 3)
    day.set_value("3.9.2025")
    assert (day.date(), day.problem()) == (dt.date(2025, 9, 3), "")
    day.set_value("2025")
    assert "whole date" in day.problem()
    born.set_value("~38")
    assert born.partial_date() == PartialDate(dt.date(1986, 1, 1), dt.date(1987, 12, 31))
    born.set_value("soon")
    with pytest.raises(Refused):
        born.partial_date()
    born.set_date(None)
    assert (born.partial_date(), born.problem()) == (None, "")


def test_frames_hold_and_name_what_they_show(window):
    card = Card("Open cases", button("All", kind="link"))
    card.body.addWidget(label("2,316", "figure"))
    banner = Banner("amber", "Backup is 9 days old", "Plug in the backup disk", [button("Back up")])
    empty = EmptyState("inbox", "No calls yet", "Calls of today stand here", button("New call"))
    around = window(card, banner, empty, Divider(), Skeleton(3), Tag("Open", "green"))
    assert card.accessibleName() == "Open cases"
    assert banner.accessibleDescription() == "Plug in the backup disk"
    banner.set("Backup is made")
    empty.set("Nothing")
    assert (banner.accessibleName(), empty.accessibleName()) == ("Backup is made", "Nothing")
    assert banner.height() >= 40
    assert not around.grab().isNull()


def test_the_same_widgets_change_their_clothes_at_once(qapp, window):
    row = QWidget()
    line = QHBoxLayout(row)
    made = button("New call", kind="primary", icon="phone", key="F2")
    hint = KeyHint("Ctrl+K")
    line.addWidget(made)
    line.addWidget(hint)
    around = window(row, label("words", "muted"))
    light, wide = around.grab().toImage(), made.sizeHint().width()
    theme.apply(qapp, "dark", 150)
    assert around.grab().toImage() != light
    assert made.sizeHint().width() > wide


def test_tab_brings_what_is_below_into_sight(window, qtbot):
    inner = QWidget()
    column = QVBoxLayout(inner)
    editors = [LineEdit(name=f"field {number}") for number in range(30)]
    for editor in editors:
        column.addWidget(editor)
    scroll = Scroll(inner)
    around = window(scroll)
    around.activateWindow()
    qtbot.waitUntil(around.isActiveWindow)
    editors[0].setFocus()
    for editor in editors[:20]:
        qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editors[20].hasFocus()
    assert not editors[20].visibleRegion().isEmpty()


def test_what_scrolls_is_dressed_when_it_is_shown_and_fills_the_width(qtbot):
    inner = QWidget()
    column = QVBoxLayout(inner)
    line = widgets.label("A line")
    column.addWidget(line)
    scroll = Scroll(inner)
    whole = QWidget()
    qtbot.addWidget(whole)
    QVBoxLayout(whole).addWidget(scroll)
    # What is dressed is dressed again at each move, and a page is put together from the inside.
    assert not line.testAttribute(Qt.WidgetAttribute.WA_WState_Polished)
    assert scroll.widget() is inner
    whole.resize(400, 300)
    whole.show()
    assert line.isVisible()
    assert inner.width() == scroll.viewport().width() > 300


def test_no_widget_is_a_window_of_its_own_for_a_moment(qapp, monkeypatch):
    opened = []
    real = widgets.PlainLabel.setVisible

    def watched(self, on):
        if on and self.parentWidget() is None:
            opened.append(self.text())
        real(self, on)

    monkeypatch.setattr(widgets.PlainLabel, "setVisible", watched)
    made = [
        Field("Name", LineEdit(), hint="As in the passport"),
        Banner("amber", "Title", "Text"),
        EmptyState("search", "Nothing", "Look elsewhere"),
        Card("Title"),
    ]
    assert opened == []
    assert all(one.parentWidget() is None for one in made)


def test_what_is_wrong_stands_whole_under_a_narrow_field(qapp, window, qtbot):
    made = Field("Day", LineEdit())
    around = window(made, QWidget())
    around.resize(170, 300)
    made.error("Write the whole date: day, month and year, or leave it out altogether.")
    below = made._below
    qtbot.waitUntil(lambda: below.height() >= 2 * theme.line_height("caption"))
    qtbot.waitUntil(lambda: below.height() >= below.heightForWidth(below.width()))
    qtbot.waitUntil(lambda: made.rect().contains(below.geometry()))
    made.error(None)
    assert below.minimumHeight() == 0


def test_one_line_of_a_banner_is_forty_high_and_in_line_with_its_icon(qapp, window, qtbot):
    made = Banner("neutral", "Nothing is due", "", [button("Record answer")])
    around = window(made)
    around.layout().addStretch(1)
    around.resize(700, 300)
    qtbot.waitUntil(lambda: made.width() > 600)
    assert made.height() == theme.px(40)
    middle = made.height() / 2
    for part in (made._mark, made._title):
        assert abs(part.geometry().center().y() - middle) <= 1
    made.set("Overdue", "Since May", tone="carmine")
    assert made.tone == "carmine"
    qtbot.waitUntil(lambda: made.height() > theme.px(40))
    assert made.height() <= theme.px(52)


def test_a_key_that_somebody_else_hears_is_only_shown(window, qtbot):
    pressed = []
    made = button("Open case", key="Return", listens=False)
    made.clicked.connect(lambda: pressed.append(1))
    around = window(made)
    around.activateWindow()
    qtbot.waitUntil(around.isActiveWindow)
    around.setFocus()
    qtbot.keyClick(around, Qt.Key.Key_Return)
    assert pressed == []
    assert made.accessibleDescription() == "Enter"
    assert made.sizeHint().width() > button("Open case").sizeHint().width()


def test_banner_in_a_narrow_place_shows_all_its_words(qtbot):
    words = "Same name as in a household that received from Hygiene parcels on 3 December 2025."
    place = QWidget()
    column = QVBoxLayout(place)
    banner = Banner("amber", words, "A household is registered once in a programme.", parent=place)
    column.addWidget(banner)
    column.addStretch(1)
    place.resize(240, 400)
    qtbot.addWidget(place)
    place.show()
    for part in banner.findChildren(QLabel):
        if part.text():
            assert part.height() >= part.heightForWidth(part.width())
