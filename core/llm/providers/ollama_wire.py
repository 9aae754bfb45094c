"""What goes to Ollama and what comes back, as its API describes it. Durations on the wire are nanoseconds; zero fields are omitted."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.records.models import ModelInfo, ModelRequest, Parameters

MS = 1_000_000
"""Nanoseconds in a millisecond."""


class Wire(BaseModel):
    """A shape on the wire: types are strict, unknown fields are ignored (Ollama adds some with every version)."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, protected_namespaces=())


class WireMessage(Wire):
    """A piece of the answer."""

    content: str = ""
    thinking: str = ""


class Chunk(Wire):
    """One line of `/api/chat`; the last one is `done` and has the counts."""

    message: WireMessage = WireMessage()
    done: bool
    done_reason: str = ""
    total_duration: int | None = None
    load_duration: int | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None


class Details(Wire):
    """Details of a model; the context length only from newer servers."""

    context_length: int | None = None


def named(capabilities: tuple[str, ...]) -> tuple[str, ...]:
    """Capabilities in the workbench's words: what Ollama calls completion is text."""
    return tuple("text" if capability == "completion" else capability for capability in capabilities)


class Version(Wire):
    """`/api/version`."""

    version: str


class ListedModel(Wire):
    """An entry of `/api/tags`; capabilities only from newer servers."""

    name: str
    modified_at: datetime = Field(strict=False)
    size: int
    digest: str
    details: Details = Details()
    capabilities: tuple[str, ...] = Field((), strict=False)

    def info(self, provider: str) -> ModelInfo:
        """As a record of ours."""
        return ModelInfo(
            provider=provider,
            model=self.name,
            capabilities=named(self.capabilities),
            context_length=self.details.context_length,
            size_bytes=self.size,
            modified_at=self.modified_at,
            digest=self.digest,
        )


class Tags(Wire):
    """`/api/tags`."""

    models: list[ListedModel]


class Shown(Wire):
    """`/api/show`: what a model can do, and its own context length under `{architecture}.context_length`."""

    capabilities: tuple[str, ...] = Field((), strict=False)
    model_info: dict[str, Any] = {}

    @property
    def context_length(self) -> int | None:
        """Tokens that the model was built for; None if the server does not say."""
        found = self.model_info.get(f"{self.model_info.get('general.architecture')}.context_length")
        return found if isinstance(found, int) and found > 0 else None


class LoadedModel(Wire):
    """An entry of `/api/ps`."""

    name: str
    size: int
    size_vram: int = 0
    context_length: int | None = None


class Loaded(Wire):
    """`/api/ps`."""

    models: list[LoadedModel]


class PullProgress(Wire):
    """One line of a pull; bytes are None where the server does not say."""

    status: str
    digest: str | None = None
    total: int | None = None
    completed: int | None = None


def chat_body(request: ModelRequest, *, num_ctx: int, keep_alive: str | int, think: bool) -> dict[str, Any]:
    """The body of `/api/chat`.

    `truncate` and `shift` are false in every call: an input that does not fit is then refused instead of silently shortened, and a change
    of `shift` would reload the model. Both only work at the top level; among the options they are ignored.
    """
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "stream": True,
        "think": think,
        "truncate": False,
        "shift": False,
        "keep_alive": keep_alive,
        "options": options(request.parameters, num_ctx),
    }
    if request.response_schema is not None:
        body["format"] = request.response_schema
    return body


def options(parameters: Parameters, num_ctx: int) -> dict[str, Any]:
    """Parameters under Ollama's names, without those that are not set; num_ctx and repeat_penalty always, as defaults differ by version."""
    named = {
        "num_ctx": num_ctx,
        "repeat_penalty": 1.0 if parameters.repeat_penalty is None else parameters.repeat_penalty,
        "temperature": parameters.temperature,
        "top_k": parameters.top_k,
        "top_p": parameters.top_p,
        "seed": parameters.seed,
        "num_predict": parameters.max_tokens,
        "stop": None if parameters.stop is None else list(parameters.stop),
    }
    return {name: value for name, value in named.items() if value is not None}


def fewest_tokens(request: ModelRequest) -> int:
    """A lower bound of the prompt's tokens: tokenizers do not join what blanks keep apart, so each such piece takes at least one."""
    return sum(len(message.content.split()) for message in request.messages)
