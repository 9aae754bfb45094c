"""One training attempt, from the run's record to its version. Runs in a process of its own; start reading here."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import dspy

from core.datasets.versions import parse_version, samples_at
from core.errors import WorkbenchError
from core.llm.gateway import Gateway
from core.metrics.document import Scorer
from core.programs.keep import keep
from core.programs.signatures import adapter
from core.records.base import now
from core.records.domains import Domain
from core.records.events import EventType
from core.records.prompts import TaskPrompt
from core.records.runs import Gain, Phase, RunStatus, Scores, TrainingRun
from core.records.samples import Sample, Split, Task
from core.store.base import Lease, Operation, Store
from core.training.cross_validation import cross_validate
from core.training.heartbeat import Heartbeat
from core.training.journal import Journal
from core.training.optimize import Material, Optimized, optimize, untouched
from core.training.outcome import deployment_if_first, final_records, validation_scores, version_record
from core.training.patience import USUAL, Patience
from core.training.phases import Progress
from core.training.plan import RunSizes, planned_units, proof_calls, reserved_calls
from core.training.proof import Proof, prove
from core.training.replay import diverged, proof_begun, recorded_calls
from core.training.scoring import scorer_of
from core.training.session import Session
from core.training.similarity import Semantics
from core.training.stops import AttemptFenced, BudgetReached, CancelWanted, RunBroken, RunStopped

PHASES: dict[Task, Phase] = {"entities": Phase.ENTITIES, "relations": Phase.RELATIONS}


@dataclass(frozen=True)
class Means:
    """What an attempt works with."""

    store: Store
    gateway: Gateway
    semantics: Callable[[], Semantics]
    """Loads an embedder when matching is semantic; falls back by itself and says so in its name."""
    threads: int
    failure_limit: float
    log_folder: Path
    patience: Patience = USUAL


@dataclass
class Attempt:
    """The state of one attempt."""

    means: Means
    lease: Lease
    run: TrainingRun
    domain: Domain
    train: list[Sample] = field(default_factory=list)
    val: list[Sample] = field(default_factory=list)
    test: list[Sample] = field(default_factory=list)
    optimized: dict[Task, Optimized] = field(default_factory=dict)
    start_prompts: dict[Task, TaskPrompt] = field(default_factory=dict)
    best_prompts: dict[Task, TaskPrompt] = field(default_factory=dict)
    proof: Proof | None = None


def run_attempt(means: Means, run: TrainingRun, domain: Domain, lease: Lease) -> TrainingRun:
    """Do, or go on with, a run whose lease this process holds. Gives the run as it ended.

    Raises:
        WorkbenchError: the store cannot be written; the run's own failures are in its record.
    """
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True)
    logging.getLogger("dspy").setLevel(logging.CRITICAL)
    attempt = Attempt(means=means, lease=lease, run=_begun(run), domain=domain)
    _load(attempt)
    sizes = RunSizes(tasks=attempt.run.tasks, train=len(attempt.train), val=len(attempt.val), test=len(attempt.test))
    progress = Progress(planned_units(run.optimizer, sizes), floor=run.progress_percent)
    clock = Heartbeat(means.store, lease, attempt.run.id, lease_seconds=means.patience.lease)
    session: Session | None = None

    def snapshot() -> TrainingRun:
        return clock.stamped(session, attempt.run) if session else attempt.run

    log = means.log_folder / run.log_path if run.log_path else None
    journal = Journal(means.store, lease, snapshot, log=log, patience=means.patience)
    session = Session(
        run=attempt.run, gateway=means.gateway, journal=journal, progress=progress, replay=recorded_calls(means.store, run.id),
        proof_begun=proof_begun(means.store, run.id),
        failure_limit=means.failure_limit, reserved_calls=reserved_calls(run.ceilings, sizes),
        samples={sample.text: sample for sample in (*attempt.train, *attempt.val, *attempt.test)}, patience=means.patience,
    )  # fmt: skip
    try:
        journal.flush()  # the run is running before anything is done: who cancels it now leaves a wish, and does not overwrite it
        with clock.watching(session.cancel), suppress(AttemptFenced):
            _phases(attempt, session)
    finally:
        journal.close()
    return attempt.run


def _begun(run: TrainingRun) -> TrainingRun:
    return run.model_copy(
        update={
            "status": RunStatus.RUNNING,
            "attempts": run.attempts + 1,
            "started_at": run.started_at or now(),
            "error": None,
            "hint": None,
        }
    )


def _load(attempt: Attempt) -> None:
    """The frozen dataset version, split by split. Test goes nowhere but into the proof."""
    dataset, change = parse_version(attempt.run.dataset_version)
    places = {Split.TRAIN: attempt.train, Split.VAL: attempt.val, Split.TEST: attempt.test}
    for sample in samples_at(attempt.means.store, dataset, change, (Split.TRAIN, Split.VAL, Split.TEST)):
        if sample.entities is not None and sample.split is not None:
            places[sample.split].append(sample)


def _phases(attempt: Attempt, session: Session) -> None:
    """Every phase in its order, and how each kind of end is written down."""
    try:
        _enter(session, Phase.INITIALIZATION)
        _announce(attempt, session)
        _enter(session, Phase.LOADING_DATA)
        scorer, attempt.run = scorer_of(attempt.run, attempt.train, attempt.val, attempt.means.semantics)
        stop = _optimize(attempt, session, scorer)
        cancelled = isinstance(stop, CancelWanted)
        _enter(session, Phase.PROMPT_EXTRACTION, checked=not cancelled)
        _extract_prompts(attempt, session, scorer.typed)
        if cancelled:
            _save(attempt, session, RunStatus.CANCELLED)
            return
        _enter(session, Phase.VALIDATION)
        session.reserved_calls = 0
        _prove(attempt, session, scorer)
        session.judge()
        _enter(session, Phase.SAVING)
        _save(attempt, session, RunStatus.COMPLETED)
    except CancelWanted:
        _save(attempt, session, RunStatus.CANCELLED)
    except RunBroken as broken:
        _failed(attempt, session, broken.error)
    except WorkbenchError as error:
        _failed(attempt, session, error)


def _enter(session: Session, phase: Phase, *, checked: bool = True) -> None:
    if checked:
        session.check()
    session.progress.enter(phase)
    session.emit(EventType.PHASE_CHANGED, f"phase/{phase.value}", phase.value.replace("_", " "), {"phase": phase.value})


def _announce(attempt: Attempt, session: Session) -> None:
    run = attempt.run
    facts = {
        "optimizer": run.optimizer.model_dump(), "model": run.model, "model_digest": run.model_digest, "seed": run.seed,
        "dataset_version": run.dataset_version, "content_hash": run.content_hash, "metric": run.metric.model_dump(mode="json"),
        "train": len(attempt.train), "val": len(attempt.val), "test": len(attempt.test),
    }  # fmt: skip
    session.emit(EventType.STARTED, "started", f"{run.domain}: {run.optimizer.name} with {run.model}, seed {run.seed}", facts)
    if run.attempts > 1:
        said = f"attempt {run.attempts}: {len(session.replay)} recorded calls will be replayed"
        session.emit(EventType.RESUMED, f"resumed/{run.attempts}", said, {"attempt": run.attempts, "recorded_calls": len(session.replay)})


def _optimize(attempt: Attempt, session: Session, scorer: Scorer) -> RunStopped | None:
    """Each task in its phase. Gives what stopped the search early, if anything did."""
    material = _material(attempt, scorer)
    stopped: RunStopped | None = None
    for task, phase in PHASES.items():
        if task not in attempt.run.tasks:
            session.progress.skip(phase)
            continue
        try:
            _enter(session, phase)
        except CancelWanted as cancel:
            return cancel
        attempt.optimized[task] = optimize(session, task, material)
        stopped = attempt.optimized[task].stopped
        attempt.run = attempt.run.model_copy(update=validation_scores(attempt.optimized, attempt.run.metric))
        if isinstance(stopped, CancelWanted):
            return stopped
        if isinstance(stopped, BudgetReached):
            _over_budget(attempt, session, task, stopped, "the best so far is kept")
    if unused := diverged(session):
        said = f"the replay left {unused} recorded calls unused: this attempt went another way than the one before"
        session.emit(EventType.PROGRESS_UPDATE, f"diverged/{attempt.run.attempts}", said, {"unused_recorded_calls": unused})
    return stopped


def _material(attempt: Attempt, scorer: Scorer) -> Material:
    return Material(schema=attempt.domain.schema_, train=attempt.train, val=attempt.val, scorer=scorer, threads=attempt.means.threads)


def _extract_prompts(attempt: Attempt, session: Session, typed: bool) -> None:
    """Programs become prompts that need no DSPy; every demo is named with the train sample it came from.

    A task that a cancel left untouched keeps its start, so that the version can do all that the run was asked for.
    """
    provider, _ = session.gateway.provider_of(attempt.run.model)
    with_adapter = adapter(takes_schema=provider.takes_schema)
    ids = {sample.text: sample.id for sample in attempt.train}
    for task in attempt.run.tasks if attempt.optimized else ():
        optimized = attempt.optimized.get(task) or untouched(task, typed=typed, schema=attempt.domain.schema_)
        attempt.start_prompts[task] = keep(optimized.start, adapter=with_adapter, sample_ids=ids, typed=typed)
        attempt.best_prompts[task] = keep(optimized.best, adapter=with_adapter, sample_ids=ids, typed=typed)
        for number, demo in enumerate(attempt.best_prompts[task].demos, start=1):
            session.emit(
                EventType.DEMO_SELECTED, f"{task}/demo/{number}", f"{task}: demo {number} is {demo.sample_id or 'of no sample'}",
                {"task": task, "sample_index": demo.sample_id, "bootstrapped": demo.bootstrapped},
            )  # fmt: skip


def _prove(attempt: Attempt, session: Session, scorer: Scorer) -> None:
    """Baseline and result on the sealed test samples, once. A ceiling that leaves no room for all of it leaves the test sealed."""
    session.task = "proof"
    sizes = RunSizes(tasks=attempt.run.tasks, train=len(attempt.train), val=len(attempt.val), test=len(attempt.test))
    room = session.room()
    try:
        if room is not None and room < proof_calls(sizes):
            raise BudgetReached("calls")
        attempt.proof = prove(session, attempt.start_prompts, attempt.best_prompts, attempt.test, scorer, threads=attempt.means.threads)
    except BudgetReached as stopped:
        _over_budget(attempt, session, "proof", stopped, "nothing is proven on test samples")
        verdict = f"not proven: the ceiling on {stopped.ceiling} was reached"
        attempt.run = attempt.run.model_copy(update={"gain": Gain(verdict=verdict)})
    session.judge()
    if sizes.held_out and attempt.run.stopped_by is None:
        _hold_out_in_turn(attempt, session, _material(attempt, scorer))


def _hold_out_in_turn(attempt: Attempt, session: Session, material: Material) -> None:
    """Where there are too few samples for the sealed test to say much: cross-validation beside it."""
    provider, _ = session.gateway.provider_of(attempt.run.model)
    session.task = "cross-validation"
    try:
        found = cross_validate(session, material, attempt.start_prompts, adapter(takes_schema=provider.takes_schema))
        attempt.run = attempt.run.model_copy(update={"cross_validation": found})
    except BudgetReached as stopped:
        _over_budget(attempt, session, "cross-validation", stopped, "the result stands without cross-validation")


def _over_budget(attempt: Attempt, session: Session, where: str, stopped: BudgetReached, kept: str) -> None:
    said = f"the ceiling on {stopped.ceiling} is reached; {kept}"
    session.emit(EventType.BUDGET_REACHED, f"budget/{where}", said, {"ceiling": stopped.ceiling, "calls": session.tally.calls})
    attempt.run = attempt.run.model_copy(update={"stopped_by": stopped.ceiling})


def _save(attempt: Attempt, session: Session, status: RunStatus) -> None:
    """Version, deployment, outcomes, look and the ended run in one transaction: all of it is there, or none."""
    session.settle()
    final: list[Operation] = []
    store = attempt.means.store
    if attempt.best_prompts:
        version = version_record(store, attempt.run, attempt.best_prompts, attempt.proof.result if attempt.proof else None)
        final += final_records(store, attempt.run, version, attempt.proof)
        if status is RunStatus.COMPLETED:
            final += deployment_if_first(store, attempt.run, version)
        attempt.run = attempt.run.model_copy(update={"version": version.id})
    if attempt.proof:
        attempt.run = attempt.run.model_copy(update=attempt.proof.run_fields(attempt.optimized, attempt.run, store))
    session.progress.end(failed=status is RunStatus.CANCELLED)
    stopped_by = "cancel" if status is RunStatus.CANCELLED else attempt.run.stopped_by
    attempt.run = attempt.run.model_copy(update={"status": status, "completed_at": now(), "stopped_by": stopped_by})
    kind = EventType.COMPLETED if status is RunStatus.COMPLETED else EventType.CANCELLED
    scores: Scores = (attempt.run.result or Scores()) if status is RunStatus.COMPLETED else (attempt.run.result_validation or Scores())
    facts = {"version": attempt.run.version, "llm_cost": session.tally.cost(attempt.run.model).model_dump(), "scores": scores.model_dump()}
    said = attempt.run.gain.verdict if attempt.run.gain else f"{status.value}, keeping {attempt.run.version or 'nothing'}"
    session.emit(kind, f"{status.value}/{attempt.run.attempts}", said, facts)
    session.run = attempt.run
    session.journal.flush(final=final)


def _failed(attempt: Attempt, session: Session, error: WorkbenchError) -> None:
    session.settle()
    session.progress.end(failed=True)
    attempt.run = attempt.run.model_copy(
        update={"status": RunStatus.FAILED, "error": error.message, "hint": error.hint, "completed_at": now()}
    )
    cost = session.tally.cost(attempt.run.model).model_dump()
    session.emit(EventType.FAILED, f"failed/{attempt.run.attempts}", error.message, {"hint": error.hint, "llm_cost": cost})
    session.run = attempt.run
    session.journal.flush()
