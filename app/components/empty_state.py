"""What an empty place says: one sentence and one button."""

import streamlit as st

from app.components.drawn import draw, node


def show(sentence: str, button_label: str = "", *, key: str = "empty", primary: bool = True) -> bool:
    """Draw the sentence and the button; True in the run in which it was pressed. `button_label` must be the page's own words."""
    draw(node("empty", sentence))
    return bool(button_label) and st.button(button_label, key=f"{key}.button", type="primary" if primary else "secondary")
