"""A trained head of the recognizer: from vectors of documents to probabilities of the domains."""

import base64
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.classification.documents import Matrix, directions
from core.classification.logistic import Labels, Rows, balanced, choose, fit, log_probabilities, losses
from core.errors import InvalidValueError, StoreDamagedError
from core.records.recognizer import EpochLosses, RecognizerVersion

TOGETHER = (3, 6)
"""Short texts of a domain that make a long one: a sample is a passage, while a document is pooled over its parts."""
LEAST_LONG = 40
"""Long texts made for each domain, at least; else as many as it has short ones."""


@dataclass(frozen=True)
class Examples:
    """Texts whose domain is known: vectors (n, dimensions), and for each its domain's place, its group and where it comes from.

    Texts of one group are nearly the same and are never on both sides of a split. `overrides`: set by a person, whole documents.
    """

    vectors: Matrix
    labels: Labels
    groups: Labels
    overrides: NDArray[np.bool_]

    def only(self, places: Labels) -> "Examples":
        """Some of them."""
        return Examples(
            vectors=self.vectors[places], labels=self.labels[places], groups=self.groups[places], overrides=self.overrides[places]
        )

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Head:
    """What was learned: weights (domains, dimensions + 1), the bias last, and how they came about."""

    weights: NDArray[np.float32]
    temperature: float
    epochs: tuple[EpochLosses, ...]

    def logs(self, vectors: Matrix) -> Matrix:
        """Logarithms of the probabilities, shape (n, domains)."""
        return log_probabilities(self.weights.astype(np.float64), vectors, self.temperature)


def train_head(training: Examples, held_out: Examples, domains: int, *, seed: int) -> Head:
    """Learn from `training`; `held_out` is looked at for its loss after every epoch alone and decides nothing.

    An epoch is one step of the search over all texts; without held-out texts none is told. Every domain needs 2 texts or more
    in `training`.
    """
    learned = Rows(vectors=training.vectors, labels=training.labels, weights=_telling(training))
    chosen = choose(
        learned, training.groups, lambda places, penalty: fit(_rows(training.only(places), seed), domains, penalty), seed=seed
    )  # fmt: skip
    epochs: list[EpochLosses] = []

    def note(weights: Matrix) -> None:
        seen, unseen = (_mean_loss(weights, each, chosen.temperature) for each in (training, held_out))
        epochs.append(EpochLosses(epoch=len(epochs) + 1, training=seen, validation=unseen))

    weights = fit(_rows(training, seed), domains, chosen.penalty, step=note if len(held_out) else None)
    return Head(weights=weights.astype(np.float32), temperature=chosen.temperature, epochs=tuple(epochs))


def predict(version: RecognizerVersion, vectors: NDArray[np.floating]) -> Matrix:
    """Probabilities (n, domains) in the order of `version.domains`, each row summing to 1, for vectors (n, dimensions).

    Raises:
        InvalidValueError: vectors of another length than the head was trained on.
        StoreDamagedError: the stored weights cannot be read.
    """
    weights = unpacked(version.weights, len(version.domains))
    if vectors.shape[1] != weights.shape[1] - 1:
        raise InvalidValueError(
            f"{version.id} reads vectors of {weights.shape[1] - 1} numbers, these have {vectors.shape[1]}",
            hint="it was trained with another embedder: train again",
        )
    found: Matrix = np.exp(log_probabilities(weights.astype(np.float64), vectors.astype(np.float64), version.temperature))
    return found


def packed(weights: NDArray[np.float32]) -> str:
    """Weights as they are stored: little-endian float32, row by row, base64."""
    return base64.b64encode(np.ascontiguousarray(weights, dtype="<f4").tobytes()).decode("ascii")


@lru_cache(maxsize=4)
def unpacked(weights: str, domains: int) -> NDArray[np.float32]:
    """The reverse of `packed`, read-only: shape (domains, dimensions + 1). Raises StoreDamagedError."""
    try:
        return np.frombuffer(base64.b64decode(weights, validate=True), dtype="<f4").reshape(domains, -1)
    except ValueError as error:
        raise StoreDamagedError("the stored weights of a head cannot be read", hint="train the recognizer again") from error


def _rows(training: Examples, seed: int) -> Rows:
    """The texts and the long ones made of them; every domain has the same weight in all."""
    made = {domain: _long(training, domain, np.random.default_rng((seed, domain))) for domain in np.unique(training.labels).tolist()}
    vectors = np.concatenate([training.vectors, *made.values()])
    labels = np.concatenate([training.labels, *(np.full(len(long), domain) for domain, long in made.items())])
    return Rows(vectors=vectors, labels=labels, weights=balanced(labels))


def _telling(training: Examples) -> Matrix:
    """How much each text tells of how the head will do: overrides nothing, because they were picked for being mistaken."""
    sampled = np.unique(training.labels[~training.overrides])
    counted = ~training.overrides | ~np.isin(training.labels, sampled)
    weights = np.zeros(len(training))
    weights[counted] = balanced(training.labels[counted])
    return weights


def _long(training: Examples, domain: int, random: np.random.Generator) -> Matrix:
    """Pooled vectors of some of the domain's samples at a time; documents that a person placed are long already."""
    short = training.vectors[(training.labels == domain) & ~training.overrides]
    least, most = TOGETHER
    if len(short) < least:
        return np.zeros((0, training.vectors.shape[1]))
    sizes = random.integers(least, min(most, len(short)) + 1, size=max(LEAST_LONG, len(short)))
    means = np.stack([short[random.choice(len(short), size, replace=False)].mean(axis=0) for size in sizes])
    return directions(means)


def _mean_loss(weights: Matrix, examples: Examples, temperature: float) -> float:
    return float(losses(log_probabilities(weights, examples.vectors, temperature), examples.labels).mean())
