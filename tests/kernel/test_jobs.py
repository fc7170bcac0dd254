"""What the lanes promise: nothing asked for in vain comes back, nothing typed is lost."""

from __future__ import annotations

import queue
import threading

import pytest
import sqlalchemy as sa

from casedesk.kernel import settings
from casedesk.kernel.acts import act
from casedesk.kernel.errors import EnvironmentFault, Refused
from casedesk.kernel.jobs import Jobs

LONG = 20  # seconds that a test would wait before it fails; none waits for them
ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) "
    "SELECT count(*) FROM n"
)


class Window:
    """Stands for the window thread: callbacks wait here until `pump` runs them."""

    def __init__(self):
        self.waiting = queue.Queue()
        self.heard = []
        self.threads = set()

    def pump(self, callbacks=1):
        for _turn in range(callbacks):
            self.waiting.get(timeout=LONG)()

    def hear(self, result):
        self.heard.append(result)
        self.threads.add(threading.get_ident())


@pytest.fixture
def window():
    return Window()


@pytest.fixture
def jobs(store, window):
    lanes = Jobs(store, window.waiting.put)
    yield lanes
    lanes.close()


def count(session):
    """Count the settings."""
    return session.scalar(sa.select(sa.func.count()).select_from(settings.StoreSetting))


def endless(session, begun):
    """Count further than anybody will wait."""
    begun.set()
    return session.connection().exec_driver_sql(ENDLESS).scalar()


def held(session, begun, leave, result="held"):
    """Hold the lane until the test lets go."""
    begun.set()
    assert leave.wait(LONG)
    return result


@act("test.held", "Hold")
def held_write(session, begun, leave):
    """Hold the writer until the test lets go."""
    settings.change_setting(session, "held", "1")
    return held(session, begun, leave)


def broken(_session):
    """Fail."""
    raise Refused("no")


def ended(job):
    return job._ended.wait(LONG)


def test_result_comes_back_on_the_window_thread(jobs, window):
    ran_on = []
    jobs.read(lambda session: ran_on.append(threading.get_ident()) or 7, then=window.hear)
    window.pump()
    assert window.heard == [7]
    assert window.threads == {threading.get_ident()}
    assert ran_on != [threading.get_ident()]


def test_a_read_is_awaited_until_the_window_has_taken_its_answer_in(jobs, window):
    taking = []
    for fn, after in ((count, {}), (broken, {"failed": window.hear})):
        job = jobs.read(fn, then=lambda _result: taking.append(jobs.awaited), **after)
        assert ended(job)
        assert jobs.awaited
        window.pump()
        assert not jobs.awaited
    assert taking == [True]


def test_nobody_awaits_a_read_that_was_cancelled_or_never_begun(jobs, window):
    begun = threading.Event()
    job = jobs.read(endless, begun, then=window.hear)
    assert begun.wait(LONG)
    job.cancel()
    assert ended(job)
    jobs.close()
    assert not jobs.awaited
    jobs.read(count, then=window.hear)
    assert not jobs.awaited


def test_writes_are_journalled_in_the_order_they_were_asked_for(jobs, window, store):
    for number in range(20):
        jobs.write(settings.change_setting, "order", str(number), actor="anna", then=window.hear)
    window.pump(20)
    assert window.heard == [None] * 20
    with store.read() as session:
        assert settings.get_setting(session, "order") == "19"
    assert store.check() == []


def test_two_readers_run_side_by_side_and_past_an_open_write(jobs, window):
    begun, leave = threading.Event(), threading.Event()
    jobs.write(held_write, begun, leave, actor="anna", then=window.hear)
    assert begun.wait(LONG)
    both = threading.Barrier(2)

    def meet(session):
        both.wait(LONG)
        return count(session)

    jobs.read(meet, then=window.hear)
    jobs.read(meet, then=window.hear)
    window.pump(2)
    assert window.heard == [0, 0]  # as it was before the write that is still open
    leave.set()
    window.pump()
    assert window.heard == [0, 0, "held"]


def test_in_a_channel_the_newest_wins_over_one_that_runs_and_one_that_waits(jobs, window):
    begun, leave = [threading.Event(), threading.Event()], threading.Event()
    other = jobs.read(held, begun[0], leave)
    first = jobs.read(held, begun[1], leave, "first", channel="search", then=window.hear)
    assert begun[0].wait(LONG)
    assert begun[1].wait(LONG)
    second = jobs.read(held, begun[0], leave, "second", channel="search", then=window.hear)
    third = jobs.read(held, begun[0], leave, "third", channel="search", then=window.hear)
    leave.set()
    window.pump()
    assert all(map(ended, (other, first, second, third)))
    assert window.heard == ["third"]
    assert window.waiting.empty()


def test_answer_that_was_overtaken_on_its_way_to_the_window_is_dropped(jobs, window):
    older = jobs.read(lambda session: "older", channel="search", then=window.hear)
    answer = window.waiting.get(timeout=LONG)  # it has arrived, and waits for its turn
    jobs.read(lambda session: "newer", channel="search", then=window.hear)
    answer()
    window.pump()
    assert older.done
    assert window.heard == ["newer"]


def test_failure_that_was_overtaken_is_dropped_too(jobs, window):
    jobs.read(lambda session: 1 / 0, channel="search", failed=window.hear)
    answer = window.waiting.get(timeout=LONG)
    jobs.read(lambda session: "newer", channel="search", then=window.hear)
    answer()
    window.pump()
    assert window.heard == ["newer"]


def test_channels_do_not_disturb_each_other(jobs, window):
    jobs.read(lambda session: "a", channel="a", then=window.hear)
    jobs.read(lambda session: "b", channel="b", then=window.hear)
    window.pump(2)
    assert sorted(window.heard) == ["a", "b"]


def test_cancel_stops_a_long_query_and_says_nothing(jobs, window):
    begun = threading.Event()
    job = jobs.read(endless, begun, then=window.hear, failed=window.hear)
    assert begun.wait(LONG)
    assert "endless" in jobs.current
    job.cancel()
    job.cancel()
    assert ended(job)
    jobs.read(count, then=window.hear)
    window.pump()
    assert window.heard == [0]
    assert jobs.current == ""


def test_cancel_never_hits_the_next_user_of_the_connection(jobs, window):
    for _turn in range(100):
        begun = threading.Event()
        job = jobs.read(endless, begun)
        assert begun.wait(LONG)
        job.cancel()
        jobs.read(count, then=window.hear, failed=window.hear)
    window.pump(100)
    assert window.heard == [0] * 100


def test_cancel_of_a_job_that_has_ended_stops_nobody_else(jobs, window):
    past = jobs.read(count, then=window.hear)
    window.pump()
    begun = threading.Event()
    far = ENDLESS.replace("4000000000", "1000000")

    def long(session):
        connection = session.connection()
        driver = connection.connection.driver_connection
        driver.set_progress_handler(lambda: begun.set() or 0, 10_000)  # begun, in mid-query
        try:
            return connection.exec_driver_sql(far).scalar()
        finally:
            driver.set_progress_handler(None, 0)

    jobs.read(long, then=window.hear, failed=window.hear)
    assert begun.wait(LONG)
    past.cancel()
    window.pump()
    assert window.heard == [0, 1_000_000]


def test_job_that_is_cancelled_before_it_begins_never_runs(jobs, window):
    begun, leave, ran = threading.Event(), threading.Event(), []
    first = jobs.background(held, begun, leave)
    waits = jobs.background(ran.append, then=window.hear)
    assert begun.wait(LONG)
    waits.cancel()
    leave.set()
    assert ended(first)
    assert ended(waits)
    assert ran == []


def test_write_that_has_begun_is_not_cancelled_and_one_that_waits_is(jobs, window, store):
    begun, leave = threading.Event(), threading.Event()
    runs = jobs.write(held_write, begun, leave, actor="anna", then=window.hear)
    waits = jobs.write(settings.change_setting, "late", "1", actor="anna", then=window.hear)
    assert begun.wait(LONG)
    runs.cancel()
    waits.cancel()
    leave.set()
    window.pump()
    assert ended(waits)
    assert window.heard == ["held"]
    with store.read() as session:
        assert settings.get_setting(session, "held") == "1"
        assert settings.get_setting(session, "late") == ""


@pytest.mark.parametrize("lane", ["read", "write", "background"])
@pytest.mark.parametrize("error", [Refused("no"), ZeroDivisionError(), SystemExit(3)])
def test_every_kind_of_error_reaches_failed(jobs, window, lane, error):
    @act("test.fail", "Fail")
    def fail(_first):
        raise error

    options = {"actor": "anna"} if lane == "write" else {}
    getattr(jobs, lane)(fail, then=window.hear, failed=window.hear, **options)
    window.pump()
    (heard,) = window.heard
    assert isinstance(heard, Exception)
    assert error in (heard, heard.__cause__)


def test_error_of_the_database_arrives_as_a_sentence_for_the_user(jobs, window):
    jobs.read(
        lambda session: session.connection().exec_driver_sql("SELECT * FROM nothing"),
        failed=window.hear,
    )
    window.pump()
    assert isinstance(window.heard[0], EnvironmentFault)


def test_error_that_nobody_asked_for_reaches_the_desk(jobs, window):
    jobs.unhandled = window.hear
    jobs.read(lambda session: 1 / 0)
    window.pump()
    assert isinstance(window.heard[0], ZeroDivisionError)
    assert window.threads == {threading.get_ident()}


def test_error_that_even_the_desk_did_not_ask_for_is_raised_in_the_window(jobs, window):
    jobs.read(lambda session: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        window.pump()


def test_progress_is_seen_while_long_work_runs_and_stops_it(jobs, window):
    begun, leave = threading.Event(), threading.Event()

    def sweep(progress):
        progress.step(3, 10, "Names")
        held(None, begun, leave)
        progress.step(4)
        raise AssertionError("went on after it was cancelled")

    job = jobs.background(sweep, then=window.hear, failed=window.hear)
    assert begun.wait(LONG)
    assert (job.progress.done, job.progress.total, job.progress.text) == (3, 10, "Names")
    assert not job.done
    job.cancel()
    leave.set()
    assert ended(job)
    assert window.waiting.empty()


def test_long_work_holds_up_neither_reading_nor_writing(jobs, window):
    begun, leave = threading.Event(), threading.Event()
    jobs.background(held, begun, leave)
    assert begun.wait(LONG)
    jobs.write(settings.change_setting, "a", "1", actor="anna", then=window.hear)
    window.pump()
    jobs.read(count, then=window.hear)
    window.pump()
    assert window.heard == [None, 1]
    leave.set()


def test_close_finishes_every_write_and_stops_reading(store, window):
    jobs = Jobs(store, window.waiting.put)
    begun = threading.Event()
    job = jobs.read(endless, begun, then=window.hear)
    assert begun.wait(LONG)
    for number in range(50):
        jobs.write(settings.change_setting, f"key {number}", "1", actor="anna")
    jobs.close()
    assert job.done
    with store.read() as session:
        assert count(session) == 50


def test_after_close_nothing_is_looked_at_and_no_write_is_lost_in_silence(store, window):
    jobs = Jobs(store, window.waiting.put)
    jobs.close()
    jobs.close()
    assert jobs.read(count, then=window.hear).done
    with pytest.raises(RuntimeError):
        jobs.write(settings.change_setting, "a", "1", actor="anna")
    assert window.waiting.empty()


def test_inline_lanes_run_at_once(store, window):
    jobs = Jobs.inline(store)
    jobs.write(settings.change_setting, "a", "1", actor="anna", then=window.hear)
    jobs.read(count, channel="x", then=window.hear)
    jobs.background(lambda progress, word: word, "done", then=window.hear)
    assert window.heard == [None, 1, "done"]
    jobs.read(lambda session: 1 / 0, failed=window.hear)
    assert isinstance(window.heard[-1], ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        jobs.read(lambda session: 1 / 0)
    jobs.close()
