"""Datasets: is my data good?"""

from collections.abc import Sequence

import streamlit as st

from app import navigation, state
from app.components import empty_state, heading, notice, numbers
from app.resources import workbench
from app.views import datasets_counts, datasets_import, datasets_problems, datasets_samples, datasets_versions
from core.workflows.datasets import DatasetInfo, list_datasets

VIEWS = ("Samples", "Versions", "Problems")


def start() -> None:
    """No dataset is there yet."""
    heading.show("No data yet", "a dataset is a named set of annotated texts, of at most one domain")
    if empty_state.show("Bring your own samples as JSONL; the four sample domains are offered on Overview.", "Import a dataset"):
        state.link("view", "import")
        st.rerun()
    navigation.link("overview", "Overview")


def pick(infos: Sequence[DatasetInfo]) -> DatasetInfo:
    """The dataset of the address, else the domain's first, else the first."""
    linked = state.linked("dataset")
    by_name = {info.dataset.name: info for info in infos}
    own = next((info.dataset.name for info in infos if info.dataset.domain == state.domain()), infos[0].dataset.name)
    present = linked if linked in by_name else own
    key = f"datasets.pick.{present}.{len(infos)}"  # a new one when the address moves it
    chosen = st.selectbox("Dataset", list(by_name), list(by_name).index(present), key=key, width=320)
    if linked and linked not in by_name:
        notice.show(f"there is no dataset {linked!r}", f"it may have been deleted; shown is {present}")
    if chosen and chosen != present:
        state.link("dataset", chosen)
        state.link("sample", None)
        state.select_pair(None, None)
        st.rerun()
    state.link("dataset", present)
    return by_name[present]


def one(infos: Sequence[DatasetInfo]) -> None:
    """The chosen dataset: counts first, then one of its parts."""
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        info = pick(infos)
        if st.button("Import", key="datasets.import", type="primary", icon=":material/upload:"):
            state.link("view", "import")
            st.rerun()
        datasets_counts.acts(info)
    said = datasets_counts.report(info)
    with place:
        datasets_counts.title(info, said)
        if flash := state.take_flash():
            notice.show(flash, level="done")
    datasets_counts.show(info, said)
    linked = (state.linked("view") or "").capitalize()
    views = VIEWS if said and said.problems else VIEWS[:2]
    shown = st.segmented_control(
        "Part of the dataset", views, default=linked if linked in views else views[0], required=True,
        key=f"datasets.part.{info.dataset.name}.{len(views)}", label_visibility="collapsed",
    )  # fmt: skip
    state.link("view", str(shown).lower())
    if shown == "Versions":
        datasets_versions.show(info.dataset.name)
    elif shown == "Problems" and said:
        report = said
        datasets_problems.show(report, key="datasets.last", to_mend=lambda: "".join(f"{each.raw}\n" for each in report.problems))
    else:
        datasets_samples.show(info)


infos = list_datasets(workbench())
if state.linked("view") == "import" or datasets_import.going_on():
    heading.show("Import samples", f"{numbers.plural(len(infos), 'dataset')} so far; preview first, nothing is written before you say so")
    datasets_import.show(state.linked("dataset"))
elif infos:
    one(infos)
else:
    start()
