"""Real processes, really killed: no event lost or doubled, nothing paid twice, the same result as unbroken."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.bootstrap import open_workbench
from core.jobs.launch import runner_lease, spawn
from core.jobs.runs import attempt_lives, run_lease
from core.records.events import EventType
from core.records.models import Call
from core.records.prompts import PromptVersion
from core.records.runs import OPEN_STATES, RunStatus, TrainingRun
from core.settings import load_settings
from core.workbench import Workbench
from core.workflows.runs import cancel, get_run, resume
from tests.standins.ollama import Behavior, ServedModel, StandIn
from tests.standins.training import do, furnish, log_of, queue, samples, without_times

NO_OLLAMA = "http://127.0.0.1:9"
LIMIT = 120
"""Seconds for anything; far above what it takes on a busy machine."""
ROUNDS, SIDES = 20, 2


def until(holds: Callable[[], Any], what: str, *, poll: float = 0.01) -> Any:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(poll)
    raise AssertionError(f"{what} did not come in {LIMIT} s")


@dataclass
class House:
    """A store of its own and the processes on it."""

    bench: Workbench
    folder: Path
    runner: subprocess.Popen[bytes] | None = None
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = spawn(list(arguments), self.bench.store.url, self.folder / "logs" / f"{arguments[0]}.log")
        self.started.append(process)
        return process

    def with_runner(self) -> subprocess.Popen[bytes]:
        if self.runner is None or self.runner.poll() is not None:
            self.runner = self.start("runner", "--idle-exit", "120")
        return self.runner

    def attempts(self) -> list[psutil.Process]:
        """Every attempt at work on this store, whoever started it."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):  # it may end while it is looked at
                words = process.cmdline()
                if "attempt" in words and self.bench.store.url in words and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def ended(self, run: TrainingRun) -> TrainingRun:
        """The run when it has ended, gone on with as often as it breaks off."""
        while True:
            self.with_runner()
            now: TrainingRun = until(partial(self.over, run), f"the end of {run.id}", poll=0.05)
            if now.status is not RunStatus.INTERRUPTED:
                return now
            resume(self.bench, run.id)

    def over(self, run: TrainingRun) -> TrainingRun | None:
        now = get_run(self.bench, run.id)
        return None if now.status in OPEN_STATES else now

    def clear(self) -> None:
        for process in self.attempts():
            process.kill()
        for started in self.started:
            started.kill()
            started.wait()


def furnished(folder: Path) -> House:
    folder.mkdir(exist_ok=True)
    store = {"store": f"sqlite:///{folder}/workbench.db", "ollama_base_url": NO_OLLAMA, "log_folder": folder / "logs"}
    bench = replace(open_workbench(load_settings(store, environ={})), ensure_runner=lambda: None)
    furnish(bench, folder, samples(train=10, val=5, test=5))
    return House(bench, folder)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("OLLAMA_BASE_URL", NO_OLLAMA)
    monkeypatch.setenv("LOG_FOLDER", str(tmp_path / "logs"))
    made = furnished(tmp_path)
    yield made
    made.clear()
    made.bench.close()


def outcome(bench: Workbench, run: TrainingRun) -> Any:
    version = bench.store.get(PromptVersion, run.version or "")
    return run.status, run.baseline, run.result, run.gain, without_times(version), run.calls, run.cost, run.failures


def whole(bench: Workbench, run: TrainingRun) -> None:
    log = log_of(bench, run)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert len({event.key for event in log}) == len(log)
    assert sum(event.event_type is EventType.COMPLETED for event in log) == 1
    assert not any(event.key.startswith("diverged") for event in log)
    assert bench.store.count(Call, {"run_id": run.id}) == run.calls == sum(event.event_type is EventType.LLM_RESPONSE for event in log)


class Siege:
    """Kills in one house, round after round, at moments that a seed draws."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.random = house, random.Random(seed)
        self.hits = 0
        self.expected: dict[str, Any] = {}
        self.events: dict[str, int] = {}

    def lay(self, rounds: int) -> None:
        for optimizer in ("labeled_few_shot", "bootstrap"):
            run = self.house.ended(queue(self.house.bench, optimizer=optimizer, force=True))
            self.expected[optimizer] = outcome(self.house.bench, run)
            self.events[optimizer] = self.house.bench.store.last_seq(run.id)
        for number in range(rounds):
            self.round(number, ("labeled_few_shot", "bootstrap")[number % 2])
        assert self.house.bench.store.check() == []

    def round(self, number: int, optimizer: str) -> None:
        house = self.house
        house.with_runner()
        run = queue(house.bench, optimizer=optimizer, force=True)
        if number % 4 == 3:
            time.sleep(self.random.uniform(0.2, 3.0))  # while it loads, or anywhere
        else:
            wanted = self.random.randrange(1, self.events[optimizer] - 5)
            until(
                lambda: house.bench.store.last_seq(run.id) >= wanted or get_run(house.bench, run.id).status not in OPEN_STATES, "the moment"
            )
        self.kill(self.random.choice(["attempt", "runner", "both"]))
        ended = house.ended(run)
        assert outcome(house.bench, ended) == self.expected[optimizer], (number, ended.error)
        whole(house.bench, ended)
        self.hits += ended.attempts > 1

    def kill(self, who: str) -> None:
        if who in ("runner", "both") and self.house.runner is not None:
            self.house.runner.kill()
            self.house.runner.wait()
        if who in ("attempt", "both"):
            for process in self.house.attempts():
                process.kill()


@pytest.mark.timeout(600)
def test_kills_at_random_moments_lose_nothing_double_nothing_and_change_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_BASE_URL", NO_OLLAMA)
    monkeypatch.setenv("LOG_FOLDER", str(tmp_path / "logs"))
    houses = [furnished(tmp_path / str(number)) for number in range(SIDES)]
    sieges = [Siege(house, seed) for seed, house in enumerate(houses)]
    try:
        with ThreadPoolExecutor(SIDES) as pool:
            for laid in [pool.submit(siege.lay, ROUNDS // SIDES) for siege in sieges]:
                laid.result()
    finally:
        for house in houses:
            house.clear()
            house.bench.close()
    assert sum(siege.hits for siege in sieges) >= 3, "the kills met runs under way"


def test_a_run_goes_on_when_whoever_asked_for_it_is_killed(house: House) -> None:
    url = house.bench.store.url
    asked = subprocess.Popen(
        [sys.executable, "-m", "core", "train", "docs", "--dataset", "docs", "--optimizer", "labeled_few_shot", "--store", url],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        runs = until(lambda: house.bench.store.page(TrainingRun), "the run")
        until(lambda: house.bench.store.lease(runner_lease()), "the runner")
        os.killpg(asked.pid, signal.SIGKILL)
        asked.wait()
        ended = until(lambda: run if (run := get_run(house.bench, runs[0].id)).status is RunStatus.COMPLETED else None, "the end")
        whole(house.bench, ended)
        assert ended.attempts == 1
    finally:
        holder = house.bench.store.lease(runner_lease())
        if holder is not None:
            psutil.Process(int(holder.owner.split(":")[1])).kill()


def test_two_runners_that_race_do_a_run_once(house: House) -> None:
    run = queue(house.bench)
    runners = [house.start("runner", "--idle-exit", "120") for _ in range(2)]
    ended = until(lambda: house.over(run), "the end")
    until(lambda: any(runner.poll() is not None for runner in runners), "the end of one runner")
    assert sum(runner.poll() is None for runner in runners) == 1
    assert (ended.status, ended.attempts) == (RunStatus.COMPLETED, 1)
    whole(house.bench, ended)


def test_two_attempts_that_race_do_a_run_once(house: House) -> None:
    run = queue(house.bench)
    codes = sorted(process.wait(LIMIT) for process in [house.start("attempt", run.id) for _ in range(2)])
    assert codes[0] == 0 and codes[1] > 0
    ended = get_run(house.bench, run.id)
    assert (ended.status, ended.attempts) == (RunStatus.COMPLETED, 1)
    whole(house.bench, ended)


def test_an_attempt_that_cannot_start_fails_its_run_with_the_reason_and_is_not_tried_again(house: House) -> None:
    run = queue(house.bench, log_path="there.jsonl")
    (house.folder / "logs" / "there.jsonl").mkdir(parents=True)
    house.with_runner()
    ended = until(lambda: house.over(run), "the end")
    assert ended.status is RunStatus.FAILED
    assert "there.jsonl cannot be written" in (ended.error or "")
    last = log_of(house.bench, run)[-1]
    assert (last.event_type, last.message) == (EventType.FAILED, ended.error)
    other = house.ended(queue(house.bench, seed=2))
    assert other.status is RunStatus.COMPLETED, "the runner lives and does the next"
    assert get_run(house.bench, run.id).attempts == 0


def test_a_killed_attempt_leaves_no_zombie_and_an_interrupted_run_can_be_cancelled(house: House) -> None:
    runner = house.with_runner()
    run = queue(house.bench, optimizer="bootstrap")
    until(lambda: house.bench.store.last_seq(run.id) > 3, "the first events")
    [process] = house.attempts()
    process.kill()
    interrupted = until(lambda: now if (now := get_run(house.bench, run.id)).status is not RunStatus.RUNNING else None, "the notice")
    assert interrupted.status is RunStatus.INTERRUPTED
    until(lambda: not psutil.Process(runner.pid).children(), "the reaping")
    assert cancel(house.bench, run.id).status is RunStatus.CANCELLED


SHORT_LEASE = """
    import sys
    from core.bootstrap import open_workbench
    from core.jobs.attempt import attempt
    from core.settings import load_settings
    from core.training.attempt import Means
    from core.training.patience import Patience

    store, ollama, logs, run = sys.argv[1:]
    bench = open_workbench(load_settings({"store": store, "ollama_base_url": ollama, "log_folder": logs}, environ={}))
    attempt(Means(store=bench.store, gateway=bench.gateway, semantics=None, threads=2, failure_limit=0.2,
                  log_folder=bench.settings.log_folder, patience=Patience(lease=2.0)), run)
"""


def test_a_paused_attempt_that_wakes_after_losing_its_lease_writes_nothing_and_ends(house: House) -> None:
    with StandIn(models=(ServedModel(name="tiny:latest"),), behavior=Behavior(latency=0.1)) as ollama:
        settings = house.bench.settings.model_copy(update={"ollama_base_url": ollama.url})
        with closing(open_workbench(settings)) as opened:
            bench = replace(opened, ensure_runner=lambda: None)
            run = queue(bench, model="ollama/tiny:latest")
            words = [bench.store.url, ollama.url, str(house.folder / "logs"), run.id]
            paused = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(SHORT_LEASE), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            house.started.append(paused)
            until(lambda: bench.store.last_seq(run.id) > 10, "the first events")
            paused.send_signal(signal.SIGSTOP)
            ollama.behave(Behavior())
            assert attempt_lives(bench.store, run.id), "it only pauses"
            until(lambda: not attempt_lives(bench.store, run.id), "the end of its lease")
            assert get_run(bench, run.id).status is RunStatus.INTERRUPTED
            resume(bench, run.id)
            ended = do(bench, run)
            assert (ended.status, ended.attempts) == (RunStatus.COMPLETED, 2)
            before, calls = bench.store.last_seq(run.id), bench.store.count(Call, {"run_id": run.id})
            paused.send_signal(signal.SIGCONT)
            assert paused.wait(LIMIT) is not None
            assert (bench.store.last_seq(run.id), bench.store.count(Call, {"run_id": run.id})) == (before, calls)
            assert get_run(bench, run.id) == ended
            whole(bench, ended)
            holder = bench.store.lease(run_lease(run.id))
            assert holder is not None and not holder.live
