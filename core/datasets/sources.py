"""Opens what is to be imported, without ever waiting on something that is no file."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.errors import UnreadableFileError

HEAD = 4096
"""Bytes from which a format is recognized."""


class Source(NamedTuple):
    """An open file at its beginning, what it is called, its size in bytes, and how it begins."""

    file: BinaryIO
    name: str
    size: int
    head: bytes


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[Source]:
    """Open a path, or take a stream that can seek (it stays open).

    Raises:
        UnreadableFileError: missing, not a regular file, not readable, empty, or UTF-16.
    """
    if isinstance(source, Path):
        with _open(source) as file:
            yield _checked(file, source.name)
    else:
        source.seek(0)
        yield _checked(source, str(getattr(source, "name", "") or "the file"))


def _open(path: Path) -> BinaryIO:
    try:
        # Non-blocking: to open a FIFO that nobody writes to would wait forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UnreadableFileError(f"there is no file {str(path)!r}", hint="check the path") from None
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{str(path)!r} cannot be read: {_reason(error)}", hint="check the path and its permissions") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFileError(f"{str(path)!r} is not a regular file", hint="give a file, not a folder, a pipe or a device")
    return os.fdopen(descriptor, "rb", buffering=1 << 20)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _checked(file: BinaryIO, name: str) -> Source:
    head = file.read(HEAD)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not head:
        raise UnreadableFileError(f"{name} is empty", hint='a native file has one JSON object a line: {"text": "...", "entities": [...]}')
    if _is_utf16(head):
        raise UnreadableFileError(f"{name} is written in UTF-16", hint="save it as UTF-8")
    return Source(file, name, size, head)


def _is_utf16(head: bytes) -> bool:
    """A UTF-16 mark followed by what only UTF-16 has, or its pattern of NULs without a mark."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b"\x00" in head[2:]
    return len(head) >= 4 and (head[0:4:2] == b"\x00\x00" or head[1:4:2] == b"\x00\x00") and head[:4].count(0) == 2
