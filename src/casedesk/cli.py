"""The command line: the same file, figures, sheets and checks without a window."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import errno
import gc
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from casedesk import __version__
from casedesk.cli_terminal import passphrase, passphrase_of
from casedesk.kernel import logs
from casedesk.kernel.errors import (
    CaseDeskError,
    DiskFull,
    EnvironmentFault,
    NotAStore,
)
from casedesk.kernel.language import LANGUAGES, N_, _, use

# What the contract of the command line names; the message says which of them are there yet.
IMPORT_KINDS = (
    "persons",
    "cases",
    "enquiries",
    "registrations",
    "receipts",
    "messages",
    "activities",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code, and a sentence instead of a traceback."""
    os.umask(0o077)
    # What is imported lives to the end; looking through it for garbage costs a tenth of a second.
    gc.set_threshold(100_000)
    words = list(sys.argv[1:] if argv is None else argv)
    use(_language(words))
    try:
        if _opens_the_desktop(words):
            return _desktop(words)
        return _run(_parser().parse_args(words))
    except CaseDeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the answer has read enough; Python would complain at its end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        fault = DiskFull(_("The disk is full. Nothing was changed. Make room and try again."))
        other = EnvironmentFault(
            _("The system does not allow this: {reason}").format(reason=error.strerror or "")
        )
        print(fault if full else other, file=sys.stderr)
        return EnvironmentFault.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # Our own mistake. What a traceback shows may be about somebody, so it stays away, as in
        # the window; the place is enough to find it.
        if "CASEDESK_TRACEBACK" in os.environ:
            raise
        place = logs.place(error).partition("<")[0]
        print(
            _("CaseDesk made a mistake of its own ({kind} in {place}). Send us this line.").format(
                kind=type(error).__name__, place=place
            ),
            file=sys.stderr,
        )
        return EnvironmentFault.exit_code


def _language(words: list[str]) -> str:
    """Take the language of the messages: --lang, else CASEDESK_LANG, else English."""
    for place, word in enumerate(words):
        given = word.partition("=")[2]
        if word == "--lang":
            given = words[place + 1] if place + 1 < len(words) else ""
        if word.startswith("--lang") and given in LANGUAGES:
            return given
    kept = os.environ.get("CASEDESK_LANG", "")[:2]
    return kept if kept in LANGUAGES else "en"


def _opens_the_desktop(words: list[str]) -> bool:
    """Tell a file from a mistyped command: a file is there, or its name has a dot or a folder."""
    if not words:
        return True
    word = words[0]
    if word.startswith("-") or word in _COMMANDS:
        return False
    if len(words) > 1 and not words[1].startswith(("--passphrase-file", "--lang")):
        return False
    return Path(word).exists() or "." in word or "/" in word or os.sep in word


def _desktop(words: list[str]) -> int:
    """Open the window, loaded only here; it asks for the passphrase where none is given."""
    from casedesk import doctor

    parser = argparse.ArgumentParser(prog="casedesk")
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--passphrase-file", type=Path)
    parser.add_argument("--lang", choices=LANGUAGES)
    options = parser.parse_args(words)
    phrase = None
    if options.file is not None:
        if not options.file.exists():
            raise NotAStore(_("There is no file here. Check the name and the folder."))
        if options.passphrase_file is not None or "CASEDESK_PASSPHRASE" in os.environ:
            phrase = passphrase(options)
    doctor.refuse_without_display()
    try:
        from casedesk import app
    except ImportError:
        raise EnvironmentFault(
            _("A library of the system is missing for the window. See: casedesk doctor")
        ) from None
    return app.main(options.file, sys.argv[:1], phrase=phrase)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text} is not a day of the calendar. Write it like 2025-03-31.").format(text=text)
        ) from None


def _scale(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 20:
        raise argparse.ArgumentTypeError(_("the scale is a number above 0, up to 20"))
    return value


def _score(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(_("the score is a number from 0 to 1"))
    return value


def _limit(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000:
        raise argparse.ArgumentTypeError(_("the limit is a whole number from 1 to 10000"))
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="casedesk",
        description=_("Without a command the window opens: casedesk, or casedesk FILE."),
    )
    parser.add_argument("--version", action="version", version=f"casedesk {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, *places: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=_(_COMMANDS[name]))
        for place in places:
            made.add_argument(place, type=str if place == "figure" else Path)
        made.add_argument("--passphrase-file", type=Path)
        made.add_argument("--lang", choices=LANGUAGES)
        return made

    command("new", "file").add_argument("--plain", action="store_true")
    demo = command("demo", "file")
    demo.add_argument("--scale", type=_scale, default=0.02)
    demo.add_argument("--seed", type=int, default=1)
    search = command("search", "file")
    search.add_argument("text", nargs="*")
    search.add_argument("--batch", type=Path)
    search.add_argument("--born")
    search.add_argument("--limit", type=_limit, default=20)
    search.add_argument("--json", action="store_true")
    match = command("match", "file")
    match.add_argument("case")
    match.add_argument("--json", action="store_true")
    duplicates = command("duplicates", "file")
    duplicates.add_argument("--min-score", type=_score, default=0.5)
    duplicates.add_argument("--json", action="store_true")
    command("check", "file").add_argument("--json", action="store_true")
    command("backup", "file", "out")
    command("restore", "backup", "file").add_argument("--yes", action="store_true")
    taken = command("import", "file")
    taken.add_argument("kind", choices=IMPORT_KINDS)
    taken.add_argument("source", type=Path)
    taken.add_argument("--mapping", type=Path)
    taken.add_argument("--sheet", default="")
    taken.add_argument("--programme", default="")
    taken.add_argument("--round", default="")
    taken.add_argument("--with-doubles", action="store_true")
    taken.add_argument("--dry-run", action="store_true")
    taken.add_argument("--json", action="store_true")
    written = command("export", "file")
    written.add_argument("kind", choices=["round"])
    written.add_argument("--round", required=True)
    written.add_argument("--programme", default="")
    written.add_argument("--to")
    written.add_argument("--why")
    written.add_argument("--out", type=Path, required=True)
    command("doctor").add_argument("--json", action="store_true")
    for made in (command("figures", "file"), command("records", "file", "figure")):
        made.add_argument("--json", action="store_true")
        _period(made)
    sheet = command("sheet", "file")
    sheet.add_argument("sheet", choices=list(_SHEETS))
    sheet.add_argument("--out", type=Path, required=True)
    sheet.add_argument("--edition", choices=["public", "internal"], default="public")
    sheet.add_argument("--from", dest="first", type=_day)
    # The last day of a period; of a sheet about people, to whom it is given.
    sheet.add_argument("--to")
    sheet.add_argument("--why")
    sheet.add_argument("--known-on", type=_day)
    sheet.add_argument("--round")
    sheet.add_argument("--site")
    sheet.add_argument("--case")
    profiles = ["internal", "partner", "authority", "family"]
    sheet.add_argument("--profile", choices=profiles, default="internal")
    sheet.set_defaults(refuse=sheet.error)
    return parser


def _period(made: argparse.ArgumentParser) -> None:
    made.add_argument("--from", dest="first", type=_day, required=True)
    made.add_argument("--to", dest="last", type=_day, required=True)
    made.add_argument("--known-on", type=_day)


_SHEETS = {
    "facts-and-figures": ("--from", "--to"),
    "distribution": ("--round",),
    "case": ("--case",),
}
"""What each sheet cannot be made without."""

_COMMANDS = {
    "new": N_("create an empty file, encrypted unless --plain"),
    "demo": N_("create the illustrative delegation"),
    "search": N_("find persons by name, number or reference"),
    "match": N_("suggest who may be the person whom a case seeks"),
    "duplicates": N_("find all persons who may be in the file twice"),
    "check": N_("read everything and say what is wrong"),
    "backup": N_("write a verified copy"),
    "restore": N_("put a backup in its place"),
    "import": N_("take in a table (CSV or XLSX): persons, cases, registrations, receipts"),
    "export": N_("write the list of a round as XLSX or CSV"),
    "doctor": N_("say what this computer lacks, and what mends it"),
    "figures": N_("count every figure of a period"),
    "records": N_("list the records behind one figure"),
    "sheet": N_("write a sheet as PDF"),
}


def _run(options: argparse.Namespace) -> int:
    if options.command == "doctor":
        from casedesk import cli_checks  # it needs no register, and works where one does not load

        return cli_checks.doctor(options)
    if options.command in ("new", "demo", "restore"):
        from casedesk import cli_files

        alone = {"new": cli_files.new, "demo": cli_files.demo, "restore": cli_files.restore}
        return alone[options.command](options)
    return _with_file(options)


def _with_file(options: argparse.Namespace) -> int:
    """Open a file and do what is asked; its key is derived while the registers are loaded."""
    from casedesk.kernel import vault

    if options.command == "sheet":
        _of_sheet(options)
    phrase = passphrase_of(options, options.file)
    with ThreadPoolExecutor(1) as aside:
        derived = aside.submit(vault.unlock, options.file, phrase)
        from casedesk import catalog, cli_checks, cli_files, cli_matching, cli_sheets, cli_tables

        opened = derived.result()
    acts = {
        "backup": cli_files.backup,
        "check": cli_checks.check,
        "duplicates": cli_matching.duplicates,
        "export": cli_tables.export_round,
        "figures": cli_sheets.figures,
        "import": cli_tables.import_table,
        "match": cli_matching.match,
        "records": cli_sheets.records,
        "search": cli_matching.search,
        "sheet": cli_sheets.sheet,
    }
    with catalog.open_unlocked(options.file, opened) as store:
        return acts[options.command](store, options)


def _of_sheet(options: argparse.Namespace) -> None:
    """Refuse a sheet that lacks what it needs, as wrong usage, before the file is opened."""
    given = {"--from": options.first, "--to": options.to, "--why": options.why}
    given |= {"--round": options.round, "--case": options.case}
    needs = list(_SHEETS[options.sheet])
    leaves = options.profile != "internal" or options.to or options.why
    if options.sheet != "facts-and-figures" and leaves:
        needs += ["--to", "--why"]
    if missing := [name for name in needs if given[name] is None]:
        options.refuse(
            _("The sheet {sheet} needs {options}.").format(
                sheet=options.sheet, options=", ".join(missing)
            )
        )
    if options.sheet == "facts-and-figures":
        try:
            options.last = _day(options.to)
        except argparse.ArgumentTypeError as error:
            options.refuse(str(error))
