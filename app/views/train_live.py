"""One run as it goes on: how far, is it getting better, what changed, the log."""

from functools import partial

import streamlit as st

from app import resources, state
from app.components import event_log, heading, metrics_row, numbers, phase_bar, prompt_diff, table, trial_chart
from app.components.metrics_row import Metric
from core.records.runs import OPEN_STATES, RunStatus, Scores, TrainingRun
from core.workflows.live import LiveTrial, LiveView, TaskView, instructions, live_view, log_after, log_start, planned_trials, text_of
from core.workflows.runs import get_run

LOCAL = ("builtin", "ollama")
_TASKS = {"entities": "Entities", "relations": "Relations"}
_EMPTY = TaskView()


def draw(run_id: str) -> bool:
    """Draw everything that moves, from what the store tells now; True while the run goes on."""
    bench = resources.workbench()
    run = get_run(bench, run_id)
    view = live_view(bench, run_id, state.remembered("train.live", None))
    state.remember("train.live", view)
    with st.container(border=True):
        phase_bar.show(run, key="train.phases")
        metrics_row.show(_metrics(run, view), key="train.metrics")
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        task = _task(run, view)
        _trials(run, task, view.tasks.get(task, _EMPTY))
    with right:
        _best(view.tasks.get(task, _EMPTY))
    heading.section("Log")
    begin = state.once(f"train.log.{run_id}", partial(log_start, bench, run_id))
    event_log.show(run_id, lambda after: log_after(bench, run_id, after), key="train.log", after=begin, texts=partial(text_of, bench))
    return run.status in OPEN_STATES


def _task(run: TrainingRun, view: LiveView) -> str:
    """The task whose trials are shown: the one under way until somebody chooses."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        heading.section("Trials")
        return _switch(run, view) if len(run.tasks) > 1 else run.tasks[0]


def _switch(run: TrainingRun, view: LiveView) -> str:
    """A new chooser for every task that begins: one that is moved from here can be answered with where it was before."""
    begun = [task for task in run.tasks if task in view.begun]
    now = begun[-1] if begun else run.tasks[0]
    picked = st.segmented_control(
        "Task",
        run.tasks,
        default=now,
        format_func=lambda task: _TASKS[task],
        key=f"train.task.{run.id}.{now}",
        label_visibility="collapsed",
        required=True,
    )
    return str(picked or now)


def _trials(run: TrainingRun, task: str, view: TaskView) -> None:
    trials = [trial_chart.Trial(each.number, each.score, each.full, _note(each)) for each in view.trials]
    baseline = view.untrained.score if view.untrained else None
    planned = planned_trials(run) if run.status in OPEN_STATES else None
    trial_chart.show(trials, key=f"train.trials.{task}", planned=planned, baseline=baseline)


def _note(trial: LiveTrial) -> str:
    failed = f", {trial.failed} failed" if trial.failed else ""
    return f"{numbers.plural(trial.samples, 'sample')}{failed}, {numbers.plural(trial.demos, 'demo')}"


def _best(view: TaskView) -> None:
    """The best candidate's instructions against the start, and which samples moved."""
    heading.section("Best instructions, against the start")
    texts = instructions(resources.workbench(), view)
    prompt_diff.show_changes(texts.start if texts else "", texts.best if texts else "", key="train.diff", height=126)
    heading.note(_demos(view) if view.best else "Nothing is scored yet.", key="train.demos")
    moves = view.moves
    changed = sum(abs(move.change) >= 0.005 for move in moves)
    heading.section(
        "Samples that changed", f"{changed} of {numbers.plural(len(moves), 'validation sample')}, largest change first", key="train.changed"
    )
    rows = [[move.sample_id, numbers.score(move.start), numbers.score(move.best), numbers.difference(move.change)] for move in moves]
    table.show(("sample", "start", "best", "change"), rows, right=(1, 2, 3), height=176, key="train.moves")


def _demos(view: TaskView) -> str:
    named = f": {numbers.listed(view.demos_kept, 8)}" if view.demos_kept else ""
    count = view.best.demos if view.best else 0
    return f"{numbers.plural(count, 'demo')} in the best trial{named}." if count else "No demos in the best trial."


def _metrics(run: TrainingRun, view: LiveView) -> list[Metric]:
    failed = run.failures
    shown = [_f1(run, view, task) for task in run.tasks]
    now = max((task.trials[-1].number for task in view.tasks.values() if task.trials), default=0)
    tasks = [view.tasks[task] for task in run.tasks if task in view.tasks]
    trial = tasks[-1].trials[-1].number if tasks and tasks[-1].trials else 0
    planned = max(planned_trials(run), now)
    known = run.calls_planned and run.status in OPEN_STATES
    cost = run.cost
    local = cost.provider in LOCAL and cost.estimated_cost_usd == 0
    return [
        *shown,
        Metric("Trial", f"{trial} of {planned}", why="of the task under way, by the optimizer's own arithmetic"),
        Metric("Calls", f"{numbers.count(run.calls)} of ~{numbers.count(run.calls_planned)}" if known else numbers.count(run.calls)),
        Metric("Failed parses", numbers.count(failed.parses), why=f"answers that could not be read; {failed.calls} calls got no answer"),
        Metric("Tokens", numbers.many(cost.total_tokens)),
        Metric(
            "Cost",
            numbers.dollars(cost.estimated_cost_usd, local=local),
            why="" if cost.estimated_cost_usd is not None else "no price is known",
        ),
    ]


def _f1(run: TrainingRun, view: LiveView, task: str) -> Metric:
    """The best trial's F1 on validation and its distance from the start; relations on gold entities."""
    label, field = (
        ("Entity F1, validation", "entity_f1") if task == "entities" else ("Relation F1, validation", "relation_f1_gold_entities")
    )
    seen = view.tasks.get(task, _EMPTY)
    before, after = (each.f1 if each else None for each in (seen.untrained, seen.best))
    if run.status is RunStatus.COMPLETED:
        before, after = _of(run.baseline_validation, field), _of(run.result_validation, field)
    gain = None if before is None or after is None or not seen.trials else after - before
    why = "of relations, given the gold entities" if task == "relations" else ""
    return Metric(label, numbers.score(after), gain, why if after is not None else "nothing is scored yet")


def _of(scores: Scores | None, field: str) -> float | None:
    return getattr(scores, field) if scores else None
