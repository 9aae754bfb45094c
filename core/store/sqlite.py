"""The embedded store: one SQLite file, in WAL, through apsw (which brings a current SQLite)."""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import apsw
from pydantic import ValidationError
from pydantic_core import to_json

from core.errors import InvalidValueError, StoreDamagedError
from core.records.base import Record
from core.records.events import Event, EventType, NewEvent
from core.store import sqlite_check, sqlite_files, sqlite_leases, sqlite_writes
from core.store.base import Lease, LeaseState, Operation, Problem, Where
from core.store.clock import BootClock, Clock
from core.store.sqlite_connections import Connections
from core.store.sqlite_errors import translated
from core.store.sqlite_tables import Row, Table, joined, table_of
from core.store.sqlite_walk import Walk

R = TypeVar("R", bound=Record)
T = TypeVar("T")
SCHEME = "sqlite:///"
BODIES = 500
"""Records read at once by `each`."""
ROWS = 5000
"""Rows read at once by `values`."""


def open_sqlite(url: str) -> "SqliteStore":
    """Open or create the store of a `sqlite:///` URL. Raises InvalidValueError and StoreError."""
    return SqliteStore(url)


class SqliteStore:
    """The `Store` protocol on one file. Threads may share it; a forked process must open its own."""

    def __init__(self, url: str, *, clock: Clock | None = None, busy_seconds: float = 30, vfs: str | None = None) -> None:
        path = url.removeprefix(SCHEME)
        if path == url or not path or "\0" in path or path == ":memory:":
            raise InvalidValueError(f"no SQLite file in {url!r}", hint="sqlite:///data/workbench.db, or four slashes and an absolute path")
        self.url = url
        self._clock = clock or BootClock()
        self._connections = Connections(Path(path).absolute(), busy_seconds=busy_seconds, vfs=vfs)
        try:
            sqlite_files.prepare(self._connections)
        except BaseException:
            self._connections.close()
            raise

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Row]:
        with self._connections.reading() as connection:
            return connection.execute(statement, values).fetchall()

    def _records(self, table: Table, rows: Sequence[Row]) -> list[Any]:
        """Bodies, each the first of its row, back as records."""
        try:
            return [table.kind.record.model_validate_json(row[0]) for row in rows]
        except ValidationError as error:
            raise StoreDamagedError(
                f"a stored {table.kind.label} cannot be read: {error.errors()[0]['msg']}", hint="`store check` names it; restore a backup"
            ) from error

    def get(self, kind: type[R], key: str) -> R | None:
        """See `Store.get`."""
        return self.get_many(kind, [key]).get(key)

    def get_many(self, kind: type[R], keys: Sequence[str]) -> dict[str, R]:
        """See `Store.get_many`."""
        table = table_of(kind)
        with translated(self._connections.path):
            listed = to_json(list(keys)).decode()
        rows = self._rows(f"SELECT body, key FROM {table.name} WHERE key IN (SELECT value FROM json_each(?))", (listed,))
        return dict(zip((row[1] for row in rows), self._records(table, rows), strict=True))

    def page(
        self, kind: type[R], where: Where | None = None, *, order: str = "", descending: bool = False, limit: int = 100, offset: int = 0
    ) -> list[R]:
        """See `Store.page`."""
        if limit < 0 or offset < 0:
            raise InvalidValueError(f"a page of {limit} records from {offset}", hint="both must be 0 or more")
        table = table_of(kind)
        plan = table.ordered(where, order, descending=descending)
        query = f"SELECT body FROM {table.name}{joined(plan.terms)}{plan.order_by} LIMIT ? OFFSET ?"
        rows = self._rows(query, [*plan.values, limit, offset])
        return self._records(table, rows)

    def each(self, kind: type[R], where: Where | None = None, *, order: str = "", descending: bool = False) -> Iterator[R]:
        """See `Store.each`. What is written meanwhile may or may not be among them."""
        table = table_of(kind)
        walk = Walk(table, ["body"], where, order=order, descending=descending, size=BODIES)
        return (record for rows in walk.blocks(self._connections) for record in self._records(table, rows))

    def count(self, kind: type[Record], where: Where | None = None) -> int:
        """See `Store.count`."""
        table = table_of(kind)
        terms, values = table.filter(where)
        return int(self._rows(f"SELECT count(*) FROM {table.name}{joined(terms)}", values)[0][0])

    def count_by(self, kind: type[Record], field: str, where: Where | None = None) -> dict[Any, int]:
        """See `Store.count_by`."""
        table = table_of(kind)
        terms, values = table.filter(where)
        column = table.column(field)
        rows = self._rows(f"SELECT {column}, count(*) FROM {table.name}{joined(terms)} GROUP BY 1 ORDER BY 1", values)
        read = table.reader([field])
        return {read((value,))[0]: count for value, count in rows}

    def values(
        self, kind: type[Record], fields: Sequence[str], where: Where | None = None, *, order: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        """See `Store.values`."""
        table = table_of(kind)
        columns = [table.column(field) for field in fields]
        read = table.reader(fields)
        walk = Walk(table, columns, where, order=order, descending=False, size=ROWS)
        return (read(row[: len(columns)]) for rows in walk.blocks(self._connections) for row in rows)

    def write(self, operations: Sequence[Operation], *, fence: Lease | None = None, durable: bool = True) -> None:
        """See `Store.write`."""
        self._write(operations, fence, lambda connection: None, durable=durable)

    def append(self, stream: str, events: Sequence[NewEvent], *, fence: Lease | None = None, operations: Sequence[Operation] = ()) -> int:
        """See `Store.append`."""
        with translated(self._connections.path):
            rows = sqlite_writes.event_rows(events)
        return self._write(operations, fence, lambda connection: sqlite_writes.append(connection, stream, rows), durable=False)

    def _write(self, operations: Sequence[Operation], fence: Lease | None, first: Callable[[apsw.Connection], T], *, durable: bool) -> T:
        with translated(self._connections.path):
            steps = sqlite_writes.prepare(operations)

        def job(connection: apsw.Connection) -> T:
            sqlite_leases.check_fence(connection, fence)
            result = first(connection)
            sqlite_writes.run(connection, steps)
            return result

        return self._connections.write(job, durable=durable)

    def tail(self, stream: str, *, after: int = 0, limit: int = 1000, types: Sequence[EventType] = ()) -> list[Event]:
        """See `Store.tail`."""
        return self._events(stream, "seq > ?", after, limit, types, descending=False)

    def newest(self, stream: str, *, before: int | None = None, limit: int = 20, types: Sequence[EventType] = ()) -> list[Event]:
        """See `Store.newest`."""
        return self._events(stream, "seq < ?", 2**62 if before is None else before, limit, types, descending=True)

    def _events(self, stream: str, term: str, bound: int, limit: int, types: Sequence[EventType], *, descending: bool) -> list[Event]:
        """Per type one walk along its index: rare types among a million events are found as fast as common ones."""
        way = "DESC" if descending else "ASC"
        found = []
        for event_type in dict.fromkeys(types) if types else (None,):
            of_type = " AND event_type = ?" if event_type else ""
            source = '"Event" INDEXED BY "Event_type"' if event_type else '"Event"'
            query = f"SELECT seq, body FROM {source} WHERE stream = ? AND {term}{of_type} ORDER BY seq {way} LIMIT ?"
            found.append(self._rows(query, [stream, bound, *([event_type.value] if event_type else []), max(limit, 0)]))
        rows = islice(merge(*found, key=lambda row: row[0], reverse=descending), max(limit, 0))
        try:
            return [sqlite_check.read_event(seq, body) for seq, body in rows]
        except ValidationError as error:
            raise StoreDamagedError(
                f"a stored event of {stream!r} cannot be read", hint="`store check` names it; restore a backup"
            ) from error

    def last_seq(self, stream: str) -> int:
        """See `Store.last_seq`."""
        return int(self._rows('SELECT max(seq) FROM "Event" WHERE stream = ?', (stream,))[0][0] or 0)

    def streams(self) -> Iterator[str]:
        """See `Store.streams`. Jumps from name to name instead of reading every event."""
        found = self._rows('SELECT min(stream) FROM "Event"', ())
        while found[0][0] is not None:
            yield found[0][0]
            found = self._rows('SELECT min(stream) FROM "Event" WHERE stream > ?', (found[0][0],))

    def acquire(self, name: str, owner: str, *, seconds: float) -> Lease | None:
        """See `Store.acquire`."""
        return self._connections.write(lambda c: sqlite_leases.acquire(c, name, owner, time=self._clock.read(), seconds=seconds))

    def renew(self, lease: Lease, *, seconds: float) -> None:
        """See `Store.renew`."""
        self._connections.write(lambda c: sqlite_leases.renew(c, lease, time=self._clock.read(), seconds=seconds))

    def release(self, lease: Lease) -> None:
        """See `Store.release`."""
        self._connections.write(lambda c: sqlite_leases.end(c, lease))

    def break_lease(self, lease: Lease) -> None:
        """See `Store.break_lease`."""
        self._connections.write(lambda c: sqlite_leases.end(c, lease))

    def lease(self, name: str) -> LeaseState | None:
        """See `Store.lease`."""
        with self._connections.reading() as connection:
            return sqlite_leases.state(connection, name, self._clock.read())

    def check(self) -> list[Problem]:
        """See `Store.check`. Works on a snapshot while others write."""
        with self._connections.reading() as connection:
            connection.execute("BEGIN")
            try:
                return sqlite_check.check(connection)
            finally:
                connection.execute("ROLLBACK")

    def backup(self, path: Path) -> None:
        """See `Store.backup`."""
        sqlite_files.copy(self._connections, path)

    def close(self) -> None:
        """See `Store.close`."""
        self._connections.close()
