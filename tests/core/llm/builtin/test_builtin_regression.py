"""The small regression under entities and relations."""

import numpy as np

from core.llm.providers.builtin.regression import fit, sigmoid


def test_the_fit_is_where_the_slope_is_zero_also_far_from_the_prior():
    random = np.random.default_rng(4)
    features = random.normal(size=(300, 6)) * np.array([1.0, 5.0, 0.1, 2.0, 9.0, 1.0])
    labels = (features @ np.array([2.0, -1.0, 3.0, 0.0, 0.5, -2.0]) + random.normal(size=300) > 0).astype(float)
    weights, prior, strength = np.where(labels > 0, 2.0, 1.0), np.full(6, -3.0), np.full(6, 0.5)
    found = fit(features, labels, weights, prior, strength)
    slope = features.T @ (weights * (sigmoid(features @ found) - labels)) + strength * (found - prior)
    assert np.max(np.abs(slope)) < 0.1


def test_without_data_the_prior_stays():
    prior = np.array([0.5, -1.0])
    assert fit(np.zeros((0, 2)), np.zeros(0), np.zeros(0), prior, np.ones(2)).tolist() == prior.tolist()


def test_a_feature_that_never_varies_keeps_its_prior():
    features = np.array([[1.0, 0.0], [-1.0, 0.0]])
    found = fit(features, np.array([1.0, 0.0]), np.ones(2), np.array([0.0, 0.7]), np.ones(2))
    assert found[1] == 0.7
    assert found[0] > 0.3
