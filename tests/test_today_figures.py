"""What the first page says is what the indicators count, and what the lists behind it hold."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from casedesk import catalog, today
from casedesk.hotline.figures import CALLS_ANSWERED, CALLS_SEEKING_RELATIVES
from casedesk.hotline.records import EnquiryDraft, EnquiryStatus
from casedesk.hotline.rules import done_call_back, log_call
from casedesk.kernel import clock
from casedesk.kernel.figures import Period
from casedesk.people.records import PersonDraft, PersonNameDraft
from casedesk.people.rules import register_person
from casedesk.tracing import rules as tracing
from casedesk.tracing.figures import OPEN_CASES, SINCE
from casedesk.tracing.records import (
    FamilyInformedDraft,
    Fate,
    Outcome,
    Status,
    TracingCaseDraft,
)

DAY = dt.date(2025, 9, 11)  # a Thursday
OPENED = [
    dt.date(2021, 12, 30),  # before the published figures begin
    dt.date(2024, 8, 1),
    dt.date(2024, 10, 31),
    dt.date(2025, 1, 1),
    dt.date(2025, 8, 31),
    dt.date(2025, 9, 9),
    DAY,
]


def call(store, day, time="10:15", **values):
    with clock.frozen(max(day, DAY)):
        draft = EnquiryDraft(received_on=day, received_at=time, **values)
        return store.write(log_call, draft, actor="anna")[0].id


@pytest.fixture(scope="module")
def lived(tmp_path_factory, template) -> Path:
    """Write a small delegation that has lived: calls of nine weeks, cases in every state."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("lived") / "lived.cdk"))
    with catalog.open_store(path, None) as store, clock.frozen(DAY):
        for week in range(9):
            for hour in range(week + 1):
                call(store, DAY - dt.timedelta(weeks=week), f"{9 + hour:02}:30")
        call(store, DAY, "09:40", reason="seeking_relative")
        call(store, DAY - dt.timedelta(days=3), "23:59", reason="seeking_relative")
        call(store, DAY - dt.timedelta(days=4), reason="seeking_relative")  # last Sunday
        call(store, DAY, answered=False)
        call(store, DAY, status="spam")
        call(store, DAY, direction="out")
        call(store, DAY, channel="letter")
        for days in (-3, -1, 0, 2):
            back = DAY + dt.timedelta(days=days)
            received = min(back, DAY - dt.timedelta(days=5))
            call(store, received, status="call_back", call_back_on=back, promised="Say what came.")
        for place, opened in enumerate(OPENED):
            names = [PersonNameDraft(family=f"Family {place}")]
            person = store.write(register_person, PersonDraft(), names, actor="anna")[0]
            with clock.frozen(opened):
                draft = TracingCaseDraft(person_id=person.id, opened_on=opened)
                store.write(tracing.open_case, draft, actor="anna")
        with clock.frozen(dt.date(2025, 2, 10)):
            store.write(
                tracing.change_status, 3, Status.IN_TRACING, dt.date(2025, 2, 3), actor="anna"
            )
            withdrawn = (2, Outcome.WITHDRAWN, dt.date(2025, 2, 10))
            store.write(tracing.close, *withdrawn, actor="anna")
        for case, told in ((3, dt.date(2025, 9, 1)), (4, dt.date(2025, 8, 20)), (3, DAY)):
            draft = FamilyInformedDraft(case_id=case, on_date=told, told="x", fate=Fate.UNKNOWN)
            store.write(tracing.inform_family, draft, actor="anna")
    return path


@pytest.fixture
def delegation(lived, tmp_path):
    """Open a copy of it."""
    with catalog.open_store(Path(shutil.copy(lived, tmp_path / "lived.cdk")), None) as store:
        yield store


def loaded(store, day=DAY):
    with clock.frozen(day), store.read() as session:
        return today.load(session, day)


def test_each_figure_is_its_indicator_and_the_length_of_its_list(delegation):
    shown = loaded(delegation)
    week, month = Period(dt.date(2025, 9, 8), DAY), Period(dt.date(2025, 9, 1), DAY)
    counted = {
        CALLS_ANSWERED: Period(DAY, DAY),
        CALLS_SEEKING_RELATIVES: week,
        today.CALL_BACKS_DUE: Period(DAY, DAY),
        OPEN_CASES: Period(SINCE, DAY),
        today.INFORMED_IN_PERIOD: month,
    }
    assert [figure.key for figure in shown.figures] == [one.key for one in counted]
    with delegation.read() as session:
        for figure, (indicator, period) in zip(shown.figures, counted.items(), strict=True):
            assert figure.value == indicator.count(session, period, DAY), figure.key
            listed = session.execute(figure.open.args["filter"].statement).scalars().all()
            assert sorted(listed) == indicator.ids(session, period, DAY)
            assert len(set(listed)) == figure.value


def test_figures_are_what_was_written(delegation):
    assert [figure.value for figure in loaded(delegation).figures] == [2, 2, 3, 5, 1]


def test_late_promises_come_first_and_are_counted_in_the_note(delegation):
    shown = loaded(delegation)
    assert [item.day for item in shown.follow_ups] == [
        DAY - dt.timedelta(days=3),
        DAY - dt.timedelta(days=1),
        DAY,
    ]
    figure = shown.figures[2]
    assert (figure.note, figure.tone) == ("2 are late", "carmine")
    assert shown.follow_ups_total == 3
    assert shown.follow_ups[0].promise == "Say what came."


def test_kept_promise_leaves_the_list_and_the_next_one_is_named(delegation):
    for item in loaded(delegation).follow_ups:
        delegation.write(done_call_back, item.enquiry_id, actor="anna")
    shown = loaded(delegation)
    assert shown.follow_ups == ()
    assert shown.figures[2].value == 0
    assert shown.figures[2].note == "None is late"
    assert shown.next_follow_up.day == DAY + dt.timedelta(days=2)


def test_hours_add_up_to_the_day_and_usual_is_the_mean_of_the_weekday(delegation):
    shown = loaded(delegation)
    assert sum(point.value for point in shown.hours) == shown.figures[0].value
    usual = {point.label: point.usual for point in shown.hours}
    assert usual["09"] == 1.0  # on each of the eight Thursdays before
    assert usual["17"] == 1 / 8  # on one of them
    assert {point.label for point in shown.hours} >= {f"{hour:02}" for hour in range(8, 19)}
    with delegation.read() as session:
        for point in shown.hours:
            if point.open is not None:
                listed = session.execute(point.open.args["filter"].statement).scalars().all()
                assert len(listed) == point.value


def test_reasons_add_up_to_the_week(delegation):
    shown = loaded(delegation)
    with delegation.read() as session:
        week = CALLS_ANSWERED.count(session, Period(dt.date(2025, 9, 8), DAY), DAY)
        for point in shown.reasons:
            listed = session.execute(point.open.args["filter"].statement).scalars().all()
            assert len(listed) == point.value
    assert sum(point.value for point in shown.reasons) == week == 3
    assert [point.value for point in shown.reasons] == [2, 1]


def test_each_month_is_what_the_indicator_counts_at_its_end(delegation):
    shown = loaded(delegation)
    ends = today._ends(DAY)
    assert [point.label for point in shown.months][-3:] == ["Jul", "Aug", "Sept"]
    assert len(shown.months) == 13
    with delegation.read() as session:
        for point, end in zip(shown.months, ends, strict=True):
            period = Period(SINCE, end)
            assert point.value == OPEN_CASES.count(session, period, DAY), end
            listed = session.execute(point.open.args["filter"].statement).scalars().all()
            assert len(listed) == point.value
    assert len({point.value for point in shown.months}) > 2


@pytest.mark.parametrize("day", [dt.date(2025, 2, 4), dt.date(2025, 2, 28), dt.date(2024, 12, 31)])
def test_months_hold_as_known_on_any_day(delegation, day):
    shown = loaded(delegation, day)
    with delegation.read() as session:
        for point, end in zip(shown.months, today._ends(day), strict=True):
            assert point.value == OPEN_CASES.count(session, Period(SINCE, end), day)


def test_empty_file_shows_zeros_and_no_promise(store):
    shown = loaded(store)
    assert [figure.value for figure in shown.figures] == [0] * 5
    assert shown.follow_ups == ()
    assert shown.next_follow_up is None
    assert shown.reasons == ()


def test_spam_is_promised_nothing(delegation):
    call(delegation, DAY, status=EnquiryStatus.SPAM.value, call_back_on=DAY)
    assert loaded(delegation).follow_ups_total == 3


def test_of_too_many_promises_the_latest_are_shown_and_all_are_counted(delegation, monkeypatch):
    monkeypatch.setattr(today._promises, "__defaults__", (2,))
    shown = loaded(delegation)
    assert [item.day for item in shown.follow_ups] == [DAY - dt.timedelta(days=1), DAY]
    assert shown.follow_ups_total == 3
