"""What an output field wants: strings or objects, under which keys, from which closed lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.llm.providers.builtin.reader import Field

_TEXT_KEYS = ("text", "name", "entity", "mention")
_TYPE_KEYS = ("type", "label", "kind", "category")


@dataclass(frozen=True)
class EntityShape:
    """How one entity is written: `text_key` None = a bare string; `others` are further keys the schema requires."""

    text_key: str | None = None
    type_key: str | None = None
    kinds: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def write(self, text: str, kind: str | None) -> Any:
        """One entity as JSON."""
        if self.text_key is None:
            return text
        said: dict[str, Any] = {self.text_key: text}
        if self.type_key is not None:
            said[self.type_key] = kind or (self.kinds[0] if self.kinds else "entity")
        return {**said, **{key: "" for key in self.others}}


def resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema with its reference followed, and the first part of a union that is not null."""
    for _ in range(8):
        reference = schema.get("$ref")
        options = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(reference, str):
            name = reference.rsplit("/", 1)[-1]
            found = (whole.get("$defs") or whole.get("definitions") or {}).get(name, {})
        elif isinstance(options, list):
            found = next((one for one in options if isinstance(one, dict) and one.get("type") != "null"), {})
        else:
            return schema
        schema = found if isinstance(found, dict) else {}
    return schema


def item_properties(output: Field) -> dict[str, Mapping[str, Any]] | None:
    """The properties of a list field's items; None when no schema says, empty for items that are no objects."""
    if not output.schema:
        return {} if output.annotation.replace(" ", "") in {"list[str]", "List[str]"} else None
    listed = resolved(output.schema, output.schema)
    items = listed.get("items")
    if not isinstance(items, dict):
        return None
    item = resolved(items, output.schema)
    properties = item.get("properties")
    if isinstance(properties, dict):
        return {name: resolved(one, output.schema) for name, one in properties.items() if isinstance(one, dict)}
    return None if item.get("type") == "object" else {}


def closed_list(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of an enumeration; empty when any value may stand."""
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return tuple(str(one) for one in values)


def entity_shape(output: Field, answers: Sequence[Any]) -> EntityShape:
    """How entities are written: by the schema if there is one, else as the demos do, else as strings."""
    properties = item_properties(output)
    if properties is None:
        first = next((one for answer in answers if isinstance(answer, list) for one in answer), None)
        properties = {key: {} for key in first} if isinstance(first, dict) else {}
    text_key = next((key for key in _TEXT_KEYS if key in properties), None)
    if text_key is None:
        return EntityShape()
    type_key = next((key for key in _TYPE_KEYS if key in properties), None)
    kinds = closed_list(properties[type_key]) if type_key else ()
    return EntityShape(
        text_key, type_key, kinds, tuple(key for key in properties if key not in (text_key, type_key) and key == "description")
    )


def entity_of(value: Any) -> tuple[str, str | None] | None:
    """Name and type of one entity as a demo or an input writes it; None when it is neither string nor object."""
    if isinstance(value, str):
        return (value, None) if value.strip() else None
    if isinstance(value, dict):
        text = next((value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str)), None)
        kind = next((value[key] for key in _TYPE_KEYS if isinstance(value.get(key), str) and value[key]), None)
        return (text, kind) if text and text.strip() else None
    return None


def triple_of(value: Any) -> tuple[str, str, str] | None:
    """Subject, predicate and object of one relation as a demo writes it."""
    if not isinstance(value, dict):
        return None
    parts = [value.get(key) for key in ("subject", "predicate", "object")]
    names = [part if isinstance(part, str) else (entity_of(part) or ("",))[0] for part in parts]
    return (names[0], names[1], names[2]) if all(names) else None
