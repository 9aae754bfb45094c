"""The samples of a dataset: filtered, paged, one of them shown with what was found in it."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import errors, state
from app.components import empty_state, heading, numbers, pager, spans, table
from app.components.drawn import draw, node
from app.components.table import ROW, visible
from app.resources import workbench
from core.records.samples import Entity, Sample
from core.workflows.datasets import DatasetInfo, SampleFilter, SamplePage, samples_page
from core.workflows.general import get_domain
from core.workflows.show_sample import get_sample

SIZE = 50
SNIPPET = 200
UNTYPED = "(no type)"
SPLITS = {"train": "train", "val": "validation", "test": "sealed test", "none": "no split"}


def show(info: DatasetInfo) -> None:
    """Filters, the page's table, the chosen sample."""
    where = _filters(info)
    name = info.dataset.name
    total = _page(info, where, 0, 1).total if where != SampleFilter() else info.version.counts.total
    at = pager.window(total, key="datasets.pager", size=SIZE)
    page = _page(info, where, at.offset, at.limit)
    chosen = _table(page.samples) if page.samples else None
    if not page.samples:
        empty_state.show("No sample is like that.")
        st.button("Show all", key="datasets.none", on_click=_show_all)
    pager.show(total, key="datasets.pager", size=SIZE, noun="samples")
    if chosen:
        state.link("sample", chosen)
    picked = state.linked("sample")
    if picked:
        with errors.shown():
            _one(next((each for each in page.samples if each.id == picked), None) or get_sample(workbench(), name, picked), info)
    elif page.samples:
        heading.sentence("Select a row to read a sample with its entities and relations.")


def _filters(info: DatasetInfo) -> SampleFilter:
    types = [name for name in info.version.types if name]
    text, kind, link, split, lost = st.columns([3, 2, 2, 2, 2], vertical_alignment="bottom")
    words = text.text_input("Text contains", key="datasets.filter.text", persist_state="session")
    chosen = kind.selectbox("Type", types, None, key="datasets.filter.type", placeholder="any")
    predicate = link.selectbox("Predicate", list(info.version.predicates), None, key="datasets.filter.predicate", placeholder="any")
    part = split.selectbox("Split", list(SPLITS), None, key="datasets.filter.split", placeholder="any", format_func=SPLITS.__getitem__)
    only = lost.checkbox("Ungrounded only", key="datasets.filter.ungrounded", disabled=not info.version.ungrounded)
    return SampleFilter(text=words or None, type=chosen, predicate=predicate, split=part, ungrounded=True if only else None)


def _show_all() -> None:
    state.set_widget("datasets.filter.text", "")
    state.set_widget("datasets.filter.ungrounded", False)
    for name in ("type", "predicate", "split"):
        state.set_widget(f"datasets.filter.{name}", None)


def _page(info: DatasetInfo, where: SampleFilter, offset: int, limit: int) -> SamplePage:
    """A page; the last ones stay in the session, as a filter reads every sample and a version never changes."""
    key = (info.version.id, info.version.content_hash, where.model_dump_json(), offset, limit)
    kept: dict[tuple[object, ...], SamplePage] = state.remembered("datasets.pages", {})
    if key not in kept:
        found = samples_page(workbench(), info.dataset.name, where=where, offset=offset, limit=limit)
        kept = dict([*kept.items(), (key, found)][-4:])
        state.remember("datasets.pages", kept)
    return kept[key]


def _table(samples: Sequence[Sample]) -> str | None:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    ids = [sample.id for sample in samples]
    picked = state.linked("sample")
    selected = st.dataframe(
        pd.DataFrame([_cells(sample) for sample in samples]), key=f"datasets.samples.{ids[0]}.{len(ids)}", hide_index=True, row_height=ROW,
        placeholder=numbers.UNKNOWN, on_select="rerun", selection_mode="single-row", height=ROW * (min(len(samples), 9) + 1) + 6,
        selection_default={"selection": {"rows": [ids.index(picked)] if picked in ids else []}}, alt=f"{len(samples)} samples",
        column_config={
            "sample": text(width=150), "text": text(width="large"), "split": text(width=90),
            "entities": number(format="localized", width=70, help="A dash: not annotated for entities"),
            "relations": number(format="localized", width=70, help="A dash: not annotated for relations"),
            "ungrounded": number(format="localized", width=90, help="Entities whose name is not in the text"),
            "source": text(width="small"),
        },
    )  # fmt: skip
    rows = selected["selection"]["rows"]
    return ids[rows[0]] if rows and rows[0] < len(ids) else None


def _cells(sample: Sample) -> dict[str, object]:
    return {
        "sample": sample.id,
        "text": visible(sample.text[:SNIPPET].replace("\n", " ")),
        "split": SPLITS[sample.split.value if sample.split else "none"],
        "entities": len(sample.entities) if sample.entities is not None else None,
        "relations": len(sample.relations) if sample.relations is not None else None,
        "ungrounded": sum(not each.grounded for each in sample.entities or ()),
        "source": sample.source,
    }


def _one(sample: Sample, info: DatasetInfo) -> None:
    """A sample's text with spans, its relations beside it."""
    part = SPLITS[sample.split.value if sample.split else "none"]
    heading.section(sample.id, " · ".join([part, f"from {sample.source}", numbers.plural(len(sample.text), "character")]))
    left, right = st.columns([3, 2])
    with left:
        found = sample.entities or ()
        colors = spans.type_colors(type_order(info))
        spans.show(sample.text, spans.of(found), colors=colors, height=320 if len(sample.text) > 1500 else None)
        if sample.entities is None:
            draw(node("faint small", "not annotated for entities: not used to teach or judge them"))
        lost = [each.text for each in found if not each.grounded]
        if lost:
            draw(node("faint small", f"not in the text: {numbers.listed(lost, 10)}"))
    with right:
        _relations(sample)


def type_order(info: DatasetInfo) -> list[str]:
    """Types in the order of their colors: the schema's, then those that only the samples have."""
    domain = get_domain(workbench(), info.dataset.domain) if info.dataset.domain else None
    known = [each.name for each in domain.schema_.entity_types] if domain else []
    return list(dict.fromkeys([*known, *(name for name in info.version.types if name)]))


def _relations(sample: Sample) -> None:
    if not sample.relations:
        draw(node("empty", "Not annotated for relations" if sample.relations is None else "No relations"))
        return
    names = {each.id: each for each in sample.entities or ()}
    rows = [[_words(names[each.subject_id]), each.predicate, _words(names[each.object_id])] for each in sample.relations]
    table.show(("subject", "predicate", "object"), rows, height=320 if len(rows) > 10 else None)


def _words(entity: Entity) -> str:
    return entity.text
