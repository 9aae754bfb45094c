"""What `store check` looks at in a SQLite store."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import apsw
from pydantic import ValidationError

from core.records.events import Event
from core.store.base import Problem
from core.store.schema import KINDS, Kind, labels
from core.store.sqlite_tables import Table, body_field, table_of

MOST = 1000
"""Problems told at most; behind so many there is one cause."""
_GAPS = 'SELECT stream, count(*), min(seq), max(seq) FROM "Event" GROUP BY stream HAVING min(seq) <> 1 OR max(seq) <> count(*)'
_EVENTS = 'SELECT stream, seq, key, event_type, body FROM "Event" ORDER BY stream, seq'


def check(connection: apsw.Connection) -> list[Problem]:
    """Everything wrong, the file's own damage first; further looks are pointless when there is some."""
    try:
        damage = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(100)") if text != "ok"]
    except apsw.CorruptError as error:
        damage = [str(error)]
    if damage:
        return [Problem(kind="file", id="", message=text) for text in damage]
    return list(islice(_problems(connection), MOST))


def _problems(connection: apsw.Connection) -> Iterator[Problem]:
    for kind in KINDS:
        for field, label in kind.references.items():
            yield from _dangling(connection, kind, field, label)
    for stream, count, first, last in connection.execute(_GAPS):
        yield Problem(kind="Event", id=stream, message=f"{count} events are numbered {first} to {last}: numbers are missing")
    for kind in KINDS:
        yield from _unreadable(connection, table_of(kind.record))
    yield from _unreadable_events(connection)


def _dangling(connection: apsw.Connection, kind: Kind, field: str, label: str) -> Iterator[Problem]:
    value = "key" if field == kind.key else f'"{field}"' if field in kind.indexed else "json_extract(body, ?1)"
    path = (f'$."{body_field(kind, field)}"',) if value.startswith("json") else ()
    query = (
        f'SELECT key, named FROM (SELECT key, {value} AS named FROM "{kind.label}") AS t WHERE named IS NOT NULL '
        f'AND NOT EXISTS (SELECT 1 FROM "{labels[label].label}" AS other WHERE other.key = t.named)'
    )
    for key, named in connection.execute(query, path):
        yield Problem(kind=kind.label, id=key, message=f"{field} names {label} {named!r}, which does not exist")


def _unreadable(connection: apsw.Connection, table: Table) -> Iterator[Problem]:
    columns = ", ".join(f'"{name}"' for name in table.columns)
    for *lifted, revision, body in connection.execute(f"SELECT {columns}, revision, body FROM {table.name}"):
        try:
            record: Any = table.kind.record.model_validate_json(body)
        except ValidationError as error:
            yield Problem(kind=table.kind.label, id=lifted[0], message=f"cannot be read: {error.errors()[0]['msg']}")
            continue
        if table.lift(record) != tuple(lifted) or (table.kind.versioned and record.revision != revision):
            yield Problem(kind=table.kind.label, id=lifted[0], message="its indexed fields differ from the record itself")


def _unreadable_events(connection: apsw.Connection) -> Iterator[Problem]:
    for stream, seq, key, event_type, body in connection.execute(_EVENTS):
        try:
            event = read_event(seq, body)
        except ValidationError as error:
            yield Problem(kind="Event", id=f"{stream}/{seq}", message=f"cannot be read: {error.errors()[0]['msg']}")
            continue
        if (event.key, event.event_type) != (key, event_type):
            yield Problem(kind="Event", id=f"{stream}/{seq}", message="its indexed fields differ from the event itself")


def read_event(seq: int, body: str) -> Event:
    """An event with the number that its row has; bodies are stored without."""
    return Event.model_validate_json(f'{{"seq":{seq},{body[1:]}')
