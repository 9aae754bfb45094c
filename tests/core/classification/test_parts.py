"""What is read of a document."""

import random

import pytest

from core.classification.parts import ALONE, CHARACTERS, PARTS, parts


def words(count: int, seed: int = 0) -> str:
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefgh", k=chance.randint(1, 12))) for _ in range(count))


def test_a_long_document_is_read_from_its_beginning_to_its_end() -> None:
    text = f"first {words(2000)} last"
    found = parts(text)
    assert len(found) == PARTS
    assert found[0].startswith("first ")
    assert found[-1].endswith(" last")
    places = [text.index(part) for part in found]
    assert places == sorted(places)
    middle = text.index(found[PARTS // 2])
    assert 0.3 < middle / len(text) < 0.7


def test_a_short_text_is_one_passage_with_single_blanks() -> None:
    assert parts("  one\n\n two\tthree ") == ["one two three"]


def test_a_text_without_words_is_one_empty_passage() -> None:
    assert parts("") == [""]
    assert parts(" \n\t ") == [""]


def test_only_whole_words_are_read() -> None:
    text = words(900, seed=3)
    known = set(text.split())
    assert all(set(part.split()) <= known for part in parts(text))


@pytest.mark.parametrize("length", [1, ALONE, ALONE + 1, 900, CHARACTERS, CHARACTERS + 1, 60_000])
@pytest.mark.parametrize("characters", [1, 50, 300, 2000])
def test_never_more_than_the_allowed_characters_are_read_and_always_some(length: int, characters: int) -> None:
    text = words(length)[:length].strip()
    found = parts(text, characters=characters)
    assert found
    assert all(found)
    assert sum(len(part) for part in found) <= characters


def test_a_word_longer_than_a_passage_is_cut() -> None:
    found = parts("x" * 5000)
    assert len(found) == PARTS
    assert all(set(part) == {"x"} for part in found)


def test_a_text_of_middle_length_is_read_whole() -> None:
    text = words(200, seed=5)
    assert ALONE < len(text) < CHARACTERS
    assert set(" ".join(parts(text)).split()) <= set(text.split())
    assert sum(len(part) for part in parts(text)) > 0.8 * len(text)
