"""What holds for every text, whatever counts its tokens."""

import random
import re
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from core.documents.chunking import Chunk, chunk, tiling_problems
from core.documents.tokens import BuiltinTokens, EstimatedTokens, TokenCounter


@dataclass(frozen=True)
class FakeTokens:
    """A token each code point and a few for nothing, more for a whole than for its parts, and a record of what was counted."""

    name: str = "code points"
    exact: bool = True
    power: float = 1.0
    more: int = 0
    counted: list[int] = field(default_factory=list, compare=False)

    def count(self, text: str) -> int:
        self.counted.append(len(text))
        return int(len(text) ** self.power) + self.more * bool(text)


COUNTERS: list[TokenCounter] = [EstimatedTokens(), BuiltinTokens(), FakeTokens(), FakeTokens(power=1.2), FakeTokens(more=3)]
PIECES = [
    "a", "Word ", "word", " ", "   ", ". ", "! ", "Satz. ", "\n", "\n\n", "\r\n", "\r", "\f", "\u2028", "\u2029", "\x00", "\t", "9",
    "é", "e\u0301", "\u0301", "👨‍👩‍👧‍👦", "🏻", "🇩🇪", "🇩", "漢", "字。", "\u0e33", "\u0600", "\u200d", "\ud800", "\udfff", "\u202e", "각",
    "ᄀ", "ᅡ", "क्ष", "{}", "[[ ## ",
]  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=120).map("".join),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).flatmap(
        lambda few: st.lists(st.sampled_from(few), max_size=120).map("".join)
    ),
    st.text(st.characters(), max_size=80),  # any code point, lone surrogates too
)
SIZES = st.sampled_from([8, 9, 12, 20, 50, 200])
OVERLAPS = st.sampled_from([0, 1, 3, 10, 100])


def clean(text: str) -> str:
    """As a tokenizer may be given it."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@given(TEXTS, st.sampled_from(COUNTERS), SIZES, OVERLAPS)
def test_chunks_tile_every_text(text: str, tokens: TokenCounter, size: int, overlap: int) -> None:
    chunks = chunk(text, tokens=tokens, size=size, overlap=overlap)
    assert tiling_problems(text, chunks) == []
    assert "".join(text[each.start + each.overlap : each.end] for each in chunks) == text
    assert [each.index for each in chunks] == list(range(len(chunks)))


@given(TEXTS, st.sampled_from(COUNTERS), SIZES, OVERLAPS)
def test_no_chunk_is_over_its_size_and_each_says_its_tokens(text: str, tokens: TokenCounter, size: int, overlap: int) -> None:
    for each in chunk(text, tokens=tokens, size=size, overlap=overlap):
        assert each.tokens == tokens.count(clean(text)[each.start : each.end]) <= size


@given(TEXTS, st.sampled_from(COUNTERS), SIZES, OVERLAPS)
def test_no_overlap_is_over_what_was_asked_and_each_chunk_goes_on(text: str, tokens: TokenCounter, size: int, overlap: int) -> None:
    chunks = chunk(text, tokens=tokens, size=size, overlap=overlap)
    for before, after in pairwise(chunks):
        assert tokens.count(clean(text)[after.start : after.start + after.overlap]) <= min(overlap, size // 2)
        assert before.start < after.start <= before.end < after.end


@given(TEXTS, st.sampled_from(COUNTERS), SIZES, OVERLAPS)
def test_no_cut_splits_a_grapheme_cluster_that_fits(text: str, tokens: TokenCounter, size: int, overlap: int) -> None:
    text = clean(text)
    chunks = chunk(text, tokens=tokens, size=size, overlap=overlap)
    cuts = {each.start for each in chunks} | {each.end for each in chunks}
    for match in regex.finditer(r"\X", text):
        if cuts & set(range(match.start() + 1, match.end())):
            assert tokens.count(match.group()) > size


@given(TEXTS, SIZES, OVERLAPS)
def test_lone_surrogates_change_no_offset(text: str, size: int, overlap: int) -> None:
    with_them, without = (chunk(each, tokens=FakeTokens(), size=size, overlap=overlap) for each in (text, clean(text)))
    assert with_them == without


@given(st.lists(st.integers(3, 12), min_size=1, max_size=40), st.integers(70, 200), OVERLAPS, st.sampled_from([" ", "\n", "\r\n", "\n\n"]))
def test_a_sentence_that_fits_is_never_cut(lengths: list[int], size: int, overlap: int, between: str) -> None:
    sentences = [f"Nr {' '.join(['word'] * length)}.{between}" for length in lengths]  # of at most 66 code points
    text = "".join(sentences)
    ends = {sum(map(len, sentences[: number + 1])) for number in range(len(sentences))}
    for each in chunk(text, tokens=FakeTokens(), size=size, overlap=overlap):
        assert each.end in ends
        assert each.start in ends | {0}


@given(st.integers(0, 2**32), st.integers(60, 400), st.integers(0, 60))
def test_the_same_text_is_cut_alike_every_time(seed: int, size: int, overlap: int) -> None:
    text = prose(random.Random(seed), 3_000)
    assert chunk(text, tokens=BuiltinTokens(), size=size, overlap=overlap) == chunk(
        text, tokens=BuiltinTokens(), size=size, overlap=overlap
    )


@pytest.mark.parametrize("unit", ["漢", "a", "ab ", "a\n", "a\n\n", "A. ", " ", "\n", "🇩🇪", "\u0301", "Yes it is. "])
def test_a_long_text_is_counted_a_few_times_over_whatever_it_lacks(unit: str) -> None:
    tokens = FakeTokens()
    text = unit * (200_000 // len(unit))
    chunks = chunk(text, tokens=tokens, size=500, overlap=50)
    assert tiling_problems(text, chunks) == []
    assert sum(tokens.counted) < 5 * len(text)
    assert len(tokens.counted) < len(text) / 8


@given(st.integers(0, 2**32))
def test_chunks_are_well_filled_and_overlap(seed: int) -> None:
    text = prose(random.Random(seed), 20_000)
    chunks = chunk(text, tokens=EstimatedTokens(), size=400, overlap=60)
    assert all(each.tokens > 240 for each in chunks[:-1])
    assert all(each.overlap for each in chunks[1:])


def prose(rng: random.Random, length: int) -> str:
    """Sentences of 4 to 12 words, in paragraphs of 2 to 6."""
    words = ["pump", "valve", "pressure", "the", "of", "Prüfung", "druck", "Ölstand", "is", "was", "checked"]
    text = ""
    while len(text) < length:
        for _ in range(rng.randint(2, 6)):
            text += " ".join(rng.choices(words, k=rng.randint(4, 12))).capitalize() + ". "
        text += "\n\n"
    return text


@given(TEXTS, st.data())
def test_whatever_is_wrong_with_a_tiling_is_said(text: str, data: st.DataObject) -> None:
    chunks = list(chunk(text, tokens=FakeTokens(), size=8, overlap=data.draw(st.sampled_from([0, 4]))))
    if not chunks:
        return
    number = data.draw(st.integers(0, len(chunks) - 1))
    right = chunks[number]
    field_name = data.draw(st.sampled_from(["start", "end", "overlap"]))
    by = data.draw(st.integers(-3, 3).filter(bool))
    wrong = Chunk.model_validate(right.model_dump() | {field_name: getattr(right, field_name) + by})
    assert tiling_problems(text, [*chunks[:number], wrong, *chunks[number + 1 :]])
    assert tiling_problems(text, [*chunks[:number], *chunks[number + 1 :]]) or right.end - right.start == right.overlap
    assert tiling_problems(text, [*chunks, right])
