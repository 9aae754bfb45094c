"""Demos that the program itself got right, beside annotated ones."""

from typing import Any

from core.records.runs import OptimizerSettings
from core.training.optimizers.base import Problem, Work

BOOTSTRAPPED, LABELED = 4, 8
NO_ERROR_LIMIT = 10**9
"""Failures are counted by the run itself; DSPy's own limit would turn them into scores."""


class Bootstrap:
    """DSPy's BootstrapFewShot."""

    name = "bootstrap"
    title = "Bootstrap: demos that the model itself got right"
    needs = 5

    def work(self, train: int, val: int, settings: OptimizerSettings) -> Work:
        """At best one run a demo, at worst one a train sample."""
        demos = settings.max_bootstrapped_demos if settings.max_bootstrapped_demos is not None else BOOTSTRAPPED
        return Work(runs=min(train, 2 * demos), runs_at_most=train if demos else 0)

    def compile(self, problem: Problem) -> Any:
        """The program with bootstrapped and annotated demos."""
        from dspy.teleprompt import BootstrapFewShot

        chosen = problem.settings
        teleprompter = BootstrapFewShot(
            metric=problem.metric, metric_threshold=problem.demo_threshold, max_errors=NO_ERROR_LIMIT,
            max_bootstrapped_demos=BOOTSTRAPPED if chosen.max_bootstrapped_demos is None else chosen.max_bootstrapped_demos,
            max_labeled_demos=LABELED if chosen.max_labeled_demos is None else chosen.max_labeled_demos,
        )  # fmt: skip
        return teleprompter.compile(problem.program, trainset=list(problem.train))
