"""How far a run is: what is done now, the bar, the phases."""

from app.components import chips, numbers
from app.components.drawn import draw, node
from core.records.runs import OPEN_STATES, Phase, RunStatus, TrainingRun

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
    draw(node("column", node("spread", node("phase-now", _sentence(run)), _phases(run)), bar), key=key)


def phase_name(phase: Phase) -> str:
    """A phase in one word, as everywhere on the pages."""
    return _NAMES[phase][0]


def _phases(run: TrainingRun) -> "dict[str, object]":
    """Where a run ended within a phase, the phase ended as the run did: nothing turns that stands."""
    over = run.status not in OPEN_STATES
    states = [run.status.value if over and state.status == "in_progress" else state.status for state in run.phases]
    return node("phases", *(chips.status(status, phase_name(state.name)) for status, state in zip(states, run.phases, strict=True)))


def _sentence(run: TrainingRun) -> str:
    gone = f"{numbers.duration(run.elapsed_ms)} gone"
    if run.status is RunStatus.PENDING:
        return "Waiting for the runner"
    if run.status is not RunStatus.RUNNING:
        return f"{run.status.value.capitalize()} after {numbers.duration(run.elapsed_ms)}"
    doing = _NAMES[run.phase][1] if run.phase else "Starting"
    left = "time left not known yet" if run.remaining_ms is None else f"about {numbers.duration(run.remaining_ms)} left"
    return f"{doing} · {run.progress_percent:.0f} % · {gone}, {left}"
