"""How many tokens of text one call can take: the prompt with its examples, the entities found, and the answer have to fit beside it."""

from collections.abc import Mapping

from core.documents.chunking import text_budget
from core.documents.tokens import TokenCounter
from core.programs.render import render
from core.records.prompts import TaskPrompt
from core.records.samples import Task

PER_MESSAGE = 8
"""Tokens that a model's own template puts around each message; more than any known one needs."""


def chunk_size(
    prompts: Mapping[Task, TaskPrompt], *, tokens: TokenCounter, context_tokens: int | None, max_tokens: int, wanted: int
) -> int:
    """Tokens of text in a chunk: those wanted, or as many as fit the tighter of the two tasks. Without a known context, those wanted.

    Text, entity list (in the question about relations) and answer share equally what a prompt leaves of the context; of an
    answer no more is reserved than `max_tokens` lets it have.

    Raises:
        ContextOverflowError: the prompt leaves no room for text.
    """
    if context_tokens is None:
        return wanted
    return min(_room(task, prompt_tokens(prompt, tokens), context_tokens, max_tokens, wanted) for task, prompt in prompts.items())


def _room(task: Task, fixed: int, context_tokens: int, max_tokens: int, wanted: int) -> int:
    lists = 1 if task == "relations" else 0
    answer = min(max_tokens, max(0, context_tokens - fixed) // (2 + lists))
    return text_budget(context_tokens=context_tokens, prompt_tokens=fixed + lists * answer, answer_tokens=answer, wanted=wanted)


def prompt_tokens(prompt: TaskPrompt, tokens: TokenCounter) -> int:
    """Tokens of everything that is sent around a text."""
    empty = render(prompt, {part.field: "" for part in prompt.last if part.field})
    return sum(tokens.count(message.content) + PER_MESSAGE for message in empty)
