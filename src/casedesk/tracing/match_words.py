"""Why two records may be one person, or not: each field of a comparison in the user's words."""

from __future__ import annotations

from typing import Final

from casedesk.kernel.language import N_, _
from casedesk.names.levels import FAMILIAR_NAME, INITIAL, SETTLED
from casedesk.names.weights import NAMES, UNKNOWN_NAME, Weighed
from casedesk.people.index import Reason

_GREEN, _ACCENT, _AMBER, _CARMINE = "green", "accent", "amber", "carmine"

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "family": (
        N_("family name differs"),
        N_("family name hardly alike"),
        N_("family name alike"),
        N_("family name nearly equal"),
        N_("family name equal"),
    ),
    "given": (
        N_("given name differs"),
        N_("given name hardly alike"),
        N_("given name alike"),
        N_("given name nearly equal"),
        N_("given name equal"),
    ),
    "patronymic": (
        N_("patronymic differs"),
        N_("patronymic hardly alike"),
        N_("patronymic alike"),
        N_("patronymic nearly equal"),
        N_("patronymic equal"),
    ),
}
_STEPS: Final = (0, 0, 1, 2, 3, 3, 4)
_TONES: Final = (_CARMINE, _AMBER, _ACCENT, _ACCENT, _GREEN)
_INITIALS: Final = {
    "given": N_("initial of the given name agrees"),
    "patronymic": N_("initial of the patronymic agrees"),
}
_FORM: Final = {
    "family": N_("other form of the family name"),
    "given": N_("other form of the given name"),
    "patronymic": N_("other form of the patronymic"),
}
_BORN: Final = (
    ("", ""),
    (_GREEN, N_("born on the same day")),
    (_ACCENT, N_("day and month of birth swapped")),
    (_ACCENT, N_("born on the same date of another year")),
    (_AMBER, N_("birth dates differ in one number")),
    (_GREEN, N_("born in the same month")),
    (_GREEN, N_("born in the same year")),
    (_GREEN, N_("born in the same years")),
    (_ACCENT, N_("born about the same time")),
    (_AMBER, N_("same year, another day of birth")),
    (_AMBER, N_("born a year apart")),
    (_AMBER, N_("born up to 3 years apart")),
    (_CARMINE, N_("born up to 10 years apart")),
    (_CARMINE, N_("born more than 10 years apart")),
    (_AMBER, N_("born up to 3 years apart")),
    (_CARMINE, N_("born at another time")),
)
_OTHERS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "sex": (("", ""), ("", ""), (_CARMINE, N_("sex differs"))),
    "place": (
        ("", ""),
        (_GREEN, N_("place equal")),
        (_ACCENT, N_("place alike")),
        (_AMBER, N_("place differs")),
    ),
    "mother": (
        ("", ""),
        (_GREEN, N_("mother's name equal")),
        (_ACCENT, N_("mother's name alike")),
        (_AMBER, N_("mother's name differs")),
    ),
    "father": (
        ("", ""),
        (_GREEN, N_("father's name equal")),
        (_ACCENT, N_("father's name alike")),
        (_AMBER, N_("father's name differs")),
    ),
    "phone": (("", ""), (_GREEN, N_("same telephone number")), ("", "")),
    "reference": (
        ("", ""),
        (_GREEN, N_("same external reference")),
        (_AMBER, N_("other external reference")),
    ),
}


def reasons(weighed: Weighed, *, contradicted: bool = False) -> tuple[Reason, ...]:
    """One line for each field that was compared, what speaks against it too.

    `contradicted` says that a word of one name is excluded by the other (`names.alone`).
    """
    found: list[Reason] = []
    for name, level in weighed.levels.items():
        if name in NAMES:
            if level != UNKNOWN_NAME:
                tone, words = _name(name, level)
                found.append(Reason(name, tone, _(words)))
            continue
        tone, words = _BORN[level] if name == "born" else _OTHERS[name][level]
        if words:
            found.append(Reason(name, tone, _(words)))
    if weighed.swapped:
        found.append(Reason("swapped", _AMBER, _("family and given name changed places")))
    if contradicted:
        found.append(Reason("names", _CARMINE, _("a word of the name differs")))
    if weighed.relative and weighed.relatives < 6 and weighed.strangers > 0:
        found.append(Reason("relative", _AMBER, _("may be a relative")))
    return tuple(found)


def _name(name: str, level: int) -> tuple[str, str]:
    """The tone and the words for the level of a part of a name."""
    if level in (5, FAMILIAR_NAME):
        return _TONES[3], _FORM[name]
    if level == INITIAL:
        return _AMBER, _INITIALS[name]
    if level > SETTLED:  # alike, but another name
        return _CARMINE, _NAMES[name][0]
    return _TONES[_STEPS[level]], _NAMES[name][_STEPS[level]]
