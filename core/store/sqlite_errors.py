"""SQLite's errors in the workbench's words; nothing of apsw leaves the adapter."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw
from pydantic_core import PydanticSerializationError

from core.errors import InvalidValueError, StoreDamagedError, StoreError, StoreUnavailableError, WorkbenchError

DAMAGE_HINT = "keep the file as it is, restore a backup, or name another store; nothing was changed or recreated"

_UNAVAILABLE: tuple[tuple[type[apsw.Error], str, str], ...] = (
    (apsw.BusyError, "is locked by another process", "try again; end the process that holds it if this goes on"),
    (apsw.LockedError, "is locked", "try again"),
    (apsw.FullError, "cannot grow: the disk is full", "free some disk space and try again; nothing was half-written"),
    (apsw.ReadOnlyError, "cannot be written", "make the file and its folder writable for this user"),
    (apsw.CantOpenError, "cannot be opened", "look whether the file exists and its folder is writable for this user"),
    (apsw.PermissionsError, "may not be opened", "give this user the right to read and write it"),
    (apsw.IOError, "cannot be read or written: the disk reports an error", "look at the disk and its free space; nothing was half-written"),
    (apsw.NoMemError, "needs more memory than there is", "close other programs and try again"),
    (apsw.ProtocolError, "cannot be locked", "put the store on a local disk; network folders do not lock reliably"),
    (apsw.ConnectionClosedError, "was closed", "open it again"),
    (apsw.InterruptError, "was interrupted", "try again"),
    (apsw.AbortError, "was interrupted", "try again"),
)
_SCHEMA_DAMAGE = ("no such table", "no such column", "already exists", "malformed")


def workbench_error(error: Exception, path: object) -> WorkbenchError:
    """What an error of SQLite, or of the values handed to it, means to an analyst."""
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        return StoreDamagedError(f"the store {path} is damaged or no store at all ({error})", hint=DAMAGE_HINT)
    for kind, message, hint in _UNAVAILABLE:
        if isinstance(error, kind):
            return StoreUnavailableError(f"the store {path} {message} ({error})", hint=hint)
    if isinstance(error, apsw.SQLError) and any(sign in str(error) for sign in _SCHEMA_DAMAGE):
        return StoreDamagedError(f"the store {path} does not have the tables it should ({error})", hint=DAMAGE_HINT)
    if isinstance(error, UnicodeEncodeError | PydanticSerializationError):
        return InvalidValueError(f"a text that cannot be stored: {error}", hint="remove the lone surrogate characters")
    if isinstance(error, OverflowError | apsw.TooBigError):
        return InvalidValueError(f"a value too large to be stored: {error}", hint="whole numbers reach to 2^63 - 1, texts to 1 GB")
    return StoreError(f"the store {path} refused: {error}", hint="this is a fault of the workbench, please report it")


@contextmanager
def translated(path: object) -> Iterator[None]:
    """Raise the workbench's error for whatever SQLite raises inside."""
    try:
        yield
    except (apsw.Error, UnicodeEncodeError, PydanticSerializationError, OverflowError) as error:
        raise workbench_error(error, path) from error
