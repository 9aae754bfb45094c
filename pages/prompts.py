"""Prompts: what does it say now, and before?"""

import streamlit as st

from app import errors, navigation, resources, state
from app.components import empty_state, heading, notice, numbers
from app.views import linked_choice, prompt_texts, prompt_versions
from core.workflows.deployments import deployed
from core.workflows.domains import domain_names
from core.workflows.prompts import get_version

VIEWS = ("Difference", "Plain prompt", "Demos", "Decisions")

bench = resources.workbench()
names = domain_names(bench)
wanted = state.domain()


def first_domain() -> str:
    """The one worked on, else one that has versions."""
    trained = (name for name in names if resources.versions(name))
    return wanted if wanted in names else next(trained, names[0])


def body(domain: str) -> None:
    """Both versions and everything about the one that is shown."""
    versions = resources.versions(domain)
    chosen = prompt_versions.choose(domain, versions)
    version = get_version(bench, domain, chosen.version)
    before = get_version(bench, domain, chosen.against) if chosen.against else None
    linked = state.linked("view")
    start = linked if linked in VIEWS else VIEWS[0] if before else VIEWS[1]
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        view = st.segmented_control("Show", VIEWS, default=start, key="prompts.view", label_visibility="collapsed", required=True)
        state.link("view", view if view != VIEWS[0] else None)
        if view == "Plain prompt":
            prompt_texts.show_plain(version)
        elif view == "Demos":
            prompt_texts.show_demos(version)
        elif view == "Decisions":
            prompt_versions.show_decisions(domain)
        elif before is None:
            heading.note("There is no other version to compare with.")
        else:
            prompt_texts.show_difference(before, version)
    with right:
        prompt_versions.acts(domain, version)
        prompt_versions.show_table(versions, chosen.version)
        if before is not None:
            prompt_texts.show_settings(before, version)
        prompt_versions.show_lineage(version, versions)


if message := state.take_flash():
    notice.show(message, level="done")
title, chooser = st.columns([2.2, 1], vertical_alignment="top")
with chooser:
    domain = linked_choice.show("Domain", names, name="domain", key="prompts.domain", first=first_domain())
if wanted in names and domain != wanted:
    for name in ("version", "a", "b"):
        state.link(name, None)
state.select_domain(domain)
with title:
    current = deployed(bench, domain)
    since = (
        f"{current.version} is in production since {numbers.moment(current.since)}, by {current.by}"
        if current
        else "nothing is in production"
    )
    why = f": {current.why}" if current and current.why else ""
    heading.show(f"{domain}: what the prompt says, now and before", f"{since}{why}")
if resources.versions(domain):
    with errors.shown():
        body(domain)
elif empty_state.show("This domain has no prompt of its own yet: training makes one.", "Train it", key="prompts.none"):
    navigation.go("train", domain=domain)
