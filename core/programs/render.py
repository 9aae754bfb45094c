"""A kept prompt at work, without DSPy: messages out, answer in.

The messages equal, byte for byte, those that DSPy's adapter makes of the same program and inputs.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

import json_repair
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from core.errors import AnswerError
from core.records.models import Message
from core.records.prompts import TaskPrompt

_MARKER = re.compile(r"^\[\[ ## (\w+) ## \]\]\s*$", re.MULTILINE)


def _sentence(value: object) -> str | None:
    """A description where there is one: whatever else stands there is no reason to drop the answer."""
    return value if isinstance(value, str) and value.strip() else None


Sentence = Annotated[str | None, BeforeValidator(_sentence)]


class Found(BaseModel):
    """One entity of an answer."""

    model_config = ConfigDict(extra="ignore")
    text: str
    type: str | None = None
    description: Sentence = None


class Linked(BaseModel):
    """One relation of an answer."""

    model_config = ConfigDict(extra="ignore")
    subject: str
    predicate: str
    object: str
    description: Sentence = None


_SHAPES: dict[tuple[str, bool], TypeAdapter[Any]] = {
    ("entities", True): TypeAdapter(list[Found]),
    ("entities", False): TypeAdapter(list[str]),
    ("relations", True): TypeAdapter(list[Linked]),
    ("relations", False): TypeAdapter(list[Linked]),
}


def field_text(value: Any) -> str:
    """An input as it stands in a prompt: text as it is, lists as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def render(prompt: TaskPrompt, inputs: Mapping[str, Any]) -> tuple[Message, ...]:
    """The messages for one document. Raises KeyError when an input of the prompt is missing."""
    last = "".join(field_text(inputs[part.field]) if part.field else part.text for part in prompt.last)
    return (*prompt.messages, Message(role="user", content=last))


def shown(prompt: TaskPrompt) -> tuple[Message, ...]:
    """The prompt as a person reads it: `{name}` where an input goes."""
    return render(prompt, {part.field: f"{{{part.field}}}" for part in prompt.last if part.field})


def parse(prompt: TaskPrompt, answer: str) -> list[dict[str, Any]]:
    """Entities as `{text, type}`, relations as `{subject, predicate, object}`; a `description` only where one was given.

    Raises:
        AnswerError: no such list can be read from the answer.
    """
    value = _field_of_chat(prompt, answer) if prompt.adapter == "chat" else _field_of_object(prompt, answer)
    try:
        items = _SHAPES[prompt.output_field, prompt.typed].validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or prompt.output_field
        raise AnswerError(
            f"the answer's {prompt.output_field} have the wrong shape at {place}: {first['msg'].lower()}", answer=answer
        ) from error
    return [{"text": item, "type": None} if isinstance(item, str) else _plain(item) for item in items]


def _plain(item: Found | Linked) -> dict[str, Any]:
    return item.model_dump(exclude=None if item.description else {"description"})


def _field_of_chat(prompt: TaskPrompt, answer: str) -> Any:
    """The value behind the output field's own marker, up to the next marker on a line of its own."""
    sections = _MARKER.split(answer)
    for name, body in zip(sections[1::2], sections[2::2], strict=True):
        if name == prompt.output_field:
            return _loads(prompt, body.strip(), answer)
    raise AnswerError(f"the answer has no field {prompt.output_field!r}", answer=answer)


def _field_of_object(prompt: TaskPrompt, answer: str) -> Any:
    value = _loads(prompt, answer, answer)
    if not isinstance(value, dict) or prompt.output_field not in value:
        raise AnswerError(f"the answer is no JSON object with {prompt.output_field!r}", answer=answer)
    return value[prompt.output_field]


def _loads(prompt: TaskPrompt, text: str, answer: str) -> Any:
    value = json_repair.loads(text)
    if value == "" or value is None:
        raise AnswerError(f"the answer's {prompt.output_field} are no JSON", answer=answer)
    return value
