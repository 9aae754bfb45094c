"""Deleting: says what goes with it, and is confirmed by typing the name."""

from collections.abc import Sequence

import streamlit as st

from app.components.drawn import draw, node


def show(name: str, goes_with_it: Sequence[str], *, key: str, label: str = "Delete", stays: Sequence[str] = ()) -> bool:
    """A button that opens the confirmation; True in the run in which it was confirmed with the right name.

    `goes_with_it` such as ["2 runs", "1 deployed prompt"], `stays` such as ["112 samples"]; `label` must be the page's own words.
    """
    with st.popover(label, icon=":material/delete:", key=f"{key}.popover"):
        goes = ", ".join(goes_with_it) or "nothing else"
        kept = f"; {', '.join(stays)} stay" if stays else ""
        draw(node("sentence", "Delete: ", node("strong", name, tag="span"), f". With it go {goes}{kept}."))
        typed = st.text_input("Type the name to confirm", key=f"{key}.typed", live=True, autocomplete="off")
        return st.button("Delete it", key=f"{key}.confirm", disabled=typed != name)
