"""Multinomial logistic regression with an L2 penalty, fitted by L-BFGS (Byrd et al. 1995, SIAM J. Sci. Comput. 16).

How strong the penalty is, and the temperature that makes the answers probabilities (Guo et al. 2017, "On calibration of
modern neural networks"), are chosen by cross-validation, so that texts which were held out stay unseen until they are counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from core.classification.documents import Matrix

Labels = NDArray[np.int64]
Flat = np.ndarray[tuple[int], np.dtype[np.float64]]

PENALTIES = (1e-1, 1e-2, 1e-3, 1e-4)
"""Strongest first. Weaker ones only make separable domains more certain, of foreign texts too."""
TEMPERATURES = (0.5, 10.0)
"""A few right answers in a row are no reason for certainty: no temperature below this."""
MOST_STEPS = 200
SMALL_GRADIENT = 1e-5
FOLDS = 5


@dataclass(frozen=True)
class Rows:
    """What is learned from: vectors (n, dimensions), their classes and weights (n,)."""

    vectors: Matrix
    labels: Labels
    weights: Matrix


@dataclass(frozen=True)
class Fitting:
    """What cross-validation chose."""

    penalty: float
    temperature: float


UNPROVEN = Fitting(penalty=1e-2, temperature=1.0)
"""Cautious, where nothing can be left out."""


class Learned(Protocol):
    """Weights (classes, dimensions + 1) learned from the rows at some places."""

    def __call__(self, places: Labels, penalty: float) -> Matrix:
        """Learn from them alone."""


def log_probabilities(weights: Matrix, vectors: Matrix, temperature: float = 1.0) -> Matrix:
    """Logarithms of the classes' probabilities: (n, classes) from weights (classes, dimensions + 1), the bias last."""
    scores = (vectors @ weights[:, :-1].T + weights[:, -1]) / temperature
    scores -= scores.max(axis=1, keepdims=True)
    found: Matrix = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return found


def losses(log_probabilities: Matrix, labels: Labels) -> Matrix:
    """Cross-entropy of each row in nats, shape (n,)."""
    found: Matrix = -log_probabilities[np.arange(len(labels)), labels]
    return found


def balanced(labels: Labels) -> Matrix:
    """Weights that give every class the same share, summing to 1; shape (n,)."""
    counts = np.bincount(labels)
    found: Matrix = 1.0 / (counts[labels] * np.count_nonzero(counts))
    return found


def fit(rows: Rows, classes: int, penalty: float, *, step: Callable[[Matrix], None] | None = None) -> Matrix:
    """The weights, shape (classes, dimensions + 1); `step` sees them after every step over all rows."""
    shape = (classes, rows.vectors.shape[1] + 1)
    truth = np.eye(classes)[rows.labels]

    def objective(parameters: Flat) -> tuple[float, Matrix]:
        weights = parameters.reshape(shape)
        logs = log_probabilities(weights, rows.vectors)
        errors = (np.exp(logs) - truth) * rows.weights[:, np.newaxis]
        gradient = np.concatenate([errors.T @ rows.vectors + penalty * weights[:, :-1], errors.sum(axis=0)[:, np.newaxis]], axis=1)
        loss = float(rows.weights @ losses(logs, rows.labels)) + penalty / 2 * float((weights[:, :-1] ** 2).sum())
        return loss, gradient.ravel()

    def told(xk: Flat) -> None:
        if step is not None:
            step(xk.reshape(shape))

    found = minimize(
        objective, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", callback=told,
        options={"maxiter": MOST_STEPS, "gtol": SMALL_GRADIENT},
    )  # fmt: skip
    weights: Matrix = found.x.reshape(shape)
    return weights


def choose(rows: Rows, groups: Labels, learned: Learned, *, seed: int) -> Fitting:
    """The penalty whose answers to texts left out in turn cost least, and the temperature that suits those answers.

    The weights of `rows` say how much each answer counts. Rows of one group are left out together; where all of a class are one
    group, there is nothing to choose by.
    """
    folds = _folds(rows.labels, groups, seed)
    if not folds:
        return UNPROVEN
    left_out = {penalty: _left_out(folds, partial(learned, penalty=penalty), rows.vectors) for penalty in PENALTIES}
    costs = {penalty: float(rows.weights @ losses(logs, rows.labels)) for penalty, logs in left_out.items()}
    penalty = min(costs, key=lambda each: costs[each])
    return Fitting(penalty=penalty, temperature=_temperature(left_out[penalty], rows))


def _folds(labels: Labels, groups: Labels, seed: int) -> list[tuple[Labels, Labels]]:
    count = min(FOLDS, *(len(np.unique(groups[labels == label])) for label in np.unique(labels)))
    if count < 2:
        return []
    # Imported when first used: it takes a second or two, for which no page and no other verb should wait.
    splitter = import_module("sklearn.model_selection").StratifiedGroupKFold(n_splits=count, shuffle=True, random_state=seed)
    return list(splitter.split(labels, labels, groups))


def _left_out(folds: list[tuple[Labels, Labels]], learned: Callable[[Labels], Matrix], vectors: Matrix) -> Matrix:
    parts = [(places, log_probabilities(learned(rows), vectors[places])) for rows, places in folds]
    found = np.zeros((len(vectors), parts[0][1].shape[1]))
    for places, logs in parts:
        found[places] = logs
    return found


def _temperature(logs: Matrix, rows: Rows) -> float:
    """Least cross-entropy of the answers, by bounded search over the temperature's logarithm."""

    def cost(logarithm: float) -> float:
        scaled = logs / np.exp(logarithm)
        scaled = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(rows.weights @ losses(scaled, rows.labels))

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(cost, bounds=(low, high), method="bounded")
    return float(np.exp(found.x))
