"""What paired differences prove.

The interval is Hartigan's (1969, "Using subsample values as typical values", JASA 64): where differences are symmetric
around a center, the means of the subsets of a family that is closed under symmetric difference cut the line into cells
that hold the center with equal chance. So its coverage is exact at every n, whatever the distribution. Where scores tie
it only grows more careful: it leaves out zero exactly when the sign-flip test over the same family rejects, which
counts a tie as no evidence.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from core.records.base import Record

FEWEST = 5
"""With fewer differences the widest interval there is covers less than 90 %."""
MISSED = 0.05
"""The center may lie outside in this share of cases."""
POWER = 0.8
_BITS = 12
"""Up to so many differences all subsets are used; beyond, a family of 2^12 of them."""
_SEED = 1969

Values = NDArray[np.float64]


class Interval(Record):
    """A paired 95 % interval of the mean of n differences; `attained` is what it covers in truth (0.9375 at n = 5)."""

    low: float
    high: float
    mean: float
    n: int
    attained: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it is on one side of zero."""
        return self.low > 0 or self.high < 0


def paired_interval(differences: Sequence[float]) -> Interval | None:
    """The interval of the mean difference; None under 5. Raises ValueError where a difference is no finite number."""
    values = np.asarray(differences, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("differences must be finite")
    n = len(values)
    if n < FEWEST:
        return None
    low, high = interval_bounds(values[np.newaxis])
    cells = 2 ** min(n, _BITS)
    return Interval(low=low[0], high=high[0], mean=values.mean(), n=n, attained=1 - 2 * _outer(cells) / cells)


def interval_bounds(differences: Values) -> tuple[Values, Values]:
    """Low and high ends for many sets of differences at once: shape (sets, n), n at least 5, to (sets,) each."""
    family = typical_subsets(differences.shape[1])
    means: Values = (differences @ family.T) / family.sum(axis=1)
    # Sums that cancel leave rests near 1e-17, which would pass for evidence.
    means = np.round(means, 12) + 0.0
    subsets = len(family)
    outer = _outer(subsets + 1)
    means.partition((outer - 1, subsets - outer), axis=1)
    return means[:, outer - 1], means[:, subsets - outer]


def _outer(cells: int) -> int:
    """How many of the equally likely cells are left out on either side."""
    return max(1, math.floor(cells * MISSED / 2))


@lru_cache(maxsize=2)
def typical_subsets(n: int) -> Values:
    """Subsets of n as rows of zeros and ones, without the empty one; closed under symmetric difference.

    All of them up to 12 members. Beyond, those that 12 random subsets generate: member i is in subset s where s and the
    member's code share an odd number of bits. Every code has the last bit, so that with each subset its complement is
    there (and the whole: the interval holds the mean). Codes repeat only from n = 2,049 on.
    """
    subsets = np.arange(1, 2 ** min(n, _BITS), dtype=np.uint16)
    if n <= _BITS:
        codes = 2 ** np.arange(n, dtype=np.uint16)
    else:
        last = 2 ** (_BITS - 1)
        basis = np.array([last, *(last + 2**bit for bit in range(_BITS - 1))])
        others = np.random.default_rng(_SEED).permutation(np.setdiff1d(np.arange(last, 2 * last), basis))
        codes = np.resize(np.concatenate([basis, others]), n).astype(np.uint16)
    family: Values = (np.bitwise_count(subsets[:, np.newaxis] & codes) & 1).astype(float)
    family.flags.writeable = False
    return family


def needed_documents(differences: Sequence[float], gain: float = 0.05) -> int | None:
    """How many more documents would show a gain (0.05 = 5 points) with 80 % power; None where the spread is unknown (n < 2).

    n = ((z_0.975 + z_0.8) s / gain)^2 for a two-sided test at 5 % of a paired mean, less those that are there.
    """
    n = len(differences)
    if n < 2:
        return None
    spread = float(np.std(differences, ddof=1))
    wanted = math.ceil(((norm.ppf(1 - MISSED / 2) + norm.ppf(POWER)) * spread / gain) ** 2 - 1e-9)
    return max(0, max(wanted, FEWEST) - n)


def verdict(interval: Interval | None, n: int, label: str = "test samples", *, needed: int | None = None) -> str:
    """What an interval says, in a sentence without its stop; `needed` comes from `needed_documents`."""
    if n == 0:
        return f"not proven: no {label}"
    if interval is None:
        return f"too few to tell (n = {n}; at least {FEWEST} {label} are needed)"
    if interval.excludes_zero:
        digits = _digits(interval)
        ends = " to ".join(f"{end:.{digits}f}" for end in (interval.low, interval.high))
        return f"{'better' if interval.low > 0 else 'worse'}, {interval.mean:+.{digits}f} ({ends})"
    if interval.low == interval.high == 0:
        return f"no difference: all {n} {label} score the same"
    if needed is None:
        return "no difference shown"
    if needed == 0:
        return f"no difference shown; these {n} {label} are enough to show 5 points"
    return f"no difference shown; about {needed:,} more {label} would show 5 points"


def _digits(interval: Interval) -> int:
    """Two, or as many as keep an end that is not zero from reading as zero."""
    nearest = min(abs(interval.low), abs(interval.high))
    return next((digits for digits in (2, 3, 4) if round(nearest, digits) > 0), 5)
