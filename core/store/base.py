"""The store's protocol. Operations are data, because a transaction may run twice and so cannot be a conversation.

A record's kind is its class; `core.store.schema` declares key, indexed fields and references of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from core.records.base import Record
from core.records.events import Event, EventType, NewEvent

R = TypeVar("R", bound=Record)


class Put(Record):
    """Write a record. A `Versioned` one must carry the revision it was read with (0 = new); others must be new."""

    record: Record


class Ensure(Record):
    """Write a record unless one of that key is there; what is there stays."""

    record: Record


class PutWritten(Record):
    """Write new records of an unversioned kind that are written down already, which saves making and checking each.

    A row is the key, the indexed fields in the order of their declaration, and the record's JSON. Nothing is looked at again:
    only for what this program made and checked itself, as an import does.
    """

    kind: type[Record]
    rows: Sequence[tuple[Any, ...]]


class Remove(Record):
    """Delete by key; deleting what is not there is no error."""

    kind: type[Record]
    key: str


class In(Record):
    """Condition: the field is one of these."""

    values: tuple[Any, ...]


class AtMost(Record):
    """Condition: the field is at most this."""

    value: Any


class Above(Record):
    """Condition: the field is greater than this."""

    value: Any


Where = Mapping[str, Any]
"""Indexed field -> value (equal), `In`, `AtMost` or `Above`; all must hold."""


class Change(Record):
    """Set fields of every record that holds, without reading them. Not for `Versioned` kinds, and never the key."""

    kind: type[Record]
    where: Mapping[str, Any]
    changes: Mapping[str, Any]


Operation = Put | PutWritten | Ensure | Remove | Change


class Lease(Record):
    """The right to work on something. `token` grows with every new holder and fences off the former ones."""

    name: str
    owner: str
    token: int


class LeaseState(Lease):
    """A lease as seen from outside: `live` = not expired by the store's own clock."""

    live: bool


class Problem(Record):
    """Something wrong in the store."""

    kind: str
    id: str
    message: str


class Store(Protocol):
    """What every adapter does. All methods may raise StoreError; one Store may be used from many threads."""

    url: str

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key, or None."""

    def get_many(self, kind: type[R], keys: Sequence[str]) -> dict[str, R]:
        """Those of the keys that exist."""

    def page(
        self,
        kind: type[R],
        where: Where | None = None,
        *,
        order: str = "",
        descending: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[R]:
        """Records ordered by an indexed field (default the key), ties by key; descending is exactly the reverse.

        Text is ordered by code points, times by time, and records without the field come before all others.
        Raises UnknownNameError for a field that is not indexed.
        """

    def each(self, kind: type[R], where: Where | None = None, *, order: str = "", descending: bool = False) -> Iterator[R]:
        """Every record of a kind, in the order of `page`, read in pages: constant memory."""

    def count(self, kind: type[Record], where: Where | None = None) -> int:
        """How many records hold."""

    def count_by(self, kind: type[Record], field: str, where: Where | None = None) -> dict[Any, int]:
        """How many records hold, per value of an indexed field; times and enumerations as text."""

    def values(
        self, kind: type[Record], fields: Sequence[str], where: Where | None = None, *, order: str = ""
    ) -> Iterator[tuple[Any, ...]]:
        """Indexed fields alone (or the key), without reading the records' bodies; times and enumerations as text."""

    def write(self, operations: Sequence[Operation], *, fence: Lease | None = None, durable: bool = True) -> None:
        """All or nothing.

        One that need not be `durable` is for rows that nobody sees yet: a power cut may undo it, and what was written after it,
        until the next durable write, which makes both last.

        Raises:
            AlreadyExistsError, StaleRevisionError: an operation does not fit what is stored; nothing was written.
            LeaseLostError: the fence's lease has another holder now, or was given back.
            InvalidValueError: a value that cannot be stored or read back; nothing was written.
        """

    def append(
        self,
        stream: str,
        events: Sequence[NewEvent],
        *,
        fence: Lease | None = None,
        operations: Sequence[Operation] = (),
    ) -> int:
        """Number events gaplessly within the stream, ignore natural keys it knows, write the operations with them.

        Returns the stream's last number. Raises as `write`.
        """

    def tail(self, stream: str, *, after: int = 0, limit: int = 1000, types: Sequence[EventType] = ()) -> list[Event]:
        """Events with a greater number, oldest first."""

    def newest(self, stream: str, *, before: int | None = None, limit: int = 20, types: Sequence[EventType] = ()) -> list[Event]:
        """Events with a smaller number, newest first."""

    def last_seq(self, stream: str) -> int:
        """The stream's last number, 0 when it is empty."""

    def streams(self) -> Iterator[str]:
        """The name of every stream that has events, in order."""

    def acquire(self, name: str, owner: str, *, seconds: float) -> Lease | None:
        """Take a lease that nobody holds, or None. Takes over from the same owner."""

    def renew(self, lease: Lease, *, seconds: float) -> None:
        """Keep it. Raises LeaseLostError when it has another holder."""

    def release(self, lease: Lease) -> None:
        """Give it back; nothing happens when it was lost."""

    def break_lease(self, lease: Lease) -> None:
        """Expire a lease whose holder is known to be dead, if it still has this token."""

    def lease(self, name: str) -> LeaseState | None:
        """Who holds it, or held it last."""

    def check(self) -> list[Problem]:
        """Dangling references, gaps in event numbers, unreadable records, damage."""

    def backup(self, path: Path) -> None:
        """A consistent copy while others write, for the owner's eyes only.

        Raises AlreadyExistsError instead of overwriting, UnreadableFileError where it cannot be written.
        """

    def close(self) -> None:
        """Let go of every connection."""
