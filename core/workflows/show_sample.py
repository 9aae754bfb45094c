"""One sample, for a link to it."""

from core.datasets.versions import held_at
from core.errors import UnknownNameError
from core.records.samples import Sample
from core.workbench import Workbench
from core.workflows.datasets import get_dataset


def get_sample(bench: Workbench, dataset: str, sample_id: str) -> Sample:
    """A sample of a dataset's head.

    Raises:
        UnknownNameError: no such dataset, or it has no such sample now.
    """
    head = get_dataset(bench, dataset).dataset
    found = bench.store.page(Sample, held_at(dataset, head.change) | {"id": sample_id}, limit=1)
    if not found:
        raise UnknownNameError(f"{dataset!r} has no sample {sample_id!r}", hint="it may have been removed: look for it in the table")
    return found[0]
