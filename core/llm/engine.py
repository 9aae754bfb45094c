"""The gateway as an engine of DSPy: `dspy.LM(name, engine=GatewayEngine(...))`."""

from collections.abc import Callable
from typing import Any

from dspy import lm15

from core.records.models import Completion, Message, ModelRequest, Parameters

Ask = Callable[[ModelRequest], Completion]


class GatewayEngine:
    """Turns DSPy's requests into the gateway's. Copies are the engine itself, so that no call escapes the meter."""

    supports_function_calling = False
    supports_reasoning = False
    supported_params = frozenset({"temperature", "max_tokens", "response_format"})

    def __init__(self, model: str, ask: Ask, *, takes_schema: bool, temperature: float) -> None:
        self.supports_response_schema = takes_schema
        self._model = model
        self._ask = ask
        self._temperature = temperature
        """The use case's own: only another one, as DSPy sets for a fresh rollout, is sent as the call's."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "GatewayEngine":
        return self

    def complete(self, request: lm15.Request) -> lm15.Response:
        """One answer. Raises what the gateway raises."""
        done = self._ask(self._translated(request))
        return lm15.Response(
            id=None, model=request.model, finish_reason="stop", message=lm15.Message.assistant([lm15.TextPart(done.text)]),
            usage=lm15.Usage(input_tokens=done.call.prompt_tokens or 0, output_tokens=done.call.completion_tokens or 0),
        )  # fmt: skip

    def _translated(self, request: lm15.Request) -> ModelRequest:
        messages = [Message(role="system", content=request.system)] if isinstance(request.system, str) else []
        messages += [Message(role=message.role, content=message.text) for message in request.messages]
        format_ = request.config.response_format or {}
        temperature = request.config.temperature
        changed = temperature if temperature is not None and temperature != self._temperature else None
        return ModelRequest(
            model=self._model, messages=tuple(messages), parameters=Parameters(temperature=changed),
            response_schema=format_.get("schema") if format_.get("type") == "json_schema" else None,
        )  # fmt: skip

    def close(self) -> None:
        """Nothing is held."""
