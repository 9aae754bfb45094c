"""Writes what happens in a run: events, calls and the run's own record, many in one transaction.

Whoever adds does not wait. Whatever is committed is there for good; whatever is not yet when the process dies is made
again by the replay, under the same natural keys.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Condition, Lock, Thread

from core.errors import LeaseLostError, StoreUnavailableError, WorkbenchError
from core.records.events import EventType, NewEvent
from core.records.models import Text
from core.records.runs import TrainingRun
from core.store.base import Ensure, Lease, Operation, Put, Store
from core.training.log_file import LogFile
from core.training.patience import USUAL, Patience

COMMIT_EVERY_SECONDS = 0.08
RUN_EVERY_SECONDS = 0.5


class Journal:
    """A queue and the one thread that commits it, fenced by the attempt's lease."""

    def __init__(
        self, store: Store, lease: Lease, run: Callable[[], TrainingRun], *, log: Path | None = None, patience: Patience = USUAL
    ) -> None:
        self.broken: WorkbenchError | None = None
        """Why nothing can be written any more; the attempt must end."""
        self._store, self._lease, self._run, self._patience = store, lease, run, patience
        self._revision = run().revision
        self._events: list[NewEvent] = []
        self._operations: list[Operation] = []
        self._texts: set[str] = set()
        self._written = 0.0
        self._changed = Condition()
        self._committing = Lock()
        self._closing = False
        self._run_id = run().id
        self._log = LogFile(log, store, self._run_id) if log else None
        self._thread = Thread(target=self._commit_until_closed, name="journal", daemon=True)
        self._thread.start()

    def add(self, *events: NewEvent, operations: Sequence[Operation] = (), texts: Sequence[tuple[str, str]] = ()) -> None:
        """Queue what belongs together: it is committed together. `texts` are pairs of hash and content, each kept once."""
        with self._changed:
            for name, content in texts:
                if name not in self._texts:
                    self._texts.add(name)
                    self._operations.append(Ensure(record=Text(hash=name, content=content)))
            self._operations.extend(operations)
            self._events.extend(events)
            self._changed.notify()

    def flush(self, *, final: Sequence[Operation] = ()) -> None:
        """Commit everything now, the run's record too, with `final` in the same transaction.

        Raises:
            WorkbenchError: it could not be written.
        """
        self._commit(with_run=True, final=final)
        if self.broken:
            raise self.broken

    def close(self) -> None:
        """End the thread; what is queued is committed first."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        if self._log:
            self._log.close()

    def _commit_until_closed(self) -> None:
        while not self.broken:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._events or self._operations, timeout=RUN_EVERY_SECONDS)
                closing = self._closing
                if closing and not (self._events or self._operations):
                    return
            if not closing:
                time.sleep(COMMIT_EVERY_SECONDS)
            self._commit(with_run=time.monotonic() - self._written >= RUN_EVERY_SECONDS, final=())

    def _commit(self, *, with_run: bool, final: Sequence[Operation]) -> None:
        """What is queued goes out as one transaction; whoever adds meanwhile does not wait for it."""
        with self._committing:
            with self._changed:
                events, operations = self._events, [*self._operations, *final]
                self._events, self._operations = [], []
            if self.broken or not (events or operations or with_run):
                return
            if with_run:
                operations.append(Put(record=self._run().model_copy(update={"revision": self._revision})))
            try:
                last = self._append(events, operations, with_run=with_run)
            except WorkbenchError as error:
                self.broken = error
                return
            if with_run:
                self._revision += 1
                self._written = time.monotonic()
            self._follow(last)

    def _append(self, events: list[NewEvent], operations: list[Operation], *, with_run: bool) -> int:
        """A store that is gone for a while is waited for; another holder of the lease is the end."""
        until = time.monotonic() + self._patience.store
        while True:
            try:
                return self._store.append(self._run_id, events, fence=self._lease, operations=operations)
            except StoreUnavailableError:
                if time.monotonic() > until:
                    raise
                time.sleep(self._patience.store_between)
                if with_run and self._was_written():
                    return self._store.last_seq(self._run_id)

    def _was_written(self) -> bool:
        """Whether a commit whose answer was lost is there after all: the lease lets nobody else write the run."""
        try:
            stored = self._store.get(TrainingRun, self._run_id)
        except StoreUnavailableError:
            return False
        return stored is not None and stored.revision == self._revision + 1

    def _follow(self, last: int) -> None:
        """The file is a copy: when it cannot be written any more the run goes on without it, and says so."""
        try:
            if self._log:
                self._log.follow(last)
        except OSError as error:
            self._log = None
            run = self._run()
            said = f"the log file ends here: {error.strerror or error}"
            self.add(NewEvent(
                key=f"log/{run.attempts}", event_type=EventType.PROGRESS_UPDATE, training_run_id=run.id, domain=run.domain,
                progress_percent=run.progress_percent, phase=run.phase.value if run.phase else None, message=said,
            ))  # fmt: skip

    @property
    def fenced(self) -> bool:
        """Whether another process holds the run now."""
        return isinstance(self.broken, LeaseLostError)
