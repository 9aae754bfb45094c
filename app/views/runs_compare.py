"""Two runs side by side: is B better than A, where, and what differs."""

import streamlit as st

from app import navigation, resources, state
from app.components import chips, export, heading, interval_plot, numbers, sample_scatter, table
from app.components.interval_plot import Difference
from app.components.sample_scatter import Pair
from app.views import deploy_form, run_figures, sample_sides, verdicts
from core.records.runs import TrainingRun
from core.workflows.choices import optimizer_title
from core.workflows.compare import RunComparison, SamplePair
from core.workflows.live import planned_trials

_ROWS = {"score": ("score", "score"), "entity_f1": ("entity F1", "entity_f1"), "relation_f1": ("relation F1", "relation_f1_gold_entities")}
_CHOSEN = "runs.pair_sample"


def show(a: str, b: str) -> None:
    """Draw the comparison. Raises UnknownNameError and RequestError where the two cannot be compared."""
    found = resources.compared(a, b)
    pairs = resources.compared_pairs(a, b)
    domains = found.b.domain if found.a.domain == found.b.domain else f"{found.a.domain} and {found.b.domain}"
    heading.show(f"{domains}: two runs side by side", _basis(found), chips=[_chip(found.a, "A"), _chip(found.b, "B")])
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        heading.section("Is B better than A?")
        _plot(found)
        metrics = found.outcome.metrics
        verdicts.show({name: change.verdict for name, change in metrics.items() if change.n}, metrics["score"].verdict)
        if metrics["relation_f1"].n:
            heading.note("On validation, relations are scored on gold entities; on the test end to end.")
    with right:
        heading.section("What differs")
        rows = [
            [run_figures.setting_name(name), *(run_figures.setting_text(name, value) for value in values)]
            for name, values in found.settings.items()
        ]
        table.show(("setting", "A", "B"), rows or [["nothing", "", ""]])
        _acts(found, pairs)
    _samples(found, pairs)


def _chip(run: TrainingRun, side: str) -> dict[str, object]:
    return chips.run(f"{optimizer_title(run.optimizer.name, run.optimizer.auto)}, {numbers.moment(run.created_at)}", side)


def _basis(found: RunComparison) -> str:
    """What the comparison rests on."""
    same = found.a.dataset_version == found.b.dataset_version
    version = (
        f"same dataset version {found.b.dataset_version.rpartition('@')[2]}"
        if same
        else f"{found.a.dataset_version} and {found.b.dataset_version}"
    )
    left_out = found.outcome.only_a + found.outcome.only_b
    rest = f", {left_out} in one only" if left_out else ""
    looks = numbers.plural(max(found.a.looks, found.b.looks), "time")
    return f"{version}, same sealed test of {numbers.plural(found.outcome.shared, 'sample')}{rest}, looked at {looks}"


def _plot(found: RunComparison) -> None:
    changes = found.outcome.metrics
    rows = [
        Difference(name, changes[metric].difference, changes[metric].low, changes[metric].high, _validation(found, field))
        for metric, (name, field) in _ROWS.items()
        if changes[metric].n
    ]
    luck = found.b.gain.by_luck if found.b.gain else None
    tries = planned_trials(found.b)
    words = "luck alone" if found.b.stopped_by or tries < 2 else f"luck alone, best of {tries}"
    interval_plot.show(rows, key="runs.intervals", luck=luck, luck_text=words)


def _validation(found: RunComparison, field: str) -> float | None:
    first, second = (run_figures.field_of(run.result_validation, field) for run in (found.a, found.b))
    return None if first is None or second is None else second - first


def _acts(found: RunComparison, pairs: tuple[SamplePair, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.b.version:
            deploy_form.show(
                found.b.domain, found.b.version, label="Deploy B", key="runs.deploy", why=f"compared with {found.a.version or found.a.id}"
            )
        if found.a.version and found.b.version and st.button("Diff prompts", key="runs.diff", icon=":material/difference:"):
            navigation.go("prompts", domain=found.b.domain, a=found.a.version, b=found.b.version)
        with st.popover("Export", icon=":material/download:", key="runs.export_menu"):
            heading.note("The comparison")
            export.buttons(lambda: [found.document()], name=f"{found.a.id}_and_{found.b.id}", key="runs.pair")
            heading.note("Every shared sample")
            export.buttons(
                lambda: [each.model_dump(mode="json") for each in pairs], name=f"{found.a.id}_and_{found.b.id}_samples", key="runs.pairs"
            )


def _samples(found: RunComparison, pairs: tuple[SamplePair, ...]) -> None:
    scored = [Pair(each.sample_id, each.a.score, each.b.score) for each in pairs if each.a.score is not None and each.b.score is not None]
    better, worse, same = (len(group) for group in sample_scatter.split(scored))
    left, right = st.columns([1, 1.45], gap="medium")
    with left:
        heading.section(f"Sample by sample: {better} better, {worse} worse, {same} same")
        picked = sample_scatter.show(scored, key="runs.scatter")
    ids = [each.sample_id for each in pairs]
    _follow(picked, ids)
    with right:
        chooser, following = st.columns([3, 1], vertical_alignment="bottom")
        chosen = chooser.selectbox("Sample, largest change first", ids, key=_CHOSEN)
        following.button("Next", key="runs.next", on_click=_next, args=(ids,), shortcut="n", width="stretch")
        state.link("sample", chosen)
        pair = next(each for each in pairs if each.sample_id == chosen)
        heading.section(_change(pair))
        sample_sides.show(found.b, pair.text_hash, {"A": pair.a, "B": pair.b})


def _follow(picked: str | None, ids: list[str]) -> None:
    """The chooser shows what was clicked in the plot last, at first what the address names."""
    if picked and picked != state.remembered("runs.picked", None):
        state.remember("runs.picked", picked)
        state.set_widget(_CHOSEN, picked)
    if state.widget(_CHOSEN, None) not in ids:
        linked = state.linked("sample")
        state.set_widget(_CHOSEN, linked if linked in ids else ids[0])


def _next(ids: list[str]) -> None:
    at = ids.index(state.widget(_CHOSEN, ids[0]))
    state.set_widget(_CHOSEN, ids[(at + 1) % len(ids)])


def _change(pair: SamplePair) -> str:
    before, after = pair.a.score, pair.b.score
    if before is None or after is None:
        return f"{pair.sample_id}: not answered on one side"
    word = "the same in both" if abs(after - before) <= 0.005 else "better in B" if after > before else "worse in B"
    return f"{pair.sample_id}: {word} ({numbers.score(before)} → {numbers.score(after)})"
