"""An invented corpus and the ways to ask the built-in model about it."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

import dspy
import pytest
from pydantic import BaseModel

from core.llm.providers.builtin import BuiltinProvider
from core.records.models import Message, ModelRequest

PARTS = ("brewing kettle", "mash tun", "plate chiller", "drain valve", "wort pump", "steam jacket", "yeast tank", "filter press")
FAULTS = ("scorching", "clogging", "leakage", "foaming", "overheating", "corrosion")


class Mention(BaseModel):
    text: str
    type: Literal["part", "fault"]


class Statement(BaseModel):
    subject: str
    predicate: str
    object: str


class Untyped(dspy.Signature):
    """List what the text names."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[str] = dspy.OutputField(desc="names")


class Typed(dspy.Signature):
    """List what the text names."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[Mention] = dspy.OutputField(desc="names")


class Related(dspy.Signature):
    """List the relations."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[Mention] = dspy.InputField(desc="names")
    relations: list[Statement] = dspy.OutputField()


SIGNATURES = {"untyped": Untyped, "typed": Typed, "related": Related}


def corpus(count: int) -> list[dict[str, Any]]:
    """Texts about a brewery: a part shows a fault, another part cools or feeds it."""
    made = []
    for index in range(count):
        first, second = PARTS[index % 8], PARTS[(index * 3 + 1) % 8]
        fault = FAULTS[index % 6]
        text = f"The {first} feeds the {second} at noon. During the shift the {first} showed {fault} again, so we stopped early."
        entities = [{"text": first, "type": "part"}, {"text": second, "type": "part"}, {"text": fault, "type": "fault"}]
        relations = [
            {"subject": first, "predicate": "feeds", "object": second},
            {"subject": first, "predicate": "shows", "object": fault},
        ]
        if first != second:
            made.append({"source_text": text, "entities": entities, "relations": relations})
    return made


Asker = Callable[..., Any]


@pytest.fixture
def brewery() -> list[dict[str, Any]]:
    return corpus(14)


@pytest.fixture
def messages() -> Asker:
    """Real DSPy messages: `messages(kind, inputs, demos, instructions=..., adapter=...)`."""

    def make(
        kind: str, inputs: dict[str, Any], demos: Sequence[dict[str, Any]] = (), *, instructions: str = "", adapter: str = "chat"
    ) -> tuple[Message, ...]:
        signature = SIGNATURES[kind]
        if instructions:
            signature = signature.with_instructions(instructions)
        fields = list(signature.fields)
        shown = [{name: demo[name] for name in fields if name in demo} for demo in demos]
        if kind == "untyped":
            shown = [{**demo, "entities": [one["text"] if isinstance(one, dict) else one for one in demo["entities"]]} for demo in shown]
        writer = dspy.ChatAdapter() if adapter == "chat" else dspy.JSONAdapter()
        return tuple(Message(**one) for one in writer.format(signature, [dspy.Example(**demo) for demo in shown], inputs))

    return make


@pytest.fixture
def ask(messages: Asker) -> Asker:
    """The value of the last output field, as DSPy's own adapter parses the answer."""

    def put(kind: str, inputs: dict[str, Any], demos: Sequence[dict[str, Any]] = (), **options: Any) -> list[Any]:
        answer = BuiltinProvider().complete(ModelRequest(model="in-context", messages=messages(kind, inputs, demos, **options)))
        reader = dspy.JSONAdapter() if options.get("adapter") == "json" else dspy.ChatAdapter()
        parsed = reader.parse(SIGNATURES[kind], answer.text)
        (value,) = parsed.values()
        return json.loads(json.dumps([one.model_dump() if isinstance(one, BaseModel) else one for one in value]))

    return put
