"""What ends an optimizer from inside.

DSPy turns any `Exception` of a metric or a model into a score of zero and goes on; only a `BaseException` gets through.
These never leave `core.training.attempt`.
"""

from core.errors import WorkbenchError


class RunStopped(BaseException):
    """The run must end now."""


class CancelWanted(RunStopped):
    """Somebody asked for it."""


class BudgetReached(RunStopped):
    """A ceiling on calls or dollars."""

    def __init__(self, ceiling: str) -> None:
        super().__init__(ceiling)
        self.ceiling = ceiling


class RunBroken(RunStopped):
    """It cannot go on; `error` says why."""

    def __init__(self, error: WorkbenchError) -> None:
        super().__init__(error.message)
        self.error = error


class AttemptFenced(RunStopped):
    """Another process holds the run now: this one must leave everything as it is."""
