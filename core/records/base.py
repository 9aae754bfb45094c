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


PIECE = 2_000
"""Bytes that hashlib takes without giving up the interpreter's lock: threads that each hash a few KB would else wait for turns."""


def text_hash(text: str) -> str:
    """SHA-256 of the text's UTF-8, in hexadecimal: the name under which a text is stored once."""
    data = text.encode("utf-8")
    if len(data) > 32 * PIECE:
        return sha256(data).hexdigest()
    digest = sha256()
    for start in range(0, len(data), PIECE):
        digest.update(data[start : start + PIECE])
    return digest.hexdigest()
