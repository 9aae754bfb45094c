"""A chunk leaves room for the prompt, the entity list and the answer, whatever the context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.tokens import BuiltinTokens, EstimatedTokens
from core.errors import ContextOverflowError
from core.extraction.budget import PER_MESSAGE, chunk_size, prompt_tokens
from core.programs.generic import generic_prompts
from core.records.models import Message
from core.records.prompts import TaskPrompt
from core.records.samples import Task

PROMPTS = generic_prompts(takes_schema=True)
TOKENS = EstimatedTokens()


def size(context: int | None, *, max_tokens: int = 4096, wanted: int = 800, prompts: dict[Task, TaskPrompt] | None = None) -> int:
    return chunk_size(prompts or PROMPTS, tokens=TOKENS, context_tokens=context, max_tokens=max_tokens, wanted=wanted)


def test_without_a_known_context_chunks_are_as_large_as_wanted() -> None:
    assert size(None, wanted=12_345) == 12_345


def test_a_roomy_context_gives_what_is_wanted_and_no_more() -> None:
    assert size(8192) == 800


def test_a_narrow_context_gives_less_and_a_hopeless_one_is_refused() -> None:
    assert 64 <= size(1500) < 800
    with pytest.raises(ContextOverflowError) as raised:
        size(512)
    assert raised.value.hint


@given(context=st.integers(1000, 200_000), max_tokens=st.integers(256, 8192), wanted=st.integers(64, 4000))
def test_prompt_text_entities_and_answer_fit_together(context: int, max_tokens: int, wanted: int) -> None:
    try:
        text = size(context, max_tokens=max_tokens, wanted=wanted)
    except ContextOverflowError:
        return
    fixed = prompt_tokens(PROMPTS["relations"], TOKENS)
    share = min(max_tokens, (context - fixed) // 3)
    assert fixed + text + 2 * share <= context
    assert text <= wanted


def test_demos_take_their_room() -> None:
    long = (Message(role="user", content="so many words " * 300), Message(role="assistant", content="[]"))
    taught = PROMPTS["entities"].model_copy(update={"messages": (*PROMPTS["entities"].messages, *long)})
    bare = size(4096, wanted=4096, prompts={"entities": PROMPTS["entities"]})
    assert size(4096, wanted=4096, prompts={"entities": taught}) < bare


def test_the_prompt_is_counted_whole_without_any_text() -> None:
    counted = prompt_tokens(PROMPTS["entities"], BuiltinTokens())
    sent = [*(message.content for message in PROMPTS["entities"].messages), "".join(part.text for part in PROMPTS["entities"].last)]
    assert counted == sum(BuiltinTokens().count(content) + PER_MESSAGE for content in sent)
