"""What is to be read, found and opened: files in memory, files, and folders of them. Nothing but regular files is ever opened."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.documents.limits import MB, Limits
from core.documents.naming import shown


@dataclass(frozen=True)
class Upload:
    """A file in memory."""

    name: str
    content: bytes


class Source(NamedTuple):
    """An open file, at its beginning; whoever gets it closes it."""

    name: str
    size: int
    file: BinaryIO
    path: str = ""
    """As it was given, for whoever has to find the file again; empty for one in memory."""


class Refused(NamedTuple):
    """What cannot be opened, why, and what to do."""

    name: str
    message: str
    hint: str
    path: str = ""


def sources_of(sources: Iterable[Path | Upload], limits: Limits) -> Iterator[Source | Refused]:
    """Every file, folders sorted by name and walked to their ends."""
    for source in sources:
        if isinstance(source, Upload):
            yield _sized(shown(source.name), len(source.content), BytesIO(source.content), limits)
        elif os.path.isdir(source):  # unlike Path.is_dir, it raises nothing for names that no file can have
            yield from _folder(source, limits)
        else:
            yield _opened(source, shown(source.name), limits)._replace(path=str(source))


def _folder(root: Path, limits: Limits) -> Iterator[Source | Refused]:
    inside = root.resolve()
    count = 0
    waiting = [(root, shown(inside.name))]
    while waiting:
        path, name = waiting.pop()
        if os.path.islink(path) and path != root:
            yield _linked(path, name, inside, limits)._replace(path=str(path))
        elif os.path.isdir(path):
            found = _entries(path)
            if isinstance(found, OSError):
                yield Refused(name, f"the folder cannot be read: {found.strerror}", "check its permissions", str(path))
            else:
                waiting += [(each, f"{name}/{shown(each.name)}") for each in reversed(found)]
            continue
        else:
            yield _opened(path, name, limits)._replace(path=str(path))
        count += 1
        if count == limits.documents and waiting:
            message = f"the folder holds more than {count:,} files; the rest was not read"
            yield Refused(shown(inside.name), message, "read it in parts", str(root))
            return
    if not count:
        yield Refused(shown(inside.name), "the folder holds no files", "put the documents in it", str(root))


def _entries(folder: Path) -> list[Path] | OSError:
    try:
        return sorted((each for each in folder.iterdir() if not each.name.startswith(".")), key=lambda each: each.name)
    except OSError as error:
        return error


def _linked(path: Path, name: str, inside: Path, limits: Limits) -> Source | Refused:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return Refused(name, "a link that leads nowhere", "remove it")
    if not target.is_relative_to(inside):
        return Refused(name, "a link that leads out of the folder, which is not followed", "copy the file itself into the folder")
    if os.path.isdir(target):
        return Refused(name, "a link to a folder in this folder, which is read where it is", "nothing has to be done")
    return _opened(target, name, limits)


def _opened(path: Path, name: str, limits: Limits) -> Source | Refused:
    """Looked at before it is opened, as to open a device or a pipe may do something, and after, as it may be another by then."""
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            file = open(path, "rb", buffering=0, opener=_without_waiting)
            about = os.fstat(file.fileno())
            if stat.S_ISREG(about.st_mode):
                return _sized(name, about.st_size, file, limits)
            file.close()
    except FileNotFoundError:
        return Refused(name, "there is no such file or folder", "check the path")
    except (OSError, ValueError) as error:
        return Refused(name, f"the file cannot be opened: {getattr(error, 'strerror', None) or error}", "check its path and permissions")
    return Refused(name, "it is no regular file but a pipe, a socket or a device", "give files and folders")


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe that nobody writes to would wait forever


def _sized(name: str, size: int, file: BinaryIO, limits: Limits) -> Source | Refused:
    if size <= limits.file_bytes:
        return Source(name, size, file)
    file.close()
    return Refused(name, f"the file has {size / MB:,.0f} MB; at most {limits.file_bytes / MB:,.0f} are read", "split it")
