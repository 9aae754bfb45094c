"""The supervisor: starts attempts of queued runs, notices those that died, ends those that do not heed a cancel.

Attempts are processes in sessions of their own: when a runner dies they go on, and the next runner watches them by
their leases.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import LeaseLostError, StoreError
from core.jobs.launch import runner_lease, spawn
from core.jobs.runs import attempt_lives, mark_ended, reconciled
from core.records.base import now
from core.records.runs import OPEN_STATES, RunStatus, Signal, TrainingRun
from core.store.base import In, Lease, Store
from core.store.owners import alive, me

LOOK_SECONDS = 0.3
LEASE_SECONDS = 15.0
AT_ONCE = 2
CANCEL_GRACE_SECONDS = 45.0
STORE_PATIENCE_SECONDS = 300.0
LOG_TAIL_CHARACTERS = 600


class Runner:
    """One per host and store."""

    def __init__(self, store: Store, log_folder: Path, *, idle_seconds: float | None) -> None:
        self._store, self._logs, self._idle_seconds = store, log_folder, idle_seconds
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._busy_at = time.monotonic()

    def serve(self, stopped: Callable[[], bool]) -> bool:
        """Supervise until stopped or idle for long enough. False = another runner holds the place."""
        lease = self._take_place()
        if lease is None:
            return False
        patience = time.monotonic() + STORE_PATIENCE_SECONDS
        try:
            while not stopped() and not self._idle():
                try:
                    self._store.renew(lease, seconds=LEASE_SECONDS)
                    self._look()
                    patience = time.monotonic() + STORE_PATIENCE_SECONDS
                except LeaseLostError:
                    return False
                except StoreError:
                    if time.monotonic() > patience:
                        raise
                time.sleep(LOOK_SECONDS)
        finally:
            with suppress(StoreError):
                self._store.release(lease)
        return True

    def _take_place(self) -> Lease | None:
        name = runner_lease()
        holder = self._store.lease(name)
        if holder is not None and holder.live and not alive(holder.owner):
            self._store.break_lease(holder)
        return self._store.acquire(name, me("runner"), seconds=LEASE_SECONDS)

    def _idle(self) -> bool:
        return self._idle_seconds is not None and time.monotonic() - self._busy_at > self._idle_seconds

    def _look(self) -> None:
        self._reap()
        runs = [reconciled(self._store, run) for run in self._store.page(
            TrainingRun, {"status": In(values=tuple(state.value for state in OPEN_STATES))}, order="created_at"
        )]  # fmt: skip
        running = [run for run in runs if run.status is RunStatus.RUNNING]
        pending = [run for run in runs if run.status is RunStatus.PENDING]
        if running or pending:
            self._busy_at = time.monotonic()
        domains = {run.domain for run in running}
        places = AT_ONCE - len(running)
        for run in pending:
            if run.id in self._children:
                places -= 1
                domains.add(run.domain)
        for run in pending:
            if places > 0 and run.domain not in domains and run.id not in self._children:
                self._start(run)
                domains.add(run.domain)
                places -= 1
        for run in running:
            self._end_if_deaf(run)

    def _start(self, run: TrainingRun) -> None:
        self._children[run.id] = spawn(["attempt", run.id], self._store.url, self._log(run.id))

    def _reap(self) -> None:
        """Wait for ended children (an unwaited one is a zombie) and write down those that died without a word."""
        for run_id, child in list(self._children.items()):
            code = child.poll()
            if code is None:
                continue
            del self._children[run_id]
            run = self._store.get(TrainingRun, run_id)
            if run is None or attempt_lives(self._store, run_id):
                continue
            if run.status is RunStatus.RUNNING:
                why = None if code <= 0 else f"the attempt broke off (exit {code}): {self._tail(run_id)}"
                mark_ended(self._store, run, RunStatus.INTERRUPTED, error=why)
            elif run.status is RunStatus.PENDING and code < 0:  # killed before its first word: nothing is wrong with the run
                mark_ended(self._store, run, RunStatus.INTERRUPTED)
            elif run.status is RunStatus.PENDING and code > 0:
                mark_ended(self._store, run, RunStatus.FAILED, error=f"the attempt could not start (exit {code}): {self._tail(run_id)}")

    def _end_if_deaf(self, run: TrainingRun) -> None:
        """Who does not heed a cancel is ended by force; whoever outlived its runner is known by its lease."""
        wish = self._store.get(Signal, run.id)
        if wish is None or (now() - wish.time).total_seconds() < CANCEL_GRACE_SECONDS:
            return
        child = self._children.get(run.id)
        if child is not None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            del self._children[run.id]
            last = self._store.get(TrainingRun, run.id) or run  # it may have written since this look began
            if last.status is RunStatus.RUNNING:
                mark_ended(self._store, last, RunStatus.CANCELLED, error="cancelled by force: it did not stop by itself")

    def _log(self, run_id: str) -> Path:
        return self._logs / f"{run_id}.attempt.log"

    def _tail(self, run_id: str) -> str:
        with suppress(OSError):
            return self._log(run_id).read_text(errors="replace").strip()[-LOG_TAIL_CHARACTERS:]
        return "its log cannot be read"
