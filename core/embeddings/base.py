"""What an embedder does, and what all of them share."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.embeddings.thresholds import thresholds_of
from core.errors import AnswerError, MissingPartError, ModelError, ModelUnavailableError

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), each row of length 1."""

Reason = ModelError | MissingPartError
"""Why an embedder cannot be used."""

TRIES = 3
RETRY_SECONDS = 30.0
"""For how long a failure that may pass is taken for granted: a page must not wait for the same dead server at every click."""


class Embedder(Protocol):
    """Texts to vectors. Thread-safe; nothing is loaded before it is needed."""

    @property
    def name(self) -> str:
        """As the person chose it."""

    @property
    def languages(self) -> str | None:
        """What it reads, for people; None = unknown."""

    @property
    def entity_threshold(self) -> float:
        """Cosine from which two names count as the same."""

    @property
    def relation_threshold(self) -> float:
        """The same for the weighted cosines of predicate, subject and object."""

    @property
    def threshold_note(self) -> str:
        """Where the thresholds come from, in a sentence."""

    @property
    def loaded(self) -> bool:
        """Whether it can encode without loading first."""

    @property
    def problem(self) -> Reason | None:
        """Why loading failed the last time it was tried; None if it did not."""

    @property
    def digest(self) -> str:
        """Identity of the model itself: another digest, other vectors. May load. Raises as `encode`."""

    @property
    def dimensions(self) -> int:
        """Length of a vector. May load. Raises as `encode`."""

    def load(self, *, again: bool = False) -> None:
        """Make it ready, once. Raises as `encode`.

        After a failure the same error is raised without another try: ModelUnavailableError for 30 s, others for good, unless `again`.
        """

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, in their order; no texts give shape (0, dimensions). A local encoder reads only its window of a long text.

        Raises:
            MissingPartError: a package that it needs is not installed.
            ModelNotFoundError, ModelRefusedError: there is no such model, or it is none for embeddings.
            ModelUnavailableError: it cannot be loaded or reached now.
            ContextOverflowError: a text is longer than the server's model reads.
            AnswerError: what came back are no usable vectors.
        """

    def close(self) -> None:
        """Let go of connections."""


class LazyEmbedder(ABC):
    """Loads once, under a lock, and remembers why it could not."""

    def __init__(self, name: str, *, languages: str | None = None) -> None:
        thresholds = thresholds_of(name)
        self.name = name
        self.languages = languages
        self.entity_threshold, self.relation_threshold = thresholds.entity, thresholds.relation
        self.threshold_note = thresholds.note
        self._lock = threading.RLock()
        self._loaded = False
        self._problem: Reason | None = None
        self._retry_at = 0.0

    @property
    def loaded(self) -> bool:
        """Whether it can encode without loading first."""
        return self._loaded

    @property
    def problem(self) -> Reason | None:
        """Why loading failed the last time it was tried."""
        return self._problem

    def load(self, *, again: bool = False) -> None:
        """Make it ready, once. Raises as `Embedder.encode`."""
        if self._loaded:
            return
        with self._lock:
            if self._loaded:
                return
            passing = isinstance(self._problem, ModelUnavailableError) and time.monotonic() >= self._retry_at
            if self._problem is not None and not again and not passing:
                raise self._problem
            try:
                self._open()
            except (ModelError, MissingPartError) as error:
                self._problem, self._retry_at = error, time.monotonic() + RETRY_SECONDS
                raise
            self._problem, self._loaded = None, True

    @abstractmethod
    def _open(self) -> None:
        """Load. Raises ModelError or MissingPartError, nothing else."""

    def close(self) -> None:  # noqa: B027 (most have no connections)
        """Let go of connections."""


def encodable(text: str) -> str:
    """The text with `?` for lone surrogates, which models can write in JSON but UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def normalized(rows: NDArray[np.floating], name: str) -> Vectors:
    """Rows at length 1. Raises AnswerError for a row without direction."""
    wide = np.asarray(rows, dtype=np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths) & (lengths > 0)):
        raise AnswerError(f"{name} gave a vector without direction (zeros or no numbers)", hint="choose another embedder")
    return np.ascontiguousarray(wide / lengths, dtype=np.float32)


def encode_under(embedder: Embedder, texts: Sequence[str]) -> tuple[str, Vectors]:
    """Vectors and the digest that they belong to, though the model behind a server's name may be replaced at any time.

    Raises as `Embedder.encode`; ModelUnavailableError where the digest changes again and again.
    """
    before = embedder.digest
    for _ in range(TRIES):
        rows = embedder.encode(texts)
        after = embedder.digest
        if after == before:
            return after, rows
        before = after
    raise ModelUnavailableError(f"the model behind {embedder.name} changes while it is used", hint="try again once it is pulled")
