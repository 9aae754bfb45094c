from collections.abc import Iterator
from typing import Any

from app.components import linked
from app.components.linked import Listing, Passage, Row
from app.components.spans import Span

TEXT = "Ada met Bob in Bonn."
FOUND = [Span(0, 3, "person", "dotted", name="m0"), Span(8, 11, "person", "dotted", name="m1"), Span(15, 19, "", "dotted", name="m2")]


def drawn(passage: Passage, *listings: Listing) -> list[dict[str, Any]]:
    """Every node that is sent to the browser."""
    return list(every(linked.described(passage, listings, {"person": 0})))


def every(node: Any) -> Iterator[dict[str, Any]]:
    for each in node if isinstance(node, list) else [node]:
        if isinstance(each, dict):
            yield each
            yield from every(each["in"])


def test_spans_are_named_and_rows_say_which_they_are_about() -> None:
    names = Listing("Names", "", ("text",), [Row(("Ada",), about=("m0",)), Row(("Zoë",), pick="7")])
    nodes = drawn(Passage(TEXT, FOUND), names)
    assert [each["name"] for each in nodes if "name" in each] == ["m0", "m1", "m2"]
    rows = [each for each in nodes if each["kind"] == "row" and "links" in each]
    assert [(row["links"], row.get("pick")) for row in rows] == [(["m0"], None), ([], "7")]


def test_the_legend_counts_each_type_and_lights_its_names() -> None:
    nodes = drawn(Passage(TEXT, FOUND))
    legend = [(each["in"][0]["in"], each["in"][1]["in"], each["links"]) for each in nodes if each["kind"] == "legend-item"]
    assert legend == [(["person"], ["2"], ["m0", "m1"]), (["no type"], ["1"], ["m2"])]


def test_a_relation_lights_its_ends_two_by_two() -> None:
    links = Listing("Relations", "", ("s", "p", "o"), [Row(("Ada", "met", "Bob"), about=("m0", "m1"))], pairs=True)
    [row] = [each for each in drawn(Passage(TEXT, FOUND), links) if each.get("links") == ["m0", "m1"] and each["tag"] == "tr"]
    assert row["pairs"] is True


def test_a_table_without_rows_says_so() -> None:
    nodes = drawn(Passage(TEXT), Listing("Names", "", ("text",), [], empty="No names here."))
    assert [each["in"] for each in nodes if each["kind"] == "empty"] == [["No names here."]]


def test_offsets_count_code_points_and_copied_text_is_the_text() -> None:
    nodes = drawn(Passage("😀 Ada", [Span(2, 5, "person", "dotted", name="m0")]))
    [span] = [each for each in nodes if each.get("name") == "m0"]
    assert span["in"][0] == "Ada"


def test_what_was_not_read_is_marked_but_is_no_name() -> None:
    nodes = drawn(Passage(TEXT, [Span(0, 7, line="unread", why="not read: the model was gone")]))
    [unread] = [each for each in nodes if each["kind"] == "span unread"]
    assert unread["title"] == "not read: the model was gone"
    assert "name" not in unread
    assert not [each for each in nodes if each["kind"] == "legend-item"]
