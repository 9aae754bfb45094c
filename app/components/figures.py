"""What every chart shares: colors of the series, quiet axes, no jumping."""

import html
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

BLUE, ORANGE, AMBER, GRAY = "#0072B2", "#D55E00", "#E69F00", "#808A86"
GRID = "rgba(128,138,134,0.25)"


def plain(text: str) -> str:
    """A label that Plotly shows as it stands: it would read tags and entities."""
    return html.escape(text, quote=False).replace("\n", " ")


def some(values: Iterable[Any]) -> list[Any]:
    """The values, or one None: an empty trace would lose its place in the legend."""
    return list(values) or [None]


def quiet(figure: go.Figure, *, height: int, left: int = 46) -> go.Figure:
    """Margins, grid, legend and hover as in every chart; zoom and pan survive a refresh."""
    axis = {"gridcolor": GRID, "zeroline": False, "showline": False, "ticks": "", "title_standoff": 8, "fixedrange": True}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    figure.update_layout(
        height=height, margin={"l": left, "r": 8, "t": 10, "b": 74}, uirevision="kept", hovermode="closest", dragmode=False,
        legend={"orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom", "x": 0, "xanchor": "left"},
        font={"size": 12},
    )  # fmt: skip
    return figure


def draw(figure: go.Figure, *, key: str, alt: str, select: bool = False) -> Any:
    """Draw a chart; `alt` says in words what it shows. With `select`, the chosen points come back."""
    config = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False, "showTips": False}
    if select:
        return st.plotly_chart(figure, key=key, config=config, alt=alt, on_select="rerun", selection_mode="points")
    return st.plotly_chart(figure, key=key, config=config, alt=alt)
