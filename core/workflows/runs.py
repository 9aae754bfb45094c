"""Runs: list, follow, end, go on."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from core.errors import ConflictError, StaleRevisionError, UnknownNameError
from core.jobs.runs import reconciled
from core.records.base import now
from core.records.events import Event, EventType
from core.records.runs import OPEN_STATES, RunNote, RunStatus, Scores, Signal, TrainingRun
from core.store.base import Ensure, Put, Remove
from core.training.events import joined, line
from core.workbench import Workbench

PAGE = 500
_FIGURES = ("score", "entity_f1", "relation_f1", "precision", "recall", "grounding_rate")


def list_runs(bench: Workbench, domain: str | None = None, *, limit: int = 100, offset: int = 0) -> list[TrainingRun]:
    """Runs, newest first, as they stand."""
    where = {"domain": domain} if domain else None
    found = bench.store.page(TrainingRun, where, order="created_at", descending=True, limit=limit, offset=offset)
    return [reconciled(bench.store, run) for run in found]


def get_run(bench: Workbench, run_id: str) -> TrainingRun:
    """One run as it stands. Raises UnknownNameError."""
    run = bench.store.get(TrainingRun, run_id)
    if run is None:
        raise UnknownNameError.of(
            "run", run_id, [run.id for run in bench.store.page(TrainingRun, order="created_at", descending=True, limit=20)]
        )
    return reconciled(bench.store, run)


def find_run(bench: Workbench, run_id: str) -> TrainingRun | None:
    """One run as it stands, None where there is no such run: what a link names was typed by anyone."""
    run = bench.store.get(TrainingRun, run_id)
    return reconciled(bench.store, run) if run else None


def events(bench: Workbench, run_id: str, *, after: int = 0) -> Iterator[Event]:
    """Every event with a greater number, texts whole, oldest first. Raises UnknownNameError."""
    get_run(bench, run_id)
    while page := bench.store.tail(run_id, after=after, limit=PAGE):
        yield from joined(bench.store, page)
        after = page[-1].seq


def newest_events(
    bench: Workbench, run_id: str, *, before: int | None = None, limit: int = 20, types: tuple[EventType, ...] = ()
) -> list[Event]:
    """A page of the log, newest first, texts whole."""
    return joined(bench.store, bench.store.newest(run_id, before=before, limit=limit, types=types))


def event_line(event: Event) -> str:
    """One event as a line of JSON."""
    return line(event)


def follow(bench: Workbench, run_id: str, *, after: int = 0, poll: float = 0.3) -> Iterator[Event]:
    """Events as they come, until the run has ended."""
    while True:
        ended = get_run(bench, run_id).status not in OPEN_STATES
        for event in events(bench, run_id, after=after):
            after = event.seq
            yield event
        if ended:
            return
        time.sleep(poll)


def wait(bench: Workbench, run_id: str, *, poll: float = 0.3) -> TrainingRun:
    """The run when it has ended."""
    while (run := get_run(bench, run_id)).status in OPEN_STATES:
        time.sleep(poll)
    return run


def cancel(bench: Workbench, run_id: str) -> TrainingRun:
    """Ask a run to end. A queued one is cancelled at once, a running one within one call of its model.

    Raises:
        UnknownNameError: no such run.
        ConflictError: it has ended.
    """
    run = get_run(bench, run_id)
    if run.status in (RunStatus.PENDING, RunStatus.INTERRUPTED):
        ended = {"status": RunStatus.CANCELLED, "stopped_by": "cancel", "completed_at": now()}
        try:
            bench.store.write([Put(record=run.model_copy(update=ended))])
        except StaleRevisionError:  # its attempt began just now
            return cancel(bench, run_id)
    elif run.status is RunStatus.RUNNING:
        bench.store.write([Ensure(record=Signal(run_id=run_id))])
    else:
        raise ConflictError(f"run {run_id} is {run.status.value}", hint="only a queued, running or interrupted run can be cancelled")
    return get_run(bench, run_id)


def resume(bench: Workbench, run_id: str) -> TrainingRun:
    """Go on with an interrupted run: what was done is replayed at no cost. One that is going on is left alone.

    Raises:
        UnknownNameError: no such run.
        ConflictError: it has ended in another way.
    """
    run = get_run(bench, run_id)
    if run.status is RunStatus.INTERRUPTED:
        queued = run.model_copy(update={"status": RunStatus.PENDING, "error": None, "hint": None})
        with suppress(StaleRevisionError):  # somebody else resumed it just now
            bench.store.write([Put(record=queued), Remove(kind=Signal, key=run_id)])
    elif run.status not in OPEN_STATES:
        raise ConflictError(f"run {run_id} is {run.status.value}", hint="only an interrupted run can go on; train again with --force")
    bench.ensure_runner()
    return get_run(bench, run_id)


def note_of(bench: Workbench, run_id: str) -> RunNote:
    """What the analyst wrote to a run; empty where nothing was."""
    return bench.store.get(RunNote, run_id) or RunNote(run_id=run_id)


def write_note(bench: Workbench, note: RunNote) -> None:
    """Keep a note. Raises StaleRevisionError when somebody else wrote since it was read."""
    get_run(bench, note.run_id)
    bench.store.write([Put(record=note)])


def figures(scores: Scores | None) -> dict[str, float | None]:
    """The figures that every face shows of an evaluation."""
    return {name: getattr(scores, name) if scores else None for name in _FIGURES}


def run_document(run: TrainingRun) -> dict[str, Any]:
    """The run as the command line prints it."""
    gain = run.gain
    return {
        "run_id": run.id, "domain": run.domain, "status": run.status.value, "optimizer": run.optimizer.name, "auto": run.optimizer.auto,
        "model": run.model, "seed": run.seed, "dataset_version": run.dataset_version,
        "phase": run.phase.value if run.phase else None, "progress_percent": run.progress_percent,
        "elapsed_ms": run.elapsed_ms, "remaining_ms": run.remaining_ms, "calls": run.calls, "tokens": run.cost.total_tokens,
        "usd": run.cost.estimated_cost_usd, "version": run.version, "baseline": figures(run.baseline), "result": figures(run.result),
        "gain": {name: getattr(gain, name) if gain else None for name in ("validation", "test", "low", "high", "n", "by_luck", "verdict")},
        "failures": {"calls": run.failures.calls, "parses": run.failures.parses}, "looks": run.looks, "stopped_by": run.stopped_by,
        "cross_validation": run.cross_validation.model_dump() if run.cross_validation else None,
        "error": run.error,
    }  # fmt: skip
