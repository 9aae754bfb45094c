"""What every embedder does. Those that need a download are left out; Ollama is its stand-in."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.embeddings.base import Embedder
from core.embeddings.cache import CachedEmbedder
from core.embeddings.embedders import embedders, open_embedder
from core.errors import ContextOverflowError
from core.store.stores import open_store
from tests.standins.ollama import StandIn

TEXTS = ["write-ahead log", "Druckbegrenzungsventil", "", " ", "a\x00b", "日本語 🙂", "e\u0301", "\ud800 lone", "the the the"]


@pytest.fixture(scope="module", params=[*embedders, "ollama/nomic-embed-text"])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    with StandIn() as ollama:
        opened = open_embedder(request.param, ollama_base_url=ollama.url, timeout_seconds=60)
        yield opened
        opened.close()


def test_each_text_gives_a_float32_row_of_length_one(embedder):
    rows = embedder.encode(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), embedder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)


def test_no_texts_give_no_rows_of_the_right_width(embedder):
    rows = embedder.encode([])
    assert rows.shape == (0, embedder.dimensions)
    assert rows.dtype == np.float32


def test_the_same_texts_give_the_same_rows_again(embedder):
    np.testing.assert_array_equal(embedder.encode(TEXTS), embedder.encode(TEXTS))


def test_a_text_has_its_row_whatever_stands_beside_it(embedder):
    texts = [*TEXTS, *(f"pump {number} " * (number % 40 + 1) for number in range(150))]
    together = embedder.encode(texts)
    for index in (0, 1, 2, 5, 60, 158):
        np.testing.assert_allclose(together[index], embedder.encode([texts[index]])[0], atol=2e-6)


def test_different_texts_have_different_rows(embedder):
    one, other = embedder.encode(["a pump", "quarterly tax declarations of partnerships"])
    assert float(one @ other) < 0.99


def test_a_very_long_text_is_read_or_refused_as_too_long(embedder):
    try:
        rows = embedder.encode(["hydraulic pump " * 20_000])
    except ContextOverflowError as error:
        assert error.hint
    else:
        assert np.linalg.norm(rows[0]) == pytest.approx(1.0, abs=1e-6)


def test_the_digest_is_that_of_the_model_and_stays(embedder):
    assert embedder.digest == embedder.digest
    assert len(embedder.digest) >= 8


def test_after_use_it_is_loaded_without_a_problem(embedder):
    embedder.encode(["x"])
    assert embedder.loaded
    assert embedder.problem is None


def test_thresholds_are_cosines_and_say_where_they_come_from(embedder):
    assert 0 < embedder.entity_threshold <= 1
    assert 0 < embedder.relation_threshold <= 1
    assert embedder.threshold_note


def test_a_cached_embedder_gives_the_rows_of_its_embedder(embedder, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/v.db")
    direct = embedder.encode(TEXTS)
    np.testing.assert_array_equal(CachedEmbedder(embedder, store).encode(TEXTS), direct)
    np.testing.assert_array_equal(CachedEmbedder(embedder, store).encode(TEXTS), direct)
    store.close()
