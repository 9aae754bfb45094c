"""How the stand-in behaves badly, on demand and repeatably."""

import random
from enum import StrEnum

from pydantic import Field

from core.records.base import Record


class Fault(StrEnum):
    """One way in which a call can go wrong."""

    SERVER_ERROR = "server_error"
    """Status 500."""
    BUSY = "busy"
    """Status 503 with Ollama's own text."""
    RATE_LIMITED = "rate_limited"
    """Status 429, with `Retry-After` if `Behavior.retry_after` is set."""
    UNAUTHORIZED = "unauthorized"
    """Status 401, as a proxy before Ollama sends it."""
    REDIRECT = "redirect"
    """Status 302 to an address inside the machine's own network."""
    RESET = "reset"
    """The connection is reset before a byte is answered."""
    RESET_MIDWAY = "reset_midway"
    """The connection is reset after half of the answer."""
    HANG = "hang"
    """No byte, until the caller or the server goes away."""
    HANG_MIDWAY = "hang_midway"
    """Half of the answer, then as HANG."""
    HTML = "html"
    """Status 200 with a web page."""
    EMPTY = "empty"
    """An answer without text."""
    CUT_BODY = "cut_body"
    """The body ends in the middle of its last JSON object."""
    BROKEN_ANSWER = "broken_answer"
    """The model's text ends in the middle, though the server calls it complete."""
    THINK_AROUND = "think_around"
    """Thoughts in `<think>` tags before the answer."""
    THINK_INSIDE = "think_inside"
    """Thoughts in `<think>` tags in the middle of the answer."""
    THINK_UNCLOSED = "think_unclosed"
    """Nothing but thoughts, never closed."""
    THINK_UNOPENED = "think_unopened"
    """Thoughts whose opening tag was swallowed by a template."""
    HUGE = "huge"
    """More than a megabyte of text."""
    ENDLESS_LINE = "endless_line"
    """A body without a line feed and without an end (200 MB at most)."""
    WRONG_TYPES = "wrong_types"
    """JSON with numbers where texts belong and the reverse."""
    SHORT_COUNT = "short_count"
    """A count of prompt tokens as if most of the prompt had been dropped."""
    EVICTED = "evicted"
    """Status 404: the model is gone."""
    ERROR_IN_STREAM = "error_in_stream"
    """Half of the answer with status 200, then an error."""


class Behavior(Record):
    """What the stand-in does besides answering. Calls are those that use a model (chat, generate, embed), counted from 1.

    A fault is taken from `schedule`, else from `evict_from`, else `always`, else drawn by `chances` with `seed`.
    """

    latency: float = Field(0, ge=0)
    """Seconds before each answer of a model."""
    drip: float = Field(0, ge=0)
    """Seconds before each piece of a streamed answer."""
    schedule: dict[int, Fault] = {}
    """The fault of the n-th call."""
    evict_from: int | None = Field(None, ge=1)
    """From the n-th call on the model is gone (404)."""
    always: Fault | None = None
    """The fault of every call."""
    chances: dict[Fault, float] = {}
    """The probability of each fault, per call; together at most 1."""
    seed: int = 0
    retry_after: str | None = None
    """What RATE_LIMITED and BUSY say in `Retry-After`."""


class Faults:
    """Decides what happens to each call."""

    def __init__(self, behavior: Behavior) -> None:
        self.behavior = behavior
        self.calls = 0
        self._random = random.Random(behavior.seed)

    def next(self) -> Fault | None:
        """The fault of the next call, None if it goes well."""
        self.calls += 1
        drawn = self._drawn()  # drawn for every call, so that a schedule does not move what comes after it
        behavior = self.behavior
        if self.calls in behavior.schedule:
            return behavior.schedule[self.calls]
        if behavior.evict_from is not None and self.calls >= behavior.evict_from:
            return Fault.EVICTED
        return behavior.always or drawn

    def _drawn(self) -> Fault | None:
        point = self._random.random()
        for fault, chance in self.behavior.chances.items():
            point -= chance
            if point < 0:
                return fault
        return None
