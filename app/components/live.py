"""A part of a page that follows what is going on, and rests when it is over."""

from collections.abc import Callable

import streamlit as st


def show(draw: Callable[[], bool], *, running: bool, every: float = 1.0) -> None:
    """Run `draw` now, and once a second while something runs; it fetches, draws, and says whether it still runs.

    When it says so no longer, the whole page runs once more, so that buttons and figures around it follow. It runs on
    the script's thread: it must only read.
    """

    @st.fragment(run_every=every if running else None)
    def view() -> None:
        if not draw() and running:
            st.rerun()

    view()
