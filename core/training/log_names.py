"""Where a run's log may go: a plain file name inside the log folder."""

import re

from core.errors import InvalidValueError

_PLAIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def log_name(name: str) -> str:
    """The file's name, `.jsonl` added where it lacks it.

    Raises:
        InvalidValueError: a path, a reserved name, or characters that some file system cannot keep.
    """
    plain = name if name.endswith(".jsonl") else f"{name}.jsonl"
    if not _PLAIN.match(plain) or ".." in plain or plain.split(".")[0].lower() in _RESERVED:
        raise InvalidValueError(
            f"{name!r} is no name for a log",
            hint="letters, digits, dot, dash and underscore, up to 100; the folder is the setting log_folder",
        )
    return plain
