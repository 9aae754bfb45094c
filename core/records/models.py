"""Models: what is asked of one, what it answers, what it cost."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from core.records.base import Record, now


class UseCase(StrEnum):
    """What the workbench uses a model for."""

    INTENT_CLASSIFICATION = "intent_classification"
    ENTITY_EXTRACTION = "entity_extraction"
    ANSWER_GENERATION = "answer_generation"
    FOLLOWUP_TITLES = "followup_titles"
    QUERY_DECOMPOSITION = "query_decomposition"
    VISION_VLM = "vision_vlm"
    TRAINING_TASK = "training_task"
    TRAINING_PROPOSER = "training_proposer"
    AUGMENTATION = "augmentation"
    DISCOVERY = "discovery"


class Parameters(Record):
    """Sampling parameters; None = not set at this level."""

    temperature: float | None = Field(None, ge=0, le=2)
    top_k: int | None = Field(None, ge=1, le=100)
    top_p: float | None = Field(None, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=256, le=8192)
    repeat_penalty: float | None = Field(None, ge=1, le=2)
    context_size: int | None = Field(None, ge=512, le=1_048_576)
    seed: int | None = None
    stop: tuple[str, ...] | None = None


class Message(Record):
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class ModelRequest(Record):
    """What a provider is asked: a model's own name (without the provider), messages, parameters, a JSON schema."""

    model: str
    messages: tuple[Message, ...]
    parameters: Parameters = Parameters()
    response_schema: dict[str, Any] | None = None


class ModelAnswer(Record):
    """What came back; times in ms, None = the provider does not say."""

    text: str
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_ms: float | None = None
    load_ms: float | None = None


class ModelInfo(Record):
    """A model that a provider has now. `id` is `provider/model`."""

    provider: str
    model: str
    capabilities: tuple[str, ...] = ()
    context_length: int | None = None
    size_bytes: int | None = None
    modified_at: datetime | None = None
    digest: str | None = None

    @property
    def id(self) -> str:
        """`provider/model`."""
        return f"{self.provider}/{self.model}"


class ProviderStatus(Record):
    """Whether a provider answers, and what it said."""

    provider: str
    state: Literal["connected", "disconnected", "error", "unknown"]
    message: str = ""
    checked_at: datetime = Field(default_factory=now)


class Call(Record):
    """One real call of a model: the ledger's row, and the record from which a resumed run replays.

    `prompt_ref` and `answer_ref` are hashes of stored texts. A failed call has an `error` and no answer.
    """

    id: str
    """`{run or 'free'}/{request_hash}/{occurrence}`."""
    time: datetime = Field(default_factory=now)
    use_case: UseCase
    run_id: str | None = None
    provider: str
    model: str
    request_hash: str
    occurrence: int = 1
    prompt_ref: str
    answer_ref: str | None = None
    finish_reason: str | None = None
    error: str | None = None
    error_kind: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    ms: float = 0
    usd: float | None = None
    retries: int = 0
    fallback_from: str | None = None
    parameters: Parameters = Parameters()


class Completion(Record):
    """What the gateway hands back: the text, the call behind it, and whether it came from a run's record."""

    text: str
    call: Call
    replayed: bool = False


class Text(Record):
    """A large text, stored once under its hash."""

    hash: str
    content: str
