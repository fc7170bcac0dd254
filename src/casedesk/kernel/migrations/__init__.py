"""Bring an older file to the present version: on a verified copy, which then takes its place.

The file itself is never changed. A backup is kept beside it, the copy of that backup is migrated
in one transaction, read to its end, and put in place of the file at once; so whatever happens,
the file is the old one or the new one. There is no way down: restore the backup.

Version N of the file (`PRAGMA user_version`) is revision `000N` of the scripts in `versions`.
Alembic is loaded only where there is something to do: it costs half a second.

What a revision may do: change tables. Rows of a table that the journal follows are only changed
where the change itself is the point, and none is added or removed, since nobody acted: the
number of rows of every table is compared before and after. A revision never imports the
program's records: those are of the present, and it is of its day.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool
from sqlcipher3 import dbapi2

from casedesk.kernel import journal, vault
from casedesk.kernel.errors import (
    CaseDeskError,
    DiskFull,
    EnvironmentFault,
    ReadOnly,
    StoreBusy,
    StoreDamaged,
)
from casedesk.kernel.language import _

HERE = Path(__file__).resolve().parent
VERSIONS = HERE / "versions"


def version_of(path: Path, key: vault.Key | None) -> int:
    """Tell the version of a file."""
    with vault.translated(), contextlib.closing(vault.connect(path, key)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def upgrade(
    path: Path,
    key: vault.Key | None,
    *,
    to: int = vault.SCHEMA_VERSION,
    versions: Path = VERSIONS,
) -> Path | None:
    """Bring a file to a version; give the backup that was kept, None where nothing was to do.

    Raises where it cannot be done, and then the file is as it was.
    """
    before = version_of(path, key)
    if before >= to:
        return None
    kept = _free(path, f".v{before}")
    copy = path.with_name(path.name + ".migrating")
    _remove(copy)
    done = False
    try:
        with _alone(path, key) as connection:
            _snapshot(connection, kept, key)
            shutil.copyfile(kept, copy)  # nobody writes the backup, so this copy is whole
            os.chmod(copy, 0o600)
            _migrate(copy, key, before, to, versions)
            if vault.damaged_pages(copy, key):
                raise StoreDamaged(_failed())
            _synced(copy)
            os.replace(copy, path)
            done = True
            _synced(path.parent)
    except CaseDeskError:
        raise
    except OSError as error:
        raise (DiskFull(_no_room()) if error.errno == 28 else ReadOnly(_no_right())) from None
    except Exception as error:
        raise EnvironmentFault(_failed()) from error
    finally:
        _remove(copy)
        if not done:
            _remove(kept)
    return kept


def build(connection: sa.Connection, *, to: int = vault.SCHEMA_VERSION) -> None:
    """Make the tables of a version in an empty database, by the revisions alone."""
    _run(connection, 0, to, VERSIONS)
    journal.prepare(connection)
    connection.exec_driver_sql(f"PRAGMA application_id={vault.APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={to}")


def _failed() -> str:
    return _("The file could not be brought to this version of CaseDesk. It is as it was.")


def _no_room() -> str:
    return _("There is no room for the copy that the change of version needs. Nothing was changed.")


def _no_right() -> str:
    return _("The folder of the file cannot be written, and the change of version needs it.")


@contextlib.contextmanager
def _alone(path: Path, key: vault.Key | None) -> Iterator[Any]:
    """Hold the file so that nobody else reads or writes it, and leave nothing beside it."""
    with contextlib.closing(vault.connect(path, key, guarded=False)) as connection:
        with vault.translated():
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            # Without its write-ahead log the file is one file, and closing it later removes
            # nothing that may by then belong to the new one.
            try:
                mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            except dbapi2.OperationalError:
                mode = "wal"
            if mode != "delete":
                raise StoreBusy(_("Another program holds the file. Close it there and try again."))
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")  # the lock stays until the connection closes
        yield connection


def _snapshot(connection: Any, kept: Path, key: vault.Key | None) -> None:
    """Write the backup, and read it to its end."""
    with vault.translated():
        connection.execute("VACUUM INTO ?", (str(kept),))
    os.chmod(kept, 0o600)
    if vault.damaged_pages(kept, key):
        raise StoreDamaged(_("The file is damaged. Nothing was changed. Restore a backup."))
    _synced(kept)
    _remove_beside(kept)


def _migrate(copy: Path, key: vault.Key | None, before: int, to: int, versions: Path) -> None:
    engine = _engine(copy, key)
    try:
        with engine.begin() as connection:
            rows = _rows(connection)
            for name in _names(connection, "trigger"):
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            _run(connection, before, to, versions)
            for _name, statement in journal.triggers(connection):
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version={to}")
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise EnvironmentFault(_failed())
            now = _rows(connection)
            if any(now[name] != count for name, count in rows.items() if name in now):
                raise EnvironmentFault(_failed())
    except sa.exc.OperationalError as error:
        fault = vault.fault_of(error.orig or error)
        if isinstance(fault, DiskFull | ReadOnly | StoreBusy):
            raise fault from None
        raise
    finally:
        engine.dispose()
    with vault.translated(), contextlib.closing(vault.connect(copy, key)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # all of it lies in the one file now


def _engine(path: Path, key: vault.Key | None) -> sa.Engine:
    """An engine whose transaction holds changes of tables too, with foreign keys off.

    Where they are on, rebuilding a table silently deletes what hangs on it.
    """

    def connect() -> Any:
        connection = vault.connect(path, key, guarded=False)
        connection.execute("PRAGMA foreign_keys=OFF")
        return connection

    engine = sa.create_engine(
        "sqlite://", creator=connect, module=dbapi2, hide_parameters=True, poolclass=NullPool
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _run(connection: sa.Connection, before: int, to: int, versions: Path) -> None:
    """Run the revisions after `before` up to `to`, inside the transaction that is open."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic reads "%" in a path as its own sign.
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    if before:
        command.stamp(config, f"{before:04d}")
    command.upgrade(config, f"{to:04d}")
    # The version is written in the head of the file; a second place could only disagree.
    connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


def _names(connection: sa.Connection, kind: str) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite_%'", (kind,)
    )
    return [str(row[0]) for row in rows]


def _rows(connection: sa.Connection) -> dict[str, int]:
    counts = {}
    for name in _names(connection, "table"):
        statement = sa.select(sa.func.count()).select_from(sa.table(name))
        counts[name] = int(connection.execute(statement).scalar_one())
    return counts


def _free(path: Path, mark: str) -> Path:
    """Name a backup beside the file that does not exist yet."""
    number, kept = 1, path.with_name(f"{path.name}{mark}.backup")
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}{mark}-{number}.backup")
    return kept


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _remove_beside(path)


def _remove_beside(path: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _synced(path: Path) -> None:
    """Make sure that a file, or the names in a folder, reached the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows keeps names safe by itself, and opens no folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
