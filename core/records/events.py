"""What happens in a run, numbered from 1 without gaps."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from core.records.base import Record, now


class EventType(StrEnum):
    """The 16 things that can happen."""

    STARTED = "started"
    PHASE_CHANGED = "phase_changed"
    PROGRESS_UPDATE = "progress_update"
    COMPLETED = "completed"
    FAILED = "failed"
    LLM_REQUEST = "llm_request"
    LLM_RESPONSE = "llm_response"
    SAMPLE_PROCESSING = "sample_processing"
    SAMPLE_RESULT = "sample_result"
    EVALUATION_START = "evaluation_start"
    EVALUATION_RESULT = "evaluation_result"
    BOOTSTRAP_ITERATION = "bootstrap_iteration"
    DEMO_SELECTED = "demo_selected"
    CANCELLED = "cancelled"
    RESUMED = "resumed"
    BUDGET_REACHED = "budget_reached"


class NewEvent(Record):
    """An event before the store numbered it. `key` is its natural name in the run: appending it twice adds nothing."""

    key: str
    event_type: EventType
    timestamp: datetime = Field(default_factory=now)
    training_run_id: str
    domain: str
    progress_percent: float
    phase: str | None
    message: str
    data: dict[str, Any] = Field(default_factory=dict)
    """Large texts stand as `{"$text": hash}` and are joined when read."""


class Event(NewEvent):
    """A numbered event."""

    seq: int
