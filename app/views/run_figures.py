"""A run's figures: settings, scores before and after, scores by type."""

from typing import Any

from app.components import heading, numbers, table
from app.views.train_live import LOCAL
from core.records.runs import Scores, TrainingRun
from core.workflows.choices import optimizer_title

RELATION = "relation:"
_FIGURES = {
    "score": "Score, weighted",
    "entity_f1": "Entity F1",
    "precision": "Precision",
    "recall": "Recall",
    "strict_f1": "Strict F1: place and type",
    "exact_f1": "Exact F1: place",
    "partial_f1": "Partial F1: overlap",
    "type_f1": "Type F1: overlap and type",
    "relation_f1": "Relation F1, end to end",
    "relation_f1_gold_entities": "Relation F1 on gold entities",
    "grounding_rate": "Found in the text",
    "parse_failure_rate": "Unreadable answers",
}


def settings(run: TrainingRun) -> None:
    """Draw what the run was told and what it took."""
    options = run.optimizer
    demos = [
        f"{given} {kind}"
        for given, kind in ((options.max_bootstrapped_demos, "bootstrapped"), (options.max_labeled_demos, "labeled"))
        if given is not None
    ]
    limits = [f"{numbers.count(run.ceilings.max_calls)} calls"] if run.ceilings.max_calls else []
    limits += [numbers.dollars(run.ceilings.max_usd)] if run.ceilings.max_usd is not None else []
    cost = run.cost
    local = cost.provider in LOCAL and cost.estimated_cost_usd == 0
    rows = [
        ["Optimizer", optimizer_title(options.name, options.auto)],
        ["Demos at most", ", ".join(demos) or "as the optimizer has it"],
        ["Metric", f"{run.metric.preset.value}, {run.metric.matching.value}" + (f" by {run.embedder}" if run.embedder else "")],
        ["Seed", str(run.seed)],
        ["Limits", ", ".join(limits) or "none"],
        ["Calls", numbers.count(run.calls)],
        ["Failures", f"{numbers.plural(run.failures.calls, 'call')}, {numbers.plural(run.failures.parses, 'unreadable answer')}"],
        ["Tokens in", numbers.many(cost.prompt_tokens)],
        ["Tokens out", numbers.many(cost.completion_tokens)],
        ["Cost", numbers.dollars(cost.estimated_cost_usd, local=local)],
        ["Time", numbers.duration(run.elapsed_ms)],
        ["Attempts", numbers.count(run.attempts)],
        ["Log file", run.log_path or "none"],
    ]  # fmt: skip
    table.show(("setting", "value"), rows)


def scores(run: TrainingRun) -> None:
    """Draw every figure before and after on the sealed test."""
    rows = [
        [name, *_sides(getattr(run.baseline, field) if run.baseline else None, getattr(run.result, field) if run.result else None)]
        for field, name in _FIGURES.items()
    ]
    table.show(("figure", "untrained", "trained", "change"), rows, right=(1, 2, 3))
    both = [side for side in (run.baseline, run.result) if side]
    if both:
        failed = " and ".join(numbers.count(side.failed) for side in both)
        setup = next((f"; relations: {side.relation_setup}" for side in both if side.relation_setup), "")
        heading.note(f"{numbers.plural(both[-1].samples, 'document')} scored; without an answer, before and after: {failed}{setup}")


def by_type(run: TrainingRun) -> None:
    """Draw F1 per entity type, then per predicate, before and after."""
    before, after = (side.per_type if side else {} for side in (run.baseline, run.result))
    names = sorted(before.keys() | after.keys(), key=lambda name: (name.startswith(RELATION), name))
    rows = [
        [
            name.removeprefix(RELATION) or "untyped",
            "relation" if name.startswith(RELATION) else "entity",
            *_sides(_f1(before, name), _f1(after, name)),
            _gold(before, after, name),
        ]
        for name in names
    ]
    table.show(("type", "", "untrained", "trained", "change", "gold"), rows, right=(2, 3, 4, 5), height=28 * (len(_FIGURES) + 1) + 4)


def setting_name(name: str) -> str:
    """A setting's name as the pages have it."""
    return {"seconds": "time", "dollars": "cost"}.get(name, name)


def setting_text(name: str, value: Any) -> str:
    """A setting's value as the comparison shows it."""
    if value is None:
        return numbers.UNKNOWN
    if name == "optimizer":
        first, *rest = str(value).split(" ", 1)
        return optimizer_title(first, rest[0] if rest else None)
    if name in ("calls", "tokens"):
        return numbers.many(value)
    if name == "seconds":
        return numbers.duration(value * 1000)
    if name == "dollars":
        return numbers.dollars(value)
    return str(value).removeprefix("sha256:")[:12] if name == "model digest" else str(value)


def field_of(scores: Scores | None, name: str) -> float | None:
    """One figure, None where there is none."""
    return getattr(scores, name) if scores else None


def _sides(before: float | None, after: float | None) -> list[str]:
    change = None if before is None or after is None else after - before
    return [numbers.score(before), numbers.score(after), numbers.difference(change)]


def _f1(side: dict[str, dict[str, float | int | None]], name: str) -> float | None:
    return side.get(name, {}).get("f1")


def _gold(before: dict[str, dict[str, float | int | None]], after: dict[str, dict[str, float | int | None]], name: str) -> str:
    return numbers.count(max(before.get(name, {}).get("gold") or 0, after.get(name, {}).get("gold") or 0))
