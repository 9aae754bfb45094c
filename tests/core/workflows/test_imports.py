"""Import from the file to the published version, on a real store."""

import io
import json
import os
from types import SimpleNamespace

import pytest

from core.datasets import intake
from core.datasets.formats import lines
from core.datasets.versions import version_at
from core.errors import BusyError, ConflictError, InvalidValueError, UnknownNameError, UnreadableFileError
from core.records.datasets import Dataset, DatasetVersion
from core.records.domains import Domain, EntityType, Predicate, Schema
from core.records.samples import Sample, Split, SplitLock
from core.store.base import Put
from core.store.stores import open_store
from core.workflows.datasets import get_dataset, last_import, list_datasets, problems, samples_page
from core.workflows.imports import Watch, import_samples, preview_import


@pytest.fixture
def bench(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/w.db")
    yield SimpleNamespace(store=store)
    store.close()


def jsonl(*values):
    return io.BytesIO("".join(json.dumps(value) + "\n" for value in values).encode())


def rows(count, start=0):
    return [
        {"text": f"Unit {number} drives pump{number * 7} near hall{number * 13}", "entities": [f"Unit {number}"]}
        for number in range(start, start + count)
    ]


def take(bench, *values, dataset="d", **more):
    return import_samples(bench, dataset=dataset, source=jsonl(*values), **more)


def test_a_first_import_creates_the_dataset_and_publishes_one_version(bench):
    report = take(bench, *rows(20))
    assert (report.added, report.samples, report.entities, report.version) == (20, 20, 20, "d@1")
    assert report.splits.model_dump() == {"train": 12, "val": 4, "test": 4, "none": 0}
    assert get_dataset(bench, "d").version.types == {"": 20}
    assert bench.store.check() == []


def test_the_preview_says_the_same_and_writes_nothing(bench):
    take(bench, *rows(3))
    values = [*rows(6), {"text": ""}, rows(1)[0] | {"entities": []}]
    preview = preview_import(bench, dataset="d", source=jsonl(*values))
    assert bench.store.get(Dataset, "d").change == 1
    assert bench.store.count(Sample) == 3
    report = take(bench, *values)
    assert preview.model_copy(update={"version": "d@2"}) == report
    assert (report.added, report.duplicates, [each.line for each in report.problems]) == (3, 4, [7, 8])


def test_the_same_file_twice_adds_nothing_and_makes_no_new_version(bench):
    first = take(bench, *rows(20))
    second = take(bench, *rows(20))
    assert (second.added, second.duplicates, second.version, second.samples) == (0, 20, first.version, 20)
    assert bench.store.count(DatasetVersion) == 1
    assert [info.dataset.change for info in list_datasets(bench)] == [1]


def test_a_later_file_makes_a_new_version_and_the_old_one_stays(bench):
    first = take(bench, *rows(20))
    second = take(bench, *rows(5, start=20))
    assert second.version == "d@2"
    assert version_at(bench.store, "d", 1).counts.total == 20
    assert version_at(bench.store, "d", 2).counts.total == 25
    bench.store.write([])
    assert first.version == "d@1"


def test_other_annotations_of_a_known_text_are_named_and_the_first_stay(bench):
    value = {"text": "Ann met Bob", "entities": ["Ann"]}
    report = take(bench, value, value | {"entities": ["Bob"]}, value)
    assert (report.added, report.duplicates) == (1, 2)
    assert [each.line for each in report.problems] == [2]
    later = take(bench, value | {"entities": []})
    assert "other annotations" in later.problems[0].message
    assert samples_page(bench, "d").samples[0].entities[0].text == "Ann"


def test_an_id_that_is_taken_is_refused_by_line(bench):
    report = take(bench, {"id": "a", "text": "one"}, {"id": "a", "text": "two"})
    assert [(each.line, each.message) for each in report.problems] == [(2, "the id 'a' belongs to another sample")]
    later = take(bench, {"id": "a", "text": "three"}, {"id": "b", "text": "four"})
    assert (later.added, [each.line for each in later.problems]) == (1, [1])


def test_once_test_always_test_in_the_whole_store(bench):
    take(bench, {"text": "secret", "split": "test"}, *rows(10))
    report = take(bench, {"text": "secret", "split": "train"}, {"text": "secret"}, dataset="other")
    assert report.splits.test == 1 and report.added == 1
    assert "came in as test before" in report.notes[0]
    assert bench.store.count(SplitLock) == 11


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_no_problem(bench):
    source = io.BytesIO(b'\xef\xbb\xbf{"text": "one\\r\\ntwo", "entities": ["two"]}\r\n\r\n   \r\n{"text": "three"}')
    report = import_samples(bench, dataset="d", source=source)
    assert (report.added, report.problems, report.lines) == (2, (), 2)
    assert {sample.text for sample in samples_page(bench, "d").samples} == {"one\r\ntwo", "three"}


def test_a_line_without_end_is_skipped_in_bounded_memory_and_named(bench, monkeypatch):
    assert lines.lines.__defaults__ == (lines.MAX_LINE,)
    long = b'{"text": "' + b"x" * (lines.MAX_LINE * 3) + b'"}\n'
    report = import_samples(bench, dataset="d", source=io.BytesIO(long + b'{"text": "fine"}\n'))
    assert (report.added, [each.line for each in report.problems]) == (1, [1])
    assert "longer than" in report.problems[0].message
    assert len(report.problems[0].raw) == 2000


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device", "empty", "utf-16", "utf-16 without mark", "nul in the name"])
def test_what_is_no_text_file_is_refused_at_once(bench, tmp_path, kind):
    path = tmp_path / "x.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = path.__class__("/dev/zero")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "nul in the name":
        path = path.__class__("a\0b")
    elif kind.startswith("utf-16"):
        path.write_text('{"text": "a"}\n', encoding="utf-16-le" if "without" in kind else "utf-16")
    with pytest.raises(UnreadableFileError) as refused:
        import_samples(bench, dataset="d", source=path)
    assert refused.value.hint
    assert bench.store.get(Dataset, "d") is None


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc", "a/../../x", "..\\x", "", ".", "a" * 101, "CON", "x.", "a\u202eb", "\u00e9", "e\u0301", "a\0", "-a", "%2e%2e", "A"],
)
def test_a_name_that_no_dataset_can_have_is_refused(bench, name):
    with pytest.raises(InvalidValueError):
        take(bench, *rows(1), dataset=name)


def schema_domain(bench):
    born = Predicate(name="in", subject_types=("P",), object_types=("C",))
    schema = Schema(
        entity_types=(EntityType(name="P"), EntityType(name="C")),
        predicates=(born,),
    )
    bench.store.write([Put(record=Domain(name="people", description="about people and cities", schema_=schema))])


def test_the_schema_of_the_domain_holds_line_by_line(bench):
    schema_domain(bench)
    ann, bonn = {"id": "1", "text": "Ann", "type": "P"}, {"id": "2", "text": "Bonn", "type": "C"}
    link = {"subject_id": "1", "predicate": "in", "object_id": "2"}
    good = {"text": "Ann in Bonn", "entities": [ann, bonn], "relations": [link]}
    report = take(
        bench,
        good,
        good | {"text": "Ann and Bonn", "entities": [ann | {"type": "X"}, bonn]},
        good | {"text": "Ann at Bonn", "relations": [link | {"predicate": "at"}]},
        good | {"text": "Bonn of Ann", "relations": [{"subject_id": "2", "predicate": "in", "object_id": "1"}]},
        {"text": "Ann untyped", "entities": ["Ann"]},
        domain="people",
    )
    assert (report.added, [each.line for each in report.problems]) == (2, [2, 3, 4])
    assert get_dataset(bench, "d").dataset.domain == "people"


def test_a_dataset_belongs_to_one_domain_whose_schema_holds(bench):
    schema_domain(bench)
    bench.store.write([Put(record=Domain(name="other", description="some other domain here"))])
    with pytest.raises(UnknownNameError, match="no domain 'nobody'"):
        take(bench, *rows(1), domain="nobody")
    take(bench, *rows(1), domain="other")
    with pytest.raises(ConflictError, match="belongs to domain 'other'"):
        take(bench, *rows(1), domain="people")
    take(bench, {"text": "Ann", "entities": [{"text": "Ann", "type": "X"}]}, dataset="free")
    with pytest.raises(ConflictError, match="X"):
        take(bench, *rows(1), dataset="free", domain="people")
    assert take(bench, {"text": "Ann", "entities": [{"text": "Ann", "type": "X"}]}, dataset="free", domain="other").added == 0
    assert get_dataset(bench, "free").dataset.domain == "other"


def test_a_file_of_nothing_but_problems_leaves_no_dataset(bench):
    report = take(bench, {"text": ""}, {"no": 1})
    assert (report.added, report.version, len(report.problems)) == (0, None, 2)
    assert list_datasets(bench) == [] and bench.store.get(Dataset, "d") is None


def test_the_problems_of_the_last_import_can_be_fetched_mended_and_imported(bench):
    take(bench, *rows(3), {"text": 5})
    assert [(each.line, json.loads(each.raw)) for each in problems(bench, "d")] == [(4, {"text": 5})]
    assert take(bench, {"text": "5"}).added == 1
    assert problems(bench, "d") == () and last_import(bench, "d").samples == 4


def test_a_long_file_streams_and_gives_what_a_short_one_would(bench, monkeypatch):
    monkeypatch.setattr(intake, "BUFFER", 20)
    monkeypatch.setattr(intake, "BATCH", 10)
    values = [*rows(100), *rows(5), rows(1, start=3)[0] | {"entities": []}, {"text": ""}]
    seen = []
    preview = preview_import(bench, dataset="d", source=jsonl(*values))
    report = take(bench, *values, watch=Watch(progress=lambda done, size: seen.append((done, size))))
    assert (report.added, report.duplicates, [each.line for each in report.problems]) == (100, 6, [106, 107])
    assert report.near_duplicates is None
    assert report.splits.model_dump() == {"train": 60, "val": 20, "test": 20, "none": 0}
    assert seen[-1][0] == 107 and len(seen) >= 10 and seen == sorted(seen)
    assert preview.model_copy(update={"version": "d@1"}) == report
    assert take(bench, *values).added == 0
    assert version_at(bench.store, "d", 1).content_hash == get_dataset(bench, "d").version.content_hash


def test_a_stopped_import_leaves_nothing(bench, monkeypatch):
    monkeypatch.setattr(intake, "BUFFER", 20)
    monkeypatch.setattr(intake, "BATCH", 10)
    polls = []
    stop = Watch(stopped=lambda: polls.append(bench.store.count(Sample)) or len(polls) > 6)
    report = take(bench, *rows(100), watch=stop)
    assert report.stopped and (report.added, report.samples, report.version) == (0, 0, None)
    assert max(polls) > 0, "rows had been staged"
    assert bench.store.count(Sample) == 0 and bench.store.get(Dataset, "d") is None
    take(bench, *rows(10))
    polls.clear()
    report = take(bench, *rows(100, start=50), watch=stop)
    assert report.stopped and report.samples == 10 and report.version == "d@1"
    assert not bench.store.get(Dataset, "d").staging
    assert bench.store.count(Sample) == 10


def test_nothing_is_seen_of_a_dataset_while_its_first_import_runs(bench, monkeypatch):
    monkeypatch.setattr(intake, "BUFFER", 20)
    monkeypatch.setattr(intake, "BATCH", 10)
    listed, second = [], []

    def look(done, size):
        listed.append(list_datasets(bench))
        with pytest.raises(BusyError) as refused:
            take(bench, *rows(1))
        second.append(refused.value.hint)

    take(bench, *rows(50), watch=Watch(progress=look))
    assert listed and not any(listed) and all(second)
    assert len(list_datasets(bench)) == 1


def test_given_splits_are_honored(bench):
    values = [row | {"split": split} for row, split in zip(rows(3), ("test", "val", "train"), strict=True)]
    take(bench, *values)
    found = {sample.text: sample.split for sample in samples_page(bench, "d").samples}
    assert [found[value["text"]] for value in values] == [Split.TEST, Split.VAL, Split.TRAIN]
