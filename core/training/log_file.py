"""A run's events as a JSONL file, whole texts included."""

from pathlib import Path

from core.records.events import Event
from core.store.base import Store
from core.training.events import joined, line

PAGE = 500


class LogFile:
    """Follows the store: the file holds exactly what the store holds, in its order."""

    def __init__(self, path: Path, store: Store, run_id: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store, self._run_id, self._seq = store, run_id, 0
        self._file = path.open("w", encoding="utf-8")

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
