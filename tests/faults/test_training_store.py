"""The store fails at any write of an attempt: nothing half-written, and the run ends honestly or goes on to the same result."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import LeaseLostError, StoreError, StoreUnavailableError
from core.jobs.runs import reconciled
from core.records.events import NewEvent
from core.records.models import Call
from core.records.prompts import Deployment, PromptVersion
from core.records.runs import Look, RunStatus, SampleOutcome, TrainingRun
from core.store.base import Lease, Operation, Store
from core.workbench import Workbench
from core.workflows.runs import resume
from tests.standins.training import QUICK, do, furnish, log_of, queue, samples, without_times


class Counting:
    """The store, with a say before and after each write of an attempt."""

    def __init__(self, store: Store, before: Callable[[int], None], after: Callable[[int], None] = lambda number: None) -> None:
        self.writes = 0
        self._store, self._before, self._after = store, before, after
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def append(self, stream: str, events: Sequence[NewEvent], *, fence: Lease | None = None, operations: Sequence[Operation] = ()) -> int:
        with self._lock:
            self.writes += 1
            number = self.writes
        self._before(number)
        last = self._store.append(stream, events, fence=fence, operations=operations)
        self._after(number)
        return last


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples(train=4, val=2, test=2))
    return bench


def failing_at(numbers: set[int], error: type[StoreError]) -> Callable[[int], None]:
    def fail(number: int) -> None:
        if number in numbers:
            raise error(f"write {number} failed")

    return fail


def outcome(bench: Workbench, run: TrainingRun) -> Any:
    """All that a run leaves, comparable between runs."""
    version = bench.store.get(PromptVersion, run.version or "")
    return run.status, run.baseline, run.result, run.gain, without_times(version), run.calls, run.cost, run.failures


def whole(bench: Workbench, run: TrainingRun) -> None:
    """No gap, no double, nothing dangling, all results or none."""
    log = log_of(bench, run)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert len({event.key for event in log}) == len(log)
    assert bench.store.check() == []
    ended = run.status is RunStatus.COMPLETED
    assert bench.store.count(SampleOutcome, {"run_id": run.id}) == (4 if ended else 0)
    assert bench.store.count(Look, {"run_id": run.id}) == ended
    assert bench.store.count(PromptVersion, {"run_id": run.id}) == ended


@pytest.mark.parametrize("error", [StoreUnavailableError, LeaseLostError, StoreError])
def test_a_store_that_fails_for_good_at_any_write_leaves_a_run_that_goes_on_to_the_same_result(
    docs: Workbench, error: type[StoreError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training.journal.COMMIT_EVERY_SECONDS", 0.0)  # smaller transactions, so more of them
    plain = do(docs, queue(docs, force=True))
    expected = outcome(docs, plain)
    counted = Counting(docs.store, lambda number: None)
    assert do(docs, queue(docs, force=True), store=counted).status is RunStatus.COMPLETED
    assert counted.writes >= 2
    for number in sorted({*range(1, 5), *range(5, counted.writes + 1, 1 + counted.writes // 6)}):
        run = queue(docs, force=True)
        store = Counting(docs.store, failing_at(set(range(number, 10_000)), error))
        try:
            ended = do(docs, run, store=store, patience=replace(QUICK, store=0.05))
            finished = ended.status is RunStatus.COMPLETED  # so fast that it needed fewer writes than the run that counted them
        except StoreError:
            finished = False
        if not finished:
            left = docs.store.get(TrainingRun, run.id)
            assert left is not None and left.status in (RunStatus.PENDING, RunStatus.RUNNING)
            whole(docs, left)
            if left.status is RunStatus.RUNNING:
                assert reconciled(docs.store, left).status is RunStatus.INTERRUPTED
                resume(docs, run.id)
            ended = do(docs, run)
        assert outcome(docs, ended) == expected
        whole(docs, ended)
    assert docs.store.count(Deployment) == 1


def test_a_store_that_is_away_for_a_moment_is_waited_for_at_any_write(docs: Workbench) -> None:
    expected = outcome(docs, do(docs, queue(docs, force=True)))
    for first in (1, 2, 3, 5):
        store = Counting(docs.store, failing_at({first, first + 1, first + 3}, StoreUnavailableError))
        run = do(docs, queue(docs, force=True), store=store, patience=replace(QUICK, store=30))
        assert outcome(docs, run) == expected
        whole(docs, run)


def test_a_write_whose_answer_is_lost_is_not_done_twice(docs: Workbench) -> None:
    expected = outcome(docs, do(docs, queue(docs, force=True)))
    store = Counting(docs.store, lambda number: None, after=failing_at(set(range(1, 100, 2)), StoreUnavailableError))
    run = do(docs, queue(docs, force=True), store=store, patience=replace(QUICK, store=30))
    assert outcome(docs, run) == expected
    whole(docs, run)


def test_what_was_committed_before_a_failure_is_not_paid_for_again(docs: Workbench) -> None:
    plain = do(docs, queue(docs, optimizer="bootstrap", force=True))
    calls = docs.store.count(Call, {"run_id": plain.id})
    run = queue(docs, optimizer="bootstrap", force=True)
    store = Counting(docs.store, failing_at(set(range(3, 10_000)), StoreUnavailableError))
    with pytest.raises(StoreUnavailableError):
        do(docs, run, store=store, patience=replace(QUICK, store=0.05))
    left = docs.store.get(TrainingRun, run.id)
    assert left is not None
    made = docs.store.count(Call, {"run_id": run.id})
    assert made > 0
    resume(docs, reconciled(docs.store, left).id)
    ended = do(docs, run)
    assert ended.calls == calls == docs.store.count(Call, {"run_id": run.id})
    resumed = next(event for event in log_of(docs, run) if event.event_type == "resumed")
    assert resumed.data["recorded_calls"] == made
    assert not any(event.key.startswith("diverged") for event in log_of(docs, run))


def test_a_log_that_cannot_be_written_any_more_does_not_end_the_run(docs: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue(docs, log_path="Auto")
    log = docs.settings.log_folder / str(run.log_path)
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    with pytest.raises(Exception, match="cannot be written"):
        do(docs, run)
    log.unlink()
    ended = do(docs, run)
    assert ended.status is RunStatus.COMPLETED
    assert len(log.read_text().splitlines()) == len(log_of(docs, run))
