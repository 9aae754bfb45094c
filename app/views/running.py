"""What runs now, of every domain."""

from collections.abc import Sequence

from app import navigation
from app.components import heading, numbers, phase_bar, table
from core.records.runs import TrainingRun
from core.workflows.choices import optimizer_title


def show(runs: Sequence[TrainingRun], *, key: str) -> None:
    """Draw the queued and running runs, newest first; a click opens one. Nothing where there are none."""
    if not runs:
        return
    heading.section("Running now")
    heads = ("domain", "optimizer", "step", "done", "left", "run")
    picked = table.show(heads, [_cells(run) for run in runs], right=(3, 4), key=key, picks=[run.id for run in runs])
    if picked:
        navigation.go("train", run=picked)


def _cells(run: TrainingRun) -> list[str]:
    step = phase_bar.phase_name(run.phase) if run.phase else "Waiting"
    title = optimizer_title(run.optimizer.name, run.optimizer.auto)
    return [run.domain, title, step, numbers.percent(run.progress_percent / 100), numbers.duration(run.remaining_ms), run.id]
