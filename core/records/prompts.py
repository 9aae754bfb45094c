"""Prompts as they are kept: usable without the library that made them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from core.records.base import Record, Versioned, now
from core.records.domains import MetricConfig
from core.records.models import Message
from core.records.runs import Scores
from core.records.samples import Task


class PromptPart(Record):
    """A piece of the last message: literal text, or the place of an input field."""

    text: str = ""
    field: str | None = None


class Demo(Record):
    """One worked example inside a prompt, and the train sample it came from."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]
    sample_id: str | None = None
    bootstrapped: bool = False


class TaskPrompt(Record):
    """One task's prompt: what is sent, and what it was made of.

    `messages` go out as they are; `last` is the user turn, where inputs are put in place by position, never by
    searching the text: braces or markers inside a document mean nothing.
    """

    instructions: str
    demos: tuple[Demo, ...] = ()
    messages: tuple[Message, ...]
    last: tuple[PromptPart, ...]
    output_field: str
    adapter: Literal["chat", "json"]
    typed: bool
    response_schema: dict[str, Any] | None = None
    state: dict[str, Any] = Field(default_factory=dict)
    """DSPy's own state of the predictor, as JSON."""


class PromptVersion(Record):
    """An immutable result: prompts of every task and where they came from."""

    id: str
    domain: str
    created_at: datetime = Field(default_factory=now)
    run_id: str | None = None
    parent: str | None = None
    tasks: dict[str, TaskPrompt]
    model: str
    model_digest: str | None = None
    dataset_version: str | None = None
    metric: MetricConfig = MetricConfig()
    seed: int | None = None
    scores: Scores | None = None
    usd_per_1000: float | None = None
    by_hand: bool = False

    def prompt(self, task: Task) -> TaskPrompt | None:
        """The prompt of one task, None where the run did not train it."""
        return self.tasks.get(task)


class Stage(StrEnum):
    """How a deployed version is used."""

    CANDIDATE = "candidate"
    CANARY = "canary"
    PRODUCTION = "production"
    RETIRED = "retired"


class Deployment(Versioned):
    """Which version a domain uses at which stage, since when, by whom and why. Decisions are never deleted."""

    id: str
    domain: str
    version: str
    stage: Stage
    since: datetime = Field(default_factory=now)
    until: datetime | None = None
    by: str = "workbench"
    why: str = ""
    was: Stage | None = None
    """The stage that a retired one had: what a rollback looks for."""


class Vector(Record):
    """One text's embedding, kept under text hash and embedder digest. Little-endian float32, base64."""

    key: str
    digest: str
    data: str
