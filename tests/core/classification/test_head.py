import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from core.classification.documents import Matrix, directions
from core.classification.head import Examples, packed, predict, train_head, unpacked
from core.classification.logistic import Labels, Rows, balanced, choose, fit, log_probabilities
from core.errors import InvalidValueError, StoreDamagedError
from core.records.recognizer import RecognizerVersion

DIMENSIONS = 12


def cloud(sizes: tuple[int, ...], *, noise: float = 0.15, seed: int = 0) -> Examples:
    """Unit vectors around one axis for each domain."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    vectors = directions(np.eye(DIMENSIONS)[labels] + noise * random.standard_normal((len(labels), DIMENSIONS)))
    return Examples(vectors=vectors, labels=labels, groups=np.arange(len(labels)), overrides=np.zeros(len(labels), dtype=np.bool_))


def with_override(examples: Examples, vector: Matrix, domain: int) -> Examples:
    return Examples(
        vectors=np.vstack([examples.vectors, vector]), labels=np.append(examples.labels, domain),
        groups=np.arange(len(examples) + 1), overrides=np.append(examples.overrides, True),
    )  # fmt: skip


def version(weights: NDArray[np.float32], *, temperature: float = 1.0) -> RecognizerVersion:
    return RecognizerVersion.model_validate(
        {
            "id": "recognizer-v20260101_000000", "embedder": "fake", "digest": "d", "domains": tuple("abcdefgh"[: len(weights)]),
            "weights": packed(weights), "temperature": temperature, "seed": 1, "epochs": (), "figures": (), "confusion": (),
            "accuracy": None, "training_loss": 0.0, "validation_loss": None, "calibration_error": None, "gates": (),
        }
    )  # fmt: skip


def test_it_learns_to_tell_domains_apart_and_both_losses_fall() -> None:
    training, held_out = cloud((20, 20, 20)), cloud((10, 10, 10), seed=1)
    head = train_head(training, held_out, 3, seed=1)
    assert (head.logs(held_out.vectors).argmax(axis=1) == held_out.labels).all()
    first, last = head.epochs[0], head.epochs[-1]
    assert last.training < first.training
    assert last.validation < first.validation < np.log(3)
    assert [epoch.epoch for epoch in head.epochs] == list(range(1, len(head.epochs) + 1))


def test_the_same_seed_gives_the_same_head_and_another_seed_another() -> None:
    training, held_out = cloud((20, 20)), cloud((5, 5), seed=1)
    first, again, other = (train_head(training, held_out, 2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.weights, again.weights)
    assert (first.temperature, first.epochs) == (again.temperature, again.epochs)
    assert not np.array_equal(first.weights, other.weights)


def test_held_out_texts_decide_nothing() -> None:
    training, held_out = cloud((20, 20)), cloud((5, 5), seed=1)
    wrong = Examples(held_out.vectors, 1 - held_out.labels, held_out.groups, held_out.overrides)
    head, other = train_head(training, held_out, 2, seed=1), train_head(training, wrong, 2, seed=1)
    np.testing.assert_array_equal(head.weights, other.weights)
    assert head.temperature == other.temperature
    assert other.epochs[-1].validation > head.epochs[-1].validation


def test_without_held_out_texts_no_epoch_is_told() -> None:
    head = train_head(cloud((10, 10)), cloud((0, 0)), 2, seed=1)
    assert head.epochs == ()


def test_one_override_moves_what_is_answered_for_its_like() -> None:
    training, held_out = cloud((30, 30)), cloud((5, 5), seed=1)
    document = directions(np.eye(DIMENSIONS)[[0]] + np.eye(DIMENSIONS)[[7]])
    assert train_head(training, held_out, 2, seed=1).logs(document).argmax() == 0
    corrected = train_head(with_override(training, document, 1), held_out, 2, seed=1)
    assert corrected.logs(document).argmax() == 1
    assert (corrected.logs(held_out.vectors).argmax(axis=1) == held_out.labels).all()


def test_labels_without_sense_are_answered_without_certainty() -> None:
    training = cloud((60, 60))
    shuffled = np.random.default_rng(3).permutation(training.labels)
    head = train_head(Examples(training.vectors, shuffled, training.groups, training.overrides), cloud((0, 0)), 2, seed=1)
    assert np.exp(head.logs(cloud((40, 40), seed=4).vectors)).max() < 0.85


def test_a_domain_with_few_texts_is_not_drowned_by_one_with_many() -> None:
    held_out = cloud((40, 40), noise=0.4, seed=1)
    answers = train_head(cloud((200, 6), noise=0.4), held_out, 2, seed=1).logs(held_out.vectors).argmax(axis=1)
    assert (answers[40:] == 1).mean() > 0.8


def test_texts_that_are_all_alike_can_be_trained_on() -> None:
    training = cloud((6, 6))
    alike = Examples(training.vectors, training.labels, training.labels, training.overrides)
    head = train_head(alike, cloud((3, 3), seed=1), 2, seed=1)
    assert np.isfinite(head.weights).all()


def test_the_fit_is_the_one_that_another_library_finds() -> None:
    examples = cloud((30, 20, 10), noise=0.5)
    penalty, weights = 0.01, balanced(examples.labels)
    ours = fit(Rows(examples.vectors, examples.labels, weights), 3, penalty)
    # Theirs penalizes half the squared weights by 1 / C and sums what ours averages.
    theirs = LogisticRegression(C=1 / (penalty * 60), tol=1e-8, max_iter=5000).fit(examples.vectors, examples.labels, weights * 60)
    expected = theirs.predict_log_proba(examples.vectors)
    np.testing.assert_allclose(log_probabilities(ours, examples.vectors), expected, atol=2e-3)


def test_texts_that_are_nearly_the_same_are_left_out_together() -> None:
    training = cloud((12, 12))
    groups: Labels = np.arange(24) // 3
    seen: list[Labels] = []

    def learned(places: Labels, penalty: float) -> Matrix:
        seen.append(places)
        return fit(Rows(training.vectors[places], training.labels[places], balanced(training.labels[places])), 2, penalty)

    choose(Rows(training.vectors, training.labels, balanced(training.labels)), groups, learned, seed=1)
    assert seen
    for places in seen:
        inside = set(groups[places].tolist())
        assert len(places) == 3 * len(inside) < 24


@given(
    weights=st.lists(st.lists(st.floats(-1e4, 1e4, width=32), min_size=4, max_size=4), min_size=1, max_size=6),
    vector=st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3),
    temperature=st.floats(0.05, 20),
)
def test_probabilities_sum_to_one_whatever_was_learned(weights: list[list[float]], vector: list[float], temperature: float) -> None:
    found = predict(version(np.array(weights, dtype=np.float32), temperature=temperature), np.array([vector, vector]))
    assert found.shape == (2, len(weights))
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_what_is_stored_is_what_was_learned() -> None:
    head = train_head(cloud((10, 10)), cloud((0, 0)), 2, seed=1)
    stored = version(head.weights, temperature=head.temperature)
    vectors = cloud((5, 5), seed=2).vectors
    np.testing.assert_array_equal(
        predict(RecognizerVersion.model_validate_json(stored.model_dump_json()), vectors), np.exp(head.logs(vectors))
    )


def test_vectors_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="reads vectors of 3 numbers, these have 5"):
        predict(version(np.zeros((2, 4), dtype=np.float32)), np.zeros((1, 5)))


@pytest.mark.parametrize("weights", ["not base64!", base64.b64encode(b"12345").decode(), base64.b64encode(b"1" * 20).decode()])
def test_weights_that_were_damaged_are_told(weights: Any) -> None:
    with pytest.raises(StoreDamagedError, match="cannot be read"):
        unpacked(weights, 2)
