"""Every question that pages ask often is answered by an index: SQLite's own plan is read, not a stopwatch."""

from pathlib import Path
from threading import Thread

import apsw
import pytest

from core.records.base import Record
from core.records.events import EventType
from core.records.models import Call, Text
from core.records.runs import TrainingRun
from core.records.samples import OPEN, Sample
from core.store.base import Above, AtMost, In, Put, Store
from core.store.stores import open_store

HEAD = {"dataset": "d", "since": AtMost(value=3), "until": Above(value=3)}
SORT = "USE TEMP B-TREE FOR ORDER BY"


@pytest.fixture
def asked(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A store and the SELECT statements that it ran."""
    statements: list[str] = []

    def trace(cursor: apsw.Cursor, statement: str, bindings: object) -> bool:
        if statement.startswith("SELECT"):
            statements.append(statement)
        return True

    def hook(connection: apsw.Connection) -> None:
        connection.exec_trace = trace

    apsw.connection_hooks.append(hook)
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    yield store, statements
    store.close()
    apsw.connection_hooks.remove(hook)


def plan(folder: Path, statements: list[str]) -> str:
    connection = apsw.Connection(str(folder / "store.db"))
    bound = [(statement, (None,) * statement.count("?")) for statement in statements]
    told = [row[3] for statement, values in bound for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    connection.close()
    return "\n".join(told)


@pytest.mark.parametrize(
    ("kind", "where", "order", "index"),
    [
        (Sample, HEAD, "id", "Sample_dataset_id_key_until_since_split (dataset=?"),
        (Sample, {"dataset": "d", "id": "x", "until": OPEN}, "", "Sample_dataset_id_key_until_since_split (dataset=? AND id=?"),
        (TrainingRun, {"domain": "d"}, "created_at", "TrainingRun_domain_created_at (domain=?"),
        (TrainingRun, None, "created_at", "TrainingRun_created_at"),
        (Call, {"run_id": "r"}, "time", "Call_run_id_time (run_id=?"),
        (Call, {"time": Above(value="2026-01-01")}, "time", "Call_time_model_provider_use_case (time>?"),
    ],
)
def test_pages_and_walks_follow_an_index_without_sorting(
    asked: tuple[Store, list[str]], tmp_path: Path, kind: type[Record], where: dict[str, object] | None, order: str, index: str
) -> None:
    store, statements = asked
    store.page(kind, where, order=order, limit=50)
    list(store.values(kind, ["key" if kind is Sample else "id"], where, order=order))
    found = plan(tmp_path, statements)
    assert index in found
    if order == "time" and where and "time" in where:
        return  # equal times may be sorted among themselves: the index has other fields between time and key
    assert SORT not in found


@pytest.mark.parametrize(
    ("kind", "where", "index"),
    [
        (Sample, {"text_hash": In(values=("a", "b"))}, "Sample_text_hash (<expr>=?"),
        (Sample, HEAD | {"text_hash": "a"}, "Sample_text_hash (<expr>=?"),
        (Sample, {"dataset": "d", "id": In(values=("a", "b"))}, "Sample_dataset_id_key_until_since_split (dataset=? AND id=?"),
        (TrainingRun, {"status": In(values=("pending", "running"))}, "TrainingRun_status_created_at (status=?"),
        (Call, {"time": Above(value="2026-01-01")}, "Call_time_model_provider_use_case (time>?"),
        (Text, {"hash": In(values=("a", "b"))}, "sqlite_autoindex_Text_1 (key=?"),
    ],
)
def test_a_few_named_records_are_looked_up_not_searched_for(
    asked: tuple[Store, list[str]], tmp_path: Path, kind: type[Record], where: dict[str, object], index: str
) -> None:
    store, statements = asked
    list(store.each(kind, where))
    store.page(kind, where)
    assert plan(tmp_path, statements).count(index) == 2


def test_counts_of_a_dataset_read_the_index_alone(asked: tuple[Store, list[str]], tmp_path: Path) -> None:
    store, statements = asked
    store.count(Sample, HEAD)
    store.count_by(Sample, "split", HEAD)
    assert plan(tmp_path, statements).count("COVERING INDEX Sample_dataset_id_key_until_since_split (dataset=?") == 2


def test_events_are_found_by_number_or_by_type(asked: tuple[Store, list[str]], tmp_path: Path) -> None:
    store, statements = asked
    store.tail("r", after=5)
    store.newest("r", types=[EventType.FAILED])
    store.last_seq("r")
    found = plan(tmp_path, statements)
    assert "PRIMARY KEY (stream=? AND seq>?" in found and "Event_type (stream=? AND event_type=?" in found
    assert "SCAN" not in found and SORT not in found


def test_eight_that_open_a_new_store_at_once_get_the_same_one(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def run(number: int) -> None:
        try:
            store = open_store(f"sqlite:///{tmp_path}/new/store.db")
            store.write([Put(record=Text(hash=str(number), content=""))])
            store.close()
        except Exception as error:
            problems.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store = open_store(f"sqlite:///{tmp_path}/new/store.db")
    assert store.count(Text) == 8
    store.close()
