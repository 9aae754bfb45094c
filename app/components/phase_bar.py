"""How far a run is: what is done now, the bar, the phases."""

from collections.abc import Sequence

from app.components import chips, numbers
from app.components.drawn import draw, node
from core.records.runs import OPEN_STATES, Phase, PhaseState, RunStatus, TrainingRun

_NAMES = {
    Phase.INITIALIZATION: ("Initialize", "Initializing"),
    Phase.LOADING_DATA: ("Load", "Loading samples"),
    Phase.ENTITIES: ("Entities", "Optimizing entities"),
    Phase.RELATIONS: ("Relations", "Optimizing relations"),
    Phase.PROMPT_EXTRACTION: ("Prompt", "Writing the prompt"),
    Phase.VALIDATION: ("Validate", "Validating"),
    Phase.SAVING: ("Save", "Saving"),
}


def show(run: TrainingRun, *, key: str | None = None) -> None:
    """Draw a run's sentence, bar and phases; the height is the same in every state. Give a key where it is live."""
    running = run.status in OPEN_STATES
    bar = node(
        "bar" if running else "bar ended", node("bar-done", share=run.progress_percent / 100), role="progressbar", label=_sentence(run)
    )
    draw(node("column", node("spread", node("phase-now", _sentence(run)), _phases(run.phases)), bar), key=key)


def phase_name(phase: Phase) -> str:
    """A phase in one word, as everywhere on the pages."""
    return _NAMES[phase][0]


def _phases(phases: Sequence[PhaseState]) -> "dict[str, object]":
    return node("phases", *(chips.status(state.status, phase_name(state.name)) for state in phases))


def _sentence(run: TrainingRun) -> str:
    gone = f"{numbers.duration(run.elapsed_ms)} gone"
    if run.status is RunStatus.PENDING:
        return "Waiting for the runner"
    if run.status is not RunStatus.RUNNING:
        return f"{run.status.value.capitalize()} after {numbers.duration(run.elapsed_ms)}"
    doing = _NAMES[run.phase][1] if run.phase else "Starting"
    left = "time left not known yet" if run.remaining_ms is None else f"about {numbers.duration(run.remaining_ms)} left"
    return f"{doing} · {run.progress_percent:.0f} % · {gone}, {left}"
