import numpy as np
import pytest

from core.embeddings.fake import FakeEmbedder
from core.embeddings.similarity import EmbeddingSimilarity
from core.metrics.matching import SemanticMatcher


class Letters(FakeEmbedder):
    """Counts what it encodes and tells texts apart by their letters' codes."""

    digest = "letters"

    def __init__(self):
        super().__init__()
        self.asked = []

    def encode(self, texts):
        self.asked.append(list(texts))
        rows = np.zeros((len(texts), 2), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            angle = sum(map(ord, text)) % 100 / 50
            row[:] = np.cos(angle), np.sin(angle)
        return rows


def test_the_matrix_holds_cosines_of_left_by_right():
    left, right = ["red pump", "a"], ["bbb cccc", "a bb", "x"]
    matrix = EmbeddingSimilarity(FakeEmbedder()).matrix(left, right)
    vectors = FakeEmbedder().encode
    np.testing.assert_allclose(matrix, vectors(left) @ vectors(right).T, atol=1e-6)
    assert matrix.dtype == np.float64


def test_names_equal_after_case_folding_are_one_exactly():
    matrix = EmbeddingSimilarity(Letters()).matrix(["STRASSE", "pump "], ["straße", "Pump", "other"])
    assert matrix[0, 0] == 1.0
    assert matrix[1, 1] == 1.0
    assert matrix[0, 1] < 1.0


def test_each_distinct_string_is_encoded_once_over_all_calls():
    embedder = Letters()
    similarity = EmbeddingSimilarity(embedder)
    similarity.prefetch(["a", "b", "a"])
    similarity.matrix(["a", "c"], ["b", "c", "d"])
    similarity.matrix(["d"], ["a"])
    assert embedder.asked == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(("left", "right"), [([], ["a"]), (["a"], []), ([], [])])
def test_an_empty_side_gives_an_empty_matrix_without_encoding(left, right):
    embedder = Letters()
    assert EmbeddingSimilarity(embedder).matrix(left, right).shape == (len(left), len(right))
    assert embedder.asked == []


def test_a_replaced_model_drops_every_vector_of_the_former():
    embedder = Letters()
    similarity = EmbeddingSimilarity(embedder)
    similarity.prefetch(["a", "b"])
    embedder.digest = "another"
    similarity.matrix(["a"], ["c"])
    assert embedder.asked[-1] == ["a", "c"]


def test_more_strings_than_the_limit_begin_anew_with_the_same_cosines():
    small, large = EmbeddingSimilarity(Letters(), limit=3), EmbeddingSimilarity(Letters())
    for texts in (["a", "b"], ["c", "d"], ["a", "e", "f", "g"], ["b", "a"]):
        np.testing.assert_array_equal(small.matrix(texts, texts[::-1]), large.matrix(texts, texts[::-1]))


def test_it_serves_the_semantic_matcher():
    similarity = EmbeddingSimilarity(FakeEmbedder())
    matcher = SemanticMatcher(similarity, typed=False, entity_threshold=0.999, relation_threshold=0.999)
    pairs = matcher.entities([{"text": "red pump"}, {"text": "a longword"}], [{"text": "big hose"}, {"text": "Red Pump"}])
    assert len(pairs) == 1
