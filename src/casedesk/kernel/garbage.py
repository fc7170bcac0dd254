"""When cyclic garbage is collected: by one thread only, and never while much is being made.

Python collects on whichever thread happens to allocate. A window or a timer that is part of a
cycle would so be deleted on the thread of a reader; Qt keeps its timers for each thread, and later
calls one that is gone (seen: a crash in QTimerInfoList::activateTimers). A program with a window
therefore collects by hand, in turns of its own thread; without a window all stays as Python has it.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

YOUNG, MIDDLE, OLD = 700, 3, 10
"""So many new objects, and so many turns of the generation below. The values are Python's, but for
the second: between two turns more is made than between two of Python's collections, and walking
over ten of them at once took 44 ms. All is only looked through when it has grown by a quarter,
which is Python's own rule too."""

_kept = 0
_next = OLD
_held = 0
_counting = threading.Lock()


def by_hand() -> None:
    """Collect in `turn` alone, from now on."""
    gc.disable()


def turn() -> None:
    """Collect what is due; call it some times in a second, on the window thread."""
    if _held or gc.isenabled():
        return
    young, middle, old = gc.get_count()
    if _grown(old):
        gc.collect()
        _settled()
    elif middle > MIDDLE:
        gc.collect(1)
    elif young > YOUNG:
        gc.collect(0)


def _grown(old: int) -> bool:
    """Count what there is, but not in every turn: for that a list is made of all of it."""
    global _next
    _next = min(_next, old + OLD)  # after a collection of all, `old` begins again
    if old <= _next:
        return False
    _next = old + OLD
    return len(gc.get_objects(generation=2)) > _kept * 1.25


def _settled() -> None:
    global _kept
    _kept = len(gc.get_objects(generation=2))


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Collect nothing meanwhile: that walks over all that was made so far, and everybody waits."""
    global _held  # the collector is one for the process
    on = gc.isenabled()
    gc.disable()
    with _counting:
        _held += 1
    try:
        yield
    finally:
        with _counting:
            _held -= 1
        if on:
            gc.enable()
