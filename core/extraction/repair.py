"""What is asked once more after an answer that could not be used."""

from core.errors import AnswerError
from core.records.models import Message, ModelRequest
from core.records.prompts import TaskPrompt

CLIPPED = 2_000
"""Characters of a bad answer that are shown to the model: enough to see what was wrong, and no second document."""


def repaired(prompt: TaskPrompt, request: ModelRequest, error: AnswerError) -> ModelRequest:
    """The same question, then the bad answer, then what was wrong with it and how the answer is to be written.

    Where nothing came that could be shown (an empty answer, a web page), the same question alone.
    """
    bad = error.answer.strip()
    if not bad:
        return request
    shown = bad if len(bad) <= CLIPPED else f"{bad[:CLIPPED]} ..."
    turns = (
        Message(role="assistant", content=shown),
        Message(
            role="user", content=f"This cannot be used: {error.message}. Answer the question above again. {prompt.last[-1].text.strip()}"
        ),
    )
    return request.model_copy(update={"messages": (*request.messages, *turns)})
