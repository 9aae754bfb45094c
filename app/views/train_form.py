"""Setting up a run, step by step, with what it would take beside the start button."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import errors, navigation, resources, state
from app.components import empty_state, heading, notice, numbers
from app.views import linked_choice
from core.errors import WorkbenchError
from core.records.domains import GENERAL, Domain, Matching, MetricConfig, Preset
from core.records.runs import OPEN_STATES, Estimate, TrainingRun
from core.workflows.choices import optimizer_choices
from core.workflows.datasets import DatasetInfo, list_datasets
from core.workflows.domains import list_domains
from core.workflows.general import get_domain
from core.workflows.train import TrainRequest, train

_PRESETS = {
    Preset.F1: "F1: precision and recall alike",
    Preset.RECALL: "Recall first: 0.7 recall, 0.3 precision",
    Preset.PRECISION: "Precision first: 0.7 precision, 0.3 recall",
    Preset.CUSTOM: "Own weights",
}
_MATCHING = {Matching.EXACT: "Exact, whatever the case", Matching.SEMANTIC: "Semantic, by meaning"}


@dataclass(frozen=True)
class Search:
    """What is chosen about the search."""

    optimizer: str
    auto: str | None
    model: str | None


def show(open_runs: Sequence[TrainingRun]) -> None:
    """Draw the steps and the start; a started run is opened."""
    domains = [view.name for view in list_domains(resources.workbench()) if view.name != GENERAL or view.samples]
    if not domains:
        if empty_state.show("There is no domain to train yet.", "Make a domain", key="train.no_domain"):
            navigation.go("domains")
        return
    with st.container(width=860):
        taught = _taught(domains)
        if taught is None:
            return
        domain, data = taught
        metric = _scored(domain)
        search = _searched(domain)
        request = _limited(domain, data, metric, search)
        _start(request, data, open_runs)


def _taught(domains: Sequence[str]) -> tuple[Domain, DatasetInfo] | None:
    heading.section("1  What is taught")
    bench = resources.workbench()
    left, right = st.columns(2)
    wanted = state.domain()
    first = wanted if wanted and wanted in domains else domains[0]
    with left:
        chosen = linked_choice.show("Domain", domains, name="domain", key="train.domain", first=first)
    state.select_domain(chosen)
    datasets = {info.dataset.name: info for info in [*list_datasets(bench, domain=chosen), *_free(chosen)] if info.version.counts.total}
    if not datasets:
        if empty_state.show("This domain has no samples yet.", "Add samples", key="train.no_data"):
            navigation.go("datasets", domain=chosen)
        return None
    names = list(datasets)
    with right:
        name = linked_choice.show("Dataset", names, name="dataset", key=f"train.dataset.{chosen}", first=names[0])
    data = datasets[name]
    heading.note(_held(data))
    return get_domain(bench, chosen), data


def _held(data: DatasetInfo) -> str:
    counts = data.version.counts
    splits = f"{counts.train} train, {counts.val} validation, {counts.test} sealed test"
    things = f"{numbers.plural(data.version.entities, 'entity', 'entities')}, {numbers.plural(data.version.relations, 'relation')}"
    return f"version {data.version.change}: {numbers.plural(counts.total, 'sample')}, of them {splits}; {things}"


def _free(domain: str) -> list[DatasetInfo]:
    """Datasets that belong to no domain can teach any."""
    return [info for info in list_datasets(resources.workbench()) if info.dataset.domain is None and info.dataset.name != domain]


def _scored(domain: Domain) -> MetricConfig:
    heading.section("2  How it is scored")
    left, right = st.columns(2)
    presets, matchings = list(_PRESETS), list(_MATCHING)
    preset = left.selectbox(
        "Metric",
        presets,
        index=presets.index(domain.metric.preset),
        format_func=lambda each: _PRESETS[each],
        key=f"train.preset.{domain.name}",
    )
    matching = right.selectbox(
        "A name counts as found", matchings, index=matchings.index(domain.metric.matching), format_func=lambda each: _MATCHING[each],
        key=f"train.matching.{domain.name}",
    )  # fmt: skip
    precision, entities = MetricConfig.of(preset).precision_weight, domain.metric.entity_weight
    if preset is Preset.CUSTOM:
        precision = left.slider("Weight of precision", 0.0, 1.0, domain.metric.precision_weight, 0.05, key=f"train.precision.{domain.name}")
        entities = right.slider("Weight of entities in the score", 0.0, 1.0, entities, 0.05, key=f"train.entities.{domain.name}")
        words = f"recall {numbers.score(1 - precision)}, relations {numbers.score(1 - entities)} of the score"
        heading.note(words)
    told = {"preset": preset, "matching": matching, "precision_weight": precision, "recall_weight": round(1 - precision, 10)}
    return MetricConfig.model_validate(domain.metric.model_dump() | told | {"entity_weight": entities})


def _searched(domain: Domain) -> Search:
    heading.section("3  How it is searched")
    choices = optimizer_choices()
    left, right = st.columns([2, 1])
    name = left.selectbox("Optimizer", list(choices), format_func=lambda each: choices[each].title, key="train.optimizer")
    efforts = choices[name].efforts
    default = resources.workbench().settings.dspy_auto_mode
    auto = right.selectbox(
        "Effort",
        efforts or ("as it is",),
        index=efforts.index(default) if default in efforts else 0,
        disabled=not efforts,
        key=f"train.effort.{name}",
    )
    found = resources.models()
    there = [model.id for model in found.models]
    first = f"Default: {resources.default_model_id(domain.model) or f'{domain.model}, which is not there'}"
    model = st.selectbox("Model", [first, *there], key=f"train.model.{domain.name}")
    for problem in found.problems:
        heading.note(problem.message)
    return Search(optimizer=name, auto=auto if efforts else None, model=None if model == first else model)


def _limited(domain: Domain, data: DatasetInfo, metric: MetricConfig, search: Search) -> TrainRequest:
    heading.section("4  Limits and log")
    seed_at, calls_at, usd_at, log_at = st.columns(4)
    seed = seed_at.number_input("Seed", 0, 2**31 - 1, 0, 1, key="train.seed")
    calls = calls_at.number_input("At most, calls", 1, None, None, 100, key="train.calls", placeholder="no limit")
    usd = usd_at.number_input("At most, dollars", 0.0, None, None, 0.5, format="%.2f", key="train.usd", placeholder="no limit")
    log = log_at.text_input("Log file", "", max_chars=100, key="train.log_name", placeholder="none; Auto names it", autocomplete="off")
    force = st.checkbox("Train again even where a finished run had the same inputs", key="train.force")
    return TrainRequest(
        domain=domain.name, dataset=data.dataset.name, optimizer=search.optimizer, auto=search.auto, model=search.model, seed=int(seed),
        metric=metric, max_calls=int(calls) if calls else None, max_usd=usd, force=force, log_path=(log or "").strip() or None,
    )  # fmt: skip


def _start(request: TrainRequest, data: DatasetInfo, open_runs: Sequence[TrainingRun]) -> None:
    """The button with the estimate beside it, or why it cannot be pressed."""
    told = resources.estimated(request.model_dump_json(), data.version.id)
    going = next((run for run in open_runs if run.domain == request.domain), None)
    refused = isinstance(told, WorkbenchError) or going is not None
    button, words = st.columns([1, 3.2], vertical_alignment="center")
    with words:
        if isinstance(told, Estimate):
            heading.sentence(_taking(told))
    if isinstance(told, Estimate):
        heading.note(told.basis[:1].upper() + told.basis[1:] + ".")
    else:
        notice.show(told.message, told.hint, level="error")
    if going is not None:
        notice.show(f"A run of {request.domain} is {going.status.value}; one at a time for each domain.", "Follow or stop it first.")
        navigation.link("train", "Open that run", run=going.id)
    if button.button("Start training", key="train.start", type="primary", disabled=refused, width="stretch"):
        with errors.shown():
            run = train(resources.workbench(), request)
            if run.status not in OPEN_STATES:
                state.flash(f"This finished run had the same inputs ({numbers.moment(run.completed_at)}): nothing was repeated.")
            state.link("run", run.id)
            st.rerun()


def _taking(told: Estimate) -> str:
    """What it would take, unknown said as such."""
    tokens = "tokens unknown" if told.tokens is None else f"{numbers.many(told.tokens)} tokens"
    dollars = "dollars unknown" if told.usd is None else numbers.dollars(told.usd)
    minutes = "minutes unknown" if told.minutes is None else f"takes about {numbers.duration(told.minutes * 60_000)}"
    return f"About {numbers.count(told.calls)} calls, at most {numbers.count(told.calls_at_most)} · {tokens} · {dollars} · {minutes}"
