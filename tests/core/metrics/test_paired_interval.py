from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test, ttest_1samp

from core.metrics.statistics import Interval, interval_bounds, needed_documents, paired_interval, typical_subsets, verdict

Random = np.random.Generator
Draw = Callable[[Random, tuple[int, int]], np.ndarray]


def yes_or_no(random: Random, shape: tuple[int, int]) -> np.ndarray:
    return (random.random(shape) < 0.6).astype(float)


def f1_like(random: Random, shape: tuple[int, int]) -> np.ndarray:
    """F1 of few names: many ties, many zeros and ones."""
    return random.choice([0, 0, 0.4, 0.5, 2 / 3, 0.8, 1, 1], shape)


def skewed(random: Random, shape: tuple[int, int]) -> np.ndarray:
    return random.beta(0.3, 2, shape)


def hard_and_easy(random: Random, shape: tuple[int, int]) -> np.ndarray:
    """Some documents vary little, a few vary wildly."""
    return random.normal(0.5, 1, shape) * random.choice([0.01, 0.1, 1], (1, shape[1]))


def both_sides(draw: Draw) -> Draw:
    return lambda random, shape: draw(random, shape) - draw(random, shape)


def mostly_the_same(random: Random, shape: tuple[int, int]) -> np.ndarray:
    """Six in ten differences are exactly zero."""
    return (skewed(random, shape) - skewed(random, shape)) * (random.random(shape) < 0.4)


EXCHANGEABLE = {draw.__name__: both_sides(draw) for draw in (yes_or_no, f1_like, skewed, hard_and_easy)} | {
    "mostly_the_same": mostly_the_same
}


def excluded(differences: np.ndarray) -> float:
    """In which share of rounds the interval is on one side of zero."""
    low, high = interval_bounds(differences)
    return float(np.mean((low > 0) | (high < 0)))


@pytest.mark.parametrize("n", [5, 8, 20, 100])
@pytest.mark.parametrize("kind", EXCHANGEABLE)
def test_exchangeable_outputs_are_told_apart_in_at_most_seven_percent(kind: str, n: int) -> None:
    """The true rate is 6.25 % at n = 5 and below 5 % beyond; with these rounds 7 % is over 5 standard errors away."""
    random = np.random.default_rng(7)
    rounds, batch = (60_000, 20_000) if n < 10 else (4_000, 500)
    rates = [excluded(EXCHANGEABLE[kind](random, (batch, n))) for _ in range(rounds // batch)]
    assert np.mean(rates) <= 0.07


def test_the_rate_is_as_high_as_promised_where_nothing_ties() -> None:
    """An interval that never excludes anything would pass the test above."""
    random = np.random.default_rng(8)
    assert excluded(both_sides(skewed)(random, (20_000, 5))) == pytest.approx(2 / 32, abs=0.006)
    assert excluded(both_sides(skewed)(random, (20_000, 8))) == pytest.approx(12 / 256, abs=0.006)
    assert excluded(both_sides(skewed)(random, (2_000, 20))) == pytest.approx(204 / 4096, abs=0.015)


def test_a_shift_of_a_fifth_is_found_in_most_rounds_of_twenty() -> None:
    random = np.random.default_rng(9)
    assert excluded(random.normal(0.2, 0.3, (1_000, 20))) > 0.75


def test_at_a_hundred_the_width_is_that_of_the_t_interval() -> None:
    random = np.random.default_rng(10)
    for _ in range(5):
        differences = random.normal(0.1, 0.3, 100)
        interval, student = paired_interval(differences), ttest_1samp(differences, 0).confidence_interval()
        assert interval is not None
        assert interval.high - interval.low == pytest.approx(student.high - student.low, rel=0.08)
        assert interval.low == pytest.approx(student.low, abs=0.01)


def test_it_agrees_with_the_sign_flip_test_of_scipy() -> None:
    """Both count the same flips up to n = 12, so they agree always; beyond, both sample them and may differ near 5 %."""
    random = np.random.default_rng(11)
    agreed = {True: [], False: []}
    for n in (6, 8, 10, 10, 15, 30) * 8:
        differences = random.choice([-0.5, -0.2, 0, 0, 0.3, 0.3, 0.5, 0.6], n)
        interval = paired_interval(differences)
        assert interval is not None
        test = permutation_test(
            (differences, np.zeros(n)), lambda a, b, axis: np.mean(a - b, axis=axis), permutation_type="samples", n_resamples=4999,
            vectorized=True, rng=np.random.default_rng(12),
        )  # fmt: skip
        agreed[n <= 12].append(interval.excludes_zero == bool(test.pvalue <= 1 - interval.attained + 1e-9))
    assert all(agreed[True])
    assert np.mean(agreed[False]) >= 0.8


def test_up_to_twelve_the_ends_are_means_of_subsets() -> None:
    differences = [0.1, -0.2, 0.4, 0.35, 0.05, 0.3, -0.1, 0.25]
    means = sorted(np.mean(subset) for size in range(1, 9) for subset in combinations(differences, size))
    interval = paired_interval(differences)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((means[5], means[-6]))
    assert interval.attained == 1 - 12 / 256


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=5, max_size=40), st.floats(-1, 1))
def test_it_holds_the_mean_turns_with_the_sign_and_moves_with_a_shift(differences: list[float], shift: float) -> None:
    interval, turned = paired_interval(differences), paired_interval([-each for each in differences])
    moved = paired_interval([each + shift for each in differences])
    assert interval and turned and moved
    assert interval.low <= interval.mean + 1e-9 and interval.mean <= interval.high + 1e-9
    assert (turned.low, turned.high) == pytest.approx((-interval.high, -interval.low))
    assert (moved.low, moved.high) == pytest.approx((interval.low + shift, interval.high + shift), abs=1e-9)


@pytest.mark.parametrize("order", list(permutations([0.3, -0.1, -0.2])))
def test_differences_that_cancel_but_for_rounding_prove_nothing(order: tuple[float, ...]) -> None:
    """Five subsets have a mean below zero; the sixth, where the interval of eight begins, is these three: zero."""
    start, turned = paired_interval([*order, 0.15, 1, 1, 1, 1]), paired_interval([-each for each in (*order, 0.15, 1, 1, 1, 1)])
    assert start and turned
    assert start.low == 0 and turned.high == 0
    assert not start.excludes_zero and not turned.excludes_zero


@pytest.mark.parametrize("n", [5, 12, 13, 40, 200])
def test_the_subsets_are_closed_under_symmetric_difference_and_hold_each_complement(n: int) -> None:
    """What Hartigan's theorem asks for; the complements keep the mean inside the interval."""
    subsets = typical_subsets(n).astype(bool)
    known = {row.tobytes() for row in subsets}
    assert len(known) == len(subsets) == 2 ** min(n, 12) - 1
    assert np.zeros(n, bool).tobytes() not in known and np.ones(n, bool).tobytes() in known
    assert all((~row).tobytes() in known for row in subsets if not row.all())
    first, second = subsets[np.random.default_rng(14).integers(0, len(subsets), (2, 500))]
    assert all(row.tobytes() in known for row in first ^ second if row.any())


@pytest.mark.parametrize("n", [12, 13, 300, 2100])
def test_equal_differences_leave_no_doubt_at_any_n(n: int) -> None:
    interval = paired_interval([0.25] * n)
    assert interval is not None
    assert (interval.low, interval.high, interval.n) == (0.25, 0.25, n)


def test_under_five_there_is_no_interval() -> None:
    assert paired_interval([0.9] * 4) is None
    assert paired_interval([]) is None


def test_a_score_that_is_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        paired_interval([0.1, float("nan"), 0.2, 0.3, 0.4])


def test_documents_needed_follow_the_power_formula() -> None:
    spread = [0.2, -0.2] * 10
    assert needed_documents(spread) == pytest.approx(7.849 * np.var(spread, ddof=1) / 0.0025 - 20, abs=1)
    assert needed_documents(spread, gain=0.5) == 0
    assert needed_documents([0.1]) is None
    assert needed_documents([0.1, 0.1]) == 3


def test_with_the_documents_needed_five_points_are_found_in_four_of_five_rounds() -> None:
    random = np.random.default_rng(13)
    more = needed_documents(list(random.normal(0, 0.12, 400)))
    assert more == 0
    n = int(np.ceil(7.849 * 0.12**2 / 0.05**2))
    assert excluded(random.normal(0.05, 0.12, (2_000, n))) == pytest.approx(0.8, abs=0.04)


def interval(low: float, high: float, mean: float) -> Interval:
    return Interval(low=low, high=high, mean=mean, n=20, attained=0.95)


@pytest.mark.parametrize(
    ("found", "n", "needed", "sentence"),
    [
        (interval(0.02, 0.16, 0.09), 20, None, "better, +0.09 (0.02 to 0.16)"),
        (interval(-0.16, -0.02, -0.09), 20, None, "worse, -0.09 (-0.16 to -0.02)"),
        (interval(0.0004, 0.06, 0.03), 20, None, "better, +0.0300 (0.0004 to 0.0600)"),
        (interval(-0.02, 0.16, 0.07), 20, 55, "no difference shown; about 55 more test samples would show 5 points"),
        (interval(-0.02, 0.16, 0.07), 20, 1310, "no difference shown; about 1,310 more test samples would show 5 points"),
        (interval(-0.02, 0.01, 0.0), 20, 0, "no difference shown; these 20 test samples are enough to show 5 points"),
        (interval(0, 0.1, 0.05), 20, None, "no difference shown"),
        (interval(0, 0, 0), 20, 0, "no difference: all 20 test samples score the same"),
        (None, 4, None, "too few to tell (n = 4; at least 5 test samples are needed)"),
        (None, 0, None, "not proven: no test samples"),
    ],
)
def test_the_verdict_is_a_sentence(found: Interval | None, n: int, needed: int | None, sentence: str) -> None:
    assert verdict(found, n, needed=needed) == sentence
