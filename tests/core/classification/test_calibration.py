"""Odds, probabilities and how far confidence and truth lie apart."""

import numpy as np
import pytest

from core.classification.calibration import Curve, Known, calibration_error, fitted, probabilities


def test_without_evidence_for_any_domain_none_is_certain() -> None:
    assert probabilities(np.array([[-50.0, -60.0]]))[0, -1] == pytest.approx(1)


def test_even_odds_share_with_none() -> None:
    assert probabilities(np.array([[0.0, 0.0]]))[0] == pytest.approx([1 / 3] * 3)


def test_a_fitted_curve_gives_the_frequencies_that_it_saw() -> None:
    random = np.random.default_rng(1)
    evidence = random.normal(size=(4000, 1))
    odds = 2.0 * evidence[:, 0] - 1.0
    labels = (random.random(4000) > 1 / (1 + np.exp(-odds))).astype(np.intp)
    known = Known(
        described=evidence, sampled=np.zeros_like(evidence), fixed=np.full_like(evidence, np.nan), labels=labels, weights=np.ones(4000)
    )
    curve = fitted(known)
    assert curve.described == pytest.approx(2.0, abs=0.25)
    assert curve.bar == pytest.approx(1.0, abs=0.2)


def test_texts_told_apart_without_a_mistake_do_not_make_the_slope_endless() -> None:
    evidence = np.array([[5.0], [6.0], [-5.0], [-6.0]])
    known = Known(
        described=evidence, sampled=evidence, fixed=np.full_like(evidence, np.nan), labels=np.array([0, 0, 1, 1]), weights=np.ones(4)
    )
    curve = fitted(known)
    assert np.isfinite([curve.described, curve.sampled, curve.bar]).all()
    assert curve.described < 20


def test_a_domain_without_samples_keeps_its_own_odds() -> None:
    known = Known(
        described=np.zeros((1, 2)), sampled=np.zeros((1, 2)), fixed=np.array([[np.nan, 3.5]]), labels=np.array([0]), weights=np.ones(1)
    )
    assert known.odds(Curve(described=1.0, sampled=1.0, bar=2.0))[0] == pytest.approx([-2.0, 3.5])


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    confidences = np.array([0.95] * 10 + [0.55] * 10)
    right = np.array([True] * 10 + [True] * 5 + [False] * 5)
    assert calibration_error(confidences, right) == pytest.approx(0.05)
    assert calibration_error(np.ones(4), np.array([True] * 4)) == 0
    assert calibration_error(np.ones(4), np.array([False] * 4)) == 1
    assert calibration_error(np.array([]), np.array([], dtype=bool)) == 0
