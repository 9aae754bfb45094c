import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics.document import Match, Scorer, match_entities, match_relations
from core.metrics.matching import ExactMatcher
from core.records.domains import MetricConfig, Preset
from core.records.samples import Annotation, Entity, Relation

CASES = json.loads((Path(__file__).parents[2] / "golden" / "metrics" / "document_scores.json").read_text("utf-8"))
NAMES = st.lists(st.sampled_from(["Ada", "ada", "Bob", "London", "Straße", "STRASSE", "Rome "]), max_size=8)
TYPES = st.sampled_from(["PER", "LOC"])
ITEMS = st.lists(
    st.builds(lambda name, kind: {"text": name, "type": kind}, NAMES.filter(bool).map(lambda names: names[0]), TYPES), max_size=8
)


def item(line: str) -> dict[str, Any]:
    name, kind = line.split(":")
    return {"text": name, "type": kind}


def link(line: str) -> dict[str, Any]:
    return dict(zip(("subject", "predicate", "object"), line.split("|"), strict=True))


def annotation(items: list[dict[str, Any]], links: list[dict[str, Any]] | None = None) -> Annotation:
    entities = tuple(Entity(id=str(place), text=each["text"], type=each.get("type")) for place, each in enumerate(items))
    ids = {entity.text: entity.id for entity in entities}
    relations = links and tuple(
        Relation(id=str(place), subject_id=ids[each["subject"]], predicate=each["predicate"], object_id=ids[each["object"]])
        for place, each in enumerate(links)
    )
    return Annotation(entities=entities, relations=None if links is None else relations or ())


def matched(items: list[dict[str, Any]], gold: list[dict[str, Any]], *, typed: bool = True) -> Match:
    return match_entities(items, annotation(gold), ExactMatcher(typed=typed), typed=typed)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_document_scores_as_a_person_would_count(case: dict[str, Any]) -> None:
    typed = case.get("typed", True)
    links = case.get("gold_relations")
    gold = annotation([item(line) for line in case["gold"]], None if links is None else [link(line) for line in links])
    config = MetricConfig.of(Preset(case.get("preset", "f1")))
    said = case.get("said_relations")
    score = Scorer(how=ExactMatcher(typed=typed), config=config, typed=typed).document(
        "", gold, [item(line) for line in case["said"]], None if said is None else [link(line) for line in said]
    )
    assert score.entities == Match(**dict(zip(("matched", "predicted", "gold"), case["entities"], strict=True)))
    assert score.entities.f1 == pytest.approx(case["f1"])
    assert score.relations == (
        Match(**dict(zip(("matched", "predicted", "gold"), case["relations"], strict=True))) if "relations" in case else None
    )
    assert score.score == pytest.approx(case["score"])


@given(ITEMS, ITEMS)
def test_scores_are_shares_and_f1_lies_between_precision_and_recall(said: list[Any], gold: list[Any]) -> None:
    match = matched(said, gold)
    assert 0 <= match.precision <= 1 and 0 <= match.recall <= 1
    assert min(match.precision, match.recall) - 1e-12 <= match.f1 <= max(match.precision, match.recall) + 1e-12


@given(ITEMS, ITEMS)
def test_swapping_prediction_and_gold_swaps_precision_and_recall(said: list[Any], gold: list[Any]) -> None:
    match, swapped = matched(said, gold), matched(gold, said)
    assert (match.precision, match.recall, match.f1) == (swapped.recall, swapped.precision, swapped.f1)


@given(ITEMS, ITEMS, st.randoms())
def test_order_and_case_say_nothing(said: list[Any], gold: list[Any], random: Any) -> None:
    shuffled = [entity | {"text": entity["text"].swapcase()} for entity in random.sample(said, len(said))]
    assert matched(shuffled, random.sample(gold, len(gold))) == matched(said, gold)


@given(ITEMS)
def test_gold_against_itself_is_perfect_and_nothing_against_something_is_zero(gold: list[Any]) -> None:
    assert matched(gold, gold).f1 == 1
    assert matched([], gold).f1 == matched(gold, []).f1 == (0 if gold else 1)


@given(ITEMS, ITEMS)
def test_a_wrong_prediction_more_never_raises_precision_or_f1(said: list[Any], gold: list[Any]) -> None:
    before, after = matched(said, gold), matched([*said, {"text": "nowhere in gold", "type": "PER"}], gold)
    assert after.precision <= before.precision and after.f1 <= before.f1 and after.matched == before.matched


@given(ITEMS, ITEMS)
def test_a_right_prediction_more_never_lowers_recall_or_f1(said: list[Any], gold: list[Any]) -> None:
    for entity in gold:
        before, after = matched(said, gold), matched([*said, entity], gold)
        assert after.recall >= before.recall and after.f1 >= before.f1


def test_a_relation_is_directed() -> None:
    gold = annotation([item("Ada:PER"), item("Bob:PER")], [link("Ada|knows|Bob")])
    how = ExactMatcher(typed=True)
    assert match_relations([link("Ada|knows|Bob")], gold, how).matched == 1
    assert match_relations([link("Bob|knows|Ada")], gold, how).matched == 0


def test_grounding_counts_names_found_in_the_text_each_once() -> None:
    said = [item("Ada:PER"), item("ADA:LOC"), item("New  York:LOC"), item("Atlantis:LOC")]
    score = Scorer(how=ExactMatcher(typed=True), config=MetricConfig(), typed=True).document(
        "Ada saw New\nYork.", annotation([]), said, None
    )
    assert (score.grounded, score.predicted_names) == (2, 3)


def test_a_text_without_any_annotation_has_no_score() -> None:
    score = Scorer(how=ExactMatcher(typed=True), config=MetricConfig(), typed=True).document("Ada", Annotation(), [item("Ada:PER")], None)
    assert (score.entities, score.relations, score.score) == (None, None, None)
