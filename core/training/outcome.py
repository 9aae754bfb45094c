"""What a run leaves behind: its version, its outcomes, its look at the sealed test, the first deployment."""

from collections.abc import Mapping
from typing import Any

from core.metrics.document import Match
from core.programs.deployed import production
from core.records.base import now
from core.records.domains import MetricConfig
from core.records.prompts import Deployment, PromptVersion, Stage, TaskPrompt
from core.records.runs import Look, Scores, TrainingRun
from core.records.samples import Task
from core.store.base import Ensure, Operation, Put, Store
from core.training.optimize import Optimized
from core.training.proof import Proof
from core.training.watch import Trial, mean


def validation_scores(optimized: Mapping[Task, Optimized], metric: MetricConfig) -> dict[str, Scores]:
    """Both sides on validation: entities, and relations on gold entities, as each was optimized."""
    return {
        "baseline_validation": _validation({task: result.untrained for task, result in optimized.items()}, metric),
        "result_validation": _validation({task: result.chosen for task, result in optimized.items()}, metric),
    }


def _validation(trials: Mapping[Task, Trial | None], metric: MetricConfig) -> Scores:
    matches: dict[Task, list[Match]] = {task: list(trial.scores.values()) if trial else [] for task, trial in trials.items()}
    entities, relations = matches.get("entities", []), matches.get("relations", [])
    parts = [
        (mean([match.preset(metric) for match in found]), weight)
        for found, weight in ((entities, metric.entity_weight), (relations, 1 - metric.entity_weight))
    ]
    known = [(value, weight) for value, weight in parts if value is not None]
    return Scores(
        score=sum(value * weight for value, weight in known) / sum(weight for _, weight in known) if known else None,
        entity_f1=mean([match.f1 for match in entities]), precision=mean([match.precision for match in entities]),
        recall=mean([match.recall for match in entities]), relation_f1_gold_entities=mean([match.f1 for match in relations]),
        samples=max(len(entities), len(relations)), failed=max((len(trial.failed) for trial in trials.values() if trial), default=0),
    )  # fmt: skip


def version_record(store: Store, run: TrainingRun, prompts: Mapping[Task, TaskPrompt], scores: Scores | None) -> PromptVersion:
    """The new version under an id that is free."""
    made = now()
    stem = f"{run.domain}-v{made:%Y%m%d_%H%M%S}"
    name, number = stem, 1
    while store.get(PromptVersion, name) is not None:
        number += 1
        name = f"{stem}-{number}"
    parent = production(store, run.domain)
    fields: dict[str, Any] = {"tasks": dict(prompts), "scores": scores}
    return PromptVersion(
        id=name, domain=run.domain, created_at=made, run_id=run.id, parent=parent.version if parent else None, model=run.model,
        model_digest=run.model_digest, dataset_version=run.dataset_version, metric=run.metric, seed=run.seed, **fields,
    )  # fmt: skip


def final_records(store: Store, run: TrainingRun, version: PromptVersion, proof: Proof | None) -> list[Operation]:
    """The version, every sample's outcome on either side, and the look that they took."""
    operations: list[Operation] = [Put(record=version)]
    if proof is not None and proof.outcomes:
        operations += [Ensure(record=outcome) for outcome in proof.outcomes]
        operations.append(
            Ensure(
                record=Look(
                    id=f"{run.id}/look", content_hash=run.content_hash, domain=run.domain, dataset=run.dataset, run_id=run.id,
                    version=version.id, why="a finished run's baseline and result",
                )
            )
        )  # fmt: skip
    return operations


def deployment_if_first(store: Store, run: TrainingRun, version: PromptVersion) -> list[Operation]:
    """The first completed run of a domain deploys; later ones wait for a decision."""
    if production(store, run.domain) is not None:
        return []
    why = "first completed run of the domain"
    return [Put(record=Deployment(id=f"{version.id}/production", domain=run.domain, version=version.id, stage=Stage.PRODUCTION, why=why))]
