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
            kept = ", ".join(f'"{c}"' for c in _columns(new, name) if c in _columns(old, name))
            copy = f"INSERT INTO {name} ({kept}) SELECT {kept} FROM old_{name}"  # noqa: S608
            statements += [copy, f"DROP TABLE old_{name}"]
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


def _columns(path: Path, table: str) -> list[str]:
    with closing(vault.connect(path, None)) as connection:
        return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


if __name__ == "__main__":
    number_, new_, *old_ = sys.argv[1:]
    sys.stdout.write(
        next_one(int(number_), Path(old_[0]), Path(new_)) if old_ else first(Path(new_))
    )
