"""Domains: which there are, what each can do now, making, changing and deleting one."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from core.datasets.holding import holding
from core.datasets.schemas import listed, outside
from core.datasets.versions import version_id
from core.errors import AlreadyExistsError, BusyError, ConflictError, InvalidValueError, RequestError, StaleRevisionError
from core.jobs.runs import reconciled
from core.records.base import Record, now
from core.records.datasets import Dataset, DatasetVersion
from core.records.domains import GENERAL, Domain, DomainStatus, MetricConfig, RecognizerGates, Schema
from core.records.prompts import Deployment, PromptVersion, Stage
from core.records.runs import OPEN_STATES, RunStatus, TrainingRun
from core.store.base import In, Operation, Put, Store
from core.workbench import Workbench
from core.workflows.general import ensure_general, get_domain

_OPEN = In(values=tuple(state.value for state in OPEN_STATES))
_ALLOWED = {
    "name": "2 to 100 of a to z, 0 to 9 and _, beginning with a letter",
    "description": "10 to 1,000 characters that say how to recognize such a document",
}


class DomainView(Record):
    """A domain and what it can do now."""

    name: str
    description: str
    status: DomainStatus
    version: str | None
    """The prompt version in production."""
    samples: int
    model: str | None = None
    trained_at: datetime | None = None
    """When the last completed run was queued."""


class DomainChange(Record):
    """What to change of a domain; fields that are not given stay."""

    description: str | None = None
    model: str | None = None
    metric: MetricConfig | None = None
    schema_: Schema | None = None
    guidelines: str | None = None
    recognizer_gates: RecognizerGates | None = None
    set_ready: bool | None = None


class DeletionEffects(Record):
    """What goes with a domain, and what stays."""

    runs: int
    versions: int
    deployed: str | None
    samples: int
    """They stay, in datasets that then belong to no domain."""
    datasets: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """As it is said before the deed."""
        goes = [
            _counted(self.runs, "run"),
            _counted(self.versions, "prompt version"),
            _counted(int(self.deployed is not None), "deployed prompt"),
        ]
        return f"what goes: {', '.join(goes)}; what stays: {_counted(self.samples, 'sample')}"


def list_domains(bench: Workbench) -> list[DomainView]:
    """Every domain by name, the general one included."""
    ensure_general(bench.store)
    return _views(bench.store, list(bench.store.each(Domain, {"deleted": False})))


def domain_names(bench: Workbench) -> list[str]:
    """Every domain's name, the general one included: what a chooser needs, without reading what each can do."""
    ensure_general(bench.store)
    return [domain.name for domain in bench.store.each(Domain, {"deleted": False})]


def view_domain(bench: Workbench, name: str) -> DomainView:
    """What one domain can do now. Raises UnknownNameError."""
    return _views(bench.store, [get_domain(bench, name)])[0]


def create_domain(
    bench: Workbench, name: str, description: str, *, model: str | None = None, schema: Schema | None = None, guidelines: str = ""
) -> Domain:
    """A new domain.

    Raises:
        InvalidValueError: a name or description outside what is allowed; the hint says what is.
        AlreadyExistsError: the name is taken, or was: names are never used again.
    """
    domain = _checked({"name": name, "description": description, "model": model, "schema": schema or Schema(), "guidelines": guidelines})
    ensure_general(bench.store)
    there = bench.store.get(Domain, domain.name)
    if there is not None:
        raise _taken(there)
    try:
        bench.store.write([Put(record=domain)])
    except AlreadyExistsError as error:
        raise _taken(domain) from error
    return get_domain(bench, domain.name)


def update_domain(bench: Workbench, name: str, change: DomainChange, *, revision: int | None = None) -> Domain:
    """Change a domain. `revision` = the one that the change was based on; None = whatever it is now.

    Raises:
        UnknownNameError: no such domain.
        InvalidValueError: a value outside what is allowed.
        ConflictError: the new schema does not hold for a dataset of the domain.
        StaleRevisionError: somebody else changed it since.
    """
    domain = get_domain(bench, name)
    if revision is not None and revision != domain.revision:
        raise StaleRevisionError(
            f"domain {name!r} was changed by somebody else meanwhile", hint="look at its present state, then change it again"
        )
    given = {field: getattr(change, field) for field in change.model_fields_set}
    values = {"schema" if field == "schema_" else field: value for field, value in given.items() if value is not None or field == "model"}
    changed = _checked(domain.model_dump() | values | {"updated_at": now()})
    if changed.schema_ != domain.schema_:
        _refuse_misfit(bench.store, changed)
    bench.store.write([Put(record=changed)])
    return get_domain(bench, name)


def set_ready(bench: Workbench, name: str, *, ready: bool = True) -> Domain:
    """Say by hand that a domain can be used, with the generic prompt where nothing is deployed. Raises as `update_domain`."""
    return update_domain(bench, name, DomainChange(set_ready=ready))


def deletion_effects(bench: Workbench, name: str) -> DeletionEffects:
    """What goes with a domain. Raises UnknownNameError."""
    get_domain(bench, name)
    datasets = _datasets(bench.store, [name])
    return DeletionEffects(
        runs=bench.store.count(TrainingRun, {"domain": name}), versions=bench.store.count(PromptVersion, {"domain": name}),
        deployed=_production(bench.store).get(name), samples=_samples(bench.store, datasets).get(name, 0),
        datasets=tuple(dataset.name for dataset in datasets),
    )  # fmt: skip


def delete_domain(bench: Workbench, name: str) -> DeletionEffects:
    """Take a domain out of use. Its name stays taken and its runs stay on record; its samples stay, and belong to no domain.

    Raises:
        UnknownNameError: no such domain.
        RequestError: it is the general one.
        BusyError: a run of it is queued or going on, or an import into one of its datasets.
    """
    domain = get_domain(bench, name)
    if name == GENERAL:
        raise RequestError(f"{GENERAL!r} is the fallback for every document and cannot be deleted", hint="delete another domain")
    if going := _open_runs(bench.store, {"domain": name}):
        raise BusyError(
            f"run {going[0].id} of {name} is {going[0].status.value}", hint=f"end it first: python -m core run {going[0].id} --cancel"
        )
    effects = deletion_effects(bench, name)
    with ExitStack() as held:
        for dataset in effects.datasets:
            held.enter_context(holding(bench.store, dataset))
        bench.store.write(_deletion(bench.store, domain))
    return effects


def _deletion(store: Store, domain: Domain) -> list[Operation]:
    operations: list[Operation] = [Put(record=domain.model_copy(update={"deleted": True, "set_ready": False, "updated_at": now()}))]
    operations += [Put(record=dataset.model_copy(update={"domain": None})) for dataset in _datasets(store, [domain.name])]
    for deployment in store.each(Deployment, {"domain": domain.name}):
        if deployment.stage is not Stage.RETIRED:
            ended = {"stage": Stage.RETIRED, "was": deployment.stage, "until": now()}
            operations.append(Put(record=deployment.model_copy(update=ended)))
    return operations


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _checked(values: Mapping[str, Any]) -> Domain:
    try:
        return Domain.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "domain"
        why = "it does not have the form of a name" if first["type"] == "string_pattern_mismatch" else first["msg"].lower()
        raise InvalidValueError(f"the {field} cannot be used: {why}", hint=_ALLOWED.get(field, "")) from error


def _taken(there: Domain) -> AlreadyExistsError:
    was = "belonged to a domain that was deleted, and is never used again" if there.deleted else "is taken"
    return AlreadyExistsError(f"the name {there.name!r} {was}", hint="choose another name")


def _refuse_misfit(store: Store, domain: Domain) -> None:
    """The schema of a domain holds for all its datasets."""
    for dataset in _datasets(store, [domain.name]):
        held = store.get(DatasetVersion, version_id(dataset.name, dataset.change))
        if held and (wrong := outside(domain.schema_, held.types, held.predicates)):
            raise ConflictError(
                f"dataset {dataset.name!r} holds types or predicates that the new schema does not have: {listed(wrong)}",
                hint="keep them in the schema, or rename them in the dataset first",
            )


def _views(store: Store, domains: Sequence[Domain]) -> list[DomainView]:
    training = {run.domain for run in _open_runs(store, {})}
    deployed = _production(store)
    samples = _samples(store, _datasets(store, [domain.name for domain in domains]))
    failed = store.count_by(TrainingRun, "domain", {"status": RunStatus.FAILED.value})
    trained = _last_trained(store, domains)

    def status(domain: Domain) -> DomainStatus:
        if domain.name in training:
            return DomainStatus.TRAINING
        if domain.name in deployed or domain.set_ready:
            return DomainStatus.READY
        return DomainStatus.FAILED if failed.get(domain.name) and domain.name not in trained else DomainStatus.PENDING

    return [
        DomainView(
            name=domain.name, description=domain.description, status=status(domain), version=deployed.get(domain.name),
            samples=samples.get(domain.name, 0), model=domain.model,
            trained_at=trained.get(domain.name),
        )
        for domain in domains
    ]  # fmt: skip


def _last_trained(store: Store, domains: Sequence[Domain]) -> dict[str, datetime]:
    """When each domain's newest completed run was asked for: one look at an index a domain, however many runs there are."""
    completed = {"status": RunStatus.COMPLETED.value}
    newest = (
        store.page(TrainingRun, {**completed, "domain": domain.name}, order="created_at", descending=True, limit=1) for domain in domains
    )
    return {found[0].domain: found[0].created_at for found in newest if found}


def _open_runs(store: Store, where: Mapping[str, Any]) -> list[TrainingRun]:
    """Runs that are queued or going on in fact; those whose process died are written down as interrupted."""
    found = [reconciled(store, run) for run in store.page(TrainingRun, {**where, "status": _OPEN}, limit=1000)]
    return [run for run in found if run.status in OPEN_STATES]


def _production(store: Store) -> dict[str, str]:
    """Per domain the version in production; the newest where two were deployed at one moment."""
    return dict(store.values(Deployment, ("domain", "version"), {"stage": Stage.PRODUCTION.value}, order="since"))


def _datasets(store: Store, domains: Sequence[str]) -> list[Dataset]:
    return [dataset for dataset in store.each(Dataset, {"domain": In(values=tuple(domains))}) if not dataset.deleted]


def _samples(store: Store, datasets: Sequence[Dataset]) -> dict[str, int]:
    held = store.get_many(DatasetVersion, [version_id(dataset.name, dataset.change) for dataset in datasets])
    counts: dict[str, int] = {}
    for dataset in datasets:
        version = held.get(version_id(dataset.name, dataset.change))
        if version is not None and dataset.domain is not None:
            counts[dataset.domain] = counts.get(dataset.domain, 0) + version.counts.total
    return counts
