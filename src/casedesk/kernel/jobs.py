"""Jobs: work away from the window, in lanes: one writer, two readers, one for long work.

Knows no Qt: whatever comes back goes through `post`, which the desk makes of one queued signal.
A job that was cancelled says nothing any more, neither `then` nor `failed`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from casedesk.kernel.errors import Cancelled
from casedesk.kernel.store import Store

Post = Callable[[Callable[[], None]], None]
Then = Callable[[Any], None]
Failed = Callable[[Exception], None]
Step = Callable[[int, int], None]
"""Hears now and then how much of a long work is done, and of how much; may raise to stop it."""

# One interrupt can be lost between two statements, so it is repeated until the job has ended.
REPEAT = 0.05
_RANK = 5


class Progress:
    """How far a long job is: the job writes, the window looks now and then."""

    def __init__(self) -> None:
        """Begin at nothing done."""
        self.done = 0
        self.total = 0
        self.text = ""
        self.cancelled = False

    def step(self, done: int, total: int | None = None, text: str | None = None) -> None:
        """Note how much is done; raises `Cancelled` where the user has stopped the job."""
        if self.cancelled:
            raise Cancelled("stopped")
        self.done = done
        if total is not None:
            self.total = total
        if text is not None:
            self.text = text


class Job:
    """One piece of work that was asked for."""

    def __init__(self, name: str, *, channel: str | None = None, firm: bool = False) -> None:
        """Name a job; a firm one (a write) cannot be cancelled any more once it has begun."""
        self.name = name
        self.channel = channel
        self.progress = Progress()
        self._firm = firm
        self._lock = threading.Lock()
        self._begun = False
        self._ended = threading.Event()
        self._connection: Any = None
        self._stopping = False

    @property
    def done(self) -> bool:
        """Tell whether the work has ended, in whatever way."""
        return self._ended.is_set()

    def cancel(self) -> None:
        """Stop the job as soon as can be; its callbacks never run. Safe to call at any time."""
        with self._lock:
            if self._firm and self._begun:
                return
            self.progress.cancelled = True
            if self._connection is None or self._stopping:
                return
            self._stopping = True
            self._connection.interrupt()
        threading.Thread(target=self._interrupt, name="casedesk-cancel", daemon=True).start()

    def _interrupt(self) -> None:
        while not self._ended.wait(REPEAT):
            with self._lock:
                if self._connection is None:
                    return
                self._connection.interrupt()

    def _begin(self) -> bool:
        with self._lock:
            self._begun = not self.progress.cancelled
            return self._begun

    def _hold(self, connection: Any) -> None:
        """Let `cancel` interrupt this connection, until it is held no more."""
        with self._lock:
            if connection is not None and self.progress.cancelled:
                raise Cancelled("stopped")
            self._connection = connection


class Jobs:
    """The lanes over one open file."""

    def __init__(self, store: Store, post: Post) -> None:
        """Start lanes whose callbacks are handed to `post`."""
        self.store = store
        self.unhandled: Failed = _raise
        """Takes the errors of jobs without `failed`; raises them until the desk sets it."""
        self._post = post
        self._lock = threading.Lock()
        self._jobs: dict[Job, str] = {}  # unfinished jobs, with the words of those that run
        self._channels: dict[str, Job] = {}
        self._awaited: set[Job] = set()  # reads whose answer has not reached the window yet
        self._closed = False
        self._reader: ThreadPoolExecutor | None = ThreadPoolExecutor(2, "casedesk-read")
        self._writer: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "casedesk-write")
        self._long: ThreadPoolExecutor | None = ThreadPoolExecutor(
            1, "casedesk-long", initializer=_stand_back
        )

    @classmethod
    def inline(cls, store: Store) -> Self:
        """Make lanes that run everything at once in the caller; for tests."""
        jobs = cls(store, lambda callback: callback())
        jobs._reader = jobs._writer = jobs._long = None
        return jobs

    @property
    def current(self) -> str:
        """Name what runs at this moment, for whoever looks for the cause of a stall."""
        with self._lock:
            return ", ".join(words for words in self._jobs.values() if words)

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for what is read, or for the window to take the answer in.

        Long work that stands still meanwhile leaves both the interpreter to themselves.
        """
        return bool(self._awaited)

    def read(
        self,
        fn: Callable[..., Any],
        *args: Any,
        channel: str | None = None,
        then: Then | None = None,
        failed: Failed | None = None,
        **kw: Any,
    ) -> Job:
        """Run `fn(session, ...)` over one state of the file; in a channel the newest job wins."""
        job = Job("read " + _name(fn), channel=channel)
        older: Job | None = None
        with self._lock:
            self._awaited.add(job)
            if channel is not None:
                older = self._channels.get(channel)
                self._channels[channel] = job
        if older is not None:
            older.cancel()

        def work() -> Any:
            with self.store.read() as session:
                job._hold(session.connection().connection.driver_connection)
                try:
                    return fn(session, *args, **kw)
                finally:
                    # The connection goes back to the pool: nobody may interrupt its next user.
                    job._hold(None)

        return self._start(self._reader, job, work, then, failed)

    def write(
        self,
        act: Callable[..., Any],
        *args: Any,
        actor: str,
        then: Then | None = None,
        failed: Failed | None = None,
        **kw: Any,
    ) -> Job:
        """Run an act in its transaction; `then` gets what the act returned."""
        job = Job("write " + _name(act), firm=True)

        def work() -> Any:
            return self.store.write(act, *args, actor=actor, **kw)[0]

        return self._start(self._writer, job, work, then, failed)

    def background(
        self,
        fn: Callable[..., Any],
        *args: Any,
        then: Then | None = None,
        failed: Failed | None = None,
        **kw: Any,
    ) -> Job:
        """Run `fn(progress, ...)`, which takes long and calls `progress.step` now and then."""
        job = Job("background " + _name(fn))
        return self._start(self._long, job, lambda: fn(job.progress, *args, **kw), then, failed)

    def close(self) -> None:
        """Stop reading and long work, let every write end, and wait for all of it."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs)
        for job in jobs:
            if not job._firm:
                job.cancel()
        for lane in (self._reader, self._writer, self._long):
            if lane is not None:
                lane.shutdown()

    def _start(
        self,
        lane: ThreadPoolExecutor | None,
        job: Job,
        work: Callable[[], Any],
        then: Then | None,
        failed: Failed | None,
    ) -> Job:
        with self._lock:
            if self._closed:
                if job._firm:
                    raise RuntimeError("a write after the lanes were closed")
                job.cancel()  # a page that is going away looks at nothing any more
                self._awaited.discard(job)
                job._ended.set()
                return job
            self._jobs[job] = ""
            if lane is not None:
                lane.submit(self._run, job, work, then, failed)
        if lane is None:
            self._run(job, work, then, failed)
        return job

    def _run(
        self,
        job: Job,
        work: Callable[[], Any],
        then: Then | None,
        failed: Failed | None,
    ) -> None:
        callback: Callable[[Any], None] | None = None
        outcome: Any = None
        try:
            if job._begin():
                with self._lock:
                    self._jobs[job] = job.name
                outcome = work()
                callback = then
        except Cancelled:
            job.progress.cancelled = True
        except BaseException as error:  # a thread has nobody above it who would hear of it
            if self._writer is None and not isinstance(error, Exception):
                raise
            outcome = error if isinstance(error, Exception) else _wrapped(error)
            callback = failed or self._unhandled
        finally:
            with self._lock:
                self._jobs.pop(job, None)
            job._ended.set()
        if callback is None or job.progress.cancelled:
            self._leave_channel(job)
            self._answered(job)
        else:
            self._post(lambda: self._deliver(job, callback, outcome))

    def _deliver(self, job: Job, callback: Callable[[Any], None], outcome: Any) -> None:
        self._leave_channel(job)
        # It may have been cancelled, or overtaken, while the callback waited for its turn.
        try:
            if not job.progress.cancelled:
                callback(outcome)
        finally:
            self._answered(job)

    def _answered(self, job: Job) -> None:
        with self._lock:
            self._awaited.discard(job)

    def _leave_channel(self, job: Job) -> None:
        with self._lock:
            if job.channel is not None and self._channels.get(job.channel) is job:
                del self._channels[job.channel]

    def _unhandled(self, error: Exception) -> None:
        self.unhandled(error)


def _stand_back() -> None:
    """Let the threads that somebody waits for go first where processors are few.

    Linux alone gives each thread a rank of its own and lets Python say so. Not far back: while this
    one holds the interpreter, the others wait for it.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a system may forbid it
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _RANK)


def _name(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", None) or "built-in"
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"{module.removeprefix('casedesk.')}.{name}"


def _wrapped(error: BaseException) -> Exception:
    wrapped = RuntimeError(f"a job ended with {type(error).__name__}")
    wrapped.__cause__ = error
    return wrapped


def _raise(error: Exception) -> None:
    raise error
