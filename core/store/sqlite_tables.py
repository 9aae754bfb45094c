"""One table per kind: how a record becomes a row, and a `Where` becomes SQL. Follows `core.store.schema`."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from pydantic_core import from_json

from core.errors import InvalidValueError, UnknownNameError
from core.records.base import Record, Versioned
from core.store.base import Where
from core.store.conditions import KEY, Condition, conditions, is_time, kind_of, stored_field, time_text
from core.store.schema import Kind

TYPES: dict[type, str] = {str: "TEXT", int: "INTEGER", bool: "INTEGER", float: "REAL"}
Row = tuple[Any, ...]


def _lifter(kind: Kind) -> Callable[[Record], Row]:
    """How to read key and indexed fields off a record, as fast as Python can: no look at the class per record."""
    names = (kind.key, *kind.indexed)
    many = attrgetter(*names)
    read: Callable[[Record], Row] = many if len(names) > 1 else lambda record: (many(record),)
    times = [place for place, name in enumerate(names) if is_time(kind, name)]
    if not times:
        return read

    def lift(record: Record) -> Row:
        row = list(read(record))
        for place in times:
            if row[place] is not None:
                row[place] = time_text(row[place])
        return tuple(row)

    return lift


@dataclass(frozen=True)
class Ordered:
    """SQL of a reading in order; `walkable` = each block can begin where the one before ended."""

    terms: list[str]
    values: list[Any]
    by: str
    order_by: str
    walkable: bool


class Table:
    """The SQL of one kind, made once."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name = f'"{kind.label}"'
        self.columns = (KEY, *kind.indexed)
        self.lift = _lifter(kind)
        fields = kind.record.model_fields
        self._open = tuple(name for name in ("metadata", "data") if name in fields)
        names = ", ".join(f'"{name}"' for name in (*self.columns, "body", "revision"))
        marks = ", ".join("?" * (len(self.columns) + 2))
        self.insert = f"INSERT INTO {self.name} ({names}) VALUES ({marks})"
        self.ensure = f"{self.insert} ON CONFLICT (key) DO NOTHING"
        sets = ", ".join(f'"{name}" = ?' for name in (*self.columns, "body", "revision"))
        self.update = f"UPDATE {self.name} SET {sets} WHERE key = ? AND revision = ?"
        self.remove = f"DELETE FROM {self.name} WHERE key = ?"

    def row(self, record: Record) -> Row:
        """Key, indexed fields, body, revision (0 where the kind has none).

        Raises:
            InvalidValueError: the record holds something that could not be read back.
        """
        body = record.model_dump_json()
        for name in self._open:
            if getattr(record, name):
                _check_readable(self.kind, body)
        return (*self.lift(record), body, record.revision if isinstance(record, Versioned) else 0)

    def column(self, field: str) -> str:
        """A field's column, quoted. Raises UnknownNameError."""
        return f'"{stored_field(self.kind, field)}"'

    def reader(self, fields: Sequence[str]) -> Callable[[Row], Row]:
        """Turns stored values of these fields back: SQLite has no booleans."""
        flags = {place for place, field in enumerate(fields) if self.kind.indexed.get(field) is bool}
        if not flags:
            return lambda row: row
        return lambda row: tuple(bool(value) if place in flags and value is not None else value for place, value in enumerate(row))

    def filter(self, where: Where | None, *, plus: Callable[[Condition], bool] = lambda condition: False) -> tuple[list[str], list[Any]]:
        """SQL terms and their values; `plus` hides a condition from SQLite's choice of an index."""
        found = conditions(self.kind, where)
        short = self._short(found)
        terms = [_term(condition, plus=short is not None or plus(condition)) for condition in found]
        values = [_value(condition) for condition in found]
        if short is None:
            return terms, values
        first = f"substr(%s, 1, {self.kind.short[short.field]})"
        column, value = first % f'"{short.field}"', first % ("?" if short.test == "is" else "value")
        term = f"{column} = {value}" if short.test == "is" else f"{column} IN (SELECT {value} FROM json_each(?))"
        return [term, *terms], [_value(short), *values]

    def _short(self, found: Sequence[Condition]) -> Condition | None:
        """The condition on a hash whose first characters have an index. No other index is worth a look then: a hash finds
        at most a few rows."""
        return next(
            (each for each in found if each.field in self.kind.short and each.test in ("is", "in") and None not in each.values), None
        )

    def ordered(self, where: Where | None, order: str, *, descending: bool) -> "Ordered":
        """How to read what holds in an order. SQLite keeps no statistics here, so the choice of an index is ours:

        a membership or range that an index finds directly is looked up and sorted; else an index that has the order
        behind the fields held equal is walked, and ranges are hidden, so that no page sorts everything behind it.
        """
        by = stored_field(self.kind, order or KEY)
        found = conditions(self.kind, where)
        equal = {condition.field for condition in found if condition.test == "is"}
        loose = {condition.field for condition in found if condition.test != "is"} - {by}
        paths = [*self.kind.indices, (KEY,)]
        nexts = {next((field for field in path if field not in equal), "") for path in paths}
        seek = bool(nexts & loose) or self._short(found) is not None
        terms, values = self.filter(where, plus=lambda each: not seek and each.test in ("at most", "above") and each.field != by)
        mark, way = "+" if seek else "", " DESC" if descending else ""
        fields = (by,) if by == KEY else (by, KEY)
        order_by = " ORDER BY " + ", ".join(f'{mark}"{field}"{way}' for field in fields)
        return Ordered(terms=terms, values=values, by=by, order_by=order_by, walkable=not seek and self._walkable(equal, fields))

    def _walkable(self, equal: set[str], fields: tuple[str, ...]) -> bool:
        """Whether some index gives this order behind the fields held equal, so that each block costs the same."""
        for path in self.kind.indices:
            start = next((place for place, field in enumerate(path) if field not in equal), len(path))
            if path[start : start + len(fields)] == fields:
                return True
        return fields == (KEY,) and not any(path[0] in equal for path in self.kind.indices)


def _check_readable(kind: Kind, body: str) -> None:
    try:
        from_json(body)
    except ValueError as error:
        raise InvalidValueError(
            f"a {kind.label} holds a value that could not be read back: {error}",
            hint="numbers may have up to 4,300 digits, nesting may go 200 deep",
        ) from error


def _term(condition: Condition, *, plus: bool) -> str:
    column = f'"{condition.field}"'
    if condition.test == "is":
        return f"{column} IS ?"
    if condition.test == "in":
        term = f"{column} IN (SELECT value FROM json_each(?))"
        return f"({term} OR {column} IS NULL)" if None in condition.values else term
    return f"{'+' if plus else ''}{column} {'<=' if condition.test == 'at most' else '>'} ?"


def _value(condition: Condition) -> Any:
    if condition.test == "in":
        return json.dumps([value for value in condition.values if value is not None], ensure_ascii=False)
    return condition.values[0]


@cache
def table_of(record: type[Record]) -> Table:
    """The table of a record class. Raises UnknownNameError."""
    return Table(kind_of(record))


def joined(terms: Sequence[str]) -> str:
    """A WHERE clause of all terms, or nothing."""
    return f" WHERE {' AND '.join(terms)}" if terms else ""


def body_field(kind: Kind, name: str) -> str:
    """A field's name inside the stored JSON.

    Raises:
        UnknownNameError: records of this kind have no such field.
    """
    info = kind.record.model_fields.get(name)
    if info is None:
        raise UnknownNameError.of(f"field of {kind.label}", name, list(kind.record.model_fields))
    return info.alias or name


def declared_columns(kind: Kind) -> list[tuple[str, str]]:
    """Column names and SQL types that a kind's table must have."""
    lifted = [(name, TYPES[type_]) for name, type_ in kind.indexed.items()]
    return [(KEY, "TEXT"), ("revision", "INTEGER"), *lifted, ("body", "TEXT")]


def declared_statements(kind: Kind) -> Iterator[str]:
    """The statements that would make a kind's table: what a migration for a new kind must contain."""
    columns = ", ".join(
        f'"{name}" {type_}' + (" PRIMARY KEY NOT NULL" if name == KEY else " NOT NULL" if name in ("revision", "body") else "")
        for name, type_ in declared_columns(kind)
    )
    yield f'CREATE TABLE "{kind.label}" ({columns}) STRICT'
    for fields in kind.indices:
        names = ", ".join(f'"{field}"' for field in fields)
        label = "_".join(fields).removesuffix("_key")
        yield f'CREATE INDEX "{kind.label}_{label}" ON "{kind.label}" ({names})'
    for field, length in kind.short.items():
        yield f'CREATE INDEX "{kind.label}_{field}" ON "{kind.label}" (substr("{field}", 1, {length}))'
