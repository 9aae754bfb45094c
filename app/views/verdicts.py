"""What the sealed test says, as a sentence."""

from collections.abc import Mapping

from app.components import chips, heading
from app.components.drawn import Node
from core.records.runs import Gain

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


def of_gain(gain: Gain | None) -> None:
    """Draw a finished run's verdict; nothing where it has none."""
    if gain is not None:
        show(gain.verdicts, gain.verdict)


def _words(name: str, verdict: str) -> list["Node | str"]:
    """The first words stand out: better, worse, no difference shown."""
    verdict = verdict.replace("-", "−")
    at = min((place for place in (verdict.find(sign) for sign in ",;:(") if place > 0), default=len(verdict))
    return [f"{name}: ", chips.strong(verdict[:at].strip()), f"{verdict[len(verdict[:at].rstrip()) :]}. "]
