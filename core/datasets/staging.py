"""Where new samples go: into the store as rows that nobody sees before they are published, or, for a preview, nowhere."""

from collections.abc import Sequence
from typing import Any, Protocol

from core.datasets.versions import Tally, signature
from core.errors import AlreadyExistsError
from core.records.samples import OPEN, Sample, Split, SplitLock
from core.store.base import Above, In, Lease, Operation, Put, Remove, Store

LOOK_UP = 1_000
"""Keys that are asked for at once."""
TRIES = 5


class Stage(Protocol):
    """Takes samples in, and knows what is there."""

    def known(self, hashes: Sequence[str]) -> dict[str, str]:
        """For those of the texts that are in the dataset already, the signature of their annotation."""

    def ids(self, ids: Sequence[str]) -> set[str]:
        """Those of the sample ids that are taken in the dataset."""

    def locks(self, hashes: Sequence[str]) -> dict[str, Split]:
        """The split of those texts that have one for good."""

    def put(self, samples: Sequence[Sample], locks: Sequence[SplitLock]) -> None:
        """Take samples in, with the locks that are new."""


class Texts:
    """Text hashes that were seen, in 8 MB however many: never misses one, and takes one of 10,000 others for seen at a million."""

    BITS = 2**26

    def __init__(self) -> None:
        self._bits = bytearray(self.BITS // 8)

    def add(self, digest: str) -> None:
        """Remember a hash."""
        for place in self._places(digest):
            self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, digest: str) -> bool:
        """Whether it was seen, perhaps."""
        return all(self._bits[place >> 3] >> (place & 7) & 1 for place in self._places(digest))

    def _places(self, digest: str) -> tuple[int, int, int]:
        number = int(digest[:24], 16)
        return number % self.BITS, (number >> 32) % self.BITS, (number >> 64) % self.BITS


class StoreStage:
    """Rows that hold from the change after the dataset's head on: invisible until the head moves there."""

    def __init__(self, store: Store, dataset: str, change: int, tally: Tally, lease: Lease | None = None) -> None:
        self.store, self.dataset, self.change, self.tally, self.lease = store, dataset, change, tally, lease
        # Where the store knows no split at all, and the dataset no text, most questions need not be asked. Another import
        # that begins meanwhile is noticed when the locks are written.
        self._no_locks = not store.page(SplitLock, limit=1)
        self._texts = Texts() if change == 1 else None

    def known(self, hashes: Sequence[str]) -> dict[str, str]:
        """See `Stage.known`."""
        keys: dict[str, str] = {}
        for part in _parts(hashes if self._texts is None else [each for each in hashes if each in self._texts]):
            where = {"text_hash": In(values=tuple(part))}
            for digest, dataset, until, key in self.store.values(Sample, ("text_hash", "dataset", "until", "key"), where):
                if dataset == self.dataset and until == OPEN:
                    keys[digest] = key
        found: dict[str, str] = {}
        for part in _parts(list(keys.values())):
            found |= {each.text_hash: signature(each) for each in self.store.get_many(Sample, part).values()}
        return found

    def ids(self, ids: Sequence[str]) -> set[str]:
        """See `Stage.ids`."""
        taken: set[str] = set()
        for part in _parts(ids):
            where = {"dataset": self.dataset, "id": In(values=tuple(part))}
            taken |= {name for name, until in self.store.values(Sample, ("id", "until"), where) if until == OPEN}
        return taken

    def locks(self, hashes: Sequence[str]) -> dict[str, Split]:
        """See `Stage.locks`."""
        found: dict[str, Split] = {}
        for part in [] if self._no_locks else _parts(hashes):
            found |= {key: lock.split for key, lock in self.store.get_many(SplitLock, part).items()}
        return found

    def put(self, samples: Sequence[Sample], locks: Sequence[SplitLock]) -> None:
        """Write both, or neither. A text that another import locked meanwhile takes that split, and the write is tried again."""
        for attempt in range(TRIES):
            operations: list[Operation] = [Put(record=sample) for sample in samples]
            operations += [Put(record=lock) for lock in locks]
            try:
                self.store.write(operations, fence=self.lease)
                break
            except AlreadyExistsError:
                self._no_locks = False
                found = self.locks([lock.text_hash for lock in locks])
                if attempt == TRIES - 1 or not found:
                    raise
                samples = [each.model_copy(update={"split": found.get(each.text_hash, each.split)}) for each in samples]
                locks = [lock for lock in locks if lock.text_hash not in found]
        for sample in samples:
            self.tally.add(sample)
            if self._texts is not None:
                self._texts.add(sample.text_hash)

    def clear(self, *, everything: bool = False) -> int:
        """Remove rows that were staged and never published, or every row of the dataset; returns how many."""
        where: dict[str, Any] = {"dataset": self.dataset}
        if not everything:
            where |= {"since": Above(value=self.change - 1), "until": OPEN}
        keys = [key for (key,) in self.store.values(Sample, ("key",), where)]
        for part in _parts(keys):
            self.store.write([Remove(kind=Sample, key=key) for key in part], fence=self.lease)
        return len(keys)


class PreviewStage(StoreStage):
    """Knows the store and what the preview saw before, and writes nothing. Takes about 200 bytes of memory a sample."""

    def __init__(self, store: Store, dataset: str, change: int, tally: Tally) -> None:
        super().__init__(store, dataset, change, tally)
        self._seen: dict[str, str] = {}
        self._ids: set[str] = set()

    def known(self, hashes: Sequence[str]) -> dict[str, str]:
        """See `Stage.known`."""
        return super().known(hashes) | {digest: self._seen[digest] for digest in hashes if digest in self._seen}

    def ids(self, ids: Sequence[str]) -> set[str]:
        """See `Stage.ids`."""
        return super().ids(ids) | (self._ids & set(ids))

    def put(self, samples: Sequence[Sample], locks: Sequence[SplitLock]) -> None:
        """Remember them."""
        for sample in samples:
            self._seen[sample.text_hash] = signature(sample)
            self._ids.add(sample.id)
            self.tally.add(sample)


def _parts(items: Sequence[str]) -> list[list[str]]:
    return [list(items[at : at + LOOK_UP]) for at in range(0, len(items), LOOK_UP)]
