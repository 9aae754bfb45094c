"""The built-in model behind the provider protocol: offline, deterministic, and light until it is first asked."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import cast

from core.errors import CallCancelledError, ModelNotFoundError
from core.llm.providers.base import Cancelled
from core.llm.providers.builtin.tokens import count
from core.records.models import ModelAnswer, ModelInfo, ModelRequest, ProviderStatus

MODEL = "in-context"
VERSION = "1"
"""Raised when an answer may differ for a reason outside this package's source."""


class BuiltinProvider:
    """Extracts without a language model: reads the prompt, learns from its demos, follows its documented cues.

    Tokens are those of `core.llm.providers.builtin.tokens`: words, numbers, marks. They are counted, not estimated.
    """

    name = "builtin"
    local = True
    takes_schema = False
    """It honors a schema, but reads chat-style prompts, so that prompts trained with it suit small models too."""
    max_concurrency = 2

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        """One answer.

        Raises:
            ModelNotFoundError: another model than `in-context`.
            ModelRefusedError: the prompt names no output field.
            CallCancelledError: the caller cancelled before work began.
        """
        if request.model != MODEL:
            raise ModelNotFoundError(f"the built-in provider has no model {request.model!r}", hint=f"it has one: {self.name}/{MODEL}")
        if cancelled is not None and cancelled():
            raise CallCancelledError(
                "the request was cancelled before the built-in model began", hint="ask again when the answer is wanted"
            )
        began = perf_counter()
        text = _answer()(request)
        return ModelAnswer(
            text=text,
            prompt_tokens=sum(count(message.content) for message in request.messages),
            completion_tokens=count(text),
            total_ms=(perf_counter() - began) * 1000,
        )

    def models(self) -> list[ModelInfo]:
        """The one model; its digest changes with the package's source."""
        return [ModelInfo(provider=self.name, model=MODEL, capabilities=("text",), digest=_digest())]

    def status(self) -> ProviderStatus:
        """Always there."""
        return ProviderStatus(provider=self.name, state="connected", message="built in; learns from the examples in the prompt")

    def price(self, model: str) -> tuple[float, float] | None:
        """It costs nothing."""
        return (0.0, 0.0)

    def close(self) -> None:
        """Nothing is held open."""


@lru_cache(maxsize=1)
def _answer() -> Callable[[ModelRequest], str]:
    """The function behind `complete`, loaded late: NumPy takes a tenth of a second, and the first page lists providers."""
    return cast("Callable[[ModelRequest], str]", import_module("core.llm.providers.builtin.answer").answer)


@lru_cache(maxsize=1)
def _digest() -> str:
    """SHA-256 of the version and of every source file of this package."""
    summed = sha256(VERSION.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        summed.update(path.name.encode() + b"\0" + path.read_bytes())
    return summed.hexdigest()
