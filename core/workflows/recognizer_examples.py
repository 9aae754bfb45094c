"""What a head of the recognizer learns from: samples of the candidates, without the sealed ones, and a person's overrides."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import NamedTuple

import numpy as np

from core.classification.documents import Matrix
from core.classification.head import Examples
from core.datasets.near_duplicates import NearDuplicates
from core.datasets.staging import lock_key
from core.datasets.versions import held_at
from core.errors import ConflictError
from core.records.base import Record
from core.records.datasets import Dataset
from core.records.documents import Classification
from core.records.domains import GENERAL
from core.records.models import Text
from core.records.samples import Sample, Split, SplitLock
from core.store.base import Store

MOST = 500
"""Samples of a domain in each split, and overrides of it, that are learned from: the smallest hashes, which is a fair choice."""
SHARE = 5
"""One in so many overrides is held out, and of a domain whose samples are all for training."""
COMPARED = 2000
"""Characters of a document's beginning by which it is found to repeat another."""
BATCH = 64

Encode = Callable[[Sequence[str]], Matrix]
"""Documents to pooled vectors, (n, dimensions)."""


class OverrideCounts(Record):
    """What became of the documents whose domain was set by a person."""

    used: dict[str, int]
    """Per candidate, those that a head learns from or is measured on."""
    beyond: int
    """More than `MOST` of one domain."""
    general: int
    """Said to belong to none."""
    elsewhere: int
    """Of domains that are no candidates now, deleted ones among them."""
    sealed: int
    """Their text is a sealed test sample."""

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.used.values()) + self.beyond + self.general + self.elsewhere + self.sealed

    @property
    def left_out(self) -> tuple[str, ...]:
        """How many are not learned from, with the reason of each."""
        reasons = (
            (self.beyond, f"a head learns from {MOST} of a domain at most"),
            (self.general, "a person said that they belong to no domain, and a head only tells domains apart"),
            (self.elsewhere, "their domain is not in use now"),
            (self.sealed, "their text is a sealed test sample"),
        )
        return tuple(f"{count:,} of {self.total:,} overrides left out: {why}" for count, why in reasons if count)


class Known(NamedTuple):
    """A text whose domain is known. `key` = the sample's revision, or the document where a person set its domain."""

    hash: str
    domain: str
    key: str
    held_out: bool
    override: bool


class Gathered(NamedTuple):
    """Texts of both sides; `alike` = for those of training the one that stands for all that resemble it, hash to hash."""

    training: list[Known]
    held_out: list[Known]
    alike: dict[str, str]


def count_overrides(store: Store, candidates: Sequence[str]) -> OverrideCounts:
    """Every override, by what it is good for."""
    given = store.count_by(Classification, "domain", {"overridden": True})
    free = {name: len(_unsealed(store, name)) for name in candidates}
    there = sum(given.get(name, 0) for name in candidates)
    return OverrideCounts(
        used={name: min(count, MOST) for name, count in free.items()}, beyond=sum(max(count - MOST, 0) for count in free.values()),
        general=given.get(GENERAL, 0), elsewhere=sum(given.values()) - there - given.get(GENERAL, 0), sealed=there - sum(free.values()),
    )  # fmt: skip


def gather(store: Store, candidates: Sequence[str]) -> Gathered:
    """The texts of every candidate, each on one side. No sealed sample is read, and no held-out text resembles one of training.

    A text that a person placed is taken at the person's word, whatever dataset it stands in. Raises ConflictError.
    """
    known: list[Known] = []
    for name in candidates:
        ours = [*_overrides(store, name), *_samples(store, name)]
        known += ours if any(each.held_out for each in ours) else _parted(ours)
    placed = {each.hash for each in known if each.override}
    return _apart(store, [each for each in known if each.override or each.hash not in placed])


def examples(store: Store, known: Sequence[Known], *, names: Sequence[str], alike: Mapping[str, str], encode: Encode) -> Examples:
    """Their vectors, encoded in batches. Raises ConflictError, and what `encode` raises."""
    rows = [encode(texts) for texts in _texts(store, known)]
    groups = [alike.get(each.hash, each.hash) for each in known]
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    return Examples(
        vectors=np.concatenate(rows) if rows else np.zeros((0, 0)),
        labels=np.array([names.index(each.domain) for each in known], dtype=np.int64),
        groups=np.array([numbers[group] for group in groups], dtype=np.int64),
        overrides=np.array([each.override for each in known], dtype=np.bool_),
    )


def texts_of(store: Store, known: Sequence[Known]) -> list[str]:
    """Their texts, in their order. Raises ConflictError."""
    return [text for texts in _texts(store, known) for text in texts]


def _unsealed(store: Store, domain: str) -> dict[str, Split | None]:
    """Documents that a person gave this domain, with the split that their text has in the datasets, if any; none of the sealed ones."""
    documents = [str(key) for (key,) in store.values(Classification, ("key",), {"overridden": True, "domain": domain})]
    locks = store.get_many(SplitLock, [lock_key(document) for document in documents])
    splits = {document: locks[lock_key(document)].split if lock_key(document) in locks else None for document in documents}
    return {document: split for document, split in splits.items() if split is not Split.TEST}


def _overrides(store: Store, domain: str) -> list[Known]:
    splits = _unsealed(store, domain)
    # Who corrects one document expects it to count: while there are few, all of them are for training.
    many = len(splits) >= SHARE

    def held_out(document: str, split: Split | None) -> bool:
        return split is Split.VAL or (split is None and many and int(document[:8], 16) % SHARE == 0)

    return [Known(document, domain, document, held_out(document, splits[document]), True) for document in nsmallest(MOST, splits)]


def _samples(store: Store, domain: str) -> list[Known]:
    datasets = [dataset for dataset in store.each(Dataset, {"domain": domain}) if not dataset.deleted]
    found: dict[str, Known] = {}
    for split in (Split.TRAIN, Split.VAL):
        pairs = (
            (str(text_hash), str(key))
            for dataset in datasets
            for text_hash, key in store.values(Sample, ("text_hash", "key"), held_at(dataset.name, dataset.change) | {"split": split})
        )
        for text_hash, key in nsmallest(MOST, pairs):
            found.setdefault(text_hash, Known(text_hash, domain, key, split is Split.VAL, False))
    return list(found.values())


def _parted(ours: Sequence[Known]) -> list[Known]:
    """Nothing of a domain is held out where all its samples are for training: then every fifth is, in the order of the hashes."""
    samples = [each for each in ours if not each.override]
    ordered = sorted(samples if len(samples) >= SHARE else ours)
    drawn = set(ordered[SHARE - 1 :: SHARE])
    return [each._replace(held_out=each in drawn) for each in ours]


def _apart(store: Store, known: Sequence[Known]) -> Gathered:
    """A held-out text that resembles one of training is no proof: an override is learned from then, a sample left out."""
    texts = {each: text[:COMPARED] for each, text in zip(known, texts_of(store, known), strict=True)}
    index = NearDuplicates()

    def learn_from(found: Sequence[Known]) -> list[Known]:
        for each in found:
            index.add(f"{each.hash} {each.domain}", texts[each])  # two domains may have one text
        return list(found)

    training = learn_from([each for each in known if not each.held_out])
    training += learn_from([each for each in known if each.held_out and each.override and index.like(texts[each])])
    learned = set(training)
    held_out = [each for each in known if each not in learned and not index.like(texts[each])]
    return Gathered(training, held_out, {each.hash: min(index.like(texts[each]), default=each.hash) for each in training})


def _texts(store: Store, known: Sequence[Known]) -> Iterator[list[str]]:
    """In batches, read when they are needed. Raises ConflictError where one has gone meanwhile."""
    for start in range(0, len(known), BATCH):
        batch = known[start : start + BATCH]
        samples = store.get_many(Sample, [each.key for each in batch if not each.override])
        documents = store.get_many(Text, [each.key for each in batch if each.override])
        found = {key: sample.text for key, sample in samples.items()} | {key: text.content for key, text in documents.items()}
        if missing := [each.domain for each in batch if each.key not in found]:
            raise ConflictError(f"a text of {missing[0]} was deleted meanwhile", hint="try again")
        yield [found[each.key] for each in batch]
