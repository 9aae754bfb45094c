"""Is it getting better: every trial, the best so far, the untrained start."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import ceil, floor

import plotly.graph_objects as go

from app.components import numbers
from app.components.figures import BLUE, GRAY, ORANGE, draw, plain, quiet, some

FULL_HEIGHT = 320


@dataclass(frozen=True)
class Trial:
    """One candidate. `full` = scored on all validation samples, else on a part of them; an unknown score leaves a gap."""

    number: int
    score: float | None
    full: bool = False
    note: str = ""


@dataclass(frozen=True)
class Band:
    """A range of scores worth comparing with, such as where two annotators agree."""

    low: float
    high: float
    text: str


def show(
    trials: Sequence[Trial],
    *,
    key: str,
    planned: int | None = None,
    baseline: float | None = None,
    band: Band | None = None,
    height: int = FULL_HEIGHT,
) -> None:
    """Draw the chart; it is there, with its axes, before the first trial. Scores 0 to 1."""
    best = max((trial.score for trial in trials if trial.score is not None), default=None)
    scored = sum(trial.score is not None for trial in trials)
    said = f"{scored} of {planned or 'unknown'} trials, best {numbers.score(best)}, untrained {numbers.score(baseline)}"
    draw(_figure(tuple(trials), planned, baseline, band, height), key=key, alt=said)


@lru_cache(maxsize=64)
def _figure(trials: tuple[Trial, ...], planned: int | None, baseline: float | None, band: Band | None, height: int) -> go.Figure:
    """Built once for what it shows: building takes longer than all else of a live page."""
    scored = [trial for trial in trials if trial.score is not None]
    last = max([trial.number for trial in trials] + [planned or 0, 5])
    figure = go.Figure()
    _best_so_far(figure, scored)
    _points(figure, [trial for trial in scored if not trial.full], "trial, on a part", "circle-open")
    _points(figure, [trial for trial in scored if trial.full], "trial, on all samples", "circle")
    figure.update_xaxes(title="trial", range=[0.5, last + 0.5], dtick=max(1, ceil(last / 20) * 5 if last > 8 else 1), showgrid=False)
    figure.update_yaxes(title="validation score", range=_range(scored, baseline, band), tickformat=".1f", dtick=0.1)
    if baseline is not None:
        words = {"text": f"untrained {numbers.score(baseline)}", "x": 1, "xanchor": "right", "yanchor": "bottom", "font": {"color": GRAY}}
        figure.add_hline(baseline, line={"dash": "dot", "width": 1.5, "color": GRAY}, annotation=words)
    if band is not None:
        words = {"text": plain(band.text), "font": {"color": GRAY}}
        figure.add_hrect(
            band.low, band.high, fillcolor="rgba(128,138,134,0.16)", line_width=0, annotation_position="top left", annotation=words
        )
    return quiet(figure, height=height)


def _best_so_far(figure: go.Figure, scored: Sequence[Trial]) -> None:
    best = list(accumulate((trial.score or 0 for trial in scored), max))
    line = {"shape": "hv", "width": 2, "color": BLUE}
    figure.add_scatter(x=some(t.number for t in scored), y=some(best), mode="lines", name="best so far", line=line, hoverinfo="skip")


def _points(figure: go.Figure, trials: Sequence[Trial], name: str, symbol: str) -> None:
    hover = [f"trial {t.number}: {numbers.score(t.score)}" + (f"<br>{plain(t.note)}" if t.note else "") for t in trials]
    marker = {"symbol": symbol, "size": 8, "color": ORANGE, "line": {"width": 1.4, "color": ORANGE}}
    across, up = some(t.number for t in trials), some(t.score for t in trials)
    figure.add_scatter(
        x=across, y=up, mode="markers", name=name, hovertext=hover, hoverinfo="text", marker=marker, showlegend=True, cliponaxis=False
    )


def _range(scored: Sequence[Trial], baseline: float | None, band: Band | None) -> list[float]:
    """Whole tenths around everything shown, so that the axis moves seldom."""
    shown = [trial.score or 0 for trial in scored] + ([baseline] if baseline is not None else []) + ([band.low, band.high] if band else [])
    low, high = min(shown, default=0.3), max(shown, default=0.7)
    return [max(0, floor(low * 10 - 0.2) / 10), min(1.02, max(ceil(high * 10 + 0.2) / 10, low + 0.4))]
