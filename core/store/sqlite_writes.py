"""Operations as SQL. They are prepared (checked, dumped) before the write lock is taken, then run in few statements."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from typing import Any, cast

import apsw
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from core.errors import AlreadyExistsError, InvalidValueError, StaleRevisionError
from core.records.base import Record, Versioned
from core.records.events import Event, NewEvent
from core.store.base import Change, Ensure, Operation, Put, PutWritten, Remove
from core.store.conditions import plain, stored_field
from core.store.sqlite_tables import Row, Table, body_field, joined, table_of

Step = Callable[[apsw.Connection], None]
_KNOWN = 'SELECT key FROM "Event" WHERE stream = ? AND key IN (SELECT value FROM json_each(?))'
_LAST = 'SELECT max(seq) FROM "Event" WHERE stream = ?'
_APPEND = 'INSERT INTO "Event" (stream, seq, key, event_type, body) VALUES (?, ?, ?, ?, ?)'


def prepare(operations: Sequence[Operation]) -> list[Step]:
    """Steps to run inside a transaction, neighbors of one sort as one step.

    Raises:
        InvalidValueError: something that cannot be stored or read back.
        UnknownNameError: a kind or field that the store does not know.
    """
    return [_step(sort, record, list(group)) for (sort, record), group in groupby(operations, key=_sort)]


def _sort(operation: Operation) -> tuple[type[Operation], type[Record]]:
    return type(operation), operation.kind if isinstance(operation, PutWritten | Remove | Change) else type(operation.record)


def _step(sort: type[Operation], record: type[Record], group: Sequence[Any]) -> Step:
    table = table_of(record)
    if sort is Put:
        return _put_versioned(table, group) if table.kind.versioned else _put_new(table, group)
    if sort is PutWritten:
        written = [(*row, 0) for operation in group for row in operation.rows]
        return lambda connection: _insert(connection, table, written)
    if sort is Ensure:
        rows = [table.row(operation.record) for operation in _first_revision(table, group)]
        return lambda connection: _many(connection, table.ensure, rows)
    if sort is Remove:
        keys = [(operation.key,) for operation in group]
        return lambda connection: _many(connection, table.remove, keys)
    changes = [_change(table, operation) for operation in group]

    def change(connection: apsw.Connection) -> None:
        for statement, values in changes:
            connection.execute(statement, values)

    return change


def _many(connection: apsw.Connection, statement: str, rows: Sequence[Row]) -> None:
    connection.executemany(statement, rows)


def _first_revision(table: Table, group: Sequence[Any]) -> Sequence[Any]:
    """What `Ensure` writes of a versioned kind is its first revision."""
    if not table.kind.versioned:
        return group
    return [Ensure(record=operation.record.model_copy(update={"revision": 1})) for operation in group]


def _insert(connection: apsw.Connection, table: Table, rows: Sequence[Row]) -> None:
    before = connection.total_changes()
    try:
        connection.executemany(table.insert, rows)
    except apsw.ConstraintError as error:
        key = rows[connection.total_changes() - before][0]
        raise AlreadyExistsError(
            f"there is already a {table.kind.label} {key!r}", hint="choose another name, or read it and change that one"
        ) from error


def _put_new(table: Table, group: Sequence[Put]) -> Step:
    rows = [table.row(operation.record) for operation in group]
    return lambda connection: _insert(connection, table, rows)


def _put_versioned(table: Table, group: Sequence[Put]) -> Step:
    rows: list[tuple[int, Row]] = []
    for operation in group:
        revision = cast(Versioned, operation.record).revision
        following = operation.record.model_copy(update={"revision": revision + 1})
        rows.append((revision, table.row(following)))

    def put(connection: apsw.Connection) -> None:
        for revision, row in rows:
            if revision == 0:
                _insert(connection, table, [row])
                continue
            connection.execute(table.update, (*row, row[0], revision))
            if not connection.changes():
                raise StaleRevisionError(
                    f"{table.kind.label} {row[0]!r} was changed or deleted since it was read", hint="reload it and make the change again"
                )

    return put


def _change(table: Table, operation: Change) -> tuple[str, list[Any]]:
    kind = table.kind
    if kind.versioned:
        raise InvalidValueError(f"a {kind.label} carries a revision and cannot be changed in bulk", hint="read it and put it back changed")
    sets: list[str] = []
    lifted: list[Any] = []
    paths: list[Any] = []
    for name, value in operation.changes.items():
        field = body_field(kind, name)
        if name == kind.key:
            raise InvalidValueError(f"{name} is the key of a {kind.label}", hint="remove the record and put a new one")
        try:
            checked = _field_type(kind.record, name).validate_python(value)
        except ValidationError as error:
            raise InvalidValueError(f"{name} of a {kind.label} cannot be {value!r}", hint=str(error.errors()[0]["msg"])) from error
        paths += [f'$."{field}"', to_json(checked).decode()]
        if name in kind.indexed:
            sets.append(f'"{stored_field(kind, name)}" = ?')
            lifted.append(plain(kind, name, checked))
    if not paths:
        raise InvalidValueError(f"nothing to change of {kind.label}", hint="name at least one field")
    pairs = ", ".join(["?, json(?)"] * (len(paths) // 2))
    terms, values = table.filter(operation.where)
    statement = f"UPDATE {table.name} SET {', '.join([*sets, f'body = json_set(body, {pairs})'])}{joined(terms)}"
    return statement, [*lifted, *paths, *values]


@cache
def _field_type(record: type[Record], name: str) -> TypeAdapter[Any]:
    annotation: Any = record.model_fields[name].annotation
    return TypeAdapter(annotation)


def event_rows(events: Sequence[NewEvent]) -> dict[str, tuple[str, str]]:
    """Key -> type and body of each event, the first of every key; a number that one already has is dropped."""
    table: dict[str, tuple[str, str]] = {}
    for event in events:
        if event.key not in table:
            body = event.model_dump_json(exclude={"seq"}) if isinstance(event, Event) else event.model_dump_json()
            table[event.key] = (event.event_type.value, body)
    return table


def append(connection: apsw.Connection, stream: str, rows: dict[str, tuple[str, str]]) -> int:
    """Number the events that the stream does not know yet; the stream's last number."""
    found: Any = connection.execute(_LAST, (stream,)).fetchall()[0][0]
    last: int = found or 0
    listed = to_json(list(rows)).decode()
    known = {key for (key,) in connection.execute(_KNOWN, (stream, listed))} if last else set()
    fresh = [(key, *row) for key, row in rows.items() if key not in known]
    connection.executemany(_APPEND, [(stream, last + place, *row) for place, row in enumerate(fresh, start=1)])
    return last + len(fresh)


def run(connection: apsw.Connection, steps: Sequence[Step]) -> None:
    """All steps in their order."""
    for step in steps:
        step(connection)
