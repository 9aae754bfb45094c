from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.metrics.aggregate import ScoredDocument, aggregate
from core.metrics.document import Match, Scorer
from core.metrics.matching import ExactMatcher, SemanticMatcher, TokenJaccard
from core.metrics.relations import BOUNDARIES, STRICT, RelationText, boundaries, strict
from core.records.domains import MetricConfig
from core.records.samples import Annotation, Entity, Relation

SCORER = Scorer(how=ExactMatcher(typed=True), config=MetricConfig(), typed=True)
TEXT = "Ada lives in London. Bob does not."
ADA = Entity(id="a", text="Ada", type="PER", start=0, end=3)
LONDON = Entity(id="l", text="London", type="LOC", start=13, end=19)
BOB = Entity(id="b", text="Bob", type="PER", start=21, end=24)
LIVES = Relation(id="r", subject_id="a", predicate="lives in", object_id="l")
GOLD = Annotation(entities=(ADA, LONDON, BOB), relations=(LIVES,))
NONE = Annotation(entities=(), relations=())


def named(text: str, kind: str = "PER") -> dict[str, Any]:
    return {"text": text, "type": kind}


def link(subject: str, predicate: str, target: str) -> dict[str, Any]:
    return {"subject": subject, "predicate": predicate, "object": target}


def read(
    entities: list[dict[str, Any]], relations: list[dict[str, Any]] | None = None, *, gold: Annotation = GOLD, scorer: Scorer = SCORER
) -> ScoredDocument:
    score = scorer.document(TEXT, gold, entities, relations)
    return ScoredDocument(
        text=TEXT, gold=gold, entities=tuple(entities), relations=None if relations is None else tuple(relations), score=score
    )


def failed(failure: Any) -> ScoredDocument:
    return ScoredDocument(text=TEXT, gold=GOLD, error="it did not answer", failure=failure)


PERFECT = read([named("Ada"), named("London", "LOC"), named("Bob")], [link("Ada", "lives in", "London")])


def test_figures_are_means_over_documents() -> None:
    half = read([named("Ada"), named("Rome", "LOC")], [])
    scores = aggregate([PERFECT, half], SCORER)
    assert (scores.precision, scores.recall) == pytest.approx(((1 + 1 / 2) / 2, (1 + 1 / 3) / 2))
    assert (scores.entity_f1, scores.relation_f1) == pytest.approx(((1 + 0.4) / 2, 0.5))
    assert scores.score == pytest.approx((1 + 0.8 * 0.4) / 2)
    assert (scores.samples, scores.failed) == (2, 0)
    assert scores.relation_setup == f"{BOUNDARIES}; exact matching; mean over texts"


def test_a_failed_document_lowers_no_score() -> None:
    scores = aggregate([PERFECT, failed("call"), failed("parse")], SCORER)
    assert scores.model_copy(update={"failed": 0, "parse_failure_rate": 0.0}) == aggregate([PERFECT], SCORER)
    assert (scores.failed, scores.samples, scores.parse_failure_rate) == (2, 1, 0.5)


def test_where_everything_failed_nothing_is_known() -> None:
    scores = aggregate([failed("call")] * 3, SCORER)
    assert (scores.score, scores.entity_f1, scores.grounding_rate, scores.strict_f1, scores.parse_failure_rate) == (None,) * 5
    assert (scores.samples, scores.failed, scores.per_type) == (0, 3, {})
    assert aggregate([], SCORER).score is None
    assert aggregate([failed("parse")], SCORER).parse_failure_rate == 1


def test_documents_without_annotated_relations_do_not_count_for_relations() -> None:
    entities_only = read([], None, gold=Annotation(entities=()))
    scores = aggregate([PERFECT, entities_only], SCORER)
    assert (scores.relation_f1, scores.entity_f1) == (1, 1)
    alone = aggregate([entities_only], SCORER)
    assert (alone.relation_f1, alone.relation_setup) == (None, None)


def test_names_that_are_not_in_the_text_lower_the_grounding_rate() -> None:
    assert aggregate([PERFECT, read([named("Atlantis", "LOC")])], SCORER).grounding_rate == 3 / 4
    assert aggregate([read([])], SCORER).grounding_rate is None


def test_span_figures_count_every_mention_over_all_texts() -> None:
    other = read([named("Ada", "LOC"), named("in London", "LOC"), named("Atlantis", "LOC")])
    scores = aggregate([PERFECT, other], SCORER)
    assert scores.strict_f1 == pytest.approx(2 * 3 / 12)
    assert scores.exact_f1 == pytest.approx(2 * 4 / 12)
    assert scores.partial_f1 == pytest.approx(2 * 4.5 / 12)
    assert scores.type_f1 == pytest.approx(2 * 4 / 12)


def test_without_places_or_types_in_gold_there_are_no_span_figures() -> None:
    unplaced = Annotation(entities=(Entity(id="a", text="Ada", type="PER"),))
    scores = aggregate([read([named("Ada")], gold=unplaced)], SCORER)
    assert (scores.strict_f1, scores.exact_f1, scores.partial_f1, scores.type_f1) == (None,) * 4
    assert aggregate([read([], gold=NONE)], SCORER).strict_f1 is None
    assert aggregate([PERFECT, read([named("Ada")], gold=NONE)], SCORER).strict_f1 == pytest.approx(6 / 7)


def test_types_are_counted_under_the_name_that_gold_gives_them() -> None:
    said = read([named("Ada", "per"), named("Rome", "loc"), named("Rome", "CITY")], [link("Bob", "Lives in", "London")])
    assert aggregate([said], SCORER).per_type == {
        "CITY": {"precision": 0, "recall": None, "f1": 0, "gold": 0, "predicted": 1},
        "LOC": {"precision": 0, "recall": 0, "f1": 0, "gold": 1, "predicted": 1},
        "PER": {"precision": 1, "recall": 0.5, "f1": pytest.approx(2 / 3), "gold": 2, "predicted": 1},
        "relation:lives in": {"precision": 0, "recall": 0, "f1": 0, "gold": 1, "predicted": 1},
    }


def test_alike_predicates_count_for_each_under_its_own_name() -> None:
    how = SemanticMatcher(TokenJaccard(), typed=True, entity_threshold=0.75, relation_threshold=0.7)
    scorer = Scorer(how=how, config=MetricConfig(), typed=True)
    said = read([named("Ada")], [link("Ada", "lives", "London")], scorer=scorer)
    figures = aggregate([said], scorer)
    assert figures.relation_f1 == 1
    assert figures.per_type["relation:lives"]["precision"] == 1 and figures.per_type["relation:lives"]["recall"] is None
    assert figures.per_type["relation:lives in"]["recall"] == 1 and figures.per_type["relation:lives in"]["precision"] is None
    assert figures.relation_setup and "token jaccard" in figures.relation_setup


def test_where_types_do_not_count_only_predicates_are_listed() -> None:
    scorer = Scorer(how=ExactMatcher(typed=False), config=MetricConfig(), typed=False)
    said = read([named("Ada", "LOC")], [link("Ada", "lives in", "London")], scorer=scorer)
    assert list(aggregate([said], scorer).per_type) == ["relation:lives in"]


@given(st.permutations([PERFECT, read([named("Ada")], []), read([], []), failed("parse"), read([named("Bob", "LOC")])]))
def test_the_order_of_documents_says_nothing(documents: list[ScoredDocument]) -> None:
    scores = aggregate(documents, SCORER)
    for name, value in aggregate(sorted(documents, key=lambda each: each.model_dump_json()), SCORER).model_dump().items():
        assert getattr(scores, name) == (pytest.approx(value) if isinstance(value, float) else value)


def test_a_document_has_a_score_or_a_failure_never_both() -> None:
    with pytest.raises(ValidationError, match="either a score or a failure"):
        ScoredDocument(text=TEXT, gold=GOLD)
    with pytest.raises(ValidationError, match="both an error and its kind"):
        ScoredDocument(text=TEXT, gold=GOLD, error="gone")
    with pytest.raises(ValidationError, match="either a score or a failure"):
        ScoredDocument(text=TEXT, gold=GOLD, score=PERFECT.score, error="gone", failure="call")


def text(relations: list[dict[str, Any]], *, gold: Annotation = GOLD, entities: list[dict[str, Any]] | None = None) -> RelationText:
    return RelationText(gold=gold, entities=tuple(entities or ()), relations=tuple(relations))


def test_boundaries_ignore_types_and_strict_asks_for_them() -> None:
    right = [link("ada", "lives in", "London")]
    mistyped = text(right, entities=[named("Ada"), named("London", "ORG")])
    typed = text(right, entities=[named("Ada"), named("london", "loc")])
    assert boundaries([mistyped, typed]).overall == Match(matched=2, predicted=2, gold=2)
    assert strict([mistyped, typed]).overall == Match(matched=1, predicted=2, gold=2)
    assert (boundaries([]).setup, strict([]).setup) == (BOUNDARIES, STRICT)


def test_texts_without_relations_count() -> None:
    scores = boundaries([text([link("Ada", "lives in", "London")]), text([link("Ada", "knows", "Bob")], gold=NONE)])
    assert scores.overall.precision == 0.5
    assert scores.per_predicate["knows"] == Match(matched=0, predicted=1, gold=0)
    assert (scores.texts, scores.without_relations) == (2, 1)


def test_by_predicate_counts_add_up_and_a_repeat_counts_once() -> None:
    said = [link("Ada", "lives in", "London"), link("ADA", "Lives In", "london"), link("Bob", "lives in", "London")]
    scores = boundaries([text(said), text([])])
    assert scores.per_predicate == {"lives in": Match(matched=1, predicted=2, gold=2)}
    assert scores.overall == scores.per_predicate["lives in"]
