"""From evidence to probabilities, with one alternative more than there are domains: none of these.

The odds of each domain against none are exp(described * d + sampled * s - bar), where d is the evidence of its description and s that of
its samples. P(domain) = its odds / (1 + sum of all odds), P(none) = 1 / (1 + sum). With one domain that is a logistic curve: alone it
does not win what lies below the bar.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from core.classification.documents import Matrix

BINS = 10
"""Of the expected calibration error."""

PENALTY = 0.003
"""Keeps the slopes finite where the texts are told apart without a mistake."""


@dataclass(frozen=True)
class Curve:
    """Slopes per unit of evidence (what a temperature divides by) and the bar."""

    described: float
    sampled: float
    bar: float

    def odds(self, described: Matrix, sampled: Matrix) -> Matrix:
        """Logarithms of the odds against none."""
        return self.described * described + self.sampled * sampled - self.bar


DESCRIBED = Curve(described=2.1, sampled=0.0, bar=-0.5)
"""Without samples. Chosen on fifteen fields of documents with one-sentence descriptions, three wordings each, in sets of three to six
with the other fields as foreign ones: the slope is the likeliest (1.7 to 2.9 by the choice of fields); the bar is below the likeliest (0.4)
so that nine in ten documents of the known fields keep their domain while eight in ten of closely related foreign ones do not get one.
In units of the embedder's own background, so it serves every embedder."""


def probabilities(odds: Matrix) -> Matrix:
    """From logarithms of odds (n, domains) to probabilities (n, domains + 1), each row summing to 1, the last column none."""
    every = np.column_stack([odds, np.zeros(len(odds))])
    found: Matrix = np.exp(every - logsumexp(every, axis=1, keepdims=True))
    return found


@dataclass(frozen=True)
class Known:
    """Texts whose domain is known: evidence of descriptions and of samples (n, domains), labels (n,), the number of domains = none.

    `fixed` (n, domains) are odds of domains that have no samples, NaN for those that have; -inf = no candidate for this text.
    """

    described: Matrix
    sampled: Matrix
    fixed: Matrix
    labels: NDArray[np.intp]
    weights: NDArray[np.float64]

    def odds(self, curve: Curve) -> Matrix:
        """Logarithms of the odds under a curve."""
        found: Matrix = np.where(np.isnan(self.fixed), curve.odds(self.described, self.sampled), self.fixed)
        return found


def fitted(known: Known) -> Curve:
    """The curve under which the labels are likeliest."""
    rows = np.arange(len(known.labels))

    def loss(point: NDArray[np.float64]) -> float:
        described, sampled, bar = point
        every = np.column_stack([known.odds(Curve(described=abs(described), sampled=abs(sampled), bar=bar)), np.zeros(len(rows))])
        chosen = every[rows, known.labels] - logsumexp(every, axis=1)
        return float(-(known.weights * chosen).sum() / known.weights.sum() + PENALTY * (described**2 + sampled**2))

    described, sampled, bar = minimize(loss, np.array([1.0, 1.0, 2.0]), method="Nelder-Mead", options={"maxiter": 300}).x
    return Curve(described=abs(float(described)), sampled=abs(float(sampled)), bar=float(bar))


def calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_], *, bins: int = BINS) -> float:
    """Expected calibration error over equally wide bins (Naeini et al., 2015): mean gap of confidence and share of right answers."""
    if not len(confidences):
        return 0.0
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = [abs(confidences[places == place].mean() - right[places == place].mean()) * (places == place).mean() for place in set(places)]
    return float(sum(gaps))
