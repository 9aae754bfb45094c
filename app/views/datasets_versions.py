"""A dataset's versions, and what changed between two of them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import errors, state
from app.components import heading, numbers, spans
from app.components.drawn import draw, node
from app.components.table import ROW
from app.resources import workbench
from core.records.datasets import DatasetVersion
from core.records.samples import Sample
from core.workflows.datasets import list_versions, version_diff

SHOWN = 200
Change = tuple[str, Sample | None, Sample | None]


def show(dataset: str) -> None:
    """The versions, then the difference of two."""
    versions = list_versions(workbench(), dataset)
    _table(versions)
    if len(versions) < 2:
        heading.sentence("There is one version yet; every change of the dataset makes another one, which can then be compared.")
        return
    names = [version.id for version in versions]
    heading.section("What changed")
    linked = state.pair()
    left, right, _ = st.columns([2, 2, 3])
    first = left.selectbox("From", names, names.index(linked[0]) if linked[0] in names else 1, key=f"datasets.a.{dataset}")
    second = right.selectbox("To", names, names.index(linked[1]) if linked[1] in names else 0, key=f"datasets.b.{dataset}")
    state.select_pair(first, second)
    with errors.shown():
        _diff(_changes(first or names[1], second or names[0]), dataset)


def _table(versions: Sequence[DatasetVersion]) -> None:
    number = st.column_config.NumberColumn
    rows = [
        {
            "version": each.id, "made": numbers.moment(each.created_at), "samples": each.counts.total, "train": each.counts.train,
            "validation": each.counts.val, "sealed test": each.counts.test, "no split": each.counts.none, "entities": each.entities,
            "relations": each.relations, "ungrounded": each.ungrounded, "content hash": each.content_hash[:12],
        }
        for each in versions
    ]  # fmt: skip
    counts = ("samples", "train", "validation", "sealed test", "no split", "entities", "relations", "ungrounded")
    st.dataframe(
        pd.DataFrame(rows), key="datasets.versions", hide_index=True, row_height=ROW, height=ROW * (min(len(rows), 8) + 1) + 6,
        column_config={name: number(format="localized", width="small") for name in counts}
        | {"made": st.column_config.TextColumn(width="small", alignment="right")},
        alt=f"{len(rows)} versions",
    )  # fmt: skip


def _changes(first: str, second: str) -> list[Change]:
    """Both versions are immutable, so the last difference stays in the session."""
    kept: tuple[tuple[str, str], list[Change]] | None = state.remembered("datasets.diff", None)
    if kept is None or kept[0] != (first, second):
        found = version_diff(workbench(), first=first, second=second)
        changes: list[Change] = [("changed", each.before, each.after) for each in found.changed]
        changes += [("added", None, each) for each in found.added]
        changes += [("removed", each, None) for each in found.removed]
        kept = ((first, second), changes)
        state.remember("datasets.diff", kept)
    return kept[1]


def _diff(changes: Sequence[Change], dataset: str) -> None:
    counts = [f"{numbers.count(sum(kind == each[0] for each in changes))} {kind}" for kind in ("added", "removed", "changed")]
    heading.sentence(" · ".join(counts) + (f"; the first {SHOWN} are listed" if len(changes) > SHOWN else ""))
    listed = changes[:SHOWN]
    if not listed:
        return
    marks = {"added": "+ added", "removed": "− removed", "changed": "± changed"}
    rows = [
        {"change": marks[kind], "sample": _either(before, after).id, "text": _either(before, after).text[:200]}
        for kind, before, after in listed
    ]
    selected = st.dataframe(
        pd.DataFrame(rows), key=f"datasets.changes.{dataset}", hide_index=True, row_height=ROW, on_select="rerun",
        selection_mode="single-row",
        height=ROW * (min(len(rows), 8) + 1) + 6, alt=f"{len(changes)} changed samples",
        column_config={name: st.column_config.TextColumn(width=width) for name, width in (("change", 90), ("sample", 150), ("text", None))},
    )  # fmt: skip
    places = selected["selection"]["rows"]
    if places and places[0] < len(listed):
        _one(listed[places[0]])


def _one(change: Change) -> None:
    _, before, after = change
    sample = _either(before, after)
    heading.section(sample.id)
    kinds = [entity.type or "" for each in (before, after) if each for entity in each.entities or ()]
    colors = spans.type_colors(sorted({*kinds} - {""}))
    if before and after and before.text == after.text:
        old, new = spans.of(before.entities or ()), spans.of(after.entities or ())
        spans.compare(after.text, {"before": old, "after": spans.against(old, new)}, colors=colors)
    else:
        for name, each in (("before", before), ("after", after)):
            if each:
                draw(node("row-name", name))
                spans.show(each.text, spans.of(each.entities or ()), colors=colors)
    links = [_links(each) if each else set() for each in (before, after)]
    for name, gone in (("relations gone", links[0] - links[1]), ("relations come", links[1] - links[0])):
        if gone and before and after:
            draw(node("sentence", f"{name}: {numbers.listed(sorted(gone), 10)}"))


def _either(before: Sample | None, after: Sample | None) -> Sample:
    found = after or before
    assert found is not None
    return found


def _links(sample: Sample) -> set[str]:
    names = {each.id: each.text for each in sample.entities or ()}
    return {f"{names[each.subject_id]} {each.predicate} {names[each.object_id]}" for each in sample.relations or ()}
