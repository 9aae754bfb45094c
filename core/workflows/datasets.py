"""Datasets: list them, look into them, freeze, compare and delete them."""

from collections.abc import Iterator, Sequence

from core.datasets.edits import edit
from core.datasets.holding import holding
from core.datasets.names import check_name
from core.datasets.staging import StoreStage
from core.datasets.versions import Tally, VersionDiff, diff, find_version, held_at, samples_at, version_at
from core.errors import AlreadyExistsError, BusyError, InvalidValueError, UnknownNameError
from core.records.base import Record
from core.records.datasets import Dataset, DatasetVersion, ImportProblem, ImportReport
from core.records.domains import Domain
from core.records.models import Text
from core.records.runs import OPEN_STATES, TrainingRun
from core.records.samples import Sample, Split
from core.store.base import In, Operation, Put, Remove, Store
from core.workbench import Workbench

PAGE = 50


class DatasetInfo(Record):
    """A dataset and what it holds now."""

    dataset: Dataset
    version: DatasetVersion


class SampleFilter(Record):
    """Which samples; None = all. `split` may be "none" for those kept out of all three. `text` is looked for in any case."""

    text: str | None = None
    type: str | None = None
    predicate: str | None = None
    split: str | None = None
    ungrounded: bool | None = None
    """True = only samples with a name that is not in the text."""


EVERYTHING = SampleFilter()


class SamplePage(Record):
    """Some samples of a dataset's head, ordered by id, and how many there are in all."""

    samples: tuple[Sample, ...]
    total: int
    offset: int


class DeletionEffects(Record):
    """What goes with a dataset, and what stays."""

    samples: int
    versions: int
    runs: int
    """Finished runs that refer to it: they keep their scores, but can no longer show its texts."""
    open_runs: tuple[str, ...]
    """Runs under way: while there are any, it cannot be deleted."""


def list_datasets(bench: Workbench, *, domain: str | None = None) -> list[DatasetInfo]:
    """Every dataset that holds something, with counts, by name."""
    heads = bench.store.each(Dataset, {"domain": domain} if domain else None)
    return [DatasetInfo(dataset=head, version=version_at(bench.store, head.name, head.change)) for head in heads if _visible(head)]


def get_dataset(bench: Workbench, dataset: str) -> DatasetInfo:
    """One dataset with its counts.

    Raises:
        UnknownNameError: no such dataset; the hint lists those that exist.
    """
    head = _head(bench.store, dataset)
    return DatasetInfo(dataset=head, version=version_at(bench.store, dataset, head.change))


def create_dataset(bench: Workbench, *, dataset: str, domain: str | None = None) -> DatasetInfo:
    """An empty dataset, to be filled by hand.

    Raises:
        InvalidValueError: a name that no dataset can have.
        UnknownNameError: no such domain.
        AlreadyExistsError: the name is taken.
        BusyError: an import into a dataset of that name is going on.
    """
    check_name(dataset)
    if domain is not None and ((found := bench.store.get(Domain, domain)) is None or found.deleted):
        raise UnknownNameError.of("domain", domain, [each.name for each in bench.store.page(Domain, {"deleted": False}, limit=20)])
    with holding(bench.store, dataset) as lease:
        head = bench.store.get(Dataset, dataset) or Dataset(name=dataset)
        if _visible(head):
            raise AlreadyExistsError(f"there is already a dataset {dataset!r}", hint="choose another name")
        StoreStage(bench.store, dataset, head.change + 1, Tally(), lease).clear(everything=True)
        version = Tally().version(dataset, head.change + 1)
        values = {"domain": domain, "change": version.change, "deleted": False, "staging": False, "last_import": None}
        bench.store.write([Put(record=head.model_copy(update=values)), Put(record=version)], fence=lease)
    return get_dataset(bench, dataset)


def freeze_version(bench: Workbench, dataset: str) -> DatasetVersion:
    """The immutable version that the dataset is at now.

    Raises:
        UnknownNameError: no such dataset.
    """
    return get_dataset(bench, dataset).version


def list_versions(bench: Workbench, dataset: str, *, limit: int = 100) -> list[DatasetVersion]:
    """The newest versions first. Raises UnknownNameError."""
    _head(bench.store, dataset)
    return bench.store.page(DatasetVersion, {"dataset": dataset}, order="change", descending=True, limit=limit)


def version_diff(bench: Workbench, *, first: str, second: str) -> VersionDiff:
    """Added, removed and changed samples from one version (`dataset@change`) to another of the same dataset.

    Raises:
        UnknownNameError: no such version.
        InvalidValueError: no name of a version, or versions of two datasets.
    """
    before, after = find_version(bench.store, first), find_version(bench.store, second)
    if before.dataset != after.dataset:
        raise InvalidValueError("the versions belong to two datasets", hint="compare versions of one dataset")
    return diff(bench.store, before.dataset, before.change, after.change)


def samples_page(
    bench: Workbench,
    dataset: str,
    *,
    where: SampleFilter = EVERYTHING,
    limit: int = PAGE,
    offset: int = 0,
) -> SamplePage:
    """A page of the head's samples. Without a filter, or by split alone, it reads only that page; others read all samples.

    Raises:
        UnknownNameError: no such dataset.
        InvalidValueError: no such split.
    """
    info = get_dataset(bench, dataset)
    condition = held_at(dataset, info.dataset.change)
    total = info.version.counts.total
    if where.split is not None:
        split = _split(where.split)
        condition["split"] = split
        total = info.version.counts.of(split)
    if where == SampleFilter(split=where.split):
        found = bench.store.page(Sample, condition, order="id", limit=limit, offset=offset)
        return SamplePage(samples=tuple(found), total=total, offset=offset)
    kept: list[Sample] = []
    count = 0
    for sample in bench.store.each(Sample, condition, order="id"):
        if _matches(sample, where):
            count += 1
            if offset < count <= offset + limit:
                kept.append(sample)
    return SamplePage(samples=tuple(kept), total=count, offset=offset)


def samples_of_version(store: Store, version: str, splits: Sequence[Split], *, sealed: bool = False) -> Iterator[Sample]:
    """The samples of some splits of a version, ordered by id. Test samples only where `sealed` says that they are meant.

    Raises:
        InvalidValueError: test is asked for without `sealed`, or no name of a version.
        UnknownNameError: no such version.
    """
    if Split.TEST in splits and not sealed:
        raise InvalidValueError(
            "test samples are sealed: no optimizer, demo, suggestion or feedback may see them",
            hint="ask for train or val; only an evaluation on the test split passes sealed=True, and counts as a look",
        )
    found = find_version(store, version)
    return samples_at(store, found.dataset, found.change, splits)


def last_import(bench: Workbench, dataset: str) -> ImportReport | None:
    """The report of the last import into a dataset, None where there was none. Raises UnknownNameError."""
    reference = _head(bench.store, dataset).last_import
    text = bench.store.get(Text, reference) if reference else None
    return ImportReport.model_validate_json(text.content) if text else None


def problems(bench: Workbench, dataset: str) -> tuple[ImportProblem, ...]:
    """Lines of the last import that did not arrive, each with what it said. Raises UnknownNameError."""
    report = last_import(bench, dataset)
    return report.problems if report else ()


def remove_samples(bench: Workbench, dataset: str, *, ids: Sequence[str]) -> DatasetVersion:
    """Take samples out of the head; older versions keep them.

    Raises:
        UnknownNameError: no such dataset, or none of its samples has one of the ids.
        BusyError: an import is going on.
        StaleRevisionError: the dataset changed in the meantime.
    """
    head = _head(bench.store, dataset)
    old = bench.store.page(Sample, held_at(dataset, head.change) | {"id": In(values=tuple(ids))}, limit=len(ids) + 1)
    if missing := sorted(set(ids) - {sample.id for sample in old}):
        raise UnknownNameError(f"{dataset!r} has no sample {missing[0]!r}", hint="reload the list of samples")
    return edit(bench.store, dataset, new=[], old=old)


def deletion_effects(bench: Workbench, dataset: str) -> DeletionEffects:
    """What goes with a dataset. Raises UnknownNameError."""
    info = get_dataset(bench, dataset)
    states = bench.store.values(TrainingRun, ("key", "status"), {"dataset": dataset})
    runs = {str(key): str(status) for key, status in states}
    busy = tuple(sorted(key for key, status in runs.items() if status in OPEN_STATES))
    versions = bench.store.count(DatasetVersion, {"dataset": dataset})
    return DeletionEffects(samples=info.version.counts.total, versions=versions, runs=len(runs) - len(busy), open_runs=busy)


def delete_dataset(bench: Workbench, dataset: str) -> DeletionEffects:
    """Remove a dataset with all its samples, in every version. Splits of its texts stay locked: once test, always test.

    Raises:
        UnknownNameError: no such dataset.
        BusyError: a run on it is under way, or an import into it.
    """
    with holding(bench.store, dataset) as lease:
        effects = deletion_effects(bench, dataset)
        if effects.open_runs:
            raise BusyError(f"run {effects.open_runs[0]} still uses {dataset!r}", hint="cancel it, or wait until it is done")
        head = _head(bench.store, dataset)
        gone = head.model_copy(update={"deleted": True, "staging": False, "last_import": None})
        bench.store.write([Put(record=gone)], fence=lease)
        StoreStage(bench.store, dataset, head.change + 1, Tally(), lease).clear(everything=True)
        if not effects.runs:
            versions = [key for (key,) in bench.store.values(DatasetVersion, ("key",), {"dataset": dataset})]
            operations: list[Operation] = [Remove(kind=DatasetVersion, key=key) for key in versions]
            bench.store.write([*operations, Remove(kind=Dataset, key=dataset)], fence=lease)
    return effects


def _visible(head: Dataset) -> bool:
    return head.change > 0 and not head.deleted


def _head(store: Store, dataset: str) -> Dataset:
    head = store.get(Dataset, dataset)
    if head is None or not _visible(head):
        raise UnknownNameError.of("dataset", dataset, [each.name for each in store.page(Dataset, limit=50) if _visible(each)])
    return head


def _split(name: str) -> Split | None:
    if name != "none" and name not in set(Split):
        raise InvalidValueError(f"there is no split {name!r}", hint="one of train, val, test, none")
    return None if name == "none" else Split(name)


def _matches(sample: Sample, where: SampleFilter) -> bool:
    if where.text is not None and where.text.casefold() not in sample.text.casefold():
        return False
    if where.type is not None and all(entity.type != where.type for entity in sample.entities or ()):
        return False
    if where.predicate is not None and all(each.predicate != where.predicate for each in sample.relations or ()):
        return False
    return where.ungrounded is None or where.ungrounded == any(not entity.grounded for entity in sample.entities or ())
