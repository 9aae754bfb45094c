"""A run's events as a JSONL file, whole texts included."""

import os
import stat
from pathlib import Path

from core.errors import UnreadableFileError
from core.records.events import Event
from core.store.base import Store
from core.training.events import joined, line

PAGE = 500


class LogFile:
    """Follows the store: the file holds exactly what the store holds, in its order."""

    def __init__(self, path: Path, store: Store, run_id: str) -> None:
        """Raises UnreadableFileError where no plain file can be written: a link, a pipe or a device is never followed."""
        self._store, self._run_id, self._seq = store, run_id, 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise UnreadableFileError(f"the log {path} cannot be written: {error.strerror}", hint="choose another name for it") from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise UnreadableFileError(f"the log {path} is no plain file", hint="choose another name for it")
        os.ftruncate(handle, 0)
        self._file = os.fdopen(handle, "w", encoding="utf-8")

    def follow(self, last: int) -> None:
        """Write every event up to number `last` that is not in the file yet."""
        while self._seq < last:
            page: list[Event] = self._store.tail(self._run_id, after=self._seq, limit=PAGE)
            if not page:
                return
            for event in joined(self._store, page):
                self._file.write(line(event) + "\n")
            self._seq = page[-1].seq
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
