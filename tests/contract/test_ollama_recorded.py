"""The stand-in for Ollama answers as the real server did: every recorded request again, each answer compared with the recording.

Compared: status, content type, keys and types at every depth, the kinds of lines of a stream, and error texts word for word, as well as
why an answer ended (`done_reason`, `finish_reason`). Tolerated, each for a reason:

- numbers, generated text, vectors, times, digests: another model generates, on another day;
- how many lines a stream, tensors a model, or vectors' entries have: only the kinds of elements of a list are compared;
- the wording of `modelfile` and `template`: the stand-in describes itself.

As in the recording the model was in memory, with a context of 512 tokens, before the first request.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.records.models import ModelAnswer, ModelRequest
from tests.standins.ollama import TINY, StandIn

EXCHANGES = [
    json.loads(line) for line in (Path(__file__).parents[1] / "golden/ollama/exchanges.jsonl").read_text(encoding="utf-8").splitlines()
]
WARM_UP = {"model": "tiny", "stream": False, "messages": [], "options": {"num_ctx": 512}}
VALUES_THAT_COUNT = {"error", "done", "done_reason", "finish_reason", "role", "object", "capabilities", "status", "param", "code", "type"}
"""Keys whose values are part of the protocol and not of one answer."""


def answer(request: ModelRequest) -> ModelAnswer:
    """Valid JSON of about a hundred tokens where a schema asks for entities, and otherwise more than any limit allows."""
    if request.response_schema and "entities" in request.response_schema.get("properties", {}):
        return ModelAnswer(text=json.dumps({"entities": [{"text": "Bonn", "type": "Org"}] * 2}))
    words = "word and " * 400
    return ModelAnswer(text=json.dumps({"text": words}) if request.response_schema else words)


@pytest.fixture(scope="module")
def replayed() -> Iterator[dict[str, httpx.Response]]:
    """Every recorded request sent once, in the recorded order: the state of the server is part of the answers."""
    with StandIn(answer=answer, models=(TINY,)) as ollama, httpx.Client(base_url=ollama.url, trust_env=False) as client:
        client.post("/api/chat", json=WARM_UP)
        yield {exchange["name"]: send(client, exchange["request"]) for exchange in EXCHANGES}


def send(client: httpx.Client, request: dict[str, Any]) -> httpx.Response:
    if "raw" in request:
        return client.request(request["method"], request["path"], content=request["raw"])
    return client.request(request["method"], request["path"], json=request.get("json"))


def body_of(response: httpx.Response) -> Any:
    kind = response.headers["content-type"]
    if kind.startswith("text/plain"):
        return response.text
    if kind == "application/x-ndjson":
        return [json.loads(line) for line in response.text.splitlines()]
    return response.json()


def shape(value: Any, key: str = "") -> Any:
    """A value reduced to what the protocol fixes: types, keys, kinds of list elements, and the values of some keys."""
    if isinstance(value, dict):
        return {name: shape(inner, name) for name, inner in sorted(value.items()) if name != "model_info"} | model_info(value)
    if isinstance(value, list):
        kinds = {json.dumps(shape(inner, key), sort_keys=True) for inner in value}
        return ["list", *sorted(kinds)]
    if key in VALUES_THAT_COUNT:
        return f"={value}"
    return type(value).__name__


def model_info(value: dict[str, Any]) -> dict[str, Any]:
    """The keys of `model_info` are dotted names; they are compared like all others."""
    return {"model_info": {name: type(inner).__name__ for name, inner in value["model_info"].items()}} if "model_info" in value else {}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["name"])
def test_a_recorded_request_is_answered_as_the_real_server_did(exchange: dict[str, Any], replayed: dict[str, httpx.Response]) -> None:
    recorded, response = exchange["response"], replayed[exchange["name"]]
    assert (response.status_code, response.headers["content-type"]) == (recorded["status"], recorded["content_type"])
    body = body_of(response)
    if isinstance(recorded["body"], str):
        assert body == recorded["body"]
    else:
        assert shape(body) == shape(recorded["body"])


def test_all_fifty_recorded_exchanges_are_replayed(replayed: dict[str, httpx.Response]) -> None:
    assert len(replayed) == len(EXCHANGES) == 50


def test_the_golden_copy_is_the_recording() -> None:
    original = Path(__file__).parents[3] / "shared/data/ollama/exchanges.jsonl"
    if not original.exists():
        pytest.skip("the recording that the golden file was copied from is not beside this checkout")
    assert original.read_bytes() == (Path(__file__).parents[1] / "golden/ollama/exchanges.jsonl").read_bytes()


def test_a_changed_context_size_takes_a_load_and_an_unchanged_one_does_not(replayed: dict[str, httpx.Response]) -> None:
    load = {name: replayed[name].json()["load_duration"] for name in ("chat_again_warm", "chat_other_num_ctx", "chat_schema_cut")}
    assert load["chat_other_num_ctx"] > 10 * load["chat_again_warm"]
    assert load["chat_schema_cut"] == load["chat_again_warm"]
    assert [replayed[name].json()["models"][0]["context_length"] for name in ("ps", "ps_1024")] == [512, 1024]


def test_a_prompt_that_is_cut_to_the_context_has_an_empty_answer_and_a_full_count(replayed: dict[str, httpx.Response]) -> None:
    found = replayed["chat_long_default"].json()
    assert (found["message"]["content"], found["prompt_eval_count"]) == ("", 512)


def test_an_answer_that_runs_into_the_context_ends_one_token_past_it(replayed: dict[str, httpx.Response]) -> None:
    found = replayed["chat_fill_context_shift_false"].json()
    recorded = next(exchange for exchange in EXCHANGES if exchange["name"] == "chat_fill_context_shift_false")["response"]["body"]
    assert found["prompt_eval_count"] + found["eval_count"] == recorded["prompt_eval_count"] + recorded["eval_count"] == 513


def test_embeddings_have_length_one(replayed: dict[str, httpx.Response]) -> None:
    for vector in replayed["embed_two"].json()["embeddings"]:
        assert len(vector) == 32
        assert sum(value * value for value in vector) == pytest.approx(1)
