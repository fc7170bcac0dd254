"""Why a name was found, as codes: which part agrees, and in what way. Words are the caller's."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from casedesk.names.engine import Found
from casedesk.names.fold import fold_start, readings
from casedesk.names.given import classes
from casedesk.names.rows import Rows

Kind = Literal["same", "form", "beginning", "similar", "initial", "differs"]
FIELDS: Final = ("family", "given", "patronymic")


class Reason(NamedTuple):
    """One part of a name, and how it fits what was typed."""

    field: str
    kind: Kind


def reasons(found: Found, rows: Rows) -> tuple[Reason, ...]:
    """The parts of the found name in their order, each with how it fits."""
    entries = rows.entries[rows.starts[found.row] : rows.starts[found.row + 1]]
    kinds: dict[int, Kind] = {}
    used: set[int] = set()
    for agreement in found.agreements:
        used.add(agreement.place)
        kind: Kind = "initial"
        if agreement.word >= 0:
            key = rows.vocabulary.key(entries[agreement.place] >> 2)
            kind = _kind(found.words[agreement.word], key, agreement.gain)
        old = kinds.get(agreement.role)
        if old is None or _ORDER.index(kind) > _ORDER.index(old):
            kinds[agreement.role] = kind
    if sum(agreement.word >= 0 for agreement in found.agreements) < len(found.words):
        for place, entry in enumerate(entries):
            if place not in used and entry & 3 not in kinds:
                kinds[entry & 3] = "differs"
    return tuple(Reason(FIELDS[role], kind) for role, kind in sorted(kinds.items()))


_ORDER: Final[tuple[Kind, ...]] = ("same", "form", "beginning", "similar", "initial", "differs")


def _kind(word: str, key: str, gain: float) -> Kind:
    keys = readings(word)
    if gain >= 1.0 or key in keys:
        return "same"
    own = {number for number, _weight in classes(key)}
    if any(number in own for mine in keys for number, _weight in classes(mine)):
        return "form"
    start = fold_start(word)
    if start and key.startswith(start):
        return "beginning"
    return "similar"
