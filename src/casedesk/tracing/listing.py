"""The list of cases: its columns, what it can be asked for, and the views that people work from.

The default order runs along an index, and nothing is looked up for each case until its row is on
the screen: the names hang on joins to the left by a unique id, which SQLite leaves out where no
name is asked for.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.kernel import clock
from casedesk.kernel.errors import DiskFull, EnvironmentFault, ReadOnly
from casedesk.kernel.fields import PartialDate
from casedesk.kernel.jobs import Progress
from casedesk.kernel.language import N_, _, day_label, month_label, short_date
from casedesk.kernel.query import (
    AllOf,
    Brief,
    BriefTag,
    Cell,
    Column,
    Condition,
    Field,
    Filter,
    Listing,
    Row,
    Selection,
    Sort,
    Tagged,
    contains,
    count,
    first_page,
    rows,
    snapshot,
    whole,
)
from casedesk.kernel.store import Store
from casedesk.names.fold import fold_start, readings
from casedesk.names.parse import tokens
from casedesk.names.romanise import romanise
from casedesk.people.records import NameToken, Person, PersonName, Script
from casedesk.tracing import wording
from casedesk.tracing.records import (
    OPEN_STATUSES,
    ActionKind,
    ActionOutcome,
    CaseAction,
    FamilyInformed,
    InformationReceived,
    Status,
    TracingCase,
)

NEWS_DAYS = 90
"""A case without an event for so long is one that a family hears nothing about."""

_TOP = "\U0010ffff"
_BETWEEN = "\x1f"  # the unit separator: no name has one, and it sorts before every letter
GROUPS: dict[str, tuple[str, tuple[Status, ...]]] = {
    "open": (N_("Still open"), OPEN_STATUSES),
    "to_accept": (N_("To accept"), (Status.DRAFT, Status.RECEIVED)),
    "ended": (
        N_("Ended"),
        (Status.CLOSED, Status.TRANSFERRED, Status.MERGED, Status.NOT_ACCEPTED),
    ),
}


def _name_of(script: Script) -> Any:
    """The first name of the person in a script, the official one before others."""
    wanted: Any = sa.orm.aliased(PersonName)
    own: Any = sa.orm.aliased(PersonName)
    # Whoever was merged is known by the names of the kept file, one step away.
    holder = sa.func.coalesce(_PERSON.merged_into_id, _PERSON.id)
    first = (
        sa.select(own.id)
        .where(own.person_id == holder, own.script == script)
        .order_by(own.kind != "official", own.id)
        .limit(1)
        .correlate(_PERSON)
        .scalar_subquery()
    )
    return wanted, wanted.id == first


def _parts(name: Any) -> sa.ColumnElement[Any]:
    """The parts of a name in one text; by their mark they are told apart again, and they sort."""
    return name.family + _BETWEEN + name.given + _BETWEEN + name.patronymic  # type: ignore[no-any-return]


_PERSON: Any = sa.orm.aliased(Person)
_CYRILLIC, _ON_CYRILLIC = _name_of(Script.CYRILLIC)
_LATIN, _ON_LATIN = _name_of(Script.LATIN)
_CASE: Any = TracingCase
_SOURCE = (
    sa.join(_CASE, _PERSON, _PERSON.id == _CASE.person_id, isouter=True)
    .join(_CYRILLIC, _ON_CYRILLIC, isouter=True)
    .join(_LATIN, _ON_LATIN, isouter=True)
)
_OPENED: sa.ColumnElement[Any] = _CASE.opened_on
SINCE: sa.ColumnElement[Any] = sa.func.coalesce(
    _CASE.last_seen_on, _CASE.opened_on, type_=sa.Date()
)
# The date as it is stored comes first, so that the text sorts by it.
_NEXT: sa.ColumnElement[Any] = (
    sa.select(
        sa.type_coerce(col(CaseAction.answer_due), sa.String)
        + "|"
        + sa.type_coerce(col(CaseAction.kind), sa.String)
    )
    .where(
        col(CaseAction.case_id) == _CASE.id,
        col(CaseAction.outcome) == ActionOutcome.PENDING,
        col(CaseAction.answer_due).is_not(None),
    )
    .order_by(col(CaseAction.answer_due), col(CaseAction.id))
    .limit(1)
    .correlate(_CASE)
    .scalar_subquery()
)
_BORN = (
    sa.type_coerce(_PERSON.born_first, sa.String)
    + "|"
    + sa.type_coerce(_PERSON.born_last, sa.String)
)


def _show_name(value: str | None) -> Cell:
    short, full = _names(value)
    return Brief(short, full) if short else _("Name not known")


def _show_latin(value: str | None) -> Cell:
    short, full = _names(value)
    return Brief(romanise(short), romanise(full))


def _names(value: str | None) -> tuple[str, str]:
    """Give family and given name, as a list has room for; and the whole name."""
    parts = [part.strip() for part in (value or "").split(_BETWEEN)]
    short = " ".join(part for part in parts[:2] if part)
    full = " ".join(part for part in parts if part)
    return short or full, full


def _show_born(value: str | None) -> Cell:
    if not value:
        return _("Not known")
    first, last = (dt.date.fromisoformat(part) for part in value.split("|"))
    known = wording.born(first, last)
    years = str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    return Brief(years, known)


def _show_month(value: dt.date | None) -> Cell:
    if not value:
        return _("Not known")
    return Brief(f"{month_label(value)} {value.year}", short_date(value))


def _show_day(value: dt.date | None) -> Cell:
    return short_date(value) if value else _("Not known")


def _show_status(value: Status) -> Cell:
    words, tone = wording.STATUS[Status(value)]
    return Tagged(_(words), tone)


def _show_next(value: str | None) -> Cell:
    if not value:
        return ""
    day, _bar, kind = value.partition("|")
    due, what = dt.date.fromisoformat(day), _(wording.ACTION[ActionKind(kind)])
    text, tone = wording.due(due, clock.today())
    if tone == "neutral":
        said = _("{due}: {what}").format(due=text, what=what)
        return Brief(_("{due}: {what}").format(due=day_label(due), what=what), said)
    short = _("Overdue") if tone == "carmine" else text
    return BriefTag(short, tone, _("{due}: {what}").format(due=text, what=what))


# What can be asked for.


def _status_clause(condition: Condition) -> sa.ColumnElement[bool]:
    asked = str(condition.value)
    among = GROUPS[asked][1] if asked in GROUPS else (Status(asked),)
    clause: sa.ColumnElement[bool] = _CASE.status.in_(among)
    return clause


def _status_text(condition: Condition) -> str:
    asked = str(condition.value)
    words = GROUPS[asked][0] if asked in GROUPS else wording.STATUS[Status(asked)][0]
    return _("Status: {status}").format(status=_(words))


def _name_clause(condition: Condition) -> sa.ColumnElement[bool]:
    """Every word is in a name of the person, in either script; or the text is a case number."""
    text = str(condition.value).strip()
    if number := re.fullmatch(r"(\d{4})\s*-\s*([\d\s]{3,7})(?:-\d)?", text):
        serial = "".join(number[2].split()).rjust(6, "0")
        start = f"{number[1]}-{serial}-"
        by_number: sa.ColumnElement[bool] = sa.and_(
            _CASE.number >= start, _CASE.number < start + "~"
        )
        return by_number
    words = tokens(text)[:8]
    found: Any = sa.select(col(NameToken.person_id))
    for at, word in enumerate(words):
        among = sa.select(col(NameToken.person_id)).where(_word(word, last=at == len(words) - 1))
        found = found.where(col(NameToken.person_id).in_(among)) if at else among
    if not words:
        found = found.where(sa.false())
    merged = sa.select(col(Person.id)).where(col(Person.merged_into_id).in_(found))
    clause: sa.ColumnElement[bool] = sa.or_(_CASE.person_id.in_(found), _CASE.person_id.in_(merged))
    return clause


def _word(word: str, *, last: bool) -> sa.ColumnElement[bool]:
    token = col(NameToken.token)
    whole: sa.ColumnElement[bool] = token.in_(readings(word))
    start = fold_start(word)
    if start and (last or len(word) <= 3):
        return sa.or_(whole, sa.and_(token >= start, token < start + _TOP))
    return whole


def _born_clause(condition: Condition) -> sa.ColumnElement[bool]:
    first, last = _days(condition)
    return sa.and_(
        _CASE.person_id.in_(
            sa.select(col(Person.id)).where(
                col(Person.born_first) <= last, col(Person.born_last) >= first
            )
        )
    )


def _days(condition: Condition) -> tuple[dt.date, dt.date]:
    if not isinstance(condition.value, tuple):
        raise TypeError("an interval has two ends")
    first, last = (dt.date.fromisoformat(str(part)) for part in condition.value)
    return first, last


def born_condition(typed: str) -> Condition:
    """Make a condition of a birth date as people type it: 1987, 1985..1989, ~38."""
    known = PartialDate.parse(typed, clock.today())
    return Condition("born", "within", (known.first.isoformat(), known.last.isoformat()))


def _since_clause(condition: Condition) -> sa.ColumnElement[bool]:
    year = int(str(condition.value))
    return SINCE.between(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _closed_clause(condition: Condition) -> sa.ColumnElement[bool]:
    clause: sa.ColumnElement[bool] = _CASE.closed_on.between(*_days(condition))
    return clause


def _news_clause(condition: Condition) -> sa.ColumnElement[bool]:
    """Nothing done, learnt or told since the day; and the case itself is older than that."""
    day = dt.date.fromisoformat(str(condition.value))
    tables: tuple[Any, ...] = (CaseAction, InformationReceived, FamilyInformed)
    events = sa.union_all(*(sa.select(t.case_id).where(t.on_date > day) for t in tables))
    return sa.and_(_CASE.opened_on <= day, _CASE.id.not_in(events))


def _waiting_clause(_condition: Condition) -> sa.ColumnElement[bool]:
    asked = sa.select(col(CaseAction.case_id)).where(
        col(CaseAction.outcome) == ActionOutcome.PENDING, col(CaseAction.answer_due).is_not(None)
    )
    clause: sa.ColumnElement[bool] = _CASE.id.in_(asked)
    return clause


def _born_text(condition: Condition) -> str:
    first, last = _days(condition)
    return _("Born {when}").format(when=wording.born(first, last))


FIELDS = (
    Field(
        "name",
        N_("Name or case number"),
        _name_clause,
        lambda c: _("Name: {text}").format(text=c.value),
    ),
    Field("status", N_("Status"), _status_clause, _status_text),
    Field(
        "place",
        N_("Last place"),
        lambda c: contains(_CASE.last_seen_at, str(c.value)),
        lambda c: _("Place: {text}").format(text=c.value),
    ),
    Field("born", N_("Born"), _born_clause, _born_text),
    Field(
        "since",
        N_("Missing since the year"),
        _since_clause,
        lambda c: _("Since {year}").format(year=c.value),
    ),
    Field(
        "owner",
        N_("Owner"),
        lambda c: _CASE.owner == str(c.value),
        lambda c: _("Owner: {name}").format(name=c.value or _("Nobody")),
    ),
    Field(
        "closed",
        N_("Closed"),
        _closed_clause,
        lambda c: _("Closed from {first} to {last}").format(
            first=short_date(_days(c)[0]), last=short_date(_days(c)[1])
        ),
    ),
    Field(
        "news",
        N_("No news since"),
        _news_clause,
        lambda c: _("No news since {date}").format(
            date=short_date(dt.date.fromisoformat(str(c.value)))
        ),
    ),
    Field(
        "waiting",
        N_("Waiting for an answer"),
        _waiting_clause,
        lambda _c: _("Waiting for an answer"),
    ),
)

CASES = Listing(
    key="cases",
    identity=_CASE.id,
    columns=(
        Column(
            "name",
            N_("Name"),
            172,
            sa.func.coalesce(_parts(_CYRILLIC), _parts(_LATIN)),
            _show_name,
            kind="strong",
        ),
        Column(
            "latin",
            N_("Latin"),
            112,
            sa.func.coalesce(_parts(_LATIN), _parts(_CYRILLIC)),
            _show_latin,
            kind="muted",
            sortable=False,
        ),
        Column("born", N_("Born"), 94, _BORN, _show_born, kind="date", order=_PERSON.born_first),
        Column("place", N_("Last place"), 100, _CASE.last_seen_at),
        Column("since", N_("Since"), 88, SINCE, _show_month, kind="date"),
        Column("status", N_("Status"), 128, _CASE.status, _show_status, kind="tag"),
        Column("next", N_("Next action"), 110, _NEXT, _show_next, kind="text"),
        Column("opened", N_("Opened"), 96, _OPENED, _show_day, kind="date"),
        Column("number", N_("Case"), 110, _CASE.number, wording.read_number, kind="muted"),
        Column("owner", N_("Owner"), 110, _CASE.owner),
    ),
    fields=FIELDS,
    source=_SOURCE,
    default_sort=Sort("since", descending=True),
)
SHOWN_COLUMNS = ("name", "latin", "born", "place", "since", "status", "next")
"""What the list shows until somebody chooses otherwise."""

OPEN = Condition("status", "is", "open")
DEFAULT = Filter((OPEN,))


@dataclass(frozen=True)
class View:
    """A filter that people work from, with its own name."""

    key: str
    label: str
    filter: Filter
    urgent: bool = False


def views(actor: str, today: dt.date) -> tuple[View, ...]:
    """Give the views of the page as they are today, for who works here."""
    long_ago = (today - dt.timedelta(days=NEWS_DAYS)).isoformat()
    month = (today.replace(day=1).isoformat(), today.isoformat())
    return (
        View("open", N_("All open"), DEFAULT),
        View("mine", N_("My cases"), DEFAULT.with_(Condition("owner", "is", actor))),
        View("quiet", N_("No news for 90 days"), DEFAULT.with_(Condition("news", "no", long_ago))),
        View(
            "closed",
            N_("Closed this month"),
            Filter((Condition("status", "is", "closed"), Condition("closed", "in", month))),
        ),
        View(
            "waiting",
            N_("Waiting for an answer"),
            DEFAULT.with_(Condition("waiting", "is", 1)),
        ),
    )


def view_counts(session: Session, asked: tuple[View, ...]) -> dict[str, int]:
    """Count the cases of each view."""
    return {view.key: count(session, CASES, view.filter) for view in asked}


def how_many(session: Session, filter: Filter) -> int:
    """Count the cases of a filter."""
    return count(session, CASES, filter)


def total(session: Session) -> int:
    """Count all cases in the file, whatever became of them."""
    return count(session, CASES, Filter())


def find_cases(session: Session, text: str, leave_out: int = 0) -> list[tuple[int, str]]:
    """Find open cases by name or number, with the words that tell them apart."""
    asked = DEFAULT.with_(Condition("name", "is", text))
    ids, found_rows = first_page(session, CASES, asked, CASES.default_sort, 8)
    keys = [column.key for column in CASES.columns]
    found = []
    for case_id, row in zip(ids, found_rows, strict=True):
        cells = dict(zip(keys, row, strict=True))
        words = _("{name}, born {born}, {case}").format(
            name=whole(cells["name"]), born=whole(cells["born"]), case=cells["number"]
        )
        if case_id != leave_out:
            found.append((case_id, words))
    return found


def export(progress: Progress, store: Store, selection: Selection, sort: Sort, path: Path) -> int:
    """Write the chosen cases to a CSV file; a file of this name is replaced only at the end."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        # newline and mark as spreadsheets expect them; nobody but the user may read the file
        opened = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with open(opened, "w", encoding="utf-8-sig", newline="") as target, store.read() as session:
            writer = csv.writer(target)
            writer.writerow([_(column.label) for column in CASES.columns])
            done = 0
            for some in _exported(session, selection, sort):
                writer.writerows([[safe_cell(cell) for cell in row] for row in some])
                done += len(some)
                progress.step(done, text=_("Writing the list"))
        os.replace(temporary, path)
    except OSError as error:
        raise translated(error) from None
    finally:
        temporary.unlink(missing_ok=True)
    return done


def _exported(session: Session, selection: Selection, sort: Sort) -> Iterator[list[Row]]:
    if isinstance(selection, AllOf):
        out = frozenset(selection.but_not)
        ids = [i for i in snapshot(session, CASES, selection.filter, sort) if i not in out]
    else:
        ids = list(selection.ids(session, CASES))
    for start in range(0, len(ids), 1000):
        yield rows(session, CASES, ids[start : start + 1000])


def safe_cell(cell: Cell) -> str:
    """Write a cell so that a spreadsheet takes it as words and never as a formula."""
    text = whole(cell)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def translated(error: OSError) -> EnvironmentFault:
    """Say what the disk had against the file."""
    if error.errno == errno.ENOSPC:
        return DiskFull(_("There is no room to write the list."))
    return ReadOnly(_("The list cannot be written to this place. Choose another folder."))
