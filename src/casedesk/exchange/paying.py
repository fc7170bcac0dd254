"""A payment list for a provider: noted as sent in one act, then written as a table to fill in.

The provider gets what it needs to pay and nothing else. The empty columns at the end are those
that the import of its answer knows, so the filled table comes back without any mapping.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from casedesk.assistance import rounds
from casedesk.assistance.records import Entitlement, ProviderFile, ProviderLine
from casedesk.exchange import places
from casedesk.exchange.exporting import harmless
from casedesk.kernel.acts import act
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import N_, _
from casedesk.partners import rules as partners
from casedesk.partners.records import Organisation, OrganisationDraft

Cells = tuple[str | float, ...]


@dataclass(frozen=True)
class Sent:
    """A list that is noted as sent: its file, the provider's name, and the lines to pay."""

    file_id: int
    provider: str
    lines: tuple[Cells, ...]


@act("exchange.send_list", N_("Send list to provider"))
def send_list(session: Session, round_id: int, provider_id: int, name: str) -> Sent:
    """Note the planned lines of a round as sent to a provider; a new one is noted as well."""
    if not provider_id and not name.strip():
        raise Refused(_("Say to which provider the list goes."))
    if provider_id:
        found = partners.known(session, provider_id)
    else:
        found = partners.add_organisation(session, OrganisationDraft.checked({"name": name}))
    if found.id is None:
        raise Refused(_("There is no such organisation."))
    file = rounds.send_to_provider(session, round_id, found.id)
    if file.id is None:
        raise Refused(_("There is no such file."))
    return Sent(file.id, found.name or found.latin_name, lines_of(session, file.id))


def lines_of(session: Session, file_id: int) -> tuple[Cells, ...]:
    """Give the lines of a file that was sent: household, name, card, amount and currency."""
    rows = session.execute(
        sa.select(
            col(Entitlement.id),
            col(Entitlement.card_number),
            col(ProviderLine.amount_out),
            col(Entitlement.currency),
        )
        .join(ProviderLine, col(ProviderLine.entitlement_id) == col(Entitlement.id))
        .join(ProviderFile, col(ProviderFile.id) == col(ProviderLine.file_id))
        .where(col(ProviderLine.file_id) == file_id)
        .order_by(col(ProviderLine.id))
    ).all()
    homes = places.homes_of(session, {row[0] for row in rows})
    found: list[Cells] = []
    for line, card, amount, currency in rows:
        code, _space, name = homes.get(line, "").partition(" ")
        found.append((code, name, card, amount / 100, currency))
    return tuple(found)


def known_providers(session: Session, text: str) -> list[tuple[int, str]]:
    """Find organisations by a part of their name."""
    found: list[Organisation] = partners.find(session, text, 6)
    return [(int(one.id or 0), one.name or one.latin_name) for one in found]


def heads() -> tuple[str, ...]:
    """Name the columns; the last five are for the provider, in words that come back known."""
    return (
        *(_("Household"), _("Name"), _("Card number"), _("To pay"), _("Currency")),
        *(_("Paid"), _("Paid on"), _("Status"), _("Received by"), _("Comment")),
    )


def payment_list(lines: Sequence[Cells], out: Path) -> bytes:
    """Make the table for a file named .xlsx or .csv."""
    kind = out.suffix.casefold()
    if kind not in (".xlsx", ".csv"):
        raise Refused(_("Name the file .xlsx or .csv."))
    return _workbook(lines) if kind == ".xlsx" else _csv(lines)


def _workbook(lines: Sequence[Cells]) -> bytes:
    import xlsxwriter

    whole = io.BytesIO()
    # In memory: the library's other ways put the names of people into files of the system.
    book = xlsxwriter.Workbook(
        whole, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    strong = book.add_format({"bold": True})
    money = book.add_format({"num_format": "#,##0.00"})
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 9, 16)
    sheet.set_column(1, 1, 34)
    for at, words in enumerate(heads()):
        sheet.write_string(0, at, words, strong)
    for row, cells in enumerate(lines, start=1):
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, at, cell, text)
            else:
                sheet.write_number(row, at, cell, money)
    book.close()
    return whole.getvalue()


def _csv(lines: Sequence[Cells]) -> bytes:
    whole = io.StringIO()
    writer = csv.writer(whole, delimiter=";", lineterminator="\r\n")
    writer.writerow(heads())
    empty = [""] * (len(heads()) - 5)
    for cells in lines:
        shown = (harmless(cell) if isinstance(cell, str) else f"{cell:.2f}" for cell in cells)
        writer.writerow((*shown, *empty))
    return whole.getvalue().encode("utf-8-sig")
