"""Write the list of a round for a spreadsheet: XLSX, or CSV.

Names stand in both scripts. Whatever begins like a formula is text for every spreadsheet. The file
appears whole or not at all, and only its owner may read it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import rounds, wording
from casedesk.assistance.records import (
    Entitlement,
    Household,
    HouseholdMember,
    Receipt,
    ReceiptKind,
    Registration,
    Site,
)
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import N_, _
from casedesk.kernel.store import listed
from casedesk.names.romanise import romanise
from casedesk.people.records import Contact, Person, PersonName, Script

Value = str | int | float | dt.date | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


@dataclass(frozen=True)
class Line:
    """One line of the list, as it leaves the house."""

    code: str
    name: str
    latin: str
    people: int
    phone: str
    place: str
    address: str
    site: str
    card: str
    quantity: int
    amount: int
    currency: str
    status: str
    received_on: dt.date | None
    collected_by: str


COLUMNS: tuple[tuple[str, int, Callable[[Line], Value]], ...] = (
    (N_("Household"), 12, lambda line: line.code),
    (N_("Name"), 34, lambda line: line.name),
    (N_("Name in Latin letters"), 34, lambda line: line.latin),
    (N_("People"), 8, lambda line: line.people),
    (N_("Telephone"), 18, lambda line: line.phone),
    (N_("Place"), 20, lambda line: line.place),
    (N_("Address"), 34, lambda line: line.address),
    (N_("Point"), 20, lambda line: line.site),
    (N_("Card number"), 22, lambda line: line.card),
    (N_("Quantity"), 10, lambda line: line.quantity),
    (N_("Amount"), 14, lambda line: line.amount / 100),
    (N_("Currency"), 10, lambda line: line.currency),
    (N_("Status"), 16, lambda line: line.status),
    (N_("Received"), 12, lambda line: line.received_on),
    (N_("Collected by"), 34, lambda line: line.collected_by),
)


@dataclass(frozen=True)
class Exported:
    """A list that is ready to be written: its bytes, and how many lines it has."""

    data: bytes
    lines: int
    pages: int = 1


def round_list(session: Session, round_id: int, out: Path) -> Exported:
    """Make the list of a round for a file named .xlsx or .csv; `write_whole` writes it."""
    name = rounds.round_of(session, round_id).name
    kind = out.suffix.casefold()
    if kind not in (".xlsx", ".csv"):
        raise Refused(_("Name the file .xlsx or .csv."))
    if out.is_dir() or not out.parent.is_dir():
        raise Refused(_("The folder of this file does not exist. Make it first."))
    lines = lines_of(session, round_id)
    return Exported(_workbook(lines, name) if kind == ".xlsx" else _csv(lines), len(lines))


def lines_of(session: Session, round_id: int) -> list[Line]:
    """Read the list of a round, in the order of the households' codes."""
    home = sa.orm.aliased(Household)
    current = sa.func.coalesce(col(Household.merged_into_id), col(Household.id))
    line: Any = Entitlement
    rows = session.execute(
        sa.select(
            line.id,
            line.person_id,
            line.card_number,
            line.quantity,
            line.amount,
            line.currency,
            line.status,
            col(home.id),
            col(home.code),
            col(home.place),
            col(home.address),
            col(Site.name),
        )
        .select_from(Entitlement)
        .join(Registration, col(Registration.id) == line.registration_id)
        .join(Household, col(Household.id) == col(Registration.household_id))
        .join(home, col(home.id) == current)
        .join(Site, col(Site.id) == line.site_id, isouter=True)
        .where(line.round_id == round_id)
        .order_by(col(home.code), line.id)
    ).all()
    people = _people(session, {row[7] for row in rows})
    receipts = _receipts(session, round_id)
    heads = {home_id: members[0] for home_id, members in people.items() if members}
    persons = {row[1] or heads.get(row[7], 0) for row in rows}
    persons |= {receipt.person for receipt in receipts.values()}
    names = _names(session, persons)
    phones = _phones(session, persons)
    found = []
    for i, person, card, quantity, amount, currency, status, home_id, *place in rows:
        who = person or heads.get(home_id, 0)
        name, latin = names.get(who, ("", ""))
        receipt = receipts.get(i, _Given())
        found.append(
            Line(
                code=place[0],
                name=name,
                latin=latin,
                people=1 if person else len(people.get(home_id, ())),
                phone=phones.get(who, ""),
                place=place[1],
                address=place[2],
                site=place[3] or "",
                card=card,
                quantity=quantity,
                amount=amount,
                currency=currency,
                status=_(wording.LINE[status][0]),
                received_on=receipt.on,
                collected_by=_either(names.get(receipt.person)) or receipt.proxy,
            )
        )
    return found


@dataclass(frozen=True)
class _Given:
    on: dt.date | None = None
    person: int = 0
    proxy: str = ""


def _either(names: tuple[str, str] | None) -> str:
    return (names[0] or names[1]) if names else ""


def _people(session: Session, households: set[int]) -> dict[int, list[int]]:
    """Give the people of households, the head first."""
    rows = session.execute(
        sa.select(
            col(HouseholdMember.household_id),
            sa.func.coalesce(col(Person.merged_into_id), col(Person.id)),
        )
        .join(Person, col(Person.id) == col(HouseholdMember.person_id))
        .where(
            col(HouseholdMember.household_id).in_(listed(households)),
            col(HouseholdMember.until).is_(None),
        )
        .order_by(col(HouseholdMember.head).desc(), col(HouseholdMember.id))
    )
    found: dict[int, list[int]] = {}
    for household, person in rows:
        members = found.setdefault(household, [])
        if person not in members:
            members.append(person)
    return found


def _receipts(session: Session, round_id: int) -> dict[int, _Given]:
    rows = session.execute(
        sa.select(
            col(Receipt.entitlement_id),
            col(Receipt.kind),
            col(Receipt.on_date),
            col(Receipt.collected_by_id),
            col(Receipt.proxy),
        )
        .join(Entitlement, col(Entitlement.id) == col(Receipt.entitlement_id))
        .where(col(Entitlement.round_id) == round_id)
        .order_by(col(Receipt.sequence))
    )
    last = {i: (kind, _Given(on, person or 0, proxy)) for i, kind, on, person, proxy in rows}
    return {i: given for i, (kind, given) in last.items() if kind is not ReceiptKind.CANCELLED}


def _names(session: Session, persons: set[int]) -> dict[int, tuple[str, str]]:
    """Give each person's name as it is written, and in Latin letters as in a passport."""
    rows = session.execute(
        sa.select(
            col(PersonName.person_id),
            col(PersonName.script),
            col(PersonName.family),
            col(PersonName.given),
            col(PersonName.patronymic),
        )
        .where(col(PersonName.person_id).in_(listed(persons)))
        .order_by(col(PersonName.kind) != "official", col(PersonName.id))
    )
    written: dict[tuple[int, Script], str] = {}
    for person, script, *parts in rows:
        written.setdefault((person, script), " ".join(part for part in parts if part))
    found = {}
    for person in persons:
        cyrillic = written.get((person, Script.CYRILLIC), "")
        latin = written.get((person, Script.LATIN), "") or romanise(cyrillic)
        found[person] = (cyrillic or latin, latin)
    return found


def _phones(session: Session, persons: set[int]) -> dict[int, str]:
    """Give a number of each person that is safe to call."""
    rows = session.execute(
        sa.select(col(Contact.person_id), col(Contact.e164))
        .where(
            col(Contact.person_id).in_(listed(persons)),
            col(Contact.e164).is_not(None),
            col(Contact.safe).is_(True),
        )
        .order_by(col(Contact.id).desc())
    )
    return dict(rows.all())


# ---------------------------------------------------------------------------------------- files


def _workbook(lines: Sequence[Line], title: str) -> bytes:
    import xlsxwriter

    whole = io.BytesIO()
    # In memory: the library's other ways put the names of people into files of the system.
    book = xlsxwriter.Workbook(
        whole,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    sheet = book.add_worksheet(_sheet_name(title))
    strong = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    money = book.add_format({"num_format": "#,##0.00"})
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for at, (label, width, _value) in enumerate(COLUMNS):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, _(label), strong)
    if lines:
        sheet.autofilter(0, 0, len(lines), len(COLUMNS) - 1)
    for row, line in enumerate(lines, start=1):
        for at, (_label, _width, read) in enumerate(COLUMNS):
            value = read(line)
            if isinstance(value, float):
                sheet.write_number(row, at, value, money)
            elif isinstance(value, int):
                sheet.write_number(row, at, value)
            elif isinstance(value, dt.date):
                sheet.write_datetime(row, at, dt.datetime.combine(value, dt.time()), day)
            elif value:
                sheet.write_string(row, at, _plain(value), text)
    book.close()
    return whole.getvalue()


def _sheet_name(title: str) -> str:
    kept = "".join(c for c in title if c not in "[]:*?/\\" and c.isprintable()).strip(" '")
    return kept[:31] or "List"


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def _csv(lines: Sequence[Line]) -> bytes:
    whole = io.StringIO()
    writer = csv.writer(whole, delimiter=";", lineterminator="\r\n")
    writer.writerow(_(label) for label, _width, _value in COLUMNS)
    for line in lines:
        writer.writerow(_csv_cells(line))
    return whole.getvalue().encode("utf-8-sig")


def _csv_cells(line: Line) -> Iterator[str]:
    for _label, _width, read in COLUMNS:
        value = read(line)
        if isinstance(value, float):
            yield f"{value:.2f}"
        elif isinstance(value, dt.date):
            yield value.isoformat()
        elif isinstance(value, str):
            yield harmless(value)
        else:
            yield "" if value is None else str(value)


def harmless(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula."""
    shown = _plain(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def write_whole(out: Path, content: bytes) -> None:
    """Put the file in its place when all of it is on the disk."""
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, out)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
