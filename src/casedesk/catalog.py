"""The list of what the program is made of: record modules, and what is kept in step with them.

Explicit, no discovery. Only `cli`, the composition root and tests import it.
"""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session, col, select

from casedesk import numbers
from casedesk.assistance import guard
from casedesk.assistance import records as _assistance  # noqa: F401  (maps its tables)
from casedesk.hotline import records as _hotline  # noqa: F401  (maps its tables)
from casedesk.kernel import journal, migrations, vault
from casedesk.kernel import settings as _settings  # noqa: F401  (maps its table)
from casedesk.kernel.language import _
from casedesk.kernel.store import Store
from casedesk.partners import records as _partners  # noqa: F401  (maps its table)
from casedesk.people import index
from casedesk.people.records import NameToken, PersonName
from casedesk.reports import external as _external  # noqa: F401  (maps its table)
from casedesk.reports import handed_out as _handed_out  # noqa: F401  (maps its table)
from casedesk.tracing import records as _tracing  # noqa: F401  (maps its tables)
from casedesk.tracing.rules import by_number


def create_store(path: Path, passphrase: str | None) -> Store:
    """Make a new file with every table of the program; a plain one where the phrase is None."""
    return _with_keepers(Store.create(path, passphrase))


def open_store(path: Path, passphrase: str | None) -> Store:
    """Open a file of the program; one that an older version wrote is brought up to date first."""
    return open_unlocked(path, vault.unlock(path, passphrase))


def open_unlocked(path: Path, key: vault.Key | None) -> Store:
    """Open a file whose key has been derived already."""
    vault.identify(path, key)
    migrations.upgrade(path, key)
    return _with_keepers(Store(path, key))


def _by_case_number(session: Session, typed: str) -> list[tuple[int, str]]:
    """Find the person of a case by its number, however it is spaced."""
    return [(case.person_id, _("case number")) for case in by_number(session, typed)]


index.finders.append(_by_case_number)
index.part_finders.append(numbers.by_part_of_case_number)


def _with_keepers(store: Store) -> Store:
    store.keepers += [_keep_names, guard.keep]
    return store


def _keep_names(session: Session, touched: dict[str, set[int]]) -> None:
    """Bring the name index in step with every name that an act, or its undoing, touched."""
    names = sorted(touched.get("person_name", set()))
    persons = touched.get("person", set())
    if not names and not persons:
        return
    wanted = {int(row["person_id"]) for row in journal.removed(session, "person_name")}
    for start in range(0, len(names), 500):
        chunk = names[start : start + 500]
        owners = select(PersonName.person_id).where(col(PersonName.id).in_(chunk))
        if len(names) > 500:
            # A bulk act brings its own index rows. Undoing and redoing one does not.
            owners = owners.where(col(PersonName.person_id).not_in(select(NameToken.person_id)))
        wanted.update(session.exec(owners))
    index.keep(session, wanted if len(names) > 500 else {*wanted, *persons})
