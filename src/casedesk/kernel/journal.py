"""The journal: who changed what, when; history and undo; a chain that shows any tampering.

Triggers on every table of records write the lines, so no way of writing gets past them, and they
refuse a change for which no act is open. Each entry ends with a seal: a keyed hash of the entry,
its lines and the seal before. The newest seal is also kept beside the file (`anchor`), so that
a journal which was cut off is noticed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import itertools
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlmodel import Session, SQLModel

from casedesk.kernel.acts import act
from casedesk.kernel.errors import NotFound, StaleRecord
from casedesk.kernel.language import N_, _
from casedesk.kernel.records import Record

ENTRY = sa.Table(
    "journal_entry",
    SQLModel.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("act", sa.String(64), nullable=False),
    sa.Column("actor", sa.String(120), nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("undoes", sa.Integer),
    sa.Column("seal", sa.LargeBinary),
    # Numbers are never used again, so that a missing tail shows even without the anchor.
    sqlite_autoincrement=True,
)
LINE = sa.Table(
    "journal_line",
    SQLModel.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entry_id", sa.Integer, sa.ForeignKey("journal_entry.id"), nullable=False),
    sa.Column("record", sa.String(64), nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("action", sa.String(8), nullable=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Index("ix_journal_line_entry_id", "entry_id"),
    sa.Index("ix_journal_line_record", "record", "record_id"),
)
OPEN = sa.Table(
    "journal_open",
    SQLModel.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entry_id", sa.Integer),
    # A bulk act keeps which rows it made, not their values: the rows themselves hold them, and
    # every later change keeps what was there before.
    sa.Column("bulk", sa.Boolean, nullable=False),
)
SECRET = sa.Table(
    "journal_secret",
    SQLModel.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)
_TOGETHER = 500
# Made once: making an encoder takes longer than most lines.
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
UNJOURNALLED = ("journal_", "derived_", "store_", "alembic_", "sqlite_")


def prepare(connection: sa.Connection) -> None:
    """Put the journal's one row of each kind and the triggers into a new file."""
    connection.execute(sa.insert(OPEN).values(id=1, entry_id=None, bulk=False))
    connection.execute(sa.insert(SECRET).values(id=1, value=secrets.token_bytes(32)))
    for _name, statement in triggers(connection):
        connection.exec_driver_sql(statement)


def triggers(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Derive the name and the text of every guard from the tables that are there."""
    tables = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    ).scalars()
    for table in [name for name in tables if not name.startswith(UNJOURNALLED)]:
        rows = connection.exec_driver_sql(f'PRAGMA table_info("{table}")').all()
        columns = [row[1] for row in rows]
        yield from _table_triggers(table, columns)
    for action, guard in (("UPDATE", "OLD.seal IS NOT NULL"), ("DELETE", "1")):
        name = f"guard_entry_{action.lower()}"
        yield name, _guard(name, action, "journal_entry", guard)
    for action in ("UPDATE", "DELETE"):
        name = f"guard_line_{action.lower()}"
        yield name, _guard(name, action, "journal_line", "1")


def _guard(name: str, action: str, table: str, condition: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} WHEN {condition} "
        "BEGIN SELECT RAISE(ABORT, 'the journal cannot be changed'); END"
    )


def _table_triggers(table: str, columns: list[str]) -> Iterator[tuple[str, str]]:
    def row(side: str) -> str:
        pairs = ", ".join(f"'{column}', {side}.\"{column}\"" for column in columns)
        return f"json_object({pairs})"

    def changed(side: str) -> str:
        parts = " UNION ALL ".join(
            f'SELECT \'{c}\' AS k, {side}."{c}" AS v WHERE OLD."{c}" IS NOT NEW."{c}"'
            for c in columns
            if c != "revision"
        )
        return f"(SELECT json_group_object(k, v) FROM ({parts}))"

    for event, side, action, before, after in (
        ("INSERT", "NEW", "create", "NULL", f"CASE WHEN bulk THEN NULL ELSE {row('NEW')} END"),
        ("UPDATE", "NEW", "update", changed("OLD"), changed("NEW")),
        ("DELETE", "OLD", "delete", row("OLD"), "NULL"),
    ):
        name = f"journal_{event.lower()}_{table}"
        # The names come from the schema itself, never from a user.
        yield (
            name,
            f'CREATE TRIGGER {name} AFTER {event} ON "{table}" BEGIN '
            "SELECT RAISE(ABORT, 'a change outside an act') "
            "WHERE (SELECT entry_id FROM journal_open WHERE id = 1) IS NULL; "
            "INSERT INTO journal_line (entry_id, record, record_id, action, before, after) "
            f"SELECT entry_id, '{table}', {side}.id, '{action}', {before}, {after} "
            "FROM journal_open WHERE id = 1; END",
        )


def begin(
    session: Session, act_key: str, actor: str, at: dt.datetime, *, undoes: int | None, bulk: bool
) -> int:
    """Open an entry: from here on, changes are journalled under it."""
    values = {"act": act_key, "actor": actor, "at": at.isoformat(), "undoes": undoes}
    result = session.execute(sa.insert(ENTRY).values(**values))
    entry = int(result.inserted_primary_key[0])  # type: ignore[attr-defined]
    session.execute(sa.update(OPEN).values(entry_id=entry, bulk=bulk))
    return entry


def seal(session: Session, entry: int) -> tuple[dict[str, set[int]], bytes]:
    """Close an entry with its seal; tell which records it touched, and the seal."""
    key = _secret(session)
    previous = session.execute(
        sa.select(ENTRY.c.seal).where(ENTRY.c.id < entry).order_by(ENTRY.c.id.desc()).limit(1)
    ).scalar()
    row = session.execute(sa.select(ENTRY).where(ENTRY.c.id == entry)).one()
    lines = session.execute(sa.select(LINE).where(LINE.c.entry_id == entry).order_by(LINE.c.id))
    touched: dict[str, set[int]] = {}

    def watched() -> Iterator[Any]:
        for line in lines:
            touched.setdefault(line.record, set()).add(line.record_id)
            yield line

    value = _seal(key, previous or b"", row, watched())
    session.execute(sa.update(ENTRY).where(ENTRY.c.id == entry).values(seal=value))
    session.execute(sa.update(OPEN).values(entry_id=None, bulk=False))
    return touched, value


def verify(session: Session, anchor: Path) -> list[str]:
    """Follow the chain from its first entry to its last, and hold it against the anchor."""
    problems: list[str] = []
    key = _secret(session)
    rows = session.connection().exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    )
    present = {row.name: row.sql for row in rows}
    if present != dict(triggers(session.connection())):
        problems.append(_("The guards of the journal are not as they were made."))
    lines = session.execute(sa.select(LINE).order_by(LINE.c.entry_id, LINE.c.id))
    pending = next(lines, None)
    previous, last, seals = b"", 0, {}
    for row in session.execute(sa.select(ENTRY).order_by(ENTRY.c.id)).all():
        if row.id != last + 1:
            problems.append(_("Journal: an entry before {id} is missing.").format(id=row.id))
        own = []
        while pending is not None and pending.entry_id == row.id:
            own.append(pending)
            pending = next(lines, None)
        if _seal(key, previous, row, iter(own)) != row.seal:
            problems.append(_("Journal: entry {id} was changed.").format(id=row.id))
        previous, last = row.seal or b"", row.id
        seals[row.id] = previous
    used = session.connection().exec_driver_sql(
        "SELECT seq FROM sqlite_sequence WHERE name = 'journal_entry'"
    )
    if (used.scalar() or 0) != last:
        problems.append(_("Journal: entries after {id} are missing.").format(id=last))
    if anchor.exists():
        try:
            kept = json.loads(anchor.read_text("utf-8"))
            same = seals.get(kept["entry"], b"").hex() == kept["seal"]
        except (ValueError, KeyError, TypeError):
            problems.append(_("The anchor beside the file cannot be read."))
        else:
            if not same:
                problems.append(_("Journal: it does not reach or match the anchor."))
    problems += _counts(session)
    return problems


def _counts(session: Session) -> list[str]:
    """Hold the number of rows of each table against the lines that made and removed them."""
    sign = sa.case((LINE.c.action == "create", 1), (LINE.c.action == "delete", -1), else_=0)
    expected = dict(
        session.execute(sa.select(LINE.c.record, sa.func.sum(sign)).group_by(LINE.c.record)).all()
    )
    problems = []
    for name, table in SQLModel.metadata.tables.items():
        if name.startswith(UNJOURNALLED):
            continue
        there = session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        if there != expected.get(name, 0):
            problems.append(_("Table {name}: rows and journal differ.").format(name=name))
    return problems


def write_anchor(anchor: Path, entry: int, value: bytes) -> None:
    """Keep the newest seal beside the file. It may lag behind the file, never lead."""
    temporary = anchor.with_name(f"{anchor.name}.{os.getpid()}")
    temporary.write_text(json.dumps({"entry": entry, "seal": value.hex()}), "utf-8")
    os.replace(temporary, anchor)


def history(session: Session, record: str, record_id: int) -> list[Any]:
    """List the lines of one record with act, actor and instant, newest first."""
    return list(
        session.execute(
            sa.select(ENTRY.c.id, ENTRY.c.act, ENTRY.c.actor, ENTRY.c.at, LINE)
            .join(LINE, LINE.c.entry_id == ENTRY.c.id)
            .where(LINE.c.record == record, LINE.c.record_id == record_id)
            .order_by(LINE.c.id.desc())
        )
    )


def removed(session: Session, record: str) -> list[dict[str, Any]]:
    """Give the stored values of the rows of one table that the open act took away."""
    rows = session.execute(
        sa.select(LINE.c.before).where(
            LINE.c.entry_id == session.info["entry"],
            LINE.c.record == record,
            LINE.c.action == "delete",
        )
    ).scalars()
    return [json.loads(row) for row in rows]


@act("kernel.undo", N_("Undo"))
def undo(session: Session, entry: int) -> None:
    """Apply the inverse of an entry's lines, newest first; undoing an undo does it again.

    Refuses with `StaleRecord` where a record changed since, and then changes nothing.
    """
    lines: Sequence[Any] = session.execute(
        sa.select(LINE).where(LINE.c.entry_id == entry).order_by(LINE.c.id.desc())
    ).all()
    if not lines:
        raise NotFound(_("There is nothing to undo here."))
    classes = {cls.__tablename__: cls for cls in _record_classes(Record)}
    newer = LINE.alias()
    later = sa.select(newer.c.id).where(
        newer.c.record == LINE.c.record,
        newer.c.record_id == LINE.c.record_id,
        newer.c.entry_id > entry,
        newer.c.entry_id != session.info["entry"],
    )
    touched = sa.select(LINE.c.record, LINE.c.record_id).where(LINE.c.entry_id == entry)
    for row in session.execute(touched.where(later.exists()).distinct()).all():
        if _changed_since(session, entry, row.record, row.record_id):
            raise StaleRecord(_("This was changed again since, so it cannot be undone."))
    # What an entry made and then changed is taken away as a whole.
    made = {(line.record, line.record_id) for line in lines if line.action == "create"}
    lines = [x for x in lines if x.action != "update" or (x.record, x.record_id) not in made]
    # Lines of one kind that follow each other go together: an import has tens of thousands.
    for (name, action), alike in itertools.groupby(lines, lambda line: (line.record, line.action)):
        group = list(alike)
        for start in range(0, len(group), _TOGETHER):
            try:
                _invert(session, classes[name], action, group[start : start + _TOGETHER])
                session.flush()
            except sa.exc.IntegrityError:
                raise _pointed_at(action) from None


def _pointed_at(action: str) -> StaleRecord:
    if action == "create":
        return StaleRecord(_("Something else points to this now, so it cannot be undone."))
    return StaleRecord(_("What this belongs to is not there any more, so it cannot be undone."))


def _invert(session: Session, cls: type[Any], action: str, lines: list[Any]) -> None:
    ids = [line.record_id for line in lines]
    if action == "create":
        # Statements, not objects: an import has tens of thousands of rows.
        session.connection().execute(sa.delete(cls.__table__).where(cls.__table__.c.id.in_(ids)))
        return
    if action == "delete":
        session.add_all([cls(**_values(cls, json.loads(line.before))) for line in lines])
        return
    there = {row.id: row for row in session.scalars(sa.select(cls).where(cls.id.in_(ids)))}
    for line in lines:
        record = there.get(line.record_id)
        if record is None:
            continue
        for name, value in _values(cls, json.loads(line.before)).items():
            setattr(record, name, value)
        session.add(record)


def _changed_since(session: Session, entry: int, record: str, record_id: int) -> bool:
    """Tell whether a record is not as an entry left it; a change and its undoing cancel out."""
    touched = (
        sa.select(LINE.c.entry_id)
        .where(LINE.c.record == record, LINE.c.record_id == record_id)
        .where(LINE.c.entry_id > entry, LINE.c.entry_id != session.info["entry"])
    )
    later = session.execute(
        sa.select(ENTRY.c.id, ENTRY.c.undoes)
        .where(ENTRY.c.id.in_(touched))
        .order_by(ENTRY.c.id.desc())
    ).all()
    known = {row.id for row in later}
    cancelled: set[int] = set()
    for row in later:
        if row.id in cancelled:
            continue
        if row.undoes not in known:
            return True
        cancelled.add(row.undoes)
    return False


def _values(cls: type[Any], stored: dict[str, Any]) -> dict[str, Any]:
    """Read stored values back as the columns' Python values."""
    dialect = sqlite_dialect()
    columns = cls.__table__.columns
    values = {}
    for name, value in stored.items():
        process = columns[name].type.dialect_impl(dialect).result_processor(dialect, None)
        values[name] = process(value) if process and value is not None else value
    return values


def _record_classes(cls: type[Any]) -> Iterator[type[Any]]:
    for child in cls.__subclasses__():
        if hasattr(child, "__table__"):
            yield child
        yield from _record_classes(child)


def _secret(session: Session) -> bytes:
    return bytes(session.execute(sa.select(SECRET.c.value)).scalar_one())


def _seal(key: bytes, previous: bytes, row: Any, lines: Iterator[Any]) -> bytes:
    whole = hmac.new(key, previous, hashlib.sha256)
    head = [row.id, row.act, row.actor, row.at, row.undoes]
    whole.update(json.dumps(head, ensure_ascii=False).encode())
    for line in lines:
        identity = f"\n{line.id}|{line.record}|{line.record_id}|{line.action}|"
        whole.update(identity.encode())
        if line.before is not None or line.after is not None:
            values = _ENCODE([line.before, line.after]).encode()
            whole.update(hmac.digest(key, values, "sha256"))
    return whole.digest()
