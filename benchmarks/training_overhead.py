"""What watching, metering and recording cost: MIPROv2 through the workbench against the bare optimizer.

Both compile the same program on the same examples with the same instant model; the workbench's share is everything
that it adds: events, ledger, whole prompts and answers in SQLite.
"""

import contextlib
import io
import logging
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import dspy

from core.llm.engine import GatewayEngine
from core.llm.gateway import Gateway
from core.llm.providers.base import Cancelled
from core.metrics.document import Scorer, match_entities
from core.metrics.matching import ExactMatcher
from core.programs.signatures import TaskProgram, adapter
from core.records.domains import MetricConfig, Schema
from core.records.models import Call, Completion, ModelAnswer, ModelInfo, ModelRequest, ProviderStatus, UseCase
from core.records.runs import OptimizerSettings, TrainingRun
from core.records.samples import Entity, Sample, Split
from core.store.base import Put
from core.store.stores import open_store
from core.training.examples import example
from core.training.journal import Journal
from core.training.optimize import Material, optimize
from core.training.optimizers import optimizer_named
from core.training.optimizers.base import Problem
from core.training.phases import Progress
from core.training.session import Session
from core.training.watch import items

TRAIN, VAL, THREADS = 60, 60, 4
Row = tuple[str, float, str, bool]


class Instant:
    """A model that answers at once, or after a fixed time, with the first words of the text."""

    name = "instant"
    local = True
    takes_schema = False
    max_concurrency = 64

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.calls = 0

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        """Every output field that the prompt asks for, filled."""
        self.calls += 1
        if self.seconds:
            time.sleep(self.seconds)
        last = request.messages[-1].content
        fields = re.findall(r"`\[\[ ## (\w+) ## \]\]`", last)
        words = str(last.partition("]]\n")[2].split()[: 1 + self.calls % 3]).replace("'", '"')
        value = {"entities": words}
        text = "\n\n".join(
            f"[[ ## {name} ## ]]\n{value.get(name, f'Say it {self.calls}.') if name != 'completed' else ''}" for name in fields
        )
        return ModelAnswer(text=text, prompt_tokens=len(last), completion_tokens=len(text))

    def models(self) -> list[ModelInfo]:
        """Itself."""
        return [ModelInfo(provider=self.name, model="m", digest="0")]

    def status(self) -> ProviderStatus:
        """Always there."""
        return ProviderStatus(provider=self.name, state="connected")

    def price(self, model: str) -> tuple[float, float]:
        """Free."""
        return 0.0, 0.0

    def close(self) -> None:
        """Nothing is held."""


def samples(split: Split, count: int) -> list[Sample]:
    """Texts of about 60 words with two names each."""
    found = []
    for number in range(count):
        text = f"unit{number} feeds pump{number} in {split.value} hall " + "while the shift writes down what it sees " * 7
        entities = tuple(Entity(id=name, text=f"{name}{number}") for name in ("unit", "pump"))
        found.append(
            Sample(
                key=f"d/{split}{number}@1", id=f"{split}{number}", dataset="d", text=text, text_hash=f"{split}{number}", split=split,
                since=1, entities=entities,
            )
        )  # fmt: skip
    return found


def bare(provider: Instant, train: list[Sample], val: list[Sample], scorer: Scorer) -> float:
    """Seconds of the optimizer alone, with the evaluations around it that the workbench makes too."""
    by_text = {sample.text: sample for sample in (*train, *val)}

    def metric(gold: Any, prediction: Any, trace: Any = None) -> float:
        match = match_entities(items(prediction.entities), by_text[gold.source_text], scorer.how, typed=False)
        return match.preset(scorer.config)

    def ask(request: ModelRequest) -> Completion:
        answer = provider.complete(request)
        call = Call(id="", use_case=UseCase.TRAINING_TASK, provider="instant", model="m", request_hash="", prompt_ref="")
        return Completion.model_construct(text=answer.text, call=call)

    engine = GatewayEngine("instant/m", ask, takes_schema=False, temperature=0.2)
    lm = dspy.LM("bare/instant", engine=engine, temperature=0.2, max_tokens=4096, num_retries=0)
    proposer = dspy.LM("bare/proposer", engine=engine, temperature=1.0, max_tokens=2048, num_retries=0)
    program = TaskProgram("entities", typed=False, schema=Schema())
    trains, vals = ([example(sample, "entities", typed=False) for sample in part] for part in (train, val))
    with dspy.context(lm=lm, adapter=adapter(takes_schema=False), max_errors=10**9, num_threads=THREADS, disable_history=True):
        began = time.perf_counter()
        evaluate = dspy.Evaluate(devset=vals, metric=metric, num_threads=THREADS, max_errors=10**9, display_progress=False)
        evaluate(program)
        problem = Problem(
            program=program.deepcopy(), train=trains, val=vals, metric=metric, proposer=proposer, demo_threshold=0.6, seed=1,
            threads=THREADS, settings=OptimizerSettings(auto="light"),
        )  # fmt: skip
        evaluate(optimizer_named("mipro").compile(problem))
        return time.perf_counter() - began


def through_the_workbench(provider: Instant, train: list[Sample], val: list[Sample], scorer: Scorer) -> float:
    """Seconds of the same work, watched and recorded, until the last event is committed."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}")
        run = TrainingRun(
            id="bench", domain="bench", dataset="d", dataset_version="d@1", content_hash="", optimizer=OptimizerSettings(auto="light"),
            metric=scorer.config, model="instant/m", model_digest="0", seed=1,
        )  # fmt: skip
        store.write([Put(record=run)])
        stored = store.get(TrainingRun, "bench") or run
        lease = store.acquire("run:bench", "bench", seconds=3600)
        assert lease is not None
        journal = Journal(store, lease, lambda: stored)
        session = Session(
            run=run, gateway=Gateway({"instant": provider}, retries=0), journal=journal, progress=Progress({}, floor=0), replay={},
            failure_limit=1.0, samples={sample.text: sample for sample in (*train, *val)},
        )  # fmt: skip
        began = time.perf_counter()
        optimize(session, "entities", Material(schema=Schema(), train=train, val=val, scorer=scorer, threads=THREADS))
        journal.flush()
        took = time.perf_counter() - began
        journal.close()
        store.close()
        return took


def measured(latency: float) -> tuple[float, float, int, int]:
    """Seconds and calls of both, one after the other."""
    train, val = samples(Split.TRAIN, TRAIN), samples(Split.VAL, VAL)
    scorer = Scorer(how=ExactMatcher(typed=False), config=MetricConfig(), typed=False)
    logging.getLogger("dspy").setLevel(logging.ERROR)
    providers = Instant(latency), Instant(latency)
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=True)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        alone = bare(providers[0], train, val, scorer)
        watched = through_the_workbench(providers[1], train, val, scorer)
    return alone, watched, providers[0].calls, providers[1].calls


def run() -> list[Row]:
    """Milliseconds added a call at zero latency; the ratio at 100 ms a call."""
    rows: list[Row] = []
    measured(0.0)
    alone, watched, calls, again = min((measured(0.0) for _ in range(3)), key=lambda result: result[1] / result[3] - result[0] / result[2])
    added = (watched / again - alone / calls) * 1000
    rows.append((f"training: ms added a call ({calls} calls, bare {alone / calls * 1000:.2f} ms)", added, "<= 0.5", added <= 0.5))
    alone, watched, calls, again = measured(0.1)
    ratio = (watched / again) / (alone / calls)
    rows.append((f"training at 100 ms a call, workbench / bare ({calls} calls)", ratio, "<= 1.01", ratio <= 1.01))
    return rows


if __name__ == "__main__":
    for name, value, goal, holds in run():
        sys.stdout.write(f"{'holds' if holds else 'MISSED'}  {name}: {value:.3f} (goal {goal})\n")
