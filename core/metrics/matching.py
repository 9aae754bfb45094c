"""Which predicted items are gold ones, each counted once.

Exact: equal after case folding (entities with their type, where gold is typed). Semantic: one-to-one assignment that
maximizes the summed similarity (Kuhn 1955, by `scipy.optimize.linear_sum_assignment`), pairs below the threshold dropped.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.metrics.gold import Item

Matrix = NDArray[np.float64]
Pairs = list[tuple[int, int]]


class Similarity(Protocol):
    """How alike texts are."""

    name: str
    """Which embedder, or `token jaccard`."""

    def matrix(self, left: Sequence[str], right: Sequence[str]) -> Matrix:
        """Similarities in shape (len(left), len(right)), -1 to 1; 1 = the same."""


class Matcher(Protocol):
    """Pairs two lists without repeats; each item is in one pair at most."""

    @property
    def name(self) -> str:
        """How names are compared, as shown beside a score."""

    def entities(self, predicted: Sequence[Item], gold: Sequence[Item]) -> Pairs:
        """Positions (predicted, gold) of entities that are the same."""

    def relations(self, predicted: Sequence[Item], gold: Sequence[Item]) -> Pairs:
        """Positions (predicted, gold) of relations that are the same."""


def entity_key(item: Item, *, typed: bool) -> tuple[str, str]:
    """Name and type as compared; without types the type says nothing."""
    return item["text"].casefold().strip(), (item.get("type") or "").casefold() if typed else ""


def relation_key(item: Item) -> tuple[str, str, str]:
    """Subject, predicate and object as compared."""
    return item["subject"].casefold().strip(), item["predicate"].casefold().strip(), item["object"].casefold().strip()


class ExactMatcher:
    """Equal after case folding."""

    name = "exact"

    def __init__(self, *, typed: bool) -> None:
        self.typed = typed

    def entities(self, predicted: Sequence[Item], gold: Sequence[Item]) -> Pairs:
        """Positions (predicted, gold) of entities that are the same."""
        return _equal([entity_key(item, typed=self.typed) for item in predicted], [entity_key(item, typed=self.typed) for item in gold])

    def relations(self, predicted: Sequence[Item], gold: Sequence[Item]) -> Pairs:
        """Positions (predicted, gold) of relations that are the same."""
        return _equal([relation_key(item) for item in predicted], [relation_key(item) for item in gold])


def _equal(predicted: Sequence[tuple[str, ...]], gold: Sequence[tuple[str, ...]]) -> Pairs:
    """Positions of equal keys, the first of each."""
    places = {key: place for place, key in reversed(list(enumerate(gold)))}
    return [(index, places.pop(key)) for index, key in enumerate(predicted) if key in places]


class SemanticMatcher:
    """Alike enough, one to one. Relations weigh 0.4 predicate, 0.3 subject, 0.3 object."""

    def __init__(self, similarity: Similarity, *, typed: bool, entity_threshold: float, relation_threshold: float) -> None:
        self.similarity = similarity
        self.typed = typed
        self.entity_threshold = entity_threshold
        self.relation_threshold = relation_threshold

    @property
    def name(self) -> str:
        """How names are compared: the similarity and the two thresholds."""
        return f"semantic ({self.similarity.name}, entities {self.entity_threshold:g}, relations {self.relation_threshold:g})"

    def entities(self, predicted: Sequence[Item], gold: Sequence[Item]) -> Pairs:
        """Positions (predicted, gold) of entities that are alike; types, where gold has them, must be equal."""
        if not predicted or not gold:
            return []
        alike = self.similarity.matrix([item["text"] for item in predicted], [item["text"] for item in gold])
        if self.typed:
            kinds = [[(a.get("type") or "").casefold() == (b.get("type") or "").casefold() for b in gold] for a in predicted]
            alike = np.where(np.array(kinds), alike, -1.0)
        return _assigned(alike, self.entity_threshold)

    def relations(self, predicted: Sequence[Item], gold: Sequence[Item]) -> Pairs:
        """Positions (predicted, gold) of relations that are alike."""
        if not predicted or not gold:
            return []
        alike = sum(
            weight * self.similarity.matrix([a[part] for a in predicted], [b[part] for b in gold])
            for part, weight in (("predicate", 0.4), ("subject", 0.3), ("object", 0.3))
        )
        return _assigned(np.asarray(alike), self.relation_threshold)


def _assigned(alike: Matrix, threshold: float) -> Pairs:
    """Pairs of the best assignment that reach the threshold (with room for rounding in float32 cosines)."""
    reached = alike >= threshold - 1e-6
    rows, columns = linear_sum_assignment(np.where(reached, alike, 0.0), maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if reached[row, column]]


class TokenJaccard:
    """Shared words over all words: what is left when no embedder can be loaded."""

    name = "token jaccard"

    def matrix(self, left: Sequence[str], right: Sequence[str]) -> Matrix:
        """Jaccard indices of the case-folded word sets."""
        sets = [[frozenset(text.casefold().split()) for text in side] for side in (left, right)]
        rows = [[len(a & b) / len(a | b) if a | b else 1.0 for b in sets[1]] for a in sets[0]]
        return np.array(rows, dtype=float).reshape(len(left), len(right))
