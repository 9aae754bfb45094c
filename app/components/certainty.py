"""How sure an answer is: a word with a mark, and a bar with its figure. The same in every table."""

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from app.components import numbers
from app.components.drawn import Node, node, text
from core.records.documents import Level

_MARKS: dict[Level, tuple[str, str]] = {"High": ("good", "●"), "Medium": ("now", "◐"), "Low": ("quiet", "○")}

MEANING = "High: confidence above 0.8. Medium: above 0.5. Low: 0.5 or less."


def word(level: Level) -> str:
    """● High, for the cell of a table."""
    return f"{_MARKS[level][1]} {level}"


def chip(level: Level) -> Node:
    """The same as a chip, for `chips.show`."""
    kind, mark = _MARKS[level]
    return node(f"chip {kind}", text("mark", mark), text("chip-name", level), tag="span", title=MEANING)


def bar(value: float | None, why: str = "") -> Node:
    """A bar from 0 to 1 with its figure behind it; `why` shows on hover, say there why a value is unknown."""
    shown = numbers.score(value)
    done = [node("bar-done", share=value)] if value is not None else []
    return node("meter", node("bar", *done, role="img", label=shown), text("meter-value", shown), title=why or None)


def column(help: str, *, width: int | None = None) -> ColumnConfig:
    """The same for a column of `st.dataframe`, of floats from 0 to 1."""
    return st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1, width=width, help=help)
