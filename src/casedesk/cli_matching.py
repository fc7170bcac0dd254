"""Persons found from a terminal: `search` by name, `match` for a case, `duplicates` of all."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from casedesk.cli_terminal import progress
from casedesk.kernel.errors import NotFound, Refused
from casedesk.kernel.language import _

if TYPE_CHECKING:
    import argparse

    from casedesk.kernel.store import Store
    from casedesk.tracing.matching import Suggestion


def search(store: Store, options: argparse.Namespace) -> int:
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


def match(store: Store, options: argparse.Namespace) -> int:
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


def duplicates(store: Store, options: argparse.Namespace) -> int:
    """Sweep the whole file for persons who are in it twice."""
    from casedesk.names.weights import bits_of
    from casedesk.tracing import matching, sweep

    with store.read() as session:
        least = max(bits_of(options.min_score), sweep.LEAST)
        pairs = sweep.sweep(session, least=least, step=progress()).pairs
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
