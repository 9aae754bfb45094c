"""Train: what it would take, and queueing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from core.datasets.versions import samples_at, version_at
from core.errors import AlreadyExistsError, BusyError, RequestError, TooFewSamplesError, UnknownNameError
from core.jobs.runs import reconciled
from core.llm.choice import choose_model
from core.records.base import Record, now
from core.records.datasets import Dataset, DatasetVersion
from core.records.domains import Domain, MetricConfig
from core.records.models import Call, ModelInfo
from core.records.runs import OPEN_STATES, Ceilings, Estimate, OptimizerSettings, RunStatus, TrainingRun
from core.records.samples import Sample, Split, Task
from core.store.base import In, Put
from core.store.owners import me
from core.training.log_names import log_name
from core.training.optimizers import optimizer_named
from core.training.plan import RunSizes, planned_calls
from core.workbench import Workbench

MEASURED_CALLS = 50
CHARACTERS_PER_TOKEN = 4
FEWEST_VALIDATION = 2
QUEUEING_SECONDS = 10.0


class TrainRequest(Record):
    """What is to be trained, and how; None = as the domain or the settings say."""

    domain: str
    dataset: str
    optimizer: str = "mipro"
    auto: str | None = None
    max_bootstrapped_demos: int | None = None
    max_labeled_demos: int | None = None
    model: str | None = None
    seed: int = 0
    metric: MetricConfig | None = None
    max_calls: int | None = None
    max_usd: float | None = None
    force: bool = False
    log_path: str | None = None
    """A name inside the log folder; `Auto` = the run's id."""


class Prepared(Record):
    """A request with everything resolved and counted."""

    domain: Domain
    version: DatasetVersion
    model: ModelInfo
    sizes: RunSizes
    optimizer: OptimizerSettings
    metric: MetricConfig


def estimate(bench: Workbench, request: TrainRequest) -> Estimate:
    """What the run is likely to take. Raises as `train`."""
    return _estimate(bench, _prepared(bench, request))


def train(bench: Workbench, request: TrainRequest) -> TrainingRun:
    """Queue a run and make sure that somebody does it; or give the finished run that had the same inputs.

    Raises:
        UnknownNameError: no such domain, dataset, optimizer or model; the hint lists those that exist.
        TooFewSamplesError: fewer samples than the optimizer needs; the hint says how many are missing.
        BusyError: a run of the domain is queued or going on.
        RequestError: the dataset belongs to another domain; or a ceiling in dollars for a model without a known price.
        InvalidValueError: the log's name is no plain file name.
    """
    prepared = _prepared(bench, request)
    fingerprint = _fingerprint(prepared, request.seed)
    if not request.force and (same := _finished(bench, fingerprint)):
        return same
    _refuse_unknown_price(bench, request, prepared.model.id)
    began = now()
    run = TrainingRun(
        id="", domain=request.domain, dataset=request.dataset, dataset_version=prepared.version.id,
        content_hash=prepared.version.content_hash, optimizer=prepared.optimizer, metric=prepared.metric, model=prepared.model.id,
        model_digest=prepared.model.digest, seed=request.seed, tasks=prepared.sizes.tasks,
        ceilings=Ceilings(max_calls=request.max_calls, max_usd=request.max_usd), fingerprint=fingerprint,
        estimate=_estimate(bench, prepared), calls_planned=planned_calls(prepared.optimizer, prepared.sizes).expected, created_at=began,
    )  # fmt: skip
    with _place_of(bench, request.domain):
        _refuse_a_second(bench, request.domain)
        queued = _queued(bench, run, began, request.log_path)
    bench.ensure_runner()
    return queued


def _queued(bench: Workbench, run: TrainingRun, began: datetime, log_path: str | None) -> TrainingRun:
    """Stored under an id of its own: domain and second, numbered where two would collide."""
    stem = f"{run.domain}_{began:%Y%m%d_%H%M%S}"
    number = 1
    while True:
        run_id = stem if number == 1 else f"{stem}-{number}"
        log = log_name(run_id if log_path == "Auto" else log_path) if log_path else None
        try:
            bench.store.write([Put(record=run.model_copy(update={"id": run_id, "log_path": log}))])
        except AlreadyExistsError:
            number += 1
            continue
        return bench.store.get(TrainingRun, run_id) or run


def _prepared(bench: Workbench, request: TrainRequest) -> Prepared:
    optimizer_named(request.optimizer)
    domain = bench.store.get(Domain, request.domain)
    if domain is None or domain.deleted:
        raise UnknownNameError.of("domain", request.domain, [d.name for d in bench.store.page(Domain, {"deleted": False}, limit=1000)])
    dataset = bench.store.get(Dataset, request.dataset)
    if dataset is None:
        raise UnknownNameError.of("dataset", request.dataset, [d.name for d in bench.store.page(Dataset, limit=1000)])
    if dataset.domain not in (None, request.domain):
        raise RequestError(
            f"dataset {request.dataset!r} belongs to domain {dataset.domain!r}",
            hint=f"train {dataset.domain}, or import the samples for {request.domain}",
        )
    version = version_at(bench.store, request.dataset, dataset.change)
    settings = OptimizerSettings.model_validate(
        {
            "name": request.optimizer, "auto": request.auto or (bench.settings.dspy_auto_mode if request.optimizer == "mipro" else None),
            "max_bootstrapped_demos": request.max_bootstrapped_demos, "max_labeled_demos": request.max_labeled_demos,
        }
    )  # fmt: skip
    sizes = _sizes(bench, version)
    _refuse_too_few(request.optimizer, request.dataset, sizes)
    model = choose_model(bench.gateway, request.model, domain.model, default=bench.settings.ollama_model_generation)
    return Prepared(domain=domain, version=version, model=model, sizes=sizes, optimizer=settings, metric=request.metric or domain.metric)


def _sizes(bench: Workbench, version: DatasetVersion) -> RunSizes:
    """Samples with annotated entities per split; relations are a task where any train sample has them annotated."""
    counts = dict.fromkeys(Split, 0)
    relations = False
    for sample in samples_at(bench.store, version.dataset, version.change, tuple(Split)):
        if sample.split is not None and sample.entities is not None:
            counts[sample.split] += 1
            relations = relations or (sample.split is Split.TRAIN and _teaches_relations(sample))
    tasks: tuple[Task, ...] = ("entities", "relations") if relations else ("entities",)
    return RunSizes(tasks=tasks, train=counts[Split.TRAIN], val=counts[Split.VAL], test=counts[Split.TEST])


def _teaches_relations(sample: Sample) -> bool:
    return bool(sample.relations)


def _refuse_too_few(optimizer: str, dataset: str, sizes: RunSizes) -> None:
    needs = optimizer_named(optimizer).needs
    have = sizes.train + sizes.val
    missing = max(needs - have, FEWEST_VALIDATION - sizes.val, 0)
    if missing:
        raise TooFewSamplesError(
            f"{optimizer} needs {needs} annotated samples for training and validation, {FEWEST_VALIDATION} of them for validation; "
            f"{dataset!r} has {sizes.train} and {sizes.val}",
            hint=f"add at least {missing} more (samples without `entities` do not count), or choose another optimizer",
        )


@contextmanager
def _place_of(bench: Workbench, domain: str) -> Iterator[None]:
    """Nobody else queues a run of the domain meanwhile. Raises BusyError."""
    lease = bench.store.acquire(f"queue:{domain}", me(uuid4().hex), seconds=QUEUEING_SECONDS)
    if lease is None:
        raise BusyError(f"somebody else is starting a run of {domain}", hint="look at the runs in a moment")
    try:
        yield
    finally:
        bench.store.release(lease)


def _refuse_unknown_price(bench: Workbench, request: TrainRequest, model: str) -> None:
    provider, own = bench.gateway.provider_of(model)
    if request.max_usd is not None and provider.price(own) is None:
        raise RequestError(
            f"the price of {model} is not known, so no ceiling in dollars can be kept", hint="set a ceiling on calls instead"
        )


def _refuse_a_second(bench: Workbench, domain: str) -> None:
    open_states = In(values=tuple(state.value for state in OPEN_STATES))
    found = bench.store.page(TrainingRun, {"domain": domain, "status": open_states})
    going = [run for run in (reconciled(bench.store, each) for each in found) if run.status in OPEN_STATES]
    if going:
        raise BusyError(
            f"run {going[0].id} of {domain} is {going[0].status.value}",
            hint=f"wait for it, or end it: python -m core run {going[0].id} --cancel",
        )


def _fingerprint(prepared: Prepared, seed: int) -> str:
    domain, model = prepared.domain, prepared.model
    inputs = (domain.schema_, prepared.optimizer, prepared.metric)
    parts = [domain.name, prepared.version.content_hash, model.id, model.digest or "", str(seed)]
    parts += [each.model_dump_json() for each in inputs]
    return sha256("\n".join(parts).encode()).hexdigest()


def _finished(bench: Workbench, fingerprint: str) -> TrainingRun | None:
    found = bench.store.page(
        TrainingRun, {"fingerprint": fingerprint, "status": RunStatus.COMPLETED.value}, order="created_at", descending=True, limit=20
    )
    return next((run for run in found if run.stopped_by is None), None)


def _estimate(bench: Workbench, prepared: Prepared) -> Estimate:
    """Calls by the optimizer's arithmetic; time and tokens by what this model's last calls took, where there were any."""
    calls = planned_calls(prepared.optimizer, prepared.sizes)
    _, own = bench.gateway.provider_of(prepared.model.id)
    recent = bench.store.page(
        Call, {"model": own, "provider": prepared.model.provider}, order="time", descending=True, limit=MEASURED_CALLS
    )
    good = [call for call in recent if call.error is None]
    basis = "calls by the optimizer's own arithmetic; repeated requests are answered from memory, so it may be fewer"
    if not good:
        return Estimate(calls=calls.expected, calls_at_most=calls.at_most, basis=f"{basis}. The model's speed is not measured yet")
    tokens = [(call.prompt_tokens or 0) + (call.completion_tokens or 0) for call in good]
    mean_ms = sum(call.ms for call in good) / len(good)
    price = bench.gateway.provider_of(prepared.model.id)[0].price(own)
    known = [call.usd for call in good if call.usd is not None]
    return Estimate(
        calls=calls.expected, calls_at_most=calls.at_most, tokens=int(sum(tokens) / len(good) * calls.expected),
        usd=sum(known) / len(known) * calls.expected if known and price is not None else None,
        minutes=round(mean_ms * calls.expected / 60_000, 2),
        basis=f"{basis}. Time and tokens by the last {len(good)} calls of this model",
    )  # fmt: skip
