"""A list shows every row at its place, keeps the current one, and chooses rows as a value."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem

from casedesk.desk import theme
from casedesk.desk.tables import PAGES, Candidate, CandidateList, RecordTable
from casedesk.kernel import settings
from casedesk.kernel.acts import act
from casedesk.kernel.errors import StoreBusy
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.query import (
    AllOf,
    Brief,
    Column,
    Condition,
    Field,
    Filter,
    Ids,
    Listing,
    Sort,
    Tagged,
)
from casedesk.kernel.store import insert_rows

SETTING = settings.StoreSetting.__table__
LISTING = Listing(
    key="settings",
    identity=SETTING.c.id,
    columns=(
        Column("key", "Key", 100, SETTING.c.key, kind="strong"),
        Column("value", "Value", 60, SETTING.c.value),
        Column(
            "length",
            "Length",
            70,
            sa.func.length(SETTING.c.value),
            show=lambda n: Tagged(f"{n} letters", "amber"),
            kind="tag",
        ),
    ),
    fields=(
        Field(
            "has",
            "Has",
            clause=lambda c: SETTING.c.value.contains(c.value),
            text=lambda c: f"has {c.value}",
        ),
    ),
    source=SETTING,
    default_sort=Sort("key"),
)
ROWS = 700
NOBODY = Filter((Condition("has", "has", "nothing has this"),))


@act("test.rows", "Rows")
def make_rows(session, rows):
    """Put so many rows in; the value runs against the key."""
    insert_rows(
        session,
        settings.StoreSetting,
        [
            {"key": f"k{n:05}", "value": f"v{rows - n:05} of all", "revision": 0}
            for n in range(rows)
        ],
    )


@act("test.edit", "Edit")
def edit(session, identity, value):
    """Write another value."""
    row = session.get(settings.StoreSetting, identity)
    row.apply(settings.StoreSetting.Draft(key=row.key, value=value))


@act("test.one", "One")
def make_one(session, identity):
    """Put one row in, with an id of our choice."""
    insert_rows(
        session,
        settings.StoreSetting,
        [{"id": identity, "key": "k00003b", "value": "one", "revision": 0}],
    )


@act("test.drop", "Drop")
def drop(session, identity):
    """Take a row away."""
    session.delete(session.get(settings.StoreSetting, identity))


@pytest.fixture(scope="module", autouse=True)
def _dressed(qapp):
    theme.apply(qapp, "light")


@pytest.fixture
def filled(store):
    """A file with some hundred rows."""
    store.write(make_rows, ROWS, actor="anna")
    return store


@pytest.fixture
def table(qtbot, filled):
    """The list of all rows, on the screen."""
    made = RecordTable(Jobs.inline(filled).read, LISTING)
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.show_filter(Filter())
    made.show()
    return made


def seen(table):
    """Paint the list; give the texts of the rows that lie in the window."""
    table.grab()
    first = table.rowAt(0)
    last = table.rowAt(table.viewport().height() - 1)
    last = table.total - 1 if last < 0 else last
    return [table.cell(row, 1) for row in range(first, last + 1)]


def scroll_to(table, value):
    table.verticalScrollBar().setValue(value)


def test_the_scroll_bar_is_true_and_the_end_shows_the_last_row(table, qtbot):
    assert table.total == ROWS
    bar = table.verticalScrollBar()
    assert bar.maximum() == ROWS * theme.row("table") - table.viewport().height()
    scroll_to(table, bar.maximum())
    assert seen(table)[-1] == f"k{ROWS - 1:05}"
    scroll_to(table, bar.maximum() // 2)
    assert None not in seen(table)


def test_every_row_is_right_wherever_one_scrolls(table):
    for value in (9000, 100, 18000, 5000, 12345):
        scroll_to(table, value)
        first = value // theme.row("table")
        assert seen(table)[0] == f"k{first:05}"


def test_the_next_page_is_read_before_it_is_seen(table):
    scroll_to(table, 1000)
    assert table.cell(130, 1) == "k00130"


def test_few_pages_are_kept_however_far_one_scrolls(table, monkeypatch):
    monkeypatch.setattr("casedesk.desk.tables_model.PAGES", 4)
    for value in range(0, table.verticalScrollBar().maximum(), 2000):
        scroll_to(table, value)
    assert PAGES == 64
    assert len(table.model_._pages) <= 4
    assert None not in seen(table)


def test_it_counts_once_all_ids_are_there(qtbot, filled):
    made = RecordTable(Jobs.inline(filled).read, LISTING)
    qtbot.addWidget(made)
    counts = []
    made.counted.connect(counts.append)
    made.show_filter(Filter())
    made.show_filter(NOBODY)
    assert counts == [ROWS, 0]


def test_sorting_keeps_the_current_record_and_shows_it(table):
    table.select_id(table.model_.id_at(3))
    identity = table.current_id()
    changed = []
    table.current_changed.connect(changed.append)
    table.set_sort(Sort("value"))
    assert table.current_id() == identity
    assert table.current_row == ROWS - 4
    assert "k00003" in seen(table)
    assert changed == []


def test_a_short_list_keeps_the_current_record_too(table):
    table.show_filter(Filter((Condition("has", "has", "v0000"),)))
    assert table.total == 9
    table.select_id(table.model_.id_at(1))
    identity = table.current_id()
    table.set_sort(Sort("value"))
    assert (table.current_id(), table.current_row) == (identity, 7)


def test_keys_sort_by_one_column_after_the_other_and_turn_the_order(table, qtbot):
    orders = []
    for _press in range(len(LISTING.columns)):
        qtbot.keyClick(table, Qt.Key.Key_F9)
        orders.append(table.sort)
    assert orders == [Sort("value"), Sort("length"), Sort("key")]
    qtbot.keyClick(table, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    assert table.sort == Sort("key", descending=True)


def test_keys_sort_by_what_is_shown_alone(table, qtbot):
    table.show_columns(("length",))
    qtbot.keyClick(table, Qt.Key.Key_F9)
    assert table.sort == Sort("length")


def test_a_click_on_a_head_sorts_and_a_second_one_turns_it(table, qtbot):
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(2) + 12, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert table.sort == Sort("value")
    assert table.cell(0, 1) == f"k{ROWS - 1:05}"
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert table.sort == Sort("value", descending=True)
    assert table.cell(0, 1) == "k00000"


def test_ctrl_a_is_the_filter_and_not_its_rows(table, qtbot):
    changes = []
    table.selection_changed.connect(lambda: changes.append(table.ticked()))
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selection() == AllOf(Filter())
    table.select_id(table.model_.id_at(5))
    qtbot.keyClick(table, Qt.Key.Key_X)
    assert table.selection() == AllOf(Filter(), (table.current_id(),))
    assert changes == [ROWS, ROWS - 1]
    assert table.all_ticked() is None


@pytest.mark.parametrize("key", [Qt.Key.Key_X, Qt.Key.Key_Space])
def test_x_and_space_tick_the_current_row(table, qtbot, key):
    table.select_id(table.model_.id_at(2))
    qtbot.keyClick(table, key)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, key)
    assert table.selection() == Ids((table.model_.id_at(2), table.model_.id_at(3)))
    qtbot.keyClick(table, key)
    assert table.selection() == Ids((table.model_.id_at(2),))
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert table.selection() == Ids((table.current_id(),))


def test_shift_and_arrows_choose_a_range_that_can_shrink(table, qtbot):
    ids = table.model_.ids
    table.select_id(ids[4])
    for _step in range(3):
        qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert table.selection() == Ids(tuple(ids[4:8]))
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert table.selection() == Ids(tuple(ids[4:7]))
    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert table.ticked() == ROWS - 4


def test_the_mouse_ticks_in_the_first_column_and_with_ctrl_and_shift(table, qtbot):
    tall = theme.row("table")
    ids = table.model_.ids

    def click(row, x, modifier=Qt.KeyboardModifier.NoModifier):
        spot = QPoint(x, row * tall + 5)
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, spot)

    click(1, 10)
    click(3, 100, Qt.KeyboardModifier.ControlModifier)
    assert table.selection() == Ids((ids[1], ids[3]))
    click(5, 100)
    click(6, 100, Qt.KeyboardModifier.ShiftModifier)
    assert table.selection() == Ids((ids[1], ids[3], ids[5], ids[6]))
    assert table.current_id() == ids[6]


def test_another_filter_lets_ticks_go_and_a_new_order_keeps_them(table):
    table.tick(2)
    kept = table.selection()
    table.set_sort(Sort("value"))
    assert table.selection() == kept
    table.show_filter(Filter((Condition("has", "has", "of all"),)))
    assert table.ticked() == 0


def test_enter_and_a_double_click_open(table, qtbot):
    opened = []
    table.opened.connect(opened.append)
    table.select_id(table.model_.id_at(1))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    spot = QPoint(100, 2 * theme.row("table") + 5)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert opened == [table.model_.id_at(1), table.model_.id_at(2)]


def test_home_and_end_go_to_the_ends_of_the_list(table, qtbot):
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.current_row == ROWS - 1
    assert f"k{ROWS - 1:05}" in seen(table)
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.current_row == 0


def test_a_changed_row_is_read_again_and_the_list_does_not_jump(table, filled, qtbot):
    scroll_to(table, 6000)
    before = seen(table)
    row = table.rowAt(50)
    identity = table.model_.id_at(row)
    _nothing, changes = filled.write(edit, identity, "<b>new</b>", actor="anna")
    table.refresh(changes)
    qtbot.waitUntil(lambda: table.cell(row, 2) == "<b>new</b>")
    assert table.verticalScrollBar().value() == 6000
    assert seen(table) == before


def test_a_row_that_is_gone_leaves_the_list_and_its_tick(table, filled):
    table.select_id(table.model_.id_at(300))
    gone = table.model_.id_at(2)
    table.tick(2)
    scroll = table.verticalScrollBar().value()
    filled.write(drop, gone, actor="anna")
    table.refresh()
    assert table.total == ROWS - 1
    assert table.ticked() == 0
    assert table.current_row == 299
    assert table.verticalScrollBar().value() == scroll - theme.row("table")
    assert None not in seen(table)


def test_the_current_record_that_is_gone_is_no_longer_current(table, filled):
    table.select_id(table.model_.id_at(0))
    changed = []
    table.current_changed.connect(changed.append)
    filled.write(drop, table.current_id(), actor="anna")
    table.refresh()
    assert table.current_id() == 0
    assert changed == [0]


def test_a_record_is_chosen_as_soon_as_the_list_has_it(qtbot, filled):
    made = RecordTable(Jobs.inline(filled).read, LISTING)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.select_id(600)
    made.show_filter(Filter())
    assert made.current_id() == 600
    assert made.cell(made.current_row, 1) in seen(made)


def test_rows_that_are_not_read_yet_are_grey_and_an_older_answer_is_dropped(qtbot, filled):
    inline = Jobs.inline(filled)
    waiting = []

    def read(fn, *args, channel=None, then=None, failed=None):
        return inline.read(
            fn, *args, failed=failed, then=lambda found: waiting.append(lambda: then(found))
        )

    made = RecordTable(read, LISTING)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.show_filter(Filter())
    made.show_filter(NOBODY)
    older, newer = waiting
    newer()
    older()
    assert made.total == 0
    waiting.clear()
    made.show_filter(Filter())
    while waiting:
        waiting.pop(0)()
    scroll_to(made, 9000)
    assert set(seen(made)) == {None}
    while waiting:
        waiting.pop(0)()
    assert None not in seen(made)


def test_what_takes_long_is_named_and_can_be_stopped(qtbot, filled):
    jobs = []

    class Slow:
        cancelled = False

        def cancel(self):
            self.cancelled = True

    def read(fn, *args, channel=None, then=None, failed=None):
        jobs.append(Slow())
        return jobs[-1]

    made = RecordTable(read, LISTING)
    qtbot.addWidget(made)
    made.set_reading_text("Reading cases")
    made.show()
    made.show_filter(Filter())
    assert made._covers.isHidden()
    qtbot.waitUntil(made._covers.isVisible)
    made._covers._stop()
    assert jobs[-1].cancelled
    made._covers._again()
    assert len(jobs) == 2


def test_a_fault_is_said_in_the_list_and_reading_again_mends_it(qtbot, filled):
    inline = Jobs.inline(filled)
    broken = [True]

    def read(fn, *args, channel=None, then=None, failed=None):
        if broken.pop():
            failed(StoreBusy("Another program holds the file."))
            return None
        broken.append(False)
        return inline.read(fn, *args, then=then, failed=failed)

    made = RecordTable(read, LISTING)
    qtbot.addWidget(made)
    made.show()
    made.show_filter(Filter())
    assert made._covers.isVisible()
    assert made._covers._banner.accessibleDescription() == "Another program holds the file."
    broken.append(False)
    made.retry()
    assert made._covers.isHidden()
    assert made.total == ROWS


def test_an_answer_from_before_a_change_does_not_hide_it(qtbot, filled):
    inline = Jobs.inline(filled)
    waiting = []

    def read(fn, *args, channel=None, then=None, failed=None):
        found = []
        inline.read(fn, *args, then=found.append, failed=failed)
        waiting.append(lambda: then(found[0]))

    def deliver():
        while waiting:
            waiting.pop(0)()

    made = RecordTable(read, LISTING)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.show_filter(Filter())
    deliver()
    scroll_to(made, 15000)
    row = made.rowAt(50)
    filled.write(edit, made.model_.id_at(row), "after", actor="anna")
    made.refresh()
    deliver()
    assert made.cell(row, 2) == "after"


def test_an_empty_list_says_so(table):
    table.show_filter(NOBODY)
    assert table._covers.isVisible()
    table.show_filter(Filter())
    assert table._covers.isHidden()


def test_a_cut_cell_has_its_whole_text_and_never_becomes_rich_text(table, filled, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "casedesk.desk.painting.QToolTip.showText", lambda _p, text, _v: shown.append(text)
    )
    delegate = table.itemDelegate()
    filled.write(edit, table.model_.id_at(0), "<b>a long text</b> that is cut", actor="anna")
    table.refresh()
    assert delegate.is_cut(0, 2, 60) == "<b>a long text</b> that is cut"
    assert delegate.is_cut(0, 1, 300) == ""
    option = QStyleOptionViewItem()
    index = table.model_.index(0, 2)
    option.rect = table.visualRect(index)
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), QPoint(1, 1))
    delegate.helpEvent(event, table, option, index)
    assert shown == ["<span>&lt;b&gt;a long text&lt;/b&gt; that is cut</span>"]


def test_a_screen_reader_hears_the_row(table):
    index = table.model_.index(0, 0)
    heard = table.model_.data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert heard == f"k00000, v{ROWS:05} of all, 13 letters"
    assert table.model_.data(index, Qt.ItemDataRole.DecorationRole) is None


def test_the_list_is_painted_in_both_themes_and_all_sizes(table, qapp):
    table.tick(1)
    table.select_id(table.model_.id_at(0))
    pictures = []
    for mode, size in (("light", 100), ("dark", 100), ("light", 150)):
        theme.apply(qapp, mode, size)
        picture: QPixmap = table.grab()
        pictures.append(picture.toImage())
        assert table.rowHeight(0) == theme.row("table")
    theme.apply(qapp, "light")
    assert pictures[0] != pictures[1]


def some(*keys):
    return [
        Candidate(
            key,
            f"Name {key}",
            "Latin",
            "born 1991, Zelenyi Hai",
            (Tagged("name nearly equal", "green"), Tagged("born 1 year apart", "amber")),
            "0.94",
            f"Alt+{place}",
        )
        for place, key in enumerate(keys, 1)
    ]


def test_candidates_keep_the_current_one_when_the_list_changes(qtbot):
    made = CandidateList()
    qtbot.addWidget(made)
    made.resize(300, 300)
    heard, chosen = [], []
    made.current_changed.connect(heard.append)
    made.chosen.connect(chosen.append)
    made.set_rows(some(11, 12, 13))
    assert made.current_key() == 0
    qtbot.keyClick(made, Qt.Key.Key_Down)
    made.select(12)
    made.set_rows(some(10, 12))
    assert made.current_key() == 12
    qtbot.keyClick(made, Qt.Key.Key_Return)
    made.choose(1)
    made.choose(9)
    assert chosen == [12, 10]
    assert made.sizeHintForRow(0) == theme.row("candidate")
    assert not made.grab().isNull()
    spoken = made.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Match 2, Name 12, 0.94, born 1991")


def test_a_row_that_is_asked_for_comes_first_when_the_list_has_it(table, filled):
    table.select_id(table.model_.id_at(5))
    new = 9999
    table.select_id(new)
    table.refresh()
    assert table.current_id() == table.model_.id_at(5)
    filled.write(make_one, new, actor="anna")
    table.refresh()
    assert table.current_id() == new


def test_getting_the_focus_does_not_forget_who_is_asked_for(qtbot, filled):
    made = RecordTable(Jobs.inline(filled).read, LISTING)
    qtbot.addWidget(made)
    made.show_filter(Filter())
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.select_id(9999)
    made.setFocus()
    filled.write(make_one, 9999, actor="anna")
    made.refresh()
    assert made.current_id() == 9999


def test_a_choice_of_the_user_takes_the_place_of_the_row_asked_for(table, filled, qtbot):
    below = table.model_.id_at(6)
    table.select_id(table.model_.id_at(5))
    table.select_id(9999)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    filled.write(make_one, 9999, actor="anna")
    table.refresh()
    assert table.current_id() == below


def test_columns_are_switched_on_and_off_and_one_takes_the_room_that_is_left(qtbot, filled):
    made = RecordTable(Jobs.inline(filled).read, LISTING, stretch="value")
    qtbot.addWidget(made)
    made.resize(420, 300)
    made.show_filter(Filter())
    made.show()
    assert made.shown_columns() == ("key", "value", "length")
    room = made.viewport().width()
    assert sum(made.columnWidth(at) for at in range(4)) == room
    assert made.horizontalScrollBar().maximum() == 0
    made.show_columns(["value"])
    assert made.shown_columns() == ("key", "value")
    assert sum(made.columnWidth(at) for at in range(3)) == room


def test_a_short_cell_is_whole_in_its_tooltip_and_when_it_is_spoken(table):
    table.model_._pages[0][0] = (Brief("k", "key of all"), "v", Tagged("x"))
    assert table.itemDelegate().is_cut(0, 1, 400) == "key of all"
    assert table.model_.row_name(0) == "key of all, v, x"
