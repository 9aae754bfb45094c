"""Shows a WorkbenchError and its hint to the analyst, as text."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.components import notice
from core.errors import WorkbenchError


class Outcome:
    """Whether the block went through."""

    def __init__(self) -> None:
        self.failed = False


@contextmanager
def shown() -> Iterator[Outcome]:
    """Show a WorkbenchError of the block where the block stands, and go on after it.

    Nothing is rerun or cleared, so fields keep what was typed. `with shown() as outcome: ...` tells by
    `outcome.failed` whether something was shown. Every other exception passes through.
    """
    outcome = Outcome()
    try:
        yield outcome
    except WorkbenchError as error:
        outcome.failed = True
        show(error)


def show(error: WorkbenchError) -> None:
    """Show what happened and what to do."""
    notice.show(error.message, error.hint, level="error")
