from hypothesis import given
from hypothesis import strategies as st

from app.views import extract_parts
from app.views.extract_parts import PART, Part, contents, part_of, parts
from core.records.documents import Extraction, FoundEntity, FoundRelation, ReadChunk

LONG = st.lists(st.sampled_from(["word ", "😀", "A sentence. ", "line\n", "\n\n", "x" * 900, "ש"]), max_size=2000).map("".join)


def made(text: str, names: list[tuple[str, str | None, int]], relations: tuple[FoundRelation, ...] = ()) -> Extraction:
    """What was found in a text: names with their type, at the place where they stand."""
    entities = tuple(
        FoundEntity(text=name, type=kind, start=at, end=at + len(name), description=f"{name} at {at}") for name, kind, at in names
    )
    chunks = (ReadChunk(index=0, start=0, end=len(text), overlap=0, tokens=9),)
    return Extraction(
        id="d/generic", document="d", name="a.txt", domain="general", version=None, model="builtin/in-context", ms=1, entities=entities,
        relations=relations, chunks=chunks, tokens="counted",
    )  # fmt: skip


def relation(subject: tuple[str, int], predicate: str, target: tuple[str, int]) -> FoundRelation:
    return FoundRelation(
        subject=subject[0], predicate=predicate, object=target[0], subject_start=subject[1], subject_end=subject[1] + len(subject[0]),
        object_start=target[1], object_end=target[1] + len(target[0]),
    )  # fmt: skip


@given(LONG)
def test_parts_tile_every_text_and_none_is_too_long(text: str) -> None:
    cut = parts(text)
    assert "".join(text[each.start : each.end] for each in cut) == text
    assert all(0 < each.end - each.start <= PART * 5 // 4 for each in cut) or text == ""
    for number, each in enumerate(cut):
        if each.start < each.end:
            assert part_of(cut, each.start) == part_of(cut, each.end - 1) == number


def test_a_part_ends_with_a_paragraph_before_it_ends_with_a_word() -> None:
    text = "word " * 900 + "\n\n" + "word " * 900
    assert parts(text)[0] == Part(0, 4502)


def test_a_name_stands_once_with_every_place_where_it_is_mentioned() -> None:
    found = contents(made("Ada met Bob. Ada left.", [("Ada", "person", 13), ("Bob", "person", 4 + 4), ("Ada", "person", 0)]))
    assert [(name.text, len(name.mentions)) for name in found.names] == [("Ada", 2), ("Bob", 1)]
    assert [(each.start, each.end) for each in found.mentions] == [(0, 3), (8, 11), (13, 16)]
    assert found.names[0].mentions == (0, 2)
    assert found.names[0].why == "Ada at 0"


def test_one_text_of_two_types_is_two_names() -> None:
    found = contents(made("Ada Ada", [("Ada", "person", 0), ("Ada", "ship", 4)]))
    assert [(name.text, name.type) for name in found.names] == [("Ada", "person"), ("Ada", "ship")]
    assert found.types == ("person", "ship")


def test_a_relation_said_twice_stands_once_with_both_pairs_of_ends() -> None:
    names: list[tuple[str, str | None, int]] = [("Ada", None, 0), ("Bob", None, 8), ("Ada", None, 13), ("Bob", None, 21)]
    links = (relation(("Ada", 13), "met", ("Bob", 21)), relation(("Ada", 0), "met", ("Bob", 8)))
    [link] = contents(made("Ada met Bob. Ada met Bob.", names, links)).links
    assert link.ends == ((0, 1), (2, 3))


def test_an_end_of_a_relation_that_is_no_entity_is_marked_as_well() -> None:
    found = contents(made("Ada met Bob.", [("Ada", "person", 0)], (relation(("Ada", 0), "met", ("Bob", 8)),)))
    assert [(each.start, each.type) for each in found.mentions] == [(0, "person"), (8, "")]
    assert [name.text for name in found.names] == ["Ada"]
    assert found.links[0].ends == ((0, 1),)


def test_a_part_shows_a_name_that_crosses_its_border() -> None:
    found = contents(made("x" * 20, [("xxxx", None, 8), ("xx", None, 0)]))
    assert list(found.within(Part(10, 20))) == [1]
    assert list(found.within(Part(0, 8))) == [0]


def test_borders_are_looked_for_in_every_kind() -> None:
    for sign in extract_parts._BORDERS:
        text = "x" * 4000 + sign + "y" * 9000
        assert parts(text)[0].end == 4000 + len(sign)
