"""How well a head does: losses, accuracy, confusion and calibration on texts that it did not learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classification.calibration import calibration_error
from core.classification.documents import Matrix
from core.classification.head import Examples, Head
from core.classification.logistic import Labels, losses
from core.records.recognizer import DomainFigures


@dataclass(frozen=True)
class Proof:
    """The figures of a head; None = there was nothing to measure them on."""

    figures: tuple[DomainFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    accuracy: float | None
    training_loss: float
    validation_loss: float | None
    calibration_error: float | None


def prove(head: Head, training: Examples, held_out: Examples, *, domains: Sequence[str], latencies: Mapping[str, float]) -> Proof:
    """Figures for the whole set and for each domain; `latencies` = milliseconds for a document of each."""
    logs = head.logs(held_out.vectors)
    answers: Labels = logs.argmax(axis=1)
    right = answers == held_out.labels
    learned, unseen = losses(head.logs(training.vectors), training.labels), losses(logs, held_out.labels)

    def figures(place: int, domain: str) -> DomainFigures:
        own, ours = training.labels == place, held_out.labels == place
        overrides = int(training.overrides[own].sum() + held_out.overrides[ours].sum())
        return DomainFigures(
            domain=domain, training=int(own.sum()), validation=int(ours.sum()), overrides=overrides, accuracy=_mean(right[ours]),
            training_loss=_mean(learned[own]), validation_loss=_mean(unseen[ours]), latency_ms=latencies.get(domain),
        )  # fmt: skip

    return Proof(
        figures=tuple(figures(place, domain) for place, domain in enumerate(domains)),
        confusion=confusion(held_out.labels, answers, len(domains)), accuracy=_mean(right), training_loss=float(learned.mean()),
        validation_loss=_mean(unseen), calibration_error=calibration_error(np.exp(logs.max(axis=1)), right) if len(right) else None,
    )  # fmt: skip


def confusion(labels: Labels, answers: Labels, classes: int) -> tuple[tuple[int, ...], ...]:
    """How often each true class (row) was answered with each (column)."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (labels, answers), 1)
    return tuple(tuple(row) for row in counts.tolist())


def _mean(values: NDArray[np.bool_] | Matrix) -> float | None:
    return float(values.mean()) if len(values) else None
