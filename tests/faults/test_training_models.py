"""Models that fail while a run goes on: counted and shown, never a score, and a run that cannot go on says why."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.records.events import EventType
from core.records.models import Call
from core.records.runs import RunStatus, SampleOutcome, TrainingRun
from core.settings import Settings
from core.training.patience import Patience
from core.workbench import Workbench
from core.workflows.evaluate import evaluate_log
from core.workflows.runs import cancel
from tests.standins.ollama import Behavior, Fault, ServedModel, StandIn
from tests.standins.training import QUICK, do, furnish, log_of, queue, reopened, samples

MODEL = "ollama/tiny:latest"
SECONDS = 2.0
"""For one call."""
TINY = ServedModel(name="tiny:latest")


@pytest.fixture
def ollama() -> Iterator[StandIn]:
    with StandIn(models=(TINY,)) as server:
        yield server


@pytest.fixture
def docs(workbench_settings: Settings, ollama: StandIn, tmp_path: Path) -> Iterator[Workbench]:
    """A workbench on the stand-in: one retry after a short wait, a second for each call."""
    bench = reopened(workbench_settings, ollama_base_url=ollama.url, ollama_timeout_seconds=SECONDS, model_retries=0)
    furnish(bench, tmp_path, samples())
    yield bench
    bench.close()


def trained(docs: Workbench, **wishes: Any) -> TrainingRun:
    return do(docs, queue(docs, model=MODEL, **wishes))


def consistent(docs: Workbench, run: TrainingRun) -> None:
    """No sample has both a failure and a score; what failed is counted alike in run, calls and events."""
    calls = list(docs.store.each(Call, {"run_id": run.id}))
    unanswered = [call for call in calls if call.error_kind not in (None, "AnswerError")]
    assert run.failures.calls == len(unanswered)
    assert run.calls == len(calls)
    for outcome in docs.store.each(SampleOutcome, {"run_id": run.id}):
        assert (outcome.error is None) != (outcome.score is None)
    for event in log_of(docs, run):
        if event.event_type is EventType.SAMPLE_RESULT and event.data.get("error"):
            assert event.data["score"] is None


SOME = [
    Fault.SERVER_ERROR, Fault.BUSY, Fault.RATE_LIMITED, Fault.RESET, Fault.RESET_MIDWAY, Fault.HTML, Fault.EMPTY, Fault.CUT_BODY,
    Fault.BROKEN_ANSWER, Fault.THINK_UNCLOSED, Fault.HUGE, Fault.WRONG_TYPES, Fault.ERROR_IN_STREAM, Fault.REDIRECT, Fault.UNAUTHORIZED,
]  # fmt: skip


@pytest.mark.parametrize("fault", SOME)
def test_a_few_failed_calls_do_not_end_a_run_and_are_no_scores(docs: Workbench, ollama: StandIn, fault: Fault) -> None:
    ollama.behave(Behavior(schedule={3: fault, 14: fault, 25: fault}))
    run = trained(docs)
    assert run.status is RunStatus.COMPLETED, run.error
    assert run.failures.calls + run.failures.parses >= 2
    assert run.result is not None and run.baseline is not None and run.result.score is not None
    consistent(docs, run)


@pytest.mark.parametrize("fault", SOME)
def test_a_model_that_only_fails_fails_the_run_with_the_reason(docs: Workbench, ollama: StandIn, fault: Fault) -> None:
    ollama.behave(Behavior(always=fault))
    run = trained(docs)
    assert run.status is RunStatus.FAILED
    assert MODEL in (run.error or "") and "calls" in (run.error or "")
    assert run.hint
    assert (run.result, run.baseline, run.version) == (None, None, None), "never a score of zero"
    assert run.failures.calls + run.failures.parses >= run.calls * 0.9
    last = log_of(docs, run)[-1]
    assert (last.event_type, last.message) == (EventType.FAILED, run.error)
    consistent(docs, run)


@pytest.mark.parametrize("behavior", [Behavior(always=Fault.HANG), Behavior(always=Fault.HANG_MIDWAY), Behavior(drip=0.2)])
def test_a_model_that_hangs_or_drips_fails_the_run_with_the_reason(docs: Workbench, ollama: StandIn, behavior: Behavior) -> None:
    with closing(reopened(docs.settings, ollama_timeout_seconds=0.15)) as hasty:
        ollama.behave(behavior)
        run = do(hasty, queue(hasty, model=MODEL), threads=16)
        assert run.status is RunStatus.FAILED
        assert run.failures.calls == run.calls
        errors = {call.error for call in hasty.store.each(Call, {"run_id": run.id})}
        assert all("not done after" in (error or "") for error in errors)
        consistent(hasty, run)


@pytest.mark.parametrize("fault", [Fault.THINK_AROUND, Fault.THINK_UNOPENED])
def test_thoughts_around_every_answer_change_nothing(docs: Workbench, ollama: StandIn, fault: Fault) -> None:
    plain = trained(docs)
    ollama.behave(Behavior(always=fault))
    run = trained(docs, force=True)
    assert run.status is RunStatus.COMPLETED, run.error
    assert run.failures.calls == run.failures.parses == 0
    assert (run.baseline, run.result) == (plain.baseline, plain.result)


def test_a_tiny_run_whose_every_call_fails_is_no_finished_run(docs: Workbench, ollama: StandIn, tmp_path: Path) -> None:
    furnish(docs, tmp_path, [sample | {"relations": []} for sample in samples(train=3, val=2, test=2)], domain="few")
    ollama.behave(Behavior(always=Fault.SERVER_ERROR))
    run = trained(docs, domain="few", dataset="few")
    assert run.calls < 20
    assert (run.status, run.version) == (RunStatus.FAILED, None)


def test_the_share_of_failures_in_the_log_is_that_of_the_store(docs: Workbench, ollama: StandIn) -> None:
    ollama.behave(Behavior(chances={Fault.SERVER_ERROR: 0.05, Fault.EMPTY: 0.05}, seed=4))
    run = trained(docs, log_path="Auto")
    assert run.status is RunStatus.COMPLETED, run.error
    summary = evaluate_log(docs.settings.log_folder / str(run.log_path))
    assert summary.calls == run.calls
    assert summary.failures == sum(call.error is not None for call in docs.store.each(Call, {"run_id": run.id})) > 0
    assert run.failures.calls + run.failures.parses == summary.failures


def test_a_busy_server_is_asked_again_when_it_says_and_the_run_is_as_if_nothing_was(workbench_settings: Settings, tmp_path: Path) -> None:
    with StandIn(models=(TINY,)) as ollama, closing(reopened(workbench_settings, ollama_base_url=ollama.url, model_retries=2)) as docs:
        furnish(docs, tmp_path, samples())
        plain = trained(docs)
        ollama.behave(Behavior(schedule={2: Fault.RATE_LIMITED, 9: Fault.SERVER_ERROR}, retry_after="0"))
        run = trained(docs, force=True)
        assert (run.baseline, run.result, run.failures) == (plain.baseline, plain.result, plain.failures)
        assert sum(call.retries for call in docs.store.each(Call, {"run_id": run.id})) == 2


def test_an_evicted_model_is_waited_for_then_named_in_the_reason(docs: Workbench, ollama: StandIn) -> None:
    ollama.behave(Behavior(evict_from=6))
    run = trained(docs)
    assert run.status is RunStatus.FAILED
    assert f"{MODEL} did not come back" in (run.error or "") and "not found" in (run.error or "")
    waits = [event for event in log_of(docs, run) if event.event_type is EventType.PROGRESS_UPDATE]
    assert len(waits) > 1 and all(MODEL in event.message for event in waits)
    assert {call.model for call in docs.store.each(Call, {"run_id": run.id})} == {"tiny:latest"}, "no other model was asked"


def test_a_model_that_comes_back_is_worth_the_wait(docs: Workbench, ollama: StandIn) -> None:
    plain = trained(docs)
    ollama.behave(Behavior(schedule={3: Fault.EVICTED, 4: Fault.EVICTED, 11: Fault.EVICTED}))
    run = trained(docs, force=True)
    assert (run.status, run.failures.calls) == (RunStatus.COMPLETED, 0)
    assert (run.baseline, run.result) == (plain.baseline, plain.result)


def test_a_server_that_is_gone_for_a_while_is_waited_for(docs: Workbench, ollama: StandIn) -> None:
    plain = trained(docs)
    port = int(ollama.url.rpartition(":")[2])
    ollama.behave(Behavior(latency=0.03))
    run = queue(docs, model=MODEL, force=True)
    done: list[TrainingRun] = []
    work = threading.Thread(target=lambda: done.append(do(docs, run, patience=replace(QUICK, model=60))))
    work.start()
    while len(log_of(docs, run)) < 30 and work.is_alive():
        time.sleep(0.01)
    ollama.stop()
    assert work.is_alive(), "it is in the middle of the run"
    time.sleep(0.5)
    with StandIn(models=(TINY,), port=port):
        work.join(60)
    assert done[0].status is RunStatus.COMPLETED, done[0].error
    assert (done[0].baseline, done[0].result) == (plain.baseline, plain.result)
    assert any("waiting for" in event.message for event in log_of(docs, run))


def test_a_server_that_is_gone_for_good_fails_the_run_with_the_reason(docs: Workbench, ollama: StandIn) -> None:
    run = queue(docs, model=MODEL)
    ollama.stop()
    ended = do(docs, run, patience=replace(QUICK, model=0.3))
    assert ended.status is RunStatus.FAILED
    assert "did not come back within" in (ended.error or "") and "cannot be reached" in (ended.error or "")
    assert ended.hint
    assert docs.store.count(Call) == 0, "calls that nobody could make are no record"


def test_a_cancel_ends_the_wait_for_a_server(docs: Workbench, ollama: StandIn) -> None:
    run = queue(docs, model=MODEL)
    ollama.stop()
    threading.Timer(0.5, lambda: cancel(docs, run.id)).start()
    ended = do(docs, run, patience=Patience(model=60, between=30))
    assert ended.status is RunStatus.CANCELLED


def test_a_cancel_does_not_wait_for_a_slow_answer(docs: Workbench, ollama: StandIn) -> None:
    run = queue(docs, model=MODEL)
    ollama.behave(Behavior(always=Fault.HANG))
    threading.Timer(SECONDS / 4, lambda: cancel(docs, run.id)).start()
    ended = do(docs, run)
    assert (ended.status, ended.failures.calls) == (RunStatus.CANCELLED, 0)
    assert docs.store.count(Call, {"run_id": run.id}) == 0, "a cancelled call is no failure of the model"
