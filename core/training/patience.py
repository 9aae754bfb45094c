"""How long an attempt waits for what may come back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """All in seconds."""

    model: float = 60.0
    """For a provider that does not answer, or has lost the run's model."""
    between: float = 2.0
    """Between two tries of such a provider."""
    store: float = 120.0
    """For a store that is away; the next try comes after `store_between`."""
    store_between: float = 1.0
    lease: float = 15.0
    """How long the run stays this process's own without a sign of life."""


USUAL = Patience()
