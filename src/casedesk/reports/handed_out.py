"""What left the house: every copy of a sheet about a person, to whom it went and why.

Who gave it out, and when, stands in the journal. The hash tells whether a paper or a file that
turns up somewhere is one of these copies.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, col

from casedesk.kernel.acts import act
from casedesk.kernel.fields import Ui
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record
from casedesk.people.records import name_text
from casedesk.reports.layout import Drawn

CASE, DISTRIBUTION = "case", "distribution"


class HandedOutFields(SQLModel):
    """One copy that left the house."""

    sheet: Annotated[str, Ui(N_("Sheet"), N_("Copy"), 110)] = Field(min_length=1, max_length=40)
    number: Annotated[str, Ui(N_("About"), N_("Copy"), 110)] = Field(
        min_length=1, max_length=40, index=True
    )
    """The number of the case, or of the round."""
    profile: Annotated[str, Ui(N_("Profile"), N_("Copy"), 90)] = Field(
        default="internal", max_length=20
    )
    to_whom: Annotated[str, Ui(N_("To whom"), N_("Copy"), 180)] = Field(default="", max_length=200)
    why: Annotated[str, Ui(N_("Why"), N_("Copy"), 220)] = Field(default="", max_length=500)
    pages: Annotated[int, Ui(N_("Pages"), N_("Copy"), 60)] = Field(ge=1, le=100_000)
    sha256: Annotated[str, Ui(N_("Fingerprint"), N_("Copy"), 160)] = Field(
        min_length=64, max_length=64
    )


class HandedOutDraft(Draft, HandedOutFields):
    """A copy as it is given out; nobody takes one without a name and a reason."""

    @field_validator("to_whom", "why", mode="before")
    @classmethod
    def _visible(cls, value: Any) -> Any:
        return name_text(value)

    @field_validator("to_whom")
    @classmethod
    def _to_somebody(cls, value: str) -> str:
        if not value:
            raise ValueError(_("Say to whom the sheet goes."))
        return value

    @field_validator("why")
    @classmethod
    def _for_something(cls, value: str) -> str:
        if not value:
            raise ValueError(_("Say why the sheet is given out."))
        return value


class HandedOut(Record, HandedOutFields, table=True):
    """One copy that left the house; never changed."""

    __tablename__ = "handed_out"
    Draft: ClassVar[type[HandedOutDraft]] = HandedOutDraft


@act("reports.hand_out", N_("Give out a sheet"), undoable=False)
def hand_out(session: Session, draft: HandedOutDraft) -> HandedOut:
    """Note a copy before it is written: none leaves without a line here."""
    made = HandedOut.of(draft)
    session.add(made)
    session.flush()
    return made


def draft_of(
    drawn: Drawn, *, sheet: str, number: str, profile: str, to: str, why: str
) -> HandedOutDraft:
    """Describe a copy that is ready; say what is missing where nobody or no reason is named."""
    return HandedOutDraft.checked(
        {
            "sheet": sheet,
            "number": number,
            "profile": profile,
            "to_whom": to,
            "why": why,
            "pages": drawn.pages,
            "sha256": hashlib.sha256(drawn.data).hexdigest(),
        }
    )


def copies(session: Session, sheet: str, number: str) -> tuple[int, ...]:
    """List the ids of the copies about a case or a round, oldest first."""
    rows = session.execute(
        sa.select(col(HandedOut.id))
        .where(col(HandedOut.sheet) == sheet, col(HandedOut.number) == number)
        .order_by(col(HandedOut.id))
    )
    return tuple(rows.scalars())


def subjects(
    session: Session, case_number: str
) -> tuple[tuple[type[Record], tuple[int, ...]], ...]:
    """Give the copies of a case for its history, beside its other records."""
    return ((HandedOut, copies(session, CASE, case_number)),)
