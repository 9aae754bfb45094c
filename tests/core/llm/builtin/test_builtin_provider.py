"""The built-in model as a provider."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import CallCancelledError, ModelNotFoundError, ModelRefusedError
from core.llm.providers.builtin import BuiltinProvider
from core.llm.providers.builtin.memory import Memory
from core.llm.providers.builtin.tokens import count
from core.records.models import Message, ModelRequest


def request(messages, **rest):
    return ModelRequest(model="in-context", messages=messages, **rest)


def test_tokens_are_counted_by_its_own_tokenizer(messages):
    asked = messages("untyped", {"source_text": "Ada Lovelace met Bergen."})
    answer = BuiltinProvider().complete(request(asked))
    assert answer.prompt_tokens == sum(count(one.content) for one in asked)
    assert answer.completion_tokens == count(answer.text)
    assert answer.total_ms is not None and answer.total_ms > 0
    assert answer.finish_reason == "stop"


def test_it_is_one_local_free_model_with_a_digest():
    provider = BuiltinProvider()
    (model,) = provider.models()
    assert (model.id, model.capabilities, model.context_length) == ("builtin/in-context", ("text",), None)
    assert model.digest is not None and len(model.digest) == 64
    assert provider.price("in-context") == (0.0, 0.0)
    assert provider.local and not provider.takes_schema
    assert provider.status().state == "connected"


def test_a_schema_is_answered_with_an_object(messages):
    schema = {"type": "object", "properties": {"entities": {"type": "array", "items": {"type": "string"}}}, "required": ["entities"]}
    answer = BuiltinProvider().complete(request(messages("untyped", {"source_text": "They met Ada Lovelace."}), response_schema=schema))
    assert json.loads(answer.text) == {"entities": ["Ada Lovelace"]}


def test_another_model_is_not_found(messages):
    with pytest.raises(ModelNotFoundError):
        BuiltinProvider().complete(ModelRequest(model="llama", messages=messages("untyped", {"source_text": "x"})))


def test_free_talk_is_refused():
    with pytest.raises(ModelRefusedError):
        BuiltinProvider().complete(request((Message(role="user", content="How are you?"),)))


def test_a_cancelled_request_is_not_worked_on(messages):
    with pytest.raises(CallCancelledError):
        BuiltinProvider().complete(request(messages("untyped", {"source_text": "x"})), cancelled=lambda: True)


def test_many_threads_get_the_answers_of_one(messages, brewery):
    provider = BuiltinProvider()
    asked = [request(messages("typed", {"source_text": one["source_text"]}, brewery[:4])) for one in brewery]
    alone = [provider.complete(one).text for one in asked]
    with ThreadPoolExecutor(8) as pool:
        together = [answer.text for answer in pool.map(provider.complete, asked * 4)]
    assert together == alone * 4


def test_importing_the_registry_side_loads_no_numpy():
    code = "import sys, core.llm.providers.builtin; sys.exit('numpy' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_fresh_process_with_another_hash_seed_gives_the_same_answer(messages, brewery):
    asked = request(messages("typed", {"source_text": brewery[-1]["source_text"]}, brewery[:6]))
    here = BuiltinProvider().complete(asked).text
    code = (
        "import sys; from core.llm.providers.builtin import BuiltinProvider; from core.records.models import ModelRequest; "
        "sys.stdout.write(BuiltinProvider().complete(ModelRequest.model_validate_json(sys.stdin.read())).text)"
    )
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", code],
            input=asked.model_dump_json(),
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout == here


def test_memory_fits_once_per_key_and_forgets_the_oldest():
    fits = []

    def fit(name):
        return lambda: fits.append(name) or name

    memory = Memory(2)
    for name in ("a", "b", "a", "c", "a", "b"):
        assert memory.get(name, fit(name)) == name
    assert fits == ["a", "b", "c", "b"]
    assert len(memory) == 2
