"""What the file promises: nothing acknowledged is lost, nothing changed goes unnoticed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2

from casedesk import catalog
from casedesk.kernel import journal, vault
from casedesk.kernel.acts import act
from casedesk.kernel.errors import (
    NotAStore,
    Refused,
    StaleRecord,
    StoreDamaged,
    StoreTooNew,
    WrongPassphrase,
)
from casedesk.kernel.store import Store
from casedesk.people.records import Person, PersonDraft

PHRASE = "wooden bridge late apples"


@act("test.add", "Add")
def add(session, code):
    """Add one person."""
    person = Person.of(PersonDraft(code=code))
    session.add(person)
    session.flush()
    return person.id


@act("test.change", "Change")
def change(session, person_id, revision=None, **values):
    """Change one person."""
    person = session.get(Person, person_id)
    person.apply(PersonDraft(**{**person.draft().model_dump(), **values}), revision=revision)
    session.add(person)


@act("test.fail", "Fail")
def fail(session):
    """Change something and then fail."""
    add(session, "lost")
    raise Refused("no")


def person(store: Store, person_id: int) -> Person | None:
    """Read one person."""
    with store.read() as session:
        return session.get(Person, person_id)


def test_act_is_committed_announced_and_journalled(store):
    heard = []
    store.listeners.append(heard.append)
    made, changes = store.write(add, "P-1", actor="anna")
    assert changes.touched == {"person": frozenset({made})}
    assert heard == [changes]
    with store.read() as session:
        (line,) = journal.history(session, "person", made)
        assert (line.act, line.actor, line.action) == ("test.add", "anna", "create")


def test_failed_act_leaves_no_trace(store):
    with pytest.raises(Refused):
        store.write(fail, actor="anna")
    with store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
    assert store.check() == []


def test_undo_and_redo_restore_exactly(store):
    made, _ = store.write(add, "P-1", actor="anna")
    _, changed = store.write(change, made, actor="anna", sex="f", mother_name="Ольга")
    _, undone = store.write(journal.undo, changed.entry, actor="anna")
    assert (person(store, made).sex, person(store, made).mother_name) == ("unknown", "")
    store.write(journal.undo, undone.entry, actor="anna")
    assert (person(store, made).sex, person(store, made).mother_name) == ("f", "Ольга")
    assert store.check() == []


def test_undo_of_creation_is_refused_after_a_change(store):
    made, created = store.write(add, "P-1", actor="anna")
    store.write(change, made, actor="boris", sex="f")
    with pytest.raises(StaleRecord):
        store.write(journal.undo, created.entry, actor="anna")
    assert person(store, made).sex == "f"


def test_stale_form_is_refused(store):
    made, _ = store.write(add, "P-1", actor="anna")
    store.write(change, made, 0, actor="boris", sex="f")
    with pytest.raises(StaleRecord):
        store.write(change, made, 0, actor="anna", sex="m")


def test_change_outside_an_act_is_refused(store):
    made, _ = store.write(add, "P-1", actor="anna")
    with store.read() as session:
        session.get(Person, made).sex = "f"
        with pytest.raises(StaleRecord):
            session.flush()
    raw = dbapi2.connect(str(store.path))
    with pytest.raises(dbapi2.DatabaseError, match="outside an act"):
        raw.execute("UPDATE person SET sex = 'f'")
    raw.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE journal_line SET after = '{}' WHERE id = 1",
        "DELETE FROM journal_line WHERE id = 2",
        "UPDATE journal_entry SET actor = 'eve' WHERE id = 2",
        "DELETE FROM journal_line WHERE entry_id = 3; DELETE FROM journal_entry WHERE id = 3",
        "DELETE FROM journal_line WHERE entry_id = 2; DELETE FROM journal_entry WHERE id = 2",
    ],
)
def test_changed_removed_or_cut_journal_is_found(store, tampering):
    for code in ("P-1", "P-2", "P-3"):
        store.write(add, code, actor="anna")
    assert store.check() == []
    raw = dbapi2.connect(str(store.path), isolation_level=None)
    guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'guard%'").fetchall()
    for name, _ in guards:
        raw.execute(f"DROP TRIGGER {name}")
    raw.executescript(tampering)
    for _, statement in guards:
        raw.execute(statement)
    raw.close()
    assert store.check() != []


def test_program_itself_cannot_drop_a_guard(store):
    raw = store._engine.raw_connection()
    for statement in (
        "DROP TRIGGER guard_line_update",
        "DELETE FROM journal_entry",
        "INSERT INTO journal_line (entry_id, record, record_id, action) VALUES (1, 'x', 1, 'x')",
        "PRAGMA writable_schema = ON",
        "ATTACH ':memory:' AS other",
    ):
        with pytest.raises(dbapi2.DatabaseError):
            raw.execute(statement)
    raw.close()


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one encrypted file."""
    path = tmp_path_factory.mktemp("encrypted") / "delegation.cdk"
    with catalog.create_store(path, PHRASE) as made:
        made.write(add, "P-1", actor="anna")
    return path


def test_encrypted_file_opens_with_its_phrase_alone(encrypted):
    assert b"CREATE TABLE person" not in encrypted.read_bytes()
    with catalog.open_store(encrypted, PHRASE) as opened:
        assert opened.check() == []
    with pytest.raises(WrongPassphrase):
        catalog.open_store(encrypted, "wooden bridge late pears")
    with pytest.raises(WrongPassphrase):
        catalog.open_store(encrypted, None)


def test_key_is_as_dear_as_the_head_of_the_file_says(tmp_path, full_cost):
    """The one test that pays it: "CDK1" stands for these numbers, for every file there is."""
    assert vault.ARGON2 == {"time_cost": 3, "memory_cost": 256 * 1024, "parallelism": 2}
    key = vault._derive(PHRASE, vault.MAGIC + bytes(range(8)))
    assert key.hex() == "1dfbd31d3325eb928a0371b8f93c43975d7b77396b96fb2d7f841920df7d7660"
    path = tmp_path / "delegation.cdk"
    catalog.create_store(path, PHRASE).close()
    with catalog.open_store(path, PHRASE) as opened:
        assert opened.check() == []


def test_byte_changed_anywhere_in_the_encrypted_file_is_found(encrypted, tmp_path):
    whole = encrypted.read_bytes()
    with catalog.open_store(encrypted, PHRASE) as opened:
        key = opened._key
    rng = random.Random(7)
    places = [0, 1, 4, 11, 12, 15, 16, 17, len(whole) - 1]
    places += [rng.randrange(16, len(whole)) for _ in range(60)]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << rng.randrange(8)
        path = tmp_path / f"{place}.cdk"
        path.write_bytes(flipped)
        if place < 16:
            with pytest.raises((NotAStore, WrongPassphrase, StoreDamaged)):
                catalog.open_store(path, PHRASE)
        else:
            assert Store(path, key).check() != [], place
        path.unlink()


def test_backup_restores_and_never_overwrites(encrypted, tmp_path):
    copy, back = tmp_path / "copy.cdk", tmp_path / "back.cdk"
    with catalog.open_store(encrypted, PHRASE) as opened:
        opened.backup(copy)
        with pytest.raises(Refused):
            opened.backup(copy)
    vault.restore(copy, back, PHRASE)
    with catalog.open_store(back, PHRASE) as opened:
        assert person(opened, 1).code == "P-1"
    assert list(tmp_path.glob("*.partial*")) == []


def test_foreign_newer_and_missing_files_are_told_apart(store, tmp_path):
    text = tmp_path / "letter.txt"
    text.write_text("Dear delegation, this is not a database.")
    with pytest.raises(NotAStore):
        catalog.open_store(text, None)
    with pytest.raises(NotAStore):
        catalog.open_store(tmp_path / "missing.cdk", None)
    other = tmp_path / "other.db"
    raw = dbapi2.connect(str(other))
    raw.execute("CREATE TABLE t (x)")
    raw.close()
    with pytest.raises(NotAStore):
        catalog.open_store(other, None)
    raw = dbapi2.connect(str(store.path))
    raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(StoreTooNew):
        catalog.open_store(store.path, None)


WRITER = """
import sys
from pathlib import Path
from casedesk import catalog
sys.path.insert(0, {tests!r})
from test_store import add
store = catalog.open_store(Path(sys.argv[1]), sys.argv[3] or None)
n = int(sys.argv[2])
print("ready", flush=True)
while True:
    n += 1
    store.write(add, f"P-{{n}}", actor="anna")
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("phrase", [None, PHRASE], ids=["plain", "encrypted"])
def test_nothing_acknowledged_is_lost_when_the_program_is_killed(tmp_path, full_cost, phrase):
    """Kill a writing process again and again, each time at a random moment."""
    path, script = tmp_path / "delegation.cdk", tmp_path / "writer.py"
    catalog.create_store(path, phrase).close()
    key = vault.unlock(path, phrase)
    script.write_text(WRITER.format(tests=str(Path(__file__).parent)))
    rng, acknowledged = random.Random(3), 0
    for kill in range(int(os.environ.get("CASEDESK_KILLS", "20"))):
        process = subprocess.Popen(
            [sys.executable, str(script), str(path), str(acknowledged + 1), phrase or ""],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # The first commit of a process takes its time, so most moments lie after it.
        told = [int(process.stdout.readline())] if kill % 4 else []
        time.sleep(rng.uniform(0.0, 0.03))  # the random moment is the subject of this test
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split("\n") if line.strip()]
        process.stdout.close()
        process.wait()
        acknowledged = max([acknowledged, *told])
        with Store(path, key) as store, store.read() as session:
            codes = set(session.scalars(sa.select(Person.code)))
        assert {f"P-{n}" for n in told} <= codes
        acknowledged = max([acknowledged, *(int(code[2:]) for code in codes)])
    assert acknowledged > 0
    with Store(path, key) as store:
        assert store.check() == []


def test_locked_file_gives_nothing_until_the_passphrase_comes_back(tmp_path):
    with Store.create(tmp_path / "f.cdk", PHRASE) as store:
        store.keep_draft("call", "half a sentence")
        store.lock()
        with pytest.raises(WrongPassphrase), store.read():
            pass
        with pytest.raises(WrongPassphrase):
            store.drafts()
        with pytest.raises(WrongPassphrase):
            store.unlock("not these words at all")
        assert store.locked
        store.unlock(PHRASE)
        assert store.drafts() == {"call": "half a sentence"}
        store.keep_draft("call", "a sentence")
        assert store.drafts() == {"call": "a sentence"}
        store.drop_draft("call")
        assert store.drafts() == {}
        assert store.check() == []
