"""A kind of document that can be taught."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from core.records.base import Record, Versioned, now

GENERAL = "general"
"""The fallback domain: always there, never deleted."""

DomainName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", min_length=2, max_length=100)]
Description = Annotated[str, StringConstraints(min_length=10, max_length=1000, strip_whitespace=True)]


class Matching(StrEnum):
    """When a predicted name counts as the gold one."""

    EXACT = "exact"
    SEMANTIC = "semantic"


class Preset(StrEnum):
    """Which mix of precision and recall an optimizer is asked for."""

    F1 = "f1"
    RECALL = "recall"
    PRECISION = "precision"
    CUSTOM = "custom"


class MetricConfig(Record):
    """How a prediction is scored. Weights are shares: precision + recall = 1."""

    preset: Preset = Preset.F1
    precision_weight: float = Field(0.5, ge=0, le=1)
    recall_weight: float = Field(0.5, ge=0, le=1)
    matching: Matching = Matching.EXACT
    entity_threshold: float | None = Field(None, ge=0, le=1)
    """Similarity from which names match semantically; None = the embedder's own, chosen from data."""
    relation_threshold: float | None = Field(None, ge=0, le=1)
    entity_weight: float = Field(0.8, ge=0, le=1)
    """The entities' share of the one overall score; the rest is the relations'."""
    demo_threshold: float = Field(0.6, ge=0, le=1)

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        if abs(self.precision_weight + self.recall_weight - 1) > 1e-9:
            raise ValueError("precision and recall weight must sum to 1")
        return self

    @classmethod
    def of(cls, preset: Preset, matching: Matching = Matching.EXACT) -> "MetricConfig":
        """The named presets: recall 0.3 P + 0.7 R, precision 0.7 P + 0.3 R."""
        precision = {Preset.RECALL: 0.3, Preset.PRECISION: 0.7}.get(preset, 0.5)
        weights = {"precision_weight": precision, "recall_weight": round(1 - precision, 10)}
        return cls(preset=preset, matching=matching, **weights)


class EntityType(Record):
    """One type of the schema, with the key that sets it and what it means."""

    name: str
    key: str | None = None
    definition: str = ""


class Predicate(Record):
    """One kind of relation and between which types it is legal; no types = any."""

    name: str
    definition: str = ""
    subject_types: tuple[str, ...] = ()
    object_types: tuple[str, ...] = ()


class Schema(Record):
    """What is looked for. Without types or predicates both are free."""

    entity_types: tuple[EntityType, ...] = ()
    predicates: tuple[Predicate, ...] = ()


class RecognizerGates(Record):
    """What a head must reach for a domain before it is taken into use."""

    min_accuracy: float = Field(0.85, ge=0, le=1)
    max_latency_ms: float = Field(500, gt=0)
    max_training_loss: float = Field(0.3, ge=0)
    max_validation_loss: float = Field(0.35, ge=0)


class Domain(Versioned):
    """A kind of document: what it is, how it is scored, which prompt reads it."""

    name: DomainName
    description: Description
    model: str | None = None
    metric: MetricConfig = MetricConfig()
    schema_: Schema = Field(default_factory=Schema, alias="schema")
    guidelines: str = ""
    recognizer_gates: RecognizerGates = RecognizerGates()
    set_ready: bool = False
    deleted: bool = False
    """A deleted domain's name stays taken: names are never used again."""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)

    model_config = {"frozen": True, "extra": "forbid", "populate_by_name": True, "serialize_by_alias": True}


class DomainStatus(StrEnum):
    """What a domain can do now."""

    TRAINING = "training"
    READY = "ready"
    FAILED = "failed"
    PENDING = "pending"
