from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.components import spans
from app.components.spans import Span
from core.records.samples import Entity

TEXT = "a😀b cdé fgh"
SPANS = st.lists(st.tuples(st.integers(-2, 14), st.integers(-2, 14)).map(lambda ends: Span(ends[0], ends[1], "t")), max_size=6)


def letters(pieces: list[Any]) -> str:
    return "".join(piece if isinstance(piece, str) else letters(piece["in"]) for piece in pieces)


def marked(pieces: list[Any], inside: frozenset[str] = frozenset()) -> list[tuple[str, frozenset[str]]]:
    """Each letter with the picks of the spans around it."""
    out: list[tuple[str, frozenset[str]]] = []
    for piece in pieces:
        if isinstance(piece, str):
            out += [(letter, inside) for letter in piece]
        else:
            out += marked(piece["in"], inside | {piece["pick"]})
    return out


@given(SPANS)
def test_every_letter_is_drawn_once_and_under_exactly_its_spans(found: list[Span]) -> None:
    pieces = spans.pieces(TEXT, found, {"t": 0}, picks=True, labels=False)
    assert letters(pieces) == TEXT
    for at, (letter, around) in enumerate(marked(pieces)):
        assert letter == TEXT[at]
        valid = {str(n) for n, span in enumerate(found) if 0 <= span.start < span.end and span.start <= at < span.end}
        assert around == valid


def test_offsets_count_code_points() -> None:
    [_, drawn, _] = spans.pieces(TEXT, [Span(1, 3, "t")], {"t": 0}, labels=False)
    assert isinstance(drawn, dict)
    assert drawn["in"] == ["😀b"]


def test_the_type_is_named_once_where_a_span_is_cut_in_two() -> None:
    pieces = spans.pieces("abcdef", [Span(0, 3, "x"), Span(2, 5, "y")], {"x": 0, "y": 1})
    assert letters(pieces).count("y") == 1


def test_what_differs_from_gold_is_dashed_with_the_reason() -> None:
    gold = [Span(0, 3, "drug"), Span(5, 8, "dose")]
    found = spans.against(gold, [Span(0, 3, "drug"), Span(5, 8, "test"), Span(5, 7, "dose"), Span(9, 10, "drug")])
    assert [(span.line, span.why) for span in found] == [
        ("solid", "as in gold"), ("dashed", "gold has the type dose"), ("dashed", "gold has another boundary"), ("dashed", "not in gold")
    ]  # fmt: skip


def test_names_that_are_not_in_the_text_have_no_span() -> None:
    grounded = Entity(id="1", text="a", type="drug", start=0, end=1)
    assert spans.of([grounded, Entity(id="2", text="z", type="drug"), {"type": None, "start": 2, "end": 3}]) == [
        Span(0, 1, "drug"),
        Span(2, 3, ""),
    ]


def test_a_type_has_the_color_of_its_place_in_the_schema() -> None:
    assert spans.type_colors(["drug", "dose", "drug"]) == {"drug": 0, "dose": 1}
