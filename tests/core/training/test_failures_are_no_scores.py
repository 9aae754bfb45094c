"""What failed is counted once, replayed as it was, and never chosen for the little that it answered."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import ModelUnavailableError
from core.metrics.document import Match, Scorer, match_entities, matcher
from core.records.domains import MetricConfig
from core.records.events import EventType
from core.records.models import Call, ModelRequest
from core.records.runs import RunStatus, TrainingRun
from core.records.samples import Sample
from core.store.base import Put
from core.training.watch import Trial, Watch
from core.workbench import Workbench
from tests.standins.training import FakeModel, builtin_answer, do, furnish, log_of, queue, samples, with_model


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples(train=8, val=6, test=5))
    return bench


def again(docs: Workbench, run: TrainingRun) -> TrainingRun:
    """The run once more from its record, as after a kill in its last moment."""
    docs.store.write([Put(record=run.model_copy(update={"status": RunStatus.PENDING}))])
    return do(docs, run)


def test_a_replay_repeats_the_failures_and_the_waits_cost_it_nothing(docs: Workbench) -> None:
    answer = builtin_answer()

    def answering(request: ModelRequest) -> str:
        model.state = "connected"
        if len(model.requests) in (3, 4, 15):
            model.state = "disconnected"
            raise ModelUnavailableError("nobody there")
        if len(model.requests) in (7, 21):
            raise ModelUnavailableError("failed by itself")
        return answer(request)

    model = FakeModel(answering)
    bench = with_model(docs, model)
    first = do(bench, queue(bench, model="fake/one"), threads=1)
    assert (first.status, first.failures.calls) == (RunStatus.COMPLETED, 2), first.error
    asked = len(model.requests)
    model.state = "disconnected"  # nobody is asked: the record answers, its failures too
    second = again(bench, first)
    assert len(model.requests) == asked
    assert (second.baseline, second.result, second.failures, second.calls) == (first.baseline, first.result, first.failures, first.calls)
    assert bench.store.count(Call, {"run_id": first.id}) == first.calls
    assert not any(event.key.startswith("diverged") for event in log_of(bench, first))


def test_a_record_that_no_longer_fits_is_told_as_an_event(docs: Workbench) -> None:
    run = queue(docs)
    done = do(docs, run)
    stray = next(docs.store.each(Call, {"run_id": run.id}))
    other = queue(docs, seed=5)
    docs.store.write([Put(record=stray.model_copy(update={"id": f"{other.id}/stray/1", "run_id": other.id, "request_hash": "stray"}))])
    told = [event for event in log_of(docs, do(docs, other)) if event.key.startswith("diverged")]
    assert [event.data["unused_recorded_calls"] for event in told] == [1]
    assert done.status is RunStatus.COMPLETED


def test_an_unreadable_answer_is_counted_once_however_often_it_is_seen_again(docs: Workbench) -> None:
    hard = next(docs.store.each(Sample, {"dataset": "docs", "split": "val"})).text
    answer = builtin_answer()
    model = FakeModel(lambda request: "no list" if hard in request.messages[-1].content else answer(request))
    bench = with_model(docs, model)
    run = do(bench, queue(bench, model="fake/one", optimizer="mipro"))
    assert run.status is RunStatus.COMPLETED, run.error
    made = sum(hard in request.messages[-1].content and "`source_text` (str)" in request.messages[0].content for request in model.requests)
    assert run.failures.parses == made
    failed = [event for event in log_of(bench, run) if event.event_type is EventType.SAMPLE_RESULT and event.data.get("error")]
    assert len(failed) > made, "seen again from memory"
    assert all(event.data["score"] is None for event in failed)


CONFIG = MetricConfig()


HOW = matcher(CONFIG, typed=False, similarity=None)
SAMPLE = Sample.model_validate(
    {
        "key": "k", "dataset": "d", "id": "s", "since": 1, "text": "Ada met Bob.", "text_hash": "h",
        "entities": [{"id": "e1", "text": "Ada"}, {"id": "e2", "text": "Bob"}],
    }
)  # fmt: skip


def watch_with(trials: list[Trial]) -> Watch:
    session: Any = SimpleNamespace(failure_limit=0.2)
    watch = Watch(session, "entities", Scorer(how=HOW, config=CONFIG, typed=False))
    watch.trials = trials
    return watch


def match_of(found: str) -> Match:
    return match_entities([{"text": name, "type": None} for name in found.split()], SAMPLE, HOW, typed=False)


def trial(number: int, found: str, *, failed: int, of: int = 10) -> Trial:
    scores = {str(n): match_of(found) for n in range(of - failed)}
    return Trial(number=number, program=None, full=True, size=of, scores=scores, failed={f"f{n}" for n in range(failed)})


def test_a_candidate_that_failed_on_most_samples_does_not_win_by_the_rest() -> None:
    start, lucky, steady = trial(0, "Bob Eve", failed=0), trial(1, "Ada Bob", failed=9), trial(2, "Ada Bob Eve", failed=1)
    assert watch_with([start, lucky, steady]).best() is steady
    assert watch_with([start, lucky]).best() is start


def test_where_the_untrained_program_fails_more_a_candidate_may_fail_as_much() -> None:
    start, better = trial(0, "Bob Eve", failed=6), trial(1, "Ada Bob", failed=5)
    assert watch_with([start, better]).best() is better
