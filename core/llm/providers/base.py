"""What a provider of models does."""

from collections.abc import Callable
from typing import Protocol

from core.records.models import ModelAnswer, ModelInfo, ModelRequest, ProviderStatus

Cancelled = Callable[[], bool]
"""Asked between pieces of an answer: whether the caller no longer wants it."""


class Provider(Protocol):
    """One place where models run. Thread-safe. Every failure is a ModelError; nothing else leaves a provider."""

    name: str
    local: bool
    takes_schema: bool
    """Whether a JSON schema is honored; decides how prompts are worded."""
    max_concurrency: int

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        """One answer, whole.

        Raises:
            ModelUnavailableError: not reachable, timed out, overloaded or failing.
            ModelNotFoundError, ModelRefusedError, ContextOverflowError: another try would fail alike.
            AnswerError: it answered, but with nothing that can be used (empty, HTML, cut off by its length limit).
        """

    def models(self) -> list[ModelInfo]:
        """What it has now. Raises ModelUnavailableError."""

    def status(self) -> ProviderStatus:
        """Whether it answers; never raises."""

    def price(self, model: str) -> tuple[float, float] | None:
        """Dollars per 1,000,000 prompt and completion tokens; None = unknown; (0, 0) for a local model."""

    def close(self) -> None:
        """Let go of connections."""
