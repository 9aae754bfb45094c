"""Where new samples go: into the store as rows that nobody sees before they are published, or, for a preview, nowhere."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from core.datasets.validate import Draft
from core.datasets.versions import Tally, draft_signature, signature
from core.errors import AlreadyExistsError
from core.records.samples import OPEN, Sample, Split, SplitLock
from core.records.trusted import trusted
from core.store.base import Above, In, Lease, Operation, Put, PutWritten, Remove, Store

LOOK_UP = 1_000
"""Keys that are asked for at once."""
TRIES = 5


def lock_key(digest: str) -> str:
    """Under what a text's split is locked: the first 64 bits of its hash.

    Locks are many and come in no order; a short key keeps their index in memory. Among ten million texts two share one with
    a likelihood of 1 in 300,000, and then only their split.
    """
    return digest[:16]


Placed = tuple[Draft, Split | None]
"""A sample and its split."""


class Stage(Protocol):
    """Takes samples in, and knows what is there."""

    def known(self, hashes: Sequence[str]) -> dict[str, str]:
        """For those of the texts that are in the dataset already, the signature of their annotation."""

    def ids(self, ids: Sequence[str]) -> set[str]:
        """Those of the sample ids that are taken in the dataset."""

    def locks(self, hashes: Sequence[str]) -> dict[str, Split]:
        """The split of those texts that have one for good."""

    def put(self, placed: Sequence[Placed], unlocked: Collection[str]) -> None:
        """Take samples in, and lock the splits of those texts."""


class Texts:
    """Text hashes that were seen, in 8 MB however many: never misses one, and takes one of 10,000 others for seen at a million."""

    BITS = 2**26

    def __init__(self) -> None:
        self._bits = bytearray(self.BITS // 8)

    def meet(self, digest: str) -> bool:
        """Whether a hash was seen before, perhaps; it is remembered."""
        bits, number, seen = self._bits, int(digest[:24], 16), True
        for place in (number % self.BITS, (number >> 32) % self.BITS, (number >> 64) % self.BITS):
            mask = 1 << (place & 7)
            if not bits[place >> 3] & mask:
                bits[place >> 3] |= mask
                seen = False
        return seen


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
        for part in _parts(hashes if self._texts is None else [each for each in hashes if self._texts.meet(each)]):
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
            locks = self.store.get_many(SplitLock, [lock_key(digest) for digest in part])
            found |= {digest: locks[key].split for digest in part if (key := lock_key(digest)) in locks}
        return found

    def put(self, placed: Sequence[Placed], unlocked: Collection[str]) -> None:
        """Write both, or neither. A text that another import locked meanwhile takes that split, and the write is tried again."""
        for attempt in range(TRIES):
            try:
                self.store.write([*self._samples(placed), _locks(placed, unlocked)], fence=self.lease, durable=False)
                break
            except AlreadyExistsError:
                self._no_locks = False
                found = self.locks(list(unlocked))
                if attempt == TRIES - 1 or not found:
                    raise
                placed = [(draft, found.get(draft.text_hash, split)) for draft, split in placed]
                unlocked = set(unlocked) - found.keys()
        for draft, split in placed:
            self.tally.take(draft, split)

    def _samples(self, placed: Sequence[Placed]) -> list[Operation]:
        """Most as they are written down, the rest as records."""
        rows: list[tuple[Any, ...]] = []
        rest: list[Operation] = []
        for draft, split in placed:
            row = draft.written(self.dataset, self.change, split)
            if row is None:
                rest.append(Put(record=draft.sample(self.dataset, self.change, split)))
            else:
                rows.append(row)
        return [trusted(PutWritten, {"kind": Sample, "rows": rows}), *rest]

    def clear(self, *, everything: bool = False) -> int:
        """Remove rows that were staged and never published, or every row of the dataset; returns how many."""
        where: dict[str, Any] = {"dataset": self.dataset}
        if not everything:
            where |= {"since": Above(value=self.change - 1), "until": OPEN}
        keys = [key for (key,) in self.store.values(Sample, ("key",), where, order="id")]
        for part in _parts(keys):
            self.store.write([Remove(kind=Sample, key=key) for key in part], fence=self.lease, durable=False)
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

    def put(self, placed: Sequence[Placed], unlocked: Collection[str]) -> None:
        """Remember them."""
        for draft, split in placed:
            self._seen[draft.text_hash] = draft_signature(draft)
            self._ids.add(draft.name(self.change))
            self.tally.take(draft, split)


def _locks(placed: Sequence[Placed], unlocked: Collection[str]) -> Operation:
    """The locks of these texts, in the order of the index, which spares it most of its work; two that share a key, once."""
    splits = {lock_key(draft.text_hash): str(split) for draft, split in placed if split and draft.text_hash in unlocked}
    rows = [(key, split, f'{{"text_hash":"{key}","split":"{split}"}}') for key, split in sorted(splits.items())]
    return trusted(PutWritten, {"kind": SplitLock, "rows": rows})


def _parts(items: Sequence[str]) -> list[list[str]]:
    return [list(items[at : at + LOOK_UP]) for at in range(0, len(items), LOOK_UP)]
