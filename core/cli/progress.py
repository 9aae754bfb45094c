"""Following a run from the terminal."""

import shutil
import sys

from core.cli.output import clipped, printable, tell
from core.errors import RunError
from core.records.events import Event, EventType
from core.records.runs import OPEN_STATES, RunStatus, TrainingRun
from core.workbench import Workbench
from core.workflows.runs import follow, get_run

STOPPED_FOLLOWING = 130
_TOLD = {
    EventType.STARTED, EventType.PHASE_CHANGED, EventType.EVALUATION_RESULT, EventType.BUDGET_REACHED, EventType.RESUMED,
    EventType.COMPLETED, EventType.FAILED, EventType.CANCELLED,
}  # fmt: skip


class ProgressLine:
    """On a terminal one line that changes, elsewhere a line for what matters; always on standard error."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = ""

    def show(self, event: Event) -> None:
        """Say what happened."""
        phase = (event.phase or "").replace("_", " ")
        said = [phase] if event.message.lower() == phase else [phase, event.message]
        line = f"{event.progress_percent:3.0f} %  {': '.join(part for part in said if part)}"
        if self._live:
            width = max(shutil.get_terminal_size().columns - 1, 20)
            sys.stderr.write(f"\r\x1b[K{printable(clipped(line, width))}")
            sys.stderr.flush()
        elif event.event_type in _TOLD and line != self._last:
            tell(clipped(line, 160))
        self._last = line

    def end(self) -> None:
        """Leave the line."""
        if self._live and self._last:
            sys.stderr.write("\n")


def followed(bench: Workbench, run: TrainingRun) -> TrainingRun:
    """The run when it has ended, its progress shown. Ctrl-C ends the following; the run goes on."""
    progress = ProgressLine()
    try:
        for event in follow(bench, run.id):
            progress.show(event)
    except KeyboardInterrupt:
        progress.end()
        tell(f"no longer following; run {run.id} goes on: python -m core run {run.id} --follow")
        raise SystemExit(STOPPED_FOLLOWING) from None
    progress.end()
    return get_run(bench, run.id)


def finished(run: TrainingRun) -> TrainingRun:
    """The run, if it gave what was asked for.

    Raises:
        RunError: it failed, or its process died.
    """
    if run.status is RunStatus.FAILED:
        raise RunError(f"run {run.id} failed: {run.error or 'it gave no reason'}", hint=run.hint or f"python -m core run {run.id} --events")
    if run.status is RunStatus.INTERRUPTED or run.status in OPEN_STATES:
        raise RunError(
            f"run {run.id} is {run.status.value}: its process is gone", hint=f"go on with it: python -m core run {run.id} --resume"
        )
    return run
