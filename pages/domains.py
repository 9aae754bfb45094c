"""Domains: which fields can it read?"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import state
from app.components import chips, empty_state, heading, notice, numbers
from app.components.table import ROW, visible
from app.resources import workbench
from app.views import domains_parts as parts
from core.records.domains import GENERAL
from core.workflows.domains import DomainView, list_domains
from core.workflows.general import get_domain

MARKS = {"ready": "✓", "training": "◌", "failed": "✕", "pending": "·"}


def title(views: Sequence[DomainView]) -> str:
    """The page's answer in one sentence."""
    own = [view for view in views if view.name != GENERAL]
    ready = [view.name for view in own if view.status.value == "ready"]
    if not own:
        return "No field can be read yet"
    return f"{numbers.plural(len(ready), 'domain')} of {numbers.count(len(own))} ready" + (f": {numbers.listed(ready)}" if ready else "")


def table(views: Sequence[DomainView], chosen: str | None) -> str | None:
    """Every domain; the name of the one that is selected."""
    text = st.column_config.TextColumn
    names = [view.name for view in views]
    rows = [
        {
            "domain": view.name, "description": visible(view.description), "status": f"{MARKS[view.status.value]} {view.status.value}",
            "samples": view.samples, "in production": view.version, "last trained": numbers.moment(view.trained_at),
        }
        for view in views
    ]  # fmt: skip
    selected = st.dataframe(
        pd.DataFrame(rows), key="domains.table", hide_index=True, row_height=ROW, placeholder=numbers.UNKNOWN, on_select="rerun",
        selection_mode="single-row", selection_default={"selection": {"rows": [names.index(chosen)] if chosen in names else []}},
        height=ROW * (min(len(rows), 8) + 1) + 6, alt=f"{len(rows)} domains",
        column_config={
            "domain": text(width=150), "description": text(width="medium"), "status": text(width="small"),
            "samples": st.column_config.NumberColumn(format="localized", width="small"),
            "in production": text(width="medium"), "last trained": text(width="small", alignment="right"),
        },
    )  # fmt: skip
    places = selected["selection"]["rows"]
    return names[places[0]] if places and places[0] < len(names) else None


def detail(view: DomainView) -> None:
    """The selected domain, one part of it at a time."""
    present = get_domain(workbench(), view.name)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        chips.show(chips.domain(view.name), chips.status(view.status.value))
        parts.delete(view.name)
    linked = (state.linked("view") or "").capitalize()
    shown = st.segmented_control(
        "Part of the domain", parts.VIEWS, default=linked if linked in parts.VIEWS else parts.VIEWS[0], required=True,
        key=f"domains.part.{view.name}", label_visibility="collapsed",
    )  # fmt: skip
    state.link("view", str(shown).lower())
    if shown == "About":
        parts.about(present, view)
    elif shown == "Schema":
        parts.schema(present)
    elif shown == "Scoring":
        parts.scoring(present)
    else:
        parts.past(view.name)


views = list_domains(workbench())
making = state.linked("view") == "new"
first = all(view.name == GENERAL for view in views)
under = f"{numbers.plural(len(views), 'domain')}; {GENERAL} is the fallback and always there"
with st.container(horizontal=True, vertical_alignment="top", horizontal_alignment="distribute"):
    heading.show("A new domain" if making else title(views), under)
    if not making and not first and st.button("New domain", key="domains.new", icon=":material/add:"):
        state.link("view", "new")
        st.rerun()
if said := state.take_flash():
    notice.show(said, level="done")
if making:
    parts.create()
else:
    chosen = table(views, state.domain())
    if chosen and chosen != state.domain():
        state.select_domain(chosen)
        state.link("view", None)
    if first and empty_state.show(
        "A domain is a kind of document that can be taught. Make the first one.", "New domain", key="domains.first"
    ):
        state.link("view", "new")
        st.rerun()
    present = next((view for view in views if view.name == state.domain()), None)
    if present:
        detail(present)
    elif not first:
        heading.sentence("Select a row to see and change a domain.")
