"""What every store answers: pages, walks, conditions, counts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.errors import (
    InvalidValueError,
    UnknownNameError,
)
from core.records.base import Record, text_hash
from core.records.domains import Domain
from core.records.models import Call, Text, UseCase
from core.records.samples import OPEN, Entity, Sample, Split, sample_key
from core.store.base import Above, AtMost, In, Put, Store

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


def test_many_keys_are_read_at_once(any_store: Store) -> None:
    put(any_store, *(sample(number) for number in range(5)))
    found = any_store.get_many(Sample, ["d/s001@1", "d/s003@1", "none", "d/s001@1"])
    assert set(found) == {"d/s001@1", "d/s003@1"}
    assert any_store.get_many(Sample, []) == {}


def test_pages_tile_the_whole_in_order_with_ties_by_key(any_store: Store) -> None:
    splits = [Split.TRAIN, None, Split.VAL, Split.TEST]
    everything = [sample(number, split=splits[number % 4]) for number in range(30)]
    put(any_store, *reversed(everything))
    expected = sorted(everything, key=lambda each: (each.split is not None, each.split or "", each.key))
    pages = [any_store.page(Sample, order="split", limit=7, offset=offset) for offset in range(0, 35, 7)]
    assert [each for page in pages for each in page] == expected
    assert any_store.page(Sample, order="split", descending=True, limit=100) == expected[::-1]
    assert any_store.page(Sample, limit=100) == everything
    assert any_store.page(Sample, limit=0) == []


@pytest.mark.parametrize("order", ["", "id", "split", "since", "key"])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "where", [None, {"dataset": "d"}, {"since": AtMost(value=2), "until": Above(value=2)}, {"dataset": "d", "id": "s005"}]
)
def test_each_gives_what_a_page_gives(any_store: Store, order: str, descending: bool, where: dict[str, object] | None) -> None:
    splits = [Split.TRAIN, None, Split.VAL]
    put(any_store, *(sample(number % 300, since=number // 300 + 1, split=splits[number % 3]) for number in range(1205)))
    page = any_store.page(Sample, where, order=order, descending=descending, limit=5000)
    assert list(any_store.each(Sample, where, order=order, descending=descending)) == page
    if not descending:
        assert list(any_store.values(Sample, ["key", "split"], where, order=order)) == [(each.key, each.split) for each in page]


def test_a_reader_that_stops_halfway_holds_nobody_up(any_store: Store) -> None:
    put(any_store, *(sample(number) for number in range(600)))
    for order in ("", "split"):
        reading = any_store.each(Sample, order=order)
        next(reading)
        put(any_store, Text(hash=f"during{order}", content=""))
        del reading
    assert any_store.count(Text) == 2


def test_conditions_choose_by_equality_membership_and_range(any_store: Store) -> None:
    put(any_store, *(sample(number, since=number, split=Split.TRAIN if number < 4 else None) for number in range(1, 7)))
    put(any_store, sample(1, dataset="other"))

    def found(**where: object) -> list[str]:
        return ids(any_store.page(Sample, {"dataset": "d", **where}))

    assert found(id="s002") == ["s002"]
    assert found(split=Split.TRAIN) == found(split="train") == ["s001", "s002", "s003"]
    assert found(split=None) == ["s004", "s005", "s006"]
    assert found(id=In(values=("s001", "s006", "none"))) == ["s001", "s006"]
    assert found(split=In(values=(Split.TRAIN, None)), since=AtMost(value=4)) == ["s001", "s002", "s003", "s004"]
    assert found(id=In(values=())) == []
    assert found(since=Above(value=2), until=OPEN) == ["s003", "s004", "s005", "s006"]
    assert found(key="d/s002@2") == ["s002"]
    assert any_store.count(Sample, {"since": AtMost(value=1)}) == 2


def test_times_are_ordered_and_compared_as_times_whatever_their_zone(any_store: Store) -> None:
    east = timezone(timedelta(hours=5))
    times = [
        NOON + timedelta(microseconds=1),
        NOON.astimezone(east),
        NOON - timedelta(seconds=0.5),
        (NOON + timedelta(hours=1)).astimezone(east),
    ]
    put(any_store, *(call(number, time) for number, time in enumerate(times)))
    assert [each.id for each in any_store.page(Call, order="time")] == ["c2", "c1", "c0", "c3"]
    assert [each.id for each in any_store.page(Call, {"time": Above(value=NOON)}, order="time")] == ["c0", "c3"]
    assert [each.id for each in any_store.page(Call, {"time": AtMost(value="2026-03-01T12:00:00Z")}, order="time")] == ["c2", "c1"]
    assert any_store.page(Call, {"time": NOON.astimezone(east)})[0].time == NOON
    with pytest.raises(InvalidValueError):
        any_store.count(Call, {"time": "yesterday"})


def test_text_is_ordered_by_code_points(any_store: Store) -> None:
    names = ["\U0001f600", "z", "Z", "\uffee", "é", "a", "a\0", "aa"]
    put(any_store, *(Text(hash=name, content="") for name in names))
    assert [each.hash for each in any_store.page(Text)] == sorted(names)


def test_counts_per_value_and_values_come_without_bodies(any_store: Store) -> None:
    put(
        any_store,
        domain(),
        domain("letters", deleted=True),
        *(sample(number, split=Split.VAL if number % 3 else None) for number in range(9)),
    )
    assert any_store.count_by(Sample, "split") == {"val": 6, None: 3}
    assert any_store.count_by(Sample, "split", {"id": In(values=("s000", "s001"))}) == {"val": 1, None: 1}
    assert any_store.count_by(Domain, "deleted") == {False: 1, True: 1}
    assert list(any_store.values(Domain, ["deleted", "name"])) == [(False, "contracts"), (True, "letters")]
    assert all(isinstance(deleted, bool) for (deleted,) in any_store.values(Domain, ["deleted"]))
    assert any_store.count(Domain, {"deleted": True}) == 1


def test_fields_that_are_not_indexed_are_refused_with_those_that_are(any_store: Store) -> None:
    asks = [
        lambda: any_store.page(Sample, {"author": "x"}),
        lambda: any_store.page(Sample, order="text"), lambda: any_store.count_by(Sample, "x"),
        lambda: list(any_store.values(Sample, ["text"])),
        lambda: any_store.count(Sample, {'id" OR 1=1 --': 1}), lambda: any_store.get(Entity, "x"),
        lambda: put(any_store, Entity(id="e", text="t")),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(UnknownNameError) as caught:
            ask()
        assert "known:" in caught.value.hint
