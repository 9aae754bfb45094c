"""Vectors that are computed once: in memory, then in the store, then by the embedder."""

import base64
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.embeddings.base import Embedder, Reason, Vectors, encodable, encode_under
from core.errors import StoreDamagedError
from core.records.base import text_hash
from core.records.prompts import Vector
from core.store.base import Ensure, Remove, Store

MEMORY = 20_000
"""Vectors kept in memory: 31 MB at 384 dimensions."""

BATCH = 500
"""Records read or written at once."""

Row = NDArray[np.float32]


class CachedEmbedder:
    """An embedder with a memory. The store keeps each vector under the embedder's digest and the text's hash, so none is ever mixed."""

    def __init__(self, embedder: Embedder, store: Store, *, memory: int = MEMORY) -> None:
        self.embedder = embedder
        self._store = store
        self._memory: OrderedDict[str, Row] = OrderedDict()
        self._size = memory
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The embedder's."""
        return self.embedder.name

    @property
    def languages(self) -> str | None:
        """The embedder's."""
        return self.embedder.languages

    @property
    def entity_threshold(self) -> float:
        """The embedder's."""
        return self.embedder.entity_threshold

    @property
    def relation_threshold(self) -> float:
        """The embedder's."""
        return self.embedder.relation_threshold

    @property
    def threshold_note(self) -> str:
        """The embedder's."""
        return self.embedder.threshold_note

    @property
    def loaded(self) -> bool:
        """The embedder's."""
        return self.embedder.loaded

    @property
    def problem(self) -> Reason | None:
        """The embedder's."""
        return self.embedder.problem

    @property
    def digest(self) -> str:
        """The embedder's."""
        return self.embedder.digest

    @property
    def dimensions(self) -> int:
        """The embedder's."""
        return self.embedder.dimensions

    def load(self, *, again: bool = False) -> None:
        """As the embedder."""
        self.embedder.load(again=again)

    def close(self) -> None:
        """Let go of the embedder's connections; the store stays open."""
        self.embedder.close()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in their order; each distinct text that is new is encoded once.

        Raises:
            as `Embedder.encode`; StoreError, StoreDamagedError: a vector in the store is not one of this embedder's.
        """
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        digest = self.digest
        keys = [vector_key(digest, text) for text in texts]
        distinct = dict(zip(keys, texts, strict=True))
        rows = self._remembered(distinct)
        rows |= self._stored([key for key in distinct if key not in rows])
        new = [text for key, text in distinct.items() if key not in rows]
        if new:
            digest_then, computed = self._computed(new)
            if digest_then != digest:
                return self.encode(texts)  # another model under the same name: nothing of the former may stand beside it
            rows |= computed
        self._remember(rows)
        return np.stack([rows[key] for key in keys])

    def forget(self, texts: Iterable[str]) -> None:
        """Remove the texts' vectors from memory and, for this embedder, from the store. Raises StoreError."""
        keys = [vector_key(self.digest, text) for text in texts]
        with self._lock:
            for key in keys:
                self._memory.pop(key, None)
        self._store.write([Remove(kind=Vector, key=key) for key in keys])

    def _remembered(self, keys: Iterable[str]) -> dict[str, Row]:
        with self._lock:
            found = {key: self._memory[key] for key in keys if key in self._memory}
            for key in found:
                self._memory.move_to_end(key)
        return found

    def _remember(self, rows: dict[str, Row]) -> None:
        with self._lock:
            self._memory.update(rows)
            while len(self._memory) > self._size:
                self._memory.popitem(last=False)

    def _stored(self, keys: Sequence[str]) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for start in range(0, len(keys), BATCH):
            found |= {key: self._row(vector) for key, vector in self._store.get_many(Vector, keys[start : start + BATCH]).items()}
        return found

    def _computed(self, texts: Sequence[str]) -> tuple[str, dict[str, Row]]:
        digest, rows = encode_under(self.embedder, texts)
        computed = {vector_key(digest, text): row for text, row in zip(texts, rows, strict=True)}
        vectors = [Ensure(record=Vector(key=key, digest=digest, data=packed(row))) for key, row in computed.items()]
        for start in range(0, len(vectors), BATCH):
            self._store.write(vectors[start : start + BATCH])
        return digest, computed

    def _row(self, vector: Vector) -> Row:
        row = unpacked(vector)
        if len(row) != self.dimensions:
            raise StoreDamagedError(
                f"the stored vector {vector.key} has {len(row)} numbers, {self.name} has {self.dimensions}",
                hint="remove it; it is computed again when it is needed",
            )
        return row


def vector_key(digest: str, text: str) -> str:
    """Where the vector of a text is kept."""
    return f"{digest}/{text_hash(encodable(text))}"


def packed(row: Row) -> str:
    """A vector as it is stored: little-endian float32, base64."""
    return base64.b64encode(row.astype("<f4").tobytes()).decode("ascii")


def unpacked(vector: Vector) -> Row:
    """The reverse of `packed`, read-only. Raises StoreDamagedError."""
    try:
        return np.frombuffer(base64.b64decode(vector.data, validate=True), dtype="<f4").astype(np.float32, copy=False)
    except ValueError as error:
        raise StoreDamagedError(
            f"the stored vector {vector.key} cannot be read", hint="remove it; it is computed again when it is needed"
        ) from error
