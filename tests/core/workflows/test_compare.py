"""Two runs side by side."""

from pathlib import Path

import pytest

from core.errors import RequestError, UnknownNameError
from core.workbench import Workbench
from core.workflows.compare import compare, outcomes_of, pairs
from tests.standins.training import do, furnish, queue, samples


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples())
    return bench


def test_two_runs_are_compared_on_the_same_samples_with_an_interval(docs: Workbench) -> None:
    few, many = do(docs, queue(docs, max_labeled_demos=1)), do(docs, queue(docs, max_labeled_demos=8))
    found = compare(docs, few.id, many.id)
    document = found.document()
    assert document["n"] == 5 == sum(document["samples"].values())
    assert document["runs"] == [few.id, many.id]
    a, b, low, high = document["metrics"]["score"]
    assert few.result is not None and many.result is not None
    assert (a, b) == (pytest.approx(few.result.score), pytest.approx(many.result.score))
    assert low <= b - a <= high
    assert "max_labeled_demos" in str(document["settings"]["optimizer"])
    assert "model" not in document["settings"], "only what differs"


def test_a_run_compared_with_itself_shows_no_difference(docs: Workbench) -> None:
    run = do(docs, queue(docs))
    document = compare(docs, run.id, run.id).document()
    assert document["settings"] == {}
    assert document["samples"] == {"better": 0, "worse": 0, "same": 5}
    assert document["verdicts"]["score"] == "no difference: all 5 test samples score the same"


def test_pairs_stand_by_the_size_of_their_change(docs: Workbench) -> None:
    few, many = do(docs, queue(docs, max_labeled_demos=1)), do(docs, queue(docs, max_labeled_demos=8))
    found = pairs(docs, compare(docs, few.id, many.id))
    changes = [abs((pair.b.score or 0) - (pair.a.score or 0)) for pair in found]
    assert changes == sorted(changes, reverse=True)
    assert len(found) == 5
    assert {outcome.sample_id for outcome in outcomes_of(docs, few, side="baseline")} == {pair.sample_id for pair in found}


def test_runs_that_were_not_proven_cannot_be_compared(docs: Workbench) -> None:
    done = do(docs, queue(docs))
    open_run = queue(docs, seed=2)
    with pytest.raises(RequestError, match=f"{open_run.id} is pending and has no results"):
        compare(docs, done.id, open_run.id)
    with pytest.raises(UnknownNameError):
        compare(docs, done.id, "nothing")


def test_runs_on_different_texts_share_nothing(docs: Workbench, tmp_path: Path) -> None:
    furnish(docs, tmp_path, [s | {"text": s["text"] + " Again."} for s in samples()], domain="others")
    runs = [do(docs, queue(docs, domain=name, dataset=name)) for name in ("docs", "others")]
    with pytest.raises(RequestError, match="share no test sample"):
        compare(docs, runs[0].id, runs[1].id)
