import numpy as np
import pytest

from core.classification.head import Examples, Head
from core.classification.head_proof import confusion, prove


def examples(points: list[tuple[float, float]], labels: list[int], overrides: list[bool] | None = None) -> Examples:
    return Examples(
        vectors=np.array(points, dtype=np.float64).reshape(-1, 2), labels=np.array(labels, dtype=np.int64),
        groups=np.arange(len(labels)), overrides=np.array(overrides or [False] * len(labels), dtype=np.bool_),
    )  # fmt: skip


HEAD = Head(weights=np.array([[4, 0, 0], [0, 4, 0], [-9, -9, 0]], dtype=np.float32), temperature=2.0, epochs=())
"""Answers with the greater of two numbers, the third domain never."""
TRAINING = examples([(1, 0), (0, 1), (0, 1)], [0, 1, 2], [False, True, False])


def test_figures_are_those_of_the_held_out_texts_of_each_domain() -> None:
    proof = prove(HEAD, TRAINING, examples([(1, 0), (1, 0), (0, 1)], [0, 1, 1], [True, False, False]), domains="abc", latencies={"a": 7.0})
    first, second, third = proof.figures
    assert (first.training, first.validation, first.overrides, first.accuracy, first.latency_ms) == (1, 1, 1, 1.0, 7.0)
    assert (second.validation, second.overrides, second.accuracy, second.latency_ms) == (2, 1, 0.5, None)
    assert (third.validation, third.accuracy, third.validation_loss) == (0, None, None)
    assert proof.accuracy == pytest.approx(2 / 3)
    assert proof.confusion == ((1, 0, 0), (1, 1, 0), (0, 0, 0))


def test_losses_are_cross_entropies_under_the_temperature() -> None:
    proof = prove(HEAD, TRAINING, examples([(1, 0), (1, 0)], [0, 1]), domains="abc", latencies={})
    total = np.exp(2) + 1 + np.exp(-4.5)
    right, wrong = -np.log(np.exp(2) / total), -np.log(1 / total)
    assert proof.figures[0].validation_loss == pytest.approx(right)
    assert proof.figures[1].validation_loss == pytest.approx(wrong)
    assert proof.validation_loss == pytest.approx((right + wrong) / 2)
    assert proof.training_loss == pytest.approx(np.mean([each.training_loss for each in proof.figures]))


def test_the_calibration_error_is_the_gap_of_confidence_and_truth() -> None:
    proof = prove(HEAD, TRAINING, examples([(1, 0)] * 4, [0, 0, 0, 1]), domains="abc", latencies={})
    assert proof.calibration_error == pytest.approx(np.exp(2) / (np.exp(2) + 1 + np.exp(-4.5)) - 0.75)


def test_what_could_not_be_measured_is_unknown_and_not_zero() -> None:
    proof = prove(HEAD, TRAINING, examples([], []), domains="abc", latencies={})
    assert (proof.accuracy, proof.validation_loss, proof.calibration_error) == (None, None, None)
    assert proof.confusion == ((0, 0, 0),) * 3
    assert proof.training_loss > 0


def test_a_row_of_the_confusion_matrix_is_the_truth() -> None:
    assert confusion(np.array([0, 0, 1]), np.array([1, 1, 0]), 2) == ((0, 2), (1, 0))
