"""Tables as downloads: CSV whose cells no spreadsheet runs as a formula, and JSON."""

import re
from collections.abc import Callable, Sequence

import streamlit as st

from core.records.tables import Rows, as_csv, as_json


def buttons(rows: Callable[[], Rows], *, name: str, key: str, columns: Sequence[str] | None = None) -> None:
    """CSV and JSON download buttons. `rows` is called when one is pressed; `name` becomes the file's name."""
    stem = re.sub(r"[^\w.-]+", "_", name).strip("._") or "export"
    with st.container(horizontal=True, gap="small", width="content"):
        st.download_button(
            "CSV", lambda: as_csv(rows(), columns), f"{stem}.csv", "text/csv", key=f"{key}.csv",
            on_click="ignore", icon=":material/download:", help="Comma-separated, safe to open in a spreadsheet",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: as_json(rows()), f"{stem}.json", "application/json", key=f"{key}.json",
            on_click="ignore", icon=":material/download:", help="The same rows with every nested value",
        )  # fmt: skip


def file_button(label: str, content: Callable[[], str], *, file_name: str, key: str) -> None:
    """A download button for one text, such as a prompt; `label` must be the page's own words."""
    stem = re.sub(r"[^\w.-]+", "_", file_name).strip("_") or "export.txt"
    st.download_button(
        label, lambda: content().encode("utf-8"), stem, "text/plain", key=f"{key}.file", on_click="ignore", icon=":material/download:"
    )
