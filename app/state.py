"""The only file that touches `st.session_state` and the address line; everything else asks here, typed.

Deep links (`?domain=legal&run=...`) hold the selection, so that it survives a reload. What stands in an address was
typed by anyone: callers look it up in the store and treat an unknown name as nothing selected.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import streamlit as st

LinkName = Literal["domain", "dataset", "run", "a", "b", "version", "sample", "view", "document"]
T = TypeVar("T")

_LONGEST = 200


def linked(name: LinkName) -> str | None:
    """What the address selects under this name, None where it selects nothing or nonsense."""
    value = st.query_params.get(name)
    return value if value and len(value) <= _LONGEST and value.isprintable() else None


def link(name: LinkName, value: str | None) -> None:
    """Put a selection into the address, or take it out with None. Leaves the address alone where it says so already."""
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def pair() -> tuple[str | None, str | None]:
    """The two things that are compared (`?a=...&b=...`): runs on Runs, versions on Prompts."""
    return linked("a"), linked("b")


def select_pair(a: str | None, b: str | None) -> None:
    """Select the two things to compare."""
    link("a", a)
    link("b", b)


def domain() -> str | None:
    """The domain one works on: from the address, else the one chosen last in this session."""
    chosen = linked("domain") or remembered("domain", None)
    if chosen is not None:
        remember("domain", chosen)
    return chosen


def select_domain(name: str | None) -> None:
    """Work on this domain from now on, on every page."""
    remember("domain", name)
    link("domain", name)


def remembered(name: str, default: T) -> T:
    """A value of this session, `default` where there is none."""
    value: T = st.session_state.get(f"kept.{name}", default)
    return value


def remember(name: str, value: Any) -> None:
    """Keep a value for this session, across pages."""
    st.session_state[f"kept.{name}"] = value


def forget(name: str) -> None:
    """Drop a value of this session."""
    st.session_state.pop(f"kept.{name}", None)


def once(name: str, make: Callable[[], T]) -> T:
    """A value made the first time it is asked for in this session."""
    if f"kept.{name}" not in st.session_state:
        st.session_state[f"kept.{name}"] = make()
    value: T = st.session_state[f"kept.{name}"]
    return value


def widget(key: str, default: T) -> T:
    """The present value of a keyed widget, before it is drawn."""
    value: T = st.session_state.get(key, default)
    return value


def set_widget(key: str, value: Any) -> None:
    """Set a keyed widget's value; only before it is drawn in this run, or in a callback."""
    st.session_state[key] = value


def flash(message: str) -> None:
    """A sentence for the next run to show once, after an action that reruns the page."""
    remember("flash", message)


def take_flash() -> str | None:
    """The sentence left by the action before, once."""
    message = remembered("flash", None)
    forget("flash")
    return message
