"""Migrations: they lead to what the schema declares, continue when interrupted, and keep a backup."""

from pathlib import Path

import apsw
import pytest

from core.records.models import Text
from core.store import sqlite_files
from core.store.base import Put
from core.store.migrations import LATEST, SQLITE
from core.store.schema import KINDS
from core.store.sqlite_connections import Connections
from core.store.sqlite_tables import declared_columns, declared_statements
from core.store.stores import open_store


def tables(connection: apsw.Connection) -> dict[str, list[tuple[str, str]]]:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {name: [(row[1], row[2]) for row in connection.execute(f'PRAGMA table_info("{name}")')] for name in names}


def indices(connection: apsw.Connection) -> dict[str, list[str]]:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")]
    return {name: [row[2] for row in connection.execute(f'PRAGMA index_info("{name}")')] for name in names}


def migrated(migrations: tuple[tuple[str, ...], ...] = SQLITE) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    sqlite_files.migrate(connection, migrations)
    return connection


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.label)
def test_a_migrated_store_has_what_the_schema_declares(kind) -> None:  # type: ignore[no-untyped-def]
    connection, declared = migrated(), apsw.Connection(":memory:")
    statements = list(declared_statements(kind))
    for statement in statements:
        declared.execute(statement)
    needed = "add a migration with what is missing of:\n" + ";\n".join(statements)
    assert sorted(tables(connection).get(kind.label, [])) == sorted(declared_columns(kind)), needed
    found = indices(connection)
    assert {name: found.get(name) for name in indices(declared)} == indices(declared), needed


def test_a_migrated_store_has_nothing_that_nobody_declared() -> None:
    connection = migrated()
    assert set(tables(connection)) - {"Event", "Lease"} == {kind.label for kind in KINDS}
    declared = {statement.split('"')[1] for kind in KINDS for statement in declared_statements(kind)}
    assert set(indices(connection)) - {"Event_key", "Event_type"} <= declared


def test_an_older_store_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    store.write([Put(record=Text(hash="h", content="c"))])
    store.close()
    longer = (*SQLITE, ("CREATE TABLE later (a INTEGER) STRICT",))
    connections = Connections(path, busy_seconds=1)
    sqlite_files.prepare(connections, migrations=longer)
    connections.close()
    copy = tmp_path / f"store.db.version-{LATEST}.bak"
    assert copy.stat().st_mode & 0o777 == 0o600
    opened = open_store(f"sqlite:///{copy}")
    assert opened.get(Text, "h") == Text(hash="h", content="c")
    opened.close()
    connection = apsw.Connection(str(path))
    assert "later" in tables(connection) and connection.pragma("user_version") == LATEST + 1
    connection.close()


def test_an_interrupted_migration_leaves_nothing_and_continues() -> None:
    connection = migrated()
    broken = (*SQLITE, ("CREATE TABLE first (a)",), ("CREATE TABLE second (a)", "this is no SQL"))
    with pytest.raises(apsw.SQLError):
        sqlite_files.migrate(connection, broken)
    assert connection.pragma("user_version") == LATEST + 1
    assert "first" in tables(connection) and "second" not in tables(connection)
    sqlite_files.migrate(connection, (*broken[:-1], ("CREATE TABLE second (a)",)))
    assert connection.pragma("user_version") == LATEST + 2
    assert "second" in tables(connection)
