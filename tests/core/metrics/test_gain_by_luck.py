import numpy as np
import pytest

from core.metrics.luck import gain_by_luck


def yes_or_no(random: np.random.Generator, *shape: int) -> np.ndarray:
    return (random.random(shape) < 0.6).astype(float)


@pytest.mark.parametrize(
    ("evaluations", "documents", "points"),
    [(3, 60, 5.1), (5, 60, 6.9), (7, 60, 8.6), (17, 60, 11.2), (3, 100, 4.0), (5, 100, 5.5), (7, 100, 6.6)],
)
def test_the_best_of_equally_good_candidates_wins_what_a_direct_simulation_shows(evaluations: int, documents: int, points: float) -> None:
    """Yes/no scores with p = 0.6, full evaluations of MIPROv2 light, medium and heavy (the baseline is one of them) and of
    random search over 16 candidates: published figures of a simulation that draws scores and takes the best less the first."""
    random = np.random.default_rng(1)
    gains = [gain_by_luck(yes_or_no(random, evaluations - 1, documents), yes_or_no(random, documents)) for _ in range(15)]
    assert 100 * np.mean(gains) == pytest.approx(points, abs=0.6)


def test_more_trials_have_more_luck_and_more_documents_less() -> None:
    random = np.random.default_rng(2)
    scores, baseline = yes_or_no(random, 12, 80), yes_or_no(random, 80)
    few, many, short = gain_by_luck(scores[:2], baseline), gain_by_luck(scores, baseline), gain_by_luck(scores[:, :20], baseline[:20])
    assert few is not None and many is not None and short is not None
    assert 0 < few < many < short


def test_trials_that_change_nothing_win_nothing() -> None:
    assert gain_by_luck(np.full((5, 30), 0.7), np.full(30, 0.7)) == 0


def test_the_same_scores_give_the_same_figure() -> None:
    random = np.random.default_rng(3)
    scores, baseline = yes_or_no(random, 4, 30), yes_or_no(random, 30)
    assert gain_by_luck(scores, baseline) == gain_by_luck(scores, baseline)


def test_documents_that_failed_are_left_out_and_leave_the_others_as_they_are() -> None:
    random = np.random.default_rng(4)
    scores, baseline = yes_or_no(random, 3, 30), yes_or_no(random, 30)
    failed = np.hstack([scores, np.full((3, 5), np.nan)])
    whole, part = gain_by_luck(scores, baseline), gain_by_luck(failed, np.append(baseline, np.ones(5)))
    assert part == pytest.approx(whole, abs=0.005)
    assert gain_by_luck(np.append(scores, np.ones((3, 5)), axis=1), np.append(baseline, np.full(5, np.nan))) == pytest.approx(
        whole, abs=0.005
    )


def test_a_failure_in_one_trial_does_not_count_as_a_score_of_zero() -> None:
    scores = np.ones((2, 40))
    scores[0, ::2] = np.nan
    assert gain_by_luck(scores, np.ones(40)) == 0


def test_without_trials_documents_or_answers_nothing_can_be_said() -> None:
    assert gain_by_luck(np.empty((0, 5)), np.ones(5)) is None
    assert gain_by_luck(np.empty((3, 0)), np.empty(0)) is None
    assert gain_by_luck(np.ones((2, 3)), np.full(3, np.nan)) is None
    assert gain_by_luck(np.full((2, 3), np.nan), np.ones(3)) is None


def test_a_trial_that_never_answered_is_no_trial() -> None:
    random = np.random.default_rng(5)
    scores, baseline = yes_or_no(random, 3, 30), yes_or_no(random, 30)
    assert gain_by_luck(np.vstack([scores, np.full(30, np.nan)]), baseline) == gain_by_luck(scores, baseline)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        gain_by_luck(np.ones((2, 3)), np.ones(4))
