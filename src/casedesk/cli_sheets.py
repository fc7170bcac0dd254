"""Figures from a terminal: `figures` counts them, `records` lists them, `sheet` prints them."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Literal, cast

from casedesk.cli_terminal import actor
from casedesk.kernel.errors import Refused
from casedesk.kernel.language import _, current

if TYPE_CHECKING:
    import argparse

    from casedesk.kernel.figures import Period
    from casedesk.kernel.store import Store


def figures(store: Store, options: argparse.Namespace) -> int:
    """Count every figure of a period."""
    from casedesk.reports import sheet as counted

    period, known = _checked(options)
    names = ("id", "exact", "printed", "sentence", "records", "kind", "suppressed")
    with store.read() as session:
        rows = [
            {name: getattr(row, name) for name in names}
            for row in counted.figures(session, period, _language(), known)
        ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print("\n".join(f"{row['id']}\t{row['sentence']}" for row in rows))
    return 0


def records(store: Store, options: argparse.Namespace) -> int:
    """List the records behind one figure."""
    from casedesk.reports import sheet as counted

    period, known = _checked(options)
    with store.read() as session:
        ids = counted.records_of(session, options.figure, period, known)
    print(json.dumps(ids) if options.json else "\n".join(map(str, ids)))
    return 0


def sheet(store: Store, options: argparse.Namespace) -> int:
    """Write a sheet as PDF."""
    if options.sheet == "facts-and-figures":
        _of_figures(store, options)
    else:
        _of_people(store, options)
    return 0


def _of_figures(store: Store, options: argparse.Namespace) -> None:
    from casedesk.reports import sheet as counted
    from casedesk.reports.pdf import write_atomically

    period, known = _checked(options)
    with store.read() as session:
        made = counted.facts_and_figures(session, period, _language(), options.edition, known)
    write_atomically(options.out, made)


def _of_people(store: Store, options: argparse.Namespace) -> None:
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
            actor=actor(),
        )
    else:
        with store.read() as session:
            round_id = distribution.find_round(session, options.round)
            site = options.site and distribution.find_site(session, round_id, options.site)
            made = distribution.sheet(session, round_id, _language(), site_id=site)
        if options.to:
            draft = handed_out.draft_of(
                made,
                sheet=handed_out.DISTRIBUTION,
                number=str(round_id),
                profile="internal",
                to=options.to,
                why=options.why,
            )
            store.write(handed_out.hand_out, draft, actor=actor())
    write_atomically(options.out, made.data)


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


def _language() -> Literal["en", "ru"]:
    return cast(Literal["en", "ru"], current())
