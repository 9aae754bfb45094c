"""One attempt at a run as its parts share it: who is asked, what is counted, what is written, when to stop."""

import time
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Event as Flag
from threading import Lock
from typing import Any

from core.errors import AnswerError, CallCancelledError, ModelError, ModelNotFoundError, ModelUnavailableError, TooManyFailuresError
from core.llm.gateway import Gateway, RecordedCall
from core.records.base import now, text_hash
from core.records.events import EventType, NewEvent
from core.records.models import Call, Completion, ModelRequest, Parameters, UseCase
from core.records.runs import Failures, LlmCost, TrainingRun
from core.records.samples import Sample
from core.store.base import Ensure
from core.training.journal import Journal
from core.training.patience import USUAL, Patience
from core.training.phases import Progress
from core.training.stops import AttemptFenced, BudgetReached, CancelWanted, RunBroken

CURRENT: ContextVar[Sample | None] = ContextVar("sample under way", default=None)
ASKED: ContextVar[bool] = ContextVar("the model was asked since the sample went in", default=False)
"""False where DSPy answered from its memory: a failure that is only seen again is not counted again."""
_AGAIN: ContextVar[tuple[str, int] | None] = ContextVar("call that could not be made and keeps its number", default=None)
SETTLE_SECONDS = 5.0
ENOUGH_CALLS = 20
"""Before so many calls no share of failures is judged."""
PROPOSAL_TRIES = 3


@dataclass
class Tally:
    """What was used so far; a replayed call counts as the call that it repeats."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    failed_calls: int = 0
    failed_parses: int = 0

    def add(self, call: Call) -> None:
        """Count one call. One unknown price makes the sum unknown."""
        self.calls += 1
        self.prompt_tokens += call.prompt_tokens or 0
        self.completion_tokens += call.completion_tokens or 0
        if call.error is None:
            self.usd = None if call.usd is None or self.usd is None else self.usd + call.usd

    def cost(self, model: str) -> LlmCost:
        """As a record."""
        provider, _, own = model.partition("/")
        return LlmCost(
            total_tokens=self.prompt_tokens + self.completion_tokens, prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens, estimated_cost_usd=self.usd, model=own, provider=provider,
        )  # fmt: skip


@dataclass
class Session:
    """Shared by every thread of an attempt."""

    run: TrainingRun
    gateway: Gateway
    journal: Journal
    progress: Progress
    replay: dict[tuple[str, int], RecordedCall]
    failure_limit: float
    cancel: Flag = field(default_factory=Flag)
    tally: Tally = field(default_factory=Tally)
    proof_begun: bool = False
    """An earlier attempt had come as far as the sealed test."""
    reserved_calls: int = 0
    """Calls kept for the final evaluation when a ceiling is set."""
    task: str = "run"
    stage: str = ""
    samples: dict[str, Sample] = field(default_factory=dict)
    """By text: what an optimizer hands around has no room for more."""
    patience: Patience = USUAL
    consumed: set[tuple[str, int]] = field(default_factory=set)
    _seen: Counter[str] = field(default_factory=Counter)
    _under_way: int = 0
    _lock: Lock = field(default_factory=Lock)
    _in_order: Lock = field(default_factory=Lock)
    """Held while an event is stamped and queued, so that percent and time never fall from one to the next."""

    @property
    def run_id(self) -> str:
        """The run's id: sessions are the gateway's recorders."""
        return self.run.id

    # what the gateway asks of a recorder

    def occurrence(self, request_hash: str) -> int:
        """Which time this request is made in the run. A call that could not be made keeps its number when it is tried again."""
        again = _AGAIN.get()
        _AGAIN.set(None)
        return again[1] if again and again[0] == request_hash else self.nth(request_hash)

    def recorded(self, request_hash: str, occurrence: int) -> RecordedCall | None:
        """The same call of an earlier attempt."""
        known = self.replay.get((request_hash, occurrence))
        if known is not None:
            with self._lock:
                self.consumed.add((request_hash, occurrence))
                self._count(known.call)
        else:
            self._before_a_real_call()
        return known

    def begin(self, call: Call, prompt: str) -> None:
        """A real call is about to be made."""
        facts = self._about(call) | {"prompt": {"$text": call.prompt_ref}}
        with self._in_order:
            event = self._event(EventType.LLM_REQUEST, f"{call.request_hash}/{call.occurrence}/request", self._where(), facts)
            self.journal.add(event, texts=[(call.prompt_ref, prompt)])

    def record(self, call: Call, prompt: str, answer: str | None) -> None:
        """Keep a real call, whole, with the event that tells of it: a replay then has nothing to add.

        A call that was cancelled, or met no provider or no model, is no part of the record: it is made when there is one.
        """
        if self._unmade(call):
            _AGAIN.set((call.request_hash, call.occurrence))
            with self._lock:
                self._under_way -= 1
            return
        with self._lock:
            self._under_way -= 1
            self._count(call)
        facts = self._about(call) | {
            "response": {"$text": call.answer_ref} if call.answer_ref else None,
            "parameters": _dumped(call.parameters),
            "tokens": {"prompt": call.prompt_tokens, "completion": call.completion_tokens},
            "ms": call.ms, "cached": False, "retries": call.retries, "error": call.error, "kind": call.error_kind,
        }  # fmt: skip
        said = f"failed: {call.error}" if call.error else f"{call.ms:,.0f} ms"
        key = f"{call.request_hash}/{call.occurrence}/response"
        texts = [(call.answer_ref, answer)] if call.answer_ref and answer is not None else []
        with self._in_order:
            event = self._event(EventType.LLM_RESPONSE, key, f"{self._where()}, {said}", facts)
            self.journal.add(event, operations=[Ensure(record=call)], texts=texts)

    # what optimizers and evaluations ask

    def ask(self, use_case: UseCase, request: ModelRequest) -> Completion:
        """One call. Raises ModelError for a failed call, RunStopped when the run must end.

        A proposal that fails is asked for again, as the search cannot do without it; a sample that fails is a failed sample.
        A provider or a model that is gone is waited for; a run never takes another model.
        """
        _AGAIN.set(None)
        ASKED.set(True)
        began: float | None = None
        tries = PROPOSAL_TRIES if use_case is UseCase.TRAINING_PROPOSER else 1
        while True:
            self.check()
            try:
                return self.gateway.complete(use_case, request, recorder=self, cancelled=self.cancel.is_set)
            except CallCancelledError as error:
                raise CancelWanted from error
            except ModelError as error:
                if _AGAIN.get() is None:
                    tries -= 1
                    if tries:
                        continue
                    raise
                began = began or time.monotonic()
                if time.monotonic() - began > self.patience.model:
                    raise RunBroken(_gone(self.run.model, error, self.patience.model)) from error
                self._wait(error)

    def _wait(self, error: ModelError) -> None:
        nth = self.nth(f"waiting/{self.run.attempts}/{self.tally.calls}")
        key = f"waiting/{self.run.attempts}/{self.tally.calls}/{nth}"
        self.emit(EventType.PROGRESS_UPDATE, key, f"waiting for {self.run.model}: {error.message}", {"tries": nth})
        self.cancel.wait(self.patience.between)

    def _unmade(self, call: Call) -> bool:
        """Whether the call failed for want of somebody to make it."""
        if call.error_kind == ModelUnavailableError.__name__:
            return self.gateway.providers[call.provider].status().state != "connected"
        return call.error_kind in (CallCancelledError.__name__, ModelNotFoundError.__name__)

    def _about(self, call: Call) -> dict[str, Any]:
        sample = CURRENT.get()
        return {
            "model": f"{call.provider}/{call.model}", "use_case": call.use_case.value, "task": self.task, "stage": self.stage,
            "sample_index": sample.id if sample else None, "expected": _expected(sample),
        }  # fmt: skip

    def _where(self) -> str:
        sample = CURRENT.get()
        return f"{sample.id}, {self.stage}" if sample else f"{self.task}, {self.stage}".removesuffix(", ")

    def emit(self, kind: EventType, key: str, message: str, data: dict[str, Any] | None = None) -> None:
        """Add an event under its natural key."""
        with self._in_order:
            self.journal.add(self._event(kind, key, message, data or {}))

    def text(self, content: str) -> dict[str, str]:
        """Keep a large text; gives what stands for it in an event's data."""
        name = text_hash(content)
        self.journal.add(texts=[(name, content)])
        return {"$text": name}

    def _event(self, kind: EventType, key: str, message: str, data: dict[str, Any]) -> NewEvent:
        phase = self.progress.phase
        return NewEvent.model_construct(
            key=key, event_type=kind, timestamp=now(), training_run_id=self.run.id, domain=self.run.domain,
            progress_percent=self.progress.percent, phase=phase.value if phase else None, message=message, data=data,
        )  # fmt: skip

    def nth(self, base: str) -> int:
        """How often this was asked for, this time included."""
        with self._lock:
            self._seen[base] += 1
            return self._seen[base]

    def parse_failed(self) -> None:
        """Count an answer that could not be read."""
        with self._lock:
            self.tally.failed_parses += 1

    def failures(self) -> Failures:
        """Counted so far."""
        return Failures(calls=self.tally.failed_calls, parses=self.tally.failed_parses)

    def check(self) -> None:
        """Raise what ends the run, if anything does."""
        if self.journal.fenced:
            raise AttemptFenced
        if self.journal.broken:
            raise RunBroken(self.journal.broken)
        if self.cancel.is_set():
            raise CancelWanted
        self.judge(enough=ENOUGH_CALLS)

    def judge(self, *, enough: int = 1) -> None:
        """Raise RunBroken where more calls failed than the limit allows, once `enough` were made."""
        failed = self.tally.failed_calls + self.tally.failed_parses
        if self.tally.calls >= enough and failed > self.failure_limit * self.tally.calls:
            raise RunBroken(
                TooManyFailuresError(
                    f"{failed} of {self.tally.calls} calls of {self.run.model} failed "
                    f"({self.tally.failed_calls} without an answer, {self.tally.failed_parses} unreadable)",
                    hint="look at the failed calls in the log; a larger model, a longer context or FAILURE_LIMIT may help",
                )
            )

    def settle(self) -> None:
        """Wait for calls that threads of a stopped search still make, so that the run's last record counts them."""
        over = time.monotonic() + SETTLE_SECONDS
        while self._under_way > 0 and time.monotonic() < over:
            time.sleep(0.01)

    def _count(self, call: Call) -> None:
        self.tally.add(call)
        if call.error_kind == AnswerError.__name__:
            self.tally.failed_parses += 1
        elif call.error is not None:
            self.tally.failed_calls += 1

    def room(self) -> int | None:
        """Calls that the ceiling still allows; None = no ceiling."""
        ceiling = self.run.ceilings.max_calls
        return None if ceiling is None else ceiling - self.reserved_calls - self.tally.calls - self._under_way

    def _before_a_real_call(self) -> None:
        """Take a place under the ceilings: calls of other threads that are still under way count too."""
        max_usd = self.run.ceilings.max_usd
        with self._lock:
            room = self.room()
            if room is not None and room <= 0:
                raise BudgetReached("calls")
            if max_usd is not None and (self.tally.usd is None or self.tally.usd >= max_usd):
                raise BudgetReached("usd")
            self._under_way += 1


@lru_cache(maxsize=64)
def _dumped(parameters: Parameters) -> dict[str, Any]:
    return parameters.model_dump(exclude_none=True)


def _gone(model: str, error: ModelError, seconds: float) -> ModelError:
    kind = type(error)
    return kind(f"{model} did not come back within {seconds:.0f} s: {error.message}", hint=error.hint)


def _expected(sample: Sample | None) -> list[str] | None:
    return [entity.text for entity in sample.entities or ()] if sample else None
