"""The store itself: is it whole, and a copy of it."""

from pathlib import Path

from core.records.base import Record
from core.store.base import Problem
from core.workbench import Workbench


class StoreCheck(Record):
    """What a look at the whole store found."""

    ok: bool
    problems: tuple[Problem, ...]


class Backup(Record):
    """A copy of the store that was written."""

    file: str
    size_bytes: int


def check(bench: Workbench) -> StoreCheck:
    """Look for dangling references, gaps in event numbers, unreadable records and damage. Raises StoreError."""
    problems = tuple(bench.store.check())
    return StoreCheck(ok=not problems, problems=problems)


def backup(bench: Workbench, path: Path) -> Backup:
    """Copy the store while others write.

    Raises:
        AlreadyExistsError: the file is there; it is never overwritten.
        UnreadableFileError: it cannot be written.
    """
    bench.store.backup(path)
    return Backup(file=str(path), size_bytes=path.stat().st_size)
