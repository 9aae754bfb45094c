"""The sample domains that ship with the workbench: made once, imported like anybody's data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from core.errors import AlreadyExistsError, UnknownNameError, UnreadableFileError
from core.records.base import Record
from core.records.domains import Domain, Schema
from core.workbench import Workbench
from core.workflows.domains import create_domain
from core.workflows.imports import import_samples

FOLDER = Path(__file__).resolve().parents[2] / "config" / "samples"


class SampleDomain(Record):
    """One sample domain as it is in the store now. `dataset` has the domain's own name."""

    name: str
    dataset: str
    created: bool
    added: int
    samples: int
    documents: tuple[str, ...]
    """Paths of plain texts to try it on."""


def sample_names(folder: Path = FOLDER) -> list[str]:
    """The sample domains that are there, by name."""
    return sorted(path.parent.name for path in folder.glob("*/domain.yml"))


def sample_documents(name: str, folder: Path = FOLDER) -> tuple[Path, ...]:
    """The plain documents of a sample domain, in order."""
    return tuple(sorted((folder / name / "documents").glob("*.txt")))


def load_samples(bench: Workbench, *, only: str | None = None, folder: Path = FOLDER) -> Iterator[SampleDomain]:
    """Make each sample domain and import its dataset; one that is there is left as it is, and nothing is added twice.

    Raises:
        UnknownNameError: no sample domain of the name `only`, or none at all.
        UnreadableFileError: a sample file cannot be read.
        AlreadyExistsError: a domain of that name was deleted before.
    """
    names = sample_names(folder)
    if not names or (only is not None and only not in names):
        raise UnknownNameError.of("sample domain", only or str(folder), names)
    for name in [only] if only is not None else names:
        yield _load(bench, name, folder)


def _load(bench: Workbench, name: str, folder: Path) -> SampleDomain:
    there = bench.store.get(Domain, name)
    if there is not None and there.deleted:
        raise AlreadyExistsError(f"the sample domain {name!r} was deleted here", hint="names are never used again: try it on another store")
    if there is None:
        told = _described(folder / name / "domain.yml")
        schema = Schema.model_validate(told.get("schema") or {})
        create_domain(bench, name, str(told.get("description", "")), schema=schema, guidelines=str(told.get("guidelines", "")))
    report = import_samples(bench, dataset=name, source=folder / name / "samples.jsonl", domain=name)
    documents = tuple(str(path) for path in sample_documents(name, folder))
    return SampleDomain(name=name, dataset=name, created=there is None, added=report.added, samples=report.samples, documents=documents)


def _described(path: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnreadableFileError(f"{path} cannot be read: {' '.join(str(error).split())}", hint="restore the file") from error
    if not isinstance(value, dict):
        raise UnreadableFileError(f"{path} is no list of `name: value` lines", hint="restore the file")
    return value
