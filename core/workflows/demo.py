"""Demo: sample domains, one of them trained for real, documents recognized, one read with what was learned."""

from collections.abc import Callable

from core.errors import RequestError, RunError
from core.llm.choice import BUILTIN
from core.records.base import Record
from core.records.events import Event
from core.records.runs import OPEN_STATES, RunStatus, TrainingRun
from core.workbench import Workbench
from core.workflows.classify import Classified, classify
from core.workflows.domains import set_ready
from core.workflows.extract import Extracted, ExtractRequest, extract
from core.workflows.recognition import candidates
from core.workflows.runs import follow, get_run
from core.workflows.samples import SampleDomain, load_samples, sample_documents
from core.workflows.train import TrainRequest, train

DOMAIN = "tech_docs"
OPTIMIZER = "bootstrap"
SEED = 1
OF_EACH = 3
"""Documents of every sample domain that are recognized."""


class DemoResult(Record):
    """What the demo did."""

    samples: tuple[SampleDomain, ...]
    run: TrainingRun
    recognized: tuple[Classified, ...]
    right: int
    """Documents that were given the domain that they were written for."""
    reading: Extracted


Watch = Callable[[SampleDomain | TrainingRun | Event | Classified], None]


def demo(bench: Workbench, *, model: str | None = None, watch: Watch) -> DemoResult:
    """Load, train, recognize, read; `watch` is told of every sample domain, the run, each of its events, and each document.

    Without a model the built-in one is used, which needs a minute at most. Done again, everything is found as it was.
    The sample domains that were not trained are set ready by hand, so that there are several to choose from.

    Raises:
        RunError: the run failed; the message says why.
        WorkbenchError: as importing, training, recognizing and reading do.
    """
    samples: list[SampleDomain] = []
    for sample in load_samples(bench):
        samples.append(sample)
        watch(sample)
    run = _trained(bench, model or BUILTIN, watch)
    ready = {domain.name for domain in candidates(bench)}
    for sample in samples:
        if sample.name not in ready:
            set_ready(bench, sample.name)
    recognized, right = _recognized(bench, samples, watch)
    documents = sample_documents(DOMAIN)
    if not documents:
        raise RequestError(f"the sample domain {DOMAIN} has no documents", hint="restore config/samples")
    reading = next(extract(bench, documents[:1], ExtractRequest(domain=DOMAIN, version=run.version, model=model)))
    return DemoResult(samples=tuple(samples), run=run, recognized=recognized, right=right, reading=reading)


def _recognized(bench: Workbench, samples: list[SampleDomain], watch: Watch) -> tuple[tuple[Classified, ...], int]:
    wanted = [(sample.name, path) for sample in samples for path in sample_documents(sample.name)[:OF_EACH]]
    found: list[Classified] = []
    for each in classify(bench, [path for _, path in wanted]):
        found.append(each)
        watch(each)
    right = sum(
        each.classification is not None and each.classification.recognized == name for (name, _), each in zip(wanted, found, strict=True)
    )
    return tuple(found), right


def _trained(bench: Workbench, model: str, watch: Watch) -> TrainingRun:
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
