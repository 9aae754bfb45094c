"""What an optimizer is. These files are read by pages too, so DSPy is imported only where one is put to work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.records.base import Record
from core.records.runs import OptimizerSettings


class Work(Record):
    """What an optimizer will do for one task, by its own arithmetic: runs of the program, calls of the proposer."""

    runs: int
    runs_at_most: int
    proposals: int = 0
    trials: int = 0
    """Candidates that will be scored."""


@dataclass(frozen=True)
class Problem:
    """One task to optimize. Programs, examples and language models are DSPy's."""

    program: Any
    train: Sequence[Any]
    """In the order that the run's seed gave."""
    val: Sequence[Any]
    metric: Callable[..., float]
    proposer: Any
    demo_threshold: float
    seed: int
    threads: int
    settings: OptimizerSettings


class Optimizer(Protocol):
    """Changes a program's instructions and demos."""

    name: str
    title: str
    """In words, for people."""
    needs: int
    """Samples of train and validation together, at least."""

    def work(self, train: int, val: int, settings: OptimizerSettings) -> Work:
        """What it will do with so many examples."""

    def compile(self, problem: Problem) -> Any:
        """The optimized program. Exceptions of single examples are DSPy's to swallow; RunStopped passes through."""
