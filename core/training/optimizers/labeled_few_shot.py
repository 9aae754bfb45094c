"""Annotated samples as demos, drawn by the seed: the cheapest optimizer."""

from typing import Any

from core.records.runs import OptimizerSettings
from core.training.optimizers.base import Problem, Work

DEMOS = 8


class LabeledFewShot:
    """DSPy's LabeledFewShot. It makes no calls of its own."""

    name = "labeled_few_shot"
    title = "Labeled few-shot: annotated samples as demos"
    needs = 3

    def work(self, train: int, val: int, settings: OptimizerSettings) -> Work:
        """One candidate, no search."""
        return Work(runs=0, runs_at_most=0)

    def compile(self, problem: Problem) -> Any:
        """The program with demos drawn from train."""
        from dspy.teleprompt import LabeledFewShot as Teleprompter

        demos = problem.settings.max_labeled_demos if problem.settings.max_labeled_demos is not None else DEMOS
        # Train comes shuffled by the run's seed; DSPy's own draw always uses the same one.
        return Teleprompter(k=demos).compile(problem.program, trainset=list(problem.train), sample=False)
