"""A run on the Train page: what it is, what can be done with it, and how it ended."""

from functools import partial

import streamlit as st

from app import errors, navigation, resources, state
from app.components import heading, live, notice
from app.views import train_live, verdicts
from core.records.runs import OPEN_STATES, RunStatus, TrainingRun
from core.workflows.choices import optimizer_title
from core.workflows.live import data_of
from core.workflows.runs import cancel, list_runs, resume

_ENDED = {
    "calls": "Stopped at the ceiling on calls; the best so far is kept.",
    "usd": "Stopped at the ceiling on dollars; the best so far is kept.",
}


def show(run: TrainingRun) -> None:
    """Draw the run; it follows itself while it goes on."""
    _announce(run)
    title, acts = st.columns([2.6, 1], vertical_alignment="top")
    with title:
        heading.show(f"{run.domain}, trained with {optimizer_title(run.optimizer.name, run.optimizer.auto)}", line_under(run))
    with acts, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _acts(run)
    _ending(run)
    live.show(partial(train_live.draw, run.id), running=run.status in OPEN_STATES)


def line_under(run: TrainingRun) -> str:
    """What the run rests on: run, model and digest, dataset version with its splits, seed."""
    data = data_of(resources.workbench(), run)
    counts = f": {data.counts.train} train, {data.counts.val} validation, {data.counts.test} sealed" if data else ""
    digest = f" ({run.model_digest.removeprefix('sha256:')[:8]})" if run.model_digest else ""
    version = run.dataset_version.rpartition("@")[2]
    return f"run {run.id} · {run.model}{digest} · dataset {run.dataset}, version {version}{counts} · seed {run.seed}"


def _announce(run: TrainingRun) -> None:
    """The page's title follows the run; its end, where it was watched, is said once."""
    watched = f"train.watched.{run.id}"
    if run.status in OPEN_STATES:
        state.remember(watched, True)
        st.set_page_config(page_title=f"Training {run.domain}")
        return
    st.set_page_config(page_title=f"{run.status.value.capitalize()}: {run.domain}")
    if state.remembered(watched, False):
        state.forget(watched)
        if run.status is not RunStatus.INTERRUPTED:  # it can go on
            st.toast("The run has ended", icon=":material/flag:")


def _acts(run: TrainingRun) -> None:
    bench = resources.workbench()
    stopping = f"train.stopping.{run.id}"
    if run.status in OPEN_STATES:
        asked = state.remembered(stopping, False)
        if st.button(
            "Stopping" if asked else "Stop",
            key="train.stop",
            icon=":material/stop:",
            disabled=asked,
            help="Ends within one call; the best so far is kept",
        ):
            with errors.shown() as outcome:
                cancel(bench, run.id)
            if not outcome.failed:
                state.remember(stopping, True)
                st.rerun()
        return
    state.forget(stopping)
    if run.status is RunStatus.INTERRUPTED and st.button("Resume", key="train.resume", type="primary", icon=":material/play_arrow:"):
        with errors.shown() as outcome:
            resume(bench, run.id)
        if not outcome.failed:
            st.rerun()
    before = next((each for each in list_runs(bench, run.domain, limit=20) if each.id != run.id and each.result), None)
    if run.result and before and st.button("Compare", key="train.compare", icon=":material/compare:", help="With the finished run before"):
        navigation.go("runs", a=before.id, b=run.id)
    if st.button("New run", key="train.new", icon=":material/add:"):
        navigation.go("train", domain=run.domain, dataset=run.dataset)


def _ending(run: TrainingRun) -> None:
    """How it ended and what comes next; nothing while it goes on."""
    if run.status is RunStatus.FAILED:
        notice.show(run.error or "the run failed and gave no reason", run.hint or "the log below says what happened", level="error")
    elif run.status is RunStatus.INTERRUPTED:
        notice.show(
            "The run was interrupted: its process is gone.",
            "Resume goes on with it; what was done is replayed from its record at no cost.", level="error",
        )  # fmt: skip
    elif run.status is RunStatus.CANCELLED:
        notice.show(
            "Cancelled. The best so far is kept." if run.version else "Cancelled before there was anything to keep.",
            "The sealed test was not looked at.",
        )
    elif run.status is RunStatus.COMPLETED:
        verdicts.of_run(run)
        if run.stopped_by:
            notice.show(_ENDED.get(run.stopped_by, "Stopped early; the best so far is kept."))
    if run.version and run.status not in OPEN_STATES:
        with st.container(horizontal=True):
            if run.status is RunStatus.COMPLETED:
                navigation.link("runs", "Result and sealed test", run=run.id)
            navigation.link("prompts", "The prompt it made", domain=run.domain, version=run.version)
