"""What overlapping chunks said becomes one result, whatever the order in which they were read."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.extraction.align import align_entities, align_relations
from core.extraction.merge import Findings, Merged, merge
from tests.standins.extraction import relation

TEXT = "The pump fills the tank. Ada of the University of Manchester wrote it. The tank feeds the valve, York Street."


def read(text: str, start: int, end: int, names: dict[str, str | None], links: list[dict[str, Any]] | None = None) -> Findings:
    """A chunk as a model with these answers reads it."""
    found = align_entities(text[start:end], [{"text": name, "type": kind} for name, kind in names.items()], start=start)
    joined = align_relations(text[start:end], links or [], found.found, start=start)
    return Findings(start, end, found.found, joined.found)


def texts(merged: Merged) -> list[tuple[str, str | None, int]]:
    return [(each.text, each.type, each.start) for each in merged.entities]


def test_what_both_chunks_say_of_their_overlap_is_kept_once() -> None:
    chunks = [read(TEXT, 0, 71, {"pump": "part", "tank": "part"}), read(TEXT, 15, len(TEXT), {"tank": "part", "valve": "part"})]
    assert texts(merge(TEXT, chunks)) == [("pump", "part", 4), ("tank", "part", 19), ("tank", "part", 75), ("valve", "part", 90)]


def test_the_type_that_most_chunks_gave_a_name_holds() -> None:
    text = "ACME here. ACME there. ACME again. ACME at last."
    chunks = [read(text, 0, 24, {"ACME": "place"}), read(text, 11, 35, {"ACME": "company"}), read(text, 35, len(text), {"ACME": "company"})]
    assert {(each.start, each.type) for each in merge(text, chunks).entities if each.start >= 11} == {
        (11, "company"), (23, "company"), (35, "company"),
    }  # fmt: skip


def test_of_two_types_the_one_seen_farther_from_an_edge_holds() -> None:
    text = "One two three four ACME five six seven eight."
    chunks = [read(text, 0, 25, {"ACME": "cut"}), read(text, 8, len(text), {"ACME": "seen"})]
    assert texts(merge(text, chunks)) == [("ACME", "seen", 19)]


def test_a_type_stands_above_none_and_a_description_is_not_lost() -> None:
    described = read(TEXT, 15, len(TEXT), {"tank": "part"})
    described = described._replace(entities=tuple(each.model_copy(update={"description": "Holds it."}) for each in described.entities))
    unknown = [read(TEXT, start, 71, {"tank": None}) for start in (0, 2, 5)]
    merged = merge(TEXT, [*unknown, described])
    assert texts(merged) == [("tank", "part", 19), ("tank", "part", 75)]
    assert merged.entities[0].description == "Holds it."


def test_a_name_cut_by_an_edge_gives_way_to_the_whole_one_and_takes_its_relations_along() -> None:
    cut_at = TEXT.index("Manchester") + 3
    first = read(TEXT, 0, cut_at, {"Ada": "person", "University of Man": "place"}, [relation("Ada", "of", "University of Man")])
    second = read(TEXT, 25, len(TEXT), {"University of Manchester": "school"})
    merged = merge(TEXT, [first, second])
    assert texts(merged) == [("Ada", "person", 25), ("University of Manchester", "school", 36)]
    (found,) = merged.relations
    assert (found.object, found.object_start, found.object_end) == ("University of Manchester", 36, 60)


def test_a_relation_follows_its_end_to_a_name_that_survived() -> None:
    text = "alpha beta gamma delta epsilon zeta eta end"
    first = read(text, 0, 10, {"alpha": "a", "beta": "b"}, [relation("alpha", "before", "beta")])
    second, third = read(text, 6, 22, {"beta gamma delta": "c"}), read(text, 17, len(text), {"delta epsilon zeta eta": "d"})
    merged = merge(text, [first, second, third])
    assert [name for name, *_ in texts(merged)] == ["alpha", "delta epsilon zeta eta"]
    assert [each.object for each in merged.relations] == ["delta epsilon zeta eta"]


def test_the_ends_of_the_document_cut_nothing() -> None:
    text = "York Street is not in New York"
    first = [read(text, 0, 15, {"York": "city"}), read(text, 0, len(text), {"York Street": "road"})]
    last = [read(text, 22, len(text), {"York": "city"}), read(text, 5, len(text), {"New York": "city"})]
    assert texts(merge(text, first)) == [("York", "city", 0), ("York Street", "road", 0)]
    assert texts(merge(text, last)) == [("New York", "city", 22), ("York", "city", 26)]


def test_a_longer_name_of_the_same_chunk_cuts_nothing() -> None:
    text = "He left the University of Manchester for good."
    end = text.index(" for good")
    chunk = read(text, 0, end, {"Manchester": "city", "University of Manchester": "school"})
    assert [name for name, *_ in texts(merge(text, [chunk]))] == ["University of Manchester", "Manchester"]


def test_a_name_that_one_chunk_cut_and_another_saw_whole_keeps_its_relations() -> None:
    text = "Ada met York Street people."
    cut = read(text, 0, 12, {"Ada": "person", "York": "band"}, [relation("Ada", "met", "York")])
    merged = merge(text, [cut, read(text, 4, len(text), {"York Street": "road"}), read(text, 0, len(text), {"York": "band"})])
    assert ("York", "band", 8) in texts(merged)
    assert [each.object for each in merged.relations] == ["York"]


def test_a_name_inside_another_chunks_longer_one_is_dropped_only_if_it_stands_elsewhere() -> None:
    text = "York is old. He lives in York Street now."
    both = [
        read(text, 0, 13, {"York": "city"}),
        read(text, 13, len(text), {"York": "city"}),
        read(text, 22, len(text), {"York Street": "road"}),
    ]
    assert texts(merge(text, both)) == [("York", "city", 0), ("York Street", "road", 25)]
    assert texts(merge(text, both[1:])) == [("York", "city", 25), ("York Street", "road", 25)]


def test_a_nested_mention_that_a_relation_joins_survives() -> None:
    text = "York is old. He lives in York Street now."
    linked = read(text, 13, len(text), {"York": "city", "He": "person"}, [relation("He", "lives in", "York")])
    merged = merge(text, [read(text, 0, 13, {"York": "city"}), linked, read(text, 22, len(text), {"York Street": "road"})])
    assert ("York", "city", 25) in texts(merged)


def test_a_relation_said_twice_is_kept_where_its_ends_stand_nearest() -> None:
    text = "The pump stands here. Far off the tank. The pump fills the tank."
    names: dict[str, str | None] = {"pump": "part", "tank": "part"}
    chunks = [
        read(text, 0, 40, names, [relation("pump", "fills", "tank")]),
        read(text, 22, len(text), names, [relation("pump", "Fills", "tank")]),
    ]
    (found,) = merge(text, chunks).relations
    assert found.subject_start == 44 and found.predicate == "Fills"


kinds = st.sampled_from(["part", "place", None])
NAMES = ["pump", "tank", "Ada", "University", "University of Manchester", "University of Man", "York", "York Street", "Manchester wrote"]


@given(
    cuts=st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))), min_size=1, max_size=5),
    names=st.lists(st.dictionaries(st.sampled_from(NAMES), kinds, max_size=6), min_size=5, max_size=5),
    pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=5), seed=st.integers(0, 99),
)  # fmt: skip
def test_the_result_is_proven_without_doubles_and_the_same_in_any_order(
    cuts: list[tuple[int, int]], names: list[dict[str, str | None]], pairs: list[tuple[str, str]], seed: int
) -> None:
    links = [relation(one, "p", other) for one, other in pairs]
    bounds = list({(min(cut), max(cut)): None for cut in cuts})
    chunks = [read(TEXT, start, end, own, links) for (start, end), own in zip(bounds, names, strict=False)]
    merged = merge(TEXT, chunks)
    random.Random(seed).shuffle(chunks)
    assert merge(TEXT, chunks) == merged
    spans = [(each.start, each.end) for each in merged.entities]
    assert spans == sorted(set(spans))
    assert all(TEXT[each.start : each.end] == each.text for each in merged.entities)
    for found in merged.relations:
        assert TEXT[found.subject_start : found.subject_end] == found.subject
        assert TEXT[found.object_start : found.object_end] == found.object
    said = [(each.subject.casefold(), each.predicate.casefold(), each.object.casefold()) for each in merged.relations]
    assert len(said) == len(set(said))
    if len(chunks) == 1:
        assert {(each.start, each.end) for each in chunks[0].entities} >= set(spans)
