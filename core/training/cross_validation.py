"""What annotated examples alone win where there are too few samples to seal a test: held out in turn, more than once.

It says nothing of the run's own prompt, which has seen these samples; it is the honest figure that such a set allows.
"""

import random
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from core.metrics.document import Scorer
from core.metrics.statistics import needed_documents, paired_interval, verdict
from core.programs.keep import keep
from core.programs.reader import Reader
from core.programs.signatures import TaskProgram
from core.records.events import EventType
from core.records.models import ModelRequest, UseCase
from core.records.prompts import TaskPrompt
from core.records.runs import CrossValidation
from core.records.samples import Sample, Task
from core.training.evaluate import Hooks, Reading, read_all
from core.training.examples import example
from core.training.optimize import Material
from core.training.optimizers.labeled_few_shot import DEMOS
from core.training.plan import FOLDS, ROUNDS
from core.training.session import CURRENT, Session


def cross_validate(session: Session, material: Material, start: Mapping[Task, TaskPrompt], adapter: Any) -> CrossValidation:
    """The gain of demos from the other folds over no demos, paired by sample, with the interval of the test's own kind."""
    samples = sorted([*material.train, *material.val], key=lambda sample: sample.text_hash)
    before = _scores(session, start, samples, material, "cross-validation, untrained")
    rounds = [_round(session, material, samples, list(start), adapter, number) for number in range(1, ROUNDS + 1)]
    differences = [
        fmean(scores[name] for scores in rounds if name in scores) - before[name]
        for name in sorted(before)
        if any(name in scores for scores in rounds)
    ]
    interval = paired_interval(differences)
    needed = None if interval is None or interval.excludes_zero else needed_documents(differences)
    found = CrossValidation(
        gain=fmean(differences) if differences else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n=len(differences),
        rounds=ROUNDS,
        folds=min(FOLDS, len(samples)),
        verdict=verdict(interval, len(differences), "samples", needed=needed),
    )
    session.emit(EventType.EVALUATION_RESULT, "cross-validation/result", f"held out in turn: {found.verdict}", found.model_dump())
    return found


def _round(
    session: Session, material: Material, samples: Sequence[Sample], tasks: Sequence[Task], adapter: Any, number: int
) -> dict[str, float]:
    """Every sample's score once, each read with demos from the other folds."""
    order = list(samples)
    random.Random(session.run.seed + number).shuffle(order)
    folds = [order[start::FOLDS] for start in range(min(FOLDS, len(order)))]
    scores: dict[str, float] = {}
    for place, fold in enumerate(folds, start=1):
        others = [sample for other in folds if other is not fold for sample in other]
        prompts = {task: _with_demos(task, others, material, adapter) for task in tasks}
        scores |= _scores(session, prompts, fold, material, f"cross-validation, round {number}, part {place}")
    return scores


def _with_demos(task: Task, samples: Sequence[Sample], material: Material, adapter: Any) -> TaskPrompt:
    typed = material.scorer.typed
    program = TaskProgram(task, typed=typed, schema=material.schema)
    fit = [sample for sample in samples if task == "entities" or sample.relations is not None]
    program.predict.demos = [example(sample, task, typed=typed) for sample in fit[:DEMOS]]
    return keep(program, adapter=adapter, sample_ids={sample.text: sample.id for sample in fit}, typed=typed)


def _scores(
    session: Session, prompts: Mapping[Task, TaskPrompt], samples: Sequence[Sample], material: Material, stage: str
) -> dict[str, float]:
    """Scores by sample id; who failed is not there."""

    def ask(request: ModelRequest) -> str:
        return session.ask(UseCase.TRAINING_TASK, request).text

    def before(sample: Sample) -> None:
        CURRENT.set(sample)

    def after(reading: Reading) -> None:
        session.progress.step()

    session.stage = stage
    scorer: Scorer = material.scorer
    reader = Reader(prompts=prompts, model=session.run.model, ask=ask, unreadable=session.parse_failed)
    hooks = Hooks(before=before, after=after)
    readings = read_all(reader, samples, scorer, threads=material.threads, hooks=hooks, gold_entities_too=False)
    return {reading.sample.id: reading.score.score for reading in readings if reading.score and reading.score.score is not None}
