"""What is wrong, told to a terminal: `check` reads the file, `doctor` looks at the computer.

Nothing of a register is loaded with this module: `doctor` has to work where one does not load.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from casedesk.kernel.language import _

if TYPE_CHECKING:
    import argparse

    from casedesk.kernel.store import Store


def check(store: Store, options: argparse.Namespace) -> int:
    """Read everything and say what is wrong."""
    problems = store.check() or _unlike(store)
    if options.json:
        print(json.dumps({"problems": problems}, ensure_ascii=False))
    else:
        print("\n".join(problems or [_("Nothing is wrong with this file.")]))
    return 1 if problems else 0


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


def doctor(options: argparse.Namespace) -> int:
    """Say what this computer lacks, and what mends it; 1 where something is missing."""
    from casedesk.doctor import look

    found = look()
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
