"""What a dataset held at one change: counts and a content hash, kept up to date without reading it all again.

The content hash is the sum, modulo 2^256, of the SHA-256 of every sample's split, text and annotation: it does not
depend on order, and one sample can be added or taken away (the additive multiset hash of Clarke et al., 2003).
Neither ids nor provenance count: two datasets with the same content have the same hash.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Protocol

from core.datasets.validate import Draft
from core.errors import InvalidValueError, UnknownNameError
from core.records.base import Record
from core.records.datasets import Dataset, DatasetVersion, SplitCounts
from core.records.samples import Entity, Relation, Sample, Split
from core.store.base import Above, AtMost, Ensure, Store

_MODULUS = 2**256


def version_id(dataset: str, change: int) -> str:
    """The name of one state of a dataset."""
    return f"{dataset}@{change}"


class Annotated(Protocol):
    """Anything that is annotated."""

    @property
    def entities(self) -> tuple[Entity, ...] | None:
        """Mentions."""

    @property
    def relations(self) -> tuple[Relation, ...] | None:
        """Links between them."""


def signature(annotation: Annotated) -> str:
    """The annotation's content in one canonical string: spans, types and relations, whatever their ids and order.

    Strings stand behind their length, so that no two annotations read alike.
    """
    if annotation.entities is None:
        return "not annotated" if annotation.relations is None else "no entities, no relations"
    marks = {entity.id: _mark(entity) for entity in annotation.entities}
    spans = ",".join(sorted(marks.values()))
    if annotation.relations is None:
        return spans
    links = [f"{marks[each.subject_id]}>{len(each.predicate)}:{each.predicate}>{marks[each.object_id]}" for each in annotation.relations]
    return f"{spans};{','.join(sorted(links))}"


def draft_signature(draft: Draft) -> str:
    """The same of a sample that is on its way in, whose records need not be made for it."""
    return draft.plain.signature() if draft.plain is not None else signature(draft)


def _mark(entity: Entity) -> str:
    """Place and type of one entity; of one that is not in the text, its name."""
    place = f"{entity.start}:{entity.end}" if entity.start is not None else f"?{len(entity.text)}:{entity.text}"
    return f"{place}:{len(entity.type)}:{entity.type}" if entity.type is not None else place


def fingerprint(split: Split | None, text_hash: str, signature: str) -> int:
    """One sample's part of the content hash."""
    return int.from_bytes(sha256(f"{split}\n{text_hash}\n{signature}".encode()).digest(), "big")


class Tally:
    """Counts and hash of a dataset, moved along as samples come and go."""

    def __init__(self, version: DatasetVersion | None = None) -> None:
        counts = version.counts if version else SplitCounts()
        self._hash = int(version.content_hash, 16) if version else 0
        self._splits: Counter[Split | None] = Counter({split: counts.of(split) for split in (*Split, None)})
        self._entities = version.entities if version else 0
        self._relations = version.relations if version else 0
        self._ungrounded = version.ungrounded if version else 0
        self._types: Counter[str] = Counter(version.types if version else {})
        self._predicates: Counter[str] = Counter(version.predicates if version else {})

    def add(self, sample: Sample, times: int = 1) -> None:
        """Count a sample in, or out again with `times` of -1."""
        self._one(sample.split, sample.text_hash, signature(sample), times)
        self._records(sample, times)

    def take(self, draft: Draft, split: Split | None) -> None:
        """Count a sample in that comes in with this split."""
        self._one(split, draft.text_hash, draft_signature(draft), 1)
        plain = draft.plain
        if plain is None:
            self._records(draft, 1)
            return
        if plain.mentions:
            self._entities += len(plain.mentions)
            self._types[""] += len(plain.mentions)
        for _, predicate, _ in plain.links or ():
            self._relations += 1
            self._predicates[predicate] += 1

    def _one(self, split: Split | None, text_hash: str, signature: str, times: int) -> None:
        self._hash = (self._hash + times * fingerprint(split, text_hash, signature)) % _MODULUS
        self._splits[split] += times

    def _records(self, sample: Annotated, times: int) -> None:
        for entity in sample.entities or ():
            self._entities += times
            self._types[entity.type or ""] += times
            self._ungrounded += times * (entity.start is None)
        for relation in sample.relations or ():
            self._relations += times
            self._predicates[relation.predicate] += times

    def remove(self, sample: Sample) -> None:
        """Count a sample out."""
        self.add(sample, -1)

    @property
    def splits(self) -> SplitCounts:
        """Samples per split."""
        return SplitCounts(none=self._splits[None], **{split.value: self._splits[split] for split in Split})

    def version(self, dataset: str, change: int) -> DatasetVersion:
        """The immutable record of what was counted."""
        return DatasetVersion(
            id=version_id(dataset, change), dataset=dataset, change=change, content_hash=f"{self._hash:064x}", counts=self.splits,
            entities=self._entities, relations=self._relations, ungrounded=self._ungrounded,
            types={name: count for name, count in sorted(self._types.items()) if count},
            predicates={name: count for name, count in sorted(self._predicates.items()) if count},
        )  # fmt: skip


def held_at(dataset: str, change: int) -> dict[str, Any]:
    """The condition that a sample revision held at a change."""
    return {"dataset": dataset, "since": AtMost(value=change), "until": Above(value=change)}


def samples_at(store: Store, dataset: str, change: int, splits: Iterable[Split | None] | None = None) -> Iterator[Sample]:
    """Every sample that a dataset held at a change, ordered by id, in constant memory."""
    wanted = None if splits is None else set(splits)
    for sample in store.each(Sample, held_at(dataset, change), order="id"):
        if wanted is None or sample.split in wanted:
            yield sample


def version_at(store: Store, dataset: str, change: int) -> DatasetVersion:
    """The record of one state; counted anew, and kept, where nobody did so before."""
    known = store.get(DatasetVersion, version_id(dataset, change))
    if known is not None:
        return known
    tally = Tally()
    for sample in samples_at(store, dataset, change):
        tally.add(sample)
    version = tally.version(dataset, change)
    store.write([Ensure(record=version)])
    return version


def parse_version(version: str) -> tuple[str, int]:
    """Dataset and change of a version's name.

    Raises:
        InvalidValueError: it is no such name.
    """
    dataset, _, change = version.rpartition("@")
    if not dataset or not change.isdecimal():
        raise InvalidValueError(f"{version!r} is no dataset version", hint="a version reads dataset@number, as `versions` lists them")
    return dataset, int(change)


def find_version(store: Store, version: str) -> DatasetVersion:
    """The record of a named version.

    Raises:
        UnknownNameError: no such dataset, or it never had that change.
    """
    dataset, change = parse_version(version)
    head = store.get(Dataset, dataset)
    if head is None or not 0 < change <= head.change:
        raise UnknownNameError(
            f"there is no version {version!r}", hint=f"the dataset's newest is {version_id(dataset, head.change)}" if head else ""
        )
    return version_at(store, dataset, change)


class Edit(Record):
    """A sample that differs between two versions."""

    before: Sample
    after: Sample


class VersionDiff(Record):
    """What changed from one version to another."""

    added: tuple[Sample, ...] = ()
    removed: tuple[Sample, ...] = ()
    changed: tuple[Edit, ...] = ()


def diff(store: Store, dataset: str, first: int, second: int) -> VersionDiff:
    """Added, removed and changed samples with their spans; reads only revisions that one of the two does not have."""
    low, high = sorted((first, second))
    held = {"dataset": dataset, "since": AtMost(value=low), "until": Above(value=low)}
    holds = {"dataset": dataset, "since": Above(value=low), "until": Above(value=high)}
    gone = _read(store, [key for key, until in store.values(Sample, ("key", "until"), held, order="id") if until <= high])
    come = _read(store, [key for key, since in store.values(Sample, ("key", "since"), holds, order="id") if since <= high])
    before, after = (gone, come) if first <= second else (come, gone)
    return VersionDiff(
        added=tuple(after[name] for name in sorted(after.keys() - before.keys())),
        removed=tuple(before[name] for name in sorted(before.keys() - after.keys())),
        changed=tuple(Edit(before=before[name], after=after[name]) for name in sorted(before.keys() & after.keys())),
    )


def _read(store: Store, keys: list[str]) -> dict[str, Sample]:
    parts = (keys[at : at + 1000] for at in range(0, len(keys), 1000))
    return {sample.id: sample for part in parts for sample in store.get_many(Sample, part).values()}
