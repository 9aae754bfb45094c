"""Gates of a trained head: what a domain asks of it before it is taken into use."""

from core.records.domains import RecognizerGates
from core.records.recognizer import DomainFigures, GateResult


def gate_results(asked: RecognizerGates, measured: DomainFigures) -> tuple[GateResult, ...]:
    """Every gate of one domain, named as its field; what could not be measured does not pass."""
    return (
        _least(measured.domain, "min_accuracy", measured.accuracy, asked.min_accuracy),
        _most(measured.domain, "max_latency_ms", measured.latency_ms, asked.max_latency_ms),
        _most(measured.domain, "max_training_loss", measured.training_loss, asked.max_training_loss),
        _most(measured.domain, "max_validation_loss", measured.validation_loss, asked.max_validation_loss),
    )


def _least(domain: str, gate: str, value: float | None, threshold: float) -> GateResult:
    return GateResult(domain=domain, gate=gate, value=value, threshold=threshold, passed=value is not None and value >= threshold)


def _most(domain: str, gate: str, value: float | None, threshold: float) -> GateResult:
    return GateResult(domain=domain, gate=gate, value=value, threshold=threshold, passed=value is not None and value <= threshold)
