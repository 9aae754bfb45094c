"""Sample by sample: A across, B up; above the line B is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from app.components import numbers
from app.components.figures import BLUE, GRAY, ORANGE, draw, plain, quiet

_SAME = 0.005


@dataclass(frozen=True)
class Pair:
    """One sample's score in A and in B, 0 to 1."""

    sample_id: str
    a: float
    b: float


def show(pairs: Sequence[Pair], *, key: str, names: tuple[str, str] = ("A", "B"), height: int = 330) -> str | None:
    """Draw the samples: triangle up = better in B, down = worse, circle = the same. Returns the sample that is selected."""
    better, worse, same = (len(group) for group in split(pairs))
    said = f"{better} samples better, {worse} worse, {same} the same"
    chosen = draw(_figure(tuple(pairs), names, height), key=key, alt=said, select=True)
    points = chosen["selection"]["points"] if chosen else []
    return str(points[0]["customdata"][0]) if points and points[0].get("customdata") else None


@lru_cache(maxsize=64)
def _figure(pairs: tuple[Pair, ...], names: tuple[str, str], height: int) -> go.Figure:
    """Built once for what it shows: building takes longer than all else of a page."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dash", "width": 1, "color": GRAY}, hoverinfo="skip", showlegend=False
    )
    better, worse, same = split(pairs)
    for name, group, symbol, color in (
        ("better", better, "triangle-up", BLUE),
        ("worse", worse, "triangle-down", ORANGE),
        ("same", same, "circle-open", GRAY),
    ):
        figure.add_scatter(
            x=[pair.a for pair in group], y=[pair.b for pair in group], mode="markers", name=name,
            marker={"symbol": symbol, "size": 9, "color": color}, customdata=[[pair.sample_id] for pair in group], hoverinfo="text",
            hovertext=[f"{plain(pair.sample_id)}: {numbers.score(pair.a)} → {numbers.score(pair.b)}" for pair in group],
        )  # fmt: skip
    figure.update_xaxes(title=plain(names[0]), range=[-0.03, 1.03], dtick=0.2, showgrid=False)
    figure.update_yaxes(title=plain(names[1]), range=[-0.03, 1.05], dtick=0.2)
    return quiet(figure, height=height)


def split(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Better in B, worse, and the same (within half a point)."""
    better = [pair for pair in pairs if pair.b - pair.a > _SAME]
    worse = [pair for pair in pairs if pair.a - pair.b > _SAME]
    return better, worse, [pair for pair in pairs if abs(pair.b - pair.a) <= _SAME]
