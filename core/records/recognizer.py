"""Trained heads of the recognizer: one model for the whole set of domains, with its proof."""

from datetime import datetime

from pydantic import Field

from core.records.base import Record, Versioned, now
from core.records.prompts import Stage


class GateResult(Record):
    """One gate: what was measured against what was asked; None = could not be measured, which does not pass."""

    domain: str
    gate: str
    value: float | None
    threshold: float
    passed: bool


class EpochLosses(Record):
    """Mean cross-entropy in nats after an epoch."""

    epoch: int
    training: float
    validation: float


class DomainFigures(Record):
    """How a head does on the held-out documents of one domain; None = it had none."""

    domain: str
    training: int
    validation: int
    overrides: int
    """How many of both were set by a person."""
    accuracy: float | None
    training_loss: float | None
    validation_loss: float | None
    latency_ms: float | None
    """Median for one document, with its encoding."""


class RecognizerVersion(Versioned):
    """A trained head. Only stage, since, by and why ever change."""

    id: str
    created_at: datetime = Field(default_factory=now)
    embedder: str
    digest: str
    domains: tuple[str, ...]
    """The rows of the weights, and of the confusion matrix."""
    weights: str
    """float32, little-endian, base64; shape (domains, dimensions + 1), the bias last."""
    temperature: float
    seed: int
    epochs: tuple[EpochLosses, ...]
    figures: tuple[DomainFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Held-out documents: row = the true domain, column = the head's answer."""
    accuracy: float | None
    training_loss: float
    validation_loss: float | None
    calibration_error: float | None
    """Expected calibration error over ten bins of the held-out documents."""
    gates: tuple[GateResult, ...]
    stage: Stage = Stage.CANDIDATE
    since: datetime = Field(default_factory=now)
    by: str = "workbench"
    why: str = ""

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(gate.passed for gate in self.gates)
