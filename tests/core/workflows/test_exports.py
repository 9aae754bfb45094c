"""Export, and that what comes back is the same."""

import io
import json
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UnknownNameError, UnreadableFileError
from core.records.datasets import Dataset
from core.store.stores import open_store
from core.workflows.datasets import freeze_version, remove_samples
from core.workflows.exports import export_losses, export_samples, write_samples
from core.workflows.imports import import_samples

MET = {"subject": "Ann", "predicate": "met", "object": "Bob"}
IS = {"subject": "Ann", "predicate": "is", "object": "Ann"}
TRICKY = [
    {
        "text": "😀 e\u0301 Ann\r\nmet\u00a0Bob  twice",
        "entities": ["Ann", "Bob"],
        "relations": [{"subject": "Ann", "predicate": "met", "object": "Bob"}],
    },
    {"text": "\u05e9\u05dc\u05d5\u05dd Ann", "entities": [{"text": "Ann", "type": "P", "start": 5, "end": 8, "source": "human"}]},
    {"text": "New York Times", "entities": [{"text": "New York", "start": 0, "end": 8}, {"text": "New York Times", "start": 0, "end": 14}]},
    {
        "text": "Ann",
        "entities": ["Ann", "Zoe"],
        "relations": [IS],
        "metadata": {"n": 2**65},
    },
    {"text": "not annotated", "more": {"kept": True}},
    {"text": "nothing in it", "entities": [], "relations": [], "split": "test", "source": "augmented", "author": "kim", "id": "own"},
]


@pytest.fixture
def bench(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/w.db")
    yield SimpleNamespace(store=store)
    store.close()


def jsonl(values):
    return io.BytesIO("".join(json.dumps(value) + "\n" for value in values).encode())


def test_export_and_import_give_the_same_dataset(bench, tmp_path):
    assert import_samples(bench, dataset="a", source=jsonl(TRICKY)).added == len(TRICKY)
    first = export_samples(bench, dataset="a", path=tmp_path / "a.jsonl")
    assert (first.samples, first.version, first.losses) == (6, "a@1", ())
    report = import_samples(bench, dataset="b", source=tmp_path / "a.jsonl")
    assert (report.added, report.problems, report.notes) == (6, (), ())
    export_samples(bench, dataset="b", path=tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert freeze_version(bench, "a").content_hash == freeze_version(bench, "b").content_hash
    assert import_samples(bench, dataset="a", source=tmp_path / "a.jsonl").added == 0
    stream = io.BytesIO()
    assert write_samples(bench, dataset="a", file=stream) == 6
    assert stream.getvalue() == (tmp_path / "a.jsonl").read_bytes()


letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30).filter(
    lambda text: not text.isspace()
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(letters, st.lists(letters, max_size=3)), min_size=1, max_size=4))
def test_any_text_with_any_names_comes_back_the_same(tmp_path, pairs):
    store = open_store(f"sqlite:///{tmp_path}/any.db")
    bench = SimpleNamespace(store=store)
    name = f"d{store.count(Dataset)}"
    report = import_samples(bench, dataset=name, source=jsonl([{"text": text, "entities": names} for text, names in pairs]))
    assert report.added + report.duplicates == len(pairs)
    first, second = io.BytesIO(), io.BytesIO()
    write_samples(bench, dataset=name, file=first)
    import_samples(bench, dataset=f"{name}-again", source=first)
    write_samples(bench, dataset=f"{name}-again", file=second)
    assert first.getvalue() == second.getvalue()
    store.close()


def test_an_older_version_is_exported_as_it_was(bench, tmp_path):
    import_samples(bench, dataset="a", source=jsonl(TRICKY))
    remove_samples(bench, "a", ids=["own"])
    assert export_samples(bench, dataset="a", path=tmp_path / "new").samples == 5
    assert export_samples(bench, dataset="a", path=tmp_path / "old", version="a@1").samples == 6


@pytest.mark.parametrize("kind", ["folder", "missing folder", "nul"])
def test_a_target_that_cannot_be_written_is_refused_and_nothing_is_left(bench, tmp_path, kind):
    import_samples(bench, dataset="a", source=jsonl(TRICKY))
    (tmp_path / "folder").mkdir()
    path = tmp_path / {"folder": "folder", "missing folder": "no/where", "nul": "a\0b"}[kind]
    before = sorted(tmp_path.rglob("*.??????*"))
    with pytest.raises(UnreadableFileError):
        export_samples(bench, dataset="a", path=path)
    assert sorted(tmp_path.rglob("*.??????*")) == before


def test_what_does_not_exist_is_named(bench, tmp_path):
    import_samples(bench, dataset="a", source=jsonl(TRICKY))
    with pytest.raises(UnknownNameError, match="dataset 'b'"):
        export_samples(bench, dataset="b", path=tmp_path / "x")
    with pytest.raises(UnknownNameError, match="format 'xls'"):
        export_losses(bench, dataset="a", format="xls")
    with pytest.raises(UnknownNameError, match="a@2"):
        export_samples(bench, dataset="a", path=tmp_path / "x", version="a@2")
    assert not (tmp_path / "x").exists()
