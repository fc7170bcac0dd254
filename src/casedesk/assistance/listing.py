"""The lists of assistance: programmes, rounds, and the lines of one round."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import wording
from casedesk.assistance.records import (
    UNDECIDED,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdMember,
    Modality,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    RoundStatus,
    Site,
    card_key,
)
from casedesk.kernel.language import N_, _, number
from casedesk.kernel.query import Cell, Column, Condition, Field, Listing, Sort, Tagged, contains
from casedesk.names.fold import fold_start, readings
from casedesk.names.parse import tokens
from casedesk.people.records import NameToken, Person, PersonName

_TOP = "\U0010ffff"
_LINE: Any = Entitlement
_ROUND: Any = Round
_REGISTRATION: Any = Registration
_PROGRAMME: Any = Programme


def _text(column: Any) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, sa.String)


# --------------------------------------------------------------------------------------- rounds


def _lines_with(*clauses: Any) -> sa.ColumnElement[Any]:
    counted: sa.ColumnElement[Any] = (
        sa.select(sa.func.count(_LINE.id))
        .where(_LINE.round_id == _ROUND.id, *clauses)
        .correlate(_ROUND)
        .scalar_subquery()
    )
    return counted


def _show_round(value: Any) -> Cell:
    words, tone = wording.ROUND[RoundStatus(value)]
    return Tagged(_(words), tone)


def _show_day(value: dt.date | None) -> Cell:
    return wording.short_date(value) if value else ""


def _status_of_round(condition: Condition) -> sa.ColumnElement[bool]:
    clause: sa.ColumnElement[bool] = _ROUND.status == RoundStatus(str(condition.value))
    return clause


ROUNDS = Listing(
    key="rounds",
    identity=_ROUND.id,
    source=sa.join(_ROUND, _PROGRAMME, _PROGRAMME.id == _ROUND.programme_id),
    columns=(
        Column("name", N_("Round"), 200, _ROUND.name, kind="strong"),
        Column("programme", N_("Programme"), 240, _PROGRAMME.name),
        Column(
            "kind",
            N_("Kind of help"),
            130,
            _PROGRAMME.modality,
            lambda value: _(wording.MODALITY[Modality(value)]),
        ),
        Column("first_day", N_("First day"), 100, _ROUND.first_day, _show_day, kind="date"),
        Column("last_day", N_("Last day"), 100, _ROUND.last_day, _show_day, kind="date"),
        Column("lines", N_("On the list"), 90, _lines_with(), align="right", kind="number"),
        Column(
            "received",
            N_("Received"),
            90,
            _lines_with(_LINE.status == EntitlementStatus.RECEIVED),
            align="right",
            kind="number",
        ),
        Column("status", N_("Status"), 120, _ROUND.status, _show_round, kind="tag"),
    ),
    fields=(
        Field(
            "text",
            N_("Round or programme"),
            lambda c: sa.or_(
                contains(_ROUND.name, str(c.value)), contains(_PROGRAMME.name, str(c.value))
            ),
            lambda c: _("Round: {text}").format(text=c.value),
        ),
        Field(
            "status",
            N_("Status"),
            _status_of_round,
            lambda c: _("Status: {status}").format(
                status=_(wording.ROUND[RoundStatus(str(c.value))][0])
            ),
        ),
        Field(
            "programme",
            N_("Programme"),
            lambda c: _PROGRAMME.id == int(str(c.value)),
            lambda _c: _("One programme"),
        ),
    ),
    default_sort=Sort("first_day", descending=True),
)


# -------------------------------------------------------------------------------- lines of a round

_HOME: Any = sa.orm.aliased(Household)
_MEMBER: Any = HouseholdMember
_HEAD: Any = sa.orm.aliased(HouseholdMember)
_PERSON: Any = sa.orm.aliased(Person)
_NAME: Any = sa.orm.aliased(PersonName)
_SITE: Any = Site


def _head_of() -> Any:
    """The head of the line's household, or the person whom the line is for."""
    own: Any = sa.orm.aliased(HouseholdMember)
    head = (
        sa.select(own.person_id)
        .where(own.household_id == _HOME.id, own.head.is_(True), own.until.is_(None))
        .order_by(own.id)
        .limit(1)
        .correlate(_HOME)
        .scalar_subquery()
    )
    return sa.func.coalesce(_LINE.person_id, head)


def _name_of() -> Any:
    own: Any = sa.orm.aliased(PersonName)
    person: Any = sa.orm.aliased(Person)
    holder = (
        sa.select(sa.func.coalesce(person.merged_into_id, person.id))
        .where(person.id == _head_of())
        .scalar_subquery()
    )
    return (
        sa.select(sa.func.trim(own.family + " " + own.given + " " + own.patronymic))
        .where(own.person_id == holder)
        .order_by(own.kind != "official", own.id)
        .limit(1)
        .scalar_subquery()
    )


_SOURCE = (
    sa.join(_LINE, _REGISTRATION, _REGISTRATION.id == _LINE.registration_id)
    .join(_HOME, _HOME.id == _REGISTRATION.household_id)
    .join(_PROGRAMME, _PROGRAMME.id == _REGISTRATION.programme_id)
    .join(_SITE, _SITE.id == _LINE.site_id, isouter=True)
)
_PEOPLE = sa.case(
    (_LINE.person_id.is_not(None), 1),
    else_=sa.select(sa.func.count(_MEMBER.id))
    .where(_MEMBER.household_id == _HOME.id, _MEMBER.until.is_(None))
    .correlate(_HOME)
    .scalar_subquery(),
)
_TO_DECIDE = sa.exists().where(
    col(Double.registration_id) == _REGISTRATION.id, col(Double.decision).in_(UNDECIDED)
)
_LAST: Any = sa.orm.aliased(Receipt)
_GIVEN_ON = (
    sa.select(_text(_LAST.on_date))
    .where(_LAST.entitlement_id == _LINE.id, _LAST.kind != ReceiptKind.CANCELLED)
    .order_by(_LAST.sequence.desc())
    .limit(1)
    .correlate(_LINE)
    .scalar_subquery()
)
_STATUS = (
    sa.case(
        (
            sa.and_(_LINE.status == EntitlementStatus.PLANNED, _TO_DECIDE),
            sa.literal("decide"),
        ),
        (
            sa.and_(
                _LINE.status == EntitlementStatus.PLANNED,
                _REGISTRATION.status == RegistrationStatus.PAUSED,
            ),
            sa.literal("paused"),
        ),
        else_=_text(_LINE.status),
    )
    + "|"
    + sa.func.coalesce(sa.case((_LINE.status == EntitlementStatus.RECEIVED, _GIVEN_ON)), "")
)
_GIVEN = (
    _text(_PROGRAMME.modality)
    + "|"
    + sa.cast(_LINE.quantity, sa.String)
    + "|"
    + sa.cast(_LINE.amount, sa.String)
    + "|"
    + _LINE.currency
)


def _show_name(value: str | None) -> Cell:
    return value or _("Name not known")


def _show_given(value: str) -> Cell:
    modality, quantity, amount, currency = value.split("|")
    return wording.given(Modality(modality), int(quantity), int(amount), currency)


def _show_status(value: str) -> Cell:
    status, _bar, day = value.partition("|")
    if status == "decide":
        return Tagged(_("Double assistance?"), "amber")
    if status == "paused":
        return Tagged(_("Paused"), "amber")
    words, tone = wording.LINE[EntitlementStatus(status)]
    if day:
        on = wording.day_of(dt.date.fromisoformat(day))
        return Tagged(_("Received {date}").format(date=on), tone)
    return Tagged(_(words), tone)


def _status_clause(condition: Condition) -> sa.ColumnElement[bool]:
    asked = str(condition.value)
    if asked == "decide":
        return sa.and_(_LINE.status == EntitlementStatus.PLANNED, _TO_DECIDE)
    clause: sa.ColumnElement[bool] = _LINE.status == EntitlementStatus(asked)
    return clause


def _status_text(condition: Condition) -> str:
    asked = str(condition.value)
    if asked == "decide":
        return _("To decide")
    return _(wording.LINE[EntitlementStatus(asked)][0])


def _site_clause(condition: Condition) -> sa.ColumnElement[bool]:
    asked = int(str(condition.value))
    clause: sa.ColumnElement[bool] = _LINE.site_id == asked if asked else _LINE.site_id.is_(None)
    return clause


def _text_clause(condition: Condition) -> sa.ColumnElement[bool]:
    """A card or a code as it is scanned, an address, or the names of somebody of the household."""
    typed = str(condition.value).strip()
    key = card_key(typed)
    clauses = [contains(_HOME.address, typed), contains(_HOME.place, typed)]
    if key:
        clauses += [
            _LINE.card_number == key,
            _REGISTRATION.card_number == key,
            sa.func.replace(_HOME.code, "-", "") == key,
        ]
    words = tokens(typed)[:8]
    if words:
        homes: Any = sa.select(_MEMBER.household_id)
        for at, word in enumerate(words):
            found = sa.select(col(NameToken.person_id)).where(_word(word, at == len(words) - 1))
            merged = sa.select(_PERSON.id).where(_PERSON.merged_into_id.in_(found))
            homes = homes.where(sa.or_(_MEMBER.person_id.in_(found), _MEMBER.person_id.in_(merged)))
        clauses.append(_HOME.id.in_(homes))
    return sa.or_(*clauses)


def _word(word: str, last: bool) -> sa.ColumnElement[bool]:
    token = col(NameToken.token)
    whole: sa.ColumnElement[bool] = token.in_(readings(word))
    start = fold_start(word)
    if start and (last or len(word) <= 3):
        return sa.or_(whole, sa.and_(token >= start, token < start + _TOP))
    return whole


_COLUMNS = (
    Column("head", N_("Head of household"), 220, _name_of(), _show_name, kind="strong"),
    Column("people", N_("People"), 64, _PEOPLE, lambda v: number(int(v)), align="right",
           kind="number"),
    Column("address", N_("Address"), 220,
           sa.func.trim(_HOME.place + " " + _HOME.address)),
    Column("need", N_("Need"), 120, _HOME.need, kind="muted"),
    Column("site", N_("Point"), 130, _SITE.name, kind="muted"),
    Column("card", N_("Card"), 120, _LINE.card_number, kind="muted"),
    Column("given", N_("What"), 150, _GIVEN, _show_given, order=_LINE.amount),
    Column("status", N_("Status"), 150, _STATUS, _show_status, kind="tag"),
    Column("code", N_("Code"), 90, _HOME.code, kind="muted"),
)  # fmt: skip
_FIELDS = (
    Field(
        "text",
        N_("Name, address, card number"),
        _text_clause,
        lambda c: _("Has: {text}").format(text=c.value),
    ),
    Field("status", N_("Status"), _status_clause, _status_text),
    Field("site", N_("Point"), _site_clause, lambda _c: _("One point")),
)


def lines_of(round_id: int) -> Listing:
    """Give the list of one round: a line for each household, or for each person given to.

    Its fields are `text`, `status` (a status of a line, or "decide") and `site` (an id; 0: none).
    """
    return Listing(
        key=f"round-{round_id}",
        identity=_LINE.id,
        source=_SOURCE,
        columns=_COLUMNS,
        fields=_FIELDS,
        where=(_LINE.round_id == round_id,),
        default_sort=Sort("code"),
    )


def lines_like(session: Session, round_id: int, text: str, limit: int = 6) -> list[tuple[int, str]]:
    """Find planned lines of a round by a name, a card or a code; with name and code in words."""
    rows = session.execute(
        sa.select(_LINE.id, _name_of(), _HOME.code)
        .select_from(_SOURCE)
        .where(
            _LINE.round_id == round_id,
            _LINE.status == EntitlementStatus.PLANNED,
            _text_clause(Condition("text", "is", text)),
        )
        .order_by(_HOME.code)
        .limit(limit)
    )
    return [(i, f"{name or _('Name not known')} · {code}") for i, name, code in rows]


# --------------------------------------------------------------------------- behind the figures

_HOUSEHOLD: Any = Household
_PEOPLE_OF: Any = Person
_RECEIPT: Any = Receipt


def _household_name() -> Any:
    own: Any = sa.orm.aliased(HouseholdMember)
    name: Any = sa.orm.aliased(PersonName)
    return (
        sa.select(sa.func.trim(name.family + " " + name.given + " " + name.patronymic))
        .select_from(sa.join(own, name, name.person_id == own.person_id))
        .where(own.household_id == _HOUSEHOLD.id, own.head.is_(True), own.until.is_(None))
        .order_by(name.kind != "official", name.id)
        .limit(1)
        .correlate(Household)
        .scalar_subquery()
    )


HOUSEHOLDS = Listing(
    key="households",
    identity=_HOUSEHOLD.id,
    source=Household.__table__,  # type: ignore[attr-defined]
    columns=(
        Column("code", N_("Code"), 90, _HOUSEHOLD.code, kind="muted"),
        Column("head", N_("Head of household"), 240, _household_name(), _show_name, kind="strong"),
        Column("place", N_("Place"), 140, _HOUSEHOLD.place),
        Column("address", N_("Address"), 220, _HOUSEHOLD.address),
    ),
    fields=(
        Field(
            "text",
            N_("Address"),
            lambda c: contains(_HOUSEHOLD.address, str(c.value)),
            lambda c: _("Has: {text}").format(text=c.value),
        ),
    ),
    default_sort=Sort("code"),
)
"""The list behind a figure whose ids are households."""


def _person_name() -> Any:
    own: Any = sa.orm.aliased(PersonName)
    return (
        sa.select(sa.func.trim(own.family + " " + own.given + " " + own.patronymic))
        .where(own.person_id == _PEOPLE_OF.id)
        .order_by(own.kind != "official", own.id)
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )


PERSONS = Listing(
    key="assisted-persons",
    identity=_PEOPLE_OF.id,
    source=Person.__table__,  # type: ignore[attr-defined]
    columns=(
        Column("code", N_("Code"), 90, _PEOPLE_OF.code, kind="muted"),
        Column("name", N_("Name"), 260, _person_name(), _show_name, kind="strong"),
        Column(
            "born",
            N_("Born"),
            110,
            _PEOPLE_OF.born_first,
            lambda value: str(value.year) if value else "",
        ),
    ),
    fields=(),
    default_sort=Sort("code"),
)
"""The list behind a figure whose ids are persons."""
RECEIPTS = Listing(
    key="receipts",
    identity=_RECEIPT.id,
    source=sa.join(Receipt, _LINE, _LINE.id == Receipt.entitlement_id)
    .join(_REGISTRATION, _REGISTRATION.id == _LINE.registration_id)
    .join(_HOME, _HOME.id == _REGISTRATION.household_id)
    .join(_PROGRAMME, _PROGRAMME.id == _REGISTRATION.programme_id),
    columns=(
        Column("on", N_("Date"), 100, _RECEIPT.on_date, _show_day, kind="date"),
        Column("head", N_("Head of household"), 240, _name_of(), _show_name, kind="strong"),
        Column("programme", N_("Programme"), 220, _PROGRAMME.name),
        Column(
            "amount",
            N_("Amount"),
            120,
            _RECEIPT.amount,
            lambda value: wording.money(int(value)),
            align="right",
            kind="number",
        ),
        Column("currency", N_("Currency"), 70, _RECEIPT.currency, kind="muted"),
    ),
    fields=(),
    default_sort=Sort("on", descending=True),
)
"""The list behind a figure whose ids are receipts."""
