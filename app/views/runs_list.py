"""Every run, and picking one or two."""

import streamlit as st

from app import navigation, resources, state
from app.components import empty_state, export, heading, notice, numbers, pager, run_table
from core.workflows.domains import domain_names
from core.workflows.run_samples import count_runs
from core.workflows.runs import list_runs

_ALL = "All domains"
_SIZE = 50


def show() -> None:
    """Draw the table of runs, newest first."""
    bench = resources.workbench()
    everything = count_runs(bench)
    heading.show("Runs", f"{numbers.plural(everything, 'run')}: did it get better, and is it real?")
    if not everything:
        if empty_state.show("Nothing was trained yet.", "Train a domain", key="runs.none"):
            navigation.go("train")
        return
    names = [_ALL, *domain_names(bench)]
    linked = state.linked("domain")
    filters, acts = st.columns([1, 2], vertical_alignment="bottom")
    chosen = filters.selectbox("Domain", names, index=names.index(linked) if linked in names else 0, key="runs.domain")
    domain = None if chosen == _ALL else chosen
    state.link("domain", domain)
    total = count_runs(bench, domain) if domain else everything
    at = pager.window(total, key="runs.pages", size=_SIZE)
    runs = list_runs(bench, domain, limit=at.limit, offset=at.offset)
    if not runs:
        notice.show("No run of this domain yet.", "Train it, or choose another domain.")
        return
    place = st.container()
    picked = run_table.show(runs, key=f"runs.table.{chosen}.{at.offset}")
    pager.show(total, key="runs.pages", size=_SIZE, noun="runs")
    with place:
        heading.note("Select one run to open it, two to compare them; the later is B.")
    with acts, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        if st.button("Open", key="runs.open", type="primary", disabled=len(picked) != 1, icon=":material/open_in_full:"):
            navigation.go("runs", run=picked[0])
        if st.button("Compare", key="runs.compare", disabled=len(picked) != 2, icon=":material/compare:"):
            navigation.go("runs", a=picked[1], b=picked[0])  # the table is newest first
        export.buttons(lambda: [run_table.row(run) for run in list_runs(bench, domain, limit=10_000)], name="runs", key="runs.export")
