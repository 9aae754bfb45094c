"""A chooser whose value stands in the address, so that links and reloads keep it."""

from collections.abc import Callable, Sequence

import streamlit as st

from app import state


def show(label: str, options: Sequence[str], *, name: state.LinkName, key: str, first: str, names: Callable[[str], str] = str) -> str:
    """Draw it and return the choice: what the address names, `first` where it names nothing that is there.

    The address changes with the choice and the choice with the address, whichever moved last. `label` must be the page's own words.
    """
    wanted = state.linked(name)
    moved = wanted is not None and wanted != state.remembered(f"{key}.address", None)
    if moved or state.widget(key, None) not in options:
        state.set_widget(key, wanted if wanted in options else first)
    chosen = str(st.selectbox(label, options, key=key, format_func=names))
    state.link(name, chosen)
    state.remember(f"{key}.address", chosen)
    return chosen
