"""What picking the best of several noisy trials would show by luck alone (the winner's curse)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUNDS = 1_000
_BATCH = 50
"""Rounds at once; bounds the memory."""
_SEED = 1969


def gain_by_luck(trial_scores: ArrayLike, baseline: ArrayLike) -> float | None:
    """Expected gain over the baseline of the best trial, were all of them equally good on every document.

    `trial_scores` has shape (trials, documents), `baseline` (documents,), scores 0 to 1; NaN = that document failed there
    and is left out. None where there is no trial, no document or no baseline. A simulation: in each round every
    document's scores (the baseline's too: all trials are measured against the same one, which has its own luck) are
    dealt anew among those that have one, and the best mean paired difference is taken, at least 0, as a trial that is
    no better than the baseline is not picked. Raises ValueError where shapes do not fit.
    """
    trials, start = np.atleast_2d(np.asarray(trial_scores, dtype=float)), np.asarray(baseline, dtype=float)
    if trials.size == 0 or start.size == 0:
        return None
    if trials.ndim != 2 or trials.shape[1:] != start.shape:
        raise ValueError(f"trials of shape {trials.shape} do not fit a baseline of shape {start.shape}")
    scores = np.vstack([start, trials])[:, ~np.isnan(start)]
    known = ~np.isnan(scores)
    counts = known[1:].sum(axis=1)
    if not counts.any():
        return None
    answered = np.concatenate([[True], counts > 0])
    scores, known, counts = scores[answered], known[answered], counts[counts > 0]
    random = np.random.default_rng(_SEED)
    best = [_best(_dealt(scores, known, random), known, counts) for _ in range(ROUNDS // _BATCH)]
    return float(np.concatenate(best).mean())


def _dealt(scores: NDArray[np.float64], known: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.float64]:
    """Batches of the scores, those of each document shuffled among the places that have one; 0 elsewhere."""
    keys = random.random((_BATCH, *scores.shape), dtype=np.float32)
    # Known scores sort before unknown ones; a stable order of the places then takes them one by one.
    order = np.argsort(np.where(known, keys, 2.0), axis=1)
    drawn = np.take_along_axis(np.broadcast_to(np.nan_to_num(scores), keys.shape), order, axis=1)
    places = np.where(known, known.cumsum(axis=0) - 1, 0)
    return np.where(known, np.take_along_axis(drawn, np.broadcast_to(places, keys.shape), axis=1), 0.0)


def _best(dealt: NDArray[np.float64], known: NDArray[np.bool_], counts: NDArray[np.int_]) -> NDArray[np.float64]:
    """The best trial's mean paired difference in each batch, at least 0."""
    differences = np.where(known[1:], dealt[:, 1:] - dealt[:, :1], 0.0).sum(axis=2) / counts
    best: NDArray[np.float64] = differences.max(axis=1)
    return np.maximum(best, 0.0)
