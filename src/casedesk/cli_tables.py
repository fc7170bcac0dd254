"""Tables from a terminal: `import` takes one in, `export` writes the list of a round."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

from casedesk.cli_terminal import actor, progress
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import _, ngettext

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from casedesk.exchange import importing, receipts, registrations
    from casedesk.kernel.store import Store


def import_table(store: Store, options: argparse.Namespace) -> int:
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
            actor=actor(),
            step=progress(),
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
            store, options.source, actor=actor(), **common, **places
        )
        taken = len(done.accepted)
        answer = {"differences": [{"row": d.row, "difference": d.text} for d in differences]}
    else:
        done, entry = importing.run(
            store, options.kind, options.source, actor=actor(), step=progress(), **common
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


def export_round(store: Store, options: argparse.Namespace) -> int:
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
        store.write(handed_out.hand_out, draft, actor=actor())
    exporting.write_whole(options.out, made.data)
    line = ngettext("{count} line written.", "{count} lines written.", made.lines)
    print(line.format(count=made.lines), file=sys.stderr)
    return 0
