"""Does it still learn, or only memorize: the loss on what a model learns from and on what is held out, epoch by epoch."""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil

import plotly.graph_objects as go

from app.components import numbers
from app.components.figures import BLUE, ORANGE, draw, quiet, some

HEIGHT = 240


def show(epochs: Sequence[tuple[int, float, float]], *, key: str) -> None:
    """Draw the losses; `epochs` = (epoch, training, validation), in mean cross-entropy."""
    last = epochs[-1] if epochs else None
    ended = f"training {numbers.score(last[1])}, held out {numbers.score(last[2])}" if last else "none yet"
    draw(_figure(tuple(epochs)), key=key, alt=f"loss over {len(epochs)} epochs, in the end {ended}")


@lru_cache(maxsize=32)
def _figure(epochs: tuple[tuple[int, float, float], ...]) -> go.Figure:
    figure = go.Figure()
    across = some(epoch for epoch, _, _ in epochs)
    for place, name, color, dash in ((1, "training", BLUE, "solid"), (2, "held out", ORANGE, "dash")):
        losses = [each[place] for each in epochs]
        hover = [f"epoch {epoch}: {name} {numbers.score(loss, 3)}" for epoch, loss in zip(across, losses, strict=False)]
        line = {"width": 2, "color": color, "dash": dash}
        figure.add_scatter(x=across, y=some(losses), mode="lines", name=name, line=line, hovertext=hover, hoverinfo="text")
    most = max((max(training, held_out) for _, training, held_out in epochs), default=1.0)
    figure.update_xaxes(title="epoch", showgrid=False)
    figure.update_yaxes(title="loss", range=[0, ceil(most * 10 + 0.2) / 10], tickformat=".1f")
    return quiet(figure, height=HEIGHT)
