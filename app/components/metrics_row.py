"""A row of figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.components import numbers
from app.components.drawn import Node, draw, node, text


@dataclass(frozen=True)
class Metric:
    """One figure. `delta` is shown signed, better or worse by its sign (`lower_is_better` turns that).

    `why` shows on hover; say there why a value is unknown.
    """

    label: str
    value: str
    delta: float | None = None
    why: str = ""
    lower_is_better: bool = False


def show(metrics: Sequence[Metric], *, key: str | None = None) -> None:
    """Draw the figures in a row that wraps; heights stay the same with and without deltas. Give a key where they are live."""
    draw(node("metrics", *(_metric(metric) for metric in metrics)), key=key)


def _metric(metric: Metric) -> Node:
    parts = [node("metric-label", metric.label), node("metric-value", metric.value)]
    if metric.delta is not None:
        shown = numbers.difference(metric.delta)
        better = metric.delta < 0 if metric.lower_is_better else metric.delta > 0
        kind = "even" if shown[0] not in "+−" else "up" if better else "down"
        arrow = {"+": "↑ ", "−": "↓ "}.get(shown[0], "")
        parts.append(text(f"delta {kind}", f"{arrow}{shown}"))
    return node("metric", *parts, title=metric.why or None)
