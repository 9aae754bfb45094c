"""Leases follow the time since the machine started, whatever is done to its wall clock."""

from pathlib import Path

import pytest

from core.store.clock import BootClock, Reading
from core.store.sqlite import SqliteStore

SECOND = 10**9


class TurnableClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.boot, self.ns = "first", 1000 * SECOND

    def read(self) -> Reading:
        return Reading(boot=self.boot, ns=self.ns)


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def store(tmp_path: Path, clock: TurnableClock):  # type: ignore[no-untyped-def]
    opened = SqliteStore(f"sqlite:///{tmp_path}/store.db", clock=clock)
    yield opened
    opened.close()


def test_a_lease_ends_when_its_time_is_over(store: SqliteStore, clock: TurnableClock) -> None:
    assert store.acquire("n", "a", seconds=10)
    clock.ns += 10 * SECOND - 1
    assert store.acquire("n", "b", seconds=10) is None
    clock.ns += 1
    assert store.acquire("n", "b", seconds=10)


def test_renewing_counts_from_now(store: SqliteStore, clock: TurnableClock) -> None:
    lease = store.acquire("n", "a", seconds=10)
    assert lease
    clock.ns += 9 * SECOND
    store.renew(lease, seconds=10)
    clock.ns += 9 * SECOND
    assert store.acquire("n", "b", seconds=10) is None


def test_no_lease_outlives_a_restart_of_the_machine(store: SqliteStore, clock: TurnableClock) -> None:
    first = store.acquire("n", "a", seconds=10_000)
    assert first
    clock.boot, clock.ns = "second", 1001 * SECOND
    state = store.lease("n")
    assert state and not state.live
    second = store.acquire("n", "b", seconds=10)
    assert second and second.token > first.token


def test_where_boots_have_no_name_a_clock_that_went_back_is_a_restart(store: SqliteStore, clock: TurnableClock) -> None:
    assert store.acquire("n", "a", seconds=10_000)
    clock.ns = 5 * SECOND
    assert store.acquire("n", "b", seconds=10)


def test_the_real_clock_runs_forward_and_names_one_boot() -> None:
    first, second = BootClock().read(), BootClock().read()
    assert first.boot == second.boot and first.ns <= second.ns
