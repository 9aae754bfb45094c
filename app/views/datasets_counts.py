"""Is the data good: counts by split and type, and what the last import said."""

import io

import streamlit as st

from app import errors, state
from app.components import confirm_delete, heading, metrics_row, numbers, spans
from app.components.drawn import draw, node, text
from app.components.metrics_row import Metric
from app.resources import workbench
from app.views.datasets_samples import UNTYPED, type_order
from core.records.datasets import ImportReport
from core.workbench import Workbench
from core.workflows.datasets import DatasetInfo, delete_dataset, deletion_effects, last_import
from core.workflows.exports import write_samples

TYPES = 8


def report(info: DatasetInfo) -> ImportReport | None:
    """The last import's report; read once, as it may list thousands of problems."""
    reference = info.dataset.last_import
    kept: tuple[str | None, ImportReport | None] = state.remembered("datasets.report", (None, None))
    if reference is not None and kept[0] != reference:
        kept = (reference, last_import(workbench(), info.dataset.name))
        state.remember("datasets.report", kept)
    return kept[1] if reference is not None else None


def verdict(info: DatasetInfo, said: ImportReport | None) -> str:
    """What one would want to know first, in a sentence."""
    counts, name = info.version.counts, info.dataset.name
    problems = len(said.problems) + said.unlisted if said else 0
    if not counts.total:
        return f"{name} is empty"
    if not counts.test:
        return f"{name}: no test samples, so no gain can be proven"
    if counts.val < 2:
        return f"{name}: fewer than 2 samples to validate on"
    if problems or info.version.ungrounded:
        parts = [numbers.plural(problems, "problem") + " in the last import"] if problems else []
        parts += [numbers.plural(info.version.ungrounded, "entity", "entities") + " not in the text"] if info.version.ungrounded else []
        return f"{name}: " + ", ".join(parts)
    return f"{name}: {numbers.plural(counts.total, 'sample')}, no problem known"


def show(info: DatasetInfo, said: ImportReport | None) -> None:
    """The figures, then types and predicates with their counts."""
    version, counts = info.version, info.version.counts
    problems = len(said.problems) + said.unlisted if said else None
    near = said.near_duplicates if said else None
    metrics_row.show(
        [
            Metric("Samples", numbers.count(counts.total)),
            Metric("Train", numbers.count(counts.train)),
            Metric("Validation", numbers.count(counts.val)),
            Metric("Sealed test", numbers.count(counts.test)),
            Metric("In no split", numbers.count(counts.none), why="Texts that resemble samples of two splits"),
            Metric("Entities", numbers.count(version.entities)),
            Metric("Relations", numbers.count(version.relations)),
            Metric("Ungrounded", numbers.count(version.ungrounded), why="Entities whose name is not in the text"),
            Metric("Problems", numbers.count(problems), why="Lines of the last import; a dash: nothing was imported"),
            Metric("Near-duplicates", numbers.count(near), why="Samples that resemble another one; a dash: not looked for"),
        ]
    )
    _bars("Types", {name or UNTYPED: count for name, count in version.types.items()}, spans.type_colors(type_order(info)))
    _bars("Predicates", version.predicates, None)


def _bars(title: str, counts: dict[str, int], colors: dict[str, int] | None) -> None:
    """Names with their counts in one line that wraps, the most frequent first."""
    if not counts:
        return
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    shown = [
        node(
            "flow",
            text("span" if colors is not None else "strong", name, color=colors.get(name, 7) if colors is not None else None),
            text("faint", numbers.count(count)),
        )
        for name, count in most[:TYPES]
    ]
    rest = [text("faint", f"and {numbers.count(len(most) - TYPES)} more")] if len(most) > TYPES else []
    draw(node("flow", text("faint", title), *shown, *rest))


def acts(info: DatasetInfo) -> None:
    """Export and delete."""
    name = info.dataset.name
    bench = workbench()
    st.download_button(
        "Export", lambda: exported(bench, name), f"{name}.jsonl", "application/x-ndjson", key=f"datasets.export.{name}", on_click="ignore",
        icon=":material/download:", help="Every sample as native JSONL: it can be imported again as it is",
    )  # fmt: skip
    effects = deletion_effects(bench, name)
    goes = [numbers.plural(effects.samples, "sample"), numbers.plural(effects.versions, "version")]
    stays = [numbers.plural(effects.runs, "run") + " with scores, without their texts"] if effects.runs else []
    if confirm_delete.show(name, goes, key=f"datasets.delete.{name}", label="Delete dataset", stays=stays):
        with errors.shown() as outcome:
            delete_dataset(bench, name)
        if not outcome.failed:
            state.link("dataset", None)
            state.link("sample", None)
            state.flash(f"Dataset {name} is deleted.")
            st.rerun()


def exported(bench: Workbench, name: str) -> bytes:
    """Every sample as native JSONL; made when the button is pressed, outside of the page's run."""
    out = io.BytesIO()
    write_samples(bench, dataset=name, file=out)
    return out.getvalue()


def title(info: DatasetInfo, said: ImportReport | None) -> None:
    """The heading and what it rests on."""
    version = info.version
    rests = [f"version {version.change}", f"content {version.content_hash[:12]}", f"domain {info.dataset.domain or 'none'}"]
    heading.show(verdict(info, said), " · ".join(rests))
