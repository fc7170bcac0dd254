"""What an act costs: a call logged, on a plain and on an encrypted file, beside bare inserts."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from sqlcipher3 import dbapi2

from benchmarks.measure import PHRASE, Measured, pair
from casedesk import catalog
from casedesk.hotline.records import Channel, EnquiryDraft, Reason
from casedesk.hotline.rules import log_call
from casedesk.kernel import vault
from casedesk.kernel.store import Store
from casedesk.people.records import PersonDraft, PersonNameDraft, Script
from casedesk.people.rules import NewPerson


def run() -> list[Measured]:
    """Measure both kinds of file."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            _measure("log a call, plain file", Path(folder, "plain.cdk"), None),
            _measure("log a call, encrypted file", Path(folder, "secret.cdk"), PHRASE),
        ]


def _measure(what: str, path: Path, phrase: str | None) -> Measured:
    with catalog.create_store(path, phrase) as store:
        bare = vault.connect(path.with_name("bare-" + path.name), store._key, guarded=False)
        bare.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT)")
        numbers = iter(range(10**9))
        measured = pair(
            what,
            lambda: _log(store, next(numbers)),
            "one INSERT of five columns, committed, same driver and settings",
            lambda: _insert(bare),
            times=200,
            note="enquiry, caller with two names, number, index, journal, seal, commit",
        )
        bare.close()
    return measured


def _log(store: Store, number: int) -> None:
    store.write(
        log_call,
        EnquiryDraft(
            received_on=dt.date(2025, 9, 11),
            received_at="10:15",
            channel=Channel.PHONE,
            reason=Reason.SEEKING_RELATIVE,
            number_typed=f"+79{number:09}",
            summary="Brother did not call since March.",
        ),
        (),
        NewPerson(
            PersonDraft(),
            (
                PersonNameDraft(family="Шевченко", given="Наталія"),
                PersonNameDraft(family="Shevchenko", given="Nataliia", script=Script.LATIN),
            ),
        ),
        actor="benchmark",
    )


def _insert(connection: dbapi2.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO line (a, b, c, d) VALUES ('a', 'b', 'c', 'd')")
    connection.execute("COMMIT")
