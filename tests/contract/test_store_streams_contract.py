"""What every store does with events and leases."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import InvalidValueError, LeaseLostError, StaleRevisionError
from core.records.events import Event, EventType, NewEvent
from core.records.models import Text
from core.records.runs import RunNote
from core.store.base import Lease, Put, Store
from core.store.stores import open_store


def event(key: str, event_type: EventType = EventType.LLM_REQUEST, **fields: object) -> NewEvent:
    values: dict[str, object] = {"training_run_id": "r", "domain": "d", "progress_percent": 1.5, "phase": None, "message": "m"} | fields
    return NewEvent(key=key, event_type=event_type, **values)


def keys(events: list[Event]) -> list[str]:
    return [each.key for each in events]


def held(store: Store, name: str = "run/1", owner: str = "a") -> Lease:
    lease = store.acquire(name, owner, seconds=600)
    assert lease is not None
    return lease


def test_events_are_numbered_from_one_and_come_back_as_they_were(any_store: Store) -> None:
    written = [event("a", message="\0 \U0001f600", data={"n": 2**70, "text": {"$text": "h"}}), event("b", phase="p")]
    assert any_store.append("r", written) == 2
    assert any_store.tail("r") == [Event(**each.model_dump(), seq=seq) for seq, each in enumerate(written, 1)]
    assert any_store.append("other", [event("a")]) == 1
    assert (any_store.last_seq("r"), any_store.last_seq("none"), list(any_store.streams())) == (2, 0, ["other", "r"])


def test_a_natural_key_is_appended_once(any_store: Store) -> None:
    any_store.append("r", [event("a", message="first"), event("a", message="twin"), event("b")])
    assert any_store.append("r", [event("b"), event("c"), event("a", message="again")]) == 3
    assert [(each.seq, each.key, each.message) for each in any_store.tail("r")] == [(1, "a", "first"), (2, "b", "m"), (3, "c", "m")]
    assert any_store.append("r", any_store.tail("r")) == 3
    assert any_store.append("r", []) == 3


def test_tail_and_newest_are_cut_by_number_limit_and_type(any_store: Store) -> None:
    types = [EventType.LLM_REQUEST, EventType.LLM_RESPONSE, EventType.PROGRESS_UPDATE]
    any_store.append("r", [event(f"k{number}", types[number % 3]) for number in range(1, 31)])
    assert [each.seq for each in any_store.tail("r", after=27)] == [28, 29, 30]
    assert [each.seq for each in any_store.tail("r", after=2, limit=3)] == [3, 4, 5]
    assert [each.seq for each in any_store.tail("r", limit=4, types=[types[0], types[1], types[0]])] == [1, 3, 4, 6]
    assert [each.seq for each in any_store.newest("r", limit=3)] == [30, 29, 28]
    assert [each.seq for each in any_store.newest("r", before=28, limit=3, types=[types[2], types[1]])] == [26, 25, 23]
    assert any_store.tail("r", types=[EventType.FAILED]) == any_store.tail("none") == any_store.newest("r", before=1) == []


def test_events_and_operations_are_written_together_or_not_at_all(any_store: Store) -> None:
    any_store.append("r", [event("a")], operations=[Put(record=Text(hash="h", content="c")), Put(record=RunNote(run_id="r"))])
    with pytest.raises(StaleRevisionError):
        any_store.append("r", [event("b")], operations=[Put(record=RunNote(run_id="r", revision=7))])
    with pytest.raises(InvalidValueError):
        any_store.append("r", [event("c"), event("d", message="\ud800")])
    assert keys(any_store.tail("r")) == ["a"]


def test_eight_writers_leave_no_gap_and_lose_nothing(store_url: str) -> None:
    opened = [open_store(store_url) for _ in range(4)]

    def write(number: int) -> list[int]:
        return [opened[number % 4].append("r", [event(f"{number}/{turn}/{part}") for part in range(3)]) for turn in range(20)]

    with ThreadPoolExecutor(8) as pool:
        ends = [end for found in pool.map(write, range(8)) for end in found]
    events = opened[0].tail("r", limit=10_000)
    assert [each.seq for each in events] == list(range(1, 481))
    assert sorted(ends) == list(range(3, 481, 3)), "each append's three events stand together"
    assert len(set(keys(events))) == 480
    for store in opened:
        store.close()


def test_one_of_two_owners_gets_a_lease(store_url: str) -> None:
    opened = [open_store(store_url) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        for round_ in range(5):
            got = list(pool.map(lambda n, r=round_: opened[n % 4].acquire(f"run/{r}", f"owner {n}", seconds=600), range(8)))
            assert sum(lease is not None for lease in got) == 1
    for store in opened:
        store.close()


def test_a_lease_goes_from_hand_to_hand_with_growing_tokens(any_store: Store) -> None:
    assert any_store.lease("run/1") is None
    first = held(any_store)
    assert any_store.acquire("run/1", "b", seconds=600) is None
    again = held(any_store)
    assert again.token > first.token
    any_store.release(first)
    state = any_store.lease("run/1")
    assert state is not None and (state.live, state.owner, state.token) == (True, "a", again.token)
    any_store.release(again)
    state = any_store.lease("run/1")
    assert state is not None and not state.live
    assert held(any_store, owner="b").token > again.token


def test_an_expired_lease_is_free_and_its_late_holder_is_fenced_off_once_it_was_taken(any_store: Store) -> None:
    late = any_store.acquire("run/1", "a", seconds=0.01)
    assert late is not None
    end = time.monotonic() + 60
    while (state := any_store.lease("run/1")) is not None and state.live and time.monotonic() < end:
        time.sleep(0.005)
    any_store.write([Put(record=Text(hash="late, but nobody else came", content=""))], fence=late)
    held(any_store, owner="b")
    for refused in (
        lambda: any_store.renew(late, seconds=9),
        lambda: any_store.write([Put(record=Text(hash="x", content=""))], fence=late),
        lambda: any_store.append("r", [event("x")], fence=late),
    ):
        with pytest.raises(LeaseLostError):
            refused()
    assert (any_store.last_seq("r"), any_store.count(Text)) == (0, 1)


def test_a_lease_that_was_given_back_or_broken_fences_its_holder_off(any_store: Store) -> None:
    for end in (any_store.release, any_store.break_lease):
        lease = held(any_store)
        any_store.renew(lease, seconds=600)
        end(lease)
        with pytest.raises(LeaseLostError):
            any_store.append("r", [event("x")], fence=lease)
        with pytest.raises(LeaseLostError):
            any_store.renew(lease, seconds=9)


def test_breaking_an_old_lease_leaves_the_new_one_alone(any_store: Store) -> None:
    old = held(any_store)
    new = held(any_store)
    any_store.break_lease(old)
    state = any_store.lease("run/1")
    assert state is not None and state.live
    any_store.append("r", [event("x")], fence=new)


def test_a_fence_of_a_lease_that_never_was_is_refused(any_store: Store) -> None:
    with pytest.raises(LeaseLostError):
        any_store.write([], fence=Lease(name="none", owner="a", token=1))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_lease_of_no_time_is_refused(any_store: Store, seconds: float) -> None:
    with pytest.raises(InvalidValueError):
        any_store.acquire("run/1", "a", seconds=seconds)
