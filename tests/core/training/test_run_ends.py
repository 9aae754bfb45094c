"""Cancels and ceilings: how a run ends before its time, and what it keeps."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConflictError, RequestError
from core.records.events import EventType
from core.records.models import Call, ModelRequest
from core.records.prompts import Deployment, PromptVersion
from core.records.runs import Look, RunStatus, SampleOutcome, Signal
from core.store.base import Ensure
from core.training.plan import RunSizes, held_out_calls, proof_calls
from core.workbench import Workbench
from core.workflows.runs import cancel, get_run
from tests.standins.training import FakeModel, builtin_answer, do, furnish, log_of, queue, samples, with_model


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples())
    return bench


def cancelled_at(docs: Workbench, call: int, **wishes: Any) -> tuple[Workbench, Any, FakeModel]:
    """A run whose cancel is asked for during its n-th call."""
    answer = builtin_answer()

    def answering(request: ModelRequest) -> str:
        if len(model.requests) == call:
            cancel(docs, run.id)
            time.sleep(0.6)  # longer than the attempt takes to notice
        return answer(request)

    model = FakeModel(answering)
    bench = with_model(docs, model)
    run = queue(bench, model="fake/one", **wishes)
    return bench, do(bench, run, threads=1), model


def test_a_cancel_stops_within_one_call_and_keeps_the_best_full_evaluation(docs: Workbench) -> None:
    bench, run, model = cancelled_at(docs, 10)  # 4 untrained, 4 trained, then relations
    assert (run.status, run.stopped_by, run.remaining_ms) == (RunStatus.CANCELLED, "cancel", None)
    assert len(model.requests) == 10
    version = bench.store.get(PromptVersion, run.version)
    assert version is not None, "the best so far is kept"
    assert version.tasks.keys() == {"entities", "relations"}
    assert version.tasks["entities"].demos and not version.tasks["relations"].demos
    assert run.baseline is run.result is run.gain is None, "nothing was proven"
    assert bench.store.count(Deployment) == 0, "and nothing deployed"
    last = log_of(bench, run)[-1]
    assert (last.event_type, last.data["version"]) == (EventType.CANCELLED, run.version)


def test_a_cancel_before_any_full_evaluation_keeps_the_baseline(docs: Workbench) -> None:
    bench, run, model = cancelled_at(docs, 2)
    assert run.status is RunStatus.CANCELLED
    assert len(model.requests) == 2
    version = bench.store.get(PromptVersion, run.version)
    assert version is not None
    assert not any(prompt.demos for prompt in version.tasks.values())


def test_a_cancel_in_the_sealed_test_proves_nothing_and_keeps_the_best(docs: Workbench) -> None:
    bench, run, _ = cancelled_at(docs, 18)
    assert run.status is RunStatus.CANCELLED
    assert run.version and run.result is None
    assert bench.store.count(SampleOutcome) == 0


def test_a_queued_run_is_cancelled_at_once_and_never_begins(docs: Workbench) -> None:
    run = cancel(docs, queue(docs).id)
    assert (run.status, run.stopped_by) == (RunStatus.CANCELLED, "cancel")
    with pytest.raises(ConflictError, match="cancelled, not queued"):
        do(docs, run)
    assert docs.store.count(Call) == 0


def test_two_cancels_are_one_and_a_third_after_the_end_is_refused(docs: Workbench) -> None:
    answer = builtin_answer()

    def answering(request: ModelRequest) -> str:
        if len(model.requests) == 3:
            cancel(docs, run.id)
            cancel(docs, run.id)
            time.sleep(0.6)
        return answer(request)

    model = FakeModel(answering)
    bench = with_model(docs, model)
    run = queue(bench, model="fake/one")
    ended = do(bench, run)
    assert ended.status is RunStatus.CANCELLED
    assert sum(event.event_type is EventType.CANCELLED for event in log_of(bench, run)) == 1
    with pytest.raises(ConflictError, match="is cancelled"):
        cancel(docs, run.id)


def test_a_cancel_while_a_run_finishes_leaves_it_finished(docs: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue(docs)
    write = docs.store.append

    def wishing(stream: str, events: Any, **rest: Any) -> int:
        if any(event.event_type is EventType.COMPLETED for event in events):
            docs.store.write([Ensure(record=Signal(run_id=run.id))])
            time.sleep(0.6)
        return write(stream, events, **rest)

    monkeypatch.setattr(docs.store, "append", wishing)
    ended = do(docs, run)
    assert (ended.status, ended.stopped_by) == (RunStatus.COMPLETED, None)
    with pytest.raises(ConflictError):
        cancel(docs, run.id)


def test_a_cancelled_run_counts_no_failed_calls(docs: Workbench) -> None:
    _, run, _ = cancelled_at(docs, 10)
    assert run.failures.calls == run.failures.parses == 0


SIZES = RunSizes(tasks=("entities", "relations"), train=8, val=4, test=5)


@pytest.mark.parametrize("ceiling", [1, 5, 12, 20, proof_calls(SIZES) - 1, proof_calls(SIZES) + 1, 2 * proof_calls(SIZES) - 1])
@pytest.mark.parametrize("optimizer", ["labeled_few_shot", "bootstrap"])
def test_never_more_calls_than_the_ceiling_and_the_best_is_kept(docs: Workbench, ceiling: int, optimizer: str) -> None:
    model = FakeModel(slowly(builtin_answer()), price=(0, 0))
    bench = with_model(docs, model)
    run = do(bench, queue(bench, model="fake/one", optimizer=optimizer, max_calls=ceiling), threads=8)
    assert run.status is RunStatus.COMPLETED, run.error
    assert len(model.requests) <= ceiling
    assert run.calls == bench.store.count(Call, {"run_id": run.id}) == len(model.requests)
    assert bench.store.get(PromptVersion, run.version) is not None
    if run.stopped_by:
        assert run.stopped_by == "calls"
        assert any(event.event_type is EventType.BUDGET_REACHED for event in log_of(bench, run))
    if run.result is None:
        assert run.gain is not None and run.gain.verdict == "not proven: the ceiling on calls was reached"
        assert bench.store.count(SampleOutcome) == bench.store.count(Look) == run.looks == 0, "the test is still sealed"


def slowly(answer: Callable[[ModelRequest], str]) -> Callable[[ModelRequest], str]:
    """Long enough that calls of several threads are under way together."""

    def answering(request: ModelRequest) -> str:
        time.sleep(0.005)
        return answer(request)

    return answering


def test_a_ceiling_with_room_for_the_proof_keeps_it_free(docs: Workbench) -> None:
    need = 2 * (proof_calls(SIZES) + held_out_calls(SIZES))
    run = do(docs, queue(docs, optimizer="mipro", max_calls=need))
    assert (run.status, run.stopped_by) == (RunStatus.COMPLETED, "calls")
    assert run.calls <= need
    assert run.result is not None and run.result.samples == 5, "proven all the same"


def test_a_ceiling_in_dollars_stops_cleanly(docs: Workbench) -> None:
    model = FakeModel(builtin_answer(), price=(1.0, 1.0))  # 1,000 tokens each way: 0.002 a call
    bench = with_model(docs, model)
    run = do(bench, queue(bench, model="fake/one", max_usd=0.02), threads=1)
    assert (run.status, run.stopped_by) == (RunStatus.COMPLETED, "usd")
    assert run.cost.estimated_cost_usd == pytest.approx(0.02)
    assert len(model.requests) == 10
    assert run.gain is not None and run.gain.verdict == "not proven: the ceiling on usd was reached"


def test_a_ceiling_in_dollars_for_a_model_without_a_price_is_refused(docs: Workbench) -> None:
    bench = with_model(docs, FakeModel(builtin_answer(), price=None))
    with pytest.raises(RequestError, match="price of fake/one is not known") as caught:
        queue(bench, model="fake/one", max_usd=1.0)
    assert "ceiling on calls" in caught.value.hint
    unlimited = do(bench, queue(bench, model="fake/one"))
    assert unlimited.cost.estimated_cost_usd is None, "unknown, not zero"


def test_a_stopped_run_is_not_given_for_the_whole_one(docs: Workbench) -> None:
    short = do(docs, queue(docs, max_calls=5))
    whole = queue(docs)
    assert whole.id != short.id
    assert get_run(docs, whole.id).status is RunStatus.PENDING
