"""The studio: the page shows, a figure opens its records, the PDF is what was seen."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from sqlmodel import col

from casedesk.desk import theme
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane, window_post
from casedesk.hotline.records import Enquiry, EnquiryDraft
from casedesk.kernel.acts import act
from casedesk.kernel.errors import ReadOnly
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.query import Column, Listing, Sort, count
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import insert_rows
from casedesk.reports import external, released
from casedesk.reports import page as studio
from casedesk.reports.page import SheetsPage
from casedesk.reports.warning_view import WarningCard

# The offscreen platform says so for every top-level window.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

CALLS = Listing(
    key="calls",
    identity=col(Enquiry.id),
    columns=(
        Column("on", "Received", 90, col(Enquiry.received_on), kind="date"),
        Column("operator", "Operator", 90, col(Enquiry.operator)),
    ),
    fields=(),
    source=Enquiry.__table__,
    default_sort=Sort("on"),
)


@act("test.page_calls", "Calls")
def page_calls(session, count, on=dt.date(2025, 6, 3)):
    """Log many calls of one day."""
    draft = EnquiryDraft(
        received_on=on,
        received_at="10:00",
        operator="anna",
        direction="in",
        channel="phone",
        answered=True,
        reason="seeking_relative",
    )
    insert_rows(session, Enquiry, [{**draft.model_dump(), "revision": 0} for _ in range(count)])


@pytest.fixture
def desk(store, tmp_path, qtbot):
    """Make a desk over a file with some calls, whose work is done at once."""
    store.write(external.record, external.published(), actor="t")
    store.write(page_calls, 1_327, actor="t", bulk=True)
    made = Desk(store, Jobs.inline(store), Settings(tmp_path), Lane(inline=True), illustrative=True)
    made.raised = []
    made.notices.raised.connect(made.raised.append)
    return made


@pytest.fixture
def page(desk, qtbot):
    """Open the studio at May to August 2025."""
    made = SheetsPage(desk, record_listings={"hotline": CALLS})
    qtbot.addWidget(made)
    made.resize(1236, 800)
    made.show()
    made.enter()
    return made


def mark(page, figure):
    """Find the mark of a figure on the page."""
    return next(mark for mark in page.view.figures() if mark.mark.key == figure)


def date(page, name):
    """Give a date field of the left pane."""
    return getattr(page, name).editor


def test_page_shows_the_sheet_and_its_figures(page):
    assert page.view.pages == 1
    assert [m.mark.key for m in page.view.figures()] == ["001-09", "001-11", "001-12", "001-13"]
    assert mark(page, "001-11").accessibleName() == "Open cases, 154,200, opens the source"
    assert mark(page, "001-13").accessibleName() == "Calls answered, over 1,000, opens the list"


def test_clicked_figure_shows_exactly_its_records(page, qtbot):
    qtbot.mouseClick(mark(page, "001-13"), Qt.MouseButton.LeftButton)
    assert page.view.chosen == "001-13"
    assert page.panel.exact.text() == "1,327"
    assert "over 1,000 calls" in page.panel.printed.text()
    assert page.panel.table().total == 1_327
    assert page.panel.counted.text() == "1,327 records"


def test_lists_beside_the_page_are_those_of_the_features(desk, qtbot):
    made = SheetsPage(desk)
    qtbot.addWidget(made)
    made.show()
    made.enter()
    made.show_edition("internal")
    made.choose_figure("001-13")
    assert made.panel.table().total == 1_327
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append((key, args)))
    made.panel.table().opened.emit(7)
    made.choose_figure("001-11-own")
    assert made.panel.counted.text() == "0 records"
    made.panel.table().opened.emit(8)
    assert opened == [("hotline", {"enquiry_id": 7}), ("case", {"case_id": 8})]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_page_is_light_in_both_themes_and_the_chosen_figure_is_framed(page, qapp, mode):
    theme.apply(qapp, mode)
    try:
        button = mark(page, "001-11")
        plain = button.parentWidget().grab().toImage()
        page.choose_figure("001-11")
        framed = button.parentWidget().grab().toImage()
    finally:
        theme.apply(qapp, "light")
    ratio = framed.devicePixelRatio()
    middle = round((button.x() + button.width() / 2) * ratio)
    edge = round((button.y() + 1) * ratio)
    assert plain.pixelColor(round(5 * ratio), plain.height() // 2).lightness() > 240
    assert plain.pixelColor(middle, edge).lightness() > 240
    shown = framed.pixelColor(middle, edge)
    assert shown.blue() > shown.red() + 60


def test_page_may_be_opened_at_a_figure(page):
    page.enter(figure="001-12")
    assert page.view.chosen == "001-12"
    assert page.panel.quoted.value.text() == "14,800"


def test_list_of_a_figure_is_opened_with_its_statement(page, desk, qtbot):
    asked = []
    desk.open_asked.connect(lambda key, args: asked.append((key, args)))
    page.choose_figure("001-13")
    qtbot.mouseClick(page.panel.open_list, Qt.MouseButton.LeftButton)
    ((key, args),) = asked
    assert key == "hotline"
    assert args["filter"].title == "Calls answered, May – August 2025"
    with desk.store.read() as session:
        assert count(session, CALLS, args["filter"]) == 1_327


def test_keyboard_walks_through_the_figures_and_chooses(page, qtbot):
    figures = page.view.figures()
    page.activateWindow()
    figures[0].setFocus(Qt.FocusReason.TabFocusReason)
    for following in figures[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is following
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert page.view.chosen == "001-13"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert page.view.chosen == ""
    assert page.panel.behind is None


def test_figures_stand_between_the_page_and_its_records_for_the_keyboard(page, qtbot):
    page.choose_figure("001-13")
    page.show_preset("2024")  # the marks are new ones, the records beside are not
    page.show_preset("may_august")
    page.activateWindow()
    page.view.setFocus(Qt.FocusReason.TabFocusReason)
    for _figure in page.view.figures():
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.view.figures()[-1]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert page.panel.isAncestorOf(QApplication.focusWidget())


def test_pdf_is_what_was_on_the_screen(page, desk, tmp_path, qtbot, monkeypatch):
    target = tmp_path / "sheet.pdf"
    monkeypatch.setattr(page, "ask_path", lambda name: target)
    qtbot.mouseClick(page.pdf, Qt.MouseButton.LeftButton)
    assert target.read_bytes().startswith(b"%PDF")
    assert target.read_bytes() == page._shown[1].drawn.data
    (told,) = desk.raised
    assert told.tone == "green"
    assert [words for words, _run in told.buttons] == ["Open folder"]


def test_pdf_that_cannot_be_written_is_told(page, desk, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "ask_path", lambda name: tmp_path / "sheet.pdf")

    def refuse(path, data):
        raise ReadOnly("This folder cannot be written: choose another.")

    monkeypatch.setattr(studio, "write_atomically", refuse)
    page.save_pdf()
    assert [told.tone for told in desk.raised] == ["carmine"]
    assert not list(tmp_path.glob("*.pdf"))


def test_wrong_period_is_told_and_keeps_the_old_sheet(page, qtbot):
    before = page._shown
    date(page, "last").setText("2025-04-01")
    page.recount()
    assert "before it begins" in page.last.editor.accessibleDescription()
    assert page.view.pages == 1
    assert page._shown is before
    assert not page.pdf.isEnabled()
    assert page.reason_against() == "Mend the dates first."
    date(page, "last").setText("2025-08-31")
    page.recount()
    assert not page.last.wrong
    assert page.pdf.isEnabled()


@pytest.mark.parametrize("typed", ["", "2025", "nonsense", "31.02.2025"])
def test_date_that_cannot_be_read_is_told(page, typed):
    date(page, "first").setText(typed)
    page.recount()
    assert page.first.wrong
    assert page.view.pages == 1


def test_typed_dates_make_a_new_sheet_after_a_pause(page, qtbot):
    date(page, "last").clear()
    qtbot.keyClicks(date(page, "last"), "2025-06-30")
    assert page.preset.value == "custom"
    qtbot.waitUntil(lambda: page.shown.period.last == dt.date(2025, 6, 30))


def test_choice_of_a_figure_follows_to_another_period_and_edition(page):
    page.choose_figure("001-13")
    page.show_preset("2025")
    assert page.view.chosen == "000-01"
    assert page.panel.exact.text() == "1,327"
    page.show_edition("internal")
    assert page.view.chosen == "000-01"
    assert "002-12-own" in {m.mark.key for m in page.view.figures()}


def test_russian_sheet_is_shown(page):
    page.language.set_value("ru")
    page.recount()
    name = mark(page, "001-13").mark.name.replace("\xa0", " ")
    assert name == "Calls answered, более чем 1 000, opens the list"


def show(page, first, last):
    """Choose a period by its dates."""
    date(page, "first").setText(first)
    date(page, "last").setText(last)
    page.recount()


def test_small_count_stops_the_public_pdf_until_decided(page, desk, qtbot):
    desk.store.write(page_calls, 3, dt.date(2025, 7, 1), actor="t")
    show(page, "2025-07-01", "2025-07-31")
    assert not page.pdf.isEnabled()
    assert page.reason_against() == "Decide about the amber warnings first."
    page.show_edition("internal")
    assert page.pdf.isEnabled()
    page.show_edition("public")
    (card,) = page.findChildren(WarningCard)
    qtbot.mouseClick(card.allow, Qt.MouseButton.LeftButton)
    assert page.pdf.isEnabled()


def test_sheet_that_gives_an_earlier_one_away_needs_two_persons(
    page, desk, tmp_path, qtbot, monkeypatch
):
    monkeypatch.setattr(page, "ask_path", lambda name: tmp_path / name)
    desk.store.write(page_calls, 12, dt.date(2025, 7, 2), actor="t")
    show(page, "2025-07-01", "2025-07-15")
    assert page.pdf.isEnabled()
    page.save_pdf()
    desk.store.write(page_calls, 3, dt.date(2025, 7, 20), actor="t")
    show(page, "2025-07-01", "2025-07-31")
    assert not page.pdf.isEnabled()
    (card,) = page.findChildren(WarningCard)
    qtbot.keyClicks(card.reason, "Both were asked for")
    assert not card.allow.isEnabled()
    qtbot.keyClicks(card.second, "J. Lindqvist")
    qtbot.mouseClick(card.allow, Qt.MouseButton.LeftButton)
    page.save_pdf()
    with desk.store.read() as session:
        newest = released.released(session)[0]
    assert newest.period.last == dt.date(2025, 7, 31)
    assert newest.allowed == "Both were asked for (J. Lindqvist)"


def test_internal_notes_are_not_kept_as_published(page, desk, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "ask_path", lambda name: tmp_path / name)
    page.show_edition("internal")
    page.save_pdf()
    assert [path.name for path in tmp_path.glob("*.pdf")] == [
        "how-counted-2025-05-01-2025-08-31-en.pdf"
    ]
    with desk.store.read() as session:
        assert released.released(session) == []


def test_new_call_is_counted_without_asking(page, desk, qtbot):
    page.choose_figure("001-13")
    page.panel.table().step(40)
    place = page.panel.table().current_id()
    desk.write(page, page_calls, 5)
    qtbot.waitUntil(lambda: page.panel.exact.text() == "1,332")
    qtbot.waitUntil(lambda: page.panel.table().total == 1_332)
    assert page.panel.table().current_id() == place


def test_newer_external_value_is_printed(page, desk, qtbot):
    page.choose_figure("001-11")
    form = page.panel.quoted
    assert form.value.text() == "154,200"
    for name, text in (("value", "160 300"), ("source", "Sheet"), ("as_of", "2025-08-31")):
        qtbot.keyClicks(form.fields[name].editor, text)
    qtbot.mouseClick(form.record, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.value.text() == "160,300")
    assert form.fields["value"].editor.text() == ""


def test_wrong_external_value_is_told_field_by_field(page, desk, qtbot):
    page.show_quote("open_cases")
    form = page.panel.quoted
    qtbot.keyClicks(form.fields["value"].editor, "many")
    qtbot.keyClicks(form.fields["as_of"].editor, "2026-01-01")
    qtbot.mouseClick(form.record, Qt.MouseButton.LeftButton)
    assert form.fields["value"].wrong
    assert form.fields["source"].wrong
    form.fields["value"].editor.setText("7")
    form.fields["source"].editor.setText("Somebody")
    form.save()
    assert form.fields["as_of"].wrong
    assert not form.fields["value"].wrong


def test_half_typed_external_value_is_kept(page, desk, qtbot):
    page.show_quote("open_cases")
    qtbot.keyClicks(page.panel.quoted.fields["source"].editor, "Sheet of Oct")
    page.show_quote("families_informed")
    assert page.panel.quoted.fields["source"].editor.text() == ""
    page.show_quote("open_cases")
    assert page.panel.quoted.fields["source"].editor.text() == "Sheet of Oct"
    page.leave()
    kept = desk.store.drafts()["external:open_cases"]
    assert json.loads(kept)["source"] == "Sheet of Oct"
    again = SheetsPage(desk)
    qtbot.addWidget(again)
    again.enter()
    again.show_quote("open_cases")
    assert again.panel.quoted.fields["source"].editor.text() == "Sheet of Oct"


def test_wheel_with_ctrl_zooms_the_page(page, qtbot):
    before = page.view.zoom
    wheel = QWheelEvent(
        QPointF(50, 50),
        QPointF(50, 50),
        QPointF(0, 0).toPoint(),
        QPointF(0, 120).toPoint(),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(page.view.viewport(), wheel)
    assert page.view.zoom > before
    assert page.zoom.value == page.view.zoom
    wide = mark(page, "001-11").width()
    page.view.zoom_by(5)
    assert mark(page, "001-11").width() > wide
    page.view.set_zoom(0)
    assert page.zoom.currentText() == "Fit width"
    assert page.view.zoom == before


def test_work_is_done_beside_the_window_and_the_newest_choice_wins(desk, qtbot):
    post = window_post()
    threaded = Desk(
        desk.store, Jobs(desk.store, post), desk.settings, Lane(post), illustrative=True
    )
    made = SheetsPage(threaded)
    qtbot.addWidget(made)
    made.resize(1236, 800)
    made.show()
    made.enter()
    for key in ("2024", "2025", "this_month", "2025", "2024", "may_august"):
        made.show_preset(key)
    qtbot.waitUntil(lambda: made.shown is not None and made.view.pages == 1)
    qtbot.waitUntil(lambda: made.shown.period.first == dt.date(2025, 5, 1))
    qtbot.waitUntil(lambda: bool(made.view.figures()))
    qtbot.waitUntil(lambda: made.pdf.isEnabled())
    made.choose_figure("001-13")
    qtbot.waitUntil(lambda: made.panel.table().total == 1_327)
    made.close()
    threaded.jobs.close()
    threaded.lane.close()


def test_locked_desk_shows_no_figure(page):
    page.choose_figure("001-13")
    page.wipe()
    assert page.view.pages == 0
    assert page.panel.table() is None
    page.refresh()
    assert page.view.pages == 1


# What must be seen at a glance -----------------------------------------------------------------


def test_long_words_of_the_left_pane_take_a_second_line(page, qtbot):
    jump = studio.Jump("Prisoners of war and their families")
    qtbot.addWidget(jump)
    assert len(jump.lines(190)) == 2
    assert " ".join(jump.lines(190)) == "Prisoners of war and their families"
    assert jump.heightForWidth(190) > jump.heightForWidth(400)
    assert jump.lines(400) == ["Prisoners of war and their families"]
    assert jump.lines(80)[-1].endswith("…")
    for made in page.findChildren(studio.Jump):
        assert made.width() >= 150
        assert " ".join(made.lines(made.width())) == made.text()
        assert made.height() >= made.heightForWidth(made.width())


@pytest.mark.parametrize("wide", [400, 300])
def test_records_beside_the_page_need_no_scrolling_sideways(desk, qtbot, wide):
    made = SheetsPage(desk)
    qtbot.addWidget(made)
    made.resize(1236, 800)
    made.show()
    made.enter()
    made.show_edition("internal")
    for figure in ("001-13", "001-11-own"):
        made.choose_figure(figure)
        made.panel.resize(wide, 700)
        table = made.panel.table()
        columns = table.listing.columns
        assert len(columns) == 3
        assert sum(table.columnWidth(at) for at in range(2)) + 60 < wide
        assert columns[0].kind == "date"
        assert table.columnWidth(0) >= columns[0].width
        assert not table.horizontalScrollBar().isVisible()


def test_figure_asked_for_is_scrolled_to(desk, qtbot):
    made = SheetsPage(desk, record_listings={"hotline": CALLS})
    qtbot.addWidget(made)
    made.resize(1236, 240)
    made.show()
    made.enter()
    first = {}
    for shown in made.view.figures():
        first.setdefault(shown.mark.key, (shown.mark.page, shown.mark.y))
    lowest = max(first, key=first.__getitem__)  # the one that has no place further up
    QApplication.processEvents()
    assert not made.view.sees(lowest)
    made.enter(figure=lowest)
    assert made.view.sees(lowest)
    made.view.verticalScrollBar().setValue(0)
    made.recount()  # who reads elsewhere stays there
    QApplication.processEvents()
    assert not made.view.sees(lowest)
    fresh = SheetsPage(desk, record_listings={"hotline": CALLS})
    qtbot.addWidget(fresh)
    fresh.resize(1236, 240)
    fresh.show()
    fresh.enter(figure=lowest)
    qtbot.waitUntil(lambda: fresh.view.sees(lowest))


def test_enter_on_a_chosen_figure_opens_its_list(page, desk, qtbot):
    opened = []
    desk.open_asked.connect(lambda key, args: opened.append((key, args["filter"].title)))
    counted = {row.id for row in page._shown[1].figures if row.kind == "counted"}
    figure = next(shown for shown in page.view.figures() if shown.mark.key in counted)
    figure.setFocus()
    qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert page.panel.behind is not None
    assert opened == []
    qtbot.keyClick(figure, Qt.Key.Key_Return)
    assert opened == [(page.panel.behind.row.register, page.panel.behind.title)]


def test_sheet_that_cannot_be_counted_says_so_in_its_place(desk, qtbot, monkeypatch):
    def broken(session, choice):
        raise ReadOnly("The disk is gone.")

    real = studio._compose
    monkeypatch.setattr(studio, "_compose", broken)
    made = SheetsPage(desk, record_listings={"hotline": CALLS})
    qtbot.addWidget(made)
    made.show()
    made.enter()
    assert made.paper.currentWidget() is made.fault
    assert made.fault.banner.accessibleDescription() == "The disk is gone."
    assert not made.pdf.isEnabled()
    monkeypatch.setattr(studio, "_compose", real)
    qtbot.mouseClick(made.fault.retry, Qt.MouseButton.LeftButton)
    assert made.paper.currentWidget() is made.view


def test_long_counting_can_be_stopped(store, tmp_path, qtbot, monkeypatch):
    from threading import Event

    gate = Event()
    monkeypatch.setattr(studio, "_compose", lambda session, choice: gate.wait(20))
    jobs = Jobs(store, window_post())
    desk = Desk(store, jobs, Settings(tmp_path), Lane(inline=True))
    made = SheetsPage(desk, record_listings={"hotline": CALLS})
    qtbot.addWidget(made)
    made._late.setInterval(1)
    made.show()
    made.enter()
    qtbot.waitUntil(lambda: made.paper.currentWidget() is made.loading)
    assert made.loading.stop.isVisible()
    qtbot.mouseClick(made.loading.stop, Qt.MouseButton.LeftButton)
    assert made.paper.currentWidget() is made.fault
    gate.set()
    jobs.close()
    assert made.paper.currentWidget() is made.fault
