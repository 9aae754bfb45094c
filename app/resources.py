"""Every Streamlit cache; hands out the open workbench, one per process."""

import atexit

import streamlit as st

from app import chosen
from core.bootstrap import open_workbench
from core.embeddings.warm_up import WarmUp, WarmUpState, warm_up
from core.workbench import Workbench


@st.cache_resource(show_spinner=False, on_release=lambda bench: bench.close())
def workbench() -> Workbench:
    """The open workbench that all sessions share.

    Raises:
        SettingsError: a setting that cannot be used.
        StoreError, UnknownNameError, InvalidValueError: a setting names something that cannot be opened.
    """
    return open_workbench(chosen.settings())


@st.cache_resource(show_spinner=False)
def _warming() -> WarmUp:
    return warm_up(workbench().embedder)


def embedder_state() -> WarmUpState:
    """How far the embedder is loaded; the first call of the process begins it, none waits."""
    return _warming().state()


def close() -> None:
    """Close the workbench if it is open; the next `workbench()` opens it anew."""
    _warming.clear()
    workbench.clear()


atexit.register(close)
