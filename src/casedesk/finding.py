"""What the palette finds in the file: people and cases by name or number, calls by caller."""

from __future__ import annotations

import re

from sqlmodel import Session, col, select

from casedesk import intake
from casedesk.desk.page import Place
from casedesk.hotline.door import Typed, case_words
from casedesk.hotline.records import Enquiry
from casedesk.hotline.rules import names_of
from casedesk.kernel.language import _, date_text
from casedesk.people import index

MOST = 5
_CASE_NUMBER = re.compile(r"\d{4}[\s-]?\d{3}")


def warm(session: Session) -> None:
    """Load what the first search would have to wait for: the connection and the index of names."""
    index.search(session, "а", limit=1)


def people_and_cases(session: Session, text: str) -> list[Place]:
    """Find the cases of those who bear the name, or the case that has the number."""
    numbered = _CASE_NUMBER.match(text.strip()) is not None
    places: list[Place] = []
    asked = Typed(name=text, everybody=True)  # closed cases are looked for here, too
    for row in intake.candidates(session, asked, 4 * MOST).rows:
        if row.case_id is None or len(places) == MOST:
            continue
        case = case_words(row.case_number)
        # A person is known by script, birth and place; each part stands alone, so no sentence.
        known = [part for part in (row.latin, row.born, row.place) if part]
        title, rest = (case, [row.name, *known]) if numbered else (row.name, [*known, case])
        places.append(
            Place(
                title=title,
                subtitle=" · ".join(rest),
                kind="case" if numbered else "person",
                page="case",
                args=(("case_id", row.case_id),),
            )
        )
    return places


def calls(session: Session, text: str) -> list[Place]:
    """Find the newest calls of those who bear the name, or called from the number."""
    callers = [hit.person_id for hit in index.search(session, text, limit=20)]
    if not callers:
        return []
    found = session.exec(
        select(Enquiry)
        .where(col(Enquiry.caller_id).in_(callers))
        .order_by(col(Enquiry.received_on).desc(), col(Enquiry.id).desc())
        .limit(MOST)
    ).all()
    names = names_of(session, {call.caller_id for call in found})
    return [
        Place(
            title=names.get(call.caller_id or 0, ("", ""))[0] or _("Caller not known"),
            subtitle=f"{date_text(call.received_on)} {call.received_at}".strip(),
            kind="call",
            page="hotline",
            args=(("enquiry_id", call.id),),
        )
        for call in found
    ]
