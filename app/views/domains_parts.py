"""The parts of one domain: what it is, its schema, its scoring, its history; and making a new one."""

import streamlit as st

from app import errors, navigation, state
from app.components import confirm_delete, empty_state, export, heading, numbers, run_table, table
from app.resources import workbench
from app.views import domains_edit, domains_gates, domains_schema, domains_scoring
from core.records.domains import GENERAL, Domain
from core.workflows.deployments import history
from core.workflows.domains import DomainView, create_domain, delete_domain, deletion_effects
from core.workflows.runs import list_runs

VIEWS = ("About", "Schema", "Scoring", "History")
RUNS = 50


def create() -> None:
    """The form of a new domain; what was typed stays until it is made."""
    name = st.text_input("Name", key="domains.new.name", max_chars=100, placeholder="a to z, 0 to 9 and _, such as legal_contracts")
    description = st.text_area(
        "Description", key="domains.new.description", height=100, max_chars=1000,
        placeholder="What such a document is about, in 10 to 1,000 characters: documents are recognized by it",
    )  # fmt: skip
    model = domains_scoring.model(None, "domains.new.model")
    with st.container(horizontal=True):
        made = st.button("Create", key="domains.new.create", type="primary", icon=":material/add:")
        if st.button("Cancel", key="domains.new.cancel"):
            state.link("view", None)
            st.rerun()
    if made:
        with errors.shown() as outcome:
            create_domain(workbench(), name, description, model=model)
        if not outcome.failed:
            state.select_domain(name)
            state.link("view", None)
            state.flash(f"Domain {name} is made. Next: import annotated samples for it on Datasets.")
            st.rerun()


def about(present: Domain, view: DomainView) -> None:
    """Description, guidelines, readiness."""
    began = domains_edit.base(present, "description")
    words = st.text_area(
        "Description: documents are recognized by it",
        began.description,
        100,
        1000,
        persist_state="session",
        key=domains_edit.key(began, "description"),
    )
    rules = st.text_area(
        "Guidelines: shown while annotating", began.guidelines, 160, key=domains_edit.key(began, "guidelines"), persist_state="session"
    )
    ready = domains_scoring.readiness(began, view.version)
    values = {"description": (words or "").strip(), "guidelines": rules or "", "set_ready": ready}
    domains_edit.save_button(present, began, "description", values)


def schema(present: Domain) -> None:
    """Entity types and predicates."""
    began = domains_edit.base(present, "types")
    domains_edit.save_button(present, began, "types", {"schema_": domains_schema.edit(began)})


def scoring(present: Domain) -> None:
    """Metric, model and gates."""
    began = domains_edit.base(present, "preset")
    metric = domains_scoring.metric(began)
    model = domains_scoring.model(began, domains_edit.key(began, "model"))
    gates = domains_gates.edit(began)
    domains_edit.save_button(present, began, "preset", {"metric": metric, "model": model, "recognizer_gates": gates})


def past(name: str) -> None:
    """Runs and deployments."""
    runs = list_runs(workbench(), name, limit=RUNS)
    heading.section("Runs", f"the last {RUNS}" if len(runs) == RUNS else "")
    if runs:
        chosen = run_table.show(runs, key="domains.runs", several=False)
        if chosen:
            navigation.go("runs", domain=name, run=chosen[0])
        export.buttons(lambda: [run_table.row(run) for run in runs], name=f"{name}-runs", key="domains.runs")
    elif empty_state.show("This domain was never trained.", "Train it", key="domains.train", primary=False):
        navigation.go("train", domain=name)
    decisions = history(workbench(), name)
    if decisions:
        heading.section("Deployments", "never deleted")
        rows = [
            [each.version, (each.was or each.stage).value, numbers.moment(each.since), numbers.moment(each.until), each.by, each.why]
            for each in decisions
        ]
        table.show(("version", "stage", "since", "until", "by", "why"), rows)


def delete(name: str) -> None:
    """Delete, after the name was typed."""
    if name == GENERAL:
        return
    effects = deletion_effects(workbench(), name)
    goes = [numbers.plural(effects.runs, "run"), numbers.plural(effects.versions, "prompt version")]
    goes += [f"the deployed prompt {effects.deployed}"] if effects.deployed else []
    stays = [numbers.plural(effects.samples, "sample") + (f" in {numbers.listed(effects.datasets)}" if effects.datasets else "")]
    if confirm_delete.show(name, goes, key=f"domains.delete.{name}", label="Delete domain", stays=stays):
        with errors.shown() as outcome:
            delete_domain(workbench(), name)
        if not outcome.failed:
            state.select_domain(None)
            state.flash(f"Domain {name} is deleted; its samples stay, and its name is never used again.")
            st.rerun()
