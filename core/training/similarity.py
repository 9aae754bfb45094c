"""What semantic matching measures with, and from when on names count as the same."""

from dataclasses import dataclass

from core.embeddings.base import Embedder
from core.embeddings.similarity import EmbeddingSimilarity
from core.errors import MissingPartError, ModelError
from core.metrics.matching import Similarity, TokenJaccard
from core.records.domains import MetricConfig

SHARED_WORDS = 0.75, 0.70
"""Thresholds where only words can be compared: most of the words are the same."""


@dataclass(frozen=True)
class Semantics:
    """A similarity and its own thresholds."""

    similarity: Similarity
    entity_threshold: float
    relation_threshold: float

    def applied(self, config: MetricConfig) -> MetricConfig:
        """The metric with every threshold named: what the domain sets wins over the embedder's own."""
        own = {"entity_threshold": self.entity_threshold, "relation_threshold": self.relation_threshold}
        return config.model_copy(update={name: value for name, value in own.items() if getattr(config, name) is None})


def semantics_with(embedder: Embedder) -> Semantics:
    """The embedder's cosines; shared words where it cannot be loaded, which the similarity's name then says."""
    try:
        embedder.encode(["probe"])
    except (MissingPartError, ModelError):
        return Semantics(TokenJaccard(), *SHARED_WORDS)
    return Semantics(EmbeddingSimilarity(embedder), embedder.entity_threshold, embedder.relation_threshold)
