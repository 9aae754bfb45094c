"""A version on a split, outside any run; and a log on its own."""

from pathlib import Path

import pytest

from core.errors import RequestError, UnknownNameError, UnreadableFileError
from core.records.prompts import PromptVersion
from core.records.runs import Look
from core.store.base import Put
from core.workbench import Workbench
from core.workflows.evaluate import evaluate, evaluate_log
from tests.standins.training import FakeModel, do, furnish, queue, samples, with_model


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples())
    return bench


def test_the_deployed_version_scores_as_its_run_did_and_the_look_is_counted(docs: Workbench) -> None:
    run = do(docs, queue(docs))
    assert run.result is not None
    found = evaluate(docs, domain="docs", dataset="docs")
    assert found.version == run.version
    assert found.scores.model_dump(exclude={"relation_f1_gold_entities"}) == run.result.model_dump(exclude={"relation_f1_gold_entities"})
    assert (found.looks, evaluate(docs, domain="docs", dataset="docs").looks) == (2, 3)
    assert docs.store.count(Look) == 3


def test_another_split_is_no_look(docs: Workbench) -> None:
    do(docs, queue(docs))
    found = evaluate(docs, domain="docs", dataset="docs", split="val")
    assert (found.looks, found.scores.samples) == (None, 4)
    assert docs.store.count(Look) == 1


def test_failed_samples_are_counted_and_not_scored(docs: Workbench) -> None:
    run = do(docs, queue(docs))
    bench = with_model(docs, FakeModel(lambda request: "no list"))
    version = docs.store.get(PromptVersion, run.version or "")
    assert version is not None
    docs.store.write([Put(record=version.model_copy(update={"id": "docs-broken", "model": "fake/one"}))])
    found = evaluate(bench, domain="docs", dataset="docs", version="docs-broken")
    assert (found.scores.samples, found.scores.failed, found.scores.score) == (0, 5, None)


def test_what_cannot_be_evaluated_is_refused(docs: Workbench) -> None:
    with pytest.raises(RequestError, match="nothing is deployed for docs"):
        evaluate(docs, domain="docs", dataset="docs")
    do(docs, queue(docs))
    for wrong in ({"domain": "x"}, {"dataset": "x"}, {"split": "x"}, {"version": "x"}):
        with pytest.raises(UnknownNameError):
            evaluate(docs, **({"domain": "docs", "dataset": "docs"} | wrong))


def test_a_log_that_is_not_there_or_no_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        evaluate_log(tmp_path / "none.jsonl")
    odd = tmp_path / "odd.jsonl"
    odd.write_bytes(b'\xff\xfe\n[]\n{"event_type": "x"}\n{"event_type": "sample_result", "data": {"score": null}}\n\n{"a')
    found = evaluate_log(odd)
    assert (found.events, found.calls, found.average, found.torn_lines) == (1, 0, None, 4)
