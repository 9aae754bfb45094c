"""A DSPy program turned into a prompt that needs no DSPy."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import dspy
from pydantic import BaseModel, ConfigDict, create_model

from core.programs.signatures import TaskProgram
from core.records.models import Message
from core.records.prompts import Demo, PromptPart, TaskPrompt


def keep(program: TaskProgram, *, adapter: dspy.Adapter, sample_ids: Mapping[str, str], typed: bool) -> TaskPrompt:
    """The program's prompt: DSPy's own messages, with marked places for the inputs.

    `sample_ids` maps a text to the id of the sample that it is.
    """
    predictor = program.predict
    fields = list(predictor.signature.input_fields)
    places = {name: f"<{name}-{uuid4().hex}>" for name in fields}
    *messages, last = adapter.format(predictor.signature, predictor.demos, dict(places))
    output = next(iter(predictor.signature.output_fields))
    return TaskPrompt(
        instructions=predictor.signature.instructions,
        demos=tuple(_demo(demo, fields, output, sample_ids) for demo in predictor.demos),
        messages=tuple(Message(**message) for message in messages),
        last=_parts(str(last["content"]), places),
        output_field=output,
        adapter="json" if isinstance(adapter, dspy.JSONAdapter) else "chat",
        typed=typed,
        response_schema=_schema(predictor.signature, output) if isinstance(adapter, dspy.JSONAdapter) else None,
        state=json.loads(json.dumps(predictor.dump_state(), default=str)),
    )


def _parts(content: str, places: Mapping[str, str]) -> tuple[PromptPart, ...]:
    parts: list[PromptPart] = [PromptPart(text=content)]
    for name, place in places.items():
        cut: list[PromptPart] = []
        for part in parts:
            pieces = part.text.split(place) if part.field is None else []
            cut += [part] if part.field else [PromptPart(text=pieces[0])]
            for piece in pieces[1:]:
                cut += [PromptPart(field=name), PromptPart(text=piece)]
        parts = cut
    return tuple(part for part in parts if part.field or part.text)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _demo(demo: Any, fields: Sequence[str], output: str, sample_ids: Mapping[str, str]) -> Demo:
    return Demo(
        inputs={name: _plain(demo[name]) for name in fields if name in demo},
        outputs={output: _plain(demo[output])} if output in demo else {},
        sample_id=sample_ids.get(str(demo.get("source_text", ""))),
        bootstrapped=bool(demo.get("augmented", False)),
    )


def _schema(signature: Any, output: str) -> dict[str, Any]:
    """The JSON schema that goes with a request: one object with the output field, nothing else."""
    forbid = ConfigDict(extra="forbid")
    fields: dict[str, Any] = {output: (signature.output_fields[output].annotation, ...)}
    answer = create_model("Answer", __config__=forbid, **fields)
    found = answer.model_json_schema()
    for part in found.get("$defs", {}).values():
        part["additionalProperties"] = False
    return found
