"""Import: preview a file, then take it in. Bad lines are named, good ones arrive, all of them at one moment."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.datasets.formats.base import Format
from core.datasets.formats.formats import AUTO, detect, format_of
from core.datasets.holding import LEASE_SECONDS, holding
from core.datasets.intake import Findings, Intake, Stopped
from core.datasets.names import check_name
from core.datasets.schemas import listed, outside
from core.datasets.sources import Source, opened
from core.datasets.staging import PreviewStage, StoreStage
from core.datasets.versions import Tally, samples_at, version_at
from core.errors import ConflictError, UnknownNameError, UnreadableFileError
from core.records.base import text_hash
from core.records.datasets import Dataset, DatasetVersion, ImportReport
from core.records.domains import Domain, Schema
from core.records.models import Text
from core.store.base import Ensure, Lease, Operation, Put, Remove, Store
from core.workbench import Workbench

RENEW_SECONDS = 15.0


@dataclass(frozen=True)
class Watch:
    """How an import tells how far it is (lines, bytes) and learns that it is to stop; asked every few thousand lines."""

    progress: Callable[[int, int], None] | None = None
    stopped: Callable[[], bool] | None = None


UNWATCHED = Watch()


def preview_import(
    bench: Workbench, *, dataset: str, source: Path | BinaryIO, domain: str | None = None, format: str = AUTO, watch: Watch = UNWATCHED
) -> ImportReport:
    """What an import would do; nothing is written.

    Raises:
        InvalidValueError: a name that no dataset can have.
        UnknownNameError: no such domain or format.
        ConflictError: the dataset belongs to another domain, or the domain's schema does not hold for it.
        UnreadableFileError: the file cannot be read.
    """
    head, schema = _target(bench.store, dataset, domain)
    version = _version(bench.store, head)
    tally = Tally(version)
    with opened(source) as file:
        stage = PreviewStage(bench.store, head.name, head.change + 1, tally)
        intake = _intake(stage, head, tally)
        try:
            intake.feed(_format(file, format).read(file.file), schema, _beat(watch, file))
        except Stopped:
            return _report(head.name, version, intake.findings, Tally(version), stopped=True)
    return _report(head.name, version, intake.findings, tally)


def import_samples(
    bench: Workbench, *, dataset: str, source: Path | BinaryIO, domain: str | None = None, format: str = AUTO, watch: Watch = UNWATCHED
) -> ImportReport:
    """Take a file in. Rows are staged unseen and published by one write, so that all of it arrives or nothing.

    The dataset is created where there is none. What an interrupted import left behind is removed first.

    Raises:
        as `preview_import`, and
        BusyError: another import into this dataset is going on.
        LeaseLostError: another process took this import for dead and took over.
    """
    _target(bench.store, dataset, domain)
    with opened(source) as file, holding(bench.store, dataset) as lease:
        return _Import(bench.store, dataset, domain, lease).run(file, format, watch)


class _Import:
    """One import, by the holder of the dataset's lease."""

    def __init__(self, store: Store, dataset: str, domain: str | None, lease: Lease) -> None:
        self._store, self._lease = store, lease
        self._head, self._schema = _target(store, dataset, domain)
        self._version = _version(store, self._head)
        self._tally = Tally(self._version)
        self._stage = StoreStage(store, self._head.name, self._head.change + 1, self._tally, lease)
        self._before = self._head
        self._renewed = time.monotonic()

    def run(self, file: Source, format: str, watch: Watch) -> ImportReport:
        """Stage every row, then publish."""
        rows = _format(file, format).read(file.file)
        self._begin()
        intake = _intake(self._stage, self._head, self._tally)
        tell = _beat(watch, file)

        def beat(lines: int) -> None:
            gc.collect(1)
            self._renew()
            tell(lines)

        try:
            with _no_collections():
                intake.feed(rows, self._schema, beat)
        except Stopped:
            self._leave()
            return _report(self._head.name, self._version, intake.findings, Tally(self._version), stopped=True)
        except BaseException as error:
            self._leave()
            if isinstance(error, OSError):
                raise UnreadableFileError(
                    f"{file.name} cannot be read to its end: {error.strerror or error}", hint="copy it anew"
                ) from error
            raise
        return self._publish(intake.findings)

    def _begin(self) -> None:
        """Say that rows are being staged, and remove those of an import that did not come to its end."""
        # A dataset at change 0 holds nothing yet, and no list shows it: it is there so that staged rows belong to something.
        self._head = self._put(self._head.model_copy(update={"staging": True}))
        self._stage.clear(everything=self._head.deleted)

    def _put(self, head: Dataset, *others: Operation) -> Dataset:
        self._store.write([*others, Put(record=head)], fence=self._lease)
        return head.model_copy(update={"revision": head.revision + 1})

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > RENEW_SECONDS:
            self._store.renew(self._lease, seconds=LEASE_SECONDS)
            self._renewed = time.monotonic()

    def _leave(self) -> None:
        """Leave everything as it was."""
        self._stage.clear()
        if self._head.change == 0:
            self._store.write([Remove(kind=Dataset, key=self._head.name)], fence=self._lease)
        else:
            self._put(self._before.model_copy(update={"staging": False, "revision": self._head.revision}))

    def _publish(self, findings: Findings) -> ImportReport:
        """Move the dataset's head to the staged change, in one write with the version's record and the report."""
        version, head = self._version, self._head
        operations: list[Operation] = []
        if findings.added:
            version = self._tally.version(head.name, head.change + 1)
            head = head.model_copy(update={"change": version.change, "deleted": False})
            operations.append(Ensure(record=version))
        report = _report(head.name, version, findings, self._tally)
        if head.change == 0 or head.deleted:
            self._leave()
            return report
        text = report.model_dump_json()
        operations.append(Ensure(record=Text(hash=text_hash(text), content=text)))
        self._put(head.model_copy(update={"staging": False, "last_import": text_hash(text)}), *operations)
        return report


@contextmanager
def _no_collections() -> Iterator[None]:
    """Let the garbage collector look between two batches only: inside one it finds ten thousands of live drafts and not a
    single cycle, again and again, which is a fifth of an import's time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _target(store: Store, dataset: str, domain: str | None) -> tuple[Dataset, Schema]:
    """The dataset as it is (revision 0 = it is not there yet) and the schema that holds for it."""
    check_name(dataset)
    head = store.get(Dataset, dataset) or Dataset(name=dataset)
    if domain is not None and head.domain not in (None, domain) and head.change and not head.deleted:
        raise ConflictError(
            f"dataset {dataset!r} belongs to domain {head.domain!r}", hint="import into another dataset, or leave the domain out"
        )
    name = domain or (head.domain if head.change and not head.deleted else None)
    if name is None:
        return head.model_copy(update={"domain": None}), Schema()
    found = store.get(Domain, name)
    if found is None or found.deleted:
        known = [each.name for each in store.page(Domain, {"deleted": False}, limit=20)]
        raise UnknownNameError.of("domain", name, known)
    if head.change and head.domain is None and not head.deleted:
        held = version_at(store, dataset, head.change)
        if wrong := outside(found.schema_, held.types, held.predicates):
            raise ConflictError(
                f"dataset {dataset!r} holds types or predicates that the schema of {name!r} does not have: {listed(wrong)}",
                hint="extend the schema, or rename them in the dataset first",
            )
    return head.model_copy(update={"domain": name}), found.schema_


def _version(store: Store, head: Dataset) -> DatasetVersion | None:
    """The head's version; None for a dataset that holds nothing yet."""
    return version_at(store, head.name, head.change) if head.change and not head.deleted else None


def _intake(stage: StoreStage, head: Dataset, tally: Tally) -> Intake:
    store = stage.store
    return Intake(stage, held=tally.splits, others=lambda: samples_at(store, head.name, head.change))


def _format(file: Source, name: str) -> Format:
    return detect(file.head, file.name) if name == AUTO else format_of(name)


def _beat(watch: Watch, file: Source) -> Callable[[int], None]:
    def beat(lines: int) -> None:
        if watch.progress is not None:
            watch.progress(lines, file.file.tell())
        if watch.stopped is not None and watch.stopped():
            raise Stopped

    return beat


def _report(dataset: str, version: DatasetVersion | None, found: Findings, tally: Tally, *, stopped: bool = False) -> ImportReport:
    after = tally.version(dataset, 0)
    return ImportReport(
        dataset=dataset, version=version.id if version else None, lines=found.lines, added=0 if stopped else found.added,
        duplicates=found.duplicates, problems=tuple(found.problems), samples=after.counts.total, entities=after.entities,
        relations=after.relations, ungrounded=after.ungrounded, splits=after.counts, near_duplicates=found.near_duplicates,
        notes=tuple(found.notes), unlisted=found.unlisted, stopped=stopped,
    )  # fmt: skip
