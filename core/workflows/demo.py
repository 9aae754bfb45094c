"""Demo: sample domains, one of them trained for real, one document read with what was learned."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import RequestError, RunError
from core.llm.choice import BUILTIN
from core.llm.recorder import StoreRecorder
from core.records.base import Record
from core.records.events import Event
from core.records.mentions import mentions
from core.records.models import ModelRequest, UseCase
from core.records.prompts import PromptVersion
from core.records.runs import OPEN_STATES, RunStatus, TrainingRun
from core.records.samples import TASKS
from core.training.evaluate import Reader
from core.workbench import Workbench
from core.workflows.prompts import get_version
from core.workflows.runs import follow, get_run
from core.workflows.samples import SampleDomain, load_samples, sample_documents
from core.workflows.train import TrainRequest, train

DOMAIN = "tech_docs"
OPTIMIZER = "bootstrap"
SEED = 1


class FoundEntity(Record):
    """A name of the answer and where it first stands in the document; None = it is not in it."""

    text: str
    type: str | None
    start: int | None
    end: int | None


class ReadDocument(Record):
    """One document read with a version."""

    file: str
    version: str
    entities: tuple[FoundEntity, ...]
    relations: tuple[dict[str, Any], ...]
    ungrounded: int


class DemoResult(Record):
    """What the demo did."""

    samples: tuple[SampleDomain, ...]
    run: TrainingRun
    reading: ReadDocument
    not_done: tuple[str, ...]
    """What a demo would also show and this workbench cannot do yet."""


def demo(bench: Workbench, *, model: str | None = None, watch: Callable[[SampleDomain | TrainingRun | Event], None]) -> DemoResult:
    """Load, train, read; `watch` is told of every sample domain, the run, and each of its events.

    Without a model the built-in one is used, which needs a minute at most. Done again, everything is found as it was.

    Raises:
        RunError: the run failed; the message says why.
        WorkbenchError: as importing, training and asking a model do.
    """
    samples: list[SampleDomain] = []
    for sample in load_samples(bench):
        samples.append(sample)
        watch(sample)
    run = _trained(bench, model or BUILTIN, watch)
    version = get_version(bench, DOMAIN, run.version)
    documents = sample_documents(DOMAIN)
    if not documents:
        raise RequestError(f"the sample domain {DOMAIN} has no documents", hint="restore config/samples")
    return DemoResult(
        samples=tuple(samples), run=run, reading=read_document(bench, version, documents[0]),
        not_done=("documents are not classified: the recognizer of domains is not built yet",),
    )  # fmt: skip


def read_document(bench: Workbench, version: PromptVersion, path: Path) -> ReadDocument:
    """Entities and relations of a short document, in one call each. Raises ModelError."""
    text = path.read_text(encoding="utf-8")
    recorder = StoreRecorder(bench.store)

    def ask(request: ModelRequest) -> str:
        return bench.gateway.complete(UseCase.ENTITY_EXTRACTION, request, recorder=recorder).text

    prompts = {task: version.tasks[task] for task in TASKS if task in version.tasks}
    reader = Reader(prompts=prompts, model=version.model, ask=ask)
    names = reader.entities(text)
    relations = reader.relations(text, names) if "relations" in prompts else []
    entities = tuple(_placed(text, str(name["text"]), name.get("type")) for name in names)
    return ReadDocument(
        file=str(path), version=version.id, entities=entities, relations=tuple(dict(relation) for relation in relations),
        ungrounded=sum(entity.start is None for entity in entities),
    )  # fmt: skip


def _trained(bench: Workbench, model: str, watch: Callable[[SampleDomain | TrainingRun | Event], None]) -> TrainingRun:
    run = train(bench, TrainRequest(domain=DOMAIN, dataset=DOMAIN, optimizer=OPTIMIZER, seed=SEED, model=model))
    watch(run)
    if run.status in OPEN_STATES:
        for event in follow(bench, run.id):
            watch(event)
        run = get_run(bench, run.id)
    if run.status is not RunStatus.COMPLETED:
        raise RunError(
            f"run {run.id} is {run.status.value}: {run.error or 'it gave no reason'}", hint=run.hint or f"python -m core run {run.id}"
        )
    return run


def _placed(text: str, name: str, kind: str | None) -> FoundEntity:
    spans = mentions(text, name)
    start, end = spans[0] if spans else (None, None)
    return FoundEntity(text=name, type=kind, start=start, end=end)
