"""Two runs side by side, on the sealed samples that are the same in both."""

from typing import Any

from core.errors import RequestError
from core.metrics.compare import Comparison
from core.metrics.compare import compare as compare_outcomes
from core.records.base import Record
from core.records.runs import SampleOutcome, TrainingRun
from core.workbench import Workbench
from core.workflows.runs import get_run


class RunComparison(Record):
    """Settings that differ, metrics with intervals, samples that changed. `a` is the earlier, `b` the later in the question."""

    a: TrainingRun
    b: TrainingRun
    settings: dict[str, tuple[Any, Any]]
    outcome: Comparison

    def document(self) -> dict[str, Any]:
        """As the command line prints it."""
        changes = self.outcome.samples
        return {
            "runs": [self.a.id, self.b.id],
            "settings": {name: list(pair) for name, pair in self.settings.items()},
            "metrics": {name: list(row) for name, row in self.outcome.rows().items()},
            "verdicts": {name: change.verdict for name, change in self.outcome.metrics.items()},
            "samples": {"better": len(changes.better), "worse": len(changes.worse), "same": len(changes.same)},
            "n": self.outcome.shared,
        }


class SamplePair(Record):
    """One sealed sample in both runs, with its text and gold."""

    sample_id: str
    text_hash: str
    a: SampleOutcome
    b: SampleOutcome


def compare(bench: Workbench, a: str, b: str) -> RunComparison:
    """Compare two finished runs.

    Raises:
        UnknownNameError: no such run.
        RequestError: a run has no results on test samples, or they share none.
    """
    runs = (get_run(bench, a), get_run(bench, b))
    sides = [outcomes_of(bench, run) for run in runs]
    for run, outcomes in zip(runs, sides, strict=True):
        if not outcomes:
            raise RequestError(
                f"run {run.id} is {run.status.value} and has no results on test samples",
                hint="compare completed runs whose dataset version has a test split",
            )
    outcome = compare_outcomes(*sides, scores=(runs[0].result, runs[1].result) if runs[0].result and runs[1].result else None)
    if not outcome.shared:
        raise RequestError(f"runs {a} and {b} share no test sample", hint="compare runs that were tested on the same texts")
    return RunComparison(a=runs[0], b=runs[1], settings=differences(*runs), outcome=outcome)


def outcomes_of(bench: Workbench, run: TrainingRun, side: str = "result") -> list[SampleOutcome]:
    """What a run's prompt said of every sealed sample."""
    return list(bench.store.each(SampleOutcome, {"run_id": run.id, "side": side, "split": "test"}))


def pairs(bench: Workbench, comparison: RunComparison) -> list[SamplePair]:
    """The shared samples, largest change first."""
    left, right = ({outcome.text_hash: outcome for outcome in outcomes_of(bench, run)} for run in (comparison.a, comparison.b))
    shared = [
        SamplePair(sample_id=right[text].sample_id, text_hash=text, a=left[text], b=right[text]) for text in left.keys() & right.keys()
    ]
    return sorted(shared, key=lambda pair: (-abs((pair.b.score or 0) - (pair.a.score or 0)), pair.sample_id))


def differences(a: TrainingRun, b: TrainingRun) -> dict[str, tuple[Any, Any]]:
    """Settings and costs that are not the same."""
    rows = {name: (_settings(a)[name], _settings(b)[name]) for name in _settings(a)}
    return {name: pair for name, pair in rows.items() if pair[0] != pair[1]}


def _settings(run: TrainingRun) -> dict[str, Any]:
    optimizer = run.optimizer.model_dump(exclude_none=True)
    name = optimizer.pop("name")
    return {
        "optimizer": " ".join([name, *(f"{key} {value}" if key != "auto" else str(value) for key, value in optimizer.items())]),
        "model": run.model,
        "model digest": run.model_digest,
        "dataset version": run.dataset_version,
        "metric": run.metric.preset.value,
        "matching": run.metric.matching.value,
        "seed": run.seed,
        "calls": run.calls,
        "tokens": run.cost.total_tokens,
        "dollars": run.cost.estimated_cost_usd,
        "seconds": round(run.elapsed_ms / 1000),
    }
