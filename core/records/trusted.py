"""Records from values that were checked by hand: an import has no time to check each value twice."""

from typing import Any, TypeVar

from core.records.base import Record

R = TypeVar("R", bound=Record)

_fields: dict[type[Record], set[str]] = {}


def trusted(kind: type[R], values: dict[str, Any]) -> R:
    """A record with exactly these values, unchecked; every field must be given, in its final type.

    What `model_construct` does, without its look at defaults and aliases: a tenth of its time. Only for values that
    this very program checked (`core.datasets.validate`); a test compares it with the checked way.
    """
    record = kind.__new__(kind)
    put = object.__setattr__
    put(record, "__dict__", values)
    put(record, "__pydantic_fields_set__", _fields.get(kind) or _fields.setdefault(kind, set(kind.model_fields)))
    put(record, "__pydantic_extra__", None)
    put(record, "__pydantic_private__", None)
    return record
