"""What an import leaves behind: an index that need not be made anew, and nothing if it stops."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import col

from casedesk import catalog
from casedesk.exchange import importing
from casedesk.kernel import language
from casedesk.kernel.journal import undo
from casedesk.people import index
from casedesk.people.records import Person


@pytest.fixture
def store(tmp_path):
    language.use("en")
    with catalog.create_store(tmp_path / "own.cdk", None) as made:
        yield made


@pytest.fixture
def table(tmp_path):
    source = tmp_path / "list.csv"
    source.write_text("name,born\nИванова Анна,1980\nПетров Пётр,1975\n", encoding="utf-8")
    return source


def persons(store):
    with store.read() as session:
        return session.execute(sa.select(sa.func.count(col(Person.id)))).scalar()


def test_index_is_kept_after_an_import_that_fills_the_file(store, table):
    importing.run(store, "persons", table)
    with store.read() as session:
        assert not index.stale(session)
        assert [hit.name for hit in index.search(session, "Ivanova Anna")] == ["Иванова Анна"]
        assert (index.missing(session), index.unlike(session)) == (0, 0)


def test_undo_of_an_import_leaves_no_name_to_be_found(store, table):
    _plan, entry = importing.run(store, "persons", table)
    store.write(undo, entry, actor="anna")
    assert persons(store) == 0
    with store.read() as session:
        assert index.search(session, "Ivanova Anna") == []


def test_progress_is_told_and_may_stop_before_anything_is_written(store, table):
    heard = []

    def step(done, total, text):
        heard.append(text)
        if text == "Taking rows in":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        importing.run(store, "persons", table, step=step)
    assert heard == ["Checking rows", "Taking rows in"]
    assert persons(store) == 0
