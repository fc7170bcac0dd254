"""The words of tracing: what statuses, outcomes and kinds are called, and how a number is read."""

from __future__ import annotations

import datetime as dt
import re

from casedesk.kernel.language import N_, _, short_date
from casedesk.tracing.records import (
    ActionKind,
    ActionOutcome,
    CaseKind,
    Fate,
    Means,
    Outcome,
    Priority,
    Reliability,
    Sharing,
    Status,
    ToldBy,
)

STATUS: dict[Status, tuple[str, str]] = {
    Status.DRAFT: (N_("Draft"), "neutral"),
    Status.RECEIVED: (N_("Received"), "amber"),
    Status.NOT_ACCEPTED: (N_("Not accepted"), "muted"),
    Status.OPEN: (N_("Accepted"), "neutral"),
    Status.IN_TRACING: (N_("Searching"), "accent"),
    Status.INFORMATION_RECEIVED: (N_("Information"), "amber"),
    Status.VERIFIED: (N_("Verified"), "amber"),
    Status.FAMILY_INFORMED: (N_("Family informed"), "green"),
    Status.CLOSED: (N_("Closed"), "muted"),
    Status.PENDING: (N_("Waiting"), "amber"),
    Status.SUSPENDED: (N_("Suspended"), "muted"),
    Status.TRANSFERRED: (N_("Handed over"), "muted"),
    Status.MERGED: (N_("Duplicate"), "muted"),
}
"""What a status is called, and the tone of its tag."""

STEPS: tuple[tuple[Status, str], ...] = (
    (Status.RECEIVED, N_("Received")),
    (Status.OPEN, N_("Accepted")),
    (Status.IN_TRACING, N_("Searching")),
    (Status.INFORMATION_RECEIVED, N_("Information")),
    (Status.VERIFIED, N_("Verified")),
    (Status.FAMILY_INFORMED, N_("Family informed")),
    (Status.CLOSED, N_("Closed")),
)

KIND: dict[CaseKind, str] = {
    CaseKind.MISSING_COMBATANT: N_("Missing combatant"),
    CaseKind.POW_ALLEGATION: N_("Prisoner of war, by report"),
    CaseKind.MISSING_CIVILIAN: N_("Missing civilian"),
    CaseKind.CHILD: N_("Child"),
    CaseKind.REMAINS_REQUEST: N_("Request for remains"),
    CaseKind.OTHER: N_("Other"),
}
PRIORITY: dict[Priority, str] = {
    Priority.NORMAL: N_("Normal"),
    Priority.HIGH: N_("High"),
    Priority.URGENT: N_("Urgent"),
}
OUTCOME: dict[Outcome, str] = {
    Outcome.CONTACT_RESTORED: N_("Located, contact restored"),
    Outcome.ALIVE_NO_ADDRESS: N_("Alive, does not want the address known"),
    Outcome.DEPRIVED_OF_LIBERTY: N_("Deprived of liberty, visited or notified"),
    Outcome.DEAD: N_("Fate known: dead"),
    Outcome.RETURNED: N_("Returned, released or exchanged"),
    Outcome.REUNITED: N_("Reunited"),
    Outcome.REUNITED_ELSEWHERE: N_("Found by others"),
    Outcome.WITHDRAWN: N_("The family no longer asks"),
    Outcome.ENQUIRER_LOST: N_("The family cannot be reached"),
    Outcome.NOT_ELIGIBLE: N_("Not a case for tracing"),
    Outcome.NO_FURTHER_ACTION: N_("Nothing more can be done"),
    Outcome.DUPLICATE: N_("Duplicate"),
    Outcome.TRANSFERRED: N_("Handed over"),
}
ACTION: dict[ActionKind, str] = {
    ActionKind.LIST_CHECK: N_("Lists checked"),
    ActionKind.AUTHORITY_REQUEST: N_("Request to an authority"),
    ActionKind.INDIVIDUAL_TRACING: N_("Individual search"),
    ActionKind.MASS_TRACING: N_("Search with others"),
    ActionKind.PHOTO_TRACING: N_("Photo tracing"),
    ActionKind.FIELD_VISIT: N_("Field visit"),
    ActionKind.FAMILY_CALL: N_("Call to the family"),
    ActionKind.REFERRAL: N_("Referral"),
    ActionKind.OTHER: N_("Other"),
}
ANSWER: dict[ActionOutcome, tuple[str, str]] = {
    ActionOutcome.PENDING: (N_("Waiting for an answer"), "amber"),
    ActionOutcome.SUCCESSFUL: (N_("Answered"), "green"),
    ActionOutcome.UNSUCCESSFUL: (N_("No result"), "muted"),
}
RELIABILITY: dict[Reliability, tuple[str, str]] = {
    Reliability.CONFIRMED: (N_("Confirmed"), "green"),
    Reliability.PROBABLE: (N_("Probable"), "accent"),
    Reliability.DOUBTFUL: (N_("Doubtful"), "amber"),
    Reliability.UNKNOWN: (N_("Not known how reliable"), "neutral"),
}
FATE: dict[Fate, str] = {
    Fate.ALIVE: N_("Alive"),
    Fate.DEAD: N_("Dead"),
    Fate.UNKNOWN: N_("Fate not known"),
}
SHARING: dict[Sharing, str] = {
    Sharing.YES: N_("May be shared with the family"),
    Sharing.NO: N_("Not to be shared with the family"),
    Sharing.AFTER_CONSENT: N_("To be shared after consent"),
}
MEANS: dict[Means, str] = {
    Means.IN_PERSON: N_("In person"),
    Means.PHONE: N_("By phone"),
    Means.LETTER: N_("By letter"),
    Means.ONLINE: N_("Online"),
}
TOLD_BY: dict[ToldBy, str] = {
    ToldBy.DELEGATION: N_("The delegation"),
    ToldBy.NATIONAL_SOCIETY: N_("The National Society"),
}


def read_number(number: str) -> str:
    """Group a case number as it is read aloud: 2024-018441-7 becomes 2024-018 441."""
    match = re.fullmatch(r"(\d{4})-(\d{3})(\d{3})-\d", number)
    return f"{match[1]}-{match[2]} {match[3]}" if match else number


def case_title(number: str) -> str:
    """Name a case for people: Case 2024-018 441."""
    return _("Case {number}").format(number=read_number(number))


def born(first: dt.date | None, last: dt.date | None) -> str:
    """Write a date of birth as exactly as it is known: 9 Mar 1987, 1987, 1985 to 1989."""
    if first is None or last is None:
        return ""
    if first == last:
        return short_date(first)
    if first.year == last.year:
        return str(first.year)
    return _("{first} to {last}").format(first=first.year, last=last.year)


def due(day: dt.date, today: dt.date) -> tuple[str, str]:
    """Say when something is due, and in which tone."""
    if day < today:
        return _("Overdue since {date}").format(date=short_date(day)), "carmine"
    if day == today:
        return _("Due today"), "amber"
    return _("Due {date}").format(date=short_date(day)), "neutral"
