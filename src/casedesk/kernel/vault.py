"""The lock of the file: passphrase to key, the way connections are opened, check and backup.

An encrypted file is self-contained. SQLCipher keeps sixteen bytes in clear at its head, the salt;
CaseDesk fills them with: `CDK1` (what the file is, and which key derivation), eight random bytes
(the salt of Argon2id) and four bytes that verify the key. So a wrong passphrase, a foreign file
and a damaged one are told apart without a second file that could be lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import argon2.low_level
from sqlcipher3 import dbapi2

from casedesk.kernel import recovery
from casedesk.kernel.errors import (
    CaseDeskError,
    DiskFull,
    EnvironmentFault,
    NotAStore,
    ReadOnly,
    Refused,
    StoreBusy,
    StoreDamaged,
    StoreTooNew,
    WrongPassphrase,
)
from casedesk.kernel.language import _

MAGIC = b"CDK1"
PLAIN_MAGIC = b"SQLite format 3\x00"
APPLICATION_ID = 0x43444B31  # "CDK1"
SCHEMA_VERSION = 2
# safety.md 2.1/3: one guess must cost about a second and 256 MiB; "CDK1" names these numbers.
ARGON2 = {"time_cost": 3, "memory_cost": 256 * 1024, "parallelism": 2}
# SQLite before 3.51.3 can lose a commit when two connections write and checkpoint.
OLDEST_SQLITE = (3, 51, 3)


@dataclass(frozen=True, repr=False)
class Key:
    """The raw key of a file and the sixteen bytes at its head."""

    raw: bytes
    head: bytes

    @property
    def pragma(self) -> str:
        """Write the key as SQLCipher reads it; never log this."""
        return f"PRAGMA key = \"x'{self.raw.hex()}{self.head.hex()}'\""


def new_key(passphrase: str) -> Key:
    """Derive a key for a new file."""
    salt = MAGIC + secrets.token_bytes(8)
    raw = _derive(passphrase, salt)
    return Key(raw, salt + _verifier(raw))


def unlock(path: Path, passphrase: str | None) -> Key | None:
    """Derive the key of a file; None for a plain one. Raises for a wrong passphrase.

    The 24 recovery words of the file serve in the passphrase's place, wherever one is asked for.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        raise NotAStore(_("There is no file here. Check the name and the folder.")) from None
    except IsADirectoryError:
        raise NotAStore(_("This is a folder, not a CaseDesk file.")) from None
    except PermissionError:
        raise ReadOnly(_("This file cannot be read. Ask who owns it for the right.")) from None
    if head == PLAIN_MAGIC:
        return None
    if len(head) < 16 or not head.startswith(MAGIC):
        raise NotAStore(
            _("This is not a CaseDesk file, or its first bytes are damaged. Restore a backup.")
        )
    if not passphrase:
        raise WrongPassphrase(_("This file is encrypted. Type its passphrase."))
    if recovery.are_words(passphrase):
        raw = recovery.raw_of(passphrase)
        if hmac.compare_digest(_verifier(raw), head[12:]):
            return Key(raw, head)
    raw = _derive(passphrase, head[:12])
    if not hmac.compare_digest(_verifier(raw), head[12:]):
        raise WrongPassphrase(
            _("This passphrase does not open the file. Check the keyboard layout and Caps Lock.")
        )
    return Key(raw, head)


def connect(path: Path, key: Key | None, *, guarded: bool = True) -> Any:
    """Open one connection with every setting that safety asks for, asserted after opening.

    `guarded` connections refuse to touch the journal's guards; only set-up and backup are not.
    """
    with translated():
        connection = dbapi2.connect(
            str(path), isolation_level=None, timeout=5, check_same_thread=False
        )
        try:
            if key is not None:
                connection.execute(key.pragma)
            for pragma in (
                "cell_size_check=ON",
                "trusted_schema=OFF",
                "foreign_keys=ON",
                "recursive_triggers=ON",
                "secure_delete=ON",
                "mmap_size=0",
                "temp_store=MEMORY",
                "journal_mode=WAL",
                "synchronous=FULL",
            ):
                connection.execute("PRAGMA " + pragma)
            if connection.execute("PRAGMA synchronous").fetchone()[0] != 2:
                raise EnvironmentFault(_("The file cannot be opened in the safe mode."))
            if tuple(map(int, dbapi2.sqlite_version.split("."))) < OLDEST_SQLITE:
                raise EnvironmentFault(_("The database library is too old to be safe."))
        except BaseException:
            connection.close()
            raise
    if guarded:
        connection.set_authorizer(_authorise)
    return connection


def identify(path: Path, key: Key | None) -> None:
    """Refuse a file that is not ours, or that a newer program wrote."""
    with translated(), contextlib.closing(connect(path, key)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise NotAStore(_("This is a database of another program, not a CaseDesk file."))
    if version > SCHEMA_VERSION:
        raise StoreTooNew(_("A newer CaseDesk wrote this file. Install that version to open it."))


def backup(path: Path, key: Key | None, target: Path) -> None:
    """Write a verified copy, encrypted with the same passphrase, also while others write.

    Never overwrites a file; a copy that does not verify is removed.
    """
    if target.exists():
        raise Refused(_("There is already a file of this name. Choose another name."))
    with contextlib.closing(connect(path, key, guarded=False)) as connection, translated():
        partial = target.with_name(target.name + ".partial")
        partial.unlink(missing_ok=True)
        try:
            connection.execute("VACUUM INTO ?", (str(partial),))
            problems = damaged_pages(partial, key)
            if problems:
                raise StoreDamaged(_("The copy did not verify. Choose another disk."))
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            # A hard link refuses to replace a file that appeared meanwhile; rename would not.
            os.replace(partial, target)
        finally:
            discard(partial)


def restore(copy: Path, target: Path, passphrase: str | None) -> None:
    """Put a backup where no file is, after it has been opened and verified."""
    if target.exists():
        raise Refused(_("There is already a file of this name. Choose another name."))
    key = unlock(copy, passphrase)
    identify(copy, key)
    if damaged_pages(copy, key):
        raise StoreDamaged(_("This backup is damaged. Take an older one."))
    backup(copy, key, target)


def change_passphrase(path: Path, key: Key, passphrase: str) -> Key:
    """Encrypt a closed file anew; give its new key. Copies made before keep the old passphrase.

    The work is done on a copy, which is verified and then takes the file's place in one step: at
    every moment, the old passphrase or the new one opens a whole file.
    """
    fresh = new_key(passphrase)
    partial = path.with_name(path.name + ".partial")
    discard(partial)
    connection = connect(path, key, guarded=False)
    try:
        with translated():
            # Leaving the log mode is refused while anybody else has the file open, and folds the
            # log into the file: a log of the old key beside the new file would be its ruin.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")  # the lock stays until the connection closes
            connection.execute("VACUUM INTO ?", (str(partial),))
            os.chmod(partial, 0o600)
            with contextlib.closing(connect(partial, key, guarded=False)) as copy:
                # the sixteen bytes at the head go along: SQLCipher takes them as the salt
                copy.execute(fresh.pragma.replace("PRAGMA key", "PRAGMA rekey", 1))
                copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with partial.open("rb+") as file:
            if file.read(16) != fresh.head or damaged_pages(partial, fresh):
                raise StoreDamaged(_("The copy did not verify. The passphrase was not changed."))
            os.fsync(file.fileno())
        connection.close()
        os.replace(partial, path)
    finally:
        connection.close()
        discard(partial)
    _sync_folder(path.parent)
    return fresh


PARTS = ("", "-wal", "-shm", "-journal", ".anchor")
"""What a file may have beside it, by what is added to its name; the first is the file."""


def discard(path: Path) -> None:
    """Delete a file that was not finished, with all that lies beside it."""
    for suffix in PARTS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a replaced name outlive a power cut; Windows has no such call and needs none."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def damaged_pages(path: Path, key: Key | None) -> list[str]:
    """Read every page of the file; list what is wrong, empty when nothing is."""
    problems: list[str] = []
    try:
        with contextlib.closing(connect(path, key)) as connection:
            if key is not None:
                pages = connection.execute("PRAGMA cipher_integrity_check").fetchall()
                problems += [str(row[0]) for row in pages[:10]]
            rows = connection.execute("PRAGMA integrity_check(10)").fetchall()
            problems += [str(row[0]) for row in rows if row[0] != "ok"]
            broken = connection.execute("PRAGMA foreign_key_check").fetchmany(10)
            leads_nowhere = _("{table}: a reference leads nowhere")
            problems += [leads_nowhere.format(table=row[0]) for row in broken]
    except (CaseDeskError, dbapi2.DatabaseError):
        problems.append(_("The file cannot be read to its end."))
    return problems


@contextlib.contextmanager
def translated() -> Any:
    """Turn the database library's errors into ours, in this one place."""
    try:
        yield
    except dbapi2.Error as error:
        raise fault_of(error) from None


def fault_of(error: BaseException) -> CaseDeskError:
    """Say in a sentence what a database error means; its own text is never shown."""
    text = str(error).lower()
    if "locked" in text or "busy" in text:
        return StoreBusy(_("Another program holds the file. Close it there and try again."))
    if "full" in text:
        return DiskFull(_("The disk is full. Nothing was changed. Make room and try again."))
    if "readonly" in text or "read-only" in text:
        return ReadOnly(_("The file cannot be written. Copy it to a folder of your own."))
    if "unable to open" in text:
        return ReadOnly(_("The file cannot be opened here. Check the folder and your rights."))
    if "i/o" in text:
        return EnvironmentFault(
            _("The disk did not do as asked. Nothing was changed. Check the disk and its room.")
        )
    if any(word in text for word in ("not a database", "malformed", "corrupt", "hmac")):
        return StoreDamaged(_("The file is damaged. Nothing was changed. Restore a backup."))
    return EnvironmentFault(_("The file could not be read or written. Nothing was changed."))


def _derive(passphrase: str, salt: bytes) -> bytes:
    if not passphrase.strip():
        raise Refused(_("The passphrase is empty. Write at least four words."))
    return argon2.low_level.hash_secret_raw(
        passphrase.encode(), salt, hash_len=32, type=argon2.low_level.Type.ID, **ARGON2
    )


def _verifier(raw: bytes) -> bytes:
    return hashlib.blake2b(b"casedesk verifier", key=raw, digest_size=4).digest()


_FORBIDDEN = frozenset(
    getattr(dbapi2, "SQLITE_" + name)
    for name in [
        "ALTER_TABLE",
        "ATTACH",
        "CREATE_TRIGGER",
        "CREATE_TEMP_TRIGGER",
        "DROP_TABLE",
        "DROP_TRIGGER",
        "DROP_VIEW",
    ]
)
_GUARDS = frozenset({"writable_schema", "recursive_triggers", "foreign_keys", "trusted_schema"})


def _authorise(
    action: int, first: str | None, second: str | None, _base: str | None, source: str | None
) -> int:
    """Refuse what would get round the journal: its lines are written by triggers alone."""
    denied = (
        action in _FORBIDDEN
        or (action == dbapi2.SQLITE_PRAGMA and first in _GUARDS and second is not None)
        or (
            action in (dbapi2.SQLITE_UPDATE, dbapi2.SQLITE_DELETE)
            and first in ("journal_line", "sqlite_master")
        )
        or (action == dbapi2.SQLITE_INSERT and first == "journal_line" and source is None)
        or (action == dbapi2.SQLITE_DELETE and first == "journal_entry")
    )
    return int(dbapi2.SQLITE_DENY if denied else dbapi2.SQLITE_OK)
