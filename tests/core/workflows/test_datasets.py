"""Datasets as an analyst sees them."""

import io
import json
from types import SimpleNamespace

import pytest

from core.datasets.edits import edit
from core.datasets.holding import holding
from core.datasets.versions import Tally, samples_at, version_at
from core.errors import AlreadyExistsError, BusyError, InvalidValueError, StaleRevisionError, UnknownNameError
from core.records.datasets import Dataset, DatasetVersion
from core.records.domains import MetricConfig
from core.records.runs import OptimizerSettings, RunStatus, TrainingRun
from core.records.samples import Entity, Sample, Split, SplitLock
from core.store.base import Put
from core.store.stores import open_store
from core.workflows.datasets import (
    SampleFilter,
    create_dataset,
    delete_dataset,
    deletion_effects,
    freeze_version,
    get_dataset,
    list_datasets,
    list_versions,
    remove_samples,
    samples_of_version,
    samples_page,
    version_diff,
)
from core.workflows.imports import import_samples


@pytest.fixture
def bench(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/w.db")
    yield SimpleNamespace(store=store)
    store.close()


def fill(bench, count=20, dataset="d", start=0):
    values = []
    for number in range(start, start + count):
        entities = [{"id": "p", "text": f"Unit{number}", "type": "even" if number % 2 == 0 else "odd"}, {"id": "q", "text": "pump"}]
        relations = [{"subject_id": "p", "predicate": "drives", "object_id": "q"}] if number % 5 == 0 else []
        values.append(
            {"id": f"{number:03}", "text": f"Unit{number} drives pump {number * 7} {number}", "entities": entities, "relations": relations}
        )
    source = io.BytesIO("".join(json.dumps(value) + "\n" for value in values).encode())
    return import_samples(bench, dataset=dataset, source=source)


def run_on(bench, dataset, status):
    version = freeze_version(bench, dataset)
    run = TrainingRun(
        id=f"x_{status}", domain="x", dataset=dataset, dataset_version=version.id, content_hash=version.content_hash,
        optimizer=OptimizerSettings(), metric=MetricConfig(), model="builtin/in-context", status=status,
    )  # fmt: skip
    bench.store.write([Put(record=run)])


def test_a_dataset_is_listed_with_what_it_holds(bench):
    fill(bench)
    (info,) = list_datasets(bench)
    assert (info.dataset.name, info.version.counts.total, info.version.entities, info.version.relations) == ("d", 20, 40, 4)
    assert info.version.types == {"": 20, "even": 10, "odd": 10} and info.version.predicates == {"drives": 4}
    with pytest.raises(UnknownNameError) as refused:
        get_dataset(bench, "e")
    assert "d" in refused.value.hint


@pytest.mark.parametrize(
    ("where", "total"),
    [
        ({}, 20),
        ({"split": "test"}, 4),
        ({"type": "odd"}, 10),
        ({"predicate": "drives"}, 4),
        ({"text": "UNIT1 "}, 1),
        ({"ungrounded": True}, 0),
        ({"type": "even", "predicate": "drives"}, 2),
        ({"split": "none"}, 0),
        ({"type": "nothing"}, 0),
    ],
)
def test_samples_are_filtered_and_paged(bench, where, total):
    fill(bench)
    pages = [samples_page(bench, "d", where=SampleFilter(**where), limit=3, offset=offset) for offset in range(0, 21, 3)]
    assert {page.total for page in pages} == {total}
    names = [sample.id for page in pages for sample in page.samples]
    assert names == sorted(names) and len(set(names)) == len(names) == total


def test_the_test_split_is_sealed(bench):
    report = fill(bench)
    with pytest.raises(InvalidValueError, match="sealed"):
        samples_of_version(bench.store, report.version, [Split.TRAIN, Split.TEST])
    assert {each.split for each in samples_of_version(bench.store, report.version, [Split.TRAIN, Split.VAL])} == {Split.TRAIN, Split.VAL}
    assert len(list(samples_of_version(bench.store, report.version, [Split.TEST], sealed=True))) == 4


def test_an_edit_makes_a_version_and_the_old_one_can_still_be_read(bench):
    fill(bench)
    old = samples_page(bench, "d").samples[0]
    changed = old.model_copy(update={"entities": (Entity(id="p", text="Unit0", type="new", start=0, end=5),), "relations": ()})
    version = edit(bench.store, "d", new=[changed], old=[old])
    assert version.id == "d@2" and version.types == {"": 19, "even": 9, "new": 1, "odd": 10}
    assert samples_page(bench, "d").samples[0].entities == changed.entities
    assert next(samples_at(bench.store, "d", 1)).entities == old.entities
    diff = version_diff(bench, first="d@1", second="d@2")
    assert (len(diff.added), len(diff.removed)) == (0, 0)
    assert [(each.before.entities, each.after.entities) for each in diff.changed] == [(old.entities, changed.entities)]
    assert bench.store.check() == []


def test_counts_and_hash_that_were_moved_along_equal_those_counted_anew(bench):
    fill(bench)
    remove_samples(bench, "d", ids=["003", "004"])
    fill(bench, 30, start=10)
    kept = freeze_version(bench, "d")
    tally = Tally()
    for sample in samples_at(bench.store, "d", kept.change):
        tally.add(sample)
    assert tally.version("d", kept.change).model_dump(exclude={"created_at"}) == kept.model_dump(exclude={"created_at"})
    assert kept.counts.total == 38 and kept.change == 3
    assert [each.change for each in list_versions(bench, "d")] == [3, 2, 1]
    assert version_at(bench.store, "d", 1).content_hash != kept.content_hash


def test_the_diff_of_two_versions_reads_both_ways(bench):
    fill(bench)
    remove_samples(bench, "d", ids=["003"])
    fill(bench, 1, start=90)
    there, back = version_diff(bench, first="d@1", second="d@3"), version_diff(bench, first="d@3", second="d@1")
    assert [each.id for each in there.added] == ["090"] == [each.id for each in back.removed]
    assert [each.id for each in there.removed] == ["003"] == [each.id for each in back.added]
    with pytest.raises(InvalidValueError):
        version_diff(bench, first="d", second="d@1")
    with pytest.raises(UnknownNameError, match="d@9"):
        version_diff(bench, first="d@9", second="d@1")


def test_a_removed_sample_can_come_back_with_its_split(bench):
    fill(bench)
    before = samples_page(bench, "d").samples[3]
    remove_samples(bench, "d", ids=[before.id])
    assert fill(bench).added == 1
    after = samples_page(bench, "d").samples[3]
    assert (after.id, after.split, after.since) == (before.id, before.split, 3)
    assert freeze_version(bench, "d").content_hash == version_at(bench.store, "d", 1).content_hash


def test_an_edit_waits_for_an_import_and_mends_what_a_dead_one_left(bench):
    fill(bench)
    old = samples_page(bench, "d").samples[0]
    head = bench.store.get(Dataset, "d")
    staged = old.model_copy(update={"key": "d/staged@2", "id": "staged", "since": 2})
    with holding(bench.store, "d") as lease:
        bench.store.write([Put(record=head.model_copy(update={"staging": True})), Put(record=staged)], fence=lease)
        with pytest.raises(BusyError, match="import"):
            edit(bench.store, "d", new=[], old=[old])
    assert edit(bench.store, "d", new=[], old=[old]).counts.total == 19
    assert bench.store.get(Sample, "d/staged@2") is None


def test_two_edits_of_the_same_state_cannot_both_win(bench):
    fill(bench)
    head = bench.store.get(Dataset, "d")
    remove_samples(bench, "d", ids=["001"])
    with pytest.raises(StaleRevisionError):
        bench.store.write([Put(record=head.model_copy(update={"change": 2}))])


def test_a_dataset_is_deleted_with_everything_but_the_locks(bench):
    fill(bench)
    assert deletion_effects(bench, "d").samples == 20
    assert delete_dataset(bench, "d").versions == 1
    assert list_datasets(bench) == []
    assert [bench.store.count(kind) for kind in (Sample, Dataset, DatasetVersion, SplitLock)] == [0, 0, 0, 20]
    assert fill(bench).version == "d@1"


def test_a_dataset_in_use_by_a_run_is_not_deleted(bench):
    fill(bench)
    run_on(bench, "d", RunStatus.RUNNING)
    with pytest.raises(BusyError, match="x_running"):
        delete_dataset(bench, "d")
    assert freeze_version(bench, "d").counts.total == 20


def test_a_deleted_dataset_that_runs_refer_to_leaves_its_record_and_its_numbers_go_on(bench):
    fill(bench)
    run_on(bench, "d", RunStatus.COMPLETED)
    assert delete_dataset(bench, "d").runs == 1
    assert list_datasets(bench) == [] and bench.store.count(Sample) == 0
    assert bench.store.get(DatasetVersion, "d@1") is not None
    report = fill(bench, 5)
    assert (report.version, report.samples) == ("d@2", 5)


def test_an_empty_dataset_can_be_made_and_filled(bench):
    assert create_dataset(bench, dataset="d").version.counts.total == 0
    with pytest.raises(AlreadyExistsError):
        create_dataset(bench, dataset="d")
    assert fill(bench).version == "d@2"
