"""One way to a model, for every caller: resolves, retries, meters and records each call."""

import json
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Protocol

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from core.errors import AnswerError, ModelError, ModelUnavailableError, UnknownNameError
from core.llm.providers.base import Cancelled, Provider
from core.llm.use_cases import effective
from core.records.base import Record, text_hash
from core.records.models import Call, Completion, ModelAnswer, ModelInfo, ModelRequest, Parameters, UseCase

LONGEST_WAIT_SECONDS = 20.0
HEED_SECONDS = 0.2
"""How often a wait looks whether it is still wanted."""


class RecordedCall(Record):
    """A call of an earlier attempt, with its answer where it had one."""

    call: Call
    answer: str | None


class Recorder(Protocol):
    """Where calls are written down, and from where a resumed run reads them back."""

    @property
    def run_id(self) -> str | None:
        """The training run that the calls belong to, if any."""

    def occurrence(self, request_hash: str) -> int:
        """Which time this very request is made, from 1."""

    def recorded(self, request_hash: str, occurrence: int) -> RecordedCall | None:
        """The same call of an earlier attempt, if there was one."""

    def begin(self, call: Call, prompt: str) -> None:
        """A real call is about to be made."""

    def record(self, call: Call, prompt: str, answer: str | None) -> None:
        """It was made; `answer` is what came back, usable or not."""


class Gateway:
    """Thread-safe. Providers are asked in the order in which they are given."""

    def __init__(self, providers: Mapping[str, Provider], *, retries: int, pause: Callable[[float], None] = time.sleep) -> None:
        self.providers = dict(providers)
        self._pause = pause
        self._retrying = _retrying(retries, pause)
        self._places = {name: BoundedSemaphore(provider.max_concurrency) for name, provider in self.providers.items()}

    def provider_of(self, model: str) -> tuple[Provider, str]:
        """The provider and the model's own name, of an id `provider/model`."""
        name, _, own = model.partition("/")
        if not own or name not in self.providers:
            raise UnknownNameError.of("model provider", name, list(self.providers))
        return self.providers[name], own

    def find(self, model: str) -> ModelInfo:
        """The model as its provider knows it now.

        Raises:
            UnknownNameError: the provider or the model does not exist; the hint lists those that do.
            ModelUnavailableError: the provider does not answer.
        """
        provider, own = self.provider_of(model)
        known = provider.models()
        for info in known:
            if own in (info.model, info.model.removesuffix(":latest")):
                return info
        raise UnknownNameError.of(f"{provider.name} model", own, [info.id for info in known])

    def complete(self, use_case: UseCase, request: ModelRequest, *, recorder: Recorder, cancelled: Cancelled | None = None) -> Completion:
        """One answer to `request`, whose model is an id `provider/model`.

        Raises:
            UnknownNameError: no such provider.
            ModelError: of this call, or of the recorded one that it repeats.
        """
        provider, own = self.provider_of(request.model)
        sent = request.model_copy(update={"model": own, "parameters": effective(use_case, request.parameters)})
        prompt = prompt_text(sent)
        prompt_ref = text_hash(prompt)
        digest = request_hash(request.model, sent, prompt_ref)
        occurrence = recorder.occurrence(digest)
        known = recorder.recorded(digest, occurrence)
        if known is not None:
            return _replay(known)
        # every field comes from a validated record: checking them again would cost more than hashing the prompt
        call = Call.model_construct(
            id=f"{recorder.run_id or 'free'}/{digest[:32]}/{occurrence}", use_case=use_case, run_id=recorder.run_id,
            provider=provider.name, model=own, request_hash=digest, occurrence=occurrence,
            prompt_ref=prompt_ref, parameters=sent.parameters,
        )  # fmt: skip
        recorder.begin(call, prompt)
        began = time.monotonic()
        tries = 0

        def once() -> ModelAnswer:
            nonlocal tries
            tries += 1
            with self._places[provider.name]:
                return _whole(sent, provider.complete(sent, cancelled=cancelled))

        try:
            answer = self._heeding(cancelled)(once)
        except ModelError as error:
            recorder.record(*_failed(call, prompt, error, ms=_since(began), retries=tries - 1))
            raise
        done = call.model_copy(update=_answer_facts(provider, own, answer) | {"ms": _since(began), "retries": tries - 1})
        recorder.record(done, prompt, answer.text)
        return Completion(text=answer.text, call=done)

    def _heeding(self, cancelled: Cancelled | None) -> Retrying:
        """Retries whose waits end when the caller no longer wants the answer: the provider is then asked, and says so."""
        if cancelled is None:
            return self._retrying

        def pause(seconds: float) -> None:
            while seconds > 0 and not cancelled():
                self._pause(min(seconds, HEED_SECONDS))
                seconds -= HEED_SECONDS

        return self._retrying.copy(sleep=pause)

    def close(self) -> None:
        """Let go of every provider's connections."""
        for provider in self.providers.values():
            provider.close()


def _whole(sent: ModelRequest, answer: ModelAnswer) -> ModelAnswer:
    """The answer, unless a schema was asked for and its JSON ends in the middle: readers mend such JSON and would take it for all."""
    if sent.response_schema is not None and answer.text.lstrip().startswith("{"):
        text = answer.text.rstrip()
        try:
            json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            if error.pos >= len(text) or error.msg.startswith("Unterminated string"):
                raise AnswerError(
                    "the answer's JSON ends in the middle", hint="allow more tokens, or choose another model", answer=answer.text
                ) from error
        except (ValueError, RecursionError):
            return answer
    return answer


def _retrying(retries: int, pause: Callable[[float], None]) -> Retrying:
    """Only passing failures are tried again; waits double from half a second, or are what the server asks for."""
    grow = wait_exponential(multiplier=0.5, max=LONGEST_WAIT_SECONDS)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ModelUnavailableError) else None
        return min(asked, LONGEST_WAIT_SECONDS) if asked is not None else grow(state)

    return Retrying(
        retry=retry_if_exception_type(ModelUnavailableError), stop=stop_after_attempt(retries + 1), wait=wait, sleep=pause, reraise=True
    )


def _failed(call: Call, prompt: str, error: ModelError, *, ms: float, retries: int) -> tuple[Call, str, str | None]:
    answer = error.answer if isinstance(error, AnswerError) and error.answer else None
    facts = {"error": error.message, "error_kind": type(error).__name__, "answer_ref": text_hash(answer) if answer else None}
    return call.model_copy(update=facts | {"ms": ms, "retries": retries}), prompt, answer


def request_hash(model: str, sent: ModelRequest, prompt_ref: str) -> str:
    """SHA-256 over everything that decides the answer; the messages by their text's hash and where each begins."""
    shape = [(message.role, len(message.content)) for message in sent.messages]
    schema = json.dumps(sent.response_schema, sort_keys=True) if sent.response_schema else ""
    return sha256(f"{model}\n{_dumped(sent.parameters)}\n{schema}\n{shape}\n{prompt_ref}".encode()).hexdigest()


@lru_cache(maxsize=64)
def _dumped(parameters: Parameters) -> str:
    return parameters.model_dump_json()


def prompt_text(request: ModelRequest) -> str:
    """The messages as one text, whole: what is kept of a request, and what a person reads."""
    return "\n\n".join(f"{message.role}:\n{message.content}" for message in request.messages)


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 3)


def _answer_facts(provider: Provider, model: str, answer: ModelAnswer) -> dict[str, object]:
    price = provider.price(model)
    usd = None
    if price is not None and answer.prompt_tokens is not None and answer.completion_tokens is not None:
        usd = (answer.prompt_tokens * price[0] + answer.completion_tokens * price[1]) / 1_000_000
    return {
        "answer_ref": text_hash(answer.text), "finish_reason": answer.finish_reason,
        "prompt_tokens": answer.prompt_tokens, "completion_tokens": answer.completion_tokens, "usd": usd,
    }  # fmt: skip


def _replay(known: RecordedCall) -> Completion:
    if known.call.error is not None:
        kind = _ERRORS.get(known.call.error_kind or "", ModelError)
        raise kind(known.call.error, hint="recorded in an earlier attempt of this run")
    return Completion(text=known.answer or "", call=known.call, replayed=True)


def _tree(kind: type[ModelError]) -> dict[str, type[ModelError]]:
    found = {kind.__name__: kind}
    for child in kind.__subclasses__():
        found |= _tree(child)
    return found


_ERRORS = _tree(ModelError)
