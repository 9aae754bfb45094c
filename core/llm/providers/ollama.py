"""Models on a server of Ollama, through its own API."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

from core.errors import AnswerError, ContextOverflowError, InvalidValueError, ModelError, ModelNotFoundError
from core.llm.providers.base import Cancelled
from core.llm.providers.ollama_client import CONNECT_SECONDS, OllamaClient
from core.llm.providers.ollama_wire import (
    MS,
    Chunk,
    Loaded,
    LoadedModel,
    PullProgress,
    Shown,
    Tags,
    Version,
    chat_body,
    fewest_tokens,
    named,
)
from core.llm.providers.urls import checked_base_url, without_userinfo
from core.llm.providers.watched_http import FAILURES, Watch
from core.llm.thoughts import without_thoughts
from core.records.models import ModelAnswer, ModelInfo, ModelRequest, ProviderStatus

MAX_ANSWER = 1_000_000
"""Characters of an answer; a model that writes more has lost its way."""
SHORT_SECONDS = 10.0
"""For questions that no model has to think about."""
TAGS_SECONDS = 60.0
"""How long a name's digest is believed before the list is read again: a pull may put another model under the same name."""


class OllamaProvider:
    """One server of Ollama. Thread-safe; no retries of its own."""

    name = "ollama"
    local = True
    takes_schema = True

    def __init__(
        self,
        *,
        base_url: str,
        timeout: float = 120.0,
        keep_alive: str | int = "5m",
        context_size: int = 8192,
        think: bool = False,
        concurrency: int = 1,
    ) -> None:
        """`timeout` is for a whole call, in seconds. Raises InvalidValueError for an address where no model is asked."""
        try:
            base_url = checked_base_url(base_url)
        except InvalidValueError:
            base_url = without_userinfo(base_url)  # a traceback that shows this frame must not show the password
            raise
        self.base_url = base_url
        self.max_concurrency = concurrency
        self._timeout = timeout
        self._keep_alive = keep_alive
        self._context_size = context_size
        self._think = think
        self._client = OllamaClient(base_url, seconds=timeout)
        self._lock = threading.Lock()
        self._digests: dict[str, str] = {}
        self._digests_until = 0.0
        self._shown: dict[str, Shown] = {}

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        """One answer, whole; `<think>` parts are taken out.

        Raises:
            ModelUnavailableError: not reachable, not done in time, broken off, overloaded or failing.
            ModelNotFoundError: no such model; the hint lists those that are there.
            ModelRefusedError: the request is at fault.
            ContextOverflowError: the prompt does not fit; also when the server counted fewer than half of the tokens that the prompt has
                at least, as it then read only a part of it.
            AnswerError: empty, over 1,000,000 characters, cut off by its length limit (what came is in `answer`), or not Ollama's JSON.
            CallCancelledError: `cancelled()` turned true.
        """
        watch = Watch(self._timeout, cancelled)
        num_ctx = self.context_size(request, watch)
        body = chat_body(request, num_ctx=num_ctx, keep_alive=self._keep_alive, think=self._think)
        try:
            with closing(self._client.lines("/api/chat", body, Chunk, watch)) as chunks:
                text, last = _gathered(chunks)
        except ModelNotFoundError as error:
            raise self._with_names(error, request.model) from None
        if last is None:
            raise self._client.broke_off()
        return _answer(request, text, last, num_ctx)

    def context_size(self, request: ModelRequest, watch: Watch | None = None) -> int:
        """Tokens of context that a call asks for: the request's or the configured size, at most what the model was built for."""
        wanted = request.parameters.context_size or self._context_size
        length = self._show(request.model, watch or Watch(SHORT_SECONDS)).context_length
        return wanted if length is None else min(wanted, length)

    def models(self) -> list[ModelInfo]:
        """What the server has now. Capabilities and context length are filled in where it tells or `describe` was asked before.

        Raises ModelUnavailableError, and AnswerError if something other than Ollama answers.
        """
        return [self._filled(info) for info in self._tags(Watch(SHORT_SECONDS))]

    def describe(self, model: str) -> ModelInfo:
        """One model with its capabilities and context length. Raises ModelNotFoundError, ModelUnavailableError."""
        watch = Watch(SHORT_SECONDS)
        shown = self._show(model, watch)
        listed = {info.model: info for info in self._tags(watch)}
        info = listed.get(_tagged(model)) or ModelInfo(provider=self.name, model=model)
        return info.model_copy(update={"capabilities": named(shown.capabilities), "context_length": shown.context_length})

    def status(self) -> ProviderStatus:
        """Whether it answers, within seconds; never raises."""
        try:
            version = self._client.ask("GET", "/api/version", Version, Watch(CONNECT_SECONDS)).version
        except ModelError as error:
            silent = isinstance(error.__context__, FAILURES)  # nothing answered; otherwise something did, but not as it should
            state: Literal["disconnected", "error"] = "disconnected" if silent else "error"
            return ProviderStatus(provider=self.name, state=state, message=f"{error.message}; {error.hint}")
        return ProviderStatus(provider=self.name, state="connected", message=f"Ollama {version[:40]}")

    def price(self, model: str) -> tuple[float, float]:
        """Nothing: it runs here."""
        return (0.0, 0.0)

    def loaded(self) -> list[LoadedModel]:
        """Models in memory, with the context length they were loaded with. Raises ModelUnavailableError."""
        return self._client.ask("GET", "/api/ps", Loaded, Watch(SHORT_SECONDS)).models

    def unload(self, model: str) -> None:
        """Take a model out of memory. Raises ModelNotFoundError, ModelUnavailableError."""
        body = {"model": model, "messages": [], "keep_alive": 0, "stream": False}
        self._client.ask("POST", "/api/chat", Chunk, Watch(SHORT_SECONDS), body)

    def pull(self, model: str, *, cancelled: Cancelled | None = None, timeout: float = 6 * 3600.0) -> Iterator[PullProgress]:
        """Fetch a model, telling how far it is; a pull that was cancelled goes on where it stopped.

        Raises:
            ModelUnavailableError: the registry or Ollama cannot be reached, or it broke off.
            ModelRefusedError: no name of a model. ModelNotFoundError: the registry has no such model.
        """
        done = False
        body = {"model": model, "stream": True}
        with closing(self._client.lines("/api/pull", body, PullProgress, Watch(timeout, cancelled))) as lines:
            for progress in lines:
                done = progress.status == "success"
                yield progress
        with self._lock:
            self._digests_until = 0.0
        if not done:
            raise self._client.broke_off()

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _show(self, model: str, watch: Watch) -> Shown:
        """What the server says about a model, asked once per digest."""
        digest = self._digest(model, watch)
        found = self._shown.get(digest) if digest else None
        if found is None:
            try:
                found = self._client.ask("POST", "/api/show", Shown, watch, {"model": model})
            except ModelNotFoundError as error:
                raise self._with_names(error, model) from None
            if digest:
                self._shown[digest] = found
        return found

    def _digest(self, model: str, watch: Watch) -> str | None:
        """The digest behind a name; None for a name that is not in the list."""
        with self._lock:
            fresh = time.monotonic() < self._digests_until and _tagged(model) in self._digests
        if not fresh:
            self._tags(watch)
        return self._digests.get(_tagged(model))

    def _tags(self, watch: Watch) -> list[ModelInfo]:
        listed = [entry.info(self.name) for entry in self._client.ask("GET", "/api/tags", Tags, watch).models]
        with self._lock:
            self._digests = {info.model: info.digest for info in listed if info.digest}
            self._digests_until = time.monotonic() + TAGS_SECONDS
        return listed

    def _filled(self, info: ModelInfo) -> ModelInfo:
        shown = self._shown.get(info.digest or "")
        if shown is None:
            return info
        known = {
            "capabilities": info.capabilities or named(shown.capabilities),
            "context_length": info.context_length or shown.context_length,
        }
        return info.model_copy(update=known)

    def _with_names(self, error: ModelNotFoundError, model: str) -> ModelNotFoundError:
        """The error, its hint naming the models that are there."""
        with self._lock:
            self._digests_until = 0.0
        try:
            names = [info.model for info in self._tags(Watch(SHORT_SECONDS))]
        except ModelError:
            names = []  # the first error matters more than that the list is not to be had
        there = f"models that are there: {', '.join(sorted(names)[:20])}; " if names else ""
        return ModelNotFoundError(error.message, hint=f"{there}get it with `ollama pull {model}`")


def _gathered(chunks: Iterator[Chunk]) -> tuple[str, Chunk | None]:
    """The whole text and the last chunk; None in its place if the stream ended before it."""
    pieces: list[str] = []
    size = 0
    for chunk in chunks:
        pieces.append(chunk.message.content)
        size += len(chunk.message.content)
        if size > MAX_ANSWER:
            cut = "".join(pieces)[:MAX_ANSWER]
            raise AnswerError(f"the answer is longer than {MAX_ANSWER:,} characters", hint="set max_tokens", answer=cut)
        if chunk.done:
            return "".join(pieces), chunk
    return "", None


def _answer(request: ModelRequest, raw: str, last: Chunk, num_ctx: int) -> ModelAnswer:
    """The answer as a record, or the reason why it cannot be used."""
    text = without_thoughts(raw)
    counted = last.prompt_eval_count
    if counted is not None and counted < 0.5 * fewest_tokens(request):
        raise ContextOverflowError(
            f"the server read {counted} tokens of a prompt that has at least {fewest_tokens(request)}",
            hint="raise the context size, or shorten it",
        )
    if last.done_reason == "length":
        full = (counted or 0) + (last.eval_count or 0) >= num_ctx
        limit = f"the context of {num_ctx} tokens is full" if full else "max_tokens is reached"
        hint = "raise the context size, or shorten the prompt" if full else "raise max_tokens"
        raise AnswerError(f"the answer was cut off: {limit}", hint=hint, answer=text)
    if not text:
        raise AnswerError("the answer is empty", hint="try again, or choose another model; a model that thinks may need more max_tokens")
    return ModelAnswer(
        text=text,
        finish_reason=last.done_reason or "stop",
        prompt_tokens=counted,
        completion_tokens=last.eval_count,
        total_ms=None if last.total_duration is None else last.total_duration / MS,
        load_ms=None if last.load_duration is None else last.load_duration / MS,
    )


def _tagged(model: str) -> str:
    """A name as the list has it: with its tag."""
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"
