"""External figures: wider than this delegation's records, with a source and an as-of date.

They are never added to counted ones. The newest value that was true by a day is the one printed.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import field_validator
from sqlmodel import Field, Session, SQLModel, col, select

from casedesk.kernel import clock
from casedesk.kernel.acts import act
from casedesk.kernel.fields import Ui
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Draft, Record


class ExternalFigureFields(SQLModel):
    """A number that somebody else counted."""

    key: Annotated[str, Ui(N_("Figure"), width=160)] = Field(max_length=64, index=True)
    value: Annotated[int, Ui(N_("Value"), width=90)] = Field(ge=0)
    source: Annotated[str, Ui(N_("Source"), width=240)] = Field(min_length=1, max_length=200)
    as_of: Annotated[dt.date, Ui(N_("As of"), width=90)]


class ExternalFigureDraft(Draft, ExternalFigureFields):
    """What may be recorded as an external figure."""

    @field_validator("as_of")
    @classmethod
    def _not_future(cls, value: dt.date) -> dt.date:
        if value > clock.today():
            raise ValueError(_("The date lies in the future."))
        return value


class ExternalFigure(Record, ExternalFigureFields, table=True):
    """An external figure as recorded."""

    __tablename__ = "external_figure"
    Draft: ClassVar[type[Draft]] = ExternalFigureDraft


@act("reports.record_external", N_("Record external figures"))
def record(session: Session, drafts: list[ExternalFigureDraft]) -> None:
    """Record external figures beside the earlier ones, which stay."""
    for draft in drafts:
        session.add(ExternalFigure.of(draft))


def newest(session: Session, key: str, day: dt.date) -> ExternalFigure | None:
    """Give the value of a figure that was true on a day or last before it."""
    return session.exec(
        select(ExternalFigure)
        .where(ExternalFigure.key == key, ExternalFigure.as_of <= day)
        .order_by(col(ExternalFigure.as_of).desc(), col(ExternalFigure.id).desc())
        .limit(1)
    ).first()


def published() -> list[ExternalFigureDraft]:
    """Give the figures of the network of all delegations: sheets of 2024, May to August 2025."""
    return [
        ExternalFigureDraft(key=key, value=value, source=source, as_of=as_of)
        for source, as_of, values in (
            (
                "Published sheet, February 2025 (illustrative)",
                dt.date(2024, 12, 31),
                {"open_cases": 43_000, "families_informed": 10_800},
            ),
            (
                "Published sheet, September 2025 (illustrative)",
                dt.date(2025, 8, 31),
                {"prisoners_visited": 7_143, "open_cases": 154_200, "families_informed": 14_800},
            ),
        )
        for key, value in values.items()
    ]
