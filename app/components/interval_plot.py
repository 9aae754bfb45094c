"""Is B better than A: each figure's difference with its interval, against zero and against luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from app.components import numbers
from app.components.figures import AMBER, BLUE, GRAY, ORANGE, draw, plain, quiet, some


@dataclass(frozen=True)
class Difference:
    """One figure's difference on the sealed test with its 95 % interval, and the same on validation; None = unknown, not drawn."""

    name: str
    test: float | None
    low: float | None
    high: float | None
    validation: float | None = None


def show(
    rows: Sequence[Difference], *, key: str, luck: float | None = None, luck_text: str = "luck alone", axis: str = "B minus A"
) -> None:
    """Draw the rows from top to bottom; `luck` is what the best of as many tries wins by chance (0.05 = 5 points)."""
    said = "; ".join(f"{row.name} {numbers.gain(row.test, row.low, row.high)}" for row in rows)
    draw(_figure(tuple(rows), luck, luck_text, axis), key=key, alt=said)


@lru_cache(maxsize=64)
def _figure(rows: tuple[Difference, ...], luck: float | None, luck_text: str, axis: str) -> go.Figure:
    """Built once for what it shows: building takes longer than all else of a page."""
    names = [plain(row.name) for row in rows]
    figure = go.Figure()
    if luck:
        words = {"text": plain(luck_text), "font": {"color": GRAY}, "yshift": 14}
        figure.add_vrect(
            0, luck, fillcolor=AMBER, opacity=0.16, line_width=0, layer="below", annotation_position="top left", annotation=words
        )
    figure.add_vline(0, line={"width": 1.2, "color": GRAY})
    known = [(name, row) for name, row in zip(names, rows, strict=True) if row.test is not None]
    above = [(row.high or row.test or 0) - (row.test or 0) for _, row in known]
    below = [(row.test or 0) - (row.low if row.low is not None else row.test or 0) for _, row in known]
    figure.add_scatter(
        x=some(row.test for _, row in known), y=some(name for name, _ in known), mode="markers", name="test, 95 % interval",
        marker={"symbol": "diamond", "size": 11, "color": BLUE}, hoverinfo="text",
        hovertext=[f"{name}: {numbers.gain(row.test, row.low, row.high)}" for name, row in known],
        error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below, "color": BLUE, "thickness": 2, "width": 5},
    )  # fmt: skip
    seen = [(name, row.validation) for name, row in zip(names, rows, strict=True) if row.validation is not None]
    figure.add_scatter(
        x=some(value for _, value in seen), y=some(name for name, _ in seen), mode="markers", name="validation (optimistic)",
        marker={"symbol": "circle-open", "size": 9, "color": ORANGE, "line": {"width": 1.4}}, hoverinfo="text",
        hovertext=[f"{name}, validation: {numbers.difference(value)}" for name, value in seen],
    )  # fmt: skip
    figure.update_xaxes(title=plain(axis), tickformat="+.2f", showgrid=False)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.6, len(rows) - 0.4])
    return quiet(figure, height=118 + 48 * len(rows), left=78).update_layout(margin_t=22 if luck else 10)
