"""The command line: the same file, figures, sheets and checks without a window."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from casedesk.kernel.errors import CaseDeskError, NotFound, Refused
from casedesk.kernel.language import _


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code, and a sentence instead of a traceback."""
    os.umask(0o077)
    options = _parser().parse_args(argv)
    try:
        return _run(options)
    except CaseDeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="casedesk")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, *places: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name)
        for place in places:
            made.add_argument(place, type=str if place == "figure" else Path)
        made.add_argument("--passphrase-file", type=Path)
        return made

    command("new", "file").add_argument("--plain", action="store_true")
    command("check", "file").add_argument("--json", action="store_true")
    command("backup", "file", "out")
    command("restore", "backup", "file")
    for made in (command("figures", "file"), command("records", "file", "figure")):
        made.add_argument("--json", action="store_true")
        _period(made)
    sheet = command("sheet", "file")
    sheet.add_argument("sheet", choices=["facts-and-figures"])
    sheet.add_argument("--out", type=Path, required=True)
    sheet.add_argument("--edition", choices=["public", "internal"], default="public")
    _period(sheet)
    return parser


def _period(made: argparse.ArgumentParser) -> None:
    made.add_argument("--from", dest="first", type=_day, required=True)
    made.add_argument("--to", dest="last", type=_day, required=True)
    made.add_argument("--known-on", type=_day)
    made.add_argument("--lang", choices=["en", "ru"], default="en")


def _passphrase(options: argparse.Namespace) -> str:
    if options.passphrase_file is not None:
        try:
            text: str = options.passphrase_file.read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            raise NotFound(_("The passphrase file cannot be read.")) from None
        return text.rstrip("\r\n")
    if (kept := os.environ.get("CASEDESK_PASSPHRASE")) is not None:
        return kept
    try:
        return getpass.getpass(_("Passphrase: "))
    except EOFError:
        raise Refused(_("No passphrase was given.")) from None


def _key(options: argparse.Namespace, file: Path) -> str | None:
    """Ask for the passphrase only where the file has one."""
    from casedesk.kernel.vault import PLAIN_MAGIC

    if not file.is_file():
        return None
    try:
        with file.open("rb") as head:
            plain = head.read(16) == PLAIN_MAGIC
    except OSError:
        return None  # opening it says which right is missing
    return None if plain else _passphrase(options)


def _run(options: argparse.Namespace) -> int:
    from casedesk import catalog
    from casedesk.kernel import clock, vault
    from casedesk.kernel.figures import Period

    if options.command == "new":
        catalog.create_store(options.file, None if options.plain else _passphrase(options)).close()
        return 0
    if options.command == "restore":
        vault.restore(options.backup, options.file, _key(options, options.backup))
        return 0
    with catalog.open_store(options.file, _key(options, options.file)) as store:
        if options.command == "check":
            problems = store.check()
            print(json.dumps({"problems": problems}) if options.json else "\n".join(problems))
            return 1 if problems else 0
        if options.command == "backup":
            store.backup(options.out)
            return 0
        from casedesk.reports import sheet

        period = Period(options.first, options.last)
        known = options.known_on or clock.today()
        with store.read() as session:
            if options.command == "records":
                ids = sheet.records_of(session, options.figure, period, known)
                print(json.dumps(ids) if options.json else "\n".join(map(str, ids)))
                return 0
            if options.command == "sheet":
                from casedesk.reports.pdf import write_atomically

                pdf = sheet.facts_and_figures(
                    session, period, options.lang, options.edition, known
                )
                write_atomically(options.out, pdf)
                return 0
            names = ("id", "exact", "printed", "sentence", "records", "kind", "suppressed")
            rows = [
                {name: getattr(row, name) for name in names}
                for row in sheet.figures(session, period, options.lang, known)
            ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print("\n".join(f"{row['id']}\t{row['sentence']}" for row in rows))
    return 0
