"""Runs as people read them."""

from collections.abc import Sequence

from core.cli.output import DASH, cell, dollars, facts, minutes, table
from core.records.runs import Scores, TrainingRun

_FIGURES = (
    ("score", "score"), ("entity F1", "entity_f1"), ("relation F1", "relation_f1"), ("precision", "precision"), ("recall", "recall"),
    ("grounding", "grounding_rate"),
)  # fmt: skip


def run_lines(run: TrainingRun) -> list[str]:
    """One run: what it rests on, how far it is, what came of it."""
    phase = run.phase.value.replace("_", " ") if run.phase else DASH
    lines = facts(
        [
            ("run", run.id), ("status", run.status.value), ("optimizer", f"{run.optimizer.name} {run.optimizer.auto or ''}"),
            ("model", run.model), ("dataset", run.dataset_version), ("metric", f"{run.metric.preset.value}, {run.metric.matching.value}"),
            ("seed", str(run.seed)), ("progress", f"{run.progress_percent:.0f} %, {phase}"),
            ("time", f"{minutes(run.elapsed_ms)} elapsed, {minutes(run.remaining_ms)} left"),
            ("cost", f"{run.calls:,} calls, {run.cost.total_tokens:,} tokens, {dollars(run.cost.estimated_cost_usd)}"),
            ("failures", f"{run.failures.calls:,} calls, {run.failures.parses:,} answers that could not be read"),
            ("version", run.version),
        ]
    )  # fmt: skip
    if run.baseline or run.result:
        lines += ["", *score_lines(run.baseline, run.result)]
    if run.gain and run.gain.verdict:
        lines += ["", run.gain.verdict]
    if run.cross_validation:
        held = run.cross_validation
        lines += [f"annotated examples alone, {held.n} samples held out in turn: {held.verdict}"]
    if run.error:
        lines += ["", f"ended with: {run.error}"] + ([f"hint: {run.hint}"] if run.hint else [])
    return lines


def score_lines(before: Scores | None, after: Scores | None) -> list[str]:
    """The figures before and after, and their difference with its sign."""
    rows = []
    for title, name in _FIGURES:
        a, b = (getattr(scores, name) if scores else None for scores in (before, after))
        rows.append((title, a, b, f"{b - a:+.3f}" if a is not None and b is not None else DASH))
    return table(("", "before", "after", "gain"), rows, right=(1, 2, 3))


def figure_lines(scores: Scores) -> list[str]:
    """One evaluation's figures."""
    return facts([(title, getattr(scores, name)) for title, name in _FIGURES])


def run_table(runs: Sequence[TrainingRun]) -> list[str]:
    """Runs one under the other."""
    if not runs:
        return ["no runs yet; python -m core train DOMAIN --dataset DATASET starts one"]
    rows = [
        (
            run.id, run.status.value, run.optimizer.name, run.model, f"{run.progress_percent:.0f} %",
            *(scores.score if scores else None for scores in (run.baseline, run.result)), cell(run.calls), run.version,
        )
        for run in runs
    ]  # fmt: skip
    return table(("run", "status", "optimizer", "model", "done", "before", "after", "calls", "version"), rows, right=(4, 5, 6, 7))
