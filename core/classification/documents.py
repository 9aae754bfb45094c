"""Documents as vectors: one for each passage, and one pooled over them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classification.parts import CHARACTERS, parts
from core.embeddings.base import Embedder, encode_under

Matrix = NDArray[np.float64]
TINY = 1e-12


@dataclass(frozen=True)
class Encoded:
    """Documents under one embedder: `vectors` (passages of all, dimensions), `owners` (passages,) = the document of each."""

    embedder: str
    digest: str
    vectors: Matrix
    owners: NDArray[np.intp]
    count: int

    def __len__(self) -> int:
        return self.count


def encode_documents(embedder: Embedder, texts: Sequence[str], *, characters: int = CHARACTERS) -> Encoded:
    """Every passage of every document encoded on its own, all in one batch. Raises as `Embedder.encode`."""
    passages = [parts(text, characters=characters) for text in texts]
    digest, vectors = encode_under(embedder, [passage for each in passages for passage in each])
    owners = np.repeat(np.arange(len(texts)), [len(each) for each in passages])
    return Encoded(embedder=embedder.name, digest=digest, vectors=vectors.astype(np.float64), owners=owners, count=len(texts))


def pooled(documents: Encoded) -> Matrix:
    """The direction of the mean of a document's passages, shape (documents, dimensions), rows of length 1."""
    sums = np.zeros((documents.count, documents.vectors.shape[1]))
    np.add.at(sums, documents.owners, documents.vectors)
    return directions(sums)


def directions(rows: Matrix) -> Matrix:
    """Rows brought to length 1; a row of zeros stays one."""
    found: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), TINY)
    return found
