"""Cases by a part of their number; the catalog hands this to the search for persons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel.language import _
from casedesk.tracing.records import TracingCase

_NUMBER: Final[Any] = sa.func.replace(col(TracingCase.number), "-", "")
_PART: Final[Any] = sa.bindparam("part", type_=sa.String)
_HOLDING: Final[Any] = (
    sa.select(col(TracingCase.person_id))
    .where(sa.func.instr(_NUMBER, _PART) > 0)
    .order_by(col(TracingCase.number).desc())
    .limit(200)
)


def by_part_of_case_number(session: Session, digits: str) -> Iterable[tuple[int, str]]:
    """The persons of cases whose number holds these digits, however it is parted; newest first."""
    persons = session.connection().execute(_HOLDING, {"part": digits}).scalars()
    return [(cast(int, person), _("part of the case number")) for person in persons]
