"""Which pages there are, how they are grouped, and how one links to another."""

from functools import cache
from pathlib import Path
from typing import Literal, NoReturn

import streamlit as st

_FOLDER = Path(__file__).resolve().parents[1] / "pages"

PageName = Literal["overview", "domains", "datasets", "train", "runs", "prompts", "classify", "extract"]

_GROUPS: dict[str, tuple[tuple[PageName, str, str], ...]] = {
    "": (("overview", "Overview", ":material/space_dashboard:"),),
    "Teach": (
        ("domains", "Domains", ":material/category:"),
        ("datasets", "Datasets", ":material/dataset:"),
        ("train", "Train", ":material/model_training:"),
    ),
    "Judge": (
        ("runs", "Runs", ":material/monitoring:"),
        ("prompts", "Prompts", ":material/difference:"),
    ),
    "Use": (
        ("classify", "Classify", ":material/rule:"),
        ("extract", "Extract", ":material/data_object:"),
    ),
}


@cache
def _built(name: PageName) -> st.Page:
    title, icon = next((title, icon) for group in _GROUPS.values() for known, title, icon in group if known == name)
    return st.Page(_FOLDER / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "overview")


def pages() -> dict[str, list[st.Page]]:
    """The sidebar's groups and their pages, in order."""
    return {group: [_built(name) for name, _, _ in listed] for group, listed in _GROUPS.items()}


def go(name: PageName, **link: str) -> NoReturn:
    """Open another page with a deep link, such as `go("runs", run="legal_20261120_153000")`."""
    st.switch_page(_built(name), query_params=link)


def link(name: PageName, label: str, **params: str) -> None:
    """A link to another page. `label` must be the page's own words: Streamlit reads it as markdown."""
    st.page_link(_built(name), label=label, query_params=params or None)
