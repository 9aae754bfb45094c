"""Kept prompts at work on a text: what is asked for each task, and what was read from the answers. Needs no DSPy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import AnswerError
from core.llm.thoughts import without_thoughts
from core.programs.render import parse, render
from core.records.models import ModelRequest
from core.records.prompts import TaskPrompt
from core.records.samples import Task

Ask = Callable[[ModelRequest], str]
"""Sends a request, gives the answer's text. Raises ModelError."""
Repair = Callable[[TaskPrompt, ModelRequest, AnswerError], ModelRequest]
"""What is asked once more after an answer that could not be used."""


@dataclass(frozen=True)
class Reader:
    """Prompts of one version and the model that they go to."""

    prompts: Mapping[Task, TaskPrompt]
    model: str
    ask: Ask
    unreadable: Callable[[], None] = lambda: None
    """Told of an answer that came but could not be read; one that never came is counted where it was asked for."""
    repair: Repair | None = None
    """None = an answer that cannot be used is final."""

    def entities(self, text: str) -> list[dict[str, Any]]:
        """Entities `{text, type}` of a text, with a `description` where one was given. Raises ModelError."""
        return self._answer("entities", {"source_text": text})

    def relations(self, text: str, entities: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Relations `{subject, predicate, object}` between given entities. Raises ModelError."""
        typed = self.prompts["relations"].typed
        given = [{"text": e["text"], "type": e["type"] or ""} if typed else e["text"] for e in entities]
        return self._answer("relations", {"source_text": text, "entities": given})

    def _answer(self, task: Task, inputs: dict[str, Any]) -> list[dict[str, Any]]:
        prompt = self.prompts[task]
        request = ModelRequest(model=self.model, messages=render(prompt, inputs), response_schema=prompt.response_schema)
        try:
            return self._read(prompt, request)
        except AnswerError as error:
            if self.repair is None:
                raise
            again = self.repair(prompt, request, error)
        return self._read(prompt, again)

    def _read(self, prompt: TaskPrompt, request: ModelRequest) -> list[dict[str, Any]]:
        answer = self.ask(request)
        try:
            return parse(prompt, without_thoughts(answer))
        except AnswerError:
            self.unreadable()
            raise
