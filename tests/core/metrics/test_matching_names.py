from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.document import distinct_entities, matcher, unique
from core.metrics.matching import ExactMatcher, Matrix, SemanticMatcher, TokenJaccard
from core.records.domains import Matching, MetricConfig, Preset

WORDS = ["Ada", "ada", "Bob", "Bo", "London", "New York", "new york city", "York"]
ENTITIES = st.lists(
    st.builds(lambda text, kind: {"text": text, "type": kind}, st.sampled_from(WORDS), st.sampled_from(["PER", "LOC"])), max_size=8
)
LINKS = st.lists(
    st.builds(lambda a, b, c: {"subject": a, "predicate": b, "object": c}, *(st.sampled_from(WORDS) for _ in range(3))), max_size=8
)


class Identity:
    """1 where names are equal after case folding, else 0."""

    name = "identity"

    def matrix(self, left: Sequence[str], right: Sequence[str]) -> Matrix:
        return np.array([[float(a.casefold() == b.casefold()) for b in right] for a in left])


class Given:
    """Similarities as a table says."""

    name = "given"

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows

    def matrix(self, left: Sequence[str], right: Sequence[str]) -> Matrix:
        return np.array(self.rows)


def names(*texts: str) -> list[dict[str, Any]]:
    return [{"text": text, "type": None} for text in texts]


@given(ENTITIES, ENTITIES, st.booleans())
def test_semantic_at_threshold_one_is_exact(said: list[Any], gold: list[Any], typed: bool) -> None:
    left, right = distinct_entities(said, typed=typed), distinct_entities(gold, typed=typed)
    strict = SemanticMatcher(Identity(), typed=typed, entity_threshold=1, relation_threshold=1)
    assert sorted(strict.entities(left, right)) == sorted(ExactMatcher(typed=typed).entities(left, right))


@given(LINKS, LINKS)
def test_semantic_relations_at_threshold_one_are_exact(said: list[Any], gold: list[Any]) -> None:
    left, right = unique(said), unique(gold)
    strict = SemanticMatcher(Identity(), typed=False, entity_threshold=1, relation_threshold=1)
    assert sorted(strict.relations(left, right)) == sorted(ExactMatcher(typed=False).relations(left, right))


@given(ENTITIES, ENTITIES, st.floats(0, 1))
def test_semantic_matching_is_one_to_one(said: list[Any], gold: list[Any], threshold: float) -> None:
    pairs = SemanticMatcher(TokenJaccard(), typed=True, entity_threshold=threshold, relation_threshold=1).entities(said, gold)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs) <= min(len(said), len(gold))
    assert all(said[a]["type"] == gold[b]["type"] for a, b in pairs)


def test_the_assignment_is_the_best_of_all_not_the_first_that_fits() -> None:
    both = SemanticMatcher(Given([[0.9, 0.8], [0.85, 0.1]]), typed=False, entity_threshold=0.75, relation_threshold=1)
    assert both.entities(names("a", "b"), names("c", "d")) == [(0, 1), (1, 0)]


def test_a_pair_below_the_threshold_is_none() -> None:
    near = SemanticMatcher(Given([[0.7499]]), typed=False, entity_threshold=0.75, relation_threshold=1)
    assert near.entities(names("a"), names("b")) == []


def test_a_similarity_that_is_no_number_matches_nothing() -> None:
    empty = SemanticMatcher(Given([[float("nan"), 0.9]]), typed=False, entity_threshold=0.75, relation_threshold=1)
    assert empty.entities(names("a"), names("b", "c")) == [(0, 1)]


def test_relations_weigh_the_predicate_most() -> None:
    said, gold = {"subject": "Ada", "predicate": "knows", "object": "Bob"}, {"subject": "Ada", "predicate": "knows", "object": "Eve"}
    other = {"subject": "Ada", "predicate": "hates", "object": "Bob"}
    how = SemanticMatcher(Identity(), typed=False, entity_threshold=1, relation_threshold=0.7)
    assert how.relations([said], [gold]) == [(0, 0)]
    assert how.relations([other], [said]) == []


def test_shared_words_over_all_words() -> None:
    assert TokenJaccard().matrix(["New York"], ["new york city", "Rome"]).tolist() == [[pytest.approx(2 / 3), 0]]
    assert TokenJaccard().matrix([], ["Rome"]).shape == (0, 1)


def test_semantic_matching_asks_for_a_similarity_and_its_thresholds() -> None:
    with pytest.raises(ValueError, match="thresholds"):
        matcher(MetricConfig.of(Preset.F1, Matching.SEMANTIC), typed=True, similarity=TokenJaccard())
    config = MetricConfig(matching=Matching.SEMANTIC, entity_threshold=0.75, relation_threshold=0.7)
    with pytest.raises(ValueError, match="needs a similarity"):
        matcher(config, typed=True, similarity=None)
    assert matcher(config, typed=True, similarity=TokenJaccard()).name == "semantic (token jaccard, entities 0.75, relations 0.7)"
    assert matcher(MetricConfig(), typed=True, similarity=None).name == "exact"
