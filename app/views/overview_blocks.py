"""What stands on Overview: what goes on, what waits, what failed, how each domain stands."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import navigation, state
from app.components import chips, empty_state, heading, live, numbers, phase_bar
from app.components.table import ROW
from app.resources import workbench
from core.records.domains import GENERAL
from core.records.runs import OPEN_STATES, TrainingRun
from core.workflows.overview import Decision, DomainRow, FailedRun, Overview
from core.workflows.runs import get_run
from core.workflows.samples import load_samples, sample_names

_MARKS = {"ready": "✓", "training": "◌", "failed": "✕", "pending": "·"}


def title(seen: Overview) -> str:
    """The page's answer in one sentence."""
    parts = []
    if seen.decisions:
        domains = numbers.listed([each.domain for each in seen.decisions], 3)
        parts.append(f"{numbers.plural(len(seen.decisions), 'decision waits', 'decisions wait')} ({domains})")
    if seen.failed:
        parts.append(numbers.plural(len(seen.failed), "run ended badly", "runs ended badly"))
    if seen.going:
        parts.append(numbers.plural(len(seen.going), "run is going on", "runs are going on"))
    if seen.fresh:
        return "Nothing here yet: load the samples, or bring your own"
    if not parts and seen.untrained:
        return "Nothing is trained yet"
    return ", ".join(parts)[:1].upper() + ", ".join(parts)[1:] if parts else "Nothing waits for you"


def under(seen: Overview) -> str:
    """What the answer rests on."""
    samples = sum(row.samples for row in seen.domains)
    return " · ".join(
        [
            numbers.plural(len(seen.domains), "domain"),
            numbers.plural(seen.datasets, "dataset"),
            f"{numbers.plural(samples, 'sample')} in domains",
            numbers.plural(seen.runs, "run"),
        ]
    )


def start() -> None:
    """The first start: four sample domains are offered."""
    names = sample_names()
    if empty_state.show(
        f"{numbers.listed(names)} ship with the workbench: domains with annotated samples and documents to try. "
        "Loading them takes a few seconds.",
        "Load the four sample domains",
        key="overview.load",
    ):
        with st.status("Loading the sample domains") as status:
            for done, loaded in enumerate(load_samples(workbench()), 1):
                status.update(label=f"Loading the sample domains: {done} of {len(names)}")
                heading.sentence(f"{loaded.name}: {numbers.plural(loaded.samples, 'sample')}")
        state.flash(f"{len(names)} sample domains are loaded. The next step is to train one.")
        st.rerun()
    with st.container(horizontal=True):
        navigation.link("domains", "Make a domain of your own", view="new")
        navigation.link("datasets", "Import a dataset", view="import")


def train_one(rows: Sequence[DomainRow]) -> None:
    """The next step where samples are there and nothing is trained."""
    ready = next((row for row in rows if row.samples), None)
    if ready and empty_state.show("The samples are there; no prompt has learned from them yet.", "Train one now", key="overview.train"):
        navigation.go("train", domain=ready.name)


def going(runs: Sequence[TrainingRun]) -> None:
    """Runs under way, with their bars."""
    heading.section("Running now")
    for run in runs:
        bar, link = st.columns([5, 2], vertical_alignment="center")
        with bar:
            chips.show(chips.domain(run.domain), run.id)
            live.show(lambda run_id=run.id: _bar(run_id), running=True)  # type: ignore[misc]
        with link:
            navigation.link("train", "Watch", domain=run.domain, run=run.id)


def _bar(run_id: str) -> bool:
    run = get_run(workbench(), run_id)
    phase_bar.show(run)
    return run.status in OPEN_STATES


def decisions(waiting: Sequence[Decision]) -> None:
    """Versions that scored higher than what is in use."""
    heading.section("Waits for a decision")
    for each in waiting:
        words, links = st.columns([5, 2], vertical_alignment="center")
        with words:
            present = (
                f"{each.deployed} in production has {numbers.score(each.deployed_score)}" if each.deployed else "nothing is in production"
            )
            chips.show(chips.domain(each.domain), f"{each.version} scores {numbers.score(each.score)} on the sealed test; {present}.")
        with links, st.container(horizontal=True, gap="small"):
            navigation.link("runs", "See run", domain=each.domain, run=each.run_id)
            if each.deployed:
                navigation.link("prompts", "Compare", domain=each.domain, a=each.deployed, b=each.version)
            else:
                navigation.link("prompts", "See prompt", domain=each.domain, version=each.version)


def failed(runs: Sequence[FailedRun]) -> None:
    """Runs that ended without a result."""
    heading.section("Ended without a result")
    for each in runs:
        words, link = st.columns([5, 2], vertical_alignment="center")
        with words:
            said = each.error or "its process ended; it can go on where it stopped"
            chips.show(chips.status(each.status), chips.domain(each.domain), f"{said}. {each.hint or ''}".strip())
        with link:
            navigation.link("train", "Go on", domain=each.domain, run=each.run_id)


def domains(rows: Sequence[DomainRow]) -> None:
    """A row per domain; a selected row opens it."""
    heading.section("Domains", "F1 of entities on the sealed test, of the version in production; select a row to open the domain")
    listed = sorted(rows, key=lambda row: row.name == GENERAL)
    chosen = st.dataframe(
        pd.DataFrame([_cells(row) for row in listed]),
        key="overview.domains", hide_index=True, row_height=ROW, placeholder=numbers.UNKNOWN, on_select="rerun",
        selection_mode="single-row", column_config=_columns(), height=ROW * (min(len(rows), 14) + 1) + 6, alt=f"{len(rows)} domains",
    )  # fmt: skip
    if chosen["selection"]["rows"]:
        navigation.go("domains", domain=listed[chosen["selection"]["rows"][0]].name)


def _cells(row: DomainRow) -> dict[str, Any]:
    return {
        "domain": row.name,
        "status": f"{_MARKS[row.status.value]} {row.status.value}",
        "test F1": row.f1,
        "95 % interval": numbers.interval(row.low, row.high),
        "on": row.test_samples,
        "last runs": list(row.history) if len(row.history) > 1 else None,
        "documents": row.documents,
        "samples": row.samples,
        "in production": row.version,
        "last trained": numbers.moment(row.trained_at),
    }


def _columns() -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "domain": text(width="medium"),
        "status": text(width="small"),
        "documents": number(format="localized", width="small", help="Recognized as this domain since the month began"),
        "samples": number(format="localized", width="small"),
        "in production": text(width="medium", help="The prompt version that the domain uses"),
        "test F1": number(format="%.2f", width="small", help="Mean over the documents of the sealed test"),
        "95 % interval": text(width="small", alignment="right", help="A dash where fewer than 5 test samples were scored"),
        "on": number(format="localized", width="small", help="Test samples that were scored"),
        "last runs": st.column_config.LineChartColumn(width="small", y_min=0, y_max=1, help="Entity F1 of the last completed runs"),
        "last trained": text(width="small", alignment="right"),
    }
