"""What "none of these" is measured by: the cosines that unrelated texts get with this embedder."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classification.documents import TINY, Matrix, directions

COMPETITORS = 2
"""Kinds of text nearest to a document that a description has to beat."""

SAME = 0.4
"""Cosine to a description from which a kind of text means the same, and does not compete with it."""

LEAST = 2
"""Units above the passages' cosines that a text needs at least."""

RELATIVE = 0.7
"""How much of the bar is the document's own (its nearest kinds of text); the rest is what background texts get."""


@dataclass(frozen=True)
class Background:
    """Unrelated passages (n, dimensions) and descriptions of kinds of text (m, dimensions), both centered, under one embedder.

    Texts share a direction that says nothing, and descriptions another one, so each side loses its own mean (Mu and Viswanath,
    All-but-the-Top, 2018). `unit` is the deviation of passages' cosines to kinds: evidence counted in it has one scale for every embedder.
    """

    passages: Matrix
    kinds: Matrix
    text_mean: NDArray[np.float64]
    description_mean: NDArray[np.float64]
    unit: float

    @classmethod
    def of(cls, passages: Matrix, kinds: Matrix) -> "Background":
        """From the rows that the embedder gave."""
        text_mean, description_mean = passages.mean(axis=0), kinds.mean(axis=0)
        texts, sentences = directions(passages - text_mean), directions(kinds - description_mean)
        unit = float((texts @ sentences.T).std(axis=0).mean())
        return cls(passages=texts, kinds=sentences, text_mean=text_mean, description_mean=description_mean, unit=max(unit, TINY))

    def texts(self, rows: Matrix) -> Matrix:
        """Directions of texts without what all texts share."""
        return directions(rows - self.text_mean)

    def descriptions(self, rows: Matrix) -> Matrix:
        """Directions of descriptions without what all descriptions share."""
        return directions(rows - self.description_mean)

    def against_description(self, rows: Matrix, description: Matrix) -> Matrix:
        """Cosines of centered texts to a centered description, above their bar, in units, shape (rows,).

        The bar is a cohort's (as in speaker recognition; Auckenthaler et al., Score normalization, 2000): in part what passages get with
        this description, in part what this text gets with the kinds of text nearest to it, but for those that mean the same. It is never
        lower than two units above the passages': a text that is near to no kind at all is not a domain's for that.
        """
        cosines = rows @ description
        usual = float((self.passages @ description).mean())
        nearest = _nearest(rows, self.kinds[self.kinds @ description < SAME])
        bar = np.maximum((1 - RELATIVE) * usual + RELATIVE * nearest, usual + LEAST * self.unit)
        found: Matrix = (cosines - bar) / self.unit
        return found


def _nearest(rows: Matrix, kinds: Matrix) -> Matrix:
    """Mean cosine of each row to the kinds nearest to it, shape (rows,); 0 where there are none."""
    if not len(kinds):
        return np.zeros(len(rows))
    found: Matrix = np.sort(rows @ kinds.T, axis=1)[:, -COMPETITORS:].mean(axis=1)
    return found
