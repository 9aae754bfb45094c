import socket

import numpy as np
import pytest

from core.embeddings.ollama import OllamaEmbedder
from core.errors import AnswerError, ContextOverflowError, ModelNotFoundError, ModelUnavailableError
from tests.standins.ollama import Behavior, Fault, StandIn


@pytest.fixture
def ollama():
    with StandIn() as server:
        yield server


@pytest.fixture
def opened():
    made = []

    def open_one(url, model="nomic-embed-text", seconds=30.0):
        made.append(OllamaEmbedder(f"ollama/{model}", model=model, base_url=url, timeout_seconds=seconds))
        return made[-1]

    yield open_one
    for embedder in made:
        embedder.close()


def test_texts_go_out_in_batches_never_to_be_cut_off(ollama, opened):
    rows = opened(ollama.url).encode([f"text {number}" for number in range(150)])
    bodies = ollama.bodies("/api/embed")
    assert rows.shape == (150, 128)
    assert [len(body["input"]) for body in bodies] == [1, 64, 64, 22]
    assert all(body["truncate"] is False and body["model"] == "nomic-embed-text" for body in bodies)


def test_the_digest_is_the_servers_for_the_default_tag(ollama, opened):
    assert opened(ollama.url).digest == opened(ollama.url, "nomic-embed-text:latest").digest


def test_a_text_longer_than_the_model_reads_is_refused(ollama, opened):
    with pytest.raises(ContextOverflowError, match="longer than"):
        opened(ollama.url).encode(["pump " * 50_000])


def test_an_absent_model_says_how_to_fetch_it(ollama, opened):
    for ask in (lambda embedder: embedder.encode(["x"]), lambda embedder: embedder.digest):
        with pytest.raises(ModelNotFoundError) as caught:
            ask(opened(ollama.url, "absent"))
        assert "ollama pull absent" in caught.value.hint


def test_a_server_that_is_not_there_says_how_to_start_it(opened):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ModelUnavailableError, match="cannot be reached") as caught:
        opened(url).encode(["x"])
    assert "ollama serve" in caught.value.hint


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SERVER_ERROR, ModelUnavailableError),
        (Fault.BUSY, ModelUnavailableError),
        (Fault.RATE_LIMITED, ModelUnavailableError),
        (Fault.REDIRECT, ModelUnavailableError),
        (Fault.RESET, ModelUnavailableError),
        (Fault.HANG, ModelUnavailableError),
        (Fault.HTML, AnswerError),
        (Fault.WRONG_TYPES, AnswerError),
    ],
)
def test_every_failure_of_the_server_is_an_error_of_ours(ollama, opened, fault, error):
    ollama.behave(Behavior(schedule=dict.fromkeys(range(1, 20), fault)))
    with pytest.raises(error) as caught:
        opened(ollama.url, seconds=1.0).encode(["x"])
    assert caught.value.hint


def test_after_a_failure_in_the_middle_the_next_call_is_whole(ollama, opened):
    embedder = opened(ollama.url)
    before = embedder.encode(["pump"])
    ollama.behave(Behavior(schedule={1: Fault.BUSY}))
    with pytest.raises(ModelUnavailableError):
        embedder.encode(["pump"])
    np.testing.assert_array_equal(embedder.encode(["pump"]), before)
