"""Bridge from worker threads to the window, and a lane for drafts and locking."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

Post = Callable[[Callable[[], None]], None]


class _Courier(QObject):
    """Lives on the window thread; what other threads hand over runs there, in order."""

    handed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.handed.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def _run(self, answer: Callable[[], None]) -> None:
        answer()


def window_post() -> Post:
    """Give a function that runs its argument on the window thread; call it on that thread."""
    courier = _Courier()

    def post(answer: Callable[[], None]) -> None:
        courier.handed.emit(answer)  # a bound signal alone would not keep the courier alive

    return post


def at_once(answer: Callable[[], None]) -> None:
    """Post without waiting: for tests and pictures, where everything runs in one thread."""
    answer()


class Lane:
    """One thread for what must happen in order: keep a draft, drop it, lock, unlock."""

    def __init__(self, post: Post = at_once, *, inline: bool = False) -> None:
        """Answer through `post`; `inline` runs everything in the caller."""
        self.post = post
        self._pool = None if inline else ThreadPoolExecutor(1, "casedesk-lane")

    def do(
        self,
        fn: Callable[..., Any],
        *args: Any,
        then: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run `fn(*args)` after everything asked before; answer on the window thread."""

        def work() -> None:
            try:
                result = fn(*args)
            except Exception as error:
                kept = error  # the name `error` is gone when the answer runs
                if failed is not None:
                    self.post(lambda: failed(kept))
            else:
                if then is not None:
                    self.post(lambda: then(result))

        if self._pool is None:
            work()
        else:
            self._pool.submit(work)

    def close(self) -> None:
        """Finish what was asked, then stop."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
