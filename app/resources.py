"""Every Streamlit cache; hands out the open workbench, one per process."""

import atexit

import streamlit as st

from app import chosen
from core.bootstrap import open_workbench
from core.embeddings.warm_up import WarmUp, WarmUpState, warm_up
from core.errors import WorkbenchError
from core.records.runs import Estimate
from core.workbench import Workbench
from core.workflows.compare import RunComparison, SamplePair, compare, pairs
from core.workflows.models import ModelList, default_model, list_models
from core.workflows.prompts import VersionView, versions_of, versions_stamp
from core.workflows.run_samples import BothSides, both_sides
from core.workflows.runs import get_run
from core.workflows.train import TrainRequest, estimate


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


@st.cache_resource(show_spinner=False, ttl=20)
def models() -> ModelList:
    """Every model that can be had now; asked again after 20 seconds, since providers answer over the network."""
    return list_models(workbench())


@st.cache_resource(show_spinner=False, ttl=20)
def default_model_id(of_domain: str | None) -> str | None:
    """The model that a run gets when none is named; `of_domain` = the domain's own. None where that one is not there."""
    try:
        return default_model(workbench(), model=of_domain).id
    except WorkbenchError:
        return None


@st.cache_resource(show_spinner=False, ttl=30, max_entries=200)
def estimated(request: str, stamp: str) -> Estimate | WorkbenchError:
    """What a run would take, or why it is refused. `request` = a TrainRequest as JSON; `stamp` changes with its dataset."""
    try:
        return estimate(workbench(), TrainRequest.model_validate_json(request))
    except WorkbenchError as refused:
        return refused


@st.cache_resource(show_spinner=False, max_entries=64)
def compared(a: str, b: str) -> RunComparison:
    """Two finished runs side by side: their outcomes no longer change. Raises as `compare`."""
    return compare(workbench(), a, b)


@st.cache_resource(show_spinner=False, max_entries=64)
def compared_pairs(a: str, b: str) -> tuple[SamplePair, ...]:
    """The sealed samples of both runs, largest change first. Raises as `compare`."""
    return tuple(pairs(workbench(), compared(a, b)))


@st.cache_resource(show_spinner=False, max_entries=64)
def sealed_sides(run_id: str) -> tuple[BothSides, ...]:
    """Every sealed sample of a finished run before and after. Raises UnknownNameError."""
    return tuple(both_sides(workbench(), get_run(workbench(), run_id)))


@st.cache_resource(show_spinner=False, max_entries=64)
def _versions(domain: str, stamp: str) -> tuple[VersionView, ...]:
    return tuple(versions_of(workbench(), domain))


def versions(domain: str) -> tuple[VersionView, ...]:
    """A domain's prompt versions, newest first; read anew when one was added or a decision made. Raises UnknownNameError."""
    return _versions(domain, versions_stamp(workbench(), domain))


def close() -> None:
    """Close the workbench if it is open; the next `workbench()` opens it anew."""
    for kept in (_warming, models, default_model_id, estimated, compared, compared_pairs, sealed_sides, _versions):
        kept.clear()
    workbench.clear()


atexit.register(close)
