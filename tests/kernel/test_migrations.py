"""An older file is brought up to date whole, or stays as it was; and a backup lies beside it."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2

from casedesk import catalog
from casedesk.kernel import journal, migrations, vault
from casedesk.kernel.errors import EnvironmentFault, StoreBusy, StoreTooNew
from casedesk.kernel.migrations import freeze
from casedesk.people import rules
from casedesk.people.records import Contact, Person, PersonDraft, PersonName, PersonNameDraft

PHRASE = "wooden bridge late apples"
ADD_COLUMN = """
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("eye_colour", sa.String(20), nullable=False, server_default=""))
    op.create_index("ix_person_eye_colour", "person", ["eye_colour"])
"""
FAILURES = {  # Python that stands in a revision
    "an error after two steps": ADD_COLUMN + "    op.drop_table('nowhere')\n",
    "a mistake of the script": ADD_COLUMN + "    raise RuntimeError('no')\n",
    "rows that are gone": "    op.execute('DELETE FROM person_name')\n",
    "a reference that leads nowhere": "    op.execute('UPDATE person_name SET person_id = 99')\n",
}


def versions(folder: Path, body: str) -> Path:
    """Put the shipped revisions and one artificial one into a folder."""
    shutil.copytree(migrations.VERSIONS, folder)
    newest = f"{vault.SCHEMA_VERSION:04d}"
    (folder / "9999_test.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f'revision = "9999"\ndown_revision = "{newest}"\n\n\ndef upgrade():\n{body}'
    )
    return folder


def schema(connection) -> dict[str, str]:
    """Everything the file says about itself, whatever its line breaks."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: re.sub(r"\s+", " ", sql).replace(", )", ")") for name, sql in rows}


def filled(path: Path, phrase: str | None) -> Path:
    """Make a file with one person."""
    with catalog.create_store(path, phrase) as store:
        names = [PersonNameDraft(family="Иванова", given="Анна")]
        store.write(rules.register_person, PersonDraft(mother_name="Ольга"), names, actor="anna")
    return path


def everything(path: Path, phrase: str | None) -> tuple[list[object], ...]:
    """Read all records and the journal."""
    with catalog.open_store(path, phrase) as store:
        assert store.check() == []
        with store.read() as session:
            return tuple(
                [tuple(row) for row in session.execute(sa.select(table))]
                for table in (
                    Person.__table__,
                    PersonName.__table__,
                    Contact.__table__,
                    journal.ENTRY,
                    journal.LINE,
                )
            )


def test_revisions_make_the_same_tables_as_the_program(store, tmp_path):
    engine = migrations._engine(tmp_path / "built.cdk", None)
    with engine.begin() as built:
        migrations.build(built)
        made_by_revisions = schema(built)
    engine.dispose()
    with store.read() as session:
        assert made_by_revisions == schema(session.connection())


def test_newest_revision_is_the_version_that_files_carry():
    newest = max(path.name[:4] for path in migrations.VERSIONS.glob("[0-9]*.py"))
    assert int(newest) == vault.SCHEMA_VERSION


@pytest.mark.parametrize("phrase", [None, PHRASE], ids=["plain", "encrypted"])
def test_older_file_is_brought_up_to_date_and_kept(tmp_path, phrase):
    path = filled(tmp_path / "a%20b.cdk", phrase)
    before = everything(path, phrase)
    key = vault.unlock(path, phrase)
    shipped = versions(tmp_path / "versions", ADD_COLUMN)
    kept = migrations.upgrade(path, key, to=9999, versions=shipped)
    assert kept is not None
    assert everything(kept, phrase) == before
    with closing(vault.connect(path, key)) as connection:
        assert connection.execute("SELECT eye_colour, mother_name FROM person").fetchall() == [
            ("", "Ольга")
        ]
        assert connection.execute("PRAGMA user_version").fetchone() == (9999,)
        (guard,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'journal_insert_person'"
        ).fetchone()
    assert "eye_colour" in guard  # the journal follows the new column too
    if phrase:
        assert "Ольга".encode() not in path.read_bytes() + kept.read_bytes()
    assert migrations.upgrade(path, key, to=9999, versions=shipped) is None
    names = {item.name for item in tmp_path.iterdir()} - {"versions"}
    assert {name for name in names if not name.endswith((".anchor", "-wal", "-shm"))} == {
        path.name,
        kept.name,
    }
    with pytest.raises(StoreTooNew):
        catalog.open_store(path, phrase)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_failing_change_of_version_leaves_the_file_as_it_was(tmp_path, failure):
    path = filled(tmp_path / "d.cdk", None)
    before = everything(path, None)
    with pytest.raises(EnvironmentFault, match="as it was"):
        migrations.upgrade(path, None, to=9999, versions=versions(tmp_path / "versions", failure))
    assert everything(path, None) == before
    assert migrations.version_of(path, None) == vault.SCHEMA_VERSION
    assert not list(tmp_path.glob("*.backup*")) + list(tmp_path.glob("*.migrating*"))


def test_rebuilding_a_table_keeps_what_hangs_on_it(tmp_path):
    path = filled(tmp_path / "d.cdk", None)
    body = (
        '    with op.batch_alter_table("person", recreate="always") as batch:\n'
        '        batch.add_column(sa.Column("more", sa.Integer))\n'
    )
    migrations.upgrade(path, None, to=9999, versions=versions(tmp_path / "versions", body))
    with closing(vault.connect(path, None)) as connection:
        assert connection.execute("SELECT count(*) FROM person_name").fetchone() == (1,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        sql = "SELECT sql FROM sqlite_master WHERE name = 'person'"
        assert "ck_person_sex" in connection.execute(sql).fetchone()[0]


def test_file_that_another_program_holds_is_left_alone(tmp_path):
    path = filled(tmp_path / "d.cdk", None)
    shipped = versions(tmp_path / "versions", ADD_COLUMN)
    with closing(dbapi2.connect(str(path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            migrations.upgrade(path, None, to=9999, versions=shipped)
        other.execute("ROLLBACK")
    assert migrations.version_of(path, None) == vault.SCHEMA_VERSION
    assert not list(tmp_path.glob("*.backup*")) + list(tmp_path.glob("*.migrating*"))


MIGRATE = """
import sys
from pathlib import Path
from alembic import command  # loaded first, so that the moments fall into the work itself
from casedesk.kernel import migrations
print("ready", flush=True)
migrations.upgrade(Path(sys.argv[1]), None, to=9999, versions=Path(sys.argv[2]))
"""


@pytest.mark.slow
def test_file_is_old_or_new_when_the_program_is_killed(tmp_path):
    path = filled(tmp_path / "d.cdk", None)
    whole = path.read_bytes()
    before = everything(path, None)
    shipped = versions(tmp_path / "versions", ADD_COLUMN)
    rng, seen = random.Random(5), set()
    for _ in range(int(os.environ.get("CASEDESK_KILLS", "40"))):
        for left in (*tmp_path.glob("d.cdk-*"), *tmp_path.glob("d.cdk.*")):
            left.unlink()
        path.write_bytes(whole)
        words = [sys.executable, "-c", MIGRATE, str(path), str(shipped)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0.0, 0.3))  # the random moment is the subject of this test
            process.kill()
        version = migrations.version_of(path, None)
        seen.add(version)
        if version == vault.SCHEMA_VERSION:
            assert everything(path, None) == before
        else:
            assert vault.damaged_pages(path, None) == []
            assert everything(next(tmp_path.glob("*.backup")), None) == before
    assert seen <= {vault.SCHEMA_VERSION, 9999}


def test_opening_an_older_file_brings_it_up_to_date(tmp_path, monkeypatch):
    path = filled(tmp_path / "d.cdk", None)
    shipped = versions(tmp_path / "versions", ADD_COLUMN)
    upgrade = migrations.upgrade
    monkeypatch.setattr(
        migrations, "upgrade", lambda path, key: upgrade(path, key, to=9999, versions=shipped)
    )
    with catalog.open_store(path, None) as store, store.read() as session:
        (name,) = session.scalars(sa.select(PersonName.family))
        assert name == "Иванова"
    assert [item.name for item in tmp_path.glob("*.backup")] == [
        f"d.cdk.v{vault.SCHEMA_VERSION}.backup"
    ]


def test_alembic_is_loaded_only_where_it_is_needed(store):
    code = (
        "import sys; from pathlib import Path; from casedesk import catalog\n"
        f"catalog.open_store(Path({str(store.path)!r}), None).close()\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_draft_of_a_revision_brings_one_file_to_another(tmp_path):
    tables = {
        "old": (
            "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT)",
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
            "CREATE TABLE gone (id INTEGER PRIMARY KEY)",
            "CREATE INDEX ix_x ON a (x)",
            "CREATE INDEX ix_b ON b (a_id)",
        ),
        "new": (
            "CREATE TABLE a (id INTEGER PRIMARY KEY, y TEXT, x TEXT)",
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
            "CREATE TABLE c (id INTEGER PRIMARY KEY)",
            "CREATE INDEX ix_x ON a (x, y)",
            "CREATE INDEX ix_b ON b (a_id)",
        ),
    }
    for name, statements in tables.items():
        with closing(dbapi2.connect(str(tmp_path / name), isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)
    made: dict[str, object] = {}
    draft = freeze.next_one(2, tmp_path / "old", tmp_path / "new")
    exec(compile(draft, "draft", "exec"), made)  # noqa: S102 (our own text)
    statements = made["STATEMENTS"]
    assert isinstance(statements, tuple)
    with closing(dbapi2.connect(str(tmp_path / "old"), isolation_level=None)) as connection:
        connection.execute("INSERT INTO a VALUES (7, 'kept')")
        connection.execute("INSERT INTO b VALUES (1, 7)")
        for statement in statements:
            connection.execute(statement)
        assert connection.execute("SELECT id, y, x FROM a").fetchall() == [(7, None, "kept")]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        there = {row[0] for row in connection.execute("SELECT sql FROM sqlite_master")}
    assert there == set(tables["new"])
