"""A prompt as the built-in model reads it: fields, instructions, worked examples, and the question.

Only structure is read, never the wording around it: numbered lists of back-quoted field names (the first list holds
inputs, the second outputs), `[[ ## name ## ]]` markers, JSON objects. A value may hold anything, markers too: an input's
value ends only where the marker of a *later* input field stands at a line's start, and of several the last one counts.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from core.errors import ModelRefusedError
from core.records.models import Message

_LISTED = re.compile(r"^(\d+)\. `(\w+)` \((.*?)\):", re.MULTILINE)
_MARKER = re.compile(r"^\[\[ ## (\w+) ## \]\]", re.MULTILINE)
_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMPLETED = "[[ ## completed ## ]]"


@dataclass(frozen=True)
class Field:
    """An output field: its name, the annotation as written (`list[str]`), and its JSON schema where one is given."""

    name: str
    annotation: str = "str"
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Demo:
    """A worked example: input texts by name, output values by name (JSON where it could be read, else text)."""

    inputs: dict[str, str]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Prompt:
    """Everything that is asked. `style` is how the answer is written; `fenced` = a free prompt with a fenced text."""

    inputs: tuple[str, ...]
    outputs: tuple[Field, ...]
    instructions: str
    demos: tuple[Demo, ...]
    question: dict[str, str]
    style: Literal["chat", "json", "fenced"]

    def output(self, name: str) -> Field | None:
        """The output field of that name."""
        return next((one for one in self.outputs if one.name == name), None)


def read_prompt(messages: Sequence[Message], response_schema: Mapping[str, Any] | None = None) -> Prompt:
    """The prompt behind messages.

    Raises:
        ModelRefusedError: no field markers and no fenced text, so nothing tells what is asked.
    """
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    inputs, outputs = _fields(system)
    if not outputs:
        return _fenced(messages)
    style, instructions = _structure(system, outputs)
    if response_schema is not None:
        outputs, style = _with_schema(outputs, response_schema), "json"
    turns = [message for message in messages if message.role != "system"]
    demos, question = [], {}
    for index, turn in enumerate(turns):
        values = sections(turn.content, inputs) if turn.role == "user" else {}
        answered = index + 1 < len(turns) and turns[index + 1].role == "assistant"
        if values and answered:
            demos.append(Demo(values, _answers(turns[index + 1].content, outputs)))
        elif values:
            question = sections(_without_reminder(turn.content, outputs), inputs)
    if not question and [turn.role for turn in turns[-3:]] == ["user", "assistant", "user"]:
        question = sections(_without_reminder(turns[-3].content, outputs), inputs)  # the last turn says that its answer was bad
        demos = demos[:-1] if question else demos
    if inputs and not question:
        raise ModelRefusedError(
            "the prompt ends without a question", hint="the last user message must hold the input fields behind their markers"
        )
    return Prompt(inputs, outputs, instructions, tuple(demos), question, style)


@lru_cache(maxsize=256)
def _fields(system: str) -> tuple[tuple[str, ...], tuple[Field, ...]]:
    """Input names and output fields: a list that begins again at 1 holds the outputs."""
    groups: list[list[tuple[str, str]]] = []
    for number, name, annotation in _LISTED.findall(system):
        if int(number) == 1:
            groups.append([])
        if groups and int(number) == len(groups[-1]) + 1:
            groups[-1].append((name, annotation))
    if len(groups) < 2:
        return (), ()
    inputs = tuple(name for name, _ in groups[0])
    outputs = tuple(Field(name, annotation, _noted_schema(system, name)) for name, annotation in groups[1])
    return inputs, outputs


def _noted_schema(system: str, name: str) -> Mapping[str, Any]:
    """The JSON schema noted beside `{name}` in the structure; empty when there is none."""
    for line in system.splitlines():
        note = ""
        if line.startswith(f"{{{name}}}"):
            note = line
        elif line.strip().startswith(f'"{name}": "{{{name}}}'):
            note = str(_loads("{" + line.strip().rstrip(",") + "}", {}).get(name, ""))
        at = note.find("{", len(name) + 2)
        if at >= 0:
            try:
                found, _ = json.JSONDecoder().raw_decode(note[at:])
            except ValueError:
                continue
            return found if isinstance(found, dict) else {}
    return {}


def _structure(system: str, outputs: tuple[Field, ...]) -> tuple[Literal["chat", "json"], str]:
    """How answers are written, and the instructions: what follows the structure's end, without the line that introduces them."""
    marked = re.search(rf"^\[\[ ## {outputs[0].name} ## \]\]\n.*?^\[\[ ## completed ## \]\]$", system, re.MULTILINE | re.DOTALL)
    if marked:
        rest = system[marked.end() :]
    else:
        named = re.search(rf'^\{{\n  "{outputs[0].name}": .*?^\}}$', system, re.MULTILINE | re.DOTALL)
        rest = system[named.end() :] if named else ""
    _, _, told = rest.strip("\n").partition("\n")
    return ("chat" if marked else "json"), "\n".join(line.removeprefix(" " * 8) for line in told.splitlines()).strip()


def _with_schema(outputs: tuple[Field, ...], response_schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """Output fields with the schemas of the request, which go before those noted in the prompt."""
    properties = response_schema.get("properties")
    if not isinstance(properties, dict):
        return outputs
    shared = {key: response_schema[key] for key in ("$defs", "definitions") if key in response_schema}
    return tuple(
        Field(one.name, one.annotation, {**shared, **properties[one.name]}) if isinstance(properties.get(one.name), dict) else one
        for one in outputs
    )


def sections(content: str, names: Sequence[str]) -> dict[str, str]:
    """Values of the named fields, which stand in this order behind their markers; none where there is no marker."""
    spots: list[tuple[str, int, int]] = []
    floor = 0
    for name in names:
        marks = [match for match in _MARKER.finditer(content) if match.group(1) == name and match.start() >= floor]
        if marks:
            chosen = marks[-1] if spots else marks[0]
            spots.append((name, chosen.start(), chosen.end()))
            floor = chosen.end()
    ends = [*(start for _, start, _ in spots[1:]), len(content)][: len(spots)]
    return {name: content[begin:end].strip("\n").rstrip() for (name, _, begin), end in zip(spots, ends, strict=True)}


def _without_reminder(content: str, outputs: tuple[Field, ...]) -> str:
    """The last user turn without its closing paragraph, if that names every output field in back quotes."""
    head, cut, tail = content.rpartition("\n\n")
    named = all(f"`[[ ## {one.name} ## ]]`" in tail or f"`{one.name}`" in tail for one in outputs)
    return head if cut and named else content


def _answers(content: str, outputs: tuple[Field, ...]) -> dict[str, Any]:
    """Output values of a demo's answer, in either style; a value that is no JSON stays text."""
    whole = _loads(content, None) if content.lstrip().startswith("{") else None
    if isinstance(whole, dict):
        return whole
    body, _, _ = content.rpartition(_COMPLETED)
    values = sections(body or content, [one.name for one in outputs])
    return {name: _loads(value, value) for name, value in values.items()}


def _loads(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return otherwise


def _fenced(messages: Sequence[Message]) -> Prompt:
    """A free prompt that shows a text between fences and asks for another: how reflective optimizers ask for instructions."""
    content = messages[-1].content if messages else ""
    blocks = _FENCE.findall(content)
    if not blocks:
        raise ModelRefusedError(
            "the built-in model cannot read this prompt: it names no output fields",
            hint="it follows prompts with field markers as DSPy writes them; for free conversation choose a language model",
        )
    question = {"current_instruction": blocks[0].strip(), "examples_with_feedback": "\n\n".join(blocks[1:])}
    return Prompt(tuple(question), (Field("new_instruction"),), "", (), question, "fenced")
