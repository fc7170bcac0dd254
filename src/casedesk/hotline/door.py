"""What a call may ask of the register of cases, which the hotline does not know itself.

`app` fills a `CaseDoor` with functions of `casedesk.intake`; without one, calls are kept without
looking for cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from casedesk.hotline.records import EnquiryDraft, EnquirySoughtDraft
from casedesk.hotline.rules import NewSought, contact_values
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.language import _
from casedesk.people.records import Sex
from casedesk.people.rules import NewPerson

WEAK = 0.60
"""Matches below this score are folded away until they are asked for."""


@dataclass(frozen=True)
class Typed:
    """What a caller has said of the person sought, as far as it is typed by now."""

    name: str = ""
    born: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    mother: str = ""
    place: str = ""
    contact: PartialDate | None = None
    caller_id: int | None = None
    caller: str = ""  # what the caller is called; shown beside the enquirers, not compared
    everybody: bool = False  # all persons, not only those with an open case


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """One field of a call held against the same field of a case; `chip` is empty for no chip."""

    key: str
    label: str
    said: str
    kept: str
    tone: str  # green equal, accent near, amber apart, carmine against, muted unknown
    result: str
    chip: str = ""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """Somebody in the file who may be the person sought, with what speaks for and against."""

    person_id: int
    case_id: int | None
    case_number: str
    name: str
    latin: str
    born: str
    place: str
    since: str
    score: float
    fields: tuple[FieldMatch, ...] = ()

    @property
    def weak(self) -> bool:
        """Whether the match is folded away at first."""
        return self.score < WEAK

    @property
    def key(self) -> int:
        """Tell this row from the others of one list: the case where there is one."""
        return self.case_id if self.case_id is not None else -self.person_id

    @property
    def chips(self) -> tuple[tuple[str, str], ...]:
        """Words and tone of the fields that say something about this match, in their order."""
        return tuple((match.chip, match.tone) for match in self.fields if match.chip)


@dataclass(frozen=True)
class Found:
    """The answer to a search: best first, and among how many was looked."""

    rows: tuple[CandidateRow, ...] = ()
    among: int = 0


@dataclass(frozen=True)
class About:
    """One person a call is about, and what becomes of it: a link, a new case, or neither."""

    person: NewPerson | int
    relation: str = ""
    case_id: int | None = None
    new_case: bool = False
    last_place: str = ""
    last_contact: PartialDate | None = None

    def sought(self) -> NewSought | EnquirySoughtDraft:
        """Give what the hotline alone keeps of it."""
        if isinstance(self.person, NewPerson):
            return NewSought(self.person, self.relation, self.last_place, self.last_contact)
        return EnquirySoughtDraft.checked(
            {
                "person_id": self.person,
                "relation": self.relation,
                "last_place": self.last_place,
                **contact_values(self.last_contact),
            }
        )


@dataclass(frozen=True)
class Taken:
    """A call that was kept: its number, and the cases it was linked to or opened."""

    enquiry_id: int
    cases: tuple[tuple[int, str], ...] = ()


Act = Callable[[Session, EnquiryDraft, Sequence[About], NewPerson | int | None], Taken]


@dataclass(frozen=True)
class CaseDoor:
    """The functions of `casedesk.intake`: see there."""

    candidates: Callable[[Session, Typed, int], Found]
    enquirer_in: Callable[[Session, int], list[str]]
    call_for_case: Act
    call_to_case: Act
    case_id: Callable[[Session, str], int | None]


def spoken_number(number: str) -> str:
    """Write a case number as it is read aloud: 2024-018441-7 is 2024-018 441."""
    parts = number.split("-")
    if len(parts) == 3 and len(parts[1]) == 6:
        return f"{parts[0]}-{parts[1][:3]}\u00a0{parts[1][3:]}"
    return number


def case_words(number: str) -> str:
    """Name a case by its number where nothing else says that it is one."""
    return _("Case {number}").format(number=spoken_number(number))
