"""Write a revision from empty plain files: the tables as they are, or what two of them differ in.

    python -m casedesk.kernel.migrations.freeze NUMBER NEW [OLD] > versions/NUMBER_words.py

NEW and OLD are made by `casedesk new FILE --plain`, each with the program of its day. What comes
out is a draft to read and to edit: it copies rows, and knows nothing of what they mean.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from casedesk.kernel import vault

_HEAD = '''# ruff: noqa: E501 (the statements stand as the file holds them)
"""The tables of version {number}."""

from alembic import op

revision = "{number:04d}"
down_revision = {before}

STATEMENTS = (
{body})


def upgrade() -> None:
    """Bring the tables and indices to this version."""
    for statement in STATEMENTS:
        op.execute(statement)
'''

_NOTHING = {
    "VARCHAR": "''",
    "TEXT": "''",
    "INTEGER": "0",
    "BOOLEAN": "0",
    "DATE": "''",
    "DATETIME": "''",
}
"""What a column of each type holds where nothing was said; a date has no such value: edit it."""


def first(new: Path) -> str:
    """Give the revision that makes the tables and indices of a file."""
    return _text(1, [sql for _name, (_kind, sql, _table) in _schema(new).items()])


def next_one(number: int, old: Path, new: Path) -> str:
    """Give the revision that brings the tables of one file to those of another."""
    before, after = _schema(old), _schema(new)
    statements: list[str] = []
    rebuilt = [
        name
        for name, (kind, sql, _table) in after.items()
        if kind == "table" and name in before and before[name][1] != sql
    ]
    for name, (kind, _sql, table) in before.items():
        if kind == "index" and (after.get(name) != before[name] or table in rebuilt):
            statements.append(f"DROP INDEX {name}")
    if rebuilt:
        # References to the table keep its name while the old one steps aside.
        statements.append("PRAGMA legacy_alter_table=ON")
    for name, (kind, sql, _table) in after.items():
        if kind != "table" or (name in before and name not in rebuilt):
            continue
        if name in rebuilt:
            statements.append(f"ALTER TABLE {name} RENAME TO old_{name}")
        statements.append(sql)
        if name in rebuilt:
            statements += [_copy(name, _columns(old, name), _columns(new, name))]
            statements += [f"DROP TABLE old_{name}"]
    if rebuilt:
        statements.append("PRAGMA legacy_alter_table=OFF")
    for name, (kind, sql, table) in after.items():
        if kind == "index" and (before.get(name) != after[name] or table in rebuilt):
            statements.append(sql)
    statements += [
        f"DROP TABLE {n}" for n, (k, *_) in before.items() if k == "table" and n not in after
    ]
    return _text(number, statements)


def _text(number: int, statements: list[str]) -> str:
    body = "".join(f'    """{sql}""",\n' for sql in statements)
    before = f'"{number - 1:04d}"' if number > 1 else "None"
    text = _HEAD.format(number=number, before=before, body=body)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _schema(path: Path) -> dict[str, tuple[str, str, str]]:
    with closing(vault.connect(path, None)) as connection:
        rows = connection.execute(
            "SELECT name, type, sql, tbl_name FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'sqlite_%' AND type IN ('table', 'index') ORDER BY rowid"
        ).fetchall()
    return {name: (kind, sql, table) for name, kind, sql, table in rows}


def _copy(table: str, old: dict[str, str], new: dict[str, str]) -> str:
    """Copy all rows; a new column that must hold something begins with nothing said."""
    kept = {f'"{name}"': f'"{name}"' for name in new if name in old}
    kept |= {f'"{name}"': value for name, value in new.items() if name not in old and value}
    return (
        f"INSERT INTO {table} ({', '.join(kept)})"  # noqa: S608
        f" SELECT {', '.join(kept.values())} FROM old_{table}"
    )


def _columns(path: Path, table: str) -> dict[str, str]:
    """Give the columns of a table, each with what it holds where it may not be NULL."""
    with closing(vault.connect(path, None)) as connection:
        rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {
        name: _NOTHING[kind.partition("(")[0]] if needed and default is None else ""
        for _at, name, kind, needed, default, _key in rows
    }


if __name__ == "__main__":
    number_, new_, *old_ = sys.argv[1:]
    sys.stdout.write(
        next_one(int(number_), Path(old_[0]), Path(new_)) if old_ else first(Path(new_))
    )
