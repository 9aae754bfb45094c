"""Page by page through what is too long for one."""

from dataclasses import dataclass

import streamlit as st

from app import state
from app.components import numbers
from app.components.drawn import draw, node

WIDTH = 320
"""Pixels that the page buttons may take."""


@dataclass(frozen=True)
class Window:
    """Which rows to fetch."""

    offset: int
    limit: int


def window(total: int, *, key: str, size: int = 50) -> Window:
    """The rows of the page that is chosen now; call it before fetching, and `show` under the rows with the same arguments."""
    pages = _pages(total, size)
    page = min(max(state.widget(f"{key}.page", 1), 1), pages)
    return Window(offset=(page - 1) * size, limit=size)


def show(total: int, *, key: str, size: int = 50, noun: str = "rows") -> None:
    """Draw "51 to 100 of 1,310 samples" and the page buttons, where there is more than one page."""
    pages = _pages(total, size)
    at = window(total, key=key, size=size)
    last = min(at.offset + at.limit, total)
    words = f"{numbers.count(at.offset + 1)} to {numbers.count(last)} of {numbers.count(total)} {noun}" if total else f"no {noun}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        draw(node("faint small", words))
        if pages > 1:  # as wide as its content it would draw one page button only
            st.pagination(pages, key=f"{key}.page", default=at.offset // size + 1, width=WIDTH)


def _pages(total: int, size: int) -> int:
    return max(1, -(-total // size))
