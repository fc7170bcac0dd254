"""What the illustrative delegation costs, beside bare inserts of as many rows."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measure import PHRASE, Measured, clocked
from casedesk import catalog
from casedesk.illustrative import delegation
from casedesk.kernel import vault
from casedesk.kernel.store import Store


def run(scale: float = 0.1) -> list[Measured]:
    """Make one delegation; insert as many rows of four columns without any rule."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "delegation.cdk")
        with catalog.create_store(path, PHRASE) as store:
            ours = clocked(lambda: delegation.create(store, scale=scale, seed=1))
            rows = _rows(store)
            bare = vault.connect(Path(folder, "bare.cdk"), store._key, guarded=False)
        bare.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT)")

        def insert() -> None:
            bare.execute("BEGIN IMMEDIATE")
            lines = (("Шевченко", "Наталія", "Іванівна") for _ in range(rows))
            bare.executemany("INSERT INTO line (a, b, c) VALUES (?, ?, ?)", lines)
            bare.execute("COMMIT")

        peer = clocked(insert)
        bare.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    note = f"{rows:,} rows once; at most {memory} MB of memory in the process"
    return [Measured(f"illustrative delegation, scale {scale:g}", ours, "bare inserts", peer, note)]


def _rows(store: Store) -> int:
    with store.read() as session:
        connection = session.connection()
        names = sa.inspect(connection).get_table_names()
        counts = [sa.select(sa.func.count()).select_from(sa.table(name)) for name in names]
        return sum(connection.execute(count).scalar_one() for count in counts)
