"""What an attempt does beside its work: keeps its lease, looks for a wish to stop, stamps its record."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread

from core.errors import LeaseLostError, StoreError
from core.records.runs import OPEN_STATES, Signal, TrainingRun
from core.store.base import Lease, Store
from core.training.session import Session

BEAT_SECONDS = 0.25
RENEWALS = 5
"""How often a lease is renewed in the time that it lasts."""


class Heartbeat:
    """One thread that must not depend on the work: a slow model call may take minutes."""

    def __init__(self, store: Store, lease: Lease, run_id: str, *, lease_seconds: float) -> None:
        self._store, self._lease, self._run_id, self._seconds = store, lease, run_id, lease_seconds
        self._began = time.monotonic()

    @contextmanager
    def watching(self, cancel: Flag) -> Iterator[None]:
        """Beat while the body runs."""
        over = Flag()
        thread = Thread(target=self._beat, args=(cancel, over), name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, cancel: Flag, over: Flag) -> None:
        renewed = time.monotonic()
        while not over.wait(BEAT_SECONDS):
            try:
                if not cancel.is_set() and self._store.get(Signal, self._run_id) is not None:
                    cancel.set()
                if time.monotonic() - renewed > self._seconds / RENEWALS:
                    self._store.renew(self._lease, seconds=self._seconds)
                    renewed = time.monotonic()
            except LeaseLostError:
                return
            except StoreError:
                continue

    def stamped(self, session: Session, run: TrainingRun) -> TrainingRun:
        """The run's record with everything that moved since."""
        progress = session.progress
        phase = progress.phase
        gone = int((time.monotonic() - self._began) * 1000)
        return run.model_copy(
            update={
                "phases": progress.states, "progress_percent": progress.percent, "elapsed_ms": run.elapsed_ms + gone,
                "remaining_ms": progress.remaining_ms() if run.status in OPEN_STATES else None,
                "calls": session.tally.calls, "cost": session.tally.cost(run.model), "failures": session.failures(),
                "current_step": f"{phase.value.replace('_', ' ')}: {session.stage}".removesuffix(": ") if phase else "",
            }
        )  # fmt: skip
