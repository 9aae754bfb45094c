"""How alike names are, by the cosine of their vectors. What `core.metrics.matching` calls a Similarity."""

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.embeddings.base import Embedder, Vectors, encode_under

LIMIT = 50_000
"""Distinct strings whose vectors are held at once: 77 MB at 384 dimensions."""


class EmbeddingSimilarity:
    """Cosines of names, each distinct one encoded once, however many trials are scored. Thread-safe.

    Names that are equal after case folding (as the exact metric compares them) are 1 exactly. The others are encoded as they are
    written: a cased model may tell `Apple` from `apple pie` by the case.
    """

    def __init__(self, embedder: Embedder, *, limit: int = LIMIT) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._limit = limit
        self._lock = threading.Lock()
        self._digest = ""
        self._rows: dict[str, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)

    def prefetch(self, texts: Iterable[str]) -> None:
        """Encode the new ones among the texts in one batch. Raises as `Embedder.encode`."""
        with self._lock:
            self._hold(texts)

    def matrix(self, left: Sequence[str], right: Sequence[str]) -> NDArray[np.float64]:
        """Cosines in shape (len(left), len(right)). Raises as `Embedder.encode`."""
        if not left or not right:
            return np.zeros((len(left), len(right)))
        with self._lock:
            self._hold([*left, *right])
            rows = self._vectors[[self._rows[text] for text in left]]
            columns = self._vectors[[self._rows[text] for text in right]]
        cosines = np.clip(rows.astype(np.float64) @ columns.T.astype(np.float64), -1.0, 1.0)
        names = [text.casefold().strip() for text in right]
        for row, text in zip(cosines, left, strict=True):
            same = text.casefold().strip()
            row[[index for index, name in enumerate(names) if name == same]] = 1.0
        return cosines

    def _hold(self, texts: Iterable[str]) -> None:
        """Make sure that every text has a row, all of the same model."""
        wanted = dict.fromkeys(texts)
        new = [text for text in wanted if text not in self._rows]
        if not new:
            return
        digest, vectors = encode_under(self._embedder, new)
        if self._rows and (digest != self._digest or len(self._rows) + len(new) > self._limit):
            self._rows, new = {}, list(wanted)  # another model under the same name, or too many: begin anew
            digest, vectors = encode_under(self._embedder, new)
        held = self._vectors if self._rows else np.zeros((0, vectors.shape[1]), dtype=np.float32)
        self._digest, self._vectors = digest, np.concatenate([held, vectors])
        self._rows |= {text: len(held) + index for index, text in enumerate(new)}
