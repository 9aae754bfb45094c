import numpy as np
import pytest

from core.embeddings.cache import CachedEmbedder, packed, unpacked, vector_key
from core.embeddings.fake import FakeEmbedder
from core.errors import ModelUnavailableError, StoreDamagedError
from core.records.base import text_hash
from core.records.prompts import Vector
from core.store.base import Put
from core.store.stores import open_store


class Watched(FakeEmbedder):
    """Notes what it was asked to encode; its digest can be set, and change by itself."""

    def __init__(self, digests=("one",)):
        super().__init__()
        self.digests = list(digests)
        self.asked = []

    @property
    def digest(self):
        return self.digests.pop(0) if len(self.digests) > 1 else self.digests[0]

    def encode(self, texts):
        self.asked.append(list(texts))
        return super().encode(texts)


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/vectors.db")
    yield opened
    opened.close()


def test_each_distinct_text_is_encoded_once_and_the_order_is_kept(store):
    embedder = Watched()
    rows = CachedEmbedder(embedder, store).encode(["b bb", "a", "b bb", "ccc cc", "a"])
    assert embedder.asked == [["b bb", "a", "ccc cc"]]
    np.testing.assert_array_equal(rows, FakeEmbedder().encode(["b bb", "a", "b bb", "ccc cc", "a"]))


def test_what_is_in_memory_or_in_the_store_is_not_encoded_again(store):
    first, second = Watched(), Watched()
    cached = CachedEmbedder(first, store)
    cached.encode(["a", "bb"])
    cached.encode(["bb", "a", "new one"])
    CachedEmbedder(second, store).encode(["bb", "new one", "a"])
    assert first.asked == [["a", "bb"], ["new one"]]
    assert second.asked == []


def test_vectors_are_stored_under_digest_and_text_hash_as_little_endian_float32(store):
    CachedEmbedder(Watched(["model-7"]), store).encode(["red pump"])
    vector = store.get(Vector, f"model-7/{text_hash('red pump')}")
    assert vector.digest == "model-7"
    np.testing.assert_array_equal(unpacked(vector), FakeEmbedder().encode(["red pump"])[0])


def test_packing_is_little_endian_and_base64():
    assert packed(np.array([1.0, -2.0], dtype=np.float32)) == "AACAPwAAAMA="


def test_another_digest_never_reads_the_vectors_of_the_former(store):
    CachedEmbedder(Watched(["old"]), store).encode(["a"])
    replaced = Watched(["new"])
    CachedEmbedder(replaced, store).encode(["a"])
    assert replaced.asked == [["a"]]
    assert store.count_by(Vector, "digest") == {"old": 1, "new": 1}


def test_a_model_replaced_between_reading_and_encoding_has_all_texts_encoded_by_the_new_one(store):
    CachedEmbedder(Watched(["old"]), store).encode(["a"])
    embedder = Watched(["old", "new"])
    CachedEmbedder(embedder, store).encode(["a", "bb"])
    assert embedder.asked == [["bb"], ["a"]]
    assert store.count_by(Vector, "digest") == {"old": 1, "new": 2}


def test_a_model_that_is_replaced_again_and_again_is_an_error_and_nothing_is_stored(store):
    with pytest.raises(ModelUnavailableError, match="changes"):
        CachedEmbedder(Watched([str(number) for number in range(50)]), store).encode(["a"])
    assert store.count(Vector) == 0


def test_memory_is_bounded_and_the_store_steps_in(store):
    embedder = Watched()
    cached = CachedEmbedder(embedder, store, memory=3)
    texts = ["a" * length for length in range(1, 21)]
    cached.encode(texts)
    np.testing.assert_array_equal(cached.encode(texts), FakeEmbedder().encode(texts))
    assert embedder.asked == [texts]
    assert len(cached._memory) == 3


def test_more_texts_than_one_batch_are_stored_and_found_again(store):
    texts = [f"number {number}" for number in range(1201)]
    CachedEmbedder(Watched(), store).encode(texts)
    again = Watched()
    CachedEmbedder(again, store).encode(texts)
    assert store.count(Vector) == 1201
    assert again.asked == []


@pytest.mark.parametrize("data", ["AACAPw==", "no base64!", "AAA="])
def test_a_damaged_vector_is_named_instead_of_used(store, data):
    key = vector_key("one", "a")
    store.write([Put(record=Vector(key=key, digest="one", data=data))])
    with pytest.raises(StoreDamagedError, match=key) as caught:
        CachedEmbedder(Watched(), store).encode(["a"])
    assert caught.value.hint


def test_a_forgotten_text_is_in_neither_memory_nor_store(store):
    embedder = Watched()
    cached = CachedEmbedder(embedder, store)
    cached.encode(["secret", "other"])
    cached.forget(["secret"])
    assert store.get(Vector, vector_key("one", "secret")) is None
    cached.encode(["secret", "other"])
    assert embedder.asked == [["secret", "other"], ["secret"]]
