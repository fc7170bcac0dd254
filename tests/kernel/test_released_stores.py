"""Files of every version that was released open in this one, and come out like new ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from casedesk import catalog

STORES = sorted((Path(__file__).parent / "stores").glob("*.cdk"))


def tables(store):
    """Give every table, index and trigger with its text."""
    with store.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE 'alembic_%'"
        )
        return {(kind, name): " ".join((text or "").split()) for kind, name, text in rows}


def test_there_is_a_file_of_a_released_version():
    assert STORES


@pytest.mark.parametrize("released", STORES, ids=lambda path: path.stem)
def test_released_file_opens_and_is_like_a_new_one(released, store, tmp_path):
    path = tmp_path / "old.cdk"
    shutil.copy(released, path)
    with catalog.open_store(path, None) as opened:
        assert opened.check() == []
        assert tables(opened).keys() == tables(store).keys()
        with opened.read() as session:
            held = {
                table: session.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
                for table in ("enquiry", "enquiry_sought", "tracing_case")
            }
    # A file with nothing in it cannot show that its rows come along.
    assert held == dict.fromkeys(held, int(released.stem.endswith("-filled")))
    assert list(tmp_path.glob("old.cdk.v*.backup"))
