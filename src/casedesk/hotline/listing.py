"""The list of calls: its columns, and what can be asked of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from casedesk.hotline.door import spoken_number
from casedesk.hotline.records import (
    Channel,
    Enquiry,
    EnquirySought,
    EnquiryStatus,
    Reason,
)
from casedesk.hotline.rules import call_backs_due
from casedesk.kernel import clock
from casedesk.kernel.fields import PartialDate, phone_key
from casedesk.kernel.language import N_, _, month_text, short_date
from casedesk.kernel.query import Cell, Column, Condition, Field, Listing, Sort, Tagged
from casedesk.names.fold import fold_start, readings
from casedesk.names.parse import tokens
from casedesk.people.records import NameToken, PersonName, Script

REASONS: dict[Reason, str] = {
    Reason.SEEKING_RELATIVE: N_("Seeking a relative"),
    Reason.CASE_STATUS: N_("News of a case"),
    Reason.MESSAGE: N_("Message"),
    Reason.ASSISTANCE: N_("Assistance"),
    Reason.SCAM: N_("Scam"),
    Reason.OTHER: N_("Other"),
    Reason.PRISONER_NEWS: N_("News of a prisoner"),
    Reason.REMAINS: N_("Remains"),
    Reason.REUNIFICATION: N_("Reunification"),
    Reason.DOCUMENT: N_("Document"),
    Reason.COMPLAINT: N_("Complaint"),
}
STATUSES: dict[EnquiryStatus, tuple[str, str]] = {
    EnquiryStatus.NEW: (N_("New"), "accent"),
    EnquiryStatus.IN_PROGRESS: (N_("In progress"), "accent"),
    EnquiryStatus.ANSWERED: (N_("Answered"), "neutral"),
    EnquiryStatus.CALL_BACK: (N_("Call back"), "amber"),
    EnquiryStatus.LINKED: (N_("Linked"), "green"),
    EnquiryStatus.REFERRED: (N_("Referred"), "neutral"),
    EnquiryStatus.SPAM: (N_("Spam"), "muted"),
}
CHANNELS: dict[Channel, str] = {
    Channel.PHONE: N_("Telephone"),
    Channel.ONLINE: N_("Online"),
    Channel.LETTER: N_("Letter"),
    Channel.VISIT: N_("Visit"),
}
LANGUAGES: dict[str, str] = {
    "uk": N_("Ukrainian"),
    "ru": N_("Russian"),
    "be": N_("Belarusian"),
    "en": N_("English"),
    "de": N_("German"),
    "pl": N_("Polish"),
}
PERIODS: dict[str, str] = {"today": N_("Today"), "week": N_("This week")}


def partial_words(date: PartialDate) -> str:
    """Write a date known in part as people say it: 14 Feb 1988, March 2024, 1987, 1985 to 1989."""
    first, last = date.first, date.last
    if first == last:
        return short_date(first)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        if first.year == last.year:
            return str(first.year)
        return _("{first} to {last}").format(first=first.year, last=last.year)
    after = last + dt.timedelta(days=1)
    if first.day == 1 and after.day == 1 and (first.year, first.month) == (last.year, last.month):
        return month_text(first)
    return _("{first} to {last}").format(first=short_date(first), last=short_date(last))


def first_day(period: str, today: dt.date) -> dt.date:
    """Give the first day of a period that ends today; a week begins on Monday."""
    return today - dt.timedelta(days=today.weekday()) if period == "week" else today


def _name(person: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The name of a person as a list shows it: the Cyrillic one where there is one."""
    name = aliased(PersonName)
    whole = sa.func.trim(col(name.family) + " " + col(name.given))
    order = sa.case((col(name.script) == Script.CYRILLIC, 0), else_=1)
    return (
        select(whole)
        .where(col(name.person_id) == person)
        .order_by(order, col(name.id))
        .limit(1)
        .scalar_subquery()
    )


def _sought(column: Any) -> sa.ColumnElement[Any]:
    """One value of the first person a call is about."""
    line = aliased(EnquirySought)
    return (
        select(column(line))
        .where(col(line.enquiry_id) == col(Enquiry.id))
        .order_by(col(line.id))
        .limit(1)
        # said aloud, because inside the query for a name it would take all enquiries for its own
        .correlate(Enquiry)
        .scalar_subquery()
    )


def _reason(value: Any) -> Cell:
    return _(REASONS[Reason(value)])


def _status(value: Any) -> Cell:
    words, tone = STATUSES[EnquiryStatus(value)]
    return Tagged(_(words), tone)


def _call_back(value: Any) -> Cell:
    if value is None:
        return ""
    late = value < clock.today()
    tone = "carmine" if late else "amber" if value == clock.today() else "muted"
    return Tagged(short_date(value), tone)


def _day(value: Any) -> Cell:
    return _("Today") if value == clock.today() else short_date(value)


def _caller(value: Any) -> Cell:
    return value or _("Not known")


def _case(value: Any) -> Cell:
    return spoken_number(value) if value else ""


def _period_clause(condition: Condition) -> sa.ColumnElement[bool]:
    today = clock.today()
    return col(Enquiry.received_on).between(first_day(str(condition.value), today), today)


def _named(word: str, last: bool) -> sa.ColumnElement[bool]:
    """Calls whose caller or sought person has a name that a word stands for."""
    token = col(NameToken.token)
    fits: sa.ColumnElement[bool] = token.in_(readings(word))
    start = fold_start(word)
    if start and (last or len(word) <= 3):
        fits = sa.or_(fits, sa.and_(token >= start, token < start + "\U0010ffff"))
    persons = select(NameToken.person_id).where(fits)
    return sa.or_(
        col(Enquiry.caller_id).in_(persons),
        col(Enquiry.id).in_(
            select(EnquirySought.enquiry_id).where(col(EnquirySought.person_id).in_(persons))
        ),
    )


def _text_clause(condition: Condition) -> sa.ColumnElement[bool]:
    typed = str(condition.value).strip()[:200]
    number = phone_key(typed)
    ways: list[sa.ColumnElement[bool]] = []
    if number is not None:
        ways.append(col(Enquiry.number_e164) == number)
    if typed[:4].isdecimal():
        plain = typed.replace(" ", "").replace("\u00a0", "")
        ways.append(
            col(Enquiry.id).in_(
                select(EnquirySought.enquiry_id).where(
                    col(EnquirySought.case_number) >= plain,
                    col(EnquirySought.case_number) < plain + "~",
                )
            )
        )
    words = tokens(typed)[:8]
    if words:
        ways.append(sa.and_(*(_named(word, word is words[-1]) for word in words)))
    return sa.or_(*ways) if ways else sa.false()


def _due_clause(_condition: Condition) -> sa.ColumnElement[bool]:
    return call_backs_due(clock.today())


def _unlinked_clause(_condition: Condition) -> sa.ColumnElement[bool]:
    linked = select(EnquirySought.enquiry_id).where(col(EnquirySought.case_number).is_not(None))
    return sa.and_(
        col(Enquiry.id).not_in(linked),
        col(Enquiry.reason).in_([Reason.SEEKING_RELATIVE, Reason.CASE_STATUS]),
        col(Enquiry.status) != EnquiryStatus.SPAM,
    )


TODAY = Condition("period", "is", "today")
THIS_WEEK = Condition("period", "is", "week")
CALL_BACKS = Condition("due", "is", 1)
NOT_LINKED = Condition("unlinked", "is", 1)

FIELDS = (
    Field("period", N_("Received"), _period_clause, lambda c: _(PERIODS[str(c.value)])),
    Field("due", N_("Call-backs"), _due_clause, lambda _c: _("Call-backs due")),
    Field("unlinked", N_("Case"), _unlinked_clause, lambda _c: _("Not linked to a case")),
    Field(
        "reason",
        N_("Reason"),
        lambda c: col(Enquiry.reason) == Reason(str(c.value)),
        lambda c: _("Reason: {name}").format(name=_(REASONS[Reason(str(c.value))])),
    ),
    Field(
        "operator",
        N_("Operator"),
        lambda c: col(Enquiry.operator) == str(c.value),
        lambda c: _("Operator: {name}").format(name=c.value),
    ),
    Field(
        "status",
        N_("Status"),
        lambda c: col(Enquiry.status) == EnquiryStatus(str(c.value)),
        lambda c: _("Status: {name}").format(name=_(STATUSES[EnquiryStatus(str(c.value))][0])),
    ),
    Field(
        "text",
        N_("Name, number or case"),
        _text_clause,
        lambda c: _("“{text}”").format(text=c.value),
    ),
)

_TABLE: Any = Enquiry.__table__  # type: ignore[attr-defined]
_CALL = _TABLE.c
CALLS = Listing(
    key="calls",
    identity=_CALL.id,
    columns=(
        Column("on", N_("Received"), 110, _CALL.received_on, _day, kind="date"),
        Column("at", N_("Time"), 58, _CALL.received_at, sortable=False, kind="muted"),
        Column(
            "caller", N_("Caller"), 150, _name(_CALL.caller_id), _caller, sortable=False,
            kind="strong",
        ),
        Column("reason", N_("Reason"), 150, _CALL.reason, _reason),
        Column(
            "sought", N_("Person sought"), 150,
            _name(_sought(lambda line: col(line.person_id))), sortable=False,
        ),
        Column(
            "case", N_("Case"), 112, _sought(lambda line: col(line.case_number)), _case,
            sortable=False,
        ),
        Column("status", N_("Status"), 122, _CALL.status, _status, kind="tag"),
        Column(
            "call_back", N_("Call back"), 110, _CALL.call_back_on, _call_back, kind="tag"
        ),
        Column("operator", N_("Operator"), 92, _CALL.operator, kind="muted"),
        Column("summary", N_("Summary"), 100, _CALL.summary, sortable=False, kind="muted"),
    ),
    fields=FIELDS,
    source=_TABLE,
    default_sort=Sort("on", descending=True),
)  # fmt: skip
