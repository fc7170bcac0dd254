"""Acts: the verbs of the program. A change to records is an act, and has a name and words.

An act is a plain function of a session. It MUST NOT commit or open a session; it may call other
acts as functions. `Store.write` runs it in one transaction and journals it under its key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Act:
    """What the journal and the Undo menu know of a verb."""

    key: str
    label: str
    undoable: bool = True


def act(key: str, label: str, *, undoable: bool = True) -> Callable[[F], F]:
    """Declare a function as an act, for example `@act("hotline.log_call", N_("Log call"))`."""

    def declare(function: F) -> F:
        setattr(function, "act", Act(key, label, undoable))  # noqa: B010 (mypy: unknown attribute)
        return function

    return declare


def act_of(function: Callable[..., Any]) -> Act:
    """Tell what a function does as an act; a function that is none is our own mistake."""
    declared = getattr(function, "act", None)
    if not isinstance(declared, Act):
        raise TypeError(f"{getattr(function, '__qualname__', function)} is not an act")
    return declared
