"""An answer to a prompt: what each output field asks for, written in the style of the prompt.

Imports NumPy, so `provider` loads this module with the first question. Which question it is, the names of the output
fields tell; another kind of question is one more entry in `_FIELDS`.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from core.llm.providers.builtin.cues import read_cues
from core.llm.providers.builtin.definitions import definitions, guess_kind, listed_names
from core.llm.providers.builtin.entities import EntityModel, Example
from core.llm.providers.builtin.memory import Memory
from core.llm.providers.builtin.proposer import describe, is_instruction, propose, shorten
from core.llm.providers.builtin.reader import Demo, Field, Prompt, read_prompt
from core.llm.providers.builtin.relations import RelationExample, RelationModel, Triple
from core.llm.providers.builtin.shapes import closed_list, entity_of, entity_shape, item_properties, triple_of
from core.records.models import ModelRequest

Named = tuple[str, str | None]
Fields = dict[str, Callable[[Prompt, Field], Any]]

_entity_models: Memory[EntityModel] = Memory(64)
_relation_models: Memory[RelationModel] = Memory(64)


def answer(request: ModelRequest) -> str:
    """The answer's text.

    Raises:
        ModelRefusedError: the prompt tells by no field marker what is asked.
    """
    prompt = read_prompt(request.messages, request.response_schema)
    salt = request.parameters.model_dump_json()
    said = {output.name: _value(prompt, output, salt) for output in prompt.outputs}
    if prompt.style == "fenced":
        return "```\n" + str(next(iter(said.values()))) + "\n```"
    if prompt.style == "json":
        return json.dumps(said, ensure_ascii=False)
    parts = [
        f"[[ ## {name} ## ]]\n{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}" for name, value in said.items()
    ]
    return "\n\n".join([*parts, "[[ ## completed ## ]]"])


def _value(prompt: Prompt, output: Field, salt: str) -> Any:
    known = _FIELDS.get(output.name)
    if known is not None and prompt.style != "fenced":
        return known(prompt, output)
    if is_instruction(output.name):
        return shorten(prompt.question) if output.name.startswith("shortened") else propose(prompt.question, salt)
    return _plain(prompt, output)


def _plain(prompt: Prompt, output: Field) -> Any:
    """A field of which nothing is known: prose for text, else the emptiest value of its type."""
    wanted = output.annotation.replace(" ", "").casefold()
    listed = closed_list(output.schema)
    if listed:
        return listed[0]
    if wanted.startswith("literal["):
        return wanted_literal(output.annotation)
    for start, empty in (("list", []), ("dict", {}), ("bool", False), ("int", 0), ("float", 0.0)):
        if wanted.startswith(start):
            return empty
    if output.name.endswith("prefix_for_output_field"):
        return "Answer:"
    return describe(output.name, prompt.question)


def wanted_literal(annotation: str) -> str:
    """The first value of an annotation like `Literal['a', 'b']`."""
    inner = annotation.partition("[")[2].rpartition("]")[0]
    return inner.split(",")[0].strip().strip("'\"")


def _source(values: dict[str, str]) -> str:
    return values.get("source_text") or next(iter(values.values()), "")


def _entities(prompt: Prompt, output: Field) -> list[Any]:
    """Entities of the source text, each name and type once, in the order of the text."""
    shape = entity_shape(output, [demo.outputs.get(output.name) for demo in prompt.demos])
    examples = tuple(example for demo in prompt.demos if (example := _entity_example(demo, output.name)) is not None)
    model = _entity_models.get(examples, lambda: EntityModel(examples))
    said: dict[tuple[str, str | None], Any] = {}
    kinds = shape.kinds or listed_names(prompt.instructions)
    for found in model.find(_source(prompt.question), read_cues(prompt.instructions), definitions(prompt.instructions, kinds)):
        kind = found.kind if not shape.kinds or found.kind in shape.kinds else None
        if shape.type_key is not None and kind is None:
            kind = guess_kind(found.text, kinds, prompt.instructions)
        said.setdefault((found.text.casefold(), kind), shape.write(found.text, kind))
    return list(said.values())


def _entity_example(demo: Demo, name: str) -> Example | None:
    listed = demo.outputs.get(name)
    if not isinstance(listed, list) or not _source(demo.inputs):
        return None
    return _source(demo.inputs), tuple(entity for value in listed if (entity := entity_of(value)) is not None)


def _listed_entities(text: str) -> tuple[Named, ...]:
    """Entities as an input field holds them: a JSON list, else one per line."""
    try:
        values = json.loads(text)
    except ValueError:
        values = [line.strip(" -*•") for line in text.splitlines()]
    if isinstance(values, dict):
        values = next((one for one in values.values() if isinstance(one, list)), [])
    return tuple(entity for value in values if (entity := entity_of(value)) is not None) if isinstance(values, list) else ()


def _relations(prompt: Prompt, output: Field) -> list[dict[str, str]]:
    """Relations between the entities that the prompt lists; nothing else may be an end."""
    examples = tuple(example for demo in prompt.demos if (example := _relation_example(demo, output.name)) is not None)
    model = _relation_models.get(examples, lambda: RelationModel(examples))
    entities = _listed_entities(prompt.question.get("entities", ""))
    allowed = closed_list((item_properties(output) or {}).get("predicate", {}))
    allowed = allowed or (() if model.learned else listed_names(prompt.instructions))
    links = model.find(_source(prompt.question), entities, read_cues(prompt.instructions))
    said: dict[Triple, dict[str, str]] = {}
    for link in links:
        predicate = link.predicate if not allowed or link.predicate in allowed else _nearest_allowed(link.predicate, allowed)
        if predicate is not None:
            triple = {"subject": link.subject, "predicate": predicate, "object": link.object}
            said.setdefault((link.subject.casefold(), predicate.casefold(), link.object.casefold()), triple)
    return list(said.values())


def _nearest_allowed(verb: str, allowed: Sequence[str]) -> str | None:
    """The allowed predicate that shares its first five letters with a word of the text; None without such a one."""
    return next((one for one in allowed if any(part[:5].casefold() == verb[:5].casefold() for part in one.replace("_", " ").split())), None)


def _relation_example(demo: Demo, name: str) -> RelationExample | None:
    listed = demo.outputs.get(name)
    if not isinstance(listed, list) or not _source(demo.inputs):
        return None
    triples: tuple[Triple, ...] = tuple(triple for value in listed if (triple := triple_of(value)) is not None)
    return _source(demo.inputs), _listed_entities(demo.inputs.get("entities", "")), triples


_FIELDS: Fields = {"entities": _entities, "relations": _relations}
