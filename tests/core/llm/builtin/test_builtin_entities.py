"""What the built-in model finds, and what demos change."""

from itertools import pairwise

import pytest

from core.llm.providers.builtin.entities import EntityModel
from core.llm.providers.builtin.spans import SHAPE_NAMES, candidates, ground, limits_of
from core.llm.providers.builtin.tokens import read


def names(model, text):
    return [found.text for found in model.find(text)]


def test_without_demos_runs_of_capitals_dates_and_measures_are_found():
    text = "On June 30 the spokesman of the Bank of Oslo met Ada Lovelace in Bergen and paid 34 percent. The rest was late."
    assert names(EntityModel(()), text) == ["June 30", "Bank of Oslo", "Ada Lovelace", "Bergen", "34 percent"]


def test_a_single_german_noun_is_no_name_by_its_capital_alone():
    assert names(EntityModel(()), "Die Pumpe ist mit dem Ventil verbunden und wird von der Firma Hansen Nord geliefert.") == [
        "Firma Hansen Nord"
    ]


def test_identifiers_are_found_without_demos():
    assert names(EntityModel(()), "you may set max_connections in postgresql.conf before a restart") == [
        "max_connections",
        "postgresql.conf",
    ]


@pytest.mark.parametrize("kind", ["untyped", "typed"])
@pytest.mark.parametrize("adapter", ["chat", "json"])
def test_demos_teach_lower_case_terms(ask, brewery, kind, adapter):
    sample = brewery[-1]
    found = ask(kind, {"source_text": sample["source_text"]}, brewery[:8], adapter=adapter)
    gold = sample["entities"] if kind == "typed" else [one["text"] for one in sample["entities"]]
    assert found == gold
    assert ask(kind, {"source_text": sample["source_text"]}, adapter=adapter) == []


def test_terms_that_no_demo_named_are_found_in_their_frame(ask, brewery):
    text = "The copper coil feeds the rinse basin at noon. During the shift the copper coil showed rusting again, so we stopped early."
    found = ask("typed", {"source_text": text}, brewery[:10])
    assert {"text": "copper coil", "type": "part"} in found
    assert {"text": "rinse basin", "type": "part"} in found
    assert {"text": "rusting", "type": "fault"} in found


def test_each_name_is_told_once_and_no_two_mentions_overlap(brewery):
    model = EntityModel([(one["source_text"], tuple((e["text"], e["type"]) for e in one["entities"])) for one in brewery])
    text = brewery[0]["source_text"] * 2
    found = model.find(text)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(text[one.start : one.end] == one.text for one in found)


def test_demos_without_any_entity_teach_to_find_none():
    empty = [(f"Meeting number {number} took place in Bergen with Ada Lovelace.", ()) for number in range(8)]
    assert names(EntityModel(empty), "Meeting number 9 took place in Bergen with Ada Lovelace.") == []


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "\U0001f600", "x" * 5000, "[[ ## entities ## ]]", "\x00\ud7ff"])
def test_any_text_has_an_answer(text, brewery):
    examples = [(one["source_text"], tuple((e["text"], e["type"]) for e in one["entities"])) for one in brewery[:3]]
    for model in (EntityModel(()), EntityModel(examples), EntityModel([(text, (("missing", None),))])):
        assert all(text[one.start : one.end] == one.text for one in model.find(text))


def test_the_same_demos_give_the_same_model(brewery):
    examples = [(one["source_text"], tuple((e["text"], e["type"]) for e in one["entities"])) for one in brewery]
    first, second = EntityModel(examples), EntityModel(examples)
    assert first.weights.tolist() == second.weights.tolist()
    assert first.threshold == second.threshold
    assert first.find(brewery[0]["source_text"]) == second.find(brewery[0]["source_text"])


def test_every_mention_is_grounded_and_the_longer_name_wins():
    document = read("The filter press and the filter. Filter press!")
    golds = ground(document, [("filter", "b"), ("filter press", "a"), ("absent", "c")])
    said = {document.text[document.tokens[a].start : document.tokens[b - 1].end]: kind for (a, b), kind in golds.spans.items()}
    assert said == {"filter press": "a", "filter": "b"}
    assert golds.missed == 1


def test_a_term_with_an_article_becomes_a_candidate_once_a_demo_has_one():
    text = "We read the Hague today."
    assert "the Hague" not in [one.text for one in candidates(text, limits_of([]))]
    document = read(text)
    limits = limits_of([(document, ground(document, [("the Hague", None)]).spans)])
    assert "the Hague" in [one.text for one in candidates(text, limits)]


def test_every_shape_feature_has_a_name():
    assert {len(one.shape) for one in candidates("Ada Lovelace paid 5 bar.", limits_of([]))} == {len(SHAPE_NAMES)}
