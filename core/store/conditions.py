"""`Where` turned into plain conditions that every adapter understands alike."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, get_args

from core.errors import InvalidValueError, UnknownNameError
from core.records.base import Record
from core.store.base import Above, AtMost, In, Where
from core.store.schema import Kind, kinds

KEY = "key"


class Condition(Record):
    """One test of a stored field. `values` holds one value, or for `in` any number."""

    field: str
    test: Literal["is", "in", "at most", "above"]
    values: tuple[Any, ...]


def kind_of(record: type[Record]) -> Kind:
    """The declaration of a record class.

    Raises:
        UnknownNameError: the store keeps no such records.
    """
    if kind := kinds.get(record):
        return kind
    raise UnknownNameError.of("kind of record", record.__name__, [kind.label for kind in kinds.values()])


def stored_field(kind: Kind, field: str) -> str:
    """The name under which a field can be searched; the kind's own key field is always `key`.

    Raises:
        UnknownNameError: the field is not indexed.
    """
    if field in (KEY, kind.key):
        return KEY
    if field in kind.indexed:
        return field
    raise UnknownNameError.of(f"indexed field of {kind.label}", field, [kind.key, *kind.indexed])


def time_text(value: datetime) -> str:
    """A time as text whose order is the order in time: UTC, always six digits after the second."""
    utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _mentions(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_mentions(part, wanted) for part in get_args(annotation))


def is_time(kind: Kind, field: str) -> bool:
    """Whether a field holds times, which are lifted as text."""
    info = kind.record.model_fields.get(field)
    return info is not None and _mentions(info.annotation, datetime)


def plain(kind: Kind, field: str, value: Any) -> Any:
    """The value as a store keeps it: enumerations by their value, times as sortable text.

    Raises:
        InvalidValueError: text that is no time where a time is stored.
    """
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str) and is_time(kind, field):
        try:
            return time_text(datetime.fromisoformat(value))
        except ValueError as error:
            raise InvalidValueError(f"{field} of {kind.label}: {value!r} is no time", hint="write it as 2026-01-31T12:00:00Z") from error
    return value


def conditions(kind: Kind, where: Where | None) -> Sequence[Condition]:
    """Every condition of a `Where`, checked against the declaration.

    Raises:
        UnknownNameError: a field that is not indexed.
        InvalidValueError: a value that cannot be one of the field's.
    """
    found = []
    for field, wanted in (where or {}).items():
        values = wanted.values if isinstance(wanted, In) else (wanted.value if isinstance(wanted, AtMost | Above) else wanted,)
        test: Literal["is", "in", "at most", "above"] = "is"
        if isinstance(wanted, In):
            test = "in"
        elif isinstance(wanted, AtMost | Above):
            test = "at most" if isinstance(wanted, AtMost) else "above"
        found.append(Condition(field=stored_field(kind, field), test=test, values=tuple(plain(kind, field, value) for value in values)))
    return found
