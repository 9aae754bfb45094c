"""What the sealed test says, as a sentence."""

from collections.abc import Mapping

from app.components import chips, heading
from app.components.drawn import Node
from core.records.runs import TrainingRun

_NAMES = {"entity_f1": "Entities", "relation_f1": "Relations"}


def show(verdicts: Mapping[str, str], overall: str = "") -> None:
    """Draw "Entities: better, +0.09 (0.02 to 0.16). Relations: no difference shown; ..." or, without both, the overall verdict."""
    parts: list[Node | str] = []
    for metric, name in _NAMES.items():
        if metric in verdicts:
            parts += _words(name, verdicts[metric])
    if not parts and overall:
        parts = _words("Overall", overall)
    if parts:
        heading.sentence("", *parts)


def of_run(run: TrainingRun) -> None:
    """Draw a finished run's verdict; beside it, where few samples could be sealed, what was held out in turn."""
    if run.gain is not None:
        show(run.gain.verdicts, run.gain.verdict)
    held = run.cross_validation
    if held is not None:
        title = f"Annotated examples alone, {held.n} samples held out in turn"
        heading.sentence("", *_words(title, held.verdict))


def _words(name: str, verdict: str) -> list["Node | str"]:
    """The first words stand out: better, worse, no difference shown."""
    verdict = verdict.replace("-", "−")
    at = min((place for place in (verdict.find(sign) for sign in ",;:(") if place > 0), default=len(verdict))
    return [f"{name}: ", chips.strong(verdict[:at].strip()), f"{verdict[len(verdict[:at].rstrip()) :]}. "]
