"""Cases in the window: find, open, record, close, undo, and two people at one case; by keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from casedesk.desk import application, theme
from casedesk.desk.page import Desk
from casedesk.desk.run import Lane, window_post
from casedesk.desk.shell import Shell
from casedesk.desk.widgets import Scroll
from casedesk.kernel import journal, language
from casedesk.kernel.figures import Period
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.language import _
from casedesk.kernel.query import Condition, Filter
from casedesk.kernel.settings import Settings
from casedesk.kernel.store import Store
from casedesk.partners.records import Organisation
from casedesk.people import rules as people
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.tracing import figures, listing, reading, rules, wording
from casedesk.tracing.case_view import CasePage
from casedesk.tracing.page import CasesPage, FilterPopup, Preview, places
from casedesk.tracing.records import (
    CaseAction,
    CaseActionDraft,
    CaseEnquirer,
    CaseEnquirerDraft,
    ExportLog,
    InformationReceived,
    Outcome,
    Status,
    TracingCase,
    TracingCaseDraft,
)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
CTRL = Qt.KeyboardModifier.ControlModifier
TODAY = dt.date(2025, 9, 11)


def person(store: Store, family: str, given: str = "Иван") -> int:
    names = [PersonNameDraft.checked({"family": family, "given": given})]
    kept, _c = store.write(people.register_person, PersonDraft(), names, actor="op")
    return int(kept.id)


def opened(store: Store, family: str = "Петров", **values: Any) -> int:
    values.setdefault("opened_on", dt.date(2025, 3, 1))
    draft = TracingCaseDraft.checked({**values, "person_id": person(store, family)})
    case, _c = store.write(rules.open_case, draft, actor="op")
    return int(case.id)


def kept(store: Store, table: Any, **where: Any) -> list[Any]:
    with store.read() as session:
        found = session.execute(sa.select(table).filter_by(**where)).scalars().all()
        return list(found)


def status(store: Store, case_id: int) -> Status:
    found = kept(store, TracingCase, id=case_id)[0].status
    assert isinstance(found, Status)
    return found


class Window:
    """What a test does with the window."""

    def __init__(
        self, store: Store, settings: Settings, qtbot: Any, *, threads: bool = False
    ) -> None:
        self.store, self.qtbot = store, qtbot
        self.calls: list[tuple[int, str]] = []
        if threads:
            post = window_post()
            jobs, lane = Jobs(store, post), Lane(post)
        else:
            jobs, lane = Jobs.inline(store), Lane(inline=True)
        self.desk = Desk(store, jobs, settings, lane)
        self.cases = CasesPage(self.desk, log_call=lambda *a: self.calls.append(a))
        self.case = CasePage(self.desk, log_call=lambda *a: self.calls.append(a))
        self.shell = Shell(self.desk, [self.cases, self.case])
        qtbot.addWidget(self.shell)
        self.said: list[str] = []
        self.problems: list[str] = []
        self.desk.notices.said.connect(lambda text, _undo: self.said.append(text))
        self.desk.notices.raised.connect(lambda message: self.problems.append(message.title))
        self.shell.resize(1440, 900)
        self.shell.show()
        self.shell.activateWindow()
        qtbot.waitUntil(self.shell.isActiveWindow)

    def press(self, key: Any, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or self.shell, key, modifiers)

    def type(self, text: str) -> None:
        # key by key, as a keyboard does; QTest itself knows no Cyrillic letters
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                QApplication.sendEvent(QApplication.focusWidget(), event)

    def shown(self) -> list[int]:
        return list(self.cases.table.model_.ids)

    def until(self, held: Any) -> None:
        self.qtbot.waitUntil(held, timeout=3000)


@pytest.fixture
def settings(tmp_path: Path, qapp: QApplication) -> Settings:
    made = Settings(tmp_path / "settings")
    made.actor = "M. Weber"
    application.start(["casedesk"], made)
    return made


@pytest.fixture
def window(store: Store, settings: Settings, qtbot: Any) -> Iterator[Window]:
    made = Window(store, settings, qtbot)
    yield made
    made.shell.close()


def open_list(window: Window, **args: Any) -> None:
    window.desk.open("cases", **args)


def open_case(window: Window, case_id: int, **args: Any) -> None:
    window.desk.open("case", case_id=case_id, **args)
    assert window.case.file is not None
    assert window.case.file.id == case_id


# -- the list -----------------------------------------------------------------------------------


def test_a_case_is_found_by_typing_and_opened_by_enter(store: Store, window: Window) -> None:
    one, _two = opened(store, "Шевченко"), opened(store, "Петров")
    open_list(window)
    window.press(Qt.Key.Key_F, CTRL)
    window.type("shevch")
    window.until(lambda: window.shown() == [one])
    window.press(Qt.Key.Key_Return)
    window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Return)
    assert window.case.file is not None
    assert window.case.file.id == one
    assert window.case.head.name.text() == "Шевченко Иван"
    assert window.case.head.number.text() == "Case 2025-000 001"


def test_esc_leaves_the_filter_and_keeps_its_words(store: Store, window: Window) -> None:
    one = opened(store, "Шевченко")
    opened(store, "Петров")
    open_list(window)
    window.press(Qt.Key.Key_F, CTRL)
    window.type("shevch")
    window.until(lambda: window.shown() == [one])
    window.press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.cases.table
    assert window.cases.text.value == "shevch"
    window.press(Qt.Key.Key_F4)
    assert window.case.file is not None
    assert window.case.file.id == one


def test_the_count_says_how_many_of_how_many(store: Store, window: Window) -> None:
    opened(store, "Петров", last_seen_at="Курск")
    opened(store, "Сидоров")
    open_list(window)
    window.cases.add_condition(Condition("place", "is", "Курск"))
    assert window.cases.count.text() == "1 of 2"
    chip = next(c for c in window.cases.chips.chips() if "Курск" in c.text())
    chip.removed.emit()
    assert window.cases.count.text() == "2 of 2"


def test_views_show_their_number_and_their_cases(store: Store, window: Window) -> None:
    mine = opened(store, owner="M. Weber")
    opened(store)
    open_list(window)
    assert window.cases.tabs.tabText(1) == "My cases 1"
    window.cases.tabs.setCurrentIndex(1)
    assert window.shown() == [mine]


def test_a_figure_opens_as_a_chip_that_can_be_taken_away(store: Store, window: Window) -> None:
    one = opened(store)
    done = opened(store)
    store.write(rules.close, done, Outcome.RETURNED, TODAY, actor="op")
    statement = figures.OPEN_CASES.statement(Period(dt.date(2025, 1, 1), TODAY), TODAY)
    open_list(window, statement=statement, title="1 open case, 11 September 2025")
    assert window.shown() == [one]
    (chip,) = window.cases.chips.chips()
    assert chip.text() == "1 open case, 11 September 2025"
    chip.removed.emit()
    assert set(window.shown()) == {one, done}


def test_a_wrong_filter_is_explained_and_a_right_one_holds(store: Store, window: Window) -> None:
    one = opened(store, last_seen_on=dt.date(2024, 1, 1))
    opened(store)
    open_list(window)
    popup = FilterPopup(window.cases)
    popup.chosen.connect(window.cases.add_condition)
    popup.field.setCurrentIndex(3)
    popup.editors["since"].setText("24")
    popup.add()
    assert popup._fields["since"].wrong
    popup.editors["since"].setText("2024")
    popup.add()
    assert window.shown() == [one]


def test_the_preview_shows_the_row_that_is_current(store: Store, window: Window) -> None:
    one = opened(store)
    open_list(window)
    window.press(Qt.Key.Key_Down)
    window.until(lambda: window.cases.preview.shown == one)


def test_several_cases_get_an_owner_and_an_action_and_undo_takes_it_back(
    store: Store, window: Window
) -> None:
    ids = [opened(store, f"П{i}") for i in range(3)]
    open_list(window)
    window.press(Qt.Key.Key_A, CTRL)
    assert window.cases.chosen.isVisible()
    assert window.cases.chosen_count.text() == "3 selected"
    window.cases.assign()
    window.type("T. Holm")
    window.press(Qt.Key.Key_Return, CTRL)
    assert {case.owner for case in kept(store, TracingCase)} == {"T. Holm"}
    window.cases.table.selectAll()
    window.cases.act_on_all()
    window.type("Списки больниц")
    window.press(Qt.Key.Key_Return, CTRL)
    assert {action.case_id for action in kept(store, CaseAction)} == set(ids)
    window.press(Qt.Key.Key_Z, CTRL)
    assert kept(store, CaseAction) == []
    assert {status(store, i) for i in ids} == {Status.OPEN}


def test_an_action_that_one_case_refuses_is_recorded_on_none(store: Store, window: Window) -> None:
    opened(store)
    late = opened(store, opened_on=TODAY)
    open_list(window)
    window.cases.table.selectAll()
    window.cases.act_on_all()
    form = window.cases.form
    assert form is not None
    form.editor("on_date").setText("2025-04-01")
    window.press(Qt.Key.Key_Return, CTRL)
    assert kept(store, CaseAction) == []
    assert "before the opening" in form.problem.text()
    assert late


def export(window: Window, target: Path, reason: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(window.cases, "_ask_place", lambda then: then(target))
    window.press(Qt.Key.Key_E, CTRL)
    form = window.cases.form
    assert form is not None
    window.type(reason)
    window.press(Qt.Key.Key_Return, CTRL)
    return form


def test_the_exported_list_holds_no_formula(
    store: Store, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = dt.date(2024, 8, 16)
    opened(store, "Петров", last_seen_at="=HYPERLINK(0)", last_seen_on=day)
    opened(store, "Сидоров", last_seen_at="Курск")
    open_list(window)
    window.cases.table.selectAll()
    target = tmp_path / "list.csv"
    export(window, target, "For the commission", monkeypatch)
    text = target.read_text("utf-8-sig")
    assert "'=HYPERLINK(0)" in text
    assert ",=HYPERLINK" not in text
    assert "16 Aug 2024" in text
    assert len(text.splitlines()) == 3
    assert target.stat().st_mode & 0o077 == 0
    assert window.said[-1] == "2 cases written"
    assert window.cases.form is None


def test_what_leaves_the_house_is_in_the_journal_with_its_reason(
    store: Store, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(store, "Петров", last_seen_at="Курск")
    opened(store, "Сидоров")
    open_list(window, filter=Filter((Condition("place", "is", "Курск"),)))
    export(window, tmp_path / "list.csv", "For the commission", monkeypatch)
    (log,) = kept(store, ExportLog)
    assert (log.cases, log.asked, log.reason) == (1, "Place: Курск", "For the commission")
    with store.read() as session:
        (line,) = journal.history(session, "export_log", log.id)
    assert (line.act, line.actor) == ("tracing.export", "M. Weber")
    window.press(Qt.Key.Key_Z, CTRL)
    assert len(kept(store, ExportLog)) == 1


def test_without_a_reason_nothing_leaves_the_house(
    store: Store, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(store)
    open_list(window)
    form = export(window, tmp_path / "list.csv", "", monkeypatch)
    assert form.fields["reason"].wrong
    assert not (tmp_path / "list.csv").exists()
    assert kept(store, ExportLog) == []


def test_a_list_that_cannot_be_written_says_so_and_keeps_the_reason(
    store: Store, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(store)
    open_list(window)
    form = export(window, tmp_path / "nowhere" / "list.csv", "For us", monkeypatch)
    assert "another folder" in form.problem.text()
    assert form.editor("reason").value == "For us"


def test_the_list_fits_the_window_and_says_how_it_is_ordered(store: Store, window: Window) -> None:
    opened(store)
    open_list(window)
    table = window.cases.table
    window.until(lambda: table.viewport().width() > 500)
    assert table.horizontalScrollBar().maximum() == 0
    assert table.shown_columns() == listing.SHOWN_COLUMNS
    assert table.sort.key in table.shown_columns()


def test_cells_of_known_width_are_not_cut(store: Store, window: Window) -> None:
    from casedesk.desk.painting import tag_width

    widths = {column.key: column.width for column in listing.CASES.columns}
    pad = 2 * theme.space(2)
    body = theme.metrics("body")
    small, strong = theme.metrics("small"), theme.metrics("strong")
    arrow = theme.icon_size("row") + 2
    assert body.horizontalAdvance("1988–1990") + pad <= widths["born"]
    for speak, month in (("en", "Sept 2024"), ("ru", "июнь 2024")):
        language.use(speak)
        assert body.horizontalAdvance(month) + pad <= widths["since"]
        for words, _tone in wording.STATUS.values():
            assert tag_width(_(words)) + pad - 2 <= widths["status"]
        room = {**widths, "next": 108}  # the least that the stretched column has in the window
        for column in listing.CASES.columns:
            mark = arrow if column.sortable else 0
            assert small.horizontalAdvance(_(column.label)) + pad + mark <= room[column.key]
    assert strong.horizontalAdvance("Кравченко Александра") + pad <= widths["name"]


LONG = {"family": "Сафонова-Вознесенская", "given": "Александра", "patronymic": "Викторовна"}


def long_case(store: Store, **values: Any) -> int:
    """Open a case about whom everything is known, in long words."""
    name = PersonNameDraft.checked(LONG)
    who = PersonDraft.checked(
        {"mother_name": "Вознесенская Екатерина Константиновна", "birth_place": "Константиновка"}
    )
    kept, _c = store.write(people.register_person, who, [name], actor="op")
    known = {
        "person_id": kept.id,
        "opened_on": dt.date(2025, 3, 1),
        "last_seen_at": "Константиновка, Краснознаменная улица",
        "kind": "pow_allegation",
        "priority": "urgent",
        "owner": "M. Lindqvist",
        "circumstances": "https://example.org/" + "a" * 80,
    }
    case, _c = store.write(
        rules.open_case, TracingCaseDraft.checked({**known, **values}), actor="op"
    )
    due = {"case_id": case.id, "on_date": "2025-04-01", "answer_due": "2025-05-01"}
    action = CaseActionDraft.checked({**due, "kind": "authority_request"})
    store.write(rules.record_action, action, actor="op")
    asking = {"case_id": case.id, "person_id": person(store, "Сафонова"), "relation": "daughter"}
    store.write(rules.add_enquirer, CaseEnquirerDraft.checked(asking), actor="op")
    return int(case.id)


@pytest.fixture
def written(store: Store, settings: Settings, qtbot: Any) -> Iterator[Any]:
    """Make windows in another language or text size."""
    made: list[Window] = []

    def make(speak: str, size: int) -> Window:
        language.use(speak)
        application.start(["casedesk"], settings)
        theme.apply(cast(QApplication, QApplication.instance()), "light", size)
        made.append(Window(store, settings, qtbot))
        return made[-1]

    yield make
    for window in made:
        window.shell.close()
    theme.apply(cast(QApplication, QApplication.instance()), "light", 100)


@pytest.mark.parametrize(("speak", "size"), [("en", 100), ("ru", 100), ("ru", 150)])
def test_nothing_in_the_preview_is_wider_than_the_preview(
    store: Store, written: Any, speak: str, size: int
) -> None:
    one = long_case(store)
    window = written(speak, size)
    with store.read() as session:
        file = reading.case_file(session, one)
    preview = Preview(lambda: None, lambda: None)
    window.qtbot.addWidget(preview)
    preview.resize(368, 800)
    preview.show_case(file, window.desk)
    preview.show()
    (scroll,) = preview.findChildren(Scroll)
    inner = scroll.widget()
    assert inner is not None
    window.until(lambda: 0 < inner.width() <= scroll.viewport().width() <= 368)
    for place in (inner, preview._bar):
        for child in place.findChildren(QWidget):
            if child.isVisible():
                right = child.mapTo(place, QPoint(child.width(), 0)).x()
                assert right <= place.width(), child
                assert child.minimumSizeHint().width() <= child.width(), child
    assert preview.width() == 368


def test_the_number_stands_beside_the_tags_only_where_both_have_room(
    store: Store, written: Any
) -> None:
    long, short = long_case(store), opened(store)
    window = written("ru", 100)
    preview = window.cases.preview
    open_list(window)
    for one, beside in ((short, True), (long, False)):
        with store.read() as session:
            preview.show_case(reading.case_file(session, one), window.desk)
        window.until(lambda: preview.tags.width() > 50)
        assert (preview.number.y() < preview.tags.geometry().bottom()) is beside


@pytest.mark.parametrize("speak", ["en", "ru"])
def test_the_name_of_a_case_is_whole_and_acts_without_room_are_in_the_menu(
    store: Store, written: Any, speak: str
) -> None:
    long, short = long_case(store), opened(store)
    window = written(speak, 100)
    page = window.case
    open_case(window, short)
    assert all(page.head.buttons[key].isVisible() for key in ("assign", "merge", "close"))
    assert not page.head.more.isVisible()
    open_case(window, long)
    whole = page.head.name.fontMetrics().horizontalAdvance(" ".join(LONG.values()))
    window.until(lambda: page.head.name.width() >= whole)
    assert page.head.more.isVisible()
    assert page.head.buttons["status"].isVisible()
    assert page.head.buttons["call"].isVisible()
    assert page.head.stepper.geometry().bottom() < 112
    menu = page.head.more_menu()
    close = next(a for a in menu.actions() if a.text() == page.head.buttons["close"].text())
    close.trigger()
    assert page.act_form is not None
    menu.deleteLater()


def test_an_action_is_typed_in_three_lines_in_russian(store: Store, written: Any) -> None:
    one = opened(store)
    window = written("ru", 100)
    open_case(window, one)
    form = window.case.entry
    window.until(lambda: form.fields["kind"].y() == form.fields["partner_id"].y())
    due, day = form.fields["answer_due"], form.fields["on_date"]
    main = form.main.mapTo(form, QPoint(0, 0))
    assert due.y() == day.y() < main.y() < day.geometry().bottom()
    assert main.x() > day.geometry().right()


def test_tab_goes_from_the_last_field_to_the_button(store: Store, window: Window) -> None:
    open_case(window, opened(store))
    window.press(Qt.Key.Key_R)
    form = window.case.entry
    reached = []
    while not form.main.hasFocus() and len(reached) < 9:
        reached.append(QApplication.focusWidget())
        window.press(Qt.Key.Key_Tab)
    assert form.main.hasFocus()
    assert form.editor("on_date") in reached
    window.case.close_case()
    asked = window.case.act_form
    assert asked is not None
    asked.editor("on").setFocus()
    window.press(Qt.Key.Key_Tab)
    assert asked.main.hasFocus()
    window.press(Qt.Key.Key_Tab)
    assert asked.leave is not None
    assert asked.leave.hasFocus()


def test_a_relation_is_said_in_the_language_of_the_window(store: Store, written: Any) -> None:
    one = long_case(store)
    window = written("ru", 100)
    open_case(window, one)
    said = [w.text() for w in window.case._asking.findChildren(QLabel)]
    assert any(text.startswith("Дочь, ") for text in said)
    assert window.case.file is not None
    for typed, stored in (("мать", "mother"), ("крёстная", "крёстная")):
        window.case.change_enquirer(window.case.file.enquirers[0])
        form = window.case.act_form
        assert form is not None
        form.editor("relation").setText(typed)
        form.submitted.emit()
        assert kept(store, CaseEnquirer)[0].relation == stored
    said = [w.text() for w in window.case._asking.findChildren(QLabel)]
    assert any(text.startswith("крёстная, ") for text in said)


def test_other_columns_are_chosen_in_the_menu_and_remembered(
    store: Store, window: Window, settings: Settings
) -> None:
    opened(store)
    open_list(window)
    menu = window.cases.columns_menu()
    ticks = {action.text(): action for action in menu.actions()}
    assert "Name" not in ticks
    ticks["Owner"].trigger()
    ticks["Latin"].trigger()
    expected = ("name", "born", "place", "since", "status", "next", "owner")
    assert window.cases.table.shown_columns() == expected
    again = CasesPage(window.desk)
    assert again.table.shown_columns() == expected
    again.deleteLater()
    menu.deleteLater()


def test_the_preview_forgets_the_case_before(store: Store, window: Window) -> None:
    first = opened(store, "Шевченко")
    second = opened(store, "Петров")
    values = {"case_id": first, "on_date": "2025-04-01", "answer_due": "2025-05-01"}
    store.write(rules.record_action, CaseActionDraft.checked(values), actor="op")
    preview = window.cases.preview
    with store.read() as session:
        files = [reading.case_file(session, one) for one in (first, second)]
    open_list(window)
    preview.show_case(files[0], window.desk)
    assert preview.due.isVisible()
    assert preview.number.text() == "Case 2025-000 001"
    preview.show_case(files[1], window.desk)
    assert not preview.due.isVisible()
    assert preview.name.text() == "Петров Иван"
    window.cases.wipe()
    words = [w.text() for w in window.cases.findChildren(QLabel)]
    assert not any("Петров" in text or "Шевченко" in text for text in words)


def test_a_new_case_takes_a_new_person_and_who_asks(store: Store, window: Window) -> None:
    open_list(window)
    window.press(Qt.Key.Key_N, CTRL)
    window.type("Шевченко Олексій Петрович")
    form = window.cases.form
    assert form is not None
    form.editor("born").setText("1987")
    form.editor("asking").edit.setText("Шевченко Анна")
    form.editor("relation").setText("mother")
    form.editor("phone").setText("+7 916 000 00 00")
    window.press(Qt.Key.Key_Return, CTRL)
    (case,) = kept(store, TracingCase)
    assert case.owner == "M. Weber"
    assert window.case.file is not None
    assert window.case.file.name == "Шевченко Олексій Петрович"
    (who,) = window.case.file.enquirers
    assert (who.name, who.relation, who.main) == ("Шевченко Анна", "mother", True)
    assert who.phones == ("+7 916 000 00 00",)


def test_a_new_case_with_an_unreadable_date_loses_nothing(store: Store, window: Window) -> None:
    open_list(window)
    window.press(Qt.Key.Key_N, CTRL)
    window.type("Шевченко Олексій")
    form = window.cases.form
    assert form is not None
    form.editor("born").setText("long ago")
    window.press(Qt.Key.Key_Return, CTRL)
    assert form.fields["born"].wrong
    assert form.editor("sought").text == "Шевченко Олексій"
    assert kept(store, TracingCase) == []
    window.cases.leave()
    window.cases.close_form()
    window.cases.new_record()
    again = window.cases.form
    assert again is not None
    assert again.editor("sought").text == "Шевченко Олексій"


def test_a_known_person_with_an_open_case_is_pointed_out(store: Store, window: Window) -> None:
    opened(store, "Шевченко")
    open_list(window)
    window.press(Qt.Key.Key_N, CTRL)
    window.type("Шевченко")
    form: Any = window.cases.form
    window.until(lambda: form.sought.list.isVisible())
    window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Return)
    assert form._there.count() == 2
    assert not form.fields["born"].isVisible()


# -- one case -----------------------------------------------------------------------------------


def test_an_action_is_recorded_by_keyboard_and_shown(store: Store, window: Window) -> None:
    one = opened(store)
    open_case(window, one)
    window.press(Qt.Key.Key_R)
    window.type("Checked the lists")
    window.press(Qt.Key.Key_Return, CTRL)
    (action,) = kept(store, CaseAction)
    assert action.note == "Checked the lists"
    assert status(store, one) is Status.IN_TRACING
    assert "Checked the lists" in [event.text for event in window.case.events.shown]
    assert window.case.entry.editor("note").value == ""
    assert window.said == ["Action recorded"]


class Call:
    """A call as the hotline tells of it."""

    def __init__(self, number: int) -> None:
        self.enquiry_id = number
        self.on = dt.date(2025, 3, 1) + dt.timedelta(days=number)
        self.at, self.operator = "10:15", "M. Weber"
        self.caller = "Дмитриевна Анна"
        self.summary = "Asked what is new; the next steps explained, and a call promised"


def with_calls(window: Window, count: int) -> CasePage:
    page = window.case
    page._calls_of = lambda _s, _p, _n: [Call(i) for i in range(count, 0, -1)]
    return page


def test_every_event_has_room_for_its_words(store: Store, window: Window) -> None:
    page = with_calls(window, 50)
    open_case(window, opened(store))
    for shown in (page.events, page.calls):
        tall = [b - a for a, b in zip(shown._tops, shown._tops[1:], strict=False)]
        assert min(tall) >= 18
        assert shown.height() == shown._tops[-1]
    assert page._centre_scroll.verticalScrollBar().maximum() == 0  # one line for fifty calls


def test_calls_one_after_the_other_are_one_line_until_it_is_clicked(
    store: Store, window: Window
) -> None:
    page = with_calls(window, 12)
    open_case(window, opened(store))
    words = page.events.words()
    assert words[0] == "12 calls, 2 Mar to 13 Mar 2025"
    assert len(words) == 2
    before = page.events.height()
    spot = QPoint(120, page.events._tops[0] + 5)
    window.qtbot.mouseClick(page.events, Qt.MouseButton.LeftButton, pos=spot)
    assert len(page.events.words()) == 14
    assert page.events.height() > before
    page.events.setFocus(Qt.FocusReason.TabFocusReason)
    window.press(Qt.Key.Key_Return)
    assert page.events.words() == words


def test_two_calls_stay_two_lines(store: Store, window: Window) -> None:
    page = with_calls(window, 2)
    open_case(window, opened(store))
    assert page.events.words()[0].startswith("3 Mar 2025, Call from")
    assert len(page.events.words()) == 3


def test_the_tab_lists_all_calls_and_draws_the_newest_thirty(store: Store, window: Window) -> None:
    page = with_calls(window, 50)
    open_case(window, opened(store))
    assert page.tabs.tabText(1) == "50 calls"
    assert len(page.calls.lines) == 31
    assert page.calls.words()[-1] == "Show all 50"
    page.tabs.setCurrentIndex(1)
    window.until(lambda: page.calls.width() < 400)
    page.calls.act(30)
    assert len(page.calls.lines) == 50
    window.until(lambda: page.calls.height() == page.calls._tops[-1] > 1000)


def test_words_break_between_words_and_only_a_long_one_within(store: Store, window: Window) -> None:
    from casedesk.desk import theme

    open_case(window, opened(store))
    events = window.case.events
    line, wide = theme.line_height("body"), theme.metrics("body").horizontalAdvance("steps expla")
    assert events._words(None, "steps explained", "body", "ink", 0, 0, wide) > line
    whole = theme.metrics("body").horizontalAdvance("explained") + 1
    assert events._words(None, "explained", "body", "ink", 0, 0, whole) <= line + 2
    assert events._words(None, "e" * 60, "body", "ink", 0, 0, whole) > 3 * line


def test_no_choice_of_the_entry_is_cut_in_a_narrow_window(store: Store, window: Window) -> None:
    window.shell.resize(1440, 900)
    open_case(window, opened(store))
    form = window.case.entry
    for width in (980, 480, 340):
        form.resize(width, form.height())
        kind = form.fields["kind"]
        assert kind.editor.width() >= form._need(kind) - 8
        rows = {field.y() for field in form.fields.values()}
        assert len(rows) >= 2
        assert all(field.geometry().right() < width for field in form.fields.values())


def test_the_next_case_uses_the_widgets_of_the_one_before(store: Store, window: Window) -> None:
    first, second = opened(store, "Шевченко"), opened(store, "Петров")
    values = {"case_id": first, "on_date": "2025-04-01", "answer_due": "2025-05-01"}
    store.write(rules.record_action, CaseActionDraft.checked(values), actor="op")
    mother = person(store, "Шевченко", "Анна")
    enquirer = CaseEnquirerDraft.checked({"case_id": first, "person_id": mother})
    store.write(rules.add_enquirer, enquirer, actor="op")
    open_case(window, first)
    open_case(window, second)
    open_case(window, first)
    widgets = set(window.case.findChildren(QLabel))
    open_case(window, second)
    assert set(window.case.findChildren(QLabel)) == widgets
    assert not any("Шевченко" in w.text() for w in widgets)
    assert "Nobody is noted as asking" in {w.text() for w in widgets if w.isVisible()}


def test_what_is_not_known_stands_back(store: Store, window: Window) -> None:
    open_case(window, opened(store, last_seen_at="Курск"))
    tones = {v.text(): v.property("tone") or "" for _n, v in window.case.facts._lines}
    assert tones["Not known"] == "muted"
    assert tones["Курск"] == ""


def test_an_answer_that_is_overdue_stands_on_top(store: Store, window: Window) -> None:
    one = opened(store)
    values = {"case_id": one, "on_date": "2025-04-01", "answer_due": "2025-05-01"}
    store.write(rules.record_action, CaseActionDraft.checked(values), actor="op")
    open_case(window, one)
    banner = window.case._notice.itemAt(0).widget()
    assert banner.tone == "carmine"
    assert "Overdue since 1 May 2025" in banner.accessibleName()
    window.case.answer(window.case.file.awaited[0])  # type: ignore[union-attr]
    window.press(Qt.Key.Key_Return, CTRL)
    assert window.case.file is not None
    assert window.case.file.awaited == ()


def test_a_wrong_due_date_is_said_at_the_field(store: Store, window: Window) -> None:
    open_case(window, opened(store))
    window.case.focus_entry()
    window.type("Asked")
    window.case.entry.editor("answer_due").setText("soon")
    window.case.record()
    assert window.case.entry.fields["answer_due"].wrong
    assert window.case.entry.editor("note").value == "Asked"
    assert kept(store, CaseAction) == []


def test_an_organisation_is_noted_on_the_spot(store: Store, window: Window) -> None:
    one = opened(store)
    open_case(window, one)
    picker = window.case.entry.editor("partner_id")
    picker.setFocus()
    window.type("ФСИН")
    window.until(lambda: picker.list.isVisible())
    window.press(Qt.Key.Key_Return)
    (organisation,) = kept(store, Organisation)
    assert picker.value == organisation.id
    window.case.record()
    assert kept(store, CaseAction)[0].partner_id == organisation.id


def test_a_death_needs_a_second_person_and_undo_opens_the_case_again(
    store: Store, window: Window
) -> None:
    one = opened(store)
    open_case(window, one)
    window.case.close_case()
    form = window.case.act_form
    assert form is not None
    form.editor("outcome").set_value("dead")
    form.editor("outcome").currentIndexChanged.emit(0)
    form.editor("source").setText("Letter of the commission")
    form.editor("confirmed_by").setText("m. weber")
    window.press(Qt.Key.Key_Return, CTRL)
    assert form.problem.text() == "A second person has to confirm the death."
    assert form.editor("source").value == "Letter of the commission"
    assert status(store, one) is Status.OPEN
    form.editor("confirmed_by").setText("T. Holm")
    window.press(Qt.Key.Key_Return, CTRL)
    assert status(store, one) is Status.CLOSED
    assert kept(store, InformationReceived)[0].verified_by == "T. Holm"
    assert window.case.act_form is None
    assert {step.state for step in window.case.head.stepper._steps} == {"done"}
    window.desk.undo()
    assert status(store, one) is Status.OPEN
    assert kept(store, InformationReceived) == []
    window.case.tabs.setCurrentIndex(2)
    acts = [line.act for line in window.case.history.lines]
    assert acts[0] == "Undo"
    assert "Close case" in acts
    line = next(x for x in window.case.history.lines if x.act == "Close case" and x.field)
    assert (line.field, line.before, line.after, line.actor) == (
        "Status",
        "Accepted",
        "Closed",
        "M. Weber",
    )


def test_facts_are_edited_in_place(store: Store, window: Window) -> None:
    one = opened(store)
    open_case(window, one)
    window.press(Qt.Key.Key_F3)
    form = window.case.facts_form
    assert form is not None
    form.editor("born").setText("1985..1989")
    form.editor("last_seen_at").setText("Курск")
    form.editor("marks").set_value("Scar, left hand")
    window.press(Qt.Key.Key_Return, CTRL)
    assert window.case.facts_form is None
    facts = dict(window.case.file.facts)  # type: ignore[union-attr]
    assert facts["Born"] == "1985 to 1989"
    assert facts["Last place"] == "Курск"
    assert facts["Marks and clothing"] == "Scar, left hand"
    window.desk.undo()
    assert dict(window.case.file.facts)["Last place"] == "Not known"  # type: ignore[union-attr]


def test_what_cannot_be_kept_is_said_at_the_field(store: Store, window: Window) -> None:
    open_case(window, opened(store))
    window.case.edit()
    form = window.case.facts_form
    assert form is not None
    form.editor("last_seen_on").setText("2031-01-01")
    window.case.save_facts()
    assert form.fields["last_seen_on"].wrong
    form.editor("last_seen_on").setText("")
    for key in ("family", "given", "patronymic"):
        form.editor(key).setText("")
    window.case.save_facts()
    assert form.fields["family"].wrong


def test_two_people_at_one_case_lose_nothing(
    store: Store, window: Window, settings: Any, qtbot: Any
) -> None:
    one = opened(store, last_seen_at="Курск")
    other = Window(store, settings, qtbot)
    open_case(window, one)
    open_case(other, one)
    window.case.edit()
    other.case.edit()
    other.case.facts_form.editor("last_seen_at").setText("Белгород")  # type: ignore[union-attr]
    other.case.save_facts()
    form = window.case.facts_form
    assert form is not None
    form.editor("mother_name").setText("Петрова Анна")
    window.case.save_facts()
    assert "Last place: Курск → Белгород" in form.problem.text()
    assert form.editor("mother_name").value == "Петрова Анна"
    assert form.editor("last_seen_at").value == "Белгород"
    window.case.save_facts()
    facts = dict(window.case.file.facts)  # type: ignore[union-attr]
    assert (facts["Last place"], facts["Mother"]) == ("Белгород", "Петрова Анна")
    other.shell.close()


def test_words_typed_and_left_are_there_again(store: Store, window: Window) -> None:
    one, two = opened(store), opened(store)
    open_case(window, one)
    window.case.focus_entry()
    window.type("Half a sent")
    window.case.edit()
    window.case.facts_form.editor("father_name").setText("Пётр")  # type: ignore[union-attr]
    open_case(window, two)
    assert window.case.entry.editor("note").value == ""
    open_case(window, one)
    assert window.case.entry.editor("note").value == "Half a sent"
    assert window.case.facts_form is not None
    assert window.case.facts_form.editor("father_name").value == "Пётр"


def test_esc_never_throws_words_away(store: Store, window: Window) -> None:
    open_case(window, opened(store))
    window.case.edit()
    form = window.case.facts_form
    assert form is not None
    window.press(Qt.Key.Key_Escape)
    assert window.case.facts_form is None
    window.case.edit()
    form = window.case.facts_form
    assert form is not None
    window.type("X")
    window.press(Qt.Key.Key_Escape)
    assert window.case.facts_form is form


def test_j_and_k_walk_along_the_list(store: Store, window: Window) -> None:
    first, second = opened(store), opened(store)
    open_list(window)
    window.cases.open_case(second)
    window.press(Qt.Key.Key_J)
    assert window.case.file.id == first  # type: ignore[union-attr]
    window.press(Qt.Key.Key_J)
    assert window.case.file.id == first  # type: ignore[union-attr]
    window.press(Qt.Key.Key_K)
    assert window.case.file.id == second  # type: ignore[union-attr]


def test_letters_in_a_field_are_letters(store: Store, window: Window) -> None:
    first, second = opened(store), opened(store)
    open_case(window, second, among=[second, first])
    window.case.focus_entry()
    for key in (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_L, Qt.Key.Key_R):
        window.press(key)
    assert window.case.file.id == second  # type: ignore[union-attr]
    assert window.case.entry.editor("note").value == "jklr"


def test_an_enquirer_is_found_or_noted_new(store: Store, window: Window) -> None:
    one = opened(store)
    mother = person(store, "Петрова", "Анна")
    open_case(window, one)
    window.press(Qt.Key.Key_L)
    window.type("petrova")
    form: Any = window.case.act_form
    picker = form.editor("person_id")
    window.until(lambda: picker.list.isVisible())
    window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Return)
    assert picker.value == mother
    window.press(Qt.Key.Key_Return, CTRL)
    assert [e.person_id for e in kept(store, CaseEnquirer)] == [mother]
    window.case.change_enquirer(window.case.file.enquirers[0])  # type: ignore[union-attr]
    window.case.act_form.editor("main").setChecked(True)  # type: ignore[union-attr]
    window.case.main_action()
    assert kept(store, CaseEnquirer)[0].main


def test_a_merge_is_asked_for_and_undone(store: Store, window: Window) -> None:
    one, other = opened(store, "Петров"), opened(store, "Петрова")
    open_case(window, one)
    window.case.merge()
    form: Any = window.case.act_form
    window.press(Qt.Key.Key_Return, CTRL)
    assert form.fields["other"].wrong
    form.editor("other").set_value(other, "Петрова")
    window.case.main_action()
    assert status(store, other) is Status.MERGED
    window.desk.undo()
    assert status(store, other) is Status.OPEN


def test_a_closed_case_says_how_and_can_be_reopened(store: Store, window: Window) -> None:
    one = opened(store)
    store.write(rules.close, one, Outcome.RETURNED, TODAY, actor="op")
    open_case(window, one)
    banner = window.case._notice.itemAt(0).widget()
    assert banner.accessibleName() == ("Closed on 11 Sept 2025: Returned, released or exchanged")
    assert not window.case.head.buttons["close"].isVisible()
    window.case.reopen()
    assert status(store, one) is Status.OPEN
    assert window.case.head.buttons["close"].isVisible()


def test_the_tabs_beside_the_case_are_reached_by_keyboard(store: Store, window: Window) -> None:
    open_case(window, opened(store))
    window.press(Qt.Key.Key_Tab, CTRL)
    assert window.case.tabs.currentIndex() == 1


def test_a_call_about_the_case_can_be_begun(store: Store, window: Window) -> None:
    one = opened(store)
    open_case(window, one)
    window.press(Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.ShiftModifier)
    file = window.case.file
    assert file is not None
    assert window.calls == [(file.person_id, file.number)]


def test_nothing_personal_is_in_the_window_title(store: Store, window: Window) -> None:
    open_case(window, opened(store, "Шевченко"))
    assert "Шевченко" not in window.shell.windowTitle()


def test_locking_takes_the_case_off_the_screen(store: Store, window: Window) -> None:
    open_case(window, opened(store, "Шевченко"))
    window.case.wipe()
    words = [w.text() for kind in (QLabel, QLineEdit) for w in window.case.findChildren(kind)]
    assert not any("Шевченко" in text for text in words)
    window.case.refresh()
    assert window.case.head.name.text() == "Шевченко Иван"


def test_every_field_and_button_has_a_name(store: Store, window: Window) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QPlainTextEdit

    one = opened(store)
    open_list(window)
    window.cases.new_record()
    open_case(window, one)
    window.case.edit()
    window.case.close_case()
    for page in (window.cases, window.case):
        for kind in (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit):
            for widget in page.findChildren(kind):
                if widget.metaObject().className() not in ("QToolButton", "QTableCornerButton"):
                    assert widget.accessibleName(), widget


def test_an_empty_filter_result_says_what_was_asked(store: Store, window: Window) -> None:
    opened(store)
    open_list(window, filter=Filter((Condition("place", "is", "Nowhere"),)))
    assert window.shown() == []
    assert "Nowhere" in window.cases.no_result.accessibleDescription()
    window.cases.loosen()
    assert len(window.shown()) == 1


def test_a_narrow_window_folds_the_preview_but_not_a_form(store: Store, window: Window) -> None:
    opened(store)
    open_list(window)
    assert window.cases.pane.isVisible()
    window.shell.resize(1130, 760)
    window.until(lambda: not window.cases.pane.isVisible())
    window.cases.new_record()
    assert window.cases.pane.isVisible()
    window.cases.close_form()
    assert not window.cases.pane.isVisible()


def test_forms_fit_the_pane_they_stand_in(store: Store, window: Window) -> None:
    opened(store)
    open_list(window)
    for begin in (window.cases.new_record, window.cases.act_on_all, window.cases.assign):
        begin()
        form = window.cases.form
        assert form is not None
        assert form.minimumSizeHint().width() <= window.cases.pane.width() - 24
        window.cases.close_form()


def test_the_palette_finds_open_cases(store: Store) -> None:
    one = opened(store, "Шевченко")
    with store.read() as session:
        (found,) = places(session, "shevchenko")
        assert places(session, " ") == []
    assert found.page == "case"
    assert dict(found.args) == {"case_id": one}
    assert "2025-000 001" in found.title


def test_all_of_it_works_with_its_threads(store: Store, settings: Any, qtbot: Any) -> None:
    first, second = opened(store, "Шевченко"), opened(store, "Петров")
    window = Window(store, settings, qtbot, threads=True)
    case = window.case
    try:
        open_list(window)
        window.until(lambda: window.shown() == [second, first])
        window.press(Qt.Key.Key_Home)
        window.press(Qt.Key.Key_Return)
        window.until(lambda: case.file is not None and case.file.id == second)
        window.press(Qt.Key.Key_R)
        window.type("Списки")
        # away and back at once: what was typed is there, and at no other case
        window.desk.open("case", case_id=first)
        window.until(lambda: case.file is not None and case.file.id == first)
        assert case.entry.editor("note").value == ""
        window.desk.open("case", case_id=second)
        window.until(lambda: case.entry.editor("note").value == "Списки")
        window.until(lambda: case.file is not None and case.file.id == second)
        case.main_action()
        case.main_action()
        window.until(lambda: case.file is not None and case.file.status is Status.IN_TRACING)
        window.until(lambda: window.said == ["Action recorded"])
        assert len(kept(store, CaseAction)) == 1
    finally:
        window.shell.close()
        window.desk.jobs.close()
        window.desk.lane.close()
