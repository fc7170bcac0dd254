"""The file of the delegation. A transaction begins and ends here, and nowhere else."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2
from sqlmodel import Session, SQLModel

from casedesk.kernel import clock, journal, vault
from casedesk.kernel.acts import act_of
from casedesk.kernel.errors import Refused, StaleRecord, WrongPassphrase
from casedesk.kernel.language import _
from casedesk.kernel.records import Record

R = TypeVar("R")
# What was typed and not saved yet. It lies inside the encrypted file, so that neither a crash nor
# a lost laptop harms it; it is no record, so the journal does not follow each keystroke.
DRAFT = sa.Table(
    "store_draft",
    SQLModel.metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)
Keeper = Callable[[Session, dict[str, set[int]]], None]


@dataclass(frozen=True)
class Changes:
    """What a committed act touched: the entry, its act, and ids by table."""

    entry: int
    act: str
    touched: dict[str, frozenset[int]]


class Store:
    """An open file: `read` for looking, `write` for acts.

    `keepers` are functions that bring derived tables in step inside the same transaction; the
    catalog hands them in.
    """

    def __init__(self, path: Path, key: vault.Key | None) -> None:
        """Wrap a file that exists; use `create` or `open`."""
        self.path = path
        self.anchor = path.with_name(path.name + ".anchor")
        self.keepers: list[Keeper] = []
        self.listeners: list[Callable[[Changes], None]] = []
        self._key = key
        self._engine = _engine(path, key)
        self.locked = False
        # Writers of this process queue here; only those of another process find the file busy.
        self._turn = threading.Lock()

    @classmethod
    def create(cls, path: Path, passphrase: str | None) -> Self:
        """Make a new empty file, encrypted unless the passphrase is None. Never overwrites."""
        if path.exists():
            raise Refused(_("There is already a file of this name. Choose another name."))
        if not path.parent.is_dir():
            raise Refused(_("The folder of this file does not exist. Make it first."))
        key = None if passphrase is None else vault.new_key(passphrase)
        try:
            with vault.translated():
                engine = _engine(path, key, guarded=False)
                with _translated(), engine.begin() as connection:
                    SQLModel.metadata.create_all(connection)
                    journal.prepare(connection)
                    connection.exec_driver_sql(f"PRAGMA application_id={vault.APPLICATION_ID}")
                    connection.exec_driver_sql(f"PRAGMA user_version={vault.SCHEMA_VERSION}")
                engine.dispose()
            os.chmod(path, 0o600)
        except BaseException:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            raise
        return cls(path, key)

    @classmethod
    def open(cls, path: Path, passphrase: str | None) -> Self:
        """Open a file; say which of passphrase, file, version or disk is wrong where one is."""
        key = vault.unlock(path, passphrase)
        vault.identify(path, key)
        return cls(path, key)

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        with contextlib.suppress(Exception), self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._engine.dispose()

    def lock(self) -> None:
        """Forget the key and let go of the file; a file without a passphrase has no lock."""
        if self._key is not None:
            self.close()
            self._key, self.locked = None, True

    def unlock(self, passphrase: str) -> None:
        """Open a locked file again. Raises for a wrong passphrase, and stays locked."""
        key = vault.unlock(self.path, passphrase)
        vault.identify(self.path, key)
        self._key, self.locked = key, False
        self._engine = _engine(self.path, key)

    def drafts(self) -> dict[str, str]:
        """Give what was typed and not saved, by the key it was kept under."""
        with _translated(), self._connection() as connection:
            return {row.key: row.text for row in connection.execute(sa.select(DRAFT))}

    def keep_draft(self, key: str, text: str) -> None:
        """Keep what has been typed so far in a form; replaces what was kept under the key."""
        self._replace_draft(key, text)

    def drop_draft(self, key: str) -> None:
        """Let go of what was kept under the key: it is saved now, or was thrown away."""
        self._replace_draft(key, None)

    def _replace_draft(self, key: str, text: str | None) -> None:
        with self._turn, _translated(), self._connection("BEGIN IMMEDIATE") as connection:
            connection.execute(sa.delete(DRAFT).where(DRAFT.c.key == key))
            if text is not None:
                connection.execute(sa.insert(DRAFT).values(key=key, text=text))
            connection.commit()

    def _connection(self, begin: str = "BEGIN") -> sa.Connection:
        self._refuse_locked()
        return self._engine.execution_options(begin=begin).connect()

    def _refuse_locked(self) -> None:
        if self.locked:
            raise WrongPassphrase(_("The file is locked. Type its passphrase."))

    def __enter__(self) -> Self:
        """Use the store as a block that closes it."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the store."""
        self.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Look at one consistent state; whatever is changed inside is refused."""
        self._refuse_locked()
        with _translated(), Session(self._engine, expire_on_commit=False, autoflush=False) as s:
            yield s

    def write(
        self,
        act: Callable[..., R],
        *args: Any,
        actor: str,
        bulk: bool = False,
        **options: Any,
    ) -> tuple[R, Changes]:
        """Run an act in one transaction: journal entry, act, derived tables, seal, commit.

        Whatever is raised rolls everything back, the journal entry too. `bulk` keeps in the
        journal which rows were made, but not their values twice.
        """
        verb = act_of(act)
        self._refuse_locked()
        engine = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        undoes = args[0] if act is journal.undo else None
        with self._turn, _translated(), Session(engine, expire_on_commit=False) as session:
            entry = journal.begin(session, verb.key, actor, clock.now(), undoes=undoes, bulk=bulk)
            session.info["entry"], session.info["actor"] = entry, actor
            result = act(session, *args, **options)
            session.flush()
            touched, seal = journal.seal(session, entry)
            for keep in self.keepers:
                keep(session, touched)
            session.commit()
        # A full disk must not turn a committed act into a failed one: the anchor may lag behind.
        with contextlib.suppress(OSError):
            journal.write_anchor(self.anchor, entry, seal)
        changes = Changes(entry, verb.key, {t: frozenset(ids) for t, ids in touched.items()})
        for listener in self.listeners:
            listener(changes)
        return result, changes

    def backup(self, target: Path) -> None:
        """Write a verified copy, also while others write."""
        vault.backup(self.path, self._key, target)

    def check(self) -> list[str]:
        """Read every page and follow the journal; list what is wrong."""
        problems = vault.damaged_pages(self.path, self._key)
        if problems:
            return problems  # a journal on damaged pages says nothing more
        with self.read() as session:
            return journal.verify(session, self.anchor)


def insert_rows(session: Session, cls: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows at once inside an act. The rows MUST come from validated drafts."""
    if rows:
        session.connection().execute(sa.insert(cls.__table__), list(rows))


def update_rows(
    session: Session, cls: type[Any], ids: Iterable[int], values: Mapping[str, Any]
) -> None:
    """Give many records the same new values inside an act. They MUST be valid for all of them."""
    wanted = sorted(set(ids))
    if not wanted:
        return
    session.flush()
    table = cls.__table__
    session.connection().execute(
        sa.update(table)
        .where(table.c.id.in_(listed(wanted)))
        .values(**values, revision=table.c.revision + 1)
    )
    for record in session.identity_map.values():
        if isinstance(record, cls):
            session.expire(record)  # what was read before is not what is there now


def listed(values: Iterable[int | str]) -> sa.Select[Any]:
    """Select these values, however many they are."""
    # One bound text, not a parameter for each value: SQLite limits those.
    table = sa.func.json_each(json.dumps(sorted(values))).table_valued("value")
    return sa.select(table.c.value)


# Statements that somebody waits for are made once, since making one takes longer than running it.
# Their lists of values come as one bound text each, however many they are.


def bound(name: str) -> sa.Select[Any]:
    """Select the values that are handed in under a name; see `run`."""
    table = sa.func.json_each(sa.bindparam(name, type_=sa.String)).table_valued("value")
    return sa.select(table.c.value)


def run(session: Session, statement: Any, **values: Iterable[int | str]) -> Any:
    """Run a statement that was made once, with lists of values for its names."""
    given = {name: json.dumps(sorted(list_)) for name, list_ in values.items()}
    return session.connection().execute(statement, given)


def file_of(session: Session) -> Any:
    """Give what stands for the open file: what is derived from it hangs there, and goes with it."""
    return session.get_bind().pool  # type: ignore[union-attr]


def _engine(path: Path, key: vault.Key | None, *, guarded: bool = True) -> sa.Engine:
    """Make the one kind of engine there is, for encrypted and plain files, app and tests."""
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: vault.connect(path, key, guarded=guarded),
        module=dbapi2,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=4,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # The driver would begin late, and lose updates of two writers without an error.
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # our own mistake: a rule that a draft should have held
    except sa.exc.DatabaseError as error:
        raise vault.fault_of(error.orig or error) from None


@event.listens_for(OrmSession, "before_flush")
def _gate(session: Any, _context: object, _instances: object) -> None:
    """Let only valid records through, only inside an act, and count their revisions."""
    changed = [r for r in session.dirty if isinstance(r, Record) and session.is_modified(r)]
    fresh = [r for r in session.new if isinstance(r, Record)]
    if not (changed or fresh or session.deleted):
        return
    if "entry" not in session.info:
        raise StaleRecord(_("This can only be looked at here, not changed."))
    for record in (*fresh, *changed):
        record.draft()
    for record in changed:
        record.revision += 1


@event.listens_for(OrmSession, "do_orm_execute")
def _no_bulk(state: ORMExecuteState) -> None:
    """Refuse statements that would change records past the gate."""
    if (state.is_insert or state.is_update or state.is_delete) and state.bind_mapper is not None:
        raise TypeError("change records through an act, not through a statement")
