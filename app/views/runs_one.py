"""One run in full: what training won, and whether it is real."""

import streamlit as st

from app import errors, navigation, resources, state
from app.components import export, heading, interval_plot, metrics_row, notice, numbers, phase_bar, table
from app.components.interval_plot import Difference
from app.components.metrics_row import Metric
from app.views import run_figures, sample_sides, train_run, verdicts
from core.records.runs import OPEN_STATES, Gain, TrainingRun
from core.workflows.run_samples import BothSides
from core.workflows.runs import event_line, events, list_runs, note_of, run_document, write_note

_ROWS = {"score": ("score", "score"), "entity_f1": ("entity F1", "entity_f1"), "relation_f1": ("relation F1", "relation_f1_gold_entities")}

_SAME = "the same samples before and after"
_LUCK = "what picking the best of as many noisy trials shows without any effect"
_LOOKS = "every look at the same samples spends some of their worth"


def show(run: TrainingRun) -> None:
    """Draw the run; what it does not have is left out with a word."""
    title, acts = st.columns([1.5, 1], vertical_alignment="top")
    with title:
        heading.show(f"{run.domain}: what training won", train_run.line_under(run))
    with acts, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        _acts(run)
    if run.status in OPEN_STATES:
        notice.show(f"This run is {run.status.value}: its result comes when it has finished.")
    elif run.error:
        notice.show(run.error, run.hint or "")
    if run.gain is not None and run.result is not None:
        _answer(run, run.gain)
    elif run.status not in OPEN_STATES:
        notice.show(f"This run is {run.status.value} and has no result on the sealed test.")
    _scores(run)
    _samples(run)
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        heading.section("What it took")
        phase_bar.show(run)
        _note(run)
    with right:
        heading.section("Settings")
        run_figures.settings(run)


def _acts(run: TrainingRun) -> None:
    bench = resources.workbench()
    others = [each.id for each in list_runs(bench, run.domain, limit=50) if each.id != run.id and each.result] if run.result else []
    if others:
        with st.popover("Compare", icon=":material/compare:", key="runs.compare_with"):
            other = st.selectbox("With run (A)", others, key="runs.other")
            if st.button("Show both", key="runs.show_both"):
                navigation.go("runs", a=other, b=run.id)
    if run.version and st.button("Its prompt", key="runs.prompt", icon=":material/difference:", type="primary"):
        navigation.go("prompts", domain=run.domain, version=run.version)
    with st.popover("Export", icon=":material/download:", key="runs.export_menu"):
        export.file_button(
            "Log, JSONL", lambda: "\n".join(map(event_line, events(bench, run.id))), file_name=f"{run.id}.jsonl", key="runs.log"
        )
        heading.note("The run")
        export.buttons(lambda: [run_document(run)], name=run.id, key="runs.one")
        if run.result:
            heading.note("Every sealed sample")
            export.buttons(
                lambda: [_flat(row) for row in resources.sealed_sides(run.id)], name=f"{run.id}_samples", key="runs.samples_file"
            )
    if st.button("All runs", key="runs.all", icon=":material/list:"):
        navigation.go("runs", domain=run.domain)


def _answer(run: TrainingRun, gain: Gain) -> None:
    """Three numbers side by side, the sentence, and the intervals."""
    with st.container(border=True):
        metrics_row.show(
            [
                Metric("Gain on validation", numbers.difference(gain.validation), why="optimistic: the optimizer chose by it"),
                Metric("Gain on the sealed test, 95 % interval", numbers.gain(gain.test, gain.low, gain.high), why=_SAME),
                Metric("Gain by luck alone", numbers.difference(gain.by_luck), why=_LUCK),
                Metric("Sealed samples", numbers.count(gain.n)),
                Metric("Looks at the sealed test", numbers.count(run.looks), why=_LOOKS),
            ]
        )
        verdicts.of_run(run)
    rows = [
        Difference(name, *gain.metrics.get(metric, (None, None, None)), _validation(run, field))
        for metric, (name, field) in _ROWS.items()
        if metric in gain.metrics
    ]
    heading.section("Trained against untrained")
    interval_plot.show(rows, key="runs.gain", luck=gain.by_luck, axis="trained minus untrained")
    if "relation_f1" in gain.metrics:
        heading.note("On validation, relations are scored on gold entities; on the test end to end.")


def _validation(run: TrainingRun, field: str) -> float | None:
    before, after = (run_figures.field_of(side, field) for side in (run.baseline_validation, run.result_validation))
    return None if before is None or after is None else after - before


def _scores(run: TrainingRun) -> None:
    if run.result is None:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        heading.section("Scores on the sealed test")
        run_figures.scores(run)
    with right:
        heading.section("By type")
        run_figures.by_type(run)


def _samples(run: TrainingRun) -> None:
    """The sealed samples, largest change first, and the text of the one that is chosen."""
    rows = resources.sealed_sides(run.id) if run.result else ()
    if not rows:
        return
    left, right = st.columns([1, 1.55], gap="medium")
    with left:
        better = sum((row.change or 0) > 0.005 for row in rows)
        worse = sum((row.change or 0) < -0.005 for row in rows)
        heading.section(f"Sample by sample: {better} better, {worse} worse, {len(rows) - better - worse} same")
        picked = table.show(
            ("sample", "untrained", "trained", "change"), [_cells(row) for row in rows], right=(1, 2, 3), key="runs.samples",
            picks=[row.text_hash for row in rows], height=420,
        )  # fmt: skip
    chosen = next((row for row in rows if row.text_hash == picked), rows[0])
    with right:
        heading.section(f"{chosen.sample_id}: {' → '.join(_cells(chosen)[1:3])}")
        sample_sides.show(run, chosen.text_hash, {"untrained": chosen.baseline, "trained": chosen.result})


def _cells(row: BothSides) -> list[str]:
    before, after = (numbers.score(side.score if side else None) for side in (row.baseline, row.result))
    return [row.sample_id, before, after, numbers.difference(row.change)]


def _flat(row: BothSides) -> dict[str, object]:
    sides = {name: side.model_dump(mode="json") if side else None for name, side in (("untrained", row.baseline), ("trained", row.result))}
    return {"sample": row.sample_id, "text_hash": row.text_hash, "change": row.change, **sides}


def _note(run: TrainingRun) -> None:
    """What the analyst thinks of it, edited in place."""
    bench = resources.workbench()
    kept = note_of(bench, run.id)
    with st.form(f"runs.note.{run.id}.{kept.revision}", border=False):
        text = st.text_area("Note", kept.note, max_chars=4000, height=100)
        tags = st.text_input("Tags, with commas between", ", ".join(kept.tags), max_chars=300, autocomplete="off")
        if st.form_submit_button("Keep note"):
            listed = tuple(dict.fromkeys(tag.strip() for tag in (tags or "").split(",") if tag.strip()))
            with errors.shown() as outcome:
                write_note(bench, kept.model_copy(update={"note": text or "", "tags": listed}))
            if not outcome.failed:
                state.flash("The note is kept.")
                st.rerun()
