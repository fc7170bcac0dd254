"""The list of what the program is made of: record modules, and what is kept in step with them.

Explicit, no discovery. Only `cli`, the composition root and tests import it.
"""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session, col, select

from casedesk.hotline import records as _hotline  # noqa: F401  (maps its tables)
from casedesk.kernel import journal
from casedesk.kernel.store import Store
from casedesk.people import index
from casedesk.people.records import PersonName
from casedesk.reports import external as _external  # noqa: F401  (maps its table)
from casedesk.tracing import records as _tracing  # noqa: F401  (maps its tables)


def create_store(path: Path, passphrase: str | None) -> Store:
    """Make a new file with every table of the program; a plain one where the phrase is None."""
    return _with_keepers(Store.create(path, passphrase))


def open_store(path: Path, passphrase: str | None) -> Store:
    """Open a file of the program."""
    return _with_keepers(Store.open(path, passphrase))


def _with_keepers(store: Store) -> Store:
    store.keepers.append(_keep_names)
    return store


def _keep_names(session: Session, touched: dict[str, set[int]]) -> None:
    """Bring the name index in step with every name that an act, or its undoing, touched."""
    names = touched.get("person_name", set())
    persons = touched.get("person", set())
    # A bulk act brings its own index rows; thousands of single look-ups would take minutes.
    if not 0 < len(names) + len(persons) <= 500:
        return
    owners = session.exec(select(PersonName.person_id).where(col(PersonName.id).in_(names)))
    gone = {int(row["person_id"]) for row in journal.removed(session, "person_name")}
    index.keep(session, {*owners, *gone, *persons})
