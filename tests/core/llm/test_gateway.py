"""The one way to a model: tries, waits, prices, replays and places."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import (
    AnswerError,
    CallCancelledError,
    ContextOverflowError,
    ModelError,
    ModelNotFoundError,
    ModelRefusedError,
    ModelUnavailableError,
    UnknownNameError,
)
from core.llm.gateway import LONGEST_WAIT_SECONDS, Gateway, RecordedCall
from core.llm.use_cases import DEFAULTS
from core.records.models import Call, ModelRequest, Parameters, UseCase
from tests.standins.training import FakeModel, said


class Memory:
    """A recorder that keeps everything in lists."""

    run_id = "run"

    def __init__(self, known: dict[tuple[str, int], RecordedCall] | None = None) -> None:
        self.calls: list[Call] = []
        self.answers: list[str | None] = []
        self._known, self._seen = known or {}, dict[str, int]()

    def occurrence(self, request_hash: str) -> int:
        self._seen[request_hash] = self._seen.get(request_hash, 0) + 1
        return self._seen[request_hash]

    def recorded(self, request_hash: str, occurrence: int) -> RecordedCall | None:
        return self._known.get((request_hash, occurrence))

    def begin(self, call: Call, prompt: str) -> None:
        """Nobody watches."""

    def record(self, call: Call, prompt: str, answer: str | None) -> None:
        self.calls.append(call)
        self.answers.append(answer)


def failing_first(times: int, error: Callable[[], ModelError]) -> FakeModel:
    def answer(request: ModelRequest) -> str:
        if len(model.requests) <= times:
            raise error()
        return "fine"

    model = FakeModel(answer)
    return model


def gateway_to(model: FakeModel, *, retries: int = 2) -> tuple[Gateway, list[float]]:
    waits: list[float] = []
    return Gateway({"fake": model}, retries=retries, pause=waits.append), waits


def request(text: str = "Who?", **parameters: Any) -> ModelRequest:
    return ModelRequest(model="fake/one", messages=said(text), parameters=Parameters.model_validate(parameters))


def test_a_passing_failure_is_tried_again_with_growing_waits_and_counted() -> None:
    model, memory = failing_first(2, lambda: ModelUnavailableError("busy")), Memory()
    gateway, waits = gateway_to(model)
    assert gateway.complete(UseCase.TRAINING_TASK, request(), recorder=memory).text == "fine"
    assert len(model.requests) == 3
    assert waits == [0.5, 1.0]
    assert [call.retries for call in memory.calls] == [2], "three tries are one call"


def test_tries_are_bounded_and_the_last_failure_is_the_callers() -> None:
    model, memory = failing_first(99, lambda: ModelUnavailableError("busy")), Memory()
    gateway, _ = gateway_to(model, retries=3)
    with pytest.raises(ModelUnavailableError, match="busy"):
        gateway.complete(UseCase.TRAINING_TASK, request(), recorder=memory)
    assert len(model.requests) == 4
    [call] = memory.calls
    assert (call.error, call.error_kind, call.retries, call.answer_ref, call.usd) == ("busy", "ModelUnavailableError", 3, None, None)


@pytest.mark.parametrize(("asked", "waited"), [(0.0, 0.0), (7.0, 7.0), (3600.0, LONGEST_WAIT_SECONDS)])
def test_the_wait_is_what_the_server_asks_for_within_reason(asked: float, waited: float) -> None:
    gateway, waits = gateway_to(failing_first(1, lambda: ModelUnavailableError("slow down", retry_after=asked)))
    gateway.complete(UseCase.TRAINING_TASK, request(), recorder=Memory())
    assert waits == [waited]


@pytest.mark.parametrize("kind", [CallCancelledError, ModelNotFoundError, ModelRefusedError, ContextOverflowError, AnswerError])
def test_what_would_fail_alike_is_never_tried_again(kind: type[ModelError]) -> None:
    model, memory = failing_first(99, lambda: kind("no")), Memory()
    gateway, waits = gateway_to(model)
    with pytest.raises(kind):
        gateway.complete(UseCase.TRAINING_TASK, request(), recorder=memory)
    assert len(model.requests) == 1
    assert waits == []


def test_a_wait_ends_when_the_answer_is_no_longer_wanted() -> None:
    model = failing_first(99, lambda: ModelUnavailableError("slow down", retry_after=20))
    gateway, waits = gateway_to(model, retries=1)
    with pytest.raises(ModelUnavailableError):
        gateway.complete(UseCase.TRAINING_TASK, request(), recorder=Memory(), cancelled=lambda: len(waits) >= 2)
    assert sum(waits) < 1


def test_an_unusable_answer_is_kept_with_the_failure() -> None:
    model, memory = failing_first(99, lambda: AnswerError("cut off", answer='{"entities": [')), Memory()
    gateway, _ = gateway_to(model)
    with pytest.raises(AnswerError):
        gateway.complete(UseCase.TRAINING_TASK, request(), recorder=memory)
    assert memory.answers == ['{"entities": [']
    assert memory.calls[0].answer_ref is not None


@pytest.mark.parametrize(("price", "usd"), [((1.0, 3.0), 0.004), ((0.0, 0.0), 0.0), (None, None)])
def test_an_unknown_price_is_unknown_and_a_free_model_costs_nothing(price: tuple[float, float] | None, usd: float | None) -> None:
    memory = Memory()
    gateway, _ = gateway_to(FakeModel(lambda request: "fine", price=price))
    gateway.complete(UseCase.TRAINING_TASK, request(), recorder=memory)
    assert memory.calls[0].usd == (pytest.approx(usd) if usd is not None else None)


@pytest.mark.parametrize("kind", [ModelUnavailableError, ModelNotFoundError, ModelRefusedError, ContextOverflowError, AnswerError])
def test_a_recorded_failure_fails_in_the_same_way_without_a_call(kind: type[ModelError]) -> None:
    first = Memory()
    gateway, _ = gateway_to(failing_first(99, lambda: kind("said so")), retries=0)
    with pytest.raises(kind):
        gateway.complete(UseCase.TRAINING_TASK, request(), recorder=first)
    [call] = first.calls
    model = FakeModel(lambda request: "fine")
    again, _ = gateway_to(model)
    with pytest.raises(ModelError, match="said so") as caught:
        known = {(call.request_hash, 1): RecordedCall(call=call, answer=None)}
        again.complete(UseCase.TRAINING_TASK, request(), recorder=Memory(known))
    assert type(caught.value) is kind
    assert model.requests == []


def test_a_recorded_answer_is_given_again_without_a_call_and_the_next_occurrence_is_made() -> None:
    first = Memory()
    gateway, _ = gateway_to(FakeModel(lambda request: "fine"))
    done = gateway.complete(UseCase.TRAINING_TASK, request(), recorder=first)
    model = FakeModel(lambda request: "other")
    again, _ = gateway_to(model)
    memory = Memory({(done.call.request_hash, 1): RecordedCall(call=done.call, answer="fine")})
    replayed = again.complete(UseCase.TRAINING_TASK, request(), recorder=memory)
    assert (replayed.text, replayed.replayed, model.requests) == ("fine", True, [])
    new = again.complete(UseCase.TRAINING_TASK, request(), recorder=memory)
    assert (new.text, new.replayed, new.call.occurrence) == ("other", False, 2)


def test_a_provider_is_never_asked_more_at_once_than_it_takes() -> None:
    here = threading.Barrier(3)

    def answer(request: ModelRequest) -> str:
        here.wait(30)
        return "fine"

    model = FakeModel(answer, places=3)
    gateway, _ = gateway_to(model)
    callers = [
        threading.Thread(target=gateway.complete, args=(UseCase.TRAINING_TASK, request(str(n))), kwargs={"recorder": Memory()})
        for n in range(9)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert len(model.requests) == 9
    assert model.most_at_once == 3


def test_a_call_has_its_own_parameters_before_those_of_the_use_case() -> None:
    model, memory = FakeModel(lambda request: "fine"), Memory()
    gateway, _ = gateway_to(model)
    gateway.complete(UseCase.AUGMENTATION, request(temperature=0.0, max_tokens=300), recorder=memory)
    default = DEFAULTS[UseCase.AUGMENTATION]
    sent = model.requests[0].parameters
    assert (sent.temperature, sent.max_tokens, sent.top_k, sent.top_p) == (0.0, 300, default.top_k, default.top_p)
    assert memory.calls[0].parameters == sent, "what was sent is on record"


def test_training_and_extraction_ask_with_the_same_parameters() -> None:
    assert DEFAULTS[UseCase.TRAINING_TASK] == DEFAULTS[UseCase.ENTITY_EXTRACTION]


def test_other_parameters_another_model_or_another_schema_are_another_request() -> None:
    memory = Memory()
    gateway = Gateway({"fake": FakeModel(lambda request: "{}")}, retries=0)
    asked = [request(), request(temperature=0.0), request().model_copy(update={"model": "fake/two"})]
    asked.append(request().model_copy(update={"response_schema": {"type": "object"}}))
    for each in [*asked, request()]:
        gateway.complete(UseCase.TRAINING_TASK, each, recorder=memory)
    hashes = [call.request_hash for call in memory.calls]
    assert len(set(hashes)) == 4
    assert hashes[0] == hashes[-1]


@pytest.mark.parametrize("text", ['{"entities": [{"text": "Ada', '{"entities": ["Ada",', '{"entities"', "{"])
def test_json_that_ends_in_the_middle_is_no_answer(text: str) -> None:
    gateway, _ = gateway_to(FakeModel(lambda request: text))
    with pytest.raises(AnswerError, match="ends in the middle") as caught:
        gateway.complete(UseCase.TRAINING_TASK, request().model_copy(update={"response_schema": {"type": "object"}}), recorder=Memory())
    assert caught.value.answer == text
    assert gateway.complete(UseCase.TRAINING_TASK, request(), recorder=Memory()).text == text, "where no JSON was asked for, it is text"


def test_an_unknown_provider_or_model_is_named_with_those_that_exist() -> None:
    gateway, _ = gateway_to(FakeModel(lambda request: "fine"))
    with pytest.raises(UnknownNameError, match="'nobody'") as caught:
        gateway.complete(UseCase.TRAINING_TASK, request().model_copy(update={"model": "nobody/one"}), recorder=Memory())
    assert "fake" in caught.value.hint
    with pytest.raises(UnknownNameError, match="'two'") as caught:
        gateway.find("fake/two")
    assert "fake/one" in caught.value.hint
    assert gateway.find("fake/one").digest == "d1"
