"""The command line: the same file, figures, sheets and checks without a window."""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from casedesk.kernel.errors import CaseDeskError, NotFound, Refused
from casedesk.kernel.language import _

if TYPE_CHECKING:
    from casedesk.kernel.store import Store


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


def _scale(text: str) -> float:
    value = float(text)
    if not 0 < value <= 20:
        raise argparse.ArgumentTypeError(_("the scale is a number above 0, up to 20"))
    return value


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
    demo = command("demo", "file")
    demo.add_argument("--scale", type=_scale, default=0.02)
    demo.add_argument("--seed", type=int, default=1)
    search = command("search", "file")
    search.add_argument("text", nargs="*")
    search.add_argument("--batch", type=Path)
    search.add_argument("--born")
    search.add_argument("--limit", type=int, default=20)
    search.add_argument("--json", action="store_true")
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


def _demo(options: argparse.Namespace) -> int:
    """Fill a new file; a file that was not finished is removed again."""
    from casedesk import catalog
    from casedesk.illustrative import delegation

    store = catalog.create_store(options.file, _passphrase(options))
    finished = False
    try:
        with store:
            delegation.create(
                store,
                scale=options.scale,
                seed=options.seed,
                progress=lambda words: print(words, file=sys.stderr),
            )
            finished = True
    finally:
        if not finished:
            for suffix in ("", "-wal", "-shm", ".anchor"):
                options.file.with_name(options.file.name + suffix).unlink(missing_ok=True)
    return 0


def _unlike(store: Store) -> list[str]:
    """List what does not agree: the name index with the names, figures with their lists."""
    from casedesk.hotline.figures import INDICATORS as CALLS
    from casedesk.kernel import clock
    from casedesk.kernel.figures import Period
    from casedesk.people import index
    from casedesk.tracing.figures import INDICATORS as CASES

    today = clock.today()
    period = Period(dt.date(2022, 1, 1), today)
    problems = []
    with store.read() as session:
        if lost := index.missing(session):
            problems.append(_("Name index: {count} persons are not in it.").format(count=lost))
        for indicator in (*CALLS, *CASES):
            listed = indicator.ids(session, period, today)
            if len(set(listed)) != indicator.count(session, period, today):
                problems.append(_("Figure {key} and its list differ.").format(key=indicator.key))
    return problems


def _search(store: Store, options: argparse.Namespace) -> int:
    """Rank persons for one text, or for every line of a file of queries."""
    from casedesk.kernel import clock
    from casedesk.kernel.fields import PartialDate
    from casedesk.people import index

    def found(text: str, born: str | None) -> list[dict[str, object]]:
        hint = PartialDate.parse(born, clock.today()) if born else None
        return [
            {
                "person": hit.person_id,
                "external_ref": hit.external_ref,
                "name": hit.name,
                "born": hit.born.text() if hit.born else None,
                "score": hit.score,
                "why": list(hit.why),
            }
            for hit in index.search(session, text, born=hint, limit=options.limit)
        ]

    with store.read() as session:
        if options.batch is None:
            hits = found(" ".join(options.text), options.born)
            if options.json:
                print(json.dumps(hits, ensure_ascii=False))
            for hit in [] if options.json else hits:
                print(f"{hit['person']}\t{hit['name']}\t{hit['born'] or ''}\t{hit['score']}")
            return 0
        try:
            lines = options.batch.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeError):
            raise NotFound(_("The file of queries cannot be read as UTF-8.")) from None
        for number, line in enumerate([*lines[:1], *lines]):
            text, _tab, born = line.partition("\t")
            start = time.perf_counter()
            hits = found(text, born.strip() or None)
            spent = round((time.perf_counter() - start) * 1000, 3)
            if number:  # the first query is asked once before, to warm up
                answer = {"query": text, "ms": spent, "hits": hits}
                print(json.dumps(answer, ensure_ascii=False))
    return 0


def _run(options: argparse.Namespace) -> int:
    from casedesk import catalog
    from casedesk.kernel import clock, vault
    from casedesk.kernel.figures import Period

    if options.command == "new":
        catalog.create_store(options.file, None if options.plain else _passphrase(options)).close()
        return 0
    if options.command == "demo":
        return _demo(options)
    if options.command == "restore":
        vault.restore(options.backup, options.file, _key(options, options.backup))
        return 0
    with catalog.open_store(options.file, _key(options, options.file)) as store:
        if options.command == "check":
            problems = store.check() or _unlike(store)
            if options.json:
                print(json.dumps({"problems": problems}, ensure_ascii=False))
            else:
                print("\n".join(problems or [_("Nothing is wrong with this file.")]))
            return 1 if problems else 0
        if options.command == "search":
            return _search(store, options)
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

                pdf = sheet.facts_and_figures(session, period, options.lang, options.edition, known)
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
