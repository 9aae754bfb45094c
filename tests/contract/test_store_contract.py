"""What every store does with records. Events and leases: `test_store_streams_contract.py`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import (
    AlreadyExistsError,
    InvalidValueError,
    StaleRevisionError,
    StoreUnavailableError,
    UnknownNameError,
    UnreadableFileError,
)
from core.records.base import Record, text_hash
from core.records.datasets import Dataset
from core.records.domains import Domain, EntityType, Predicate, Schema
from core.records.models import Call, Text, UseCase
from core.records.prompts import Vector
from core.records.runs import Signal
from core.records.samples import OPEN, Entity, Sample, Split, SplitLock, sample_key
from core.store.base import Change, Ensure, In, Put, PutWritten, Remove, Store
from core.store.stores import open_store, stores

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def domain(name: str = "contracts", **fields: object) -> Domain:
    return Domain(name=name, description="Contracts between two companies", **fields)


def sample(number: int, *, since: int = 1, dataset: str = "d", **fields: object) -> Sample:
    name = f"s{number:03}"
    values: dict[str, object] = {"text": f"text {number}", "text_hash": text_hash(f"text {number}")} | fields
    return Sample(key=sample_key(dataset, name, since), id=name, dataset=dataset, since=since, **values)


def call(number: int, time: datetime, **fields: object) -> Call:
    values: dict[str, object] = {"provider": "builtin", "model": "m", "use_case": UseCase.TRAINING_TASK} | fields
    return Call(id=f"c{number}", time=time, request_hash=f"h{number}", prompt_ref="p", **values)


def put(store: Store, *records: Record) -> None:
    store.write([Put(record=record) for record in records])


def ids(samples: list[Sample]) -> list[str]:
    return [each.id for each in samples]


def test_every_registered_store_has_an_adapter_in_this_suite(adapters: set[str]) -> None:
    assert adapters == set(stores)


def test_an_unknown_scheme_names_those_that_exist() -> None:
    with pytest.raises(UnknownNameError) as caught:
        open_store("oracle://x")
    assert "sqlite" in caught.value.hint


def test_a_record_comes_back_as_it_was_written(any_store: Store) -> None:
    schema = Schema(entity_types=(EntityType(name="party", key="1"),), predicates=(Predicate(name="signs"),))
    written = domain(schema=schema, guidelines="Mark names.\r\n\tAlways.", created_at=NOON)
    put(any_store, written)
    assert any_store.get(Domain, "contracts") == written.model_copy(update={"revision": 1})
    assert any_store.get(Domain, "letters") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\0b\0",
        "naïve café e\u0301 \U0001f600 \u202eabc",
        "line\r\nline\u2028\u0085",
        "'; DROP TABLE x; -- ` UNION \"",
        "ä" * 1_000_000,
    ],
    ids=["empty", "nul", "unicode", "line ends", "quotes", "a megabyte"],
)
def test_texts_come_back_to_the_code_point(any_store: Store, text: str) -> None:
    key = text[:200] + "#"
    put(any_store, Text(hash=key, content=text), sample(1, text=text, metadata={key: [text[:50], None, 2**70, -1.5, True]}))
    assert any_store.get(Text, key) == Text(hash=key, content=text)
    assert any_store.page(Sample)[0].metadata == {key: [text[:50], None, 2**70, -1.5, True]}
    any_store.write([Change(kind=Sample, where={"dataset": "d"}, changes={"author": text[:50]})])
    assert (any_store.page(Sample)[0].text, any_store.page(Sample)[0].author) == (text, text[:50])
    any_store.write([Remove(kind=Text, key=key)])
    assert any_store.get(Text, key) is None


def _nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "fields",
    [{"text": "\ud800"}, {"metadata": {"a": "\udc00"}}, {"text_hash": "\ud800"}, {"metadata": {"n": 10**4200 * 10**4200}},
     {"metadata": {"n": _nested(220)}}, {"since": 2**63}],
    ids=["lone surrogate", "in metadata", "in an indexed field", "8,400 digits", "nested 220 deep", "indexed number too large"],
)  # fmt: skip
def test_what_could_not_be_read_back_is_refused_before_anything_is_written(any_store: Store, fields: dict[str, object]) -> None:
    number = int(fields.pop("since", 1))  # type: ignore[call-overload]
    with pytest.raises(InvalidValueError):
        put(any_store, Text(hash="h", content="c"), sample(1, since=number, **fields))
    assert any_store.count(Sample) == any_store.count(Text) == 0


def test_lone_surrogates_in_questions_are_refused(any_store: Store) -> None:
    for ask in (lambda: any_store.get(Text, "\ud800"), lambda: any_store.count(Sample, {"dataset": "\ud800"})):
        with pytest.raises(InvalidValueError):
            ask()


def test_a_name_can_be_taken_once(any_store: Store) -> None:
    put(any_store, domain(), Signal(run_id="r"), *(sample(number) for number in range(3)))
    for taken in (domain(), Signal(run_id="r")):
        with pytest.raises(AlreadyExistsError):
            put(any_store, taken)
    with pytest.raises(AlreadyExistsError, match="d/s001@1"):
        put(any_store, sample(7), sample(1), sample(8))
    assert any_store.count(Sample) == 3


def test_the_same_key_twice_in_one_write_is_refused(any_store: Store) -> None:
    with pytest.raises(AlreadyExistsError):
        put(any_store, sample(1), sample(1))
    assert any_store.count(Sample) == 0


def test_each_write_of_a_versioned_record_adds_one_revision(any_store: Store) -> None:
    put(any_store, domain())
    for revision in (1, 2, 3):
        read = any_store.get(Domain, "contracts")
        assert read is not None and read.revision == revision
        put(any_store, read.model_copy(update={"guidelines": f"after {revision}"}))
    read = any_store.get(Domain, "contracts")
    assert read is not None and (read.revision, read.guidelines) == (4, "after 3")


def test_a_stale_write_is_refused_and_neither_edit_is_lost(any_store: Store) -> None:
    put(any_store, domain())
    first = any_store.get(Domain, "contracts")
    assert first is not None
    put(any_store, first.model_copy(update={"guidelines": "mine"}))
    with pytest.raises(StaleRevisionError) as caught:
        put(any_store, first.model_copy(update={"guidelines": "yours"}))
    assert "reload" in caught.value.hint
    kept = any_store.get(Domain, "contracts")
    assert kept is not None and kept.guidelines == "mine"
    any_store.write([Remove(kind=Domain, key="contracts")])
    with pytest.raises(StaleRevisionError):
        put(any_store, kept)


def test_ensure_keeps_what_is_there(any_store: Store) -> None:
    any_store.write([Ensure(record=Text(hash="h", content="first")), Ensure(record=domain(guidelines="first"))])
    any_store.write([Ensure(record=Text(hash="h", content="second")), Ensure(record=domain(guidelines="second"))])
    text, kept = any_store.get(Text, "h"), any_store.get(Domain, "contracts")
    assert text is not None and text.content == "first"
    assert kept is not None and (kept.guidelines, kept.revision) == ("first", 1)
    put(any_store, kept)


def test_removing_what_is_not_there_is_no_error(any_store: Store) -> None:
    any_store.write([Remove(kind=Text, key="none"), Put(record=Text(hash="h", content="c")), Remove(kind=Text, key="h")])
    assert any_store.get(Text, "h") is None


def test_a_failing_last_operation_undoes_all_before_it(any_store: Store) -> None:
    put(any_store, sample(1), domain())
    good = [
        Put(record=sample(2)), Ensure(record=Text(hash="h", content="c")), Remove(kind=Sample, key="d/s001@1"),
        Change(kind=Sample, where={"dataset": "d"}, changes={"split": Split.TEST}),
    ]  # fmt: skip
    with pytest.raises(AlreadyExistsError):
        any_store.write([*good, Put(record=domain())])
    assert any_store.page(Sample) == [sample(1)]
    assert any_store.count(Text) == 0


def test_a_change_reaches_every_record_that_holds_and_no_other(any_store: Store) -> None:
    entities = (Entity(id="e", text="text", start=0, end=4),)
    put(any_store, *(sample(number, entities=entities, metadata={"n": 2**70}) for number in range(5)))
    chosen = {"dataset": "d", "id": In(values=("s001", "s003")), "until": OPEN}
    any_store.write([Change(kind=Sample, where=chosen, changes={"until": 4, "split": Split.TEST, "author": 'Ann "A" O\'Neil'})])
    for each in any_store.page(Sample):
        changed = {"until": 4, "split": Split.TEST, "author": 'Ann "A" O\'Neil'} if each.id in ("s001", "s003") else {}
        assert each == sample(int(each.id[1:]), entities=entities, metadata={"n": 2**70}).model_copy(update=changed)
    assert any_store.count(Sample, {"until": 4, "split": "test"}) == 2
    any_store.write([Change(kind=Sample, where={"until": 4}, changes={"split": None})])
    assert any_store.count_by(Sample, "split") == {None: 5}


def test_changes_that_make_no_sense_are_refused(any_store: Store) -> None:
    put(any_store, sample(1), domain())
    for error, kind, changes in (
        (InvalidValueError, Domain, {"guidelines": "x"}),
        (InvalidValueError, Sample, {"key": "x"}),
        (InvalidValueError, Sample, {"since": "x"}),
        (InvalidValueError, Sample, {"split": "all"}), (UnknownNameError, Sample, {"color": "red"}), (InvalidValueError, Sample, {}),
    ):  # fmt: skip
        with pytest.raises(error):
            any_store.write([Change(kind=kind, where={}, changes=changes)])
    assert any_store.page(Sample) == [sample(1)]


def test_no_edit_is_lost_among_eight_writers(store_url: str) -> None:
    opened = [open_store(store_url) for _ in range(4)]
    put(opened[0], Dataset(name="d"))

    def count_up(store: Store) -> int:
        refused = 0
        for _ in range(15):
            while True:
                read = store.get(Dataset, "d")
                assert read is not None
                try:
                    put(store, read.model_copy(update={"change": read.change + 1}))
                    break
                except StaleRevisionError:
                    refused += 1
        return refused

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, opened * 2))
    read = opened[0].get(Dataset, "d")
    assert read is not None and (read.change, read.revision) == (120, 121)
    for store in opened:
        store.close()


def test_what_one_opening_wrote_the_next_one_reads(store_url: str) -> None:
    first = open_store(store_url)
    put(first, domain(), sample(1), SplitLock(text_hash="h", split=Split.TEST), Vector(key="k", digest="d", data="AAAA"))
    second = open_store(store_url)
    assert second.get(SplitLock, "h") == SplitLock(text_hash="h", split=Split.TEST)
    first.close()
    second.close()
    third = open_store(store_url)
    assert third.get(Vector, "k") == Vector(key="k", digest="d", data="AAAA")
    third.close()


def test_a_closed_store_says_so(any_store: Store) -> None:
    any_store.close()
    for ask in (lambda: any_store.count(Domain), lambda: put(any_store, domain()), lambda: any_store.last_seq("r")):
        with pytest.raises(StoreUnavailableError):
            ask()
    any_store.close()


def test_check_finds_nothing_in_a_sound_store_and_names_what_dangles(any_store: Store) -> None:
    put(any_store, domain(), Dataset(name="d", domain="contracts"), sample(1))
    assert any_store.check() == []
    put(any_store, sample(2, dataset="gone"), Signal(run_id="r9"))
    found = {(problem.kind, problem.id) for problem in any_store.check()}
    assert found == {("Sample", "gone/s002@1"), ("Signal", "r9")}


def test_a_backup_is_never_written_over_something(any_store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    any_store.backup(target)
    before = target.read_bytes()
    with pytest.raises(AlreadyExistsError):
        any_store.backup(target)
    assert target.read_bytes() == before
    with pytest.raises(UnreadableFileError):
        any_store.backup(tmp_path / "missing" / "copy")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_what_is_written_down_already_is_stored_as_the_record_would_be(any_store: Store) -> None:
    lock = SplitLock(text_hash="h", split=Split.VAL)
    written = PutWritten(kind=SplitLock, rows=[("h", "val", lock.model_dump_json())])
    any_store.write([written], durable=False)
    assert any_store.get(SplitLock, "h") == lock and any_store.count(SplitLock, {"split": "val"}) == 1
    with pytest.raises(AlreadyExistsError):
        any_store.write([PutWritten(kind=SplitLock, rows=[("i", "val", lock.model_dump_json()), *written.rows])])
    assert any_store.count(SplitLock) == 1


def test_records_are_found_by_their_hash_alone_and_with_other_conditions(any_store: Store) -> None:
    near = [sample(number).model_copy(update={"text_hash": "a" * 20 + str(number)}) for number in range(3)]
    any_store.write([Put(record=each) for each in near])
    found = list(any_store.values(Sample, ["id"], {"text_hash": In(values=(near[0].text_hash, near[2].text_hash, "a" * 20))}, order="id"))
    assert found == [(near[0].id,), (near[2].id,)]
    assert any_store.page(Sample, {"text_hash": near[1].text_hash, "dataset": near[1].dataset}) == [near[1]]
    assert any_store.count(Sample, {"text_hash": near[1].text_hash, "dataset": "other"}) == 0
    assert any_store.count(Sample, {"text_hash": "a" * 20}) == 0
