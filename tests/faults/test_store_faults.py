"""The SQLite store under kills, failing disks and failing statements: nothing half-written, nothing acknowledged lost."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from core.errors import AlreadyExistsError, StoreDamagedError, StoreError, StoreUnavailableError, WorkbenchError
from core.records.datasets import Dataset
from core.records.events import EventType, NewEvent
from core.records.models import Text
from core.store.base import Change, Ensure, Put, Remove, Store
from core.store.sqlite import SqliteStore
from core.store.stores import open_store

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from core.errors import StaleRevisionError
from core.records.datasets import Dataset
from core.records.events import EventType, NewEvent
from core.records.models import Text
from core.store.base import Put
from core.store.stores import open_store

url, name = sys.argv[1:]
store = open_store(url)
turn = 0
print("ready", flush=True)
while True:
    turn += 1
    key = f"{name}/{turn}"
    event = NewEvent(
        key=key, event_type=EventType.PROGRESS_UPDATE, training_run_id="r", domain="d", progress_percent=0, phase=None, message=""
    )
    store.append("r", [event, event.model_copy(update={"key": key + "b"})], operations=[Put(record=Text(hash=key, content="x" * 3000))])
    while True:
        counter = store.get(Dataset, "counter")
        try:
            store.write([Put(record=counter.model_copy(update={"change": counter.change + 1}))])
            break
        except StaleRevisionError:
            pass
    print(key, flush=True)
"""


def event(key: str) -> NewEvent:
    return NewEvent(
        key=key, event_type=EventType.FAILED, training_run_id="r", domain="d", progress_percent=0, phase=None, message="m" * 500
    )


def started(url: str, name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", WRITER, url, name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("round_", range(10))
def test_three_writers_killed_at_random_moments_lose_nothing_they_acknowledged(tmp_path: Path, round_: int) -> None:
    chance = random.Random(round_)
    url = f"sqlite:///{tmp_path}/store.db"
    with_counter = open_store(url)
    with_counter.write([Put(record=Dataset(name="counter"))])
    writers = [started(url, f"w{number}") for number in range(3)]
    acknowledged = [writer.stdout.readline().strip() for writer in writers if writer.stdout]
    assert len(acknowledged) == 3
    for writer in writers:
        time.sleep(chance.uniform(0.01, 0.3))
        os.kill(writer.pid, signal.SIGKILL)
    for writer in writers:
        acknowledged += [line.strip() for line in writer.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    store = open_store(url)
    assert store.check() == []
    events = store.tail("r", limit=1_000_000)
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert {each.key for each in events} >= {key + part for key in acknowledged for part in ("", "b")}
    assert {text.hash for text in store.each(Text)} == {each.key for each in events if not each.key.endswith("b")}
    counter = store.get(Dataset, "counter")
    assert counter is not None and len(acknowledged) <= counter.change <= len(acknowledged) + 3
    store.append("r", [event("after")])
    store.close()
    with_counter.close()


OPERATIONS = [
    Put(record=Text(hash="new", content="x" * 20_000)),
    Ensure(record=Text(hash="ensured", content="c")),
    Put(record=Dataset(name="d", change=2, revision=1)),
    Remove(kind=Text, key="old"),
    Change(kind=Text, where={"hash": "kept"}, changes={"content": "changed"}),
]


def filled(store: Store) -> dict[str, Any]:
    store.write([Put(record=Text(hash="old", content="o")), Put(record=Text(hash="kept", content="k")), Put(record=Dataset(name="d"))])
    store.append("r", [event("first")])
    return state(store)


def state(store: Store) -> dict[str, Any]:
    return {"texts": list(store.each(Text)), "datasets": list(store.each(Dataset)), "events": store.tail("r")}


def write(store: Store) -> None:
    lease = store.acquire("run/r", "a", seconds=600)
    store.append("r", [event("second"), event("third")], fence=lease, operations=OPERATIONS)


class Trap:
    """Raises once, at the n-th statement of any connection opened while it is set."""

    def __init__(self, error: type[apsw.Error]) -> None:
        self.left, self.error = -1, error

    def hook(self, connection: apsw.Connection) -> None:
        connection.exec_trace = self._trace

    def _trace(self, cursor: Any, statement: str, bindings: Any) -> bool:
        self.left -= 1
        if self.left == 0:
            raise self.error("injected")
        return True


@pytest.fixture
def trap(request: pytest.FixtureRequest) -> Iterator[Trap]:
    made = Trap(request.param)
    apsw.connection_hooks.append(made.hook)
    yield made
    apsw.connection_hooks.remove(made.hook)


def try_everywhere(store: Store, arm: Callable[[int], None], *, most: int) -> int:
    """Fail at the first, second, ... point of a write until one goes through; at each the store is as it was."""
    before = filled(store)
    for point in range(1, most):
        arm(point)
        try:
            write(store)
        except StoreError:
            arm(-1)
            assert state(store) == before
            assert store.check() == []
            continue
        arm(-1)
        after = state(store)
        assert [each.key for each in after["events"]] == ["first", "second", "third"]
        assert [text.hash for text in after["texts"]] == ["ensured", "kept", "new"]
        return point
    raise AssertionError("no write went through")


@pytest.mark.parametrize("trap", [apsw.IOError, apsw.FullError, apsw.BusyError, apsw.NoMemError], indirect=True, ids=lambda e: e.__name__)
def test_an_error_at_any_statement_of_a_write_leaves_nothing_of_it(tmp_path: Path, trap: Trap) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    passed = try_everywhere(store, lambda point: setattr(trap, "left", point), most=100)
    assert passed > 12, "fewer statements failed than a write has"
    store.close()


class FailingDisk(apsw.VFS):
    """The real file system, until the n-th write or sync from now on: that one and all after it fail."""

    def __init__(self, error: type[apsw.Error]) -> None:
        super().__init__("failing", "")
        self.left, self.error = -1, error

    def xOpen(self, name: Any, flags: list[int]) -> "FailingFile":
        return FailingFile(self, name, flags)

    def touch(self) -> None:
        if self.left > 0:
            self.left -= 1
        if self.left == 0:
            raise self.error("injected")


class FailingFile(apsw.VFSFile):
    """A file on it."""

    def __init__(self, disk: FailingDisk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.touch()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self.disk.touch()
        super().xSync(flags)


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_fails_at_any_moment_leaves_nothing_of_a_write(tmp_path: Path, error: type[apsw.Error]) -> None:
    disk = FailingDisk(error)
    store = SqliteStore(f"sqlite:///{tmp_path}/store.db", vfs="failing")
    passed = try_everywhere(store, lambda point: setattr(disk, "left", point), most=200)
    assert passed > 2
    store.close()
    reopened = open_store(f"sqlite:///{tmp_path}/store.db")
    assert reopened.check() == [] and reopened.last_seq("r") == 3
    reopened.close()
    disk.unregister()


def test_a_full_disk_is_said_and_room_makes_the_store_go_on(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(f"sqlite:///{path}").close()
    pages = path.stat().st_size // 8192 + 20
    opened: list[apsw.Connection] = []

    def small(connection: apsw.Connection) -> None:
        opened.append(connection)
        connection.pragma("max_page_count", pages)

    apsw.connection_hooks.append(small)
    try:
        store = open_store(f"sqlite:///{path}")
        store.write([Put(record=Text(hash="fits", content="x"))])
        with pytest.raises(StoreUnavailableError, match="full"):
            for number in range(100):
                store.append("r", [event(str(number))], operations=[Put(record=Text(hash=str(number), content="x" * 9000))])
    finally:
        apsw.connection_hooks.remove(small)
    assert store.check() == []
    assert store.count(Text) == store.last_seq("r") + 1 > 1
    for connection in opened:
        connection.pragma("max_page_count", 1_000_000)
    store.write([Put(record=Text(hash="goes on", content="x" * 90_000))])
    store.close()


def test_one_writers_failure_is_not_its_neighbors_in_the_same_commit(tmp_path: Path) -> None:
    """Threads that write at once share commits; the barrier makes them pile up behind the lock."""
    store = SqliteStore(f"sqlite:///{tmp_path}/store.db")
    other = apsw.Connection(f"{tmp_path}/store.db")
    other.execute("BEGIN IMMEDIATE")
    outcomes: dict[int, WorkbenchError | None] = {}

    def run(number: int) -> None:
        try:
            store.write([Put(record=Text(hash=f"own {number}", content="")), Put(record=Text(hash=f"shared {number // 2}", content=""))])
            outcomes[number] = None
        except AlreadyExistsError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    other.execute("ROLLBACK")
    other.close()
    for thread in threads:
        thread.join()
    won = {number for number, error in outcomes.items() if error is None}
    assert len(outcomes) == 20 and len(won) == 10 and {number // 2 for number in won} == set(range(10))
    assert {text.hash for text in store.each(Text)} == {f"own {n}" for n in won} | {f"shared {n}" for n in range(10)}
    store.close()


def test_a_store_is_not_used_across_a_fork(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom core.errors import StoreUnavailableError\nfrom core.records.models import Text\n"
        "from core.store.stores import open_store\nstore = open_store(sys.argv[1])\npid = os.fork()\n"
        "if pid == 0:\n    try:\n        store.count(Text)\n    except StoreUnavailableError:\n        os._exit(7)\n    os._exit(0)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, f"sqlite:///{tmp_path}/store.db"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "7\n"


def test_a_cut_file_is_reported_while_it_is_open(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    store.write([Put(record=Text(hash=str(number), content="x" * 5000)) for number in range(2000)])
    store.close()
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    os.truncate(tmp_path / "store.db", 8192 * 200)
    with pytest.raises(StoreDamagedError):
        for _ in store.each(Text):
            pass
    store.close()
