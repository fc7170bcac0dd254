"""Lists: opening, the order of all rows, a page at the end; beside bare statements of the driver.

At 154,200 and 1,500,000 invented rows in a plain file, in a temporary folder.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
from array import array
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.measure import Measured, pair, table
from casedesk import catalog
from casedesk.kernel import query, vault
from casedesk.kernel.jobs import Jobs
from casedesk.kernel.query import AllOf, Column, Condition, Field, Filter, Listing, Sort
from casedesk.kernel.store import Store

SIZES = (154_200, 1_500_000)
PAGE = 128
# A table of its own, without the journal's guards: journalling 1.5 million rows is not the subject.
TABLE = sa.Table(
    "bench_case",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.String),
    sa.Column("name", sa.String),
    sa.Column("status", sa.String),
    sa.Column("opened_on", sa.String),
    sa.Column("point", sa.String),
    sa.Column("calls", sa.Integer),
)
NAMES = ("number", "name", "status", "opened_on", "point", "calls")
LISTING = Listing(
    key="bench",
    identity=TABLE.c.id,
    columns=tuple(Column(name, name, 100, TABLE.c[name]) for name in NAMES),
    fields=(
        Field("status", "Status", lambda c: TABLE.c.status == c.value, lambda c: str(c.value)),
    ),
    source=TABLE,
    default_sort=Sort("opened_on", descending=True),
)
EVERYTHING = Filter()
NEWEST = LISTING.default_sort
OPEN = Filter((Condition("status", "is", "open"),))
FILL = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO bench_case (id, number, name, status, opened_on, point, calls)
    SELECT i, printf('C-%07d', i), printf('Ковальчук %07d', (i * 7919) % 1000003),
           CASE i % 8 WHEN 0 THEN 'open' WHEN 1 THEN 'in_tracing' ELSE 'closed' END,
           date('2022-03-01', printf('+%d days', (i * 31) % 1400)), printf('point %d', i % 12),
           i % 50
    FROM n
"""
ROW = "SELECT id, number, name, status, opened_on, point, calls FROM bench_case"
FIRST = ROW + " ORDER BY opened_on DESC, id DESC LIMIT 128"
AT_END = FIRST + " OFFSET ?"
SOME = ROW + f" WHERE id IN ({', '.join('?' * PAGE)})"
ORDER = "SELECT id FROM bench_case ORDER BY opened_on DESC, id DESC"
BY_CALLS = "SELECT id FROM bench_case ORDER BY calls, id"
NARROW = "SELECT id FROM bench_case WHERE status = 'open' ORDER BY opened_on DESC, id DESC"
COUNT = "SELECT count(*) FROM bench_case WHERE status = 'open'"


def make(path: Path, size: int) -> None:
    """Write a file of so many rows, with an index for the order that the list opens in."""
    catalog.create_store(path, None).close()
    with closing(vault.connect(path, None, guarded=False)) as connection:
        columns = "id INTEGER PRIMARY KEY, number, name, status, opened_on, point, calls"
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE bench_case ({columns})")
        connection.execute(FILL, (size,))
        connection.execute("CREATE INDEX ix_bench_opened ON bench_case (opened_on)")
        connection.execute("CREATE INDEX ix_bench_status ON bench_case (status, opened_on)")
        connection.execute("COMMIT")


def bare_ids(connection: Any, statement: str) -> array[int]:
    """Read ids as quickly as the driver can."""
    return array("q", itertools.chain.from_iterable(connection.execute(statement)))


def steps(path: Path, size: int) -> list[Measured]:
    """Measure what a person waits for in a list of so many rows."""
    times = 15 if size < 500_000 else 5

    def opened() -> None:
        with Store.open(path, None) as fresh, fresh.read() as session:
            query.first_page(session, LISTING, EVERYTHING, NEWEST, PAGE)

    def opened_bare() -> None:
        with closing(vault.connect(path, None)) as fresh:
            fresh.execute(FIRST).fetchall()

    with (
        catalog.open_store(path, None) as store,
        store.read() as session,
        closing(vault.connect(path, None)) as bare,
    ):
        ids = query.snapshot(session, LISTING, EVERYTHING, NEWEST)
        if ids != bare_ids(bare, ORDER):
            raise ValueError("the list is not in the order of the bare statement")
        last = ids[-PAGE:]
        jobs = Jobs(store, lambda callback: callback())

        def through_the_lane() -> None:
            there = threading.Event()
            jobs.read(query.rows, LISTING, last, then=lambda _rows: there.set())
            there.wait()

        def bare_page() -> list[object]:
            rows = {row[0]: row[1:] for row in bare.execute(SOME, list(last))}
            return [rows[i] for i in last]

        rows = f"{size:,} rows: "
        found = [
            pair(rows + "open the file, first page", opened, "connect, SELECT", opened_bare),
            pair(
                rows + "first page",
                lambda: query.first_page(session, LISTING, EVERYTHING, NEWEST, PAGE),
                "SELECT ... LIMIT 128",
                lambda: bare.execute(FIRST).fetchall(),
            ),
            pair(
                rows + "order of all, by an index",
                lambda: query.snapshot(session, LISTING, EVERYTHING, NEWEST),
                "SELECT id ORDER BY",
                lambda: bare_ids(bare, ORDER),
                times=times,
            ),
            pair(
                rows + "order of all, without an index",
                lambda: query.snapshot(session, LISTING, EVERYTHING, Sort("calls")),
                "SELECT id ORDER BY",
                lambda: bare_ids(bare, BY_CALLS),
                times=times,
            ),
            pair(
                rows + "order of the open ones",
                lambda: query.snapshot(session, LISTING, OPEN, NEWEST),
                "SELECT id WHERE",
                lambda: bare_ids(bare, NARROW),
            ),
            pair(
                rows + "count the open ones",
                lambda: query.count(session, LISTING, OPEN),
                "SELECT count(*)",
                lambda: bare.execute(COUNT).fetchone(),
            ),
            pair(
                rows + "all the open ones but three",
                lambda: AllOf(OPEN, tuple(last[:3])).ids(session, LISTING),
                "SELECT id WHERE",
                lambda: bare_ids(bare, NARROW),
            ),
            pair(
                rows + "page at the end",
                lambda: query.rows(session, LISTING, last),
                "SELECT ... WHERE id IN",
                bare_page,
            ),
            pair(
                rows + "page at the end, there and back",
                through_the_lane,
                "SELECT ... WHERE id IN",
                bare_page,
                note="from the window's thread to a reader and back, cells written",
            ),
            pair(
                rows + "page at the end",
                lambda: query.rows(session, LISTING, last),
                "SELECT ... OFFSET",
                lambda: bare.execute(AT_END, (size - PAGE,)).fetchall(),
                note="why no list uses OFFSET",
            ),
        ]
        jobs.close()
    return found


def run() -> list[Measured]:
    """Measure both sizes."""
    found: list[Measured] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="casedesk-bench-") as folder:
            path = Path(folder) / "lists.cdk"
            make(path, size)
            found += steps(path, size)
    return found


if __name__ == "__main__":
    print(table(run()))
