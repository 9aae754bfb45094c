import pytest

from app.components.labels import label


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("note 17", "note 17"),
        ("a_b", r"a\_b"),
        ("x\ny\u202ez", "x y z"),
        (":red[x]", r"\:red\[x\]"),
        ("über 5 €", "über 5 €"),
        ("\\", r"\\"),
    ],
)
def test_words_in_a_label_are_only_words(words: str, shown: str) -> None:
    assert label(words) == shown


def test_a_long_label_is_cut_before_it_is_escaped() -> None:
    assert label("*" * 100, longest=10) == r"\*" * 9 + "…"
