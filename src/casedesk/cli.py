"""The command line: the same file, figures, sheets and checks without a window."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import errno
import gc
import getpass
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from casedesk import __version__
from casedesk.kernel import logs
from casedesk.kernel.errors import (
    CaseDeskError,
    DiskFull,
    EnvironmentFault,
    NotAStore,
    NotFound,
    Refused,
)
from casedesk.kernel.language import LANGUAGES, N_, _, current, ngettext, use

if TYPE_CHECKING:
    from casedesk.exchange import importing, receipts, registrations
    from casedesk.kernel.figures import Period
    from casedesk.kernel.store import Store
    from casedesk.tracing.matching import Suggestion

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
            phrase = _passphrase(options)
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", getpass.GetPassWarning)  # read from a pipe
            return getpass.getpass(_("Passphrase: "))
    except EOFError:
        raise Refused(_("No passphrase was given.")) from None


def _key(options: argparse.Namespace, file: Path) -> str | None:
    """Ask for the passphrase only where the file has one."""
    from casedesk.kernel.vault import MAGIC

    if not file.is_file():
        return None
    try:
        with file.open("rb") as head:
            encrypted = head.read(16).startswith(MAGIC)
    except OSError:
        return None  # opening it says which right is missing
    return _passphrase(options) if encrypted else None


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
    from casedesk.assistance.figures import INDICATORS as ASSISTANCE
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
        elif apart := index.unlike(session):
            problems.append(
                _("Name index: {count} persons stand under other names.").format(count=apart)
            )
        for indicator in (*CALLS, *CASES, *ASSISTANCE):
            listed = indicator.ids(session, period, today)
            if len(set(listed)) != indicator.count(session, period, today):
                problems.append(_("Figure {key} and its list differ.").format(key=indicator.key))
    return problems


def _search(store: Store, options: argparse.Namespace) -> int:
    """Rank persons for one text, or for every line of a file of queries."""
    from casedesk.kernel import clock
    from casedesk.kernel.fields import PartialDate
    from casedesk.people import index

    def found(typed: str, born: str | None, where: str) -> list[dict[str, object]]:
        # Bytes that are no text reach Python as halves of letters, which the file cannot hold.
        text = typed.encode("utf-8", "replace").decode("utf-8")
        try:
            hint = PartialDate.parse(born, clock.today()) if born else None
        except Refused as error:
            raise Refused(
                _("{where}, {text}: {reason}").format(where=where, text=born, reason=error)
            ) from None
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
            hits = found(" ".join(options.text), options.born, "--born")
            if options.json:
                print(json.dumps(hits, ensure_ascii=False))
            for hit in [] if options.json else hits:
                print(f"{hit['person']}\t{hit['name']}\t{hit['born'] or ''}\t{hit['score']}")
            return 0
        try:
            # Not splitlines(): a query may hold what is the end of a line to it and to nobody else.
            lines = options.batch.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")
        except (OSError, UnicodeError):
            raise NotFound(_("The file of queries cannot be read as UTF-8.")) from None
        found(lines[0].partition("\t")[0], None, "")  # once before any is timed, to warm up
        for number, line in enumerate(lines, 1):
            text, _tab, born = line.partition("\t")
            where = _("Line {number} of the queries").format(number=number)
            answer: dict[str, object] = {"query": text}
            start = time.perf_counter()
            try:
                hits = found(text, born.strip() or None, where)
            except Refused as error:  # the other lines have nothing to do with it
                hits, answer["error"] = [], str(error)
                print(error, file=sys.stderr)
            answer |= {"ms": round((time.perf_counter() - start) * 1000, 3), "hits": hits}
            print(json.dumps(answer, ensure_ascii=False))
    return 0


def _match(store: Store, options: argparse.Namespace) -> int:
    """Suggest who else in the file may be the person whom a case seeks."""
    from casedesk.tracing import matching

    text = options.case.encode("utf-8", "replace").decode("utf-8")
    with store.read() as session:
        case_id = matching.case_of(session, text)
        found = matching.for_case(session, case_id, least=matching.LEAST_TOLD, limit=20)
    if options.json:
        rows = [
            {
                **_matched(one),
                "case": one.case_number or None,
                "score": round(one.score, 9),
                "bits": round(one.bits, 2),
                "why": [reason.text for reason in one.why],
                "judgement": one.verdict,
            }
            for one in found
        ]
        print(json.dumps(rows, ensure_ascii=False))
    for one in [] if options.json else found:
        why = ", ".join(reason.text for reason in one.why)
        print(f"{one.score:.2f}\t{one.person_id}\t{one.name}\t{one.case_number}\t{why}")
    return 0


def _progress() -> Callable[[int, int, str], None]:
    """Tell who watches how far long work is; a script that reads standard error is spared it."""
    told = ""

    def step(done: int, total: int, text: str) -> None:
        nonlocal told
        line = f"{text} {100 * done // max(total, 1)} %"
        if line != told and sys.stderr.isatty():
            print(line, file=sys.stderr)
        told = line

    return step


def _duplicates(store: Store, options: argparse.Namespace) -> int:
    """Sweep the whole file for persons who are in it twice."""
    from casedesk.names.weights import bits_of
    from casedesk.tracing import matching, sweep

    with store.read() as session:
        least = max(bits_of(options.min_score), sweep.LEAST)
        pairs = sweep.sweep(session, least=least, step=_progress()).pairs
        found = [one for one in matching.described(session, pairs) if one.verdict is None]
    if options.json:
        rows = [
            {
                "first": _matched(one.first),
                "second": _matched(one.second),
                "score": round(one.score, 9),
                "bits": round(one.bits, 2),
                "why": [reason.text for reason in one.why],
            }
            for one in found
        ]
        print(json.dumps(rows, ensure_ascii=False))
    for one in [] if options.json else found:
        why = ", ".join(reason.text for reason in one.why)
        first, second = one.first, one.second
        print(
            f"{one.score:.4f}\t{first.person_id}\t{first.name}\t"
            f"{second.person_id}\t{second.name}\t{why}"
        )
    return 0


def _matched(one: Suggestion) -> dict[str, object]:
    return {
        "person": one.person_id,
        "external_ref": one.external_ref,
        "name": one.name,
        "born": one.born.text() if one.born else None,
    }


def _doctor(options: argparse.Namespace) -> int:
    from casedesk import doctor

    found = doctor.look()
    if options.json:
        rows = [{"key": f.key, "value": f.value, "mend": f.mend} for f in found]
        print(json.dumps({"found": rows}, ensure_ascii=False))
    else:
        for finding in found:
            print(f"{finding.label}: {finding.value}")
        for finding in found:
            if finding.mend:
                sentence = _("{label} needs a look. What mends it: {mend}")
                print(sentence.format(label=finding.label, mend=finding.mend))
        if not any(finding.mend for finding in found):
            print(_("Nothing is missing."))
    return 1 if any(finding.mend for finding in found) else 0


def _import(store: Store, options: argparse.Namespace) -> int:
    """Take in a table; an illustrative file lives on its last day: its programmes run then."""
    from casedesk.kernel import clock
    from casedesk.kernel.settings import get_setting

    day = ""
    if options.kind in ("registrations", "receipts"):
        with store.read() as session:
            day = get_setting(session, "trial_day", "")
    clock.pin(dt.date.fromisoformat(day) if day else None)
    try:
        return _take_in(store, options)
    finally:
        clock.pin(None)


def _take_in(store: Store, options: argparse.Namespace) -> int:
    """Take in a table, and tell what became of every row."""
    from casedesk.exchange import importing

    if options.kind not in importing.KINDS:
        raise Refused(_("Persons, cases, registrations and receipts can be imported."))
    mapping = importing.read_mapping(options.mapping) if options.mapping else None
    answer: dict[str, object]
    done: importing.Plan | receipts.ReceiptPlan | registrations.RegistrationPlan
    common = {"mapping": mapping, "sheet": options.sheet, "dry_run": options.dry_run}
    places = {"programme": options.programme, "round_": options.round}
    if options.kind == "registrations":
        from casedesk.exchange import registrations

        done, took, entry = registrations.run(
            store,
            options.source,
            with_doubles=options.with_doubles,
            actor=_actor(),
            step=_progress(),
            **common,
            **places,
        )
        taken = done.taken
        answer = {
            "doubles": [
                {"row": row.row, "why": row.why, "rule": row.rule, "other": row.other}
                for row in (*done.doubles, *(took.late if took else ()))
            ],
            "households": len(done.accepted),
            "listed": took.listed if took else 0,
            "waiting": took.waiting if took else 0,
        }
    elif options.kind == "receipts":
        from casedesk.exchange import receipts

        done, differences, entry = receipts.run(
            store, options.source, actor=_actor(), **common, **places
        )
        taken = len(done.accepted)
        answer = {"differences": [{"row": d.row, "difference": d.text} for d in differences]}
    else:
        done, entry = importing.run(
            store, options.kind, options.source, actor=_actor(), step=_progress(), **common
        )
        taken, answer = len(done.accepted), {}
    if options.json:
        answer = {
            "kind": done.kind,
            "rows": done.rows,
            "accepted": taken,
            "refused": [
                {"row": fault.row, "column": fault.column, "reason": fault.reason}
                for fault in done.refused
            ],
            "columns": dict(done.columns),
            "unknown_columns": list(done.unknown_columns),
            "encoding": done.encoding,
            "separator": done.separator,
            "sheet": done.sheet,
            "other_sheets": list(done.other_sheets),
            "dry_run": options.dry_run,
            "entry": entry,
            **answer,
        }
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _tell_import(done, taken, answer, dry_run=options.dry_run)
    return 3 if done.refused and not taken else 0


def _tell_import(
    done: importing.Plan | receipts.ReceiptPlan | registrations.RegistrationPlan,
    taken: int,
    answer: Mapping[str, Any],
    *,
    dry_run: bool,
) -> None:
    for column, name in done.columns if done.kind not in ("persons", "cases") else ():
        print(_("Column {column}: {field}").format(column=column, field=name))
    for title in done.unknown_columns:
        print(_("The column {name} is not used.").format(name=title))
    for title in done.other_sheets:
        print(_("The sheet {name} is not read.").format(name=title))
    for fault in done.refused:
        line = (
            _("Row {row}, column {column}: {reason}") if fault.column else _("Row {row}: {reason}")
        )
        print(line.format(row=fault.row, column=fault.column, reason=fault.reason))
    for double in answer.get("doubles", ()):
        words = [double["why"], double["rule"]]
        if double["other"]:
            words.insert(1, f"({double['other']})")
        reason = " ".join(word for word in words if word)
        print(_("Row {row}, perhaps a double: {reason}").format(row=double["row"], reason=reason))
    for item in answer.get("differences", ()):
        print(_("Row {row}: {reason}").format(row=item["row"], reason=item["difference"]))
    if dry_run:
        line = ngettext(
            "{count} row of {rows} can be taken in.",
            "{count} rows of {rows} can be taken in.",
            taken,
        )
    else:
        line = ngettext(
            "{count} row of {rows} taken in.", "{count} rows of {rows} taken in.", taken
        )
    print(line.format(count=taken, rows=done.rows))


def _export(store: Store, options: argparse.Namespace) -> int:
    """Write the list of a round for a spreadsheet; one that leaves the house is noted first."""
    from casedesk.exchange import exporting, registrations

    with store.read() as session:
        into = registrations.find_into(session, options.programme, options.round)
        if into.round_id is None:
            raise NotFound(_("There is no such round."))
        made = exporting.round_list(session, into.round_id, options.out)
    if options.to or options.why:
        import hashlib

        from casedesk.reports import handed_out

        values = {
            "sheet": "round list",
            "number": str(into.round_id),
            "to_whom": options.to or "",
            "why": options.why or "",
            "pages": made.pages,
            "sha256": hashlib.sha256(made.data).hexdigest(),
        }
        draft = handed_out.HandedOutDraft.checked(values)
        store.write(handed_out.hand_out, draft, actor=_actor())
    exporting.write_whole(options.out, made.data)
    line = ngettext("{count} line written.", "{count} lines written.", made.lines)
    print(line.format(count=made.lines), file=sys.stderr)
    return 0


def _actor() -> str:
    """Name who acts, for the journal: the account that the command runs under."""
    try:
        return getpass.getuser()[:100]
    except (OSError, KeyError):
        return "command line"


def _restore(options: argparse.Namespace) -> int:
    """Put a backup in its place; a file that is there is asked about, and kept beside."""
    from casedesk.kernel import vault

    key, target = _key(options, options.backup), options.file
    if not target.exists():
        vault.restore(options.backup, target, key)
        return 0
    if target.is_dir() or options.backup.resolve() == target.resolve():
        raise Refused(_("This is a folder, or the backup itself. Choose another name."))
    if not options.yes:
        if not sys.stdin.isatty():
            raise Refused(
                _("There is already a file of this name. Choose another name, or say --yes.")
            )
        answer = input(_("There is already a file of this name. Put the backup there? [y/N] "))
        if answer.strip().casefold() not in ("y", "yes", "д", "да"):
            raise Refused(_("Nothing was changed."))
    fresh = target.with_name(target.name + ".restoring")
    fresh.unlink(missing_ok=True)
    vault.restore(options.backup, fresh, key)
    number, kept = 1, target.with_name(target.name + ".before-restore")
    while kept.exists():
        number += 1
        kept = target.with_name(f"{target.name}.before-restore-{number}")
    # What belongs to the old file moves with it: its log would be read into the new one.
    for suffix in ("", "-wal", "-shm", ".anchor"):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.rename(kept.with_name(kept.name + suffix))
    fresh.rename(target)
    print(_("The file that was there is kept as {name}.").format(name=kept.name), file=sys.stderr)
    return 0


def _checked(options: argparse.Namespace) -> tuple[Period, dt.date]:
    """Give the period and the day of knowledge; say which day is impossible."""
    from casedesk.kernel import clock
    from casedesk.kernel.figures import Period

    today = clock.today()
    sentence = _("The day {day} lies in the future: {option}.")
    for option, day in (("--from", options.first), ("--known-on", options.known_on)):
        if day is not None and day > today:
            raise Refused(sentence.format(day=day.isoformat(), option=option))
    return Period(options.first, options.last), options.known_on or today


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


def _sheet(store: Store, options: argparse.Namespace) -> None:
    """Write a sheet about people; one that leaves the house is noted first."""
    from casedesk.reports import case_summary, distribution, handed_out
    from casedesk.reports.pdf import write_atomically
    from casedesk.reports.redaction import Profile

    if options.sheet == "case":
        with store.read() as session:
            case = case_summary.find_case(session, options.case)
        made = case_summary.give_out(
            store,
            case,
            Profile(options.profile),
            to=options.to or "",
            why=options.why or "",
            actor=_actor(),
        )
    else:
        lang = cast(Literal["en", "ru"], current())
        with store.read() as session:
            round_id = distribution.find_round(session, options.round)
            site = options.site and distribution.find_site(session, round_id, options.site)
            made = distribution.sheet(session, round_id, lang, site_id=site)
        if options.to:
            draft = handed_out.draft_of(
                made,
                sheet=handed_out.DISTRIBUTION,
                number=str(round_id),
                profile="internal",
                to=options.to,
                why=options.why,
            )
            store.write(handed_out.hand_out, draft, actor=_actor())
    write_atomically(options.out, made.data)


def _run(options: argparse.Namespace) -> int:
    if options.command not in ("doctor", "new", "demo", "restore"):
        return _with_file(options)
    if options.command == "doctor":
        return _doctor(options)  # needs no register, and has to work where one does not load
    from casedesk import catalog

    if options.command == "new":
        catalog.create_store(options.file, None if options.plain else _passphrase(options)).close()
        return 0
    if options.command == "demo":
        return _demo(options)
    return _restore(options)


def _with_file(options: argparse.Namespace) -> int:
    """Open a file and do what is asked; its key is derived while the registers are loaded."""
    from casedesk.kernel import vault

    if options.command == "sheet":
        _of_sheet(options)
    phrase = _key(options, options.file)
    with ThreadPoolExecutor(1) as aside:
        derived = aside.submit(vault.unlock, options.file, phrase)
        from casedesk import catalog

        key = derived.result()
    with catalog.open_unlocked(options.file, key) as store:
        if options.command == "check":
            problems = store.check() or _unlike(store)
            if options.json:
                print(json.dumps({"problems": problems}, ensure_ascii=False))
            else:
                print("\n".join(problems or [_("Nothing is wrong with this file.")]))
            return 1 if problems else 0
        if options.command == "search":
            return _search(store, options)
        if options.command == "match":
            return _match(store, options)
        if options.command == "duplicates":
            return _duplicates(store, options)
        if options.command == "backup":
            store.backup(options.out)
            return 0
        if options.command == "import":
            return _import(store, options)
        if options.command == "export":
            return _export(store, options)
        if options.command == "sheet" and options.sheet != "facts-and-figures":
            _sheet(store, options)
            return 0
        from casedesk.reports import sheet

        (period, known), lang = _checked(options), cast(Literal["en", "ru"], current())
        with store.read() as session:
            if options.command == "records":
                ids = sheet.records_of(session, options.figure, period, known)
                print(json.dumps(ids) if options.json else "\n".join(map(str, ids)))
                return 0
            if options.command == "sheet":
                from casedesk.reports.pdf import write_atomically

                pdf = sheet.facts_and_figures(session, period, lang, options.edition, known)
                write_atomically(options.out, pdf)
                return 0
            names = ("id", "exact", "printed", "sentence", "records", "kind", "suppressed")
            rows = [
                {name: getattr(row, name) for name in names}
                for row in sheet.figures(session, period, lang, known)
            ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print("\n".join(f"{row['id']}\t{row['sentence']}" for row in rows))
    return 0
