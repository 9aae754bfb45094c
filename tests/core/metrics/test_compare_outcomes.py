from typing import Any

import pytest

from core.metrics.compare import TypeChange, compare, measured_gain, type_changes
from core.records.runs import SampleOutcome, Scores


def outcome(text: str, score: float | None, **more: Any) -> SampleOutcome:
    side = more.pop("side", "result")
    error = None if score is not None else "no answer"
    return SampleOutcome(
        key=f"run/{side}/test/{text}", run_id="run", side=side, split="test", sample_id=text, text_hash=text, score=score, error=error,
        **({"entity_f1": score} | more),
    )  # fmt: skip


def outcomes(scores: list[float | None], first: int = 0, **more: Any) -> list[SampleOutcome]:
    return [outcome(f"t{place + first:03}", score, **more) for place, score in enumerate(scores)]


def test_only_samples_of_both_sides_are_compared() -> None:
    result = compare(outcomes([0.5] * 8), outcomes([0.7] * 8, first=2))
    assert (result.shared, result.only_a, result.only_b) == (6, 2, 2)
    assert result.metrics["score"].n == 6
    assert result.rows()["score"] == pytest.approx((0.5, 0.7, 0.2, 0.2))


def test_samples_are_better_worse_or_the_same_within_a_tolerance() -> None:
    a, b = outcomes([0.5, 0.5, 0.5, 0.5, None]), outcomes([0.6, 0.4, 0.5 + 1e-12, None, 0.9])
    samples = compare(a, b).samples
    assert (samples.better, samples.worse, samples.same, samples.unscored) == (("t000",), ("t001",), ("t002",), ("t003", "t004"))
    assert compare(a, b, tolerance=0.2).samples.same == ("t000", "t001", "t002")


def test_a_sample_that_one_side_did_not_answer_is_in_neither_mean() -> None:
    change = compare(outcomes([1.0, 1.0, None]), outcomes([0.5, None, 0.0])).metrics["score"]
    assert (change.a, change.b, change.difference, change.n) == (1.0, 0.5, -0.5, 1)


def test_a_metric_that_nobody_measured_is_unknown() -> None:
    change = compare(outcomes([0.5] * 6), outcomes([0.6] * 6)).metrics["relation_f1"]
    assert (change.a, change.b, change.difference, change.low, change.high, change.n) == (None, None, None, None, None, 0)
    assert change.verdict == "not proven: no test samples"


def test_few_samples_have_means_but_no_interval() -> None:
    change = compare(outcomes([0.5] * 4), outcomes([0.9] * 4)).metrics["score"]
    assert change.difference == pytest.approx(0.4)
    assert (change.low, change.high, change.needed) == (None, None, None)
    assert change.verdict == "too few to tell (n = 4; at least 5 test samples are needed)"


def test_the_other_way_round_everything_turns() -> None:
    a, b = outcomes([0.1, 0.4, 0.5, 0.9, 0.3, 0.2, 0.8]), outcomes([0.3, 0.4, 0.9, 0.8, 0.7, 0.1, 1.0])
    there, back = compare(a, b), compare(b, a)
    assert there.samples.better == back.samples.worse
    first, second = there.metrics["score"], back.metrics["score"]
    assert first.low is not None and second.high is not None
    assert (first.difference, first.low) == pytest.approx((-(second.difference or 0), -second.high))


def test_the_order_of_outcomes_says_nothing() -> None:
    a, b = outcomes([place % 7 / 7 for place in range(30)]), outcomes([place % 5 / 5 for place in range(30)])
    assert compare(a[::-1], b) == compare(a, b[::-1])


def test_types_change_by_name() -> None:
    before = Scores(per_type={"PER": {"f1": 0.5, "gold": 10}, "OLD": {"f1": 0.1, "gold": 1}})
    after = Scores(per_type={"PER": {"f1": 0.75, "gold": 12}, "NEW": {"f1": 0.2, "gold": 0}})
    assert type_changes(before, after) == {
        "NEW": TypeChange(a=None, b=0.2, difference=None, gold=0),
        "OLD": TypeChange(a=0.1, b=None, difference=None, gold=1),
        "PER": TypeChange(a=0.5, b=0.75, difference=0.25, gold=12),
    }
    assert compare([], [], scores=(before, after)).types == type_changes(before, after)


def test_a_gain_names_validation_test_and_luck_side_by_side() -> None:
    baseline = outcomes([0.5, 0.6, 0.4, 0.7, 0.5, 0.3, 0.6, 0.5], side="baseline")
    result = outcomes([0.7, 0.7, 0.6, 0.8, 0.8, 0.4, 0.9, 0.6])
    gain = measured_gain(baseline, result, validation=0.2, by_luck=0.05)
    assert (gain.validation, gain.by_luck, gain.n) == (0.2, 0.05, 8)
    assert gain.test == pytest.approx(0.175)
    assert gain.low and gain.low > 0 and gain.verdict.startswith("better, +0.17 (") and gain.needed is None
    assert gain.metrics.keys() == {"score", "entity_f1"}


def test_a_gain_that_is_not_shown_says_what_would_show_it() -> None:
    baseline = outcomes([0.0, 1.0, 0.5, 0.7, 0.2, 0.9], side="baseline")
    gain = measured_gain(baseline, outcomes([1.0, 0.0, 0.6, 0.6, 0.9, 0.1]), validation=None, by_luck=None)
    assert gain.needed and f"about {gain.needed:,} more test samples" in gain.verdict
