"""Who works on a run, and what becomes of one that nobody works on."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.errors import BusyError, ConflictError, UnknownNameError
from core.jobs.runner import Runner
from core.jobs.runs import attempt_lives, mark_ended, reconciled, run_lease
from core.records.events import EventType
from core.records.models import Call
from core.records.runs import RunStatus, TrainingRun
from core.store.base import Put
from core.store.owners import me
from core.workbench import Workbench
from core.workflows.runs import cancel, follow, get_run, resume, wait
from tests.standins.training import do, furnish, log_of, queue, samples


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples(train=4, val=2, test=2))
    return bench


def running(docs: Workbench, owner: str | None) -> TrainingRun:
    """A run that says it runs; `owner` holds its lease."""
    run = queue(docs)
    docs.store.write([Put(record=run.model_copy(update={"status": RunStatus.RUNNING, "attempts": 1, "remaining_ms": 5000}))])
    if owner is not None:
        assert docs.store.acquire(run_lease(run.id), owner, seconds=600) is not None
    found = docs.store.get(TrainingRun, run.id)
    assert found is not None
    return found


def stale_owner() -> str:
    """This process's number with the birth of another process: the number was reused."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time() - 1000:.2f}"


def test_a_run_whose_process_lives_is_left_alone(docs: Workbench) -> None:
    run = running(docs, me("attempt"))
    assert attempt_lives(docs.store, run.id)
    assert reconciled(docs.store, run) == run
    assert mark_ended(docs.store, run, RunStatus.INTERRUPTED) == run


@pytest.mark.parametrize("owner", [None, stale_owner(), f"{socket.gethostname()}:4000000:1.00"])
def test_a_run_of_no_process_or_of_a_reused_number_is_interrupted(docs: Workbench, owner: str | None) -> None:
    run = running(docs, owner)
    found = get_run(docs, run.id)
    assert (found.status, found.remaining_ms, found.completed_at) == (RunStatus.INTERRUPTED, None, None)


def test_a_zombie_is_no_process_that_works(docs: Workbench) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    owner = f"{socket.gethostname()}:{child.pid}:{psutil.Process(child.pid).create_time():.2f}"
    while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert get_run(docs, running(docs, owner).id).status is RunStatus.INTERRUPTED
    child.wait()


def test_an_attempt_that_was_given_up_is_fenced_off(docs: Workbench) -> None:
    run = running(docs, stale_owner())
    lease = docs.store.lease(run_lease(run.id))
    mark_ended(docs.store, run, RunStatus.INTERRUPTED)
    after = docs.store.lease(run_lease(run.id))
    assert lease is not None and after is not None
    assert after.token > lease.token and not after.live


def test_a_run_that_ended_meanwhile_is_not_marked(docs: Workbench) -> None:
    run = running(docs, None)
    docs.store.write([Put(record=run.model_copy(update={"status": RunStatus.COMPLETED}))])
    assert mark_ended(docs.store, run, RunStatus.INTERRUPTED).status is RunStatus.COMPLETED


def test_a_run_ended_by_force_says_so_in_its_events(docs: Workbench) -> None:
    run = running(docs, None)
    ended = mark_ended(docs.store, run, RunStatus.FAILED, error="it could not start")
    assert ended.completed_at is not None
    last = log_of(docs, run)[-1]
    assert (last.event_type, last.message) == (EventType.FAILED, "it could not start")


def test_a_dead_run_does_not_keep_its_domain_busy(docs: Workbench) -> None:
    dead = running(docs, stale_owner())
    again = queue(docs)
    assert get_run(docs, dead.id).status is RunStatus.INTERRUPTED
    assert again.status is RunStatus.PENDING


def test_resuming_twice_is_resuming_once(docs: Workbench) -> None:
    run = running(docs, None)
    assert resume(docs, run.id).status is RunStatus.PENDING
    assert resume(docs, run.id).status is RunStatus.PENDING
    ended = do(docs, run.id)
    assert (ended.status, ended.attempts) == (RunStatus.COMPLETED, 2)
    with pytest.raises(ConflictError, match="is completed"):
        resume(docs, run.id)
    with pytest.raises(BusyError, match="completed, not queued"):
        do(docs, run.id)


def test_an_interrupted_run_can_be_cancelled_and_then_no_more_resumed(docs: Workbench) -> None:
    run = running(docs, None)
    assert cancel(docs, run.id).status is RunStatus.CANCELLED
    with pytest.raises(ConflictError, match="is cancelled"):
        resume(docs, run.id)
    assert docs.store.count(Call) == 0


def test_a_wish_to_cancel_does_not_outlive_the_attempt_that_it_was_for(docs: Workbench) -> None:
    run = running(docs, me("attempt"))
    cancel(docs, run.id)
    lease = docs.store.lease(run_lease(run.id))
    assert lease is not None
    docs.store.break_lease(lease)
    assert get_run(docs, run.id).status is RunStatus.INTERRUPTED
    resume(docs, run.id)
    assert do(docs, run.id).status is RunStatus.COMPLETED


def test_a_second_attempt_at_a_run_at_work_is_refused(docs: Workbench) -> None:
    run = queue(docs)
    assert docs.store.acquire(run_lease(run.id), "elsewhere:1:1.00", seconds=600) is not None
    with pytest.raises(BusyError, match="another process works on"):
        do(docs, run.id)


def test_an_unknown_run_is_named(docs: Workbench) -> None:
    for ask in (get_run, cancel, resume, do):
        with pytest.raises(UnknownNameError, match="no run 'nothing'"):
            ask(docs, "nothing")


def test_following_an_ended_run_gives_every_event_and_stops(docs: Workbench) -> None:
    run = do(docs, queue(docs))
    assert list(follow(docs, run.id)) == log_of(docs, run)
    assert [event.seq for event in follow(docs, run.id, after=10)] == list(range(11, docs.store.last_seq(run.id) + 1))
    assert wait(docs, run.id) == run


def test_a_second_runner_leaves_the_place_to_the_first(docs: Workbench, tmp_path: Path) -> None:

    assert Runner(docs.store, tmp_path, idle_seconds=0).serve(lambda: False)
    lease = docs.store.lease(f"runner:{socket.gethostname()}")
    assert lease is not None and not lease.live
