"""Every way in which Ollama can fail ends in the error that says so, in bounded time, and never in an answer."""

import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from core.errors import (
    AnswerError,
    ContextOverflowError,
    InvalidValueError,
    ModelError,
    ModelNotFoundError,
    ModelRefusedError,
    ModelUnavailableError,
)
from core.llm.providers.ollama import OllamaProvider
from core.llm.providers.ollama_errors import retry_after
from core.records.models import Message, ModelAnswer, ModelRequest, Parameters
from tests.standins.ollama import Behavior, Fault, StandIn

TEXT = '{"names": ["Ada Lovelace", "Charles Babbage"]}'
BOUND = 30
"""Seconds within which any failure must show; far above what they take, so that a slow machine does not fail, far below a hang."""

Connect = Callable[..., OllamaProvider]


def ask(text: str = "Who?", **parameters: object) -> ModelRequest:
    return ModelRequest(model="tiny", messages=(Message(role="user", content=text),), parameters=Parameters.model_validate(parameters))


@pytest.fixture
def ollama() -> Iterator[StandIn]:
    with StandIn(answer=lambda request: ModelAnswer(text=TEXT)) as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes providers for an address, and closes them."""
    with ExitStack() as stack:

        def made(url: str, **options: Any) -> OllamaProvider:
            return stack.enter_context(closing(OllamaProvider(base_url=url, **options)))

        yield made


@pytest.fixture
def provider(ollama: StandIn, connect: Connect) -> OllamaProvider:
    return connect(ollama.url, timeout=20)


def failure(provider: OllamaProvider, request: ModelRequest | None = None) -> ModelError:
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        provider.complete(request or ask())
    assert time.monotonic() - began < BOUND
    assert caught.value.message and caught.value.hint, "an error says what happened and what to do"
    return caught.value


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        (Fault.SERVER_ERROR, ModelUnavailableError, "status 500: llama runner process has terminated"),
        (Fault.BUSY, ModelUnavailableError, "status 503: server busy, please try again. maximum pending requests exceeded"),
        (Fault.RATE_LIMITED, ModelUnavailableError, "status 429"),
        (Fault.UNAUTHORIZED, ModelRefusedError, "status 401"),
        (Fault.REDIRECT, ModelUnavailableError, "redirect"),
        (Fault.RESET, ModelUnavailableError, "broke off"),
        (Fault.RESET_MIDWAY, ModelUnavailableError, "broke off"),
        (Fault.CUT_BODY, ModelUnavailableError, "broke off"),
        (Fault.ERROR_IN_STREAM, ModelUnavailableError, "an error was encountered while running the model"),
        (Fault.EVICTED, ModelNotFoundError, "not found"),
        (Fault.HTML, AnswerError, "not with Ollama's JSON"),
        (Fault.EMPTY, AnswerError, "empty"),
        (Fault.THINK_UNCLOSED, AnswerError, "empty"),
        (Fault.WRONG_TYPES, AnswerError, "not with Ollama's JSON"),
        (Fault.HUGE, AnswerError, "longer than 1,000,000 characters"),
        (Fault.ENDLESS_LINE, AnswerError, "longer than 4,000,000 bytes"),
    ],
)
def test_a_fault_is_told_as_what_it_is(ollama: StandIn, provider: OllamaProvider, fault: Fault, kind: type[ModelError], says: str) -> None:
    ollama.behave(Behavior(always=fault))
    error = failure(provider)
    assert type(error) is kind
    assert says in error.message
    ollama.behave(Behavior())
    assert provider.complete(ask()).text == TEXT, "the next call works"


@pytest.mark.parametrize("fault", [Fault.THINK_AROUND, Fault.THINK_INSIDE, Fault.THINK_UNOPENED])
def test_thoughts_in_the_text_do_not_reach_the_caller(ollama: StandIn, provider: OllamaProvider, fault: Fault) -> None:
    ollama.behave(Behavior(always=fault))
    assert provider.complete(ask()).text == TEXT


@pytest.mark.parametrize("behavior", [Behavior(always=Fault.HANG), Behavior(always=Fault.HANG_MIDWAY), Behavior(drip=0.25)])
def test_a_server_that_hangs_or_drips_is_left_when_the_time_is_over(ollama: StandIn, connect: Connect, behavior: Behavior) -> None:
    ollama.behave(behavior)
    provider = connect(ollama.url, timeout=1)
    error = failure(provider)
    assert isinstance(error, ModelUnavailableError)
    assert "not done after 1 s" in error.message


def test_a_slow_answer_within_the_time_is_an_answer(ollama: StandIn, provider: OllamaProvider) -> None:
    ollama.behave(Behavior(latency=0.3, drip=0.01))
    assert provider.complete(ask()).text == TEXT


def test_an_answer_cut_off_by_max_tokens_is_kept_in_the_error(connect: Connect) -> None:
    with StandIn(answer=lambda request: ModelAnswer(text="abc " * 500)) as ollama:
        error = failure(connect(ollama.url), ask(max_tokens=256))
    assert isinstance(error, AnswerError)
    assert error.answer == ("abc " * 64).strip()
    assert "max_tokens" in error.hint


def test_an_answer_that_fills_the_context_says_so(connect: Connect) -> None:
    with StandIn(answer=lambda request: ModelAnswer(text="abc " * 500)) as ollama:
        error = failure(connect(ollama.url), ask("a " * 200, context_size=512))
    assert isinstance(error, AnswerError)
    assert "context of 512 tokens is full" in error.message


def test_a_prompt_longer_than_the_context_is_refused_and_not_cut(ollama: StandIn, provider: OllamaProvider) -> None:
    error = failure(provider, ask("abcdefghij " * 400, context_size=512))
    assert isinstance(error, ContextOverflowError)
    assert "the input length exceeds the context length" in error.message


def test_a_server_that_counted_only_a_part_of_the_prompt_is_not_believed(ollama: StandIn, provider: OllamaProvider) -> None:
    ollama.behave(Behavior(always=Fault.SHORT_COUNT))
    assert isinstance(failure(provider, ask("one two three " * 30)), ContextOverflowError)


def test_a_model_evicted_in_the_middle_of_a_run_is_missed_from_then_on(ollama: StandIn, provider: OllamaProvider) -> None:
    ollama.behave(Behavior(evict_from=3))
    assert [provider.complete(ask()).text for _ in range(2)] == [TEXT, TEXT]
    error = failure(provider)
    assert isinstance(error, ModelNotFoundError)
    assert "qwen3:32b" in error.hint


def test_nothing_is_tried_twice(ollama: StandIn, provider: OllamaProvider) -> None:
    ollama.behave(Behavior(schedule={1: Fault.BUSY}))
    failure(provider)
    assert len(ollama.bodies("/api/chat")) == 1


def test_a_redirect_is_not_followed(ollama: StandIn, provider: OllamaProvider) -> None:
    ollama.behave(Behavior(always=Fault.REDIRECT))
    assert "169.254" not in failure(provider).message


def test_a_page_is_not_quoted_in_the_error(ollama: StandIn, provider: OllamaProvider) -> None:
    ollama.behave(Behavior(always=Fault.HTML))
    assert "Sign in" not in str(failure(provider))


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.RATE_LIMITED])
@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), (None, None), ("soon", None)])
def test_the_time_to_wait_is_passed_on(
    ollama: StandIn, provider: OllamaProvider, fault: Fault, header: str | None, seconds: float | None
) -> None:
    ollama.behave(Behavior(always=fault, retry_after=header))
    error = failure(provider)
    assert isinstance(error, ModelUnavailableError)
    assert error.retry_after == seconds


def test_a_time_to_wait_may_be_a_date() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    seconds = retry_after(httpx.Headers({"retry-after": then}))
    assert seconds is not None and 3000 < seconds <= 3600
    assert retry_after(httpx.Headers({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0


def test_nobody_listening_is_told_with_how_to_start_ollama(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    provider = connect(f"http://127.0.0.1:{port}")
    error = failure(provider)
    assert isinstance(error, ModelUnavailableError)
    assert "ollama serve" in error.hint and "OLLAMA_BASE_URL" in error.hint
    assert provider.status().state == "disconnected"
    with pytest.raises(ModelUnavailableError):
        provider.models()


def test_a_server_that_accepts_and_is_silent_is_disconnected(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        provider = connect(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert provider.status().state == "disconnected"


def test_a_server_that_is_no_ollama_has_the_status_of_an_error(ollama: StandIn, connect: Connect) -> None:
    assert connect(f"{ollama.url}/elsewhere").status().state == "error"


def test_a_seeded_series_of_failures_repeats_itself(connect: Connect) -> None:
    def series() -> list[str]:
        behavior = Behavior(chances={Fault.BUSY: 0.3, Fault.EMPTY: 0.3}, seed=11)
        with StandIn(answer=lambda request: ModelAnswer(text=TEXT), behavior=behavior) as ollama:
            return [outcome(connect(ollama.url).complete) for _ in range(12)]

    first = series()
    assert first == series()
    assert set(first) == {"answer", "ModelUnavailableError", "AnswerError"}


def outcome(call: Callable[[ModelRequest], ModelAnswer]) -> str:
    try:
        call(ask())
    except ModelError as error:
        return type(error).__name__
    return "answer"


def test_a_password_in_the_address_is_in_no_message_and_no_frame() -> None:
    secret = "CANARY" + "7e1b9"
    with pytest.raises(InvalidValueError) as caught:
        OllamaProvider(base_url=f"http://user:{secret}@127.0.0.1:11434/?key={secret}")
    assert secret not in caught.value.message + caught.value.hint + repr(caught.value)
    frames = list(traceback.walk_tb(caught.value.__traceback__))[1:]  # the first one is this test
    assert frames
    for frame, _ in frames:
        assert secret not in repr(frame.f_locals)
