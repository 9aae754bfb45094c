import math

import pytest

from core.classification.gates import gate_results
from core.records.domains import RecognizerGates
from core.records.recognizer import DomainFigures

USUAL = RecognizerGates()
GOOD = {"accuracy": 0.85, "latency_ms": 500.0, "training_loss": 0.3, "validation_loss": 0.35}
GATES = {
    "accuracy": "min_accuracy",
    "latency_ms": "max_latency_ms",
    "training_loss": "max_training_loss",
    "validation_loss": "max_validation_loss",
}


def failed(measured: dict[str, float | None], asked: RecognizerGates = USUAL) -> list[str]:
    figures = DomainFigures.model_validate({"domain": "notes", "training": 9, "validation": 3, "overrides": 0} | GOOD | measured)
    return [result.gate for result in gate_results(asked, figures) if not result.passed]


def test_figures_on_the_thresholds_pass() -> None:
    assert failed({}) == []


@pytest.mark.parametrize(
    ("figure", "value"), [("accuracy", 0.849), ("latency_ms", 500.1), ("training_loss", 0.301), ("validation_loss", 0.351)]
)
def test_each_gate_fails_by_its_own_figure_alone(figure: str, value: float) -> None:
    assert failed({figure: value}) == [GATES[figure]]


@pytest.mark.parametrize("value", [None, math.nan])
@pytest.mark.parametrize("figure", GOOD)
def test_what_could_not_be_measured_does_not_pass(figure: str, value: float | None) -> None:
    assert failed({figure: value}) == [GATES[figure]]


def test_a_domain_may_ask_for_more_or_less() -> None:
    assert failed({}, RecognizerGates(min_accuracy=0.9, max_latency_ms=100)) == ["min_accuracy", "max_latency_ms"]
    assert failed({"accuracy": 0.6}, RecognizerGates(min_accuracy=0.5)) == []


def test_a_result_names_domain_value_and_threshold() -> None:
    figures = DomainFigures.model_validate({"domain": "notes", "training": 9, "validation": 3, "overrides": 0} | GOOD)
    first = gate_results(RecognizerGates(min_accuracy=0.8), figures)[0]
    assert (first.domain, first.value, first.threshold) == ("notes", 0.85, 0.8)
