"""One task's optimization: the untrained program on validation, the search, the better of both."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dspy

from core.errors import RunError, WorkbenchError
from core.llm.engine import GatewayEngine
from core.llm.use_cases import DEFAULTS
from core.metrics.document import Scorer
from core.programs.signatures import TaskProgram
from core.records.domains import Schema
from core.records.models import UseCase
from core.records.samples import Sample, Task
from core.training.examples import example
from core.training.optimizers import optimizer_named
from core.training.optimizers.base import Problem
from core.training.optimizers.bootstrap import NO_ERROR_LIMIT
from core.training.proposals import searching_adapter
from core.training.session import Session
from core.training.stops import BudgetReached, CancelWanted, RunBroken, RunStopped
from core.training.watch import Trial, Watch

QUOTED = 500
"""Characters of an error of DSPy's own."""


@dataclass(frozen=True)
class Material:
    """What a task is taught with. Test samples never come here."""

    schema: Schema
    train: Sequence[Sample]
    val: Sequence[Sample]
    scorer: Scorer
    threads: int


@dataclass(frozen=True)
class Optimized:
    """The programs before and after, and every trial between."""

    start: TaskProgram
    best: TaskProgram
    trials: tuple[Trial, ...]
    untrained: Trial | None
    chosen: Trial | None
    stopped: RunStopped | None = None
    """What ended the search early; `best` is then the best of the last full evaluation, else the start."""


def language_model(session: Session, use_case: UseCase) -> Any:
    """The run's model as DSPy sees it; digest and use case are in the name, so that no cache mixes them."""
    run = session.run
    provider, _ = session.gateway.provider_of(run.model)
    temperature = DEFAULTS[use_case].temperature or 0.0
    engine = GatewayEngine(
        run.model, lambda request: session.ask(use_case, request), takes_schema=provider.takes_schema, temperature=temperature
    )
    name = f"workbench/{use_case.value}/{run.model}@{run.model_digest or 'unknown'}"
    return dspy.LM(name, engine=engine, temperature=temperature, max_tokens=DEFAULTS[use_case].max_tokens, num_retries=0)


def optimize(session: Session, task: Task, material: Material) -> Optimized:
    """Optimize one task. Raises RunStopped only where nothing of the task can be used."""
    start = TaskProgram(task, typed=material.scorer.typed, schema=material.schema)
    watch = Watch(session, task, material.scorer)
    session.task = task
    provider, _ = session.gateway.provider_of(session.run.model)
    context = dspy.context(
        lm=language_model(session, UseCase.TRAINING_TASK), adapter=searching_adapter(takes_schema=provider.takes_schema), callbacks=[watch],
        max_errors=NO_ERROR_LIMIT, num_threads=material.threads, disable_history=True,
    )  # fmt: skip
    stopped: RunStopped | None = None
    with context:
        try:
            _search(session, task, material, start, watch)
        except (CancelWanted, BudgetReached) as stop:
            stopped = stop
    untrained = watch.trials[0] if watch.trials else None
    chosen = watch.best()
    best = chosen.program if chosen else start
    return Optimized(start=start, best=best, trials=tuple(watch.trials), untrained=untrained, chosen=chosen, stopped=stopped)


def untouched(task: Task, *, typed: bool, schema: Schema) -> Optimized:
    """A task that nobody came to work on."""
    start = TaskProgram(task, typed=typed, schema=schema)
    return Optimized(start=start, best=start, trials=(), untrained=None, chosen=None)


def _search(session: Session, task: Task, material: Material, start: TaskProgram, watch: Watch) -> None:
    run = session.run
    train, val = (_examples(samples, task, material.scorer.typed) for samples in (material.train, material.val))
    random.Random(run.seed).shuffle(train)
    evaluate = dspy.Evaluate(
        devset=val, metric=watch.metric, num_threads=material.threads, max_errors=NO_ERROR_LIMIT, display_progress=False,
    )  # fmt: skip
    evaluate(start)
    session.check()
    problem = Problem(
        program=start.deepcopy(), train=train, val=val, metric=watch.metric, proposer=language_model(session, UseCase.TRAINING_PROPOSER),
        demo_threshold=run.metric.demo_threshold, seed=run.seed, threads=material.threads, settings=run.optimizer,
    )  # fmt: skip
    compiled = _compiled(problem)
    session.check()
    evaluate(compiled)
    session.check()


def _compiled(problem: Problem) -> Any:
    """The optimizer at work. Raises RunBroken for what DSPy could not get over, such as an instruction that nobody would propose."""
    name = problem.settings.name
    try:
        return optimizer_named(name).compile(problem)
    except Exception as error:
        cause: BaseException = error
        while cause.__cause__ is not None and not isinstance(cause, WorkbenchError):
            cause = cause.__cause__
        said = cause.message if isinstance(cause, WorkbenchError) else f"{type(cause).__name__}: {cause}"[:QUOTED]
        hint = "look at the last calls in the log; another optimizer or another model may do"
        raise RunBroken(RunError(f"{name} could not go on: {said}", hint=hint)) from error


def _examples(samples: Sequence[Sample], task: Task, typed: bool) -> list[Any]:
    wanted = [sample for sample in samples if sample.entities is not None and (task == "entities" or sample.relations is not None)]
    return [example(sample, task, typed=typed) for sample in sorted(wanted, key=lambda sample: sample.text_hash)]
