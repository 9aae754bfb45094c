from pathlib import Path

import pytest

from core.errors import AlreadyExistsError, UnknownNameError, UnreadableFileError
from core.records.datasets import Dataset
from core.workbench import Workbench
from core.workflows.domains import delete_domain, get_domain, list_domains
from core.workflows.samples import load_samples, sample_names


def test_every_sample_domain_arrives_whole_and_only_once(bench: Workbench) -> None:
    first = list(load_samples(bench))
    assert [sample.name for sample in first] == sample_names()
    assert len(first) >= 4
    for sample in first:
        assert sample.created
        assert (sample.added == sample.samples) and sample.samples >= 60
        assert sample.documents
        assert get_domain(bench, sample.name).schema_.entity_types
    again = list(load_samples(bench))
    assert [(sample.created, sample.added) for sample in again] == [(False, 0)] * len(first)
    assert {view.name: view.samples for view in list_domains(bench)} == {"general": 0} | {sample.name: sample.samples for sample in first}


def test_one_can_be_chosen(bench: Workbench) -> None:
    assert [sample.name for sample in load_samples(bench, only="tech_docs")] == ["tech_docs"]
    with pytest.raises(UnknownNameError, match="recipes"):
        list(load_samples(bench, only="recipes"))


def test_a_deleted_sample_domain_does_not_come_back(bench: Workbench) -> None:
    list(load_samples(bench, only="tech_docs"))
    delete_domain(bench, "tech_docs")
    with pytest.raises(AlreadyExistsError):
        list(load_samples(bench, only="tech_docs"))
    kept = bench.store.get(Dataset, "tech_docs")
    assert kept is not None
    assert kept.change > 0


def test_a_broken_description_is_named(bench: Workbench, tmp_path: Path) -> None:
    folder = tmp_path / "samples" / "machines"
    folder.mkdir(parents=True)
    (folder / "domain.yml").write_text("name: [unclosed")
    with pytest.raises(UnreadableFileError, match=r"domain\.yml"):
        list(load_samples(bench, folder=tmp_path / "samples"))
