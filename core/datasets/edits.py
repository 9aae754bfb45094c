"""The one way in which samples change, besides an import: new revisions in, old ones closed, the head moved, in one write."""

from collections.abc import Sequence

from core.datasets.holding import holding
from core.datasets.staging import StoreStage
from core.datasets.versions import Tally, version_at
from core.errors import BusyError, UnknownNameError
from core.records.datasets import Dataset, DatasetVersion
from core.records.samples import Sample, sample_key
from core.store.base import Change, Ensure, In, Operation, Put, Store


def edit(store: Store, dataset: str, *, new: Sequence[Sample], old: Sequence[Sample], more: Sequence[Operation] = ()) -> DatasetVersion:
    """Publish new revisions and close old ones (pass the stored records); `more` is written with them, or nothing is.

    A changed sample is in both. `since` and `key` of the new ones are set here.

    Raises:
        UnknownNameError: no such dataset.
        BusyError: an import is going on; its rows would become visible half done.
        StaleRevisionError: the dataset changed in the meantime; read again and retry.
    """
    head = _quiet(store, dataset)
    change = head.change + 1
    tally = Tally(version_at(store, dataset, head.change) if head.change else None)
    for sample in old:
        tally.remove(sample)
    rows = [each.model_copy(update={"since": change, "key": sample_key(dataset, each.id, change), "dataset": dataset}) for each in new]
    for sample in rows:
        tally.add(sample)
    version = tally.version(dataset, change)
    operations: list[Operation] = [Put(record=head.model_copy(update={"change": change})), *(Put(record=row) for row in rows)]
    if old:
        keys = In(values=tuple(sample.key for sample in old))
        operations.append(Change(kind=Sample, where={"key": keys}, changes={"until": change}))
    store.write([*operations, Ensure(record=version), *more])
    return version


def _quiet(store: Store, dataset: str) -> Dataset:
    """The dataset while no import is going on; what a dead one left is removed."""
    head = store.get(Dataset, dataset)
    if head is None or head.deleted:
        raise UnknownNameError(f"there is no dataset {dataset!r}", hint="import or create it first")
    if not head.staging:
        return head
    try:
        with holding(store, dataset) as lease:
            StoreStage(store, dataset, head.change + 1, Tally(), lease).clear()
            store.write([Put(record=head.model_copy(update={"staging": False}))], fence=lease)
    except BusyError:
        raise BusyError(f"an import into {dataset!r} is going on", hint="save again when it is done") from None
    return head.model_copy(update={"staging": False, "revision": head.revision + 1})
