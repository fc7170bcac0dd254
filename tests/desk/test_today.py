"""The first page: figures are links, promises are ticked off, charts open their records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from casedesk import today as reading
from casedesk.desk.charts import Bars, Chart, Line, SideBars, scale_of
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane
from casedesk.desk.today import Figure, FollowUp, Point, Target, Today
from casedesk.desk.today_followups import RowPainter
from casedesk.desk.today_view import TodayPage
from casedesk.hotline.records import EnquiryDraft
from casedesk.hotline.rules import done_call_back, log_call
from casedesk.kernel import language
from casedesk.kernel.errors import ReadOnly, StoreBusy
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.settings import Settings
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.people.rules import register_person
from casedesk.tracing import rules as tracing
from casedesk.tracing.records import ActionKind, ActionOutcome, CaseActionDraft, TracingCaseDraft

DAY = dt.date(2025, 9, 11)
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "support raise", extend=True)


@pytest.fixture
def desk(store, tmp_path) -> Iterator[Desk]:
    """Put a desk over an empty file, everything in one thread."""
    made = Desk(store, Jobs.inline(store), Settings(tmp_path), Lane(inline=True))
    yield made
    made.deleteLater()


@pytest.fixture
def page(qtbot, desk):
    """Show the page over the real read and the real act."""
    made = TodayPage(desk, reading.load, done_call_back)
    qtbot.addWidget(made)
    made.resize(1236, 826)
    made.show()
    made.enter()
    return made


def promise(desk, days=0, promised="14:30 Say what the commission answered."):
    draft = EnquiryDraft(
        received_on=DAY - dt.timedelta(days=9),
        status="call_back",
        call_back_on=DAY + dt.timedelta(days=days),
        call_back_at=promised[:5],
        promised=promised[6:],
        number_typed="+79161234567",
    )
    return desk.store.write(log_call, draft, actor="anna")[0].id


def index_of(page, enquiry_id):
    rows = page.due.list.promises.rows
    row = next(
        row
        for row, item in enumerate(rows)
        if isinstance(item, FollowUp) and item.enquiry_id == enquiry_id
    )
    return page.due.list.promises.index(row)


def click(qtbot, page, enquiry_id, part):
    place = page.due.list.visualRect(index_of(page, enquiry_id))
    spot = RowPainter.parts(place)[part].center()
    qtbot.mouseClick(page.due.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_empty_day_says_so_and_names_the_next_promise(page, desk):
    assert page.due.shown.currentWidget() is page.due.nothing
    assert page.due.nothing.accessibleName() == "Nothing more today"
    promise(desk, 2)
    page.refresh()
    assert "13 September 2025" in page.due.nothing.accessibleDescription()


def test_late_promises_stand_on_top_under_their_own_heading(page, desk):
    due, late = promise(desk), promise(desk, -3)
    page.refresh()
    rows = page.due.list.promises.rows
    assert [row if isinstance(row, str) else row.enquiry_id for row in rows] == [
        "Overdue",
        late,
        "Today",
        due,
    ]
    said = [page.due.list.promises.data(page.due.list.promises.index(row)) for row in (1, 3)]
    assert said[0].endswith("3 days late")
    assert said[1] == "+79161234567, Say what the commission answered., 14:30"


def test_tick_keeps_the_promise_and_undo_brings_it_back(qtbot, page, desk):
    first, second = promise(desk), promise(desk, -1)
    page.refresh()
    click(qtbot, page, second, "done")
    page.refresh()
    assert [row.enquiry_id for row in page.due.list.promises.rows[1:]] == [first]
    assert page.figures[2].figure.value == 1
    desk.undo()
    page.refresh()
    assert page.figures[2].figure.value == 2


def test_space_ticks_the_current_row_off(qtbot, page, desk):
    promise(desk)
    page.refresh()
    page.due.list.setFocus()
    qtbot.keyClick(page.due.list, Qt.Key.Key_Space)
    page.refresh()
    assert page.due.shown.currentWidget() is page.due.nothing


def test_page_reads_again_after_a_change_elsewhere(qtbot, page, desk):
    assert page.figures[2].figure.value == 0
    desk.write(page, log_call, EnquiryDraft(received_on=DAY, call_back_on=DAY))
    qtbot.waitUntil(lambda: page.figures[2].figure.value == 1)


def test_call_and_open_lead_to_the_hotline(qtbot, page, desk):
    one = promise(desk)
    page.refresh()
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append((key, args)))
    click(qtbot, page, one, "call")
    click(qtbot, page, one, "open")
    page.due.list.setFocus()
    qtbot.keyClick(page.due.list, Qt.Key.Key_Return)
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.due.list, Qt.Key.Key_C, modifiers)
    call, show = reading.target_call(one), reading.target_open(one)
    assert opened == [(t.page, t.args) for t in (call, show, show, call)]


def test_figure_opens_its_list_by_mouse_and_by_enter(qtbot, page, desk):
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append((key, args)))
    for card in page.figures:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
        qtbot.keyClick(card, Qt.Key.Key_Return)
    assert [key for key, _args in opened] == ["hotline"] * 6 + ["cases"] * 4
    assert all(args["filter"].title for _key, args in opened)
    assert page.figures[3].accessibleName() == "Open cases, 0, opens the list"


def test_locking_takes_every_name_off_the_screen(page, desk):
    promise(desk)
    page.refresh()
    page.wipe()
    assert page.due.list.promises.rows == []
    assert page.charts.hours.canvas.points == ()
    assert all(card.figure is None for card in page.figures)
    page.enter()
    assert page.figures[2].figure.value == 1


def test_refused_tick_opens_the_row_again(qtbot, desk):
    from casedesk.kernel.acts import act

    @act("test.busy", "Busy")
    def busy(session, enquiry_id):
        raise StoreBusy("Another program holds the file.")

    made = TodayPage(desk, reading.load, busy)
    qtbot.addWidget(made)
    one = promise(desk)
    made.resize(1236, 826)
    made.show()
    made.enter()
    told = []
    desk.notices.raised.connect(told.append)
    click(qtbot, made, one, "done")
    assert made.due.list.promises.ticked == set()
    assert told[0].title == "Another program holds the file."


def test_more_promises_than_fit_are_counted_in_the_link(qtbot, desk):
    item = FollowUp(1, DAY, "Name", "Call back")
    full = Today(
        DAY,
        follow_ups=(item,),
        follow_ups_total=2796,
        all_follow_ups=Target("hotline", {"x": 1}),
        figures=(Figure("k", "Plain", 3),),
    )
    made = TodayPage(desk, lambda session, day, actor: full, done_call_back)
    qtbot.addWidget(made)
    made.show()
    made.enter()
    assert made.due.more.text() == "All call-backs: 2,796"
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append(key))
    qtbot.mouseClick(made.due.more, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(made.figures[0], Qt.MouseButton.LeftButton)  # no list behind it: no link
    assert opened == ["hotline"]
    assert made.figures[0].accessibleName() == "Plain, 3"


POINTS = (
    Point("08", 4, 2.5, Target("hotline", {"hour": 8})),
    Point("09", 0, 3.0),
    Point("10", 11, None, Target("hotline", {"hour": 10})),
)


@pytest.mark.parametrize("canvas", [Bars, SideBars, Line])
def test_chart_opens_by_click_and_by_keys(qtbot, canvas):
    chart = Chart(canvas(), "Calls by hour", ("Hour", "Today", "Usual"))
    qtbot.addWidget(chart)
    chart.resize(380, 160)
    chart.set_points(POINTS)
    chart.show()
    assert not chart.grab().isNull()
    chosen = []
    chart.chosen.connect(chosen.append)
    spot = chart.canvas.place(2).center()
    qtbot.mouseMove(chart.canvas, spot)
    qtbot.mouseClick(chart.canvas, Qt.MouseButton.LeftButton, pos=spot)
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Home)
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Return)
    assert chosen == [POINTS[2], POINTS[0]]
    assert chart.canvas.accessibleDescription() == "08: 4, usual 2"


def test_table_twin_says_the_same_and_opens_the_same(qtbot):
    chart = Chart(Bars(), "Calls by hour", ("Hour", "Today", "Usual"))
    qtbot.addWidget(chart)
    chart.resize(380, 160)
    chart.set_points(POINTS)
    chart.show()
    chart.toggle()
    assert chart.currentWidget() is chart.table
    model = chart.table.model()
    assert [model.index(0, column).data() for column in range(3)] == ["08", "4", "2"]
    chosen = []
    chart.chosen.connect(chosen.append)
    chart.table.activated.emit(model.index(2, 0))
    assert chosen == [POINTS[2]]
    chart.toggle()
    assert chart.currentWidget() is chart.canvas


def test_empty_chart_draws_and_opens_nothing(qtbot):
    for canvas in (Bars(), SideBars(), Line()):
        qtbot.addWidget(canvas)
        canvas.set_points(())
        canvas.resize(300, 120)
        assert not canvas.grab().isNull()
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
        qtbot.keyClick(canvas, Qt.Key.Key_Return)


@pytest.mark.parametrize("greatest", [0, 1, 3, 4, 5, 9, 24, 99, 100, 12_345, 154_200])
def test_axis_has_at_most_four_round_lines_and_reaches_the_greatest(greatest):
    end, step = scale_of(greatest)
    assert end >= greatest
    assert end / step <= 4
    assert str(step).strip("0") in ("1", "2", "5")


# Answers that a case waits for -----------------------------------------------------------------


def asked(desk, days, owner="", family="Sought"):
    """Open a case and ask somebody about it, with an answer due so many days from now."""
    names = [PersonNameDraft(family=family)]
    person = desk.store.write(register_person, PersonDraft(), names, actor="anna")[0]
    draft = TracingCaseDraft(
        person_id=person.id, opened_on=DAY - dt.timedelta(days=20), owner=owner
    )
    case = desk.store.write(tracing.open_case, draft, actor="anna")[0]
    action = CaseActionDraft(
        case_id=case.id,
        on_date=DAY - dt.timedelta(days=9),
        kind=ActionKind.AUTHORITY_REQUEST,
        note="Asked.",
        answer_due=DAY + dt.timedelta(days=days),
    )
    return case.id, desk.store.write(tracing.record_action, action, actor="anna")[0].id


def test_answers_due_of_my_cases_and_of_nobodys_stand_with_the_promises(page, desk):
    desk.settings.actor = "Holm"
    mine = asked(desk, -2, "Holm", "Mine")
    nobodys = asked(desk, 0, "", "Nobodys")
    asked(desk, -5, "Rossi", "Others")
    asked(desk, 3, "Holm", "Later")
    call = promise(desk, -1)
    page.refresh()
    rows = page.due.list.promises.rows
    assert [row if isinstance(row, str) else row.key for row in rows] == [
        "Overdue",
        (0, mine[1]),
        (call, 0),
        "Today",
        (0, nobodys[1]),
    ]
    said = page.due.list.promises.data(page.due.list.promises.index(1))
    assert said == "Mine, Answer due: Request to an authority, 2 days late"
    assert page.due.answers.text() == "All answers due: 2"


def test_answer_opens_its_case_by_a_click_anywhere_and_cannot_be_ticked_off(qtbot, page, desk):
    case, _action = asked(desk, -1)
    page.refresh()
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append((key, args)))
    place = page.due.list.visualRect(page.due.list.promises.index(1))
    qtbot.mouseClick(page.due.list.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    page.due.list.setFocus()
    qtbot.keyClick(page.due.list, Qt.Key.Key_Return)
    qtbot.keyClick(page.due.list, Qt.Key.Key_Space)
    page.main_action()
    assert opened == [("case", {"case_id": case})] * 2
    assert page.due.list.promises.ticked == set()
    assert page.commands() == []
    assert not page.grab().isNull()


def test_answer_that_came_leaves_the_list_and_the_next_one_is_named(page, desk):
    _case, action = asked(desk, -1)
    asked(desk, 4, "", "Later")
    page.refresh()
    desk.store.write(
        tracing.answer_action, action, ActionOutcome.SUCCESSFUL, "Came.", 0, actor="anna"
    )
    page.refresh()
    assert page.due.shown.currentWidget() is page.due.nothing
    said = page.due.nothing.accessibleDescription()
    assert said == "The next answer is due on 15 September 2025, for Later."
    assert not page.due.answers.isVisible()


def test_list_of_answers_holds_the_cases_that_were_counted(page, desk):
    cases = {asked(desk, -1)[0], asked(desk, 0)[0]}
    asked(desk, 1)
    page.refresh()
    filter = page.today.all_answers.args["filter"]
    with desk.store.read() as session:
        assert set(session.execute(filter.statement).scalars()) == cases


# What the page says when there is little to show -----------------------------------------------


def test_heading_names_the_weekday(page, desk):
    said = []
    page.subtitle_changed.connect(said.append)
    page.enter()
    language.use("ru")
    page.enter()
    assert said == ["Thursday 11 September 2025", "четверг, 11 сентября 2025"]


def test_file_without_records_says_what_comes_first(qtbot, page, desk):
    assert page.whole.currentIndex() == 1
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append((key, args)))
    for each in (page.new_call, page.new_case, page.bring_in):
        assert each.isVisible()
        qtbot.mouseClick(each, Qt.MouseButton.LeftButton)
    assert opened == [
        ("hotline", {"new": True}),
        ("cases", {"new": True}),
        ("help", {"subject": "file.md"}),
    ]
    asked(desk, 9)
    page.refresh()
    assert page.whole.currentIndex() == 0


def test_first_reading_that_fails_says_so_in_place_and_can_be_repeated(qtbot, desk):
    broken = [True]

    def load(session, day, actor):
        if broken:
            raise ReadOnly("The disk is gone.")
        return reading.load(session, day, actor)

    promise(desk)
    made = TodayPage(desk, load, done_call_back)
    qtbot.addWidget(made)
    made.show()
    made.enter()
    assert made.due.shown.currentWidget() is made.due.fault
    assert made.due.fault.banner.accessibleDescription() == "The disk is gone."
    broken.clear()
    qtbot.mouseClick(made.due.fault.retry, Qt.MouseButton.LeftButton)
    assert made.due.shown.currentWidget() is made.due.list
    broken.append(True)
    told = []
    desk.notices.raised.connect(told.append)
    made.refresh()
    assert made.due.shown.currentWidget() is made.due.list  # what was read stays
    assert told[0].title == "The disk is gone."


def test_long_reading_shows_grey_rows_and_can_be_stopped(qtbot, store, tmp_path):
    from threading import Event

    from casedesk.desk.run import window_post

    gate = Event()
    jobs = Jobs(store, window_post())
    slow = Desk(store, jobs, Settings(tmp_path), Lane(inline=True))
    made = TodayPage(slow, lambda *_args: gate.wait(20), done_call_back)
    qtbot.addWidget(made)
    made._late.setInterval(1)
    made.show()
    made.enter()
    qtbot.waitUntil(lambda: made.due.shown.currentWidget() is made.due.loading)
    qtbot.mouseClick(made.due.loading.stop, Qt.MouseButton.LeftButton)
    assert made.due.shown.currentWidget() is made.due.fault
    gate.set()
    jobs.close()
    assert made.today is None


def test_figure_under_the_mouse_is_underlined(qtbot, page):
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QEnterEvent

    card = page.figures[0]
    spot = QPointF(5, 5)
    card.event(QEnterEvent(spot, spot, spot))
    assert card.underlined
    assert not card.grab().isNull()
    card.event(QEvent(QEvent.Type.Leave))
    assert not card.underlined


def test_refresh_keeps_the_widgets_of_the_page(page, desk):
    promise(desk)
    page.refresh()
    before = set(map(id, page.findChildren(object)))
    page.refresh()
    assert set(map(id, page.findChildren(object))) == before


LONG = (
    Point("Ищет родственника, о котором ничего не известно", 1_154_200, 900_000.0),
    Point("Новости о деле", 1_154_199, 1_000_000.0),
    Point("сент.", 2_154_200, 1.0),
)


@pytest.mark.parametrize("canvas", [Bars, SideBars, Line])
@pytest.mark.parametrize("percent", [100, 150])
def test_no_number_of_a_chart_is_cut_in_russian(qtbot, qapp, canvas, percent):
    from casedesk.desk import theme

    language.use("ru")
    theme.apply(qapp, "light", percent)
    made = canvas()
    qtbot.addWidget(made)
    points = (
        LONG
        if canvas is SideBars
        else tuple(Point(p.label.split()[0][:5], p.value, p.usual) for p in LONG * 4)
    )
    made.set_points(points)
    made.resize(theme.px(384), theme.px(150))
    picture = made.grab().toImage()
    ground = picture.pixelColor(0, picture.height() - 1)
    # what is drawn beyond the edge is cut there, and leaves ink on it
    right = picture.width() - 1
    assert all(picture.pixelColor(right, y) == ground for y in range(picture.height()))
    if canvas is not SideBars:
        left = round(made._plot(made._end()[0]).left())
        wide = theme.metrics("caption").horizontalAdvance(language.number(made._end()[0]))
        assert wide < left
    theme.apply(qapp, "light", 100)
