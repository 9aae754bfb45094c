"""MIPROv2: instructions proposed by a model, combined with demo sets by Bayesian search."""

import math
from typing import Any

from core.records.runs import OptimizerSettings
from core.training.optimizers.base import Problem, Work
from core.training.optimizers.bootstrap import NO_ERROR_LIMIT

BOOTSTRAPPED, LABELED = 3, 2
CANDIDATES = {"light": 6, "medium": 12, "heavy": 18}
VALIDATION_CAP = {"light": 100, "medium": 300, "heavy": 1000}
MINIBATCH, MINIBATCH_ABOVE, FULL_EVERY = 35, 50, 5
SUMMARY_CALLS_AT_MOST, SUMMARY_BATCH = 9, 10


class Mipro:
    """DSPy's MIPROv2, the default."""

    name = "mipro"
    title = "MIPROv2: proposed instructions and demos, searched"
    needs = 6

    def work(self, train: int, val: int, settings: OptimizerSettings) -> Work:
        """Trials T = max(2 k log2 n, 1.5 n) with k = 2 (1 without demos); 35 T + V F runs, or V (T + 1) without minibatches."""
        size = settings.auto or "light"
        n, zero_shot = CANDIDATES[size], self._demos(settings) == (0, 0)
        trials = int(max(2 * (1 if zero_shot else 2) * math.log2(n), 1.5 * n))
        v = min(val, VALIDATION_CAP[size])
        full = 1 + trials // FULL_EVERY + (trials % FULL_EVERY != 0)
        searched = MINIBATCH * trials + v * full if v > MINIBATCH_ABOVE else v * (trials + 1)
        instructions = n if zero_shot else n // 2
        summaries = 2 + min(SUMMARY_CALLS_AT_MOST, max(0, math.ceil(train / SUMMARY_BATCH) - 1))
        likely = (n - 2) * min(train, 2 * (self._demos(settings)[0] or 1))
        return Work(
            runs=searched + likely, runs_at_most=searched + (n - 1) * train,
            proposals=summaries + 3 * instructions, trials=trials + 1,
        )  # fmt: skip

    def compile(self, problem: Problem) -> Any:
        """The best program of the search on full evaluations."""
        from dspy.teleprompt import MIPROv2

        bootstrapped, labeled = self._demos(problem.settings)
        teleprompter = MIPROv2(
            metric=problem.metric, prompt_model=problem.proposer, auto=problem.settings.auto or "light", seed=problem.seed,
            max_bootstrapped_demos=bootstrapped, max_labeled_demos=labeled, metric_threshold=problem.demo_threshold,
            num_threads=problem.threads, max_errors=NO_ERROR_LIMIT,
        )  # fmt: skip
        return teleprompter.compile(problem.program, trainset=list(problem.train), valset=list(problem.val))

    @staticmethod
    def _demos(settings: OptimizerSettings) -> tuple[int, int]:
        return (
            BOOTSTRAPPED if settings.max_bootstrapped_demos is None else settings.max_bootstrapped_demos,
            LABELED if settings.max_labeled_demos is None else settings.max_labeled_demos,
        )
