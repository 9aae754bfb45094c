"""What a model said is placed in the text or kept out of everything."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extraction.align import LONGEST, align_entities, align_relations, written
from tests.standins.extraction import entity, relation

TEXT = "New York grew. The New York Times is in New York. York is older; NEW  YORK too."


def spans(text: str, *items: dict[str, Any], start: int = 0) -> list[tuple[int, str]]:
    return [(each.start, each.text) for each in align_entities(text, items, start=start).found]


def test_every_mention_of_a_name_is_found_and_offsets_are_the_documents() -> None:
    assert spans("The pump feeds the pump.", entity("pump"), start=100) == [(104, "pump"), (119, "pump")]


def test_a_mention_inside_a_longer_name_is_none_of_the_shorter() -> None:
    found = spans(TEXT, entity("New York"), entity("New York Times"))
    assert found == [(0, "New York"), (40, "New York"), (19, "New York Times")]


def test_a_name_that_stands_only_inside_a_longer_one_is_kept() -> None:
    assert spans("The New York Times.", entity("Times"), entity("New York Times")) == [(13, "Times"), (4, "New York Times")]


def test_the_text_is_as_it_stands_there_not_as_it_was_said() -> None:
    assert spans("NEW  YORK too.", entity("new york")) == [(0, "NEW  YORK")]


def test_a_name_that_is_not_there_is_kept_out_and_named_once() -> None:
    names = align_entities(TEXT, [entity("Boston"), entity("Boston", "city"), entity("York")], start=0)
    assert names.ungrounded == ("Boston",)
    assert {each.text for each in names.found} == {"York"} and [item["text"] for item in names.items] == ["York"]


def test_a_name_said_twice_counts_once_with_the_type_that_came_first() -> None:
    twice = align_entities("The pump.", [entity("pump"), entity("pump", "machine"), entity("Pump", "device")], start=0)
    assert [(each.text, each.type) for each in twice.found] == [("pump", "thing")]


def test_half_a_page_is_no_name() -> None:
    page = "word " * 500
    assert align_entities(page, [entity(page.strip())], start=0).found == ()


def test_an_answer_that_never_ends_is_no_way_to_drown_the_workbench() -> None:
    text = "a b " * 2000
    many = [entity("a" + " " * number + "b", f"type {number}") for number in range(1, 300)]
    found = align_entities(text, [*many, entity("a " * 100_000)], start=0)
    assert len(found.found) == 2000 and len(found.ungrounded) == 1
    assert len(align_relations(text, [relation("a", f"p{number}", "b") for number in range(20_000)], found.found, start=0).found) == 20_000


def test_a_type_of_nothing_is_none() -> None:
    assert [each.type for each in align_entities("The pump.", [entity("pump", "")], start=0).found] == [None]


def links(text: str, relations: list[dict[str, Any]], names: tuple[str, ...] = (), start: int = 0) -> Any:
    entities = align_entities(text, [entity(name) for name in names], start=start).found
    return align_relations(text, relations, entities, start=start)


def test_a_relation_joins_the_nearest_mentions() -> None:
    text = "The pump stands far away from everything else. The tank is filled by the pump."
    (found,) = links(text, [relation("pump", "fills", "tank")], ("pump", "tank"), start=50).found
    assert (found.subject_start - 50, found.object_start - 50) == (text.rindex("pump"), text.index("tank"))
    assert found.evidence == (50 + text.index("tank"), 50 + text.rindex("pump") + 4)


def test_an_end_that_is_no_entity_must_still_stand_in_the_text() -> None:
    text = "The pump feeds a nameless vessel."
    found = links(text, [relation("pump", "feeds", "vessel"), relation("pump", "feeds", "ocean")], ("pump",))
    assert [(each.subject, each.object) for each in found.found] == [("pump", "vessel")]
    assert found.ungrounded == ("pump | feeds | ocean",)


def test_ends_are_mentions_of_entities_where_there_are_any() -> None:
    text = "York, near New York Times, sells the New York Times."
    found = links(text, [relation("york", "sells", "times")], ("York", "New York Times", "Times"))
    assert [(each.subject_start, each.object) for each in found.found] == [(0, "Times")]


@pytest.mark.parametrize("predicate", ["", "  ", "\x00"])
def test_a_relation_without_a_predicate_is_kept_out(predicate: str) -> None:
    found = links("The pump feeds the tank.", [relation("pump", predicate, "tank")], ("pump", "tank"))
    assert not found.found and len(found.ungrounded) == 1


def test_a_relation_of_a_single_mention_with_itself_is_kept_out_but_one_between_two_mentions_stands() -> None:
    assert not links("The pump runs.", [relation("pump", "drives", "Pump")], ("pump",)).found
    (found,) = links("One pump drives the other pump.", [relation("pump", "drives", "pump")], ("pump",)).found
    assert (found.subject_start, found.object_start) == (4, 26)


def test_the_same_relation_said_twice_counts_once() -> None:
    said = [relation("pump", "feeds", "tank"), relation("pump", "Feeds", "tank")]
    assert len(links("The pump feeds the tank.", said, ("pump", "tank")).found) == 1


def test_what_a_model_wrote_is_one_short_line_that_can_be_stored() -> None:
    assert written("a\x00b\nc\ud800\x07", "type") == "a b c"
    assert written("x" * 5000, "type") == "x" * LONGEST["type"]
    assert written(" \n", "type") is None and written(None, "type") is None


anything = st.text(max_size=30)
names = st.one_of(anything, st.sampled_from(["New York", "york", "times", "{0}", ".", "\ud800", "e"]))


@given(
    text=st.one_of(anything, st.just(TEXT)), said=st.lists(st.tuples(names, names), max_size=8),
    linked=st.lists(st.tuples(names, anything, names), max_size=8), start=st.integers(0, 10_000),
)  # fmt: skip
def test_whatever_is_said_every_span_is_proven(
    text: str, said: list[tuple[str, str]], linked: list[tuple[str, str, str]], start: int
) -> None:
    found = align_entities(text, [entity(*each) for each in said], start=start)
    joined = align_relations(text, [relation(*each) for each in linked], found.found, start=start)
    assert all(text[each.start - start : each.end - start] == each.text != "" for each in found.found)
    for each in joined.found:
        assert text[each.subject_start - start : each.subject_end - start] == each.subject != ""
        assert text[each.object_start - start : each.object_end - start] == each.object != ""
        assert each.predicate
    assert len({(each.start, each.end) for each in found.found}) == len(found.found)
    assert len(found.items) + len(found.ungrounded) <= len({*said}) if said else not found.items
