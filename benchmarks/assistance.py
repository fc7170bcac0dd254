"""What assistance costs and finds: 10,000 households imported, their sheet, planted doubles."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import python_calamine
import xlsxwriter
from reportlab.lib.colors import black
from reportlab.platypus import PageBreak, SimpleDocTemplate, Table, TableStyle
from sqlmodel import Session

from benchmarks import doubles
from benchmarks.measure import PHRASE, Measured, clocked, pair
from casedesk import catalog
from casedesk.assistance.records import (
    Entitlement,
    Household,
    HouseholdMember,
    Modality,
    Programme,
    ProgrammeDraft,
    Registration,
    Round,
    RoundDraft,
)
from casedesk.assistance.rounds import open_round
from casedesk.assistance.rules import add_programme
from casedesk.exchange import registrations
from casedesk.illustrative.people import People
from casedesk.kernel.acts import act
from casedesk.kernel.store import Store, insert_rows
from casedesk.people import index
from casedesk.people.records import Person, PersonName
from casedesk.reports import distribution as paper
from casedesk.reports.pdf import write_atomically
from casedesk.reports.typography import typography

HOUSEHOLDS = 10_000
DAY = dt.date(2025, 9, 1)


def run() -> list[Measured]:
    """Measure all of it."""
    return [*distribution(), *import_registrations(), *doubles.run()]


def distribution(households: int = HOUSEHOLDS) -> list[Measured]:
    """Read a round from an encrypted file and write its sheet, atomically, both scripts."""
    typography()
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "round.cdk"), Path(folder, "sheet.pdf")
        with catalog.create_store(path, PHRASE) as store:
            round_id, _changes = store.write(fill, households, actor="benchmark", bulk=True)

            def made() -> None:
                with store.read() as session:
                    write_atomically(out, paper.sheet(session, round_id, "en").data)

            with store.read() as session:
                (one,) = paper.read(session, round_id, "en").lists
            cells = [
                [str(at), line.code, f"{line.name}\n{line.other}", line.persons, line.quantity,
                 f"{line.amount // 100:,}", ""]
                for at, line in enumerate(one.lines, start=1)
            ]  # fmt: skip
            inside = pair(
                f"distribution sheet, {households:,} households",
                made,
                "ReportLab tables of as many rows, 25 a page, no totals, from memory",
                lambda: _table(out.with_name("bare.pdf"), cells),
                times=2,
                note="read, sorted, totals, two scripts, encrypted file",
            )
        words = ["sheet", str(path), "distribution", "--round", str(round_id), "--out", str(out)]
        whole = min(clocked(lambda: _command(words)) for _turn in range(2))
        note = "the same as a command: start, key derivation, sheet"
        return [inside, Measured(f"{inside.what}, whole process", whole, *_peer(inside), note)]


def _peer(of: Measured) -> tuple[str, float]:
    return of.peer, of.bare


def _command(words: list[str]) -> None:
    """Run the command line as a user does: a process of its own, from start to end."""
    env = {**os.environ, "CASEDESK_PASSPHRASE": PHRASE}
    done = subprocess.run(  # noqa: S603 - our own program, with words of ours
        [sys.executable, "-m", "casedesk", *words],
        env=env, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    if words[0] == "import" and json.loads(done.stdout)["refused"]:
        raise RuntimeError("rows were refused")


def _table(path: Path, cells: list[list[Any]]) -> None:
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), "PT", 8),
            ("LEADING", (0, 0), (-1, -1), 9),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, black),
        ]
    )
    story: list[Any] = []
    for at in range(0, len(cells), 25):
        table = Table(cells[at : at + 25], colWidths=(28, 54, 160, 36, 36, 54, 110))
        table.setStyle(style)
        story += [table, PageBreak()]
    SimpleDocTemplate(str(path), initialFontName="PT").build(story)


def import_registrations(rows: int = HOUSEHOLDS) -> list[Measured]:
    """Take in a workbook of new households: read apart, doubles looked for, names indexed."""
    times: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "list.xlsx")
        _list_of_households(source, rows)
        for turn in range(2):
            with catalog.create_store(Path(folder, f"{turn}.cdk"), PHRASE) as store:
                draft = ProgrammeDraft(name="Cash", modality=Modality.CASH, starts_on=DAY)
                store.write(add_programme, draft, actor="benchmark")
                ours = clocked(lambda store=store: _import(store, source))  # type: ignore[misc]
            times.append((ours, clocked(lambda: _bare_read(source))))
        best = min(times)
        inside = Measured(
            f"import of {rows:,} registrations from XLSX",
            best[0],
            "the same workbook read into lists by calamine, in this process",
            best[1],
            "child process, every row checked, doubles, index, journal, encrypted file, one search",
        )
        made = [inside]
        for options, note in (([], ""), (["--round", "September"], ", and onto a round's list")):
            whole = []
            for turn in range(2):
                path = Path(folder, f"{turn}{len(options)}.cdk")
                _with_round(path)
                words = ["import", str(path), "registrations", str(source), "--programme", "Cash"]
                more = ["--with-doubles", "--json", *options]
                whole.append(clocked(lambda words=words, more=more: _command([*words, *more])))  # type: ignore[misc]
            text = f"start, key derivation, import{note}"
            made.append(Measured(f"{inside.what}, whole process", min(whole), *_peer(inside), text))
        return made


def _with_round(path: Path) -> None:
    with catalog.create_store(path, PHRASE) as store:
        draft = ProgrammeDraft(name="Cash", modality=Modality.CASH, starts_on=DAY)
        programme, _changes = store.write(add_programme, draft, actor="benchmark")
        own = RoundDraft(
            programme_id=programme.id or 0,
            name="September",
            first_day=DAY,
            last_day=DAY,
            opened_on=DAY,
        )
        store.write(open_round, own, actor="benchmark")


def _import(store: Store, source: Path) -> None:
    plan, taken, _entry = registrations.run(store, source, programme="Cash", with_doubles=True)
    if plan.refused or taken is None or taken.registrations != plan.rows:
        raise RuntimeError("rows are missing")
    with store.read() as session:
        index.search(session, "Иванова Анна")


def _bare_read(source: Path) -> None:
    python_calamine.CalamineWorkbook.from_path(source).get_sheet_by_index(0).to_python()


def _list_of_households(out: Path, rows: int) -> None:
    people = People(2)
    book = xlsxwriter.Workbook(str(out))
    sheet = book.add_worksheet("List")
    sheet.write_row(0, 0, ["Reference", "Family name", "Given name", "Patronymic", "Born"])
    sheet.write_row(0, 5, ["Telephone", "Document", "Card", "People", "Place", "Address"])
    for at in range(1, rows + 1):
        head = people.person("f" if at % 3 else "m")
        name, own = head.rows["name"][0], head.rows["person"][0]
        born = own["born_first"]
        parts = [name["family"].upper(), name["given"], name["patronymic"]]
        sheet.write_row(at, 0, [f"A-{at}", *parts, born.isoformat() if born else ""])
        sheet.write_row(at, 5, [f"+7916{at:07}", f"45 10 {at:06}", f"2200 {at:012}", 1 + at % 5])
        sheet.write_row(at, 9, ["Курск", f"ул. Ленина, {at}"])
    book.close()


@act("benchmark.fill_round", "Fill a round", undoable=False)
def fill(session: Session, households: int) -> int:
    """Put as many invented households on the list of one round."""
    people = People(1)
    rows: dict[type[Any], list[dict[str, Any]]] = {}
    programme = ProgrammeDraft(name="Cash", modality=Modality.CASH, starts_on=DAY)
    own = RoundDraft(programme_id=1, name="September", first_day=DAY, last_day=DAY, opened_on=DAY)
    rows[Programme] = [{"id": 1, "revision": 0, **programme.model_dump()}]
    rows[Round] = [{"id": 1, "revision": 0, **own.model_dump()}]
    for at in range(1, households + 1):
        head = people.person("f")
        ids = {"id": at, "revision": 0}
        rows.setdefault(Person, []).extend(head.rows["person"])
        rows.setdefault(PersonName, []).extend(head.rows["name"])
        home = {"code": f"H-{at:06}", "place": "", "address": "", "need": "", "note": ""}
        rows.setdefault(Household, []).append({**ids, **home, "merged_into_id": None})
        member = {"household_id": at, "person_id": head.id, "head": True, "relation": ""}
        empty = {"document": "", "document_key": "", "since": None, "until": None}
        rows.setdefault(HouseholdMember, []).append({**ids, **member, **empty})
        rows.setdefault(Registration, []).append(
            {
                **ids, "programme_id": 1, "household_id": at, "status": "included",
                "registered_on": DAY, "criteria": "", "consent": True, "card_number": "",
                "external_ref": None,
            }
        )  # fmt: skip
        rows.setdefault(Entitlement, []).append(
            {
                **ids, "round_id": 1, "registration_id": at, "person_id": None, "site_id": None,
                "status": "planned", "quantity": 1, "amount": 1_500_000 + at, "currency": "RUB",
                "card_number": "", "reason": "",
            }
        )  # fmt: skip
    order = (Programme, Person, PersonName, Household, HouseholdMember, Registration, Round)
    for cls in (*order, Entitlement):
        insert_rows(session, cls, rows[cls])
    return 1
