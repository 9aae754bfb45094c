import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.align import find
from core.records.mentions import mentions, nested

LETTERS = st.text("aAbBßıİiẞs_ \n-1é\u0301ä", max_size=30)
SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda each: (each[0], each[0] + each[1])), max_size=8)


@pytest.mark.parametrize(
    ("text", "name", "spans"),
    [
        ("Ada and Ada", "Ada", [(0, 3), (8, 11)]),
        ("Adana, Ada", "Ada", [(7, 10)]),
        ("Rechtesystem", "system", [(6, 12)]),
        ("ADA", "ada", [(0, 3)]),
        ("New\n York", "new york", [(0, 9)]),
        ("Ada", "Bob", []),
        ("Ada", "", []),
        ("a  b", " ", []),
        ("😀 Ada", "Ada", [(2, 5)]),
    ],
)
def test_a_name_is_found_exactly_before_caselessly_and_whole_before_inside_a_word(
    text: str, name: str, spans: list[tuple[int, int]]
) -> None:
    assert mentions(text, name) == spans


@given(LETTERS, LETTERS)
def test_predictions_are_placed_by_the_same_rule_as_imported_gold(text: str, name: str) -> None:
    if name.strip():
        assert mentions(text, name) == list(find(text, name, fuzzy=False).spans)


@given(LETTERS, st.integers(0, 30), st.integers(1, 10))
def test_any_piece_of_a_text_is_found_in_it(text: str, start: int, length: int) -> None:
    piece = text[start : start + length]
    assert bool(mentions(text, piece)) == bool(piece.strip())


@given(SPANS)
def test_nested_spans_are_those_inside_a_longer_one(spans: list[tuple[int, int]]) -> None:
    inside = {a for a in spans for b in spans if a != b and b[0] <= a[0] and a[1] <= b[1]}
    assert nested(spans) == inside
