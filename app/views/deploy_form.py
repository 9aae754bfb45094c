"""Taking a version into use: who decides, and why."""

import streamlit as st

from app import errors, resources, state
from app.components import heading, numbers
from core.workflows.deployments import deploy, deployed


def show(domain: str, version: str, *, label: str, key: str, why: str = "") -> None:
    """A button that opens the form; off where the version is in use. `label` must be the page's own words."""
    bench = resources.workbench()
    current = deployed(bench, domain)
    if current is not None and current.version == version:
        st.button(label, key=f"{key}.in_use", type="primary", disabled=True, help="It is in production already")
        return
    with st.popover(label, type="primary", key=f"{key}.form"):
        replaced = (
            f"It replaces {current.version}, in production since {numbers.moment(current.since)}."
            if current
            else "Nothing is in production yet."
        )
        heading.sentence(f"{version}: every document of {domain} is read with it from now on. {replaced}")
        by = st.text_input("Who decides", state.remembered("who", ""), max_chars=100, key=f"{key}.by", autocomplete="name")
        reason = st.text_input("Why", why, max_chars=500, key=f"{key}.why", autocomplete="off")
        if st.button("Take into use", key=f"{key}.go"):
            with errors.shown() as outcome:
                deploy(bench, domain, version, by=(by or "").strip() or "person", why=(reason or "").strip())
            if not outcome.failed:
                state.remember("who", by)
                state.flash(f"In production now: {version}.")
                st.rerun()
