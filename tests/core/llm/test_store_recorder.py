import pytest

from core.errors import ModelNotFoundError
from core.llm.recorder import StoreRecorder
from core.records.base import text_hash
from core.records.models import Call, Message, ModelRequest, Text, UseCase
from core.workbench import Workbench

ASKED = ModelRequest(
    model="builtin/in-context",
    messages=(Message(role="user", content="Name people and places.\n```\nMarie Curie worked in Paris.\n```"),),
)


def ask(bench: Workbench, recorder: StoreRecorder, request: ModelRequest = ASKED) -> str:
    return bench.gateway.complete(UseCase.ENTITY_EXTRACTION, request, recorder=recorder).call.id


def test_a_request_made_again_by_a_later_process_gets_a_number_of_its_own(bench: Workbench) -> None:
    ids = []
    for _ in range(6):  # a recorder each, as each command has its own
        recorder = StoreRecorder(bench.store)
        _failing(bench, recorder)
        ids.append(max(call.occurrence for call in bench.store.page(Call)))
    assert ids == [1, 2, 3, 4, 5, 6]


def test_two_that_ask_at_the_same_moment_both_arrive(bench: Workbench) -> None:
    first, second = StoreRecorder(bench.store), StoreRecorder(bench.store)
    assert first.occurrence("f" * 64) == second.occurrence("f" * 64) == 1
    call = Call(
        id=f"free/{'f' * 32}/1", use_case=UseCase.ENTITY_EXTRACTION, provider="builtin", model="in-context", request_hash="f" * 64,
        prompt_ref=text_hash("hello"),
    )  # fmt: skip
    first.record(call, "hello", "yes")
    second.record(call, "hello", "yes")
    assert sorted(each.occurrence for each in bench.store.page(Call)) == [1, 2]
    assert bench.store.check() == []


def test_a_failed_call_is_on_record_with_its_reason(bench: Workbench) -> None:
    _failing(bench, StoreRecorder(bench.store))
    call = bench.store.page(Call)[0]
    assert (call.error_kind, call.answer_ref) == ("ModelNotFoundError", None)
    prompt = bench.store.get(Text, call.prompt_ref)
    assert prompt is not None
    assert "Marie Curie" in prompt.content


def test_what_a_run_has_on_record_can_be_read_back(bench: Workbench) -> None:
    digest, run = "e" * 64, "machines_20260101_000000"
    recorder = StoreRecorder(bench.store, run)
    call = Call(
        id=f"{run}/{'e' * 32}/1", use_case=UseCase.TRAINING_TASK, run_id=run, provider="builtin", model="in-context", request_hash=digest,
        prompt_ref=text_hash("hello"),
    )  # fmt: skip
    recorder.record(call, "hello", "yes")
    found = StoreRecorder(bench.store, run).recorded(digest, 1)
    assert found is not None
    assert found.answer == "yes"
    assert StoreRecorder(bench.store, run).recorded(digest, 2) is None
    assert StoreRecorder(bench.store).recorded(digest, 1) is None


def _failing(bench: Workbench, recorder: StoreRecorder) -> None:
    with pytest.raises(ModelNotFoundError):
        ask(bench, recorder, ASKED.model_copy(update={"model": "builtin/other"}))
