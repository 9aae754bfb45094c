"""Tokens with offsets and word classes."""

import pytest

from core.llm.providers.builtin.tokens import count, is_german, read, stem


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("set max_connections to 1,000.", ["set", "max_connections", "to", "1,000", "."]),
        ("Rücklauf-Filter bei 80 °C, ±0,2 mm", ["Rücklauf-Filter", "bei", "80", "°C", ",", "±", "0,2", "mm"]),
        ("the landlord's key (O'Brien)", ["the", "landlord", "'s", "key", "(", "O'Brien", ")"]),
        ("Vor- und Rücklauf", ["Vor-", "und", "Rücklauf"]),
        ("max. 6 bar. Ende", ["max.", "6", "bar", ".", "Ende"]),
        ("John F. Kennedy met Dr. No.", ["John", "F.", "Kennedy", "met", "Dr.", "No", "."]),
        ("", []),
    ],
)
def test_text_is_cut_into_words_numbers_and_marks(text, pieces):
    assert [token.text for token in read(text).tokens] == pieces
    assert count(text) == len(pieces)


def test_offsets_are_code_points():
    text = "😀 Öl für Ω-Pumpen"
    assert [text[token.start : token.end] for token in read(text).tokens] == [token.text for token in read(text).tokens]


def test_sentences_are_numbered_and_initials_end_none():
    tokens = read("Ada F. Byron came. She left!").tokens
    assert [token.sentence for token in tokens if token.text in {"Byron", "She", "left"}] == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "german"), [("Das Ventil ist mit der Pumpe verbunden.", True), ("The valve is on the pump.", False), ("", False)]
)
def test_the_language_is_told_by_function_words(text, german):
    assert is_german(text) is german


@pytest.mark.parametrize(
    ("one", "other"),
    [("pumpe", "pumpen"), ("copy machines", "copy machine"), ("prüfung", "prüfungen"), ("leaks", "leak"), ("policies", "policy")],
)
def test_inflected_forms_share_a_stem(one, other):
    assert stem(one) == stem(other)
