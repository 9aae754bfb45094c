"""Export: a dataset, or one of its versions, as a file."""

import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from core.datasets.formats.formats import format_of
from core.datasets.versions import find_version, samples_at
from core.errors import UnreadableFileError
from core.records.base import Record
from core.workbench import Workbench
from core.workflows.datasets import get_dataset


class ExportReport(Record):
    """What was written."""

    dataset: str
    version: str
    file: str
    format: str
    samples: int
    losses: tuple[str, ...] = ()
    """What of it the format cannot hold, in sentences."""


def export_losses(bench: Workbench, *, dataset: str, format: str, version: str | None = None) -> tuple[str, ...]:
    """What an export would lose, said before it writes.

    Raises:
        UnknownNameError: no such dataset, version or format.
    """
    name, change, _ = _state(bench, dataset, version)
    return format_of(format).losses(samples_at(bench.store, name, change))


def export_samples(bench: Workbench, *, dataset: str, path: Path, format: str = "native", version: str | None = None) -> ExportReport:
    """Write every sample, ordered by id, to a file beside the target, which then takes its place: whole or not at all.

    Raises:
        UnknownNameError: no such dataset, version or format.
        UnreadableFileError: the target is no regular file, or its folder cannot be written.
    """
    name, change, identity = _state(bench, dataset, version)
    writer = format_of(format)
    losses = writer.losses(samples_at(bench.store, name, change))
    if path.exists() and not path.is_file():
        raise UnreadableFileError(f"{str(path)!r} is not a regular file", hint="name a file to write, not a folder or a device")
    try:
        descriptor, scratch = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"{str(path)!r} cannot be written: {_reason(error)}", hint="name a file in a folder that exists and can be written"
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            count = writer.write(samples_at(bench.store, name, change), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except OSError as error:
        raise UnreadableFileError(
            f"{str(path)!r} cannot be written: {_reason(error)}", hint="free some space, or choose another folder"
        ) from None
    finally:
        Path(scratch).unlink(missing_ok=True)
    return ExportReport(dataset=name, version=identity, file=str(path), format=format, samples=count, losses=losses)


def write_samples(bench: Workbench, *, dataset: str, file: BinaryIO, format: str = "native", version: str | None = None) -> int:
    """The same into an open stream, for a download; returns how many.

    Raises:
        UnknownNameError: no such dataset, version or format.
    """
    name, change, _ = _state(bench, dataset, version)
    return format_of(format).write(samples_at(bench.store, name, change), file)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _state(bench: Workbench, dataset: str, version: str | None) -> tuple[str, int, str]:
    """Dataset, change and version name; without a version, the head."""
    head = get_dataset(bench, dataset)
    found = find_version(bench.store, version or head.version.id)
    return found.dataset, found.change, found.id
