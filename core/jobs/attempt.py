"""An attempt's process: takes the run's lease, or leaves it to who has it."""

from core.errors import BusyError, UnknownNameError
from core.jobs.runs import run_lease
from core.records.domains import Domain
from core.records.runs import RunStatus, TrainingRun
from core.store.owners import alive, me
from core.training.attempt import Means, run_attempt


def attempt(means: Means, run_id: str) -> TrainingRun:
    """Do, or go on with, a queued run.

    Raises:
        UnknownNameError: no such run.
        BusyError: it is not queued, or another process works on it.
    """
    store = means.store
    run = store.get(TrainingRun, run_id)
    if run is None:
        raise UnknownNameError.of("run", run_id, [])
    domain = store.get(Domain, run.domain)
    if domain is None:
        raise UnknownNameError.of("domain", run.domain, [])
    name = run_lease(run_id)
    holder = store.lease(name)
    if holder is not None and holder.live and not alive(holder.owner):
        store.break_lease(holder)
    lease = store.acquire(name, me(), seconds=means.patience.lease)
    if lease is None:
        raise BusyError(f"another process works on run {run_id}")
    try:
        run = store.get(TrainingRun, run_id) or run
        if run.status is not RunStatus.PENDING:
            raise BusyError(f"run {run_id} is {run.status.value}, not queued")
        return run_attempt(means, run, domain, lease)
    finally:
        store.release(lease)
