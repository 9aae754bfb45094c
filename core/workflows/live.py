"""A run while it goes on: what runs now, and one run's trials, folded from its events bit by bit."""

from collections.abc import Sequence
from typing import Any

from core.records.base import Record
from core.records.datasets import DatasetVersion
from core.records.events import Event, EventType
from core.records.models import Text
from core.records.runs import OPEN_STATES, TrainingRun
from core.records.samples import TASKS
from core.store.base import In
from core.training.optimizers import optimizer_named
from core.workbench import Workbench

PAGE = 500
LOG_LINES = 500
_FOLDED = (EventType.EVALUATION_START, EventType.EVALUATION_RESULT, EventType.DEMO_SELECTED)


class LiveTrial(Record):
    """One candidate that was scored; 0 is the untrained start. Scores 0 to 1, None = nothing was answered."""

    number: int
    full: bool
    score: float | None
    f1: float | None
    samples: int
    failed: int
    demos: int
    instructions: str | None
    """Hash of the stored text."""


class SampleMove(Record):
    """One validation sample before training and in the best trial."""

    sample_id: str
    start: float
    best: float

    @property
    def change(self) -> float:
        """Best minus start."""
        return self.best - self.start


class TaskView(Record):
    """One task's search so far."""

    trials: tuple[LiveTrial, ...] = ()
    """Without the untrained start."""
    untrained: LiveTrial | None = None
    best: LiveTrial | None = None
    """The one that would be kept now; the start itself where no trial beats it."""
    scores: dict[int, dict[str, float]] = {}
    """By trial, of those on all samples: each sample's score."""
    demos_kept: tuple[str, ...] = ()
    """Samples that became demos of the kept prompt; empty until it is written."""

    @property
    def moves(self) -> list[SampleMove]:
        """Samples scored both at the start and in the best trial, largest change first."""
        start, best = self.scores.get(0, {}), self.scores.get(self.best.number, {}) if self.best else {}
        moves = [SampleMove(sample_id=each, start=start[each], best=best[each]) for each in start.keys() & best.keys()]
        return sorted(moves, key=lambda move: (-abs(move.change), move.sample_id))


class LiveView(Record):
    """What the events up to number `seq` tell; `begun` are trials under way, by task."""

    run_id: str
    seq: int = 0
    tasks: dict[str, TaskView] = {}
    begun: dict[str, dict[str, Any]] = {}


class Instructions(Record):
    """The untrained instructions and those of the best trial."""

    start: str
    best: str


def live_view(bench: Workbench, run_id: str, previous: LiveView | None = None) -> LiveView:
    """The view with all that came since `previous`; without one, from the beginning. Reads evaluations only."""
    view = previous if previous is not None and previous.run_id == run_id else LiveView(run_id=run_id)
    while found := bench.store.tail(run_id, after=view.seq, limit=PAGE, types=_FOLDED):
        view = folded(view, found)
    return view


def folded(view: LiveView, events: Sequence[Event]) -> LiveView:
    """The view after these events, oldest first; those of the sealed test tell nothing about trials."""
    tasks, begun = dict(view.tasks), dict(view.begun)
    for event in events:
        task = event.data.get("task")
        if task not in TASKS:
            continue
        if event.event_type is EventType.EVALUATION_START:
            begun[task] = dict(event.data)
        elif event.event_type is EventType.DEMO_SELECTED:
            view_of = tasks.get(task, TaskView())
            tasks[task] = view_of.model_copy(update={"demos_kept": (*view_of.demos_kept, event.data.get("sample_index") or "no sample")})
        else:
            tasks[task] = _with_trial(tasks.get(task, TaskView()), event.data, begun.get(task, {}))
    return LiveView(run_id=view.run_id, seq=events[-1].seq if events else view.seq, tasks=tasks, begun=begun)


def instructions(bench: Workbench, task: TaskView) -> Instructions | None:
    """Both texts, None while there is no trial or where a text is no longer kept."""
    if task.untrained is None or task.best is None or not task.untrained.instructions or not task.best.instructions:
        return None
    texts = bench.store.get_many(Text, sorted({task.untrained.instructions, task.best.instructions}))
    if len(texts) < len({task.untrained.instructions, task.best.instructions}):
        return None
    return Instructions(start=texts[task.untrained.instructions].content, best=texts[task.best.instructions].content)


def planned_trials(run: TrainingRun) -> int:
    """Candidates that the optimizer will score for each task, by its own arithmetic; the chosen one is scored once more."""
    sizes = (0, 0)  # no optimizer's number of candidates depends on them
    return optimizer_named(run.optimizer.name).work(*sizes, run.optimizer).trials + 1


def running_now(bench: Workbench) -> list[TrainingRun]:
    """Queued and running runs of every domain, newest first."""
    states = In(values=tuple(state.value for state in OPEN_STATES))
    return bench.store.page(TrainingRun, {"status": states}, order="created_at", descending=True, limit=50)


def data_of(bench: Workbench, run: TrainingRun) -> DatasetVersion | None:
    """The dataset version that the run was given: how many samples each split holds."""
    return bench.store.get(DatasetVersion, run.dataset_version)


def log_start(bench: Workbench, run_id: str) -> int:
    """The number behind which the log's last lines begin."""
    return max(0, bench.store.last_seq(run_id) - LOG_LINES)


def log_after(bench: Workbench, run_id: str, after: int) -> list[Event]:
    """The next lines of the log, oldest first; large texts stay references (`text_of` gives one)."""
    return bench.store.tail(run_id, after=after, limit=PAGE)


def text_of(bench: Workbench, name: str) -> str | None:
    """A stored text by its hash, None where it is no longer kept."""
    found = bench.store.get(Text, name)
    return found.content if found else None


def _with_trial(task: TaskView, data: dict[str, Any], start: dict[str, Any]) -> TaskView:
    told = start.get("instructions") if start.get("trial") == data.get("trial") else None
    trial = LiveTrial(
        number=data["trial"], full=bool(data.get("full")), score=data.get("score"), f1=data.get("f1"),
        samples=data.get("samples_evaluated") or 0, failed=data.get("failed") or 0, demos=start.get("demos") or 0,
        instructions=told.get("$text") if isinstance(told, dict) else None,
    )  # fmt: skip
    scores = task.scores | ({trial.number: data.get("scores") or {}} if trial.full else {})
    if trial.number == 0:
        return TaskView(untrained=trial, best=trial, scores=scores)
    trials = (*task.trials, trial)
    best = _best([*([task.untrained] if task.untrained else []), *trials])
    return task.model_copy(update={"trials": trials, "best": best, "scores": scores})


def _best(trials: Sequence[LiveTrial]) -> LiveTrial | None:
    """As the run itself chooses: of the evaluations on most samples the best; an earlier one wins a tie."""
    full = [trial for trial in trials if trial.full and trial.score is not None]
    largest = max((trial.samples + trial.failed for trial in full), default=0)
    whole = [trial for trial in full if trial.samples + trial.failed == largest]
    return max(whole if len(whole) > 1 else full, key=lambda trial: (trial.score or 0, -trial.number), default=None)
