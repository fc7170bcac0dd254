"""What the desk's first page shows, read from one state of the file: figures, promises, charts.

Every figure is an indicator, so the list behind a number is the one that was counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.desk.today import Figure, Fit, FollowUp, Point, Target, Today
from casedesk.hotline import rules as hotline
from casedesk.hotline.figures import CALLS_ANSWERED, CALLS_SEEKING_RELATIVES
from casedesk.hotline.listing import REASONS
from casedesk.hotline.records import Enquiry, EnquiryStatus
from casedesk.kernel.figures import Indicator, Period
from casedesk.kernel.language import N_, _, date_text, month_label, ngettext, number
from casedesk.kernel.query import Filter
from casedesk.partners.records import Organisation
from casedesk.tracing import watching, wording
from casedesk.tracing.figures import FAMILIES_INFORMED, OPEN_CASES, SINCE
from casedesk.tracing.records import (
    OPEN_STATUSES,
    ActionOutcome,
    CaseAction,
    CaseStatus,
    FamilyInformed,
    TracingCase,
)

WEEKS = 8
"""So many weeks back make up what is usual on a weekday."""
ROWS = 200
MONTHS = 12
OFFICE = range(8, 19)


def _due(period: Period, known_on: dt.date) -> sa.Select[Any]:
    # a promise is due from its day until it is kept, so the period's end alone matters
    del known_on
    return sa.select(col(Enquiry.id)).where(hotline.call_backs_due(period.last))


def _informed(period: Period, known_on: dt.date) -> sa.Select[Any]:
    del known_on
    told = col(FamilyInformed.on_date).between(period.first, period.last)
    return sa.select(col(FamilyInformed.case_id)).where(told).distinct()


CALL_BACKS_DUE = Indicator("today.call_backs_due", N_("Call-backs due"), _due)
INFORMED_IN_PERIOD = Indicator("today.families_informed", N_("Families informed"), _informed)


def load(session: Session, day: dt.date, actor: str = "") -> Today:
    """Read everything the page shows on a day to who works here."""
    promises = _promises(session, hotline.call_backs_due(day), col(Enquiry.call_back_on).desc())
    due = Target("hotline", {"filter": _behind(CALL_BACKS_DUE, Period(day, day), day)})
    hours, usual = _hours(session, day)
    months = _months(session, day)
    figures = _figures(session, day, usual, months)
    mine = _waiting(actor, col(CaseAction.answer_due) <= day)
    answers = _answers(session, mine, col(CaseAction.answer_due).desc())
    found = tuple(sorted((*promises, *answers), key=_order))
    return Today(
        day=day,
        figures=figures,
        follow_ups=found,
        follow_ups_total=next(f.value for f in figures if f.key == CALL_BACKS_DUE.key),
        all_follow_ups=due if promises else None,
        answers_total=_total(session, mine),
        all_answers=_behind_answers(mine) if answers else None,
        next_follow_up=None if found else _next(session, day, actor),
        fits=_fits(session, day, actor),
        hours=hours,
        reasons=_reasons(session, day),
        months=months,
        empty=_is_empty(session),
    )


def _is_empty(session: Session) -> bool:
    tables = (Enquiry, TracingCase)
    return not any(session.execute(sa.select(col(t.id)).limit(1)).first() for t in tables)


def _order(item: FollowUp) -> tuple[dt.date, str, tuple[int, int]]:
    return item.day, item.time or "24:00", item.key


def _figures(
    session: Session, day: dt.date, usual: int, months: tuple[Point, ...]
) -> tuple[Figure, ...]:
    today, week, month, ever = _periods(day)

    def figure(
        indicator: Indicator,
        period: Period,
        page: str,
        label: str,
        note: str,
        *,
        tone: str = "muted",
        known: int | None = None,
    ) -> Figure:
        value = indicator.count(session, period, day) if known is None else known
        target = Target(page, {"filter": _behind(indicator, period, day, label)})
        return Figure(indicator.key, label, value, note, tone, target)

    late = hotline.followups_count(session, day - dt.timedelta(days=1))
    late_words = ngettext("{count} is late", "{count} are late", late)
    answered = CALLS_ANSWERED.count(session, week, day)
    since = FAMILIES_INFORMED.count(session, ever, day)
    return (
        figure(
            CALLS_ANSWERED,
            today,
            "hotline",
            _("Calls answered today"),
            _("Usual on this weekday: {count}").format(count=number(usual)),
        ),
        figure(
            CALLS_SEEKING_RELATIVES,
            week,
            "hotline",
            _("Calls seeking relatives this week"),
            ngettext("Of {count} call answered", "Of {count} calls answered", answered).format(
                count=number(answered)
            ),
        ),
        figure(
            CALL_BACKS_DUE,
            today,
            "hotline",
            _("Call-backs due"),
            late_words.format(count=number(late)) if late else _("None is late"),
            tone="carmine" if late else "muted",
        ),
        # The chart has counted the open cases already, in the one slow pass there is.
        figure(
            OPEN_CASES,
            ever,
            "cases",
            _("Open cases"),
            _("{count} at the end of last month").format(count=number(months[-2].value)),
            known=months[-1].value,
        ),
        figure(
            INFORMED_IN_PERIOD,
            month,
            "cases",
            _("Families informed this month"),
            _("{count} since 2022").format(count=number(since)),
        ),
    )


def _periods(day: dt.date) -> tuple[Period, Period, Period, Period]:
    """Give today, the week so far, the month so far, and all time up to today."""
    monday = day - dt.timedelta(days=day.weekday())
    first = day.replace(day=1)
    return Period(day, day), Period(monday, day), Period(first, day), Period(SINCE, day)


def _behind(indicator: Indicator, period: Period, day: dt.date, title: str = "") -> Filter:
    return Filter(statement=indicator.statement(period, day), title=title or _(indicator.label))


def _promises(
    session: Session, which: sa.ColumnElement[bool], order: sa.ColumnElement[Any], most: int = ROWS
) -> tuple[FollowUp, ...]:
    """Read promises; of more than `most`, those that `order` puts first. The late ones lead."""
    calls = session.execute(
        sa.select(
            col(Enquiry.id),
            col(Enquiry.call_back_on),
            col(Enquiry.call_back_at),
            col(Enquiry.promised),
            col(Enquiry.caller_id),
            col(Enquiry.number_typed),
        )
        .where(which)
        .order_by(order, col(Enquiry.id).desc())
        .limit(most)
    ).all()
    names = hotline.names_of(session, {call.caller_id for call in calls})
    found = []
    for call in calls:
        name = names.get(call.caller_id or 0, ("", ""))[0]
        found.append(
            FollowUp(
                enquiry_id=call.id,
                day=call.call_back_on,
                name=name or call.number_typed or _("Caller not known"),
                promise=call.promised or _("Call back"),
                time=call.call_back_at,
                call=target_call(call.id),
                open=target_open(call.id),
            )
        )
    return tuple(sorted(found, key=_order))


def _waiting(actor: str, due: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Ask for the actions whose answer is due, of cases that `actor` owns or that nobody owns."""
    return (
        sa.select(col(CaseAction.id))
        .join(TracingCase, col(TracingCase.id) == col(CaseAction.case_id))
        .where(
            col(CaseAction.outcome) == ActionOutcome.PENDING,
            due,
            col(TracingCase.owner).in_({actor, ""}),
            col(TracingCase.status).in_(OPEN_STATUSES),
        )
    )


def _total(session: Session, waiting: sa.Select[Any]) -> int:
    return int(session.execute(waiting.with_only_columns(sa.func.count())).scalar_one())


def _behind_answers(waiting: sa.Select[Any]) -> Target:
    cases = waiting.with_only_columns(col(CaseAction.case_id)).distinct()
    return Target("cases", {"filter": Filter(statement=cases, title=_("Answers due"))})


def _answers(
    session: Session, waiting: sa.Select[Any], order: sa.ColumnElement[Any], most: int = ROWS
) -> tuple[FollowUp, ...]:
    """Read awaited answers; of more than `most`, those that `order` puts first."""
    asked: Any = waiting.outerjoin(
        Organisation, col(Organisation.id) == col(CaseAction.partner_id)
    ).with_only_columns(
        col(CaseAction.id),
        col(CaseAction.case_id),
        col(CaseAction.answer_due),
        col(CaseAction.kind),
        col(Organisation.name),
        col(TracingCase.person_id),
        col(TracingCase.number),
    )
    rows = session.execute(asked.order_by(order, col(CaseAction.id).desc()).limit(most)).all()
    names = hotline.names_of(session, {row.person_id for row in rows})
    found = []
    for row in rows:
        what = _(wording.ACTION[row.kind])
        words = (
            _("Answer due: {action}, {organisation}").format(action=what, organisation=row.name)
            if row.name
            else _("Answer due: {action}").format(action=what)
        )
        found.append(
            FollowUp(
                enquiry_id=0,
                action_id=row.id,
                day=row.answer_due,
                name=names.get(row.person_id, ("", ""))[0] or wording.read_number(row.number),
                promise=words,
                open=Target("case", {"case_id": row.case_id}),
            )
        )
    return tuple(found)


def target_call(enquiry_id: int) -> Target:
    """Lead to a new call to the person whom a call-back was promised."""
    return Target("hotline", {"call_back": enquiry_id})


def target_open(enquiry_id: int) -> Target:
    """Lead to the call in which a call-back was promised."""
    return Target("hotline", {"enquiry_id": enquiry_id})


def _next(session: Session, day: dt.date, actor: str) -> FollowUp | None:
    """Find what comes first in the days to come, for a desk that has done all else."""
    later = sa.and_(col(Enquiry.call_back_on) > day, col(Enquiry.status) != EnquiryStatus.SPAM)
    waiting = _waiting(actor, col(CaseAction.answer_due) > day)
    coming = [
        *_promises(session, later, col(Enquiry.call_back_on).asc(), most=1),
        *_answers(session, waiting, col(CaseAction.answer_due).asc(), most=1),
    ]
    return min(coming, key=_order, default=None)


def _fits(session: Session, day: dt.date, actor: str) -> tuple[Fit, ...]:
    """Read who fits the cases of `actor` strongly since some days, and was not judged yet."""
    return tuple(
        Fit(
            name=one.name,
            note=_("{case}, may be {name}").format(
                case=wording.case_title(one.number), name=one.other_name
            ),
            score=f"{min(one.score, 0.99):.2f}",
            open=Target("matches", {"case_id": one.case_id, "other_id": one.other_id}),
        )
        for one in watching.news(session, actor, day)
    )


def _hours(session: Session, day: dt.date) -> tuple[tuple[Point, ...], int]:
    """Count the day's answered calls by hour, and what is usual on its weekday."""
    before = [day - dt.timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    hour = sa.func.substr(col(Enquiry.received_at), 1, 2)
    calls = CALLS_ANSWERED.statement(Period(before[-1], day), day).where(
        col(Enquiry.received_on).in_([day, *before])
    )
    rows = session.execute(
        calls.with_only_columns(col(Enquiry.received_on), hour, sa.func.count()).group_by(
            col(Enquiry.received_on), hour
        )
    ).all()
    now: Counter[str] = Counter()
    then: Counter[str] = Counter()
    weeks = {when for when, _hour, _count in rows if when != day}
    for when, at, count in rows:
        (now if when == day else then)[at] += count
    shown = sorted({f"{at:02}" for at in OFFICE} | {at for at in {*now, *then} if at})
    share = max(1, len(weeks))
    points = []
    for at in shown:
        statement = CALLS_ANSWERED.statement(Period(day, day), day).where(hour == at)
        title = _("Calls answered from {hour}:00 to {hour}:59").format(hour=at)
        target = Target("hotline", {"filter": Filter(statement=statement, title=title)})
        points.append(Point(at, now[at], then[at] / share, target if now[at] else None))
    return tuple(points), round(sum(then.values()) / share)


def _reasons(session: Session, day: dt.date) -> tuple[Point, ...]:
    """Count the week's answered calls by reason, most frequent first."""
    week = _periods(day)[1]
    calls = CALLS_ANSWERED.statement(week, day)
    rows = session.execute(
        calls.with_only_columns(col(Enquiry.reason), sa.func.count()).group_by(col(Enquiry.reason))
    ).all()
    points = []
    for reason, count in sorted(rows, key=lambda row: (-row[1], row[0].value)):
        label = _(REASONS[reason])
        title = _("This week: {reason}").format(reason=label)
        chosen = Filter(statement=calls.where(col(Enquiry.reason) == reason), title=title)
        points.append(Point(label, count, None, Target("hotline", {"filter": chosen})))
    return tuple(points)


def _months(session: Session, day: dt.date) -> tuple[Point, ...]:
    """Count the open cases at the end of each of the last months, as known today.

    One pass over the intervals: how many began in which month and ended in which. A case is in
    one interval at a time, so the sum up to a month is what `OPEN_CASES` counts at its end.
    """
    begun = sa.func.substr(sa.cast(col(CaseStatus.valid_from), sa.String), 1, 7)
    ended = sa.func.substr(sa.cast(col(CaseStatus.valid_to), sa.String), 1, 7)
    still = sa.or_(col(CaseStatus.valid_to).is_(None), col(CaseStatus.valid_to) > day)
    uncounted = sa.select(col(TracingCase.id)).where(
        sa.or_(col(TracingCase.opened_on) < SINCE, col(TracingCase.opened_on) > day)
    )
    rows = session.execute(
        sa.select(begun, sa.case((still, None), else_=ended), sa.func.count())
        .where(
            col(CaseStatus.status).in_([status.value for status in OPEN_STATUSES]),
            col(CaseStatus.valid_from) <= day,
            col(CaseStatus.known_from) <= day,
            sa.or_(col(CaseStatus.known_to).is_(None), col(CaseStatus.known_to) > day),
            col(CaseStatus.case_id).not_in(uncounted),
        )
        .group_by(sa.literal_column("1"), sa.literal_column("2"))
    ).all()
    points = []
    for end in _ends(day):
        month = f"{end:%Y-%m}"
        value = sum(
            count for first, last, count in rows if first <= month and (not last or last > month)
        )
        statement = OPEN_CASES.statement(Period(SINCE, end), day)
        title = _("Open on {day}").format(day=date_text(end))
        target = Target("cases", {"filter": Filter(statement=statement, title=title)})
        points.append(Point(month_label(end), value, None, target))
    return tuple(points)


def _ends(day: dt.date) -> list[dt.date]:
    """Give the last days of the months before, and today."""
    ends = [day]
    while len(ends) < MONTHS + 1:
        ends.append(ends[-1].replace(day=1) - dt.timedelta(days=1))
    return ends[::-1]
