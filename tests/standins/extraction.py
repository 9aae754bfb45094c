"""What tests of extraction share: a way to a model whose answers a function gives, and answers in the form that is asked for."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.documents.tokens import BuiltinTokens
from core.extraction.extract import Found, Plan, Progress, extract_text
from core.extraction.read import Line
from core.llm.gateway import Gateway, RecordedCall
from core.llm.providers.base import Cancelled, Provider
from core.llm.providers.builtin import BuiltinProvider
from core.programs.generic import generic_prompts
from core.records.models import Call, ModelRequest
from tests.standins.training import FakeModel

BUILTIN = "builtin/in-context"
Answer = Callable[[ModelRequest], str]


class Calls:
    """A recorder that keeps every call in memory, with its prompt and answer."""

    run_id = None

    def __init__(self) -> None:
        self.made: dict[str, tuple[Call, str, str | None]] = {}
        self._counts: dict[str, int] = {}

    def occurrence(self, request_hash: str) -> int:
        self._counts[request_hash] = self._counts.get(request_hash, 0) + 1
        return self._counts[request_hash]

    def recorded(self, request_hash: str, occurrence: int) -> RecordedCall | None:
        return None

    def begin(self, call: Call, prompt: str) -> None:
        """Nobody watches."""

    def record(self, call: Call, prompt: str, answer: str | None) -> None:
        self.made[call.id] = (call, prompt, answer)


def line_to(provider: Provider, model: str = "one", *, calls: Calls | None = None, retries: int = 0) -> Line:
    """The generic prompts, sent to a provider."""
    gateway = Gateway({provider.name: provider}, retries=retries, pause=lambda seconds: None)
    prompts = generic_prompts(takes_schema=provider.takes_schema)
    return Line(prompts=prompts, model=f"{provider.name}/{model}", gateway=gateway, recorder=calls or Calls())


def builtin_line() -> Line:
    return line_to(BuiltinProvider(), "in-context")


def fake_line(answer: Answer, *, schema: bool = False, calls: Calls | None = None) -> Line:
    return line_to(FakeModel(answer, schema=schema), calls=calls)


PLAN = Plan(tokens=BuiltinTokens(), wanted=60, overlap=15, threads=4)


def extract(
    text: str, line: Line, *, progress: Progress = lambda done, of: None, cancelled: Cancelled = lambda: False, **plan: Any
) -> Found:
    """The document read in small chunks."""
    return extract_text(text, replace(line, cancelled=cancelled), replace(PLAN, **plan), progress=progress)


def task_of(request: ModelRequest) -> str:
    """Which task a request asks for."""
    return "relations" if "1. `relations`" in request.messages[0].content else "entities"


def text_of(request: ModelRequest) -> str:
    """The text that a request is about, as the generic prompts place it."""
    asked = request.messages[1].content
    body = asked.removeprefix("[[ ## source_text ## ]]\n").rpartition("\n\n")[0]
    return body.rpartition("\n\n[[ ## entities ## ]]\n")[0] if task_of(request) == "relations" else body


def said(request: ModelRequest, items: Sequence[Any]) -> str:
    """Items as an answer in the form that the request asks for."""
    listed = json.dumps(items)
    task = task_of(request)
    return f'{{"{task}": {listed}}}' if request.response_schema else f"[[ ## {task} ## ]]\n{listed}\n\n[[ ## completed ## ]]"


def entity(text: str, kind: str = "thing", **more: Any) -> dict[str, Any]:
    return {"text": text, "type": kind, **more}


def relation(subject: str, predicate: str, target: str, **more: Any) -> dict[str, Any]:
    return {"subject": subject, "predicate": predicate, "object": target, **more}


def finding(kinds: Mapping[str, str], relations: Sequence[dict[str, Any]] = ()) -> Answer:
    """A model that finds the given names, each with its type, where they stand, and the given relations where both ends do."""

    def answer(request: ModelRequest) -> str:
        text = text_of(request)
        if task_of(request) == "entities":
            return said(request, [entity(name, kind) for name, kind in kinds.items() if re.search(re.escape(name), text)])
        return said(request, [each for each in relations if each["subject"] in text and each["object"] in text])

    return answer


def proven(text: str, found: Found) -> bool:
    """Whether every span says what stands there."""
    mentions = all(text[each.start : each.end] == each.text != "" for each in found.entities)
    ends = all(
        text[each.subject_start : each.subject_end] == each.subject != "" and text[each.object_start : each.object_end] == each.object != ""
        for each in found.relations
    )
    return mentions and ends
