"""The provider for Ollama against a server that speaks its protocol: what is sent, what is made of the answer, what is listed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from core.errors import CallCancelledError, ModelNotFoundError, ModelRefusedError, ModelUnavailableError
from core.llm.providers.ollama import OllamaProvider
from core.llm.thoughts import without_thoughts
from core.records.models import Message, ModelAnswer, ModelRequest, Parameters
from tests.standins.ollama import DEFAULT_MODELS, Behavior, Fault, ServedModel, StandIn

TEXT = "Ada Lovelace wrote to Charles Babbage."
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"names": {"type": "array", "items": {"type": "string"}}},
    "required": ["names"],
}

Connect = Callable[..., OllamaProvider]


def say(text: str) -> Callable[[ModelRequest], ModelAnswer]:
    return lambda request: ModelAnswer(text=text)


def ask(
    model: str = "qwen3:32b", *, text: str = "Who wrote to whom?", schema: dict[str, object] | None = None, **parameters: object
) -> ModelRequest:
    messages = (Message(role="system", content="Answer briefly."), Message(role="user", content=text))
    return ModelRequest(model=model, messages=messages, parameters=Parameters.model_validate(parameters), response_schema=schema)


@pytest.fixture
def ollama() -> Iterator[StandIn]:
    with StandIn(answer=say(TEXT)) as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes providers for a server, and closes them."""
    with ExitStack() as stack:

        def made(server: StandIn, **options: Any) -> OllamaProvider:
            return stack.enter_context(closing(OllamaProvider(base_url=server.url, **options)))

        yield made


@pytest.fixture
def provider(ollama: StandIn, connect: Connect) -> OllamaProvider:
    return connect(ollama, timeout=20)


def test_an_answer_carries_its_text_counts_and_milliseconds(provider: OllamaProvider) -> None:
    answer = provider.complete(ask())
    assert (answer.text, answer.finish_reason) == (TEXT, "stop")
    assert answer.prompt_tokens is not None and answer.prompt_tokens > 5
    assert answer.completion_tokens is not None and answer.completion_tokens > 5
    assert answer.load_ms == 280.0, "nanoseconds on the wire, milliseconds in the record"
    assert answer.total_ms is not None and 280 < answer.total_ms < 20_000


def test_every_parameter_reaches_the_wire_under_ollamas_name(ollama: StandIn, provider: OllamaProvider) -> None:
    provider.complete(
        ask(
            temperature=0.2,
            top_k=20,
            top_p=0.7,
            max_tokens=4096,
            repeat_penalty=1.1,
            context_size=2048,
            seed=5,
            stop=("###",),
            schema=SCHEMA,
        )
    )
    (body,) = ollama.bodies("/api/chat")
    assert body["options"] == {
        "temperature": 0.2,
        "top_k": 20,
        "top_p": 0.7,
        "num_predict": 4096,
        "repeat_penalty": 1.1,
        "num_ctx": 2048,
        "seed": 5,
        "stop": ["###"],
    }
    assert body["format"] == SCHEMA
    assert body["messages"] == [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "Who wrote to whom?"}]


def test_what_differs_between_versions_is_sent_even_when_nobody_set_it(ollama: StandIn, provider: OllamaProvider) -> None:
    provider.complete(ask())
    (body,) = ollama.bodies("/api/chat")
    assert body["options"] == {"num_ctx": 8192, "repeat_penalty": 1.0}
    assert (body["truncate"], body["shift"], body["think"], body["keep_alive"], body["stream"]) == (False, False, False, "5m", True)
    assert "format" not in body


def test_keep_alive_thinking_and_context_are_configurable(ollama: StandIn, connect: Connect) -> None:
    provider = connect(ollama, keep_alive=-1, think=True, context_size=4096, concurrency=3)
    assert provider.complete(ask()).text == TEXT, "thoughts come in a field of their own and are no part of the answer"
    (body,) = ollama.bodies("/api/chat")
    assert (body["keep_alive"], body["think"], body["options"]["num_ctx"], provider.max_concurrency) == (-1, True, 4096, 3)


def test_no_more_context_is_asked_for_than_the_model_was_built_for(ollama: StandIn, provider: OllamaProvider) -> None:
    provider.complete(ask("tiny", context_size=16_384))
    assert ollama.bodies("/api/chat")[0]["options"]["num_ctx"] == 2048
    assert provider.loaded()[0].context_length == 2048


def test_the_context_length_is_asked_once_per_model_and_not_once_per_call(ollama: StandIn, provider: OllamaProvider) -> None:
    for _ in range(3):
        provider.complete(ask())
    provider.complete(ask("tiny"))
    assert [body["model"] for body in ollama.bodies("/api/show")] == ["qwen3:32b", "tiny"]
    assert len(ollama.bodies("/api/chat")) == 4


def test_calls_with_different_prompts_do_not_reload_the_model(provider: OllamaProvider) -> None:
    provider.complete(ask())
    assert provider.complete(ask(text="And why?", temperature=0.9)).load_ms == 1.5


def test_a_missing_model_is_named_with_those_that_are_there(provider: OllamaProvider) -> None:
    with pytest.raises(ModelNotFoundError, match="nope") as caught:
        provider.complete(ask("nope"))
    assert "qwen3:32b" in caught.value.hint and "ollama pull nope" in caught.value.hint


def test_a_call_without_a_model_is_a_missing_model(provider: OllamaProvider) -> None:
    with pytest.raises(ModelNotFoundError):
        provider.complete(ask(""))


def test_thinking_asked_of_a_model_that_cannot_is_refused(ollama: StandIn, connect: Connect) -> None:
    with pytest.raises(ModelRefusedError, match="does not support thinking"):
        connect(ollama, think=True).complete(ask("tiny"))


def test_a_bad_schema_is_refused_and_no_failure_of_the_server(provider: OllamaProvider) -> None:
    with pytest.raises(ModelRefusedError, match="invalid JSON schema"):
        provider.complete(ask(schema={"type": "nonsense"}))


def test_models_are_listed_with_size_date_and_digest(provider: OllamaProvider) -> None:
    listed = {info.model: info for info in provider.models()}
    assert set(listed) == {model.name for model in DEFAULT_MODELS}
    tiny = listed["tiny:latest"]
    assert (tiny.id, tiny.size_bytes, len(tiny.digest or "")) == ("ollama/tiny:latest", 116_536, 64)
    assert tiny.modified_at is not None and tiny.modified_at.utcoffset() is not None
    assert (tiny.capabilities, tiny.context_length) == ((), None), "this server's list does not tell, so it is unknown"


def test_a_described_model_has_its_capabilities_and_context_length_also_in_the_list(ollama: StandIn, provider: OllamaProvider) -> None:
    info = provider.describe("qwen3-vl:32b")
    assert (info.context_length, info.capabilities) == (40_960, ("text", "vision", "tools", "thinking"))
    assert info in provider.models()
    assert len(ollama.bodies("/api/show")) == 1


def test_the_status_tells_the_version_of_a_server_that_answers(provider: OllamaProvider) -> None:
    status = provider.status()
    assert (status.state, status.message) == ("connected", "Ollama 0.24.0")


def test_a_local_model_costs_nothing(provider: OllamaProvider) -> None:
    assert (provider.price("qwen3:32b"), provider.local, provider.takes_schema) == ((0.0, 0.0), True, True)


def test_an_unloaded_model_leaves_the_memory(provider: OllamaProvider) -> None:
    provider.complete(ask("tiny"))
    provider.unload("tiny")
    provider.loaded()  # the first look after it may still list the model
    assert provider.loaded() == []


def test_a_pull_tells_its_progress_and_then_the_model_is_there(connect: Connect) -> None:
    new = ServedModel(name="small:1b", size=4000)
    with StandIn(answer=say(TEXT), pullable=(new,)) as ollama:
        provider = connect(ollama)
        assert "small:1b" not in {info.model for info in provider.models()}
        seen = list(provider.pull("small:1b"))
        assert provider.complete(ask("small:1b")).text == TEXT
    assert [progress.completed for progress in seen if progress.total == 4000] == [None, 1000, 2000, 3000, 4000]
    assert seen[-1].status == "success"


def test_a_pull_that_cannot_reach_its_registry_fails_though_the_status_is_200(provider: OllamaProvider) -> None:
    with pytest.raises(ModelUnavailableError, match="no such host"):
        list(provider.pull("llama3.2:1b"))


def test_a_pull_of_no_name_is_refused(provider: OllamaProvider) -> None:
    with pytest.raises(ModelRefusedError, match="invalid model name"):
        list(provider.pull("../x"))


@pytest.mark.parametrize("behavior", [Behavior(always=Fault.HANG), Behavior(always=Fault.HANG_MIDWAY), Behavior(drip=0.05)])
def test_a_cancelled_call_ends_while_the_model_is_silent_or_slow(ollama: StandIn, connect: Connect, behavior: Behavior) -> None:
    ollama.behave(behavior)
    provider = connect(ollama, timeout=250)
    looks = []

    def cancelled() -> bool:
        if ollama.bodies("/api/chat"):
            looks.append(1)
        return len(looks) > 3

    with pytest.raises(CallCancelledError):
        provider.complete(ask(), cancelled=cancelled)
    ollama.behave(Behavior())
    assert provider.complete(ask()).text == TEXT, "the provider is as good as before"


def test_a_call_that_nobody_wants_is_not_sent(ollama: StandIn, provider: OllamaProvider) -> None:
    with pytest.raises(CallCancelledError):
        provider.complete(ask(), cancelled=lambda: True)
    assert ollama.bodies("/api/chat") == []


def test_calls_from_several_threads_do_not_mix(connect: Connect) -> None:
    with StandIn(answer=lambda request: ModelAnswer(text=f"you said {request.messages[-1].content}")) as ollama:
        provider = connect(ollama, timeout=60)
        answers: dict[int, str] = {}

        def call(number: int) -> None:
            answers[number] = provider.complete(ask(text=f"number {number}")).text

        threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: f"you said number {number}" for number in range(8)}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<think>hm</think>yes", "yes"),
        ('<think>hm\n{}</think>\n\n{"a": 1}', '{"a": 1}'),
        ("ye<think>hm</think>s", "yes"),
        ("hm, what</think> yes", "yes"),
        ("<think>never done", ""),
        ("<think></think>", ""),
        ('{"text": "<think>quoted</think>"}', '{"text": "<think>quoted</think>"}'),
        ("  plain \n", "plain"),
    ],
)
def test_thoughts_are_taken_out_unless_they_are_quoted_in_json(raw: str, text: str) -> None:
    assert without_thoughts(raw) == text
