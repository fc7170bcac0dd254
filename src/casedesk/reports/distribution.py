"""The list of a round that people sign: one per point, read in a few statements, any length.

Card numbers leave the file as their last four signs. What was received already, or is held by a
possible double, says so where somebody would sign: nobody signs twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from casedesk.assistance.doubles import masked
from casedesk.assistance.records import (
    BEFORE_APPROVAL,
    UNDECIDED,
    Double,
    Entitlement,
    EntitlementStatus,
    Household,
    HouseholdMember,
    Modality,
    Per,
    Programme,
    Receipt,
    ReceiptKind,
    Registration,
    RegistrationStatus,
    Round,
    Site,
)
from casedesk.kernel import clock
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import _, short_date
from casedesk.kernel.settings import get_setting
from casedesk.names.romanise import romanise
from casedesk.partners.records import Organisation
from casedesk.people.records import NameKind, Person, PersonName, Script
from casedesk.reports import distribution_pdf
from casedesk.reports.layout import Drawn
from casedesk.reports.sentences import TEXT as SHEET
from casedesk.reports.wording import Lang

Words = dict[Lang, str]
TEXT: dict[str, Words] = {
    "title": {"en": "Distribution sheet", "ru": "Ведомость выдачи"},
    "dates": {"en": "Dates", "ru": "Даты"},
    "point": {"en": "Point", "ru": "Пункт"},
    "partner": {"en": "Partner", "ru": "Партнёр"},
    "given": {"en": "What is given", "ru": "Что выдаётся"},
    "team": {"en": "Team", "ru": "Группа"},
    "no point": {"en": "No point named", "ru": "Пункт не указан"},
    "none": {"en": "Not noted", "ru": "Не указано"},
    "days": {"en": "{first} to {last}", "ru": "{first} – {last}"},
    "reference": {
        "en": "{round} · list {list} of {lists}, page {page} of {pages} · printed {day}",
        "ru": "{round} · список {list} из {lists}, стр. {page} из {pages} · {day}",
    },
    "number": {"en": "No.", "ru": "№"},
    "code": {"en": "Household", "ru": "Семья"},
    "card": {"en": "Card", "ru": "Карта"},
    "name": {"en": "Name (Latin / Cyrillic)", "ru": "Имя (кириллица / латиница)"},
    "persons": {"en": "Persons", "ru": "Человек"},
    "quantity": {"en": "Quantity", "ru": "Кол-во"},
    "amount": {"en": "Amount, {currency}", "ru": "Сумма, {currency}"},
    "amounts": {"en": "Amount", "ru": "Сумма"},
    "signature": {
        "en": "Signature, or who collects",
        "ru": "Подпись или получатель",
    },
    "page total": {"en": "This page", "ru": "На этой странице"},
    "carried": {"en": "Carried over and this page", "ru": "С перенесённым"},
    "whole": {"en": "The whole list", "ru": "Весь список"},
    "lines": {"en": "Lines: {count}", "ru": "Строк: {count}"},
    "signed": {"en": "Signed: ____ of {count}", "ru": "Подписано: ____ из {count}"},
    "not come": {"en": "Not come: ____", "ru": "Не пришли: ____"},
    "handed": {
        "en": "Handed out by (name, signature)",
        "ru": "Выдал (имя, подпись)",
    },
    "counted": {"en": "Counted by (name, signature)", "ru": "Пересчитал (имя, подпись)"},
    "corrections": {"en": "Corrections on this page", "ru": "Исправления на странице"},
    "received": {"en": "Received {day}", "ru": "Получено {day}"},
    "not collected": {"en": "Not collected", "ru": "Не получено"},
    "double": {"en": "Not yet: possible double", "ru": "Не выдавать: возможен повтор"},
    "paused": {"en": "Not yet: paused", "ru": "Не выдавать: приостановлено"},
    "no name": {"en": "Name not known", "ru": "Имя неизвестно"},
    "draft": {
        "en": "This list is not approved yet. Nothing is handed over by it.",
        "ru": "Список ещё не утверждён. По нему ничего не выдают.",
    },
    "foot": {
        "en": "{programme}, {round} · confidential: names of people who are helped",
        "ru": "{programme}, {round} · конфиденциально: имена получателей помощи",
    },
}
KIND: dict[Modality, Words] = {
    Modality.CASH: {"en": "Cash", "ru": "Деньги"},
    Modality.PREPAID_CARD: {"en": "Prepaid card", "ru": "Предоплаченная карта"},
    Modality.VALUE_VOUCHER: {"en": "Value voucher", "ru": "Ваучер на сумму"},
    Modality.COMMODITY_VOUCHER: {"en": "Commodity voucher", "ru": "Ваучер на товары"},
    Modality.PHARMACY_VOUCHER: {"en": "Pharmacy voucher", "ru": "Ваучер в аптеку"},
    Modality.IN_KIND_PARCEL: {"en": "Parcel", "ru": "Посылка"},
    Modality.SCHOOL_KIT: {"en": "School kit", "ru": "Школьный набор"},
    Modality.GRANT: {"en": "Micro-economic grant", "ru": "Грант на своё дело"},
    Modality.VOCATIONAL_TRAINING: {"en": "Vocational training", "ru": "Обучение"},
}
PER: dict[Per, Words] = {
    Per.HOUSEHOLD: {"en": "{kind}, one per household", "ru": "{kind}: одна выдача на семью"},
    Per.PERSON: {"en": "{kind}, one per person", "ru": "{kind}: одна выдача на человека"},
}
_ALPHABET = "абвгґдеёєжзиіїйклмнопрстуўфхцчшщъыьэюя"
_PLACES = {ord(letter): chr(0x4000 + at) for at, letter in enumerate(_ALPHABET)}


@dataclass(frozen=True)
class Line:
    """One line to sign; `note` stands where the signature would, if nothing may be handed over."""

    code: str
    card: str
    name: str
    other: str
    """The name in the other script."""
    persons: int
    quantity: int
    amount: int
    currency: str
    member: str = ""
    """The code of the person whom the line is for, where that is not the head."""
    note: str = ""


@dataclass(frozen=True)
class SiteList:
    """The list of one point."""

    point: str
    address: str
    team: str
    dates: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Distribution:
    """All lists of a round, with the words around them."""

    lang: Lang
    round: str
    programme: str
    partner: str
    given: str
    office: str
    printed_on: dt.date
    lists: tuple[SiteList, ...]
    approved: bool
    tag: str | None

    def say(self, key: str, **values: object) -> str:
        """Give words of the sheet in its language."""
        return TEXT[key][self.lang].format(**values)


def sheet(session: Session, round_id: int, lang: Lang, *, site_id: int | None = None) -> Drawn:
    """Make the sheet of a round, or of one of its points."""
    return distribution_pdf.drawn(read(session, round_id, lang, site_id=site_id))


def find_round(session: Session, asked: str) -> int:
    """Find a round by its number in the file, its name, or programme and name with a colon."""
    wanted = asked.strip()
    rows = session.execute(
        sa.select(col(Round.id), col(Round.name), col(Programme.name))
        .join(Programme, col(Programme.id) == col(Round.programme_id))
        .order_by(col(Round.id))
    ).all()
    found = [i for i, _name, _programme in rows if wanted.isdecimal() and i == int(wanted)] or [
        i
        for i, name, programme in rows
        if wanted.casefold() in (name.casefold(), f"{programme}: {name}".casefold())
    ]
    if not found:
        raise NotFound(_("There is no round of this number or name: {asked}.").format(asked=asked))
    if len(found) > 1:
        numbers = ", ".join(map(str, found))
        raise Refused(
            _("Several rounds have this name. Give the number of one: {numbers}.").format(
                numbers=numbers
            )
        )
    return int(found[0])


def find_site(session: Session, round_id: int, asked: str) -> int:
    """Find a point of a round by its number in the file or its name."""
    sites = session.exec(select(Site).where(Site.round_id == round_id).order_by(col(Site.id))).all()
    wanted = asked.strip().casefold()
    for site in sites:
        if site.id is not None and wanted in (str(site.id), site.name.casefold()):
            return site.id
    names = ", ".join(site.name for site in sites) or _("none")
    raise NotFound(
        _("This round has no such point: {asked}. It has: {names}.").format(
            asked=asked, names=names
        )
    )


def read(
    session: Session, round_id: int, lang: Lang, *, site_id: int | None = None
) -> Distribution:
    """Read the lines that are not stopped, by point and name. Refuses where there are none."""
    own = session.get(Round, round_id)
    if own is None:
        raise NotFound(_("There is no such round."))
    programme = session.get_one(Programme, own.programme_id)
    lines = _lines(session, own, lang)
    sites = [
        *session.exec(select(Site).where(Site.round_id == round_id).order_by(col(Site.id))).all(),
        None,
    ]
    lists = []
    for site in sites:
        if site_id is not None and (site is None or site.id != site_id):
            continue
        here = lines.get(site.id if site else None, [])
        if here:
            lists.append(_list(own, site, here, lang))
    if not lists:
        raise Refused(_("Nobody is on this list, so there is nothing to sign."))
    partner = session.get(Organisation, programme.partner_id) if programme.partner_id else None
    illustrative = get_setting(session, "trial_day", "") != ""
    office = get_setting(session, "delegation", "") or SHEET["office"][lang]
    names = (partner.latin_name, partner.name) if partner else ("", "")
    return Distribution(
        lang=lang,
        round=own.name,
        programme=programme.name,
        partner=_first(names, lang) or TEXT["none"][lang],
        given=PER[programme.per][lang].format(kind=KIND[programme.modality][lang]),
        office=SHEET["office invented"][lang] if illustrative else office,
        printed_on=clock.today(),
        lists=tuple(lists),
        approved=own.status not in BEFORE_APPROVAL,
        tag=SHEET["tag"][lang] if illustrative else None,
    )


def _first(names: tuple[str, str], lang: Lang) -> str:
    """Give of a Latin and a Cyrillic name the one that the language reads, else the other."""
    latin, cyrillic = names
    return (latin or cyrillic) if lang == "en" else (cyrillic or latin)


def _list(own: Round, site: Site | None, lines: Sequence[Line], lang: Lang) -> SiteList:
    first, last = own.first_day, own.last_day
    if site is not None:
        first, last = site.first_day or first, site.last_day or last
    words = [short_date(first, lang), short_date(last, lang)]
    dates = words[0] if first == last else TEXT["days"][lang].format(first=words[0], last=words[1])
    return SiteList(
        point=site.name if site else TEXT["no point"][lang],
        address=site.address if site else "",
        team=(site.team if site else "") or TEXT["none"][lang],
        dates=dates,
        lines=tuple(sorted(lines, key=lambda line: (_order(line.name), line.code, line.card))),
    )


def _order(name: str) -> str:
    """Order names as their readers look for them: capitals alike, Cyrillic by the alphabet."""
    return name.casefold().translate(_PLACES)


def _lines(session: Session, own: Round, lang: Lang) -> dict[int | None, list[Line]]:
    """The lines of a round by point: four statements, however many lines there are."""
    home: Any = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    rows = session.execute(
        sa.select(
            col(Entitlement.id),
            col(Entitlement.site_id),
            col(Entitlement.person_id),
            col(Entitlement.status),
            col(Entitlement.quantity),
            col(Entitlement.amount),
            col(Entitlement.currency),
            col(Entitlement.card_number),
            col(Registration.id),
            col(Registration.status),
            col(Registration.card_number),
            home,
            col(Household.code),
        )
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(Household, col(Household.id) == col(Registration.household_id))
        .where(
            col(Entitlement.round_id) == own.id,
            col(Entitlement.status) != EntitlementStatus.STOPPED,
        )
    ).all()
    heads, sizes = _homes(session, own)
    names = _names(session, own)
    received = _received(session, own)
    held = _held(session, own)
    codes = _codes(session, own)
    found: dict[int | None, list[Line]] = {}
    for (
        line, site, person, status, quantity, amount, currency, card, registration,
        state, own_card, household, code,
    ) in rows:  # fmt: skip
        head = heads.get(household, 0)
        who = names.get(person or head)
        member = codes.get(person, "") if person is not None and person != head else ""
        if who is None and person is not None:
            who = names.get(head)  # a member without a name here: the head of the family signs
        latin, cyrillic = who or ("", "")
        first = _first((latin, cyrillic), lang)
        note = ""
        if status is EntitlementStatus.RECEIVED:
            day = received.get(line)
            words = short_date(day, lang) if day else ""
            note = TEXT["received"][lang].format(day=words).strip()
        elif status is EntitlementStatus.NOT_COLLECTED:
            note = TEXT["not collected"][lang]
        elif registration in held:
            note = TEXT["double"][lang]
        elif state is RegistrationStatus.PAUSED:
            note = TEXT["paused"][lang]
        found.setdefault(site, []).append(
            Line(
                code=code,
                card=masked(card or own_card) if card or own_card else "",
                name=first or TEXT["no name"][lang],
                other=(cyrillic if first == latin else latin) if latin != cyrillic else "",
                persons=1 if person is not None else sizes.get(household, 0),
                quantity=quantity,
                amount=amount,
                currency=currency,
                member=member,
                note=note,
            )
        )
    return found


def _households_of(own: Round) -> Any:
    """Select the households whose registrations stand on the list, past their merges."""
    return (
        sa.select(sa.func.coalesce(col(Household.merged_into_id), col(Household.id)))
        .select_from(Entitlement)
        .join(Registration, col(Registration.id) == col(Entitlement.registration_id))
        .join(Household, col(Household.id) == col(Registration.household_id))
        .where(col(Entitlement.round_id) == own.id)
    )


def _homes(session: Session, own: Round) -> tuple[dict[int, int], dict[int, int]]:
    """The head of each household, and how many are of it now."""
    heads: dict[int, int] = {}
    sizes: dict[int, int] = {}
    rows = session.execute(
        sa.select(
            col(HouseholdMember.household_id),
            sa.func.coalesce(col(Person.merged_into_id), col(Person.id)),
        )
        .join(Person, col(Person.id) == col(HouseholdMember.person_id))
        .where(
            col(HouseholdMember.household_id).in_(_households_of(own)),
            col(HouseholdMember.until).is_(None),
        )
        .order_by(col(HouseholdMember.head).desc(), col(HouseholdMember.id))
    )
    for household, person in rows:
        heads.setdefault(household, person)
        sizes[household] = sizes.get(household, 0) + 1
    return heads, sizes


def _people_of(own: Round) -> Any:
    """Select whose names may stand on the list: heads of households, and whom a line is for."""
    members = sa.select(col(HouseholdMember.person_id)).where(
        col(HouseholdMember.household_id).in_(_households_of(own)),
        col(HouseholdMember.until).is_(None),
    )
    named = sa.select(col(Entitlement.person_id)).where(
        col(Entitlement.round_id) == own.id, col(Entitlement.person_id).is_not(None)
    )
    either = sa.union(members, named).subquery()
    return sa.select(sa.func.coalesce(col(Person.merged_into_id), col(Person.id))).where(
        col(Person.id).in_(sa.select(either.c[0]))
    )


def _names(session: Session, own: Round) -> dict[int, tuple[str, str]]:
    """The names of each person, Latin and Cyrillic; what is not noted in Latin is romanised."""
    latin: dict[int, str] = {}
    cyrillic: dict[int, str] = {}
    rows = session.execute(
        sa.select(
            col(PersonName.person_id),
            col(PersonName.script),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
        )
        .where(
            col(PersonName.person_id).in_(_people_of(own)),
            col(PersonName.kind).in_((NameKind.OFFICIAL, NameKind.PASSPORT)),
        )
        .order_by(col(PersonName.kind) != NameKind.OFFICIAL, col(PersonName.id))
    )
    for person, script, family, given, patronymic in rows:
        known = latin if script is Script.LATIN else cyrillic
        known.setdefault(person, " ".join(part for part in (family, given, patronymic) if part))
    return {
        person: (latin.get(person) or romanise(cyrillic[person]), cyrillic.get(person, ""))
        for person in {*latin, *cyrillic}
    }


def _received(session: Session, own: Round) -> dict[int, dt.date]:
    """The day on which each line was received: its last fact counts."""
    rows = session.execute(
        sa.select(col(Receipt.entitlement_id), col(Receipt.on_date), col(Receipt.kind))
        .join(Entitlement, col(Entitlement.id) == col(Receipt.entitlement_id))
        .where(col(Entitlement.round_id) == own.id)
        .order_by(col(Receipt.sequence))
    )
    days: dict[int, dt.date] = {}
    for line, day, kind in rows:
        if kind is ReceiptKind.CANCELLED:
            days.pop(line, None)
        else:
            days[line] = day
    return days


def _held(session: Session, own: Round) -> set[int]:
    """The registrations of the list with a possible double that nobody has decided about."""
    rows = session.execute(
        sa.select(col(Double.registration_id))
        .join(Entitlement, col(Entitlement.registration_id) == col(Double.registration_id))
        .where(col(Entitlement.round_id) == own.id, col(Double.decision).in_(UNDECIDED))
    )
    return set(rows.scalars())


def _codes(session: Session, own: Round) -> dict[int, str]:
    """The codes of the persons whom lines are for."""
    rows = session.execute(
        sa.select(col(Person.id), col(Person.code))
        .join(Entitlement, col(Entitlement.person_id) == col(Person.id))
        .where(col(Entitlement.round_id) == own.id)
    )
    return {int(person): str(code) for person, code in rows}
