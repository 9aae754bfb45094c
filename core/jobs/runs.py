"""The state of runs as the processes behind them show it."""

from core.errors import StaleRevisionError
from core.records.base import now
from core.records.events import EventType, NewEvent
from core.records.runs import RunStatus, TrainingRun
from core.store.base import Put, Store
from core.store.owners import alive, me

TAKEOVER_SECONDS = 10.0


def run_lease(run_id: str) -> str:
    """The lease that an attempt at a run holds."""
    return f"run:{run_id}"


def attempt_lives(store: Store, run_id: str) -> bool:
    """Whether a process works on the run."""
    holder = store.lease(run_lease(run_id))
    return holder is not None and holder.live and alive(holder.owner)


def mark_ended(store: Store, run: TrainingRun, status: RunStatus, *, error: str | None = None) -> TrainingRun:
    """Write down the end of a run whose attempt is gone, and fence that attempt off should it wake again.

    Gives the run as it is now; unchanged where an attempt lives or somebody else was quicker.
    """
    name = run_lease(run.id)
    if attempt_lives(store, run.id):
        return run
    holder = store.lease(name)
    if holder is not None and holder.live:
        store.break_lease(holder)
    lease = store.acquire(name, me("supervisor"), seconds=TAKEOVER_SECONDS)
    if lease is None:
        return run
    current = store.get(TrainingRun, run.id)
    try:
        if current is None or current.revision != run.revision:
            return current or run
        over = {} if status is RunStatus.INTERRUPTED else {"completed_at": now()}
        ended = run.model_copy(update={"status": status, "error": error, "remaining_ms": None} | over)
        store.append(run.id, _last_words(ended), fence=lease, operations=[Put(record=ended)])
    except StaleRevisionError:
        return store.get(TrainingRun, run.id) or run
    finally:
        store.release(lease)
    return store.get(TrainingRun, run.id) or run


def _last_words(run: TrainingRun) -> list[NewEvent]:
    """The event of an end that the attempt itself could not tell of; an interrupted run has not ended."""
    kind = {RunStatus.FAILED: EventType.FAILED, RunStatus.CANCELLED: EventType.CANCELLED}.get(run.status)
    if kind is None:
        return []
    said = run.error or run.status.value
    data = {"hint": run.hint, "llm_cost": run.cost.model_dump()}
    phase = run.phase.value if run.phase else None
    return [NewEvent(
        key=f"{kind.value}/{run.attempts}", event_type=kind, training_run_id=run.id, domain=run.domain,
        progress_percent=run.progress_percent, phase=phase, message=said, data=data,
    )]  # fmt: skip


def reconciled(store: Store, run: TrainingRun) -> TrainingRun:
    """The run, `interrupted` where it says it runs but nobody works on it."""
    if run.status is not RunStatus.RUNNING or attempt_lives(store, run.id):
        return run
    return mark_ended(store, run, RunStatus.INTERRUPTED)
