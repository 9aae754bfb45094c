"""How a domain's predictions are scored, and by which model it is read."""

import streamlit as st

from app import state
from app.components import heading, notice
from app.resources import workbench
from app.views.domains_edit import key
from core.records.domains import Domain, Matching, MetricConfig, Preset
from core.workflows.models import list_models

BUILTIN = "builtin/in-context"
_PRESETS = {
    Preset.F1: "F1: precision and recall alike",
    Preset.RECALL: "recall: 0.3 precision, 0.7 recall",
    Preset.PRECISION: "precision: 0.7 precision, 0.3 recall",
    Preset.CUSTOM: "own weights",
}
_MATCHING = {Matching.EXACT: "exact: the same words", Matching.SEMANTIC: "semantic: the same meaning, by embeddings"}


def metric(began: Domain) -> MetricConfig:
    """Draw the metric settings and return them as they stand."""
    was = began.metric
    left, right = st.columns(2)
    with left:
        preset = st.selectbox(
            "Preset", list(Preset), list(Preset).index(was.preset), format_func=_PRESETS.__getitem__, key=key(began, "preset")
        )
        matching = st.selectbox(
            "Matching", list(Matching), list(Matching).index(was.matching), format_func=_MATCHING.__getitem__, key=key(began, "matching")
        )
        share = st.slider("Entities' share of the overall score", 0.0, 1.0, was.entity_weight, 0.05, key=key(began, "entity_weight"))
    preset, matching = preset or was.preset, matching or was.matching
    with right:
        custom = preset is Preset.CUSTOM
        shown = was.precision_weight if custom else MetricConfig.of(preset).precision_weight
        precision = st.slider(
            "Weight of precision (recall has the rest)", 0.0, 1.0, shown, 0.05, disabled=not custom, key=key(began, f"precision.{preset}")
        )
        semantic = matching is Matching.SEMANTIC
        names = _threshold("Similarity from which names match", was.entity_threshold, key(began, "entity_threshold"), disabled=not semantic)
        links = _threshold("The same for predicates", was.relation_threshold, key(began, "relation_threshold"), disabled=not semantic)
    demos = st.slider("Score from which a worked example may become a demo", 0.0, 1.0, was.demo_threshold, 0.05, key=key(began, "demos"))
    weights = (
        {"preset": preset, "precision_weight": precision, "recall_weight": round(1 - precision, 10)}
        if custom
        else MetricConfig.of(preset).model_dump()
    )
    rest = {"matching": matching, "entity_threshold": names, "relation_threshold": links, "entity_weight": share, "demo_threshold": demos}
    return MetricConfig.model_validate({**weights, **rest})


def _threshold(label: str, value: float | None, widget: str, *, disabled: bool) -> float | None:
    return st.number_input(label, 0.0, 1.0, value, 0.05, key=widget, disabled=disabled, placeholder="the embedder's own")


def model(began: Domain | None, widget: str) -> str | None:
    """Draw the choice of a model and return it; None = the default. Providers are asked only when one says so."""
    present = began.model if began else None
    found: tuple[str, ...] = state.remembered("domains.models", ())
    options = list(dict.fromkeys([*filter(None, [present]), BUILTIN, *found]))
    chosen = st.selectbox(
        "Model", options, options.index(present) if present else None, key=widget, accept_new_options=True,
        placeholder="the default: Ollama's where it answers, else the built-in one; or type provider/model",
    )  # fmt: skip
    if st.button("Ask the providers which models there are", key=f"{widget}.ask", type="tertiary"):
        listed = list_models(workbench())
        state.remember("domains.models", tuple(info.id for info in listed.models))
        state.remember("domains.models.silent", tuple((each.message, each.hint) for each in listed.problems))
        st.rerun()
    silent: tuple[tuple[str, str], ...] = state.remembered("domains.models.silent", ())
    for message, hint in silent:
        notice.show(message, hint)
    return chosen


def readiness(began: Domain, deployed: str | None) -> bool:
    """Draw the switch that says by hand that the domain can be used."""
    heading.section("Readiness", f"in production: {deployed or 'nothing yet; a domain set ready is read with the generic prompt'}")
    return st.toggle("Set ready by hand, with or without a version in production", began.set_ready, key=key(began, "ready"))
