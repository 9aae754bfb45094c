import pytest

from core.documents.chunking import TEMPLATE, Chunk, chunk, text_budget, tiling_problems
from core.documents.tokens import EstimatedTokens
from core.errors import ContextOverflowError, InvalidValueError


class FakeTokens:
    """A token each code point."""

    name = "code points"
    exact = True

    def count(self, text: str) -> int:
        return len(text)


def parts(text: str, size: int, overlap: int = 0) -> list[str]:
    """What each chunk reads, its overlap before a bar."""
    chunks = chunk(text, tokens=FakeTokens(), size=size, overlap=overlap)
    assert tiling_problems(text, chunks) == []
    split = [(each.start, each.start + each.overlap, each.end) for each in chunks]
    return [f"{text[start:new]}|{text[new:end]}" if new > start else text[start:end] for start, new, end in split]


def test_an_empty_text_has_no_chunk_and_a_blank_one_has_one() -> None:
    assert parts("", 100) == []
    assert parts(" \n\n\t ", 100) == [" \n\n\t "]


def test_a_short_text_is_one_chunk() -> None:
    assert chunk("One. Two.\n", tokens=FakeTokens(), size=10, overlap=5) == (Chunk(index=0, start=0, end=10, overlap=0, tokens=10),)


@pytest.mark.parametrize(("size", "overlap"), [(7, 0), (0, 0), (-1, 0), (100, -1)])
def test_a_size_too_small_for_a_character_and_a_negative_overlap_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(InvalidValueError):
        chunk("Text", tokens=FakeTokens(), size=size, overlap=overlap)


def test_a_chunk_ends_between_sentences() -> None:
    text = "The pump was checked on Monday. It ran dry at 3.5 bar! Why did nobody see it? Nobody asked."
    assert parts(text, 60) == [
        "The pump was checked on Monday. It ran dry at 3.5 bar! ",
        "Why did nobody see it? Nobody asked.",
    ]


def test_a_line_break_inside_a_sentence_is_no_place_for_a_cut() -> None:
    text = "The compressor was\nchecked by the technician\non Monday. The second one\nwas not checked at all.\n"
    assert parts(text, 60) == [
        "The compressor was\nchecked by the technician\non Monday. ",
        "The second one\nwas not checked at all.\n",
    ]


def test_a_paragraph_end_nearby_is_better_than_a_fuller_chunk() -> None:
    first = "The first paragraph has two sentences. This is the second one.\r\n\r\n"
    second = "The next begins here. It is about something else altogether.\r\n"
    assert parts(first + second, 90) == [first, second]


def test_a_paragraph_end_far_back_is_not() -> None:
    first, second = (
        "The first paragraph has one sentence.\n\n",
        "The next has two sentences of this length. So there is room for the first.",
    )
    assert parts(first + second, 90) == [first + second[:43], second[43:]]


def test_a_heading_stays_with_its_text() -> None:
    text = "The pump is described here in one sentence, and one more of this length follows.\n\nMaintenance\n\nOil is changed each year.\n"
    assert parts(text, 100)[1] == "Maintenance\n\nOil is changed each year.\n"


def test_a_heading_leaves_a_sentence_that_fits_without_it_whole() -> None:
    sentence = "Oil is changed\nin the spring\nof each year and\nno later than May.\n"
    assert parts("Maintenance\n\n" + sentence, len(sentence)) == ["Maintenance\n\n", sentence]


def test_a_sentence_that_fits_no_chunk_is_cut_at_its_lines() -> None:
    lines = [f"- item number {number} of a list without any full stop\n" for number in range(10, 18)]
    assert parts("".join(lines), 110) == ["".join(lines[at : at + 2]) for at in range(0, 8, 2)]


def test_a_line_that_fits_no_chunk_is_cut_between_its_words() -> None:
    found = parts("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda my ny xi", 20)
    assert "".join(found).split() == [word for each in found for word in each.split()]
    assert all(len(each) > 12 for each in found[:-1])


def test_a_text_without_blanks_is_cut_between_its_words_where_the_writing_has_them() -> None:
    words = ["今天", "上午", "工程师", "检查", "了", "压缩", "机", "的", "压力", "和", "温度"]
    ends = {sum(map(len, words[:number])) for number in range(1, len(words) + 1)}
    for size in range(8, 19):
        assert {each.end for each in chunk("".join(words), tokens=FakeTokens(), size=size, overlap=0)} <= ends


def test_a_word_that_fits_no_chunk_is_cut_between_its_characters() -> None:
    assert "".join(parts("x" * 500, 100)) == "x" * 500
    assert all(each.startswith("👨‍👩‍👧‍👦") and each.endswith("👨‍👩‍👧‍👦") for each in parts("👨‍👩‍👧‍👦" * 50, 60))


def test_a_cluster_that_fits_no_chunk_is_cut_rather_than_sent_too_long() -> None:
    text = "e" + "\u0301" * 100
    assert "".join(parts(text, 30)) == text
    assert max(map(len, parts(text, 30))) <= 30


def test_a_chunk_begins_with_the_last_whole_sentences_of_the_one_before() -> None:
    text = "Alpha is the first one here. Beta is the next one here. Gamma is the third one of them. Delta is the last one here."
    assert parts(text, 90, 40) == [
        "Alpha is the first one here. Beta is the next one here. Gamma is the third one of them. ",
        "Gamma is the third one of them. |Delta is the last one here.",
    ]


def test_a_sentence_longer_than_the_overlap_is_not_repeated_in_part() -> None:
    text = "Alpha is the first one here. Beta is the next one here. Gamma is the third one of them. Delta is the last one here."
    assert parts(text, 90, 20)[1] == "Delta is the last one here."


def test_a_sentence_that_needs_the_room_comes_before_the_overlap() -> None:
    long = "This sentence alone has very nearly as many characters as one chunk may have."
    assert parts("The first one is long too, but not so long. It ends. " + long, 80, 30)[-1] == long


def test_after_a_cut_inside_a_sentence_whole_words_are_repeated() -> None:
    text = " ".join(f"word{number}" for number in range(10, 60))
    before, after = parts(text, 100, 40)[:2]
    shared, _, _ = after.partition("|")
    assert shared and before.endswith(shared) and before[-len(shared) - 1] == " "


def test_the_overlap_is_the_sentences_that_leave_room_for_the_next() -> None:
    text = "The first has quite a lot of words. Two is short. Three is short. The next has forty-nine characters as it were."
    assert parts(text, 66, 33)[-1] == "Three is short. |The next has forty-nine characters as it were."


def test_after_a_sentence_cut_into_words_the_next_chunk_begins_with_a_sentence() -> None:
    cut = " ".join(f"word{number}" for number in range(10, 30)) + ". "
    assert parts(cut + "It ends. And this is the end of it, as far as we know.", 72, 30)[-1].startswith("It ends. |And")
    assert parts(cut + "And this is the last of all, but for one more.", 60, 12)[-1] == "And this is the last of all, but for one more."


def test_a_long_paragraph_is_cut_nowhere_but_between_sentences() -> None:
    sentences = [f"Sentence {number} has {'very ' * (number % 7)}many words. " for number in range(200)]
    found = parts("".join(sentences), 300)
    assert all(each.startswith("Sentence ") and each.endswith("words. ") for each in found)


class SuperadditiveTokens:
    """More for a whole than for its parts, as no real tokenizer counts but a little."""

    name = "code points to the power of 1.3"
    exact = True

    def count(self, text: str) -> int:
        return int(len(text) ** 1.3)


@pytest.mark.parametrize("share", [2, 4])
@pytest.mark.parametrize("size", [60, 80, 120, 200, 500, 1140])
def test_sizes_hold_where_a_whole_has_more_tokens_than_its_parts(size: int, share: int) -> None:
    tokens = SuperadditiveTokens()
    text = "".join(f"It is {'so ' * (number % 9)}said. " for number in range(100))
    chunks = chunk(text, tokens=tokens, size=size, overlap=size // share)
    assert tiling_problems(text, chunks) == []
    assert all(tokens.count(text[each.start : each.end]) <= size for each in chunks)
    assert all(tokens.count(text[each.start : each.start + each.overlap]) <= size // share for each in chunks)


@pytest.mark.parametrize("size", range(20, 60))
@pytest.mark.parametrize("joined", ["! \u0e33", ". \u0301", "! 🏻", "\n\n \u0301"], ids=ascii)
def test_what_joins_the_sentence_before_begins_no_chunk(joined: str, size: int) -> None:
    text = f"So it is{joined}and so on" * 20
    assert not [each for each in parts(text, size) if each[0] == joined[-1]]


def test_clusters_of_many_tokens_are_cut_apart_but_not_inside() -> None:
    family = "👨‍👩‍👧‍👦"
    chunks = chunk(family * 20, tokens=EstimatedTokens(), size=24, overlap=0)
    assert [each.end - each.start for each in chunks] == [len(family)] * 20


class FewTokens:
    """A token for six code points."""

    name = "six code points each"
    exact = True

    def count(self, text: str) -> int:
        return (len(text) + 5) // 6


def test_a_cluster_longer_than_what_is_cut_together_is_not_cut_inside() -> None:
    kiss = "👩🏽‍❤️‍💋‍👨🏽"
    assert all(each.end % len(kiss) == 0 for each in chunk(kiss * 9, tokens=FewTokens(), size=8, overlap=0))
    heavy = "e" + "\u0301" * 40
    assert parts(heavy * 10, 100) == [heavy * 2] * 5


def test_an_overlap_of_more_than_half_a_chunk_is_half_a_chunk() -> None:
    text = "One is here. " * 30
    assert parts(text, 100, 10_000) == parts(text, 100, 50)


def test_a_chunk_in_estimated_tokens_is_many_times_as_long() -> None:
    text = "The pump was checked on Monday by the technician. " * 100
    first = chunk(text, tokens=EstimatedTokens(), size=200, overlap=0)[0]
    assert first.tokens <= 200
    assert first.end > 500


def test_text_gets_what_prompt_and_answer_leave_but_no_more_than_wanted() -> None:
    assert text_budget(context_tokens=8192, prompt_tokens=2000, answer_tokens=1000, wanted=1500) == 1500
    assert text_budget(context_tokens=4096, prompt_tokens=2000, answer_tokens=1000, wanted=1500) == 1096 - TEMPLATE
    assert text_budget(context_tokens=None, prompt_tokens=10**6, answer_tokens=10**6, wanted=1500) == 1500
    assert text_budget(context_tokens=100 + TEMPLATE, prompt_tokens=50, answer_tokens=40, wanted=10) == 10


def test_room_for_less_than_a_paragraph_is_none() -> None:
    assert text_budget(context_tokens=1000 + TEMPLATE + 64, prompt_tokens=600, answer_tokens=400, wanted=500) == 64
    with pytest.raises(ContextOverflowError):
        text_budget(context_tokens=1000 + TEMPLATE + 63, prompt_tokens=600, answer_tokens=400, wanted=500)


@pytest.mark.parametrize(("prompt", "answer", "remedy"), [(1500, 500, "fewer or shorter demos"), (300, 1700, "max_tokens")])
def test_a_context_without_room_says_what_takes_it_and_what_would_do(prompt: int, answer: int, remedy: str) -> None:
    with pytest.raises(ContextOverflowError) as caught:
        text_budget(context_tokens=2048, prompt_tokens=prompt, answer_tokens=answer, wanted=1000)
    assert all(str(figure) in caught.value.message for figure in (2048, prompt, answer))
    assert str(3000 + TEMPLATE) in caught.value.hint
    assert remedy in caught.value.hint
    assert text_budget(context_tokens=3000 + TEMPLATE, prompt_tokens=prompt, answer_tokens=answer, wanted=1000) == 1000


def piece(start: int, end: int, overlap: int = 0) -> Chunk:
    return Chunk(index=0, start=start, end=end, overlap=overlap, tokens=1)


@pytest.mark.parametrize(
    ("chunks", "problem"),
    [
        ([], "no chunk, but a text of 10 code points"),
        ([piece(0, 4), piece(5, 10)], "code points 4 to 5 are in no chunk"),
        ([piece(1, 10)], "code points 0 to 1 are in no chunk"),
        ([piece(0, 9)], "code points 9 to 10 are in no chunk"),
        ([piece(0, 11)], "chunk 1 is from 0 to 11 of a text of 10 code points"),
        ([piece(0, 5), piece(5, 5), piece(5, 10)], "chunk 2 is from 5 to 5 of a text of 10 code points"),
        ([piece(0, 5), piece(8, 5), piece(5, 10)], "chunk 2 is from 8 to 5 of a text of 10 code points"),
        ([piece(5, 10), piece(0, 5, 5)], "chunk 2 does not go on after chunk 1"),
        ([piece(0, 10), piece(4, 8, 6)], "chunk 2 does not go on after chunk 1"),
        ([piece(0, 6), piece(4, 10)], "chunk 2 says that it overlaps chunk 1 by 0, but it does by 2"),
        ([piece(0, 6), piece(6, 10, 2)], "chunk 2 says that it overlaps chunk 1 by 2, but it does by 0"),
        ([piece(0, 10, 1)], "chunk 1 says that it overlaps one before it by 1"),
    ],
)
def test_each_problem_of_a_tiling_is_said_in_words(chunks: list[Chunk], problem: str) -> None:
    assert problem in tiling_problems("0123456789", chunks)


def test_a_text_without_characters_needs_no_chunk() -> None:
    assert tiling_problems("", []) == []
    assert tiling_problems("", [piece(0, 0)]) != []
