"""The two shapes that every record has."""

from datetime import UTC, datetime
from hashlib import sha256

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Versioned(Record):
    """A record that people change: `revision` 0 is not stored yet, each write adds 1, a stale write is refused."""

    revision: int = 0


def now() -> datetime:
    """The time in UTC, with its zone."""
    return datetime.now(UTC)


def text_hash(text: str) -> str:
    """SHA-256 of the text's UTF-8, in hexadecimal: the name under which a text is stored once."""
    return sha256(text.encode("utf-8")).hexdigest()
