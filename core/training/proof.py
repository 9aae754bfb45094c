"""What training won, shown on samples that no optimizer ever saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.metrics.compare import measured_gain
from core.metrics.document import Scorer
from core.metrics.luck import gain_by_luck
from core.programs.reader import Reader
from core.records.domains import MetricConfig
from core.records.events import EventType
from core.records.models import ModelRequest, UseCase
from core.records.prompts import TaskPrompt
from core.records.runs import Look, SampleOutcome, Scores, TrainingRun
from core.records.samples import Sample, Task
from core.store.base import Store
from core.training.evaluate import Hooks, Reading, figures, read_all
from core.training.optimize import Optimized
from core.training.session import CURRENT, Session
from core.training.watch import Trial

Side = Literal["baseline", "result"]


@dataclass(frozen=True)
class Proof:
    """Both sides on the same sealed samples."""

    baseline: Scores
    result: Scores
    outcomes: tuple[SampleOutcome, ...]

    def of(self, side: Side) -> list[SampleOutcome]:
        """One side's outcomes."""
        return [outcome for outcome in self.outcomes if outcome.side == side]

    def run_fields(self, optimized: Mapping[Task, Optimized], run: TrainingRun, store: Store) -> dict[str, Any]:
        """What the run's record says of it."""
        before, after = run.baseline_validation, run.result_validation
        validation = after.score - before.score if before and after and before.score is not None and after.score is not None else None
        gain = measured_gain(self.of("baseline"), self.of("result"), validation=validation, by_luck=luck(optimized, run.metric))
        looks = store.count(Look, {"content_hash": run.content_hash}) + bool(self.outcomes)
        return {
            "baseline": self.baseline if self.outcomes else None, "result": self.result if self.outcomes else None,
            "gain": gain, "looks": looks,
        }  # fmt: skip


def prove(
    session: Session,
    start: Mapping[Task, TaskPrompt],
    best: Mapping[Task, TaskPrompt],
    test: Sequence[Sample],
    scorer: Scorer,
    *,
    threads: int,
) -> Proof:
    """Score the prompts before and after, once, on the same samples. Without test samples nothing is claimed."""
    sides: tuple[tuple[Side, Mapping[Task, TaskPrompt]], ...] = (("baseline", start), ("result", best))
    readings = {side: _read(session, side, prompts, test, scorer, threads) for side, prompts in sides} if test else {}
    scores = {side: figures(readings.get(side, []), scorer) for side, _ in sides}
    outcomes = tuple(_outcome(session.run.id, side, reading, scorer) for side, found in readings.items() for reading in found)
    return Proof(baseline=scores["baseline"], result=scores["result"], outcomes=outcomes)


def _read(
    session: Session, side: Side, prompts: Mapping[Task, TaskPrompt], test: Sequence[Sample], scorer: Scorer, threads: int
) -> list[Reading]:
    def ask(request: ModelRequest) -> str:
        return session.ask(UseCase.TRAINING_TASK, request).text

    def before(sample: Sample) -> None:
        CURRENT.set(sample)
        session.emit(EventType.SAMPLE_PROCESSING, f"{key}/{sample.id}/start", f"{sample.id}: {session.stage}", {"sample_index": sample.id})

    def after(reading: Reading) -> None:
        session.progress.step()
        score = reading.score.score if reading.score else None
        said = reading.error or ("unscored" if score is None else f"{score:.2f}")
        facts = {"sample_index": reading.sample.id, "score": score, "error": reading.error, "side": side}
        session.emit(EventType.SAMPLE_RESULT, f"{key}/{reading.sample.id}/result", f"{reading.sample.id}: {said}", facts)

    key = f"proof/{side}"
    session.stage = f"sealed test, {side}"
    session.emit(EventType.EVALUATION_START, f"{key}/start", f"{session.stage}: {len(test)} samples", {"side": side, "samples": len(test)})
    reader = Reader(prompts=prompts, model=session.run.model, ask=ask, unreadable=session.parse_failed)
    readings = read_all(
        reader, sorted(test, key=lambda sample: sample.id), scorer, threads=threads, hooks=Hooks(before=before, after=after)
    )
    scores = figures(readings, scorer)
    facts = {"side": side, "f1": scores.entity_f1, "samples_evaluated": scores.samples, **scores.model_dump()}
    said = "nothing answered" if scores.score is None else f"{scores.score:.3f} on {scores.samples} samples"
    session.emit(EventType.EVALUATION_RESULT, f"{key}/result", f"{session.stage}: {said}", facts)
    return readings


def _outcome(run_id: str, side: Side, reading: Reading, scorer: Scorer) -> SampleOutcome:
    score = reading.score
    found, linked = (score.entities, score.relations) if score else (None, None)
    return SampleOutcome(
        key=f"{run_id}/{side}/test/{reading.sample.id}", run_id=run_id, side=side, split="test", sample_id=reading.sample.id,
        text_hash=reading.sample.text_hash, entities=_tuple(reading.entities), relations=_tuple(reading.relations),
        score=score.score if score else None, entity_f1=found.f1 if found else None, relation_f1=linked.f1 if linked else None,
        precision=found.precision if found else None, recall=found.recall if found else None, error=reading.error,
    )  # fmt: skip


def _tuple(found: list[dict[str, Any]] | None) -> tuple[dict[str, Any], ...] | None:
    return None if found is None else tuple(found)


def luck(optimized: Mapping[Task, Optimized], metric: MetricConfig) -> float | None:
    """The validation gain that the best of each task's trials would show by luck alone, weighted as the score is."""
    weights = {"entities": metric.entity_weight, "relations": 1 - metric.entity_weight}
    parts = [(_luck_of(result, metric), weights[task]) for task, result in optimized.items()]
    known = [(value, weight) for value, weight in parts if value is not None]
    if not known or len(known) < len(parts):
        return None
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)


def _luck_of(result: Optimized, metric: MetricConfig) -> float | None:
    start = result.untrained
    trials = [trial for trial in result.trials if trial.full and trial is not start]
    if start is None or not start.scores or not trials:
        return None
    ids = sorted(start.scores)

    def row(trial: Trial) -> list[float]:
        return [trial.scores[name].preset(metric) if name in trial.scores else float("nan") for name in ids]

    return gain_by_luck(np.array([row(trial) for trial in trials]), np.array(row(start)))
