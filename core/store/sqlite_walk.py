"""Reading many rows in constant memory."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from core.store.base import Where
from core.store.conditions import KEY
from core.store.sqlite_connections import Connections
from core.store.sqlite_tables import Row, Table, joined


class Walk:
    """All rows that hold, in an order, in blocks of `size`: some columns each."""

    def __init__(self, table: Table, columns: Sequence[str], where: Where | None, *, order: str, descending: bool, size: int) -> None:
        self._plan = table.ordered(where, order, descending=descending)
        self._by = f'"{self._plan.by}"'
        self._select = f"SELECT {', '.join([*columns, self._by, 'key'])} FROM {table.name}"
        self._descending = descending
        self._size = size

    def blocks(self, connections: Connections) -> Iterator[list[Row]]:
        """The blocks; key and ordering field stand last in each row."""
        if not self._plan.walkable:
            yield from self._in_one_reading(connections)
        elif self._plan.by == KEY:
            yield from self._part(connections, [], "key")
        else:
            there, missing = ([f"{self._by} IS NOT NULL"], f"({self._by}, key)"), ([f"{self._by} IS NULL"], "key")
            for terms, place in (there, missing) if self._descending else (missing, there):
                yield from self._part(connections, terms, place)

    def _part(self, connections: Connections, terms: Sequence[str], place: str) -> Iterator[list[Row]]:
        """Each block begins behind the last row of the one before; nothing stays open in between.

        Records without the ordering field are a part of their own: nothing compares with them.
        """
        width = place.count(",") + 1
        after = f"{place} {'<' if self._descending else '>'} ({', '.join('?' * width)})"
        last: Sequence[Any] = ()
        while True:
            query = f"{self._select}{joined([*self._plan.terms, *terms, *([after] if last else [])])}{self._plan.order_by} LIMIT ?"
            with connections.reading() as connection:
                rows = connection.execute(query, [*self._plan.values, *last, self._size]).fetchall()
            if rows:
                yield rows
            if len(rows) < self._size:
                return
            last = rows[-1][-width:]

    def _in_one_reading(self, connections: Connections) -> Iterator[list[Row]]:
        """No index has this order: SQLite sorts once (on the disk, when it is much) and the reading stays open till the end."""
        with connections.reading() as connection:
            cursor = connection.execute(f"{self._select}{joined(self._plan.terms)}{self._plan.order_by}", self._plan.values)
            try:
                while rows := list(islice(cursor, self._size)):
                    yield rows
            finally:
                cursor.close(True)
